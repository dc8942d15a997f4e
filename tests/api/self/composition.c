/* A few routes to test the runner of text cases with. */
#include "../composition.h"

#include "base/message.h"
#include "db/migration.h"
#include "db/texts.h"
#include "entity/access.h"
#include "event/event.h"
#include "http/texts.h"

static const struct migration note_migrations[] = {
    {"test.note", "CREATE TABLE note (id BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL,"
                  " author_id BIGINT NOT NULL, created_at BIGINT NOT NULL,"
                  " seen BIGINT NOT NULL)"},
    {NULL, NULL},
};

static void note_put(struct json_writer *w, struct db_rows *rows) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, db_int(rows, 0));
    JSON_MEMBER(w, "text", json_put_str, db_view(rows, 1));
    JSON_MEMBER(w, "created_at", json_put_instant, db_int(rows, 2));
    JSON_MEMBER(w, "seen", json_put_bool, db_int(rows, 3) != 0);
    json_end_object(w);
}

enum { STRANGER = 3, NEWCOMER };

static void note_create(struct request *r) {
    struct str text = json_text(request_json(r), "text");
    if (!text.n) {
        FAIL_FIELD(r->c, STR("/text"), "request.number");
        return;
    }
    int64_t id = 1 + DB_INT(r->c, "SELECT COALESCE(max(id), 0) FROM note");
    DB_RUN(r->c,
           "INSERT INTO note (id, text, author_id, created_at, seen) VALUES ($1, $2, $3, $4, 0)",
           id, text, r->c->actor->user_id, r->c->now_ms);
    event_emit(r->c, &(struct event){.type = STR("note.created"),
                                     .subject_type = STR("note"),
                                     .subject_id = id});
    timer_set(r->c, "note.remove", str_format(r->c->arena, "%lld", (long long)id),
              r->c->now_ms + 3 * INT64_C(86400000), STR("{}"));
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "id", json_put_id, id);
    json_end_object(&w);
    reply_json(r, 201, &w);
    reply_header(r, "Location", str_format(r->c->arena, "/notes/%lld", (long long)id));
}

static void note_list(struct request *r) {
    struct json_writer w = json_writer(r->c->arena);
    struct db_rows rows;
    json_begin_object(&w);
    json_key(&w, "data");
    json_begin_array(&w);
    DB_QUERY(r->c, &rows,
             "SELECT id, text, created_at, seen FROM note WHERE author_id = $1 ORDER BY id",
             r->c->actor->user_id);
    while (db_next(&rows)) {
        note_put(&w, &rows);
    }
    json_end_array(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* Forgets to look at the failure of its first query: what --inject is there to find. */
static void careless(struct request *r) {
    DB_INT(r->c, "SELECT count(*) FROM note");
    ctx_clear_error(r->c);
    reply_text(r, 200, "text/plain", STR("all is well"));
}

static void echo(struct request *r) {
    struct str name = request_form(r, "name");
    reply_text(r, 200, "text/html",
               str_format(r->c->arena, "<p>Hello, %.*s.</p>\n<p>Bye.</p>", STR_ARG(name)));
}

/* Sends away nobody but the one user without a role: roles are not looked at. */
static void staff(struct request *r) {
    if (r->c->actor->user_id == STRANGER) {
        FAIL(r->c, ERROR_DENIED, "permission.missing");
        return;
    }
    note_list(r);
}

/* Says no to those who may not, and does it all the same. */
static void faithless(struct request *r) {
    DB_RUN(r->c,
           "INSERT INTO note (id, text, author_id, created_at, seen) VALUES (1, 'x', 1, 0, 0)");
    reply_text(r, r->c->actor->user_id >= STRANGER ? 403 : 200, "text/plain", STR("so be it"));
}

static const struct route note_routes[] = {
    {METHOD_GET, "/notes", PERMISSION_SIGNED_IN, LANE_INLINE, note_list},
    {METHOD_POST, "/notes", PERMISSION_SIGNED_IN, LANE_WRITER, note_create},
    {METHOD_GET, "/careless", PERMISSION_PUBLIC, LANE_INLINE, careless},
    {METHOD_GET, "/open", "notes:read", LANE_INLINE, note_list},
    {METHOD_POST, "/faithless", "notes:write", LANE_WRITER, faithless},
    {METHOD_GET, "/staff", "notes:read", LANE_INLINE, staff},
    {METHOD_POST, "/echo", PERMISSION_PUBLIC, LANE_WRITER, echo},
    {0},
};

static void note_seen(struct ctx *c, const struct event *e) {
    DB_RUN(c, "UPDATE note SET seen = 1 WHERE id = $1", e->subject_id);
}

static const char *const note_events[] = {"note.", NULL};
static const struct reactor note_reactor = {
    .name = "note.seen", .types = note_events, .handle = note_seen};

static void note_remove(struct ctx *c, const struct timer *t) {
    int64_t id = 0;
    str_to_int(t->key, &id);
    DB_RUN(c, "DELETE FROM note WHERE id = $1", id);
}

static const struct timer_kind note_timers[] = {{"note.remove", note_remove}, {NULL, NULL}};

static void create(struct ctx *c) {
    const struct migration *const lists[] = {event_module.migrations, http_module.migrations,
                                             note_migrations};
    migration_apply(c, lists, 3);
}

static const char *const users[] = {"admin", "rep1", "stranger", NULL};

static struct header credential(struct ctx *c, struct str user) {
    for (int i = 0; users[i]; i++) {
        if (str_is(user, users[i])) {
            return (struct header){STR("X-User"), str_format(c->arena, "%d", i + 1)};
        }
    }
    return (struct header){0};
}

static struct header newcomer(struct ctx *c, const char *role) {
    (void)role;
    return (struct header){STR("X-User"), str_format(c->arena, "%d", NEWCOMER)};
}

static void authenticate(struct request *r) {
    int64_t id = 0;
    if (str_to_int(request_header(r, "X-User"), &id)) {
        struct actor *actor = ARENA_NEW(r->c->arena, struct actor);
        actor->user_id = id;
        r->c->actor = actor;
        r->token_id = id;
    }
}

/* Lets in everybody: what --denied is there to find. */
static bool permit(struct ctx *c, const char *permission) {
    (void)permission;
    return c->actor != NULL;
}

const struct composition *app_for_tests(void) {
    static const struct route *const routes[] = {note_routes, NULL};
    static const struct reactor *const reactors[] = {&note_reactor, NULL};
    static const struct timer_kind *timers[3] = {note_timers};
    static const struct composition composition = {
        .options = {.network_threads = 1,
                    .slow_threads = 1,
                    .routes = routes,
                    .authenticate = authenticate,
                    .permit = permit},
        .reactors = reactors,
        .timers = timers,
        .create = create,
        .credential = credential,
        .newcomer = newcomer,
    };
    timers[1] = http_module.timers;
    message_register(http_texts);
    message_register(database_texts);
    return &composition;
}
