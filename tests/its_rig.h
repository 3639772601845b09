/* SPDX-License-Identifier: MIT */
/*
 * A bench for tests of the LPI space and the ITS: the strict model, a kernel of the smallest kind that owns its
 * GIC (receiving way c), and devices without a bus.
 */
#ifndef TEST_ITS_RIG_H
#define TEST_ITS_RIG_H

#include <umsi/chip/its.h>
#include <umsi/msi.h>

#include "model.h"

struct rig {
    struct model *m;
    struct umsi *u;
    struct umsi_lpi *lpi;
    struct umsi_its *its;
    uint32_t foreign; /* INTIDs umsi_lpi_handle() did not want */
};

struct rig_device {
    struct umsi_msi_device dev;
    struct umsi_message message[4096];
    uint32_t runs[4096];
    umsi_cpu ran_on[4096];
    bool masked[4096];
    struct rig *rig;
};

/* What GITS_PIDR2 and GICD_TYPER read instead of the model's value; 0: that. */
extern uint32_t its_rig_fake_pidr2, its_rig_fake_gicd_typer;
/* Called at each port->relax, on the CPU that waits; NULL: nothing. */
extern void (*its_rig_relax)(void);
/* The next cache_clean of so many bytes is still under way on another CPU: it is not done; 0: none. */
extern size_t its_rig_lose_clean;
/* How many of the next reads of GITS_CREADR give what its_rig_creadr_lags() found there. */
extern uint32_t its_rig_stale_reads;
/* For the next machine: how far the CPU's physical addresses of DMA memory are above the devices'. */
extern uint64_t its_rig_phys_offset;

/* A machine and an instance; nothing is created in it. */
void its_rig_machine(struct rig *r, const struct model_config *config);
/* The redistributor of a CPU awake, its interface open, and its LPIs on. */
enum umsi_status its_rig_cpu_online(struct rig *r, umsi_cpu cpu);
void its_rig_cpu_interface(struct rig *r, umsi_cpu cpu);
/* LPI space with its defaults, CPUs online, one ITS. */
void its_rig_start(struct rig *r, const struct model_config *config);
void its_rig_start_its(struct rig *r, const struct model_config *config,
                       const struct umsi_its_config *its);
/* Everything away again, no breach, nothing left. */
void its_rig_stop(struct rig *r);

/* The next read of GITS_CREADR gives what it is now, whatever the ITS does until then. */
void its_rig_creadr_lags(struct rig *r);

/* Attach; maskable or not. */
enum umsi_status its_rig_attach(struct rig *r, struct rig_device *d, uint32_t id, uint32_t events,
                                uint32_t shared, bool maskable);
void its_rig_request(struct rig_device *d, uint32_t first, uint32_t n);
/* The device sends a vector's message. */
bool its_rig_raise(struct rig_device *d, uint32_t index);

/* How many commands with an opcode the ITS has consumed since the log was cleared. */
uint32_t its_rig_count(struct rig *r, uint8_t opcode);

#endif /* TEST_ITS_RIG_H */
