#include "entity/audit.h"

#include <string.h>

#include "base/id.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/value.h"
#include "event/event.h"

/* An entry as it waits for the commit, in the arena of the batch. */
struct waiting {
    int64_t id, event_id, at, actor_id, token_id, record_id;
    struct str entity, action, changes, request_id, reason;
    enum origin origin;
};

enum { AUDIT_COLUMNS = 12 };

static void entry_values(const void *item, struct db_value *values) {
    const struct waiting *w = item;
    const struct db_value all[AUDIT_COLUMNS] = {
        db_from_int(w->id),        db_from_id(w->event_id),    db_from_int(w->at),
        db_from_id(w->actor_id),   db_from_id(w->token_id),    db_from_str(w->entity),
        db_from_int(w->record_id), db_from_str(w->action),     db_from_str(w->changes),
        db_from_int(w->origin),    db_from_str(w->request_id), db_from_str(w->reason),
    };
    memcpy(values, all, sizeof all);
}

/* The deferred write: all entries of a batch in few statements. */
static void entries_insert(struct ctx *c, void *const *items, size_t n) {
    static const struct sql_rows shape = {
        "INSERT INTO audit (id, event_id, at, actor_id, token_id, entity, record_id, action, "
        "changes, origin, request_id, reason)",
        AUDIT_COLUMNS, entry_values};
    sql_insert(c, &shape, items, n);
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

struct str audit_import_request(struct arena *a, int64_t job_id, int64_t line) {
    return str_format(a, "import:%lld:%lld", (long long)job_id, (long long)line);
}

void audit_put_import(struct json_writer *w, struct str request_id) {
    struct str rest = request_id, part[3];
    int64_t job_id, line;
    for (int i = 0; i < 3; i++) {
        if (!str_cut(&rest, ':', &part[i])) {
            return;
        }
    }
    if (str_is(part[0], "import") && str_to_int(part[1], &job_id) && str_to_int(part[2], &line)) {
        json_key(w, "import");
        json_begin_object(w);
        JSON_MEMBER(w, "job_id", json_put_id, job_id);
        JSON_MEMBER(w, "line", json_put_int, line);
        json_end_object(w);
    }
}

/* What an entry without a change of its own is keyed by: without subject, so that nobody who
 * follows the record takes it for a change. */
static void note_announce(struct ctx *c, const struct audit_entry *entry) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "entity", json_put_str, entry->entity->name);
    JSON_MEMBER(&w, "record_id", json_put_id, entry->record_id);
    JSON_MEMBER(&w, "action", json_put_c, entry->action);
    json_end_object(&w);
    event_emit(c, &(struct event){
                      .id = entry->event_id, .type = STR("audit.noted"), .payload = json_str(&w)});
}

void audit_note(struct ctx *c, const struct entity *e, int64_t id, const char *action,
                struct str reason) {
    struct audit_entry entry = {
        .entity = e, .record_id = id, .action = action, .reason = reason, .event_id = id_new()};
    audit_write(c, &entry);
    note_announce(c, &entry);
}

/* {"name":[null,null]} for each field the changes name. */
static struct str changes_blank(struct ctx *c, struct str changes) {
    const struct json *o = changes.n ? json_parse(c, changes) : NULL;
    struct json_writer w = json_writer(c->arena);
    if (!json_is(o, JSON_IS_OBJECT)) {
        return (struct str){NULL, 0};
    }
    json_begin_object(&w);
    for (size_t i = 0; i < o->n; i++) {
        json_key_str(&w, o->members[i].key);
        json_put_raw(&w, STR("[null,null]"));
    }
    json_end_object(&w);
    return json_str(&w);
}

/* The entry of the record behind the one given; 0 when there is none. */
static int64_t entry_next(struct ctx *c, const struct entity *e, int64_t record_id, int64_t after,
                          struct str *changes) {
    struct db_rows rows;
    int64_t id = 0;
    DB_QUERY(c, &rows,
             "SELECT id, changes FROM audit WHERE record_id = $1 AND entity = $2 AND id > $3 "
             "ORDER BY id LIMIT 1",
             record_id, e->name, after);
    if (db_next(&rows)) {
        id = db_int(&rows, 0);
        *changes = db_text(&rows, 1);
        db_done(&rows);
    }
    return id;
}

void audit_blank(struct ctx *c, const struct entity *e, int64_t id) {
    struct str changes;
    int64_t entry = 0;
    db_flush(c);
    while ((entry = entry_next(c, e, id, entry, &changes))) {
        DB_RUN(c, "UPDATE audit SET changes = $1, reason = NULL WHERE id = $2",
               changes_blank(c, changes), entry);
    }
    audit_note(c, e, id, "erased", (struct str){NULL, 0});
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
