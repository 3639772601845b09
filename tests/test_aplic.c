/* SPDX-License-Identifier: MIT */
/* The APLIC as a bridge to the harts' files, and delivering by itself, on the strict model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <umsi/power.h>

#include "chip/aplic/aplic_enc.h"
#include "imsic_rig.h"

/* A device on a wire: it asks until its handler has run `stay` times. */
struct line {
    struct irig *r;
    uint32_t source, hits, stay;
    bool low; /* it asks by pulling the wire down */
    umsi_cpu cpu;
};

static void ask(struct line *l, bool asks)
{
    model_aplic_wire(l->r->m, l->source, asks != l->low);
}

static void on_line(void *arg)
{
    struct line *l = arg;
    l->hits++;
    l->cpu = model_port(l->r->m)->cpu_self(l->r->m);
    if (l->hits >= l->stay) {
        ask(l, false);
    }
}

static umsi_virq map(struct line *l, struct irig *r, uint32_t source, enum umsi_trigger trigger)
{
    umsi_virq virq = UMSI_NO_VIRQ;
    *l = (struct line){ r, source, 0, 1, false, UMSI_NO_CPU };
    l->low = trigger == UMSI_LEVEL_LOW || trigger == UMSI_EDGE_FALLING;
    ask(l, false);
    assert_int_equal(umsi_aplic_map(r->aplic, source, trigger, &virq), UMSI_OK);
    assert_int_equal(umsi_irq_request(r->u, virq, on_line, l, "line"), UMSI_OK);
    irig_run(r);
    return virq;
}

static void start(struct irig *r, const struct model_aplic_config *aplic, bool direct)
{
    const struct irig_config c = { .aplic = *aplic, .has_aplic = true, .direct = direct };
    irig_start(r, &c);
}

/* ---- encoders, by hand from 4.5 ---- */

static void test_golden(void **state)
{
    (void)state;
    assert_int_equal(umsi_aplic_sourcecfg(1), 0x0004);
    assert_int_equal(umsi_aplic_sourcecfg(1023), 0x0ffc);
    assert_int_equal(umsi_aplic_target(1), 0x3004);
    assert_int_equal(umsi_aplic_target(1023), 0x3ffc);
    assert_int_equal(umsi_aplic_word(APLIC_in_clrip, 31), 0x1d00);
    assert_int_equal(umsi_aplic_word(APLIC_setie, 1023), 0x1e7c);
    assert_int_equal(umsi_aplic_idc(0, IDC_claimi), 0x401c);
    assert_int_equal(umsi_aplic_idc(2, IDC_ithreshold), 0x4048);
    assert_int_equal(umsi_aplic_to_file(3, 0x7ff), 0x000c07ff);
    assert_int_equal(umsi_aplic_to_file(0x3fff, 1), 0xfffc0001);
    assert_int_equal(umsi_aplic_to_hart(1, 1), 0x00040001);
    assert_int_equal(umsi_aplic_mode(UMSI_EDGE_RISING), 4);
    assert_int_equal(umsi_aplic_mode(UMSI_EDGE_FALLING), 5);
    assert_int_equal(umsi_aplic_mode(UMSI_LEVEL_HIGH), 6);
    assert_int_equal(umsi_aplic_mode(UMSI_LEVEL_LOW), 7);
    assert_int_equal(umsi_aplic_mode((enum umsi_trigger)3), 0);
}

/* ---- both modes ---- */

static void each_trigger(bool direct)
{
    static const enum umsi_trigger triggers[] = { UMSI_EDGE_RISING, UMSI_EDGE_FALLING,
                                                  UMSI_LEVEL_HIGH, UMSI_LEVEL_LOW };
    const struct model_aplic_config shapes[] = {
        { .nr_sources = 96 },
        { .nr_sources = 1023, .pends_at_mode = true },
        { .nr_sources = 40, .found_on = true },
        { .nr_sources = 96, .sets_low = true },
    };
    struct line l[4];
    struct irig r;
    for (uint32_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++) {
        start(&r, &shapes[s], direct);
        for (uint32_t i = 0; i < 4; i++) {
            (void)map(&l[i], &r, 10 * i + 1, triggers[i]);
        }
        for (uint32_t round = 1; round <= 3; round++) {
            for (uint32_t i = 0; i < 4; i++) {
                l[i].stay = round;
                ask(&l[i], true);
                irig_run(&r);
                ask(&l[i], false);
                irig_run(&r);
                assert_int_equal(l[i].hits, round);
            }
        }
        for (uint32_t i = 0; i < 4; i++) {
            umsi_aplic_unmap(r.aplic, 10 * i + 1);
            assert_int_equal(umsi_aplic_virq(r.aplic, 10 * i + 1), UMSI_NO_VIRQ);
        }
        irig_stop(&r);
    }
}

