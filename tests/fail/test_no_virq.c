/* SPDX-License-Identifier: MIT */
/*
 * Every virq is in use. This program has its own, small copy of the table of descriptors, which is full with 4096 of
 * them. Who asks for one more is told so; nothing is half done, and what is given back serves the next
 * (L10, L12, L13, L14).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

/* Instead of the library's. */
#define PER_BLOCK 16u
#define BLOCKS    2u
#include "../../src/core/irq_table.c"

#define VIRQS 4096u
#define SPARE 64u /* left for the second device: half of the last slab */

static struct world w;

static struct gadget *device(uint32_t i, uint32_t events)
{
    gadget_make(
        &w, &w.gadget[i],
        &(struct gadget_config){ .kind = GADGET_MSI, .device_id = i + 1, .events = events });
    assert_int_equal(gadget_attach(&w.gadget[i]), UMSI_OK);
    return &w.gadget[i];
}

static struct gadget *function(uint32_t i)
{
    gadget_make(&w, &w.gadget[i],
                &(struct gadget_config){
                    .kind = GADGET_PCI, .device_id = i + 1, .pci = { .msix_entries = 64 } });
    assert_int_equal(gadget_attach(&w.gadget[i]), UMSI_OK);
    return &w.gadget[i];
}

static void refused(struct gadget *g, uint32_t n)
{
    struct look before, after;
    world_look(&w, &before);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(gadget_take(g, n, UMSI_MSIX), UMSI_NOSPACE);
        assert_int_equal(gadget_virq(g, 0), UMSI_NO_VIRQ);
    }
    world_look(&w, &after);
    world_same(&before, &after, false);
    world_clean(&w, NULL);
}

static uint32_t live(void)
{
    struct umsi_counts c;
    umsi_get_counts(w.u, &c);
    return c.live_irqs;
}

static void start(void)
{
    world_start(&w, &(struct world_config){ .model = { .nr_cpus = 1, .id_bits = 16 } });
}

/* One call for more than there are; then exactly all of them, by two devices. */
static void test_vectors(void **state)
{
    (void)state;
    start();
    struct gadget *a = device(0, VIRQS + SPARE), *b = device(1, 2 * SPARE);
    refused(a, VIRQS + 1);
    assert_int_equal(gadget_take(a, VIRQS - SPARE, UMSI_MSIX), UMSI_OK);
    assert_int_equal(gadget_request(a, 0), UMSI_OK);
    refused(b, SPARE + 1);
    assert_int_equal(gadget_take(b, SPARE, UMSI_MSIX), UMSI_OK);
    assert_int_equal(live(), VIRQS);
    assert_int_equal(gadget_request(b, SPARE - 1), UMSI_OK);
    uint32_t index = 77;
    assert_int_equal(gadget_take_at(b, UMSI_ANY_INDEX, &index), UMSI_NOSPACE);
    assert_int_equal(index, 77);
    assert_true(gadget_raise(a, 0) && gadget_raise(b, SPARE - 1));
    world_run(&w);
    assert_int_equal(a->vector[0].hits, 1); /* who has one keeps it */
    assert_int_equal(b->vector[SPARE - 1].hits, 1);
    gadget_drop(b);
    struct gadget *c = device(2, SPARE);
    assert_int_equal(gadget_take(c, SPARE, UMSI_MSIX), UMSI_OK);
    assert_int_equal(live(), VIRQS);
    gadget_drop(a);
    gadget_drop(c);
    assert_int_equal(live(), 0);
    world_stop(&w);
}

/* A function is granted what is there; a wire, and a function that must have more, are told. */
static void test_functions(void **state)
{
    const struct umsi_vectors some = { .min = 1, .max = 64, .kinds = UMSI_MSIX };
    umsi_virq virq = 77;
    uint32_t granted = 77;
    (void)state;
    start();
    struct gadget *a = device(0, VIRQS), *f = function(1);
    assert_int_equal(gadget_take(a, VIRQS - 5, UMSI_MSIX), UMSI_OK);
    refused(f, 6);
    assert_int_equal(umsi_pci_alloc_vectors(&f->u.pci, &some, &granted), UMSI_OK);
    assert_int_equal(granted, 5);
    assert_int_equal(umsi_gicv3_map(w.gic, 40, true, &virq), UMSI_NOSPACE);
    assert_int_equal(virq, 77);
    gadget_drop(f);
    assert_int_equal(umsi_gicv3_map(w.gic, 40, true, &virq), UMSI_OK);
    umsi_gicv3_unmap(w.gic, virq);
    world_stop(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_functions),
    };
    return cmocka_run_group_tests_name("no virq left", tests, NULL, NULL);
}
