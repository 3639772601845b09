/* SPDX-License-Identifier: MIT */
/*
 * The page allocator: free runs in a list, by address; first fit; neighbours join when they come back.
 */
#include <string.h>

#include "mmu.h"
#include "memory.h"
#include "spinlock.h"

/* Lies at the start of the free memory it describes. */
struct run {
    struct run *next;
    uint64_t size;
};

extern char __image_start[], __image_end[];

static struct run *runs;
static struct spinlock lock;
static uint64_t in_use, total;
static uint8_t *keep;
static size_t keep_left;

static uint64_t start_of(const struct run *r)
{
    return (uintptr_t)r;
}

static uint64_t round_up(uint64_t value, uint64_t align)
{
    return (value + align - 1) & ~(align - 1);
}

/* Put [at, at + size) into the list, and join it with what it touches. */
static void give(uint64_t at, uint64_t size)
{
    struct run **link = &runs, *before = NULL;
    while (*link != NULL && start_of(*link) < at) {
        before = *link;
        link = &before->next;
    }
    struct run *r = (struct run *)(uintptr_t)at;
    *r = (struct run){ .next = *link, .size = size };
    *link = r;
    if (r->next != NULL && at + size == start_of(r->next)) {
        r->size += r->next->size;
        r->next = r->next->next;
    }
    if (before != NULL && start_of(before) + before->size == at) {
        before->size += r->size;
        before->next = r->next;
    }
}

/* Cut [at, at + size) out of the run behind `link`, which holds it. */
static void cut(struct run **link, uint64_t at, uint64_t size)
{
    struct run *r = *link;
    uint64_t end = start_of(r) + r->size;
    if (at + size < end) {
        struct run *rest = (struct run *)(uintptr_t)(at + size);
        *rest = (struct run){ .next = r->next, .size = end - at - size };
        r->next = rest;
    }
    r->size = at - start_of(r);
    if (r->size == 0) {
        *link = r->next;
    }
}

static void *take(uint64_t size, uint64_t align, uint64_t max)
{
    for (struct run **link = &runs; *link != NULL; link = &(*link)->next) {
        uint64_t at = round_up(start_of(*link), align), end = start_of(*link) + (*link)->size;
        if (at < end && size <= end - at && at + (size - 1) <= max) {
            cut(link, at, size);
            return (void *)(uintptr_t)at;
        }
    }
    return NULL;
}

static void *take_zeroed(size_t size, size_t align, uint64_t max, uint64_t *counter)
{
    uint64_t pages = round_up(size, PAGE_SIZE);
    if (size == 0 || pages < size) {
        return NULL;
    }
    uint64_t state = spin_lock(&lock);
    void *p = take(pages, align < PAGE_SIZE ? PAGE_SIZE : align, max);
    *counter += p != NULL ? pages : 0;
    spin_unlock(&lock, state);
    if (p != NULL) {
        memset(p, 0, pages);
    }
    return p;
}

void *memory_get(size_t size, size_t align, uint64_t max)
{
    return take_zeroed(size, align, max, &in_use);
}

void memory_put(void *va, size_t size)
{
    uint64_t pages = round_up(size, PAGE_SIZE);
    if (va == NULL) {
        return;
    }
    uint64_t state = spin_lock(&lock);
    give((uintptr_t)va, pages);
    in_use -= pages;
    spin_unlock(&lock, state);
}

uint64_t memory_in_use(void)
{
    return in_use;
}

uint64_t memory_total(void)
{
    return total;
}

uint64_t *memory_get_table(void)
{
    uint64_t tables = 0;
    return take_zeroed(PAGE_SIZE, PAGE_SIZE, UINT64_MAX, &tables);
}

void *memory_keep(size_t size)
{
    uint64_t kept = 0, need = round_up(size, 16);
    if (need > keep_left) {
        size_t chunk = round_up(need, PAGE_SIZE);
        keep = take_zeroed(chunk, PAGE_SIZE, UINT64_MAX, &kept);
        keep_left = keep != NULL ? chunk : 0;
    }
    if (keep == NULL) {
        return NULL;
    }
    void *p = keep;
    keep += need;
    keep_left -= need;
    return p;
}

/* Give a range of RAM without the parts in `holes`: what lies before a hole, around the holes that follow in the list,
 * then on behind it. */
static void give_around(uint64_t at, uint64_t end, const struct umsi_range *holes, unsigned n)
{
    for (unsigned i = 0; i < n && at < end; i++) {
        uint64_t hole = holes[i].base & ~(PAGE_SIZE - 1);
        uint64_t hole_end = round_up(holes[i].base + holes[i].size, PAGE_SIZE);
        if (hole_end <= at || hole >= end) {
            continue;
        }
        if (hole > at) {
            give_around(at, hole, holes + i + 1, n - i - 1);
        }
        at = hole_end;
    }
    if (at < end) {
        give(at, end - at);
    }
}

/* Page tables for the rest of RAM come from RAM that is mapped already: the first range's first GiB needs
 * only the early ones. */
static bool add_ram(const struct umsi_range *ram, const struct umsi_range *holes, unsigned n)
{
    uint64_t at = round_up(ram->base, PAGE_SIZE), end = (ram->base + ram->size) & ~(PAGE_SIZE - 1);
    if (end <= at) {
        return true;
    }
    uint64_t first = end - at > 1ull << 30 ? round_up(at + 1, 1ull << 30) : end;
    if (!mmu_map(at, first - at, MMU_MEMORY)) {
        return false;
    }
    give_around(at, first, holes, n);
    if (first < end && !mmu_map(first, end - first, MMU_MEMORY)) {
        return false;
    }
    give_around(first, end, holes, n);
    total += end - at;
    return true;
}

bool memory_init(const struct umsi_range *ram, unsigned n, const struct umsi_range *reserved,
                 unsigned nr_reserved)
{
    struct umsi_range holes[MEMORY_MAX_RESERVED + 1];
    unsigned nr = 0;
    holes[nr++] =
        (struct umsi_range){ (uintptr_t)__image_start, (uintptr_t)(__image_end - __image_start) };
    while (nr <= nr_reserved && nr <= MEMORY_MAX_RESERVED) {
        holes[nr] = reserved[nr - 1];
        nr++;
    }
    for (unsigned i = 0; i < n; i++) {
        if (!add_ram(&ram[i], holes, nr)) {
            return false;
        }
    }
    return runs != NULL;
}
