#include "organization/session.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "base/thread_memory.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/versions.h"
#include "event/event.h"
#include "event/timer.h"
#include "organization/organization.h"

static const struct migration migrations[] = {
    {"organization.session.1",
     "CREATE TABLE session (id {id}, secret_hash TEXT NOT NULL, user_id BIGINT NOT NULL, "
     "created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, client TEXT);\n"
     "CREATE UNIQUE INDEX session_secret ON session (secret_hash);\n"
     "CREATE INDEX session_by_user ON session (user_id);\n"
     "CREATE INDEX session_expires ON session (expires_at);\n"
     "CREATE TABLE api_token (id {id}, secret_hash TEXT NOT NULL, user_id BIGINT NOT NULL, "
     "name TEXT NOT NULL, scopes TEXT NOT NULL, read_only BIGINT NOT NULL, "
     "created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, revoked_at BIGINT);\n"
     "CREATE UNIQUE INDEX api_token_secret ON api_token (secret_hash);\n"
     "CREATE INDEX api_token_user ON api_token (user_id)"},
    {0}};

/* Random secrets need no slow hash: SHA-256 keeps a stolen database from being a key ring. */
static struct str secret_hash(struct ctx *c, struct str secret) {
    return sha256_hex(c->arena, secret);
}

static void purge_set(struct ctx *c) {
    timer_set(c, "session.purge", STR("all"), c->now_ms + MS_DAY, STR("{}"));
}

struct str session_start(struct ctx *c, int64_t user_id, int64_t hours, struct str client) {
    struct str secret = random_token(c->arena, SESSION_SECRET);
    DB_RUN(c,
           "INSERT INTO session (id, secret_hash, user_id, created_at, expires_at, client) "
           "VALUES ($1, $2, $3, $4, $5, $6)",
           id_new(), secret_hash(c, secret), user_id, c->now_ms, c->now_ms + hours * MS_HOUR,
           client);
    purge_set(c);
    event_emit(c, &(struct event){.type = STR("session.started"),
                                  .subject_type = STR("user"),
                                  .subject_id = user_id});
    return secret;
}

void session_end(struct ctx *c, int64_t session_id) {
    DB_RUN(c, "DELETE FROM session WHERE id = $1", session_id);
    version_move(c, "session");
}

static struct caller session_read(struct ctx *c, struct str secret) {
    struct caller caller = {0};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT s.id, s.user_id, u.language, "
             "(SELECT v.value FROM platform_version v WHERE v.name = 'organization'), s.expires_at "
             "FROM session s JOIN \"user\" u ON u.id = s.user_id "
             "WHERE s.secret_hash = $1 AND s.expires_at > $2 AND u.active = 1 "
             "AND u.deleted_at IS NULL",
             secret_hash(c, secret), c->now_ms);
    if (db_next(&rows)) {
        caller.session_id = db_int(&rows, 0);
        caller.user_id = db_int(&rows, 1);
        caller.language = language_parse(db_view(&rows, 2));
        caller.organization_version = db_int(&rows, 3);
        caller.expires_at = db_int(&rows, 4);
        db_done(&rows);
    }
    return caller;
}

static struct caller token_read(struct ctx *c, struct str secret) {
    struct caller caller = {0};
    struct db_rows rows;
    DB_QUERY(
        c, &rows,
        "SELECT t.id, t.user_id, u.language, "
        "(SELECT v.value FROM platform_version v WHERE v.name = 'organization'), "
        "t.read_only, t.scopes, t.expires_at FROM api_token t JOIN \"user\" u ON u.id = t.user_id "
        "WHERE t.secret_hash = $1 AND t.revoked_at IS NULL "
        "AND (t.expires_at = 0 OR t.expires_at > $2) "
        "AND u.active = 1 AND u.deleted_at IS NULL",
        secret_hash(c, secret), c->now_ms);
    if (db_next(&rows)) {
        caller.token_id = db_int(&rows, 0);
        caller.user_id = db_int(&rows, 1);
        caller.language = language_parse(db_view(&rows, 2));
        caller.organization_version = db_int(&rows, 3);
        caller.read_only = db_int(&rows, 4) != 0;
        caller.scopes = db_text(&rows, 5);
        caller.expires_at = db_int(&rows, 6);
        db_done(&rows);
    }
    return caller;
}

/*
 * Callers found before, for each thread its own, under the versions of the snapshot they were
 * found in: whatever ends a session or token early, switches its user off or changes the
 * user's language moves one of them. A secret is known by its digest under a key of this process.
 */
enum { KNOWN = 256, SCOPES_KEPT = 256 };

struct known {
    struct versions versions;
    unsigned char digest[FINGERPRINT_BYTES];
    struct caller caller;
    char scopes[SCOPES_KEPT];
};

static struct known *known_place(const unsigned char digest[FINGERPRINT_BYTES]) {
    static _Thread_local struct known *callers;
    callers = callers ? callers : thread_memory(sizeof *callers * KNOWN);
    return &callers[digest[0] % KNOWN];
}

