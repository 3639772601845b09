/* SPDX-License-Identifier: MIT */
/* A trace, item by item: a QEMU log or umsi's records, whatever it is packed in. It counts what it skips. */
#ifndef AUDIT_TRACE_H
#define AUDIT_TRACE_H

#include "item.h"
#include "source.h"

#define AUDIT_LINE_BYTES 4096u /* what is longer is no trace event: it is skipped */

struct audit_skipped {
    uint64_t other;  /* lines, or records, that are no events of ours */
    uint64_t broken; /* events that cannot be read: cut or garbled */
    uint64_t binary; /* among the others: lines with bytes that are no text */
    uint64_t too_long;
    uint64_t bytes;       /* between records */
    uint64_t broken_line; /* the first */
    char broken_text[96]; /* the beginning of it; what cannot be printed is '?' */
};

struct audit_trace {
    struct audit_source *source;
    bool records, swap;
    bool cut; /* the last line has no end, or the last record is not whole */
    uint64_t lines;
    struct audit_skipped skipped;
    uint8_t *buffer;
    size_t from, to; /* what is in it */
    bool ended;
};

/* Takes over the source. False: no memory. */
bool audit_trace_open(struct audit_trace *t, struct audit_source *source);
void audit_trace_close(struct audit_trace *t);

/* The next line or record; AUDIT_OTHER and AUDIT_BROKEN are among them, and counted. False: the end. */
bool audit_trace_next(struct audit_trace *t, struct audit_item *out);

#endif /* AUDIT_TRACE_H */
