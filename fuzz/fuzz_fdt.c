/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes umsi_fdt_read(): any bytes are a devicetree or not, and what it makes of them is sane.
 *
 *   clang -DUMSI_LIBFUZZER -fsanitize=fuzzer,address,undefined ... fuzz/fuzz_fdt.c src/fw/fdt*.c src/fw/fw_line.c -lfdt
 *   cc ... without the two: a program that runs over the files it is given, for a corpus or a crash
 *
 * dtc makes first inputs of the sources in tests/data. Bytes that only lack a proper header get one, so that the fuzzer
 * spends its time behind the checks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include <umsi/fw/fdt.h>

#include "../tests/fdt_sane.h"

#define INPUT_BYTES 65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(void *ctx, enum umsi_log_level level, const char *line)
{
    unsigned *lines = ctx;

    (void)level;
    ++*lines;
    if (strlen(line) >= 160 || *lines > 100) {
        abort();
    }
}

static void read_once(const void *blob, size_t size)
{
    static struct umsi_platform p;
    unsigned lines = 0;

    if (umsi_fdt_read(blob, size, check_line, &lines, &p) == UMSI_OK) {
        const char *wrong = sane_platform(&p);

        if (wrong != NULL) {
            fprintf(stderr, "not sane: %s\n", wrong);
            abort();
        }
    }
}

/* What every header says; offsets and sizes stay the input's, within the blob. */
static void mend_header(void *blob, uint32_t size)
{
    fdt_set_magic(blob, FDT_MAGIC);
    fdt_set_totalsize(blob, size);
    fdt_set_version(blob, 17);
    fdt_set_last_comp_version(blob, 16);
    fdt_set_off_mem_rsvmap(blob, sizeof(struct fdt_header) & ~7u);
    fdt_set_off_dt_struct(blob, (fdt_off_dt_struct(blob) % size) & ~3u);
    fdt_set_off_dt_strings(blob, fdt_off_dt_strings(blob) % size);
    fdt_set_size_dt_struct(blob, fdt_size_dt_struct(blob) % (size - fdt_off_dt_struct(blob)));
    fdt_set_size_dt_strings(blob, fdt_size_dt_strings(blob) % (size - fdt_off_dt_strings(blob)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void *blob; /* of its own, aligned, and exactly as long: a byte too far is seen */

    if (size == 0 || size > INPUT_BYTES) {
        return 0;
    }
    blob = malloc(size);
    if (blob == NULL) {
        return 0;
    }
    memcpy(blob, data, size);
    read_once(blob, size);
    if (size >= sizeof(struct fdt_header)) {
        mend_header(blob, (uint32_t)size);
        read_once(blob, size);
    }
    free(blob);
    return 0;
}

#ifndef UMSI_LIBFUZZER /* which has a main of its own */
static int run_file(const char *name)
{
    static uint8_t data[INPUT_BYTES];
    FILE *f = fopen(name, "rb");
    size_t size;

    if (f == NULL) {
        perror(name);
        return 1;
    }
    size = fread(data, 1, sizeof(data), f);
    fclose(f);
    return LLVMFuzzerTestOneInput(data, size);
}

int main(int argc, char **argv)
{
    int failed = argc < 2;

    if (failed) {
        fprintf(stderr, "usage: %s FILE...\n", argv[0]);
    }
    for (int i = 1; i < argc; i++) {
        failed |= run_file(argv[i]);
    }
    return failed;
}
#endif
