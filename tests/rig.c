/* SPDX-License-Identifier: MIT */
/* The whole library on the strict model: a machine brought up, PCI functions on it, and their verdicts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

/* ---- the kernel's side ---- */

static void vector(void *arg, umsi_cpu cpu)
{
    struct rig *r = arg;
    (void)cpu;
    (void)umsi_handle_interrupts(r->u);
}

static void service(void *arg, umsi_cpu cpu)
{
    struct rig *r = arg;
    (void)cpu;
    umsi_cpu_service(r->u);
}

static enum umsi_status cpu_start(struct rig *r, umsi_cpu cpu)
{
    volatile void *rd = NULL;
    umsi_phys phys = 0;
    model_set_cpu(r->m, cpu);
    enum umsi_status st = umsi_gicv3_cpu_online(r->gic, cpu);
    if (st == UMSI_OK) {
        st = umsi_gicv3_redistributor(r->gic, cpu, &rd, &phys);
    }
    if (st == UMSI_OK) {
        st = umsi_lpi_cpu_online(r->lpi, cpu, rd, phys);
    }
    model_set_cpu(r->m, 0);
    return st;
}

static enum umsi_status start_gic(struct rig *r, const struct rig_config *config)
{
    struct umsi_gicv3_region region = { 0 };
    struct umsi_lpi_config lpi = config->lpi;
    region.base = model_gicr(r->m, &region.phys, &region.size);
    const struct umsi_gicv3_config gic = { .gicd = model_gicd(r->m),
                                           .regions = &region,
                                           .nr_regions = 1 };
    enum umsi_status st = umsi_gicv3_create(r->u, &gic, &r->gic);
    if (st != UMSI_OK) {
        return st;
    }
    lpi.gicd = model_gicd(r->m);
    st = umsi_lpi_create(r->u, &lpi, &r->lpi);
    for (umsi_cpu cpu = 0; st == UMSI_OK && cpu < r->nr_cpus; cpu++) {
        st = cpu_start(r, cpu);
    }
    return st;
}

static enum umsi_status start_its(struct rig *r, const struct rig_config *config)
{
    enum umsi_status st = UMSI_OK;
    for (uint32_t i = 0; i < r->nr_its && st == UMSI_OK; i++) {
        struct umsi_its_config its = config->umsi_its;
        its.base = model_its_base(r->m, i);
        its.phys = model_its_phys(r->m, i);
        st = umsi_its_create(r->lpi, &its, &r->every[i]);
    }
    r->its = r->every[0];
    return st;
}

void rig_take_down(struct rig *r)
{
    for (uint32_t i = 0; i < r->nr_its && r->every[i] != NULL; i++) {
        assert_int_equal(umsi_its_destroy(r->every[i]), UMSI_OK);
    }
    if (r->lpi != NULL) {
        assert_int_equal(umsi_lpi_destroy(r->lpi), UMSI_OK);
    }
    for (umsi_cpu cpu = 0; r->gic != NULL && cpu < r->nr_cpus; cpu++) {
        model_set_cpu(r->m, cpu);
        umsi_gicv3_cpu_offline(r->gic);
    }
    model_set_cpu(r->m, 0);
    if (r->gic != NULL) {
        assert_int_equal(umsi_gicv3_destroy(r->gic), UMSI_OK);
    }
    if (r->u != NULL) {
        assert_int_equal(umsi_destroy(r->u), UMSI_OK);
    }
}

static void no_breach(struct rig *r)
{
    if (model_breaches(r->m) != 0) {
        rig_show(r);
        fail();
    }
}

static void on_line(void *arg, enum umsi_log_level level, const char *line)
{
    (void)arg;
    if (getenv("RIG_VERBOSE") != NULL) {
        print_message("  <%d> %s\n", (int)level, line);
    }
}

static void make_machine(struct rig *r, const struct rig_config *config)
{
    struct model_config m = config->model;
    m.nr_cpus = m.nr_cpus == 0 ? 2 : m.nr_cpus;
    if (m.nr_its == 0) {
        m.nr_its = 1;
        m.its = &config->its;
    }
    m.on_log = on_line;
    memset(r, 0, sizeof(*r));
    r->nr_cpus = m.nr_cpus;
    r->nr_its = m.nr_its;
    r->home = config->home;
    assert_true(model_create(&m, &r->m));
    model_set_vectors(r->m, &(struct model_vectors){ vector, service, r });
}

/* On a machine that is there; after an error the machine is empty again, and still there. */
static enum umsi_status bring_up(struct rig *r, const struct rig_config *config)
{
    r->u = NULL;
    r->gic = NULL;
    r->lpi = NULL;
    r->its = NULL;
    memset(r->every, 0, sizeof(r->every));
    const struct umsi_port *port =
        config->between != NULL ? config->between(r->m) : model_port(r->m);
    enum umsi_status st = umsi_create(port, &r->u);
    if (st == UMSI_OK) {
        st = start_gic(r, config);
    }
    if (st == UMSI_OK) {
        st = start_its(r, config);
    }
    if (st != UMSI_OK) {
        rig_take_down(r);
    }
    return st;
}

