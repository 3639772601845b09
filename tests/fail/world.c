/* SPDX-License-Identifier: MIT */
/* The kernel's side of the world: machine and port, and its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

static struct world *current; /* the port's callbacks have the model as their context */

/* ---- port ---- */

static void vector(void *arg, umsi_cpu cpu)
{
    struct world *w = arg;
    (void)cpu;
    (void)umsi_handle_interrupts(w->u);
}

static void service(void *arg, umsi_cpu cpu)
{
    struct world *w = arg;
    (void)cpu;
    umsi_cpu_service(w->u);
}

/* Registers of platform devices are the only memory that is reached as registers and is no window. */
static bool is_platdev(const volatile void *addr)
{
    for (uint32_t i = 0; i < GADGETS; i++) {
        const struct gadget *g = &current->gadget[i];
        uintptr_t offset = (uintptr_t)addr - (uintptr_t)g->regs;
        if (offset < sizeof(g->regs)) {
            return true;
        }
    }
    return false;
}

static void write32(void *ctx, volatile void *addr, uint32_t value)
{
    if (is_platdev(addr)) {
        *(volatile uint32_t *)addr = value;
    } else {
        model_port(current->m)->mmio_write32(ctx, addr, value);
    }
}

static uint32_t read32(void *ctx, const volatile void *addr)
{
    return is_platdev(addr) ? *(const volatile uint32_t *)addr
                            : model_port(current->m)->mmio_read32(ctx, addr);
}

static void *arena_alloc(void *ctx, size_t size, size_t align)
{
    (void)ctx;
    return umsi_arena_alloc(&current->arena, size, align);
}

static void arena_free(void *ctx, void *p, size_t size)
{
    (void)ctx;
    umsi_arena_free(&current->arena, p, size);
}

static bool arena_dma_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    (void)ctx;
    return umsi_arena_dma_alloc(&current->arena, want, out);
}

static void arena_dma_free(void *ctx, const struct umsi_dma *mem)
{
    (void)ctx;
    umsi_arena_dma_free(&current->arena, mem);
}

/* The arena is one block of the model's memory, so that its tables are where controllers can see them. */
static void make_arena(struct world *w)
{
    const struct umsi_port *p = model_port(w->m);
    const struct umsi_dma_want want = { w->config.arena, UMSI_ARENA_ALIGN, UINT64_MAX, UINT32_MAX };
    assert_true(p->dma_alloc(p->ctx, &want, &w->arena_memory));
    const struct umsi_arena_config c = { w->arena_memory.va, w->arena_memory.size,
                                         w->arena_memory.phys, p };
    assert_int_equal(umsi_arena_init(&w->arena, &c), UMSI_OK);
    w->port.alloc = arena_alloc;
    w->port.free = arena_free;
    w->port.dma_alloc = arena_dma_alloc;
    w->port.dma_free = arena_dma_free;
}

static void on_breach(void *arg, const char *line)
{
    const struct world *w = arg;
    if (!w->config.expects_breaches || getenv("WORLD_VERBOSE") != NULL) {
        print_message("  breach: %s\n", line);
    }
}

static void on_log(void *arg, enum umsi_log_level level, const char *line)
{
    (void)arg;
    if (getenv("WORLD_VERBOSE") != NULL) {
        print_message("  <%d> %s\n", (int)level, line);
    }
}

void world_machine(struct world *w, const struct world_config *config)
{
    memset(w, 0, sizeof(*w));
    w->config = *config;
    struct model_config *m = &w->config.model;
    m->nr_cpus = m->nr_cpus == 0 ? 3 : m->nr_cpus;
    m->memory_bytes = m->memory_bytes == 0 ? (size_t)4 << 20 : m->memory_bytes;
    m->memory_bytes += w->config.arena;
    m->id_bits = m->id_bits == 0 ? 14 : m->id_bits;
    if (m->nr_its == 0 && m->nr_v2m == 0 && m->imsic == NULL) {
        m->nr_its = 1;
        m->its = &w->config.its;
    }
    m->on_breach = on_breach;
    m->on_log = on_log;
    m->arg = w;
    assert_true(model_create(m, &w->m));
    model_set_vectors(w->m, &(struct model_vectors){ vector, service, w });
    current = w;
    w->port = *model_port(w->m);
    w->port.mmio_write32 = write32;
    w->port.mmio_read32 = read32;
    if (w->config.arena != 0) {
        make_arena(w);
    }
}

void world_stop(struct world *w)
{
    world_down(w);
    if (w->config.arena != 0) {
        struct umsi_arena_counts c;
        umsi_arena_get_counts(&w->arena, &c);
        assert_int_equal(c.used, 0);
        model_port(w->m)->dma_free(w->m, &w->arena_memory);
    }
    model_check_shutdown(w->m);
    world_clean(w, NULL);
    model_destroy(w->m);
    current = NULL;
}

/* What handlers cause may be under way again. */
void world_run(struct world *w)
{
    uint32_t rounds = 0;
    do {
        model_drain(w->m);
    } while (model_run(w->m) != 0 && ++rounds < 1000);
}

void world_clean(struct world *w, const char *but)
{
    uint32_t bad = 0;
    model_check_settled(w->m);
    for (uint32_t i = 0; i < model_breaches(w->m); i++) {
        const struct model_breach *b = model_breach_at(w->m, i);
        if (but == NULL || b->law[0] == 0 || strstr(but, b->law) == NULL) {
            print_message("  %s [%s] %s\n", b->law, b->section, b->text);
            bad++;
        }
    }
    assert_int_equal(bad, 0);
    model_breach_clear(w->m);
}
