/* SPDX-License-Identifier: MIT */
/*
 * A port for unit tests on the host: heap memory, counted; the Nth allocation made to fail; locks that stop
 * the test when misused; a clock that moves by itself. One thread plays all CPUs.
 */
#ifndef TEST_PORT_H
#define TEST_PORT_H

#include <umsi/umsi.h>

#define TEST_PORT_LOG 64

struct test_port {
    struct umsi_port
        port;        /* ready for umsi_create() after test_port_init(); callbacks may be replaced */
    umsi_cpu self;   /* which CPU the test plays now */
    uint64_t now_us; /* moves by 1 at each look and by 10 at each relax */
    size_t heap_blocks, heap_bytes, dma_blocks, dma_bytes; /* outstanding */
    uint32_t fail_alloc; /* fail the Nth allocation from now, 1 being the next; 0: none */
    uint32_t fail_dma;
    uint32_t locks_held;
    char log[TEST_PORT_LOG][160]; /* the last lines */
    uint32_t log_lines;
    void (*on_relax)(struct test_port *t); /* may be NULL */
};

void test_port_init(struct test_port *t, uint32_t nr_cpus);
/* Is there a log line that contains `text`? */
bool test_port_logged(const struct test_port *t, const char *text);
/* Nothing outstanding, no lock held: asserted. */
void test_port_check_empty(const struct test_port *t);

#endif /* TEST_PORT_H */
