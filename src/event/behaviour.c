#include "event/behaviour.h"

#include "base/clock.h"
#include "db/db.h"

/* A piece takes a few ms; the next follows soon, with room for others between. */
enum { REMOVE_AT_ONCE = 2000, NEXT_PIECE_MS = 200, NEXT_LOOK_MS = MS_HOUR };

static const struct zone *(*company_zone)(struct ctx *c);

void behaviour_zone_from(const struct zone *(*zone)(struct ctx *c)) {
    company_zone = zone;
}

/* The total that events add to, and how many did. */
struct daily {
    int64_t day; /* since 1970 */
    struct str type, subject_type;
    int64_t subject_id, events;
};

static bool same_total(const struct daily *a, const struct daily *b) {
    return a->day == b->day && a->subject_id == b->subject_id && str_equal(a->type, b->type) &&
           str_equal(a->subject_type, b->subject_type);
}

static void total_add(struct ctx *c, const struct daily *d) {
    char day[DATE_TEXT];
    date_format(date_from_days(d->day), day);
    DB_RUN(c,
           "INSERT INTO behaviour_daily (day, type, subject_type, subject_id, events) "
           "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (day, type, subject_type, subject_id) "
           "DO UPDATE SET events = behaviour_daily.events + excluded.events",
           (const char *)day, d->type, d->subject_type, d->subject_id, d->events);
}

/* Just before the commit, what a turn has counted: a write for each total, not for each event. */
static void totals_add(struct ctx *c, void *const *items, size_t n) {
    struct daily **totals = ARENA_NEW_ARRAY(db_batch_arena(c->db), n, struct daily *);
    size_t n_totals = 0;
    for (size_t i = 0; i < n; i++) {
        struct daily *d = items[i];
        size_t k = 0;
        while (k < n_totals && !same_total(totals[k], d)) {
            k++;
        }
        if (k == n_totals) {
            d->events = 0;
            totals[n_totals++] = d;
        }
        totals[k]->events++;
    }
    for (size_t i = 0; i < n_totals && !ctx_failed(c); i++) {
        total_add(c, totals[i]);
    }
}

static void event_count(struct ctx *c, const struct event *e) {
    const struct zone *zone = company_zone ? company_zone(c) : zone_find(STR("Asia/Shanghai"));
    struct arena *a = db_batch_arena(c->db);
    struct daily *d = ARENA_NEW(a, struct daily);
    *d = (struct daily){.day = date_to_days(zone_date(zone, e->occurred_at)),
                        .type = str_copy(a, e->type),
                        .subject_type = str_copy(a, e->subject_type.n ? e->subject_type : STR("")),
                        .subject_id = e->subject_id};
    db_defer_many(c, totals_add, d);
}

/* No reset: the totals outlive the rows they were counted from. */
const struct reactor behaviour_daily = {
    .name = "behaviour.daily",
    .stream = STREAM_BEHAVIOUR,
    .lane = REACTOR_BULK,
    .types = (const char *const[]){NULL},
    .handle = event_count,
};

/* The first seq that must stay. */
static int64_t removal_limit(struct ctx *c) {
    int64_t head = event_head(c, STREAM_BEHAVIOUR);
    int64_t unread = DB_INT(
        c, "SELECT COALESCE(min(seq), $1) + 1 FROM reactor_cursor WHERE stream = $2", head,
        (int)STREAM_BEHAVIOUR);
    int64_t parked = DB_INT(c,
                            "SELECT COALESCE(min(p.seq), $1) FROM reactor_parked p "
                            "JOIN reactor_cursor r ON r.name = p.reactor WHERE r.stream = $2",
                            head, (int)STREAM_BEHAVIOUR);
    int64_t limit = unread < head ? unread : head;
    return parked < limit ? parked : limit;
}

int64_t behaviour_remove(struct ctx *c, int64_t before_ms, int64_t limit) {
    return DB_RUN(c,
                  "DELETE FROM behaviour WHERE recorded_at < $1 AND seq IN "
                  "(SELECT seq FROM behaviour WHERE seq < $2 ORDER BY seq LIMIT $3)",
                  before_ms, removal_limit(c), limit);
}

void behaviour_upkeep(struct ctx *c, const struct timer *t) {
    int64_t before = c->now_ms - (int64_t)BEHAVIOUR_RETENTION_DAYS * MS_DAY;
    int64_t removed = behaviour_remove(c, before, REMOVE_AT_ONCE);
    int64_t pause = removed == REMOVE_AT_ONCE ? NEXT_PIECE_MS : NEXT_LOOK_MS;
    timer_set(c, "behaviour.upkeep", t->key, c->now_ms + pause, STR(""));
}
