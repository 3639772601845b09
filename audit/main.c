/* SPDX-License-Identifier: MIT */
/* umsi-audit: the command line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "main.h"

static const char usage[] =
    "Usage: umsi-audit [OPTION...] TRACE...\n"
    "       umsi-audit run [OPTION...] -- qemu-system-aarch64 ARGUMENT...\n"
    "       umsi-audit compare [OPTION...] TRACE TRACE\n"
    "       umsi-audit explain [LAW...]\n"
    "\n"
    "Judges what a kernel did to its GICv3 ITS by the laws of docs/LAWS.md. TRACE is a log of\n"
    "  qemu-system-aarch64 ... -trace 'gicv3_its_*' -trace 'gicv3_redist_*' -D FILE\n"
    "(gicv3_its_cmd_* is the least), or umsi's own trace records; plain, gzip or xz; - for standard input.\n"
    "\n"
    "  --level LEVEL     show and count findings from error, contract (the default) or strict on\n"
    "  --shutdown        the kernel shut down in the trace: nothing may be left mapped (L56)\n"
    "  --keeps-devices   the kernel keeps a device mapped until its driver is gone: one left mapped with\n"
    "                    no event is no leak\n"
    "  --guest-errors    every line that is no trace event is a complaint of QEMU's (-d guest_errors -D FILE)\n"
    "  --most N          keep N findings per law (20); the rest is counted\n"
    "  --json FILE       write JSON, JUnit XML, or a page to FILE; - for standard output\n"
    "  --junit FILE\n"
    "  --html FILE\n"
    "  -q, --quiet       findings and the verdict only\n"
    "  -v, --verbose     every device in the economy\n"
    "  --colour WHEN     auto (the default), always or never\n"
    "  --version, -h, --help\n"
    "\n"
    "Exit status: 0 clean, 1 breaches, 2 a trace could not be read or the command line is wrong.\n";

static void wrong(const char *what, const char *which)
{
    fprintf(stderr, "umsi-audit: %s%s\n", what, which);
    fprintf(stderr, "umsi-audit --help says more.\n");
    exit(2);
}

static const char *value(int argc, char **argv, int *at)
{
    if (*at + 1 >= argc) {
        wrong("a value is missing behind ", argv[*at]);
    }
    return argv[++*at];
}

static bool colour(const char *when)
{
    if (strcmp(when, "always") == 0) {
        return true;
    }
    if (strcmp(when, "never") == 0) {
        return false;
    }
    if (strcmp(when, "auto") != 0) {
        wrong("auto, always or never, not ", when);
    }
    const char *none = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && (none == NULL || none[0] == '\0') &&
           (term == NULL || strcmp(term, "dumb") != 0);
}

static enum audit_level level(const char *name)
{
    for (unsigned n = AUDIT_STRICT; n <= AUDIT_ERROR; n++) {
        if (strcmp(name, audit_level_name((enum audit_level)n)) == 0) {
            return (enum audit_level)n;
        }
    }
    wrong("error, contract or strict, not ", name);
    return AUDIT_ERROR;
}

static uint32_t number(const char *text)
{
    char *end;
    errno = 0;
    unsigned long v = strtoul(text, &end, 10);
    if (*text == '\0' || *end != '\0' || errno != 0 || v > 1000000) {
        wrong("no number up to 1000000: ", text);
    }
    return (uint32_t)v;
}

static bool flag(struct audit_plan *p, const char *name)
{
    bool *flags[] = { &p->options.shutdown, &p->options.keeps_devices, &p->options.guest_errors,
                      &p->style.quiet,      &p->style.quiet,           &p->style.verbose,
                      &p->style.verbose };
    static const char *const names[] = { "--shutdown", "--keeps-devices", "--guest-errors",
                                         "-q",         "--quiet",         "-v",
                                         "--verbose" };
    for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
        if (strcmp(name, names[n]) == 0) {
            *flags[n] = true;
            return true;
        }
    }
    return false;
}

static void option(struct audit_plan *p, int argc, char **argv, int *at)
{
    const char *name = argv[*at];
    if (flag(p, name)) {
        return;
    }
    if (strcmp(name, "--level") == 0) {
        p->style.level = level(value(argc, argv, at));
    } else if (strcmp(name, "--most") == 0) {
        p->options.most = number(value(argc, argv, at));
    } else if (strcmp(name, "--json") == 0) {
        p->json = value(argc, argv, at);
    } else if (strcmp(name, "--junit") == 0) {
        p->junit = value(argc, argv, at);
    } else if (strcmp(name, "--html") == 0) {
        p->html = value(argc, argv, at);
    } else if (strcmp(name, "--colour") == 0 || strcmp(name, "--color") == 0) {
        p->style.colour = colour(value(argc, argv, at));
    } else {
        wrong("no option ", name);
    }
}

/* Options, and what is none: traces. Returns where "--" ends them, or argc. */
static int parse(struct audit_plan *p, int argc, char **argv, int at)
{
    for (; at < argc; at++) {
        if (strcmp(argv[at], "--") == 0) {
            return at + 1;
        }
        if (argv[at][0] == '-' && argv[at][1] != '\0') {
            option(p, argc, argv, &at);
        } else {
            p->trace[p->nr_traces++] = argv[at];
        }
    }
    return argc;
}

static int judge(struct audit_plan *p, int argc, char **argv)
{
    int rest = parse(p, argc, argv, 1);
    while (rest < argc) {
        p->trace[p->nr_traces++] = argv[rest++];
    }
    if (p->nr_traces == 0) {
        wrong("no trace is named", "");
    }
    return audit_files(p);
}

static int compare(struct audit_plan *p, int argc, char **argv)
{
    parse(p, argc, argv, 2);
    if (p->nr_traces != 2) {
        wrong("compare takes two traces", "");
    }
    return audit_two(p);
}

static int run(struct audit_plan *p, int argc, char **argv)
{
    int rest = parse(p, argc, argv, 2);
    if (rest >= argc || p->nr_traces != 0) {
        wrong("run takes QEMU's command line behind --", "");
    }
    return audit_run(p, argv + rest);
}

int main(int argc, char **argv)
{
    struct audit_plan p = { .options = { .most = 20 }, .style = { .level = AUDIT_CONTRACT } };
    const char *first = argc > 1 ? argv[1] : "--help";
    int status;
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) {
        fputs(usage, argc > 1 ? stdout : stderr);
        return argc > 1 ? 0 : 2;
    }
    if (strcmp(first, "--version") == 0) {
        puts("umsi-audit " AUDIT_VERSION);
        return 0;
    }
    p.style.colour = colour("auto");
    p.trace = audit_alloc((size_t)argc * sizeof(*p.trace));
    if (strcmp(first, "explain") == 0) {
        status = audit_explain(stdout, argc - 2, argv + 2);
    } else if (strcmp(first, "compare") == 0) {
        status = compare(&p, argc, argv);
    } else if (strcmp(first, "run") == 0) {
        status = run(&p, argc, argv);
    } else {
        status = judge(&p, argc, argv);
    }
    free(p.trace);
    return status;
}
