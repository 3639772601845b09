/* SPDX-License-Identifier: MIT */
/* A driver of a few lines for the model alone: register values written out, no check, no mercy. */
#ifndef RAW_ITS_H
#define RAW_ITS_H

#include "model.h"

#define RAW_MAX_CPUS 32

struct raw {
    struct model *m;
    const struct umsi_port *p;
    volatile uint8_t *its;
    uint32_t nr_cpus;
    struct umsi_dma queue, devices, collections, config, pending[RAW_MAX_CPUS];
    uint32_t slot;  /* of the next command */
    bool two_level; /* device table; set before raw_its_start() */
    uint32_t taken[RAW_MAX_CPUS],
        last[RAW_MAX_CPUS]; /* by the vector, per CPU: how many, and which */
};

/* A machine with LPIs on and one ITS running, each CPU's collection (ICID = CPU) mapped and synchronised. */
void raw_start(struct raw *r, const struct model_config *config);
/* The pieces of it: */
void raw_create(struct raw *r, const struct model_config *config);
void raw_lpis_start(struct raw *r);
void raw_its_start(struct raw *r);
void raw_collections(struct raw *r);
/* Everything off and given back. */
void raw_stop(struct raw *r);

struct umsi_dma raw_dma(struct raw *r, size_t size, size_t align);
/* Registers. */
uint32_t raw_read(struct raw *r, volatile void *base, uint32_t offset);
void raw_write(struct raw *r, volatile void *base, uint32_t offset, uint32_t value);
uint64_t raw_read64(struct raw *r, volatile void *base, uint32_t offset);
void raw_write64(struct raw *r, volatile void *base, uint32_t offset, uint64_t value);

/* Put a command into the queue and ring. */
void raw_command(struct raw *r, uint64_t d0, uint64_t d1, uint64_t d2, uint64_t d3);
void raw_mapd(struct raw *r, uint32_t device, uint32_t bits, uint64_t itt, bool valid);
void raw_mapc(struct raw *r, uint32_t icid, umsi_cpu cpu, bool valid);
void raw_mapti(struct raw *r, uint32_t device, uint32_t event, uint32_t intid, uint32_t icid);
void raw_movi(struct raw *r, uint32_t device, uint32_t event, uint32_t icid);
/* INV, INT, CLEAR, DISCARD. */
void raw_event(struct raw *r, uint8_t opcode, uint32_t device, uint32_t event);
void raw_invall(struct raw *r, uint32_t icid);
void raw_sync(struct raw *r, umsi_cpu cpu);
/* All commands are consumed, or the queue is stalled. */
void raw_done(struct raw *r);
/* Map a device with an ITT of its own and events 0..n-1 to LPIs 8192.. on a CPU, and wait. */
struct umsi_dma raw_device(struct raw *r, uint32_t device, uint32_t bits, uint32_t n, umsi_cpu cpu);
void raw_device_gone(struct raw *r, uint32_t device, uint32_t bits, uint32_t n, umsi_cpu cpu,
                     const struct umsi_dma *itt);
/* Set an LPI's configuration byte, cleaned. */
void raw_config(struct raw *r, uint32_t intid, uint8_t byte);
/* A device writes its EventID. */
bool raw_msi(struct raw *r, uint32_t device, uint32_t event);

/* Exactly one breach, of this law. Ends the recording. */
void raw_expect(struct raw *r, const char *law);
/* At least one, of this law first. */
void raw_expect_first(struct raw *r, const char *law);
void raw_expect_none(struct raw *r);

#endif /* RAW_ITS_H */
