/* See held_verb.h. */
#include "automation/held_verb.h"

#include "automation/approval_hold.h"
#include "automation/approval_parts.h"
#include "automation/automation.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/references.h"
#include "entity/row.h"
#include "entity/value.h"

enum { VERBS_MOST = 8 };

static const struct held_verb *registered[VERBS_MOST];
static size_t n_registered;

void held_verb_register(const struct held_verb *const *verbs) {
    for (; verbs && *verbs && n_registered < VERBS_MOST; verbs++) {
        registered[n_registered++] = *verbs;
    }
}

const struct held_verb *held_verb_named(struct str name) {
    for (size_t i = 0; i < n_registered; i++) {
        if (str_is(name, registered[i]->name)) {
            return registered[i];
        }
    }
    return NULL;
}

int64_t approval_open_of(struct ctx *c, int64_t origin_id) {
    return DB_INT(c,
                  "SELECT id FROM approval WHERE origin_id = $1 "
                  "AND state IN ('pending', 'returned') AND deleted_at IS NULL",
                  origin_id);
}

static struct str name_of(const struct approval_case *k) {
    return json_text(k->plan, "name");
}

void held_verb_begin(struct ctx *c, int64_t id) {
    int64_t open = approval_open_of(c, id);
    struct approval_case *k = open ? approval_find(c, open) : NULL;
    if (!k || ctx_failed(c)) {
        return;
    }
    if (str_is(record_text(k->approval, "state"), "pending")) {
        FAIL(c, ERROR_CONFLICT, "approval.verb_waits", {"process", name_of(k)},
             {"approval_id", str_format(c->arena, "%lld", (long long)open)});
        return;
    }
    k = approval_open(c, open, "returned");
    if (k) {
        approval_withdraw(c, k, STR(""));
    }
}

void held_verb_waits_json(struct ctx *c, struct json_writer *w, int64_t id) {
    struct approval_case *k = approval_find(c, approval_open_of(c, id));
    json_key(w, "waits");
    if (!k) {
        json_put_null(w);
        return;
    }
    json_begin_object(w);
    JSON_MEMBER(w, "approval_id", json_put_id, k->approval->id);
    JSON_MEMBER(w, "process", json_put_str, name_of(k));
    JSON_MEMBER(w, "state", json_put_str, record_text(k->approval, "state"));
    json_end_object(w);
}

/* What the verb had made before it was refused is undone, so nothing refers to it. */
static struct record *without_undone(struct ctx *c, const struct record *refused) {
    struct record *r = record_copy(c, refused);
    for (int i = 0; i < r->entity->n_fields && !ctx_failed(c); i++) {
        const struct field *f = &r->entity->fields[i];
        if (f->type == FIELD_REFERENCE && r->values[i].kind == VALUE_INTEGER) {
            const struct entity *target = reference_target(c, r, f);
            if (target && !record_load(c, target, r->values[i].integer)) {
                r->values[i] = value_null;
            }
        }
    }
    return r;
}

/* What people are told would be written: no counts and dates the program keeps, and none of the
 * records it joins together, which the outcome names. */
static bool kept(const struct ctx *c, const struct record *r, const struct field *f) {
    const struct entity *target = f->type == FIELD_REFERENCE ? reference_target(c, r, f) : NULL;
    bool told = !(f->flags & FIELD_READ_ONLY) || f->type == FIELD_REFERENCE;
    return told && !(f->flags & FIELD_SYSTEM) && !(target && entity_is_work(target));
}

static struct str difference(struct ctx *c, const struct record *before,
                             const struct record *after) {
    struct change_set set = change_new(c, after->entity);
    for (int i = 0; i < after->entity->n_fields; i++) {
        const struct field *f = &after->entity->fields[i];
        struct value was = before ? before->values[i] : value_null;
        if (kept(c, after, f) && after->values[i].kind != VALUE_NULL &&
            !value_equal(was, after->values[i])) {
            change_value(&set, f, after->values[i]);
        }
    }
    return approval_change_text(c, &set);
}

static struct str outcome_of(struct ctx *c, const struct held_verb *verb, int64_t id,
                             const struct json *parameters) {
    struct record *of = record_load(c, entity_named(c, verb->entity), id);
    struct json_writer w = json_writer(c->arena);
    json_begin_array(&w);
    if (of) {
        verb->outcome(c, &w, of, parameters);
    }
    json_end_array(&w);
    return json_str(&w);
}

bool held_verb_tried(struct ctx *c, const struct held_verb *verb, int64_t id,
                     const struct json *parameters, struct held_verb_trial *out) {
    db_savepoint(c);
    c->refused = NULL;
    verb->run(c, id, parameters);
    bool draft = c->error.text && str_is(str_from(c->error.text), "approval.needed_new");
    const struct record *refused = c->refused;
    *out = (struct held_verb_trial){.process = approval_tried(c), .draft = draft};
    if (!out->process || !refused || ctx_failed(c)) {
        return false;
    }
    struct record *after = without_undone(c, refused);
    struct record *before = draft ? NULL : record_load(c, refused->entity, refused->id);
    out->subject = draft ? after : before;
    out->change = difference(c, before, after);
    out->outcome = outcome_of(c, verb, id, parameters);
    return out->subject && !ctx_failed(c);
}

static const struct text texts[] = {
    {"approval.verb_waits", "已在等「{process}」审批，通过后会自动完成",
     "This waits for the approval \"{process}\" already; it is done when that is approved"},
    {0}};

const struct module held_verb_module = {
    .name = "automation.held_verb", .cloud = "platform", .texts = texts};
