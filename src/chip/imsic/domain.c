/* SPDX-License-Identifier: MIT */
/*
 * What the core sees of the IMSIC: a root domain and MSI parent whose vectors have a place, an identity of one
 * CPU's file, and whose messages move with it. Nothing here waits for a hart: what it must do is noted in its file.
 */
#include "../../arch/barrier.h"
#include "internal.h"

static struct umsi_imsic *imsic_of(const struct umsi_domain *d)
{
    return d->data;
}

/* ---- places of a vector ---- */

static uint32_t place_of(const struct umsi_domain *d, const struct umsi_irq *irq)
{
    return __atomic_load_n(&irq->level[d->depth].word, __ATOMIC_ACQUIRE) & ~IMSIC_BLOCK;
}

static void set_place(const struct umsi_domain *d, struct umsi_irq *irq, uint32_t place)
{
    irq->level[d->depth].hwirq = umsi_imsic_place_id(place);
    __atomic_store_n(&irq->level[d->depth].word, place, __ATOMIC_RELEASE);
}

static bool is_block(const struct umsi_domain *d, const struct umsi_irq *irq)
{
    return (irq->level[d->depth].word & IMSIC_BLOCK) != 0;
}

/* What a move has left behind on the old CPU: the old place, and perhaps the new identity there; 0: nothing. */
static uint32_t old_word(const struct umsi_domain *d, const struct umsi_irq *irq)
{
    return (uint32_t)(uintptr_t)irq->level[d->depth].data;
}

static void set_old(const struct umsi_domain *d, struct umsi_irq *irq, uint32_t word)
{
    irq->level[d->depth].data = (void *)(uintptr_t)word;
}

static uint32_t old_place(const struct umsi_domain *d, const struct umsi_irq *irq)
{
    return old_word(d, irq) & ~IMSIC_TWIN;
}

/* The new identity on the old CPU; 0: it is not taken there. */
static uint32_t twin_place(const struct umsi_domain *d, const struct umsi_irq *irq)
{
    if ((old_word(d, irq) & IMSIC_TWIN) == 0) {
        return 0;
    }
    return umsi_imsic_place(umsi_imsic_place_cpu(old_place(d, irq)),
                            umsi_imsic_place_id(place_of(d, irq)));
}

static void ask(struct umsi_imsic *imsic, uint32_t place)
{
    umsi_imsic_ask(imsic, umsi_imsic_file_of(imsic, place));
}

static void open_one(const struct umsi_domain *d, const struct umsi_irq *irq, bool open)
{
    umsi_imsic_open(imsic_of(d), place_of(d, irq), open);
    if (old_word(d, irq) != 0) {
        umsi_imsic_open(imsic_of(d), old_place(d, irq), open);
    }
}

