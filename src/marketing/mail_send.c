#include "base/clock.h"
#include "base/email.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "connector/mail.h"
#include "customer/consent.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/access.h"
#include "entity/merge.h"
#include "event/outbox.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "marketing/journey.h"
#include "marketing/mail_parts.h"
#include "marketing/mail_token.h"
#include "marketing/mailing.h"
#include "marketing/marketing.h"
#include "marketing/scoring.h"
#include "organization/company.h"

/* Tries to hand over a mail: about two days with the outbox's pauses. */
enum { ATTEMPTS = 16, DISPATCH_MOST = 100, LOOK_AGAIN_MS = 10 * MS_MINUTE };
#define HANDED_MOST (7 * (int64_t)MS_DAY) /* longer than they take */

/* A mail about to be decided on. When it is made, those that wait count as if they had gone; when
 * it is handed out, only those do that went before it, in whatever order they were made. */
struct draft {
    const struct mail_request *request;
    const struct record *person;
    struct str topic, address;
    int64_t id, content_id;
    enum mail_state counts; /* this state and those after it, up to MAIL_SENT */
};

static bool suppressed(struct ctx *c, struct str address) {
    return DB_INT(c, "SELECT 1 FROM mail_suppression WHERE address = $1", address) != 0;
}

static bool opted_out(struct ctx *c, struct str address, struct str topic) {
    return DB_INT(c, "SELECT 1 FROM mail_optout WHERE address = $1 AND topic IN ('*', $2) LIMIT 1",
                  address, topic) != 0;
}

/* Other mails to the person since then. */
static int64_t mails_since(struct ctx *c, const struct draft *d, int64_t since) {
    return DB_INT(c,
                  "SELECT count(*) FROM mail_send WHERE person_id = $1 AND at > $2 "
                  "AND state BETWEEN $3 AND 2 AND id <> $4 AND topic <> 'service'",
                  d->request->person_id, since, (int64_t)d->counts, d->id);
}

static bool capped(struct ctx *c, const struct draft *d) {
    struct mail_policy p = mail_policy_read(c);
    return (p.per_day && mails_since(c, d, c->now_ms - MS_DAY) >= p.per_day) ||
           (p.per_week && mails_since(c, d, c->now_ms - 7 * (int64_t)MS_DAY) >= p.per_week);
}

/* Two records of people may have one address: it gets a step's mail once. They may have become one
 * since; who comes by a journey's step twice gets its mail twice. "+ 0": the index of addresses
 * finds it, that of states many others too. */
static bool had_already(struct ctx *c, const struct draft *d) {
    const struct mail_request *r = d->request;
    return DB_INT(c,
                  "SELECT 1 FROM mail_send WHERE source = $1 AND source_id = $2 AND step = $3 "
                  "AND address = $4 AND (person_id <> $5 OR source = 'mailing') "
                  "AND state + 0 BETWEEN $6 AND 2 AND id <> $7 LIMIT 1",
                  r->source, r->source_id, r->step.p ? r->step : STR(""), d->address, r->person_id,
                  (int64_t)d->counts, d->id) != 0;
}

/* Why the mail must not go; NULL when it may. */
static const char *reason_against(struct ctx *c, const struct draft *d) {
    bool service = str_is(d->topic, "service");
    if (!d->address.n) {
        return "no_address";
    }
    if (suppressed(c, d->address)) {
        return "suppressed";
    }
    enum consent agreed = consent_state_for(c, d->request->person_id, "email",
                                            service ? "service" : CONSENT_MARKETING);
    if (service) {
        return agreed == CONSENT_WITHDRAWN ? "unsubscribed" : NULL;
    }
    if (agreed == CONSENT_UNKNOWN) {
        return "no_consent";
    }
    if (agreed == CONSENT_WITHDRAWN || opted_out(c, d->address, d->topic)) {
        return "unsubscribed";
    }
    if (capped(c, d)) {
        return "capped";
    }
    return had_already(c, d) ? "duplicate" : NULL;
}

