/* SPDX-License-Identifier: MIT */
/*
 * Memory for umsi without a heap: a fixed arena that the caller sets aside, and four functions that fit struct
 * umsi_port. Optional: a kernel with an allocator needs none of it. A port whose ctx begins with the arena takes
 * them as they are; another wraps each in a line:
 *
 *     static _Alignas(UMSI_ARENA_ALIGN) unsigned char memory[UMSI_ARENA_SIZE(4, 1, 32, 64, 256, 16, 12, 16384)];
 *     struct my_port { struct umsi_arena arena; ... } mine;
 *
 *     const struct umsi_port port = { .ctx = &mine, .alloc = umsi_arena_alloc, .free = umsi_arena_free,
 *                                     .dma_alloc = umsi_arena_dma_alloc, .dma_free = umsi_arena_dma_free, ... };
 *     umsi_arena_init(&mine.arena, &(struct umsi_arena_config){ .memory = memory, .size = sizeof(memory),
 *                                                               .phys = my_phys(memory), .port = &port });
 *
 * All of it is memory that controllers may read and write: mapped as the port's dma_alloc would map it, and, where
 * those controllers do not snoop and the port has no cache_clean, mapped non-cacheable.
 */
#ifndef UMSI_ARENA_H
#define UMSI_ARENA_H

#include <umsi/domain.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UMSI_ARENA_ALIGN 65536u

/* The fields are umsi's. */
struct umsi_arena {
    unsigned char *memory;
    umsi_phys phys;
    uint32_t *map;  /* bit per page: in use. In the arena's own last pages */
    uint32_t pages; /* that are handed out */
    uint32_t used, most;
    uint64_t refused;
    struct umsi_port port; /* its locks and cache_clean */
    bool locked;           /* the port has locks */
    umsi_lock lock;
};

struct umsi_arena_config {
    void *memory;   /* aligned to UMSI_ARENA_ALIGN */
    size_t size;    /* bytes; what is beyond a whole page is not used */
    umsi_phys phys; /* where controllers see it, aligned likewise */
    /* For its lock, unlock, lock_init and cache_clean. NULL: the caller sees to it that only one CPU is in the
     * arena at a time, and that its memory is coherent. Read during the call only. */
    const struct umsi_port *port;
};

/* Context: task. Errors: INVALID (alignment), NOMEM (not even room for its own map). */
UMSI_MUST_CHECK enum umsi_status umsi_arena_init(struct umsi_arena *arena,
                                                 const struct umsi_arena_config *config);

/* For struct umsi_port; `arena` is a struct umsi_arena. NULL or false when there is no room. Context: as there. */
void *umsi_arena_alloc(void *arena, size_t size, size_t align);
void umsi_arena_free(void *arena, void *p, size_t size);
bool umsi_arena_dma_alloc(void *arena, const struct umsi_dma_want *want, struct umsi_dma *out);
void umsi_arena_dma_free(void *arena, const struct umsi_dma *mem);

struct umsi_arena_counts {
    size_t total, used, most; /* bytes, in whole pages; most: the highest `used` so far */
    uint64_t refused;         /* requests there was no room for */
};
/* Context: any. */
void umsi_arena_get_counts(struct umsi_arena *arena, struct umsi_arena_counts *out);

/* ---- how large ---- */

/* What will be there at once. Zero means the default in brackets. */
struct umsi_arena_need {
    uint32_t cpus; /* port->nr_cpus (1) */
    uint32_t its;  /* ITSes (1) */
    uint32_t
        devices; /* MSI domains: one for each attached device, and for an APLIC with messages (1) */
    uint32_t events; /* of the device with the most: its nr_events, or shared_events (32) */
    /* Vectors a driver asked for, also while fewer are granted; a block counts as its power of two; wired
     * interrupts and IPIs count too (32). */
    uint32_t vectors;
    uint32_t lpi_bits;    /* as in struct umsi_lpi_config (16) */
    uint32_t device_bits; /* as in struct umsi_its_config (16) */
    uint32_t queue_bytes; /* likewise (16384) */
    /* Not 0: identities of each interrupt file. Then there are an IMSIC and its APLICs, and no LPIs and no ITS. */
    uint32_t identities;
};
/*
 * Bytes with which none of the above is ever refused, in whatever order devices and vectors come and go, provided
 * that controllers are created once, entries of the ITS's device table have 8 bytes (GITS_BASER.Entry_Size), and
 * what is quarantined after a hardware error counts as still there. A GICv2 and GICv2m frames need less than an ITS
 * does. Context: any.
 */
