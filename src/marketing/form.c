/*
 * See form.h. Life of a form: draft → published → archived, and back to published. What is changed
 * afterwards is the draft, until it is published as the next version; an older one may be made the
 * draft again. The address of a published form stays, for links to it stand on other pages.
 *
 * Events: the record verbs' and form.published, form.archived; form.submitted (form_submit.c).
 */
#include "marketing/form.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/access.h"
#include "event/event.h"
#include "http/route.h"
#include "marketing/marketing.h"
#include "organization/company.h"

enum { VERSIONS_SHOWN = 100, OVERVIEW_MOST = 300, OVERVIEW_DAYS = 30 };

static const struct option statuses[] = {{"draft", "草稿", "Draft", "idle"},
                                         {"published", "已发布", "Published", "ok"},
                                         {"archived", "已归档", "Archived", "idle"},
                                         {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 100},
    {"slug", FIELD_TEXT, FIELD_UNIQUE | FIELD_LISTED | FIELD_INDEXED, "网址", "Address",
     "group.basic", .max_length = 40},
    {"status", FIELD_OPTION, FIELD_READ_ONLY | FIELD_LISTED, "状态", "Status", "group.basic",
     .options = statuses, .standard = "draft"},
    {"version_number", FIELD_INTEGER, FIELD_READ_ONLY | FIELD_LISTED, "发布版本",
     "Published version", "group.basic", .standard = "0"},
    {"published_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_LISTED, "发布时间", "Published at",
     "group.basic"},
    {"changed", FIELD_BOOLEAN, FIELD_READ_ONLY, "草稿有改动", "Draft differs", "group.basic",
     .standard = "0"},
    {"draft", FIELD_JSON, 0, "草稿内容", "Draft", "group.basic", .max_length = FORM_DESIGN_BYTES},
    {0}};

