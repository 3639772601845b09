/* SPDX-License-Identifier: MIT */
/*
 * Everything at once on the model, with an ITS or with interrupt files, with host threads as CPUs: functions attached, vectors allocated, raised, freed;
 * vectors moved by whoever guesses their number; CPUs that leave and join; a device that raises whatever it likes.
 * After each message a handler starts (L35, L60), never two at once (L58), none after it was freed (L59), nothing is
 * sent to a CPU that is away (L38), no lock is held where something may sleep (L55), and the model, which is as strict
 * as ever, sees no breach. Run it with the thread sanitizer. UMSI_SEED chooses other choices.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/cpu.h>

#include "threaded.h"

#define FUNCTIONS  6u
#define VECTORS    8u
#define PIECES     500u   /* of work, per CPU */
#define LIMIT_US   500000 /* of virtual time, for a handler to start */
#define VIRQS      160u   /* more than there ever are */
#define MESSAGE_NS 3000u  /* a message is under way to an interrupt file */

static struct threaded t;
static uint64_t seed = 1;
static uint32_t failures;                 /* atomic */
static bool stop;                         /* atomic */
static uint32_t away;                     /* a CPU is; atomic */
static uint32_t lives, moves, departures; /* atomic */

static bool failed(const char *what, uint32_t detail)
{
    if (__atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED) < 10) {
        print_message("  CPU %u: %s (%u)\n", threaded_self(), what, detail);
    }
    return false;
}

/* ---- dice: SplitMix64 ---- */

static _Thread_local uint64_t dice;

static uint32_t roll(uint32_t n)
{
    uint64_t z = dice += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (uint32_t)(((z ^ z >> 31) >> 32) * n >> 32);
}

/* ---- handlers ---- */

static struct function {
    struct threaded_function f;
    uint32_t taken; /* by the CPU that has it now; atomic */
    struct vector {
        uint32_t inside;  /* handlers running now; atomic */
        uint32_t allowed; /* it has a handler; atomic */
        uint32_t sent;    /* counted before each message; atomic */
        uint32_t seen;    /* what the handler saw of it at its start; atomic */
        uint32_t runs;    /* not atomic: it is alone */
        uint32_t quiet;   /* the device leaves it alone: one message is waited for; atomic */
        umsi_virq frees;  /* frees itself when it runs: this */
    } v[VECTORS];
} functions[FUNCTIONS];

static void handler(void *arg)
{
    struct vector *v = arg;
    if (__atomic_fetch_add(&v->inside, 1, __ATOMIC_ACQ_REL) != 0) {
        (void)failed("two handlers at once (L58)", v->runs);
    }
    if (__atomic_load_n(&v->allowed, __ATOMIC_ACQUIRE) == 0) {
        (void)failed("a handler runs that was freed (L59)", v->runs);
    }
    v->runs++;
    __atomic_store_n(&v->seen, __atomic_load_n(&v->sent, __ATOMIC_ACQUIRE), __ATOMIC_RELEASE);
    for (uint32_t i = v->runs % 4 == 0 ? 4 : 0; i > 0; i--) {
        sched_yield(); /* so that others meet it */
    }
    if (v->frees != UMSI_NO_VIRQ) {
        umsi_irq_free(t.u, v->frees);
        __atomic_store_n(&v->allowed, 0, __ATOMIC_RELEASE);
    }
    (void)__atomic_fetch_sub(&v->inside, 1, __ATOMIC_ACQ_REL);
}

/* ---- one life of a function's vectors ---- */

static bool request(struct function *f, uint32_t i, bool frees_itself)
{
    struct vector *v = &f->v[i];
    v->frees = frees_itself ? umsi_pci_virq(&f->f.pci, i) : UMSI_NO_VIRQ;
    __atomic_store_n(&v->allowed, 1, __ATOMIC_RELEASE);
    enum umsi_status st = umsi_pci_request(&f->f.pci, i, handler, v, "stress");
    return st == UMSI_OK || failed("request", st);
}

