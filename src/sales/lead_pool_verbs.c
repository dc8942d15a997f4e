/*
 * What people do with pools: grab, let go, give out.
 *
 * POST /api/v1/leads/{id}/grab            the lead is mine, or why not (409): somebody was first
 *                                         and by how much, cooling down, no picks left, too many
 *                                         held. However many grab at once, the version of the
 *                                         lead's row lets one write; the others wait for it and
 *                                         find it taken. Picks are counted by one conditional
 *                                         UPDATE, under which the same user's grabs stand in line.
 * POST /api/v1/leads/{id}/release         {"reason"} back into a pool, by its owner or who assigns
 * POST /api/v1/lead_pools/{id}/assign     {"lead_ids", "owner_id"} by a manager of the pool
 */
#include "automation/notification.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "db/db.h"
#include "http/route.h"
#include "sales/lead_clock.h"
#include "sales/lead_pool.h"
#include "sales/sales.h"

enum { ASSIGN_MOST = 200, REASON_MOST = 200 };

static struct str seconds_text(struct ctx *c, int64_t ms) {
    int64_t tenths = ms < 100 ? 1 : ms / 100;
    return str_format(c->arena, "%lld.%lld", (long long)(tenths / 10), (long long)(tenths % 10));
}

/* The lead is in no pool: who may know that it was in one is told who has it. */
static void tell_taken(struct ctx *c, int64_t lead_id) {
    struct db_rows rows;
    int64_t pool_id = 0, at = 0;
    struct str who = STR("");
    DB_QUERY(c, &rows,
             "SELECT l.pool_id, l.at, u.name FROM lead_pool_log l LEFT JOIN \"user\" u "
             "ON u.id = l.user_id WHERE l.lead_id = $1 AND l.kind IN ('grabbed', 'assigned') "
             "ORDER BY l.id DESC LIMIT 1",
             lead_id);
    if (db_next(&rows)) {
        pool_id = db_int(&rows, 0);
        at = db_int(&rows, 1);
        who = db_text(&rows, 2);
        db_done(&rows);
    }
    struct record *pool = pool_id ? record_load(c, entity_named(c, "lead_pool"), pool_id) : NULL;
    if (!pool || !pool_admits(c, pool)) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return;
    }
    FAIL(c, ERROR_CONFLICT, "pool.taken", {"who", who},
         {"seconds", seconds_text(c, c->now_ms - at)});
}

/* One more pick of today, if there is one left. */
static void pick_count(struct ctx *c, const struct record *pool, const struct pool_standing *s) {
    int64_t counted = DB_RUN(c,
                             "INSERT INTO lead_pick (pool_id, user_id, day, picks) "
                             "VALUES ($1, $2, $3, 1) ON CONFLICT (pool_id, user_id, day) DO UPDATE "
                             "SET picks = lead_pick.picks + 1 WHERE lead_pick.picks < $4",
                             pool->id, c->actor->user_id, s->day, s->limit ? s->limit : INT64_MAX);
    if (!counted) {
        FAIL(c, ERROR_CONFLICT, "pool.picked_out",
             {"n", str_format(c->arena, "%lld", (long long)s->limit)});
    }
}

static void check_limits(struct ctx *c, const struct record *pool, int64_t lead_id) {
    int64_t until = pool_cooling(c, pool, lead_id, c->actor->user_id);
    if (until) {
        int64_t days = (until - c->now_ms + MS_DAY - 1) / MS_DAY;
        FAIL(c, ERROR_CONFLICT, "pool.cooling",
             {"n", str_format(c->arena, "%lld", (long long)days)});
    }
    struct pool_standing standing = pool_standing(c, pool, c->actor->user_id);
    pick_count(c, pool, &standing);
    /* Once more: another grab of the same user may have waited for the count before this one. */
    standing = pool_standing(c, pool, c->actor->user_id);
    if (standing.cap && standing.held >= standing.cap) {
        FAIL(c, ERROR_CONFLICT, "pool.cap",
             {"n", str_format(c->arena, "%lld", (long long)standing.cap)});
    }
}

