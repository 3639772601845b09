/* SPDX-License-Identifier: MIT */
/*
 * xhci: MSI blocks of 1, 2, 3, 4 and 16 vectors taken, freed and taken again; then No Op commands through
 * command and event ring, each completion an interrupt of the primary interrupter, by MSI and by MSI-X.
 * Sections are those of the eXtensible Host Controller Interface specification 1.2.
 */
#include "common.h"
#include "xhci_regs.h"

#define PAGE   4096u
#define RING   16u /* TRBs, in both rings; the least an event ring segment may have (6.5) */
#define NO_OPS 40u /* enough to go round both rings twice */

/* Pages of the memory; the scratchpad buffers follow, 4 KiB each. */
enum { COMMANDS, EVENTS, SEGMENTS, CONTEXTS, SCRATCH_LIST, SCRATCH };

struct xhci {
    struct pci_function *f;
    struct vectors v;
    uint32_t op, runtime, doorbell; /* offsets in BAR 0 */
    uint32_t slots, scratch;
    uint32_t command, event; /* next TRB of each ring */
    uint32_t command_cycle, event_cycle;
    bool running; /* would not stop */
    uint8_t *mem;
    uint64_t phys;
    size_t size;
};

static uint32_t get(const struct xhci *x, uint32_t reg)
{
    return bar_read32(x->f, 0, reg);
}

static void put(const struct xhci *x, uint32_t reg, uint32_t v)
{
    bar_write32(x->f, 0, reg, v);
}

/* 5.1: the low half first; without 64-bit addressing the high half is ignored. */
static void put_phys(const struct xhci *x, uint32_t reg, uint64_t v)
{
    put(x, reg, (uint32_t)v);
    put(x, reg + 4, (uint32_t)(v >> 32));
}

static uint64_t page_phys(const struct xhci *x, uint32_t page)
{
    return x->phys + (uint64_t)page * PAGE;
}

static struct xhci_trb *ring(const struct xhci *x, uint32_t page)
{
    return (void *)(x->mem + page * (size_t)PAGE);
}

/* ---- 4.2: stop, reset, start ---- */

static bool stop(const struct xhci *x)
{
    put(x, x->op + XHCI_USBCMD, get(x, x->op + XHCI_USBCMD) & ~(XHCI_CMD_RUN | XHCI_CMD_INTE));
    return settled(x->f, 0, x->op + XHCI_USBSTS, XHCI_STS_HALTED, XHCI_STS_HALTED, 100) ||
           fail(x->f, -1, "does not halt");
}

static bool reset(const struct xhci *x)
{
    if (!stop(x)) {
        return false;
    }
    put(x, x->op + XHCI_USBCMD, XHCI_CMD_RESET);
    return (settled(x->f, 0, x->op + XHCI_USBCMD, XHCI_CMD_RESET, 0, 1000) &&
            settled(x->f, 0, x->op + XHCI_USBSTS, XHCI_STS_NOT_READY, 0, 1000)) ||
           fail(x->f, -1, "reset does not end");
}

static void lay_out(struct xhci *x)
{
    memset(x->mem, 0, x->size);
    struct xhci_trb *link = ring(x, COMMANDS) + RING - 1;
    struct xhci_erst segment = { .base = page_phys(x, EVENTS), .size = RING };
    link->parameter = page_phys(x, COMMANDS);
    memcpy(x->mem + SEGMENTS * PAGE, &segment, sizeof(segment));
    for (uint32_t i = 0; i < x->scratch; i++) {
        uint64_t at = page_phys(x, SCRATCH + i);
        memcpy(x->mem + SCRATCH_LIST * PAGE + i * sizeof(at), &at, sizeof(at));
    }
    if (x->scratch != 0) { /* 4.20: the first context address points at the list */
        uint64_t list = page_phys(x, SCRATCH_LIST);
        memcpy(x->mem + CONTEXTS * PAGE, &list, sizeof(list));
    }
    x->command = x->event = 0;
    x->command_cycle = x->event_cycle = 1;
}

