/* SPDX-License-Identifier: MIT */
/*
 * The devicetree reader on whole, healthy trees: QEMU's virt machine in five shapes, and a board with
 * everything virt does not have. Expected values are worked out by hand from the sources in tests/data.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <umsi/fw/fdt.h>

#include "fdt_log.h"
#include "fdt_sane.h"
#include "fdt_source.h"

static void read_tree(const char *name, struct umsi_platform *out, struct test_log *log)
{
    void *blob = source_load(name);

    memset(log, 0, sizeof(*log));
    memset(out, 0xa5, sizeof(*out));
    assert_int_equal(umsi_fdt_read(blob, fdt_totalsize(blob), log_line, log, out), UMSI_OK);
    assert_null(sane_platform(out));
    assert_false(log->too_long);
    free(blob);
}

static void assert_range(struct umsi_range r, uint64_t base, uint64_t size)
{
    assert_int_equal(r.base, base);
    assert_int_equal(r.size, size);
}

static void assert_window(const struct umsi_window *win, enum umsi_window_kind kind,
                          bool prefetchable, uint64_t bus, uint64_t cpu, uint64_t size)
{
    assert_int_equal(win->kind, kind);
    assert_int_equal(win->prefetchable, prefetchable);
    assert_int_equal(win->bus, bus);
    assert_int_equal(win->cpu, cpu);
    assert_int_equal(win->size, size);
}

/* ---- QEMU's virt machine ---- */

static void virt_gic(const struct umsi_platform *p)
{
    assert_true(p->has_gic);
    assert_range(p->gicd, 0x8000000, 0x10000);
    assert_int_equal(p->nr_redist, 1);
    assert_range(p->redist[0], 0x80a0000, 0xf60000);
    assert_int_equal(p->redist_stride, 0);
    assert_false(p->gic_non_coherent);
}

static void virt_its(void **state)
{
    struct umsi_platform p;
    struct test_log log;

    (void)state;
    read_tree("virt-its", &p, &log);
    virt_gic(&p);
    assert_int_equal(p.nr_its, 1);
    assert_range(p.its[0].reg, 0x8080000, 0x20000);
    assert_int_equal(p.its[0].phandle, 0x8006);
    assert_false(p.its[0].non_coherent);
    assert_int_equal(p.nr_memory, 1);
    assert_range(p.memory[0], 0x40000000, 0x40000000);
    assert_int_equal(p.nr_cpus, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(p.cpu_mpidr[i], i);
    }
    assert_true(p.psci_hvc);
    assert_false(p.psci_smc);
    assert_int_equal(log.n, 0);
}

static void virt_host(void **state)
{
    struct umsi_platform p;
    struct test_log log;
    const struct umsi_platform_host *h = &p.host[0];

    (void)state;
    read_tree("virt-its", &p, &log);
    assert_int_equal(p.nr_hosts, 1);
    assert_range(h->ecam, 0x4010000000, 0x10000000);
    assert_int_equal(h->segment, 0);
    assert_int_equal(h->first_bus, 0);
    assert_int_equal(h->last_bus, 255);
    assert_int_equal(h->nr_windows, 3);
    assert_window(&h->window[0], UMSI_WINDOW_IO, false, 0, 0x3eff0000, 0x10000);
    assert_window(&h->window[1], UMSI_WINDOW_MEM32, false, 0x10000000, 0x10000000, 0x2eff0000);
    assert_window(&h->window[2], UMSI_WINDOW_MEM64, false, 0x8000000000, 0x8000000000,
                  0x8000000000);
    assert_int_equal(h->nr_msi_map, 1);
    assert_int_equal(h->msi_map[0].rid_base, 0);
    assert_int_equal(h->msi_map[0].controller, 0x8006);
    assert_int_equal(h->msi_map[0].msi_base, 0);
    assert_int_equal(h->msi_map[0].length, 0x10000);
    assert_int_equal(h->msi_map_mask, 0xffff);
    assert_int_equal(h->msi_parent, 0);
}

