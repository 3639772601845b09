/* SPDX-License-Identifier: MIT */
/* The host port for unit tests. */
#include "test_port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FREE_LOCK ((uintptr_t)0x10c4)
#define HELD_LOCK ((uintptr_t)0x10c5)

static bool spoil(uint32_t *countdown)
{
    return *countdown != 0 && --*countdown == 0;
}

static void *port_alloc(void *ctx, size_t size, size_t align)
{
    struct test_port *t = ctx;
    assert_int_equal(t->locks_held, 0); /* may sleep: no lock held (L55) */
    if (spoil(&t->fail_alloc)) {
        return NULL;
    }
    void *p = aligned_alloc(align, (size + align - 1) / align * align);
    assert_non_null(p);
    memset(p, 0xa5, size);
    t->heap_blocks++;
    t->heap_bytes += size;
    return p;
}

static void port_free(void *ctx, void *p, size_t size)
{
    struct test_port *t = ctx;
    assert_int_equal(t->locks_held, 0);
    t->heap_blocks--;
    t->heap_bytes -= size;
    free(p);
}

static bool port_dma_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    struct test_port *t = ctx;
    assert_int_equal(t->locks_held, 0);
    if (spoil(&t->fail_dma)) {
        return false;
    }
    size_t size = (want->size + want->align - 1) / want->align * want->align;
    void *p = aligned_alloc(want->align, size);
    assert_non_null(p);
    if ((uintptr_t)p + want->size - 1 > want->max_phys) {
        free(p);
        return false;
    }
    memset(p, 0, size);
    *out = (struct umsi_dma){ p, (uintptr_t)p, (uintptr_t)p, want->size };
    t->dma_blocks++;
    t->dma_bytes += want->size;
    return true;
}

static void port_dma_free(void *ctx, const struct umsi_dma *mem)
{
    struct test_port *t = ctx;
    assert_int_equal(t->locks_held, 0);
    t->dma_blocks--;
    t->dma_bytes -= mem->size;
    free(mem->va);
}

static void port_lock_init(void *ctx, umsi_lock *l)
{
    (void)ctx;
    l->word[0] = FREE_LOCK;
}

static umsi_irqstate port_lock(void *ctx, umsi_lock *l)
{
    struct test_port *t = ctx;
    assert_int_equal(l->word[0], FREE_LOCK); /* else: never initialised, or taken twice */
    l->word[0] = HELD_LOCK;
    return t->locks_held++;
}

static void port_unlock(void *ctx, umsi_lock *l, umsi_irqstate s)
{
    struct test_port *t = ctx;
    assert_int_equal(l->word[0], HELD_LOCK);
    l->word[0] = FREE_LOCK;
    t->locks_held--;
    assert_int_equal(t->locks_held, s); /* released in the reverse order, with its own state */
}

static umsi_cpu port_cpu_self(void *ctx)
{
    return ((struct test_port *)ctx)->self;
}

static uint64_t port_time_us(void *ctx)
{
    return ((struct test_port *)ctx)->now_us++;
}

static void port_relax(void *ctx)
{
    struct test_port *t = ctx;
    assert_int_equal(t->locks_held, 0); /* no lock is held across a wait (L55) */
    t->now_us += 10;
    if (t->on_relax != NULL) {
        t->on_relax(t);
    }
}

static void port_log(void *ctx, enum umsi_log_level level, const char *line)
{
    struct test_port *t = ctx;
    (void)level;
    snprintf(t->log[t->log_lines++ % TEST_PORT_LOG], sizeof(t->log[0]), "%s", line);
}

void test_port_init(struct test_port *t, uint32_t nr_cpus)
{
    memset(t, 0, sizeof(*t));
    t->port = (struct umsi_port){
        .size = sizeof(t->port),
        .nr_cpus = nr_cpus,
        .ctx = t,
        .alloc = port_alloc,
        .free = port_free,
        .dma_alloc = port_dma_alloc,
        .dma_free = port_dma_free,
        .lock_init = port_lock_init,
        .lock = port_lock,
        .unlock = port_unlock,
        .cpu_self = port_cpu_self,
        .time_us = port_time_us,
        .relax = port_relax,
        .log = port_log,
    };
}

bool test_port_logged(const struct test_port *t, const char *text)
{
    for (uint32_t i = 0; i < TEST_PORT_LOG && i < t->log_lines; i++) {
        if (strstr(t->log[i], text) != NULL) {
            return true;
        }
    }
    return false;
}

void test_port_check_empty(const struct test_port *t)
{
    assert_int_equal(t->locks_held, 0);
    assert_int_equal(t->heap_blocks, 0);
    assert_int_equal(t->heap_bytes, 0);
    assert_int_equal(t->dma_blocks, 0);
    assert_int_equal(t->dma_bytes, 0);
}
