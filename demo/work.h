/* SPDX-License-Identifier: MIT */
/*
 * The demo's work, once the controllers and CPUs are up.
 */
#ifndef DEMO_WORK_H
#define DEMO_WORK_H

#include <umsi/fw/platform.h>

#include "subject.h"

/* Find the functions and attach those that have MSI or MSI-X. False: why was noted; what was attached is in the list. */
bool work_begin(struct umsi *u, const struct umsi_platform *hw, bool verbose,
                struct subject **out_subjects);
/* Detach them, and see that nothing is left of them. */
void work_end(struct subject *subjects);

/* Both, and in between vectors, real work, every vector raised. What goes wrong was noted for the last line. */
void work(struct umsi *u, const struct umsi_platform *hw, bool verbose);

#endif /* DEMO_WORK_H */
