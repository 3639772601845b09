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
 * SPIs are all QEMU's distributor's: enabled, pending, active, priority and route are read there. To acknowledge
 * sets one active, to end clears that (GICD_ISACTIVER, GICD_ICACTIVER). PPIs and SGIs are not delivered: no scenario
 * has any.
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

#define GICD_ISENABLER  0x100u
#define GICD_ISPENDR    0x200u
#define GICD_ICPENDR    0x280u
#define GICD_ISACTIVER  0x300u
#define GICD_ICACTIVER  0x380u
#define GICD_IPRIORITYR 0x400u
#define GICD_IROUTER    0x6000u
#define SPI_BASE        32u
#define SPI_WORDS       2u /* words of SPIs that are looked at: up to INTID 95 */

static struct cpu {
    uint32_t pmr, bpr1, ctlr, igrpen1;
    struct {
        uint32_t intid;
        uint8_t priority;
    } running[8]; /* none preempts another here, but a handler may be interrupted by a test */
    uint32_t depth;
    bool known, on; /* of the redistributor: EnableLPIs, tables */
    uint8_t *config, *pending;
    uint32_t limit; /* INTIDs it covers: all below */
} cpus[CPUIF_CPUS];

static struct {
    bool known;
    uint32_t enabled[SPI_WORDS];
} spis;

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
    if (phys >= GICD_PHYS && phys < GICD_PHYS + GICD_SIZE) {
        spis.known = false;
    }
}

static uint8_t running(const struct cpu *c)
{
    return c->depth == 0 ? IDLE : c->running[c->depth - 1].priority;
}

/* ---- SPIs ---- */

static uint32_t gicd(uint32_t offset)
{
    return (uint32_t)qtest_read(GICD_PHYS + offset, 4);
}

static void look_at_spis(void)
{
    for (uint32_t w = 0; w < SPI_WORDS && !spis.known; w++) {
        spis.enabled[w] = gicd(GICD_ISENABLER + SPI_BASE / 8 + 4 * w);
    }
    spis.known = true;
}

/* Is it routed to this CPU, and of higher priority than the best so far? A CPU's affinity is its number. */
static bool better_spi(uint32_t cpu, uint32_t intid, uint8_t *priority)
{
    uint8_t its = (uint8_t)(gicd(GICD_IPRIORITYR + (intid & ~3u)) >> 8 * (intid & 3));
    if (its >= *priority || qtest_read(GICD_PHYS + GICD_IROUTER + 8 * intid, 8) != cpu) {
        return false;
    }
    *priority = its;
    return true;
}

static void best_spi(uint32_t cpu, uint32_t *found, uint8_t *priority)
{
    look_at_spis();
    for (uint32_t w = 0; w < SPI_WORDS; w++) {
        const uint32_t at = SPI_BASE / 8 + 4 * w;
        uint32_t ready = spis.enabled[w];
        ready = ready == 0 ? 0 : ready & gicd(GICD_ISPENDR + at) & ~gicd(GICD_ISACTIVER + at);
        for (uint32_t b = 0; ready >> b != 0 && b < 32; b++) {
            const uint32_t intid = SPI_BASE + 32 * w + b;
            if ((ready >> b & 1) != 0 && better_spi(cpu, intid, priority)) {
                *found = intid;
            }
        }
    }
}

/* Not pending any more, but for a level that stands, and active or not. */
static void spi_active(uint32_t intid, bool active)
{
    const uint32_t at = intid / 32 * 4, bit = 1u << intid % 32;
    if (active) {
        qtest_write(GICD_PHYS + GICD_ICPENDR + at, 4, bit);
    }
    qtest_write(GICD_PHYS + (active ? GICD_ISACTIVER : GICD_ICACTIVER) + at, 4, bit);
}

/* ---- the best of all ---- */

/* The best pending and enabled interrupt this CPU would take; SPURIOUS: none. */
static uint32_t best(uint32_t cpu, uint8_t *out_priority)
{
    struct cpu *c = &cpus[cpu];
    uint32_t found = SPURIOUS;
    look(cpu);
    *out_priority = (uint8_t)(c->pmr < running(c) ? c->pmr : running(c));
    if (c->igrpen1 != 0) {
        best_spi(cpu, &found, out_priority);
    }
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
    if (intid == SPURIOUS || c->depth == sizeof(c->running) / sizeof(c->running[0])) {
        return SPURIOUS;
    }
    if (intid < LPI_BASE) {
        spi_active(intid, true);
    } else {
        (void)__atomic_fetch_and(&c->pending[intid / 8], (uint8_t) ~(1u << intid % 8),
                                 __ATOMIC_ACQ_REL);
    }
    c->running[c->depth].intid = intid;
    c->running[c->depth++].priority = priority;
    taken++;
    return intid;
}

static void end(struct cpu *c, uint64_t intid)
{
    if (c->depth == 0 || c->running[c->depth - 1].intid != intid) {
        fprintf(stderr, "cpuif: EOIR of %llu, which is not the last active\n",
                (unsigned long long)intid);
        return;
    }
    c->depth--;
    if (intid < LPI_BASE) {
        spi_active((uint32_t)intid, false);
    }
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
