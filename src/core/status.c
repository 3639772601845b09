/* SPDX-License-Identifier: MIT */
/* A text for each status. */
#include <umsi/status.h>

const char *umsi_status_string(enum umsi_status status)
{
    switch (status) {
    case UMSI_OK:
        return "ok";
    case UMSI_INVALID:
        return "invalid argument";
    case UMSI_NOMEM:
        return "out of memory";
    case UMSI_NOSPACE:
        return "out of vectors, ids or table space";
    case UMSI_NOTFOUND:
        return "not found";
    case UMSI_EXISTS:
        return "already there";
    case UMSI_BUSY:
        return "busy";
    case UMSI_TIMEOUT:
        return "the hardware did not answer in time";
    case UMSI_UNSUPPORTED:
        return "not supported";
    case UMSI_STATE:
        return "not possible in this state";
    case UMSI_RANGE:
        return "number out of range";
    case UMSI_HARDWARE:
        return "the controller reported an error";
    case UMSI_CORRUPT:
        return "corrupt firmware table or configuration space";
    case UMSI_PORT:
        return "a port callback broke its contract";
    case UMSI_BUG:
        return "bug in umsi";
    case UMSI_GONE:
        return "the device is gone";
    case UMSI_DEFERRED:
        return "begun, not done yet";
    }
    return "unknown status";
}
