/*
 * Likeness, looked for by itself: every new person and account, and every one whose compared
 * fields change, is held against those that share a key with it, and what may be one and the same
 * goes to the queue of duplicates.c. Nothing is merged here.
 *
 * The keys of a record are kept as hashes, by index: looking at one record reads the few others
 * that share one, never all of them. Keys that so many share that they say too little are passed
 * over (LINKAGE_BLOCK), and at most CANDIDATES others are compared. A key of what a record said
 * earlier only costs a comparison, so it stays until it leads to nothing.
 *
 * How much an agreement says is what the last search of all records found (likeness_model_keep);
 * before the first one, what is known of names and numbers in general. Which values are rare is not
 * looked up here, so a pair must be likelier than in a search of all to be brought up; one that a
 * search brought up keeps what the search knew of that.
 */
#include "base/module.h"
#include "customer/customer.h"
#include "customer/duplicates.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/record.h"
#include "event/reactor.h"

/* Of a pair, to be brought up without a search; and to stay in the queue. */
#define LIKELY_BY_ITSELF 0.8
#define LIKELY_STILL 0.5

enum { CANDIDATES = 200, TOGETHER = 32, RECORDS_UNKNOWN = 1000 };

static const struct migration migrations[] = {
    {"customer.likeness.1",
     "CREATE TABLE likeness_key (key_hash BIGINT NOT NULL, record_id BIGINT NOT NULL, "
     "PRIMARY KEY (key_hash, record_id)){without_rowid};\n"
     "CREATE TABLE likeness_model (entity TEXT NOT NULL PRIMARY KEY, model TEXT NOT NULL)"},
    {0}};

/* What the last search found, or what is known in general. */

static void rows_put(struct json_writer *w, const double rows[][LINKAGE_LEVELS], int n) {
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < LINKAGE_LEVELS; k++) {
            json_put_real(w, rows[i][k]);
        }
    }
}

void likeness_model_keep(struct ctx *c, const struct likeness_kind *kind,
                         const struct linkage_model *model) {
    struct json_writer w = json_writer(c->arena);
    json_begin_array(&w);
    rows_put(&w, model->m, kind->schema.n);
    rows_put(&w, model->u, kind->schema.n);
    json_put_real(&w, model->share);
    json_end_array(&w);
    DB_RUN(c,
           "INSERT INTO likeness_model (entity, model) VALUES ($1, $2) "
           "ON CONFLICT (entity) DO UPDATE SET model = excluded.model",
           kind->entity, json_str(&w));
}

static bool rows_take(const struct json *list, size_t *at, double rows[][LINKAGE_LEVELS], int n) {
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < LINKAGE_LEVELS; k++) {
            if (*at >= list->n) {
                return false;
            }
            rows[i][k] = list->items[(*at)++].real;
        }
    }
    return true;
}

static struct linkage_model model_read(struct ctx *c, const struct likeness_kind *kind) {
    struct linkage_model model = {0};
    struct str text = DB_TEXT(c, "SELECT model FROM likeness_model WHERE entity = $1",
                              kind->entity);
    const struct json *list = text.n ? json_parse(c, text) : NULL;
    size_t at = 0;
    if (json_is(list, JSON_IS_ARRAY) && rows_take(list, &at, model.m, kind->schema.n) &&
        rows_take(list, &at, model.u, kind->schema.n) && at < list->n) {
        model.share = list->items[at].real;
        return model;
    }
    struct linkage_evidence nothing = {.records = RECORDS_UNKNOWN};
    return linkage_fit(c->arena, &kind->schema, &nothing);
}

/* A record to look at. changed: since it was looked at before. */
struct subject {
    int64_t id;
    bool changed;
};

/* Those of a batch, or those they are compared with. */
struct looked {
    int64_t *ids;
    struct str *values; /* schema.n of each */
    size_t n;
};

struct watch {
    struct ctx *c;
    const struct likeness_kind *kind;
    struct linkage_model model;
};

