/*
 * The sample company's targets for those who sell, month by month of this year and the next
 * quarter; what the forecast was on the Mondays of the last half year; and an adjustment of the
 * manager.
 */
#include "app/sample_performance.h"
#include "base/clock.h"
#include "db/db.h"
#include "entity/record.h"
#include "organization/company.h"
#include "sales/forecast.h"
#include "sales/period.h"

enum { SELLERS_MOST = 100, MONTHS_MOST = 15, WEEKS = 26, TARGET_STEP = 1000000 };

struct seller {
    int64_t user_id, won_a_month; /* over the last year, minor units */
};

static size_t sellers_read(struct ctx *c, int64_t today, struct seller *sellers) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT owner_id, CAST(sum(amount) / 12 AS BIGINT) FROM opportunity "
             "WHERE state = 'won' AND deleted_at IS NULL AND owner_id IS NOT NULL "
             "AND closed_date >= $1 AND amount_currency = $2 GROUP BY owner_id LIMIT $3",
             period_date(c->arena, today - 365), company_currency(c), (int64_t)SELLERS_MOST);
    while (db_next(&rows)) {
        sellers[n++] = (struct seller){db_int(&rows, 0), db_int(&rows, 1)};
    }
    return n;
}

/* A tenth more than the year brought on average, in steps of ten thousand. */
static void target_make(struct ctx *c, const struct seller *s, struct period month) {
    struct change_set set = change_new(c, entity_named(c, "target"));
    int64_t steps = (s->won_a_month * 11 / 10 + TARGET_STEP / 2) / TARGET_STEP;
    change_text(&set, "subject", STR("person"));
    change_id(&set, "user_id", s->user_id);
    change_text(&set, "measure", STR("won_amount"));
    change_text(&set, "period", STR("month"));
    change_text(&set, "starts_on", period_date(c->arena, month.from));
    change_money(&set, "amount", (steps ? steps : 1) * TARGET_STEP, company_currency(c));
    record_insert(c, &set);
}

static void adjustment_make(struct ctx *c, int64_t today) {
    int64_t manager = DB_INT(c, "SELECT id FROM \"user\" WHERE login = 'zhoumin'");
    int64_t seller = DB_INT(c, "SELECT id FROM \"user\" WHERE login = 'chensiyuan'");
    struct change_set set = change_new(c, entity_named(c, "forecast_adjustment"));
    if (!manager || !seller) {
        return;
    }
    change_text(&set, "reason", STR("客户预算推到下一季度，合同还没走法务"));
    change_money(&set, "amount", -15000000, company_currency(c));
    change_text(&set, "period", STR("quarter"));
    change_text(&set, "starts_on", period_date(c->arena, period_at(PERIOD_QUARTER, today).from));
    change_id(&set, "user_id", seller);
    change_id(&set, "owner_id", manager);
    record_insert(c, &set);
}

void sample_performance(struct ctx *c) {
    struct seller sellers[SELLERS_MOST];
    int64_t today = period_today(c);
    size_t n = sellers_read(c, today, sellers);
    struct period month = period_at(PERIOD_MONTH, period_at(PERIOD_YEAR, today).from);
    for (int m = 0; m < MONTHS_MOST; m++, month = period_step(month, 1)) {
        for (size_t i = 0; i < n && !ctx_failed(c); i++) {
            target_make(c, &sellers[i], month);
        }
    }
    adjustment_make(c, today);
    int64_t monday = period_at(PERIOD_WEEK, today).from;
    for (int week = WEEKS; week > 0 && !ctx_failed(c); week--) {
        forecast_snapshot_take(c, monday - 7 * week, true);
    }
}
