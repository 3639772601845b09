/* SPDX-License-Identifier: MIT */
/* The small model that umsi is compared with. It knows no hardware, no order of anything, and no failure. */
#include <string.h>

#include "reference.h"

static bool is_pci(const struct ref_device *d)
{
    return d->config.kind == GADGET_PCI;
}

bool ref_masks(const struct ref_device *d)
{
    return !is_pci(d) ? d->config.maskable : d->kind == UMSI_MSIX || d->config.pci.msi_maskable;
}

static bool *pending(struct ref_device *d, uint32_t index)
{
    return &d->v[index].pending[is_pci(d) && d->kind == UMSI_MSIX];
}

/* ---- vectors come and go ---- */

static void live(struct ref_device *d, uint32_t index, bool spare)
{
    struct ref_vector *v = &d->v[index];
    v->live = true;
    v->spare = spare;
    v->requested = v->held = false;
    v->depth = 0;
    v->cpu = UMSI_NO_CPU; /* see ref_place() */
}

static uint32_t load_of(const struct ref *r, umsi_cpu cpu)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < REF_DEVICES; i++) {
        for (uint32_t k = 0; k < VECTORS; k++) {
            n += r->device[i].v[k].live && r->device[i].v[k].cpu == cpu;
        }
    }
    return n;
}

/* Of these that are online, the first with the fewest vectors, round and round. */
static umsi_cpu fewest(const struct ref *r, uint64_t cpus, umsi_cpu from)
{
    umsi_cpu best = UMSI_NO_CPU;
    for (umsi_cpu i = 0; i < 64; i++) {
        const umsi_cpu cpu = (from + i) % 64;
        const bool may = ((cpus & r->online) >> cpu & 1) != 0;
        best = may && (best == UMSI_NO_CPU || load_of(r, cpu) < load_of(r, best)) ? cpu : best;
    }
    return best;
}

void ref_place(const struct ref *r, struct ref_device *d)
{
    const umsi_cpu cpu = fewest(r, UINT64_MAX, 0);
    for (uint32_t i = 0; i < VECTORS; i++) {
        if (d->v[i].live && d->v[i].cpu == UMSI_NO_CPU) {
            d->v[i].cpu = cpu;
        }
    }
}

/* What a PCI function remembers stays in its registers; the others forget. */
static void dead(struct ref_device *d, uint32_t index)
{
    struct ref_vector *v = &d->v[index];
    v->live = v->spare = v->requested = v->held = false;
    v->pending[0] = v->pending[0] && is_pci(d);
}

static bool any_live(const struct ref_device *d, uint32_t first, uint32_t n)
{
    bool any = false;
    for (uint32_t i = first; i < first + n; i++) {
        any = any || d->v[i].live;
    }
    return any;
}

static enum umsi_status take_pci(struct ref_device *d, uint32_t n, uint32_t kind)
{
    const uint32_t has = kind == UMSI_MSIX ? d->config.pci.msix_entries : d->config.pci.msi_vectors;
    if (d->kind != 0) {
        return UMSI_STATE;
    }
    if (has == 0) {
        return UMSI_NOTFOUND;
    }
    if (n > has) {
        return UMSI_NOSPACE;
    }
    d->kind = kind;
    d->domain = true;
    for (uint32_t i = 0; i < n || (kind == UMSI_MSI && (i & (i - 1)) != 0); i++) {
        live(d, i, i >= n); /* a block is a power of two */
    }
    return UMSI_OK;
}

enum umsi_status ref_take(struct ref_device *d, uint32_t first, uint32_t n, uint32_t kind)
{
    if (is_pci(d)) {
        return take_pci(d, n, kind);
    }
    d->domain = true; /* of a late one: now, whatever comes of the vectors */
    if (first >= d->config.events || n > d->config.events - first) {
        return UMSI_RANGE;
    }
    if (any_live(d, first, n)) {
        return UMSI_EXISTS;
    }
    for (uint32_t i = first; i < first + n; i++) {
        live(d, i, false);
    }
    d->kind = UMSI_DEVICE_MSI;
    return UMSI_OK;
}

