#include "marketing/mailing.h"

#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/access.h"
#include "entity/condition.h"
#include "event/event.h"
#include "event/timer.h"
#include "http/pages.h"
#include "http/route.h"
#include "marketing/mail_parts.h"
#include "marketing/mailing_parts.h"
#include "marketing/marketing.h"

#define MANAGE "marketing:manage"
enum { SPREAD_MOST = 168, PER_HOUR_MOST = 3600000, UTM_MOST = 120 };

static const struct option statuses[] = {
    {"draft", "草稿", "Draft", "idle"},           {"scheduled", "已定时", "Scheduled", "info"},
    {"planning", "准备中", "Planning", "info"},   {"sending", "发送中", "Sending", "info"},
    {"paused", "已暂停", "Paused", "warn"},       {"sent", "已发完", "Sent", "ok"},
    {"cancelled", "已取消", "Cancelled", "idle"}, {0}};
static const struct option entities[] = {
    {"person", "人", "People", "idle"}, {"lead", "线索", "Leads", "idle"}, {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 100},
    {"status", FIELD_OPTION, FIELD_READ_ONLY | FIELD_LISTED | FIELD_INDEXED, "状态", "Status",
     "group.basic", .options = statuses, .standard = "draft"},
    {"template_id", FIELD_REFERENCE, FIELD_REQUIRED | FIELD_LISTED, "邮件模板", "Mail template",
     "group.basic", .target = "mail_template"},
    {"entity_name", FIELD_OPTION, FIELD_REQUIRED, "对象", "Of", "group.basic", .options = entities,
     .standard = "person"},
    {"segment_id", FIELD_REFERENCE, FIELD_LISTED, "人群", "Segment", "group.basic",
     .target = "segment"},
    {"audience", FIELD_JSON, 0, "条件", "Condition", "group.basic", .max_length = 20000},
    {"campaign_id", FIELD_REFERENCE, FIELD_LISTED, "营销活动", "Campaign", "group.source",
     .target = "campaign"},
    {"utm_source", FIELD_TEXT, 0, "utm_source", "utm_source", "group.source",
     .max_length = UTM_MOST},
    {"utm_campaign", FIELD_TEXT, 0, "utm_campaign", "utm_campaign", "group.source",
     .max_length = UTM_MOST},
    {"utm_content", FIELD_TEXT, 0, "utm_content", "utm_content", "group.source",
     .max_length = UTM_MOST},
    {"sender_name", FIELD_TEXT, 0, "发件人名称", "Sender's name", "group.basic", .max_length = 100},
    {"sender_address", FIELD_EMAIL, 0, "发件地址", "Sender's address", "group.basic"},
    {"reply_to", FIELD_EMAIL, 0, "回复地址", "Replies to", "group.basic"},
    {"starts_at", FIELD_INSTANT, FIELD_LISTED, "开始时间", "Begins at", "group.work"},
    {"spread_hours", FIELD_INTEGER, 0, "分散到几小时内", "Spread over hours", "group.work",
     .min = 0, .max = SPREAD_MOST, .standard = "0"},
    {"per_hour", FIELD_INTEGER, 0, "每小时最多", "At most an hour", "group.work", .min = 0,
     .max = PER_HOUR_MOST, .standard = "0"},
    {"planned", FIELD_INTEGER, FIELD_READ_ONLY | FIELD_LISTED, "人数", "People", "group.work",
     .standard = "0"},
    {"launched_at", FIELD_INSTANT, FIELD_READ_ONLY, "启动时间", "Launched at", "group.work"},
    {"finished_at", FIELD_INSTANT, FIELD_READ_ONLY, "完成时间", "Finished at", "group.work"},
    {0}};

static bool changes(const struct change *change, const char *field) {
    return !value_equal(record_value(change->before, field), record_value(change->after, field));
}

/* Of what has been launched the name alone may change. */
static void frozen_check(struct ctx *c, const struct change *change) {
    if (!change->before || str_is(record_text(change->before, "status"), "draft")) {
        return;
    }
    for (const struct field_definition *f = fields + 1; f->name; f++) {
        if (!(f->flags & FIELD_READ_ONLY) && changes(change, f->name)) {
            FAIL_FIELD(c, str_format(c->arena, "/%s", f->name), "mailing.launched");
        }
    }
}

static void mailing_check(struct ctx *c, struct change *change) {
    const struct record *m = change->after;
    struct str where = record_text(m, "audience");
    const struct entity *e = model_entity(c->model, record_text(m, "entity_name"));
    frozen_check(c, change);
    bool asks = !change->before || changes(change, "audience") || changes(change, "segment_id") ||
                changes(change, "entity_name");
    if (e && asks && (where.n || record_id(m, "segment_id")) && !ctx_failed(c)) {
        mailing_audience(c, m);
    }
}