static void virt_no_its(void **state)
{
    struct umsi_platform p;
    struct test_log log;

    (void)state;
    read_tree("virt-no-its", &p, &log);
    virt_gic(&p);
    assert_int_equal(p.nr_its, 0);
    assert_int_equal(p.nr_hosts, 1);
    assert_int_equal(p.host[0].nr_msi_map, 0);
    assert_int_equal(p.host[0].last_bus, 15);
    assert_range(p.host[0].ecam, 0x3f000000, 0x1000000);
    assert_int_equal(p.host[0].nr_windows, 2);
    assert_true(log_has(&log, "/pcie@10000000: ", "no MSI"));
    assert_true(log_has(&log, "/: ", "no usable arm,gic-v3-its"));
    assert_int_equal(log_count(&log, UMSI_LOG_WARN), 0);
}

static void virt_secure_numa(void **state)
{
    struct umsi_platform p;
    struct test_log log;

    (void)state;
    read_tree("virt-secure-numa", &p, &log);
    virt_gic(&p);
    assert_int_equal(p.nr_memory, 2); /* not the secure memory */
    assert_range(p.memory[0], 0x80000000, 0x40000000);
    assert_range(p.memory[1], 0x40000000, 0x40000000);
    assert_true(log_has(&log, "/secram@e000000: ", "status"));
    assert_int_equal(p.nr_cpus, 4);
    assert_false(p.psci_hvc || p.psci_smc); /* firmware is to bring its own: QEMU leaves it out */
}

static void virt_iommu(void **state)
{
    struct umsi_platform p;
    struct test_log log;

    (void)state;
    read_tree("virt-iommu", &p, &log);
    virt_gic(&p);
    assert_range(p.memory[0], 0x40000000, 0x140000000);
    assert_int_equal(p.host[0].nr_msi_map, 1);
    assert_int_equal(p.host[0].msi_map[0].controller, p.its[0].phandle);
}

static void virt_gicv2(void **state)
{
    struct umsi_platform p;
    struct test_log log;

    (void)state;
    read_tree("virt-gicv2", &p, &log);
    assert_true(p.has_gic && p.gicv2);
    assert_range(p.gicd, 0x8000000, 0x10000);
    assert_range(p.gicc, 0x8010000, 0x10000);
    assert_int_equal(p.nr_redist, 0);
    assert_int_equal(p.nr_v2m, 1);
    assert_range(p.v2m[0].reg, 0x8020000, 0x1000);
    assert_int_equal(p.v2m[0].phandle, 0x8004);
    assert_int_equal(p.v2m[0].nr_spis, 0); /* the frame itself says */
    assert_int_equal(p.nr_hosts, 1);
    assert_int_equal(p.host[0].msi_map[0].controller, 0x8004);
    assert_int_equal(p.host[0].nr_intx, 16);
    assert_int_equal(log_count(&log, UMSI_LOG_WARN), 0);
}

/* ---- the board ---- */

static void board_gic(void **state)
{
    struct umsi_platform p;
    struct test_log log;

    (void)state;
    read_tree("board", &p, &log);
    assert_range(p.gicd, 0x1000100000, 0x10000);
    assert_int_equal(p.nr_redist, 2);
    assert_range(p.redist[0], 0x1001000000, 0x200000);
    assert_range(p.redist[1], 0x1002000000, 0x100000);
    assert_int_equal(p.redist_stride, 0x40000);
    assert_true(p.gic_non_coherent);
    assert_int_equal(p.nr_its, 2); /* the one between is disabled */
    assert_range(p.its[0].reg, 0x1000200000, 0x20000);
    assert_int_equal(p.its[0].phandle, 0x11);
    assert_false(p.its[0].non_coherent);
    assert_range(p.its[1].reg, 0x1000240000, 0x20000);
    assert_int_equal(p.its[1].phandle, 0x13);
    assert_true(p.its[1].non_coherent);
}

