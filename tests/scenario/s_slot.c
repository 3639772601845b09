/* SPDX-License-Identifier: MIT */
/*
 * A device with two domains: its bus's own, and a secondary one for messages it keeps elsewhere. Each has its
 * prepare and teardown; both share one DeviceID (L6, L9).
 */
#include "scene.h"

#define SECOND 1u
#define EVENTS 4u

static struct umsi_message stored[EVENTS];

static enum umsi_status store(struct umsi_domain *d, struct umsi_irq *irq)
{
    (void)d;
    stored[irq->index] = irq->message;
    return UMSI_OK;
}

static const struct umsi_chip chip = { .name = "store", .write_message = store };
static const struct umsi_msi_template store_template = {
    .name = "store", .kind = UMSI_DEVICE_MSI, .chip = &chip, .max_address = UINT64_MAX
};

static void second_take(struct vector *vector)
{
    const struct umsi_msi_want want = { .first = 0, .n = EVENTS };
    uint32_t first = UINT32_MAX;
    CHECK_OK(umsi_msi_lock(&plain.msi));
    CHECK_OK(umsi_msi_alloc_slot(&plain.msi, SECOND, &want, &first));
    umsi_msi_unlock(&plain.msi);
    for (uint32_t i = 0; i < EVENTS; i++) {
        CHECK_OK(umsi_irq_request(machine_umsi(), umsi_msi_virq_slot(&plain.msi, SECOND, i),
                                  vector_hit, &vector[i], "second"));
    }
}

static void second_give(void)
{
    CHECK(umsi_msi_domain_remove(&plain.msi, SECOND) == UMSI_BUSY); /* L7 */
    CHECK_OK(umsi_msi_lock(&plain.msi));
    umsi_msi_free_slot(&plain.msi, SECOND, 0, EVENTS);
    umsi_msi_unlock(&plain.msi);
    CHECK_OK(umsi_msi_domain_remove(&plain.msi, SECOND));
    CHECK_OK(umsi_msi_domain_remove(&plain.msi, SECOND));
}

static void two(void)
{
    static struct vector second[EVENTS];
    if (!CHECK_OK(plain_attach(&(struct plain_config){ .events = 8, .shared = 16 }))) {
        return;
    }
    CHECK_OK(umsi_msi_alloc(&plain.msi, 0, 8));
    plain_request(7);
    for (unsigned round = 0; round < 2; round++) {
        vector_reset(second, EVENTS);
        CHECK_OK(umsi_msi_domain_create(&plain.msi, SECOND, &store_template, EVENTS));
        CHECK(umsi_msi_domain_create(&plain.msi, SECOND, &store_template, EVENTS) == UMSI_EXISTS);
        second_take(second);
        for (uint32_t i = 0; i < EVENTS; i++) {
            machine_send(stored[i].address, stored[i].data);
            CHECK(vector_await(&second[i], 1));
            plain_fire(7);
        }
        second_give();
        plain_fire(7);
    }
    umsi_msi_detach(&plain.msi);
    scene_result("%u prepares, %u teardowns", (unsigned)plain.msi.stats.prepares,
                 (unsigned)plain.msi.stats.teardowns);
    CHECK(its_devices() == 0 && lpis_live() == 0);
}

const struct scenario s_slot = { "slots, two domains of one device", two, 0, false };
