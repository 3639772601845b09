/* SPDX-License-Identifier: MIT */
/*
 * Where the INTx wires of a host bridge arrive: interrupt-map and interrupt-map-mask (Devicetree Specification
 * 0.4, 2.4.3). A row is a PCI unit address (three cells), a pin, a controller, an address of the controller's own
 * and its interrupt specifier. How long the last two are only the controller's node says, so that what follows a
 * row without a usable one cannot be read.
 *
 * Rows are kept that name an SPI of a GIC or a source of an APLIC, level-sensitive, as INTx is (bindings arm,gic-v3,
 * arm,gic and riscv,aplic).
 */
#include <libfdt.h>

#include "fdt_nodes.h"

#define CHILD_CELLS 5u /* unit address, pin, controller */
#define MASK_CELLS  4u /* unit address, pin */
#define GIC_CELLS   3u /* kind, number, flags; a fourth one may follow */
#define APLIC_CELLS 2u /* source, flags */
#define MAX_CELLS   8u /* of a controller's address or specifier; more is not believed */

#define FUNCTION 0x00ffff00u /* bus, device, function in the first cell of a unit address */

#define GIC_SPI     0u
#define FIRST_SPI   32u
#define SPIS        988u /* INTIDs 32 to 1019 */
#define TRIGGER     0xfu
#define UNSPECIFIED 0u
#define LEVEL_HIGH  4u

/* A walk over the rows. */
struct rows {
    const uint8_t *data;
    uint32_t size, at, entry; /* bytes; the row's number */
    bool strange;             /* one was named that arrives at a controller of another kind */
};

/* What a row is made of. */
struct row {
    uint32_t address, pin,
        controller; /* of the unit address the first cell: functions have 0 behind */
    int node;       /* the controller's */
    uint32_t specifier_cells;
    const uint8_t *specifier;
};

static uint32_t cell(const uint8_t *data, uint32_t i)
{
    return (uint32_t)umsi_fdt_cells(data + 4 * (size_t)i, 1);
}

/* A count of cells in the controller's node; `otherwise` where it does not say, MAX_CELLS + 1 where it is broken. */
static uint32_t count_of(const struct umsi_fdt_walk *w, int node, const char *name,
                         uint32_t otherwise)
{
    int size = 0;
    const void *data = fdt_getprop(w->fdt, node, name, &size);

    if (data == NULL) {
        return otherwise;
    }
    return size == 4 ? cell(data, 0) : MAX_CELLS + 1;
}

/*
 * Read one row and go on to the next. What keeps it, and all that follow, from being read; NULL: nothing. A
 * controller without #address-cells has no address here, whatever 2.3.5 says: trees rely on it.
 */
static const char *next_row(const struct umsi_fdt_walk *w, struct rows *r, struct row *out)
{
    const uint8_t *data = r->data + r->at;
    uint32_t address_cells, cells;

    if (r->size - r->at < 4 * CHILD_CELLS) {
        return "is cut off";
    }
    out->address = cell(data, 0);
    out->pin = cell(data, 3);
    out->controller = cell(data, 4);
    out->node = fdt_node_offset_by_phandle(w->fdt, out->controller);
    if (out->node < 0) {
        return "names no node: it and what follows are skipped";
    }
    address_cells = count_of(w, out->node, "#address-cells", 0);
    out->specifier_cells = count_of(w, out->node, "#interrupt-cells", 0);
    if (address_cells > MAX_CELLS || out->specifier_cells == 0 ||
        out->specifier_cells > MAX_CELLS) {
        return "names a node that is no interrupt controller: it and what follows are skipped";
    }
    cells = CHILD_CELLS + address_cells + out->specifier_cells;
    if ((r->size - r->at) / 4 < cells) {
        return "is cut off";
    }
    out->specifier = data + 4 * (size_t)(CHILD_CELLS + address_cells);
    r->at += 4 * cells;
    return NULL;
}

static bool is_gic(const struct umsi_fdt_walk *w, const struct row *row)
{
    return (fdt_node_check_compatible(w->fdt, row->node, "arm,gic-v3") == 0 ||
            umsi_fdt_is_gicv2(w->fdt, row->node)) &&
           row->specifier_cells >= GIC_CELLS;
}

/* The INTID of a GIC's row, or why it is none. */
static const char *read_line(const struct row *row, uint32_t *out)
{
    uint32_t trigger;

    if (cell(row->specifier, 0) != GIC_SPI || cell(row->specifier, 1) >= SPIS) {
        return "is not an SPI, skipped";
    }
    trigger = cell(row->specifier, 2) & TRIGGER;
    if (trigger != LEVEL_HIGH && trigger != UNSPECIFIED) {
        return "is not level-sensitive, active high, skipped";
    }
    *out = FIRST_SPI + cell(row->specifier, 1);
    return NULL;
}

