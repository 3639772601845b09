/* SPDX-License-Identifier: MIT */
/*
 * Tables from one owner of the machine to the next. A redistributor whose EnableLPIs cannot be cleared goes on with
 * the tables it has (L32): they are used where the kernel says that their memory was reserved, and listed for whoever
 * comes after. IHI0069 5.1, 12.11.
 */
#include "lpi.h"

#include "gic_lpi_regs.h"

uint64_t umsi_lpi_left(struct umsi *u, const volatile void *rd)
{
    const bool on = (umsi_read32(u, rd, GICR_CTLR) & GICR_CTLR_ENABLE_LPIS) != 0;
    return on ? umsi_read64(u, rd, GICR_PROPBASER) : 0;
}

/* ---- taking over ---- */

uint32_t umsi_lpi_left_bits(uint64_t left, uint32_t bits)
{
    const uint32_t said = GICR_PROPBASER_IDBITS(left) + 1;
    return said < bits ? said : bits;
}

enum umsi_status umsi_lpi_left_config(struct umsi_lpi *lpi)
{
    const size_t bytes = ((size_t)1 << lpi->bits) - UMSI_LPI_FIRST;
    const umsi_bus at = lpi->left & GICR_PROPBASER_ADDRESS;
    void *va = lpi->reserved(lpi->ctx, at, bytes);
    if (va == NULL) {
        umsi_log(
            lpi->umsi, UMSI_LOG_ERROR,
            "lpi: GICR_PROPBASER 0x%lx was left with EnableLPIs 1, and its table is not in reserved "
            "memory: reserve it, or boot with LPIs off",
            lpi->left);
        return UMSI_STATE;
    }
    lpi->config = (struct umsi_dma){ va, at, at, bytes };
    return UMSI_OK;
}

/* Two redistributors with one table would spoil it for both. Locked. */
static bool is_anybodys(const struct umsi_lpi *lpi, umsi_cpu cpu, umsi_bus at)
{
    bool found = false;
    for (umsi_cpu other = 0; other < lpi->umsi->port.nr_cpus; other++) {
        found = found || (other != cpu && lpi->cpu[other].left == at);
    }
    return found;
}

bool umsi_lpi_left_pending(struct umsi_lpi *lpi, umsi_cpu cpu, umsi_bus at)
{
    if (lpi->left == 0 || at == 0 ||
        lpi->reserved(lpi->ctx, at, umsi_lpi_pending_bytes(lpi)) == NULL) {
        return false;
    }
    const umsi_irqstate s = umsi_lock_take(lpi->umsi, &lpi->lock);
    const bool ok = !is_anybodys(lpi, cpu, at);
    if (ok) {
        lpi->cpu[cpu].left = at;
    }
    umsi_lock_drop(lpi->umsi, &lpi->lock, s);
    return ok;
}

/* ---- handing over ---- */

static bool is_on(struct umsi_lpi *lpi, umsi_cpu cpu)
{
    const volatile void *rd = lpi->cpu[cpu].rd;
    return rd != NULL && umsi_lpi_left(lpi->umsi, rd) != 0;
}

static struct umsi_dma pending_of(const struct umsi_lpi *lpi, umsi_cpu cpu)
{
    const umsi_bus left = lpi->cpu[cpu].left;
    const size_t bytes = umsi_lpi_pending_bytes(lpi);
    if (left == 0) {
        return lpi->pending[cpu];
    }
    return (struct umsi_dma){ lpi->reserved(lpi->ctx, left, bytes), left, left, bytes };
}

enum umsi_status umsi_lpi_get_tables(struct umsi_lpi *lpi, struct umsi_dma *out, uint32_t room,
                                     uint32_t *out_n)
{
    uint32_t n = 0;
    if (lpi == NULL || out == NULL || out_n == NULL) {
        return UMSI_INVALID;
    }
    for (umsi_cpu cpu = 0; lpi->own_tables && cpu < lpi->umsi->port.nr_cpus; cpu++) {
        n += is_on(lpi, cpu);
    }
    if (!lpi->own_tables || n + (n != 0) > room) {
        return lpi->own_tables ? UMSI_NOSPACE : UMSI_UNSUPPORTED;
    }
    *out_n = n + (n != 0);
    for (umsi_cpu cpu = lpi->umsi->port.nr_cpus; n != 0; cpu--) {
        if (is_on(lpi, cpu - 1)) {
            out[n--] = pending_of(lpi, cpu - 1);
            out[0] = lpi->config;
        }
    }
    return UMSI_OK;
}

enum umsi_status umsi_lpi_hand_over(struct umsi_lpi *lpi, struct umsi_dma *out, uint32_t room,
                                    uint32_t *out_n)
{
    enum umsi_status st = umsi_lpi_get_tables(lpi, out, room, out_n);
    st = st != UMSI_OK ? st : umsi_lpi_withdraw(lpi);
    if (st != UMSI_OK) {
        return st;
    }
    for (umsi_cpu cpu = 0; cpu < lpi->umsi->port.nr_cpus; cpu++) {
        if (is_on(lpi, cpu) && lpi->cpu[cpu].left == 0) {
            lpi->pending[cpu].va = NULL; /* the caller's: umsi_dma_put() passes it by */
        }
    }
    umsi_lpi_tables_exit(lpi, *out_n != 0);
    umsi_lpi_release_memory(lpi);
    return UMSI_OK;
}
