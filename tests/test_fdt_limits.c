/* SPDX-License-Identifier: MIT */
/*
 * The devicetree reader at its limits: more of everything than struct umsi_platform has room for, two nodes of
 * which only one can be right, trees too deep, names too long, more wrong than a log should hold.
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

/* ---- too many of everything ---- */

static void read_text(const char *text, struct umsi_platform *p, struct test_log *log)
{
    void *blob = source_compile(text);

    memset(log, 0, sizeof(*log));
    assert_int_equal(umsi_fdt_read(blob, fdt_totalsize(blob), log_line, log, p), UMSI_OK);
    assert_null(sane_platform(p));
    assert_false(log->too_long);
    free(blob);
}

static void too_many_regions_and_its(void **state)
{
    static char text[16384];
    struct umsi_platform p;
    struct test_log log;
    int n = sprintf(
        text, "/dts-v1/; / { gic@0 { compatible = \"arm,gic-v3\"; #address-cells = <2>; ranges; "
              "#redistributor-regions = <10>; reg = <0 0 0x10000");

    (void)state;
    for (int i = 1; i <= 10; i++) {
        n += sprintf(text + n, " 0 0x%x00000 0x20000", i);
    }
    n += sprintf(text + n, ">;");
    for (int i = 0; i < 10; i++) {
        n += sprintf(
            text + n,
            "its@%d { compatible = \"arm,gic-v3-its\"; msi-controller; reg = <1 0x%x00000 0x20000>; };",
            i, i);
    }
    sprintf(text + n, "}; };");
    read_text(text, &p, &log);
    assert_int_equal(p.nr_redist, UMSI_PLATFORM_MAX_REGIONS);
    assert_int_equal(p.nr_its, UMSI_PLATFORM_MAX_ITS);
    assert_true(log_has(&log, "/gic@0: ", "entry 9 is one redistributor region too many"));
    assert_true(log_has(&log, "/gic@0/its@8: ", "one ITS too many"));
}

static void too_many_hosts(void **state)
{
    static char text[16384];
    struct umsi_platform p;
    struct test_log log;
    int n = sprintf(text, "/dts-v1/; / {");

    (void)state;
    for (int i = 0; i < 10; i++) {
        n += sprintf(
            text + n,
            "pcie@%d { compatible = \"pci-host-ecam-generic\"; device_type = \"pci\"; reg = <0 0x%x00000 0x100000>; %s };",
            i, i, i == 3 ? "linux,pci-domain = <2>;" : "");
    }
    sprintf(text + n, "};");
    read_text(text, &p, &log);
    assert_int_equal(p.nr_hosts, UMSI_PLATFORM_MAX_HOSTS);
    assert_true(log_has(&log, "/pcie@8: ", "one PCI host bridge too many"));
    for (uint32_t i = 0, next = 0; i < p.nr_hosts; i++) {
        next += next == 2; /* the third host's number is the fourth's */
        assert_int_equal(p.host[i].segment, i == 3 ? 2 : next++);
    }
}

static void too_many_rows(void **state)
{
    static char text[16384];
    struct umsi_platform p;
    struct test_log log;
    int n = sprintf(
        text,
        "/dts-v1/; / { pcie@0 { compatible = \"pci-host-ecam-generic\"; device_type = \"pci\"; "
        "phandle = <1>; reg = <0 0 0x100000>; #address-cells = <3>; #size-cells = <2>; ranges = <");

    (void)state;
    for (int i = 1; i <= 12; i++) {
        n += sprintf(text + n, " 0x02000000 0 0x%x00000 1 0x%x00000 0 0x1000", i, i);
    }
    n += sprintf(text + n, ">; msi-map = <");
    for (int i = 0; i < 20; i++) {
        n += sprintf(text + n, " %d 1 0 1", i);
    }
    sprintf(text + n, ">; }; };");
    read_text(text, &p, &log);
    assert_int_equal(p.host[0].nr_windows, UMSI_PLATFORM_MAX_REGIONS);
    assert_int_equal(p.host[0].nr_msi_map, UMSI_PLATFORM_MAX_MSI_MAP);
    assert_true(log_has(&log, "/pcie@0: ", "ranges: entry 8 and what follows"));
    assert_true(log_has(&log, "/pcie@0: ", "msi-map: entry 16 and what follows"));
}

static void too_many_cpus_and_ranges(void **state)
{
    static char text[SOURCE_MAX];
    struct umsi_platform p;
    struct test_log log;
    int n = sprintf(text, "/dts-v1/; / { cpus { #address-cells = <1>; #size-cells = <0>;");

    (void)state;
    for (unsigned i = 0; i < UMSI_MAX_CPUS + 2; i++) {
        n += sprintf(text + n, "cpu@%u { device_type = \"cpu\"; reg = <%u>; };", i, i);
    }
    n += sprintf(text + n, "}; memory@0 { device_type = \"memory\"; reg = <");
    for (int i = 0; i < 12; i++) {
        n += sprintf(text + n, " %d 0 0x1000", i);
    }
    sprintf(text + n, ">; }; };");
    read_text(text, &p, &log);
    assert_int_equal(p.nr_cpus, UMSI_MAX_CPUS);
    assert_int_equal(p.nr_memory, UMSI_PLATFORM_MAX_REGIONS);
    assert_true(log_has(&log, "/cpus/cpu@257: ", "UMSI_MAX_CPUS"));
    assert_true(log_has(&log, "/memory@0: ", "entry 8 and what follows"));
}

/* ---- two that do not go together ---- */

