/* SPDX-License-Identifier: MIT */
/*
 * The IMSIC at odd times: harts that are away or have no file, frees and moves with the other hart at work in between,
 * and what is left of all that.
 */
#include <umsi/power.h>

#include "imsic_bench.h"

#define SISELECT   0x150u
#define SIREG      0x151u
#define EIDELIVERY 0x70u
#define ETHRESHOLD 0x72u

/* ---- no room, no hart ---- */

static void test_no_run(void **state)
{
    struct filler f;
    (void)state;
    start(1);
    fill_start(&f);
    assert_int_equal(fill(&f, 0, 40), 40); /* 1 to 40: no 32 in a row are left */
    irig_run(&r);
    irig_plug(&r, &block);
    assert_int_equal(irig_take(&r, 32, UMSI_MSI), UMSI_NOSPACE);
    assert_true(model_log_has(r.m, "identities in a row"));
    assert_int_equal(irig_counts(&r, 0).live, 40);
    assert_int_equal(irig_take(&r, 16, UMSI_MSI), UMSI_OK);
    irig_fire(&r, 15, 0);
    irig_unplug(&r);
    fill_stop(&f);
    irig_stop(&r);
}

/* No two harts have an identity in common that is free: one that can be masked moves all the same. */
static void test_masked_needs_no_twin(void **state)
{
    struct filler here, there;
    (void)state;
    start(2);
    fill_start(&here);
    fill_start(&there);
    assert_int_equal(fill(&there, 1, 1), 1);
    take_on(&msix, UMSI_MSIX, 0);
    assert_int_equal(irig_message(&r, 0).data, 1);
    assert_int_equal(fill(&here, 0, IDS), IDS - 1);
    irig_run(&r);
    assert_int_equal(irig_move(&r, irig_virq(&r, 0), 1), UMSI_OK);
    irig_run(&r);
    irig_fire(&r, 0, 1);
    fill_stop(&here);
    fill_stop(&there);
    irig_unplug(&r);
    all_there();
    irig_stop(&r);
}

static void test_no_hart(void **state)
{
    const struct irig_config c = { .offline = 3 };
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msix);
    assert_int_equal(irig_take(&r, 1, UMSI_MSIX), UMSI_STATE);
    irig_unplug(&r);
    irig_plug(&r, &block);
    assert_int_equal(irig_take(&r, 2, UMSI_MSI), UMSI_STATE);
    irig_unplug(&r);
    irig_stop(&r);
}

/* Not even for a block: NOSPACE, of files that are all full. */
static void test_all_full(void **state)
{
    struct filler f;
    (void)state;
    start(1);
    fill_start(&f);
    assert_int_equal(fill(&f, 0, IDS), IDS);
    irig_plug(&r, &block);
    assert_int_equal(irig_take(&r, 1, UMSI_MSI), UMSI_NOSPACE);
    assert_int_equal(irig_take(&r, 2, UMSI_MSI), UMSI_NOSPACE);
    irig_unplug(&r);
    fill_stop(&f);
    all_there();
    irig_stop(&r);
}

/* No memory at each place of a create whose tables are whole pages: none is left (L8). */
static void test_no_memory(void **state)
{
    const struct irig_config c = { .offline = 3, .imsic = { .nr_ids = 2047 } };
    enum umsi_status st = UMSI_NOMEM;
    uint32_t failed = 0;
    (void)state;
    irig_start(&r, &c);
    assert_int_equal(umsi_imsic_destroy(r.imsic), UMSI_OK);
    r.imsic = NULL;
    for (uint64_t n = 1; st != UMSI_OK; n++) {
        struct model_counts before, after;
        model_get_counts(r.m, &before);
        model_fail_at(r.m, MODEL_FAIL_ALLOC, n);
        st = irig_imsic(&r, &c);
        assert_int_equal(st, model_failed(r.m, MODEL_FAIL_ALLOC) ? UMSI_NOMEM : UMSI_OK);
        model_fail_at(r.m, MODEL_FAIL_ALLOC, 0);
        model_get_counts(r.m, &after);
        assert_true(st == UMSI_OK || after.alloc_bytes == before.alloc_bytes);
        failed += st != UMSI_OK;
    }
    assert_in_range(failed, 2, 10); /* a table for each hart, and more */
    irig_stop(&r);
}

