#include "entity/gate.h"

static const struct record_gate *gate;

void record_gate_register(const struct record_gate *registered) {
    gate = registered;
}

void record_gate_ask(struct ctx *c, const struct change *change) {
    if (gate && !c->reordered && !ctx_failed(c)) {
        gate->ask(c, change);
    }
}

void record_gate_tell(struct ctx *c, const struct change *change) {
    if (gate && !c->reordered && !ctx_failed(c)) {
        gate->tell(c, change);
    }
}

void record_gate_gone(struct ctx *c, const struct record *r) {
    if (gate && !ctx_failed(c)) {
        gate->gone(c, r);
    }
}

int64_t record_gate_refused(const struct ctx *c) {
    return gate && ctx_failed(c) ? gate->refused(c) : 0;
}

int64_t record_gate_request(struct ctx *c, const struct gate_request *request) {
    return gate && !ctx_failed(c) ? gate->request(c, request) : 0;
}

void record_gate_withdraw(struct ctx *c, int64_t id) {
    if (gate && !ctx_failed(c)) {
        gate->withdraw(c, id);
    }
}

struct record *record_reorder(struct ctx *c, int64_t id, const struct change_set *set) {
    bool before = c->reordered;
    c->reordered = true;
    struct record *r = record_change(c, id, set);
    c->reordered = before;
    return r;
}

struct record *record_insert_along(struct ctx *c, const struct change_set *set) {
    bool before = c->reordered;
    c->reordered = true;
    struct record *r = record_insert(c, set);
    c->reordered = before;
    return r;
}

struct record *record_enact(struct ctx *c, int64_t id, const struct change_set *in) {
    const struct entity_definition *d = in->entity->definition;
    return d && d->enact ? d->enact(c, id, in) : record_update(c, id, in, 0);
}

static bool settable(const struct entity *e, const struct field *f) {
    bool by_verb = e->definition && e->definition->enact && !(f->flags & FIELD_SYSTEM);
    return by_verb || !(f->flags & FIELD_READ_ONLY);
}

struct change_set enactment_from_json(struct ctx *c, const struct entity *e, const struct json *o) {
    struct change_set set = change_new(c, e);
    if (!json_is(o, JSON_IS_OBJECT) || !o->n) {
        FAIL_FIELD(c, STR("/changes"), "field.required");
        return set;
    }
    for (size_t i = 0; i < o->n; i++) {
        const struct json_member *m = &o->members[i];
        const struct field *f = entity_field(e, m->key);
        if (!f || f->flags & FIELD_HIDDEN || !settable(e, f)) {
            FAIL_FIELD(c, str_format(c->arena, "/%.*s", STR_ARG(m->key)),
                       f && !(f->flags & FIELD_HIDDEN) ? "field.read_only" : "field.unknown");
        } else {
            change_value(&set, f, value_from_json(c, f, &m->value));
        }
    }
    return set;
}
