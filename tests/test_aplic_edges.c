/* SPDX-License-Identifier: MIT */
/* What an APLIC may be found as, what it may refuse, and what is left of it: seen in its registers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/power.h>

#include "chip/aplic/aplic_enc.h"
#include "imsic_rig.h"

static struct irig r;
static uint32_t hits;
static umsi_cpu hit_on;

static void on_line(void *source)
{
    hits++;
    hit_on = model_port(r.m)->cpu_self(r.m);
    if (source != NULL) {
        model_aplic_wire(r.m, *(const uint32_t *)source, false);
    }
}

static volatile void *reg(uint32_t offset)
{
    return (volatile char *)model_aplic_base(r.m) + offset;
}

static uint32_t look(uint32_t offset)
{
    return model_port(r.m)->mmio_read32(r.m, reg(offset));
}

static void poke(uint32_t offset, uint32_t value)
{
    model_port(r.m)->mmio_write32(r.m, reg(offset), value);
}

static uint32_t idc(umsi_cpu cpu, uint32_t offset)
{
    return look(umsi_aplic_idc(model_aplic_hart(r.m, cpu), offset));
}

static void start(const struct irig_config *c)
{
    hits = 0;
    hit_on = UMSI_NO_CPU;
    irig_start(&r, c);
}

static umsi_virq map(uint32_t source, enum umsi_trigger trigger, void *level)
{
    umsi_virq virq = UMSI_NO_VIRQ;
    assert_int_equal(umsi_aplic_map(r.aplic, source, trigger, &virq), UMSI_OK);
    assert_int_equal(umsi_irq_request(r.u, virq, on_line, level, "line"), UMSI_OK);
    irig_run(&r);
    return virq;
}

/* ---- found ---- */

/* The other byte order is turned round where it can be. */
static void test_byte_order(void **state)
{
    (void)state;
    for (int direct = 0; direct < 2; direct++) {
        const struct irig_config c = { .direct = direct,
                                       .has_aplic = true,
                                       .aplic = { .found_big = true } };
        start(&c);
        (void)map(5, UMSI_EDGE_RISING, NULL);
        model_aplic_wire(r.m, 5, true);
        irig_run(&r);
        assert_int_equal(hits, 1);
        irig_stop(&r);
    }
    const struct irig_config stays = { .has_aplic = true, .aplic = { .big_endian = true } };
    assert_int_equal(irig_try(&r, &stays), UMSI_UNSUPPORTED);
}

/* Nothing is delivered to a hart before it is online, and then nothing that was left there. */
static void test_found_on(void **state)
{
    const struct irig_config c = { .direct = true, .offline = 3, .aplic = { .found_on = true } };
    (void)state;
    start(&c);
    for (umsi_cpu cpu = 0; cpu < 2; cpu++) {
        assert_int_equal(idc(cpu, IDC_idelivery), 0);
    }
    for (uint32_t source = 1; source <= 96; source++) {
        assert_int_equal(look(umsi_aplic_sourcecfg(source)), APLIC_SM_Inactive);
    }
    assert_int_equal(irig_cpu_online(&r, 1), UMSI_OK);
    assert_int_equal(idc(1, IDC_idelivery), 1);
    assert_int_equal(idc(1, IDC_iforce), 0);
    assert_int_equal(idc(1, IDC_ithreshold), 0);
    irig_stop(&r);
}

/* An edge from before a source was mapped is nobody's. */
static void test_edge_before(void **state)
{
    (void)state;
    for (int direct = 0; direct < 2; direct++) {
        const struct irig_config c = { .direct = direct,
                                       .has_aplic = true,
                                       .aplic = { .pends_at_mode = true } };
        start(&c);
        model_aplic_wire(r.m, 5, true);
        (void)map(5, UMSI_EDGE_RISING, NULL);
        assert_int_equal(hits, 0);
        model_aplic_wire(r.m, 5, false);
        model_aplic_wire(r.m, 5, true);
        irig_run(&r);
        assert_int_equal(hits, 1);
        irig_stop(&r);
    }
}

/* ---- refused ---- */

/* A source that takes another mode than it was told is inactive after that. */
static void test_other_mode(void **state)
{
    const struct irig_config c = { .direct = true };
    umsi_virq virq = 77;
    (void)state;
    start(&c);
    r.lie_at = reg(umsi_aplic_sourcecfg(8));
    r.lie = APLIC_SM_Edge1;
    assert_int_equal(umsi_aplic_map(r.aplic, 8, UMSI_LEVEL_HIGH, &virq), UMSI_UNSUPPORTED);
    r.lie_at = NULL;
    assert_int_equal(virq, 77);
    assert_int_equal(look(umsi_aplic_sourcecfg(8)), APLIC_SM_Inactive);
    assert_int_equal(umsi_aplic_map(r.aplic, 8, UMSI_LEVEL_HIGH, &virq), UMSI_OK); /* L8 */
    irig_stop(&r);
}

