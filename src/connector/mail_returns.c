#include "connector/mail_returns.h"

#include "base/id.h"
#include "base/module.h"
#include "db/db.h"
#include "db/migration.h"
#include "event/event.h"

struct mail_returned mail_return_of(struct arena *a, const struct mail_read *m) {
    struct text_buffer tokens = {.arena = a};
    const struct mail_report *report = &m->report;
    for (size_t i = 0; i < report->n_tokens; i++) {
        text_add_c(&tokens, i ? " " : "");
        text_add(&tokens, report->tokens[i]);
    }
    return (struct mail_returned){.kind = report->kind == RETURN_COMPLAINT ? STR("complaint")
                                          : report->kind == RETURN_FAILED  ? STR("failed")
                                                                           : STR(""),
                                  .recipient = report->recipient,
                                  .status = report->status,
                                  .said = report->said,
                                  .tokens = text_str(&tokens),
                                  .original_id = report->original_id};
}

/* A text for a column that is never NULL. */
static struct str there(struct str s) {
    return s.p ? s : STR("");
}

static void keep(struct ctx *c, struct str key, const struct mail_returned *r) {
    int64_t id = id_new();
    if (!r->kind.n ||
        !DB_RUN(c,
                "INSERT INTO mail_return (id, key, kind, recipient, status, said, tokens, "
                "original_id, known, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
                "ON CONFLICT (key) DO NOTHING",
                id, key, r->kind, there(r->recipient), there(r->status), there(r->said),
                there(r->tokens), there(r->original_id), r->known, c->now_ms)) {
        return;
    }
    event_emit(c, &(struct event){
                      .type = STR("mail_return.received"),
                      .payload = str_format(c->arena, "{\"return\":\"%lld\"}", (long long)id)});
}

void mail_return_keep(struct ctx *c, struct str key, const struct mail_read *m, bool known) {
    struct mail_returned r = mail_return_of(c->arena, m);
    r.known = known;
    keep(c, key, &r);
}

void mail_reply_keep(struct ctx *c, struct str key, const struct mail_read *m) {
    struct str ids[MAIL_REFERENCES + 1] = {m->in_reply_to};
    size_t n = 1;
    for (size_t i = m->n_references; i > 0; i--) {
        ids[n++] = m->references[i - 1];
    }
    for (size_t i = 0; i < n; i++) {
        if (str_starts(ids[i], STR("m."))) {
            keep(c, key,
                 &(struct mail_returned){.kind = STR("reply"),
                                         .recipient = m->from.address,
                                         .status = STR(""),
                                         .said = STR(""),
                                         .tokens = STR(""),
                                         .original_id = ids[i]});
            return;
        }
    }
}

bool mail_return_load(struct ctx *c, int64_t id, struct mail_returned *r) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT id, kind, recipient, status, said, tokens, original_id, known, at "
             "FROM mail_return WHERE id = $1",
             id);
    if (!db_next(&rows)) {
        return false;
    }
    *r = (struct mail_returned){.id = db_int(&rows, 0),
                                .kind = db_text(&rows, 1),
                                .recipient = db_text(&rows, 2),
                                .status = db_text(&rows, 3),
                                .said = db_text(&rows, 4),
                                .tokens = db_text(&rows, 5),
                                .original_id = db_text(&rows, 6),
                                .known = db_int(&rows, 7) != 0,
                                .at = db_int(&rows, 8)};
    db_done(&rows);
    return true;
}

static const struct migration migrations[] = {
    {"connector.mail_return.1",
     "CREATE TABLE mail_return (id {id}, key TEXT NOT NULL, kind TEXT NOT NULL, "
     "recipient TEXT NOT NULL, status TEXT NOT NULL, said TEXT NOT NULL, tokens TEXT NOT NULL, "
     "original_id TEXT NOT NULL, known BIGINT NOT NULL, at BIGINT NOT NULL);\n"
     "CREATE UNIQUE INDEX mail_return_key ON mail_return (key)"},
    {0}};

static const struct event_type event_types[] = {
    {"mail_return.received", NULL, "收到退信、投诉或回复", "a bounce, complaint or answer came in"},
    {0}};

const struct module mail_returns_module = {.name = "connector.mail_returns",
                                           .cloud = "platform",
                                           .events = event_types,
                                           .migrations = migrations};