static void test_triggers(void **state)
{
    (void)state;
    each_trigger(false);
    each_trigger(true);
}

/* A level that still stands after its handler is looked at again (4.9.2), until it falls. */
static void stands(bool direct, bool sets_low, enum umsi_trigger trigger)
{
    const struct model_aplic_config shape = { .sets_low = sets_low };
    struct line l;
    struct irig r;
    start(&r, &shape, direct);
    (void)map(&l, &r, 33, trigger);
    l.stay = 5;
    ask(&l, true);
    irig_run(&r);
    assert_int_equal(l.hits, 5);
    irig_run(&r);
    assert_int_equal(l.hits, 5);
    irig_stop(&r);
}

static void test_level_stands(void **state)
{
    (void)state;
    for (int direct = 0; direct < 2; direct++) {
        stands(direct, false, UMSI_LEVEL_HIGH);
        stands(direct, false, UMSI_LEVEL_LOW);
    }
    stands(false, true, UMSI_LEVEL_HIGH); /* and QEMU's fault does not make it ring for ever */
}

/* Masked, a level waits and an edge is remembered: at the enable both run (L60). */
static void masked(bool direct, enum umsi_trigger trigger)
{
    const struct model_aplic_config shape = { 0 };
    struct line l;
    struct irig r;
    start(&r, &shape, direct);
    umsi_virq virq = map(&l, &r, 7, trigger);
    umsi_irq_disable(r.u, virq);
    ask(&l, true);
    irig_run(&r);
    assert_int_equal(l.hits, 0);
    umsi_irq_enable(r.u, virq);
    irig_run(&r);
    assert_int_equal(l.hits, 1);
    ask(&l, true);
    irig_run(&r);
    ask(&l, false);
    umsi_irq_disable(r.u, virq);
    umsi_irq_enable(r.u, virq);
    irig_run(&r);
    assert_int_equal(l.hits, 2);
    irig_stop(&r);
}

static void test_masked(void **state)
{
    (void)state;
    for (int direct = 0; direct < 2; direct++) {
        masked(direct, UMSI_LEVEL_HIGH);
        masked(direct, UMSI_EDGE_RISING);
    }
}

/* A line that stands before it is mapped is seen. */
static void test_stood_before(void **state)
{
    const struct model_aplic_config shape = { 0 };
    struct line l = { .source = 9, .stay = 1 };
    umsi_virq virq = UMSI_NO_VIRQ;
    struct irig r;
    (void)state;
    for (int direct = 0; direct < 2; direct++) {
        start(&r, &shape, direct);
        l = (struct line){ &r, 9, 0, 1, false, UMSI_NO_CPU };
        ask(&l, true);
        assert_int_equal(umsi_aplic_map(r.aplic, 9, UMSI_LEVEL_HIGH, &virq), UMSI_OK);
        assert_int_equal(umsi_irq_request(r.u, virq, on_line, &l, "line"), UMSI_OK);
        irig_run(&r);
        assert_int_equal(l.hits, 1);
        irig_stop(&r);
    }
}

/* ---- moves ---- */

static struct line moving;

static void raise_line(struct irig *r)
{
    (void)r;
    ask(&moving, true);
}

/* A line that asks at any step of its move is heard (L35). A level may be asked twice: once for what was sent, and once
 * more because it is looked at when the move is over; its device says then that there is nothing. */
