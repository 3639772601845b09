/* SPDX-License-Identifier: MIT */
/* umsi_port_check() names each way a port can be broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test_port.h"

static struct test_port t;

static void expect(const char *part)
{
    const char *what = NULL;
    assert_int_equal(umsi_port_check(&t.port, &what), UMSI_PORT);
    assert_non_null(what);
    assert_non_null(strstr(what, part));
    assert_true(test_port_logged(&t, part));
    assert_int_equal(t.heap_blocks, 0); /* whatever it found, it gave back what it took */
}

static void test_good_port(void **state)
{
    (void)state;
    test_port_init(&t, 3);
    assert_int_equal(umsi_port_check(&t.port, NULL), UMSI_OK);
    test_port_check_empty(&t);
    t.port.log = NULL;
    t.port.relax = NULL;
    assert_int_equal(umsi_port_check(&t.port, NULL), UMSI_OK);
}

static void test_sizes(void **state)
{
    const char *what = NULL;
    (void)state;
    test_port_init(&t, 3);
    t.port.size = 16;
    assert_int_equal(umsi_port_check(&t.port, &what), UMSI_INVALID);
    assert_non_null(strstr(what, "size"));
    test_port_init(&t, UMSI_MAX_CPUS + 1);
    assert_int_equal(umsi_port_check(&t.port, &what), UMSI_INVALID);
    assert_non_null(strstr(what, "nr_cpus"));
    /* A port compiled against a header without the later callbacks. */
    test_port_init(&t, 1);
    t.port.size = offsetof(struct umsi_port, cpu_kick);
    t.port.cpu_kick = (void (*)(void *, umsi_cpu))(uintptr_t)1;
    assert_int_equal(umsi_port_check(&t.port, &what), UMSI_OK);
}

static void test_missing(void **state)
{
    (void)state;
    test_port_init(&t, 1);
    t.port.dma_free = NULL;
    expect("required");
    test_port_init(&t, 1);
    t.port.mmio_read32 = (uint32_t(*)(void *, const volatile void *))(uintptr_t)1;
    expect("belong together");
}

static void *same_block(void *ctx, size_t size, size_t align)
{
    static char block[8192] __attribute__((aligned(4096)));
    (void)ctx;
    (void)size;
    (void)align;
    return block;
}

static void keep(void *ctx, void *p, size_t size)
{
    (void)ctx;
    (void)p;
    (void)size;
}

static void *no_memory(void *ctx, size_t size, size_t align)
{
    (void)ctx;
    (void)size;
    (void)align;
    return NULL;
}

static void test_alloc(void **state)
{
    (void)state;
    test_port_init(&t, 1);
    t.port.alloc = same_block;
    t.port.free = keep;
    expect("alloc");
    test_port_init(&t, 1);
    t.port.alloc = no_memory;
    expect("alloc");
}

static bool dirty_dma(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    (void)ctx;
    void *p = aligned_alloc(want->align, want->size);
    memset(p, 0x11, want->size);
    *out = (struct umsi_dma){ p, (uintptr_t)p, (uintptr_t)p, want->size };
    return true;
}

static void dma_free(void *ctx, const struct umsi_dma *mem)
{
    (void)ctx;
    free(mem->va);
}

static char arena[4 * 65536] __attribute__((aligned(65536)));

/* Zeroes only the first life of its memory. */
static bool stale_dma(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    static uint32_t next;
    (void)ctx;
    char *p = arena + (next++ % 2) * 65536;
    *out = (struct umsi_dma){ p, (umsi_phys)(p - arena), (umsi_bus)(p - arena), want->size };
    return true;
}

static void keep_dma(void *ctx, const struct umsi_dma *mem)
{
    (void)ctx;
    (void)mem;
}

static bool high_dma(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    (void)ctx;
    void *p = aligned_alloc(want->align, want->size);
    memset(p, 0, want->size);
    *out = (struct umsi_dma){ p, (uintptr_t)p | 1ull << 45, (uintptr_t)p, want->size };
    return true;
}

static void test_dma(void **state)
{
    (void)state;
    test_port_init(&t, 1);
    t.fail_dma = 1;
    expect("dma_alloc");
    test_port_init(&t, 1);
    t.fail_dma = 2;
    expect("dma_alloc");
    test_port_init(&t, 1);
    t.port.dma_alloc = dirty_dma;
    t.port.dma_free = dma_free;
    expect("not zeroed");
    test_port_init(&t, 1);
    t.port.dma_alloc = stale_dma;
    t.port.dma_free = keep_dma;
    expect("not zeroed");
    test_port_init(&t, 1);
    t.port.dma_alloc = high_dma;
    t.port.dma_free = dma_free;
    expect("max_phys");
}

static uint64_t stopped(void *ctx)
{
    (void)ctx;
    return 77;
}

static uint64_t backwards(void *ctx)
{
    static uint64_t now = 1000000;
    (void)ctx;
    return now--;
}

static umsi_cpu far_cpu(void *ctx)
{
    (void)ctx;
    return 4;
}

static void test_cpu_and_time(void **state)
{
    (void)state;
    test_port_init(&t, 4);
    t.port.cpu_self = far_cpu;
    expect("cpu_self");
    test_port_init(&t, 4);
    t.port.relax = NULL;
    t.port.time_us = stopped;
    expect("time_us");
    test_port_init(&t, 4);
    t.port.time_us = backwards;
    expect("time_us");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_port), cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_missing),   cmocka_unit_test(test_alloc),
        cmocka_unit_test(test_dma),       cmocka_unit_test(test_cpu_and_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
