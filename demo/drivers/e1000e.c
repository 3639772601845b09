/* SPDX-License-Identifier: MIT */
/*
 * e1000e: Intel's 82574L, once with its one MSI vector and once with its five MSI-X vectors. Every cause is
 * raised through the Interrupt Cause Set register and comes on the vector that IVAR gave it; with MSI-X also
 * while its vector is disabled, which the function itself must hold back; then a frame goes out through a descriptor ring and, looped back in the MAC, comes in through another.
 *
 * Register names are those of the Intel 82574 GbE Controller Family datasheet, chapter 10.
 */
#include "common.h"

/* BAR 0 */
enum {
    CTRL = 0x0000,
    STATUS = 0x0008,
    ICR = 0x00c0,
    ITR = 0x00c4,
    ICS = 0x00c8,
    IMS = 0x00d0,
    IMC = 0x00d8,
    IVAR = 0x00e4,
    EITR = 0x00e8, /* one per vector */
    RCTL = 0x0100,
    TCTL = 0x0400,
    RX_RING = 0x2800,
    TX_RING = 0x3800,
};
/* In a ring's block */
enum { RING_BAL = 0x00, RING_BAH = 0x04, RING_LEN = 0x08, RING_HEAD = 0x10, RING_TAIL = 0x18 };

#define CTRL_FD                 (1u << 0)
#define CTRL_GIO_MASTER_DISABLE (1u << 2)
#define CTRL_SLU                (1u << 6)
#define CTRL_RST                (1u << 26)
#define STATUS_LU               (1u << 1)
#define STATUS_GIO_MASTER       (1u << 19)
#define RCTL_EN                 (1u << 1)
#define RCTL_UPE                (1u << 3)
#define RCTL_LBM_MAC            (1u << 6)
#define RCTL_SECRC              (1u << 26)
#define TCTL_EN                 (1u << 1)
#define TCTL_PSP                (1u << 3)
#define TCTL_CT_COLD            (0xfu << 4 | 0x3fu << 12)

/* Interrupt causes, in ICR, ICS, IMS and IMC alike */
#define CAUSE_TXDW   (1u << 0)
#define CAUSE_LSC    (1u << 2)
#define CAUSE_RXDMT0 (1u << 4)
#define CAUSE_RXT0   (1u << 7)
#define CAUSE_RXQ0   (1u << 20) /* these five with MSI-X only, in the order of their fields in IVAR */
#define CAUSE_TXQ0   (1u << 22)
#define MSIX_CAUSES  5u
#define ALL_MSIX     (((1u << MSIX_CAUSES) - 1) * CAUSE_RXQ0)
#define ALL_MSI      (CAUSE_TXDW | CAUSE_LSC | CAUSE_RXDMT0 | CAUSE_RXT0)

/* 7.2.10.1 and 7.1.4: legacy descriptors, 16 bytes each */
struct descriptor {
    uint64_t addr;
    uint16_t length;
    uint8_t cso, command; /* receive: the checksum */
    uint8_t status, css;
    uint16_t special;
};
#define TX_EOP    0x01u
#define TX_IFCS   0x02u
#define TX_RS     0x08u
#define STATUS_DD 0x01u

#define PAGE      4096u
#define RING      8u
#define FRAME_LEN 60u

/* Pages of the memory: the two rings in one, a frame each in the others. */
enum { RINGS, SENT, RECEIVED, PAGES };
#define TX_RING_OFFSET (RING * sizeof(struct descriptor))

struct e1000e {
    struct pci_function *f;
    struct vectors v;
    bool msix;
    bool running; /* would not stop */
    uint8_t *mem;
    uint64_t phys;
};

static uint32_t get(const struct e1000e *e, uint32_t reg)
{
    return bar_read32(e->f, 0, reg);
}

static void put(const struct e1000e *e, uint32_t reg, uint32_t v)
{
    bar_write32(e->f, 0, reg, v);
}

