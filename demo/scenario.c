/* SPDX-License-Identifier: MIT */
/*
 * The demo kernel as a machine for tests/scenario: everything is QEMU's, CPUs included, and interrupts come when
 * they come.
 */
#include "cpu.h"
#include "console.h"
#include "end.h"
#include "event.h"
#include "pci/pci.h"
#include "platform.h"
#include "scenario.h"
#include "smp.h"

#include "../tests/scenario/raise.h"
#include "../tests/scenario/scene.h"

#define SETTLE_US            2000u /* more than e1000e's throttling, and than another CPU needs */
#define BRIDGE_CONTROL       0x3e
#define BRIDGE_CONTROL_RESET 0x40u

const char machine_name[] = "demo";

static struct umsi *umsi;
static struct pci_node *nodes[MACHINE_KINDS];
static struct machine_function functions[MACHINE_KINDS];
static volatile uint32_t registers[MACHINE_REGISTERS / 4];

/* ---- which function is of which kind ---- */

static bool is(const struct pci_node *n, uint16_t vendor, uint16_t device)
{
    return n->f.vendor == vendor && n->f.device == device;
}

static enum machine_kind kind_of(const struct pci_node *n)
{
    if (is(n, 0x1234, 0x11e8)) {
        bool shared = n->shared_events != 0;
        return !shared ? EDU : nodes[EDU_A] == NULL ? EDU_A : EDU_B;
    }
    return is(n, 0x8086, 0x10d3)                              ? E1000E
           : is(n, 0x8086, 0x100e)                            ? E1000
           : is(n, 0x8086, 0x3420)                            ? PORT
           : is(n, 0x1033, 0x0194)                            ? XHCI
           : is(n, 0x1b36, 0x0010) && n->msix_vectors == 65   ? NVME
           : is(n, 0x1b36, 0x0010) && n->msix_vectors == 2048 ? WIDE
                                                              : MACHINE_KINDS;
}

static void sort_functions(struct pci_function *list)
{
    for (struct pci_function *f = list; f != NULL; f = f->next) {
        struct pci_node *n = pci_node(f);
        enum machine_kind kind = kind_of(n);
        if (kind == MACHINE_KINDS || nodes[kind] != NULL || n->parent == NULL) {
            continue;
        }
        nodes[kind] = n;
        functions[kind] = (struct machine_function){ .name = f->name,
                                                     .ops = &pci_umsi_ops,
                                                     .handle = f,
                                                     .device_id = n->device_id,
                                                     .shared_events = n->shared_events,
                                                     .wire = n->wire };
    }
}

/* ---- machine.h ---- */

struct umsi *machine_umsi(void)
{
    return umsi;
}

struct umsi_its *machine_its(void)
{
    return platform_its(0);
}

struct umsi_gicv2m *machine_v2m(void)
{
    return platform_v2m(0);
}

struct umsi_imsic *machine_imsic(void)
{
    return NULL;
}

struct umsi_lpi *machine_lpi(void)
{
    return platform_lpi();
}

uint32_t machine_cpus(void)
{
    return smp_online_count();
}

umsi_cpu machine_self(void)
{
    return smp_self();
}

const struct machine_function *machine_function(enum machine_kind kind)
{
    return nodes[kind] != NULL ? &functions[kind] : NULL;
}

uint32_t machine_bar_read(enum machine_kind kind, uint32_t offset)
{
    return bar_read32(&nodes[kind]->f, 0, offset);
}

void machine_bar_write(enum machine_kind kind, uint32_t offset, uint32_t value)
{
    bar_write32(&nodes[kind]->f, 0, offset, value);
}

bool machine_raise(enum machine_kind kind, uint32_t index)
{
    return raise_by_registers(kind, index);
}

void machine_ask(enum machine_kind kind, bool asks)
{
    ask_by_registers(kind, asks);
}

void machine_allow_intx(enum machine_kind kind, bool allow)
{
    const struct pci_function *f = &nodes[kind]->f;
    uint32_t command = pci_read(f, PCI_COMMAND, 2) | PCI_COMMAND_NO_INTX;
    pci_write(f, PCI_COMMAND, 2, allow ? command & ~PCI_COMMAND_NO_INTX : command);
}

bool machine_can_reset(enum machine_kind kind)
{
    return nodes[kind]->bus->bridge != NULL;
}

#define HEADER_BARS 6u
struct header {
    uint32_t bar[HEADER_BARS];
    uint16_t command;
};

static struct header header_of(const struct pci_function *f)
{
    struct header h = { .command = (uint16_t)pci_read(f, PCI_COMMAND, 2) };
    for (unsigned i = 0; i < HEADER_BARS; i++) {
        h.bar[i] = pci_read(f, (uint16_t)(PCI_BAR0 + 4 * i), 4);
    }
    return h;
}

static void put_header_back(const struct pci_function *f, const struct header *h)
{
    for (unsigned i = 0; i < HEADER_BARS; i++) {
        pci_write(f, (uint16_t)(PCI_BAR0 + 4 * i), 4, h->bar[i]);
    }
    pci_write(f, PCI_COMMAND, 2, h->command);
}

/* Secondary bus reset of the bridge above: all functions on the bus lose what they had. */
void machine_reset(enum machine_kind kind)
{
    struct pci_bus *bus = nodes[kind]->bus;
    struct header headers[32];
    unsigned n = 0;
    for (struct pci_node *node = bus->nodes; node != NULL && n < 32; node = node->sibling) {
        headers[n++] = header_of(&node->f);
    }
    uint32_t control = pci_read(&bus->bridge->f, BRIDGE_CONTROL, 2);
    pci_write(&bus->bridge->f, BRIDGE_CONTROL, 2, control | BRIDGE_CONTROL_RESET);
    pci_write(&bus->bridge->f, BRIDGE_CONTROL, 2, control);
    n = 0;
    for (struct pci_node *node = bus->nodes; node != NULL && n < 32; node = node->sibling) {
        put_header_back(&node->f, &headers[n++]);
    }
}

/* The ITS is mapped, and QEMU gives a CPU's write the requester ID 0. */
void machine_send(umsi_bus address, uint32_t data)
{
    *(volatile uint32_t *)(uintptr_t)address = data;
}

volatile void *machine_registers(void)
{
    return registers;
}

uint32_t machine_register(uint32_t offset)
{
    return registers[offset / 4];
}

void machine_settle(void)
{
    uint64_t end = time_us() + SETTLE_US;
    watchdog_feed("scenarios");
    while (time_us() < end) {
        event_relax();
    }
}

void machine_hold(bool off)
{
    if (off) {
        (void)interrupts_off();
    } else {
        interrupts_on();
    }
}

void machine_print(const char *line)
{
    print("%s\n", line);
}

const char *machine_verdict(void)
{
    return NULL; /* nobody but the trace saw more than the scenario itself */
}

/* ---- the run ---- */

void scenario_work(struct umsi *u, const struct umsi_platform *hw)
{
    struct pci_function *list;
    unsigned n = 0;
    umsi = u;
    if (!pci_enumerate(hw, &list, &n)) {
        return;
    }
    pci_find_msi(list);
    sort_functions(list);
    if (!scene_run(NULL)) {
        end_note("a scenario failed");
    }
}
