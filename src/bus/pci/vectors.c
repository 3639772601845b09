/* SPDX-License-Identifier: MIT */
/*
 * Vectors for a driver: the kinds it allows are tried in order, each for as many vectors as the function and
 * the controller have, and a wire last. What fails leaves everything as it was (L12) and says why (L13).
 */
#include "pci_int.h"

static const struct umsi_pci_kind *const kinds[] = { &umsi_pci_kind_msix, &umsi_pci_kind_msi };
#define NR_KINDS (sizeof(kinds) / sizeof(kinds[0]))

const struct umsi_pci_kind *umsi_pci_kind_now(const struct umsi_pci *pci)
{
    for (uint32_t i = 0; i < NR_KINDS; i++) {
        if (kinds[i]->kind == pci->kind) {
            return kinds[i];
        }
    }
    return NULL;
}

void umsi_pci_stop(struct umsi_pci *pci)
{
    const struct umsi_pci_kind *kind = umsi_pci_kind_now(pci);
    uint32_t size = 0;
    if (umsi_pci_has_wire(pci)) {
        umsi_pci_intx_stop(pci);
    } else if (kind != NULL) {
        (void)umsi_msi_domain_template(&pci->msi, UMSI_PCI_SLOT, &size);
        kind->quiet(pci);
        umsi_msi_free_slot(&pci->msi, UMSI_PCI_SLOT, 0, size);
        kind->end(pci);
        pci->kind = 0;
    }
}

/* ---- as many as possible of one kind ---- */

