/* SPDX-License-Identifier: MIT */
/*
 * What driver.h promises and is not PCI or an event: memory, lines of the report.
 */
#include <stdio.h>

#include "console.h"
#include "driver.h"
#include "end.h"
#include "memory.h"

void *dma_get(size_t size, uint64_t *out_phys)
{
    void *va = memory_get(size, PAGE_SIZE, UINT64_MAX);
    *out_phys = (uintptr_t)va;
    return va;
}

void dma_put(void *va, size_t size)
{
    memory_put(va, size);
}

bool fail(const struct pci_function *f, int vector, const char *format, ...)
{
    char text[128], where[16] = "";
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (vector >= 0) {
        (void)snprintf(where, sizeof(where), " vector %d", vector);
    }
    print("failed: %s%s: %s\n", f->name, where, text);
    end_note("%s%s: %s", f->name, where, text);
    return false;
}

static bool mute;

void say_no_more(void)
{
    mute = true;
}

void say(const struct pci_function *f, const char *format, ...)
{
    char text[160];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (!mute) {
        print("%-23s %s\n", f->name, text);
    }
}
