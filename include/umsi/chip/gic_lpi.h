/* SPDX-License-Identifier: MIT */
/*
 * The LPI space of a GICv3 or GICv4: INTIDs from 8192 up, the LPI Configuration table, one LPI Pending table
 * per redistributor, EnableLPIs. IHI0069, chapter 5 (5.1 LPIs, 5.1.1 configuration tables, 5.1.2 pending
 * tables), 12.11 (redistributor registers).
 *
 * It is used in three ways: under umsi's own GICv3; on redistributor frames the kernel's GIC driver hands
 * over; on the kernel's live tables, with a range of INTIDs of its own.
 */
#ifndef UMSI_CHIP_GIC_LPI_H
#define UMSI_CHIP_GIC_LPI_H

#include <umsi/domain.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UMSI_LPI_FIRST 8192u

struct umsi_lpi;

struct umsi_lpi_config {
    /* GICD frame, to read GICD_TYPER (IDbits, num_LPIs, LPIS). NULL: 2^14 INTIDs, which every GIC with LPIs
     * has (8192 LPIs). Only read. */
    volatile void *gicd;
    uint32_t lpi_bits; /* INTID bits to use; 0: min(hardware, 16) */
    bool non_coherent; /* redistributors do not snoop, whatever they say */

    /* The kernel's live configuration table: its byte for INTID 8192. With it umsi allocates no tables and
     * writes neither PROPBASER, PENDBASER nor EnableLPIs; it uses INTIDs first .. first+count-1 only, and
     * writes only their bytes. */
    void *table;
    uint32_t first, count;

    /*
     * Redistributors that firmware or the kernel before this one left with EnableLPIs set, which many do not let be
     * cleared: see THE KERNEL AFTER THIS ONE below. `left` is what umsi_lpi_left() says of any of them; 0: there are
     * none. `reserved` says where the memory [at, at + size) is mapped, if it was reserved for LPI tables all the time
     * and stays so; NULL: it was not. Context: any. umsi uses the tables that lie there, and never frees them.
     */
    uint64_t left;
    void *(*reserved)(void *ctx, umsi_bus at, size_t size);
    void *ctx;

    uint8_t priority; /* of every LPI, bits [7:2]; 0: 0xa0 */
};

/*
 * Take the tables for all CPUs (port->nr_cpus), every LPI enabled in the configuration table before it is
 * shown to a redistributor. Context: task. Errors: UNSUPPORTED (no LPIs), RANGE (first, count, lpi_bits),
 * NOMEM, INVALID, STATE (the configuration table that was left is not in memory that was reserved).
 */
UMSI_MUST_CHECK enum umsi_status
umsi_lpi_create(struct umsi *u, const struct umsi_lpi_config *config, struct umsi_lpi **out_lpi);
/* BUSY while an ITS hangs on it. EnableLPIs is cleared where hardware allows; tables of a redistributor that
 * cannot be stopped are kept and reported in the log (L32, L56). Context: task, no CPU in umsi_lpi_handle(). */
UMSI_MUST_CHECK enum umsi_status umsi_lpi_destroy(struct umsi_lpi *lpi);

/*
 * On each CPU as it boots, on that CPU: program its redistributor (frame at `rd`, 64 KiB RD_base; physical
 * address `rd_phys`, needed when GITS_TYPER.PTA is 1), set EnableLPIs, map its collection on every ITS.
 * Allocates nothing. Context: task on that CPU, interrupts may be off.
 * A CPU that was offline keeps its tables and collections. Where EnableLPIs was lost with its power, the
 * redistributor is programmed again, and starts with no LPI pending.
 * Errors: UNSUPPORTED (GICR_TYPER.PLPIS is 0), STATE (EnableLPIs is already 1, and the tables are neither ours nor
 * reserved for us: the log names the registers),
 * EXISTS (the CPU is online), RANGE (cpu), TIMEOUT (RWP), INVALID (also: the CPU had another redistributor
 * before), or what an ITS says.
 */
UMSI_MUST_CHECK enum umsi_status umsi_lpi_cpu_online(struct umsi_lpi *lpi, umsi_cpu cpu,
                                                     volatile void *rd, umsi_phys rd_phys);
/*
 * A CPU takes no LPIs from now on: it is no target until umsi_lpi_cpu_online(). What was sent to it the kernel has
 * moved away before, with umsi_irq_set_affinity(). Its collections, its pending table and EnableLPIs stay (L57).
 * Harmless for one that is not online. Context: task, on that CPU or, after it has stopped, on any.
 */
void umsi_lpi_cpu_offline(struct umsi_lpi *lpi, umsi_cpu cpu);

/*
 * THE KERNEL AFTER THIS ONE. Where EnableLPIs cannot be cleared, a redistributor reads and writes its tables until it
 * is reset, whoever owns the memory by then. So they are handed over:
 *   the kernel that goes   detaches its devices, destroys its ITSes, takes the other CPUs offline, then calls
 *                          umsi_lpi_hand_over() in place of umsi_lpi_destroy(); what is listed it passes on as memory
 *                          that is in use, together with what was reserved when it came itself. Of CPUs that never were
 *                          online with it nothing is listed.
 *   one that crashes       has listed them before, with umsi_lpi_get_tables(): they do not change while it runs, but
 *                          for CPUs that come online later.
 *   the kernel that comes  asks each redistributor with umsi_lpi_left(), and sets `left` and `reserved` in its
 *                          umsi_lpi_config. An ITS that is still on is quiesced by umsi_its_create(). What is pending
 *                          from before comes for nobody, once, and is counted so.
 * With all EnableLPIs clear nothing is listed, and nothing is left.
 */

/* GICR_PROPBASER of a redistributor with EnableLPIs set; 0: it is clear. Context: any. */
uint64_t umsi_lpi_left(struct umsi *u, const volatile void *rd);
/*
 * Which of the tables redistributors use now: out[0] is the LPI Configuration table, the others are LPI Pending tables, in
 * the order of CPUs. *out_n is 0 when no EnableLPIs is set. Context: task. Errors: NOSPACE (`room` is too small: port->nr_cpus + 1
 * is enough), UNSUPPORTED (the tables are the kernel's own).
 */
UMSI_MUST_CHECK enum umsi_status umsi_lpi_get_tables(struct umsi_lpi *lpi, struct umsi_dma *out,
                                                     uint32_t room, uint32_t *out_n);
/*
 * The end of the space, as umsi_lpi_destroy(), but redistributors go on with the tables they use. Those are listed as
 * above and the caller's from now on, as port->dma_alloc gave them, or `reserved` did. Context: task, no CPU in
 * umsi_lpi_handle().
 * Errors: BUSY and those of umsi_lpi_get_tables(); then nothing happened.
 */
UMSI_MUST_CHECK enum umsi_status umsi_lpi_hand_over(struct umsi_lpi *lpi, struct umsi_dma *out,
                                                    uint32_t room, uint32_t *out_n);

/*
 * Receiving (c): dispatch an INTID the kernel acknowledged. Never touches the CPU interface; the kernel ends
 * the interrupt after. Returns false for what is not an LPI of umsi's. Context: interrupt, interrupts off.
 */
bool umsi_lpi_handle(struct umsi_lpi *lpi, uint32_t intid);

struct umsi_lpi_counts {
    uint32_t total, live, quarantined; /* INTIDs; the rest is free (L37) */
};
/* Context: any. */
void umsi_lpi_get_counts(struct umsi_lpi *lpi, struct umsi_lpi_counts *out);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_CHIP_GIC_LPI_H */
