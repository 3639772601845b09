/* SPDX-License-Identifier: MIT */
/*
 * INTx: which functions get it and when, several on one wire, handlers that come and go while others run, and what
 * a wire looks like when all are gone. The wire is an interrupt of a domain of the test's own.
 */
#include "fake_pci.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define FUNCTIONS 3u
#define WIRE      7u /* its number in its domain */
#define PIN       0x3du
#define COMMAND   0x04u
#define NO_INTX   0x0400u

struct rig;

/* One function on the wire. */
struct user {
    struct rig *rig;
    uint32_t number;
    struct fake_pci *fake; /* the bench's, which has a table, or `other` */
    struct fake_pci other;
    struct umsi_pci pci;
    bool raises; /* its device holds the line until its handler ran */
    uint32_t runs;
    void (*in_handler)(struct user *u);
};

struct rig {
    struct pci_bench *b;
    struct umsi_domain domain;
    struct umsi_irq *irq;
    bool masked;
    umsi_virq virq;
    struct umsi_pci_intx wire;
    struct user user[FUNCTIONS];
};

/* ---- the wire's controller ---- */

static enum umsi_status wires_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                    const struct umsi_alloc_info *info, struct umsi_batch *batch)
{
    struct rig *r = d->data;
    (void)info;
    (void)batch;
    assert_int_equal(n, 1);
    r->irq = v[0];
    return UMSI_OK;
}

static void wires_free(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                       struct umsi_batch *batch)
{
    struct rig *r = d->data;
    (void)v;
    (void)n;
    (void)batch;
    r->irq = NULL;
}

static void wires_mask(struct umsi_domain *d, struct umsi_irq *irq)
{
    struct rig *r = d->data;
    (void)irq;
    r->masked = true;
}

static void wires_unmask(struct umsi_domain *d, struct umsi_irq *irq)
{
    struct rig *r = d->data;
    (void)irq;
    r->masked = false;
}

static const struct umsi_domain_ops wires_ops = { .alloc = wires_alloc, .free = wires_free };
static const struct umsi_chip wires_chip = {
    .name = "wires",
    .mask = wires_mask,
    .unmask = wires_unmask,
};

static bool stands(const struct rig *r)
{
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        if (r->user[i].raises) {
            return true;
        }
    }
    return false;
}

/* Deliver for as long as the line stands unmasked. False: it storms. */
static bool take(struct rig *r)
{
    for (uint32_t i = 0; i < 20; i++) {
        if (!stands(r) || r->masked) {
            return true;
        }
        umsi_enter(r->b->umsi);
        umsi_deliver(r->b->umsi, r->irq);
        umsi_leave(r->b->umsi);
    }
    return false;
}

static bool raise(struct user *u)
{
    u->raises = true;
    return take(u->rig);
}

/* ---- the rig ---- */

static void make_wire(struct rig *r, bool level)
{
    const struct umsi_domain_config config = {
        .name = "wires", .ops = &wires_ops, .chip = &wires_chip, .size = 16, .data = r
    };
    assert_int_equal(umsi_domain_add(r->b->umsi, &r->domain, &config), UMSI_OK);
    r->masked = true;
    assert_int_equal(umsi_domain_map(&r->domain, WIRE, level, &r->virq), UMSI_OK);
}

static void rig_make(struct rig *r)
{
    memset(r, 0, sizeof(*r));
    r->b = pci_bench_create(PCI_BENCH_ALL);
    make_wire(r, true);
    assert_int_equal(umsi_pci_intx_add(r->b->umsi, r->virq, "INTA", &r->wire), UMSI_OK);
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        r->user[i].rig = r;
        r->user[i].number = i;
        r->user[i].fake = i == 0 ? &r->b->fake : &r->user[i].other;
        fake_pci_init(&r->user[i].other);
        fake_pci_put(r->user[i].fake, PIN, 1, 1);
    }
}

