/* SPDX-License-Identifier: MIT */
/* The machine of the scenarios that fail, and one failure in one of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../scenario/machine.h"
#include "../scenario/scene.h"
#include "../scenario/wires.h"
#include "pools.h"
#include "scenarios.h"

const char machine_name[] = "failing model";

static struct {
    struct world world;
    struct pools pools;
    struct model_pci *pci[MACHINE_KINDS];
    struct machine_function function[MACHINE_KINDS];
    uint32_t failed;  /* checks, in this run */
    uint32_t in_vain; /* settled since something last arrived */
    const char *name;
    const char *what;
    uint64_t nth;
} f;

static const struct model_pci_config hardware[MACHINE_KINDS] = {
    [E1000E] = { .device_id = 0x200, .msix_entries = 5, .msi_vectors = 1, .msi_64 = true },
    [XHCI] = { .device_id = 0x300, .msix_entries = 16, .msi_vectors = 16, .msi_64 = true },
    [NVME] = { .device_id = 0x400, .msix_entries = 65 },
    [WIDE] = { .device_id = 0x500, .msix_entries = 2048 },
    [E1000] = { .device_id = 0x50, .bdf = 0x50, .pin = 1 },
    [EDU] = { .device_id = 0x30, .bdf = 0x30, .pin = 1, .msi_vectors = 1, .msi_64 = true },
    [EDU_A] = { .device_id = 0x600, .pin = 1, .msi_vectors = 1, .msi_64 = true },
    [EDU_B] = { .device_id = 0x600, .pin = 2, .msi_vectors = 1, .msi_64 = true },
    [PORT] = { .device_id = 0x08, .msi_vectors = 2, .msi_maskable = true },
    [MSI32] = { .device_id = 0x77, .msi_vectors = 32, .msi_64 = true, .msi_maskable = true },
};

/* ---- what machine.h asks for ---- */

struct umsi *machine_umsi(void)
{
    return f.world.u;
}

struct umsi_gicv2m *machine_v2m(void)
{
    return f.world.v2m;
}

struct umsi_its *machine_its(void)
{
    return f.world.its[0];
}

struct umsi_lpi *machine_lpi(void)
{
    return f.world.lpi;
}

struct umsi_imsic *machine_imsic(void)
{
    return f.world.imsic;
}

uint32_t machine_cpus(void)
{
    return f.world.port.nr_cpus;
}

umsi_cpu machine_self(void)
{
    f.in_vain = 0;
    return f.world.port.cpu_self(f.world.m);
}

const struct machine_function *machine_function(enum machine_kind kind)
{
    return &f.function[kind];
}

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
    f.in_vain = 0;
    (void)model_pci_raise(f.pci[kind], index);
    return true;
}

void machine_ask(enum machine_kind kind, bool asks)
{
    f.in_vain = 0;
    (void)model_pci_intx(f.pci[kind], asks);
}

void machine_allow_intx(enum machine_kind kind, bool allow)
{
    model_pci_set_command(f.pci[kind], allow ? 0x0006 : 0x0406);
}

bool machine_can_reset(enum machine_kind kind)
{
    (void)kind;
    return true;
}

void machine_reset(enum machine_kind kind)
{
    model_pci_reset(f.pci[kind]);
}

/* A device that was never given a message has none to send. */
void machine_send(umsi_bus address, uint32_t data)
{
    f.in_vain = 0;
    if (address != 0) {
        (void)model_msi_write(f.world.m, MACHINE_DEVICE_ID, address, data);
    }
}

volatile void *machine_registers(void)
{
    return f.world.gadget[0].regs;
}

uint32_t machine_register(uint32_t offset)
{
    return f.world.gadget[0].regs[offset / 4];
}

/* What did not come after a few times does not come at all. */
void machine_settle(void)
{
    if (f.in_vain++ < 32) {
        world_run(&f.world);
    }
}

void machine_hold(bool off)
{
    model_mask_cpu(f.world.m, 0, off);
}

void machine_print(const char *line)
{
    f.failed += strncmp(line, "failed", 6) == 0;
    if (getenv("WORLD_VERBOSE") != NULL) {
        print_message("  %s\n", line);
    }
}

const char *machine_verdict(void)
{
    return NULL;
}

/* ---- the machine ---- */

static void plug(enum machine_kind k)
{
    const bool shared = k == EDU_A || k == EDU_B;
    struct model_intx_map map[MODEL_INTX_ROWS];
    struct model_pci_config c = hardware[k];
    uint32_t intid;
    model_intx_swizzled(map, WIRES_FIRST);
    c.intx = map;
    c.nr_intx = MODEL_INTX_ROWS;
    assert_true(model_pci_create(f.world.m, &c, &f.pci[k]));
    f.function[k] =
        (struct machine_function){ "function",       model_pci_ops(),
                                   f.pci[k],         c.device_id,
                                   shared ? 256 : 0, wires_find(c.pin, c.bdf, NULL, 0, &intid) };
}

static void replug(void)
{
    for (unsigned k = 0; k < MACHINE_KINDS; k++) {
        model_pci_destroy(f.pci[k]);
        plug((enum machine_kind)k);
    }
}

static struct wires_end wires_end(void)
{
    return (struct wires_end){ f.world.gic, f.world.gicv2, f.world.aplic };
}

static void begin(size_t arena, enum where where)
{
    struct world_config c = { .model = { .nr_cpus = 2 },
                              .umsi_its = { .deadline_us = 2000 },
                              .arena = arena,
                              .expects_breaches = true };
    world_kind(&c, where);
    c.model.nr_spis = 960;
    memset(&f, 0, sizeof(f));
    world_start(&f.world, &c);
    const struct wires_end to = wires_end();
    assert_true(wires_start(f.world.u, &to));
    for (unsigned k = 0; k < MACHINE_KINDS; k++) {
        plug((enum machine_kind)k);
    }
    scene_start();
}

