/* SPDX-License-Identifier: MIT */
/*
 * A QEMU whose devices this program drives: register accesses go over its qtest socket, guest memory is a file both
 * have mapped. Its CPU 0 sleeps in a loop of two instructions, its others are off: no guest runs.
 */
#ifndef QTEST_QTEST_H
#define QTEST_QTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QTEST_RAM_PHYS  0x40000000ull
#define QTEST_RAM_BYTES ((size_t)256 << 20)

/* Start it with these arguments (NULL at the end) after those this file gives; ends the program on failure.
 * `trace` gets QEMU's trace of ITS commands. */
void qtest_start(const char *qemu, const char *trace, const char *const *arguments);
/* End it; false: it had ended before, or badly. */
bool qtest_stop(void);

uint64_t qtest_read(uint64_t phys, unsigned width);
void qtest_write(uint64_t phys, unsigned width, uint64_t value);

/* Guest RAM as this program has it. */
extern uint8_t *qtest_ram;

/* Pages of it, zeroed; NULL: none left. */
void *qtest_ram_get(size_t size, size_t align, uint64_t *out_phys);
void qtest_ram_put(void *va, size_t size);
size_t qtest_ram_in_use(void);

#endif /* QTEST_QTEST_H */
