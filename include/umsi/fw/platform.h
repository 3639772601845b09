/* SPDX-License-Identifier: MIT */
/*
 * What firmware says of a machine, as plain structs: filled in by a firmware reader (umsi/fw/fdt.h) or by
 * hand, and turned into controllers by umsi_platform_create(). Physical addresses; nothing is mapped here.
 */
#ifndef UMSI_FW_PLATFORM_H
#define UMSI_FW_PLATFORM_H

#include <umsi/chip/aplic.h>
#include <umsi/chip/gicv2.h>
#include <umsi/chip/gicv2m.h>
#include <umsi/chip/gicv3.h>
#include <umsi/chip/its.h>
#include <umsi/pci.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Redistributor regions; memory ranges; windows of a host bridge. */
#define UMSI_PLATFORM_MAX_REGIONS 8
#define UMSI_PLATFORM_MAX_ITS     8
#define UMSI_PLATFORM_MAX_V2M     8
#define UMSI_PLATFORM_MAX_APLIC   4
#define UMSI_PLATFORM_MAX_HOSTS   8
#define UMSI_PLATFORM_MAX_MSI_MAP 16
#define UMSI_PLATFORM_MAX_INTX    64

struct umsi_range {
    uint64_t base, size;
};

struct umsi_platform_its {
    struct umsi_range reg;
    uint32_t phandle; /* as msi-parent and msi-map name it; 0: none */
    bool non_coherent;
};

struct umsi_platform_v2m {
    struct umsi_range reg;
    uint32_t phandle;            /* as msi-parent and msi-map name it; 0: none */
    uint32_t first_spi, nr_spis; /* as struct umsi_gicv2m_config has them; 0: as the frame says */
};

/* RISC-V: the harts' interrupt files at supervisor level. */
struct umsi_platform_imsic {
    struct umsi_range reg[UMSI_PLATFORM_MAX_REGIONS];
    uint32_t nr_reg; /* 0: harts have none */
    uint32_t phandle;
    struct umsi_imsic_layout layout;
    uint32_t nr_ids;
    struct {
        uint64_t hart_id; /* as in cpu_mpidr */
        uint32_t index;   /* hart index in the layout */
    } file[UMSI_MAX_CPUS];
    uint32_t nr_files;
};

/* RISC-V: an APLIC's interrupt domain at supervisor level. */
struct umsi_platform_aplic {
    struct umsi_range reg;
    uint32_t phandle; /* as rows of `intx` name it; 0: none */
    uint32_t nr_sources;
    uint32_t msi_parent; /* phandle of the interrupt files; 0: direct delivery mode */
};

enum umsi_window_kind { UMSI_WINDOW_IO, UMSI_WINDOW_MEM32, UMSI_WINDOW_MEM64 };

struct umsi_window {
    enum umsi_window_kind kind;
    bool prefetchable;
    uint64_t bus, cpu, size;
};

struct umsi_platform_host {
    struct umsi_range ecam; /* 1 MiB per bus; its first byte is that of bus first_bus */
    uint32_t segment;
    uint8_t first_bus, last_bus;
    struct umsi_window window[UMSI_PLATFORM_MAX_REGIONS];
    uint32_t nr_windows;
    struct umsi_pci_msi_map_entry msi_map[UMSI_PLATFORM_MAX_MSI_MAP];
    uint32_t nr_msi_map, msi_map_mask;
    uint32_t msi_parent; /* phandle; 0: none */
    struct umsi_pci_intx_entry
        intx[UMSI_PLATFORM_MAX_INTX]; /* level-sensitive SPIs of the GIC, sources of an APLIC */
    uint32_t nr_intx;
    struct umsi_pci_intx_mask intx_mask;
};

