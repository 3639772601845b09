/* SPDX-License-Identifier: MIT */
/* The library on the model's RISC-V harts. */
#include "imsic_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the port: the model's, and a look at each access before it happens ---- */

static struct irig *counted; /* the one rig at a time whose accesses are counted */

static void count_access(void)
{
    struct irig *r = counted;
    if (r != NULL && ++r->accesses == r->trigger_at) {
        r->trigger(r);
    }
}

static const struct umsi_port *under(void)
{
    return model_port(counted->m);
}

static uint32_t read32(void *ctx, const volatile void *addr)
{
    count_access();
    uint32_t value = under()->mmio_read32(ctx, addr);
    return addr == counted->lie_at ? counted->lie : value;
}

static void write32(void *ctx, volatile void *addr, uint32_t v)
{
    count_access();
    under()->mmio_write32(ctx, addr, v);
}

static uint64_t sysreg_read(void *ctx, uint32_t reg)
{
    count_access();
    return under()->sysreg_read(ctx, reg);
}

static void sysreg_write(void *ctx, uint32_t reg, uint64_t v)
{
    count_access();
    under()->sysreg_write(ctx, reg, v);
}

static uint64_t sysreg_modify(void *ctx, uint32_t reg, uint64_t clear, uint64_t set)
{
    count_access();
    return under()->sysreg_modify(ctx, reg, clear, set);
}

static bool config_read(void *dev, uint16_t offset, unsigned width, uint32_t *out)
{
    count_access();
    return model_pci_ops()->read(dev, offset, width, out);
}

static bool config_write(void *dev, uint16_t offset, unsigned width, uint32_t value)
{
    count_access();
    return model_pci_ops()->write(dev, offset, width, value);
}

static volatile void *map_bar(void *dev, unsigned bar, uint64_t offset, size_t size)
{
    return model_pci_ops()->map_bar(dev, bar, offset, size);
}

static void unmap_bar(void *dev, volatile void *va, size_t size)
{
    model_pci_ops()->unmap_bar(dev, va, size);
}

static const struct umsi_pci_ops pci_ops = { config_read, config_write, map_bar, unmap_bar };

static umsi_irqstate lock(void *ctx, umsi_lock *l)
{
    struct irig *r = counted;
    struct model_counts c;
    model_get_counts(r->m, &c);
    if (c.locks_held == 0 && r->meanwhile_at != 0 && ++r->locks == r->meanwhile_at) {
        r->meanwhile(r);
    }
    return under()->lock(ctx, l);
}

static void vector(void *arg, umsi_cpu cpu)
{
    struct irig *r = arg;
    (void)cpu;
    (void)umsi_handle_interrupts(r->u);
}

/* A deaf CPU is kicked again by whoever ends its deafness. */
static void service(void *arg, umsi_cpu cpu)
{
    struct irig *r = arg;
    if ((r->deaf >> cpu & 1u) == 0) {
        umsi_cpu_service(r->u);
    }
}

static void on_line(void *arg, enum umsi_log_level level, const char *line)
{
    (void)arg;
    if (getenv("RIG_VERBOSE") != NULL) {
        print_message("  <%d> %s\n", (int)level, line);
    }
}

static void make_machine(struct irig *r, const struct irig_config *c)
{
    struct model_config m = c->model;
    memset(r, 0, sizeof(*r));
    m.nr_cpus = m.nr_cpus == 0 ? 2 : m.nr_cpus;
    m.imsic = c->direct ? NULL : &c->imsic;
    m.aplic = c->has_aplic || c->direct ? &c->aplic : NULL;
    m.on_log = on_line;
    r->nr_cpus = m.nr_cpus;
    assert_true(m.nr_cpus <= IRIG_MAX_CPUS);
    assert_true(model_create(&m, &r->m));
    model_set_vectors(r->m, &(struct model_vectors){ vector, service, r });
    r->port = *model_port(r->m);
    r->port.mmio_read32 = read32;
    r->port.mmio_write32 = write32;
    r->port.lock = lock;
    if (r->port.sysreg_modify != NULL) {
        r->port.sysreg_read = sysreg_read;
        r->port.sysreg_write = sysreg_write;
        r->port.sysreg_modify = sysreg_modify;
    }
    counted = r;
}

/* ---- controllers ---- */

static struct umsi_imsic_layout layout_of(struct irig *r)
{
    struct umsi_imsic_layout l = { 0 };
    const struct model_imsic_config *c = model_imsic(r->m, &l.base);
    l.guest_index_bits = c->guest_index_bits;
    l.hart_index_bits = c->hart_index_bits;
    l.group_index_bits = c->cpus_per_group != 0 ? 3 : 0;
    l.group_index_shift = c->group_index_shift;
    return l;
}

