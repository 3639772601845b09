/* SPDX-License-Identifier: MIT */
/*
 * GICv2m frames on the strict model, each test on three machines: umsi's GICv2, umsi's GICv3, and a GICv2 that is the
 * kernel's own, which umsi reaches by callbacks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/cpu.h>
#include <umsi/msi.h>
#include <umsi/pci.h>

#include "gic_rig.h"

#define CPUS  2u
#define FIRST 72u /* of the frame's SPIs: aligned to 8 */
#define SPIS  48u
#define STORM 256u

enum way { ON_GICV2, ON_GICV3, ON_OWN, WAYS };

static enum way way;
static struct gic_rig r;
static struct umsi_gicv2m *v2m;
static struct umsi_gic_spis spis;

/* ---- a kernel with a GIC driver of its own: registers of IHI0048B, no umsi ---- */

static struct {
    uint32_t taken, given, started, stopped;
    enum umsi_status refuse; /* what take says of the SPI `refused` */
    uint32_t refused;
    bool refuse_start; /* start says it, and not take */
    uint32_t routes;   /* not 0: route says it, for CPU 0, after so many */
    uint32_t foreign;  /* INTIDs umsi_gicv2m_handle() did not want */
} own;

static void own_set(uint32_t base, uint32_t intid)
{
    gic_rig_write(&r, 0, gic_rig_gicd(&r), base + intid / 32 * 4, 1u << (intid % 32));
}

static enum umsi_status own_take(void *gic, uint32_t intid, struct umsi_irq *irq)
{
    volatile char *gicd = gic_rig_gicd(&r);
    uint32_t cfg = gic_rig_read(&r, 0, gicd, 0xC00 + intid / 16 * 4);
    assert_ptr_equal(gic, &own);
    assert_non_null(irq);
    if (own.refuse != UMSI_OK && intid == own.refused && !own.refuse_start && own.routes == 0) {
        return own.refuse;
    }
    gic_rig_write(&r, 0, gicd, 0xC00 + intid / 16 * 4, cfg | 2u << (intid % 16 * 2));
    gic_rig_write(&r, 0, gicd, 0x400 + intid / 4 * 4, 0xA0A0A0A0);
    own_set(0x280, intid);
    own.taken++;
    return UMSI_OK;
}

static void own_give(void *gic, uint32_t intid)
{
    (void)gic;
    (void)intid;
    own.given++;
}

static void own_enable(void *gic, uint32_t intid, bool on)
{
    (void)gic;
    own_set(on ? 0x100 : 0x180, intid);
}

static enum umsi_status own_route(void *gic, uint32_t intid, umsi_cpu cpu)
{
    volatile char *gicd = gic_rig_gicd(&r);
    uint32_t targets = gic_rig_read(&r, cpu, gicd, 0x800) & 0xFF, shift = intid % 4 * 8;
    uint32_t word = gic_rig_read(&r, 0, gicd, 0x800 + intid / 4 * 4);
    (void)gic;
    if (own.routes != 0 && cpu == 0 && --own.routes == 0) {
        own.routes = 1; /* and from now on */
        return own.refuse;
    }
    gic_rig_write(&r, 0, gicd, 0x800 + intid / 4 * 4,
                  (word & ~(0xFFu << shift)) | targets << shift);
    return UMSI_OK;
}

static enum umsi_status own_start(void *gic, uint32_t intid, umsi_cpu cpu)
{
    if (own.refuse_start && intid == own.refused) {
        return own.refuse;
    }
    own.started++;
    own_enable(gic, intid, true);
    return own_route(gic, intid, cpu);
}

static void own_stop(void *gic, uint32_t intid)
{
    own.stopped++;
    own_enable(gic, intid, false);
}

static enum umsi_status own_set_pending(void *gic, uint32_t intid, bool pending)
{
    (void)gic;
    own_set(pending ? 0x200 : 0x280, intid);
    return UMSI_OK;
}

static const struct umsi_gic_spis own_spis = { .take = own_take,
                                               .start = own_start,
                                               .stop = own_stop,
                                               .give = own_give,
                                               .enable = own_enable,
                                               .route = own_route,
                                               .set_pending = own_set_pending,
                                               .gic = &own };

static void own_vector(struct gic_rig *rig, umsi_cpu cpu)
{
    uint32_t iar = gic_rig_read(rig, cpu, gic_rig_gicc(rig), 0x0C);
    if ((iar & 0x3FF) < 1020) {
        own.foreign += !umsi_gicv2m_handle(v2m, iar & 0x3FF);
        gic_rig_write(rig, cpu, gic_rig_gicc(rig), 0x10, iar);
    }
}

