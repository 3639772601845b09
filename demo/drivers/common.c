/* SPDX-License-Identifier: MIT */
/* Taking, waiting for and giving back the vectors of a demo driver. */
#include "common.h"

bool fail_status(const struct pci_function *f, int vector, const char *what, enum umsi_status st)
{
    return fail(f, vector, "%s: %s", what, umsi_status_string(st));
}

#define PCI_COMMAND         0x04
#define PCI_COMMAND_NO_INTX 0x0400u /* Interrupt Disable */

bool intx_allow(const struct pci_function *f, bool allow)
{
    uint32_t command = pci_read(f, PCI_COMMAND, 2);
    pci_write(f, PCI_COMMAND, 2,
              allow ? command & ~PCI_COMMAND_NO_INTX : command | PCI_COMMAND_NO_INTX);
    return (command & PCI_COMMAND_NO_INTX) != 0;
}

bool vectors_none(const struct pci_function *f)
{
    if (umsi_pci_vector_count(&f->msi, UMSI_MSIX) != 0 ||
        umsi_pci_vector_count(&f->msi, UMSI_MSI) != 0) {
        return false;
    }
    say(f, "has neither MSI nor MSI-X");
    return true;
}

bool vectors_take(struct pci_function *f, struct vectors *v, const struct vectors_want *want)
{
    struct umsi_vectors wish = {
        .min = want->min,
        .max = want->max < MAX_VECTORS ? want->max : MAX_VECTORS,
        .kinds = want->kinds,
        .spread = want->max > 1,
        .reserve_front = want->max > 1 ? 1 : 0,
    };
    *v = (struct vectors){ .granted = 0 };
    enum umsi_status st = umsi_pci_alloc_vectors(&f->msi, &wish, &v->granted);
    if (st == UMSI_UNSUPPORTED &&
        want->kinds == UMSI_MSI) { /* a block with one address stays together */
        wish.spread = false;
        st = umsi_pci_alloc_vectors(&f->msi, &wish, &v->granted);
    }
    if (st != UMSI_OK) {
        return fail_status(f, -1, "no vectors", st);
    }
    for (uint32_t i = 0; i < v->granted; i++) {
        st = umsi_pci_request(&f->msi, i, event_raise, &v->event[i],
                              i == 0 ? want->first : want->rest);
        if (st != UMSI_OK) {
            vectors_give(f, v);
            return fail_status(f, (int)i, "no handler", st);
        }
    }
    return true;
}

void vectors_give(struct pci_function *f, struct vectors *v)
{
    umsi_pci_free_vectors(&f->msi);
    v->granted = 0;
}

bool vectors_wait(const struct pci_function *f, struct vectors *v, uint32_t vector, uint32_t n)
{
    return event_wait(&v->event[vector], n) || fail(f, (int)vector, "no interrupt");
}

bool settled(const struct pci_function *f, unsigned bar, uint32_t offset, uint32_t mask,
             uint32_t value, uint32_t limit_ms)
{
    uint64_t end = time_us() + (uint64_t)limit_ms * 1000;
    for (;;) {
        bool late =
            time_us() >= end; /* before the last look, so that a slow CPU still looks once */
        if ((bar_read32(f, bar, offset) & mask) == value) {
            return true;
        }
        if (late) {
            return false;
        }
    }
}
