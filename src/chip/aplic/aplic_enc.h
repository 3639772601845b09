/* SPDX-License-Identifier: MIT */
/* Pure encoders of the APLIC: where a source's registers are, and what goes into them. No state, no hardware. */
#ifndef UMSI_APLIC_ENC_H
#define UMSI_APLIC_ENC_H

#include <stdint.h>

#include <umsi/wired.h>

#include "aplic_regs.h"

static inline uint32_t umsi_aplic_sourcecfg(uint32_t source)
{
    return APLIC_sourcecfg + 4 * source;
}

static inline uint32_t umsi_aplic_target(uint32_t source)
{
    return APLIC_target + 4 * source;
}

/* The word of setip, in_clrip or setie that a source's bit is in; the bit is source % 32. */
static inline uint32_t umsi_aplic_word(uint32_t array, uint32_t source)
{
    return array + 4 * (source / 32);
}

static inline uint32_t umsi_aplic_idc(uint32_t hart, uint32_t offset)
{
    return APLIC_IDC + hart * APLIC_IDC_BYTES + offset;
}

/* target[] with messages: Hart Index, Guest Index 0, EIID; in direct delivery mode: Hart Index, IPRIO (4.5.16). */
static inline uint32_t umsi_aplic_to_file(uint32_t hart, uint32_t identity)
{
    return hart << APLIC_target_HART_SHIFT | identity;
}

static inline uint32_t umsi_aplic_to_hart(uint32_t hart, uint32_t priority)
{
    return hart << APLIC_target_HART_SHIFT | priority;
}

/* The source mode of a trigger (4.5.2); Inactive: it is none. */
static inline uint32_t umsi_aplic_mode(enum umsi_trigger trigger)
{
    switch (trigger) {
    case UMSI_EDGE_RISING:
        return APLIC_SM_Edge1;
    case UMSI_EDGE_FALLING:
        return APLIC_SM_Edge0;
    case UMSI_LEVEL_HIGH:
        return APLIC_SM_Level1;
    case UMSI_LEVEL_LOW:
        return APLIC_SM_Level0;
    }
    return APLIC_SM_Inactive;
}

#endif /* UMSI_APLIC_ENC_H */
