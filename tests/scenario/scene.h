/* SPDX-License-Identifier: MIT */
/*
 * What scenarios are written with: units under test, what happens to them, and what was seen. A line of
 * scene_result() must be the same on every machine; a check that fails fails the scenario and says where.
 */
#ifndef SCENARIO_SCENE_H
#define SCENARIO_SCENE_H

#include "machine.h"

struct scenario {
    const char *name;
    void (*run)(void);
    uint32_t kinds; /* it needs: a bit for each */
    bool resets;    /* and must be able to reset them */
};
#define KIND(kind) (1u << (kind))
#define WIRED      (1u << 31) /* among its kinds: each of them on a wire */
#define ITS                                                                                        \
    (1u << 30) /* likewise: DeviceIDs that are shared, or more vectors than a GICv2m frame has */
#define BLOCK_APART (1u << 29) /* vectors of an MSI block on different CPUs */

extern const struct scenario *const scenarios[];
extern const unsigned nr_scenarios;

/* Before the first scenario: what is live now is the machine's own. scene_run() does it. */
void scene_start(void);
/* Run those whose name starts with `only` (NULL: all). False: one failed. */
bool scene_run(const char *only);

/* False, and the scenario fails, when the condition does not hold. */
#define CHECK(condition) scene_check((condition), #condition, __FILE__, __LINE__)
bool scene_check(bool holds, const char *text, const char *file, int line);
#define CHECK_OK(call) scene_check_ok((call), #call, __FILE__, __LINE__)
bool scene_check_ok(enum umsi_status st, const char *text, const char *file, int line);
void scene_result(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- a vector and its handler ---- */

struct vector {
    uint32_t hits; /* atomic */
    umsi_cpu cpu;  /* of the last one */
};
void vector_reset(struct vector *v, uint32_t n);
void vector_hit(void *vector); /* a umsi_handler */
uint32_t vector_hits(const struct vector *v);
/* Let time pass until the handler ran so often; then a little more, so that once too often shows. */
bool vector_await(const struct vector *v, uint32_t hits);

/* ---- a PCI function ---- */

#define UNIT_VECTORS 2048u

struct unit {
    enum machine_kind kind;
    const struct machine_function *hw;
    struct umsi_pci pci;
    uint32_t granted;
    struct vector *vector;
};

/* Units are few and their vectors are many: unit_attach() takes the n-th set. */
#define UNITS 4u
void unit_attach(struct unit *u, uint32_t n, enum machine_kind kind);
/* With its wire, which not all machines have. */
void unit_attach_wired(struct unit *u, uint32_t n, enum machine_kind kind);
void unit_detach(struct unit *u);
/* Allocate; the status and what was granted become results. */
enum umsi_status unit_alloc(struct unit *u, uint32_t min, uint32_t max, uint32_t kind);
void unit_request(struct unit *u, uint32_t index);
/* n vectors of a kind, each with its handler. */
void unit_take(struct unit *u, uint32_t n, uint32_t kind);
void unit_drop(struct unit *u);
/* Raise: by the function itself where it can, else by command. */
void unit_raise(struct unit *u, uint32_t index);
/* Raise, and its handler must run, once. */
void unit_fire(struct unit *u, uint32_t index);
void unit_fire_all(struct unit *u);
umsi_virq unit_virq(struct unit *u, uint32_t index);
void unit_move(struct unit *u, uint32_t index, umsi_cpu cpu);

/* ---- a device without a bus: it keeps its messages in memory ---- */

struct plain {
    struct umsi_msi_device msi;
    struct umsi_message message[UNIT_VECTORS];
    bool masked[UNIT_VECTORS], pending[UNIT_VECTORS];
    struct vector vector[UNIT_VECTORS];
};
extern struct plain plain; /* the one there is */

struct plain_config {
    uint32_t events;
    bool maskable, late;
    uint32_t shared; /* as umsi_msi_config.shared_events */
};
enum umsi_status plain_attach(const struct plain_config *c);
void plain_request(uint32_t index);
/* As a device does: sent when unmasked, remembered when masked. */
void plain_raise(uint32_t index);
void plain_fire(uint32_t index);

/* The MSI parent of everything here. */
struct umsi_domain *scene_parent(void);
/* DeviceIDs mapped; without an ITS, domains of devices. */
uint32_t its_devices(void);
/* INTIDs in use for messages. */
uint32_t lpis_live(void);

#endif /* SCENARIO_SCENE_H */
