/* SPDX-License-Identifier: MIT */
/*
 * CPUs come and go, and send each other SGIs. Bringing one up allocates nothing; a CPU is published, and offered as
 * a target, when everything else is done. IHI0048B 4.3.15 (GICD_SGIR).
 */
#include "../../arch/barrier.h"
#include "internal.h"

static bool has_target(struct umsi_gicv2 *gic, uint32_t target)
{
    for (umsi_cpu cpu = 0; cpu < gic->umsi->port.nr_cpus; cpu++) {
        const struct umsi_gicv2_cpu *c = umsi_gicv2_online_cpu(gic, cpu);
        if (c != NULL && c->target == target) {
            umsi_log(gic->umsi, UMSI_LOG_ERROR,
                     "GICv2: CPU %u says it has the CPU interface of this one", cpu);
            return true;
        }
    }
    return false;
}

static enum umsi_status find_interface(struct umsi_gicv2 *gic, umsi_cpu cpu, uint32_t *out_target)
{
    uint32_t target = umsi_gicv2_dist_self(gic);

    if (target == 0) {
        umsi_log(gic->umsi, UMSI_LOG_ERROR,
                 "GICv2: GICD_ITARGETSR0 does not say which CPU interface CPU %u has", cpu);
        return UMSI_UNSUPPORTED;
    }
    if (has_target(gic, target)) {
        return UMSI_EXISTS;
    }
    *out_target = target;
    return UMSI_OK;
}

/* The triggers of PPIs mapped before this CPU came up, then the CPU itself; no map comes in between. */
static void publish(struct umsi_gicv2 *gic, umsi_cpu cpu, uint32_t target)
{
    struct umsi_gicv2_cpu *c = &gic->cpus[cpu];
    umsi_irqstate s = umsi_lock_take(gic->umsi, &gic->lock);

    *c = (struct umsi_gicv2_cpu){ .target = target };
    umsi_gicv2_local_apply(gic, c);
    __atomic_store_n(&c->online, 1, __ATOMIC_RELEASE);
    umsi_lock_drop(gic->umsi, &gic->lock, s);
    umsi_set_cpu_online(gic->umsi, cpu, true);
}

enum umsi_status umsi_gicv2_cpu_online(struct umsi_gicv2 *gic, umsi_cpu cpu)
{
    uint32_t target = 0;
    enum umsi_status st;

    if (cpu >= gic->umsi->port.nr_cpus) {
        return UMSI_RANGE;
    }
    if (cpu != umsi_cpu_self(gic->umsi)) {
        return UMSI_INVALID;
    }
    if (umsi_gicv2_online_cpu(gic, cpu) != NULL) {
        return UMSI_EXISTS;
    }
    st = find_interface(gic, cpu, &target);
    if (st == UMSI_OK) {
        umsi_gicv2_local_init(gic);
        st = umsi_gicv2_cpu_if_open(gic);
    }
    if (st == UMSI_OK) {
        publish(gic, cpu, target);
    }
    return st;
}

/* No longer a target first, then deaf. */
void umsi_gicv2_cpu_offline(struct umsi_gicv2 *gic)
{
    umsi_cpu cpu = umsi_cpu_self(gic->umsi);
    struct umsi_gicv2_cpu *c = umsi_gicv2_online_cpu(gic, cpu);
    umsi_irqstate s;

    if (c == NULL) {
        return;
    }
    umsi_set_cpu_online(gic->umsi, cpu, false);
    s = umsi_lock_take(gic->umsi, &gic->lock);
    __atomic_store_n(&c->online, 0, __ATOMIC_RELEASE);
    c->local_wanted = 0;
    umsi_gicv2_local_apply(gic, c);
    umsi_lock_drop(gic->umsi, &gic->lock, s);
    umsi_gicv2_cpu_if_close(gic);
}

enum umsi_status umsi_gicv2_send_sgi(struct umsi_gicv2 *gic, umsi_cpu cpu, uint32_t sgi)
{
    const struct umsi_gicv2_cpu *c;

    if (sgi >= GIC_FIRST_PPI || cpu >= gic->umsi->port.nr_cpus) {
        return UMSI_RANGE;
    }
    c = umsi_gicv2_online_cpu(gic, cpu);
    if (c == NULL) {
        return UMSI_STATE;
    }
    umsi_wmb(); /* what was stored before is there when the handler looks */
    umsi_write32(gic->umsi, gic->gicd, GICD_SGIR, umsi_gicv2_sgir(c->target, sgi));
    return UMSI_OK;
}
