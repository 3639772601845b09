/* SPDX-License-Identifier: MIT */
/*
 * Running scenarios, and what they are written with. The output, one line each:
 *
 *   machine NAME
 *   function KIND DEVICEID        as the ITS sees it
 *   scenario NAME from N          N: ITS commands sent before it
 *   result TEXT                   what was seen, the same everywhere
 *   failed TEXT
 *   scenario NAME ok|FAILED to N
 *   skip NAME: WHY
 */
#include <stdarg.h>
#include <stdio.h>

#include "scene.h"

#define PATIENCE 500u /* how often machine_settle() before an interrupt is lost */

static bool failed;
static struct vector vectors[UNITS][UNIT_VECTORS];
static const char *const kind_names[MACHINE_KINDS] = {
    "e1000e", "xhci", "nvme", "wide", "e1000", "edu", "edu-a", "edu-b", "port", "msi32"
};

/* ---- output ---- */

static void line(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void line(const char *format, ...)
{
    char text[200];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    machine_print(text);
}

void scene_result(const char *format, ...)
{
    char text[160];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    line("result %s", text);
}

bool scene_check(bool holds, const char *text, const char *file, int number)
{
    if (!holds) {
        const char *name = file;
        for (const char *c = file; *c != '\0'; c++) {
            name = *c == '/' ? c + 1 : name;
        }
        failed = true;
        line("failed %s:%d: %s", name, number, text);
    }
    return holds;
}

bool scene_check_ok(enum umsi_status st, const char *text, const char *file, int number)
{
    if (st != UMSI_OK) {
        line("failed status %d, %s", (int)st, umsi_status_string(st));
    }
    return scene_check(st == UMSI_OK, text, file, number);
}

/* ---- running ---- */

struct baseline {
    uint32_t irqs, domains, lpis, devices;
};

/* What the machine has for itself: an APLIC is a device, too, and its wires have identities. */
static uint32_t own_devices, own_lpis;

void scene_start(void)
{
    own_devices = own_lpis = 0;
    own_devices = its_devices();
    own_lpis = lpis_live();
}

struct umsi_domain *scene_parent(void)
{
    if (machine_imsic() != NULL) {
        return umsi_imsic_parent(machine_imsic());
    }
    return machine_its() != NULL ? umsi_its_parent(machine_its())
                                 : umsi_gicv2m_parent(machine_v2m());
}

uint32_t its_devices(void)
{
    struct umsi_its_info info;
    if (machine_its() == NULL) {
        return scene_parent()->nr_children - own_devices;
    }
    umsi_its_get_info(machine_its(), &info);
    return info.devices;
}

/* Of an IMSIC: identities, once harts have closed what was given back. */
static uint32_t files_live(void)
{
    struct umsi_imsic_counts counts;
    machine_settle();
    umsi_imsic_get_counts(machine_imsic(), UMSI_NO_CPU, &counts);
    return counts.live + counts.quarantined - own_lpis;
}

uint32_t lpis_live(void)
{
    struct umsi_lpi_counts counts;
    struct umsi_gicv2m_info info;
    if (machine_imsic() != NULL) {
        return files_live();
    }
    if (machine_lpi() == NULL) {
        umsi_gicv2m_get_info(machine_v2m(), &info);
        return info.live;
    }
    umsi_lpi_get_counts(machine_lpi(), &counts);
    return counts.live;
}

static struct baseline look(void)
{
    struct umsi_counts c;
    umsi_get_counts(machine_umsi(), &c);
    return (struct baseline){ c.live_irqs, c.domains, lpis_live(), its_devices() };
}

static unsigned long commands(void)
{
    struct umsi_its_info info = { .commands = 0 };
    if (machine_its() != NULL) {
        umsi_its_get_info(machine_its(), &info);
    }
    return (unsigned long)info.commands;
}

/* What a scenario took it has given back. */
static void check_left(const struct baseline *before)
{
    struct baseline now = look();
    struct umsi_lpi_counts lpi = { .quarantined = 0 };
    struct umsi_its_info its = { .quarantined = 0 };
    if (machine_its() != NULL) {
        umsi_lpi_get_counts(machine_lpi(), &lpi);
        umsi_its_get_info(machine_its(), &its);
    }
    CHECK(now.irqs == before->irqs && now.domains == before->domains);
    CHECK(now.lpis == before->lpis && lpi.quarantined == 0);
    CHECK(now.devices == before->devices && its.quarantined == 0 && !its.dead && its.stalls == 0);
    const char *verdict = machine_verdict();
    if (verdict != NULL) {
        line("failed %s: %s", machine_name, verdict);
        failed = true;
    }
}

static bool run_one(const struct scenario *s)
{
    struct baseline before = look();
    failed = false;
    line("scenario %s from %lu", s->name, commands());
    s->run();
    machine_settle();
    check_left(&before);
    line("scenario %s %s to %lu", s->name, failed ? "FAILED" : "ok", commands());
    return !failed;
}

/* What a scenario needs of a kind and has not got here; NULL: nothing. */
static const char *lacks(const struct scenario *s, enum machine_kind kind)
{
    const struct machine_function *f = machine_function(kind);
    if (f == NULL) {
        return "no function of kind";
    }
    if ((s->kinds & WIRED) != 0 && f->wire == NULL) {
        return "no wire for";
    }
    return s->resets && !machine_can_reset(kind) ? "no reset of" : NULL;
}

static bool can_run(const struct scenario *s)
{
    if ((s->kinds & ITS) != 0 && machine_its() == NULL) {
        line("skip %s: no ITS here", s->name);
        return false;
    }
    if ((s->kinds & BLOCK_APART) != 0 && machine_imsic() != NULL) {
        line("skip %s: a block has one CPU here", s->name);
        return false;
    }
    for (unsigned k = 0; k < MACHINE_KINDS; k++) {
        const char *what = (s->kinds & KIND(k)) != 0 ? lacks(s, (enum machine_kind)k) : NULL;
        if (what != NULL) {
            line("skip %s: %s %s here", s->name, what, kind_names[k]);
            return false;
        }
    }
    return true;
}

static bool starts_with(const char *text, const char *with)
{
    while (*with != '\0' && *text == *with) {
        text++;
        with++;
    }
    return *with == '\0';
}

bool scene_run(const char *only)
{
    bool ok = true;
    scene_start();
    line("machine %s", machine_name);
    for (unsigned k = 0; k < MACHINE_KINDS; k++) {
        const struct machine_function *f = machine_function((enum machine_kind)k);
        if (f != NULL) {
            line("function %s %#x", kind_names[k], (unsigned)f->device_id);
        }
    }
    for (unsigned i = 0; i < nr_scenarios; i++) {
        const struct scenario *s = scenarios[i];
        if ((only == NULL || starts_with(s->name, only)) && can_run(s)) {
            ok = run_one(s) && ok;
        }
    }
    return ok;
}

/* ---- vectors ---- */

void vector_reset(struct vector *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        v[i] = (struct vector){ .cpu = UMSI_NO_CPU };
    }
}

