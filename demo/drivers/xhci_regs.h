/* SPDX-License-Identifier: MIT */
/*
 * xHCI registers and transfer request blocks, as far as the demo needs them. Names and sections are those of
 * the eXtensible Host Controller Interface specification 1.2.
 */
#ifndef DEMO_DRIVERS_XHCI_REGS_H
#define DEMO_DRIVERS_XHCI_REGS_H

#include <stdint.h>

/* 5.3 Capability registers */
#define XHCI_CAPLENGTH  0x00u
#define XHCI_HCSPARAMS1 0x04u
#define XHCI_HCSPARAMS2 0x08u
#define XHCI_DBOFF      0x14u
#define XHCI_RTSOFF     0x18u

#define XHCI_MAX_SLOTS(hcsparams1)   ((hcsparams1)&0xffu)
#define XHCI_MAX_SCRATCH(hcsparams2) (((hcsparams2) >> 21 & 0x1fu) << 5 | (hcsparams2) >> 27)

/* 5.4 Operational registers, from CAPLENGTH */
#define XHCI_USBCMD   0x00u
#define XHCI_USBSTS   0x04u
#define XHCI_PAGESIZE 0x08u
#define XHCI_CRCR     0x18u
#define XHCI_DCBAAP   0x30u
#define XHCI_CONFIG   0x38u

#define XHCI_CMD_RUN       0x1u
#define XHCI_CMD_RESET     0x2u
#define XHCI_CMD_INTE      0x4u
#define XHCI_STS_HALTED    0x001u
#define XHCI_STS_EINT      0x008u
#define XHCI_STS_NOT_READY 0x800u
#define XHCI_CRCR_RCS      0x1u

/* 5.5.2 Interrupter registers, from RTSOFF; the demo uses the primary one */
#define XHCI_IMAN   0x20u
#define XHCI_IMOD   0x24u
#define XHCI_ERSTSZ 0x28u
#define XHCI_ERSTBA 0x30u
#define XHCI_ERDP   0x38u

#define XHCI_IMAN_IP  0x1u
#define XHCI_IMAN_IE  0x2u
#define XHCI_ERDP_EHB 0x8u

/* 6.4 Transfer request block */
struct xhci_trb {
    uint64_t parameter;
    uint32_t status;
    uint32_t control;
};
#define XHCI_TRB_CYCLE      0x1u
#define XHCI_TRB_TOGGLE     0x2u /* Link: the producer's cycle state changes here */
#define XHCI_TRB_TYPE(t)    ((uint32_t)(t) << 10)
#define XHCI_TRB_TYPE_OF(c) ((c) >> 10 & 0x3fu)
#define XHCI_TRB_CODE_OF(s) ((s) >> 24)

enum { XHCI_TRB_LINK = 6, XHCI_TRB_NO_OP_COMMAND = 23, XHCI_TRB_COMMAND_COMPLETION = 33 };
#define XHCI_CODE_SUCCESS 1u

/* 6.5 Event ring segment table entry */
struct xhci_erst {
    uint64_t base;
    uint32_t size, reserved;
};

#endif /* DEMO_DRIVERS_XHCI_REGS_H */
