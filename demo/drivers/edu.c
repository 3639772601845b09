/* SPDX-License-Identifier: MIT */
/*
 * edu: QEMU's teaching device, with one MSI vector. It computes factorials and says so by interrupt, and
 * raises the interrupt on request (QEMU, docs/specs/edu). It does so once by MSI and once by INTx, where the
 * kernel has a wire for it.
 *
 * Its DMA engine is left alone: it reaches addresses below 2^28 unless told otherwise on QEMU's command
 * line, no register says what was told, and RAM often starts higher.
 */
#include "common.h"

/* BAR 0 */
enum {
    EDU_IDENT = 0x00,
    EDU_LIVENESS = 0x04,
    EDU_FACTORIAL = 0x08,
    EDU_STATUS = 0x20,
    EDU_IRQ_STATUS = 0x24,
    EDU_IRQ_RAISE = 0x60,
    EDU_IRQ_ACK = 0x64,
};
#define EDU_STATUS_IRQ_WHEN_DONE 0x80u
#define EDU_CAUSE_FACTORIAL      0x01u

struct edu {
    struct pci_function *f;
    struct event event;
    volatile uint32_t cause; /* of the last interrupt */
};

/* The device repeats nothing and merges everything: read the causes, and clear exactly those, which takes its
 * INTx back, too. An interrupt without a cause, raised by command or by another function on the wire, says
 * nothing. */
static void edu_irq(void *arg)
{
    struct edu *e = arg;
    uint32_t cause = bar_read32(e->f, 0, EDU_IRQ_STATUS);
    if (cause != 0) {
        e->cause = cause;
        bar_write32(e->f, 0, EDU_IRQ_ACK, cause);
        event_raise(&e->event);
    }
}

static bool edu_wait(struct edu *e, uint32_t cause)
{
    if (!event_wait(&e->event, 1)) {
        return fail(e->f, 0, "no interrupt for cause 0x%x", cause);
    }
    if (e->cause != cause) {
        return fail(e->f, 0, "cause 0x%x instead of 0x%x", e->cause, cause);
    }
    return true;
}

static bool edu_factorial(struct edu *e, uint32_t n)
{
    uint32_t want = 1;
    for (uint32_t i = 2; i <= n; i++) {
        want *= i;
    }
    event_reset(&e->event);
    bar_write32(e->f, 0, EDU_FACTORIAL, n);
    if (!edu_wait(e, EDU_CAUSE_FACTORIAL)) {
        return false;
    }
    uint32_t got = bar_read32(e->f, 0, EDU_FACTORIAL);
    return got == want || fail(e->f, 0, "%u! is %u, not %u", n, want, got);
}

static bool edu_raise(struct edu *e, uint32_t cause)
{
    event_reset(&e->event);
    bar_write32(e->f, 0, EDU_IRQ_RAISE, cause);
    return edu_wait(e, cause);
}

static bool edu_work(struct edu *e, const char *how)
{
    bar_write32(e->f, 0, EDU_STATUS, EDU_STATUS_IRQ_WHEN_DONE);
    for (uint32_t n = 1; n <= 12; n++) { /* 12! is the last that fits 32 bits */
        if (!edu_factorial(e, n)) {
            return false;
        }
    }
    for (unsigned bit = 1; bit < 32; bit += 6) {
        if (!edu_raise(e, (uint32_t)1 << bit)) {
            return false;
        }
    }
    say(e->f, "%s: factorials of 1 to 12 right, 6 interrupts raised by register", how);
    return true;
}

static bool edu_probe(struct pci_function *f)
{
    if (f->bar[0].va == NULL || (bar_read32(f, 0, EDU_IDENT) & 0xffff) != 0x00ed) {
        return fail(f, -1, "no edu behind BAR 0");
    }
    bar_write32(f, 0, EDU_LIVENESS, 0x12345678);
    return bar_read32(f, 0, EDU_LIVENESS) == ~UINT32_C(0x12345678) ||
           fail(f, -1, "liveness register does not invert");
}

static void edu_quiet(struct pci_function *f)
{
    bar_write32(f, 0, EDU_STATUS, 0);
    bar_write32(f, 0, EDU_IRQ_ACK, bar_read32(f, 0, EDU_IRQ_STATUS));
}

static bool edu_by(struct pci_function *f, uint32_t kind, const char *how)
{
    const struct umsi_vectors want = { .min = 1, .max = 1, .kinds = kind };
    struct edu e = { .f = f };
    uint32_t granted;

    edu_quiet(f);
    enum umsi_status st = umsi_pci_alloc_vectors(&f->msi, &want, &granted);
    if (st != UMSI_OK) {
        return fail_status(f, -1, how, st);
    }
    st = umsi_pci_request(&f->msi, 0, edu_irq, &e, "edu");
    bool ok = st == UMSI_OK ? edu_work(&e, how) : fail_status(f, 0, "no handler", st);
    edu_quiet(f);
    umsi_pci_free_vectors(&f->msi);
    return ok;
}

static bool edu_by_wire(struct pci_function *f)
{
    if (umsi_pci_vector_count(&f->msi, UMSI_INTX) == 0) {
        say(f, "INTx: this kernel gives umsi no wire for it, skipped");
        return true;
    }
    bool kept_back = intx_allow(f, true);
    bool ok = edu_by(f, UMSI_INTX, "INTx");
    (void)intx_allow(f, !kept_back);
    return ok;
}

static bool edu_run(struct pci_function *f)
{
    return edu_probe(f) && (!f->by_message || edu_by(f, UMSI_MSI, "MSI")) && edu_by_wire(f);
}

static bool edu_match(const struct pci_function *f)
{
    return f->vendor == 0x1234 && f->device == 0x11e8;
}

const struct driver edu_driver = {
    .name = "edu", .match = edu_match, .run = edu_run, .by_wire = true
};