static enum umsi_status attach_to(struct user *u, struct umsi_domain *parent,
                                  struct umsi_pci_intx *wire)
{
    const struct umsi_pci_config config = {
        .ops = &fake_pci_ops,
        .handle = u->fake,
        .name = "wired",
        .device_id = 16 + u->number,
        .intx = wire,
    };
    return umsi_pci_attach(parent, &config, &u->pci);
}

static void attach(struct user *u)
{
    assert_int_equal(attach_to(u, &u->rig->b->mock.msi, &u->rig->wire), UMSI_OK);
}

static enum umsi_status alloc(struct user *u, uint32_t min, uint32_t max, uint32_t kinds)
{
    const struct umsi_vectors want = { .min = min, .max = max, .kinds = kinds };
    uint32_t granted = 77;
    enum umsi_status st = umsi_pci_alloc_vectors(&u->pci, &want, &granted);
    assert_int_equal(granted, st == UMSI_OK ? u->pci.granted : 77);
    return st;
}

static void handler(void *arg)
{
    struct user *u = arg;
    u->runs++;
    u->raises = false;
    if (u->in_handler != NULL) {
        u->in_handler(u);
    }
}

static void request(struct user *u)
{
    assert_int_equal(umsi_pci_request(&u->pci, 0, handler, u, "wired"), UMSI_OK);
}

/* Attached, granted, requested. */
static void live(struct user *u)
{
    attach(u);
    assert_int_equal(alloc(u, 1, 4, UMSI_INTX), UMSI_OK);
    request(u);
}

/* Only the functions that should ran since the last look; bit i is function i. */
static void ran(struct rig *r, uint32_t expected)
{
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        assert_int_equal(r->user[i].runs != 0, (expected >> i) & 1);
        r->user[i].runs = 0;
    }
}

static uint32_t disables(struct rig *r)
{
    struct umsi_irq_info info;
    assert_int_equal(umsi_irq_get_info(r->b->umsi, r->virq, &info), UMSI_OK);
    return info.disable_depth;
}

static void rig_end(struct rig *r)
{
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        umsi_pci_detach(&r->user[i].pci);
    }
    assert_int_equal(r->wire.handlers, 0);
    assert_null(r->wire.users);
    assert_true(r->masked);
    assert_int_equal(disables(r), 1);
    assert_int_equal(umsi_pci_intx_remove(&r->wire), UMSI_OK);
    assert_int_equal(umsi_pci_intx_remove(&r->wire), UMSI_OK); /* twice is harmless */
    assert_true(r->masked);
    assert_int_equal(disables(r), 0);
    umsi_domain_unmap(&r->domain, r->virq);
    assert_int_equal(umsi_domain_remove(&r->domain), UMSI_OK);
    pci_bench_destroy(r->b);
}

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

