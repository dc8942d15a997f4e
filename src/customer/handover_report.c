/*
 * Handovers in sum: how many were handed over in a period, how they were answered and how fast, why
 * leads came back, and what became of those accepted. For marketing and for sales, within the
 * reader's rights. Counts the newest 50,000 at most.
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/customer.h"
#include "db/sql.h"
#include "entity/access.h"
#include "http/route.h"

enum { HANDOVERS_MOST = 50000, GROUPS_MOST = 200 };

/* The handovers of the period that the reader may see, as x. */
static void period_add(struct ctx *c, struct sql *q, int64_t from) {
    SQL_ADD(q, " FROM (SELECT h.state, h.outcome, h.owner_id, h.source, h.return_reason_id, "
               "h.decided_at - h.created_at AS took, h.due_at FROM handover h "
               "WHERE h.deleted_at IS NULL AND h.created_at >= ");
    SQL_VALUE(q, from);
    SQL_ADD(q, " AND ");
    access_where(c, q, entity_named(c, "handover"), ACTION_READ, "h");
    SQL_ADD(q, " ORDER BY h.created_at DESC LIMIT ");
    sql_number(q, HANDOVERS_MOST);
    SQL_ADD(q, ") x");
}

#define COUNT_IF(what) "CAST(COALESCE(sum(CASE WHEN " what " THEN 1 ELSE 0 END), 0) AS BIGINT)"

static const char *const counts[] = {"handed",    "waiting", "late", "accepted",    "returned",
                                     "converted", "won",     "lost", "disqualified"};
enum { COUNTS = sizeof counts / sizeof *counts };

/* clang-format off */
static void counts_add(struct ctx *c, struct sql *q) {
    SQL_ADD(q, "CAST(count(*) AS BIGINT), "
               COUNT_IF("x.state = 'waiting'") ", "
               "CAST(COALESCE(sum(CASE WHEN x.state = 'waiting' AND x.due_at < ");
    SQL_VALUE(q, c->now_ms);
    SQL_ADD(q, " THEN 1 ELSE 0 END), 0) AS BIGINT), "
               COUNT_IF("x.state = 'accepted'") ", "
               COUNT_IF("x.state = 'returned'") ", "
               COUNT_IF("x.outcome IN ('converted', 'won', 'lost')") ", "
               COUNT_IF("x.outcome = 'won'") ", "
               COUNT_IF("x.outcome = 'lost'") ", "
               COUNT_IF("x.outcome = 'disqualified'"));
}
/* clang-format on */

static void counts_json(struct json_writer *w, const struct db_rows *rows, int first) {
    for (int i = 0; i < COUNTS; i++) {
        JSON_MEMBER(w, counts[i], json_put_int, db_int(rows, first + i));
    }
}

static void total_json(struct ctx *c, struct json_writer *w, int64_t from) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    SQL_ADD(&q, "SELECT ");
    counts_add(c, &q);
    period_add(c, &q, from);
    json_key(w, "total");
    json_begin_object(w);
    sql_query(c, &rows, &q);
    if (db_next(&rows)) {
        counts_json(w, &rows, 0);
        db_done(&rows);
    }
    json_end_object(w);
}

/* The middle one of how long it took to accept. */
static void median_json(struct ctx *c, struct json_writer *w, int64_t from) {
    struct sql n = sql_new(c->arena), q = sql_new(c->arena);
    struct db_rows rows;
    SQL_ADD(&n, "SELECT CAST(count(*) AS BIGINT)");
    period_add(c, &n, from);
    SQL_ADD(&n, " WHERE x.state = 'accepted'");
    int64_t accepted = sql_int(c, &n);
    SQL_ADD(&q, "SELECT x.took");
    period_add(c, &q, from);
    SQL_ADD(&q, " WHERE x.state = 'accepted' ORDER BY x.took LIMIT 1 OFFSET ");
    sql_number(&q, accepted / 2);
    json_key(w, "minutes_to_accept");
    sql_query(c, &rows, &q);
    if (db_next(&rows)) {
        json_put_int(w, db_int(&rows, 0) / MS_MINUTE);
        db_done(&rows);
    } else {
        json_put_null(w);
    }
}

