/* SPDX-License-Identifier: MIT */
/*
 * RISC-V in the devicetree reader, and from there to running controllers: QEMU's virt machine with interrupt files,
 * with groups of them, and without; and what is refused. Expected values are worked out by hand from tests/data.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <umsi/fw/fdt.h>
#include <umsi/fw/riscv.h>

#include "fdt_log.h"
#include "fdt_sane.h"
#include "fdt_source.h"
#include "model.h"

static void read_blob(const void *blob, struct umsi_platform *out, struct test_log *log)
{
    memset(log, 0, sizeof(*log));
    memset(out, 0xa5, sizeof(*out));
    assert_int_equal(umsi_fdt_read(blob, fdt_totalsize(blob), log_line, log, out), UMSI_OK);
    assert_null(sane_platform(out));
    assert_false(log->too_long);
}

static void read_tree(const char *name, struct umsi_platform *out, struct test_log *log)
{
    void *blob = source_load(name);
    read_blob(blob, out, log);
    free(blob);
}

/* ---- QEMU's trees ---- */

static void test_imsic(void **state)
{
    static struct umsi_platform p;
    struct test_log log;
    (void)state;
    read_tree("virt-imsic", &p, &log);
    assert_int_equal(p.nr_cpus, 4);
    assert_int_equal(p.imsic.nr_reg, 1);
    assert_int_equal(p.imsic.reg[0].base, 0x28000000);
    assert_int_equal(p.imsic.reg[0].size, 0x8000);
    assert_int_equal(p.imsic.layout.base, 0x28000000);
    assert_int_equal(p.imsic.layout.guest_index_bits, 1);
    assert_int_equal(p.imsic.layout.hart_index_bits, 2); /* it does not say: four harts */
    assert_int_equal(p.imsic.layout.group_index_bits, 0);
    assert_int_equal(p.imsic.nr_ids, 255);
    assert_int_equal(p.imsic.nr_files, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(p.imsic.file[i].hart_id, i);
        assert_int_equal(p.imsic.file[i].index, i);
    }
    assert_int_equal(p.nr_aplic, 1); /* the machine-level one is firmware's */
    assert_int_equal(p.aplic[0].reg.base, 0xd000000);
    assert_int_equal(p.aplic[0].nr_sources, 96);
    assert_int_equal(p.aplic[0].msi_parent, p.imsic.phandle);
    assert_int_equal(p.nr_hosts, 1);
    assert_int_equal(p.host[0].msi_parent, p.imsic.phandle);
    assert_int_equal(p.host[0].nr_intx, 16);
    assert_int_equal(p.host[0].intx[0].line, 0x20);
    assert_int_equal(p.host[0].intx[0].controller, p.aplic[0].phandle);
    assert_false(p.has_gic);
    assert_int_equal(log_count(&log, UMSI_LOG_WARN), 0);
    assert_true(log_has(&log, "imsics@24000000", "another level"));
    assert_true(log_has(&log, "aplic@c000000", "another level"));
}

/* Two sockets are two groups, 2^24 apart; three guests make four pages of each hart. */
static void test_groups(void **state)
{
    static struct umsi_platform p;
    struct test_log log;
    (void)state;
    read_tree("virt-imsic-numa", &p, &log);
    assert_int_equal(p.imsic.nr_reg, 2);
    assert_int_equal(p.imsic.layout.guest_index_bits, 2);
    assert_int_equal(p.imsic.layout.hart_index_bits, 1);
    assert_int_equal(p.imsic.layout.group_index_bits, 1);
    assert_int_equal(p.imsic.layout.group_index_shift, 24);
    assert_int_equal(p.imsic.nr_files, 4);
    assert_int_equal(p.imsic.file[1].index, 1);
    assert_int_equal(p.imsic.file[2].index, 2);
    assert_int_equal(umsi_imsic_address(&p.imsic.layout, p.imsic.file[3].index), 0x29004000);
    assert_int_equal(p.nr_aplic, 2);
}

static void test_direct(void **state)
{
    static struct umsi_platform p;
    struct test_log log;
    (void)state;
    read_tree("virt-aplic", &p, &log);
    assert_int_equal(p.imsic.nr_reg, 0);
    assert_int_equal(p.nr_aplic, 1);
    assert_int_equal(p.aplic[0].msi_parent, 0);
    assert_int_equal(p.nr_aplic_harts, 4);
    assert_int_equal(p.aplic_hart_id[3], 3);
    assert_true(log_has(&log, "no usable riscv,imsics", "no MSI"));
    assert_int_equal(p.host[0].nr_intx, 16);
}

/* ---- what is refused, and named ---- */

