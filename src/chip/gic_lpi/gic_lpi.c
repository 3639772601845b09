/* SPDX-License-Identifier: MIT */
/*
 * The LPI space: its creation and end, its domain (the root below every ITS), and dispatch of an INTID.
 * IHI0069 chapter 5.1.
 */
#include "lpi.h"

#include "../../core/home.h"
#include "gic_lpi_regs.h"

#define DEFAULT_BITS     16u
#define DEFAULT_PRIORITY 0xa0u
#define LEAST_BITS       14u /* every GIC with LPIs has 8192 of them */
#define MOST_BITS        24u /* IHI0069 2.2: an INTID has at most 24 bits */

/* ---- the domain ---- */

static struct umsi_lpi *of(struct umsi_domain *d)
{
    return UMSI_CONTAINER_OF(d, struct umsi_lpi, domain);
}

static enum umsi_status lpi_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                  const struct umsi_alloc_info *info, struct umsi_batch *batch)
{
    (void)info;
    (void)batch;
    return umsi_lpi_ids_take(of(d), v, n);
}

static void lpi_free(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                     struct umsi_batch *batch)
{
    (void)batch;
    for (uint32_t i = 0; i < n; i++) {
        umsi_lpi_ids_give(of(d), v[i]);
    }
}

static enum umsi_status lpi_activate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                     struct umsi_batch *batch)
{
    (void)batch;
    for (uint32_t i = 0; i < n; i++) {
        umsi_lpi_publish(of(d), v[i]);
    }
    return UMSI_OK;
}

/* Before the core waits for dispatches that may hold the descriptor, so that none can find it after (L59). */
static void lpi_deactivate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                           struct umsi_batch *batch)
{
    (void)batch;
    for (uint32_t i = 0; i < n; i++) {
        umsi_lpi_unpublish(of(d), v[i]);
    }
}

static const char *explain_byte(struct umsi_lpi *lpi, struct umsi_irq *irq, umsi_print print,
                                void *arg)
{
    const uint32_t intid = umsi_lpi_intid(irq);
    const uint8_t byte = umsi_lpi_read_byte(lpi, intid);
    umsi_printf(print, arg, "LPI %u: configuration byte 0x%02x, priority 0x%02x, %s", intid,
                (uint32_t)byte, (uint32_t)(byte & GIC_LPI_BYTE_PRIORITY),
                (byte & GIC_LPI_BYTE_ENABLE) != 0 ? "enabled" : "disabled");
    return (byte & GIC_LPI_BYTE_ENABLE) != 0 ? NULL
                                             : "its LPI is disabled in the configuration table";
}

static const char *explain_cpu(struct umsi_lpi *lpi, struct umsi_irq *irq, umsi_print print,
                               void *arg)
{
    const struct lpi_cpu *c =
        irq->cpu < lpi->umsi->port.nr_cpus ? umsi_lpi_cpu(lpi, irq->cpu) : NULL;
    if (c == NULL) {
        umsi_printf(print, arg, "LPI %u: its CPU is not online for LPIs", umsi_lpi_intid(irq));
        return "its CPU is not online for LPIs";
    }
    const bool on = (umsi_read32(lpi->umsi, c->rd, GICR_CTLR) & GICR_CTLR_ENABLE_LPIS) != 0;
    umsi_printf(print, arg, "cpu %u: GICR_CTLR.EnableLPIs %u", irq->cpu, on ? 1u : 0u);
    return on ? NULL : "EnableLPIs of its CPU's redistributor is 0";
}

static const char *lpi_explain(struct umsi_domain *d, struct umsi_irq *irq, umsi_print print,
                               void *arg)
{
    const char *byte = explain_byte(of(d), irq, print, arg);
    const char *cpu = explain_cpu(of(d), irq, print, arg);
    return byte != NULL ? byte : cpu;
}

static const struct umsi_domain_ops lpi_ops = {
    .alloc = lpi_alloc,
    .free = lpi_free,
    .activate = lpi_activate,
    .deactivate = lpi_deactivate,
    .suspend = UMSI_IF_SLEEP(umsi_lpi_suspend),
    .resume = UMSI_IF_SLEEP(umsi_lpi_resume),
};

static const struct umsi_chip lpi_chip = {
    .name = "LPI",
    .explain = UMSI_IF_EXPLAIN(lpi_explain),
};

/* ---- dispatch ---- */

static struct umsi_irq *source_lookup(void *arg, uint32_t intid)
{
    const struct umsi_lpi *lpi = arg;
    return umsi_lpi_in(umsi_lpi_slot(lpi, intid - lpi->first)); /* the core looked at the range */
}

static void source_silence(void *arg, uint32_t intid)
{
    struct umsi_lpi *lpi = arg;
    if (umsi_lpi_cut(lpi, intid)) {
        umsi_lpi_invalidate(lpi, umsi_cpu_self(lpi->umsi), intid);
    }
}

/* Within a bracket: what was looked up before may be another's by now. Out of line, so that the short way needs no frame
 * for it. */
