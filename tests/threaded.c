/* SPDX-License-Identifier: MIT */
/* The port of the model with host threads as CPUs: real locks, the machine behind one mutex. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "threaded.h"

#define NR_IDS 2047u /* in each interrupt file: a hart that is slow to look holds some back */

static _Thread_local umsi_cpu self;
static _Thread_local uint32_t locks; /* held by this thread */
static _Thread_local bool in_vector, masked;

void threaded_be(umsi_cpu cpu)
{
    self = cpu;
}

umsi_cpu threaded_self(void)
{
    return self;
}

void threaded_lock(struct threaded *t)
{
    pthread_mutex_lock(&t->big);
    model_set_cpu(t->m, self);
}

void threaded_unlock(struct threaded *t)
{
    pthread_mutex_unlock(&t->big);
}

static const struct umsi_port *enter(struct threaded *t)
{
    threaded_lock(t);
    return model_port(t->m);
}

/* For what may sleep: not with a lock of the library's, not from an interrupt (L55). */
static const struct umsi_port *enter_task(struct threaded *t)
{
    if (locks != 0 || in_vector) {
        (void)__atomic_fetch_add(&t->wrong, 1, __ATOMIC_RELAXED);
    }
    return enter(t);
}

/* ---- the port ---- */

static void *port_alloc(void *ctx, size_t size, size_t align)
{
    const struct umsi_port *p = enter_task(ctx);
    void *memory = p->alloc(p->ctx, size, align);
    threaded_unlock(ctx);
    return memory;
}

static void port_free(void *ctx, void *memory, size_t size)
{
    const struct umsi_port *p = enter_task(ctx);
    p->free(p->ctx, memory, size);
    threaded_unlock(ctx);
}

static bool port_dma_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    const struct umsi_port *p = enter_task(ctx);
    bool ok = p->dma_alloc(p->ctx, want, out);
    threaded_unlock(ctx);
    return ok;
}

static void port_dma_free(void *ctx, const struct umsi_dma *mem)
{
    const struct umsi_port *p = enter_task(ctx);
    p->dma_free(p->ctx, mem);
    threaded_unlock(ctx);
}

static void port_lock_init(void *ctx, umsi_lock *l)
{
    (void)ctx;
    l->word[0] = 0;
}

static umsi_irqstate port_lock(void *ctx, umsi_lock *l)
{
    (void)ctx;
    locks++;
    while (__atomic_exchange_n(&l->word[0], 1, __ATOMIC_ACQUIRE) != 0) {
        sched_yield();
    }
    return 0;
}

static void port_unlock(void *ctx, umsi_lock *l, umsi_irqstate s)
{
    (void)ctx;
    (void)s;
    __atomic_store_n(&l->word[0], 0, __ATOMIC_RELEASE);
    locks--;
}

static umsi_cpu port_cpu_self(void *ctx)
{
    (void)ctx;
    return self;
}

static uint64_t port_time_us(void *ctx)
{
    const struct umsi_port *p = enter(ctx);
    uint64_t now = p->time_us(p->ctx);
    threaded_unlock(ctx);
    return now;
}

static void port_relax(void *ctx)
{
    const struct umsi_port *p = enter_task(ctx);
    p->relax(p->ctx);
    threaded_unlock(ctx);
    threaded_poll(ctx);
    sched_yield();
}

static void port_cpu_kick(void *ctx, umsi_cpu cpu)
{
    struct threaded *t = ctx;
    __atomic_store_n(&t->kicked[cpu], 1, __ATOMIC_RELEASE);
}

static uint32_t port_read32(void *ctx, const volatile void *addr)
{
    const struct umsi_port *p = enter(ctx);
    uint32_t value = p->mmio_read32(p->ctx, addr);
    threaded_unlock(ctx);
    return value;
}

static void port_write32(void *ctx, volatile void *addr, uint32_t value)
{
    const struct umsi_port *p = enter(ctx);
    p->mmio_write32(p->ctx, addr, value);
    threaded_unlock(ctx);
}