static struct str address_of(struct ctx *c, const struct record *person) {
    struct email e = email_parse(c->arena, person ? record_text(person, "email") : STR(""));
    return e.address.p ? e.address : STR("");
}

struct str mail_address_of(struct ctx *c, int64_t person_id) {
    return address_of(c, record_load(c, entity_named(c, "person"), person_id));
}

static bool draft_make(struct ctx *c, const struct mail_request *request, struct draft *d) {
    *d = (struct draft){.request = request, .id = id_new(), .content_id = request->content_id};
    if (request->content_id) {
        d->topic = mail_content_read(c, request->content_id).topic;
    } else {
        const struct record *t = record_load(c, entity_named(c, "mail_template"),
                                             request->template_id);
        d->topic = t ? record_text(t, "topic") : STR("");
    }
    if (!d->topic.n) {
        FAIL_FIELD(c, STR("/template_id"), "mail.no_template");
        return false;
    }
    d->person = record_load(c, entity_named(c, "person"), request->person_id);
    d->address = address_of(c, d->person);
    return !ctx_failed(c);
}

static int64_t earliest(struct ctx *c, const struct draft *d) {
    struct mail_policy p = mail_policy_read(c);
    return str_is(d->topic, "service") ? c->now_ms : mail_quiet_end(c, &p, c->now_ms);
}

struct str mail_would(struct ctx *c, const struct mail_request *request, int64_t *until) {
    struct draft d;
    *until = c->now_ms;
    if (!draft_make(c, request, &d)) {
        return STR("");
    }
    *until = earliest(c, &d);
    return str_from(reason_against(c, &d));
}

static struct mail_sent known_send(struct ctx *c, struct str key) {
    struct db_rows rows;
    struct mail_sent known = {0};
    DB_QUERY(c, &rows, "SELECT id, state, reason FROM mail_send WHERE key = $1", key);
    if (db_next(&rows)) {
        known = (struct mail_sent){db_int(&rows, 0), (enum mail_state)db_int(&rows, 1),
                                   db_text(&rows, 2)};
        db_done(&rows);
    }
    return known;
}

static int64_t draft_keep(struct ctx *c, const struct draft *d, const struct mail_sent *sent,
                          int64_t at) {
    const struct mail_request *r = d->request;
    return DB_RUN(c,
                  "INSERT INTO mail_send (id, key, state, reason, person_id, address, content_id, "
                  "template_id, topic, source, source_id, step, at, created_at) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) "
                  "ON CONFLICT (key) DO NOTHING",
                  d->id, r->key, (int64_t)sent->state, sent->reason, r->person_id, d->address,
                  d->content_id, r->template_id, d->topic, r->source, r->source_id,
                  r->step.p ? r->step : STR(""), at, c->now_ms);
}

struct mail_sent mail_send(struct ctx *c, const struct mail_request *request) {
    struct draft d;
    struct mail_sent sent = known_send(c, request->key);
    if (sent.id || c->origin != ORIGIN_LIVE || c->silent || !draft_make(c, request, &d)) {
        return sent;
    }
    d.content_id = d.content_id ? d.content_id : mail_content_keep(c, request->template_id);
    const char *reason = reason_against(c, &d);
    int64_t at = reason ? c->now_ms : earliest(c, &d);
    sent = (struct mail_sent){d.id, reason ? MAIL_NOT_SENT : MAIL_WAITING,
                              reason ? str_from(reason) : STR("")};
    if (!draft_keep(c, &d, &sent, at)) {
        return known_send(c, request->key);
    }
    if (reason) {
        struct send_row row = {
            .source = request->source, .source_id = request->source_id, .step = request->step};
        mail_total_add(c, &row, str_format(c->arena, "not:%s", reason).p, 1);
    } else {
        mail_dispatch_soon(c, at);
    }
    return sent;
}

