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
    unsigned char *rights;           /* enum field_right by position; RIGHT_NONE when not wanted */
    const struct field **references; /* those whose title is wanted and may be read */
    int n_references;
};

static bool tells(const struct field *f, const struct record_choice *choice) {
    bool wanted = choice->refs && (!choice->expanded || choice->expanded[f->position]);
    return wanted && f->type == FIELD_REFERENCE;
}

const bool *record_choice_reads(struct ctx *c, const struct entity *e,
                                const struct record_choice *choice) {
    if (!choice->fields) {
        return NULL;
    }
    bool *reads = (void *)arena_copy(c->arena, choice->fields, (size_t)e->n_fields * sizeof *reads);
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *type = reference_type_field(c, e, &e->fields[i]);
        reads[i] = reads[i] || tells(&e->fields[i], choice);
        if (reads[i] && type) {
            reads[type->position] = true;
        }
    }
    return reads;
}

static struct view view_of(struct ctx *c, const struct entity *e,
                           const struct record_choice *choice) {
    struct view v = {e, ARENA_NEW_ARRAY(c->arena, (size_t)e->n_fields, unsigned char),
                     ARENA_NEW_ARRAY(c->arena, (size_t)e->n_fields, const struct field *), 0};
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        enum field_right right = f->flags & FIELD_HIDDEN ? RIGHT_NONE
                                                         : access_field(c->actor, e, f);
        if (tells(f, choice) && right >= RIGHT_READ) {
            v.references[v.n_references++] = f;
        }
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
        if (v.kind == VALUE_NULL) {
            json_null_ready(w, f->json_key);
            continue;
        }
        json_key_ready(w, f->json_key);
        if (view->rights[i] == RIGHT_MASKED) {
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

/* What records refer to, each told once, and where it stands in what was written. */
struct told {
    struct references set;
    struct written {
        size_t at, n;
    } * written; /* by number of the reference; n = 0: not yet */
};

/* The numbers of what the record refers to, by the view's references. */
static int *gather(struct ctx *c, struct told *told, const struct view *view,
                   const struct record *r) {
    int *numbers = arena_bytes(c->arena, (size_t)view->n_references * sizeof *numbers);
    for (int i = 0; i < view->n_references; i++) {
        const struct field *f = view->references[i];
        int64_t id = r->values[f->position].integer;
        numbers[i] = references_add(&told->set, id ? reference_target(c, r, f) : NULL, id);
    }
    return numbers;
}

static void told_resolve(struct ctx *c, struct told *told) {
    references_resolve(c, &told->set);
    told->written = ARENA_NEW_ARRAY(c->arena, told->set.n, struct written);
}

static void put_reference(struct json_writer *w, const struct reference *r,
                          struct written *written) {
    if (written->n) {
        json_put_raw(w, (struct str){w->out.p + written->at, written->n});
        return;
    }
    written->at = w->out.n;
    json_begin_object(w);
    json_key_ready(w, STR("\"id\":"));
    json_put_id(w, r->id);
    json_key_ready(w, STR("\"title\":"));
    json_put_str(w, r->title);
    json_key_ready(w, STR("\"entity\":"));
    json_put_str(w, r->target->name);
    json_end_object(w);
    written->n = w->out.n - written->at;
}

static void put_references(struct json_writer *w, const struct view *view, struct told *told,
                           const int *numbers) {
    json_key_ready(w, STR("\"_refs\":"));
    json_begin_object(w);
    for (int i = 0; i < view->n_references; i++) {
        const struct reference *r = numbers[i] < 0 ? NULL : &told->set.items[numbers[i]];
        if (r && r->title.p) {
            json_key_ready(w, view->references[i]->json_key);
            put_reference(w, r, &told->written[numbers[i]]);
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
    struct told told = {.set.arena = c->arena};
    struct view view = view_of(c, r->entity, choice);
    json_begin_object(w);
    put_fields(w, &view, r);
    if (choice->refs) {
        const int *numbers = gather(c, &told, &view, r);
        told_resolve(c, &told);
        put_references(w, &view, &told, numbers);
    }
    put_rights(c, w, r);
    json_end_object(w);
}

void records_json(struct ctx *c, struct json_writer *w, struct record *const *records, size_t n,
                  const struct record_choice *choice) {
    struct told told = {.set.arena = c->arena};
    struct view *views = ARENA_NEW_ARRAY(c->arena, n, struct view);
    int **numbers = ARENA_NEW_ARRAY(c->arena, n, int *);
    for (size_t i = 0; i < n; i++) {
        bool same = i > 0 && records[i]->entity == records[i - 1]->entity;
        views[i] = same ? views[i - 1] : view_of(c, records[i]->entity, choice);
        numbers[i] = choice->refs ? gather(c, &told, &views[i], records[i]) : NULL;
    }
    told_resolve(c, &told);
    json_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        json_begin_object(w);
        put_fields(w, &views[i], records[i]);
        if (choice->refs) {
            put_references(w, &views[i], &told, numbers[i]);
        }
        json_end_object(w);
    }
    json_end_array(w);
}
