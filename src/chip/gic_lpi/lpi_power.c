/* SPDX-License-Identifier: MIT */
/*
 * The LPI space over a sleep of the machine: IHI0069 5.1.2, 12.11. Clearing EnableLPIs, where that is possible, has
 * the redistributor write what is pending into its pending table; setting it again with PENDBASER.PTZ 0 has it read
 * that back. Redistributors of CPUs that are offline are not touched: their CPUs bring them up again.
 */
#include "lpi.h"

enum umsi_status umsi_lpi_suspend(struct umsi_domain *d)
{
    struct umsi_lpi *lpi = UMSI_CONTAINER_OF(d, struct umsi_lpi, domain);
    for (umsi_cpu cpu = 0; lpi->own_tables && cpu < lpi->umsi->port.nr_cpus; cpu++) {
        if (umsi_lpi_cpu_is_online(lpi, cpu) && !umsi_lpi_cpu_stop(lpi, cpu)) {
            umsi_log(lpi->umsi, UMSI_LOG_DEBUG,
                     "lpi: cpu %u: EnableLPIs stays 1: what is pending is firmware's to save", cpu);
        }
    }
    return UMSI_OK;
}

/* A kernel whose tables these are has set up the redistributor before; then that is only looked at. */
enum umsi_status umsi_lpi_resume(struct umsi_domain *d)
{
    struct umsi_lpi *lpi = UMSI_CONTAINER_OF(d, struct umsi_lpi, domain);
    enum umsi_status st = UMSI_OK;
    for (umsi_cpu cpu = 0; cpu < lpi->umsi->port.nr_cpus && st == UMSI_OK; cpu++) {
        if (umsi_lpi_cpu_is_online(lpi, cpu)) {
            st = umsi_lpi_cpu_start(lpi, cpu, lpi->cpu[cpu].rd, true);
        }
    }
    return st;
}
