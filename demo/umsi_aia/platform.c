/* SPDX-License-Identifier: MIT */
/*
 * The kernel for RISC-V's Advanced Interrupt Architecture: interrupt files and APLICs by umsi, as the devicetree says.
 */
#include <umsi/fw/riscv.h>

#include "../console.h"
#include "../end.h"
#include "../event.h"
#include "../platform.h"
#include "../port.h"
#include "cpu.h"
#include "mmu.h"
#include "sbi.h"
#include "wires.h"

#define KICK_IPI 0u

const char *platform_name = "IMSIC, APLIC and MSI by umsi";
const bool platform_has_gic = false;
const bool platform_moves_blocks = false;

struct umsi *platform_umsi;
static struct umsi_riscv machine;
static const struct umsi_platform *hardware;
static umsi_virq kick_virq;

static volatile void *map(void *ctx, umsi_phys phys, uint64_t size)
{
    (void)ctx;
    return mmu_map(phys, size, MMU_DEVICE) ? (volatile void *)(uintptr_t)phys : NULL;
}

const char *platform_lacks(const struct umsi_platform *hw)
{
    return hw->imsic.nr_files == 0 && hw->nr_aplic == 0
               ? "neither interrupt files nor an APLIC in the devicetree: start QEMU with aia=aplic-imsic"
               : NULL;
}

/* ---- the way from one CPU to another: an IPI of the interrupt files, or firmware's ---- */

static void kicked(void *arg)
{
    umsi_cpu_service(arg);
}

static enum umsi_status map_kick(void)
{
    struct umsi_imsic *imsic = umsi_riscv_imsic(&machine);
    if (imsic == NULL) {
        return UMSI_OK; /* trap.c calls platform_kicked() */
    }
    enum umsi_status st = umsi_imsic_map_ipi(imsic, KICK_IPI, &kick_virq);
    return st == UMSI_OK ? umsi_irq_request(platform_umsi, kick_virq, kicked, platform_umsi, "kick")
                         : st;
}

void platform_kick(unsigned cpu)
{
    struct umsi_imsic *imsic = machine.umsi != NULL ? umsi_riscv_imsic(&machine) : NULL;
    if (imsic != NULL) {
        (void)!umsi_imsic_send_ipi(imsic, cpu, KICK_IPI);
    } else {
        (void)sbi_call(SBI_EXT_IPI, 0, 1, hardware->cpu_mpidr[cpu], 0);
    }
}

void platform_kicked(void)
{
    umsi_cpu_service(platform_umsi);
}

/* ---- QEMU's fault ---- */

#define SISELECT   0x150
#define SIREG      0x151
#define STOPEI     0x15c
#define EIDELIVERY 0x70

static uint32_t lines_down; /* atomic */

/*
 * QEMU before 9.2 takes a hart's line back, although something is pending and open in its interrupt file, when a
 * message comes while the hart claims: stopei has it, sip.SEIP has not. Looking at any register of the file puts that
 * right, and claims nothing. How often it was so is counted.
 */
void platform_ticked(void)
{
    if (umsi_riscv_imsic(&machine) == NULL) {
        return;
    }
    uint64_t before = READ_CSR(STOPEI), pending = READ_CSR(sip), after = READ_CSR(STOPEI);
    if (before != 0 && before == after && (pending & SIE_EXTERNAL) == 0) {
        uint64_t select = READ_CSR(SISELECT);
        WRITE_CSR(SISELECT, EIDELIVERY);
        (void)READ_CSR(SIREG);
        WRITE_CSR(SISELECT, select);
        (void)__atomic_fetch_add(&lines_down, 1, __ATOMIC_RELAXED);
    }
}

static void print_lines_down(void)
{
    uint32_t n = __atomic_load_n(&lines_down, __ATOMIC_RELAXED);
    if (n != 0) {
        print(
            "%u times a hart was not told of what its interrupt file had: a fault of QEMU before 9.2\n",
            (unsigned)n);
    }
}

/* ---- bringing up, taking down ---- */

