/*
 * Forecasts as they stood: every Monday morning this and the next month and quarter are kept by
 * person, so that it can be seen how a forecast moved and what became of it. Kept rows are never
 * changed; they are seen by those who read the deals of the person, or of the department he was
 * in then.
 */
#include "base/message.h"
#include "base/module.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/access.h"
#include "event/timer.h"
#include "organization/company.h"
#include "sales/forecast.h"
#include "sales/sales.h"

enum { SNAPSHOTS_MOST = 120, HOUR_OF_DAY = 5 };

static const struct migration migrations[] = {
    {"sales.forecast.1",
     "CREATE TABLE forecast_snapshot (period TEXT NOT NULL, taken_on TEXT NOT NULL, "
     "owner_id BIGINT NOT NULL, department_id BIGINT, currency TEXT NOT NULL, "
     "closed BIGINT NOT NULL, commit_sum BIGINT NOT NULL, best_case BIGINT NOT NULL, "
     "pipeline BIGINT NOT NULL, expected BIGINT NOT NULL, variance DOUBLE PRECISION NOT NULL, "
     "PRIMARY KEY (period, taken_on, owner_id)) {without_rowid};\n"
     "INSERT INTO timer (id, kind, key, due_at, next_at, payload, attempts, parked, error) "
     "VALUES (1, 'forecast.snapshot', '', 0, 0, '{}', 0, 0, '')"},
    {0}};

static void line_keep(const struct sales_forecast *f, const struct forecast_line *l) {
    struct ctx *c = f->c;
    DB_RUN(c,
           "INSERT INTO forecast_snapshot (period, taken_on, owner_id, department_id, currency, "
           "closed, commit_sum, best_case, pipeline, expected, variance) VALUES ($1, $2, $3, "
           "(SELECT department_id FROM \"user\" WHERE id = $3), $4, $5, $6, $7, $8, $9, $10) "
           "ON CONFLICT (period, taken_on, owner_id) DO NOTHING",
           period_code(c->arena, f->period), period_date(c->arena, f->today), l->id, f->currency,
           l->sums[FORECAST_CLOSED], l->sums[FORECAST_COMMIT], l->sums[FORECAST_BEST_CASE],
           l->sums[FORECAST_PIPELINE], (int64_t)l->outlook.expected,
           l->outlook.spread * l->outlook.spread);
}

void forecast_snapshot_take(struct ctx *c, int64_t day, bool past) {
    static const enum period_kind kinds[] = {PERIOD_MONTH, PERIOD_QUARTER};
    for (int i = 0; i < 4 && !ctx_failed(c); i++) {
        struct arena_mark mark = arena_mark(c->arena);
        struct sales_forecast f = {.c = c,
                                   .deal = entity_named(c, "opportunity"),
                                   .by = {.kind = BY_OWNER, .name = STR("owner")},
                                   .period = period_step(period_at(kinds[i / 2], day), i % 2),
                                   .today = day,
                                   .past = past,
                                   .currency = company_currency(c)};
        forecast_read(&f);
        for (size_t k = 0; k < f.n && !ctx_failed(c); k++) {
            line_keep(&f, &f.lines[k]);
        }
        if (!ctx_failed(c)) {
            arena_reset(c->arena, mark);
        }
    }
}

static void fire(struct ctx *c, const struct timer *t) {
    int64_t today = period_today(c), monday = period_at(PERIOD_WEEK, today).to;
    forecast_snapshot_take(c, today, false);
    timer_set(c, "forecast.snapshot", t->key,
              period_instant(c, monday) + (int64_t)HOUR_OF_DAY * MS_HOUR, STR("{}"));
}

/* Whose rows: what the right to read deals reaches, without what is shared. */
static void whose(const struct sales_forecast *f, struct sql *q) {
    const struct actor *a = f->c->actor;
    enum scope scope = access_scope(a, f->deal, ACTION_READ);
    struct id_set set = scope == SCOPE_TREE   ? a->departments
                        : scope == SCOPE_TEAM ? a->members
                                              : (struct id_set){&a->user_id, 1};
    if (scope != SCOPE_ALL) {
        sql_literal(q, scope == SCOPE_TREE ? " AND department_id IN (0" : " AND owner_id IN (0");
        for (size_t i = 0; i < set.n; i++) {
            SQL_ADD(q, ", ");
            SQL_VALUE(q, set.ids[i]);
        }
        SQL_ADD(q, ")");
    }
    if (f->owner_id) {
        SQL_ADD(q, " AND owner_id = ");
        SQL_VALUE(q, f->owner_id);
    }
    if (f->department_id) {
        SQL_ADD(q, " AND department_id = ");
        SQL_VALUE(q, f->department_id);
    }
}

void forecast_snapshots_json(const struct sales_forecast *f, struct json_writer *w) {
    static const char *const keys[] = {"closed", "commit", "best_case", "pipeline", "expected"};
    struct ctx *c = f->c;
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    const struct field *amount = entity_field(f->deal, STR("amount"));
    SQL_ADD(&q, "SELECT taken_on, CAST(sum(closed) AS BIGINT), CAST(sum(commit_sum) AS BIGINT), "
                "CAST(sum(best_case) AS BIGINT), CAST(sum(pipeline) AS BIGINT), "
                "CAST(sum(expected) AS BIGINT) FROM forecast_snapshot WHERE period = ");
    SQL_VALUE(&q, period_code(c->arena, f->period));
    SQL_ADD(&q, " AND currency = ");
    SQL_VALUE(&q, f->currency);
    whose(f, &q);
    SQL_ADD(&q, " GROUP BY taken_on ORDER BY taken_on LIMIT ");
    sql_number(&q, SNAPSHOTS_MOST);
    json_begin_array(w);
    if (!f->pipeline_id && !f->product_id) {
        sql_query(c, &rows, &q);
        while (db_next(&rows)) {
            json_begin_object(w);
            JSON_MEMBER(w, "on", json_put_str, db_text(&rows, 0));
            for (int i = 0; i < 5; i++) {
                json_key(w, keys[i]);
                value_to_json(w, amount,
                              (struct value){VALUE_MONEY, db_int(&rows, i + 1), f->currency});
            }
            json_end_object(w);
        }
    }
    json_end_array(w);
}

static const struct timer_kind timers[] = {{"forecast.snapshot", fire}, {0}};

const struct module forecast_snapshot_module = {.name = "sales.forecast_snapshot",
                                                .cloud = "sales",
                                                .timers = timers,
                                                .migrations = migrations};