static void release(struct function *f, uint32_t i)
{
    umsi_pci_release(&f->f.pci, i);
    __atomic_store_n(&f->v[i].allowed, 0, __ATOMIC_RELEASE);
    if (__atomic_load_n(&f->v[i].inside, __ATOMIC_ACQUIRE) != 0) {
        (void)failed("freed, and it still runs", i);
    }
}

/* Send a message; a handler that starts after that must have seen it. */
static uint32_t send(struct function *f, uint32_t i)
{
    uint32_t ticket = __atomic_add_fetch(&f->v[i].sent, 1, __ATOMIC_ACQ_REL);
    (void)threaded_raise(&f->f, i);
    return ticket;
}

static bool reached(struct function *f, uint32_t i, uint32_t ticket)
{
    uint64_t start = t.port.time_us(&t);
    while ((int32_t)(__atomic_load_n(&f->v[i].seen, __ATOMIC_ACQUIRE) - ticket) < 0) {
        if (t.port.time_us(&t) - start > LIMIT_US) {
            return failed("no handler started after a message (L35)", i);
        }
        t.port.relax(&t);
    }
    return true;
}

/* By whichever message: the device sends others meanwhile. */
static bool freed_itself(struct function *f, uint32_t i)
{
    uint64_t start = t.port.time_us(&t);
    while (__atomic_load_n(&f->v[i].allowed, __ATOMIC_ACQUIRE) != 0) {
        if (t.port.time_us(&t) - start > LIMIT_US) {
            return failed("a handler that frees itself does not start (L35)", i);
        }
        t.port.relax(&t);
    }
    return true;
}

/* A managed vector without a CPU of its own is shut down, and reached only when one has come. */
static bool may_be_shut(struct function *f, uint32_t i, bool managed)
{
    struct umsi_cpumask cpus;
    enum umsi_status st = umsi_irq_get_wanted(t.u, umsi_pci_virq(&f->f.pci, i), &cpus);
    return st != UMSI_OK ? failed("get_wanted", st) : managed && !umsi_cpumask_test(&cpus, 0);
}

static void move(umsi_virq virq);

/* The last of several messages, in the midst of a move: one may meet the handler of another on another CPU. */
static void use_moving(struct function *f, uint32_t i)
{
    (void)send(f, i);
    move(umsi_pci_virq(&f->f.pci, i));
    (void)reached(f, i, send(f, i));
}

/* By command, which passes by the device's mask: it is remembered. The controller may be too busy to be told. */
static void use_disabled(struct function *f, uint32_t i)
{
    umsi_virq virq = umsi_pci_virq(&f->f.pci, i);
    umsi_irq_disable(t.u, virq);
    uint32_t ticket = roll(2) != 0 ? send(f, i) : 0;
    if (ticket == 0) {
        ticket = __atomic_add_fetch(&f->v[i].sent, 1, __ATOMIC_ACQ_REL);
        ticket = umsi_irq_retrigger(t.u, virq) == UMSI_OK ? ticket : 0;
    }
    for (uint32_t n = roll(8); n > 0; n--) {
        t.port.relax(&t);
    }
    umsi_irq_enable(t.u, virq);
    if (ticket != 0) {
        (void)reached(f, i, ticket);
    }
}

static void use(struct function *f, uint32_t i, bool managed)
{
    if (may_be_shut(f, i, managed)) {
        (void)send(f, i);
        return;
    }
    __atomic_store_n(&f->v[i].quiet, 1, __ATOMIC_RELEASE);
    for (uint32_t n = roll(4); n > 0; n--) {
        use_moving(f, i);
    }
    use_disabled(f, i);
    __atomic_store_n(&f->v[i].quiet, 0, __ATOMIC_RELEASE);
}

static void free_from_within(struct function *f, uint32_t i)
{
    release(f, i);
    uint32_t runs = f->v[i].runs;
    if (!request(f, i, true)) {
        return;
    }
    (void)send(f, i);
    if (!freed_itself(f, i)) {
        return;
    }
    for (uint32_t n = 0; n < 3; n++) {
        (void)send(f, i); /* nobody is there for it */
        t.port.relax(&t);
    }
    umsi_irq_synchronize(t.u, umsi_pci_virq(&f->f.pci, i));
    if (f->v[i].runs != runs + 1) {
        (void)failed("a handler that freed itself ran again", f->v[i].runs - runs);
    }
}

