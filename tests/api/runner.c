#include "runner.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/api.h"
#include "base/clock.h"
#include "db/unit.h"
#include "denied.h"
#include "entity/access.h"
#include "entity/event_types.h"
#include "http/rate_limit.h"
#include "overload.h"
#include "record.h"

enum { INJECTIONS = 400 };

bool run_fail(struct run *run, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(run->why, sizeof run->why, format, arguments);
    va_end(arguments);
    return false;
}

/* A transaction that may write, on the one connection or as a job of the writer. */
struct turn {
    struct run *run;
    void (*body)(struct run *run, struct ctx *c);
};

static void turn_run(struct ctx *c, void *data) {
    struct turn *turn = data;
    turn->body(turn->run, c);
}

/* Each request, and what the system does between, happens at the scenario's moment, however long
 * the machine takes. */
static void clock_put(const struct run *run) {
    clock_stand(run->now_ms);
}

static bool in_transaction(struct run *run, void (*body)(struct run *run, struct ctx *c)) {
    struct turn turn = {run, body};
    struct write_job job = {.run = turn_run, .data = &turn};
    struct ctx *c = &job.context;
    c->arena = &run->arena;
    c->now_ms = run->now_ms;
    if (run->writer) {
        clock_put(run);
        writer_run(run->writer, &job);
    } else {
        c->db = run->db;
        if (run->options.prepare) {
            run->options.prepare(c);
        }
        db_begin(c);
        body(run, c);
        db_commit(c);
    }
    return !ctx_failed(c) || run_fail(run, "%s %s", c->error.text, c->error.internal);
}

static void writer_prepare(struct ctx *c, void *data) {
    struct run *run = data;
    if (run->options.prepare) {
        run->options.prepare(c);
    }
}

static bool serve(struct run *run, struct ctx *c) {
    struct writer_options options = {.url = run->options.url,
                                     .threads = RUN_WRITERS,
                                     .batch = 64,
                                     .prepare = writer_prepare,
                                     .data = run};
    clock_put(run);
    run->writer = writer_start(c, &options);
    run->options.writer = run->writer;
    run->options.routes = overload_routes(&run->arena, run->options.routes);
    run->server = run->writer ? server_start(c, &run->options) : NULL;
    return run->server != NULL;
}

bool run_begin(struct run *run) {
    struct ctx c = {.arena = &run->arena, .now_ms = RUN_BEGINS_MS};
    run->captures.arena = &run->arena;
    run->times = 1;
    rate_limit_clear();
    api_requests_per_minute(0);
    run->now_ms = RUN_BEGINS_MS;
    bool begun;
    if (run->options.port >= 0) {
        begun = serve(run, &c);
    } else {
        run->db = db_open(&c, run->options.url, DB_WRITER);
        begun = run->db != NULL;
    }
    return begun || run_fail(run, "%s %s", c.error.text, c.error.internal);
}

void run_end(struct run *run) {
    overload_end(run);
    if (run->server) {
        server_stop(run->server);
    }
    if (run->writer) {
        writer_stop(run->writer);
    }
    if (run->db) {
        db_close(run->db);
    }
    arena_free(&run->arena);
}

static bool chosen(const struct event_choice *choices, size_t n, struct str type) {
    for (size_t i = 0; i < n; i++) {
        if (str_equal(choices[i].type, type)) {
            return true;
        }
    }
    return false;
}

static void events_check(struct run *run, struct ctx *c) {
    struct db_rows rows;
    size_t n;
    const struct event_choice *choices = event_choices(c, &n);
    DB_QUERY(c, &rows, "SELECT DISTINCT type FROM event");
    while (db_next(&rows)) {
        struct str type = db_text(&rows, 0);
        if (!chosen(choices, n, type)) {
            run_fail(run, "no module declares the event %.*s", STR_ARG(type));
        }
    }
}