static void ask_one(const struct umsi_domain *d, const struct umsi_irq *irq)
{
    ask(imsic_of(d), place_of(d, irq));
    if (old_word(d, irq) != 0) {
        ask(imsic_of(d), old_place(d, irq));
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
static void keep_one(struct umsi_imsic *imsic, const struct umsi_irq *irq, umsi_cpu cpu, bool keep)
{
    struct umsi_cpumask share;

    if (umsi_irq_managed(irq, &share) && umsi_cpumask_test(&share, cpu)) {
        umsi_imsic_keep(imsic, &imsic->files[cpu], keep);
    }
}

/* ---- allocation ---- */

static void free_one(const struct umsi_domain *d, struct umsi_irq *irq)
{
    struct umsi_imsic *imsic = imsic_of(d);
    const uint32_t places[] = { place_of(d, irq), old_place(d, irq), twin_place(d, irq) };
    struct umsi_cpumask share;

    for (uint32_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (places[i] != 0) {
            umsi_imsic_publish(imsic, places[i], NULL);
            umsi_imsic_give_back(imsic, places[i]);
        }
    }
    if (places[1] != 0) { /* as if it had settled */
        keep_one(imsic, irq, umsi_imsic_place_cpu(places[1]), true);
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
        umsi_imsic_ipi_free(imsic_of(d), v[0]);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        free_one(d, v[i]);
    }
    for (uint32_t i = 0; i < n; i++) {
        ask_one(d, v[i]);
        set_old(d, v[i], 0);
    }
}

static enum umsi_status alloc_one(const struct umsi_domain *d, struct umsi_irq *irq)
{
    struct umsi_imsic *imsic = imsic_of(d);
    struct imsic_file *f = umsi_imsic_file(imsic, irq->cpu);
    uint32_t id;

    if (f == NULL) {
        return UMSI_STATE;
    }
    id = umsi_imsic_take(imsic, f, IMSIC_ANY_ID);
    if (id == 0) {
        return UMSI_NOSPACE;
    }
    if (!keep_share(imsic, irq, f->cpu)) {
        umsi_imsic_give_back(imsic, umsi_imsic_place(f->cpu, id));
        umsi_imsic_ask(imsic, f);
        return UMSI_NOSPACE;
    }
    set_old(d, irq, 0);
    set_place(d, irq, umsi_imsic_place(f->cpu, id));
    umsi_imsic_publish(imsic, place_of(d, irq), irq);
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
 * The messages of a block differ in their low bits only, so all of it is in one file, whatever CPUs were chosen; and
 * since the device has one address for all, it stays there.
 */
static enum umsi_status alloc_block(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n)
{
    struct umsi_imsic *imsic = imsic_of(d);
    struct imsic_file *f = umsi_imsic_file(imsic, v[0]->cpu);
    uint32_t first = f != NULL ? umsi_imsic_take_block(imsic, f, n) : 0;

    if (first == 0) {
        umsi_log(imsic->umsi, UMSI_LOG_ERROR, "IMSIC: CPU %u has no %u identities in a row",
                 v[0]->cpu, n);
        return UMSI_NOSPACE;
    }
    for (uint32_t i = 0; i < n; i++) {
        v[i]->cpu = f->cpu;
        set_old(d, v[i], 0);
        set_place(d, v[i], umsi_imsic_place(f->cpu, first + i) | IMSIC_BLOCK);
        v[i]->level[d->depth].hwirq = first + i;
        umsi_imsic_publish(imsic, place_of(d, v[i]), v[i]);
    }
    return UMSI_OK;
}

static enum umsi_status imsic_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                    const struct umsi_alloc_info *info, struct umsi_batch *batch)
{
    if (umsi_imsic_is_ipi(d, v[0])) {
        return umsi_imsic_ipi_alloc(imsic_of(d), v[0]);
    }
    return info->nr_block > 1 ? alloc_block(d, v, n) : alloc_each(d, v, n, batch);
}

/* ---- on and off ---- */

static void open_all(const struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n, bool open)
{
    if (umsi_imsic_is_ipi(d, v[0])) {
        umsi_imsic_ipi_open(imsic_of(d), v[0], open);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        open_one(d, v[i], open);
    }
    for (uint32_t i = 0; i < n; i++) {
        ask_one(d, v[i]);
    }
}

static enum umsi_status imsic_activate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                       struct umsi_batch *batch)
{
    (void)batch;
    open_all(d, v, n, true);
    return UMSI_OK;
}

static void imsic_deactivate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                             struct umsi_batch *batch)
{
    (void)batch;
    open_all(d, v, n, false);
}

static void imsic_mask(struct umsi_domain *d, struct umsi_irq *irq)
{
    if (umsi_imsic_is_ipi(d, irq)) {
        umsi_imsic_ipi_mask(imsic_of(d), irq, true);
    } else {
        open_one(d, irq, false);
        ask_one(d, irq);
    }
}

static void imsic_unmask(struct umsi_domain *d, struct umsi_irq *irq)
{
    if (umsi_imsic_is_ipi(d, irq)) {
        umsi_imsic_ipi_mask(imsic_of(d), irq, false);
    } else {
        open_one(d, irq, true);
        ask_one(d, irq);
    }
}

/* ---- moves ---- */

/*
 * The new identity, on `to`. For a device that cannot be masked two of the message's words must not change at once:
 * best is the same identity there, since then only the address does; else one that is free on both, so that
 * the data can change first and still reach the old file.
 */
