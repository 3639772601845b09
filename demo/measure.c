/* SPDX-License-Identifier: MIT */
/*
 * How many instructions an interrupt costs on its real path: from the store that makes an e1000e raise its MSI-X
 * message to the first instruction of the handler, and from the handler's return to the interrupted instruction; and
 * what it costs to mask, unmask and move its vector. Each is counted many times; what the report says of a series is
 * its median, least and largest, and the mean. The tick is off meanwhile, and other CPUs are idle.
 */
#include <stdlib.h>

#include "console.h"
#include "driver.h"
#include "end.h"
#include "event.h"
#include "measure.h"
#include "platform.h"
#include "smp.h"
#include "work.h"

#define MOST        10000u
#define THROTTLE_US 200u /* QEMU leaves 128 us between two interrupts of an e1000e */

/* BAR 0: Intel 82574 GbE Controller Family datasheet, chapter 10 */
enum { ICR = 0xc0, ICS = 0xc8, IMS = 0xd0, IMC = 0xd8, IVAR = 0xe4, EITR = 0xe8 };
#define CAUSE_RXQ0  (1u << 20)
#define IVAR_RXQ0_0 8u /* to vector 0, valid */

struct trial {
    struct pci_function *f;
    umsi_virq virq;
    unsigned at; /* which of the online CPUs */
    struct passage passage;
};

static uint32_t times;
static uint64_t samples[2][MOST];

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* One line for each series; dev/bench-interrupt reads it. */
static void show(const char *what, uint64_t *v)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < times; i++) {
        sum += v[i];
    }
    qsort(v, times, sizeof(v[0]), ascending);
    print("measure: %s: instructions %lu min %lu max %lu mean %lu.%02lu of %u\n", what,
          (unsigned long)v[times / 2], (unsigned long)v[0], (unsigned long)v[times - 1],
          (unsigned long)(sum / times), (unsigned long)(sum % times * 100 / times),
          (unsigned)times);
}

static uint64_t between(uint64_t from, uint64_t to)
{
    return (to - from) & count_mask;
}

/* ---- there and back ---- */

static void spin_us(uint64_t us)
{
    uint64_t end = time_us() + us;
    while (time_us() < end) {
    }
}

static void rearm(const struct trial *t)
{
    bar_write32(t->f, 0, ICR, CAUSE_RXQ0);
    bar_write32(t->f, 0, IMS, CAUSE_RXQ0);
    spin_us(THROTTLE_US);
}

/* `entered` lies between `before` and `after` only when the handler ran right behind the store. */
static bool one_passage(struct trial *t, unsigned i)
{
    struct passage *p = &t->passage;
    *p = (struct passage){ 0 };
    rearm(t);
    passage_store(p, (volatile char *)t->f->bar[0].va + ICS, CAUSE_RXQ0);
    if (p->entered == 0 || between(p->before, p->entered) > between(p->before, p->after)) {
        return fail(t->f, 0, "the message did not come right behind the store");
    }
    samples[0][i] = between(p->before, p->entered) - passage_in_own;
    samples[1][i] = between(p->leaving, p->after) - passage_out_own;
    return true;
}

static bool count_passages(struct trial *t)
{
    bar_write32(t->f, 0, IMC, UINT32_MAX);
    bar_write32(t->f, 0, EITR, 0);
    bar_write32(t->f, 0, IVAR, IVAR_RXQ0_0);
    for (unsigned i = 0; i < times; i++) {
        if (!one_passage(t, i)) {
            return false;
        }
    }
    bar_write32(t->f, 0, IMC, UINT32_MAX);
    spin_us(THROTTLE_US);
    show("from the device's store to the handler", samples[0]);
    show("from the handler to the interrupted code", samples[1]);
    return true;
}

/* ---- what a driver calls ---- */

static void nothing(struct trial *t)
{
    (void)t;
}

