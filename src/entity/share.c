#include "entity/share.h"

#include "base/id.h"
#include "db/unit.h"
#include "entity/audit.h"
#include "entity/query.h"
#include "event/event.h"

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

struct share {
    struct str with;
    int64_t with_id;
    int right; /* enum share_right */
};

static bool kind_known(struct str with) {
    return str_is(with, "user") || str_is(with, "department") || str_is(with, "team");
}

/* Whose share it was, for people who read the audit trail. */
static struct str share_reason(struct ctx *c, struct str with, int64_t with_id) {
    const struct entity *e = model_entity(c->model, with);
    struct str title = {NULL, 0};
    if (e) {
        list_titles(c, e, &with_id, 1, &title);
    }
    return title.n ? title : str_format(c->arena, "%.*s %lld", STR_ARG(with), (long long)with_id);
}

/* right 0: it is taken back. */
static void share_announce(struct ctx *c, const struct record *r, const struct share *s) {
    static const char *const actions[] = {"unshared", "shared", "shared_update"};
    int64_t event_id = id_new();
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "with", json_put_str, s->with);
    JSON_MEMBER(&w, "with_id", json_put_id, s->with_id);
    JSON_MEMBER(&w, "right", json_put_c, s->right == SHARE_UPDATE ? "update" : "read");
    json_end_object(&w);
    audit_write(c, &(struct audit_entry){.entity = r->entity,
                                         .record_id = r->id,
                                         .action = actions[s->right],
                                         .event_id = event_id,
                                         .reason = share_reason(c, s->with, s->with_id)});
    event_emit(c, &(struct event){.id = event_id,
                                  .type = s->right ? STR("record.shared") : STR("record.unshared"),
                                  .subject_type = r->entity->name,
                                  .subject_id = r->id,
                                  .payload = json_str(&w)});
}

bool access_share(struct ctx *c, const struct record *r, struct str with, int64_t with_id,
                  enum share_right right) {
    if (!kind_known(with)) {
        FAIL_FIELD(c, STR("/with"), "option.unknown");
    }
    int64_t changed = DB_RUN(c,
                             "INSERT INTO record_share (entity, record_id, with_kind, with_id, "
                             "share_right, created_at, created_by) "
                             "VALUES ($1, $2, $3, $4, $5, $6, $7) "
                             "ON CONFLICT (entity, record_id, with_kind, with_id) "
                             "DO UPDATE SET share_right = excluded.share_right "
                             "WHERE record_share.share_right <> excluded.share_right",
                             r->entity->name, r->id, with, with_id, (int)right, c->now_ms,
                             db_from_id(c->actor ? c->actor->user_id : 0));
    if (changed) {
        share_announce(c, r, &(struct share){with, with_id, right});
    }
    return changed > 0;
}

bool access_unshare(struct ctx *c, const struct record *r, struct str with, int64_t with_id) {
    int64_t removed = DB_RUN(c,
                             "DELETE FROM record_share WHERE entity = $1 AND record_id = $2 "
                             "AND with_kind = $3 AND with_id = $4",
                             r->entity->name, r->id, with, with_id);
    if (removed) {
        share_announce(c, r, &(struct share){with, with_id, 0});
    }
    return removed > 0;
}

static int right_of(struct ctx *c, const struct record *r, struct str with, int64_t with_id) {
    return (int)DB_INT(c,
                       "SELECT share_right FROM record_share WHERE entity = $1 AND record_id = $2 "
                       "AND with_kind = $3 AND with_id = $4",
                       r->entity->name, r->id, with, with_id);
}

/* A merge may bring together the shares of two. */
enum { CARRIED_MOST = 200 };

/* The loser's shares that are stronger than the winner's. */
static size_t stronger(struct ctx *c, const struct record *winner, const struct record *loser,
                       struct share *shares) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT l.with_kind, l.with_id, l.share_right FROM record_share l "
             "LEFT JOIN record_share w ON w.entity = l.entity AND w.record_id = $3 "
             "AND w.with_kind = l.with_kind AND w.with_id = l.with_id "
             "WHERE l.entity = $1 AND l.record_id = $2 "
             "AND l.share_right > COALESCE(w.share_right, 0) "
             "ORDER BY l.with_kind, l.with_id LIMIT $4",
             loser->entity->name, loser->id, winner->id, (int64_t)CARRIED_MOST);
    while (n < CARRIED_MOST && db_next(&rows)) {
        shares[n++] = (struct share){db_text(&rows, 0), db_int(&rows, 1), (int)db_int(&rows, 2)};
    }
    db_done(&rows);
    return n;
}

void shares_carry(struct ctx *c, struct json_writer *w, const struct record *winner,
                  const struct record *loser) {
    struct share shares[CARRIED_MOST];
    size_t n = stronger(c, winner, loser, shares);
    json_begin_array(w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        const struct share *s = &shares[i];
        json_begin_object(w);
        JSON_MEMBER(w, "with", json_put_str, s->with);
        JSON_MEMBER(w, "with_id", json_put_id, s->with_id);
        JSON_MEMBER(w, "was", json_put_int, right_of(c, winner, s->with, s->with_id));
        JSON_MEMBER(w, "now", json_put_int, s->right);
        json_end_object(w);
        access_share(c, winner, s->with, s->with_id, (enum share_right)s->right);
    }
    json_end_array(w);
}

void shares_return(struct ctx *c, const struct record *winner, const struct json *carried) {
    for (size_t i = 0; json_is(carried, JSON_IS_ARRAY) && i < carried->n && !ctx_failed(c); i++) {
        const struct json *s = &carried->items[i];
        struct str with = json_text(s, "with");
        int64_t with_id = json_id(s, "with_id"), was = json_int(s, "was", 0);
        if (right_of(c, winner, with, with_id) != json_int(s, "now", 0)) {
            continue;
        }
        if (was) {
            access_share(c, winner, with, with_id, (enum share_right)was);
        } else {
            access_unshare(c, winner, with, with_id);
        }
    }
}
