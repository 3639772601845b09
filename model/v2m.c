/* SPDX-License-Identifier: MIT */
/*
 * GICv2m frames: a write to V2M_MSI_SETSPI_NS makes an SPI of the frame pending. Whoever writes, and whatever its
 * DeviceID. A frame's SPIs are edge-triggered, or its messages are lost or stay for ever.
 */
#include "machine.h"

#define TYPER     0x008u
#define SETSPI_NS 0x040u
#define IIDR      0xfccu

/* False: none of its SPIs, and nothing happens. */
static bool set_spi(struct model *m, const struct model_v2m_config *c, uint32_t data)
{
    uint32_t intid = (data & 0x3ff) + c->data_offset;
    if ((data & ~0x3ffu) != 0) {
        breach(m, "L47", "GICv2m V2M_MSI_SETSPI_NS", "%#x is more than an INTID", data);
    }
    if (intid < c->first_spi || intid - c->first_spi >= c->nr_spis) {
        return false;
    }
    struct irq *i = &m->spi[intid - 32];
    if (!i->edge) {
        breach(m, "L47", "GICv2m V2M_MSI_SETSPI_NS",
               "a message for SPI %u, which is level-sensitive", intid);
    }
    i->pending = true;
    return true;
}

bool v2m_message(struct model *m, uint64_t address, uint32_t data, bool *out_taken)
{
    for (uint32_t i = 0; i < m->cfg.nr_v2m; i++) {
        if (address == model_v2m_phys(m, i) + SETSPI_NS) {
            *out_taken = set_spi(m, &m->v2m_cfg[i], data);
            return true;
        }
    }
    return false;
}

static uint64_t frame_read(struct model *m, void *device, uint64_t offset, unsigned width)
{
    const struct model_v2m_config *c = device;
    if (width != 4) {
        mmio_bad(m, "GICv2m", offset, width, false);
        return 0;
    }
    if (offset == TYPER) {
        return c->wrong_typer ? 0 : c->first_spi << 16 | c->nr_spis;
    }
    return offset == IIDR ? c->iidr : 0;
}

static void frame_write(struct model *m, void *device, uint64_t offset, unsigned width,
                        uint64_t value)
{
    if (width != 4) {
        mmio_bad(m, "GICv2m", offset, width, true);
    } else if (offset == SETSPI_NS) {
        (void)set_spi(m, device, (uint32_t)value);
    } else {
        breach(m, "", "GICv2m", "write to frame offset %#llx, which is read-only",
               (unsigned long long)offset);
    }
}

static bool frame_sane(const struct model *m, const struct model_v2m_config *c)
{
    return c->first_spi >= 32 && c->nr_spis != 0 &&
           c->first_spi + c->nr_spis <= 32 + m->cfg.nr_spis;
}

bool v2m_init(struct model *m)
{
    for (uint32_t i = 0; i < m->cfg.nr_v2m; i++) {
        m->v2m_cfg[i] = m->cfg.v2m[i];
        if (!frame_sane(m, &m->v2m_cfg[i])) {
            return false;
        }
        m->v2m_va[i] = mmio_open(m, &(struct window){ .size = 0x1000,
                                                      .name = "GICv2m",
                                                      .device = &m->v2m_cfg[i],
                                                      .read = frame_read,
                                                      .write = frame_write });
        if (m->v2m_va[i] == 0) {
            return false;
        }
    }
    return true;
}

volatile void *model_v2m_base(struct model *m, uint32_t frame)
{
    return (volatile void *)m->v2m_va[frame];
}

uint64_t model_v2m_phys(struct model *m, uint32_t frame)
{
    (void)m;
    return V2M_PHYS + frame * 0x10000ull;
}

/* SPIs of frames that are enabled are events that are mapped: to a CPU or several. */
void v2m_count(struct model *m, struct model_counts *out)
{
    for (uint32_t f = 0; f < m->cfg.nr_v2m; f++) {
        for (uint32_t k = 0; k < m->v2m_cfg[f].nr_spis; k++) {
            const struct irq *i = &m->spi[m->v2m_cfg[f].first_spi + k - 32];
            if (i->enabled) {
                uint64_t where = m->cfg.gicv2 ? i->targets : i->affinity;
                out->events++;
                out->mapping += (where + 1) * 0x9e3779b97f4a7c15ull * (m->v2m_cfg[f].first_spi + k);
            }
        }
    }
}
