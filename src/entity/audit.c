#include "entity/audit.h"

#include "base/id.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/value.h"

#define AUDIT_COLUMNS                                                                    \
    "id, event_id, at, actor_id, token_id, entity, record_id, action, changes, origin, " \
    "request_id, reason"

/* Rows of one INSERT: powers of two up to this, so that few statements fill the cache. */
enum { INSERT_ROWS = 32 };

/* An entry as it waits for the commit, in the arena of the batch. */
struct waiting {
    int64_t id, event_id, at, actor_id, token_id, record_id;
    struct str entity, action, changes, request_id, reason;
    enum origin origin;
};

static void row_add(struct sql *q, const struct waiting *w) {
    const struct db_value values[] = {
        db_from_int(w->id),        db_from_id(w->event_id),    db_from_int(w->at),
        db_from_id(w->actor_id),   db_from_id(w->token_id),    db_from_str(w->entity),
        db_from_int(w->record_id), db_from_str(w->action),     db_from_str(w->changes),
        db_from_int(w->origin),    db_from_str(w->request_id), db_from_str(w->reason),
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        sql_literal(q, i ? ", " : "(");
        sql_value(q, values[i]);
    }
    SQL_ADD(q, ")");
}

static void rows_insert(struct ctx *c, void *const *items, size_t n) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "INSERT INTO audit (" AUDIT_COLUMNS ") VALUES ");
    for (size_t i = 0; i < n; i++) {
        sql_literal(&q, i ? ", " : "");
        row_add(&q, items[i]);
    }
    sql_run(c, &q);
}

/* The deferred write: all entries of a batch in few statements. */
static void entries_insert(struct ctx *c, void *const *items, size_t n) {
    size_t step = INSERT_ROWS;
    for (size_t i = 0; i < n && !ctx_failed(c); i += step) {
        while (step > n - i) {
            step /= 2;
        }
        struct arena_mark mark = arena_mark(c->arena);
        rows_insert(c, items + i, step);
        if (!ctx_failed(c)) {
            arena_reset(c->arena, mark);
        }
    }
}

static struct str kept(struct arena *a, struct str text) {
    return text.n ? str_copy(a, text) : (struct str){NULL, 0};
}

void audit_write(struct ctx *c, const struct audit_entry *entry) {
    if (ctx_failed(c)) {
        return;
    }
    const struct actor *actor = c->actor;
    struct arena *a = db_batch_arena(c->db);
    struct waiting *w = ARENA_NEW(a, struct waiting);
    *w = (struct waiting){
        .id = id_new(),
        .event_id = entry->event_id,
        .at = c->now_ms,
        .actor_id = actor ? actor->user_id : 0,
        .token_id = actor ? actor->token_id : 0,
        .record_id = entry->record_id,
        .entity = entry->entity->name,
        .action = str_from(entry->action),
        .changes = kept(a, entry->changes),
        .request_id = kept(a, c->request_id),
        .reason = kept(a, entry->reason),
        .origin = c->origin,
    };
    db_defer_many(c, entries_insert, w);
}

void audit_note(struct ctx *c, const struct entity *e, int64_t id, const char *action,
                struct str reason) {
    audit_write(
        c, &(struct audit_entry){.entity = e, .record_id = id, .action = action, .reason = reason});
}

struct str audit_changes(struct ctx *c, const struct record *before, const struct record *after) {
    const struct entity *e = after->entity;
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        struct value old = before ? before->values[i] : value_null;
        bool kept_up = f->flags & FIELD_SYSTEM && f->position < SYSTEM_OWNER_ID;
        if (kept_up || f->flags & FIELD_HIDDEN || value_equal(old, after->values[i])) {
            continue;
        }
        json_key_ready(&w, f->json_key);
        json_begin_array(&w);
        value_to_json(&w, f, old);
        value_to_json(&w, f, after->values[i]);
        json_end_array(&w);
    }
    json_end_object(&w);
    return json_str(&w);
}
