#include "http/idempotency.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "entity/access.h"

enum { KEY_LENGTH = 200, PURGE_ROWS = 1000 };

#define KEPT_MS (24 * (int64_t)MS_HOUR)

const struct migration http_migrations[] = {
    {"http.1", "CREATE TABLE idempotency_key (\n"
               "  user_id BIGINT NOT NULL,\n" /* 0 for the public */
               "  route TEXT NOT NULL,\n"
               "  key TEXT NOT NULL,\n"
               "  request_hash TEXT NOT NULL,\n" /* SHA-256 of target and body */
               "  status BIGINT NOT NULL,\n"
               "  headers TEXT NOT NULL,\n" /* JSON object */
               "  mime TEXT NOT NULL,\n"
               "  body TEXT NOT NULL,\n"
               "  created_at BIGINT NOT NULL,\n"
               "  PRIMARY KEY (user_id, route, key)\n"
               "){without_rowid};\n"
               "CREATE INDEX idempotency_key_created ON idempotency_key (created_at)"},
    {NULL, NULL},
};

static bool key_valid(struct str key) {
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] < 0x21 || key.p[i] > 0x7E) {
            return false;
        }
    }
    return key.n > 0 && key.n <= KEY_LENGTH;
}

struct kept {
    int64_t user_id;
    struct str route, key, hash;
};

static struct kept kept_of(struct exchange *x) {
    const struct request *r = &x->request;
    struct arena *a = r->c->arena;
    struct text_buffer content = {.arena = a};
    text_add(&content, r->path);
    for (int i = 0; i < x->target.n_query; i++) {
        text_add_char(&content, '\0');
        text_add(&content, x->target.query[i].name);
        text_add_char(&content, '=');
        text_add(&content, x->target.query[i].value);
    }
    text_add_char(&content, '\0');
    text_add(&content, r->body);
    return (struct kept){
        .user_id = r->c->actor ? r->c->actor->user_id : 0,
        .route = str_from(r->route->path),
        .key = str_trim(request_header(r, "Idempotency-Key")),
        .hash = sha256_hex(a, text_str(&content)),
    };
}

/* True when the key is ours now; false when an earlier request holds it. */
static bool key_take(struct ctx *c, const struct kept *k) {
    return DB_RUN(c,
                  "INSERT INTO idempotency_key (user_id, route, key, request_hash, status,"
                  " headers, mime, body, created_at) VALUES ($1, $2, $3, $4, 0, '{}', '', '', $5)"
                  " ON CONFLICT (user_id, route, key) DO NOTHING",
                  k->user_id, k->route, k->key, k->hash, c->now_ms) == 1;
}

static void headers_restore(struct request *r, struct str stored) {
    const struct json *headers = json_parse(r->c, stored);
    for (size_t i = 0; headers && i < headers->n; i++) {
        reply_header(r, str_to_c(r->c->arena, headers->members[i].key),
                     headers->members[i].value.text);
    }
}

static void replay(struct exchange *x, const struct kept *k) {
    struct request *r = &x->request;
    struct db_rows rows;
    DB_QUERY(r->c, &rows,
             "SELECT request_hash, status, headers, mime, body FROM idempotency_key"
             " WHERE user_id = $1 AND route = $2 AND key = $3",
             k->user_id, k->route, k->key);
    if (!db_next(&rows)) {
        /* The holder is gone again, or not visible yet. */
        FAIL(r->c, ERROR_RETRY, "server.busy");
        return;
    }
    if (!str_equal(db_view(&rows, 0), k->hash)) {
        FAIL(r->c, ERROR_INVALID, "idempotency.mismatch");
    } else {
        r->reply.status = (int)db_int(&rows, 1);
        struct str headers = db_text(&rows, 2);
        r->reply.mime = db_text(&rows, 3);
        r->reply.body = db_text(&rows, 4);
        headers_restore(r, headers);
        x->replayed = true;
    }
    db_done(&rows);
}

static void key_fill(struct exchange *x, const struct kept *k) {
    struct request *r = &x->request;
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    for (int i = 0; i < r->reply.n_headers; i++) {
        json_key_str(&w, r->reply.headers[i].name);
        json_put_str(&w, r->reply.headers[i].value);
    }
    json_end_object(&w);
    int status = r->reply.status ? r->reply.status : r->reply.body.n ? 200 : 204;
    struct str mime = r->reply.mime.p ? r->reply.mime : STR("");
    struct str body = r->reply.body.p ? r->reply.body : STR("");
    DB_RUN(r->c,
           "UPDATE idempotency_key SET status = $4, headers = $5, mime = $6, body = $7"
           " WHERE user_id = $1 AND route = $2 AND key = $3",
           k->user_id, k->route, k->key, status, json_str(&w), mime, body);
}

void idempotency_handle(struct exchange *x) {
    struct request *r = &x->request;
    struct kept k = kept_of(x);
    if (!key_valid(k.key)) {
        FAIL(r->c, ERROR_INVALID, "idempotency.key");
        return;
    }
    if (!key_take(r->c, &k)) {
        if (!ctx_failed(r->c)) {
            replay(x, &k);
        }
        return;
    }
    r->route->handle(r);
    if (!ctx_failed(r->c)) {
        key_fill(x, &k);
    }
}

void idempotency_start(struct ctx *c) {
    timer_set(c, "idempotency.purge", STR(""), c->now_ms + MS_HOUR, STR("{}"));
}

/* A bounded number at a time, so that the writer is not held up. */
static void purge(struct ctx *c, const struct timer *t) {
    (void)t;
    int64_t n = DB_RUN(c,
                       "DELETE FROM idempotency_key WHERE (user_id, route, key) IN"
                       " (SELECT user_id, route, key FROM idempotency_key"
                       " WHERE created_at < $1 ORDER BY created_at LIMIT $2)",
                       c->now_ms - KEPT_MS, (int)PURGE_ROWS);
    int64_t pause = n == PURGE_ROWS ? MS_SECOND : MS_HOUR;
    timer_set(c, "idempotency.purge", STR(""), c->now_ms + pause, STR("{}"));
}

const struct timer_kind http_timers[] = {
    {"idempotency.purge", purge},
    {NULL, NULL},
};