/* A hart without a file: it serves and sleeps like others, is no target, and costs no table. */
static void test_no_file(void **state)
{
    struct irig_config c = { .offline = 1, .no_file = 1, .imsic = { .nr_ids = 2047 } };
    struct model_counts one, two;
    umsi_virq ipi;
    (void)state;
    c.nr_ipis = 1;
    irig_start(&r, &c);
    model_get_counts(r.m, &one);
    umsi_cpu_service(r.u); /* of CPU 0 */
    umsi_cpu_ask(r.u, 0);
    irig_run(&r);
    take_on(&msix, UMSI_MSIX, 1);
    assert_int_not_equal(irig_move(&r, irig_virq(&r, 0), 0), UMSI_OK);
    irig_fire(&r, 0, 1);
    assert_int_equal(umsi_imsic_map_ipi(r.imsic, 0, &ipi), UMSI_OK);
    assert_int_equal(umsi_irq_request(r.u, ipi, irig_handler, &r.vector[1], "ipi"), UMSI_OK);
    assert_int_equal(umsi_irq_retrigger(r.u, ipi), UMSI_STATE);
    umsi_imsic_unmap_ipi(r.imsic, ipi);
    irig_unplug(&r);
    irig_cpu_offline(&r, 1);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    irig_stop(&r);
    c.no_file = 0;
    irig_start(&r, &c);
    model_get_counts(r.m, &two);
    assert_true(two.alloc_bytes - one.alloc_bytes >= 16384);
    irig_stop(&r);
}

/* ---- harts that are away ---- */

static uint64_t file_read(umsi_cpu cpu, uint32_t select)
{
    const struct umsi_port *p = model_port(r.m);
    model_set_cpu(r.m, cpu);
    model_mask_cpu(r.m, cpu, true);
    p->sysreg_write(r.m, SISELECT, select);
    uint64_t value = p->sysreg_read(r.m, SIREG);
    model_mask_cpu(r.m, cpu, false);
    model_set_cpu(r.m, 0);
    return value;
}

static void file_write(umsi_cpu cpu, uint32_t select, uint64_t value)
{
    const struct umsi_port *p = model_port(r.m);
    model_set_cpu(r.m, cpu);
    model_mask_cpu(r.m, cpu, true);
    p->sysreg_write(r.m, SISELECT, select);
    p->sysreg_write(r.m, SIREG, value);
    model_mask_cpu(r.m, cpu, false);
    model_set_cpu(r.m, 0);
}

/* What is freed while its hart is away needs nobody to close it: it is free at once (L37). */
static void test_freed_while_away(void **state)
{
    (void)state;
    start(2);
    take_on(&msix, UMSI_MSIX, 1);
    const uint32_t id = irig_message(&r, 0).data;
    irig_cpu_offline(&r, 1);
    assert_false(model_imsic_enabled(r.m, 1, id));
    assert_int_equal(file_read(1, EIDELIVERY), 0);
    umsi_pci_free_vectors(&r.pci);
    assert_int_equal(irig_counts(&r, 1).live, 0);
    assert_int_equal(irig_counts(&r, 1).quarantined, 0);
    assert_int_equal(irig_take(&r, 1, UMSI_MSIX), UMSI_OK);
    assert_int_equal(irig_move(&r, irig_virq(&r, 0), 1), UMSI_INVALID); /* it is no target (L38) */
    assert_int_equal(irig_cpu_online(&r, 1), UMSI_OK);
    irig_unplug(&r);
    all_there();
    irig_stop(&r);
}

/* What was noted for a hart is done before it goes. */
static void test_noted_then_away(void **state)
{
    (void)state;
    start(2);
    take_on(&msix, UMSI_MSIX, 1);
    umsi_pci_free_vectors(&r.pci);
    assert_int_equal(irig_counts(&r, 1).quarantined, 1);
    irig_cpu_offline(&r, 1);
    assert_int_equal(irig_counts(&r, 1).quarantined, 0);
    assert_int_equal(irig_cpu_online(&r, 1), UMSI_OK);
    irig_unplug(&r);
    all_there();
    irig_stop(&r);
}

