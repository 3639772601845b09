/* SPDX-License-Identifier: MIT */
/*
 * The stress as a whole: find the functions, let every CPU throw its dice until the time is over, look at what is
 * left, give everything back.
 */
#include "../console.h"
#include "../end.h"
#include "../event.h"
#include "../smp.h"
#include "../work.h"
#include "parts.h"

#define PATIENCE_US                                                                                \
    10000000u /* for an interrupt, and for a CPU that is to go: the host may be busy */

static struct umsi *umsi;
static const struct stress_plan *plan;
static uint64_t ends_at;
static uint32_t
    pieces[UMSI_MAX_CPUS]; /* begun, by each CPU; a CPU that comes back goes on from there */

static uint32_t lane_of(unsigned cpu)
{
    uint32_t lane = 0;
    while (smp_online(lane) != cpu) {
        lane++;
    }
    return lane;
}

/* One piece of work: mostly I/O. */
static void step(uint32_t lane, struct dice *d)
{
    uint32_t choice = dice_roll(d, 32);
    if (choice < 16) {
        io_step(lane, d);
    } else if (choice < 26) {
        movers_step(umsi, d);
    } else if (choice < 31) {
        churn_step(d);
    } else {
        hotplug_step(umsi, d);
    }
}

static void run_pieces(void)
{
    uint32_t lane = lane_of(smp_self());
    while (time_us() < ends_at && !end_noted() && !smp_leaving()) {
        struct dice d = dice_for(plan->seed, lane, pieces[lane]++);
        watchdog_feed("the stress");
        step(lane, &d);
    }
    if (lane == 0) {
        hotplug_finish(umsi);
    }
}

static struct subject *find_nvme(struct subject *list)
{
    struct subject *s = list;
    while (s != NULL && !(s->attached && s->kinds != 0 && s->driver == &nvme_driver)) {
        s = s->next;
    }
    return s;
}

static void run(struct subject *list)
{
    struct subject *nvme = find_nvme(list);
    if (nvme == NULL) {
        (void)stress_fail("no NVMe function with messages to read and write on");
        return;
    }
    if (!io_open(nvme->f)) {
        return;
    }
    churn_open(umsi, list, nvme->f);
    ends_at = time_us() + plan->seconds * UINT64_C(1000000);
    (void)smp_run(run_pieces);
    verdict_print(umsi, plan);
    if (end_noted()) {
        end_run(); /* devices may be in any state: look no further */
    }
    io_verify();
    (void)io_close();
}

void stress_work(struct umsi *u, const struct umsi_platform *hw, const struct stress_plan *p)
{
    struct subject *subjects = NULL;
    umsi = u;
    plan = p;
    event_patience(PATIENCE_US);
    say_no_more();
    if (work_begin(u, hw, false, &subjects)) {
        print("stress: %u s, seed %llu\n", (unsigned)plan->seconds, (unsigned long long)plan->seed);
        run(subjects);
    }
    work_end(subjects);
}
