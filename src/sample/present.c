#include "sample/present.h"

#include "db/db.h"
#include "sample/lead.h"
#include "sample/work.h"

enum { DUE_MOST = 4 };

static const int minutes_ago[] = {4, 11, 23, 37, 49, 56};

static void leads_of_this_hour(struct company *k) {
    for (size_t i = 0; i < sizeof minutes_ago / sizeof *minutes_ago && !ctx_failed(k->c); i++) {
        struct draw d = draw_stream(k->seed, 0, 90000 + (int64_t)i);
        lead_just_now(k, &d, k->now_ms - minutes_ago[i] * (int64_t)MS_MINUTE, i % 3 != 1);
    }
}

/* Something to be done about. */
struct open_one {
    int64_t id, since;
};

static size_t open_ones(struct company *k, const char *type, const struct actor *who,
                        struct open_one *found) {
    struct db_rows rows;
    size_t n = 0;
    if (str_is(str_from(type), "lead")) {
        DB_QUERY(
            k->c, &rows,
            "SELECT id, created_at FROM lead WHERE owner_id = $1 AND status IN ('working', 'new') "
            "AND deleted_at IS NULL ORDER BY created_at DESC, id LIMIT $2",
            who->user_id, (int64_t)DUE_MOST);
    } else {
        DB_QUERY(
            k->c, &rows,
            "SELECT id, stage_entered_at FROM opportunity WHERE owner_id = $1 AND state = 'open' "
            "AND deleted_at IS NULL ORDER BY stage_entered_at, id LIMIT $2",
            who->user_id, (int64_t)DUE_MOST);
    }
    while (db_next(&rows)) {
        found[n++] = (struct open_one){db_int(&rows, 0), db_int(&rows, 1)};
    }
    return n;
}

/* Set some days ago, for an hour of today or, by who is not so diligent, of the days before. */
static void due_now(struct company *k, struct draw *d, int rep) {
    static const int hours[DUE_MOST] = {10, 11, 15, 17};
    const struct actor *who = &k->reps[rep];
    int64_t midnight = zone_midnight(k->zone, date_from_days(k->today));
    for (int kind = 0; kind < 2; kind++) {
        const char *type = kind ? "opportunity" : "lead";
        struct open_one found[DUE_MOST];
        size_t n = open_ones(k, type, who, found);
        n = n > 2 ? 2 : n;
        for (size_t i = 0; i < n && !ctx_failed(k->c); i++) {
            bool late = (int)draw_below(d, 100) >= sample_reps[rep].diligence;
            int64_t due = midnight + hours[2 * (size_t)kind + i] * (int64_t)MS_HOUR -
                          (late ? draw_between(d, 1, 4) * MS_DAY : 0);
            struct work w = {type, found[i].id, who, kind ? WORK_STAGE + 2 : WORK_NURTURE, ""};
            int64_t set_at = company_next_work(k, d, k->now_ms - draw_between(d, 28, 90) * MS_HOUR);
            set_at = set_at > found[i].since ? set_at : found[i].since + 2 * (int64_t)MS_MINUTE;
            if (company_reached(k, set_at)) {
                work_task_open(k, d, &w, set_at, due);
            }
        }
    }
}

void present_make(struct company *k) {
    leads_of_this_hour(k);
    for (int i = 0; i < SAMPLE_REPS && !ctx_failed(k->c); i++) {
        struct draw d = draw_stream(k->seed, 0, 91000 + i);
        due_now(k, &d, i);
    }
}
