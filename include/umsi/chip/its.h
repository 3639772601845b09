/* SPDX-License-Identifier: MIT */
/*
 * GICv3 and GICv4 Interrupt Translation Service, physical LPIs. IHI0069, chapter 5.2 (tables), 5.3
 * (commands), 12.18 and 12.19 (registers). Works on any umsi_lpi, with umsi's GICv3 driver or without.
 *
 * A command that the ITS refuses for good is taken out of its queue, for which the ITS is disabled for a moment.
 * What devices send meanwhile is lost, and nobody can tell what it was: the log names the restart, and a driver
 * that must not miss an interrupt looks at its device after that.
 *
 * A command that is posted (umsi_irq_retrigger(), and what umsi raises again) and refused raises nothing, and holds up
 * what comes behind it until it is noticed: by who next waits for this ITS, or by the second to post another; a
 * restart is left to who waits. The log names the command and its DeviceID.
 */
#ifndef UMSI_CHIP_ITS_H
#define UMSI_CHIP_ITS_H

#include <umsi/chip/gic_lpi.h>

#ifdef __cplusplus
extern "C" {
#endif

struct umsi_its;

struct umsi_its_config {
    volatile void *base; /* the two 64 KiB frames, mapped as device memory */
    umsi_phys phys;      /* of the same; devices write to phys + 0x10040 (GITS_TRANSLATER) */
    const char *name;    /* kept as a pointer; NULL: "ITS" */
    /* DeviceID bits to make tables for; 0: min(hardware, 24) where the device table can have two levels, else
     * min(hardware, 16). Rows of an msi-map may begin at 0x10000 and above. */
    uint32_t device_bits;
    uint32_t queue_bytes; /* of the command queue, 4096 .. 1 MiB, a multiple of 4096; 0: 16384 */
    uint32_t deadline_us; /* without progress, until the ITS is declared dead; 0: 1000000 */
    bool non_coherent;    /* it does not snoop, whatever it says */
};

/*
 * Probe (GITS_PIDR2, GITS_TYPER), quiesce if found enabled, make tables and queue, enable, map a collection
 * for each CPU that is online; later ones follow with umsi_lpi_cpu_online(). A CPU beyond the collections it has
 * is named in the log and is no target of its messages. Context: task.
 * Errors: UNSUPPORTED (not an ITS, no physical LPIs), TIMEOUT (does not quiesce), NOMEM, HARDWARE, INVALID.
 */
UMSI_MUST_CHECK enum umsi_status umsi_its_create(struct umsi_lpi *lpi,
                                                 const struct umsi_its_config *config,
                                                 struct umsi_its **out_its);
/* Disable, quiesce, free. BUSY while a device is attached. Memory an ITS that does not quiesce may still
 * write is kept and reported. Context: task. */
UMSI_MUST_CHECK enum umsi_status umsi_its_destroy(struct umsi_its *its);

/* The MSI parent to attach devices to. */
struct umsi_domain *umsi_its_parent(struct umsi_its *its);

struct umsi_its_info {
    uint32_t device_bits, event_bits, itt_entry_size; /* from GITS_TYPER */
    uint32_t device_table_bits;                       /* DeviceIDs the tables cover, log2 */
    bool device_table_two_level, pta, coherent, dead;
    uint32_t devices;     /* DeviceIDs mapped */
    uint32_t quarantined; /* DeviceIDs that may still be mapped, until one is needed again (L22) */
    uint64_t commands, waits, stalls;
};
/* Context: any. */
void umsi_its_get_info(struct umsi_its *its, struct umsi_its_info *out);

/* Clear an interrupt that is pending at the redistributor: CLEAR, SYNC, awaited. Context: task.
 * Errors: NOTFOUND (not a vector of this ITS), TIMEOUT, HARDWARE. */
UMSI_MUST_CHECK enum umsi_status umsi_its_clear(struct umsi_its *its, umsi_virq virq);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_CHIP_ITS_H */
