/* SPDX-License-Identifier: MIT */
/* The model judged by itself: INTx, its level, its wires, and what keeps a function off them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "raw_its.h"

#define FIRST   40u /* SPI */
#define COMMAND 0x04u
#define STATUS  0x06u
#define NO_INTX 0x0400u
#define ASKS    0x0008u
#define PIN     0x3du
#define ENABLE  0x100u
#define PENDING 0x200u
#define CONFIG  0xc00u

#define BDF(bus, device) ((uint16_t)((bus) << 8 | (device) << 3))

struct board {
    struct model *m;
    struct model_intx_map map[MODEL_INTX_ROWS];
    const struct umsi_port *p;
};

static void start(struct board *b)
{
    memset(b, 0, sizeof(*b));
    assert_true(model_create(&(struct model_config){ .nr_cpus = 1 }, &b->m));
    b->p = model_port(b->m);
    model_intx_swizzled(b->map, FIRST);
}

static void finish(struct board *b)
{
    assert_int_equal(model_breaches(b->m), 0);
    model_destroy(b->m);
}

/* A function on a bus, behind bridges. */
static struct model_pci *plug(struct board *b, uint16_t bdf, uint8_t pin,
                              const struct model_pci_bridge *path, uint32_t n)
{
    struct model_pci *f = NULL;
    const struct model_pci_config c = { .bdf = bdf,
                                        .path = path,
                                        .nr_path = n,
                                        .pin = pin,
                                        .intx = b->map,
                                        .nr_intx = MODEL_INTX_ROWS,
                                        .msi_vectors = 1,
                                        .msi_64 = true };
    assert_true(model_pci_create(b->m, &c, &f));
    return f;
}

static uint32_t gicd(struct board *b, uint32_t offset)
{
    return b->p->mmio_read32(b->p->ctx, (volatile char *)model_gicd(b->m) + offset);
}

static void gicd_write(struct board *b, uint32_t offset, uint32_t value)
{
    b->p->mmio_write32(b->p->ctx, (volatile char *)model_gicd(b->m) + offset, value);
}

/* A level: pending follows the line. */
static bool stands(struct board *b, uint32_t intid)
{
    return (gicd(b, PENDING + intid / 32 * 4) >> intid % 32 & 1) != 0;
}

static uint32_t get(struct model_pci *f, uint16_t offset, unsigned width)
{
    uint32_t v = 0;
    assert_true(model_pci_ops()->read(f, offset, width, &v));
    return v;
}

/* ---- where wires end ---- */

static void test_swizzle(void **state)
{
    const struct model_pci_bridge port = { MODEL_BRIDGE_EXPRESS, BDF(0, 2), 1 };
    const struct model_pci_bridge deep[] = { { MODEL_BRIDGE_PCI, BDF(1, 3), 2 },
                                             { MODEL_BRIDGE_TO_PCI, BDF(0, 5), 1 } };
    static const struct {
        uint16_t bdf;
        uint8_t pin, bridges;
        uint32_t spi;
    } want[] = {
        { BDF(0, 0), 1, 0, FIRST },     { BDF(0, 0), 4, 0, FIRST + 3 },
        { BDF(0, 6), 1, 0, FIRST + 2 }, { BDF(0, 7), 3, 0, FIRST + 1 },
        { BDF(0, 31), 2, 0, FIRST },    { BDF(1, 0), 1, 1, FIRST + 2 },
        { BDF(2, 4), 1, 2, FIRST },     { BDF(2, 5), 2, 2, FIRST + 2 },
        { BDF(0, 3), 0, 0, 0 },
    };
    struct board b;
    (void)state;
    start(&b);
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        const struct model_pci_bridge *path = want[i].bridges == 1 ? &port : deep;
        struct model_pci *f = plug(&b, want[i].bdf, want[i].pin, path, want[i].bridges);
        assert_int_equal(model_pci_intx_spi(f), want[i].spi);
        assert_int_equal(get(f, PIN, 1), want[i].pin);
        assert_int_equal(model_pci_intx(f, true), want[i].spi != 0 ? MODEL_SENT : MODEL_NOT_SENT);
        for (uint32_t spi = FIRST; spi < FIRST + 4; spi++) {
            assert_int_equal(stands(&b, spi), spi == want[i].spi);
        }
        model_pci_destroy(f); /* and its wire is free of it */
        assert_false(want[i].spi != 0 && stands(&b, want[i].spi));
    }
    finish(&b);
}

