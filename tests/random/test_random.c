/* SPDX-License-Identifier: MIT */
/*
 * Random sequences of calls over devices of every kind, on machines of every kind, with failures in between, against
 * the small model of reference.c. After each call all of umsi and all of the machine is compared with it.
 *
 *   test_random                          the fixed seeds
 *   test_random --machine NAME           those of one machine: its, gicv2m, imsic
 *   test_random --seconds S [--seed N]   seeds from N on, for so long
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "machines.h"
#include "reference.h"

#define STEPS 1200u
#define LINES 16u

static struct run {
    struct world w;
    struct ref now, next; /* next: if the call succeeds */
    uint64_t seed, state;
    uint32_t step, struck, refused;
    bool under_way;
    char line[LINES][80]; /* the last calls */
} run;

/* ---- chance ---- */

static uint32_t chance(void) /* xorshift64* */
{
    run.state ^= run.state >> 12;
    run.state ^= run.state << 25;
    run.state ^= run.state >> 27;
    return (uint32_t)((run.state * 0x2545f4914f6cdd1dull) >> 32);
}

uint32_t below(uint32_t n)
{
    return chance() % n;
}

bool one_in(uint32_t n)
{
    return below(n) == 0;
}

static void note(const char *what, uint32_t device, uint32_t a, uint32_t b)
{
    snprintf(run.line[run.step % LINES], sizeof(run.line[0]), "%u: %s device %u, %u, %u", run.step,
             what, device, a, b);
}

/* ---- the machine, as chance has it ---- */

static const struct gadget_config gadgets[REF_DEVICES] = {
    { .kind = GADGET_PCI, .device_id = 0x10, .pci = { .msix_entries = 64, .msi_vectors = 4 } },
    { .kind = GADGET_PCI,
      .device_id = 0x18,
      .pci = { .msi_vectors = 32, .msi_64 = true, .msi_maskable = true } },
    { .kind = GADGET_PCI,
      .device_id = 0x900,
      .pci = { .msix_entries = 5, .msi_vectors = 16, .msi_64 = true },
      .shared_events = 256 },
    { .kind = GADGET_PCI, .device_id = 0x900, .pci = { .msix_entries = 33 }, .shared_events = 256 },
    { .kind = GADGET_MSI, .device_id = 0x3000, .events = 50, .maskable = true },
    { .kind = GADGET_MSI, .device_id = 0x3001, .events = 7 },
    { .kind = GADGET_MSI, .device_id = 0x3fff, .events = 64, .late = true },
    { .kind = GADGET_PLATDEV, .device_id = 3, .events = 20, .maskable = true },
    { .kind = GADGET_WIRED, .device_id = 0x77, .events = 40, .maskable = true },
};

static void make_world(void)
{
    struct world_config c = { .model.nr_cpus = NR_CPUS,
                              .online = 1 + below(NR_CPUS),
                              .expects_breaches = true };
    machines[run.seed % MACHINES].make(&c); /* the seed says which */
    world_start(&run.w, &c);
    run.now.online = (1u << c.online) - 1;
    run.now.one_address = c.model.imsic != NULL;
    for (uint32_t i = 0; i < REF_DEVICES; i++) {
        run.now.device[i].config = gadgets[i];
        gadget_make(&run.w, &run.w.gadget[i], &gadgets[i]);
    }
}

/* ---- failures ---- */

static const enum model_fail soft[] = { MODEL_FAIL_ALLOC, MODEL_FAIL_DMA, MODEL_FAIL_MAP,
                                        MODEL_FAIL_CONFIG };

/* What may fail of the call to come; MODEL_FAIL_KINDS: nothing. */
static enum model_fail arm(bool may_go_wrong)
{
    enum model_fail what = MODEL_FAIL_KINDS;
    if (may_go_wrong && one_in(3)) {
        what = soft[below(4)];
    } else if (run.w.its[0] != NULL && one_in(30)) {
        what = MODEL_FAIL_COMMAND;
    }
    if (what != MODEL_FAIL_KINDS) {
        model_fail_at(run.w.m, what, 1 + below(what == MODEL_FAIL_COMMAND ? 12 : 3));
    }
    return what;
}

static bool struck(enum model_fail what)
{
    if (what == MODEL_FAIL_KINDS) {
        return false;
    }
    const bool hit = model_failed(run.w.m, what);
    model_fail_at(run.w.m, what, 0);
    run.struck += hit;
    return hit;
}

/* After a command was refused nobody may know what is mapped for the DeviceID: all its users leave. */
static void start_over(uint32_t device)
{
    run.refused++;
    for (uint32_t i = 0; i < REF_DEVICES; i++) {
        if (gadgets[i].device_id == gadgets[device].device_id && run.now.device[i].attached) {
            gadget_detach(&run.w.gadget[i]);
            ref_detach(&run.now.device[i]);
        }
    }
    world_clean(&run.w, "L36");
}

