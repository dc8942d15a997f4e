/* Facts of the funnel as rows, between funnel_fact.c, which makes them, and funnel_reactor.c, which
 * says when. */
#ifndef GUANTONG_SALES_FUNNEL_FACT_H
#define GUANTONG_SALES_FUNNEL_FACT_H

#include "db/migration.h"
#include "sales/funnel.h"

/* A reactor's turn: what changed is refreshed together before the commit. */
void funnel_refresh_later(struct ctx *c, bool deal, int64_t id);
/* Facts and totals from nothing, in pieces behind a timer. */
void funnel_recount(struct ctx *c);

extern const struct migration funnel_fact_migrations[];

#endif
