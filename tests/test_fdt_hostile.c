/* SPDX-License-Identifier: MIT */
/*
 * The devicetree reader on bytes that are no devicetree, or no longer one: nothing is read beyond the end (the
 * page behind the blob is not there, which also catches libfdt), nothing hangs, and what comes out is sane.
 */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/mman.h>
#include <unistd.h>

#include <umsi/fw/fdt.h>

#include "fdt_log.h"
#include "fdt_sane.h"
#include "fdt_source.h"

static uint8_t *fence; /* what is at and after it faults */

static int put_up_fence(void **state)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *memory =
        mmap(NULL, SOURCE_MAX + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)state;
    if (memory == MAP_FAILED || mprotect(memory + SOURCE_MAX, page, PROT_NONE) != 0) {
        return -1;
    }
    fence = memory + SOURCE_MAX;
    return 0;
}

/* Room for `size` bytes, aligned to 8, as close to the fence as that lets it be. */
static uint8_t *room(size_t size)
{
    return fence - ((size + 7) & ~(size_t)7);
}

/* Read; sane or untouched. */
static enum umsi_status read_it(const void *blob, size_t size)
{
    struct umsi_platform p, before;
    struct test_log log = { .n = 0 };
    enum umsi_status st;
    const char *wrong;

    memset(&p, 0xa5, sizeof(p));
    before = p;
    st = umsi_fdt_read(blob, size, log_line, &log, &p);
    assert_false(log.too_long);
    assert_true(log.n <= 100);
    if (st != UMSI_OK) {
        assert_int_equal(st, UMSI_CORRUPT);
        assert_int_equal(log.n, 1);
        assert_memory_equal(&p, &before, sizeof(p));
        return st;
    }
    wrong = sane_platform(&p);
    if (wrong != NULL) {
        fail_msg("%s", wrong);
    }
    return st;
}

static uint8_t *place(const void *blob, size_t size)
{
    uint8_t *at = room(size);

    memset(at, 0xff, (size_t)(fence - at));
    memcpy(at, blob, size);
    return at;
}

static void set_size(uint8_t *blob, size_t size)
{
    if (size >= 8) {
        fdt_set_totalsize(blob, (uint32_t)size);
    }
}

static void not_a_tree(void **state)
{
    static const uint64_t zeros[64], ones[4] = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX };
    struct umsi_platform p;

    (void)state;
    assert_int_equal(read_it(place(zeros, sizeof(zeros)), sizeof(zeros)), UMSI_CORRUPT);
    assert_int_equal(read_it(place(ones, sizeof(ones)), sizeof(ones)), UMSI_CORRUPT);
    assert_int_equal(umsi_fdt_read(NULL, 0, NULL, NULL, &p), UMSI_INVALID);
    assert_int_equal(umsi_fdt_read(zeros, sizeof(zeros), NULL, NULL, NULL), UMSI_INVALID);
    assert_int_equal(umsi_fdt_read((const uint8_t *)zeros + 4, 64, NULL, NULL, &p), UMSI_INVALID);
    assert_int_equal(umsi_fdt_read(zeros, sizeof(zeros), NULL, NULL, &p), UMSI_CORRUPT);
}

static void header_fields(void **state)
{
    void *tree = source_load("board");
    size_t size = fdt_totalsize(tree);
    static const uint32_t value[] = { 0,          1,          2,          4,         8,
                                      36,         40,         0xff,       4096,      0x7ffffffc,
                                      0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff };

    (void)state;
    for (size_t field = 0; field < sizeof(struct fdt_header) / 4; field++) {
        for (size_t v = 0; v < sizeof(value) / sizeof(value[0]); v++) {
            uint8_t *blob = place(tree, size);

            fdt32_st(blob + 4 * field, value[v]);
            (void)read_it(blob, size);
        }
    }
    free(tree);
}

/* Old versions are laid out differently, newer ones may not be compatible. */
static void versions(void **state)
{
    void *tree = source_load("board");
    size_t size = fdt_totalsize(tree);
    uint8_t *blob = place(tree, size);

    (void)state;
    assert_int_equal(read_it(blob, size), UMSI_OK);
    for (uint32_t old = 0; old < 16; old++) {
        fdt_set_version(blob, old);
        assert_int_equal(read_it(blob, size), UMSI_CORRUPT);
    }
    fdt_set_version(blob, 18);
    assert_int_equal(read_it(blob, size), UMSI_OK);
    fdt_set_last_comp_version(blob, 18);
    assert_int_equal(read_it(blob, size), UMSI_CORRUPT);
    free(tree);
}

/* Whole trees, but with blocks where libfdt would load words that are not aligned. */
static void misaligned_blocks(void **state)
{
    void *tree = source_load("board");
    uint32_t size = fdt_totalsize(tree), at = fdt_off_dt_struct(tree);
    uint8_t *blob = room(size + 8);

    (void)state;
    for (uint32_t shift = 0; shift <= 4; shift++) {
        memset(blob, 0, size + 8);
        memcpy(blob, tree, at);
        memcpy(blob + at + shift, (uint8_t *)tree + at, size - at);
        fdt_set_totalsize(blob, size + shift);
        fdt_set_off_dt_struct(blob, at + shift);
        fdt_set_off_dt_strings(blob, fdt_off_dt_strings(tree) + shift);
        assert_int_equal(read_it(blob, size + 8), shift % 4 == 0 ? UMSI_OK : UMSI_CORRUPT);
    }
    fdt_set_off_mem_rsvmap(blob, fdt_off_mem_rsvmap(tree) + 4);
    assert_int_equal(read_it(blob, size + 8), UMSI_CORRUPT);
    free(tree);
}

