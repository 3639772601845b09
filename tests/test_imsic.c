/* SPDX-License-Identifier: MIT */
/* The IMSIC on the strict model: files brought up, identities taken, opened by their own hart, and given back. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/power.h>

#include "imsic_rig.h"

static const struct model_pci_config msix = { .msix_entries = 300, .pba_offset = 0x2000 };
static const struct model_pci_config msi = { .msi_vectors = 32, .msi_64 = true };

static void no_line(void *arg, const char *line)
{
    (void)arg;
    assert_non_null(line);
}

/* ---- bring-up ---- */

/* Garbage from before, guest files between, groups, hart indices in another order. */
static void test_life(void **state)
{
    const struct irig_config shapes[] = {
        { .nr_ipis = 3 },
        { .imsic = { .nr_ids = 63, .found_open = true } },
        { .imsic = { .nr_ids = 2047 }, .model = { .nr_cpus = 8 } },
        { .imsic = { .guest_index_bits = 3, .reverse = true }, .model = { .nr_cpus = 3 } },
        { .imsic = { .cpus_per_group = 2, .guest_index_bits = 1 }, .model = { .nr_cpus = 6 } },
    };
    struct irig r;
    (void)state;
    for (uint32_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        irig_start(&r, &shapes[i]);
        for (umsi_cpu cpu = 0; cpu < r.nr_cpus; cpu++) {
            assert_false(model_imsic_enabled(r.m, cpu, 1));
            assert_false(model_imsic_pending(r.m, cpu, 6)); /* the model's garbage has it set */
        }
        assert_int_equal(irig_counts(&r, UMSI_NO_CPU).live, 0);
        irig_stop(&r);
    }
}

static enum umsi_status create(struct irig *r, uint32_t nr_ids, uint32_t nr_ipis, uint32_t hart1,
                               uint32_t hart_bits)
{
    struct umsi_imsic_file files[2];
    struct umsi_imsic *imsic = NULL;
    struct umsi_imsic_config c = { .files = files, .nr_ids = nr_ids, .nr_ipis = nr_ipis };
    c.layout.hart_index_bits = hart_bits;
    for (umsi_cpu cpu = 0; cpu < 2; cpu++) {
        files[cpu] = (struct umsi_imsic_file){ model_imsic_page(r->m, cpu, NULL, NULL), 0 };
    }
    files[1].hart = hart1;
    enum umsi_status st = umsi_imsic_create(r->u, &c, &imsic);
    assert_true((st == UMSI_OK) == (imsic != NULL));
    if (st == UMSI_OK) {
        assert_int_equal(umsi_imsic_destroy(imsic), UMSI_OK);
    }
    return st;
}

static void test_create_errors(void **state)
{
    const struct irig_config c = { .offline = 3 };
    struct umsi_imsic *imsic;
    struct umsi_port port;
    struct umsi *mine;
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    assert_int_equal(create(&r, 255, 0, 1, 1), UMSI_EXISTS); /* there is a receiver */
    assert_int_equal(umsi_imsic_destroy(r.imsic), UMSI_OK);
    r.imsic = NULL;
    assert_int_equal(create(&r, 255, 0, 1, 1), UMSI_OK);
    assert_int_equal(create(&r, 62, 0, 1, 1), UMSI_INVALID);
    assert_int_equal(create(&r, 64, 0, 1, 1), UMSI_INVALID);
    assert_int_equal(create(&r, 2111, 0, 1, 1), UMSI_INVALID);
    assert_int_equal(create(&r, 255, 17, 1, 1), UMSI_INVALID);
    assert_int_equal(create(&r, 255, 0, 0, 1), UMSI_RANGE); /* twice */
    assert_int_equal(create(&r, 255, 0, 2, 1), UMSI_RANGE); /* beyond */
    assert_int_equal(umsi_imsic_create(r.u, NULL, &imsic), UMSI_INVALID);

    port = r.port;
    port.sysreg_modify = NULL; /* stopei cannot be claimed with what is left */
    assert_int_equal(umsi_create(&port, &mine), UMSI_OK);
    struct irig other = r;
    other.u = mine;
    assert_int_equal(create(&other, 255, 0, 1, 1), UMSI_UNSUPPORTED);
    assert_int_equal(umsi_destroy(mine), UMSI_OK);
    port = r.port;
    port.cpu_kick = NULL; /* nobody would open what another CPU takes */
    assert_int_equal(umsi_create(&port, &mine), UMSI_OK);
    other.u = mine;
    assert_int_equal(create(&other, 255, 0, 1, 1), UMSI_UNSUPPORTED);
    assert_int_equal(umsi_destroy(mine), UMSI_OK);
    irig_stop(&r);
}

