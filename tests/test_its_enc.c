/* SPDX-License-Identifier: MIT */
/*
 * ITS commands against doublewords worked out by hand from the figures of IHI0069 5.3. Every field is given a
 * value that would show if it were shifted, cut, or put into another field's place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "chip/its/its_enc.h"

static const struct its_devid device = { 0x89abcdef };
static const struct its_eventid event = { 0x12345678 };
static const struct its_intid intid = { 0x00fedcba };
static const struct its_icid icid = { 0xa5c3 };

static void expect(struct its_command c, uint64_t dw0, uint64_t dw1, uint64_t dw2)
{
    assert_true(c.dw[0] == dw0);
    assert_true(c.dw[1] == dw1);
    assert_true(c.dw[2] == dw2);
    assert_true(c.dw[3] == 0);
}

/* DW0: DeviceID[63:32], 0x08[7:0]; DW1: Size[4:0], bits minus one; DW2: V[63], ITT_addr[51:8]. */
static void mapd(void **state)
{
    (void)state;
    expect(umsi_its_mapd(device, 5, 0x000123456789ab00, true), 0x89abcdef00000008, 4,
           0x800123456789ab00);
    expect(umsi_its_mapd(device, 5, 0x000123456789ab00, false), 0x89abcdef00000008, 4,
           0x000123456789ab00);
    expect(umsi_its_mapd(device, 1, 0x000ffffffffff000, true), 0x89abcdef00000008, 0,
           0x800ffffffffff000);
    expect(umsi_its_mapd(device, 32, 0, true), 0x89abcdef00000008, 31, 0x8000000000000000);
    /* address bits the field does not have go nowhere */
    expect(umsi_its_mapd(device, 2, 0xfff00000000000ff, false), 0x89abcdef00000008, 1, 0);
}

/* DW0: 0x09; DW2: V[63], RDbase[51:16], ICID[15:0]. */
static void mapc(void **state)
{
    (void)state;
    const struct its_rdbase number = umsi_its_rdbase(false, 0x000a0000080a0000, 0x1234);
    const struct its_rdbase address = umsi_its_rdbase(true, 0x000f0000080a0000, 0x1234);
    expect(umsi_its_mapc(icid, number, true), 0x09, 0, 0x800000001234a5c3);
    expect(umsi_its_mapc(icid, number, false), 0x09, 0, 0x000000001234a5c3);
    expect(umsi_its_mapc(icid, address, true), 0x09, 0, 0x800f0000080aa5c3);
}

/* DW0: DeviceID, 0x0a; DW1: pINTID[63:32], EventID[31:0]; DW2: ICID[15:0]. */
static void mapti(void **state)
{
    (void)state;
    expect(umsi_its_mapti(device, event, intid, icid), 0x89abcdef0000000a, 0x00fedcba12345678,
           0xa5c3);
}

/* DW0: DeviceID, 0x01; DW1: EventID[31:0]; DW2: ICID[15:0]. */
static void movi(void **state)
{
    (void)state;
    expect(umsi_its_movi(device, event, icid), 0x89abcdef00000001, 0x12345678, 0xa5c3);
}

/* DW0: DeviceID, opcode; DW1: EventID[31:0]. */
static void events(void **state)
{
    (void)state;
    expect(umsi_its_event(ITS_INT, device, event), 0x89abcdef00000003, 0x12345678, 0);
    expect(umsi_its_event(ITS_CLEAR, device, event), 0x89abcdef00000004, 0x12345678, 0);
    expect(umsi_its_event(ITS_INV, device, event), 0x89abcdef0000000c, 0x12345678, 0);
    expect(umsi_its_event(ITS_DISCARD, device, event), 0x89abcdef0000000f, 0x12345678, 0);
}

/* INVALL: 0x0d, DW2: ICID[15:0]. SYNC: 0x05, DW2: RDbase[51:16]. */
static void collections(void **state)
{
    (void)state;
    expect(umsi_its_invall(icid), 0x0d, 0, 0xa5c3);
    expect(umsi_its_sync(umsi_its_rdbase(false, 0, 0xffff)), 0x05, 0, 0xffff0000);
    expect(umsi_its_sync(umsi_its_rdbase(true, 0x000fffffffff0000, 3)), 0x05, 0,
           0x000fffffffff0000);
}

static void opcodes(void **state)
{
    (void)state;
    const struct its_command c = umsi_its_mapti(device, event, intid, icid);
    assert_int_equal(umsi_its_opcode(&c), ITS_MAPTI);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mapd),    cmocka_unit_test(mapc),   cmocka_unit_test(mapti),
        cmocka_unit_test(movi),    cmocka_unit_test(events), cmocka_unit_test(collections),
        cmocka_unit_test(opcodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