/* Harts it does not reach: no register of theirs is touched, nothing is sent there, nothing claimed. With as many
 * sources as there can be, something is where a register of a hart that is none would be. */
static void test_no_idc(void **state)
{
    const struct irig_config c = {
        .direct = true, .offline = 2, .no_idc = 2, .aplic = { .nr_sources = 1023 }
    };
    (void)state;
    start(&c);
    umsi_virq virq = map(3, UMSI_EDGE_RISING, NULL);
    (void)map(1023, UMSI_EDGE_RISING, NULL);
    assert_int_equal(irig_cpu_online(&r, 1), UMSI_NOTFOUND);
    assert_int_not_equal(irig_move(&r, virq, 1), UMSI_OK);
    model_set_cpu(r.m, 1);
    model_mask_cpu(r.m, 1, true);
    assert_int_equal(umsi_handle_interrupts(r.u), 0);
    model_mask_cpu(r.m, 1, false);
    model_set_cpu(r.m, 0);
    model_aplic_wire(r.m, 3, true);
    irig_run(&r);
    assert_int_equal(hits, 1);
    irig_stop(&r);
}

/* There is a receiver already: nothing is left of it, and its domain is off (L8, L56). */
static void test_second_root(void **state)
{
    struct irig_config c = { .has_aplic = true };
    (void)state;
    start(&c);
    assert_int_equal(umsi_aplic_destroy(r.aplic), UMSI_OK);
    r.aplic = NULL;
    c.direct = true;
    assert_int_equal(irig_aplic(&r, &c), UMSI_EXISTS);
    assert_int_equal(look(APLIC_domaincfg) & APLIC_domaincfg_IE, 0);
    irig_stop(&r);
}

/* No memory at each place of a create whose tables are whole pages (L8). */
static void test_no_memory(void **state)
{
    (void)state;
    for (int direct = 0; direct < 2; direct++) {
        const struct irig_config c = { .direct = direct,
                                       .has_aplic = true,
                                       .offline = direct ? 3 : 0,
                                       .aplic = { .nr_sources = 1023 } };
        enum umsi_status st = UMSI_NOMEM;
        start(&c);
        for (uint64_t n = 1; st != UMSI_OK; n++) {
            struct model_counts before, after;
            if (r.aplic != NULL) {
                assert_int_equal(umsi_aplic_destroy(r.aplic), UMSI_OK);
                r.aplic = NULL;
            }
            model_get_counts(r.m, &before);
            model_fail_at(r.m, MODEL_FAIL_ALLOC, n);
            st = irig_aplic(&r, &c);
            model_fail_at(r.m, MODEL_FAIL_ALLOC, 0);
            model_get_counts(r.m, &after);
            assert_true(st == UMSI_OK || st == UMSI_NOMEM);
            assert_true(st == UMSI_OK || after.alloc_bytes == before.alloc_bytes);
            assert_true(n < 10);
        }
        irig_stop(&r);
    }
}

/* A hart whose file is not where the APLIC is told: the source stays silent, and the log says so (L48). */
static void test_no_such_file(void **state)
{
    struct irig_config c = { .has_aplic = true };
    struct umsi_aplic_config foreign = { .nr_sources = 96 };
    (void)state;
    start(&c);
    assert_int_equal(umsi_aplic_destroy(r.aplic), UMSI_OK);
    foreign.base = model_aplic_base(r.m);
    foreign.parent = umsi_imsic_parent(r.imsic);
    foreign.layout.base = 0x1000;
    assert_int_equal(umsi_aplic_create(r.u, &foreign, &r.aplic), UMSI_OK);
    (void)map(5, UMSI_EDGE_RISING, NULL);
    assert_true(model_log_has(r.m, "no hart's file is at"));
    model_aplic_wire(r.m, 5, true);
    irig_run(&r);
    assert_int_equal(hits, 0);
    irig_stop(&r);
}

/* ---- coming and going ---- */

