/* SPDX-License-Identifier: MIT */
/*
 * Every vector of every function, driven or not: moved to a CPU, raised by command unmasked, and raised while
 * disabled. The handler must run exactly once for each, on the CPU asked for. All functions stay live together,
 * as far as there are INTIDs for them, and are shown then. An interrupt raised at the controller passes by the
 * function and its mask: what that holds back is shown by a driver, e1000e's.
 */
#include "console.h"
#include "end.h"
#include "event.h"
#include "platform.h"
#include "report.h"
#include "smp.h"
#include "subject.h"

#define RAISES 2u /* per vector: unmasked, masked */

static void print_line(void *arg, const char *line)
{
    (void)arg;
    print("    %s\n", line);
}

/* A vector that did not run: show where its way ends. */
static bool silent(const struct subject *s, uint32_t i, const char *when)
{
    const char *why = "nothing stops it";
    (void)umsi_explain(s->f->umsi, s->vector[i].virq, print_line, NULL, &why);
    return fail(s->f, (int)i, "no interrupt within 2 s %s: %s", when, why);
}

static bool arrived_at(const struct subject *s, uint32_t i, uint32_t runs, const char *when)
{
    struct vector *v = &s->vector[i];
    if (!event_wait(&v->ran, runs)) {
        return silent(s, i, when);
    }
    if (v->ran.count != runs) {
        return fail(s->f, (int)i, "%u handler runs %s, not %u", (unsigned)v->ran.count, when,
                    (unsigned)runs);
    }
    if (v->cpu != v->wanted) {
        return fail(s->f, (int)i, "ran on CPU %u %s, not %u", (unsigned)v->cpu, when,
                    (unsigned)v->wanted);
    }
    return true;
}

static bool move(const struct subject *s, uint32_t i, unsigned cpu)
{
    struct umsi_cpumask one = { { 0 } };
    struct vector *v = &s->vector[i];
    if (s->kind == UMSI_MSI && s->nr > 1 && !platform_moves_blocks) {
        v->wanted = umsi_irq_get_cpu(s->f->umsi, v->virq);
        return true;
    }
    umsi_cpumask_set(&one, cpu);
    v->wanted = cpu;
    enum umsi_status st = umsi_irq_set_affinity(s->f->umsi, v->virq, &one);
    if (st != UMSI_OK) {
        return fail(s->f, (int)i, "move to CPU %u: %s", cpu, umsi_status_string(st));
    }
    return umsi_irq_get_cpu(s->f->umsi, v->virq) == cpu ||
           fail(s->f, (int)i, "moved to CPU %u, but says otherwise", cpu);
}

static bool raise(const struct subject *s, uint32_t i)
{
    enum umsi_status st = umsi_irq_retrigger(s->f->umsi, s->vector[i].virq);
    return st == UMSI_OK || fail(s->f, (int)i, "raise: %s", umsi_status_string(st));
}

/* Until the arrival is remembered. No handler runs for it, so there is no event to sleep on. */
static bool wait_held(const struct subject *s, uint32_t i)
{
    struct umsi_irq_info info = { .pending = false };
    uint64_t start = time_us();
    for (;;) {
        bool late = time_us() - start >= EVENT_LIMIT_US; /* before the last look */
        enum umsi_status st = umsi_irq_get_info(s->f->umsi, s->vector[i].virq, &info);
        if (st != UMSI_OK) {
            return fail(s->f, (int)i, "while it is disabled: %s", umsi_status_string(st));
        }
        if (info.pending) {
            return true;
        }
        if (late) {
            return fail(s->f, (int)i, "raised while disabled, not remembered within %u s",
                        EVENT_LIMIT_US / 1000000u);
        }
        event_relax();
    }
}

static bool raise_disabled(const struct subject *s, uint32_t i)
{
    const struct vector *v = &s->vector[i];
    umsi_irq_disable(s->f->umsi, v->virq);
    bool ok = raise(s, i) && wait_held(s, i);
    if (ok) {
        ok = v->ran.count == RAISES - 1 || fail(s->f, (int)i, "ran while it was disabled");
    }
    umsi_irq_enable(s->f->umsi, v->virq);
    return ok && arrived_at(s, i, RAISES, "after it was enabled");
}

/* Round robin over the CPUs, from one function to the next: functions with one vector take turns, too. */
static bool exercise(const struct subject *s)
{
    static unsigned turn;
    for (uint32_t i = 0; i < s->nr; i++) {
        watchdog_feed(s->f->name);
        if (!move(s, i, smp_online(turn++ % smp_online_count())) || !raise(s, i) ||
            !arrived_at(s, i, RAISES - 1, "after it was raised") || !raise_disabled(s, i)) {
            return false;
        }
    }
    return true;
}

/* Long after the last raise nothing may have run once more, and umsi's own count is ours. */
static bool verify(const struct subject *s)
{
    for (uint32_t i = 0; i < s->nr; i++) {
        struct umsi_irq_info info;
        umsi_irq_synchronize(s->f->umsi,
                             s->vector[i].virq); /* it counts when the handler has returned */
        enum umsi_status st = umsi_irq_get_info(s->f->umsi, s->vector[i].virq, &info);
        if (st != UMSI_OK || s->vector[i].ran.count != RAISES || info.handled != RAISES ||
            umsi_irq_count(s->f->umsi, s->vector[i].virq, s->vector[i].wanted) != RAISES) {
            return fail(s->f, (int)i, "%u handler runs for %u raises, %u by umsi's count",
                        (unsigned)s->vector[i].ran.count, RAISES, (unsigned)info.handled);
        }
    }
    return true;
}

/* Show what is live, from `first` up to, not including, `end`, and give it back. */
static bool flush(struct subject *first, struct subject *end, bool verbose)
{
    bool ok = true, shown = false;
    for (struct subject *s = first; s != end; s = s->next) {
        if (s->nr != 0) {
            report_live(s, !shown, verbose);
            shown = true;
            ok = (end_noted() || verify(s)) && ok;
        }
    }
    if (verbose && shown) {
        umsi_print_domains(first->f->umsi, print_line, NULL);
        umsi_print_irqs(first->f->umsi, print_line, NULL);
    }
    for (struct subject *s = first; s != end; s = s->next) {
        if (s->nr != 0) {
            watchdog_feed(s->f->name);
            report_count(s->nr, RAISES * s->nr);
            subject_give(s);
        }
    }
    return ok;
}

static bool has_room(const struct subject *s, uint32_t kind)
{
    return umsi_pci_vector_count(&s->f->msi, kind) <= platform_room();
}

static uint32_t second_kind(const struct subject *s)
{
    return s->kinds == (UMSI_MSIX | UMSI_MSI) ? UMSI_MSI : 0;
}

static bool exercise_kinds(struct subject *list, uint32_t (*kind_of)(const struct subject *s),
                           bool verbose)
{
    struct subject *first = list;
    bool ok = true;
    for (struct subject *s = list; s != NULL; s = s->next) {
        uint32_t kind = s->attached ? kind_of(s) : 0;
        if (kind == 0) {
            continue;
        }
        if (!has_room(s, kind)) {
            ok = flush(first, s, verbose) && ok;
            first = s;
        }
        ok = subject_take(s, kind) && exercise(s) && ok;
    }
    return flush(first, NULL, verbose) && ok;
}

bool exercise_all(struct subject *list, bool verbose)
{
    bool ok = exercise_kinds(list, subject_first_kind, verbose);
    return exercise_kinds(list, second_kind, verbose) && ok;
}
