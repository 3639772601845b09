/* SPDX-License-Identifier: MIT */
/*
 * INTx: the last kind a driver may ask for. A level on a wire that functions share: their drivers look at their own
 * device first, and have it take its request back.
 */
#include "scene.h"

#define ANY_KIND  (UMSI_MSIX | UMSI_MSI | UMSI_INTX)
#define STATUS    0x06u
#define ASKS      0x0008u /* Interrupt Status */
#define FRUITLESS 200u    /* calls, before a driver that is called for nothing stops its wire */

/* A driver of one function. */
struct driver {
    struct unit u;
    uint32_t calls;       /* of its handler; atomic */
    uint32_t turns, over; /* it takes its request back in the `over`th call for it */
    bool listens;
    bool breaker; /* it stops the wire when it is called for nothing too often */
};

static struct driver first, second;

/* ---- the driver ---- */

/* All ones: it is gone, and asks for nothing. */
static bool asks(const struct driver *d)
{
    uint32_t status = 0;
    return d->u.hw->ops->read(d->u.hw->handle, STATUS, 2, &status) && status != 0xffff &&
           (status & ASKS) != 0;
}

static void on_wire(void *arg)
{
    struct driver *d = arg;
    uint32_t calls = __atomic_add_fetch(&d->calls, 1, __ATOMIC_RELAXED);
    if (!asks(d)) {
        if (d->breaker && calls == FRUITLESS) {
            umsi_irq_disable(machine_umsi(), unit_virq(&d->u, 0));
        }
        return;
    }
    if (++d->turns >= d->over) {
        d->turns = 0;
        machine_ask(d->u.kind, false);
        vector_hit(&d->u.vector[0]);
    }
}

static uint32_t runs(const struct driver *d)
{
    return vector_hits(&d->u.vector[0]);
}

static uint32_t calls(const struct driver *d)
{
    return __atomic_load_n(&d->calls, __ATOMIC_RELAXED);
}

static void request(struct driver *d)
{
    d->listens = CHECK_OK(umsi_pci_request(&d->u.pci, 0, on_wire, d, "scenario"));
}

/* Attached, and its INTx let through, but nobody listens yet. */
static void begin(struct driver *d, uint32_t n, enum machine_kind kind)
{
    *d = (struct driver){ .over = 1 };
    unit_attach_wired(&d->u, n, kind);
    machine_allow_intx(kind, true);
}

static void take(struct driver *d, uint32_t n, enum machine_kind kind)
{
    begin(d, n, kind);
    CHECK_OK(unit_alloc(&d->u, 1, 1, UMSI_INTX));
    request(d);
}

static void end(struct driver *d)
{
    machine_ask(d->u.kind, false);
    machine_allow_intx(d->u.kind, false);
    unit_detach(&d->u);
}

/* Not where nobody would take it back: another on the wire would be called for it for good. */
static void ask(struct driver *d)
{
    if (CHECK(d->listens)) {
        machine_ask(d->u.kind, true);
    }
}

/* Its handler runs once for it. */
static void fire(struct driver *d)
{
    uint32_t before = runs(d);
    ask(d);
    CHECK(vector_await(&d->u.vector[0], before + 1));
}

/* ---- who gets it ---- */

/* A function that has nothing else. */
static void only_intx(void)
{
    begin(&first, 0, E1000);
    (void)unit_alloc(&first.u, 1, 4, UMSI_MSIX | UMSI_MSI);
    (void)unit_alloc(&first.u, 2, 4, ANY_KIND);
    CHECK_OK(unit_alloc(&first.u, 1, 4, ANY_KIND));
    scene_result("kind %u, vector 1 is %s", (unsigned)first.u.pci.kind,
                 unit_virq(&first.u, 1) == UMSI_NO_VIRQ ? "none" : "there");
    request(&first);
    fire(&first);
    fire(&first);
    end(&first);
}