/* Cut at every length: as the firmware left it, and with a size field that agrees. */
static void truncated(void **state)
{
    void *tree = source_load("board");
    size_t size = fdt_totalsize(tree);

    (void)state;
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *blob = place(tree, cut);

        assert_int_equal(read_it(blob, cut), UMSI_CORRUPT);
        set_size(blob, cut);
        (void)read_it(blob, cut);
    }
    assert_int_equal(read_it(place(tree, size), size), UMSI_OK);
    free(tree);
}

/* The structure block cut at every tag, and ended there properly. */
static void ended_early(void **state)
{
    void *tree = source_load("board");
    size_t size = fdt_totalsize(tree);
    uint32_t at = fdt_off_dt_struct(tree);

    (void)state;
    for (uint32_t cut = 0; cut + 4 <= fdt_size_dt_struct(tree); cut += 4) {
        uint8_t *blob = place(tree, size);

        fdt32_st(blob + at + cut, FDT_END);
        (void)read_it(blob, size);
    }
    free(tree);
}

/* Lengths that wrap around: with -12 a property ends where it begins, and libfdt 1.6.1 alone goes on for ever. */
static void lengths_that_wrap(void **state)
{
    void *tree = source_load("board");
    size_t size = fdt_totalsize(tree);
    uint32_t at = fdt_off_dt_struct(tree), tag;

    (void)state;
    for (int offset = 0, next = 0; (tag = fdt_next_tag(tree, offset, &next)) != FDT_END;
         offset = next) {
        for (uint32_t length = 0xffffffe0; tag == FDT_PROP && length != 0; length++) {
            uint8_t *blob = place(tree, size);

            fdt32_st(blob + at + (uint32_t)offset + 4, length);
            assert_int_equal(read_it(blob, size), UMSI_CORRUPT);
        }
    }
    free(tree);
}

/* ---- random ---- */

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* Bits, bytes and cells, of which a cell now and then becomes one that means something. */
static void damage(uint8_t *blob, size_t size, uint64_t *seed)
{
    static const uint32_t cell[] = { 0, 1,          2,          3,          4,
                                     9, 0xffffffff, 0x7fffffff, 0x80000000, 0xfffffff4 };
    uint32_t n = 1 + next_random(seed) % 8;

    for (uint32_t i = 0; i < n; i++) {
        size_t at = next_random(seed) % size;

        switch (next_random(seed) % 3) {
        case 0:
            blob[at] ^= (uint8_t)(1u << next_random(seed) % 8);
            break;
        case 1:
            blob[at] = (uint8_t)next_random(seed);
            break;
        default:
            fdt32_st(blob + (at & ~(size_t)3) % (size - 3), cell[next_random(seed) % 10]);
            break;
        }
    }
}

static void flipped(const char *name, uint64_t seed, unsigned rounds)
{
    void *tree = source_load(name);
    size_t size = fdt_totalsize(tree);
    unsigned read = 0;

    for (unsigned i = 0; i < rounds; i++) {
        uint8_t *blob = place(tree, size);

        damage(blob, size, &seed);
        read += read_it(blob, size) == UMSI_OK;
    }
    assert_true(read > rounds / 10); /* else the nodes were hardly reached */
    assert_true(read < rounds);
    free(tree);
}

static void flipped_board(void **state)
{
    (void)state;
    flipped("board", 1, 10000);
}

static void flipped_virt(void **state)
{
    (void)state;
    flipped("virt-its", 2, 10000);
}

/* Only in the structure block: the header stays whole, so that more of it gets through to the readers. */
static void flipped_structure(void **state)
{
    void *tree = source_load("board");
    size_t size = fdt_totalsize(tree);
    uint64_t seed = 3;

    (void)state;
    for (unsigned i = 0; i < 10000; i++) {
        uint8_t *blob = place(tree, size);

        damage(blob + fdt_off_dt_struct(tree), fdt_size_dt_struct(tree), &seed);
        (void)read_it(blob, size);
    }
    free(tree);
}

/* Every property cut to every length, and a little longer than it is. */
static void resized(void **state)
{
    void *tree = source_load("board");
    static uint64_t blob[SOURCE_MAX / 8];

    (void)state;
    for (int node = 0, depth = 0; node >= 0 && depth >= 0;
         node = fdt_next_node(tree, node, &depth)) {
        for (int prop = fdt_first_property_offset(tree, node); prop >= 0;
             prop = fdt_next_property_offset(tree, prop)) {
            int size;
            const char *name;
            uint8_t value[512] = { 0 };
            const void *old = fdt_getprop_by_offset(tree, prop, &name, &size);

            assert_non_null(old);
            assert_true((size_t)size + 9 <= sizeof(value));
            memcpy(value, old, (size_t)size);
            for (int other = 0; other <= size + 9; other++) {
                assert_int_equal(fdt_open_into(tree, blob, sizeof(blob)), 0);
                assert_int_equal(fdt_setprop(blob, node, name, value, other), 0);
                assert_int_equal(fdt_pack(blob), 0);
                assert_int_equal(read_it(place(blob, fdt_totalsize(blob)), fdt_totalsize(blob)),
                                 UMSI_OK);
            }
        }
    }
    free(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(not_a_tree),        cmocka_unit_test(header_fields),
        cmocka_unit_test(versions),          cmocka_unit_test(misaligned_blocks),
        cmocka_unit_test(truncated),         cmocka_unit_test(ended_early),
        cmocka_unit_test(lengths_that_wrap), cmocka_unit_test(flipped_board),
        cmocka_unit_test(flipped_virt),      cmocka_unit_test(flipped_structure),
        cmocka_unit_test(resized),
    };

    return cmocka_run_group_tests(tests, put_up_fence, NULL);
}
