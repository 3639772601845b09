/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "fake_its.h"
#include "thread_port.h"

static char frames[FAKE_CPUS + 1][0x20000] __attribute__((aligned(65536)));

volatile void *fake_its_base(void)
{
    return frames[FAKE_CPUS];
}

volatile void *fake_its_rd(umsi_cpu cpu)
{
    return frames[cpu];
}

/* ---- commands ---- */

static void expect(struct fake_its *f, bool ok)
{
    f->wrong += !ok;
}

/* It must find zeroes, and leaves its own marks, also when it is done (L21). */
static void use_itt(struct fake_its *f, uint64_t phys, size_t bytes)
{
    uint8_t *itt = (uint8_t *)(uintptr_t)phys;
    for (size_t i = 0; i < bytes; i++) {
        expect(f, itt[i] == 0);
        itt[i] = 0xee;
    }
}

static void mapd(struct fake_its *f, uint32_t device, const uint64_t *dw)
{
    const bool valid = dw[2] >> 63 != 0;
    expect(f, f->mapped[device] != valid);
    f->mapped[device] = valid;
    if (valid) {
        use_itt(f, dw[2] & 0xfffffffffff00, (size_t)8 << ((dw[1] & 0x1f) + 1));
    }
    for (uint32_t i = 0; i < FAKE_EVENTS; i++) {
        expect(f, f->table[device][i] == 0);
    }
}

static void mapti(struct fake_its *f, uint32_t device, uint32_t event, uint32_t intid)
{
    const uint32_t lpi = intid - 8192;
    expect(f, f->mapped[device] && event < FAKE_EVENTS && f->table[device][event] == 0 &&
                  lpi < FAKE_LPIS);
    expect(f, f->owners[lpi]++ == 0 && !f->unsynced[lpi]);
    f->table[device][event] = intid;
}

static void discard(struct fake_its *f, uint32_t device, uint32_t event)
{
    const uint32_t intid = f->table[device][event];
    expect(f, f->mapped[device] && intid != 0);
    if (intid != 0) {
        f->owners[intid - 8192]--;
        f->unsynced[intid - 8192] = true;
        f->table[device][event] = 0;
    }
}

static void execute(struct fake_its *f, const uint64_t *dw)
{
    const uint32_t device = (uint32_t)(dw[0] >> 32) % FAKE_DEVICES;
    const uint32_t event = (uint32_t)dw[1] % FAKE_EVENTS;
    f->commands++;
    switch (dw[0] & 0xff) {
    case 0x01:
        expect(f, f->mapped[device] && f->table[device][event] != 0);
        break;
    case 0x05:
        memset(f->unsynced, 0, sizeof(f->unsynced));
        break;
    case 0x08:
        mapd(f, device, dw);
        break;
    case 0x0a:
        mapti(f, device, event, (uint32_t)(dw[1] >> 32));
        break;
    case 0x0f:
        discard(f, device, event);
        break;
    default:
        expect(f, (dw[0] & 0xff) == 0x09 || (dw[0] & 0xff) == 0x0d);
    }
}

static void work(struct fake_its *f)
{
    const uint64_t bytes = ((f->cbaser & 0xff) + 1) * 4096;
    for (uint32_t i = 0; i < f->pace && f->creadr != f->cwriter && (f->ctlr & 1) != 0; i++) {
        execute(f, (const uint64_t *)((f->cbaser & 0xffffffffff000) + f->creadr));
        f->creadr = (f->creadr + 32) % bytes;
    }
}

/* ---- registers ---- */

static uint64_t its_read(struct fake_its *f, size_t offset)
{
    switch (offset) {
    case 0x00:
        return f->ctlr | ((f->ctlr & 1) == 0 ? UINT32_C(1) << 31 : 0);
    case 0x08: /* Physical, 8-byte ITEs, 16 EventID and 16 DeviceID bits */
        return 1 | 7 << 4 | 15 << 8 | 15 << 13;
    case 0x80:
        return f->cbaser;
    case 0x90:
        work(f);
        return f->creadr;
    case 0xffe8:
        return 0x30;
    default:
        return offset >= 0x100 && offset < 0x140 ? f->baser[(offset - 0x100) / 8] : 0;
    }
}

