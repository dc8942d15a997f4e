/* Filing mails, and who may see them: see correspondence.h. */
#include "customer/correspondence.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "connector/mail_html.h"
#include "connector/mail_returns.h"
#include "customer/correspondence_file.h"
#include "customer/subject.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/access.h"
#include "event/reactor.h"

enum { EXCERPT = 200, PAGE = 41, FUTURE_MS = 10 * MS_MINUTE };

static const char *(*refusal_of)(struct ctx *c, struct str address);

void correspondence_refusal_from(const char *(*refusal)(struct ctx *c, struct str address)) {
    refusal_of = refusal;
}

const char *correspondence_refusal(struct ctx *c, struct str address) {
    return refusal_of ? refusal_of(c, address) : NULL;
}

static void parties_put(struct json_writer *w, const char *key, const struct mail_party *list,
                        size_t n) {
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        json_begin_object(w);
        JSON_MEMBER(w, "name", json_put_str, list[i].name);
        JSON_MEMBER(w, "address", json_put_str, list[i].address);
        json_end_object(w);
    }
    json_end_array(w);
}

static struct str parties_json(struct ctx *c, const struct mail_read *m) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    parties_put(&w, "to", m->to, m->n_to);
    parties_put(&w, "cc", m->cc, m->n_cc);
    json_end_object(&w);
    return json_str(&w);
}

static bool quotes_begin(struct str line) {
    static const char *const marks[] = {"-----Original",
                                        "----- Original",
                                        "---Original",
                                        "------------------ Original",
                                        "-----原始邮件",
                                        "------------------ 原始邮件",
                                        "发件人：",
                                        "发件人:",
                                        "From:",
                                        "---- 回复的原邮件",
                                        NULL};
    for (const char *const *m = marks; *m; m++) {
        if (str_starts(line, str_from(*m))) {
            return true;
        }
    }
    return str_ends(line, STR("wrote:")) || str_ends(line, STR("写道：")) ||
           str_ends(line, STR("写道:"));
}

/* What the writer says himself, in one line. */
static struct str excerpt_of(struct arena *a, struct str text) {
    struct text_buffer out = {.arena = a};
    struct str line;
    while (text.n && str_cut(&text, '\n', &line) && out.n < EXCERPT * 4) {
        line = str_trim(line);
        if (out.n && quotes_begin(line)) {
            break;
        }
        if (line.n && line.p[0] != '>') {
            text_add_c(&out, out.n ? " " : "");
            text_add(&out, line);
        }
    }
    return text_truncate(text_str(&out), EXCERPT);
}

/* Ids it answers, the one it says first, then from the newest. */
static struct str reply_ids(struct ctx *c, const struct mail_read *m) {
    struct text_buffer out = {.arena = c->arena};
    text_add(&out, m->in_reply_to);
    for (size_t i = m->n_references; i > 0 && out.n < 2000; i--) {
        if (!str_equal(m->references[i - 1], m->in_reply_to)) {
            text_add_c(&out, out.n ? " " : "");
            text_add(&out, m->references[i - 1]);
        }
    }
    return text_str(&out);
}

static int64_t thread_of(struct ctx *c, struct str ids, int64_t own) {
    struct str one;
    while (ids.n && str_cut(&ids, ' ', &one)) {
        int64_t thread = DB_INT(c,
                                "SELECT thread_id FROM correspondence WHERE message_id = $1 "
                                "ORDER BY id LIMIT 1",
                                one);
        if (thread) {
            return thread;
        }
    }
    return own;
}

/* What makes two copies one mail. Nobody but its correspondents knows a Message-ID. */
static struct str digest_of(struct ctx *c, const struct mail_read *m) {
    struct str rest = m->message_id.n ? STR("") : m->text.n ? m->text : m->html;
    return sha256_hex(c->arena, str_format(c->arena, "%.*s\n%.*s\n%lld\n%.*s\n%.*s",
                                           STR_ARG(m->message_id), STR_ARG(m->from.address),
                                           (long long)m->at, STR_ARG(m->subject), STR_ARG(rest)));
}

