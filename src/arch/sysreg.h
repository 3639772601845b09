/* SPDX-License-Identifier: MIT */
/*
 * System registers of this CPU: through the port where it wants to, else the instruction. With a constant
 * register, as everywhere in umsi, the native path is one load, one branch and the MRS or MSR.
 */
#ifndef UMSI_ARCH_SYSREG_H
#define UMSI_ARCH_SYSREG_H

#include "../core/core.h"

/* Encodings: Arm ARM (DDI0487) D19; ICC_* in IHI0069, 12.2. */
#define UMSI_MPIDR_EL1       UMSI_SYSREG(3, 0, 0, 0, 5)
#define UMSI_ICC_PMR_EL1     UMSI_SYSREG(3, 0, 4, 6, 0)
#define UMSI_ICC_AP1R0_EL1   UMSI_SYSREG(3, 0, 12, 9, 0)
#define UMSI_ICC_AP1R1_EL1   UMSI_SYSREG(3, 0, 12, 9, 1)
#define UMSI_ICC_AP1R2_EL1   UMSI_SYSREG(3, 0, 12, 9, 2)
#define UMSI_ICC_AP1R3_EL1   UMSI_SYSREG(3, 0, 12, 9, 3)
#define UMSI_ICC_RPR_EL1     UMSI_SYSREG(3, 0, 12, 11, 3)
#define UMSI_ICC_SGI1R_EL1   UMSI_SYSREG(3, 0, 12, 11, 5)
#define UMSI_ICC_IAR1_EL1    UMSI_SYSREG(3, 0, 12, 12, 0)
#define UMSI_ICC_EOIR1_EL1   UMSI_SYSREG(3, 0, 12, 12, 1)
#define UMSI_ICC_BPR1_EL1    UMSI_SYSREG(3, 0, 12, 12, 3)
#define UMSI_ICC_CTLR_EL1    UMSI_SYSREG(3, 0, 12, 12, 4)
#define UMSI_ICC_SRE_EL1     UMSI_SYSREG(3, 0, 12, 12, 5)
#define UMSI_ICC_IGRPEN1_EL1 UMSI_SYSREG(3, 0, 12, 12, 7)

#if defined(__aarch64__)

/* The encoding is part of the instruction, so each register has its own; assemblers of any age know the
 * generic names. */
#define UMSI_SYSREG_LIST(X)                                                                        \
    X(UMSI_MPIDR_EL1, "S3_0_C0_C0_5")                                                              \
    X(UMSI_ICC_PMR_EL1, "S3_0_C4_C6_0")                                                            \
    X(UMSI_ICC_AP1R0_EL1, "S3_0_C12_C9_0")                                                         \
    X(UMSI_ICC_AP1R1_EL1, "S3_0_C12_C9_1")                                                         \
    X(UMSI_ICC_AP1R2_EL1, "S3_0_C12_C9_2")                                                         \
    X(UMSI_ICC_AP1R3_EL1, "S3_0_C12_C9_3")                                                         \
    X(UMSI_ICC_RPR_EL1, "S3_0_C12_C11_3")                                                          \
    X(UMSI_ICC_SGI1R_EL1, "S3_0_C12_C11_5")                                                        \
    X(UMSI_ICC_IAR1_EL1, "S3_0_C12_C12_0")                                                         \
    X(UMSI_ICC_EOIR1_EL1, "S3_0_C12_C12_1")                                                        \
    X(UMSI_ICC_BPR1_EL1, "S3_0_C12_C12_3")                                                         \
    X(UMSI_ICC_CTLR_EL1, "S3_0_C12_C12_4")                                                         \
    X(UMSI_ICC_SRE_EL1, "S3_0_C12_C12_5")                                                          \
    X(UMSI_ICC_IGRPEN1_EL1, "S3_0_C12_C12_7")

static inline __attribute__((always_inline)) uint64_t umsi_sysreg_read_native(uint32_t reg)
{
    uint64_t v = 0;

    switch (reg) {
#define UMSI_SYSREG_MRS(encoding, name)                                                            \
    case encoding:                                                                                 \
        __asm__ volatile("mrs %0, " name : "=r"(v) : : "memory");                                  \
        break;
        UMSI_SYSREG_LIST(UMSI_SYSREG_MRS)
#undef UMSI_SYSREG_MRS
    default:
        break;
    }
    return v;
}

static inline __attribute__((always_inline)) void umsi_sysreg_write_native(uint32_t reg, uint64_t v)
{
    switch (reg) {
#define UMSI_SYSREG_MSR(encoding, name)                                                            \
    case encoding:                                                                                 \
        __asm__ volatile("msr " name ", %0" : : "r"(v) : "memory");                                \
        break;
        UMSI_SYSREG_LIST(UMSI_SYSREG_MSR)
#undef UMSI_SYSREG_MSR
    default:
        break;
    }
}

#define UMSI_SYSREG_NATIVE true

#else

static inline uint64_t umsi_sysreg_read_native(uint32_t reg)
{
    (void)reg;
    return 0;
}

static inline void umsi_sysreg_write_native(uint32_t reg, uint64_t v)
{
    (void)reg;
    (void)v;
}

#define UMSI_SYSREG_NATIVE false

#endif

/* Are there system registers at all: the port's, or this architecture's? */
static inline bool umsi_sysreg_usable(const struct umsi *u)
{
    bool port = u->port.sysreg_read != NULL && u->port.sysreg_write != NULL;

    return port || UMSI_SYSREG_NATIVE;
}

static inline uint64_t umsi_sysreg_read(struct umsi *u, uint32_t reg)
{
    if (u->port.sysreg_read != NULL) {
        return u->port.sysreg_read(u->port.ctx, reg);
    }
    return umsi_sysreg_read_native(reg);
}

static inline void umsi_sysreg_write(struct umsi *u, uint32_t reg, uint64_t value)
{
    if (u->port.sysreg_write != NULL) {
        u->port.sysreg_write(u->port.ctx, reg, value);
        return;
    }
    umsi_sysreg_write_native(reg, value);
}

#endif /* UMSI_ARCH_SYSREG_H */
