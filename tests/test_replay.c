/* SPDX-License-Identifier: MIT */
/*
 * The model as a judge of what others sent: Linux's commands as QEMU logged them (tests/data/traces), and short
 * logs with one fault each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "replay.h"
#include "rig.h"

#define C "gicv3_its_cmd_"

/* ---- Linux ---- */

static char *log_of(const char *name)
{
    static const char here[] = __FILE__;
    char path[512];
    const char *slash = strrchr(here, '/');
    snprintf(path, sizeof(path), "%.*s/data/traces/%s", (int)(slash - here), here, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *text = calloc(1, 65536);
    assert_non_null(text);
    size_t n = fread(text, 1, 65535, f);
    assert_in_range(n, 1, 65534);
    fclose(f);
    return text;
}

static void show(const struct model_replay_report *out)
{
    for (uint32_t i = 0; i < out->nr_findings && i < MODEL_REPLAY_MAX; i++) {
        const struct model_replay_finding *f = &out->finding[i];
        print_message("  line %u: %s %s\n", f->line, f->law, f->text);
    }
}

static void replay_file(const char *name, struct model_replay_report *out)
{
    char *log = log_of(name);
    assert_true(model_replay(NULL, log, out));
    free(log);
    show(out);
}

/* Three times unbound and bound, off with two devices in use: nothing wrong. */
static void test_nvme_rebind(void **state)
{
    static struct model_replay_report out;
    (void)state;
    replay_file("linux-6.12-nvme-rebind.trace", &out);
    assert_int_equal(out.lines, 384);
    assert_int_equal(out.commands, 192);
    assert_int_equal(out.nr_findings, 0);
    assert_int_equal(out.nr_live, 2);
    assert_int_equal(out.live[0].device, 0x8);
    assert_int_equal(out.live[0].line, 78);
    assert_int_equal(out.live[0].events, 3);
    assert_int_equal(out.live[1].device, 0x20);
    assert_int_equal(out.live[1].line, 104);
    assert_int_equal(out.live[1].events, 3);
}

static void says(const struct model_replay_finding *f, const char *part)
{
    if (strstr(f->text, part) == NULL) {
        print_message("\"%s\" is not in: %s\n", part, f->text);
        fail();
    }
}

/* Vectors taken one by one prepared the device again, which made it "shared": never unmapped (L2, L17, L36). */
static void test_multi_prepare(void **state)
{
    static struct model_replay_report out;
    (void)state;
    replay_file("linux-6.12-multi-prepare.trace", &out);
    assert_int_equal(out.commands, 85);
    assert_int_equal(out.nr_live, 0);
    assert_int_equal(out.nr_findings, 1);
    assert_string_equal(out.finding[0].law, "L17");
    assert_int_equal(out.finding[0].device, 8);
    assert_int_equal(out.finding[0].line, 21);
    says(&out.finding[0], "at most 4 were used");
    says(&out.finding[0], "the last was discarded in line 84");
    says(&out.finding[0], "first in line 36, and was used again 3 times");
}

/* A block of four reserved, three given back: never unmapped (L15, L17, L36). */
static void test_multi_msi_3(void **state)
{
    static struct model_replay_report out;
    (void)state;
    replay_file("linux-6.12-multi-msi-3.trace", &out);
    assert_int_equal(out.commands, 89);
    assert_int_equal(out.nr_live, 0);
    assert_int_equal(out.nr_findings, 1);
    assert_string_equal(out.finding[0].law, "L17");
    assert_int_equal(out.finding[0].device, 8);
    assert_int_equal(out.finding[0].line, 77);
    says(&out.finding[0], "made room for 4, at most 3 were used");
    says(&out.finding[0], "the last was discarded in line 88");
}

/* An ITS that keeps an ITT until a SYNC, as it may, does not get away with what Linux does (L22). */
static void test_strict_its(void **state)
{
    static struct model_replay_report out;
    const struct model_its_config strict = { .itt_entry_size = 12, .ignore_illegal = true };
    char *log = log_of("linux-6.12-nvme-rebind.trace");
    (void)state;
    assert_true(model_replay(&(struct model_replay_config){ .its = &strict }, log, &out));
    assert_true(out.nr_findings != 0);
    assert_string_equal(out.finding[0].law, "L21");
    assert_int_equal(out.finding[0].line, 38); /* the first MAPD V=1 right after a V=0 */
    assert_int_equal(out.finding[0].device, 0x10);
    says(&out.finding[0], "ITT unmapped without a SYNC");
    free(log);
}

/* ---- umsi ---- */

/* As QEMU would have logged it. */
static void print_trace(const struct model_its_logged *l, char *line, size_t size)
{
    struct model_command c;
    model_command_decode(l->dw, &c);
    switch (c.opcode) {
    case MODEL_MAPD:
        snprintf(line, size, C "mapd x: MAPD DeviceID 0x%x Size 0x%x ITT_addr 0x%llx V %d\n",
                 c.device, c.event_bits - 1u, (unsigned long long)c.itt >> 8, c.valid);
        break;
    case MODEL_MAPC:
        snprintf(line, size, C "mapc x: MAPC ICID 0x%x RDbase 0x%x V %d\n", c.icid,
                 (unsigned)c.rdbase, c.valid);
        break;
    case MODEL_MAPTI:
        snprintf(line, size, C "mapti x: VMAPI DeviceID 0x%x EventID 0x%x ICID 0x%x pINTID 0x%x\n",
                 c.device, c.event, c.icid, c.intid);
        break;
    case MODEL_MOVI:
        snprintf(line, size, C "movi x: MOVI DeviceID 0x%x EventID 0x%x ICID 0x%x\n", c.device,
                 c.event, c.icid);
        break;
    default:
        snprintf(line, size, C "%s x: %s DeviceID 0x%x EventID 0x%x\n",
                 c.opcode == MODEL_SYNC      ? "sync"
                 : c.opcode == MODEL_INVALL  ? "invall"
                 : c.opcode == MODEL_DISCARD ? "discard"
                                             : "inv",
                 c.name, c.device, c.event);
        break;
    }
}

/* What umsi sends in batches, with SYNCs that QEMU's log does not tell apart, is as good to the replay. */
static void test_umsi(void **state)
{
    static struct model_replay_report out;
    static char log[65536];
    struct rig r;
    struct unit f;
    (void)state;
    rig_start(&r, &(struct rig_config){ .model = { .nr_cpus = 3, .in_order = true } });
    unit_attach(&f, &r, &(struct model_pci_config){ .device_id = 5, .msix_entries = 32 });
    for (unsigned round = 0; round < 3; round++) {
        unit_take(&f, 32, UMSI_MSIX);
        for (uint32_t v = 0; v < 32; v++) {
            const struct umsi_cpumask mask = { { 1u << (v + round) % 3 } };
            assert_int_equal(umsi_irq_set_affinity(r.u, unit_virq(&f, v), &mask), UMSI_OK);
        }
        unit_drop(&f);
    }
    unit_detach(&f);
    for (uint32_t i = 0; i < model_its_log_size(r.m, 0); i++) {
        size_t at = strlen(log);
        print_trace(model_its_log_at(r.m, 0, i), log + at, sizeof(log) - at);
    }
    assert_true(model_replay(&(struct model_replay_config){ .nr_cpus = 3 }, log, &out));
    show(&out);
    assert_int_equal(out.nr_findings, 0);
    assert_int_equal(out.commands, model_its_log_size(r.m, 0));
    assert_int_equal(out.nr_live, 0);
    rig_stop(&r);
}

/* ---- faults ---- */

#define MAPC0                                                                                      \
    C "mapc GICv3 ITS: command MAPC ICID 0x0 RDbase 0x0 V 1\n" C                                   \
      "sync GICv3 ITS: command SYNC\n" C "invall GICv3 ITS: command INVALL\n" C                    \
      "sync GICv3 ITS: command SYNC\n"
#define MAPD(d, itt, v) C "mapd x: MAPD DeviceID " d " Size 0x1 ITT_addr " itt " V " v "\n"
#define MAPTI(d, e, i)  C "mapti x: VMAPI DeviceID " d " EventID " e " ICID 0x0 pINTID " i "\n"
#define SYNC            C "sync GICv3 ITS: command SYNC\n"
#define DISCARD(d, e)   C "discard x: DISCARD DeviceID " d " EventID " e "\n"

static const struct {
    const char *name, *log, *law; /* law NULL: no finding */
    uint32_t line, device;
} cases[] = {
    { "a device's life",
      MAPC0 MAPD("8", "0x400000", "1") MAPTI("8", "0", "8192") SYNC DISCARD("8", "0")
          SYNC MAPD("8", "0x400000", "0"),
      NULL, 0, 0 },
    { "mapped, not used yet", MAPC0 MAPD("8", "0x400000", "1") SYNC, NULL, 0, 0 },
    { "a leak",
      MAPC0 MAPD("8", "0x400000", "1") MAPTI("8", "0", "8192") SYNC DISCARD("8", "0") SYNC, "L17",
      5, 8 },
    { "mapped twice", MAPC0 MAPD("8", "0x400000", "1") MAPD("8", "0x400100", "1") SYNC, "L17", 6,
      8 },
    { "unmapped twice",
      MAPC0 MAPD("8", "0x400000", "1") MAPD("8", "0x400000", "0") MAPD("8", "0x400000", "0"), "L17",
      7, 8 },
    { "an event of nobody", MAPC0 MAPTI("8", "0", "8192"), "L18", 5, 8 },
    { "an event too far", MAPC0 MAPD("8", "0x400000", "1") MAPTI("8", "4", "8192") SYNC, "L19", 6,
      8 },
    { "tables that overlap", MAPC0 MAPD("8", "0x400000", "1") MAPD("9", "0x400000", "1") SYNC,
      "L21", 6, 9 },
    { "discarded twice",
      MAPC0 MAPD("8", "0x400000", "1") MAPTI("8", "0", "8192") MAPTI("8", "1", "8193")
          SYNC DISCARD("8", "0") DISCARD("8", "0") SYNC,
      "L23", 10, 8 },
    { "an INTID twice",
      MAPC0 MAPD("8", "0x400000", "1") MAPTI("8", "0", "8192") MAPTI("8", "1", "8192") SYNC, "L24",
      7, 8 },
    { "no such collection", MAPD("8", "0x400000", "1") MAPTI("8", "0", "8192") SYNC, "L26", 2, 8 },
    { "no such CPU", C "mapc x: MAPC ICID 0 RDbase 7 V 1\n", "L27", 1, UINT32_MAX },
    { "gone with an event",
      MAPC0 MAPD("8", "0x400000", "1") MAPTI("8", "0", "8192") SYNC MAPD("8", "0x400000", "0"),
      "L36", 8, 8 },
    { "a move to where it is",
      MAPC0 MAPD("8", "0x400000", "1") MAPTI("8", "0", "8192") SYNC C
      "movi x: MOVI DeviceID 8 EventID 0 ICID 0\n" SYNC,
      "L34", 8, 8 },
    { "no SYNC at the end", MAPC0 MAPD("8", "0x400000", "1") MAPTI("8", "0", "8192"), "L30", 6,
      UINT32_MAX },
    { "a line cut off", MAPC0 C "mapd GICv3 ITS: command MAPD DeviceID 0x", "", 5, UINT32_MAX },
    { "a number that is none", C "inv x: INV DeviceID 8 EventID zero\n", "", 1, UINT32_MAX },
    { "of a later GIC", C "vsync GICv3 ITS: command VSYNC\n", "", 1, UINT32_MAX },
};

static void test_faults(void **state)
{
    static struct model_replay_report out;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        print_message("%s\n", cases[i].name);
        assert_true(model_replay(NULL, cases[i].log, &out));
        show(&out);
        assert_int_equal(out.nr_findings, cases[i].law == NULL ? 0 : 1);
        if (cases[i].law != NULL) {
            assert_string_equal(out.finding[0].law, cases[i].law);
            assert_int_equal(out.finding[0].line, cases[i].line);
            assert_int_equal(out.finding[0].device, cases[i].device);
        }
    }
}