static __attribute__((noinline)) void handle_long(struct umsi_lpi *lpi, struct umsi_percpu *pc,
                                                  uint32_t intid)
{
    umsi_bracket_open(pc);
    struct umsi_irq *irq = umsi_lpi_lookup(lpi, intid);
    if (irq != NULL) {
        umsi_deliver_on(lpi->umsi, pc, irq);
    } else if (umsi_unknown(lpi->umsi, intid)) {
        source_silence(lpi, intid);
    }
    umsi_bracket_close(pc);
}

bool umsi_lpi_handle(struct umsi_lpi *lpi, uint32_t intid)
{
    const uint32_t n = intid - lpi->first;
    if (n >= lpi->count) {
        return false;
    }
    struct umsi_percpu *pc = umsi_this_cpu(lpi->umsi);
    const uintptr_t *slot = umsi_lpi_slot(lpi, n);
    struct umsi_irq *irq = umsi_lpi_in(slot);
    if (irq == NULL || !umsi_home_begin(pc, irq, slot)) {
        handle_long(lpi, pc, intid);
    } else if (umsi_home_run(pc, irq)) {
        umsi_home_again(lpi->umsi, pc, irq, slot);
    }
    return true;
}

/* ---- creation ---- */

/* How many INTID bits the hardware has, and past which INTID there are no LPIs. */
static enum umsi_status read_limits(struct umsi *u, const struct umsi_lpi_config *config,
                                    uint32_t *out_bits, uint64_t *out_end)
{
    uint32_t bits = LEAST_BITS;
    uint64_t end = UINT64_MAX;
    if (config->gicd != NULL) {
        const uint32_t typer = umsi_read32(u, config->gicd, GICD_TYPER);
        const uint32_t num = GICD_TYPER_NUM_LPIS(typer);
        bits = GICD_TYPER_IDBITS(typer) + 1;
        if ((typer & GICD_TYPER_LPIS) == 0 || bits < LEAST_BITS) {
            umsi_log(u, UMSI_LOG_ERROR, "lpi: GICD_TYPER 0x%x: no LPIs", typer);
            return UMSI_UNSUPPORTED;
        }
        end = num == 0 ? end : UMSI_LPI_FIRST + (UINT64_C(2) << num);
    }
    *out_bits = bits > MOST_BITS ? MOST_BITS : bits;
    *out_end = end;
    return UMSI_OK;
}

/* The range on tables of our own. */
static enum umsi_status own_range(struct umsi_lpi *lpi, uint32_t want, uint32_t bits, uint64_t end)
{
    const uint32_t most = bits > DEFAULT_BITS ? DEFAULT_BITS : bits;
    lpi->bits = want == 0 ? most : want;
    if (lpi->bits < LEAST_BITS || lpi->bits > bits) {
        return UMSI_RANGE;
    }
    const uint64_t all = UINT64_C(1) << lpi->bits;
    lpi->first = UMSI_LPI_FIRST;
    lpi->count = (uint32_t)((end < all ? end : all) - UMSI_LPI_FIRST);
    lpi->bits = lpi->left != 0 ? bits : lpi->bits; /* as wide as the tables are */
    return UMSI_OK;
}

/* Tables that were left behind: what redistributors are told of them is not to be changed. */
static enum umsi_status take_left(struct umsi_lpi *lpi, const struct umsi_lpi_config *config,
                                  uint32_t *bits)
{
    if (config->left == 0 || !UMSI_WITH_SLEEP) {
        return config->left == 0 ? UMSI_OK : UMSI_UNSUPPORTED;
    }
    *bits = umsi_lpi_left_bits(config->left, config->gicd != NULL ? *bits : MOST_BITS);
    lpi->left = config->left;
    lpi->reserved = config->reserved;
    lpi->ctx = config->ctx;
    if ((config->left & GICR_BASER_SHAREABILITY) == 0) {
        lpi->non_coherent = 1;
    }
    return config->table != NULL || config->reserved == NULL ? UMSI_INVALID : UMSI_OK;
}

/* A range of the kernel's. */
static enum umsi_status given_range(struct umsi_lpi *lpi, const struct umsi_lpi_config *config,
                                    uint64_t end)
{
    const uint64_t past = (uint64_t)config->first + config->count;
    lpi->bits = MOST_BITS;
    lpi->first = config->first;
    lpi->count = config->count;
    lpi->table = config->table;
    return config->first < UMSI_LPI_FIRST || config->count == 0 || past > end ||
                   past > UINT64_C(1) << MOST_BITS
               ? UMSI_RANGE
               : UMSI_OK;
}

static enum umsi_status configure(struct umsi_lpi *lpi, const struct umsi_lpi_config *config)
{
    uint32_t bits = 0;
    uint64_t end = 0;
    const uint32_t priority = config->priority == 0 ? DEFAULT_PRIORITY : config->priority;
    enum umsi_status st = read_limits(lpi->umsi, config, &bits, &end);
    lpi->non_coherent = config->non_coherent ? 1 : 0;
    st = st != UMSI_OK ? st : take_left(lpi, config, &bits);
    if (st != UMSI_OK) {
        return st;
    }
    lpi->byte =
        (uint8_t)((priority & GIC_LPI_BYTE_PRIORITY) | GIC_LPI_BYTE_RES1 | GIC_LPI_BYTE_ENABLE);
    lpi->own_tables = config->table == NULL;
    if (lpi->own_tables) {
        return config->first != 0 || config->count != 0
                   ? UMSI_INVALID
                   : own_range(lpi, config->lpi_bits, bits, end);
    }
    return given_range(lpi, config, config->gicd == NULL ? UINT64_MAX : end);
}

