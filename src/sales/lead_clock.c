/* See lead_clock.h. */
#include "sales/lead_clock.h"

#include "automation/notification.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/lead.h"
#include "db/db.h"
#include "event/event.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "organization/calendar.h"
#include "organization/company.h"
#include "organization/user.h"
#include "sales/lead_pool.h"
#include "sales/sales.h"

enum { PART = 300 };

/* What a clock has left at least when the calendar has changed: it takes nothing away at once. */
#define GRACE_MS MS_DAY

static const char kind_one[] = "sales.lead_clock", kind_all[] = "sales.lead_clocks";

bool lead_clock_runs(const struct record *lead) {
    return !record_empty(lead, "owner_id") &&
           str_lists(STR("new working returned"), ' ', record_text(lead, "status"));
}

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static int64_t end_of(struct ctx *c, const struct record *pool, int64_t from, int64_t ms) {
    if (!record_int(pool, "workdays")) {
        return from + ms;
    }
    struct working_time days = company_working_time(c, true);
    return working_time_after(&days, from, ms);
}

/* The pool's clocks: which runs out first, and when it is said before: hours that the clock counts.
 */
static void pool_clocks(struct ctx *c, const struct record *pool, int64_t held,
                        struct lead_clock *clock) {
    int64_t floor = record_int(pool, "clocks_from"), before = record_int(pool, "warn_hours");
    int64_t hours = record_int(pool, "follow_up_hours"), days = record_int(pool, "deal_days");
    int64_t from = later(clock->since, floor), deal_from = later(held, floor);
    int64_t lasts = hours * MS_HOUR;
    if (hours) {
        clock->recycle_at = end_of(c, pool, from, lasts);
        clock->recycle = "follow_up";
    }
    int64_t deal_end = days ? end_of(c, pool, deal_from, days * MS_DAY) : 0;
    if (deal_end && (!clock->recycle_at || deal_end < clock->recycle_at)) {
        clock->recycle_at = deal_end;
        clock->recycle = "deal";
        from = deal_from;
        lasts = days * MS_DAY;
    }
    if (clock->recycle_at && before) {
        clock->warn_at = end_of(c, pool, from, later(lasts - before * MS_HOUR, 0));
    }
    if (clock->recycle_at && record_int(pool, "workdays")) {
        clock->recycle_at = later(clock->recycle_at, company_calendar_changed(c) + GRACE_MS);
    }
}

struct lead_clock lead_clock(struct ctx *c, const struct record *lead) {
    int64_t given = later(record_int(lead, "assigned_at"), record_int(lead, "created_at"));
    int64_t held = later(given, record_int(lead, "reopened_at"));
    struct lead_clock clock = {.since = later(held, record_int(lead, "last_follow_up_at"))};
    clock.alert_at = clock.since + company_int(c, "follow_up_days") * MS_DAY;
    const struct record *pool = pool_fitting(c, lead, true);
    if (pool) {
        pool_clocks(c, pool, held, &clock);
    }
    return clock;
}

/* What was said already, by the silence it was said of:
 * {"alerted":since,"escalated":since,"warned":recycle_at} */
struct said {
    int64_t alerted, warned, escalated;
};

static struct str said_json(struct ctx *c, struct said said) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "alerted", json_put_int, said.alerted);
    JSON_MEMBER(&w, "warned", json_put_int, said.warned);
    JSON_MEMBER(&w, "escalated", json_put_int, said.escalated);
    json_end_object(&w);
    return json_str(&w);
}

static struct said said_read(struct ctx *c, const struct timer *t) {
    const struct json *payload = json_parse(c, t->payload);
    return (struct said){.alerted = json_int(payload, "alerted", 0),
                         .warned = json_int(payload, "warned", 0),
                         .escalated = json_int(payload, "escalated", 0)};
}

static struct str key_of(struct ctx *c, const struct record *lead) {
    return str_format(c->arena, "%lld", (long long)lead->id);
}

static int64_t sooner(int64_t a, int64_t b) {
    return !a || (b && b < a) ? b : a;
}

/* After as long again. */
static int64_t escalate_at(const struct lead_clock *clock) {
    return clock->alert_at + (clock->alert_at - clock->since);
}

