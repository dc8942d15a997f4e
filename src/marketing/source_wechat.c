/*
 * WeChat Official Accounts: who follows, writes, scans a code or uses the menu becomes somebody we
 * know, and gets an answer at once.
 *
 * Config: {"app_id":"wx…", "source":"公众号", "rules":[
 *   {"on":"follow", "reply":"…", "lead":false, "campaign":""},
 *   {"on":"keyword", "value":"报价", "match":"contains", "reply":"…", "lead":true},
 *   {"on":"menu", "value":"DEMO", …}, {"on":"scan", "value":"fair-2026", …},
 *   {"on":"message", "reply":"…"}], "window_seconds":300}
 * The first rule that fits decides. A code that was scanned to follow is asked for by its scene
 * first, then as a follow. A follower is a person with an identity "wechat" and needs neither phone
 * nor mail; a rule with "lead" makes a lead of him, and so does a number he writes.
 *
 * Events out: wechat.followed, .unfollowed, .messaged, .menu_clicked, .scanned (subject: the
 * person), payload {"source_id","key"}: the menu's or the code's. What somebody wrote is in no
 * event. A plain message's signature covers its time and nonce alone, an encrypted one's all of it:
 * whoever saw a plain address called could send a message of his own to it, within the window.
 * Following is consent to be written to there; unfollowing takes it back.
 */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/message.h"
#include "base/module.h"
#include "base/phone.h"
#include "base/text.h"
#include "connector/wechat_crypt.h"
#include "connector/wechat_message.h"
#include "customer/consent.h"
#include "customer/lead.h"
#include "customer/person.h"
#include "db/db.h"
#include "entity/access.h"
#include "event/event.h"
#include "marketing/marketing.h"
#include "marketing/source.h"

enum { RULES_MOST = 60, REPLY_MOST = 600, VALUE_MOST = 100, NONCE_BYTES = 8 };

static const char *const occasions[] = {"follow", "keyword", "menu", "scan", "message", NULL};

/* Configuration. */

static void rule_check(struct ctx *c, const struct json *rule, size_t i) {
    struct str on = json_text(rule, "on"), value = json_text(rule, "value");
    bool needs = !str_is(on, "follow") && !str_is(on, "message");
    if (!str_among(occasions, on)) {
        FAIL_FIELD(c, str_format(c->arena, "/config/rules/%zu/on", i), "wechat.occasion");
    }
    if ((needs && !text_trim(value).n) || text_length(value) > VALUE_MOST) {
        FAIL_FIELD(c, str_format(c->arena, "/config/rules/%zu/value", i), "wechat.value");
    }
    if (text_length(json_text(rule, "reply")) > REPLY_MOST) {
        FAIL_FIELD(c, str_format(c->arena, "/config/rules/%zu/reply", i), "form.too_long");
    }
    if (text_length(json_text(rule, "campaign")) > 120) {
        FAIL_FIELD(c, str_format(c->arena, "/config/rules/%zu/campaign", i), "form.too_long");
    }
}

void wechat_source_check(struct ctx *c, const struct json *config) {
    struct str app = json_text(config, "app_id");
    const struct json *rules = json_get(config, "rules");
    if (!str_starts(app, STR("wx")) || app.n > 40) {
        FAIL_FIELD(c, STR("/config/app_id"), "wechat.app_id");
    }
    source_window_check(c, config);
    if (text_length(json_text(config, "source")) > 60) {
        FAIL_FIELD(c, STR("/config/source"), "form.too_long");
    }
    if (rules && (rules->kind != JSON_IS_ARRAY || rules->n > RULES_MOST)) {
        FAIL_FIELD(c, STR("/config/rules"), "form.too_many");
        return;
    }
    for (size_t i = 0; rules && i < rules->n; i++) {
        rule_check(c, &rules->items[i], i);
    }
}

/* What was sent, in the words of the rules. */
struct occurrence {
    const struct wechat_message *message;
    const char *on;   /* "follow" "keyword" "menu" "scan" "unfollow"; NULL: nothing of ours */
    struct str value; /* menu key, scene, what was written */
};

static struct str scene_of(const struct wechat_message *m) {
    struct str prefix = STR("qrscene_");
    return str_starts(m->key, prefix) ? str_slice(m->key, prefix.n, m->key.n) : m->key;
}

static struct occurrence occurrence_of(const struct wechat_message *m) {
    struct occurrence o = {.message = m};
    if (str_is(m->type, "text") || str_is(m->type, "voice")) {
        o.on = "keyword";
        o.value = m->content;
    } else if (!str_is(m->type, "event")) {
        o.on = "message";
    } else if (str_is(m->event, "subscribe")) {
        o.on = "follow";
        o.value = scene_of(m);
    } else if (str_is(m->event, "unsubscribe")) {
        o.on = "unfollow";
    } else if (str_is(m->event, "SCAN")) {
        o.on = "scan";
        o.value = m->key;
    } else if (str_is(m->event, "CLICK") || str_is(m->event, "VIEW")) {
        o.on = "menu";
        o.value = m->key;
    }
    return o;
}

