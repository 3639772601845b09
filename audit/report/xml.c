/* SPDX-License-Identifier: MIT */
/* Text in XML and HTML. */
#include "xml.h"

void audit_xml(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc((*text >= ' ' && *text <= '~') || *text == '\n' ? *text : '?', out);
            break;
        }
    }
}
