/* SPDX-License-Identifier: MIT */
/*
 * LPIs at a redistributor: what is pending, and the configuration bytes it has read. IHI0069 5.1.1 lets it
 * keep a byte for as long as it likes, until an INV, INVALL or INVLPIR; this one does. By default it reads
 * all of them when EnableLPIs is set, the earliest it may; with `lazy_config` each at its first use.
 */
#include <stdlib.h>
#include <string.h>

#include "machine.h"

#define ADDRESS(reg, low) ((reg) & (((uint64_t)1 << 52) - ((uint64_t)1 << (low))))

static uint32_t nr_lpis(const struct model *m)
{
    return (1u << m->cfg.id_bits) - MODEL_LPI_BASE;
}

bool lpis_init(struct model *m, struct cpu *c)
{
    c->lpis.config = calloc(nr_lpis(m), 1);
    c->lpis.cached = calloc(nr_lpis(m), 1);
    c->lpis.pending = calloc(((size_t)1 << m->cfg.id_bits) / 64, sizeof(uint64_t));
    return c->lpis.config != NULL && c->lpis.cached != NULL && c->lpis.pending != NULL;
}

void lpis_exit(struct cpu *c)
{
    free(c->lpis.config);
    free(c->lpis.cached);
    free(c->lpis.pending);
}

/* ---- configuration ---- */

static uint64_t config_phys(const struct cpu *c, uint32_t intid)
{
    return ADDRESS(c->propbaser, 12) + (intid - MODEL_LPI_BASE);
}

static void load(struct model *m, struct cpu *c, uint32_t intid)
{
    uint32_t n = intid - MODEL_LPI_BASE;
    const uint8_t *p = memory_at(m, config_phys(c, intid), 1);
    if (p == NULL) {
        breach(m, "L32", "IHI0069 5.1.1",
               "configuration of LPI %u read from memory that is not allocated", intid);
    }
    c->lpis.config[n] = p == NULL ? 0 : *p;
    c->lpis.cached[n] = 1;
}

uint8_t lpi_config_of(struct model *m, struct cpu *c, uint32_t intid)
{
    if (c->lpis.cached[intid - MODEL_LPI_BASE] == 0) {
        load(m, c, intid);
    }
    return c->lpis.config[intid - MODEL_LPI_BASE];
}

void lpi_invalidate(struct model *m, struct cpu *c, uint32_t intid)
{
    c->lpis.cached[intid - MODEL_LPI_BASE] = 0;
    if (!m->cfg.lazy_config && gicr_lpis_on(c)) {
        load(m, c, intid);
    }
}

void lpi_invalidate_all(struct model *m, struct cpu *c)
{
    uint64_t limit = gicr_intid_limit(m, c);
    uint64_t n = limit <= MODEL_LPI_BASE ? 0 : limit - MODEL_LPI_BASE;
    const uint8_t *p = memory_at(m, ADDRESS(c->propbaser, 12), n);
    memset(c->lpis.cached, 0, nr_lpis(m));
    if (!m->cfg.lazy_config && gicr_lpis_on(c) && p != NULL) {
        memcpy(c->lpis.config, p, n);
        memset(c->lpis.cached, 1, n);
    }
}

bool lpi_config_current(struct model *m, struct cpu *c, uint32_t intid)
{
    uint64_t phys = config_phys(c, intid);
    if (!memory_clean_at(m, phys, 1)) {
        return false;
    }
    return c->lpis.cached[intid - MODEL_LPI_BASE] == 0 ||
           c->lpis.config[intid - MODEL_LPI_BASE] == *memory_at(m, phys, 1);
}

/* ---- pending ---- */

