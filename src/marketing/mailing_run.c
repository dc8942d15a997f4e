/*
 * A mailing on its way. Both timers do a piece and set themselves again, so nobody waits for
 * 100,000 people, and a crash goes on where it was: a piece, what it caused and its place are one
 * transaction.
 *
 * mailing.plan writes down who it is for, a few thousand at a time. mailing.feed hands people to
 * mail_send when they are due: one each interval, which is the slowest of the hours it is spread
 * over, its own bound and the account's pace; never in quiet hours. So other mails find their way
 * between those of a large mailing.
 */
#include "base/clock.h"
#include "base/module.h"
#include "customer/membership.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/merge.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "marketing/mail_parts.h"
#include "marketing/mailing.h"
#include "marketing/mailing_parts.h"
#include "marketing/marketing.h"
#include "organization/actor.h"
#include "organization/version.h"

enum {
    PLAN_PIECE = 4000,
    FEED_PIECE = 50,
    WAITING_MOST = 500, /* handed on and not sent: more are not put behind them */
    SOON_MS = 20,
    LATE_MS = MS_MINUTE, /* what was missed is made up for, up to so much */
    LOOK_AGAIN_MS = 5 * MS_SECOND,
    LOST_MS = 5 * MS_MINUTE
};

struct plan {
    int64_t id, content_id, actor_id, last_id, planned, handed, interval_us, next_us;
};

/* Hold the plan, if it is in that state, until the transaction ends. */
static bool plan_hold(struct ctx *c, const struct timer *t, const char *state, struct plan *p) {
    struct db_rows rows;
    *p = (struct plan){0};
    str_to_int(t->key, &p->id);
    if (!DB_RUN(c, "UPDATE mailing_plan SET state = $1 WHERE mailing_id = $2 AND state = $1", state,
                p->id)) {
        return false;
    }
    DB_QUERY(c, &rows,
             "SELECT content_id, actor_id, last_id, planned, handed, interval_us, next_us "
             "FROM mailing_plan WHERE mailing_id = $1",
             p->id);
    if (!db_next(&rows)) {
        return false;
    }
    *p = (struct plan){p->id,
                       db_int(&rows, 0),
                       db_int(&rows, 1),
                       db_int(&rows, 2),
                       db_int(&rows, 3),
                       db_int(&rows, 4),
                       db_int(&rows, 5),
                       db_int(&rows, 6)};
    db_done(&rows);
    return !ctx_failed(c);
}

static void plan_keep(struct ctx *c, const struct plan *p, const char *state) {
    DB_RUN(c,
           "UPDATE mailing_plan SET state = $1, last_id = $2, planned = $3, handed = $4, "
           "interval_us = $5, next_us = $6 WHERE mailing_id = $7",
           state, p->last_id, p->planned, p->handed, p->interval_us, p->next_us, p->id);
}

static void plan_end(struct ctx *c, const struct plan *p, const char *status, const char *event) {
    plan_keep(c, p, status);
    mailing_status(c, p->id, status, event);
}

/* Between two people, in µs. */
static int64_t interval_of(struct ctx *c, const struct record *m, int64_t people) {
    struct mail_account account;
    int64_t interval = people ? record_int(m, "spread_hours") * MS_HOUR * 1000 / people : 0;
    int64_t per_hour = record_int(m, "per_hour");
    int64_t own = per_hour ? (int64_t)MS_HOUR * 1000 / per_hour : 0;
    int64_t pace = mail_account_read(c, &account) && account.per_minute
                       ? (int64_t)MS_MINUTE * 1000 / account.per_minute
                       : 0;
    interval = own > interval ? own : interval;
    return pace > interval ? pace : interval;
}

