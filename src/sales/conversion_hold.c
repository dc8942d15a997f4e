/*
 * A conversion that an approval holds as a whole (automation/held_verb.h): nothing of it is made
 * until the last has agreed, and then it is the requester's, with what the company asks of a lead
 * asked again.
 */
#include "automation/held_verb.h"
#include "base/module.h"
#include "entity/access.h"
#include "sales/conversion_parts.h"
#include "sales/sales.h"

static void run(struct ctx *c, int64_t id, const struct json *parameters) {
    struct record *lead = conversion_lead(c, id);
    if (lead) {
        conversion_run(c, lead, parameters, NULL);
    }
}

static void item_put(struct json_writer *w, const char *entity, int64_t id, struct str title) {
    json_begin_object(w);
    JSON_MEMBER(w, "entity", json_put_c, entity);
    JSON_MEMBER(w, "id", json_put_id, id);
    JSON_MEMBER(w, "title", json_put_str, title);
    json_end_object(w);
}

/* One that is there already, or a new one called so. */
static void part_put(struct ctx *c, struct json_writer *w, const char *entity,
                     const struct json *plan, struct str fallback) {
    int64_t id = json_id(plan, "id");
    struct record *known = id ? record_load(c, entity_named(c, entity), id) : NULL;
    struct str name = str_trim(json_text(plan, "name"));
    item_put(w, entity, id, known ? record_title(known) : name.n ? name : fallback);
}

static void outcome(struct ctx *c, struct json_writer *w, const struct record *lead,
                    const struct json *parameters) {
    const struct json *account = json_get(parameters, "account"),
                      *contact = json_get(parameters, "contact"),
                      *deal = json_get(parameters, "opportunity");
    bool there = json_is(account, JSON_IS_OBJECT);
    if (json_is(deal, JSON_IS_OBJECT)) {
        part_put(c, w, "opportunity", deal, record_title(lead));
    }
    if (there) {
        part_put(c, w, "account", account, record_text(lead, "company_name"));
    }
    if (there || json_id(contact, "id")) {
        part_put(c, w, "contact", contact, record_title(lead));
    }
}

static int64_t made(struct ctx *c, int64_t id, const struct entity *e) {
    struct record *lead = record_load(c, entity_named(c, "lead"), id);
    static const struct {
        const char *entity, *field;
    } parts[] = {
        {"account", "account_id"}, {"contact", "contact_id"}, {"opportunity", "opportunity_id"}};
    for (size_t i = 0; lead && i < sizeof parts / sizeof *parts; i++) {
        if (str_is(e->name, parts[i].entity)) {
            return record_id(lead, parts[i].field);
        }
    }
    return 0;
}

/* Only what is given when one converts: the rest of the deal comes with the conversion. */
static bool given(const struct entity *e, const struct json *before, struct str key) {
    const struct field *f = entity_field(e, key);
    bool known = json_get_str(before, key) != NULL;
    return known || (f && f->type != FIELD_REFERENCE && !(f->flags & FIELD_READ_ONLY));
}

static void part_amended(struct json_writer *w, const struct entity *e, const struct json *before,
                         const struct json *values) {
    json_begin_object(w);
    for (size_t i = 0; json_is(before, JSON_IS_OBJECT) && i < before->n; i++) {
        if (!json_get_str(values, before->members[i].key)) {
            json_key_str(w, before->members[i].key);
            json_put_json(w, &before->members[i].value);
        }
    }
    for (size_t i = 0; i < values->n; i++) {
        if (given(e, before, values->members[i].key)) {
            json_key_str(w, values->members[i].key);
            json_put_json(w, &values->members[i].value);
        }
    }
    json_end_object(w);
}

static struct str amended(struct ctx *c, const struct json *parameters, const struct entity *e,
                          const struct json *values) {
    struct json_writer w = json_writer(c->arena);
    if (!json_is(values, JSON_IS_OBJECT)) {
        FAIL_FIELD(c, STR("/changes"), "field.type");
        return STR("");
    }
    json_begin_object(&w);
    for (size_t i = 0; json_is(parameters, JSON_IS_OBJECT) && i < parameters->n; i++) {
        const struct json_member *m = &parameters->members[i];
        json_key_str(&w, m->key);
        if (str_equal(m->key, e->name)) {
            part_amended(&w, e, &m->value, values);
        } else {
            json_put_json(&w, &m->value);
        }
    }
    json_end_object(&w);
    return json_str(&w);
}

static const struct held_verb convert = {.name = "convert",
                                         .entity = "lead",
                                         .run = run,
                                         .outcome = outcome,
                                         .made = made,
                                         .amended = amended};

const struct module conversion_hold_module = {
    .name = "sales.conversion_hold",
    .cloud = "sales",
    .verbs = (const struct held_verb *const[]){&convert, NULL}};
