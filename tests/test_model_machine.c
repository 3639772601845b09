/* SPDX-License-Identifier: MIT */
/* The model judged by itself: registers, LPI tables, CPU interface, memory, locks, time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "raw_its.h"

#define VALID ((uint64_t)1 << 63)
#define IAR1  UMSI_SYSREG(3, 0, 12, 12, 0)
#define EOIR1 UMSI_SYSREG(3, 0, 12, 12, 1)
#define SGI1R UMSI_SYSREG(3, 0, 12, 11, 5)

static void finish(struct raw *r)
{
    raw_expect_none(r);
    model_destroy(r->m);
}

/* ---- ITS registers ---- */

static void test_typer(void **state)
{
    static const struct model_its_config its = { .device_bits = 20,
                                                 .event_bits = 11,
                                                 .itt_entry_size = 12,
                                                 .hcc = 3,
                                                 .pta = true,
                                                 .collection_bits = 8 };
    struct raw r;
    (void)state;
    raw_create(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1, .its = &its });
    uint64_t typer = raw_read64(&r, r.its, 8);
    assert_true((typer & 1) != 0);
    assert_int_equal((typer >> 4) & 0xf, 11);
    assert_int_equal((typer >> 8) & 0x1f, 10);
    assert_int_equal((typer >> 13) & 0x1f, 19);
    assert_int_equal((typer >> 19) & 1, 1);
    assert_int_equal((typer >> 24) & 0xff, 3);
    assert_int_equal((typer >> 32) & 0xf, 7);
    assert_int_equal((typer >> 36) & 1, 1);
    assert_int_equal(raw_read(&r, r.its, 0xffe8) >> 4 & 0xf, 3);
    assert_int_equal(raw_read(&r, r.its, 0) >> 31, 1);
    finish(&r);
}

static void test_baser_takes_what_it_can(void **state)
{
    static const struct model_its_config its = {
        .page_sizes = 4, .no_indirect = true, .not_shareable = true, .device_entry_size = 16
    };
    struct raw r;
    (void)state;
    raw_create(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1, .its = &its });
    raw_write64(&r, r.its, 0x100, UINT64_MAX);
    uint64_t v = raw_read64(&r, r.its, 0x100);
    assert_int_equal((v >> 8) & 3, 2);
    assert_int_equal((v >> 62) & 1, 0);
    assert_int_equal((v >> 10) & 3, 0);
    assert_int_equal((v >> 56) & 7, 1);
    assert_int_equal((v >> 48) & 0x1f, 15);
    raw_write64(&r, r.its, 0x110, UINT64_MAX);
    assert_true(raw_read64(&r, r.its, 0x110) == 0);
    finish(&r);
}

static void test_tables_written_while_enabled(void **state)
{
    struct raw r;
    (void)state;
    raw_start(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1 });
    raw_write64(&r, r.its, 0x100, 0);
    raw_expect(&r, "L32");
    raw_write64(&r, r.its, 0x80, 0);
    raw_expect(&r, "L32");
    raw_write(&r, r.its, 0, 0);
    raw_write64(&r, r.its, 0x80, 0); /* disabled, but not yet quiescent */
    raw_expect(&r, "L32");
    raw_write(&r, r.its, 0, 1);
    raw_expect(&r, "L32");
    finish(&r);
}

static void test_table_freed_while_enabled(void **state)
{
    struct raw r;
    (void)state;
    raw_start(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1 });
    r.p->dma_free(r.p->ctx, &r.devices);
    raw_expect(&r, "L22");
    r.p->dma_free(r.p->ctx, &r.queue);
    raw_expect(&r, "L22");
    r.p->dma_free(r.p->ctx, &r.config);
    raw_expect(&r, "L32");
    r.p->dma_free(r.p->ctx, &r.pending[0]);
    raw_expect(&r, "L32");
    finish(&r);
}

