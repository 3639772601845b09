/* SPDX-License-Identifier: MIT */
/*
 * A strict software machine for the host: memory, a GICv3 with LPIs, or a GICv2, ITSes, GICv2m frames and PCI
 * functions, in virtual time. It forgives nothing: commands take time, caches are caches, and what IHI0069 or the PCI Express
 * base specification forbids or leaves UNPREDICTABLE is recorded as a breach, with the law of docs/LAWS.md
 * and the section it comes from.
 *
 * It is a second reading of the specifications: it shares nothing with the library but include/umsi/port.h,
 * so that one misreading does not agree with itself.
 *
 * TO TEST ANOTHER DRIVER. The model needs no other part of umsi. Compile model/ *.c, but for example.c, with
 * -Iinclude, make a machine, and send the driver's register accesses, allocations and system registers to it:
 *
 *     struct model *m;
 *     model_create(&(struct model_config){ .nr_cpus = 2, .nr_its = 1 }, &m);
 *     const struct umsi_port *p = model_port(m);
 *     // readl(a)              -> p->mmio_read32(p->ctx, a), likewise write, 64 bits
 *     // dma_alloc_coherent()  -> p->dma_alloc(p->ctx, &want, &mem)
 *     // flush_dcache(v, n)    -> p->cache_clean(p->ctx, v, n)
 *     // udelay(), cpu_relax() -> p->relax(p->ctx): virtual time passes here and in register accesses
 *     // read_sysreg(x)        -> p->sysreg_read(p->ctx, UMSI_SYSREG(op0, op1, crn, crm, op2))
 *     my_its_probe(model_its_base(m, 0), ...);
 *     ...
 *     model_check_settled(m);      // between calls into the driver: nothing left unsynchronised
 *     model_check_shutdown(m);     // at the end: nothing mapped, nothing held
 *     assert(model_breaches(m) == 0);
 *
 * example.c is all of that in a program; README.md says more.
 *
 * The register windows are reserved addresses nobody may touch: a plain load or store faults at once.
 * One thread at a time per machine. "On CPU c" means between model_set_cpu(m, c) and the next one, or
 * within the vector function that model_run_cpu() calls.
 *
 * Files: memory.c (arena, views, injected failures), breach.c, port.c (struct umsi_port), mmio.c, gicd.c, gicv2.c
 * and gicv2_cpu.c (in its place), v2m.c, gicr.c, lpi.c (configuration cache, pending), cpuif.c (system registers),
 * its.c (registers and queue), its_command.c (decoding only), its_exec.c, its_stale.c (before the SYNC),
 * its_table.c, its_held.c (memory the ITS owns), power.c (taken away, and what was left), pci.c, pci_message.c,
 * pci_path.c (Requester IDs), intx.c, imsic.c and aplic.c (RISC-V harts'), machine.c, check.c. replay.h runs logs of others.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <umsi/port.h>

#include "its_command.h"

#ifdef __cplusplus
extern "C" {
#endif

struct model;
struct model_pci;

/* ---- the machine ---- */

/* One ITS. Zero means the default, given in brackets. */
struct model_its_config {
    uint32_t device_bits;     /* DeviceID width, 1..32 (16) */
    uint32_t event_bits;      /* EventID width, 1..32 (16) */
    uint32_t itt_entry_size;  /* bytes, 8..16 (8) */
    uint32_t collection_bits; /* ICID width; 0: CIL is 0, that is 16 */
    uint32_t hcc;             /* collections held in the ITS, up to 255 (0) */
    bool pta;                 /* RDbase is a physical address, not a Processor_Number */
    bool no_collection_table; /* no GITS_BASER of that type; needs hcc */
    uint32_t device_baser, collection_baser; /* which GITS_BASER<n>; both 0: 0 and 1 */
    uint32_t device_entry_size;              /* bytes, 8..32 (8) */
    uint32_t page_sizes; /* bit 0: 4 KiB, 1: 16 KiB, 2: 64 KiB supported (all) */
    bool no_indirect;    /* GITS_BASER.Indirect is RAZ/WI */
    bool not_shareable;  /* shareability and cacheability read back 0 */
    uint64_t command_ns; /* time a command takes (200); MODEL_AT_ONCE: none */
    uint64_t quiesce_ns; /* from Enabled=0 to Quiescent=1 (2000) */
    bool mapd_at_once;   /* MAPD takes full effect when it is consumed, as it may, not at a SYNC */
    bool ignore_illegal; /* an illegal command is skipped instead of stalling the queue */
    bool found_enabled;  /* firmware left it enabled, with a queue somewhere */
};
#define MODEL_AT_ONCE UINT64_MAX

