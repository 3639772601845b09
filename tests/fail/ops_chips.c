/* SPDX-License-Identifier: MIT */
/* The operations on controllers and CPUs: coming and going, wires, IPIs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ops.h"

static void su_last_cpu(struct world *w)
{
    op_bystander(w);
    assert_int_equal(world_cpu_gic(w, 2), UMSI_OK);
}

static enum umsi_status last_cpu(struct world *w)
{
    return world_cpu(w, 2);
}

static void su_second_its(struct world *w)
{
    op_bystander(w);
    assert_int_equal(umsi_its_destroy(w->its[1]), UMSI_OK);
    w->its[1] = NULL;
}

static enum umsi_status second_its(struct world *w)
{
    return world_its(w, 1);
}

static enum umsi_status its_away(struct world *w)
{
    const enum umsi_status st = umsi_its_destroy(w->its[1]);
    w->its[1] = NULL;
    return st;
}

static void su_bare(struct world *w)
{
    (void)w;
}

static enum umsi_status all_up(struct world *w)
{
    return world_up(w);
}

static enum umsi_status all_down(struct world *w)
{
    world_down(w);
    return UMSI_OK;
}

static void su_gic(struct world *w)
{
    assert_int_equal(world_umsi(w), UMSI_OK);
    assert_int_equal(world_gic(w), UMSI_OK);
}

static enum umsi_status lpis(struct world *w)
{
    return world_lpi(w);
}

static enum umsi_status lpis_away(struct world *w)
{
    const enum umsi_status st = umsi_lpi_destroy(w->lpi);
    w->lpi = NULL;
    return st;
}

static void su_bystander(struct world *w)
{
    op_bystander(w);
}

static enum umsi_status map_wire(struct world *w)
{
    return world_map_wire(w);
}

static enum umsi_status unmap_wire(struct world *w)
{
    world_unmap_wire(w);
    return UMSI_OK;
}

static enum umsi_status map_ipi(struct world *w)
{
    return umsi_imsic_map_ipi(w->imsic, 1, &w->ipi);
}

static enum umsi_status unmap_ipi(struct world *w)
{
    umsi_imsic_unmap_ipi(w->imsic, w->ipi);
    w->ipi = UMSI_NO_VIRQ;
    return UMSI_OK;
}

static void su_no_aplic(struct world *w)
{
    op_bystander(w);
    assert_int_equal(umsi_aplic_destroy(w->aplic), UMSI_OK);
    w->aplic = NULL;
}

static enum umsi_status aplic(struct world *w)
{
    return world_aplic(w);
}

static enum umsi_status aplic_away(struct world *w)
{
    const enum umsi_status st = umsi_aplic_destroy(w->aplic);
    w->aplic = NULL;
    return st;
}

static void su_umsi(struct world *w)
{
    assert_int_equal(world_umsi(w), UMSI_OK);
}

static enum umsi_status files(struct world *w)
{
    const enum umsi_status st = world_imsic(w);
    return st != UMSI_OK ? st : world_cpu_gic(w, 0); /* so that it can be used */
}

static enum umsi_status files_away(struct world *w)
{
    const enum umsi_status st = umsi_imsic_destroy(w->imsic);
    w->imsic = NULL;
    return st;
}

static void su_no_frame(struct world *w)
{
    assert_int_equal(umsi_gicv2m_destroy(w->v2m), UMSI_OK);
    w->v2m = NULL;
}

static enum umsi_status frame(struct world *w)
{
    return world_v2m(w);
}

static enum umsi_status frame_away(struct world *w)
{
    const enum umsi_status st = umsi_gicv2m_destroy(w->v2m);
    w->v2m = NULL;
    return st;
}

const struct op chip_ops[] = {
    { .name = "cpu online", .set_up = su_last_cpu, .run = last_cpu, .online = 2, .only = ON_ITS },
    { .name = "second its",
      .set_up = su_second_its,
      .run = second_its,
      .undo = its_away,
      .nr_its = 2,
      .only = ON_ITS },
    { .name = "lpi create",
      .set_up = su_gic,
      .run = lpis,
      .undo = lpis_away,
      .bare = true,
      .only = ON_ITS },
    { .name = "frame create",
      .set_up = su_no_frame,
      .run = frame,
      .undo = frame_away,
      .only = ON_FRAMES },
    { .name = "imsic create",
      .set_up = su_umsi,
      .run = files,
      .undo = files_away,
      .bare = true,
      .only = ON_FILES },
    { .name = "aplic create",
      .set_up = su_no_aplic,
      .run = aplic,
      .undo = aplic_away,
      .only = ON_FILES },
    { .name = "bring-up", .set_up = su_bare, .run = all_up, .undo = all_down, .bare = true },
    { .name = "wire", .set_up = su_bystander, .run = map_wire, .undo = unmap_wire },
    { .name = "ipi", .set_up = su_bystander, .run = map_ipi, .undo = unmap_ipi, .only = ON_FILES },
    { .name = NULL, .last = true },
};
