/* SPDX-License-Identifier: MIT */
/*
 * The devicetree reader on trees with one thing wrong: the board of tests/data with one property missing, cut,
 * too long or nonsense. Each time the log names node and property, what depends on it is gone, and the rest
 * is there.
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

#define GIC   "/soc/interrupt-controller@100000"
#define ITS0  GIC "/msi-controller@0"
#define ITS2  GIC "/msi-controller@40000"
#define HOST  "/soc/pcie@40000000"
#define HOST2 "/soc/pcie@48000000"
#define CPU   "/cpus/cpu@100"
#define RAM   "/memory@80000000"

enum change { DELETE, CELLS, BYTES, TEXT };

/* What the reader should have found; of the board as it is: */
struct expect {
    uint32_t gic, redist, its, hosts, windows, rows, parents, cpus, memory, psci;
};
static const struct expect whole = { 1, 2, 2, 2, 3, 2, 1, 3, 2, 1 };

/* Without the GIC its children are not looked at. */
#define NO_GIC                                                                                     \
    {                                                                                              \
        0, 0, 0, 2, 3, 2, 1, 3, 2, 1                                                               \
    }
#define ONE_REGION                                                                                 \
    {                                                                                              \
        1, 1, 2, 2, 3, 2, 1, 3, 2, 1                                                               \
    }
#define ONE_ITS                                                                                    \
    {                                                                                              \
        1, 2, 1, 2, 3, 2, 1, 3, 2, 1                                                               \
    }
#define NO_ITS                                                                                     \
    {                                                                                              \
        1, 2, 0, 2, 3, 2, 1, 3, 2, 1                                                               \
    }
#define ONE_HOST                                                                                   \
    {                                                                                              \
        1, 2, 2, 1, 1, 0, 1, 3, 2, 1                                                               \
    }
#define FIRST_HOST                                                                                 \
    {                                                                                              \
        1, 2, 2, 1, 3, 2, 0, 3, 2, 1                                                               \
    }
#define WINDOWS(n)                                                                                 \
    {                                                                                              \
        1, 2, 2, 2, n, 2, 1, 3, 2, 1                                                               \
    }
#define ROWS(n)                                                                                    \
    {                                                                                              \
        1, 2, 2, 2, 3, n, 1, 3, 2, 1                                                               \
    }
#define NO_PARENT                                                                                  \
    {                                                                                              \
        1, 2, 2, 2, 3, 2, 0, 3, 2, 1                                                               \
    }
#define CPUS(n)                                                                                    \
    {                                                                                              \
        1, 2, 2, 2, 3, 2, 1, n, 2, 1                                                               \
    }
#define MEMORY(n)                                                                                  \
    {                                                                                              \
        1, 2, 2, 2, 3, 2, 1, 3, n, 1                                                               \
    }
#define NO_PSCI                                                                                    \
    {                                                                                              \
        1, 2, 2, 2, 3, 2, 1, 3, 2, 0                                                               \
    }
#define WHOLE                                                                                      \
    {                                                                                              \
        1, 2, 2, 2, 3, 2, 1, 3, 2, 1                                                               \
    }

struct broken {
    const char *node, *property;
    enum change change;
    const char *value; /* as in devicetree source, without the brackets */
    const char *line;  /* what the log must say of the node */
    struct expect expect;
};

