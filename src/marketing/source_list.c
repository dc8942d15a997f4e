/*
 * The page of sources: every place people come in by, whether it lives, what it brought, and what
 * of it could not be understood, to be looked at and tried again.
 *
 * Whoever looks at what was sent sees what leads will be made of: that needs the right to read all
 * leads. Numbers and mails are masked for those who do not read phones and mails in full.
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "connector/wechat_message.h"
#include "db/db.h"
#include "db/sql.h"
#include "entity/access.h"
#include "http/route.h"
#include "marketing/form.h"
#include "marketing/form_answers.h"
#include "marketing/marketing.h"
#include "marketing/source.h"

#define MANAGE "sources:manage"

enum { FORMS_MOST = 100, REPLAYED_MOST = 200 };

struct row {
    const char *kind;
    int64_t id;
    struct str name, path, state; /* "on" "paused" "archived" */
    int64_t refused, refused_at;
    struct str refused_why;
};

static void row_head(struct json_writer *w, const struct row *row) {
    JSON_MEMBER(w, "kind", json_put_c, row->kind);
    JSON_MEMBER(w, "id", json_put_id, row->id);
    JSON_MEMBER(w, "name", json_put_str, row->name);
    JSON_MEMBER(w, "path", json_put_str, row->path);
    JSON_MEMBER(w, "state", json_put_str, row->state);
    JSON_MEMBER(w, "refused", json_put_int, row->refused);
    JSON_MEMBER(w, "refused_at", json_put_instant_or_null, row->refused_at);
    JSON_MEMBER(w, "refused_why", json_put_str, row->refused_why);
}

static void counts_put(struct json_writer *w, const struct capture_counts *counts) {
    JSON_MEMBER(w, "last_at", json_put_instant_or_null, counts->last_at);
    JSON_MEMBER(w, "today", json_put_int, counts->today);
    JSON_MEMBER(w, "week", json_put_int, counts->week);
    JSON_MEMBER(w, "week_failed", json_put_int, counts->week_failed);
    JSON_MEMBER(w, "failed", json_put_int, counts->failed);
}

static void row_put(struct ctx *c, struct json_writer *w, const struct row *row) {
    struct capture_counts counts = capture_counts(c, &(struct capture_place){row->kind, row->id});
    json_begin_object(w);
    row_head(w, row);
    counts_put(w, &counts);
    json_end_object(w);
}

static size_t forms_read(struct ctx *c, struct row *rows_out) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id, name, slug, status FROM form WHERE version_number > 0 "
             "AND deleted_at IS NULL ORDER BY id DESC LIMIT $1",
             (int64_t)FORMS_MOST);
    while (n < FORMS_MOST && db_next(&rows)) {
        struct str slug = db_text(&rows, 2);
        bool on = str_is(db_view(&rows, 3), "published");
        rows_out[n++] = (struct row){.kind = "form",
                                     .id = db_int(&rows, 0),
                                     .name = db_text(&rows, 1),
                                     .path = str_format(c->arena, "/f/%.*s", STR_ARG(slug)),
                                     .state = on ? STR("on") : STR("archived")};
    }
    db_done(&rows);
    return n;
}

static size_t sources_read(struct ctx *c, struct row *rows_out, size_t most) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id, name, key, kind, enabled, refused, refused_at, refused_why "
             "FROM capture_source ORDER BY id LIMIT $1",
             (int64_t)most);
    while (n < most && db_next(&rows)) {
        struct str key = db_text(&rows, 2), why = db_text(&rows, 7);
        rows_out[n++] = (struct row){
            .kind = str_to_c(c->arena, db_view(&rows, 3)),
            .id = db_int(&rows, 0),
            .name = db_text(&rows, 1),
            .path = str_format(c->arena, "/hook/%.*s", STR_ARG(key)),
            .state = db_int(&rows, 4) ? STR("on") : STR("paused"),
            .refused = db_int(&rows, 5),
            .refused_at = db_int(&rows, 6),
            .refused_why = why.n ? message_words(c->language, str_to_c(c->arena, why)) : STR("")};
    }
    db_done(&rows);
    return n;
}

