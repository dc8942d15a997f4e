/*
 * OpenAPI 3.1, generated from the model and the routes at the moment it is asked for: custom
 * fields and objects are in it at once.
 *
 * The generic routes of /api/v1/{plural} are written out once per record type with its own
 * schema; the routes of modules follow with the shapes they declare. Everybody signed in
 * may read it; fields the caller has no right to are left out, and so are modules that are
 * switched off. tests/openapi holds the document against its standard and against the answers
 * of the text cases.
 */
#include <string.h>

#include "api/api.h"
#include "api/openapi_shape.h"
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
    if (f->position == SYSTEM_ID) {
        JSON_MEMBER(w, "$ref", json_put_c, "#/components/schemas/Id");
    } else {
        type_json(w, &schema_types[f->type]);
    }
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

/* What the server adds to the fields of a record. */
#define RECORD_EXTRAS                                      \
    "\"_rights\":{\"type\":\"object\",\"readOnly\":true}," \
    "\"_refs\":{\"type\":\"object\",\"readOnly\":true},"   \
    "\"_masked\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"readOnly\":true}"

static void record_schema(struct ctx *c, struct json_writer *w, const struct entity *e) {
    json_key_str(w, e->name);
    json_begin_object(w);
    JSON_MEMBER(w, "type", json_put_c, "object");
    JSON_MEMBER(w, "title", json_put_str, e->label[c->language]);
    json_key(w, "required");
    json_put_raw(w, STR("[\"id\"]"));
    json_key(w, "properties");
    json_begin_object(w);
    for (int i = 0; i < e->n_fields; i++) {
        if (field_shown(c, e, &e->fields[i])) {
            property_json(c, w, &e->fields[i]);
        }
    }
    json_put_raw(w, STR(RECORD_EXTRAS));
    json_end_object(w);
    json_end_object(w);
}

#define ID_SCHEMA "\"Id\":{\"type\":\"string\",\"pattern\":\"^[1-9][0-9]{0,18}$\"}"
#define MONEY_SCHEMA                                                                         \
    "\"Money\":{\"type\":\"object\",\"required\":[\"amount\",\"currency\"],\"properties\":{" \
    "\"amount\":{\"type\":\"string\",\"pattern\":\"^-?[0-9]+([.][0-9]+)?$\"},"               \
    "\"currency\":{\"type\":\"string\",\"minLength\":3,\"maxLength\":3}}}"
/* What every failure says. */
#define PROBLEM_SHAPE                                                 \
    "type:text! title:text! status:integer! code:text! detail:text! " \
    "request_id:text errors:[(pointer:text! code:text! message:text!)]"
#define SECURITY_SCHEMES                                                                 \
    "{\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"guantong_session\"," \
    "\"description\":\"Changes need the header X-Requested-With: guantong\"},"           \
    "\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}}"

/* What can go wrong, and when it is part of an operation. */
enum when {
    ALWAYS,
    NOT_PUBLIC = 1, /* somebody must have signed in, and may lack the right */
    WITH_PATH = 2,  /* names something that may be missing or switched off */
    WITH_INPUT = 4, /* a body or a query may be wrong */
    WITH_BODY = 8,  /* a body may be unreadable or too large */
    CHANGES = 16,   /* the state may forbid it, or a limit */
    VERSIONED = 32, /* If-Match */
};

static const struct {
    int status;
    enum when when;
    const char *name, *text; /* of the response, and what it says */
} failures[] = {{400, WITH_BODY, "Malformed", "problem.malformed"},
                {401, NOT_PUBLIC, "SignedOut", "problem.signed_out"},
                {403, NOT_PUBLIC, "Denied", "problem.denied"},
                {404, WITH_PATH, "Absent", "problem.absent"},
                {409, CHANGES, "Conflict", "problem.conflict"},
                {412, VERSIONED, "Stale", "problem.stale"},
                {413, WITH_BODY, "TooLarge", "problem.too_large"},
                {422, WITH_INPUT, "Invalid", "problem.invalid"},
                {429, NOT_PUBLIC | CHANGES, "Limited", "problem.limit"},
                {500, ALWAYS, "Internal", "problem.internal"},
                {503, ALWAYS, "Busy", "problem.retry"}};

enum { FAILURES = sizeof failures / sizeof *failures };

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

static void failures_json(struct ctx *c, struct json_writer *w) {
    json_key(w, "responses");
    json_begin_object(w);
    for (size_t i = 0; i < FAILURES; i++) {
        json_key(w, failures[i].name);
        json_begin_object(w);
        JSON_MEMBER(w, "description", json_put_str, message_words(c->language, failures[i].text));
        if (failures[i].status == 429 || failures[i].status == 503) {
            json_key(w, "headers");
            json_put_raw(w, STR("{\"Retry-After\":{\"schema\":{\"type\":\"integer\"}}}"));
        }
        content_json(w, "application/problem+json",
                     STR("{\"$ref\":\"#/components/schemas/Problem\"}"));
        json_end_object(w);
    }
    json_end_object(w);
}

