/* SPDX-License-Identifier: MIT */
/*
 * MSI devices. The base knows no bus: a DeviceID, a number of events and a callback that writes a message
 * go in, vectors come out. PCI (umsi/pci.h) and other buses are built on the second half of this header.
 *
 * Calls on one device are serialised by the port's device_lock; without one, a second call at the same time
 * gets UMSI_BUSY. The release functions, which cannot fail, wait instead.
 */
#ifndef UMSI_MSI_H
#define UMSI_MSI_H

#include <umsi/msi_parent.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UMSI_ANY_INDEX  UINT32_MAX
#define UMSI_MSI_SLOTS  2u     /* domains one device may have: the bus's own, and a secondary */
#define UMSI_MAX_EVENTS 65536u /* per domain */

struct umsi_msi_domain;

/* What happened on behalf of one device, over its life. */
struct umsi_msi_stats {
    uint32_t prepares, teardowns; /* L1, L2 */
    /* At the controller's queue, for those two and for allocating and freeing vectors. Moves and raises go by virq, and
     * the controller alone counts them. */
    uint32_t commands, waits;
    uint32_t live;     /* vectors allocated now, reserved ones included */
    uint32_t reserved; /* of those: events mapped only because a block is a power of two (L15) */
};

/* Embedded by the kernel's own device. The fields are umsi's; read name, device_id and stats freely. */
struct umsi_msi_device {
    struct umsi *umsi;
    struct umsi_domain *parent;
    const char *name;
    void *handle;
    uint32_t device_id;
    uint32_t shared_events;
    umsi_bus max_address; /* UINT64_MAX: no limit of its own */
    struct umsi_msi_domain *slot[UMSI_MSI_SLOTS];
    void (*write_message)(void *handle, uint32_t index, const struct umsi_message *m);
    void (*set_mask)(void *handle, uint32_t index, bool masked);
    uint32_t late_events; /* of a domain still to be made: late_prepare */
    uint32_t busy;        /* atomic */
    struct umsi_msi_stats stats;
};

struct umsi_msi_config {
    const char *name; /* kept as a pointer; appears in logs and tables */
    void *handle;     /* handed back to the callbacks and the port */
    uint32_t device_id;
    uint32_t nr_events; /* at least 1 */
    /* How many events all devices with this DeviceID together may need; 0: it is not shared (DESIGN 1.6). */
    uint32_t shared_events;
    /* Highest doorbell address this device can write to, where that is less than its registers hold; 0: as they
     * are. A message beyond it is refused with RANGE before it is written (L48). */
    umsi_bus max_address;
    /* Put a message into the device. Context any, a umsi lock may be held. */
    void (*write_message)(void *handle, uint32_t index, const struct umsi_message *m);
    /* Mask at the device; idempotent. Context any. NULL: it cannot be masked there. A vector is masked before its
     * first message is written. */
    void (*set_mask)(void *handle, uint32_t index, bool masked);
    /*
     * For drivers written against one global MSI domain: attach touches no hardware, prepare runs at the first
     * allocation, for all nr_events, and teardown still at detach, not when the last vector is freed.
     */
    bool late_prepare;
};

/*
 * Attach a device without a bus, and make its MSI domain: prepare runs here. `dev` is the caller's storage
 * until umsi_msi_detach(). Context: task. Errors: INVALID, UNSUPPORTED (not an MSI parent), RANGE
 * (DeviceID or nr_events beyond the hardware), NOSPACE (a shared DeviceID's table is too small), NOMEM, or
 * what the controller says. After an error `dev` is not
 * attached, and umsi_msi_detach() on it does nothing. Attaching what is attached is a bug of the caller's.
 */
UMSI_MUST_CHECK enum umsi_status umsi_msi_attach(struct umsi_domain *parent,
                                                 const struct umsi_msi_config *config,
                                                 struct umsi_msi_device *dev);

/* Free what is left, run teardown, forget the device. Always completes, also on a dead controller. Twice is
 * harmless. Context: task. */
void umsi_msi_detach(struct umsi_msi_device *dev);

/* ---- vectors. All of them: context task. ---- */

/*
 * Allocate the indices first .. first+n-1: all, or none and nothing changed (L12). Masked until requested.
 * Errors: RANGE (beyond the domain), EXISTS (one is allocated), NOSPACE, NOMEM, BUSY, or what the level
 * that failed says (L13).
 */
UMSI_MUST_CHECK enum umsi_status umsi_msi_alloc(struct umsi_msi_device *dev, uint32_t first,
                                                uint32_t n);
/* Allocate one, at `index` or, with UMSI_ANY_INDEX, at the lowest that is free (L10). */
UMSI_MUST_CHECK enum umsi_status umsi_msi_alloc_at(struct umsi_msi_device *dev, uint32_t index,
                                                   uint32_t *out_index);
