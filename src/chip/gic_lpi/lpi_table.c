/* SPDX-License-Identifier: MIT */
/*
 * The LPI Configuration table, one byte for each LPI, and the LPI Pending tables, one for each CPU there can
 * ever be. IHI0069 5.1.1 and 5.1.2. Every byte says "enabled" before a redistributor sees the table, so
 * bringing a vector up needs neither a write nor an INV.
 */
#include "lpi.h"

#include "gic_lpi_regs.h"

size_t umsi_lpi_pending_bytes(const struct umsi_lpi *lpi)
{
    const size_t bytes = ((size_t)1 << lpi->bits) / 8;
    return bytes < GIC_LPI_PENDING_ALIGN ? GIC_LPI_PENDING_ALIGN : bytes;
}

static bool get_pending(struct umsi_lpi *lpi)
{
    const uint32_t nr_cpus = lpi->umsi->port.nr_cpus;
    lpi->pending = umsi_alloc(lpi->umsi, nr_cpus * sizeof(*lpi->pending));
    if (lpi->pending == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < nr_cpus; i++) {
        if (!umsi_dma_get(lpi->umsi, umsi_lpi_pending_bytes(lpi), GIC_LPI_PENDING_ALIGN,
                          &lpi->pending[i])) {
            return false;
        }
        /* PENDBASER.PTZ promises zeroes; a redistributor may not snoop (L33). */
        umsi_clean(lpi->umsi, lpi->pending[i].va, lpi->pending[i].size);
    }
    return true;
}

static enum umsi_status get_config(struct umsi_lpi *lpi)
{
    const size_t bytes = ((size_t)1 << lpi->bits) - UMSI_LPI_FIRST;
    if (UMSI_WITH_SLEEP && lpi->left != 0) {
        return umsi_lpi_left_config(lpi);
    }
    return umsi_dma_get(lpi->umsi, bytes, GIC_LPI_CONFIG_ALIGN, &lpi->config) ? UMSI_OK
                                                                              : UMSI_NOMEM;
}

enum umsi_status umsi_lpi_tables_init(struct umsi_lpi *lpi)
{
    if (!lpi->own_tables) {
        return UMSI_OK;
    }
    const enum umsi_status st = get_config(lpi);
    if (st != UMSI_OK || !get_pending(lpi)) {
        return st != UMSI_OK ? st : UMSI_NOMEM; /* umsi_lpi_tables_exit() sees to what is there */
    }
    /* What is beyond our INTIDs, in a table that was left, stays off. */
    memset(lpi->config.va, (uint8_t)(lpi->byte & ~GIC_LPI_BYTE_ENABLE), lpi->config.size);
    memset(lpi->config.va, lpi->byte, lpi->count);
    umsi_clean(lpi->umsi, lpi->config.va, lpi->config.size);
    lpi->table = lpi->config.va;
    return UMSI_OK;
}

void umsi_lpi_tables_exit(struct umsi_lpi *lpi, bool keep_config)
{
    const uint32_t nr_cpus = lpi->umsi->port.nr_cpus;
    if (!keep_config && lpi->left == 0) {
        umsi_dma_put(lpi->umsi, &lpi->config);
    }
    for (uint32_t i = 0; lpi->pending != NULL && i < nr_cpus; i++) {
        umsi_dma_put(lpi->umsi, &lpi->pending[i]);
    }
    umsi_free(lpi->umsi, lpi->pending, nr_cpus * sizeof(*lpi->pending));
    lpi->pending = NULL;
}

uint8_t umsi_lpi_read_byte(const struct umsi_lpi *lpi, uint32_t intid)
{
    return lpi->table[intid - UMSI_LPI_FIRST];
}

void umsi_lpi_write_byte(struct umsi_lpi *lpi, uint32_t intid, uint8_t byte)
{
    volatile uint8_t *at = &lpi->table[intid - UMSI_LPI_FIRST];
    *at = byte;
    if (__atomic_load_n(&lpi->non_coherent, __ATOMIC_RELAXED) != 0) {
        umsi_clean(lpi->umsi, (const void *)(uintptr_t)at, 1);
    }
    umsi_trace(lpi->umsi, UMSI_TRACE_LPI_BYTE, lpi, intid, byte, 0, 0);
}

bool umsi_lpi_enable(struct umsi_lpi *lpi, struct umsi_irq *irq, bool on)
{
    const uint8_t want = on ? lpi->byte : (uint8_t)(lpi->byte & ~GIC_LPI_BYTE_ENABLE);
    if (umsi_lpi_read_byte(lpi, umsi_lpi_intid(irq)) == want) {
        return false;
    }
    umsi_lpi_write_byte(lpi, umsi_lpi_intid(irq), want);
    umsi_lpi_mark(irq, LPI_NEEDS_INV);
    return true;
}
