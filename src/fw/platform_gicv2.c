/* SPDX-License-Identifier: MIT */
/* The parts of umsi_platform_create() that are about GICv2 and GICv2m frames, and the calls that every GIC has. */
#include "platform_parts.h"

#define FRAME 0x1000u

static const char *const v2m_name[UMSI_PLATFORM_MAX_V2M] = {
    "GICv2m0", "GICv2m1", "GICv2m2", "GICv2m3", "GICv2m4", "GICv2m5", "GICv2m6", "GICv2m7",
};

enum umsi_status umsi_platform_make_gicv2(struct umsi_machine *m, const struct umsi_platform *p)
{
    struct umsi_gicv2_config config = { .gicd = umsi_platform_map_frame(m, p->gicd.base, FRAME) };

    if (config.gicd != NULL) {
        config.gicc = umsi_platform_map_frame(m, p->gicc.base, FRAME);
    }
    return config.gicc != NULL ? umsi_gicv2_create(m->umsi, &config, &m->gicv2) : UMSI_UNSUPPORTED;
}

/* ---- frames ---- */

static enum umsi_status make_frame(struct umsi_machine *m, const struct umsi_platform *p,
                                   uint32_t i)
{
    struct umsi_gic_spis spis;
    struct umsi_gicv2m_config config = {
        .phys = p->v2m[i].reg.base,
        .name = p->nr_v2m > 1 ? v2m_name[i] : NULL,
        .first_spi = p->v2m[i].first_spi,
        .nr_spis = p->v2m[i].nr_spis,
        .gic = &spis,
    };
    uint32_t mappings = m->nr_mappings;
    enum umsi_status st;

    config.base = umsi_platform_map_frame(m, config.phys, FRAME);
    if (config.base == NULL) {
        return UMSI_UNSUPPORTED;
    }
    if (m->gicv2 != NULL) {
        umsi_gicv2_spis(m->gicv2, &spis);
    } else {
        umsi_gicv3_spis(m->gic, &spis);
    }
    st = umsi_gicv2m_create(m->umsi, &config, &m->v2m[i]);
    if (st != UMSI_OK) {
        umsi_platform_unmap_to(m, mappings);
        return st;
    }
    m->v2m_phandle[i] = p->v2m[i].phandle;
    return UMSI_OK;
}

void umsi_platform_make_frames(struct umsi_machine *m, const struct umsi_platform *p)
{
    for (uint32_t i = 0; i < p->nr_v2m; i++) {
        enum umsi_status st = make_frame(m, p, i);

        if (st != UMSI_OK) {
            umsi_platform_say(m, UMSI_LOG_ERROR, "GICv2m", p->v2m[i].reg.base, st, "left out");
        }
    }
}

enum umsi_status umsi_platform_drop_frames(struct umsi_machine *m)
{
    enum umsi_status st = UMSI_OK;

    for (uint32_t i = UMSI_PLATFORM_MAX_V2M; i-- > 0 && st == UMSI_OK;) {
        if (m->v2m[i] != NULL) {
            st = umsi_gicv2m_destroy(m->v2m[i]);
        }
        if (st == UMSI_OK) {
            m->v2m[i] = NULL;
        }
    }
    return st;
}

bool umsi_platform_frames_used(const struct umsi_machine *m)
{
    for (uint32_t i = 0; i < UMSI_PLATFORM_MAX_V2M; i++) {
        if (m->v2m[i] != NULL && umsi_gicv2m_parent(m->v2m[i])->nr_children != 0) {
            return true;
        }
    }
    return false;
}

struct umsi_domain *umsi_platform_frame_by_phandle(const struct umsi_machine *m, uint32_t phandle)
{
    for (uint32_t i = 0; i < UMSI_PLATFORM_MAX_V2M; i++) {
        if (m->v2m[i] != NULL && m->v2m_phandle[i] == phandle) {
            return umsi_gicv2m_parent(m->v2m[i]);
        }
    }
    return NULL;
}

struct umsi_gicv2 *umsi_platform_gicv2(struct umsi_machine *m)
{
    return m->gicv2;
}

struct umsi_gicv2m *umsi_platform_v2m(struct umsi_machine *m, uint32_t i)
{
    return i < UMSI_PLATFORM_MAX_V2M ? m->v2m[i] : NULL;
}

/* ---- what every GIC has ---- */

enum umsi_status umsi_platform_map(struct umsi_machine *m, uint32_t intid, bool level,
                                   umsi_virq *out_virq)
{
    return m->gicv2 != NULL ? umsi_gicv2_map(m->gicv2, intid, level, out_virq)
                            : umsi_gicv3_map(m->gic, intid, level, out_virq);
}

void umsi_platform_unmap(struct umsi_machine *m, umsi_virq virq)
{
    if (m->gicv2 != NULL) {
        umsi_gicv2_unmap(m->gicv2, virq);
    } else {
        umsi_gicv3_unmap(m->gic, virq);
    }
}

enum umsi_status umsi_platform_enable_local(struct umsi_machine *m, uint32_t intid, bool enable)
{
    return m->gicv2 != NULL ? umsi_gicv2_enable_local(m->gicv2, intid, enable)
                            : umsi_gicv3_enable_local(m->gic, intid, enable);
}

enum umsi_status umsi_platform_send_sgi(struct umsi_machine *m, umsi_cpu cpu, uint32_t sgi)
{
    return m->gicv2 != NULL ? umsi_gicv2_send_sgi(m->gicv2, cpu, sgi)
                            : umsi_gicv3_send_sgi(m->gic, cpu, sgi);
}