static uint64_t port_read64(void *ctx, const volatile void *addr)
{
    const struct umsi_port *p = enter(ctx);
    uint64_t value = p->mmio_read64(p->ctx, addr);
    threaded_unlock(ctx);
    return value;
}

static void port_write64(void *ctx, volatile void *addr, uint64_t value)
{
    const struct umsi_port *p = enter(ctx);
    p->mmio_write64(p->ctx, addr, value);
    threaded_unlock(ctx);
}

/* The model wants to know whether an interrupt could come in between; only here, where it is about registers of this
 * CPU's own. */
static const struct umsi_port *enter_own(struct threaded *t)
{
    const struct umsi_port *p = enter(t);
    model_mask_cpu(t->m, self, locks != 0 || in_vector || masked);
    return p;
}

static void leave_own(struct threaded *t)
{
    model_mask_cpu(t->m, self, false);
    threaded_unlock(t);
}

static uint64_t port_sysreg_read(void *ctx, uint32_t reg)
{
    const struct umsi_port *p = enter_own(ctx);
    uint64_t value = p->sysreg_read(p->ctx, reg);
    leave_own(ctx);
    return value;
}

static void port_sysreg_write(void *ctx, uint32_t reg, uint64_t value)
{
    const struct umsi_port *p = enter_own(ctx);
    p->sysreg_write(p->ctx, reg, value);
    leave_own(ctx);
}

static uint64_t port_sysreg_modify(void *ctx, uint32_t reg, uint64_t clear, uint64_t set)
{
    const struct umsi_port *p = enter_own(ctx);
    uint64_t old = p->sysreg_modify(p->ctx, reg, clear, set);
    leave_own(ctx);
    return old;
}

static struct umsi_port make_port(struct threaded *t)
{
    return (struct umsi_port){
        .size = sizeof(struct umsi_port),
        .nr_cpus = THREADED_CPUS,
        .ctx = t,
        .alloc = port_alloc,
        .free = port_free,
        .dma_alloc = port_dma_alloc,
        .dma_free = port_dma_free,
        .lock_init = port_lock_init,
        .lock = port_lock,
        .unlock = port_unlock,
        .cpu_self = port_cpu_self,
        .time_us = port_time_us,
        .relax = port_relax,
        .cpu_kick = port_cpu_kick,
        .mmio_read32 = port_read32,
        .mmio_write32 = port_write32,
        .mmio_read64 = port_read64,
        .mmio_write64 = port_write64,
        .sysreg_read = port_sysreg_read,
        .sysreg_write = port_sysreg_write,
        .sysreg_modify = model_port(t->m)->sysreg_modify != NULL ? port_sysreg_modify : NULL,
    };
}

/* ---- CPUs ---- */

void threaded_poll(struct threaded *t)
{
    if (in_vector || masked || locks != 0) {
        return;
    }
    in_vector = true;
    if (__atomic_exchange_n(&t->kicked[self], 0, __ATOMIC_ACQUIRE) != 0) {
        umsi_cpu_service(t->u);
    }
    (void)umsi_handle_interrupts(t->u);
    in_vector = false;
}

static enum umsi_status gic_online(struct threaded *t)
{
    volatile void *rd = NULL;
    umsi_phys phys = 0;
    enum umsi_status st = umsi_gicv3_cpu_online(t->gic, self);
    if (st == UMSI_OK) {
        st = umsi_gicv3_redistributor(t->gic, self, &rd, &phys);
    }
    return st == UMSI_OK ? umsi_lpi_cpu_online(t->lpi, self, rd, phys) : st;
}

enum umsi_status threaded_cpu_online(struct threaded *t)
{
    enum umsi_status st = t->imsic != NULL ? umsi_imsic_cpu_online(t->imsic, self) : gic_online(t);
    masked = st != UMSI_OK;
    return st;
}

