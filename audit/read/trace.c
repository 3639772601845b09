/* SPDX-License-Identifier: MIT */
/* Lines or records out of a stream of bytes. */
#include <stdlib.h>
#include <string.h>

#include "qemu.h"
#include "record.h"
#include "trace.h"

#define BUFFER_BYTES ((size_t)1 << 20)

/* At least `want` bytes, unless the trace has no more. */
static bool have(struct audit_trace *t, size_t want)
{
    if (t->to - t->from >= want) {
        return true;
    }
    memmove(t->buffer, t->buffer + t->from, t->to - t->from);
    t->to -= t->from;
    t->from = 0;
    while (t->to < want && !t->ended) {
        size_t n = audit_source_read(t->source, t->buffer + t->to, BUFFER_BYTES - t->to);
        t->ended = n == 0;
        t->to += n;
    }
    return t->to >= want;
}

bool audit_trace_open(struct audit_trace *t, struct audit_source *source)
{
    *t = (struct audit_trace){ .source = source, .buffer = malloc(BUFFER_BYTES) };
    if (t->buffer == NULL) {
        audit_source_close(source);
        return false;
    }
    t->records = have(t, 4) && audit_record_begins(t->buffer);
    t->swap = t->records && audit_record_swapped(t->buffer);
    return true;
}

void audit_trace_close(struct audit_trace *t)
{
    audit_source_close(t->source);
    free(t->buffer);
}

/* ---- records ---- */

/* To the next place where a record could begin: they are 8 bytes apart. */
static void resynchronise(struct audit_trace *t)
{
    t->skipped.broken++;
    if (t->skipped.broken_line == 0) {
        t->skipped.broken_line = t->lines + 1;
    }
    do {
        t->from += 8;
        t->skipped.bytes += 8;
    } while (have(t, AUDIT_RECORD_BYTES) && audit_record_size(t->buffer + t->from, t->swap) == 0);
}

static bool next_record(struct audit_trace *t, struct audit_item *out)
{
    if (have(t, AUDIT_RECORD_BYTES) && audit_record_size(t->buffer + t->from, t->swap) == 0) {
        resynchronise(t);
    }
    if (!have(t, AUDIT_RECORD_BYTES)) {
        t->cut = t->to != t->from;
        t->skipped.bytes += t->to - t->from;
        return false;
    }
    size_t size = audit_record_size(t->buffer + t->from, t->swap);
    out->line = ++t->lines;
    audit_record_read(t->buffer + t->from, t->swap, out);
    t->skipped.other += out->kind == AUDIT_OTHER;
    t->from += have(t, size) ? size : t->to - t->from;
    return true;
}

/* ---- lines ---- */

static void count_broken(struct audit_trace *t, const struct audit_item *i)
{
    size_t n = i->length < sizeof(t->skipped.broken_text) - 1 ? i->length
                                                              : sizeof(t->skipped.broken_text) - 1;
    t->skipped.broken++;
    if (t->skipped.broken_line != 0) {
        return;
    }
    t->skipped.broken_line = i->line;
    for (size_t k = 0; k < n; k++) {
        char c = i->text[k];
        t->skipped.broken_text[k] = c >= ' ' && c <= '~' ? c : '?';
    }
}

static bool is_binary(const char *line, size_t length)
{
    for (size_t k = 0; k < length; k++) {
        uint8_t c = (uint8_t)line[k];
        if (c < ' ' && c != '\t' && c != '\r' && c != 0x1b && c != '\b' && c != '\f') {
            return true;
        }
    }
    return false;
}

/* Over what belongs to a line longer than any event. */
static void skip_line(struct audit_trace *t)
{
    uint8_t *end = NULL;
    do {
        end = memchr(t->buffer + t->from, '\n', t->to - t->from);
        t->from = end != NULL ? (size_t)(end - t->buffer) + 1 : t->to;
    } while (end == NULL && have(t, 1));
}

/* Of the line that begins here; waits for no more of the trace than that takes. NULL: it has none in *out_most bytes. */
static const char *find_end(struct audit_trace *t, size_t *out_most)
{
    const char *end;
    size_t most;
    do {
        size_t there = t->to - t->from;
        most = there < AUDIT_LINE_BYTES ? there : AUDIT_LINE_BYTES;
        end = most == 0 ? NULL : memchr(t->buffer + t->from, '\n', most);
    } while (end == NULL && most < AUDIT_LINE_BYTES && have(t, most + 1));
    *out_most = most;
    return end;
}

static bool next_line(struct audit_trace *t, struct audit_item *out)
{
    size_t length, most;
    const char *end = find_end(t, &most), *line = (const char *)t->buffer + t->from;
    if (most == 0) {
        return false;
    }
    length = end != NULL ? (size_t)(end - line) : most;
    out->line = ++t->lines;
    out->object = 0;
    audit_qemu_read(line, length, out);
    if (end == NULL && most == AUDIT_LINE_BYTES) {
        out->kind = AUDIT_OTHER;
        t->skipped.too_long++;
    }
    if (out->kind == AUDIT_BROKEN) {
        count_broken(t, out);
    } else if (out->kind == AUDIT_OTHER) {
        t->skipped.other++;
        t->skipped.binary += is_binary(line, length);
    }
    if (end == NULL && most == AUDIT_LINE_BYTES) {
        out->text = ""; /* it does not stay */
        out->length = 0;
        skip_line(t);
    } else {
        t->from += length + (end != NULL);
        t->cut = end == NULL;
    }
    return true;
}

bool audit_trace_next(struct audit_trace *t, struct audit_item *out)
{
    return t->records ? next_record(t, out) : next_line(t, out);
}
