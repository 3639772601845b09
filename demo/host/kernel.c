/* SPDX-License-Identifier: MIT */
/*
 * What the demo's kernel is on the host: lines to stdout, memory from the C library, virtual time, CPUs that the
 * model runs one at a time.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../console.h"
#include "../end.h"
#include "../event.h"
#include "../memory.h"
#include "../smp.h"
#include "host.h"

/* ---- console.h ---- */

void print_args(const char *format, va_list args)
{
    (void)vprintf(format, args);
}

void print(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_args(format, args);
    va_end(args);
}

/* ---- end.h ---- */

static char reason[160];

void end_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (reason[0] == '\0') {
        (void)vsnprintf(reason, sizeof(reason), format, args);
    }
    va_end(args);
}

bool end_noted(void)
{
    return reason[0] != '\0';
}

void end_run(void)
{
    if (end_noted()) {
        print("umsi: FAIL (%s)\n", reason);
    } else {
        print("umsi: PASS\n");
    }
    exit(end_noted() ? 1 : 0);
}

/* ---- memory.h: what is counted is what the work took ---- */

static uint64_t in_use;
static void *kept[256];
static unsigned nr_kept;

uint64_t memory_total(void)
{
    return (uint64_t)64 << 20; /* the model's default */
}

uint64_t memory_in_use(void)
{
    return in_use;
}

void *memory_get(size_t size, size_t align, uint64_t max)
{
    (void)align; /* nobody here asks for more than malloc gives */
    (void)max;
    void *p = calloc(1, size);
    in_use += p != NULL ? size : 0;
    return p;
}

void memory_put(void *va, size_t size)
{
    in_use -= va != NULL ? size : 0;
    free(va);
}

static void free_kept(void)
{
    while (nr_kept > 0) {
        free(kept[--nr_kept]);
    }
}

void *memory_keep(size_t size)
{
    if (nr_kept == sizeof(kept) / sizeof(kept[0])) {
        return NULL;
    }
    if (nr_kept == 0) {
        (void)atexit(free_kept);
    }
    return kept[nr_kept++] = calloc(1, size);
}

/* ---- smp.h ---- */

unsigned smp_self(void)
{
    return model_port(host_machine)->cpu_self(host_machine);
}

unsigned smp_online_count(void)
{
    return host_cpus;
}

unsigned smp_online(unsigned i)
{
    return i;
}

/* ---- event.h: time passes only here and in register accesses, so that nothing can hang ---- */

#define STEP_NS 1000u

uint64_t time_us(void)
{
    return model_now_ns(host_machine) / 1000;
}

void watchdog_feed(const char *doing)
{
    (void)doing;
}

void host_run(void)
{
    model_drain(host_machine);
    (void)model_run(host_machine);
}

void event_relax(void)
{
    model_pass(host_machine, STEP_NS);
    host_run();
}

void event_reset(struct event *e)
{
    e->count = 0;
}

void event_raise(void *event)
{
    ((struct event *)event)->count++;
}

bool event_wait(struct event *e, uint32_t n)
{
    uint64_t deadline = time_us() + EVENT_LIMIT_US;
    while (e->count < n && time_us() < deadline) {
        event_relax();
    }
    return e->count >= n;
}

void rest_us(uint64_t us)
{
    uint64_t end = time_us() + us;
    while (time_us() < end) {
        event_relax();
    }
}
