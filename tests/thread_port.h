/* SPDX-License-Identifier: MIT */
/*
 * A port with host threads as CPUs, for tests that race the library against itself: heap memory, locks that spin, the
 * host's clock. It has no memory for controllers and looks at no context, so a test may put its own callbacks and
 * context in place of these, and call these from them.
 */
#ifndef THREAD_PORT_H
#define THREAD_PORT_H

#include <umsi/port.h>

/* Ready for umsi_create(). */
struct umsi_port thread_port(uint32_t nr_cpus);
/* This thread is that CPU from now on; before, it is CPU 0. */
void thread_port_be(umsi_cpu cpu);
umsi_cpu thread_port_self(void);

#endif /* THREAD_PORT_H */
