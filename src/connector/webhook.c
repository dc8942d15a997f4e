/*
 * Webhooks: a company's other programs learn what happens here as it happens.
 *
 * A webhook is an address and a choice of event types. The reactor webhook.fan_out answers
 * each chosen event of the business stream with one outbox row per webhook, keyed
 * "<webhook>:<event>", so that each is queued once; the outbox delivers it with retries and
 * keeps the log (connector/webhook_delivery.c describes the request). Events carry ids and plain
 * facts, no personal data; a receiver reads the records through the API with its own rights.
 *
 * Events out: webhook.created, webhook.changed, webhook.rotated, webhook.removed, webhook.tested.
 * History is never told by itself: an import or a replay of the log queues nothing. What was
 * missed is asked for with webhook_replay.
 */
#include "connector/webhook.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "connector/webhook_delivery.h"
#include "db/migration.h"
#include "entity/model.h"
#include "entity/versions.h"
#include "event/reactor.h"
#include "http/client.h"
#include "organization/company.h"

enum { SECRET_BYTES = 32, NAME_MAX_BYTES = 200, TYPES_MOST = 50, ROTATION_MS = MS_DAY };

static const struct secret_key *sealing_key;

void webhook_secret_key(const struct secret_key *key) {
    sealing_key = key;
}

struct str webhook_secret_open(struct ctx *c, struct str sealed) {
    struct str secret;
    if (!sealing_key || !secret_open(c->arena, sealing_key, sealed, &secret)) {
        ctx_fail_internal(c, "the secret of a webhook cannot be opened with this key");
        return STR("");
    }
    return secret;
}

static struct str secret_make(struct ctx *c, struct str *sealed) {
    unsigned char bytes[SECRET_BYTES];
    random_bytes(bytes, sizeof bytes);
    struct str encoded = base64_encode(c->arena, (struct str){(const char *)bytes, sizeof bytes});
    struct str secret = str_format(c->arena, WEBHOOK_SECRET_PREFIX "%.*s", STR_ARG(encoded));
    if (!sealing_key) {
        ctx_fail_internal(c, "no key to seal the secret of a webhook");
        return STR("");
    }
    *sealed = secret_seal(c->arena, sealing_key, secret);
    return secret;
}

