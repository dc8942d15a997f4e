/*
 * Memberships of records that are joined and parted.
 *
 * Live definitions are asked again by the event itself (membership.c). A list somebody made is
 * not: the survivor takes the places of the other, who leaves them. What both were members of, and
 * since when, is kept while the merge stands, so that parting them gives each his own places and
 * times back.
 */
#include "customer/membership.h"
#include "db/db.h"

enum { LISTS_MOST = 500 };

enum merge_verb membership_merge_verb(const struct event *e) {
    return str_ends(e->type, STR(".merged"))     ? MERGE_JOINS
           : str_ends(e->type, STR(".unmerged")) ? MERGE_PARTS
                                                 : MERGE_NONE;
}

struct both {
    const struct entity *entity;
    int64_t winner, loser;
};

static struct both both_of(struct ctx *c, const struct event *e) {
    const struct json *payload = json_parse(c, e->payload);
    return (struct both){model_entity(c->model, e->subject_type), json_id(payload, "winner_id"),
                         json_id(payload, "loser_id")};
}

/* The lists the loser stood in when they were joined; only: those the winner did not stand in. */
static size_t lists_of(struct ctx *c, const struct both *b, bool only, int64_t *ids) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT m.definition_id FROM membership_merged m JOIN segment s "
             "ON s.id = m.definition_id AND s.kind = 'static' AND s.deleted_at IS NULL "
             "WHERE m.loser_id = $1 AND m.subject_id = $1 AND ($3 = 0 OR NOT EXISTS "
             "(SELECT 1 FROM membership_merged w WHERE w.loser_id = $1 AND w.subject_id = $2 "
             "AND w.definition_id = m.definition_id)) ORDER BY m.definition_id LIMIT $4",
             b->loser, b->winner, (int64_t)only, (int64_t)LISTS_MOST);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    return n;
}

static void lists_set(struct ctx *c, const struct both *b, bool only, int64_t subject, bool in) {
    int64_t ids[LISTS_MOST];
    size_t n = lists_of(c, b, only, ids);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        membership_set(c, ids[i], b->entity, subject, in);
    }
}

void membership_turn_lists(struct ctx *c, const struct event *e) {
    enum merge_verb verb = membership_merge_verb(e);
    struct both b = verb == MERGE_NONE ? (struct both){0} : both_of(c, e);
    if (!b.entity || !b.winner || !b.loser) {
        return;
    }
    if (verb == MERGE_JOINS) {
        DB_RUN(c, "DELETE FROM membership_merged WHERE loser_id = $1", b.loser);
        DB_RUN(c,
               "INSERT INTO membership_merged (loser_id, subject_id, definition_id, since) "
               "SELECT $1, subject_id, definition_id, since FROM membership "
               "WHERE member = 1 AND subject_id IN ($1, $2)",
               b.loser, b.winner);
    }
    lists_set(c, &b, true, b.winner, verb == MERGE_JOINS);
    lists_set(c, &b, false, b.loser, verb == MERGE_PARTS);
}

void membership_since_again(struct ctx *c, const struct event *e) {
    struct both b = membership_merge_verb(e) == MERGE_PARTS ? both_of(c, e) : (struct both){0};
    if (!b.loser) {
        return;
    }
    DB_RUN(c,
           "UPDATE membership SET since = (SELECT k.since FROM membership_merged k "
           "WHERE k.loser_id = $1 AND k.subject_id = membership.subject_id "
           "AND k.definition_id = membership.definition_id) "
           "WHERE member = 1 AND subject_id IN ($1, $2) AND EXISTS (SELECT 1 "
           "FROM membership_merged k WHERE k.loser_id = $1 AND k.subject_id = "
           "membership.subject_id AND k.definition_id = membership.definition_id)",
           b.loser, b.winner);
    DB_RUN(c, "DELETE FROM membership_merged WHERE loser_id = $1", b.loser);
}
