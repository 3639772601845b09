/* SPDX-License-Identifier: MIT */
/*
 * Register windows: reserved addresses without memory behind them, so that only port->mmio_* can reach
 * them. Each access lets a little time pass first.
 */
#define _DEFAULT_SOURCE
#include <string.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "machine.h"

#define SPACE ((size_t)1 << 32)

bool mmio_init(struct model *m)
{
    void *p = mmap(NULL, SPACE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        return false;
    }
    m->mmio_va = (uintptr_t)p;
    m->mmio_next = m->mmio_va;
    return true;
}

void mmio_exit(struct model *m)
{
    if (m->mmio_va != 0) {
        munmap((void *)m->mmio_va, SPACE);
    }
    free(m->windows);
}

/* Addresses are used once: an access after unmap_bar hits nothing. */
uintptr_t mmio_open(struct model *m, const struct window *w)
{
    uint64_t room = (w->size + 0xffff) & ~0xffffull;
    if (m->mmio_next + room > m->mmio_va + SPACE) {
        return 0;
    }
    m->windows = grow(m->windows, m->nr_windows, sizeof(*m->windows));
    struct window *slot = &m->windows[m->nr_windows++];
    *slot = *w;
    slot->va = m->mmio_next;
    m->mmio_next += room;
    return slot->va;
}

void mmio_close(struct model *m, uintptr_t va)
{
    for (uint32_t i = 0; i < m->nr_windows; i++) {
        if (m->windows[i].va == va) {
            memmove(&m->windows[i], &m->windows[i + 1],
                    (m->nr_windows - i - 1) * sizeof(*m->windows));
            m->nr_windows--;
            return;
        }
    }
    breach(m, "", "umsi/port.h", "unmap of an address that is not mapped");
}

/* Windows are in order of address. */
static struct window *find(struct model *m, uintptr_t va)
{
    uint32_t low = 0, high = m->nr_windows;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        struct window *w = &m->windows[mid];
        if (va < w->va) {
            high = mid;
        } else if (va - w->va >= w->size) {
            low = mid + 1;
        } else {
            return w;
        }
    }
    return NULL;
}

static struct window *reach(struct model *m, const volatile void *addr, unsigned width)
{
    uintptr_t va = (uintptr_t)addr;
    model_step(m, m->cfg.access_ns);
    struct window *w = find(m, va);
    if (w == NULL || va % width != 0 || va - w->va + width > w->size) {
        breach(m, "", "umsi/port.h", "access of %u bytes at %p: nothing is there, or not aligned",
               width, (void *)va);
        return NULL;
    }
    return w;
}

static uint64_t access_read(struct model *m, const volatile void *addr, unsigned width)
{
    struct window *w = reach(m, addr, width);
    return w == NULL ? UINT64_MAX : w->read(m, w->device, (uintptr_t)addr - w->va, width);
}

static void access_write(struct model *m, volatile void *addr, unsigned width, uint64_t value)
{
    struct window *w = reach(m, addr, width);
    if (w != NULL) {
        w->write(m, w->device, (uintptr_t)addr - w->va, width, value);
    }
}

uint32_t mmio_read32(void *ctx, const volatile void *addr)
{
    return (uint32_t)access_read(ctx, addr, 4);
}

uint64_t mmio_read64(void *ctx, const volatile void *addr)
{
    return access_read(ctx, addr, 8);
}

void mmio_write32(void *ctx, volatile void *addr, uint32_t value)
{
    access_write(ctx, addr, 4, value);
}

void mmio_write64(void *ctx, volatile void *addr, uint64_t value)
{
    access_write(ctx, addr, 8, value);
}

uint64_t mmio_part(uint64_t reg, uint64_t offset, unsigned width)
{
    return width == 8 ? reg : (reg >> ((offset & 4) * 8)) & UINT32_MAX;
}

uint64_t mmio_merge(uint64_t reg, uint64_t offset, unsigned width, uint64_t value)
{
    unsigned shift = (unsigned)(offset & 4) * 8;
    if (width == 8) {
        return value;
    }
    return (reg & ~((uint64_t)UINT32_MAX << shift)) | ((value & UINT32_MAX) << shift);
}

void mmio_bad(struct model *m, const char *what, uint64_t offset, unsigned width, bool write)
{
    breach(m, "", "IHI0069 12.1.3", "%s: %s of %u bytes at %#llx is not allowed", what,
           write ? "write" : "read", width, (unsigned long long)offset);
}
