/* SPDX-License-Identifier: MIT */
/*
 * interrupt-map, from the devicetree to the INTID a function's INTx arrives on: QEMU's own tree, rows of other
 * shapes, and broken ones, which the log names and which take nothing else away.
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

#define TEXT_MAX 8192u

static void read_blob(void *blob, struct umsi_platform *p, struct test_log *log)
{
    memset(log, 0, sizeof(*log));
    assert_int_equal(umsi_fdt_read(blob, fdt_totalsize(blob), log_line, log, p), UMSI_OK);
    free(blob);
    assert_null(sane_platform(p));
    assert_false(log->too_long);
}

/* A board with one host, given what is in its node besides the usual. The host comes before the controllers. */
static void read_host(const char *properties, struct umsi_platform *p, struct test_log *log)
{
    static const char board[] =
        "/dts-v1/; / { #address-cells = <2>; #size-cells = <2>;"
        " pcie@40000000 { compatible = \"pci-host-ecam-generic\"; device_type = \"pci\";"
        " #address-cells = <3>; #size-cells = <2>; reg = <0 0x40000000 0 0x10000000>;"
        " ranges = <0x2000000 0 0x50000000 0 0x50000000 0 0x1000000>; msi-parent = <3>; %s };"
        " gic@8000000 { compatible = \"arm,gic-v3\"; interrupt-controller; #interrupt-cells = <3>;"
        " #address-cells = <2>; #size-cells = <2>; ranges;"
        " reg = <0 0x8000000 0 0x10000 0 0x80a0000 0 0xf60000>; phandle = <1>;"
        " its@8080000 { compatible = \"arm,gic-v3-its\"; msi-controller;"
        " reg = <0 0x8080000 0 0x20000>; phandle = <3>; }; };"
        " bridge { compatible = \"vendor,bridge\"; #interrupt-cells = <2>; phandle = <2>; };"
        " gpio { compatible = \"vendor,gpio\"; phandle = <4>; };"
        " odd { #interrupt-cells = <1 1>; phandle = <5>; };"
        " none { #interrupt-cells = <0>; phandle = <6>; };"
        " wide { #interrupt-cells = <3>; #address-cells = <9>; phandle = <7>; };"
        " gic4 { compatible = \"arm,gic-v3\"; #interrupt-cells = <4>; phandle = <8>; };"
        " gic2 { compatible = \"arm,gic-v3\"; #interrupt-cells = <2>; phandle = <9>; };"
        " memory@80000000 { device_type = \"memory\"; reg = <0 0x80000000 0 0x40000000>; };"
        " cpus { #address-cells = <1>; #size-cells = <0>;"
        " cpu@0 { device_type = \"cpu\"; reg = <0>; enable-method = \"psci\"; }; }; };";
    static char text[TEXT_MAX + sizeof(board)];
    snprintf(text, sizeof(text), board, properties);
    read_blob(source_compile(text), p, log);
    assert_int_equal(p->nr_hosts, 1);
    assert_int_equal(p->nr_its, 1);
}

static void read_map(const char *mask, const char *rows, struct umsi_platform *p,
                     struct test_log *log)
{
    char text[TEXT_MAX];
    snprintf(text, sizeof(text),
             "#interrupt-cells = <1>; interrupt-map-mask = <%s>; interrupt-map = <%s>;", mask,
             rows);
    read_host(text, p, log);
}

/* Lines about the map; the board has a GIC too many, which is another matter. */
static uint32_t said(const struct test_log *log)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < log->n && i < LOG_LINES; i++) {
        n += strstr(log->line[i], "interrupt-map") != NULL;
    }
    return n;
}

static uint32_t route(const struct umsi_platform *p, uint16_t bdf, uint32_t pin)
{
    const struct umsi_platform_host *h = &p->host[0];
    struct umsi_pci_intx_entry row = { .line = 0 };
    (void)!umsi_pci_intx_route(h->intx, h->nr_intx, &h->intx_mask, bdf, pin, &row);
    return row.line;
}

#define MASK "0x1800 0 0 7"
#define ROW  "0 0 0 1  1  0 0  0 3 4 " /* device 0, INTA: SPI 3 */

/* 16 rows: four devices by four pins, each device one further (SPIs 3 to 6). */
static void virt(void **state)
{
    struct umsi_platform p;
    struct test_log log;
    (void)state;
    read_blob(source_load("virt-its"), &p, &log);
    assert_int_equal(log.n, 0);
    assert_int_equal(p.gic_phandle, 0x8005);
    assert_int_equal(p.host[0].nr_intx, 16);
    assert_int_equal(p.host[0].intx_mask.address, 0x1800);
    assert_int_equal(p.host[0].intx_mask.pin, 7);
    for (uint32_t device = 0; device < 32; device++) {
        for (uint32_t pin = 1; pin <= 4; pin++) {
            assert_int_equal(route(&p, UMSI_PCI_BDF(0, device, 0), pin),
                             32 + 3 + (device + pin - 1) % 4);
        }
    }
    assert_int_equal(p.host[0].intx[5].controller, 0x8005);
    assert_int_equal(p.host[0].intx[5].address, 0x800);
    assert_int_equal(p.host[0].intx[5].pin, 2);
    assert_int_equal(p.host[0].intx[5].line, 37);
}