enum umsi_status irig_imsic(struct irig *r, const struct irig_config *c)
{
    struct umsi_imsic_file files[IRIG_MAX_CPUS] = { 0 };
    uint64_t base;
    const struct umsi_imsic_config config = {
        .layout = layout_of(r),
        .files = files,
        .nr_ids = model_imsic(r->m, &base)->nr_ids,
        .nr_ipis = c->nr_ipis,
    };
    for (umsi_cpu cpu = 0; cpu < r->nr_cpus; cpu++) {
        files[cpu].page = model_imsic_page(r->m, cpu, NULL, &files[cpu].hart);
        files[cpu].page = (c->no_file >> cpu & 1u) != 0 ? NULL : files[cpu].page;
    }
    return umsi_imsic_create(r->u, &config, &r->imsic);
}

enum umsi_status irig_aplic(struct irig *r, const struct irig_config *c)
{
    uint32_t harts[IRIG_MAX_CPUS];
    struct umsi_aplic_config config = {
        .base = model_aplic_base(r->m),
        .nr_sources = c->aplic.nr_sources != 0 ? c->aplic.nr_sources : 96,
    };
    for (umsi_cpu cpu = 0; cpu < r->nr_cpus; cpu++) {
        harts[cpu] = (c->no_idc >> cpu & 1u) != 0 ? UMSI_NO_HART : model_aplic_hart(r->m, cpu);
    }
    r->nr_sources = config.nr_sources;
    if (r->imsic != NULL && !c->direct) {
        config.parent = umsi_imsic_parent(r->imsic);
        config.layout = layout_of(r);
    } else {
        config.harts = harts;
    }
    return umsi_aplic_create(r->u, &config, &r->aplic);
}

enum umsi_status irig_cpu_online(struct irig *r, umsi_cpu cpu)
{
    model_set_cpu(r->m, cpu);
    model_mask_cpu(r->m, cpu, true);
    enum umsi_status st = r->imsic != NULL ? umsi_imsic_cpu_online(r->imsic, cpu)
                                           : umsi_aplic_cpu_online(r->aplic, cpu);
    model_mask_cpu(r->m, cpu, false);
    model_set_cpu(r->m, 0);
    return st;
}

void irig_cpu_offline(struct irig *r, umsi_cpu cpu)
{
    model_set_cpu(r->m, cpu);
    model_mask_cpu(r->m, cpu, true);
    if (r->imsic != NULL) {
        umsi_imsic_cpu_offline(r->imsic);
    } else {
        umsi_aplic_cpu_offline(r->aplic);
    }
    model_mask_cpu(r->m, cpu, false);
    model_set_cpu(r->m, 0);
}

static enum umsi_status bring_up(struct irig *r, const struct irig_config *c)
{
    enum umsi_status st = umsi_create(&r->port, &r->u);
    if (st == UMSI_OK && !c->direct) {
        st = irig_imsic(r, c);
    }
    if (st == UMSI_OK && (c->has_aplic || c->direct)) {
        st = irig_aplic(r, c);
    }
    for (umsi_cpu cpu = 0; cpu < r->nr_cpus && st == UMSI_OK; cpu++) {
        if ((c->offline >> cpu & 1u) == 0) {
            st = irig_cpu_online(r, cpu);
        }
    }
    return st;
}

void irig_take_down(struct irig *r)
{
    r->trigger_at = 0;
    r->meanwhile_at = 0;
    for (umsi_cpu cpu = r->nr_cpus; (r->imsic != NULL || r->aplic != NULL) && cpu-- > 0;) {
        irig_cpu_offline(r, cpu);
    }
    for (uint32_t source = 1; r->aplic != NULL && source <= r->nr_sources; source++) {
        umsi_aplic_unmap(r->aplic, source);
    }
    if (r->aplic != NULL) {
        assert_int_equal(umsi_aplic_destroy(r->aplic), UMSI_OK);
    }
    if (r->imsic != NULL) {
        assert_int_equal(umsi_imsic_destroy(r->imsic), UMSI_OK);
    }
    if (r->u != NULL) {
        assert_int_equal(umsi_destroy(r->u), UMSI_OK);
    }
    r->aplic = NULL;
    r->imsic = NULL;
    r->u = NULL;
}

/* After an error nothing is left; the machine is given back, too. */
enum umsi_status irig_try(struct irig *r, const struct irig_config *c)
{
    make_machine(r, c);
    enum umsi_status st = bring_up(r, c);
    if (st != UMSI_OK) {
        irig_take_down(r);
        model_check_shutdown(r->m);
        irig_settled(r);
        model_destroy(r->m);
    }
    return st;
}

