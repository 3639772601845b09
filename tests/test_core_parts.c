/* SPDX-License-Identifier: MIT */
/* Small parts of the core: text, the radix tree, pools, statuses, tables for people. */
#include "core_bench.h"

#include "../src/core/irq.h"
#include "../src/core/radix.h"

/* ---- small parts ---- */

static void keep_line(void *arg, const char *line)
{
    strcpy(arg, line);
}

static void test_format(void **state)
{
    char b[64];
    (void)state;
    size_t n = umsi_format(b, sizeof(b), "%s|%5u|%-5u|%04x|%d|%lx|%lu|%c%%", "a", 7u, 8u, 0xabu,
                           -12, (uint64_t)0x123456789a, (uint64_t)12345678901234, 'z');
    assert_int_equal(n, strlen(b));
    assert_string_equal(b, "a|    7|8    |00ab|-12|123456789a|12345678901234|z%");
    umsi_format(b, 5, "%s", "abcdefgh");
    assert_string_equal(b, "abcd");
    const char *volatile nothing = NULL;
    umsi_format(b, sizeof(b), "%6s|%-6s|", "ab", "cd");
    assert_string_equal(b, "    ab|cd    |");
    umsi_printf(keep_line, b, "%s", nothing);
    assert_string_equal(b, "(null)");
}

static void test_radix(void **state)
{
    struct world w;
    struct umsi_radix r = { NULL };
    static const uint32_t keys[] = { 0,   1,     15,    16,         17,        255,
                                     256, 65535, 65536, 0x12345678, UINT32_MAX };
    uint32_t n = sizeof(keys) / sizeof(keys[0]), key, at = 0;
    void *value;
    (void)state;
    open_world(&w, true);
    size_t before = w.t.heap_bytes;
    for (uint32_t i = n; i-- > 0;) {
        assert_null(umsi_radix_get(&r, keys[i]));
        assert_true(umsi_radix_reserve(w.u, &r, keys[i]));
        umsi_radix_set(&r, keys[i], (void *)(uintptr_t)&keys[i]);
    }
    for (uint32_t i = 0; i < n; i++) {
        assert_ptr_equal(umsi_radix_get(&r, keys[i]), &keys[i]);
        assert_true(umsi_radix_next(&r, at, &key, &value));
        assert_int_equal(key, keys[i]);
        at = key + 1;
    }
    assert_int_equal(umsi_radix_first_free(&r, 0), 2);
    assert_int_equal(umsi_radix_first_free(&r, 15), 18);
    for (uint32_t i = 0; i < n; i++) {
        umsi_radix_clear(w.u, &r, keys[i]);
        assert_null(umsi_radix_get(&r, keys[i]));
    }
    assert_false(umsi_radix_next(&r, 0, &key, &value));
    assert_int_equal(umsi_radix_first_free(&r, 0), 0);
    umsi_radix_destroy(w.u, &r);
    assert_null(r.root);
    assert_int_equal(w.t.heap_bytes, before);
    for (uint32_t i = 0; i < 5000; i++) { /* full nodes */
        assert_int_equal(umsi_radix_first_free(&r, 0), i);
        assert_true(umsi_radix_reserve(w.u, &r, i));
        umsi_radix_set(&r, i, &w);
    }
    umsi_radix_clear(w.u, &r, 1234);
    assert_int_equal(umsi_radix_first_free(&r, 0), 1234);
    for (uint32_t i = 0; i < 5000; i++) {
        umsi_radix_clear(w.u, &r, i);
    }
    umsi_radix_destroy(w.u, &r);
    assert_int_equal(w.t.heap_bytes, before);
    close_world(&w);
}

static void test_radix_without_memory(void **state)
{
    struct world w;
    struct umsi_radix r = { NULL };
    (void)state;
    open_world(&w, true);
    assert_true(umsi_radix_reserve(w.u, &r, 3));
    umsi_radix_set(&r, 3, &w);
    size_t before = w.t.heap_bytes;
    void *hog[64];
    for (uint32_t i = 0; i < 64; i++) {
        hog[i] = umsi_alloc(w.u, 256); /* use up what the pools still have */
    }
    for (uint32_t n = 1; n < 8; n++) {
        w.t.fail_alloc = n;
        if (umsi_radix_reserve(w.u, &r, 0xfffffff0)) {
            umsi_radix_clear(w.u, &r, 0xfffffff0);
        }
        w.t.fail_alloc = 0;
        assert_ptr_equal(umsi_radix_get(&r, 3), &w);
        assert_null(umsi_radix_get(&r, 0xfffffff0));
    }
    for (uint32_t i = 0; i < 64; i++) {
        umsi_free(w.u, hog[i], 256);
    }
    assert_int_equal(w.t.heap_bytes, before);
    umsi_radix_clear(w.u, &r, 3);
    umsi_radix_destroy(w.u, &r);
    assert_null(r.root);
    close_world(&w);
}

