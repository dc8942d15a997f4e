/*
 * Sources that send signed JSON. What stands where is said by the source's config:
 *
 *     {"signature":"standard", "header":"X-Signature", "timestamp_header":"X-Timestamp",
 *      "window_seconds":300, "id_path":"data.id", "source":"…", "campaign":"…",
 *      "map":[{"path":"data.contact.phone","field":"phone"}, …]}
 *
 * "standard" is the scheme of standardwebhooks.com, which our own webhooks follow (webhook-id,
 * webhook-timestamp, webhook-signature); "hex" is HMAC-SHA256 in hexadecimal digits in the header,
 * with or without "sha256=", over the body, or over timestamp "." body when a header for it is
 * named. A path goes by members and numbers of items. A field is one of the lead's, or a campaign
 * or click id (utm_source, bd_vid, …).
 */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "connector/webhook_delivery.h"
#include "customer/lead.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/money.h"
#include "event/event.h"
#include "marketing/form_design.h"
#include "marketing/marketing.h"
#include "marketing/source.h"

enum { MAPPED_MOST = 60, PATH_MOST = 200 };
enum { SAME_WITHIN_MS = 10 * MS_MINUTE };

/* Configuration. */

static void map_check(struct ctx *c, const struct json *map) {
    const struct entity *lead = entity_named(c, "lead");
    bool list = json_is(map, JSON_IS_ARRAY) && map->n > 0 && map->n <= MAPPED_MOST;
    if (!list) {
        FAIL_FIELD(c, STR("/config/map"), "source.map");
    }
    for (size_t i = 0; list && i < map->n; i++) {
        struct str path = json_text(&map->items[i], "path");
        struct str field = json_text(&map->items[i], "field");
        const struct field *f = entity_field(lead, field);
        if (!path.n || path.n > PATH_MOST) {
            FAIL_FIELD(c, str_format(c->arena, "/config/map/%zu/path", i), "source.path");
        }
        if (!lead_origin_is_id(field) && !(f && form_may_fill(f))) {
            FAIL_FIELD(c, str_format(c->arena, "/config/map/%zu/field", i), "form.maps");
        }
    }
}

static bool is_header(struct str name) {
    bool good = name.n > 0 && name.n <= 60;
    for (size_t i = 0; good && i < name.n; i++) {
        char low = (char)(name.p[i] | 0x20);
        good = (low >= 'a' && low <= 'z') || (name.p[i] >= '0' && name.p[i] <= '9') ||
               name.p[i] == '-';
    }
    return good;
}

void webhook_source_check(struct ctx *c, const struct json *config) {
    struct str signature = json_text(config, "signature");
    struct str header = json_text(config, "header"),
               timestamp = json_text(config, "timestamp_header");
    if (!str_is(signature, "standard") && !str_is(signature, "hex")) {
        FAIL_FIELD(c, STR("/config/signature"), "source.scheme");
    }
    if (str_is(signature, "hex") && !is_header(header)) {
        FAIL_FIELD(c, STR("/config/header"), "source.header");
    }
    if (timestamp.n && !is_header(timestamp)) {
        FAIL_FIELD(c, STR("/config/timestamp_header"), "source.header");
    }
    source_window_check(c, config);
    if (text_length(json_text(config, "source")) > 60) {
        FAIL_FIELD(c, STR("/config/source"), "form.too_long");
    }
    if (text_length(json_text(config, "campaign")) > 120) {
        FAIL_FIELD(c, STR("/config/campaign"), "form.too_long");
    }
    map_check(c, json_get(config, "map"));
}

/* Whose it is. */

static bool standard_by(const struct request *r, struct str secret, int64_t seconds) {
    struct str signatures = request_header(r, "webhook-signature"), one;
    struct str wanted = webhook_signature(r->c->arena, secret, request_header(r, "webhook-id"),
                                          seconds, r->body);
    while (wanted.n && signatures.p && str_cut(&signatures, ' ', &one)) {
        if (secret_equal(one, wanted)) {
            return true;
        }
    }
    return false;
}