static void own_online(umsi_cpu cpu)
{
    gic_rig_write(&r, cpu, gic_rig_gicc(&r), 0x04, 0xF0);
    gic_rig_write(&r, cpu, gic_rig_gicc(&r), 0x00, 1);
    umsi_set_cpu_online(r.u, cpu, true);
}

/* ---- the bench ---- */

static void start_gic(const struct model_config *config)
{
    memset(&own, 0, sizeof(own));
    if (way != ON_OWN) {
        gic_rig_start(&r, config);
        if (way == ON_GICV2) {
            umsi_gicv2_spis(r.gicv2, &spis);
        } else {
            umsi_gicv3_spis(r.gicv3, &spis);
        }
        return;
    }
    gic_rig_machine(&r, config);
    r.vector = own_vector;
    spis = own_spis;
    gic_rig_write(&r, 0, gic_rig_gicd(&r), 0, 1);
    for (umsi_cpu cpu = 0; cpu < CPUS; cpu++) {
        own_online(cpu);
    }
}

static enum umsi_status create(uint32_t frame, const struct umsi_gicv2m_config *more,
                               struct umsi_gicv2m **out)
{
    struct umsi_gicv2m_config c =
        more != NULL ? *more : (struct umsi_gicv2m_config){ .name = NULL };
    c.base = model_v2m_base(r.m, frame);
    c.phys = model_v2m_phys(r.m, frame);
    c.gic = &spis;
    return umsi_gicv2m_create(r.u, &c, out);
}

static void start(const struct model_v2m_config *frames, uint32_t n)
{
    start_gic(&(struct model_config){
        .nr_cpus = CPUS, .gicv2 = way != ON_GICV3, .nr_v2m = n, .v2m = frames });
}

static const struct model_v2m_config one_frame = { .first_spi = FIRST, .nr_spis = SPIS };

static int setup(void **state)
{
    way = *(enum way *)*state;
    start(&one_frame, 1);
    assert_int_equal(create(0, NULL, &v2m), UMSI_OK);
    return 0;
}

static void stop(void)
{
    struct umsi_gicv2m_info info;
    if (v2m != NULL) {
        umsi_gicv2m_get_info(v2m, &info);
        assert_int_equal(info.live, 0);
        assert_int_equal(umsi_gicv2m_destroy(v2m), UMSI_OK);
    }
    v2m = NULL;
    assert_int_equal(own.taken, own.given);
    assert_int_equal(own.started, own.stopped);
    assert_int_equal(own.foreign, 0);
    if (way == ON_OWN) {
        gic_rig_write(&r, 0, gic_rig_gicd(&r), 0, 0);
    }
    gic_rig_stop(&r);
}

static int teardown(void **state)
{
    (void)state;
    stop();
    return 0;
}

/* ---- a device without a bus ---- */

struct device {
    struct umsi_msi_device msi;
    struct umsi_message message[2048];
    uint32_t ran[2048];
    umsi_cpu cpu[2048];
};
static struct device d, d2;

static void write_message(void *handle, uint32_t index, const struct umsi_message *m)
{
    ((struct device *)handle)->message[index] = *m;
}

static enum umsi_status attach(struct device *dev, struct umsi_gicv2m *to, uint32_t events)
{
    memset(dev, 0, sizeof(*dev));
    const struct umsi_msi_config c = { .name = "device",
                                       .handle = dev,
                                       .device_id = 5,
                                       .nr_events = events,
                                       .write_message = write_message };
    return umsi_msi_attach(umsi_gicv2m_parent(to), &c, &dev->msi);
}

static void hit(void *arg)
{
    uint32_t *ran = arg;
    struct device *dev = ran >= d2.ran && ran < d2.ran + 2048 ? &d2 : &d;
    (*ran)++;
    dev->cpu[ran - dev->ran] = r.port.cpu_self(r.m);
}

static void request(struct device *dev, uint32_t index)
{
    assert_int_equal(
        umsi_irq_request(r.u, umsi_msi_virq(&dev->msi, index), hit, &dev->ran[index], "device"),
        UMSI_OK);
}

static bool raise_vector(struct device *dev, uint32_t index)
{
    return model_msi_write(r.m, 99, dev->message[index].address, dev->message[index].data);
}

static uint32_t live(void)
{
    struct umsi_gicv2m_info info;
    umsi_gicv2m_get_info(v2m, &info);
    return info.live;
}

static uint32_t intid_of(struct device *dev, uint32_t index)
{
    struct umsi_irq_info info;
    assert_int_equal(umsi_irq_get_info(r.u, umsi_msi_virq(&dev->msi, index), &info), UMSI_OK);
    return info.hwirq;
}

/* ---- vectors ---- */

