/* SPDX-License-Identifier: MIT */
/* The machine as a whole: making it, time, CPUs and the delivery of interrupts, failures to order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

void *grow(void *array, uint32_t n, size_t element)
{
    if ((n & (n + 1)) != 0) {
        return array; /* room up to the next 2^k - 1 */
    }
    void *p = realloc(array, ((size_t)n * 2 + 1) * element);
    if (p == NULL) {
        perror("model");
        abort();
    }
    return p;
}

/* ---- making it ---- */

static void fill_defaults(struct model_config *c)
{
    c->memory_bytes =
        c->memory_bytes == 0 ? (size_t)64 << 20 : (c->memory_bytes + 65535) & ~(size_t)65535;
    c->memory_phys = c->memory_phys == 0 ? 0x880000000ull : c->memory_phys;
    c->nr_spis = c->nr_spis == 0 ? 96 : c->nr_spis;
    c->id_bits = c->id_bits == 0 ? 16 : c->id_bits;
    c->rwp_ns = c->rwp_ns == 0 ? 500 : c->rwp_ns;
    c->wake_ns = c->wake_ns == 0 ? 3000 : c->wake_ns;
    c->access_ns = c->access_ns == 0 ? 50 : c->access_ns;
    c->relax_ns = c->relax_ns == 0 ? 1000 : c->relax_ns;
}

static bool config_sane(const struct model_config *c)
{
    return c->nr_cpus >= 1 && c->nr_cpus <= MODEL_MAX_CPUS && c->nr_its <= MODEL_MAX_ITS &&
           (!c->gicv2 || (c->nr_cpus <= 8 && c->nr_its == 0)) && c->nr_v2m <= MODEL_MAX_V2M &&
           c->nr_spis % 32 == 0 && c->nr_spis <= 960 && c->id_bits >= 14 && c->id_bits <= 24 &&
           (c->memory_phys & 65535) == 0;
}

/* Affinity levels as a big machine has them: sixteen CPUs to a cluster. */
static uint64_t affinity_of(uint32_t cpu)
{
    return (cpu % 16) | (uint64_t)(cpu / 16) << 8;
}