static bool hex_by(const struct request *r, const struct source *s, struct str secret) {
    struct arena *a = r->c->arena;
    struct str given = request_header(r, str_to_c(a, json_text(s->config, "header")));
    struct str named = json_text(s->config, "timestamp_header");
    struct str time = named.n ? request_header(r, str_to_c(a, named)) : STR("");
    struct text_buffer text = {.arena = a};
    if (named.n) {
        text_add(&text, time);
        text_add_char(&text, '.');
    }
    text_add(&text, r->body);
    if (str_starts(given, STR("sha256="))) {
        given = str_slice(given, 7, given.n);
    }
    return secret_equal(str_lower(a, given), hmac_sha256_hex(a, secret, text_str(&text)));
}

/* NULL when it is the source's, else why not. */
static const char *not_its(const struct request *r, const struct source *s) {
    bool standard = str_is(json_text(s->config, "signature"), "standard");
    struct str named = json_text(s->config, "timestamp_header");
    int64_t seconds = 0;
    if (standard || named.n) {
        struct str time = request_header(r, standard ? "webhook-timestamp"
                                                     : str_to_c(r->c->arena, named));
        if (!source_in_time(r, s, time, &seconds)) {
            return "source.timestamp";
        }
    }
    bool known = standard ? standard_by(r, s->secret, seconds) : hex_by(r, s, s->secret);
    if (!known && s->previous.n) {
        known = standard ? standard_by(r, s->previous, seconds) : hex_by(r, s, s->previous);
    }
    return known ? NULL : "source.signature";
}

/* What it says. */

static const struct json *at_path(const struct json *v, struct str path) {
    struct str part;
    int64_t item;
    while (v && path.p && str_cut(&path, '.', &part)) {
        if (v->kind == JSON_IS_ARRAY) {
            bool there = str_to_int(part, &item) && item >= 0 && (size_t)item < v->n;
            v = there ? &v->items[item] : NULL;
        } else {
            v = json_get_str(v, part);
        }
    }
    return v;
}

static struct str as_text(struct ctx *c, const struct json *v) {
    switch (v ? v->kind : JSON_IS_NULL) {
    case JSON_IS_TEXT:
        return text_trim(v->text);
    case JSON_IS_INT:
        return str_format(c->arena, "%lld", (long long)v->integer);
    case JSON_IS_REAL:
        return str_format(c->arena, "%.15g", v->real);
    case JSON_IS_BOOL:
        return v->boolean ? STR("true") : STR("false");
    default:
        return STR("");
    }
}

/* What the map makes of a payload. */
static struct lead_intake intake_of(struct ctx *c, const struct json *config,
                                    const struct json *payload) {
    const struct json *map = json_get(config, "map");
    struct lead_intake in = {.source = json_text(config, "source"),
                             .campaign = json_text(config, "campaign")};
    struct change_set *more = ARENA_NEW(c->arena, struct change_set);
    struct json_writer ids = json_writer(c->arena);
    *more = change_new(c, entity_named(c, "lead"));
    json_begin_object(&ids);
    for (size_t i = 0; map && i < map->n; i++) {
        struct str field = json_text(&map->items[i], "field");
        struct str text = as_text(c, at_path(payload, json_text(&map->items[i], "path")));
        struct str *place = lead_intake_text(&in, field);
        const struct field *f = entity_field(more->entity, field);
        if (!text.n) {
            continue;
        }
        if (place) {
            *place = text;
        } else if (lead_origin_is_id(field)) {
            json_key_str(&ids, field);
            json_put_str(&ids, text);
        } else if (f) {
            change_value(more, f, value_from_text(c, f, text));
        }
    }
    json_end_object(&ids);
    lead_origin_read(c->arena, json_parse(c, json_str(&ids)), &in.origin, &in.source, &in.campaign);
    in.more = more;
    return in;
}

