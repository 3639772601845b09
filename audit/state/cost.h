/* SPDX-License-Identifier: MIT */
/*
 * Who pays for what. A command about an event or a map is its device's; a SYNC, a doorbell and a wait are charged to
 * the device of the last such command before it.
 *
 * The same work at its best, as umsi does it, but for a SYNC after MAPD V=1 that is nobody's duty: one MAPTI and one
 * DISCARD per vector; per round, from the first event to none, one SYNC per redistributor after the MAPTIs and one
 * after the DISCARDs, and two waits; MAPD V=1 with a wait, MAPD V=0 with a SYNC and a wait; a MOVI, an INT or a CLEAR
 * with a SYNC and a wait. No INV: the configuration bytes are written before EnableLPIs.
 */
#ifndef AUDIT_COST_H
#define AUDIT_COST_H

#include "world.h"

/* Before the command has its effect. `d`: NULL for one that is about no device. */
void audit_cost_command(struct audit_its *its, struct audit_device *d, const struct audit_item *i);
void audit_cost_doorbell(struct audit_its *its);
void audit_cost_wait(struct audit_its *its);
void audit_cost_add(struct audit_counts *to, const struct audit_counts *c);

#endif /* AUDIT_COST_H */
