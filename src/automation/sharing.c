/*
 * Sharing: one record for a colleague, a team or a department beside what their roles give them,
 * to read or also to change, until somebody takes it back.
 *
 * Who may change the record and has the permission may share it. It adds nothing to what a role
 * may do at all: a colleague whose role reads no deals is given none. Who got it is told, of a
 * large department the first 200; event and audit entry are written by access_share.
 *
 * Who has access, and why, are the owner, the shares, roles whose scope reaches the record, and
 * whoever reads what opens it (entity/opening.h): its owners, those it is shared with, roles that
 * reach it.
 */
#include "automation/automation.h"
#include "automation/notification.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/query.h"
#include "http/route.h"

#define PERMISSION_SHARE "records:share"

enum { SHARES_MOST = 50, TOLD_MOST = 200, OPENERS_MOST = 20 };

static struct record *record_asked(struct request *r) {
    struct ctx *c = r->c;
    const struct entity *e = model_plural(c->model, request_path(r, "plural"));
    if (!e || !(e->flags & ENTITY_OWNED) || e->flags & ENTITY_INTERNAL ||
        !access_cloud_on(c->actor, e->cloud)) {
        FAIL(c, ERROR_ABSENT, "route.absent");
        return NULL;
    }
    return record_read(c, e, request_id(r, "id"));
}

/* The record, if the caller may say who else has it; held, so that two do not say so at once. */
static struct record *record_to_share(struct request *r) {
    struct record *record = record_asked(r);
    if (record) {
        access_require(r->c, ACTION_UPDATE, record);
    }
    return record && !ctx_failed(r->c) && record_holds(r->c, record) ? record : NULL;
}

static const char *right_word(int64_t right) {
    return right >= SHARE_UPDATE ? "update" : "read";
}

/* One who has access: a user, team, department or role, and why. */
struct line {
    const char *kind, *right, *reason;
    int64_t id;
    struct str name, by;
    int64_t at_ms;
};

static void put_line(struct json_writer *w, const struct line *l) {
    json_begin_object(w);
    JSON_MEMBER(w, "kind", json_put_c, l->kind);
    JSON_MEMBER(w, "id", json_put_id, l->id);
    JSON_MEMBER(w, "name", json_put_str, l->name);
    JSON_MEMBER(w, "right", json_put_c, l->right);
    JSON_MEMBER(w, "reason", json_put_c, l->reason);
    if (l->at_ms) {
        JSON_MEMBER(w, "by", json_put_str, l->by);
        JSON_MEMBER(w, "at", json_put_instant, l->at_ms);
    }
    json_end_object(w);
}

static struct str title_of(struct ctx *c, const char *kind, int64_t id) {
    struct str title;
    list_titles(c, entity_named(c, kind), &id, 1, &title);
    return title;
}

static void put_owner(struct ctx *c, struct json_writer *w, const struct record *r) {
    int64_t owner = r->values[SYSTEM_OWNER_ID].integer;
    if (owner) {
        put_line(w, &(struct line){.kind = "user",
                                   .right = "update",
                                   .reason = "owner",
                                   .id = owner,
                                   .name = title_of(c, "user", owner)});
    }
}

static const char *kind_known(struct str kind) {
    static const char *const kinds[] = {"user", "team", "department"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (str_is(kind, kinds[i])) {
            return kinds[i];
        }
    }
    return NULL;
}

static void put_shares(struct ctx *c, struct json_writer *w, const struct record *r) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT s.with_kind, s.with_id, s.share_right, s.created_at, "
             "COALESCE(u.name, t.name, d.name, ''), COALESCE(b.name, '') FROM record_share s "
             "LEFT JOIN \"user\" u ON s.with_kind = 'user' AND u.id = s.with_id "
             "LEFT JOIN team t ON s.with_kind = 'team' AND t.id = s.with_id "
             "LEFT JOIN department d ON s.with_kind = 'department' AND d.id = s.with_id "
             "LEFT JOIN \"user\" b ON b.id = s.created_by "
             "WHERE s.entity = $1 AND s.record_id = $2 ORDER BY s.created_at, s.with_id",
             r->entity->name, r->id);
    while (db_next(&rows)) {
        const char *kind = kind_known(db_view(&rows, 0));
        if (kind) {
            put_line(w, &(struct line){.kind = kind,
                                       .right = right_word(db_int(&rows, 2)),
                                       .reason = "shared",
                                       .id = db_int(&rows, 1),
                                       .name = db_text(&rows, 4),
                                       .by = db_text(&rows, 5),
                                       .at_ms = db_int(&rows, 3)});
        }
    }
}

