/*
 * See source.h. The verbs over sources, for whoever holds sources:manage, and the address they are
 * called at. A secret is shown once, when it is made; after a change of a webhook's the former is
 * good for a day. Events out: source.created, .changed, .rotated, .removed.
 */
#include "marketing/source.h"

#include "base/charset.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "connector/secret_box.h"
#include "connector/webhook_delivery.h"
#include "connector/wechat_crypt.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/access.h"
#include "event/event.h"
#include "http/form.h"
#include "http/rate_limit.h"
#include "http/route.h"
#include "marketing/marketing.h"

#define MANAGE "sources:manage"

enum { KEY_BYTES = 18, SECRET_BYTES = 32, ROTATION_MS = MS_DAY, SOURCES_MOST = 200 };
enum { WINDOW_SECONDS = 300, WINDOW_MOST = 86400 };
enum { CONFIG_MOST = 20000, PAUSED_SECONDS = 3600 };

/* Platforms deliver in bursts, and all of one from few addresses. */
static const struct rate_limit by_address = {"hook", 600, 6000};

static const struct migration migrations[] = {
    {"marketing.source.1", "CREATE TABLE capture_source (\n"
                           "  id {id},\n"
                           "  kind TEXT NOT NULL,\n"
                           "  name TEXT NOT NULL,\n"
                           "  key TEXT NOT NULL,\n"
                           "  secret TEXT NOT NULL,\n" /* sealed, as the next two */
                           "  previous_secret TEXT,\n"
                           "  second_secret TEXT,\n"
                           "  previous_until BIGINT,\n"
                           "  config TEXT NOT NULL,\n"
                           "  enabled BIGINT NOT NULL,\n"
                           "  created_at BIGINT NOT NULL,\n"
                           "  refused BIGINT NOT NULL,\n"
                           "  refused_at BIGINT,\n"
                           "  refused_why TEXT\n"
                           ");\n"
                           "CREATE UNIQUE INDEX capture_source_key ON capture_source (key)"},
    {0}};

/* Reads. */

#define COLUMNS                                                                            \
    "id, kind, name, key, config, enabled, created_at, refused, refused_at, refused_why, " \
    "secret, previous_secret, second_secret, previous_until"

static struct source *source_row(struct ctx *c, const struct db_rows *rows) {
    struct source *s = ARENA_NEW(c->arena, struct source);
    *s = (struct source){.id = db_int(rows, 0),
                         .kind = db_text(rows, 1),
                         .name = db_text(rows, 2),
                         .key = db_text(rows, 3),
                         .config_text = db_text(rows, 4),
                         .enabled = db_int(rows, 5) != 0,
                         .created_at = db_int(rows, 6),
                         .refused = db_int(rows, 7),
                         .refused_at = db_int(rows, 8),
                         .refused_why = db_text(rows, 9),
                         .secret = db_text(rows, 10),
                         .previous = db_int(rows, 13) > c->now_ms ? db_text(rows, 11) : STR(""),
                         .second = db_text(rows, 12)};
    return s;
}

static struct source *source_opened(struct ctx *c, struct db_rows *rows, bool secrets) {
    struct source *s = db_next(rows) ? source_row(c, rows) : NULL;
    db_done(rows);
    if (s) {
        s->config = json_parse(c, s->config_text);
    }
    if (s && secrets) {
        s->secret = secret_box_open(c, s->secret);
        s->previous = secret_box_open(c, s->previous);
        s->second = secret_box_open(c, s->second);
    }
    return ctx_failed(c) ? NULL : s;
}

struct source *source_find(struct ctx *c, int64_t id, bool secrets) {
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT " COLUMNS " FROM capture_source WHERE id = $1", id);
    return source_opened(c, &rows, secrets);
}

struct source *source_by_key(struct ctx *c, struct str key) {
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT " COLUMNS " FROM capture_source WHERE key = $1", key);
    return source_opened(c, &rows, true);
}

/* Kinds. */

static const struct source_kind kinds[] = {
    {"webhook", webhook_source_check, webhook_source_post, webhook_source_make},
    {"wechat", wechat_source_check, wechat_source_post, wechat_source_make},
    {"site", site_source_check, site_source_post, site_source_make}};

