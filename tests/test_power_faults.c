/* SPDX-License-Identifier: MIT */
/* Sleep that goes wrong on the strict model: what fails is named and tried again, and the rest goes on (L31, L39). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/power.h>

#include "rig.h"

#define MSIX(id)                                                                                   \
    {                                                                                              \
        .device_id = (id), .bdf = (uint16_t)(id), .msix_entries = 4                                \
    }

static struct rig r;
static struct unit f, g;

/* One CPU, two ITSes, a function with vectors on each. */
static void start(const struct model_its_config *its)
{
    const struct model_pci_config one = MSIX(0x20), two = MSIX(0x31);
    const struct model_its_config both[] = { *its, *its };
    const struct rig_config config = { .model = { .nr_cpus = 1, .nr_its = 2, .its = both },
                                       .umsi_its = { .deadline_us = 5000 } };
    rig_start(&r, &config);
    unit_attach(&f, &r, &one);
    unit_plug(&g, &r, &two);
    g.its = 1;
    assert_int_equal(unit_try_attach(&g, 0), UMSI_OK);
    unit_take(&f, 4, UMSI_MSIX);
    unit_take(&g, 4, UMSI_MSIX);
}

static void stop(void)
{
    unit_drop(&f);
    unit_detach(&f);
    unit_drop(&g);
    unit_detach(&g);
    rig_stop(&r);
}

static void irqs(bool on)
{
    model_mask_cpu(r.m, 0, !on);
}

static enum umsi_status suspend(void)
{
    irqs(false);
    return umsi_suspend(r.u);
}

static enum umsi_status resume(void)
{
    const enum umsi_status st = umsi_resume(r.u);
    irqs(true);
    return st;
}

static void all_work(void)
{
    rig_settled(&r);
    unit_fire_all(&f);
    unit_fire_all(&g);
}

/* ---- suspend ---- */

/* The one that does not quiesce is left as it is; the other was down already, and is up again. */
static void never_quiet(void **state)
{
    (void)state;
    start(&(struct model_its_config){ 0 });
    model_its_stop(r.m, 0, false, true);
    assert_int_equal(suspend(), UMSI_TIMEOUT);
    irqs(true);
    assert_true(model_log_has(r.m, "ITS: does not quiesce"));
    assert_true(model_log_has(r.m, "ITS: does not suspend"));
    assert_true(model_log_has(r.m, "ITS: does not resume"));
    unit_fire_all(&g);
    assert_int_equal(model_pci_raise(f.hw, 0), MODEL_LOST);
    model_its_stop(r.m, 0, false, false);
    assert_int_equal(resume(), UMSI_OK);
    all_work();
    assert_int_equal(suspend(), UMSI_OK);
    model_power_off(r.m, true);
    assert_int_equal(resume(), UMSI_OK);
    all_work();
    stop();
}

/* One that is down since the sleep before does not keep the machine awake, and comes back with the others. */
static void sleeps_without_it(void **state)
{
    (void)state;
    start(&(struct model_its_config){ 0 });
    model_its_stop(r.m, 0, false, true);
    assert_int_equal(suspend(), UMSI_TIMEOUT);
    assert_int_equal(suspend(), UMSI_OK);
    model_its_power_off(r.m, 1);
    model_its_stop(r.m, 0, false, false);
    assert_int_equal(resume(), UMSI_OK);
    all_work();
    stop();
}

/* A queue that stands still: the ITS is given up before it sleeps, and the sleep repairs it. */
static void silent_before(void **state)
{
    (void)state;
    start(&(struct model_its_config){ 0 });
    model_its_stop(r.m, 0, true, false);
    irqs(false);
    assert_int_equal(umsi_irq_retrigger(r.u, unit_virq(&f, 1)), UMSI_OK); /* posted, never done */
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    assert_true(model_log_has(r.m, "ITS: no progress"));
    model_its_stop(r.m, 0, false, false);
    model_power_off(r.m, true);
    assert_int_equal(resume(), UMSI_OK);
    all_work();
    stop();
}

/* Dead, and it does not even quiesce: nothing more is to be had from it, and the machine sleeps. */
static void dead_before(void **state)
{
    struct umsi_its_info info;
    (void)state;
    start(&(struct model_its_config){ 0 });
    model_its_stop(r.m, 0, true, true);
    assert_int_equal(umsi_its_clear(r.its, unit_virq(&f, 0)), UMSI_TIMEOUT);
    umsi_its_get_info(r.its, &info);
    assert_true(info.dead);
    assert_int_equal(suspend(), UMSI_OK);
    assert_int_equal(resume(), UMSI_TIMEOUT);
    unit_fire_all(&g);
    model_its_stop(r.m, 0, false, false);
    assert_int_equal(resume(), UMSI_OK);
    all_work();
    stop();
}