/* Or before it sleeps; and nothing is delivered to it then. */
static void test_noted_then_asleep(void **state)
{
    (void)state;
    start(2);
    take_on(&msix, UMSI_MSIX, 0);
    model_set_cpu(r.m, 1);
    umsi_pci_free_vectors(&r.pci);
    model_set_cpu(r.m, 0);
    assert_int_equal(irig_counts(&r, 0).quarantined, 1);
    irig_cpu_offline(&r, 1);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    assert_int_equal(irig_counts(&r, 0).quarantined, 0);
    assert_int_equal(file_read(0, EIDELIVERY), 0);
    model_imsic_power_off(r.m, 0);
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    assert_int_equal(irig_cpu_online(&r, 1), UMSI_OK);
    irig_unplug(&r);
    all_there();
    irig_stop(&r);
}

/* What is pending in the file when the machine goes to sleep comes after it, if the file has forgotten it, too. */
static void test_sleep_pending(void **state)
{
    const struct irig_config c = { .model = { .nr_cpus = 1 } };
    struct filler f;
    (void)state;
    for (int lost = 0; lost < 2; lost++) {
        irig_start(&r, &c);
        fill_start(&f);
        assert_int_equal(fill(&f, 0, 100), 100); /* the vector's identity is in the second word */
        take_on(&msix, UMSI_MSIX, 0);
        const uint32_t id = irig_message(&r, 0).data;
        assert_in_range(id, 64, 127);
        model_mask_cpu(r.m, 0, true);
        assert_int_equal(model_pci_raise(r.hw, 0), MODEL_SENT);
        irig_run(&r);
        assert_true(model_imsic_pending(r.m, 0, id));
        assert_int_equal(umsi_suspend(r.u), UMSI_OK);
        if (lost) {
            model_imsic_power_off(r.m, 0);
        }
        assert_int_equal(umsi_resume(r.u), UMSI_OK);
        model_mask_cpu(r.m, 0, false);
        irig_run(&r);
        assert_int_equal(r.vector[0].hits, 1);
        irig_unplug(&r);
        fill_stop(&f);
        irig_stop(&r);
    }
}

/* Destroyed with harts online: this one's file is closed, and the next driver knows of none. */
static void test_destroyed_online(void **state)
{
    struct umsi_cpumask one = { { 2 } };
    const struct umsi_vectors there = { .min = 1, .max = 1, .cpus = &one };
    const struct irig_config c = { 0 };
    uint32_t granted;
    (void)state;
    irig_start(&r, &c);
    assert_int_equal(umsi_imsic_destroy(r.imsic), UMSI_OK);
    r.imsic = NULL;
    assert_int_equal(file_read(0, EIDELIVERY), 0);
    assert_int_equal(irig_imsic(&r, &c), UMSI_OK);
    assert_int_equal(irig_cpu_online(&r, 0), UMSI_OK);
    irig_plug(&r, &msix);
    assert_int_equal(irig_take(&r, 1, UMSI_MSIX), UMSI_OK);
    assert_int_equal(irig_move(&r, irig_virq(&r, 0), 1), UMSI_INVALID);
    umsi_pci_free_vectors(&r.pci);
    assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &there, &granted), UMSI_STATE); /* not full */
    assert_int_equal(irig_cpu_online(&r, 1), UMSI_OK);
    irig_unplug(&r);
    irig_stop(&r);
}

/* ---- with the other hart at work in between ---- */

static void serve(struct irig *rig)
{
    irig_run(rig);
}

/* Freed, unsettled or not, by a third CPU; the harts serve at the nth lock. All is closed and given back. */
static bool freed_meanwhile(uint32_t nth, bool unsettled)
{
    start(3);
    take_on(&msix, UMSI_MSIX, 0);
    if (unsettled) {
        model_set_cpu(r.m, 2);
        assert_int_equal(irig_move(&r, irig_virq(&r, 0), 1), UMSI_OK);
    }
    model_set_cpu(r.m, 2);
    r.meanwhile = serve;
    r.locks = 0;
    r.meanwhile_at = nth;
    umsi_pci_free_vectors(&r.pci);
    const bool more = r.locks >= nth;
    r.meanwhile_at = 0;
    model_set_cpu(r.m, 0);
    irig_run(&r);
    irig_unplug(&r);
    assert_int_equal(irig_counts(&r, UMSI_NO_CPU).live, 0);
    assert_int_equal(irig_counts(&r, UMSI_NO_CPU).quarantined, 0);
    irig_stop(&r);
    return more;
}

static void test_freed_meanwhile(void **state)
{
    (void)state;
    for (unsigned unsettled = 0; unsettled < 2; unsettled++) {
        uint32_t n = 1;
        while (freed_meanwhile(n, unsettled != 0)) {
            n++;
        }
        assert_in_range(n, 5, 500);
    }
}