static void messages_arrive(void **state)
{
    (void)state;
    assert_int_equal(attach(&d, v2m, 4), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 3), UMSI_OK);
    assert_int_equal(live(), 3);
    for (uint32_t i = 0; i < 3; i++) {
        request(&d, i);
        assert_int_equal(d.message[i].address, model_v2m_phys(r.m, 0) + 0x40);
        assert_int_equal(d.message[i].data, FIRST + i);
        assert_int_equal(intid_of(&d, i), FIRST + i);
        assert_true(raise_vector(&d, i));
        assert_int_equal(model_run(r.m), 1);
        assert_int_equal(d.ran[i], 1);
    }
    assert_int_equal(d.msi.stats.prepares, 1);
    umsi_msi_detach(&d.msi);
    assert_int_equal(d.msi.stats.teardowns, 1);
}

/* L3, L7: the domain stands while vectors come and go, and the frame while it stands. */
static void contract(void **state)
{
    (void)state;
    assert_int_equal(attach(&d, v2m, 8), UMSI_OK);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(umsi_msi_alloc(&d.msi, 0, 8), UMSI_OK);
        umsi_msi_free(&d.msi, 0, 8);
    }
    assert_int_equal(d.msi.stats.prepares, 1);
    assert_int_equal(d.msi.stats.teardowns, 0);
    assert_int_equal(umsi_gicv2m_destroy(v2m), UMSI_BUSY);
    umsi_msi_detach(&d.msi);
}

/* Vectors that come and go leave holes; those are filled, and a vector's message stays what it is. */
static void fragmented(void **state)
{
    (void)state;
    assert_int_equal(attach(&d, v2m, SPIS), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, SPIS), UMSI_OK);
    for (uint32_t i = 0; i < SPIS; i += 2) {
        umsi_msi_free(&d.msi, i, 1);
    }
    assert_int_equal(live(), SPIS / 2);
    assert_int_equal(attach(&d2, v2m, 2048), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d2.msi, 100, SPIS / 2), UMSI_OK);
    for (uint32_t i = 0; i < SPIS / 2; i++) {
        assert_int_equal(intid_of(&d2, 100 + i), FIRST + 2 * i);
        assert_int_equal(intid_of(&d, 2 * i + 1), FIRST + 2 * i + 1);
    }
    assert_int_equal(umsi_msi_alloc(&d2.msi, 0, 1), UMSI_NOSPACE);
    request(&d2, 100 + SPIS / 2 - 1);
    assert_true(raise_vector(&d2, 100 + SPIS / 2 - 1));
    model_run(r.m);
    assert_int_equal(d2.ran[100 + SPIS / 2 - 1], 1);
    umsi_msi_detach(&d.msi);
    umsi_msi_detach(&d2.msi);
}

/* L12: too many at once takes nothing, and leaves what was live as it was. */
static void too_many_at_once(void **state)
{
    struct model_counts before, after;

    (void)state;
    assert_int_equal(attach(&d, v2m, 2048), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 4), UMSI_OK);
    model_get_counts(r.m, &before);
    assert_int_equal(umsi_msi_alloc(&d.msi, 4, SPIS - 3), UMSI_NOSPACE);
    model_get_counts(r.m, &after);
    assert_int_equal(live(), 4);
    assert_int_equal(after.events, before.events);
    assert_true(after.mapping == before.mapping);
    assert_int_equal(umsi_msi_alloc(&d.msi, 4, SPIS - 4), UMSI_OK);
    umsi_msi_detach(&d.msi);
}

/* ---- multi-MSI, by a PCI function that puts the vector's number into the low bits of what it was given ---- */

static uint32_t pci_ran[32];

static void pci_hit(void *arg)
{
    pci_ran[(uintptr_t)arg]++;
}

static void take_block(struct umsi_pci *pci, uint32_t n, enum umsi_status expected)
{
    const struct umsi_vectors want = { .min = n, .max = n, .kinds = UMSI_MSI };
    uint32_t granted = 0;
    memset(pci_ran, 0, sizeof(pci_ran));
    assert_int_equal(umsi_pci_alloc_vectors(pci, &want, &granted), expected);
    for (uint32_t i = 0; i < granted; i++) {
        assert_int_equal(umsi_pci_request(pci, i, pci_hit, (void *)(uintptr_t)i, "pci"), UMSI_OK);
    }
}

static struct model_pci *hw;
static struct umsi_pci pci;

static void plug_in(void)
{
    assert_true(model_pci_create(r.m,
                                 &(struct model_pci_config){ .device_id = 8,
                                                             .msi_vectors = 32,
                                                             .msi_64 = true,
                                                             .msi_maskable = true,
                                                             .msix_entries = 64 },
                                 &hw));
    const struct umsi_pci_config c = { .ops = model_pci_ops(), .handle = hw, .name = "pci" };
    assert_int_equal(umsi_pci_attach(umsi_gicv2m_parent(v2m), &c, &pci), UMSI_OK);
}

