/*
 * A server on a database of either engine with a few routes of its own, and a client that
 * writes and reads plain bytes, so that tests can do what no good client would.
 */
#ifndef GUANTONG_TESTS_HTTP_FIXTURE_H
#define GUANTONG_TESTS_HTTP_FIXTURE_H

#include "database_fixture.h"

#include <arpa/inet.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/message.h"
#include "db/migration.h"
#include "db/texts.h"
#include "db/writer.h"
#include "entity/access.h"
#include "event/event.h"
#include "gate.h"
#include "http/server.h"
#include "http/stream.h"
#include "http/texts.h"

static const struct migration http_fixture_migrations[] = {
    {"test.note", "CREATE TABLE note (id {serial}, text TEXT NOT NULL)"},
    {NULL, NULL},
};

static inline void hello_handle(struct request *r) {
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "hello", json_put_c, "world");
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static inline void note_read(struct request *r) {
    int64_t id = request_id(r, "id");
    struct str text = DB_TEXT(r->c, "SELECT text FROM note WHERE id = $1", id);
    if (!text.p) {
        FAIL(r->c, ERROR_ABSENT, "route.absent");
        return;
    }
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "text", json_put_str, text);
    json_end_object(&w);
    reply_json(r, 200, &w);
    reply_version(r, 3);
}

static inline void note_create(struct request *r) {
    const struct json *body = request_json(r);
    struct str text = json_text(body, "text");
    if (!text.n) {
        FAIL_FIELD(r->c, STR("/text"), "request.number");
    }
    DB_RUN(r->c, "INSERT INTO note (text) VALUES ($1)", text);
    int64_t n = DB_INT(r->c, "SELECT count(*) FROM note");
    if (str_is(text, "refuse")) {
        FAIL(r->c, ERROR_CONFLICT, "record.stale");
    }
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "n", json_put_int, n);
    json_end_object(&w);
    reply_json(r, 201, &w);
    reply_header(r, "Location", STR("/notes/1"));
}

/* Its first run does not count, and the second finds its memory used. */
static inline void note_again(struct request *r) {
    static int runs; /* the odd ones fail */
    if (runs % 2) {
        memset(arena_alloc(r->c->arena, 4096), 'x', 4096);
    }
    note_create(r);
    if (runs++ % 2 == 0) {
        FAIL(r->c, ERROR_RETRY, "database.busy");
    }
}

/* About a second of counting on either engine. */
static inline void count_handle(struct request *r) {
    int64_t n = DB_INT(r->c, "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c"
                             " WHERE n < 2000000) SELECT count(*) FROM c");
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "n", json_put_int, n);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static inline void large_handle(struct request *r) {
    struct text_buffer text = {.arena = r->c->arena};
    for (int i = 0; i < 1000; i++) {
        text_add_c(&text, "a line of many\n");
    }
    reply_text(r, 200, "text/plain", text_str(&text));
}

/* As long as the test wants. */
static inline void hold_handle(struct request *r) {
    gate_pass();
    reply_text(r, 200, "text/plain", STR("held"));
}

static inline void internal_handle(struct request *r) {
    DB_INT(r->c, "SELECT nothing FROM nowhere");
}

static inline void prepare_form(struct request *r) {
    r->state = arena_copy(r->c->arena, "prepared", 8);
}

static inline void form_handle(struct request *r) {
    struct str name = request_form(r, "name");
    if (!name.p) {
        FAIL_FIELD(r->c, STR("/name"), "request.number");
        return;
    }
    reply_text(r, 200, "text/html; charset=utf-8",
               str_format(r->c->arena, "%s %.*s", (char *)r->state, STR_ARG(name)));
}

static inline void upload_handle(struct request *r) {
    FILE *file = fopen(r->upload.p, "rb");
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    fclose(file);
    struct str entity = request_form(r, "entity");
    reply_text(r, 200, "text/plain",
               str_format(r->c->arena, "%ld %.*s %.*s %s", size, STR_ARG(r->upload_name),
                          STR_ARG(entity), r->upload.p));
}

