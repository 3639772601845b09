/* SPDX-License-Identifier: MIT */
/*
 * A long trace, as QEMU would log it of a kernel that keeps the laws: devices come and go, their vectors are mapped,
 * unmasked, moved and discarded. For dev/check-audit, which looks at what umsi-audit takes for it.
 *
 *   many COMMANDS [DEVICES [VECTORS]]
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define P      "gicv3_its_cmd_"
#define G      " GICv3 ITS: command "
#define ITT    UINT64_C(0x400000)
#define CPUS   8u
#define ROUNDS 3u /* of a life: from the first event to none */

static uint64_t left;

static int sent(void)
{
    left -= left != 0;
    return left != 0;
}

static int sync_all(void)
{
    puts(P "sync" G "SYNC");
    return sent();
}

static void collections(void)
{
    for (unsigned cpu = 0; cpu < CPUS; cpu++) {
        printf(P "mapc" G "MAPC ICID 0x%x RDbase 0x%x V 1\n", cpu, cpu);
        sent();
        sync_all();
        puts(P "invall" G "INVALL");
        sent();
        sync_all();
    }
}

static int vector(unsigned device, unsigned event, unsigned first)
{
    printf(P "mapti" G "MAPTI DeviceID 0x%x EventID 0x%x ICID 0x%x pINTID 0x%x\n", device, event,
           event % CPUS, first + event);
    if (!sent() || !sync_all()) {
        return 0;
    }
    printf(P "inv" G "INV DeviceID 0x%x EventID 0x%x\n", device, event);
    if (!sent() || !sync_all()) {
        return 0;
    }
    printf(P "movi" G "MOVI DeviceID 0x%x EventID 0x%x ICID 0x%x\n", device, event,
           (event + 1) % CPUS);
    return sent() && sync_all();
}

static int discard(unsigned device, unsigned event)
{
    printf(P "discard" G "DISCARD DeviceID 0x%x EventID 0x%x\n", device, event);
    return sent() && sync_all();
}

static void mapd(unsigned device, unsigned bits, unsigned valid)
{
    uint64_t itt = ITT + (uint64_t)device * (((uint64_t)16 << bits) / 256 + 1);
    printf(P "mapd" G "MAPD DeviceID 0x%x Size 0x%x ITT_addr 0x%llx V %u\n", device, bits - 1,
           (unsigned long long)itt, valid);
}

/* One step of the device with this turn: a whole round of one, so that the others stay mapped beside it. */
static int turn(unsigned device, unsigned round, unsigned vectors, unsigned bits)
{
    unsigned first = 8192 + device * vectors;
    int on = 1;
    if (round % ROUNDS == 0) {
        mapd(device, bits, 1);
        on = sent();
    }
    for (unsigned e = 0; e < vectors && on; e++) {
        on = vector(device, e, first);
    }
    for (unsigned e = 0; e < vectors && on; e++) {
        on = discard(device, e);
    }
    if (on && round % ROUNDS == ROUNDS - 1) {
        mapd(device, bits, 0);
        on = sent() && sync_all();
    }
    return on;
}

static unsigned long argument(int argc, char **argv, int n, unsigned long otherwise)
{
    return argc > n ? strtoul(argv[n], NULL, 0) : otherwise;
}

int main(int argc, char **argv)
{
    unsigned devices = (unsigned)argument(argc, argv, 2, 256),
             vectors = (unsigned)argument(argc, argv, 3, 64), bits = 1;
    left = argument(argc, argv, 1, 1000);
    while (1u << bits < vectors) {
        bits++;
    }
    collections();
    for (unsigned round = 0; left != 0; round++) {
        for (unsigned d = 0; d < devices && left != 0; d++) {
            if (!turn(d * 8, round, vectors, bits)) {
                return 0;
            }
        }
    }
    return 0;
}
