/* Mails opened in full, marked private, put in as files: see correspondence.h for who may what. */
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "connector/mail_html.h"
#include "connector/mail_reason.h"
#include "customer/correspondence.h"
#include "customer/correspondence_file.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/query.h"
#include "http/route.h"

enum { THREAD_MOST = 50, RECORDS_MOST = 100 };

static bool mail_of(struct request *r, struct correspondence *m, enum mail_sight *sight) {
    struct ctx *c = r->c;
    int64_t id = request_id(r, "id");
    *sight = !ctx_failed(c) && correspondence_load(c, id, m) ? correspondence_sight(c, m)
                                                             : SIGHT_NONE;
    if (*sight == SIGHT_NONE) {
        FAIL(c, ERROR_ABSENT, "correspondence.absent");
    }
    return *sight != SIGHT_NONE;
}

/* Other mails of the thread, of those he may open. */
static void thread_put(struct ctx *c, struct json_writer *w, const struct correspondence *m) {
    int64_t ids[THREAD_MOST];
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows, "SELECT id FROM correspondence WHERE thread_id = $1 ORDER BY at LIMIT $2",
             m->thread_id, (int64_t)THREAD_MOST);
    while (n < THREAD_MOST && db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    json_key(w, "thread");
    json_begin_array(w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct correspondence one;
        if (correspondence_load(c, ids[i], &one) &&
            correspondence_sight(c, &one) >= SIGHT_CONTENT) {
            json_begin_object(w);
            JSON_MEMBER(w, "id", json_put_id, one.id);
            JSON_MEMBER(w, "at", json_put_instant, one.at);
            JSON_MEMBER(w, "outgoing", json_put_bool, one.outgoing);
            JSON_MEMBER(w, "subject", json_put_str, one.subject);
            JSON_MEMBER(w, "excerpt", json_put_str, one.excerpt);
            json_end_object(w);
        }
    }
    json_end_array(w);
}

/* The records it belongs to, of those he may see. */
static void records_put(struct ctx *c, struct json_writer *w, int64_t mail_id) {
    struct str types[RECORDS_MOST];
    int64_t ids[RECORDS_MOST];
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT subject_type, subject_id FROM correspondence_link WHERE mail_id = $1 "
             "ORDER BY subject_type, subject_id LIMIT $2",
             mail_id, (int64_t)RECORDS_MOST);
    while (n < RECORDS_MOST && db_next(&rows)) {
        types[n] = db_text(&rows, 0);
        ids[n++] = db_int(&rows, 1);
    }
    db_done(&rows);
    json_key(w, "records");
    json_begin_array(w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        const struct entity *e = model_entity(c->model, types[i]);
        struct str title = STR("");
        if (e) {
            list_titles(c, e, &ids[i], 1, &title);
        }
        if (title.n) {
            json_begin_object(w);
            JSON_MEMBER(w, "entity", json_put_str, types[i]);
            JSON_MEMBER(w, "id", json_put_id, ids[i]);
            JSON_MEMBER(w, "title", json_put_str, title);
            json_end_object(w);
        }
    }
    json_end_array(w);
}

static void content_put(struct ctx *c, struct json_writer *w, const struct correspondence *m) {
    struct str body = DB_TEXT(c, "SELECT body FROM correspondence WHERE id = $1", m->id);
    struct str html = DB_TEXT(c, "SELECT html FROM correspondence WHERE id = $1", m->id);
    json_key(w, "from");
    json_begin_object(w);
    JSON_MEMBER(w, "name", json_put_str, m->from_name);
    JSON_MEMBER(w, "address", json_put_str, m->from_address);
    json_end_object(w);
    JSON_MEMBER(w, "parties", json_put_raw, m->parties);
    JSON_MEMBER(w, "subject", json_put_str, m->subject);
    JSON_MEMBER(w, "text", json_put_str, body);
    JSON_MEMBER(w, "html", json_put_str, html.n ? html : mail_html_of_text(c->arena, body));
    mail_files_put(c, w, m->attachments);
    JSON_MEMBER(w, "why", json_put_str, mail_reason(c->arena, c->language, m->why));
    thread_put(c, w, m);
}