static void test_table_not_zero(void **state)
{
    struct raw r;
    (void)state;
    raw_create(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1 });
    struct umsi_dma table = raw_dma(&r, 4096, 4096), queue = raw_dma(&r, 4096, 4096);
    ((uint8_t *)table.va)[100] = 1;
    raw_write64(&r, r.its, 0x80, VALID | queue.phys);
    raw_write64(&r, r.its, 0x100, VALID | table.phys);
    raw_write(&r, r.its, 0, 1);
    raw_expect(&r, "L20");
    finish(&r);
}

static void test_enabled_without_queue(void **state)
{
    struct raw r;
    (void)state;
    raw_create(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1 });
    raw_write(&r, r.its, 0, 1);
    raw_expect(&r, "L39");
    finish(&r);
}

static void test_new_queue_but_old_cwriter(void **state)
{
    struct raw r;
    (void)state;
    raw_create(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1 });
    struct umsi_dma queue = raw_dma(&r, 4096, 4096);
    raw_write64(&r, r.its, 0x88, 64);
    raw_write64(&r, r.its, 0x80, VALID | queue.phys);
    raw_write(&r, r.its, 0, 1);
    raw_expect(&r, "L39");
    finish(&r);
}

static void test_level1_not_cleaned(void **state)
{
    struct raw r = { 0 };
    (void)state;
    raw_create(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1, .non_coherent = true });
    r.two_level = true;
    raw_lpis_start(&r);
    raw_its_start(&r);
    struct umsi_dma page = raw_dma(&r, 4096, 4096), itt = raw_dma(&r, 256, 256);
    uint64_t l1 = VALID | page.phys;
    memcpy(r.devices.va, &l1, 8);
    raw_mapd(&r, 1, 1, itt.phys, true);
    raw_done(&r);
    raw_expect_first(&r, "L33");
    r.p->cache_clean(r.p->ctx, r.devices.va, 8);
    raw_write64(&r, r.its, 0x88, r.slot * 32 | 1); /* Retry */
    raw_done(&r);
    uint32_t bits;
    uint64_t at;
    assert_true(model_its_device(r.m, 0, 1, &bits, &at));
    assert_true(at == itt.phys && bits == 1);
    raw_expect_none(&r);
    r.p->dma_free(r.p->ctx, &page); /* no command gives a level 2 page back */
    raw_expect(&r, "L22");
    finish(&r);
}

/* An entry the ITS has used it may keep: changed, or taken back, is not unused (IHI0069 5.2). */
static void test_level1_kept(void **state)
{
    struct raw r = { 0 };
    (void)state;
    raw_create(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1 });
    r.two_level = true;
    raw_lpis_start(&r);
    raw_its_start(&r);
    struct umsi_dma page = raw_dma(&r, 4096, 4096), other = raw_dma(&r, 4096, 4096);
    struct umsi_dma itt = raw_dma(&r, 512, 256);
    uint64_t *l1 = r.devices.va;
    l1[0] = VALID | page.phys;
    raw_mapd(&r, 1, 1, itt.phys, true);
    raw_done(&r);
    l1[1] = VALID | other.phys; /* one it has not used may come at any time */
    raw_mapd(&r, 512, 1, itt.phys + 256, true);
    raw_done(&r);
    raw_expect_none(&r);
    l1[0] = VALID | other.phys;
    raw_event(&r, 0x0f, 1, 0);
    raw_done(&r);
    raw_expect_first(&r, "L20");
    l1[0] = 0;
    uint32_t bits;
    uint64_t at;
    assert_true(model_its_device(r.m, 0, 1, &bits, &at) && at == itt.phys);
    raw_expect(&r, "L20");
    finish(&r);
}

static void test_slot_not_cleaned(void **state)
{
    struct raw r;
    (void)state;
    raw_start(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1, .non_coherent = true });
    uint64_t invall[4] = { 0x0d, 0, 0, 0 };
    memcpy((uint8_t *)r.queue.va + r.slot * 32, invall, sizeof(invall));
    raw_write64(&r, r.its, 0x88, (r.slot + 1) * 32);
    raw_done(&r);
    raw_expect_first(&r, "L33");
    finish(&r);
}