const struct source_kind *source_kind_named(struct str name) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (str_is(name, kinds[i].name)) {
            return &kinds[i];
        }
    }
    return NULL;
}

/* Verbs. */

struct draft {
    struct str kind, name, secret, second, config;
    bool enabled, secret_given;
};

static void emit(struct ctx *c, const char *type, int64_t id) {
    event_emit(c, &(struct event){.type = str_from(type),
                                  .subject_type = STR("capture_source"),
                                  .subject_id = id});
}

static bool is_wechat(struct str kind) {
    return str_is(kind, "wechat");
}

/* 3 to 32 letters and digits, as the platform's own page asks for. */
static bool token_valid(struct str token) {
    bool good = token.n >= 3 && token.n <= 32;
    for (size_t i = 0; good && i < token.n; i++) {
        char low = (char)(token.p[i] | 0x20);
        good = (low >= 'a' && low <= 'z') || (token.p[i] >= '0' && token.p[i] <= '9');
    }
    return good;
}

static void secrets_check(struct ctx *c, const struct draft *d) {
    unsigned char key[WECHAT_KEY_BYTES];
    if (is_wechat(d->kind)) {
        if (d->secret_given && !token_valid(d->secret)) {
            FAIL_FIELD(c, STR("/secret"), "source.token");
        }
        if (d->second.n && !wechat_key_read(c->arena, d->second, key)) {
            FAIL_FIELD(c, STR("/aes_key"), "source.aes_key");
        }
    } else if (d->secret_given && (d->secret.n < 8 || d->secret.n > 200)) {
        FAIL_FIELD(c, STR("/secret"), "source.secret");
    }
}

static void draft_check(struct ctx *c, const struct draft *d, const struct json *body) {
    const struct json *config = json_get(body, "config");
    const struct source_kind *kind = source_kind_named(d->kind);
    if (!d->name.n || text_length(d->name) > 60) {
        FAIL_FIELD(c, STR("/name"), "source.name");
    }
    if (config && config->kind != JSON_IS_OBJECT) {
        FAIL_FIELD(c, STR("/config"), "field.type");
    } else if (d->config.n > CONFIG_MOST) {
        FAIL_FIELD(c, STR("/config"), "form.too_long");
    } else if (kind) {
        kind->check(c, config);
    } else {
        FAIL_FIELD(c, STR("/kind"), "source.kind");
    }
    secrets_check(c, d);
}

static struct draft draft_read(struct ctx *c, const struct json *body, struct str kind) {
    const struct json *config = json_get(body, "config"), *secret = json_get(body, "secret");
    struct json_writer w = json_writer(c->arena);
    if (config) {
        json_put_json(&w, config);
    }
    return (struct draft){.kind = kind,
                          .name = text_trim(json_text(body, "name")),
                          .secret = json_text(body, "secret"),
                          .second = json_text(body, "aes_key"),
                          .config = config ? json_str(&w) : STR("{}"),
                          .enabled = json_bool(body, "enabled", true),
                          .secret_given = json_is(secret, JSON_IS_TEXT) && secret->text.n > 0};
}

/* A secret of our own making: for a webhook as receivers of webhooks know it, for an account the
 * letters and digits its page takes, for a site what its library of tokens takes as it stands. */
static struct str secret_make(struct ctx *c, struct str kind) {
    unsigned char bytes[SECRET_BYTES];
    random_bytes(bytes, sizeof bytes);
    struct str raw = {(const char *)bytes, sizeof bytes};
    if (is_wechat(kind)) {
        return hex_encode(c->arena, str_slice(raw, 0, 16));
    }
    if (str_is(kind, "site")) {
        return hex_encode(c->arena, raw);
    }
    struct str encoded = base64_encode(c->arena, raw);
    return str_format(c->arena, WEBHOOK_SECRET_PREFIX "%.*s", STR_ARG(encoded));
}

static void reply_secret(struct request *r, int status, int64_t id, struct str secret) {
    struct json_writer w = json_writer(r->c->arena);
    const struct source *s = source_find(r->c, id, false);
    if (!s) {
        return;
    }
    json_begin_object(&w);
    JSON_MEMBER(&w, "id", json_put_id, id);
    JSON_MEMBER(&w, "path", json_put_str, str_format(r->c->arena, "/hook/%.*s", STR_ARG(s->key)));
    JSON_MEMBER(&w, "secret", json_put_str, secret);
    json_end_object(&w);
    reply_json(r, status, &w);
}

