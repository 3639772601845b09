/* SPDX-License-Identifier: MIT */
/*
 * The drivers. The model's functions do no I/O, but they raise their interrupts themselves, as hardware does:
 * through their own MSI-X table and pending bits, or their MSI capability.
 */
#include "../driver.h"
#include "host.h"

#define MAX_VECTORS 65u
#define ROUNDS      3u

struct work {
    struct pci_function *f;
    struct event event[MAX_VECTORS];
    uint32_t granted, interrupts, held;
};

static const char *kind_name(uint32_t kind)
{
    return kind == UMSI_MSIX ? "MSI-X" : "MSI";
}

static bool take(struct work *w, uint32_t kind, uint32_t n)
{
    const struct umsi_vectors want = {
        .min = n, .max = n, .kinds = kind, .spread = kind == UMSI_MSIX
    };
    enum umsi_status st = umsi_pci_alloc_vectors(&w->f->msi, &want, &w->granted);
    if (st != UMSI_OK) {
        return fail(w->f, -1, "%u %s vectors: %s", (unsigned)n, kind_name(kind),
                    umsi_status_string(st));
    }
    for (uint32_t i = 0; i < n && st == UMSI_OK; i++) {
        event_reset(&w->event[i]);
        st = umsi_pci_request(&w->f->msi, i, event_raise, &w->event[i], "driver");
    }
    return st == UMSI_OK || fail(w->f, -1, "request: %s", umsi_status_string(st));
}

static bool fire(struct work *w, uint32_t i)
{
    uint32_t before = w->event[i].count;
    if (model_pci_raise(host_pci(w->f), i) != MODEL_SENT || !event_wait(&w->event[i], before + 1)) {
        return fail(w->f, (int)i, "no interrupt");
    }
    w->interrupts++;
    return true;
}

/* Raised while disabled: it waits, in the function or in umsi, and comes once. */
static bool fire_disabled(struct work *w, uint32_t i)
{
    uint32_t before = w->event[i].count;
    umsi_virq virq = umsi_pci_virq(&w->f->msi, i);
    umsi_irq_disable(w->f->umsi, virq);
    w->held += model_pci_raise(host_pci(w->f), i) == MODEL_PENDING ? 1 : 0;
    host_run();
    bool quiet = w->event[i].count == before;
    umsi_irq_enable(w->f->umsi, virq);
    w->interrupts++;
    return (quiet || fail(w->f, (int)i, "ran while it was disabled")) &&
           (event_wait(&w->event[i], before + 1) ||
            fail(w->f, (int)i, "no interrupt after it was enabled"));
}

static bool fire_all(struct work *w)
{
    for (uint32_t i = 0; i < w->granted; i++) {
        for (unsigned round = 0; round < ROUNDS; round++) {
            if (!fire(w, i)) {
                return false;
            }
        }
        if (!fire_disabled(w, i)) {
            return false;
        }
    }
    return true;
}

static bool drive_kind(struct pci_function *f, uint32_t kind)
{
    struct work w = { .f = f };
    uint32_t n = umsi_pci_vector_count(&f->msi, kind);
    if (n == 0) {
        return true;
    }
    n = n < MAX_VECTORS ? n : MAX_VECTORS;
    bool ok = take(&w, kind, n) && fire_all(&w) && host_no_breach();
    umsi_pci_free_vectors(&f->msi);
    if (ok) {
        say(f,
            "%s vectors %u, %u interrupts raised by the function, %u of them held in its pending bits",
            kind_name(kind), (unsigned)n, (unsigned)w.interrupts, (unsigned)w.held);
    }
    return ok;
}

/* Blocks of MSI: three vectors reserve four, and all come back. */
static bool drive_blocks(struct pci_function *f)
{
    static const uint32_t counts[] = { 1, 2, 3, 4, 16 };
    bool ok = true;
    for (unsigned i = 0; i < 5 && ok; i++) {
        struct work w = { .f = f };
        ok = take(&w, UMSI_MSI, counts[i]) && fire_all(&w) && host_no_breach();
        umsi_pci_free_vectors(&f->msi);
    }
    if (ok) {
        say(f, "MSI blocks of 1, 2, 3, 4, 16 of 16 vectors taken, raised, freed");
    }
    return ok;
}

static bool drive(struct pci_function *f)
{
    return drive_kind(f, UMSI_MSIX) && drive_kind(f, UMSI_MSI);
}

static bool drive_xhci(struct pci_function *f)
{
    return drive_blocks(f) && drive(f);
}

static bool is_nvme(const struct pci_function *f)
{
    return f->class_code == 0x010802;
}

static bool is_virtio(const struct pci_function *f)
{
    return f->vendor == 0x1af4;
}

static bool is_e1000e(const struct pci_function *f)
{
    return f->vendor == 0x8086 && f->device == 0x10d3;
}

static bool is_edu(const struct pci_function *f)
{
    return f->vendor == 0x1234 && f->device == 0x11e8;
}

static bool is_xhci(const struct pci_function *f)
{
    return f->class_code == 0x0c0330;
}

const struct driver nvme_driver = { "nvme", is_nvme, drive };
const struct driver virtio_driver = { "virtio", is_virtio, drive };
const struct driver e1000e_driver = { "e1000e", is_e1000e, drive };
const struct driver edu_driver = { "edu", is_edu, drive };
const struct driver xhci_driver = { "xhci", is_xhci, drive_xhci };