static void mailing_trash(struct ctx *c, const struct record *m) {
    if (!str_lists(STR("draft sent cancelled"), ' ', record_text(m, "status"))) {
        FAIL(c, ERROR_CONFLICT, "mailing.cancel_first");
    }
}

static const struct index_definition indexes[] = {{"campaign_id", .where = "deleted_at IS NULL"},
                                                  {0}};

/* Whom it is yet to go to. */
static const char mailings_naming[] =
    "SELECT m.name FROM mailing m WHERE m.deleted_at IS NULL "
    "AND m.status IN ('draft', 'scheduled', 'planning', 'sending', 'paused') "
    "AND m.audience LIKE $1 ORDER BY m.id LIMIT $2";

static const struct entity_definition mailing_entity = {.name = "mailing",
                                                        .plural = "mailings",
                                                        .zh = "群发",
                                                        .en = "Mailing",
                                                        .fields = fields,
                                                        .indexes = indexes,
                                                        .naming = mailings_naming,
                                                        .check = mailing_check,
                                                        .trash = mailing_trash};

static struct str key_of(struct ctx *c, int64_t id) {
    return str_format(c->arena, "%lld", (long long)id);
}

void mailing_timer(struct ctx *c, const char *kind, int64_t id, int64_t at) {
    timer_set(c, kind, key_of(c, id), at, STR(""));
}

/* From one of these states ("a b") to that one, or ERROR_CONFLICT; the row of the plan decides
 * between two who try. */
static bool turn(struct ctx *c, int64_t id, const char *from, const char *to) {
    struct str list = str_from(from), state;
    int64_t turned = 0;
    while (!turned && str_cut(&list, ' ', &state)) {
        turned = DB_RUN(c,
                        "UPDATE mailing_plan SET state = $1 WHERE mailing_id = $2 AND state = $3",
                        to, id, state);
    }
    if (!turned) {
        FAIL(c, ERROR_CONFLICT, "mailing.status");
    }
    return !ctx_failed(c);
}

void mailing_status(struct ctx *c, int64_t id, const char *status, const char *event) {
    struct change_set set = change_new(c, entity_named(c, "mailing"));
    change_text(&set, "status", str_from(status));
    if (str_is(str_from(status), "sent") || str_is(str_from(status), "cancelled")) {
        change_int(&set, "finished_at", c->now_ms);
    }
    record_change(c, id, &set);
    if (event) {
        event_emit(c, &(struct event){.type = str_from(event),
                                      .subject_type = STR("mailing"),
                                      .subject_id = id});
    }
}

static struct str host_of(struct str address) {
    ptrdiff_t at = str_find_char(address, '@');
    return at < 0 ? STR("") : str_slice(address, (size_t)at + 1, address.n);
}

/* Whoever writes in another domain's name is taken for a swindler by its receivers. */
static void sender_check(struct ctx *c, const struct record *m) {
    struct mail_account account;
    struct str own = record_text(m, "sender_address");
    if (!mail_account_read(c, &account) || !account.public_url.n) {
        FAIL(c, ERROR_CONFLICT, "mail_account.absent");
    } else if (own.n &&
               !str_equal(host_of(own), str_lower(c->arena, host_of(account.from_address)))) {
        FAIL_FIELD(c, STR("/sender_address"), "mailing.domain",
                   {"domain", host_of(account.from_address)});
    }
}

static struct record *mailing_of(struct request *r, enum action action) {
    struct record *m = record_read(r->c, entity_named(r->c, "mailing"), request_id(r, "id"));
    if (m) {
        access_require(r->c, action, m);
    }
    return ctx_failed(r->c) ? NULL : m;
}

/* Whoever launches it decides whom it reaches: those he may read. */
static void launch_post(struct request *r) {
    struct ctx *c = r->c;
    struct record *m = mailing_of(r, ACTION_UPDATE);
    if (m) {
        mailing_sound(c, m);
    }
    if (ctx_failed(c) || !mailing_audience(c, m)) {
        return;
    }
    sender_check(c, m);
    int64_t at = record_int(m, "starts_at") > c->now_ms ? record_int(m, "starts_at") : c->now_ms;
    int64_t content_id = ctx_failed(c) ? 0 : mail_content_keep(c, record_id(m, "template_id"));
    if (!ctx_failed(c) && !content_id) {
        FAIL_FIELD(c, STR("/template_id"), "mail.no_template");
    }
    if (!DB_RUN(c,
                "INSERT INTO mailing_plan (mailing_id, state, content_id, actor_id, last_id, "
                "planned, handed, interval_us, next_us) VALUES ($1, 'scheduled', $2, $3, 0, 0, 0, "
                "0, 0) ON CONFLICT (mailing_id) DO NOTHING",
                m->id, content_id, db_from_id(access_user_id(c->actor)))) {
        FAIL(c, ERROR_CONFLICT, "mailing.status");
        return;
    }
    struct change_set set = change_new(c, m->entity);
    change_int(&set, "launched_at", c->now_ms);
    record_change(c, m->id, &set);
    mailing_status(c, m->id, "scheduled", "mailing.launched");
    mailing_timer(c, "mailing.plan", m->id, at);
}