static void test_found_enabled(void **state)
{
    static const struct model_its_config its = { .found_enabled = true };
    struct raw r;
    (void)state;
    raw_create(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1, .its = &its });
    assert_int_equal(raw_read(&r, r.its, 0), 1);
    raw_write64(&r, r.its, 0x80, 0);
    raw_expect(&r, "L32");
    raw_write(&r, r.its, 0, 0);
    model_pass(r.m, 10000);
    raw_write64(&r, r.its, 0x80, 0);
    finish(&r);
}

/* ---- redistributors ---- */

static void test_base_registers_locked(void **state)
{
    struct raw r;
    (void)state;
    raw_start(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1 });
    raw_write64(&r, model_gicr_of(r.m, 0, NULL), 0x70, 0);
    raw_expect(&r, "L32");
    raw_write64(&r, model_gicr_of(r.m, 0, NULL), 0x78, 0);
    raw_expect(&r, "L32");
    raw_write(&r, model_gicr_of(r.m, 0, NULL), 0, 0);
    raw_write64(&r, model_gicr_of(r.m, 0, NULL), 0x70, 0); /* RWP is still 1 */
    raw_expect(&r, "L32");
    finish(&r);
}

static void test_enable_lpis_stays(void **state)
{
    struct raw r;
    (void)state;
    raw_start(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1, .lpis_stay_enabled = true });
    raw_write(&r, model_gicr_of(r.m, 0, NULL), 0, 0);
    assert_int_equal(raw_read(&r, model_gicr_of(r.m, 0, NULL), 0) & 1, 1);
    finish(&r);
}

static void test_different_propbaser(void **state)
{
    struct raw r;
    (void)state;
    raw_start(&r, &(struct model_config){ .nr_cpus = 2, .nr_its = 1 });
    volatile void *rd = model_gicr_of(r.m, 1, NULL);
    raw_write(&r, rd, 0, 0);
    model_pass(r.m, 10000);
    raw_write64(&r, rd, 0x70, r.config.phys | 14);
    raw_write(&r, rd, 0, 1);
    raw_expect(&r, "L32");
    finish(&r);
}

static void test_shared_pending_table(void **state)
{
    struct raw r;
    (void)state;
    raw_start(&r, &(struct model_config){ .nr_cpus = 2, .nr_its = 1 });
    volatile void *rd = model_gicr_of(r.m, 1, NULL);
    raw_write(&r, rd, 0, 0);
    model_pass(r.m, 10000);
    raw_write64(&r, rd, 0x78, r.pending[0].phys);
    raw_write(&r, rd, 0, 1);
    raw_expect(&r, "L21");
    finish(&r);
}

static void test_configuration_not_cleaned(void **state)
{
    struct raw r;
    (void)state;
    raw_create(&r, &(struct model_config){ .nr_cpus = 1, .non_coherent = true });
    volatile void *rd = model_gicr_of(r.m, 0, NULL);
    struct umsi_dma prop = raw_dma(&r, 57344, 4096), pend = raw_dma(&r, 8192, 65536);
    memset(prop.va, 0xa1, prop.size);
    raw_write64(&r, rd, 0x70, prop.phys | 15);
    raw_write64(&r, rd, 0x78, pend.phys);
    raw_write(&r, rd, 0, 1);
    raw_expect(&r, "L33");
    finish(&r);
}

static void test_lazy_configuration(void **state)
{
    struct raw r;
    (void)state;
    raw_start(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1, .lazy_config = true });
    (void)raw_device(&r, 3, 2, 2, 0);
    raw_config(&r, 8192, 0xa0); /* before its first use: seen */
    (void)raw_msi(&r, 3, 0);
    assert_int_equal(model_run(r.m), 0);
    raw_config(&r, 8192, 0xa1); /* after it: not */
    assert_int_equal(model_run(r.m), 0);
    finish(&r);
}

