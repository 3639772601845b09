// SPDX-License-Identifier: GPL-2.0
/*
 * The workload of umsi's benchmarks on Linux's interrupt core: a mock MSI parent of two levels, platform devices
 * with an MSI domain each, vectors allocated, freed, dispatched. Built into a user-mode Linux by dev/bench-linux,
 * measured at boot, results as lines `umsi-bench: CASE | METRIC | ns | VALUE`, then it powers off.
 *
 * This file is for Linux, under Linux's licence; nothing of it is part of the library.
 */
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/msi.h>
#include <linux/platform_device.h>
#include <linux/random.h>
#include <linux/reboot.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>

#define NUMBERS	(65536 * 16)
#define ROUNDS	9

/* User-mode Linux knows its few interrupts; with SPARSE_IRQ it must say so. */
int __init arch_probe_nr_irqs(void)
{
	return NR_IRQS;
}

static struct irq_domain *numbers, *parent;
static u32 *next_free, first_free;

/* ---- a root of numbers, and an MSI parent on it ---- */

static void chip_nothing(struct irq_data *d)
{
}

static struct irq_chip numbers_chip = {
	.name = "numbers",
	.irq_mask = chip_nothing,
	.irq_unmask = chip_nothing,
	.irq_eoi = chip_nothing,
};

static int numbers_alloc(struct irq_domain *d, unsigned int virq, unsigned int nr, void *arg)
{
	u32 *hwirq = arg;

	irq_domain_set_info(d, virq, *hwirq, &numbers_chip, NULL, handle_fasteoi_irq, NULL, NULL);
	return 0;
}

static void numbers_free(struct irq_domain *d, unsigned int virq, unsigned int nr)
{
	irq_domain_reset_irq_data(irq_domain_get_irq_data(d, virq));
}

static const struct irq_domain_ops numbers_ops = { .alloc = numbers_alloc, .free = numbers_free };

static void parent_compose(struct irq_data *d, struct msi_msg *msg)
{
	msg->address_lo = 0x8090040;
	msg->address_hi = 0;
	msg->data = d->hwirq;
}

static struct irq_chip parent_chip = {
	.name = "mock",
	.irq_mask = irq_chip_mask_parent,
	.irq_unmask = irq_chip_unmask_parent,
	.irq_eoi = irq_chip_eoi_parent,
	.irq_compose_msi_msg = parent_compose,
};

static int parent_alloc(struct irq_domain *d, unsigned int virq, unsigned int nr, void *arg)
{
	msi_alloc_info_t *info = arg;
	u32 number = first_free;
	int ret = irq_domain_alloc_irqs_parent(d, virq, nr, &number);

	if (ret)
		return ret;
	first_free = next_free[number];
	return irq_domain_set_hwirq_and_chip(d, virq, info->hwirq, &parent_chip, NULL);
}

static void parent_free(struct irq_domain *d, unsigned int virq, unsigned int nr)
{
	u32 number = irq_domain_get_irq_data(numbers, virq)->hwirq;

	irq_domain_reset_irq_data(irq_domain_get_irq_data(d, virq));
	irq_domain_free_irqs_parent(d, virq, nr);
	next_free[number] = first_free;
	first_free = number;
}

static const struct irq_domain_ops parent_ops = { .alloc = parent_alloc, .free = parent_free };

static int parent_prepare(struct irq_domain *d, struct device *dev, int nvec, msi_alloc_info_t *info)
{
	memset(info, 0, sizeof(*info));
	return 0;
}

static bool init_dev_info(struct device *dev, struct irq_domain *d, struct irq_domain *real,
			  struct msi_domain_info *info)
{
	info->ops->msi_prepare = parent_prepare;
	return true;
}

static const struct msi_parent_ops msi_parent = {
	.supported_flags = MSI_GENERIC_FLAGS_MASK | MSI_FLAG_PCI_MSIX,
	.prefix = "mock-",
	.init_dev_msi_info = init_dev_info,
};

