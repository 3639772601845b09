/* SPDX-License-Identifier: MIT */
/*
 * What the run shows, for people and for the test run.
 */
#ifndef DEMO_REPORT_H
#define DEMO_REPORT_H

#include <stdbool.h>

#include "subject.h"

/* The rows of a function's live vectors in the table of interrupts. */
void report_live(const struct subject *s, bool heading, bool all);
/* The row of a wire, by its number at the controller it arrives at. */
void report_wire(struct umsi *u, bool heading, uint32_t source, umsi_virq virq, const char *name);
/* Add to the totals. */
void report_count(unsigned vectors, unsigned raises);
/* After everything was detached: a row per function, then the totals. False: a count is not what it must be. */
bool report_devices(const struct subject *list);

#endif /* DEMO_REPORT_H */