#define HARTS                                                                                      \
    "cpus { #address-cells = <1>; #size-cells = <0>;"                                              \
    " cpu@5 { device_type = \"cpu\"; compatible = \"riscv\"; reg = <5>;"                           \
    "  interrupt-controller { #interrupt-cells = <1>; compatible = \"riscv,cpu-intc\";"            \
    "   phandle = <1>; }; };"                                                                      \
    " cpu@7 { device_type = \"cpu\"; compatible = \"riscv\"; reg = <7>;"                           \
    "  interrupt-controller { #interrupt-cells = <1>; compatible = \"riscv,cpu-intc\";"            \
    "   phandle = <2>; }; }; };"

static void read_text(const char *nodes, struct umsi_platform *out, struct test_log *log)
{
    static char text[8192];
    snprintf(text, sizeof(text), "/dts-v1/; / { #address-cells = <1>; #size-cells = <1>; %s %s };",
             HARTS, nodes);
    void *blob = source_compile(text);
    read_blob(blob, out, log);
    free(blob);
}

#define IMSIC(rest)                                                                                \
    "imsics@28000000 { compatible = \"riscv,imsics\"; phandle = <3>; msi-controller; " rest " };"

static void test_refused_files(void **state)
{
    static const struct {
        const char *node, *why;
    } cases[] = {
        { IMSIC(
              "reg = <0x28000000 0x2000>; riscv,num-ids = <64>; interrupts-extended = <1 9 2 9>;"),
          "riscv,num-ids" },
        { IMSIC("reg = <0x28000000 0x2000>; interrupts-extended = <1 9 2 9>;"), "riscv,num-ids" },
        { IMSIC("reg = <0x28000000 0x2000>; riscv,num-ids = <255>; interrupts-extended = <1 11>;"),
          "another level" },
        { IMSIC("reg = <0x28000000 0x2000>; riscv,num-ids = <255>;"), "another level" },
        { IMSIC("reg = <0x28000000 0x2000>; riscv,num-ids = <255>; interrupts-extended = <1 9 2>;"),
          "another level" },
        { IMSIC("reg = <0x28000800 0x2000>; riscv,num-ids = <255>; interrupts-extended = <1 9>;"),
          "misaligned" },
        { IMSIC("reg = <0x28000000 0x2000 0x28001000 0x1000>; riscv,num-ids = <255>;"
                "interrupts-extended = <1 9>;"),
          "overlaps" },
        { IMSIC("reg = <0x28000000 0x2000>; riscv,num-ids = <255>; riscv,guest-index-bits = <7>;"
                "interrupts-extended = <1 9>;"),
          "index fields" },
        { IMSIC("reg = <0x28000000 0x2000>; riscv,num-ids = <255>; riscv,group-index-bits = <1>;"
                "riscv,group-index-shift = <12>; interrupts-extended = <1 9 2 9>;"),
          "index fields" },
        { IMSIC("reg = <0x28000000 0x2000>; riscv,num-ids = <255>; interrupts-extended = <9 9>;"),
          "no usable file" },
    };
    static struct umsi_platform p;
    struct test_log log;
    (void)state;
    for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        read_text(cases[i].node, &p, &log);
        if (!log_has(&log, "imsics@28000000", cases[i].why) || p.imsic.nr_reg != 0) {
            log_print(&log);
            fail_msg("case %u: %s", i, cases[i].why);
        }
    }
}

/* One hart without a file, and one that nobody knows: the others have theirs. */
static void test_some_files(void **state)
{
    static struct umsi_platform p;
    struct test_log log;
    (void)state;
    read_text(IMSIC("reg = <0x28000000 0x2000>; riscv,num-ids = <63>;"
                    "interrupts-extended = <99 9 2 9 1 9>;"),
              &p, &log);
    assert_int_equal(p.imsic.nr_files, 1);
    assert_int_equal(p.imsic.file[0].hart_id, 7);
    assert_int_equal(p.imsic.file[0].index, 1);
    assert_true(log_has(&log, "entry 0", "names no hart"));
    assert_true(log_has(&log, "entry 2", "no file in reg"));
}

#define APLIC(rest)                                                                                \
    "aplic@d000000 { compatible = \"riscv,aplic\"; phandle = <4>; #interrupt-cells = <2>; " rest   \
    " };"