static const struct broken broken[] = {
    /* GIC */
    { GIC, "reg", DELETE, NULL, "reg: missing", NO_GIC },
    { GIC, "reg", CELLS, "", "reg: missing", NO_GIC },
    { GIC, "reg", CELLS, "0x100000 0x10000 0x1000000", "reg: is not a whole number", NO_GIC },
    { GIC, "reg", CELLS, "0x100000 0x10000", "#redistributor-regions: does not fit reg", NO_GIC },
    { GIC, "reg", CELLS, "0x100000 0x8000 0x1000000 0x200000 0x2000000 0x100000",
      "reg: entry 0 is misaligned, too small", NO_GIC },
    { GIC, "reg", CELLS, "0x100004 0x10000 0x1000000 0x200000 0x2000000 0x100000",
      "reg: entry 0 is misaligned", NO_GIC },
    { GIC, "reg", CELLS, "0x100000 0 0x1000000 0x200000 0x2000000 0x100000",
      "reg: entry 0 is empty", NO_GIC },
    { GIC, "reg", CELLS, "0x70000000 0x10000 0x1000000 0x200000 0x2000000 0x100000",
      "reg: entry 0 is not reachable", NO_GIC },
    { GIC, "reg", CELLS, "0x100000 0x10000 0x1000000 0x200000 0x1100000 0x100000",
      "reg: entry 2 overlaps another", ONE_REGION },
    { GIC, "reg", CELLS, "0x100000 0x10000 0x1000000 0x10000 0x2000000 0x100000",
      "reg: entry 1 is misaligned, too small", ONE_REGION },
    { GIC, "reg", CELLS, "0x100000 0x10000 0x1000000 0x20000 0x2000000 0x100000",
      "reg: entry 1 is smaller than redistributor-stride", ONE_REGION },
    { GIC, "reg", CELLS, "0x100000 0x10000 0x100000 0x40000 0x140000 0",
      "no usable redistributor region", NO_GIC },
    { GIC, "#redistributor-regions", CELLS, "0", "#redistributor-regions: does not fit", NO_GIC },
    { GIC, "#redistributor-regions", CELLS, "4", "#redistributor-regions: does not fit", NO_GIC },
    { GIC, "#redistributor-regions", CELLS, "0xffffffff", "#redistributor-regions: does not fit",
      NO_GIC },
    { GIC, "#redistributor-regions", CELLS, "2 0", "#redistributor-regions: is not one cell",
      NO_GIC },
    { GIC, "#redistributor-regions", BYTES, "02", "#redistributor-regions: is not one cell",
      NO_GIC },
    { GIC, "#redistributor-regions", DELETE, NULL, NULL, ONE_REGION }, /* one is what it means */
    { GIC, "redistributor-stride", CELLS, "0 0x48000", "redistributor-stride: is not a multiple",
      NO_GIC },
    { GIC, "redistributor-stride", CELLS, "0 0", "redistributor-stride: is not", NO_GIC },
    { GIC, "redistributor-stride", CELLS, "0 0x10000", "redistributor-stride: is not", NO_GIC },
    { GIC, "redistributor-stride", CELLS, "", "redistributor-stride: is not", NO_GIC },
    { GIC, "redistributor-stride", CELLS, "0 0 0x40000", "redistributor-stride: is not", NO_GIC },
    { GIC, "redistributor-stride", CELLS, "0x10000 0", "smaller than redistributor-stride",
      NO_GIC },
    { GIC, "redistributor-stride", CELLS, "0x40000", NULL, WHOLE },
    { GIC, "status", TEXT, "reserved", "status: is not", NO_GIC },
    { GIC, "status", BYTES, "6f 6b 61 79", "status: is not", NO_GIC }, /* no end */
    { GIC, "ranges", DELETE, NULL, NULL, NO_ITS },
    { GIC, "ranges", CELLS, "0x0 0x200000 0x20000", NULL, ONE_ITS },
    { GIC, "ranges", CELLS, "0x0 0x200000", NULL, NO_ITS },
    { GIC, "ranges", CELLS, "0x0 0x200000 0x10000", NULL, NO_ITS }, /* half of the first */
    { GIC, "#address-cells", CELLS, "3", NULL, NO_ITS },
    { GIC, "#size-cells", CELLS, "0", NULL, NO_ITS },
    { GIC, "#size-cells", BYTES, "00 01", "#size-cells: is not one cell", NO_ITS },

    /* ITS */
    { ITS0, "reg", DELETE, NULL, "reg: missing", ONE_ITS },
    { ITS0, "reg", CELLS, "0", "reg: is not a whole number", ONE_ITS },
    { ITS0, "reg", CELLS, "0 0x8000", "reg: entry 0 is misaligned, too small", ONE_ITS },
    { ITS0, "reg", CELLS, "0xf0000 0x20000", "reg: entry 0 is not reachable", ONE_ITS },
    { ITS0, "msi-controller", DELETE, NULL, "msi-controller: missing", ONE_ITS },
    { ITS0, "phandle", CELLS, "0xffffffff", "phandle: is not", { 1, 2, 1, 2, 3, 1, 0, 3, 2, 1 } },
    { ITS0, "socionext,synquacer-pre-its", CELLS, "0x1000000 0x400000", "does not know", ONE_ITS },
    { ITS2, "reg", CELLS, "0x10000 0x20000", "shares its reg or phandle", ONE_ITS },
    { ITS2,
      "linux,phandle",
      CELLS,
      "0x11",
      "shares its reg or phandle",
      { 1, 2, 1, 2, 3, 1, 1, 3, 2, 1 } },

    /* hosts */
    { HOST, "reg", DELETE, NULL, "reg: missing", ONE_HOST },
    { HOST, "reg", CELLS, "0x40000000 0xfffff", "reg: is misaligned or smaller", ONE_HOST },
    { HOST, "reg", CELLS, "0x40000800 0x1000000", "reg: is misaligned", ONE_HOST },
    { HOST, "reg", CELLS, "0x60000000 0x1000000", "reg: entry 0 is not reachable", ONE_HOST },
    { HOST, "reg", CELLS, "0x40000000 0x800000", "bus-range: has more buses", WHOLE },
    { HOST, "device_type", DELETE, NULL, "device_type: is not", WHOLE },
    { HOST, "bus-range", CELLS, "0x1f 0x10", "bus-range: is not a range", ONE_HOST },
    { HOST, "bus-range", CELLS, "0 0x100", "bus-range: is not a range", ONE_HOST },
    { HOST, "bus-range", CELLS, "0", "bus-range: is not two cells", ONE_HOST },
    { HOST, "linux,pci-domain", CELLS, "", "linux,pci-domain: is not one cell", WHOLE },
    { HOST2, "linux,pci-domain", CELLS, "1", NULL, WHOLE }, /* other buses of the same domain */
    { HOST2, "reg", CELLS, "0x40f00000 0x200000", "reg: overlaps that of another host",
      FIRST_HOST },
    { HOST, "ranges", DELETE, NULL, "ranges: missing", WINDOWS(0) },
    { HOST, "ranges", CELLS, "0x02000000 0 0x50000000 0x42000000 0", "ranges: does not fit",
      WINDOWS(0) },
    { HOST, "ranges", CELLS, "0x02000000 0 0x50000000 0x42000000 0 0", "ranges: entry 0 is empty",
      WINDOWS(0) },
    { HOST, "ranges", CELLS, "0x02000000 0 0xff000000 0x42000000 0 0x1000001",
      "ranges: entry 0 is empty or leaves", WINDOWS(0) },
    { HOST, "ranges", CELLS, "0x02000000 1 0 0x42000000 0 0x1000",
      "ranges: entry 0 is empty or leaves", WINDOWS(0) },
    { HOST, "ranges", CELLS, "0x03000000 0xffffffff 0xfffff000 0x42000000 0 0x1001",
      "ranges: entry 0 is empty or leaves", WINDOWS(0) },
    { HOST, "ranges", CELLS, "0x00000000 0 0 0x42000000 0 0x1000000",
      "ranges: entry 0 is configuration", WINDOWS(0) },
    { HOST, "ranges", CELLS, "0x02000000 0 0 0x70000000 0 0x1000",
      "ranges: entry 0 is not reachable", WINDOWS(0) },
    { HOST, "ranges", CELLS, "0x02000000 0 0 0x5ffff000 0 0x2000",
      "ranges: entry 0 is not reachable", WINDOWS(0) },
    { HOST, "ranges", CELLS, "0x02000000 0 0 0x40800000 0 0x1000", "ranges: entry 0 overlaps",
      WINDOWS(0) },
    { HOST, "ranges", CELLS,
      "0x02000000 0 0 0x42000000 0 0x2000 0x02000000 0 0x10000 0x42001000 0 0x1000",
      "ranges: entry 1 overlaps", WINDOWS(1) },
    { HOST, "ranges", CELLS,
      "0x02000000 0 0 0x42000000 0 0x2000 0x03000000 0 0x1000 0x43000000 0 0x1000",
      "ranges: entry 1 overlaps", WINDOWS(1) },
    { HOST, "ranges", CELLS,
      "0x02000000 0 0 0x42000000 0 0x2000 0x01000000 0 0x1000 0x43000000 0 0x1000", NULL,
      WINDOWS(2) }, /* I/O and memory are different spaces */
    { HOST, "#address-cells", CELLS, "2", "ranges: does not fit", WINDOWS(0) },
    { HOST, "#size-cells", DELETE, NULL, "ranges: does not fit", WINDOWS(0) },

    /* msi-map, msi-map-mask, msi-parent */
    { HOST, "msi-map", DELETE, NULL, "no MSI below", ROWS(0) },
    { HOST, "msi-map", CELLS, "", "msi-map: is not a whole number", ROWS(0) },
    { HOST, "msi-map", CELLS, "0x1000 0x11 0", "msi-map: is not a whole number", ROWS(0) },
    { HOST, "msi-map", CELLS, "0x1000 0x11 0 0x800 0x1800", "msi-map: is not a whole number",
      ROWS(0) },
    { HOST, "msi-map", CELLS, "0x1000 0x11 0 0", "msi-map: entry 0 is empty", ROWS(0) },
    { HOST, "msi-map", CELLS, "0x1000 0x11 0 0xf001", "msi-map: entry 0 is empty or leaves",
      ROWS(0) },
    { HOST, "msi-map", CELLS, "0x10000 0x11 0 1", "msi-map: entry 0 is empty or leaves", ROWS(0) },
    { HOST, "msi-map", CELLS, "0x1000 0x11 0xfffffff8 0x10",
      "msi-map: entry 0 leaves the DeviceIDs", ROWS(0) },
    { HOST, "msi-map", CELLS, "0x1001 0x11 0 1", "msi-map: entry 0 begins with", ROWS(0) },
    { HOST, "msi-map", CELLS, "0x1000 0x99 0 8 0x1800 0x13 0 8", "msi-map: entry 0 names no node",
      ROWS(1) },
    { HOST, "msi-map", CELLS, "0x1000 0 0 8", "msi-map: entry 0 names no node", ROWS(0) },
    { HOST, "msi-map", CELLS, "0x1000 0x11 0 0x10 0x1008 0x13 0 8", "msi-map: entry 1 overlaps",
      ROWS(1) },
    { HOST, "msi-map-mask", CELLS, "", "msi-map-mask: is not one cell", ROWS(0) },
    { HOST, "msi-map-mask", CELLS, "0 0xffff", "msi-map-mask: is not one cell", ROWS(0) },
    { HOST2, "msi-parent", CELLS, "", "msi-parent: is not a phandle", NO_PARENT },
    { HOST2, "msi-parent", BYTES, "00 00 11", "msi-parent: is not a phandle", NO_PARENT },
    { HOST2, "msi-parent", CELLS, "0x99", "msi-parent: names no node", NO_PARENT },
    { HOST2, "msi-parent", CELLS, "0x11 0 0x13 0", "msi-parent: only the first", WHOLE },

    /* CPUs, memory, PSCI */
    { CPU, "reg", DELETE, NULL, "reg: missing", CPUS(2) },
    { CPU, "reg", CELLS, "0x100", "reg: does not fit", CPUS(2) },
    { CPU, "reg", CELLS, "0 0x100 0", "reg: does not fit", CPUS(2) },
    { CPU, "reg", CELLS, "0 0x80000100", "reg: is not an MPIDR", CPUS(2) },
    { CPU, "reg", CELLS, "0x100 0x100", "reg: is not an MPIDR", CPUS(2) },
    { CPU, "reg", CELLS, "0 0", "reg: another CPU", CPUS(2) },
    { CPU, "enable-method", DELETE, NULL, "status: this CPU cannot be started", CPUS(2) },
    { CPU, "device_type", DELETE, NULL, NULL, WHOLE },
    { "/cpus", "#address-cells", CELLS, "1", NULL, CPUS(0) },
    { "/cpus", "#address-cells", CELLS, "", "#address-cells: is not one cell", CPUS(0) },
    { "/cpus", "#address-cells", CELLS, "0", NULL, CPUS(0) },
    { "/cpus", "#address-cells", DELETE, NULL, NULL, WHOLE }, /* 2 is what it means */
    { RAM, "reg", DELETE, NULL, "reg: missing", MEMORY(0) },
    { RAM, "reg", CELLS, "0 0x80000000 0", "reg: is not a whole number", MEMORY(0) },
    { RAM, "reg", CELLS, "0 0x80000000 0 0 8 0 1 0", "reg: entry 0 is empty", MEMORY(1) },
    { RAM, "reg", CELLS, "0xffffffff 0xfffff000 0 0x1001 8 0 1 0",
      "reg: entry 0 is empty or leaves", MEMORY(1) },
    { RAM, "reg", CELLS, "0 0x80000000 0xffffffff 0xffffffff 8 0 1 0",
      "reg: entry 0 is empty or leaves", MEMORY(1) },
    { RAM, "reg", CELLS, "0 0x80000000 8 0 8 0 1 0", "reg: entry 1 overlaps", MEMORY(1) },
    { "/psci", "method", DELETE, NULL, "method: is neither", NO_PSCI },
    { "/psci", "method", TEXT, "hvcc", "method: is neither", NO_PSCI },
    { "/psci", "method", BYTES, "73 6d 63", "method: is neither", NO_PSCI },
    { "/psci", "compatible", TEXT, "arm,psci", "compatible: PSCI 0.1", NO_PSCI },

    /* what is above all of them */
    { "/soc", "ranges", DELETE, NULL, NULL, { 0, 0, 0, 0, 0, 0, 0, 3, 2, 1 } },
    { "/soc", "ranges", BYTES, "00", NULL, { 0, 0, 0, 0, 0, 0, 0, 3, 2, 1 } },
    { "/soc",
      "ranges",
      CELLS,
      "0x0 0xffffffff 0xfff00000 0x60000000",
      NULL,
      { 0, 0, 0, 0, 0, 0, 0, 3, 2, 1 } },
    { "/soc", "#address-cells", CELLS, "0", NULL, { 0, 0, 0, 0, 0, 0, 0, 3, 2, 1 } },
    { "/soc", "#size-cells", CELLS, "0xffffffff", NULL, { 0, 0, 0, 0, 0, 0, 0, 3, 2, 1 } },
    { "/", "#address-cells", CELLS, "5", NULL, { 0, 0, 0, 0, 0, 0, 0, 3, 0, 1 } },
};

