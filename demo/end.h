/* SPDX-License-Identifier: MIT */
/*
 * How the run ends: the one last line, and the exit status that says the same.
 */
#ifndef DEMO_END_H
#define DEMO_END_H

#include <stdbool.h>

/* Remember why the run fails; the first reason becomes the last line. Context: any. */
void end_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool end_noted(void);
/* `umsi: PASS`, or `umsi: FAIL (why)` when a reason was noted. */
_Noreturn void end_run(void);
/* `umsi: FAIL (why)`, where an earlier reason takes precedence. Context: any. */
_Noreturn void end_with_failure(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* This CPU is the one that ends the run; false when it already was. Another one is halted here. */
bool end_claim(void);

#endif /* DEMO_END_H */