enum umsi_status rig_try(struct rig *r, const struct rig_config *config)
{
    if (r->m == NULL) {
        make_machine(r, config);
    }
    return bring_up(r, config);
}

void rig_start(struct rig *r, const struct rig_config *config)
{
    make_machine(r, config);
    enum umsi_status st = bring_up(r, config);
    rig_show(r);
    assert_int_equal(st, UMSI_OK);
    rig_settled(r);
}

void rig_stop(struct rig *r)
{
    rig_take_down(r);
    model_check_shutdown(r->m);
    no_breach(r);
    model_destroy(r->m);
}

void rig_abandon(struct rig *r)
{
    rig_take_down(r);
    model_destroy(r->m);
}

void rig_settled(struct rig *r)
{
    model_check_settled(r->m);
    no_breach(r);
}

void rig_show(struct rig *r)
{
    for (uint32_t i = 0; i < model_breaches(r->m) && i < 10; i++) {
        const struct model_breach *b = model_breach_at(r->m, i);
        print_message("  breach %u of %u: %s [%s] %s\n", i + 1, model_breaches(r->m), b->law,
                      b->section, b->text);
    }
}

void rig_run(struct rig *r)
{
    model_drain(r->m);
    (void)model_run(r->m);
}

/* ---- functions ---- */

void unit_plug(struct unit *f, struct rig *r, const struct model_pci_config *hw)
{
    memset(f, 0, sizeof(*f));
    f->rig = r;
    f->its = r->home;
    assert_true(model_pci_create(r->m, hw, &f->hw));
    f->vector = calloc(RIG_MAX_VECTORS, sizeof(*f->vector));
    assert_non_null(f->vector);
    for (uint32_t i = 0; i < RIG_MAX_VECTORS; i++) {
        f->vector[i] = (struct unit_vector){ f, i, 0, UMSI_NO_CPU };
    }
}

static uint32_t device_id_of(struct unit *f)
{
    return model_pci_device_id(f->hw);
}

enum umsi_status unit_try_attach(struct unit *f, uint32_t shared_events)
{
    const struct umsi_pci_config c = { .ops = model_pci_ops(),
                                       .handle = f->hw,
                                       .name = "unit",
                                       .device_id = device_id_of(f),
                                       .shared_events = shared_events };
    return umsi_pci_attach(umsi_its_parent(f->rig->every[f->its]), &c, &f->pci);
}

void unit_attach(struct unit *f, struct rig *r, const struct model_pci_config *hw)
{
    unit_plug(f, r, hw);
    assert_int_equal(unit_try_attach(f, 0), UMSI_OK);
}

void unit_unplug(struct unit *f)
{
    model_pci_destroy(f->hw);
    free(f->vector);
}

void unit_detach(struct unit *f)
{
    umsi_pci_detach(&f->pci);
    rig_settled(f->rig);
    unit_unplug(f);
}

enum umsi_status unit_try_take(struct unit *f, uint32_t min, uint32_t max, uint32_t kinds)
{
    const struct umsi_vectors want = { .min = min, .max = max, .kinds = kinds };
    return umsi_pci_alloc_vectors(&f->pci, &want, &f->granted);
}

static void on_interrupt(void *arg)
{
    struct unit_vector *v = arg;
    v->hits++;
    v->cpu = v->unit->rig->m == NULL ? UMSI_NO_CPU
                                     : model_port(v->unit->rig->m)->cpu_self(v->unit->rig->m);
}

void unit_request(struct unit *f, uint32_t index)
{
    assert_int_equal(umsi_pci_request(&f->pci, index, on_interrupt, &f->vector[index], "unit"),
                     UMSI_OK);
}

void unit_take(struct unit *f, uint32_t n, uint32_t kinds)
{
    assert_int_equal(unit_try_take(f, n, n, kinds), UMSI_OK);
    assert_int_equal(f->granted, n);
    for (uint32_t i = 0; i < n; i++) {
        unit_request(f, i);
    }
    rig_settled(f->rig);
}

void unit_drop(struct unit *f)
{
    umsi_pci_free_vectors(&f->pci);
    rig_settled(f->rig);
    f->granted = 0;
}

void unit_fire(struct unit *f, uint32_t index)
{
    uint32_t before = f->vector[index].hits;
    assert_int_equal(model_pci_raise(f->hw, index), MODEL_SENT);
    rig_run(f->rig);
    assert_int_equal(f->vector[index].hits, before + 1);
}

void unit_fire_all(struct unit *f)
{
    for (uint32_t i = 0; i < f->granted; i++) {
        unit_fire(f, i);
    }
    no_breach(f->rig);
}

umsi_virq unit_virq(struct unit *f, uint32_t index)
{
    return umsi_pci_virq(&f->pci, index);
}