bool send_row_read(struct ctx *c, int64_t id, struct send_row *row) {
    struct db_rows rows;
    *row = (struct send_row){0};
    DB_QUERY(c, &rows,
             "SELECT s.person_id, s.content_id, s.template_id, s.source_id, s.at, s.sent_at, "
             "s.clicked_at, s.opened_at, s.state, s.key, s.address, s.source, s.step, s.topic, "
             "m.name FROM mail_send s JOIN mail_content m ON m.id = s.content_id WHERE s.id = $1",
             id);
    if (!db_next(&rows)) {
        return false;
    }
    *row = (struct send_row){.id = id,
                             .person_id = db_int(&rows, 0),
                             .content_id = db_int(&rows, 1),
                             .template_id = db_int(&rows, 2),
                             .source_id = db_int(&rows, 3),
                             .at = db_int(&rows, 4),
                             .sent_at = db_int(&rows, 5),
                             .clicked_at = db_int(&rows, 6),
                             .opened_at = db_int(&rows, 7),
                             .state = (enum mail_state)db_int(&rows, 8),
                             .key = db_text(&rows, 9),
                             .address = db_text(&rows, 10),
                             .source = db_text(&rows, 11),
                             .step = db_text(&rows, 12),
                             .topic = db_text(&rows, 13),
                             .name = db_text(&rows, 14)};
    db_done(&rows);
    return !ctx_failed(c);
}

void mail_total_add(struct ctx *c, const struct send_row *row, const char *what, int64_t n) {
    DB_PUT(c,
           "INSERT INTO mail_total (source, source_id, step, what, n) VALUES ($1, $2, $3, $4, $5) "
           "ON CONFLICT (source, source_id, step, what) DO UPDATE SET n = mail_total.n + $5",
           row->source, row->source_id, row->step.p ? row->step : STR(""), what, n);
}

int64_t mail_event(struct ctx *c, const struct send_row *row, const char *type, struct str url) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "send", json_put_id, row->id);
    JSON_MEMBER(&w, "source", json_put_str, row->source);
    JSON_MEMBER(&w, "source_id", json_put_id, row->source_id);
    JSON_MEMBER(&w, "step", json_put_str, row->step);
    JSON_MEMBER(&w, "template_id", json_put_id, row->template_id);
    JSON_MEMBER(&w, "name", json_put_str, row->name);
    if (url.n) {
        JSON_MEMBER(&w, "url", json_put_str, url);
    }
    json_end_object(&w);
    return event_emit(c, &(struct event){.type = str_from(type),
                                         .subject_type = STR("person"),
                                         .subject_id = row->person_id,
                                         .person_id = row->person_id,
                                         .payload = json_str(&w)});
}

/* In one statement, which holds the timer: one that was looked at first may be firing in another
 * transaction, which does not see the mail and leaves no timer behind. */
void mail_dispatch_soon(struct ctx *c, int64_t at) {
    timer_set_earlier(c, "mail.dispatch", STR(""), at);
}

/* How many went in this minute, or on this day. */
enum { PACE_MINUTE = 1, PACE_DAY };

static int64_t pace_used(struct ctx *c, int which, int64_t span) {
    return DB_INT(c, "SELECT used FROM mail_pace WHERE id = $1 AND minute = $2", (int64_t)which,
                  span);
}

static void pace_use(struct ctx *c, int which, int64_t span, int64_t n) {
    DB_RUN(c,
           "INSERT INTO mail_pace (id, minute, used) VALUES ($1, $2, $3) "
           "ON CONFLICT (id) DO UPDATE SET used = CASE WHEN mail_pace.minute = $2 "
           "THEN mail_pace.used + $3 ELSE $3 END, minute = $2",
           (int64_t)which, span, n);
}

static void not_sent(struct ctx *c, const struct send_row *row, const char *reason) {
    if (DB_RUN(c,
               "UPDATE mail_send SET state = 3, reason = $1, at = $2 WHERE id = $3 AND state <> 3",
               reason, c->now_ms, row->id)) {
        mail_total_add(c, row, str_format(c->arena, "not:%s", reason).p, 1);
    }
}

struct str mail_source_lost(struct ctx *c, struct str source, int64_t source_id) {
    if (str_is(source, "mailing")) {
        return mailing_lost(c, source_id);
    }
    struct journey j = {0};
    if (str_is(source, "journey")) {
        j = journey_load(c, source_id, 0);
    }
    return j.graph ? journey_lost(c, j.graph) : STR("");
}

