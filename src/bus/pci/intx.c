/* SPDX-License-Identifier: MIT */
/*
 * INTx: one interrupt, the wire, and the handlers of all functions on it.
 *
 * The wire's virq has one handler, which walks a list without a lock. The core runs it on one CPU at a time
 * (L58), so a walk is over when umsi_irq_synchronize() returns. Functions are put in at the head, behind every
 * walk that is under way; taking one out leaves its own `next` alone, so that a walk that stands on it goes on.
 *
 * Who takes one out disables the virq first and enables it after: while it is disabled no new walk begins, so the
 * wait ends although other functions keep the wire busy (the level stands, and is taken at the enable). Both
 * nest, and one disable is left over while the list is empty. None of it is under the wire's lock: an enable
 * may run handlers.
 */
#include "pci_int.h"
#include "pci_regs.h"

enum { OFF, ON, LEAVING }; /* umsi_pci.intx.state */

/* ---- the walk ---- */

static void set_running(struct umsi_pci_intx *wire, const struct umsi_pci *pci)
{
    __atomic_store_n(&wire->running, pci, __ATOMIC_RELEASE);
}

void umsi_pci_intx_handle(struct umsi_pci_intx *wire)
{
    const struct umsi_pci *pci = __atomic_load_n(&wire->users, __ATOMIC_ACQUIRE);
    while (pci != NULL) {
        set_running(wire, pci);
        if (pci->intx.handler != NULL) {
            pci->intx.handler(pci->intx.arg);
        }
        pci = __atomic_load_n(&pci->intx.next, __ATOMIC_ACQUIRE);
    }
    set_running(wire, NULL);
}

static void arrived(void *arg)
{
    umsi_pci_intx_handle(arg);
}

/* ---- handlers in and out ---- */

/* True: it is the first on the wire. Locked. */
static bool put_in(struct umsi_pci_intx *wire, struct umsi_pci *pci)
{
    pci->intx.state = ON;
    __atomic_store_n(&pci->intx.next, wire->users, __ATOMIC_RELAXED);
    __atomic_store_n(&wire->users, pci, __ATOMIC_RELEASE);
    return wire->handlers++ == 0;
}

/* True: it was the last. Locked. */
static bool take_out(struct umsi_pci_intx *wire, struct umsi_pci *pci)
{
    struct umsi_pci **at = &wire->users;
    while (*at != pci) {
        at = &(*at)->intx.next;
    }
    __atomic_store_n(at, pci->intx.next, __ATOMIC_RELEASE);
    pci->intx.state = LEAVING;
    return --wire->handlers == 0;
}

enum umsi_status umsi_pci_intx_request(struct umsi_pci *pci, umsi_handler handler, void *arg)
{
    struct umsi_pci_intx *wire = pci->intx.wire;
    bool first = false;
    umsi_irqstate s = umsi_lock_take(wire->umsi, &wire->lock);
    /* Running while it is off: it released itself, and the walk still stands on it. */
    bool taken = pci->intx.state != OFF || __atomic_load_n(&wire->running, __ATOMIC_ACQUIRE) == pci;
    if (!taken) {
        pci->intx.handler = handler;
        pci->intx.arg = arg;
        first = put_in(wire, pci);
    }
    umsi_lock_drop(wire->umsi, &wire->lock, s);
    if (first) {
        umsi_irq_enable(wire->umsi, wire->virq);
    }
    return taken ? UMSI_EXISTS : UMSI_OK;
}

static bool has_handler(struct umsi_pci *pci)
{
    struct umsi_pci_intx *wire = pci->intx.wire;
    umsi_irqstate s = umsi_lock_take(wire->umsi, &wire->lock);
    bool on = pci->intx.state == ON;
    umsi_lock_drop(wire->umsi, &wire->lock, s);
    return on;
}

/* Take its handler out, if it has one, and wait until no walk can stand on it. */
static void quiesce(struct umsi_pci *pci)
{
    struct umsi_pci_intx *wire = pci->intx.wire;
    umsi_irq_disable(wire->umsi, wire->virq);
    umsi_irqstate s = umsi_lock_take(wire->umsi, &wire->lock);
    bool mine = pci->intx.state == ON;
    bool last = mine && take_out(wire, pci);
    umsi_lock_drop(wire->umsi, &wire->lock, s);
    umsi_irq_synchronize(wire->umsi, wire->virq);
    if (mine) {
        s = umsi_lock_take(wire->umsi, &wire->lock);
        pci->intx.state = OFF;
        umsi_lock_drop(wire->umsi, &wire->lock, s);
    }
    if (!last) {
        umsi_irq_enable(wire->umsi, wire->virq);
    }
}

