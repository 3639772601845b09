/* SPDX-License-Identifier: MIT */
/*
 * What messages go to on a machine with a GIC, as the demo asks of it: LPIs and ITSes, or GICv2m frames.
 */
#include "console.h"
#include "end.h"
#include "platform.h"

const bool platform_moves_blocks = true;

bool platform_takes_messages(void)
{
    return true; /* else platform_lacks() something */
}

/* Nothing: a GIC's wires are PCI's here. */
void platform_wired_work(void)
{
}

const char *platform_lacks(const struct umsi_platform *hw)
{
    return !hw->has_gic ? "no GICv3 or GICv2 in the devicetree"
           : hw->nr_its == 0 && hw->nr_v2m == 0
               ? "no ITS in the machine, nor GICv2m: MSIs have nowhere to go"
               : NULL;
}

uint32_t platform_room(void)
{
    struct umsi_lpi_counts lpi;
    struct umsi_gicv2m_info v2m;
    if (platform_lpi() != NULL) {
        umsi_lpi_get_counts(platform_lpi(), &lpi);
        return lpi.total - lpi.live - lpi.quarantined;
    }
    umsi_gicv2m_get_info(platform_v2m(0), &v2m);
    return v2m.nr_spis - v2m.live;
}

void platform_totals(uint64_t *commands, uint64_t *waits)
{
    struct umsi_its_info info;
    for (unsigned i = 0; platform_its(i) != NULL; i++) {
        umsi_its_get_info(platform_its(i), &info);
        *commands += info.commands;
        *waits += info.waits;
    }
}

static bool lpis_left(void)
{
    struct umsi_lpi_counts lpi = { 0 };
    if (platform_lpi() != NULL) {
        umsi_lpi_get_counts(platform_lpi(), &lpi);
    }
    if (lpi.live != 0 || lpi.quarantined != 0) {
        end_note("%u LPIs live, %u quarantined at the end", (unsigned)lpi.live,
                 (unsigned)lpi.quarantined);
    }
    return lpi.live != 0 || lpi.quarantined != 0;
}

bool platform_nothing_left(void)
{
    struct umsi_its_info its;
    struct umsi_gicv2m_info v2m;
    for (unsigned i = 0; platform_v2m(i) != NULL; i++) {
        umsi_gicv2m_get_info(platform_v2m(i), &v2m);
        if (v2m.live != 0) {
            end_note("GICv2m %u: %u SPIs live at the end", i, (unsigned)v2m.live);
            return false;
        }
    }
    for (unsigned i = 0; platform_its(i) != NULL; i++) {
        umsi_its_get_info(platform_its(i), &its);
        if (its.devices != 0 || its.quarantined != 0 || its.stalls != 0 || its.dead) {
            end_note("ITS %u: %u devices mapped, %u quarantined, %lu stalls at the end", i,
                     (unsigned)its.devices, (unsigned)its.quarantined, (unsigned long)its.stalls);
            return false;
        }
    }
    return !lpis_left();
}

void platform_details(void)
{
    struct umsi_its_info info;
    struct umsi_gicv2m_info v2m;
    for (unsigned i = 0; platform_v2m(i) != NULL; i++) {
        umsi_gicv2m_get_info(platform_v2m(i), &v2m);
        print("  GICv2m %u: SPIs %u to %u\n", i, (unsigned)v2m.first_spi,
              (unsigned)(v2m.first_spi + v2m.nr_spis - 1));
    }
    for (unsigned i = 0; platform_its(i) != NULL; i++) {
        umsi_its_get_info(platform_its(i), &info);
        print("  ITS %u: %u DeviceID bits (%s table), %u EventID bits, %u bytes per event, PTA %d, "
              "%s\n",
              i, (unsigned)info.device_bits, info.device_table_two_level ? "two-level" : "flat",
              (unsigned)info.event_bits, (unsigned)info.itt_entry_size, info.pta,
              info.coherent ? "coherent" : "not coherent");
    }
}
