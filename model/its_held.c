/* SPDX-License-Identifier: MIT */
/*
 * Memory that is the hardware's for now: ITTs from MAPD V=1 until a SYNC after MAPD V=0 (L22), level 2
 * pages, tables and queue until the ITS is disabled and quiescent (L32), LPI tables while EnableLPIs is set.
 */
#include <stdlib.h>
#include <string.h>

#include "machine.h"

static bool overlap(uint64_t a, uint64_t na, uint64_t b, uint64_t nb)
{
    return na != 0 && nb != 0 && a < b + nb && b < a + na;
}

struct held *held_add(struct its *its, const struct held *h)
{
    its->held = grow(its->held, its->nr_held, sizeof(*its->held));
    its->held[its->nr_held] = *h;
    return &its->held[its->nr_held++];
}

struct held *held_device(struct its *its, uint32_t device)
{
    for (uint32_t i = 0; i < its->nr_held; i++) {
        struct held *h = &its->held[i];
        if (!h->page && !h->unmapped && h->device == device) {
            return h;
        }
    }
    return NULL;
}

static void drop(struct its *its, uint32_t i)
{
    its->held[i] = its->held[--its->nr_held];
}

/* What an ITS leaves in a table it no longer needs is its own business: seldom zeroes (L21). */
static void leave_garbage(struct its *its, const struct held *h)
{
    uint8_t *p = memory_at(its->m, h->phys, h->size);
    if (p != NULL) {
        memset(p, 0x3c, h->size);
    }
}

void held_release_unmapped(struct its *its)
{
    for (uint32_t i = its->nr_held; i-- > 0;) {
        if (its->held[i].unmapped) {
            leave_garbage(its, &its->held[i]);
            drop(its, i);
        }
    }
}

static bool page_still_there(struct its *its, const struct held *h)
{
    uint64_t l1;
    return memory_read64(its->m, table_baser_phys(its, h->events) + (uint64_t)h->device * 8, &l1) &&
           l1 == h->dte;
}

/* Pages first: devices are found through them. What the driver gave anew is empty. */
void held_restart(struct its *its)
{
    for (uint32_t i = its->nr_held; i-- > 0;) {
        if (its->held[i].page && !page_still_there(its, &its->held[i])) {
            drop(its, i);
        }
    }
    for (uint32_t i = its->nr_held; i-- > 0;) {
        uint64_t dte = 0;
        const struct held h = its->held[i];
        if (!h.page && (table_device(its, h.device, &dte) != ENTRY_OK || dte != h.dte)) {
            its_forget_events(its, h.dte);
            drop(its, i);
        }
    }
}

/* Tables and queue. */
static const char *given_overlap(struct its *its, uint64_t phys, uint64_t size)
{
    uint64_t queue = its->cbaser & (((uint64_t)1 << 52) - 4096);
    if (overlap(queue, its_queue_bytes(its), phys, size)) {
        return "command queue";
    }
    for (unsigned n = 0; n < 8; n++) {
        if (overlap(table_baser_phys(its, n), table_baser_bytes(its, n), phys, size)) {
            return "device or collection table";
        }
    }
    return NULL;
}

const char *held_overlap(struct its *its, uint64_t phys, uint64_t size)
{
    for (uint32_t i = 0; i < its->nr_held; i++) {
        const struct held *h = &its->held[i];
        if (overlap(h->phys, h->size, phys, size)) {
            return h->page ? "level 2 page" : h->unmapped ? "ITT unmapped without a SYNC" : "ITT";
        }
    }
    return given_overlap(its, phys, size);
}

static void check_its(struct model *m, struct its *its, uint64_t phys, uint64_t size)
{
    const char *what = its_quiet(its) ? NULL : held_overlap(its, phys, size);
    if (what != NULL) {
        breach(m, "L22", "IHI0069 5.3 MAPD, 12.19", "ITS %u still uses freed memory at %#llx: %s",
               its->index, (unsigned long long)phys, what);
    }
}

void held_check_free(struct model *m, uint64_t phys, uint64_t size)
{
    for (uint32_t i = 0; i < m->cfg.nr_its; i++) {
        check_its(m, &m->its[i], phys, size);
    }
    for (uint32_t i = 0; i < m->cfg.nr_cpus; i++) {
        const char *what = gicr_holds(m, &m->cpu[i], phys, size);
        if (what != NULL) {
            breach(m, "L32", "IHI0069 12.11 GICR_CTLR",
                   "CPU %u still uses freed memory at %#llx: %s", i, (unsigned long long)phys,
                   what);
            return;
        }
    }
}