/* No moderation (IMOD 0): each completion is waited for alone. */
static bool start(struct xhci *x)
{
    lay_out(x);
    put(x, x->op + XHCI_CONFIG, x->slots);
    put_phys(x, x->op + XHCI_DCBAAP, page_phys(x, CONTEXTS));
    put_phys(x, x->op + XHCI_CRCR, page_phys(x, COMMANDS) | XHCI_CRCR_RCS);
    put(x, x->runtime + XHCI_ERSTSZ, 1);
    put_phys(x, x->runtime + XHCI_ERDP, page_phys(x, EVENTS));
    put_phys(x, x->runtime + XHCI_ERSTBA, page_phys(x, SEGMENTS));
    put(x, x->runtime + XHCI_IMOD, 0);
    put(x, x->runtime + XHCI_IMAN, XHCI_IMAN_IE | XHCI_IMAN_IP);
    put(x, x->op + XHCI_USBCMD, XHCI_CMD_RUN | XHCI_CMD_INTE);
    return settled(x->f, 0, x->op + XHCI_USBSTS, XHCI_STS_HALTED, 0, 100) ||
           fail(x->f, -1, "does not start");
}

/* ---- commands ---- */

/* 4.9.2: the cycle bit hands a TRB over, so it is written last; at the end the link does the same. */
static uint64_t submit_no_op(struct xhci *x)
{
    struct xhci_trb *trb = ring(x, COMMANDS) + x->command;
    uint64_t at = page_phys(x, COMMANDS) + x->command * sizeof(*trb);
    uint32_t control = XHCI_TRB_TYPE(XHCI_TRB_NO_OP_COMMAND) | x->command_cycle;
    __atomic_store_n(&trb->control, control, __ATOMIC_RELEASE);
    if (++x->command == RING - 1) {
        control = XHCI_TRB_TYPE(XHCI_TRB_LINK) | XHCI_TRB_TOGGLE | x->command_cycle;
        __atomic_store_n(&trb[1].control, control, __ATOMIC_RELEASE);
        x->command = 0;
        x->command_cycle ^= 1;
    }
    put(x, x->doorbell, 0);
    return at;
}

/* Take what is in the event ring; the completion of the command at `at` gives its code, others (a port
 * changed, say) are passed over. 0: it is not there yet. */
static uint32_t take_events(struct xhci *x, uint64_t at)
{
    uint32_t code = 0;
    for (;;) {
        const volatile struct xhci_trb *e = ring(x, EVENTS) + x->event;
        uint32_t control = e->control;
        if ((control & XHCI_TRB_CYCLE) != x->event_cycle) {
            break;
        }
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (XHCI_TRB_TYPE_OF(control) == XHCI_TRB_COMMAND_COMPLETION && e->parameter == at) {
            code = XHCI_TRB_CODE_OF(e->status);
        }
        x->event = (x->event + 1) % RING;
        x->event_cycle ^= x->event == 0;
    }
    return code;
}

/* 4.17.2, 5.5.2.3.3: clear what is pending, then Event Handler Busy, with where the ring was read to; an
 * event that came after that interrupts again. */
static void rearm(struct xhci *x)
{
    put(x, x->op + XHCI_USBSTS, XHCI_STS_EINT);
    put(x, x->runtime + XHCI_IMAN, XHCI_IMAN_IE | XHCI_IMAN_IP);
    put_phys(x, x->runtime + XHCI_ERDP,
             (page_phys(x, EVENTS) + x->event * sizeof(struct xhci_trb)) | XHCI_ERDP_EHB);
}

static bool no_op(struct xhci *x)
{
    event_reset(&x->v.event[0]);
    uint64_t at = submit_no_op(x);
    for (uint32_t count = 1;; count++) {
        if (!event_wait(&x->v.event[0], count)) {
            return fail(x->f, 0, "no interrupt for a command's completion");
        }
        uint32_t code = take_events(x, at);
        rearm(x);
        if (code != 0) {
            return code == XHCI_CODE_SUCCESS || fail(x->f, 0, "No Op command: code %u", code);
        }
    }
}

static bool work(struct xhci *x)
{
    if (!start(x)) {
        return false;
    }
    for (uint32_t i = 0; i < NO_OPS; i++) {
        if (!no_op(x)) {
            return false;
        }
    }
    return true;
}

static bool with_kind(struct xhci *x, uint32_t kind)
{
    const struct vectors_want want = {
        .kinds = kind, .min = 1, .max = MAX_VECTORS, .first = "xhci", .rest = "xhci"
    };
    if (umsi_pci_vector_count(&x->f->msi, kind) == 0) {
        return true;
    }
    if (!vectors_take(x->f, &x->v, &want)) {
        return false;
    }
    uint32_t granted = x->v.granted;
    bool ok = work(x);
    x->running = !reset(x);
    vectors_give(x->f, &x->v);
    if (ok) {
        say(x->f, "%s vectors %u, %u commands completed by interrupt",
            kind == UMSI_MSIX ? "MSI-X" : "MSI", granted, NO_OPS);
    }
    return ok && !x->running;
}