static void end(void)
{
    const struct wires_end to = wires_end();
    for (unsigned k = 0; k < MACHINE_KINDS; k++) {
        model_pci_destroy(f.pci[k]);
    }
    assert_true(wires_stop(&to));
    world_stop(&f.world);
    f.name = NULL;
}

int scenarios_tell(void **state)
{
    (void)state;
    if (f.name != NULL) {
        print_message("  scenario %s, %s %u\n", f.name, f.what, (unsigned)f.nth);
    }
    f.name = NULL;
    return 0;
}

/* ---- one scenario, one place ---- */

static const struct way {
    const char *name;
    const char *excused; /* laws that such hardware makes nobody keep */
} ways[MODEL_FAIL_KINDS] = {
    [MODEL_FAIL_ALLOC] = { "alloc", NULL },
    [MODEL_FAIL_DMA] = { "dma_alloc", NULL },
    [MODEL_FAIL_MAP] = { "map", NULL },
    [MODEL_FAIL_CONFIG] = { "config", NULL },
    [MODEL_FAIL_COMMAND] = { "command", "L36 L17" },
    [MODEL_FAIL_SILENCE] = { "silence", "L36 L17" },
    [MODEL_FAIL_GONE] = { "gone", NULL },
};

static void play(const struct scenario *s)
{
    f.failed = 0;
    f.in_vain = 0;
    memset(f.world.gadget[0].regs, 0,
           sizeof(f.world.gadget[0].regs)); /* no message of its last life */
    s->run();
    machine_hold(false);
    f.in_vain = 0;
    world_run(&f.world);
}

/* Whoever needs a controller next finds what it did meanwhile. */
static void somebody_else(void)
{
    struct gadget *g = &f.world.gadget[1];
    gadget_make(&f.world, g,
                &(struct gadget_config){ .kind = GADGET_MSI, .device_id = 0x700, .events = 1 });
    assert_int_equal(gadget_attach(g), UMSI_OK);
    gadget_detach(g);
    gadget_unmake(g);
}

static bool held_back(void)
{
    struct look l;
    world_look(&f.world, &l);
    return l.its[0].quarantined + l.lpi.quarantined != 0;
}

static void again(const struct scenario *s)
{
    play(s);
    world_clean(&f.world, NULL);
    assert_int_equal(f.failed, 0);
}

static bool strike(const struct scenario *s, enum model_fail what, uint64_t nth)
{
    const struct way *w = &ways[what];
    struct look before, after;
    f.name = s->name;
    f.what = w->name;
    f.nth = nth;
    world_look(&f.world, &before);
    if (what == MODEL_FAIL_ALLOC && f.world.its[0] == NULL) { /* else little memory is wanted */
        pools_squeeze(&f.pools, f.world.u, f.world.m, 0);
    }
    model_fail_at(f.world.m, what, nth);
    play(s);
    const bool hit = model_failed(f.world.m, what);
    model_fail_at(f.world.m, what, 0);
    pools_let_go(&f.pools);
    if (f.world.its[0] != NULL) {
        model_its_stop(f.world.m, 0, false, false);
    }
    world_run(&f.world);
    somebody_else();
    world_clean(&f.world, w->excused);
    if (held_back()) { /* the DeviceID's next user asks once more; the last one to ask is the ITS's end */
        again(s);
        before.its[0].dead = false;
    }
    world_look(&f.world, &after);
    if (f.world.imsic != NULL) { /* a wire that moved, and came back, has another identity */
        before.machine.mapping = after.machine.mapping;
    }
    if (w->excused != NULL) { /* what the ITS would not let go of may still have come */
        before.umsi.unknown = after.umsi.unknown;
    }
    world_same(&before, &after, false);
    if (what == MODEL_FAIL_GONE || what == MODEL_FAIL_CONFIG) {
        replug(); /* it is gone, or remembers what nobody fetched */
    }
    again(s);
    return hit;
}

static uint64_t next_place(uint64_t nth)
{
    return getenv("UMSI_EVERY_PLACE") != NULL || nth < 12 ? nth + 1 : nth + nth / 3;
}

/* Some need what only an ITS has, or what interrupt files have not. */
static bool can_play(const struct scenario *s, enum where where)
{
    return (where == TO_ITS || (s->kinds & ITS) == 0) &&
           (where != TO_FILES || (s->kinds & BLOCK_APART) == 0);
}

void scenarios_fail(enum model_fail what, enum where where)
{
    uint32_t places = 0;
    for (unsigned i = 0; i < nr_scenarios; i++) {
        if (!can_play(scenarios[i], where)) {
            continue;
        }
        begin(0, where);
        for (uint64_t nth = 1; strike(scenarios[i], what, nth); nth = next_place(nth)) {
            if (++places % 4096 == 0) { /* no address of a BAR is used twice, and they do end */
                end();
                begin(0, where);
            }
        }
        end();
    }
    assert_int_not_equal(places, 0);
    print_message("  %u places\n", places);
}

void scenarios_on_arena(size_t size, enum where where)
{
    struct umsi_arena_counts c;
    begin(size, where);
    for (unsigned i = 0; i < nr_scenarios; i++) {
        if (can_play(scenarios[i], where)) {
            f.name = scenarios[i]->name;
            f.what = "arena";
            again(scenarios[i]);
        }
    }
    umsi_arena_get_counts(&f.world.arena, &c);
    assert_int_equal(c.refused, 0);
    print_message("  %zu of %zu KiB\n", c.most / 1024, c.total / 1024);
    end();
}
