/* See approval_story.h. */
#include "automation/approval_story.h"

#include "base/json.h"
#include "db/db.h"

enum { KINDS = 4 };

struct story {
    struct ctx *c;
    int64_t subject_id, before, limit;
    struct approval_happening *items;
    size_t n;
};

static void add(struct story *s, const struct db_rows *rows, const char *type) {
    struct json_writer w = json_writer(s->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "approval_id", json_put_id, db_int(rows, 4));
    JSON_MEMBER(&w, "process", json_put_str, db_text(rows, 5));
    JSON_MEMBER(&w, "to", json_put_str, db_text(rows, 6));
    JSON_MEMBER(&w, "why", json_put_str, db_text(rows, 7));
    json_end_object(&w);
    s->items[s->n++] = (struct approval_happening){.at = db_int(rows, 0),
                                                   .id = db_int(rows, 1),
                                                   .type = type,
                                                   .text = db_text(rows, 2),
                                                   .actor_id = db_int(rows, 3),
                                                   .data = json_str(&w)};
}

/* Begun, and begun again after a return: a round begins with the first who is asked in it. */
static void add_requests(struct story *s) {
    struct db_rows rows;
    DB_QUERY(s->c, &rows,
             "SELECT min(v.created_at), min(v.id), CASE WHEN v.round = a.round THEN a.reason ELSE "
             "'' END, a.requester_id, a.id, p.name, '', '' FROM approval a JOIN approval_vote v ON "
             "v.approval_id = a.id JOIN approval_process p ON p.id = a.process_id "
             "WHERE (a.subject_id = $1 OR a.origin_id = $1) "
             "AND a.deleted_at IS NULL AND v.deleted_at IS NULL "
             "GROUP BY a.id, v.round, a.round, a.reason, a.requester_id, p.name "
             "HAVING min(v.created_at) < $2 ORDER BY a.id DESC, v.round DESC LIMIT $3",
             s->subject_id, s->before, s->limit);
    while (db_next(&rows)) {
        add(s, &rows, "requested");
    }
}

static const char *vote_type(struct str state) {
    static const char *const types[] = {"approved", "rejected", "returned"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (str_is(state, types[i])) {
            return types[i];
        }
    }
    return "approved";
}

static void add_votes(struct story *s) {
    struct db_rows rows;
    DB_QUERY(s->c, &rows,
             "SELECT v.decided_at, v.id, v.comment, v.decided_by_id, a.id, p.name, "
             "CASE WHEN v.approver_id = v.decided_by_id THEN '' ELSE u.name END, v.why, v.state "
             "FROM approval a JOIN approval_vote v ON v.approval_id = a.id "
             "JOIN approval_process p ON p.id = a.process_id "
             "LEFT JOIN \"user\" u ON u.id = v.approver_id "
             "WHERE (a.subject_id = $1 OR a.origin_id = $1) "
             "AND v.decided_at < $2 AND a.deleted_at IS NULL "
             "AND v.deleted_at IS NULL ORDER BY v.decided_at DESC LIMIT $3",
             s->subject_id, s->before, s->limit);
    while (db_next(&rows)) {
        add(s, &rows, vote_type(db_text(&rows, 8)));
    }
}

/* Handed on by a person, or up to a manager by the clock. */
static void add_passings(struct story *s) {
    struct db_rows rows;
    DB_QUERY(s->c, &rows,
             "SELECT v.passed_at, v.id, '', CASE WHEN v.why = 'delegated' THEN v.approver_id END, "
             "a.id, p.name, u.name, v.why FROM approval a JOIN approval_vote v ON "
             "v.approval_id = a.id JOIN approval_process p ON p.id = a.process_id "
             "LEFT JOIN \"user\" u ON u.id = v.holder_id "
             "WHERE (a.subject_id = $1 OR a.origin_id = $1) "
             "AND v.passed_at < $2 AND a.deleted_at IS NULL "
             "AND v.deleted_at IS NULL ORDER BY v.passed_at DESC LIMIT $3",
             s->subject_id, s->before, s->limit);
    while (db_next(&rows)) {
        add(s, &rows, "passed");
    }
}

/* How it ended, where that is not the last answer itself; above that answer. */
static void add_ends(struct story *s) {
    struct db_rows rows;
    DB_QUERY(s->c, &rows,
             "SELECT a.decided_at, 1 + COALESCE((SELECT max(v.id) FROM approval_vote v WHERE "
             "v.approval_id = a.id), a.id), '', CASE WHEN a.state = 'withdrawn' THEN a.updated_by "
             "END, a.id, p.name, '', CASE WHEN a.failure IS NULL THEN '' ELSE 'failed' END, "
             "a.state FROM approval a JOIN approval_process p ON p.id = a.process_id "
             "WHERE (a.subject_id = $1 OR a.origin_id = $1) "
             "AND a.decided_at < $2 AND a.state IN ('approved', "
             "'withdrawn') AND a.deleted_at IS NULL ORDER BY a.decided_at DESC LIMIT $3",
             s->subject_id, s->before, s->limit);
    while (db_next(&rows)) {
        add(s, &rows, str_is(db_view(&rows, 8), "withdrawn") ? "withdrawn" : "done");
    }
}

size_t approval_story(struct ctx *c, int64_t subject_id, int64_t before, size_t limit,
                      struct approval_happening **out) {
    struct story s = {.c = c, .subject_id = subject_id, .before = before, .limit = (int64_t)limit};
    s.items = ARENA_NEW_ARRAY(c->arena, KINDS * limit, struct approval_happening);
    add_requests(&s);
    add_votes(&s);
    add_passings(&s);
    add_ends(&s);
    *out = s.items;
    return s.n;
}