static void pull_out(void)
{
    umsi_pci_detach(&pci);
    model_pci_destroy(hw);
}

static void blocks(void **state)
{
    static const uint32_t sizes[] = { 1, 2, 3, 4, 5, 8, 16, 17, 32 };

    (void)state;
    plug_in();
    assert_int_equal(attach(&d, v2m, 4), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 1), UMSI_OK); /* the first SPI is taken */
    for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
        if (sizes[k] == 17 || sizes[k] == 32) { /* 96 to 127, which the frame has not all of */
            take_block(&pci, sizes[k], UMSI_NOSPACE);
            assert_int_equal(live(), 1);
            continue;
        }
        take_block(&pci, sizes[k], UMSI_OK);
        uint32_t whole = 1;
        while (whole < sizes[k]) {
            whole *= 2;
        }
        assert_int_equal(live(), 1 + whole); /* L15 */
        for (uint32_t i = 0; i < sizes[k]; i++) {
            assert_int_equal(model_pci_raise(hw, i), MODEL_SENT);
            model_run(r.m);
            assert_int_equal(pci_ran[i], 1);
        }
        umsi_pci_free_vectors(&pci);
        assert_int_equal(live(), 1);
    }
    umsi_msi_detach(&d.msi);
    pull_out();
}

/* MSI-X falls back to what is there, and fits around others. */
static void msix(void **state)
{
    const struct umsi_vectors want = { .min = 1, .max = 64, .kinds = UMSI_MSIX };
    uint32_t granted = 0;

    (void)state;
    plug_in();
    assert_int_equal(attach(&d, v2m, 4), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 4), UMSI_OK);
    umsi_msi_free(&d.msi, 1, 2);
    assert_int_equal(umsi_pci_alloc_vectors(&pci, &want, &granted), UMSI_OK);
    assert_int_equal(granted, SPIS - 2);
    assert_int_equal(live(), SPIS);
    for (uint32_t i = 0; i < granted; i++) {
        if (i < 32) {
            pci_ran[i] = 0;
            assert_int_equal(umsi_pci_request(&pci, i, pci_hit, (void *)(uintptr_t)i, "pci"),
                             UMSI_OK);
            assert_int_equal(model_pci_raise(hw, i), MODEL_SENT);
            model_run(r.m);
            assert_int_equal(pci_ran[i], 1);
        }
    }
    umsi_pci_free_vectors(&pci);
    umsi_msi_detach(&d.msi);
    pull_out();
}

/* ---- masks, moves, raises ---- */

static enum umsi_status move_to(struct device *dev, uint32_t index, umsi_cpu cpu)
{
    struct umsi_cpumask mask = { { 0 } };
    umsi_cpumask_set(&mask, cpu);
    return umsi_irq_set_affinity(r.u, umsi_msi_virq(&dev->msi, index), &mask);
}

/* The message stays, what is pending goes along (L34, L35). */
static void move(void **state)
{
    struct umsi_message before;

    (void)state;
    assert_int_equal(attach(&d, v2m, 2), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 2), UMSI_OK);
    request(&d, 1);
    before = d.message[1];
    for (uint32_t k = 0; k < 4; k++) {
        umsi_cpu from = k % 2, to = 1 - from;
        model_mask_cpu(r.m, from, true);
        assert_true(raise_vector(&d, 1));
        assert_int_equal(move_to(&d, 1, to), UMSI_OK);
        model_run(r.m);
        model_mask_cpu(r.m, from, false);
        model_run(r.m);
        assert_int_equal(d.ran[1], k + 1);
        assert_int_equal(d.cpu[1], to);
        assert_memory_equal(&before, &d.message[1], sizeof(before));
    }
    umsi_msi_detach(&d.msi);
}

/* A vector starts on the CPU it was given. */
static void spread(void **state)
{
    const struct umsi_vectors want = { .min = 2, .max = 2, .kinds = UMSI_MSIX, .spread = true };
    uint32_t granted = 0;

    (void)state;
    plug_in();
    assert_int_equal(umsi_pci_alloc_vectors(&pci, &want, &granted), UMSI_OK);
    for (uint32_t i = 0; i < 2; i++) {
        umsi_virq virq = umsi_pci_virq(&pci, i);
        assert_int_equal(umsi_pci_request(&pci, i, pci_hit, (void *)(uintptr_t)i, "pci"), UMSI_OK);
        assert_int_equal(model_pci_raise(hw, i), MODEL_SENT);
        model_run(r.m);
        assert_int_equal(umsi_irq_count(r.u, virq, umsi_irq_get_cpu(r.u, virq)), 1);
    }
    assert_int_not_equal(umsi_irq_get_cpu(r.u, umsi_pci_virq(&pci, 0)),
                         umsi_irq_get_cpu(r.u, umsi_pci_virq(&pci, 1)));
    umsi_pci_free_vectors(&pci);
    pull_out();
}