/* 4.6.3: stop its DMA, then reset; afterwards every cause is masked. */
static bool quiet(const struct e1000e *e)
{
    put(e, IMC, UINT32_MAX);
    put(e, CTRL, get(e, CTRL) | CTRL_GIO_MASTER_DISABLE);
    bool idle = settled(e->f, 0, STATUS, STATUS_GIO_MASTER, 0, 100);
    put(e, CTRL, get(e, CTRL) | CTRL_RST);
    if (!settled(e->f, 0, CTRL, CTRL_RST, 0, 100)) {
        return fail(e->f, -1, "reset does not end");
    }
    put(e, IMC, UINT32_MAX);
    (void)get(e, ICR);
    return idle || fail(e->f, -1, "bus mastering does not stop");
}

/*
 * Give nothing back while a throttling interval runs (128 us and less): an interrupt held back by it would come
 * when its vector is gone, and QEMU before 8.0 stops with an assertion when MSI-X changes under the timer, however
 * late the timer is on a host that has much to do.
 */
#define THROTTLE_US 1000u
#define GIVE_UP_US  50000u
#define LATE_US                                                                                    \
    200000u /* a CPU's turn may be that far away where all share one thread of the host */

/* ---- interrupts ---- */

static uint32_t vector_of(const struct e1000e *e, uint32_t cause)
{
    for (uint32_t i = 0; e->msix && i < MSIX_CAUSES; i++) {
        if (cause == CAUSE_RXQ0 << i) {
            return i % e->v.granted;
        }
    }
    return 0;
}

/* The causes seen so far are done with: the next one interrupts again. */
static void rearm(const struct e1000e *e)
{
    uint32_t all = e->msix ? ALL_MSIX : ALL_MSI;
    put(e, ICR, all);
    put(e, IMS, all);
}

/* No throttling (ITR, EITR 0): each interrupt is waited for alone. QEMU still leaves 128 us between two. */
static void route(const struct e1000e *e)
{
    uint32_t ivar = 0;
    put(e, ITR, 0);
    for (uint32_t i = 0; e->msix && i < MSIX_CAUSES; i++) {
        put(e, EITR + 4 * i, 0);
        ivar |= (vector_of(e, CAUSE_RXQ0 << i) | 8u) << (4 * i);
    }
    put(e, IVAR, ivar);
    rearm(e);
}

static bool raise_cause(struct e1000e *e, uint32_t cause)
{
    uint32_t vector = vector_of(e, cause);
    event_reset(&e->v.event[vector]);
    put(e, ICS, cause);
    if (!event_wait(&e->v.event[vector], 1)) {
        return fail(e->f, (int)vector, "no interrupt for cause 0x%x", cause);
    }
    rearm(e);
    return true;
}

static bool raise_all(struct e1000e *e)
{
    uint32_t all = e->msix ? ALL_MSIX : ALL_MSI;
    for (uint32_t bit = 0; bit < 32; bit++) {
        if ((all & (1u << bit)) != 0 && !raise_cause(e, 1u << bit)) {
            return false;
        }
    }
    return true;
}

/* ---- the function's own mask ---- */

/* The word of the Pending Bit Array with a vector's bit: Base Specification 5.0, 7.7.2.4 and 7.7.2.10. */
struct pending_bit {
    unsigned bar;
    uint32_t offset, bit;
};

static bool find_pending_bit(const struct e1000e *e, uint32_t vector, struct pending_bit *out)
{
    uint32_t pba = pci_read(e->f, (uint16_t)(e->f->msi.msix_cap + 8), 4);
    out->bar = pba & 7;
    out->offset = (pba & ~7u) + vector / 32 * 4;
    out->bit = 1u << vector % 32;
    return (out->bar < 6 && e->f->bar[out->bar].va != NULL) ||
           fail(e->f, (int)vector, "its pending bit cannot be reached");
}

/* No message left the function: the handler did not run, and umsi has none to remember. */
static bool held_back(const struct e1000e *e, uint32_t vector, bool *out_held)
{
    struct umsi_irq_info info;
    enum umsi_status st = umsi_irq_get_info(e->f->umsi, umsi_pci_virq(&e->f->msi, vector), &info);
    if (st != UMSI_OK) {
        return fail_status(e->f, (int)vector, "disabled", st);
    }
    *out_held = e->v.event[vector].count == 0 && !info.pending;
    return true;
}