/* ---- resume ---- */

/* A command that is refused once is sent again; a collection inside the ITS is mapped before anything else. */
static void refused_once(void **state)
{
    static const uint8_t op[] = { MODEL_MAPC, MODEL_INVALL, MODEL_SYNC };
    (void)state;
    for (uint32_t i = 0; i < sizeof(op); i++) {
        start(&(struct model_its_config){ .hcc = 4 });
        assert_int_equal(suspend(), UMSI_OK);
        model_power_off(r.m, true);
        model_its_stall(r.m, 0, op[i], 1, false);
        assert_int_equal(resume(), UMSI_OK);
        all_work();
        stop();
    }
}

/* Whichever command it is, and however often Retry finds it again: afterwards it works, or a second resume does it. */
static void refused_for_good(void **state)
{
    (void)state;
    for (uint32_t hcc = 0; hcc < 5; hcc += 4) {
        for (uint32_t nth = 1; nth < 5; nth++) {
            start(&(struct model_its_config){ .hcc = hcc });
            assert_int_equal(suspend(), UMSI_OK);
            model_power_off(r.m, true);
            model_its_stall(r.m, 0, 0, nth, true);
            if (resume() != UMSI_OK) {
                irqs(false);
                assert_int_equal(resume(), UMSI_OK);
            }
            all_work();
            stop();
        }
    }
}

/* The queue takes nothing more, from the Nth command on: an error, and whoever is asked says so. Then it is well. */
static void silent(void **state)
{
    (void)state;
    for (uint32_t nth = 1; nth < 5; nth++) {
        start(&(struct model_its_config){ .hcc = 4 });
        assert_int_equal(suspend(), UMSI_OK);
        model_power_off(r.m, true);
        model_fail_at(r.m, MODEL_FAIL_SILENCE, nth);
        assert_int_equal(resume(), UMSI_TIMEOUT);
        assert_true(model_failed(r.m, MODEL_FAIL_SILENCE));
        unit_fire_all(&g);
        assert_int_equal(umsi_its_clear(r.its, unit_virq(&f, 0)), UMSI_TIMEOUT);
        model_its_stop(r.m, 0, false, false);
        irqs(false);
        assert_int_equal(resume(), UMSI_OK);
        all_work();
        stop();
    }
}

/* Silent for good: frees complete, and what it may still use stays. */
static void silent_for_good(void **state)
{
    struct umsi_lpi_counts lpi;
    (void)state;
    start(&(struct model_its_config){ 0 });
    assert_int_equal(suspend(), UMSI_OK);
    model_its_stop(r.m, 0, true, false);
    model_power_off(r.m, true);
    assert_int_equal(resume(), UMSI_TIMEOUT);
    umsi_pci_free_vectors(&f.pci);
    umsi_lpi_get_counts(r.lpi, &lpi);
    assert_int_equal(lpi.quarantined, 4);
    umsi_pci_detach(&f.pci);
    unit_fire_all(&g);
    unit_drop(&g);
    unit_detach(&g);
    rig_take_down(&r); /* it quiesces: all memory is back */
    struct model_counts c;
    model_get_counts(r.m, &c);
    assert_int_equal(c.dma_blocks, 0);
    assert_int_equal(c.allocs, 0);
    unit_unplug(&f);
    model_destroy(r.m);
}

/* Somebody set EnableLPIs meanwhile, with tables of its own: named, and the ITSes wait for the next try. */
static void foreign_tables(void **state)
{
    const struct umsi_port *p;
    const struct umsi_dma_want config_want = { .size = 65536,
                                               .align = 65536,
                                               .max_phys = UINT64_MAX };
    struct umsi_dma config, pending;
    (void)state;
    start(&(struct model_its_config){ 0 });
    p = model_port(r.m);
    assert_true(p->dma_alloc(p->ctx, &config_want, &config));
    assert_true(p->dma_alloc(p->ctx, &config_want, &pending));
    assert_int_equal(suspend(), UMSI_OK);
    model_power_off(r.m, true);
    model_lpis_left(r.m, 0, &config, 16, &pending);
    assert_int_equal(umsi_resume(r.u), UMSI_STATE);
    assert_true(model_log_has(r.m, "LPI: does not resume"));
    assert_int_equal(umsi_irq_retrigger(r.u, unit_virq(&f, 0)), UMSI_STATE);
    assert_int_equal(suspend(), UMSI_OK);
    model_gicr_power_off(r.m, 0, true);
    model_cpu_power_off(r.m, 0);
    assert_int_equal(resume(), UMSI_OK);
    all_work();
    p->dma_free(p->ctx, &config);
    p->dma_free(p->ctx, &pending);
    stop();
}

