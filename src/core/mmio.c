/* SPDX-License-Identifier: MIT */
/*
 * Register accesses. Without callbacks each is one instruction of the asked width with a plain base register,
 * so that a hypervisor can emulate it from the syndrome alone.
 */
#include "core.h"

static inline uintptr_t at(const volatile void *base, uint32_t offset)
{
    return (uintptr_t)base + offset;
}

#if defined(__aarch64__)

static uint32_t load32(uintptr_t a)
{
    uint32_t v;
    __asm__ volatile("ldr %w0, [%1]" : "=r"(v) : "r"(a) : "memory");
    return v;
}

static void store32(uintptr_t a, uint32_t v)
{
    __asm__ volatile("str %w0, [%1]" : : "r"(v), "r"(a) : "memory");
}

static uint64_t load64(uintptr_t a)
{
    uint64_t v;
    __asm__ volatile("ldr %0, [%1]" : "=r"(v) : "r"(a) : "memory");
    return v;
}

static void store64(uintptr_t a, uint64_t v)
{
    __asm__ volatile("str %0, [%1]" : : "r"(v), "r"(a) : "memory");
}

#else

static uint32_t load32(uintptr_t a)
{
    return *(const volatile uint32_t *)a;
}

static void store32(uintptr_t a, uint32_t v)
{
    *(volatile uint32_t *)a = v;
}

static uint64_t load64(uintptr_t a)
{
    return *(const volatile uint64_t *)a;
}

static void store64(uintptr_t a, uint64_t v)
{
    *(volatile uint64_t *)a = v;
}

#endif

uint32_t umsi_read32(struct umsi *u, const volatile void *base, uint32_t offset)
{
    if (u->port.mmio_read32 != NULL) {
        return u->port.mmio_read32(u->port.ctx, (const volatile void *)at(base, offset));
    }
    return load32(at(base, offset));
}

void umsi_write32(struct umsi *u, volatile void *base, uint32_t offset, uint32_t value)
{
    if (u->port.mmio_write32 != NULL) {
        u->port.mmio_write32(u->port.ctx, (volatile void *)at(base, offset), value);
    } else {
        store32(at(base, offset), value);
    }
}

uint64_t umsi_read64(struct umsi *u, const volatile void *base, uint32_t offset)
{
    if (u->port.mmio_read64 != NULL) {
        return u->port.mmio_read64(u->port.ctx, (const volatile void *)at(base, offset));
    }
    return load64(at(base, offset));
}

void umsi_write64(struct umsi *u, volatile void *base, uint32_t offset, uint64_t value)
{
    if (u->port.mmio_write64 != NULL) {
        u->port.mmio_write64(u->port.ctx, (volatile void *)at(base, offset), value);
    } else {
        store64(at(base, offset), value);
    }
}