void webhook_source_make(struct ctx *c, struct capture *capture) {
    const struct source *s = source_find(c, capture->place.id, false);
    if (!s) {
        FAIL(c, ERROR_ABSENT, "source.absent");
        return;
    }
    int64_t same = capture_same(c, capture, capture->received_at - SAME_WITHIN_MS);
    if (same) {
        const struct capture *first = capture_find(c, same);
        capture->state = STR("duplicate");
        capture->person_id = first ? first->person_id : 0;
        capture->lead_id = first ? first->lead_id : 0;
        return;
    }
    const struct json *payload = json_parse(c, capture->payload);
    struct lead_intake in = intake_of(c, s->config, payload);
    in.payload = capture->payload;
    in.received_at = capture->received_at;
    in.source = in.source.n ? in.source : s->name;
    if (ctx_failed(c)) {
        return;
    }
    struct intake_result result = lead_take_in(c, &in);
    capture->person_id = result.person_id;
    capture->lead_id = result.lead_id;
    capture->touch_id = result.touch_id;
}

/* The platform's own id of it: where the config says, else the delivery's. */
static struct str id_of(struct request *r, const struct source *s, struct str payload) {
    struct str path = json_text(s->config, "id_path");
    struct str id = STR("");
    if (path.n) {
        id = as_text(r->c, at_path(json_parse(r->c, payload), path));
        ctx_clear_error(r->c); /* no JSON: kept all the same, as what failed */
    }
    return id.n ? id : request_header(r, "webhook-id");
}

void webhook_source_post(struct request *r, const struct source *s) {
    struct ctx *c = r->c;
    const char *why = not_its(r, s);
    if (why) {
        source_refuse(r, s, why);
        return;
    }
    struct capture capture = {.place = {"webhook", s->id}, .payload = source_payload(r)};
    capture.external = id_of(r, s, capture.payload);
    if (capture_keep(c, &capture)) {
        capture_run(c, &capture, webhook_source_make);
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "received", json_put_id, capture.id);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void put_more(struct ctx *c, struct json_writer *w, const struct change_set *more) {
    for (int i = 0; i < more->entity->n_fields; i++) {
        if (more->set[i]) {
            json_key_str(w, more->entity->fields[i].name);
            json_put_str(w, value_to_text(c, &more->entity->fields[i], more->values[i]));
        }
    }
}

void webhook_source_try(struct request *r, const struct source *s, struct str payload) {
    struct ctx *c = r->c;
    struct lead_intake in = intake_of(c, s->config, json_parse(c, payload));
    struct lead_clean clean = lead_clean(c->arena, &in);
    struct json_writer w = json_writer(c->arena);
    struct str refused = clean.refused ? message_words(c->language, clean.refused) : STR("");
    if (ctx_failed(c)) {
        refused = message_failure(c->arena, c->language, &c->error);
        ctx_clear_error(c);
    }
    json_begin_object(&w);
    json_key(&w, "fields");
    json_begin_object(&w);
    for (int i = 0; i < LEAD_INTAKE_TEXTS; i++) {
        struct str text = *lead_intake_text(&in, str_from(lead_intake_names[i]));
        if (text.n) {
            JSON_MEMBER(&w, lead_intake_names[i], json_put_str, text);
        }
    }
    put_more(c, &w, in.more);
    json_end_object(&w);
    JSON_MEMBER(&w, "refused", json_put_str, refused);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct text texts[] = {
    {"source.scheme", "签名方式只能是 standard 或 hex", "The signature is standard or hex"},
    {"source.header", "请填写请求头名称", "The name of a header is needed"},
    {"source.map", "请至少对应一个字段，最多 60 个", "Map at least one field, at most 60"},
    {"source.path", "请填写内容里的位置，如 data.phone", "Say where it stands, as data.phone"},
    {0}};

const struct module source_webhook_module = {
    .name = "marketing.source_webhook", .cloud = "marketing", .texts = texts};