static int64_t known_mail(struct ctx *c, const struct mailbox *box, const struct mail_read *m,
                          struct str digest) {
    int64_t id = DB_INT(c, "SELECT id FROM correspondence WHERE digest = $1", digest);
    return id || !m->message_id.n
               ? id
               : DB_INT(c,
                        "SELECT m.id FROM correspondence m JOIN correspondence_copy k "
                        "ON k.mail_id = m.id WHERE m.message_id = $1 AND k.user_id = $2 LIMIT 1",
                        m->message_id, box->user_id);
}

static void copy_keep(struct ctx *c, const struct mailbox *box, const struct mail_place *at,
                      int64_t mail_id) {
    DB_RUN(c,
           "INSERT INTO correspondence_copy (mailbox_id, folder, uidvalidity, uid, mail_id, "
           "user_id) VALUES ($1, $2, $3, $4, $5, $6) "
           "ON CONFLICT (mailbox_id, folder, uidvalidity, uid) DO NOTHING",
           box->id, at->folder, at->uidvalidity, at->uid, mail_id, box->user_id);
}

static void links_keep(struct ctx *c, const struct mail_subjects *s, int64_t mail_id, int64_t at) {
    for (size_t i = 0; i < s->n; i++) {
        DB_RUN(c,
               "INSERT INTO correspondence_link (subject_type, subject_id, mail_id, at, origin_id) "
               "VALUES ($1, $2, $3, $4, $2) "
               "ON CONFLICT (subject_type, subject_id, mail_id) DO NOTHING",
               s->items[i].entity->name, s->items[i].id, mail_id, at);
    }
}

/* A text for a column that is never NULL. */
static struct str there(struct str s) {
    return s.p ? s : STR("");
}

static void mail_keep(struct ctx *c, const struct mail_read *m, const struct mail_subjects *s,
                      const struct correspondence *as, struct str digest) {
    struct mail_html made = m->html.n ? mail_html_read(c->arena, m->html, MAIL_TEXT_MOST)
                                      : (struct mail_html){STR(""), STR("")};
    struct str text = there(text_repair(c->arena, m->text.n ? m->text : made.text));
    DB_RUN(c,
           "INSERT INTO correspondence (id, digest, message_id, thread_id, reply_ids, outgoing, "
           "automatic, hidden, at, from_address, from_name, parties, subject, excerpt, body, html, "
           "attachments, state, why, cut, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, "
           "$9, $10, $11, $12, $13, $14, $15, $16, $17, '', $18, $19)",
           as->id, digest, there(m->message_id), as->thread_id, there(as->reply_ids), s->outgoing,
           m->automatic, as->at, there(m->from.address), there(m->from.name), parties_json(c, m),
           there(m->subject), there(excerpt_of(c->arena, text)), text, there(made.safe),
           mail_files_keep(c, as->id, m), as->state,
           m->broken || m->html.n >= MAIL_TEXT_MOST || m->text.n >= MAIL_TEXT_MOST, c->now_ms);
}

static void tell(struct ctx *c, const char *type, bool automatic, const struct mail_subjects *s,
                 const struct correspondence *as) {
    event_emit(
        c, &(struct event){.type = str_from(type),
                           .occurred_at = as->at,
                           .subject_type = s->person_id ? STR("person") : s->items[0].entity->name,
                           .subject_id = s->person_id ? s->person_id : s->items[0].id,
                           .person_id = s->person_id,
                           .payload = str_format(c->arena, "{\"mail\":\"%lld\",\"automatic\":%s}",
                                                 (long long)as->id, automatic ? "true" : "false")});
}

/* Whether we wrote in the thread before. */
static bool is_answer(struct ctx *c, const struct correspondence *as) {
    return as->thread_id != as->id &&
           DB_INT(c,
                  "SELECT 1 FROM correspondence WHERE thread_id = $1 AND at < $2 AND outgoing = 1 "
                  "LIMIT 1",
                  as->thread_id, as->at);
}