static bool slug_valid(struct str slug) {
    bool good = slug.n >= 2 && slug.n <= 40 && slug.p[0] != '-';
    for (size_t i = 0; good && i < slug.n; i++) {
        char b = slug.p[i];
        good = (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '-';
    }
    return good;
}

static void check_slug(struct ctx *c, struct change *change) {
    struct str slug = record_text(change->after, "slug");
    if (!slug.n) {
        slug = str_slice(hex_encode(c->arena, random_token(c->arena, 6)), 0, 10);
        record_set_value(change->after, "slug", (struct value){VALUE_TEXT, 0, slug});
    }
    if (!slug_valid(slug) || str_is(slug, "lead")) {
        FAIL_FIELD(c, STR("/slug"), "form.slug");
    }
    if (change->before && record_int(change->before, "version_number") &&
        !str_equal(slug, record_text(change->before, "slug"))) {
        FAIL_FIELD(c, STR("/slug"), "form.slug_published");
    }
}

static void form_check(struct ctx *c, struct change *change) {
    struct str draft = record_text(change->after, "draft");
    bool same = change->before && str_equal(draft, record_text(change->before, "draft"));
    check_slug(c, change);
    if (draft.n && !same) {
        form_design_read(c, json_parse(c, draft));
        bool shown = record_int(change->after, "version_number") > 0;
        record_set_value(change->after, "changed", (struct value){VALUE_INTEGER, shown, STR("")});
    }
}

static void form_trash(struct ctx *c, const struct record *form) {
    if (str_is(record_text(form, "status"), "published")) {
        FAIL(c, ERROR_CONFLICT, "form.published_stays");
    }
}

static const struct entity_definition form_entity = {.name = "form",
                                                     .plural = "forms",
                                                     .zh = "表单",
                                                     .en = "Form",
                                                     .flags = ENTITY_SETTING,
                                                     .fields = fields,
                                                     .check = form_check,
                                                     .trash = form_trash};

static const struct migration migrations[] = {
    {"marketing.form.1",
     "CREATE TABLE form_version (form_id BIGINT NOT NULL, number BIGINT NOT NULL, "
     "design TEXT NOT NULL, published_at BIGINT NOT NULL, published_by BIGINT, "
     "PRIMARY KEY (form_id, number)) {without_rowid};\n"
     "CREATE TABLE form_day (form_id BIGINT NOT NULL, day TEXT NOT NULL, number BIGINT NOT NULL, "
     "views BIGINT NOT NULL, submissions BIGINT NOT NULL, "
     "PRIMARY KEY (form_id, day, number)) {without_rowid}"},
    {0}};

/* Reads. */

struct form_design *form_version(struct ctx *c, int64_t form_id, int64_t version) {
    struct str text = DB_TEXT(
        c, "SELECT design FROM form_version WHERE form_id = $1 AND number = $2", form_id, version);
    return text.n ? form_design_read(c, json_parse(c, text)) : NULL;
}

struct public_form *public_form_find(struct ctx *c, struct str slug) {
    struct db_rows rows;
    struct public_form *form = NULL;
    struct str design = {0};
    DB_QUERY(c, &rows,
             "SELECT f.id, f.name, f.slug, f.status, f.version_number, v.design, "
             "COALESCE(v.published_at, 0) FROM form f "
             "LEFT JOIN form_version v ON v.form_id = f.id AND v.number = f.version_number "
             "WHERE f.slug = $1 AND f.deleted_at IS NULL",
             slug);
    if (db_next(&rows)) {
        form = ARENA_NEW(c->arena, struct public_form);
        *form = (struct public_form){.id = db_int(&rows, 0),
                                     .name = db_text(&rows, 1),
                                     .slug = db_text(&rows, 2),
                                     .status = db_text(&rows, 3),
                                     .version = db_int(&rows, 4),
                                     .since = db_int(&rows, 6)};
        design = db_text(&rows, 5);
    }
    db_done(&rows);
    if (form && design.n && str_is(form->status, "published")) {
        form->json = json_parse(c, design);
        form->design = form_design_read(c, form->json);
    }
    return form;
}

void form_count(struct ctx *c, const struct form_tally *tally) {
    char day[DATE_TEXT];
    date_format(zone_date(company_zone(c), c->now_ms), day);
    DB_RUN(c,
           "INSERT INTO form_day (form_id, day, number, views, submissions) "
           "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (form_id, day, number) DO UPDATE SET "
           "views = form_day.views + excluded.views, "
           "submissions = form_day.submissions + excluded.submissions",
           tally->form_id, (const char *)day, tally->version, tally->views, tally->submissions);
}

/* Verbs. */

static void emit(struct ctx *c, const char *type, int64_t form_id) {
    event_emit(c, &(struct event){
                      .type = str_from(type), .subject_type = STR("form"), .subject_id = form_id});
}

/* The form of the path, which the caller may change; NULL after an error. */
static struct record *form_asked(struct request *r) {
    struct record *form = record_read(r->c, entity_named(r->c, "form"), request_id(r, "id"));
    if (form) {
        access_require(r->c, ACTION_UPDATE, form);
    }
    return ctx_failed(r->c) ? NULL : form;
}

static void reply_form(struct request *r, int64_t form_id) {
    struct record *form = record_load(r->c, entity_named(r->c, "form"), form_id);
    struct json_writer w = json_writer(r->c->arena);
    if (form && !ctx_failed(r->c)) {
        record_json(r->c, &w, form, &record_with_titles);
        reply_json(r, 200, &w);
        reply_version(r, record_version(form));
    }
}

void form_publish(struct ctx *c, const struct record *form) {
    struct str draft = record_text(form, "draft");
    struct form_design *design = form_design_read(c, draft.n ? json_parse(c, draft) : NULL);
    if (design) {
        form_design_complete(c, design);
    }
    int64_t number = record_int(form, "version_number") + 1;
    record_holds(c, form);
    DB_RUN(c,
           "INSERT INTO form_version (form_id, number, design, published_at, published_by) "
           "VALUES ($1, $2, $3, $4, $5)",
           form->id, number, draft, c->now_ms, db_from_id(access_user_id(c->actor)));
    struct change_set set = change_new(c, form->entity);
    change_text(&set, "status", STR("published"));
    change_int(&set, "version_number", number);
    change_int(&set, "published_at", c->now_ms);
    change_int(&set, "changed", 0);
    record_change(c, form->id, &set);
    emit(c, "form.published", form->id);
}

static void publish_post(struct request *r) {
    struct record *form = form_asked(r);
    if (form) {
        form_publish(r->c, form);
        reply_form(r, form->id);
    }
}

static void status_change(struct request *r, const char *status) {
    struct ctx *c = r->c;
    struct record *form = form_asked(r);
    if (!form) {
        return;
    }
    bool shown = record_int(form, "version_number") > 0;
    if (!shown || str_is(record_text(form, "status"), status)) {
        FAIL(c, ERROR_CONFLICT, shown ? "form.so_already" : "form.never_published");
        return;
    }
    record_holds(c, form);
    struct change_set set = change_new(c, form->entity);
    change_text(&set, "status", str_from(status));
    record_change(c, form->id, &set);
    emit(c, str_is(str_from(status), "archived") ? "form.archived" : "form.published", form->id);
    reply_form(r, form->id);
}

static void archive_post(struct request *r) {
    status_change(r, "archived");
}

static void reopen_post(struct request *r) {
    status_change(r, "published");
}

/* An earlier version becomes the draft. */
static void revert_post(struct request *r) {
    struct ctx *c = r->c;
    struct record *form = form_asked(r);
    const struct json *body = form ? request_json(r) : NULL;
    if (!body) {
        return;
    }
    struct str text = DB_TEXT(c,
                              "SELECT design FROM form_version WHERE form_id = $1 AND number = $2",
                              form->id, json_int(body, "version", 0));
    if (!text.n) {
        FAIL_FIELD(c, STR("/version"), "form.no_version");
        return;
    }
    struct change_set set = change_new(c, form->entity);
    change_text(&set, "draft", text);
    record_change(c, form->id, &set);
    reply_form(r, form->id);
}

static void versions_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *form = record_read(c, entity_named(c, "form"), request_id(r, "id"));
    struct json_writer w = json_writer(c->arena);
    struct db_rows rows;
    if (!form) {
        return;
    }
    DB_QUERY(c, &rows,
             "SELECT v.number, v.published_at, u.name, v.design, "
             "(SELECT CAST(sum(d.views) AS BIGINT) FROM form_day d WHERE d.form_id = v.form_id "
             "AND d.number = v.number), (SELECT CAST(sum(d.submissions) AS BIGINT) "
             "FROM form_day d WHERE d.form_id = v.form_id AND d.number = v.number) "
             "FROM form_version v LEFT JOIN \"user\" u ON u.id = v.published_by "
             "WHERE v.form_id = $1 ORDER BY v.number DESC LIMIT $2",
             form->id, (int64_t)VERSIONS_SHOWN);
    reply_list_begin(&w);
    while (db_next(&rows)) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "version", json_put_int, db_int(&rows, 0));
        JSON_MEMBER(&w, "published_at", json_put_instant, db_int(&rows, 1));
        JSON_MEMBER(&w, "published_by", json_put_str, db_text(&rows, 2));
        JSON_MEMBER(&w, "design", json_put_raw, db_text(&rows, 3));
        JSON_MEMBER(&w, "views", json_put_int, db_int(&rows, 4));
        JSON_MEMBER(&w, "submissions", json_put_int, db_int(&rows, 5));
        json_end_object(&w);
    }
    reply_list_end(r, &w);
}

