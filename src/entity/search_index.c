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

/* What is searched of a record. */
struct document {
    const struct entity *entity;
    int64_t id;
    struct str texts, kept; /* as they are, and as they were taken in last */
};

enum { DOCUMENTS_MOST = REACTOR_HISTORY_MOST, DOCUMENTS_LIVE = 32 };

struct rows {
    struct search_row *items;
    size_t n, capacity;
};

/* One batch of records being indexed. The terms of one that was not taken in before are not there
 * yet; the others may be. */
struct indexing {
    struct ctx *c;
    struct rows fresh, added, removed;
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

static void document_values(const void *item, struct db_value *values) {
    const struct document *d = item;
    values[0] = db_from_int(d->id);
    values[1] = db_from_str(d->entity->name);
    values[2] = db_from_str(d->texts);
}

static const struct sql_rows document_rows = {
    "INSERT INTO search_document (record_id, entity, texts)", 3, document_values,
    " ON CONFLICT (record_id) DO UPDATE SET texts = excluded.texts"};

/* The texts the documents are kept with. */
static void documents_read(struct ctx *c, struct document *documents, size_t n) {
    int64_t ids[DOCUMENTS_MOST];
    for (size_t i = 0; i < n; i++) {
        ids[i] = documents[i].id;
    }
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    SQL_ADD(&q, "SELECT record_id, texts FROM search_document WHERE record_id IN ");
    sql_ids(&q, ids, n);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        size_t i = 0;
        while (i < n && ids[i] != db_int(&rows, 0)) {
            i++;
        }
        if (i < n) {
            documents[i].kept = db_text(&rows, 1);
        }
    }
}

/* Take in n documents, each another one, at most DOCUMENTS_MOST: what is to change in the terms is
 * gathered in x. Nothing is taken to be there or not of one that comes alone, as what failed among
 * many is tried again. */
static void index_documents(struct indexing *x, struct document *documents, size_t n) {
    struct ctx *c = x->c;
    void *written[DOCUMENTS_MOST];
    size_t n_written = 0;
    for (size_t i = 0; i < n; i++) {
        record_ahead(c, documents[i].entity->name, documents[i].id);
    }
    documents_read(c, documents, n);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct document *d = &documents[i];
        const struct record *r = record_load(c, d->entity, d->id);
        d->texts = r ? document_texts(c->arena, r) : (struct str){0};
        if (ctx_failed(c) || str_equal(d->texts, d->kept)) {
            continue;
        }
        push_terms(x, &x->removed, d->entity, d->id, d->kept);
        push_terms(x, d->kept.n || n == 1 ? &x->added : &x->fresh, d->entity, d->id, d->texts);
        if (d->texts.n) {
            written[n_written++] = d;
        } else {
            DB_PUT(c, "DELETE FROM search_document WHERE record_id = $1", d->id);
        }
    }
    sql_insert(c, &document_rows, written, n_written);
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

enum { ROWS_TOGETHER = 200, SHAPES = 6 };

/* Rows of one statement: few shapes, so that each stays prepared. On SQLite a statement of several
 * rows keeps copies of all pages it changes: there each has one. */
static size_t shape(const struct db *db, size_t left) {
    static const size_t shapes[SHAPES] = {1, 4, 12, 24, 40, ROWS_TOGETHER};
    size_t i = db_engine(db) == DB_SQLITE ? 0 : SHAPES - 1;
    while (shapes[i] > left) {
        i--;
    }
    return shapes[i];
}

static const char *insert_text(struct ctx *c, const char *table, size_t n, const char *end) {
    struct text_buffer b = {.arena = c->arena};
    text_add(&b,
             str_format(c->arena, "INSERT INTO %s (field_code, term, record_id) VALUES ", table));
    for (size_t i = 0; i < n; i++) {
        text_add(&b, str_format(c->arena, "%s($%zu, $%zu, $%zu)", i > 0 ? ", " : "", 3 * i + 1,
                                3 * i + 2, 3 * i + 3));
    }
    text_add_c(&b, end);
    return str_to_c(c->arena, text_str(&b));
}