static void known_keep(struct ctx *c, const unsigned char digest[FINGERPRINT_BYTES],
                       const struct caller *caller) {
    struct known *k = known_place(digest);
    if (!c->versions.known || !caller->user_id || caller->scopes.n > SCOPES_KEPT) {
        return;
    }
    *k = (struct known){.versions = c->versions, .caller = *caller};
    memcpy(k->digest, digest, FINGERPRINT_BYTES);
    if (caller->scopes.n) {
        memcpy(k->scopes, caller->scopes.p, caller->scopes.n);
    }
}

/* What read finds, or found before. */
static struct caller find(struct ctx *c, struct str secret, bool token) {
    unsigned char digest[FINGERPRINT_BYTES];
    fingerprint(secret, token, digest);
    const struct known *k = known_place(digest);
    struct caller caller = k->caller;
    bool ended = caller.expires_at && caller.expires_at <= c->now_ms;
    if (versions_same(&k->versions, &c->versions) && !ended &&
        memcmp(k->digest, digest, sizeof digest) == 0) {
        caller.scopes = str_copy(c->arena, (struct str){k->scopes, caller.scopes.n});
        return caller;
    }
    caller = token ? token_read(c, secret) : session_read(c, secret);
    known_keep(c, digest, &caller);
    return caller;
}

struct caller session_find(struct ctx *c, struct str secret) {
    return find(c, secret, false);
}

struct caller token_find(struct ctx *c, struct str secret) {
    return find(c, secret, true);
}

bool session_stale(struct ctx *c, int64_t session_id, int64_t hours) {
    int64_t expires = DB_INT(c, "SELECT expires_at FROM session WHERE id = $1", session_id);
    return expires && expires - c->now_ms < hours * MS_HOUR / 2;
}

void session_touch(struct ctx *c, int64_t session_id, int64_t hours) {
    DB_RUN(c, "UPDATE session SET expires_at = $1 WHERE id = $2", c->now_ms + hours * MS_HOUR,
           session_id);
}

struct str token_create(struct ctx *c, int64_t user_id, const struct token_grant *grant) {
    struct str secret = str_format(c->arena, "gt_%.*s",
                                   STR_ARG(random_token(c->arena, SESSION_SECRET)));
    int64_t id = id_new();
    DB_RUN(c,
           "INSERT INTO api_token (id, secret_hash, user_id, name, scopes, read_only, created_at, "
           "expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
           id, secret_hash(c, secret), user_id, grant->name, grant->scopes, grant->read_only,
           c->now_ms, grant->expires_at);
    event_emit(c, &(struct event){.type = STR("token.created"),
                                  .subject_type = STR("user"),
                                  .subject_id = user_id});
    return secret;
}

void token_revoke(struct ctx *c, int64_t token_id, int64_t user_id) {
    int64_t changed = DB_RUN(c,
                             "UPDATE api_token SET revoked_at = $1 WHERE id = $2 "
                             "AND user_id = $3 AND revoked_at IS NULL",
                             c->now_ms, token_id, user_id);
    if (!changed) {
        FAIL(c, ERROR_ABSENT, "record.absent");
    }
    version_move(c, "session");
    event_emit(c, &(struct event){.type = STR("token.revoked"),
                                  .subject_type = STR("user"),
                                  .subject_id = user_id});
}

void token_list_json(struct ctx *c, struct json_writer *w, int64_t user_id) {
    struct db_rows rows;
    json_begin_array(w);
    DB_QUERY(c, &rows,
             "SELECT id, name, scopes, read_only, created_at, expires_at, revoked_at "
             "FROM api_token WHERE user_id = $1 ORDER BY id DESC",
             user_id);
    while (db_next(&rows)) {
        json_begin_object(w);
        JSON_MEMBER(w, "id", json_put_id, db_int(&rows, 0));
        JSON_MEMBER(w, "name", json_put_str, db_text(&rows, 1));
        JSON_MEMBER(w, "scopes", json_put_str, db_text(&rows, 2));
        JSON_MEMBER(w, "read_only", json_put_bool, db_int(&rows, 3) != 0);
        JSON_MEMBER(w, "created_at", json_put_instant, db_int(&rows, 4));
        if (db_int(&rows, 5)) {
            JSON_MEMBER(w, "expires_at", json_put_instant, db_int(&rows, 5));
        }
        if (!db_null(&rows, 6)) {
            JSON_MEMBER(w, "revoked_at", json_put_instant, db_int(&rows, 6));
        }
        json_end_object(w);
    }
    json_end_array(w);
}

static void purge(struct ctx *c, const struct timer *t) {
    (void)t;
    DB_RUN(c, "DELETE FROM session WHERE expires_at <= $1", c->now_ms);
    purge_set(c);
}

static const struct timer_kind timers[] = {{"session.purge", purge}, {0}};

static const struct permission permissions[] = {
    {"tokens:manage", "管理访问令牌", "Manage access tokens"}, {0}};

static const struct event_type event_types[] = {
    {"session.started", "user", "登录", "logged in"},
    {"token.created", "user", "新建访问令牌", "access token made"},
    {"token.revoked", "user", "作废访问令牌", "access token revoked"},
    {0}};

const struct module organization_module = {.name = "organization.session",
                                           .cloud = "platform",
                                           .events = event_types,
                                           .migrations = migrations,
                                           .timers = timers,
                                           .permissions = permissions};