enum umsi_status platform_start(const struct umsi_platform *hw, struct umsi **out_umsi,
                                const char **out_what)
{
    const struct umsi_platform_ops ops = { .map = map,
                                           .log = demo_port.log,
                                           .ctx = demo_port.ctx,
                                           .boot_cpu = this_cpu()->index,
                                           .nr_ipis = 1 };
    hardware = hw;
    demo_port.nr_cpus = hw->nr_cpus;
    enum umsi_status st = umsi_port_check(&demo_port, out_what);
    if (st != UMSI_OK) {
        return st;
    }
    *out_what = "creating the instance";
    st = umsi_create(&demo_port, &platform_umsi);
    if (st == UMSI_OK) {
        *out_what = "bringing up interrupt files and APLICs";
        st = umsi_riscv_create(platform_umsi, hw, &ops, &machine);
    }
    if (st == UMSI_OK) {
        *out_what = "the IPI";
        st = map_kick();
    }
    wires_use(platform_umsi, &machine);
    if (st == UMSI_OK && !platform_takes_messages()) {
        platform_name = "APLIC by umsi";
        print("no PCI MSI: messages go to interrupt files (IMSIC), which these harts have not; "
              "the APLIC takes wires only\n");
    }
    *out_umsi = platform_umsi;
    return st;
}

enum umsi_status platform_cpu_online(unsigned cpu)
{
    return umsi_riscv_cpu_online(&machine, cpu);
}

void platform_cpu_offline(unsigned cpu)
{
    (void)cpu;
    umsi_riscv_cpu_offline(&machine);
}

enum umsi_status platform_msi(const struct umsi_platform_host *host, uint16_t rid,
                              struct umsi_domain **out_parent, uint32_t *out_device_id)
{
    return umsi_riscv_msi(&machine, host, rid, out_parent, out_device_id);
}

enum umsi_status platform_stop(const char **out_what)
{
    if (kick_virq != UMSI_NO_VIRQ) {
        umsi_irq_free(platform_umsi, kick_virq);
        umsi_imsic_unmap_ipi(umsi_riscv_imsic(&machine), kick_virq);
        kick_virq = UMSI_NO_VIRQ;
    }
    *out_what = "the wires of INTx";
    enum umsi_status st = wires_drop();
    if (st == UMSI_OK) {
        *out_what = "taking down interrupt files and APLICs";
        st = umsi_riscv_destroy(&machine);
    }
    if (st == UMSI_OK) {
        *out_what = "destroying the instance";
        st = umsi_destroy(platform_umsi);
    }
    return st;
}

enum umsi_status platform_hand_over(uint32_t *out_tables, const char **out_what)
{
    (void)out_tables;
    *out_what = "there is nothing to hand over to the next kernel";
    return UMSI_UNSUPPORTED;
}

/* ---- what messages go to ---- */

bool platform_takes_messages(void)
{
    return umsi_riscv_imsic(&machine) != NULL;
}

uint32_t platform_room(void)
{
    struct umsi_imsic_counts counts = { 0 };
    if (umsi_riscv_imsic(&machine) != NULL) {
        umsi_imsic_get_counts(umsi_riscv_imsic(&machine), UMSI_NO_CPU, &counts);
    }
    return counts.total - counts.live - counts.quarantined;
}

void platform_totals(uint64_t *commands, uint64_t *waits)
{
    (void)commands; /* nothing has a queue */
    (void)waits;
}

/* Each wire of INTx is one identity as long as there is its wire. */
bool platform_nothing_left(void)
{
    struct umsi_imsic_counts counts = { 0 };
    if (umsi_riscv_imsic(&machine) == NULL) {
        return true;
    }
    print_lines_down();
    umsi_imsic_get_counts(umsi_riscv_imsic(&machine), UMSI_NO_CPU, &counts);
    if (counts.live != wires_count()) {
        end_note("%u identities live at the end, for %u wires", (unsigned)counts.live,
                 (unsigned)wires_count());
    }
    return counts.live == wires_count();
}

void platform_details(void)
{
    print("  %u interrupt files of %u identities, %u APLICs\n", (unsigned)hardware->imsic.nr_files,
          (unsigned)hardware->imsic.nr_ids, (unsigned)hardware->nr_aplic);
}

struct umsi_its *platform_its(unsigned i)
{
    (void)i;
    return NULL;
}

struct umsi_gicv2m *platform_v2m(unsigned i)
{
    (void)i;
    return NULL;
}

struct umsi_lpi *platform_lpi(void)
{
    return NULL;
}
