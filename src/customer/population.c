/*
 * See population.h. One lock for all: whoever finds it taken asks the database instead. Memory
 * comes from one arena that goes when everything is loaded anew.
 */
#include "customer/population.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "customer/person_day.h"
#include "customer/population_columns.h"
#include "db/sql.h"
#include "entity/condition_tree.h"
#include "event/event.h"

enum { LARGE = 20000, TOUCHED_MOST = 5000, BEHAVIOUR_MOST = 20000, OVERLAP = 500 };

static struct population population;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Loading. */

static void people_load(struct ctx *c, struct population *p, const struct entity *e) {
    struct db_rows rows;
    size_t n = (size_t)DB_INT(c, "SELECT count(*) FROM person");
    arena_free(&p->arena);
    *p = (struct population){.entity = e, .capacity = n + n / 4 + 1024};
    p->ids = ARENA_NEW_ARRAY(&p->arena, p->capacity, int64_t);
    p->live = population_bits(p);
    p->place = membership_place(c);
    DB_QUERY(c, &rows, "SELECT id, deleted_at FROM person ORDER BY id");
    while (p->n < p->capacity && db_next(&rows)) {
        if (db_null(&rows, 1)) {
            population_bit_set(p->live, p->n, true);
        }
        p->ids[p->n++] = db_int(&rows, 0);
    }
    db_done(&rows);
}

/* Following. */

struct touched {
    int64_t ids[TOUCHED_MOST];
    size_t n;
    bool too_many;
};

static void touch(struct touched *t, int64_t id) {
    if (!id || (t->n && t->ids[t->n - 1] == id)) {
        return;
    }
    if (t->n == TOUCHED_MOST) {
        t->too_many = true;
        return;
    }
    t->ids[t->n++] = id;
}

static int ascending(const void *a, const void *b) {
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void touched_business(struct ctx *c, struct touched *t, int64_t after, int64_t upto) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT person_id, subject_type, subject_id, payload, type FROM event WHERE "
             "seq > $1 AND seq <= $2 ORDER BY seq",
             after, upto);
    while (!t->too_many && db_next(&rows)) {
        struct arena_mark mark = arena_mark(c->arena);
        touch(t, db_int(&rows, 0));
        if (str_is(db_view(&rows, 1), "person")) {
            touch(t, db_int(&rows, 2));
        }
        if (str_is(db_view(&rows, 4), "person.merged") ||
            str_is(db_view(&rows, 4), "person.unmerged")) {
            const struct json *payload = json_parse(c, db_text(&rows, 3));
            touch(t, json_id(payload, "winner_id"));
            touch(t, json_id(payload, "loser_id"));
        }
        arena_reset(c->arena, mark);
    }
    db_done(&rows);
}

static void touched_behaviour(struct ctx *c, struct touched *t, int64_t after, int64_t upto) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT DISTINCT COALESCE(l.person_id, b.person_id) FROM behaviour b "
             "LEFT JOIN visitor_link l ON l.visitor_id = b.person_id "
             "WHERE b.seq > $1 AND b.seq <= $2 AND b.person_id IS NOT NULL",
             after, upto);
    while (!t->too_many && db_next(&rows)) {
        touch(t, db_int(&rows, 0));
    }
    db_done(&rows);
}

/* New people come behind the others: ids grow. False when one does not. */
static bool people_append(struct ctx *c, struct population *p) {
    struct db_rows rows;
    bool fits = true;
    DB_QUERY(c, &rows, "SELECT id FROM person WHERE id > $1 ORDER BY id",
             p->n ? p->ids[p->n - 1] : 0);
    while (fits && db_next(&rows)) {
        fits = p->n < p->capacity;
        if (fits) {
            p->ids[p->n++] = db_int(&rows, 0);
        }
    }
    db_done(&rows);
    return fits;
}

static bool person_again(struct ctx *c, struct population *p, int64_t id) {
    size_t at = population_find(p, id);
    if (at == p->n) {
        return DB_INT(c, "SELECT 1 FROM person WHERE id = $1", id) != 1;
    }
    struct record *r = record_load(c, p->entity, id);
    population_bit_set(p->live, at, r != NULL);
    return !r || population_person_again(c, p, at, r);
}

/* Read again whom something happened to. False: load everything anew. A little of what was read
 * before is read again, for snapshots of different ages follow one another. */
