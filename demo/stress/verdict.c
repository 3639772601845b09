/* SPDX-License-Identifier: MIT */
/*
 * What is counted while the stress runs, and what must agree when it is over.
 */
#include <stdio.h>

#include "../console.h"
#include "../end.h"
#include "../event.h"
#include "../smp.h"
#include "parts.h"

#define LINGER_US 200u

static uint32_t tallies[UMSI_MAX_CPUS][TALLIES];

void tally(enum tally what, uint32_t n)
{
    tallies[smp_self()][what] += n;
}

static unsigned long sum(enum tally what)
{
    unsigned long total = 0;
    for (unsigned i = 0; i < smp_online_count(); i++) {
        total += tallies[smp_online(i)][what];
    }
    return total;
}

/* ---- handlers ---- */

void watched_enter(struct watched *w)
{
    if (__atomic_fetch_add(&w->inside, 1, __ATOMIC_ACQ_REL) != 0) {
        (void)__atomic_fetch_add(&w->wrong, 1, __ATOMIC_RELAXED);
    }
    w->runs++;
}

/* Some linger, so that the next arrival, on the CPU the vector has been moved to, meets them (L58). */
void watched_leave(struct watched *w)
{
    uint64_t end = w->runs % 8 == 0 ? time_us() + LINGER_US : 0;
    while (time_us() < end) {
        event_relax();
    }
    event_raise(&w->ran);
    (void)__atomic_fetch_sub(&w->inside, 1, __ATOMIC_ACQ_REL);
}

bool watched_verify(struct pci_function *f, uint32_t index, const struct watched *w,
                    struct umsi_irq_info *out_info)
{
    struct umsi_irq_info info;
    umsi_virq virq = umsi_pci_virq(&f->msi, index);
    umsi_irq_synchronize(f->umsi, virq);
    enum umsi_status st = umsi_irq_get_info(f->umsi, virq, &info);
    if (st != UMSI_OK) {
        return fail(f, (int)index, "what umsi counted: %s", umsi_status_string(st));
    }
    uint32_t wrong = __atomic_load_n(&w->wrong, __ATOMIC_ACQUIRE);
    if (wrong != 0) {
        return fail(f, (int)index, "its handler ran on two CPUs at once, %u times (L58)",
                    (unsigned)wrong);
    }
    if (info.handled != w->runs || info.arrived < info.handled || info.pending) {
        return fail(f, (int)index,
                    "%u handler runs, by umsi's count %lu for %lu arrivals, %s to come (L60)",
                    (unsigned)w->runs, (unsigned long)info.handled, (unsigned long)info.arrived,
                    info.pending ? "one" : "none");
    }
    *out_info = info;
    return true;
}

/* ---- failures ---- */

bool stress_fail(const char *format, ...)
{
    char text[160];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    print("failed: CPU %u: %s\n", smp_self(), text);
    end_note("%s", text);
    return false;
}

static void print_line(void *arg, const char *line)
{
    (void)arg;
    print("    %s\n", line);
}

void stress_explain(struct pci_function *f, uint32_t index)
{
    struct umsi_irq_info info;
    umsi_virq virq = umsi_pci_virq(&f->msi, index);
    const char *why = "nothing stops it";
    if (umsi_irq_get_info(f->umsi, virq, &info) == UMSI_OK) {
        print("    INTID %u, CPU %u, arrived %lu, handled %lu%s%s%s\n", (unsigned)info.hwirq,
              (unsigned)info.cpu, (unsigned long)info.arrived, (unsigned long)info.handled,
              info.masked ? ", masked" : "", info.pending ? ", pending" : "",
              info.running ? ", running" : "");
    }
    (void)umsi_explain(f->umsi, virq, print_line, NULL, &why);
    print("    %s\n", why);
}

void verdict_print(struct umsi *u, const struct stress_plan *plan)
{
    struct umsi_counts counts;
    umsi_get_counts(u, &counts);
    print(
        "stress: seed %llu: %lu NVMe commands, %lu blocks compared; %lu moves, %lu refused, %lu raises\n",
        (unsigned long long)plan->seed, sum(TALLY_COMMANDS), sum(TALLY_COMPARED), sum(TALLY_MOVES),
        sum(TALLY_MOVES_REFUSED), sum(TALLY_RAISES));
    print("stress: CPUs off %lu times, on %lu times; drivers run %lu times, %lu lives of vectors, "
          "%lu functions bound\n",
          sum(TALLY_OFF), sum(TALLY_ON), sum(TALLY_RUNS), sum(TALLY_LIVES), sum(TALLY_BINDS));
    if (sum(TALLY_STAYED) != 0) {
        print(
            "stress: a CPU stayed %lu times: a block of MSI was on it, whose vectors have one address\n",
            sum(TALLY_STAYED));
    }
    if (counts.unknown != 0) {
        print("stress: %lu arrivals came when their vector was freed\n",
              (unsigned long)counts.unknown);
    }
}
