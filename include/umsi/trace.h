/* SPDX-License-Identifier: MIT */
/*
 * Records handed to port->trace, one call each, at the moment it happens. Host byte order. Context of the
 * callback: any, a umsi lock may be held.
 */
#ifndef UMSI_TRACE_H
#define UMSI_TRACE_H

#include <stdint.h>

enum umsi_trace_kind {
    UMSI_TRACE_ITS_COMMAND =
        1, /* arg[0..3]: the command's four doublewords, as put into the queue */
    UMSI_TRACE_ITS_DOORBELL = 2, /* arg[0]: GITS_CWRITER as written */
    UMSI_TRACE_ITS_DONE =
        3, /* a batch was waited for; arg[0]: GITS_CREADR, arg[1]: enum umsi_status */
    UMSI_TRACE_ITS_STALL = 4, /* arg[0]: GITS_CREADR, arg[1..3]: the command's doublewords 0..2 */
    UMSI_TRACE_LPI_BYTE = 5,  /* arg[0]: INTID, arg[1]: the configuration byte as written */
    UMSI_TRACE_PREPARE = 6,   /* arg[0]: DeviceID, arg[1]: events, arg[2]: enum umsi_status */
    UMSI_TRACE_TEARDOWN = 7,  /* arg[0]: DeviceID */
};

struct umsi_trace_record {
    uint16_t kind;    /* enum umsi_trace_kind */
    uint16_t size;    /* of the whole record */
    uint32_t cpu;     /* that wrote it */
    uint64_t time_us; /* port->time_us() */
    uint64_t object;  /* tells controllers of one kind apart */
    uint64_t arg[4];
};

#endif /* UMSI_TRACE_H */