static bool is_aplic(const struct umsi_fdt_walk *w, const struct row *row)
{
    return fdt_node_check_compatible(w->fdt, row->node, "riscv,aplic") == 0 &&
           row->specifier_cells == APLIC_CELLS;
}

/* The source of an APLIC's row, or why it is none. */
static const char *read_source(const struct row *row, uint32_t *out)
{
    uint32_t source = cell(row->specifier, 0), trigger = cell(row->specifier, 1) & TRIGGER;

    if (source == 0 || source > UMSI_APLIC_MAX_SOURCES) {
        return "is no source of an APLIC, skipped";
    }
    if (trigger != LEVEL_HIGH && trigger != UNSPECIFIED) {
        return "is not level-sensitive, active high, skipped";
    }
    *out = source;
    return NULL;
}

static bool is_known(const struct umsi_platform_host *host, const struct umsi_pci_intx_entry *e)
{
    for (uint32_t i = 0; i < host->nr_intx; i++) {
        if (host->intx[i].address == e->address && host->intx[i].pin == e->pin) {
            return true;
        }
    }
    return false;
}

/* Could any pin be this one under the mask? */
static bool is_pin(uint32_t pin, uint32_t mask)
{
    return pin == (1 & mask) || pin == (2 & mask) || pin == (3 & mask) || pin == (4 & mask);
}

/*
 * Keep the row; why it is not kept, or NULL. What the mask leaves out counts for nothing on either side: trees
 * in the field have rows with more in them.
 */
static const char *add_row(struct umsi_platform_host *host, const struct row *row,
                           const char *(*read)(const struct row *row, uint32_t *out))
{
    struct umsi_pci_intx_entry e = { .address = row->address & host->intx_mask.address,
                                     .pin = row->pin & host->intx_mask.pin,
                                     .controller = row->controller };
    const char *refusal;

    if ((e.address & ~FUNCTION) != 0 || !is_pin(e.pin, host->intx_mask.pin)) {
        return "is no function's pin, skipped";
    }
    if (is_known(host, &e)) {
        return "repeats an earlier one, skipped";
    }
    refusal = read(row, &e.line);
    if (refusal == NULL) {
        host->intx[host->nr_intx++] = e;
    }
    return refusal;
}

/* A row that was read; of those at another kind of controller, usually all, only the first is named. */
static const char *judge(const struct umsi_fdt_walk *w, struct umsi_platform_host *host,
                         struct rows *r, const struct row *row)
{
    if (is_gic(w, row)) {
        return add_row(host, row, read_line);
    }
    if (is_aplic(w, row)) {
        return add_row(host, row, read_source);
    }
    if (r->strange) {
        return NULL;
    }
    r->strange = true;
    return "arrives at a controller of an unknown kind: all such are skipped";
}

static void read_rows(struct umsi_fdt_walk *w, struct umsi_platform_host *host, struct rows *r)
{
    for (; r->at < r->size; r->entry++) {
        struct row row;
        const char *refusal;

        if (host->nr_intx == UMSI_PLATFORM_MAX_INTX) {
            umsi_fdt_say_entry(w, "interrupt-map", r->entry,
                               "and what follows are too many, skipped");
            return;
        }
        refusal = next_row(w, r, &row);
        if (refusal != NULL) {
            umsi_fdt_say_entry(w, "interrupt-map", r->entry, refusal);
            return;
        }
        refusal = judge(w, host, r, &row);
        if (refusal != NULL) {
            umsi_fdt_say_entry(w, "interrupt-map", r->entry, refusal);
        }
    }
}

/* What of a unit address and a pin is compared; all of it where the node does not say. */
static bool read_mask(struct umsi_fdt_walk *w, struct umsi_platform_host *host)
{
    struct umsi_fdt_prop p;

    host->intx_mask = (struct umsi_pci_intx_mask){ UINT32_MAX, UINT32_MAX };
    if (!umsi_fdt_get(w, "interrupt-map-mask", &p)) {
        return true;
    }
    if (p.size != 4 * MASK_CELLS) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "interrupt-map-mask",
                     "is not four cells: no INTx below this host");
        return false;
    }
    host->intx_mask = (struct umsi_pci_intx_mask){ cell(p.data, 0), cell(p.data, 3) };
    return true;
}

void umsi_fdt_read_intx(struct umsi_fdt_walk *w, struct umsi_platform_host *host)
{
    struct umsi_fdt_prop p;
    uint32_t pin_cells = 0;

    if (!umsi_fdt_get(w, "interrupt-map", &p)) {
        return; /* many hosts have none */
    }
    if (w->level[w->depth].address_cells != 3 ||
        umsi_fdt_u32(w, "#interrupt-cells", &pin_cells) != UMSI_FDT_OK || pin_cells != 1) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "interrupt-map",
                     "does not fit #address-cells and #interrupt-cells, skipped");
        return;
    }
    if (read_mask(w, host)) {
        struct rows r = { .data = p.data, .size = p.size };

        read_rows(w, host, &r);
    }
}
