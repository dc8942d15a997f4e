/*
 * See funnel.h: reading the totals. The days of a period are its whole months, and the days before
 * and behind them: three ranges of rows at most. Who sees departments, or all, reads the totals by
 * department, who sees his own or his team's those by owner. One source, region, pipeline or
 * product has totals of its own by department; of several, and of one together with an owner, the
 * facts are counted, by the index of the rarest of them: a few owners, a product, a source with a
 * region.
 */
#include "base/clock.h"
#include "db/sql.h"
#include "entity/share.h"
#include "organization/company.h"
#include "sales/funnel_total.h"

struct ranges {
    int64_t from[3], to[3]; /* buckets, to excluded */
    int n;
};

static void range_add(struct ranges *r, int64_t from, int64_t to) {
    if (from < to) {
        r->from[r->n] = from;
        r->to[r->n++] = to;
    }
}

static int64_t month_begin(int64_t day) {
    struct date d = date_from_days(day);
    d.day = 1;
    return date_to_days(d);
}

static int64_t month_end(int64_t day) {
    return month_begin(month_begin(day) + 31);
}

/* The years that dates can tell. */
enum { FIRST_DAY = -719000, LAST_DAY = 2900000 };

static struct ranges ranges_of(const struct funnel_filter *f) {
    struct ranges r = {.n = 0};
    int64_t from = f->from < FIRST_DAY ? FIRST_DAY : f->from;
    int64_t to = f->to > LAST_DAY ? LAST_DAY : f->to;
    if (from >= to) {
        return r;
    }
    int64_t first = month_begin(from) == from ? from : month_end(from), last = month_begin(to);
    if (first >= last) {
        range_add(&r, from, to);
        return r;
    }
    range_add(&r, from, first);
    range_add(&r, funnel_month_bucket(first), funnel_month_bucket(last));
    range_add(&r, last, to);
    return r;
}

/* shy: SQLite is not to search by the column (a plus before it), as there is something rarer. */
static void shy_add(struct sql *q, const char *alias, const char *column, bool shy) {
    sql_literal(q, shy ? " AND +" : " AND ");
    sql_literal(q, alias);
    SQL_ADD(q, ".");
    sql_literal(q, column);
}

static void alias_add(struct sql *q, const char *alias, const char *column) {
    shy_add(q, alias, column, false);
}

static void set_add(struct sql *q, const char *alias, const char *column, struct id_set set) {
    alias_add(q, alias, column);
    SQL_ADD(q, " IN (0");
    for (size_t i = 0; i < set.n; i++) {
        SQL_ADD(q, ", ");
        SQL_VALUE(q, set.ids[i]);
    }
    SQL_ADD(q, ")");
}

static void id_add(struct sql *q, const char *alias, const char *column, int64_t id, bool shy) {
    if (id) {
        shy_add(q, alias, column, shy);
        SQL_ADD(q, " = ");
        SQL_VALUE(q, id);
    }
}

/* Whose the rows are, as asked. */
static void whose_add(struct sql *q, const struct funnel_filter *f, const char *alias) {
    id_add(q, alias, "owner_id", f->owner_id, false);
    if (f->owners) {
        set_add(q, alias, "owner_id", *f->owners);
        SQL_ADD(q, " AND ");
        sql_literal(q, alias);
        SQL_ADD(q, ".owner_id <> 0");
    }
    if (f->departments) {
        set_add(q, alias, "department_id", *f->departments);
        SQL_ADD(q, " AND ");
        sql_literal(q, alias);
        SQL_ADD(q, ".department_id <> 0");
    }
}

static bool by_department(struct access_range range) {
    return str_is(range.column, "owner_department_id");
}

/* Which of the rows the actor may read, without what is shared. Nobody's are those of who may
 * read all. */
static void scope_add(struct sql *q, struct access_range range, const char *alias) {
    if (range.none) {
        SQL_ADD(q, " AND 1 = 0");
    } else if (!range.all) {
        const char *column = by_department(range) ? "department_id" : "owner_id";
        set_add(q, alias, column, range.ids);
        alias_add(q, alias, column);
        SQL_ADD(q, " <> 0");
    }
}

