/* SPDX-License-Identifier: MIT */
/* The ITS on the strict model: a device's whole life, what it costs, and the kinds of hardware there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "its_rig.h"

enum { MOVI = 0x01, INT = 0x03, CLEAR = 0x04, SYNC = 0x05, MAPD = 0x08, MAPC = 0x09, MAPTI = 0x0a };
enum { INV = 0x0c, INVALL = 0x0d, DISCARD = 0x0f };

static struct rig r;
static struct rig_device a, b, c;

static uint32_t lines;

static void count_line(void *arg, const char *line)
{
    (void)arg;
    (void)line;
    lines++;
}

static struct umsi_its_info info(void)
{
    struct umsi_its_info i;
    umsi_its_get_info(r.its, &i);
    return i;
}

/* Attach, n vectors, each raised and handled, freed, detached. */
static void life(uint32_t id, uint32_t n)
{
    assert_int_equal(its_rig_attach(&r, &a, id, n, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, n), UMSI_OK);
    model_check_settled(r.m);
    its_rig_request(&a, 0, n);
    for (uint32_t i = 0; i < n; i++) {
        assert_true(its_rig_raise(&a, i));
    }
    model_run(r.m);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(a.runs[i], 1);
    }
    umsi_msi_free(&a.dev, 0, n);
    model_check_settled(r.m);
    umsi_msi_detach(&a.dev);
    model_check_settled(r.m);
}

static void one_life(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 2 };
    its_rig_start(&r, &config);
    life(0, 1); /* DeviceID 0 is one like any other */
    life(0xffff, 33);
    its_rig_stop(&r);
}

/* MAPD, SYNC | N MAPTI, SYNC | N DISCARD, SYNC | MAPD, SYNC: 2N + 6 commands, 4 waits. */
static void cost(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 1 };
    its_rig_start(&r, &config);
    const struct umsi_its_info before = info();
    life(5, 100);
    const struct umsi_its_info after = info();
    assert_int_equal(after.commands - before.commands, 2 * 100 + 6);
    assert_int_equal(after.waits - before.waits, 4);
    assert_int_equal(a.dev.stats.commands, 2 * 100 + 6);
    assert_int_equal(a.dev.stats.waits, 4);
    assert_int_equal(its_rig_count(&r, MAPD), 2);
    assert_int_equal(its_rig_count(&r, MAPTI), 100);
    assert_int_equal(its_rig_count(&r, DISCARD), 100);
    assert_int_equal(its_rig_count(&r, INV), 0);
    its_rig_stop(&r);
}

/* The queue of 127 outstanding commands is far smaller than the batch, and wraps many times. */
static void small_queue(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 2 };
    const struct umsi_its_config its = { .queue_bytes = 4096 };
    its_rig_start_its(&r, &config, &its);
    for (uint32_t i = 0; i < 3; i++) {
        life(7, 1000 + i);
    }
    its_rig_stop(&r);
}

static void every_hardware(void **state)
{
    (void)state;
    const struct model_its_config kinds[] = {
        { .pta = true },
        { .hcc = 8, .no_collection_table = true },
        { .hcc = 1 },
        { .page_sizes = 1 },
        { .page_sizes = 2 },
        { .page_sizes = 1, .no_indirect = true },
        { .device_bits = 20, .device_entry_size = 16 },
        { .device_bits = 16, .device_entry_size = 12, .page_sizes = 1 },
        { .itt_entry_size = 12, .event_bits = 16 },
        { .not_shareable = true },
        { .found_enabled = true },
        { .device_baser = 3, .collection_baser = 6 },
        { .command_ns = MODEL_AT_ONCE },
        { .command_ns = 50000 },
        { .collection_bits = 4 },
    };
    for (uint32_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct model_config config = { .nr_cpus = 4,
                                             .its = &kinds[i],
                                             .rd_not_shareable = kinds[i].not_shareable,
                                             .non_coherent = kinds[i].not_shareable,
                                             .lazy_config = (i & 1) != 0,
                                             .in_order = (i & 2) != 0 };
        its_rig_start(&r, &config);
        life(0, 3);
        life(0xabcd, 70);
        its_rig_stop(&r);
    }
}

/* Behind an IOMMU of their own, the ITS and the redistributors see memory elsewhere than the CPU does. */
static void other_addresses(void **state)
{
    (void)state;
    const struct model_its_config kinds[] = { { .page_sizes = 1 }, { .not_shareable = true } };
    for (uint32_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct model_config config = { .nr_cpus = 2,
                                             .its = &kinds[i],
                                             .rd_not_shareable = kinds[i].not_shareable,
                                             .non_coherent = kinds[i].not_shareable };
        its_rig_phys_offset = UINT64_C(0x4000000000);
        its_rig_start(&r, &config);
        life(0, 3);
        life(0xabcd, 3000); /* an ITT with memory of its own */
        its_rig_stop(&r);
    }
}

