/* SPDX-License-Identifier: MIT */
/*
 * RISC-V incoming MSI controllers at supervisor level: one interrupt file per hart, to which devices write.
 * RISC-V Advanced Interrupt Architecture 1.0 (AIA), chapter 3 (IMSIC) and 2 (CSRs).
 *
 * A vector is an identity of one hart's file; its message is the file's address and the identity. So it changes
 * with the target: a move takes an identity of the new hart, writes the device's message, and keeps the old
 * identity until nothing can arrive on it (L54). A file's enable bits can be written by its own hart only, so
 * taking, moving and freeing vectors leaves work for that hart: port->cpu_kick, and umsi_cpu_service() there.
 * What arrives before the hart has enabled the identity stays pending in the file; nothing waits for the hart.
 *
 * Not there: machine level, guest interrupt files, 32-bit harts, files of different sizes.
 */
#ifndef UMSI_CHIP_IMSIC_H
#define UMSI_CHIP_IMSIC_H

#include <umsi/domain.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UMSI_IMSIC_MAX_IDS  2047u
#define UMSI_IMSIC_MAX_IPIS 16u

struct umsi_imsic;

/* How the supervisor-level files lie in the address space (AIA 3.6): that of hart h of group g is at
 * base + (g << group_index_shift) + (h << (12 + guest_index_bits)). */
struct umsi_imsic_layout {
    umsi_phys base;
    uint32_t guest_index_bits; /* 0 .. 6 */
    uint32_t hart_index_bits;  /* 0 .. 14 */
    uint32_t group_index_bits; /* 0: one group; with hart_index_bits at most 14 */
    uint32_t
        group_index_shift; /* at least 12 + guest_index_bits + hart_index_bits; matters with groups only */
};

/* The file of a hart index, which is g << hart_index_bits | h. Pure. */
static inline umsi_phys umsi_imsic_address(const struct umsi_imsic_layout *layout, uint32_t hart)
{
    uint64_t g = (uint64_t)hart >> layout->hart_index_bits;
    uint64_t h = hart & (((uint64_t)1 << layout->hart_index_bits) - 1);
    uint64_t group = layout->group_index_bits != 0 ? g << layout->group_index_shift : 0;

    return layout->base + group + (h << (12 + layout->guest_index_bits));
}

/* And back. False: no hart has its file there, or it is a guest's. Pure. */
static inline bool umsi_imsic_hart(const struct umsi_imsic_layout *layout, umsi_phys address,
                                   uint32_t *out_hart)
{
    uint64_t offset = address - layout->base;
    uint64_t h =
        offset >> (12 + layout->guest_index_bits) & (((uint64_t)1 << layout->hart_index_bits) - 1);
    uint64_t g = layout->group_index_bits != 0 ? offset >> layout->group_index_shift &
                                                     (((uint64_t)1 << layout->group_index_bits) - 1)
                                               : 0;
    uint32_t hart = (uint32_t)(g << layout->hart_index_bits | h);

    if (umsi_imsic_address(layout, hart) != address) {
        return false;
    }
    *out_hart = hart;
    return true;
}

/* One CPU's file. */
struct umsi_imsic_file {
    volatile void *
        page; /* its 4 KiB, mapped as device memory; NULL: it has none, and takes no interrupts here */
    uint32_t hart; /* its hart index; often, but not always, the order of the hart IDs */
};

struct umsi_imsic_config {
    struct umsi_imsic_layout layout;
    const struct umsi_imsic_file
        *files;      /* by CPU, port->nr_cpus of them; read during the call only */
    uint32_t nr_ids; /* identities of each file: 63 .. 2047, one less than a multiple of 64 */
    uint32_t
        nr_ipis; /* identities 1 .. nr_ipis of each file are for umsi_imsic_send_ipi(); 0 .. 16 */
};

/*
 * Be the instance's root, its receiver, and an MSI parent. Touches no hardware. With more than one CPU the port has
 * cpu_kick. Context: task. Errors: INVALID (layout, nr_ids, nr_ipis), RANGE (a hart index beyond the layout, or
 * given twice), UNSUPPORTED (no CSRs here, and none from the port: sysreg_read, sysreg_write and sysreg_modify; no
 * cpu_kick), NOMEM, EXISTS (a receiver is there).
 */
UMSI_MUST_CHECK enum umsi_status umsi_imsic_create(struct umsi *u,
                                                   const struct umsi_imsic_config *config,
                                                   struct umsi_imsic **out_imsic);
/* This CPU's file is closed; other CPUs went offline before. Context: task. BUSY while a device is attached or an
 * IPI is mapped. */
UMSI_MUST_CHECK enum umsi_status umsi_imsic_destroy(struct umsi_imsic *imsic);

/*
 * On each CPU as it boots, and when it comes back, on that CPU: clear what is nobody's from its file, enable what it
 * owns, open delivery (eidelivery 1, eithreshold 0). The kernel sets sie.SEIE itself. Allocates nothing.
 * Context: task on that CPU, interrupts off. Errors: RANGE, INVALID (not this CPU), EXISTS (it is online),
 * NOTFOUND (it has no file), UNSUPPORTED (the file has fewer identities, or cannot deliver).
 */
UMSI_MUST_CHECK enum umsi_status umsi_imsic_cpu_online(struct umsi_imsic *imsic, umsi_cpu cpu);
/* Close this CPU's file: it is no target any more, and takes nothing. What was sent to it has been moved away
 * before (umsi_cpu_leave()). Context: that CPU, interrupts off. Harmless for one that is not online. */
void umsi_imsic_cpu_offline(struct umsi_imsic *imsic);

/* The MSI parent to attach devices to; a device's DeviceID does not matter here. */
struct umsi_domain *umsi_imsic_parent(struct umsi_imsic *imsic);

/*
 * The virq of an IPI (0 .. nr_ipis-1). One virq for all CPUs: handlers run on each on its own, and on several at
 * once. Context: task. Errors: RANGE, EXISTS, NOMEM.
 */
UMSI_MUST_CHECK enum umsi_status umsi_imsic_map_ipi(struct umsi_imsic *imsic, uint32_t ipi,
                                                    umsi_virq *out_virq);
void umsi_imsic_unmap_ipi(struct umsi_imsic *imsic, umsi_virq virq);
/* Send it to a CPU that is online, this one too. Stores before it are visible to the handler. Context: any.
 * Errors: RANGE, STATE (not online). */
UMSI_MUST_CHECK enum umsi_status umsi_imsic_send_ipi(struct umsi_imsic *imsic, umsi_cpu cpu,
                                                     uint32_t ipi);

/*
 * Receiving (c): dispatch an identity that the kernel claimed on this CPU, with CSRRW from stopei. Returns false for
 * what is not umsi's. Context: interrupt, interrupts off.
 */
bool umsi_imsic_handle(struct umsi_imsic *imsic, uint32_t identity);

struct umsi_imsic_counts {
    uint32_t total;       /* identities for vectors: nr_ids without those for IPIs */
    uint32_t live;        /* vectors', old places of moves included */
    uint32_t quarantined; /* given back, until their hart has closed them; the rest is free (L37) */
};
/* Of one CPU's file; UMSI_NO_CPU: of all. Context: any. */
void umsi_imsic_get_counts(struct umsi_imsic *imsic, umsi_cpu cpu, struct umsi_imsic_counts *out);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_CHIP_IMSIC_H */