static uint32_t take_new(struct umsi_imsic *imsic, const struct umsi_irq *irq, uint32_t old,
                         struct imsic_file *to, bool *out_twin)
{
    uint32_t id;

    *out_twin = false;
    if (umsi_irq_is_maskable(irq)) {
        return umsi_imsic_take(imsic, to, IMSIC_ANY_ID);
    }
    id = umsi_imsic_take(imsic, to, umsi_imsic_place_id(old));
    if (id == 0) {
        id = umsi_imsic_take_twin(imsic, to, umsi_imsic_file_of(imsic, old));
        *out_twin = id != 0;
    }
    return id;
}

/* Both places reach the vector from here on. The new one collects until its hart has opened it. */
static enum umsi_status move(struct umsi_domain *d, struct umsi_irq *irq, struct imsic_file *to)
{
    struct umsi_imsic *imsic = imsic_of(d);
    uint32_t old = place_of(d, irq), id;
    bool twin;

    keep_one(imsic, irq, to->cpu, false);
    id = take_new(imsic, irq, old, to, &twin);
    if (id == 0) {
        keep_one(imsic, irq, to->cpu, true);
        return UMSI_NOSPACE;
    }
    umsi_imsic_publish(imsic, umsi_imsic_place(to->cpu, id), irq);
    if (twin) {
        umsi_imsic_publish(imsic, umsi_imsic_place(umsi_imsic_place_cpu(old), id), irq);
    }
    set_old(d, irq, twin ? old | IMSIC_TWIN : old);
    set_place(d, irq, umsi_imsic_place(to->cpu, id));
    umsi_imsic_open(imsic, place_of(d, irq), umsi_imsic_is_open(imsic, old));
    umsi_imsic_ask(imsic, to);
    return UMSI_OK;
}

static enum umsi_status imsic_set_affinity(struct umsi_domain *d, struct umsi_irq *const *v,
                                           uint32_t n, umsi_cpu cpu, struct umsi_batch *batch)
{
    struct imsic_file *to = umsi_imsic_file(imsic_of(d), cpu);

    (void)batch;
    if (n != 1 || to == NULL) {
        return UMSI_INVALID;
    }
    if (umsi_imsic_is_ipi(d, v[0]) || is_block(d, v[0])) {
        umsi_log(d->umsi, UMSI_LOG_WARN, "%s: vector %u stays: %s", v[0]->domain->name, v[0]->index,
                 is_block(d, v[0]) ? "MSI has one address for its whole block" : "an IPI");
        return UMSI_UNSUPPORTED;
    }
    return old_word(d, v[0]) != 0 ? UMSI_BUSY : move(d, v[0], to);
}

/* What came to the old CPU while the message changed goes to the new one. */
static bool imsic_settle(struct umsi_domain *d, struct umsi_irq *irq)
{
    struct umsi_imsic *imsic = imsic_of(d);
    uint32_t old = old_place(d, irq), twin = twin_place(d, irq), now = place_of(d, irq);
    bool pending;

    if (old == 0) {
        return true;
    }
    umsi_imsic_publish(imsic, old, NULL);
    pending = umsi_imsic_close_here(imsic, old);
    if (twin != 0) {
        umsi_imsic_publish(imsic, twin, NULL);
        pending = umsi_imsic_close_here(imsic, twin) || pending;
    }
    keep_one(imsic, irq, umsi_imsic_place_cpu(old), true);
    set_old(d, irq, 0);
    if (pending) {
        umsi_imsic_pend(imsic, umsi_imsic_file_of(imsic, now), umsi_imsic_place_id(now));
    }
    return true;
}

/* A device that could not be masked may have used the new message for a moment: better once too often. */
static void imsic_revert(struct umsi_domain *d, struct umsi_irq *irq)
{
    struct umsi_imsic *imsic = imsic_of(d);
    uint32_t old = old_place(d, irq), twin = twin_place(d, irq), from = place_of(d, irq);

    set_old(d, irq, 0);
    set_place(d, irq, old);
    umsi_imsic_publish(imsic, from, NULL);
    umsi_imsic_give_back(imsic, from);
    if (twin != 0) {
        umsi_imsic_publish(imsic, twin, NULL);
        umsi_imsic_give_back(imsic, twin);
    }
    keep_one(imsic, irq, umsi_imsic_place_cpu(from), true);
    ask(imsic, from);
    ask(imsic, old);
    if (!umsi_irq_is_maskable(irq)) {
        umsi_imsic_pend(imsic, umsi_imsic_file_of(imsic, old), umsi_imsic_place_id(old));
    }
}