/* A source that was unmapped is inactive, and another may have it. */
static void test_map_again(void **state)
{
    const struct irig_config c = { .direct = true };
    (void)state;
    start(&c);
    for (uint32_t i = 1; i < 4; i++) {
        (void)map(7, i % 2 != 0 ? UMSI_EDGE_RISING : UMSI_EDGE_FALLING, NULL);
        model_aplic_wire(r.m, 7, i % 2 != 0);
        irig_run(&r);
        assert_int_equal(hits, i);
        umsi_aplic_unmap(r.aplic, 7);
        assert_int_equal(look(umsi_aplic_sourcecfg(7)), APLIC_SM_Inactive);
    }
    irig_stop(&r);
}

/* Mapped while no hart is online: it goes to the CPU that asked, when that has come. */
static void test_before_harts(void **state)
{
    const struct irig_config c = { .direct = true, .offline = 3 };
    umsi_virq virq;
    (void)state;
    start(&c);
    virq = map(5, UMSI_EDGE_RISING, NULL);
    assert_int_equal(umsi_irq_get_cpu(r.u, virq), 0);
    model_aplic_wire(r.m, 5, true);
    irig_run(&r);
    assert_int_equal(hits, 0);
    assert_int_equal(irig_cpu_online(&r, 0), UMSI_OK);
    irig_run(&r);
    assert_int_equal(hits, 1);
    assert_int_equal(hit_on, 0);
    irig_stop(&r);
}

/* Offline: deaf, and no target. */
static void test_offline(void **state)
{
    const struct irig_config c = { .direct = true };
    (void)state;
    start(&c);
    umsi_virq virq = map(5, UMSI_EDGE_RISING, NULL);
    irig_cpu_offline(&r, 1);
    assert_int_equal(idc(1, IDC_idelivery), 0);
    assert_int_not_equal(irig_move(&r, virq, 1), UMSI_OK);
    assert_int_equal(irig_cpu_online(&r, 1), UMSI_OK);
    assert_int_equal(irig_move(&r, virq, 1), UMSI_OK);
    model_aplic_wire(r.m, 5, true);
    irig_run(&r);
    assert_int_equal(hit_on, 1);
    irig_stop(&r);
}

/* Destroyed with harts online: they are deaf, and the next one brings them up anew. */
static void test_destroyed_online(void **state)
{
    const struct irig_config c = { .direct = true };
    (void)state;
    start(&c);
    assert_int_equal(umsi_aplic_destroy(r.aplic), UMSI_OK);
    r.aplic = NULL;
    poke(APLIC_domaincfg, APLIC_domaincfg_MAGIC); /* direct mode, to look */
    for (umsi_cpu cpu = 0; cpu < 2; cpu++) {
        assert_int_equal(idc(cpu, IDC_idelivery), 0);
    }
    assert_int_equal(irig_aplic(&r, &c), UMSI_OK);
    assert_int_equal(irig_cpu_online(&r, 0), UMSI_OK);
    assert_int_equal(irig_move(&r, map(5, UMSI_EDGE_RISING, NULL), 1), UMSI_INVALID);
    assert_int_equal(irig_cpu_online(&r, 1), UMSI_OK);
    irig_stop(&r);
}

/* ---- raised by command, and by nobody ---- */

/* No register makes a level pending in direct delivery mode: that is said, and it comes when its line stands. */
static void test_raise_level(void **state)
{
    const struct irig_config c = { .direct = true };
    uint32_t source = 5;
    (void)state;
    start(&c);
    umsi_virq virq = map(5, UMSI_LEVEL_HIGH, &source);
    assert_int_equal(umsi_irq_retrigger(r.u, virq), UMSI_UNSUPPORTED);
    irig_run(&r);
    assert_int_equal(hits, 0);
    model_aplic_wire(r.m, 5, true);
    irig_run(&r);
    assert_int_equal(hits, 1);
    irig_stop(&r);
}

/* A source that nobody mapped and somebody enabled: it is cut off when it storms (L60). */
static void test_storm(void **state)
{
    const struct irig_config c = { .direct = true };
    struct umsi_counts counts;
    (void)state;
    start(&c);
    (void)map(5, UMSI_EDGE_RISING, NULL);
    poke(umsi_aplic_sourcecfg(50), APLIC_SM_Edge1);
    poke(umsi_aplic_target(50), umsi_aplic_to_hart(model_aplic_hart(r.m, 0), 1));
    poke(APLIC_setienum, 50);
    for (uint32_t i = 0; i < 1024 && model_aplic_enabled(r.m, 50); i++) {
        model_aplic_wire(r.m, 50, true);
        irig_run(&r);
        model_aplic_wire(r.m, 50, false);
    }
    umsi_get_counts(r.u, &counts);
    assert_in_range(counts.unknown, 2, 1000);
    assert_false(model_aplic_enabled(r.m, 50));
    model_aplic_wire(r.m, 5, true);
    irig_run(&r);
    assert_int_equal(hits, 1);
    irig_stop(&r);
}

