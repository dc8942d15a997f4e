/*
 * What is seen of pools.
 *
 * GET /api/v1/lead_pools/mine        those I may grab from or look after: how many lie there, what
 *                                    is left of my picks and my cap
 * GET /api/v1/lead_pools/{id}/leads  what lies there, a page at a time. Fields the pool hides are
 *                                    masked, of a company place and trade stay; nothing can be
 *                                    filtered or sorted by what is hidden. Who looks after the
 *                                    pool sees everything his rights on fields allow.
 * GET /api/v1/lead_pools/report      what went in and out in a period, how long it lay, and the
 *                                    rate of idle leads among those who hold some
 */
#include <string.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/condition.h"
#include "entity/mask.h"
#include "entity/query.h"
#include "http/route.h"
#include "sales/lead_pool.h"
#include "sales/sales.h"

enum { PAGE = 50, PEOPLE_MOST = 200, IDLE_HOURS = 24 };

/* What a pool shows of a lead, hidden or not. */
static const char *const shown[] = {"name",   "company_name",     "job_title", "phone",    "email",
                                    "region", "industry",         "source",    "campaign", "score",
                                    "tier",   "product_interest", NULL};
static const char *const hidden_as_a_rule[] = {"name", "phone", "email", "company_name", NULL};

static bool hides(struct ctx *c, const struct record *pool, struct str field) {
    struct str text = record_text(pool, "hidden_fields");
    const struct json *names = text.n ? json_parse(c, text) : NULL;
    if (!names) {
        return str_among(hidden_as_a_rule, field);
    }
    for (size_t i = 0; i < names->n; i++) {
        if (str_equal(names->items[i].text, field)) {
            return true;
        }
    }
    return false;
}

static struct list_total pool_total(struct ctx *c, int64_t pool_id) {
    enum { MOST = 10001 };
    int64_t n = DB_INT(c,
                       "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM lead "
                       "WHERE pool_id = $1 AND deleted_at IS NULL LIMIT $2) x",
                       pool_id, (int64_t)MOST);
    return (struct list_total){n < MOST ? n : MOST - 1, n < MOST};
}

static void total_json(struct json_writer *w, struct list_total total) {
    json_begin_object(w);
    JSON_MEMBER(w, "value", json_put_int, total.value);
    JSON_MEMBER(w, "exact", json_put_bool, total.exact);
    json_end_object(w);
}

static void pool_json(struct ctx *c, struct json_writer *w, const struct record *pool) {
    struct pool_standing s = pool_standing(c, pool, c->actor->user_id);
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, pool->id);
    JSON_MEMBER(w, "name", json_put_str, record_title(pool));
    json_key(w, "total");
    total_json(w, pool_total(c, pool->id));
    JSON_MEMBER(w, "enabled", json_put_bool, record_int(pool, "enabled") != 0);
    JSON_MEMBER(w, "grabs", json_put_bool, pool_admits(c, pool));
    JSON_MEMBER(w, "manages", json_put_bool, pool_manages(c, pool));
    JSON_MEMBER(w, "pick_limit", json_put_int, s.limit);
    JSON_MEMBER(w, "picked", json_put_int, s.picked);
    JSON_MEMBER(w, "holding_cap", json_put_int, s.cap);
    JSON_MEMBER(w, "held", json_put_int, s.held);
    JSON_MEMBER(w, "follow_up_hours", json_put_int, record_int(pool, "follow_up_hours"));
    JSON_MEMBER(w, "capacity", json_put_int, record_int(pool, "capacity"));
    json_end_object(w);
}

/* Pools that are off and not empty: who looks after them gives out what is left. */
static void off_json(struct ctx *c, struct json_writer *w) {
    struct db_rows rows;
    int64_t ids[POOLS_MOST];
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT p.id FROM lead_pool p WHERE p.enabled = 0 AND p.deleted_at IS NULL "
             "AND EXISTS (SELECT 1 FROM lead l WHERE l.pool_id = p.id AND l.deleted_at IS NULL) "
             "ORDER BY p.position, p.id LIMIT $1",
             (int64_t)POOLS_MOST);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct record *pool = pool_load(c, ids[i]);
        if (pool && pool_manages(c, pool)) {
            pool_json(c, w, pool);
        }
    }
}

static void mine_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *pools[POOLS_MOST];
    size_t n = pools_read(c, pools);
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (pool_admits(c, pools[i]) || pool_manages(c, pools[i])) {
            pool_json(c, &w, pools[i]);
        }
    }
    off_json(c, &w);
    json_end_array(&w);
    JSON_MEMBER(&w, "any", json_put_bool, n > 0);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* How the leads of a page came in. */
struct entry {
    int64_t lead_id, at, returns, cooling_until;
    struct str kind, reason;
};

