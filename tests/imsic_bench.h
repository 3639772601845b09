/* SPDX-License-Identifier: MIT */
/* For tests of the IMSIC at its limits: small files, a second function that takes identities, and vectors on a CPU. */
#ifndef IMSIC_BENCH_H
#define IMSIC_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "imsic_rig.h"

#define IDS 63u /* of the small files */

static const struct model_pci_config msix = { .msix_entries = 300, .pba_offset = 0x2000 };
static const struct model_pci_config plain = { .msi_vectors = 1, .msi_64 = true };
static const struct model_pci_config block = { .msi_vectors = 32, .msi_64 = true };

static struct irig r;

/* ---- a second function, which takes identities of one hart ---- */

struct filler {
    struct model_pci *hw;
    struct umsi_pci pci;
};

static inline void fill_start(struct filler *f)
{
    struct umsi_pci_config config = { .ops = model_pci_ops(), .name = "filler" };
    memset(f, 0, sizeof(*f));
    assert_true(model_pci_create(r.m, &msix, &f->hw));
    config.handle = f->hw;
    assert_int_equal(umsi_pci_attach(umsi_imsic_parent(r.imsic), &config, &f->pci), UMSI_OK);
}

static inline void fill_stop(struct filler *f)
{
    umsi_pci_detach(&f->pci);
    model_pci_destroy(f->hw);
}

/* So many on a hart, or as many as there are; how many there were. */
static inline uint32_t fill(struct filler *f, umsi_cpu cpu, uint32_t n)
{
    struct umsi_cpumask one = { { (uint64_t)1 << cpu } };
    struct umsi_vectors want = { .min = n, .max = n, .kinds = UMSI_MSIX, .cpus = &one };
    uint32_t granted;
    while (want.min != 0 && umsi_pci_alloc_vectors(&f->pci, &want, &granted) != UMSI_OK) {
        want.min = --want.max;
        irig_run(&r);
    }
    return want.min;
}

/* All identities of each hart are to be had: none is lost, or still set aside (L14, L37). */
static inline void all_there(void)
{
    struct filler f;
    irig_run(&r);
    for (umsi_cpu cpu = 0; cpu < r.nr_cpus; cpu++) {
        assert_int_equal(irig_counts(&r, cpu).live, 0);
        assert_int_equal(irig_counts(&r, cpu).quarantined, 0);
        fill_start(&f);
        assert_int_equal(fill(&f, cpu, IDS), IDS);
        fill_stop(&f);
        irig_run(&r);
    }
}

/* A vector of a function on this CPU, its handler installed. */
static inline void take_on(const struct model_pci_config *hw, uint32_t kinds, umsi_cpu cpu)
{
    struct umsi_cpumask one = { { (uint64_t)1 << cpu } };
    const struct umsi_vectors want = { .min = 1, .max = 1, .kinds = kinds, .cpus = &one };
    uint32_t granted;
    irig_plug(&r, hw);
    assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &want, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_request(&r.pci, 0, irig_handler, &r.vector[0], "edge"), UMSI_OK);
    irig_run(&r);
    assert_int_equal(umsi_irq_get_cpu(r.u, irig_virq(&r, 0)), cpu);
}

static inline enum umsi_status take_managed(uint32_t n)
{
    const struct umsi_vectors managed = { .min = n, .max = n, .managed = true };
    uint32_t granted;
    enum umsi_status st = umsi_pci_alloc_vectors(&r.pci, &managed, &granted);
    for (uint32_t i = 0; i < n && st == UMSI_OK; i++) {
        assert_int_equal(umsi_pci_request(&r.pci, i, irig_handler, &r.vector[i], "m"), UMSI_OK);
    }
    irig_run(&r);
    return st;
}

static inline void start(uint32_t nr_cpus)
{
    const struct irig_config c = { .model = { .nr_cpus = nr_cpus, .memory_bytes = 1 << 20 },
                                   .imsic = { .nr_ids = IDS } };
    irig_start(&r, &c);
}

#endif /* IMSIC_BENCH_H */
