/* SPDX-License-Identifier: MIT */
/*
 * What the core sees of the IMSIC: a root domain and MSI parent whose vectors have a place, an identity of one
 * CPU's file. Nothing here waits for a hart: what it must do is noted in its file.
 */
#include "../../arch/barrier.h"
#include "place.h"

static void ask(struct umsi_imsic *imsic, uint32_t place)
{
    umsi_imsic_ask(imsic, umsi_imsic_file_of(imsic, place));
}

static void open_one(const struct umsi_domain *d, const struct umsi_irq *irq, bool open)
{
    umsi_imsic_open(umsi_imsic_of(d), umsi_imsic_place_of(d, irq), irq, open);
    if (umsi_imsic_old_word(d, irq) != 0) {
        umsi_imsic_open(umsi_imsic_of(d), umsi_imsic_old_place(d, irq), irq, open);
    }
}

static void ask_one(const struct umsi_domain *d, const struct umsi_irq *irq)
{
    ask(umsi_imsic_of(d), umsi_imsic_place_of(d, irq));
    if (umsi_imsic_old_word(d, irq) != 0) {
        ask(umsi_imsic_of(d), umsi_imsic_old_place(d, irq));
    }
}

/* ---- managed vectors: an identity is set aside on each CPU of the share but the one it is on (L53) ---- */

static bool next_share(struct umsi_imsic *imsic, const struct umsi_cpumask *share, umsi_cpu not,
                       umsi_cpu *cpu)
{
    for (; *cpu < imsic->umsi->port.nr_cpus; ++*cpu) {
        if (*cpu != not &&umsi_cpumask_test(share, *cpu) && umsi_imsic_file(imsic, *cpu) != NULL) {
            return true;
        }
    }
    return false;
}

static void drop_share(struct umsi_imsic *imsic, const struct umsi_cpumask *share, umsi_cpu not,
                       umsi_cpu end)
{
    for (umsi_cpu cpu = 0; next_share(imsic, share, not, &cpu) && cpu < end; cpu++) {
        umsi_imsic_keep(imsic, &imsic->files[cpu], false);
    }
}

static bool keep_share(struct umsi_imsic *imsic, const struct umsi_irq *irq, umsi_cpu here)
{
    struct umsi_cpumask share;
    umsi_cpu cpu = 0;

    for (; umsi_irq_managed(irq, &share) && next_share(imsic, &share, here, &cpu); cpu++) {
        if (!umsi_imsic_set_aside(imsic, &imsic->files[cpu])) {
            drop_share(imsic, &share, here, cpu);
            return false;
        }
    }
    return true;
}

/* On a CPU where the vector is no longer, or not yet: nothing where it is not managed. */
void umsi_imsic_keep_one(struct umsi_imsic *imsic, const struct umsi_irq *irq, umsi_cpu cpu,
                         bool keep)
{
    struct umsi_cpumask share;

    if (umsi_irq_managed(irq, &share) && umsi_cpumask_test(&share, cpu)) {
        umsi_imsic_keep(imsic, &imsic->files[cpu], keep);
    }
}

/* ---- allocation ---- */

static void free_one(const struct umsi_domain *d, struct umsi_irq *irq)
{
    struct umsi_imsic *imsic = umsi_imsic_of(d);
    const uint32_t places[] = { umsi_imsic_place_of(d, irq), umsi_imsic_old_place(d, irq),
                                umsi_imsic_twin_place(d, irq) };
    struct umsi_cpumask share;

    for (uint32_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (places[i] != 0) {
            umsi_imsic_give_back(imsic, places[i]);
        }
    }
    if (places[1] != 0) { /* as if it had settled */
        umsi_imsic_keep_one(imsic, irq, umsi_imsic_place_cpu(places[1]), true);
    }
    if (umsi_irq_managed(irq, &share)) {
        drop_share(imsic, &share, umsi_imsic_place_cpu(places[0]), UMSI_NO_CPU);
    }
}

static void imsic_free(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                       struct umsi_batch *batch)
{
    (void)batch;
    if (umsi_imsic_is_ipi(d, v[0])) {
        umsi_imsic_ipi_free(umsi_imsic_of(d), v[0]);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        free_one(d, v[i]);
    }
    for (uint32_t i = 0; i < n; i++) {
        ask_one(d, v[i]);
    }
}

/* The core chooses among CPUs with a file (can_target). */
static enum umsi_status alloc_one(const struct umsi_domain *d, struct umsi_irq *irq)
{
    struct umsi_imsic *imsic = umsi_imsic_of(d);
    struct imsic_file *f = &imsic->files[irq->cpu];
    uint32_t id = umsi_imsic_take(imsic, f, IMSIC_ANY_ID);

