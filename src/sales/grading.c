/*
 * See grading.h. A row of grade_state says what was written to which record, by which rule, and
 * when time alone may change it. A record that bears another grade than its row says was graded by
 * hand since.
 */
#include "sales/grading.h"

#include <string.h>

#include "base/clock.h"
#include "base/module.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/row.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "event/turn.h"
#include "sales/sales.h"

enum { FILL_AT_ONCE = 100, DUE_AT_ONCE = 100, ASKS_MOST = 256 };

static const char fill_kind[] = "sales.grading_fill", due_kind[] = "sales.grading_due";

static const struct migration migrations[] = {
    {"sales.grading.1",
     "CREATE TABLE grade_state (record_id {id}, entity_name TEXT NOT NULL, "
     "grade TEXT NOT NULL, rule_id BIGINT, by_hand BIGINT NOT NULL, at BIGINT NOT NULL, "
     "due_at BIGINT);\n"
     "CREATE INDEX grade_state_due ON grade_state (due_at) WHERE due_at IS NOT NULL"},
    {0}};

static bool is_graded(struct str entity) {
    return str_is(entity, "lead") || str_is(entity, "opportunity");
}

/* One record. */

struct state {
    bool known, by_hand;
    struct str grade;
    int64_t rule_id, due_at; /* INT64_MAX: never */
};

static struct state state_read(struct ctx *c, int64_t id) {
    struct state s = {.due_at = INT64_MAX};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT by_hand, grade, rule_id, due_at FROM grade_state WHERE record_id = $1", id);
    if (db_next(&rows)) {
        s = (struct state){true, db_int(&rows, 0) != 0, db_text(&rows, 1), db_int(&rows, 2),
                           db_null(&rows, 3) ? INT64_MAX : db_int(&rows, 3)};
    }
    db_done(&rows);
    return s;
}

static bool state_same(const struct state *a, const struct state *b) {
    return a->known == b->known && a->by_hand == b->by_hand && a->rule_id == b->rule_id &&
           a->due_at == b->due_at && str_equal(a->grade, b->grade);
}

static void state_write(struct ctx *c, const struct record *r, const struct state *s) {
    bool timed = s->due_at != INT64_MAX;
    DB_PUT(c,
           "INSERT INTO grade_state (record_id, entity_name, grade, rule_id, by_hand, at, due_at) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (record_id) DO UPDATE SET "
           "at = CASE WHEN grade_state.grade = excluded.grade AND grade_state.by_hand = "
           "excluded.by_hand THEN grade_state.at ELSE excluded.at END, grade = excluded.grade, "
           "rule_id = excluded.rule_id, by_hand = excluded.by_hand, due_at = excluded.due_at",
           r->id, r->entity->name, s->grade, db_from_id(s->rule_id), (int64_t)s->by_hand, c->now_ms,
           db_from_id(timed ? s->due_at : 0));
    if (timed) {
        timer_set_earlier(c, due_kind, STR(""), s->due_at);
    }
}

/* What the rules say: the first that holds, and when that may be another. */
static struct state judged(struct ctx *c, const struct record *r) {
    struct grade_rules rules = grade_rules_read(c);
    struct condition_memo *memo = condition_memo_new(c);
    struct state s = {.due_at = INT64_MAX, .grade = STR("")};
    for (size_t i = 0; i < rules.n && !s.rule_id && !ctx_failed(c); i++) {
        const struct grade_rule *rule = &rules.items[i];
        if (!str_equal(rule->entity->name, r->entity->name)) {
            continue;
        }
        int64_t flips = condition_flips(memo, rule->where, r);
        s.known = true;
        s.due_at = flips < s.due_at ? flips : s.due_at;
        if (condition_match_memo(memo, rule->where, r)) {
            s.rule_id = rule->id;
            s.grade = rule->grade;
        }
    }
    return s;
}

static void emit(struct ctx *c, const struct record *r, struct str grade) {
    struct json_writer w = json_writer(c->arena);
    struct str before = record_text(r, "grade");
    json_begin_object(&w);
    json_key(&w, "changed");
    json_begin_array(&w);
    json_put_c(&w, "grade");
    json_end_array(&w);
    json_key(&w, "values");
    json_begin_object(&w);
    json_key(&w, "grade");
    json_begin_array(&w);
    json_put_str(&w, before);
    json_put_str(&w, grade);
    json_end_array(&w);
    json_end_object(&w);
    json_end_object(&w);
    event_emit(
        c, &(struct event){.type = str_format(c->arena, "%.*s.updated", STR_ARG(r->entity->name)),
                           .subject_type = r->entity->name,
                           .subject_id = r->id,
                           .person_id = record_id(r, "person_id"),
                           .account_id = record_id(r, "account_id"),
                           .payload = json_str(&w)});
}