/* Files keep their own log: rows of this week, and those refused. */
static void import_put(struct ctx *c, struct json_writer *w) {
    struct row row = {.kind = "import", .path = STR("/imports"), .state = STR("on")};
    struct capture_counts counts = {0};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT max(created_at), CAST(sum(CASE WHEN created_at >= $1 THEN created + merged "
             "+ refused ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN created_at >= $1 THEN refused "
             "ELSE 0 END) AS BIGINT) FROM import_job WHERE entity = 'lead'",
             c->now_ms - 7 * (int64_t)MS_DAY);
    if (db_next(&rows)) {
        counts.last_at = db_int(&rows, 0);
        counts.week = db_int(&rows, 1);
        counts.week_failed = db_int(&rows, 2);
    }
    db_done(&rows);
    json_begin_object(w);
    row_head(w, &row);
    counts_put(w, &counts);
    json_end_object(w);
}

static void sources_get(struct request *r) {
    enum { MOST = 200 };
    struct ctx *c = r->c;
    struct row *list = ARENA_NEW_ARRAY(c->arena, FORMS_MOST + MOST, struct row);
    size_t n = forms_read(c, list);
    n += sources_read(c, list + n, MOST);
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        row_put(c, &w, &list[i]);
    }
    row_put(c, &w,
            &(struct row){.kind = "api", .path = STR("/api/v1/public/leads"), .state = STR("on")});
    import_put(c, &w);
    reply_list_end(r, &w);
}

/* What was sent. */

static bool may_see(struct ctx *c) {
    bool all = access_scope(c->actor, entity_named(c, "lead"), ACTION_READ) == SCOPE_ALL;
    if (!all) {
        FAIL(c, ERROR_DENIED, "access.denied");
    }
    return all;
}

static bool sees_in_full(struct ctx *c) {
    static const char *const personal[] = {"phone", "email"};
    const struct entity *lead = entity_named(c, "lead");
    bool full = true;
    for (size_t i = 0; i < sizeof personal / sizeof *personal; i++) {
        const struct field *f = entity_field(lead, str_from(personal[i]));
        full = full && access_field(c->actor, lead, f) >= RIGHT_READ;
    }
    return full;
}

static bool of_mail(char b) {
    char low = (char)(b | 0x20);
    return (low >= 'a' && low <= 'z') || (b >= '0' && b <= '9') || b == '.' || b == '_' ||
           b == '+' || b == '-';
}

/* With stars for the middle of long numbers and for what stands before the @ of mails. */
static struct str masked(struct ctx *c, struct str text) {
    enum { NUMBER = 7, HEAD = 3, TAIL = 2 };
    struct str out = str_copy(c->arena, text);
    char *p = (char *)(uintptr_t)out.p;
    for (size_t i = 0, digits = 0; i <= text.n; i++) {
        bool digit = i < text.n && p[i] >= '0' && p[i] <= '9';
        for (size_t k = i - digits + HEAD; !digit && digits >= NUMBER && k + TAIL < i; k++) {
            p[k] = '*';
        }
        digits = digit ? digits + 1 : 0;
        for (size_t k = i; i < text.n && p[i] == '@' && k > 0 && of_mail(p[k - 1]); k--) {
            p[k - 1] = k > 1 && of_mail(p[k - 2]) ? '*' : p[k - 1];
        }
    }
    return out;
}

static const char *kind_asked(struct ctx *c, struct str kind) {
    static const char *const kinds[] = {"form", "webhook", "wechat", "site", "api"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (str_is(kind, kinds[i])) {
            return kinds[i];
        }
    }
    FAIL_FIELD(c, STR("/kind"), "source.no_kind");
    return "api";
}

/* A submission by its questions, in the words of the reader. */
static void answers_put(struct ctx *c, struct json_writer *w, const struct capture *capture,
                        bool full) {
    const struct form_design *d = form_version(c, capture->place.id, capture->version);
    const struct json *payload = d ? json_parse(c, capture->payload) : NULL;
    const struct actor *actor = c->actor;
    json_begin_array(w);
    if (payload && !ctx_failed(c)) {
        c->actor = &actor_system;
        struct form_answers *answers = form_answers_read(c, d, json_get(payload, "values"));
        ctx_clear_error(c);
        c->actor = actor;
        for (size_t i = 0; i < d->n; i++) {
            struct str text = form_answer_text(c, d, answers, i);
            if (text.n) {
                json_begin_object(w);
                JSON_MEMBER(w, "label", json_put_str,
                            form_say(d->questions[i].label.in[0].n || d->questions[i].label.in[1].n
                                         ? &d->questions[i].label
                                         : &d->questions[i].text,
                                     c->language));
                JSON_MEMBER(w, "text", json_put_str, full ? text : masked(c, text));
                json_end_object(w);
            }
        }
    }
    json_end_array(w);
}

