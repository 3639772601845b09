/* SPDX-License-Identifier: MIT */
/*
 * What a real kernel sent to its ITS, judged by the model: a log of QEMU's `-trace 'gicv3_its_cmd_*'` is run
 * on a machine of its own.
 *
 * The log has the commands only. The rest is added as far as it takes: LPIs enabled on every CPU, tables and a
 * queue given, the ITS enabled, memory where the log's ITTs are, each zeroed before it is mapped. Where the log
 * is silent the kernel is given the benefit of the doubt:
 *
 * - A SYNC names a redistributor that an earlier command concerns and that was not named since, the lowest first.
 * - An INVALL names the collection mapped last.
 * - The kernel waited for each command before the next one, as CREADR is not in the log, and MAPD has its
 *   full effect by then (`mapd_at_once`), as in the machine that wrote the log. MAPD V=0 without a SYNC, and the
 *   same memory mapped right after, are therefore no finding. Give an ITS of your own to be stricter.
 *
 * A DEVICE LEFT MAPPED AT THE END is live while it has events: the kernel was switched off with it in use. It is
 * live too if it never had one: it may be about to. It is a leak (L17) when it had events and has none: the
 * kernel's driver is done with it and nobody unmapped it. That holds for kernels that map a device with its first
 * vector; one that keeps devices mapped from attach to detach has to detach them before the log ends.
 */
#ifndef MODEL_REPLAY_H
#define MODEL_REPLAY_H

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

enum model_trace_line {
    MODEL_TRACE_OTHER,   /* not a command: another event, an empty line */
    MODEL_TRACE_COMMAND, /* *out is it; what QEMU does not print is 0 */
    MODEL_TRACE_BROKEN   /* a command that cannot be read, or one the model does not know (GICv4) */
};
/* One line, up to its end or a newline. What stands before the event's name, as a time, does not matter. */
enum model_trace_line model_trace_read(const char *line, struct model_command *out);

#define MODEL_REPLAY_MAX 64u

struct model_replay_finding {
    const char *law;
    uint32_t line;   /* of the log, from 1; of a leak: of the MAPD that nobody undid */
    uint32_t device; /* UINT32_MAX: not about one */
    char text[320];
};

/* A DeviceID that is mapped. */
struct model_replay_device {
    uint32_t device, line;       /* of its MAPD V=1 */
    uint32_t room;               /* EventIDs that MAPD made room for */
    uint32_t events, peak;       /* mapped now, and at most */
    uint32_t emptied;            /* how often its last event went */
    uint32_t emptied_first_line; /* 0: never */
    uint32_t emptied_last_line;
};

struct model_replay_report {
    uint32_t lines, commands;
    uint32_t nr_findings; /* may exceed what there is room for */
    struct model_replay_finding finding[MODEL_REPLAY_MAX];
    uint32_t nr_live;
    struct model_replay_device live[MODEL_REPLAY_MAX]; /* in use at the end, by line */
};

struct model_replay_config {
    uint32_t nr_cpus;                   /* 0: 2 */
    const struct model_its_config *its; /* NULL: one like QEMU's virt machine has */
};

/* `config` may be NULL. False: no machine could be made; ITTs farther apart than 1 GiB are one reason. */
bool model_replay(const struct model_replay_config *config, const char *log,
                  struct model_replay_report *out);

#ifdef __cplusplus
}
#endif
#endif /* MODEL_REPLAY_H */
