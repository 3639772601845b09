/* SPDX-License-Identifier: MIT */
/*
 * Redistributors: finding them in regions of frames, waking one and putting it to sleep, and a clean start
 * for its SGIs and PPIs. IHI0069, 12.10 and 12.11. Extended PPIs (GICR_TYPER.PPInum) are not used.
 */
#include "internal.h"

bool umsi_gicv3_redist_valid(struct umsi_gicv3 *gic, const volatile void *rd)
{
    uint32_t rev = GIC_PIDR2_ArchRev(umsi_read32(gic->umsi, rd, GIC_PIDR2));

    return rev == GIC_ArchRev_v3 || rev == GIC_ArchRev_v4;
}

/*
 * One region, up to GICR_TYPER.Last, or to the region's end where firmware lists redistributors one by one
 * and Last is not set, or to the first frame that is none. Returns how many; stores those below `room`.
 */
static uint32_t walk(struct umsi_gicv3 *gic, const struct umsi_gicv3_region *r,
                     struct umsi_gicv3_redist *out, uint32_t room)
{
    uint32_t n = 0;
    uint64_t at = 0;

    while (r->size >= 2 * GICR_FRAME && at <= r->size - 2 * GICR_FRAME) {
        volatile void *rd = (volatile char *)r->base + at;
        uint64_t typer;
        if (!umsi_gicv3_redist_valid(gic, rd)) {
            umsi_log(gic->umsi, UMSI_LOG_WARN, "GICv3: no redistributor at %lx (GICR_PIDR2)",
                     r->phys + at);
            break;
        }
        typer = umsi_read64(gic->umsi, rd, GICR_TYPER);
        if (n < room) {
            out[n] = (struct umsi_gicv3_redist){ rd, r->phys + at, GICR_TYPER_Affinity(typer) };
        }
        n++;
        if ((typer & GICR_TYPER_Last) != 0) {
            break;
        }
        at += r->stride != 0 ? r->stride : umsi_gicv3_redist_bytes(typer);
    }
    return n;
}

static enum umsi_status count(struct umsi_gicv3 *gic, const struct umsi_gicv3_config *config,
                              uint32_t *out_n)
{
    uint32_t total = 0;

    for (uint32_t i = 0; i < config->nr_regions; i++) {
        uint32_t n = walk(gic, &config->regions[i], NULL, 0);
        if (n == 0) {
            umsi_log(gic->umsi, UMSI_LOG_ERROR,
                     "GICv3: region %u at %lx, size %lx, has no redistributor", i,
                     config->regions[i].phys, config->regions[i].size);
            return UMSI_CORRUPT;
        }
        total += n;
    }
    *out_n = total;
    return UMSI_OK;
}

/* Once, at create, so that a CPU coming up reads no frame but its own. */
enum umsi_status umsi_gicv3_redist_walk(struct umsi_gicv3 *gic,
                                        const struct umsi_gicv3_config *config)
{
    uint32_t n = 0, at = 0;
    enum umsi_status st = count(gic, config, &n);

    if (st != UMSI_OK || n == 0) {
        return st;
    }
    gic->redists = umsi_alloc(gic->umsi, n * sizeof(gic->redists[0]));
    if (gic->redists == NULL) {
        return UMSI_NOMEM;
    }
    gic->nr_redists = n;
    for (uint32_t i = 0; i < config->nr_regions && at < n; i++) {
        at += walk(gic, &config->regions[i], gic->redists + at, n - at);
    }
    return UMSI_OK;
}

const struct umsi_gicv3_redist *umsi_gicv3_redist_find(const struct umsi_gicv3 *gic,
                                                       uint32_t affinity)
{
    for (uint32_t i = 0; i < gic->nr_redists; i++) {
        if (gic->redists[i].rd != NULL && gic->redists[i].affinity == affinity) {
            return &gic->redists[i];
        }
    }
    return NULL;
}

static enum umsi_status wait_children(struct umsi_gicv3 *gic, volatile void *rd, bool asleep)
{
    return umsi_gicv3_poll(gic, rd, GICR_WAKER, GICR_WAKER_ChildrenAsleep,
                           asleep ? GICR_WAKER_ChildrenAsleep : 0, "GICR_WAKER.ChildrenAsleep");
}

/*
 * With two Security states GICR_WAKER reads 0 here and firmware does this; then nothing is written.
 * ProcessorSleep must not go to 0 before ChildrenAsleep is 1 (12.11, GICR_WAKER).
 */
enum umsi_status umsi_gicv3_redist_wake(struct umsi_gicv3 *gic, volatile void *rd)
{
    uint32_t waker = umsi_read32(gic->umsi, rd, GICR_WAKER);

    if ((waker & GICR_WAKER_ProcessorSleep) != 0) {
        enum umsi_status st = wait_children(gic, rd, true);
        if (st != UMSI_OK) {
            return st;
        }
        umsi_write32(gic->umsi, rd, GICR_WAKER, waker & ~GICR_WAKER_ProcessorSleep);
    }
    return wait_children(gic, rd, false);
}

/* After the CPU interface's groups are disabled, as GICR_WAKER demands. */
enum umsi_status umsi_gicv3_redist_sleep(struct umsi_gicv3 *gic, volatile void *rd)
{
    uint32_t waker = umsi_read32(gic->umsi, rd, GICR_WAKER);

    umsi_write32(gic->umsi, rd, GICR_WAKER, waker | GICR_WAKER_ProcessorSleep);
    if ((umsi_read32(gic->umsi, rd, GICR_WAKER) & GICR_WAKER_ProcessorSleep) == 0) {
        return UMSI_OK; /* it is firmware's */
    }
    return wait_children(gic, rd, true);
}

/* RWP covers GICR_ICENABLER0 (12.11, GICR_CTLR.RWP). */
enum umsi_status umsi_gicv3_redist_wait(struct umsi_gicv3 *gic, volatile void *rd)
{
    return umsi_gicv3_poll(gic, rd, GICR_CTLR, GICR_CTLR_RWP, 0, "GICR_CTLR.RWP");
}

/* All SGIs and PPIs disabled, and known to be. */
enum umsi_status umsi_gicv3_redist_quiet(struct umsi_gicv3 *gic, volatile void *rd)
{
    umsi_write32(gic->umsi, rd, GICR_ICENABLER0, UINT32_MAX);
    return umsi_gicv3_redist_wait(gic, rd);
}

/* Group 1, and the one priority. */
void umsi_gicv3_redist_group(struct umsi_gicv3 *gic, volatile void *rd)
{
    umsi_write32(gic->umsi, rd, GICR_IGROUPR0, UINT32_MAX);
    for (uint32_t intid = 0; intid < GIC_FIRST_SPI; intid += 4) {
        umsi_write32(gic->umsi, rd, umsi_gicv3_field(GICR_IPRIORITYR, 8, intid).offset,
                     GICV3_PRIORITY * 0x01010101u);
    }
}

enum umsi_status umsi_gicv3_redist_init(struct umsi_gicv3 *gic, volatile void *rd)
{
    struct umsi *u = gic->umsi;
    enum umsi_status st = umsi_gicv3_redist_quiet(gic, rd);

    if (st != UMSI_OK) {
        return st;
    }
    umsi_gicv3_redist_group(gic, rd);
    umsi_write32(u, rd, GICR_ICACTIVER0, UINT32_MAX);
    umsi_write32(u, rd, GICR_ICPENDR0, UINT32_MAX);
    return UMSI_OK;
}