static void live(struct function *f)
{
    bool managed = roll(4) == 0;
    const struct umsi_vectors want = {
        .min = 1, .max = 1 + roll(VECTORS), .spread = roll(2) != 0, .managed = managed
    };
    uint32_t n = 0;
    enum umsi_status st = umsi_pci_alloc_vectors(&f->f.pci, &want, &n);
    if (st != UMSI_OK) {
        (void)failed("alloc_vectors", st);
        return;
    }
    for (uint32_t i = 0; i < n && request(f, i, false); i++) {
        use(f, i, managed);
    }
    uint32_t one = roll(n);
    if (!managed && roll(2) == 0) {
        free_from_within(f, one);
    }
    for (uint32_t i = 0; i < n; i++) {
        release(f, i);
    }
    umsi_pci_free_vectors(&f->f.pci);
    (void)__atomic_fetch_add(&lives, 1, __ATOMIC_RELAXED);
}

static void work(void)
{
    struct function *f = &functions[roll(FUNCTIONS)];
    if (__atomic_exchange_n(&f->taken, 1, __ATOMIC_ACQUIRE) != 0) {
        return;
    }
    live(f);
    if (roll(3) == 0) {
        umsi_pci_detach(&f->f.pci);
        enum umsi_status st = threaded_attach(&f->f);
        if (st != UMSI_OK) {
            (void)failed("attach", st);
        }
    }
    __atomic_store_n(&f->taken, 0, __ATOMIC_RELEASE);
}

/* ---- moves, by number: of vectors that may come or go just then ---- */

static void move(umsi_virq virq)
{
    const struct umsi_cpumask cpus = { { 1 + roll((1u << THREADED_CPUS) - 1) } };
    enum umsi_status st = umsi_irq_set_affinity(t.u, virq, &cpus);
    bool known = st == UMSI_OK || st == UMSI_NOTFOUND || st == UMSI_BUSY || st == UMSI_UNSUPPORTED;
    if (!known && !(st == UMSI_INVALID && !umsi_cpumask_test(&cpus, 0))) {
        (void)failed("set_affinity", st);
    }
    (void)__atomic_fetch_add(&moves, st == UMSI_OK, __ATOMIC_RELAXED);
}

static umsi_virq guess(void)
{
    struct umsi_counts counts;
    umsi_get_counts(t.u, &counts);
    return 1 + roll(counts.live_irqs + counts.waiting_irqs + 4);
}

/* ---- this CPU leaves and joins; CPU 0 stays ---- */

static void none_sent_here(void)
{
    for (umsi_virq v = 1; v <= VIRQS; v++) {
        if (umsi_irq_get_cpu(t.u, v) == threaded_self()) {
            (void)failed("a vector is sent to a CPU that left (L38)", v);
        }
    }
    if (threaded_pending(&t)) {
        (void)failed("something is pending for a CPU that left (L35)", 0);
    }
}

static void leave_and_join(void)
{
    uint32_t left = 0;
    if (threaded_self() == 0 || __atomic_exchange_n(&away, 1, __ATOMIC_ACQUIRE) != 0) {
        return;
    }
    enum umsi_status st = umsi_cpu_leave(t.u, threaded_self(), &left);
    if (st != UMSI_OK) {
        (void)failed("cpu_leave", st);
    } else {
        threaded_poll(&t); /* what came while it was moved may have come here: interrupts are on */
        none_sent_here();
        threaded_cpu_offline(&t);
        for (uint32_t i = roll(100); i > 0; i--) {
            sched_yield();
        }
        none_sent_here();
        st = threaded_cpu_online(&t);
        st = st == UMSI_OK ? umsi_cpu_join(t.u, threaded_self()) : st;
    }
    if (st != UMSI_OK) {
        (void)failed("it does not come back", st);
    }
    (void)__atomic_fetch_add(&departures, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&away, 0, __ATOMIC_RELEASE);
}