void umsi_lpi_release_memory(struct umsi_lpi *lpi)
{
    struct umsi *u = lpi->umsi;
    umsi_lpi_ids_exit(lpi);
    umsi_free(u, lpi->cpu, u->port.nr_cpus * sizeof(*lpi->cpu));
    umsi_free(u, lpi, sizeof(*lpi));
}

static enum umsi_status get_memory(struct umsi_lpi *lpi)
{
    const uint32_t nr_cpus = lpi->umsi->port.nr_cpus;
    lpi->cpu = umsi_alloc(lpi->umsi, nr_cpus * sizeof(*lpi->cpu));
    if (lpi->cpu == NULL || !umsi_lpi_ids_init(lpi)) {
        return UMSI_NOMEM;
    }
    return umsi_lpi_tables_init(lpi);
}

static enum umsi_status join(struct umsi_lpi *lpi)
{
    const struct umsi_domain_config config = {
        .name = "LPI",
        .ops = &lpi_ops,
        .chip = &lpi_chip,
        .size = lpi->count,
    };
    const enum umsi_status st = umsi_domain_add(lpi->umsi, &lpi->domain, &config);
    if (st == UMSI_OK) {
        lpi->source.first = lpi->first;
        lpi->source.count = lpi->count;
        lpi->source.lookup = source_lookup;
        lpi->source.silence = source_silence;
        lpi->source.arg = lpi;
        umsi_add_source(lpi->umsi, &lpi->source);
    }
    return st;
}

enum umsi_status umsi_lpi_create(struct umsi *u, const struct umsi_lpi_config *config,
                                 struct umsi_lpi **out_lpi)
{
    if (u == NULL || config == NULL || out_lpi == NULL) {
        return UMSI_INVALID;
    }
    struct umsi_lpi *lpi = umsi_alloc(u, sizeof(*lpi));
    if (lpi == NULL) {
        return UMSI_NOMEM;
    }
    lpi->umsi = u;
    umsi_lock_init(u, &lpi->lock);
    enum umsi_status st = configure(lpi, config);
    st = st != UMSI_OK ? st : get_memory(lpi);
    st = st != UMSI_OK ? st : join(lpi);
    if (st != UMSI_OK) {
        umsi_lpi_tables_exit(lpi, false);
        umsi_lpi_release_memory(lpi);
        return st;
    }
    *out_lpi = lpi;
    return UMSI_OK;
}

/* Stop every redistributor and give the tables back; what cannot be stopped keeps reading its own (L32). */
static void release_tables(struct umsi_lpi *lpi)
{
    struct umsi *u = lpi->umsi;
    bool running = false;
    for (umsi_cpu cpu = 0; lpi->own_tables && cpu < u->port.nr_cpus; cpu++) {
        if (!umsi_lpi_cpu_stop(lpi, cpu)) {
            umsi_log(u, UMSI_LOG_WARN,
                     "lpi: cpu %u: EnableLPIs cannot be cleared, its tables stay where they are",
                     cpu);
            if (lpi->cpu[cpu].left == 0) {
                lpi->pending[cpu].va = NULL; /* umsi_dma_put() passes it by */
            }
            running = true;
        }
    }
    umsi_lpi_tables_exit(lpi, running);
}

enum umsi_status umsi_lpi_withdraw(struct umsi_lpi *lpi)
{
    struct umsi *u = lpi->umsi;
    const enum umsi_status st = umsi_domain_remove(&lpi->domain);
    if (st != UMSI_OK) {
        return st;
    }
    umsi_remove_source(u, &lpi->source);
    for (umsi_cpu cpu = 0; cpu < u->port.nr_cpus; cpu++) {
        if (lpi->cpu[cpu].state == LPI_CPU_ONLINE && !u->has_receiver) {
            umsi_set_cpu_online(u, cpu, false); /* else the CPU still takes what else the GIC has */
        }
    }
    return UMSI_OK;
}

enum umsi_status umsi_lpi_destroy(struct umsi_lpi *lpi)
{
    if (lpi == NULL) {
        return UMSI_INVALID;
    }
    const enum umsi_status st = umsi_lpi_withdraw(lpi);
    if (st == UMSI_OK) {
        release_tables(lpi);
        umsi_lpi_release_memory(lpi);
    }
    return st;
}

void umsi_lpi_get_counts(struct umsi_lpi *lpi, struct umsi_lpi_counts *out)
{
    const umsi_irqstate s = umsi_lock_take(lpi->umsi, &lpi->lock);
    out->total = lpi->count;
    out->live = lpi->taken - lpi->held;
    out->quarantined = lpi->held;
    umsi_lock_drop(lpi->umsi, &lpi->lock, s);
}
