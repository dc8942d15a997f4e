/*
 * Verdicts on pairs that may be one: they are one and are joined, or they are two; and back.
 *
 * A pair comes from the queue (duplicates.c), or somebody picks two records by hand: that pair is
 * in no queue until it is merged, and in none again when the merge is taken back.
 *
 * Whoever decides may change both records, and of the values chosen those fields. Which merge is
 * taken back first when several met in one record, entity/unmerge.c says.
 */
#include "base/message.h"
#include "base/module.h"
#include "customer/customer.h"
#include "customer/duplicate_parts.h"
#include "db/sql.h"

enum { SURE_AT_ONCE = 50 };

/* The pair, both records seen; NULL with ERROR_ABSENT. */
static struct pair *pair_read(struct ctx *c, int64_t id) {
    struct db_rows rows;
    struct pair *p = NULL;
    DB_QUERY(c, &rows, "SELECT " PAIR_COLUMNS " FROM duplicate_pair p WHERE p.id = $1", id);
    if (db_next(&rows)) {
        p = ARENA_NEW(c->arena, struct pair);
        *p = pair_row(&rows);
    }
    db_done(&rows);
    if (!p) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return NULL;
    }
    const struct entity *e = model_entity(c->model, p->entity);
    struct record *a = record_read_trashed(c, e, p->a_id), *b = record_read_trashed(c, e, p->b_id);
    return a && b && !ctx_failed(c) ? p : NULL;
}

static struct pair *pair_asked(struct request *r) {
    return pair_read(r->c, request_id(r, "id"));
}

static void pair_reply(struct request *r, int64_t id) {
    struct pair *p = ctx_failed(r->c) ? NULL : pair_read(r->c, id);
    struct json_writer w = json_writer(r->c->arena);
    if (p) {
        pair_json(r->c, &w, p);
    }
    reply_json(r, 200, &w);
}

/* Two who decide at once: the second is told. */
static void pair_decide(struct ctx *c, const struct pair *p, const char *state, int64_t winner) {
    int64_t open = str_is(str_from(state), "open");
    int64_t n = DB_RUN(c,
                       "UPDATE duplicate_pair SET state = $2, decided_at = $3, decided_by = $4, "
                       "winner_id = $5 WHERE id = $1 AND state = $6",
                       p->id, state, db_from_id(open ? 0 : c->now_ms),
                       db_from_id(open ? 0 : access_user_id(c->actor)), db_from_id(winner),
                       p->state);
    if (!n && !ctx_failed(c)) {
        FAIL(c, ERROR_CONFLICT, "duplicates.decided");
    }
}

/* Every field named must be one the actor may write. */
static void take_check(struct ctx *c, const struct entity *e, const struct json *take) {
    for (size_t i = 0; json_is(take, JSON_IS_ARRAY) && i < take->n; i++) {
        const struct field *f = entity_field(e, take->items[i].text);
        struct str at = str_format(c->arena, "/take/%zu", i);
        if (!f || f->flags & (FIELD_SYSTEM | FIELD_READ_ONLY | FIELD_HIDDEN)) {
            FAIL_FIELD(c, at, "field.unknown");
        } else if (access_field(c->actor, e, f) != RIGHT_WRITE) {
            FAIL_FIELD(c, at, "field.not_writable");
        }
    }
}

/* The values chosen of the other record. */
static struct change_set taken(struct ctx *c, const struct record *loser, const struct json *take) {
    struct change_set set = change_new(c, loser->entity);
    for (size_t i = 0; json_is(take, JSON_IS_ARRAY) && i < take->n; i++) {
        const struct field *f = entity_field(loser->entity, take->items[i].text);
        if (f) {
            change_value(&set, f, loser->values[f->position]);
        }
    }
    return set;
}

/* Whether the actor may make the one the other. */
static bool merge_permit(struct ctx *c, const struct record *winner, const struct record *loser) {
    if (ctx_failed(c) || !winner || !loser) {
        return false;
    }
    access_require(c, ACTION_UPDATE, winner);
    access_require(c, ACTION_UPDATE, loser);
    if (pair_must_stay(loser)) {
        FAIL(c, ERROR_CONFLICT, "duplicates.converted");
    }
    return !ctx_failed(c);
}

/* The pair becomes its winner; "take" of the body names the fields whose values the other has. */
static void pair_merge(struct request *r, const struct pair *p, int64_t winner_id) {
    struct ctx *c = r->c;
    const struct json *take = json_get(request_json(r), "take");
    const struct entity *e = model_entity(c->model, p->entity);
    take_check(c, e, take);
    struct record *winner = record_read(c, e, winner_id);
    struct record *loser = record_read(c, e, p->a_id + p->b_id - winner_id);
    if (!merge_permit(c, winner, loser)) {
        return;
    }
    struct change_set set = taken(c, loser, take);
    record_merge(c, e, winner->id, loser->id, &set);
    pair_decide(c, p, "merged", winner->id);
}

