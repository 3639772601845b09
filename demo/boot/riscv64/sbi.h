/* SPDX-License-Identifier: MIT */
/*
 * Calls to the firmware in machine mode. RISC-V SBI specification 2.0, chapter 3.
 */
#ifndef DEMO_SBI_H
#define DEMO_SBI_H

#include <stdint.h>

#define SBI_EXT_TIME   0x54494d45u
#define SBI_EXT_HSM    0x48534du
#define SBI_EXT_IPI    0x735049u
#define SBI_EXT_SRST   0x53525354u
#define SBI_HSM_START  0u
#define SBI_HSM_STOP   1u
#define SBI_HSM_STATUS 2u

struct sbi_result {
    int64_t error, value;
};

static inline struct sbi_result sbi_call(uint64_t extension, uint64_t function, uint64_t arg0,
                                         uint64_t arg1, uint64_t arg2)
{
    register uint64_t a0 __asm__("a0") = arg0;
    register uint64_t a1 __asm__("a1") = arg1;
    register uint64_t a2 __asm__("a2") = arg2;
    register uint64_t a6 __asm__("a6") = function;
    register uint64_t a7 __asm__("a7") = extension;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
    return (struct sbi_result){ (int64_t)a0, (int64_t)a1 };
}

#endif /* DEMO_SBI_H */
