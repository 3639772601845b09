/* SPDX-License-Identifier: MIT */
/*
 * One hart's interrupt file from the inside. siselect says which register sireg is, so each access is two steps; an
 * interrupt between them that selects another would spoil it. All are made under the file's lock, with interrupts
 * off. A kernel that uses siselect in a handler that can come even then restores it.
 */
#include "../../arch/barrier.h"
#include "../../arch/csr.h"
#include "internal.h"

static uint64_t file_read(struct umsi *u, uint32_t select)
{
    umsi_csr_write(u, UMSI_CSR_SISELECT, select);
    return umsi_csr_read(u, UMSI_CSR_SIREG);
}

static void file_write(struct umsi *u, uint32_t select, uint64_t value)
{
    umsi_csr_write(u, UMSI_CSR_SISELECT, select);
    umsi_csr_write(u, UMSI_CSR_SIREG, value);
}

/* In one step, since messages set bits at any time. */
static uint64_t file_clear(struct umsi *u, uint32_t select, uint64_t bits)
{
    umsi_csr_write(u, UMSI_CSR_SISELECT, select);
    return umsi_csr_modify(u, UMSI_CSR_SIREG, bits, 0);
}

static void file_set(struct umsi *u, uint32_t select, uint64_t bits)
{
    umsi_csr_write(u, UMSI_CSR_SISELECT, select);
    (void)umsi_csr_modify(u, UMSI_CSR_SIREG, 0, bits);
}

/* The number of a word that has its bit set, the lowest. */
static uint32_t lowest(uint32_t words)
{
    uint32_t w = 0;

    while ((words >> w & 1u) == 0) {
        w++;
    }
    return w;
}

static uint32_t count(uint64_t bits)
{
    uint32_t n = 0;

    for (; bits != 0; bits &= bits - 1) {
        n++;
    }
    return n;
}

/* Back to whoever wants them. */
static void settle_accounts(struct imsic_file *f, uint32_t word)
{
    uint32_t n = count(f->retire[word]);

    f->used[word] &= ~f->retire[word];
    f->retire[word] = 0;
    f->retiring -= n;
    f->free += n;
}

/*
 * Only bits that change are written, each in one step: a word that is written as a whole touches those of others.
 * Closed first, so that what is cleared after does not come back as an interrupt.
 */
static void apply_word(struct umsi *u, struct imsic_file *f, uint32_t word)
{
    uint64_t close = f->open[word] & ~f->want[word], open = f->want[word] & ~f->open[word];

    if (close != 0) {
        (void)file_clear(u, umsi_imsic_select(IMSIC_eie0, word), close);
    }
    if (open != 0) {
        file_set(u, umsi_imsic_select(IMSIC_eie0, word), open);
    }
    f->open[word] = f->want[word];
    if (f->retire[word] != 0) {
        (void)file_clear(u, umsi_imsic_select(IMSIC_eip0, word), f->retire[word]);
        settle_accounts(f, word);
    }
}

void umsi_imsic_apply(struct umsi_imsic *imsic, struct imsic_file *f)
{
    while (f->changed != 0) {
        uint32_t word = lowest(f->changed);

        f->changed &= f->changed - 1;
        apply_word(imsic->umsi, f, word);
    }
}

/* A file whose hart is away is gone through as a whole when that comes back: nothing can arrive for what is given
 * back, and so it is free at once. */
void umsi_imsic_touch(struct umsi_imsic *imsic, struct imsic_file *f, uint32_t word)
{
    if (!f->online) {
        settle_accounts(f, word);
        return;
    }
    f->ask = f->ask || f->changed == 0;
    f->changed |= 1u << word;
    if (umsi_cpu_self(imsic->umsi) == f->cpu) {
        umsi_imsic_apply(imsic, f);
        f->ask = false;
    }
}