size_t umsi_arena_size(const struct umsi_arena_need *need);

/* The same as a constant expression; no argument is 0. */
#define UMSI_ARENA_SIZE(cpus, its, devices, events, vectors, lpi_bits, device_bits, queue_bytes)   \
    (UMSI_ARENA_ALIGN *                                                                            \
     (UMSI_ARENA_TABLES(cpus, its, lpi_bits, device_bits, queue_bytes) +                           \
      UMSI_ARENA_ITTS((size_t)(devices), UMSI_ARENA_POW2(events)) + 2 * (size_t)(its) +            \
      UMSI_ARENA_UP(UMSI_ARENA_BLOCKS(cpus, its, vectors, lpi_bits, queue_bytes),                  \
                    UMSI_ARENA_ALIGN) +                                                            \
      1 +                                                                                          \
      UMSI_ARENA_UP(UMSI_ARENA_OBJECTS(cpus, its, devices, events, vectors, device_bits),          \
                    UMSI_ARENA_ALIGN)))

/* With interrupt files, and up to three APLICs, in place of LPIs and ITSes. */
#define UMSI_ARENA_IMSIC_SIZE(cpus, identities, devices, events, vectors)                          \
    (UMSI_ARENA_ALIGN *                                                                            \
     (UMSI_ARENA_UP(UMSI_ARENA_FILES(cpus, identities) + UMSI_ARENA_DESCRIPTORS(cpus, vectors) +   \
                        2 * UMSI_ARENA_PAGES((size_t)(cpus)*512),                                  \
                    UMSI_ARENA_ALIGN) +                                                            \
      1 +                                                                                          \
      UMSI_ARENA_UP(UMSI_ARENA_OBJECTS(cpus, 0, devices, events, vectors, 12), UMSI_ARENA_ALIGN)))

/* ---- its parts; not to be used by themselves ---- */

#define UMSI_ARENA_UP(n, unit)  (((size_t)(n) + (unit)-1) / (unit)) /* in units */
#define UMSI_ARENA_MIN(a, b)    ((size_t)(a) < (size_t)(b) ? (size_t)(a) : (size_t)(b))
#define UMSI_ARENA_PAGES(bytes) (UMSI_ARENA_UP(bytes, 4096) * 4096)
#define UMSI_ARENA_LPIS(bits)   ((size_t)1 << (bits))
#define UMSI_ARENA_POW2_8(n)                                                                       \
    ((n) <= 2     ? 2                                                                              \
     : (n) <= 4   ? 4                                                                              \
     : (n) <= 8   ? 8                                                                              \
     : (n) <= 16  ? 16                                                                             \
     : (n) <= 32  ? 32                                                                             \
     : (n) <= 64  ? 64                                                                             \
     : (n) <= 128 ? 128                                                                            \
                  : 256)
#define UMSI_ARENA_POW2(n)                                                                         \
    ((size_t)((n) <= 256 ? UMSI_ARENA_POW2_8(n) : 256 * UMSI_ARENA_POW2_8(((n) + 255) / 256)))

/* Tables that come with a controller, in units of 64 KiB. LPI configuration and a pending table for each CPU
 * (IHI0069 5.1.1, 5.1.2); of each ITS the queue, the device table with its level 1, the collection table. */
#define UMSI_ARENA_TABLES(cpus, its, lpi_bits, device_bits, queue_bytes)                           \
    (UMSI_ARENA_UP(UMSI_ARENA_LPIS(lpi_bits), UMSI_ARENA_ALIGN) +                                  \
     (size_t)(cpus)*UMSI_ARENA_UP(UMSI_ARENA_LPIS(lpi_bits) / 8, UMSI_ARENA_ALIGN) +               \
     (size_t)(its) * (UMSI_ARENA_UP(queue_bytes, UMSI_ARENA_ALIGN) +                               \
                      UMSI_ARENA_UP((size_t)8 << (device_bits), UMSI_ARENA_ALIGN) + 1 +            \
                      UMSI_ARENA_UP((size_t)(cpus)*32, UMSI_ARENA_ALIGN)))