/* Nothing can mask it at the device: an arrival is remembered once, a storm costs the SPI's enable bit (L60). */
static void held_back(void **state)
{
    struct umsi_counts counts;

    (void)state;
    assert_int_equal(attach(&d, v2m, 1), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 1), UMSI_OK);
    for (uint32_t i = 0; i < 3 * STORM; i++) {
        assert_true(raise_vector(&d, 0));
        model_run(r.m);
    }
    umsi_get_counts(r.u, &counts);
    assert_int_equal(counts.cut_off, 1);
    struct model_counts c;
    model_get_counts(r.m, &c);
    assert_int_equal(c.events, 0); /* the SPI is disabled */
    request(&d, 0);
    model_run(r.m);
    assert_true(d.ran[0] == 1 ||
                d.ran[0] == 2); /* once remembered, and one that waited at the GIC */
    uint32_t ran = d.ran[0];
    assert_true(raise_vector(&d, 0));
    model_run(r.m);
    assert_int_equal(d.ran[0], ran + 1);
    umsi_msi_detach(&d.msi);
}

static void raised_by_command(void **state)
{
    struct umsi_irq_test t;

    (void)state;
    assert_int_equal(attach(&d, v2m, 1), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 1), UMSI_OK);
    request(&d, 0);
    assert_int_equal(umsi_irq_retrigger(r.u, umsi_msi_virq(&d.msi, 0)), UMSI_OK);
    model_run(r.m);
    assert_int_equal(d.ran[0], 1);
    assert_int_equal(umsi_irq_test(r.u, umsi_msi_virq(&d.msi, 0), &t), UMSI_OK);
    umsi_msi_detach(&d.msi);
}

/* A device that goes on sending after its vectors are gone raises nobody else's. */
static void late_message(void **state)
{
    (void)state;
    assert_int_equal(attach(&d, v2m, 1), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 1), UMSI_OK);
    request(&d, 0);
    umsi_msi_free(&d.msi, 0, 1);
    assert_true(raise_vector(&d, 0));
    model_run(r.m);
    assert_int_equal(attach(&d2, v2m, 1), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d2.msi, 0, 1), UMSI_OK);
    request(&d2, 0);
    assert_int_equal(intid_of(&d2, 0), FIRST);
    model_run(r.m);
    assert_int_equal(d.ran[0] + d2.ran[0], 0);
    umsi_msi_detach(&d.msi);
    umsi_msi_detach(&d2.msi);
}

static void no_print(void *arg, const char *line)
{
    (void)arg;
    (void)line;
}

static void explained(void **state)
{
    const char *why = NULL;

    (void)state;
    assert_int_equal(attach(&d, v2m, 1), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 1), UMSI_OK);
    request(&d, 0);
    assert_int_equal(umsi_explain(r.u, umsi_msi_virq(&d.msi, 0), no_print, NULL, &why), UMSI_OK);
    if (way != ON_OWN) {
        spis.enable(spis.gic, FIRST, false);
        assert_int_not_equal(umsi_explain(r.u, umsi_msi_virq(&d.msi, 0), no_print, NULL, &why),
                             UMSI_OK);
        assert_non_null(strstr(why, "disabled"));
    }
    umsi_msi_detach(&d.msi);
}

/* ---- the GIC's side ---- */

/* One that the GIC does not give: its error comes out, and what was taken is given back (L12, L13). */
static void the_gic_refuses(void **state)
{
    umsi_virq virq = UMSI_NO_VIRQ;

    (void)state;
    if (way == ON_GICV2) {
        assert_int_equal(umsi_gicv2_map(r.gicv2, FIRST + 2, true, &virq), UMSI_OK);
    } else if (way == ON_GICV3) {
        assert_int_equal(umsi_gicv3_map(r.gicv3, FIRST + 2, true, &virq), UMSI_OK);
    } else {
        own.refuse = UMSI_EXISTS;
        own.refused = FIRST + 2;
    }
    assert_int_equal(attach(&d, v2m, 4), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 4), UMSI_EXISTS);
    assert_int_equal(live(), 0);
    if (way == ON_GICV2) { /* what it gave, and got back, is nobody's (L59) */
        struct umsi_counts counts;
        gic_rig_write(&r, 0, gic_rig_gicd(&r), 0x800 + FIRST, 0x01010101 << (CPUS - 1));
        own_set(0x100, FIRST);
        own_set(0x200, FIRST);
        (void)model_run(r.m);
        own_set(0x180, FIRST);
        umsi_get_counts(r.u, &counts);
        assert_int_equal(counts.unknown, 1);
    }
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 2), UMSI_OK);
    umsi_msi_detach(&d.msi);
    if (way == ON_GICV2) {
        umsi_gicv2_unmap(r.gicv2, virq);
    } else if (way == ON_GICV3) {
        umsi_gicv3_unmap(r.gicv3, virq);
    }
}