static void told(struct ctx *c, bool automatic, const struct mail_subjects *s,
                 const struct correspondence *as) {
    if (!s->n) {
        return;
    }
    tell(c, s->outgoing ? "correspondence.sent" : "correspondence.received", automatic, s, as);
    if (!s->outgoing && !automatic && is_answer(c, as)) {
        tell(c, "correspondence.replied", false, s, as);
    }
    for (size_t i = 0; i < s->n && !automatic; i++) {
        subject_contacted(c, s->items[i].entity, s->items[i].id, as->at, s->outgoing);
    }
}

/* Keep a mail with the records it belongs to; what is written here is told when it has gone. */
static int64_t keep_new(struct ctx *c, const struct mailbox *box, const struct mail_place *at,
                        const struct mail_read *m, const struct mail_subjects *s) {
    bool future = m->at <= 0 || m->at > c->now_ms + FUTURE_MS;
    bool written = str_is(str_from(at->folder), "written");
    struct correspondence as = {.id = id_new(),
                                .at = future ? c->now_ms : m->at,
                                .state = written ? STR("queued") : STR(""),
                                .reply_ids = reply_ids(c, m)};
    as.thread_id = thread_of(c, as.reply_ids, as.id);
    mail_keep(c, m, s, &as, digest_of(c, m));
    copy_keep(c, box, written ? &(struct mail_place){"written", 0, as.id} : at, as.id);
    links_keep(c, s, as.id, as.at);
    if (!written) {
        enum origin before = c->origin;
        c->origin = as.at < c->now_ms - MS_DAY ? ORIGIN_IMPORT : before;
        told(c, m->automatic, s, &as);
        c->origin = before;
    }
    return as.id;
}

int64_t correspondence_file(struct ctx *c, const struct mailbox *box, const struct mail_place *at,
                            const struct mail_read *m) {
    int64_t copied = DB_INT(c,
                            "SELECT mail_id FROM correspondence_copy WHERE mailbox_id = $1 "
                            "AND folder = $2 AND uidvalidity = $3 AND uid = $4",
                            box->id, at->folder, at->uidvalidity, at->uid);
    struct mail_subjects s = copied ? (struct mail_subjects){0}
                                    : correspondence_subjects(c, box, m);
    if (copied || !s.n || ctx_failed(c)) {
        return copied;
    }
    int64_t id = known_mail(c, box, m, digest_of(c, m));
    if (id) {
        copy_keep(c, box, at, id);
        links_keep(c, &s, id, DB_INT(c, "SELECT at FROM correspondence WHERE id = $1", id));
        return id;
    }
    return keep_new(c, box, at, m, &s);
}

int64_t correspondence_write(struct ctx *c, const struct mailbox *box, const struct mail_read *m,
                             const struct record *head) {
    struct mail_subjects s = correspondence_subjects(c, box, m);
    mail_subject_add(&s, head->entity, head->id);
    int64_t person = str_is(head->entity->name, "person")           ? head->id
                     : entity_field(head->entity, STR("person_id")) ? record_id(head, "person_id")
                                                                    : 0;
    s.person_id = s.person_id ? s.person_id : person;
    s.outgoing = true;
    return keep_new(c, box, &(struct mail_place){"written", 0, 0}, m, &s);
}

/* The records a kept mail belongs to. */
static struct mail_subjects subjects_kept(struct ctx *c, int64_t mail_id) {
    struct mail_subjects s = {.outgoing = true};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT subject_type, subject_id FROM correspondence_link WHERE mail_id = $1 "
             "ORDER BY subject_type, subject_id",
             mail_id);
    while (s.n < CORRESPONDENCE_SUBJECTS && db_next(&rows)) {
        const struct entity *e = model_entity(c->model, db_view(&rows, 0));
        mail_subject_add(&s, e, db_int(&rows, 1));
        if (e && str_is(e->name, "person")) {
            s.person_id = db_int(&rows, 1);
        }
    }
    db_done(&rows);
    return s;
}

void correspondence_gone(struct ctx *c, int64_t id) {
    struct correspondence m;
    if (correspondence_load(c, id, &m) &&
        DB_RUN(c, "UPDATE correspondence SET state = 'sent' WHERE id = $1 AND state = 'queued'",
               id)) {
        struct mail_subjects s = subjects_kept(c, id);
        told(c, false, &s, &m);
    }
}

