/* SPDX-License-Identifier: MIT */
/*
 * No sleep here: how its machine loses power is known of a GIC only.
 */
#include "../end.h"
#include "../power.h"

void power_work(struct umsi *u, const struct umsi_platform *hw, bool verbose)
{
    (void)u;
    (void)hw;
    (void)verbose;
    end_note("there is no --power on RISC-V: sleep is shown on machines with a GIC");
}
