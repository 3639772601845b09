/* SPDX-License-Identifier: MIT */
/*
 * Devices: prepare and teardown. All domains with one DeviceID share one struct its_device and one ITT, by
 * the list of its users (L9); each has a range of EventIDs of its own. The first maps the device, the last
 * unmaps it. Who comes while either is under way waits, without a lock, for as long as the ITS's deadline
 * lets those commands take.
 *
 * A device that could not be unmapped is held: its DeviceID, ITT and INTIDs are in quarantine (L22, L25) until
 * an unmap succeeds, which is tried when the DeviceID is needed again, or the ITS is off.
 */
#include "its.h"

static uint32_t log2_up(uint64_t n)
{
    uint32_t bits = 0;
    while ((uint64_t)1 << bits < n) {
        bits++;
    }
    return bits;
}

/* ---- a user's range of EventIDs; its->lock is held ---- */

/* Where a range of `size` fits before *at's next: the lowest multiple of its size that is past the one before. */
static uint32_t align_up(uint32_t n, uint32_t size)
{
    return (n + size - 1) & ~(size - 1);
}

static bool add_user(struct its_device *d, struct its_user *user)
{
    struct its_user **at = &d->users;
    uint32_t base = 0;
    while (*at != NULL && base + user->size > (*at)->base) {
        base = align_up((*at)->base + (*at)->size, user->size);
        at = &(*at)->next;
    }
    if ((uint64_t)base + user->size > (uint64_t)1 << d->bits) {
        return false;
    }
    user->base = base;
    user->device = d;
    user->next = *at;
    *at = user;
    return true;
}

static void remove_user(struct its_device *d, const struct its_user *user)
{
    struct its_user **at = &d->users;
    while (*at != user) {
        at = &(*at)->next;
    }
    *at = user->next;
}

/* ---- mapping and unmapping; no lock is held, the state keeps others out ---- */

static enum umsi_status send_mapd(struct umsi_its *its, const struct its_device *d, bool valid,
                                  struct umsi_batch *batch)
{
    const struct its_command c = umsi_its_mapd(d->id, d->bits, d->itt.bus, valid);
    enum umsi_status st = umsi_its_batch_add(its, batch, &c, 1, NULL, umsi_its_some_cpu(its));
    /* Where it is not known what sits where, every redistributor has to finish. */
    for (umsi_cpu cpu = 0; d->tainted != 0 && st == UMSI_OK && cpu < its->umsi->port.nr_cpus;
         cpu++) {
        st = umsi_its_cpu_mapped(its, cpu) ? umsi_its_batch_touch(its, batch, cpu) : st;
    }
    const enum umsi_status done = umsi_its_batch_commit(its, batch);
    return st != UMSI_OK ? st : done;
}

static enum umsi_status map_device(struct umsi_its *its, struct its_device *d,
                                   struct umsi_batch *batch, bool *out_unsure)
{
    enum umsi_status st = umsi_its_table_ensure(its, d->id);
    st = st != UMSI_OK ? st : umsi_its_itt_get(its, d->bits, &d->itt);
    if (st != UMSI_OK) {
        return st;
    }
    st = send_mapd(its, d, true, batch);
    const bool refused = (batch->priv[ITS_BATCH_REFUSED] >> ITS_MAPD & 1) != 0;
    *out_unsure = st != UMSI_OK && batch->commands != 0 && !refused;
    if (st != UMSI_OK && !*out_unsure) {
        umsi_its_itt_put(its, &d->itt);
    }
    return st;
}

static void set_state(struct umsi_its *its, struct its_device *d, enum its_device_state state)
{
    const umsi_irqstate s = umsi_lock_take(its->umsi, &its->lock);
    d->state = state;
    its->nr_devices += state == ITS_MAPPED ? 1 : 0;
    if (state == ITS_HELD) {
        struct its_device **at = &its->held; /* last: umsi_its_reclaim() comes to each */
        while (*at != NULL) {
            at = &(*at)->next_held;
        }
        d->tainted = 1;
        d->next_held = NULL;
        *at = d;
        its->nr_held++;
    }
    umsi_lock_drop(its->umsi, &its->lock, s);
}

static void hold(struct umsi_its *its, struct its_device *d)
{
    umsi_log(its->umsi, UMSI_LOG_ERROR,
             "%s: DeviceID %u may still be mapped: held back with its table", its->name, d->id.v);
    set_state(its, d, ITS_HELD);
}

static void forget(struct umsi_its *its, struct its_device *d)
{
    const umsi_irqstate s = umsi_lock_take(its->umsi, &its->lock);
    umsi_its_map_remove(its, d);
    umsi_lock_drop(its->umsi, &its->lock, s);
    umsi_free(its->umsi, d, sizeof(*d));
}

/* The ITS has let go of it. */
static void finish(struct umsi_its *its, struct its_device *d)
{
    umsi_its_itt_put(its, &d->itt);
    umsi_lpi_release(its->lpi, &d->held_intids);
    forget(its, d);
}

