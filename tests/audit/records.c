/* SPDX-License-Identifier: MIT */
/*
 * Linked into a program in front of umsi_create() (--wrap): every instance's trace records go to a file of its own,
 * $UMSI_RECORDS.N, as umsi-audit reads them.
 */
#include <stdio.h>
#include <stdlib.h>

#include <umsi/trace.h>
#include <umsi/umsi.h>

enum umsi_status __real_umsi_create(const struct umsi_port *port, struct umsi **out);
enum umsi_status __wrap_umsi_create(const struct umsi_port *port, struct umsi **out);

static FILE *file;
static unsigned instances;

static void write_record(void *ctx, const void *record, size_t size)
{
    (void)ctx;
    if (file != NULL && fwrite(record, 1, size, file) != size) {
        perror("records");
        exit(1);
    }
}

static void close_file(void)
{
    if (file != NULL && fclose(file) != 0) {
        perror("records");
    }
    file = NULL;
}

static void open_file(const char *prefix)
{
    char path[512];
    close_file();
    snprintf(path, sizeof(path), "%s.%u", prefix, instances++);
    file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
}

enum umsi_status __wrap_umsi_create(const struct umsi_port *port, struct umsi **out)
{
    const char *prefix = getenv("UMSI_RECORDS");
    struct umsi_port traced = *port;
    if (prefix == NULL) {
        return __real_umsi_create(port, out);
    }
    if (instances == 0) {
        atexit(close_file);
    }
    open_file(prefix);
    traced.trace = write_record;
    return __real_umsi_create(&traced, out);
}