void threaded_cpu_offline(struct threaded *t)
{
    masked = true;
    if (t->imsic != NULL) {
        umsi_imsic_cpu_offline(t->imsic);
        return;
    }
    umsi_lpi_cpu_offline(t->lpi, self);
    umsi_gicv3_cpu_offline(t->gic);
}

bool threaded_pending(struct threaded *t)
{
    bool pending = false;
    threaded_lock(t);
    for (uint32_t i = 1; t->imsic != NULL && i <= NR_IDS && !pending; i++) {
        /* What is closed was freed in the midst of a move, and goes when its file is gone through. */
        pending = model_imsic_pending(t->m, self, i) && model_imsic_enabled(t->m, self, i);
    }
    for (uint32_t i = UMSI_LPI_FIRST; i < UMSI_LPI_FIRST + 1024 && !pending && t->lpi != NULL;
         i++) {
        pending = model_lpi_pending(t->m, self, i);
    }
    threaded_unlock(t);
    return pending;
}

/* ---- up and down ---- */

static void start_gic(struct threaded *t)
{
    struct umsi_gicv3_region region = { 0 };
    region.base = model_gicr(t->m, &region.phys, &region.size);
    const struct umsi_gicv3_config gic = { .gicd = model_gicd(t->m),
                                           .regions = &region,
                                           .nr_regions = 1 };
    const struct umsi_lpi_config lpi = { .gicd = model_gicd(t->m) };
    const struct umsi_its_config its = { .base = model_its_base(t->m, 0),
                                         .phys = model_its_phys(t->m, 0),
                                         .queue_bytes = 4096 };
    assert_int_equal(umsi_gicv3_create(t->u, &gic, &t->gic), UMSI_OK);
    assert_int_equal(umsi_lpi_create(t->u, &lpi, &t->lpi), UMSI_OK);
    assert_int_equal(umsi_its_create(t->lpi, &its, &t->its), UMSI_OK);
}

static void start_imsic(struct threaded *t)
{
    struct umsi_imsic_file files[THREADED_CPUS];
    struct umsi_imsic_config c = { .files = files, .nr_ids = NR_IDS };
    c.layout.hart_index_bits = model_imsic(t->m, &c.layout.base)->hart_index_bits;
    for (umsi_cpu cpu = 0; cpu < THREADED_CPUS; cpu++) {
        files[cpu].page = model_imsic_page(t->m, cpu, NULL, &files[cpu].hart);
    }
    assert_int_equal(umsi_imsic_create(t->u, &c, &t->imsic), UMSI_OK);
}

static void start(struct threaded *t, const struct model_config *config)
{
    memset(t, 0, sizeof(*t));
    masked = true;
    pthread_mutex_init(&t->big, NULL);
    assert_true(model_create(config, &t->m));
    t->port = make_port(t);
    assert_int_equal(umsi_create(&t->port, &t->u), UMSI_OK);
    (config->imsic != NULL ? start_imsic : start_gic)(t);
    for (umsi_cpu cpu = THREADED_CPUS; cpu-- > 0;) {
        threaded_be(cpu);
        masked = true;
        assert_int_equal(threaded_cpu_online(t), UMSI_OK);
    }
}

void threaded_start(struct threaded *t)
{
    start(t, &(struct model_config){ .nr_cpus = THREADED_CPUS, .nr_its = 1 });
}

void threaded_start_imsic(struct threaded *t, uint64_t message_ns)
{
    const struct model_imsic_config files = { .nr_ids = NR_IDS, .message_ns = message_ns };
    start(t, &(struct model_config){ .nr_cpus = THREADED_CPUS, .imsic = &files });
}

static void no_breach(struct threaded *t)
{
    for (uint32_t i = 0; i < model_breaches(t->m) && i < 10; i++) {
        const struct model_breach *b = model_breach_at(t->m, i);
        print_message("  breach: %s [%s] %s\n", b->law, b->section, b->text);
    }
    assert_int_equal(model_breaches(t->m), 0);
}