/* ---- the threads ---- */

static uint32_t finished; /* CPUs that have no more work; atomic */

static void *cpu_thread(void *arg)
{
    threaded_be((umsi_cpu)(uintptr_t)arg);
    dice = seed * 64 + threaded_self();
    for (uint32_t i = 0; i < PIECES && __atomic_load_n(&failures, __ATOMIC_RELAXED) == 0; i++) {
        uint32_t choice = roll(16);
        if (choice < 8) {
            work();
        } else if (choice < 15) {
            move(guess());
        } else {
            leave_and_join();
        }
        threaded_poll(&t);
    }
    /* Others may still need this CPU's interrupts. */
    (void)__atomic_fetch_add(&finished, 1, __ATOMIC_ACQ_REL);
    while (__atomic_load_n(&finished, __ATOMIC_ACQUIRE) != THREADED_CPUS) {
        threaded_poll(&t);
        sched_yield();
    }
    return NULL;
}

/* A function raises what it likes, whoever has it, whether it is live or not. */
static void *device_thread(void *arg)
{
    (void)arg;
    dice = seed * 64 + THREADED_CPUS;
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        struct function *f = &functions[roll(FUNCTIONS)];
        uint32_t i = roll(VECTORS);
        if (__atomic_load_n(&f->v[i].quiet, __ATOMIC_ACQUIRE) == 0) {
            (void)send(f, i);
        }
        sched_yield();
    }
    return NULL;
}

static void reset(void)
{
    memset(functions, 0, sizeof(functions));
    failures = lives = moves = departures = finished = away = 0;
    stop = false;
}

/* Half of the functions on interrupt files have one vector that cannot be masked: it moves in steps (L46). */
static struct model_pci_config hardware(uint32_t i, bool imsic)
{
    return imsic && i % 2 == 1
               ? (struct model_pci_config){ .device_id = 0x100 + i,
                                            .msi_vectors = 1,
                                            .msi_64 = true }
               : (struct model_pci_config){ .device_id = 0x100 + i, .msix_entries = VECTORS };
}

static void set_up(bool imsic)
{
    const char *text = getenv("UMSI_SEED");
    seed = text != NULL ? strtoull(text, NULL, 0) : seed;
    print_message("  seed %llu\n", (unsigned long long)seed);
    reset();
    if (imsic) {
        threaded_start_imsic(&t, MESSAGE_NS);
    } else {
        threaded_start(&t);
    }
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        const struct model_pci_config hw = hardware(i, imsic);
        threaded_plug(&t, &hw, &functions[i].f);
        assert_int_equal(threaded_attach(&functions[i].f), UMSI_OK);
    }
}

static void run_all(void)
{
    pthread_t cpu[THREADED_CPUS], device;
    assert_int_equal(pthread_create(&device, NULL, device_thread, NULL), 0);
    for (uintptr_t i = 0; i < THREADED_CPUS; i++) {
        assert_int_equal(pthread_create(&cpu[i], NULL, cpu_thread, (void *)i), 0);
    }
    for (uint32_t i = 0; i < THREADED_CPUS; i++) {
        pthread_join(cpu[i], NULL);
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELEASE);
    pthread_join(device, NULL);
    print_message("  %u lives of vectors, %u moves, %u departures\n", lives, moves, departures);
    assert_int_equal(failures, 0);
    assert_true(lives != 0 && moves != 0 && departures != 0);
}

static void all_at_once(bool imsic)
{
    set_up(imsic);
    run_all();
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        umsi_pci_detach(&functions[i].f.pci);
        model_pci_destroy(functions[i].f.hw);
    }
    threaded_stop(&t);
}

static void with_an_its(void **state)
{
    (void)state;
    all_at_once(false);
}

static void with_interrupt_files(void **state)
{
    (void)state;
    all_at_once(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_an_its),
        cmocka_unit_test(with_interrupt_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
