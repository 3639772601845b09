/* SPDX-License-Identifier: MIT */
/*
 * System sleep, over all domains: children first down, parents first up. The list of domains is the tree in that
 * order; with no other CPU online nobody changes it, so it is walked without a lock.
 */
#include <umsi/power.h>

#include "core.h"

/* A CPU that is online takes interrupts, and may be inside any call. */
static bool alone(struct umsi *u)
{
    const umsi_cpu self = umsi_cpu_self(u);
    for (umsi_cpu cpu = 0; cpu < u->port.nr_cpus; cpu++) {
        if (cpu != self && umsi_cpumask_test(&u->online, cpu)) {
            umsi_log(u, UMSI_LOG_ERROR, "suspend: cpu %u is online", cpu);
            return false;
        }
    }
    return true;
}

/* Below a domain that is not back there is nothing to work with. */
static enum umsi_status resume(struct umsi_domain *d)
{
    if (!d->suspended || (d->parent != NULL && d->parent->suspended)) {
        return UMSI_OK;
    }
    const enum umsi_status st = d->ops->resume != NULL ? d->ops->resume(d) : UMSI_OK;
    d->suspended = st != UMSI_OK;
    if (st != UMSI_OK) {
        umsi_log(d->umsi, UMSI_LOG_ERROR, "%s: does not resume: %s", d->name,
                 umsi_status_string(st));
    }
    return st;
}

static enum umsi_status resume_all(struct umsi *u)
{
    enum umsi_status st = UMSI_OK;
    for (struct umsi_domain *d = u->domains; d != NULL; d = d->list_next) {
        const enum umsi_status one = resume(d);
        st = st == UMSI_OK ? one : st;
    }
    return st;
}

/* One that did not come back from the sleep before is down already. */
static enum umsi_status suspend(struct umsi_domain *d)
{
    if (d->suspended) {
        return UMSI_OK;
    }
    d->suspended = true; /* also when it fails: then it is resumed */
    const enum umsi_status st = d->ops->suspend != NULL ? d->ops->suspend(d) : UMSI_OK;
    if (st != UMSI_OK) {
        umsi_log(d->umsi, UMSI_LOG_ERROR, "%s: does not suspend: %s", d->name,
                 umsi_status_string(st));
    }
    return st;
}

enum umsi_status umsi_suspend(struct umsi *u)
{
    if (u == NULL) {
        return UMSI_INVALID;
    }
    if (!UMSI_WITH_SLEEP) {
        return UMSI_UNSUPPORTED;
    }
    enum umsi_status st = u->suspended || !alone(u) ? UMSI_STATE : UMSI_OK;
    if (st != UMSI_OK) {
        return st;
    }
    for (struct umsi_domain *d = u->last_domain; d != NULL && st == UMSI_OK; d = d->list_prev) {
        st = suspend(d);
    }
    if (st != UMSI_OK) {
        umsi_ignore(
            resume_all(u)); /* the caller learns what went wrong first; the log has the rest */
    }
    u->suspended = st == UMSI_OK;
    return st;
}

static bool any_suspended(const struct umsi *u)
{
    bool any = u->suspended;
    for (const struct umsi_domain *d = u->domains; d != NULL && !any; d = d->list_next) {
        any = d->suspended;
    }
    return any;
}

enum umsi_status umsi_resume(struct umsi *u)
{
    if (u == NULL) {
        return UMSI_INVALID;
    }
    if (!UMSI_WITH_SLEEP || !any_suspended(u)) {
        return UMSI_WITH_SLEEP ? UMSI_STATE : UMSI_UNSUPPORTED;
    }
    u->suspended = false;
    return resume_all(u);
}
