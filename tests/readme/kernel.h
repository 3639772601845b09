/* SPDX-License-Identifier: MIT */
/* Stands for the reader's own kernel in the snippets of README.md and docs/PORTING.md: dev/check-readme
 * compiles each snippet after this. */
#ifndef README_KERNEL_H
#define README_KERNEL_H

#include <umsi/chip/gicv3.h>
#include <umsi/chip/its.h>
#include <umsi/fw/fdt.h>
#include <umsi/irq.h>
#include <umsi/msi.h>
#include <umsi/pci.h>

/* A driver's things. */
struct my_queue {
    int reaped;
};
struct my_dev {
    struct umsi_pci msi;
    struct my_queue queue[16];
    uint32_t nr_cpus;
};
void my_queue_reap(struct my_queue *q);

/* A kernel's things. */
struct my_pci_device {
    struct umsi_pci msi;
    const char *name;
    uint16_t bdf;
};
extern const struct umsi_port my_port;
extern const struct umsi_pci_ops my_pci_ops;
extern const struct umsi_platform_ops my_platform_ops;
extern struct umsi *my_umsi;
extern struct umsi_lpi *my_lpi;
extern struct umsi_its *my_its;
extern volatile void *my_its_va;
extern umsi_phys my_its_phys;
extern const void *my_dtb;
extern size_t my_dtb_size;

uint32_t my_read_iar(void);
void my_write_eoir(uint32_t intid);
void my_dispatch(uint32_t intid);
void my_call_handlers(umsi_virq virq);
volatile void *my_redistributor(umsi_cpu cpu, umsi_phys *out_phys);
uint32_t my_device_id(const struct my_pci_device *dev);

void my_dma_write_message(void *handle, uint32_t index, const struct umsi_message *m);

#endif /* README_KERNEL_H */
