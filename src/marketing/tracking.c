/*
 * Tracking: what visitors do on the company's site, by a script of the company's own.
 *
 * GET /t.js is the script (tracker.js). It sends batches to POST /t, from the site's origin to this
 * one, as text so that a browser asks nothing first. A batch is read and cut to size on the network
 * thread; the writer finds the visitor, adds to his visit and emits the events to the stream of
 * behaviour. Whose visitor it is, is another's business (customer/visitor.h).
 *
 *     {"v": the visitor's key, "s": session, "b": the batch's own id, by which one that is sent
 *      again counts once, "c": consent, "m": the token of a mail's link, "i": a site's token of who
 *      is logged in,
 *      "d": {"language", "device"},
 *      "e": [{"t": kind, or a name of the site's own, "at": ms ago, "u": path, "r": referrer's
 *             host, "ti": title, "dw": ms in view, "utm": {}, "p": {plain properties}}]}
 *
 * Never stored: anything of a browser that asks not to be followed or whose consent was denied;
 * query strings but for campaign and click ids; addresses; texts that look like a phone or a mail.
 * An event that is none is left out and named in the answer, and the others are kept; what is wrong
 * with the batch itself refuses it whole. What is too long is cut, a moment out of bounds is moved
 * into them.
 */
#include "marketing/tracker.h"

#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "customer/visitor.h"
#include "db/db.h"
#include "entity/access.h"
#include "event/event.h"
#include "http/rate_limit.h"
#include "http/route.h"
#include "marketing/mail_parts.h"
#include "marketing/marketing.h"
#include "marketing/source.h"
#include "organization/company.h"

enum {
    EVENTS_MOST = 50,
    BODY_MOST = 32 * 1024,
    SESSION_MOST = 32,
    PATH_MOST = 300,
    TITLE_MOST = 120,
    VALUE_MOST = 100,
    PROPERTIES_MOST = 8,
    NAME_MOST = 40,
    DWELL_MOST = 4 * MS_HOUR,
    AGE_MOST = MS_DAY,
    PERSONAL_DIGITS = 11, /* as many in a row are a phone, or worse */
    RECENT = 20
};

/* A page that is read sends a few batches a minute; an office has one address. */
static const struct rate_limit by_address = {"tracking", 600, 1200};

static const char *const kinds[] = {"page.viewed", "page.left", "link.clicked", "form.started",
                                    NULL};
static const char *const campaign_ids[] = {
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "gclid", "bd_vid",
    "qz_gdt",     "clickid",    "ttclid",       "fbclid",   "msclkid",     NULL};
static const char *const batch_members[] = {"v", "s", "b", "c", "d", "e", "m", "i", NULL};
static const char *const event_members[] = {"t", "at", "u", "r", "ti", "dw", "utm", "p", NULL};

struct tracked {
    const char *type;
    int64_t ago_ms;
    struct str payload; /* JSON members, without the visit's */
};

/* What a request asks to keep. */
struct batch {
    struct sighting who;
    struct str session, id;
    struct str mail, login; /* tokens: of the link he came by, of who is logged in */
    struct tracked events[EVENTS_MOST];
    size_t n;
    int64_t pages, dwell_ms, oldest_ms;
    const struct field_error *left_out; /* why others of the batch are not among them */
};

static const char *listed(const char *const *names, struct str name) {
    for (; *names; names++) {
        if (str_is(name, *names)) {
            return *names;
        }
    }
    return NULL;
}

