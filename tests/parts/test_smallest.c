/* SPDX-License-Identifier: MIT */
/* The smallest library (umsi/parts.h) on the strict model: it takes interrupts, and refuses what it was built without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <umsi/cpu.h>
#include <umsi/power.h>

#include "rig.h"

static struct rig r;
static struct unit f;
static uint32_t lines, records;

static void count_line(void *ctx, enum umsi_log_level level, const char *line)
{
    (void)ctx, (void)level, (void)line;
    lines++;
}

static void count_record(void *ctx, const void *record, size_t size)
{
    (void)ctx, (void)record, (void)size;
    records++;
}

static void print_line(void *arg, const char *line)
{
    (void)arg, (void)line;
}

static const struct umsi_port *counting(struct model *m)
{
    static struct umsi_port port;
    port = *model_port(m);
    port.log = count_line;
    port.trace = count_record;
    return &port;
}

static const struct rig_config two_cpus = { .between = counting };
static const struct model_pci_config card = { .msix_entries = 40, .msi_vectors = 8 };

/* Two lives on one function, so that what the first gave back is used again (L12, L14, L36). */
static void lives(uint32_t kind, uint32_t n)
{
    rig_start(&r, &two_cpus);
    unit_attach(&f, &r, &card);
    for (uint32_t life = 0; life < 2; life++) {
        unit_take(&f, n, kind);
        unit_fire_all(&f);
        rig_settled(&r);
        unit_drop(&f);
        rig_settled(&r);
    }
    unit_detach(&f);
    rig_stop(&r);
}

static void test_msix(void **state)
{
    (void)state;
    lives(UMSI_MSIX, 40);
}

static void test_msi(void **state)
{
    (void)state;
    lives(UMSI_MSI, 8);
}

/* What comes while it is disabled is remembered once, and runs once (L60). */
static void test_disabled(void **state)
{
    (void)state;
    rig_start(&r, &two_cpus);
    unit_attach(&f, &r, &card);
    unit_take(&f, 1, UMSI_MSIX);
    umsi_irq_disable(r.u, unit_virq(&f, 0));
    assert_int_equal(umsi_irq_retrigger(r.u, unit_virq(&f, 0)), UMSI_OK);
    rig_run(&r);
    assert_int_equal(f.vector[0].hits, 0);
    umsi_irq_enable(r.u, unit_virq(&f, 0));
    rig_run(&r);
    assert_int_equal(f.vector[0].hits, 1);
    unit_drop(&f);
    unit_detach(&f);
    rig_stop(&r);
}

/* A vector goes where its allocation wants it, and stays there. */
static void test_no_moves(void **state)
{
    const struct umsi_cpumask first = { { 1 } }, second = { { 2 } };
    struct umsi_vectors want = { .min = 1, .max = 1, .cpus = &second };
    struct umsi_cpumask wanted;
    (void)state;
    rig_start(&r, &two_cpus);
    unit_attach(&f, &r, &card);
    assert_int_equal(umsi_pci_alloc_vectors(&f.pci, &want, &f.granted), UMSI_OK);
    unit_request(&f, 0);
    const umsi_virq virq = unit_virq(&f, 0);
    assert_int_equal(umsi_irq_get_cpu(r.u, virq), 1);
    assert_int_equal(umsi_irq_set_affinity(r.u, virq, &first), UMSI_UNSUPPORTED);
    assert_int_equal(umsi_irq_get_wanted(r.u, virq, &wanted), UMSI_UNSUPPORTED);
    assert_int_equal(umsi_cpu_leave(r.u, 1, NULL), UMSI_UNSUPPORTED);
    assert_int_equal(umsi_cpu_join(r.u, 1), UMSI_UNSUPPORTED);
    assert_int_equal(umsi_irq_get_cpu(r.u, virq), 1);
    unit_fire(&f, 0);
    assert_int_equal(f.vector[0].cpu, 1);
    unit_drop(&f);
    want = (struct umsi_vectors){ .min = 1, .max = 4, .managed = true };
    assert_int_equal(umsi_pci_alloc_vectors(&f.pci, &want, &f.granted), UMSI_UNSUPPORTED);
    unit_detach(&f);
    rig_stop(&r);
}

