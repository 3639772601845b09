/* SPDX-License-Identifier: MIT */
/*
 * Functions that come and go while others work: a driver's whole run, by a CPU that has just found the function free;
 * or vectors of any kind and number taken, each raised and waited for, and freed; or the function detached, with
 * vectors or without, and attached.
 */
#include "../end.h"
#include "../platform.h"
#include "../smp.h"
#include "../subject.h"
#include "parts.h"

#define MAX_SUBJECTS 64u
#define MOST         8u /* vectors of one life */

static struct umsi *umsi;
static struct {
    struct subject *s;
    uint32_t taken; /* atomic */
} subjects[MAX_SUBJECTS];
static uint32_t nr_subjects;

/* ---- one life of some vectors ---- */

struct life {
    struct pci_function *f;
    uint32_t nr;
    struct watched vector[MOST];
};

static void arrived(void *arg)
{
    struct watched *w = arg;
    watched_enter(w);
    watched_leave(w);
}

static bool take_vectors(const struct subject *s, struct life *l, struct dice *d)
{
    uint32_t kind = s->kinds, most;
    if (kind == (UMSI_MSIX | UMSI_MSI)) {
        kind = dice_once_in(d, 2) ? UMSI_MSIX : UMSI_MSI;
    }
    most = umsi_pci_vector_count(&l->f->msi, kind);
    bool apart = kind != UMSI_MSI || platform_moves_blocks; /* may they be on different CPUs? */
    const struct umsi_vectors want = { .min = 1,
                                       .max = 1 + dice_roll(d, most < MOST ? most : MOST),
                                       .kinds = kind,
                                       .spread = dice_once_in(d, 2) && apart,
                                       .managed = dice_once_in(d, 4) && apart };
    enum umsi_status st = umsi_pci_alloc_vectors(&l->f->msi, &want, &l->nr);
    return st == UMSI_OK ||
           fail(l->f, -1, "%u vectors: %s", (unsigned)want.max, umsi_status_string(st));
}

static bool request(struct life *l, uint32_t i)
{
    enum umsi_status st = umsi_pci_request(&l->f->msi, i, arrived, &l->vector[i], "stress");
    return st == UMSI_OK || fail(l->f, (int)i, "request: %s", umsi_status_string(st));
}

/* A managed vector may be shut down just now, or soon, unless the CPU that never goes is one of its own. */
static bool surely_runs(const struct life *l, uint32_t i)
{
    struct umsi_cpumask cpus;
    enum umsi_status st = umsi_irq_get_wanted(umsi, umsi_pci_virq(&l->f->msi, i), &cpus);
    struct umsi_irq_info info;
    if (st == UMSI_OK) {
        st = umsi_irq_get_info(umsi, umsi_pci_virq(&l->f->msi, i), &info);
    }
    if (st != UMSI_OK) {
        return fail(l->f, (int)i, "asking about it: %s", umsi_status_string(st));
    }
    return !info.managed || umsi_cpumask_test(&cpus, smp_online(0));
}

/* One at a time, so that each is one handler run. */
static bool raise(struct life *l, uint32_t i, uint32_t times)
{
    struct watched *w = &l->vector[i];
    for (uint32_t n = 1; n <= times && !end_noted(); n++) {
        uint32_t wanted = w->ran.count + 1;
        enum umsi_status st = umsi_irq_retrigger(umsi, umsi_pci_virq(&l->f->msi, i));
        if (st == UMSI_BUSY) { /* the queue is full now */
            continue;
        }
        if (st != UMSI_OK) {
            return fail(l->f, (int)i, "raise: %s", umsi_status_string(st));
        }
        if (!event_wait(&w->ran, wanted)) {
            stress_explain(l->f, i);
            return fail(l->f, (int)i, "raised by command, and no handler ran (L35)");
        }
        tally(TALLY_RAISES, 1);
    }
    return true;
}

static bool live(struct life *l, struct dice *d)
{
    bool ok = true;
    for (uint32_t i = 0; i < l->nr && ok; i++) {
        ok = request(l, i) && (!surely_runs(l, i) || raise(l, i, 1 + dice_roll(d, 4)));
    }
    uint32_t again = dice_roll(d, l->nr);
    for (uint32_t i = 0; i < l->nr && ok && !end_noted(); i++) {
        struct umsi_irq_info info;
        ok = watched_verify(l->f, i, &l->vector[i], &info);
    }
    if (ok && dice_once_in(d, 2)) {
        umsi_pci_release(&l->f->msi, again);
        ok = request(l, again) && (!surely_runs(l, again) || raise(l, again, 1));
    }
    return ok;
}

/* ---- what may happen to a function ---- */

static void rebind(struct subject *s)
{
    umsi_pci_detach(&s->f->msi);
    s->attached = false;
    if (subject_attach(s, umsi)) {
        tally(TALLY_BINDS, 1);
    }
}

static void live_once(struct subject *s, struct dice *d)
{
    struct life l = { .f = s->f };
    if (take_vectors(s, &l, d) && live(&l, d)) {
        tally(TALLY_LIVES, 1);
    }
    if (dice_once_in(d, 4)) {
        rebind(s); /* with all its vectors */
    } else {
        umsi_pci_free_vectors(&s->f->msi);
    }
}

static void run_driver(struct subject *s)
{
    if (s->driver->run(s->f)) {
        tally(TALLY_RUNS, 1);
    }
}

void churn_step(struct dice *d)
{
    uint32_t which = dice_roll(d, nr_subjects), choice = dice_roll(d, 8);
    if (nr_subjects == 0 || __atomic_exchange_n(&subjects[which].taken, 1, __ATOMIC_ACQUIRE) != 0) {
        return;
    }
    struct subject *s = subjects[which].s;
    if (choice == 0 || !s->attached) {
        rebind(s);
    } else if (choice < 4 && s->driver != NULL) {
        run_driver(s);
    } else {
        live_once(s, d);
    }
    __atomic_store_n(&subjects[which].taken, 0, __ATOMIC_RELEASE);
}

void churn_open(struct umsi *u, struct subject *list, const struct pci_function *but)
{
    umsi = u;
    for (struct subject *s = list; s != NULL && nr_subjects < MAX_SUBJECTS; s = s->next) {
        if (s->attached && s->f != but) {
            subjects[nr_subjects++].s = s;
        }
    }
}
