/* SPDX-License-Identifier: MIT */
/* INTx: which functions get it, when it is tried, what a failure leaves behind, and what a wire may be made of. */
#include "intx_bench.h"

#define COMMAND 0x04u
#define NO_INTX 0x0400u

/* ---- who gets it ---- */

static void test_granted(void **state)
{
    struct rig r;
    struct user *u = &r.user[0];
    (void)state;
    rig_make(&r);
    attach(u);
    assert_int_equal(umsi_pci_vector_count(&u->pci, UMSI_INTX), 1);
    assert_int_equal(umsi_pci_virq(&u->pci, 0), UMSI_NO_VIRQ);
    assert_int_equal(umsi_pci_request(&u->pci, 0, handler, u, "x"), UMSI_NOTFOUND);
    assert_int_equal(alloc(u, 1, 8, UMSI_INTX), UMSI_OK);
    assert_int_equal(u->pci.granted, 1);
    assert_int_equal(u->pci.asked, 8);
    assert_int_equal(u->pci.kind, UMSI_INTX);
    assert_int_equal(umsi_pci_virq(&u->pci, 0), r.virq);
    assert_int_equal(umsi_pci_virq(&u->pci, 1), UMSI_NO_VIRQ);
    assert_int_equal(umsi_pci_request(&u->pci, 1, handler, u, "x"), UMSI_NOTFOUND);
    umsi_pci_release(&u->pci, 1);
    assert_true(r.masked); /* nobody handles it yet */
    request(u);
    assert_int_equal(umsi_pci_request(&u->pci, 0, handler, u, "x"), UMSI_EXISTS);
    assert_true(raise(u));
    ran(&r, 1);
    assert_int_equal(umsi_irq_count(r.b->umsi, r.virq, 0), 1);
    assert_int_equal(alloc(u, 1, 1, UMSI_INTX), UMSI_STATE);
    umsi_pci_free_vectors(&u->pci);
    umsi_pci_free_vectors(&u->pci);
    assert_int_equal(umsi_pci_virq(&u->pci, 0), UMSI_NO_VIRQ);
    assert_int_equal(r.b->mock.prepares, 0); /* no MSI domain for it */
    rig_end(&r);
}

static void test_refused(void **state)
{
    struct umsi_cpumask cpus;
    struct umsi_vectors want = { .min = 1, .max = 1, .kinds = UMSI_INTX, .cpus = &cpus };
    uint32_t granted = 77;
    struct rig r;
    struct user *u = &r.user[0];
    (void)state;
    rig_make(&r);
    attach(u);
    assert_int_equal(alloc(u, 2, 2, UMSI_INTX), UMSI_NOSPACE);
    assert_int_equal(alloc(u, 1, 1, 0), UMSI_NOTFOUND); /* it is never a default */
    assert_int_equal(alloc(u, 1, 1, UMSI_MSI | UMSI_MSIX), UMSI_NOTFOUND);
    memset(&cpus, 0, sizeof(cpus));
    umsi_cpumask_set(&cpus, 2);
    assert_int_equal(umsi_irq_get_cpu(r.b->umsi, r.virq), 0);
    assert_int_equal(umsi_pci_alloc_vectors(&u->pci, &want, &granted), UMSI_UNSUPPORTED);
    umsi_cpumask_set(&cpus, 0);
    assert_int_equal(umsi_pci_alloc_vectors(&u->pci, &want, &granted), UMSI_OK);
    umsi_pci_detach(&u->pci);

    fake_pci_put(u->fake, PIN, 1, 0); /* a function without a pin */
    attach(u);
    assert_int_equal(umsi_pci_vector_count(&u->pci, UMSI_INTX), 0);
    assert_int_equal(alloc(u, 1, 1, UMSI_INTX), UMSI_NOTFOUND);
    umsi_pci_detach(&u->pci);
    fake_pci_put(u->fake, PIN, 1, 5);
    attach(u);
    assert_true(test_port_logged(&r.b->port, "wired: Interrupt Pin is 5"));
    assert_int_equal(alloc(u, 1, 1, UMSI_INTX), UMSI_NOTFOUND);
    umsi_pci_detach(&u->pci);

    fake_pci_put(u->fake, PIN, 1, 1); /* one without a wire */
    assert_int_equal(attach_to(u, &r.b->mock.msi, NULL), UMSI_OK);
    assert_int_equal(umsi_pci_vector_count(&u->pci, UMSI_INTX), 0);
    assert_int_equal(alloc(u, 1, 1, UMSI_INTX), UMSI_UNSUPPORTED);
    umsi_pci_detach(&u->pci);

    attach(u);
    u->fake->gone = true;
    assert_int_equal(alloc(u, 1, 1, UMSI_INTX), UMSI_GONE);
    rig_end(&r);
}