void irig_start(struct irig *r, const struct irig_config *c)
{
    assert_int_equal(irig_try(r, c), UMSI_OK);
    irig_settled(r);
}

void irig_settled(struct irig *r)
{
    model_check_settled(r->m);
    for (uint32_t i = 0; i < model_breaches(r->m) && i < 10; i++) {
        const struct model_breach *b = model_breach_at(r->m, i);
        print_message("  breach: %s [%s] %s\n", b->law, b->section, b->text);
    }
    assert_int_equal(model_breaches(r->m), 0);
}

void irig_stop(struct irig *r)
{
    irig_take_down(r);
    model_check_shutdown(r->m);
    irig_settled(r);
    model_destroy(r->m);
    counted = NULL;
}

void irig_run(struct irig *r)
{
    model_drain(r->m);
    (void)model_run(r->m);
}

/* ---- a function ---- */

void irig_handler(void *arg)
{
    struct irig_vector *v = arg;
    v->hits++;
    v->rig->runs_while++;
    v->cpu = model_port(v->rig->m)->cpu_self(v->rig->m);
}

void irig_plug(struct irig *r, const struct model_pci_config *hw)
{
    const struct umsi_pci_config c = { .ops = &pci_ops, .name = "unit" };
    struct umsi_pci_config config = c;
    assert_true(model_pci_create(r->m, hw, &r->hw));
    config.handle = r->hw;
    for (uint32_t i = 0; i < IRIG_MAX_VECTORS; i++) {
        r->vector[i] = (struct irig_vector){ r, 0, UMSI_NO_CPU };
    }
    assert_int_equal(umsi_pci_attach(umsi_imsic_parent(r->imsic), &config, &r->pci), UMSI_OK);
}

enum umsi_status irig_take(struct irig *r, uint32_t n, uint32_t kinds)
{
    const struct umsi_vectors want = { .min = n, .max = n, .kinds = kinds };
    uint32_t granted = 0;
    enum umsi_status st = umsi_pci_alloc_vectors(&r->pci, &want, &granted);
    for (uint32_t i = 0; i < granted; i++) {
        assert_int_equal(umsi_pci_request(&r->pci, i, irig_handler, &r->vector[i], "unit"),
                         UMSI_OK);
    }
    return st;
}

void irig_unplug(struct irig *r)
{
    umsi_pci_detach(&r->pci);
    irig_run(r);
    irig_settled(r);
    model_pci_destroy(r->hw);
    r->hw = NULL;
}

umsi_virq irig_virq(struct irig *r, uint32_t index)
{
    return umsi_pci_virq(&r->pci, index);
}

void irig_fire(struct irig *r, uint32_t index, umsi_cpu cpu)
{
    uint32_t before = r->vector[index].hits;
    assert_int_equal(model_pci_raise(r->hw, index), MODEL_SENT);
    irig_run(r);
    assert_int_equal(r->vector[index].hits, before + 1);
    if (cpu != UMSI_NO_CPU) {
        assert_int_equal(r->vector[index].cpu, cpu);
    }
}

enum umsi_status irig_move(struct irig *r, umsi_virq virq, umsi_cpu cpu)
{
    struct umsi_cpumask set = { { 0 } };
    umsi_cpumask_set(&set, cpu);
    return umsi_irq_set_affinity(r->u, virq, &set);
}

/* From MSI's capability, or from the MSI-X table. */
struct umsi_message irig_message(struct irig *r, uint32_t index)
{
    uint32_t cap = model_pci_msi_cap(r->hw), low, high, data;
    if (r->pci.kind == UMSI_MSIX) {
        const volatile uint8_t *entry = (const volatile uint8_t *)r->pci.table + 16 * index;
        low = under()->mmio_read32(r->m, entry);
        high = under()->mmio_read32(r->m, entry + 4);
        data = under()->mmio_read32(r->m, entry + 8);
    } else {
        assert_true(model_pci_ops()->read(r->hw, (uint16_t)(cap + 4), 4, &low));
        assert_true(model_pci_ops()->read(r->hw, (uint16_t)(cap + 8), 4, &high));
        assert_true(model_pci_ops()->read(r->hw, (uint16_t)(cap + 12), 2, &data));
        data += index;
    }
    return (struct umsi_message){ (uint64_t)high << 32 | low, data };
}

struct umsi_imsic_counts irig_counts(struct irig *r, umsi_cpu cpu)
{
    struct umsi_imsic_counts c;
    umsi_imsic_get_counts(r->imsic, cpu, &c);
    return c;
}