/* A word that programs write: a letter, then letters, digits and "_". */
static bool is_name(struct str s) {
    bool good = s.n > 0 && s.n <= NAME_MOST && s.p[0] >= 'a' && s.p[0] <= 'z';
    for (size_t i = 0; good && i < s.n; i++) {
        good = (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
               s.p[i] == '_';
    }
    return good;
}

static bool is_session(struct str s) {
    bool good = s.n > 0 && s.n <= SESSION_MOST;
    for (size_t i = 0; good && i < s.n; i++) {
        char ch = s.p[i], low = (char)(ch | 0x20);
        good = (ch >= '0' && ch <= '9') || (low >= 'a' && low <= 'z') || ch == '-' || ch == '_';
    }
    return good;
}

static bool looks_personal(struct str s) {
    int digits = 0;
    for (size_t i = 0; i < s.n; i++) {
        digits = s.p[i] >= '0' && s.p[i] <= '9' ? digits + 1 : 0;
        if (digits >= PERSONAL_DIGITS || s.p[i] == '@') {
            return true;
        }
    }
    return str_find(s, STR("%40")) >= 0;
}

static struct str member_text(const struct json *o, const char *key, size_t most) {
    struct str s = text_truncate(json_text(o, key), most);
    return looks_personal(s) ? STR("") : s;
}

/* The path alone, each part that looks like somebody's replaced by "*". */
static struct str path_clean(struct arena *a, struct str given) {
    struct text_buffer out = {.arena = a};
    size_t end = 0, begin = 0;
    while (end < given.n && given.p[end] != '?' && given.p[end] != '#') {
        end++;
    }
    for (size_t i = 0; i <= end; i++) {
        if (i < end && given.p[i] != '/') {
            continue;
        }
        struct str part = str_slice(given, begin, i);
        text_add(&out, looks_personal(part) ? STR("*") : part);
        text_add_c(&out, i < end ? "/" : "");
        begin = i + 1;
    }
    return text_truncate(text_str(&out), PATH_MOST);
}

static void wrong(struct ctx *c, const char *where, struct str member, const char *why) {
    FAIL_FIELD(c, str_format(c->arena, "%s/%.*s", where, STR_ARG(member)), why);
}

static void members_known(struct ctx *c, const struct json *o, const char *const *names,
                          const char *where) {
    for (size_t i = 0; json_is(o, JSON_IS_OBJECT) && i < o->n; i++) {
        if (!listed(names, o->members[i].key)) {
            wrong(c, where, o->members[i].key, "field.unknown");
        }
    }
}

static void put_text(struct json_writer *w, const char *key, struct str value) {
    if (value.n) {
        JSON_MEMBER(w, key, json_put_str, value);
    }
}

/* The campaign and click ids among the members, as an object; false when there are none. */
static bool put_campaign(struct json_writer *w, const struct json *utm) {
    bool any = false;
    for (const char *const *id = campaign_ids; *id; id++) {
        struct str value = text_truncate(json_text(utm, *id), TITLE_MOST);
        if (!value.n || str_find_char(value, '@') >= 0) {
            continue;
        }
        if (!any) {
            json_key(w, "utm");
            json_begin_object(w);
        }
        JSON_MEMBER(w, *id, json_put_str, value);
        any = true;
    }
    if (any) {
        json_end_object(w);
    }
    return any;
}

static void put_properties(struct json_writer *w, const struct json *given) {
    size_t kept = 0;
    if (!json_is(given, JSON_IS_OBJECT) || !given->n) {
        return;
    }
    json_key(w, "properties");
    json_begin_object(w);
    for (size_t i = 0; i < given->n && kept < PROPERTIES_MOST; i++) {
        const struct json_member *m = &given->members[i];
        enum json_kind kind = m->value.kind;
        bool text = kind == JSON_IS_TEXT && !looks_personal(m->value.text);
        bool number = kind == JSON_IS_INT || kind == JSON_IS_REAL;
        if (!is_name(m->key) || !(text || number || kind == JSON_IS_BOOL)) {
            continue;
        }
        json_key_str(w, m->key);
        if (text) {
            json_put_str(w, text_truncate(m->value.text, VALUE_MOST));
        } else {
            json_put_json(w, &m->value);
        }
        kept++;
    }
    json_end_object(w);
}

static int64_t bounded(int64_t value, int64_t most) {
    return value < 0 ? 0 : value > most ? most : value;
}

/* How the visitor came: where he landed, from whom, with which campaign. */
static struct str touch_of(struct ctx *c, const struct json *e) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    put_text(&w, "landing", path_clean(c->arena, json_text(e, "u")));
    put_text(&w, "referrer", member_text(e, "r", VALUE_MOST));
    put_campaign(&w, json_get(e, "utm"));
    json_end_object(&w);
    return json_str(&w);
}

static void event_parse(struct ctx *c, struct batch *b, const struct json *e, size_t i) {
    struct str type = json_text(e, "t");
    const char *kind = listed(kinds, type);
    const char *where = str_to_c(c->arena, str_format(c->arena, "/e/%zu", i));
    const struct field_error *before = c->error.last_field;
    members_known(c, e, event_members, where);
    if (!kind && !is_name(type)) {
        wrong(c, where, STR("t"), "tracking.kind");
    }
    if (c->error.last_field != before) {
        return;
    }
    struct tracked *out = &b->events[b->n++];
    *out = (struct tracked){.type = kind ? kind : "custom.happened",
                            .ago_ms = bounded(json_int(e, "at", 0), AGE_MOST)};
    int64_t dwell = bounded(json_int(e, "dw", 0), DWELL_MOST);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    put_text(&w, "name", kind ? STR("") : type);
    put_text(&w, "path", path_clean(c->arena, json_text(e, "u")));
    put_text(&w, "referrer", member_text(e, "r", VALUE_MOST));
    put_text(&w, "title", member_text(e, "ti", TITLE_MOST));
    if (dwell) {
        JSON_MEMBER(&w, "dwell_ms", json_put_int, dwell);
    }
    put_campaign(&w, json_get(e, "utm"));
    put_properties(&w, json_get(e, "p"));
    json_end_object(&w);
    out->payload = json_str(&w);
    b->pages += kind == kinds[0];
    b->dwell_ms += dwell;
    b->oldest_ms = out->ago_ms > b->oldest_ms ? out->ago_ms : b->oldest_ms;
    if (!b->who.touch.n && kind == kinds[0]) {
        b->who.touch = touch_of(c, e);
    }
}

