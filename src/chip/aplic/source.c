/* SPDX-License-Identifier: MIT */
/* One source's registers. Those used here are written by number or belong to one source, so no two CPUs are in
 * each other's way. */
#include "../../arch/barrier.h"
#include "internal.h"

/*
 * Level-sensitive sources in MSI delivery mode may or may not become pending by this write when their line stands
 * (4.5.2); the bridge looks at the unmask. An edge from before it is nobody's.
 */
enum umsi_status umsi_aplic_set_trigger(struct umsi_aplic *aplic, uint32_t source,
                                        enum umsi_trigger trigger)
{
    uint32_t mode = umsi_aplic_mode(trigger);

    umsi_aplic_write(aplic, umsi_aplic_sourcecfg(source), mode);
    if (umsi_aplic_read(aplic, umsi_aplic_sourcecfg(source)) != mode) {
        umsi_log(aplic->umsi, UMSI_LOG_ERROR,
                 "%s: source %u: not delegated to this domain, or it cannot be triggered so",
                 aplic->name, source);
        umsi_aplic_write(aplic, umsi_aplic_sourcecfg(source), APLIC_SM_Inactive);
        return UMSI_UNSUPPORTED;
    }
    umsi_aplic_pend(aplic, source, false);
    return UMSI_OK;
}

void umsi_aplic_set_mask(struct umsi_aplic *aplic, uint32_t source, bool masked)
{
    umsi_wmb(); /* a handler that is let in finds what was written before */
    umsi_aplic_write(aplic, masked ? APLIC_clrienum : APLIC_setienum, source);
}

bool umsi_aplic_asks(struct umsi_aplic *aplic, uint32_t source)
{
    return (umsi_aplic_read(aplic, umsi_aplic_word(APLIC_in_clrip, source)) >> (source % 32) & 1) !=
           0;
}

void umsi_aplic_pend(struct umsi_aplic *aplic, uint32_t source, bool pending)
{
    umsi_wmb();
    umsi_aplic_write(aplic, pending ? APLIC_setipnum : APLIC_clripnum, source);
}
