/* SPDX-License-Identifier: MIT */
/* The operations on devices: every way to take something from umsi, and every way to give it back. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ops.h"

enum { PCI, SECOND, MSI, PLAIN, PLATDEV, WIRED, LATE, UNMASKED };

static const struct gadget_config gadgets[] = {
    [PCI] = { .kind = GADGET_PCI,
              .device_id = 0x77,
              .pci = { .msix_entries = 64,
                       .msi_vectors = 4,
                       .msi_64 = true,
                       .msi_maskable = true } },
    [SECOND] = { .kind = GADGET_PCI, /* behind the same bridge */
                 .device_id = 0x77,
                 .pci = { .msix_entries = 8 },
                 .shared_events = 256 },
    [MSI] = { .kind = GADGET_MSI, .device_id = 0x1234, .events = 48, .maskable = true },
    [PLAIN] = { .kind = GADGET_MSI, .device_id = 0x1235, .events = 5 },
    [PLATDEV] = { .kind = GADGET_PLATDEV, .device_id = 9, .events = 6, .maskable = true },
    [WIRED] = { .kind = GADGET_WIRED, .device_id = 0x2000, .events = 64, .maskable = true },
    [UNMASKED] = { .kind = GADGET_PCI, /* its message is written in steps (L46) */
                   .device_id = 0x99,
                   .pci = { .msi_vectors = 1, .msi_64 = true } },
    [LATE] = { .kind = GADGET_MSI, .device_id = 0xfff0, .events = 32, .late = true },
};

static struct gadget *make(struct world *w, uint32_t i)
{
    gadget_make(w, &w->gadget[i], &gadgets[i]);
    return &w->gadget[i];
}

static void attach(struct world *w, uint32_t i)
{
    assert_int_equal(gadget_attach(make(w, i)), UMSI_OK);
}

static void request(struct gadget *g, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(gadget_request(g, i), UMSI_OK);
    }
}

/* Attached, with n vectors and their handlers. */
static void take(struct world *w, uint32_t i, uint32_t n, uint32_t kinds)
{
    attach(w, i);
    assert_int_equal(gadget_take(&w->gadget[i], n, kinds), UMSI_OK);
    request(&w->gadget[i], n);
}

/* What is live before an operation, and must not notice that it fails. */
void op_bystander(struct world *w)
{
    if (!w->alone) {
        take(w, PLAIN, 3, 0);
    }
}

/* ---- attach ---- */

static void su_pci(struct world *w)
{
    op_bystander(w);
    make(w, PCI);
}

static enum umsi_status attach_pci(struct world *w)
{
    return gadget_attach(&w->gadget[PCI]);
}

static enum umsi_status detach_pci(struct world *w)
{
    gadget_detach(&w->gadget[PCI]);
    return UMSI_OK;
}

static void su_msi(struct world *w)
{
    op_bystander(w);
    make(w, MSI);
}

static enum umsi_status attach_msi(struct world *w)
{
    return gadget_attach(&w->gadget[MSI]);
}

static enum umsi_status detach_msi(struct world *w)
{
    gadget_detach(&w->gadget[MSI]);
    return UMSI_OK;
}

/* Attach and all its vectors; an error of the second step undoes the first. */
static enum umsi_status whole(struct gadget *g, uint32_t n)
{
    enum umsi_status st = gadget_attach(g);
    if (st == UMSI_OK) {
        st = gadget_take(g, n, 0);
        if (st != UMSI_OK) {
            gadget_detach(g);
        }
    }
    return st;
}

static void su_platdev(struct world *w)
{
    op_bystander(w);
    make(w, PLATDEV);
}

static enum umsi_status whole_platdev(struct world *w)
{
    return whole(&w->gadget[PLATDEV], 6);
}

static enum umsi_status detach_platdev(struct world *w)
{
    gadget_detach(&w->gadget[PLATDEV]);
    return UMSI_OK;
}

static void su_wired(struct world *w)
{
    op_bystander(w);
    make(w, WIRED);
}

