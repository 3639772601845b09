/* SPDX-License-Identifier: MIT */
/*
 * Pure encoders of the IMSIC, besides those in the public header: where an identity's bits are, and a place, which
 * is an identity of one CPU's file, as one number. No state, no hardware.
 */
#ifndef UMSI_IMSIC_ENC_H
#define UMSI_IMSIC_ENC_H

#include <stdbool.h>
#include <stdint.h>

#include <umsi/chip/imsic.h>

/* The 64-bit word of eip or eie that an identity is in, what siselect must be for it, and its bit (3.8.3, 3.8.4). */
static inline uint32_t umsi_imsic_word(uint32_t id)
{
    return id / 64;
}

static inline uint32_t umsi_imsic_select(uint32_t array, uint32_t word)
{
    return array + 2 * word;
}

static inline uint64_t umsi_imsic_bit(uint32_t id)
{
    return (uint64_t)1 << (id % 64);
}

/* A place: never 0, since no identity is. */
static inline uint32_t umsi_imsic_place(umsi_cpu cpu, uint32_t id)
{
    return cpu << 11 | id;
}

static inline umsi_cpu umsi_imsic_place_cpu(uint32_t place)
{
    return place >> 11;
}

static inline uint32_t umsi_imsic_place_id(uint32_t place)
{
    return place & UMSI_IMSIC_MAX_IDS;
}

/* Are the fields of a layout apart from each other (3.6), and fit what a hart index may be? */
bool umsi_imsic_layout_valid(const struct umsi_imsic_layout *layout);

#endif /* UMSI_IMSIC_ENC_H */