struct page {
    struct ctx *c;
    const struct record *pool;
    bool manages;
    struct record **leads;
    struct entry *entries;
    size_t n;
};

static struct entry *entry_of(const struct page *p, int64_t lead_id) {
    for (size_t i = 0; i < p->n; i++) {
        if (p->entries[i].lead_id == lead_id) {
            return &p->entries[i];
        }
    }
    return NULL;
}

static void entries_read(struct page *p) {
    struct ctx *c = p->c;
    int64_t ids[PAGE], cool = record_int(p->pool, "cooldown_days") * MS_DAY;
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    for (size_t i = 0; i < p->n; i++) {
        ids[i] = p->entries[i].lead_id = p->leads[i]->id;
    }
    if (!p->n) {
        return;
    }
    SQL_ADD(&q, "SELECT lead_id, at, kind, reason, user_id FROM lead_pool_log WHERE kind IN "
                "('entered', 'released', 'recycled') AND lead_id IN ");
    sql_ids(&q, ids, p->n);
    SQL_ADD(&q, " ORDER BY id");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        struct entry *e = entry_of(p, db_int(&rows, 0));
        int64_t at = db_int(&rows, 1);
        e->at = at;
        e->kind = db_text(&rows, 2);
        e->reason = db_text(&rows, 3);
        e->returns += db_int(&rows, 4) ? 1 : 0;
        bool mine = db_int(&rows, 4) == c->actor->user_id && at + cool > c->now_ms;
        e->cooling_until = mine ? at + cool : e->cooling_until;
    }
}

static void field_json(const struct page *p, struct json_writer *w, const struct record *lead,
                       const struct field *f) {
    struct ctx *c = p->c;
    struct value v = lead->values[f->position];
    enum field_right right = access_field(c->actor, lead->entity, f);
    if (right == RIGHT_NONE) {
        return;
    }
    bool hidden = right == RIGHT_MASKED || (!p->manages && hides(c, p->pool, f->name));
    json_key_str(w, f->name);
    if (v.kind == VALUE_NULL) {
        json_put_null(w);
    } else if (hidden && str_is(f->name, "company_name")) {
        json_put_str(w, pool_company_mask(c->arena, v.text));
    } else if (hidden) {
        mask_to_json(w, f, v);
    } else {
        value_to_json(w, f, v);
    }
}

static void lead_json(const struct page *p, struct json_writer *w, size_t i) {
    const struct record *lead = p->leads[i];
    const struct entry *e = &p->entries[i];
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, lead->id);
    for (const char *const *name = shown; *name; name++) {
        field_json(p, w, lead, entity_field(lead->entity, str_from(*name)));
    }
    JSON_MEMBER(w, "created_at", json_put_instant, record_int(lead, "created_at"));
    JSON_MEMBER(w, "pooled_at", json_put_instant, record_int(lead, "pooled_at"));
    JSON_MEMBER(w, "entered", json_put_str, e->kind);
    JSON_MEMBER(w, "reason", json_put_str, e->reason);
    JSON_MEMBER(w, "returns", json_put_int, e->returns);
    json_key(w, "cooling_until");
    json_put_instant_or_null(w, e->cooling_until);
    json_end_object(w);
}

static void leaf_json(struct json_writer *w, const char *field, struct str value) {
    bool begins = strcmp(field, "region") == 0;
    json_begin_object(w);
    JSON_MEMBER(w, "field", json_put_c, field);
    JSON_MEMBER(w, "op", json_put_c, begins ? "starts_with" : "eq");
    JSON_MEMBER(w, "value", json_put_str, value);
    json_end_object(w);
}

/* The pool's leads, narrowed by what it shows. */
static struct str where_json(struct request *r, const struct record *pool, bool manages) {
    static const char *const filters[] = {"region", "industry", "source", "tier"};
    struct ctx *c = r->c;
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "all");
    json_begin_array(&w);
    leaf_json(&w, "pool_id", str_format(c->arena, "%lld", (long long)pool->id));
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        struct str value = request_query(r, filters[i]);
        if (!value.n) {
            continue;
        }
        if (!manages && hides(c, pool, str_from(filters[i]))) {
            FAIL_FIELD(c, str_format(c->arena, "/%s", filters[i]), "pool.filter_hidden");
        }
        leaf_json(&w, filters[i], value);
    }
    json_end_array(&w);
    json_end_object(&w);
    return json_str(&w);
}

/* A page of the pool, read with the system's rights: who may see it was asked before, and what of
 * it is decided field by field. */