static void merge_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct pair *p = body ? pair_asked(r) : NULL;
    if (!p) {
        return;
    }
    int64_t winner_id = json_id(body, "winner_id");
    if (winner_id != p->a_id && winner_id != p->b_id) {
        FAIL_FIELD(c, STR("/winner_id"), "reference.absent");
    }
    if (!str_is(p->state, "open")) {
        FAIL(c, ERROR_CONFLICT, "duplicates.decided");
    }
    pair_merge(r, p, winner_id);
    pair_reply(r, p->id);
}

/* Two records picked by hand. */

static struct pair *pair_of_both(struct ctx *c, const struct pair *both) {
    struct pair *p = NULL;
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT " PAIR_COLUMNS " FROM duplicate_pair p WHERE p.entity = $1 AND p.a_id = $2 "
             "AND p.b_id = $3",
             both->entity, both->a_id, both->b_id);
    if (db_next(&rows)) {
        p = ARENA_NEW(c->arena, struct pair);
        *p = pair_row(&rows);
    }
    db_done(&rows);
    return p;
}

/* Somebody was faster: whoever may read what the two have become is told so. */
static void refuse_merged(struct ctx *c, const struct entity *e, const struct pair *p) {
    bool merged = p && str_is(p->state, "merged");
    const struct record *winner = merged ? record_load(c, e, p->winner_id) : NULL;
    if (winner && access_record(c, ACTION_READ, winner)) {
        FAIL(c, ERROR_CONFLICT, "duplicates.decided");
    }
}

/* As they stand in the queue, else as two of which nothing is said; NULL with an error when they
 * are not two records that the actor may read. */
static struct pair *pair_picked(struct request *r, struct str entity, int64_t one, int64_t other) {
    struct ctx *c = r->c;
    const struct entity *e = pair_entity(c, entity);
    if (e && one == other) {
        FAIL(c, ERROR_INVALID, "merge.same");
    }
    if (!e || ctx_failed(c)) {
        return NULL;
    }
    struct pair *picked = ARENA_NEW(c->arena, struct pair);
    *picked = (struct pair){.a_id = one < other ? one : other,
                            .b_id = one < other ? other : one,
                            .found_at = c->now_ms,
                            .entity = e->name,
                            .reasons = STR("[]"),
                            .state = STR("open")};
    struct pair *known = pair_of_both(c, picked);
    refuse_merged(c, e, known);
    if (ctx_failed(c) || !record_read(c, e, one) || !record_read(c, e, other)) {
        return NULL;
    }
    return known ? known : picked;
}

static void compare_get(struct request *r) {
    struct ctx *c = r->c;
    int64_t ids[] = {0, 0};
    static const char *const names[] = {"one", "other"};
    for (size_t i = 0; i < 2; i++) {
        if (!str_to_int(request_query(r, names[i]), &ids[i])) {
            FAIL_FIELD(c, str_format(c->arena, "/%s", names[i]), "reference.syntax");
        }
    }
    struct pair *p = ctx_failed(c) ? NULL
                                   : pair_picked(r, request_query(r, "entity"), ids[0], ids[1]);
    if (p) {
        struct json_writer w = json_writer(c->arena);
        pair_json(c, &w, p);
        reply_json(r, 200, &w);
    }
}

/* What somebody said of the two before is overruled, but not a merge. */
static void by_hand_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    int64_t winner_id = json_id(body, "winner_id"), loser_id = json_id(body, "loser_id");
    struct pair *p = body ? pair_picked(r, json_text(body, "entity"), winner_id, loser_id) : NULL;
    if (!p) {
        return;
    }
    if (!p->id) {
        DB_RUN(c,
               "INSERT INTO duplicate_pair (entity, a_id, b_id, likely, reasons, state, found_at) "
               "VALUES ($1, $2, $3, 0, '[]', 'open', $4) "
               "ON CONFLICT (entity, a_id, b_id) DO NOTHING",
               p->entity, p->a_id, p->b_id, c->now_ms);
        p = pair_of_both(c, p);
    }
    if (p) {
        pair_merge(r, p, winner_id);
        pair_reply(r, p->id);
    }
}

/* Sure pairs by their ids, at most SURE_AT_ONCE after one, of which the actor may see both. */
static size_t sure_pairs(struct ctx *c, const struct entity *e, int64_t after, struct pair *pairs) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    size_t n = 0;
    SQL_ADD(&q, "SELECT " PAIR_COLUMNS);
    pairs_from(c, &q, e, STR("open"));
    SQL_ADD(&q, " AND p.sure = 1 AND p.id > ");
    SQL_VALUE(&q, after);
    SQL_ADD(&q, " ORDER BY p.id LIMIT ");
    sql_number(&q, SURE_AT_ONCE);
    sql_query(c, &rows, &q);
    while (n < SURE_AT_ONCE && db_next(&rows)) {
        pairs[n++] = pair_row(&rows);
    }
    db_done(&rows);
    return n;
}

