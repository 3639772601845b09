/* SPDX-License-Identifier: MIT */
/*
 * Memory: an arena of DMA memory with physical addresses that are not the CPU's, and ordinary memory.
 *
 * When not coherent the arena exists twice: what the CPU wrote reaches devices only when its cache lines
 * are cleaned, and what devices wrote reaches the CPU only when they are invalidated (L33). Freed memory is
 * poisoned and not reused soon, so that a late access shows. Every page outside live blocks is out of
 * bounds for the address sanitizer, and for devices.
 */
#include <stdlib.h>
#include <string.h>

#include "machine.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define FENCE(p, n)   __asan_poison_memory_region(p, n)
#define UNFENCE(p, n) __asan_unpoison_memory_region(p, n)
#else
#define FENCE(p, n)   ((void)(p), (void)(n))
#define UNFENCE(p, n) ((void)(p), (void)(n))
#endif

#define FREED   0xdd /* what freed memory holds */
#define GARBAGE 0xa5 /* what port->alloc promises nothing about */

bool memory_init(struct model *m)
{
    struct memory *mem = &m->mem;
    mem->size = m->cfg.memory_bytes;
    mem->phys = m->cfg.memory_phys;
    mem->cpu = aligned_alloc(65536, mem->size);
    mem->dev = m->cfg.non_coherent ? aligned_alloc(65536, mem->size) : mem->cpu;
    mem->owner = calloc(mem->size / MODEL_PAGE, sizeof(*mem->owner));
    if (mem->cpu == NULL || mem->dev == NULL || mem->owner == NULL) {
        return false;
    }
    FENCE(mem->cpu, mem->size);
    return true;
}

void memory_exit(struct model *m)
{
    struct memory *mem = &m->mem;
    for (uint32_t i = 0; i < mem->nr_chunks; i++) {
        free(mem->chunks[i].p);
    }
    if (mem->cpu != NULL) {
        UNFENCE(mem->cpu, mem->size);
    }
    if (mem->dev != mem->cpu) {
        free(mem->dev);
    }
    free(mem->cpu);
    free(mem->owner);
    free(mem->blocks);
    free(mem->chunks);
}

/* ---- ordinary memory ---- */

static void may_sleep(struct model *m, const char *what)
{
    if (m->locks_held != 0) {
        breach(m, "L55", "umsi/port.h", "%s called with %u umsi locks held", what, m->locks_held);
    }
}

void *memory_alloc(void *ctx, size_t size, size_t align)
{
    struct model *m = ctx;
    may_sleep(m, "alloc");
    if (size == 0 || align == 0 || (align & (align - 1)) != 0) {
        breach(m, "", "umsi/port.h", "alloc of %zu bytes aligned to %zu", size, align);
        return NULL;
    }
    if (fail_now(m, MODEL_FAIL_ALLOC)) {
        return NULL;
    }
    align = align < sizeof(void *) ? sizeof(void *) : align;
    void *p = aligned_alloc(align, (size + align - 1) & ~(align - 1));
    if (p == NULL) {
        return NULL;
    }
    memset(p, GARBAGE, size);
    m->mem.chunks = grow(m->mem.chunks, m->mem.nr_chunks, sizeof(*m->mem.chunks));
    m->mem.chunks[m->mem.nr_chunks++] = (struct chunk){ p, size };
    m->mem.chunk_bytes += size;
    return p;
}

void memory_free(void *ctx, void *p, size_t size)
{
    struct model *m = ctx;
    struct memory *mem = &m->mem;
    may_sleep(m, "free");
    for (uint32_t i = mem->nr_chunks; i-- > 0;) {
        if (mem->chunks[i].p != p) {
            continue;
        }
        if (mem->chunks[i].size != size) {
            breach(m, "", "umsi/port.h", "free of %zu bytes that were %zu", size,
                   mem->chunks[i].size);
        }
        mem->chunk_bytes -= mem->chunks[i].size;
        mem->chunks[i] = mem->chunks[--mem->nr_chunks];
        free(p);
        return;
    }
    breach(m, "", "umsi/port.h", "free of %p, which is not allocated", p);
}

/* ---- DMA memory ---- */

static bool pages_free(const struct memory *mem, uint32_t first, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (mem->owner[first + i] != 0) {
            return false;
        }
    }
    return true;
}

/* Next fit: what was freed last is used again last. */
static bool find_pages(struct memory *mem, uint32_t n, const struct umsi_dma_want *want,
                       uint32_t *out)
{
    uint32_t total = (uint32_t)(mem->size / MODEL_PAGE);
    for (uint32_t step = 0; step < total; step++) {
        uint32_t first = (mem->next_page + step) % total;
        uint64_t phys = mem->phys + (uint64_t)first * MODEL_PAGE;
        if (first + n > total || (phys & (want->align - 1)) != 0 ||
            phys + want->size - 1 > want->max_phys || !pages_free(mem, first, n)) {
            continue;
        }
        mem->next_page = (first + n) % total;
        *out = first;
        return true;
    }
    return false;
}

static void take_pages(struct memory *mem, uint32_t first, uint32_t n, size_t size)
{
    mem->blocks = grow(mem->blocks, mem->nr_blocks, sizeof(*mem->blocks));
    mem->blocks[mem->nr_blocks++] = (struct block){ (uint64_t)first * MODEL_PAGE, size, n, true };
    for (uint32_t i = 0; i < n; i++) {
        mem->owner[first + i] = mem->nr_blocks;
    }
    mem->live_blocks++;
    mem->dma_bytes += size;
}