/* One that it gives and does not start: those before it are stopped, all are given back (L12, L13). */
static void the_gic_does_not_start(void **state)
{
    struct umsi_counts counts;

    (void)state;
    if (way != ON_OWN) {
        return;
    }
    assert_int_equal(attach(&d, v2m, 4), UMSI_OK);
    own.refuse = UMSI_HARDWARE;
    own.refused = FIRST + 2;
    own.refuse_start = true;
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 4), UMSI_HARDWARE);
    assert_int_equal(own.started, 2);
    assert_int_equal(own.stopped, 2);
    assert_int_equal(own.given, 4);
    assert_int_equal(live(), 0);
    for (uint32_t i = 0; i < 4; i++) { /* nobody's any more (L59) */
        (void)umsi_gicv2m_handle(v2m, FIRST + i);
    }
    umsi_get_counts(r.u, &counts);
    assert_int_equal(counts.unknown, 4);
    own.refuse_start = false;
    own.refuse = UMSI_OK;
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 4), UMSI_OK);
    umsi_msi_detach(&d.msi);
}

static bool goes_to(uint32_t index, umsi_cpu cpu)
{
    uint32_t word = gic_rig_read(&r, 0, gic_rig_gicd(&r), 0x800 + (FIRST + index) / 4 * 4);
    return (word >> ((FIRST + index) % 4 * 8) & 0xFF) ==
           (gic_rig_read(&r, cpu, gic_rig_gicd(&r), 0x800) & 0xFF);
}

/* It routes two of four elsewhere, when all leave a CPU, and no more: record and hardware agree (L34). */
static void the_gic_does_not_route(void **state)
{
    struct umsi_cpumask one = { { 2 } };

    (void)state;
    if (way != ON_OWN) {
        return;
    }
    assert_int_equal(attach(&d, v2m, 4), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 4), UMSI_OK);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(umsi_irq_set_affinity(r.u, umsi_msi_virq(&d.msi, i), &one), UMSI_OK);
    }
    own.refuse = UMSI_HARDWARE;
    own.routes = 3;
    assert_int_not_equal(umsi_cpu_leave(r.u, 1, NULL), UMSI_OK);
    own.routes = 0;
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(goes_to(i, umsi_irq_get_cpu(r.u, umsi_msi_virq(&d.msi, i))));
    }
    umsi_msi_detach(&d.msi);
}

/* An SPI that is a message's cannot be mapped as a wire, nor the GIC be destroyed. */
static void the_gic_is_held(void **state)
{
    umsi_virq virq;

    (void)state;
    assert_int_equal(attach(&d, v2m, 1), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 1), UMSI_OK);
    if (way == ON_GICV2) {
        assert_int_equal(umsi_gicv2_map(r.gicv2, FIRST, false, &virq), UMSI_EXISTS);
        assert_int_equal(umsi_gicv2_destroy(r.gicv2), UMSI_BUSY);
    } else if (way == ON_GICV3) {
        assert_int_equal(umsi_gicv3_map(r.gicv3, FIRST, false, &virq), UMSI_EXISTS);
        assert_int_equal(umsi_gicv3_destroy(r.gicv3), UMSI_BUSY);
    }
    umsi_msi_detach(&d.msi);
    assert_int_equal(spis.take(spis.gic, FIRST, (void *)&d), UMSI_OK);
    spis.give(spis.gic, FIRST);
    if (way != ON_OWN) {
        assert_int_equal(spis.take(spis.gic, 31, (void *)&d), UMSI_RANGE);
        assert_int_equal(spis.take(spis.gic, 1019, (void *)&d), UMSI_RANGE);
    }
}

/* ---- receiving by a kernel's own vector ---- */

