/* SPDX-License-Identifier: MIT */
/*
 * The scenarios on the strict model, natively.
 *
 *   scenario-model [strict|like-qemu|gicv2m|gicv2m-gicv3|imsic] [COMMANDS-FILE]
 *
 * strict: non-coherent memory, slow commands, every function raises by itself. like-qemu: what QEMU's virt machine
 * is, and only what raises by itself there does here, so that the commands can be compared; they go to the file,
 * one a line. gicv2m: a GICv2m frame in place of the ITS, on a GICv2 or a GICv3; functions raise by themselves.
 * imsic: RISC-V harts, whose files take messages that are under way for a while, and an APLIC for the wires.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "model_gic.h"
#include "raise.h"
#include "scene.h"
#include "wires.h"

const char machine_name[] = "model";

static struct {
    struct model *m;
    struct umsi_port port; /* the model's, with a window of registers more */
    struct umsi *u;
    struct model_gic gic;
    struct model_pci *pci[MACHINE_KINDS];
    struct machine_function function[MACHINE_KINDS];
    uint32_t registers[MACHINE_REGISTERS / 4];
    bool like_qemu, gicv2, v2m, imsic;
    uint32_t breaches; /* told of */
} world;

#define NR_CPUS 2u
#define COMMAND 0x0006u /* memory, bus master */
#define NO_INTX 0x0400u

/* DeviceIDs as on QEMU with the command line of tests/qtest. */
static const struct model_pci_config hardware[MACHINE_KINDS] = {
    [E1000E] = { .device_id = 0x200,
                 .msix_entries = 5,
                 .table_bar = 3,
                 .pba_bar = 3,
                 .pba_offset = 0x2000,
                 .msi_vectors = 1,
                 .msi_64 = true },
    [XHCI] = { .device_id = 0x300,
               .msix_entries = 16,
               .table_offset = 0x3000,
               .pba_offset = 0x3800,
               .msi_vectors = 16,
               .msi_64 = true },
    [NVME] = { .device_id = 0x400,
               .msix_entries = 65,
               .table_offset = 0x2000,
               .pba_offset = 0x3000 },
    [WIDE] = { .device_id = 0x500,
               .msix_entries = 2048,
               .table_offset = 0x2000,
               .pba_offset = 0xa000 },
    [E1000] = { .device_id = 0x50, .bdf = 0x50, .pin = 1 },
    [EDU] = { .device_id = 0x30, .bdf = 0x30, .pin = 1, .msi_vectors = 1, .msi_64 = true },
    [EDU_A] = { .device_id = 0x600, .bdf = 0x708, .pin = 1, .msi_vectors = 1, .msi_64 = true },
    [EDU_B] = { .device_id = 0x600, .bdf = 0x710, .pin = 1, .msi_vectors = 1, .msi_64 = true },
    [PORT] = { .device_id = 0x08, .msi_vectors = 2, .msi_maskable = true },
    [MSI32] = { .device_id = 0x77, .msi_vectors = 32, .msi_64 = true, .msi_maskable = true },
};

static const char *const names[MACHINE_KINDS] = { "e1000e", "xhci",  "nvme",  "wide", "e1000",
                                                  "edu",    "edu-a", "edu-b", "port", "msi32" };

/* ---- what machine.h asks for ---- */

struct umsi *machine_umsi(void)
{
    return world.u;
}

struct umsi_its *machine_its(void)
{
    return world.gic.its;
}

struct umsi_lpi *machine_lpi(void)
{
    return world.gic.lpi;
}

struct umsi_gicv2m *machine_v2m(void)
{
    return world.gic.v2m;
}

struct umsi_imsic *machine_imsic(void)
{
    return world.gic.imsic;
}

uint32_t machine_cpus(void)
{
    return NR_CPUS;
}

umsi_cpu machine_self(void)
{
    return world.port.cpu_self(world.m);
}

const struct machine_function *machine_function(enum machine_kind kind)
{
    return &world.function[kind];
}

/* The model's functions have no registers but those of MSI-X. */
uint32_t machine_bar_read(enum machine_kind kind, uint32_t offset)
{
    (void)kind;
    (void)offset;
    return 0;
}

void machine_bar_write(enum machine_kind kind, uint32_t offset, uint32_t value)
{
    (void)kind;
    (void)offset;
    (void)value;
}

bool machine_raise(enum machine_kind kind, uint32_t index)
{
    if (world.like_qemu && !raise_has(kind)) {
        return false;
    }
    enum model_raised r = model_pci_raise(world.pci[kind], index);
    CHECK(r == MODEL_SENT || r == MODEL_PENDING);
    return true;
}

