/* SPDX-License-Identifier: MIT */
/*
 * The readers of the kinds of node umsi knows. Each is called with the walk standing on such a node, adds to
 * walk->out what it can use, names the rest in the log, and returns whether the node's children are worth
 * a look.
 */
#ifndef UMSI_FDT_NODES_H
#define UMSI_FDT_NODES_H

#include "fdt_walk.h"

bool umsi_fdt_read_gic(struct umsi_fdt_walk *w);
bool umsi_fdt_read_its(struct umsi_fdt_walk *w);
bool umsi_fdt_read_gicv2(struct umsi_fdt_walk *w);
bool umsi_fdt_read_v2m(struct umsi_fdt_walk *w);
bool umsi_fdt_read_imsic(struct umsi_fdt_walk *w);
bool umsi_fdt_read_aplic(struct umsi_fdt_walk *w);
bool umsi_fdt_read_host(struct umsi_fdt_walk *w);
bool umsi_fdt_read_memory(struct umsi_fdt_walk *w);
bool umsi_fdt_read_cpu(struct umsi_fdt_walk *w);
bool umsi_fdt_read_psci(struct umsi_fdt_walk *w);

/* Is the node a GIC that umsi knows as GICv2? `node` may be another than the current one. */
bool umsi_fdt_is_gicv2(const void *fdt, int node);
/* A register frame, or several: an entry of `reg`, at a place where registers can be. */
bool umsi_fdt_frames(struct umsi_fdt_walk *w, uint32_t entry, uint32_t at_least,
                     struct umsi_range *out);
/* Is the node a child of the GIC in `out`? */
bool umsi_fdt_in_gic(const struct umsi_fdt_walk *w);

/* The parts of a host bridge: its windows, how its functions reach an MSI controller, and where INTx arrives. */
void umsi_fdt_read_windows(struct umsi_fdt_walk *w, struct umsi_platform_host *host);
void umsi_fdt_read_msi(struct umsi_fdt_walk *w, struct umsi_platform_host *host);
void umsi_fdt_read_intx(struct umsi_fdt_walk *w, struct umsi_platform_host *host);
/* Give each host that firmware did not number the lowest segment nobody has. */
void umsi_fdt_number_hosts(struct umsi_fdt_walk *w);

#endif /* UMSI_FDT_NODES_H */
