/* SPDX-License-Identifier: MIT */
/*
 * The log of a test: keeps the lines, so that a test can ask whether one says what it should.
 */
#ifndef UMSI_TESTS_FDT_LOG_H
#define UMSI_TESTS_FDT_LOG_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <umsi/port.h>

#define LOG_LINES 128

struct test_log {
    char line[LOG_LINES][160];
    enum umsi_log_level level[LOG_LINES];
    unsigned n;
    bool too_long; /* a line that is not finished within 160 bytes, or is not printable */
};

static inline void log_line(void *ctx, enum umsi_log_level level, const char *line)
{
    struct test_log *log = ctx;

    if (strlen(line) >= 160) {
        log->too_long = true;
    }
    for (const char *p = line; *p != '\0'; p++) {
        log->too_long |= *p < ' ' || *p > '~';
    }
    if (log->n < LOG_LINES) {
        snprintf(log->line[log->n], sizeof(log->line[0]), "%s", line);
        log->level[log->n] = level;
    }
    log->n++;
}

/* Is there a line with both in it? */
static inline bool log_has(const struct test_log *log, const char *a, const char *b)
{
    for (unsigned i = 0; i < log->n && i < LOG_LINES; i++) {
        if (strstr(log->line[i], a) != NULL && strstr(log->line[i], b) != NULL) {
            return true;
        }
    }
    return false;
}

static inline unsigned log_count(const struct test_log *log, enum umsi_log_level worst)
{
    unsigned n = 0;

    for (unsigned i = 0; i < log->n && i < LOG_LINES; i++) {
        n += log->level[i] <= worst;
    }
    return n;
}

static inline void log_print(const struct test_log *log)
{
    for (unsigned i = 0; i < log->n && i < LOG_LINES; i++) {
        fprintf(stderr, "    %s\n", log->line[i]);
    }
}

#endif /* UMSI_TESTS_FDT_LOG_H */