/* A late device's domain stays when the vectors were not to be had. */
static void see_domain(uint32_t device)
{
    struct ref_device *d = &run.now.device[device];
    uint32_t size;
    if (d->attached && d->config.late) {
        d->domain = umsi_msi_domain_template(gadget_msi(&run.w.gadget[device]), 0, &size) != NULL;
    }
}

/* The call said `got`; without a failure it should have said `want`, and run.next is what is then. */
static void settle(uint32_t device, enum model_fail what, enum umsi_status got,
                   enum umsi_status want)
{
    const bool hit = struck(what);
    if (got != want && !(hit && got != UMSI_OK)) {
        print_message("  said %s, not %s\n", umsi_status_string(got), umsi_status_string(want));
        fail();
    }
    if (got == UMSI_OK) {
        run.now = run.next;
        ref_place(&run.now, &run.now.device[device]);
    }
    see_domain(device);
    if (hit && what == MODEL_FAIL_COMMAND) {
        start_over(device);
    }
}

/* ---- calls ---- */

static void call_attach(uint32_t i)
{
    const enum model_fail what = arm(true);
    const enum umsi_status want = ref_attach(&run.next.device[i]);
    note("attach", i, 0, 0);
    settle(i, what, gadget_attach(&run.w.gadget[i]), want);
}

static void call_detach(uint32_t i)
{
    const enum model_fail what = arm(false);
    note("detach", i, 0, 0);
    ref_detach(&run.next.device[i]);
    gadget_detach(&run.w.gadget[i]);
    settle(i, what, UMSI_OK, UMSI_OK);
}

static void call_take(uint32_t i)
{
    const struct gadget_config *c = &gadgets[i];
    const uint32_t kind = one_in(2) ? UMSI_MSIX : UMSI_MSI, n = 1 + below(one_in(3) ? 40 : 6);
    const uint32_t first =
        c->kind == GADGET_MSI || c->kind == GADGET_PLATDEV ? below(c->events) : 0;
    struct gadget *g = &run.w.gadget[i];
    if (c->kind == GADGET_WIRED) {
        return;
    }
    const enum model_fail what = arm(true);
    const enum umsi_status want = ref_take(&run.next.device[i], first, n, kind);
    note("take", i, first, n);
    const enum umsi_status got =
        c->kind == GADGET_PCI ? gadget_take(g, n, kind) : umsi_msi_alloc(gadget_msi(g), first, n);
    settle(i, what, got, want);
}

static void call_take_at(uint32_t i)
{
    uint32_t index = below(VECTORS), got_index = UINT32_MAX, want_index = UINT32_MAX;
    if (gadgets[i].kind != GADGET_WIRED && one_in(3)) {
        index = UMSI_ANY_INDEX;
    }
    const enum model_fail what = arm(true);
    const enum umsi_status want = ref_take_at(&run.next.device[i], index, &want_index);
    note("take at", i, index, 0);
    const enum umsi_status got = gadget_take_at(&run.w.gadget[i], index, &got_index);
    if (got == UMSI_OK) {
        assert_int_equal(got_index, want_index);
    }
    settle(i, what, got, want);
}

static void call_drop_at(uint32_t i)
{
    const uint32_t index = below(VECTORS);
    const enum model_fail what = arm(false);
    note("drop at", i, index, 0);
    ref_drop_at(&run.next.device[i], index);
    gadget_drop_at(&run.w.gadget[i], index);
    settle(i, what, UMSI_OK, UMSI_OK);
}

static void call_drop(uint32_t i)
{
    const enum model_fail what = arm(false);
    note("drop", i, 0, 0);
    ref_drop(&run.next.device[i]);
    gadget_drop(&run.w.gadget[i]);
    settle(i, what, UMSI_OK, UMSI_OK);
}

static void call_reset(uint32_t i)
{
    struct ref_device *d = &run.now.device[i];
    if (gadgets[i].kind != GADGET_PCI) {
        return;
    }
    note("reset", i, 0, 0);
    for (uint32_t v = 0; v < VECTORS; v++) {
        d->v[v].pending[0] = d->v[v].pending[1] = false;
    }
    model_pci_reset(run.w.gadget[i].hw);
    assert_int_equal(umsi_pci_restore(&run.w.gadget[i].u.pci), UMSI_OK);
}

/* ---- calls about one vector ---- */

static void call_request(uint32_t i, uint32_t v)
{
    note("request", i, v, 0);
    assert_int_equal(gadget_request(&run.w.gadget[i], v), ref_request(&run.now.device[i], v));
}

static void call_release(uint32_t i, uint32_t v)
{
    note("release", i, v, 0);
    ref_release(&run.now.device[i], v);
    umsi_irq_free(run.w.u, gadget_virq(&run.w.gadget[i], v));
}

