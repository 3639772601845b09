/* SPDX-License-Identifier: MIT */
/*
 * Wires at the APLICs. INTx has one where a function wants it. The UART has one, which its transmitter raises and is
 * told to take back: it is sent to each CPU in turn, and held back once.
 */
#include "../end.h"
#include "../event.h"
#include "../platform.h"
#include "../report.h"
#include "../smp.h"
#include "uart_wire.h"
#include "wires.h"

#define MAX_WIRES 16u
#define HELD_US   2000u

static struct umsi *umsi;
static struct umsi_riscv *machine;
static struct {
    struct umsi_aplic *aplic;
    uint32_t source;
    struct umsi_pci_intx intx;
} wires[MAX_WIRES];
static uint32_t nr_wires;

void wires_use(struct umsi *u, struct umsi_riscv *m)
{
    umsi = u;
    machine = m;
}

uint32_t wires_count(void)
{
    return nr_wires;
}

/* ---- INTx ---- */

static struct umsi_pci_intx *make_wire(struct umsi_aplic *aplic, uint32_t source)
{
    struct umsi_pci_intx *wire = &wires[nr_wires].intx;
    umsi_virq virq;
    if (nr_wires == MAX_WIRES || umsi_aplic_map(aplic, source, UMSI_LEVEL_HIGH, &virq) != UMSI_OK) {
        return NULL;
    }
    if (umsi_pci_intx_add(umsi, virq, "INTx", wire) != UMSI_OK) {
        umsi_aplic_unmap(aplic, source);
        return NULL;
    }
    wires[nr_wires].aplic = aplic;
    wires[nr_wires++].source = source;
    return wire;
}

struct umsi_pci_intx *platform_wire(const struct umsi_platform_host *host, uint16_t bdf,
                                    uint32_t pin)
{
    struct umsi_aplic *aplic;
    uint32_t source;
    if (umsi_riscv_intx(machine, host, bdf, pin, &aplic, &source) != UMSI_OK) {
        return NULL;
    }
    for (uint32_t i = 0; i < nr_wires; i++) {
        if (wires[i].aplic == aplic && wires[i].source == source) {
            return &wires[i].intx;
        }
    }
    return make_wire(aplic, source);
}

enum umsi_status wires_drop(void)
{
    enum umsi_status st = UMSI_OK;
    while (nr_wires > 0 && st == UMSI_OK) {
        st = umsi_pci_intx_remove(&wires[nr_wires - 1].intx);
        if (st == UMSI_OK) {
            nr_wires--;
            umsi_aplic_unmap(wires[nr_wires].aplic, wires[nr_wires].source);
        }
    }
    return st;
}

/* ---- the UART ---- */

static struct {
    umsi_virq virq;
    struct event ran;
    uint32_t cpu;       /* of the last run */
    uint32_t unfounded; /* runs without a cause */
} uart;

/* A level: the transmitter stays empty, so it is told to be silent. */
static void uart_irq(void *arg)
{
    (void)arg;
    if (!uart_raised()) {
        uart.unfounded++;
        return;
    }
    uart_raise(false);
    uart.cpu = smp_self();
    event_raise(&uart.ran);
}

static bool uart_fail(const char *what, uint32_t cpu)
{
    end_note("UART at source %u, sent to CPU %u: %s", (unsigned)uart_wire.source, (unsigned)cpu,
             what);
    return false;
}

static bool uart_take(void)
{
    struct umsi_aplic *aplic = umsi_riscv_aplic_by_phandle(machine, uart_wire.controller);
    if (aplic == NULL || uart_wire.source == 0) {
        return uart_fail("no APLIC in the devicetree for it", smp_self());
    }
    enum umsi_status st =
        umsi_aplic_map(aplic, uart_wire.source, (enum umsi_trigger)uart_wire.trigger, &uart.virq);
    if (st == UMSI_OK) {
        st = umsi_irq_request(umsi, uart.virq, uart_irq, NULL, "UART");
    }
    return st == UMSI_OK || uart_fail(umsi_status_string(st), smp_self());
}

static bool uart_move(uint32_t cpu)
{
    struct umsi_cpumask one = { { 0 } };
    umsi_cpumask_set(&one, cpu);
    enum umsi_status st = umsi_irq_set_affinity(umsi, uart.virq, &one);
    return st == UMSI_OK || uart_fail(umsi_status_string(st), cpu);
}

static bool uart_ran_on(uint32_t cpu, uint32_t runs)
{
    bool came = event_wait(&uart.ran, runs);
    uart_raise(false);
    umsi_irq_synchronize(umsi, uart.virq);
    return came && uart.ran.count == runs && uart.cpu == cpu
               ? true
               : uart_fail(!came                    ? "no interrupt of its transmitter"
                           : uart.ran.count != runs ? "more interrupts than it raised"
                                                    : "ran on another CPU",
                           cpu);
}

static bool uart_held(void)
{
    event_reset(&uart.ran);
    umsi_irq_disable(umsi, uart.virq);
    uart_raise(true);
    rest_us(HELD_US);
    bool ok = uart.ran.count == 0 || uart_fail("ran while it was disabled", uart.cpu);
    umsi_irq_enable(umsi, uart.virq);
    return ok;
}

/* Raised, and raised while disabled. */
static bool uart_at(uint32_t cpu)
{
    watchdog_feed("the UART's wire");
    if (!uart_move(cpu)) {
        return false;
    }
    event_reset(&uart.ran);
    uart_raise(true);
    return uart_ran_on(cpu, 1) && uart_held() && uart_ran_on(cpu, 1);
}

static void print_wires(void)
{
    report_wire(umsi, true, uart_wire.source, uart.virq, "UART, transmitter empty");
    for (uint32_t i = 0; i < nr_wires; i++) {
        report_wire(umsi, false, wires[i].source, wires[i].intx.virq, "INTx");
    }
}

void platform_wired_work(void)
{
    if (uart_take()) {
        bool ok = true;
        for (uint32_t i = 0; i < smp_online_count() && ok; i++) {
            ok = uart_at(smp_online(i));
        }
        print_wires();
        report_count(1, 2 * smp_online_count());
    }
    uart_raise(false);
    if (uart.virq != UMSI_NO_VIRQ) {
        umsi_irq_free(umsi, uart.virq);
        umsi_aplic_unmap(umsi_riscv_aplic_by_phandle(machine, uart_wire.controller),
                         uart_wire.source);
        uart.virq = UMSI_NO_VIRQ;
    }
}