static void reasons_json(struct ctx *c, struct json_writer *w, int64_t from) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    SQL_ADD(&q, "SELECT x.return_reason_id, ");
    sql_literal(&q, c->language == LANGUAGE_EN ? "COALESCE(r.name_en, r.name, '')"
                                               : "COALESCE(r.name, '')");
    SQL_ADD(&q, ", CAST(count(*) AS BIGINT)");
    period_add(c, &q, from);
    SQL_ADD(&q, " LEFT JOIN handover_reason r ON r.id = x.return_reason_id "
                "WHERE x.state = 'returned' "
                "GROUP BY x.return_reason_id, r.name, r.name_en "
                "ORDER BY 3 DESC, 1 LIMIT ");
    sql_number(&q, GROUPS_MOST);
    json_key(w, "reasons");
    json_begin_array(w);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        json_begin_object(w);
        JSON_MEMBER(w, "id", json_put_id, db_int(&rows, 0));
        JSON_MEMBER(w, "name", json_put_str, db_view(&rows, 1));
        JSON_MEMBER(w, "returned", json_put_int, db_int(&rows, 2));
        json_end_object(w);
    }
    json_end_array(w);
}

static void group_rows_json(struct ctx *c, struct json_writer *w, const struct sql *q) {
    struct db_rows rows;
    json_begin_array(w);
    sql_query(c, &rows, q);
    while (db_next(&rows)) {
        json_begin_object(w);
        JSON_MEMBER(w, "id", json_put_id, db_int(&rows, 0));
        JSON_MEMBER(w, "name", json_put_str, db_view(&rows, 1));
        counts_json(w, &rows, 2);
        json_end_object(w);
    }
    json_end_array(w);
}

static void people_json(struct ctx *c, struct json_writer *w, int64_t from) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT x.owner_id, COALESCE(u.name, ''), ");
    counts_add(c, &q);
    period_add(c, &q, from);
    SQL_ADD(&q, " LEFT JOIN \"user\" u ON u.id = x.owner_id GROUP BY x.owner_id, u.name "
                "ORDER BY 3 DESC, 1 LIMIT ");
    sql_number(&q, GROUPS_MOST);
    json_key(w, "people");
    group_rows_json(c, w, &q);
}

static void sources_json(struct ctx *c, struct json_writer *w, int64_t from) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT CAST(0 AS BIGINT), COALESCE(x.source, ''), ");
    counts_add(c, &q);
    period_add(c, &q, from);
    SQL_ADD(&q, " GROUP BY COALESCE(x.source, '') ORDER BY 3 DESC, 2 LIMIT ");
    sql_number(&q, GROUPS_MOST);
    json_key(w, "sources");
    group_rows_json(c, w, &q);
}

static void report_get(struct request *r) {
    struct ctx *c = r->c;
    int64_t days = request_query_int(r, "days", 30);
    if (days < 1 || days > 366) {
        FAIL_FIELD(c, STR("/days"), "handover.days");
        return;
    }
    if (access_scope(c->actor, entity_named(c, "handover"), ACTION_READ) == SCOPE_NONE) {
        FAIL(c, ERROR_DENIED, "access.denied");
        return;
    }
    int64_t from = c->now_ms - days * MS_DAY;
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "days", json_put_int, days);
    total_json(c, &w, from);
    median_json(c, &w, from);
    reasons_json(c, &w, from);
    people_json(c, &w, from);
    sources_json(c, &w, from);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/handovers/report", "reports:read", LANE_SLOW, report_get,
     .summary = "route.handover_report", .query = "days:integer",
     .answer = "days:integer! total:object! minutes_to_accept:integer?! reasons:[object]! "
               "people:[object]! sources:[object]!"},
    {0}};

static const struct text texts[] = {{"handover.days", "1 到 366 天", "1 to 366 days"},
                                    {"route.handover_report", "线索交接报表", "Handovers in sum"},
                                    {0}};

const struct module handover_report_module = {
    .name = "customer.handover_report", .cloud = "customer", .routes = routes, .texts = texts};
