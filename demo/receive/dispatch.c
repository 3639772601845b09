/* SPDX-License-Identifier: MIT */
/*
 * Receiving way (b): umsi acknowledges and ends, and between the two the kernel dispatches. This one has no table of
 * handlers by virq, as a kernel with a dispatch of its own would have: drivers have asked umsi for theirs.
 */
#include <umsi/domain.h>

#include "../platform.h"

static void dispatch(const struct umsi_irq *irq)
{
    irq->handler(irq->arg);
}

void platform_interrupt(void)
{
    struct umsi_taken taken;
    while (umsi_acknowledge(platform_umsi, &taken)) {
        do {
            dispatch(taken.irq);
        } while (umsi_end(platform_umsi, &taken));
    }
}