/* Raised by the device while it is disabled: the pending bit is set and nothing comes. */
static bool raise_masked(const struct e1000e *e, uint32_t vector, const struct pending_bit *p,
                         bool *out_held)
{
    put(e, ICS, CAUSE_RXQ0 << vector);
    if (!settled(e->f, p->bar, p->offset, p->bit, p->bit, 1000)) {
        return fail(e->f, (int)vector, "raised while masked, its pending bit is not set");
    }
    rest_us(THROTTLE_US);
    return held_back(e, vector, out_held);
}

/* Enabled again, it comes once, and its pending bit is clear. */
static bool released(struct e1000e *e, uint32_t vector, const struct pending_bit *p)
{
    if (!event_wait(&e->v.event[vector], 1)) {
        return fail(e->f, (int)vector, "pending, and no interrupt after the unmask");
    }
    rest_us(THROTTLE_US);
    if (e->v.event[vector].count != 1) {
        return fail(e->f, (int)vector, "%u handler runs for one pending bit",
                    (unsigned)e->v.event[vector].count);
    }
    return settled(e->f, p->bar, p->offset, p->bit, 0, 0) ||
           fail(e->f, (int)vector, "its pending bit stays set");
}

/* No throttling interval runs at the start, so that the cause reaches the MSI-X entry at once. */
static bool mask_once(struct e1000e *e, uint32_t vector, const struct pending_bit *p,
                      bool *out_held)
{
    umsi_virq virq = umsi_pci_virq(&e->f->msi, vector);
    event_reset(&e->v.event[vector]);
    umsi_irq_disable(e->f->umsi, virq);
    bool ok = raise_masked(e, vector, p, out_held);
    umsi_irq_enable(e->f->umsi, virq);
    if (ok) {
        ok = *out_held ? released(e, vector, p) : event_wait(&e->v.event[vector], 1);
    }
    rearm(e);
    return ok;
}

/*
 * What an interrupt raised at the controller cannot show: that the function's mask holds its own message back. QEMU
 * 7.2 sends a second message for one cause when a throttling interval ends, and a CPU may take that late, when the entry
 * has long been masked. So one that comes all the same is given time, and it is tried again.
 */
static bool mask_one(struct e1000e *e, uint32_t vector)
{
    struct pending_bit p;
    bool held = false, ok = find_pending_bit(e, vector, &p);
    for (uint32_t i = 0; i < 3 && ok && !held; i++) {
        rest_us(i == 0 ? THROTTLE_US : LATE_US);
        ok = mask_once(e, vector, &p, &held);
    }
    if (ok && !held) {
        ok = fail(e->f, (int)vector, "messages come while its MSI-X entry is masked");
    }
    return ok;
}

static bool mask_all(struct e1000e *e)
{
    for (uint32_t i = 0; e->msix && i < e->v.granted; i++) {
        if (!mask_one(e, i)) {
            return false;
        }
    }
    return true;
}

/* ---- a frame there and back ---- */

static void set_ring(const struct e1000e *e, uint32_t block, uint64_t phys)
{
    put(e, block + RING_BAL, (uint32_t)phys);
    put(e, block + RING_BAH, (uint32_t)(phys >> 32));
    put(e, block + RING_LEN, RING * sizeof(struct descriptor));
    put(e, block + RING_HEAD, 0);
    put(e, block + RING_TAIL, 0);
}

/* In MSI mode both ends share the vector, so an interrupt need not be about this one. */
static bool await_descriptor(struct e1000e *e, const volatile struct descriptor *d, uint32_t cause)
{
    uint32_t vector = vector_of(e, cause);
    for (uint32_t count = 1;; count++) {
        if (!event_wait(&e->v.event[vector], count)) {
            return fail(e->f, (int)vector, "no interrupt for a frame, cause 0x%x", cause);
        }
        rearm(e);
        if ((d->status & STATUS_DD) != 0) {
            return true;
        }
    }
}

/* A frame of an experimental EtherType, to and from an address of the locally administered range. */
static void make_frame(uint8_t *frame)
{
    for (uint32_t i = 0; i < FRAME_LEN; i++) {
        frame[i] = (uint8_t)(i * 7 + 1);
    }
    frame[0] = frame[6] = 0x02;
    frame[12] = 0x88;
    frame[13] = 0xb5;
}

