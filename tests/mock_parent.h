/* SPDX-License-Identifier: MIT */
/*
 * An MSI parent without hardware, for tests of the layers above: it gives out numbers, records what it was
 * asked, breaks the test when the contract is broken, and fails where it is told to.
 */
#ifndef MOCK_PARENT_H
#define MOCK_PARENT_H

#include <umsi/msi.h>

#define MOCK_IDS      4096u
#define MOCK_DOORBELL 0x8090040u

struct mock_parent {
    struct umsi_domain root; /* level 0: numbers, 100 .. 100 + MOCK_IDS - 1 */
    struct umsi_domain msi;  /* level 1: the MSI parent */
    struct umsi_msi_parent_ops ops;

    uint32_t prepares, teardowns, failed_prepares;
    uint32_t last_prepared; /* its nr_events */
    uint32_t live, active;  /* vectors allocated, activated */
    uint32_t commits, moves, raised;
    enum umsi_status refuse; /* raising by command answers so; 0: it is done */
    struct umsi_irq *irq[MOCK_IDS];

    /* Make the Nth call from now fail with `status`; 0: none. */
    uint32_t fail_prepare, fail_alloc, fail_root_alloc, fail_activate, fail_commit, fail_move;
    uint32_t fail_again; /* and this many moves after that one */
    enum umsi_status status;
    bool deliver;   /* raising one by command delivers it at once */
    uint32_t limit; /* numbers it gives out at most */
};

/* Two domains below `u`; every CPU online. `can` as in struct umsi_msi_parent_ops. */
void mock_parent_add(struct mock_parent *m, struct umsi *u, uint32_t can);
/* Asserts that nothing is left. */
void mock_parent_remove(struct mock_parent *m);
/* An interrupt of that number arrives on this CPU. False: nobody has it. */
bool mock_parent_arrive(struct mock_parent *m, uint32_t hwirq);

#endif /* MOCK_PARENT_H */
