/* Keeping the index: a reactor takes in each record that changed, a rebuild all of them. */
#include "entity/search_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/module.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/query_texts.h"
#include "entity/search.h"

struct search_row {
    int64_t code, id;
    struct str term;
};

struct rows {
    struct search_row *items;
    size_t n, capacity;
};

/* One batch of records being indexed. */
struct indexing {
    struct ctx *c;
    struct rows added, removed;
};

static void rows_push(struct arena *a, struct rows *r, struct search_row row) {
    if (r->n == r->capacity) {
        size_t capacity = r->capacity ? 2 * r->capacity : 256;
        struct search_row *items = ARENA_NEW_ARRAY(a, capacity, struct search_row);
        if (r->n > 0) {
            memcpy(items, r->items, r->n * sizeof *items);
        }
        r->items = items;
        r->capacity = capacity;
    }
    r->items[r->n++] = row;
}

static int row_order(const void *x, const void *y) {
    const struct search_row *a = x, *b = y;
    if (a->code != b->code) {
        return a->code < b->code ? -1 : 1;
    }
    int order = str_compare(a->term, b->term);
    return order != 0 ? order : (a->id > b->id) - (a->id < b->id);
}

/* The searched texts of a record as they are kept: "field\nsearch key\n" each. */
static struct str document_texts(struct arena *a, const struct record *r) {
    struct text_buffer b = {.arena = a};
    for (int i = 0; i < r->entity->n_fields; i++) {
        const struct field *f = &r->entity->fields[i];
        if (search_has(r->entity, f) && r->values[i].kind == VALUE_TEXT) {
            struct str text = text_search_key(a, r->values[i].text);
            text_add(&b, f->name);
            text_add_char(&b, '\n');
            text_add(&b, text);
            text_add_char(&b, '\n');
        }
    }
    return text_str(&b);
}

static void push_terms(struct indexing *x, struct rows *rows, const struct entity *e, int64_t id,
                       struct str texts) {
    struct str rest = texts, name, text;
    while (str_cut(&rest, '\n', &name) && name.n > 0 && str_cut(&rest, '\n', &text)) {
        const struct field *f = entity_field(e, name);
        if (!f) {
            continue;
        }
        struct str_list terms = search_field_terms(x->c->arena, e, f, text);
        for (size_t i = 0; i < terms.n; i++) {
            rows_push(x->c->arena, rows,
                      (struct search_row){search_code(e, f), id, terms.items[i]});
        }
    }
}

static void document_write(struct ctx *c, const struct entity *e, int64_t id, struct str texts) {
    if (texts.n == 0) {
        DB_PUT(c, "DELETE FROM search_document WHERE record_id = $1", id);
        return;
    }
    DB_PUT(c,
           "INSERT INTO search_document (record_id, entity, texts) VALUES ($1, $2, $3) "
           "ON CONFLICT (record_id) DO UPDATE SET texts = excluded.texts",
           id, e->name, texts);
}

static void index_record(struct indexing *x, const struct entity *e, int64_t id) {
    struct ctx *c = x->c;
    const struct record *r = record_load(c, e, id);
    struct str texts = r ? document_texts(c->arena, r) : (struct str){0};
    struct str old = DB_TEXT(c, "SELECT texts FROM search_document WHERE record_id = $1", id);
    if (ctx_failed(c) || str_equal(texts, old)) {
        return;
    }
    push_terms(x, &x->removed, e, id, old);
    push_terms(x, &x->added, e, id, texts);
    document_write(c, e, id, texts);
}

/* Rows that are both taken away and put in stay as they are. Both lists are sorted. */
static void cancel_out(struct rows *removed, struct rows *added) {
    size_t i = 0, j = 0, left = 0, right = 0;
    while (i < removed->n || j < added->n) {
        int order = i == removed->n ? 1
                    : j == added->n ? -1
                                    : row_order(&removed->items[i], &added->items[j]);
        if (order < 0) {
            removed->items[left++] = removed->items[i++];
        } else if (order > 0) {
            added->items[right++] = added->items[j++];
        } else {
            i++;
            j++;
        }
    }
    removed->n = left;
    added->n = right;
}

enum { ROWS_TOGETHER = 40 };

