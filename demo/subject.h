/* SPDX-License-Identifier: MIT */
/*
 * A PCI function on trial: what it has, what is live of it now, what was counted.
 */
#ifndef DEMO_SUBJECT_H
#define DEMO_SUBJECT_H

#include "driver.h"
#include "pci/pci.h"

/* One live vector. */
struct vector {
    struct event ran;      /* handler runs */
    volatile uint32_t cpu; /* of the last one */
    uint32_t wanted;       /* the CPU asked for */
    umsi_virq virq;
    char name[20];
};

struct subject {
    struct pci_function *f;
    const struct driver *driver; /* NULL: nobody knows it */
    const char *label;           /* what it is called: the driver's name, or its class */
    uint32_t kinds;              /* UMSI_MSIX, UMSI_MSI: which it has */
    bool attached;
    /* Live now: */
    uint32_t kind, nr;
    struct vector *vector;
    /* For the report: */
    struct {
        uint32_t granted, asked;
    } msix, msi;
    /* One life without moves or raises: prepare, one allocation of all, requests, free; the teardown comes on top
     * at the end. */
    struct {
        uint32_t vectors, commands, waits;
        bool maskable;
    } life;
    struct subject *next;
};

/* Make subjects of the functions that have MSI or MSI-X and attach them. False: why was noted. */
bool subjects_attach(struct umsi *u, struct pci_function *list, struct subject **out_list);
void subjects_detach(struct subject *list);
/* One of them, once more after it was detached. */
bool subject_attach(struct subject *s, struct umsi *u);

/* Take all vectors of a kind and request them. False: why was noted, and nothing is held. */
bool subject_take(struct subject *s, uint32_t kind);
void subject_give(struct subject *s);
/* The kind to begin with; 0: it gets no messages. */
uint32_t subject_first_kind(const struct subject *s);

/* Phases; false: a reason was noted. They go on with the next function after a failure. */
bool measure_lives(struct subject *list);
bool run_drivers(struct subject *list);
bool exercise_all(struct subject *list, bool verbose);

#endif /* DEMO_SUBJECT_H */
