/* SPDX-License-Identifier: MIT */
/* A device without a bus: messages and mask bits in memory, writes that carry a DeviceID of its own. */
#include "scene.h"

struct plain plain;

static void write_message(void *handle, uint32_t index, const struct umsi_message *m)
{
    struct plain *p = handle;
    p->message[index] = *m;
}

static void set_mask(void *handle, uint32_t index, bool masked)
{
    struct plain *p = handle;
    p->masked[index] = masked;
    if (!masked && p->pending[index]) {
        p->pending[index] = false;
        machine_send(p->message[index].address, p->message[index].data);
    }
}

enum umsi_status plain_attach(const struct plain_config *c)
{
    const struct umsi_msi_config config = { .name = "plain",
                                            .handle = &plain,
                                            .device_id = MACHINE_DEVICE_ID,
                                            .nr_events = c->events,
                                            .shared_events = c->shared,
                                            .write_message = write_message,
                                            .set_mask = c->maskable ? set_mask : NULL,
                                            .late_prepare = c->late };
    for (uint32_t i = 0; i < UNIT_VECTORS; i++) {
        plain.message[i] = (struct umsi_message){ 0, 0 };
        plain.masked[i] = c->maskable;
        plain.pending[i] = false;
    }
    vector_reset(plain.vector, UNIT_VECTORS);
    return umsi_msi_attach(scene_parent(), &config, &plain.msi);
}

void plain_request(uint32_t index)
{
    umsi_virq virq = umsi_msi_virq(&plain.msi, index);
    CHECK_OK(umsi_irq_request(machine_umsi(), virq, vector_hit, &plain.vector[index], "scenario"));
}

void plain_raise(uint32_t index)
{
    if (plain.masked[index]) {
        plain.pending[index] = true;
    } else {
        machine_send(plain.message[index].address, plain.message[index].data);
    }
}

void plain_fire(uint32_t index)
{
    uint32_t before = vector_hits(&plain.vector[index]);
    plain_raise(index);
    CHECK(vector_await(&plain.vector[index], before + 1));
}