static void shared_device_id(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 2 };
    its_rig_start(&r, &config);
    assert_int_equal(its_rig_attach(&r, &a, 9, 3, 16, true), UMSI_OK);
    assert_int_equal(its_rig_attach(&r, &b, 9, 8, 16, true), UMSI_OK);
    assert_int_equal(its_rig_attach(&r, &c, 9, 5, 16, true), UMSI_NOSPACE);
    assert_true(model_log_has(r.m, "no room for 5 events in the table of 16"));
    assert_int_equal(its_rig_count(&r, MAPD), 1);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 3), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&b.dev, 0, 8), UMSI_OK);
    its_rig_request(&a, 0, 3);
    its_rig_request(&b, 0, 8);
    assert_true(its_rig_raise(&a, 2) && its_rig_raise(&b, 0) && its_rig_raise(&b, 7));
    model_run(r.m);
    assert_int_equal(a.runs[2] + b.runs[0] + b.runs[7], 3);
    umsi_msi_detach(&a.dev);
    assert_int_equal(its_rig_count(&r, MAPD), 1);
    assert_int_equal(its_rig_attach(&r, &c, 9, 4, 16, true), UMSI_OK); /* where a was */
    umsi_msi_detach(&b.dev);
    umsi_msi_detach(&c.dev);
    assert_int_equal(its_rig_count(&r, MAPD), 2);
    model_check_settled(r.m);
    its_rig_stop(&r);
}

static void affinity(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 3 };
    struct umsi_cpumask two = { { 4 } };
    its_rig_start(&r, &config);
    assert_int_equal(its_rig_attach(&r, &a, 1, 2, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 2), UMSI_OK);
    its_rig_request(&a, 0, 2);
    const umsi_virq virq = umsi_msi_virq(&a.dev, 1);
    model_mask_cpu(r.m, 0, true);
    assert_true(its_rig_raise(&a, 1)); /* pending on CPU 0 when it moves (L35) */
    assert_int_equal(umsi_irq_set_affinity(r.u, virq, &two), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(r.u, virq), 2);
    model_check_settled(r.m);
    const uint32_t n = model_its_log_size(r.m, 0);
    assert_int_equal(umsi_irq_set_affinity(r.u, virq, &two), UMSI_OK);
    assert_int_equal(model_its_log_size(r.m, 0), n); /* L34 */
    model_mask_cpu(r.m, 0, false);
    model_run(r.m);
    assert_int_equal(a.runs[1], 1);
    assert_int_equal(umsi_irq_count(r.u, virq, 2), 1);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

static void raise_and_clear(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 1 };
    its_rig_start(&r, &config);
    assert_int_equal(its_rig_attach(&r, &a, 1, 1, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_OK);
    its_rig_request(&a, 0, 1);
    const umsi_virq virq = umsi_msi_virq(&a.dev, 0);
    assert_int_equal(umsi_irq_retrigger(r.u, virq), UMSI_OK);
    model_drain(r.m);
    model_run(r.m);
    assert_int_equal(a.runs[0], 1);
    model_mask_cpu(r.m, 0, true);
    assert_int_equal(umsi_irq_retrigger(r.u, virq), UMSI_OK);
    assert_int_equal(umsi_its_clear(r.its, virq), UMSI_OK);
    assert_int_equal(umsi_its_clear(r.its, virq + 1), UMSI_NOTFOUND);
    model_mask_cpu(r.m, 0, false);
    model_run(r.m);
    assert_int_equal(a.runs[0], 1);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* A vector that cannot be masked at its device storms before it has a handler: its byte is cleared, and in
 * its INTID's next life an INV follows MAPTI. */
static void storm(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 1 };
    its_rig_start(&r, &config);
    assert_int_equal(its_rig_attach(&r, &a, 1, 1, 0, false), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_OK);
    for (uint32_t i = 0; i < 400; i++) {
        assert_true(its_rig_raise(&a, 0));
        model_run(r.m);
    }
    model_drain(r.m);
    assert_int_equal(its_rig_count(&r, INV), 1);
    uint8_t byte = 0xff;
    assert_true(model_lpi_config(r.m, 0, UMSI_LPI_FIRST, &byte));
    assert_int_equal(byte & 1, 0);
    its_rig_request(&a, 0, 1); /* what arrived runs once, and the byte is back */
    model_drain(r.m);
    model_run(r.m);
    assert_true(a.runs[0] >= 1 && a.runs[0] <= 2);
    assert_true(model_lpi_config(r.m, 0, UMSI_LPI_FIRST, &byte));
    assert_int_equal(byte & 1, 1);
    umsi_irq_free(r.u, umsi_msi_virq(&a.dev, 0));
    for (uint32_t i = 0; i < 400; i++) {
        (void)its_rig_raise(&a, 0);
        model_run(r.m);
    }
    umsi_msi_free(&a.dev, 0, 1); /* cut off when it is freed */
    model_its_log_clear(r.m, 0);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_OK);
    assert_int_equal(its_rig_count(&r, INV), 1);
    its_rig_request(&a, 0, 1);
    const uint32_t runs = a.runs[0];
    assert_true(its_rig_raise(&a, 0));
    model_run(r.m);
    assert_int_equal(a.runs[0], runs + 1);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

