/* SPDX-License-Identifier: MIT */
/*
 * The kernel with its own GIC, as the demo sees it: gicv3.c for the interrupts it always had, glue.c for umsi's,
 * and its PCI layer's question to the devicetree where a function's messages go.
 */
#include <umsi/umsi.h>

#include "cpu.h"
#include "mmu.h"
#include "timer.h"
#include "../event.h"
#include "../platform.h"
#include "gicv3.h"
#include "glue.h"

#define KICK_SGI  0u
#define ITS_BYTES 0x20000u

const char *platform_name = "own GICv3 driver, ITS and MSI by umsi";
enum umsi_log_level platform_log_level = UMSI_LOG_WARN;
const bool platform_has_gic = false;

static uint32_t its_phandle[UMSI_PLATFORM_MAX_ITS];

static void kicked(void)
{
    if (glue.umsi != NULL) {
        umsi_cpu_service(glue.umsi);
    }
}

static bool start_cpu(unsigned cpu)
{
    if (!gic_cpu_init(cpu)) {
        return false;
    }
    gic_enable(TIMER_PPI);
    gic_enable(KICK_SGI);
    return true;
}

enum umsi_status platform_start(const struct umsi_platform *hw, struct umsi **out_umsi,
                                const char **out_what)
{
    *out_what = "the kernel's own GIC driver, which knows GICv3 only";
    if (hw->gicv2) {
        return UMSI_UNSUPPORTED;
    }
    *out_what = "the kernel's own GIC driver";
    gic_handle(TIMER_PPI, event_tick);
    gic_handle(KICK_SGI, kicked);
    if (!gic_init(hw) || !start_cpu(this_cpu()->index)) {
        return UMSI_HARDWARE;
    }
    for (uint32_t i = 0; i < hw->nr_its; i++) {
        its_phandle[i] = hw->its[i].phandle;
        if (!mmu_map(hw->its[i].reg.base, ITS_BYTES, MMU_DEVICE)) {
            return UMSI_NOMEM;
        }
    }
    enum umsi_status st = glue_start(hw);
    *out_what = glue.step;
    *out_umsi = glue.umsi;
    return st;
}

enum umsi_status platform_cpu_online(unsigned cpu)
{
    return start_cpu(cpu) ? glue_cpu_online(cpu) : UMSI_HARDWARE;
}

void platform_cpu_offline(unsigned cpu)
{
    umsi_lpi_cpu_offline(glue.lpi, cpu);
    gic_cpu_close();
}

void platform_interrupt(void)
{
    glue_interrupt();
}

void platform_kick(unsigned cpu)
{
    gic_send(cpu, KICK_SGI);
}

enum umsi_status platform_msi(const struct umsi_platform_host *host, uint16_t rid,
                              struct umsi_domain **out_parent, uint32_t *out_device_id)
{
    uint32_t controller = 0, device_id = 0;
    enum umsi_status st = umsi_pci_msi_map(host->msi_map, host->nr_msi_map, host->msi_map_mask,
                                           host->msi_parent, rid, &controller, &device_id);
    for (unsigned i = 0; i < UMSI_PLATFORM_MAX_ITS && st == UMSI_OK; i++) {
        if (glue.its[i] != NULL && its_phandle[i] == controller) {
            *out_parent = umsi_its_parent(glue.its[i]);
            *out_device_id = device_id;
            return UMSI_OK;
        }
    }
    return st == UMSI_OK ? UMSI_UNSUPPORTED : st;
}

/* This kernel's SPIs are its own: umsi has no virq for them. */
struct umsi_pci_intx *platform_wire(const struct umsi_platform_host *host, uint16_t bdf,
                                    uint32_t pin)
{
    (void)host;
    (void)bdf;
    (void)pin;
    return NULL;
}

struct umsi_its *platform_its(unsigned i)
{
    return i < UMSI_PLATFORM_MAX_ITS ? glue.its[i] : NULL;
}

struct umsi_gicv2m *platform_v2m(unsigned i)
{
    (void)i;
    return NULL;
}

struct umsi_lpi *platform_lpi(void)
{
    return glue.lpi;
}

enum umsi_status platform_hand_over(uint32_t *out_tables, const char **out_what)
{
    *out_what = "handing over: the kernel that has its GIC shows it";
    return UMSI_UNSUPPORTED;
}

enum umsi_status platform_stop(const char **out_what)
{
    enum umsi_status st = glue_stop();
    *out_what = "taking down the ITS and the LPIs";
    gic_cpu_close();
    return st;
}
