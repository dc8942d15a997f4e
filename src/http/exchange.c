#include "http/exchange.h"

#include <strings.h>
#include <unistd.h>

#include "base/log.h"
#include "base/message.h"
#include "http/idempotency.h"
#include "http/pages.h"

/* Two lengths at once are how requests are smuggled past proxies (RFC 9112, 6.1 and 6.3). */
static bool lengths_clash(const struct exchange *x) {
    int lengths = 0;
    for (int i = 0; i < x->n_headers; i++) {
        struct str name = x->headers[i].name;
        lengths += (name.n == 14 && strncasecmp(name.p, "Content-Length", 14) == 0) ||
                   (name.n == 17 && strncasecmp(name.p, "Transfer-Encoding", 17) == 0);
    }
    return lengths > 1;
}

/* The last hop a trusted proxy has added; what stands before it anybody could have sent. */
static void believe_proxy(struct request *r) {
    struct str hops = request_header(r, "X-Forwarded-For"), hop, last = STR("");
    while (hops.p && str_cut(&hops, ',', &hop)) {
        last = str_trim(hop);
    }
    if (last.n && last.n <= 64) {
        r->client = last;
    }
    r->secure = str_is(request_header(r, "X-Forwarded-Proto"), "https");
}

/* Whether the connection comes from a proxy whose word is taken. */
static bool from_proxy(const struct exchange *x) {
    struct str list = x->options->trusted_proxies, address;
    if (!x->options->trust_proxy || !list.n) {
        return x->options->trust_proxy;
    }
    while (str_cut(&list, ',', &address)) {
        if (str_equal(str_trim(address), x->request.client)) {
            return true;
        }
    }
    return false;
}

static bool id_plain(struct str id) {
    for (size_t i = 0; i < id.n; i++) {
        char ch = id.p[i];
        bool plain = (ch >= '0' && ch <= '9') || ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') ||
                     ch == '-' || ch == '_' || ch == '.';
        if (!plain) {
            return false;
        }
    }
    return id.n > 0 && id.n <= REQUEST_ID_LENGTH;
}

static void find_route(struct exchange *x, const struct router *router) {
    struct request *r = &x->request;
    struct route_found found = router_find(router, x->method, x->target.segments,
                                           x->target.n_segments);
    r->route = found.route;
    x->allowed = found.allowed;
    if (found.route) {
        return;
    }
    if (found.allowed) {
        FAIL(r->c, ERROR_ABSENT, "route.method");
    } else if (x->method == METHOD_GET && page_serves(r->path)) {
        r->route = &page_route;
    } else {
        FAIL(r->c, ERROR_ABSENT, "route.absent");
    }
}

void exchange_open(struct exchange *x, const struct router *router, struct str target) {
    struct request *r = &x->request;
    r->c->language = language_parse(request_header(r, "Accept-Language"));
    if (from_proxy(x)) {
        believe_proxy(r);
        struct str id = request_header(r, "X-Request-Id");
        r->c->request_id = id_plain(id) ? id : r->c->request_id;
    }
    if (target.n > TARGET_LENGTH) {
        FAIL(r->c, ERROR_LIMIT, "request.target");
    } else if (x->n_headers >= EXCHANGE_HEADERS) {
        FAIL(r->c, ERROR_LIMIT, "request.headers");
    } else if (lengths_clash(x)) {
        FAIL(r->c, ERROR_INVALID, "request.smuggled");
    } else if (!target_parse(r->c->arena, target, &x->target)) {
        FAIL(r->c, ERROR_INVALID, "request.malformed");
    } else {
        r->path = x->target.path;
        find_route(x, router);
    }
}

/* A page of another site can make a browser send the cookie, but not this header. */
static void check_origin(struct exchange *x) {
    struct request *r = &x->request;
    if (x->method != METHOD_GET && r->session_id && !(r->route->flags & ROUTE_NO_CSRF) &&
        !str_is(request_header(r, "X-Requested-With"), "guantong")) {
        FAIL(r->c, ERROR_DENIED, "request.csrf");
    }
}

static void check_permission(struct exchange *x) {
    struct ctx *c = x->request.c;
    const char *permission = x->request.route->permission;
    struct str wanted = str_from(permission);
    if (!c->actor) {
        FAIL(c, ERROR_DENIED, "session.required");
    } else if (!str_is(wanted, PERMISSION_SIGNED_IN) && !str_is(wanted, PERMISSION_RECORD) &&
               (!x->options->permit || !x->options->permit(c, permission))) {
        FAIL(c, ERROR_DENIED, "permission.missing");
    }
}

static void check_module(struct exchange *x) {
    struct ctx *c = x->request.c;
    if (!ctx_failed(c) && x->options->open && !x->options->open(c, x->request.route)) {
        FAIL(c, ERROR_ABSENT, "module.off");
    }
}

void exchange_authorize(struct exchange *x) {
    struct request *r = &x->request;
    if (ctx_failed(r->c)) {
        return;
    }
    if (x->options->prepare) {
        x->options->prepare(r->c);
    }
    if (str_is(str_from(r->route->permission), PERMISSION_PUBLIC)) {
        check_module(x);
        return;
    }
    if (x->options->authenticate) {
        x->options->authenticate(r);
    }
    if (r->c->actor) {
        check_module(x);
    }
    if (!ctx_failed(r->c)) {
        check_permission(x);
    }
    if (!ctx_failed(r->c)) {
        check_origin(x);
    }
}