static void set_next(struct ctx *c, const struct record *lead, const struct lead_clock *clock,
                     struct said said) {
    int64_t next = clock->recycle_at;
    if (said.alerted != clock->since) {
        next = sooner(next, clock->alert_at);
    } else if (said.escalated != clock->since) {
        next = sooner(next, escalate_at(clock));
    }
    if (said.warned != clock->recycle_at) {
        next = sooner(next, clock->warn_at);
    }
    if (next) {
        timer_set(c, kind_one, key_of(c, lead), next, said_json(c, said));
    }
}

void lead_clock_set(struct ctx *c, const struct record *lead) {
    if (!lead_clock_runs(lead)) {
        timer_cancel(c, kind_one, key_of(c, lead));
        return;
    }
    struct lead_clock clock = lead_clock(c, lead);
    set_next(c, lead, &clock, (struct said){0});
}

static void tell(struct ctx *c, const struct record *lead, int64_t user_id, const char *code,
                 struct str detail) {
    struct notification n = {
        .user_id = user_id, .code = code, .subject_type = STR("lead"), .subject_id = lead->id};
    n.parameters[0] = (struct text_parameter){"lead", record_title(lead)};
    n.parameters[1] = (struct text_parameter){"company", lead_company_aside(c, lead)};
    n.parameters[2] = (struct text_parameter){"n", detail};
    n.parameters[3] = (struct text_parameter){
        "who", DB_TEXT(c, "SELECT name FROM \"user\" WHERE id = $1", record_id(lead, "owner_id"))};
    notify(c, &n);
}

static void alert(struct ctx *c, const struct record *lead, int64_t since) {
    int64_t owner = record_id(lead, "owner_id"), manager = user_manager(c, owner);
    struct str days = str_format(c->arena, "%lld", (long long)((c->now_ms - since) / MS_DAY));
    tell(c, lead, owner, "notification.lead_silent", days);
    if (manager != owner) {
        tell(c, lead, manager, "notification.lead_silent_of", days);
    }
    event_emit(c, &(struct event){.type = STR("lead.neglected"),
                                  .subject_type = STR("lead"),
                                  .subject_id = lead->id,
                                  .person_id = record_id(lead, "person_id")});
}

/* Nothing moved since his manager heard of it: the manager above hears of it too. */
static void escalate(struct ctx *c, const struct record *lead, int64_t since) {
    int64_t manager = user_manager(c, record_id(lead, "owner_id"));
    int64_t above = manager ? user_manager(c, manager) : 0;
    if (above && above != manager) {
        tell(c, lead, above, "notification.lead_silent_up",
             str_format(c->arena, "%lld", (long long)((c->now_ms - since) / MS_DAY)));
    }
}

static void warn(struct ctx *c, const struct record *lead, int64_t recycle_at) {
    int64_t hours = (recycle_at - c->now_ms + MS_HOUR - 1) / MS_HOUR;
    tell(c, lead, record_id(lead, "owner_id"), "notification.lead_recycles",
         str_format(c->arena, "%lld", (long long)hours));
}

static void recycle(struct ctx *c, const struct record *lead, const char *why) {
    int64_t owner = record_id(lead, "owner_id");
    const struct pool_entry entry = {
        .kind = POOL_RECYCLED, .reason = str_from(why), .from_user_id = owner};
    if (pool_put(c, lead, &entry)) {
        tell(c, lead, owner, "notification.lead_recycled", STR(""));
    }
}

static void fire_one(struct ctx *c, const struct timer *t) {
    struct said said = said_read(c, t);
    int64_t id = 0;
    str_to_int(t->key, &id);
    struct record *lead = record_load(c, entity_named(c, "lead"), id);
    if (!lead || !lead_clock_runs(lead)) {
        return;
    }
    struct lead_clock clock = lead_clock(c, lead);
    if (clock.alert_at <= c->now_ms && said.alerted != clock.since) {
        alert(c, lead, clock.since);
        said.alerted = clock.since;
    }
    if (escalate_at(&clock) <= c->now_ms && said.escalated != clock.since) {
        escalate(c, lead, clock.since);
        said.escalated = clock.since;
    }
    if (clock.recycle_at && clock.recycle_at <= c->now_ms) {
        recycle(c, lead, clock.recycle);
        /* Every pool that fits is full: asked again when there may be room. */
        clock.recycle_at = c->now_ms + MS_HOUR;
        clock.warn_at = 0;
        said.warned = clock.recycle_at;
        lead = record_load(c, lead->entity, lead->id);
    } else if (clock.warn_at && clock.warn_at <= c->now_ms && said.warned != clock.recycle_at) {
        warn(c, lead, clock.recycle_at);
        said.warned = clock.recycle_at;
    }
    if (lead && lead_clock_runs(lead)) {
        set_next(c, lead, &clock, said);
    }
}