static bool move_once(bool direct, enum umsi_trigger trigger, uint32_t n, uint64_t message_ns)
{
    struct irig_config c = { .has_aplic = true, .direct = direct };
    struct umsi_cpumask one = { { 1 } };
    struct irig r;
    c.imsic.message_ns = message_ns;
    irig_start(&r, &c);
    umsi_virq virq = map(&moving, &r, 5, trigger);
    assert_int_equal(umsi_irq_set_affinity(r.u, virq, &one), UMSI_OK);
    irig_run(&r);
    r.trigger = raise_line;
    r.trigger_at = r.accesses + n;
    assert_int_equal(irig_move(&r, virq, 1), UMSI_OK);
    irig_run(&r);
    bool hit = r.accesses >= r.trigger_at;
    r.trigger_at = 0;
    irig_run(&r);
    bool level = trigger == UMSI_LEVEL_HIGH;
    assert_in_range(moving.hits, hit, hit ? level ? 2 : 1 : 0);
    uint32_t before = moving.hits;
    ask(&moving, false);
    ask(&moving, true);
    irig_run(&r);
    assert_int_equal(moving.hits, before + 1);
    assert_int_equal(moving.cpu, 1);
    irig_stop(&r);
    return hit;
}

static void every_step(bool direct, enum umsi_trigger trigger, uint64_t message_ns)
{
    uint32_t n = 1;
    while (move_once(direct, trigger, n, message_ns)) {
        n++;
    }
    assert_in_range(n, 2, 500);
}

static void test_moves(void **state)
{
    (void)state;
    every_step(false, UMSI_LEVEL_HIGH, 0);
    every_step(false, UMSI_EDGE_RISING, 0);
    every_step(false, UMSI_LEVEL_HIGH, 300);
    every_step(true, UMSI_LEVEL_HIGH, 0);
    every_step(true, UMSI_EDGE_RISING, 0);
}

/* ---- what is refused ---- */

static void test_map_errors(void **state)
{
    const struct model_aplic_config shape = { .nr_sources = 64, .kept = 4, .no_edges = true };
    umsi_virq virq;
    struct irig r;
    (void)state;
    for (int direct = 0; direct < 2; direct++) {
        start(&r, &shape, direct);
        assert_int_equal(umsi_aplic_map(r.aplic, 0, UMSI_LEVEL_HIGH, &virq), UMSI_RANGE);
        assert_int_equal(umsi_aplic_map(r.aplic, 65, UMSI_LEVEL_HIGH, &virq), UMSI_RANGE);
        assert_int_equal(umsi_aplic_map(r.aplic, 61, UMSI_LEVEL_HIGH, &virq), UMSI_UNSUPPORTED);
        assert_int_equal(umsi_aplic_map(r.aplic, 1, UMSI_EDGE_RISING, &virq), UMSI_UNSUPPORTED);
        assert_int_equal(umsi_aplic_map(r.aplic, 1, (enum umsi_trigger)3, &virq), UMSI_INVALID);
        assert_int_equal(umsi_aplic_map(r.aplic, 1, UMSI_LEVEL_HIGH, &virq), UMSI_OK);
        assert_int_equal(umsi_aplic_virq(r.aplic, 1), virq);
        assert_int_equal(umsi_aplic_map(r.aplic, 1, UMSI_LEVEL_HIGH, &virq), UMSI_EXISTS);
        if (direct) {
            assert_int_equal(umsi_aplic_destroy(r.aplic), UMSI_BUSY);
        }
        umsi_aplic_unmap(r.aplic, 1);
        umsi_aplic_unmap(r.aplic, 1);
        irig_stop(&r);
    }
}

static void test_create_errors(void **state)
{
    const struct irig_config no_direct = { .direct = true, .aplic = { .no_direct = true } };
    const struct irig_config big = { .direct = true, .aplic = { .big_endian = true } };
    struct umsi_aplic *aplic;
    struct umsi_aplic_config c = { 0 };
    struct irig r;
    (void)state;
    assert_int_equal(irig_try(&r, &big), UMSI_UNSUPPORTED);
    const struct irig_config good = { .direct = true };
    irig_start(&r, &good);
    assert_int_equal(umsi_aplic_create(r.u, NULL, &aplic), UMSI_INVALID);
    assert_int_equal(umsi_aplic_create(r.u, &c, &aplic), UMSI_INVALID);
    c.base = model_aplic_base(r.m);
    c.nr_sources = 1024;
    assert_int_equal(umsi_aplic_create(r.u, &c, &aplic), UMSI_INVALID);
    c.nr_sources = 96;
    assert_int_equal(umsi_aplic_create(r.u, &c, &aplic), UMSI_INVALID); /* no parent, no harts */
    assert_int_equal(umsi_aplic_cpu_online(r.aplic, 0), UMSI_EXISTS);
    assert_int_equal(umsi_aplic_cpu_online(r.aplic, 1), UMSI_INVALID);
    assert_int_equal(umsi_aplic_cpu_online(r.aplic, 2), UMSI_RANGE);
    irig_stop(&r);
    assert_int_equal(irig_try(&r, &no_direct), UMSI_UNSUPPORTED);
}

