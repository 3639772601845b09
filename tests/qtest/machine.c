/* SPDX-License-Identifier: MIT */
/*
 * The scenarios on QEMU's own GIC, ITS and PCI devices. The library runs in this program, under the sanitizers;
 * every register it touches is QEMU's, and so is the memory its tables are in.
 *
 *   scenario-qtest QEMU TRACE-FILE
 *   scenario-qtest --devices          prints what QEMU is given for devices, for the demo kernel to have the same
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <umsi/chip/gicv3.h>

#include "../scenario/raise.h"
#include "../scenario/scene.h"
#include "../scenario/wires.h"
#include "cpuif.h"
#include "pci.h"
#include "qtest.h"

const char machine_name[] = "qtest";

static struct {
    struct umsi *u;
    struct umsi_gicv3 *gic;
    struct umsi_lpi *lpi;
    struct umsi_its *its;
    uint64_t registers; /* of the device without a bus: a page of guest memory */
    bool masked[CPUIF_CPUS], kicked[CPUIF_CPUS];
    bool delivering, throttled;
    uint32_t locks_held;
    long allocated;
} world;

#define THROTTLE_US 1000u /* e1000e and e1000 hold one back for at most this long after another */

/* ---- struct umsi_port ---- */

static void *port_alloc(void *ctx, size_t size, size_t align)
{
    (void)ctx;
    world.allocated++;
    return aligned_alloc(align < 16 ? 16 : align, (size + align - 1) & ~(align - 1));
}

static void port_free(void *ctx, void *p, size_t size)
{
    (void)ctx;
    (void)size;
    world.allocated--;
    free(p);
}

static bool port_dma_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    uint64_t phys;
    (void)ctx;
    void *va = qtest_ram_get(want->size, want->align, &phys);
    if (va == NULL || phys + want->size - 1 > want->max_phys) {
        return false;
    }
    *out = (struct umsi_dma){ va, phys, phys, want->size };
    return true;
}

static void port_dma_free(void *ctx, const struct umsi_dma *mem)
{
    (void)ctx;
    qtest_ram_put(mem->va, mem->size);
}

static void port_lock_init(void *ctx, umsi_lock *l)
{
    (void)ctx;
    *l = (umsi_lock){ { 0, 0 } };
}

static umsi_irqstate port_lock(void *ctx, umsi_lock *l)
{
    umsi_irqstate was = world.masked[cpuif_self];
    (void)ctx;
    if (l->word[0] != 0) {
        fprintf(stderr, "a umsi lock is taken twice\n");
        abort();
    }
    l->word[0] = 1;
    world.masked[cpuif_self] = true;
    world.locks_held++;
    return was;
}

static void port_unlock(void *ctx, umsi_lock *l, umsi_irqstate s)
{
    (void)ctx;
    l->word[0] = 0;
    world.locks_held--;
    world.masked[cpuif_self] = s != 0;
}

static umsi_cpu port_cpu_self(void *ctx)
{
    (void)ctx;
    return cpuif_self;
}

