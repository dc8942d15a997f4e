/* The history of a record: its audit entries, as this actor may read the record. */
#include "entity/audit.h"

#include "db/db.h"
#include "entity/access.h"
#include "entity/mask.h"
#include "entity/references.h"

enum { HISTORY_LIMIT = 50 };

struct entry {
    int64_t id, at, actor_id, event_id;
    struct str action, reason, request_id;
    const struct json *changes; /* NULL when none */
};

struct history {
    const struct record *record;
    struct entry entries[HISTORY_LIMIT];
    size_t n;
    bool more;
    struct references references;
};

static const struct json *changes_parse(struct ctx *c, struct str text) {
    struct ctx scratch = {.arena = c->arena};
    const struct json *v = text.n ? json_parse(&scratch, text) : NULL;
    return json_is(v, JSON_IS_OBJECT) ? v : NULL;
}

static void entries_read(struct ctx *c, struct history *h, int64_t before) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT id, at, actor_id, event_id, action, reason, changes, request_id FROM audit "
             "WHERE record_id = $1 AND entity = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
             h->record->id, h->record->entity->name, before, HISTORY_LIMIT + 1);
    while (db_next(&rows)) {
        if (h->n == HISTORY_LIMIT) {
            h->more = true;
            continue;
        }
        h->entries[h->n++] = (struct entry){db_int(&rows, 0),  db_int(&rows, 1),
                                            db_int(&rows, 2),  db_int(&rows, 3),
                                            db_text(&rows, 4), db_text(&rows, 5),
                                            db_text(&rows, 7), changes_parse(c, db_text(&rows, 6))};
    }
}

/* The field a member of changes is about, when the actor may know of it; else NULL. */
static const struct field *told_field(struct ctx *c, const struct history *h,
                                      const struct json_member *m) {
    const struct entity *e = h->record->entity;
    const struct field *f = entity_field(e, m->key);
    bool pair = json_is(&m->value, JSON_IS_ARRAY) && m->value.n == 2;
    bool told = f && pair && !(f->flags & FIELD_HIDDEN) &&
                access_field(c->actor, e, f) != RIGHT_NONE;
    return told ? f : NULL;
}

static void gather(struct ctx *c, struct history *h) {
    const struct entity *user = model_entity(c->model, STR("user"));
    for (size_t i = 0; i < h->n; i++) {
        const struct json *changes = h->entries[i].changes;
        references_add(&h->references, user, h->entries[i].actor_id);
        for (size_t m = 0; changes && m < changes->n; m++) {
            const struct field *f = told_field(c, h, &changes->members[m]);
            if (f && f->type == FIELD_REFERENCE) {
                const struct entity *target = reference_target(c, h->record, f);
                references_add(&h->references, target,
                               json_as_id(&changes->members[m].value.items[0]));
                references_add(&h->references, target,
                               json_as_id(&changes->members[m].value.items[1]));
            }
        }
    }
    references_resolve(c, &h->references);
}

static void put_value(struct ctx *c, struct json_writer *w, const struct history *h,
                      const struct field *f, const struct json *v) {
    if (access_field(c->actor, h->record->entity, f) != RIGHT_MASKED) {
        json_put_json(w, v);
    } else if (v->kind == JSON_IS_TEXT) {
        mask_to_json(w, f, (struct value){.kind = VALUE_TEXT, .text = v->text});
    } else {
        json_put_null(w);
    }
}

static void put_title(struct ctx *c, struct json_writer *w, const struct history *h,
                      const struct field *f, const struct json *v) {
    const struct reference *found = references_find(
        &h->references, reference_target(c, h->record, f), json_as_id(v));
    if (found) {
        json_put_str(w, found->title);
    } else {
        json_put_null(w);
    }
}

static void put_change(struct ctx *c, struct json_writer *w, const struct history *h,
                       const struct json_member *m) {
    const struct field *f = told_field(c, h, m);
    if (!f) {
        return;
    }
    json_begin_object(w);
    JSON_MEMBER(w, "field", json_put_str, f->name);
    json_key(w, "old");
    put_value(c, w, h, f, &m->value.items[0]);
    json_key(w, "new");
    put_value(c, w, h, f, &m->value.items[1]);
    if (f->type == FIELD_REFERENCE && access_field(c->actor, h->record->entity, f) >= RIGHT_READ) {
        json_key(w, "old_title");
        put_title(c, w, h, f, &m->value.items[0]);
        json_key(w, "new_title");
        put_title(c, w, h, f, &m->value.items[1]);
    }
    json_end_object(w);
}

static void put_actor(struct ctx *c, struct json_writer *w, const struct history *h,
                      int64_t actor_id) {
    json_key(w, "actor");
    if (!actor_id) {
        json_put_null(w);
        return;
    }
    const struct reference *found = references_find(&h->references,
                                                    model_entity(c->model, STR("user")), actor_id);
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, actor_id);
    JSON_MEMBER(w, "title", json_put_str, found ? found->title : STR(""));
    json_end_object(w);
}

static void put_entry(struct ctx *c, struct json_writer *w, const struct history *h,
                      const struct entry *e) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, e->id);
    JSON_MEMBER(w, "at", json_put_instant, e->at);
    put_actor(c, w, h, e->actor_id);
    JSON_MEMBER(w, "action", json_put_str, e->action);
    JSON_MEMBER(w, "did", json_put_str, audit_action_words(c, h->record->entity, e->action));
    if (e->reason.n) {
        JSON_MEMBER(w, "reason", json_put_str, e->reason);
    }
    audit_put_import(w, e->request_id);
    /* The other record of a merge. */
    if (json_id(e->changes, "_other")) {
        JSON_MEMBER(w, "other_id", json_put_id, json_id(e->changes, "_other"));
    }
    json_key(w, "changes");
    json_begin_array(w);
    for (size_t m = 0; e->changes && m < e->changes->n; m++) {
        put_change(c, w, h, &e->changes->members[m]);
    }
    json_end_array(w);
    JSON_MEMBER(w, "event_id", json_put_id, e->event_id);
    json_end_object(w);
}

void record_history_json(struct ctx *c, struct json_writer *w, const struct entity *e, int64_t id,
                         struct str cursor) {
    struct record *r = record_read_trashed(c, e, id);
    int64_t before = INT64_MAX;
    if (cursor.n && !str_to_int(cursor, &before)) {
        FAIL_FIELD(c, STR("/cursor"), "list.cursor_invalid");
    }
    if (ctx_failed(c)) {
        return;
    }
    struct history *h = ARENA_NEW(c->arena, struct history);
    h->record = r;
    h->references.arena = c->arena;
    entries_read(c, h, before);
    gather(c, h);
    json_begin_object(w);
    json_key(w, "data");
    json_begin_array(w);
    for (size_t i = 0; i < h->n; i++) {
        put_entry(c, w, h, &h->entries[i]);
    }
    json_end_array(w);
    json_key(w, "next");
    if (h->more) {
        json_put_id(w, h->entries[h->n - 1].id);
    } else {
        json_put_null(w);
    }
    json_end_object(w);
}
