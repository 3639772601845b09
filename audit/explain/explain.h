/* SPDX-License-Identifier: MIT */
/* umsi-audit explain: a law in words. */
#ifndef AUDIT_EXPLAIN_H
#define AUDIT_EXPLAIN_H

#include <stdio.h>

/* "L17", "l17", "17", a check's name as "mapd-leak"; none: a list of all laws. The exit status. */
int audit_explain(FILE *out, int n, char **laws);

#endif /* AUDIT_EXPLAIN_H */