/* Why a role whose scope for an action has this letter reaches the record; NULL: not beyond
 * what its people own. */
static const char *reach(const struct record *r, char letter) {
    bool owned = r->values[SYSTEM_OWNER_ID].integer != 0;
    bool placed = r->values[SYSTEM_OWNER_DEPARTMENT_ID].integer != 0;
    switch (letter) {
    case 'a':
        return "role_all";
    case 'd':
        return placed ? "role_tree" : NULL;
    case 't':
        return owned ? "role_team" : NULL;
    default:
        return NULL;
    }
}

static void put_roles(struct ctx *c, struct json_writer *w, const struct record *r) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT o.id, o.name, x.scopes FROM role o JOIN role_right x ON x.role_id = o.id "
             "AND x.entity = $1 WHERE o.deleted_at IS NULL AND EXISTS (SELECT 1 FROM user_role h "
             "JOIN \"user\" u ON u.id = h.user_id WHERE h.role_id = o.id AND u.active = 1 AND "
             "u.deleted_at IS NULL) ORDER BY o.id",
             r->entity->name);
    while (db_next(&rows)) {
        struct str scopes = db_text(&rows, 2);
        const char *why = scopes.n > ACTION_UPDATE ? reach(r, scopes.p[ACTION_READ]) : NULL;
        if (why) {
            char change = scopes.p[ACTION_UPDATE];
            bool both = change == 'a' || change == scopes.p[ACTION_READ];
            put_line(w, &(struct line){.kind = "role",
                                       .right = both ? "update" : "read",
                                       .reason = why,
                                       .id = db_int(&rows, 0),
                                       .name = db_text(&rows, 1)});
        }
    }
}

/* What opens the record through one reference: "lead o WHERE …". */
static void openers(struct sql *q, const struct opening *o, const struct record *r) {
    sql_identifier(q, o->entity->table);
    SQL_ADD(q, " o WHERE o.deleted_at IS NULL AND o.");
    sql_identifier(q, o->field->name);
    SQL_ADD(q, " = ");
    SQL_VALUE(q, r->id);
}

/* The next reference that opens the record, after the one before; first of all NULL. */
static const struct opening *next_opening(const struct record *r, const struct opening *before) {
    const struct opening *o = before ? before + 1 : r->entity->opened_by;
    for (; o < r->entity->opened_by + r->entity->n_opened_by; o++) {
        if (o->owned || !r->values[SYSTEM_OWNER_ID].integer) {
            return o;
        }
    }
    return NULL;
}

/* Who owns what opens it, unless he has made that himself. Says how many there are. */
static int64_t put_openers(struct ctx *c, struct json_writer *w, const struct record *r) {
    struct sql q = sql_new(c->arena), count = sql_new(c->arena);
    struct db_rows rows;
    SQL_ADD(&q, "FROM \"user\" u WHERE u.id IN (SELECT 0");
    for (const struct opening *o = next_opening(r, NULL); o; o = next_opening(r, o)) {
        SQL_ADD(&q, " UNION ALL SELECT o.owner_id FROM ");
        openers(&q, o, r);
        sql_literal(&q,
                    o->owned ? "" : " AND (o.created_by IS NULL OR o.created_by <> o.owner_id)");
    }
    SQL_ADD(&q, ") AND u.id <> ");
    SQL_VALUE(&q, r->values[SYSTEM_OWNER_ID].integer);
    SQL_ADD(&count, "SELECT count(*) ");
    sql_append(&count, &q);
    int64_t n = sql_int(c, &count);
    struct sql list = sql_new(c->arena);
    SQL_ADD(&list, "SELECT u.id, u.name ");
    sql_append(&list, &q);
    SQL_ADD(&list, " ORDER BY u.name, u.id LIMIT ");
    sql_number(&list, OPENERS_MOST);
    sql_query(c, &rows, &list);
    while (db_next(&rows)) {
        put_line(w, &(struct line){.kind = "user",
                                   .right = "read",
                                   .reason = "opened",
                                   .id = db_int(&rows, 0),
                                   .name = db_text(&rows, 1)});
    }
    return n;
}

