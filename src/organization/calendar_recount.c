/*
 * What is due in working time is reckoned anew when the company's calendar, its working hours or
 * its zone change: every timer of a kind that says how (timer_kind.recount), some at a time, in the
 * background. Each kind knows from when it counts; one that counts no working time stays as it is.
 *
 * What comes sooner by it does not come at once: a day is left (calendar_moved).
 *
 * One that cannot be reckoned holds up nobody: it gets a timer of its own, which is tried again and
 * shown to the administrator like any other. All are gone through a second time a minute later, for
 * what was begun before the change and written after it.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/module.h"
#include "db/db.h"
#include "db/unit.h"
#include "event/event.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "organization/calendar.h"
#include "organization/organization.h"

enum { PART = 100, KINDS_MOST = 16 };

static const char kind_all[] = "calendar.recount", kind_one[] = "calendar.recount_one";
static const struct timer_kind *kinds[KINDS_MOST];
static int64_t n_kinds;

void calendar_recounts(const struct timer_kind *list) {
    for (; list && list->kind && n_kinds < KINDS_MOST; list++) {
        if (list->recount) {
            kinds[n_kinds++] = list;
        }
    }
}

int64_t calendar_moved(const struct ctx *c, int64_t was, int64_t is) {
    int64_t left = c->now_ms + MS_DAY < was ? c->now_ms + MS_DAY : was;
    return is > left ? is : left;
}

static size_t part_read(struct ctx *c, const struct timer_kind *kind, struct str after,
                        struct str *keys) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT key FROM timer WHERE kind = $1 AND key > $2 AND parked = 0 "
             "ORDER BY key LIMIT $3",
             kind->kind, after, (int64_t)PART);
    while (db_next(&rows)) {
        keys[n++] = db_text(&rows, 0);
    }
    return n;
}

/* How far it came, or which one: of a kind, by its place in the list, and a key. */
static struct str place(struct ctx *c, int64_t kind, struct str key, bool again) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "kind", json_put_c, kind < n_kinds ? kinds[kind]->kind : "");
    JSON_MEMBER(&w, "key", json_put_str, key);
    JSON_MEMBER(&w, "again", json_put_bool, again);
    json_end_object(&w);
    return json_str(&w);
}

static int64_t kind_at(const struct json *place) {
    struct str name = json_text(place, "kind");
    int64_t kind = 0;
    while (kind < n_kinds && !str_is(name, kinds[kind]->kind)) {
        kind++;
    }
    return kind;
}

static void recount(struct ctx *c, const struct timer_kind *kind, struct str key) {
    struct timer t;
    if (timer_hold(c, kind->kind, key, &t)) {
        kind->recount(c, &t);
    }
}

/* False: what failed concerns all of them. */
static bool recount_apart(struct ctx *c, int64_t kind, struct str key) {
    int open = db_savepoints(c->db);
    db_savepoint(c);
    recount(c, kinds[kind], key);
    if (!ctx_failed(c)) {
        db_release(c);
        return !ctx_failed(c);
    }
    if (c->error.code == ERROR_RETRY || !db_in_transaction(c->db)) {
        return false;
    }
    db_rollback_savepoints(c->db, open);
    log_error(c, "calendar.not_recounted");
    ctx_clear_error(c);
    timer_set(c, kind_one, str_format(c->arena, "%s:%.*s", kinds[kind]->kind, STR_ARG(key)),
              c->now_ms + MS_MINUTE, place(c, kind, key, false));
    return !ctx_failed(c);
}

static void fire(struct ctx *c, const struct timer *t) {
    const struct json *at = json_parse(c, t->payload);
    struct str keys[PART];
    int64_t kind = kind_at(at);
    bool again = json_bool(at, "again", false);
    if (kind < n_kinds) {
        size_t n = part_read(c, kinds[kind], json_text(at, "key"), keys), i = 0;
        while (i < n && recount_apart(c, kind, keys[i])) {
            i++;
        }
        bool more = n == PART;
        timer_set(c, kind_all, STR(""), c->now_ms + (more ? MS_SECOND : 0),
                  more ? place(c, kind, keys[n - 1], again) : place(c, kind + 1, STR(""), again));
    } else if (!again) {
        timer_set(c, kind_all, STR(""), c->now_ms + MS_MINUTE, place(c, 0, STR(""), true));
    }
}

static void fire_one(struct ctx *c, const struct timer *t) {
    const struct json *at = json_parse(c, t->payload);
    int64_t kind = kind_at(at);
    if (kind < n_kinds) {
        recount(c, kinds[kind], json_text(at, "key"));
    }
}

static void changed(struct ctx *c, const struct event *e) {
    (void)e;
    timer_set(c, kind_all, STR(""), c->now_ms, place(c, 0, STR(""), false));
}

static const struct reactor reactor = {
    .name = "organization.calendar_recount",
    .stream = STREAM_BUSINESS,
    .lane = REACTOR_STEADY,
    .types = (const char *const[]){"calendar_day.", "company.hours_changed", NULL},
    .handle = changed};

static const struct timer_kind timers[] = {{kind_all, fire}, {kind_one, fire_one}, {0}};

const struct module calendar_recount_module = {
    .name = "organization.calendar_recount",
    .cloud = "platform",
    .reactors = (const struct reactor *const[]){&reactor, NULL},
    .timers = timers};
