/* SPDX-License-Identifier: MIT */
/* Operations, each of which is going to fail in every place: OK, or an error and nothing done. */
#ifndef FAIL_OPS_H
#define FAIL_OPS_H

#include "world.h"

#define ON_ITS    (1u << TO_ITS)
#define ON_FRAMES (1u << TO_FRAME | 1u << TO_FRAME_OF_GICV3)
#define ON_FILES  (1u << TO_FILES)

struct op {
    const char *name; /* NULL: no operation, but the end of a list */
    void (*set_up)(struct world *w);
    enum umsi_status (*run)(struct world *w);
    /* Back to where run() started. NULL: there is no way back but the end of the world. */
    enum umsi_status (*undo)(struct world *w);
    uint32_t online;  /* CPUs; 0: all */
    bool cannot_fail; /* run() takes away: it always completes */
    bool bare;        /* set_up() starts from a machine without the library */
    uint32_t nr_its;  /* 0: 1 */
    bool redo;        /* an error leaves it half done, and it is to be called again */
    uint32_t only;    /* machines that have what it needs, a bit for each `where`; 0: all */
    bool last;        /* with no name: the end of the last list */
};

extern const struct op device_ops[], chip_ops[];

/* Those that can be done on such a machine: the first after NULL; after the last, NULL. */
const struct op *op_next(const struct op *last, enum where where);
/* What is live before an operation, and must not notice that it fails. */
void op_bystander(struct world *w);

#endif /* FAIL_OPS_H */