/* A mailing that was stopped or rests meanwhile, or of which cannot be told any more whom it is
 * for; true when the mail does not go now. */
static bool held(struct ctx *c, const struct send_row *row) {
    enum mailing_gate gate = str_is(row->source, "mailing") ? mailing_gate(c, row->source_id)
                                                            : MAILING_GO;
    if (gate == MAILING_GO && mail_source_lost(c, row->source, row->source_id).n) {
        gate = MAILING_HOLD;
    }
    if (gate == MAILING_STOP) {
        not_sent(c, row, "cancelled");
    } else if (gate == MAILING_HOLD) {
        DB_RUN(c, "UPDATE mail_send SET at = $1 WHERE id = $2", c->now_ms + LOOK_AGAIN_MS, row->id);
    }
    return gate != MAILING_GO;
}

/* A mail that waits goes where its receiver is reached by now. */
static void readdress(struct ctx *c, const struct send_row *row, struct str address) {
    if (address.n && !str_equal(address, row->address)) {
        DB_RUN(c, "UPDATE mail_send SET address = $1 WHERE id = $2 AND state < 2", address,
               row->id);
    }
}

/* Between the decision and now he may have unsubscribed, moved to another address, or got others;
 * quiet hours may have begun. True when it was handed out. */
static bool dispatch_one(struct ctx *c, int64_t id, int64_t *marketing) {
    struct send_row row;
    if (!send_row_read(c, id, &row) || row.state != MAIL_WAITING || held(c, &row)) {
        return false;
    }
    struct mail_request request = {.person_id = score_person_now(c, row.person_id),
                                   .source = row.source,
                                   .source_id = row.source_id,
                                   .step = row.step};
    struct draft d = {.request = &request, .topic = row.topic, .id = id, .counts = MAIL_QUEUED};
    d.address = mail_address_of(c, request.person_id);
    readdress(c, &row, d.address);
    const char *reason = reason_against(c, &d);
    int64_t at = reason ? c->now_ms : earliest(c, &d);
    if (reason) {
        not_sent(c, &row, reason);
        return false;
    }
    if (at > c->now_ms) {
        DB_RUN(c, "UPDATE mail_send SET at = $1 WHERE id = $2", at, id);
        return false;
    }
    DB_RUN(c, "UPDATE mail_send SET state = 1, at = $1 WHERE id = $2", c->now_ms, id);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "send", json_put_id, id);
    json_end_object(&w);
    outbox_add(c, "mail", str_format(c->arena, "%lld", (long long)id), json_str(&w));
    *marketing += !str_is(row.topic, "service");
    return true;
}

/* What may be handed out now: so many in all, and of those that are no service. */
struct room {
    int64_t all, marketing, next_day;
};

static struct room room_now(struct ctx *c, int64_t per_minute) {
    const struct zone *z = company_zone(c);
    struct mail_policy policy = mail_policy_read(c);
    struct date today = zone_date(z, c->now_ms);
    int64_t warm = mail_warm_up(c, &policy);
    int64_t used = warm == INT64_MAX ? 0 : pace_used(c, PACE_DAY, date_to_days(today));
    struct room room = {.all = per_minute - pace_used(c, PACE_MINUTE, c->now_ms / MS_MINUTE),
                        .marketing = warm - used,
                        .next_day = zone_midnight(z, date_from_days(date_to_days(today) + 1))};
    room.all = room.all > 0 ? room.all : 0;
    room.marketing = room.marketing > 0 ? room.marketing : 0;
    return room;
}

/* When to look again: the next minute when this one is used up, tomorrow when this day is, at once
 * when there is more. */
static void dispatch_next(struct ctx *c, const struct room *left) {
    int64_t minute = (c->now_ms / MS_MINUTE + 1) * MS_MINUTE;
    int64_t earliest_at = left->all > 0 ? c->now_ms + 1 : minute;
    int64_t next = DB_INT(c, "SELECT min(at) FROM mail_send WHERE state = 0");
    if (next && !left->marketing) {
        next = DB_INT(c, "SELECT min(at) FROM mail_send WHERE state = 0 AND topic = 'service'");
        next = next && next < left->next_day ? next : left->next_day;
    }
    if (next) {
        timer_set(c, "mail.dispatch", STR(""), next > earliest_at ? next : earliest_at, STR(""));
    }
}