/* ---- sleep ---- */

/* What was pending when the machine went to sleep, and is an edge, comes after it; nothing comes meanwhile (L35). */
static void test_sleep_pending(void **state)
{
    const struct irig_config c = { .direct = true, .model = { .nr_cpus = 1 } };
    (void)state;
    for (int lost = 0; lost < 2; lost++) {
        start(&c);
        (void)map(4, UMSI_EDGE_RISING, NULL);
        (void)map(40, UMSI_EDGE_RISING, NULL);
        model_mask_cpu(r.m, 0, true);
        model_aplic_wire(r.m, 40, true);
        assert_int_equal(umsi_suspend(r.u), UMSI_OK);
        assert_int_equal(look(APLIC_domaincfg) & APLIC_domaincfg_IE, 0);
        if (lost) {
            model_aplic_power_off(r.m);
        }
        assert_int_equal(umsi_resume(r.u), UMSI_OK);
        model_mask_cpu(r.m, 0, false);
        irig_run(&r);
        assert_int_equal(hits, 1);
        model_aplic_wire(r.m, 4, true);
        irig_run(&r);
        assert_int_equal(hits, 2);
        irig_stop(&r);
    }
}

/* What does not come back as it was is said: the domain, or a source of several. */
static void test_restore_fails(void **state)
{
    (void)state;
    for (int direct = 0; direct < 2; direct++) {
        const struct irig_config c = { .direct = direct, .has_aplic = true };
        const uint32_t registers[] = { APLIC_domaincfg, umsi_aplic_sourcecfg(4) };
        start(&c);
        (void)map(4, UMSI_EDGE_RISING, NULL);
        (void)map(40, UMSI_EDGE_RISING, NULL);
        for (uint32_t i = 0; i < 2; i++) {
            r.lie_at = reg(registers[i]);
            r.lie = 0;
            assert_int_equal(umsi_aplic_restore(r.aplic), UMSI_UNSUPPORTED);
        }
        r.lie_at = NULL;
        assert_int_equal(umsi_aplic_restore(r.aplic), UMSI_OK);
        model_aplic_wire(r.m, 4, true);
        irig_run(&r);
        assert_int_equal(hits, 1);
        irig_stop(&r);
    }
}

/* ---- why nothing comes ---- */

static void no_line(void *arg, const char *line)
{
    (void)arg;
    assert_non_null(line);
}

static void because(umsi_virq virq, const char *reason)
{
    const char *why = NULL;
    assert_int_equal(umsi_explain(r.u, virq, no_line, NULL, &why), UMSI_STATE);
    assert_non_null(strstr(why, reason));
}

static void test_why(void **state)
{
    const struct irig_config c = { .direct = true, .model = { .nr_cpus = 1 } };
    const uint32_t delivery = umsi_aplic_idc(0, IDC_idelivery);
    const uint32_t threshold = umsi_aplic_idc(0, IDC_ithreshold);
    const char *why;
    (void)state;
    start(&c);
    umsi_virq virq = map(5, UMSI_EDGE_RISING, NULL);
    poke(threshold, 1);
    because(virq, "threshold");
    poke(delivery, 0);
    because(virq, "delivers nothing to its hart");
    poke(APLIC_clrienum, 5);
    because(virq, "has the source disabled");
    poke(umsi_aplic_sourcecfg(5), APLIC_SM_Inactive);
    because(virq, "inactive");
    poke(APLIC_domaincfg, APLIC_domaincfg_MAGIC);
    because(virq, "domain is off");
    assert_int_equal(umsi_aplic_restore(r.aplic), UMSI_OK);
    assert_int_equal(umsi_explain(r.u, virq, no_line, NULL, &why), UMSI_OK);
    irig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_byte_order),    cmocka_unit_test(test_found_on),
        cmocka_unit_test(test_edge_before),   cmocka_unit_test(test_other_mode),
        cmocka_unit_test(test_no_idc),        cmocka_unit_test(test_second_root),
        cmocka_unit_test(test_no_memory),     cmocka_unit_test(test_no_such_file),
        cmocka_unit_test(test_map_again),     cmocka_unit_test(test_before_harts),
        cmocka_unit_test(test_offline),       cmocka_unit_test(test_destroyed_online),
        cmocka_unit_test(test_raise_level),   cmocka_unit_test(test_storm),
        cmocka_unit_test(test_sleep_pending), cmocka_unit_test(test_restore_fails),
        cmocka_unit_test(test_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
