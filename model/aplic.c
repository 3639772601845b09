/* SPDX-License-Identifier: MIT */
/*
 * A supervisor-level interrupt domain of an APLIC, with messages or with IDC structures. RISC-V Advanced Interrupt
 * Architecture 1.0 (AIA), chapter 4.
 */
#include <stdlib.h>

#include "machine.h"

#define IE 0x100u
#define DM 0x4u

enum { INACTIVE, DETACHED, EDGE1 = 4, EDGE0, LEVEL1, LEVEL0 };

static bool with_messages(const struct aplic *a)
{
    return (a->domaincfg & DM) != 0;
}

static bool is_level(uint8_t mode)
{
    return mode == LEVEL1 || mode == LEVEL0;
}

/* 4.5.2: the wire, turned round where the source is inverted; 0 for what is inactive or detached. */
static bool rectified(const struct aplic *a, uint32_t i)
{
    uint8_t mode = a->mode[i];
    if (mode == INACTIVE || mode == DETACHED) {
        return false;
    }
    return a->wire[i] != (mode == EDGE0 || mode == LEVEL0);
}

/* ---- out ---- */

static void check_target(struct model *m, uint32_t i)
{
    if (!m->aplic.target_written[i]) {
        breach(m, "L47", "AIA 4.5.2", "source %u is sent with a target that was never written", i);
    }
}

static void forward(struct model *m, uint32_t i)
{
    struct aplic *a = &m->aplic;
    umsi_cpu cpu = imsic_cpu_of(m, a->target[i] >> 18);
    uint32_t identity = a->target[i] & 0x7ff;
    check_target(m, i);
    a->pending[i] = false;
    if (cpu == UMSI_NO_CPU || m->cfg.imsic == NULL || identity == 0 ||
        identity > m->imsic.cfg.nr_ids) {
        breach(m, "L47", "AIA 4.9.1", "source %u: a message to hart index %u, identity %u", i,
               a->target[i] >> 18, identity);
        return;
    }
    imsic_send(m, NULL, cpu, identity);
}

/* 4.9: what is pending and enabled goes out, and is pending no more. */
static void update(struct model *m)
{
    struct aplic *a = &m->aplic;
    for (uint32_t i = 1; i <= a->cfg.nr_sources; i++) {
        if (is_level(a->mode[i]) && !with_messages(a)) {
            a->pending[i] = rectified(a, i);
        } else if (is_level(a->mode[i]) && !rectified(a, i) && !a->cfg.sets_low) {
            a->pending[i] = false;
        }
        if (with_messages(a) && (a->domaincfg & IE) != 0 && a->pending[i] && a->enabled[i]) {
            forward(m, i);
        }
    }
}

/* 4.8.1.4: the most urgent one for a hart; of the same priority the lowest source. */
static uint32_t topi(struct model *m, uint32_t hart)
{
    struct aplic *a = &m->aplic;
    uint32_t best = 0, priority = 256;
    for (uint32_t i = 1; i <= a->cfg.nr_sources; i++) {
        uint32_t p = a->target[i] & 0xff;
        if (a->pending[i] && a->enabled[i] && a->target[i] >> 18 == hart && p < priority) {
            check_target(m, i);
            best = i;
            priority = p;
        }
    }
    bool through = a->idc[hart].threshold == 0 || priority < a->idc[hart].threshold;
    return best != 0 && through ? best << 16 | priority : 0;
}

bool aplic_signals(struct model *m, umsi_cpu cpu)
{
    const struct aplic *a = &m->aplic;
    if (m->cfg.aplic == NULL || with_messages(a) || (a->domaincfg & IE) == 0) {
        return false;
    }
    uint32_t hart = m->cfg.nr_cpus - 1 - cpu;
    return a->idc[hart].delivery != 0 && (a->idc[hart].force != 0 || topi(m, hart) != 0);
}

/* ---- registers of sources ---- */

static bool is_source(const struct aplic *a, uint32_t i)
{
    return i >= 1 && i <= a->cfg.nr_sources;
}

/* By number (4.5.6 and the like): what hardware ignores is a mistake. */
static bool by_number(struct model *m, const char *what, uint32_t i)
{
    if (!is_source(&m->aplic, i)) {
        breach(m, "", "AIA 4.5", "%s of source %u, of %u", what, i, m->aplic.cfg.nr_sources);
        return false;
    }
    return m->aplic.mode[i] != INACTIVE;
}

