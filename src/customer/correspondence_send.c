/*
 * Writing a mail on a record's page: through the user's own account, as from his mail program.
 *
 * It is kept at once, waiting; the outbox hands it over; when it has gone it counts as contact.
 * What the server refuses is told to the writer. A mail is never sent twice by us: a second try
 * after a lost answer has the same Message-ID.
 */
#include "automation/notification.h"
#include "base/crypto.h"
#include "base/email.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "connector/mail_html.h"
#include "connector/mail_reason.h"
#include "customer/correspondence.h"
#include "customer/correspondence_file.h"
#include "db/db.h"
#include "entity/access.h"
#include "event/outbox.h"
#include "http/route.h"

enum { ATTEMPTS = 10, RECEIVERS_MOST = 20, SUBJECT_MOST = 500, BODY_MOST = 50000, CONTACTS = 10 };

/* The record of the path, and the writer's mailbox. */
static struct record *head_of(struct request *r, struct mailbox *box) {
    struct ctx *c = r->c;
    const struct entity *e = model_plural(c->model, request_path(r, "plural"));
    if (!e || !(e->flags & ENTITY_TIMELINE) || !access_cloud_on(c->actor, e->cloud)) {
        FAIL(c, ERROR_ABSENT, "route.absent");
        return NULL;
    }
    struct record *head = record_read(c, e, request_id(r, "id"));
    *box = (struct mailbox){0};
    if (head) {
        mailbox_sending(c, access_user_id(c->actor), 0, box);
    }
    return head;
}

static bool field_open(const struct ctx *c, const struct record *r, const char *field) {
    const struct field *f = entity_field(r->entity, str_from(field));
    return f && access_field(c->actor, r->entity, f) >= RIGHT_READ;
}

/* The person whose address stands for the record; NULL when he may not be seen. */
static const struct record *person_of(struct ctx *c, const struct record *head) {
    bool refers = entity_field(head->entity, STR("person_id")) != NULL;
    const struct record *person =
        refers ? record_load(c, entity_named(c, "person"), record_id(head, "person_id")) : NULL;
    return person && access_record(c, ACTION_READ, person) ? person : NULL;
}

static struct str address_of(struct ctx *c, const struct record *head) {
    if (entity_field(head->entity, STR("email"))) {
        return record_text(head, "email");
    }
    const struct record *person = person_of(c, head);
    return person ? record_text(person, "email") : STR("");
}

static size_t receivers_read(struct ctx *c, const struct json *body, const char *name,
                             struct mail_party *list) {
    const struct json *given = json_get(body, name);
    size_t n = 0;
    for (size_t i = 0; json_is(given, JSON_IS_ARRAY) && i < given->n; i++) {
        struct str pointer = str_format(c->arena, "/%s/%zu", name, i);
        struct email e = email_parse(
            c->arena, json_is(&given->items[i], JSON_IS_TEXT) ? given->items[i].text : STR(""));
        const char *refusal = e.address.n ? correspondence_refusal(c, e.address) : NULL;
        if (!e.address.n) {
            FAIL_FIELD(c, pointer, "email.syntax");
        } else if (refusal) {
            FAIL_FIELD(c, pointer, refusal);
        } else if (n == RECEIVERS_MOST) {
            FAIL_FIELD(c, pointer, "correspondence.receivers");
        } else {
            list[n++] = (struct mail_party){STR(""), e.address};
        }
    }
    return n;
}

static struct str text_read(struct ctx *c, const struct json *body, const char *name, size_t most) {
    struct str s = text_repair(c->arena, str_trim(json_text(body, name)));
    bool subject = str_is(str_from(name), "subject");
    bool broken = subject && (str_find_char(s, '\n') >= 0 || str_find_char(s, '\r') >= 0);
    if (!s.n) {
        FAIL_FIELD(c, str_format(c->arena, "/%s", name), "field.required");
    } else if (text_length(s) > most || broken) {
        FAIL_FIELD(c, str_format(c->arena, "/%s", name), "correspondence.text");
    }
    return s;
}