/* The list of forms, with what came of each in the last thirty days. */

struct overview_row {
    int64_t id, version, published_at, changed, views, submissions;
    struct str name, slug, status;
};

static size_t overview_read(struct ctx *c, struct overview_row *list) {
    struct db_rows rows;
    char from[DATE_TEXT];
    size_t n = 0;
    date_format(zone_date(company_zone(c), c->now_ms - (OVERVIEW_DAYS - 1) * (int64_t)MS_DAY),
                from);
    DB_QUERY(c, &rows,
             "SELECT f.id, f.version_number, f.published_at, f.changed, f.name, f.slug, f.status, "
             "(SELECT CAST(sum(d.views) AS BIGINT) FROM form_day d WHERE d.form_id = f.id "
             "AND d.day >= $1), (SELECT CAST(sum(d.submissions) AS BIGINT) FROM form_day d "
             "WHERE d.form_id = f.id AND d.day >= $1) FROM form f WHERE f.deleted_at IS NULL "
             "ORDER BY f.id DESC LIMIT $2",
             (const char *)from, (int64_t)OVERVIEW_MOST + 1);
    while (n <= OVERVIEW_MOST && db_next(&rows)) {
        list[n++] = (struct overview_row){.id = db_int(&rows, 0),
                                          .version = db_int(&rows, 1),
                                          .published_at = db_int(&rows, 2),
                                          .changed = db_int(&rows, 3),
                                          .name = db_text(&rows, 4),
                                          .slug = db_text(&rows, 5),
                                          .status = db_text(&rows, 6),
                                          .views = db_int(&rows, 7),
                                          .submissions = db_int(&rows, 8)};
    }
    db_done(&rows);
    return n;
}

