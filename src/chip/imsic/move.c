/* SPDX-License-Identifier: MIT */
/*
 * Moves: a new identity on the new CPU beside the old one, the message that leads there, and what is found on the
 * old one when the device has it (L54). The core drives the steps; see struct umsi_domain_ops.
 */
#include "place.h"

/*
 * The new identity, on `to`. For a device that cannot be masked two of the message's words must not change at once:
 * best is the same identity there, since then only the address does; else one that is free on both, so that
 * the data can change first and still reach the old file.
 */
static uint32_t take_new(struct umsi_imsic *imsic, const struct umsi_irq *irq, uint32_t old,
                         struct imsic_file *to, bool *out_twin)
{
    uint32_t id;

    *out_twin = false;
    if (umsi_irq_is_maskable(irq)) {
        return umsi_imsic_take(imsic, to, IMSIC_ANY_ID);
    }
    id = umsi_imsic_take(imsic, to, umsi_imsic_place_id(old));
    if (id == 0) {
        id = umsi_imsic_take_twin(imsic, to, umsi_imsic_file_of(imsic, old));
        *out_twin = id != 0;
    }
    return id;
}

/* Both places reach the vector from here on. The new one collects until its hart has opened it; a twin collects until
 * the old hart has looked. */
static enum umsi_status move(struct umsi_domain *d, struct umsi_irq *irq, struct imsic_file *to)
{
    struct umsi_imsic *imsic = umsi_imsic_of(d);
    uint32_t old = umsi_imsic_place_of(d, irq), id;
    bool twin;

    umsi_imsic_keep_one(imsic, irq, to->cpu, false);
    id = take_new(imsic, irq, old, to, &twin);
    if (id == 0) {
        umsi_imsic_keep_one(imsic, irq, to->cpu, true);
        return UMSI_NOSPACE;
    }
    umsi_imsic_publish(imsic, umsi_imsic_place(to->cpu, id), irq);
    umsi_imsic_set_old(d, irq, twin ? old | IMSIC_TWIN : old);
    umsi_imsic_set_place(d, irq, umsi_imsic_place(to->cpu, id));
    umsi_imsic_open(imsic, umsi_imsic_place_of(d, irq), irq, umsi_imsic_is_open(imsic, old));
    umsi_imsic_ask(imsic, to);
    return UMSI_OK;
}

enum umsi_status umsi_imsic_set_affinity(struct umsi_domain *d, struct umsi_irq *const *v,
                                         uint32_t n, umsi_cpu cpu, struct umsi_batch *batch)
{
    struct imsic_file *to = umsi_imsic_file(umsi_imsic_of(d), cpu);

    (void)batch;
    if (n != 1 || to == NULL) {
        return UMSI_INVALID;
    }
    if (umsi_imsic_is_ipi(d, v[0]) || umsi_imsic_is_block(d, v[0])) {
        umsi_log(d->umsi, UMSI_LOG_INFO, "%s: vector %u stays: %s", v[0]->domain->name, v[0]->index,
                 umsi_imsic_is_block(d, v[0]) ? "MSI has one address for its whole block"
                                              : "an IPI");
        return UMSI_UNSUPPORTED;
    }
    return umsi_imsic_old_word(d, v[0]) != 0 ? UMSI_BUSY : move(d, v[0], to);
}

/* What came to the old CPU while the message changed goes to the new one. */
bool umsi_imsic_settle(struct umsi_domain *d, struct umsi_irq *irq)
{
    struct umsi_imsic *imsic = umsi_imsic_of(d);
    uint32_t old = umsi_imsic_old_place(d, irq), twin = umsi_imsic_twin_place(d, irq),
             now = umsi_imsic_place_of(d, irq);
    bool pending;

    if (old == 0) {
        return true;
    }
    umsi_imsic_publish(imsic, old, NULL);
    pending = umsi_imsic_close_here(imsic, old);
    if (twin != 0) {
        pending = umsi_imsic_close_here(imsic, twin) || pending;
    }
    umsi_imsic_keep_one(imsic, irq, umsi_imsic_place_cpu(old), true);
    umsi_imsic_set_old(d, irq, 0);
    if (pending) {
        umsi_imsic_pend_now(imsic, umsi_imsic_file_of(imsic, now), umsi_imsic_place_id(now));
    }
    return true;
}

/* A device that could not be masked may have used the new message for a moment: better once too often. */
void umsi_imsic_revert(struct umsi_domain *d, struct umsi_irq *irq)
{
    struct umsi_imsic *imsic = umsi_imsic_of(d);
    uint32_t old = umsi_imsic_old_place(d, irq), twin = umsi_imsic_twin_place(d, irq),
             from = umsi_imsic_place_of(d, irq);

    umsi_imsic_set_old(d, irq, 0);
    umsi_imsic_set_place(d, irq, old);
    umsi_imsic_publish(imsic, from, NULL);
    umsi_imsic_give_back(imsic, from);
    if (twin != 0) {
        umsi_imsic_give_back(imsic, twin);
    }
    umsi_imsic_keep_one(imsic, irq, umsi_imsic_place_cpu(from), true);
    umsi_imsic_ask(imsic, umsi_imsic_file_of(imsic, from));
    umsi_imsic_ask(imsic, umsi_imsic_file_of(imsic, old));
    if (!umsi_irq_is_maskable(irq)) {
        umsi_imsic_pend_now(imsic, umsi_imsic_file_of(imsic, old), umsi_imsic_place_id(old));
    }
}

/* ---- messages ---- */

static umsi_bus address_of(struct umsi_imsic *imsic, uint32_t place)
{
    return umsi_imsic_address(&imsic->layout, umsi_imsic_file_of(imsic, place)->hart) +
           IMSIC_seteipnum_le;
}

void umsi_imsic_compose(struct umsi_domain *d, const struct umsi_irq *irq, struct umsi_message *out)
{
    uint32_t place = umsi_imsic_place_of(d, irq);

    *out = (struct umsi_message){ address_of(umsi_imsic_of(d), place), umsi_imsic_place_id(place) };
}

/* The new identity at the old address. */
bool umsi_imsic_compose_between(struct umsi_domain *d, const struct umsi_irq *irq,
                                struct umsi_message *out)
{
    uint32_t twin = umsi_imsic_twin_place(d, irq);

    if (twin == 0) {
        return false;
    }
    *out = (struct umsi_message){ address_of(umsi_imsic_of(d), twin), umsi_imsic_place_id(twin) };
    return true;
}
