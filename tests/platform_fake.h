/* SPDX-License-Identifier: MIT */
/*
 * Controllers that are not there, for tests/test_platform.c: each chip function is replaced by one that writes
 * down that it was called, and fails on request. It defines the library's own names, so it goes into the
 * program itself.
 */
#ifndef UMSI_TESTS_PLATFORM_FAKE_H
#define UMSI_TESTS_PLATFORM_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <umsi/fw/platform.h>

#include "fdt_log.h"

/* ---- the script: calls made, in order, one word each; and which of them fails ---- */

static struct {
    char calls[1024];
    const char *fail; /* the call that fails, as it is written down; NULL: none */
    const char *also_fails;
    enum umsi_status status;
    uint32_t devices; /* that ITS 0 has */
    uint64_t left;    /* GICR_PROPBASER of the second redistributor, with EnableLPIs set */
    struct umsi_gicv3_config gic;
    struct umsi_gicv3_region region[UMSI_PLATFORM_MAX_REGIONS];
    struct umsi_lpi_config lpi;
    struct umsi_its_config its[UMSI_PLATFORM_MAX_ITS];
    uint32_t nr_its;
    struct umsi_gicv2_config gicv2;
    struct umsi_gicv2m_config v2m[UMSI_PLATFORM_MAX_V2M];
    void *spis_of[UMSI_PLATFORM_MAX_V2M];
    uint32_t nr_v2m;
    umsi_cpu cpu;
    int mappings;
} script;

static enum umsi_status call(const char *name)
{
    size_t n = strlen(script.calls);

    snprintf(script.calls + n, sizeof(script.calls) - n, "%s%s", n == 0 ? "" : " ", name);
    if ((script.fail != NULL && strcmp(script.fail, name) == 0) ||
        (script.also_fails != NULL && strcmp(script.also_fails, name) == 0)) {
        return script.status;
    }
    return UMSI_OK;
}

static enum umsi_status call_at(const char *name, uint64_t at)
{
    char text[64];

    snprintf(text, sizeof(text), "%s:%llx", name, (unsigned long long)at);
    return call(text);
}

/* ---- the chips ---- */

static struct umsi *const the_umsi = (struct umsi *)0x1000;
static struct umsi_gicv3 *const the_gic = (struct umsi_gicv3 *)0x2000;
static struct umsi_lpi *const the_lpi = (struct umsi_lpi *)0x3000;
static char its_object[UMSI_PLATFORM_MAX_ITS];

static uint32_t its_index(const struct umsi_its *its)
{
    return (uint32_t)((const char *)its - its_object);
}

enum umsi_status umsi_gicv3_create(struct umsi *u, const struct umsi_gicv3_config *config,
                                   struct umsi_gicv3 **out_gic)
{
    enum umsi_status st = call("gic+");

    assert_ptr_equal(u, the_umsi);
    script.gic = *config;
    memcpy(script.region, config->regions, config->nr_regions * sizeof(script.region[0]));
    if (st == UMSI_OK) {
        *out_gic = the_gic;
    }
    return st;
}

enum umsi_status umsi_gicv3_destroy(struct umsi_gicv3 *gic)
{
    assert_ptr_equal(gic, the_gic);
    return call("gic-");
}

enum umsi_status umsi_gicv3_cpu_online(struct umsi_gicv3 *gic, umsi_cpu cpu)
{
    assert_ptr_equal(gic, the_gic);
    return call_at("cpu+", cpu);
}

void umsi_gicv3_cpu_offline(struct umsi_gicv3 *gic)
{
    assert_ptr_equal(gic, the_gic);
    (void)call("cpu-");
}

enum umsi_status umsi_gicv3_redistributor(struct umsi_gicv3 *gic, umsi_cpu cpu,
                                          volatile void **out_rd, umsi_phys *out_phys)
{
    enum umsi_status st = call_at("rd", cpu);

    assert_ptr_equal(gic, the_gic);
    if (st == UMSI_OK) {
        *out_rd = (volatile void *)(uintptr_t)(0x700000 + cpu);
        *out_phys = 0x900000 + cpu;
    }
    return st;
}

