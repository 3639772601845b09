/* SPDX-License-Identifier: MIT */
/*
 * The ITS as a domain between a device's MSI domain and the LPI space: an event for each vector, its
 * EventID the vector's index in the device's range; MAPTI, DISCARD and MOVI in batches; INT and CLEAR posted.
 */
#include "its.h"

static struct its_eventid event_of(const struct umsi_its *its, struct umsi_irq *irq)
{
    return (struct its_eventid){ umsi_its_level(its, irq)->hwirq };
}

static struct its_device *device_of(const struct umsi_its *its, struct umsi_irq *irq)
{
    return umsi_its_level(its, irq)->data;
}

static bool is(const struct umsi_its *its, struct umsi_irq *irq, uint32_t bit)
{
    return (__atomic_load_n(&umsi_its_level(its, irq)->word, __ATOMIC_RELAXED) & bit) != 0;
}

static bool is_tainted(const struct its_device *d)
{
    return __atomic_load_n(&d->tainted, __ATOMIC_RELAXED) != 0;
}

static void set_word(const struct umsi_its *its, struct umsi_irq *irq, uint32_t set, uint32_t clear)
{
    uint32_t *word = &umsi_its_level(its, irq)->word;
    __atomic_and_fetch(word, ~clear, __ATOMIC_RELAXED);
    __atomic_or_fetch(word, set, __ATOMIC_RELAXED);
}

/* ---- events ---- */

static enum umsi_status its_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                  const struct umsi_alloc_info *info, struct umsi_batch *batch)
{
    struct umsi_its *its = umsi_its_of(d);
    uint64_t v0 = 0, v1 = 0;
    (void)batch;
    if (!umsi_alloc_info_get(info, d, &v0, &v1)) {
        return UMSI_BUG;
    }
    const struct its_user *user = (const struct its_user *)(uintptr_t)v0;
    if (is_tainted(user->device)) {
        return UMSI_HARDWARE;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (v[i]->index >= user->size) {
            return UMSI_RANGE;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        *umsi_its_level(its, v[i]) =
            (struct umsi_irq_level){ user->base + v[i]->index, 0, user->device };
    }
    return UMSI_OK;
}

static enum umsi_status unmap_event(struct umsi_its *its, struct umsi_irq *irq,
                                    struct umsi_batch *batch)
{
    const struct its_command c =
        umsi_its_event(ITS_DISCARD, device_of(its, irq)->id, event_of(its, irq));
    set_word(its, irq, 0, ITS_EVENT_MAPPED); /* first, as a refusal sets it again */
    const enum umsi_status st = umsi_its_batch_add(its, batch, &c, 1, irq, irq->cpu);
    if (st != UMSI_OK) { /* it did not get into the queue */
        set_word(its, irq, ITS_EVENT_MAPPED, 0);
    }
    return st;
}

static bool was_refused(const struct umsi_batch *batch, enum its_opcode op)
{
    return (batch->priv[ITS_BATCH_REFUSED] >> op & 1) != 0;
}

/*
 * What a DISCARD was refused for is still mapped, and is discarded once more: one that stays spoils the DeviceID
 * for all its users, and MAPD V=0 must not find it (L36). True: a SYNC was refused, twice.
 */
static bool discard_again(struct umsi_its *its, struct umsi_irq *const *v, uint32_t n)
{
    struct umsi_batch batch = { 0 };
    for (uint32_t i = 0; i < n; i++) {
        if (is(its, v[i], ITS_EVENT_MAPPED) && !is(its, v[i], ITS_EVENT_STUCK) &&
            !is_tainted(device_of(its, v[i]))) {
            (void)unmap_event(its, v[i], &batch); /* on an error it stays marked as mapped */
        }
    }
    if (batch.commands != 0) {
        umsi_ignore(umsi_its_batch_commit(its, &batch));
        (void)umsi_grace_wait(its->umsi); /* it could arrive until now (L59) */
    }
    return was_refused(&batch, ITS_SYNC);
}

/* What may still be mapped, or on its way, keeps its INTID (L25). */
static void its_free(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                     struct umsi_batch *batch)
{
    struct umsi_its *its = umsi_its_of(d);
    const bool unsure =
        batch->owner == d && (batch->status == UMSI_TIMEOUT || was_refused(batch, ITS_SYNC));
    const bool unsynchronised = discard_again(its, v, n) || unsure;
    for (uint32_t i = 0; i < n; i++) {
        struct its_device *dev = device_of(its, v[i]);
        if (unsynchronised || is(its, v[i], ITS_EVENT_STUCK | ITS_EVENT_MAPPED)) {
            __atomic_store_n(&dev->tainted, 1, __ATOMIC_RELAXED);
            umsi_lpi_hold(its->lpi, v[i], &dev->held_intids);
        }
    }
}

/* ---- commands ---- */

static enum umsi_status map_event(struct umsi_its *its, struct umsi_irq *irq,
                                  struct umsi_batch *batch)
{
    const struct its_devid device = device_of(its, irq)->id;
    const struct its_eventid event = event_of(its, irq);
    const struct its_intid intid = { umsi_lpi_intid(irq) };
    const bool inv = umsi_lpi_unmark(irq, LPI_NEEDS_INV);
    const struct its_command c[] = {
        umsi_its_mapti(device, event, intid, umsi_its_icid(irq->cpu)),
        umsi_its_event(ITS_INV, device, event),
    };
    set_word(its, irq, ITS_EVENT_MAPPED, 0);
    const enum umsi_status st = umsi_its_batch_add(its, batch, c, inv ? 2 : 1, irq, irq->cpu);
    if (st != UMSI_OK) { /* it did not get into the queue */
        set_word(its, irq, 0, ITS_EVENT_MAPPED);
        umsi_lpi_mark(irq, inv ? LPI_NEEDS_INV : 0);
    }
    return st;
}

static enum umsi_status check_targets(struct umsi_its *its, struct umsi_irq *const *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!umsi_its_cpu_mapped(its, v[i]->cpu)) { /* L26 */
            umsi_log(its->umsi, UMSI_LOG_ERROR, "%s: DeviceID %u, EventID %u: %s", its->name,
                     device_of(its, v[i])->id.v, event_of(its, v[i]).v,
                     v[i]->cpu == UMSI_NO_CPU ? "no CPU is online" : "its CPU has no collection");
            return UMSI_STATE;
        }
    }
    return UMSI_OK;
}

