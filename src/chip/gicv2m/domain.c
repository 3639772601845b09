/* SPDX-License-Identifier: MIT */
/*
 * What the core sees of a frame: a root domain whose numbers are the INTIDs of its SPIs, and an MSI parent with
 * nothing to prepare. It is a root and no level above the GIC's, since it is the frame that says which SPIs there are;
 * the GIC, umsi's or not, does with them what it is asked to (struct umsi_gic_spis).
 */
#include "internal.h"

struct umsi_irq *umsi_gicv2m_lookup(const struct umsi_gicv2m *v2m, uint32_t intid)
{
    return __atomic_load_n(&v2m->irqs[intid - v2m->first], __ATOMIC_ACQUIRE);
}

static void publish(struct umsi_gicv2m *v2m, uint32_t intid, struct umsi_irq *irq)
{
    __atomic_store_n(&v2m->irqs[intid - v2m->first], irq, __ATOMIC_RELEASE);
}

/* ---- operations ---- */

static void give_to_gic(struct umsi_gicv2m *v2m, struct umsi_irq *const *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        v2m->gic.give(v2m->gic.gic, umsi_gicv2m_intid(v[i]));
    }
}

static enum umsi_status take_from_gic(struct umsi_gicv2m *v2m, struct umsi_irq *const *v,
                                      uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        enum umsi_status st = v2m->gic.take(v2m->gic.gic, umsi_gicv2m_intid(v[i]), v[i]);
        if (st != UMSI_OK) {
            umsi_log(v2m->umsi, UMSI_LOG_ERROR, "%s: the GIC does not give SPI %u: %s",
                     v2m->domain.name, umsi_gicv2m_intid(v[i]), umsi_status_string(st));
            give_to_gic(v2m, v, i);
            return st;
        }
    }
    return UMSI_OK;
}

static enum umsi_status v2m_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                  const struct umsi_alloc_info *info, struct umsi_batch *batch)
{
    struct umsi_gicv2m *v2m = umsi_gicv2m_of(d);
    enum umsi_status st = umsi_gicv2m_ids_take(v2m, v, n, info->nr_block != 0);

    (void)batch;
    if (st != UMSI_OK) {
        return st;
    }
    st = take_from_gic(v2m, v, n);
    if (st != UMSI_OK) {
        umsi_gicv2m_ids_give(v2m, v, n);
    }
    return st;
}

static void v2m_free(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                     struct umsi_batch *batch)
{
    (void)batch;
    give_to_gic(umsi_gicv2m_of(d), v, n);
    umsi_gicv2m_ids_give(umsi_gicv2m_of(d), v, n);
}

/* Before the core waits for dispatches that may hold a descriptor, so that none can find it after (L59). */
static void v2m_deactivate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                           struct umsi_batch *batch)
{
    struct umsi_gicv2m *v2m = umsi_gicv2m_of(d);

    (void)batch;
    for (uint32_t i = 0; i < n; i++) {
        v2m->gic.stop(v2m->gic.gic, umsi_gicv2m_intid(v[i]));
        publish(v2m, umsi_gicv2m_intid(v[i]), NULL);
    }
}

static enum umsi_status v2m_activate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                     struct umsi_batch *batch)
{
    struct umsi_gicv2m *v2m = umsi_gicv2m_of(d);

    for (uint32_t i = 0; i < n; i++) {
        enum umsi_status st;
        publish(v2m, umsi_gicv2m_intid(v[i]), v[i]);
        st = v2m->gic.start(v2m->gic.gic, umsi_gicv2m_intid(v[i]), v[i]->cpu);
        if (st != UMSI_OK) {
            publish(v2m, umsi_gicv2m_intid(v[i]), NULL);
            v2m_deactivate(d, v, i, batch);
            return st;
        }
    }
    return UMSI_OK;
}