static void text_is(struct sql *q, const char *alias, const char *column, struct str text,
                    bool shy) {
    if (text.n) {
        shy_add(q, alias, column, shy);
        SQL_ADD(q, " = ");
        SQL_VALUE(q, text);
    }
}

static void fields_add(struct sql *q, const struct funnel_filter *f, bool of_deals,
                       const char *alias, bool shy) {
    whose_add(q, f, alias);
    text_is(q, alias, "source", f->source, shy);
    text_is(q, alias, "region", f->region, shy);
    id_add(q, alias, "pipeline_id", f->pipeline_id, shy);
    id_add(q, alias, "product_id", f->product_id, shy);
    if (f->product_id && !of_deals &&
        !shy) { /* so that the index of the few that have one serves */
        alias_add(q, alias, "product_id");
        SQL_ADD(q, " <> 0");
    }
}

static const struct entity *entity_of(struct ctx *c, bool of_deals) {
    return of_deals ? entity_named(c, "opportunity") : entity_named(c, "lead");
}

/* Whether what is asked for is of a few owners, who are rarer than a source or a product. */
static bool of_few(const struct ctx *c, const struct funnel_filter *f, struct access_range range) {
    enum { FEW = 20 };
    bool scope = !range.all && !range.shares && !by_department(range) && range.ids.n <= FEW;
    bool asked = f->owner_id || (f->owners && f->owners->n <= FEW);
    return db_engine(c->db) == DB_SQLITE && (scope || (asked && !range.shares));
}

/* " NOT (…)" is two-valued here: facts have no empty columns. */
void funnel_fact_where(struct ctx *c, struct sql *q, const struct funnel_filter *f, bool of_deals,
                       const char *alias) {
    const struct entity *e = entity_of(c, of_deals);
    struct access_range range = access_range(c, e, ACTION_READ);
    fields_add(q, f, of_deals, alias, of_few(c, f, range));
    if (!range.shares) {
        scope_add(q, range, alias);
        return;
    }
    SQL_ADD(q, " AND ((1 = 1");
    scope_add(q, range, alias);
    SQL_ADD(q, ") OR ");
    sql_literal(q, alias);
    sql_literal(q, of_deals ? ".deal_id IN (" : ".lead_id IN (");
    share_ids(c, q, ACTION_READ, e);
    SQL_ADD(q, "))");
}

static void sums_add(struct sql *q, int first, int n) {
    SQL_ADD(q, "SELECT ");
    for (int i = first; i < first + n; i++) {
        sql_literal(q, i > first ? ", CAST(COALESCE(sum(t." : "CAST(COALESCE(sum(t.");
        sql_literal(q, funnel_measures[i]);
        SQL_ADD(q, "), 0) AS BIGINT)");
    }
}

static void sums_read(struct ctx *c, const struct sql *q, int64_t *sums, int n) {
    struct db_rows rows;
    sql_query(c, &rows, q);
    while (db_next(&rows)) {
        for (int i = 0; i < n; i++) {
            sums[i] += db_int(&rows, i);
        }
    }
}

/* The one value that is asked for; UNDER_NONE when there is none, or more than one (*several). */
static enum funnel_value value_asked(struct ctx *c, const struct funnel_filter *f,
                                     struct str *value, bool *several) {
    const int64_t ids[] = {f->pipeline_id, f->product_id};
    const struct str texts[] = {f->source, f->region};
    enum funnel_value kind = UNDER_NONE;
    int n = 0;
    for (int i = 0; i < 2; i++) {
        if (texts[i].n) {
            kind = i ? UNDER_REGION : UNDER_SOURCE;
            *value = texts[i];
            n++;
        }
        if (ids[i]) {
            kind = i ? UNDER_PRODUCT : UNDER_PIPELINE;
            *value = str_format(c->arena, "%lld", (long long)ids[i]);
            n++;
        }
    }
    *several = n > 1;
    return kind;
}

