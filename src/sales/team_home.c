/*
 * The home of somebody who gives work to others: the team as it stands now.
 *
 * By person: leads nobody has touched, or was given, for the company's follow_up_days and nobody
 * plans to, what is overdue, the open pipeline, what was done last. For the team: the same in sum,
 * what lies longest and with whom, and the deals about to slip. It may be narrowed to one
 * department and those below it. Everything is counted within the reader's own rights and opens to
 * the records; counts are bounded as those of lists are, so that a large company costs no more.
 */
#include "base/message.h"
#include "base/module.h"
#include "db/sql.h"
#include "http/route.h"
#include "organization/company.h"
#include "sales/home_list.h"
#include "sales/sales.h"
#include "sales/slipping.h"

enum { PEOPLE_MOST = 60, SLIPPING_MOST = 12, LATE_EACH = 6, DEPARTMENTS_MOST = 60 };

static const struct home_list team_lists[] = {
    {"idle_lead", "lead",
     "{\"field\":\"status\",\"op\":\"in\",\"value\":[\"new\",\"working\"]},"
     "{\"field\":\"created_at\",\"op\":\"older_than\",\"value\":\"%s\"},"
     "{\"not\":{\"any\":["
     "{\"field\":\"last_follow_up_at\",\"op\":\"within_last\",\"value\":\"%s\"},"
     "{\"field\":\"assigned_at\",\"op\":\"within_last\",\"value\":\"%s\"}]}},"
     "{\"any\":[{\"field\":\"next_follow_up_at\",\"op\":\"is_empty\"},"
     "{\"field\":\"next_follow_up_at\",\"op\":\"older_than\",\"value\":\"0h\"}]}",
     "created_at", "created_at",
     .asks = {"owner_id", "status", "last_follow_up_at", "assigned_at", "next_follow_up_at"}},
    {"overdue_lead", "lead",
     "{\"field\":\"status\",\"op\":\"in\",\"value\":[\"working\",\"nurturing\"]},"
     "{\"field\":\"next_follow_up_at\",\"op\":\"older_than\",\"value\":\"0h\"}",
     "next_follow_up_at", "next_follow_up_at", .asks = {"owner_id", "status", "next_follow_up_at"}},
    {"overdue_deal", "opportunity",
     "{\"field\":\"state\",\"op\":\"eq\",\"value\":\"open\"},"
     "{\"field\":\"next_follow_up_at\",\"op\":\"older_than\",\"value\":\"0h\"}",
     "next_follow_up_at", "next_follow_up_at", .asks = {"owner_id", "state", "next_follow_up_at"}},
    {"overdue_task", "task",
     "{\"field\":\"status\",\"op\":\"eq\",\"value\":\"open\"},"
     "{\"field\":\"due_at\",\"op\":\"older_than\",\"value\":\"0h\"}",
     "due_at", "due_at", .asks = {"owner_id", "status", "due_at"}}};

static const struct home_list open_deals = {
    "open_deals", "opportunity", "{\"field\":\"state\",\"op\":\"eq\",\"value\":\"open\"}",
    .asks = {"owner_id", "state", "amount"}};
static const struct home_list slipping_list = {"slipping", "opportunity", "", "-amount",
                                               .asks = {"owner_id"}};
static const struct home_list activities = {"activity", "activity", "", .asks = {"owner_id"}};

struct team {
    struct ctx *c;
    struct str idle; /* "3d" */
    struct str part; /* the leaf of the departments it is narrowed to, or empty */
    struct id_set departments;
    struct json_writer w;
};

static enum scope managed_scope(const struct ctx *c) {
    enum scope leads = access_scope(c->actor, entity_named(c, "lead"), ACTION_ASSIGN);
    enum scope deals = access_scope(c->actor, entity_named(c, "opportunity"), ACTION_ASSIGN);
    return leads > deals ? leads : deals;
}