/* A mail that is answered: one he may read. */
static void answer_to(struct ctx *c, const struct json *body, struct mail_read *m) {
    struct correspondence to;
    int64_t id = json_id(body, "reply_to");
    struct str rest, one;
    if (!json_is(json_get(body, "reply_to"), JSON_IS_TEXT)) {
        return;
    }
    if (!correspondence_load(c, id, &to) || correspondence_sight(c, &to) < SIGHT_CONTENT) {
        FAIL_FIELD(c, STR("/reply_to"), "reference.absent");
        return;
    }
    struct str older[MAIL_REFERENCES];
    size_t n = 0;
    rest = to.reply_ids;
    while (rest.n && n + 1 < MAIL_REFERENCES && str_cut(&rest, ' ', &one)) {
        older[n++] = one;
    }
    while (n) {
        m->references[m->n_references++] = older[--n];
    }
    if (to.message_id.n) {
        m->in_reply_to = to.message_id;
        m->references[m->n_references++] = to.message_id;
    }
}

static struct mail_read *mail_given(struct ctx *c, const struct json *body,
                                    const struct mailbox *box, const struct record *head) {
    struct mail_read *m = ARENA_NEW(c->arena, struct mail_read);
    m->n_to = receivers_read(c, body, "to", m->to);
    m->n_cc = receivers_read(c, body, "cc", m->cc);
    if (!m->n_to && !ctx_failed(c)) {
        struct str own = address_of(c, head);
        const char *refusal = own.n ? correspondence_refusal(c, own) : "correspondence.nobody";
        if (refusal) {
            FAIL_FIELD(c, STR("/to"), refusal);
        }
        m->to[m->n_to++] = (struct mail_party){record_title(head), own};
    }
    m->subject = text_read(c, body, "subject", SUBJECT_MOST);
    m->text = text_read(c, body, "body", BODY_MOST);
    answer_to(c, body, m);
    mail_files_given(c, json_get(body, "files"), m);
    m->html = mail_html_of_text(c->arena, m->text);
    m->from = (struct mail_party){box->name, box->address};
    ptrdiff_t at = str_find_char(box->address, '@');
    struct str domain = str_slice(box->address, (size_t)(at + 1), box->address.n);
    struct str token = random_token(c->arena, 16);
    m->message_id = str_format(c->arena, "r.%.*s@%.*s", STR_ARG(token), STR_ARG(domain));
    m->at = c->now_ms / 1000 * 1000; /* as the head of the mail will say it */
    return m;
}

static void mail_post(struct request *r) {
    struct ctx *c = r->c;
    struct mailbox box;
    const struct json *body = request_json(r);
    const struct record *head = body ? head_of(r, &box) : NULL;
    if (!head) {
        return;
    }
    int64_t chosen = json_id(body, "mailbox");
    if (chosen && !mailbox_sending(c, access_user_id(c->actor), chosen, &box)) {
        FAIL_FIELD(c, STR("/mailbox"), "reference.absent");
        return;
    }
    if (!box.id) {
        FAIL(c, ERROR_CONFLICT, "correspondence.no_mailbox");
        return;
    }
    struct mail_read *m = mail_given(c, body, &box, head);
    if (ctx_failed(c)) {
        return;
    }
    int64_t id = correspondence_write(c, &box, m, head);
    struct str key = str_format(c->arena, "%lld", (long long)id);
    outbox_add(c, "correspondence", key,
               str_format(c->arena, "{\"mail\":\"%lld\",\"user\":\"%lld\",\"mailbox\":\"%lld\"}",
                          (long long)id, (long long)box.user_id, (long long)box.id));
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "id", json_put_id, id);
    JSON_MEMBER(&w, "state", json_put_c, "queued");
    json_end_object(&w);
    reply_json(r, 201, &w);
}

/* The list of {name,address} as addresses with commas, the first apart. */
static struct str addresses(struct ctx *c, const struct json *list, size_t from) {
    struct text_buffer out = {.arena = c->arena};
    for (size_t i = from; json_is(list, JSON_IS_ARRAY) && i < list->n; i++) {
        text_add_c(&out, out.n ? "," : "");
        text_add(&out, json_text(&list->items[i], "address"));
    }
    return text_str(&out);
}

