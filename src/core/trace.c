/* SPDX-License-Identifier: MIT */
/* Records of what the hardware was told, for the port's trace callback. */
#include "core.h"

void umsi_trace_record(struct umsi *u, enum umsi_trace_kind kind, const void *object, uint64_t a0,
                       uint64_t a1, uint64_t a2, uint64_t a3)
{
    if (u->port.trace == NULL) {
        return;
    }
    const struct umsi_trace_record r = {
        .kind = (uint16_t)kind,
        .size = sizeof(r),
        .cpu = umsi_cpu_self(u),
        .time_us = umsi_now(u),
        .object = (uint64_t)(uintptr_t)object,
        .arg = { a0, a1, a2, a3 },
    };
    u->port.trace(u->port.ctx, &r, sizeof(r));
}