static void limits(void **state)
{
    (void)state;
    const struct model_its_config its = { .device_bits = 10, .event_bits = 5 };
    const struct model_config config = { .nr_cpus = 1, .its = &its };
    its_rig_start(&r, &config);
    assert_int_equal(its_rig_attach(&r, &a, 1024, 1, 0, true), UMSI_RANGE);
    assert_int_equal(its_rig_attach(&r, &a, 1, 33, 0, true), UMSI_RANGE);
    assert_int_equal(its_rig_attach(&r, &a, 1023, 32, 4096, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 32), UMSI_OK);
    assert_int_equal(umsi_its_destroy(r.its), UMSI_BUSY);
    assert_int_equal(umsi_lpi_destroy(r.lpi), UMSI_BUSY);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

static void not_an_its(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 1 };
    struct umsi_its *its = NULL;
    its_rig_machine(&r, &config);
    const struct umsi_lpi_config lc = { .gicd = model_gicd(r.m) };
    assert_int_equal(umsi_lpi_create(r.u, &lc, &r.lpi), UMSI_OK);
    struct umsi_its_config ic = { .base = model_its_base(r.m, 0), .phys = model_its_phys(r.m, 0) };
    its_rig_fake_pidr2 = 0x50; /* ArchRev 5 */
    assert_int_equal(umsi_its_create(r.lpi, &ic, &its), UMSI_UNSUPPORTED);
    its_rig_fake_pidr2 = 0;
    ic.queue_bytes = 5000;
    assert_int_equal(umsi_its_create(r.lpi, &ic, &its), UMSI_INVALID);
    assert_null(its);
    its_rig_stop(&r);
}

/* CPUs that come after the ITS, and devices that come before any CPU. */
static void late_cpus(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 4 };
    its_rig_machine(&r, &config);
    const struct umsi_lpi_config lc = { .gicd = model_gicd(r.m) };
    assert_int_equal(umsi_lpi_create(r.u, &lc, &r.lpi), UMSI_OK);
    const struct umsi_its_config ic = { .base = model_its_base(r.m, 0),
                                        .phys = model_its_phys(r.m, 0) };
    assert_int_equal(umsi_its_create(r.lpi, &ic, &r.its), UMSI_OK);
    assert_int_equal(its_rig_cpu_online(&r, 3), UMSI_OK);
    assert_int_equal(its_rig_cpu_online(&r, 3), UMSI_EXISTS);
    life(4, 2);
    assert_int_equal(its_rig_count(&r, MAPC), 1);
    assert_int_equal(its_rig_cpu_online(&r, 1), UMSI_OK);
    assert_int_equal(its_rig_count(&r, MAPC), 2);
    its_rig_stop(&r);
}

/* A CPU beyond what the ITS has collections for takes no messages, and is in nobody's way. */
static void more_cpus_than_collections(void **state)
{
    (void)state;
    const struct model_its_config its = { .collection_bits = 1 };
    const struct model_config config = { .nr_cpus = 3, .its = &its };
    struct umsi_cpumask third = { { 4 } };
    for (uint32_t late = 0; late < 2; late++) {
        its_rig_machine(&r, &config);
        const struct umsi_lpi_config lc = { .gicd = model_gicd(r.m) };
        const struct umsi_its_config ic = { .base = model_its_base(r.m, 0),
                                            .phys = model_its_phys(r.m, 0) };
        assert_int_equal(umsi_lpi_create(r.u, &lc, &r.lpi), UMSI_OK);
        assert_int_equal(its_rig_cpu_online(&r, 0), UMSI_OK);
        assert_int_equal(late == 1 ? UMSI_OK : its_rig_cpu_online(&r, 2), UMSI_OK);
        assert_int_equal(umsi_its_create(r.lpi, &ic, &r.its), UMSI_OK);
        assert_int_equal(late == 0 ? UMSI_OK : its_rig_cpu_online(&r, 2), UMSI_OK);
        assert_true(model_log_has(r.m, "cpu 2 is no target"));
        model_set_cpu(r.m, 2);
        life(4, 2);
        model_set_cpu(r.m, 0);
        assert_int_equal(its_rig_attach(&r, &a, 4, 1, 0, true), UMSI_OK);
        assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_OK);
        assert_int_equal(umsi_irq_set_affinity(r.u, umsi_msi_virq(&a.dev, 0), &third),
                         UMSI_INVALID);
        umsi_msi_detach(&a.dev);
        its_rig_stop(&r);
    }
}