enum umsi_status umsi_lpi_create(struct umsi *u, const struct umsi_lpi_config *config,
                                 struct umsi_lpi **out_lpi)
{
    enum umsi_status st = call("lpi+");

    assert_ptr_equal(u, the_umsi);
    script.lpi = *config;
    if (st == UMSI_OK) {
        *out_lpi = the_lpi;
    }
    return st;
}

/* Two redistributors, of which the second was left on when the script says so. */
enum umsi_status umsi_gicv3_redistributor_at(struct umsi_gicv3 *gic, uint32_t i,
                                             volatile void **out_rd, umsi_phys *out_phys)
{
    assert_ptr_equal(gic, the_gic);
    *out_rd = (volatile void *)(uintptr_t)(0x700000 + i);
    *out_phys = 0x900000 + i;
    return i < 2 ? UMSI_OK : UMSI_NOTFOUND;
}

uint64_t umsi_lpi_left(struct umsi *u, const volatile void *rd)
{
    assert_ptr_equal(u, the_umsi);
    return (uintptr_t)rd == 0x700001 ? script.left : 0;
}

enum umsi_status umsi_lpi_get_tables(struct umsi_lpi *lpi, struct umsi_dma *out, uint32_t room,
                                     uint32_t *out_n)
{
    assert_ptr_equal(lpi, the_lpi);
    (void)out;
    *out_n = 2;
    return room < 2 ? UMSI_NOSPACE : UMSI_OK;
}

enum umsi_status umsi_lpi_hand_over(struct umsi_lpi *lpi, struct umsi_dma *out, uint32_t room,
                                    uint32_t *out_n)
{
    assert_ptr_equal(lpi, the_lpi);
    assert_true(room >= 2);
    memset(out, 0, 2 * sizeof(*out));
    *out_n = 2;
    return call("lpi>");
}

enum umsi_status umsi_lpi_destroy(struct umsi_lpi *lpi)
{
    assert_ptr_equal(lpi, the_lpi);
    return call("lpi-");
}

enum umsi_status umsi_lpi_cpu_online(struct umsi_lpi *lpi, umsi_cpu cpu, volatile void *rd,
                                     umsi_phys rd_phys)
{
    assert_ptr_equal(lpi, the_lpi);
    assert_int_equal((uintptr_t)rd, 0x700000 + cpu);
    assert_int_equal(rd_phys, 0x900000 + cpu);
    return call_at("lpicpu+", cpu);
}

void umsi_lpi_cpu_offline(struct umsi_lpi *lpi, umsi_cpu cpu)
{
    assert_ptr_equal(lpi, the_lpi);
    (void)call_at("lpicpu-", cpu);
}

enum umsi_status umsi_its_create(struct umsi_lpi *lpi, const struct umsi_its_config *config,
                                 struct umsi_its **out_its)
{
    enum umsi_status st = call_at("its+", config->phys);

    assert_ptr_equal(lpi, the_lpi);
    script.its[script.nr_its] = *config;
    if (st == UMSI_OK) {
        *out_its = (struct umsi_its *)(void *)&its_object[(config->phys >> 20) & 7];
    }
    script.nr_its++;
    return st;
}

enum umsi_status umsi_its_destroy(struct umsi_its *its)
{
    return call_at("its-", its_index(its));
}

struct umsi_domain *umsi_its_parent(struct umsi_its *its)
{
    return (struct umsi_domain *)(uintptr_t)(0x5000 + its_index(its));
}

void umsi_its_get_info(struct umsi_its *its, struct umsi_its_info *out)
{
    memset(out, 0, sizeof(*out));
    out->devices = its_index(its) == 0 ? script.devices : 0;
}

/* ---- GICv2, GICv2m, and what every GIC has ---- */