/* ---- the reader ---- */

static void test_lines(void **state)
{
    struct model_command c;
    (void)state;
    assert_int_equal(model_trace_read("", &c), MODEL_TRACE_OTHER);
    assert_int_equal(model_trace_read("qemu: started\n" C "sync\n", &c), MODEL_TRACE_OTHER);
    assert_int_equal(
        model_trace_read(
            "gicv3_its_process_command GICv3 ITS: processing command at offset 0x0: 0x9", &c),
        MODEL_TRACE_OTHER);
    assert_int_equal(model_trace_read("1234@1720000000.000001:" C
                                      "mapd GICv3 ITS: command MAPD DeviceID 0x10 Size 0x6 "
                                      "ITT_addr 0x44b008 V 1\r\n",
                                      &c),
                     MODEL_TRACE_COMMAND);
    assert_string_equal(c.name, "MAPD");
    assert_int_equal(c.device, 0x10);
    assert_int_equal(c.event_bits, 7);
    assert_int_equal(c.itt, 0x44b00800);
    assert_true(c.valid);
    assert_int_equal(
        model_trace_read(C "movall GICv3 ITS: command MOVALL RDbase1 0x1 RDbase2 0x2", &c),
        MODEL_TRACE_COMMAND);
    assert_int_equal(c.rdbase, 1);
    assert_int_equal(c.rdbase2, 2);
    assert_int_equal(model_trace_read(C "mapd GICv3 ITS: command MAPD DeviceID 0x10 Size 0x6", &c),
                     MODEL_TRACE_BROKEN);
}

