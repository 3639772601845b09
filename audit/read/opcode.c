/* SPDX-License-Identifier: MIT */
/* What the commands are called. */
#include "item.h"

static const char *const names[AUDIT_NR_OPCODES] = {
    [AUDIT_MOVI] = "MOVI",     [AUDIT_INT] = "INT",         [AUDIT_CLEAR] = "CLEAR",
    [AUDIT_SYNC] = "SYNC",     [AUDIT_MAPD] = "MAPD",       [AUDIT_MAPC] = "MAPC",
    [AUDIT_MAPTI] = "MAPTI",   [AUDIT_MAPI] = "MAPI",       [AUDIT_INV] = "INV",
    [AUDIT_INVALL] = "INVALL", [AUDIT_MOVALL] = "MOVALL",   [AUDIT_DISCARD] = "DISCARD",
    [AUDIT_VMOVI] = "VMOVI",   [AUDIT_VMOVP] = "VMOVP",     [AUDIT_VSGI] = "VSGI",
    [AUDIT_VSYNC] = "VSYNC",   [AUDIT_VMAPP] = "VMAPP",     [AUDIT_VMAPTI] = "VMAPTI",
    [AUDIT_VMAPI] = "VMAPI",   [AUDIT_VINVALL] = "VINVALL", [AUDIT_INVDB] = "INVDB",
};

const char *audit_opcode_name(unsigned opcode)
{
    return opcode < AUDIT_NR_OPCODES && names[opcode] != NULL ? names[opcode] : "?";
}