static void its_deactivate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                           struct umsi_batch *batch)
{
    struct umsi_its *its = umsi_its_of(d);
    if (n != 0 && !umsi_batch_claim(batch, d)) {
        batch->status = UMSI_BUG;
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!is(its, v[i], ITS_EVENT_MAPPED)) {
            continue;
        }
        const bool sure = !is_tainted(device_of(its, v[i]));
        /* What is not sent stays marked as mapped: its_free() sees to the INTID. */
        const enum umsi_status st = sure ? unmap_event(its, v[i], batch) : UMSI_HARDWARE;
        batch->status = batch->status == UMSI_OK ? st : batch->status;
    }
}

static enum umsi_status its_activate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                     struct umsi_batch *batch)
{
    struct umsi_its *its = umsi_its_of(d);
    enum umsi_status st = check_targets(its, v, n);
    if (st == UMSI_OK && !umsi_batch_claim(batch, d)) {
        st = UMSI_BUG;
    }
    for (uint32_t i = 0; i < n && st == UMSI_OK; i++) {
        st = map_event(its, v[i], batch);
        if (st != UMSI_OK) { /* the ITS is dead: those before are marked as such, and held */
            its_deactivate(d, v, i, batch);
        }
    }
    return st;
}

/*
 * One SYNC to the old redistributor ends the batch, however many leave it (L30). Where it did not end in time, nobody
 * knows who holds the event: the core comes back with that batch.
 */
static enum umsi_status move_event(struct umsi_its *its, struct umsi_irq *irq, umsi_cpu cpu,
                                   struct umsi_batch *batch)
{
    const struct its_command c =
        umsi_its_movi(device_of(its, irq)->id, event_of(its, irq), umsi_its_icid(cpu));
    if (batch->status == UMSI_TIMEOUT) {
        __atomic_store_n(&device_of(its, irq)->tainted, 1, __ATOMIC_RELAXED);
        return UMSI_TIMEOUT;
    }
    return umsi_its_batch_add(its, batch, &c, 1, irq, irq->cpu);
}

static enum umsi_status its_set_affinity(struct umsi_domain *d, struct umsi_irq *const *v,
                                         uint32_t n, umsi_cpu cpu, struct umsi_batch *batch)
{
    struct umsi_its *its = umsi_its_of(d);
    enum umsi_status st = umsi_batch_claim(batch, d) ? UMSI_OK : UMSI_BUG;
    if (st == UMSI_OK && !umsi_its_cpu_mapped(its, cpu)) {
        st = UMSI_STATE;
    }
    for (uint32_t i = 0; i < n && st == UMSI_OK; i++) {
        if (is(its, v[i], ITS_EVENT_MAPPED) && v[i]->cpu != cpu) {
            st = move_event(its, v[i], cpu, batch);
        }
    }
    return st;
}

static enum umsi_status its_commit(struct umsi_domain *d, struct umsi_batch *batch)
{
    return umsi_its_batch_commit(umsi_its_of(d), batch);
}