static bool rule_fits(struct ctx *c, const struct json *rule, const char *on, struct str value) {
    struct str wanted = json_text(rule, "value");
    if (!str_is(json_text(rule, "on"), on)) {
        return false;
    }
    if (str_is(str_from(on), "keyword")) {
        struct str said = text_search_key(c->arena, value);
        struct str word = text_search_key(c->arena, wanted);
        return str_is(json_text(rule, "match"), "equals") ? str_equal(said, word)
                                                          : str_find(said, word) >= 0;
    }
    return !wanted.n || str_equal(wanted, value);
}

static const struct json *rule_for(struct ctx *c, const struct json *config, const char *on,
                                   struct str value) {
    const struct json *rules = json_get(config, "rules");
    for (size_t i = 0; json_is(rules, JSON_IS_ARRAY) && i < rules->n; i++) {
        if (rule_fits(c, &rules->items[i], on, value)) {
            return &rules->items[i];
        }
    }
    return NULL;
}

static const struct json *rule_of(struct ctx *c, const struct json *config,
                                  const struct occurrence *o) {
    const struct json *rule = NULL;
    if (!o->on || str_is(str_from(o->on), "unfollow")) {
        return NULL;
    }
    if (str_is(str_from(o->on), "follow") && o->value.n) {
        rule = rule_for(c, config, "scan", o->value);
    }
    rule = rule ? rule : rule_for(c, config, o->on, o->value);
    bool said = str_is(str_from(o->on), "keyword");
    return rule || !said ? rule : rule_for(c, config, "message", STR(""));
}

/* What becomes of it. */

static struct str identity_of(struct ctx *c, const struct json *config, struct str openid) {
    struct str app = json_text(config, "app_id");
    return str_format(c->arena, "%.*s:%.*s", STR_ARG(app), STR_ARG(text_truncate(openid, 60)));
}

static struct str name_of(struct ctx *c, struct str openid) {
    size_t from = openid.n > 6 ? openid.n - 6 : 0;
    struct str end = str_slice(openid, from, openid.n);
    return str_format(c->arena, "微信用户 %.*s", STR_ARG(end));
}

static int64_t person_make(struct ctx *c, const struct lead_intake *in) {
    struct change_set set = change_new(c, entity_named(c, "person"));
    change_text(&set, "name", in->name);
    change_text(&set, "source", in->source);
    struct record *person = record_insert(c, &set);
    int64_t id = person ? person->id : 0;
    person_identify(c, id, &(struct person_identities){.wechat = in->wechat});
    return id;
}

static void emit(struct ctx *c, const struct occurrence *o, const struct capture *capture) {
    static const char *const types[][2] = {{"follow", "wechat.followed"},
                                           {"unfollow", "wechat.unfollowed"},
                                           {"menu", "wechat.menu_clicked"},
                                           {"scan", "wechat.scanned"}};
    const char *type = "wechat.messaged";
    bool told = false;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (str_is(str_from(o->on), types[i][0])) {
            type = types[i][1];
            told = true;
        }
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "source_id", json_put_id, capture->place.id);
    if (told && o->value.n) {
        JSON_MEMBER(&w, "key", json_put_str, text_truncate(o->value, VALUE_MOST));
    }
    json_end_object(&w);
    event_emit(c, &(struct event){.type = str_from(type),
                                  .subject_type = STR("person"),
                                  .subject_id = capture->person_id,
                                  .person_id = capture->person_id,
                                  .payload = json_str(&w)});
}

static void keep_consent(struct ctx *c, const struct source *s, const struct capture *capture,
                         bool follows) {
    struct str text = message_format(c->arena, LANGUAGE_ZH, "wechat.consent",
                                     &(struct text_parameter){"name", s->name}, 1);
    consent_record(c, &(struct consent_line){.person_id = capture->person_id,
                                             .channel = STR("wechat"),
                                             .given = follows,
                                             .text = text,
                                             .source = STR("wechat"),
                                             .source_id = capture->id,
                                             .at = capture->received_at});
}

/* A mobile number somebody wrote to be called at. */
static struct str number_in(struct ctx *c, const struct occurrence *o) {
    struct phone phone;
    bool said = str_is(str_from(o->on), "keyword") && phone_parse(o->value, &phone) &&
                phone.kind == PHONE_MOBILE;
    return said ? str_copy(c->arena, str_from(phone.digits)) : STR("");
}

