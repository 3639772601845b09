/* SPDX-License-Identifier: MIT */
/* Several functions on one wire: handlers that come and go, from within handlers, and while another CPU runs them. */
#include "intx_bench.h"

/* ---- sharing ---- */

static void test_shared(void **state)
{
    struct rig r;
    (void)state;
    rig_make(&r);
    live(&r.user[0]);
    live(&r.user[1]);
    attach(&r.user[2]);
    assert_int_equal(alloc(&r.user[2], 1, 1, UMSI_INTX), UMSI_OK); /* granted, no handler */
    assert_int_equal(umsi_pci_virq(&r.user[1].pci, 0), umsi_pci_virq(&r.user[0].pci, 0));
    assert_true(raise(&r.user[1]));
    ran(&r, 3); /* both look, one finds something */
    r.user[0].raises = true;
    assert_true(raise(&r.user[1]));
    ran(&r, 3);

    umsi_pci_release(&r.user[0].pci, 0);
    assert_false(r.masked); /* the other one goes on */
    assert_true(raise(&r.user[1]));
    ran(&r, 2);
    request(&r.user[0]); /* and it comes back */
    assert_true(raise(&r.user[0]));
    ran(&r, 3);
    umsi_pci_free_vectors(&r.user[1].pci);
    assert_true(raise(&r.user[0]));
    ran(&r, 1);
    umsi_pci_release(&r.user[0].pci, 0);
    umsi_pci_release(&r.user[0].pci, 0);
    assert_true(r.masked);
    assert_int_equal(umsi_pci_intx_remove(&r.wire), UMSI_BUSY);
    rig_end(&r);
}

/* Out of the middle, the front and the end of the list, each time without touching the others. */
static void test_any_order(void **state)
{
    static const uint8_t order[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
                                         { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
    (void)state;
    for (uint32_t o = 0; o < 6; o++) {
        struct rig r;
        uint32_t left = 7;
        rig_make(&r);
        for (uint32_t i = 0; i < FUNCTIONS; i++) {
            live(&r.user[i]);
        }
        for (uint32_t i = 0; i < FUNCTIONS; i++) {
            uint32_t who = order[o][i];
            assert_true(raise(&r.user[who]));
            ran(&r, left);
            left &= ~(1u << who);
            umsi_pci_detach(&r.user[who].pci);
            assert_int_equal(r.masked, left == 0);
        }
        rig_end(&r);
    }
}

/* The line stood before the first handler came, and while the wire was disabled. */
static void test_stood_before(void **state)
{
    struct rig r;
    struct user *u = &r.user[0];
    (void)state;
    rig_make(&r);
    attach(u);
    assert_int_equal(alloc(u, 1, 1, UMSI_INTX), UMSI_OK);
    assert_true(raise(u));
    ran(&r, 0);
    request(u);
    assert_true(take(&r));
    ran(&r, 1);
    umsi_irq_disable(r.b->umsi, r.virq);
    assert_true(raise(u));
    ran(&r, 0);
    live(&r.user[1]); /* somebody else's request does not undo that */
    assert_true(r.masked);
    umsi_irq_enable(r.b->umsi, r.virq);
    assert_true(take(&r));
    ran(&r, 3);
    rig_end(&r);
}

/* A function that goes without quieting its device leaves the line standing; the others can still be stopped. */
static void test_nobody_takes_it_back(void **state)
{
    struct rig r;
    (void)state;
    rig_make(&r);
    live(&r.user[0]);
    live(&r.user[1]);
    umsi_pci_release(&r.user[1].pci, 0);
    assert_false(raise(&r.user[1]));
    umsi_pci_release(&r.user[0].pci, 0);
    assert_true(r.masked);
    r.user[1].raises = false;
    rig_end(&r);
}

/* ---- from within handlers ---- */

static void release_self(struct user *u)
{
    umsi_pci_release(&u->pci, 0);
    u->in_handler = NULL;
    assert_int_equal(umsi_pci_request(&u->pci, 0, handler, u, "x"), UMSI_EXISTS);
}

static void test_releases_itself(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        struct rig r;
        rig_make(&r);
        for (uint32_t k = 0; k < FUNCTIONS; k++) {
            live(&r.user[k]);
        }
        r.user[i].in_handler = release_self;
        assert_true(raise(&r.user[i]));
        ran(&r, 7); /* the walk goes on behind it */
        r.user[(i + 1) % FUNCTIONS].raises = true;
        assert_true(take(&r));
        ran(&r, 7 & ~(1u << i));
        request(&r.user[i]); /* later it may */
        assert_true(raise(&r.user[i]));
        ran(&r, 7);
        rig_end(&r);
    }
}

static void release_others(struct user *u)
{
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        if (i != u->number) {
            umsi_pci_release(&u->rig->user[i].pci, 0);
        }
    }
}

static void test_releases_others(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        struct rig r;
        rig_make(&r);
        for (uint32_t k = 0; k < FUNCTIONS; k++) {
            live(&r.user[k]);
        }
        r.user[i].in_handler = release_others;
        assert_true(raise(&r.user[i]));
        for (uint32_t k = 0; k < FUNCTIONS; k++) {
            r.user[k].runs = 0; /* those before it in the list ran once more */
        }
        assert_true(raise(&r.user[i]));
        ran(&r, 1u << i);
        rig_end(&r);
    }
}

