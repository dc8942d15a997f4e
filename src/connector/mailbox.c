#include "connector/mailbox.h"

#include "base/clock.h"
#include "base/module.h"
#include "connector/secret_box.h"
#include "db/db.h"
#include "db/migration.h"

enum { CLAIM_MS = 10 * MS_MINUTE };

#define COLUMNS                                                                            \
    "id, user_id, enabled, name, address, imap_host, imap_security, imap_port, username, " \
    "password, authority, smtp_host, smtp_security, smtp_port, inbox, sent, since, "       \
    "excluded, state, why, synced_at, next_at, failures, version"

static bool row_read(struct db_rows *rows, struct mailbox *box) {
    if (!db_next(rows)) {
        return false;
    }
    *box = (struct mailbox){.id = db_int(rows, 0),
                            .user_id = db_int(rows, 1),
                            .enabled = db_int(rows, 2) != 0,
                            .name = db_text(rows, 3),
                            .address = db_text(rows, 4),
                            .imap = {.host = db_text(rows, 5),
                                     .security = db_text(rows, 6),
                                     .port = db_int(rows, 7),
                                     .username = db_text(rows, 8),
                                     .password = db_text(rows, 9),
                                     .authority = db_text(rows, 10)},
                            .smtp_host = db_text(rows, 11),
                            .smtp_security = db_text(rows, 12),
                            .smtp_port = db_int(rows, 13),
                            .inbox = db_text(rows, 14),
                            .sent = db_text(rows, 15),
                            .since = db_int(rows, 16),
                            .excluded = db_text(rows, 17),
                            .state = db_text(rows, 18),
                            .why = db_text(rows, 19),
                            .synced_at = db_int(rows, 20),
                            .next_at = db_int(rows, 21),
                            .failures = db_int(rows, 22),
                            .version = db_int(rows, 23)};
    db_done(rows);
    return true;
}

bool mailbox_read(struct ctx *c, int64_t id, struct mailbox *box) {
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT " COLUMNS " FROM mailbox WHERE id = $1", id);
    return row_read(&rows, box);
}

bool mailbox_of(struct ctx *c, int64_t user_id, struct mailbox *box) {
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT " COLUMNS " FROM mailbox WHERE user_id = $1 ORDER BY id LIMIT 1",
             user_id);
    return row_read(&rows, box);
}

bool mailbox_sending(struct ctx *c, int64_t user_id, int64_t id, struct mailbox *box) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT " COLUMNS " FROM mailbox WHERE user_id = $1 AND ($2 = 0 OR id = $2) "
             "AND enabled = 1 AND smtp_host <> '' ORDER BY id LIMIT 1",
             user_id, id);
    return row_read(&rows, box);
}

void mailbox_open(struct ctx *c, struct mailbox *box) {
    box->imap.password = secret_box_open(c, box->imap.password);
}

struct mail_account mailbox_sender(const struct mailbox *box) {
    return (struct mail_account){.host = box->smtp_host,
                                 .security = box->smtp_security,
                                 .port = box->smtp_port,
                                 .username = box->imap.username,
                                 .password = box->imap.password,
                                 .from_name = box->name,
                                 .from_address = box->address,
                                 .authority = box->imap.authority};
}

bool mailbox_own(struct ctx *c, const struct mailbox *box, struct str address) {
    return str_equal(address, box->address) ||
           (box->user_id && address.n &&
            DB_INT(c,
                   "SELECT 1 FROM \"user\" WHERE id = $1 AND email = $2 UNION ALL "
                   "SELECT 1 FROM mailbox WHERE user_id = $1 AND address = $2 LIMIT 1",
                   box->user_id, address));
}

bool mailbox_excludes(struct ctx *c, const struct mailbox *box, struct str address) {
    struct str rest = box->excluded, line;
    while (str_cut(&rest, '\n', &line)) {
        struct str one = str_lower(c->arena, str_trim(line));
        bool whole = str_find_char(one, '@') > 0;
        struct str domain = one.n && one.p[0] == '@' ? str_slice(one, 1, one.n) : one;
        struct str suffix = str_format(c->arena, "@%.*s", STR_ARG(domain));
        if (one.n && (whole ? str_equal(address, one) : str_ends(address, suffix))) {
            return true;
        }
    }
    return false;
}

int64_t mailbox_due(struct ctx *c) {
    return DB_INT(c,
                  "SELECT id FROM mailbox WHERE enabled = 1 AND next_at <= $1 "
                  "AND claimed_until <= $1 ORDER BY next_at LIMIT 1",
                  c->now_ms);
}

bool mailbox_hurry(struct ctx *c, int64_t id) {
    int64_t idle = DB_INT(c, "SELECT 1 FROM mailbox WHERE id = $1 AND claimed_until <= $2", id,
                          c->now_ms);
    DB_RUN(c,
           "UPDATE mailbox SET next_at = $1 WHERE id = $2 AND next_at > $1 AND "
           "claimed_until <= $1",
           c->now_ms, id);
    return idle != 0;
}

size_t mailboxes_working(struct ctx *c, struct mailbox_known *out, size_t most) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id, version FROM mailbox WHERE enabled = 1 AND state IN ('works', 'reading') "
             "ORDER BY id LIMIT $1",
             (int64_t)most);
    while (n < most && db_next(&rows)) {
        out[n++] = (struct mailbox_known){db_int(&rows, 0), db_int(&rows, 1)};
    }
    db_done(&rows);
    return n;
}

