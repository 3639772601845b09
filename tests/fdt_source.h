/* SPDX-License-Identifier: MIT */
/*
 * Devicetree source to blob, as much of it as tests/data needs: nodes, strings, cells, bytes, comments; no
 * labels and no preprocessor. So the trees are text to read and to change, and the tests need no compiler.
 */
#ifndef UMSI_TESTS_FDT_SOURCE_H
#define UMSI_TESTS_FDT_SOURCE_H

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#define SOURCE_MAX 65536

static inline _Noreturn void source_fail(const char *what, const char *at)
{
    fprintf(stderr, "devicetree source: %s at: %.40s\n", what, at);
    abort();
}

static inline const char *source_skip(const char *p)
{
    for (;;) {
        if (isspace((unsigned char)*p)) {
            p++;
        } else if (p[0] == '/' && p[1] == '/') {
            p += strcspn(p, "\n");
        } else if (p[0] == '/' && p[1] == '*') {
            p = strstr(p, "*/");
            p = p == NULL ? "" : p + 2;
        } else {
            return p;
        }
    }
}

static inline const char *source_expect(const char *p, char c)
{
    p = source_skip(p);
    if (*p != c) {
        source_fail("unexpected character", p);
    }
    return p + 1;
}

static inline const char *source_string(const char *p, uint8_t *value, int *size)
{
    for (; *p != '"'; p++) {
        if (*p == '\0') {
            source_fail("string without end", p);
        }
        if (p[0] == '\\' && p[1] == '0') {
            value[(*size)++] = 0;
            p++;
        } else {
            value[(*size)++] = (uint8_t)*p;
        }
    }
    value[(*size)++] = 0;
    return p + 1;
}

/* Numbers up to `end`: cells (base 0) of 4 bytes, or bytes (base 16) of 1. */
static inline const char *source_numbers(const char *p, char end, int base, uint8_t *value,
                                         int *size)
{
    while (*(p = source_skip(p)) != end) {
        char *after;
        unsigned long n = strtoul(p, &after, base);

        if (after == p) {
            source_fail("not a number", p);
        }
        p = after;
        for (int shift = base == 16 ? 0 : 24; shift >= 0; shift -= 8) {
            value[(*size)++] = (uint8_t)(n >> shift);
        }
    }
    return p + 1;
}

static inline const char *source_value(const char *p, uint8_t *value, int *size)
{
    for (;;) {
        p = source_skip(p);
        if (*p == '"') {
            p = source_string(p + 1, value, size);
        } else if (*p == '<') {
            p = source_numbers(p + 1, '>', 0, value, size);
        } else if (*p == '[') {
            p = source_numbers(p + 1, ']', 16, value, size);
        } else {
            source_fail("no value", p);
        }
        p = source_skip(p);
        if (*p == ';') {
            return p + 1;
        }
        p = source_expect(p, ',');
    }
}

static inline void source_check(int err)
{
    if (err != 0) {
        source_fail(fdt_strerror(err), "");
    }
}

/* What is between the braces of a node, and the closing one with its semicolon. */
static inline const char *source_node(const char *p, void *blob)
{
    while (*(p = source_skip(p)) != '}') {
        char name[64];
        size_t n = strcspn(p, " \t\n=;{");
        static uint8_t value[8192];
        int size = 0;

        if (n == 0 || n >= sizeof(name)) {
            source_fail("no name", p);
        }
        memcpy(name, p, n);
        name[n] = '\0';
        p = source_skip(p + n);
        if (*p == '{') {
            source_check(fdt_begin_node(blob, name));
            p = source_node(p + 1, blob);
            continue;
        }
        p = *p == '=' ? source_value(p + 1, value, &size) : source_expect(p, ';');
        source_check(fdt_property(blob, name, value, size));
    }
    source_check(fdt_end_node(blob));
    return source_expect(p + 1, ';');
}

/* A finished blob of `text`, to be freed. */
static inline void *source_compile(const char *text)
{
    void *blob = calloc(1, SOURCE_MAX);
    const char *p = strstr(text, "/dts-v1/;");

    if (blob == NULL || p == NULL) {
        source_fail("no memory or no /dts-v1/", text);
    }
    source_check(fdt_create(blob, SOURCE_MAX));
    source_check(fdt_finish_reservemap(blob));
    p = source_expect(p + strlen("/dts-v1/;"), '/');
    p = source_expect(p, '{');
    source_check(fdt_begin_node(blob, ""));
    source_node(p, blob);
    source_check(fdt_finish(blob));
    return blob;
}

/* The blob of tests/data/NAME.dts, to be freed. $UMSI_TEST_DATA names the folder where it is not found. */
static inline void *source_load(const char *name)
{
    const char *folder = getenv("UMSI_TEST_DATA");
    const char *slash = strrchr(__FILE__, '/');
    char path[1024], *text = calloc(1, SOURCE_MAX);
    void *blob;
    FILE *f;

    if (folder != NULL) {
        snprintf(path, sizeof(path), "%s/%s.dts", folder, name);
    } else {
        snprintf(path, sizeof(path), "%.*sdata/%s.dts",
                 slash == NULL ? 0 : (int)(slash - __FILE__ + 1), __FILE__, name);
    }
    f = fopen(path, "r");
    if (f == NULL || text == NULL) {
        source_fail("cannot open", path);
    }
    if (fread(text, 1, SOURCE_MAX - 1, f) == 0) {
        source_fail("cannot read", path);
    }
    fclose(f);
    blob = source_compile(text);
    free(text);
    return blob;
}

#endif /* UMSI_TESTS_FDT_SOURCE_H */