static void test_online_errors(void **state)
{
    const struct irig_config plain = { .offline = 2 };
    const struct irig_config cannot = { .imsic = { .no_delivery = true } };
    struct irig r;
    (void)state;
    assert_int_equal(irig_try(&r, &cannot), UMSI_UNSUPPORTED);
    irig_start(&r, &plain);
    model_mask_cpu(r.m, 0, true);
    assert_int_equal(umsi_imsic_cpu_online(r.imsic, 0), UMSI_EXISTS);
    assert_int_equal(umsi_imsic_cpu_online(r.imsic, 1), UMSI_INVALID); /* this is CPU 0 */
    assert_int_equal(umsi_imsic_cpu_online(r.imsic, 2), UMSI_RANGE);
    model_mask_cpu(r.m, 0, false);
    irig_cpu_offline(&r, 1); /* harmless */
    assert_int_equal(irig_cpu_online(&r, 1), UMSI_OK);
    irig_stop(&r);
}

/* Firmware says more identities than there are: found when the file is opened. */
static void test_too_few_identities(void **state)
{
    struct irig_config c = { .offline = 3, .imsic = { .nr_ids = 127 } };
    struct umsi_imsic_file files[2] = { 0 };
    struct umsi_imsic_config more = { .files = files, .nr_ids = 255 };
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    assert_int_equal(umsi_imsic_destroy(r.imsic), UMSI_OK);
    files[0].page = model_imsic_page(r.m, 0, NULL, NULL); /* CPU 1 has none */
    assert_int_equal(umsi_imsic_create(r.u, &more, &r.imsic), UMSI_OK);
    assert_int_equal(irig_cpu_online(&r, 0), UMSI_UNSUPPORTED);
    assert_true(model_log_has(r.m, "no identity 255"));
    assert_int_equal(irig_cpu_online(&r, 1), UMSI_NOTFOUND);
    model_breach_clear(r.m); /* it had to try */
    irig_stop(&r);
}

/* ---- vectors ---- */

/* The message is the file's address and the identity (3.2). */
static void test_messages(void **state)
{
    const struct irig_config c = { .model = { .nr_cpus = 6 },
                                   .imsic = { .cpus_per_group = 2, .guest_index_bits = 1 } };
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msix);
    assert_int_equal(irig_take(&r, 2, UMSI_MSIX), UMSI_OK);
    assert_int_equal(irig_move(&r, irig_virq(&r, 0), 5), UMSI_OK);
    irig_run(&r);
    assert_int_equal(irig_message(&r, 0).address, 0x2a002000); /* group 2, its second hart */
    assert_int_equal(irig_message(&r, 0).data, 1);             /* the first of that file */
    irig_fire(&r, 0, 5);
    irig_fire(&r, 1, UMSI_NO_CPU);
    irig_unplug(&r);
    irig_stop(&r);
}

/* Taken by CPU 0 for CPU 1, which has not opened it when the message comes: it stays pending there, and is taken
 * when CPU 1 looks (L29, L60). */
static void test_opened_late(void **state)
{
    const struct irig_config c = { 0 };
    struct umsi_cpumask one = { { 2 } };
    const struct umsi_vectors want = { .min = 1, .max = 1, .cpus = &one };
    uint32_t granted;
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msix);
    r.deaf = 2;
    assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &want, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_request(&r.pci, 0, irig_handler, &r.vector[0], "late"), UMSI_OK);
    assert_int_equal(model_pci_raise(r.hw, 0), MODEL_SENT);
    irig_run(&r);
    assert_int_equal(r.vector[0].hits, 0);
    assert_true(model_imsic_pending(r.m, 1, irig_message(&r, 0).data));
    assert_false(model_imsic_enabled(r.m, 1, irig_message(&r, 0).data));
    const char *why = NULL;
    assert_int_equal(umsi_explain(r.u, irig_virq(&r, 0), no_line, NULL, &why), UMSI_STATE);
    assert_non_null(strstr(why, "umsi_cpu_service()"));
    r.deaf = 0;
    model_port(r.m)->cpu_kick(r.m, 1); /* what it had not heard */
    irig_run(&r);
    assert_int_equal(r.vector[0].hits, 1);
    assert_int_equal(r.vector[0].cpu, 1);
    irig_unplug(&r);
    irig_stop(&r);
}

