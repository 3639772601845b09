/* SPDX-License-Identifier: MIT */
/*
 * IPIs: the lowest identities, the same ones in every file, open on all harts while they are mapped. The core masks
 * one for all CPUs at once, which no single hart can do; so it stays open, and what comes meanwhile is held in
 * software, a bit per CPU, and sent again at the unmask (L60).
 */
#include "../../arch/barrier.h"
#include "internal.h"

static uint32_t identity(uint32_t ipi)
{
    return IMSIC_FIRST_IPI + ipi;
}

static uint32_t bit_of(const struct umsi_irq *irq)
{
    return 1u << irq->index;
}

static bool is_masked(const struct umsi_imsic *imsic, const struct umsi_irq *irq)
{
    return (__atomic_load_n(&imsic->ipis_masked, __ATOMIC_SEQ_CST) & bit_of(irq)) != 0;
}

/* Of two that map one at the same time, one gets it: the first file decides. */
static bool claim(struct imsic_file *f, struct umsi_irq *irq)
{
    struct umsi_irq *none = NULL;

    return __atomic_compare_exchange_n(&f->irq[identity(irq->index)], &none, irq, false,
                                       __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

static void publish_all(struct umsi_imsic *imsic, uint32_t ipi, struct umsi_irq *irq)
{
    for (umsi_cpu cpu = imsic->umsi->port.nr_cpus; cpu-- > 0;) {
        struct imsic_file *f = umsi_imsic_file(imsic, cpu);

        if (f != NULL) {
            __atomic_and_fetch(&f->ipis_held, ~(1u << ipi), __ATOMIC_RELAXED);
            umsi_imsic_publish(imsic, umsi_imsic_place(cpu, identity(ipi)), irq);
        }
    }
}

static struct imsic_file *first_file(struct umsi_imsic *imsic)
{
    umsi_cpu cpu = 0;

    while (umsi_imsic_file(imsic, cpu) == NULL) {
        cpu++; /* there is one: create looked */
    }
    return &imsic->files[cpu];
}

enum umsi_status umsi_imsic_ipi_alloc(struct umsi_imsic *imsic, struct umsi_irq *irq)
{
    if (irq->index >= imsic->nr_ipis) {
        return UMSI_RANGE;
    }
    if (!claim(first_file(imsic), irq)) {
        return UMSI_EXISTS;
    }
    __atomic_or_fetch(&imsic->ipis_masked, bit_of(irq), __ATOMIC_SEQ_CST);
    umsi_irq_set_percpu(irq);
    irq->level[imsic->domain.depth].hwirq = identity(irq->index);
    irq->level[imsic->domain.depth].data = NULL;
    publish_all(imsic, irq->index, irq);
    return UMSI_OK;
}

/* No dispatch finds it any more (L59); the IPI is still taken. */
void umsi_imsic_ipi_retire(struct umsi_imsic *imsic, const struct umsi_irq *irq)
{
    publish_all(imsic, irq->index, &imsic->nobody);
}

/* The first file last: until then nobody else gets the IPI. */
void umsi_imsic_ipi_free(struct umsi_imsic *imsic, const struct umsi_irq *irq)
{
    publish_all(imsic, irq->index, NULL);
}

void umsi_imsic_ipi_open(struct umsi_imsic *imsic, const struct umsi_irq *irq, bool open)
{
    for (umsi_cpu cpu = 0; cpu < imsic->umsi->port.nr_cpus; cpu++) {
        struct imsic_file *f = umsi_imsic_file(imsic, cpu);

        if (f != NULL) {
            umsi_imsic_open(imsic, umsi_imsic_place(cpu, identity(irq->index)), irq, open);
            umsi_imsic_ask(imsic, f);
        }
    }
}

/* Send again what was held for a CPU. Who takes the bit sends it. */
static void release(struct umsi_imsic *imsic, struct imsic_file *f, const struct umsi_irq *irq)
{
    uint32_t was = __atomic_fetch_and(&f->ipis_held, ~bit_of(irq), __ATOMIC_SEQ_CST);

    if ((was & bit_of(irq)) != 0) {
        umsi_imsic_pend(imsic, f, identity(irq->index));
    }
}

void umsi_imsic_ipi_mask(struct umsi_imsic *imsic, const struct umsi_irq *irq, bool mask)
{
    if (mask) {
        __atomic_or_fetch(&imsic->ipis_masked, bit_of(irq), __ATOMIC_SEQ_CST);
        return;
    }
    __atomic_and_fetch(&imsic->ipis_masked, ~bit_of(irq), __ATOMIC_SEQ_CST);
    for (umsi_cpu cpu = 0; cpu < imsic->umsi->port.nr_cpus; cpu++) {
        struct imsic_file *f = umsi_imsic_file(imsic, cpu);

        if (f != NULL) {
            release(imsic, f, irq);
        }
    }
}

/* On this CPU. Either the unmask finds what is held, or it is found unmasked here. */
enum umsi_status umsi_imsic_ipi_pend(struct umsi_imsic *imsic, const struct umsi_irq *irq)
{
    struct imsic_file *f = umsi_imsic_file(imsic, umsi_cpu_self(imsic->umsi));

    if (f == NULL) {
        return UMSI_STATE;
    }
    __atomic_or_fetch(&f->ipis_held, bit_of(irq), __ATOMIC_SEQ_CST);
    if (!is_masked(imsic, irq)) {
        release(imsic, f, irq);
    }
    return UMSI_OK;
}

enum umsi_status umsi_imsic_map_ipi(struct umsi_imsic *imsic, uint32_t ipi, umsi_virq *out_virq)
{
    return umsi_domain_map(&imsic->domain, ipi, false, out_virq);
}

void umsi_imsic_unmap_ipi(struct umsi_imsic *imsic, umsi_virq virq)
{
    umsi_domain_unmap(&imsic->domain, virq);
}

enum umsi_status umsi_imsic_send_ipi(struct umsi_imsic *imsic, umsi_cpu cpu, uint32_t ipi)
{
    const struct imsic_file *f = umsi_imsic_file(imsic, cpu);

    if (ipi >= imsic->nr_ipis || cpu >= imsic->umsi->port.nr_cpus) {
        return UMSI_RANGE;
    }
    if (f == NULL || !__atomic_load_n(&f->online, __ATOMIC_RELAXED)) {
        return UMSI_STATE;
    }
    umsi_imsic_pend(imsic, f, identity(ipi));
    return UMSI_OK;
}