static enum umsi_status v2m_set_affinity(struct umsi_domain *d, struct umsi_irq *const *v,
                                         uint32_t n, umsi_cpu cpu, struct umsi_batch *batch)
{
    struct umsi_gicv2m *v2m = umsi_gicv2m_of(d);
    enum umsi_status st = UMSI_OK;
    uint32_t moved = 0;

    (void)batch;
    while (moved < n && st == UMSI_OK) {
        st = v2m->gic.route(v2m->gic.gic, umsi_gicv2m_intid(v[moved]), cpu);
        moved += st == UMSI_OK ? 1 : 0;
    }
    while (st != UMSI_OK && moved-- > 0) { /* where it was a moment ago it can be again */
        umsi_ignore(v2m->gic.route(v2m->gic.gic, umsi_gicv2m_intid(v[moved]), v[moved]->cpu));
    }
    return st;
}

const struct umsi_domain_ops umsi_gicv2m_domain_ops = {
    .alloc = v2m_alloc,
    .free = v2m_free,
    .activate = v2m_activate,
    .deactivate = v2m_deactivate,
    .set_affinity = UMSI_IF_MOVES(v2m_set_affinity),
};

/* ---- the chip ---- */

static void v2m_mask(struct umsi_domain *d, struct umsi_irq *irq)
{
    const struct umsi_gicv2m *v2m = umsi_gicv2m_of(d);

    v2m->gic.enable(v2m->gic.gic, umsi_gicv2m_intid(irq), false);
}

static void v2m_unmask(struct umsi_domain *d, struct umsi_irq *irq)
{
    const struct umsi_gicv2m *v2m = umsi_gicv2m_of(d);

    v2m->gic.enable(v2m->gic.gic, umsi_gicv2m_intid(irq), true);
}

static void v2m_compose(struct umsi_domain *d, const struct umsi_irq *irq, struct umsi_message *out)
{
    const struct umsi_gicv2m *v2m = umsi_gicv2m_of(d);

    out->address = v2m->phys + V2M_MSI_SETSPI_NS;
    out->data = umsi_gicv2m_intid(irq) - v2m->data_offset;
}

static enum umsi_status v2m_set_state(struct umsi_domain *d, struct umsi_irq *irq,
                                      enum umsi_irq_what what, bool value)
{
    const struct umsi_gicv2m *v2m = umsi_gicv2m_of(d);

    if (what != UMSI_STATE_PENDING || v2m->gic.set_pending == NULL) {
        return UMSI_UNSUPPORTED;
    }
    return v2m->gic.set_pending(v2m->gic.gic, umsi_gicv2m_intid(irq), value);
}

static const char *v2m_explain(struct umsi_domain *d, struct umsi_irq *irq, umsi_print print,
                               void *arg)
{
    const struct umsi_gicv2m *v2m = umsi_gicv2m_of(d);
    uint32_t intid = umsi_gicv2m_intid(irq);

    umsi_printf(print, arg, "  %s: SPI %u of %u to %u, by %u to %lx", d->name, intid, v2m->first,
                v2m->first + v2m->count - 1, intid - v2m->data_offset,
                (uint64_t)(v2m->phys + V2M_MSI_SETSPI_NS));
    return v2m->gic.explain != NULL ? v2m->gic.explain(v2m->gic.gic, intid, print, arg) : NULL;
}

const struct umsi_chip umsi_gicv2m_chip = {
    .name = "GICv2m",
    .mask = v2m_mask,
    .unmask = v2m_unmask,
    .compose_message = v2m_compose,
    .set_state = v2m_set_state,
    .explain = UMSI_IF_EXPLAIN(v2m_explain),
};

static umsi_phys v2m_doorbell(struct umsi_domain *parent)
{
    return umsi_gicv2m_of(parent)->phys + V2M_MSI_SETSPI_NS;
}

/* A device has no state here, so there is no prepare and no teardown. */
const struct umsi_msi_parent_ops umsi_gicv2m_msi_ops = {
    .name = "GICv2m-",
    .can = UMSI_MSI | UMSI_MSIX | UMSI_DEVICE_MSI | UMSI_WIRED | UMSI_MSI_MULTI | UMSI_MSIX_DYNAMIC,
    .message = UMSI_MESSAGE_IMMUTABLE,
    .doorbell = v2m_doorbell,
};
