/* See forecast.h: the reading of the deals. */
#include "sales/forecast.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "db/sql.h"
#include "organization/company.h"
#include "sales/pipeline.h"

enum {
    HISTORY_YEARS = 3,
    STAGES_MOST = 200,
    KINDS_MOST = 200,
    STAGE_SAMPLE = 2000,
    USERS_MOST = 5000
};

/* A stage counts as its own setting with the weight of so many deals. */
static const double stage_prior = 10;

struct stage {
    int64_t id;
    double chance;
    enum forecast_part part;
};

/* What is gathered while the deals are read. */
struct reading {
    struct sales_forecast *f;
    struct stage stages[STAGES_MOST];
    size_t n_stages;
    int64_t kinds[KINDS_MOST]; /* products; 0 holds those beyond the most */
    size_t n_kinds;
    struct deal *deals;
    size_t n, capacity;
};

static const char *const part_names[FORECAST_PARTS] = {"closed", "commit", "best_case", "pipeline",
                                                       "omitted"};

const char *forecast_part_name(enum forecast_part part) {
    return part_names[part];
}

static enum forecast_part part_called(struct str name, enum forecast_part otherwise) {
    for (int i = FORECAST_COMMIT; i < FORECAST_PARTS; i++) {
        if (str_is(name, part_names[i])) {
            return (enum forecast_part)i;
        }
    }
    return otherwise;
}

static struct stage *stage_of(struct reading *r, int64_t id) {
    for (size_t i = 0; i < r->n_stages; i++) {
        if (r->stages[i].id == id) {
            return &r->stages[i];
        }
    }
    return NULL;
}

/* How many of the deals closed last that were in a stage were won, drawn to its own setting. */
static void stage_chances(struct reading *r) {
    struct db_rows rows;
    DB_QUERY(r->f->c, &rows,
             "SELECT h.to_stage_id, CAST(count(*) AS BIGINT), "
             "CAST(sum(CASE WHEN d.state = 'won' THEN 1 ELSE 0 END) AS BIGINT) FROM "
             "(SELECT id, state FROM opportunity WHERE deleted_at IS NULL AND state <> 'open' "
             "AND closed_date IS NOT NULL ORDER BY closed_date DESC LIMIT $1) AS d "
             "JOIN stage_history h ON h.opportunity_id = d.id GROUP BY h.to_stage_id",
             (int64_t)STAGE_SAMPLE);
    while (db_next(&rows)) {
        struct stage *s = stage_of(r, db_int(&rows, 0));
        if (s) {
            s->chance = ((double)db_int(&rows, 2) + stage_prior * s->chance) /
                        ((double)db_int(&rows, 1) + stage_prior);
        }
    }
}

static void stages_read(struct reading *r) {
    struct db_rows rows;
    DB_QUERY(r->f->c, &rows, "SELECT id, probability, forecast_category FROM stage LIMIT $1",
             (int64_t)STAGES_MOST);
    while (db_next(&rows)) {
        int64_t probability = db_int(&rows, 1);
        enum forecast_part part = probability >= 900000   ? FORECAST_COMMIT
                                  : probability >= 500000 ? FORECAST_BEST_CASE
                                                          : FORECAST_PIPELINE;
        r->stages[r->n_stages++] = (struct stage){db_int(&rows, 0), (double)probability / 1e6,
                                                  part_called(db_view(&rows, 2), part)};
    }
    stage_chances(r);
}

/* The last line takes in what is beyond the most. */
static int line_of(struct sales_forecast *f, int64_t id, struct str text) {
    for (size_t i = f->n; i-- > 0;) {
        if (f->lines[i].id == id && str_equal(f->lines[i].text, text)) {
            return (int)i;
        }
    }
    if (f->n == PERFORMANCE_LINES) {
        return PERFORMANCE_LINES - 1;
    }
    struct str own = text.n ? str_copy(f->c->arena, text) : STR("");
    f->lines[f->n] = (struct forecast_line){.id = id, .text = own};
    return (int)f->n++;
}

/* The first row of a user is the membership that began first. */
static void teams_read(struct sales_forecast *f) {
    struct db_rows rows;
    f->teams = arena_array(f->c->arena, USERS_MOST, sizeof *f->teams);
    DB_QUERY(f->c, &rows,
             "SELECT m.user_id, m.team_id FROM team_member m JOIN team t ON t.id = m.team_id "
             "WHERE m.deleted_at IS NULL AND t.deleted_at IS NULL ORDER BY m.user_id, m.id");
    while (f->n_teams < USERS_MOST && db_next(&rows)) {
        int64_t user = db_int(&rows, 0);
        if (!f->n_teams || f->teams[f->n_teams - 1][0] != user) {
            f->teams[f->n_teams][0] = user;
            f->teams[f->n_teams++][1] = db_int(&rows, 1);
        }
    }
    db_done(&rows);
}