static void grade_write(struct ctx *c, const struct record *r, struct str grade) {
    struct db_value value = grade.n ? db_from_str(grade) : db_from_null();
    if (str_equal(record_text(r, "grade"), grade)) {
        return;
    }
    if (str_is(r->entity->name, "lead")) {
        DB_PUT(c, "UPDATE lead SET grade = $1 WHERE id = $2", value, r->id);
    } else {
        DB_PUT(c, "UPDATE opportunity SET grade = $1 WHERE id = $2", value, r->id);
    }
    emit(c, r, grade);
}

/* Why a record is asked about. */
enum occasion { HAPPENED, GONE_THROUGH, GIVEN_BACK };

/* A grade that is not what the rules wrote is somebody's own. Those that were there before there
 * were rules are taken over by them. */
static bool is_by_hand(const struct ctx *c, const struct record *r, const struct state *was,
                       enum occasion occasion) {
    struct str bears = record_text(r, "grade");
    if (occasion == GIVEN_BACK || !bears.n) {
        return false;
    }
    return was->known ? was->by_hand || !str_equal(was->grade, bears)
                      : occasion == HAPPENED && c->origin == ORIGIN_LIVE;
}

/* Who comes back from the trash, or from a merge, is to be told from one graded by hand. */
static void state_rest(struct ctx *c, const struct entity *e, int64_t id) {
    if (row_read(c, e, id)) {
        DB_PUT(c, "UPDATE grade_state SET due_at = NULL WHERE record_id = $1", id);
    } else if (!ctx_failed(c)) {
        DB_PUT(c, "DELETE FROM grade_state WHERE record_id = $1", id);
    }
}

static void regrade(struct ctx *c, const struct entity *e, int64_t id, enum occasion occasion) {
    struct record *r = record_load(c, e, id);
    struct state was = state_read(c, id);
    if (!r) {
        if (was.known) {
            state_rest(c, e, id);
        }
        return;
    }
    struct state now = judged(c, r);
    if (is_by_hand(c, r, &was, occasion)) {
        now = (struct state){true, true, record_text(r, "grade"), 0, INT64_MAX};
    } else if (now.known || was.known) {
        grade_write(c, r, now.grade);
    }
    if (!ctx_failed(c) && now.known && !state_same(&was, &now)) {
        state_write(c, r, &now);
    } else if (!ctx_failed(c) && was.known && !now.known) {
        DB_PUT(c, "DELETE FROM grade_state WHERE record_id = $1", id);
    }
}

static void ask(struct ctx *c, const struct entity *e, int64_t id, enum occasion occasion) {
    struct arena_mark mark = arena_mark(c->arena);
    const struct actor *actor = c->actor;
    c->actor = &actor_system;
    regrade(c, e, id, occasion);
    c->actor = actor;
    if (!ctx_failed(c)) {
        arena_reset(c->arena, mark);
    }
}

void grading_ask(struct ctx *c, const struct entity *e, int64_t id, bool follow) {
    ask(c, e, id, follow ? GIVEN_BACK : HAPPENED);
}

/* Events. */

/* Somebody may have said a grade of his own. */
static bool tells_grade(const struct event *e) {
    return is_graded(e->subject_type) && str_ends(e->type, STR(".updated")) &&
           str_find(e->payload, STR("\"grade\"")) >= 0;
}

static bool concerned(const struct grade_rules *rules, const struct event *e) {
    bool told = rules->n && tells_grade(e);
    for (size_t i = 0; i < rules->n && !told; i++) {
        told = condition_concerned(rules->items[i].where, e);
    }
    return told;
}

static void choose(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    struct grade_rules rules = grade_rules_read(c);
    for (size_t i = 0; i < n; i++) {
        wanted[i] = concerned(&rules, &events[i]);
    }
}

/* Whom a turn concerns, each once. */
struct asks {
    struct asked {
        const struct entity *e;
        int64_t id;
        const struct event *event; /* the last */
    } * items;
    size_t n, capacity;
};

static void asks_run(struct ctx *c, struct asks *asks) {
    for (size_t i = 0; i < asks->n && !ctx_failed(c); i++) {
        event_cause(c, asks->items[i].event);
        ask(c, asks->items[i].e, asks->items[i].id, HAPPENED);
    }
    asks->n = 0;
}

static void asks_grow(struct ctx *c, struct asks *asks) {
    size_t capacity = asks->capacity ? 2 * asks->capacity : ASKS_MOST;
    struct asked *items = ARENA_NEW_ARRAY(c->arena, capacity, struct asked);
    if (asks->n) {
        memcpy(items, asks->items, asks->n * sizeof *items);
    }
    asks->items = items;
    asks->capacity = capacity;
}

static void ask_add(struct ctx *c, struct asks *asks, const struct entity *entity,
                    const struct reach *reach, size_t at) {
    for (size_t i = 0; i < asks->n; i++) {
        if (asks->items[i].id == reach->ids[at]) {
            asks->items[i].event = reach->e;
            return;
        }
    }
    if (asks->n == asks->capacity) {
        asks_grow(c, asks);
    }
    asks->items[asks->n++] = (struct asked){entity, reach->ids[at], reach->e};
}