static void handled(void **state)
{
    struct umsi_counts counts;
    uint32_t index;

    (void)state;
    assert_int_equal(attach(&d, v2m, 2), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 1), UMSI_OK);
    request(&d, 0);
    model_mask_cpu(r.m, 0, true);
    assert_false(umsi_gicv2m_handle(v2m, FIRST - 1));
    assert_false(umsi_gicv2m_handle(v2m, FIRST + SPIS));
    assert_true(umsi_gicv2m_handle(v2m, FIRST));
    assert_int_equal(d.ran[0], 1);
    model_set_cpu(r.m, 1); /* and it has left that dispatch when others wait for it (L59) */
    assert_true(umsi_gicv2m_handle(v2m, FIRST));
    model_set_cpu(r.m, 0);
    assert_int_equal(d.ran[0], 2);
    assert_int_equal(umsi_msi_alloc_at(&d.msi, 1, &index), UMSI_OK);
    model_set_cpu(r.m, 1);
    umsi_msi_free(&d.msi, 1, 1);
    model_set_cpu(r.m, 0);
    umsi_get_counts(r.u, &counts);
    assert_int_equal(counts.waiting_irqs, 0); /* nor did it leave one it was not in */
    spis.enable(spis.gic, FIRST + 1, true);
    for (uint32_t i = 0; i < STORM; i++) {
        assert_true(umsi_gicv2m_handle(v2m, FIRST + 1)); /* nobody's */
    }
    umsi_get_counts(r.u, &counts);
    assert_int_equal(counts.unknown, STORM);
    struct model_counts c;
    model_get_counts(r.m, &c);
    assert_int_equal(c.events, 1); /* the other one is silenced */
    model_mask_cpu(r.m, 0, false);
    umsi_msi_detach(&d.msi);
}

/* ---- memory, several frames, odd ones; their own machines ---- */

static void out_of_memory(void **state)
{
    (void)state;
    assert_int_equal(attach(&d, v2m, 8), UMSI_OK);
    struct model_counts before, after;
    model_get_counts(r.m, &before);
    for (uint64_t nth = 1;; nth++) {
        model_fail_at(r.m, MODEL_FAIL_ALLOC, nth);
        enum umsi_status st = umsi_msi_alloc(&d.msi, 0, 8);
        bool failed = model_failed(r.m, MODEL_FAIL_ALLOC);
        model_fail_at(r.m, MODEL_FAIL_ALLOC, 0);
        if (!failed) {
            assert_int_equal(st, UMSI_OK);
            break;
        }
        assert_int_equal(st, UMSI_NOMEM);
        assert_int_equal(live(), 0);
        model_get_counts(r.m, &after);
        assert_int_equal(after.events, before.events);
    }
    umsi_msi_detach(&d.msi);
}

static void several_frames(void **state)
{
    static const struct model_v2m_config frames[] = { { .first_spi = 32, .nr_spis = 32 },
                                                      { .first_spi = 96, .nr_spis = 8 } };
    struct umsi_gicv2m *second = NULL;

    way = *(enum way *)*state;
    if (way == ON_OWN) {
        return; /* its vector knows one frame */
    }
    start(frames, 2);
    assert_int_equal(create(0, NULL, &v2m), UMSI_OK);
    assert_int_equal(create(1, &(struct umsi_gicv2m_config){ .name = "second" }, &second), UMSI_OK);
    assert_int_equal(attach(&d, v2m, 32), UMSI_OK);
    assert_int_equal(attach(&d2, second, 32), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 32), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d2.msi, 0, 9), UMSI_NOSPACE);
    assert_int_equal(umsi_msi_alloc(&d2.msi, 0, 8), UMSI_OK);
    request(&d, 31);
    request(&d2, 7);
    assert_true(raise_vector(&d, 31));
    assert_true(raise_vector(&d2, 7));
    model_run(r.m);
    assert_int_equal(d.ran[31], 1);
    assert_int_equal(d2.ran[7], 1);
    umsi_msi_detach(&d.msi);
    umsi_msi_detach(&d2.msi);
    assert_int_equal(umsi_gicv2m_destroy(second), UMSI_OK);
    stop();
}

/* What firmware says goes before what the frame says. And a frame that counts from another number. */
static void odd_frames(void **state)
{
    static const struct model_v2m_config wrong = { .first_spi = 64,
                                                   .nr_spis = 16,
                                                   .wrong_typer = true };
    static const struct model_v2m_config counts_from_32 = {
        .first_spi = 64, .nr_spis = 32, .data_offset = 32, .iidr = 0x0000013F
    };

    way = *(enum way *)*state;
    start(&wrong, 1);
    assert_int_equal(create(0, NULL, &v2m), UMSI_RANGE);
    assert_null(v2m);
    assert_int_equal(
        create(0, &(struct umsi_gicv2m_config){ .first_spi = 64, .nr_spis = 16 }, &v2m), UMSI_OK);
    assert_int_equal(attach(&d, v2m, 1), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 1), UMSI_OK);
    request(&d, 0);
    assert_true(raise_vector(&d, 0));
    model_run(r.m);
    assert_int_equal(d.ran[0], 1);
    umsi_msi_detach(&d.msi);
    stop();

    start(&counts_from_32, 1);
    assert_int_equal(create(0, NULL, &v2m), UMSI_OK);
    assert_true(model_log_has(r.m, "may want data_offset 32"));
    assert_int_equal(umsi_gicv2m_destroy(v2m), UMSI_OK);
    model_log_clear(r.m);
    assert_int_equal(create(0, &(struct umsi_gicv2m_config){ .data_offset = 32 }, &v2m), UMSI_OK);
    assert_false(model_log_has(r.m, "data_offset"));
    plug_in();
    take_block(&pci, 32, UMSI_OK); /* aligned as the device writes it: 32 to 63 */
    assert_int_equal(model_pci_raise(hw, 31), MODEL_SENT);
    model_run(r.m);
    assert_int_equal(pci_ran[31], 1);
    umsi_pci_free_vectors(&pci);
    pull_out();
    stop();
}

