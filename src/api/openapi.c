/*
 * OpenAPI 3.1, generated from the model and the routes at the moment it is asked for: custom
 * fields and objects are in it at once.
 *
 * The generic routes of /api/v1/{plural} are written out once per record type with its own
 * schema; the routes of modules follow with what they declare. Everybody signed in
 * may read it; fields the caller has no right to are left out.
 */
#include <string.h>

#include "api/api.h"
#include "base/message.h"
#include "base/module.h"
#include "entity/access.h"
#include "organization/company.h"

static const struct route *const *all_routes;
static const char *(*route_cloud)(const void *route);

void api_routes(const struct route *const *routes, const char *(*cloud_of)(const void *route)) {
    all_routes = routes;
    route_cloud = cloud_of;
}

bool api_open(struct ctx *c, const struct route *route) {
    const char *cloud = route_cloud(route);
    if (!cloud) {
        return true;
    }
    return c->actor ? access_cloud_on(c->actor, str_from(cloud))
                    : company_cloud_on(c, str_from(cloud));
}

static const char *const method_words[] = {[METHOD_GET] = "get",
                                           [METHOD_POST] = "post",
                                           [METHOD_PUT] = "put",
                                           [METHOD_PATCH] = "patch",
                                           [METHOD_DELETE] = "delete"};

/* JSON Schema of a field's type: type and, where it says more, format. */
struct schema_type {
    const char *type, *format, *reference;
};

static const struct schema_type schema_types[] = {
    [FIELD_TEXT] = {"string"},
    [FIELD_LONG_TEXT] = {"string"},
    [FIELD_BOOLEAN] = {"boolean"},
    [FIELD_INTEGER] = {"integer", "int64"},
    [FIELD_QUANTITY] = {"string", "decimal"},
    [FIELD_MONEY] = {.reference = "#/components/schemas/Money"},
    [FIELD_DATE] = {"string", "date"},
    [FIELD_INSTANT] = {"string", "date-time"},
    [FIELD_OPTION] = {"string"},
    [FIELD_REFERENCE] = {.reference = "#/components/schemas/Id"},
    [FIELD_PHONE] = {"string"},
    [FIELD_EMAIL] = {"string", "email"},
    [FIELD_REGION] = {"string"},
    [FIELD_URL] = {"string", "uri"},
    [FIELD_JSON] = {0}};

static void options_enum(struct json_writer *w, const struct field *f, bool nullable) {
    json_key(w, "enum");
    json_begin_array(w);
    for (size_t i = 0; i < f->n_options; i++) {
        json_put_str(w, f->options[i].code);
    }
    if (nullable) {
        json_put_null(w);
    }
    json_end_array(w);
}

static void type_json(struct json_writer *w, const struct schema_type *t) {
    if (t->reference) {
        json_key(w, "anyOf");
        json_begin_array(w);
        json_begin_object(w);
        JSON_MEMBER(w, "$ref", json_put_c, t->reference);
        json_end_object(w);
        json_begin_object(w);
        JSON_MEMBER(w, "type", json_put_c, "null");
        json_end_object(w);
        json_end_array(w);
    } else if (t->type) {
        json_key(w, "type");
        json_begin_array(w);
        json_put_c(w, t->type);
        json_put_c(w, "null");
        json_end_array(w);
    }
    if (t->format) {
        JSON_MEMBER(w, "format", json_put_c, t->format);
    }
}

static void property_json(struct ctx *c, struct json_writer *w, const struct field *f) {
    bool text = f->type == FIELD_TEXT || f->type == FIELD_LONG_TEXT;
    json_key_str(w, f->name);
    json_begin_object(w);
    JSON_MEMBER(w, "description", json_put_str, f->label[c->language]);
    type_json(w, &schema_types[f->type]);
    if (f->n_options) {
        options_enum(w, f, true);
    }
    if (text && f->max_length) {
        JSON_MEMBER(w, "maxLength", json_put_int, f->max_length);
    }
    if (f->flags & (FIELD_READ_ONLY | FIELD_SYSTEM) && !str_is(f->name, "owner_id")) {
        JSON_MEMBER(w, "readOnly", json_put_bool, true);
    }
    json_end_object(w);
}

static bool field_shown(struct ctx *c, const struct entity *e, const struct field *f) {
    return !(f->flags & FIELD_HIDDEN) && access_field(c->actor, e, f) != RIGHT_NONE;
}

static bool entity_shown(struct ctx *c, const struct entity *e) {
    return !(e->flags & ENTITY_INTERNAL) && access_scope(c->actor, e, ACTION_READ) != SCOPE_NONE;
}

static void record_schema(struct ctx *c, struct json_writer *w, const struct entity *e) {
    json_key_str(w, e->name);
    json_begin_object(w);
    JSON_MEMBER(w, "type", json_put_c, "object");
    JSON_MEMBER(w, "title", json_put_str, e->label[c->language]);
    json_key(w, "properties");
    json_begin_object(w);
    for (int i = 0; i < e->n_fields; i++) {
        if (field_shown(c, e, &e->fields[i])) {
            property_json(c, w, &e->fields[i]);
        }
    }
    json_end_object(w);
    json_end_object(w);
}

