/*
 * What comes back from mails that were sent, drawn the consequences of: the returns mailbox and
 * the pipe (/hook/mail) tell of failures and complaints, mailboxes of answers.
 *
 * Which mail it is about a report proves by our token (in the address it came to, or in the head
 * of the mail it sends back); one that has only the Message-ID must name the mail's receiver. A
 * failure for good suppresses the address; any other is counted by days, and an address that
 * fails on so many days of so many (the company's setting) is suppressed too. A complaint
 * unsubscribes from all. An answer is counted, and is an event that journeys may wait for.
 *
 * Event out: mail.replied.
 */
#include "base/clock.h"
#include "base/module.h"
#include "connector/mail_returns.h"
#include "customer/correspondence.h"
#include "db/db.h"
#include "db/migration.h"
#include "event/reactor.h"
#include "marketing/mail_parts.h"
#include "marketing/mail_token.h"
#include "marketing/marketing.h"
#include "organization/company.h"

/* The id of our own Message-ID, "m.<id>@…"; 0 when it is another's. */
static int64_t own_id(struct str message_id) {
    ptrdiff_t at = str_find_char(message_id, '@');
    int64_t id = 0;
    return str_starts(message_id, STR("m.")) && at > 2 &&
                   str_to_int(str_slice(message_id, 2, (size_t)at), &id)
               ? id
               : 0;
}

static bool mail_meant(struct ctx *c, const struct mail_returned *r, struct send_row *row) {
    struct str rest = r->tokens, token;
    while (rest.n && str_cut(&rest, ' ', &token)) {
        int64_t id = mail_token_read(c->arena, MAIL_BOUNCE, token, NULL);
        if (id && send_row_read(c, id, row)) {
            return true;
        }
    }
    int64_t id = own_id(r->original_id);
    return id && send_row_read(c, id, row) && str_equal(row->address, r->recipient);
}

/* Another day on which the address could not be reached; for good when there were too many. */
static void soft_count(struct ctx *c, struct str address, struct str detail) {
    int64_t today = c->now_ms / MS_DAY, days = company_int(c, "mail_soft_days");
    DB_RUN(c,
           "INSERT INTO mail_soft_bounce (address, day) VALUES ($1, $2) "
           "ON CONFLICT (address, day) DO NOTHING",
           address, today);
    int64_t failed = DB_INT(c,
                            "SELECT count(*) FROM mail_soft_bounce WHERE address = $1 "
                            "AND day > $2",
                            address, today - days);
    if (failed >= company_int(c, "mail_soft_bounces")) {
        mail_suppress(c, address, "unreachable", detail);
    }
}

static void failed(struct ctx *c, const struct mail_returned *r, const struct send_row *row) {
    struct str detail = str_format(c->arena, "%.*s %.*s", STR_ARG(r->status), STR_ARG(r->said));
    struct str address = row ? row->address : r->recipient;
    bool hard = mail_bounce_hard(r->status, 0);
    if (row) {
        mail_bounced(c, row, hard, str_trim(detail));
    } else if (hard && address.n) {
        mail_suppress(c, address, "bounced", str_trim(detail));
    }
    if (!hard && address.n) {
        soft_count(c, address, str_trim(detail));
    }
}

static void replied(struct ctx *c, const struct send_row *row) {
    if (DB_RUN(c, "UPDATE mail_send SET replied_at = $1 WHERE id = $2 AND replied_at IS NULL",
               c->now_ms, row->id)) {
        mail_total_add(c, row, "replied", 1);
        mail_event(c, row, "mail.replied", STR(""));
    }
}

bool mail_returned(struct ctx *c, const struct mail_returned *r) {
    struct send_row row;
    bool meant = mail_meant(c, r, &row);
    if (str_is(r->kind, "complaint") && meant) {
        mail_suppress(c, row.address, "complained", STR("abuse report"));
        mail_opt_out(c, &row, STR("*"), "complaint");
    } else if (str_is(r->kind, "failed") && (meant || r->known)) {
        failed(c, r, meant ? &row : NULL);
    } else if (str_is(r->kind, "reply") && meant) {
        replied(c, &row);
    }
    return meant;
}

static void came_back(struct ctx *c, const struct event *e) {
    struct mail_returned r;
    if (mail_return_load(c, json_id(json_parse(c, e->payload), "return"), &r)) {
        mail_returned(c, &r);
    }
}

/* A mail of the person a mail of ours went to, which says that it answers it. */
static void answered(struct ctx *c, const struct event *e) {
    const struct json *payload = json_parse(c, e->payload);
    struct correspondence m;
    struct str ids, one;
    if (json_bool(payload, "automatic", true) ||
        !correspondence_load(c, json_id(payload, "mail"), &m)) {
        return;
    }
    ids = m.reply_ids;
    while (ids.n && str_cut(&ids, ' ', &one)) {
        struct send_row row;
        int64_t id = own_id(one);
        if (id && send_row_read(c, id, &row) && row.person_id == e->person_id) {
            replied(c, &row);
            return;
        }
    }
}

static const struct reactor return_reactor = {
    .name = "marketing.mail_return",
    .lane = REACTOR_PROMPT,
    .types = (const char *const[]){"mail_return.received", NULL},
    .handle = came_back};
static const struct reactor answer_reactor = {
    .name = "marketing.mail_answer",
    .lane = REACTOR_PROMPT,
    .types = (const char *const[]){"correspondence.received", NULL},
    .handle = answered};

static const struct migration migrations[] = {
    {"marketing.mail_return.1",
     "CREATE TABLE mail_soft_bounce (address TEXT NOT NULL, day BIGINT NOT NULL, "
     "PRIMARY KEY (address, day)){without_rowid};\n"
     "ALTER TABLE mail_send ADD COLUMN replied_at BIGINT"},
    {0}};

static const struct event_type event_types[] = {
    {"mail.replied", "person", "回复邮件", "mail answered"}, {0}};

const struct module mail_return_module = {
    .name = "marketing.mail_return",
    .cloud = "marketing",
    .reactors = (const struct reactor *const[]){&return_reactor, &answer_reactor, NULL},
    .events = event_types,
    .migrations = migrations};