/* 4.7: not a level in direct delivery mode, nor one whose line is low. */
static void set_pending(struct model *m, uint32_t i)
{
    struct aplic *a = &m->aplic;
    if (!by_number(m, "setipnum", i)) {
        return;
    }
    if (is_level(a->mode[i])) {
        a->pending[i] = with_messages(a) && (rectified(a, i) || a->cfg.sets_low);
    } else {
        a->pending[i] = true;
    }
}

static void clear_pending(struct model *m, uint32_t i)
{
    if (by_number(m, "clripnum", i)) {
        m->aplic.pending[i] = false; /* of a level in direct delivery mode update() sets it again */
    }
}

static void write_sourcecfg(struct model *m, uint32_t i, uint32_t value)
{
    struct aplic *a = &m->aplic;
    bool kept = i > a->cfg.nr_sources - a->cfg.kept;
    if ((value & ~7u) != 0 || value == 2 || value == 3) {
        breach(m, "", "AIA 4.5.2", "sourcecfg[%u] is set to %#x", i, value);
    }
    if (a->enabled[i] && value != INACTIVE && value != a->mode[i]) {
        breach(m, "", "AIA 4.5.2", "source %u changes its mode while it is enabled", i);
    }
    value = kept || (a->cfg.no_edges && (value == EDGE1 || value == EDGE0)) ? INACTIVE : value & 7;
    if (a->mode[i] == INACTIVE) {
        a->target_written[i] = false; /* it gets an UNSPECIFIED one when it becomes active */
    }
    a->mode[i] = (uint8_t)value;
    if (value == INACTIVE) {
        a->pending[i] = a->enabled[i] = false;
        a->target[i] = 0;
    } else if (rectified(a, i) && a->cfg.pends_at_mode) {
        a->pending[i] = true;
    }
}

static void write_target(struct model *m, uint32_t i, uint32_t value)
{
    struct aplic *a = &m->aplic;
    uint32_t reserved = with_messages(a) ? 1u << 11 : 0x3ff00;
    if (a->mode[i] == INACTIVE) {
        breach(m, "", "AIA 4.5.16", "target[%u] is written while the source is inactive", i);
        return;
    }
    if ((value & reserved) != 0 || (with_messages(a) && (value & 0x3f000) != 0)) {
        breach(m, "", "AIA 4.5.16", "target[%u] is set to %#x", i, value);
    }
    if (with_messages(a) ? imsic_cpu_of(m, value >> 18) == UMSI_NO_CPU
                         : value >> 18 >= m->cfg.nr_cpus) {
        breach(m, "L47", "AIA 4.5.16", "target[%u]: there is no hart index %u", i, value >> 18);
    }
    a->target_written[i] = true;
    a->target[i] = !with_messages(a) && (value & 0xff) == 0 ? value | 1 : value;
}

/* ---- the registers ---- */

static uint32_t read_bits(const struct aplic *a, const bool *bits, uint32_t word)
{
    uint32_t value = 0;
    for (uint32_t b = 0; b < 32; b++) {
        uint32_t i = word * 32 + b;
        value |= is_source(a, i) && bits[i] ? 1u << b : 0;
    }
    return value;
}

static uint32_t read_inputs(const struct aplic *a, uint32_t word)
{
    uint32_t value = 0;
    for (uint32_t b = 0; b < 32; b++) {
        uint32_t i = word * 32 + b;
        value |= is_source(a, i) && rectified(a, i) ? 1u << b : 0;
    }
    return value;
}

static uint32_t idc_read(struct model *m, uint32_t hart, uint32_t reg)
{
    struct aplic *a = &m->aplic;
    uint32_t value;
    switch (reg) {
    case 0x00:
        return a->idc[hart].delivery;
    case 0x04:
        return a->idc[hart].force;
    case 0x08:
        return a->idc[hart].threshold;
    case 0x18:
        return topi(m, hart);
    case 0x1c:
        if (hart != m->cfg.nr_cpus - 1 - m->self) {
            breach(m, "", "AIA 4.8.1.5", "CPU %u claims for hart index %u", m->self, hart);
        }
        value = topi(m, hart);
        m->cpu[m->self].icc.acknowledged++;
        a->idc[hart].force = value == 0 ? 0 : a->idc[hart].force;
        a->pending[value >> 16] = false;
        update(m); /* a level's is the line again */
        return value;
    default:
        breach(m, "", "AIA 4.8.1", "read of offset %#x of an IDC structure", reg);
        return 0;
    }
}