/* A GICv2 says the same, with its own phandle. */
static void gicv2(void **state)
{
    struct umsi_platform p;
    struct test_log log;
    (void)state;
    read_blob(source_load("virt-gicv2"), &p, &log);
    assert_int_equal(p.host[0].nr_intx, 16);
    assert_int_equal(route(&p, UMSI_PCI_BDF(0, 2, 0), 3), 32 + 3 + 0);
    assert_int_equal(p.host[0].intx[0].controller, p.gic_phandle);
}

/* A controller that is none of umsi's: said once, not once a row. */
static void other_controller(void **state)
{
    struct umsi_platform p;
    struct test_log log;
    (void)state;
    read_map(MASK, "0 0 0 1  2  5 4  0 0 0 2  2  6 4", &p, &log);
    assert_int_equal(p.host[0].nr_intx, 0);
    assert_true(log_has(&log, "interrupt-map: entry 0", "a controller of an unknown kind"));
    assert_false(log_has(&log, "interrupt-map: entry 1", ""));
}

static void absent(void **state)
{
    struct umsi_platform p;
    struct test_log log;
    (void)state;
    read_host("", &p, &log);
    assert_int_equal(said(&log), 0);
    assert_int_equal(p.host[0].nr_intx, 0);
    assert_int_equal(route(&p, 0, 1), 0);
}

/* Controllers differ in how long a row is; one line for all pins; no mask at all. */
static void shapes(void **state)
{
    struct umsi_platform p;
    struct test_log log;
    (void)state;
    read_map(MASK, "0 0 0 1  2  5 4  " ROW "0x800 0 0 2  8  0 9 4 0  0x800 0 0 1  1  0 0  0 987 0",
             &p, &log);
    assert_int_equal(p.host[0].nr_intx, 3); /* the bridge's is left out */
    assert_int_equal(route(&p, UMSI_PCI_BDF(0, 0, 0), 1), 35);
    assert_int_equal(route(&p, UMSI_PCI_BDF(0, 1, 0), 2), 41);
    assert_int_equal(route(&p, UMSI_PCI_BDF(0, 1, 3), 1), 1019);
    assert_int_equal(route(&p, UMSI_PCI_BDF(0, 2, 0), 1), 0);
    assert_int_equal(said(&log), 1);

    read_map("0 0 0 0", ROW, &p, &log);
    assert_int_equal(route(&p, UMSI_PCI_BDF(7, 31, 7), 4), 35);
    assert_int_equal(said(&log), 0);

    read_map("0xf800 0 0 7", "0x10800 0 0 1  1  0 0  0 3 4", &p, &log); /* more than the mask */
    assert_int_equal(route(&p, UMSI_PCI_BDF(0, 1, 0), 1), 35);

    read_host("#interrupt-cells = <1>; interrupt-map = <0x10900 0 0 4  1  0 0  0 3 4>;", &p, &log);
    assert_int_equal(route(&p, UMSI_PCI_BDF(1, 1, 1), 4), 35);
    assert_int_equal(route(&p, UMSI_PCI_BDF(1, 1, 0), 4), 0);
    assert_int_equal(said(&log), 0);
}