static void unmap_device(struct umsi_its *its, struct its_device *d, struct umsi_batch *batch)
{
    if (send_mapd(its, d, false, batch) == UMSI_OK) {
        finish(its, d);
    } else {
        hold(its, d);
    }
}

/* ---- the held ---- */

/* Take one off the list, to try and unmap it: this DeviceID's, or (NULL) any. NULL: there is none. */
static struct its_device *take_held(struct umsi_its *its, const struct its_devid *id)
{
    const umsi_irqstate s = umsi_lock_take(its->umsi, &its->lock);
    struct its_device **at = &its->held;
    while (*at != NULL && id != NULL && (*at)->id.v != id->v) {
        at = &(*at)->next_held;
    }
    struct its_device *d = *at;
    if (d != NULL) {
        *at = d->next_held;
        its->nr_held--;
        d->state = ITS_UNMAPPING;
    }
    umsi_lock_drop(its->umsi, &its->lock, s);
    return d;
}

void umsi_its_reclaim(struct umsi_its *its, bool off)
{
    struct its_device *d;
    for (uint32_t n = its->nr_held; n > 0 && (d = take_held(its, NULL)) != NULL; n--) {
        struct umsi_batch batch = { 0 };
        if (off) {
            finish(its, d);
        } else {
            unmap_device(its, d, &batch);
        }
    }
}

/* The ITS came back after it was given up: once, release what was held for that. */
static void reclaim_once(struct umsi_its *its)
{
    bool revived = false;
    umsi_irqstate s;
    if (umsi_its_queue_try(its, 1, &s) == UMSI_OK) { /* looks at CREADR of one that was given up */
        revived = its->queue.revived;
        its->queue.revived = false;
        umsi_its_queue_close(its, s);
    }
    if (revived) {
        umsi_its_reclaim(its, false);
    }
}

/* ---- prepare ---- */

static enum umsi_status check(struct umsi_its *its, const struct umsi_msi_device *dev,
                              uint32_t nr_events)
{
    if (dev->device_id >= its->devices.capacity) {
        umsi_log(its->umsi, UMSI_LOG_ERROR, "%s: %s: DeviceID %u, but its table has %lu", its->name,
                 dev->name, dev->device_id, its->devices.capacity);
        return UMSI_RANGE;
    }
    if (nr_events == 0 || log2_up(nr_events) > its->event_bits) {
        umsi_log(its->umsi, UMSI_LOG_ERROR, "%s: %s: %u events, but EventIDs have %u bits",
                 its->name, dev->name, nr_events, its->event_bits);
        return UMSI_RANGE;
    }
    return UMSI_OK;
}

/* EventID bits of the table: for all that may share it, as it cannot grow. MAPD has no size below two. */
static uint32_t table_bits(const struct umsi_its *its, const struct umsi_msi_device *dev,
                           uint32_t nr_events)
{
    const uint32_t own = log2_up(nr_events), shared = log2_up(dev->shared_events);
    uint32_t bits = own > shared ? own : shared;
    bits = bits > its->event_bits ? its->event_bits : bits;
    return bits == 0 ? 1 : bits;
}

static struct its_device *new_device(struct umsi_its *its, const struct umsi_msi_device *dev,
                                     uint32_t nr_events)
{
    struct its_device *d = umsi_alloc(its->umsi, sizeof(*d));
    if (d != NULL) {
        d->id = (struct its_devid){ dev->device_id };
        d->bits = table_bits(its, dev, nr_events);
    }
    return d;
}

/* What the DeviceID's state lets a newcomer do. */
enum entry { JOINED, MAP_IT, WAIT, NO_ROOM, TAINTED, HELD };

static enum entry try_enter(struct umsi_its *its, struct its_device *fresh, struct its_user *user,
                            struct its_device **out)
{
    enum entry e = WAIT;
    const umsi_irqstate s = umsi_lock_take(its->umsi, &its->lock);
    struct its_device *d = umsi_its_map_find(its, fresh->id.v);
    if (d == NULL) {
        d = fresh;
        e = add_user(d, user) ? MAP_IT : NO_ROOM;
        if (e == MAP_IT) {
            umsi_its_map_insert(its, d);
        }
    } else if (d->state == ITS_HELD) {
        e = HELD;
    } else if (d->state == ITS_MAPPED && d->tainted != 0) {
        e = TAINTED;
    } else if (d->state == ITS_MAPPED) {
        e = add_user(d, user) ? JOINED : NO_ROOM;
    }
    if (e == NO_ROOM) {
        fresh->bits = d->bits; /* for the log: without the lock, d may go */
    }
    *out = d;
    umsi_lock_drop(its->umsi, &its->lock, s);
    return e;
}

