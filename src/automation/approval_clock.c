/*
 * The clock of approvals: a step nobody touched reminds those who are asked, again and again, and
 * after some reminders goes up to their managers, who answer from then on; after as many again, to
 * theirs. Whom the process asked may still answer. A timer a running step; who is switched off
 * meanwhile is replaced, at once (reactor) and at the latest by the clock.
 */
#include "automation/approval_parts.h"
#include "automation/automation.h"
#include "automation/notification.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/access.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "organization/calendar.h"
#include "organization/company.h"
#include "organization/user.h"

enum { WAITING_MOST = 2 * APPROVAL_ASKED, MOVED_AT_ONCE = 500 };

static const char clock_kind[] = "automation.approval";

static struct str key_of(struct ctx *c, const struct approval_case *k) {
    return str_format(c->arena, "%lld", (long long)k->approval->id);
}

static bool on_workdays(const struct approval_case *k) {
    return json_bool(k->plan, "workdays", false);
}

/* So much after from, on working days alone where the process says so. */
static int64_t time_after(struct ctx *c, const struct approval_case *k, int64_t from, int64_t ms) {
    struct working_time days = company_working_time(c, true);
    return on_workdays(k) ? working_time_after(&days, from, ms) : from + ms;
}

/* Counted from then on. */
static void clock_set(struct ctx *c, const struct approval_case *k, int64_t from, int64_t due) {
    timer_set(c, clock_kind, key_of(c, k), due,
              str_format(c->arena, "{\"from\":%lld}", (long long)from));
}

static int64_t reminds_after(const struct approval_case *k) {
    return json_int(k->plan, "remind_hours", 24) * MS_HOUR;
}

void approval_clock_start(struct ctx *c, const struct approval_case *k) {
    clock_set(c, k, c->now_ms, time_after(c, k, c->now_ms, reminds_after(k)));
}

void approval_clock_stop(struct ctx *c, const struct approval_case *k) {
    timer_cancel(c, clock_kind, key_of(c, k));
}

struct waiting {
    int64_t vote_id, holder_id;
    bool escalated; /* the first one may still answer */
};

static size_t waiting_of(struct ctx *c, const struct approval_case *k, struct waiting *out) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id, holder_id, why FROM approval_vote WHERE approval_id = $1 AND "
             "state = 'waiting' AND deleted_at IS NULL ORDER BY id LIMIT $2",
             k->approval->id, (int64_t)WAITING_MOST);
    while (db_next(&rows)) {
        out[n++] = (struct waiting){db_int(&rows, 0), db_int(&rows, 1),
                                    str_is(db_view(&rows, 2), "escalated")};
    }
    return n;
}

static void hand_on(struct ctx *c, const struct waiting *w, int64_t to, const char *why) {
    struct change_set set = change_new(c, entity_named(c, "approval_vote"));
    change_id(&set, "holder_id", to);
    change_text(&set, "why", str_from(why));
    change_int(&set, "passed_at", c->now_ms);
    record_change(c, w->vote_id, &set);
}

/* Somebody who left hands on to his manager, else to the process administrator. */
static void rehome(struct ctx *c, const struct approval_case *k, const struct waiting *w) {
    int64_t manager = user_manager(c, w->holder_id);
    int64_t to = manager && approval_may_answer(c, k, manager) ? manager : approval_fallback(c, k);
    hand_on(c, w, to, "fallback");
    approval_tell(c, k, to, "notification.approval_asked", STR(""));
}

/* Somebody who has gone on leave since he was asked; false when he is there, or nobody is above
 * him. */
static bool stand_in(struct ctx *c, const struct approval_case *k, const struct waiting *w) {
    int64_t to = approval_present_manager(c, k, w->holder_id);
    if (!to || approval_vote_of(c, k, to)) {
        return false;
    }
    hand_on(c, w, to, w->escalated ? "escalated" : "away");
    approval_tell(c, k, to, "notification.approval_asked", STR(""));
    return true;
}

/* Up by one. A manager who asks himself, or is asked already, only hears of it. */
static void escalate(struct ctx *c, const struct approval_case *k, const struct waiting *w) {
    int64_t manager = user_manager(c, w->holder_id);
    struct str late = approval_user_name(c, w->holder_id);
    if (!manager || manager == w->holder_id) {
        return;
    }
    int64_t to = approval_may_answer(c, k, manager) ? approval_deputy(c, k, manager) : 0;
    if (!to || to == w->holder_id || approval_vote_of(c, k, to) ||
        approval_vote_of(c, k, manager)) {
        approval_tell(c, k, manager, "notification.approval_late", late);
        return;
    }
    hand_on(c, w, to, "escalated");
    approval_tell(c, k, to, "notification.approval_escalated", late);
}