/* A vector cannot be left out twice, nor one that was not granted. */
static uint32_t least_of(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static enum umsi_status alloc_n(struct umsi_pci *pci, const struct umsi_vectors *want, bool block,
                                uint32_t n)
{
    uint32_t front = least_of(want->reserve_front, n), first;
    const struct umsi_msi_want slot = {
        .first = 0,
        .n = n,
        .block = block,
        .spread = want->spread,
        .reserve_front = front,
        .reserve_back = least_of(want->reserve_back, n - front),
        .cpus = want->cpus,
        .managed = want->managed,
    };
    return umsi_msi_alloc_slot(&pci->msi, UMSI_PCI_SLOT, &slot, &first);
}

/*
 * The most vectors, from want->min to `most`, that the controller has. Each attempt is all or nothing, so
 * this bisects between a count that works and one that does not.
 */
static enum umsi_status alloc_most(struct umsi_pci *pci, const struct umsi_vectors *want,
                                   bool block, uint32_t most, uint32_t *out_n)
{
    uint32_t good = want->min - 1, bad = most + 1, held = 0;
    enum umsi_status st = UMSI_NOSPACE;
    for (uint32_t n = most; good + 1 < bad; n = good + (bad - good) / 2) {
        umsi_msi_free_slot(&pci->msi, UMSI_PCI_SLOT, 0, held);
        held = 0;
        st = alloc_n(pci, want, block, n);
        if (st == UMSI_OK) {
            good = held = n;
        } else if (st == UMSI_NOSPACE) {
            bad = n;
        } else {
            return st;
        }
    }
    if (good < want->min) {
        return st;
    }
    st = held == good ? UMSI_OK : alloc_n(pci, want, block, good);
    if (st == UMSI_OK) {
        *out_n = good;
    }
    return st;
}

/* Never two kinds on at once (L50, 6.1.4): what turned the other one off may not have reached the function. */
static enum umsi_status others_off(struct umsi_pci *pci, const struct umsi_pci_kind *kind)
{
    bool ok = true;
    for (uint32_t i = 0; i < NR_KINDS && ok; i++) {
        ok = kinds[i] == kind || kinds[i]->count(pci) == 0 || kinds[i]->off(pci);
    }
    return ok ? UMSI_OK : UMSI_GONE;
}

static enum umsi_status alloc_and_enable(struct umsi_pci *pci, const struct umsi_pci_kind *kind,
                                         const struct umsi_vectors *want, uint32_t most,
                                         uint32_t *out_granted)
{
    uint32_t n = 0;
    enum umsi_status st = others_off(pci, kind);
    st = st != UMSI_OK ? st : kind->begin(pci);
    if (st != UMSI_OK) {
        return st;
    }
    st = alloc_most(pci, want, kind->block, most, &n);
    if (st == UMSI_OK) {
        st = kind->finish(pci, n);
    }
    if (st == UMSI_OK) {
        pci->kind = kind->kind;
        *out_granted = n;
        return st;
    }
    kind->quiet(pci);
    umsi_msi_free_slot(&pci->msi, UMSI_PCI_SLOT, 0, n);
    kind->end(pci);
    return st;
}

/* The function has the kind. */
static enum umsi_status try_kind(struct umsi_pci *pci, const struct umsi_pci_kind *kind,
                                 const struct umsi_vectors *want, uint32_t *out_granted)
{
    uint32_t size = 0;
    if (!(umsi_pci_parent_can(pci) & kind->kind)) {
        return UMSI_UNSUPPORTED;
    }
    if (umsi_pci_usable(pci, kind) < want->min) {
        return UMSI_NOSPACE;
    }
    enum umsi_status st = umsi_pci_domain_use(pci, kind, want->min, &size);
    if (st != UMSI_OK) {
        return st;
    }
    uint32_t most = least_of(least_of(want->max, umsi_pci_usable(pci, kind)), size);
    return alloc_and_enable(pci, kind, want, most, out_granted);
}

/* ---- the kinds in order ---- */

/* What became of each kind that the driver allows and the function has; UMSI_OK: it was not tried. */
struct attempts {
    enum umsi_status failed[NR_KINDS];
};

/*
 * May another kind serve the driver? Yes where this one cannot, or not as many. Any other error is of the call or
 * the machine, and fewer vectors of a lesser kind would hide it.
 */
static bool other_kind_may_do(enum umsi_status st)
{
    return st == UMSI_NOSPACE || st == UMSI_UNSUPPORTED || st == UMSI_NOTFOUND;
}

/* The error is the most wanted kind's that the function has. */
static enum umsi_status try_messages(struct umsi_pci *pci, const struct umsi_vectors *want,
                                     uint32_t allowed, struct attempts *a, uint32_t *out_granted)
{
    enum umsi_status first = UMSI_NOTFOUND;
    for (uint32_t i = 0; i < NR_KINDS; i++) {
        if (!(allowed & kinds[i]->kind) || kinds[i]->count(pci) == 0) {
            continue;
        }
        enum umsi_status st = try_kind(pci, kinds[i], want, out_granted);
        a->failed[i] = st;
        if (st == UMSI_OK || !other_kind_may_do(st)) {
            return st;
        }
        if (first == UMSI_NOTFOUND) {
            first = st;
        }
    }
    return first;
}

/*
 * A wire does not pass through the MSI controller, and helps where that is broken, too. Not where the function is
 * gone, or in no state for what was asked.
 */
static enum umsi_status try_wire(struct umsi_pci *pci, const struct umsi_vectors *want,
                                 enum umsi_status st, uint32_t *out_granted)
{
    if (st == UMSI_GONE || st == UMSI_STATE) {
        return st;
    }
    enum umsi_status intx = UMSI_WITH_INTX ? umsi_pci_intx_usable(pci, want) : UMSI_UNSUPPORTED;
    if (intx != UMSI_OK) {
        return st == UMSI_NOTFOUND ? intx : st;
    }
    pci->kind = UMSI_INTX;
    *out_granted = 1;
    return UMSI_OK;
}

/* The driver got something else than the best its function has: the log says why. */
static void log_passed_over(const struct umsi_pci *pci, const struct attempts *a)
{
    const struct umsi_pci_kind *now = umsi_pci_kind_now(pci);
    for (uint32_t i = 0; i < NR_KINDS; i++) {
        if (a->failed[i] != UMSI_OK) {
            umsi_log(pci->msi.umsi, UMSI_LOG_WARN, "%s: %s instead of %s: %s", pci->msi.name,
                     now != NULL ? now->name : "INTx", kinds[i]->name,
                     umsi_status_string(a->failed[i]));
        }
    }
}

static enum umsi_status try_kinds(struct umsi_pci *pci, const struct umsi_vectors *want,
                                  uint32_t *out_granted)
{
    const uint32_t allowed = want->kinds == 0 ? UMSI_MSIX | UMSI_MSI : want->kinds;
    struct attempts a = { { UMSI_OK } };
    enum umsi_status st = try_messages(pci, want, allowed, &a, out_granted);
    if (st != UMSI_OK && (allowed & UMSI_INTX)) {
        st = try_wire(pci, want, st, out_granted);
    }
    if (UMSI_LOG_LEVELS > UMSI_LOG_WARN && st == UMSI_OK) {
        log_passed_over(pci, &a);
    }
    return st;
}

static enum umsi_status check_want(const struct umsi_pci *pci, const struct umsi_vectors *want,
                                   const uint32_t *out)
{
    if (pci == NULL || pci->ops == NULL || want == NULL || out == NULL) {
        return UMSI_INVALID;
    }
    if (want->min < 1 || want->max < want->min) {
        return UMSI_INVALID;
    }
    return want->kinds & ~(UMSI_MSIX | UMSI_MSI | UMSI_INTX) ? UMSI_UNSUPPORTED : UMSI_OK;
}

static enum umsi_status alloc_locked(struct umsi_pci *pci, const struct umsi_vectors *want,
                                     uint32_t *out_granted)
{
    struct umsi_pci_domain_was was;
    if (pci->kind != 0) {
        return UMSI_STATE;
    }
    enum umsi_status st = umsi_pci_present(pci);
    if (st != UMSI_OK) {
        return st;
    }
    umsi_pci_domain_note(pci, &was);
    st = try_kinds(pci, want, out_granted);
    if (st != UMSI_OK || umsi_pci_has_wire(pci)) { /* the kinds that failed leave nothing */
        umsi_pci_domain_put_back(pci, &was);
    }
    if (st != UMSI_OK) {
        return st;
    }
    pci->granted = *out_granted;
    pci->asked = want->max;
    if (umsi_pci_has_wire(pci)) {
        umsi_pci_intx_warn_disabled(pci);
    } else {
        umsi_pci_warn_bus_master(pci);
    }
    return UMSI_OK;
}

enum umsi_status umsi_pci_alloc_vectors(struct umsi_pci *pci, const struct umsi_vectors *want,
                                        uint32_t *out_granted)
{
    enum umsi_status st = check_want(pci, want, out_granted);
    if (st == UMSI_OK) {
        st = umsi_msi_lock(&pci->msi);
    }
    if (st == UMSI_OK) {
        st = alloc_locked(pci, want, out_granted);
        umsi_msi_unlock(&pci->msi);
    }
    return st;
}

void umsi_pci_free_vectors(struct umsi_pci *pci)
{
    if (pci != NULL && pci->ops != NULL) {
        umsi_msi_lock_wait(&pci->msi);
        umsi_pci_stop(pci);
        umsi_msi_unlock(&pci->msi);
    }
}

uint32_t umsi_pci_vector_count(const struct umsi_pci *pci, uint32_t kind)
{
    for (uint32_t i = 0; i < NR_KINDS; i++) {
        if (kinds[i]->kind == kind) {
            return kinds[i]->count(pci);
        }
    }
    return kind == UMSI_INTX && pci->intx.wire != NULL && pci->intx.pin != 0;
}

/* ---- handlers by index ---- */

umsi_virq umsi_pci_virq(struct umsi_pci *pci, uint32_t index)
{
    if (umsi_pci_has_wire(pci)) {
        return index == 0 ? pci->intx.wire->virq : UMSI_NO_VIRQ;
    }
    return pci->kind == 0 ? UMSI_NO_VIRQ : umsi_msi_virq(&pci->msi, index);
}

enum umsi_status umsi_pci_request(struct umsi_pci *pci, uint32_t index, umsi_handler handler,
                                  void *arg, const char *name)
{
    umsi_virq virq = umsi_pci_virq(pci, index);
    if (virq == UMSI_NO_VIRQ) {
        return UMSI_NOTFOUND;
    }
    return umsi_pci_has_wire(pci) ? umsi_pci_intx_request(pci, handler, arg)
                                  : umsi_irq_request(pci->msi.umsi, virq, handler, arg, name);
}

void umsi_pci_release(struct umsi_pci *pci, uint32_t index)
{
    umsi_virq virq = umsi_pci_virq(pci, index);
    if (virq == UMSI_NO_VIRQ) {
        return;
    }
    if (umsi_pci_has_wire(pci)) {
        umsi_pci_intx_release(pci);
    } else {
        umsi_irq_free(pci->msi.umsi, virq);
    }
}
