/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gic_rig.h"

static struct gic_rig *current;

static void on_breach(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "breach: %s\n", line);
}

/* ---- the port ---- */

static uint32_t read32(void *ctx, const volatile void *addr)
{
    return current->fake == addr ? current->fake_value
                                 : model_port(current->m)->mmio_read32(ctx, addr);
}

static void write32(void *ctx, volatile void *addr, uint32_t value)
{
    if (current->written != NULL) {
        current->written(addr);
    }
    if (current->deaf != addr) {
        model_port(current->m)->mmio_write32(ctx, addr, value);
    }
}

static void kick(void *ctx, umsi_cpu cpu)
{
    current->kicks[cpu]++;
    if (!current->no_kick) {
        model_port(current->m)->cpu_kick(ctx, cpu);
    }
}

static umsi_irqstate lock(void *ctx, umsi_lock *l)
{
    struct model_counts c;
    if (current->meanwhile_at != 0) {
        model_get_counts(current->m, &c);
        if (c.locks_held == 0 && --current->meanwhile_at == 0) {
            current->meanwhile();
        }
    }
    return model_port(current->m)->lock(ctx, l);
}

/* ---- the kernel ---- */

static void vector(void *arg, umsi_cpu cpu)
{
    struct gic_rig *r = arg;
    if (r->vector != NULL) {
        r->vector(r, cpu);
    } else {
        (void)umsi_handle_interrupts(r->u);
    }
}

/* As an SGI of the kernel's own would do it: it looks for interrupts too. */
static void service(void *arg, umsi_cpu cpu)
{
    struct gic_rig *r = arg;
    vector(arg, cpu);
    umsi_cpu_service(r->u);
}

void gic_rig_machine(struct gic_rig *r, const struct model_config *config)
{
    struct model_config c = *config;
    memset(r, 0, sizeof(*r));
    current = r;
    c.on_breach = on_breach;
    r->v3 = !c.gicv2;
    assert_true(model_create(&c, &r->m));
    r->port = *model_port(r->m);
    r->port.mmio_read32 = read32;
    r->port.mmio_write32 = write32;
    r->port.cpu_kick = kick;
    r->port.lock = lock;
    model_set_vectors(r->m, &(struct model_vectors){ vector, service, r });
    assert_int_equal(umsi_create(&r->port, &r->u), UMSI_OK);
}

enum umsi_status gic_rig_create(struct gic_rig *r)
{
    const struct umsi_gicv2_config two = { model_gicd(r->m), model_gicc(r->m) };
    struct umsi_gicv3_region region = { .stride = 0 };
    if (!r->v3) {
        return umsi_gicv2_create(r->u, &two, &r->gicv2);
    }
    region.base = model_gicr(r->m, &region.phys, &region.size);
    const struct umsi_gicv3_config three = { model_gicd(r->m), &region, 1 };
    return umsi_gicv3_create(r->u, &three, &r->gicv3);
}

enum umsi_status gic_rig_online(struct gic_rig *r, umsi_cpu cpu)
{
    model_set_cpu(r->m, cpu);
    enum umsi_status st =
        r->v3 ? umsi_gicv3_cpu_online(r->gicv3, cpu) : umsi_gicv2_cpu_online(r->gicv2, cpu);
    model_set_cpu(r->m, 0);
    return st;
}

void gic_rig_offline(struct gic_rig *r, umsi_cpu cpu)
{
    model_set_cpu(r->m, cpu);
    if (r->v3) {
        umsi_gicv3_cpu_offline(r->gicv3);
    } else {
        umsi_gicv2_cpu_offline(r->gicv2);
    }
    model_set_cpu(r->m, 0);
}

void gic_rig_start(struct gic_rig *r, const struct model_config *config)
{
    gic_rig_machine(r, config);
    assert_int_equal(gic_rig_create(r), UMSI_OK);
    for (umsi_cpu cpu = 0; cpu < config->nr_cpus; cpu++) {
        assert_int_equal(gic_rig_online(r, cpu), UMSI_OK);
    }
}

void gic_rig_stop(struct gic_rig *r)
{
    for (umsi_cpu cpu = r->port.nr_cpus; cpu-- > 0 && (r->gicv2 != NULL || r->gicv3 != NULL);) {
        gic_rig_offline(r, cpu);
    }
    if (r->gicv2 != NULL) {
        assert_int_equal(umsi_gicv2_destroy(r->gicv2), UMSI_OK);
    }
    if (r->gicv3 != NULL) {
        assert_int_equal(umsi_gicv3_destroy(r->gicv3), UMSI_OK);
    }
    assert_int_equal(umsi_destroy(r->u), UMSI_OK);
    model_check_shutdown(r->m);
    assert_int_equal(model_breaches(r->m), 0);
    model_destroy(r->m);
}

/* ---- registers ---- */

volatile char *gic_rig_gicd(struct gic_rig *r)
{
    return model_gicd(r->m);
}

volatile char *gic_rig_gicc(struct gic_rig *r)
{
    return model_gicc(r->m);
}

uint32_t gic_rig_read(struct gic_rig *r, umsi_cpu cpu, volatile void *base, uint32_t offset)
{
    umsi_cpu was = model_port(r->m)->cpu_self(r->m);
    model_set_cpu(r->m, cpu);
    uint32_t value = model_port(r->m)->mmio_read32(r->m, (volatile char *)base + offset);
    model_set_cpu(r->m, was);
    return value;
}

void gic_rig_write(struct gic_rig *r, umsi_cpu cpu, volatile void *base, uint32_t offset,
                   uint32_t value)
{
    umsi_cpu was = model_port(r->m)->cpu_self(r->m);
    model_set_cpu(r->m, cpu);
    model_port(r->m)->mmio_write32(r->m, (volatile char *)base + offset, value);
    model_set_cpu(r->m, was);
}
