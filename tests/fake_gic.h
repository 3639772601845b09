/* SPDX-License-Identifier: MIT */
/*
 * A small GICv3 behind a port of its own: registers with the side effects IHI0069 gives them, one clock that
 * moves when somebody waits, and a list of what no driver may do ("violations"). A reading of the
 * specification by itself: it includes nothing of src/.
 */
#ifndef FAKE_GIC_H
#define FAKE_GIC_H

#include <umsi/chip/gicv3.h>

#define FAKE_CPUS    8
#define FAKE_REGIONS 4
#define FAKE_INTIDS  1024
#define FAKE_NEVER   UINT32_MAX /* as a delay */

struct fake_bits { /* of 32 INTIDs */
    uint32_t group, enabled, pending, active;
};

struct fake_rd {
    uint8_t *frame; /* RD_base */
    uint64_t typer;
    uint32_t waker;
    uint32_t asleep_in, awake_in; /* register reads until ChildrenAsleep follows ProcessorSleep */
    uint32_t rwp, rwp_reads;      /* reads until RWP is 0 again, after a write it covers */
    struct fake_bits local;
    uint8_t priority[32];
    uint32_t icfgr1;
    uint32_t line; /* PPIs whose line stands */
    bool present;  /* else PIDR2 reads 0 */
};

struct fake_cpu {
    uint64_t mpidr;
    uint64_t sre, pmr, bpr, ctlr, igrpen1, apr[4];
    uint32_t running[8], nr_running; /* acknowledged, not yet ended */
    uint32_t lpi;                    /* a pending LPI; 0: none */
};

struct fake_gic {
    struct umsi_port port; /* hand this to umsi_create() */

    /* how it is built: set before fake_gic_start() */
    bool two_states;     /* DS 0, Non-secure view */
    bool secure_view;    /* DS 0, Secure view */
    bool group_writable; /* IGROUPR takes writes though DS is 0 */
    bool are_fixed_off;
    uint32_t it_lines; /* GICD_TYPER.ITLinesNumber */
    bool gicd_rss, icc_rss, a3v, sre_fixed_off, pmr_secure, ppi_trigger_fixed;
    uint32_t arch_rev, priority_bits;
    uint32_t rwp;        /* reads until GICD_CTLR.RWP is 0 again */
    uint32_t missing;    /* an SPI that is not implemented; 0: all are */
    uint32_t edge_fixed; /* an SPI whose trigger stays level */

    /* state */
    uint8_t *gicd;
    uint32_t ctlr, rwp_reads;
    struct fake_bits bits[FAKE_INTIDS / 32];
    uint8_t priority[FAKE_INTIDS];
    uint32_t icfgr[FAKE_INTIDS / 16];
    uint64_t irouter[FAKE_INTIDS];
    bool line[FAKE_INTIDS];
    struct fake_rd rd[16];
    uint32_t nr_rd;
    struct {
        uint8_t *base;
        size_t size;
    } region[FAKE_REGIONS];
    uint32_t nr_regions;
    struct fake_cpu cpu[FAKE_CPUS];
    uint32_t self; /* the CPU the test runs on */

    /* what the tests look at */
    uint64_t now;
    uint64_t last_sgi1r;
    uint32_t violations, lines_logged, allocs_live, locks_held;
    uint32_t fail_alloc_at; /* the n-th port->alloc from now fails; 0: none */
    bool no_alloc;          /* an allocation is a violation */
    char violation[160], log[160];
};

/* One Security state, 8 CPUs 0.0.0.n, 288 INTIDs, no redistributors yet, everything works. */
void fake_gic_init(struct fake_gic *g);
void fake_gic_free(struct fake_gic *g);
/* A region of `size` bytes for umsi_gicv3_config; its frames read 0. */
struct umsi_gicv3_region fake_gic_region(struct fake_gic *g, size_t size);
/* A redistributor in a region: packed affinity, and GICR_TYPER bits beside it. */
struct fake_rd *fake_gic_redist(struct fake_gic *g, const struct umsi_gicv3_region *r,
                                size_t offset, uint32_t affinity, uint64_t typer_bits);
/* n redistributors in a row for CPUs 0 .. n-1, the last one with Last. */
struct umsi_gicv3_region fake_gic_simple(struct fake_gic *g, uint32_t n);
struct fake_rd *fake_gic_rd_of(struct fake_gic *g, uint32_t cpu);

bool fake_gic_enabled(const struct fake_gic *g, uint32_t spi);
bool fake_gic_pending(const struct fake_gic *g, uint32_t spi);
bool fake_gic_active(const struct fake_gic *g, uint32_t spi);
/* An edge on an SPI. */
void fake_gic_pulse(struct fake_gic *g, uint32_t spi);

#endif /* FAKE_GIC_H */
