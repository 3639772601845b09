/* SPDX-License-Identifier: MIT */
/*
 * The demo kernel, top to bottom: machine, controllers, CPUs; work.c; then everything taken apart, and the verdict.
 */
#include <umsi/umsi.h>

#include "cpu.h"
#include "timer.h"
#include "console.h"
#include "details.h"
#include "devicetree.h"
#include "end.h"
#include "event.h"
#include "measure.h"
#include "memory.h"
#include "platform.h"
#include "power.h"
#include "scenario.h"
#include "smp.h"
#include "work.h"

_Noreturn void kernel_main(uint64_t dtb, uint64_t exception_level);

static struct devicetree tree;
static struct umsi *umsi;

/* Is this machine one that the demo can show anything on? Says what it lacks. */
static bool machine_suits(void)
{
    const struct umsi_platform *hw = &tree.hw;
    const char *lack = hw->nr_hosts == 0  ? "no PCI host bridge in the devicetree"
                       : hw->nr_cpus == 0 ? "no CPU in the devicetree"
                                          : platform_lacks(hw);
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
    if (!memory_init(tree.hw.memory, tree.hw.nr_memory, tree.reserved, tree.nr_reserved)) {
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
    if (st != UMSI_OK) {
        end_note("%s: %s", what, umsi_status_string(st));
        return false;
    }
    watchdog_feed("starting the CPUs");
    event_cpu_online();
    interrupts_on();
    return smp_start(&tree.hw);
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

void kernel_main(uint64_t dtb, uint64_t exception_level)
{
    smp_adopt_boot_cpu(NULL);
    if (start_machine(dtb, exception_level)) {
        uint64_t memory_before = memory_in_use();
        if (start_interrupts()) {
            if (tree.scenarios) {
                scenario_work(umsi, &tree.hw);
            } else if (tree.power) {
                power_work(umsi, &tree.hw, tree.verbose);
            } else if (tree.measure != 0) {
                measure_work(umsi, &tree.hw, tree.measure);
            } else if (tree.stress.seconds != 0) {
                stress_work(umsi, &tree.hw, &tree.stress);
            } else {
                work(umsi, &tree.hw, tree.verbose);
            }
            stop(memory_before);
        }
    }
    end_run();
}
