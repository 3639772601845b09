/* SPDX-License-Identifier: MIT */
/* The one place that names the version; the build reads it here. */
#ifndef UMSI_VERSION_H
#define UMSI_VERSION_H

#define UMSI_VERSION_MAJOR  0
#define UMSI_VERSION_MINOR  1
#define UMSI_VERSION_PATCH  0
#define UMSI_VERSION_STRING "0.1.0"

#endif /* UMSI_VERSION_H */
