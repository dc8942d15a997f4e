#include "entity/share.h"

#include "db/unit.h"
#include "entity/audit.h"

/* The least right a share must give for the action; 0 when no share gives it. */
static int needed(enum action action) {
    return action == ACTION_READ ? SHARE_READ : action == ACTION_UPDATE ? SHARE_UPDATE : 0;
}

static void with_any_of(struct sql *q, const char *kind, struct id_set ids) {
    if (!ids.n) {
        return;
    }
    SQL_ADD(q, " OR (s.with_kind = ");
    SQL_VALUE(q, kind);
    for (size_t i = 0; i < ids.n; i++) {
        sql_literal(q, i ? ", " : " AND s.with_id IN (");
        SQL_VALUE(q, ids.ids[i]);
    }
    SQL_ADD(q, "))");
}

void share_ids(struct ctx *c, struct sql *q, enum action action, const struct entity *e) {
    const struct actor *a = c->actor;
    struct id_set department = {&a->department_id, a->department_id ? 1 : 0};
    SQL_ADD(q, "SELECT s.record_id FROM record_share s WHERE s.entity = ");
    SQL_VALUE(q, e->name);
    SQL_ADD(q, " AND s.share_right >= ");
    SQL_VALUE(q, needed(action));
    SQL_ADD(q, " AND ((s.with_kind = 'user' AND s.with_id = ");
    SQL_VALUE(q, a->user_id);
    SQL_ADD(q, ")");
    with_any_of(q, "team", a->teams);
    with_any_of(q, "department", a->lineage.n ? a->lineage : department);
    SQL_ADD(q, ")");
}

static bool sharable(const struct ctx *c, enum action action, const struct entity *e) {
    return c->actor && !c->actor->system && needed(action) && e->flags & ENTITY_OWNED;
}

bool share_grants(struct ctx *c, enum action action, const struct record *r) {
    if (!sharable(c, action, r->entity)) {
        return false;
    }
    struct sql q = sql_new(c->arena);
    share_ids(c, &q, action, r->entity);
    SQL_ADD(&q, " AND s.record_id = ");
    SQL_VALUE(&q, r->id);
    SQL_ADD(&q, " LIMIT 1");
    return sql_int(c, &q) != 0;
}

/* Answers of this thread's readers, each good for who sees the same database. */
enum { ANSWERS = 64 };
static _Thread_local struct answer {
    int64_t snapshot, user_id;
    int entity;
    enum action action;
    bool any;
} answers[ANSWERS];

static bool any_ask(struct ctx *c, enum action action, const struct entity *e) {
    struct sql q = sql_new(c->arena);
    share_ids(c, &q, action, e);
    SQL_ADD(&q, " LIMIT 1");
    return sql_int(c, &q) != 0;
}

bool share_any(struct ctx *c, enum action action, const struct entity *e) {
    if (!sharable(c, action, e)) {
        return false;
    }
    struct answer asked = {db_snapshot(c->db), c->actor->user_id, e->position, action, false};
    struct answer *a = &answers[(uint64_t)(asked.user_id + e->position + (int)action) % ANSWERS];
    if (asked.snapshot && a->snapshot == asked.snapshot && a->user_id == asked.user_id &&
        a->entity == asked.entity && a->action == action) {
        return a->any;
    }
    asked.any = any_ask(c, action, e);
    if (asked.snapshot && !ctx_failed(c)) {
        *a = asked;
    }
    return asked.any;
}

static bool kind_known(struct str with) {
    return str_is(with, "user") || str_is(with, "department") || str_is(with, "team");
}

static void share_audit(struct ctx *c, const struct record *r, const char *action, struct str with,
                        int64_t with_id) {
    audit_note(c, r->entity, r->id, action,
               str_format(c->arena, "%.*s %lld", STR_ARG(with), (long long)with_id));
}

void access_share(struct ctx *c, const struct record *r, struct str with, int64_t with_id,
                  enum share_right right) {
    if (!kind_known(with)) {
        FAIL_FIELD(c, STR("/with"), "option.unknown");
    }
    DB_RUN(c,
           "INSERT INTO record_share (entity, record_id, with_kind, with_id, share_right, "
           "created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7) "
           "ON CONFLICT (entity, record_id, with_kind, with_id) "
           "DO UPDATE SET share_right = excluded.share_right",
           r->entity->name, r->id, with, with_id, (int)right, c->now_ms,
           db_from_id(c->actor ? c->actor->user_id : 0));
    share_audit(c, r, "shared", with, with_id);
}

void access_unshare(struct ctx *c, const struct record *r, struct str with, int64_t with_id) {
    int64_t removed = DB_RUN(c,
                             "DELETE FROM record_share WHERE entity = $1 AND record_id = $2 "
                             "AND with_kind = $3 AND with_id = $4",
                             r->entity->name, r->id, with, with_id);
    if (removed) {
        share_audit(c, r, "unshared", with, with_id);
    }
}
