/* SPDX-License-Identifier: MIT */
/* For tests of the core: a device with four vectors, below a parent that does as it is told, and what it saw. */
#ifndef CORE_BENCH_H
#define CORE_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "mock_parent.h"
#include "test_port.h"

struct world {
    struct test_port t;
    struct umsi *u;
    struct mock_parent mock;
    struct umsi_msi_device dev;
    uint32_t runs, messages, masks, unmasks;
    umsi_virq virq;
    void (*in_handler)(struct world *w);
};

static inline void handler(void *arg)
{
    struct world *w = arg;
    w->runs++;
    if (w->in_handler != NULL) {
        void (*once)(struct world *) = w->in_handler;
        w->in_handler = NULL;
        once(w);
    }
}

static inline void write_message(void *handle, uint32_t index, const struct umsi_message *m)
{
    struct world *w = handle;
    assert_int_equal(m->data, index);
    assert_int_equal(m->address, MOCK_DOORBELL);
    w->messages++;
}

static inline void set_mask(void *handle, uint32_t index, bool masked)
{
    struct world *w = handle;
    (void)index;
    w->masks += masked;
    w->unmasks += !masked;
}

static inline void open_world(struct world *w, bool maskable)
{
    memset(w, 0, sizeof(*w));
    test_port_init(&w->t, 4);
    assert_int_equal(umsi_create(&w->t.port, &w->u), UMSI_OK);
    mock_parent_add(&w->mock, w->u, UMSI_DEVICE_MSI);
    const struct umsi_msi_config c = {
        .name = "dev",
        .handle = w,
        .device_id = 7,
        .nr_events = 8,
        .write_message = write_message,
        .set_mask = maskable ? set_mask : NULL,
    };
    assert_int_equal(umsi_msi_attach(&w->mock.msi, &c, &w->dev), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&w->dev, 0, 4), UMSI_OK);
    assert_int_equal(w->masks, maskable ? 4 : 0); /* before the messages are written */
    w->masks = 0;
    w->virq = umsi_msi_virq(&w->dev, 1);
    assert_int_not_equal(w->virq, UMSI_NO_VIRQ);
}

static inline void close_world(struct world *w)
{
    umsi_msi_detach(&w->dev);
    umsi_msi_detach(&w->dev); /* harmless */
    mock_parent_remove(&w->mock);
    assert_int_equal(umsi_destroy(w->u), UMSI_OK);
    test_port_check_empty(&w->t);
}

static inline void arrive(struct world *w, umsi_cpu cpu)
{
    struct umsi_irq_info info;
    umsi_cpu was = w->t.self;
    assert_int_equal(umsi_irq_get_info(w->u, w->virq, &info), UMSI_OK);
    w->t.self = cpu;
    assert_true(mock_parent_arrive(&w->mock, info.hwirq));
    w->t.self = was;
}

static inline struct umsi_irq_info info_of(struct world *w)
{
    struct umsi_irq_info info;
    assert_int_equal(umsi_irq_get_info(w->u, w->virq, &info), UMSI_OK);
    return info;
}

static inline void count_line(void *arg, const char *line)
{
    char *all = arg;
    strcat(all, line);
    strcat(all, "\n");
}

#endif /* CORE_BENCH_H */
