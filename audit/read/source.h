/* SPDX-License-Identifier: MIT */
/* Bytes from a file or a descriptor, plain, gzip or xz, told apart by how they begin. */
#ifndef AUDIT_SOURCE_H
#define AUDIT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct audit_source;

/* "-" is standard input. NULL, and errno says why: cannot be opened. */
struct audit_source *audit_source_open(const char *path);
/* Takes over the descriptor. NULL: no memory. */
struct audit_source *audit_source_of(int fd);
void audit_source_close(struct audit_source *s);

/* 0: the end, or what audit_source_fault() tells. */
size_t audit_source_read(struct audit_source *s, void *out, size_t size);

/* NULL: none so far. What could be read before it was. */
const char *audit_source_fault(const struct audit_source *s);

/* Bytes taken from the file so far, and how many it has; 0: not known, as of a pipe. */
uint64_t audit_source_taken(const struct audit_source *s);
uint64_t audit_source_size(const struct audit_source *s);

/* "gzip", "xz", or "" */
const char *audit_source_packing(const struct audit_source *s);

#endif /* AUDIT_SOURCE_H */