int64_t source_add(struct ctx *c, const struct source_draft *d) {
    int64_t id = id_new();
    struct str second = d->second.n ? secret_box_seal(c, d->second) : (struct str){NULL, 0};
    DB_RUN(c,
           "INSERT INTO capture_source (id, kind, name, key, secret, second_secret, config, "
           "enabled, created_at, refused) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)",
           id, d->kind, d->name, random_token(c->arena, KEY_BYTES), secret_box_seal(c, d->secret),
           second, d->config, d->enabled, c->now_ms);
    emit(c, "source.created", id);
    return id;
}

static void source_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    if (!body) {
        return;
    }
    struct draft d = draft_read(c, body, json_text(body, "kind"));
    if (DB_INT(c, "SELECT count(*) FROM capture_source") >= SOURCES_MOST) {
        FAIL(c, ERROR_LIMIT, "source.too_many");
    }
    draft_check(c, &d, body);
    if (ctx_failed(c)) {
        return;
    }
    struct str secret = d.secret_given ? d.secret : secret_make(c, d.kind);
    int64_t id = source_add(
        c, &(struct source_draft){d.kind, d.name, secret, d.second, d.config, d.enabled});
    reply_secret(r, 201, id, secret);
}

static struct source *source_asked(struct request *r) {
    struct source *s = source_find(r->c, request_id(r, "id"), false);
    if (!s) {
        FAIL(r->c, ERROR_ABSENT, "source.absent");
    }
    return s;
}

static void source_put(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    const struct source *s = body ? source_asked(r) : NULL;
    if (!s) {
        return;
    }
    struct draft d = draft_read(c, body, s->kind);
    draft_check(c, &d, body);
    if (ctx_failed(c)) {
        return;
    }
    DB_RUN(c, "UPDATE capture_source SET name = $1, config = $2, enabled = $3 WHERE id = $4",
           d.name, d.config, d.enabled, s->id);
    if (d.second.n) {
        DB_RUN(c, "UPDATE capture_source SET second_secret = $1 WHERE id = $2",
               secret_box_seal(c, d.second), s->id);
    }
    emit(c, "source.changed", s->id);
}

static void source_delete(struct request *r) {
    struct source *s = source_asked(r);
    if (s) {
        DB_RUN(r->c, "DELETE FROM capture_source WHERE id = $1", s->id);
        emit(r->c, "source.removed", s->id);
    }
}

static void rotate_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct source *s = body ? source_asked(r) : NULL;
    if (!s) {
        return;
    }
    struct draft d = draft_read(c, body, s->kind);
    secrets_check(c, &d);
    if (ctx_failed(c)) {
        return;
    }
    struct str secret = d.secret_given ? d.secret : secret_make(c, s->kind);
    DB_RUN(c,
           "UPDATE capture_source SET previous_secret = secret, previous_until = $1, secret = $2 "
           "WHERE id = $3",
           c->now_ms + ROTATION_MS, secret_box_seal(c, secret), s->id);
    emit(c, "source.rotated", s->id);
    reply_secret(r, 200, s->id, secret);
}