/* Whom the event concerns. They are asked later, for that may read the rules anew. */
static void follow(struct ctx *c, const struct event *e, struct asks *asks) {
    struct grade_rules rules = grade_rules_read(c);
    const struct json *payload = rules.n ? json_parse(c, e->payload) : NULL;
    struct reach *reach = ARENA_NEW(c->arena, struct reach);
    *reach = (struct reach){.c = c,
                            .e = e,
                            .person_id = e->person_id,
                            .subjects = {e->subject_id, json_id(payload, "winner_id")}};
    for (size_t i = 0; i < rules.n && !ctx_failed(c); i++) {
        const struct grade_rule *rule = &rules.items[i];
        bool own = str_equal(rule->entity->name, e->subject_type);
        if (!condition_concerned(rule->where, e) && !(own && tells_grade(e))) {
            continue;
        }
        reach->n = 0;
        reach->lost = false;
        if (own) {
            reach_add(reach, reach->subjects[0]);
            reach_add(reach, reach->subjects[1]);
        }
        condition_reach(reach, rule->where);
        for (size_t s = 0; s < reach->n && !ctx_failed(c); s++) {
            ask_add(c, asks, rule->entity, reach, s);
        }
        if (reach->lost) {
            grading_fill(c, rule->entity->name);
        }
    }
}

static void handle_history(struct ctx *c, const struct event *events, size_t n) {
    struct asks *asks = ARENA_NEW(c->arena, struct asks);
    *asks = (struct asks){0};
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        follow(c, &events[i], asks);
        if (asks->n >= ASKS_MOST) {
            asks_run(c, asks);
        }
    }
    asks_run(c, asks);
}

static void handle(struct ctx *c, const struct event *e) {
    handle_history(c, e, 1);
}

static const struct reactor reactor = {.name = "sales.grading",
                                       .stream = STREAM_BUSINESS,
                                       .lane = REACTOR_STEADY,
                                       .types = (const char *const[]){NULL},
                                       .handle = handle,
                                       .handle_history = handle_history,
                                       .choose = choose};

/* Time. */

struct due {
    int64_t id;
    struct str entity;
};

static void due_fire(struct ctx *c, const struct timer *timer) {
    struct due due[DUE_AT_ONCE];
    struct db_rows rows;
    size_t n = 0;
    (void)timer;
    DB_QUERY(c, &rows,
             "SELECT record_id, entity_name FROM grade_state WHERE due_at <= $1 "
             "ORDER BY due_at LIMIT $2",
             c->now_ms, (int64_t)DUE_AT_ONCE);
    while (db_next(&rows)) {
        due[n++] = (struct due){db_int(&rows, 0), db_text(&rows, 1)};
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        ask(c, model_entity(c->model, due[i].entity), due[i].id, GONE_THROUGH);
    }
    int64_t next = DB_INT(c, "SELECT min(due_at) FROM grade_state WHERE due_at IS NOT NULL");
    if (next && !ctx_failed(c)) {
        timer_set_earlier(c, due_kind, STR(""), next);
    }
}

/* Going through the records of a type, in order of their ids. */

static void fill_set(struct ctx *c, struct str entity, int64_t after) {
    timer_set(c, fill_kind, entity, c->now_ms,
              str_format(c->arena, "{\"after\":\"%lld\"}", (long long)after));
}

void grading_fill(struct ctx *c, struct str entity) {
    fill_set(c, entity, 0);
}

static void fill_fire(struct ctx *c, const struct timer *timer) {
    const struct entity *e = model_entity(c->model, timer->key);
    int64_t ids[FILL_AT_ONCE], after = json_id(json_parse(c, timer->payload), "after");
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    size_t n = 0;
    if (!e || !is_graded(e->name)) {
        return;
    }
    SQL_ADD(&q, "SELECT id FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " WHERE id > ");
    SQL_VALUE(&q, after);
    SQL_ADD(&q, " ORDER BY id LIMIT ");
    sql_number(&q, FILL_AT_ONCE);
    sql_query(c, &rows, &q);
    while (db_next(&rows) && n < FILL_AT_ONCE) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        ask(c, e, ids[i], GONE_THROUGH);
    }
    if (n == FILL_AT_ONCE && !ctx_failed(c)) {
        fill_set(c, e->name, ids[n - 1]);
    }
}

static const struct timer_kind timers[] = {{fill_kind, fill_fire}, {due_kind, due_fire}, {0}};

const struct module grading_module = {.name = "sales.grading",
                                      .cloud = "sales",
                                      .reactors = (const struct reactor *const[]){&reactor, NULL},
                                      .timers = timers,
                                      .migrations = migrations};
