/* SPDX-License-Identifier: MIT */
/*
 * For authors of MSI controllers and of buses: the contract between a device's MSI domain and the
 * controller below it.
 *
 *   prepare() runs exactly once, when the device's MSI domain is created, with the domain's full size; what
 *   it leaves in umsi_alloc_info is kept as an immutable template. teardown() runs exactly once, when the
 *   domain is removed and the last vector is free, and gets the template back. After a failed prepare()
 *   nothing is torn down. No allocation can call either (L1, L2, L3, L5).
 */
#ifndef UMSI_MSI_PARENT_H
#define UMSI_MSI_PARENT_H

#include <umsi/domain.h>

#ifdef __cplusplus
extern "C" {
#endif

struct umsi_msi_device;

/* Kinds of vectors a driver may ask for, and a parent can serve. */
#define UMSI_MSI          0x01u
#define UMSI_MSIX         0x02u
#define UMSI_INTX         0x04u
#define UMSI_DEVICE_MSI   0x08u /* a device without a bus; platform devices */
#define UMSI_WIRED        0x10u /* a bridge that turns lines into messages */
#define UMSI_MSI_MULTI    0x20u /* parent: blocks of more than one MSI vector */
#define UMSI_MSIX_DYNAMIC 0x40u /* parent: MSI-X vectors may come and go while others are live */

enum umsi_message_kind {
    UMSI_MESSAGE_IMMUTABLE, /* a vector's message stays what it is across affinity changes */
    /* Address or data change with the target: an interrupt has a place on its CPU, an identity of an IMSIC or a
     * vector of an APIC, and moves as set_affinity, settle and revert in umsi/domain.h say. Vectors of a
     * block share an address, and would have to move as one: set_affinity says UNSUPPORTED for them. */
    UMSI_MESSAGE_MOVES,
};

/* What a level remembers between prepare and teardown. Marked with its owner, checked at access. */
struct umsi_alloc_slot {
    const struct umsi_domain *owner;
    uint64_t value[2];
};

struct umsi_alloc_info {
    struct umsi_alloc_slot slot[UMSI_MAX_LEVELS];
    /* Set by the core for one allocation; zero in the template: */
    uint32_t nr_block; /* vectors of a block that must have consecutive messages; 0: not a block */
};

/* Remember two words for a level. Writing another level's slot is refused with UMSI_BUG. */
UMSI_MUST_CHECK enum umsi_status umsi_alloc_info_set(struct umsi_alloc_info *info,
                                                     const struct umsi_domain *d, uint64_t v0,
                                                     uint64_t v1);
/* What the level remembered; false when it is not this level's. */
bool umsi_alloc_info_get(const struct umsi_alloc_info *info, const struct umsi_domain *d,
                         uint64_t *out_v0, uint64_t *out_v1);

/* A domain about to be made for a device. A parent may look, lower nothing, and refuse. */
struct umsi_msi_domain_want {
    const struct umsi_msi_device *device;
    uint32_t kind;      /* one of UMSI_MSI, UMSI_MSIX, ... */
    uint32_t nr_events; /* its full size */
};

struct umsi_msi_parent_ops {
    const char *name; /* of this kind of parent */
    uint32_t can;     /* UMSI_MSI | ... */
    enum umsi_message_kind message;
    uint32_t max_events; /* per device; 0: prepare() knows */

    /* All: context task, may sleep, no umsi lock held. `parent` is the domain that carries these ops. */

    /* May be NULL. */
    enum umsi_status (*init_device_domain)(struct umsi_domain *parent,
                                           const struct umsi_msi_domain_want *want);
    /* Once per domain: set up the device at the controller. nr_events >= 1 (L4). May be NULL. */
    enum umsi_status (*prepare)(struct umsi_domain *parent, struct umsi_msi_device *dev,
                                uint32_t nr_events, struct umsi_alloc_info *out_info);
    /* Once per successful prepare; cannot fail. May be NULL. */
    void (*teardown)(struct umsi_domain *parent, struct umsi_msi_device *dev,
                     const struct umsi_alloc_info *info);
    /* Can a vector below be sent to this CPU, once it is online? Context any. NULL: to every one. */
    bool (*can_target)(struct umsi_domain *parent, umsi_cpu cpu);
    /* The doorbell's physical address, for the port's doorbell_map. NULL: not needed. */
    umsi_phys (*doorbell)(struct umsi_domain *parent);
};

/* Make a domain an MSI parent: right after umsi_domain_add(). Context: task. */
void umsi_msi_parent_set(struct umsi_domain *d, const struct umsi_msi_parent_ops *ops);

/* Add what a prepare or teardown sent to the device's statistics. */
void umsi_msi_charge(struct umsi_msi_device *dev, uint32_t commands, uint32_t waits);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_MSI_PARENT_H */