static bool acknowledge(void *arg, uint32_t *out_hwirq)
{
    (void)arg;
    *out_hwirq = WIRE;
    return true;
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

static void test_release_waits(void **state)
{
    (void)state;
    release_meanwhile(false);
    release_meanwhile(true);
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

/* ---- the pure helpers ---- */

static uint32_t swizzled(uint32_t pin, uint32_t device)
{
    const struct umsi_pci_bridge port = { UMSI_PCI_BDF(0, 2, 1), 1, UMSI_PCI_BRIDGE_EXPRESS };
    uint16_t bdf = 0;
    pin = umsi_pci_intx_swizzle(pin, UMSI_PCI_BDF(1, device, 5), &port, 1, &bdf);
    assert_int_equal(bdf, UMSI_PCI_BDF(0, 2, 1));
    return pin;
}

/* Table 2-21 of the Base Specification: rows are devices 0, 4, 8 ...; 1, 5 ...; and so on. */
static void test_swizzle(void **state)
{
    static const uint8_t upstream[4][4] = {
        { 1, 2, 3, 4 }, { 2, 3, 4, 1 }, { 3, 4, 1, 2 }, { 4, 1, 2, 3 }
    };
    const struct umsi_pci_bridge deep[] = {
        { UMSI_PCI_BDF(2, 3, 0), 3, UMSI_PCI_BRIDGE_PCI },
        { UMSI_PCI_BDF(1, 0, 0), 2, UMSI_PCI_BRIDGE_TO_PCI },
        { UMSI_PCI_BDF(0, 5, 0), 1, UMSI_PCI_BRIDGE_EXPRESS },
    };
    uint16_t bdf = 77;
    (void)state;
    for (uint32_t device = 0; device < 32; device++) {
        for (uint32_t pin = 1; pin <= 4; pin++) {
            assert_int_equal(swizzled(pin, device), upstream[device % 4][pin - 1]);
        }
    }
    assert_int_equal(umsi_pci_intx_swizzle(3, 0x1234, NULL, 0, &bdf), 3); /* on the root bus */
    assert_int_equal(bdf, 0x1234);
    /* 3:2.0 INTA becomes C, then device 3 makes it B, then device 0 leaves it. */
    assert_int_equal(umsi_pci_intx_swizzle(1, UMSI_PCI_BDF(3, 2, 0), deep, 3, &bdf), 2);
    assert_int_equal(bdf, UMSI_PCI_BDF(0, 5, 0));
    bdf = 77;
    assert_int_equal(umsi_pci_intx_swizzle(0, 8, deep, 3, &bdf), 0);
    assert_int_equal(umsi_pci_intx_swizzle(5, 8, deep, 3, &bdf), 0);
    assert_int_equal(bdf, 77);
}

static void test_route(void **state)
{
    static const struct umsi_pci_intx_entry map[] = {
        { 0x0000, 1, 9, 40 }, { 0x0000, 2, 9, 41 }, { 0x0800, 1, 9, 42 }, { 0x0800, 2, 9, 43 }
    };
    const struct umsi_pci_intx_mask devices = { 0x0800, 7 }, all = { UINT32_MAX, UINT32_MAX };
    struct umsi_pci_intx_entry row = { 0, 0, 0, 77 };
    (void)state;
    assert_int_equal(umsi_pci_intx_route(map, 4, &devices, UMSI_PCI_BDF(0, 3, 7), 2, &row),
                     UMSI_OK);
    assert_int_equal(row.line, 43);
    assert_int_equal(row.controller, 9);
    assert_int_equal(umsi_pci_intx_route(map, 4, &devices, UMSI_PCI_BDF(3, 2, 0), 1, &row),
                     UMSI_OK);
    assert_int_equal(row.line, 40);
    assert_int_equal(umsi_pci_intx_route(map, 4, &all, UMSI_PCI_BDF(0, 1, 0), 1, &row), UMSI_OK);
    assert_int_equal(row.line, 42);
    row.line = 77;
    assert_int_equal(umsi_pci_intx_route(map, 4, &all, UMSI_PCI_BDF(0, 1, 1), 1, &row),
                     UMSI_NOTFOUND);
    assert_int_equal(umsi_pci_intx_route(map, 4, &devices, 8, 3, &row), UMSI_NOTFOUND);
    assert_int_equal(umsi_pci_intx_route(NULL, 0, &devices, 8, 1, &row), UMSI_NOTFOUND);
    assert_int_equal(umsi_pci_intx_route(map, 4, &devices, 8, 0, &row), UMSI_INVALID);
    assert_int_equal(umsi_pci_intx_route(map, 4, &devices, 8, 5, &row), UMSI_INVALID);
    assert_int_equal(row.line, 77);
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
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_no_parent),
        cmocka_unit_test(test_interrupt_disable),
        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_any_order),
        cmocka_unit_test(test_stood_before),
        cmocka_unit_test(test_nobody_takes_it_back),
        cmocka_unit_test(test_releases_itself),
        cmocka_unit_test(test_releases_others),
        cmocka_unit_test(test_release_waits),
        cmocka_unit_test(test_wires),
        cmocka_unit_test(test_failed_attach),
        cmocka_unit_test(test_swizzle),
        cmocka_unit_test(test_route),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