static void start_rings(struct e1000e *e, struct descriptor *rx)
{
    set_ring(e, RX_RING, e->phys);
    set_ring(e, TX_RING, e->phys + TX_RING_OFFSET);
    put(e, RCTL, RCTL_EN | RCTL_UPE | RCTL_LBM_MAC | RCTL_SECRC);
    put(e, TCTL, TCTL_EN | TCTL_PSP | TCTL_CT_COLD);
    for (uint32_t i = 0; i < RING; i++) { /* one frame comes, so all may name the same buffer */
        rx[i].addr = e->phys + (uint64_t)RECEIVED * PAGE;
    }
    put(e, RX_RING + RING_TAIL, RING - 1);
}

static bool loop_frame(struct e1000e *e)
{
    struct descriptor *rx = (void *)e->mem, *tx = (void *)(e->mem + TX_RING_OFFSET);
    uint8_t *sent = e->mem + SENT * PAGE, *received = e->mem + RECEIVED * PAGE;
    uint32_t rx_cause = e->msix ? CAUSE_RXQ0 : CAUSE_RXT0;

    for (uint32_t i = 0; i < e->v.granted; i++) {
        event_reset(&e->v.event[i]);
    }
    start_rings(e, rx);
    make_frame(sent);
    *tx = (struct descriptor){ .addr = e->phys + SENT * PAGE,
                               .length = FRAME_LEN,
                               .command = TX_EOP | TX_IFCS | TX_RS };
    put(e, TX_RING + RING_TAIL, 1);
    if (!await_descriptor(e, tx, e->msix ? CAUSE_TXQ0 : CAUSE_TXDW) ||
        !await_descriptor(e, rx, rx_cause)) {
        return false;
    }
    return memcmp(sent, received, FRAME_LEN) == 0 ||
           fail(e->f, (int)vector_of(e, rx_cause), "the frame came back different");
}

/* ---- the driver ---- */

static bool work(struct e1000e *e)
{
    route(e);
    if (!raise_all(e) || !mask_all(e)) {
        return false;
    }
    put(e, CTRL, get(e, CTRL) | CTRL_SLU | CTRL_FD);
    bool link = settled(e->f, 0, STATUS, STATUS_LU, STATUS_LU, 3000);
    if (link && !loop_frame(e)) {
        return false;
    }
    say(e->f, "%s vectors %u, each cause raised%s%s", e->msix ? "MSI-X" : "MSI", e->v.granted,
        e->msix ? ", pending while masked" : "",
        link ? ", a frame sent and received" : "; no link");
    return true;
}

static bool with_kind(struct e1000e *e, uint32_t kind)
{
    const struct vectors_want want = { .kinds = kind,
                                       .min = 1,
                                       .max = kind == UMSI_MSIX ? MSIX_CAUSES : 1,
                                       .first = "e1000e",
                                       .rest = "e1000e" };
    e->msix = kind == UMSI_MSIX;
    if (umsi_pci_vector_count(&e->f->msi, kind) == 0) {
        return true;
    }
    memset(e->mem, 0, (size_t)PAGES * PAGE);
    if (!vectors_take(e->f, &e->v, &want)) {
        return false;
    }
    bool ok = work(e);
    e->running = !quiet(e);
    rest_us(GIVE_UP_US);
    vectors_give(e->f, &e->v);
    return ok && !e->running;
}

static bool e1000e_run(struct pci_function *f)
{
    struct e1000e e = { .f = f };
    if (f->bar[0].va == NULL) {
        return fail(f, -1, "no BAR 0");
    }
    if (vectors_none(f)) {
        return true;
    }
    if (!quiet(&e)) {
        return false;
    }
    e.mem = dma_get((size_t)PAGES * PAGE, &e.phys);
    if (e.mem == NULL) {
        return fail(f, -1, "no memory");
    }
    bool ok = with_kind(&e, UMSI_MSI) && with_kind(&e, UMSI_MSIX);
    if (!e.running) { /* else it may still write: the memory is lost, not reused */
        dma_put(e.mem, (size_t)PAGES * PAGE);
    }
    return ok;
}

static bool e1000e_match(const struct pci_function *f)
{
    return f->vendor == 0x8086 && f->device == 0x10d3;
}

const struct driver e1000e_driver = { .name = "e1000e", .match = e1000e_match, .run = e1000e_run };