/* "lead.created" or "lead." */
static bool type_valid(struct str type) {
    for (size_t i = 0; i < type.n; i++) {
        char b = type.p[i];
        if (!((b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '_' || b == '.')) {
            return false;
        }
    }
    return type.n > 0 && type.n <= 100 && str_find_char(type, '.') > 0;
}

static void draft_check(struct ctx *c, const struct webhook_draft *draft) {
    if (!draft->name.n || draft->name.n > NAME_MAX_BYTES) {
        FAIL_FIELD(c, STR("/name"), "webhook.name");
    }
    if (!client_url_valid(draft->url)) {
        FAIL_FIELD(c, STR("/url"), "webhook.url");
    }
    const struct json *types = draft->types;
    bool good = !types || (types->kind == JSON_IS_ARRAY && types->n <= TYPES_MOST);
    for (size_t i = 0; good && types && i < types->n; i++) {
        good = types->items[i].kind == JSON_IS_TEXT && type_valid(types->items[i].text);
    }
    if (!good) {
        FAIL_FIELD(c, STR("/types"), "webhook.types");
    }
}

static struct str types_write(struct arena *a, const struct json *types) {
    struct json_writer w = json_writer(a);
    json_begin_array(&w);
    for (size_t i = 0; types && i < types->n; i++) {
        json_put_str(&w, types->items[i].text);
    }
    json_end_array(&w);
    return json_str(&w);
}

static int64_t emit(struct ctx *c, const char *type, int64_t id) {
    return event_emit(
        c,
        &(struct event){.type = str_from(type), .subject_type = STR("webhook"), .subject_id = id});
}

int64_t webhook_create(struct ctx *c, const struct webhook_draft *draft, struct str *secret) {
    draft_check(c, draft);
    if (ctx_failed(c)) {
        return 0;
    }
    int64_t id = id_new();
    struct str sealed = STR("");
    *secret = secret_make(c, &sealed);
    DB_RUN(c,
           "INSERT INTO webhook (id, name, url, types, secret, enabled, created_at, failures) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
           id, draft->name, draft->url, types_write(c->arena, draft->types), sealed, draft->enabled,
           c->now_ms);
    version_move(c, "setting");
    emit(c, "webhook.created", id);
    return id;
}

/* End with ERROR_ABSENT when a change met no row. */
static void require_changed(struct ctx *c, int64_t rows) {
    if (rows == 0) {
        FAIL(c, ERROR_ABSENT, "webhook.absent");
    }
}

void webhook_change(struct ctx *c, int64_t id, const struct webhook_draft *draft) {
    draft_check(c, draft);
    require_changed(c, DB_RUN(c,
                              "UPDATE webhook SET name = $1, url = $2, types = $3, enabled = $4 "
                              "WHERE id = $5",
                              draft->name, draft->url, types_write(c->arena, draft->types),
                              draft->enabled, id));
    version_move(c, "setting");
    emit(c, "webhook.changed", id);
}

void webhook_remove(struct ctx *c, int64_t id) {
    require_changed(c, DB_RUN(c, "DELETE FROM webhook WHERE id = $1", id));
    emit(c, "webhook.removed", id);
}

struct str webhook_rotate(struct ctx *c, int64_t id) {
    struct str sealed = STR("");
    struct str secret = secret_make(c, &sealed);
    require_changed(c, DB_RUN(c,
                              "UPDATE webhook SET previous_secret = secret, previous_until = $1, "
                              "secret = $2 WHERE id = $3",
                              c->now_ms + ROTATION_MS, sealed, id));
    emit(c, "webhook.rotated", id);
    return secret;
}

/* Keys of one webhook lie together, in the order of its events: ';' follows ':'. */
static struct str key_first(struct ctx *c, int64_t id) {
    return str_format(c->arena, "%lld:", (long long)id);
}

static struct str key_end(struct ctx *c, int64_t id) {
    return str_format(c->arena, "%lld;", (long long)id);
}

static void recent_read(struct ctx *c, struct webhook *h) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT state FROM outbox WHERE kind = 'webhook' AND key >= $1 AND key < $2 "
             "ORDER BY key DESC LIMIT $3",
             key_first(c, h->id), key_end(c, h->id), (int64_t)WEBHOOK_RECENT);
    while (db_next(&rows)) {
        int64_t state = db_int(&rows, 0);
        h->recent.waiting += state == WEBHOOK_PENDING;
        h->recent.delivered += state == WEBHOOK_DELIVERED;
        h->recent.dead += state == WEBHOOK_DEAD;
    }
}

struct webhook *webhook_list(struct ctx *c, size_t *n) {
    size_t room = (size_t)DB_INT(c, "SELECT count(*) FROM webhook");
    struct webhook *list = ARENA_NEW_ARRAY(c->arena, room, struct webhook);
    struct db_rows rows;
    *n = 0;
    DB_QUERY(c, &rows,
             "SELECT id, name, url, types, enabled, created_at, delivered_at, failed_at, failures "
             "FROM webhook ORDER BY id LIMIT $1",
             (int64_t)room);
    while (*n < room && db_next(&rows)) {
        list[(*n)++] = (struct webhook){
            .id = db_int(&rows, 0),
            .name = db_text(&rows, 1),
            .url = db_text(&rows, 2),
            .types = db_text(&rows, 3),
            .enabled = db_int(&rows, 4) != 0,
            .created_at = db_int(&rows, 5),
            .delivered_at = db_int(&rows, 6),
            .failed_at = db_int(&rows, 7),
            .failures = db_int(&rows, 8),
        };
    }
    db_done(&rows);
    for (size_t i = 0; i < *n && !ctx_failed(c); i++) {
        recent_read(c, &list[i]);
    }
    return list;
}