static void answer_put(struct ctx *c, struct json_writer *w, const char *label, struct str text) {
    if (text.n) {
        json_begin_object(w);
        JSON_MEMBER(w, "label", json_put_str, message_words(c->language, label));
        JSON_MEMBER(w, "text", json_put_str, text);
        json_end_object(w);
    }
}

/* What an account's follower did, in the words of the reader: XML is nobody's language. */
static void message_put(struct ctx *c, struct json_writer *w, const struct capture *capture,
                        bool full) {
    static const char *const told[][2] = {
        {"subscribe", "wechat.told_follow"}, {"unsubscribe", "wechat.told_unfollow"},
        {"SCAN", "wechat.told_scan"},        {"CLICK", "wechat.told_menu"},
        {"VIEW", "wechat.told_menu"},        {"text", "wechat.told_text"},
        {"voice", "wechat.told_voice"},      {"image", "wechat.told_image"}};
    struct wechat_message m = {0};
    json_begin_array(w);
    if (wechat_message_read(c->arena, capture->payload, &m)) {
        struct str type = m.event.n ? m.event : m.type;
        struct str what = type, said = m.content.n ? m.content : m.key;
        for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
            what = str_is(type, told[i][0]) ? message_words(c->language, told[i][1]) : what;
        }
        answer_put(c, w, "wechat.told_what", what);
        answer_put(c, w, "wechat.told_said", full ? said : masked(c, said));
        answer_put(c, w, "wechat.told_who", m.from);
    }
    json_end_array(w);
}

static void why_put(struct ctx *c, struct json_writer *w, const struct capture *capture) {
    const struct json *why = capture->why.n ? json_parse(c, capture->why) : NULL;
    JSON_MEMBER(w, "why", json_put_str, json_text(why, language_tag(c->language)));
}

static void capture_put(struct ctx *c, struct json_writer *w, const struct capture *capture) {
    bool full = sees_in_full(c);
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, capture->id);
    JSON_MEMBER(w, "at", json_put_instant, capture->received_at);
    JSON_MEMBER(w, "state", json_put_str, capture->state);
    JSON_MEMBER(w, "version", json_put_int, capture->version);
    JSON_MEMBER(w, "attempts", json_put_int, capture->attempts);
    JSON_MEMBER(w, "lead_id", json_put_id, capture->lead_id);
    JSON_MEMBER(w, "person_id", json_put_id, capture->person_id);
    JSON_MEMBER(w, "payload", json_put_str, full ? capture->payload : masked(c, capture->payload));
    why_put(c, w, capture);
    json_key(w, "answers");
    if (str_is(str_from(capture->place.kind), "form")) {
        answers_put(c, w, capture, full);
    } else if (str_is(str_from(capture->place.kind), "wechat")) {
        message_put(c, w, capture, full);
    } else {
        json_begin_array(w);
        json_end_array(w);
    }
    json_end_object(w);
}

static void captures_get(struct request *r) {
    struct ctx *c = r->c;
    int64_t id = 0;
    str_to_int(request_query(r, "place"), &id);
    struct capture_place place = {kind_asked(c, request_query(r, "kind")), id};
    int64_t before = request_query_int(r, "cursor", INT64_MAX);
    size_t n;
    if (ctx_failed(c) || !may_see(c)) {
        return;
    }
    struct capture *list = captures_read(c, &place, request_query(r, "state"), before, &n);
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        capture_put(c, &w, &list[i]);
    }
    json_end_array(&w);
    json_key(&w, "next");
    json_put_id(&w, n == CAPTURES_MOST ? list[n - 1].id : 0);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* Make something of it again, now that it may go. True when it went. */
static bool replay(struct ctx *c, struct capture *capture) {
    const struct actor *actor = c->actor;
    const struct source_kind *kind = source_kind_named(str_from(capture->place.kind));
    c->actor = &actor_system;
    capture_run(c, capture, kind ? kind->make : form_make);
    c->actor = actor;
    return !str_is(capture->state, "failed");
}