void machine_ask(enum machine_kind kind, bool asks)
{
    enum model_raised r = model_pci_intx(world.pci[kind], asks);
    CHECK(!asks || r == MODEL_SENT || r == MODEL_PENDING);
}

void machine_allow_intx(enum machine_kind kind, bool allow)
{
    model_pci_set_command(world.pci[kind], allow ? COMMAND : COMMAND | NO_INTX);
}

bool machine_can_reset(enum machine_kind kind)
{
    (void)kind;
    return true;
}

void machine_reset(enum machine_kind kind)
{
    model_pci_reset(world.pci[kind]);
    machine_allow_intx(kind, false);
}

void machine_send(umsi_bus address, uint32_t data)
{
    CHECK(model_msi_write(world.m, MACHINE_DEVICE_ID, address, data));
}

volatile void *machine_registers(void)
{
    return world.registers;
}

uint32_t machine_register(uint32_t offset)
{
    return world.registers[offset / 4];
}

/* What handlers cause may be under way again: a level that stands is sent once more. */
void machine_settle(void)
{
    uint32_t rounds = 0;
    do {
        model_drain(world.m);
    } while (model_run(world.m) != 0 && ++rounds < 1000);
}

void machine_hold(bool off)
{
    model_mask_cpu(world.m, 0, off);
}

void machine_print(const char *line)
{
    printf("%s\n", line);
}

const char *machine_verdict(void)
{
    static char text[240];
    model_check_settled(world.m);
    uint32_t n = model_breaches(world.m);
    if (n == world.breaches) {
        return NULL;
    }
    const struct model_breach *b = model_breach_at(world.m, world.breaches);
    snprintf(text, sizeof(text), "%u breaches, %s [%s] %s", n - world.breaches, b->law, b->section,
             b->text);
    world.breaches = n;
    return text;
}

/* ---- the kernel's side ---- */

static void vector(void *arg, umsi_cpu cpu)
{
    (void)arg;
    (void)cpu;
    (void)umsi_handle_interrupts(world.u);
}

static void service(void *arg, umsi_cpu cpu)
{
    (void)arg;
    (void)cpu;
    umsi_cpu_service(world.u);
}

/* Registers of the platform device are beside the model's windows: these two accesses are all they see. */
static bool own_register(const volatile void *addr, uint32_t *out_index)
{
    uintptr_t offset = (uintptr_t)addr - (uintptr_t)world.registers;
    *out_index = (uint32_t)(offset / 4);
    return offset < sizeof(world.registers);
}

static void write32(void *ctx, volatile void *addr, uint32_t value)
{
    uint32_t i;
    if (own_register(addr, &i)) {
        world.registers[i] = value;
    } else {
        model_port(world.m)->mmio_write32(ctx, addr, value);
    }
}

static uint32_t read32(void *ctx, const volatile void *addr)
{
    uint32_t i;
    return own_register(addr, &i) ? world.registers[i]
                                  : model_port(world.m)->mmio_read32(ctx, addr);
}

static void on_log(void *arg, enum umsi_log_level level, const char *line)
{
    (void)arg;
    if (level <= UMSI_LOG_ERROR || getenv("SCENARIO_VERBOSE") != NULL) {
        fprintf(stderr, "umsi <%d> %s\n", (int)level, line);
    }
}

/* ---- bring-up ---- */

static void must(bool ok, const char *what)
{
    if (!ok) {
        printf("failed %s\n", what);
        exit(1);
    }
}

/* The pair is behind a bridge to conventional PCI, all others are where their wire is theirs. */
static void plug(enum machine_kind k)
{
    static const struct model_pci_bridge bridge = { MODEL_BRIDGE_TO_PCI, 0x38, 7 };
    struct model_intx_map map[MODEL_INTX_ROWS];
    struct model_pci_config c = hardware[k];
    model_intx_swizzled(map, WIRES_FIRST);
    c.intx = map;
    c.nr_intx = MODEL_INTX_ROWS;
    if (k == EDU_A || k == EDU_B) {
        c.path = &bridge;
        c.nr_path = 1;
    }
    must(model_pci_create(world.m, &c, &world.pci[k]), names[k]);
    machine_allow_intx(k, false);
    world.function[k] = (struct machine_function){ .name = names[k],
                                                   .ops = model_pci_ops(),
                                                   .handle = world.pci[k],
                                                   .device_id = hardware[k].device_id };
}

