/* SPDX-License-Identifier: MIT */
/* The domain tree and the interrupt table, a line at a time. */
#include "irq.h"

#define SHOWN_CPUS 8u
#define IRQ_LINE   200u

/* Those of all domains below it too. With umsi.lock held. */
static uint32_t count_irqs(const struct umsi_domain *d)
{
    const struct umsi_domain *end = d->last->list_next;
    uint32_t n = 0;
    for (; d != end; d = d->list_next) {
        n += __atomic_load_n(&d->nr_irqs, __ATOMIC_RELAXED);
    }
    return n;
}

static void format_domain(char *line, size_t size, const struct umsi_domain *d)
{
    size_t at = 0;
    for (uint32_t i = 0; i < d->depth; i++) {
        at += umsi_format(line + at, size - at, "  ");
    }
    at += umsi_format(line + at, size - at, "%s  %u interrupts", d->name, count_irqs(d));
    if (d->size != 0) {
        at += umsi_format(line + at, size - at, " of %u", d->size);
    }
    if (d->nr_children != 0) {
        umsi_format(line + at, size - at, ", %u domains below", d->nr_children);
    }
}

static void start_walk(struct umsi *u, struct umsi_walk *w)
{
    umsi_irqstate s = umsi_lock_take(u, &u->lock);
    *w = (struct umsi_walk){ u->domains, u->walks };
    u->walks = w;
    umsi_lock_drop(u, &u->lock, s);
}

static void end_walk(struct umsi *u, struct umsi_walk *w)
{
    umsi_irqstate s = umsi_lock_take(u, &u->lock);
    struct umsi_walk **at = &u->walks;
    while (*at != w) {
        at = &(*at)->next;
    }
    *at = w->next;
    umsi_lock_drop(u, &u->lock, s);
}

/* The next domain's line, made while the domain cannot go; false: there is none. */
static bool next_line(struct umsi *u, struct umsi_walk *w, char *line, size_t size)
{
    umsi_irqstate s = umsi_lock_take(u, &u->lock);
    bool found = w->at != NULL;
    if (found) {
        format_domain(line, size, w->at);
        w->at = w->at->list_next;
    }
    umsi_lock_drop(u, &u->lock, s);
    return found;
}

void umsi_print_domains(struct umsi *u, umsi_print print, void *arg)
{
    struct umsi_walk walk;
    char line[160];
    start_walk(u, &walk);
    while (next_line(u, &walk, line, sizeof(line))) {
        print(arg, line);
    }
    end_walk(u, &walk);
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

/* The line of a descriptor whose domain cannot go meanwhile. */
static void format_irq(struct umsi *u, struct umsi_irq *irq, void *arg)
{
    char *line = arg;
    uint32_t state = umsi_irq_state(irq);
    size_t at = umsi_format(line, IRQ_LINE, "%-24s %5u %5u %6u %-8s ", irq->domain->name,
                            irq->index, irq->virq, irq->level[0].hwirq, state_text(state));
    if ((state & UMSI_IRQ_PERCPU) || irq->cpu == UMSI_NO_CPU) {
        at += umsi_format(line + at, IRQ_LINE - at, "%4s", state & UMSI_IRQ_PERCPU ? "all" : "-");
    } else {
        at += umsi_format(line + at, IRQ_LINE - at, "%4u", irq->cpu);
    }
    for (umsi_cpu cpu = 0; cpu < u->port.nr_cpus && cpu < SHOWN_CPUS; cpu++) {
        at += umsi_format(line + at, IRQ_LINE - at, " %6u", umsi_irq_runs_on(irq, cpu));
    }
    umsi_format(line + at, IRQ_LINE - at, "  %s", irq->name != NULL ? irq->name : "-");
}

void umsi_print_irqs(struct umsi *u, umsi_print print, void *arg)
{
    char line[IRQ_LINE];
    print_header(u, print, arg);
    for (umsi_virq virq = 1; umsi_irq_next(u, &virq, format_irq, line); virq++) {
        print(arg, line);
    }
    if (u->port.nr_cpus > SHOWN_CPUS) {
        umsi_printf(print, arg, "(counts of the first %u CPUs)", SHOWN_CPUS);
    }
}
