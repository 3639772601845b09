/* SPDX-License-Identifier: MIT */
/* What the IMSIC has to say about one interrupt. Registers of a file can be read on its own hart only; of the others
 * it says what was asked of them. */
#include "../../arch/csr.h"
#include "place.h"

static uint64_t file_read(struct umsi *u, uint32_t select)
{
    umsi_csr_write(u, UMSI_CSR_SISELECT, select);
    return umsi_csr_read(u, UMSI_CSR_SIREG);
}

struct view {
    bool online, here, used, open, done;
    uint64_t delivery, threshold, pending, enabled;
};

/* One look, under the lock. */
static void look(struct umsi_imsic *imsic, struct imsic_file *f, uint32_t id, struct view *v)
{
    struct umsi *u = imsic->umsi;
    uint32_t word = umsi_imsic_word(id);
    uint64_t bit = umsi_imsic_bit(id);
    umsi_irqstate s = umsi_lock_take(u, &f->lock);

    v->online = f->online;
    v->here = f->online && umsi_cpu_self(u) == f->cpu;
    v->open = (f->want[word] & bit) != 0;
    v->done = (f->open[word] & bit) != 0;
    if (v->here) {
        v->delivery = file_read(u, IMSIC_eidelivery);
        v->threshold = file_read(u, IMSIC_eithreshold);
        v->pending = file_read(u, umsi_imsic_select(IMSIC_eip0, word)) & bit;
        v->enabled = file_read(u, umsi_imsic_select(IMSIC_eie0, word)) & bit;
    }
    umsi_lock_drop(u, &f->lock, s);
}

static const char *verdict(const struct view *v, uint32_t id)
{
    if (!v->online) {
        return "its CPU's interrupt file is not online";
    }
    if (!v->open) {
        return "the interrupt file has the identity disabled";
    }
    if (!v->done) {
        return "its CPU has not enabled the identity yet: umsi_cpu_service() was not called there";
    }
    if (v->here && (v->delivery != IMSIC_DELIVERY_ON || v->enabled == 0)) {
        return "somebody else has changed the interrupt file";
    }
    return v->here && v->threshold != 0 && id >= v->threshold
               ? "eithreshold keeps the identity back"
               : NULL;
}

const char *umsi_imsic_explain(struct umsi_domain *d, struct umsi_irq *irq, umsi_print print,
                               void *arg)
{
    struct umsi_imsic *imsic = d->data;
    uint32_t place = umsi_imsic_place_of(d, irq);
    struct imsic_file *f = umsi_imsic_file_of(imsic, place);
    uint32_t id = umsi_imsic_place_id(place);
    struct view v = { 0 };

    if (umsi_imsic_is_ipi(d, irq)) { /* of this CPU */
        f = &imsic->files[umsi_cpu_self(imsic->umsi)];
        id = irq->level[d->depth].hwirq;
    }
    look(imsic, f, id, &v);
    umsi_printf(print, arg, "  IMSIC: CPU %u, hart index %u, identity %u: %s", f->cpu, f->hart, id,
                v.done ? "enabled" : "not enabled");
    if (v.here) {
        umsi_printf(print, arg, "  IMSIC: this CPU: eidelivery %lx, eithreshold %lx, %s",
                    v.delivery, v.threshold, v.pending != 0 ? "pending" : "not pending");
    }
    return verdict(&v, id);
}
