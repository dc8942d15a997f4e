/*
 * Scores from nothing: every hit from the log again, every score from its hits. Tiers are taken
 * over, for they depend on the way the score came. Whoever stands right stays as he is and nothing
 * is told of him; what changes is no news.
 */
#include "db/db.h"
#include "marketing/scoring.h"

enum { PIECE = 200 };

/* Those in the trash keep their hits, for they may come back. */
static size_t people_after(struct ctx *c, int64_t after, int64_t people[PIECE]) {
    size_t n = 0;
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT id FROM person WHERE id > $1 ORDER BY id LIMIT $2", after,
             (int64_t)PIECE);
    while (n < PIECE && db_next(&rows)) {
        people[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    return n;
}

static void person_rebuild(struct ctx *c, const struct score_cards *cards, int64_t person_id) {
    struct score_holders *h = score_holders_of(c, person_id);
    for (size_t i = 0; i < cards->n && !ctx_failed(c); i++) {
        score_hits_rebuild(c, &cards->items[i], h);
    }
    score_settle(c, cards, person_id);
}

void score_rebuild(struct ctx *c) {
    const struct score_cards cards = score_cards_enabled(c, true);
    const enum origin origin = c->origin;
    int64_t people[PIECE], after = 0;
    size_t n = PIECE;
    c->origin = ORIGIN_IMPORT;
    while (n == PIECE && !ctx_failed(c)) {
        n = people_after(c, after, people);
        for (size_t i = 0; i < n && !ctx_failed(c); i++) {
            struct arena_mark mark = arena_mark(c->arena);
            person_rebuild(c, &cards, people[i]);
            after = people[i];
            if (!ctx_failed(c)) {
                arena_reset(c->arena, mark);
            }
        }
    }
    c->origin = origin;
}