static void call_disable(uint32_t i, uint32_t v)
{
    note("disable", i, v, 0);
    ref_disable(&run.now.device[i], v);
    umsi_irq_disable(run.w.u, gadget_virq(&run.w.gadget[i], v));
}

static void call_enable(uint32_t i, uint32_t v)
{
    note("enable", i, v, 0);
    ref_enable(&run.now.device[i], v);
    umsi_irq_enable(run.w.u, gadget_virq(&run.w.gadget[i], v));
}

static void call_raise(uint32_t i, uint32_t v)
{
    struct ref_device *d = &run.now.device[i];
    if (ref_masks(d) && d->v[v].held) {
        return; /* remembered twice, by umsi and by the device: whether that is one or two is chance */
    }
    note("raise", i, v, 0);
    ref_raise(d, v);
    assert_true(gadget_raise(&run.w.gadget[i], v));
}

static void call_retrigger(uint32_t i, uint32_t v)
{
    struct ref_vector *r = &run.now.device[i].v[v];
    if (r->pending[0] || r->pending[1]) {
        return;
    }
    note("retrigger", i, v, 0);
    assert_int_equal(umsi_irq_retrigger(run.w.u, gadget_virq(&run.w.gadget[i], v)), UMSI_OK);
    if (r->requested && r->depth == 0) {
        r->hits++;
    } else {
        r->held = true;
    }
}

/* Half of the time something is under way while it moves (L35). */
static void call_move(uint32_t i, uint32_t v)
{
    const struct umsi_cpumask set = { { 1 + below((1u << NR_CPUS) - 1) } };
    if (one_in(2)) {
        call_raise(i, v);
    }
    run.next = run.now;
    const enum model_fail what = arm(false);
    const enum umsi_status want = ref_move(&run.next, &run.next.device[i], v, set.bits[0]);
    note("move", i, v, (uint32_t)set.bits[0]);
    const enum umsi_status got =
        umsi_irq_set_affinity(run.w.u, gadget_virq(&run.w.gadget[i], v), &set);
    world_run(&run.w);
    settle(i, what, got, want);
}

static void (*const about_vector[])(uint32_t i, uint32_t v) = {
    call_request,   call_request,   call_request, call_release, call_disable,
    call_enable,    call_enable,    call_raise,   call_raise,   call_raise,
    call_retrigger, call_retrigger, call_move,    call_move,
};

static void (*const about_device[])(uint32_t i) = {
    call_take,    call_take, call_take_at, call_take_at, call_take_at,
    call_drop_at, call_drop, call_detach,  call_reset,
};

/* ---- CPUs ---- */

static void call_cpu(void)
{
    umsi_cpu cpu = 0;
    while (cpu < NR_CPUS && (run.now.online >> cpu & 1)) {
        cpu++;
    }
    if (cpu == NR_CPUS) {
        return;
    }
    note("cpu", cpu, 0, 0);
    assert_int_equal(world_cpu_gic(&run.w, cpu), UMSI_OK);
    assert_int_equal(run.w.lpi == NULL ? UMSI_OK : world_cpu(&run.w, cpu), UMSI_OK);
    run.now.online |= 1u << cpu;
}

/* ---- comparing ---- */

static void compare_vector(uint32_t device, uint32_t index)
{
    struct gadget *g = &run.w.gadget[device];
    const struct ref_device *d = &run.now.device[device];
    const struct ref_vector *r = &d->v[index];
    const umsi_virq virq = d->attached ? gadget_virq(g, index) : UMSI_NO_VIRQ;
    struct umsi_irq_info info;
    assert_int_equal(g->vector[index].hits, r->hits);
    assert_int_equal(virq != UMSI_NO_VIRQ, ref_has(d, index));
    if (virq == UMSI_NO_VIRQ) {
        return;
    }
    assert_int_equal(umsi_irq_get_info(run.w.u, virq, &info), UMSI_OK);
    assert_int_equal(info.index, index); /* and so distinct virqs: L11 */
    assert_int_equal(info.cpu, r->cpu);
    assert_int_equal(info.name != NULL, r->requested);
    assert_int_equal(info.disable_depth, r->depth);
    assert_int_equal(info.masked, !r->requested || r->depth != 0);
    assert_int_equal(info.pending, r->held);
}

/* What an ITS holds back it may still have mapped. */
static void compare_its(const struct look *l)
{
    assert_int_equal(l->its[0].devices, ref_mapped(&run.now));
    if (l->its[0].quarantined == 0) {
        assert_int_equal(l->lpi.quarantined, 0);
        assert_int_equal(l->machine.events, ref_live(&run.now));
        assert_int_equal(l->machine.devices, ref_mapped(&run.now));
    }
}

