/* What an approval is asked about, and whether it is still so. See approval.h. */
#include "automation/approval_parts.h"
#include "db/db.h"
#include "entity/references.h"

static struct str value_text_json(struct ctx *c, const struct field *f, struct value v) {
    struct json_writer w = json_writer(c->arena);
    if (v.kind == VALUE_NULL) {
        json_put_null(&w);
    } else {
        value_to_json(&w, f, v);
    }
    return json_str(&w);
}

static struct str title_of(struct ctx *c, const struct record *subject, const struct field *f) {
    const struct entity *target = reference_target(c, subject, f);
    struct value v = subject->values[f->position];
    struct record *r = target && v.kind != VALUE_NULL ? record_load(c, target, v.integer) : NULL;
    return r ? record_title(r) : STR("");
}

/* What counts as what was approved: the locked fields, and the watched one where any value of it is
 * asked about. Where values are named, having come to one is what was approved. */
static bool binds(const struct json *plan, const struct field *f) {
    const struct json *values = json_get(plan, "watch_values");
    if (str_equal(f->name, json_text(plan, "watch_field"))) {
        return !json_is(values, JSON_IS_ARRAY) || !values->n;
    }
    return approval_lists(plan, "locked", f);
}

struct str approval_snapshot(struct ctx *c, const struct json *plan, const struct record *subject) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    for (int i = 0; i < subject->entity->n_fields; i++) {
        const struct field *f = &subject->entity->fields[i];
        if (!approval_lists(plan, "shown", f) && !approval_lists(plan, "locked", f) &&
            !binds(plan, f)) {
            continue;
        }
        json_key_str(&w, f->name);
        json_begin_object(&w);
        JSON_MEMBER(&w, "value", json_put_raw, value_text_json(c, f, subject->values[i]));
        if (f->type == FIELD_REFERENCE) {
            JSON_MEMBER(&w, "title", json_put_str, title_of(c, subject, f));
        }
        json_end_object(&w);
    }
    json_end_object(&w);
    return json_str(&w);
}

static struct str json_again(struct ctx *c, const struct json *v) {
    struct json_writer w = json_writer(c->arena);
    if (v) {
        json_put_json(&w, v);
    } else {
        json_put_null(&w);
    }
    return json_str(&w);
}

/* Whether the field is as the snapshot says; one it does not hold counts as unchanged. */
static bool as_before(struct ctx *c, const struct json *snapshot, const struct record *subject,
                      const struct field *f) {
    const struct json *before = json_get_str(snapshot, f->name);
    return !before || str_equal(json_again(c, json_get(before, "value")),
                                value_text_json(c, f, subject->values[f->position]));
}

size_t approval_moved(struct ctx *c, const struct approval_case *k, const struct field **out,
                      size_t limit) {
    struct str held = record_text(k->approval, "change"),
               kept = record_text(k->approval, "snapshot");
    const struct json *change = held.n ? json_parse(c, held) : NULL;
    const struct json *snapshot = kept.n ? json_parse(c, kept) : NULL;
    size_t n = 0;
    for (int i = 0; k->subject && i < k->subject->entity->n_fields && n < limit; i++) {
        const struct field *f = &k->subject->entity->fields[i];
        if (!json_get_str(change, f->name) && !as_before(c, snapshot, k->subject, f)) {
            out[n++] = f;
        }
    }
    return n;
}

bool approval_covers(struct ctx *c, const struct record *process, const struct record *subject) {
    int64_t id = record_int(process, "once")
                     ? DB_INT(c,
                              "SELECT id FROM approval WHERE subject_id = $1 AND process_id = $2 "
                              "AND state = 'approved' AND deleted_at IS NULL "
                              "ORDER BY id DESC LIMIT 1",
                              subject->id, process->id)
                     : 0;
    struct approval_case *k = approval_find(c, id);
    if (!k || ctx_failed(c)) {
        return false;
    }
    /* What is asked is what the values will be, whatever was held. */
    struct str kept = record_text(k->approval, "snapshot"),
               held = record_text(k->approval, "change");
    const struct json *snapshot = kept.n ? json_parse(c, kept) : NULL;
    const struct json *change = held.n ? json_parse(c, held) : NULL;
    for (int i = 0; i < subject->entity->n_fields; i++) {
        const struct field *f = &subject->entity->fields[i];
        const struct json *approved = json_get_str(change, f->name);
        bool same = approved ? str_equal(json_again(c, approved),
                                         value_text_json(c, f, subject->values[i]))
                             : as_before(c, snapshot, subject, f);
        if (binds(k->plan, f) && !same) {
            return false;
        }
    }
    return true;
}
