/*
 * What a transaction kept is there, all of it or nothing: random units of work with savepoints,
 * writes nobody asks about, questions asked ahead and writes put off, some of which fail, against
 * a model that knows only
 *
 *   a savepoint that is undone takes with it what came after it was set;
 *   a commit that is told of holds all that was kept, and nothing that was kept has failed;
 *   a commit that failed left nothing.
 *
 * On PostgreSQL failures come to light with a later call, at times behind another savepoint: the
 * unit of work does then what rules do, undoes the innermost savepoint and goes on.
 */
#include "database_fixture.h"

enum { UNITS = 4000, STEPS_MOST = 24, DEPTH_MOST = 4, IDS_MOST = 512, TAKEN = 1 };

/* What was done since a savepoint was set, or since the beginning. */
struct layer {
    int64_t kept[IDS_MOST];
    size_t n;
    bool failing; /* something of it has failed, or will */
};

struct unit {
    struct ctx *c;
    uint64_t random;
    struct layer layers[DEPTH_MOST + 1];
    int depth;
    int64_t next_id; /* of things, never used twice */
    bool over;       /* undone as a whole */
};

static uint64_t random_next(struct unit *u) {
    u->random ^= u->random << 13;
    u->random ^= u->random >> 7;
    u->random ^= u->random << 17;
    return u->random;
}

static bool one_in(struct unit *u, unsigned n) {
    return random_next(u) % n == 0;
}

static struct layer *layer_of(struct unit *u) {
    return &u->layers[u->depth];
}

static int64_t keep(struct unit *u) {
    struct layer *l = layer_of(u);
    assert_true(l->n < IDS_MOST);
    l->kept[l->n++] = ++u->next_id;
    return u->next_id;
}

static void undo(struct unit *u) {
    if (u->depth == 0) {
        db_rollback(u->c->db);
        u->over = true;
        return;
    }
    db_rollback_savepoint(u->c->db);
    *layer_of(u) = (struct layer){0};
    u->depth--;
}

static void release(struct unit *u) {
    db_release(u->c);
    if (u->depth == 0 || ctx_failed(u->c)) {
        return;
    }
    struct layer *inner = layer_of(u), *outer = inner - 1;
    memcpy(outer->kept + outer->n, inner->kept, inner->n * sizeof *inner->kept);
    outer->n += inner->n;
    outer->failing |= inner->failing;
    *inner = (struct layer){0};
    u->depth--;
}

static void set(struct unit *u) {
    db_savepoint(u->c);
    u->depth += !ctx_failed(u->c);
}

static void insert_deferred(struct ctx *c, void *item) {
    DB_PUT(c, "INSERT INTO thing (id) VALUES ($1)", *(const int64_t *)item);
}

static void defer(struct unit *u, int64_t id) {
    int64_t *item = ARENA_NEW(db_batch_arena(u->c->db), int64_t);
    *item = id;
    db_defer(u->c, insert_deferred, item);
}

/* A row that must change and is not there. */
static void miss(struct unit *u) {
    const struct db_value nobody = db_from_int(-1);
    if (!db_put_exactly(u->c, 1, "UPDATE thing SET id = id WHERE id = $1", &nobody, 1)) {
        FAIL(u->c, ERROR_CONFLICT, "record.stale");
    }
}

static void write_failing(struct unit *u) {
    struct ctx *c = u->c;
    int kinds = db_engine(c->db) == DB_SQLITE ? 4 : 6; /* SQLite does not ask ahead */
    layer_of(u)->failing = true;
    switch ((int)(random_next(u) % (uint64_t)kinds)) {
    case 0:
        miss(u);
        break;
    case 1:
        defer(u, TAKEN);
        break;
    case 2:
        DB_RUN(c, "INSERT INTO thing (id) VALUES ($1)", TAKEN);
        break;
    case 3:
        DB_PUT(c, "INSERT INTO thing (id) VALUES ($1)", TAKEN);
        break;
    case 4:
        DB_AHEAD(c, "SELECT 1 / (id - 1) FROM thing WHERE id = $1", TAKEN);
        break;
    default:
        db_ahead_row(c, "SELECT id, 1 / (id - 1) FROM thing WHERE id = $1", TAKEN);
    }
}