static void ids_where(struct sql *q, const char *column, struct id_set set) {
    SQL_ADD(q, " AND ");
    sql_literal(q, column);
    SQL_ADD(q, " IN (0");
    for (size_t i = 0; i < set.n; i++) {
        SQL_ADD(q, ", ");
        SQL_VALUE(q, set.ids[i]);
    }
    SQL_ADD(q, ")");
}

/* A department and all below it. */
static struct id_set departments_below(struct ctx *c, int64_t id) {
    struct id_set set = {.ids = ARENA_NEW_ARRAY(c->arena, DEPARTMENTS_MOST, int64_t)};
    struct db_rows rows;
    int64_t *ids = (int64_t *)set.ids;
    DB_QUERY(c, &rows,
             "WITH RECURSIVE below(id) AS (SELECT id FROM department WHERE id = $1 AND deleted_at "
             "IS NULL UNION SELECT d.id FROM department d JOIN below b ON d.parent_id = b.id "
             "WHERE d.deleted_at IS NULL) SELECT id FROM below LIMIT $2",
             id, (int64_t)DEPARTMENTS_MOST);
    while (db_next(&rows)) {
        ids[set.n++] = db_int(&rows, 0);
    }
    return set;
}

static struct str departments_leaf(struct ctx *c, struct id_set set) {
    struct text_buffer b = {.arena = c->arena};
    text_add_c(&b, "{\"field\":\"owner_department_id\",\"op\":\"in\",\"value\":[");
    for (size_t i = 0; i < set.n; i++) {
        text_add_format(&b, i ? ",\"%lld\"" : "\"%lld\"", (long long)set.ids[i]);
    }
    text_add_c(&b, "]}");
    return text_str(&b);
}

/* Departments whose people work for the actor, for him to choose from; none where he has a team. */
static void departments_json(struct team *t) {
    struct ctx *c = t->c;
    enum scope scope = managed_scope(c);
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    json_key(&t->w, "departments");
    json_begin_array(&t->w);
    SQL_ADD(&q, "SELECT d.id, d.name FROM department d WHERE d.deleted_at IS NULL");
    if (scope != SCOPE_ALL) {
        ids_where(&q, "d.id", scope == SCOPE_TREE ? c->actor->departments : (struct id_set){0});
    }
    SQL_ADD(&q, " AND EXISTS (SELECT 1 FROM department x JOIN \"user\" u ON u.department_id = x.id "
                "WHERE (x.id = d.id OR x.parent_id = d.id) AND u.active = 1 AND u.deleted_at IS "
                "NULL) ORDER BY d.id LIMIT ");
    sql_number(&q, DEPARTMENTS_MOST);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        json_begin_object(&t->w);
        JSON_MEMBER(&t->w, "id", json_put_id, db_int(&rows, 0));
        JSON_MEMBER(&t->w, "name", json_put_str, db_text(&rows, 1));
        json_end_object(&t->w);
    }
    json_end_array(&t->w);
}

/* The people whose work the actor gives out, in the departments given if any are. */
static size_t people_read(struct ctx *c, struct id_set part, int64_t *ids, struct str *names) {
    enum scope scope = managed_scope(c);
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    size_t n = 0;
    SQL_ADD(&q, "SELECT id, name FROM \"user\" WHERE active = 1 AND deleted_at IS NULL");
    if (scope == SCOPE_TEAM) {
        ids_where(&q, "id", c->actor->members);
    } else if (scope == SCOPE_TREE) {
        ids_where(&q, "department_id", c->actor->departments);
    }
    if (part.n) {
        ids_where(&q, "department_id", part);
    }
    SQL_ADD(&q, " ORDER BY id LIMIT ");
    sql_number(&q, PEOPLE_MOST);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        ids[n] = db_int(&rows, 0);
        names[n++] = db_text(&rows, 1);
    }
    return n;
}

