/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes umsi-audit: any bytes are a trace, packed or not. It reads them, judges what it can, and writes every report.
 *
 *   clang -DUMSI_LIBFUZZER -fsanitize=fuzzer,address,undefined ... fuzz/fuzz_audit.c and the sources of audit/ but
 *       main.c and run/, -lz -llzma
 *   cc ... without the two: a program that runs over the files it is given, and over -m N changed versions of each
 *
 * First inputs: fuzz/corpus/audit.tar.xz, tests/data/audit, tests/data/traces. dev/check-audit does both.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../audit/report/report.h"

#define INPUT_BYTES ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *nowhere;

static void count_finding(void *ctx, const struct audit_finding *f)
{
    (void)ctx;
    if (f->what == NULL || f->nr_history > AUDIT_LINES ||
        audit_check_info(f->check)->name == NULL) {
        abort();
    }
}

/* One of them, as the input has it: the time goes into reading. */
static void report(const struct audit_result *r, size_t which)
{
    const struct audit_style style = { .level = AUDIT_STRICT, .colour = true, .verbose = true };
    static void (*const reports[])(FILE *, const struct audit_result *, size_t,
                                   const struct audit_style *) = { audit_json, audit_junit,
                                                                   audit_html };
    if (which % 4 < 3) {
        reports[which % 4](nowhere, r, 1, &style);
    } else {
        audit_text(nowhere, r, &style);
        audit_compare(nowhere, r, r, &style);
    }
}

/* What is skipped and what is taken make up the whole. */
static void check_sums(const struct audit_result *r, uint64_t taken)
{
    if (r->lines != taken || r->skipped.other + r->skipped.broken > r->lines + r->skipped.bytes) {
        abort();
    }
}

static void audit_source_whole(struct audit_source *source, size_t size)
{
    static struct audit_result r;
    struct audit_trace t;
    struct audit_item i;
    uint64_t taken = 0;
    const struct audit_options options = { .most = 4,
                                           .shutdown = (size & 1) != 0,
                                           .keeps_devices = (size & 2) != 0,
                                           .guest_errors = (size & 4) != 0,
                                           .timelines = true,
                                           .found = count_finding };
    memset(&r, 0, sizeof(r));
    memset(&i, 0, sizeof(i));
    if (!audit_trace_open(&t, source)) {
        return;
    }
    audit_begin(&r.audit, &options);
    r.audit.records = t.records;
    for (; audit_trace_next(&t, &i); taken++) {
        audit_take(&r.audit, &i);
    }
    audit_end(&r.audit);
    r.name = "fuzz";
    r.packing = audit_source_packing(t.source);
    r.lines = t.lines;
    r.records = t.records;
    r.cut = t.cut;
    r.skipped = t.skipped;
    check_sums(&r, taken);
    report(&r, size / 8);
    audit_trace_close(&t);
    audit_free(&r.audit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("trace", MFD_CLOEXEC);
    nowhere = nowhere != NULL ? nowhere : fopen("/dev/null", "w");
    if (fd < 0 || nowhere == NULL) {
        abort();
    }
    if (write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0) {
        abort();
    }
    struct audit_source *source = audit_source_of(fd);
    if (source != NULL) {
        audit_source_whole(source, size);
    }
    return 0;
}

#ifndef UMSI_LIBFUZZER /* which has a main of its own */
static uint32_t seed;

static uint32_t random_below(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return n == 0 ? 0 : (seed >> 8) % n;
}

/* A few bytes changed, a piece left out or moved, the end cut off. */
static size_t change(uint8_t *data, size_t size)
{
    for (uint32_t n = 1 + random_below(6); n != 0 && size > 1; n--) {
        size_t at = random_below((uint32_t)size), length = 1 + random_below((uint32_t)(size - at));
        switch (random_below(5)) {
        case 0:
            data[at] = (uint8_t)random_below(256);
            break;
        case 1:
            data[at] = (uint8_t) "0123456789abcdefx \n"[random_below(19)];
            break;
        case 2:
            memmove(data + at, data + at + length, size - at - length);
            size -= length;
            break;
        case 3:
            memmove(data + random_below((uint32_t)(size - length + 1)), data + at, length);
            break;
        default:
            size = random_below(8) == 0 ? at : size;
            break;
        }
    }
    return size;
}

static int run_file(const char *name, unsigned long changes)
{
    static uint8_t data[INPUT_BYTES], changed[INPUT_BYTES];
    FILE *f = fopen(name, "rb");
    size_t size;
    if (f == NULL) {
        perror(name);
        return 1;
    }
    size = fread(data, 1, sizeof(data), f);
    fclose(f);
    LLVMFuzzerTestOneInput(data, size);
    seed = 1;
    for (unsigned long n = 0; n < changes; n++) {
        memcpy(changed, data, size);
        LLVMFuzzerTestOneInput(changed, change(changed, size));
    }
    return 0;
}

int main(int argc, char **argv)
{
    unsigned long changes = 0;
    int failed = argc < 2;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-m") == 0 && i + 1 < argc) {
            changes = strtoul(argv[++i], NULL, 10);
        } else {
            failed |= run_file(argv[i], changes);
        }
    }
    return failed;
}
#endif