static struct str ids_in_brackets(struct ctx *c, struct str ids) {
    struct text_buffer out = {.arena = c->arena};
    struct str one, all[MAIL_REFERENCES];
    size_t n = 0;
    while (ids.n && n < MAIL_REFERENCES && str_cut(&ids, ' ', &one)) {
        all[n++] = one;
    }
    while (n) {
        n--;
        text_add_format(&out, "%s<%.*s>", out.n ? " " : "", STR_ARG(all[n]));
    }
    return text_str(&out);
}

static struct mail_message message_of(struct ctx *c, const struct correspondence *m) {
    const struct json *parties = json_parse(c, m->parties);
    const struct json *to = json_get(parties, "to");
    bool any = json_is(to, JSON_IS_ARRAY) && to->n;
    struct str first = m->reply_ids, reply = STR("");
    if (first.n && str_cut(&first, ' ', &reply)) {
        reply = str_format(c->arena, "<%.*s>", STR_ARG(reply));
    }
    ptrdiff_t at = str_find_char(m->message_id, '@');
    return (struct mail_message){
        .to_name = any ? json_text(&to->items[0], "name") : STR(""),
        .to_address = any ? json_text(&to->items[0], "address") : STR(""),
        .subject = m->subject,
        .text = DB_TEXT(c, "SELECT body FROM correspondence WHERE id = $1", m->id),
        .html = DB_TEXT(c, "SELECT html FROM correspondence WHERE id = $1", m->id),
        .id = str_slice(m->message_id, 0, at < 0 ? m->message_id.n : (size_t)at),
        .at = m->at,
        .personal = true,
        .others = addresses(c, to, 1),
        .copies = addresses(c, json_get(parties, "cc"), 0),
        .in_reply_to = reply,
        .references = ids_in_brackets(c, m->reply_ids)};
}

/* On a sender's thread, outside any transaction. */
static enum delivery deliver(struct ctx *c, const struct outbox_item *item, struct str *why) {
    const struct json *payload = json_parse(c, item->payload);
    struct correspondence m;
    struct mailbox box;
    c->actor = &actor_system;
    if (!correspondence_load(c, json_id(payload, "mail"), &m) || !str_is(m.state, "queued") ||
        !mailbox_sending(c, json_id(payload, "user"), json_id(payload, "mailbox"), &box)) {
        *why = STR("the mail or its mailbox is gone");
        return DELIVERY_REFUSED;
    }
    mailbox_open(c, &box);
    struct mail_account account = mailbox_sender(&box);
    struct mail_message message = message_of(c, &m);
    if (ctx_failed(c)) {
        return DELIVERY_RETRY;
    }
    if (!mail_files_load(c, m.id, &message)) {
        *why = STR("a file of the mail is lost");
        return ctx_failed(c) ? DELIVERY_RETRY : DELIVERY_REFUSED;
    }
    struct mail_result result = mail_deliver(c->arena, &account, &message);
    *why = text_truncate(
        text_repair(c->arena, str_format(c->arena, "%d %.*s", result.code, STR_ARG(result.why))),
        300);
    return result.outcome == MAIL_ACCEPTED    ? DELIVERED
           : result.outcome == MAIL_TEMPORARY ? DELIVERY_RETRY
                                              : DELIVERY_REFUSED;
}

static void settled(struct ctx *c, const struct outbox_item *item, bool delivered) {
    const struct json *payload = json_parse(c, item->payload);
    int64_t id = json_id(payload, "mail");
    struct correspondence m;
    if (delivered) {
        correspondence_gone(c, id);
        return;
    }
    struct str why = DB_TEXT(c, "SELECT why FROM outbox WHERE id = $1", item->id);
    correspondence_failed(c, id, why);
    if (correspondence_load(c, id, &m)) {
        struct notification n = {.user_id = json_id(payload, "user"),
                                 .code = "notification.letter_failed"};
        n.parameters[0] = (struct text_parameter){"subject", m.subject};
        n.parameters[1] = (struct text_parameter){"why", mail_reason(c->arena, LANGUAGE_ZH, why)};
        n.parameters[2] = (struct text_parameter){"why_en",
                                                  mail_reason(c->arena, LANGUAGE_EN, why)};
        notify(c, &n);
    }
}