struct umsi_platform {
    bool has_gic;
    bool gicv2; /* it is a GICv2, and has a CPU interface in place of redistributors and ITSes */
    struct umsi_range gicd, gicc;
    struct umsi_range redist[UMSI_PLATFORM_MAX_REGIONS];
    uint32_t nr_redist;
    uint64_t redist_stride; /* 0: the architecture's */
    bool gic_non_coherent;
    uint32_t gic_phandle; /* as rows of `intx` name it; 0: none */
    struct umsi_platform_its its[UMSI_PLATFORM_MAX_ITS];
    uint32_t nr_its;
    struct umsi_platform_v2m v2m[UMSI_PLATFORM_MAX_V2M]; /* beside either GIC */
    uint32_t nr_v2m;
    struct umsi_platform_imsic imsic;
    struct umsi_platform_aplic aplic[UMSI_PLATFORM_MAX_APLIC];
    uint32_t nr_aplic;
    /* Of the one in direct delivery mode, there is at most one: the hart ID of each hart index. */
    uint64_t aplic_hart_id[UMSI_MAX_CPUS];
    uint32_t nr_aplic_harts;
    struct umsi_platform_host host[UMSI_PLATFORM_MAX_HOSTS];
    uint32_t nr_hosts;
    struct umsi_range
        memory[UMSI_PLATFORM_MAX_REGIONS]; /* what firmware reserved of it not taken out */
    uint32_t nr_memory;
    uint64_t cpu_mpidr[UMSI_MAX_CPUS]; /* in the order of the table; RISC-V: hart IDs */
    uint32_t nr_cpus;
    bool psci_hvc, psci_smc; /* how to start CPUs; neither: unknown */
};

struct umsi_platform_ops {
    /* Map [phys, phys + size) as device memory; NULL: not possible. May sleep. */
    volatile void *(*map)(void *ctx, umsi_phys phys, uint64_t size);
    /* What map returned is not used any more. NULL: it may stay. May sleep. */
    void (*unmap)(void *ctx, volatile void *va, uint64_t size);
    /* One finished line. NULL: silence. */
    void (*log)(void *ctx, enum umsi_log_level level, const char *line);
    void *ctx;
    /* Where memory reserved for LPI tables that somebody left in use is mapped, see umsi_lpi_config.reserved. NULL:
     * there is none, and LPIs that are found on are an error. */
    void *(*reserved)(void *ctx, umsi_bus at, size_t size);
    umsi_cpu boot_cpu; /* the CPU that calls umsi_platform_create(), as port->cpu_self numbers it */
    uint32_t device_bits; /* umsi_its_config.device_bits of every ITS */
    uint32_t nr_ipis;     /* umsi_imsic_config.nr_ipis */
};

/* A distributor, redistributor regions or a CPU interface, ITSes, frames */
#define UMSI_PLATFORM_MAX_MAPPINGS                                                                 \
    (1 + UMSI_PLATFORM_MAX_REGIONS + UMSI_PLATFORM_MAX_ITS + UMSI_PLATFORM_MAX_V2M)

/* The controllers of a machine. The caller's storage; the fields are umsi's. */
struct umsi_machine {
    struct umsi *umsi;
    struct umsi_platform_ops ops;
    struct umsi_gicv3 *gic;   /* this one, */
    struct umsi_gicv2 *gicv2; /* or this one */
    struct umsi_lpi *lpi;
    struct umsi_its *its[UMSI_PLATFORM_MAX_ITS];    /* NULL: not brought up */
    struct umsi_gicv2m *v2m[UMSI_PLATFORM_MAX_V2M]; /* likewise */
    uint32_t its_phandle[UMSI_PLATFORM_MAX_ITS], v2m_phandle[UMSI_PLATFORM_MAX_V2M], gic_phandle;
    struct {
        volatile void *va;
        uint64_t size;
    } mapping[UMSI_PLATFORM_MAX_MAPPINGS];
    uint32_t nr_mappings;
};

/*
 * Create the GIC, the LPI space, ITSes and GICv2m frames as `platform` says, and bring the calling CPU online. A GIC
 * without LPIs, and an ITS or frame that cannot be brought up, are named in the log and left out. `platform` and `ops` are read
 * during the call only; `m` is in use until umsi_platform_destroy(), and as before after an error.
 * Context: task on the boot CPU, interrupts off; about 1 KiB of stack besides what the chips need.
 * Errors: NOTFOUND (no GIC), UNSUPPORTED (the GIC cannot be mapped), INVALID, those of the chips. On error
 * nothing is left.
 */