#define ID_SCHEMA "\"Id\":{\"type\":\"string\",\"pattern\":\"^[1-9][0-9]{0,18}$\"}"
#define MONEY_SCHEMA                                                                         \
    "\"Money\":{\"type\":\"object\",\"required\":[\"amount\",\"currency\"],\"properties\":{" \
    "\"amount\":{\"type\":\"string\",\"pattern\":\"^-?[0-9]+([.][0-9]+)?$\"},"               \
    "\"currency\":{\"type\":\"string\",\"minLength\":3,\"maxLength\":3}}}"
#define PROBLEM_SCHEMA                                                                \
    "\"Problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\"],"  \
    "\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"}," \
    "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"             \
    "\"request_id\":{\"type\":\"string\"},\"errors\":{\"type\":\"array\",\"items\":{" \
    "\"type\":\"object\",\"properties\":{\"pointer\":{\"type\":\"string\"},"          \
    "\"code\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"}}}}}}"
#define SECURITY_SCHEMES                                                                  \
    "{\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"guantong_session\"}," \
    "\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}}"

static void components_json(struct ctx *c, struct json_writer *w) {
    json_key(w, "components");
    json_begin_object(w);
    json_key(w, "securitySchemes");
    json_put_raw(w, STR(SECURITY_SCHEMES));
    json_key(w, "schemas");
    json_begin_object(w);
    for (int i = 0; i < c->model->n_entities; i++) {
        if (entity_shown(c, &c->model->entities[i])) {
            record_schema(c, w, &c->model->entities[i]);
        }
    }
    json_put_raw(w, STR(ID_SCHEMA "," MONEY_SCHEMA "," PROBLEM_SCHEMA));
    json_end_object(w);
    json_end_object(w);
}

static void parameter_json(struct json_writer *w, struct str name, const char *in) {
    json_begin_object(w);
    JSON_MEMBER(w, "name", json_put_str, name);
    JSON_MEMBER(w, "in", json_put_c, in);
    JSON_MEMBER(w, "required", json_put_bool, strcmp(in, "path") == 0);
    json_key(w, "schema");
    json_put_raw(w, STR("{\"type\":\"string\"}"));
    json_end_object(w);
}

/* The names in braces of a path. */
static void path_parameters(struct json_writer *w, struct str path) {
    struct str part;
    while (str_cut(&path, '/', &part)) {
        if (part.n > 2 && part.p[0] == '{') {
            parameter_json(w, str_slice(part, 1, part.n - 1), "path");
        }
    }
}

static void list_parameters(struct json_writer *w) {
    static const char *const words[] = {"where",  "sort",  "limit",  "cursor",
                                        "expand", "count", "deleted"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        parameter_json(w, str_from(words[i]), "query");
    }
}

static void content_json(struct json_writer *w, const char *mime, struct str schema) {
    json_key(w, "content");
    json_begin_object(w);
    json_key(w, mime);
    json_begin_object(w);
    json_key(w, "schema");
    json_put_raw(w, schema);
    json_end_object(w);
    json_end_object(w);
}

static void responses_json(struct ctx *c, struct json_writer *w, struct str schema) {
    json_key(w, "responses");
    json_begin_object(w);
    json_key(w, "2XX");
    json_begin_object(w);
    JSON_MEMBER(w, "description", json_put_c, c->language == LANGUAGE_EN ? "Done" : "完成");
    content_json(w, "application/json", schema);
    json_end_object(w);
    json_key(w, "default");
    json_begin_object(w);
    JSON_MEMBER(w, "description", json_put_c, c->language == LANGUAGE_EN ? "Refused" : "未完成");
    content_json(w, "application/problem+json", STR("{\"$ref\":\"#/components/schemas/Problem\"}"));
    json_end_object(w);
    json_end_object(w);
}

/* A name for the operation that is unique: method and path with _ for what is no letter. */
static struct str operation_id(struct ctx *c, const struct route *route, struct str path) {
    struct text_buffer b = {.arena = c->arena};
    text_add_c(&b, method_words[route->method]);
    for (size_t i = strlen("/api/v1"); i < path.n; i++) {
        char ch = path.p[i];
        if (ch != '{' && ch != '}') {
            text_add_char(&b, ch == '/' || ch == '.' ? '_' : ch);
        }
    }
    return text_str(&b);
}

