/* SPDX-License-Identifier: MIT */
/*
 * The fixed arena: by itself; as large as its macro says under everything the model can do; and smaller by a page at a
 * time, down to nothing, where all that may happen is an error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ops.h"

#define PAGE ((size_t)4096)
#define UNIT UMSI_ARENA_ALIGN

/* ---- by itself ---- */

struct fixture {
    struct umsi_arena arena;
    unsigned char *memory;
};

#define PHYS 0x40000000u

static void set_up(struct fixture *f, size_t size)
{
    f->memory = aligned_alloc(UNIT, (size + UNIT - 1) / UNIT * UNIT);
    assert_non_null(f->memory);
    memset(f->memory, 0xa5, size);
    const struct umsi_arena_config c = { f->memory, size, PHYS, NULL };
    assert_int_equal(umsi_arena_init(&f->arena, &c), UMSI_OK);
}

static size_t used(struct fixture *f)
{
    struct umsi_arena_counts c;
    umsi_arena_get_counts(&f->arena, &c);
    return c.used;
}

static void tear_down(struct fixture *f)
{
    assert_int_equal(used(f), 0);
    free(f->memory);
}

static bool dma(struct fixture *f, size_t size, size_t align, umsi_phys max, struct umsi_dma *out)
{
    const struct umsi_dma_want want = { size, align, max, UINT32_MAX };
    return umsi_arena_dma_alloc(&f->arena, &want, out);
}

static void test_refused_set_up(void **state)
{
    static _Alignas(UMSI_ARENA_ALIGN) unsigned char memory[2 * UMSI_ARENA_ALIGN];
    struct umsi_arena a;
    (void)state;
    struct umsi_arena_config c = { memory + PAGE, UNIT, PHYS, NULL };
    assert_int_equal(umsi_arena_init(&a, &c), UMSI_INVALID);
    c = (struct umsi_arena_config){ memory, UNIT, PHYS + PAGE, NULL };
    assert_int_equal(umsi_arena_init(&a, &c), UMSI_INVALID);
    c = (struct umsi_arena_config){ memory, 0, PHYS, NULL };
    assert_int_equal(umsi_arena_init(&a, &c), UMSI_NOMEM);
    c.size = PAGE; /* its map needs that one */
    assert_int_equal(umsi_arena_init(&a, &c), UMSI_NOMEM);
    c.size = 2 * PAGE;
    assert_int_equal(umsi_arena_init(&a, &c), UMSI_OK);
}

/* Single pages from the top, blocks from the bottom at a multiple of their size. */
static void test_places(void **state)
{
    struct fixture f;
    struct umsi_dma d;
    (void)state;
    set_up(&f, 64 * PAGE);
    unsigned char *top = umsi_arena_alloc(&f.arena, 100, 64);
    unsigned char *three = umsi_arena_alloc(&f.arena, 3 * PAGE, PAGE);
    unsigned char *two = umsi_arena_alloc(&f.arena, 2 * PAGE, PAGE);
    assert_ptr_equal(top, f.memory + 62 * PAGE); /* the last page is the map's */
    assert_ptr_equal(three, f.memory);
    assert_ptr_equal(two, f.memory + 4 * PAGE);
    assert_true(dma(&f, 15 * PAGE, PAGE, UINT64_MAX, &d));
    assert_ptr_equal(d.va, f.memory + 16 * PAGE);
    assert_int_equal(d.phys, PHYS + 16 * PAGE);
    assert_int_equal(d.bus, d.phys);
    assert_int_equal(d.size, 15 * PAGE);
    assert_true(d.size != 0 && ((unsigned char *)d.va)[0] == 0);
    assert_memory_equal(d.va, (unsigned char *)d.va + 1, d.size - 1);
    umsi_arena_dma_free(&f.arena, &d);
    umsi_arena_free(&f.arena, two, 2 * PAGE);
    umsi_arena_free(&f.arena, three, 3 * PAGE);
    umsi_arena_free(&f.arena, top, 100);
    tear_down(&f);
}

/* Neighbours that are free are one block again, in whatever order they came back. */
static void test_neighbours(void **state)
{
    struct fixture f;
    unsigned char *p[8];
    (void)state;
    set_up(&f, 65 * PAGE);
    for (unsigned i = 0; i < 8; i++) {
        p[i] = umsi_arena_alloc(&f.arena, 8 * PAGE, PAGE);
        assert_non_null(p[i]);
    }
    assert_null(umsi_arena_alloc(&f.arena, 1, 1));
    for (unsigned i = 0; i < 8; i++) {
        umsi_arena_free(&f.arena, p[i * 3 % 8], 8 * PAGE);
    }
    void *all = umsi_arena_alloc(&f.arena, 64 * PAGE, PAGE);
    assert_ptr_equal(all, f.memory);
    umsi_arena_free(&f.arena, all, 64 * PAGE);
    tear_down(&f);
}