static int value_of(const struct broken *b, uint8_t *value)
{
    int size = 0;
    char text[256];

    if (b->change == CELLS) {
        snprintf(text, sizeof(text), "%s>", b->value);
        source_numbers(text, '>', 0, value, &size);
    } else if (b->change == BYTES) {
        snprintf(text, sizeof(text), "%s]", b->value);
        source_numbers(text, ']', 16, value, &size);
    } else {
        snprintf(text, sizeof(text), "%s\"", b->value);
        source_string(text, value, &size);
    }
    return size;
}

/* The board with the change made, with room to spare, to be freed. */
static void *make(const struct broken *b)
{
    void *tree = source_load("board");
    void *blob = malloc(SOURCE_MAX);
    uint8_t value[256];
    int node;

    assert_non_null(blob);
    assert_int_equal(fdt_open_into(tree, blob, SOURCE_MAX), 0);
    node = fdt_path_offset(blob, b->node);
    assert_true(node >= 0);
    if (b->change == DELETE) {
        assert_int_equal(fdt_delprop(blob, node, b->property), 0);
    } else {
        assert_int_equal(fdt_setprop(blob, node, b->property, value, value_of(b, value)), 0);
    }
    assert_int_equal(fdt_pack(blob), 0);
    free(tree);
    return blob;
}