static void operation_json(struct ctx *c, struct json_writer *w, const struct route *route,
                           struct str path, const struct entity *e) {
    bool list = e && route->method == METHOD_GET && str_ends(path, e->plural);
    struct str record = e ? str_format(c->arena, "{\"$ref\":\"#/components/schemas/%.*s\"}",
                                       STR_ARG(e->name))
                          : STR("{\"type\":\"object\"}");
    json_key(w, method_words[route->method]);
    json_begin_object(w);
    JSON_MEMBER(w, "operationId", json_put_str, operation_id(c, route, path));
    JSON_MEMBER(w, "summary", json_put_str, message_words(c->language, route->summary));
    json_key(w, "tags");
    json_begin_array(w);
    json_put_str(w, e ? e->label[c->language] : STR("guantong"));
    json_end_array(w);
    json_key(w, "parameters");
    json_begin_array(w);
    path_parameters(w, path);
    if (list) {
        list_parameters(w);
    }
    json_end_array(w);
    if (route->method != METHOD_GET && route->method != METHOD_DELETE) {
        json_key(w, "requestBody");
        json_begin_object(w);
        content_json(w, "application/json", record);
        json_end_object(w);
    }
    responses_json(c, w,
                   list ? str_format(c->arena,
                                     "{\"type\":\"object\",\"properties\":{\"data\":{\"type\":"
                                     "\"array\",\"items\":%.*s},\"next\":{\"type\":[\"string\","
                                     "\"null\"]}}}",
                                     STR_ARG(record))
                        : record);
    if (strcmp(route->permission, PERMISSION_PUBLIC) == 0) {
        json_key(w, "security");
        json_put_raw(w, STR("[]"));
    }
    json_end_object(w);
}

/* A path may have several methods, declared anywhere: the routes of each path are gathered. */
static bool same_path(const struct route *a, const struct route *b) {
    return strcmp(a->path, b->path) == 0;
}

static bool shown(struct ctx *c, const struct route *route) {
    return api_open(c, route) && !(route->flags & (ROUTE_HIDDEN | ROUTE_STREAM)) &&
           route->summary && strncmp(route->path, "/api/v1/", 8) == 0;
}

static bool seen_before(struct ctx *c, const struct route *route) {
    for (size_t l = 0; all_routes[l]; l++) {
        for (const struct route *r = all_routes[l]; r->path; r++) {
            if (r == route) {
                return false;
            }
            if (shown(c, r) && same_path(r, route)) {
                return true;
            }
        }
    }
    return false;
}

static void path_json(struct ctx *c, struct json_writer *w, const struct route *first,
                      const struct entity *e) {
    struct str path = str_from(first->path);
    if (e) {
        size_t after = strlen("/api/v1/{plural}");
        path = str_format(c->arena, "/api/v1/%.*s%s", STR_ARG(e->plural), first->path + after);
    }
    json_key_str(w, path);
    json_begin_object(w);
    for (size_t l = 0; all_routes[l]; l++) {
        for (const struct route *r = all_routes[l]; r->path; r++) {
            if (shown(c, r) && same_path(r, first)) {
                operation_json(c, w, r, path, e);
            }
        }
    }
    json_end_object(w);
}

/* A route that serves one record type in the place of the generic one has its shape. */
static bool shown_as_generic(struct ctx *c, const struct route *route) {
    struct str path = str_from(route->path);
    const struct entity *e = model_plural(c->model, str_slice(path, strlen("/api/v1/"), path.n));
    return e && entity_shown(c, e);
}

static void paths_of(struct ctx *c, struct json_writer *w, const struct route *route) {
    if (shown_as_generic(c, route)) {
        return;
    }
    if (strncmp(route->path, "/api/v1/{plural}", strlen("/api/v1/{plural}")) != 0) {
        path_json(c, w, route, NULL);
        return;
    }
    for (int i = 0; i < c->model->n_entities; i++) {
        if (entity_shown(c, &c->model->entities[i])) {
            path_json(c, w, route, &c->model->entities[i]);
        }
    }
}

static void openapi_get(struct request *r) {
    struct ctx *c = r->c;
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "openapi", json_put_c, "3.1.0");
    json_key(&w, "info");
    json_begin_object(&w);
    JSON_MEMBER(&w, "title", json_put_c, "Guantong 贯通");
    JSON_MEMBER(&w, "version", json_put_c, GUANTONG_VERSION);
    json_end_object(&w);
    json_key(&w, "security");
    json_put_raw(&w, STR("[{\"session\":[]},{\"token\":[]}]"));
    json_key(&w, "paths");
    json_begin_object(&w);
    for (size_t l = 0; all_routes[l]; l++) {
        for (const struct route *route = all_routes[l]; route->path; route++) {
            if (shown(c, route) && !seen_before(c, route)) {
                paths_of(c, &w, route);
            }
        }
    }
    json_end_object(&w);
    components_json(c, &w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {{METHOD_GET, "/api/v1/openapi.json", PERMISSION_SIGNED_IN,
                                       LANE_SLOW, openapi_get, .summary = "route.openapi"},
                                      {0}};

static const struct text texts[] = {{"route.openapi", "接口说明", "Description of the API"}, {0}};

const struct module api_openapi_module = {
    .name = "api.openapi", .cloud = "platform", .routes = routes, .texts = texts};