static void source_get(struct request *r) {
    const struct source *s = source_asked(r);
    struct json_writer w = json_writer(r->c->arena);
    if (!s) {
        return;
    }
    json_begin_object(&w);
    JSON_MEMBER(&w, "id", json_put_id, s->id);
    JSON_MEMBER(&w, "kind", json_put_str, s->kind);
    JSON_MEMBER(&w, "name", json_put_str, s->name);
    JSON_MEMBER(&w, "path", json_put_str, str_format(r->c->arena, "/hook/%.*s", STR_ARG(s->key)));
    JSON_MEMBER(&w, "config", json_put_raw, s->config_text);
    JSON_MEMBER(&w, "enabled", json_put_bool, s->enabled);
    JSON_MEMBER(&w, "has_aes_key", json_put_bool, s->second.n > 0);
    JSON_MEMBER(&w, "created_at", json_put_instant, s->created_at);
    JSON_MEMBER(&w, "refused", json_put_int, s->refused);
    JSON_MEMBER(&w, "refused_at", json_put_instant_or_null, s->refused_at);
    JSON_MEMBER(&w, "refused_why", json_put_str,
                s->refused_why.n
                    ? message_words(r->c->language, str_to_c(r->c->arena, s->refused_why))
                    : STR(""));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void try_post(struct request *r) {
    const struct json *body = request_json(r);
    const struct source *s = body ? source_asked(r) : NULL;
    if (!s) {
        return;
    }
    const struct json *payload = json_get(body, "payload"), *config = json_get(body, "config");
    struct source tried = *s;
    struct json_writer w = json_writer(r->c->arena);
    tried.config = config ? config : s->config;
    if (!str_is(s->kind, "webhook") || !payload) {
        FAIL_FIELD(r->c, STR("/payload"), "source.no_trial");
        return;
    }
    json_put_json(&w, payload);
    webhook_source_try(r, &tried, json_str(&w));
}

/* The address. */

struct str source_payload(struct request *r) {
    struct arena *a = r->c->arena;
    struct str declared = mime_parameter(a, request_header(r, "Content-Type"), "charset");
    enum charset charset = charset_of_message(declared, r->body);
    struct str text = charset == CHARSET_UTF8 ? r->body : charset_convert(a, charset, r->body);
    text = text_repair(a, text);
    return text.n ? text : STR("");
}

void source_refused(struct ctx *c, const struct source *source, const char *why) {
    DB_RUN(c,
           "UPDATE capture_source SET refused = refused + 1, refused_at = $1, refused_why = $2 "
           "WHERE id = $3",
           c->now_ms, why, source->id);
}

void source_refuse(struct request *r, const struct source *source, const char *why) {
    struct ctx *c = r->c;
    struct error error = {.code = ERROR_DENIED, .text = why};
    source_refused(c, source, why);
    if (!ctx_failed(c)) {
        reply_text(r, 401, "application/problem+json",
                   error_problem(c->arena, c->language, &error, 401, c->request_id));
    }
}

void source_window_check(struct ctx *c, const struct json *config) {
    int64_t window = json_int(config, "window_seconds", WINDOW_SECONDS);
    if (window < 10 || window > WINDOW_MOST) {
        FAIL_FIELD(c, STR("/config/window_seconds"), "form.number");
    }
}

bool source_in_time(const struct request *r, const struct source *s, struct str text,
                    int64_t *seconds) {
    int64_t window = json_int(s->config, "window_seconds", WINDOW_SECONDS) * MS_SECOND;
    if (!str_to_int(text, seconds) || *seconds < 0) {
        return false;
    }
    /* Some platforms count milliseconds. */
    int64_t at = *seconds > INT64_C(100000000000) ? *seconds : *seconds * MS_SECOND;
    return at > r->c->now_ms - window && at < r->c->now_ms + window;
}

static void hook_prepare(struct request *r) {
    request_rate_limit(r, &by_address, r->client);
    if (!ctx_failed(r->c) && r->body.n > CAPTURE_PAYLOAD) {
        FAIL(r->c, ERROR_LIMIT, "request.too_large", {"limit", STR("64 KB")});
    }
}

static struct source *hook_source(struct request *r) {
    struct source *s = source_by_key(r->c, request_path(r, "key"));
    if (!s) {
        FAIL(r->c, ERROR_ABSENT, "source.absent");
    }
    return s;
}

static void hook_post(struct request *r) {
    r->c->actor = &actor_system;
    struct source *s = hook_source(r);
    if (s && !s->enabled) {
        reply_retry_after(r, PAUSED_SECONDS);
        FAIL(r->c, ERROR_LIMIT, "source.paused");
    } else if (s) {
        source_kind_named(s->kind)->post(r, s);
    }
}

static void hook_get(struct request *r) {
    struct source *s = hook_source(r);
    if (s && is_wechat(s->kind)) {
        wechat_source_get(r, s);
    } else if (s) {
        reply_text(r, 200, "text/plain; charset=utf-8", STR("ok"));
    }
}

#define CONFIG "name:text! config:object enabled:boolean secret:text aes_key:text"

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/sources", MANAGE, LANE_WRITER, source_post, .flags = ROUTE_SECRET,
     .summary = "route.source_create", .body = "kind:text! " CONFIG,
     .answer = "201 id:id! path:text! secret:text!"},
    {METHOD_GET, "/api/v1/sources/{id}", MANAGE, LANE_INLINE, source_get, .summary = "route.source",
     .answer = "id:id! kind:text! name:text! path:text! config:object! enabled:boolean! "
               "has_aes_key:boolean! created_at:instant! refused:integer! refused_at:instant?! "
               "refused_why:text!"},
    {METHOD_PUT, "/api/v1/sources/{id}", MANAGE, LANE_WRITER, source_put,
     .summary = "route.source_change", .body = CONFIG},
    {METHOD_DELETE, "/api/v1/sources/{id}", MANAGE, LANE_WRITER, source_delete,
     .summary = "route.source_remove"},
    {METHOD_POST, "/api/v1/sources/{id}/rotate", MANAGE, LANE_WRITER, rotate_post,
     .flags = ROUTE_SECRET, .summary = "route.source_rotate", .body = "secret:text",
     .answer = "id:id! path:text! secret:text!"},
    {METHOD_POST, "/api/v1/sources/{id}/try", MANAGE, LANE_SLOW, try_post,
     .summary = "route.source_try", .body = "payload:any! config:object",
     .answer = "fields:object! refused:text!"},
    {METHOD_POST, "/hook/{key}", PERMISSION_PUBLIC, LANE_WRITER, hook_post, .prepare = hook_prepare,
     .flags = ROUTE_HIDDEN | ROUTE_NO_CSRF | ROUTE_PREPARE_HERE | ROUTE_RAW_BODY,
     .summary = "route.hook"},
    {METHOD_GET, "/hook/{key}", PERMISSION_PUBLIC, LANE_INLINE, hook_get, .flags = ROUTE_HIDDEN,
     .summary = "route.hook"},
    {0}};