void umsi_pci_intx_release(struct umsi_pci *pci)
{
    if (has_handler(pci)) {
        quiesce(pci);
    }
}

/* ---- granted and taken back: under the device's lock ---- */

enum umsi_status umsi_pci_intx_usable(const struct umsi_pci *pci, const struct umsi_vectors *want)
{
    const struct umsi_pci_intx *wire = pci->intx.wire;
    if (wire == NULL) {
        return UMSI_UNSUPPORTED;
    }
    if (pci->intx.pin == 0) {
        return UMSI_NOTFOUND;
    }
    if (want->min > 1) {
        return UMSI_NOSPACE;
    }
    /* Others are on the wire, too: it stays where it is. */
    return want->cpus == NULL ||
                   umsi_cpumask_test(want->cpus, umsi_irq_get_cpu(wire->umsi, wire->virq))
               ? UMSI_OK
               : UMSI_UNSUPPORTED;
}

void umsi_pci_intx_stop(struct umsi_pci *pci)
{
    quiesce(pci); /* also when it released itself: its handler may still be on the way out */
    pci->kind = 0;
}

void umsi_pci_intx_warn_disabled(const struct umsi_pci *pci)
{
    uint32_t command;
    if (umsi_pci_read_command(pci, &command) && (command & PCI_COMMAND_NOINTX)) {
        umsi_log(pci->msi.umsi, UMSI_LOG_WARN,
                 "%s: Interrupt Disable is set in Command: the function does not raise INTx",
                 pci->msi.name);
    }
}

/* ---- functions come and go ---- */

void umsi_pci_intx_join(struct umsi_pci *pci, struct umsi_pci_intx *wire)
{
    uint32_t pin = 0;
    if (wire == NULL) {
        return;
    }
    if (umsi_pci_read(pci, PCI_INTERRUPT_PIN, 1, &pin) && pin > 4) {
        umsi_log(pci->msi.umsi, UMSI_LOG_WARN, "%s: Interrupt Pin is %u: taken for none",
                 pci->msi.name, pin);
        pin = 0;
    }
    pci->intx.pin = (uint8_t)pin;
    pci->intx.wire = wire;
    __atomic_add_fetch(&wire->functions, 1, __ATOMIC_RELAXED);
}

void umsi_pci_intx_leave(struct umsi_pci *pci)
{
    if (pci->intx.wire != NULL) {
        __atomic_sub_fetch(&pci->intx.wire->functions, 1, __ATOMIC_RELEASE);
        pci->intx.wire = NULL;
    }
}

/* ---- the wire ---- */

/* Is the virq one that functions can share? */
static enum umsi_status check_virq(struct umsi *u, umsi_virq virq)
{
    struct umsi_irq_info info;
    enum umsi_status st = umsi_irq_get_info(u, virq, &info);
    if (st != UMSI_OK) {
        return st;
    }
    if (!info.level) {
        umsi_log(u, UMSI_LOG_ERROR, "INTx: virq %u is not level-triggered", virq);
        return UMSI_UNSUPPORTED;
    }
    return info.name != NULL ? UMSI_EXISTS : UMSI_OK;
}

enum umsi_status umsi_pci_intx_add(struct umsi *u, umsi_virq virq, const char *name,
                                   struct umsi_pci_intx *wire)
{
    if (u == NULL || wire == NULL) {
        return UMSI_INVALID;
    }
    enum umsi_status st = check_virq(u, virq);
    if (st != UMSI_OK) {
        return st;
    }
    umsi_irq_disable(u, virq); /* until a function's handler is there */
    st = umsi_irq_request(u, virq, arrived, wire, name);
    if (st != UMSI_OK) {
        umsi_irq_enable(u, virq);
        return st;
    }
    memset(wire, 0, sizeof(*wire));
    umsi_lock_init(u, &wire->lock);
    wire->umsi = u;
    wire->virq = virq;
    return UMSI_OK;
}

enum umsi_status umsi_pci_intx_remove(struct umsi_pci_intx *wire)
{
    if (wire == NULL) {
        return UMSI_INVALID;
    }
    if (wire->umsi == NULL) {
        return UMSI_OK;
    }
    if (__atomic_load_n(&wire->functions, __ATOMIC_ACQUIRE) != 0) {
        return UMSI_BUSY;
    }
    umsi_irq_free(wire->umsi, wire->virq); /* forgets the disable that is left over */
    wire->umsi = NULL;
    return UMSI_OK;
}
