/* SPDX-License-Identifier: MIT */
/*
 * The CPU interface, by system registers: opening and closing it on this CPU, and the hot path, acknowledge
 * and end. IHI0069, 4.1 (life of an interrupt), 12.1 and 12.2.
 *
 * Everything has one priority, so nothing preempts a running handler: the running priority blocks it until
 * the end. A kernel may still enable interrupts in handlers; it will see interrupts of its own priorities
 * only. EOImode is 0, so one write to ICC_EOIR1_EL1 drops the priority and deactivates. For that reason the
 * end of a level-sensitive interrupt comes after its handler; LPIs have no active state, and the same
 * write only drops the priority.
 */
#include "../../arch/barrier.h"
#include "../../arch/sysreg.h"
#include "internal.h"

/* The system registers must be on; the memory-mapped CPU interface is another driver's. */
enum umsi_status umsi_gicv3_cpu_if_claim(struct umsi_gicv3 *gic)
{
    struct umsi *u = gic->umsi;
    uint64_t sre = umsi_sysreg_read(u, UMSI_ICC_SRE_EL1);

    if ((sre & ICC_SRE_SRE) == 0) {
        umsi_sysreg_write(u, UMSI_ICC_SRE_EL1, sre | ICC_SRE_SRE);
        umsi_isb();
        sre = umsi_sysreg_read(u, UMSI_ICC_SRE_EL1);
    }
    if ((sre & ICC_SRE_SRE) == 0) {
        umsi_log(u, UMSI_LOG_ERROR,
                 "GICv3: ICC_SRE_EL1.SRE cannot be set (disabled at EL2 or EL3)");
        return UMSI_UNSUPPORTED;
    }
    return UMSI_OK;
}

/*
 * Active priorities a former owner left would block ours for ever; 0 says none. Only those that the number
 * of priority bits implies exist, the others are UNDEFINED.
 */
static void clear_active_priorities(struct umsi *u, uint32_t priority_bits)
{
    umsi_sysreg_write(u, UMSI_ICC_AP1R0_EL1, 0);
    if (priority_bits >= 6) {
        umsi_sysreg_write(u, UMSI_ICC_AP1R1_EL1, 0);
    }
    if (priority_bits >= 7) {
        umsi_sysreg_write(u, UMSI_ICC_AP1R2_EL1, 0);
        umsi_sysreg_write(u, UMSI_ICC_AP1R3_EL1, 0);
    }
}

/* While firmware keeps ICC_PMR_EL1 in the Secure half, Non-secure writes are ignored and it reads 0 (4.8.6). */
static enum umsi_status check_mask(struct umsi *u)
{
    uint64_t pmr = umsi_sysreg_read(u, UMSI_ICC_PMR_EL1);

    if (pmr > GICV3_PRIORITY) {
        return UMSI_OK;
    }
    umsi_log(u, UMSI_LOG_ERROR, "GICv3: ICC_PMR_EL1 stays %lx: firmware keeps the priority mask",
             pmr);
    return UMSI_UNSUPPORTED;
}

static enum umsi_status check_affinity(struct umsi_gicv3 *gic, uint64_t icc_ctlr, uint64_t affinity)
{
    bool a3v = (icc_ctlr & ICC_CTLR_A3V) != 0 && (gic->typer & GICD_TYPER_A3V) != 0;

    if ((affinity >> 32) == 0 || a3v) {
        return UMSI_OK;
    }
    umsi_log(gic->umsi, UMSI_LOG_ERROR, "GICv3: CPU has Aff3 %lx, and the GIC knows none (A3V)",
             affinity >> 32);
    return UMSI_UNSUPPORTED;
}

enum umsi_status umsi_gicv3_cpu_if_open(struct umsi_gicv3 *gic, uint64_t affinity)
{
    struct umsi *u = gic->umsi;
    uint64_t ctlr = umsi_sysreg_read(u, UMSI_ICC_CTLR_EL1);
    enum umsi_status st = check_affinity(gic, ctlr, affinity);

    if (st != UMSI_OK) {
        return st;
    }
    umsi_sysreg_write(u, UMSI_ICC_IGRPEN1_EL1, 0);
    ctlr &= ~(uint64_t)(ICC_CTLR_CBPR | ICC_CTLR_EOImode | ICC_CTLR_PMHE);
    umsi_sysreg_write(u, UMSI_ICC_CTLR_EL1, ctlr);
    umsi_sysreg_write(u, UMSI_ICC_BPR1_EL1, 0); /* becomes the lowest that is implemented */
    umsi_sysreg_write(u, UMSI_ICC_PMR_EL1, GICV3_PMR);
    umsi_isb();
    clear_active_priorities(u, ICC_CTLR_PRIbits(ctlr));
    umsi_isb();
    st = check_mask(u);
    if (st != UMSI_OK) {
        return st;
    }
    umsi_sysreg_write(u, UMSI_ICC_IGRPEN1_EL1, ICC_IGRPEN1_Enable);
    umsi_isb();
    return UMSI_OK;
}

void umsi_gicv3_cpu_if_close(struct umsi_gicv3 *gic)
{
    umsi_sysreg_write(gic->umsi, UMSI_ICC_IGRPEN1_EL1, 0);
    umsi_isb();
    umsi_mb(); /* observed by the redistributor before it is put to sleep (12.1) */
}

/*
 * The hot path. The DSB makes the acknowledge known to the redistributor (12.1), so that a device the
 * handler quiets is not seen pending again, and keeps the handler's loads from running ahead of it. The ISB
 * lets a following acknowledge see the lower running priority.
 */
static inline uint32_t take(uint64_t iar)
{
    uint32_t intid = (uint32_t)iar & ICC_IAR1_INTID;

    if (intid - GIC_FIRST_SPECIAL <= GIC_LAST_SPECIAL - GIC_FIRST_SPECIAL) {
        return UMSI_NO_HWIRQ; /* nothing, or another group's: never ended */
    }
    umsi_mb();
    return intid;
}

static uint32_t acknowledge_native(void *arg)
{
    (void)arg;
    return take(umsi_sysreg_read_native(UMSI_ICC_IAR1_EL1));
}

static void end_native(void *arg, uint32_t hwirq)
{
    (void)arg;
    umsi_sysreg_write_native(UMSI_ICC_EOIR1_EL1, hwirq);
    umsi_isb();
}

static uint32_t acknowledge_port(void *arg)
{
    struct umsi *u = arg;

    return take(umsi_sysreg_read(u, UMSI_ICC_IAR1_EL1));
}

static void end_port(void *arg, uint32_t hwirq)
{
    struct umsi *u = arg;

    umsi_sysreg_write(u, UMSI_ICC_EOIR1_EL1, hwirq);
    umsi_isb();
}

/* Decided once: with the instructions themselves there is no branch left. */
struct umsi_receiver umsi_gicv3_receiver(struct umsi_gicv3 *gic)
{
    const struct umsi_port *port = &gic->umsi->port;

    if (port->sysreg_read == NULL && port->sysreg_write == NULL) {
        return (struct umsi_receiver){ acknowledge_native, end_native, gic->umsi };
    }
    return (struct umsi_receiver){ acknowledge_port, end_port, gic->umsi };
}