/* Counts under their kinds; whether there is anything at all. */
static bool counts_json(struct team *t, struct str owner) {
    struct ctx *c = t->c;
    bool any = false;
    json_key(&t->w, "figures");
    json_begin_object(&t->w);
    for (size_t i = 0; i < sizeof team_lists / sizeof *team_lists && !ctx_failed(c); i++) {
        const struct home_list *l = &team_lists[i];
        if (!home_may(c, l)) {
            continue;
        }
        struct str where = home_where(c, l, owner, t->idle);
        struct list_request q = home_request(c, l, where, 1);
        struct list_total total = list_count(c, &q, false);
        json_key(&t->w, l->kind);
        json_begin_object(&t->w);
        JSON_MEMBER(&t->w, "value", json_put_int, total.value);
        JSON_MEMBER(&t->w, "exact", json_put_bool, total.exact);
        home_opens_json(c, &t->w, l->entity, where);
        json_end_object(&t->w);
        any = any || total.value > 0;
    }
    json_end_object(&t->w);
    return any;
}

static bool pipeline_json(struct team *t, struct str owner) {
    struct ctx *c = t->c;
    json_key(&t->w, open_deals.kind);
    if (!home_may(c, &open_deals)) {
        json_put_null(&t->w);
        return false;
    }
    struct str where = home_where(c, &open_deals, owner, STR(""));
    struct home_sum sum = home_deals(c, where);
    json_begin_object(&t->w);
    JSON_MEMBER(&t->w, "count", json_put_int, sum.count);
    JSON_MEMBER(&t->w, "other", json_put_int, sum.other);
    json_key(&t->w, "sum");
    home_money_json(c, &t->w, sum.minor);
    home_opens_json(c, &t->w, open_deals.entity, where);
    json_end_object(&t->w);
    return sum.count > 0;
}

/* What the person did last, as the reader may see it. */
static bool last_json(struct team *t, struct str owner) {
    struct ctx *c = t->c;
    struct list_page page = {0};
    json_key(&t->w, "last");
    if (home_may(c, &activities)) {
        struct list_request q = home_request(c, &activities,
                                             home_where(c, &activities, owner, STR("")), 1);
        page = ctx_failed(c) ? page : list_read(c, &q);
    }
    if (page.n) {
        record_json(c, &t->w, page.records[0], &record_with_titles);
    } else {
        json_put_null(&t->w);
    }
    return page.n > 0;
}

/* Somebody with nothing to show is left out where the reader's right reaches the whole company:
 * most of its people sell nothing. */
static void person_json(struct team *t, int64_t id, struct str name, bool always) {
    struct json_writer before = t->w;
    struct str owner = home_of(t->c, id);
    json_begin_object(&t->w);
    JSON_MEMBER(&t->w, "id", json_put_id, id);
    JSON_MEMBER(&t->w, "name", json_put_str, name);
    bool counted = counts_json(t, owner), deals = pipeline_json(t, owner);
    bool active = last_json(t, owner);
    json_end_object(&t->w);
    if (!always && !counted && !deals && !active) {
        t->w = before;
    }
}

static void people_json(struct team *t) {
    int64_t ids[PEOPLE_MOST];
    struct str names[PEOPLE_MOST];
    size_t n = people_read(t->c, t->departments, ids, names);
    bool always = managed_scope(t->c) != SCOPE_ALL || t->departments.n;
    json_key(&t->w, "people");
    json_begin_array(&t->w);
    for (size_t i = 0; i < n && !ctx_failed(t->c); i++) {
        person_json(t, ids[i], names[i], always && ids[i] != t->c->actor->user_id);
    }
    json_end_array(&t->w);
    JSON_MEMBER(&t->w, "all_people", json_put_bool, n < PEOPLE_MOST);
}