/* A pin that is none is refused, and a map without the row leaves the wire nowhere. */
static void test_no_wire(void **state)
{
    struct model_pci *f;
    struct board b;
    (void)state;
    start(&b);
    assert_false(model_pci_create(b.m, &(struct model_pci_config){ .pin = 5 }, &f));
    memset(b.map, 0, sizeof(b.map));
    f = plug(&b, BDF(0, 1), 1, NULL, 0);
    assert_int_equal(model_pci_intx_spi(f), 0);
    assert_int_equal(model_pci_intx(f, true), MODEL_NOT_SENT);
    assert_true((get(f, STATUS, 2) & ASKS) != 0);
    model_pci_destroy(f);
    finish(&b);
}

/* ---- the level ---- */

static void test_shared(void **state)
{
    struct board b;
    (void)state;
    start(&b);
    struct model_pci *one = plug(&b, BDF(0, 1), 1, NULL, 0);
    struct model_pci *two = plug(&b, BDF(0, 5), 1, NULL, 0);
    assert_int_equal(model_pci_intx_spi(one), model_pci_intx_spi(two));
    const uint32_t spi = model_pci_intx_spi(one);
    assert_int_equal(model_pci_intx(one, true), MODEL_SENT);
    assert_int_equal(model_pci_intx(one, true), MODEL_SENT); /* asks once, however often */
    assert_int_equal(model_pci_intx(two, true), MODEL_SENT);
    assert_int_equal(model_pci_intx(one, false), MODEL_NOT_SENT);
    assert_true(stands(&b, spi));
    assert_int_equal(model_pci_intx(two, false), MODEL_NOT_SENT);
    assert_false(stands(&b, spi));
    model_pci_destroy(one);
    model_pci_destroy(two);
    finish(&b);
}

/* Interrupt Status tells what is asked for, whatever Interrupt Disable lets through. */
static void test_disable(void **state)
{
    struct board b;
    (void)state;
    start(&b);
    struct model_pci *f = plug(&b, BDF(0, 0), 1, NULL, 0);
    model_pci_set_command(f, 6 | NO_INTX);
    assert_int_equal(model_pci_intx(f, true), MODEL_PENDING);
    assert_true((get(f, STATUS, 2) & ASKS) != 0);
    assert_false(stands(&b, FIRST));
    model_pci_set_command(f, 6);
    assert_true(model_pci_asserted(f) && stands(&b, FIRST));
    model_pci_set_command(f, 6 | NO_INTX);
    assert_false(model_pci_asserted(f) || stands(&b, FIRST));
    model_pci_set_command(f, 6);
    (void)model_pci_intx(f, false);
    assert_int_equal(get(f, STATUS, 2) & ASKS, 0);
    assert_false(stands(&b, FIRST));
    model_pci_destroy(f);
    finish(&b);
}

/* A function with MSI enabled must not use INTx (6.1.4). */
static void test_messages(void **state)
{
    struct board b;
    (void)state;
    start(&b);
    struct model_pci *f = plug(&b, BDF(0, 0), 1, NULL, 0);
    const uint16_t cap = model_pci_msi_cap(f);
    assert_int_equal(model_pci_intx(f, true), MODEL_SENT);
    assert_true(model_pci_ops()->write(f, cap + 4, 4, 0x1000));
    assert_true(model_pci_ops()->write(f, cap + 2, 2, 1));
    assert_false(stands(&b, FIRST));
    assert_int_equal(model_pci_intx(f, true), MODEL_NOT_SENT);
    assert_true(model_pci_ops()->write(f, cap + 2, 2, 0));
    assert_true(stands(&b, FIRST));
    model_pci_destroy(f);
    finish(&b);
}

static void test_leaves(void **state)
{
    struct board b;
    (void)state;
    start(&b);
    struct model_pci *f = plug(&b, BDF(0, 0), 1, NULL, 0);
    assert_int_equal(model_pci_intx(f, true), MODEL_SENT);
    model_pci_reset(f);
    assert_false(stands(&b, FIRST));
    assert_int_equal(get(f, STATUS, 2) & ASKS, 0);
    assert_int_equal(get(f, PIN, 1), 1);
    assert_int_equal(model_pci_intx(f, true), MODEL_SENT);
    model_pci_remove(f, true);
    assert_false(stands(&b, FIRST));
    assert_int_equal(model_pci_intx(f, true), MODEL_NOT_SENT);
    model_pci_destroy(f);
    finish(&b);
}

