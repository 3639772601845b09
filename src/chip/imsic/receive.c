/* SPDX-License-Identifier: MIT */
/*
 * From stopei to a descriptor. A claim is one CSRRW: it reads the identity and clears its pending bit in one step
 * (AIA 1.0, 3.9), so there is nothing to end.
 */
#include "../../arch/barrier.h"
#include "../../arch/csr.h"
#include "internal.h"

/* The barrier keeps the handler's loads behind the claim: what the device wrote before its message is there. */
static inline uint32_t take(uint64_t stopei)
{
    uint32_t id = (uint32_t)(stopei >> IMSIC_STOPEI_SHIFT) & IMSIC_STOPEI_MASK;

    if (id == 0) {
        return UMSI_NO_HWIRQ;
    }
    umsi_rmb();
    return id;
}

static uint32_t acknowledge_native(void *arg)
{
    (void)arg;
    return take(umsi_csr_modify_native(UMSI_CSR_STOPEI, UINT64_MAX, 0));
}

static uint32_t acknowledge_port(void *arg)
{
    return take(umsi_csr_modify(arg, UMSI_CSR_STOPEI, UINT64_MAX, 0));
}

static void end(void *arg, uint32_t hwirq)
{
    (void)arg;
    (void)hwirq;
}

/* Decided once: with the instruction itself there is no branch left. */
struct umsi_receiver umsi_imsic_receiver(struct umsi_imsic *imsic)
{
    bool port = imsic->umsi->port.sysreg_modify != NULL;

    return (struct umsi_receiver){ port ? acknowledge_port : acknowledge_native, end, imsic->umsi };
}

static bool is_used(struct umsi_imsic *imsic, struct imsic_file *f, uint32_t id)
{
    umsi_irqstate s = umsi_lock_take(imsic->umsi, &f->lock);
    bool used = (f->used[umsi_imsic_word(id)] & umsi_imsic_bit(id)) != 0;

    umsi_lock_drop(imsic->umsi, &f->lock, s);
    return used;
}

/* An identity that was given back, and that this hart has not closed yet, is not unknown, but nobody's any more. */
struct umsi_irq *umsi_imsic_lookup(void *arg, uint32_t hwirq)
{
    struct umsi_imsic *imsic = arg;
    struct imsic_file *f = &imsic->files[umsi_cpu_self(imsic->umsi)];
    struct umsi_irq *irq;

    if (hwirq > imsic->nr_ids || f->page == NULL) {
        return NULL;
    }
    irq = __atomic_load_n(&f->irq[hwirq], __ATOMIC_ACQUIRE);
    return irq == NULL && hwirq > imsic->nr_ipis && is_used(imsic, f, hwirq) ? &imsic->nobody : irq;
}

bool umsi_imsic_handle(struct umsi_imsic *imsic, uint32_t identity)
{
    struct umsi *u = imsic->umsi;
    struct umsi_irq *irq;

    umsi_enter(u);
    irq = umsi_imsic_lookup(imsic, identity);
    if (irq != NULL) {
        umsi_deliver(u, irq);
    }
    umsi_leave(u);
    return irq != NULL;
}