static size_t dispatch_due(struct ctx *c, const struct room *room, int64_t *ids) {
    struct db_rows rows;
    size_t n = 0;
    int64_t limit = room->all < DISPATCH_MOST ? room->all : DISPATCH_MOST;
    if (room->marketing) {
        limit = limit < room->marketing ? limit : room->marketing;
        DB_QUERY(c, &rows,
                 "SELECT id FROM mail_send WHERE state = 0 AND at <= $1 ORDER BY at, id LIMIT $2",
                 c->now_ms, limit);
    } else {
        DB_QUERY(c, &rows,
                 "SELECT id FROM mail_send WHERE state = 0 AND topic = 'service' AND at <= $1 "
                 "ORDER BY at, id LIMIT $2",
                 c->now_ms, limit);
    }
    while (n < DISPATCH_MOST && db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    return n;
}

static void dispatch(struct ctx *c, const struct timer *t) {
    struct mail_account account;
    int64_t ids[DISPATCH_MOST], handed = 0, marketing = 0;
    if (!mail_account_read(c, &account) || !account.public_url.n || c->silent) {
        timer_set(c, "mail.dispatch", t->key, c->now_ms + LOOK_AGAIN_MS, STR(""));
        return;
    }
    struct room room = room_now(c, account.per_minute);
    size_t n = dispatch_due(c, &room, ids);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        handed += dispatch_one(c, ids[i], &marketing);
    }
    if (handed) {
        pace_use(c, PACE_MINUTE, c->now_ms / MS_MINUTE, handed);
    }
    if (marketing) {
        pace_use(c, PACE_DAY, date_to_days(zone_date(company_zone(c), c->now_ms)), marketing);
    }
    room.all -= handed;
    room.marketing -= marketing;
    dispatch_next(c, &room);
}

static void account_changed(struct ctx *c, const struct event *e) {
    (void)e;
    if (DB_INT(c, "SELECT 1 FROM mail_send WHERE state = 0 ORDER BY at, id LIMIT 1")) {
        timer_set(c, "mail.dispatch", STR(""), c->now_ms, STR(""));
    }
}

/* Who agrees anew has not unsubscribed any more. */
static void consented(struct ctx *c, const struct event *e) {
    struct record *person = record_load(c, entity_named(c, "person"), e->person_id);
    if (person && consent_state(c, person->id, "email") == CONSENT_GIVEN) {
        DB_RUN(c, "DELETE FROM mail_optout WHERE address = $1 AND topic = '*'",
               record_text(person, "email"));
    }
}

static bool names_field(const struct json *changed, const char *field) {
    bool named = false;
    for (size_t i = 0; json_is(changed, JSON_IS_ARRAY) && i < changed->n; i++) {
        named |= str_is(changed->items[i].text, field);
    }
    return named;
}

/* A server that puts mails off for days: what it has not taken goes to the new address. */
static void moved(struct ctx *c, const struct event *e) {
    struct str address = mail_address_of(c, e->subject_id);
    if (!names_field(json_get(json_parse(c, e->payload), "changed"), "email")) {
        return;
    }
    mail_optouts_carry(c, e->subject_id);
    if (address.n) {
        DB_RUN(c,
               "UPDATE mail_send SET address = $1 WHERE person_id = $2 AND at > $3 AND state = 1 "
               "AND address <> $1",
               address, e->subject_id, c->now_ms - HANDED_MOST);
    }
}

/* What was sent to two who are one counts together; parted, each has his own again. */
static void merged(struct ctx *c, const struct event *e) {
    static const struct merge_rows sends = {"mail_send", "mail_send", "person_id", "id"};
    const struct json *payload = json_parse(c, e->payload);
    int64_t winner = json_id(payload, "winner_id"), loser = json_id(payload, "loser_id");
    if (str_is(e->type, "person.merged")) {
        merge_carry(c, &sends, winner, loser);
        mail_optouts_carry(c, winner);
    } else {
        merge_return(c, &sends, winner, loser);
    }
}

