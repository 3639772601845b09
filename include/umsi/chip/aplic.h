/* SPDX-License-Identifier: MIT */
/*
 * RISC-V advanced platform-level interrupt controller, one supervisor-level interrupt domain of it: wired
 * interrupts, turned into messages to the harts' IMSICs, or delivered directly where harts have none. RISC-V
 * Advanced Interrupt Architecture 1.0 (AIA), chapter 4.
 *
 * Machine-level firmware has delegated the sources to this domain and configured the addresses of outgoing
 * messages (smsiaddrcfg, in the root domain).
 */
#ifndef UMSI_CHIP_APLIC_H
#define UMSI_CHIP_APLIC_H

#include <umsi/chip/imsic.h>
#include <umsi/wired.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UMSI_APLIC_MAX_SOURCES 1023u
#define UMSI_NO_HART           UINT32_MAX

struct umsi_aplic;

struct umsi_aplic_config {
    volatile void *
        base; /* the domain's control region, mapped as device memory: 16 KiB, and 32 bytes for each
                          * hart index in direct delivery mode */
    uint32_t nr_sources; /* 1 .. 1023 */
    const char *name;    /* kept as a pointer; NULL: "APLIC" */

    /* MSI delivery mode: the parent of its messages, and where the files lie they go to. */
    struct umsi_domain *parent; /* NULL: direct delivery mode */
    struct umsi_imsic_layout layout;

    /* Direct delivery mode: each CPU's hart index in this domain, port->nr_cpus of them; UMSI_NO_HART: none. Read
     * during the call only. */
    const uint32_t *harts;
};

/*
 * Take the domain over with all sources inactive. In direct delivery mode it becomes the instance's receiver.
 * Context: task. Errors: INVALID, UNSUPPORTED (not an APLIC, a byte order or a delivery mode it does not have),
 * NOMEM, EXISTS (a receiver is there), those of umsi_wired_attach().
 */
UMSI_MUST_CHECK enum umsi_status umsi_aplic_create(struct umsi *u,
                                                   const struct umsi_aplic_config *config,
                                                   struct umsi_aplic **out_aplic);
/* Sources inactive, the domain off. In direct delivery mode BUSY while a source is mapped; with messages all are
 * unmapped first. Context: task. */
UMSI_MUST_CHECK enum umsi_status umsi_aplic_destroy(struct umsi_aplic *aplic);

/*
 * On each CPU as it boots, on that CPU, in direct delivery mode: open its IDC structure (idelivery 1, ithreshold 0).
 * The kernel sets sie.SEIE itself. Context: task on that CPU, interrupts off. Errors: RANGE, INVALID (not this CPU),
 * EXISTS (it is online), NOTFOUND (it has no hart index here), UNSUPPORTED (MSI delivery mode: umsi_imsic_cpu_online()
 * is all a CPU needs; or the IDC structure does not take it).
 */
UMSI_MUST_CHECK enum umsi_status umsi_aplic_cpu_online(struct umsi_aplic *aplic, umsi_cpu cpu);
/* Close it. What is sent to the CPU has been moved away before. Context: that CPU, interrupts off. */
void umsi_aplic_cpu_offline(struct umsi_aplic *aplic);

/*
 * The virq of a source (1 .. nr_sources); masked until requested. Context: task. Errors: RANGE (no such source), EXISTS,
 * UNSUPPORTED (it does not take the trigger, or firmware has not delegated it to this domain: both look alike), INVALID,
 * NOMEM, those of the parent.
 */
UMSI_MUST_CHECK enum umsi_status umsi_aplic_map(struct umsi_aplic *aplic, uint32_t source,
                                                enum umsi_trigger trigger, umsi_virq *out_virq);
void umsi_aplic_unmap(struct umsi_aplic *aplic, uint32_t source);
/*
 * After the domain lost its registers, in a sleep for one: triggers, targets, masks, and lines that stand are looked
 * at. In direct delivery mode umsi_resume() does it; with messages the kernel calls it after that, as for other
 * devices. Context: task. Errors: UNSUPPORTED (it is not what it was), those of umsi_wired_restore().
 */
UMSI_MUST_CHECK enum umsi_status umsi_aplic_restore(struct umsi_aplic *aplic);
/* UMSI_NO_VIRQ when it is not mapped. Context: any, not while the source is being mapped or unmapped. */
umsi_virq umsi_aplic_virq(struct umsi_aplic *aplic, uint32_t source);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_CHIP_APLIC_H */