/*
 * Translation tables, in units of 64 KiB; entries have at most 16 bytes (GITS_TYPER.ITT_entry_size). Small ones are
 * cut from units in multiples of 256 bytes. A unit is added only when no other has a free run of u multiples, so
 * each other holds at least (257 - u) / (2u - 1) tables. A large one has units of its own; as they come and go
 * there may be a hole, too small by one, behind each.
 */
#define UMSI_ARENA_ITT_U(events) UMSI_ARENA_UP((events)*16, 256)
#define UMSI_ARENA_ITT_G(events) UMSI_ARENA_UP((events)*16, UMSI_ARENA_ALIGN)
#define UMSI_ARENA_ITTS(devices, events)                                                           \
    ((events)*16 < 32768                                                                           \
         ? (devices) /                                                                             \
               UMSI_ARENA_UP(257 - UMSI_ARENA_ITT_U(events), 2 * UMSI_ARENA_ITT_U(events) - 1)     \
         : (devices)*UMSI_ARENA_ITT_G(events) + ((devices) + 1) * (UMSI_ARENA_ITT_G(events) - 1))

/* Blocks of several pages, which stay: descriptors 128 at a time, bitmaps of INTIDs, slots of a queue, arrays by CPU
 * and by INTID. Each may take up to the next power of two. */
#define UMSI_ARENA_SLAB(cpus)                                                                      \
    UMSI_ARENA_PAGES(128 * (sizeof(struct umsi_irq) + (size_t)(cpus)*4 + 31))
#define UMSI_ARENA_DESCRIPTORS(cpus, vectors)                                                      \
    ((UMSI_ARENA_UP(vectors, 128) + 1) * 2 * UMSI_ARENA_SLAB(cpus))
#define UMSI_ARENA_BLOCKS(cpus, its, vectors, lpi_bits, queue_bytes)                               \
    (UMSI_ARENA_DESCRIPTORS(cpus, vectors) + 2 * UMSI_ARENA_PAGES(UMSI_ARENA_LPIS(lpi_bits) / 8) + \
     UMSI_ARENA_PAGES(UMSI_ARENA_LPIS(lpi_bits) / 64) +                                            \
     (size_t)(its)*3 * UMSI_ARENA_PAGES(queue_bytes) + 8192 +                                      \
     2 * UMSI_ARENA_PAGES((size_t)(cpus)*512))

/* Of an IMSIC: an array of files, and the map of each from identity to descriptor; of an APLIC the one from source to
 * trigger, or to descriptor. */
#define UMSI_ARENA_FILES(cpus, identities)                                                         \
    (2 * (UMSI_ARENA_PAGES((size_t)(cpus)*1408) +                                                  \
          (size_t)(cpus)*UMSI_ARENA_PAGES(((size_t)(identities) + 1) * sizeof(void *))) +          \
     3 * (size_t)16384)

/* Single pages, which hold small objects: fixed ones; a device's own; nodes of trees from index to vector, five of
 * which each device may keep without vectors; pages of the map from INTID to descriptor; a page that each CPU may take
 * too many in a race. */
#define UMSI_ARENA_NODES(devices, events, vectors)                                                 \
    (UMSI_ARENA_MIN((size_t)(vectors) + 4 * (size_t)(devices),                                     \
                    (size_t)(devices)*UMSI_ARENA_UP(events, 16)) +                                 \
     UMSI_ARENA_MIN((size_t)(vectors) + (devices), (size_t)(devices)*UMSI_ARENA_UP(events, 256)) + \
     UMSI_ARENA_MIN(vectors, (size_t)(devices)*UMSI_ARENA_UP(events, 4096)) + (size_t)(devices))
#define UMSI_ARENA_OBJECTS(cpus, its, devices, events, vectors, device_bits)                       \
    ((size_t)4096 * (28 + (size_t)(cpus) + 2 * (size_t)(its)) +                                    \
     UMSI_ARENA_PAGES((size_t)(devices)*768) +                                                     \
     UMSI_ARENA_PAGES(UMSI_ARENA_NODES(devices, events, vectors) * 274) +                          \
     4096 * UMSI_ARENA_UP(vectors, 512) + 4096 * UMSI_ARENA_UP(vectors, 32768) +                   \
     (size_t)(its)*UMSI_ARENA_PAGES((((size_t)8 << (device_bits)) / 4096) * 50))

#ifdef __cplusplus
}
#endif
#endif /* UMSI_ARENA_H */