static void test_refused_aplics(void **state)
{
    static const struct {
        const char *node, *why;
    } cases[] = {
        { APLIC("reg = <0xd000000 0x8000>; interrupts-extended = <1 9>;"), "riscv,num-sources" },
        { APLIC(
              "reg = <0xd000000 0x8000>; riscv,num-sources = <1024>; interrupts-extended = <1 9>;"),
          "riscv,num-sources" },
        { APLIC("reg = <0xd000000 0x4000>; riscv,num-sources = <96>; interrupts-extended = <1 9>;"),
          "too small" }, /* no room for an IDC structure */
        { APLIC(
              "reg = <0xd000000 0x8000>; riscv,num-sources = <96>; interrupts-extended = <1 11>;"),
          "another level" },
        { APLIC("reg = <0xd000000 0x8000>; riscv,num-sources = <96>; msi-parent = <77>;"),
          "another level" },
        { APLIC("reg = <0xd000000 0x8000>; riscv,num-sources = <96>;"), "another level" },
    };
    static struct umsi_platform p;
    struct test_log log;
    (void)state;
    for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        read_text(cases[i].node, &p, &log);
        if (!log_has(&log, "aplic@d000000", cases[i].why) || p.nr_aplic != 0) {
            log_print(&log);
            fail_msg("case %u: %s", i, cases[i].why);
        }
    }
}

/* ---- to running controllers, on the model ---- */

struct world {
    struct model *m;
    struct umsi *u;
    struct umsi_riscv riscv;
    struct test_log log;
    uint32_t mapped, fail_at;
    bool direct;
};

/* The model has each file in a window of its own; the test has one region a file. */
static volatile void *map(void *ctx, umsi_phys phys, uint64_t size)
{
    struct world *w = ctx;
    uint64_t at;
    (void)size;
    if (++w->mapped == w->fail_at) {
        w->mapped--;
        return NULL;
    }
    if (phys == 0xd000000) {
        return model_aplic_base(w->m);
    }
    for (umsi_cpu cpu = 0; cpu < 2; cpu++) {
        volatile void *page = model_imsic_page(w->m, cpu, &at, NULL);
        if (at == phys) {
            return page;
        }
    }
    return NULL;
}

static void unmap(void *ctx, volatile void *va, uint64_t size)
{
    struct world *w = ctx;
    assert_non_null(va);
    assert_true(size != 0);
    w->mapped--;
}

static void start(struct world *w, bool direct)
{
    static const struct model_imsic_config imsic = { .guest_index_bits = 1 };
    static const struct model_aplic_config aplic = { .nr_sources = 96 };
    const struct model_config c = { .nr_cpus = 2,
                                    .imsic = direct ? NULL : &imsic,
                                    .aplic = &aplic };
    memset(w, 0, sizeof(*w));
    w->direct = direct;
    assert_true(model_create(&c, &w->m));
    assert_int_equal(umsi_create(model_port(w->m), &w->u), UMSI_OK);
}

static void describe(const struct world *w, struct umsi_platform *p)
{
    memset(p, 0, sizeof(*p));
    p->nr_cpus = 2;
    p->cpu_mpidr[0] = 12; /* hart IDs need not be small */
    p->cpu_mpidr[1] = 3;
    p->nr_aplic = 1;
    p->aplic[0].reg = (struct umsi_range){ 0xd000000, 0x8000 };
    p->aplic[0].phandle = 8;
    p->aplic[0].nr_sources = 96;
    p->host[0].msi_parent = 9;
    p->host[0].msi_map_mask = 0xffff;
    p->host[0].nr_intx = 1;
    p->host[0].intx[0] = (struct umsi_pci_intx_entry){ .pin = 1, .controller = 8, .line = 33 };
    p->host[0].intx_mask = (struct umsi_pci_intx_mask){ 0, 7 };
    if (w->direct) {
        p->nr_aplic_harts = 2;
        p->aplic_hart_id[0] = 3; /* the model's hart indices count the other way round */
        p->aplic_hart_id[1] = 12;
        return;
    }
    p->aplic[0].msi_parent = 9;
    p->imsic.phandle = 9;
    p->imsic.nr_ids = 255;
    p->imsic.layout = (struct umsi_imsic_layout){ .base = 0x28000000,
                                                  .guest_index_bits = 1,
                                                  .hart_index_bits = 1 };
    p->imsic.nr_reg = p->imsic.nr_files = 2;
    for (uint32_t i = 0; i < 2; i++) {
        p->imsic.reg[i] = (struct umsi_range){ 0x28000000 + 0x2000 * i, 0x2000 };
        p->imsic.file[i].hart_id = p->cpu_mpidr[i];
        p->imsic.file[i].index = i;
    }
}

static enum umsi_status create(struct world *w, const struct umsi_platform *p)
{
    const struct umsi_platform_ops ops = {
        .map = map, .unmap = unmap, .log = NULL, .ctx = w, .nr_ipis = 1
    };
    model_mask_cpu(w->m, 0, true);
    enum umsi_status st = umsi_riscv_create(w->u, p, &ops, &w->riscv);
    model_mask_cpu(w->m, 0, false);
    return st;
}