static const struct permission permissions[] = {{MANAGE, "管理来源接入", "Manage sources"}, {0}};

static const struct event_type event_types[] = {
    {"source.created", NULL, "新建来源", "source created"},
    {"source.changed", NULL, "修改来源", "source changed"},
    {"source.rotated", NULL, "更换来源密钥", "source secret rotated"},
    {"source.removed", NULL, "删除来源", "source removed"},
    {0}};

static const struct text texts[] = {
    {"source.absent", "没有这个来源", "There is no such source"},
    {"source.kind", "来源只能是 webhook、wechat 或 site", "A source is a webhook, wechat or site"},
    {"source.name", "请填写名称，最多 60 个字", "A name of up to 60 characters is needed"},
    {"source.too_many", "最多 200 个来源", "At most 200 sources"},
    {"source.secret", "密钥应为 8 到 200 个字符", "A secret has 8 to 200 characters"},
    {"source.token", "Token 应为 3 到 32 个字母或数字", "A token has 3 to 32 letters and digits"},
    {"source.aes_key", "EncodingAESKey 应为 43 个字母、数字、+ 或 /",
     "An EncodingAESKey has 43 letters, digits, + or /"},
    {"source.no_trial", "请给出要试的内容", "Give something to try"},
    {"source.paused", "来源已暂停，请稍后重试", "The source is paused; please send it again later"},
    {"source.signature", "签名不对", "The signature is wrong"},
    {"source.timestamp", "时间戳缺失或相差太多", "The timestamp is missing or too far off"},
    {"route.source_create", "新建来源，密钥只显示一次",
     "Create a source; its secret is shown once"},
    {"route.source", "一个来源", "A source"},
    {"route.source_change", "修改来源", "Change a source"},
    {"route.source_remove", "删除来源", "Remove a source"},
    {"route.source_rotate", "更换来源密钥", "Rotate the secret of a source"},
    {"route.source_try", "试一试字段对应", "Try what a payload would become"},
    {"route.hook", "平台推送地址", "Where a source delivers"},
    {0}};

const struct module source_module = {.name = "marketing.source",
                                     .cloud = "marketing",
                                     .routes = routes,
                                     .events = event_types,
                                     .permissions = permissions,
                                     .texts = texts,
                                     .migrations = migrations};