/* ---- the order, and controllers that cannot ---- */

static char order[64];
static const char *stubborn; /* the step that fails */

static enum umsi_status step(const struct umsi_domain *d, char what)
{
    const char now[] = { what, d->name[0], '\0' };
    strncat(order, now, sizeof(order) - strlen(order) - 1);
    return stubborn != NULL && strcmp(stubborn, now) == 0 ? UMSI_HARDWARE : UMSI_OK;
}

static enum umsi_status down(struct umsi_domain *d)
{
    return step(d, '-');
}

static enum umsi_status up(struct umsi_domain *d)
{
    return step(d, '+');
}

static void expect(enum umsi_status (*call)(struct umsi *u), struct umsi *u, const char *fails,
                   enum umsi_status st, const char *steps)
{
    order[0] = '\0';
    stubborn = fails;
    assert_int_equal(call(u), st);
    assert_string_equal(order, steps);
}

/* Children before parents, and back; below what does not come back nothing is tried. */
static void children_first(void **state)
{
    static const struct umsi_domain_ops ops = { .suspend = down, .resume = up };
    struct umsi_domain root = { .depth = 0 }, child, leaf, other;
    struct umsi_domain_config c = { .name = "root", .ops = &ops };
    struct model *m;
    struct umsi *u;
    (void)state;
    assert_true(model_create(&(struct model_config){ .nr_cpus = 1 }, &m));
    assert_int_equal(umsi_create(model_port(m), &u), UMSI_OK);
    assert_int_equal(umsi_domain_add(u, &root, &c), UMSI_OK);
    c.name = "other";
    assert_int_equal(umsi_domain_add(u, &other, &c), UMSI_OK);
    c.name = "child";
    c.parent = &root;
    assert_int_equal(umsi_domain_add(u, &child, &c), UMSI_OK);
    c.name = "leaf";
    c.parent = &child;
    assert_int_equal(umsi_domain_add(u, &leaf, &c), UMSI_OK);
    expect(umsi_suspend, u, NULL, UMSI_OK, "-o-l-c-r");
    expect(umsi_resume, u, NULL, UMSI_OK, "+r+c+l+o");
    expect(umsi_suspend, u, "-c", UMSI_HARDWARE, "-o-l-c+c+l+o"); /* the root was not reached */
    expect(umsi_resume, u, NULL, UMSI_STATE, "");
    expect(umsi_suspend, u, NULL, UMSI_OK, "-o-l-c-r");
    expect(umsi_resume, u, "+c", UMSI_HARDWARE, "+r+c+o");
    expect(umsi_suspend, u, NULL, UMSI_OK, "-o-r"); /* the others are down still */
    expect(umsi_resume, u, "+r", UMSI_HARDWARE, "+r+o");
    expect(umsi_resume, u, NULL, UMSI_OK, "+r+c+l");
    assert_int_equal(umsi_domain_remove(&leaf), UMSI_OK);
    assert_int_equal(umsi_domain_remove(&child), UMSI_OK);
    assert_int_equal(umsi_domain_remove(&other), UMSI_OK);
    assert_int_equal(umsi_domain_remove(&root), UMSI_OK);
    assert_int_equal(umsi_destroy(u), UMSI_OK);
    model_destroy(m);
}

static void bad_arguments(void **state)
{
    (void)state;
    assert_int_equal(umsi_suspend(NULL), UMSI_INVALID);
    assert_int_equal(umsi_resume(NULL), UMSI_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_quiet),    cmocka_unit_test(sleeps_without_it),
        cmocka_unit_test(silent_before),  cmocka_unit_test(dead_before),
        cmocka_unit_test(refused_once),   cmocka_unit_test(refused_for_good),
        cmocka_unit_test(silent),         cmocka_unit_test(silent_for_good),
        cmocka_unit_test(foreign_tables), cmocka_unit_test(children_first),
        cmocka_unit_test(bad_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
