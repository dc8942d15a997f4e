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

const struct record_choice record_with_titles = {.refs = true};

/* What the actor may read and wants to see of a record type, looked up once for many records. */
struct view {
    const struct entity *entity;
    unsigned char *rights; /* enum field_right by position; RIGHT_NONE when not wanted */
    bool *told;            /* references whose title is wanted and may be read */
};

static struct view view_of(struct ctx *c, const struct entity *e,
                           const struct record_choice *choice) {
    struct view v = {e, ARENA_NEW_ARRAY(c->arena, (size_t)e->n_fields, unsigned char),
                     ARENA_NEW_ARRAY(c->arena, (size_t)e->n_fields, bool)};
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        enum field_right right = f->flags & FIELD_HIDDEN ? RIGHT_NONE
                                                         : access_field(c->actor, e, f);
        bool told = choice->refs && (!choice->expanded || choice->expanded[i]);
        v.told[i] = told && f->type == FIELD_REFERENCE && right >= RIGHT_READ;
        v.rights[i] = choice->fields && !choice->fields[i] ? RIGHT_NONE : (unsigned char)right;
    }
    return v;
}

static void put_masked(struct json_writer *w, const struct view *view, const struct record *r) {
    json_key(w, "_masked");
    json_begin_array(w);
    for (int i = 0; i < view->entity->n_fields; i++) {
        if (view->rights[i] == RIGHT_MASKED && r->values[i].kind != VALUE_NULL) {
            json_put_str(w, view->entity->fields[i].name);
        }
    }
    json_end_array(w);
}

static void put_fields(struct json_writer *w, const struct view *view, const struct record *r) {
    bool masked = false;
    for (int i = 0; i < view->entity->n_fields; i++) {
        const struct field *f = &view->entity->fields[i];
        struct value v = r->values[i];
        /* deleted_at says something only of records in the trash. */
        bool idle = i == SYSTEM_DELETED_AT && v.kind == VALUE_NULL;
        if (view->rights[i] == RIGHT_NONE || idle) {
            continue;
        }
        json_key_ready(w, f->json_key);
        if (view->rights[i] == RIGHT_MASKED && v.kind != VALUE_NULL) {
            masked = true;
            mask_to_json(w, f, v);
        } else {
            value_to_json(w, f, v);
        }
    }
    if (masked) {
        put_masked(w, view, r);
    }
}

static const struct entity *told_target(struct ctx *c, const struct view *view,
                                        const struct record *r, const struct field *f) {
    bool told = view->told[f->position] && r->values[f->position].kind != VALUE_NULL;
    return told ? reference_target(c, r, f) : NULL;
}

static void gather(struct ctx *c, struct references *set, const struct view *view,
                   const struct record *r) {
    for (int i = 0; i < r->entity->n_fields; i++) {
        const struct field *f = &r->entity->fields[i];
        references_add(set, told_target(c, view, r, f), r->values[i].integer);
    }
}

static void put_reference(struct json_writer *w, const struct field *f,
                          const struct reference *found) {
    json_key_ready(w, f->json_key);
    json_begin_object(w);
    json_key_ready(w, STR("\"id\":"));
    json_put_id(w, found->id);
    json_key_ready(w, STR("\"title\":"));
    json_put_str(w, found->title);
    json_key_ready(w, STR("\"entity\":"));
    json_put_str(w, found->target->name);
    json_end_object(w);
}

static void put_references(struct ctx *c, struct json_writer *w, const struct view *view,
                           const struct record *r, const struct references *set) {
    json_key(w, "_refs");
    json_begin_object(w);
    for (int i = 0; i < r->entity->n_fields; i++) {
        const struct field *f = &r->entity->fields[i];
        if (!view->told[i]) {
            continue;
        }
        const struct reference *found = references_find(set, told_target(c, view, r, f),
                                                        r->values[i].integer);
        if (found) {
            put_reference(w, f, found);
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

void record_json(struct ctx *c, struct json_writer *w, const struct record *r,
                 const struct record_choice *choice) {
    struct references set = {.arena = c->arena};
    struct view view = view_of(c, r->entity, choice);
    json_begin_object(w);
    put_fields(w, &view, r);
    if (choice->refs) {
        gather(c, &set, &view, r);
        references_resolve(c, &set);
        put_references(c, w, &view, r, &set);
    }
    put_rights(c, w, r);
    json_end_object(w);
}

void records_json(struct ctx *c, struct json_writer *w, struct record *const *records, size_t n,
                  const struct record_choice *choice) {
    struct references set = {.arena = c->arena};
    struct view view = {0};
    for (size_t i = 0; i < n && choice->refs; i++) {
        if (records[i]->entity != view.entity) {
            view = view_of(c, records[i]->entity, choice);
        }
        gather(c, &set, &view, records[i]);
    }
    references_resolve(c, &set);
    json_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        if (records[i]->entity != view.entity) {
            view = view_of(c, records[i]->entity, choice);
        }
        json_begin_object(w);
        put_fields(w, &view, records[i]);
        if (choice->refs) {
            put_references(c, w, &view, records[i], &set);
        }
        json_end_object(w);
    }
    json_end_array(w);
}
