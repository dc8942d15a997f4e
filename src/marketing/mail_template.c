/*
 * Mail templates: what a mail says, to be used by journeys, mailings and rules.
 *
 * A template is a record; what was sent is kept apart (mail_content, one row a version that was
 * used), so a later change changes no mail that was sent or waits. Blocks and merge fields are
 * described in mail_content.h. The topic is what receivers can choose in their preferences;
 * "service" is what they need to be told and cannot unsubscribe from.
 */
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "connector/mail.h"
#include "connector/mail_reason.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/access.h"
#include "http/route.h"
#include "marketing/mail_parts.h"
#include "marketing/marketing.h"

const char *const mail_topics[] = {"news", "case", "offer", "service", NULL};

static const struct option topics[] = {{"news", "资讯", "News", "info"},
                                       {"case", "产品与案例", "Products and cases", "info"},
                                       {"offer", "优惠与活动", "Offers and events", "info"},
                                       {"service", "服务通知", "Service notices", "idle"},
                                       {0}};
static const struct option languages[] = {
    {"zh", "中文", "Chinese", "idle"}, {"en", "英文", "English", "idle"}, {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 100},
    {"topic", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED, "主题类别", "Topic", "group.basic",
     .options = topics, .standard = "news"},
    {"language", FIELD_OPTION, FIELD_REQUIRED, "语言", "Language", "group.basic",
     .options = languages, .standard = "zh"},
    {"subject", FIELD_TEXT, FIELD_REQUIRED | FIELD_LISTED, "邮件主题", "Subject", "group.basic",
     .max_length = 200},
    {"preheader", FIELD_TEXT, 0, "预览文字", "Preheader", "group.basic", .max_length = 200},
    {"blocks", FIELD_JSON, FIELD_REQUIRED, "内容", "Content", "group.basic"},
    {0}};

struct mail_content mail_content_of(const struct record *t) {
    return (struct mail_content){
        .template_id = t->id,
        .name = record_text(t, "name"),
        .subject = record_text(t, "subject"),
        .preheader = record_text(t, "preheader"),
        .topic = record_text(t, "topic"),
        .blocks = record_text(t, "blocks"),
        .language = str_is(record_text(t, "language"), "en") ? LANGUAGE_EN : LANGUAGE_ZH};
}

static void template_check(struct ctx *c, struct change *change) {
    struct mail_content content = mail_content_of(change->after);
    if (content.blocks.n) {
        mail_content_check(c, &content);
    }
}

static const struct entity_definition template_entity = {.name = "mail_template",
                                                         .plural = "mail_templates",
                                                         .zh = "邮件模板",
                                                         .en = "Mail template",
                                                         .fields = fields,
                                                         .check = template_check};

int64_t mail_content_keep(struct ctx *c, int64_t template_id) {
    struct record *t = record_load(c, entity_named(c, "mail_template"), template_id);
    if (!t) {
        return 0;
    }
    int64_t version = record_version(t);
    int64_t known = DB_INT(c, "SELECT id FROM mail_content WHERE template_id = $1 AND version = $2",
                           t->id, version);
    if (known || ctx_failed(c)) {
        return known;
    }
    struct mail_content content = mail_content_of(t);
    struct mail_made *made = mail_make(c, &content, &(struct mail_reader){0});
    int64_t id = id_new();
    DB_RUN(c,
           "INSERT INTO mail_content (id, template_id, version, name, subject, preheader, topic, "
           "language, blocks) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
           "ON CONFLICT (template_id, version) DO NOTHING",
           id, t->id, version, content.name, content.subject,
           content.preheader.p ? content.preheader : STR(""), content.topic,
           language_tag(content.language), content.blocks);
    id = DB_INT(c, "SELECT id FROM mail_content WHERE template_id = $1 AND version = $2", t->id,
                version);
    for (size_t i = 0; i < made->n_urls && !ctx_failed(c); i++) {
        DB_RUN(c,
               "INSERT INTO mail_link (content_id, position, url) VALUES ($1, $2, $3) "
               "ON CONFLICT (content_id, position) DO NOTHING",
               id, (int64_t)i, made->urls[i]);
    }
    return id;
}