static void wrong_arguments(void **state)
{
    static const struct {
        uint32_t first, count, offset;
    } bad[] = { { 31, 8, 0 },   { 1019, 2, 0 },        { 1020, 1, 0 }, { 0, 8, 0 },
                { 64, 957, 0 }, { 64, 0x80000000, 0 }, { 64, 8, 65 } };

    way = *(enum way *)*state;
    start(&one_frame, 1);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct umsi_gicv2m_config c = { .first_spi = bad[i].first,
                                              .nr_spis = bad[i].count,
                                              .data_offset = bad[i].offset };
        assert_int_equal(create(0, &c, &v2m), UMSI_RANGE);
    }
    struct umsi_gicv2m_config c = { .base = model_v2m_base(r.m, 0), .gic = &spis };
    assert_int_equal(umsi_gicv2m_create(NULL, &c, &v2m), UMSI_INVALID);
    assert_int_equal(umsi_gicv2m_create(r.u, NULL, &v2m), UMSI_INVALID);
    assert_int_equal(umsi_gicv2m_create(r.u, &c, NULL), UMSI_INVALID);
    c.base = NULL;
    assert_int_equal(umsi_gicv2m_create(r.u, &c, &v2m), UMSI_INVALID);
    c.base = model_v2m_base(r.m, 0);
    c.gic = NULL;
    assert_int_equal(umsi_gicv2m_create(r.u, &c, &v2m), UMSI_INVALID);
    spis.route = NULL;
    c.gic = &spis;
    assert_int_equal(umsi_gicv2m_create(r.u, &c, &v2m), UMSI_INVALID);
    assert_null(v2m);
    stop();
}

/* What a kernel leaves out it does without. */
static void least_of_a_gic(void **state)
{
    const char *why = NULL;

    way = *(enum way *)*state;
    start(&one_frame, 1);
    spis.set_pending = NULL;
    spis.explain = NULL;
    assert_int_equal(create(0, NULL, &v2m), UMSI_OK);
    assert_int_equal(attach(&d, v2m, 1), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&d.msi, 0, 1), UMSI_OK);
    request(&d, 0);
    assert_int_equal(umsi_irq_retrigger(r.u, umsi_msi_virq(&d.msi, 0)), UMSI_UNSUPPORTED);
    assert_int_equal(umsi_explain(r.u, umsi_msi_virq(&d.msi, 0), no_print, NULL, &why), UMSI_OK);
    umsi_msi_detach(&d.msi);
    stop();
}

static enum way ways[WAYS] = { ON_GICV2, ON_GICV3, ON_OWN };

#define TEST(name)                                                                                 \
    cmocka_unit_test_prestate_setup_teardown(name, setup, teardown, &ways[ON_GICV2]),              \
        cmocka_unit_test_prestate_setup_teardown(name, setup, teardown, &ways[ON_GICV3]),          \
        cmocka_unit_test_prestate_setup_teardown(name, setup, teardown, &ways[ON_OWN])
#define ALONE(name)                                                                                \
    cmocka_unit_test_prestate(name, &ways[ON_GICV2]),                                              \
        cmocka_unit_test_prestate(name, &ways[ON_GICV3]),                                          \
        cmocka_unit_test_prestate(name, &ways[ON_OWN])

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(messages_arrive),
        TEST(contract),
        TEST(fragmented),
        TEST(too_many_at_once),
        TEST(blocks),
        TEST(msix),
        TEST(move),
        TEST(held_back),
        TEST(spread),
        TEST(raised_by_command),
        TEST(late_message),
        TEST(explained),
        TEST(the_gic_refuses),
        TEST(the_gic_does_not_start),
        TEST(the_gic_does_not_route),
        TEST(the_gic_is_held),
        TEST(handled),
        TEST(out_of_memory),
        ALONE(several_frames),
        ALONE(odd_frames),
        ALONE(wrong_arguments),
        ALONE(least_of_a_gic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