bool run_events_declared(struct run *run) {
    /* A composition without record types has none to declare. */
    bool checked = !run->options.prepare || in_transaction(run, events_check);
    return checked && !run->why[0];
}

/* Reactors and timers work as the system. */
static void drain(struct run *run, struct ctx *c) {
    c->actor = &actor_system;
    timer_fire_due(c, run->composition->timers);
    reactor_drain(c, run->composition->reactors);
    if (run->composition->beside) {
        run->composition->beside(c);
    }
}

static void make_credential(struct run *run, struct ctx *c) {
    int i = run->n_credentials;
    run->credentials[i].header = run->composition->credential(c, run->credentials[i].user);
}

static bool become(struct run *run, struct str user) {
    run->credential = (struct header){0};
    if (str_is(user, "nobody")) {
        return true;
    }
    for (int i = 0; i < run->n_credentials; i++) {
        if (str_equal(run->credentials[i].user, user)) {
            run->credential = run->credentials[i].header;
            return true;
        }
    }
    if (run->n_credentials == CREDENTIALS) {
        return run_fail(run, "more than %d users", CREDENTIALS);
    }
    run->credentials[run->n_credentials].user = user;
    if (!in_transaction(run, make_credential)) {
        return false;
    }
    run->credential = run->credentials[run->n_credentials].header;
    run->n_credentials += run->credential.name.n > 0;
    return run->credential.name.n > 0 || run_fail(run, "there is no user %.*s", STR_ARG(user));
}

static bool has_header(const struct step *s, const char *name) {
    for (int i = 0; i < s->n_headers; i++) {
        if (s->headers[i].name.n == strlen(name) &&
            strncasecmp(s->headers[i].name.p, name, strlen(name)) == 0) {
            return true;
        }
    }
    return false;
}

/* The step with captures put in, and the headers every client sends. */
static int fill(struct run *run, const struct step *from, struct step *s,
                struct header headers[STEP_HEADERS + 2]) {
    *s = *from;
    s->target = captures_fill(&run->captures, from->target);
    s->body = captures_fill(&run->captures, from->body);
    int n = 0;
    for (; n < s->n_headers; n++) {
        headers[n] = (struct header){s->headers[n].name,
                                     captures_fill(&run->captures, s->headers[n].value)};
    }
    if (run->credential.name.n) {
        headers[n++] = run->credential;
    }
    if (s->body.n && !has_header(s, "Content-Type")) {
        headers[n++] = (struct header){STR("Content-Type"), STR("application/json")};
    }
    return n;
}

static struct reply ask(struct run *run, struct ctx *c, const struct step *s,
                        const struct header *headers, int n) {
    if (run->server) {
        int fd = run->stopping ? overload_connection(run) : wire_connect(server_port(run->server));
        if (fd < 0) {
            return (struct reply){0};
        }
        clock_put(run);
        wire_send(&run->arena, fd, s, headers, n);
        return wire_receive(&run->arena, fd);
    }
    struct spoken_request spoken = {s->method, s->target, headers, (size_t)n, s->body};
    struct reply reply = server_dispatch(c, &run->options, &spoken);
    if (reply.mime.n && reply.n_headers < REPLY_HEADERS) {
        reply.headers[reply.n_headers++] = (struct header){STR("Content-Type"), reply.mime};
    }
    return reply;
}

/* Fail each database call of the request in turn: every failure must be noticed, told as 500
 * and leave nothing behind. */
static bool inject_each(struct run *run, struct ctx *c, const struct step *s,
                        const struct header *headers, int n_headers) {
    for (int n = 1; n <= INJECTIONS; n++) {
        struct arena_mark mark = arena_mark(&run->arena);
        db_savepoint(c);
        int64_t before = db_calls(run->db);
        rate_limit_recall();
        db_fail_at(run->db, n);
        int status = ask(run, c, s, headers, n_headers).status;
        int64_t made = db_calls(run->db) - before;
        db_fail_at(run->db, 0);
        db_rollback_savepoint(run->db);
        arena_reset(&run->arena, mark);
        if (made < n) {
            return true;
        }
        if (status != 500) {
            return run_fail(run, "database call %d failed and the answer was %d", n, status);
        }
    }
    return true;
}

