/* SPDX-License-Identifier: MIT */
/*
 * A kernel's own GICv3 driver: distributor, redistributors, CPU interface, IAR and EOIR, SGIs and PPIs.
 * IHI0069, chapter 12. It knows nothing of LPIs; gic_dispatch() leaves them to others.
 */
#include "cpu.h"
#include "mmu.h"
#include "timer.h"
#include "gicv3.h"

#define FRAME           0x10000u
#define GICD_CTLR       0x0000u
#define GICD_TYPER      0x0004u
#define GICD_IGROUPR    0x0080u
#define GICD_ICENABLER  0x0180u
#define GICR_CTLR       0x0000u
#define GICR_TYPER      0x0008u
#define GICR_WAKER      0x0014u
#define GICR_IGROUPR0   (FRAME + 0x0080u) /* in the SGI frame */
#define GICR_ISENABLER0 (FRAME + 0x0100u)
#define GICR_ICENABLER0 (FRAME + 0x0180u)
#define GICR_IPRIORITYR (FRAME + 0x0400u)

#define CTLR_GROUP1   (1u << 1) /* EnableGrp1, or EnableGrp1A as seen from the Non-secure side */
#define CTLR_ARE      (1u << 4)
#define GICD_CTLR_RWP (1u << 31)
#define GICR_CTLR_RWP (1u << 3)
#define TYPER_VLPIS   (1u << 1)
#define TYPER_LAST    (1u << 4)
#define WAKER_SLEEP   (1u << 1)
#define WAKER_ASLEEP  (1u << 2)
#define ALL           0xffffffffu
#define PRIORITIES    0xa0a0a0a0u
#define DEADLINE_US   1000000u

#define ICC_PMR_EL1     S3_0_C4_C6_0
#define ICC_SGI1R_EL1   S3_0_C12_C11_5
#define ICC_BPR1_EL1    S3_0_C12_C12_3
#define ICC_CTLR_EL1    S3_0_C12_C12_4
#define ICC_SRE_EL1     S3_0_C12_C12_5
#define ICC_IGRPEN1_EL1 S3_0_C12_C12_7

static volatile uint8_t *gicd;
static struct umsi_range region[UMSI_PLATFORM_MAX_REGIONS];
static uint32_t nr_regions;
static uint64_t stride;
static struct {
    volatile uint8_t *rd;
    uint64_t affinity;
} cpus[UMSI_MAX_CPUS];
static gic_handler handlers[32];

static uint32_t read32(volatile uint8_t *base, uint32_t offset)
{
    return *(volatile uint32_t *)(base + offset);
}

static void write32(volatile uint8_t *base, uint32_t offset, uint32_t value)
{
    *(volatile uint32_t *)(base + offset) = value;
}

/* Until the bits of a register are clear. */
static bool settles(volatile uint8_t *base, uint32_t offset, uint32_t bits)
{
    uint64_t start = time_us();
    while ((read32(base, offset) & bits) != 0) {
        if (time_us() - start > DEADLINE_US) {
            return false;
        }
    }
    return true;
}

static bool map_frames(const struct umsi_platform *hw)
{
    bool ok = mmu_map(hw->gicd.base, FRAME, MMU_DEVICE);
    for (uint32_t i = 0; i < hw->nr_redist && ok; i++) {
        region[i] = hw->redist[i];
        ok = mmu_map(region[i].base, region[i].size, MMU_DEVICE);
    }
    gicd = (volatile uint8_t *)(uintptr_t)hw->gicd.base;
    nr_regions = hw->nr_redist;
    stride = hw->redist_stride;
    return ok;
}

bool gic_init(const struct umsi_platform *hw)
{
    if (!map_frames(hw)) {
        return false;
    }
    write32(gicd, GICD_CTLR, 0);
    if (!settles(gicd, GICD_CTLR, GICD_CTLR_RWP)) {
        return false;
    }
    uint32_t words = (read32(gicd, GICD_TYPER) & 31) + 1; /* ITLinesNumber, in 32s */
    write32(gicd, GICD_CTLR, CTLR_ARE);
    for (uint32_t i = 1; i < words; i++) {
        write32(gicd, GICD_ICENABLER + 4 * i, ALL);
        write32(gicd, GICD_IGROUPR + 4 * i, ALL);
    }
    write32(gicd, GICD_CTLR, CTLR_ARE | CTLR_GROUP1);
    return settles(gicd, GICD_CTLR, GICD_CTLR_RWP);
}

