#include "http/request.h"

#include <string.h>
#include <strings.h>

#include "http/exchange.h"
#include "http/route.h"

#define ABSENT ((struct str){NULL, 0})

struct exchange *exchange_of(const struct request *r) {
    return (struct exchange *)r;
}

/* The parameter stands at the same segment of the path as {name} in the route. */
struct str request_path(const struct request *r, const char *name) {
    const struct exchange *x = exchange_of(r);
    struct str rest = str_from(r->route->path + 1), segment;
    size_t n = strlen(name);
    for (int i = 0; i < x->target.n_segments && str_cut(&rest, '/', &segment); i++) {
        if (segment.n == n + 2 && segment.p[0] == '{' && memcmp(segment.p + 1, name, n) == 0) {
            return x->target.segments[i];
        }
    }
    return STR("");
}

int64_t request_id(struct request *r, const char *name) {
    int64_t id = 0;
    if (!str_to_int(request_path(r, name), &id) || id <= 0) {
        FAIL(r->c, ERROR_ABSENT, "route.absent");
        return 0;
    }
    return id;
}

struct str request_query(const struct request *r, const char *name) {
    const struct exchange *x = exchange_of(r);
    for (int i = 0; i < x->target.n_query; i++) {
        if (str_is(x->target.query[i].name, name)) {
            return x->target.query[i].value;
        }
    }
    return ABSENT;
}

struct str request_query_any_case(const struct request *r, const char *name) {
    const struct exchange *x = exchange_of(r);
    size_t n = strlen(name);
    for (int i = 0; i < x->target.n_query; i++) {
        struct str given = x->target.query[i].name;
        if (given.n == n && strncasecmp(given.p, name, n) == 0) {
            return x->target.query[i].value;
        }
    }
    return ABSENT;
}

int64_t request_query_int(struct request *r, const char *name, int64_t fallback) {
    struct str text = request_query(r, name);
    int64_t value = fallback;
    if (text.p && !str_to_int(text, &value)) {
        FAIL_FIELD(r->c, str_format(r->c->arena, "/%s", name), "request.number");
        return fallback;
    }
    return value;
}

bool request_query_bool(const struct request *r, const char *name) {
    struct str text = request_query(r, name);
    return str_is(text, "true") || str_is(text, "1");
}

struct str request_header(const struct request *r, const char *name) {
    const struct exchange *x = exchange_of(r);
    size_t n = strlen(name);
    for (int i = 0; i < x->n_headers; i++) {
        const struct header *h = &x->headers[i];
        if (h->name.n == n && strncasecmp(h->name.p, name, n) == 0) {
            return h->value;
        }
    }
    return ABSENT;
}

struct str request_cookie(const struct request *r, const char *name) {
    struct str rest = request_header(r, "Cookie"), part;
    size_t n = strlen(name);
    while (rest.p && str_cut(&rest, ';', &part)) {
        part = str_trim(part);
        if (part.n > n && part.p[n] == '=' && memcmp(part.p, name, n) == 0) {
            return str_slice(part, n + 1, part.n);
        }
    }
    return ABSENT;
}

/* The tree of the body, whatever its kind; a failure is kept and raised at each call. */
static const struct json *json_body(struct exchange *x) {
    struct request *r = &x->request;
    if (!x->json_read && !ctx_failed(r->c)) {
        x->json = json_parse(r->c, r->body);
        x->json_read = true;
        x->json_error = r->c->error;
    }
    if (x->json_read && !x->json && !ctx_failed(r->c)) {
        r->c->error = x->json_error;
    }
    return x->json;
}

/* Whether the shape names the member; one that is a type alone takes any. */
static bool shape_takes(const char *shape, struct str member) {
    bool names = false;
    int depth = 0;
    for (const char *word = shape; *word; word += *word != '\0') {
        size_t n = strcspn(word, ":()[] ");
        names = names || word[n] == ':';
        if (depth == 0 && word[n] == ':' && str_equal(member, (struct str){word, n})) {
            return true;
        }
        word += n;
        depth += *word == '(' || *word == '[';
        depth -= *word == ')' || *word == ']';
    }
    return !names;
}

/* A member that the verb does not know is a slip of who wrote it. What the public sends may hold
 * more than we know. */
static void refuse_unknown(struct request *r, const struct json *body) {
    const struct route *route = r->route;
    bool told = route && route->body && strcmp(route->permission, PERMISSION_PUBLIC) != 0;
    for (size_t i = 0; told && i < body->n; i++) {
        if (!shape_takes(route->body, body->members[i].key)) {
            FAIL_FIELD(r->c, str_format(r->c->arena, "/%.*s", STR_ARG(body->members[i].key)),
                       "field.unknown");
        }
    }
}

const struct json *request_json(struct request *r) {
    const struct json *body = json_body(exchange_of(r));
    if (body && body->kind != JSON_IS_OBJECT) {
        FAIL(r->c, ERROR_INVALID, "request.no_object");
        return NULL;
    }
    if (body && !ctx_failed(r->c)) {
        refuse_unknown(r, body);
    }
    return ctx_failed(r->c) ? NULL : body;
}

static const struct form *form_body(struct exchange *x) {
    struct request *r = &x->request;
    if (!x->form_read) {
        struct str type = request_header(r, "Content-Type");
        x->form_read = true;
        bool form = mime_is(type, "application/x-www-form-urlencoded") ||
                    mime_is(type, "multipart/form-data");
        if (form && !form_parse(r->c->arena, type, r->body, &x->form)) {
            FAIL(r->c, ERROR_INVALID, "request.malformed");
        }
    }
    return &x->form;
}

struct str request_form(struct request *r, const char *name) {
    const struct form_field *field = form_find(form_body(exchange_of(r)), name);
    return field && !field->file_name.p ? field->value : ABSENT;
}

/* What may be JSON is read as such, whatever it is called; only what is called so must be. */
void exchange_read_body(struct exchange *x) {
    struct request *r = &x->request;
    struct str type = request_header(r, "Content-Type");
    if (r->route && r->route->flags & ROUTE_RAW_BODY) {
        return;
    }
    bool json = r->body.n && mime_is(type, "application/json");
    if (r->body.n && !json) {
        form_body(x);
    }
    if (!ctx_failed(r->c)) {
        json_body(x);
        if (!json) {
            ctx_clear_error(r->c);
        }
    }
}

int64_t request_if_match(struct request *r) {
    struct str tag = str_trim(request_header(r, "If-Match"));
    if (!tag.n || str_is(tag, "*")) {
        return 0;
    }
    if (str_starts(tag, STR("W/"))) {
        tag = str_slice(tag, 2, tag.n);
    }
    if (tag.n >= 2 && tag.p[0] == '"' && tag.p[tag.n - 1] == '"') {
        tag = str_slice(tag, 1, tag.n - 1);
    }
    int64_t version = 0;
    if (!str_to_int(tag, &version) || version <= 0) {
        FAIL(r->c, ERROR_CONFLICT, "record.stale");
        return 0;
    }
    return version;
}
