/* See rule_chain.h. */
#include "automation/rule_chain.h"

#include "base/json.h"
#include "db/db.h"

enum { CHAIN_MOST = EVENT_DEPTH + 2, CHANGES_MOST = 50 };

/* The events that led to this one. root: what began it, also where that was no business. */
static size_t causes_read(struct ctx *c, const struct event *e, int64_t *ids, int64_t *root) {
    struct db_rows rows;
    size_t n = 0;
    *root = e->depth ? e->cause_id : e->id;
    if (!e->depth) {
        return 0;
    }
    DB_QUERY(c, &rows,
             "WITH RECURSIVE up (id, cause_id, depth) AS (SELECT e.id, e.cause_id, e.depth FROM "
             "event e WHERE e.id = $1 UNION ALL SELECT e.id, e.cause_id, e.depth FROM event e "
             "JOIN up ON e.id = up.cause_id) SELECT id, cause_id FROM up ORDER BY depth LIMIT $2",
             e->cause_id, (int64_t)CHAIN_MOST);
    while (n < CHAIN_MOST && db_next(&rows)) {
        if (n == 0) {
            *root = db_int(&rows, 1) ? db_int(&rows, 1) : db_int(&rows, 0);
        }
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    return n;
}

/* What a run caused lies between the two numbers made before and after its actions. */
struct span {
    int64_t began, ended;
};

static bool within(struct span s, int64_t id) {
    return s.began < id && id < s.ended;
}

static bool any_within(struct span s, const int64_t *ids, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (within(s, ids[i])) {
            return true;
        }
    }
    return false;
}

static bool any_shared(const struct json *a, const struct json *b) {
    bool lists = json_is(a, JSON_IS_ARRAY) && json_is(b, JSON_IS_ARRAY);
    for (size_t i = 0; lists && i < a->n; i++) {
        for (size_t k = 0; k < b->n; k++) {
            if (str_equal(a->items[i].text, b->items[k].text)) {
                return true;
            }
        }
    }
    return false;
}

static const struct json *changed_by(struct ctx *c, struct str payload) {
    return json_get(json_parse(c, payload), "changed");
}

/* Whether the event changed a field of the record that the run had set. */
static bool overrules(struct ctx *c, const struct event *e, struct span run) {
    const struct json *changed = changed_by(c, e->payload);
    struct db_rows rows;
    bool any = false;
    if (!json_is(changed, JSON_IS_ARRAY)) {
        return false;
    }
    DB_QUERY(c, &rows,
             "SELECT payload FROM event WHERE id > $1 AND id < $2 AND subject_id = $3 "
             "AND type = $4 ORDER BY id LIMIT $5",
             run.began, run.ended, e->subject_id, e->type, (int64_t)CHANGES_MOST);
    while (db_next(&rows)) {
        any |= any_shared(changed, changed_by(c, db_text(&rows, 0)));
    }
    return any;
}

enum rule_turn rule_turn(struct ctx *c, const struct record *rule, const struct event *e,
                         int64_t *root) {
    int64_t causes[CHAIN_MOST];
    size_t n = causes_read(c, e, causes, root), ran = 0;
    struct span first = {0};
    struct db_rows rows;
    if (!e->depth) {
        return RULE_RUNS;
    }
    DB_QUERY(c, &rows,
             "SELECT began, id FROM automation_run WHERE root_id = $1 AND automation_id = $2 "
             "AND subject_id = $3 ORDER BY id LIMIT 2",
             *root, rule->id, e->subject_id);
    while (db_next(&rows)) {
        first = ran++ ? first : (struct span){db_int(&rows, 0), db_int(&rows, 1)};
    }
    if (!ran) {
        return RULE_RUNS;
    }
    bool said = ran > 1, own = within(first, e->id);
    bool loops = !said && !own && (any_within(first, causes, n) || overrules(c, e, first));
    return loops ? RULE_LOOPS : RULE_PASSES;
}
