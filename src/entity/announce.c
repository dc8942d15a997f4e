/* What the world hears of a written record: its event and its audit entry. */
#include "base/id.h"
#include "entity/audit.h"
#include "entity/made.h"
#include "entity/record_verbs.h"
#include "entity/value.h"
#include "entity/versions.h"
#include "event/event.h"

/* Texts stay out of the log: they may be personal. */
static bool plain_fact(const struct field *f) {
    switch (f->type) {
    case FIELD_BOOLEAN:
    case FIELD_INTEGER:
    case FIELD_QUANTITY:
    case FIELD_MONEY:
    case FIELD_DATE:
    case FIELD_INSTANT:
    case FIELD_OPTION:
    case FIELD_REFERENCE:
        return !(f->flags & (FIELD_PERSONAL | FIELD_HIDDEN));
    default:
        return false;
    }
}

static bool told(const struct record *before, const struct record *after, const struct field *f) {
    bool kept_up = f->flags & FIELD_SYSTEM && f->position < SYSTEM_OWNER_ID;
    struct value old = before ? before->values[f->position] : value_null;
    return !kept_up && !value_equal(old, after->values[f->position]);
}

static void put_changed(struct json_writer *w, const struct record *before,
                        const struct record *after) {
    json_key(w, "changed");
    json_begin_array(w);
    for (int i = 0; i < after->entity->n_fields; i++) {
        const struct field *f = &after->entity->fields[i];
        if (told(before, after, f)) {
            json_put_str(w, f->name);
        }
    }
    json_end_array(w);
}

static void put_values(struct json_writer *w, const struct record *before,
                       const struct record *after) {
    json_key(w, "values");
    json_begin_object(w);
    for (int i = 0; i < after->entity->n_fields; i++) {
        const struct field *f = &after->entity->fields[i];
        if (!plain_fact(f) || !told(before, after, f)) {
            continue;
        }
        json_key_ready(w, f->json_key);
        json_begin_array(w);
        value_to_json(w, f, before ? before->values[i] : value_null);
        value_to_json(w, f, after->values[i]);
        json_end_array(w);
    }
    json_end_object(w);
}

/* Of a new record everything is: only changes name their fields. */
static struct str payload(struct ctx *c, const struct record *before, const struct record *after) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    if (before) {
        put_changed(&w, before, after);
    }
    put_values(&w, before, after);
    json_end_object(&w);
    return json_str(&w);
}

/* Whom the record concerns: itself, or the one it refers to under this name. */
static int64_t concerned(const struct record *r, struct str entity, struct str field) {
    if (str_equal(r->entity->name, entity)) {
        return r->id;
    }
    const struct field *f = entity_field(r->entity, field);
    return f && f->type == FIELD_REFERENCE ? r->values[f->position].integer : 0;
}

int64_t record_announce(struct ctx *c, const struct record *before, const struct record *after,
                        const char *action) {
    if (ctx_failed(c)) {
        return 0;
    }
    const struct entity *e = after->entity;
    int64_t event_id = id_new();
    if (before) {
        made_forget(c, after);
    } else {
        made_keep(c, after);
    }
    bool imported = !before && c->origin == ORIGIN_IMPORT;
    if (e->flags & ENTITY_SETTING) {
        version_move(c, "setting");
    }
    /* The entry before the event: the log, whose lock is to be taken last, is written last. */
    audit_write(c,
                &(struct audit_entry){
                    .entity = e,
                    .record_id = after->id,
                    .action = action,
                    .changes = imported ? (struct str){NULL, 0} : audit_changes(c, before, after),
                    .event_id = event_id,
                });
    event_emit(c, &(struct event){
                      .id = event_id,
                      .type = str_format(c->arena, "%.*s.%s", STR_ARG(e->name), action),
                      .subject_type = e->name,
                      .subject_id = after->id,
                      .person_id = concerned(after, STR("person"), STR("person_id")),
                      .account_id = concerned(after, STR("account"), STR("account_id")),
                      .payload = payload(c, before, after),
                  });
    return event_id;
}