static void stop(struct world *w)
{
    assert_int_equal(umsi_destroy(w->u), UMSI_OK);
    assert_int_equal(w->mapped, 0);
    model_check_shutdown(w->m);
    assert_int_equal(model_breaches(w->m), 0);
    model_destroy(w->m);
}

static void cpu(struct world *w, umsi_cpu n, bool online)
{
    model_set_cpu(w->m, n);
    model_mask_cpu(w->m, n, true);
    if (online) {
        assert_int_equal(umsi_riscv_cpu_online(&w->riscv, n), UMSI_OK);
    } else {
        umsi_riscv_cpu_offline(&w->riscv);
    }
    model_mask_cpu(w->m, n, false);
    model_set_cpu(w->m, 0);
}

static void test_create(void **state)
{
    static struct umsi_platform p;
    struct umsi_domain *parent = NULL;
    struct umsi_aplic *aplic = NULL;
    uint32_t device_id, source;
    struct world w;
    (void)state;
    for (int direct = 0; direct < 2; direct++) {
        start(&w, direct);
        describe(&w, &p);
        assert_int_equal(create(&w, &p), UMSI_OK);
        cpu(&w, 1, true);
        assert_true((umsi_riscv_imsic(&w.riscv) == NULL) == direct);
        assert_non_null(umsi_riscv_aplic(&w.riscv, 0));
        assert_null(umsi_riscv_aplic(&w.riscv, 1));
        enum umsi_status st = umsi_riscv_msi(&w.riscv, &p.host[0], 0x10, &parent, &device_id);
        assert_int_equal(st, direct ? UMSI_UNSUPPORTED : UMSI_OK);
        if (!direct) {
            assert_ptr_equal(parent, umsi_imsic_parent(umsi_riscv_imsic(&w.riscv)));
        }
        assert_int_equal(umsi_riscv_intx(&w.riscv, &p.host[0], 0x10, 1, &aplic, &source), UMSI_OK);
        assert_ptr_equal(aplic, umsi_riscv_aplic(&w.riscv, 0));
        assert_int_equal(source, 33);
        p.host[0].intx[0].controller = 7;
        assert_int_equal(umsi_riscv_intx(&w.riscv, &p.host[0], 0x10, 1, &aplic, &source),
                         UMSI_UNSUPPORTED);
        cpu(&w, 1, false);
        model_mask_cpu(w.m, 0, true);
        assert_int_equal(umsi_riscv_destroy(&w.riscv), UMSI_OK);
        model_mask_cpu(w.m, 0, false);
        stop(&w);
    }
}

/* No memory, or no mapping, at each place: nothing is left (L8). */
static void test_create_fails(void **state)
{
    static struct umsi_platform p;
    struct world w;
    (void)state;
    for (int direct = 0; direct < 2; direct++) {
        start(&w, direct);
        describe(&w, &p);
        for (uint32_t n = 1; n <= (direct ? 1u : 2u); n++) {
            w.fail_at = n;
            assert_int_equal(create(&w, &p), UMSI_UNSUPPORTED);
            assert_int_equal(w.mapped, 0);
        }
        w.fail_at = 0;
        for (uint64_t n = 1;; n++) {
            model_fail_at(w.m, MODEL_FAIL_ALLOC, n);
            enum umsi_status st = create(&w, &p);
            bool failed = model_failed(w.m, MODEL_FAIL_ALLOC);
            model_fail_at(w.m, MODEL_FAIL_ALLOC, 0);
            if (st == UMSI_OK) { /* a bridge that got no memory is left out */
                model_mask_cpu(w.m, 0, true);
                assert_int_equal(umsi_riscv_destroy(&w.riscv), UMSI_OK);
                model_mask_cpu(w.m, 0, false);
            }
            assert_int_equal(w.mapped, 0);
            if (!failed) {
                assert_int_equal(st, UMSI_OK);
                break;
            }
        }
        stop(&w);
    }
}

static void test_create_nothing(void **state)
{
    static struct umsi_platform p;
    struct world w;
    (void)state;
    start(&w, true);
    memset(&p, 0, sizeof(p));
    assert_int_equal(create(&w, &p), UMSI_NOTFOUND);
    assert_int_equal(umsi_riscv_create(w.u, &p, NULL, &w.riscv), UMSI_INVALID);
    p.nr_aplic = UMSI_PLATFORM_MAX_APLIC + 1;
    assert_int_equal(create(&w, &p), UMSI_INVALID);
    stop(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_imsic),          cmocka_unit_test(test_groups),
        cmocka_unit_test(test_direct),         cmocka_unit_test(test_refused_files),
        cmocka_unit_test(test_some_files),     cmocka_unit_test(test_refused_aplics),
        cmocka_unit_test(test_create),         cmocka_unit_test(test_create_fails),
        cmocka_unit_test(test_create_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