struct mail_content mail_content_read(struct ctx *c, int64_t content_id) {
    struct db_rows rows;
    struct mail_content content = {0};
    DB_QUERY(c, &rows,
             "SELECT template_id, name, subject, preheader, topic, language, blocks "
             "FROM mail_content WHERE id = $1",
             content_id);
    if (db_next(&rows)) {
        content = (struct mail_content){.id = content_id,
                                        .template_id = db_int(&rows, 0),
                                        .name = db_text(&rows, 1),
                                        .subject = db_text(&rows, 2),
                                        .preheader = db_text(&rows, 3),
                                        .topic = db_text(&rows, 4),
                                        .language = str_is(db_view(&rows, 5), "en") ? LANGUAGE_EN
                                                                                    : LANGUAGE_ZH,
                                        .blocks = db_text(&rows, 6)};
        db_done(&rows);
    }
    return content;
}

static struct mail_content draft_content(struct ctx *c, const struct json *body) {
    struct json_writer w = json_writer(c->arena);
    const struct json *blocks = json_get(body, "blocks");
    if (blocks) {
        json_put_json(&w, blocks);
    }
    return (struct mail_content){
        .subject = text_truncate(json_text(body, "subject"), 200),
        .preheader = text_truncate(json_text(body, "preheader"), 200),
        .topic = json_text(body, "topic").n ? json_text(body, "topic") : STR("news"),
        .language = str_is(json_text(body, "language"), "en") ? LANGUAGE_EN : LANGUAGE_ZH,
        .blocks = json_str(&w)};
}

/* A draft as a person would get it. What the caller may not read of the person is left out: the
 * right to read him is asked, and his fields here are none that are masked. */
static void preview_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    if (!body) {
        return;
    }
    int64_t person_id = json_id(body, "person_id");
    struct record *person = person_id ? record_read(c, entity_named(c, "person"), person_id) : NULL;
    struct mail_content content = draft_content(c, body);
    mail_content_check(c, &content);
    if (ctx_failed(c)) {
        return;
    }
    struct mail_made *made = mail_make(c, &content, &(struct mail_reader){.person = person});
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "subject", json_put_str, made->subject);
    JSON_MEMBER(&w, "html", json_put_str, made->html);
    JSON_MEMBER(&w, "text", json_put_str, made->text);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

void mail_try(struct request *r, const struct mail_content *content,
              const struct mail_account *account, const struct mail_trial *trial) {
    struct ctx *c = r->c;
    struct mail_made *made = mail_make(c, content, &(struct mail_reader){.person = trial->person});
    struct mail_message m = {.to_address = trial->to,
                             .subject = made->subject,
                             .html = made->html,
                             .text = made->text,
                             .id = str_format(c->arena, "try.%lld", (long long)id_new()),
                             .at = c->now_ms};
    struct mail_result result = mail_deliver(c->arena, account, &m);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "accepted", json_put_bool, result.outcome == MAIL_ACCEPTED);
    JSON_MEMBER(&w, "why", json_put_str,
                mail_reason_reply(c->arena, c->language, result.code, result.why));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* The draft, sent to oneself: links lead where they will, nothing is counted. */
static void try_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct mail_account account;
    if (!body) {
        return;
    }
    struct mail_content content = draft_content(c, body);
    mail_content_check(c, &content);
    struct str own = DB_TEXT(c, "SELECT email FROM \"user\" WHERE id = $1",
                             access_user_id(c->actor));
    if (!str_equal(json_text(body, "to"), own) || !own.n) {
        FAIL_FIELD(c, STR("/to"), "mail.own_address");
    }
    if (!ctx_failed(c) && !mail_account_read(c, &account)) {
        FAIL(c, ERROR_CONFLICT, "mail_account.absent");
    }
    int64_t person_id = json_id(body, "person_id");
    struct mail_trial trial = {.to = own};
    trial.person = person_id ? record_read(c, entity_named(c, "person"), person_id) : NULL;
    if (!ctx_failed(c)) {
        mail_try(r, &content, &account, &trial);
    }
}