static void idc_write(struct model *m, uint32_t hart, uint32_t reg, uint32_t value)
{
    struct idc *idc = &m->aplic.idc[hart];
    if (reg > 0x08 || reg % 4 != 0 || (reg != 0x08 && value > 1)) {
        breach(m, "", "AIA 4.8.1", "%#x is written to offset %#x of an IDC structure", value, reg);
        return;
    }
    *(reg == 0 ? &idc->delivery : reg == 4 ? &idc->force : &idc->threshold) = value;
}

/* Of the IDC structure at an offset; false: none is there. */
static bool idc_at(struct model *m, uint64_t offset, uint32_t *out_hart)
{
    *out_hart = (uint32_t)(offset - 0x4000) / 32;
    if (offset < 0x4000 || *out_hart >= m->cfg.nr_cpus || with_messages(&m->aplic)) {
        breach(m, "", "AIA 4.5", "access to %#llx of an APLIC, which is reserved",
               (unsigned long long)offset);
        return false;
    }
    return true;
}

/* 4.5: registers are in the byte order that domaincfg.BE says. */
static void check_order(struct model *m, uint64_t offset)
{
    if (m->aplic.big) {
        breach(m, "", "AIA 4.5.1", "access to %#llx of an APLIC that is big-endian",
               (unsigned long long)offset);
    }
}

static uint64_t aplic_read(struct model *m, void *device, uint64_t offset, unsigned width)
{
    const struct aplic *a = device;
    uint32_t at = (uint32_t)offset, hart;
    if (width != 4) {
        mmio_bad(m, "an APLIC", offset, width, false);
        return 0;
    }
    if (at == 0) {
        uint32_t cfg = 0x80000000u | a->domaincfg;
        return a->big ? __builtin_bswap32(cfg | 1) : cfg;
    }
    check_order(m, offset);
    if (at < 0x1000) {
        return a->mode[at / 4];
    }
    if (at >= 0x3004 && at < 0x4000) {
        return a->target[(at - 0x3000) / 4];
    }
    switch (at & ~0x7fu) {
    case 0x1c00:
        return read_bits(a, a->pending, (at & 0x7f) / 4);
    case 0x1d00:
        return read_inputs(a, (at & 0x7f) / 4);
    case 0x1e00:
        return read_bits(a, a->enabled, (at & 0x7f) / 4);
    default:
        return idc_at(m, offset, &hart) ? idc_read(m, hart, at % 32) : 0;
    }
}

static void write_domaincfg(struct model *m, uint32_t value)
{
    struct aplic *a = &m->aplic;
    uint32_t was = a->domaincfg;
    if (a->big && value != 0) {
        breach(m, "", "AIA 4.5.1", "domaincfg is set to %#x in the wrong byte order", value);
        return;
    }
    a->big = a->cfg.big_endian;
    if ((value & ~(0xff000000u | IE | DM)) != 0) {
        breach(m, "", "AIA 4.5.1", "domaincfg is set to %#x", value);
    }
    value &= IE | DM;
    value = a->cfg.no_messages ? value & ~DM : value;
    a->domaincfg = a->cfg.no_direct ? value | DM : value;
    for (uint32_t i = 1; ((was ^ a->domaincfg) & DM) != 0 && i <= a->cfg.nr_sources; i++) {
        a->target_written[i] = false;
    }
}

static void write_number(struct model *m, uint32_t at, uint32_t value)
{
    switch (at) {
    case 0x1cdc:
    case 0x2000:
        set_pending(m, value);
        break;
    case 0x1ddc:
        clear_pending(m, value);
        break;
    case 0x1edc:
        m->aplic.enabled[value % MODEL_SOURCES] =
            by_number(m, "setienum", value) || m->aplic.enabled[value % MODEL_SOURCES];
        break;
    case 0x1fdc:
        if (by_number(m, "clrienum", value)) {
            m->aplic.enabled[value] = false;
        }
        break;
    default:
        breach(m, "", "AIA 4.5", "write to %#x of an APLIC: reserved, or not modelled", at);
        break;
    }
}

static void aplic_write(struct model *m, void *device, uint64_t offset, unsigned width,
                        uint64_t value)
{
    uint32_t at = (uint32_t)offset, v = (uint32_t)value, hart;
    (void)device;
    if (width != 4) {
        mmio_bad(m, "an APLIC", offset, width, true);
        return;
    }
    if (at != 0) {
        check_order(m, offset);
    }
    if (at == 0) {
        write_domaincfg(m, v);
    } else if (is_source(&m->aplic, at / 4)) {
        write_sourcecfg(m, at / 4, v);
    } else if (at >= 0x3004 && is_source(&m->aplic, (at - 0x3000) / 4)) {
        write_target(m, (at - 0x3000) / 4, v);
    } else if (at < 0x3000) {
        write_number(m, at, v);
    } else if (idc_at(m, offset, &hart)) {
        idc_write(m, hart, at % 32, v);
    }
    update(m);
}

