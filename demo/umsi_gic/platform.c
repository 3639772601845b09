/* SPDX-License-Identifier: MIT */
/*
 * The kernel that takes everything from umsi: GICv3, LPIs and ITS, or GICv2 and GICv2m, as the devicetree says; the
 * vector is one call.
 */
#include <umsi/umsi.h>

#include "cpu.h"
#include "mmu.h"
#include "timer.h"
#include "../event.h"
#include "../platform.h"
#include "../port.h"

#define KICK_SGI  0u
#define MAX_WIRES 16u

const char *platform_name = "GICv3, ITS and MSI by umsi";

const bool platform_has_gic = true;

struct umsi *platform_umsi;
static struct umsi_machine machine;
/* LPI tables that were in use when the instance before this one went, as its dma_alloc gave them. */
static struct umsi_dma left[UMSI_MAX_CPUS + 1];
static uint32_t nr_left;
static umsi_virq timer_virq, kick_virq;
static struct {
    uint32_t intid;
    struct umsi_pci_intx intx;
} wires[MAX_WIRES];
static uint32_t nr_wires;

static volatile void *map(void *ctx, umsi_phys phys, uint64_t size)
{
    (void)ctx;
    return mmu_map(phys, size, MMU_DEVICE) ? (volatile void *)(uintptr_t)phys : NULL;
}

static void *reserved(void *ctx, umsi_bus at, size_t size)
{
    (void)ctx;
    for (uint32_t i = 0; i < nr_left; i++) {
        if (at >= left[i].bus && at + size <= left[i].bus + left[i].size) {
            return (char *)left[i].va + (at - left[i].bus);
        }
    }
    return NULL;
}

static void tick(void *arg)
{
    (void)arg;
    event_tick();
}

static void kicked(void *arg)
{
    umsi_cpu_service(arg);
}

static enum umsi_status enable_local(void)
{
    enum umsi_status st = umsi_platform_enable_local(&machine, TIMER_PPI, true);
    return st == UMSI_OK ? umsi_platform_enable_local(&machine, KICK_SGI, true) : st;
}

static enum umsi_status map_local(void)
{
    enum umsi_status st = umsi_platform_map(&machine, TIMER_PPI, true, &timer_virq);
    if (st == UMSI_OK) {
        st = umsi_irq_request(platform_umsi, timer_virq, tick, NULL, "timer");
    }
    if (st == UMSI_OK) {
        st = umsi_platform_map(&machine, KICK_SGI, false, &kick_virq);
    }
    if (st == UMSI_OK) {
        st = umsi_irq_request(platform_umsi, kick_virq, kicked, platform_umsi, "kick");
    }
    return st == UMSI_OK ? enable_local() : st;
}

enum umsi_status platform_start(const struct umsi_platform *hw, struct umsi **out_umsi,
                                const char **out_what)
{
    const struct umsi_platform_ops ops = { .map = map,
                                           .log = demo_port.log,
                                           .ctx = demo_port.ctx,
                                           .reserved = reserved,
                                           .boot_cpu = this_cpu()->index };
    demo_port.nr_cpus = hw->nr_cpus;
    if (hw->gicv2) {
        platform_name = "GICv2, GICv2m and MSI by umsi";
    }
    enum umsi_status st = umsi_port_check(&demo_port, out_what);
    if (st != UMSI_OK) {
        return st;
    }
    *out_what = "creating the instance";
    st = umsi_create(&demo_port, &platform_umsi);
    if (st == UMSI_OK) {
        *out_what = "bringing up the GIC and what messages go to";
        st = umsi_platform_create(platform_umsi, hw, &ops, &machine);
    }
    if (st == UMSI_OK) {
        *out_what = "the timer's PPI and an SGI";
        st = map_local();
    }
    *out_umsi = platform_umsi;
    return st;
}

enum umsi_status platform_cpu_online(unsigned cpu)
{
    enum umsi_status st = umsi_platform_cpu_online(&machine, cpu);
    return st == UMSI_OK ? enable_local() : st;
}