/* Harts with files need nothing of it; and one that cannot send messages is no bridge. */
static void test_no_messages(void **state)
{
    const struct irig_config c = { .has_aplic = true, .aplic = { .no_messages = true } };
    const struct irig_config good = { .has_aplic = true };
    struct irig r;
    (void)state;
    assert_int_equal(irig_try(&r, &c), UMSI_UNSUPPORTED);
    irig_start(&r, &good);
    assert_int_equal(umsi_aplic_cpu_online(r.aplic, 0), UMSI_UNSUPPORTED);
    umsi_aplic_cpu_offline(r.aplic); /* harmless */
    irig_stop(&r);
}

/* No memory, at each place: as if never created (L8). */
static void test_no_memory(void **state)
{
    struct irig r;
    (void)state;
    for (int direct = 0; direct < 2; direct++) {
        const struct irig_config plain = { .direct = direct, .has_aplic = true };
        irig_start(&r, &plain);
        for (uint64_t n = 1;; n++) {
            umsi_virq virq;
            model_fail_at(r.m, MODEL_FAIL_ALLOC, n);
            enum umsi_status st = umsi_aplic_map(r.aplic, 3, UMSI_LEVEL_HIGH, &virq);
            bool failed = model_failed(r.m, MODEL_FAIL_ALLOC);
            model_fail_at(r.m, MODEL_FAIL_ALLOC, 0);
            irig_run(&r);
            irig_settled(&r);
            if (!failed) {
                assert_int_equal(st, UMSI_OK);
                break;
            }
            assert_int_equal(st, UMSI_NOMEM);
            assert_int_equal(umsi_aplic_virq(r.aplic, 3), UMSI_NO_VIRQ);
        }
        umsi_aplic_unmap(r.aplic, 3);
        irig_stop(&r);
    }
}

/* ---- one prepare, sleep, spurious ---- */

/* Lines one by one, in any order, from one domain that was made at create (L1, L4). */
static void test_one_prepare(void **state)
{
    const struct model_aplic_config shape = { .nr_sources = 200 };
    static const uint32_t order[] = { 200, 1, 64, 63, 65, 128 };
    struct umsi_counts before, after;
    struct line l[6];
    struct irig r;
    (void)state;
    start(&r, &shape, false);
    umsi_get_counts(r.u, &before);
    for (uint32_t i = 0; i < 6; i++) {
        (void)map(&l[i], &r, order[i], UMSI_LEVEL_HIGH);
        for (uint32_t k = 0; k <= i; k++) {
            uint32_t hits = l[k].hits;
            l[k].stay = hits + 1;
            ask(&l[k], true);
            irig_run(&r);
            assert_int_equal(l[k].hits, hits + 1);
        }
    }
    umsi_get_counts(r.u, &after);
    assert_int_equal(after.domains, before.domains);
    assert_int_equal(after.live_irqs, before.live_irqs + 6);
    irig_stop(&r);
}