static int __init make_parents(void)
{
	struct fwnode_handle *low = irq_domain_alloc_named_fwnode("numbers");
	struct fwnode_handle *high = irq_domain_alloc_named_fwnode("mock");
	u32 i;

	next_free = vmalloc_array(NUMBERS, sizeof(*next_free));
	if (!next_free)
		return -ENOMEM;
	for (i = 0; i < NUMBERS; i++)
		next_free[i] = i + 1;
	numbers = irq_domain_create_tree(low, &numbers_ops, NULL);
	parent = numbers ? irq_domain_create_hierarchy(numbers, 0, 0, high, &parent_ops, NULL) : NULL;
	if (!parent)
		return -ENOMEM;
	parent->flags |= IRQ_DOMAIN_FLAG_MSI_PARENT;
	parent->msi_parent_ops = &msi_parent;
	return 0;
}

/* ---- devices ---- */

static void write_nowhere(struct irq_data *d, struct msi_msg *msg)
{
}

static void set_desc(msi_alloc_info_t *arg, struct msi_desc *desc)
{
	arg->desc = desc;
	arg->hwirq = desc->msi_index;
}

static const struct msi_domain_template template = {
	.chip = {
		.name = "device",
		.irq_mask = irq_chip_mask_parent,
		.irq_unmask = irq_chip_unmask_parent,
		.irq_eoi = irq_chip_eoi_parent,
		.irq_write_msi_msg = write_nowhere,
	},
	.ops = { .set_desc = set_desc },
	.info = {
		.bus_token = DOMAIN_BUS_DEVICE_MSI,
		.flags = MSI_FLAG_USE_DEF_DOM_OPS | MSI_FLAG_USE_DEF_CHIP_OPS |
			 MSI_FLAG_ALLOC_SIMPLE_MSI_DESCS | MSI_FLAG_FREE_MSI_DESCS |
			 MSI_FLAG_ACTIVATE_EARLY,
	},
};

static struct platform_device *make_device(int id, u32 events)
{
	struct platform_device *p = platform_device_register_simple("bench", id, NULL, 0);

	if (IS_ERR(p))
		panic("umsi-bench: no device %d", id);
	dev_set_msi_domain(&p->dev, parent);
	if (!msi_create_device_irq_domain(&p->dev, MSI_DEFAULT_DOMAIN, &template, events, NULL, NULL))
		panic("umsi-bench: no domain for device %d", id);
	return p;
}

static void drop_device(struct platform_device *p)
{
	msi_remove_device_irq_domain(&p->dev, MSI_DEFAULT_DOMAIN);
	platform_device_unregister(p);
}

/* ---- measuring ---- */

