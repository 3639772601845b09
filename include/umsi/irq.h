/* SPDX-License-Identifier: MIT */
/*
 * Handlers: what a driver does with an interrupt once it has its virq. Where the virq comes from is the
 * bus's matter: umsi_pci_virq(), umsi_msi_virq(), umsi_gicv3_map().
 */
#ifndef UMSI_IRQ_H
#define UMSI_IRQ_H

#include <umsi/umsi.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Runs in interrupt context on the CPU that took the interrupt, never on two CPUs at once (L58). */
typedef void (*umsi_handler)(void *arg);

/*
 * Install the handler and unmask. What arrived before (L60) is run once; see cpu_kick in umsi/port.h for where.
 * `name` is kept as a pointer. A NULL handler is for kernels that dispatch themselves (umsi_acknowledge()).
 * Context: task. Errors: NOTFOUND (no such virq), EXISTS (has a handler, or one that was freed from within
 * itself has not returned yet).
 */
UMSI_MUST_CHECK enum umsi_status
umsi_irq_request(struct umsi *u, umsi_virq virq, umsi_handler handler, void *arg, const char *name);

/*
 * Mask, take the handler away, and return only when it runs on no other CPU. From within the handler itself
 * it does not wait for itself: the handler is not started again. The driver's disables, and what was
 * remembered for this handler, are forgotten. Freeing what has no handler does nothing. Context: task, or the
 * vector's own handler (not that of an SGI or PPI, which may run on other CPUs too); interrupts may be off,
 * but then no other CPU may be waiting for this one with the handler's locks held.
 */
void umsi_irq_free(struct umsi *u, umsi_virq virq);

/*
 * Driver's switch; nests: as many enables as disables. A vector starts enabled. What arrives while disabled
 * is remembered once and runs once at the last enable (L51, L60); see cpu_kick in umsi/port.h for where.
 * disable does not wait for a handler that runs now: umsi_irq_synchronize() does. Context: any. An unknown
 * virq, or an enable too many, is logged and ignored.
 */
void umsi_irq_disable(struct umsi *u, umsi_virq virq);
void umsi_irq_enable(struct umsi *u, umsi_virq virq);

/* Return when the handler, if it ran elsewhere at the call, has returned. Context: task, not the handler. */
void umsi_irq_synchronize(struct umsi *u, umsi_virq virq);

/*
 * Send the interrupt to one of `cpus` (NULL: all), and remember the set as the wanted one. The target stays when it
 * is in the set, and then nothing is sent (L34); else it is the online CPU of the set with the fewest vectors.
 * Returns when the controller has done it; an interrupt that is on its way is not lost (L35). A handler that runs on
 * the old CPU goes on there; the next arrival is the new one's (L58).
 *
 * A controller whose message changes with the target keeps the old place until that CPU has looked that nothing is
 * left on it (L54), and may need the new CPU to open the new one first: that is done behind this call's back, by
 * umsi_cpu_service() there, and umsi_irq_get_cpu() says the old CPU until the message is changed. A call for a vector
 * that is still busy with this waits, 100 ms at most. On a port with more than one CPU and without cpu_kick such
 * vectors do not move.
 *
 * Context: task, interrupts on where the controller is of that kind.
 * Errors: NOTFOUND, INVALID (no CPU of the set is online), UNSUPPORTED (fixed target; managed; its device holds
 * a message of several words, cannot be masked, and the controller knows no way between; no cpu_kick), NOSPACE (the
 * CPU has no place left, or too many different sets are in use), BUSY (another move of it is under way), or what
 * the controller says; then target and wanted set are the old ones.
 */
UMSI_MUST_CHECK enum umsi_status umsi_irq_set_affinity(struct umsi *u, umsi_virq virq,
                                                       const struct umsi_cpumask *cpus);
/* The CPU that takes it now; UMSI_NO_CPU when there is none, it is shut down, or no such virq. Context: any. */
umsi_cpu umsi_irq_get_cpu(struct umsi *u, umsi_virq virq);
/*
 * The wanted set: what was asked for at allocation or by umsi_irq_set_affinity(), online or not; a managed vector's
 * share; all CPUs when nothing was asked. Context: any. Errors: NOTFOUND.
 */
UMSI_MUST_CHECK enum umsi_status umsi_irq_get_wanted(struct umsi *u, umsi_virq virq,
                                                     struct umsi_cpumask *out);

/*
 * Make the controller raise it once more, as if it had arrived. It is posted: handed to the controller, not
 * waited for (L30). Context: any. Errors: NOTFOUND, UNSUPPORTED, BUSY (its queue is full now), STATE (not
 * active), TIMEOUT (the controller is dead).
 */
UMSI_MUST_CHECK enum umsi_status umsi_irq_retrigger(struct umsi *u, umsi_virq virq);

struct umsi_irq_info {
    umsi_virq virq;
    uint32_t index;   /* of the device's vector; the hwirq where there is no device */
    uint32_t hwirq;   /* number at the root controller, an INTID on a GIC */
    umsi_cpu cpu;     /* target; UMSI_NO_CPU: none */
    char device[32];  /* name of its domain */
    const char *name; /* as given to umsi_irq_request(); NULL: no handler */
    bool masked, pending, running, level;
    bool managed;  /* its wanted set is fixed, see struct umsi_vectors */
    bool shut;     /* managed, and no CPU of its share is there (L53) */
    bool settling; /* a move is under way, or its old place is not known to be empty yet (L54) */
    uint32_t disable_depth;
    uint64_t handled; /* handler runs, all CPUs */
    uint64_t arrived; /* arrivals, remembered or merged ones too */
};
/* Context: any. Errors: NOTFOUND. */
UMSI_MUST_CHECK enum umsi_status umsi_irq_get_info(struct umsi *u, umsi_virq virq,
                                                   struct umsi_irq_info *out);
/* Handler runs on one CPU. Context: any. 0 for what does not exist. */
uint32_t umsi_irq_count(struct umsi *u, umsi_virq virq, umsi_cpu cpu);

struct umsi_irq_test {
    bool arrived;     /* the interrupt reached a CPU */
    bool handled;     /* and its handler ran */
    umsi_cpu cpu;     /* there */
    uint64_t took_us; /* from the command to the arrival, as this CPU saw it */
};
/*
 * Raise the interrupt by command and say whether, and where, it came. A handler that is installed runs, for
 * nothing; without one the arrival is not remembered. Waits at most 100 ms.
 * Context: task, with interrupts on; one test of a vector at a time.
 * Errors: those of umsi_irq_retrigger(); TIMEOUT: raised, and never came (umsi_explain() says why).
 */
UMSI_MUST_CHECK enum umsi_status umsi_irq_test(struct umsi *u, umsi_virq virq,
                                               struct umsi_irq_test *out);

/*
 * Walk the way of an interrupt from device to CPU - device enable, mask, bus master, message, event, LPI
 * byte, collection, EnableLPIs, handler - print a line for each link, and name the first that stops it.
 * Returns UMSI_OK when nothing does, UMSI_STATE when one does (*out_why, may be NULL, a constant string).
 * Context: task.
 */
enum umsi_status umsi_explain(struct umsi *u, umsi_virq virq, umsi_print print, void *arg,
                              const char **out_why);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_IRQ_H */