/* Rows of one statement: few shapes, so that each stays prepared; the last row fills it up. On
 * SQLite a statement of several rows keeps copies of all pages it changes: there each has one. */
static size_t shape(const struct db *db, size_t left) {
    static const size_t shapes[] = {1, 4, 12, 24, ROWS_TOGETHER};
    size_t i = 0, most = db_engine(db) == DB_SQLITE ? 0 : 4;
    while (i < most && shapes[i] < left) {
        i++;
    }
    return shapes[i];
}

static const char *insert_text(struct ctx *c, const char *table, size_t n) {
    struct str text = str_format(
        c->arena, "INSERT INTO %s (field_code, term, record_id) VALUES ($1, $2, $3)", table);
    for (size_t i = 1; i < n; i++) {
        text = str_format(c->arena, "%.*s, ($%zu, $%zu, $%zu)", STR_ARG(text), 3 * i + 1, 3 * i + 2,
                          3 * i + 3);
    }
    return str_to_c(c->arena, str_format(c->arena, "%.*s ON CONFLICT DO NOTHING", STR_ARG(text)));
}

static void rows_insert(struct ctx *c, const char *table, const struct rows *rows) {
    struct arena_mark mark = arena_mark(c->arena);
    const char *text = NULL;
    struct db_value values[3 * ROWS_TOGETHER];
    for (size_t at = 0, n = 0, before = 0; at < rows->n && !ctx_failed(c); at += n, before = n) {
        n = shape(c->db, rows->n - at);
        text = n == before ? text : insert_text(c, table, n);
        for (size_t i = 0; i < n; i++) {
            const struct search_row *row = &rows->items[at + i < rows->n ? at + i : rows->n - 1];
            values[3 * i] = db_from_int(row->code);
            values[3 * i + 1] = db_from_str(row->term);
            values[3 * i + 2] = db_from_int(row->id);
        }
        db_put_values(c, text, values, 3 * n);
    }
    if (!ctx_failed(c)) {
        arena_reset(c->arena, mark);
    }
}

static void rows_delete(struct ctx *c, const struct rows *rows) {
    for (size_t i = 0; i < rows->n && !ctx_failed(c); i++) {
        DB_PUT(c, "DELETE FROM search_term WHERE field_code = $1 AND term = $2 AND record_id = $3",
               rows->items[i].code, rows->items[i].term, rows->items[i].id);
    }
}

static void rows_sort(struct rows *rows) {
    if (rows->n) {
        qsort(rows->items, rows->n, sizeof *rows->items, row_order);
    }
}

static void indexing_write(struct indexing *x) {
    rows_sort(&x->removed);
    rows_sort(&x->added);
    cancel_out(&x->removed, &x->added);
    rows_delete(x->c, &x->removed);
    rows_insert(x->c, "search_term", &x->added);
}

/* A verb's own event says what changed, or the values; others tell more of a change that has an
 * event already. */
static void choose(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    (void)c;
    for (size_t i = 0; i < n; i++) {
        wanted[i] = str_find(events[i].payload, STR("\"changed\":")) >= 0 ||
                    str_find(events[i].payload, STR("\"values\":")) >= 0;
    }
}

/* Of updates only those of searched fields. */
static bool concerns(struct ctx *c, const struct entity *e, const struct event *event) {
    struct ctx scratch = {.arena = c->arena};
    const struct json *payload = json_parse(&scratch, event->payload);
    const struct json *changed = json_get(payload, "changed");
    if (!changed && !json_get(payload, "values")) {
        return false;
    }
    if (!str_ends(event->type, STR(".updated")) || !json_is(changed, JSON_IS_ARRAY)) {
        return true;
    }
    for (size_t i = 0; i < changed->n; i++) {
        const struct field *f = entity_field(e, changed->items[i].text);
        if (f && search_has(e, f)) {
            return true;
        }
    }
    return false;
}

static void take_in(struct ctx *c, const struct event *event) {
    const struct entity *e = event->subject_id ? model_entity(c->model, event->subject_type) : NULL;
    if (!e || !(e->flags & ENTITY_SEARCHED) || !concerns(c, e, event)) {
        return;
    }
    struct indexing x = {.c = c};
    index_record(&x, e, event->subject_id);
    indexing_write(&x);
}