static int by_value(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* Samples are ns in all; the median, in hundredths of a ns for each operation. */
static void tell(const char *name, const char *metric, u64 *sample, u64 ops)
{
	u64 each;

	sort(sample, ROUNDS, sizeof(*sample), by_value, NULL);
	each = div64_u64(sample[ROUNDS / 2] * 100, ops);
	pr_info("umsi-bench: %s | %s | ns | %llu.%02llu\n", name, metric, each / 100, each % 100);
}

static void run_vectors(const char *name, u32 devices, u32 each)
{
	struct platform_device **dev = vmalloc_array(devices, sizeof(*dev));
	u64 alloc[ROUNDS], release[ROUNDS], t;
	long pages = global_zone_page_state(NR_FREE_PAGES), held = 0;
	u32 round, i;

	for (i = 0; i < devices; i++)
		dev[i] = make_device(i, each);
	pages = global_zone_page_state(NR_FREE_PAGES);
	for (round = 0; round < ROUNDS; round++) {
		t = ktime_get_ns();
		for (i = 0; i < devices; i++)
			if (msi_domain_alloc_irqs_range(&dev[i]->dev, MSI_DEFAULT_DOMAIN, 0, each - 1))
				panic("umsi-bench: no vectors for device %u", i);
		alloc[round] = ktime_get_ns() - t;
		if (!round)
			held = pages - (long)global_zone_page_state(NR_FREE_PAGES);
		t = ktime_get_ns();
		for (i = 0; i < devices; i++)
			msi_domain_free_irqs_range(&dev[i]->dev, MSI_DEFAULT_DOMAIN, 0, each - 1);
		release[round] = ktime_get_ns() - t;
	}
	for (i = 0; i < devices; i++)
		drop_device(dev[i]);
	vfree(dev);
	tell(name, "allocate a vector", alloc, (u64)devices * each);
	tell(name, "free a vector", release, (u64)devices * each);
	pr_info("umsi-bench: %s | memory per vector | bytes | %lu.00\n", name,
		held * PAGE_SIZE / devices / each);
}

static u32 runs;

static irqreturn_t handler(int irq, void *arg)
{
	++*(volatile u32 *)arg;
	return IRQ_HANDLED;
}

static void dispatch(const u32 *hwirq, u32 n, u32 step, u64 *sample)
{
	u32 i, before = runs;
	u64 t;

	local_irq_disable();
	irq_enter();
	t = ktime_get_ns();
	for (i = 0; i < n; i++)
		generic_handle_domain_irq(numbers, hwirq[i * step]);
	*sample = ktime_get_ns() - t;
	irq_exit();
	local_irq_enable();
	if (runs - before != n)
		panic("umsi-bench: a dispatch did not run its handler");
}

#define EACH	2048
#define DEVICES	49
#define ALL	(EACH * DEVICES)
#define HOT	1000000

static void run_dispatch(void)
{
	struct platform_device *dev[DEVICES];
	u32 *hwirq = vmalloc_array(ALL, sizeof(*hwirq)), i, k, round;
	u64 hot[ROUNDS], random[ROUNDS];

	for (i = 0; i < DEVICES; i++) {
		dev[i] = make_device(i, EACH);
		if (msi_domain_alloc_irqs_range(&dev[i]->dev, MSI_DEFAULT_DOMAIN, 0, EACH - 1))
			panic("umsi-bench: no vectors to dispatch");
	}
	for (i = 0; i < ALL; i++) {
		int virq = msi_get_virq(&dev[i / EACH]->dev, i % EACH);

		if (request_irq(virq, handler, 0, "bench", &runs))
			panic("umsi-bench: no handler");
		hwirq[i] = irq_domain_get_irq_data(numbers, virq)->hwirq;
	}
	for (round = 0; round < ROUNDS; round++)
		dispatch(&hwirq[ALL / 2], HOT, 0, &hot[round]);
	for (i = ALL - 1; i > 0; i--) {
		k = get_random_u32_below(i + 1);
		swap(hwirq[i], hwirq[k]);
	}
	for (round = 0; round < ROUNDS; round++)
		dispatch(hwirq, ALL, 1, &random[round]);
	tell("dispatch-hot", "dispatch one vector, hot", hot, HOT);
	tell("dispatch-random", "dispatch 100,352 vectors at random", random, ALL);
	for (i = 0; i < ALL; i++)
		free_irq(msi_get_virq(&dev[i / EACH]->dev, i % EACH), &runs);
	for (i = 0; i < DEVICES; i++) {
		msi_domain_free_irqs_range(&dev[i]->dev, MSI_DEFAULT_DOMAIN, 0, EACH - 1);
		drop_device(dev[i]);
	}
	vfree(hwirq);
}

static int __init umsi_bench(void)
{
	if (make_parents())
		panic("umsi-bench: no memory");
	run_vectors("vectors-64x32", 64, 32);
	run_vectors("vectors-256x64", 256, 64);
	run_vectors("vectors-4096x16", 4096, 16);
	run_dispatch();
	pr_info("umsi-bench: end\n");
	kernel_power_off();
	return 0;
}
late_initcall(umsi_bench);
