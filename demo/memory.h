/* SPDX-License-Identifier: MIT */
/*
 * Pages of RAM. Everything is mapped one to one, write-back and inner shareable, so that what a device reads
 * is what the CPUs wrote.
 */
#ifndef DEMO_MEMORY_H
#define DEMO_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include <umsi/fw/platform.h>

#define PAGE_SIZE 4096ull

#define MEMORY_MAX_RESERVED 16u

/* Take over RAM, without the kernel and what is reserved, in any order. False: there is none to speak of, or no room
 * to map it. */
bool memory_init(const struct umsi_range *ram, unsigned n, const struct umsi_range *reserved,
                 unsigned nr_reserved);
uint64_t memory_total(void);
/* Zeroed; size in bytes, rounded up to pages; align a power of two; the last byte at or below `max`. NULL: none. */
void *memory_get(size_t size, size_t align, uint64_t max);
void memory_put(void *va, size_t size);
/* Bytes handed out and not returned. */
uint64_t memory_in_use(void);

/* A page for the page tables, never returned, not in memory_in_use(). */
uint64_t *memory_get_table(void);
/* Small zeroed pieces that live as long as the kernel; not in memory_in_use(). NULL: none. */
void *memory_keep(size_t size);

#endif /* DEMO_MEMORY_H */