static void overview_put(struct ctx *c, struct json_writer *w, const struct overview_row *row) {
    struct capture_counts counts = capture_counts(c, &(struct capture_place){"form", row->id});
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, row->id);
    JSON_MEMBER(w, "name", json_put_str, row->name);
    JSON_MEMBER(w, "slug", json_put_str, row->slug);
    JSON_MEMBER(w, "status", json_put_str, row->status);
    JSON_MEMBER(w, "version_number", json_put_int, row->version);
    JSON_MEMBER(w, "changed", json_put_bool, row->changed != 0);
    JSON_MEMBER(w, "published_at", json_put_instant_or_null, row->published_at);
    JSON_MEMBER(w, "views", json_put_int, row->views);
    JSON_MEMBER(w, "submissions", json_put_int, row->submissions);
    JSON_MEMBER(w, "today", json_put_int, counts.today);
    JSON_MEMBER(w, "failed", json_put_int, counts.failed);
    JSON_MEMBER(w, "last_at", json_put_instant_or_null, counts.last_at);
    json_end_object(w);
}

static void overview_get(struct request *r) {
    struct ctx *c = r->c;
    if (access_scope(c->actor, entity_named(c, "form"), ACTION_READ) == SCOPE_NONE) {
        FAIL(c, ERROR_DENIED, "access.denied");
        return;
    }
    struct overview_row *list = ARENA_NEW_ARRAY(c->arena, OVERVIEW_MOST + 1, struct overview_row);
    size_t n = overview_read(c, list);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "days", json_put_int, OVERVIEW_DAYS);
    JSON_MEMBER(&w, "all", json_put_bool, n <= OVERVIEW_MOST);
    JSON_MEMBER(&w, "sites", json_put_str, form_hosts(c));
    json_key(&w, "data");
    json_begin_array(&w);
    for (size_t i = 0; i < n && i < OVERVIEW_MOST && !ctx_failed(c); i++) {
        overview_put(c, &w, &list[i]);
    }
    json_end_array(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/forms/overview", PERMISSION_SIGNED_IN, LANE_INLINE, overview_get,
     .summary = "route.forms_overview",
     .answer =
         "days:integer! all:boolean! sites:text! data:[(id:id! name:text! slug:text! status:text! "
         "version_number:integer! changed:boolean! published_at:instant?! views:integer! "
         "submissions:integer! today:integer! failed:integer! last_at:instant?!)]!"},
    {METHOD_GET, "/api/v1/forms/{id}/versions", PERMISSION_RECORD, LANE_INLINE, versions_get,
     .summary = "route.form_versions",
     .answer = "data:[(version:integer! published_at:instant! published_by:text! design:object! "
               "views:integer! submissions:integer!)]!"},
    {METHOD_POST, "/api/v1/forms/{id}/publish", PERMISSION_RECORD, LANE_WRITER, publish_post,
     .summary = "route.form_publish", .answer = "@form"},
    {METHOD_POST, "/api/v1/forms/{id}/archive", PERMISSION_RECORD, LANE_WRITER, archive_post,
     .summary = "route.form_archive", .answer = "@form"},
    {METHOD_POST, "/api/v1/forms/{id}/reopen", PERMISSION_RECORD, LANE_WRITER, reopen_post,
     .summary = "route.form_reopen", .answer = "@form"},
    {METHOD_POST, "/api/v1/forms/{id}/revert", PERMISSION_RECORD, LANE_WRITER, revert_post,
     .summary = "route.form_revert", .body = "version:integer!", .answer = "@form"},
    {0}};