static bool follow(struct ctx *c, struct population *p) {
    struct population_place now = membership_place(c), was = p->place;
    if (now.business <= was.business && now.behaviour <= was.behaviour) {
        return true;
    }
    if (now.behaviour - was.behaviour > BEHAVIOUR_MOST || !people_append(c, p)) {
        return false;
    }
    struct touched *t = ARENA_NEW(c->arena, struct touched);
    touched_business(c, t, was.business - OVERLAP, now.business);
    touched_behaviour(c, t, was.behaviour - OVERLAP, now.behaviour);
    qsort(t->ids, t->n, sizeof *t->ids, ascending);
    bool good = !t->too_many;
    for (size_t i = 0; good && i < t->n && !ctx_failed(c); i++) {
        struct arena_mark mark = arena_mark(c->arena);
        good = (i > 0 && t->ids[i] == t->ids[i - 1]) || person_again(c, p, t->ids[i]);
        arena_reset(c->arena, mark);
    }
    p->place.business = now.business > was.business ? now.business : was.business;
    p->place.behaviour = now.behaviour > was.behaviour ? now.behaviour : was.behaviour;
    return good;
}

/* Asking. */

static uint64_t *node_bits(struct ctx *c, struct population *p, const struct condition_node *node);

static uint64_t *group_bits(struct ctx *c, struct population *p,
                            const struct condition_node *node) {
    uint64_t *out = ARENA_NEW_ARRAY(c->arena, population_words(p), uint64_t);
    bool all = node->kind == NODE_ALL;
    memset(out, all ? 0xff : 0, population_words(p) * sizeof *out);
    for (size_t i = 0; i < node->n && !ctx_failed(c); i++) {
        const uint64_t *part = node_bits(c, p, node->children[i]);
        for (size_t w = 0; w < population_words(p); w++) {
            out[w] = all ? out[w] & part[w] : out[w] | part[w];
        }
    }
    return out;
}

/* What is no column here is asked of the database. */
static uint64_t *asked_bits(struct ctx *c, struct population *p,
                            const struct condition_node *node) {
    uint64_t *out = ARENA_NEW_ARRAY(c->arena, population_words(p), uint64_t);
    const struct condition alone = {p->entity, node};
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    SQL_ADD(&q, "SELECT t.id FROM person t WHERE ");
    condition_sql(c, &q, &alone, "t");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        population_bit_set(out, population_find(p, db_int(&rows, 0)), true);
    }
    return out;
}

static uint64_t *node_bits(struct ctx *c, struct population *p, const struct condition_node *node) {
    uint64_t *out = NULL;
    if (node->kind == NODE_ALL || node->kind == NODE_ANY) {
        return group_bits(c, p, node);
    }
    if (node->kind == NODE_NOT) {
        out = node_bits(c, p, node->children[0]);
        for (size_t w = 0; w < population_words(p); w++) {
            out[w] = ~out[w];
        }
        return out;
    }
    if (node->kind == NODE_FIELD) {
        out = population_field(c, p, node->leaf);
    } else if (node->other == &event_leaf) {
        struct event_window window = event_leaf_window(c, node->other_leaf);
        out = population_event(c, p, &window);
    }
    return out ? out : asked_bits(c, p, node);
}

static int64_t count_bits(const struct population *p, const uint64_t *bits) {
    int64_t n = 0;
    for (size_t w = 0; w < population_words(p); w++) {
        n += __builtin_popcountll(bits[w] & p->live[w]);
    }
    return n;
}

int64_t population_count(struct ctx *c, const struct condition *cond) {
    int64_t n = -1;
    if (pthread_mutex_trylock(&lock) != 0) {
        return n;
    }
    struct population *p = &population;
    /* The model's types are what columns point into. */
    bool fresh = p->entity == cond->entity && p->n && follow(c, p);
    if (!fresh && !ctx_failed(c)) {
        people_load(c, p, cond->entity);
    }
    if (!ctx_failed(c)) {
        n = cond->root ? count_bits(p, node_bits(c, p, cond->root)) : count_bits(p, p->live);
    }
    if (ctx_failed(c)) {
        p->entity = NULL; /* half loaded */
    }
    pthread_mutex_unlock(&lock);
    return ctx_failed(c) ? -1 : n;
}

bool population_large(struct ctx *c) {
    return DB_INT(c, "SELECT count(*) FROM (SELECT 1 FROM person LIMIT $1) x", (int64_t)LARGE) ==
           LARGE;
}

void population_forget(void) {
    pthread_mutex_lock(&lock);
    arena_free(&population.arena);
    population = (struct population){0};
    pthread_mutex_unlock(&lock);
}