/* Free what is allocated of first .. first+n-1: handlers are released and waited for. */
void umsi_msi_free(struct umsi_msi_device *dev, uint32_t first, uint32_t n);

/* The virq of an index; UMSI_NO_VIRQ when it is not allocated (L11). Context: any, not while vectors of
 * the device are being allocated or freed. */
umsi_virq umsi_msi_virq(struct umsi_msi_device *dev, uint32_t index);
/* The index of a virq of this device; false when it is not one. */
bool umsi_msi_index(struct umsi_msi_device *dev, umsi_virq virq, uint32_t *out_index);

/* Call `visit` for each allocated vector, ascending; it may free the current one (L16). Stops when it
 * returns false. */
void umsi_msi_for_each(struct umsi_msi_device *dev,
                       bool (*visit)(void *arg, uint32_t index, umsi_virq virq), void *arg);

/* ---- for buses built on this ---- */

/* What a bus brings to a device domain. Constant, shared by all its devices. */
struct umsi_msi_template {
    const char *name; /* "msix" */
    uint32_t kind;    /* UMSI_MSIX, ... */
    /* mask, unmask, write_message and explain of the device level. irq->domain->data is the umsi_msi_device;
     * mask may be NULL: not maskable. */
    const struct umsi_chip *chip;
    umsi_bus max_address; /* highest doorbell address the device can write to (L48) */
};

/* Fill in a device that has no domain yet. `config->nr_events` and callbacks may be 0 and NULL. */
UMSI_MUST_CHECK enum umsi_status umsi_msi_device_init(struct umsi_domain *parent,
                                                      const struct umsi_msi_config *config,
                                                      struct umsi_msi_device *dev);
/* Make the domain of a slot: prepare runs here, once. Errors: EXISTS (occupied, L6), STATE (the device is detached), as
 * umsi_msi_attach(). */
UMSI_MUST_CHECK enum umsi_status umsi_msi_domain_create(struct umsi_msi_device *dev, uint32_t slot,
                                                        const struct umsi_msi_template *t,
                                                        uint32_t nr_events);
/* Remove it: teardown runs here, once. BUSY while a vector is live (L7); an empty slot is OK. */
UMSI_MUST_CHECK enum umsi_status umsi_msi_domain_remove(struct umsi_msi_device *dev, uint32_t slot);
/* Its template and size; NULL and 0 when the slot is empty. */
const struct umsi_msi_template *umsi_msi_domain_template(const struct umsi_msi_device *dev,
                                                         uint32_t slot, uint32_t *out_nr_events);

/* Serialise calls on one device, as above: BUSY when another call is inside and the port has no device_lock.
 * STATE: not attached. The functions
 * below that end in _slot are called between the two. */
UMSI_MUST_CHECK enum umsi_status umsi_msi_lock(struct umsi_msi_device *dev);
void umsi_msi_lock_wait(struct umsi_msi_device *dev); /* for functions that cannot fail */
void umsi_msi_unlock(struct umsi_msi_device *dev);

/* A wish for vectors in one slot. */
struct umsi_msi_want {
    uint32_t first, n; /* indices; first may be UMSI_ANY_INDEX when n is 1 */
    bool block;  /* their messages must be consecutive, aligned to the next power of two of n; the
                         * rest of it is reserved and counted (L15) */
    bool spread; /* over the online CPUs of `cpus` */
    uint32_t reserve_front, reserve_back; /* left out of the spreading */
    const struct umsi_cpumask *cpus;      /* the wanted set; NULL: all */
    bool managed;                         /* as in struct umsi_vectors */
};
UMSI_MUST_CHECK enum umsi_status umsi_msi_alloc_slot(struct umsi_msi_device *dev, uint32_t slot,
                                                     const struct umsi_msi_want *want,
                                                     uint32_t *out_first);
void umsi_msi_free_slot(struct umsi_msi_device *dev, uint32_t slot, uint32_t first, uint32_t n);
umsi_virq umsi_msi_virq_slot(struct umsi_msi_device *dev, uint32_t slot, uint32_t index);
/* The descriptor, for the bus's own chip; NULL when not allocated. */
struct umsi_irq *umsi_msi_irq_slot(struct umsi_msi_device *dev, uint32_t slot, uint32_t index);
/* Put every live vector's message and mask back into a device that lost them (L47). */
UMSI_MUST_CHECK enum umsi_status umsi_msi_restore_slot(struct umsi_msi_device *dev, uint32_t slot);
/* Is the vector masked, as the core sees it? For a bus that programs masks in its own order (L50). */
bool umsi_msi_irq_masked(const struct umsi_irq *irq);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_MSI_H */