void platform_cpu_offline(unsigned cpu)
{
    umsi_platform_cpu_offline(&machine, cpu);
}

void platform_kick(unsigned cpu)
{
    if (machine.umsi != NULL) {
        (void)!umsi_platform_send_sgi(&machine, cpu, KICK_SGI);
    }
}

enum umsi_status platform_msi(const struct umsi_platform_host *host, uint16_t rid,
                              struct umsi_domain **out_parent, uint32_t *out_device_id)
{
    return umsi_platform_msi(&machine, host, rid, out_parent, out_device_id);
}

/* ---- wires, made when a function first wants one ---- */

static struct umsi_pci_intx *make_wire(uint32_t intid)
{
    struct umsi_pci_intx *wire = &wires[nr_wires].intx;
    umsi_virq virq;
    if (nr_wires == MAX_WIRES || umsi_platform_map(&machine, intid, true, &virq) != UMSI_OK) {
        return NULL;
    }
    if (umsi_pci_intx_add(platform_umsi, virq, "INTx", wire) != UMSI_OK) {
        umsi_platform_unmap(&machine, virq);
        return NULL;
    }
    wires[nr_wires++].intid = intid;
    return wire;
}

struct umsi_pci_intx *platform_wire(const struct umsi_platform_host *host, uint16_t bdf,
                                    uint32_t pin)
{
    uint32_t intid;
    if (umsi_platform_intx(&machine, host, bdf, pin, &intid) != UMSI_OK) {
        return NULL;
    }
    for (uint32_t i = 0; i < nr_wires; i++) {
        if (wires[i].intid == intid) {
            return &wires[i].intx;
        }
    }
    return make_wire(intid);
}

static enum umsi_status drop_wires(void)
{
    enum umsi_status st = UMSI_OK;
    while (nr_wires > 0 && st == UMSI_OK) {
        umsi_virq virq = wires[nr_wires - 1].intx.virq;
        st = umsi_pci_intx_remove(&wires[nr_wires - 1].intx);
        if (st == UMSI_OK) {
            umsi_platform_unmap(&machine, virq);
            nr_wires--;
        }
    }
    return st;
}

/* ---- what else the demo asks for ---- */

struct umsi_its *platform_its(unsigned i)
{
    return umsi_platform_its(&machine, i);
}

struct umsi_gicv2m *platform_v2m(unsigned i)
{
    return umsi_platform_v2m(&machine, i);
}

struct umsi_lpi *platform_lpi(void)
{
    return umsi_platform_lpi(&machine);
}

static enum umsi_status drop_wired(const char **out_what)
{
    umsi_irq_free(platform_umsi, timer_virq);
    umsi_irq_free(platform_umsi, kick_virq);
    umsi_platform_unmap(&machine, timer_virq);
    umsi_platform_unmap(&machine, kick_virq);
    *out_what = "the wires of INTx";
    return drop_wires();
}

/* QEMU lets EnableLPIs be cleared, so nobody uses them any more. */
static void free_left(void)
{
    while (nr_left > 0) {
        nr_left--;
        demo_port.dma_free(demo_port.ctx, &left[nr_left]);
    }
}

enum umsi_status platform_hand_over(uint32_t *out_tables, const char **out_what)
{
    enum umsi_status st = drop_wired(out_what);
    if (st == UMSI_OK) {
        *out_what = "handing over";
        st = umsi_platform_hand_over(&machine, left, UMSI_MAX_CPUS + 1, &nr_left);
    }
    if (st == UMSI_OK) {
        *out_tables = nr_left;
        *out_what = "destroying the instance";
        st = umsi_destroy(platform_umsi);
    }
    return st;
}

enum umsi_status platform_stop(const char **out_what)
{
    enum umsi_status st = drop_wired(out_what);
    if (st == UMSI_OK) {
        *out_what = "taking down the GIC and what messages went to";
        st = umsi_platform_destroy(&machine);
    }
    if (st == UMSI_OK) {
        free_left();
        *out_what = "destroying the instance";
        st = umsi_destroy(platform_umsi);
    }
    return st;
}