static struct list_page page_read(struct request *r, const struct record *pool, bool manages) {
    static const struct {
        const char *word, *sort;
    } orders[] = {
        {"score", "-score"}, {"newest", "-created_at"}, {"recycled", "-pooled_at"}, {NULL, NULL}};
    struct ctx *c = r->c;
    struct str asked = request_query(r, "sort"), where = where_json(r, pool, manages);
    const struct actor *actor = c->actor;
    size_t at = 0;
    while (orders[at].word && asked.n && !str_is(asked, orders[at].word)) {
        at++;
    }
    bool hidden = at == 0 && !manages && hides(c, pool, STR("score"));
    if (!orders[at].word || hidden) {
        FAIL_FIELD(c, STR("/sort"), "pool.sort");
    }
    if (ctx_failed(c)) {
        return (struct list_page){0};
    }
    struct list_request q = {.entity = entity_named(c, "lead"),
                             .limit = PAGE,
                             .action = ACTION_READ,
                             .cursor = request_query(r, "cursor")};
    c->actor = &actor_system;
    q.where = condition_parse_text(c, q.entity, where);
    list_parse_sort(c, &q, str_from(orders[at].sort));
    struct list_page page = ctx_failed(c) ? (struct list_page){0} : list_read(c, &q);
    c->actor = actor;
    return page;
}

static void leads_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *pool = pool_load(c, request_id(r, "id"));
    if (!pool) {
        return;
    }
    bool manages = pool_manages(c, pool);
    if (!manages && !pool_admits(c, pool)) {
        FAIL(c, ERROR_DENIED, "pool.not_for_you");
        return;
    }
    struct list_page list = page_read(r, pool, manages);
    struct page p = {.c = c, .pool = pool, .manages = manages, .leads = list.records, .n = list.n};
    p.entries = ARENA_NEW_ARRAY(c->arena, p.n ? p.n : 1, struct entry);
    entries_read(&p);
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (size_t i = 0; i < p.n && !ctx_failed(c); i++) {
        lead_json(&p, &w, i);
    }
    json_end_array(&w);
    json_key(&w, "next");
    if (list.next.p) {
        json_put_str(&w, list.next);
    } else {
        json_put_null(&w);
    }
    json_end_object(&w);
    reply_json(r, 200, &w);
}

struct movement {
    int64_t entered, released, recycled, grabbed, assigned;
};

static struct movement movement_read(struct ctx *c, int64_t pool_id, int64_t from) {
    struct movement m = {0};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT kind, CAST(count(*) AS BIGINT) FROM lead_pool_log WHERE pool_id = $1 "
             "AND at >= $2 GROUP BY kind",
             pool_id, from);
    while (db_next(&rows)) {
        struct str kind = db_view(&rows, 0);
        int64_t n = db_int(&rows, 1);
        m.entered += str_is(kind, POOL_ENTERED) ? n : 0;
        m.released += str_is(kind, POOL_RELEASED) ? n : 0;
        m.recycled += str_is(kind, POOL_RECYCLED) ? n : 0;
        m.grabbed += str_is(kind, POOL_GRABBED) ? n : 0;
        m.assigned += str_is(kind, POOL_ASSIGNED) ? n : 0;
    }
    return m;
}

/* The middle one of how long leads lay before somebody took them; -1 when none was taken. */
static int64_t median_wait(struct ctx *c, int64_t pool_id, int64_t from, int64_t n) {
    return n ? DB_INT(c,
                      "SELECT waited_ms FROM lead_pool_log WHERE pool_id = $1 AND at >= $2 "
                      "AND kind IN ('grabbed', 'assigned') ORDER BY waited_ms LIMIT 1 OFFSET $3",
                      pool_id, from, n / 2)
             : -1;
}

static void movement_json(struct ctx *c, struct json_writer *w, const struct record *pool,
                          int64_t from) {
    struct movement m = movement_read(c, pool->id, from);
    int64_t wait = median_wait(c, pool->id, from, m.grabbed + m.assigned);
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, pool->id);
    JSON_MEMBER(w, "name", json_put_str, record_title(pool));
    json_key(w, "total");
    total_json(w, pool_total(c, pool->id));
    JSON_MEMBER(w, "entered", json_put_int, m.entered);
    JSON_MEMBER(w, "released", json_put_int, m.released);
    JSON_MEMBER(w, "recycled", json_put_int, m.recycled);
    JSON_MEMBER(w, "grabbed", json_put_int, m.grabbed);
    JSON_MEMBER(w, "assigned", json_put_int, m.assigned);
    json_key(w, "median_wait_minutes");
    if (wait < 0) {
        json_put_null(w);
    } else {
        json_put_int(w, wait / MS_MINUTE);
    }
    json_end_object(w);
}