static struct lead_intake intake_of(struct ctx *c, const struct source *s,
                                    const struct occurrence *o, const struct json *rule) {
    struct str source = json_text(s->config, "source"), campaign = json_text(rule, "campaign");
    struct lead_intake in = {.name = name_of(c, o->message->from),
                             .phone = number_in(c, o),
                             .wechat = identity_of(c, s->config, o->message->from),
                             .source = source.n ? source : s->name,
                             .campaign = campaign};
    in.origin.medium = str_from(o->on);
    in.origin.keyword = text_truncate(o->value, VALUE_MOST);
    if (in.phone.n) {
        in.origin.keyword = STR(""); /* a number is nobody's keyword */
    }
    return in;
}

static void take_in(struct ctx *c, struct capture *capture, const struct source *s,
                    const struct occurrence *o) {
    const struct json *rule = rule_of(c, s->config, o);
    struct lead_intake in = intake_of(c, s, o, rule);
    in.payload = STR("{}");
    in.received_at = capture->received_at;
    bool touch = (rule && !str_is(json_text(rule, "on"), "message")) ||
                 str_is(str_from(o->on), "follow");
    struct person_identities by = {.wechat = in.wechat};
    capture->person_id = person_find(c, &by);
    if (in.phone.n || json_bool(rule, "lead", false)) {
        struct intake_result result = lead_take_in(c, &in);
        capture->person_id = result.person_id;
        capture->lead_id = result.lead_id;
        capture->touch_id = result.touch_id;
        return;
    }
    if (!capture->person_id) {
        capture->person_id = person_make(c, &in);
    }
    if (touch) {
        capture->touch_id = lead_touch(c, &in, capture->person_id, &capture->lead_id);
    }
}

void wechat_source_make(struct ctx *c, struct capture *capture) {
    const struct source *s = source_find(c, capture->place.id, false);
    struct wechat_message message;
    if (!s) {
        FAIL(c, ERROR_ABSENT, "source.absent");
        return;
    }
    if (!wechat_message_read(c->arena, capture->payload, &message) || !message.from.n) {
        FAIL(c, ERROR_INVALID, "wechat.xml");
        return;
    }
    struct occurrence o = occurrence_of(&message);
    if (!o.on) {
        capture->state = STR("ignored");
        return;
    }
    if (str_is(str_from(o.on), "unfollow")) {
        struct person_identities by = {.wechat = identity_of(c, s->config, message.from)};
        capture->person_id = person_find(c, &by);
        capture->state = capture->person_id ? capture->state : STR("ignored");
    } else {
        take_in(c, capture, s, &o);
    }
    bool follows = str_is(str_from(o.on), "follow");
    if (capture->person_id && !ctx_failed(c)) {
        emit(c, &o, capture);
        if (follows || str_is(str_from(o.on), "unfollow")) {
            keep_consent(c, s, capture, follows);
        }
    }
}

/* The address. */

/* The signature of the query, with the token or the one before it. */
static bool signed_by(struct request *r, const struct source *s, struct str encrypt) {
    struct str given = request_query(r, encrypt.n ? "msg_signature" : "signature");
    const struct str tokens[] = {s->secret, s->previous};
    for (size_t i = 0; i < 2; i++) {
        struct str texts[WECHAT_SIGNED] = {tokens[i], request_query(r, "timestamp"),
                                           request_query(r, "nonce"), encrypt};
        struct str wanted = wechat_signature(r->c->arena, texts, encrypt.n ? 4 : 3);
        if (tokens[i].n && secret_equal(wanted, given)) {
            return true;
        }
    }
    return false;
}

static bool opened(struct request *r, const struct source *s, struct str encrypt,
                   struct str *plain) {
    unsigned char key[WECHAT_KEY_BYTES];
    return wechat_key_read(r->c->arena, s->second, key) &&
           wechat_decrypt(r->c->arena, key, encrypt, json_text(s->config, "app_id"), plain);
}

static void refuse_plainly(struct request *r) {
    FAIL(r->c, ERROR_DENIED, "source.signature");
}

static bool in_time(const struct request *r, const struct source *s) {
    return source_in_time(r, s, request_query(r, "timestamp"), &(int64_t){0});
}

void wechat_source_get(struct request *r, const struct source *s) {
    struct str echo = request_query(r, "echostr");
    bool sealed = request_query(r, "msg_signature").n > 0;
    if (!signed_by(r, s, sealed ? echo : STR("")) || !in_time(r, s) ||
        (sealed && !opened(r, s, echo, &echo))) {
        refuse_plainly(r);
        return;
    }
    reply_text(r, 200, "text/plain; charset=utf-8", echo);
}

