/* SPDX-License-Identifier: MIT */
/*
 * The model with host threads as its CPUs, and the library on it. The model itself is one machine with one big lock
 * around it: what is tested is the library, which is called without that lock. A thread that is a CPU takes its
 * interrupts in threaded_poll(), which the library's waits call through port->relax, as interrupts that are on do.
 */
#ifndef TESTS_THREADED_H
#define TESTS_THREADED_H

#include <pthread.h>

#include <umsi/chip/gicv3.h>
#include <umsi/chip/imsic.h>
#include <umsi/chip/its.h>
#include <umsi/pci.h>

#include "model.h"

#define THREADED_CPUS 4u

struct threaded {
    struct model *m;
    pthread_mutex_t big;
    struct umsi_port port;
    struct umsi *u;
    struct umsi_gicv3 *gic;
    struct umsi_lpi *lpi;
    struct umsi_its *its;
    struct umsi_imsic *imsic;       /* in place of these three */
    uint32_t kicked[THREADED_CPUS]; /* atomic */
    uint32_t wrong;                 /* calls that may sleep, with a lock held (L55); atomic */
};

/* The machine up, with all CPUs online. One at a time in a program. */
void threaded_start(struct threaded *t);
/* RISC-V harts in place of it, with interrupt files; messages are under way for so long. */
void threaded_start_imsic(struct threaded *t, uint64_t message_ns);
/* All down; nothing may be left, and the model must have seen no breach. */
void threaded_stop(struct threaded *t);

/* This thread is that CPU from now on. */
void threaded_be(umsi_cpu cpu);
umsi_cpu threaded_self(void);
/* Take what is pending on this CPU. */
void threaded_poll(struct threaded *t);
/* What only one thread may do: calls into the model. */
void threaded_lock(struct threaded *t);
void threaded_unlock(struct threaded *t);

/* This CPU comes, or goes, at its controllers. */
enum umsi_status threaded_cpu_online(struct threaded *t);
void threaded_cpu_offline(struct threaded *t);
/* Is an LPI pending for this CPU, or an open identity of its file? */
bool threaded_pending(struct threaded *t);

/* A PCI function of the model's, whose configuration space and BARs are reached under the lock. */
struct threaded_function {
    struct threaded *t;
    struct model_pci *hw;
    struct umsi_pci pci;
};
void threaded_plug(struct threaded *t, const struct model_pci_config *hw,
                   struct threaded_function *f);
enum umsi_status threaded_attach(struct threaded_function *f);
enum model_raised threaded_raise(struct threaded_function *f, uint32_t vector);

#endif /* TESTS_THREADED_H */