static struct umsi_gicv2 *const the_gicv2 = (struct umsi_gicv2 *)0x4000;
/* A frame is its MSI parent, with as many children as the script says. */
static struct umsi_domain frame_object[UMSI_PLATFORM_MAX_V2M];

enum umsi_status umsi_gicv2_create(struct umsi *u, const struct umsi_gicv2_config *config,
                                   struct umsi_gicv2 **out_gic)
{
    enum umsi_status st = call("gicv2+");

    assert_ptr_equal(u, the_umsi);
    script.gicv2 = *config;
    if (st == UMSI_OK) {
        *out_gic = the_gicv2;
    }
    return st;
}

enum umsi_status umsi_gicv2_destroy(struct umsi_gicv2 *gic)
{
    assert_ptr_equal(gic, the_gicv2);
    return call("gicv2-");
}

enum umsi_status umsi_gicv2_cpu_online(struct umsi_gicv2 *gic, umsi_cpu cpu)
{
    assert_ptr_equal(gic, the_gicv2);
    return call_at("v2cpu+", cpu);
}

void umsi_gicv2_cpu_offline(struct umsi_gicv2 *gic)
{
    assert_ptr_equal(gic, the_gicv2);
    (void)call("v2cpu-");
}

void umsi_gicv2_spis(struct umsi_gicv2 *gic, struct umsi_gic_spis *out)
{
    *out = (struct umsi_gic_spis){ .gic = gic };
}

void umsi_gicv3_spis(struct umsi_gicv3 *gic, struct umsi_gic_spis *out)
{
    *out = (struct umsi_gic_spis){ .gic = gic };
}

enum umsi_status umsi_gicv2m_create(struct umsi *u, const struct umsi_gicv2m_config *config,
                                    struct umsi_gicv2m **out_v2m)
{
    enum umsi_status st = call_at("v2m+", config->phys);

    assert_ptr_equal(u, the_umsi);
    script.v2m[script.nr_v2m] = *config;
    script.spis_of[script.nr_v2m] = config->gic->gic;
    if (st == UMSI_OK) {
        *out_v2m = (struct umsi_gicv2m *)(void *)&frame_object[(config->phys >> 16) & 7];
    }
    script.nr_v2m++;
    return st;
}

struct umsi_domain *umsi_gicv2m_parent(struct umsi_gicv2m *v2m)
{
    return (struct umsi_domain *)(void *)v2m;
}

enum umsi_status umsi_gicv2m_destroy(struct umsi_gicv2m *v2m)
{
    return call_at("v2m-", (uint64_t)(umsi_gicv2m_parent(v2m) - frame_object));
}

enum umsi_status umsi_gicv2_map(struct umsi_gicv2 *gic, uint32_t intid, bool level, umsi_virq *out)
{
    assert_ptr_equal(gic, the_gicv2);
    *out = intid + level;
    return call("v2map");
}

enum umsi_status umsi_gicv3_map(struct umsi_gicv3 *gic, uint32_t intid, bool level, umsi_virq *out)
{
    assert_ptr_equal(gic, the_gic);
    *out = intid + level;
    return call("map");
}

void umsi_gicv2_unmap(struct umsi_gicv2 *gic, umsi_virq virq)
{
    assert_ptr_equal(gic, the_gicv2);
    (void)call_at("v2unmap", virq);
}

void umsi_gicv3_unmap(struct umsi_gicv3 *gic, umsi_virq virq)
{
    assert_ptr_equal(gic, the_gic);
    (void)call_at("unmap", virq);
}

enum umsi_status umsi_gicv2_enable_local(struct umsi_gicv2 *gic, uint32_t intid, bool enable)
{
    assert_ptr_equal(gic, the_gicv2);
    return call_at(enable ? "v2on" : "v2off", intid);
}

enum umsi_status umsi_gicv3_enable_local(struct umsi_gicv3 *gic, uint32_t intid, bool enable)
{
    assert_ptr_equal(gic, the_gic);
    return call_at(enable ? "on" : "off", intid);
}

