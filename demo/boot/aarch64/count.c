/* SPDX-License-Identifier: MIT */
/*
 * Counting instructions with the performance monitors (Arm ARM D8): event counter 0, event INST_RETIRED. QEMU has
 * this event only under -icount with a fixed shift, and then counts each instruction; on hardware a reading may run
 * ahead of or behind the instructions around it.
 */
#include "../../measure.h"
#include "cpu.h"

#define INST_RETIRED  0x08u
#define PMCR_E        (1u << 0)
#define PMCR_N(pmcr)  ((unsigned)((pmcr) >> 11) & 31)
#define DFR0_PMU(dfr) ((unsigned)((dfr) >> 8) & 15)

const uint64_t count_mask = UINT32_MAX;
const unsigned passage_in_own = 2, passage_out_own = 3;

bool count_start(void)
{
    unsigned version = DFR0_PMU(READ_SYSREG(id_aa64dfr0_el1));
    if (version == 0 || version == 15 || PMCR_N(READ_SYSREG(pmcr_el0)) == 0 ||
        (READ_SYSREG(pmceid0_el0) & (1u << INST_RETIRED)) == 0) {
        return false;
    }
    WRITE_SYSREG(pmevtyper0_el0, INST_RETIRED);
    WRITE_SYSREG(pmcntenset_el0, 1);
    WRITE_SYSREG(pmcr_el0, READ_SYSREG(pmcr_el0) | PMCR_E);
    uint64_t before = count_now();
    return count_now() != before;
}

uint64_t count_now(void)
{
    return READ_SYSREG(pmevcntr0_el0);
}