/* ---- a release while another CPU runs the wire ---- */

static struct rig *relaxing; /* whose walk ends when somebody waits for it */

/* The one that waits lets the other CPU get on. */
static void other_cpu_returns(struct test_port *t)
{
    struct umsi_taken taken = { relaxing->virq, 0, relaxing->irq };
    t->on_relax = NULL;
    t->self = 1;
    assert_int_equal(relaxing->user[0].pci.intx.state, 2); /* out of the list, not yet gone */
    assert_int_equal(umsi_pci_request(&relaxing->user[0].pci, 0, handler, NULL, "x"), UMSI_EXISTS);
    umsi_pci_intx_handle(&relaxing->wire);
    assert_false(umsi_end(relaxing->b->umsi, &taken));
    t->self = 0;
}

static uint32_t acknowledge(void *arg)
{
    (void)arg;
    return WIRE;
}

static void end(void *arg, uint32_t hwirq)
{
    (void)arg;
    assert_int_equal(hwirq, 0); /* what other_cpu_returns() says */
}

static struct umsi_irq *lookup(void *arg, uint32_t hwirq)
{
    assert_int_equal(hwirq, WIRE);
    return ((struct rig *)arg)->irq;
}

/*
 * CPU 1 took the interrupt and runs handlers, as a kernel that dispatches itself; CPU 0 releases function 0. It
 * returns only after CPU 1 did, and function 0 does not run after.
 */
static void release_meanwhile(bool detach)
{
    const struct umsi_receiver receiver = { acknowledge, end, NULL };
    struct umsi_source source = { .first = 0, .count = 16, .lookup = lookup };
    struct umsi_taken taken;
    struct rig r;
    rig_make(&r);
    source.arg = &r;
    umsi_add_source(r.b->umsi, &source);
    assert_int_equal(umsi_set_receiver(r.b->umsi, &receiver), UMSI_OK);
    live(&r.user[0]);
    live(&r.user[1]);
    relaxing = &r;
    r.b->port.self = 1;
    assert_true(umsi_acknowledge(r.b->umsi, &taken));
    assert_int_equal(taken.virq, r.virq);
    r.b->port.self = 0;
    r.b->port.on_relax = other_cpu_returns;
    if (detach) {
        umsi_pci_detach(&r.user[0].pci);
    } else {
        umsi_pci_release(&r.user[0].pci, 0);
    }
    assert_null(r.b->port.on_relax); /* it waited */
    ran(&r, 2);
    assert_false(r.masked);
    umsi_clear_receiver(r.b->umsi);
    umsi_remove_source(r.b->umsi, &source);
    rig_end(&r);
}

/* The same for one that released itself and has not returned: detach waits for it all the same. */
static void late_return(struct test_port *t)
{
    struct umsi_taken taken = { relaxing->virq, 0, relaxing->irq };
    t->on_relax = NULL;
    t->self = 1;
    assert_false(umsi_end(relaxing->b->umsi, &taken));
    t->self = 0;
}

static void test_detach_waits_for_it(void **state)
{
    const struct umsi_receiver receiver = { acknowledge, end, NULL };
    struct umsi_source source = { .first = 0, .count = 16, .lookup = lookup };
    struct umsi_taken taken;
    struct rig r;
    (void)state;
    rig_make(&r);
    source.arg = &r;
    umsi_add_source(r.b->umsi, &source);
    assert_int_equal(umsi_set_receiver(r.b->umsi, &receiver), UMSI_OK);
    live(&r.user[0]);
    relaxing = &r;
    r.b->port.self = 1;
    assert_true(umsi_acknowledge(r.b->umsi, &taken));
    umsi_pci_release(&r.user[0].pci, 0); /* its handler's last act */
    r.b->port.self = 0;
    r.b->port.on_relax = late_return;
    umsi_pci_detach(&r.user[0].pci);
    assert_null(r.b->port.on_relax); /* it waited */
    umsi_clear_receiver(r.b->umsi);
    umsi_remove_source(r.b->umsi, &source);
    rig_end(&r);
}

/* A kernel that dispatches by itself may have a handler of its own for one of them, and NULL here. */
static void test_null_handler(void **state)
{
    struct rig r;
    (void)state;
    rig_make(&r);
    live(&r.user[0]);
    attach(&r.user[1]);
    assert_int_equal(alloc(&r.user[1], 1, 1, UMSI_INTX), UMSI_OK);
    assert_int_equal(umsi_pci_request(&r.user[1].pci, 0, NULL, NULL, "own"), UMSI_OK);
    assert_true(raise(&r.user[0]));
    ran(&r, 1);
    rig_end(&r);
}

static void test_release_waits(void **state)
{
    (void)state;
    release_meanwhile(false);
    release_meanwhile(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_any_order),
        cmocka_unit_test(test_stood_before),
        cmocka_unit_test(test_nobody_takes_it_back),
        cmocka_unit_test(test_releases_itself),
        cmocka_unit_test(test_releases_others),
        cmocka_unit_test(test_detach_waits_for_it),
        cmocka_unit_test(test_null_handler),
        cmocka_unit_test(test_release_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