static enum umsi_status whole_wired(struct world *w)
{
    return whole(&w->gadget[WIRED], 3);
}

static enum umsi_status detach_wired(struct world *w)
{
    gadget_detach(&w->gadget[WIRED]);
    return UMSI_OK;
}

/* ---- vectors of a PCI function ---- */

static void su_attached(struct world *w)
{
    su_pci(w);
    assert_int_equal(attach_pci(w), UMSI_OK);
}

static enum umsi_status msix_40(struct world *w)
{
    return gadget_take(&w->gadget[PCI], 40, UMSI_MSIX);
}

static enum umsi_status msi_3(struct world *w)
{
    return gadget_take(&w->gadget[PCI], 3, UMSI_MSI);
}

/* The domain would stay for the next time. */
static enum umsi_status again(struct world *w)
{
    detach_pci(w);
    return attach_pci(w);
}

static enum umsi_status first_at(struct world *w)
{
    uint32_t index;
    return gadget_take_at(&w->gadget[PCI], 17, &index);
}

static void su_taken(struct world *w)
{
    op_bystander(w);
    take(w, PCI, 5, UMSI_MSIX);
}

static enum umsi_status one_more(struct world *w)
{
    uint32_t index;
    return gadget_take_at(&w->gadget[PCI], UMSI_ANY_INDEX, &index);
}

static enum umsi_status one_less(struct world *w)
{
    gadget_drop_at(&w->gadget[PCI], 5);
    return UMSI_OK;
}

/* An MSI-X domain is there, idle: MSI replaces it, or it stays (DESIGN 1.6). */
static void su_idle_msix(struct world *w)
{
    su_taken(w);
    gadget_drop(&w->gadget[PCI]);
}

static enum umsi_status back_to_idle_msix(struct world *w)
{
    gadget_drop(&w->gadget[PCI]);
    const enum umsi_status st = gadget_take(&w->gadget[PCI], 5, UMSI_MSIX);
    gadget_drop(&w->gadget[PCI]);
    return st;
}

static enum umsi_status move(struct world *w, umsi_cpu cpu)
{
    struct umsi_cpumask set = { { 0 } };
    umsi_cpumask_set(&set, cpu);
    return umsi_irq_set_affinity(w->u, gadget_virq(&w->gadget[PCI], 2), &set);
}

/* Where the vector was put, which is the CPU with the fewest. */
static umsi_cpu home;

static enum umsi_status move_there(struct world *w)
{
    home = umsi_irq_get_cpu(w->u, gadget_virq(&w->gadget[PCI], 2));
    return move(w, home == 2 ? 1 : 2);
}

static enum umsi_status move_back(struct world *w)
{
    return move(w, home);
}

/* Of a device that cannot mask: its message changes in steps, and each may be the last (L46). */
static void su_unmasked(struct world *w)
{
    op_bystander(w);
    take(w, UNMASKED, 1, UMSI_MSI);
}

static enum umsi_status move_unmasked(struct world *w)
{
    const umsi_virq virq = gadget_virq(&w->gadget[UNMASKED], 0);
    struct umsi_cpumask set = { { 0 } };
    home = umsi_irq_get_cpu(w->u, virq);
    umsi_cpumask_set(&set, home == 2 ? 1 : 2);
    return umsi_irq_set_affinity(w->u, virq, &set);
}

static enum umsi_status unmasked_back(struct world *w)
{
    struct umsi_cpumask set = { { 0 } };
    world_run(w);
    umsi_cpumask_set(&set, home);
    return umsi_irq_set_affinity(w->u, gadget_virq(&w->gadget[UNMASKED], 0), &set);
}

/* A place on each CPU of the share (L53). */
static enum umsi_status managed(struct world *w)
{
    const struct umsi_vectors want = { .min = 6, .max = 6, .kinds = UMSI_MSIX, .managed = true };
    uint32_t granted;
    return umsi_pci_alloc_vectors(&w->gadget[PCI].u.pci, &want, &granted);
}

