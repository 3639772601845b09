/* SPDX-License-Identifier: MIT */
/*
 * QEMU's process, and the qtest protocol: a line "readl ADDRESS" or "writel ADDRESS VALUE" is answered by a line
 * "OK [VALUE]".
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "qtest.h"

#define SLEEP_PHYS    0x40200000ull
#define START_MS      20000
#define MAX_ARGUMENTS 96u

uint8_t *qtest_ram;

static char folder[] = "/tmp/umsi-qtest.XXXXXX";
static pid_t child = -1;
static FILE *to, *from;

static void clean_up(void)
{
    static const char *const names[] = { "socket", "ram", "sleep.bin" };
    for (unsigned i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

static _Noreturn void die(const char *what)
{
    perror(what);
    if (child > 0) {
        (void)kill(child, SIGKILL);
    }
    clean_up();
    exit(1);
}

static const char *in_folder(const char *name)
{
    static char path[4][64];
    static unsigned next;
    char *p = path[next++ % 4];
    snprintf(p, 64, "%s/%s", folder, name);
    return p;
}

/* ---- what QEMU is given ---- */

static void make_ram(void)
{
    int fd = open(in_folder("ram"), O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd < 0 || ftruncate(fd, (off_t)QTEST_RAM_BYTES) != 0) {
        die("guest memory");
    }
    qtest_ram = mmap(NULL, QTEST_RAM_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    if (qtest_ram == MAP_FAILED) {
        die("guest memory");
    }
}

/* wfi; b .-4. Interrupts are masked from reset, and nobody unmasks them. */
static void make_sleep(void)
{
    static const uint8_t code[] = { 0x7f, 0x20, 0x03, 0xd5, 0xff, 0xff, 0xff, 0x17 };
    FILE *f = fopen(in_folder("sleep.bin"), "w");
    if (f == NULL || fwrite(code, sizeof(code), 1, f) != 1 || fclose(f) != 0) {
        die("sleep.bin");
    }
}

static int listen_here(void)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(at.sun_path, sizeof(at.sun_path), "%s", in_folder("socket"));
    if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 1) != 0) {
        die("socket");
    }
    return fd;
}

static _Noreturn void become_qemu(const char *qemu, const char *trace, const char *const *more)
{
    char qtest[80], backend[160], loader[120],
        machine[] = "virt,gic-version=3,its=on,memory-backend=ram";
    const char *argv[MAX_ARGUMENTS] = { qemu,         "-nodefaults",
                                        "-display",   "none",
                                        "-M",         machine,
                                        "-cpu",       "cortex-a72",
                                        "-smp",       "2",
                                        "-m",         "256M",
                                        "-qtest",     qtest,
                                        "-qtest-log", "/dev/null",
                                        "-object",    backend,
                                        "-device",    loader,
                                        "-trace",     "gicv3_its_cmd_*",
                                        "-d",         "guest_errors",
                                        "-D",         trace };
    unsigned n = 26;
    snprintf(qtest, sizeof(qtest), "unix:%s", in_folder("socket"));
    snprintf(backend, sizeof(backend), "memory-backend-file,id=ram,size=256M,share=on,mem-path=%s",
             in_folder("ram"));
    snprintf(loader, sizeof(loader), "loader,file=%s,addr=%#llx,cpu-num=0,force-raw=on",
             in_folder("sleep.bin"), SLEEP_PHYS);
    while (*more != NULL && n < MAX_ARGUMENTS - 1) {
        argv[n++] = *more++;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)execvp(qemu, (char *const *)argv);
    perror(qemu);
    _exit(127);
}

void qtest_start(const char *qemu, const char *trace, const char *const *arguments)
{
    if (mkdtemp(folder) == NULL) {
        die(folder);
    }
    make_ram();
    make_sleep();
    int fd = listen_here();
    child = fork();
    if (child == 0) {
        become_qemu(qemu, trace, arguments);
    }
    struct pollfd p = { .fd = fd, .events = POLLIN };
    if (child < 0 || poll(&p, 1, START_MS) != 1) {
        die("QEMU does not answer");
    }
    int talk = accept(fd, NULL, NULL);
    (void)close(fd);
    to = talk < 0 ? NULL : fdopen(talk, "w");
    from = talk < 0 ? NULL : fdopen(dup(talk), "r");
    if (to == NULL || from == NULL) {
        die("QEMU does not answer");
    }
    (void)qtest_read(QTEST_RAM_PHYS, 4); /* it answers when all its devices are there */
    clean_up();                          /* both have all of it open */
}

bool qtest_stop(void)
{
    int status = 0;
    if (waitpid(child, &status, WNOHANG) != 0) {
        return false;
    }
    (void)kill(child, SIGTERM);
    (void)waitpid(child, &status, 0);
    (void)fclose(to);
    (void)fclose(from);
    (void)munmap(qtest_ram, QTEST_RAM_BYTES);
    child = -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* ---- accesses ---- */

static char suffix(unsigned width)
{
    return width == 1 ? 'b' : width == 2 ? 'w' : width == 4 ? 'l' : 'q';
}

static uint64_t answer(void)
{
    char line[128];
    if (fflush(to) != 0 || fgets(line, sizeof(line), from) == NULL) {
        die("QEMU has gone");
    }
    if (strncmp(line, "OK", 2) != 0) {
        fprintf(stderr, "qtest: %s", line);
        die("qtest");
    }
    return line[2] == ' ' ? strtoull(line + 3, NULL, 0) : 0;
}

uint64_t qtest_read(uint64_t phys, unsigned width)
{
    fprintf(to, "read%c 0x%" PRIx64 "\n", suffix(width), phys);
    return answer();
}

void qtest_write(uint64_t phys, unsigned width, uint64_t value)
{
    fprintf(to, "write%c 0x%" PRIx64 " 0x%" PRIx64 "\n", suffix(width), phys, value);
    (void)answer();
}

/* ---- pages of RAM ---- */

#define PAGE 4096u
#define FIRST_PAGE                                                                                 \
    (((size_t)64 << 20) / PAGE) /* below it: QEMU's devicetree, and the sleeping CPU */
#define NR_PAGES (QTEST_RAM_BYTES / PAGE)

static bool taken[NR_PAGES];
static size_t in_use;

static bool is_free(size_t first, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (taken[first + i]) {
            return false;
        }
    }
    return true;
}

void *qtest_ram_get(size_t size, size_t align, uint64_t *out_phys)
{
    size_t n = (size + PAGE - 1) / PAGE, step = align > PAGE ? align / PAGE : 1;
    for (size_t first = FIRST_PAGE; first + n <= NR_PAGES; first += step) {
        if (is_free(first, n)) {
            memset(taken + first, true, n);
            memset(qtest_ram + first * PAGE, 0, n * PAGE);
            in_use += n * PAGE;
            *out_phys = QTEST_RAM_PHYS + first * PAGE;
            return qtest_ram + first * PAGE;
        }
    }
    return NULL;
}

void qtest_ram_put(void *va, size_t size)
{
    size_t first = (size_t)((uint8_t *)va - qtest_ram) / PAGE, n = (size + PAGE - 1) / PAGE;
    memset(taken + first, false, n);
    in_use -= n * PAGE;
}

size_t qtest_ram_in_use(void)
{
    return in_use;
}