static void pause_post(struct request *r) {
    struct record *m = mailing_of(r, ACTION_UPDATE);
    if (m && turn(r->c, m->id, "sending", "paused")) {
        mailing_status(r->c, m->id, "paused", "mailing.paused");
    }
}

static void resume_post(struct request *r) {
    struct record *m = mailing_of(r, ACTION_UPDATE);
    if (m && turn(r->c, m->id, "paused", "sending")) {
        mailing_status(r->c, m->id, "sending", "mailing.resumed");
        mailing_timer(r->c, "mailing.feed", m->id, r->c->now_ms);
        DB_RUN(r->c,
               "UPDATE mail_send SET at = $1 WHERE source = 'mailing' AND source_id = $2 "
               "AND step = '' AND state = 0",
               r->c->now_ms, m->id);
        mail_dispatch_soon(r->c, r->c->now_ms);
    }
}

static void cancel_post(struct request *r) {
    struct record *m = mailing_of(r, ACTION_UPDATE);
    if (m && turn(r->c, m->id, "scheduled planning sending paused", "cancelled")) {
        mailing_status(r->c, m->id, "cancelled", "mailing.cancelled");
        timer_cancel(r->c, "mailing.plan", key_of(r->c, m->id));
        timer_cancel(r->c, "mailing.feed", key_of(r->c, m->id));
        mail_dispatch_soon(r->c, r->c->now_ms);
    }
}

/* As its receivers will get it, to the address of whoever asks. */
static void try_post(struct request *r) {
    struct ctx *c = r->c;
    struct mail_account account;
    struct record *m = mailing_of(r, ACTION_READ);
    const struct json *body = request_json(r);
    if (!m || !body) {
        return;
    }
    int64_t person_id = json_id(body, "person_id");
    struct record *person = person_id ? record_read(c, entity_named(c, "person"), person_id) : NULL;
    struct record *t = record_read(c, entity_named(c, "mail_template"),
                                   record_id(m, "template_id"));
    struct str own = DB_TEXT(c, "SELECT email FROM \"user\" WHERE id = $1",
                             access_user_id(c->actor));
    if (!own.n) {
        FAIL_FIELD(c, STR("/to"), "mail.own_address");
    }
    sender_check(c, m);
    if (ctx_failed(c) || !t || !mail_account_read(c, &account)) {
        return;
    }
    mailing_sender(c, m->id, &account);
    struct mail_content content = mail_content_of(t);
    mail_try(r, &content, &account, &(struct mail_trial){.to = own, .person = person});
}

enum mailing_gate mailing_gate(struct ctx *c, int64_t mailing_id) {
    struct str state = DB_TEXT(c, "SELECT state FROM mailing_plan WHERE mailing_id = $1",
                               mailing_id);
    return str_is(state, "paused")      ? MAILING_HOLD
           : str_is(state, "cancelled") ? MAILING_STOP
                                        : MAILING_GO;
}

void mailing_sender(struct ctx *c, int64_t mailing_id, struct mail_account *account) {
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT sender_name, sender_address, reply_to FROM mailing WHERE id = $1",
             mailing_id);
    if (db_next(&rows)) {
        struct str name = db_text(&rows, 0), address = db_text(&rows, 1),
                   reply_to = db_text(&rows, 2);
        account->from_name = name.n ? name : account->from_name;
        account->from_address = address.n ? address : account->from_address;
        account->reply_to = reply_to.n ? reply_to : account->reply_to;
        db_done(&rows);
    }
}

static void parameter_add(struct text_buffer *out, const char *name, struct str value) {
    struct str url = text_str(out);
    struct str asked = str_format(out->arena, "%s=", name);
    if (!value.n || str_find(url, asked) >= 0) {
        return;
    }
    text_add_format(out, "%c%s=", str_find_char(url, '?') < 0 ? '?' : '&', name);
    url_add(out, value);
}