static void test_limits(void **state)
{
    struct fixture f;
    struct umsi_dma d;
    struct umsi_arena_counts c;
    (void)state;
    set_up(&f, 64 * PAGE);
    assert_false(dma(&f, 2 * PAGE, PAGE, PHYS - 1, &d));
    assert_false(dma(&f, 2 * PAGE, PAGE, PHYS + 2 * PAGE - 2, &d));
    assert_false(dma(&f, PAGE, 2 * UNIT, UINT64_MAX, &d));
    assert_false(dma(&f, SIZE_MAX, PAGE, UINT64_MAX, &d));
    assert_false(dma(&f, 0, PAGE, UINT64_MAX, &d));
    assert_false(dma(&f, 64 * PAGE, PAGE, UINT64_MAX, &d));
    assert_int_equal(used(&f), 0);
    assert_true(dma(&f, 2 * PAGE, PAGE, PHYS + 2 * PAGE - 1, &d));
    umsi_arena_dma_free(&f.arena, &d);
    assert_true(dma(&f, 1, UNIT, UINT64_MAX, &d));
    assert_int_equal(d.phys % UNIT, 0);
    umsi_arena_dma_free(&f.arena, &d);
    umsi_arena_get_counts(&f.arena, &c);
    assert_int_equal(c.refused, 6);
    assert_int_equal(c.most, 2 * PAGE);
    assert_int_equal(c.total, 63 * PAGE);
    tear_down(&f);
}

/* What was not taken so is left alone. */
static void test_wrong_free(void **state)
{
    struct fixture f;
    unsigned char other[16];
    (void)state;
    set_up(&f, 16 * PAGE);
    unsigned char *p = umsi_arena_alloc(&f.arena, 2 * PAGE, PAGE);
    umsi_arena_free(&f.arena, other, PAGE);
    umsi_arena_free(&f.arena, p + 1, PAGE);
    umsi_arena_free(&f.arena, p, 3 * PAGE);
    umsi_arena_free(&f.arena, f.memory + 15 * PAGE, PAGE); /* its map */
    umsi_arena_free(&f.arena, f.memory + 8 * PAGE, 100 * PAGE);
    assert_int_equal(used(&f), 2 * PAGE);
    umsi_arena_free(&f.arena, p, 2 * PAGE);
    umsi_arena_free(&f.arena, p, 2 * PAGE);
    tear_down(&f);
}

/* Every block lies within the arena, is where it should be, and overlaps no other. */
static void test_random_use(void **state)
{
    enum { BLOCKS = 40 };
    struct fixture f;
    struct umsi_dma d[BLOCKS] = { 0 };
    uint32_t seed = 1;
    (void)state;
    set_up(&f, 300 * PAGE);
    for (unsigned i = 0; i < 20000; i++) {
        seed = seed * 1664525 + 1013904223;
        struct umsi_dma *b = &d[(seed >> 8) % BLOCKS];
        if (b->va != NULL) {
            for (size_t k = 0; k < b->size; k += 512) {
                assert_int_equal(((unsigned char *)b->va)[k], (unsigned char)(b - d + 1));
            }
            umsi_arena_dma_free(&f.arena, b);
            b->va = NULL;
        } else if (dma(&f, 1 + (seed >> 16) % (20 * PAGE), PAGE << (seed >> 29), UINT64_MAX, b)) {
            assert_true((unsigned char *)b->va >= f.memory && b->size <= 299 * PAGE);
            memset(b->va, (int)(b - d + 1), b->size);
        }
    }
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (d[i].va != NULL) {
            umsi_arena_dma_free(&f.arena, &d[i]);
        }
    }
    tear_down(&f);
}

/* ---- as large as it says ---- */

#define NEED_CPUS    3
#define NEED_VECTORS 192

static const struct umsi_arena_need need = { .cpus = NEED_CPUS,
                                             .its = 2,
                                             .devices = 4,
                                             .events = 256,
                                             .vectors = NEED_VECTORS,
                                             .lpi_bits = 14,
                                             .device_bits = 16,
                                             .queue_bytes = 16384 };

/* The bystander, and a device of an operation; the APLIC is a third. */
static const struct umsi_arena_need on_files = {
    .cpus = NEED_CPUS, .identities = 2047, .devices = 3, .events = 256, .vectors = 64
};

static void start(struct world *w, const struct op *op, enum where where, size_t size)
{
    struct world_config c = {
        .model = { .nr_its = op->nr_its },
        .online = op->online,
        .arena = size,
    };
    world_kind(&c, where);
    world_machine(w, &c);
    if (!op->bare) {
        assert_int_equal(world_up(w), UMSI_OK);
    }
    op->set_up(w);
}