/* A stored list of types as event_type_matches takes it. */
static const char *const *types_read(struct ctx *c, struct str text) {
    const struct json *list = json_parse(c, text);
    size_t n = list ? list->n : 0;
    const char **types = ARENA_NEW_ARRAY(c->arena, n + 1, const char *);
    for (size_t i = 0; i < n; i++) {
        types[i] = str_to_c(c->arena, list->items[i].text);
    }
    return types;
}

/* salt tells deliveries of the same event apart: empty, or ":" and the replay's time. */
static void event_queue(struct ctx *c, int64_t id, const struct event *e, struct str salt) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "webhook_id", json_put_id, id);
    JSON_MEMBER(&w, "event_id", json_put_id, e->id);
    json_end_object(&w);
    outbox_add(
        c, "webhook",
        str_format(c->arena, "%lld:%lld%.*s", (long long)id, (long long)e->id, STR_ARG(salt)),
        json_str(&w));
}

/* A module that is switched off tells nobody outside. */
static bool subject_on(struct ctx *c, const struct event *e) {
    const struct entity *entity = c->model ? model_entity(c->model, e->subject_type) : NULL;
    return !entity || company_cloud_on(c, entity->cloud);
}

int64_t webhook_replay(struct ctx *c, int64_t id, int64_t from_ms, int64_t to_ms) {
    struct str text = DB_TEXT(c, "SELECT types FROM webhook WHERE id = $1", id);
    if (!text.p) {
        FAIL(c, ERROR_ABSENT, "webhook.absent");
        return 0;
    }
    struct str salt = str_format(c->arena, ":%lld", (long long)c->now_ms);
    int64_t queued = 0;
    struct event_range range = {.types = types_read(c, text), .limit = 500};
    /* Ids are made when events are: they bound the period, by their index. */
    int64_t after = DB_INT(c, "SELECT seq FROM event WHERE id >= $1 ORDER BY id LIMIT 1",
                           id_at(from_ms));
    range.upto = DB_INT(c, "SELECT seq FROM event WHERE id < $1 ORDER BY id DESC LIMIT 1",
                        id_at(to_ms));
    for (size_t n = 1;
         n > 0 && after > 0 && range.upto > 0 && queued < WEBHOOK_REPLAY_MOST && !ctx_failed(c);) {
        range.after = after - 1;
        const struct event *events = event_read_range(c, &range, &n);
        for (size_t i = 0; i < n && queued < WEBHOOK_REPLAY_MOST; i++) {
            if (events[i].origin == ORIGIN_LIVE && subject_on(c, &events[i])) {
                event_queue(c, id, &events[i], salt);
                queued++;
            }
        }
        after = n ? events[n - 1].seq + 1 : 0;
    }
    return queued;
}

void webhook_test(struct ctx *c, int64_t id) {
    require_changed(c, DB_INT(c, "SELECT 1 FROM webhook WHERE id = $1", id));
    event_queue(c, id, &(struct event){.id = emit(c, "webhook.tested", id)}, STR(""));
}

void webhook_resend(struct ctx *c, int64_t id, int64_t outbox_id) {
    require_changed(c, DB_INT(c,
                              "SELECT 1 FROM outbox WHERE id = $1 AND kind = 'webhook' "
                              "AND key >= $2 AND key < $3",
                              outbox_id, key_first(c, id), key_end(c, id)));
    if (!ctx_failed(c)) {
        outbox_resend(c, outbox_id);
    }
}

struct webhook_delivery *webhook_deliveries(struct ctx *c, int64_t id, size_t limit, size_t *n) {
    struct webhook_delivery *list = ARENA_NEW_ARRAY(c->arena, limit, struct webhook_delivery);
    struct db_rows rows;
    *n = 0;
    DB_QUERY(c, &rows,
             "SELECT id, payload, state, attempts, created_at, settled_at, why, next_at, took_ms "
             "FROM outbox "
             "WHERE kind = 'webhook' AND key >= $1 AND key < $2 ORDER BY key DESC LIMIT $3",
             key_first(c, id), key_end(c, id), (int64_t)limit);
    while (*n < limit && db_next(&rows)) {
        list[(*n)++] = (struct webhook_delivery){
            .outbox_id = db_int(&rows, 0),
            .event_id = json_id(json_parse(c, db_text(&rows, 1)), "event_id"),
            .state = (enum webhook_delivery_state)db_int(&rows, 2),
            .attempts = db_int(&rows, 3),
            .created_at = db_int(&rows, 4),
            .settled_at = db_int(&rows, 5),
            .why = db_text(&rows, 6),
            .next_at = db_int(&rows, 7),
            .took_ms = db_int(&rows, 8),
        };
    }
    db_done(&rows);
    for (size_t i = 0; i < *n && !ctx_failed(c); i++) {
        list[i].type = DB_TEXT(c, "SELECT type FROM event WHERE id = $1", list[i].event_id);
    }
    return list;
}