    if (id == 0) {
        return UMSI_NOSPACE;
    }
    if (!keep_share(imsic, irq, f->cpu)) {
        umsi_imsic_give_back(imsic, umsi_imsic_place(f->cpu, id));
        umsi_imsic_ask(imsic, f);
        return UMSI_NOSPACE;
    }
    umsi_imsic_set_place(d, irq, umsi_imsic_place(f->cpu, id));
    return UMSI_OK;
}

static enum umsi_status alloc_each(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                   struct umsi_batch *batch)
{
    for (uint32_t i = 0; i < n; i++) {
        enum umsi_status st = alloc_one(d, v[i]);
        if (st != UMSI_OK) {
            if (i != 0) {
                imsic_free(d, v, i, batch);
            }
            return st;
        }
    }
    return UMSI_OK;
}

/*
 * The messages of a block differ in their low bits only, so all of it is in one file, and since the device has one
 * address for all, it stays there. A wish that says otherwise cannot be served.
 */
static bool is_of_one_cpu(struct umsi_irq *const *v, uint32_t n)
{
    struct umsi_cpumask share;
    uint32_t i = 0;

    while (i < n && v[i]->cpu == v[0]->cpu && !umsi_irq_managed(v[i], &share)) {
        i++;
    }
    return i == n;
}

static enum umsi_status alloc_block(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n)
{
    struct umsi_imsic *imsic = umsi_imsic_of(d);
    struct imsic_file *f = &imsic->files[v[0]->cpu];
    uint32_t first;

    if (!is_of_one_cpu(v, n)) {
        umsi_log(imsic->umsi, UMSI_LOG_INFO,
                 "%s: MSI has one address for its whole block: "
                 "it can be neither spread nor managed",
                 v[0]->domain->name);
        return UMSI_UNSUPPORTED;
    }
    first = umsi_imsic_take_block(imsic, f, n);
    if (first == 0) {
        umsi_log(imsic->umsi, UMSI_LOG_ERROR, "IMSIC: CPU %u has no %u identities in a row",
                 v[0]->cpu, n);
        return UMSI_NOSPACE;
    }
    for (uint32_t i = 0; i < n; i++) {
        umsi_imsic_set_place(d, v[i], umsi_imsic_place(f->cpu, first + i) | IMSIC_BLOCK);
    }
    return UMSI_OK;
}

static enum umsi_status imsic_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                    const struct umsi_alloc_info *info, struct umsi_batch *batch)
{
    if (umsi_imsic_is_ipi(d, v[0])) {
        return umsi_imsic_ipi_alloc(umsi_imsic_of(d), v[0]);
    }
    return info->nr_block > 1 ? alloc_block(d, v, n) : alloc_each(d, v, n, batch);
}

/* ---- on and off ---- */

static void open_all(const struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n, bool open)
{
    if (umsi_imsic_is_ipi(d, v[0])) {
        umsi_imsic_ipi_open(umsi_imsic_of(d), v[0], open);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        open_one(d, v[i], open);
    }
    for (uint32_t i = 0; i < n; i++) {
        ask_one(d, v[i]);
    }
}

/* From here on what its identity brings is its own. */
static enum umsi_status imsic_activate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                       struct umsi_batch *batch)
{
    (void)batch;
    for (uint32_t i = 0; i < n && !umsi_imsic_is_ipi(d, v[0]); i++) {
        umsi_imsic_publish(umsi_imsic_of(d), umsi_imsic_place_of(d, v[i]), v[i]);
    }
    open_all(d, v, n, true);
    return UMSI_OK;
}

/* Its harts close the identities later: what they claim until then must not find the descriptor once the core has
 * waited for the dispatches that may hold it (L59). A twin is never open, and so nobody's. */
static void unpublish(const struct umsi_domain *d, const struct umsi_irq *irq)
{
    umsi_imsic_publish(umsi_imsic_of(d), umsi_imsic_place_of(d, irq), NULL);
    if (umsi_imsic_old_word(d, irq) != 0) {
        umsi_imsic_publish(umsi_imsic_of(d), umsi_imsic_old_place(d, irq), NULL);
    }
}

static void imsic_deactivate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                             struct umsi_batch *batch)
{
    (void)batch;
    open_all(d, v, n, false);
    if (umsi_imsic_is_ipi(d, v[0])) {
        umsi_imsic_ipi_retire(umsi_imsic_of(d), v[0]);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        unpublish(d, v[i]);
    }
}