void correspondence_failed(struct ctx *c, int64_t id, struct str why) {
    DB_RUN(c,
           "UPDATE correspondence SET state = 'failed', why = $1 WHERE id = $2 "
           "AND state = 'queued'",
           why, id);
}

bool correspondence_returned(struct ctx *c, const struct mailbox *box, const struct mail_read *m) {
    const struct mail_report *report = &m->report;
    if (report->kind != RETURN_FAILED || !report->original_id.n) {
        return false;
    }
    int64_t id = DB_INT(c,
                        "SELECT m.id FROM correspondence m JOIN correspondence_copy k "
                        "ON k.mail_id = m.id WHERE m.message_id = $1 AND k.user_id = $2 "
                        "AND m.outgoing = 1 LIMIT 1",
                        report->original_id, box->user_id);
    if (id) {
        struct str why = str_format(c->arena, "%.*s: %.*s %.*s", STR_ARG(report->recipient),
                                    STR_ARG(report->status), STR_ARG(report->said));
        DB_RUN(c, "UPDATE correspondence SET state = 'returned', why = $1 WHERE id = $2", why, id);
        mail_return_keep(
            c, str_format(c->arena, "mail:%lld:%.*s", (long long)id, STR_ARG(report->recipient)), m,
            true);
    }
    return id != 0;
}

#define COLUMNS                                                                                   \
    "m.id, m.thread_id, m.at, m.outgoing, m.automatic, m.hidden, m.from_address, m.from_name, "   \
    "m.parties, m.subject, m.excerpt, m.attachments, m.message_id, m.reply_ids, m.state, m.why, " \
    "m.cut"

static struct correspondence row_of(struct db_rows *rows) {
    return (struct correspondence){.id = db_int(rows, 0),
                                   .thread_id = db_int(rows, 1),
                                   .at = db_int(rows, 2),
                                   .outgoing = db_int(rows, 3) != 0,
                                   .automatic = db_int(rows, 4) != 0,
                                   .hidden = db_int(rows, 5) != 0,
                                   .from_address = db_text(rows, 6),
                                   .from_name = db_text(rows, 7),
                                   .parties = db_text(rows, 8),
                                   .subject = db_text(rows, 9),
                                   .excerpt = db_text(rows, 10),
                                   .attachments = db_text(rows, 11),
                                   .message_id = db_text(rows, 12),
                                   .reply_ids = db_text(rows, 13),
                                   .state = db_text(rows, 14),
                                   .why = db_text(rows, 15),
                                   .cut = db_int(rows, 16) != 0};
}

bool correspondence_load(struct ctx *c, int64_t id, struct correspondence *m) {
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT " COLUMNS " FROM correspondence m WHERE m.id = $1", id);
    if (!db_next(&rows)) {
        return false;
    }
    *m = row_of(&rows);
    db_done(&rows);
    return true;
}

static bool is_holder(struct ctx *c, int64_t mail_id) {
    int64_t user = access_user_id(c->actor);
    return user && DB_INT(c,
                          "SELECT 1 FROM correspondence_copy WHERE mail_id = $1 AND user_id = $2 "
                          "LIMIT 1",
                          mail_id, user);
}

/* Content, for who sees one of its records. */
static enum mail_sight sight_of_seen(struct ctx *c, const struct correspondence *m) {
    return is_holder(c, m->id)                                             ? SIGHT_OWN
           : !m->hidden && access_permitted(c->actor, CORRESPONDENCE_READ) ? SIGHT_CONTENT
                                                                           : SIGHT_EXISTENCE;
}

bool correspondence_open(struct ctx *c, int64_t id) {
    struct correspondence m;
    return !correspondence_load(c, id, &m) || correspondence_sight(c, &m) >= SIGHT_CONTENT;
}

int64_t correspondence_holder(struct ctx *c, int64_t id) {
    return DB_INT(c,
                  "SELECT user_id FROM correspondence_copy WHERE mail_id = $1 ORDER BY user_id "
                  "LIMIT 1",
                  id);
}