/* ---- what the GIC must make of it ---- */

static void test_edge(void **state)
{
    struct board b;
    (void)state;
    start(&b);
    struct model_pci *f = plug(&b, BDF(0, 0), 1, NULL, 0);
    gicd_write(&b, CONFIG + FIRST / 16 * 4, 2u << FIRST % 16 * 2);
    gicd_write(&b, ENABLE + FIRST / 32 * 4, 1u << FIRST % 32);
    assert_int_equal(model_breaches(b.m), 0);
    (void)model_pci_intx(f, true);
    assert_int_equal(model_breaches(b.m), 1);
    assert_string_equal(model_breach_at(b.m, 0)->section, "PCIe 2.2.8.1");
    model_breach_clear(b.m);
    gicd_write(&b, CONFIG + FIRST / 16 * 4, 0); /* too late: it is enabled */
    assert_int_equal(model_breaches(b.m), 1);
    assert_string_equal(model_breach_at(b.m, 0)->section, "IHI0069 12.9 GICD_ICFGR");
    model_breach_clear(b.m);
    model_pci_destroy(f);
    finish(&b);
}

/* ---- wires of an APLIC ---- */

static volatile uint32_t *aplic(struct board *b, uint32_t offset)
{
    return (volatile uint32_t *)((volatile char *)model_aplic_base(b->m) + offset);
}

/* in_clrip: the rectified inputs. */
static bool source_stands(struct board *b, uint32_t source)
{
    return (b->p->mmio_read32(b->p->ctx, aplic(b, 0x1d00 + source / 32 * 4)) >> source % 32 & 1) !=
           0;
}

/* A source stands as long as one of its functions asks; as a low level or an edge it would be misread. */
static void test_sources(void **state)
{
    static const struct model_imsic_config files = { .nr_ids = 63 };
    static const struct model_aplic_config sources = { .nr_sources = 96 };
    const struct model_config c = { .nr_cpus = 1, .imsic = &files, .aplic = &sources };
    struct board b;
    (void)state;
    memset(&b, 0, sizeof(b));
    assert_true(model_create(&c, &b.m));
    b.p = model_port(b.m);
    model_intx_swizzled(b.map, FIRST);
    struct model_pci *f = plug(&b, BDF(0, 0), 1, NULL, 0), *g = plug(&b, BDF(0, 4), 1, NULL, 0);
    assert_int_equal(model_pci_intx_spi(g), FIRST);
    b.p->mmio_write32(b.p->ctx, aplic(&b, 4 * FIRST), 6);     /* sourcecfg: level, high */
    b.p->mmio_write32(b.p->ctx, aplic(&b, 4 * FIRST + 4), 6); /* the next one is another wire */
    assert_int_equal(model_pci_intx(f, true), MODEL_SENT);
    assert_int_equal(model_pci_intx(g, true), MODEL_SENT);
    assert_true(source_stands(&b, FIRST));
    assert_int_equal(model_pci_intx(f, false), MODEL_NOT_SENT);
    assert_true(source_stands(&b, FIRST));
    assert_false(source_stands(&b, FIRST + 1));
    model_pci_set_command(g, NO_INTX);
    assert_false(source_stands(&b, FIRST));
    assert_int_equal(model_breaches(b.m), 0);
    b.p->mmio_write32(b.p->ctx, aplic(&b, 4 * FIRST), 4); /* an edge */
    b.p->mmio_write32(b.p->ctx, aplic(&b, 0x1edc), FIRST);
    model_pci_set_command(g, 0);
    assert_int_equal(model_breaches(b.m), 1);
    assert_string_equal(model_breach_at(b.m, 0)->section, "PCIe 2.2.8.1");
    model_breach_clear(b.m);
    model_pci_destroy(f);
    model_pci_destroy(g);
    finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_swizzle),  cmocka_unit_test(test_no_wire),
        cmocka_unit_test(test_shared),   cmocka_unit_test(test_disable),
        cmocka_unit_test(test_messages), cmocka_unit_test(test_leaves),
        cmocka_unit_test(test_edge),     cmocka_unit_test(test_sources),
    };
    return cmocka_run_group_tests_name("the model: INTx", tests, NULL, NULL);
}
