/* SPDX-License-Identifier: MIT */
/*
 * Changing the message of a vector in use (L45, L46). A device that can mask is masked around it. One that cannot
 * has its words written one after the other, and may send between two of them: then they go in two steps, by way of
 * a message that its controller takes for this interrupt as well. Where there is none, nothing is written. The
 * vectors of an MSI block have one message between them: it moves as a whole or not at all, so none moves alone.
 */
#include "msi_domain.h"

/* In how many 32-bit words of a device's registers do they differ? */
static uint32_t words_apart(const struct umsi_message *a, const struct umsi_message *b)
{
    const umsi_bus address = a->address ^ b->address;
    uint32_t n = (uint32_t)address != 0;
    n += address >> 32 != 0;
    n += a->data != b->data;
    return n;
}

/* After an error the device may have it all the same, or half of it: it gets the old one again, if it still listens. */
static enum umsi_status put(struct umsi_msi_domain *md, struct umsi_irq *irq,
                            const struct umsi_message *m)
{
    const struct umsi_message old = irq->message;
    irq->message = *m;
    const enum umsi_status st = md->domain.chip->write_message(&md->domain, irq);
    if (st != UMSI_OK) {
        irq->message = old;
        umsi_ignore(md->domain.chip->write_message(&md->domain, irq));
    }
    return st;
}

static enum umsi_status put_masked(struct umsi_msi_domain *md, struct umsi_irq *irq,
                                   const struct umsi_message *next)
{
    const struct umsi_chip *chip = md->domain.chip;
    chip->mask(&md->domain, irq);
    const enum umsi_status st = put(md, irq, next);
    if (!umsi_msi_irq_masked(irq)) {
        chip->unmask(&md->domain, irq);
    }
    return st;
}

static enum umsi_status put_in_steps(struct umsi_msi_domain *md, struct umsi_irq *irq,
                                     const struct umsi_message *next)
{
    const struct umsi_message old = irq->message;
    struct umsi_message between;
    if (words_apart(&old, next) <= 1) {
        return put(md, irq, next);
    }
    if (!umsi_levels_compose_between(irq, &between)) {
        return UMSI_UNSUPPORTED;
    }
    umsi_msi_translate(md, &between);
    if (words_apart(&old, &between) > 1 || words_apart(&between, next) > 1) {
        return UMSI_UNSUPPORTED;
    }
    enum umsi_status st = put(md, irq, &between);
    if (st == UMSI_OK) {
        st = put(md, irq, next);
        if (st != UMSI_OK) {
            umsi_ignore(put(md, irq, &old));
        }
    }
    return st;
}

static bool is_in_block(const struct umsi_msi_domain *md, const struct umsi_irq *irq)
{
    return md->template->kind == UMSI_MSI &&
           (irq->index != 0 || umsi_radix_get(&md->store, 1) != NULL);
}

enum umsi_status umsi_msi_rewrite(struct umsi_domain *d, struct umsi_irq *irq)
{
    struct umsi_msi_domain *md = UMSI_CONTAINER_OF(d, struct umsi_msi_domain, domain);
    struct umsi_message next;
    if (is_in_block(md, irq)) {
        return UMSI_UNSUPPORTED;
    }
    const enum umsi_status st = umsi_msi_compose(md, irq, &next);
    if (st != UMSI_OK) {
        return st;
    }
    return umsi_irq_is_maskable(irq) ? put_masked(md, irq, &next) : put_in_steps(md, irq, &next);
}