static umsi_virq dying;
static uint32_t dying_id;
static bool nobodys; /* at some moment its identity was in use, and did not lead to it */

static void claimed_late(struct irig *rig)
{
    struct umsi_irq_info before, after;
    const bool live = irig_counts(rig, 0).live != 0;
    const uint32_t hits = rig->vector[0].hits;
    if (umsi_irq_get_info(rig->u, dying, &before) != UMSI_OK || before.pending || !live) {
        return;
    }
    assert_true(umsi_imsic_handle(rig->imsic, dying_id));
    assert_int_equal(umsi_irq_get_info(rig->u, dying, &after), UMSI_OK);
    nobodys = nobodys || (!after.pending && rig->vector[0].hits == hits);
}

static bool unpublished_at(uint32_t nth, bool unsettled)
{
    start(2);
    take_on(&msix, UMSI_MSIX, 0);
    dying = irig_virq(&r, 0);
    dying_id = irig_message(&r, 0).data;
    if (unsettled) {
        assert_int_equal(irig_move(&r, dying, 1), UMSI_OK);
    }
    model_mask_cpu(r.m, 0, true);
    r.meanwhile = claimed_late;
    r.locks = 0;
    r.meanwhile_at = nth;
    umsi_pci_free_vectors(&r.pci);
    const bool more = r.locks >= nth;
    r.meanwhile_at = 0;
    model_mask_cpu(r.m, 0, false);
    irig_unplug(&r);
    irig_stop(&r);
    return more;
}

/* Before the core waits for dispatches none can find the vector any more, though its identity is not free, nor the one
 * that it has left (L59). */
static void test_unpublished_first(void **state)
{
    (void)state;
    for (unsigned unsettled = 0; unsettled < 2; unsettled++) {
        uint32_t n = 1;
        nobodys = false;
        while (unpublished_at(n, unsettled != 0)) {
            n++;
        }
        assert_true(nobodys);
    }
}

/* A place that was left, or never used, is nobody's: what a kernel claims there by itself is not the vector's. */
static void test_left_places(void **state)
{
    (void)state;
    start(2);
    take_on(&msix, UMSI_MSIX, 0);
    const uint32_t was = irig_message(&r, 0).data;
    assert_int_equal(irig_move(&r, irig_virq(&r, 0), 1), UMSI_OK);
    irig_run(&r);
    assert_false(umsi_imsic_handle(r.imsic, was)); /* of CPU 0 */
    assert_int_equal(r.vector[0].hits, 0);
    irig_unplug(&r);

    take_on(&plain, UMSI_MSI, 0);
    model_fail_at(r.m, MODEL_FAIL_CONFIG, 1);
    assert_int_not_equal(irig_move(&r, irig_virq(&r, 0), 1), UMSI_OK);
    irig_run(&r);
    model_set_cpu(r.m, 1);
    assert_false(umsi_imsic_handle(r.imsic, irig_message(&r, 0).data));
    model_set_cpu(r.m, 0);
    assert_int_equal(r.vector[0].hits, 1); /* once too often, as it could not be masked */
    irig_unplug(&r);
    all_there();
    irig_stop(&r);
}

static void raise(struct irig *rig)
{
    (void)model_pci_raise(rig->hw, 0);
}

/*
 * The nth access of a move fails, and before the kth the device raises its interrupt, or the harts serve: it comes,
 * wherever it was sent, and nothing is left on either hart (L35, L37, L46). False: there is no nth, or no kth.
 */
static bool fails_and(uint64_t n, uint32_t k, bool twin, void (*trigger)(struct irig *r),
                      bool *out_hit)
{
    struct filler f;
    start(3);
    fill_start(&f);
    if (twin) {
        assert_int_equal(fill(&f, 1, 1), 1);
    }
    take_on(&plain, UMSI_MSI, 0);
    model_set_cpu(r.m, 2);
    model_fail_at(r.m, MODEL_FAIL_CONFIG, n);
    r.trigger = trigger;
    r.trigger_at = r.accesses + k;
    (void)irig_move(&r, irig_virq(&r, 0), 1);
    const bool reached = r.accesses >= r.trigger_at;
    r.trigger_at = 0;
    *out_hit = model_failed(r.m, MODEL_FAIL_CONFIG);
    model_fail_at(r.m, MODEL_FAIL_CONFIG, 0);
    model_set_cpu(r.m, 0);
    irig_run(&r);
    if (trigger == raise && reached) {
        assert_in_range(r.vector[0].hits, 1, 2);
    }
    assert_int_equal(irig_counts(&r, UMSI_NO_CPU).live, twin ? 2 : 1);
    assert_int_equal(irig_counts(&r, UMSI_NO_CPU).quarantined, 0);
    irig_fire(&r, 0, UMSI_NO_CPU);
    irig_unplug(&r);
    fill_stop(&f);
    irig_stop(&r);
    return reached;
}