/* False: one of the two has been joined with a third since, or may not be changed. */
static bool sure_merge(struct ctx *c, const struct entity *e, const struct pair *p) {
    struct record *a = record_load(c, e, p->a_id), *b = record_load(c, e, p->b_id);
    if (!a || !b || !access_record(c, ACTION_UPDATE, a) || !access_record(c, ACTION_UPDATE, b)) {
        return false;
    }
    int64_t winner = pair_winner(c, a, b);
    record_merge(c, e, winner, a->id + b->id - winner, NULL);
    pair_decide(c, p, "merged", winner);
    return !ctx_failed(c);
}

/* A piece of the sure ones; "next" asks for the following, with what could not be joined left in
 * the queue. One that fails fails the piece: nothing of it is done. */
static void sure_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    const struct likeness_kind *kind = body ? pair_kind(c, json_text(body, "entity")) : NULL;
    if (!kind) {
        return;
    }
    const struct entity *e = entity_named(c, kind->entity);
    struct pair pairs[SURE_AT_ONCE];
    size_t n = sure_pairs(c, e, json_id(body, "after"), pairs);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "merged");
    json_begin_array(&w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (sure_merge(c, e, &pairs[i])) {
            json_put_id(&w, pairs[i].id);
        }
    }
    json_end_array(&w);
    json_key(&w, "next");
    json_put_id(&w, n == SURE_AT_ONCE ? pairs[n - 1].id : 0);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void distinct_post(struct request *r) {
    struct pair *p = pair_asked(r);
    if (p && !str_is(p->state, "open")) {
        FAIL(r->c, ERROR_CONFLICT, "duplicates.decided");
    }
    if (p) {
        pair_decide(r->c, p, "distinct", 0);
        pair_reply(r, p->id);
    }
}

/* Back into the queue, and two again if they were joined; whom somebody picked goes out of it. */
static void reopen_post(struct request *r) {
    struct ctx *c = r->c;
    struct pair *p = pair_asked(r);
    if (p && str_is(p->state, "open")) {
        FAIL(c, ERROR_CONFLICT, "duplicates.open");
    }
    if (p && str_is(p->state, "merged")) {
        const struct entity *e = model_entity(c->model, p->entity);
        struct record *winner = record_read_trashed(c, e, p->winner_id);
        if (winner) {
            access_require(c, ACTION_UPDATE, winner);
            record_unmerge(c, e, p->a_id + p->b_id - p->winner_id);
        }
    }
    if (p) {
        pair_decide(c, p, "open", 0);
        pair_reply(r, p->id);
        if (pair_by_hand(p)) {
            DB_RUN(c, "DELETE FROM duplicate_pair WHERE id = $1", p->id);
        }
    }
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/duplicates/compare", REVIEW, LANE_INLINE, compare_get,
     .summary = "route.duplicates_compare", .query = "entity:text one:id other:id",
     .answer = PAIR_SHAPE},
    {METHOD_POST, "/api/v1/duplicates/merge", REVIEW, LANE_WRITER, by_hand_post,
     .summary = "route.duplicates_by_hand",
     .body = "entity:text! winner_id:id! loser_id:id! take:[text]", .answer = PAIR_SHAPE},
    {METHOD_POST, "/api/v1/duplicates/{id}/merge", REVIEW, LANE_WRITER, merge_post,
     .summary = "route.duplicates_merge", .body = "winner_id:id! take:[text]",
     .answer = PAIR_SHAPE},
    {METHOD_POST, "/api/v1/duplicates/merge_sure", REVIEW, LANE_WRITER, sure_post,
     .summary = "route.duplicates_sure", .body = "entity:text! after:id",
     .answer = "merged:[id]! next:id?!"},
    {METHOD_POST, "/api/v1/duplicates/{id}/distinct", REVIEW, LANE_WRITER, distinct_post,
     .summary = "route.duplicates_distinct", .answer = PAIR_SHAPE},
    {METHOD_POST, "/api/v1/duplicates/{id}/reopen", REVIEW, LANE_WRITER, reopen_post,
     .summary = "route.duplicates_reopen", .answer = PAIR_SHAPE},
    {0}};

static const struct permission permissions[] = {
    {REVIEW, "审核疑似重复", "Review possible duplicates"}, {0}};

static const struct text texts[] = {
    {"duplicates.decided", "这一对已由他人处理", "Somebody has decided on this pair already"},
    {"duplicates.open", "这一对还没有处理", "This pair has not been decided on"},
    {"duplicates.converted", "已转化的线索不能并入别的线索，请把它作为留下的一条",
     "A converted lead cannot be merged into another: let it be the one that stays"},
    {"route.duplicates_compare", "比较任选的两条记录", "Compare two records of one's choice"},
    {"route.duplicates_by_hand", "合并任选的两条记录", "Join two records of one's choice"},
    {"route.duplicates_merge", "合并一对", "Join a pair"},
    {"route.duplicates_sure", "合并有把握的", "Join the sure ones"},
    {"route.duplicates_distinct", "不是同一个", "They are two"},
    {"route.duplicates_reopen", "撤销处理", "Take the decision back"},
    {0}};

const struct module duplicate_verdict_module = {.name = "customer.duplicate_verdict",
                                                .cloud = "customer",
                                                .routes = routes,
                                                .permissions = permissions,
                                                .texts = texts};