static void who_parse(struct ctx *c, struct batch *b, const struct json *body) {
    static const char *const consents[] = {"unknown", "granted", "denied", NULL};
    static const char *const devices[] = {"phone", "tablet", "desktop", NULL};
    static const char *const device_members[] = {"language", "device", NULL};
    const struct json *about = json_get(body, "d");
    struct str consent = json_text(body, "c");
    const char *device = listed(devices, json_text(about, "device"));
    members_known(c, body, batch_members, "");
    members_known(c, about, device_members, "/d");
    b->who.key = json_text(body, "v");
    b->who.consent = consent.n ? consent : STR("unknown");
    b->who.language = member_text(about, "language", 20);
    b->who.device = str_from(device ? device : "desktop");
    b->session = json_text(body, "s");
    b->id = json_text(body, "b");
    b->mail = json_text(body, "m");
    b->login = json_text(body, "i");
    if (!visitor_key_valid(b->who.key)) {
        wrong(c, "", STR("v"), "visitor.key");
    }
    if (!is_session(b->session)) {
        wrong(c, "", STR("s"), "tracking.session");
    }
    if (b->id.n && !is_session(b->id)) {
        wrong(c, "", STR("b"), "tracking.session");
    }
    if (!listed(consents, b->who.consent)) {
        wrong(c, "", STR("c"), "tracking.consent");
    }
}

static struct batch *batch_parse(struct ctx *c, const struct json *body) {
    struct batch *b = ARENA_NEW(c->arena, struct batch);
    const struct json *events = json_get(body, "e");
    who_parse(c, b, body);
    if (!json_is(events, JSON_IS_ARRAY) || events->n > EVENTS_MOST) {
        wrong(c, "", STR("e"), "tracking.events");
        return b;
    }
    bool good = !ctx_failed(c);
    for (size_t i = 0; i < events->n; i++) {
        event_parse(c, b, &events->items[i], i);
    }
    if (good && b->n) {
        b->left_out = c->error.fields;
        ctx_clear_error(c);
    }
    return b;
}

/* On the network thread: r->state is what is to be kept, NULL when nothing may be. */
static void track_prepare(struct request *r) {
    struct ctx *c = r->c;
    r->state = NULL;
    request_rate_limit(r, &by_address, r->client);
    if (!ctx_failed(c) && r->body.n > BODY_MOST) {
        FAIL(c, ERROR_LIMIT, "request.too_large", {"limit", STR("32 KB")});
    }
    if (ctx_failed(c) || visitor_declines(r)) {
        return;
    }
    const struct json *body = request_json(r);
    if (body) {
        r->state = batch_parse(c, body);
    }
}

/* {"visit":"7","path":…} */
static struct str payload_of(struct ctx *c, const struct tracked *t, int64_t visit_id) {
    const char *more = t->payload.n > 2 ? "," : "";
    return str_format(c->arena, "{\"visit\":\"%lld\"%s%.*s", (long long)visit_id, more,
                      (int)t->payload.n - 1, t->payload.p + 1);
}

static void batch_keep(struct ctx *c, const struct batch *b) {
    int64_t visitor = visitor_seen(c, &b->who);
    if (visitor && b->mail.n) {
        mail_arrived(c, b->mail, visitor);
    }
    if (visitor && b->login.n) {
        site_signed_in(c, b->login, b->who.key);
    }
    if (!visitor || !b->n) {
        return;
    }
    int64_t visit = visit_continue(c, &(struct visit_part){.visitor_id = visitor,
                                                           .session = b->session,
                                                           .batch = b->id,
                                                           .touch = b->who.touch,
                                                           .began_at = c->now_ms - b->oldest_ms,
                                                           .ended_at = c->now_ms,
                                                           .pages = b->pages,
                                                           .dwell_ms = b->dwell_ms});
    for (size_t i = 0; visit && i < b->n && !ctx_failed(c); i++) {
        const struct tracked *t = &b->events[i];
        event_emit(c, &(struct event){.stream = STREAM_BEHAVIOUR,
                                      .type = str_from(t->type),
                                      .occurred_at = c->now_ms - t->ago_ms,
                                      .person_id = visitor,
                                      .payload = payload_of(c, t, visit)});
    }
}

