/* SPDX-License-Identifier: MIT */
/*
 * A PCI function made of memory, for unit tests: configuration space that only takes the writes the
 * specification lets it take, an MSI-X table reached through the port, a record of every access, and a judge
 * that stops the test when the table is changed in a way that is undefined (L45). It has its own reading of
 * the layouts, and can be broken in the ways real ones are.
 */
#ifndef FAKE_PCI_H
#define FAKE_PCI_H

#include <umsi/pci.h>

#include "mock_parent.h"
#include "test_port.h"

#define FAKE_PCI_ENTRIES 2048u
#define FAKE_PCI_RECORD  32768u

enum fake_pci_access { FAKE_CONFIG_READ, FAKE_CONFIG_WRITE, FAKE_TABLE_READ, FAKE_TABLE_WRITE };

struct fake_pci_record {
    enum fake_pci_access what;
    uint32_t offset, value;
};

struct fake_pci {
    uint8_t config[256], writable[256];
    uint32_t msi_cap, msix_cap; /* as added below */
    uint32_t table[FAKE_PCI_ENTRIES * 4];
    uint32_t entries;
    unsigned bar;
    uint64_t table_offset;

    bool gone;               /* pulled out: reads are all ones */
    bool refuses;            /* and the port knows: its callbacks say false */
    bool no_map;             /* map_bar fails */
    bool leaves;             /* is pulled out just after map_bar */
    bool control_reads_zero; /* Vector Control cannot be read */
    uint32_t fail_write;     /* the Nth configuration write from now is refused; 0: none */

    uint32_t mapped, maps;        /* now; ever */
    bool dirty[FAKE_PCI_ENTRIES]; /* message written, not read back */
    struct fake_pci_record record[FAKE_PCI_RECORD];
    uint32_t records;
    struct fake_pci *next;
};

extern const struct umsi_pci_ops fake_pci_ops;

/* An ordinary function without capabilities; memory and bus mastering on. */
void fake_pci_init(struct fake_pci *f);
/* Put a capability at `at`, first in the list. `log2` is Multiple Message Capable. */
void fake_pci_add_msi(struct fake_pci *f, uint32_t at, unsigned log2, bool is_64, bool maskable);
void fake_pci_add_msix(struct fake_pci *f, uint32_t at, uint32_t entries, unsigned bar,
                       uint64_t table_offset);
/* Any other capability. */
void fake_pci_add_cap(struct fake_pci *f, uint32_t at, uint8_t id);
/* What a function-level reset does; the kernel then puts Command back. */
void fake_pci_reset(struct fake_pci *f);

uint32_t fake_pci_get(const struct fake_pci *f, uint32_t offset, unsigned width);
void fake_pci_put(struct fake_pci *f, uint32_t offset, unsigned width, uint32_t value);

/* What the function would send for a vector now. False: nothing, it is off or masked. */
bool fake_pci_would_send(const struct fake_pci *f, uint32_t vector, struct umsi_message *out);
bool fake_pci_msi_enabled(const struct fake_pci *f);
bool fake_pci_msix_enabled(const struct fake_pci *f);
/* Where the first access of this kind, offset and value is at or after `from`; FAKE_PCI_RECORD: nowhere. */
uint32_t fake_pci_find(const struct fake_pci *f, uint32_t from, enum fake_pci_access what,
                       uint32_t offset, uint32_t value);

/* ---- a function, its controller and the port, ready to attach ---- */

#define PCI_BENCH_ALL (UMSI_MSI | UMSI_MSIX | UMSI_MSI_MULTI | UMSI_MSIX_DYNAMIC)

struct pci_bench {
    struct test_port port;
    struct umsi *umsi;
    struct mock_parent mock;
    struct fake_pci fake;
    struct umsi_pci pci;
};

/* Makes everything but the capabilities and the attach. */
struct pci_bench *pci_bench_create(uint32_t can);
enum umsi_status pci_bench_attach(struct pci_bench *b);
/* Detach and give all back; asserts that nothing is left. */
void pci_bench_destroy(struct pci_bench *b);
/* umsi_pci_alloc_vectors() for a plain wish. */
enum umsi_status pci_bench_alloc(struct pci_bench *b, uint32_t min, uint32_t max, uint32_t kinds,
                                 uint32_t *out_granted);
/* Request every vector, let it arrive from the function's own message, and see each handler run once. */
void pci_bench_works(struct pci_bench *b, uint32_t n);

#endif /* FAKE_PCI_H */
