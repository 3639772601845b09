/* SPDX-License-Identifier: MIT */
/*
 * Functions come and go: attach, all vectors taken and given back, detach.
 */
#include <stdio.h>

#include "end.h"
#include "event.h"
#include "memory.h"
#include "platform.h"
#include "smp.h"
#include "subject.h"

static const struct driver *const drivers[] = { &nvme_driver, &virtio_driver, &e1000e_driver,
                                                &edu_driver, &xhci_driver };

static const struct driver *find_driver(const struct pci_function *f)
{
    for (unsigned i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
        if (drivers[i]->match(f)) {
            return drivers[i];
        }
    }
    return NULL;
}

/* What to call a function without a driver: by its class. */
static const char *class_name(uint32_t class_code)
{
    static const struct {
        uint16_t class_code;
        const char *name;
    } names[] = { { 0x0100, "scsi" },   { 0x0101, "ide" },     { 0x0106, "ahci" },
                  { 0x0107, "sas" },    { 0x0108, "nvm" },     { 0x0200, "network" },
                  { 0x0300, "vga" },    { 0x0380, "display" }, { 0x0401, "audio" },
                  { 0x0403, "audio" },  { 0x0500, "memory" },  { 0x0600, "host" },
                  { 0x0604, "bridge" }, { 0x0700, "serial" },  { 0x0780, "comm" },
                  { 0x0805, "sdhci" },  { 0x0c03, "usb" } };
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].class_code == class_code >> 8) {
            return names[i].name;
        }
    }
    return "device";
}

bool subject_attach(struct subject *s, struct umsi *u)
{
    struct pci_node *node = pci_node(s->f);
    const struct umsi_pci_config config = { .ops = &pci_umsi_ops,
                                            .handle = s->f,
                                            .name = s->f->name,
                                            .device_id = node->device_id,
                                            .shared_events = node->shared_events,
                                            .intx = node->wire };
    if (node->parent == NULL && platform_takes_messages()) {
        return fail(s->f, -1, "no MSI controller for it");
    }
    if (node->parent == NULL && node->wire == NULL) {
        return true; /* this machine has neither for it */
    }
    s->f->umsi = u;
    s->f->by_message = node->parent != NULL;
    enum umsi_status st = umsi_pci_attach(node->parent, &config, &s->f->msi);
    if (st != UMSI_OK) {
        return fail(s->f, -1, "attach: %s", umsi_status_string(st));
    }
    s->attached = true;
    s->kinds = 0;
    if (s->f->by_message) {
        s->kinds |= umsi_pci_vector_count(&s->f->msi, UMSI_MSIX) != 0 ? UMSI_MSIX : 0;
        s->kinds |= umsi_pci_vector_count(&s->f->msi, UMSI_MSI) != 0 ? UMSI_MSI : 0;
    }
    return true;
}

static struct subject *make(struct pci_function *f)
{
    struct subject *s = memory_keep(sizeof(*s));
    if (s == NULL) {
        end_note("no memory for %s", f->name);
        return NULL;
    }
    s->f = f;
    s->driver = find_driver(f);
    s->label = s->driver != NULL ? s->driver->name : class_name(f->class_code);
    return s;
}

bool subjects_attach(struct umsi *u, struct pci_function *list, struct subject **out_list)
{
    struct subject **link = out_list;
    bool ok = true;
    for (struct pci_function *f = list; f != NULL; f = f->next) {
        size_t bdf = 7; /* "00:03.0" */
        struct subject *s = make(f);
        if (s == NULL) {
            return false;
        }
        (void)snprintf(f->name + bdf, sizeof(f->name) - bdf, " %s", s->label);
        if (pci_node(f)->msi_vectors == 0 && pci_node(f)->msix_vectors == 0) {
            continue; /* nothing umsi could do for it */
        }
        ok = subject_attach(s, u) && ok;
        *link = s;
        link = &s->next;
    }
    return ok;
}

void subjects_detach(struct subject *list)
{
    for (struct subject *s = list; s != NULL; s = s->next) {
        struct umsi_msi_stats *stats = &s->f->msi.msi.stats;
        uint32_t commands = stats->commands, waits = stats->waits;
        watchdog_feed(s->f->name);
        umsi_pci_detach(&s->f->msi);
        s->attached = false;
        s->life.commands += stats->commands - commands;
        s->life.waits += stats->waits - waits;
    }
}

uint32_t subject_first_kind(const struct subject *s)
{
    return (s->kinds & UMSI_MSIX) != 0 ? UMSI_MSIX : s->kinds;
}

/* ---- vectors ---- */

static void vector_handler(void *arg)
{
    struct vector *v = arg;
    v->cpu = smp_self();
    event_raise(&v->ran);
}

static bool request(struct subject *s, uint32_t i)
{
    struct vector *v = &s->vector[i];
    (void)snprintf(v->name, sizeof(v->name), "%s-%u", s->label, (unsigned)i);
    v->virq = umsi_pci_virq(&s->f->msi, i);
    enum umsi_status st = umsi_pci_request(&s->f->msi, i, vector_handler, v, v->name);
    return st == UMSI_OK || fail(s->f, (int)i, "request: %s", umsi_status_string(st));
}

static void count_granted(struct subject *s, uint32_t kind, uint32_t granted, uint32_t asked)
{
    if (kind == UMSI_MSIX) {
        s->msix.granted = granted;
        s->msix.asked = asked;
    } else {
        s->msi.granted = granted;
        s->msi.asked = asked;
    }
}

bool subject_take(struct subject *s, uint32_t kind)
{
    uint32_t asked = umsi_pci_vector_count(&s->f->msi, kind), granted = 0;
    const struct umsi_vectors want = { .min = 1, .max = asked, .kinds = kind };
    enum umsi_status st = umsi_pci_alloc_vectors(&s->f->msi, &want, &granted);
    if (st != UMSI_OK) {
        return fail(s->f, -1, "%u %s vectors: %s", (unsigned)asked,
                    kind == UMSI_MSIX ? "MSI-X" : "MSI", umsi_status_string(st));
    }
    count_granted(s, kind, granted, asked);
    s->vector = memory_get(granted * sizeof(struct vector), PAGE_SIZE, UINT64_MAX);
    s->nr = granted;
    s->kind = kind;
    bool ok = s->vector != NULL || fail(s->f, -1, "no memory for %u vectors", (unsigned)granted);
    for (uint32_t i = 0; i < granted && ok; i++) {
        ok = request(s, i);
    }
    if (!ok) {
        subject_give(s);
    }
    return ok;
}

void subject_give(struct subject *s)
{
    umsi_pci_free_vectors(&s->f->msi);
    memory_put(s->vector, s->nr * sizeof(struct vector));
    s->vector = NULL;
    s->nr = 0;
    s->kind = 0;
}