/* A block: consecutive, aligned to its size, in one file; it stays where it is. */
static void test_block(void **state)
{
    const struct irig_config c = { .imsic = { .nr_ids = 127 }, .nr_ipis = 9 };
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msi);
    assert_int_equal(irig_take(&r, 5, UMSI_MSI), UMSI_OK); /* rounded up to 8 (L15) */
    uint32_t first = irig_message(&r, 0).data;
    assert_int_equal(first % 8, 0);
    for (uint32_t i = 0; i < 5; i++) {
        irig_fire(&r, i, UMSI_NO_CPU);
    }
    assert_int_equal(irig_counts(&r, UMSI_NO_CPU).live, 8);
    umsi_cpu here = umsi_irq_get_cpu(r.u, irig_virq(&r, 0));
    assert_int_equal(irig_move(&r, irig_virq(&r, 0), 1 - here), UMSI_UNSUPPORTED);
    assert_true(model_log_has(r.m, "one address for its whole block"));
    irig_fire(&r, 0, here);
    umsi_pci_free_vectors(&r.pci);
    irig_run(&r);
    assert_int_equal(irig_counts(&r, UMSI_NO_CPU).live, 0);
    const struct umsi_vectors spread = { .min = 2, .max = 2, .kinds = UMSI_MSI, .spread = true };
    const struct umsi_vectors managed = { .min = 2, .max = 2, .kinds = UMSI_MSI, .managed = true };
    uint32_t granted;
    assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &spread, &granted), UMSI_UNSUPPORTED);
    assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &managed, &granted), UMSI_UNSUPPORTED);
    assert_int_equal(irig_take(&r, 32, UMSI_MSI), UMSI_OK);
    assert_int_equal(irig_message(&r, 0).data % 32, 0);
    irig_unplug(&r);
    irig_stop(&r);
}

/* When a hart's file is full others are used, and when all are, NOSPACE, and nothing has changed (L12, L37). */
static void test_full(void **state)
{
    const struct irig_config c = { .imsic = { .nr_ids = 63 } };
    struct umsi_vectors want = { .min = 1, .max = 1 };
    uint32_t granted, index;
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msix);
    assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &want, &granted), UMSI_OK);
    for (uint32_t i = 1; i < 126; i++) {
        assert_int_equal(umsi_pci_alloc_at(&r.pci, i, &index), UMSI_OK);
    }
    assert_int_equal(irig_counts(&r, 0).live, 63);
    assert_int_equal(irig_counts(&r, 1).live, 63);
    assert_int_equal(umsi_pci_alloc_at(&r.pci, 126, &index), UMSI_NOSPACE);
    assert_int_equal(irig_counts(&r, UMSI_NO_CPU).live, 126);
    for (uint32_t i = 0; i < 126; i++) {
        assert_int_equal(umsi_pci_request(&r.pci, i, irig_handler, &r.vector[i], "full"), UMSI_OK);
    }
    irig_run(&r);
    for (uint32_t i = 0; i < 126; i++) {
        irig_fire(&r, i, UMSI_NO_CPU);
    }
    umsi_pci_free_at(&r.pci, 7);
    irig_run(&r);
    assert_int_equal(umsi_pci_alloc_at(&r.pci, 7, &index), UMSI_OK);
    irig_unplug(&r);
    irig_stop(&r);
}

/* More than a file has, in one wish: what had been taken goes back (L12). */
static void test_too_many(void **state)
{
    const struct irig_config c = { .imsic = { .nr_ids = 63 }, .model = { .nr_cpus = 1 } };
    struct model_counts before, after;
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msix);
    assert_int_equal(irig_take(&r, 1, UMSI_MSIX), UMSI_OK);
    umsi_pci_free_vectors(&r.pci);
    irig_run(&r);
    model_get_counts(r.m, &before);
    assert_int_equal(irig_take(&r, 64, UMSI_MSIX), UMSI_NOSPACE);
    irig_run(&r);
    model_get_counts(r.m, &after);
    assert_int_equal(after.events, before.events);
    assert_int_equal(irig_counts(&r, 0).live, 0);
    assert_int_equal(irig_counts(&r, 0).quarantined, 0);
    assert_int_equal(irig_take(&r, 63, UMSI_MSIX), UMSI_OK);
    irig_unplug(&r);
    irig_stop(&r);
}

/* ---- giving back ---- */