int64_t forecast_team_of(const struct sales_forecast *f, int64_t user_id) {
    for (size_t low = 0, high = f->n_teams; low < high;) {
        size_t middle = (low + high) / 2;
        if (f->teams[middle][0] == user_id) {
            return f->teams[middle][1];
        }
        if (f->teams[middle][0] < user_id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return 0;
}

static int32_t kind_of(struct reading *r, int64_t product_id) {
    for (size_t i = 0; i < r->n_kinds; i++) {
        if (r->kinds[i] == product_id) {
            return (int32_t)i;
        }
    }
    if (r->n_kinds == KINDS_MOST) {
        return 0;
    }
    r->kinds[r->n_kinds] = product_id;
    return (int32_t)r->n_kinds++;
}

enum {
    COLUMN_KEY,
    COLUMN_BEGUN,
    COLUMN_CREATED,
    COLUMN_CLOSED,
    COLUMN_STATE,
    COLUMN_AMOUNT,
    COLUMN_CURRENCY,
    COLUMN_EXPECTED,
    COLUMN_STAGE,
    COLUMN_PRODUCT,
    COLUMN_CATEGORY
};

static void key_add(const struct sales_forecast *f, struct sql *q) {
    const struct dimension *d = &f->by;
    if (d->kind == BY_FIELD) {
        sql_literal(q, d->of_account ? "a." : "d.");
        sql_identifier(q, d->field->name);
    } else {
        sql_literal(q, d->kind == BY_DEPARTMENT ? "d.owner_department_id" : "d.owner_id");
    }
}

static void equal_add(struct sql *q, const char *column, int64_t id) {
    if (id) {
        SQL_ADD(q, " AND ");
        sql_literal(q, column);
        SQL_ADD(q, " = ");
        SQL_VALUE(q, id);
    }
}

static void deals_query(const struct reading *r, struct db_rows *rows) {
    const struct sales_forecast *f = r->f;
    struct sql q = sql_new(f->c->arena);
    SQL_ADD(&q, "SELECT ");
    key_add(f, &q);
    SQL_ADD(&q, ", d.engaged_date, d.created_at, d.closed_date, d.state, d.amount, "
                "d.amount_currency, d.expected_close_date, ");
    if (f->past) {
        SQL_ADD(&q, "(SELECT h.to_stage_id FROM stage_history h WHERE h.opportunity_id = d.id "
                    "AND h.at < ");
        SQL_VALUE(&q, period_instant(f->c, f->today + 1));
        SQL_ADD(&q, " ORDER BY h.at DESC LIMIT 1)");
    } else {
        SQL_ADD(&q, "d.stage_id");
    }
    SQL_ADD(&q, ", d.product_id, d.forecast_category FROM opportunity d");
    if (f->by.of_account) {
        SQL_ADD(&q, " LEFT JOIN account a ON a.id = d.account_id AND a.deleted_at IS NULL");
    }
    SQL_ADD(&q, " WHERE d.deleted_at IS NULL AND (d.state = 'open' OR d.closed_date >= ");
    SQL_VALUE(&q, period_date(f->c->arena, f->first.from));
    SQL_ADD(&q, ")");
    equal_add(&q, "d.pipeline_id", f->pipeline_id);
    equal_add(&q, "d.product_id", f->product_id);
    equal_add(&q, "d.owner_id", f->owner_id);
    equal_add(&q, "d.owner_department_id", f->department_id);
    SQL_ADD(&q, " AND ");
    access_where(f->c, &q, f->deal, ACTION_READ, "d");
    sql_query(f->c, rows, &q);
}

static void count(struct forecast_line *l, enum forecast_part part, const struct deal *d) {
    l->counts[part]++;
    l->sums[part] += isnan(d->amount) ? 0 : (int64_t)d->amount;
    l->other += isnan(d->amount);
}

/* The line's part that an open deal belongs to, if it is expected to close in the period. */
static void open_count(struct sales_forecast *f, struct forecast_line *l, const struct deal *d,
                       enum forecast_part part) {
    bool under_way = f->today >= f->period.from && f->today < f->period.to;
    bool overdue = d->expected && d->expected < f->today;
    bool within = d->expected >= f->period.from || (under_way && overdue);
    if (!d->expected) {
        f->undated++;
    } else if (within && d->expected < f->period.to) {
        count(l, part, d);
        count(&f->total, part, d);
        l->overdue += overdue;
        f->total.overdue += overdue;
    }
}

/* The company's day on which a deal began: when it was made, if it does not say. */
static int32_t begun_day(const struct sales_forecast *f, const struct db_rows *rows) {
    struct str begun = db_view(rows, COLUMN_BEGUN);
    if (begun.n) {
        return (int32_t)period_day(begun);
    }
    return (int32_t)date_to_days(zone_date(company_zone(f->c), db_int(rows, COLUMN_CREATED)));
}

static struct deal deal_read(struct reading *r, const struct db_rows *rows) {
    struct sales_forecast *f = r->f;
    struct str closed = db_view(rows, COLUMN_CLOSED);
    struct str expected = db_view(rows, COLUMN_EXPECTED), state = db_view(rows, COLUMN_STATE);
    bool ours = !db_null(rows, COLUMN_AMOUNT) &&
                str_equal(db_view(rows, COLUMN_CURRENCY), f->currency);
    const struct stage *s = stage_of(r, db_int(rows, COLUMN_STAGE));
    int64_t day = closed.n ? period_day(closed) : -1;
    bool open = str_is(state, "open") || day < 0 || (f->past && day > f->today);
    return (struct deal){.begun = begun_day(f, rows),
                         .closed = open ? DEAL_STILL_OPEN : (int32_t)day,
                         .expected = expected.n ? (int32_t)period_day(expected) : 0,
                         .kind = kind_of(r, db_int(rows, COLUMN_PRODUCT)),
                         .won = !open && str_is(state, "won"),
                         .amount = ours ? (double)db_int(rows, COLUMN_AMOUNT) : NAN,
                         .chance = open && s ? s->chance : NAN};
}

static void deal_keep(struct reading *r, const struct deal *d) {
    if (r->n == r->capacity) {
        size_t capacity = r->capacity ? r->capacity * 2 : 1024;
        struct deal *more = ARENA_NEW_ARRAY(r->f->c->arena, capacity, struct deal);
        if (r->n) {
            memcpy(more, r->deals, r->n * sizeof *more);
        }
        r->deals = more;
        r->capacity = capacity;
    }
    r->deals[r->n++] = *d;
}

static void deal_take(struct reading *r, const struct db_rows *rows) {
    struct sales_forecast *f = r->f;
    struct deal d = deal_read(r, rows);
    if (f->past && d.begun > f->today) {
        return;
    }
    bool id = f->by.kind != BY_FIELD || f->by.field->type == FIELD_REFERENCE ||
              f->by.field->type == FIELD_BOOLEAN;
    int64_t key = id ? db_int(rows, COLUMN_KEY) : 0;
    d.group = line_of(f, f->by.kind == BY_TEAM ? forecast_team_of(f, key) : key,
                      id ? STR("") : db_view(rows, COLUMN_KEY));
    struct forecast_line *l = &f->lines[d.group];
    const struct stage *s = stage_of(r, db_int(rows, COLUMN_STAGE));
    if (d.closed == DEAL_STILL_OPEN) {
        enum forecast_part part = part_called(db_view(rows, COLUMN_CATEGORY),
                                              s ? s->part : FORECAST_PIPELINE);
        open_count(f, l, &d, part);
    } else if (d.won && d.closed >= f->period.from && d.closed < f->period.to) {
        count(l, FORECAST_CLOSED, &d);
        count(&f->total, FORECAST_CLOSED, &d);
    }
    deal_keep(r, &d);
}

/* Periods of the kind from HISTORY_YEARS before today to the one asked for. */
static int periods_set(struct sales_forecast *f) {
    static const int a_year[PERIOD_KINDS] = {365, 52, 12, 4, 1};
    struct period p = period_step(period_at(f->period.kind, f->today),
                                  -HISTORY_YEARS * a_year[f->period.kind]);
    int n = 0;
    f->first = p;
    while (n < DEAL_PERIODS && p.from <= f->period.from) {
        f->starts[n++] = (int32_t)p.from;
        p = period_step(p, 1);
    }
    f->starts[n] = (int32_t)p.from;
    return n;
}

void forecast_read(struct sales_forecast *f) {
    struct reading *r = ARENA_NEW(f->c->arena, struct reading);
    struct db_rows rows;
    int periods = periods_set(f);
    *r = (struct reading){.f = f, .n_kinds = 1};
    f->lines = ARENA_NEW_ARRAY(f->c->arena, PERFORMANCE_LINES, struct forecast_line);
    stages_read(r);
    if (f->by.kind == BY_TEAM) {
        teams_read(f);
    }
    deals_query(r, &rows);
    while (db_next(&rows)) {
        deal_take(r, &rows);
    }
    if (ctx_failed(f->c)) {
        return;
    }
    const struct deal_history history = {.deals = r->deals,
                                         .n = r->n,
                                         .groups = f->n ? (int)f->n : 1,
                                         .kinds = (int)r->n_kinds,
                                         .starts = f->starts,
                                         .periods = periods,
                                         .season = f->period.kind == PERIOD_MONTH ? 12 : 4};
    f->statistics = deal_forecast(f->c->arena, &history,
                                  (struct deal_question){periods - 1, (int32_t)f->today + 1});
    for (size_t i = 0; i < f->n; i++) {
        f->lines[i].outlook = f->statistics.groups[i];
    }
    f->total.outlook = f->statistics.total;
}