static void compare_counts(void)
{
    struct look l;
    struct umsi_arena_counts c;
    world_look(&run.w, &l);
    assert_int_equal(l.umsi.live_irqs, ref_live(&run.now));
    assert_int_equal(l.umsi.unknown, 0);
    assert_int_equal(l.lpi.live, ref_live(&run.now));
    if (run.w.its[0] != NULL) {
        compare_its(&l);
    } else {
        assert_int_equal(l.lpi.quarantined, 0);
        assert_int_equal(l.machine.events, ref_live(&run.now));
    }
    assert_int_equal(l.machine.pending_lpis, 0);
    if (run.w.config.arena != 0) {
        umsi_arena_get_counts(&run.w.arena, &c);
        assert_int_equal(c.refused, 0);
    }
}

static void compare(void)
{
    world_run(&run.w);
    world_clean(&run.w, NULL);
    for (uint32_t i = 0; i < REF_DEVICES * VECTORS; i++) {
        compare_vector(i / VECTORS, i % VECTORS);
    }
    compare_counts();
}

/* ---- a run ---- */

static void step(void)
{
    const uint32_t i = below(REF_DEVICES);
    run.line[run.step % LINES][0] = '\0';
    const struct ref_device *d = &run.now.device[i];
    run.next = run.now;
    if (one_in(150)) {
        call_cpu();
    } else if (!d->attached) {
        call_attach(i);
    } else if (one_in(4)) {
        about_device[below(sizeof(about_device) / sizeof(about_device[0]))](i);
    } else {
        uint32_t v = below(VECTORS), tries = VECTORS;
        while (tries-- > 0 && !ref_has(d, v)) {
            v = (v + 1) % VECTORS;
        }
        if (ref_has(d, v)) {
            about_vector[below(sizeof(about_vector) / sizeof(about_vector[0]))](i, v);
        }
    }
}

static void run_seed(uint64_t seed)
{
    memset(&run, 0, sizeof(run));
    run.seed = seed;
    run.state = seed * 0x9e3779b97f4a7c15ull + 1;
    run.under_way = true;
    make_world();
    for (run.step = 0; run.step < STEPS; run.step++) {
        step();
        compare();
    }
    world_stop(&run.w);
    run.under_way = false;
}

/* After a failure: how to see it again. */
static int tell(void **state)
{
    (void)state;
    if (!run.under_way) {
        return 0;
    }
    for (uint32_t i = LINES; i-- > 0;) {
        if (i <= run.step) {
            print_message("  %s\n", run.line[(run.step - i) % LINES]);
        }
    }
    print_message("  seed %llu, step %u; again: dev/test random --seconds 1 --seed %llu\n",
                  (unsigned long long)run.seed, run.step, (unsigned long long)run.seed);
    return 0;
}

#define SEEDS 6u /* of each machine */

static void fixed(void **state)
{
    const uint64_t machine = (uint64_t)(uintptr_t)*state;
    uint32_t struck_at = 0, refused = 0;
    for (uint64_t i = 1; i <= SEEDS; i++) {
        run_seed(i * MACHINES + machine);
        struck_at += run.struck;
        refused += run.refused;
    }
    print_message("  %u seeds, %u calls each, %u failures, %u commands refused\n", SEEDS, STEPS,
                  struck_at, refused);
}

static uint64_t first_seed = 1;
static double seconds;

static void test_for_long(void **state)
{
    const time_t start = time(NULL);
    uint64_t seed = first_seed;
    (void)state;
    do {
        run_seed(seed++);
    } while (difftime(time(NULL), start) < seconds);
    print_message("  seeds %llu to %llu\n", (unsigned long long)first_seed,
                  (unsigned long long)seed - 1);
}

/* One machine; NULL: each. */
static int run_fixed(const char *machine)
{
    struct CMUnitTest tests[MACHINES];
    size_t n = 0;
    for (uintptr_t i = 0; i < MACHINES; i++) {
        if (machine == NULL || strcmp(machine, machines[i].name) == 0) {
            tests[n++] = (struct CMUnitTest){ machines[i].name, fixed, NULL, tell, (void *)i };
        }
    }
    return n == 0 ? 1 : _cmocka_run_group_tests("random", tests, n, NULL, NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest long_one[] = { cmocka_unit_test_teardown(test_for_long, tell) };
    const char *machine = NULL;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seconds") == 0) {
            seconds = strtod(argv[i + 1], NULL);
        } else if (strcmp(argv[i], "--seed") == 0) {
            first_seed = strtoull(argv[i + 1], NULL, 0);
        } else if (strcmp(argv[i], "--machine") == 0) {
            machine = argv[i + 1];
        }
    }
    return argc == 1 || machine != NULL
               ? run_fixed(machine)
               : cmocka_run_group_tests_name("random", long_one, NULL, NULL);
}
