/* SPDX-License-Identifier: MIT */
/* The record of what was done against the specification. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

static void tell(struct model *m, const struct model_breach *b)
{
    char line[256];
    if (m->cfg.on_breach == NULL) {
        return;
    }
    snprintf(line, sizeof(line), "%s [%s] %s", b->law, b->section, b->text);
    m->cfg.on_breach(m->cfg.arg, line);
}

void breach(struct model *m, const char *law, const char *section, const char *format, ...)
{
    va_list args;
    m->breaches = grow(m->breaches, m->nr_breaches, sizeof(*m->breaches));
    struct model_breach *b = &m->breaches[m->nr_breaches++];
    *b = (struct model_breach){ .law = law, .section = section, .time_ns = m->now };
    va_start(args, format);
    vsnprintf(b->text, sizeof(b->text), format, args);
    va_end(args);
    tell(m, b);
}

uint32_t model_breaches(struct model *m)
{
    return m->nr_breaches;
}

const struct model_breach *model_breach_at(struct model *m, uint32_t i)
{
    return i < m->nr_breaches ? &m->breaches[i] : NULL;
}

uint32_t model_breaches_of(struct model *m, const char *law)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->nr_breaches; i++) {
        n += strcmp(m->breaches[i].law, law) == 0;
    }
    return n;
}

void model_breach_clear(struct model *m)
{
    m->nr_breaches = 0;
}
