/* SPDX-License-Identifier: MIT */
/* Bytes from a descriptor; zlib and liblzma unpack them piece by piece. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lzma.h>
#include <zlib.h>

#include "source.h"

#define IN_BYTES  ((size_t)256 << 10)
#define XZ_MEMORY ((uint64_t)128 << 20) /* a stream that wants more is refused, not served */

enum packing { UNKNOWN, PLAIN, GZIP, XZ };

struct audit_source {
    int fd;
    enum packing packing;
    bool ended;  /* no more bytes in the file */
    bool closed; /* the packed stream ended, as it should */
    const char *fault;
    uint64_t taken, size;
    uint8_t *at; /* what is left in `in` */
    size_t left;
    z_stream z;
    lzma_stream xz;
    uint8_t in[IN_BYTES];
};

struct audit_source *audit_source_of(int fd)
{
    struct audit_source *s = calloc(1, sizeof(*s));
    struct stat st;
    if (s == NULL) {
        close(fd);
        return NULL;
    }
    s->fd = fd;
    s->size = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
    return s;
}

struct audit_source *audit_source_open(const char *path)
{
    struct stat st;
    int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(fd);
        errno = EISDIR;
        return NULL;
    }
    return fd < 0 ? NULL : audit_source_of(fd);
}

void audit_source_close(struct audit_source *s)
{
    if (s->packing == GZIP) {
        inflateEnd(&s->z);
    } else if (s->packing == XZ) {
        lzma_end(&s->xz);
    }
    close(s->fd);
    free(s);
}

/* More of the file, when nothing is left. */
static void fill(struct audit_source *s)
{
    ssize_t n;
    if (s->left != 0 || s->ended) {
        return;
    }
    do {
        n = read(s->fd, s->in, IN_BYTES);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        s->fault = strerror(errno);
    }
    s->ended = n <= 0;
    s->at = s->in;
    s->left = n > 0 ? (size_t)n : 0;
    s->taken += s->left;
}

/* The first bytes may come one at a time, from a pipe. */
static void fill_first(struct audit_source *s)
{
    size_t have = 0;
    while (have < 6 && !s->ended) {
        ssize_t n = read(s->fd, s->in + have, IN_BYTES - have);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        s->fault = n < 0 ? strerror(errno) : NULL;
        s->ended = n <= 0;
        have += n > 0 ? (size_t)n : 0;
    }
    s->at = s->in;
    s->left = have;
    s->taken = have;
}

static void recognise(struct audit_source *s)
{
    static const uint8_t gzip[] = { 0x1f, 0x8b }, xz[] = { 0xfd, '7', 'z', 'X', 'Z', 0 };
    fill_first(s);
    s->packing = PLAIN;
    if (s->left >= sizeof(gzip) && memcmp(s->at, gzip, sizeof(gzip)) == 0) {
        s->packing = GZIP;
        if (inflateInit2(&s->z, 15 + 16) != Z_OK) {
            s->packing = PLAIN;
            s->fault = "no memory to unpack it";
        }
    } else if (s->left >= sizeof(xz) && memcmp(s->at, xz, sizeof(xz)) == 0) {
        s->packing = XZ;
        if (lzma_stream_decoder(&s->xz, XZ_MEMORY, LZMA_CONCATENATED) != LZMA_OK) {
            s->packing = PLAIN;
            s->fault = "no memory to unpack it";
        }
    }
}

static size_t read_plain(struct audit_source *s, void *out, size_t size)
{
    size_t n = s->left < size ? s->left : size;
    memcpy(out, s->at, n);
    s->at += n;
    s->left -= n;
    return n;
}

static size_t read_gzip(struct audit_source *s, void *out, size_t size)
{
    s->z.next_in = s->at;
    s->z.avail_in = (uInt)s->left;
    s->z.next_out = out;
    s->z.avail_out = (uInt)size;
    int r = inflate(&s->z, Z_NO_FLUSH);
    s->at += s->left - s->z.avail_in;
    s->left = s->z.avail_in;
    s->closed = r == Z_STREAM_END;
    if (s->closed) {
        inflateReset(&s->z); /* another member may follow */
    } else if (r != Z_OK && r != Z_BUF_ERROR) {
        s->fault = "the gzip stream is damaged";
    }
    return size - s->z.avail_out;
}

static size_t read_xz(struct audit_source *s, void *out, size_t size)
{
    s->xz.next_in = s->at;
    s->xz.avail_in = s->left;
    s->xz.next_out = out;
    s->xz.avail_out = size;
    lzma_ret r = lzma_code(&s->xz, s->ended ? LZMA_FINISH : LZMA_RUN);
    s->at += s->left - s->xz.avail_in;
    s->left = s->xz.avail_in;
    s->closed = r == LZMA_STREAM_END;
    if (r == LZMA_MEMLIMIT_ERROR) {
        s->fault = "the xz stream wants more than 128 MiB to unpack";
    } else if (r != LZMA_OK && r != LZMA_STREAM_END && r != LZMA_BUF_ERROR) {
        s->fault = "the xz stream is damaged";
    }
    return size - s->xz.avail_out;
}

size_t audit_source_read(struct audit_source *s, void *out, size_t size)
{
    if (s->packing == UNKNOWN) {
        recognise(s);
    }
    while (s->fault == NULL) {
        fill(s);
        if (s->packing == PLAIN) {
            return read_plain(s, out, size);
        }
        if (s->closed && s->ended && s->left == 0) {
            return 0;
        }
        size_t n = s->packing == GZIP ? read_gzip(s, out, size) : read_xz(s, out, size);
        if (n != 0) {
            return n;
        }
        if (s->ended && s->left == 0 && !s->closed && s->fault == NULL) {
            s->fault = "the packed stream ends too early: it was cut";
        }
    }
    return 0;
}

const char *audit_source_fault(const struct audit_source *s)
{
    return s->fault;
}

uint64_t audit_source_taken(const struct audit_source *s)
{
    return s->taken - s->left;
}

uint64_t audit_source_size(const struct audit_source *s)
{
    return s->size;
}

const char *audit_source_packing(const struct audit_source *s)
{
    return s->packing == GZIP ? "gzip" : s->packing == XZ ? "xz" : "";
}