void umsi_imsic_ask(struct umsi_imsic *imsic, struct imsic_file *f)
{
    struct umsi *u = imsic->umsi;
    umsi_irqstate s = umsi_lock_take(u, &f->lock);
    bool ask = f->ask;

    f->ask = false;
    umsi_lock_drop(u, &f->lock, s);
    if (ask) {
        umsi_cpu_ask(u, f->cpu);
    }
}

void umsi_imsic_cpu_work(struct umsi_domain *d, umsi_cpu cpu)
{
    struct umsi_imsic *imsic = d->data;
    struct imsic_file *f = umsi_imsic_file(imsic, cpu);
    umsi_irqstate s;

    if (f == NULL) {
        return;
    }
    s = umsi_lock_take(imsic->umsi, &f->lock);
    if (f->online) {
        umsi_imsic_apply(imsic, f);
    }
    umsi_lock_drop(imsic->umsi, &f->lock, s);
}

bool umsi_imsic_take_pending(struct umsi_imsic *imsic, uint32_t id)
{
    uint32_t select = umsi_imsic_select(IMSIC_eip0, umsi_imsic_word(id));

    return (file_clear(imsic->umsi, select, umsi_imsic_bit(id)) & umsi_imsic_bit(id)) != 0;
}

/* ---- bring-up ---- */

/*
 * After a reset everything in it may be anything (3.4), and a former owner has left what it left: the first time all
 * of it goes. Later, pending bits of what is in use stay: they may have come while the hart was away.
 */
static void clean(struct umsi_imsic *imsic, struct imsic_file *f)
{
    for (uint32_t word = 0; word < imsic->nr_words; word++) {
        file_write(imsic->umsi, umsi_imsic_select(IMSIC_eie0, word), f->want[word]);
        f->open[word] = f->want[word];
        (void)file_clear(imsic->umsi, umsi_imsic_select(IMSIC_eip0, word),
                         f->known ? ~f->used[word] : UINT64_MAX);
    }
    f->known = true;
    f->changed = 0;
    f->ask = false;
}

/* Does the last identity exist? Its enable bit can be set then, until all are written; delivery is off. */
static bool has_all(struct umsi_imsic *imsic)
{
    uint32_t select = umsi_imsic_select(IMSIC_eie0, imsic->nr_words - 1);
    uint64_t bit = umsi_imsic_bit(imsic->nr_ids);

    file_write(imsic->umsi, select, bit);
    return (file_read(imsic->umsi, select) & bit) != 0;
}

static enum umsi_status open_file(struct umsi_imsic *imsic, struct imsic_file *f)
{
    struct umsi *u = imsic->umsi;

    file_write(u, IMSIC_eidelivery, IMSIC_DELIVERY_OFF);
    if (!has_all(imsic)) {
        umsi_log(u, UMSI_LOG_ERROR, "IMSIC: CPU %u has no identity %u", f->cpu, imsic->nr_ids);
        return UMSI_UNSUPPORTED;
    }
    clean(imsic, f);
    file_write(u, IMSIC_eithreshold, 0);
    file_write(u, IMSIC_eidelivery, IMSIC_DELIVERY_ON);
    if (file_read(u, IMSIC_eidelivery) != IMSIC_DELIVERY_ON) {
        umsi_log(u, UMSI_LOG_ERROR, "IMSIC: CPU %u: eidelivery cannot be 1", f->cpu);
        return UMSI_UNSUPPORTED;
    }
    return UMSI_OK;
}

/* Locked, but for what follows a success. */
static enum umsi_status start(struct umsi_imsic *imsic, struct imsic_file *f)
{
    enum umsi_status st;

    if (f->cpu != umsi_cpu_self(imsic->umsi)) {
        return UMSI_INVALID;
    }
    if (f->online) {
        return UMSI_EXISTS;
    }
    st = open_file(imsic, f);
    __atomic_store_n(&f->online, st == UMSI_OK, __ATOMIC_RELAXED);
    return st;
}

