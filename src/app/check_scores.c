/* Scores: what gave points according to the log is kept, as far as the reactors have read. */
#include <stdio.h>

#include "app/check.h"
#include "db/db.h"
#include "marketing/scoring.h"

/* What one rule of a card lacks. */
struct lacking {
    const struct score_card *card;
    const struct score_rule *rule;
    struct finding found;
};

/* Whoever did more than is looked at keeps the newest alone. */
static void lacking_rows(struct lacking *l, struct ctx *c, struct sql *q) {
    bool behaviour = l->rule->behaviour;
    sql_literal(q, behaviour
                       ? "SELECT e.seq, e.type, e.payload FROM behaviour e JOIN visitor_link l ON "
                         "l.visitor_id = e.person_id AND e.seq >= l.from_seq AND (l.to_seq IS NULL "
                         "OR e.seq < l.to_seq) AND l.removed_at IS NULL JOIN person p ON "
                         "p.id = l.person_id"
                       : "SELECT e.seq, e.type, e.payload FROM event e JOIN person p ON "
                         "p.id = e.person_id");
    SQL_ADD(q, " WHERE p.deleted_at IS NULL AND e.type = ");
    SQL_VALUE(q, l->rule->event);
    SQL_ADD(q, " AND e.occurred_at > ");
    SQL_VALUE(q, c->now_ms - SCORE_LASTS * (int64_t)MS_DAY);
    SQL_ADD(q, " AND e.seq <= (SELECT r.seq FROM reactor_cursor r WHERE r.name = ");
    SQL_VALUE(q, behaviour ? "marketing.scoring_behaviour" : "marketing.scoring");
    SQL_ADD(q, ") AND NOT EXISTS (SELECT 1 FROM score_hit h WHERE h.holder = ");
    sql_literal(q, behaviour ? "l.id" : "e.person_id");
    SQL_ADD(q, " AND h.card_id = ");
    SQL_VALUE(q, l->card->id);
    SQL_ADD(q, " AND h.rule = ");
    SQL_VALUE(q, l->rule->key);
    SQL_ADD(q, " AND h.behaviour = ");
    sql_number(q, behaviour);
    SQL_ADD(q, " AND h.seq = e.seq) AND (SELECT count(*) FROM ");
    sql_literal(q, behaviour ? "behaviour" : "event");
    SQL_ADD(q, " o WHERE o.person_id = e.person_id) <= ");
    sql_number(q, SCORE_HITS);
}

static void rule_check(struct lacking *l, struct ctx *c) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    lacking_rows(l, c, &q);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        struct event e = {.type = db_view(&rows, 1), .payload = db_view(&rows, 2)};
        if (score_rule_meets(c, l->rule, e.type, e.payload) && !score_own_doing(c, &e)) {
            finding_add(&l->found, str_format(c->arena, "%lld", (long long)db_int(&rows, 0)));
        }
    }
}

/* A card is being gone through, an event is to be handled again, or somebody was just recognized:
 * then not all is there yet. */
static bool at_work(struct ctx *c) {
    return DB_INT(c, "SELECT 1 FROM timer WHERE kind = 'scoring.rescore' LIMIT 1") ||
           DB_INT(c, "SELECT 1 FROM score_rescoring LIMIT 1") ||
           DB_INT(c, "SELECT 1 FROM reactor_parked WHERE reactor IN ('marketing.scoring', "
                     "'marketing.scoring_behaviour') LIMIT 1") ||
           DB_INT(c, "SELECT 1 FROM event WHERE seq > COALESCE((SELECT r.seq FROM reactor_cursor r "
                     "WHERE r.name = 'marketing.scoring'), 0) AND (subject_type = 'score_card' OR "
                     "type IN ('visitor.identified', 'person.unmerged', 'person.restored')) "
                     "LIMIT 1");
}

void check_scores(struct check *k) {
    struct ctx *c = k->c;
    struct lacking l = {.found = {.shown = {.arena = c->arena}}};
    struct score_cards cards = at_work(c) ? (struct score_cards){0} : score_cards_enabled(c, true);
    for (size_t i = 0; i < cards.n; i++) {
        l.card = &cards.items[i];
        for (size_t n = 0; n < l.card->n && !ctx_failed(c); n++) {
            l.rule = &l.card->rules[n];
            if (l.rule->event.n && !l.rule->broken.n) {
                rule_check(&l, c);
            }
        }
    }
    check_tell(k, STR("events that gave points and are not kept so (score_hit)"), &l.found);
}