static void clock_members(struct ctx *c, struct json_writer *w, const struct record *lead) {
    struct lead_clock clock = lead_clock_runs(lead) ? lead_clock(c, lead) : (struct lead_clock){0};
    JSON_MEMBER(w, "since", json_put_instant_or_null, clock.since);
    JSON_MEMBER(w, "alert_at", json_put_instant_or_null, clock.alert_at);
    JSON_MEMBER(w, "recycle_at", json_put_instant_or_null, clock.recycle_at);
    json_key(w, "recycle");
    if (clock.recycle) {
        json_put_c(w, clock.recycle);
    } else {
        json_put_null(w);
    }
}

static void reply_grabbed(struct request *r, int64_t lead_id, const struct record *pool) {
    struct ctx *c = r->c;
    struct record *lead = record_load(c, entity_named(c, "lead"), lead_id);
    struct json_writer w = json_writer(c->arena);
    if (!lead) {
        return;
    }
    struct pool_standing s = pool_standing(c, pool, c->actor->user_id);
    json_begin_object(&w);
    json_key(&w, "lead");
    record_json(c, &w, lead, &record_with_titles);
    clock_members(c, &w, lead);
    JSON_MEMBER(&w, "pick_limit", json_put_int, s.limit);
    JSON_MEMBER(&w, "picked", json_put_int, s.picked);
    JSON_MEMBER(&w, "holding_cap", json_put_int, s.cap);
    JSON_MEMBER(&w, "held", json_put_int, s.held);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void grab_post(struct request *r) {
    struct ctx *c = r->c;
    struct record *lead = record_load(c, entity_named(c, "lead"), request_id(r, "id"));
    if (!lead) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return;
    }
    if (record_empty(lead, "pool_id")) {
        tell_taken(c, lead->id);
        return;
    }
    struct record *pool = pool_load(c, record_id(lead, "pool_id"));
    if (!pool || !pool_admits(c, pool)) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return;
    }
    check_limits(c, pool, lead->id);
    bool mine = pool_give(c, lead, c->actor->user_id,
                          message_format(c->arena, LANGUAGE_ZH, "pool.grabbed_from",
                                         &(struct text_parameter){"pool", record_title(pool)}, 1));
    if (!mine) {
        tell_taken(c, lead->id);
        return;
    }
    reply_grabbed(r, lead->id, pool);
}

static void release_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *lead = record_read(c, entity_named(c, "lead"), request_id(r, "id"));
    struct str reason = str_trim(json_text(body, "reason"));
    if (!lead || !body) {
        return;
    }
    int64_t owner = record_id(lead, "owner_id");
    access_require(c, owner == c->actor->user_id ? ACTION_UPDATE : ACTION_ASSIGN, lead);
    if (!reason.n || text_length(reason) > REASON_MOST) {
        FAIL_FIELD(c, STR("/reason"), "pool.reason");
    }
    if (!ctx_failed(c) && !lead_clock_runs(lead)) {
        FAIL(c, ERROR_CONFLICT, "pool.not_held");
    }
    const struct pool_entry entry = {
        .kind = POOL_RELEASED, .reason = reason, .from_user_id = owner};
    int64_t pool_id = ctx_failed(c) ? 0 : pool_put(c, lead, &entry);
    if (!pool_id) {
        FAIL(c, ERROR_CONFLICT, "pool.none_fits");
        return;
    }
    const struct record *pool = pool_load(c, pool_id);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "pool_id", json_put_id, pool_id);
    JSON_MEMBER(&w, "pool", json_put_str, pool ? record_title(pool) : STR(""));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void failed_json(struct json_writer *w, int64_t id, const char *code) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, id);
    JSON_MEMBER(w, "code", json_put_c, code);
    json_end_object(w);
}