/* ---- MSI blocks ---- */

static bool block_is_right(struct xhci *x, uint32_t n, uint32_t granted)
{
    if (granted != n) {
        return fail(x->f, -1, "asked for a block of %u, granted %u", n, granted);
    }
    for (uint32_t i = 0; i < n; i++) {
        umsi_virq virq = umsi_pci_virq(&x->f->msi, i);
        if (virq == UMSI_NO_VIRQ || (i != 0 && virq == umsi_pci_virq(&x->f->msi, i - 1))) {
            return fail(x->f, (int)i, "block of %u: virq %u", n, virq);
        }
    }
    return umsi_pci_virq(&x->f->msi, n) == UMSI_NO_VIRQ ||
           fail(x->f, (int)n, "a vector beyond the block of %u", n);
}

static bool take_block(struct xhci *x, uint32_t n)
{
    const struct umsi_vectors want = { .min = n, .max = n, .kinds = UMSI_MSI };
    uint32_t granted = 0;
    enum umsi_status st = umsi_pci_alloc_vectors(&x->f->msi, &want, &granted);
    if (n > umsi_pci_vector_count(&x->f->msi, UMSI_MSI)) {
        umsi_pci_free_vectors(&x->f->msi);
        return st == UMSI_NOSPACE || fail_status(x->f, -1, "more vectors than there are", st);
    }
    if (st != UMSI_OK) {
        return fail_status(x->f, -1, "no block of vectors", st);
    }
    bool ok = block_is_right(x, n, granted);
    umsi_pci_free_vectors(&x->f->msi);
    return ok;
}

static bool take_blocks(struct xhci *x)
{
    static const uint32_t size[] = { 1, 2, 3, 4, 16 };
    if (umsi_pci_vector_count(&x->f->msi, UMSI_MSI) == 0) {
        return true;
    }
    for (size_t i = 0; i < 2 * sizeof(size) / sizeof(size[0]); i++) {
        if (!take_block(x, size[i / 2])) { /* each size twice: taken, freed and taken again */
            return false;
        }
    }
    say(x->f, "MSI blocks of 1, 2, 3, 4, 16 of %u vectors taken, freed, taken again",
        umsi_pci_vector_count(&x->f->msi, UMSI_MSI));
    return true;
}

/* ---- the driver ---- */

static bool read_capabilities(struct xhci *x)
{
    x->op = get(x, XHCI_CAPLENGTH) & 0xff;
    x->runtime = get(x, XHCI_RTSOFF) & ~0x1fu;
    x->doorbell = get(x, XHCI_DBOFF) & ~0x3u;
    x->slots = XHCI_MAX_SLOTS(get(x, XHCI_HCSPARAMS1));
    x->scratch = XHCI_MAX_SCRATCH(get(x, XHCI_HCSPARAMS2));
    x->size = (SCRATCH + (size_t)x->scratch) * PAGE;
    /* PAGESIZE bit 0: 4 KiB */
    return (x->op >= 0x20 && x->scratch <= PAGE / 8 && (get(x, x->op + XHCI_PAGESIZE) & 1) != 0) ||
           fail(x->f, -1, "capability registers are not for this driver");
}

static bool xhci_run(struct pci_function *f)
{
    struct xhci x = { .f = f };
    if (f->bar[0].va == NULL) {
        return fail(f, -1, "no BAR 0");
    }
    if (vectors_none(f)) {
        return true;
    }
    if (!read_capabilities(&x) || !reset(&x)) {
        return false;
    }
    x.mem = dma_get(x.size, &x.phys);
    if (x.mem == NULL) {
        return fail(f, -1, "no memory");
    }
    bool ok = take_blocks(&x) && with_kind(&x, UMSI_MSI) && with_kind(&x, UMSI_MSIX);
    if (!x.running) { /* else it may still write: the memory is lost, not reused */
        dma_put(x.mem, x.size);
    }
    return ok;
}

static bool xhci_match(const struct pci_function *f)
{
    return f->class_code == 0x0c0330;
}

const struct driver xhci_driver = { .name = "xhci", .match = xhci_match, .run = xhci_run };
