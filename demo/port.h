/* SPDX-License-Identifier: MIT */
/*
 * The port of the kernel that takes everything from umsi.
 */
#ifndef DEMO_UMSI_PORT_H
#define DEMO_UMSI_PORT_H

#include <umsi/port.h>

extern struct umsi_port demo_port;

#endif /* DEMO_UMSI_PORT_H */