static void planned_all(struct ctx *c, struct plan *p, const struct record *m) {
    struct change_set set = change_new(c, m->entity);
    p->interval_us = interval_of(c, m, p->planned);
    p->next_us = c->now_ms * 1000;
    plan_keep(c, p, "sending");
    change_int(&set, "planned", p->planned);
    record_change(c, m->id, &set);
    mailing_status(c, m->id, "sending", NULL);
    mailing_timer(c, "mailing.feed", p->id, c->now_ms);
}

/* When to look again, for its audience cannot be told now: what it asks for is no more, or its
 * segment is being gone through anew; 0: it can. */
static int64_t rests_until(struct ctx *c, int64_t id) {
    if (mailing_lost(c, id).n) {
        return c->now_ms + LOST_MS;
    }
    int64_t segment_id = DB_INT(c, "SELECT segment_id FROM mailing WHERE id = $1", id);
    return segment_id && membership_filling(c, segment_id) ? c->now_ms + LOOK_AGAIN_MS : 0;
}

/* As whoever launched it, who may have gone since: then it reaches nobody. */
static void plan(struct ctx *c, const struct timer *t) {
    struct plan p;
    bool begins = plan_hold(c, t, "scheduled", &p);
    if (!begins && !plan_hold(c, t, "planning", &p)) {
        return;
    }
    int64_t rests = rests_until(c, p.id);
    if (rests) {
        mailing_timer(c, "mailing.plan", p.id, rests);
        return;
    }
    const struct actor *own = c->actor;
    const struct actor *launcher = p.actor_id
                                       ? actor_resolve(c, p.actor_id, organization_version(c))
                                       : &actor_system;
    const struct record *m = record_load(c, entity_named(c, "mailing"), p.id);
    c->actor = launcher;
    struct mailing_audience *a = m && launcher ? mailing_audience(c, m) : NULL;
    if (!a && c->error.code != ERROR_INVALID && ctx_failed(c)) {
        return;
    }
    ctx_clear_error(c);
    struct mailing_piece piece = {p.id, PLAN_PIECE, p.planned, p.last_id};
    int64_t added = a ? mailing_plan_piece(c, a, &piece) : 0;
    c->actor = own;
    p.planned = piece.planned;
    p.last_id = piece.last_id;
    if (!a) {
        plan_end(c, &p, "cancelled", "mailing.cancelled");
    } else if (added < PLAN_PIECE) {
        planned_all(c, &p, m);
    } else {
        plan_keep(c, &p, "planning");
        mailing_timer(c, "mailing.plan", p.id, c->now_ms + SOON_MS);
        if (begins) {
            mailing_status(c, p.id, "planning", NULL);
        }
    }
}