struct str mailing_url(struct ctx *c, int64_t mailing_id, struct str url) {
    struct db_rows rows;
    struct text_buffer out = {.arena = c->arena};
    ptrdiff_t hash = str_find_char(url, '#');
    struct str fragment = hash < 0 ? STR("") : str_slice(url, (size_t)hash, url.n);
    text_add(&out, str_slice(url, 0, url.n - fragment.n));
    DB_QUERY(c, &rows,
             "SELECT m.utm_source, COALESCE(m.utm_campaign, k.code, k.name), m.utm_content "
             "FROM mailing m LEFT JOIN campaign k ON k.id = m.campaign_id WHERE m.id = $1",
             mailing_id);
    if (db_next(&rows)) {
        struct str source = db_text(&rows, 0), campaign = db_text(&rows, 1);
        struct str content = db_text(&rows, 2);
        db_done(&rows);
        if (source.n || campaign.n) {
            parameter_add(&out, "utm_source", source.n ? source : STR("email"));
            parameter_add(&out, "utm_medium", STR("email"));
            parameter_add(&out, "utm_campaign", campaign);
            parameter_add(&out, "utm_content", content);
        }
    }
    text_add(&out, fragment);
    return text_str(&out);
}

static const struct route routes[] = {{METHOD_POST, "/api/v1/mailings/{id}/launch", MANAGE,
                                       LANE_WRITER, launch_post, .summary = "route.mailing_launch"},
                                      {METHOD_POST, "/api/v1/mailings/{id}/pause", MANAGE,
                                       LANE_WRITER, pause_post, .summary = "route.mailing_pause"},
                                      {METHOD_POST, "/api/v1/mailings/{id}/resume", MANAGE,
                                       LANE_WRITER, resume_post, .summary = "route.mailing_resume"},
                                      {METHOD_POST, "/api/v1/mailings/{id}/cancel", MANAGE,
                                       LANE_WRITER, cancel_post, .summary = "route.mailing_cancel"},
                                      {METHOD_POST, "/api/v1/mailings/{id}/try", MANAGE, LANE_SLOW,
                                       try_post, .summary = "route.mailing_try",
                                       .body = "person_id:id?",
                                       .answer = "accepted:boolean! why:text!"},
                                      {0}};

/* last_id: who was planned last; interval_us: between two; next_us: when the next is due. */
static const struct migration migrations[] = {
    {"marketing.mailing.1",
     "CREATE TABLE mailing_plan (mailing_id BIGINT NOT NULL PRIMARY KEY, state TEXT NOT NULL, "
     "content_id BIGINT NOT NULL, actor_id BIGINT, last_id BIGINT NOT NULL, "
     "planned BIGINT NOT NULL, handed BIGINT NOT NULL, interval_us BIGINT NOT NULL, "
     "next_us BIGINT NOT NULL);\n"
     "CREATE TABLE mailing_recipient (mailing_id BIGINT NOT NULL, n BIGINT NOT NULL, "
     "person_id BIGINT NOT NULL, PRIMARY KEY (mailing_id, n)){without_rowid};\n"
     "CREATE UNIQUE INDEX mailing_recipient_person ON mailing_recipient (person_id, mailing_id)"},
    {0}};

static const struct text texts[] = {
    {"mailing.launched", "已启动，只能改名称", "It was launched: only its name may change"},
    {"mailing.status", "现在的状态不能这样做", "Its status does not allow this now"},
    {"mailing.cancel_first", "请先取消这次群发", "Cancel the mailing first"},
    {"mailing.domain", "发件地址须在 {domain} 之下", "The sender must be of {domain}"},
    {"route.mailing_launch", "启动群发", "Launch a mailing"},
    {"route.mailing_pause", "暂停群发", "Pause a mailing"},
    {"route.mailing_resume", "继续群发", "Resume a mailing"},
    {"route.mailing_cancel", "取消群发，其余的人不再收到", "Cancel a mailing: the rest get none"},
    {"route.mailing_try", "把群发邮件发给自己看", "Send a mailing's mail to oneself"},
    {0}};

static const struct event_type event_types[] = {
    {"mailing.launched", "mailing", "启动群发", "mailing launched"},
    {"mailing.paused", "mailing", "暂停群发", "mailing paused"},
    {"mailing.resumed", "mailing", "继续群发", "mailing resumed"},
    {"mailing.cancelled", "mailing", "取消群发", "mailing cancelled"},
    {"mailing.finished", "mailing", "群发发完", "mailing finished"},
    {0}};

const struct module mailing_module = {
    .name = "marketing.mailing",
    .cloud = "marketing",
    .entities = (const struct entity_definition *const[]){&mailing_entity, NULL},
    .routes = routes,
    .events = event_types,
    .migrations = migrations,
    .texts = texts};