static uint64_t port_time_us(void *ctx)
{
    struct timespec now;
    (void)ctx;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* All CPUs take what they may take, one after another. */
static void deliver(void)
{
    uint32_t self = cpuif_self, before;
    if (world.delivering || world.locks_held != 0) {
        return;
    }
    world.delivering = true;
    do {
        before = cpuif_taken();
        for (cpuif_self = 0; cpuif_self < CPUIF_CPUS; cpuif_self++) {
            bool masked = world.masked[cpuif_self];
            if (masked) {
                continue;
            }
            world.masked[cpuif_self] = true; /* as an exception does */
            if (world.kicked[cpuif_self]) {
                world.kicked[cpuif_self] = false;
                umsi_cpu_service(world.u);
            }
            if (cpuif_pending(cpuif_self)) {
                (void)umsi_handle_interrupts(world.u);
            }
            world.masked[cpuif_self] = false;
        }
    } while (cpuif_taken() != before);
    cpuif_self = self;
    world.delivering = false;
}

static void port_relax(void *ctx)
{
    (void)ctx;
    deliver();
}

static void port_log(void *ctx, enum umsi_log_level level, const char *line)
{
    (void)ctx;
    if (level <= UMSI_LOG_ERROR || getenv("SCENARIO_VERBOSE") != NULL) {
        fprintf(stderr, "umsi <%d> %s\n", (int)level, line);
    }
}

static void port_cpu_kick(void *ctx, umsi_cpu cpu)
{
    (void)ctx;
    world.kicked[cpu] = true;
}

/* Pointers to registers are their physical addresses. */

static uint32_t port_read32(void *ctx, const volatile void *addr)
{
    (void)ctx;
    return (uint32_t)qtest_read((uintptr_t)addr, 4);
}

static uint64_t port_read64(void *ctx, const volatile void *addr)
{
    (void)ctx;
    return qtest_read((uintptr_t)addr, 8);
}

static void port_write32(void *ctx, volatile void *addr, uint32_t v)
{
    (void)ctx;
    qtest_write((uintptr_t)addr, 4, v);
    cpuif_forget((uintptr_t)addr);
}

static void port_write64(void *ctx, volatile void *addr, uint64_t v)
{
    (void)ctx;
    qtest_write((uintptr_t)addr, 8, v);
    cpuif_forget((uintptr_t)addr);
}

static const struct umsi_port port = {
    .size = sizeof(struct umsi_port),
    .nr_cpus = CPUIF_CPUS,
    .alloc = port_alloc,
    .free = port_free,
    .dma_alloc = port_dma_alloc,
    .dma_free = port_dma_free,
    .lock_init = port_lock_init,
    .lock = port_lock,
    .unlock = port_unlock,
    .cpu_self = port_cpu_self,
    .time_us = port_time_us,
    .relax = port_relax,
    .log = port_log,
    .cpu_kick = port_cpu_kick,
    .mmio_read32 = port_read32,
    .mmio_write32 = port_write32,
    .mmio_read64 = port_read64,
    .mmio_write64 = port_write64,
    .sysreg_read = cpuif_read,
    .sysreg_write = cpuif_write,
};

/* ---- machine.h ---- */

struct umsi *machine_umsi(void)
{
    return world.u;
}

struct umsi_its *machine_its(void)
{
    return world.its;
}

struct umsi_gicv2m *machine_v2m(void)
{
    return NULL;
}

struct umsi_imsic *machine_imsic(void)
{
    return NULL;
}

struct umsi_lpi *machine_lpi(void)
{
    return world.lpi;
}

uint32_t machine_cpus(void)
{
    return CPUIF_CPUS;
}

umsi_cpu machine_self(void)
{
    return cpuif_self;
}

const struct machine_function *machine_function(enum machine_kind kind)
{
    return pci_function(kind);
}

uint32_t machine_bar_read(enum machine_kind kind, uint32_t offset)
{
    return (uint32_t)qtest_read(pci_bar0(kind) + offset, 4);
}

void machine_bar_write(enum machine_kind kind, uint32_t offset, uint32_t value)
{
    qtest_write(pci_bar0(kind) + offset, 4, value);
}

bool machine_raise(enum machine_kind kind, uint32_t index)
{
    world.throttled = world.throttled || kind == E1000E;
    return raise_by_registers(kind, index);
}

void machine_ask(enum machine_kind kind, bool asks)
{
    world.throttled = world.throttled || kind == E1000;
    ask_by_registers(kind, asks);
}

void machine_allow_intx(enum machine_kind kind, bool allow)
{
    pci_allow_intx(kind, allow);
}

bool machine_can_reset(enum machine_kind kind)
{
    return pci_can_reset(kind);
}

void machine_reset(enum machine_kind kind)
{
    pci_reset(kind);
}

/* QEMU gives a write over qtest the requester ID 0. */
void machine_send(umsi_bus address, uint32_t data)
{
    qtest_write(address, 4, data);
}

volatile void *machine_registers(void)
{
    return (volatile void *)(uintptr_t)world.registers;
}

uint32_t machine_register(uint32_t offset)
{
    return (uint32_t)qtest_read(world.registers + offset, 4);
}

void machine_settle(void)
{
    if (world.throttled) {
        world.throttled = false;
        (void)usleep(THROTTLE_US);
    }
    deliver();
}

void machine_hold(bool off)
{
    world.masked[0] = off;
}

void machine_print(const char *line)
{
    printf("%s\n", line);
}

const char *machine_verdict(void)
{
    return world.locks_held != 0 ? "a umsi lock is held" : NULL;
}

/* ---- bring-up ---- */

static void must(enum umsi_status st, const char *what)
{
    if (st != UMSI_OK) {
        printf("failed %s: %s\n", what, umsi_status_string(st));
        exit(1);
    }
}

static void *at(uint64_t phys)
{
    return (void *)(uintptr_t)phys;
}

static void start_cpu(umsi_cpu cpu)
{
    volatile void *rd = NULL;
    umsi_phys phys = 0;
    cpuif_self = cpu;
    must(umsi_gicv3_cpu_online(world.gic, cpu), "umsi_gicv3_cpu_online");
    must(umsi_gicv3_redistributor(world.gic, cpu, &rd, &phys), "umsi_gicv3_redistributor");
    must(umsi_lpi_cpu_online(world.lpi, cpu, rd, phys), "umsi_lpi_cpu_online");
    cpuif_self = 0;
}

static void bring_up(void)
{
    const struct umsi_gicv3_region region = { at(GICR_PHYS), GICR_PHYS, CPUIF_CPUS * GICR_STRIDE,
                                              0 };
    const struct umsi_gicv3_config gic = { at(GICD_PHYS), &region, 1 };
    const struct umsi_lpi_config lpi = { .gicd = at(GICD_PHYS) };
    const struct umsi_its_config its = { .base = at(ITS_PHYS), .phys = ITS_PHYS };
    must(umsi_create(&port, &world.u), "umsi_create");
    must(umsi_gicv3_create(world.u, &gic, &world.gic), "umsi_gicv3_create");
    must(umsi_lpi_create(world.u, &lpi, &world.lpi), "umsi_lpi_create");
    for (umsi_cpu cpu = 0; cpu < CPUIF_CPUS; cpu++) {
        start_cpu(cpu);
    }
    must(umsi_its_create(world.lpi, &its, &world.its), "umsi_its_create");
    must(wires_start(world.u, &(struct wires_end){ .gicv3 = world.gic }) ? UMSI_OK : UMSI_STATE,
         "the wires");
    pci_find_wires();
}

static bool take_down(size_t ram_before)
{
    must(wires_stop(&(struct wires_end){ .gicv3 = world.gic }) ? UMSI_OK : UMSI_BUSY, "the wires");
    must(umsi_its_destroy(world.its), "umsi_its_destroy");
    must(umsi_lpi_destroy(world.lpi), "umsi_lpi_destroy");
    for (umsi_cpu cpu = CPUIF_CPUS; cpu-- > 0;) {
        cpuif_self = cpu;
        umsi_gicv3_cpu_offline(world.gic);
    }
    must(umsi_gicv3_destroy(world.gic), "umsi_gicv3_destroy");
    must(umsi_destroy(world.u), "umsi_destroy");
    bool ok = world.allocated == 0 && qtest_ram_in_use() == ram_before;
    printf("%s\n", ok ? "shutdown ok" : "failed memory was not returned");
    return ok;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--devices") == 0) {
        for (const char *const *word = pci_arguments; *word != NULL; word++) {
            printf("%s\n", *word);
        }
        return 0;
    }
    if (argc != 3) {
        fprintf(stderr, "usage: %s QEMU TRACE-FILE\n", argv[0]);
        return 2;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    qtest_start(argv[1], argv[2], pci_arguments);
    pci_start();
    (void)qtest_ram_get(MACHINE_REGISTERS, 1, &world.registers);
    size_t ram_before = qtest_ram_in_use();
    bring_up();
    bool ok = scene_run(getenv("SCENARIO_ONLY"));
    ok = take_down(ram_before) && ok;
    ok = qtest_stop() && ok;
    return ok ? 0 : 1;
}
