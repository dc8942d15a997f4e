/* Records as JSON for an actor: what he may not read is left out, or masked. */
#include "base/email.h"
#include "base/phone.h"
#include "base/text.h"
#include "entity/access.h"
#include "entity/mask.h"
#include "entity/references.h"
#include "entity/value.h"

struct str mask_text(struct arena *a, const struct field *f, struct str text) {
    if (f->type == FIELD_PHONE) {
        return phone_mask(a, text);
    }
    if (f->type == FIELD_EMAIL) {
        return email_mask(a, text);
    }
    struct str first = text_truncate(text, 1);
    return str_format(a, "%.*s***", STR_ARG(first));
}

void mask_to_json(struct json_writer *w, const struct field *f, struct value v) {
    if (v.kind == VALUE_TEXT && f->type != FIELD_JSON) {
        json_put_str(w, mask_text(w->out.arena, f, v.text));
    } else {
        json_put_null(w);
    }
}

/* deleted_at says something only of records in the trash. */
static bool is_told(const struct ctx *c, const struct record *r, const struct field *f) {
    bool deleted_at = f->flags & FIELD_SYSTEM && f->position == SYSTEM_DELETED_AT;
    return access_field(c->actor, r->entity, f) != RIGHT_NONE && !(f->flags & FIELD_HIDDEN) &&
           !(deleted_at && r->values[f->position].kind == VALUE_NULL);
}

static bool is_masked(const struct ctx *c, const struct record *r, const struct field *f) {
    return r->values[f->position].kind != VALUE_NULL &&
           access_field(c->actor, r->entity, f) == RIGHT_MASKED;
}

static void put_fields(struct ctx *c, struct json_writer *w, const struct record *r) {
    bool masked = false;
    for (int i = 0; i < r->entity->n_fields; i++) {
        const struct field *f = &r->entity->fields[i];
        if (!is_told(c, r, f)) {
            continue;
        }
        json_key_str(w, f->name);
        if (is_masked(c, r, f)) {
            masked = true;
            mask_to_json(w, f, r->values[i]);
        } else {
            value_to_json(w, f, r->values[i]);
        }
    }
    if (!masked) {
        return;
    }
    json_key(w, "_masked");
    json_begin_array(w);
    for (int i = 0; i < r->entity->n_fields; i++) {
        const struct field *f = &r->entity->fields[i];
        if (is_masked(c, r, f) && is_told(c, r, f)) {
            json_put_str(w, f->name);
        }
    }
    json_end_array(w);
}

/* References the actor may read in full. */
static const struct entity *told_target(struct ctx *c, const struct record *r,
                                        const struct field *f) {
    bool told = f->type == FIELD_REFERENCE && r->values[f->position].kind != VALUE_NULL &&
                access_field(c->actor, r->entity, f) >= RIGHT_READ && !(f->flags & FIELD_HIDDEN);
    return told ? reference_target(c, r, f) : NULL;
}

static void gather(struct ctx *c, struct references *set, const struct record *r) {
    for (int i = 0; i < r->entity->n_fields; i++) {
        references_add(set, told_target(c, r, &r->entity->fields[i]), r->values[i].integer);
    }
}

static void put_references(struct ctx *c, struct json_writer *w, const struct record *r,
                           const struct references *set) {
    json_key(w, "_refs");
    json_begin_object(w);
    for (int i = 0; i < r->entity->n_fields; i++) {
        const struct field *f = &r->entity->fields[i];
        if (f->type != FIELD_REFERENCE) {
            continue;
        }
        const struct reference *found = references_find(set, told_target(c, r, f),
                                                        r->values[i].integer);
        if (found) {
            json_key_str(w, f->name);
            json_begin_object(w);
            JSON_MEMBER(w, "id", json_put_id, found->id);
            JSON_MEMBER(w, "title", json_put_str, found->title);
            JSON_MEMBER(w, "entity", json_put_str, found->target->name);
            json_end_object(w);
        }
    }
    json_end_object(w);
}

static void put_rights(struct ctx *c, struct json_writer *w, const struct record *r) {
    json_key(w, "_rights");
    json_begin_object(w);
    JSON_MEMBER(w, "update", json_put_bool, access_record(c, ACTION_UPDATE, r));
    JSON_MEMBER(w, "delete", json_put_bool, access_record(c, ACTION_DELETE, r));
    JSON_MEMBER(w, "assign", json_put_bool, access_record(c, ACTION_ASSIGN, r));
    json_end_object(w);
}

void record_json(struct ctx *c, struct json_writer *w, const struct record *r, bool refs) {
    struct references set = {.arena = c->arena};
    json_begin_object(w);
    put_fields(c, w, r);
    if (refs) {
        gather(c, &set, r);
        references_resolve(c, &set);
        put_references(c, w, r, &set);
    }
    put_rights(c, w, r);
    json_end_object(w);
}

void records_json(struct ctx *c, struct json_writer *w, struct record *const *records, size_t n,
                  bool refs) {
    struct references set = {.arena = c->arena};
    for (size_t i = 0; i < n && refs; i++) {
        gather(c, &set, records[i]);
    }
    references_resolve(c, &set);
    json_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        json_begin_object(w);
        put_fields(c, w, records[i]);
        if (refs) {
            put_references(c, w, records[i], &set);
        }
        json_end_object(w);
    }
    json_end_array(w);
}
