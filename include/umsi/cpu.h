/* SPDX-License-Identifier: MIT */
/*
 * CPUs that come and go, and where interrupts are sent. umsi keeps two things of each vector: the wanted set,
 * which is what was asked for, and the one CPU it goes to now.
 *
 *   nothing asked      the wanted set is all CPUs; the target is the one with the fewest vectors
 *   spread             the vectors of one call go to the CPUs one after the other
 *   umsi_irq_set_affinity()  the target stays when it is in the set, else it is the one of the set with the fewest
 *   managed            each vector has a share of the CPUs for good, and is shut down while none of it is there
 *
 * Taking a CPU offline, in this order: umsi_cpu_leave(), then the controllers' own (umsi_lpi_cpu_offline(),
 * umsi_gicv3_cpu_offline()). Bringing it back: the controllers' own, then umsi_cpu_join(). A kernel that never
 * takes a CPU offline calls neither. Bringing the first ones up needs no join, but gives managed vectors that were
 * allocated before their CPUs came up no start without it.
 */
#ifndef UMSI_CPU_H
#define UMSI_CPU_H

#include <umsi/irq.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A CPU is going: no vector gets it as a target from now on, and every one it has is moved to another online CPU
 * of its wanted set, else to any other; what is pending moves along (L35). A managed vector whose share has no other
 * CPU online is shut down: masked, and what arrives for it is remembered until it is restarted (L53). When it
 * returns UMSI_OK nothing targets the CPU, no old place on it is left (L38, L54), and it stays so until
 * umsi_cpu_join().
 *
 * Vectors go in batches; on an ITS one SYNC and one wait end a batch of MOVIs. Handlers run on meanwhile.
 * Context: task, on any CPU, with interrupts on; the CPU still takes interrupts. It waits for moves, allocations
 * and frees that are under way, a second at most, and another one when it fails. What is remembered (L60), and left to the
 * CPU by then to run, it runs, or hands on when it goes offline.
 *
 * On error the CPU is a target as before, what wants it returns to it, other vectors stay where they are now, and
 * *out_left (may be NULL; written also then) says how many it has. Errors: RANGE (no such CPU), STATE (it is the last
 * one that is a target; nothing happened), UNSUPPORTED (one has a fixed target, such as a vector of a block whose
 * messages would move), BUSY (one was not let go in time), or what the controller says.
 */
UMSI_MUST_CHECK enum umsi_status umsi_cpu_leave(struct umsi *u, umsi_cpu cpu, uint32_t *out_left);

/*
 * A CPU is there again: it is a target, managed vectors with it in their share that were shut down are restarted on
 * it, and those that run outside of their wanted set, which names it, return to it. Other vectors stay where
 * they are. Context: task, on any CPU, after the CPU's umsi_gicv3_cpu_online() and umsi_lpi_cpu_online(). Calling it
 * for a CPU that never left is harmless.
 * It waits as umsi_cpu_leave() does, a second at most.
 * Errors: RANGE, STATE (the CPU is not online), BUSY (one was not let go in time), or the first the controller said:
 * then the CPU is a target, and what could not be moved stays as it is until the next join.
 */
UMSI_MUST_CHECK enum umsi_status umsi_cpu_join(struct umsi *u, umsi_cpu cpu);

/*
 * Divide CPUs into n shares, one for each of n vectors: every CPU is in a share, none is empty. With n up to the
 * number of CPUs the shares are disjoint runs of neighbours whose sizes differ by one at most; with more, each
 * share is one CPU, and the CPUs are used equally often, give or take one. This is what managed vectors get.
 * *out is the share of vector `i`, of the CPUs 0 .. nr_cpus-1 that are in `cpus` (NULL: all). Pure: no port, no
 * state. Context: any. False, and *out untouched: i is not below n, or there are no CPUs.
 */
bool umsi_spread(uint32_t n, uint32_t i, const struct umsi_cpumask *cpus, uint32_t nr_cpus,
                 struct umsi_cpumask *out);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_CPU_H */