static enum umsi_status ask(struct world *w)
{
    return gadget_request(&w->gadget[PCI], 5);
}

static enum umsi_status unask(struct world *w)
{
    umsi_irq_free(w->u, gadget_virq(&w->gadget[PCI], 5));
    return UMSI_OK;
}

static void su_one_without(struct world *w)
{
    su_taken(w);
    assert_int_equal(one_more(w), UMSI_OK);
}

static enum umsi_status retrigger(struct world *w)
{
    const enum umsi_status st = umsi_irq_retrigger(w->u, gadget_virq(&w->gadget[PCI], 1));
    world_run(w);
    return st;
}

static enum umsi_status clear(struct world *w)
{
    return umsi_its_clear(w->its[0], gadget_virq(&w->gadget[PCI], 1));
}

static enum umsi_status restore(struct world *w)
{
    return umsi_pci_restore(&w->gadget[PCI].u.pci);
}

static enum umsi_status nothing(struct world *w)
{
    (void)w;
    return UMSI_OK;
}

/* ---- giving back ---- */

static enum umsi_status drop(struct world *w)
{
    gadget_drop(&w->gadget[PCI]);
    return UMSI_OK;
}

static enum umsi_status retake(struct world *w)
{
    struct gadget *g = &w->gadget[PCI];
    enum umsi_status st = gadget_take(g, 5, UMSI_MSIX);
    for (uint32_t i = 0; i < 5 && st == UMSI_OK; i++) {
        st = gadget_request(g, i);
    }
    return st;
}

static enum umsi_status reattach(struct world *w)
{
    const enum umsi_status st = attach_pci(w);
    return st == UMSI_OK ? retake(w) : st;
}

static enum umsi_status drop_middle(struct world *w)
{
    const umsi_cpu cpu = umsi_irq_get_cpu(w->u, gadget_virq(&w->gadget[PCI], 2));
    home = cpu != UMSI_NO_CPU ? cpu : home;
    gadget_drop_at(&w->gadget[PCI], 2);
    return UMSI_OK;
}

static enum umsi_status retake_middle(struct world *w)
{
    uint32_t index;
    enum umsi_status st = gadget_take_at(&w->gadget[PCI], 2, &index);
    if (st == UMSI_OK) { /* it may be on another CPU now, and the world is to be as it was */
        st = move(w, home);
    }
    return st == UMSI_OK ? gadget_request(&w->gadget[PCI], 2) : st;
}

/* ---- devices without a bus ---- */

static void su_msi_attached(struct world *w)
{
    su_msi(w);
    assert_int_equal(attach_msi(w), UMSI_OK);
}

static enum umsi_status msi_40(struct world *w)
{
    return gadget_take(&w->gadget[MSI], 40, 0);
}

static enum umsi_status drop_msi(struct world *w)
{
    gadget_drop(&w->gadget[MSI]);
    return UMSI_OK;
}

/* The last but one of the tree: nodes it needs are not there. */
static enum umsi_status msi_far(struct world *w)
{
    uint32_t index;
    return gadget_take_at(&w->gadget[MSI], 46, &index);
}

static void su_line(struct world *w)
{
    su_wired(w);
    assert_int_equal(whole_wired(w), UMSI_OK);
    request(&w->gadget[WIRED], 3);
}

static enum umsi_status line(struct world *w)
{
    uint32_t index;
    return gadget_take_at(&w->gadget[WIRED], 50, &index);
}

static enum umsi_status unline(struct world *w)
{
    gadget_drop_at(&w->gadget[WIRED], 50);
    return UMSI_OK;
}

/* Its prepare runs at the first allocation. After an error the domain may be there; it is the device's until detach. */
static void su_late(struct world *w)
{
    op_bystander(w);
    make(w, LATE);
}

static enum umsi_status late(struct world *w)
{
    return whole(&w->gadget[LATE], 7);
}

static enum umsi_status detach_late(struct world *w)
{
    gadget_detach(&w->gadget[LATE]);
    return UMSI_OK;
}