static bool replayable(const struct capture *capture) {
    bool kind = !str_is(str_from(capture->place.kind), "api");
    return kind && (str_is(capture->state, "failed") || str_is(capture->state, "spam") ||
                    str_is(capture->state, "ignored"));
}

static void replay_post(struct request *r) {
    struct ctx *c = r->c;
    struct capture *capture = may_see(c) ? capture_find(c, request_id(r, "id")) : NULL;
    struct json_writer w = json_writer(c->arena);
    if (!capture) {
        FAIL(c, ERROR_ABSENT, "source.no_capture");
        return;
    }
    if (!replayable(capture)) {
        FAIL(c, ERROR_CONFLICT, "source.done_already");
        return;
    }
    replay(c, capture);
    if (!ctx_failed(c)) {
        capture_put(c, &w, capture);
    }
    reply_json(r, 200, &w);
}

static void replay_all_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    int64_t ids[REPLAYED_MOST], done = 0;
    if (!body || !may_see(c)) {
        return;
    }
    struct capture_place place = {kind_asked(c, json_text(body, "kind")), json_id(body, "place")};
    size_t n = ctx_failed(c) ? 0 : captures_failed(c, &place, ids, REPLAYED_MOST);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct arena_mark mark = arena_mark(c->arena);
        struct capture *capture = capture_find(c, ids[i]);
        done += capture && replayable(capture) && replay(c, capture);
        if (!ctx_failed(c)) {
            arena_reset(c->arena, mark);
        }
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "done", json_put_int, done);
    JSON_MEMBER(&w, "failed", json_put_int, (int64_t)n - done);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

#define CAPTURE                                                                       \
    "id:id! at:instant! state:text! version:integer! attempts:integer! lead_id:id?! " \
    "person_id:id?! payload:text! why:text! answers:[(label:text! text:text!)]!"

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/sources", MANAGE, LANE_SLOW, sources_get, .summary = "route.sources",
     .answer = "data:[(kind:text! id:id?! name:text! path:text! state:text! refused:integer! "
               "refused_at:instant?! refused_why:text! last_at:instant?! today:integer! "
               "week:integer! week_failed:integer! failed:integer!)]!"},
    {METHOD_GET, "/api/v1/captures", MANAGE, LANE_SLOW, captures_get, .summary = "route.captures",
     .query = "kind:text! place:id state:text cursor:text",
     .answer = "data:[(" CAPTURE ")]! next:text?!"},
    {METHOD_POST, "/api/v1/captures/{id}/replay", MANAGE, LANE_WRITER, replay_post,
     .summary = "route.capture_replay", .answer = CAPTURE},
    {METHOD_POST, "/api/v1/captures/replay", MANAGE, LANE_WRITER, replay_all_post,
     .summary = "route.captures_replay", .body = "kind:text! place:id",
     .answer = "done:integer! failed:integer!"},
    {0}};

static const struct text texts[] = {
    {"source.no_kind", "只能是 form、webhook、wechat、site 或 api",
     "This is form, webhook, wechat, site or api"},
    {"wechat.told_what", "做了什么", "What"},
    {"wechat.told_said", "内容", "Which, or what was said"},
    {"wechat.told_who", "openid", "openid"},
    {"wechat.told_follow", "关注", "Followed"},
    {"wechat.told_unfollow", "取消关注", "Unfollowed"},
    {"wechat.told_scan", "扫码", "Scanned a code"},
    {"wechat.told_menu", "点菜单", "Used the menu"},
    {"wechat.told_text", "文字", "Text"},
    {"wechat.told_voice", "语音", "Voice"},
    {"wechat.told_image", "图片", "Picture"},
    {"source.no_capture", "没有这条记录", "There is no such capture"},
    {"source.done_already", "这条已经处理过了", "This one was made something of already"},
    {"route.sources", "所有来源的情况", "All sources and how they are"},
    {"route.captures", "收到的原始内容", "What came in, as it came"},
    {"route.capture_replay", "重新处理一条", "Try a failed one again"},
    {"route.captures_replay", "重新处理失败的，一次最多 200 条",
     "Try failed ones again, 200 at most"},
    {0}};

const struct module source_list_module = {
    .name = "marketing.source_list", .cloud = "marketing", .routes = routes, .texts = texts};