/* The hart closes an identity; until it has, nobody else gets it, and what still comes is nobody's (L25, L37, L59). */
static void test_quarantine(void **state)
{
    const struct irig_config c = { 0 };
    struct umsi_cpumask one = { { 2 } };
    const struct umsi_vectors want = { .min = 1, .max = 1, .cpus = &one };
    struct umsi_counts counts;
    uint32_t granted;
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msix);
    assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &want, &granted), UMSI_OK);
    irig_run(&r);
    struct umsi_message m = irig_message(&r, 0);
    r.deaf = 2;
    umsi_pci_free_vectors(&r.pci);
    assert_int_equal(irig_counts(&r, 1).quarantined, 1);
    assert_int_equal(irig_counts(&r, 1).live, 0);
    assert_true(model_msi_write(r.m, 0, m.address, m.data)); /* it was under way */
    irig_run(&r);
    umsi_get_counts(r.u, &counts);
    assert_int_equal(counts.unknown, 0);
    assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &want, &granted), UMSI_OK);
    assert_int_not_equal(irig_message(&r, 0).data, m.data);
    r.deaf = 0;
    model_port(r.m)->cpu_kick(r.m, 1);
    irig_run(&r);
    assert_int_equal(irig_counts(&r, 1).quarantined, 0);
    assert_false(model_imsic_enabled(r.m, 1, m.data));
    assert_false(model_imsic_pending(r.m, 1, m.data));
    irig_unplug(&r);
    irig_stop(&r);
}

/* What was pending when a vector went is not the next one's (L60). */
static void test_stale(void **state)
{
    const struct irig_config c = { 0 };
    struct umsi_cpumask one = { { 2 } };
    const struct umsi_vectors want = { .min = 1, .max = 1, .cpus = &one };
    uint32_t granted;
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msix);
    assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &want, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_request(&r.pci, 0, irig_handler, &r.vector[0], "stale"), UMSI_OK);
    irig_run(&r);
    uint32_t id = irig_message(&r, 0).data;
    model_mask_cpu(r.m, 1, true);
    assert_int_equal(model_pci_raise(r.hw, 0), MODEL_SENT);
    umsi_pci_free_vectors(&r.pci);
    model_mask_cpu(r.m, 1, false); /* it answers the kick before it takes interrupts */
    irig_run(&r);
    assert_false(model_imsic_pending(r.m, 1, id));
    assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &want, &granted), UMSI_OK);
    assert_int_equal(irig_message(&r, 0).data, id);
    assert_int_equal(umsi_pci_request(&r.pci, 0, irig_handler, &r.vector[0], "next"), UMSI_OK);
    irig_run(&r);
    assert_int_equal(r.vector[0].hits, 0);
    irig_unplug(&r);
    irig_stop(&r);
}

/* What nobody owns is counted, and is no vector's (L60). */
static void test_unknown(void **state)
{
    const struct irig_config c = { 0 };
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    assert_false(umsi_imsic_handle(r.imsic, 77));
    assert_false(umsi_imsic_handle(r.imsic, 256));
    irig_stop(&r);
}

/* A vector that storms while it is disabled is closed at its own hart, and opened again (L60). */
static void test_storm(void **state)
{
    const struct irig_config c = { 0 };
    const struct model_pci_config one = { .msi_vectors = 1, .msi_64 = true };
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &one);
    assert_int_equal(irig_take(&r, 1, UMSI_MSI), UMSI_OK);
    irig_fire(&r, 0, UMSI_NO_CPU);
    umsi_irq_disable(r.u, irig_virq(&r, 0));
    uint32_t id = irig_message(&r, 0).data;
    umsi_cpu cpu = umsi_irq_get_cpu(r.u, irig_virq(&r, 0));
    for (uint32_t i = 0; i < 300; i++) {
        (void)model_pci_raise(r.hw, 0);
        irig_run(&r);
    }
    assert_false(model_imsic_enabled(r.m, cpu, id));
    assert_int_equal(r.vector[0].hits, 1);
    umsi_irq_enable(r.u, irig_virq(&r, 0));
    irig_run(&r);
    assert_true(model_imsic_enabled(r.m, cpu, id));
    assert_in_range(r.vector[0].hits, 2, 3); /* remembered, and one that waited in the file */
    uint32_t now = r.vector[0].hits;
    irig_fire(&r, 0, cpu);
    assert_int_equal(r.vector[0].hits, now + 1);
    irig_unplug(&r);
    irig_stop(&r);
}

/* ---- receiving, looking ---- */