UMSI_MUST_CHECK enum umsi_status umsi_platform_create(struct umsi *u,
                                                      const struct umsi_platform *platform,
                                                      const struct umsi_platform_ops *ops,
                                                      struct umsi_machine *m);
/* On each further CPU, on that CPU, interrupts off. Allocates nothing. */
UMSI_MUST_CHECK enum umsi_status umsi_platform_cpu_online(struct umsi_machine *m, umsi_cpu cpu);
/* On a CPU that goes, on that CPU, interrupts off: it is no target any more, and its interface is closed. What is
 * sent to it has been moved away before. It may come back with umsi_platform_cpu_online(). */
void umsi_platform_cpu_offline(struct umsi_machine *m, umsi_cpu cpu);
/*
 * Give everything back: frames, ITSes, LPI space, GIC with this CPU's interface. Other CPUs have called
 * umsi_platform_cpu_offline() before. Context: task, interrupts off.
 * Errors: BUSY (a device is attached, an interrupt of the GIC is mapped), those of the chips. Then what could
 * not be given back is still in `m`, usable as far as it is there, and the call may be repeated.
 */
UMSI_MUST_CHECK enum umsi_status umsi_platform_destroy(struct umsi_machine *m);

/* What every GIC has: umsi_gicv3_map(), umsi_gicv2_map(), and so on. */
UMSI_MUST_CHECK enum umsi_status umsi_platform_map(struct umsi_machine *m, uint32_t intid,
                                                   bool level, umsi_virq *out_virq);
void umsi_platform_unmap(struct umsi_machine *m, umsi_virq virq);
UMSI_MUST_CHECK enum umsi_status umsi_platform_enable_local(struct umsi_machine *m, uint32_t intid,
                                                            bool enable);
UMSI_MUST_CHECK enum umsi_status umsi_platform_send_sgi(struct umsi_machine *m, umsi_cpu cpu,
                                                        uint32_t sgi);

/*
 * The same for a machine that another kernel takes over: LPI tables that redistributors use are left in place, and
 * listed, see umsi_lpi_hand_over(). *out_n is 0 when there are none. Context and errors: as above, and NOSPACE.
 */
UMSI_MUST_CHECK enum umsi_status umsi_platform_hand_over(struct umsi_machine *m,
                                                         struct umsi_dma *out, uint32_t room,
                                                         uint32_t *out_n);

struct umsi_gicv3 *umsi_platform_gic(struct umsi_machine *m);   /* NULL: it is a GICv2 */
struct umsi_gicv2 *umsi_platform_gicv2(struct umsi_machine *m); /* NULL: it is a GICv3 */
struct umsi_lpi *umsi_platform_lpi(struct umsi_machine *m); /* NULL: no ITS could be brought up */
/* The i-th ITS of the platform; NULL beyond, or when it could not be brought up. */
struct umsi_its *umsi_platform_its(struct umsi_machine *m, uint32_t i);
/* The i-th GICv2m frame, likewise. */
struct umsi_gicv2m *umsi_platform_v2m(struct umsi_machine *m, uint32_t i);
/*
 * MSI parent and DeviceID for a requester ID below a host bridge. Errors: NOTFOUND and UNSUPPORTED as
 * umsi_pci_msi_map(); UNSUPPORTED when the controller it names is not there.
 */
UMSI_MUST_CHECK enum umsi_status umsi_platform_msi(struct umsi_machine *m,
                                                   const struct umsi_platform_host *host,
                                                   uint16_t rid, struct umsi_domain **out_parent,
                                                   uint32_t *out_device_id);
/*
 * The INTID of the SPI that a function's INTx arrives on, for umsi_platform_map() and umsi_pci_intx_add(): `bdf` and
 * `pin` are those on the root bus, see umsi_pci_intx_swizzle(). Functions that get one INTID share the wire.
 * Errors: NOTFOUND (it has none), INVALID (pin), UNSUPPORTED (it arrives elsewhere than at this GIC).
 */
UMSI_MUST_CHECK enum umsi_status umsi_platform_intx(const struct umsi_machine *m,
                                                    const struct umsi_platform_host *host,
                                                    uint16_t bdf, uint32_t pin,
                                                    uint32_t *out_intid);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_FW_PLATFORM_H */
