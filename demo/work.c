/* SPDX-License-Identifier: MIT */
/*
 * What the demo shows, on whatever machine: PCI functions found; vectors, real work, every vector raised; nothing
 * left afterwards.
 */
#include "console.h"
#include "details.h"
#include "end.h"
#include "event.h"
#include "memory.h"
#include "platform.h"
#include "report.h"
#include "smp.h"
#include "subject.h"
#include "work.h"

static struct umsi *umsi;

bool work_begin(struct umsi *u, const struct umsi_platform *hw, bool verbose,
                struct subject **out_subjects)
{
    struct pci_function *functions;
    unsigned n = 0, able = 0;
    umsi = u;
    watchdog_feed("enumerating PCI");
    if (!pci_enumerate(hw, &functions, &n)) {
        return false;
    }
    pci_find_msi(functions);
    bool ok = subjects_attach(umsi, functions, out_subjects);
    for (const struct subject *s = *out_subjects; s != NULL; s = s->next) {
        able++;
    }
    print("umsi demo: %s; %u CPUs, %lu MiB, %u PCI functions, %u of them with MSI or MSI-X\n\n",
          platform_name, smp_online_count(), (unsigned long)(memory_total() >> 20), n, able);
    if (able == 0 && platform_takes_messages()) {
        end_note(n == 0 ? "no PCI function answers" : "no PCI function has MSI or MSI-X");
    }
    if (verbose) {
        platform_details();
        details_pci(functions);
    }
    return ok && (able != 0 || !platform_takes_messages());
}

static bool no_stranger(void)
{
    struct umsi_counts counts;
    umsi_get_counts(umsi, &counts);
    if (counts.unknown != 0) {
        end_note("%lu interrupts nobody owns", (unsigned long)counts.unknown);
    }
    return counts.unknown == 0;
}

void work_end(struct subject *subjects)
{
    subjects_detach(subjects);
    (void)platform_nothing_left();
}

void work(struct umsi *u, const struct umsi_platform *hw, bool verbose)
{
    struct subject *subjects = NULL;
    if (work_begin(u, hw, verbose, &subjects)) {
        (void)measure_lives(subjects);
        (void)run_drivers(subjects);
        (void)exercise_all(subjects, verbose);
        platform_wired_work();
    }
    work_end(subjects);
    (void)report_devices(subjects);
    (void)no_stranger();
}