enum umsi_status umsi_imsic_cpu_online(struct umsi_imsic *imsic, umsi_cpu cpu)
{
    struct umsi *u = imsic->umsi;
    struct imsic_file *f = umsi_imsic_file(imsic, cpu);
    umsi_irqstate s;
    enum umsi_status st;

    if (f == NULL) {
        return cpu < u->port.nr_cpus ? UMSI_NOTFOUND : UMSI_RANGE;
    }
    s = umsi_lock_take(u, &f->lock);
    st = start(imsic, f);
    umsi_lock_drop(u, &f->lock, s);
    if (st == UMSI_OK) {
        umsi_set_cpu_online(u, cpu, true);
    }
    return st;
}

/* What was to be closed is closed now; the enable bits are written again when the CPU comes back. */
static void stop(struct umsi_imsic *imsic, struct imsic_file *f)
{
    umsi_imsic_apply(imsic, f);
    file_write(imsic->umsi, IMSIC_eidelivery, IMSIC_DELIVERY_OFF);
    for (uint32_t word = 0; word < imsic->nr_words; word++) {
        file_write(imsic->umsi, umsi_imsic_select(IMSIC_eie0, word), 0);
        f->open[word] = 0;
    }
    __atomic_store_n(&f->online, false, __ATOMIC_RELAXED);
}

void umsi_imsic_cpu_offline(struct umsi_imsic *imsic)
{
    struct umsi *u = imsic->umsi;
    umsi_cpu cpu = umsi_cpu_self(u);
    struct imsic_file *f = umsi_imsic_file(imsic, cpu);
    umsi_irqstate s;
    bool was;

    if (f == NULL) {
        return;
    }
    umsi_set_cpu_online(u, cpu, false);
    s = umsi_lock_take(u, &f->lock);
    was = f->online;
    if (was) {
        stop(imsic, f);
    }
    umsi_lock_drop(u, &f->lock, s);
}

/* ---- sleep: the one CPU that is left; the others' files are opened as they come online ---- */

enum umsi_status umsi_imsic_suspend(struct umsi_domain *d)
{
    struct umsi_imsic *imsic = d->data;
    struct imsic_file *f = umsi_imsic_file(imsic, umsi_cpu_self(imsic->umsi));
    umsi_irqstate s;

    if (f == NULL) {
        return UMSI_OK;
    }
    s = umsi_lock_take(imsic->umsi, &f->lock);
    umsi_imsic_apply(imsic, f);
    file_write(imsic->umsi, IMSIC_eidelivery, IMSIC_DELIVERY_OFF);
    for (uint32_t word = 0; word < imsic->nr_words; word++) {
        f->saved[word] = file_read(imsic->umsi, umsi_imsic_select(IMSIC_eip0, word));
    }
    umsi_lock_drop(imsic->umsi, &f->lock, s);
    return UMSI_OK;
}

/* What was pending then is so again, in a file that was reset and in one that kept it. */
static void pend_saved(struct umsi_imsic *imsic, struct imsic_file *f)
{
    for (uint32_t word = 0; word < imsic->nr_words; word++) {
        file_set(imsic->umsi, umsi_imsic_select(IMSIC_eip0, word), f->saved[word] & f->used[word]);
        f->saved[word] = 0;
    }
}

enum umsi_status umsi_imsic_resume(struct umsi_domain *d)
{
    struct umsi_imsic *imsic = d->data;
    struct imsic_file *f = umsi_imsic_file(imsic, umsi_cpu_self(imsic->umsi));
    enum umsi_status st = UMSI_OK;
    umsi_irqstate s;

    if (f == NULL) {
        return UMSI_OK;
    }
    s = umsi_lock_take(imsic->umsi, &f->lock);
    if (f->online) {
        st = open_file(imsic, f);
        pend_saved(imsic, f);
    }
    umsi_lock_drop(imsic->umsi, &f->lock, s);
    return st;
}
