/* SPDX-License-Identifier: MIT */
/* An ITS of any make; a GICv2m frame on either GIC; interrupt files with or without an APLIC. */
#include "machines.h"

/* As large as its macro says for exactly this. */
static const struct umsi_arena_need need = {
    .cpus = NR_CPUS, .devices = REF_DEVICES, .events = 256, .vectors = 420, .lpi_bits = 14
};

static const struct umsi_arena_need need_on_files = { .cpus = NR_CPUS,
                                                      .devices = REF_DEVICES + 1, /* the APLIC */
                                                      .events = 256,
                                                      .vectors = 420,
                                                      .identities = 2047 };

static void its(struct world_config *c)
{
    static const uint32_t entry[] = { 8, 12, 16 };
    const bool coherent = one_in(2);
    c->model.non_coherent = !coherent;
    c->model.rd_not_shareable = !coherent || one_in(2);
    c->model.in_order = one_in(2);
    c->model.gicv4_frames = one_in(2);
    c->model.direct_lpi = one_in(2);
    c->model.lazy_config = one_in(2);
    c->model.two_security_states = one_in(2);
    c->model.iommu = one_in(2);
    c->its = (struct model_its_config){ .pta = one_in(2),
                                        .hcc = one_in(2) ? 0 : 2,
                                        .not_shareable = !coherent || one_in(2),
                                        .itt_entry_size = entry[below(3)],
                                        .event_bits = 8 + below(9),
                                        .no_indirect = one_in(3),
                                        .page_sizes = 1 + below(7),
                                        .command_ns = 1 + below(3000) };
    c->umsi_its.deadline_us = 20000;
    c->umsi_its.queue_bytes = one_in(2) ? 4096 : 0;
    c->arena = one_in(3) ? umsi_arena_size(&need) : 0;
}

static void gicv2m(struct world_config *c)
{
    static const struct model_v2m_config frame = { .first_spi = 64, .nr_spis = 900 };
    c->model.gicv2 = one_in(2);
    c->model.nr_spis = 960;
    c->model.nr_v2m = 1;
    c->model.v2m = &frame;
    c->model.two_security_states = one_in(2);
}

static void imsic(struct world_config *c)
{
    static struct model_imsic_config files;
    static const struct model_aplic_config sources = { .nr_sources = 31 };
    files = (struct model_imsic_config){ .nr_ids = one_in(2) ? 511 : 2047,
                                         .reverse = one_in(2),
                                         .message_ns = below(3) * 400 };
    c->model.imsic = &files;
    c->model.aplic = one_in(2) ? &sources : NULL;
    c->arena = one_in(3) ? umsi_arena_size(&need_on_files) : 0;
}

const struct machine machines[MACHINES] = { { "its", its },
                                            { "gicv2m", gicv2m },
                                            { "imsic", imsic } };