static void fields_get(struct request *r) {
    struct ctx *c = r->c;
    const struct entity *person = entity_named(c, "person");
    bool english = c->language == LANGUAGE_EN;
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (int i = 0; i < person->n_fields; i++) {
        const struct field *f = &person->fields[i];
        if (mail_merge_field(c, f->name)) {
            json_begin_object(&w);
            JSON_MEMBER(&w, "name", json_put_str, f->name);
            JSON_MEMBER(&w, "label", json_put_str, f->label[c->language]);
            json_end_object(&w);
        }
    }
    json_begin_object(&w);
    JSON_MEMBER(&w, "name", json_put_c, "owner");
    JSON_MEMBER(&w, "label", json_put_c, english ? "Owner" : "负责人");
    json_end_object(&w);
    json_begin_object(&w);
    JSON_MEMBER(&w, "name", json_put_c, "company");
    JSON_MEMBER(&w, "label", json_put_c, english ? "Our company" : "我方公司");
    json_end_object(&w);
    reply_list_end(r, &w);
}

#define DRAFT "subject:text! preheader:text topic:text language:text blocks:any! person_id:id?"
static const struct route routes[] = {
    {METHOD_GET, "/api/v1/mail/merge_fields", "marketing:manage", LANE_INLINE, fields_get,
     .summary = "route.mail_merge_fields", .answer = "data:[(name:text! label:text!)]!"},
    {METHOD_POST, "/api/v1/mail/preview", "marketing:manage", LANE_SLOW, preview_post,
     .summary = "route.mail_preview", .body = DRAFT,
     .answer = "subject:text! html:text! text:text!"},
    {METHOD_POST, "/api/v1/mail/try", "marketing:manage", LANE_SLOW, try_post,
     .summary = "route.mail_try", .body = DRAFT " to:text!",
     .answer = "accepted:boolean! why:text!"},
    {0}};

static const struct migration migrations[] = {
    {"marketing.mail_content.1",
     "CREATE TABLE mail_content (id {id}, template_id BIGINT NOT NULL, version BIGINT NOT NULL, "
     "name TEXT NOT NULL, subject TEXT NOT NULL, preheader TEXT NOT NULL, topic TEXT NOT NULL, "
     "language TEXT NOT NULL, blocks TEXT NOT NULL);\n"
     "CREATE UNIQUE INDEX mail_content_template ON mail_content (template_id, version);\n"
     "CREATE TABLE mail_link (content_id BIGINT NOT NULL, position BIGINT NOT NULL, "
     "url TEXT NOT NULL, PRIMARY KEY (content_id, position)){without_rowid}"},
    {0}};

static const struct text texts[] = {
    {"mail.blocks", "邮件要有 1 至 60 个内容块", "A mail has 1 to 60 blocks"},
    {"mail.block", "内容块只能是标题、文字、按钮、图片或分隔线",
     "A block is a heading, text, button, image or divider"},
    {"mail.block_text", "请填写文字，最多 5,000 字节", "Words are needed, 5,000 bytes at most"},
    {"mail.url_merge", "网址里不能放合并字段，它对每个人都一样",
     "No merge fields in an address: it is the same for everybody"},
    {"mail.url", "须为 http 或 https 网址", "An http or https address is needed"},
    {"mail.merge_field", "没有可以插入的字段 {name}", "There is no field {name} to merge"},
    {"mail.own_address", "试发只能发到自己的邮箱（在用户资料里填写）",
     "A trial goes to your own address alone (see your user record)"},
    {"mail.foot_why", "您收到这封邮件，是因为您与{company}有过联系。",
     "You get this mail because you have been in touch with {company}."},
    {"mail.foot_us", "我们", "us"},
    {"mail.foot_unsubscribe", "退订或修改偏好", "Unsubscribe or change preferences"},
    {"route.mail_merge_fields", "邮件里可以插入的字段", "Fields that can be merged into mails"},
    {"route.mail_preview", "预览一封邮件", "Preview a mail"},
    {"route.mail_try", "把草稿发给自己看", "Send a draft to oneself"},
    {0}};

const struct module mail_template_module = {
    .name = "marketing.mail_template",
    .cloud = "marketing",
    .entities = (const struct entity_definition *const[]){&template_entity, NULL},
    .routes = routes,
    .migrations = migrations,
    .texts = texts};
