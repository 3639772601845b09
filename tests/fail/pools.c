/* SPDX-License-Identifier: MIT */
/* All that the pools can give without another page, taken and held. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/core/pool.h"
#include "pools.h"

/* As src/core/pool.c has them. */
static const size_t class_size[] = { 16, 32, 48, 64, 96, 128, 192, 256, 288, 384, 512, 1024 };
_Static_assert(sizeof(class_size) / sizeof(class_size[0]) == POOL_CLASSES &&
                   POOL_CLASSES == UMSI_POOL_CLASSES,
               "another class of objects");

static void hold(struct pools *p, uint32_t class, void *object)
{
    assert_true(p->n[class] < 600);
    p->held[class][p->n[class]++] = object;
}

static void take_all(struct pools *p, struct model *m, uint32_t class)
{
    void *object;
    model_fail_at(m, MODEL_FAIL_ALLOC, 1);
    while ((object = umsi_alloc(p->u, class_size[class])) != NULL) {
        hold(p, class, object);
    }
    model_fail_at(m, MODEL_FAIL_ALLOC, 0);
}

void pools_squeeze(struct pools *p, struct umsi *u, struct model *m, uint32_t spare)
{
    p->u = u;
    for (uint32_t class = 0; class < POOL_CLASSES; class ++) {
        take_all(p, m, class);
        if (spare > 0) {
            hold(p, class, umsi_alloc(u, class_size[class]));
            take_all(p, m, class);
        }
        for (uint32_t i = 0; i < spare && p->n[class] > 1; i++) {
            umsi_free(u, p->held[class][--p->n[class]], class_size[class]);
        }
    }
}

void pools_let_go(struct pools *p)
{
    for (uint32_t class = 0; p->u != NULL && class < POOL_CLASSES; class ++) {
        while (p->n[class] > 0) {
            umsi_free(p->u, p->held[class][--p->n[class]], class_size[class]);
        }
    }
}