/* Registers are gone, or kept; triggers, targets and masks are there again (L47, L51). */
static void test_sleep(void **state)
{
    struct irig r;
    (void)state;
    for (int i = 0; i < 4; i++) {
        const struct irig_config c = { .direct = i / 2,
                                       .has_aplic = true,
                                       .model = { .nr_cpus = 1 } };
        struct line level, edge, off;
        irig_start(&r, &c);
        (void)map(&level, &r, 4, UMSI_LEVEL_LOW);
        (void)map(&edge, &r, 36, UMSI_EDGE_RISING);
        umsi_irq_disable(r.u, map(&off, &r, 68, UMSI_LEVEL_HIGH));
        model_mask_cpu(r.m, 0, true);
        assert_int_equal(umsi_suspend(r.u), UMSI_OK);
        if (i % 2 != 0) {
            model_aplic_power_off(r.m);
            if (r.imsic != NULL) {
                model_imsic_power_off(r.m, 0);
            }
        }
        ask(&off, true);
        assert_int_equal(umsi_resume(r.u), UMSI_OK);
        assert_int_equal(umsi_aplic_restore(r.aplic), UMSI_OK);
        model_mask_cpu(r.m, 0, false);
        ask(&level, true);
        ask(&edge, true);
        irig_run(&r);
        assert_int_equal(level.hits, 1);
        assert_int_equal(edge.hits, 1);
        assert_int_equal(off.hits, 0);
        irig_stop(&r);
    }
}

/* A line that falls before its hart looks: the claim is empty (4.8.2). */
static void test_spurious(void **state)
{
    const struct model_aplic_config shape = { 0 };
    struct line l;
    struct irig r;
    (void)state;
    start(&r, &shape, true);
    (void)map(&l, &r, 3, UMSI_LEVEL_HIGH);
    ask(&l, true);
    ask(&l, false);
    model_mask_cpu(r.m, 0, true);
    assert_int_equal(umsi_handle_interrupts(r.u), 0);
    model_mask_cpu(r.m, 0, false);
    assert_int_equal(l.hits, 0);
    irig_stop(&r);
}

/* A level of either mode can be a wire that PCI functions share; an edge cannot. */
static void test_intx_wire(void **state)
{
    const struct model_aplic_config shape = { 0 };
    struct umsi_pci_intx wire;
    struct umsi_irq_info info;
    umsi_virq virq = UMSI_NO_VIRQ;
    struct irig r;
    (void)state;
    for (int direct = 0; direct < 2; direct++) {
        start(&r, &shape, direct);
        assert_int_equal(umsi_aplic_map(r.aplic, 32, UMSI_LEVEL_HIGH, &virq), UMSI_OK);
        assert_int_equal(umsi_irq_get_info(r.u, virq, &info), UMSI_OK);
        assert_true(info.level);
        assert_int_equal(umsi_pci_intx_add(r.u, virq, "INTx", &wire), UMSI_OK);
        assert_int_equal(umsi_pci_intx_remove(&wire), UMSI_OK);
        assert_int_equal(umsi_aplic_map(r.aplic, 33, UMSI_EDGE_RISING, &virq), UMSI_OK);
        assert_int_equal(umsi_pci_intx_add(r.u, virq, "INTx", &wire), UMSI_UNSUPPORTED);
        irig_stop(&r);
    }
}

static void no_line(void *arg, const char *line)
{
    (void)arg;
    assert_non_null(line);
}

static void test_looking(void **state)
{
    const struct model_aplic_config shape = { 0 };
    const char *why = NULL;
    struct line l;
    struct irig r;
    (void)state;
    for (int direct = 0; direct < 2; direct++) {
        start(&r, &shape, direct);
        umsi_virq virq = map(&l, &r, 3, UMSI_EDGE_RISING);
        assert_int_equal(umsi_irq_retrigger(r.u, virq), UMSI_OK);
        irig_run(&r);
        assert_int_equal(l.hits, 1);
        assert_int_equal(umsi_explain(r.u, virq, no_line, NULL, &why), UMSI_OK);
        umsi_irq_disable(r.u, virq);
        assert_int_equal(umsi_explain(r.u, virq, no_line, NULL, &why), UMSI_STATE);
        irig_stop(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),       cmocka_unit_test(test_triggers),
        cmocka_unit_test(test_level_stands), cmocka_unit_test(test_masked),
        cmocka_unit_test(test_stood_before), cmocka_unit_test(test_moves),
        cmocka_unit_test(test_map_errors),   cmocka_unit_test(test_create_errors),
        cmocka_unit_test(test_no_messages),  cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_one_prepare),  cmocka_unit_test(test_sleep),
        cmocka_unit_test(test_spurious),     cmocka_unit_test(test_intx_wire),
        cmocka_unit_test(test_looking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
