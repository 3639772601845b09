/* SPDX-License-Identifier: MIT */
/* A device's life as a drawing: SVG, with the page's colours. */
#ifndef AUDIT_PICTURE_H
#define AUDIT_PICTURE_H

#include "report.h"

/* `lines`: of the trace, which is the width of the drawing. The device has a timeline. */
void audit_picture(FILE *out, const struct audit *a, const struct audit_device *d, uint64_t lines);

#endif /* AUDIT_PICTURE_H */