void lead_clocks_start(struct ctx *c) {
    timer_set(c, kind_all, STR(""), c->now_ms, STR("{\"after\":0}"));
}

/* Whether this silence was told of already, by a clock that has nothing more to say. */
static bool told(struct ctx *c, const struct record *lead, int64_t since) {
    return DB_INT(c,
                  "SELECT 1 FROM event WHERE subject_type = 'lead' AND subject_id = $1 "
                  "AND type = 'lead.neglected' AND occurred_at > $2 LIMIT 1",
                  lead->id, since) != 0;
}

/* A clock that runs goes on by what holds now, and says nothing twice; held, for it may be due this
 * moment. What has none, as what was brought in, gets one; what has lain for long was brought in so
 * and is no news. */
static void clock_renew(struct ctx *c, const struct record *lead) {
    struct lead_clock clock = lead_clock(c, lead);
    struct said said = {0};
    struct timer t;
    if (timer_hold(c, kind_one, key_of(c, lead), &t)) {
        said = said_read(c, &t);
    } else if (clock.alert_at <= c->now_ms || told(c, lead, clock.since)) {
        said.alerted = said.escalated = clock.since;
    }
    set_next(c, lead, &clock, said);
}

/* Leads by id, so that each is met once, whatever happens to them meanwhile. */
static void fire_all(struct ctx *c, const struct timer *t) {
    const struct entity *e = entity_named(c, "lead");
    int64_t ids[PART], after = json_int(json_parse(c, t->payload), "after", 0);
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id FROM lead WHERE id > $1 AND owner_id IS NOT NULL "
             "AND status IN ('new', 'working', 'returned') AND deleted_at IS NULL "
             "ORDER BY id LIMIT $2",
             after, (int64_t)PART);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct record *lead = record_load(c, e, ids[i]);
        if (lead) {
            clock_renew(c, lead);
        }
    }
    if (n == PART) {
        timer_set(c, kind_all, STR(""), c->now_ms + MS_SECOND,
                  str_format(c->arena, "{\"after\":%lld}", (long long)ids[n - 1]));
    }
}

/* Days that are free or worked now, or that a lead may lie, count otherwise for clocks that run;
 * and leads were brought in that have none. */
static void days_changed(struct ctx *c, const struct event *e) {
    if (!str_is(e->type, "import.finished") || str_is(e->subject_type, "lead")) {
        lead_clocks_start(c);
    }
}

static const struct reactor days = {.name = "sales.lead_clock_calendar",
                                    .stream = STREAM_BUSINESS,
                                    .lane = REACTOR_STEADY,
                                    .types = (const char *const[]){"calendar_day.",
                                                                   "company.follow_up_changed",
                                                                   "import.finished", NULL},
                                    .handle = days_changed};

static const struct timer_kind timers[] = {{kind_one, fire_one}, {kind_all, fire_all}, {0}};

static const struct text texts[] = {
    {"notification.lead_silent", "{lead}{company} 已 {n} 天没有跟进",
     "{lead}{company}: no follow-up for {n} days"},
    {"notification.lead_silent_of", "{who}的线索 {lead}{company} 已 {n} 天没有跟进",
     "{who}'s lead {lead}{company}: no follow-up for {n} days"},
    {"notification.lead_silent_up",
     "{who}的线索 {lead}{company} 已 {n} 天没有跟进，他和他的上级都提醒过了",
     "{who}'s lead {lead}{company}: no follow-up for {n} days; he and his manager were told"},
    {"notification.lead_recycles", "{lead}{company} 再不跟进，{n} 小时后回公海",
     "{lead}{company} goes back to the pool in {n} hours"},
    {"notification.lead_recycled", "{lead}{company} 超时未跟进，已回公海",
     "{lead}{company} went back to the pool"},
    {0}};

static const struct event_type event_types[] = {
    {"lead.neglected", "lead", "多日未跟进", "not followed up"}, {0}};

const struct module lead_clock_module = {.name = "sales.lead_clock",
                                         .cloud = "sales",
                                         .events = event_types,
                                         .reactors = (const struct reactor *const[]){&days, NULL},
                                         .timers = timers,
                                         .texts = texts};
