/*
 * The sample company's targets for those who sell, quarter by quarter of this year and the next
 * one, for a machine builder's salesman wins a deal or none a month; what the forecast was on the
 * Mondays of the last half year; and an adjustment of the manager.
 */
#include "base/clock.h"
#include "db/db.h"
#include "entity/record.h"
#include "organization/company.h"
#include "sales/forecast.h"
#include "sales/period.h"
#include "sample/setup.h"

enum { SELLERS_MOST = 100, QUARTERS = 5, WEEKS = 26, TARGET_STEP = 1000000, BY_NUMBER = 15 };

struct seller {
    int64_t user_id, pipeline_id;
    int64_t sum, count; /* a quarter's, over the last year; minor units */
};

static size_t sellers_read(struct ctx *c, int64_t today, struct seller *sellers) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT owner_id, pipeline_id, CAST(sum(CASE WHEN state = 'won' AND closed_date >= $1 "
             "AND amount_currency = $2 THEN amount ELSE 0 END) / 4 AS BIGINT), CAST(sum(CASE WHEN "
             "state = 'won' AND closed_date >= $1 THEN 1 ELSE 0 END) / 4 AS BIGINT) "
             "FROM opportunity WHERE deleted_at IS NULL AND owner_id IS NOT NULL "
             "GROUP BY owner_id, pipeline_id ORDER BY owner_id, pipeline_id LIMIT $3",
             period_date(c->arena, today - 365), company_currency(c), (int64_t)SELLERS_MOST);
    while (db_next(&rows)) {
        sellers[n++] = (struct seller){db_int(&rows, 0), db_int(&rows, 1), db_int(&rows, 2),
                                       db_int(&rows, 3)};
    }
    return n;
}

/* What those bring on average who sell the same way. */
static int64_t peers_sum(const struct seller *sellers, size_t n, int64_t pipeline_id) {
    int64_t sum = 0, peers = 0;
    for (size_t i = 0; i < n; i++) {
        bool peer = sellers[i].pipeline_id == pipeline_id;
        sum += peer ? sellers[i].sum : 0;
        peers += peer;
    }
    return peers ? sum / peers : 0;
}

static void target_make(struct ctx *c, int64_t user_id, struct period quarter, int64_t minor,
                        int64_t count) {
    struct change_set set = change_new(c, entity_named(c, "target"));
    change_text(&set, "subject", STR("person"));
    change_id(&set, "user_id", user_id);
    change_text(&set, "period", STR("quarter"));
    change_text(&set, "starts_on", period_date(c->arena, quarter.from));
    change_text(&set, "measure", count ? STR("won_count") : STR("won_amount"));
    if (count) {
        change_int(&set, "count", count);
    } else {
        change_money(&set, "amount", minor, company_currency(c));
    }
    record_insert(c, &set);
}

/* A fifth more than the year brought, in steps of ten thousand, and nobody gets less than three
 * quarters of what his peers bring: a poor year makes no small target. Who sells by the dozen has
 * a number of deals to reach besides. */
static void targets_make(struct ctx *c, const struct seller *sellers, size_t n, size_t i,
                         struct period quarter) {
    const struct seller *s = &sellers[i];
    int64_t least = peers_sum(sellers, n, s->pipeline_id) * 3 / 4;
    int64_t base = (s->sum > least ? s->sum : least) * 6 / 5;
    int64_t steps = (base + TARGET_STEP / 2) / TARGET_STEP;
    target_make(c, s->user_id, quarter, (steps ? steps : 1) * TARGET_STEP, 0);
    if (s->count >= BY_NUMBER) {
        target_make(c, s->user_id, quarter, 0, s->count * 6 / 5);
    }
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
    struct period quarter = period_at(PERIOD_QUARTER, period_at(PERIOD_YEAR, today).from);
    for (int q = 0; q < QUARTERS; q++, quarter = period_step(quarter, 1)) {
        for (size_t i = 0; i < n && !ctx_failed(c); i++) {
            targets_make(c, sellers, n, i, quarter);
        }
    }
    adjustment_make(c, today);
    int64_t monday = period_at(PERIOD_WEEK, today).from;
    for (int week = WEEKS; week > 0 && !ctx_failed(c); week--) {
        forecast_snapshot_take(c, monday - 7 * week, true);
    }
}
