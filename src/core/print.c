/* SPDX-License-Identifier: MIT */
/* The domain tree and the interrupt table, a line at a time. */
#include "irq.h"

#define SHOWN_CPUS 8u

static void print_domain(const struct umsi_domain *d, umsi_print print, void *arg)
{
    char line[160];
    size_t at = 0;
    for (uint32_t i = 0; i < d->depth; i++) {
        at += umsi_format(line + at, sizeof(line) - at, "  ");
    }
    at += umsi_format(line + at, sizeof(line) - at, "%s  %u interrupts", d->name,
                      __atomic_load_n(&d->nr_irqs, __ATOMIC_RELAXED));
    if (d->size != 0) {
        at += umsi_format(line + at, sizeof(line) - at, " of %u", d->size);
    }
    if (d->nr_children != 0) {
        umsi_format(line + at, sizeof(line) - at, ", %u domains below", d->nr_children);
    }
    print(arg, line);
}

/* The domain that follows `d` in the tree walked root first: its first child, else the next of its own or of
 * the nearest ancestor that has one. Called with the instance's lock held. */
static struct umsi_domain *first_with_parent(struct umsi_domain *from,
                                             const struct umsi_domain *parent)
{
    while (from != NULL && from->parent != parent) {
        from = from->list_next;
    }
    return from;
}

static struct umsi_domain *following(struct umsi *u, struct umsi_domain *d)
{
    struct umsi_domain *next = first_with_parent(u->domains, d);
    while (next == NULL && d != NULL) {
        next = first_with_parent(d->list_next, d->parent);
        d = d->parent;
    }
    return next;
}

void umsi_print_domains(struct umsi *u, umsi_print print, void *arg)
{
    umsi_irqstate s = umsi_lock_take(u, &u->lock);
    struct umsi_domain *d = first_with_parent(u->domains, NULL);
    umsi_lock_drop(u, &u->lock, s);
    while (d != NULL) {
        print_domain(d, print, arg);
        s = umsi_lock_take(u, &u->lock);
        d = following(u, d);
        umsi_lock_drop(u, &u->lock, s);
    }
}

static const char *state_text(uint32_t state)
{
    if (state & UMSI_IRQ_SPARE) {
        return "spare";
    }
    if (state & UMSI_IRQ_CUT) {
        return "cut off";
    }
    if ((state & UMSI_IRQ_HANDLER) == 0) {
        return "free";
    }
    return state & UMSI_IRQ_DISABLED ? "disabled" : "on";
}

static void print_header(const struct umsi *u, umsi_print print, void *arg)
{
    char line[200];
    size_t at = umsi_format(line, sizeof(line), "%-24s %5s %5s %6s %-8s %4s", "device", "index",
                            "virq", "hwirq", "state", "cpu");
    for (umsi_cpu cpu = 0; cpu < u->port.nr_cpus && cpu < SHOWN_CPUS; cpu++) {
        char title[8];
        umsi_format(title, sizeof(title), "CPU%u", cpu);
        at += umsi_format(line + at, sizeof(line) - at, " %6s", title);
    }
    umsi_format(line + at, sizeof(line) - at, "  name");
    print(arg, line);
}

static void print_irq(const struct umsi *u, struct umsi_irq *irq, umsi_print print, void *arg)
{
    char line[200];
    uint32_t state = umsi_irq_state(irq);
    size_t at = umsi_format(line, sizeof(line), "%-24s %5u %5u %6u %-8s ", irq->domain->name,
                            irq->index, irq->virq, irq->level[0].hwirq, state_text(state));
    if ((state & UMSI_IRQ_PERCPU) || irq->cpu == UMSI_NO_CPU) {
        at +=
            umsi_format(line + at, sizeof(line) - at, "%4s", state & UMSI_IRQ_PERCPU ? "all" : "-");
    } else {
        at += umsi_format(line + at, sizeof(line) - at, "%4u", irq->cpu);
    }
    for (umsi_cpu cpu = 0; cpu < u->port.nr_cpus && cpu < SHOWN_CPUS; cpu++) {
        at += umsi_format(line + at, sizeof(line) - at, " %6u", umsi_irq_counts(irq)[cpu]);
    }
    umsi_format(line + at, sizeof(line) - at, "  %s", irq->name != NULL ? irq->name : "-");
    print(arg, line);
}

void umsi_print_irqs(struct umsi *u, umsi_print print, void *arg)
{
    print_header(u, print, arg);
    for (struct umsi_irq *irq = umsi_irq_next(u, 1); irq != NULL;
         irq = umsi_irq_next(u, irq->virq + 1)) {
        if (irq->domain != NULL) {
            print_irq(u, irq, print, arg);
        }
    }
    if (u->port.nr_cpus > SHOWN_CPUS) {
        umsi_printf(print, arg, "(counts of the first %u CPUs)", SHOWN_CPUS);
    }
}