/* Hand on who is due, at most a piece; people who must get none cost no interval. */
static void hand_on(struct ctx *c, struct plan *p, int64_t template_id) {
    int64_t people[FEED_PIECE];
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT person_id FROM mailing_recipient WHERE mailing_id = $1 AND n > $2 "
             "ORDER BY n LIMIT $3",
             p->id, p->handed, (int64_t)FEED_PIECE);
    while (n < FEED_PIECE && db_next(&rows)) {
        people[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    for (size_t i = 0; i < n && p->next_us <= c->now_ms * 1000 && !ctx_failed(c); i++) {
        struct str key = str_format(c->arena, "mailing:%lld:%lld", (long long)p->id,
                                    (long long)people[i]);
        struct mail_sent sent = mail_send(c, &(struct mail_request){.key = key,
                                                                    .template_id = template_id,
                                                                    .content_id = p->content_id,
                                                                    .person_id = people[i],
                                                                    .source = STR("mailing"),
                                                                    .source_id = p->id});
        p->handed++;
        p->next_us += sent.state == MAIL_WAITING ? p->interval_us : 0;
    }
}

static int64_t on_the_way(struct ctx *c, int64_t id, int64_t state) {
    return DB_INT(c,
                  "SELECT count(*) FROM (SELECT 1 AS one FROM mail_send WHERE source = 'mailing' "
                  "AND source_id = $1 AND step = '' AND state = $2 LIMIT $3) AS x",
                  id, state, (int64_t)WAITING_MOST);
}

static void feed(struct ctx *c, const struct timer *t) {
    struct plan p;
    if (c->silent || !plan_hold(c, t, "sending", &p)) {
        return;
    }
    struct mail_content content = mail_content_read(c, p.content_id);
    struct mail_policy policy = mail_policy_read(c);
    bool service = str_is(content.topic, "service");
    int64_t at = service ? c->now_ms : mail_quiet_end(c, &policy, c->now_ms);
    int64_t waiting = on_the_way(c, p.id, MAIL_WAITING);
    if (p.handed >= p.planned) {
        if (!waiting && !on_the_way(c, p.id, MAIL_QUEUED)) {
            plan_end(c, &p, "sent", "mailing.finished");
        } else {
            mailing_timer(c, "mailing.feed", p.id, c->now_ms + LOOK_AGAIN_MS);
        }
        return;
    }
    int64_t rests = rests_until(c, p.id);
    at = rests > at ? rests : at;
    if (at > c->now_ms || waiting >= WAITING_MOST) {
        mailing_timer(c, "mailing.feed", p.id, at > c->now_ms ? at : at + LOOK_AGAIN_MS);
        return;
    }
    int64_t earliest = (c->now_ms - LATE_MS) * 1000;
    p.next_us = p.next_us > earliest ? p.next_us : c->now_ms * 1000;
    hand_on(c, &p, content.template_id);
    plan_keep(c, &p, "sending");
    int64_t next = p.next_us / 1000 + 1, soon = c->now_ms + SOON_MS;
    mailing_timer(c, "mailing.feed", p.id, next > soon && p.handed < p.planned ? next : soon);
}

static const struct timer_kind timers[] = {{"mailing.plan", plan}, {"mailing.feed", feed}, {0}};

#define STILL_WAITS \
    "n > (SELECT p.handed FROM mailing_plan p WHERE p.mailing_id = mailing_recipient.mailing_id)"

/* Who became another is no longer there to get it: the other does, once. Parted in time, both. */
static void merged(struct ctx *c, const struct event *e) {
    const struct json *payload = json_parse(c, e->payload);
    int64_t winner = json_id(payload, "winner_id"), loser = json_id(payload, "loser_id");
    if (str_is(e->type, "person.unmerged")) {
        DB_RUN(c,
               "UPDATE mailing_recipient SET person_id = $2 WHERE person_id = $1 "
               "AND mailing_id IN (SELECT row_id FROM merge_carried WHERE loser_id = $2 "
               "AND what = 'mailing') AND " STILL_WAITS,
               winner, loser);
        merge_forget(c, "mailing", loser);
        return;
    }
    DB_RUN(c,
           "INSERT INTO merge_carried (loser_id, what, row_id) SELECT $2, 'mailing', mailing_id "
           "FROM mailing_recipient WHERE person_id = $2 AND NOT EXISTS (SELECT 1 "
           "FROM mailing_recipient o WHERE o.person_id = $1 AND "
           "o.mailing_id = mailing_recipient.mailing_id) AND " STILL_WAITS
           " ON CONFLICT (loser_id, what, row_id) DO NOTHING",
           winner, loser);
    DB_RUN(c,
           "UPDATE mailing_recipient SET person_id = $1 WHERE person_id = $2 AND mailing_id IN "
           "(SELECT row_id FROM merge_carried WHERE loser_id = $2 AND what = 'mailing')",
           winner, loser);
}

static const struct reactor merge_reactor = {
    .name = "marketing.mailing_merge",
    .lane = REACTOR_STEADY,
    .types = (const char *const[]){"person.merged", "person.unmerged", NULL},
    .handle = merged};

const struct module mailing_run_module = {
    .name = "marketing.mailing_run",
    .cloud = "marketing",
    .reactors = (const struct reactor *const[]){&merge_reactor, NULL},
    .timers = timers};