/* Who puts the lowest keys in and takes them out again needs memory once; what higher keys took goes back. */
static void test_radix_keeps_the_lowest(void **state)
{
    struct world w;
    struct umsi_radix r = { NULL };
    uint32_t key;
    void *value;
    (void)state;
    open_world(&w, true);
    const size_t before = w.t.heap_bytes;
    void *hog[64];
    uint32_t n = 0;
    for (uint32_t turn = 0; turn < 3; turn++) {
        for (uint32_t i = 0; i < 64; i++) {
            assert_true(umsi_radix_reserve(w.u, &r, i));
            umsi_radix_set(&r, i, &w);
        }
        w.t.fail_alloc = 1; /* the next page, if one is asked for */
        while (turn == 0 && (hog[n] = umsi_alloc(w.u, 192)) != NULL) {
            n++; /* what the pools still have */
        }
        w.t.fail_alloc = 1;
        for (uint32_t i = 0; i < 64; i++) {
            umsi_radix_clear(w.u, &r, i);
            assert_false(umsi_radix_next(&r, 0, &key, &value) && key <= i);
        }
    }
    assert_int_equal(w.t.fail_alloc, 1);
    w.t.fail_alloc = 0;
    for (uint32_t i = 0; i < n; i++) {
        umsi_free(w.u, hog[i], 192);
    }
    const size_t kept = w.t.heap_bytes;
    for (uint32_t i = 64; i < 5000; i++) {
        assert_true(umsi_radix_reserve(w.u, &r, i));
        umsi_radix_set(&r, i, &w);
    }
    assert_true(w.t.heap_bytes > kept);
    for (uint32_t i = 64; i < 5000; i++) {
        umsi_radix_clear(w.u, &r, i);
    }
    assert_int_equal(w.t.heap_bytes, kept);
    umsi_radix_destroy(w.u, &r);
    assert_int_equal(w.t.heap_bytes, before);
    close_world(&w);
}

/* A key far above finds memory for `left` nodes only: nothing is lost, whatever the tree had. */
static void grow_with(uint32_t keys, uint32_t left)
{
    struct world w;
    struct umsi_radix r = { NULL };
    void *hog[64];
    uint32_t n = 0;
    open_world(&w, true);
    const size_t before = w.t.heap_bytes;
    for (uint32_t i = 0; i < keys; i++) {
        assert_true(umsi_radix_reserve(w.u, &r, i));
        umsi_radix_set(&r, i, &w);
    }
    w.t.fail_alloc = 1;
    while ((hog[n] = umsi_alloc(w.u, 192)) != NULL) {
        n++;
        w.t.fail_alloc = 1;
    }
    for (uint32_t i = 0; i < left; i++) {
        umsi_free(w.u, hog[--n], 192);
    }
    w.t.fail_alloc = 1;
    assert_false(umsi_radix_reserve(w.u, &r, 500000));
    for (uint32_t i = 0; i < keys; i++) {
        assert_ptr_equal(umsi_radix_get(&r, i), &w);
        umsi_radix_clear(w.u, &r, i);
    }
    while (n > 0) {
        umsi_free(w.u, hog[--n], 192);
    }
    umsi_radix_destroy(w.u, &r);
    assert_int_equal(w.t.heap_bytes, before);
    close_world(&w);
}

static void test_radix_that_does_not_grow_far_enough(void **state)
{
    (void)state;
    for (uint32_t left = 0; left < 5; left++) {
        grow_with(0, left);
        grow_with(1, left);
        grow_with(40, left);
    }
}

static void test_pool_reuses_and_returns(void **state)
{
    struct world w;
    static void *p[2000];
    (void)state;
    open_world(&w, true);
    size_t before = w.t.heap_bytes;
    for (size_t size = 1; size <= 9000; size = size * 3 + 1) {
        for (uint32_t i = 0; i < 200; i++) {
            p[i] = umsi_alloc(w.u, size);
            assert_non_null(p[i]);
            assert_int_equal((uintptr_t)p[i] % 16, 0);
            for (size_t k = 0; k < size; k++) {
                assert_int_equal(((uint8_t *)p[i])[k], 0);
            }
            memset(p[i], 0xee, size);
        }
        for (uint32_t i = 0; i < 200; i++) {
            umsi_free(w.u, p[(i * 77) % 200], size);
        }
        assert_int_equal(w.t.heap_bytes, before);
    }
    close_world(&w);
}

static void test_status_strings(void **state)
{
    (void)state;
    for (int i = UMSI_OK; i <= UMSI_GONE; i++) {
        assert_string_not_equal(umsi_status_string((enum umsi_status)i), "unknown status");
    }
    assert_string_equal(umsi_status_string((enum umsi_status)99), "unknown status");
}

static void test_tables_print(void **state)
{
    struct world w;
    char text[4000] = "";
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "my-queue"), UMSI_OK);
    umsi_print_irqs(w.u, count_line, text);
    assert_non_null(strstr(text, "dev/dev"));
    assert_non_null(strstr(text, "my-queue"));
    text[0] = '\0';
    umsi_print_domains(w.u, count_line, text);
    assert_string_equal(text, "numbers  4 interrupts of 4096, 1 domains below\n"
                              "  mock  4 interrupts, 1 domains below\n"
                              "    dev/dev  4 interrupts of 8\n");
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_radix),
        cmocka_unit_test(test_radix_without_memory),
        cmocka_unit_test(test_radix_keeps_the_lowest),
        cmocka_unit_test(test_radix_that_does_not_grow_far_enough),
        cmocka_unit_test(test_pool_reuses_and_returns),
        cmocka_unit_test(test_status_strings),
        cmocka_unit_test(test_tables_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
