/* SPDX-License-Identifier: MIT */
/*
 * Sleep with live devices on a machine with a GIC, then the kernel after this one. QEMU's machine has no system
 * suspend, so its registers are cleared by hand where losing power would clear them, as far as QEMU lets them be
 * written. Every vector of every function is live meanwhile, and must come once after; the drivers then do real work.
 * The second life of umsi in the same boot finds LPIs on, with tables that the first one handed over.
 */
#include <umsi/cpu.h>
#include <umsi/power.h>

#include "cpu.h"
#include "console.h"
#include "end.h"
#include "event.h"
#include "platform.h"
#include "power.h"
#include "smp.h"
#include "work.h"

#define GITS_CBASER    0x80u
#define GITS_CWRITER   0x88u
#define GITS_BASER(n)  (0x100u + 8 * (n))
#define GICR_PROPBASER 0x70u
#define GICR_PENDBASER 0x78u
#define GICR_SGI_BASE  0x10000u
#define ICENABLER      0x180u
#define IPRIORITYR     0x400u
#define GICD_IROUTER   0x6000u

static struct umsi *umsi;

/* ---- the other CPUs ---- */

static bool others_off(void)
{
    for (unsigned i = 1; i < smp_online_count(); i++) {
        enum umsi_status st = umsi_cpu_leave(umsi, smp_online(i), NULL);
        if (st != UMSI_OK) {
            end_note("CPU %u cannot leave: %s", smp_online(i), umsi_status_string(st));
            return false;
        }
        if (!smp_power_off(smp_online(i))) {
            return false;
        }
    }
    return true;
}

static bool others_on(void)
{
    for (unsigned i = 1; i < smp_online_count(); i++) {
        if (!smp_power_on(smp_online(i))) {
            return false;
        }
        enum umsi_status st = umsi_cpu_join(umsi, smp_online(i));
        if (st != UMSI_OK) {
            end_note("CPU %u cannot join: %s", smp_online(i), umsi_status_string(st));
            return false;
        }
    }
    return true;
}

/* ---- what a loss of power would clear; everything is off ---- */

static void write32(uint64_t frame, uint32_t offset, uint32_t value)
{
    *(volatile uint32_t *)(uintptr_t)(frame + offset) = value;
}

static void write64(uint64_t frame, uint32_t offset, uint64_t value)
{
    *(volatile uint64_t *)(uintptr_t)(frame + offset) = value;
}

static void lose_its(uint64_t frame)
{
    write64(frame, GITS_CBASER, 0);
    write64(frame, GITS_CWRITER, 0);
    for (uint32_t n = 0; n < 8; n++) {
        write64(frame, GITS_BASER(n), 0);
    }
}

/* SGIs, PPIs and where LPIs are; the registers of LPIs can be written because EnableLPIs is clear. */
static void lose_redistributor(uint64_t frame)
{
    write64(frame, GICR_PROPBASER, 0);
    write64(frame, GICR_PENDBASER, 0);
    if (platform_has_gic) {
        write32(frame, GICR_SGI_BASE + ICENABLER, UINT32_MAX);
        for (uint32_t i = 0; i < 32; i += 4) {
            write32(frame, GICR_SGI_BASE + IPRIORITYR + i, UINT32_MAX);
        }
    }
}

static void lose_distributor(uint64_t frame)
{
    write32(frame, 0, *(volatile uint32_t *)(uintptr_t)frame & ~3u); /* both groups */
    for (uint32_t n = 1; n < 32; n++) {
        write32(frame, ICENABLER + 4 * n, UINT32_MAX);
    }
    for (uint32_t intid = 32; intid < 1020; intid++) {
        write64(frame, GICD_IROUTER + 8 * intid, UINT64_C(0x80000000)); /* any CPU */
    }
}