/* One GICv2m frame. */
struct model_v2m_config {
    uint32_t first_spi, nr_spis; /* INTIDs */
    uint32_t data_offset;        /* what it wants subtracted from the INTID in a message */
    uint32_t iidr;
    bool wrong_typer; /* V2M_MSI_TYPER reads 0: firmware has to say */
};

/* Interrupt files of RISC-V harts, in place of a GIC. Zero means the default, given in brackets. */
struct model_imsic_config {
    uint32_t nr_ids;            /* of each file (255) */
    uint32_t guest_index_bits;  /* between the files of two harts are 2^n - 1 pages of guests (0) */
    uint32_t hart_index_bits;   /* (as many as needed) */
    uint32_t cpus_per_group;    /* 0: all harts are one group */
    uint32_t group_index_shift; /* (24) */
    bool reverse;               /* hart indices count the other way round than CPUs */
    uint64_t message_ns;        /* time a message is under way (0) */
    bool no_delivery;           /* eidelivery is 0 for good */
    bool found_open;            /* firmware left delivery on */
};

/* One APLIC domain, for supervisor level. Without interrupt files the harts take interrupts from it; their hart
 * indices in it count the other way round than CPUs. */
struct model_aplic_config {
    uint32_t nr_sources; /* 1..1023 (96) */
    uint32_t kept;       /* the last so many of them are not delegated to it */
    bool no_messages, no_direct, no_edges;
    bool big_endian;    /* domaincfg.BE is 1 for good */
    bool found_big;     /* it is 1 until it is written */
    bool pends_at_mode; /* writing sourcecfg while the line asks sets the pending bit, as it may */
    bool sets_low;      /* QEMU 7.2: setipnum sets a level's pending bit though its line is low */
    bool
        found_on; /* firmware left all sources active, enabled and pending; harts are forced, and blocked */
};

struct model_config {
    uint32_t nr_cpus;     /* 1..256 */
    size_t memory_bytes;  /* of the DMA arena (64 MiB) */
    uint64_t memory_phys; /* its physical address (0x880000000) */
    bool non_coherent;    /* devices do not see what the CPU wrote until cache_clean */
    bool iommu;           /* devices reach a doorbell only through port->doorbell_map */

    bool two_security_states; /* GICD_CTLR.DS is 0 and all accesses are Non-secure; else DS is 1 */
    uint32_t nr_spis;         /* a multiple of 32, up to 960 (96) */
    uint32_t id_bits;         /* GICD_TYPER.IDbits + 1, 14..24 (16) */
    uint32_t num_lpis;        /* GICD_TYPER.num_LPIs: 2^(n+1) LPIs; 0: as many as id_bits says */
    bool no_lpis;             /* LPIS and PLPIS are 0 */
    bool direct_lpi;          /* GICR_INVLPIR and friends without an ITS */
    bool lpis_stay_enabled;   /* EnableLPIs cannot be cleared once set */
    bool rd_not_shareable;    /* PROPBASER, PENDBASER shareability reads back 0 */
    bool lazy_config; /* redistributors read an LPI's configuration at its first use, not all of it
                               * when EnableLPIs is set; both are allowed, see IHI0069 5.1.1 */
    bool in_order;    /* Processor_Number is the CPU's index; else they count the other way round */
    bool gicv4_frames;  /* four 64 KiB frames per redistributor (GICR_TYPER.VLPIS) */
    uint64_t rwp_ns;    /* register writes in progress (500) */
    uint64_t wake_ns;   /* GICR_WAKER.ChildrenAsleep (3000) */
    uint64_t access_ns; /* one register access (50) */
    uint64_t relax_ns;  /* one port->relax (1000) */

