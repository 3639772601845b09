/* SPDX-License-Identifier: MIT */
/*
 * Log lines of the firmware readers, see fw_line.h.
 */
#include "fw_line.h"

static void put(struct umsi_fw_line *l, char c)
{
    if (l->length + 1 < sizeof(l->text)) {
        l->text[l->length] = (c >= ' ' && c <= '~') ? c : '?';
        l->length++;
        l->text[l->length] = '\0';
    }
}

void umsi_fw_line_start(struct umsi_fw_line *l)
{
    l->length = 0;
    l->text[0] = '\0';
}

void umsi_fw_line_text(struct umsi_fw_line *l, const char *text)
{
    for (; *text != '\0'; text++) {
        put(l, *text);
    }
}

void umsi_fw_line_bytes(struct umsi_fw_line *l, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        put(l, text[i]);
    }
}

/* In base 10 or 16. */
static void number(struct umsi_fw_line *l, uint64_t value, uint32_t base)
{
    char digit[20]; /* 2^64 - 1 has 20 decimal digits */
    size_t n = 0;

    do {
        digit[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    while (n > 0) {
        put(l, digit[--n]);
    }
}

void umsi_fw_line_hex(struct umsi_fw_line *l, uint64_t value)
{
    umsi_fw_line_text(l, "0x");
    number(l, value, 16);
}

void umsi_fw_line_decimal(struct umsi_fw_line *l, uint32_t value)
{
    number(l, value, 10);
}

void umsi_fw_line_cut(struct umsi_fw_line *l, size_t length)
{
    if (l->length > length && length >= 3) {
        l->length = length - 3;
        umsi_fw_line_text(l, "...");
    }
}

void umsi_fw_line_outcome(struct umsi_fw_line *l, const char *what, uint64_t phys,
                          const char *status, const char *outcome)
{
    umsi_fw_line_start(l);
    umsi_fw_line_text(l, "platform: ");
    umsi_fw_line_text(l, what);
    umsi_fw_line_text(l, " at ");
    umsi_fw_line_hex(l, phys);
    umsi_fw_line_text(l, ": ");
    umsi_fw_line_text(l, status);
    umsi_fw_line_text(l, ", ");
    umsi_fw_line_text(l, outcome);
}