static void test_no_explanation(void **state)
{
    const char *why = NULL;
    (void)state;
    rig_start(&r, &two_cpus);
    unit_attach(&f, &r, &card);
    unit_take(&f, 2, UMSI_MSIX);
    assert_int_equal(umsi_explain(r.u, unit_virq(&f, 0), print_line, NULL, &why), UMSI_UNSUPPORTED);
    assert_null(why);
    assert_int_equal(umsi_explain(r.u, UMSI_NO_VIRQ, print_line, NULL, &why), UMSI_NOTFOUND);
    unit_drop(&f);
    unit_detach(&f);
    rig_stop(&r);
}

static void *any_memory(void *ctx, umsi_bus at, size_t size)
{
    (void)ctx, (void)at, (void)size;
    return NULL;
}

static void test_no_sleep(void **state)
{
    const struct umsi_lpi_config left = { .left = 0x780, .reserved = any_memory };
    struct umsi_lpi *lpi = NULL;
    (void)state;
    rig_start(&r, &two_cpus);
    assert_int_equal(umsi_suspend(r.u), UMSI_UNSUPPORTED);
    assert_int_equal(umsi_resume(r.u), UMSI_UNSUPPORTED);
    assert_int_equal(umsi_lpi_create(r.u, &left, &lpi), UMSI_UNSUPPORTED);
    assert_null(lpi);
    rig_stop(&r);
}

enum { MAPD = 0x08 };

/* L31: a command is refused, and Retry does not help: given up, within the deadline; going down works all the same. */
static void test_no_restart(void **state)
{
    struct umsi_its_info info;
    (void)state;
    rig_start(&r, &two_cpus);
    unit_attach(&f, &r, &card);
    model_its_stall(r.m, 0, MAPD, 1, true);
    assert_int_not_equal(unit_try_take(&f, 1, 1, UMSI_MSIX), UMSI_OK);
    umsi_its_get_info(r.its, &info);
    assert_true(info.dead);
    assert_int_equal(info.stalls, 1);
    assert_int_equal(unit_try_take(&f, 1, 1, UMSI_MSIX), UMSI_TIMEOUT);
    umsi_pci_detach(&f.pci);
    unit_unplug(&f);
    rig_stop(&r);
}

/* A driver that would take a wire gets messages all the same. */
static void test_no_wire(void **state)
{
    struct umsi_pci_intx wire = { 0 };
    (void)state;
    rig_start(&r, &two_cpus);
    unit_plug(&f, &r, &card);
    wire.umsi = r.u;
    const struct umsi_pci_config c = {
        .ops = model_pci_ops(), .handle = f.hw, .name = "unit", .intx = &wire
    };
    assert_int_equal(umsi_pci_attach(umsi_its_parent(r.its), &c, &f.pci), UMSI_UNSUPPORTED);
    assert_int_equal(umsi_pci_attach(NULL, &c, &f.pci), UMSI_UNSUPPORTED);
    assert_int_equal(unit_try_attach(&f, 0), UMSI_OK);
    assert_int_equal(unit_try_take(&f, 1, 1, UMSI_INTX), UMSI_UNSUPPORTED);
    unit_take(&f, 3, UMSI_MSIX | UMSI_MSI | UMSI_INTX);
    unit_fire_all(&f);
    unit_drop(&f);
    unit_detach(&f);
    rig_stop(&r);
}

/* An enable too many is what the whole library has a line for; bring-up has several, and a record for each command. */
static void test_silent(void **state)
{
    (void)state;
    lines = records = 0;
    lives(UMSI_MSIX, 4);
    rig_start(&r, &two_cpus);
    unit_attach(&f, &r, &card);
    unit_take(&f, 1, UMSI_MSIX);
    umsi_irq_enable(r.u, unit_virq(&f, 0));
    unit_drop(&f);
    unit_detach(&f);
    rig_stop(&r);
    assert_int_equal(lines, 0);
    assert_int_equal(records, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_msix),       cmocka_unit_test(test_msi),
        cmocka_unit_test(test_disabled),   cmocka_unit_test(test_no_moves),
        cmocka_unit_test(test_no_sleep),   cmocka_unit_test(test_no_explanation),
        cmocka_unit_test(test_no_restart), cmocka_unit_test(test_no_wire),
        cmocka_unit_test(test_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
