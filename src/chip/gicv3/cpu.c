/* SPDX-License-Identifier: MIT */
/*
 * CPUs come and go. Bringing one up allocates nothing and reads no redistributor but its own; a CPU is
 * published, and offered as a target, when everything else is done.
 */
#include "../../arch/sysreg.h"
#include "internal.h"

enum umsi_status umsi_gicv3_add_redistributor(struct umsi_gicv3 *gic, umsi_cpu cpu,
                                              volatile void *rd, umsi_phys rd_phys)
{
    if (cpu >= gic->umsi->port.nr_cpus) {
        return UMSI_RANGE;
    }
    if (rd == NULL) {
        return UMSI_INVALID;
    }
    if (umsi_gicv3_online_cpu(gic, cpu) != NULL) {
        return UMSI_STATE;
    }
    if (!umsi_gicv3_redist_valid(gic, rd)) {
        umsi_log(gic->umsi, UMSI_LOG_ERROR,
                 "GICv3: what CPU %u was given at %lx is no redistributor", cpu, rd_phys);
        return UMSI_UNSUPPORTED;
    }
    gic->cpus[cpu].rd = rd;
    gic->cpus[cpu].phys = rd_phys;
    return UMSI_OK;
}

/* One that was given, or found when the CPU was last online, must be this CPU's: with a wrong one it would
 * take another CPU's interrupts. */
static bool is_own(struct umsi_gicv3 *gic, umsi_cpu cpu, uint32_t affinity)
{
    uint32_t theirs;

    if (gic->cpus[cpu].rd == NULL) {
        return false;
    }
    theirs = GICR_TYPER_Affinity(umsi_read64(gic->umsi, gic->cpus[cpu].rd, GICR_TYPER));
    if (theirs != affinity) {
        umsi_log(gic->umsi, UMSI_LOG_WARN,
                 "GICv3: CPU %u has affinity %08x, its redistributor %08x", cpu, affinity, theirs);
    }
    return theirs == affinity;
}

static enum umsi_status find_redistributor(struct umsi_gicv3 *gic, umsi_cpu cpu, uint32_t affinity)
{
    const struct umsi_gicv3_redist *r;

    if (is_own(gic, cpu, affinity)) {
        return UMSI_OK;
    }
    r = umsi_gicv3_redist_find(gic, affinity);
    if (r == NULL) {
        umsi_log(gic->umsi, UMSI_LOG_ERROR, "GICv3: CPU %u: no redistributor has affinity %08x",
                 cpu, affinity);
        return UMSI_NOTFOUND;
    }
    gic->cpus[cpu].rd = r->rd;
    gic->cpus[cpu].phys = r->phys;
    return UMSI_OK;
}

static enum umsi_status bring_up(struct umsi_gicv3 *gic, umsi_cpu cpu, uint64_t affinity)
{
    volatile void *rd = gic->cpus[cpu].rd;
    enum umsi_status st = umsi_gicv3_redist_wake(gic, rd);

    if (st == UMSI_OK) {
        st = umsi_gicv3_redist_init(gic, rd);
    }
    if (st == UMSI_OK) {
        st = umsi_gicv3_cpu_if_open(gic, affinity);
    }
    return st;
}

/* The trigger of PPIs mapped before this CPU came up, then the CPU itself; no map comes in between. */
static void publish(struct umsi_gicv3 *gic, umsi_cpu cpu, uint64_t affinity)
{
    struct umsi_gicv3_cpu *c = &gic->cpus[cpu];
    umsi_irqstate s = umsi_lock_take(gic->umsi, &gic->lock);

    c->affinity = affinity;
    c->local_wanted = 0;
    umsi_gicv3_local_triggers(gic, c->rd);
    __atomic_store_n(&c->online, 1, __ATOMIC_RELEASE);
    umsi_lock_drop(gic->umsi, &gic->lock, s);
    umsi_set_cpu_online(gic->umsi, cpu, true);
}

enum umsi_status umsi_gicv3_cpu_online(struct umsi_gicv3 *gic, umsi_cpu cpu)
{
    uint64_t affinity;
    enum umsi_status st;

    if (cpu >= gic->umsi->port.nr_cpus) {
        return UMSI_RANGE;
    }
    if (cpu != umsi_cpu_self(gic->umsi)) {
        return UMSI_INVALID;
    }
    if (umsi_gicv3_online_cpu(gic, cpu) != NULL) {
        return UMSI_EXISTS;
    }
    affinity = umsi_gicv3_mpidr_affinity(umsi_sysreg_read(gic->umsi, UMSI_MPIDR_EL1));
    st = find_redistributor(gic, cpu, umsi_gicv3_pack_affinity(affinity));
    if (st == UMSI_OK) {
        st = umsi_gicv3_cpu_if_claim(gic);
    }
    if (st == UMSI_OK) {
        st = bring_up(gic, cpu, affinity);
    }
    if (st == UMSI_OK) {
        publish(gic, cpu, affinity);
    }
    return st;
}

/* No longer a target first, then deaf, then asleep. EnableLPIs and its tables stay (L57). */
void umsi_gicv3_cpu_offline(struct umsi_gicv3 *gic)
{
    umsi_cpu cpu = umsi_cpu_self(gic->umsi);
    struct umsi_gicv3_cpu *c = umsi_gicv3_online_cpu(gic, cpu);
    umsi_irqstate s;

    if (c == NULL) {
        return;
    }
    umsi_set_cpu_online(gic->umsi, cpu, false);
    s = umsi_lock_take(gic->umsi, &gic->lock);
    __atomic_store_n(&c->online, 0, __ATOMIC_RELEASE);
    umsi_lock_drop(gic->umsi, &gic->lock, s);
    (void)umsi_gicv3_redist_quiet(gic, c->rd);
    umsi_gicv3_cpu_if_close(gic);
    umsi_ignore(umsi_gicv3_redist_sleep(gic, c->rd)); /* logged; there is no way back */
}

enum umsi_status umsi_gicv3_redistributor_at(struct umsi_gicv3 *gic, uint32_t i,
                                             volatile void **out_rd, umsi_phys *out_phys)
{
    if (i >= gic->nr_redists || gic->redists[i].rd == NULL) {
        return UMSI_NOTFOUND;
    }
    *out_rd = gic->redists[i].rd;
    *out_phys = gic->redists[i].phys;
    return UMSI_OK;
}

enum umsi_status umsi_gicv3_redistributor(struct umsi_gicv3 *gic, umsi_cpu cpu,
                                          volatile void **out_rd, umsi_phys *out_phys)
{
    const struct umsi_gicv3_cpu *c = umsi_gicv3_online_cpu(gic, cpu);

    if (c == NULL) {
        return UMSI_NOTFOUND;
    }
    *out_rd = c->rd;
    *out_phys = c->phys;
    return UMSI_OK;
}