/* A second function with the first one's DeviceID (L9). */
static void su_shared(struct world *w)
{
    struct gadget_config first = gadgets[PCI];
    op_bystander(w);
    first.shared_events = 256;
    gadget_make(w, &w->gadget[PCI], &first);
    assert_int_equal(gadget_attach(&w->gadget[PCI]), UMSI_OK);
    assert_int_equal(gadget_take(&w->gadget[PCI], 5, UMSI_MSIX), UMSI_OK);
    request(&w->gadget[PCI], 5);
    make(w, SECOND);
}

static enum umsi_status shared(struct world *w)
{
    return whole(&w->gadget[SECOND], 8);
}

static enum umsi_status detach_second(struct world *w)
{
    gadget_detach(&w->gadget[SECOND]);
    return UMSI_OK;
}

const struct op device_ops[] = {
    { .name = "attach pci", .set_up = su_pci, .run = attach_pci, .undo = detach_pci },
    { .name = "attach msi", .set_up = su_msi, .run = attach_msi, .undo = detach_msi },
    { .name = "attach platdev, 6 vectors",
      .set_up = su_platdev,
      .run = whole_platdev,
      .undo = detach_platdev },
    { .name = "attach bridge, 3 lines",
      .set_up = su_wired,
      .run = whole_wired,
      .undo = detach_wired },
    { .name = "40 MSI-X", .set_up = su_attached, .run = msix_40, .undo = again },
    { .name = "3 MSI", .set_up = su_attached, .run = msi_3, .undo = again },
    { .name = "6 managed", .set_up = su_attached, .run = managed, .undo = again },
    { .name = "first one at 17", .set_up = su_attached, .run = first_at, .undo = again },
    { .name = "one more", .set_up = su_taken, .run = one_more, .undo = one_less },
    { .name = "MSI after MSI-X", .set_up = su_idle_msix, .run = msi_3, .undo = back_to_idle_msix },
    { .name = "move", .set_up = su_taken, .run = move_there, .undo = move_back },
    { .name = "move, unmasked",
      .set_up = su_unmasked,
      .run = move_unmasked,
      .undo = unmasked_back },
    { .name = "request", .set_up = su_one_without, .run = ask, .undo = unask },
    { .name = "retrigger", .set_up = su_taken, .run = retrigger, .undo = nothing },
    { .name = "clear", .set_up = su_taken, .run = clear, .undo = nothing, .only = ON_ITS },
    { .name = "restore", .set_up = su_taken, .run = restore, .undo = nothing, .redo = true },
    { .name = "free vectors",
      .set_up = su_taken,
      .run = drop,
      .undo = retake,
      .cannot_fail = true },
    { .name = "free one",
      .set_up = su_taken,
      .run = drop_middle,
      .undo = retake_middle,
      .cannot_fail = true },
    { .name = "detach",
      .set_up = su_taken,
      .run = detach_pci,
      .undo = reattach,
      .cannot_fail = true },
    { .name = "40 of a device", .set_up = su_msi_attached, .run = msi_40, .undo = drop_msi },
    { .name = "one far out", .set_up = su_msi_attached, .run = msi_far, .undo = drop_msi },
    { .name = "one line", .set_up = su_line, .run = line, .undo = unline },
    { .name = "late prepare", .set_up = su_late, .run = late, .undo = detach_late },
    { .name = "shared DeviceID", .set_up = su_shared, .run = shared, .undo = detach_second },
    { .name = NULL },
};

static bool can_be_on(const struct op *op, enum where where)
{
    return op->only == 0 || (op->only >> where & 1u) != 0;
}

const struct op *op_next(const struct op *last, enum where where)
{
    const struct op *op = last == NULL ? device_ops : last + 1;
    while (op != NULL && (op->name == NULL || !can_be_on(op, where))) {
        op = op->name != NULL ? op + 1 : op->last ? NULL : chip_ops;
    }
    return op;
}