/* ---- the whole ---- */

bool aplic_init(struct model *m)
{
    struct aplic *a = &m->aplic;
    if (m->cfg.aplic == NULL) {
        return true;
    }
    a->cfg = *m->cfg.aplic;
    a->cfg.nr_sources = a->cfg.nr_sources == 0 ? 96 : a->cfg.nr_sources;
    a->domaincfg = a->cfg.no_direct ? DM : 0;
    a->big = a->cfg.big_endian || a->cfg.found_big;
    a->idc = calloc(m->cfg.nr_cpus, sizeof(*a->idc));
    a->va = mmio_open(m, &(struct window){ .size = 0x4000 + 32 * m->cfg.nr_cpus,
                                           .name = "APLIC",
                                           .device = a,
                                           .read = aplic_read,
                                           .write = aplic_write });
    for (uint32_t i = 1; a->cfg.found_on && i <= a->cfg.nr_sources; i++) {
        a->mode[i] = DETACHED;
        a->pending[i] = a->enabled[i] = a->target_written[i] = true;
    }
    for (umsi_cpu cpu = 0; a->cfg.found_on && a->idc != NULL && cpu < m->cfg.nr_cpus; cpu++) {
        a->idc[cpu] = (struct idc){ 1, 1, 1 };
    }
    return a->idc != NULL && a->va != 0;
}

void aplic_exit(struct model *m)
{
    free(m->aplic.idc);
}

volatile void *model_aplic_base(struct model *m)
{
    return (volatile void *)m->aplic.va;
}

uint32_t model_aplic_hart(struct model *m, umsi_cpu cpu)
{
    return m->cfg.nr_cpus - 1 - cpu;
}

/* 4.7: an edge or a level that rises sets the pending bit; a level that is low has none. */
void model_aplic_wire(struct model *m, uint32_t source, bool high)
{
    struct aplic *a = &m->aplic;
    bool was = rectified(a, source);
    a->wire[source] = high;
    if (!was && rectified(a, source)) {
        a->pending[source] = true;
    } else if (is_level(a->mode[source]) && !rectified(a, source)) {
        a->pending[source] = false;
    }
    update(m);
}

/* INTx asserted is a level that is high, as it is for an SPI. */
void aplic_hold(struct model *m, uint32_t source, bool up)
{
    struct aplic *a = &m->aplic;
    if (!is_source(a, source)) {
        breach(m, "", "AIA 4.5", "INTx on source %u, of %u", source, a->cfg.nr_sources);
        return;
    }
    if (up && a->enabled[source] && a->mode[source] != LEVEL1) {
        breach(m, "", "PCIe 2.2.8.1", "INTx on source %u, which is taken for something else",
               source);
    }
    a->holders[source] = (uint16_t)(up ? a->holders[source] + 1 : a->holders[source] - 1);
    model_aplic_wire(m, source, a->holders[source] != 0);
}

bool model_aplic_pending(struct model *m, uint32_t source)
{
    return m->aplic.pending[source];
}

bool model_aplic_enabled(struct model *m, uint32_t source)
{
    return m->aplic.enabled[source];
}

void model_aplic_power_off(struct model *m)
{
    struct aplic *a = &m->aplic;
    a->domaincfg = a->cfg.no_direct ? DM : 0;
    for (uint32_t i = 1; i <= a->cfg.nr_sources; i++) {
        a->mode[i] = INACTIVE;
        a->pending[i] = a->enabled[i] = a->target_written[i] = false;
        a->target[i] = 0;
    }
    for (umsi_cpu cpu = 0; cpu < m->cfg.nr_cpus; cpu++) {
        a->idc[cpu] = (struct idc){ 0 };
    }
}

void aplic_count(struct model *m, struct model_counts *out)
{
    for (uint32_t i = 1; m->cfg.aplic != NULL && i <= m->aplic.cfg.nr_sources; i++) {
        out->events += m->aplic.enabled[i];
        out->mapping += m->aplic.enabled[i] ? (uint64_t)m->aplic.target[i] * i : 0;
    }
}

void aplic_check_shutdown(struct model *m)
{
    if (m->cfg.aplic != NULL && (m->aplic.domaincfg & IE) != 0) {
        breach(m, "L56", "AIA 4.5.1", "the APLIC's domain is left enabled");
    }
}