/* Of ids those that are there. */
static struct looked read_those(const struct watch *w, const int64_t *ids, size_t n) {
    struct arena *a = w->c->arena;
    size_t fields = (size_t)w->kind->schema.n;
    struct looked out = {.ids = ARENA_NEW_ARRAY(a, n + 1, int64_t),
                         .values = ARENA_NEW_ARRAY(a, (n + 1) * fields, struct str)};
    struct db_rows rows;
    if (!n) {
        return out;
    }
    struct sql q = likeness_select(w->c, w->kind);
    SQL_ADD(&q, " AND id IN ");
    sql_ids(&q, ids, n);
    SQL_ADD(&q, " ORDER BY id");
    sql_query(w->c, &rows, &q);
    while (out.n < n && db_next(&rows)) {
        likeness_values(a, w->kind, &rows, out.values + out.n * fields);
        out.ids[out.n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    return out;
}

static linkage_record values_at(const struct watch *w, const struct looked *l, size_t i) {
    return l->values + i * (size_t)w->kind->schema.n;
}

struct key_row {
    int64_t hash, record_id;
};

static void key_values(const void *item, struct db_value *values) {
    const struct key_row *key = item;
    values[0] = db_from_int(key->hash);
    values[1] = db_from_int(key->record_id);
}

static const struct sql_rows key_rows = {"INSERT INTO likeness_key (key_hash, record_id)", 2,
                                         key_values,
                                         " ON CONFLICT (key_hash, record_id) DO NOTHING"};

static void keys_write(const struct watch *w, const struct looked *all) {
    struct arena *a = w->c->arena;
    struct arena_mark mark = arena_mark(a);
    struct key_row *rows = ARENA_NEW_ARRAY(a, all->n * LIKENESS_KEYS, struct key_row);
    void **items = ARENA_NEW_ARRAY(a, all->n * LIKENESS_KEYS, void *);
    uint64_t keys[LIKENESS_KEYS];
    size_t n_rows = 0;
    for (size_t i = 0; i < all->n; i++) {
        size_t n = likeness_keys(a, w->kind, values_at(w, all, i), keys);
        for (size_t k = 0; k < n; k++) {
            rows[n_rows] = (struct key_row){(int64_t)keys[k], all->ids[i]};
            items[n_rows] = &rows[n_rows];
            n_rows++;
        }
    }
    sql_insert(w->c, &key_rows, items, n_rows);
    if (!ctx_failed(w->c)) {
        arena_reset(a, mark);
    }
}

/* One part for each key, in the order of the keys: (place of the key, record). */
static void sharers_query(const struct watch *w, struct db_rows *rows, const uint64_t *keys,
                          size_t n) {
    struct sql q = sql_new(w->c->arena);
    for (size_t i = 0; i < n; i++) {
        sql_literal(&q, i ? " UNION ALL SELECT * FROM (SELECT " : "SELECT * FROM (SELECT ");
        sql_number(&q, (int64_t)i);
        SQL_ADD(&q, " AS place, record_id FROM likeness_key WHERE key_hash = ");
        sql_value(&q, db_from_int((int64_t)keys[i]));
        SQL_ADD(&q, " ORDER BY record_id DESC LIMIT ");
        sql_number(&q, LINKAGE_BLOCK + 2); /* one of them is itself */
        SQL_ADD(&q, ") x");
    }
    sql_query(w->c, rows, &q);
}

/* Those a record is to be compared with. */
struct candidates {
    int64_t ids[CANDIDATES];
    size_t n;
};

static void candidate_add(struct candidates *all, int64_t id) {
    size_t i = 0;
    while (i < all->n && all->ids[i] != id) {
        i++;
    }
    if (i == all->n && all->n < CANDIDATES) {
        all->ids[all->n++] = id;
    }
}

/* With whom it waits in the queue. */
static void partners_add(const struct watch *w, int64_t id, struct candidates *all) {
    struct db_rows rows;
    DB_QUERY(w->c, &rows,
             "SELECT a_id, b_id FROM duplicate_pair WHERE state = 'open' AND entity = $1 "
             "AND (a_id = $2 OR b_id = $2) LIMIT $3",
             w->kind->entity, id, (int64_t)CANDIDATES);
    while (db_next(&rows)) {
        candidate_add(all, db_int(&rows, db_int(&rows, 0) == id));
    }
}

/* Who shares a key with it that few share. */
static void sharers_add(const struct watch *w, int64_t id, const uint64_t *keys, size_t n,
                        struct candidates *all) {
    int64_t block[LINKAGE_BLOCK + 2];
    size_t in_block = 0;
    int64_t place = -1;
    struct db_rows rows;
    bool more;
    sharers_query(w, &rows, keys, n);
    do {
        more = db_next(&rows);
        if ((!more || db_int(&rows, 0) != place) && in_block <= LINKAGE_BLOCK) {
            for (size_t i = 0; i < in_block; i++) {
                candidate_add(all, block[i]);
            }
        }
        if (more) {
            in_block = db_int(&rows, 0) == place ? in_block : 0;
            place = db_int(&rows, 0);
            if (db_int(&rows, 1) != id) {
                block[in_block++] = db_int(&rows, 1);
            }
        }
    } while (more);
    db_done(&rows);
}

/* Changed: the pairs it waits in are judged anew, and go where it is not like the other any more.
 */
static void hold_against(const struct watch *w, const struct subject *s, linkage_record values,
                         struct looked *others) {
    int64_t id = s->id;
    size_t like = 0;
    for (size_t i = 0; i < others->n && !ctx_failed(w->c); i++) {
        int64_t other = others->ids[i];
        struct likeness_pair pair = {
            .a = id < other ? id : other,
            .b = id < other ? other : id,
            .levels = linkage_compare(&w->kind->schema, values, values_at(w, others, i))};
        double plain = linkage_probability(&w->kind->schema, &w->model, pair.levels, 0);
        bool may_wait = s->changed || plain > LIKELY_BY_ITSELF;
        pair.rarity = may_wait ? duplicate_pair_rarity(w->c, w->kind, &pair) : 0;
        pair.probability = linkage_probability(&w->kind->schema, &w->model, pair.levels,
                                               pair.rarity);
        if (pair.probability > LIKELY_BY_ITSELF) {
            duplicate_pair_keep(w->c, w->kind, &w->model, &pair);
        }
        if (pair.probability > LIKELY_STILL) {
            others->ids[like++] = other;
        }
    }
    if (s->changed) {
        duplicate_pairs_outdated(w->c, w->kind, id, (struct id_set){others->ids, like});
    }
}

static void look(const struct watch *w, const struct subject *s, linkage_record values) {
    struct arena_mark mark = arena_mark(w->c->arena);
    uint64_t keys[LIKENESS_KEYS];
    struct candidates all = {.n = 0};
    size_t n = likeness_keys(w->c->arena, w->kind, values, keys);
    if (s->changed) {
        partners_add(w, s->id, &all);
    }
    if (n) {
        sharers_add(w, s->id, keys, n, &all);
    }
    struct looked others = read_those(w, all.ids, all.n);
    hold_against(w, s, values, &others);
    if (!ctx_failed(w->c)) {
        arena_reset(w->c->arena, mark);
    }
}

static const struct subject *subject_of(const struct subject *subjects, int64_t id) {
    while (subjects->id != id) {
        subjects++;
    }
    return subjects;
}

static void look_at_all(struct ctx *c, const struct likeness_kind *kind,
                        const struct subject *subjects, size_t n) {
    struct watch w = {.c = c, .kind = kind};
    int64_t *ids = ARENA_NEW_ARRAY(c->arena, n, int64_t);
    if (!n) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        ids[i] = subjects[i].id;
    }
    w.model = model_read(c, kind);
    struct looked all = read_those(&w, ids, n);
    keys_write(&w, &all);
    for (size_t i = 0; i < all.n && !ctx_failed(c); i++) {
        look(&w, subject_of(subjects, all.ids[i]), values_at(&w, &all, i));
    }
}

static void subject_add(struct subject *subjects, size_t *n, const struct subject *s) {
    size_t i = 0;
    while (i < *n && subjects[i].id != s->id) {
        i++;
    }
    if (i == *n) {
        subjects[(*n)++] = *s;
    }
    subjects[i].changed |= s->changed;
}

static void handle_many(struct ctx *c, const struct event *events, size_t n) {
    struct subject *subjects = ARENA_NEW_ARRAY(c->arena, n, struct subject);
    for (const struct likeness_kind *const *k = likeness_kinds; *k; k++) {
        size_t found = 0;
        for (size_t i = 0; i < n; i++) {
            struct subject s = {events[i].subject_id,
                                c->origin == ORIGIN_LIVE &&
                                    str_ends(events[i].type, STR(".updated"))};
            if (str_is(events[i].subject_type, (*k)->entity)) {
                subject_add(subjects, &found, &s);
            }
        }
        look_at_all(c, *k, subjects, found);
    }
}

static void handle(struct ctx *c, const struct event *e) {
    handle_many(c, e, 1);
}

/* Of changes those of a field that is compared. */
static void choose(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    for (size_t i = 0; i < n; i++) {
        const struct likeness_kind *kind = likeness_kind_of(events[i].subject_type);
        struct arena_mark mark = arena_mark(c->arena);
        const struct json *changed = str_ends(events[i].type, STR(".updated"))
                                         ? json_get(json_parse(c, events[i].payload), "changed")
                                         : NULL;
        wanted[i] = kind && !changed;
        for (size_t k = 0; kind && json_is(changed, JSON_IS_ARRAY) && k < changed->n; k++) {
            for (int f = 0; f < kind->schema.n; f++) {
                wanted[i] |= str_is(changed->items[k].text, kind->schema.fields[f].name);
            }
        }
        arena_reset(c->arena, mark);
    }
}

static const struct reactor reactor = {
    .name = "customer.likeness",
    .stream = STREAM_BUSINESS,
    .lane = REACTOR_BULK,
    .types = (const char *const[]){"person.created", "person.updated", "person.restored",
                                   "person.unmerged", "account.created", "account.updated",
                                   "account.restored", "account.unmerged", NULL},
    .handle = handle,
    .handle_history = handle_many,
    .live_together = TOGETHER,
    .choose = choose};

const struct module likeness_watch_module = {
    .name = "customer.likeness",
    .cloud = "customer",
    .reactors = (const struct reactor *const[]){&reactor, NULL},
    .migrations = migrations};
