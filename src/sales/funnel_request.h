/* What a report of the funnel is asked for, and the lists its figures open to. */
#ifndef GUANTONG_SALES_FUNNEL_REQUEST_H
#define GUANTONG_SALES_FUNNEL_REQUEST_H

#include "http/route.h"
#include "sales/funnel.h"

struct funnel_request {
    struct ctx *c;
    bool period; /* what the period brought; else the leads that came in it */
    struct funnel_filter filter;
    struct str from, to; /* dates, the last included; empty: open */
    int64_t team_id, department_id;
    struct id_set owners, departments;
    const struct zone *zone;
};

/* view, from, to, owner_id, department_id, team_id, source, region, pipeline_id, product_id. Field
 * errors; false when there is one. The request must stay where it is. */
bool funnel_request_read(struct request *r, struct funnel_request *q);
#define FUNNEL_QUERY                                                                   \
    "view:text from:date to:date owner_id:id department_id:id team_id:id source:text " \
    "region:text pipeline_id:id product_id:id"

/* The period of the same length before it; false when it has no beginning or no end. */
bool funnel_period_before(const struct funnel_request *q, struct funnel_filter *before);

/* Leaves of the filter but its days, with commas between them, over deals or leads; empty: none. */
struct str funnel_filter_leaves(const struct funnel_request *q, bool deals);

/* A figure of the report: leads that reached the step (open: and are still under way there), or
 * deals that entered it. more: further leaves with commas between them, or empty. */
struct funnel_figure {
    int step;
    bool deals, open;
    bool settled; /* without those still under way at the step */
    struct str more;
};
/* The condition of the list of exactly those records. */
void funnel_where_json(const struct funnel_request *q, struct json_writer *w,
                       const struct funnel_figure *figure);

#endif