static void board_hosts(void **state)
{
    struct umsi_platform p;
    struct test_log log;
    const struct umsi_platform_host *h = &p.host[0];

    (void)state;
    read_tree("board", &p, &log);
    assert_int_equal(p.nr_hosts, 2);
    assert_range(h->ecam, 0x4000000000, 0x1000000);
    assert_int_equal(h->first_bus, 0x10);
    assert_int_equal(h->last_bus, 0x1f);
    assert_int_equal(h->segment, 1);
    assert_int_equal(h->nr_windows, 3);
    assert_window(&h->window[0], UMSI_WINDOW_IO, false, 0, 0x4001000000, 0x10000);
    assert_window(&h->window[1], UMSI_WINDOW_MEM32, false, 0x50000000, 0x4002000000, 0x1000000);
    assert_window(&h->window[2], UMSI_WINDOW_MEM64, true, 0x8000000000, 0x4010000000, 0x10000000);
    h = &p.host[1];
    assert_range(h->ecam, 0x4008000000, 0x200000);
    assert_int_equal(h->first_bus, 0);
    assert_int_equal(h->last_bus, 1); /* as many as the space has room for */
    assert_int_equal(h->segment, 0);  /* not given: the lowest that is free */
    assert_window(&h->window[0], UMSI_WINDOW_MEM32, false, 0x4a000000, 0x400a000000, 0x1000000);
}

static void board_msi(void **state)
{
    struct umsi_platform p;
    struct test_log log;

    (void)state;
    read_tree("board", &p, &log);
    assert_int_equal(p.host[0].nr_msi_map, 2);
    assert_int_equal(p.host[0].msi_map_mask, 0xfff8);
    assert_int_equal(p.host[0].msi_map[1].rid_base, 0x1800);
    assert_int_equal(p.host[0].msi_map[1].controller, 0x13);
    assert_int_equal(p.host[0].msi_map[1].msi_base, 0x4000);
    assert_int_equal(p.host[0].msi_map[1].length, 0x800);
    assert_int_equal(p.host[0].msi_parent, 0);
    assert_int_equal(p.host[1].nr_msi_map, 0);
    assert_int_equal(p.host[1].msi_map_mask, 0xffff);
    assert_int_equal(p.host[1].msi_parent, 0x11);
}

static void board_rest(void **state)
{
    struct umsi_platform p;
    struct test_log log;

    (void)state;
    read_tree("board", &p, &log);
    assert_int_equal(p.nr_cpus, 3);
    assert_int_equal(p.cpu_mpidr[0], 0);
    assert_int_equal(p.cpu_mpidr[1], 0x100);
    assert_int_equal(p.cpu_mpidr[2], 0x100010203);
    assert_int_equal(p.nr_memory, 2);
    assert_range(p.memory[0], 0x80000000, 0x40000000);
    assert_range(p.memory[1], 0x800000000, 0x100000000);
    assert_true(p.psci_smc);
    assert_false(p.psci_hvc);
}

/* Each node that was left out is named, and nothing else is. */
static void board_log(void **state)
{
    static const char *const named[][2] = {
        { "/cpus/cpu@200: ", "status" },
        { "/cpus/cpu@300: ", "status" },
        { "/memory@e000000: ", "status" },
        { "/soc/interrupt-controller@100000/msi-controller@20000: ", "status" },
        { "/soc/pcie@4c000000: ", "status" },
        { "/soc/pcie@4d000000: ", "unknown kind" },
        { "/soc/msi-controller@3000000: ", "unknown kind" },
        { "/island/pcie@0: ", "not reachable" },
    };
    struct umsi_platform p;
    struct test_log log;

    (void)state;
    read_tree("board", &p, &log);
    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
        assert_true(log_has(&log, named[i][0], named[i][1]));
    }
    assert_int_equal(log.n, sizeof(named) / sizeof(named[0]));
}

static void no_log_is_fine(void **state)
{
    struct umsi_platform p;
    void *blob = source_load("board");

    (void)state;
    assert_int_equal(umsi_fdt_read(blob, fdt_totalsize(blob), NULL, NULL, &p), UMSI_OK);
    free(blob);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(virt_its),    cmocka_unit_test(virt_host),
        cmocka_unit_test(virt_no_its), cmocka_unit_test(virt_secure_numa),
        cmocka_unit_test(virt_iommu),  cmocka_unit_test(virt_gicv2),
        cmocka_unit_test(board_gic),   cmocka_unit_test(board_hosts),
        cmocka_unit_test(board_msi),   cmocka_unit_test(board_rest),
        cmocka_unit_test(board_log),   cmocka_unit_test(no_log_is_fine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
