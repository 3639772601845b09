/* SPDX-License-Identifier: MIT */
/* A platform device: umsi writes the messages into the device's registers, the device sends what is there. */
#include <umsi/platdev.h>

#include "scene.h"

enum { ADDRESS_LO = 0x10, ADDRESS_HI = 0x14, DATA = 0x18, STRIDE = 0x20, VECTORS = 4 };

static void send(uint32_t index)
{
    uint32_t at = index * STRIDE;
    machine_send((umsi_bus)machine_register(at + ADDRESS_HI) << 32 |
                     machine_register(at + ADDRESS_LO),
                 machine_register(at + DATA));
}

static void platform(void)
{
    static struct umsi_platdev dev;
    static struct vector vector[VECTORS];
    const struct umsi_platdev_config config = {
        .name = "platform",
        .regs = machine_registers(),
        .layout = { .address_lo = ADDRESS_LO,
                    .address_hi = ADDRESS_HI,
                    .data = DATA,
                    .stride = STRIDE },
        .device_id = MACHINE_DEVICE_ID,
        .nr_events = VECTORS,
    };
    vector_reset(vector, VECTORS);
    CHECK_OK(umsi_platdev_attach(scene_parent(), &config, &dev));
    CHECK_OK(umsi_msi_alloc(&dev.msi, 0, VECTORS));
    for (uint32_t i = 0; i < VECTORS; i++) {
        CHECK_OK(umsi_irq_request(machine_umsi(), umsi_msi_virq(&dev.msi, i), vector_hit,
                                  &vector[i], "platform"));
    }
    for (uint32_t i = 0; i < VECTORS; i++) {
        send(i);
        CHECK(vector_await(&vector[i], 1));
    }
    CHECK_OK(umsi_platdev_restore(&dev));
    send(VECTORS - 1);
    CHECK(vector_await(&vector[VECTORS - 1], 2));
    scene_result("%u vectors sent by registers", (unsigned)VECTORS);
    umsi_platdev_detach(&dev);
}

const struct scenario s_platdev = { "platform device", platform, 0, false };