/* What is encoded is decoded; what a command has not stays out. */
static void test_encode(void **state)
{
    uint64_t dw[4];
    struct model_command out, in = { .device = 0x12345678,
                                     .event = 0x9abcdef0,
                                     .intid = 0xffff,
                                     .icid = 0x55aa,
                                     .event_bits = 32,
                                     .valid = true,
                                     .itt = 0xfedcba9876500,
                                     .rdbase = 0x123456789,
                                     .rdbase2 = 0x987654321 };
    (void)state;
    for (unsigned op = 0; op < 16; op++) {
        in.opcode = (uint8_t)op;
        model_command_encode(&in, dw);
        model_command_decode(dw, &out);
        assert_true((out.reserved[0] | out.reserved[1] | out.reserved[2] | out.reserved[3]) == 0);
        if (!out.known) {
            assert_true((dw[0] | dw[1] | dw[2] | dw[3]) == 0);
        }
    }
    in.opcode = MODEL_MAPD;
    model_command_encode(&in, dw);
    assert_true(dw[0] == 0x1234567800000008 && dw[1] == 31 && dw[2] == 0x800fedcba9876500);
    in.opcode = MODEL_MOVALL;
    model_command_encode(&in, dw);
    assert_true(dw[0] == 0xe && dw[2] == 0x1234567890000 && dw[3] == 0x9876543210000);
}

/* More than can be placed, or told. */
static void test_limits(void **state)
{
    static struct model_replay_report out;
    static char many[200 * 64];
    (void)state;
    assert_true(model_replay(NULL, "", &out));
    assert_int_equal(out.lines, 0);
    assert_false(model_replay(NULL, MAPD("1", "0x400000", "1") MAPD("2", "0x80000000", "1"), &out));
    assert_false(model_replay(NULL, MAPD("1", "0x1", "1"), &out));
    for (unsigned i = 0; i < 100; i++) {
        strcat(many, C "inv x: INV DeviceID 1 EventID 1\n");
    }
    assert_true(model_replay(&(struct model_replay_config){ .nr_cpus = 4 }, many, &out));
    assert_int_equal(out.nr_findings, 100);
    assert_int_equal(out.finding[63].line, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nvme_rebind), cmocka_unit_test(test_multi_prepare),
        cmocka_unit_test(test_multi_msi_3), cmocka_unit_test(test_strict_its),
        cmocka_unit_test(test_umsi),        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_lines),       cmocka_unit_test(test_encode),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
