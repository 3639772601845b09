/* SPDX-License-Identifier: MIT */
/*
 * Boot details, for who wants to know: memory, CPUs, host bridges, PCI functions, ITSes.
 */
#include "console.h"
#include "details.h"
#include "memory.h"
#include "pci/pci.h"
#include "platform.h"

static void print_range(const char *what, uint64_t base, uint64_t size)
{
    print("  %-22s %#14lx .. %#lx\n", what, (unsigned long)base, (unsigned long)(base + size - 1));
}

static void print_host(const struct umsi_platform_host *host)
{
    static const char *const kind[] = { "I/O window", "32-bit memory window",
                                        "64-bit memory window" };
    print_range("configuration space", host->ecam.base, host->ecam.size);
    for (unsigned i = 0; i < host->nr_windows; i++) {
        print_range(kind[host->window[i].kind], host->window[i].cpu, host->window[i].size);
    }
}

static void print_gic(const struct umsi_platform *hw)
{
    print_range("GIC distributor", hw->gicd.base, hw->gicd.size);
    for (unsigned i = 0; i < hw->nr_redist; i++) {
        print_range("GIC redistributors", hw->redist[i].base, hw->redist[i].size);
    }
    if (hw->gicv2) {
        print_range("GIC CPU interface", hw->gicc.base, hw->gicc.size);
    }
    for (unsigned i = 0; i < hw->nr_v2m; i++) {
        print_range("GICv2m", hw->v2m[i].reg.base, hw->v2m[i].reg.size);
    }
    for (unsigned i = 0; i < hw->nr_its; i++) {
        print_range("ITS", hw->its[i].reg.base, hw->its[i].reg.size);
    }
}

static void print_aia(const struct umsi_platform *hw)
{
    for (unsigned i = 0; i < hw->imsic.nr_reg; i++) {
        print_range("interrupt files", hw->imsic.reg[i].base, hw->imsic.reg[i].size);
    }
    for (unsigned i = 0; i < hw->nr_aplic; i++) {
        print_range("APLIC", hw->aplic[i].reg.base, hw->aplic[i].reg.size);
    }
}

static void print_start(const struct umsi_platform *hw, uint64_t exception_level)
{
    if (!hw->has_gic) {
        print("  started in supervisor mode, %u CPUs\n", (unsigned)hw->nr_cpus);
        return;
    }
    print("  started at EL%u, PSCI through %s, %u CPUs\n", (unsigned)exception_level,
          hw->psci_hvc   ? "HVC"
          : hw->psci_smc ? "SMC"
                         : "nothing known",
          (unsigned)hw->nr_cpus);
}

void details_machine(const struct devicetree *tree, uint64_t exception_level)
{
    const struct umsi_platform *hw = &tree->hw;
    print_start(hw, exception_level);
    print_range("devicetree", tree->phys, tree->size);
    for (unsigned i = 0; i < hw->nr_memory; i++) {
        print_range("memory", hw->memory[i].base, hw->memory[i].size);
    }
    if (hw->has_gic) {
        print_gic(hw);
    }
    print_aia(hw);
    for (unsigned i = 0; i < hw->nr_hosts; i++) {
        print_host(&hw->host[i]);
    }
}

static void print_function(struct pci_function *f)
{
    const struct pci_node *node = pci_node(f);
    print("  %s %04x:%04x class %06x, DeviceID %#x", f->name, f->vendor, f->device,
          (unsigned)f->class_code, (unsigned)node->device_id);
    if (node->shared_events != 0) {
        print(" shared, %u events", (unsigned)node->shared_events);
    }
    if (node->below != NULL) {
        print(", bus %02x to %02x below", node->below->number, node->below->last);
    }
    print("\n");
    for (unsigned i = 0; i < 6; i++) {
        if (f->bar[i].va != NULL) {
            print("    BAR %u at %#lx, %#lx bytes\n", i, (unsigned long)f->bar[i].phys,
                  (unsigned long)f->bar[i].size);
        }
    }
}

void details_pci(struct pci_function *list)
{
    for (struct pci_function *f = list; f != NULL; f = f->next) {
        print_function(f);
    }
    print("\n");
}