static void test_fails_and(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        bool hit = true;
        for (uint64_t n = 1; hit; n++) {
            uint32_t k = 1;
            while (fails_and(n, k, i % 2 != 0, i / 2 != 0 ? raise : serve, &hit)) {
                k += 1 + k / 8;
            }
            assert_in_range(n, 1, 50);
        }
    }
}

/* ---- masked at the file ---- */

/* Storms on the hart it has left, while it is disabled: closed on both. Enabled by a third: open on both again. */
static void test_storm_unsettled(void **state)
{
    (void)state;
    start(3);
    take_on(&plain, UMSI_MSI, 0);
    const struct umsi_message old = irig_message(&r, 0);
    r.deaf = 1;
    assert_int_equal(irig_move(&r, irig_virq(&r, 0), 1), UMSI_OK);
    irig_run(&r);
    const uint32_t id = irig_message(&r, 0).data;
    umsi_irq_disable(r.u, irig_virq(&r, 0));
    for (uint32_t i = 0; i < 300; i++) {
        assert_true(model_msi_write(r.m, 0, old.address, old.data));
        irig_run(&r);
    }
    assert_false(model_imsic_enabled(r.m, 0, old.data));
    assert_false(model_imsic_enabled(r.m, 1, id));
    umsi_irq_enable(r.u, irig_virq(&r, 0)); /* on CPU 0 */
    irig_run(&r);
    assert_true(model_imsic_enabled(r.m, 0, old.data));
    assert_true(model_imsic_enabled(r.m, 1, id));
    r.deaf = 0;
    model_port(r.m)->cpu_kick(r.m, 0);
    irig_run(&r);
    irig_fire(&r, 0, 1);
    irig_unplug(&r);
    all_there();
    irig_stop(&r);
}

/* ---- IPIs by command ---- */

static void test_raise_ipi(void **state)
{
    const struct irig_config c = { .nr_ipis = 2 };
    umsi_virq ipi;
    (void)state;
    irig_start(&r, &c);
    r.vector[0] = (struct irig_vector){ &r, 0, UMSI_NO_CPU };
    assert_int_equal(umsi_imsic_map_ipi(r.imsic, 1, &ipi), UMSI_OK);
    assert_int_equal(umsi_irq_request(r.u, ipi, irig_handler, &r.vector[0], "ipi"), UMSI_OK);
    irig_run(&r);
    assert_int_equal(umsi_irq_retrigger(r.u, ipi), UMSI_OK);
    irig_run(&r);
    assert_int_equal(r.vector[0].hits, 1);
    umsi_irq_disable(r.u, ipi);
    assert_int_equal(umsi_irq_retrigger(r.u, ipi), UMSI_OK);
    irig_run(&r);
    assert_int_equal(r.vector[0].hits, 1);
    assert_false(model_imsic_pending(r.m, 0, 2)); /* it is held in software (L60) */
    umsi_irq_enable(r.u, ipi);
    irig_run(&r);
    assert_int_equal(r.vector[0].hits, 2);
    assert_int_equal(umsi_irq_retrigger(r.u, ipi), UMSI_OK);
    irig_run(&r);
    assert_int_equal(r.vector[0].hits, 3);
    umsi_imsic_unmap_ipi(r.imsic, ipi);
    irig_stop(&r);
}

/* ---- the operations by themselves, with what the core does not ask ---- */

static void test_not_asked(void **state)
{
    const struct irig_config c = { 0 };
    (void)state;
    irig_start(&r, &c);
    struct umsi_domain *d = umsi_imsic_parent(r.imsic);
    assert_int_equal(d->chip->set_state(d, NULL, UMSI_STATE_PENDING, false), UMSI_UNSUPPORTED);
    assert_int_equal(d->ops->set_affinity(d, NULL, 2, 0, NULL), UMSI_INVALID);
    irig_stop(&r);
}