/* MSI-X, then MSI, and INTx only when neither will do. */
static void test_order(void **state)
{
    const uint32_t all = UMSI_MSIX | UMSI_MSI | UMSI_INTX;
    const struct umsi_msi_template *idle;
    uint32_t index, size;
    struct rig r;
    struct user *u = &r.user[0];
    (void)state;
    rig_make(&r);
    fake_pci_add_msi(u->fake, 0x70, 3, true, true);
    fake_pci_add_msix(u->fake, 0x50, 16, 0, 0x1000);
    attach(u);
    assert_int_equal(alloc(u, 1, 4, all), UMSI_OK);
    assert_int_equal(u->pci.kind, UMSI_MSIX);
    umsi_pci_free_vectors(&u->pci);
    assert_int_equal(alloc(u, 1, 4, UMSI_MSI | UMSI_INTX), UMSI_OK);
    assert_int_equal(u->pci.kind, UMSI_MSI);
    umsi_pci_free_vectors(&u->pci);
    assert_int_equal(alloc(u, 17, 20, all), UMSI_NOSPACE);

    idle = umsi_msi_domain_template(&u->pci.msi, 0, &size);
    r.b->mock.limit = 0; /* the controller is full */
    assert_int_equal(alloc(u, 1, 4, UMSI_MSIX | UMSI_MSI), UMSI_NOSPACE);
    assert_int_equal(alloc(u, 1, 4, all), UMSI_OK);
    assert_int_equal(u->pci.kind, UMSI_INTX);
    assert_int_equal(u->pci.granted, 1);
    assert_false(fake_pci_msi_enabled(u->fake));
    assert_false(fake_pci_msix_enabled(u->fake));
    assert_ptr_equal(umsi_msi_domain_template(&u->pci.msi, 0, &size), idle); /* as it was */
    assert_int_equal(size, 8);
    assert_int_equal(umsi_pci_alloc_at(&u->pci, 0, &index), UMSI_STATE);
    umsi_pci_free_at(&u->pci, 0); /* logged, and nothing else */
    assert_int_equal(u->pci.kind, UMSI_INTX);
    umsi_pci_free_vectors(&u->pci);

    r.b->mock.limit = MOCK_IDS; /* and back */
    assert_int_equal(alloc(u, 4, 4, all), UMSI_OK);
    assert_int_equal(u->pci.kind, UMSI_MSIX);
    rig_end(&r);
}

/* A controller that fails does not keep a wire from being used; without one its error is told, and nothing changed. */
static void test_controller_fails(void **state)
{
    static const enum umsi_status errors[] = { UMSI_TIMEOUT, UMSI_HARDWARE, UMSI_NOMEM };
    (void)state;
    for (uint32_t e = 0; e < 3; e++) {
        struct rig r;
        struct user *u = &r.user[0];
        rig_make(&r);
        fake_pci_add_msix(u->fake, 0x50, 16, 0, 0x1000);
        attach(u);
        r.b->mock.status = errors[e];
        r.b->mock.fail_prepare = 1;
        assert_int_equal(alloc(u, 2, 4, UMSI_MSIX | UMSI_INTX), errors[e]);
        assert_int_equal(u->pci.kind, 0);
        r.b->mock.fail_commit = 1;
        assert_int_equal(alloc(u, 1, 4, UMSI_MSIX | UMSI_INTX), UMSI_OK);
        assert_int_equal(u->pci.kind, UMSI_INTX);
        assert_int_equal(r.b->mock.live, 0);
        assert_int_equal(u->fake->mapped, 0);
        assert_int_equal(r.b->mock.prepares, r.b->mock.teardowns);
        request(u);
        assert_true(raise(u));
        ran(&r, 1);
        rig_end(&r);
    }
}

/* Pulled out in the middle of MSI-X: there is nobody left to raise a wire. */
static void test_leaves_while_allocating(void **state)
{
    struct rig r;
    struct user *u = &r.user[0];
    (void)state;
    rig_make(&r);
    fake_pci_add_msix(u->fake, 0x50, 16, 0, 0x1000);
    attach(u);
    u->fake->leaves = true;
    assert_int_equal(alloc(u, 1, 4, UMSI_MSIX | UMSI_INTX), UMSI_GONE);
    assert_int_equal(u->pci.kind, 0);
    rig_end(&r);
}

/* Every allocation of memory fails in turn: either MSI-X, or INTx, and what is given back is all of it. */
static void test_no_memory(void **state)
{
    bool done = false;
    (void)state;
    for (uint32_t nth = 1; !done; nth++) {
        struct umsi_counts before, after;
        struct rig r;
        struct user *u = &r.user[0];
        rig_make(&r);
        fake_pci_add_msix(u->fake, 0x50, 16, 0, 0x1000);
        attach(u);
        umsi_get_counts(r.b->umsi, &before);
        r.b->port.fail_alloc = nth;
        assert_int_equal(alloc(u, 1, 16, UMSI_MSIX | UMSI_INTX), UMSI_OK);
        done = r.b->port.fail_alloc != 0;
        r.b->port.fail_alloc = 0;
        assert_int_equal(u->pci.kind, done ? UMSI_MSIX : UMSI_INTX);
        umsi_get_counts(r.b->umsi, &after);
        assert_int_equal(after.domains, before.domains + done);
        assert_int_equal(after.live_irqs, before.live_irqs + (done ? 16 : 0));
        rig_end(&r);
    }
}

