/* SPDX-License-Identifier: MIT */
/*
 * Properties and log lines of the current node, see fdt_walk.h. Values are read byte by byte: a property is
 * aligned to 4 bytes only, and its length is whatever the firmware wrote.
 */
#include "fdt_walk.h"

#include <string.h>

#include <libfdt.h>

#include "fw_line.h"

/* ---- log ---- */

#define MAX_PATH 90u /* characters of a path in a line, so that what is wrong has room behind it */

static void line_path(struct umsi_fw_line *l, const struct umsi_fdt_walk *w)
{
    umsi_fw_line_text(l, "devicetree: ");
    for (int d = 1; d <= w->depth; d++) {
        int length = 0;
        const char *name = fdt_get_name(w->fdt, w->level[d].node, &length);

        umsi_fw_line_text(l, "/");
        if (name != NULL && length > 0) {
            umsi_fw_line_bytes(l, name, (size_t)length);
        }
    }
    umsi_fw_line_cut(l, MAX_PATH);
    umsi_fw_line_text(l, w->depth == 0 ? "/: " : ": ");
}

static void emit(struct umsi_fdt_walk *w, enum umsi_log_level level, const struct umsi_fw_line *l)
{
    w->lines++;
    if (w->lines < UMSI_FDT_MAX_LINES) {
        w->log(w->ctx, level, l->text);
    } else if (w->lines == UMSI_FDT_MAX_LINES) {
        w->log(w->ctx, UMSI_LOG_WARN, "devicetree: there is more to complain about, left out");
    }
}

static void line_start(struct umsi_fw_line *l, const struct umsi_fdt_walk *w, const char *property)
{
    umsi_fw_line_start(l);
    line_path(l, w);
    if (property != NULL) {
        umsi_fw_line_text(l, property);
        umsi_fw_line_text(l, ": ");
    }
}

void umsi_fdt_say(struct umsi_fdt_walk *w, enum umsi_log_level level, const char *property,
                  const char *text)
{
    struct umsi_fw_line l;

    if (w->log == NULL) {
        return;
    }
    line_start(&l, w, property);
    umsi_fw_line_text(&l, text);
    emit(w, level, &l);
}

void umsi_fdt_say_entry(struct umsi_fdt_walk *w, const char *property, uint32_t entry,
                        const char *text)
{
    struct umsi_fw_line l;

    if (w->log == NULL) {
        return;
    }
    line_start(&l, w, property);
    umsi_fw_line_text(&l, "entry ");
    umsi_fw_line_decimal(&l, entry);
    umsi_fw_line_text(&l, " ");
    umsi_fw_line_text(&l, text);
    emit(w, UMSI_LOG_WARN, &l);
}

/* ---- properties ---- */

static size_t text_length(const char *text)
{
    size_t n = 0;

    while (text[n] != '\0') {
        n++;
    }
    return n;
}

bool umsi_fdt_get(const struct umsi_fdt_walk *w, const char *name, struct umsi_fdt_prop *out)
{
    int size = 0;
    const void *data = fdt_getprop(w->fdt, umsi_fdt_node(w), name, &size);

    if (data == NULL || size < 0) {
        return false;
    }
    out->data = data;
    out->size = (uint32_t)size;
    return true;
}

bool umsi_fdt_has(const struct umsi_fdt_walk *w, const char *name)
{
    struct umsi_fdt_prop p;

    return umsi_fdt_get(w, name, &p);
}

bool umsi_fdt_is(const struct umsi_fdt_walk *w, const char *name, const char *string)
{
    struct umsi_fdt_prop p;
    size_t size = text_length(string) + 1;

    return umsi_fdt_get(w, name, &p) && p.size == size && memcmp(p.data, string, size) == 0;
}

bool umsi_fdt_compatible(const struct umsi_fdt_walk *w, const char *string)
{
    return fdt_node_check_compatible(w->fdt, umsi_fdt_node(w), string) == 0;
}

bool umsi_fdt_named(const struct umsi_fdt_walk *w, int node, const char *name)
{
    int length = 0;
    const char *has = fdt_get_name(w->fdt, node, &length);
    size_t n = text_length(name);

    /* has[n] is inside the name or its terminator. */
    return has != NULL && length >= 0 && (size_t)length >= n && memcmp(has, name, n) == 0 &&
           (has[n] == '\0' || has[n] == '@');
}

uint64_t umsi_fdt_cells(const uint8_t *data, uint32_t cells)
{
    uint64_t value = 0;

    for (uint32_t i = 0; i < 4 * cells; i++) {
        value = (value << 8) | data[i];
    }
    return value;
}

enum umsi_fdt_found umsi_fdt_u32(struct umsi_fdt_walk *w, const char *name, uint32_t *out)
{
    struct umsi_fdt_prop p;

    if (!umsi_fdt_get(w, name, &p)) {
        return UMSI_FDT_ABSENT;
    }
    if (p.size != 4) {
        umsi_fdt_say(w, UMSI_LOG_WARN, name, "is not one cell");
        return UMSI_FDT_BROKEN;
    }
    *out = (uint32_t)umsi_fdt_cells(p.data, 1);
    return UMSI_FDT_OK;
}
