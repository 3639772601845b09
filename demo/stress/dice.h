/* SPDX-License-Identifier: MIT */
/*
 * Choices that a seed repeats: SplitMix64 (Steele, Lea, Flood 2014). Each piece of work gets dice of its own, from the
 * seed, the CPU and its number, so that what one piece meets does not change what the next one chooses.
 */
#ifndef DEMO_STRESS_DICE_H
#define DEMO_STRESS_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

static inline uint64_t dice_next(struct dice *d)
{
    uint64_t z = d->state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static inline struct dice dice_for(uint64_t seed, uint32_t cpu, uint32_t piece)
{
    struct dice d = { seed };
    d.state = dice_next(&d) ^ ((uint64_t)cpu << 32 | piece);
    return d;
}

/* 0 .. n-1 */
static inline uint32_t dice_roll(struct dice *d, uint32_t n)
{
    return (uint32_t)((dice_next(d) >> 32) * n >> 32);
}

/* Once in n times. */
static inline bool dice_once_in(struct dice *d, uint32_t n)
{
    return dice_roll(d, n) == 0;
}

#endif /* DEMO_STRESS_DICE_H */