/* The pending table in memory follows at once: a table that was freed too early shows. */
static void store_pending(struct model *m, struct cpu *c, uint32_t intid, bool pending)
{
    uint8_t *p = memory_at(m, ADDRESS(c->pendbaser, 16) + intid / 8, 1);
    if (p == NULL) {
        breach(m, "L32", "IHI0069 5.1.2", "pending table of CPU %u is not allocated", c->index);
        return;
    }
    *p = (uint8_t)((*p & ~(1u << (intid % 8))) | ((uint32_t)pending << (intid % 8)));
}

bool lpi_is_pending(const struct cpu *c, uint32_t intid)
{
    return ((c->lpis.pending[intid / 64] >> (intid % 64)) & 1) != 0;
}

void lpi_set_pending(struct model *m, struct cpu *c, uint32_t intid, bool pending)
{
    if (lpi_is_pending(c, intid) == pending) {
        return;
    }
    c->lpis.pending[intid / 64] ^= (uint64_t)1 << (intid % 64);
    c->lpis.nr_pending += pending ? 1u : UINT32_MAX;
    store_pending(m, c, intid, pending);
}

void lpis_enable(struct model *m, struct cpu *c)
{
    uint64_t limit = gicr_intid_limit(m, c);
    const uint8_t *p = memory_at(m, ADDRESS(c->pendbaser, 16), limit / 8);
    lpi_invalidate_all(m, c);
    for (uint64_t i = MODEL_LPI_BASE; p != NULL && i < limit; i++) {
        bool was = ((p[i / 8] >> (i % 8)) & 1) != 0;
        if (was != lpi_is_pending(c, (uint32_t)i)) {
            c->lpis.pending[i / 64] ^= (uint64_t)1 << (i % 64);
            c->lpis.nr_pending += was ? 1u : UINT32_MAX;
        }
    }
}

/* The pending state is in memory already; what is here goes. */
void lpis_disable(struct model *m, struct cpu *c)
{
    memset(c->lpis.pending, 0, ((size_t)1 << m->cfg.id_bits) / 8);
    memset(c->lpis.cached, 0, nr_lpis(m));
    c->lpis.nr_pending = 0;
}

bool lpi_best(struct model *m, struct cpu *c, uint32_t *out_intid, uint8_t *out_priority)
{
    bool found = false;
    uint32_t words = (1u << m->cfg.id_bits) / 64, left = c->lpis.nr_pending;
    for (uint32_t w = MODEL_LPI_BASE / 64; left != 0 && w < words; w++) {
        for (uint64_t bits = c->lpis.pending[w]; bits != 0; bits &= bits - 1) {
            uint32_t intid = w * 64 + (uint32_t)__builtin_ctzll(bits);
            uint8_t config = lpi_config_of(m, c, intid);
            uint8_t priority = config & irq_priority_mask();
            left--;
            if ((config & 1) != 0 && (!found || priority < *out_priority)) {
                *out_intid = intid;
                *out_priority = priority;
                found = true;
            }
        }
    }
    return found;
}

/* ---- for tests ---- */

static bool in_range(const struct model *m, umsi_cpu cpu, uint32_t intid)
{
    return cpu < m->cfg.nr_cpus && intid >= MODEL_LPI_BASE && intid < 1u << m->cfg.id_bits;
}

bool model_lpi_pending(struct model *m, umsi_cpu cpu, uint32_t intid)
{
    return in_range(m, cpu, intid) && lpi_is_pending(&m->cpu[cpu], intid);
}

bool model_lpi_config(struct model *m, umsi_cpu cpu, uint32_t intid, uint8_t *out_byte)
{
    if (!in_range(m, cpu, intid) || !gicr_lpis_on(&m->cpu[cpu])) {
        return false;
    }
    *out_byte = lpi_config_of(m, &m->cpu[cpu], intid);
    return true;
}

void model_lpi_raise(struct model *m, umsi_cpu cpu, uint32_t intid)
{
    if (in_range(m, cpu, intid) && gicr_lpis_on(&m->cpu[cpu])) {
        lpi_set_pending(m, &m->cpu[cpu], intid, true);
    }
}