static void remind(struct ctx *c, struct approval_case *k) {
    struct waiting waiting[WAITING_MOST];
    int64_t after = json_int(k->plan, "escalate_after", 0);
    int64_t times = record_int(k->approval, "reminders") + 1;
    size_t n = waiting_of(c, k, waiting);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (!user_active(c, waiting[i].holder_id)) {
            rehome(c, k, &waiting[i]);
            continue;
        }
        if (stand_in(c, k, &waiting[i])) {
            continue;
        }
        approval_tell(c, k, waiting[i].holder_id, "notification.approval_waits", STR(""));
        if (after && times % after == 0) {
            escalate(c, k, &waiting[i]);
        }
    }
    struct change_set set = change_new(c, k->approval->entity);
    change_int(&set, "reminders", times);
    approval_set(c, k, &set);
    approval_emit(c, "approval.reminded", k);
    approval_clock_start(c, k);
}

/* A holiday that was entered a moment ago: after it, when the term that began then has passed. */
static void rest(struct ctx *c, const struct approval_case *k, int64_t from) {
    int64_t first = time_after(c, k, c->now_ms, 0);
    int64_t due = from < c->now_ms ? time_after(c, k, from, reminds_after(k)) : first;
    clock_set(c, k, from, due > first ? due : first);
}

static void fire(struct ctx *c, const struct timer *t) {
    int64_t id = 0;
    str_to_int(t->key, &id);
    struct approval_case *k = approval_find(c, id);
    if (!k || !str_is(record_text(k->approval, "state"), "pending")) {
        return;
    }
    k = approval_open(c, id, "pending");
    if (k && !k->subject) {
        approval_end_gone(c, k);
    } else if (k && time_after(c, k, c->now_ms, 0) > c->now_ms) {
        rest(c, k, json_int(json_parse(c, t->payload), "from", c->now_ms));
    } else if (k) {
        remind(c, k);
    }
}

/* One of a database from before does not know from when it counts, and stays. */
static void recount(struct ctx *c, const struct timer *t) {
    int64_t id = 0, from = json_int(json_parse(c, t->payload), "from", 0);
    str_to_int(t->key, &id);
    struct approval_case *k = from ? approval_find(c, id) : NULL;
    if (!k || !k->plan || !on_workdays(k)) {
        return;
    }
    int64_t due = calendar_moved(c, t->due_at, time_after(c, k, from, reminds_after(k)));
    if (due != t->due_at) {
        clock_set(c, k, from, due);
    }
}

static const struct timer_kind timers[] = {{clock_kind, fire, recount}, {0}};

/* A user who was switched off answers nothing. */
static void handle(struct ctx *c, const struct event *e) {
    struct db_rows rows;
    int64_t *ids = ARENA_NEW_ARRAY(c->arena, MOVED_AT_ONCE, int64_t);
    struct waiting *votes = ARENA_NEW_ARRAY(c->arena, MOVED_AT_ONCE, struct waiting);
    size_t n = 0;
    if (e->origin != ORIGIN_LIVE || user_active(c, e->subject_id)) {
        return;
    }
    DB_QUERY(c, &rows,
             "SELECT approval_id, id FROM approval_vote WHERE holder_id = $1 AND state = 'waiting' "
             "AND deleted_at IS NULL ORDER BY id LIMIT $2",
             e->subject_id, (int64_t)MOVED_AT_ONCE);
    while (db_next(&rows)) {
        ids[n] = db_int(&rows, 0);
        votes[n++] = (struct waiting){db_int(&rows, 1), e->subject_id};
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct approval_case *k = approval_find(c, ids[i]);
        if (k) {
            rehome(c, k, &votes[i]);
        }
    }
}

static const struct reactor reactor = {.name = "automation.approval_people",
                                       .stream = STREAM_BUSINESS,
                                       .lane = REACTOR_STEADY,
                                       .types = (const char *const[]){"user.updated", NULL},
                                       .handle = handle};

static const struct text texts[] = {
    {"notification.approval_waits", "还等你审批「{process}」：{what}",
     "\"{process}\" still waits for you: {what}"},
    {"notification.approval_escalated", "{comment}一直没有审批，现在请你审批「{process}」：{what}",
     "{comment} has not answered; now you are asked to approve \"{process}\": {what}"},
    {"notification.approval_late", "{comment}还没有审批「{process}」：{what}",
     "{comment} has not answered \"{process}\": {what}"},
    {0}};

const struct module approval_clock_module = {
    .name = "automation.approval_clock",
    .cloud = "platform",
    .reactors = (const struct reactor *const[]){&reactor, NULL},
    .timers = timers,
    .texts = texts};