/* One that has MSI takes MSI, unless its driver allows nothing but INTx; and back. */
static void has_msi(void)
{
    begin(&first, 0, EDU);
    for (unsigned round = 0; round < 2; round++) {
        CHECK_OK(unit_alloc(&first.u, 1, 1, ANY_KIND));
        scene_result("of any kind: %u", (unsigned)first.u.pci.kind);
        unit_request(&first.u, 0);
        unit_fire_all(&first.u);
        unit_drop(&first.u);
        CHECK_OK(unit_alloc(&first.u, 1, 1, UMSI_INTX));
        request(&first);
        fire(&first);
        unit_drop(&first.u);
    }
    end(&first);
}

/* ---- one wire, two functions ---- */

static void shared(void)
{
    take(&first, 0, E1000);
    take(&second, 1, EDU);
    CHECK(unit_virq(&first.u, 0) == unit_virq(&second.u, 0));
    for (unsigned i = 0; i < 3; i++) {
        fire(&first);
        fire(&second);
    }
    scene_result("%u and %u runs, %u and %u calls", (unsigned)runs(&first), (unsigned)runs(&second),
                 (unsigned)calls(&first), (unsigned)calls(&second));
    machine_hold(true); /* both ask before either is heard */
    ask(&first);
    ask(&second);
    machine_hold(false);
    CHECK(vector_await(&first.u.vector[0], 4) && vector_await(&second.u.vector[0], 4));
    end(&first);
    fire(&second);
    scene_result("after the other has gone: %u calls", (unsigned)calls(&second));
    take(&first, 0, E1000);
    fire(&first);
    fire(&second);
    end(&second);
    end(&first);
}

/* The wire goes where one of them sends it. */
static void moves(void)
{
    take(&first, 0, E1000);
    take(&second, 1, EDU);
    for (umsi_cpu i = 0; i < 2 * machine_cpus(); i++) {
        umsi_cpu cpu = (i + 1) % machine_cpus();
        unit_move((i & 1) != 0 ? &first.u : &second.u, 0, cpu);
        fire(&first);
        fire(&second);
        CHECK(first.u.vector[0].cpu == cpu && second.u.vector[0].cpu == cpu);
    }
    unit_move(&first.u, 0, 0);
    machine_hold(true);
    ask(&first);
    machine_settle();
    scene_result("held: %u runs", (unsigned)runs(&first));
    unit_move(&first.u, 0, machine_cpus() - 1);
    CHECK(vector_await(&first.u.vector[0], 2 * machine_cpus() + 1));
    machine_hold(false);
    CHECK(first.u.vector[0].cpu == machine_cpus() - 1);
    unit_move(&first.u, 0, 0);
    end(&second);
    end(&first);
}

/* ---- a driver that goes and comes ---- */

static void again(void)
{
    take(&first, 0, E1000);
    fire(&first);
    unit_drop(&first.u);
    machine_ask(E1000, true);
    machine_settle();
    scene_result("given back: %u runs", (unsigned)runs(&first));
    CHECK_OK(unit_alloc(&first.u, 1, 1, UMSI_INTX));
    machine_settle();
    scene_result("not requested: %u runs", (unsigned)runs(&first));
    request(&first);
    CHECK(vector_await(&first.u.vector[0], 2));
    umsi_pci_release(&first.u.pci, 0);
    machine_ask(E1000, true);
    machine_settle();
    scene_result("released: %u runs", (unsigned)runs(&first));
    request(&first);
    CHECK(vector_await(&first.u.vector[0], 3));
    end(&first);
    take(&first, 0, E1000);
    fire(&first);
    end(&first);
}

/* ---- masks ---- */

/* Disables nest; what stands at the enable is taken, and what was taken back meanwhile is not. */
static void masked(void)
{
    struct umsi *umsi = machine_umsi();
    take(&first, 0, E1000);
    umsi_virq virq = unit_virq(&first.u, 0);
    umsi_irq_disable(umsi, virq);
    umsi_irq_disable(umsi, virq);
    machine_ask(E1000, true);
    machine_settle();
    umsi_irq_enable(umsi, virq);
    machine_settle();
    scene_result("disabled: %u runs", (unsigned)runs(&first));
    umsi_irq_enable(umsi, virq);
    CHECK(vector_await(&first.u.vector[0], 1));
    umsi_irq_disable(umsi, virq);
    machine_ask(E1000, true);
    machine_settle();
    machine_ask(E1000, false);
    umsi_irq_enable(umsi, virq);
    machine_settle();
    scene_result("taken back: %u runs, %u calls", (unsigned)runs(&first), (unsigned)calls(&first));
    fire(&first);
    end(&first);
}

