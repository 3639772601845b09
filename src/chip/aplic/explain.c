/* SPDX-License-Identifier: MIT */
/* What an APLIC in direct delivery mode has to say about one interrupt. */
#include "internal.h"

static bool bit(const struct umsi_aplic *aplic, uint32_t array, uint32_t source)
{
    return (umsi_aplic_read(aplic, umsi_aplic_word(array, source)) >> (source % 32) & 1) != 0;
}

static const char *at_hart(struct umsi_aplic *aplic, uint32_t hart, umsi_print print, void *arg)
{
    uint32_t idelivery = umsi_aplic_read(aplic, umsi_aplic_idc(hart, IDC_idelivery));
    uint32_t ithreshold = umsi_aplic_read(aplic, umsi_aplic_idc(hart, IDC_ithreshold));

    umsi_printf(print, arg, "  %s: hart index %u: idelivery %u, ithreshold %u", aplic->name, hart,
                idelivery, ithreshold);
    if (idelivery == 0) {
        return "the APLIC delivers nothing to its hart";
    }
    return ithreshold == 1 ? "the hart's threshold blocks it" : NULL;
}

const char *umsi_aplic_explain(struct umsi_domain *d, struct umsi_irq *irq, umsi_print print,
                               void *arg)
{
    struct umsi_aplic *aplic = d->data;
    uint32_t source = irq->level[d->depth].hwirq;
    uint32_t mode = umsi_aplic_read(aplic, umsi_aplic_sourcecfg(source));
    bool enabled = bit(aplic, APLIC_setie, source);

    umsi_printf(print, arg, "  %s: source %u: mode %u%s%s%s", aplic->name, source, mode,
                enabled ? ", enabled" : ", disabled",
                bit(aplic, APLIC_setip, source) ? ", pending" : "",
                umsi_aplic_asks(aplic, source) ? ", the line asks" : "");
    if ((umsi_aplic_read(aplic, APLIC_domaincfg) & APLIC_domaincfg_IE) == 0) {
        return "the APLIC's domain is off";
    }
    if (mode == APLIC_SM_Inactive) {
        return "the source is inactive: firmware took it back";
    }
    if (!enabled) {
        return "the APLIC has the source disabled";
    }
    return at_hart(aplic,
                   umsi_aplic_read(aplic, umsi_aplic_target(source)) >> APLIC_target_HART_SHIFT,
                   print, arg);
}