static void lose_power(const struct umsi_platform *hw)
{
    for (uint32_t i = 0; i < hw->nr_its; i++) {
        lose_its(hw->its[i].reg.base);
    }
    if (!hw->has_gic) {
        return;
    }
    lose_redistributor(hw->redist[0].base); /* of the boot CPU: QEMU has it first */
    if (platform_has_gic) {
        lose_distributor(hw->gicd.base);
        WRITE_SYSREG(S3_0_C4_C6_0, 0);   /* ICC_PMR_EL1 */
        WRITE_SYSREG(S3_0_C12_C12_7, 0); /* ICC_IGRPEN1_EL1 */
    }
}

/* ---- sleep ---- */

static bool sleep(const struct umsi_platform *hw)
{
    watchdog_feed("sleeping");
    if (!others_off()) {
        return false;
    }
    (void)interrupts_off();
    enum umsi_status st = umsi_suspend(umsi), back = UMSI_OK;
    if (st == UMSI_OK) {
        lose_power(hw);
        back = umsi_resume(umsi);
    }
    interrupts_on();
    if (st != UMSI_OK || back != UMSI_OK) {
        end_note("%s: %s", st != UMSI_OK ? "suspend" : "resume",
                 umsi_status_string(st != UMSI_OK ? st : back));
        return false;
    }
    return others_on();
}

/* Once, on whatever CPU it is sent to now. */
static bool comes(const struct subject *s, uint32_t i, uint32_t runs)
{
    struct vector *v = &s->vector[i];
    watchdog_feed(s->f->name);
    enum umsi_status st = umsi_irq_retrigger(umsi, v->virq);
    if (st != UMSI_OK) {
        return fail(s->f, (int)i, "raise: %s", umsi_status_string(st));
    }
    if (!event_wait(&v->ran, runs) || v->ran.count != runs) {
        return fail(s->f, (int)i, "%u handler runs after a sleep, not %u", (unsigned)v->ran.count,
                    (unsigned)runs);
    }
    return true;
}

static bool all_come(const struct subject *list, uint32_t runs, uint32_t *out_n)
{
    bool ok = true;
    *out_n = 0;
    for (const struct subject *s = list; s != NULL; s = s->next) {
        for (uint32_t i = 0; i < s->nr && ok; i++) {
            ok = comes(s, i, runs);
        }
        *out_n += s->nr;
    }
    return ok;
}

/* Twice, and the second time with a disabled vector, which remembers what it is sent before. */
static void sleep_live(struct subject *list, const struct umsi_platform *hw)
{
    uint32_t n = 0;
    bool ok = true;
    for (struct subject *s = list; s != NULL; s = s->next) {
        ok = ok && (!s->attached || subject_take(s, subject_first_kind(s)));
    }
    for (uint32_t round = 1; ok && round < 3; round++) {
        ok = sleep(hw) && all_come(list, round, &n);
    }
    for (struct subject *s = list; s != NULL; s = s->next) {
        if (s->nr != 0) {
            subject_give(s);
        }
    }
    if (ok && run_drivers(list)) {
        print("umsi demo: slept twice, %u vectors live all the while\n", (unsigned)n);
    }
}

/* ---- the kernel after this one ---- */

static bool next_kernel(const struct umsi_platform *hw)
{
    const char *what = "";
    uint32_t tables = 0;
    if (!smp_stop()) {
        return false;
    }
    (void)interrupts_off();
    event_cpu_offline();
    enum umsi_status st = platform_hand_over(&tables, &what);
    if (st == UMSI_OK) {
        st = platform_start(hw, &umsi, &what);
    }
    if (st != UMSI_OK) {
        end_note("the kernel after this one: %s: %s", what, umsi_status_string(st));
        return false;
    }
    event_cpu_online();
    interrupts_on();
    print("umsi demo: the kernel after this one goes on with %u LPI tables\n", (unsigned)tables);
    return others_on();
}

void power_work(struct umsi *u, const struct umsi_platform *hw, bool verbose)
{
    struct subject *list = NULL;
    umsi = u;
    if (work_begin(umsi, hw, verbose, &list)) {
        sleep_live(list, hw);
    }
    work_end(list);
    if (!end_noted() && platform_has_gic && next_kernel(hw)) {
        work(umsi, hw, verbose);
    }
}
