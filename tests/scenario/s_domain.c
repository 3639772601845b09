/* SPDX-License-Identifier: MIT */
/*
 * Domains of devices without a bus, of 1, 3, 32 and 2048 events; one that is prepared late, at its first
 * allocation, and torn down at detach (DESIGN 1.7).
 */
#include "scene.h"

static void size(uint32_t events, bool maskable)
{
    CHECK_OK(plain_attach(&(struct plain_config){ .events = events, .maskable = maskable }));
    scene_result("domain of %u: %u prepares", (unsigned)events, (unsigned)plain.msi.stats.prepares);
    CHECK(umsi_msi_alloc(&plain.msi, 0, events + 1) == UMSI_RANGE);
    CHECK_OK(umsi_msi_alloc(&plain.msi, 0, events));
    CHECK(lpis_live() == events);
    for (uint32_t i = 0; i < events; i++) {
        plain_request(i);
    }
    uint32_t step = events > 32 ? 255 : 1;
    for (uint32_t i = 0; i < events; i += step) {
        plain_fire(i);
    }
    plain_fire(events - 1);
    umsi_msi_free(&plain.msi, 0, events / 2);
    plain_fire(events - 1);
    umsi_msi_detach(&plain.msi);
    CHECK(its_devices() == 0 && lpis_live() == 0);
    scene_result("domain of %u: %u teardowns", (unsigned)events,
                 (unsigned)plain.msi.stats.teardowns);
}

static void sizes(void)
{
    size(1, true);
    size(3, true);
    size(32, false);
    size(3, false);
}

static void large(void)
{
    size(2048, true);
}

static void late(void)
{
    CHECK_OK(plain_attach(&(struct plain_config){ .events = 8, .maskable = true, .late = true }));
    CHECK(plain.msi.stats.prepares == 0 && its_devices() == 0);
    for (unsigned round = 0; round < 3; round++) {
        CHECK_OK(umsi_msi_alloc(&plain.msi, round, 2));
        plain_request(round);
        plain_fire(round);
        umsi_msi_free(&plain.msi, 0, 8);
        CHECK(plain.msi.stats.prepares == 1 && plain.msi.stats.teardowns == 0);
        CHECK(its_devices() == 1 && lpis_live() == 0);
    }
    umsi_msi_detach(&plain.msi);
    scene_result("late: %u prepares, %u teardowns", (unsigned)plain.msi.stats.prepares,
                 (unsigned)plain.msi.stats.teardowns);
    CHECK(its_devices() == 0);
}

/* Never used: never prepared. */
static void late_unused(void)
{
    CHECK_OK(plain_attach(&(struct plain_config){ .events = 8, .maskable = true, .late = true }));
    umsi_msi_detach(&plain.msi);
    CHECK(plain.msi.stats.prepares == 0 && plain.msi.stats.teardowns == 0);
}

/* One by one, any index, others live; errors leave everything as it was (L10, L12). */
static void one_by_one(void)
{
    static const uint32_t order[] = { 6, 0, 3 };
    uint32_t index = 77;
    CHECK_OK(plain_attach(&(struct plain_config){ .events = 8 }));
    for (unsigned i = 0; i < 3; i++) {
        CHECK_OK(umsi_msi_alloc_at(&plain.msi, order[i], &index));
        CHECK(index == order[i]);
        plain_request(index);
        plain_fire(index);
    }
    CHECK(umsi_msi_alloc(&plain.msi, 1, 4) == UMSI_EXISTS);
    CHECK(umsi_msi_alloc_at(&plain.msi, 8, &index) == UMSI_RANGE);
    CHECK(lpis_live() == 3);
    CHECK_OK(umsi_msi_alloc_at(&plain.msi, UMSI_ANY_INDEX, &index));
    scene_result("lowest free: %u", (unsigned)index);
    for (unsigned i = 0; i < 3; i++) {
        plain_fire(order[i]);
    }
    umsi_msi_detach(&plain.msi);
}

const struct scenario s_domain = { "domains of 1, 3, 32", sizes, 0, false };
const struct scenario s_domain_large = { "domain of 2048", large, ITS, false };
const struct scenario s_domain_late = { "domain prepared late", late, 0, false };
const struct scenario s_domain_unused = { "domain never prepared", late_unused, 0, false };
const struct scenario s_domain_single = { "domain filled one by one", one_by_one, 0, false };
