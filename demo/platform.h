/* SPDX-License-Identifier: MIT */
/*
 * What differs between the kernels, and nothing else: umsi_gic/ takes everything from umsi; own_gic/ has its own GICv3
 * driver and vector, and takes the LPIs, the ITS and MSI; umsi_aia/ is for RISC-V.
 */
#ifndef DEMO_PLATFORM_H
#define DEMO_PLATFORM_H

#include <umsi/fw/platform.h>

extern struct umsi *platform_umsi; /* for receive/ */
extern const char *platform_name;  /* after platform_start() */
/* What of umsi's log is shown; main.c sets it before platform_start(). */
extern enum umsi_log_level platform_log_level;

/* The GIC is umsi's, else this kernel's own. */
extern const bool platform_has_gic;

/* The vectors of a block of MSI can be on different CPUs, and move one by one. Where a message says the CPU they have
 * one address together, and stay where they are. */
extern const bool platform_moves_blocks;

/* Boot CPU, interrupts off: check the port, create the instance and the controllers, bring this CPU online.
 * *out_what says at which step it failed. */
enum umsi_status platform_start(const struct umsi_platform *hw, struct umsi **out_umsi,
                                const char **out_what);
/* Each further CPU, on it, interrupts off. */
enum umsi_status platform_cpu_online(unsigned cpu);
/* A CPU that goes, on it, interrupts off, when nothing is sent to it any more. It comes back as above. */
void platform_cpu_offline(unsigned cpu);
/* The IRQ exception. Calls event_tick() for the timer. In receive/, where interrupts are umsi's to receive. */
void platform_interrupt(void);
/* Wake a CPU from its wfi, and let it do what umsi left for it. Context: any. */
void platform_kick(unsigned cpu);
/* RISC-V: what a kick by firmware's IPI is for. Interrupt, on the CPU that was kicked. */
void platform_kicked(void);
/* RISC-V: with each tick of a CPU's timer. Interrupt. */
void platform_ticked(void);
/* Where the messages of a requester ID go, and under which DeviceID. */
enum umsi_status platform_msi(const struct umsi_platform_host *host, uint16_t rid,
                              struct umsi_domain **out_parent, uint32_t *out_device_id);
/* The wire that INTx arrives on, of who raises which pin on the root bus; NULL: this kernel has none for it. */
struct umsi_pci_intx *platform_wire(const struct umsi_platform_host *host, uint16_t bdf,
                                    uint32_t pin);
/* Is there something that messages go to? After platform_start(). */
bool platform_takes_messages(void);
/* What arrives by wire and not from PCI, shown with the wires of INTx. What goes wrong was noted. */
void platform_wired_work(void);
/* What this machine has not and the kernel needs, as far as the devicetree says; NULL: nothing. */
const char *platform_lacks(const struct umsi_platform *hw);
/* How many vectors there are still numbers for. */
uint32_t platform_room(void);
/* Commands and waits of all controllers, added to these. */
void platform_totals(uint64_t *commands, uint64_t *waits);
/* All devices are detached: is nothing of them left at the controllers? False: what was noted. */
bool platform_nothing_left(void);
/* A line on each controller that messages go to. */
void platform_details(void);

/* The i-th ITS; NULL beyond the last. */
struct umsi_its *platform_its(unsigned i);
struct umsi_lpi *platform_lpi(void); /* NULL: no LPIs */
/* The i-th GICv2m frame; NULL beyond the last. */
struct umsi_gicv2m *platform_v2m(unsigned i);
/* Boot CPU, interrupts off, all others off: give everything back, in order. */
enum umsi_status platform_stop(const char **out_what);
/* The same, but the LPI tables that are in use stay, for the next platform_start(), and go with its platform_stop(). */
enum umsi_status platform_hand_over(uint32_t *out_tables, const char **out_what);

#endif /* DEMO_PLATFORM_H */