static const struct route fixture_routes[] = {
    {METHOD_GET, "/hello", PERMISSION_PUBLIC, LANE_INLINE, hello_handle,
     .flags = ROUTE_NO_DATABASE},
    {METHOD_GET, "/notes/{id}", PERMISSION_PUBLIC, LANE_INLINE, note_read},
    {METHOD_POST, "/notes", PERMISSION_PUBLIC, LANE_WRITER, note_create},
    {METHOD_POST, "/notes/again", PERMISSION_PUBLIC, LANE_WRITER, note_again},
    {METHOD_POST, "/api/mine", PERMISSION_SIGNED_IN, LANE_WRITER, note_create},
    {METHOD_GET, "/api/mine", PERMISSION_SIGNED_IN, LANE_INLINE, hello_handle},
    {METHOD_GET, "/api/settings", "settings:manage", LANE_SLOW, hello_handle},
    {METHOD_GET, "/count", PERMISSION_PUBLIC, LANE_INLINE, count_handle},
    {METHOD_GET, "/report", PERMISSION_PUBLIC, LANE_SLOW, count_handle},
    {METHOD_GET, "/large", PERMISSION_PUBLIC, LANE_SLOW, large_handle},
    {METHOD_GET, "/large_inline", PERMISSION_PUBLIC, LANE_INLINE, large_handle},
    {METHOD_GET, "/hold", PERMISSION_PUBLIC, LANE_SLOW, hold_handle, .flags = ROUTE_NO_DATABASE},
    {METHOD_GET, "/broken", PERMISSION_PUBLIC, LANE_INLINE, internal_handle},
    {METHOD_POST, "/form", PERMISSION_PUBLIC, LANE_WRITER, form_handle, .prepare = prepare_form,
     .flags = ROUTE_NO_CSRF | ROUTE_PLAIN_ERRORS},
    {METHOD_POST, "/upload", PERMISSION_SIGNED_IN, LANE_WRITER, upload_handle,
     .flags = ROUTE_UPLOAD},
    {METHOD_GET, "/stream", PERMISSION_SIGNED_IN, LANE_INLINE, stream_subscribe,
     .flags = ROUTE_STREAM},
    {0},
};

/* "X-User: 7" is a token of user 7, the cookie "session=7" a session. "X-Slow: 1" makes finding
 * that out take about a second. */
static inline void fixture_authenticate(struct request *r) {
    if (request_header(r, "X-Slow").p) {
        DB_INT(r->c, "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c"
                     " WHERE n < 2000000) SELECT count(*) FROM c");
        if (ctx_failed(r->c)) {
            return;
        }
    }
    struct str user = request_header(r, "X-User");
    struct str session = request_cookie(r, "session");
    int64_t id = 0;
    if (str_to_int(user.p ? user : session, &id)) {
        struct actor *actor = ARENA_NEW(r->c->arena, struct actor);
        actor->user_id = id;
        r->c->actor = actor;
        r->session_id = session.p ? id : 0;
        r->token_id = user.p ? id : 0;
    }
}

static inline bool fixture_permit(struct ctx *c, const char *permission) {
    return str_is(str_from(permission), "settings:manage") && c->actor->user_id == 1;
}

struct http_fixture {
    struct database_fixture *database;
    struct ctx *c;
    struct writer *writer;
    struct server *server;
    struct server_options options;
};

static inline void http_migrate(struct database_fixture *f) {
    const struct migration *const lists[] = {event_module.migrations, http_module.migrations,
                                             http_fixture_migrations};
    migration_apply(&f->c, lists, 3);
    assert_ok(&f->c);
    message_register(http_texts);
    message_register(database_texts);
}

static inline struct server_options http_fixture_options(void) {
    static const struct route *lists[] = {fixture_routes, NULL, NULL};
    lists[1] = http_module.routes;
    return (struct server_options){.address = STR("127.0.0.1"),
                                   .network_threads = 2,
                                   .slow_threads = 2,
                                   .routes = lists,
                                   .body_limit = 65536,
                                   .upload_limit = 4 << 20,
                                   .header_seconds = 1,
                                   .body_seconds = 1,
                                   .handler_seconds = 30,
                                   .inline_budget_ms = 50,
                                   .authenticate = fixture_authenticate,
                                   .permit = fixture_permit};
}

