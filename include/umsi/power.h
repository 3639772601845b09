/* SPDX-License-Identifier: MIT */
/*
 * Sleep of the machine, and the kernel after this one.
 *
 * SUSPEND
 *   1. Drivers quiet their devices. What a device sends while its ITS is off is lost (IHI0069 5.2).
 *   2. All CPUs but one are taken offline, with what they own moved away: umsi_cpu_leave(), umsi_lpi_cpu_offline(),
 *      umsi_gicv3_cpu_offline(), in this order.
 *   3. On the one that is left, interrupts off: umsi_suspend().
 *   4. Firmware takes the power away, of all or part of the GIC, or of nothing.
 * RESUME
 *   5. On the same CPU, interrupts off: umsi_resume(). A kernel with a GIC driver of its own resumes that first.
 *   6. PCI functions that lost their state: the kernel puts back each one's header, then calls umsi_pci_restore() for
 *      it, which writes messages, masks and enables; umsi_platdev_restore(), umsi_wired_restore() and
 *      umsi_msi_restore_slot() do so for others. Only then may their drivers let them interrupt.
 *   7. Interrupts on; the other CPUs come online as they did the first time.
 *
 * Memory keeps its contents all the while: the tables of ITSes and of LPIs are in it. What drivers had - handlers,
 * masks, disable depths, targets - survives (L51). Between 3 and 5 a driver may still disable and enable; other calls
 * about vectors give UMSI_STATE, and what is freed then keeps its numbers until its ITS is back.
 *
 * What is pending over a sleep: SPIs, PPIs and SGIs that are edge-triggered are made pending again, levels speak for
 * themselves. LPIs: EnableLPIs is cleared where the redistributor lets it be, which puts what is pending into its
 * pending table, and the table counts when it is set again. Where it cannot be cleared, the table is right if firmware
 * has the redistributor save it when it takes the power (GICR_WAKER.Sleep, where there is one); else an LPI that
 * was pending is lost, or one that was handled comes again. unconfirmed: which firmware does so. A driver that must
 * not miss one looks at its device after a resume.
 *
 * An LPI does not wake the machine: its ITS is off. An SPI or PPI may, as firmware and its wake-up logic have it: the
 * distributor stays as it is.
 *
 * This is written for GICv2, v3 and v4, their LPIs and ITSes; other controllers say in their headers what they keep.
 *
 * THE KERNEL AFTER THIS ONE: see umsi_lpi_hand_over() in umsi/chip/gic_lpi.h.
 */
#ifndef UMSI_POWER_H
#define UMSI_POWER_H

#include <umsi/umsi.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Let go of all controllers, outermost first: ITSes are disabled and quiescent, LPIs off where they can be, this
 * CPU's interface closed and its redistributor asleep. On an error all is resumed again, and the error is that of the
 * controller that failed; one that is dead already does not keep the machine awake.
 * Context: task on the only CPU online, interrupts off.
 * Errors: STATE (another CPU is online; suspended already), INVALID, those of the controllers: TIMEOUT (an ITS does not
 * quiesce, a redistributor does not sleep), UNSUPPORTED (one that cannot be suspended).
 */
UMSI_MUST_CHECK enum umsi_status umsi_suspend(struct umsi *u);

/*
 * Set everything up again, the roots first. A controller that fails is named in the log and left as it is, with what
 * is built on it; the others go on. Call it again to try those once more.
 * Context: task on the CPU that suspended, interrupts off.
 * Errors: STATE (nothing is suspended), INVALID, those of the controllers: TIMEOUT, HARDWARE, STATE.
 */
UMSI_MUST_CHECK enum umsi_status umsi_resume(struct umsi *u);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_POWER_H */
