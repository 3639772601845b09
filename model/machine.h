/* SPDX-License-Identifier: MIT */
/* The machine's own state, shared by the files of model/. Not for users: they have model.h. */
#ifndef MODEL_MACHINE_H
#define MODEL_MACHINE_H

#include "model.h"
#include "riscv.h"

#define MODEL_PAGE     4096u
#define MODEL_LINE     64u /* of the data cache */
#define MODEL_MAX_CPUS 256u
#define MODEL_MAX_ITS  8u
#define MODEL_MAX_V2M  4u
#define MODEL_LPI_BASE 8192u
#define MODEL_SPURIOUS 1023u

/* ---- memory.c: one arena, two views ---- */

struct block {
    uint64_t start, size; /* offsets into the arena; size as asked */
    uint32_t pages;
    bool live;
};

struct chunk {
    void *p;
    size_t size;
};

struct memory {
    uint8_t *cpu, *dev; /* the same when coherent */
    uint64_t size, phys;
    uint32_t *owner; /* per page: block index + 1; 0: free */
    struct block *blocks;
    uint32_t nr_blocks, next_page;
    struct chunk *chunks; /* port->alloc */
    uint32_t nr_chunks;
    uint32_t live_blocks;
    size_t chunk_bytes, dma_bytes;
};

bool memory_init(struct model *m);
void memory_exit(struct model *m);
void *memory_alloc(void *ctx, size_t size, size_t align);
void memory_free(void *ctx, void *p, size_t size);
bool memory_dma_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out);
void memory_dma_free(void *ctx, const struct umsi_dma *mem);
void memory_clean(void *ctx, const void *va, size_t size);
/* Is [phys, phys + size) within one live block? */
bool memory_valid(struct model *m, uint64_t phys, uint64_t size);
/* The device's view; NULL when not valid. */
uint8_t *memory_at(struct model *m, uint64_t phys, uint64_t size);
/* Does the device see what the CPU last wrote there? */
bool memory_clean_at(struct model *m, uint64_t phys, uint64_t size);
bool memory_zero_at(struct model *m, uint64_t phys, uint64_t size);
bool memory_read64(struct model *m, uint64_t phys, uint64_t *out);
bool memory_write64(struct model *m, uint64_t phys, uint64_t value);

/* ---- breach.c ---- */