static void answer_sealed(struct request *r, const struct source *s, struct str xml) {
    struct ctx *c = r->c;
    struct wechat_sealing sealing = {.receiver = json_text(s->config, "app_id")};
    struct wechat_envelope e = {
        .timestamp = str_format(c->arena, "%lld", (long long)(c->now_ms / MS_SECOND)),
        .nonce = hex_encode(c->arena, random_token(c->arena, NONCE_BYTES))};
    random_bytes(sealing.random, sizeof sealing.random);
    wechat_key_read(c->arena, s->second, sealing.key);
    e.encrypt = wechat_encrypt(c->arena, &sealing, xml);
    struct str texts[] = {s->secret, e.timestamp, e.nonce, e.encrypt};
    e.signature = wechat_signature(c->arena, texts, 4);
    reply_text(r, 200, "application/xml; charset=utf-8", wechat_reply_sealed(c->arena, &e));
}

static void answer(struct request *r, const struct source *s, const struct wechat_message *m,
                   bool sealed) {
    struct occurrence o = occurrence_of(m);
    const struct json *rule = rule_of(r->c, s->config, &o);
    struct str reply = json_text(rule, "reply");
    struct str xml = reply.n && m->from.n
                         ? wechat_reply_text(r->c->arena, m, reply, r->c->now_ms / MS_SECOND)
                         : STR("");
    if (ctx_failed(r->c)) {
        return;
    }
    if (!xml.n) {
        reply_text(r, 200, "text/plain; charset=utf-8", STR("success"));
    } else if (sealed) {
        answer_sealed(r, s, xml);
    } else {
        reply_text(r, 200, "application/xml; charset=utf-8", xml);
    }
}

/* What came, as it is kept: opened, for the key may change. NULL when it is the account's, else why
 * it is not. */
static const char *not_its(struct request *r, const struct source *s, bool sealed,
                           struct str *xml) {
    struct wechat_message envelope = {0};
    *xml = source_payload(r);
    bool whole = !sealed ||
                 (wechat_message_read(r->c->arena, *xml, &envelope) && envelope.encrypt.n);
    if (!whole || !signed_by(r, s, envelope.encrypt)) {
        return "source.signature";
    }
    if (!in_time(r, s)) {
        return "wechat.late";
    }
    if (!sealed) {
        return NULL;
    }
    bool open = opened(r, s, envelope.encrypt, xml);
    *xml = text_repair(r->c->arena, *xml);
    return open ? NULL : "wechat.sealed";
}

void wechat_source_post(struct request *r, const struct source *s) {
    struct ctx *c = r->c;
    bool sealed = str_is(request_query(r, "encrypt_type"), "aes");
    struct wechat_message message = {0};
    struct str xml;
    const char *why = not_its(r, s, sealed, &xml);
    if (why) {
        source_refuse(r, s, why);
        return;
    }
    struct capture capture = {.place = {"wechat", s->id}, .payload = xml};
    if (wechat_message_read(c->arena, xml, &message)) {
        capture.external = wechat_message_key(c->arena, &message);
    }
    if (capture_keep(c, &capture)) {
        capture_run(c, &capture, wechat_source_make);
    }
    answer(r, s, &message, sealed);
}

static const struct event_type event_types[] = {
    {"wechat.followed", "person", "关注公众号", "followed the account"},
    {"wechat.unfollowed", "person", "取消关注公众号", "unfollowed the account"},
    {"wechat.messaged", "person", "给公众号发消息", "wrote to the account"},
    {"wechat.menu_clicked", "person", "点公众号菜单", "used the account's menu"},
    {"wechat.scanned", "person", "扫公众号二维码", "scanned a code of the account"},
    {0}};

static const struct text texts[] = {
    {"wechat.app_id", "AppID 以 wx 开头", "An AppID begins with wx"},
    {"wechat.occasion", "场景只能是 follow、keyword、menu、scan 或 message",
     "The occasion is follow, keyword, menu, scan or message"},
    {"wechat.value", "请填写关键词、菜单或二维码的值",
     "The keyword, the menu's key or the code's scene is needed"},
    {"wechat.sealed", "签名对，但解不开：EncodingAESKey 不对，或不是这个 AppID 的消息",
     "Signed well, but it cannot be opened: another EncodingAESKey, or another AppID"},
    {"wechat.late", "签名的时间离现在太远：重放，或服务器时间不准",
     "Signed too far from now: sent again, or this server's clock is wrong"},
    {"wechat.xml", "不是公众号消息", "This is no message of an account"},
    {"wechat.consent", "关注公众号「{name}」", "Followed the account \"{name}\""},
    {0}};

const struct module source_wechat_module = {
    .name = "marketing.source_wechat", .cloud = "marketing", .events = event_types, .texts = texts};