static void disable(struct trial *t)
{
    umsi_irq_disable(t->f->umsi, t->virq);
}

static void enable(struct trial *t)
{
    umsi_irq_enable(t->f->umsi, t->virq);
}

/* The boot CPU is the first. */
static enum umsi_status go_to(struct trial *t, unsigned i)
{
    struct umsi_cpumask mask = { .bits = { 0 } };
    t->at = i;
    mask.bits[0] = UINT64_C(1) << smp_online(i);
    return umsi_irq_set_affinity(t->f->umsi, t->virq, &mask);
}

static void move(struct trial *t)
{
    enum umsi_status st = go_to(t, 1 - t->at);
    if (st != UMSI_OK) {
        (void)fail(t->f, 0, "move: %s", umsi_status_string(st));
    }
}

static uint64_t cost(struct trial *t, void (*call)(struct trial *t))
{
    void (*volatile hidden)(struct trial *) =
        call; /* from the compiler: called alike, whatever it is */
    void (*f)(struct trial *) = hidden;
    uint64_t before = count_now();
    f(t);
    return between(before, count_now());
}

/* Let the other CPUs do what a move left to them. Under -icount they run while this one sleeps, which the tick ends. */
static void settle(void)
{
    watchdog_feed("measuring");
    event_cpu_online();
    rest_us(1000);
    event_cpu_offline();
}

/* `call` and `back` in turn; of each, beyond a call that does nothing. */
static void count_calls(struct trial *t, void (*call)(struct trial *t),
                        void (*back)(struct trial *t))
{
    uint64_t empty = cost(t, nothing);
    for (unsigned i = 0; i < times; i++) {
        samples[0][i] = cost(t, call) - empty;
        settle();
        samples[1][i] = cost(t, back) - empty;
        settle();
    }
}

static void count_masks(struct trial *t)
{
    count_calls(t, disable, enable);
    show("mask", samples[0]);
    show("unmask", samples[1]);
}

static void count_moves(struct trial *t)
{
    if (smp_online_count() < 2) {
        print("measure: move: one CPU, nowhere to go\n");
        return;
    }
    count_calls(t, move, move);
    show("move", samples[0]);
}

/* ---- all of it ---- */

static bool take(struct trial *t)
{
    const struct umsi_vectors want = { .min = 1, .max = 1, .kinds = UMSI_MSIX };
    uint32_t n;
    enum umsi_status st = umsi_pci_alloc_vectors(&t->f->msi, &want, &n);
    if (st == UMSI_OK) {
        st = umsi_pci_request(&t->f->msi, 0, passage_handler, &t->passage, "passage");
    }
    t->virq = umsi_pci_virq(&t->f->msi, 0);
    if (st == UMSI_OK) {
        st = go_to(t, 0);
    }
    return st == UMSI_OK || fail(t->f, 0, "%s", umsi_status_string(st));
}

static struct pci_function *find(const struct subject *list)
{
    for (; list != NULL; list = list->next) {
        if (list->f->vendor == 0x8086 && list->f->device == 0x10d3 && list->f->bar[0].va != NULL) {
            return list->f;
        }
    }
    end_note("no e1000e to measure with");
    return NULL;
}

static void measure(struct trial *t)
{
    event_cpu_offline();
    if (take(t) && count_passages(t)) {
        count_masks(t);
        count_moves(t);
    }
    umsi_pci_free_vectors(&t->f->msi);
    event_cpu_online();
}

void measure_work(struct umsi *u, const struct umsi_platform *hw, uint32_t n)
{
    struct subject *list = NULL;
    times = n < MOST ? n : MOST;
    if (work_begin(u, hw, false, &list)) {
        struct trial t = { .f = find(list) };
        if (!count_start()) {
            end_note("this CPU does not count its instructions: QEMU does with -icount shift=0");
        } else if (t.f != NULL) {
            measure(&t);
        }
    }
    work_end(list);
}
