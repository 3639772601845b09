/* SPDX-License-Identifier: MIT */
/*
 * Bridges that turn wires into messages: MBIGEN, ICU, an APLIC in MSI mode, a GPIO block with an MSI port. The
 * bridge is one MSI device with as many events as it has lines. Its domain, and so prepare, is made for all of
 * them when it is attached; each line takes its vector when it is first mapped.
 */
#ifndef UMSI_WIRED_H
#define UMSI_WIRED_H

#include <umsi/msi.h>

#ifdef __cplusplus
extern "C" {
#endif

enum umsi_trigger {
    UMSI_EDGE_RISING = 1,
    UMSI_EDGE_FALLING = 2,
    UMSI_LEVEL_HIGH = 4,
    UMSI_LEVEL_LOW = 8,
};

/* The bridge's own registers. All: context any, a umsi lock may be held, except set_trigger: task. */
struct umsi_wired_ops {
    /* Required: put a line's message into the bridge. */
    void (*write_message)(void *handle, uint32_t line, const struct umsi_message *m);
    /* Mask a line at the bridge; idempotent. NULL: it cannot. */
    void (*set_mask)(void *handle, uint32_t line, bool masked);
    /* Set what raises a line; the line is masked. NULL: fixed in hardware. */
    enum umsi_status (*set_trigger)(void *handle, uint32_t line, enum umsi_trigger trigger);
    /* Send another message if the level of the line still stands: after a handler ran, and when the line is
     * unmasked or restored, with or without set_mask. Not called while the vector is masked: in software, where
     * set_mask is NULL. NULL: level-triggered lines are UNSUPPORTED. */
    void (*resend)(void *handle, uint32_t line);
};

struct umsi_wired_config {
    const char *name; /* kept as a pointer */
    void *handle;
    const struct umsi_wired_ops *ops;
    uint32_t device_id;
    uint32_t nr_lines;
    uint32_t shared_events; /* as in struct umsi_msi_config */
};

/* Embedded by the bridge's driver. The fields are umsi's. */
struct umsi_wired {
    struct umsi_msi_device msi;
    const struct umsi_wired_ops *ops;
    void *handle;
};

/* Context: task. Errors: INVALID, and those of umsi_msi_attach(). After an error the bridge is as if never attached.
 */
UMSI_MUST_CHECK enum umsi_status umsi_wired_attach(struct umsi_domain *parent,
                                                   const struct umsi_wired_config *config,
                                                   struct umsi_wired *bridge);
/* Unmap all lines, tear down. Always completes; twice is harmless. Context: task. */
void umsi_wired_detach(struct umsi_wired *bridge);

/*
 * Take a vector for a line and set its trigger; masked until requested. Context: task.
 * Errors: RANGE (no such line), EXISTS (it is mapped: umsi_wired_virq()), UNSUPPORTED (trigger), NOSPACE, NOMEM,
 * BUSY, or what the bridge or the controller says. After an error the line is as it was, but masked.
 */
UMSI_MUST_CHECK enum umsi_status umsi_wired_map(struct umsi_wired *bridge, uint32_t line,
                                                enum umsi_trigger trigger, umsi_virq *out_virq);
/* Release the handler and the line's vector. What is not mapped stays so. Context: task. */
void umsi_wired_unmap(struct umsi_wired *bridge, uint32_t line);
/* UMSI_NO_VIRQ when it is not mapped. Context: any. */
umsi_virq umsi_wired_virq(struct umsi_wired *bridge, uint32_t line);
/* After a reset of the bridge: messages and masks again (L47). Triggers are the bridge driver's. Context: task. */
UMSI_MUST_CHECK enum umsi_status umsi_wired_restore(struct umsi_wired *bridge);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_WIRED_H */