enum umsi_status umsi_gicv2_send_sgi(struct umsi_gicv2 *gic, umsi_cpu cpu, uint32_t sgi)
{
    assert_ptr_equal(gic, the_gicv2);
    return call_at("v2sgi", cpu << 4 | sgi);
}

enum umsi_status umsi_gicv3_send_sgi(struct umsi_gicv3 *gic, umsi_cpu cpu, uint32_t sgi)
{
    assert_ptr_equal(gic, the_gic);
    return call_at("sgi", cpu << 4 | sgi);
}

/* ---- PCI ---- */

/* The real one has its own tests; here: row 0 and its controller. */
enum umsi_status umsi_pci_msi_map(const struct umsi_pci_msi_map_entry *map, uint32_t n,
                                  uint32_t mask, uint32_t msi_parent, uint16_t rid,
                                  uint32_t *out_controller, uint32_t *out_device_id)
{
    if (n == 0 && msi_parent == 0) {
        return UMSI_UNSUPPORTED;
    }
    *out_controller = n > 0 ? map[0].controller : msi_parent;
    *out_device_id = (n > 0 ? map[0].msi_base : 0) + (rid & mask);
    return UMSI_OK;
}

/* The same: row 0 for every function that has a pin. */
enum umsi_status umsi_pci_intx_route(const struct umsi_pci_intx_entry *map, uint32_t n,
                                     const struct umsi_pci_intx_mask *mask, uint16_t bdf,
                                     uint32_t pin, struct umsi_pci_intx_entry *out_row)
{
    (void)mask;
    (void)bdf;
    if (n == 0 || pin == 0) {
        return pin == 0 ? UMSI_INVALID : UMSI_NOTFOUND;
    }
    *out_row = map[0];
    return UMSI_OK;
}

const char *umsi_status_string(enum umsi_status status)
{
    static char text[32];

    snprintf(text, sizeof(text), "status %d", (int)status);
    return text;
}

/* ---- the port's part ---- */

static volatile void *map(void *ctx, umsi_phys phys, uint64_t size)
{
    char text[64];

    (void)ctx;
    snprintf(text, sizeof(text), "map:%llx", (unsigned long long)phys);
    if (script.fail != NULL && strcmp(script.fail, text) == 0) {
        return NULL;
    }
    assert_true(size >= 0x1000);
    script.mappings++;
    return (volatile void *)(uintptr_t)(phys | 1);
}

static void unmap(void *ctx, volatile void *va, uint64_t size)
{
    (void)ctx;
    assert_int_equal((uintptr_t)va & 1, 1);
    assert_true(size >= 0x1000);
    script.mappings--;
}

static struct test_log lines;

static const struct umsi_platform_ops ops = {
    .map = map, .unmap = unmap, .log = log_line, .ctx = &lines, .boot_cpu = 2
};

static struct umsi_platform machine_with(uint32_t nr_its)
{
    struct umsi_platform p = { .has_gic = true,
                               .gicd = { 0x8000000, 0x10000 },
                               .redist = { { 0x80a0000, 0x40000 }, { 0x90a0000, 0x80000 } },
                               .nr_redist = 2,
                               .redist_stride = 0x20000,
                               .gic_non_coherent = true,
                               .nr_its = nr_its };

    for (uint32_t i = 0; i < nr_its; i++) {
        p.its[i].reg = (struct umsi_range){ 0xa000000 + 0x100000 * (uint64_t)i, 0x20000 };
        p.its[i].phandle = 0x100 + i;
        p.its[i].non_coherent = i == 1;
    }
    return p;
}

static int reset(void **state)
{
    (void)state;
    memset(frame_object, 0, sizeof(frame_object));
    memset(&script, 0, sizeof(script));
    memset(&lines, 0, sizeof(lines));
    return 0;
}

static void fail_at(const char *name, enum umsi_status st)
{
    reset(NULL);
    script.fail = name;
    script.status = st;
}

#endif /* UMSI_TESTS_PLATFORM_FAKE_H */
