/* SPDX-License-Identifier: MIT */
/*
 * The scenarios of tests/scenario with a failure in each place. A scenario then says what it likes, but when it has
 * ended all is as before; and the same scenario passes the next time. The first places are all tried, later ones at
 * growing distances; UMSI_EVERY_PLACE in the environment tries each.
 *
 * And once without failures, on a fixed arena that is exactly as large as its macro says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../scenario/machine.h"
#include "../scenario/scene.h"
#include "../scenario/wires.h"
#include "world.h"

const char machine_name[] = "failing model";

static struct {
    struct world world;
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
    return NULL;
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

/* Where messages go: an ITS; or a GICv2m frame, on either GIC. */
enum where { TO_ITS, TO_FRAME, TO_FRAME_OF_GICV3 };

static void begin(size_t arena, enum where where)
{
    static const struct model_v2m_config frame = { .first_spi = 64, .nr_spis = 400 };
    const struct world_config c = { .model = { .nr_cpus = 2,
                                               .nr_spis = 960,
                                               .gicv2 = where == TO_FRAME,
                                               .nr_v2m = where == TO_ITS ? 0 : 1,
                                               .v2m = &frame },
                                    .umsi_its = { .deadline_us = 20000 },
                                    .arena = arena,
                                    .expects_breaches = true };
    memset(&f, 0, sizeof(f));
    world_start(&f.world, &c);
    assert_true(wires_start(f.world.u, &(struct wires_end){ f.world.gic, f.world.gicv2, NULL }));
    for (unsigned k = 0; k < MACHINE_KINDS; k++) {
        plug((enum machine_kind)k);
    }
}

static void end(void)
{
    for (unsigned k = 0; k < MACHINE_KINDS; k++) {
        model_pci_destroy(f.pci[k]);
    }
    assert_true(wires_stop(&(struct wires_end){ f.world.gic, f.world.gicv2, NULL }));
    world_stop(&f.world);
    f.name = NULL;
}

static int tell(void **state)
{
    (void)state;
    if (f.name != NULL) {
        print_message("  scenario %s, %s %u\n", f.name, f.what, (unsigned)f.nth);
    }
    f.name = NULL;
    return 0;
}

/* ---- one scenario, one place ---- */

struct way {
    enum model_fail what;
    const char *name;
    const char *excused; /* laws that such hardware makes nobody keep */
};

static const struct way ways[] = {
    { MODEL_FAIL_ALLOC, "alloc", NULL },
    { MODEL_FAIL_DMA, "dma_alloc", NULL },
    { MODEL_FAIL_MAP, "map", NULL },
    { MODEL_FAIL_CONFIG, "config", NULL },
    { MODEL_FAIL_COMMAND, "command", "L36 L17" },
    { MODEL_FAIL_SILENCE, "silence", "L36 L17" },
    { MODEL_FAIL_GONE, "gone", NULL },
};

static void play(const struct scenario *s)
{
    f.failed = 0;
    f.in_vain = 0;
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

static bool strike(const struct scenario *s, const struct way *w, uint64_t nth)
{
    struct look before, after;
    f.name = s->name;
    f.what = w->name;
    f.nth = nth;
    world_look(&f.world, &before);
    model_fail_at(f.world.m, w->what, nth);
    play(s);
    const bool hit = model_failed(f.world.m, w->what);
    model_fail_at(f.world.m, w->what, 0);
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
    if (w->excused != NULL) { /* what the ITS would not let go of may still have come */
        before.umsi.unknown = after.umsi.unknown;
    }
    world_same(&before, &after, false);
    if (w->what == MODEL_FAIL_GONE || w->what == MODEL_FAIL_CONFIG) {
        replug(); /* it is gone, or remembers what nobody fetched */
    }
    again(s);
    return hit;
}

static uint64_t next_place(uint64_t nth)
{
    return getenv("UMSI_EVERY_PLACE") != NULL || nth < 12 ? nth + 1 : nth + nth / 3;
}

static void every_scenario_at(const struct way *w, enum where where)
{
    uint32_t places = 0;
    for (unsigned i = 0; i < nr_scenarios; i++) {
        if (where != TO_ITS && (scenarios[i]->kinds & ITS) != 0) {
            continue;
        }
        begin(0, where);
        for (uint64_t nth = 1; strike(scenarios[i], w, nth); nth = next_place(nth)) {
            places++;
        }
        end();
    }
    print_message("  %u places\n", places);
}

static void every_scenario(const struct way *w)
{
    every_scenario_at(w, TO_ITS);
}

static void test_alloc(void **state)
{
    (void)state;
    every_scenario(&ways[0]);
}

static void test_dma(void **state)
{
    (void)state;
    every_scenario(&ways[1]);
}

static void test_map(void **state)
{
    (void)state;
    every_scenario(&ways[2]);
}

static void test_config(void **state)
{
    (void)state;
    every_scenario(&ways[3]);
}

static void test_command(void **state)
{
    (void)state;
    every_scenario(&ways[4]);
}

static void test_silence(void **state)
{
    (void)state;
    every_scenario(&ways[5]);
}

static void test_gone(void **state)
{
    (void)state;
    every_scenario(&ways[6]);
}

/* Without ITS there are no commands that fail, and no tables. */
static void on_frames(enum where where)
{
    static const unsigned those[] = { 0, 2, 3, 6 };
    for (unsigned i = 0; i < sizeof(those) / sizeof(those[0]); i++) {
        every_scenario_at(&ways[those[i]], where);
    }
}

static void test_gicv2m(void **state)
{
    (void)state;
    on_frames(TO_FRAME);
}

static void test_gicv2m_gicv3(void **state)
{
    (void)state;
    on_frames(TO_FRAME_OF_GICV3);
}

/* ---- and on a fixed arena ---- */

static void test_arena(void **state)
{
    const struct umsi_arena_need need = {
        .cpus = 2, .devices = 4, .events = 2048, .vectors = 2112, .lpi_bits = 14
    };
    struct umsi_arena_counts c;
    (void)state;
    begin(umsi_arena_size(&need), TO_ITS);
    for (unsigned i = 0; i < nr_scenarios; i++) {
        f.name = scenarios[i]->name;
        f.what = "arena";
        again(scenarios[i]);
    }
    umsi_arena_get_counts(&f.world.arena, &c);
    assert_int_equal(c.refused, 0);
    print_message("  %zu of %zu KiB\n", c.most / 1024, c.total / 1024);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_alloc, tell),
        cmocka_unit_test_teardown(test_dma, tell),
        cmocka_unit_test_teardown(test_map, tell),
        cmocka_unit_test_teardown(test_config, tell),
        cmocka_unit_test_teardown(test_command, tell),
        cmocka_unit_test_teardown(test_silence, tell),
        cmocka_unit_test_teardown(test_gone, tell),
        cmocka_unit_test_teardown(test_gicv2m, tell),
        cmocka_unit_test_teardown(test_gicv2m_gicv3, tell),
        cmocka_unit_test_teardown(test_arena, tell),
    };
    return cmocka_run_group_tests_name("scenarios fail", tests, NULL, NULL);
}
