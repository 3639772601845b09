/* SPDX-License-Identifier: MIT */
/* umsi's own records (umsi/trace.h), one behind the other in a file, in either byte order. */
#ifndef AUDIT_RECORD_H
#define AUDIT_RECORD_H

#include "item.h"

#define AUDIT_RECORD_BYTES 56u

/* Do these bytes begin a file of records? At least 4 are given. */
bool audit_record_begins(const uint8_t *bytes);

/* The size of the record that begins here, from its first 4 bytes; 0: it is none. */
size_t audit_record_size(const uint8_t *bytes, bool swap);
bool audit_record_swapped(const uint8_t *bytes);

/* AUDIT_RECORD_BYTES are there. */
void audit_record_read(const uint8_t *bytes, bool swap, struct audit_item *out);

#endif /* AUDIT_RECORD_H */