/* GICR_TYPER.Affinity_Value packs Aff3:Aff2:Aff1:Aff0 into 32 bits. */
static uint32_t packed(uint64_t affinity)
{
    return (uint32_t)(affinity & 0xffffff) | (uint32_t)(affinity >> 32) << 24;
}

static volatile uint8_t *find_redistributor(uint64_t affinity)
{
    for (uint32_t i = 0; i < nr_regions; i++) {
        uint64_t at = region[i].base, end = at + region[i].size;
        while (at < end) {
            volatile uint8_t *rd = (volatile uint8_t *)(uintptr_t)at;
            uint32_t typer = read32(rd, GICR_TYPER);
            if (read32(rd, GICR_TYPER + 4) == packed(affinity)) {
                return rd;
            }
            if ((typer & TYPER_LAST) != 0) {
                break;
            }
            at += stride != 0 ? stride : (typer & TYPER_VLPIS) != 0 ? 4 * FRAME : 2 * FRAME;
        }
    }
    return NULL;
}

static bool open_redistributor(volatile uint8_t *rd)
{
    write32(rd, GICR_WAKER, read32(rd, GICR_WAKER) & ~WAKER_SLEEP);
    if (!settles(rd, GICR_WAKER, WAKER_ASLEEP)) {
        return false;
    }
    write32(rd, GICR_ICENABLER0, ALL);
    write32(rd, GICR_IGROUPR0, ALL);
    for (uint32_t i = 0; i < 8; i++) {
        write32(rd, GICR_IPRIORITYR + 4 * i, PRIORITIES);
    }
    return settles(rd, GICR_CTLR, GICR_CTLR_RWP);
}

bool gic_cpu_init(unsigned cpu)
{
    uint64_t affinity = READ_SYSREG(mpidr_el1) & MPIDR_AFFINITY;
    volatile uint8_t *rd = find_redistributor(affinity);
    WRITE_ICC(ICC_SRE_EL1, READ_ICC(ICC_SRE_EL1) | 1);
    if (rd == NULL || (READ_ICC(ICC_SRE_EL1) & 1) == 0 || !open_redistributor(rd)) {
        return false;
    }
    WRITE_ICC(ICC_PMR_EL1, 0xff);
    WRITE_ICC(ICC_BPR1_EL1, 0);
    WRITE_ICC(ICC_CTLR_EL1, 0); /* EOIR drops the priority and deactivates */
    WRITE_ICC(ICC_IGRPEN1_EL1, 1);
    cpus[cpu].affinity = affinity;
    __atomic_store_n(&cpus[cpu].rd, rd, __ATOMIC_RELEASE);
    return true;
}

volatile void *gic_redistributor(unsigned cpu)
{
    return cpus[cpu].rd;
}

/* 4.8.1 and 12.11 GICR_WAKER: the groups are off before the redistributor goes to sleep. */
void gic_cpu_close(void)
{
    volatile uint8_t *rd = cpus[this_cpu()->index].rd;
    WRITE_ICC(ICC_IGRPEN1_EL1, 0);
    __atomic_store_n(&cpus[this_cpu()->index].rd, NULL, __ATOMIC_RELEASE);
    write32(rd, GICR_WAKER, read32(rd, GICR_WAKER) | WAKER_SLEEP);
}

void gic_handle(uint32_t intid, gic_handler handler)
{
    handlers[intid] = handler;
}

void gic_enable(uint32_t intid)
{
    write32(cpus[this_cpu()->index].rd, GICR_ISENABLER0, 1u << intid);
}

void gic_dispatch(uint32_t intid)
{
    if (intid < 32 && handlers[intid] != NULL) {
        handlers[intid]();
    }
}

void gic_send(unsigned cpu, uint32_t sgi)
{
    if (__atomic_load_n(&cpus[cpu].rd, __ATOMIC_ACQUIRE) == NULL) {
        return;
    }
    uint64_t a = cpus[cpu].affinity, aff0 = a & 255;
    uint64_t value = (a >> 32 & 255) << 48 | (aff0 >> 4) << 44 | (a >> 16 & 255) << 32 |
                     (uint64_t)sgi << 24 | (a >> 8 & 255) << 16 | 1ull << (aff0 & 15);
    __asm__ volatile("dsb ishst" ::: "memory");
    WRITE_ICC(ICC_SGI1R_EL1, value);
}
