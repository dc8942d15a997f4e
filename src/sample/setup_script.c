/*
 * Scripts the sample company's sellers used: calls and messages on deals, each joined with a
 * built-in script for where the deal stood then. What came of them is not made up: the simulated
 * history of the deal is looked at by the same function as ever, a week after each.
 */
#include "sample/setup.h"

#include "base/clock.h"
#include "db/db.h"
#include "entity/access.h"
#include "sales/script.h"

enum { USES = 700, DAYS = 330, CHOICE = 8, WEEK = 7 };

struct said {
    int64_t activity_id, deal_id, at, stage_id, by;
    struct str step;
};

/* The scripts of that scene, those for one industry alone left out. */
static size_t scripts_of(struct ctx *c, const char *scene, int64_t ids[CHOICE]) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id FROM script WHERE scene = $1 AND (industry IS NULL OR industry = "
             "'manufacturing') AND code IS NOT NULL AND deleted_at IS NULL ORDER BY code LIMIT $2",
             scene, (int64_t)CHOICE);
    while (n < CHOICE && db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    return n;
}

static const char *scene_at(struct str step, bool early) {
    return str_is(step, "quote")                               ? "negotiation"
           : str_is(step, "contract") || str_is(step, "order") ? "signing"
           : str_is(step, "payment")                           ? "payment"
           : early                                             ? "discovery"
                                                               : "proposal";
}

static size_t said_read(struct ctx *c, struct said *list) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(
        c, &rows,
        "SELECT a.id, a.subject_id, a.occurred_at, s.id, a.owner_id, s.funnel_step FROM activity a "
        "JOIN stage_history h ON h.opportunity_id = a.subject_id AND h.at <= a.occurred_at "
        "AND NOT EXISTS (SELECT 1 FROM stage_history l WHERE l.opportunity_id = a.subject_id "
        "AND l.at <= a.occurred_at AND (l.at > h.at OR l.at = h.at AND l.id > h.id)) "
        "JOIN stage s ON s.id = h.to_stage_id AND s.kind = 'open' "
        "WHERE a.subject_type = 'opportunity' AND a.type IN ('call', 'message', 'mail') "
        "AND a.occurred_at > $1 AND a.deleted_at IS NULL ORDER BY a.occurred_at DESC LIMIT $2",
        c->now_ms - (int64_t)DAYS * MS_DAY, (int64_t)USES);
    while (n < USES && db_next(&rows)) {
        list[n++] = (struct said){db_int(&rows, 0), db_int(&rows, 1), db_int(&rows, 2),
                                  db_int(&rows, 3), db_int(&rows, 4), db_text(&rows, 5)};
    }
    db_done(&rows);
    return n;
}

static void use_make(struct ctx *c, const struct said *s, size_t nth, int64_t today) {
    int64_t ids[CHOICE];
    size_t n = scripts_of(c, scene_at(s->step, nth % 2), ids);
    /* The first ones of a scene are used more than the last. */
    size_t which = n ? (nth * 7 % 10 < 6 ? nth % (n < 2 ? n : 2) : nth % n) : 0;
    const struct record *script = n ? record_load(c, entity_named(c, "script"), ids[which]) : NULL;
    if (!script) {
        return;
    }
    c->now_ms = s->at;
    int64_t use = script_use_add(
        c, &(struct script_use){.script = script,
                                .activity_id = s->activity_id,
                                .subject_type = STR("opportunity"),
                                .subject_id = s->deal_id,
                                .by = s->by,
                                .state = str_format(c->arena, "%lld", (long long)s->stage_id)});
    c->now_ms = s->at + (int64_t)WEEK * MS_DAY;
    if (c->now_ms <= today) {
        script_use_judge(c, use);
    }
}

void sample_script(struct ctx *c) {
    struct said *list = ARENA_NEW_ARRAY(c->arena, USES, struct said);
    int64_t today = c->now_ms;
    size_t n = said_read(c, list);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        use_make(c, &list[i], i, today);
    }
    c->now_ms = today;
}
