/* SPDX-License-Identifier: MIT */
/*
 * What the rest of the kernel sees of umsi: start, CPUs, the vector, stop.
 */
#ifndef DEMO_OWN_GLUE_H
#define DEMO_OWN_GLUE_H

#include <umsi/fw/platform.h>

struct glue {
    struct umsi *umsi;
    struct umsi_lpi *lpi;
    struct umsi_its *its[UMSI_PLATFORM_MAX_ITS];
    const char *step; /* what was done last, for a message */
};
extern struct glue glue;

/* Boot CPU, after its gic_cpu_init(), with the ITSes' frames mapped. */
enum umsi_status glue_start(const struct umsi_platform *hw);
/* Each further CPU, on it, after its gic_cpu_init(). */
enum umsi_status glue_cpu_online(unsigned cpu);
/* The IRQ exception. */
void glue_interrupt(void);
/* Boot CPU, when all devices are detached and the other CPUs off. */
enum umsi_status glue_stop(void);

#endif /* DEMO_OWN_GLUE_H */