static bool inject(struct run *run, struct ctx *c, const struct step *s,
                   const struct header *headers, int n_headers) {
    rate_limit_remember();
    bool good = inject_each(run, c, s, headers, n_headers);
    rate_limit_recall();
    return good;
}

static struct str header_of(const struct reply *reply, struct str name) {
    for (int i = 0; i < reply->n_headers; i++) {
        const struct header *h = &reply->headers[i];
        if (h->name.n == name.n && strncasecmp(h->name.p, name.p, name.n) == 0) {
            return h->value;
        }
    }
    return (struct str){NULL, 0};
}

static bool headers_fit(struct run *run, const struct step *s, const struct reply *reply) {
    for (int i = 0; i < s->n_wanted_headers; i++) {
        struct str got = header_of(reply, s->wanted_headers[i].name);
        struct str wanted = captures_fill(&run->captures, s->wanted_headers[i].value);
        bool absent = str_is(wanted, "!");
        if (absent ? got.p != NULL : !got.p || !header_fits(&run->captures, got, wanted)) {
            return run_fail(run, "header %.*s: wanted %.*s, got %.*s",
                            STR_ARG(s->wanted_headers[i].name), STR_ARG(wanted),
                            STR_ARG(got.p ? got : STR("none")));
        }
    }
    return true;
}

static bool texts_fit(struct run *run, struct str lines, struct str body, bool wanted) {
    struct str line;
    while (lines.n && str_cut(&lines, '\n', &line) && line.n) {
        line = captures_fill(&run->captures, line);
        if ((str_find(body, line) >= 0) != wanted) {
            return run_fail(run, "the text %s %.*s: %.*s", wanted ? "does not contain" : "contains",
                            STR_ARG(line), STR_ARG(str_slice(body, 0, 1000)));
        }
    }
    return true;
}

/* "{{=id}}" stays for json_fits; captures_fill leaves unknown names alone. */
static bool body_fits(struct run *run, const struct step *s, const struct reply *reply) {
    struct ctx c = {.arena = &run->arena};
    if (!texts_fit(run, s->contains, reply->body, true) ||
        !texts_fit(run, s->lacks, reply->body, false)) {
        return false;
    }
    if (!s->wanted.n) {
        return true;
    }
    const struct json *wanted = json_parse(&c, captures_fill(&run->captures, s->wanted));
    if (!wanted) {
        return run_fail(run, "what is wanted is no JSON");
    }
    const struct json *got = json_parse(&c, reply->body);
    if (!got) {
        return run_fail(run, "no JSON: %.*s", STR_ARG(str_slice(reply->body, 0, 1000)));
    }
    const char *why = json_fits(&run->captures, wanted, got);
    return !why || run_fail(run, "%s", why);
}

/* The same once more, with a look at every table before and after. */
static bool ask_changes(struct run *run, struct ctx *c, const struct step *s,
                        const struct header *headers, int n) {
    struct str before = denied_digest(c);
    rate_limit_recall();
    ask(run, c, s, headers, n);
    return !str_equal(before, denied_digest(c));
}

struct reply run_ask_as(struct run *run, struct ctx *c, const struct step *from,
                        struct header credential, bool *changed) {
    struct header own = run->credential, headers[STEP_HEADERS + 2];
    struct step s;
    run->credential = credential;
    int n = fill(run, from, &s, headers);
    run->credential = own;
    rate_limit_remember();
    int64_t before = denied_written(c);
    db_savepoint(c);
    struct reply reply = ask(run, c, &s, headers, n);
    bool wrote = denied_written(c) != before;
    db_rollback_savepoint(c->db);
    *changed = wrote && ask_changes(run, c, &s, headers, n);
    rate_limit_recall();
    return reply;
}

