/* SPDX-License-Identifier: MIT */
/*
 * The demo, top to bottom: machine, CPUs, PCI functions; vectors, real work, every vector raised; then everything
 * taken apart, and the verdict.
 */
#include <umsi/umsi.h>

#include "boot/aarch64/cpu.h"
#include "boot/aarch64/timer.h"
#include "console.h"
#include "details.h"
#include "devicetree.h"
#include "end.h"
#include "event.h"
#include "memory.h"
#include "platform.h"
#include "report.h"
#include "smp.h"
#include "subject.h"

_Noreturn void kernel_main(uint64_t dtb, uint64_t exception_level);

static struct devicetree tree;
static struct umsi *umsi;

/* Is this machine one that the demo can show anything on? Says what it lacks. */
static bool machine_suits(void)
{
    const struct umsi_platform *hw = &tree.hw;
    const char *lack = !hw->has_gic        ? "no GICv3 in the devicetree"
                       : hw->nr_its == 0   ? "no ITS in the machine: MSIs have nowhere to go"
                       : hw->nr_hosts == 0 ? "no PCI host bridge in the devicetree"
                       : hw->nr_cpus == 0  ? "no CPU in the devicetree"
                                           : NULL;
    if (lack != NULL) {
        end_note("%s", lack);
    }
    return lack == NULL;
}

static bool start_machine(uint64_t dtb, uint64_t exception_level)
{
    if (exception_level == 3) {
        end_note("started at EL3, where firmware belongs: leave out secure=on");
        return false;
    }
    if (!devicetree_read(dtb, &tree)) {
        return false;
    }
    if (tree.verbose) {
        details_machine(&tree, exception_level);
    }
    smp_adopt_boot_cpu(&tree.hw);
    if (!memory_init(tree.hw.memory, tree.hw.nr_memory, tree.phys, tree.size)) {
        end_note("no memory in the devicetree that can be used");
        return false;
    }
    return machine_suits();
}

static bool start_interrupts(void)
{
    const char *what = "";
    platform_log_level = tree.verbose ? UMSI_LOG_INFO : UMSI_LOG_WARN;
    enum umsi_status st = platform_start(&tree.hw, &umsi, &what);
    if (st == UMSI_OK && platform_its(0) == NULL) {
        end_note("the machine has an ITS, but it could not be brought up");
        return false;
    }
    if (st != UMSI_OK) {
        end_note("%s: %s", what, umsi_status_string(st));
        return false;
    }
    watchdog_feed("starting the CPUs");
    event_cpu_online();
    interrupts_on();
    return smp_start(&tree.hw);
}

static bool find_functions(struct subject **out_subjects)
{
    struct pci_function *functions;
    unsigned n = 0, able = 0;
    watchdog_feed("enumerating PCI");
    if (!pci_enumerate(&tree.hw, &functions, &n)) {
        return false;
    }
    pci_find_msi(functions);
    bool ok = subjects_attach(umsi, functions, out_subjects);
    for (const struct subject *s = *out_subjects; s != NULL; s = s->next) {
        able++;
    }
    print("umsi demo: %s; %u CPUs, %lu MiB, %u PCI functions, %u of them with MSI or MSI-X\n\n",
          platform_name, smp_online_count(), (unsigned long)(memory_total() >> 20), n, able);
    if (able == 0) {
        end_note(n == 0 ? "no PCI function answers" : "no PCI function has MSI or MSI-X");
    }
    if (tree.verbose) {
        details_its();
        details_pci(functions);
    }
    return ok && able != 0;
}

/* All vectors are free, all devices detached: nothing may be left of them. */
static bool nothing_mapped(void)
{
    struct umsi_lpi_counts lpi;
    struct umsi_its_info its;
    umsi_lpi_get_counts(platform_lpi(), &lpi);
    for (unsigned i = 0; platform_its(i) != NULL; i++) {
        umsi_its_get_info(platform_its(i), &its);
        if (its.devices != 0 || its.quarantined != 0 || its.stalls != 0 || its.dead) {
            end_note("ITS %u: %u devices mapped, %u quarantined, %lu stalls at the end", i,
                     (unsigned)its.devices, (unsigned)its.quarantined, (unsigned long)its.stalls);
            return false;
        }
    }
    if (lpi.live != 0 || lpi.quarantined != 0) {
        end_note("%u LPIs live, %u quarantined at the end", (unsigned)lpi.live,
                 (unsigned)lpi.quarantined);
        return false;
    }
    return true;
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

static void stop(uint64_t memory_before)
{
    const char *what = "";
    if (!smp_stop()) {
        return;
    }
    (void)interrupts_off();
    event_cpu_offline();
    enum umsi_status st = platform_stop(&what);
    if (st != UMSI_OK) {
        end_note("%s: %s", what, umsi_status_string(st));
    } else if (memory_in_use() != memory_before) {
        end_note("%ld bytes were not returned", (long)(memory_in_use() - memory_before));
    }
}

static void work(void)
{
    struct subject *subjects = NULL;
    if (find_functions(&subjects)) {
        (void)measure_lives(subjects);
        (void)run_drivers(subjects);
        (void)exercise_all(subjects, tree.verbose);
    }
    subjects_detach(subjects);
    (void)report_devices(subjects);
    (void)nothing_mapped();
    (void)no_stranger();
}

void kernel_main(uint64_t dtb, uint64_t exception_level)
{
    smp_adopt_boot_cpu(NULL);
    if (start_machine(dtb, exception_level)) {
        uint64_t memory_before = memory_in_use();
        if (start_interrupts()) {
            work();
            stop(memory_before);
        }
    }
    end_run();
}