/* With whom what opens it is shared. */
static int64_t put_opener_shares(struct ctx *c, struct json_writer *w, const struct record *r) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    int64_t n = 0;
    SQL_ADD(&q, "SELECT DISTINCT s.with_kind, s.with_id, COALESCE(u.name, t.name, d.name, '') "
                "FROM record_share s "
                "LEFT JOIN \"user\" u ON s.with_kind = 'user' AND u.id = s.with_id "
                "LEFT JOIN team t ON s.with_kind = 'team' AND t.id = s.with_id "
                "LEFT JOIN department d ON s.with_kind = 'department' AND d.id = s.with_id "
                "WHERE 1 = 0");
    for (const struct opening *o = next_opening(r, NULL); o; o = next_opening(r, o)) {
        SQL_ADD(&q, " OR (s.entity = ");
        SQL_VALUE(&q, o->entity->name);
        SQL_ADD(&q, " AND s.record_id IN (SELECT o.id FROM ");
        openers(&q, o, r);
        SQL_ADD(&q, "))");
    }
    SQL_ADD(&q, " ORDER BY 1, 3, 2");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        const char *kind = kind_known(db_view(&rows, 0));
        n++;
        if (kind && n <= OPENERS_MOST) {
            put_line(w, &(struct line){.kind = kind,
                                       .right = "read",
                                       .reason = "opened_shared",
                                       .id = db_int(&rows, 1),
                                       .name = db_text(&rows, 2)});
        }
    }
    return n;
}

/* Roles whose scope reaches what opens it, and not the record itself. */
static void put_opener_roles(struct ctx *c, struct json_writer *w, const struct record *r) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    SQL_ADD(&q, "SELECT o.id, o.name, g.scopes FROM role o JOIN role_right g ON g.role_id = o.id "
                "AND g.entity = ");
    SQL_VALUE(&q, r->entity->name);
    SQL_ADD(&q, " WHERE o.deleted_at IS NULL AND g.scopes NOT LIKE 'n%' AND EXISTS (SELECT 1 "
                "FROM user_role h JOIN \"user\" u ON u.id = h.user_id WHERE h.role_id = o.id "
                "AND u.active = 1 AND u.deleted_at IS NULL) AND (1 = 0");
    for (const struct opening *o = next_opening(r, NULL); o; o = next_opening(r, o)) {
        SQL_ADD(&q, " OR EXISTS (SELECT 1 FROM role_right x WHERE x.role_id = g.role_id "
                    "AND x.entity = ");
        SQL_VALUE(&q, o->entity->name);
        SQL_ADD(&q, " AND EXISTS (SELECT 1 FROM ");
        openers(&q, o, r);
        SQL_ADD(&q, " AND (x.scopes LIKE 'a%' OR (x.scopes LIKE 'd%' AND "
                    "o.owner_department_id IS NOT NULL) OR (x.scopes LIKE 't%' AND "
                    "o.owner_id IS NOT NULL))))");
    }
    SQL_ADD(&q, ") ORDER BY o.id");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        if (!reach(r, db_view(&rows, 2).p[ACTION_READ])) {
            put_line(w, &(struct line){.kind = "role",
                                       .right = "read",
                                       .reason = "opened_role",
                                       .id = db_int(&rows, 0),
                                       .name = db_text(&rows, 1)});
        }
    }
}

/* All who read it by what opens it. Says how many are not listed. */
static int64_t put_opened(struct ctx *c, struct json_writer *w, const struct record *r) {
    if (!next_opening(r, NULL)) {
        return 0;
    }
    int64_t owners = put_openers(c, w, r), shares = put_opener_shares(c, w, r);
    put_opener_roles(c, w, r);
    return (owners > OPENERS_MOST ? owners - OPENERS_MOST : 0) +
           (shares > OPENERS_MOST ? shares - OPENERS_MOST : 0);
}