/* Windows and rows are those of the first host, the parents of all together. */
static struct expect found(const struct umsi_platform *p)
{
    struct expect e = { .gic = p->has_gic,
                        .redist = p->nr_redist,
                        .its = p->nr_its,
                        .hosts = p->nr_hosts,
                        .windows = p->host[0].nr_windows,
                        .rows = p->host[0].nr_msi_map,
                        .cpus = p->nr_cpus,
                        .memory = p->nr_memory,
                        .psci = p->psci_hvc || p->psci_smc };

    for (uint32_t i = 0; i < p->nr_hosts; i++) {
        e.parents += p->host[i].msi_parent != 0;
    }
    return e;
}

static bool said(const struct broken *b, const struct test_log *log)
{
    char path[128];

    snprintf(path, sizeof(path), "devicetree: %s: ", b->node);
    return b->line == NULL || log_has(log, path, b->line);
}

static bool one(const struct broken *b)
{
    void *blob = make(b);
    struct umsi_platform p;
    struct test_log log = { .n = 0 };
    struct expect e;
    bool good;

    assert_int_equal(umsi_fdt_read(blob, fdt_totalsize(blob), log_line, &log, &p), UMSI_OK);
    free(blob);
    e = found(&p);
    good = sane_platform(&p) == NULL && !log.too_long && said(b, &log) &&
           memcmp(&e, &b->expect, sizeof(e)) == 0;
    if (!good) {
        fprintf(
            stderr,
            "%s %s = %s: gic %u redist %u its %u hosts %u windows %u rows %u parents %u cpus %u memory %u psci %u\n",
            b->node, b->property, b->value, e.gic, e.redist, e.its, e.hosts, e.windows, e.rows,
            e.parents, e.cpus, e.memory, e.psci);
        log_print(&log);
    }
    return good;
}

static void each_is_named_and_skipped(void **state)
{
    unsigned bad = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        bad += !one(&broken[i]);
    }
    assert_int_equal(bad, 0);
}

static void unbroken(void **state)
{
    static const struct broken nothing = { "/", "model", TEXT, "board", NULL, WHOLE };

    (void)state;
    assert_true(one(&nothing));
    assert_memory_equal(&nothing.expect, &whole, sizeof(whole));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unbroken),
        cmocka_unit_test(each_is_named_and_skipped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
