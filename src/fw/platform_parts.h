/* SPDX-License-Identifier: MIT */
/* What the files of umsi_platform_create() share: platform.c, platform_gicv2.c for GICv2 and GICv2m, and
 * platform_left.c for what one kernel leaves to the next. */
#ifndef UMSI_PLATFORM_PARTS_H
#define UMSI_PLATFORM_PARTS_H

#include <umsi/fw/platform.h>

/* platform.c: "platform: WHAT at PHYS: STATUS, OUTCOME" */
void umsi_platform_say(const struct umsi_machine *m, enum umsi_log_level level, const char *what,
                       umsi_phys phys, enum umsi_status st, const char *outcome);
/* Mappings are a stack. */
volatile void *umsi_platform_map_frame(struct umsi_machine *m, umsi_phys phys, uint64_t size);
void umsi_platform_unmap_to(struct umsi_machine *m, uint32_t keep);

/* ITSes and GICv2m frames. */
enum umsi_status umsi_platform_drop_its(struct umsi_machine *m);
bool umsi_platform_has_devices(struct umsi_machine *m);
enum umsi_status umsi_platform_take_down(struct umsi_machine *m);

/* platform_left.c: LPIs that were left on */
void umsi_platform_left(const struct umsi_machine *m, struct umsi_lpi_config *config);

/* platform_gicv2.c */
enum umsi_status umsi_platform_make_gicv2(struct umsi_machine *m, const struct umsi_platform *p);
/* One that cannot be brought up is named in the log and left out. */
void umsi_platform_make_frames(struct umsi_machine *m, const struct umsi_platform *p);
enum umsi_status umsi_platform_drop_frames(struct umsi_machine *m);
bool umsi_platform_frames_used(const struct umsi_machine *m);
struct umsi_domain *umsi_platform_frame_by_phandle(const struct umsi_machine *m, uint32_t phandle);

#endif /* UMSI_PLATFORM_PARTS_H */