/* A word that may still stop it at the last moment. */
static const char *stopped(struct ctx *c, const struct send_row *row) {
    int64_t person_id = score_person_now(c, row->person_id);
    struct str now = mail_address_of(c, person_id);
    if (!now.n) {
        return "no_address";
    }
    bool service = str_is(row->topic, "service");
    const char *purpose = service ? "service" : CONSENT_MARKETING;
    if (suppressed(c, row->address)) {
        return "suppressed";
    }
    if (str_is(row->source, "mailing") && mailing_gate(c, row->source_id) == MAILING_STOP) {
        return "cancelled";
    }
    return consent_state_for(c, person_id, "email", purpose) == CONSENT_WITHDRAWN ||
                   (!service &&
                    (opted_out(c, row->address, row->topic) || opted_out(c, now, row->topic)))
               ? "unsubscribed"
               : NULL;
}

static bool hand_over(const void *item) {
    return outbox_hand_over(item);
}

/* It may have arrived, or not: a service is told again, the rest is left alone. */
static enum delivery unsure(const struct send_row *row, struct str *why) {
    *why = STR("unsure: the server gave no answer that was kept");
    return str_is(row->topic, "service") ? DELIVERY_RETRY : DELIVERED;
}

static struct mail_message message_of(struct ctx *c, const struct send_row *row,
                                      const struct mail_made *made, const struct record *person,
                                      struct str base) {
    struct str token = mail_token(c->arena, MAIL_UNSUBSCRIBE, row->id, 0);
    bool service = str_is(row->topic, "service");
    return (struct mail_message){
        .to_name = person ? record_title(person) : STR(""),
        .to_address = row->address,
        .subject = made->subject,
        .html = made->html,
        .text = made->text,
        .id = str_format(c->arena, "m.%lld", (long long)row->id),
        .bounce_token = mail_token(c->arena, MAIL_BOUNCE, row->id, 0),
        .unsubscribe = service ? STR("")
                               : str_format(c->arena, "%.*s/u/%.*s", STR_ARG(base), STR_ARG(token)),
        .at = c->now_ms};
}

/* On a sender's thread, outside any transaction. */
static enum delivery deliver(struct ctx *c, const struct outbox_item *item, struct str *why) {
    struct send_row row;
    struct mail_account account;
    c->model = model_current(c);
    c->actor = &actor_system;
    if (!send_row_read(c, json_id(json_parse(c, item->payload), "send"), &row) ||
        row.state != MAIL_QUEUED) {
        *why = STR("the mail is gone");
        return DELIVERY_REFUSED;
    }
    if (item->handed && !str_is(row.topic, "service")) {
        return unsure(&row, why);
    }
    const char *reason = stopped(c, &row);
    if (reason) {
        *why = str_from(reason);
        return DELIVERY_REFUSED;
    }
    if (!mail_account_read(c, &account)) {
        *why = STR("there is no sending account");
        return DELIVERY_RETRY;
    }
    if (str_is(row.source, "mailing")) {
        mailing_sender(c, row.source_id, &account);
    }
    const struct record *person = record_load(c, entity_named(c, "person"),
                                              score_person_now(c, row.person_id));
    struct mail_content content = mail_content_read(c, row.content_id);
    struct mail_reader reader = {.person = person, .send_id = row.id, .base = account.public_url};
    struct mail_made *made = mail_make(c, &content, &reader);
    struct mail_message message = message_of(c, &row, made, person, account.public_url);
    if (ctx_failed(c)) {
        return DELIVERY_RETRY;
    }
    message.hand_over = hand_over;
    message.data = item;
    struct mail_result result = mail_deliver(c->arena, &account, &message);
    if (result.outcome == MAIL_UNSURE) {
        return unsure(&row, why);
    }
    *why = text_truncate(
        text_repair(c->arena, str_format(c->arena, "%d %.*s", result.code, STR_ARG(result.why))),
        300);
    return result.outcome == MAIL_ACCEPTED   ? DELIVERED
           : result.outcome == MAIL_REJECTED ? DELIVERY_REFUSED
                                             : DELIVERY_RETRY;
}

