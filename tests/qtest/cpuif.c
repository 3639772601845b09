/* SPDX-License-Identifier: MIT */
/*
 * What is emulated here, and it is all that is: the CPU interface's registers ICC_*_EL1 for Group 1 (IHI0069,
 * 12.2), MPIDR_EL1, and the step from "pending at the redistributor" to "acknowledged by the CPU".
 *
 * An LPI is pending when QEMU set its bit in the LPI Pending table of a redistributor whose EnableLPIs is 1, and
 * enabled when its configuration byte in memory says so: QEMU itself reads the byte anew each time. To
 * acknowledge clears the bit, as QEMU does for a CPU of its own. QEMU also keeps the best pending LPI beside the
 * tables, for the CPU's interrupt line only; that copy goes stale here, and its CPUs look at no interrupt.
 *
 * SPIs, PPIs and SGIs are not delivered: no scenario has any.
 */
#include <stdio.h>

#include <umsi/port.h>

#include "cpuif.h"
#include "qtest.h"

#define MPIDR      UMSI_SYSREG(3, 0, 0, 0, 5)
#define PMR        UMSI_SYSREG(3, 0, 4, 6, 0)
#define RPR        UMSI_SYSREG(3, 0, 12, 11, 3)
#define IAR1       UMSI_SYSREG(3, 0, 12, 12, 0)
#define EOIR1      UMSI_SYSREG(3, 0, 12, 12, 1)
#define BPR1       UMSI_SYSREG(3, 0, 12, 12, 3)
#define CTLR       UMSI_SYSREG(3, 0, 12, 12, 4)
#define SRE        UMSI_SYSREG(3, 0, 12, 12, 5)
#define IGRPEN1    UMSI_SYSREG(3, 0, 12, 12, 7)
#define IDLE       0xffu
#define SPURIOUS   1023u
#define LPI_BASE   8192u
#define PRIORITIES 0xf8u     /* five bits, as cortex-a72 has */
#define CTLR_FIXED (4u << 8) /* PRIbits - 1; 16-bit INTIDs, no A3V, no RSS */
#define CTLR_RW    0x3u      /* CBPR, EOImode */

#define GICR_CTLR      0x00u
#define GICR_PROPBASER 0x70u
#define GICR_PENDBASER 0x78u
#define ADDRESS        0x000ffffffffff000ull

static struct cpu {
    uint32_t pmr, bpr1, ctlr, igrpen1;
    uint8_t running
        [8]; /* priorities; none preempts another here, but a handler may be interrupted by a test */
    uint32_t depth;
    bool known, on; /* of the redistributor: EnableLPIs, tables */
    uint8_t *config, *pending;
    uint32_t limit; /* INTIDs it covers: all below */
} cpus[CPUIF_CPUS];

uint32_t cpuif_self;
static uint32_t taken;

static uint8_t *guest(uint64_t phys)
{
    return qtest_ram + (phys - QTEST_RAM_PHYS);
}

static void look(uint32_t cpu)
{
    struct cpu *c = &cpus[cpu];
    uint64_t frame = GICR_PHYS + cpu * GICR_STRIDE;
    if (c->known) {
        return;
    }
    c->known = true;
    c->on = (qtest_read(frame + GICR_CTLR, 4) & 1) != 0;
    if (c->on) {
        uint64_t prop = qtest_read(frame + GICR_PROPBASER, 8);
        c->config = guest(prop & ADDRESS);
        c->pending = guest(qtest_read(frame + GICR_PENDBASER, 8) & ADDRESS & ~0xffffull);
        c->limit = 1u << ((prop & 31) + 1);
    }
}

void cpuif_forget(uint64_t phys)
{
    if (phys >= GICR_PHYS && phys < GICR_PHYS + CPUIF_CPUS * GICR_STRIDE) {
        cpus[(phys - GICR_PHYS) / GICR_STRIDE].known = false;
    }
}

static uint8_t running(const struct cpu *c)
{
    return c->depth == 0 ? IDLE : c->running[c->depth - 1];
}

/* The best pending and enabled LPI this CPU would take; SPURIOUS: none. */
static uint32_t best(uint32_t cpu, uint8_t *out_priority)
{
    struct cpu *c = &cpus[cpu];
    uint32_t found = SPURIOUS;
    look(cpu);
    *out_priority = (uint8_t)(c->pmr < running(c) ? c->pmr : running(c));
    for (uint32_t i = LPI_BASE; c->on && c->igrpen1 != 0 && i < c->limit; i++) {
        if (i % 8 == 0 && __atomic_load_n(&c->pending[i / 8], __ATOMIC_ACQUIRE) == 0) {
            i += 7;
            continue;
        }
        uint8_t byte = c->config[i - LPI_BASE], priority = byte & PRIORITIES;
        if ((c->pending[i / 8] >> i % 8 & 1) != 0 && (byte & 1) != 0 && priority < *out_priority) {
            found = i;
            *out_priority = priority;
        }
    }
    return found;
}

bool cpuif_pending(uint32_t cpu)
{
    uint8_t priority;
    return best(cpu, &priority) != SPURIOUS;
}

uint32_t cpuif_taken(void)
{
    return taken;
}

static uint64_t acknowledge(struct cpu *c)
{
    uint8_t priority;
    uint32_t intid = best(cpuif_self, &priority);
    if (intid != SPURIOUS && c->depth < sizeof(c->running)) {
        (void)__atomic_fetch_and(&c->pending[intid / 8], (uint8_t) ~(1u << intid % 8),
                                 __ATOMIC_ACQ_REL);
        c->running[c->depth++] = priority;
        taken++;
    }
    return intid;
}

static void end(struct cpu *c, uint64_t intid)
{
    if (c->depth == 0) {
        fprintf(stderr, "cpuif: EOIR of %llu, and nothing is active\n", (unsigned long long)intid);
        return;
    }
    c->depth--;
}

uint64_t cpuif_read(void *ctx, uint32_t reg)
{
    struct cpu *c = &cpus[cpuif_self];
    (void)ctx;
    switch (reg) {
    case MPIDR:
        return 0x80000000u | cpuif_self;
    case PMR:
        return c->pmr;
    case RPR:
        return running(c);
    case IAR1:
        return acknowledge(c);
    case BPR1:
        return c->bpr1;
    case CTLR:
        return c->ctlr | CTLR_FIXED;
    case SRE:
        return 7;
    case IGRPEN1:
        return c->igrpen1;
    default:
        return 0; /* active priorities: none is left over */
    }
}

void cpuif_write(void *ctx, uint32_t reg, uint64_t value)
{
    struct cpu *c = &cpus[cpuif_self];
    (void)ctx;
    switch (reg) {
    case PMR:
        c->pmr = (uint32_t)value & PRIORITIES;
        break;
    case EOIR1:
        end(c, value);
        break;
    case BPR1:
        c->bpr1 = value < 3 ? 3 : (uint32_t)value & 7;
        break;
    case CTLR:
        c->ctlr = (uint32_t)value & CTLR_RW;
        break;
    case IGRPEN1:
        c->igrpen1 = (uint32_t)value & 1;
        break;
    default:
        break;
    }
}
