/* SPDX-License-Identifier: MIT */
/* GICv2 and GICv2m frames in the devicetree: what is taken, and what is named and left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <umsi/fw/fdt.h>

#include "fdt_log.h"
#include "fdt_sane.h"
#include "fdt_source.h"

static struct umsi_platform p;
static struct test_log said;

static void read_board(const char *gic)
{
    static const char board[] =
        "/dts-v1/; / { #address-cells = <2>; #size-cells = <2>; %s"
        " memory@80000000 { device_type = \"memory\"; reg = <0 0x80000000 0 0x40000000>; };"
        " cpus { #address-cells = <1>; #size-cells = <0>;"
        " cpu@0 { device_type = \"cpu\"; reg = <0>; enable-method = \"psci\"; }; }; };";
    char text[8192];
    snprintf(text, sizeof(text), board, gic);
    void *blob = source_compile(text);
    memset(&said, 0, sizeof(said));
    assert_int_equal(umsi_fdt_read(blob, fdt_totalsize(blob), log_line, &said, &p), UMSI_OK);
    free(blob);
    assert_null(sane_platform(&p));
    assert_false(said.too_long);
}

/* A GIC with these frames in it. */
static void read_frames(const char *compatible, const char *frames)
{
    char text[4096];
    snprintf(text, sizeof(text),
             "gic@8000000 { compatible = %s; interrupt-controller; #interrupt-cells = <3>;"
             " #address-cells = <2>; #size-cells = <2>; ranges; phandle = <1>;"
             " reg = <0 0x8000000 0 0x1000 0 0x8010000 0 0x2000 0 0x8040000 0 0x2000>; %s };",
             compatible, frames);
    read_board(text);
}

#define FRAME(at, more)                                                                            \
    "v2m@" at " { compatible = \"arm,gic-v2m-frame\"; msi-controller; reg = <0 0x" at              \
    " 0 0x1000>; " more " };"

static void kinds(void **state)
{
    static const char *const compatible[] = { "\"arm,gic-400\"", "\"arm,cortex-a15-gic\"",
                                              "\"vendor,gic\", \"arm,cortex-a7-gic\"" };
    (void)state;
    for (size_t i = 0; i < sizeof(compatible) / sizeof(compatible[0]); i++) {
        read_frames(compatible[i], FRAME("8020000", "phandle = <7>;"));
        assert_true(p.has_gic && p.gicv2);
        assert_int_equal(p.gicd.base, 0x8000000);
        assert_int_equal(p.gicc.base, 0x8010000);
        assert_int_equal(p.gic_phandle, 1);
        assert_int_equal(p.nr_v2m, 1);
        assert_int_equal(p.v2m[0].phandle, 7);
        assert_int_equal(log_count(&said, UMSI_LOG_WARN), 0);
    }
    read_frames("\"arm,cortex-a9-gic\"", FRAME("8020000", "")); /* a GICv1 */
    assert_false(p.has_gic);
    assert_int_equal(p.nr_v2m, 0);
    assert_true(log_has(&said, "v2m@8020000: ", "not a child of the GIC"));
}

static void spis_from_firmware(void **state)
{
    (void)state;
    read_frames("\"arm,gic-400\"",
                FRAME("8020000", "arm,msi-base-spi = <160>; arm,msi-num-spis = <32>;")
                    FRAME("8030000", "arm,msi-base-spi = <192>;")
                        FRAME("8050000", "arm,msi-num-spis = <1 2>;"));
    assert_int_equal(p.nr_v2m, 3);
    assert_int_equal(p.v2m[0].first_spi, 160);
    assert_int_equal(p.v2m[0].nr_spis, 32);
    assert_int_equal(p.v2m[1].nr_spis, 0);
    assert_true(log_has(&said, "v2m@8030000: ", "arm,msi-num-spis"));
    assert_int_equal(p.v2m[2].first_spi, 0);
    assert_true(log_has(&said, "v2m@8050000: ", "arm,msi-num-spis only"));
}

