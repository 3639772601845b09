/* SPDX-License-Identifier: MIT */
/*
 * The demo's work, once the controllers and CPUs are up.
 */
#ifndef DEMO_WORK_H
#define DEMO_WORK_H

#include <umsi/fw/platform.h>

/* What goes wrong was noted for the last line. */
void work(struct umsi *u, const struct umsi_platform *hw, bool verbose);

#endif /* DEMO_WORK_H */
