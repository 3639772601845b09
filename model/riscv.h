/* SPDX-License-Identifier: MIT */
/* The RISC-V parts of the machine's state: interrupt files, messages under way, an APLIC. Not for users. */
#ifndef MODEL_RISCV_H
#define MODEL_RISCV_H

#include "model.h"

#define MODEL_IDENTITIES 2048u
#define MODEL_SOURCES    1024u

/* A hart's supervisor-level interrupt file. */
struct file {
    uint64_t select, delivery, threshold;
    uint64_t pending[MODEL_IDENTITIES / 64], enabled[MODEL_IDENTITIES / 64];
    uintptr_t va; /* of its page */
};

/* A message that was sent, and has not arrived. */
struct flight {
    uint64_t due;
    const void *from; /* what a read from pushes it in front of it; NULL: nothing does */
    uint32_t cpu, identity;
};

struct imsic {
    struct model_imsic_config cfg;
    struct flight *flights; /* in the order in which they were sent */
    uint32_t nr_flights;
};

struct idc {
    uint32_t delivery, force, threshold;
};

struct aplic {
    struct model_aplic_config cfg;
    uintptr_t va;
    uint32_t domaincfg;
    bool big; /* domaincfg.BE */
    uint8_t mode[MODEL_SOURCES];
    uint32_t target[MODEL_SOURCES];
    bool target_written[MODEL_SOURCES];
    bool pending[MODEL_SOURCES], enabled[MODEL_SOURCES], wire[MODEL_SOURCES];
    uint16_t holders[MODEL_SOURCES]; /* functions that ask on the wire */
    struct idc *idc;                 /* by hart index, nr_cpus of them */
};

/* imsic.c */
bool imsic_init(struct model *m);
void imsic_exit(struct model *m);
/* Messages that are due arrive. */
void imsic_work(struct model *m);
/* What `from` sent arrives now: an answer of its own comes after it. */
void imsic_flush(struct model *m, const void *from);
/* Is an interrupt signalled to the hart? */
bool imsic_signals(struct model *m, umsi_cpu cpu);
/* A device's write. */
bool imsic_message(struct model *m, const void *from, uint64_t address, uint32_t data);
/* Would it become an interrupt? */
bool imsic_reaches(struct model *m, uint64_t address, uint32_t data);
/* The CPU of a hart index; UMSI_NO_CPU: there is none. */
umsi_cpu imsic_cpu_of(struct model *m, uint32_t hart);
void imsic_send(struct model *m, const void *from, umsi_cpu cpu, uint32_t identity);
uint64_t csr_read(void *ctx, uint32_t reg);
void csr_write(void *ctx, uint32_t reg, uint64_t value);
uint64_t csr_modify(void *ctx, uint32_t reg, uint64_t clear, uint64_t set);
void imsic_count(struct model *m, struct model_counts *out);
void imsic_check_shutdown(struct model *m);

/* aplic.c */
bool aplic_init(struct model *m);
void aplic_exit(struct model *m);
/* A function asks on a source's wire, or no longer. */
void aplic_hold(struct model *m, uint32_t source, bool up);
bool aplic_signals(struct model *m, umsi_cpu cpu);
void aplic_count(struct model *m, struct model_counts *out);
void aplic_check_shutdown(struct model *m);

#endif /* MODEL_RISCV_H */