static inline struct http_fixture http_open(void **state) {
    struct http_fixture f = {.database = database_of(state), .options = http_fixture_options()};
    f.c = &f.database->c;
    http_migrate(f.database);
    struct writer_options options = {.url = f.database->url, .threads = 2, .batch = 64};
    f.writer = writer_start(f.c, &options);
    assert_ok(f.c);
    f.options.url = f.database->url;
    f.options.writer = f.writer;
    f.options.spool_folder = str_from(f.database->folder);
    f.server = server_start(f.c, &f.options);
    assert_ok(f.c);
    return f;
}

static inline void http_close(struct http_fixture *f) {
    server_stop(f->server);
    writer_stop(f->writer);
}

/* The client. */

struct client {
    int socket;
    char buffer[65536];
    size_t n; /* bytes read and not yet taken */
};

struct answer {
    int status;
    char head[8192], body[65536];
};

static inline int client_connect(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    struct timeval patience = {.tv_sec = 20};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

static inline struct client *client_open(const struct http_fixture *f) {
    struct client *client = calloc(1, sizeof *client);
    client->socket = client_connect(server_port(f->server));
    return client;
}

static inline void client_close(struct client *client) {
    close(client->socket);
    free(client);
}

static inline void client_send(struct client *client, const char *text) {
    size_t n = strlen(text);
    assert_int_equal(send(client->socket, text, n, MSG_NOSIGNAL), (ssize_t)n);
}

/* More bytes; false when the server has closed. */
static inline bool client_fill(struct client *client) {
    ssize_t n = recv(client->socket, client->buffer + client->n,
                     sizeof client->buffer - 1 - client->n, 0);
    if (n <= 0) {
        return false;
    }
    client->n += (size_t)n;
    client->buffer[client->n] = '\0';
    return true;
}

static inline void client_take(struct client *client, size_t n, char *to) {
    memcpy(to, client->buffer, n);
    to[n] = '\0';
    memmove(client->buffer, client->buffer + n, client->n - n + 1);
    client->n -= n;
}

/* The value of a header in the head of an answer, "" when it is not there. */
static inline const char *answer_header(const struct answer *a, const char *name) {
    static char value[1024];
    size_t n = strlen(name);
    value[0] = '\0';
    for (const char *line = strstr(a->head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, n) == 0 && line[2 + n] == ':') {
            sscanf(line + 3 + n, " %1000[^\r]", value);
        }
    }
    return value;
}

/* One answer off the connection; status 0 when the server closed instead. */
static inline struct answer *client_read(struct client *client) {
    static struct answer a;
    memset(&a, 0, sizeof a);
    char *end;
    client->buffer[client->n] = '\0';
    while (!(end = strstr(client->buffer, "\r\n\r\n"))) {
        if (!client_fill(client)) {
            return &a;
        }
    }
    client_take(client, (size_t)(end + 4 - client->buffer), a.head);
    sscanf(a.head, "HTTP/1.1 %d", &a.status);
    size_t length = (size_t)strtol(answer_header(&a, "Content-Length"), NULL, 10);
    assert_true(length < sizeof client->buffer);
    while (client->n < length && client_fill(client)) {
    }
    assert_true(client->n >= length);
    client_take(client, length, a.body);
    return &a;
}

static inline struct answer *client_ask(struct client *client, const char *text) {
    client_send(client, text);
    return client_read(client);
}

/* One request on a connection of its own. */
static inline struct answer *ask(const struct http_fixture *f, const char *text) {
    struct client *client = client_open(f);
    struct answer *a = client_ask(client, text);
    client_close(client);
    return a;
}

#define HOST "Host: x\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" HOST "\r\n"

static inline const char *post(const char *path, const char *headers, const char *body) {
    static char text[65536];
    snprintf(text, sizeof text, "POST %s HTTP/1.1\r\n" HOST "%sContent-Length: %zu\r\n\r\n%s", path,
             headers, strlen(body), body);
    return text;
}

#define JSON_TYPE "Content-Type: application/json\r\n"

#endif