static void write_good(struct unit *u) {
    struct ctx *c = u->c;
    switch (random_next(u) % 3) {
    case 0:
        defer(u, keep(u));
        break;
    case 1:
        DB_RUN(c, "INSERT INTO thing (id) VALUES ($1)", keep(u));
        break;
    default:
        DB_PUT(c, "INSERT INTO thing (id) VALUES ($1)", keep(u));
    }
}

static void ask(struct unit *u) {
    struct ctx *c = u->c;
    switch (random_next(u) % 4) {
    case 0:
        db_ahead_row(c, "SELECT id FROM thing WHERE id = $1", TAKEN);
        break;
    case 1:
        DB_AHEAD(c, "SELECT id + 1 FROM thing WHERE id = $1", TAKEN);
        break;
    case 2:
        DB_INT(c, "SELECT id + 1 FROM thing WHERE id = $1", TAKEN);
        break;
    default:
        DB_INT(c, "SELECT id FROM thing WHERE id = $1", TAKEN);
    }
}

static void step(struct unit *u) {
    switch (random_next(u) % 10) {
    case 0:
    case 1:
        u->depth < DEPTH_MOST ? set(u) : release(u);
        break;
    case 2:
    case 3:
        release(u);
        break;
    case 4:
        if (u->depth > 0 && one_in(u, 2)) {
            undo(u);
        }
        break;
    case 5:
        if (one_in(u, 2)) {
            write_failing(u);
        }
        break;
    case 6:
    case 7:
        ask(u);
        break;
    default:
        write_good(u);
    }
    if (ctx_failed(u->c)) {
        ctx_clear_error(u->c);
        undo(u);
    }
}

/* A savepoint left open is kept by the commit. */
static void released(struct unit *u) {
    while (u->depth > 0 && !u->over) {
        release(u);
        if (ctx_failed(u->c)) {
            ctx_clear_error(u->c);
            undo(u);
        }
    }
}

/* In a transaction of its own: one that was spoiled refuses everything until the next begins. */
static void look(struct unit *u, bool committed, int64_t before) {
    struct ctx *c = u->c;
    const struct layer *l = &u->layers[0];
    db_begin(c);
    assert_int_equal(DB_INT(c, "SELECT COUNT(*) FROM thing"),
                     before + (committed ? (int64_t)l->n : 0));
    for (size_t i = 0; i < l->n; i++) {
        assert_int_equal(DB_INT(c, "SELECT COUNT(*) FROM thing WHERE id = $1", l->kept[i]),
                         committed);
    }
    db_commit(c);
    assert_int_equal(c->error.code, ERROR_NONE);
}

/* Run one; whether it was kept. */
static bool unit_run(struct unit *u) {
    struct ctx *c = u->c;
    int64_t before = DB_INT(c, "SELECT COUNT(*) FROM thing");
    memset(u->layers, 0, sizeof u->layers);
    u->depth = 0;
    u->over = false;
    db_begin(c);
    for (uint64_t n = 1 + random_next(u) % STEPS_MOST; n > 0 && !u->over; n--) {
        step(u);
    }
    released(u);
    bool committed = false;
    if (!u->over) {
        db_commit(c);
        committed = !ctx_failed(c);
    }
    ctx_clear_error(c);
    assert_false(committed && u->layers[0].failing);
    look(u, committed, before);
    return committed;
}

static void all_or_nothing(void **state) {
    struct ctx *c = &database_of(state)->c;
    const char *seed = getenv("SAVEPOINTS_SEED");
    struct unit *u = calloc(1, sizeof *u);
    assert_non_null(u);
    *u = (struct unit){.c = c, .next_id = TAKEN};
    u->random = seed ? strtoull(seed, NULL, 10) : (uint64_t)clock_now_ms();
    print_message("SAVEPOINTS_SEED=%llu\n", (unsigned long long)u->random);
    DB_RUN(c, "CREATE TABLE thing (id BIGINT PRIMARY KEY)");
    DB_RUN(c, "INSERT INTO thing (id) VALUES ($1)", TAKEN);
    int committed = 0;
    for (int i = 0; i < UNITS; i++) {
        struct arena_mark mark = arena_mark(c->arena);
        committed += unit_run(u);
        arena_reset(c->arena, mark);
    }
    print_message("%d of %d kept\n", committed, UNITS);
    assert_in_range(committed, UNITS / 10, UNITS - UNITS / 10);
    free(u);
}

int main(void) {
    const struct CMUnitTest tests[] = {ON_BOTH(all_or_nothing)};
    return cmocka_run_group_tests_name("savepoints", tests, NULL, NULL);
}
