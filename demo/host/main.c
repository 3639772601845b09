/* SPDX-License-Identifier: MIT */
/*
 * The demo as a host program: machine, controllers, CPUs; the demo's own work.c; then everything taken apart, and
 * the verdict. A rule of a specification that was broken on the way is a failure, too.
 *
 *   umsi-demo [verbose]
 */
#include <string.h>

#include "../console.h"
#include "../end.h"
#include "../memory.h"
#include "../platform.h"
#include "../work.h"
#include "host.h"

struct model *host_machine;
unsigned host_cpus = 2;

static struct umsi_platform hw; /* what is there instead of a devicetree */

bool host_no_breach(void)
{
    if (model_breaches(host_machine) != 0) {
        const struct model_breach *b = model_breach_at(host_machine, 0);
        end_note("%s [%s] %s", b->law, b->section, b->text);
        return false;
    }
    return true;
}

static void on_breach(void *arg, const char *line)
{
    (void)arg;
    print("  breach: %s\n", line);
}

static void on_log(void *arg, enum umsi_log_level level, const char *line)
{
    static const char *const name[] = { "error", "warning", "info", "debug" };
    (void)arg;
    if (level <= platform_log_level) {
        print("  umsi %s: %s\n", name[level], line);
    }
}

static bool start_machine(void)
{
    const struct model_its_config its = { .itt_entry_size = 12 };
    const struct model_config config = {
        .nr_cpus = host_cpus, .nr_its = 1, .its = &its, .on_breach = on_breach, .on_log = on_log
    };
    hw.nr_cpus = host_cpus;
    hw.nr_hosts = hw.nr_its = 1;
    hw.host[0].last_bus = 255;
    hw.host[0].msi_map_mask = 0xffff;
    hw.host[0].msi_parent = hw.its[0].phandle = 1;
    if (!model_create(&config, &host_machine)) {
        end_note("the model cannot be made");
        return false;
    }
    return true;
}

static bool start_interrupts(struct umsi **out_umsi)
{
    const char *what = "";
    enum umsi_status st = platform_start(&hw, out_umsi, &what);
    if (st != UMSI_OK) {
        end_note("%s: %s", what, umsi_status_string(st));
    }
    return st == UMSI_OK;
}

static void stop(uint64_t memory_before)
{
    const char *what = "";
    enum umsi_status st = platform_stop(&what);
    host_pci_destroy_all();
    if (st != UMSI_OK) {
        end_note("%s: %s", what, umsi_status_string(st));
    } else if (memory_in_use() != memory_before) {
        end_note("%ld bytes were not returned", (long)(memory_in_use() - memory_before));
    } else {
        model_check_shutdown(host_machine);
    }
    (void)host_no_breach();
}

int main(int argc, char **argv)
{
    struct umsi *umsi = NULL;
    bool verbose = argc > 1 && strcmp(argv[1], "verbose") == 0;
    platform_log_level = verbose ? UMSI_LOG_INFO : UMSI_LOG_WARN;
    if (start_machine() && start_interrupts(&umsi)) {
        uint64_t memory_before = memory_in_use();
        work(umsi, &hw, verbose);
        model_check_settled(host_machine);
        stop(memory_before);
    }
    model_destroy(host_machine);
    end_run();
}