static void mail_get(struct request *r) {
    struct ctx *c = r->c;
    struct correspondence m;
    enum mail_sight sight;
    if (!mail_of(r, &m, &sight)) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "id", json_put_id, m.id);
    JSON_MEMBER(&w, "at", json_put_instant, m.at);
    JSON_MEMBER(&w, "outgoing", json_put_bool, m.outgoing);
    JSON_MEMBER(&w, "automatic", json_put_bool, m.automatic);
    JSON_MEMBER(&w, "private", json_put_bool, m.hidden);
    JSON_MEMBER(&w, "own", json_put_bool, sight == SIGHT_OWN);
    JSON_MEMBER(&w, "open", json_put_bool, sight >= SIGHT_CONTENT);
    JSON_MEMBER(&w, "cut", json_put_bool, m.cut);
    JSON_MEMBER(&w, "state", json_put_str, m.state);
    records_put(c, &w, m.id);
    if (sight >= SIGHT_CONTENT) {
        content_put(c, &w, &m);
    }
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void mail_patch(struct request *r) {
    struct ctx *c = r->c;
    struct correspondence m;
    enum mail_sight sight;
    const struct json *body = request_json(r);
    if (!body || !mail_of(r, &m, &sight)) {
        return;
    }
    if (sight != SIGHT_OWN) {
        FAIL(c, ERROR_DENIED, "correspondence.not_own");
        return;
    }
    if (!json_is(json_get(body, "private"), JSON_IS_BOOL)) {
        FAIL_FIELD(c, STR("/private"), "field.required");
        return;
    }
    DB_RUN(c, "UPDATE correspondence SET hidden = $1 WHERE id = $2",
           json_bool(body, "private", false), m.id);
}

/* A mail as a file (.eml), which a mail program or a server's rule hands over. */
static void file_prepare(struct request *r) {
    struct mail_read *m = ARENA_NEW(r->c->arena, struct mail_read);
    if (!mail_read(r->c->arena, r->body, m)) {
        FAIL(r->c, ERROR_INVALID, "correspondence.no_mail");
    }
    mail_files_store(r->c, m);
    r->state = m;
}

static void file_post(struct request *r) {
    struct ctx *c = r->c;
    struct mailbox box;
    if (!mailbox_of(c, access_user_id(c->actor), &box)) {
        FAIL(c, ERROR_CONFLICT, "mailbox.absent");
        return;
    }
    int64_t id = correspondence_returned(c, &box, r->state)
                     ? 0
                     : correspondence_file(c, &box, &(struct mail_place){"file", 0, id_new()},
                                           r->state);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "id", json_put_id, id);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/correspondence/{id}", PERMISSION_SIGNED_IN, LANE_INLINE, mail_get,
     .summary = "route.correspondence",
     .answer = "id:id! at:instant! outgoing:boolean! automatic:boolean! private:boolean! "
               "own:boolean! open:boolean! cut:boolean! state:text! "
               "records:[(entity:text! id:id! title:text!)]! from:(name:text! address:text!) "
               "parties:(to:[(name:text! address:text!)]! cc:[(name:text! address:text!)]!) "
               "subject:text text:text html:text "
               "attachments:[(id:id?! name:text! type:text! size:integer! kind:text! "
               "shown:boolean! inside:boolean! content_id:text!)] why:text "
               "thread:[(id:id! at:instant! outgoing:boolean! subject:text! excerpt:text!)]"},
    {METHOD_PATCH, "/api/v1/correspondence/{id}", PERMISSION_SIGNED_IN, LANE_WRITER, mail_patch,
     .summary = "route.correspondence_private", .body = "private:boolean!"},
    {METHOD_POST, "/api/v1/mailbox/mails", PERMISSION_SIGNED_IN, LANE_WRITER, file_post,
     .prepare = file_prepare, .summary = "route.correspondence_file", .body = "message/rfc822",
     .answer = "id:id?!"},
    {0}};

static const struct text texts[] = {
    {"correspondence.absent", "没有这封邮件", "There is no such mail"},
    {"correspondence.not_own", "只有邮件的主人可以设为私密",
     "Only whose mail it is may mark it private"},
    {"correspondence.no_mail", "这不是一封邮件", "This is no mail"},
    {"notification.mailbox_login", "邮箱 {address} 登录失败，已停止收取邮件：请更新密码或授权码",
     "The mailbox {address} refuses the log-in, so its mails are not read: update its password"},
    {"notification.mailbox_certificate",
     "邮箱 {address} 的服务器证书不可信或已过期，已停止收取邮件",
     "The certificate of {address}'s server is not to be trusted or has expired: mails are not "
     "read"},
    {"route.correspondence", "打开一封往来邮件", "A mail with a customer"},
    {"route.correspondence_private", "设为私密或取消", "Mark a mail private, or not"},
    {"route.correspondence_file", "归档一封邮件文件（.eml）", "File a mail from a file (.eml)"},
    {0}};

const struct module correspondence_routes_module = {.name = "customer.correspondence_routes",
                                                    .cloud = "customer",
                                                    .routes = routes,
                                                    .texts = texts};