/* No MSI controller serves it at all. */
static void test_no_parent(void **state)
{
    uint32_t index;
    struct rig r;
    struct user *u = &r.user[0];
    (void)state;
    rig_make(&r);
    fake_pci_add_msi(u->fake, 0x70, 3, true, true);
    fake_pci_add_msix(u->fake, 0x50, 16, 0, 0x1000);
    assert_int_equal(attach_to(u, NULL, NULL), UMSI_INVALID);
    assert_int_equal(attach_to(u, NULL, &r.wire), UMSI_OK);
    assert_int_equal(alloc(u, 1, 1, 0), UMSI_UNSUPPORTED);
    assert_int_equal(alloc(u, 2, 2, UMSI_MSIX | UMSI_INTX), UMSI_UNSUPPORTED);
    assert_int_equal(umsi_pci_alloc_at(&u->pci, 0, &index), UMSI_UNSUPPORTED);
    assert_int_equal(alloc(u, 1, 4, UMSI_MSIX | UMSI_MSI | UMSI_INTX), UMSI_OK);
    request(u);
    assert_true(raise(u));
    ran(&r, 1);
    assert_int_equal(umsi_pci_restore(&u->pci), UMSI_OK);
    rig_end(&r);
}

/* ---- Command is not umsi's ---- */

static void test_interrupt_disable(void **state)
{
    struct rig r;
    struct user *u = &r.user[0];
    uint32_t lines;
    (void)state;
    rig_make(&r);
    attach(u);
    fake_pci_put(u->fake, COMMAND, 2, 2); /* no bus mastering: INTx needs none */
    assert_int_equal(alloc(u, 1, 1, UMSI_INTX), UMSI_OK);
    assert_int_equal(r.b->port.log_lines, 0);
    umsi_pci_free_vectors(&u->pci);
    fake_pci_put(u->fake, COMMAND, 2, 2 | NO_INTX);
    assert_int_equal(alloc(u, 1, 1, UMSI_INTX), UMSI_OK);
    assert_true(test_port_logged(&r.b->port, "wired: Interrupt Disable is set"));
    assert_int_equal(fake_pci_get(u->fake, COMMAND, 2), 2 | NO_INTX);
    lines = r.b->port.log_lines;
    assert_int_equal(umsi_pci_restore(&u->pci), UMSI_OK); /* looks again */
    assert_int_equal(r.b->port.log_lines, lines + 1);
    u->fake->gone = true;
    assert_int_equal(umsi_pci_restore(&u->pci), UMSI_GONE);
    rig_end(&r);
}

/* ---- the wire itself ---- */

static void test_wires(void **state)
{
    struct umsi_pci_intx again;
    umsi_virq edge;
    struct rig r;
    (void)state;
    rig_make(&r);
    memset(&again, 0, sizeof(again));
    assert_int_equal(umsi_pci_intx_add(NULL, r.virq, "x", &again), UMSI_INVALID);
    assert_int_equal(umsi_pci_intx_add(r.b->umsi, r.virq, "x", NULL), UMSI_INVALID);
    assert_int_equal(umsi_pci_intx_add(r.b->umsi, 9999, "x", &again), UMSI_NOTFOUND);
    assert_int_equal(umsi_pci_intx_add(r.b->umsi, r.virq, "x", &again), UMSI_EXISTS);
    assert_int_equal(umsi_pci_intx_remove(NULL), UMSI_INVALID);
    assert_null(again.umsi);
    assert_int_equal(attach_to(&r.user[0], &r.b->mock.msi, &again), UMSI_INVALID);

    struct umsi_irq *irq = r.irq;
    assert_int_equal(umsi_domain_map(&r.domain, WIRE + 1, false, &edge), UMSI_OK);
    assert_int_equal(umsi_pci_intx_add(r.b->umsi, edge, "x", &again), UMSI_UNSUPPORTED);
    umsi_domain_unmap(&r.domain, edge);
    r.irq = irq;
    rig_end(&r);
}

/* A function that never gets past attach does not hold the wire. */
static void test_failed_attach(void **state)
{
    struct rig r;
    (void)state;
    rig_make(&r);
    r.user[0].fake->gone = true;
    assert_int_equal(attach_to(&r.user[0], &r.b->mock.msi, &r.wire), UMSI_GONE);
    assert_int_equal(r.wire.functions, 0);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_granted),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_controller_fails),
        cmocka_unit_test(test_leaves_while_allocating),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_no_parent),
        cmocka_unit_test(test_interrupt_disable),
        cmocka_unit_test(test_wires),
        cmocka_unit_test(test_failed_attach),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
