/*
 * What is due in working time is reckoned anew when the company's calendar changes: every timer of
 * a kind that says how (timer_kind.recount), some at a time, in the background. Each kind knows
 * from when it counts; one that counts no working time stays as it is.
 *
 * What comes sooner by it does not come at once: a day is left (calendar_moved).
 */
#include "base/clock.h"
#include "base/module.h"
#include "db/db.h"
#include "event/event.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "organization/calendar.h"
#include "organization/organization.h"

enum { PART = 300, KINDS_MOST = 16 };

static const char kind_all[] = "calendar.recount";
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
                        struct timer *out) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id, key, due_at, payload FROM timer WHERE kind = $1 AND key > $2 "
             "AND parked = 0 ORDER BY key LIMIT $3",
             kind->kind, after, (int64_t)PART);
    while (db_next(&rows)) {
        out[n++] = (struct timer){.id = db_int(&rows, 0),
                                  .kind = str_from(kind->kind),
                                  .key = db_text(&rows, 1),
                                  .due_at = db_int(&rows, 2),
                                  .payload = db_text(&rows, 3)};
    }
    return n;
}

static struct str place(struct ctx *c, int64_t kind, struct str after) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "kind", json_put_int, kind);
    JSON_MEMBER(&w, "after", json_put_str, after);
    json_end_object(&w);
    return json_str(&w);
}

static void fire(struct ctx *c, const struct timer *t) {
    const struct json *at = json_parse(c, t->payload);
    struct timer *part = ARENA_NEW_ARRAY(c->arena, PART, struct timer);
    int64_t kind = json_int(at, "kind", 0);
    if (kind >= n_kinds) {
        return;
    }
    size_t n = part_read(c, kinds[kind], json_text(at, "after"), part);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        kinds[kind]->recount(c, &part[i]);
    }
    bool more = n == PART;
    timer_set(c, kind_all, STR(""), c->now_ms + (more ? MS_SECOND : 0),
              more ? place(c, kind, part[n - 1].key) : place(c, kind + 1, STR("")));
}

static void changed(struct ctx *c, const struct event *e) {
    (void)e;
    timer_set(c, kind_all, STR(""), c->now_ms, place(c, 0, STR("")));
}

static const struct reactor reactor = {.name = "organization.calendar_recount",
                                       .stream = STREAM_BUSINESS,
                                       .lane = REACTOR_STEADY,
                                       .types = (const char *const[]){"calendar_day.", NULL},
                                       .handle = changed};

static const struct timer_kind timers[] = {{kind_all, fire}, {0}};

const struct module calendar_recount_module = {
    .name = "organization.calendar_recount",
    .cloud = "platform",
    .reactors = (const struct reactor *const[]){&reactor, NULL},
    .timers = timers};