/* What a placeholder stands for, as far as the writer may read it. */
static struct str placeholder(struct ctx *c, const struct record *head, const struct mailbox *box,
                              struct str name) {
    const struct field *f = entity_field(head->entity, name);
    if (str_is(name, "me")) {
        return box->name.n ? box->name : c->actor->name;
    }
    if (!f || f->flags & FIELD_HIDDEN || access_field(c->actor, head->entity, f) < RIGHT_READ) {
        return STR("");
    }
    struct value v = head->values[f->position];
    if (f->type == FIELD_REFERENCE) {
        const struct record *target = f->target && v.kind != VALUE_NULL
                                          ? record_load(c, f->target, v.integer)
                                          : NULL;
        return target && access_record(c, ACTION_READ, target) ? record_title(target) : STR("");
    }
    return value_to_text(c, f, v);
}

static struct str filled(struct ctx *c, const struct record *head, const struct mailbox *box,
                         struct str text) {
    struct text_buffer out = {.arena = c->arena};
    for (ptrdiff_t open; (open = str_find(text, STR("{{"))) >= 0;) {
        struct str inside = str_slice(text, (size_t)open + 2, text.n);
        ptrdiff_t close = str_find(inside, STR("}}"));
        if (close < 0) {
            break;
        }
        text_add(&out, str_slice(text, 0, (size_t)open));
        text_add(&out, placeholder(c, head, box, str_trim(str_slice(inside, 0, (size_t)close))));
        text = str_slice(inside, (size_t)close + 2, inside.n);
    }
    text_add(&out, text);
    return text_str(&out);
}

static void choice_put(struct ctx *c, struct json_writer *w, struct str name, struct str address) {
    const char *refusal = correspondence_refusal(c, address);
    json_begin_object(w);
    JSON_MEMBER(w, "name", json_put_str, name);
    JSON_MEMBER(w, "address", json_put_str, address);
    JSON_MEMBER(w, "refusal", json_put_str,
                refusal ? message_words(c->language, refusal) : STR(""));
    json_end_object(w);
}

/* Whom one may mean: the record itself, his person, the people of the account. */
static void choices_put(struct ctx *c, struct json_writer *w, const struct record *head) {
    const struct entity *person = entity_named(c, "person");
    const struct record *his = person_of(c, head);
    json_key(w, "to");
    json_begin_array(w);
    if (field_open(c, head, "email") && record_text(head, "email").n) {
        choice_put(c, w, record_title(head), record_text(head, "email"));
    } else if (his && field_open(c, his, "email") && record_text(his, "email").n) {
        choice_put(c, w, record_title(his), record_text(his, "email"));
    } else if (str_is(head->entity->name, "account")) {
        int64_t ids[CONTACTS];
        struct db_rows rows;
        size_t n = 0;
        DB_QUERY(c, &rows,
                 "SELECT person_id FROM contact WHERE account_id = $1 AND deleted_at IS NULL "
                 "ORDER BY id LIMIT $2",
                 head->id, (int64_t)CONTACTS);
        while (n < CONTACTS && db_next(&rows)) {
            ids[n++] = db_int(&rows, 0);
        }
        db_done(&rows);
        for (size_t i = 0; i < n && !ctx_failed(c); i++) {
            his = record_load(c, person, ids[i]);
            if (his && access_record(c, ACTION_READ, his) && field_open(c, his, "email") &&
                record_text(his, "email").n) {
                choice_put(c, w, record_title(his), record_text(his, "email"));
            }
        }
    }
    json_end_array(w);
}

