/* SPDX-License-Identifier: MIT */
/*
 * A wire and three functions on it, for the tests of INTx. The wire is an interrupt of a domain of the bench's own,
 * and its line stands as long as a function raises it.
 */
#ifndef INTX_BENCH_H
#define INTX_BENCH_H

#include "fake_pci.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define FUNCTIONS 3u
#define WIRE      7u /* its number in its domain */
#define PIN       0x3du

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

static inline enum umsi_status wires_alloc(struct umsi_domain *d, struct umsi_irq *const *v,
                                           uint32_t n, const struct umsi_alloc_info *info,
                                           struct umsi_batch *batch)
{
    struct rig *r = d->data;
    (void)info;
    (void)batch;
    assert_int_equal(n, 1);
    r->irq = v[0];
    return UMSI_OK;
}

static inline void wires_free(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                              struct umsi_batch *batch)
{
    struct rig *r = d->data;
    (void)v;
    (void)n;
    (void)batch;
    r->irq = NULL;
}

static inline void wires_mask(struct umsi_domain *d, struct umsi_irq *irq)
{
    struct rig *r = d->data;
    (void)irq;
    r->masked = true;
}

static inline void wires_unmask(struct umsi_domain *d, struct umsi_irq *irq)
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

static inline bool stands(const struct rig *r)
{
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        if (r->user[i].raises) {
            return true;
        }
    }
    return false;
}

/* Deliver for as long as the line stands unmasked. False: it storms. */
static inline bool take(struct rig *r)
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

static inline bool raise(struct user *u)
{
    u->raises = true;
    return take(u->rig);
}

/* ---- the rig ---- */

static inline void make_wire(struct rig *r, bool level)
{
    const struct umsi_domain_config config = {
        .name = "wires", .ops = &wires_ops, .chip = &wires_chip, .size = 16, .data = r
    };
    assert_int_equal(umsi_domain_add(r->b->umsi, &r->domain, &config), UMSI_OK);
    r->masked = true;
    assert_int_equal(umsi_domain_map(&r->domain, WIRE, level, &r->virq), UMSI_OK);
}

static inline void rig_make(struct rig *r)
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

static inline enum umsi_status attach_to(struct user *u, struct umsi_domain *parent,
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

static inline void attach(struct user *u)
{
    assert_int_equal(attach_to(u, &u->rig->b->mock.msi, &u->rig->wire), UMSI_OK);
}

static inline enum umsi_status alloc(struct user *u, uint32_t min, uint32_t max, uint32_t kinds)
{
    const struct umsi_vectors want = { .min = min, .max = max, .kinds = kinds };
    uint32_t granted = 77;
    enum umsi_status st = umsi_pci_alloc_vectors(&u->pci, &want, &granted);
    assert_int_equal(granted, st == UMSI_OK ? u->pci.granted : 77);
    return st;
}

static inline void handler(void *arg)
{
    struct user *u = arg;
    u->runs++;
    u->raises = false;
    if (u->in_handler != NULL) {
        u->in_handler(u);
    }
}

static inline void request(struct user *u)
{
    assert_int_equal(umsi_pci_request(&u->pci, 0, handler, u, "wired"), UMSI_OK);
}

/* Attached, granted, requested. */
static inline void live(struct user *u)
{
    attach(u);
    assert_int_equal(alloc(u, 1, 4, UMSI_INTX), UMSI_OK);
    request(u);
}

/* Only the functions that should ran since the last look; bit i is function i. */
static inline void ran(struct rig *r, uint32_t expected)
{
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        assert_int_equal(r->user[i].runs != 0, (expected >> i) & 1);
        r->user[i].runs = 0;
    }
}

static inline uint32_t disables(struct rig *r)
{
    struct umsi_irq_info info;
    assert_int_equal(umsi_irq_get_info(r->b->umsi, r->virq, &info), UMSI_OK);
    return info.disable_depth;
}

static inline void rig_end(struct rig *r)
{
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        umsi_pci_detach(&r->user[i].pci);
    }
    assert_int_equal(r->wire.handlers, 0);
    assert_null(r->wire.users);
    assert_true(r->masked);
    assert_int_equal(disables(r), 1);
    uint32_t lines = r->b->port.log_lines;
    assert_int_equal(umsi_pci_intx_remove(&r->wire), UMSI_OK);
    assert_null(r->wire.umsi);
    assert_int_equal(umsi_pci_intx_remove(&r->wire), UMSI_OK); /* twice is harmless */
    assert_true(r->masked);
    assert_int_equal(disables(r), 0);
    assert_int_equal(r->b->port.log_lines, lines); /* not enabled too often */
    umsi_domain_unmap(&r->domain, r->virq);
    assert_int_equal(umsi_domain_remove(&r->domain), UMSI_OK);
    pci_bench_destroy(r->b);
}

#endif /* INTX_BENCH_H */