bool mailbox_claim(struct ctx *c, int64_t id) {
    return DB_RUN(c,
                  "UPDATE mailbox SET claimed_until = $1 WHERE id = $2 AND enabled = 1 "
                  "AND next_at <= $3 AND claimed_until <= $3",
                  c->now_ms + CLAIM_MS, id, c->now_ms) == 1;
}

/* What only other settings can mend is tried again seldom, all else soon. */
static int64_t pause_of(enum imap_outcome outcome, int64_t failures) {
    bool fault = outcome == IMAP_LOGIN || outcome == IMAP_CERTIFICATE || outcome == IMAP_PRIVATE ||
                 outcome == IMAP_REFUSED;
    int64_t pause = fault ? 15 * MS_MINUTE : MS_MINUTE, most = fault ? 12 * MS_HOUR : MS_HOUR;
    for (int64_t i = 0; i < failures && pause < most; i++) {
        pause *= 2;
    }
    return pause < most ? pause : most;
}

bool mailbox_ended(struct ctx *c, const struct mailbox *box, const struct mailbox_end *end) {
    bool works = end->outcome == IMAP_WORKS;
    const char *state = !works ? imap_outcomes[end->outcome] : end->more ? "reading" : "works";
    int64_t pause = !works      ? pause_of(end->outcome, box->failures)
                    : end->more ? 0
                                : MAILBOX_PAUSE_MS;
    int64_t changed = DB_RUN(
        c,
        "UPDATE mailbox SET state = $1, why = $2, failures = $3, next_at = $4, claimed_until = 0, "
        "synced_at = CASE WHEN $5 = 1 THEN $6 ELSE synced_at END, "
        "sent = CASE WHEN $7 <> '' THEN $7 ELSE sent END WHERE id = $8 AND version = $9",
        state, end->why, works ? (int64_t)0 : box->failures + 1, c->now_ms + pause, (int64_t)works,
        c->now_ms, end->sent, box->id, box->version);
    bool fault = end->outcome == IMAP_LOGIN || end->outcome == IMAP_CERTIFICATE;
    return changed && fault && !str_is(box->state, state);
}

struct mailbox_place mailbox_place(struct ctx *c, int64_t mailbox_id, const char *folder) {
    struct db_rows rows;
    struct mailbox_place place = {0};
    DB_QUERY(c, &rows,
             "SELECT uidvalidity, uid FROM mailbox_folder WHERE mailbox_id = $1 AND folder = $2",
             mailbox_id, folder);
    if (db_next(&rows)) {
        place = (struct mailbox_place){db_int(&rows, 0), db_int(&rows, 1)};
        db_done(&rows);
    }
    return place;
}

void mailbox_advance(struct ctx *c, int64_t mailbox_id, const char *folder,
                     const struct mailbox_place *before, const struct mailbox_place *after) {
    if (!before->uidvalidity) {
        DB_RUN(c,
               "INSERT INTO mailbox_folder (mailbox_id, folder, uidvalidity, uid) "
               "VALUES ($1, $2, 0, 0) ON CONFLICT (mailbox_id, folder) DO NOTHING",
               mailbox_id, folder);
    }
    int64_t changed = DB_RUN(
        c,
        "UPDATE mailbox_folder SET uidvalidity = $1, uid = $2 WHERE mailbox_id = $3 "
        "AND folder = $4 AND uidvalidity = $5 AND uid = $6",
        after->uidvalidity, after->uid, mailbox_id, folder, before->uidvalidity, before->uid);
    if (!ctx_failed(c) && changed != 1) {
        FAIL(c, ERROR_CONFLICT, "mailbox.moved");
    }
}

/* folder: "inbox" or "sent". */
static const struct migration migrations[] = {
    {"connector.mailbox.1",
     "CREATE TABLE mailbox (id {id}, user_id BIGINT NOT NULL, enabled BIGINT NOT NULL, "
     "name TEXT NOT NULL, address TEXT NOT NULL, imap_host TEXT NOT NULL, "
     "imap_security TEXT NOT NULL, imap_port BIGINT NOT NULL, username TEXT NOT NULL, "
     "password TEXT NOT NULL, authority TEXT NOT NULL, smtp_host TEXT NOT NULL, "
     "smtp_security TEXT NOT NULL, smtp_port BIGINT NOT NULL, inbox TEXT NOT NULL, "
     "sent TEXT NOT NULL, since BIGINT NOT NULL, excluded TEXT NOT NULL, state TEXT NOT NULL, "
     "why TEXT NOT NULL, synced_at BIGINT NOT NULL, next_at BIGINT NOT NULL, "
     "claimed_until BIGINT NOT NULL, failures BIGINT NOT NULL, version BIGINT NOT NULL, "
     "created_at BIGINT NOT NULL);\n"
     "CREATE UNIQUE INDEX mailbox_user ON mailbox (user_id);\n"
     "CREATE INDEX mailbox_due ON mailbox (next_at) WHERE enabled = 1;\n"
     "CREATE INDEX mailbox_address ON mailbox (address);\n"
     "CREATE TABLE mailbox_folder (mailbox_id BIGINT NOT NULL, folder TEXT NOT NULL, "
     "uidvalidity BIGINT NOT NULL, uid BIGINT NOT NULL, PRIMARY KEY (mailbox_id, folder))"
     "{without_rowid}"},
    {"connector.mailbox.2", "DROP INDEX mailbox_user;\n"
                            "CREATE INDEX mailbox_user ON mailbox (user_id, id);\n"
                            "CREATE UNIQUE INDEX mailbox_own ON mailbox (user_id, address)"},
    {0}};

const struct module mailbox_module = {
    .name = "connector.mailbox", .cloud = "platform", .migrations = migrations};