/* A GIC driver says that a CPU is online before its LPIs are (L26, L27): until then it is no target. */
static void online_before_its_lpis(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 2 };
    struct umsi_cpumask second = { { 2 } };
    its_rig_machine(&r, &config);
    const struct umsi_lpi_config lc = { .gicd = model_gicd(r.m) };
    const struct umsi_its_config ic = { .base = model_its_base(r.m, 0),
                                        .phys = model_its_phys(r.m, 0) };
    assert_int_equal(umsi_lpi_create(r.u, &lc, &r.lpi), UMSI_OK);
    assert_int_equal(its_rig_cpu_online(&r, 0), UMSI_OK);
    assert_int_equal(umsi_its_create(r.lpi, &ic, &r.its), UMSI_OK);
    umsi_set_cpu_online(r.u, 1, true);
    model_set_cpu(r.m, 1);
    assert_int_equal(its_rig_attach(&r, &a, 4, 1, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_OK);
    const umsi_virq virq = umsi_msi_virq(&a.dev, 0);
    assert_int_equal(umsi_irq_get_cpu(r.u, virq), 0);
    assert_int_equal(umsi_irq_set_affinity(r.u, virq, &second), UMSI_INVALID);
    assert_int_equal(its_rig_cpu_online(&r, 1), UMSI_OK);
    assert_int_equal(umsi_irq_set_affinity(r.u, virq, &second), UMSI_OK);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

static void two_level_pages(void **state)
{
    (void)state;
    const struct model_its_config its = { .device_bits = 16, .page_sizes = 1 };
    const struct model_config config = { .nr_cpus = 1, .its = &its };
    its_rig_start(&r, &config);
    assert_true(info().device_table_two_level);
    assert_int_equal(its_rig_attach(&r, &a, 0, 1, 0, true), UMSI_OK);
    assert_int_equal(its_rig_attach(&r, &b, 511, 1, 0, true), UMSI_OK); /* one page of 512 */
    struct model_counts one, two;
    model_get_counts(r.m, &one);
    assert_int_equal(its_rig_attach(&r, &c, 512, 1, 0, true), UMSI_OK);
    model_get_counts(r.m, &two);
    assert_int_equal(two.dma_blocks, one.dma_blocks + 1);
    umsi_msi_detach(&a.dev);
    umsi_msi_detach(&b.dev);
    umsi_msi_detach(&c.dev);
    assert_int_equal(info().devices, 0);
    its_rig_stop(&r);
}

/* Two levels cost little for what is not used, so they cover what an msi-map may name; a flat table is paid for. */
static void default_ids(void **state)
{
    (void)state;
    static const struct {
        struct model_its_config its;
        uint32_t bits;
    } t[] = {
        { { .device_bits = 20 }, 20 },
        { { .device_bits = 32, .page_sizes = 1, .device_entry_size = 32 }, 24 },
        { { .device_bits = 20, .no_indirect = true }, 16 },
        { { .device_bits = 12 }, 12 },
    };
    for (uint32_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        const struct model_config config = { .nr_cpus = 1, .its = &t[i].its };
        its_rig_start(&r, &config);
        assert_int_equal(info().device_table_bits, t[i].bits);
        life((1u << t[i].bits) - 1, 2);
        assert_int_equal(its_rig_attach(&r, &a, 1u << t[i].bits, 1, 0, true), UMSI_RANGE);
        its_rig_stop(&r);
    }
}

/* More than a page of level 1 entries. */
static void wide_ids(void **state)
{
    (void)state;
    const struct model_its_config its = { .device_bits = 22, .page_sizes = 1 };
    const struct model_config config = { .nr_cpus = 1, .its = &its };
    const struct umsi_its_config ic = { .device_bits = 22 };
    its_rig_start_its(&r, &config, &ic);
    assert_int_equal(info().device_table_bits, 22);
    life((1u << 22) - 1, 2);
    life(1u << 21, 2);
    assert_int_equal(its_rig_attach(&r, &a, 1u << 22, 1, 0, true), UMSI_RANGE);
    its_rig_stop(&r);
}

static void write_nothing(void *handle, uint32_t index, const struct umsi_message *m)
{
    (void)handle;
    (void)index;
    (void)m;
}

/* Many devices at once, in no order: the map from DeviceID to device, pieces of ITTs, L2 pages. */
static void many_devices(void **state)
{
    (void)state;
    static struct umsi_msi_device dev[600];
    const struct model_config config = { .nr_cpus = 2 };
    struct umsi_msi_config mc = { .name = "many", .write_message = write_nothing };
    its_rig_start(&r, &config);
    for (uint32_t i = 0; i < 600; i++) {
        mc.device_id = (i * 40503u) & 0xffff;
        mc.nr_events = 1 + i % 90;
        assert_int_equal(umsi_msi_attach(umsi_its_parent(r.its), &mc, &dev[i]), UMSI_OK);
        assert_int_equal(umsi_msi_alloc(&dev[i], i % 90, 1), UMSI_OK);
    }
    assert_int_equal(info().devices, 600);
    for (uint32_t k = 0; k < 600; k++) {
        const uint32_t i = (k * 7) % 600;
        umsi_msi_detach(&dev[i]);
    }
    for (uint32_t k = 0; k < 600; k++) { /* 7 and 600 have no common divisor, so all are gone */
        umsi_msi_detach(&dev[k]);
    }
    assert_int_equal(info().devices, 0);
    its_rig_stop(&r);
}

/* Two of them on one LPI space: each with its own devices, INTIDs of neither twice. */
static void two_its(void **state)
{
    (void)state;
    const struct model_its_config kinds[] = { { 0 }, { .pta = true } };
    const struct model_config config = { .nr_cpus = 2, .nr_its = 2, .its = kinds };
    struct umsi_its *second = NULL, *first;
    its_rig_start(&r, &config);
    first = r.its;
    const struct umsi_its_config ic = { .base = model_its_base(r.m, 1),
                                        .phys = model_its_phys(r.m, 1),
                                        .name = "ITS1" };
    assert_int_equal(umsi_its_create(r.lpi, &ic, &second), UMSI_OK);
    assert_int_equal(its_rig_attach(&r, &a, 3, 20, 0, true), UMSI_OK);
    r.its = second;
    assert_int_equal(its_rig_attach(&r, &b, 3, 20, 0, true), UMSI_OK);
    r.its = first;
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 20), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&b.dev, 0, 20), UMSI_OK);
    its_rig_request(&a, 0, 20);
    its_rig_request(&b, 0, 20);
    assert_true(a.message[0].address != b.message[0].address);
    for (uint32_t i = 0; i < 20; i++) {
        assert_true(its_rig_raise(&a, i) && its_rig_raise(&b, i));
    }
    model_run(r.m);
    for (uint32_t i = 0; i < 20; i++) {
        assert_int_equal(a.runs[i] + b.runs[i], 2);
    }
    umsi_msi_detach(&a.dev);
    umsi_msi_detach(&b.dev);
    assert_int_equal(umsi_its_destroy(second), UMSI_OK);
    its_rig_stop(&r);
}