static void components_json(struct ctx *c, struct json_writer *w) {
    json_key(w, "components");
    json_begin_object(w);
    json_key(w, "securitySchemes");
    json_put_raw(w, STR(SECURITY_SCHEMES));
    failures_json(c, w);
    json_key(w, "schemas");
    json_begin_object(w);
    for (int i = 0; i < c->model->n_entities; i++) {
        if (openapi_describes(c, &c->model->entities[i])) {
            record_schema(c, w, &c->model->entities[i]);
        }
    }
    json_put_raw(w, STR(ID_SCHEMA "," MONEY_SCHEMA));
    json_key(w, "Problem");
    json_put_raw(w, shape_schema(c, PROBLEM_SHAPE, NULL));
    json_end_object(w);
    json_end_object(w);
}

/* An operation while it is written: a route, for one record type when its path is generic. */
struct operation {
    const struct route *route;
    struct str path;
    const struct entity *e; /* NULL when it is of none */
};

static bool has_body(const struct route *route) {
    return route->body || route->flags & ROUTE_UPLOAD;
}

static bool is_public(const struct route *route) {
    return strcmp(route->permission, PERMISSION_PUBLIC) == 0;
}

/* A change of one record that may name the version it begins from. */
static bool is_versioned(const struct operation *o) {
    bool one = strstr(o->route->path, "{plural}/{id}") && !strstr(o->route->path, "{id}/");
    bool move = strcmp(o->route->path, "/api/v1/opportunities/{id}/move") == 0;
    return (one && o->route->method != METHOD_GET) || move;
}

static unsigned conditions_of(const struct operation *o) {
    bool changes = o->route->method != METHOD_GET;
    /* Signing in is public, and fails as one who is not signed in. */
    bool signs_in = is_public(o->route) && o->route->flags & ROUTE_SECRET;
    bool named = o->route->query && strstr(o->route->query, ":id");
    bool gone = o->e || str_find_char(o->path, '{') >= 0 || named || has_body(o->route) ||
                route_cloud(o->route);
    bool unfit = strstr(o->route->path, "{id}/"); /* a question the record is not ready for */
    return (is_public(o->route) && !signs_in ? 0 : NOT_PUBLIC) | (gone ? WITH_PATH : 0) |
           (has_body(o->route) || o->route->query || changes || unfit ? WITH_INPUT : 0) |
           (has_body(o->route) ? WITH_BODY : 0) | (changes ? CHANGES : 0) |
           (is_versioned(o) ? VERSIONED : 0);
}

static void parameter_json(struct json_writer *w, const char *in, const struct shape_member *m) {
    json_begin_object(w);
    JSON_MEMBER(w, "name", json_put_str, m->name);
    JSON_MEMBER(w, "in", json_put_c, in);
    JSON_MEMBER(w, "required", json_put_bool, m->required);
    json_key(w, "schema");
    json_put_raw(w, m->schema);
    json_end_object(w);
}

static void header_json(struct json_writer *w, const char *name) {
    parameter_json(w, "header",
                   &(struct shape_member){str_from(name), false, STR("{\"type\":\"string\"}")});
}

/* The names in braces of the path, the query, and the headers that mean something here. */
static void parameters_json(struct ctx *c, struct json_writer *w, const struct operation *o) {
    struct str path = o->path, part;
    struct shape_reader query = {c, str_from(o->route->query), o->e};
    struct shape_member m;
    json_key(w, "parameters");
    json_begin_array(w);
    while (str_cut(&path, '/', &part)) {
        if (part.n > 2 && part.p[0] == '{') {
            parameter_json(w, "path",
                           &(struct shape_member){str_slice(part, 1, part.n - 1), true,
                                                  STR("{\"$ref\":\"#/components/schemas/Id\"}")});
        }
    }
    while (query.rest.n && shape_next(&query, &m)) {
        parameter_json(w, "query", &m);
    }
    if (is_versioned(o)) {
        header_json(w, "If-Match");
    }
    bool kept = o->route->lane == LANE_WRITER && !(o->route->flags & ROUTE_SECRET);
    if (o->route->method == METHOD_POST && kept) {
        header_json(w, "Idempotency-Key");
    }
    json_end_array(w);
}