static const struct event_type event_types[] = {
    {"form.published", "form", "发布表单", "form published"},
    {"form.archived", "form", "归档表单", "form archived"},
    {0}};

static const struct text texts[] = {
    {"form.slug", "网址只能用 2 到 40 个小写字母、数字和 -，不能是 lead",
     "An address has 2 to 40 lower-case letters, digits and -, and is not lead"},
    {"form.slug_published", "已发布过的表单不能换网址，别处的链接会失效",
     "The address of a published form stays: links to it would break"},
    {"form.published_stays", "请先归档再删除", "Archive the form before deleting it"},
    {"form.so_already", "表单已经是这个状态", "The form is so already"},
    {"form.never_published", "表单还没有发布过", "The form was never published"},
    {"form.no_version", "没有这个版本", "There is no such version"},
    {"form.too_long", "太长了", "Too long"},
    {"form.too_many", "太多了", "Too many"},
    {"form.number", "数字超出范围", "This number is out of bounds"},
    {"form.type", "没有这种题型", "There is no such type of question"},
    {"form.id", "题目编号应为小写字母开头的字母、数字和 _",
     "A question's id is a lower-case letter, then letters, digits and _"},
    {"form.id_twice", "题目编号重复", "Two questions have this id"},
    {"form.id_own", "这个编号页面自己要用，请换一个", "The page itself uses this id; take another"},
    {"form.label", "请填写题目", "The question has no words"},
    {"form.options", "每个选项都要有不同的值和文字",
     "Each option needs words and a value of its own"},
    {"form.maps", "线索上没有可以这样填的字段", "No field of a lead can be filled so"},
    {"form.maps_twice", "两道题填同一个字段", "Two questions fill one field"},
    {"form.consent_text", "请写明同意的原文", "The words that are agreed to are needed"},
    {"form.title", "请填写标题", "The form needs a title"},
    {"form.reach", "至少要有一道填手机或邮箱的题，否则联系不上",
     "Ask for a phone or a mail, or nobody can be reached"},
    {"form.url", "只能跳转到公司网站域名里列出的网站",
     "Only sites among the hosts of the company's sites can be led to"},
    {"form.user", "没有这个用户，或已停用", "There is no such active user"},
    {"route.forms_overview", "表单与近 30 天效果", "Forms and what came of them in 30 days"},
    {"route.form_versions", "表单的各个版本", "Versions of a form"},
    {"route.form_publish", "发布表单", "Publish a form"},
    {"route.form_archive", "归档表单", "Archive a form"},
    {"route.form_reopen", "重新开放表单", "Open an archived form again"},
    {"route.form_revert", "用旧版本覆盖草稿", "Make an earlier version the draft"},
    {0}};

const struct module form_module = {
    .name = "marketing.form",
    .cloud = "marketing",
    .entities = (const struct entity_definition *const[]){&form_entity, NULL},
    .routes = routes,
    .events = event_types,
    .texts = texts,
    .migrations = migrations};