static void fan_out(struct ctx *c, const struct event *e) {
    struct db_rows rows;
    if (!subject_on(c, e)) {
        return;
    }
    DB_QUERY(c, &rows, "SELECT id, types FROM webhook WHERE enabled = 1 ORDER BY id");
    while (db_next(&rows)) {
        if (event_type_matches(types_read(c, db_text(&rows, 1)), e->type)) {
            event_queue(c, db_int(&rows, 0), e, STR(""));
        }
    }
}

/* Most companies subscribe to little: what nobody wants costs no transaction. */
static void fan_out_choose(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    /* Of this thread: the versions under which there was no webhook switched on. */
    static _Thread_local struct versions none;
    struct db_rows rows;
    bool any = false;
    if (versions_hold(c, &none)) {
        return;
    }
    DB_QUERY(c, &rows, "SELECT types FROM webhook WHERE enabled = 1");
    while (db_next(&rows)) {
        const char *const *types = types_read(c, db_text(&rows, 0));
        any = true;
        for (size_t i = 0; i < n; i++) {
            wanted[i] |= event_type_matches(types, events[i].type);
        }
    }
    if (!any && !ctx_failed(c) && versions_firm(c)) {
        none = c->versions;
    }
}

static const char *const every_type[] = {NULL};
static const struct reactor webhook_fan_out = {
    .name = "webhook.fan_out",
    .lane = REACTOR_STEADY,
    .types = every_type,
    .handle = fan_out,
    .choose = fan_out_choose,
};
static const struct reactor *const reactors[] = {&webhook_fan_out, NULL};

static const struct migration migrations[] = {
    {"webhook.1", "CREATE TABLE webhook (\n"
                  "  id {id},\n"
                  "  name TEXT NOT NULL,\n"
                  "  url TEXT NOT NULL,\n"
                  "  types TEXT NOT NULL,\n"
                  "  secret TEXT NOT NULL,\n" /* sealed */
                  "  previous_secret TEXT,\n"
                  "  previous_until BIGINT,\n"
                  "  enabled BIGINT NOT NULL,\n"
                  "  created_at BIGINT NOT NULL,\n"
                  "  delivered_at BIGINT,\n"
                  "  failed_at BIGINT,\n"
                  "  failures BIGINT NOT NULL\n"
                  ");\n"},
    {NULL, NULL},
};

static const struct text texts[] = {
    {"webhook.name", "请填写名称", "A name is needed"},
    {"webhook.url", "须为公网可访问的 http 或 https 地址",
     "An http or https address on the public internet is needed"},
    {"webhook.types", "事件类型有误", "Not a list of event types"},
    {"webhook.absent", "没有这个 Webhook", "There is no such webhook"},
    {NULL, NULL, NULL},
};

static const struct event_type event_types[] = {
    {"webhook.created", NULL, "新建 Webhook", "webhook created"},
    {"webhook.changed", NULL, "修改 Webhook", "webhook changed"},
    {"webhook.rotated", NULL, "更换 Webhook 密钥", "webhook secret rotated"},
    {"webhook.removed", NULL, "删除 Webhook", "webhook removed"},
    {"webhook.tested", NULL, "试发 Webhook", "webhook tested"},
    {0}};

const struct module webhook_module = {
    .name = "platform.webhook",
    .cloud = "platform",
    .events = event_types,
    .reactors = reactors,
    .outbox = webhook_outbox_kinds,
    .texts = texts,
    .migrations = migrations,
};