/* ---- messages ---- */

static umsi_bus address_of(struct umsi_imsic *imsic, uint32_t place)
{
    return umsi_imsic_address(&imsic->layout, umsi_imsic_file_of(imsic, place)->hart) +
           IMSIC_seteipnum_le;
}

static void imsic_compose(struct umsi_domain *d, const struct umsi_irq *irq,
                          struct umsi_message *out)
{
    uint32_t place = place_of(d, irq);

    *out = (struct umsi_message){ address_of(imsic_of(d), place), umsi_imsic_place_id(place) };
}

/* The new identity at the old address. Files of different groups may lie more than one word of an address apart. */
static bool imsic_compose_between(struct umsi_domain *d, const struct umsi_irq *irq,
                                  struct umsi_message *out)
{
    uint32_t twin = twin_place(d, irq);
    struct umsi_message last, between;

    if (twin == 0) {
        return false;
    }
    imsic_compose(d, irq, &last);
    between = (struct umsi_message){ address_of(imsic_of(d), twin), umsi_imsic_place_id(twin) };
    if (last.address >> 32 != between.address >> 32 &&
        (uint32_t)last.address != (uint32_t)between.address) {
        return false;
    }
    *out = between;
    return true;
}

void umsi_imsic_pend(struct umsi_imsic *imsic, const struct imsic_file *f, uint32_t id)
{
    umsi_wmb(); /* what was stored before is there when the handler looks */
    umsi_write32(imsic->umsi, f->page, IMSIC_seteipnum_le, id);
}

static enum umsi_status imsic_set_state(struct umsi_domain *d, struct umsi_irq *irq,
                                        enum umsi_irq_what what, bool value)
{
    struct umsi_imsic *imsic = imsic_of(d);
    uint32_t place = place_of(d, irq);

    if (what != UMSI_STATE_PENDING || !value) {
        return UMSI_UNSUPPORTED; /* only its hart could clear it */
    }
    if (umsi_imsic_is_ipi(d, irq)) {
        return umsi_imsic_ipi_pend(imsic, irq);
    }
    umsi_imsic_pend(imsic, umsi_imsic_file_of(imsic, place), umsi_imsic_place_id(place));
    return UMSI_OK;
}

static bool imsic_can_target(struct umsi_domain *parent, umsi_cpu cpu)
{
    struct imsic_file *f = umsi_imsic_file(imsic_of(parent), cpu);

    return f != NULL && umsi_imsic_has_room(imsic_of(parent), f);
}

const struct umsi_domain_ops umsi_imsic_domain_ops = {
    .alloc = imsic_alloc,
    .free = imsic_free,
    .activate = imsic_activate,
    .deactivate = imsic_deactivate,
    .set_affinity = imsic_set_affinity,
    .settle = imsic_settle,
    .revert = imsic_revert,
    .cpu_work = umsi_imsic_cpu_work,
    .suspend = umsi_imsic_suspend,
    .resume = umsi_imsic_resume,
};

const struct umsi_chip umsi_imsic_chip = {
    .name = "IMSIC",
    .mask = imsic_mask,
    .unmask = imsic_unmask,
    .compose_message = imsic_compose,
    .compose_between = imsic_compose_between,
    .set_state = imsic_set_state,
    .explain = umsi_imsic_explain,
};

/* Files know no devices: there is nothing to prepare. */
const struct umsi_msi_parent_ops umsi_imsic_parent_ops = {
    .name = "IMSIC",
    .can = UMSI_MSI | UMSI_MSIX | UMSI_DEVICE_MSI | UMSI_WIRED | UMSI_MSI_MULTI | UMSI_MSIX_DYNAMIC,
    .message = UMSI_MESSAGE_MOVES,
    .can_target = imsic_can_target,
};
