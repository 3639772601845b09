/* SPDX-License-Identifier: MIT */
/* The library on the strict model, with a kernel of the smallest kind that owns its GIC. */
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

#define ICC_PMR     UMSI_SYSREG(3, 0, 4, 6, 0)
#define ICC_SRE     UMSI_SYSREG(3, 0, 12, 12, 5)
#define ICC_IGRPEN1 UMSI_SYSREG(3, 0, 12, 12, 7)
#define WAKER       0x14u

static void on_breach(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "umsi-bench: the model says: %s\n", line);
    exit(1);
}

/* A kernel reads a register or a per-CPU word for this; the model's own is for more than that. */
static umsi_cpu self(void *ctx)
{
    (void)ctx;
    return bench_cpu;
}

static void write32(struct bench_machine *x, volatile void *base, uint32_t offset, uint32_t value)
{
    x->port.mmio_write32(x->port.ctx, (volatile char *)base + offset, value);
}

static void cpu_online(struct bench_machine *x, umsi_cpu cpu)
{
    uint64_t phys;
    volatile void *rd = model_gicr_of(x->m, cpu, &phys);
    model_set_cpu(x->m, cpu);
    bench_cpu = cpu;
    write32(x, rd, WAKER, 0);
    model_pass(x->m, 10000);
    x->port.sysreg_write(x->port.ctx, ICC_SRE, 7);
    x->port.sysreg_write(x->port.ctx, ICC_PMR, 0xf0);
    x->port.sysreg_write(x->port.ctx, ICC_IGRPEN1, 1);
    must(umsi_lpi_cpu_online(x->lpi, cpu, rd, phys));
}

void bench_machine_open(struct bench_machine *x, uint32_t nr_cpus)
{
    const struct model_config config = { .nr_cpus = nr_cpus,
                                         .nr_its = 1,
                                         .id_bits = 20,
                                         .memory_bytes = (size_t)512 << 20,
                                         .on_breach = on_breach };
    bench_must(model_create(&config, &x->m) ? UMSI_OK : UMSI_NOMEM, "the model");
    x->port = *model_port(x->m);
    x->port.cpu_self = self;
    must(umsi_create(&x->port, &x->u));
    write32(x, model_gicd(x->m), 0, 0x12); /* GICD_CTLR: affinity routing, Group 1 */
    must(umsi_lpi_create(
        x->u, &(struct umsi_lpi_config){ .gicd = model_gicd(x->m), .lpi_bits = 18 }, &x->lpi));
    for (umsi_cpu cpu = nr_cpus; cpu-- > 0;) {
        cpu_online(x, cpu);
    }
}

void bench_machine_add_its(struct bench_machine *x)
{
    must(umsi_its_create(x->lpi,
                         &(struct umsi_its_config){ .base = model_its_base(x->m, 0),
                                                    .phys = model_its_phys(x->m, 0) },
                         &x->its));
}

void bench_machine_start(struct bench_machine *x, uint32_t nr_cpus)
{
    bench_machine_open(x, nr_cpus);
    bench_machine_add_its(x);
}

void bench_machine_stop(struct bench_machine *x)
{
    if (x->its != NULL) {
        must(umsi_its_destroy(x->its));
    }
    must(umsi_lpi_destroy(x->lpi));
    must(umsi_destroy(x->u));
    model_destroy(x->m);
    *x = (struct bench_machine){ 0 };
}

static void write_nowhere(void *handle, uint32_t index, const struct umsi_message *message)
{
    (void)handle;
    (void)index;
    (void)message;
}

struct umsi_msi_device *bench_machine_devices(struct bench_machine *x, uint32_t n, uint32_t each)
{
    struct umsi_msi_device *dev = calloc(n, sizeof(*dev));
    bench_must(dev == NULL ? UMSI_NOMEM : UMSI_OK, "memory of the benchmark");
    for (uint32_t i = 0; i < n; i++) {
        must(umsi_msi_attach(umsi_its_parent(x->its),
                             &(struct umsi_msi_config){ .name = "device",
                                                        .device_id = i,
                                                        .nr_events = each,
                                                        .write_message = write_nowhere },
                             &dev[i]));
        must(umsi_msi_alloc(&dev[i], 0, each));
    }
    return dev;
}
