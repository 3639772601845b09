/* SPDX-License-Identifier: MIT */
/*
 * Sleeping until a handler ran, on whichever CPU. The flag is looked at with interrupts masked, and wfi ends when an
 * interrupt is pending although it is masked, so that none is missed between the two; a handler on another CPU
 * kicks who waits. The tick bounds every sleep; the watchdog, looked at by every CPU's tick, ends a run that waits
 * for something else.
 */
#include "cpu.h"
#include "timer.h"
#include "end.h"
#include "event.h"
#include "platform.h"

#define TICK_BUSY_US 10000
#define TICK_IDLE_US 500000
#define WATCHDOG_US  20000000

static const char *doing = "boot";
static uint64_t fed;
static uint32_t patience = EVENT_LIMIT_US;

void watchdog_feed(const char *what)
{
    __atomic_store_n(&doing, what, __ATOMIC_RELAXED);
    __atomic_store_n(&fed, time_us(), __ATOMIC_RELAXED);
}

static uint64_t tick_length(void)
{
    return this_cpu()->busy ? TICK_BUSY_US : TICK_IDLE_US;
}

void event_cpu_online(void)
{
    timer_start(tick_length());
}

void event_cpu_busy(bool busy)
{
    this_cpu()->busy = busy;
    timer_start(tick_length());
}

void event_cpu_offline(void)
{
    timer_stop();
}

void event_tick(void)
{
    uint64_t last = __atomic_load_n(&fed, __ATOMIC_RELAXED), now = time_us();
    if (now > last && now - last > WATCHDOG_US) {
        end_with_failure("watchdog: no progress for %u s in %s", WATCHDOG_US / 1000000,
                         __atomic_load_n(&doing, __ATOMIC_RELAXED));
    }
    timer_start(tick_length());
}

void event_reset(struct event *e)
{
    __atomic_store_n(&e->count, 0, __ATOMIC_RELEASE);
}

/* The count first, then who waits; event_wait() has it the other way round, so that one of the two sees the other. */
void event_raise(void *event)
{
    struct event *e = event;
    (void)__atomic_fetch_add(&e->count, 1, __ATOMIC_SEQ_CST);
    uint32_t waiter = __atomic_load_n(&e->waiter, __ATOMIC_SEQ_CST);
    if (waiter != 0 && waiter - 1 != this_cpu()->index) {
        platform_kick(waiter - 1);
    }
}

void event_patience(uint32_t us)
{
    patience = us;
}

static bool reached(const struct event *e, uint32_t n)
{
    return __atomic_load_n(&e->count, __ATOMIC_SEQ_CST) >= n;
}

bool event_wait(struct event *e, uint32_t n)
{
    uint64_t start = time_us();
    bool late = false;
    __atomic_store_n(&e->waiter, this_cpu()->index + 1, __ATOMIC_SEQ_CST);
    while (!reached(e, n) && !late) {
        uint64_t state = interrupts_off();
        late = time_us() - start >= patience; /* before the last look */
        if (!reached(e, n) && !late) {
            wait_for_interrupt();
        }
        interrupts_restore(state);
    }
    __atomic_store_n(&e->waiter, 0, __ATOMIC_RELAXED);
    return reached(e, n);
}

void event_relax(void)
{
    cpu_relax();
}

/* The tick ends each wfi. */
void rest_us(uint64_t us)
{
    uint64_t end = time_us() + us;
    while (time_us() < end) {
        uint64_t state = interrupts_off();
        wait_for_interrupt();
        interrupts_restore(state);
    }
}