/* Every identity is free again (L14, L37). */
static void no_identity(struct threaded *t)
{
    struct umsi_imsic_counts c;
    for (umsi_cpu cpu = 0; cpu < THREADED_CPUS; cpu++) {
        threaded_be(cpu);
        umsi_cpu_service(t->u);
    }
    umsi_imsic_get_counts(t->imsic, UMSI_NO_CPU, &c);
    assert_int_equal(c.live, 0);
    assert_int_equal(c.quarantined, 0);
}

void threaded_stop(struct threaded *t)
{
    if (t->imsic != NULL) {
        no_identity(t);
    }
    threaded_be(0);
    assert_int_equal(t->its == NULL ? UMSI_OK : umsi_its_destroy(t->its), UMSI_OK);
    for (umsi_cpu cpu = THREADED_CPUS; cpu-- > 0;) {
        threaded_be(cpu);
        threaded_cpu_offline(t);
    }
    assert_int_equal(t->lpi == NULL ? UMSI_OK : umsi_lpi_destroy(t->lpi), UMSI_OK);
    assert_int_equal(t->gic == NULL ? UMSI_OK : umsi_gicv3_destroy(t->gic), UMSI_OK);
    assert_int_equal(t->imsic == NULL ? UMSI_OK : umsi_imsic_destroy(t->imsic), UMSI_OK);
    assert_int_equal(umsi_destroy(t->u), UMSI_OK);
    assert_int_equal(t->wrong, 0);
    model_check_shutdown(t->m);
    no_breach(t);
    model_destroy(t->m);
    pthread_mutex_destroy(&t->big);
}

/* ---- functions ---- */

static bool pci_read(void *dev, uint16_t offset, unsigned width, uint32_t *out)
{
    struct threaded_function *f = dev;
    threaded_lock(f->t);
    bool ok = model_pci_ops()->read(f->hw, offset, width, out);
    threaded_unlock(f->t);
    return ok;
}

static bool pci_write(void *dev, uint16_t offset, unsigned width, uint32_t value)
{
    struct threaded_function *f = dev;
    threaded_lock(f->t);
    bool ok = model_pci_ops()->write(f->hw, offset, width, value);
    threaded_unlock(f->t);
    return ok;
}

static volatile void *map_bar(void *dev, unsigned bar, uint64_t offset, size_t size)
{
    struct threaded_function *f = dev;
    threaded_lock(f->t);
    volatile void *va = model_pci_ops()->map_bar(f->hw, bar, offset, size);
    threaded_unlock(f->t);
    return va;
}

static void unmap_bar(void *dev, volatile void *va, size_t size)
{
    struct threaded_function *f = dev;
    threaded_lock(f->t);
    model_pci_ops()->unmap_bar(f->hw, va, size);
    threaded_unlock(f->t);
}

void threaded_plug(struct threaded *t, const struct model_pci_config *hw,
                   struct threaded_function *f)
{
    memset(f, 0, sizeof(*f));
    f->t = t;
    assert_true(model_pci_create(t->m, hw, &f->hw));
}

enum umsi_status threaded_attach(struct threaded_function *f)
{
    static const struct umsi_pci_ops ops = {
        .read = pci_read, .write = pci_write, .map_bar = map_bar, .unmap_bar = unmap_bar
    };
    const struct umsi_pci_config config = {
        .ops = &ops, .handle = f, .name = "threaded", .device_id = model_pci_device_id(f->hw)
    };
    struct umsi_domain *parent =
        f->t->imsic != NULL ? umsi_imsic_parent(f->t->imsic) : umsi_its_parent(f->t->its);
    return umsi_pci_attach(parent, &config, &f->pci);
}

enum model_raised threaded_raise(struct threaded_function *f, uint32_t vector)
{
    threaded_lock(f->t);
    enum model_raised how = model_pci_raise(f->hw, vector);
    threaded_unlock(f->t);
    return how;
}
