/* SPDX-License-Identifier: MIT */
/* One kernel after another on a machine: LPI tables that were left in use, and those that this kernel leaves. */
#include "platform_parts.h"

/* All redistributors that are on have one GICR_PROPBASER (IHI0069, 12.11): any of them will do. */
void umsi_platform_left(const struct umsi_machine *m, struct umsi_lpi_config *config)
{
    volatile void *rd = NULL;
    umsi_phys phys = 0;

    if (m->ops.reserved == NULL) {
        return;
    }
    for (uint32_t i = 0; umsi_gicv3_redistributor_at(m->gic, i, &rd, &phys) == UMSI_OK; i++) {
        uint64_t left = umsi_lpi_left(m->umsi, rd);
        config->left = left != 0 ? left : config->left;
    }
    if (config->left != 0) {
        config->reserved = m->ops.reserved;
        config->ctx = m->ops.ctx;
    }
}

static enum umsi_status hand_over_lpis(struct umsi_machine *m, struct umsi_dma *out, uint32_t room,
                                       uint32_t *out_n)
{
    enum umsi_status st = umsi_platform_drop_its(m);

    if (st == UMSI_OK) {
        st = umsi_lpi_hand_over(m->lpi, out, room, out_n);
    }
    if (st == UMSI_OK) {
        m->lpi = NULL;
    }
    return st;
}

enum umsi_status umsi_platform_hand_over(struct umsi_machine *m, struct umsi_dma *out,
                                         uint32_t room, uint32_t *out_n)
{
    enum umsi_status st = UMSI_OK;
    uint32_t n = 0;

    if (m == NULL || out == NULL || out_n == NULL) {
        return UMSI_INVALID;
    }
    if (umsi_platform_has_devices(m)) {
        return UMSI_BUSY;
    }
    if (m->lpi != NULL) { /* is there room, before the first is gone? */
        st = umsi_lpi_get_tables(m->lpi, out, room, &n);
    }
    if (st == UMSI_OK && m->lpi != NULL) {
        st = hand_over_lpis(m, out, room, &n);
    }
    if (st == UMSI_OK) {
        st = umsi_platform_take_down(m);
    }
    if (st == UMSI_OK) {
        *out_n = n;
    }
    return st;
}