/* Those still in the pool go to the owner, the others are named. */
static void assign_all(struct request *r, const struct record *pool, const struct json *ids,
                       int64_t owner) {
    struct ctx *c = r->c;
    struct json_writer w = json_writer(c->arena);
    int64_t given = 0;
    struct str reason = message_format(
        c->arena, LANGUAGE_ZH, "pool.assigned_from",
        (struct text_parameter[]){{"who", c->actor->name}, {"pool", record_title(pool)}}, 2);
    json_begin_object(&w);
    json_key(&w, "failed");
    json_begin_array(&w);
    for (size_t i = 0; i < ids->n && !ctx_failed(c); i++) {
        int64_t id = json_as_id(&ids->items[i]);
        struct record *lead = record_load(c, entity_named(c, "lead"), id);
        if (lead && record_id(lead, "pool_id") == pool->id && pool_give(c, lead, owner, reason)) {
            given++;
        } else {
            failed_json(&w, id, "pool.gone");
        }
    }
    json_end_array(&w);
    JSON_MEMBER(&w, "assigned", json_put_int, given);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void assign_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *pool = pool_load(c, request_id(r, "id"));
    if (!pool || !body) {
        return;
    }
    if (!pool_manages(c, pool)) {
        FAIL(c, ERROR_DENIED, "access.denied");
        return;
    }
    const struct json *ids = json_get(body, "lead_ids");
    int64_t owner = json_id(body, "owner_id");
    if (!json_is(ids, JSON_IS_ARRAY) || !ids->n || ids->n > ASSIGN_MOST) {
        FAIL_FIELD(c, STR("/lead_ids"), "pool.lead_ids");
    }
    if (!user_active(c, owner)) {
        FAIL_FIELD(c, STR("/owner_id"), "reference.absent");
    }
    if (!ctx_failed(c)) {
        assign_all(r, pool, ids, owner);
    }
}

static void clock_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *lead = record_read(c, entity_named(c, "lead"), request_id(r, "id"));
    struct json_writer w = json_writer(c->arena);
    if (!lead) {
        return;
    }
    json_begin_object(&w);
    clock_members(c, &w, lead);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/leads/{id}/grab", "leads:grab", LANE_WRITER, grab_post,
     .summary = "route.lead_grab",
     .answer = "lead:@lead! since:instant?! alert_at:instant?! recycle_at:instant?! "
               "recycle:text?! pick_limit:integer! picked:integer! holding_cap:integer! "
               "held:integer!"},
    {METHOD_POST, "/api/v1/leads/{id}/release", PERMISSION_RECORD, LANE_WRITER, release_post,
     .summary = "route.lead_release", .body = "reason:text!", .answer = "pool_id:id! pool:text!"},
    {METHOD_GET, "/api/v1/leads/{id}/clock", PERMISSION_RECORD, LANE_INLINE, clock_get,
     .summary = "route.lead_clock",
     .answer = "since:instant?! alert_at:instant?! recycle_at:instant?! recycle:text?!"},
    {METHOD_POST, "/api/v1/lead_pools/{id}/assign", PERMISSION_SIGNED_IN, LANE_WRITER, assign_post,
     .summary = "route.pool_assign", .body = "lead_ids:[id]! owner_id:id!",
     .answer = "assigned:integer! failed:[(id:id?! code:text!)]!"},
    {0}};

static const struct text texts[] = {
    {"pool.taken", "{who} 快了 {seconds} 秒", "{who} was {seconds} s faster"},
    {"pool.cooling", "你放弃过这条线索，{n} 天后才能再抢",
     "You let this lead go; you may grab it again in {n} days"},
    {"pool.picked_out", "今天的 {n} 条已经抢完，明天再来",
     "Today's {n} picks are used; come back tomorrow"},
    {"pool.cap", "手上已有 {n} 条线索，先跟进或退回一些",
     "You hold {n} leads already; work or return some first"},
    {"pool.reason", "请写明原因，最多 200 字", "Give a reason, 200 characters at most"},
    {"pool.not_held", "这条线索已结束或没有负责人", "The lead is closed or nobody's"},
    {"pool.none_fits", "没有公海可以收这条线索", "No pool takes this lead"},
    {"pool.lead_ids", "一次 1 到 200 条", "1 to 200 at a time"},
    {"pool.gone", "已不在公海", "No longer in the pool"},
    {"pool.grabbed_from", "从公海「{pool}」抢到", "Grabbed from \"{pool}\""},
    {"pool.assigned_from", "{who} 从公海「{pool}」分配", "Assigned by {who} from \"{pool}\""},
    {"route.lead_grab", "抢线索", "Grab a lead"},
    {"route.lead_release", "退回公海", "Return a lead to a pool"},
    {"route.lead_clock", "线索时限", "Clocks of a lead"},
    {"route.pool_assign", "从公海分配", "Give leads of a pool out"},
    {0}};

const struct module lead_pool_verbs_module = {
    .name = "sales.lead_pool_verbs", .cloud = "sales", .routes = routes, .texts = texts};
