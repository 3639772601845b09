/* SPDX-License-Identifier: MIT */
/* Text in XML and HTML. */
#ifndef AUDIT_XML_H
#define AUDIT_XML_H

#include <stdio.h>

/* With &, <, > and quotes as entities; what XML 1.0 cannot hold, and what is no ASCII, as '?'. */
void audit_xml(FILE *out, const char *text);

#endif /* AUDIT_XML_H */
