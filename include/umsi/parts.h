/* SPDX-License-Identifier: MIT */
/*
 * For those who build the library: what a kernel may leave out that no choice of files can, since tables of operations
 * refer to it. Everything is in by default. Each is defined on the compiler's command line, the same for every file
 * (-DUMSI_WITH_SLEEP=0); the headers do not change with it, so what includes them need not know. docs/PERFORMANCE.md
 * says what each saves.
 */
#ifndef UMSI_PARTS_H
#define UMSI_PARTS_H

/* How many of the log's levels are compiled in, the most severe first (enum umsi_log_level): 4 all, 1 errors only,
 * 0 no line and no text. What is not compiled in is checked all the same. */
#ifndef UMSI_LOG_LEVELS
#define UMSI_LOG_LEVELS 4
#endif

/* What says why an interrupt does not arrive, and what the hardware was told. Without it umsi_explain() is
 * UNSUPPORTED, and the port's trace is never called. */
#ifndef UMSI_WITH_EXPLAIN
#define UMSI_WITH_EXPLAIN 1
#endif

/* System sleep, umsi/power.h, and LPI tables that an earlier kernel left. Without it umsi_suspend(), umsi_resume() and
 * umsi_lpi_config.left are UNSUPPORTED. */
#ifndef UMSI_WITH_SLEEP
#define UMSI_WITH_SLEEP 1
#endif

/*
 * Vectors that change their CPU. Without it a vector stays where its allocation put it: managed ones,
 * umsi_irq_set_affinity(), umsi_irq_get_wanted(), umsi_cpu_leave() and umsi_cpu_join() are UNSUPPORTED, and a CPU that
 * has vectors must not go offline.
 */
#ifndef UMSI_WITH_MOVES
#define UMSI_WITH_MOVES 1
#endif

/* An ITS that stalls at a command, and goes on neither without it nor after a Retry, is stopped and its queue filled
 * again. Without it such an ITS is given up, as one that does not answer is. */
#ifndef UMSI_WITH_RESTART
#define UMSI_WITH_RESTART 1
#endif

/* PCI functions that share a wire. Without it umsi_pci_config.intx is UNSUPPORTED, and UMSI_INTX is never granted. */
#ifndef UMSI_WITH_INTX
#define UMSI_WITH_INTX 1
#endif

#endif /* UMSI_PARTS_H */