/* (b) around the kernel's own dispatch, and (c) with the kernel's own claim. */
static void test_receive(void **state)
{
    const struct irig_config c = { .model = { .nr_cpus = 1 } };
    struct umsi_taken t;
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msix);
    assert_int_equal(irig_take(&r, 1, UMSI_MSIX), UMSI_OK);
    model_mask_cpu(r.m, 0, true);
    assert_int_equal(model_pci_raise(r.hw, 0), MODEL_SENT);
    assert_true(umsi_acknowledge(r.u, &t));
    assert_int_equal(t.virq, irig_virq(&r, 0));
    assert_int_equal(t.hwirq, irig_message(&r, 0).data);
    assert_false(umsi_end(r.u, &t));
    assert_false(umsi_acknowledge(r.u, &t));
    assert_int_equal(model_pci_raise(r.hw, 0), MODEL_SENT);
    uint64_t stopei = r.port.sysreg_modify(r.m, 0x15c, UINT64_MAX, 0);
    assert_true(umsi_imsic_handle(r.imsic, (uint32_t)(stopei >> 16)));
    assert_int_equal(r.vector[0].hits, 1);
    model_mask_cpu(r.m, 0, false);
    irig_unplug(&r);
    irig_stop(&r);
}

static void test_looking(void **state)
{
    const struct irig_config c = { 0 };
    struct umsi_irq_test test;
    struct umsi_irq_info info;
    const char *why = NULL;
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msix);
    assert_int_equal(irig_take(&r, 1, UMSI_MSIX), UMSI_OK);
    assert_int_equal(umsi_irq_test(r.u, irig_virq(&r, 0), &test), UMSI_OK);
    assert_true(test.arrived && test.handled);
    assert_int_equal(umsi_explain(r.u, irig_virq(&r, 0), no_line, NULL, &why), UMSI_OK);
    assert_int_equal(umsi_irq_get_info(r.u, irig_virq(&r, 0), &info), UMSI_OK);
    assert_int_equal(info.hwirq, irig_message(&r, 0).data);
    irig_unplug(&r);
    irig_stop(&r);
}

/* ---- failures, sleep ---- */

/* No memory, at each place: nothing is left (L8, L12). */
static void test_no_memory(void **state)
{
    const struct irig_config c = { 0 };
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msix);
    for (uint64_t n = 1;; n++) {
        struct umsi_imsic_counts before = irig_counts(&r, UMSI_NO_CPU), after;
        model_fail_at(r.m, MODEL_FAIL_ALLOC, n);
        enum umsi_status st = irig_take(&r, 40, UMSI_MSIX);
        bool failed = model_failed(r.m, MODEL_FAIL_ALLOC);
        model_fail_at(r.m, MODEL_FAIL_ALLOC, 0);
        irig_run(&r);
        irig_settled(&r);
        if (st == UMSI_OK) {
            assert_false(failed);
            break;
        }
        after = irig_counts(&r, UMSI_NO_CPU);
        assert_int_equal(st, UMSI_NOMEM);
        assert_memory_equal(&before, &after, sizeof(before));
    }
    irig_unplug(&r);
    irig_stop(&r);
}

/* The boot CPU's file loses its state, or keeps it: what it had enabled and what was pending are there again (L51). */
static void test_sleep(void **state)
{
    const struct irig_config c = { .model = { .nr_cpus = 1 } };
    struct irig r;
    (void)state;
    for (int lost = 0; lost < 2; lost++) {
        irig_start(&r, &c);
        irig_plug(&r, &msix);
        assert_int_equal(irig_take(&r, 2, UMSI_MSIX), UMSI_OK);
        model_mask_cpu(r.m, 0, true);
        assert_int_equal(model_pci_raise(r.hw, 0), MODEL_SENT);
        assert_int_equal(umsi_suspend(r.u), UMSI_OK);
        if (lost) {
            model_imsic_power_off(r.m, 0);
        }
        assert_int_equal(umsi_resume(r.u), UMSI_OK);
        model_mask_cpu(r.m, 0, false);
        irig_run(&r);
        assert_int_equal(r.vector[0].hits, 1);
        assert_int_equal(r.vector[1].hits, 0);
        irig_fire(&r, 1, 0);
        irig_unplug(&r);
        irig_stop(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life),          cmocka_unit_test(test_create_errors),
        cmocka_unit_test(test_online_errors), cmocka_unit_test(test_too_few_identities),
        cmocka_unit_test(test_messages),      cmocka_unit_test(test_opened_late),
        cmocka_unit_test(test_block),         cmocka_unit_test(test_full),
        cmocka_unit_test(test_too_many),      cmocka_unit_test(test_quarantine),
        cmocka_unit_test(test_stale),         cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_storm),         cmocka_unit_test(test_receive),
        cmocka_unit_test(test_looking),       cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_sleep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
