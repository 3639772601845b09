/* SPDX-License-Identifier: MIT */
/*
 * The tables. A program may read them, too: a row of the second one has the word "device" in front, then fields
 * separated by blanks, in this order:
 *
 *   bdf name DeviceID MSI-X MSI prepares teardowns commands waits vectors life allowed lifewaits
 *
 *   MSI-X, MSI    vectors granted/asked, "-" when the function has none
 *   prepares ...  over the whole run; commands and waits at the ITS's queue for these and for vectors
 *                 allocated and freed. Moves and raises are charged to nobody: they are in the total only
 *   vectors life  one life without moves: so many vectors (reserved ones too) cost so many commands, of which
 *   allowed       2N+8 are allowed where each vector can be masked at the device ("-" elsewhere)
 *   lifewaits     and so many waits, 5 being allowed
 *
 * Where there is no ITS nothing is commanded: commands and waits are "-".
 *
 * and, with an ITS, the line "total ITS commands C waits W" has what all ITSes were sent until then, bring-up included.
 */
#include <stdio.h>

#include "console.h"
#include "platform.h"
#include "report.h"
#include "smp.h"

#define ROWS_SHOWN      8u /* of a function with more vectors, unless all are asked for */
#define CPU_COLUMNS     8u
#define LIFE_PER_VECTOR 2u
#define LIFE_FIXED      8u
#define LIFE_WAITS      5u

static unsigned total_vectors, total_raises;

void report_count(unsigned vectors, unsigned raises)
{
    total_vectors += vectors;
    total_raises += raises;
}

static void print_heading(void)
{
    print("\n%-23s %-5s %5s %6s", "interrupts", "kind", "index", "virq");
    for (unsigned i = 0; i < smp_online_count() && i < CPU_COLUMNS; i++) {
        print("  cpu%-2u", smp_online(i));
    }
    print("%s  name\n", smp_online_count() > CPU_COLUMNS ? "  other" : "");
}

/* Handler runs of the vectors first .. last, CPU by CPU. */
static void print_counts(const struct subject *s, uint32_t first, uint32_t last)
{
    uint32_t other = 0;
    for (unsigned c = 0; c < smp_online_count(); c++) {
        uint32_t sum = 0;
        for (uint32_t i = first; i <= last; i++) {
            sum += umsi_irq_count(s->f->umsi, s->vector[i].virq, smp_online(c));
        }
        if (c < CPU_COLUMNS) {
            print(" %6u", (unsigned)sum);
        } else {
            other += sum;
        }
    }
    if (smp_online_count() > CPU_COLUMNS) {
        print(" %6u", (unsigned)other);
    }
}

void report_live(const struct subject *s, bool heading, bool all)
{
    const char *kind = s->kind == UMSI_MSIX ? "MSI-X" : "MSI";
    uint32_t shown = all || s->nr <= ROWS_SHOWN + 1 ? s->nr : ROWS_SHOWN;
    if (heading) {
        print_heading();
    }
    for (uint32_t i = 0; i < shown; i++) {
        print("%-23s %-5s %5u %6u", s->f->name, kind, (unsigned)i, (unsigned)s->vector[i].virq);
        print_counts(s, i, i);
        print("  %s\n", s->vector[i].name);
    }
    if (shown < s->nr) {
        char range[16];
        (void)snprintf(range, sizeof(range), "%u-%u", (unsigned)shown, (unsigned)(s->nr - 1));
        print("%-18s %-5s %10s %6s", s->f->name, kind, range, "...");
        print_counts(s, shown, s->nr - 1);
        print("  %u more\n", (unsigned)(s->nr - shown));
    }
}

void report_wire(struct umsi *u, bool heading, uint32_t source, umsi_virq virq, const char *name)
{
    if (heading) {
        print_heading();
    }
    print("%-23s %-5s %5u %6u", "", "wire", (unsigned)source, (unsigned)virq);
    for (unsigned c = 0; c < smp_online_count() && c < CPU_COLUMNS; c++) {
        print(" %6u", (unsigned)umsi_irq_count(u, virq, smp_online(c)));
    }
    print("  %s\n", name);
}

static void fraction(char *text, size_t size, uint32_t granted, uint32_t asked)
{
    (void)snprintf(text, size, asked == 0 ? "-" : "%u/%u", (unsigned)granted, (unsigned)asked);
}

/* Of commands and waits. */
static const char *number(char text[12], uint32_t n)
{
    (void)snprintf(text, 12, platform_its(0) != NULL ? "%u" : "-", (unsigned)n);
    return text;
}

static void print_device(const struct subject *s)
{
    const struct umsi_msi_stats *stats = &s->f->msi.msi.stats;
    char msix[16], msi[16], allowed[16], id[12], c[12], w[12], lc[12], lw[12];
    fraction(msix, sizeof(msix), s->msix.granted, s->msix.asked);
    fraction(msi, sizeof(msi), s->msi.granted, s->msi.asked);
    (void)snprintf(allowed, sizeof(allowed),
                   s->life.maskable && platform_its(0) != NULL ? "%u" : "-",
                   (unsigned)(LIFE_PER_VECTOR * s->life.vectors + LIFE_FIXED));
    (void)snprintf(id, sizeof(id), s->f->by_message ? "%#x" : "-",
                   (unsigned)pci_node(s->f)->device_id);
    print("device  %-18s %6s %9s %5s %5u %5u %8s %7s %7u %6s %7s %5s\n", s->f->name, id, msix, msi,
          (unsigned)stats->prepares, (unsigned)stats->teardowns, number(c, stats->commands),
          number(w, stats->waits), (unsigned)s->life.vectors, number(lc, s->life.commands), allowed,
          number(lw, s->life.waits));
}

static bool check_device(const struct subject *s)
{
    const struct umsi_msi_stats *stats = &s->f->msi.msi.stats;
    if (stats->prepares != stats->teardowns) {
        return fail(s->f, -1, "%u prepares, %u teardowns", (unsigned)stats->prepares,
                    (unsigned)stats->teardowns);
    }
    if (stats->live != 0) {
        return fail(s->f, -1, "%u vectors are left", (unsigned)stats->live);
    }
    if (!s->life.maskable || s->life.vectors == 0) {
        return true;
    }
    if (s->life.commands > LIFE_PER_VECTOR * s->life.vectors + LIFE_FIXED ||
        s->life.waits > LIFE_WAITS) {
        return fail(s->f, -1, "a life of %u vectors cost %u commands and %u waits",
                    (unsigned)s->life.vectors, (unsigned)s->life.commands, (unsigned)s->life.waits);
    }
    return true;
}

static void print_total(void)
{
    uint64_t commands = 0, waits = 0;
    platform_totals(&commands, &waits);
    if (platform_its(0) != NULL) {
        print("total ITS commands %lu waits %lu\n", (unsigned long)commands, (unsigned long)waits);
    }
    print("total %u vectors live, raised %u times\n", total_vectors, total_raises);
}

bool report_devices(const struct subject *list)
{
    bool ok = true;
    print("\n%-26s %6s %9s %5s %5s %5s %8s %7s | one life: %s\n", "devices", "", "MSI-X", "MSI", "",
          "", platform_its(0) != NULL ? "ITS" : "", "", "");
    print("%-26s %6s %9s %5s %5s %5s %8s %7s %7s %6s %7s %5s\n", "", "DevID", "got/asked", "",
          "prep", "tear", "commands", "waits", "vectors", "cmds", "allowed", "waits");
    for (const struct subject *s = list; s != NULL; s = s->next) {
        print_device(s);
        ok = check_device(s) && ok;
    }
    print("\n");
    print_total();
    return ok;
}