static bool asks_owners(const struct funnel_filter *f, struct access_range range) {
    return f->owner_id || f->owners || !(range.all || by_department(range));
}

/* Whether the totals know what is asked. */
static bool totals_know(struct ctx *c, const struct funnel_filter *f, struct access_range range) {
    struct str value;
    bool several;
    enum funnel_value kind = value_asked(c, f, &value, &several);
    return !several && (kind == UNDER_NONE || !asks_owners(f, range));
}

/* n measures from the first on, from the totals. */
static void totals_read(struct ctx *c, const struct funnel_filter *f, struct access_range range,
                        const int measures[2], int64_t *sums) {
    struct ranges ranges = ranges_of(f);
    struct str value = {0};
    bool several;
    enum funnel_value kind = value_asked(c, f, &value, &several);
    const char *table = kind                    ? " FROM funnel_value t"
                        : asks_owners(f, range) ? " FROM funnel_owner t"
                                                : " FROM funnel_department t";
    for (int i = 0; i < ranges.n && !range.none; i++) {
        struct sql q = sql_new(c->arena);
        sums_add(&q, measures[0], measures[1]);
        sql_literal(&q, table);
        SQL_ADD(&q, " WHERE ");
        if (kind) {
            SQL_ADD(&q, "t.kind = ");
            sql_number(&q, kind);
            SQL_ADD(&q, " AND t.value = ");
            SQL_VALUE(&q, value);
            SQL_ADD(&q, " AND ");
        }
        SQL_ADD(&q, "t.bucket >= ");
        SQL_VALUE(&q, ranges.from[i]);
        SQL_ADD(&q, " AND t.bucket < ");
        SQL_VALUE(&q, ranges.to[i]);
        whose_add(&q, f, "t");
        scope_add(&q, range, "t");
        sums_read(c, &q, sums, measures[1]);
    }
}

void funnel_sums_of_leads(struct sql *q, const char *columns) {
    SQL_ADD(q, "SELECT ");
    sql_literal(q, columns);
    for (int k = 0; k < FUNNEL_STEPS; k++) {
        sql_literal(q, k || columns[0] ? ", CAST(COALESCE(sum(CASE WHEN t.reached >= "
                                       : "CAST(COALESCE(sum(CASE WHEN t.reached >= ");
        sql_number(q, k);
        SQL_ADD(q, " THEN 1 ELSE 0 END), 0) AS BIGINT)");
    }
    for (int k = 0; k < FUNNEL_STEPS; k++) {
        SQL_ADD(q, ", CAST(COALESCE(sum(CASE WHEN t.open = 1 AND t.reached = ");
        sql_number(q, k);
        SQL_ADD(q, " THEN 1 ELSE 0 END), 0) AS BIGINT)");
    }
}

/* Facts of leads that are in the filter, and shared with the actor rather than in his scope
 * (only_shared), or readable in any way. */
static void leads_from_facts(struct ctx *c, const struct funnel_filter *f, bool only_shared,
                             int64_t *sums) {
    struct access_range range = access_range(c, entity_of(c, false), ACTION_READ);
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT t.reached, t.open, CAST(count(*) AS BIGINT) FROM funnel_lead t "
                "WHERE t.day >= ");
    SQL_VALUE(&q, f->from);
    SQL_ADD(&q, " AND t.day < ");
    SQL_VALUE(&q, f->to);
    if (only_shared) {
        fields_add(&q, f, false, "t", false);
        SQL_ADD(&q, " AND t.lead_id IN (");
        share_ids(c, &q, ACTION_READ, entity_of(c, false));
        SQL_ADD(&q, ") AND NOT (1 = 1");
        scope_add(&q, range, "t");
        SQL_ADD(&q, ")");
    } else {
        funnel_fact_where(c, &q, f, false, "t");
    }
    SQL_ADD(&q, " GROUP BY t.reached, t.open");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        int64_t reached = db_int(&rows, 0), n = db_int(&rows, 2);
        for (int64_t k = 0; k <= reached && k < FUNNEL_STEPS; k++) {
            sums[k] += n;
        }
        if (db_int(&rows, 1) && reached < FUNNEL_STEPS) {
            sums[FUNNEL_STEPS + reached] += n;
        }
    }
}

