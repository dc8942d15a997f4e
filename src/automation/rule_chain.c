/* See rule_chain.h. */
#include "automation/rule_chain.h"

#include "db/db.h"

/* So often a rule runs in one chain on one record at most, whatever brought it about. */
enum { RUNS_MOST = 10, CHAIN_MOST = EVENT_DEPTH + 2 };

/* The events that led to this one, the first of them first. */
static size_t causes_read(struct ctx *c, const struct event *e, int64_t *ids) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "WITH RECURSIVE up (id, cause_id, depth) AS (SELECT e.id, e.cause_id, e.depth FROM "
             "event e WHERE e.id = $1 UNION ALL SELECT e.id, e.cause_id, e.depth FROM event e "
             "JOIN up ON e.id = up.cause_id) SELECT id FROM up ORDER BY depth LIMIT $2",
             e->cause_id, (int64_t)CHAIN_MOST);
    while (n < CHAIN_MOST && db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    return n;
}

static bool among(const int64_t *ids, size_t n, int64_t id) {
    for (size_t i = 0; i < n; i++) {
        if (ids[i] == id) {
            return true;
        }
    }
    return false;
}

enum rule_turn rule_turn(struct ctx *c, const struct record *rule, const struct event *e,
                         int64_t *root) {
    int64_t causes[CHAIN_MOST];
    size_t n = e->depth ? causes_read(c, e, causes) : 0, ran = 0;
    enum rule_turn turn = RULE_RUNS;
    struct db_rows rows;
    *root = n ? causes[0] : e->depth ? e->cause_id : e->id;
    if (!e->depth) {
        return RULE_RUNS;
    }
    DB_QUERY(c, &rows,
             "SELECT event_id, began, id FROM automation_run WHERE root_id = $1 AND "
             "automation_id = $2 AND subject_id = $3 ORDER BY id LIMIT $4",
             *root, rule->id, e->subject_id, (int64_t)RUNS_MOST);
    while (db_next(&rows)) {
        ran++;
        /* What a run caused lies between the two numbers made before and after its actions. */
        if (db_int(&rows, 1) < e->id && e->id < db_int(&rows, 2)) {
            turn = RULE_PASSES;
        } else if (turn == RULE_RUNS && among(causes, n, db_int(&rows, 0))) {
            turn = RULE_LOOPS;
        }
    }
    return turn == RULE_RUNS && ran == RUNS_MOST ? RULE_PASSES : turn;
}