bool memory_dma_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    struct model *m = ctx;
    struct memory *mem = &m->mem;
    uint32_t first, n = (uint32_t)((want->size + MODEL_PAGE - 1) / MODEL_PAGE);
    may_sleep(m, "dma_alloc");
    if (want->size == 0 || want->align == 0 || (want->align & (want->align - 1)) != 0) {
        breach(m, "", "umsi/port.h", "dma_alloc of %zu bytes aligned to %zu", want->size,
               want->align);
        return false;
    }
    if (fail_now(m, MODEL_FAIL_DMA) || !find_pages(mem, n, want, &first)) {
        return false;
    }
    take_pages(mem, first, n, want->size);
    uint64_t offset = (uint64_t)first * MODEL_PAGE;
    UNFENCE(mem->cpu + offset, want->size);
    memset(mem->cpu + offset, 0, want->size);
    memset(mem->dev + offset, 0, want->size);
    *out =
        (struct umsi_dma){ mem->cpu + offset, mem->phys + offset, mem->phys + offset, want->size };
    return true;
}

static struct block *block_of(struct memory *mem, uint64_t offset)
{
    uint32_t owner = offset < mem->size ? mem->owner[offset / MODEL_PAGE] : 0;
    return owner == 0 ? NULL : &mem->blocks[owner - 1];
}

static void drop_pages(struct memory *mem, struct block *b)
{
    uint64_t first = b->start / MODEL_PAGE;
    memset(mem->cpu + b->start, FREED, b->size);
    memset(mem->dev + b->start, FREED, b->size);
    FENCE(mem->cpu + b->start, (uint64_t)b->pages * MODEL_PAGE);
    for (uint32_t i = 0; i < b->pages; i++) {
        mem->owner[first + i] = 0;
    }
    b->live = false;
    mem->live_blocks--;
    mem->dma_bytes -= b->size;
}

void memory_dma_free(void *ctx, const struct umsi_dma *dma)
{
    struct model *m = ctx;
    struct memory *mem = &m->mem;
    uint64_t offset = (uint64_t)((uint8_t *)dma->va - mem->cpu);
    may_sleep(m, "dma_free");
    struct block *b = block_of(mem, offset);
    if (b == NULL || b->start != offset || b->size != dma->size ||
        dma->phys != mem->phys + offset) {
        breach(m, "", "umsi/port.h", "dma_free of %zu bytes at %#llx, not as allocated", dma->size,
               (unsigned long long)dma->phys);
        return;
    }
    held_check_free(m, dma->phys, dma->size);
    drop_pages(mem, b);
}

/* ---- the two views ---- */

/* The lines of [va, va + size) that are in live blocks. */
static void copy_lines(struct model *m, const void *va, size_t size, bool to_device)
{
    struct memory *mem = &m->mem;
    uint64_t from = (uint64_t)((const uint8_t *)va - mem->cpu);
    if ((const uint8_t *)va < mem->cpu || from + size > mem->size) {
        return; /* ordinary memory: no device looks at it */
    }
    uint64_t end = (from + size + MODEL_LINE - 1) & ~(uint64_t)(MODEL_LINE - 1);
    for (uint64_t o = from & ~(uint64_t)(MODEL_LINE - 1); o < end; o += MODEL_LINE) {
        const struct block *b = block_of(mem, o);
        uint64_t left = b == NULL || o >= b->start + b->size ? 0 : b->start + b->size - o;
        size_t n = left < MODEL_LINE ? (size_t)left : MODEL_LINE;
        memcpy((to_device ? mem->dev : mem->cpu) + o, (to_device ? mem->cpu : mem->dev) + o, n);
    }
}

void memory_clean(void *ctx, const void *va, size_t size)
{
    struct model *m = ctx;
    if (m->cfg.non_coherent) {
        copy_lines(m, va, size, true);
    }
}

bool memory_valid(struct model *m, uint64_t phys, uint64_t size)
{
    struct memory *mem = &m->mem;
    if (phys < mem->phys || size > mem->size || phys - mem->phys > mem->size - size) {
        return false;
    }
    uint64_t offset = phys - mem->phys;
    const struct block *b = block_of(mem, offset);
    return b != NULL && offset + size <= b->start + b->size;
}

uint8_t *memory_at(struct model *m, uint64_t phys, uint64_t size)
{
    return memory_valid(m, phys, size) ? m->mem.dev + (phys - m->mem.phys) : NULL;
}

bool memory_clean_at(struct model *m, uint64_t phys, uint64_t size)
{
    const uint8_t *dev = memory_at(m, phys, size);
    return dev != NULL &&
           (!m->cfg.non_coherent || memcmp(dev, m->mem.cpu + (phys - m->mem.phys), size) == 0);
}

bool memory_zero_at(struct model *m, uint64_t phys, uint64_t size)
{
    const uint8_t *p = memory_at(m, phys, size);
    return p != NULL && (size == 0 || (p[0] == 0 && memcmp(p, p + 1, size - 1) == 0));
}

bool memory_read64(struct model *m, uint64_t phys, uint64_t *out)
{
    const uint8_t *p = memory_at(m, phys, sizeof(*out));
    if (p != NULL) {
        memcpy(out, p, sizeof(*out)); /* little-endian, as the host */
    }
    return p != NULL;
}

bool memory_write64(struct model *m, uint64_t phys, uint64_t value)
{
    uint8_t *p = memory_at(m, phys, sizeof(value));
    if (p != NULL) {
        memcpy(p, &value, sizeof(value));
    }
    return p != NULL;
}

bool model_device_read(struct model *m, uint64_t phys, void *to, size_t size)
{
    const uint8_t *p = memory_at(m, phys, size);
    if (p != NULL) {
        memcpy(to, p, size);
    }
    return p != NULL;
}