static void test_direct_lpi(void **state)
{
    struct raw r;
    (void)state;
    raw_start(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1, .direct_lpi = true });
    volatile void *rd = model_gicr_of(r.m, 0, NULL);
    raw_config(&r, 9000, 0xa0);
    raw_write64(&r, rd, 0xa0, 9000);
    raw_write64(&r, rd, 0x40, 9000);
    assert_int_equal(model_run(r.m), 0);
    raw_config(&r, 9000, 0xa1);
    raw_write64(&r, rd, 0xa0, 9000);
    assert_int_equal(raw_read(&r, rd, 0xc0), 1); /* SYNCR: busy */
    model_pass(r.m, 1000);
    assert_int_equal(raw_read(&r, rd, 0xc0), 0);
    assert_int_equal(model_run(r.m), 1);
    raw_expect_none(&r);
    raw_write64(&r, rd, 0xa0, 70000);
    raw_expect(&r, "L24");
    finish(&r);
}

/* ---- distributor and CPU interface ---- */

static void test_spi(void **state)
{
    struct raw r;
    (void)state;
    raw_start(&r, &(struct model_config){ .nr_cpus = 2, .nr_its = 1 });
    volatile void *d = model_gicd(r.m);
    raw_write(&r, d, 0x84, UINT32_MAX);     /* Group 1 */
    raw_write(&r, d, 0xc08, 2u << 2 * 1);   /* 33 edge, 32 level */
    raw_write64(&r, d, 0x6000 + 8 * 33, 1); /* to the CPU with affinity 0.0.0.1 */
    raw_write(&r, d, 0x104, 3);
    model_spi_set(r.m, 33, true);
    model_spi_set(r.m, 33, true);
    assert_int_equal(model_run(r.m), 1);
    assert_int_equal(r.last[1], 33);
    model_spi_set(r.m, 33, false);
    assert_int_equal(model_run(r.m), 0);
    raw_write(&r, d, 0x184, 2);
    model_spi_set(r.m, 33, true);
    assert_int_equal(model_run(r.m), 0);
    raw_write(&r, d, 0x104, 2);
    assert_int_equal(model_run(r.m), 1);
    finish(&r);
}

static void test_group0_is_not_ours(void **state)
{
    struct raw r;
    (void)state;
    raw_start(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1 });
    raw_write(&r, model_gicd(r.m), 0x104, 1);
    model_spi_set(r.m, 32, true);
    assert_int_equal(model_run(r.m), 0);
    finish(&r);
}

static void test_sgi(void **state)
{
    struct raw r;
    (void)state;
    raw_start(&r,
              &(struct model_config){ .nr_cpus = 18, .nr_its = 1, .two_security_states = true });
    r.p->sysreg_write(r.p->ctx, SGI1R,
                      (uint64_t)5 << 24 | 1u << 16 | 1u << 1); /* 0.0.1.1 is CPU 17 */
    assert_int_equal(model_run(r.m), 1);
    r.p->sysreg_write(r.p->ctx, SGI1R, (uint64_t)5 << 24 | 9u << 16 | 1);
    raw_expect(&r, "");
    finish(&r);
}

static void test_end_out_of_order(void **state)
{
    struct raw r;
    (void)state;
    raw_start(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1 });
    model_lpi_raise(r.m, 0, 8200);
    assert_int_equal(r.p->sysreg_read(r.p->ctx, IAR1), 8200);
    assert_int_equal(r.p->sysreg_read(r.p->ctx, IAR1), 1023); /* nothing higher */
    r.p->sysreg_write(r.p->ctx, EOIR1, 8201);
    raw_expect(&r, "");
    model_check_settled(r.m);
    raw_expect(&r, "L60");
    r.p->sysreg_write(r.p->ctx, EOIR1, 8200);
    finish(&r);
}

static void test_priority_preempts(void **state)
{
    struct raw r;
    (void)state;
    raw_start(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1, .direct_lpi = true });
    raw_config(&r, 8200, 0x41);
    raw_write64(&r, model_gicr_of(r.m, 0, NULL), 0xa0, 8200);
    model_lpi_raise(r.m, 0, 8201);
    assert_int_equal(r.p->sysreg_read(r.p->ctx, IAR1), 8201);
    model_lpi_raise(r.m, 0, 8200);
    model_lpi_raise(r.m, 0, 8202);
    assert_int_equal(r.p->sysreg_read(r.p->ctx, IAR1), 8200);
    r.p->sysreg_write(r.p->ctx, EOIR1, 8200);
    assert_int_equal(r.p->sysreg_read(r.p->ctx, IAR1), 1023);
    r.p->sysreg_write(r.p->ctx, EOIR1, 8201);
    assert_int_equal(r.p->sysreg_read(r.p->ctx, IAR1), 8202);
    r.p->sysreg_write(r.p->ctx, EOIR1, 8202);
    finish(&r);
}

