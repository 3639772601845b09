/* SPDX-License-Identifier: MIT */
/*
 * Sleep, and the kernel after this one: on the word `power` of the command line.
 */
#ifndef DEMO_POWER_H
#define DEMO_POWER_H

#include <umsi/fw/platform.h>

/* What goes wrong was noted for the last line. */
void power_work(struct umsi *u, const struct umsi_platform *hw, bool verbose);

#endif /* DEMO_POWER_H */