enum mail_sight correspondence_sight(struct ctx *c, const struct correspondence *m) {
    struct db_rows rows;
    struct str types[CORRESPONDENCE_SUBJECTS * 4];
    int64_t ids[CORRESPONDENCE_SUBJECTS * 4];
    size_t n = 0;
    if (is_holder(c, m->id)) {
        return SIGHT_OWN;
    }
    DB_QUERY(c, &rows,
             "SELECT subject_type, subject_id FROM correspondence_link WHERE mail_id = $1", m->id);
    while (n < CORRESPONDENCE_SUBJECTS * 4 && db_next(&rows)) {
        types[n] = db_text(&rows, 0);
        ids[n++] = db_int(&rows, 1);
    }
    db_done(&rows);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        const struct entity *e = model_entity(c->model, types[i]);
        const struct record *r = e && access_cloud_on(c->actor, e->cloud)
                                     ? record_load(c, e, ids[i])
                                     : NULL;
        if (r && access_record(c, ACTION_READ, r)) {
            return sight_of_seen(c, m);
        }
    }
    return SIGHT_NONE;
}

static struct str entry_data(struct ctx *c, const struct correspondence *m, enum mail_sight sight) {
    struct json_writer w = json_writer(c->arena);
    bool open = sight >= SIGHT_CONTENT;
    json_begin_object(&w);
    JSON_MEMBER(&w, "mail", json_put_id, m->id);
    JSON_MEMBER(&w, "open", json_put_bool, open);
    JSON_MEMBER(&w, "own", json_put_bool, sight == SIGHT_OWN);
    JSON_MEMBER(&w, "private", json_put_bool, m->hidden);
    JSON_MEMBER(&w, "automatic", json_put_bool, m->automatic);
    JSON_MEMBER(&w, "state", json_put_str, m->state);
    JSON_MEMBER(&w, "excerpt", json_put_str, open ? m->excerpt : STR(""));
    JSON_MEMBER(&w, "from", json_put_str,
                open ? (m->from_name.n ? m->from_name : m->from_address) : STR(""));
    JSON_MEMBER(&w, "parties", json_put_raw, open ? m->parties : STR("{\"to\":[],\"cc\":[]}"));
    mail_files_put(c, &w, open ? m->attachments : STR("[]"));
    json_end_object(&w);
    return json_str(&w);
}

struct mail_entry *correspondence_of(struct ctx *c, const struct entity *e, int64_t id,
                                     int64_t before, size_t *n) {
    struct mail_entry *entries = ARENA_NEW_ARRAY(c->arena, PAGE, struct mail_entry);
    struct correspondence mails[PAGE];
    struct db_rows rows;
    size_t found = 0;
    DB_QUERY(c, &rows,
             "SELECT " COLUMNS " FROM correspondence_link l JOIN correspondence m "
             "ON m.id = l.mail_id WHERE l.subject_type = $1 AND l.subject_id = $2 AND l.at < $3 "
             "ORDER BY l.at DESC LIMIT $4",
             e->name, id, before, (int64_t)PAGE);
    while (found < PAGE && db_next(&rows)) {
        mails[found++] = row_of(&rows);
    }
    db_done(&rows);
    for (size_t i = 0; i < found && !ctx_failed(c); i++) {
        enum mail_sight sight = sight_of_seen(c, &mails[i]);
        entries[i] = (struct mail_entry){.id = mails[i].id,
                                         .at = mails[i].at,
                                         .user_id = correspondence_holder(c, mails[i].id),
                                         .outgoing = mails[i].outgoing,
                                         .open = sight >= SIGHT_CONTENT,
                                         .text = sight >= SIGHT_CONTENT ? mails[i].subject
                                                                        : STR(""),
                                         .data = entry_data(c, &mails[i], sight)};
    }
    *n = found;
    return entries;
}

/* Two records become one: the winner is linked as well, while the merge stands; origin_id says by
 * which. */
