/* SPDX-License-Identifier: MIT */
/*
 * What umsi/fw/platform.h is for a machine with a GIC, for one with RISC-V harts: from struct umsi_platform to running
 * controllers. Apart from it, so that neither brings the other's controllers into a link.
 */
#ifndef UMSI_FW_RISCV_H
#define UMSI_FW_RISCV_H

#include <umsi/fw/platform.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The controllers of a machine. The caller's storage; the fields are umsi's. */
struct umsi_riscv {
    struct umsi *umsi;
    struct umsi_platform_ops ops;
    struct umsi_imsic *imsic;
    struct umsi_aplic *aplic[UMSI_PLATFORM_MAX_APLIC]; /* NULL: not brought up */
    struct umsi_aplic *direct;                         /* the one of them that delivers by itself */
    uint32_t aplic_phandle[UMSI_PLATFORM_MAX_APLIC], imsic_phandle;
    struct {
        volatile void *va;
        uint64_t size;
    } mapping[UMSI_PLATFORM_MAX_REGIONS + UMSI_PLATFORM_MAX_APLIC];
    uint32_t nr_mappings;
};

/*
 * Create the interrupt files, or an APLIC that delivers by itself where there are none, then the APLICs that send
 * messages, and bring the calling CPU online. CPUs are numbered as platform->cpu_mpidr has their hart IDs. An APLIC
 * that sends messages and cannot be brought up is named in the log and left out. `platform` and `ops` are read during
 * the call only; `m` is in use until umsi_riscv_destroy(), and as before after an error.
 * Context: task on the boot CPU, interrupts off; about 5 KiB of stack with UMSI_MAX_CPUS 256.
 * Errors: NOTFOUND (neither interrupt files nor an APLIC), UNSUPPORTED (they cannot be mapped), INVALID, those of the
 * chips. On error nothing is left.
 */
UMSI_MUST_CHECK enum umsi_status umsi_riscv_create(struct umsi *u,
                                                   const struct umsi_platform *platform,
                                                   const struct umsi_platform_ops *ops,
                                                   struct umsi_riscv *m);
/* On each further CPU, on that CPU, interrupts off. Allocates nothing. The kernel sets sie.SEIE. */
UMSI_MUST_CHECK enum umsi_status umsi_riscv_cpu_online(struct umsi_riscv *m, umsi_cpu cpu);
/* On a CPU that goes, on that CPU, interrupts off, after umsi_cpu_leave(). */
void umsi_riscv_cpu_offline(struct umsi_riscv *m);
/*
 * Give everything back. Other CPUs have called umsi_riscv_cpu_offline() before. Context: task, interrupts off.
 * Errors: BUSY (a device is attached, an IPI or a source in direct delivery mode is mapped). Then what could not be
 * given back is still in `m`, and the call may be repeated.
 */
UMSI_MUST_CHECK enum umsi_status umsi_riscv_destroy(struct umsi_riscv *m);

struct umsi_imsic *umsi_riscv_imsic(struct umsi_riscv *m); /* NULL: harts have no interrupt files */
/* The i-th APLIC of the platform; NULL beyond, or when it could not be brought up. */
struct umsi_aplic *umsi_riscv_aplic(struct umsi_riscv *m, uint32_t i);
/* The APLIC that interrupt-parent names; NULL: none. */
struct umsi_aplic *umsi_riscv_aplic_by_phandle(struct umsi_riscv *m, uint32_t phandle);
/* MSI parent and DeviceID for a requester ID below a host bridge. Errors as umsi_platform_msi(): UNSUPPORTED where
 * harts have no interrupt files, since nothing else takes messages. */
UMSI_MUST_CHECK enum umsi_status umsi_riscv_msi(struct umsi_riscv *m,
                                                const struct umsi_platform_host *host, uint16_t rid,
                                                struct umsi_domain **out_parent,
                                                uint32_t *out_device_id);
/* The APLIC and source that a function's INTx arrives on, level-sensitive, active high: for umsi_aplic_map(). Errors as
 * umsi_platform_intx(). */
UMSI_MUST_CHECK enum umsi_status
umsi_riscv_intx(struct umsi_riscv *m, const struct umsi_platform_host *host, uint16_t bdf,
                uint32_t pin, struct umsi_aplic **out_aplic, uint32_t *out_source);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_FW_RISCV_H */