static void reply_access(struct request *r, const struct record *record) {
    struct ctx *c = r->c;
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "data");
    json_begin_array(&w);
    put_owner(c, &w, record);
    put_shares(c, &w, record);
    int64_t more = put_opened(c, &w, record);
    put_roles(c, &w, record);
    json_end_array(&w);
    JSON_MEMBER(&w, "more", json_put_int, more);
    JSON_MEMBER(&w, "may_share", json_put_bool,
                access_permitted(c->actor, PERMISSION_SHARE) &&
                    access_record(c, ACTION_UPDATE, record));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void access_get(struct request *r) {
    struct record *record = record_asked(r);
    if (record) {
        reply_access(r, record);
    }
}

/* With whom, and what they are given. */
struct wish {
    struct str with;
    int64_t with_id;
    enum share_right right;
};

#define MAY_READ_SUCH                                                                   \
    "SELECT u.id FROM \"user\" u WHERE u.active = 1 AND u.deleted_at IS NULL AND "      \
    "EXISTS (SELECT 1 FROM user_role h JOIN role_right x ON x.role_id = h.role_id AND " \
    "x.entity = $1 AND x.scopes NOT LIKE 'n%' WHERE h.user_id = u.id) AND "

/* The people meant whose roles read such records at all, at most TOLD_MOST. */
static size_t people_of(struct ctx *c, const struct record *r, const struct wish *wish,
                        int64_t *ids) {
    const char *sql = str_is(wish->with, "user") ? MAY_READ_SUCH "u.id = $2 ORDER BY u.id LIMIT $3"
                      : str_is(wish->with, "team") ? MAY_READ_SUCH
                          "u.id IN (SELECT m.user_id FROM team_member m WHERE m.team_id = $2 "
                          "AND m.deleted_at IS NULL) ORDER BY u.id LIMIT $3"
                                                   : MAY_READ_SUCH
                          "u.department_id IN (WITH RECURSIVE below (id) AS (SELECT d.id FROM "
                          "department d WHERE d.id = $2 UNION SELECT d.id FROM department d "
                          "JOIN below b ON d.parent_id = b.id WHERE d.deleted_at IS NULL) "
                          "SELECT id FROM below) ORDER BY u.id LIMIT $3";
    const struct db_value values[] = {db_from_str(r->entity->name), db_from_int(wish->with_id),
                                      db_from_int(TOLD_MOST)};
    struct db_rows rows;
    size_t n = 0;
    db_query_values(c, &rows, sql, values, 3);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    return n;
}

static void tell(struct ctx *c, const struct record *r, const struct wish *wish, const int64_t *ids,
                 size_t n) {
    const char *code = wish->right == SHARE_UPDATE ? "notification.shared_update"
                                                   : "notification.shared";
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (ids[i] != c->actor->user_id) {
            notify(c, &(struct notification){.user_id = ids[i],
                                             .code = code,
                                             .parameters = {{"who", c->actor->name}},
                                             .subject_type = r->entity->name,
                                             .subject_id = r->id});
        }
    }
}

static bool wish_read(struct ctx *c, const struct json *body, struct wish *wish) {
    struct str right = json_text(body, "right");
    wish->with = json_text(body, "with");
    wish->with_id = json_id(body, "with_id");
    wish->right = str_is(right, "update") ? SHARE_UPDATE : SHARE_READ;
    const char *kind = kind_known(wish->with);
    if (!kind) {
        FAIL_FIELD(c, STR("/with"), "option.unknown");
    }
    if (!str_is(right, "read") && !str_is(right, "update")) {
        FAIL_FIELD(c, STR("/right"), "option.unknown");
    }
    bool user = kind && str_is(wish->with, "user");
    if (kind && (user ? !user_active(c, wish->with_id)
                      : !record_load(c, entity_named(c, kind), wish->with_id))) {
        FAIL_FIELD(c, STR("/with_id"), "reference.absent");
    }
    return !ctx_failed(c);
}