    bool gicv2;      /* a GICv2 in place of the GICv3: up to 8 CPUs, no LPIs, no ITS */
    uint32_t nr_v2m; /* GICv2m frames, 0..4, beside either */
    const struct model_v2m_config *v2m; /* nr_v2m of them */

    /* With either the CPUs are RISC-V harts, and the port's sysreg are CSRs. */
    const struct model_imsic_config *imsic;
    const struct model_aplic_config *aplic;

    uint32_t nr_its;                    /* 0..8 */
    const struct model_its_config *its; /* nr_its of them; NULL: all defaults */

    /* Every breach, log line and trace record as it happens; may be NULL. */
    void (*on_breach)(void *arg, const char *line);
    void (*on_log)(void *arg, enum umsi_log_level level, const char *line);
    void (*on_trace)(void *arg, const void *record, size_t size);
    void *arg;
};

/* False: the configuration makes no sense, or the host has no memory. */
bool model_create(const struct model_config *config, struct model **out_model);
void model_destroy(struct model *m);
/* For umsi_create() or another driver. Constant; lives as long as the machine. */
const struct umsi_port *model_port(struct model *m);

/* Where registers are: addresses for port->mmio_*, and physical ones. */
volatile void *model_gicd(struct model *m);
volatile void *model_gicr(struct model *m, uint64_t *out_phys, uint64_t *out_size); /* all frames */
volatile void *model_gicr_of(struct model *m, umsi_cpu cpu, uint64_t *out_phys);
volatile void *model_gicc(struct model *m); /* a GICv2's; model_gicd() is its distributor */
volatile void *model_v2m_base(struct model *m, uint32_t frame);
uint64_t model_v2m_phys(struct model *m, uint32_t frame);
volatile void *model_its_base(struct model *m, uint32_t its);
uint64_t model_its_phys(struct model *m, uint32_t its);

/* A CPU's interrupt file: its page, and its hart index. */
volatile void *model_imsic_page(struct model *m, umsi_cpu cpu, uint64_t *out_phys,
                                uint32_t *out_hart);
/* As configured, defaults filled in; where the file of hart 0 of group 0 is. */
const struct model_imsic_config *model_imsic(struct model *m, uint64_t *out_base);
bool model_imsic_pending(struct model *m, umsi_cpu cpu, uint32_t identity);
bool model_imsic_enabled(struct model *m, umsi_cpu cpu, uint32_t identity);
void model_imsic_power_off(struct model *m, umsi_cpu cpu);

volatile void *model_aplic_base(struct model *m);
uint32_t model_aplic_hart(struct model *m, umsi_cpu cpu); /* index, with IDC structures */
void model_aplic_wire(struct model *m, uint32_t source, bool high);
bool model_aplic_pending(struct model *m, uint32_t source);
bool model_aplic_enabled(struct model *m, uint32_t source);
void model_aplic_power_off(struct model *m);

/* ---- time and CPUs ---- */

uint64_t model_now_ns(struct model *m);
/* Let time pass; hardware works meanwhile. */
void model_pass(struct model *m, uint64_t ns);
/* Let time pass until no ITS has work it can do. */
void model_drain(struct model *m);

/* The kernel's exception vector and its answer to cpu_kick. With them the machine also delivers during
 * port->relax, to every CPU that is idle. */
struct model_vectors {
    void (*irq)(void *arg, umsi_cpu cpu);     /* acknowledge, dispatch, end at least one */
    void (*service)(void *arg, umsi_cpu cpu); /* after cpu_kick; may be NULL */
    void *arg;
};
void model_set_vectors(struct model *m, const struct model_vectors *v);

void model_set_cpu(struct model *m, umsi_cpu cpu);
/* Deliver to a CPU until nothing is pending and unmasked there. Returns how often the vector was entered. */
uint32_t model_run_cpu(struct model *m, umsi_cpu cpu);
/* The same on every CPU until all are quiet. */
uint32_t model_run(struct model *m);
/* PSTATE.I of a CPU, as the test wants it (false: interrupts on). */
void model_mask_cpu(struct model *m, umsi_cpu cpu, bool masked);