static bool cpus_init(struct model *m)
{
    for (uint32_t i = 0; i < m->cfg.nr_cpus; i++) {
        struct cpu *c = &m->cpu[i];
        c->index = i;
        c->frame = m->cfg.in_order ? i : m->cfg.nr_cpus - 1 - i;
        c->affinity = affinity_of(i);
        cpuif_reset(&c->icc);
        gicr_reset(m, c);
        if (!lpis_init(m, c)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < m->cfg.nr_spis; i++) {
        m->spi[i] = (struct irq){ .group1 = m->cfg.two_security_states };
    }
    return true;
}

static bool gicv2_open(struct model *m)
{
    gicv2_reset(m);
    m->gicd_va = mmio_open(m, &(struct window){ .size = 0x1000,
                                                .name = "GICD",
                                                .read = gicv2_dist_read,
                                                .write = gicv2_dist_write });
    m->gicc_va = mmio_open(
        m, &(struct window){
               .size = 0x2000, .name = "GICC", .read = gicv2_cpu_read, .write = gicv2_cpu_write });
    return m->gicd_va != 0 && m->gicc_va != 0;
}

static bool gicv3_open(struct model *m)
{
    m->gicd_va =
        mmio_open(m, &(struct window){
                         .size = 0x10000, .name = "GICD", .read = gicd_read, .write = gicd_write });
    m->gicr_va = mmio_open(m, &(struct window){ .size = m->cfg.nr_cpus * gicr_stride(m),
                                                .name = "GICR",
                                                .read = gicr_read,
                                                .write = gicr_write });
    return m->gicd_va != 0 && m->gicr_va != 0;
}

static bool gic_init(struct model *m)
{
    m->cpu = calloc(m->cfg.nr_cpus, sizeof(*m->cpu));
    m->spi = calloc(m->cfg.nr_spis, sizeof(*m->spi));
    m->owners = calloc((size_t)1 << m->cfg.id_bits, sizeof(*m->owners));
    if (m->cpu == NULL || m->spi == NULL || m->owners == NULL || !cpus_init(m)) {
        return false;
    }
    return m->cfg.gicv2 ? gicv2_open(m) : gicv3_open(m);
}

static bool all_init(struct model *m)
{
    if (!memory_init(m) || !mmio_init(m) || !gic_init(m) || !v2m_init(m) || !imsic_init(m) ||
        !aplic_init(m)) {
        return false;
    }
    for (uint32_t i = 0; i < m->cfg.nr_its; i++) {
        if (!its_init(m, i)) {
            return false;
        }
    }
    port_init(m);
    return true;
}

bool model_create(const struct model_config *config, struct model **out_model)
{
    struct model *m = calloc(1, sizeof(*m));
    if (m == NULL) {
        return false;
    }
    m->cfg = *config;
    fill_defaults(&m->cfg);
    if (!config_sane(&m->cfg) || !all_init(m)) {
        model_destroy(m);
        return false;
    }
    *out_model = m;
    return true;
}

void model_destroy(struct model *m)
{
    if (m == NULL) {
        return;
    }
    for (uint32_t i = 0; i < m->cfg.nr_its && i < MODEL_MAX_ITS; i++) {
        its_exit(&m->its[i]);
    }
    for (uint32_t i = 0; m->cpu != NULL && i < m->cfg.nr_cpus; i++) {
        lpis_exit(&m->cpu[i]);
    }
    imsic_exit(m);
    aplic_exit(m);
    memory_exit(m);
    mmio_exit(m);
    free(m->cpu);
    free(m->spi);
    free(m->owners);
    free(m->breaches);
    free(m->doorbells);
    free(m);
}

/* ---- addresses ---- */

volatile void *model_gicd(struct model *m)
{
    return (volatile void *)m->gicd_va;
}

volatile void *model_gicc(struct model *m)
{
    return (volatile void *)m->gicc_va;
}

volatile void *model_gicr(struct model *m, uint64_t *out_phys, uint64_t *out_size)
{
    if (out_phys != NULL) {
        *out_phys = GICR_PHYS;
    }
    if (out_size != NULL) {
        *out_size = m->cfg.nr_cpus * gicr_stride(m);
    }
    return (volatile void *)m->gicr_va;
}

volatile void *model_gicr_of(struct model *m, umsi_cpu cpu, uint64_t *out_phys)
{
    const struct cpu *c = &m->cpu[cpu];
    if (out_phys != NULL) {
        *out_phys = gicr_phys(m, c);
    }
    return (volatile void *)(m->gicr_va + c->frame * gicr_stride(m));
}

volatile void *model_its_base(struct model *m, uint32_t its)
{
    return (volatile void *)m->its[its].va;
}

uint64_t model_its_phys(struct model *m, uint32_t its)
{
    return m->its[its].phys;
}

struct cpu *model_cpu_by_frame(struct model *m, uint64_t frame)
{
    if (frame >= m->cfg.nr_cpus) {
        return NULL;
    }
    return &m->cpu[m->cfg.in_order ? frame : m->cfg.nr_cpus - 1 - frame];
}

/* ---- time ---- */

void model_step(struct model *m, uint64_t ns)
{
    m->now += ns;
    imsic_work(m);
    if (m->working) {
        return;
    }
    m->working = true;
    for (uint32_t i = 0; i < m->cfg.nr_its; i++) {
        its_work(&m->its[i]);
    }
    m->working = false;
}

uint64_t model_now_ns(struct model *m)
{
    return m->now;
}

void model_pass(struct model *m, uint64_t ns)
{
    model_step(m, ns);
}

void model_drain(struct model *m)
{
    for (uint32_t i = 0; i < m->cfg.nr_its; i++) {
        while (its_has_work(&m->its[i])) {
            model_step(m, 1000);
        }
    }
    while (m->imsic.nr_flights != 0) {
        model_step(m, 1000);
    }
}

/* ---- failures ---- */

void model_fail_at(struct model *m, enum model_fail what, uint64_t nth)
{
    m->fail[what] = (struct fail){ .countdown = nth };
}

bool model_failed(struct model *m, enum model_fail what)
{
    return m->fail[what].hit;
}

static bool count_down(struct fail *f)
{
    if (f->countdown == 0 || --f->countdown != 0) {
        return false;
    }
    f->hit = true;
    return true;
}

bool fail_now(struct model *m, enum model_fail what)
{
    bool memory = what == MODEL_FAIL_ALLOC || what == MODEL_FAIL_DMA;
    bool either = memory && count_down(&m->fail[MODEL_FAIL_MEMORY]);
    return count_down(&m->fail[what]) || either;
}

/* ---- CPUs ---- */

void model_set_vectors(struct model *m, const struct model_vectors *v)
{
    m->vectors = *v;
}

void model_set_cpu(struct model *m, umsi_cpu cpu)
{
    m->self = cpu;
}

void model_mask_cpu(struct model *m, umsi_cpu cpu, bool masked)
{
    m->cpu[cpu].masked = masked;
}

/* One entry of the vector, as the exception would: interrupts off, on that CPU. */
static void enter(struct model *m, struct cpu *c, void (*vector)(void *arg, umsi_cpu cpu))
{
    uint32_t was = m->self;
    bool was_delivering = m->delivering;
    m->self = c->index;
    m->delivering = c->in_vector = c->masked = true;
    vector(m->vectors.arg, c->index);
    if (c->icc.depth != 0) {
        breach(m, "", "IHI0069 4.1", "CPU %u leaves its vector with INTID %u not ended", c->index,
               c->icc.running[c->icc.depth - 1].intid);
    }
    c->in_vector = c->masked = false;
    m->delivering = was_delivering;
    m->self = was;
}

static uint32_t serve_kick(struct model *m, struct cpu *c)
{
    if (!c->kicked || m->vectors.service == NULL) {
        return 0;
    }
    c->kicked = false;
    enter(m, c, m->vectors.service);
    return 1;
}

static bool is_signalled(struct model *m, struct cpu *c)
{
    if (m->cfg.imsic != NULL) {
        return imsic_signals(m, c->index);
    }
    return m->cfg.aplic != NULL ? aplic_signals(m, c->index)
                                : cpuif_highest(m, c) != MODEL_SPURIOUS;
}

uint32_t model_run_cpu(struct model *m, umsi_cpu cpu)
{
    struct cpu *c = &m->cpu[cpu];
    uint32_t entered = 0;
    if (c->masked || c->in_vector) {
        return 0;
    }
    entered += serve_kick(m, c);
    while (m->vectors.irq != NULL && is_signalled(m, c)) {
        uint32_t before = c->icc.acknowledged;
        enter(m, c, m->vectors.irq);
        entered++;
        if (c->icc.acknowledged == before || entered == 100000) {
            breach(m, "", "model.h", "CPU %u: the vector acknowledges nothing, or for ever", cpu);
            break;
        }
    }
    return entered;
}

uint32_t model_run(struct model *m)
{
    uint32_t total = 0, round;
    do {
        round = 0;
        for (uint32_t i = 0; i < m->cfg.nr_cpus; i++) {
            round += model_run_cpu(m, i);
        }
        total += round;
    } while (round != 0 && total < 100000);
    return total;
}

static void set_line(struct irq *i, bool level)
{
    if (level && !i->line && i->edge) {
        i->pending = true;
    }
    i->line = level;
}

void model_spi_set(struct model *m, uint32_t intid, bool level)
{
    set_line(&m->spi[intid - 32], level);
}

void spi_hold(struct model *m, uint32_t intid, bool up)
{
    struct irq *i = &m->spi[intid - 32];
    if (up && i->enabled && i->edge) {
        breach(m, "", "PCIe 2.2.8.1", "INTx on SPI %u, which is taken for an edge", intid);
    }
    i->holders = (uint16_t)(up ? i->holders + 1 : i->holders - 1);
    set_line(i, i->holders != 0);
}

void model_ppi_set(struct model *m, umsi_cpu cpu, uint32_t intid, bool level)
{
    set_line(&m->cpu[cpu].local[intid], level);
}
