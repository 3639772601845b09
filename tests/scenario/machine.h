/* SPDX-License-Identifier: MIT */
/*
 * What a machine gives to the scenarios. Three implement it: the strict model (model_machine.c), QEMU's devices
 * driven from the host (tests/qtest), and the demo kernel (demo/scenario.c). There is one machine to a program,
 * so it has no name. All functions: context task, on CPU 0.
 */
#ifndef SCENARIO_MACHINE_H
#define SCENARIO_MACHINE_H

#include <umsi/chip/gicv2m.h>
#include <umsi/chip/imsic.h>
#include <umsi/chip/its.h>
#include <umsi/irq.h>
#include <umsi/pci.h>

/* PCI functions by what they have; QEMU's devices of these kinds gave the names. */
enum machine_kind {
    E1000E, /* MSI-X 5, MSI 1 that cannot be masked; raises both itself */
    XHCI,   /* MSI-X 16, MSI 16 that cannot be masked */
    NVME,   /* MSI-X 65 */
    WIDE,   /* MSI-X 2048 */
    E1000,  /* neither: INTx alone, which it raises itself */
    EDU,    /* MSI 1, 64-bit, cannot be masked; raises it itself; its INTx is on E1000's wire */
    EDU_A,  /* two more of these behind one bridge: one DeviceID */
    EDU_B,
    PORT,  /* MSI 2, 32-bit, maskable */
    MSI32, /* MSI 32, 64-bit, maskable */
    MACHINE_KINDS
};

struct machine_function {
    const char *name;
    const struct umsi_pci_ops *ops;
    void *handle;
    uint32_t device_id, shared_events;
    struct umsi_pci_intx *wire; /* of its INTx; NULL: none here */
};

/* Its name, for the output. */
extern const char machine_name[];

struct umsi *machine_umsi(void);
/* Where messages go: an ITS, which has LPIs, a GICv2m frame, or the harts' files; the others are NULL. */
struct umsi_its *machine_its(void);
struct umsi_lpi *machine_lpi(void);
struct umsi_gicv2m *machine_v2m(void);
struct umsi_imsic *machine_imsic(void);
uint32_t machine_cpus(void);
/* The CPU that executes; also from a handler. */
umsi_cpu machine_self(void);
/* NULL: this machine has none of that kind. */
const struct machine_function *machine_function(enum machine_kind kind);

/* A register of a function's BAR 0, 32 bits. */
uint32_t machine_bar_read(enum machine_kind kind, uint32_t offset);
void machine_bar_write(enum machine_kind kind, uint32_t offset, uint32_t value);
/* The function raises a vector by itself. False: it cannot do that here. */
bool machine_raise(enum machine_kind kind, uint32_t index);
/* The function asks for INTx by itself, or takes that back. Edges of MSI it makes none meanwhile. */
void machine_ask(enum machine_kind kind, bool asks);
/* Interrupt Disable in its Command, which is the kernel's. Nothing asks for INTx unless a scenario allows it. */
void machine_allow_intx(enum machine_kind kind, bool allow);
/* Reset the function, and put its header back: BARs and Command. */
bool machine_can_reset(enum machine_kind kind);
void machine_reset(enum machine_kind kind);

/* A device without a bus writes a message. Its DeviceID is this one. */
#define MACHINE_DEVICE_ID 0u
void machine_send(umsi_bus address, uint32_t data);
/* Registers of such a device, for umsi_platdev: memory the machine keeps, and a look at it. */
#define MACHINE_REGISTERS 256u
volatile void *machine_registers(void);
uint32_t machine_register(uint32_t offset);

/* Give interrupts under way the time to arrive, and devices theirs; all CPUs take what is pending. */
void machine_settle(void);
/* CPU 0 takes no interrupts from here on, or again. */
void machine_hold(bool off);

/* One line of the output, without its end. */
void machine_print(const char *line);
/* Between scenarios: what is the machine's own verdict? NULL: fine. */
const char *machine_verdict(void);

#endif /* SCENARIO_MACHINE_H */
