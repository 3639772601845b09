/* SPDX-License-Identifier: MIT */
/*
 * umsi on the model: the same calls as in the kernel that takes everything from umsi, with the addresses the model
 * gives instead of a devicetree's.
 */
#include <umsi/chip/gicv3.h>

#include "../console.h"
#include "../platform.h"
#include "host.h"

const char *platform_name = "GICv3, ITS and MSI by umsi on the strict model";
enum umsi_log_level platform_log_level = UMSI_LOG_WARN;

static struct umsi *umsi;
static struct umsi_gicv3 *gic;
static struct umsi_lpi *lpi;
static struct umsi_its *its;

void platform_interrupt(void)
{
    (void)umsi_handle_interrupts(umsi);
}

static void vector(void *arg, umsi_cpu cpu)
{
    (void)arg;
    (void)cpu;
    platform_interrupt();
}

static void service(void *arg, umsi_cpu cpu)
{
    (void)arg;
    (void)cpu;
    umsi_cpu_service(umsi);
}

void platform_kick(unsigned cpu)
{
    model_port(host_machine)->cpu_kick(host_machine, cpu);
}

enum umsi_status platform_cpu_online(unsigned cpu)
{
    volatile void *rd = NULL;
    umsi_phys phys = 0;
    model_set_cpu(host_machine, cpu);
    enum umsi_status st = umsi_gicv3_cpu_online(gic, cpu);
    if (st == UMSI_OK) {
        st = umsi_gicv3_redistributor(gic, cpu, &rd, &phys);
    }
    if (st == UMSI_OK) {
        st = umsi_lpi_cpu_online(lpi, cpu, rd, phys);
    }
    model_set_cpu(host_machine, 0);
    return st;
}

static enum umsi_status start_gic(void)
{
    struct umsi_gicv3_region region = { 0 };
    region.base = model_gicr(host_machine, &region.phys, &region.size);
    const struct umsi_gicv3_config config = { .gicd = model_gicd(host_machine),
                                              .regions = &region,
                                              .nr_regions = 1 };
    return umsi_gicv3_create(umsi, &config, &gic);
}

static enum umsi_status start_its(void)
{
    const struct umsi_lpi_config config = { .gicd = model_gicd(host_machine) };
    const struct umsi_its_config one = { .base = model_its_base(host_machine, 0),
                                         .phys = model_its_phys(host_machine, 0) };
    enum umsi_status st = umsi_lpi_create(umsi, &config, &lpi);
    return st == UMSI_OK ? umsi_its_create(lpi, &one, &its) : st;
}

enum umsi_status platform_start(const struct umsi_platform *hw, struct umsi **out_umsi,
                                const char **out_what)
{
    const struct umsi_port *port = model_port(host_machine);
    struct umsi_port on_memory = *port; /* the model's register accesses reach its registers only */
    on_memory.mmio_read32 = NULL;
    on_memory.mmio_write32 = NULL;
    on_memory.mmio_read64 = NULL;
    on_memory.mmio_write64 = NULL;
    enum umsi_status st = umsi_port_check(&on_memory, out_what);
    if (st != UMSI_OK) {
        return st;
    }
    *out_what = "creating the instance";
    st = umsi_create(port, &umsi);
    model_set_vectors(host_machine, &(struct model_vectors){ vector, service, NULL });
    if (st == UMSI_OK) {
        *out_what = "bringing up the GIC";
        st = start_gic();
    }
    if (st == UMSI_OK) {
        *out_what = "bringing up the ITS";
        st = start_its();
    }
    for (unsigned cpu = 0; st == UMSI_OK && cpu < hw->nr_cpus; cpu++) {
        *out_what = "bringing up a CPU";
        st = platform_cpu_online(cpu);
    }
    *out_umsi = umsi;
    return st;
}

enum umsi_status platform_msi(const struct umsi_platform_host *host, uint16_t rid,
                              struct umsi_domain **out_parent, uint32_t *out_device_id)
{
    uint32_t controller;
    *out_parent = umsi_its_parent(its);
    return umsi_pci_msi_map(host->msi_map, host->nr_msi_map, host->msi_map_mask, host->msi_parent,
                            rid, &controller, out_device_id);
}

/* The model's functions have no INTx. */
struct umsi_pci_intx *platform_wire(const struct umsi_platform_host *host, uint16_t bdf,
                                    uint32_t pin)
{
    (void)host;
    (void)bdf;
    (void)pin;
    return NULL;
}

struct umsi_its *platform_its(unsigned i)
{
    return i == 0 ? its : NULL;
}

struct umsi_gicv2m *platform_v2m(unsigned i)
{
    (void)i;
    return NULL;
}

struct umsi_lpi *platform_lpi(void)
{
    return lpi;
}

static void cpus_offline(void)
{
    for (unsigned cpu = host_cpus; cpu-- > 0;) {
        model_set_cpu(host_machine, cpu);
        umsi_gicv3_cpu_offline(gic);
    }
}

enum umsi_status platform_stop(const char **out_what)
{
    *out_what = "taking down the ITS and the GIC";
    enum umsi_status st = umsi_its_destroy(its);
    if (st == UMSI_OK) {
        st = umsi_lpi_destroy(lpi);
    }
    if (st == UMSI_OK) {
        cpus_offline();
        st = umsi_gicv3_destroy(gic);
    }
    if (st == UMSI_OK) {
        *out_what = "destroying the instance";
        st = umsi_destroy(umsi);
    }
    return st;
}