static void test_sre_is_off(void **state)
{
    struct raw r;
    (void)state;
    raw_create(&r, &(struct model_config){ .nr_cpus = 1 });
    (void)r.p->sysreg_read(r.p->ctx, IAR1);
    raw_expect(&r, "");
    finish(&r);
}

/* ---- registers in general, memory, locks, time ---- */

static void test_wrong_accesses(void **state)
{
    struct raw r;
    (void)state;
    raw_create(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1 });
    (void)raw_read64(&r, model_gicd(r.m), 0);
    raw_expect(&r, "");
    (void)raw_read(&r, r.its, 2);
    raw_expect(&r, "");
    raw_write(&r, r.its, 0x4000, 1);
    raw_expect(&r, "");
    (void)raw_read(&r, r.its, 0x20000);
    raw_expect(&r, "");
    finish(&r);
}

static void test_memory(void **state)
{
    struct raw r;
    uint8_t seen[4] = { 1, 1, 1, 1 };
    (void)state;
    raw_create(&r, &(struct model_config){ .nr_cpus = 1, .non_coherent = true });
    struct umsi_dma a = raw_dma(&r, 100, 64), b = raw_dma(&r, 65536, 65536);
    assert_true(b.phys % 65536 == 0 && (uintptr_t)a.va != a.phys);
    memset(a.va, 7, 100);
    assert_true(model_device_read(r.m, a.phys, seen, 4));
    assert_int_equal(seen[0], 0);
    r.p->cache_clean(r.p->ctx, (uint8_t *)a.va + 1, 1);
    assert_true(model_device_read(r.m, a.phys + 60, seen, 4));
    assert_int_equal(seen[3], 7); /* the whole line goes */
    assert_true(model_device_read(r.m, a.phys + 64, seen, 4));
    assert_int_equal(seen[0], 0);
    assert_false(model_device_read(r.m, a.phys + 97, seen, 4));
    r.p->dma_free(r.p->ctx, &a);
    assert_false(model_device_read(r.m, a.phys, seen, 4));
    raw_expect_none(&r);
    r.p->dma_free(r.p->ctx, &a);
    raw_expect(&r, "");
    const struct umsi_dma_want low = { 4096, 4096, UINT32_MAX, UINT32_MAX };
    assert_false(r.p->dma_alloc(r.p->ctx, &low, &a));
    finish(&r);
}

static void test_alloc(void **state)
{
    struct raw r;
    struct model_counts c;
    (void)state;
    raw_create(&r, &(struct model_config){ .nr_cpus = 1 });
    model_fail_at(r.m, MODEL_FAIL_ALLOC, 2);
    void *p = r.p->alloc(r.p->ctx, 8192, 4096);
    assert_non_null(p);
    assert_null(r.p->alloc(r.p->ctx, 8192, 4096));
    assert_true(model_failed(r.m, MODEL_FAIL_ALLOC));
    model_get_counts(r.m, &c);
    assert_int_equal(c.allocs, 1);
    assert_int_equal(c.alloc_bytes, 8192);
    r.p->free(r.p->ctx, p, 4096);
    raw_expect(&r, "");
    r.p->free(r.p->ctx, p, 8192);
    raw_expect(&r, "");
    model_check_shutdown(r.m);
    finish(&r);
}

static void test_left_over(void **state)
{
    struct raw r;
    (void)state;
    raw_create(&r, &(struct model_config){ .nr_cpus = 1 });
    (void)raw_dma(&r, 1, 1);
    model_check_shutdown(r.m);
    raw_expect(&r, "L56");
    finish(&r);
}