/* A dispatch by hand is begun and ended: who frees waits for it, on another hart or on the same, and no longer (L59). */
static void test_handled_elsewhere(void **state)
{
    struct umsi_counts counts;
    (void)state;
    for (umsi_cpu cpu = 0; cpu < 2; cpu++) {
        start(2);
        take_on(&msix, UMSI_MSIX, 1);
        model_set_cpu(r.m, 1);
        assert_true(umsi_imsic_handle(r.imsic, irig_message(&r, 0).data));
        assert_int_equal(r.vector[0].hits, 1);
        model_set_cpu(r.m, cpu);
        umsi_pci_free_vectors(&r.pci);
        model_set_cpu(r.m, 0);
        umsi_get_counts(r.u, &counts);
        assert_int_equal(counts.waiting_irqs, 0);
        irig_unplug(&r);
        irig_stop(&r);
    }
}

/* ---- why nothing comes ---- */

static uint32_t of_this_hart; /* lines */

static void on_print(void *arg, const char *line)
{
    (void)arg;
    of_this_hart += strstr(line, "eidelivery") != NULL;
}

static void because(umsi_virq virq, const char *reason)
{
    const char *why = NULL;
    assert_int_equal(umsi_explain(r.u, virq, on_print, NULL, &why), UMSI_STATE);
    assert_non_null(strstr(why, reason));
}

static void test_why(void **state)
{
    const struct irig_config c = { .nr_ipis = 1 };
    const char *why = NULL;
    umsi_virq ipi;
    (void)state;
    irig_start(&r, &c);
    take_on(&plain, UMSI_MSI, 0);
    umsi_virq virq = irig_virq(&r, 0);
    of_this_hart = 0;
    assert_int_equal(umsi_explain(r.u, virq, on_print, NULL, &why), UMSI_OK);
    assert_int_equal(of_this_hart, 1);
    file_write(0, EIDELIVERY, 0);
    because(virq, "somebody else has changed");
    file_write(0, EIDELIVERY, 1);
    file_write(0, ETHRESHOLD, 1);
    because(virq, "eithreshold");
    file_write(0, ETHRESHOLD, 0);
    assert_int_equal(irig_move(&r, virq, 1), UMSI_OK);
    irig_run(&r);
    of_this_hart = 0;
    assert_int_equal(umsi_explain(r.u, virq, on_print, NULL, &why), UMSI_OK);
    assert_int_equal(of_this_hart, 0); /* its registers cannot be read from here */
    umsi_irq_disable(r.u, virq);
    for (uint32_t i = 0; i < 300; i++) {
        raise(&r);
        irig_run(&r);
    }
    because(virq, "disabled");
    umsi_irq_enable(r.u, virq);
    irig_run(&r);
    irig_cpu_offline(&r, 1);
    because(virq, "not online");
    assert_int_equal(irig_cpu_online(&r, 1), UMSI_OK);
    irig_unplug(&r);
    assert_int_equal(umsi_imsic_map_ipi(r.imsic, 0, &ipi), UMSI_OK);
    assert_int_equal(umsi_irq_request(r.u, ipi, irig_handler, &r.vector[0], "ipi"), UMSI_OK);
    irig_run(&r);
    assert_int_equal(umsi_explain(r.u, ipi, on_print, NULL, &why), UMSI_OK);
    umsi_imsic_unmap_ipi(r.imsic, ipi);
    irig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_run),
        cmocka_unit_test(test_masked_needs_no_twin),
        cmocka_unit_test(test_no_hart),
        cmocka_unit_test(test_all_full),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_freed_while_away),
        cmocka_unit_test(test_noted_then_away),
        cmocka_unit_test(test_noted_then_asleep),
        cmocka_unit_test(test_sleep_pending),
        cmocka_unit_test(test_destroyed_online),
        cmocka_unit_test(test_freed_meanwhile),
        cmocka_unit_test(test_unpublished_first),
        cmocka_unit_test(test_left_places),
        cmocka_unit_test(test_fails_and),
        cmocka_unit_test(test_storm_unsettled),
        cmocka_unit_test(test_raise_ipi),
        cmocka_unit_test(test_not_asked),
        cmocka_unit_test(test_handled_elsewhere),
        cmocka_unit_test(test_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
