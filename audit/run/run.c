/* SPDX-License-Identifier: MIT */
/*
 * umsi-audit run: QEMU with tracing on, its log a pipe, audited as it comes. Each finding is told at once on standard
 * error. Whatever stops QEMU (the guest, SIGINT, SIGTERM) ends the trace; then comes the report.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../main.h"

static volatile sig_atomic_t child;

/* The terminal's SIGINT goes to QEMU by itself; what is sent to us alone goes on to it. */
static void pass_on(int number)
{
    if (child > 0) {
        kill((pid_t)child, number);
    }
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

static void tell(void *ctx, const struct audit_finding *f)
{
    const struct audit_plan *p = ctx;
    const struct audit_check_info *info = audit_check_info(f->check);
    char label[64];
    if (info->level >= p->style.level) {
        fprintf(stderr, "umsi-audit: %s %s: %s\n", audit_level_name(info->level),
                audit_check_label(f, label), f->what);
    }
}

/* QEMU's arguments with ours behind them: of several -D the last counts. */
static char **arguments(char **qemu, char *log)
{
    static char *const ours[] = { "-trace", "gicv3_its_*", "-trace", "gicv3_redist_*", "-D" };
    const size_t nr_ours = sizeof(ours) / sizeof(ours[0]);
    size_t n = 0;
    while (qemu[n] != NULL) {
        n++;
    }
    char **all = audit_alloc((n + nr_ours + 2) * sizeof(*all));
    memcpy(all, qemu, n * sizeof(*all));
    memcpy(all + n, ours, sizeof(ours));
    all[n + nr_ours] = log;
    return all;
}

static pid_t start(char **all, int out, int failed)
{
    pid_t pid = fork();
    if (pid != 0) {
        return pid;
    }
    handle(SIGINT, SIG_DFL);
    handle(SIGTERM, SIG_DFL);
    handle(SIGHUP, SIG_DFL);
    fcntl(out, F_SETFD, 0); /* QEMU opens it by its name in /dev/fd */
    execvp(all[0], all);
    int why = errno;
    if (write(failed, &why, sizeof(why)) != (ssize_t)sizeof(why)) {
        _exit(126);
    }
    _exit(127);
}

/* 0, or why it could not be started. */
static int start_error(int fd)
{
    int why = 0;
    ssize_t n;
    do {
        n = read(fd, &why, sizeof(why));
    } while (n < 0 && errno == EINTR);
    close(fd);
    return n == (ssize_t)sizeof(why) ? why : 0;
}

static int wait_for(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return status;
}

static void complain(int status)
{
    if (WIFSIGNALED(status)) {
        fprintf(stderr, "umsi-audit: QEMU was ended by signal %d\n", WTERMSIG(status));
    } else if (WIFEXITED(status) && WEXITSTATUS(status) != 0) {
        fprintf(stderr, "umsi-audit: QEMU ended with status %d\n", WEXITSTATUS(status));
    }
}

int audit_run(struct audit_plan *p, char **qemu)
{
    struct audit_result r;
    int log[2], failed[2];
    char name[32];
    p->options.found = tell;
    p->options.ctx = p;
    if (pipe(log) != 0 || pipe(failed) != 0) {
        fprintf(stderr, "umsi-audit: no pipe: %s\n", strerror(errno));
        return 2;
    }
    for (unsigned n = 0; n < 2; n++) {
        fcntl(log[n], F_SETFD, FD_CLOEXEC);
        fcntl(failed[n], F_SETFD, FD_CLOEXEC);
    }
    snprintf(name, sizeof(name), "/dev/fd/%d", log[1]);
    char **all = arguments(qemu, name);
    handle(SIGINT, SIG_IGN);
    handle(SIGTERM, pass_on);
    handle(SIGHUP, pass_on);
    pid_t pid = start(all, log[1], failed[1]);
    free(all);
    close(log[1]);
    close(failed[1]);
    child = (sig_atomic_t)pid;
    int why = pid < 0 ? errno : start_error(failed[0]);
    if (why != 0) {
        fprintf(stderr, "umsi-audit: %s: %s\n", qemu[0], strerror(why));
        return 2;
    }
    audit_one(p, audit_source_of(log[0]), qemu[0], &r);
    complain(wait_for(pid));
    int status = audit_tell(p, &r, 1);
    audit_free(&r.audit);
    return status;
}