void vector_hit(void *vector)
{
    struct vector *v = vector;
    v->cpu = machine_self();
    (void)__atomic_fetch_add(&v->hits, 1, __ATOMIC_RELEASE);
}

uint32_t vector_hits(const struct vector *v)
{
    return __atomic_load_n(&v->hits, __ATOMIC_ACQUIRE);
}

bool vector_await(const struct vector *v, uint32_t hits)
{
    for (unsigned i = 0; i < PATIENCE && vector_hits(v) < hits; i++) {
        machine_settle();
    }
    machine_settle();
    return vector_hits(v) == hits;
}

/* ---- PCI functions ---- */

static void attach(struct unit *u, uint32_t n, enum machine_kind kind, struct umsi_pci_intx *wire)
{
    *u = (struct unit){ .kind = kind, .hw = machine_function(kind), .vector = vectors[n] };
    const struct umsi_pci_config c = { .ops = u->hw->ops,
                                       .handle = u->hw->handle,
                                       .name = u->hw->name,
                                       .device_id = u->hw->device_id,
                                       .shared_events = u->hw->shared_events,
                                       .intx = wire };
    vector_reset(u->vector, UNIT_VECTORS);
    CHECK_OK(umsi_pci_attach(scene_parent(), &c, &u->pci));
}

void unit_attach(struct unit *u, uint32_t n, enum machine_kind kind)
{
    attach(u, n, kind, NULL);
}

void unit_attach_wired(struct unit *u, uint32_t n, enum machine_kind kind)
{
    attach(u, n, kind, machine_function(kind)->wire);
}

void unit_detach(struct unit *u)
{
    umsi_pci_detach(&u->pci);
    CHECK(u->pci.msi.stats.prepares == u->pci.msi.stats.teardowns);
    scene_result("%s detached after %u prepares", kind_names[u->kind],
                 (unsigned)u->pci.msi.stats.prepares);
}

enum umsi_status unit_alloc(struct unit *u, uint32_t min, uint32_t max, uint32_t kind)
{
    const struct umsi_vectors want = { .min = min, .max = max, .kinds = kind };
    u->granted = 0;
    enum umsi_status st = umsi_pci_alloc_vectors(&u->pci, &want, &u->granted);
    scene_result("%s %u to %u of kind %u: %s, %u granted", kind_names[u->kind], (unsigned)min,
                 (unsigned)max, (unsigned)kind, umsi_status_string(st), (unsigned)u->granted);
    return st;
}

void unit_request(struct unit *u, uint32_t index)
{
    CHECK_OK(umsi_pci_request(&u->pci, index, vector_hit, &u->vector[index], "scenario"));
}

void unit_take(struct unit *u, uint32_t n, uint32_t kind)
{
    CHECK_OK(unit_alloc(u, n, n, kind));
    CHECK(u->granted == n);
    for (uint32_t i = 0; i < u->granted; i++) {
        unit_request(u, i);
    }
}

void unit_drop(struct unit *u)
{
    umsi_pci_free_vectors(&u->pci);
    u->granted = 0;
}

void unit_raise(struct unit *u, uint32_t index)
{
    if (!machine_raise(u->kind, index)) {
        CHECK_OK(umsi_irq_retrigger(machine_umsi(), unit_virq(u, index)));
    }
}

void unit_fire(struct unit *u, uint32_t index)
{
    uint32_t before = vector_hits(&u->vector[index]);
    unit_raise(u, index);
    if (!CHECK(vector_await(&u->vector[index], before + 1))) {
        line("failed %s vector %u: %u runs for one raise", kind_names[u->kind], (unsigned)index,
             (unsigned)(vector_hits(&u->vector[index]) - before));
    }
}

void unit_fire_all(struct unit *u)
{
    for (uint32_t i = 0; i < u->granted; i++) {
        unit_fire(u, i);
    }
    scene_result("%s fired all %u", kind_names[u->kind], (unsigned)u->granted);
}

umsi_virq unit_virq(struct unit *u, uint32_t index)
{
    return umsi_pci_virq(&u->pci, index);
}

void unit_move(struct unit *u, uint32_t index, umsi_cpu cpu)
{
    struct umsi_cpumask mask = { { 0 } };
    umsi_cpumask_set(&mask, cpu);
    CHECK_OK(umsi_irq_set_affinity(machine_umsi(), unit_virq(u, index), &mask));
    CHECK(umsi_irq_get_cpu(machine_umsi(), unit_virq(u, index)) == cpu);
}