static enum entry enter(struct umsi_its *its, struct its_device *fresh, struct its_user *user,
                        struct its_device **out)
{
    enum entry e = try_enter(its, fresh, user, out);
    while (e == WAIT) {
        umsi_relax(its->umsi);
        e = try_enter(its, fresh, user, out);
    }
    return e;
}

/* What was refused once may be done the second time: whoever needs the DeviceID asks again. */
static void unmap_again(struct umsi_its *its, struct umsi_msi_device *dev)
{
    const struct its_devid id = { dev->device_id };
    struct its_device *d = take_held(its, &id);
    struct umsi_batch batch = { 0 };
    if (d != NULL) {
        unmap_device(its, d, &batch);
        umsi_msi_charge(dev, batch.commands, batch.waits);
    }
}

/* What was inserted as fresh is mapped now, or gone. */
static enum umsi_status first_user(struct umsi_its *its, struct umsi_msi_device *dev,
                                   struct its_device *d)
{
    struct umsi_batch batch = { 0 };
    bool unsure = false;
    const enum umsi_status st = map_device(its, d, &batch, &unsure);
    umsi_msi_charge(dev, batch.commands, batch.waits);
    if (st == UMSI_OK) {
        set_state(its, d, ITS_MAPPED);
        return UMSI_OK;
    }
    d->users = NULL;
    if (unsure) {
        hold(its, d);
    } else {
        forget(its, d);
    }
    return st;
}

static enum umsi_status refuse(struct umsi_its *its, const struct umsi_msi_device *dev,
                               const struct its_device *fresh, const struct its_user *user,
                               enum entry e)
{
    if (e == NO_ROOM) {
        umsi_log(
            its->umsi, UMSI_LOG_ERROR,
            "%s: %s: no room for %u events in the table of %u that DeviceID %u was mapped with",
            its->name, dev->name, user->events, (uint32_t)1 << fresh->bits, fresh->id.v);
        return UMSI_NOSPACE;
    }
    umsi_log(its->umsi, UMSI_LOG_ERROR, "%s: %s: DeviceID %u is held back after an error",
             its->name, dev->name, dev->device_id);
    return UMSI_HARDWARE;
}

static enum umsi_status join(struct umsi_its *its, struct umsi_msi_device *dev,
                             struct its_user *user)
{
    struct its_device *fresh = new_device(its, dev, user->events), *d = NULL;
    if (fresh == NULL) {
        return UMSI_NOMEM;
    }
    enum entry e = enter(its, fresh, user, &d);
    if (e == HELD) {
        unmap_again(its, dev);
        e = enter(its, fresh, user, &d);
    }
    if (e == MAP_IT) {
        return first_user(its, dev, d);
    }
    const enum umsi_status st = e == JOINED ? UMSI_OK : refuse(its, dev, fresh, user, e);
    umsi_free(its->umsi, fresh, sizeof(*fresh));
    return st;
}

enum umsi_status umsi_its_prepare(struct umsi_domain *parent, struct umsi_msi_device *dev,
                                  uint32_t nr_events, struct umsi_alloc_info *out_info)
{
    struct umsi_its *its = umsi_its_of(parent);
    enum umsi_status st = check(its, dev, nr_events);
    if (st != UMSI_OK) {
        return st;
    }
    reclaim_once(its);
    struct its_user *user = umsi_alloc(its->umsi, sizeof(*user));
    if (user == NULL) {
        return UMSI_NOMEM;
    }
    user->events = nr_events;
    user->size = (uint32_t)1 << log2_up(nr_events);
    st = join(its, dev, user);
    if (st != UMSI_OK) {
        umsi_free(its->umsi, user, sizeof(*user));
        return st;
    }
    return umsi_alloc_info_set(out_info, parent, (uint64_t)(uintptr_t)user, 0);
}

/* ---- teardown ---- */

/* True when that was the last one. */
static bool leave(struct umsi_its *its, struct its_device *d, const struct its_user *user)
{
    const umsi_irqstate s = umsi_lock_take(its->umsi, &its->lock);
    remove_user(d, user);
    const bool last = d->users == NULL;
    if (last) {
        d->state = ITS_UNMAPPING;
        its->nr_devices--;
    }
    umsi_lock_drop(its->umsi, &its->lock, s);
    return last;
}

void umsi_its_teardown(struct umsi_domain *parent, struct umsi_msi_device *dev,
                       const struct umsi_alloc_info *info)
{
    struct umsi_its *its = umsi_its_of(parent);
    uint64_t v0 = 0, v1 = 0;
    if (!umsi_alloc_info_get(info, parent, &v0, &v1)) {
        return;
    }
    struct its_user *user = (struct its_user *)(uintptr_t)v0;
    if (leave(its, user->device, user)) {
        struct umsi_batch batch = { 0 };
        unmap_device(its, user->device, &batch);
        umsi_msi_charge(dev, batch.commands, batch.waits);
    }
    umsi_free(its->umsi, user, sizeof(*user));
}