static void left_out(void **state)
{
    static const struct {
        const char *frame, *line;
    } cases[] = {
        { "v2m { compatible = \"arm,gic-v2m-frame\"; reg = <0 0x8020000 0 0x1000>; };",
          "msi-controller" },
        { "v2m { compatible = \"arm,gic-v2m-frame\"; msi-controller; };", "reg" },
        { FRAME("8020800", ""), "misaligned" },
        { FRAME("8000000", ""), "shares its reg" },
        { FRAME("8011000", ""), "shares its reg" },
        { FRAME("8020000", "phandle = <0xffffffff>;"), "is not a phandle" },
        { FRAME("8020000", "status = \"disabled\";"), "status" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        read_frames("\"arm,gic-400\"", cases[i].frame);
        assert_true(p.gicv2);
        assert_int_equal(p.nr_v2m, 0);
        assert_true(log_has(&said, "v2m", cases[i].line));
        assert_true(log_has(&said, "/: ", "arm,gic-v2m-frame: no MSI"));
    }
}

static void twins(void **state)
{
    (void)state;
    read_frames(
        "\"arm,gic-400\"",
        FRAME(
            "8020000",
            "phandle = <7>;") "more@8020000 {"
                              " compatible = \"arm,gic-v2m-frame\"; msi-controller; reg = <0 0x8020000 0 0x1000>; };" FRAME(
                                  "8030000", "phandle = <7>;"));
    assert_int_equal(p.nr_v2m, 1);
    assert_true(log_has(&said, "more@8020000: ", "shares"));
    assert_true(log_has(&said, "v2m@8030000: ", "shares"));
}

static void too_many(void **state)
{
    char text[3000];
    size_t n = 0;
    (void)state;
    for (uint32_t i = 0; i <= UMSI_PLATFORM_MAX_V2M; i++) {
        n += (size_t)snprintf(text + n, sizeof(text) - n,
                              "v2m@%x { compatible = \"arm,gic-v2m-frame\"; msi-controller;"
                              " reg = <0 0x%x 0 0x1000>; };",
                              0x9000000 + i * 0x10000, 0x9000000 + i * 0x10000);
    }
    read_frames("\"arm,gic-400\"", text);
    assert_int_equal(p.nr_v2m, UMSI_PLATFORM_MAX_V2M);
    assert_true(log_has(&said, "v2m@9080000: ", "too many"));
}

/* A GICv3 may have frames, too. */
static void beside_a_gicv3(void **state)
{
    (void)state;
    read_board("gic@8000000 { compatible = \"arm,gic-v3\"; #address-cells = <2>; #size-cells = <2>;"
               " ranges; reg = <0 0x8000000 0 0x10000 0 0x80a0000 0 0x40000>; " FRAME(
                   "8020000", "phandle = <7>;") FRAME("80b0000", "") "};");
    assert_true(p.has_gic && !p.gicv2);
    assert_int_equal(p.nr_v2m, 1); /* the other is where a redistributor is */
    assert_int_equal(p.v2m[0].phandle, 7);
}

static void broken_gics(void **state)
{
    static const struct {
        const char *reg, *line;
    } cases[] = {
        { "0 0x8000000 0 0x1000", "has no CPU interface" },
        { "0 0x8000000 0 0x1000 0 0x8010000 0 0x800", "too small" },
        { "0 0x8000000 0 0x10000 0 0x8001000 0 0x1000", "overlaps" },
        { "0 0x8000100 0 0x1000 0 0x8010000 0 0x1000", "misaligned" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];
        snprintf(text, sizeof(text),
                 "gic { compatible = \"arm,gic-400\"; reg = <%s>; #address-cells = <2>; };",
                 cases[i].reg);
        read_board(text);
        assert_false(p.has_gic);
        assert_true(log_has(&said, "/gic: ", cases[i].line));
    }
}

static void a_second_gic(void **state)
{
    (void)state;
    read_board(
        "gic@1 { compatible = \"arm,gic-400\"; reg = <0 0x8000000 0 0x1000 0 0x8010000 0 0x1000>; };"
        "gic@2 { compatible = \"arm,gic-400\"; reg = <0 0x9000000 0 0x1000 0 0x9010000 0 0x1000>; };");
    assert_int_equal(p.gicd.base, 0x8000000);
    assert_true(log_has(&said, "/gic@2: ", "a second GIC"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds),       cmocka_unit_test(spis_from_firmware),
        cmocka_unit_test(left_out),    cmocka_unit_test(twins),
        cmocka_unit_test(too_many),    cmocka_unit_test(beside_a_gicv3),
        cmocka_unit_test(broken_gics), cmocka_unit_test(a_second_gic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