static void empty(struct ctx *c) {
    DB_RUN(c, "DELETE FROM search_term");
    DB_RUN(c, "DELETE FROM search_document");
}

static const char *const every_type[] = {NULL};

const struct reactor search_reactor = {
    .name = "search.index",
    .stream = STREAM_BUSINESS,
    .lane = REACTOR_BULK,
    .types = every_type,
    .handle = take_in,
    .choose = choose,
    .reset = empty,
};

enum { REBUILD_BATCH = 2000 };

/* The next records of a type after an id; how many. */
static size_t rebuild_some(struct ctx *c, const struct entity *e, int64_t *after) {
    struct arena_mark mark = arena_mark(c->arena);
    struct indexing x = {.c = c};
    int64_t *ids = ARENA_NEW_ARRAY(c->arena, REBUILD_BATCH, int64_t);
    size_t n = 0;
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    SQL_ADD(&q, "SELECT id FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " WHERE id > ");
    SQL_VALUE(&q, *after);
    SQL_ADD(&q, " AND deleted_at IS NULL ORDER BY id LIMIT ");
    sql_number(&q, REBUILD_BATCH);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        ids[n++] = *after = db_int(&rows, 0);
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        index_record(&x, e, ids[i]);
    }
    rows_insert(c, "search_staged", &x.added);
    arena_reset(c->arena, mark);
    return n;
}

static int64_t stage_all(struct ctx *c) {
    int64_t staged = 0;
    for (int i = 0; i < c->model->n_entities && !ctx_failed(c); i++) {
        const struct entity *e = &c->model->entities[i];
        int64_t after = 0;
        size_t n = e->flags & ENTITY_SEARCHED ? REBUILD_BATCH : 0;
        while (n == REBUILD_BATCH && !ctx_failed(c)) {
            n = rebuild_some(c, e, &after);
            staged += (int64_t)n;
        }
    }
    return staged;
}

/* Terms are set aside in the order of the records and put in sorted: rows inserted here and
 * there would write each page of a large index many times over. */
int64_t search_rebuild(struct ctx *c, bool always) {
    int64_t version = DB_INT(c, "SELECT version FROM search_state WHERE name = 'tokenizer'");
    if (ctx_failed(c) || (version == SEARCH_TOKENIZER && !always)) {
        return 0;
    }
    empty(c);
    DB_RUN(c, "CREATE TEMPORARY TABLE search_staged (field_code BIGINT, term TEXT, "
              "record_id BIGINT)");
    int64_t indexed = stage_all(c);
    DB_RUN(c, "INSERT INTO search_term (field_code, term, record_id) SELECT DISTINCT field_code, "
              "term, record_id FROM search_staged ORDER BY field_code, term, record_id");
    DB_RUN(c, "DROP TABLE search_staged");
    DB_RUN(c,
           "INSERT INTO search_state (name, version) VALUES ('tokenizer', $1) "
           "ON CONFLICT (name) DO UPDATE SET version = excluded.version",
           SEARCH_TOKENIZER);
    return indexed;
}

void search_refresh(struct ctx *c) {
    int64_t indexed = search_rebuild(c, false);
    if (indexed > 0) {
        LOG(LOG_INFO, "search.rebuilt", {"records", .number = indexed});
    }
}

static const struct migration search_migrations[] = {
    {"search.1", "CREATE TABLE search_term (\n"
                 "  field_code BIGINT NOT NULL,\n"
                 "  term TEXT NOT NULL,\n"
                 "  record_id BIGINT NOT NULL,\n"
                 "  PRIMARY KEY (field_code, term, record_id)\n"
                 "){without_rowid};\n"
                 "CREATE TABLE search_document (\n"
                 "  record_id {id},\n"
                 "  entity TEXT NOT NULL,\n"
                 "  texts TEXT NOT NULL\n"
                 ");\n"
                 "CREATE TABLE search_state (\n"
                 "  name TEXT NOT NULL PRIMARY KEY,\n"
                 "  version BIGINT NOT NULL\n"
                 ")"},
    {NULL, NULL}};

static const struct reactor *const search_reactors[] = {&search_reactor, NULL};

const struct module search_module = {
    .name = "search",
    .cloud = "platform",
    .reactors = search_reactors,
    .texts = query_texts,
    .migrations = search_migrations,
};
