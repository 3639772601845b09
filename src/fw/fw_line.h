/* SPDX-License-Identifier: MIT */
/*
 * One log line, put together piece by piece. src/fw knows only the public headers, so it does not share the
 * library's formatter. What comes from firmware is made printable; a line that is too long is cut.
 */
#ifndef UMSI_FW_LINE_H
#define UMSI_FW_LINE_H

#include <stddef.h>
#include <stdint.h>

struct umsi_fw_line {
    char text[160]; /* terminated after every call */
    size_t length;
};

void umsi_fw_line_start(struct umsi_fw_line *l);
void umsi_fw_line_text(struct umsi_fw_line *l, const char *text);
/* Of text that need not be terminated. */
void umsi_fw_line_bytes(struct umsi_fw_line *l, const char *text, size_t length);
void umsi_fw_line_hex(struct umsi_fw_line *l, uint64_t value); /* with 0x */
void umsi_fw_line_decimal(struct umsi_fw_line *l, uint32_t value);
/* A whole line: "platform: WHAT at PHYS: STATUS, OUTCOME". */
void umsi_fw_line_outcome(struct umsi_fw_line *l, const char *what, uint64_t phys,
                          const char *status, const char *outcome);
/* Leave no more than `length` characters, the last three of them dots when that takes something away. */
void umsi_fw_line_cut(struct umsi_fw_line *l, size_t length);

#endif /* UMSI_FW_LINE_H */