bool mail_bounce_hard(struct str status, int code) {
    if (status.n) {
        return str_lists(STR("5.1.0 5.1.1 5.1.2 5.1.3 5.1.6 5.1.10 5.2.1 5.4.310"), ' ', status);
    }
    return code == 550 || code == 551 || code == 553;
}

void mail_bounced(struct ctx *c, const struct send_row *row, bool hard, struct str detail) {
    if (hard) {
        mail_suppress(c, row->address, "bounced", detail);
    }
    if (DB_RUN(c,
               "UPDATE mail_send SET bounced_at = $1, answer = $2 WHERE id = $3 "
               "AND bounced_at IS NULL",
               c->now_ms, detail, row->id)) {
        mail_total_add(c, row, "bounced", 1);
        mail_event(c, row, "mail.bounced", STR(""));
    }
}

static void refused(struct ctx *c, const struct send_row *row, struct str why) {
    int64_t code = 0;
    bool stop = str_lists(STR("suppressed unsubscribed cancelled no_address"), ' ', why);
    str_to_int(str_slice(why, 0, 3), &code);
    not_sent(c, row, stop ? str_to_c(c->arena, why) : code >= 500 ? "bounced" : "failed");
    if (!stop && code >= 500) {
        mail_bounced(c, row, mail_bounce_hard(mail_status(why), (int)code), why);
    } else if (!stop) {
        DB_RUN(c, "UPDATE mail_send SET answer = $1 WHERE id = $2", why, row->id);
    }
}

static void settled(struct ctx *c, const struct outbox_item *item, bool delivered) {
    struct send_row row;
    struct str why = DB_TEXT(c, "SELECT why FROM outbox WHERE id = $1", item->id);
    if (!send_row_read(c, json_id(json_parse(c, item->payload), "send"), &row) ||
        row.state != MAIL_QUEUED) {
        return;
    }
    if (!delivered) {
        refused(c, &row, why);
        return;
    }
    bool doubt = str_starts(why, STR("unsure"));
    DB_RUN(c,
           "UPDATE mail_send SET state = 2, sent_at = $1, answer = $2, unsure = $4 WHERE id = $3",
           c->now_ms, why, row.id, doubt);
    mail_total_add(c, &row, "sent", 1);
    if (doubt) {
        mail_total_add(c, &row, "unsure", 1);
    }
    mail_event(c, &row, "mail.sent", STR(""));
}

struct mail_answer mail_answer(struct ctx *c, struct str key) {
    struct db_rows rows;
    struct mail_answer a = {0};
    DB_QUERY(c, &rows,
             "SELECT state, opened_at, clicked_at, replied_at FROM mail_send WHERE key = $1", key);
    if (db_next(&rows)) {
        a.sent = db_int(&rows, 0) == MAIL_SENT;
        a.clicked = !db_null(&rows, 2);
        a.replied = !db_null(&rows, 3);
        a.opened = a.clicked || a.replied || !db_null(&rows, 1);
        db_done(&rows);
    }
    return a;
}

static const struct outbox_kind outbox_kinds[] = {{"mail", ATTEMPTS, deliver, settled}, {0}};
static const struct timer_kind timers[] = {{"mail.dispatch", dispatch}, {0}};
static const struct reactor account_reactor = {
    .name = "marketing.mail_account",
    .lane = REACTOR_STEADY,
    .types = (const char *const[]){"mail_account.changed", NULL},
    .handle = account_changed};
static const struct reactor consent_reactor = {
    .name = "marketing.mail_consent",
    .lane = REACTOR_PROMPT,
    .types = (const char *const[]){"consent.given", NULL},
    .handle = consented};

static const struct reactor address_reactor = {
    .name = "marketing.mail_address",
    .lane = REACTOR_PROMPT,
    .types = (const char *const[]){"person.updated", NULL},
    .handle = moved};