static void merged(struct ctx *c, const struct event *e) {
    int64_t winner = json_id(json_parse(c, e->payload), "winner_id");
    if (str_ends(e->type, STR(".unmerged"))) {
        DB_RUN(c,
               "DELETE FROM correspondence_link WHERE subject_type = $1 AND subject_id = $2 "
               "AND origin_id = $3",
               e->subject_type, winner, e->subject_id);
        return;
    }
    DB_RUN(c,
           "INSERT INTO correspondence_link (subject_type, subject_id, mail_id, at, origin_id) "
           "SELECT subject_type, $1, mail_id, at, $3 FROM correspondence_link "
           "WHERE subject_type = $2 AND subject_id = $3 "
           "ON CONFLICT (subject_type, subject_id, mail_id) DO NOTHING",
           winner, e->subject_type, e->subject_id);
}

static const struct reactor merge_reactor = {
    .name = "customer.correspondence",
    .lane = REACTOR_STEADY,
    .types = (const char *const[]){"person.merged", "person.unmerged", "lead.merged",
                                   "lead.unmerged", "account.merged", "account.unmerged",
                                   "opportunity.merged", "opportunity.unmerged", NULL},
    .handle = merged};

static const struct migration migrations[] = {
    {"customer.correspondence.1",
     "CREATE TABLE correspondence (id {id}, digest TEXT NOT NULL, message_id TEXT NOT NULL, "
     "thread_id BIGINT NOT NULL, reply_ids TEXT NOT NULL, outgoing BIGINT NOT NULL, "
     "automatic BIGINT NOT NULL, hidden BIGINT NOT NULL, at BIGINT NOT NULL, "
     "from_address TEXT NOT NULL, from_name TEXT NOT NULL, parties TEXT NOT NULL, "
     "subject TEXT NOT NULL, excerpt TEXT NOT NULL, body TEXT NOT NULL, html TEXT NOT NULL, "
     "attachments TEXT NOT NULL, state TEXT NOT NULL, why TEXT NOT NULL, cut BIGINT NOT NULL, "
     "created_at BIGINT NOT NULL);\n"
     "CREATE UNIQUE INDEX correspondence_digest ON correspondence (digest);\n"
     "CREATE INDEX correspondence_message ON correspondence (message_id);\n"
     "CREATE INDEX correspondence_thread ON correspondence (thread_id, at);\n"
     "CREATE TABLE correspondence_link (subject_type TEXT NOT NULL, subject_id BIGINT NOT NULL, "
     "mail_id BIGINT NOT NULL, at BIGINT NOT NULL, origin_id BIGINT NOT NULL, "
     "PRIMARY KEY (subject_type, subject_id, mail_id)){without_rowid};\n"
     "CREATE INDEX correspondence_link_at ON correspondence_link (subject_type, subject_id, at);\n"
     "CREATE INDEX correspondence_link_mail ON correspondence_link (mail_id);\n"
     "CREATE TABLE correspondence_copy (mailbox_id BIGINT NOT NULL, folder TEXT NOT NULL, "
     "uidvalidity BIGINT NOT NULL, uid BIGINT NOT NULL, mail_id BIGINT NOT NULL, "
     "user_id BIGINT NOT NULL, PRIMARY KEY (mailbox_id, folder, uidvalidity, uid))"
     "{without_rowid};\n"
     "CREATE INDEX correspondence_copy_mail ON correspondence_copy (mail_id, user_id)"},
    {0}};

static const struct permission permissions[] = {
    {CORRESPONDENCE_READ, "读同事与客户的往来邮件", "Read colleagues' mails with customers"}, {0}};

static const struct event_type event_types[] = {
    {"correspondence.received", "person", "来信", "wrote a mail to us"},
    {"correspondence.replied", "person", "回信（往来邮件）", "answered a mail of ours"},
    {"correspondence.sent", "person", "收到我们的信", "got a mail from us"},
    {0}};

const struct module correspondence_module = {
    .name = "customer.correspondence",
    .cloud = "customer",
    .reactors = (const struct reactor *const[]){&merge_reactor, NULL},
    .events = event_types,
    .permissions = permissions,
    .migrations = migrations};