static void hosts_of_one_domain(void **state)
{
    struct umsi_platform p;
    struct test_log log;

#define A_HOST(at, rest)                                                                           \
    "pcie@" at " { compatible = \"pci-host-ecam-generic\"; device_type = \"pci\"; reg = <0 0x" at  \
    "00000 0x400000>;" rest "};"
    (void)state;
    read_text("/dts-v1/; / {" A_HOST("10", "linux,pci-domain = <1>; bus-range = <0 3>;")
                  A_HOST("20", "linux,pci-domain = <1>; bus-range = <3 6>;")
                      A_HOST("30", "linux,pci-domain = <2>; bus-range = <0 3>;")
                          A_HOST("40", "linux,pci-domain = <1>; bus-range = <4 7>;") "};",
              &p, &log);
    assert_int_equal(p.nr_hosts, 3);
    assert_int_equal(p.host[1].segment, 2);
    assert_int_equal(p.host[2].segment, 1);
    assert_int_equal(p.host[2].first_bus, 4);
    assert_true(log_has(&log, "/pcie@20: linux,pci-domain: ", "another host has these buses"));
}

/* What is not believable is not handed on to be mapped. */
static void region_without_end(void **state)
{
    struct umsi_platform p;
    struct test_log log;

    (void)state;
    read_text(
        "/dts-v1/; / { #size-cells = <2>; gic { compatible = \"arm,gic-v3\"; reg = <0 0 0 0x10000 1 0 1 0>; }; };",
        &p, &log);
    assert_false(p.has_gic);
    assert_true(log_has(&log, "/gic: reg: entry 1 ", "too large"));
}

/* ---- shapes ---- */

static void too_deep(void **state)
{
    static char text[4096];
    struct umsi_platform p;
    struct test_log log;
    int n = sprintf(text, "/dts-v1/; / {");

    (void)state;
    for (int i = 0; i < 30; i++) {
        n += sprintf(text + n, "a { ");
    }
    n += sprintf(text + n, "psci { compatible = \"arm,psci-1.0\"; method = \"hvc\"; };");
    for (int i = 0; i < 30; i++) {
        n += sprintf(text + n, "}; ");
    }
    sprintf(text + n, "psci { compatible = \"arm,psci-1.0\"; method = \"smc\"; }; };");
    read_text(text, &p, &log);
    assert_true(log_has(&log, "/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a: ", "nested too deep"));
    assert_false(p.psci_hvc);
    assert_true(p.psci_smc);
}

static void second_ones(void **state)
{
    struct umsi_platform p;
    struct test_log log;

    (void)state;
    read_text(
        "/dts-v1/; / { #size-cells = <2>; "
        "gic@1 { compatible = \"arm,gic-v3\"; reg = <0 0 0 0x10000 0 0x20000 0 0x20000>; };"
        "gic@2 { compatible = \"arm,gic-v3\"; reg = <1 0 0 0x10000 1 0x20000 0 0x20000>;"
        " ranges; its@0 { compatible = \"arm,gic-v3-its\"; msi-controller; }; };"
        "its@3 { compatible = \"arm,gic-v3-its\"; msi-controller; reg = <0 0x90000 0 0x20000>; };"
        "psci@1 { compatible = \"arm,psci-1.0\"; method = \"hvc\"; };"
        "psci@2 { compatible = \"arm,psci-1.0\"; method = \"smc\"; }; };",
        &p, &log);
    assert_int_equal(p.gicd.base, 0);
    assert_int_equal(p.nr_its, 0);
    assert_true(p.psci_hvc && !p.psci_smc);
    assert_true(log_has(&log, "/gic@2: ", "a second GIC"));
    assert_true(log_has(&log, "/its@3: ", "not a child of the GIC"));
    assert_true(log_has(&log, "/psci@2: ", "a second PSCI"));
}

/* A hostile tree cannot flood the log, nor put control characters into it. */
static void log_is_bounded(void **state)
{
    static char text[SOURCE_MAX];
    struct umsi_platform p;
    struct test_log log;
    int n = sprintf(text, "/dts-v1/; / {");

    (void)state;
    for (int i = 0; i < 500; i++) {
        n += sprintf(text + n, "\x1b[2J\x80@%d { compatible = \"arm,gic-v3\"; };", i);
    }
    sprintf(text + n, "};");
    read_text(text, &p, &log);
    assert_int_equal(log.n, 100);
    assert_true(log_has(&log, "devicetree: /?[2J?@0: ", "reg: missing"));
    assert_non_null(strstr(log.line[99], "left out"));
}

static void long_paths_are_cut(void **state)
{
    static char text[2048];
    struct umsi_platform p;
    struct test_log log;
    int n = sprintf(text, "/dts-v1/; / {");

    (void)state;
    for (int i = 0; i < 6; i++) {
        n += sprintf(text + n, "a-name-of-forty-characters-and-no-more-x { ");
    }
    sprintf(text + n, "gic { compatible = \"arm,gic-v3\"; }; }; }; }; }; }; }; };");
    read_text(text, &p, &log);
    assert_true(log_has(&log, "devicetree: /a-name-of-forty-characters-and-no-more-x/",
                        "...: reg: missing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_many_regions_and_its),
        cmocka_unit_test(too_many_hosts),
        cmocka_unit_test(too_many_rows),
        cmocka_unit_test(too_many_cpus_and_ranges),
        cmocka_unit_test(hosts_of_one_domain),
        cmocka_unit_test(region_without_end),
        cmocka_unit_test(too_deep),
        cmocka_unit_test(second_ones),
        cmocka_unit_test(log_is_bounded),
        cmocka_unit_test(long_paths_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