/* The model and the library read the same map: they must agree. */
static void find_wire(enum machine_kind k)
{
    static const struct umsi_pci_bridge bridge = { 0x38, 7, UMSI_PCI_BRIDGE_TO_PCI };
    const bool below = k == EDU_A || k == EDU_B;
    uint32_t intid = 0;
    world.function[k].wire =
        wires_find(hardware[k].pin, hardware[k].bdf, below ? &bridge : NULL, below ? 1 : 0, &intid);
    must(intid == model_pci_intx_spi(world.pci[k]), "its wire");
}

static void make_machine(void)
{
    const struct model_its_config strict = {
        .not_shareable = true, .pta = true, .itt_entry_size = 12, .command_ns = 2000
    };
    static const struct model_v2m_config frame = { .first_spi = 64, .nr_spis = 400 };
    const struct model_its_config plain_its = { .itt_entry_size = 12 };
    static const struct model_imsic_config files = { .nr_ids = 2047, .message_ns = 300 };
    static const struct model_aplic_config wires = { .nr_sources = 96 };
    const struct model_config config = { .nr_cpus = NR_CPUS,
                                         .imsic = world.imsic ? &files : NULL,
                                         .aplic = world.imsic ? &wires : NULL,
                                         .nr_its = world.v2m || world.imsic ? 0 : 1,
                                         .gicv2 = world.gicv2,
                                         .nr_spis = 960,
                                         .nr_v2m = world.v2m ? 1 : 0,
                                         .v2m = &frame,
                                         .its = world.like_qemu ? &plain_its : &strict,
                                         .non_coherent = !world.like_qemu,
                                         .rd_not_shareable = !world.like_qemu,
                                         .in_order = world.like_qemu,
                                         .on_log = on_log };
    must(model_create(&config, &world.m), "the model");
    world.port = *model_port(world.m);
    world.port.mmio_read32 = read32;
    world.port.mmio_write32 = write32;
    model_set_vectors(world.m, &(struct model_vectors){ vector, service, NULL });
    for (unsigned k = 0; k < MACHINE_KINDS; k++) {
        plug((enum machine_kind)k);
    }
    world.function[EDU_A].shared_events = world.function[EDU_B].shared_events = 256;
}

static void bring_up(void)
{
    must(umsi_create(&world.port, &world.u) == UMSI_OK, "umsi_create");
    const char *failed = world.imsic ? model_imsic_start(world.m, world.u, NR_CPUS, &world.gic)
                                     : model_gic_start(world.m, world.u, NR_CPUS, world.gicv2,
                                                       world.v2m, &world.gic);
    must(failed == NULL, failed);
    const struct wires_end to = { world.gic.gicv3, world.gic.gicv2, world.gic.aplic };
    must(wires_start(world.u, &to), "the wires");
    for (unsigned k = 0; k < MACHINE_KINDS; k++) {
        find_wire((enum machine_kind)k);
    }
}

static bool take_down(void)
{
    const struct wires_end to = { world.gic.gicv3, world.gic.gicv2, world.gic.aplic };
    must(wires_stop(&to), "the wires");
    const char *failed = model_gic_stop(world.m, NR_CPUS, &world.gic);
    must(failed == NULL, failed);
    must(umsi_destroy(world.u) == UMSI_OK, "umsi_destroy");
    for (unsigned k = 0; k < MACHINE_KINDS; k++) {
        model_pci_destroy(world.pci[k]);
    }
    model_check_shutdown(world.m);
    const char *verdict = machine_verdict();
    printf("%s\n", verdict == NULL ? "shutdown ok" : verdict);
    return verdict == NULL;
}

static void write_commands(const char *path)
{
    FILE *out = fopen(path, "w");
    must(out != NULL, path);
    for (uint32_t i = 0; i < model_its_log_size(world.m, 0); i++) {
        struct model_command c;
        char text[120];
        model_command_decode(model_its_log_at(world.m, 0, i)->dw, &c);
        model_command_print(&c, text, sizeof(text));
        fprintf(out, "%s\n", text);
    }
    must(fclose(out) == 0, path);
}

int main(int argc, char **argv)
{
    world.like_qemu = argc > 1 && strcmp(argv[1], "like-qemu") == 0;
    world.gicv2 = argc > 1 && strcmp(argv[1], "gicv2m") == 0;
    world.v2m = world.gicv2 || (argc > 1 && strcmp(argv[1], "gicv2m-gicv3") == 0);
    world.imsic = argc > 1 && strcmp(argv[1], "imsic") == 0;
    make_machine();
    bring_up();
    bool ok = scene_run(getenv("SCENARIO_ONLY"));
    if (argc > 2) {
        write_commands(argv[2]);
    }
    ok = take_down() && ok;
    model_destroy(world.m);
    return ok ? 0 : 1;
}