static void test_locks(void **state)
{
    struct raw r;
    umsi_lock l = { { 0, 0 } };
    (void)state;
    raw_create(&r, &(struct model_config){ .nr_cpus = 2 });
    umsi_irqstate s = r.p->lock(r.p->ctx, &l); /* not initialised */
    raw_expect(&r, "L55");
    r.p->unlock(r.p->ctx, &l, s);
    r.p->lock_init(r.p->ctx, &l);
    s = r.p->lock(r.p->ctx, &l);
    (void)r.p->alloc(r.p->ctx, 4096, 4096);
    raw_expect(&r, "L55");
    r.p->relax(r.p->ctx);
    raw_expect(&r, "L55");
    model_set_cpu(r.m, 1);
    r.p->unlock(r.p->ctx, &l, s);
    raw_expect(&r, "L55");
    model_set_cpu(r.m, 0);
    r.p->unlock(r.p->ctx, &l, s);
    finish(&r);
}

/* No loop on the clock is for ever, and an ITS works while somebody waits for it. */
static void test_time(void **state)
{
    struct raw r;
    struct model_its_stats s;
    (void)state;
    raw_start(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1 });
    uint64_t start = r.p->time_us(r.p->ctx);
    while (r.p->time_us(r.p->ctx) - start < 100) {
    }
    model_its_get_stats(r.m, 0, &s);
    uint64_t before = s.commands;
    raw_invall(&r, 0);
    model_its_get_stats(r.m, 0, &s);
    assert_int_equal(s.commands, before); /* it takes its time */
    while (raw_read64(&r, r.its, 0x90) != r.slot * 32) {
        r.p->relax(r.p->ctx);
    }
    model_its_get_stats(r.m, 0, &s);
    assert_int_equal(s.commands, before + 1);
    finish(&r);
}

static void test_stall_and_retry(void **state)
{
    struct raw r;
    (void)state;
    raw_start(&r, &(struct model_config){ .nr_cpus = 1, .nr_its = 1 });
    model_its_stall(r.m, 0, MODEL_INVALL, 1, false);
    raw_invall(&r, 0);
    raw_sync(&r, 0);
    raw_done(&r);
    assert_int_equal(raw_read64(&r, r.its, 0x90), (r.slot - 2) * 32 | 1);
    raw_write64(&r, r.its, 0x88, r.slot * 32 | 1);
    raw_done(&r);
    assert_int_equal(raw_read64(&r, r.its, 0x90), r.slot * 32);
    finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_typer),
        cmocka_unit_test(test_baser_takes_what_it_can),
        cmocka_unit_test(test_tables_written_while_enabled),
        cmocka_unit_test(test_table_freed_while_enabled),
        cmocka_unit_test(test_table_not_zero),
        cmocka_unit_test(test_enabled_without_queue),
        cmocka_unit_test(test_new_queue_but_old_cwriter),
        cmocka_unit_test(test_level1_not_cleaned),
        cmocka_unit_test(test_level1_kept),
        cmocka_unit_test(test_slot_not_cleaned),
        cmocka_unit_test(test_found_enabled),
        cmocka_unit_test(test_base_registers_locked),
        cmocka_unit_test(test_enable_lpis_stays),
        cmocka_unit_test(test_different_propbaser),
        cmocka_unit_test(test_shared_pending_table),
        cmocka_unit_test(test_configuration_not_cleaned),
        cmocka_unit_test(test_lazy_configuration),
        cmocka_unit_test(test_direct_lpi),
        cmocka_unit_test(test_spi),
        cmocka_unit_test(test_group0_is_not_ours),
        cmocka_unit_test(test_sgi),
        cmocka_unit_test(test_end_out_of_order),
        cmocka_unit_test(test_priority_preempts),
        cmocka_unit_test(test_sre_is_off),
        cmocka_unit_test(test_wrong_accesses),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_alloc),
        cmocka_unit_test(test_left_over),
        cmocka_unit_test(test_locks),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_stall_and_retry),
    };
    return cmocka_run_group_tests_name("model, the machine", tests, NULL, NULL);
}
