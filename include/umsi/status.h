/* SPDX-License-Identifier: MIT */
/*
 * The one error channel of umsi. Every function that can fail returns an enum umsi_status; results go
 * through pointers named out_, which are untouched unless the status is UMSI_OK.
 */
#ifndef UMSI_STATUS_H
#define UMSI_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/* Values are pinned: none is ever renumbered or reused. */
enum umsi_status {
    UMSI_OK = 0,
    UMSI_INVALID = 1,     /* an argument is wrong in itself */
    UMSI_NOMEM = 2,       /* the port had no memory */
    UMSI_NOSPACE = 3,     /* out of vectors, LPIs, events or table space */
    UMSI_NOTFOUND = 4,    /* nothing by that number or name */
    UMSI_EXISTS = 5,      /* already there, or already in use */
    UMSI_BUSY = 6,        /* in use now; may work later */
    UMSI_TIMEOUT = 7,     /* the hardware did not answer before the deadline */
    UMSI_UNSUPPORTED = 8, /* the hardware, the port or this version cannot do it */
    UMSI_STATE = 9,       /* right call, wrong time */
    UMSI_RANGE = 10,      /* a number does not fit what the hardware or the domain has */
    UMSI_HARDWARE = 11,   /* the controller reported an error */
    UMSI_CORRUPT = 12,    /* firmware tables or configuration space make no sense */
    UMSI_PORT = 13,       /* a port callback broke its contract */
    UMSI_BUG = 14,        /* umsi contradicts itself: please report it */
    UMSI_GONE = 15,       /* the device no longer answers */
    UMSI_DEFERRED = 16,   /* begun, and will be done; only operations of domains say so */
};

/* A short English text for a status, never NULL, without a final full stop. Any context. */
const char *umsi_status_string(enum umsi_status status);

#if defined(__GNUC__)
#define UMSI_MUST_CHECK __attribute__((warn_unused_result))
#else
#define UMSI_MUST_CHECK
#endif

#ifdef __cplusplus
}
#endif
#endif /* UMSI_STATUS_H */
