/* SPDX-License-Identifier: MIT */
/*
 * The scenarios of tests/scenario, in this kernel: on the word `scenarios` of its command line.
 */
#ifndef DEMO_SCENARIO_H
#define DEMO_SCENARIO_H

#include <umsi/fw/platform.h>

/* What goes wrong was noted for the last line. */
void scenario_work(struct umsi *u, const struct umsi_platform *hw);

#endif /* DEMO_SCENARIO_H */
