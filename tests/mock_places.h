/* SPDX-License-Identifier: MIT */
/*
 * A controller without hardware whose messages move: each CPU has places, as an IMSIC has identities, and only the
 * CPU itself opens and closes them. It breaks the test when the contract of a move is broken, and counts messages
 * that reached no interrupt. And a device that writes what is in its registers, word by word.
 */
#ifndef MOCK_PLACES_H
#define MOCK_PLACES_H

#include <umsi/msi.h>

#define PLACES_CPUS    4u
#define PLACES_IDS     8u
#define PLACES_VECTORS 6u
#define PLACES_BASE    0x28000000u

struct mock_place {
    struct umsi_irq *irq;
    bool open, pending;
};

struct mock_places {
    struct umsi_domain domain; /* root and MSI parent */
    struct umsi_msi_parent_ops ops;
    struct mock_place place[PLACES_CPUS][PLACES_IDS];
    bool defer;      /* a new place is opened in cpu_work() only */
    bool no_way;     /* there is no message between two places */
    bool other_ids;  /* a move takes another id than before */
    uint32_t refuse; /* so many settles say: not yet */
    uint32_t moves, reverts, settles, works, strays;
    void (*point)(void *arg); /* called where a CPU may be stopped; may be NULL */
    void *arg;
};

/* Every CPU of the instance online. */
void mock_places_add(struct mock_places *m, struct umsi *u);
/* Asserts that no place is taken. */
void mock_places_remove(struct mock_places *m);
/* Take all that is pending on a CPU, which this thread plays. */
void mock_places_take(struct mock_places *m, umsi_cpu cpu);
uint32_t mock_places_used(const struct mock_places *m, umsi_cpu cpu);

/* A device with its registers. */
struct mock_sender {
    struct umsi_msi_device dev;
    struct mock_places *places;
    uint32_t address[PLACES_VECTORS], data[PLACES_VECTORS];
    bool masked[PLACES_VECTORS], owed[PLACES_VECTORS];
    uint32_t writes; /* of words that changed */
};

void mock_sender_attach(struct mock_sender *s, struct mock_places *m, bool maskable);
/* It raises a vector: what its registers say is written now, or at its unmask. */
void mock_sender_raise(struct mock_sender *s, uint32_t index);

#endif /* MOCK_PLACES_H */