/* One row is wrong, in the middle: it is named, the others are there. */
static void broken_rows(void **state)
{
    static const struct {
        const char *row, *line;
    } broken[] = {
        { "0x800 0 0 0  1  0 0  0 4 4", "is no function's pin" },
        { "0x800 0 0 5  1  0 0  0 4 4", "is no function's pin" },
        { "0x800 0 0 0xffffffff  1  0 0  0 4 4", "is no function's pin" },
        { "0 0 0 1  1  0 0  0 9 4", "repeats an earlier one" },
        { "0x800 0 0 1  1  0 0  1 4 4", "is not an SPI" },
        { "0x800 0 0 1  1  0 0  2 4 4", "is not an SPI" },
        { "0x800 0 0 1  1  0 0  0 988 4", "is not an SPI" },
        { "0x800 0 0 1  1  0 0  0 0xffffffff 4", "is not an SPI" },
        { "0x800 0 0 1  1  0 0  0 4 1", "is not level-sensitive" },
        { "0x800 0 0 1  1  0 0  0 4 8", "is not level-sensitive" },
        { "0x800 0 0 1  9  4 4", "a controller of an unknown kind" },
        { "0x800 0 0 1  2  4 4", "a controller of an unknown kind" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct umsi_platform p;
        struct test_log log;
        char rows[512];
        snprintf(rows, sizeof(rows), ROW "%s 0x1000 0 0 1  1  0 0  0 5 4", broken[i].row);
        read_map(MASK, rows, &p, &log);
        assert_int_equal(said(&log), 1);
        assert_true(log_has(&log, "/pcie@40000000: interrupt-map: entry 1 ", broken[i].line));
        assert_int_equal(p.host[0].nr_intx, 2);
        assert_int_equal(route(&p, 0, 1), 35);
        assert_int_equal(route(&p, UMSI_PCI_BDF(0, 2, 0), 1), 37);
    }
}

/* Where a row ends is not known: what came before stays. */
static void lost_rows(void **state)
{
    static const struct {
        const char *row, *line;
    } lost[] = {
        { "0x800 0 0 1  77  0 0  0 4 4", "names no node" },
        { "0x800 0 0 1  0  0 0  0 4 4", "names no node" },
        { "0x800 0 0 1  0xffffffff  0 0  0 4 4", "names no node" },
        { "0x800 0 0 1  4  0 0  0 4 4", "is no interrupt controller" },
        { "0x800 0 0 1  5  0 0  0 4 4", "is no interrupt controller" },
        { "0x800 0 0 1  6  0 0  0 4 4", "is no interrupt controller" },
        { "0x800 0 0 1  7  0 0  0 4 4", "is no interrupt controller" },
        { "0x800 0 0 1  1  0 0  0 4", "is cut off" },
        { "0x800 0 0 1  1", "is cut off" },
        { "0x800 0 0 1", "is cut off" },
        { "0x800", "is cut off" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
        struct umsi_platform p;
        struct test_log log;
        char rows[512];
        snprintf(rows, sizeof(rows), ROW "%s", lost[i].row);
        read_map(MASK, rows, &p, &log);
        assert_int_equal(said(&log), 1);
        assert_true(log_has(&log, "/pcie@40000000: interrupt-map: entry 1 ", lost[i].line));
        assert_int_equal(p.host[0].nr_intx, 1);
        assert_int_equal(route(&p, 0, 1), 35);
    }
}

static void broken_properties(void **state)
{
    static const struct {
        const char *properties, *property;
    } broken[] = {
        { "#interrupt-cells = <2>; interrupt-map = <" ROW ">;", "interrupt-map: does not fit" },
        { "#interrupt-cells = <1 1>; interrupt-map = <" ROW ">;", "interrupt-map: does not fit" },
        { "interrupt-map = <" ROW ">;", "interrupt-map: does not fit" },
        { "#interrupt-cells = <1>; interrupt-map-mask = <0x1800 0 7>; interrupt-map = <" ROW ">;",
          "interrupt-map-mask: is not four cells" },
        { "#interrupt-cells = <1>; interrupt-map = [00 00 00];",
          "interrupt-map: entry 0 is cut off" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct umsi_platform p;
        struct test_log log;
        read_host(broken[i].properties, &p, &log);
        assert_true(log_has(&log, "/pcie@40000000: ", broken[i].property));
        assert_int_equal(p.host[0].nr_intx, 0);
        assert_int_equal(p.host[0].msi_parent, 3);
    }
}

static void too_many(void **state)
{
    static char rows[TEXT_MAX - 256];
    struct umsi_platform p;
    struct test_log log;
    size_t used = 0;
    (void)state;
    for (uint32_t i = 0; i < UMSI_PLATFORM_MAX_INTX + 2; i++) {
        used += (size_t)snprintf(rows + used, sizeof(rows) - used, "%u 0 0 %u  1  0 0  0 %u 4 ",
                                 i / 4 << 11, i % 4 + 1, i);
        assert_true(used < sizeof(rows));
    }
    read_map("0xf800 0 0 7", rows, &p, &log);
    assert_int_equal(p.host[0].nr_intx, UMSI_PLATFORM_MAX_INTX);
    assert_int_equal(said(&log), 1);
    assert_true(log_has(&log, "interrupt-map: entry 64 ", "too many"));
    assert_int_equal(route(&p, UMSI_PCI_BDF(0, 15, 0), 4), 32 + 63);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(virt),
        cmocka_unit_test(gicv2),
        cmocka_unit_test(other_controller),
        cmocka_unit_test(absent),
        cmocka_unit_test(shapes),
        cmocka_unit_test(broken_rows),
        cmocka_unit_test(lost_rows),
        cmocka_unit_test(broken_properties),
        cmocka_unit_test(too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