/* Whether the shape of a query, "where:text limit:integer", has the name. */
static bool shape_names(struct str shape, struct str name) {
    struct str member;
    while (shape.n && str_cut(&shape, ' ', &member)) {
        if (member.n > name.n && str_starts(member, name) && member.p[name.n] == ':') {
            return true;
        }
    }
    return false;
}

/* A misspelt filter would give more than was asked for. Looked at last, for what is not there
 * (a record type, a record) is to be told first. */
static void check_query(struct exchange *x) {
    struct request *r = &x->request;
    bool described = x->method == METHOD_GET && !(r->route->flags & (ROUTE_HIDDEN | ROUTE_STREAM));
    for (int i = 0; described && i < x->target.n_query && !ctx_failed(r->c); i++) {
        struct str name = x->target.query[i].name;
        if (!shape_names(str_from(r->route->query ? r->route->query : ""), name)) {
            FAIL_FIELD(r->c, str_format(r->c->arena, "/%.*s", STR_ARG(name)), "request.parameter");
        }
    }
}

void exchange_handle(struct exchange *x) {
    struct request *r = &x->request;
    if (ctx_failed(r->c)) {
        return;
    }
    r->reply = (struct reply){0};
    x->retry_after = 0;
    x->replayed = false;
    bool kept = r->route->lane == LANE_WRITER && x->method == METHOD_POST &&
                !(r->route->flags & ROUTE_SECRET) && request_header(r, "Idempotency-Key").p;
    if (kept) {
        idempotency_handle(x);
    } else {
        r->route->handle(r);
        check_query(x);
    }
}

static struct str allow_header(struct arena *a, unsigned allowed) {
    struct text_buffer out = {.arena = a};
    for (int m = METHOD_GET; m <= METHOD_DELETE; m++) {
        if (allowed & 1u << m) {
            text_add_c(&out, out.n ? ", " : "");
            text_add_c(&out, method_word((enum method)m));
            text_add_c(&out, m == METHOD_GET ? ", HEAD" : "");
        }
    }
    return text_str(&out);
}

static void error_headers(struct exchange *x, int status) {
    struct request *r = &x->request;
    if (status == 405) {
        reply_header(r, "Allow", allow_header(r->c->arena, x->allowed));
    } else if (status == 401) {
        reply_header(r, "WWW-Authenticate", STR("Bearer realm=\"guantong\""));
    } else if (status == 429 || status == 503) {
        int seconds = x->retry_after > 0 ? x->retry_after : 1;
        reply_header(r, "Retry-After", str_format(r->c->arena, "%d", seconds));
    }
}

static void reply_error(struct exchange *x) {
    struct request *r = &x->request;
    const struct error *e = &r->c->error;
    if (e->code == ERROR_INTERNAL) {
        log_error(r->c, "request.failed");
    }
    if (r->reply.file_temporary) {
        unlink(str_to_c(r->c->arena, r->reply.file));
    }
    r->reply = (struct reply){0};
    int status = error_status(e);
    error_headers(x, status);
    if (r->route && r->route->flags & ROUTE_PLAIN_ERRORS) {
        struct str page = page_error(r->c);
        reply_text(r, status, "text/html; charset=utf-8", page);
    } else {
        struct str problem = error_problem(r->c->arena, r->c->language, e, status,
                                           r->c->request_id);
        reply_text(r, status, "application/problem+json", problem);
    }
}

static struct str reply_find(const struct reply *reply, const char *name) {
    for (int i = 0; i < reply->n_headers; i++) {
        if (str_is(reply->headers[i].name, name)) {
            return reply->headers[i].value;
        }
    }
    return (struct str){NULL, 0};
}

/* Whether one of the tags of If-None-Match is this one; weak and strong are alike here. */
static bool tag_listed(struct str list, struct str tag) {
    struct str item;
    while (str_cut(&list, ',', &item)) {
        item = str_trim(item);
        if (str_starts(item, STR("W/"))) {
            item = str_slice(item, 2, item.n);
        }
        if (str_equal(item, tag) || str_is(item, "*")) {
            return true;
        }
    }
    return false;
}

static void answer_condition(struct exchange *x) {
    struct request *r = &x->request;
    struct str wanted = request_header(r, "If-None-Match");
    struct str tag = wanted.p ? reply_find(&r->reply, "ETag") : wanted;
    if (tag.p && tag_listed(wanted, tag)) {
        r->reply.status = 304;
        r->reply.body = STR("");
        r->reply.file = STR("");
    }
}

void exchange_finish(struct exchange *x) {
    struct request *r = &x->request;
    if (ctx_failed(r->c)) {
        reply_error(x);
        return;
    }
    if (!r->reply.status) {
        r->reply.status = r->reply.body.n || r->reply.file.n ? 200 : 204;
    }
    if (x->replayed) {
        reply_header(r, "Idempotency-Replayed", STR("true"));
    }
    if (x->method == METHOD_GET && r->reply.status == 200) {
        answer_condition(x);
    }
}
