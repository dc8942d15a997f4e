/* Reading values of a record by name. */
#include "entity/query.h"
#include "entity/value.h"

struct value record_value(const struct record *r, const char *field) {
    return r->values[field_position(r->entity, field)];
}

int64_t record_int(const struct record *r, const char *field) {
    return record_value(r, field).integer;
}

int64_t record_id(const struct record *r, const char *field) {
    return record_value(r, field).integer;
}

struct str record_text(const struct record *r, const char *field) {
    struct value v = record_value(r, field);
    return v.text.p ? v.text : STR("");
}

bool record_empty(const struct record *r, const char *field) {
    return record_value(r, field).kind == VALUE_NULL;
}

struct str record_title(const struct record *r) {
    struct value v = r->values[r->entity->title->position];
    const struct field *company = entity_field(r->entity, STR("company_name"));
    if (company && (v.kind != VALUE_TEXT || !v.text.n)) {
        v = r->values[company->position]; /* one without a name is told by whose he is */
    }
    return v.kind == VALUE_TEXT ? v.text : STR("");
}

struct str record_title_in(const struct ctx *c, const struct record *r) {
    const struct field *english = c->language == LANGUAGE_EN ? r->entity->title_en : NULL;
    struct value v = english ? r->values[english->position] : (struct value){0};
    return v.kind == VALUE_TEXT && v.text.n ? v.text : record_title(r);
}

int64_t record_version(const struct record *r) {
    return r->values[SYSTEM_VERSION].integer;
}

void record_set_value(struct record *r, const char *field, struct value v) {
    r->values[field_position(r->entity, field)] = v;
}
