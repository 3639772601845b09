/* SPDX-License-Identifier: MIT */
/*
 * Leaving: tell the host an exit status, or at least power off.
 */
#ifndef DEMO_EXIT_H
#define DEMO_EXIT_H

#include <stdint.h>

/* Where the devicetree has a device that ends QEMU (sifive,test1); 0: nowhere. */
void exit_use(uint64_t phys);
_Noreturn void machine_exit(unsigned status);

#endif /* DEMO_EXIT_H */
