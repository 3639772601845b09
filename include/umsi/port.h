/* SPDX-License-Identifier: MIT */
/*
 * What an integrator provides: struct umsi_port. Nine callbacks are required: alloc, free, dma_alloc,
 * dma_free, lock_init, lock, unlock, cpu_self, time_us. All others may be NULL, with the meaning stated.
 *
 * For every callback: pointers are not NULL, sizes are not 0, alignments are powers of two, and it does
 * not call back into umsi. "May sleep": called with no umsi lock held and interrupts as the caller had
 * them. "Any": may be called with a umsi lock held and interrupts off; must be short.
 */
#ifndef UMSI_PORT_H
#define UMSI_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <umsi/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef UMSI_PORT_TYPES_H /* -DUMSI_PORT_TYPES_H='"my_types.h"': brings the kernel's own umsi_lock */
#include UMSI_PORT_TYPES_H
#else
typedef struct umsi_lock {
    uintptr_t word[2];
} umsi_lock; /* the port's own storage, inline */
#endif

typedef uint64_t umsi_phys; /* CPU physical address */
typedef uint64_t umsi_bus;  /* address as a device or a controller sees it */
typedef uint32_t umsi_cpu;  /* dense logical index, 0 .. nr_cpus-1 */
typedef uintptr_t umsi_irqstate;

#define UMSI_NO_CPU UINT32_MAX

enum umsi_log_level { UMSI_LOG_ERROR, UMSI_LOG_WARN, UMSI_LOG_INFO, UMSI_LOG_DEBUG };

/* Memory that a controller and the CPU both touch; zeroed, and written back to memory, by dma_alloc. */
struct umsi_dma {
    void *va;
    umsi_phys phys;
    umsi_bus bus; /* equal to phys unless an IOMMU stands in front of the controller */
    size_t size;
};

struct umsi_dma_want {
    size_t size, align; /* bytes */
    umsi_phys max_phys; /* highest address the last byte may have */
    uint32_t node;      /* NUMA node to prefer; UINT32_MAX: any */
};

struct umsi_port {
    uint32_t size;    /* sizeof(struct umsi_port) as the integrator was compiled */
    uint32_t nr_cpus; /* how many CPUs there can ever be, at least 1, at most UMSI_MAX_CPUS */
    void *ctx;        /* handed back, never looked at */

    /* REQUIRED, may sleep */
    void *(*alloc)(void *ctx, size_t size, size_t align); /* asked in blocks of a page or more */
    void (*free)(void *ctx, void *p, size_t size);
    bool (*dma_alloc)(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out);
    void (*dma_free)(void *ctx, const struct umsi_dma *mem);

    /* REQUIRED, any */
    void (*lock_init)(void *ctx, umsi_lock *l);
    umsi_irqstate (*lock)(void *ctx, umsi_lock *l); /* saves and disables interrupts */
    void (*unlock)(void *ctx, umsi_lock *l, umsi_irqstate s);
    umsi_cpu (*cpu_self)(void *ctx);
    uint64_t (*time_us)(void *ctx); /* monotonic; every wait has a deadline */

    /* optional, may sleep: NULL means ... */
    void (*device_lock)(void *ctx, void *handle); /* concurrent calls on one device get BUSY */
    void (*device_unlock)(void *ctx, void *handle);
    /*
     * Make the doorbell reachable for the device behind `handle`; *out is what it must write to. NULL: the device
     * reaches physical addresses as they are. Each map that succeeded is undone by one unmap, which gets its *out.
     * A device domain maps once, at its creation, and unmaps at its removal: again with each change between MSI and
     * MSI-X, and several times at once for a handle with more than one domain. A port that gives them one mapping
     * counts.
     */
    bool (*doorbell_map)(void *ctx, void *handle, umsi_phys doorbell, umsi_bus *out);
    void (*doorbell_unmap)(void *ctx, void *handle, umsi_bus doorbell);