static const struct reactor merge_reactor = {
    .name = "marketing.mail_merge",
    .lane = REACTOR_PROMPT,
    .types = (const char *const[]){"person.merged", "person.unmerged", NULL},
    .handle = merged};

/* at: not before, while it waits; then when it was decided or handed out. The address is the
 * receiver's at that time, for bounces and complaints come back to it. */
static const struct migration migrations[] = {
    {"marketing.mail_send.1",
     "CREATE TABLE mail_send (id {id}, key TEXT NOT NULL, state BIGINT NOT NULL, "
     "reason TEXT NOT NULL, person_id BIGINT NOT NULL, address TEXT NOT NULL, "
     "content_id BIGINT NOT NULL, template_id BIGINT NOT NULL, topic TEXT NOT NULL, "
     "source TEXT NOT NULL, source_id BIGINT NOT NULL, step TEXT NOT NULL, at BIGINT NOT NULL, "
     "created_at BIGINT NOT NULL, sent_at BIGINT, opened_at BIGINT, clicked_at BIGINT, "
     "machine_at BIGINT, bounced_at BIGINT, unsubscribed_at BIGINT, answer TEXT);\n"
     "CREATE UNIQUE INDEX mail_send_key ON mail_send (key);\n"
     "CREATE INDEX mail_send_waiting ON mail_send (at, id) WHERE state = 0;\n"
     "CREATE INDEX mail_send_person ON mail_send (person_id, at);\n"
     "CREATE INDEX mail_send_source ON mail_send (source, source_id, step, state, id);\n"
     "CREATE INDEX mail_send_address ON mail_send (source, source_id, step, address);\n"
     "CREATE TABLE mail_total (source TEXT NOT NULL, source_id BIGINT NOT NULL, "
     "step TEXT NOT NULL, what TEXT NOT NULL, n BIGINT NOT NULL, "
     "PRIMARY KEY (source, source_id, step, what)){without_rowid};\n"
     "CREATE TABLE mail_pace (id BIGINT NOT NULL PRIMARY KEY, minute BIGINT NOT NULL, "
     "used BIGINT NOT NULL)"},
    {"marketing.mail_send.2",
     "CREATE INDEX mail_send_service ON mail_send (at, id) WHERE state = 0 AND topic = 'service';\n"
     "CREATE INDEX mail_send_clicked ON mail_send (source, source_id, id) "
     "WHERE clicked_at IS NOT NULL"},
    {"marketing.mail_send.3", "ALTER TABLE mail_send ADD COLUMN unsure BIGINT"},
    /* origin_id: to whom it was sent, when he was merged into another since. */
    {"marketing.mail_send.4",
     "ALTER TABLE mail_send ADD COLUMN origin_id BIGINT;\n"
     "CREATE INDEX mail_send_template ON mail_send (template_id, sent_at) WHERE state = 2"},
    /* Who was sent what before a merge is kept with the merge (merge_rows). */
    {"marketing.mail_send.5", "INSERT INTO merge_carried (loser_id, what, row_id) "
                              "SELECT origin_id, 'mail_send', id FROM mail_send "
                              "WHERE origin_id IS NOT NULL"},
    {0}};

static const struct text texts[] = {
    {"mail.no_template", "没有这个邮件模板", "There is no such mail template"}, {0}};

static const struct event_type event_types[] = {
    {"mail.sent", "person", "邮件已发出", "mail sent"},
    {"mail.opened", "person", "打开邮件", "mail opened"},
    {"mail.clicked", "person", "点击邮件", "mail clicked"},
    {"mail.bounced", "person", "邮件退回", "mail bounced"},
    {"mail.unsubscribed", "person", "退订邮件", "mail unsubscribed"},
    {0}};

const struct module mail_send_module = {
    .name = "marketing.mail_send",
    .cloud = "marketing",
    .reactors = (const struct reactor *const[]){&account_reactor, &consent_reactor, &merge_reactor,
                                                &address_reactor, NULL},
    .timers = timers,
    .outbox = outbox_kinds,
    .events = event_types,
    .migrations = migrations,
    .texts = texts};