static void wish_check(struct ctx *c, const struct record *r, const struct wish *wish, size_t n) {
    bool user = str_is(wish->with, "user");
    if (user && wish->with_id == r->values[SYSTEM_OWNER_ID].integer) {
        FAIL_FIELD(c, STR("/with_id"), "share.owner");
    } else if (user && !n) {
        FAIL_FIELD(c, STR("/with_id"), "share.pointless", {"type", r->entity->label[c->language]});
    }
    if (DB_INT(c,
               "SELECT COUNT(*) FROM record_share WHERE entity = $1 AND record_id = $2 "
               "AND NOT (with_kind = $3 AND with_id = $4)",
               r->entity->name, r->id, wish->with, wish->with_id) >= SHARES_MOST) {
        FAIL_FIELD(c, STR("/with_id"), "share.many");
    }
}

static void share_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *record = body ? record_to_share(r) : NULL;
    struct wish wish;
    if (!record || !wish_read(c, body, &wish)) {
        return;
    }
    int64_t ids[TOLD_MOST];
    size_t n = people_of(c, record, &wish, ids);
    wish_check(c, record, &wish, n);
    if (access_share(c, record, wish.with, wish.with_id, wish.right)) {
        tell(c, record, &wish, ids, n);
    }
    if (!ctx_failed(c)) {
        reply_access(r, record);
    }
}

static void share_delete(struct request *r) {
    struct ctx *c = r->c;
    struct record *record = record_to_share(r);
    if (!record) {
        return;
    }
    if (!access_unshare(c, record, request_path(r, "with"), request_id(r, "with_id")) &&
        !ctx_failed(c)) {
        FAIL(c, ERROR_ABSENT, "share.absent");
    }
    if (!ctx_failed(c)) {
        reply_access(r, record);
    }
}

#define ACCESS_SHAPE                                                                      \
    "data:[(kind:text! id:id! name:text! right:text! reason:text! by:text at:instant)]! " \
    "more:integer! may_share:boolean!"

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/{plural}/{id}/access", PERMISSION_RECORD, LANE_SLOW, access_get,
     .summary = "route.access", .answer = ACCESS_SHAPE},
    {METHOD_POST, "/api/v1/{plural}/{id}/shares", PERMISSION_SHARE, LANE_WRITER, share_post,
     .summary = "route.share", .body = "with:text! with_id:id! right:text!",
     .answer = ACCESS_SHAPE},
    {METHOD_DELETE, "/api/v1/{plural}/{id}/shares/{with}/{with_id}", PERMISSION_SHARE, LANE_WRITER,
     share_delete, .summary = "route.unshare", .answer = ACCESS_SHAPE},
    {0}};

static const struct permission permissions[] = {
    {PERMISSION_SHARE, "把记录共享给同事", "Share records with colleagues"}, {0}};

static const struct text texts[] = {
    {"notification.shared", "{who}与你共享了这条记录，可以查看",
     "{who} shared this record with you: you may read it"},
    {"notification.shared_update", "{who}与你共享了这条记录，可以修改",
     "{who} shared this record with you: you may change it"},
    {"share.owner", "这位同事就是负责人", "This colleague owns the record"},
    {"share.pointless", "这位同事的角色不能查看{type}，共享了也看不到",
     "This colleague's role reads no records of the type {type}, so sharing would give nothing"},
    {"share.many", "一条记录最多共享给 50 个对象，请先取消一些，或共享给团队、部门",
     "A record can be shared with at most 50: take some back, or share with a team or department"},
    {"share.absent", "没有这样的共享，可能刚被取消",
     "There is no such share; perhaps it was taken back"},
    {"route.access", "谁能看到记录、为什么", "Who has access to a record, and why"},
    {"route.share", "共享记录", "Share a record"},
    {"route.unshare", "取消共享", "Stop sharing a record"},
    {0}};

const struct module sharing_module = {.name = "automation.sharing",
                                      .cloud = "platform",
                                      .routes = routes,
                                      .permissions = permissions,
                                      .texts = texts};
