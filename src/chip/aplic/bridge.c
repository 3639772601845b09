/* SPDX-License-Identifier: MIT */
/*
 * MSI delivery mode: the domain as a bridge from wires to messages. A source's message is the Hart Index and the
 * identity in its target register; firmware has told the APLIC where the harts' files are (4.9.1).
 *
 * A target register is one word, so a source moves in one step. A message sent before it may arrive after it
 * (4.9.3); for a level-sensitive source the unmask that ends a move looks at the line again, so what came too late is
 * sent once more. An edge of which the message is under way for longer than a move takes is not waited for.
 */
#include "internal.h"

static void write_message(void *handle, uint32_t line, const struct umsi_message *m)
{
    struct umsi_aplic *aplic = handle;
    uint32_t hart;

    if (!umsi_imsic_hart(&aplic->layout, m->address, &hart)) {
        umsi_log(aplic->umsi, UMSI_LOG_ERROR, "%s: source %u: no hart's file is at 0x%lx",
                 aplic->name, line, (uint64_t)m->address);
        umsi_aplic_write(aplic, umsi_aplic_sourcecfg(line), APLIC_SM_Inactive); /* for good */
        return;
    }
    umsi_aplic_write(aplic, umsi_aplic_target(line), umsi_aplic_to_file(hart, m->data));
}

static void set_mask(void *handle, uint32_t line, bool masked)
{
    umsi_aplic_set_mask(handle, line, masked);
}

static enum umsi_status set_trigger(void *handle, uint32_t line, enum umsi_trigger trigger)
{
    struct umsi_aplic *aplic = handle;
    enum umsi_status st = umsi_aplic_set_trigger(aplic, line, trigger);

    aplic->trigger[line] = st == UMSI_OK ? (uint32_t)trigger : 0;
    return st;
}

/*
 * The pending bit went with the message, and a line that still stands sets it no more; writing setipnum does (4.9.2).
 * Hardware ignores that write when the line is low. QEMU 7.2 does not, and would send for ever; so
 * the line is looked at first, which is right on both.
 */
static void resend(void *handle, uint32_t line)
{
    if (umsi_aplic_asks(handle, line)) {
        umsi_aplic_pend(handle, line, true);
    }
}

static const struct umsi_wired_ops bridge_ops = {
    .write_message = write_message,
    .set_mask = set_mask,
    .set_trigger = set_trigger,
    .resend = resend,
};

enum umsi_status umsi_aplic_bridge_attach(struct umsi_aplic *aplic, struct umsi_domain *parent)
{
    const struct umsi_wired_config config = {
        .name = aplic->name,
        .handle = aplic,
        .ops = &bridge_ops,
        .nr_lines = aplic->nr_sources + 1,
    };

    return umsi_wired_attach(parent, &config, &aplic->bridge);
}
