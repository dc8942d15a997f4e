#include "api/openapi_shape.h"

#include <string.h>

#include "base/json.h"
#include "entity/access.h"

enum { MEMBERS_MOST = 64 };

static const struct {
    const char *word, *schema;
} types[] = {{"text", "\"type\":\"string\""},
             {"integer", "\"type\":\"integer\""},
             {"number", "\"type\":\"number\""},
             {"boolean", "\"type\":\"boolean\""},
             {"instant", "\"type\":\"string\",\"format\":\"date-time\""},
             {"date", "\"type\":\"string\",\"format\":\"date\""},
             {"object", "\"type\":\"object\""},
             {"any", ""},
             {"id", "\"$ref\":\"#/components/schemas/Id\""},
             {"money", "\"$ref\":\"#/components/schemas/Money\""}};

bool openapi_describes(struct ctx *c, const struct entity *e) {
    return !(e->flags & ENTITY_INTERNAL) && access_scope(c->actor, e, ACTION_READ) != SCOPE_NONE;
}

static bool take(struct shape_reader *r, char ch) {
    bool there = r->rest.n && r->rest.p[0] == ch;
    r->rest = str_slice(r->rest, there, r->rest.n);
    return there;
}

/* Of small letters and underscores, and of digits after the first. */
static bool of_word(char b, bool first) {
    return b == '_' || (b >= 'a' && b <= 'z') || (!first && b >= '0' && b <= '9');
}

static struct str word(struct shape_reader *r) {
    size_t n = 0;
    while (n < r->rest.n && of_word(r->rest.p[n], n == 0)) {
        n++;
    }
    struct str w = str_slice(r->rest, 0, n);
    r->rest = str_slice(r->rest, n, r->rest.n);
    return w;
}

static struct str members(struct shape_reader *r);

/* The inside of a schema, without its braces. */
static struct str type_inside(struct shape_reader *r) {
    struct arena *a = r->c->arena;
    if (take(r, '[')) {
        struct str items = type_inside(r);
        take(r, ']');
        return str_format(a, "\"type\":\"array\",\"items\":{%.*s}", STR_ARG(items));
    }
    if (take(r, '(')) {
        struct str inside = members(r);
        take(r, ')');
        return inside;
    }
    if (take(r, '@')) {
        struct str name = word(r);
        const struct entity *e = name.n ? model_entity(r->c->model, name) : r->e;
        return e && openapi_describes(r->c, e)
                   ? str_format(a, "\"$ref\":\"#/components/schemas/%.*s\"", STR_ARG(e->name))
                   : STR("\"type\":\"object\"");
    }
    struct str w = word(r);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (str_is(w, types[i].word)) {
            return str_from(types[i].schema);
        }
    }
    ctx_fail_internal(r->c, "no type %.*s in a shape", STR_ARG(w));
    return STR("");
}

bool shape_next(struct shape_reader *r, struct shape_member *m) {
    while (take(r, ' ')) {
    }
    m->name = word(r);
    if (!m->name.n || !take(r, ':')) {
        return false;
    }
    struct arena *a = r->c->arena;
    struct str inside = type_inside(r);
    bool nullable = take(r, '?');
    m->required = take(r, '!');
    m->schema = nullable
                    ? str_format(a, "{\"anyOf\":[{%.*s},{\"type\":\"null\"}]}", STR_ARG(inside))
                    : str_format(a, "{%.*s}", STR_ARG(inside));
    return !ctx_failed(r->c);
}

/* The inside of an object's schema. */
static struct str members(struct shape_reader *r) {
    struct arena *a = r->c->arena;
    struct text_buffer properties = {.arena = a}, required = {.arena = a};
    struct shape_member m;
    for (int n = 0; n < MEMBERS_MOST && shape_next(r, &m); n++) {
        text_add_format(&properties, "%s\"%.*s\":%.*s", n ? "," : "", STR_ARG(m.name),
                        STR_ARG(m.schema));
        if (m.required) {
            text_add_format(&required, "%s\"%.*s\"", required.n ? "," : "", STR_ARG(m.name));
        }
    }
    return str_format(a, "\"type\":\"object\",\"properties\":{%.*s}%s%.*s%s",
                      STR_ARG(text_str(&properties)), required.n ? ",\"required\":[" : "",
                      STR_ARG(required.n ? text_str(&required) : STR("")), required.n ? "]" : "");
}

struct str shape_schema(struct ctx *c, const char *shape, const struct entity *e) {
    struct shape_reader r = {c, str_from(shape), e};
    bool object = strchr(shape, ':') && shape[0] != '(' && shape[0] != '[';
    struct str inside = object ? members(&r) : type_inside(&r);
    if (r.rest.n) {
        ctx_fail_internal(c, "the shape %s ends at %.*s", shape, STR_ARG(r.rest));
    }
    return str_format(c->arena, "{%.*s}", STR_ARG(inside));
}