/* Of each who holds open leads, how many and how many without follow-up for a day. */
static void idle_query(struct ctx *c, struct db_rows *rows) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT x.owner_id, u.name, CAST(count(*) AS BIGINT), "
                "CAST(sum(CASE WHEN x.since < ");
    SQL_VALUE(&q, c->now_ms - IDLE_HOURS * (int64_t)MS_HOUR);
    SQL_ADD(&q, " THEN 1 ELSE 0 END) AS BIGINT) FROM (SELECT l.owner_id, "
                "CASE WHEN l.last_follow_up_at > COALESCE(l.assigned_at, l.created_at) "
                "THEN l.last_follow_up_at ELSE COALESCE(l.assigned_at, l.created_at) END AS since "
                "FROM lead l WHERE l.owner_id IS NOT NULL AND l.deleted_at IS NULL "
                "AND l.status IN ('new', 'working', 'returned') AND ");
    access_where(c, &q, entity_named(c, "lead"), ACTION_READ, "l");
    SQL_ADD(&q, ") x JOIN \"user\" u ON u.id = x.owner_id GROUP BY x.owner_id, u.name "
                "ORDER BY 4 DESC, 3 DESC, x.owner_id LIMIT ");
    sql_number(&q, PEOPLE_MOST);
    sql_query(c, rows, &q);
}

static void idle_json(struct ctx *c, struct json_writer *w) {
    struct db_rows rows;
    int64_t held = 0, idle = 0;
    json_key(w, "people");
    json_begin_array(w);
    idle_query(c, &rows);
    while (db_next(&rows)) {
        json_begin_object(w);
        JSON_MEMBER(w, "id", json_put_id, db_int(&rows, 0));
        JSON_MEMBER(w, "name", json_put_str, db_view(&rows, 1));
        JSON_MEMBER(w, "held", json_put_int, db_int(&rows, 2));
        JSON_MEMBER(w, "idle", json_put_int, db_int(&rows, 3));
        json_end_object(w);
        held += db_int(&rows, 2);
        idle += db_int(&rows, 3);
    }
    json_end_array(w);
    JSON_MEMBER(w, "idle_hours", json_put_int, IDLE_HOURS);
    JSON_MEMBER(w, "held", json_put_int, held);
    JSON_MEMBER(w, "idle", json_put_int, idle);
}

static void report_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *pools[POOLS_MOST];
    int64_t days = request_query_int(r, "days", 30);
    if (days < 1 || days > 366) {
        FAIL_FIELD(c, STR("/days"), "pool.days");
        return;
    }
    if (access_scope(c->actor, entity_named(c, "lead"), ACTION_READ) < SCOPE_TEAM) {
        FAIL(c, ERROR_DENIED, "access.denied");
        return;
    }
    size_t n = pools_read(c, pools);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "days", json_put_int, days);
    json_key(&w, "pools");
    json_begin_array(&w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        movement_json(c, &w, pools[i], c->now_ms - days * MS_DAY);
    }
    json_end_array(&w);
    idle_json(c, &w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/lead_pools/mine", PERMISSION_SIGNED_IN, LANE_INLINE, mine_get,
     .summary = "route.pools_mine",
     .answer =
         "any:boolean! data:[(id:id! name:text! total:object! enabled:boolean! grabs:boolean! "
         "manages:boolean! pick_limit:integer! picked:integer! holding_cap:integer! "
         "held:integer! follow_up_hours:integer! capacity:integer!)]!"},
    {METHOD_GET, "/api/v1/lead_pools/{id}/leads", PERMISSION_SIGNED_IN, LANE_INLINE, leads_get,
     .summary = "route.pool_leads",
     .query = "sort:text region:text industry:text source:text tier:text cursor:text",
     .answer = "data:[object]! next:text?!"},
    {METHOD_GET, "/api/v1/lead_pools/report", "reports:read", LANE_SLOW, report_get,
     .summary = "route.pool_report", .query = "days:integer",
     .answer = "days:integer! pools:[object]! people:[(id:id! name:text! held:integer! "
               "idle:integer!)]! idle_hours:integer! held:integer! idle:integer!"},
    {0}};

static const struct text texts[] = {
    {"pool.not_for_you", "这个公海没有对你开放", "This pool is not open to you"},
    {"pool.filter_hidden", "这个字段抢到后才能看",
     "This field is hidden until the lead is grabbed"},
    {"pool.sort", "可按 score、newest、recycled 排序", "Sort by score, newest or recycled"},
    {"pool.days", "1 到 366 天", "1 to 366 days"},
    {"route.pools_mine", "我的公海", "My pools"},
    {"route.pool_leads", "公海里的线索", "Leads of a pool"},
    {"route.pool_report", "公海与闲置率", "Pools and idle leads"},
    {0}};

const struct module lead_pool_views_module = {
    .name = "sales.lead_pool_views", .cloud = "sales", .routes = routes, .texts = texts};