static int64_t instant_of(const struct zone *z, int64_t day, int64_t otherwise) {
    return day < FIRST_DAY || day > LAST_DAY ? otherwise : zone_midnight(z, date_from_days(day));
}

void funnel_instants(const struct zone *zone, const struct funnel_filter *f, int64_t instants[2]) {
    instants[0] = instant_of(zone, f->from, 1);
    instants[1] = instant_of(zone, f->to, INT64_MAX);
}

void funnel_sums_of_deals(struct sql *q, const char *columns, const int64_t instants[2]) {
    static const char *const at[] = {"t.at1", "t.at2", "t.at3", "t.at4", "t.at5"};
    SQL_ADD(q, "SELECT ");
    sql_literal(q, columns);
    for (int k = 0; k < FUNNEL_STEPS - 1; k++) {
        sql_literal(q, k || columns[0] ? ", CAST(COALESCE(sum(CASE WHEN "
                                       : "CAST(COALESCE(sum(CASE WHEN ");
        sql_literal(q, at[k]);
        SQL_ADD(q, " >= ");
        SQL_VALUE(q, instants[0]);
        SQL_ADD(q, " AND ");
        sql_literal(q, at[k]);
        SQL_ADD(q, " < ");
        SQL_VALUE(q, instants[1]);
        SQL_ADD(q, " THEN 1 ELSE 0 END), 0) AS BIGINT)");
    }
}

static void deals_from_facts(struct ctx *c, const struct funnel_filter *f, const struct zone *zone,
                             bool only_shared, int64_t *sums) {
    struct access_range range = access_range(c, entity_of(c, true), ACTION_READ);
    int64_t instants[2];
    struct sql q = sql_new(c->arena);
    funnel_instants(zone, f, instants);
    funnel_sums_of_deals(&q, "", instants);
    SQL_ADD(&q, " FROM funnel_deal t WHERE 1 = 1");
    if (only_shared) {
        fields_add(&q, f, true, "t", false);
        SQL_ADD(&q, " AND t.deal_id IN (");
        share_ids(c, &q, ACTION_READ, entity_of(c, true));
        SQL_ADD(&q, ") AND NOT (1 = 1");
        scope_add(&q, range, "t");
        SQL_ADD(&q, ")");
    } else {
        funnel_fact_where(c, &q, f, true, "t");
    }
    sums_read(c, &q, sums, FUNNEL_STEPS - 1);
}

struct funnel_counts funnel_count(struct ctx *c, const struct funnel_filter *f) {
    static const int of_leads[2] = {FUNNEL_REACHED, 2 * FUNNEL_STEPS};
    static const int of_deals[2] = {FUNNEL_ENTERED, FUNNEL_STEPS - 1};
    int64_t leads[2 * FUNNEL_STEPS] = {0}, deals[FUNNEL_STEPS - 1] = {0};
    const struct zone *zone = company_zone(c);
    struct access_range range = access_range(c, entity_of(c, false), ACTION_READ);
    bool known = totals_know(c, f, range);
    if (known) {
        totals_read(c, f, range, of_leads, leads);
    }
    if (!known || range.shares) {
        leads_from_facts(c, f, known, leads);
    }
    range = access_range(c, entity_of(c, true), ACTION_READ);
    known = totals_know(c, f, range);
    if (known) {
        totals_read(c, f, range, of_deals, deals);
    }
    if (!known || range.shares) {
        deals_from_facts(c, f, zone, known, deals);
    }
    struct funnel_counts counts = {.entered = {0}};
    for (int k = 0; k < FUNNEL_STEPS; k++) {
        counts.reached[k] = leads[k];
        counts.open[k] = leads[FUNNEL_STEPS + k];
        counts.entered[k] = k ? deals[k - 1] : 0;
    }
    return counts;
}