static void test_size_is_one(void **state)
{
    (void)state;
    assert_int_equal(umsi_arena_size(&need),
                     UMSI_ARENA_SIZE(NEED_CPUS, 2, 4, 256, NEED_VECTORS, 14, 16, 16384));
    assert_int_equal(umsi_arena_size(&(struct umsi_arena_need){ 0 }),
                     UMSI_ARENA_SIZE(1, 1, 1, 32, 32, 16, 16, 16384));
    assert_int_equal(umsi_arena_size(&on_files),
                     UMSI_ARENA_IMSIC_SIZE(NEED_CPUS, 2047, 3, 256, 64));
    assert_int_equal(umsi_arena_size(&(struct umsi_arena_need){ .identities = 63 }),
                     UMSI_ARENA_IMSIC_SIZE(1, 63, 1, 32, 32));
}

/* There and back and there again; nothing is ever refused. The most that was in use. */
static size_t whole_op(const struct op *op, enum where where, size_t size)
{
    struct umsi_arena_counts c;
    struct world w;
    start(&w, op, where, size);
    assert_int_equal(op->run(&w), UMSI_OK);
    for (unsigned again = 0; op->undo != NULL && again < 3; again++) {
        assert_int_equal(op->undo(&w), UMSI_OK);
        assert_int_equal(op->run(&w), UMSI_OK);
    }
    world_clean(&w, NULL);
    for (unsigned g = 0; g < GADGETS; g++) {
        gadget_fire(&w.gadget[g]);
    }
    assert_int_equal(op->undo == NULL ? UMSI_OK : op->undo(&w), UMSI_OK);
    umsi_arena_get_counts(&w.arena, &c);
    assert_int_equal(c.refused, 0);
    world_stop(&w);
    return c.most;
}

static void all_of_it(enum where where, size_t size)
{
    const struct op *op = NULL;
    size_t most = 0;
    while ((op = op_next(op, where)) != NULL) {
        const size_t used = whole_op(op, where, size);
        most = used > most ? used : most;
    }
    print_message("  %zu of %zu KiB\n", most / 1024, size / 1024);
}

static void test_all_of_it(void **state)
{
    (void)state;
    all_of_it(TO_ITS, umsi_arena_size(&need));
    all_of_it(TO_FRAME, umsi_arena_size(&need));
    all_of_it(TO_FRAME_OF_GICV3, umsi_arena_size(&need));
    all_of_it(TO_FILES, umsi_arena_size(&on_files));
}

/* ---- smaller ---- */

/* A whole life, as far as it goes; an error is always for want of memory, and all comes back. */
static void life(size_t size, enum where where, bool *out_whole)
{
    static const struct gadget_config config = { .kind = GADGET_PCI,
                                                 .device_id = 0x77,
                                                 .pci = { .msix_entries = 128 } };
    struct world_config c = { .arena = size };
    struct world w;
    struct gadget *g = &w.gadget[0];
    world_kind(&c, where);
    world_machine(&w, &c);
    enum umsi_status st = world_up(&w);
    if (st == UMSI_OK) {
        gadget_make(&w, g, &config);
        st = gadget_attach(g);
        st = st != UMSI_OK ? st : gadget_take(g, 100, UMSI_MSIX);
    }
    for (uint32_t i = 0; st == UMSI_OK && i < VECTORS; i++) {
        st = gadget_request(g, i);
    }
    *out_whole = st == UMSI_OK;
    if (st == UMSI_OK) {
        gadget_fire(g);
    } else {
        assert_int_equal(st, UMSI_NOMEM);
    }
    world_stop(&w);
}

static void too_small(const struct umsi_arena_need *enough, enum where where)
{
    size_t size = umsi_arena_size(enough);
    bool whole = true, was = true;
    uint32_t steps = 0, turns = 0;
    life(size, where, &whole);
    assert_true(whole);
    for (size -= PAGE; size >= 2 * PAGE; size -= PAGE) {
        life(size, where, &whole);
        turns += whole != was;
        was = whole;
        steps++;
    }
    assert_false(whole);
    print_message("  %u sizes, %u of them between enough and too small\n", steps, turns);
}

static void test_too_small(void **state)
{
    const struct umsi_arena_need one = { .cpus = 3, .events = 128, .vectors = 128, .lpi_bits = 14 };
    const struct umsi_arena_need files = {
        .cpus = 3, .devices = 2, .events = 128, .vectors = 128, .identities = 2047
    };
    (void)state;
    too_small(&one, TO_ITS);
    too_small(&files, TO_FILES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_set_up), cmocka_unit_test(test_places),
        cmocka_unit_test(test_neighbours),     cmocka_unit_test(test_limits),
        cmocka_unit_test(test_wrong_free),     cmocka_unit_test(test_random_use),
        cmocka_unit_test(test_size_is_one),    cmocka_unit_test(test_all_of_it),
        cmocka_unit_test(test_too_small),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