/* ---- power ---- */

/* Registers and what is kept inside are gone, wires and memory are not. An ITS must be quiescent, a redistributor
 * asleep (GICR_WAKER). `saved`: LPIs that are pending are in the pending table. */
void model_its_power_off(struct model *m, uint32_t its);
void model_gicr_power_off(struct model *m, umsi_cpu cpu, bool saved);
void model_gicd_power_off(struct model *m);
void model_cpu_power_off(struct model *m, umsi_cpu cpu); /* the CPU interface */
void model_gicv2_power_off(struct model *m);             /* distributor and all CPU interfaces */
void model_power_off(struct model *m, bool saved);       /* all of it, with a GICv3 */
/* Does a redistributor that is asleep ask for its CPU to be woken? */
bool model_wake_request(struct model *m, umsi_cpu cpu);
/* What firmware, or an earlier kernel, may leave at a redistributor: EnableLPIs set, with these tables, `bits` in an
 * INTID. */
void model_lpis_left(struct model *m, umsi_cpu cpu, const struct umsi_dma *config, uint32_t bits,
                     const struct umsi_dma *pending);

/* Wired inputs: SPIs, and PPIs of a CPU. An edge input becomes pending at each rise. */
void model_spi_set(struct model *m, uint32_t intid, bool level);
void model_ppi_set(struct model *m, umsi_cpu cpu, uint32_t intid, bool level);

/* ---- breaches ---- */

struct model_breach {
    const char *law;     /* "L17"; "" where no law has a number for it */
    const char *section; /* "IHI0069 5.3 MAPD" */
    char text[160];
    uint64_t time_ns;
};

uint32_t model_breaches(struct model *m);
const struct model_breach *model_breach_at(struct model *m, uint32_t i);
uint32_t model_breaches_of(struct model *m, const char *law);
void model_breach_clear(struct model *m);

/* Between calls into the driver: no command outstanding, no effect not synchronised (L30), every mapped LPI
 * acted upon with the byte that is in memory (L28, L33), no lock held, interrupts as they were. */
void model_check_settled(struct model *m);
/* At the end: the above, and nothing mapped, enabled, or allocated (L36, L56). EnableLPIs may stay set
 * where it cannot be cleared, and then the tables may stay. */
void model_check_shutdown(struct model *m);

/* ---- failures to order: the Nth from now on (1: the next), once; 0: none ---- */

enum model_fail {
    MODEL_FAIL_ALLOC,   /* port->alloc */
    MODEL_FAIL_DMA,     /* port->dma_alloc */
    MODEL_FAIL_MEMORY,  /* either */
    MODEL_FAIL_CONFIG,  /* a configuration space access of any function */
    MODEL_FAIL_MAP,     /* umsi_pci_ops.map_bar, port->doorbell_map */
    MODEL_FAIL_COMMAND, /* a command of any ITS stalls its queue */
    MODEL_FAIL_SILENCE, /* an ITS takes no more from this command on, until model_its_stop(.., false, ..) */
    MODEL_FAIL_GONE, /* with this access, to configuration space or a BAR, a function is gone: all ones */
    MODEL_FAIL_KINDS
};
void model_fail_at(struct model *m, enum model_fail what, uint64_t nth);
/* Did it happen since it was ordered? */
bool model_failed(struct model *m, enum model_fail what);

/* The Nth command with this opcode stalls (`opcode` 0: any). With `for_good` Retry stalls again. */
void model_its_stall(struct model *m, uint32_t its, uint8_t opcode, uint32_t nth, bool for_good);
/* The same for the Nth and the next ones with this opcode, `times` in all, each once. */
void model_its_refuse(struct model *m, uint32_t its, uint8_t opcode, uint32_t nth, uint32_t times);
/* It takes no more commands (true), or goes on (false). With `never_quiet` it does not quiesce either. */
void model_its_stop(struct model *m, uint32_t its, bool stopped, bool never_quiet);