/* {"kept":19,"left_out":[{"pointer":"/e/3/t","code":"tracking.kind","message":"…"}]} */
static void reply_left_out(struct request *r, const struct batch *b) {
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "kept", json_put_int, (int64_t)b->n);
    json_key(&w, "left_out");
    json_begin_array(&w);
    for (const struct field_error *e = b->left_out; e; e = e->next) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "pointer", json_put_str, e->pointer);
        JSON_MEMBER(&w, "code", json_put_c, e->text);
        JSON_MEMBER(&w, "message", json_put_str, message_words(r->c->language, e->text));
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void track_post(struct request *r) {
    const struct batch *b = r->state;
    if (b) {
        r->c->actor = &actor_system;
        batch_keep(r->c, b);
    }
    if (!ctx_failed(r->c)) {
        r->reply.status = 204;
        if (b && b->left_out) {
            reply_left_out(r, b);
        }
        reply_header(r, "Access-Control-Allow-Origin", STR("*"));
    }
}

static void script_get(struct request *r) {
    struct str script = {tracker_script, tracker_script_size};
    reply_text(r, 200, "text/javascript; charset=utf-8", script);
    reply_header(r, "ETag", str_from(tracker_script_tag));
    reply_header(r, "Cache-Control", STR("public, max-age=3600"));
}

static void put_recent(struct ctx *c, struct json_writer *w) {
    size_t n;
    struct event *events = event_read_range(
        c, &(struct event_range){.stream = STREAM_BEHAVIOUR, .limit = RECENT, .newest_first = true},
        &n);
    json_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        json_begin_object(w);
        JSON_MEMBER(w, "at", json_put_instant, events[i].occurred_at);
        JSON_MEMBER(w, "type", json_put_str, events[i].type);
        JSON_MEMBER(w, "data", json_put_raw, events[i].payload);
        json_end_object(w);
    }
    json_end_array(w);
}

/* How much came today, from the daily totals, which follow the stream within a second or so. */
static int64_t today_total(struct ctx *c, const char *type) {
    char day[DATE_TEXT];
    date_format(zone_date(company_zone(c), c->now_ms), day);
    return DB_INT(c,
                  "SELECT CAST(sum(events) AS BIGINT) FROM behaviour_daily WHERE day = $1 "
                  "AND type = $2",
                  (const char *)day, type);
}

static void tracking_get(struct request *r) {
    struct ctx *c = r->c;
    int64_t midnight = zone_midnight(company_zone(c), zone_date(company_zone(c), c->now_ms));
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "script", json_put_c, "/t.js");
    JSON_MEMBER(&w, "pages_today", json_put_int, today_total(c, "page.viewed"));
    JSON_MEMBER(&w, "visitors_today", json_put_int,
                DB_INT(c, "SELECT count(*) FROM visitor WHERE last_seen >= $1", midnight));
    JSON_MEMBER(&w, "visitors", json_put_int, DB_INT(c, "SELECT count(*) FROM visitor"));
    JSON_MEMBER(&w, "identified", json_put_int,
                DB_INT(c, "SELECT count(DISTINCT visitor_id) FROM visitor_link "
                          "WHERE removed_at IS NULL"));
    json_key(&w, "recent");
    put_recent(c, &w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/t.js", PERMISSION_PUBLIC, LANE_INLINE, script_get, .flags = ROUTE_HIDDEN,
     .summary = "route.tracking_script"},
    {METHOD_POST, "/t", PERMISSION_PUBLIC, LANE_WRITER, track_post, .prepare = track_prepare,
     .flags = ROUTE_HIDDEN | ROUTE_NO_CSRF | ROUTE_PREPARE_HERE, .summary = "route.tracking"},
    {METHOD_GET, "/api/v1/tracking", "automation:manage", LANE_SLOW, tracking_get,
     .summary = "route.tracking_state",
     .answer = "script:text! pages_today:integer! visitors_today:integer! visitors:integer! "
               "identified:integer! recent:[(at:instant! type:text! data:object!)]!"},
    {0}};

static const struct text texts[] = {
    {"tracking.session", "会话或批次的标识应为 1 到 32 个字母、数字、- 或 _",
     "The id of a session or a batch has 1 to 32 letters, digits, - or _"},
    {"tracking.consent", "同意状态只能是 unknown、granted 或 denied",
     "Consent is unknown, granted or denied"},
    {"tracking.events", "一批应有 1 个列表，最多 50 个事件",
     "A batch has a list of at most 50 events"},
    {"tracking.kind", "不认识的事件类型", "This is no kind of event"},
    {"route.tracking_script", "网站跟踪脚本", "The tracking script"},
    {"route.tracking", "接收访客行为", "Take in what visitors did"},
    {"route.tracking_state", "网站跟踪的情况", "State of the tracking"},
    {0}};

const struct module tracking_module = {
    .name = "marketing.tracking", .cloud = "marketing", .routes = routes, .texts = texts};