static void its_write(struct fake_its *f, size_t offset, uint64_t v)
{
    const uint64_t fixed = UINT64_C(0x71f) << 48; /* Type and Entry_Size are the hardware's */
    if (offset == 0x00) {
        f->ctlr = (uint32_t)v & 1;
    } else if (offset == 0x80) {
        f->cbaser = v;
        f->creadr = 0;
    } else if (offset == 0x88) {
        f->cwriter = v;
    } else if (offset == 0x100) {
        f->baser[0] = (v & ~fixed) | UINT64_C(0x107) << 48;
    } else if (offset == 0x108) {
        f->baser[1] = (v & ~fixed) | UINT64_C(0x407) << 48;
    } else if (offset == 0x110) { /* vPEs: not ours to use */
        f->baser[2] = (v & ~fixed) | UINT64_C(0x207) << 48;
    }
}

static uint64_t *rd_register(struct fake_its *f, umsi_cpu cpu, size_t offset)
{
    return offset == 0x70 ? &f->propbaser[cpu] : offset == 0x78 ? &f->pendbaser[cpu] : NULL;
}

static uint64_t read_any(void *ctx, const volatile void *addr)
{
    struct fake_its *f = ctx;
    const size_t at = (size_t)((const volatile char *)addr - &frames[0][0]);
    const umsi_cpu cpu = (umsi_cpu)(at / sizeof(frames[0]));
    const size_t offset = at % sizeof(frames[0]);
    uint64_t v = 0;
    pthread_mutex_lock(&f->mutex);
    if (cpu == FAKE_CPUS) {
        v = its_read(f, offset);
    } else if (offset == 0) {
        v = f->rd_ctlr[cpu];
    } else if (offset == 8) {
        v = 1 | (uint64_t)cpu << 8; /* PLPIS, Processor_Number */
    } else if (rd_register(f, cpu, offset) != NULL) {
        v = *rd_register(f, cpu, offset);
    }
    pthread_mutex_unlock(&f->mutex);
    return v;
}

static void write_any(void *ctx, volatile void *addr, uint64_t v)
{
    struct fake_its *f = ctx;
    const size_t at = (size_t)((volatile char *)addr - &frames[0][0]);
    const umsi_cpu cpu = (umsi_cpu)(at / sizeof(frames[0]));
    const size_t offset = at % sizeof(frames[0]);
    pthread_mutex_lock(&f->mutex);
    if (cpu == FAKE_CPUS) {
        its_write(f, offset, v);
    } else if (offset == 0) {
        f->rd_ctlr[cpu] = (uint32_t)v;
    } else if (rd_register(f, cpu, offset) != NULL) {
        *rd_register(f, cpu, offset) = v;
    }
    pthread_mutex_unlock(&f->mutex);
}

static uint32_t read32(void *ctx, const volatile void *addr)
{
    return (uint32_t)read_any(ctx, addr);
}

static void write32(void *ctx, volatile void *addr, uint32_t v)
{
    write_any(ctx, addr, v);
}

/* ---- the port ---- */

static void count(struct fake_its *f, size_t by)
{
    __atomic_add_fetch(&f->outstanding, by, __ATOMIC_RELAXED);
}

static void *port_alloc(void *ctx, size_t size, size_t align)
{
    void *p = aligned_alloc(align, (size + align - 1) & ~(align - 1));
    count(ctx, 1);
    return p;
}

static void port_free(void *ctx, void *p, size_t size)
{
    (void)size;
    count(ctx, (size_t)-1);
    free(p);
}

static bool port_dma_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    void *p = port_alloc(ctx, want->size, want->align);
    memset(p, 0, want->size);
    *out = (struct umsi_dma){ p, (umsi_phys)(uintptr_t)p, (umsi_bus)(uintptr_t)p, want->size };
    return true;
}

static void port_dma_free(void *ctx, const struct umsi_dma *mem)
{
    port_free(ctx, mem->va, mem->size);
}

void fake_its_init(struct fake_its *f)
{
    memset(f, 0, sizeof(*f));
    pthread_mutex_init(&f->mutex, NULL);
    f->pace = 3;
    its_write(f, 0x100, 0);
    its_write(f, 0x108, 0);
    its_write(f, 0x110, UINT64_C(1) << 63 | 0x12345000); /* as somebody before us left it */
    f->port = thread_port(FAKE_CPUS);
    f->port.ctx = f;
    f->port.alloc = port_alloc;
    f->port.free = port_free;
    f->port.dma_alloc = port_dma_alloc;
    f->port.dma_free = port_dma_free;
    f->port.mmio_read32 = read32;
    f->port.mmio_write32 = write32;
    f->port.mmio_read64 = read_any;
    f->port.mmio_write64 = write_any;
}