static void slipping_json(struct team *t) {
    struct ctx *c = t->c;
    struct slipping *s = slipping_find(c, t->part);
    json_key(&t->w, "slipping");
    if (!s) {
        json_put_null(&t->w);
        return;
    }
    struct list_request q = home_request(c, &slipping_list, slipping_where(s), SLIPPING_MOST);
    struct list_total total = {0};
    struct list_page page = ctx_failed(c) ? (struct list_page){0}
                                          : list_read_counted(c, &q, &total);
    json_begin_object(&t->w);
    JSON_MEMBER(&t->w, "value", json_put_int, total.value);
    JSON_MEMBER(&t->w, "exact", json_put_bool, total.exact);
    home_opens_json(c, &t->w, slipping_list.entity, slipping_where(s));
    json_key(&t->w, "items");
    json_begin_array(&t->w);
    for (size_t i = 0; i < page.n; i++) {
        json_begin_object(&t->w);
        json_key(&t->w, "slip");
        slipping_reason_json(c, &t->w, s, page.records[i]);
        json_key(&t->w, "record");
        record_json(c, &t->w, page.records[i], &record_with_titles);
        json_end_object(&t->w);
    }
    json_end_array(&t->w);
    json_end_object(&t->w);
}

/* The first of each list, that lie longest. */
static void late_json(struct team *t) {
    struct ctx *c = t->c;
    json_key(&t->w, "late");
    json_begin_array(&t->w);
    for (size_t i = 0; i < sizeof team_lists / sizeof *team_lists && !ctx_failed(c); i++) {
        const struct home_list *l = &team_lists[i];
        if (!home_may(c, l)) {
            continue;
        }
        struct list_request q = home_request(c, l, home_where(c, l, t->part, t->idle), LATE_EACH);
        struct list_page page = ctx_failed(c) ? (struct list_page){0} : list_read(c, &q);
        for (size_t k = 0; k < page.n; k++) {
            json_begin_object(&t->w);
            JSON_MEMBER(&t->w, "kind", json_put_c, l->kind);
            JSON_MEMBER(&t->w, "entity", json_put_c, l->entity);
            json_key(&t->w, "at");
            json_put_instant_or_null(&t->w, home_at(l, page.records[k]));
            json_key(&t->w, "record");
            record_json(c, &t->w, page.records[k], &record_with_titles);
            json_end_object(&t->w);
        }
    }
    json_end_array(&t->w);
}

static void team_get(struct request *r) {
    struct ctx *c = r->c;
    if (!home_manages(c)) {
        FAIL(c, ERROR_DENIED, "access.denied");
        return;
    }
    int64_t days = company_int(c, "follow_up_days");
    int64_t department = request_query_int(r, "department", 0);
    struct team t = {
        .c = c, .idle = str_format(c->arena, "%lldd", (long long)days), .w = json_writer(c->arena)};
    if (department) {
        t.departments = departments_below(c, department);
        t.part = departments_leaf(c, t.departments);
    }
    if (department && !t.departments.n) {
        FAIL_FIELD(c, STR("/department"), "reference.absent");
        return;
    }
    json_begin_object(&t.w);
    JSON_MEMBER(&t.w, "idle_days", json_put_int, days);
    json_key(&t.w, "team");
    json_begin_object(&t.w);
    counts_json(&t, t.part);
    pipeline_json(&t, t.part);
    json_end_object(&t.w);
    departments_json(&t);
    people_json(&t);
    late_json(&t);
    slipping_json(&t);
    json_end_object(&t.w);
    if (!ctx_failed(c)) {
        reply_json(r, 200, &t.w);
    }
}

static const struct route routes[] = {{METHOD_GET, "/api/v1/home/team", PERMISSION_SIGNED_IN,
                                       LANE_SLOW, team_get, .summary = "route.home_team",
                                       .query = "department:id", .answer = "object"},
                                      {0}};

static const struct text texts[] = {{"route.home_team", "团队现状", "The team now"}, {0}};

const struct module team_home_module = {
    .name = "sales.team_home", .cloud = "sales", .routes = routes, .texts = texts};