enum umsi_status ref_take_at(struct ref_device *d, uint32_t index, uint32_t *out_index)
{
    uint32_t at, size = is_pci(d) ? d->config.pci.msix_entries : d->config.events;
    if (is_pci(d) && d->kind == UMSI_MSI) {
        return UMSI_STATE;
    }
    if (size == 0) {
        return UMSI_NOTFOUND;
    }
    d->domain = d->domain || !is_pci(d);
    for (at = index == UMSI_ANY_INDEX ? 0 : index; index == UMSI_ANY_INDEX && at < size; at++) {
        if (!d->v[at].live) {
            break;
        }
    }
    if (at >= size) {
        return index == UMSI_ANY_INDEX ? UMSI_NOSPACE : UMSI_RANGE;
    }
    if (d->v[at].live) {
        return UMSI_EXISTS;
    }
    d->domain = true;
    d->kind = is_pci(d) ? UMSI_MSIX : UMSI_DEVICE_MSI;
    live(d, at, false);
    *out_index = at;
    return UMSI_OK;
}

void ref_drop(struct ref_device *d)
{
    for (uint32_t i = 0; i < VECTORS; i++) {
        dead(d, i);
    }
    d->kind = 0;
}

void ref_drop_at(struct ref_device *d, uint32_t index)
{
    if (is_pci(d) && d->kind != UMSI_MSIX) {
        return; /* a block is one piece */
    }
    dead(d, index);
    if (!any_live(d, 0, VECTORS)) {
        ref_drop(d);
    }
}

enum umsi_status ref_attach(struct ref_device *d)
{
    d->attached = true;
    d->domain = !is_pci(d) && !d->config.late;
    return UMSI_OK;
}

void ref_detach(struct ref_device *d)
{
    ref_drop(d);
    d->attached = d->domain = false;
}

/* ---- handlers and arrivals ---- */

static bool is_open(const struct ref_vector *v)
{
    return v->requested && v->depth == 0;
}

/* What is remembered, by whomever, is one interrupt. */
static void let_through(struct ref_device *d, uint32_t index)
{
    struct ref_vector *v = &d->v[index];
    if (is_open(v)) {
        v->hits += v->held || *pending(d, index);
        v->held = *pending(d, index) = false;
    }
}

enum umsi_status ref_request(struct ref_device *d, uint32_t index)
{
    if (!ref_has(d, index)) {
        return UMSI_NOTFOUND;
    }
    if (d->v[index].requested) {
        return UMSI_EXISTS;
    }
    d->v[index].requested = true;
    let_through(d, index);
    return UMSI_OK;
}

/* What umsi remembered for this handler, and its driver's disables, are not for the next one. */
void ref_release(struct ref_device *d, uint32_t index)
{
    if (d->v[index].requested) {
        d->v[index].requested = d->v[index].held = false;
        d->v[index].depth = 0;
    }
}

void ref_disable(struct ref_device *d, uint32_t index)
{
    d->v[index].depth++;
}

void ref_enable(struct ref_device *d, uint32_t index)
{
    if (d->v[index].depth != 0) {
        d->v[index].depth--;
        let_through(d, index);
    }
}

void ref_raise(struct ref_device *d, uint32_t index)
{
    if (is_open(&d->v[index])) {
        d->v[index].hits++;
    } else if (ref_masks(d)) {
        *pending(d, index) = true;
    } else {
        d->v[index].held = true;
    }
}

static bool is_block(const struct ref_device *d)
{
    return is_pci(d) && d->kind == UMSI_MSI && d->v[1].live;
}

/* It stays where it is when it may. */
enum umsi_status ref_move(const struct ref *r, struct ref_device *d, uint32_t index, uint64_t cpus)
{
    const umsi_cpu from = d->v[index].cpu;
    const bool stays = ((cpus & r->online) >> from & 1) != 0;
    const umsi_cpu to = stays ? from : fewest(r, cpus, from);
    if (to != UMSI_NO_CPU && to != from && r->one_address && is_block(d)) {
        return UMSI_UNSUPPORTED;
    }
    d->v[index].cpu = to == UMSI_NO_CPU ? from : to;
    return to == UMSI_NO_CPU ? UMSI_INVALID : UMSI_OK;
}

/* ---- counts ---- */

uint32_t ref_live(const struct ref *r)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < REF_DEVICES * VECTORS; i++) {
        n += r->device[i / VECTORS].v[i % VECTORS].live;
    }
    return n;
}

uint32_t ref_mapped(const struct ref *r)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < REF_DEVICES; i++) {
        bool first = r->device[i].domain;
        for (uint32_t k = 0; k < i; k++) {
            first = first && !(r->device[k].domain &&
                               r->device[k].config.device_id == r->device[i].config.device_id);
        }
        n += first;
    }
    return n;
}
