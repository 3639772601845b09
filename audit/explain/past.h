/* SPDX-License-Identifier: MIT */
/* Why each law matters, how a breach looks, and where it went wrong. */
#ifndef AUDIT_PAST_H
#define AUDIT_PAST_H

struct audit_past {
    const char *why;
    const char *example;
    const char *past; /* "" where nothing is known */
};

const struct audit_past *audit_past(unsigned law);

#endif /* AUDIT_PAST_H */
