/* SPDX-License-Identifier: MIT */
/* The checks, by what they look at. Each judges an item against the world, then gives it its effect. */
#ifndef AUDIT_JUDGE_H
#define AUDIT_JUDGE_H

#include "finding.h"

/* device.c */
void judge_mapd(struct audit *a, struct audit_its *its, const struct audit_item *i);
void judge_device_end(struct audit *a, struct audit_device *d);

/* event.c */
void judge_mapti(struct audit *a, struct audit_its *its, const struct audit_item *i);
void judge_event(struct audit *a, struct audit_its *its, const struct audit_item *i);
void judge_message(struct audit *a, struct audit_its *its, const struct audit_item *i);

/* collection.c */
void judge_mapc(struct audit *a, struct audit_its *its, const struct audit_item *i);
void judge_invall(struct audit *a, struct audit_its *its, const struct audit_item *i);
void judge_movall(struct audit *a, struct audit_its *its, const struct audit_item *i);
void judge_sync(struct audit *a, struct audit_its *its, const struct audit_item *i);
/* May an event go to this collection? */
void judge_target(struct audit *a, struct audit_its *its, struct audit_device *d,
                  const struct audit_item *i);

/* virtual.c */
void judge_virtual(struct audit *a, struct audit_its *its, const struct audit_item *i);

/* its_registers.c, rd_registers.c */
void judge_its_write(struct audit *a, struct audit_its *its, const struct audit_item *i);
void judge_its_read(struct audit *a, struct audit_its *its, const struct audit_item *i);
void judge_rd_write(struct audit *a, const struct audit_item *i);
void judge_rd_read(struct audit *a, const struct audit_item *i);
/* A register of 64 bits, accessed whole or by halves. */
uint64_t audit_merge(uint64_t was, const struct audit_item *i);

/* record.c */
void judge_record(struct audit *a, struct audit_its *its, const struct audit_item *i);
void judge_recorded_command(struct audit *a, struct audit_its *its, const struct audit_item *i);
/* Before DISCARD, MOVI, INV, ... of an event, after its MAPTI: its redistributor wants a SYNC. */
void judge_touch(struct audit *a, const struct audit_event *e, const struct audit_item *i);
/* MAPTI of a device that was not prepared. */
void judge_prepared(struct audit *a, struct audit_device *d, const struct audit_item *i);
void judge_records_end(struct audit *a);

/* reset.c */
void judge_reset(struct audit *a, struct audit_its *its, uint64_t before, uint64_t line,
                 const char *how);
/* The collection that was mapped first is mapped again: perhaps the guest started anew. */
void judge_suspect(struct audit *a, struct audit_its *its, const struct audit_item *i);
/* Before a command about a device: it shows whether that is so. */
void judge_suspicion(struct audit *a, struct audit_its *its, const struct audit_item *i);

/* The first sight of something, in a trace that began after it was mapped. */
bool judge_unknown(const struct audit *a, const struct audit_device *d);

#endif /* AUDIT_JUDGE_H */
