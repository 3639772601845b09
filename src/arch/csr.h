/* SPDX-License-Identifier: MIT */
/*
 * RISC-V control and status registers of this hart: through the port where it wants to, else the instruction. With
 * a constant number, as everywhere in umsi, the native path is one load, one branch and the instruction.
 */
#ifndef UMSI_ARCH_CSR_H
#define UMSI_ARCH_CSR_H

#include "../core/core.h"

/* Numbers: AIA 1.0, table 1 (2.1). */
#define UMSI_CSR_SISELECT 0x150u
#define UMSI_CSR_SIREG    0x151u
#define UMSI_CSR_STOPEI   0x15Cu

#if defined(__riscv) && __riscv_xlen == 64

/* The number is part of the instruction. Spelled out as SYSTEM with funct3 1, 2, 3 (CSRRW, CSRRS, CSRRC), so that
 * assemblers take it that were not told of Zicsr, or do not know the names. */
#define UMSI_CSR_LIST(X)                                                                           \
    X(UMSI_CSR_SISELECT, "0x150")                                                                  \
    X(UMSI_CSR_SIREG, "0x151")                                                                     \
    X(UMSI_CSR_STOPEI, "0x15c")

#define UMSI_CSR_INSN(funct3, text, old, in)                                                       \
    __asm__ volatile(".insn i 0x73, " funct3 ", %0, %z1, " text : "=r"(old) : "rJ"(in) : "memory")

/* As for umsi_csr_modify(): one instruction, since `clear` and `set` are constants, or one of them is 0. */
static inline __attribute__((always_inline)) uint64_t
umsi_csr_modify_native(uint32_t reg, uint64_t clear, uint64_t set)
{
    uint64_t old = 0;

    switch (reg) {
#define UMSI_CSR_MODIFY(number, text)                                                              \
    case number:                                                                                   \
        if (clear == UINT64_MAX) {                                                                 \
            UMSI_CSR_INSN("1", text, old, set);                                                    \
        } else if (set == 0) {                                                                     \
            UMSI_CSR_INSN("3", text, old, clear);                                                  \
        } else {                                                                                   \
            UMSI_CSR_INSN("2", text, old, set);                                                    \
        }                                                                                          \
        break;
        UMSI_CSR_LIST(UMSI_CSR_MODIFY)
#undef UMSI_CSR_MODIFY
    default:
        break;
    }
    return old;
}

#define UMSI_CSR_NATIVE true

#else

static inline uint64_t umsi_csr_modify_native(uint32_t reg, uint64_t clear, uint64_t set)
{
    (void)reg;
    (void)clear;
    (void)set;
    return 0;
}

#define UMSI_CSR_NATIVE false

#endif

/* Are there CSRs at all: the port's, or this architecture's? */
static inline bool umsi_csr_usable(const struct umsi *u)
{
    bool port = u->port.sysreg_read != NULL && u->port.sysreg_modify != NULL;

    return port || (u->port.sysreg_read == NULL && UMSI_CSR_NATIVE);
}

/* All bits are replaced (`clear` is UINT64_MAX), or bits are cleared, or bits are set. Returns what was there. */
static inline uint64_t umsi_csr_modify(struct umsi *u, uint32_t reg, uint64_t clear, uint64_t set)
{
    if (u->port.sysreg_modify != NULL) {
        return u->port.sysreg_modify(u->port.ctx, reg, clear, set);
    }
    return umsi_csr_modify_native(reg, clear, set);
}

/* Without the write that a modify would be. */
static inline uint64_t umsi_csr_read(struct umsi *u, uint32_t reg)
{
    if (u->port.sysreg_read != NULL) {
        return u->port.sysreg_read(u->port.ctx, reg);
    }
    return umsi_csr_modify_native(reg, 0, 0); /* without bits neither CSRRC nor CSRRS writes */
}

static inline void umsi_csr_write(struct umsi *u, uint32_t reg, uint64_t value)
{
    if (u->port.sysreg_write != NULL) {
        u->port.sysreg_write(u->port.ctx, reg, value);
        return;
    }
    (void)umsi_csr_modify_native(reg, UINT64_MAX, value);
}

#endif /* UMSI_ARCH_CSR_H */