/* ---- counts: compare before and after ---- */

struct model_counts {
    uint32_t allocs, dma_blocks; /* outstanding */
    size_t alloc_bytes, dma_bytes;
    uint32_t locks_held;
    uint32_t doorbells_mapped; /* with an IOMMU */
    uint32_t devices, events;  /* mapped, all ITSes; SPIs of GICv2m frames that are enabled, too */
    uint32_t collections;
    uint32_t pending_lpis;
    uint64_t mapping; /* a hash of (ITS, DeviceID, EventID, INTID, ICID) of all events */
};
void model_get_counts(struct model *m, struct model_counts *out);

struct model_its_stats {
    uint64_t commands;  /* consumed */
    uint64_t doorbells; /* writes of CWRITER that moved it */
    uint64_t waits;     /* doorbells after which CREADR was read before the next one */
    uint64_t polls;     /* reads of CREADR */
    uint64_t stalls;
    uint64_t translated, dropped; /* writes of devices */
    bool enabled, quiescent, stalled;
};
void model_its_get_stats(struct model *m, uint32_t its, struct model_its_stats *out);

/* Commands as consumed, oldest first. */
struct model_its_logged {
    uint64_t dw[4];
    uint64_t time_ns;
    bool executed; /* false: illegal or stalled */
};
uint32_t model_its_log_size(struct model *m, uint32_t its);
const struct model_its_logged *model_its_log_at(struct model *m, uint32_t its, uint32_t i);
void model_its_log_clear(struct model *m, uint32_t its);

/* What the tables say, as the next command would see it. False: not mapped. */
bool model_its_device(struct model *m, uint32_t its, uint32_t device, uint32_t *out_event_bits,
                      uint64_t *out_itt);
bool model_its_event(struct model *m, uint32_t its, uint32_t device, uint32_t event,
                     uint32_t *out_intid, uint32_t *out_icid);
bool model_its_collection(struct model *m, uint32_t its, uint32_t icid, umsi_cpu *out_cpu);

/* Is an LPI pending at a CPU's redistributor? And the configuration byte that is acted upon there. */
bool model_lpi_pending(struct model *m, umsi_cpu cpu, uint32_t intid);
bool model_lpi_config(struct model *m, umsi_cpu cpu, uint32_t intid, uint8_t *out_byte);
/* Make an LPI pending there, as if an ITS had sent it. */
void model_lpi_raise(struct model *m, umsi_cpu cpu, uint32_t intid);

/* Memory as devices see it; false: not (all) allocated. */
bool model_device_read(struct model *m, uint64_t phys, void *to, size_t size);

/* Lines that went through port->log, newest last; the machine keeps 64. */
bool model_log_has(struct model *m, const char *part);
void model_log_clear(struct model *m);

/* ---- devices ---- */

/* Any device writes a message. False: it did not become an interrupt. */
bool model_msi_write(struct model *m, uint32_t device_id, uint64_t address, uint32_t data);

/* A bridge between a function and the root. Its kind says what becomes of Requester IDs from below. */
enum model_bridge_kind {
    MODEL_BRIDGE_EXPRESS, /* root or switch port: they pass */
    MODEL_BRIDGE_TO_PCI, /* PCI Express to PCI: it answers for its secondary bus, device 0, function 0 */
    MODEL_BRIDGE_PCI,       /* PCI to PCI: below it there are none, so it is the requester */
    MODEL_BRIDGE_TO_EXPRESS /* PCI to PCI Express: they pass */
};
struct model_pci_bridge {
    enum model_bridge_kind kind;
    uint16_t bdf;
    uint8_t secondary; /* bus number */
};

/* What the host bridge makes of Requester IDs rid .. rid + length - 1: DeviceIDs of one ITS. */
struct model_msi_map {
    uint32_t rid, length;
    uint32_t its, device;
};

/* What the host bridge makes of INTx on its root bus: the SPI, or the source of an APLIC where there is one, if the function there, or the outermost bridge above
 * it, has this number in the bits of the mask, and raises this pin. */