/* Interrupt Disable keeps this function off the wire, and the other one on it. */
static void disabled_in_command(void)
{
    take(&first, 0, E1000);
    take(&second, 1, EDU);
    machine_allow_intx(E1000, false);
    fire(&second);
    ask(&first);
    machine_settle();
    CHECK(asks(&first));
    scene_result("disabled in Command: %u runs, %u calls", (unsigned)runs(&first),
                 (unsigned)calls(&first));
    machine_allow_intx(E1000, true);
    CHECK(vector_await(&first.u.vector[0], 1));
    fire(&second);
    end(&first);
    end(&second);
}

/* ---- a level ---- */

/* It still stands when the handler has returned: the handler runs again until it does not. */
static void stands(void)
{
    take(&first, 0, E1000);
    first.over = 3;
    for (unsigned i = 0; i < 3; i++) {
        fire(&first);
    }
    scene_result("%u runs, %u calls", (unsigned)runs(&first), (unsigned)calls(&first));
    end(&first);
}

/*
 * A function asks, and its driver does not listen: the other driver's handler is called for nothing again and again,
 * until it stops the wire. When the first is quiet, all is well again.
 */
static void storm(void)
{
    begin(&first, 0, E1000);
    take(&second, 1, EDU);
    second.breaker = true;
    machine_ask(E1000, true);
    machine_settle();
    machine_settle();
    scene_result("a storm: %u calls, %u runs", (unsigned)calls(&second), (unsigned)runs(&second));
    machine_settle();
    machine_ask(E1000, false);
    if (CHECK(calls(&second) == FRUITLESS)) {
        umsi_irq_enable(machine_umsi(), unit_virq(&second.u, 0));
    }
    fire(&second);
    CHECK_OK(unit_alloc(&first.u, 1, 1, UMSI_INTX));
    request(&first);
    fire(&first);
    fire(&second);
    end(&first);
    end(&second);
}

/* ---- behind a bridge: another pin arrives than the function's own ---- */

static void behind_a_bridge(void)
{
    take(&first, 0, EDU_A);
    take(&second, 1, EDU_B);
    CHECK(unit_virq(&first.u, 0) != unit_virq(&second.u, 0));
    fire(&first);
    fire(&second);
    scene_result("%u and %u calls", (unsigned)calls(&first), (unsigned)calls(&second));
    end(&second);
    machine_reset(EDU_A);
    machine_allow_intx(EDU_A, true);
    CHECK_OK(umsi_pci_restore(&first.u.pci));
    fire(&first);
    end(&first);
}

const struct scenario s_intx = { "intx and nothing else", only_intx, WIRED | KIND(E1000), false };
const struct scenario s_intx_msi = { "intx after msi", has_msi, WIRED | KIND(EDU), false };
const struct scenario s_intx_shared = { "intx on one wire", shared, WIRED | KIND(E1000) | KIND(EDU),
                                        false };
const struct scenario s_intx_moves = { "intx moves", moves, WIRED | KIND(E1000) | KIND(EDU),
                                       false };
const struct scenario s_intx_again = { "intx given back and taken", again, WIRED | KIND(E1000),
                                       false };
const struct scenario s_intx_masked = { "intx disabled", masked, WIRED | KIND(E1000), false };
const struct scenario s_intx_command = { "intx disabled in Command", disabled_in_command,
                                         WIRED | KIND(E1000) | KIND(EDU), false };
const struct scenario s_intx_stands = { "intx that still stands", stands, WIRED | KIND(E1000),
                                        false };
const struct scenario s_intx_storm = { "intx that nobody hears", storm,
                                       WIRED | KIND(E1000) | KIND(EDU), false };
const struct scenario s_intx_bridge = { "intx behind a bridge", behind_a_bridge,
                                        WIRED | KIND(EDU_A) | KIND(EDU_B), false };