static void rows_insert(struct ctx *c, const char *table, const struct rows *rows,
                        const char *end) {
    struct arena_mark mark = arena_mark(c->arena);
    const char *text = NULL;
    struct db_value values[3 * ROWS_TOGETHER];
    for (size_t at = 0, n = 0, before = 0; at < rows->n && !ctx_failed(c); at += n, before = n) {
        n = shape(c->db, rows->n - at);
        text = n == before ? text : insert_text(c, table, n, end);
        for (size_t i = 0; i < n; i++) {
            values[3 * i] = db_from_int(rows->items[at + i].code);
            values[3 * i + 1] = db_from_str(rows->items[at + i].term);
            values[3 * i + 2] = db_from_int(rows->items[at + i].id);
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

/* In their order, each once. */
static void rows_sort(struct rows *rows) {
    size_t kept = 0;
    if (rows->n) {
        qsort(rows->items, rows->n, sizeof *rows->items, row_order);
    }
    for (size_t i = 0; i < rows->n; i++) {
        if (kept == 0 || row_order(&rows->items[kept - 1], &rows->items[i]) != 0) {
            rows->items[kept++] = rows->items[i];
        }
    }
    rows->n = kept;
}

static void indexing_write(struct indexing *x) {
    rows_sort(&x->removed);
    rows_sort(&x->added);
    rows_sort(&x->fresh);
    cancel_out(&x->removed, &x->added);
    rows_delete(x->c, &x->removed);
    rows_insert(x->c, "search_term", &x->added, " ON CONFLICT DO NOTHING");
    rows_insert(x->c, "search_term", &x->fresh, "");
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

/* Of changes only those of searched fields. */
static bool concerns(struct ctx *c, const struct entity *e, const struct event *event) {
    struct ctx scratch = {.arena = c->arena};
    const struct json *payload = json_parse(&scratch, event->payload);
    const struct json *changed = json_get(payload, "changed");
    if (!changed && !json_get(payload, "values")) {
        return false;
    }
    bool change = str_ends(event->type, STR(".updated")) || str_ends(event->type, STR(".assigned"));
    if (!change || !json_is(changed, JSON_IS_ARRAY)) {
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

static size_t document_add(struct document *documents, size_t n, const struct entity *e,
                           int64_t id) {
    size_t i = 0;
    while (i < n && documents[i].id != id) {
        i++;
    }
    if (i == n) {
        documents[n++] = (struct document){.entity = e, .id = id};
    }
    return n;
}

/* Of several events of a record only what it is now counts. */
static void take_in_many(struct ctx *c, const struct event *events, size_t n) {
    struct document documents[DOCUMENTS_MOST];
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t id = events[i].subject_id;
        const struct entity *e = id ? model_entity(c->model, events[i].subject_type) : NULL;
        if (e && e->flags & ENTITY_SEARCHED && concerns(c, e, &events[i])) {
            found = document_add(documents, found, e, id);
        }
    }
    if (found) {
        struct indexing x = {.c = c};
        index_documents(&x, documents, found);
        indexing_write(&x);
    }
}

static void take_in(struct ctx *c, const struct event *event) {
    take_in_many(c, event, 1);
}

static void empty(struct ctx *c) {
    DB_RUN(c, "DELETE FROM search_term");
    DB_RUN(c, "DELETE FROM search_document");
}

enum { REBUILD_BATCH = DOCUMENTS_MOST };

/* The next records of a type after an id; how many. */
static size_t rebuild_some(struct ctx *c, const struct entity *e, int64_t *after) {
    struct arena_mark mark = arena_mark(c->arena);
    struct indexing x = {.c = c};
    struct document documents[REBUILD_BATCH];
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
        *after = db_int(&rows, 0);
        documents[n++] = (struct document){.entity = e, .id = *after};
    }
    if (n) {
        index_documents(&x, documents, n);
    }
    rows_insert(c, "search_staged", &x.added, "");
    rows_insert(c, "search_staged", &x.fresh, "");
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
static int64_t fill(struct ctx *c) {
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

static void refill(struct ctx *c) {
    fill(c);
}

static const char *const every_type[] = {NULL};

const struct reactor search_reactor = {
    .name = "search.index",
    .stream = STREAM_BUSINESS,
    .lane = REACTOR_BULK,
    .types = every_type,
    .handle = take_in,
    .handle_history = take_in_many,
    .live_together = DOCUMENTS_LIVE,
    .choose = choose,
    .reset = empty,
    .rebuild = refill,
};

int64_t search_rebuild(struct ctx *c) {
    int64_t version = DB_INT(c, "SELECT version FROM search_state WHERE name = 'tokenizer'");
    if (ctx_failed(c) || version == SEARCH_TOKENIZER) {
        return 0;
    }
    empty(c);
    return fill(c);
}

void search_refresh(struct ctx *c) {
    int64_t indexed = search_rebuild(c);
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