static bool request(struct run *run, const struct step *from) {
    struct step s;
    struct header headers[STEP_HEADERS + 2];
    int n = fill(run, from, &s, headers);
    struct ctx c = {.arena = &run->arena, .now_ms = run->now_ms, .db = run->db};
    struct reply reply = {0};
    if (run->server) {
        reply = ask(run, &c, &s, headers, n);
    } else {
        db_begin(&c);
        if (run->inject && !inject(run, &c, &s, headers, n)) {
            return false;
        }
        bool own = has_header(&s, "Cookie") || has_header(&s, "Authorization");
        if (run->denied && !own && s.status < 300 && !denied(run, &c, &s)) {
            return false;
        }
        reply = ask(run, &c, &s, headers, n);
        db_commit(&c);
    }
    if (ctx_failed(&c)) {
        return run_fail(run, "the commit failed: %s %s", c.error.text, c.error.internal);
    }
    if (run->record) {
        record_exchange(run->record, &run->arena, &s, &reply);
    }
    if (reply.status != s.status) {
        return run_fail(run, "wanted %d, got %d %.*s", s.status, reply.status,
                        STR_ARG(str_slice(reply.body, 0, 1000)));
    }
    return headers_fit(run, &s, &reply) && body_fits(run, &s, &reply);
}

/* A setting of the process, from here on; a server begins anew with it. */
static bool set(struct run *run, const struct step *s) {
    struct str name = STR(""), value = s->argument;
    int64_t number = 0;
    str_cut(&value, ' ', &name);
    if (!str_to_int(str_trim(value), &number)) {
        return run_fail(run, "@set wants a name and a number");
    }
    if (str_is(name, "body_max")) {
        run->options.body_limit = (size_t)number;
    } else if (str_is(name, "import_max")) {
        run->options.upload_limit = (size_t)number;
    } else if (str_is(name, "requests_per_minute")) {
        api_requests_per_minute((int)number);
    } else {
        return run_fail(run, "there is no setting %.*s here", STR_ARG(name));
    }
    if (run->server) {
        struct ctx c = {.arena = &run->arena, .now_ms = clock_now_ms()};
        server_stop(run->server);
        run->server = server_start(&c, &run->options);
        return run->server || run_fail(run, "%s %s", c.error.text, c.error.internal);
    }
    return true;
}

static bool repeat(struct run *run, const struct step *s) {
    int times = run->times;
    bool good = true;
    run->times = 1;
    for (int i = 0; i < times && good; i++) {
        good = request(run, s);
    }
    run->may = STR("");
    return good;
}

bool run_step(struct run *run, const struct step *s) {
    switch (s->kind) {
    case STEP_SERVED:
        return true;
    case STEP_MAY:
        run->may = s->argument;
        return true;
    case STEP_SET:
        return set(run, s);
    case STEP_TIMES:
        run->times = s->times;
        return true;
    case STEP_FILL:
        return overload_fill(run, s->argument) || run_fail(run, "the lane cannot be filled");
    case STEP_FREE:
        overload_end(run);
        return true;
    case STEP_STOP:
        run->stopping = overload_stop(run);
        return run->stopping || run_fail(run, "the server does not begin to stop");
    case STEP_AS:
        return become(run, s->argument);
    case STEP_ADVANCE:
        run->now_ms += s->advance_ms;
        return true;
    case STEP_AT:
        run->now_ms = s->at_ms;
        return true;
    case STEP_DRAIN:
        return in_transaction(run, drain);
    case STEP_REQUEST:
        break;
    }
    if (run->denied && !run->stranger.name.n) {
        struct header own = run->credential;
        if (!become(run, STR("stranger"))) {
            return false;
        }
        run->stranger = run->credential;
        run->credential = own;
    }
    return repeat(run, s);
}