static void imsic_mask(struct umsi_domain *d, struct umsi_irq *irq)
{
    if (umsi_imsic_is_ipi(d, irq)) {
        umsi_imsic_ipi_mask(umsi_imsic_of(d), irq, true);
    } else {
        open_one(d, irq, false);
        ask_one(d, irq);
    }
}

static void imsic_unmask(struct umsi_domain *d, struct umsi_irq *irq)
{
    if (umsi_imsic_is_ipi(d, irq)) {
        umsi_imsic_ipi_mask(umsi_imsic_of(d), irq, false);
    } else {
        open_one(d, irq, true);
        ask_one(d, irq);
    }
}

/* ---- pending ---- */

void umsi_imsic_pend(struct umsi_imsic *imsic, const struct imsic_file *f, uint32_t id)
{
    umsi_wmb(); /* what was stored before is there when the handler looks */
    umsi_write32(imsic->umsi, f->page, IMSIC_seteipnum_le, id);
}

/* It has arrived when this returns: the file answers a read after what was written before it. */
void umsi_imsic_pend_now(struct umsi_imsic *imsic, const struct imsic_file *f, uint32_t id)
{
    umsi_imsic_pend(imsic, f, id);
    (void)umsi_read32(imsic->umsi, f->page, IMSIC_seteipnum_le);
}

/*
 * Where the vector is now: it may move meanwhile. Under the file's lock a place that is still the vector's stays so,
 * and who looks at it for the last time, or takes it back, finds what is sent here (L35). True: it was sent.
 */
static bool pend_at(struct umsi_imsic *imsic, const struct umsi_irq *irq, uint32_t place)
{
    struct imsic_file *f = umsi_imsic_file_of(imsic, place);
    uint32_t id = umsi_imsic_place_id(place);
    umsi_irqstate s = umsi_lock_take(imsic->umsi, &f->lock);
    bool there = __atomic_load_n(&f->irq[id], __ATOMIC_ACQUIRE) == irq;

    if (there) {
        umsi_imsic_pend_now(imsic, f, id);
    }
    umsi_lock_drop(imsic->umsi, &f->lock, s);
    return there;
}

static void pend_vector(struct umsi_domain *d, struct umsi_irq *irq)
{
    uint32_t place;

    do {
        place = umsi_imsic_place_of(d, irq);
    } while (!pend_at(umsi_imsic_of(d), irq, place) && place != umsi_imsic_place_of(d, irq));
}

static enum umsi_status imsic_set_state(struct umsi_domain *d, struct umsi_irq *irq,
                                        enum umsi_irq_what what, bool value)
{
    if (what != UMSI_STATE_PENDING || !value) {
        return UMSI_UNSUPPORTED; /* only its hart could clear it */
    }
    if (umsi_imsic_is_ipi(d, irq)) {
        return umsi_imsic_ipi_pend(umsi_imsic_of(d), irq);
    }
    pend_vector(d, irq);
    return UMSI_OK;
}

static bool imsic_can_target(struct umsi_domain *parent, umsi_cpu cpu)
{
    struct imsic_file *f = umsi_imsic_file(umsi_imsic_of(parent), cpu);

    return f != NULL && umsi_imsic_has_room(umsi_imsic_of(parent), f);
}

const struct umsi_domain_ops umsi_imsic_domain_ops = {
    .alloc = imsic_alloc,
    .free = imsic_free,
    .activate = imsic_activate,
    .deactivate = imsic_deactivate,
    .set_affinity = UMSI_IF_MOVES(umsi_imsic_set_affinity),
    .settle = UMSI_IF_MOVES(umsi_imsic_settle),
    .revert = UMSI_IF_MOVES(umsi_imsic_revert),
    .cpu_work = umsi_imsic_cpu_work,
    .suspend = UMSI_IF_SLEEP(umsi_imsic_suspend),
    .resume = UMSI_IF_SLEEP(umsi_imsic_resume),
};

const struct umsi_chip umsi_imsic_chip = {
    .name = "IMSIC",
    .mask = imsic_mask,
    .unmask = imsic_unmask,
    .compose_message = umsi_imsic_compose,
    .compose_between = UMSI_IF_MOVES(umsi_imsic_compose_between),
    .set_state = imsic_set_state,
    .explain = UMSI_IF_EXPLAIN(umsi_imsic_explain),
};

/* Files know no devices: there is nothing to prepare. */
const struct umsi_msi_parent_ops umsi_imsic_parent_ops = {
    .name = "IMSIC",
    .can = UMSI_MSI | UMSI_MSIX | UMSI_DEVICE_MSI | UMSI_WIRED | UMSI_MSI_MULTI | UMSI_MSIX_DYNAMIC,
    .message = UMSI_MESSAGE_MOVES,
    .can_target = imsic_can_target,
};