const struct umsi_domain_ops umsi_its_domain_ops = {
    .alloc = its_alloc,
    .free = its_free,
    .activate = its_activate,
    .deactivate = its_deactivate,
    .set_affinity = UMSI_IF_MOVES(its_set_affinity),
    .commit = its_commit,
    .suspend = UMSI_IF_SLEEP(umsi_its_suspend),
    .resume = UMSI_IF_SLEEP(umsi_its_resume),
};

/* ---- the chip ---- */

static void its_compose(struct umsi_domain *d, const struct umsi_irq *irq, struct umsi_message *out)
{
    const struct umsi_its *its = umsi_its_of(d);
    out->address = its->phys + GITS_TRANSLATER_OFFSET;
    out->data = irq->level[d->depth].hwirq;
}

static enum umsi_status its_set_state(struct umsi_domain *d, struct umsi_irq *irq,
                                      enum umsi_irq_what what, bool value)
{
    struct umsi_its *its = umsi_its_of(d);
    if (what != UMSI_STATE_PENDING) {
        return UMSI_UNSUPPORTED;
    }
    const umsi_cpu cpu = umsi_irq_cpu(irq);
    if (!is(its, irq, ITS_EVENT_MAPPED) || !umsi_its_cpu_mapped(its, cpu)) {
        return UMSI_STATE;
    }
    const struct its_command c =
        umsi_its_event(value ? ITS_INT : ITS_CLEAR, device_of(its, irq)->id, event_of(its, irq));
    return umsi_its_post(its, &c, cpu);
}

/* The LPI's byte, for what cannot be masked at its device and storms. An event that is not mapped yet has its
 * INV behind its MAPTI. */
static void set_byte(struct umsi_its *its, struct umsi_irq *irq, bool on)
{
    if (!umsi_lpi_enable(its->lpi, irq, on) || !is(its, irq, ITS_EVENT_MAPPED)) {
        return;
    }
    const umsi_cpu cpu = umsi_irq_cpu(irq);
    const struct its_command c =
        umsi_its_event(ITS_INV, device_of(its, irq)->id, event_of(its, irq));
    const enum umsi_status st = umsi_its_post(its, &c, cpu);
    if (st == UMSI_OK) {
        umsi_lpi_unmark(irq, LPI_NEEDS_INV);
    } else { /* it is noted at least */
        (void)umsi_its_post_invall(its, cpu);
    }
}

static void its_mask(struct umsi_domain *d, struct umsi_irq *irq)
{
    set_byte(umsi_its_of(d), irq, false);
}

static void its_unmask(struct umsi_domain *d, struct umsi_irq *irq)
{
    set_byte(umsi_its_of(d), irq, true);
}

static const char *its_explain(struct umsi_domain *d, struct umsi_irq *irq, umsi_print print,
                               void *arg)
{
    struct umsi_its *its = umsi_its_of(d);
    const struct its_device *dev = device_of(its, irq);
    const bool on = (umsi_read32(its->umsi, its->base, GITS_CTLR) & GITS_CTLR_ENABLED) != 0;
    const bool mapped = is(its, irq, ITS_EVENT_MAPPED), home = umsi_its_cpu_mapped(its, irq->cpu);
    umsi_printf(
        print, arg, "%s: DeviceID %u, EventID %u %s, collection %u %s, GITS_CTLR.Enabled %u%s",
        its->name, dev->id.v, event_of(its, irq).v, mapped ? "mapped" : "not mapped", irq->cpu,
        home ? "mapped" : "not mapped", on ? 1u : 0u, its->queue.dead ? ", dead" : "");
    return its->queue.dead   ? "its ITS does not answer"
           : !on             ? "its ITS is disabled"
           : is_tainted(dev) ? "its device's mapping failed once and must be torn down first"
           : !mapped         ? "its event is not mapped"
           : !home           ? "its CPU's collection is not mapped"
                             : NULL;
}

const struct umsi_chip umsi_its_chip = {
    .name = "ITS",
    .mask = its_mask,
    .unmask = its_unmask,
    .compose_message = its_compose,
    .set_state = its_set_state,
    .explain = UMSI_IF_EXPLAIN(its_explain),
};

static umsi_phys its_doorbell(struct umsi_domain *parent)
{
    return umsi_its_of(parent)->phys + GITS_TRANSLATER_OFFSET;
}

const struct umsi_msi_parent_ops umsi_its_msi_ops = {
    .name = "ITS-",
    .can = UMSI_MSI | UMSI_MSIX | UMSI_DEVICE_MSI | UMSI_WIRED | UMSI_MSI_MULTI | UMSI_MSIX_DYNAMIC,
    .message = UMSI_MESSAGE_IMMUTABLE,
    .prepare = umsi_its_prepare,
    .teardown = umsi_its_teardown,
    .can_target = umsi_its_can_target,
    .doorbell = its_doorbell,
};
