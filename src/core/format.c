/* SPDX-License-Identifier: MIT */
/* The few printf conversions that log lines and tables need, without a libc. */
#include "core.h"

struct sink {
    char *at, *end; /* end: where the terminator goes at the latest */
};

struct spec {
    bool left, zero, wide;
    uint32_t width;
    char conversion;
};

static void put(struct sink *s, char c)
{
    if (s->at < s->end) {
        *s->at++ = c;
    }
}

static void pad(struct sink *s, uint32_t length, uint32_t width, char c)
{
    for (; length < width; length++) {
        put(s, c);
    }
}

static void put_string(struct sink *s, const struct spec *spec, const char *text)
{
    uint32_t length = 0;
    if (text == NULL) {
        text = "(null)";
    }
    while (text[length] != '\0') {
        length++;
    }
    if (!spec->left) {
        pad(s, length, spec->width, ' ');
    }
    for (uint32_t i = 0; i < length; i++) {
        put(s, text[i]);
    }
    if (spec->left) {
        pad(s, length, spec->width, ' ');
    }
}

static void put_number(struct sink *s, const struct spec *spec, uint64_t value, uint32_t base,
                       bool negative)
{
    char digits[24];
    uint32_t n = sizeof(digits) - 1;
    digits[n] = '\0';
    do {
        digits[--n] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    if (negative) {
        digits[--n] = '-';
    }
    struct spec plain = *spec;
    if (spec->zero) {
        pad(s, (uint32_t)sizeof(digits) - 1 - n, spec->width, '0');
        plain.width = 0;
    }
    put_string(s, &plain, &digits[n]);
}

static const char *parse(const char *format, struct spec *spec)
{
    *spec = (struct spec){ .conversion = '\0' };
    for (; *format == '-' || *format == '0'; format++) {
        if (*format == '-') {
            spec->left = true;
        } else {
            spec->zero = true;
        }
    }
    for (; *format >= '0' && *format <= '9'; format++) {
        spec->width = spec->width * 10 + (uint32_t)(*format - '0');
    }
    for (; *format == 'l'; format++) {
        spec->wide = true;
    }
    spec->conversion = *format;
    return *format == '\0' ? format : format + 1;
}

size_t umsi_vformat(char *buffer, size_t size, const char *format, va_list args)
{
    struct sink s = { buffer, buffer + size - 1 };
    while (*format != '\0') {
        struct spec spec;
        if (*format != '%') {
            put(&s, *format++);
            continue;
        }
        format = parse(format + 1, &spec);
        if (spec.conversion == 's') {
            put_string(&s, &spec, va_arg(args, const char *));
        } else if (spec.conversion == 'c') {
            put(&s, (char)va_arg(args, int));
        } else if (spec.conversion == 'd') {
            int value = va_arg(args, int);
            put_number(&s, &spec, (uint64_t)(value < 0 ? -(int64_t)value : value), 10, value < 0);
        } else if (spec.conversion == 'u' || spec.conversion == 'x') {
            uint64_t value = spec.wide ? va_arg(args, uint64_t) : va_arg(args, unsigned);
            put_number(&s, &spec, value, spec.conversion == 'x' ? 16 : 10, false);
        } else if (spec.conversion != '\0') {
            put(&s, spec.conversion);
        }
    }
    *s.at = '\0';
    return (size_t)(s.at - buffer);
}

size_t umsi_format(char *buffer, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t length = umsi_vformat(buffer, size, format, args);
    va_end(args);
    return length;
}

void umsi_log_line(struct umsi *u, enum umsi_log_level level, const char *format, ...)
{
    char line[160];
    va_list args;
    if (u->port.log == NULL) {
        return;
    }
    va_start(args, format);
    umsi_vformat(line, sizeof(line), format, args);
    va_end(args);
    u->port.log(u->port.ctx, level, line);
}

void umsi_printf(umsi_print print, void *arg, const char *format, ...)
{
    char line[200];
    va_list args;
    va_start(args, format);
    umsi_vformat(line, sizeof(line), format, args);
    va_end(args);
    print(arg, line);
}