void breach(struct model *m, const char *law, const char *section, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- mmio.c ---- */

struct window {
    uintptr_t va;
    uint64_t size;
    const char *name;
    void *device;
    uint64_t (*read)(struct model *m, void *device, uint64_t offset, unsigned width);
    void (*write)(struct model *m, void *device, uint64_t offset, unsigned width, uint64_t value);
};

bool mmio_init(struct model *m);
void mmio_exit(struct model *m);
/* Reserve addresses for a window; 0: none left. */
uintptr_t mmio_open(struct model *m, const struct window *w);
void mmio_close(struct model *m, uintptr_t va);
uint32_t mmio_read32(void *ctx, const volatile void *addr);
uint64_t mmio_read64(void *ctx, const volatile void *addr);
void mmio_write32(void *ctx, volatile void *addr, uint32_t value);
void mmio_write64(void *ctx, volatile void *addr, uint64_t value);
/* Part of a 64-bit register: what a 32- or 64-bit access at `offset` within it reads, or leaves. */
uint64_t mmio_part(uint64_t reg, uint64_t offset, unsigned width);
uint64_t mmio_merge(uint64_t reg, uint64_t offset, unsigned width, uint64_t value);
/* An access of a width or at an offset the register does not allow. */
void mmio_bad(struct model *m, const char *what, uint64_t offset, unsigned width, bool write);

/* ---- GIC ---- */

struct irq {
    bool enabled, pending, active, line, edge, group1, any_cpu;
    uint16_t holders; /* functions whose INTx holds the line */
    uint8_t priority;
    uint8_t targets; /* GICv2: CPU interfaces, a bit each */
    uint64_t affinity;
};

/* What a redistributor knows of LPIs: lpi.c. */
struct lpis {
    uint8_t *config;   /* cached bytes, from INTID 8192 */
    uint8_t *cached;   /* is it? */
    uint64_t *pending; /* bit per INTID */
    uint32_t nr_pending;
};

struct cpuif {
    uint32_t sre, pmr, bpr1, ctlr, igrpen1;
    struct {
        uint32_t intid;
        uint8_t priority;
    } running[64];
    uint32_t depth;
    uint32_t acknowledged; /* how often, for the deliverer */
};

struct cpu {
    uint32_t index, frame; /* frame: position of its redistributor, and Processor_Number */
    uint64_t affinity;
    struct irq local[32];
    uint8_t sgi_senders[16]; /* GICv2: CPU interfaces, a bit each */
    struct lpis lpis;
    struct cpuif icc;
    uint32_t gicr_ctlr;
    uint64_t propbaser, pendbaser;
    bool sleep; /* GICR_WAKER.ProcessorSleep */
    uint64_t awake_at, rwp_until, lpis_off_at, direct_until;
    bool masked;      /* PSTATE.I, or sstatus.SIE the other way round */
    struct file file; /* a RISC-V hart's */
    bool in_vector, kicked;
};

uint64_t gicd_read(struct model *m, void *device, uint64_t offset, unsigned width);
void gicd_write(struct model *m, void *device, uint64_t offset, unsigned width, uint64_t value);
bool gicd_group1_on(const struct model *m);
/* The registers that look alike in GICD and in SGI_base, for `n` interrupts from `first`. */
bool irq_bank_read(struct model *m, struct irq *irqs, uint32_t first, uint32_t n, uint64_t offset,
                   uint64_t *out);
bool irq_bank_write(struct model *m, struct irq *irqs, uint32_t first, uint32_t n, uint64_t offset,
                    uint64_t value);
/* IPRIORITYR is byte-accessible; the access is `width` bytes. */
uint8_t irq_priority_mask(void);

uint64_t gicr_read(struct model *m, void *device, uint64_t offset, unsigned width);
void gicr_write(struct model *m, void *device, uint64_t offset, unsigned width, uint64_t value);
void gicr_reset(struct model *m, struct cpu *c);
uint64_t gicr_stride(const struct model *m);
uint64_t gicr_phys(const struct model *m, const struct cpu *c);
bool gicr_awake(const struct model *m, const struct cpu *c);
bool gicr_lpis_on(const struct cpu *c);
bool gicr_busy(const struct model *m, const struct cpu *c);
/* INTIDs that the redistributor's tables cover: all below it. */
uint64_t gicr_intid_limit(const struct model *m, const struct cpu *c);
/* Name of what this redistributor keeps in [phys, phys + size); NULL: nothing. */
const char *gicr_holds(struct model *m, const struct cpu *c, uint64_t phys, uint64_t size);

bool lpis_init(struct model *m, struct cpu *c);
void lpis_exit(struct cpu *c);
void lpis_enable(struct model *m, struct cpu *c);
void lpis_disable(struct model *m, struct cpu *c);
void lpi_set_pending(struct model *m, struct cpu *c, uint32_t intid, bool pending);
bool lpi_is_pending(const struct cpu *c, uint32_t intid);
void lpi_invalidate(struct model *m, struct cpu *c, uint32_t intid);
void lpi_invalidate_all(struct model *m, struct cpu *c);
/* The byte the redistributor acts upon. */
uint8_t lpi_config_of(struct model *m, struct cpu *c, uint32_t intid);
/* Does the byte in memory (CPU view) agree with it? For check_settled. */
bool lpi_config_current(struct model *m, struct cpu *c, uint32_t intid);
/* The pending and enabled LPI of highest priority; false: none. */
bool lpi_best(struct model *m, struct cpu *c, uint32_t *out_intid, uint8_t *out_priority);

uint64_t cpuif_read(void *ctx, uint32_t reg);
void cpuif_write(void *ctx, uint32_t reg, uint64_t value);
void cpuif_reset(struct cpuif *icc);
/* The interrupt IAR1 would return now; MODEL_SPURIOUS: none. */
uint32_t cpuif_highest(struct model *m, struct cpu *c);
/* The same, whatever the CPU interface and ProcessorSleep say. */
uint32_t cpuif_waiting(struct model *m, struct cpu *c);

/* ---- gicv2.c, gicv2_cpu.c ---- */

uint64_t gicv2_dist_read(struct model *m, void *device, uint64_t offset, unsigned width);
void gicv2_dist_write(struct model *m, void *device, uint64_t offset, unsigned width,
                      uint64_t value);
uint64_t gicv2_cpu_read(struct model *m, void *device, uint64_t offset, unsigned width);
void gicv2_cpu_write(struct model *m, void *device, uint64_t offset, unsigned width, uint64_t v);
void gicv2_reset(struct model *m);
/* The number of a CPU's interface, which is not the CPU's. */
uint32_t gicv2_number(const struct cpu *c);
bool gicv2_forwards(const struct model *m, const struct irq *i);
uint32_t gicv2_highest(struct model *m, struct cpu *c);

/* ---- v2m.c ---- */

bool v2m_init(struct model *m);
/* A device's write. False: no frame is there; else whether it became an interrupt. */
bool v2m_message(struct model *m, uint64_t address, uint32_t data, bool *out_taken);
void v2m_count(struct model *m, struct model_counts *out);

/* ---- ITS ---- */

enum stale_kind { STALE_DEVICE, STALE_EVENT, STALE_COLLECTION, STALE_CONFIG, STALE_ALL_CONFIG };

/* An effect of a command that a SYNC has not yet made certain: until then the old value is used by
 * translations, or the old configuration byte by the redistributor. */
struct stale {
    enum stale_kind kind;
    uint32_t device, event; /* event: EventID, ICID or INTID */
    uint64_t old;
    uint32_t cpu;       /* whose SYNC it waits for; UMSI_NO_CPU: any */
    uint32_t old_intid; /* STALE_EVENT: the INTID that may still come; 0: none */
};

/* An ITT, from MAPD V=1 until a SYNC after MAPD V=0; or a level 2 page, until the ITS is off. */
struct held {
    bool page;
    uint32_t device;
    uint64_t phys, size;
    uint64_t dte;
    uint64_t hash; /* of what was in it when the ITS was disabled */
    uint32_t events;
    bool unmapped;
};

struct its {
    struct model *m;
    uint32_t index;
    struct model_its_config cfg;
    uintptr_t va;
    uint64_t phys;

    uint32_t ctlr;
    uint64_t quiet_at;
    uint64_t cbaser, cwriter, creadr;
    bool cwriter_bad, stalled;
    uint64_t baser[8];
    bool fresh[8]; /* table given since the ITS was last enabled */
    uint64_t ready_at;

    bool stopped, never_quiet;
    uint8_t stall_opcode;
    uint32_t stall_nth, stall_more; /* after the Nth */
    bool stall_for_good, stall_done;
    uint64_t stall_slot;
    bool queue_given; /* since the ITS was last enabled */

    uint64_t hcc[256];
    uint64_t owed[256]; /* collections in use that it forgot, as they were */
    struct {
        uint64_t baser, hash;
    } kept[8];                   /* tables when it was disabled */
    uint32_t *collection_events; /* per ICID */
    uint8_t *collection_ready;   /* per ICID: MAPC 1, INVALL 2, SYNC 4 */
    struct held *held;
    uint32_t nr_held;
    struct stale *stale;
    uint32_t nr_stale;

    struct model_its_logged *log;
    uint32_t nr_log;
    struct model_its_stats stats;
    bool waited;
};

/* its.c */
bool its_init(struct model *m, uint32_t index);
void its_exit(struct its *its);
uint64_t its_read(struct model *m, void *device, uint64_t offset, unsigned width);
void its_write(struct model *m, void *device, uint64_t offset, unsigned width, uint64_t value);
/* Do what is due by now. */
void its_work(struct its *its);
bool its_quiet(const struct its *its);
bool its_has_work(const struct its *its);
uint64_t its_queue_bytes(const struct its *its);

/* power.c: remember what is in the tables; is a table given anew that one, and as it was? */
void its_keep(struct its *its);
bool its_kept_table(struct its *its, unsigned n);
void its_check_kept(struct its *its);
void its_owe_collections(struct its *its);
void its_check_owed(struct its *its, const struct model_command *c);

/* its_exec.c: false: illegal, recorded */
bool its_execute(struct its *its, const struct model_command *c);
/* Mapped events of a device that goes: the mappings go with it. */
void its_forget_events(struct its *its, uint64_t dte);

/* its_stale.c */
void stale_add(struct its *its, const struct stale *s);
/* A device's write; the INTID and CPU it becomes. */
bool its_translate(struct its *its, uint32_t device, uint32_t event);
/* Make every effect certain that waits for `cpu` (UMSI_NO_CPU: all). */
void its_sync(struct its *its, uint32_t cpu);

/* its_table.c: entries in memory, as commands see them */
enum entry { ENTRY_OK, ENTRY_RANGE, ENTRY_NO_TABLE, ENTRY_NO_PAGE };
#define ENTRY_VALID ((uint64_t)1 << 63)
enum entry table_device(struct its *its, uint32_t device, uint64_t *out);
enum entry table_device_set(struct its *its, uint32_t device, uint64_t value);
enum entry table_collection(struct its *its, uint32_t icid, uint64_t *out);
enum entry table_collection_set(struct its *its, uint32_t icid, uint64_t value);
bool table_event(struct its *its, uint64_t dte, uint32_t event, uint64_t *out);
bool table_event_set(struct its *its, uint64_t dte, uint32_t event, uint64_t value);
uint64_t table_dte(uint64_t itt, uint32_t event_bits);
uint32_t table_dte_bits(uint64_t dte);
uint64_t table_dte_itt(uint64_t dte);
uint64_t table_ite(uint32_t intid, uint32_t icid);
uint32_t table_ite_intid(uint64_t ite);
uint32_t table_ite_icid(uint64_t ite);
int table_baser_of(const struct its *its, unsigned type); /* -1: none */
uint64_t table_baser_phys(const struct its *its, unsigned n);
uint64_t table_baser_bytes(const struct its *its, unsigned n);
/* Does the flat part of a table decode to nothing, as it must when first enabled? */
bool table_empty(struct its *its, unsigned n);

/* its_held.c */
struct held *held_add(struct its *its, const struct held *h);
struct held *held_device(struct its *its, uint32_t device); /* live mapping; NULL */
void held_release_unmapped(struct its *its);
void held_restart(struct its *its); /* the ITS was enabled: what do the tables hold? */
const char *held_overlap(struct its *its, uint64_t phys, uint64_t size);
/* Memory is given back: is anybody still using it? */
void held_check_free(struct model *m, uint64_t phys, uint64_t size);

/* ---- the whole ---- */

struct owner {    /* of an INTID: one event of one ITS (L24) */
    uint32_t its; /* + 1; 0: none */
    uint32_t device, event;
};

struct doorbell {
    void *handle;
    uint64_t phys, bus;
};

struct fail {
    uint64_t countdown;
    bool hit;
};

struct model {
    struct model_config cfg;
    struct umsi_port port;
    uint64_t now;
    struct memory mem;
    struct window *windows;
    uint32_t nr_windows;
    uintptr_t mmio_va, mmio_next;

    uint32_t self; /* the CPU that executes */
    struct cpu *cpu;
    uint32_t gicd_ctlr;
    uint64_t gicd_rwp_until;
    struct irq *spi; /* cfg.nr_spis of them, from INTID 32 */
    uintptr_t gicd_va, gicr_va, gicc_va;
    uintptr_t v2m_va[MODEL_MAX_V2M];
    struct model_v2m_config v2m_cfg[MODEL_MAX_V2M];

    struct imsic imsic;
    struct aplic aplic;

    struct its its[MODEL_MAX_ITS];
    struct owner *owners; /* per INTID */

    struct model_vectors vectors;
    uint32_t locks_held;
    bool working, delivering;

    struct fail fail[MODEL_FAIL_KINDS];
    struct model_breach *breaches;
    uint32_t nr_breaches;
    char log[64][160];
    uint32_t nr_log;
    struct doorbell *doorbells;
    uint32_t nr_doorbells;
    uint32_t next_doorbell;
};

#define GICD_PHYS 0x08000000ull
#define V2M_PHYS  0x08020000ull
#define GICR_PHYS 0x10000000ull
#define ITS_PHYS  0x60000000ull
#define ITS_SIZE  0x20000ull

/* machine.c */
void model_step(struct model *m, uint64_t ns);
bool fail_now(struct model *m, enum model_fail what);
struct cpu *model_cpu_by_frame(struct model *m, uint64_t frame);
/* One function more, or less, holds a line that several share. */
void spi_hold(struct model *m, uint32_t intid, bool up);

/* Grow an array by one; aborts when the host has no memory. */
void *grow(void *array, uint32_t n, size_t element);
/* port.c */
void port_init(struct model *m);

#endif /* MODEL_MACHINE_H */