/* What explains why nothing comes. */
static void explains(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 1 };
    const char *why = NULL;
    its_rig_start(&r, &config);
    assert_int_equal(its_rig_attach(&r, &a, 3, 1, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_OK);
    its_rig_request(&a, 0, 1);
    lines = 0;
    assert_int_equal(umsi_explain(r.u, umsi_msi_virq(&a.dev, 0), count_line, NULL, &why), UMSI_OK);
    assert_true(lines >= 3);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_life),
        cmocka_unit_test(cost),
        cmocka_unit_test(small_queue),
        cmocka_unit_test(every_hardware),
        cmocka_unit_test(shared_device_id),
        cmocka_unit_test(affinity),
        cmocka_unit_test(raise_and_clear),
        cmocka_unit_test(storm),
        cmocka_unit_test(limits),
        cmocka_unit_test(not_an_its),
        cmocka_unit_test(other_addresses),
        cmocka_unit_test(default_ids),
        cmocka_unit_test(more_cpus_than_collections),
        cmocka_unit_test(online_before_its_lpis),
        cmocka_unit_test(late_cpus),
        cmocka_unit_test(two_level_pages),
        cmocka_unit_test(two_its),
        cmocka_unit_test(explains),
        cmocka_unit_test(wide_ids),
        cmocka_unit_test(many_devices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
