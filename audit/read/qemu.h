/* SPDX-License-Identifier: MIT */
/*
 * A line of QEMU's log. The event's name says which it is; what stands before it (a process ID and a time, a line of
 * the guest's console without an end) does not matter, and neither does the order of the fields.
 */
#ifndef AUDIT_QEMU_H
#define AUDIT_QEMU_H

#include "item.h"

/* Sets `out` apart from `line` and `object`. */
void audit_qemu_read(const char *line, size_t length, struct audit_item *out);

#endif /* AUDIT_QEMU_H */