static void body_json(struct ctx *c, struct json_writer *w, const struct operation *o) {
    json_key(w, "requestBody");
    json_begin_object(w);
    JSON_MEMBER(w, "required", json_put_bool, true);
    if (o->route->flags & ROUTE_UPLOAD) {
        content_json(w, "application/octet-stream",
                     STR("{\"type\":\"string\",\"format\":\"binary\"}"));
    } else if (strchr(o->route->body, '/')) {
        content_json(w, o->route->body, STR("{\"type\":\"string\"}"));
    } else {
        content_json(w, "application/json", shape_schema(c, o->route->body, o->e));
    }
    json_end_object(w);
}

static void answer_json(struct ctx *c, struct json_writer *w, const struct operation *o) {
    const char *answer = o->route->answer;
    bool stated = answer && answer[0] >= '0' && answer[0] <= '9';
    char status[4] = "204";
    if (answer) {
        memcpy(status, stated ? answer : "200", 3);
        answer += stated ? 4 : 0;
    }
    json_key(w, status);
    json_begin_object(w);
    JSON_MEMBER(w, "description", json_put_str, message_words(c->language, o->route->summary));
    if (answer && strchr(answer, '/')) {
        content_json(w, answer, STR("{\"type\":\"string\"}"));
    } else if (answer) {
        content_json(w, "application/json", shape_schema(c, answer, o->e));
    }
    json_end_object(w);
}

static void responses_json(struct ctx *c, struct json_writer *w, const struct operation *o) {
    unsigned conditions = conditions_of(o);
    json_key(w, "responses");
    json_begin_object(w);
    answer_json(c, w, o);
    for (size_t i = 0; i < FAILURES; i++) {
        if (failures[i].when == ALWAYS || conditions & failures[i].when) {
            json_key_str(w, str_format(c->arena, "%d", failures[i].status));
            json_begin_object(w);
            JSON_MEMBER(w, "$ref", json_put_str,
                        str_format(c->arena, "#/components/responses/%s", failures[i].name));
            json_end_object(w);
        }
    }
    json_end_object(w);
}

/* A name for the operation that is unique: method and path with _ for what is no letter. */
static struct str operation_id(struct ctx *c, const struct operation *o) {
    struct text_buffer b = {.arena = c->arena};
    text_add_c(&b, method_words[o->route->method]);
    for (size_t i = strlen("/api/v1"); i < o->path.n; i++) {
        char ch = o->path.p[i];
        if (ch != '{' && ch != '}') {
            text_add_char(&b, ch == '/' || ch == '.' ? '_' : ch);
        }
    }
    return text_str(&b);
}

static void operation_json(struct ctx *c, struct json_writer *w, const struct operation *o) {
    json_key(w, method_words[o->route->method]);
    json_begin_object(w);
    JSON_MEMBER(w, "operationId", json_put_str, operation_id(c, o));
    JSON_MEMBER(w, "summary", json_put_str, message_words(c->language, o->route->summary));
    json_key(w, "tags");
    json_begin_array(w);
    json_put_str(w, o->e ? o->e->label[c->language] : STR("guantong"));
    json_end_array(w);
    parameters_json(c, w, o);
    if (has_body(o->route)) {
        body_json(c, w, o);
    }
    responses_json(c, w, o);
    json_key(w, "security");
    json_put_raw(w, is_public(o->route) ? STR("[]") : STR("[{\"session\":[]},{\"token\":[]}]"));
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
                operation_json(c, w, &(struct operation){r, path, e});
            }
        }
    }
    json_end_object(w);
}

/* A route that serves one record type in the place of the generic one has its shape. */
static bool shown_as_generic(struct ctx *c, const struct route *route) {
    struct str path = str_from(route->path);
    const struct entity *e = model_plural(c->model, str_slice(path, strlen("/api/v1/"), path.n));
    return e && openapi_describes(c, e);
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
        if (openapi_describes(c, &c->model->entities[i])) {
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
    json_key(&w, "servers");
    json_put_raw(&w, STR("[{\"url\":\"/\"}]"));
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

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/openapi.json", PERMISSION_SIGNED_IN, LANE_SLOW, openapi_get,
     .summary = "route.openapi",
     .answer = "openapi:text! info:object! paths:object! components:object!"},
    {0}};

static const struct text texts[] = {
    {"route.openapi", "接口说明", "Description of the API"},
    {"problem.malformed", "无法读懂请求", "The request cannot be read"},
    {"problem.signed_out", "未登录", "Nobody is signed in"},
    {"problem.stale", "记录已被他人修改", "Somebody has changed the record since"},
    {"problem.too_large", "内容过大", "Too large"},
    {0}};

const struct module api_openapi_module = {
    .name = "api.openapi", .cloud = "platform", .routes = routes, .texts = texts};
