/* SPDX-License-Identifier: MIT */
/* Memory that hardware shares: taken from the port, checked against its contract, counted. */
#include "core.h"

static bool sound(const struct umsi_dma_want *want, const struct umsi_dma *m)
{
    return m->va != NULL && m->size >= want->size &&
           ((m->phys | m->bus) & (want->align - 1)) == 0 &&
           m->phys + (want->size - 1) <= want->max_phys && m->phys + (want->size - 1) >= m->phys;
}

bool umsi_dma_get(struct umsi *u, size_t size, size_t align, struct umsi_dma *out)
{
    const struct umsi_dma_want want = { size, align, UINT64_MAX, UINT32_MAX };
    struct umsi_dma m = { 0 };
    if (!u->port.dma_alloc(u->port.ctx, &want, &m)) {
        return false;
    }
    if (!sound(&want, &m)) {
        umsi_log(u, UMSI_LOG_ERROR, "port: dma_alloc gave 0x%lx, not %lu bytes aligned to %lu",
                 (uint64_t)m.phys, (uint64_t)size, (uint64_t)align);
        u->port.dma_free(u->port.ctx, &m);
        return false;
    }
    __atomic_add_fetch(&u->dma_bytes, (uint64_t)m.size, __ATOMIC_RELAXED);
    *out = m;
    return true;
}

void umsi_dma_put(struct umsi *u, struct umsi_dma *mem)
{
    if (mem->va == NULL) {
        return;
    }
    __atomic_sub_fetch(&u->dma_bytes, (uint64_t)mem->size, __ATOMIC_RELAXED);
    u->port.dma_free(u->port.ctx, mem);
    mem->va = NULL;
}