/* The mailboxes he may write from, and which is proposed: where the mail came that is answered. */
static void senders_put(struct request *r, struct json_writer *w, int64_t first) {
    struct ctx *c = r->c;
    struct db_rows rows;
    int64_t user = access_user_id(c->actor), reply = request_query_int(r, "reply_to", 0);
    int64_t came = reply ? DB_INT(c,
                                  "SELECT k.mailbox_id FROM correspondence_copy k JOIN mailbox b "
                                  "ON b.id = k.mailbox_id WHERE k.mail_id = $1 AND k.user_id = $2 "
                                  "AND b.enabled = 1 AND b.smtp_host <> '' ORDER BY b.id LIMIT 1",
                                  reply, user)
                         : 0;
    JSON_MEMBER(w, "mailbox", json_put_id, came ? came : first);
    json_key(w, "mailboxes");
    json_begin_array(w);
    DB_QUERY(c, &rows,
             "SELECT id, address FROM mailbox WHERE user_id = $1 AND enabled = 1 "
             "AND smtp_host <> '' ORDER BY id LIMIT $2",
             user, (int64_t)MAILBOXES_MOST);
    while (db_next(&rows)) {
        json_begin_object(w);
        JSON_MEMBER(w, "id", json_put_id, db_int(&rows, 0));
        JSON_MEMBER(w, "address", json_put_str, db_text(&rows, 1));
        json_end_object(w);
    }
    json_end_array(w);
}

static void draft_get(struct request *r) {
    struct ctx *c = r->c;
    struct mailbox box;
    const struct record *head = head_of(r, &box), *template = NULL;
    int64_t id = request_query_int(r, "template", 0);
    if (!head) {
        return;
    }
    if (id) {
        template = record_read(c, entity_named(c, "letter_template"), id);
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "ready", json_put_bool, box.id != 0);
    senders_put(r, &w, box.id);
    JSON_MEMBER(&w, "from", json_put_str, box.address);
    choices_put(c, &w, head);
    JSON_MEMBER(&w, "subject", json_put_str,
                template ? filled(c, head, &box, record_text(template, "subject")) : STR(""));
    JSON_MEMBER(&w, "body", json_put_str,
                template ? filled(c, head, &box, record_text(template, "body")) : STR(""));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/{plural}/{id}/mails", PERMISSION_RECORD, LANE_WRITER, mail_post,
     .summary = "route.letter_send",
     .body = "to:[text] cc:[text] subject:text! body:text! reply_to:id files:[id] "
             "mailbox:id",
     .answer = "201 id:id! state:text!"},
    {METHOD_GET, "/api/v1/{plural}/{id}/mails/draft", PERMISSION_RECORD, LANE_INLINE, draft_get,
     .summary = "route.letter_draft", .query = "template:id reply_to:id",
     .answer = "ready:boolean! mailbox:id?! mailboxes:[(id:id! address:text!)]! from:text! "
               "to:[(name:text! address:text! refusal:text!)]! "
               "subject:text! body:text!"},
    {0}};

static const struct outbox_kind outbox_kinds[] = {{"correspondence", ATTEMPTS, deliver, settled},
                                                  {0}};

static const struct text texts[] = {
    {"correspondence.receivers", "收件人最多 20 个", "At most 20 receivers"},
    {"correspondence.text", "太长，或主题中有换行", "Too long, or a subject of several lines"},
    {"correspondence.nobody", "这里没有邮箱地址，请填写收件人",
     "There is no mail address here: say who is to get it"},
    {"correspondence.no_mailbox", "请先在“设置 → 邮箱”中接入自己的邮箱（含发信服务器）",
     "First set up your mailbox, with a server to send by, under Settings → Mailbox"},
    {"correspondence.bounced", "这个地址不存在（曾退信），请先核对",
     "This address does not exist (it bounced): check it first"},
    {"correspondence.complained", "对方曾把我们的邮件举报为垃圾邮件，不能再发",
     "The receiver reported our mail as spam: no more goes there"},
    {"notification.letter_failed", "邮件《{subject}》没有发出：{why}",
     "The mail \"{subject}\" was not sent: {why_en}"},
    {"route.letter_send", "从记录页发一封邮件", "Send a mail from a record's page"},
    {"route.letter_draft", "写信时的收件人与模板内容",
     "Receivers and text of a mail to be written"},
    {0}};

const struct module correspondence_send_module = {.name = "customer.correspondence_send",
                                                  .cloud = "customer",
                                                  .routes = routes,
                                                  .outbox = outbox_kinds,
                                                  .texts = texts};