    /* optional, any: NULL means ... */
    void (*relax)(
        void *ctx); /* spin; called between two looks at what is waited for, no lock held */
    void (*log)(void *ctx, enum umsi_log_level level,
                const char *line);                               /* silence; one finished line */
    void (*trace)(void *ctx, const void *record, size_t size);   /* none; see umsi/trace.h */
    void (*cache_clean)(void *ctx, const void *va, size_t size); /* memory is coherent */
    /*
     * Asynchronous; the target calls umsi_cpu_service(). NULL: a remembered interrupt that the controller cannot
     * raise again runs within umsi_irq_request() or umsi_irq_enable(), on the calling CPU with interrupts off;
     * a driver must then not hold a lock its handler takes. With several CPUs it also makes every dispatch cost more.
     */
    void (*cpu_kick)(void *ctx, umsi_cpu cpu);
    uint32_t (*mmio_read32)(void *ctx,
                            const volatile void *addr); /* NULL: plain loads and stores, */
    void (*mmio_write32)(void *ctx, volatile void *addr,
                         uint32_t v); /* base register addressing only; */
    uint64_t (*mmio_read64)(void *ctx, const volatile void *addr); /* all four or none */
    void (*mmio_write64)(void *ctx, volatile void *addr, uint64_t v);
    /* A system register of this CPU by its encoding: UMSI_SYSREG() on AArch64, the CSR's number on RISC-V. NULL: the
     * instruction itself. */
    uint64_t (*sysreg_read)(void *ctx, uint32_t reg);
    void (*sysreg_write)(void *ctx, uint32_t reg, uint64_t value);
    /* Clear the bits of `clear`, then set those of `set`, and return what was there before, all in one step: CSRRW,
     * CSRRS and CSRRC of RISC-V. With the two above; only the IMSIC asks for it. */
    uint64_t (*sysreg_modify)(void *ctx, uint32_t reg, uint64_t clear, uint64_t set);
};

/* An AArch64 system register's encoding, as MRS and MSR have it. */
#define UMSI_SYSREG(op0, op1, crn, crm, op2)                                                       \
    (((uint32_t)(op0) << 14) | ((uint32_t)(op1) << 11) | ((uint32_t)(crn) << 7) |                  \
     ((uint32_t)(crm) << 3) | (uint32_t)(op2))

/* What one PCI function's configuration space and BARs are reached through, with the kernel's own handle.
 * umsi writes the MSI and MSI-X capabilities and the MSI-X table, never COMMAND, BARs or power state. */
struct umsi_pci_ops {
    /* `width` is 1, 2 or 4 bytes, `offset` is aligned to it. False: the function does not answer. Any. */
    bool (*read)(void *dev, uint16_t offset, unsigned width, uint32_t *out);
    bool (*write)(void *dev, uint16_t offset, unsigned width, uint32_t value);
    /* The bytes [offset, offset + size) of a BAR, mapped as device memory; NULL: not possible. May sleep. */
    volatile void *(*map_bar)(void *dev, unsigned bar, uint64_t offset, size_t size);
    void (*unmap_bar)(void *dev, volatile void *va, size_t size);
};

/*
 * Try a port out: required callbacks present, those that belong together complete, memory aligned, distinct,
 * zeroed, below max_phys, locks taken and released one within the other, the clock moving, cpu_self in range.
 * Not called, since one CPU and no device cannot tell whether they work: trace, cpu_kick, device_lock,
 * doorbell_map, mmio_read32, sysreg_read and their counterparts; nor can it be seen whether a
 * lock keeps another CPU out. The first broken one is named in the log (where the port has one) and in *out_what
 * (may be NULL; a constant string).
 * Context: task, on one CPU, before umsi_create(). Errors: UMSI_PORT, UMSI_INVALID (size or nr_cpus).
 */
UMSI_MUST_CHECK enum umsi_status umsi_port_check(const struct umsi_port *port,
                                                 const char **out_what);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_PORT_H */