struct model_intx_map {
    uint16_t rid, rid_mask;
    uint8_t pin; /* 1 to 4: INTA to INTD */
    uint32_t intid;
};
/* The usual map: four SPIs from `intid`, devices next to each other begin with one more. */
#define MODEL_INTX_ROWS 16u
void model_intx_swizzled(struct model_intx_map rows[MODEL_INTX_ROWS], uint32_t intid);

/* A PCI function. Zero means "has not". */
struct model_pci_config {
    uint32_t
        device_id; /* as its writes carry it to any ITS; with a map it follows from what is below */
    uint16_t bdf;
    const struct model_pci_bridge *path; /* from the function to the root */
    uint32_t nr_path;
    const struct model_msi_map *map; /* NULL: none */
    uint32_t nr_map;
    uint8_t pin; /* Interrupt Pin, 1 to 4; Interrupt Disable is clear at power-on */
    const struct model_intx_map *intx; /* NULL: its wire ends nowhere */
    uint32_t nr_intx;
    uint32_t msi_vectors; /* 1, 2, 4 .. 32; 0: no MSI capability */
    bool msi_64, msi_maskable;
    uint32_t msix_entries; /* 1..2048; 0: no MSI-X capability */
    uint8_t table_bar, pba_bar;
    uint32_t table_offset,
        pba_offset;     /* multiples of 8; both 0 in one BAR: PBA right after the table */
    bool zero_control;  /* vector control words read back 0: some devices do */
    bool found_enabled; /* firmware left MSI-X (or MSI) enabled, with a message of its own */
};
bool model_pci_create(struct model *m, const struct model_pci_config *config,
                      struct model_pci **out);
/* Before model_destroy(). */
void model_pci_destroy(struct model_pci *f);
/* For umsi_pci_config: these ops, with the function itself as `handle`. */
const struct umsi_pci_ops *model_pci_ops(void);

enum model_raised {
    MODEL_SENT,    /* the message went out and became an interrupt */
    MODEL_LOST,    /* the message went out and nobody took it */
    MODEL_PENDING, /* masked: remembered in the pending bits */
    MODEL_NOT_SENT /* off, beyond what was granted, not a bus master, or gone */
};
enum model_raised model_pci_raise(struct model_pci *f, uint32_t vector);
/* It asks for INTx, or takes that back: a level, which stands meanwhile. SENT: the line is up; PENDING: Interrupt
 * Disable is set; NOT_SENT: no wire, MSI or MSI-X is on, it is gone, or asks for nothing. */
enum model_raised model_pci_intx(struct model_pci *f, bool asks);
/* Does it hold its wire? And which SPI, or source of an APLIC, that is; 0: none. */
bool model_pci_asserted(const struct model_pci *f);
uint32_t model_pci_intx_spi(const struct model_pci *f);
/* The kernel's own write to Command: Interrupt Disable (0x400), Bus Master Enable (4). */
void model_pci_set_command(struct model_pci *f, uint16_t command);
bool model_pci_pending(struct model_pci *f, uint32_t vector);
/* UMSI-free look: is the vector's message able to go out? */
bool model_pci_armed(struct model_pci *f, uint32_t vector);
/* Pulled out: every read gives ones (`answers`) or fails, writes vanish. */
void model_pci_remove(struct model_pci *f, bool answers);
/* Function level reset: capabilities and table as after power-on. */
void model_pci_reset(struct model_pci *f);
/* 256 bytes of configuration space, to look at and to break. */
uint8_t *model_pci_space(struct model_pci *f);
/* As given at creation, or as the map made it: what the kernel's own PCI layer would have found out.
 * UINT32_MAX: the map has no row for it, and no message of it arrives. */
uint32_t model_pci_device_id(struct model_pci *f);
/* Offsets of the capabilities; 0: none. */
uint16_t model_pci_msi_cap(struct model_pci *f);
uint16_t model_pci_msix_cap(struct model_pci *f);

#ifdef __cplusplus
}
#endif
#endif /* MODEL_MODEL_H */
