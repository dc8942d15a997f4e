#include "entity/schema.h"

#include <stdlib.h>
#include <string.h>

#include "db/migration.h"
#include "db/sql.h"
#include "entity/query_index.h"

enum { NAME_BYTES = 60 }; /* PostgreSQL keeps 63 */

/* What the database has: "table.column" for columns, "name" for indexes; sorted. */
struct present {
    struct str *names;
    size_t n, capacity;
};

struct schema {
    struct ctx *c;
    struct present columns, indexes;
    struct present wanted; /* indexes of the model */
    bool changed;
};

static void present_add(struct arena *a, struct present *p, struct str name) {
    if (p->n == p->capacity) {
        size_t capacity = p->capacity ? 2 * p->capacity : 512;
        struct str *names = ARENA_NEW_ARRAY(a, capacity, struct str);
        if (p->n) {
            memcpy(names, p->names, p->n * sizeof *names);
        }
        p->names = names;
        p->capacity = capacity;
    }
    p->names[p->n++] = name;
}

static int by_name(const void *a, const void *b) {
    const struct str *x = a, *y = b;
    return str_compare(*x, *y);
}

static bool present_has(const struct present *p, struct str name) {
    return p->n && bsearch(&name, p->names, p->n, sizeof name, by_name);
}

static void present_sort(struct present *p) {
    if (p->n) {
        qsort(p->names, p->n, sizeof *p->names, by_name);
    }
}

static struct str column_key(struct arena *a, struct str table, struct str column) {
    return str_format(a, "%.*s.%.*s", STR_ARG(table), STR_ARG(column));
}

static void read_columns(struct schema *s) {
    struct ctx *c = s->c;
    struct db_rows rows;
    if (db_engine(c->db) == DB_SQLITE) {
        DB_QUERY(c, &rows,
                 "SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p "
                 "WHERE m.type = 'table'");
    } else {
        DB_QUERY(c, &rows,
                 "SELECT CAST(t.relname AS TEXT), CAST(a.attname AS TEXT) FROM pg_class t "
                 "JOIN pg_namespace n ON n.oid = t.relnamespace "
                 "JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 "
                 "WHERE t.relkind = 'r' AND n.nspname = current_schema()");
    }
    while (db_next(&rows)) {
        present_add(c->arena, &s->columns,
                    column_key(c->arena, db_view(&rows, 0), db_view(&rows, 1)));
    }
    present_sort(&s->columns);
}

static void read_indexes(struct schema *s) {
    struct ctx *c = s->c;
    struct db_rows rows;
    if (db_engine(c->db) == DB_SQLITE) {
        DB_QUERY(c, &rows, "SELECT name FROM sqlite_master WHERE type = 'index'");
    } else {
        DB_QUERY(c, &rows,
                 "SELECT CAST(i.relname AS TEXT) FROM pg_class i "
                 "JOIN pg_namespace n ON n.oid = i.relnamespace "
                 "WHERE i.relkind = 'i' AND n.nspname = current_schema()");
    }
    while (db_next(&rows)) {
        present_add(c->arena, &s->indexes, db_text(&rows, 0));
    }
    present_sort(&s->indexes);
}

static void define(struct schema *s, const struct sql *q) {
    migration_define(s->c, text_str(&q->text));
    s->changed = true;
}

static const char *column_type(enum field_type type) {
    switch (type) {
    case FIELD_BOOLEAN:
    case FIELD_INTEGER:
    case FIELD_QUANTITY:
    case FIELD_MONEY:
    case FIELD_INSTANT:
    case FIELD_REFERENCE:
        return " BIGINT";
    default:
        return " TEXT";
    }
}

static bool always_there(const struct field *f) {
    return f->flags & FIELD_SYSTEM &&
           (f->position == SYSTEM_CREATED_AT || f->position == SYSTEM_UPDATED_AT ||
            f->position == SYSTEM_VERSION);
}

static void column_define(struct sql *q, const struct field *f) {
    sql_identifier(q, f->name);
    bool is_id = f->flags & FIELD_SYSTEM && f->position == SYSTEM_ID;
    sql_literal(q, is_id ? " {id}" : column_type(f->type));
    sql_literal(q, always_there(f) ? " NOT NULL" : "");
}

static void table_create(struct schema *s, const struct entity *e) {
    struct sql q = sql_new(s->c->arena);
    SQL_ADD(&q, "CREATE TABLE ");
    sql_identifier(&q, e->table);
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        sql_literal(&q, i ? ", " : " (");
        column_define(&q, f);
        if (f->type == FIELD_MONEY) {
            SQL_ADD(&q, ", ");
            sql_identifier(&q, f->currency_column);
            SQL_ADD(&q, " TEXT");
        }
    }
    SQL_ADD(&q, ")");
    define(s, &q);
}

static void column_add(struct schema *s, const struct entity *e, struct str name,
                       const char *type) {
    if (present_has(&s->columns, column_key(s->c->arena, e->table, name))) {
        return;
    }
    struct sql q = sql_new(s->c->arena);
    SQL_ADD(&q, "ALTER TABLE ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " ADD COLUMN ");
    sql_identifier(&q, name);
    sql_literal(&q, type);
    define(s, &q);
}

/* FNV-1a, for names that must stay short and the same on every start. */
static uint32_t name_digest(struct str name) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < name.n; i++) {
        h = (h ^ (unsigned char)name.p[i]) * 16777619u;
    }
    return h;
}

static bool usual_where(const char *where) {
    return !where || strcmp(where, "deleted_at IS NULL") == 0;
}

/* lead_owner_id_created_at; with a digest when it is too long or has a condition of its own. */
static struct str index_name(struct arena *a, const struct entity *e,
                             const struct index_definition *d) {
    struct text_buffer name = {.arena = a};
    text_add(&name, e->table);
    bool gap = true;
    for (const char *p = d->columns; *p; p++) {
        bool word = (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_' ||
                    (*p >= 'A' && *p <= 'Z');
        if (word && gap) {
            text_add_char(&name, '_');
        }
        if (word) {
            text_add_char(&name, *p >= 'A' && *p <= 'Z' ? (char)(*p + 'a' - 'A') : *p);
        }
        gap = !word;
    }
    text_add_c(&name, d->unique ? "_unique" : "");
    struct str whole = text_str(&name);
    if (whole.n <= NAME_BYTES && usual_where(d->where)) {
        return whole;
    }
    struct str all = str_format(a, "%.*s %s", STR_ARG(whole), d->where ? d->where : "");
    struct str begin = str_slice(whole, 0, NAME_BYTES - 9);
    return str_format(a, "%.*s_%08x", STR_ARG(begin), name_digest(all));
}

static void index_add(struct schema *s, const struct entity *e, const struct index_definition *d) {
    struct str name = index_name(s->c->arena, e, d);
    present_add(s->c->arena, &s->wanted, name);
    if (present_has(&s->indexes, name)) {
        return;
    }
    struct sql q = sql_new(s->c->arena);
    sql_literal(&q, d->unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
    sql_identifier(&q, name);
    SQL_ADD(&q, " ON ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " (");
    sql_literal(&q, d->columns);
    SQL_ADD(&q, ")");
    if (d->where) {
        SQL_ADD(&q, " WHERE ");
        sql_literal(&q, d->where);
    }
    define(s, &q);
    present_add(s->c->arena, &s->indexes, name);
    present_sort(&s->indexes);
}

static bool indexes_add(struct schema *s, const struct entity *e,
                        const struct index_definition *list) {
    size_t before = s->indexes.n;
    for (; list && list->columns; list++) {
        index_add(s, e, list);
    }
    return s->indexes.n > before;
}

static bool unique_indexes_add(struct schema *s, const struct entity *e) {
    size_t before = s->indexes.n;
    for (int i = 0; i < e->n_fields; i++) {
        if (e->fields[i].flags & FIELD_UNIQUE) {
            const char *column = str_to_c(s->c->arena, e->fields[i].name);
            index_add(s, e, &(struct index_definition){column, true, "deleted_at IS NULL"});
        }
    }
    return s->indexes.n > before;
}

static void table_analyze(struct schema *s, const struct entity *e) {
    struct sql q = sql_new(s->c->arena);
    SQL_ADD(&q, "ANALYZE ");
    sql_identifier(&q, e->table);
    define(s, &q);
}

static void entity_apply(struct schema *s, const struct entity *e) {
    bool exists = present_has(&s->columns, column_key(s->c->arena, e->table, STR("id")));
    if (!exists) {
        table_create(s, e);
    }
    for (int i = 0; i < e->n_fields && exists; i++) {
        const struct field *f = &e->fields[i];
        column_add(s, e, f->name, column_type(f->type));
        if (f->type == FIELD_MONEY) {
            column_add(s, e, f->currency_column, " TEXT");
        }
    }
    bool indexed = unique_indexes_add(s, e);
    indexed |= indexes_add(s, e, query_indexes(s->c->arena, e));
    indexed |= indexes_add(s, e, e->definition ? e->definition->indexes : NULL);
    if (exists && indexed) {
        table_analyze(s, e);
    }
}

/* What an index is, from "CREATE UNIQUE INDEX … (owner_id, id) WHERE (deleted_at IS NULL)" as the
 * database tells it. */
static struct index_definition index_read(struct arena *a, struct str sql) {
    struct index_definition d = {.columns = "",
                                 .unique = str_starts(sql, STR("CREATE UNIQUE INDEX"))};
    ptrdiff_t open = str_find_char(sql, '(');
    struct str rest = open < 0 ? STR("") : str_slice(sql, (size_t)open + 1, sql.n);
    ptrdiff_t close = str_find_char(rest, ')');
    if (close > 0) {
        d.columns = str_to_c(a, str_slice(rest, 0, (size_t)close));
        rest = str_trim(str_slice(rest, (size_t)close + 1, rest.n));
    }
    if (str_starts(rest, STR("WHERE "))) {
        struct str where = str_trim(str_slice(rest, 6, rest.n));
        bool brackets = str_starts(where, STR("(")) && str_ends(where, STR(")"));
        d.where = str_to_c(a, brackets ? str_slice(where, 1, where.n - 1) : where);
    }
    return d;
}

static const struct entity *table_entity(const struct model *m, struct str table) {
    for (int i = 0; i < m->n_entities; i++) {
        if (str_equal(m->entities[i].table, table)) {
            return &m->entities[i];
        }
    }
    return NULL;
}

static void index_drop(struct schema *s, struct str name) {
    struct sql q = sql_new(s->c->arena);
    SQL_ADD(&q, "DROP INDEX ");
    sql_identifier(&q, name);
    define(s, &q);
}

/* Indexes that an earlier program made for its model and this one no longer wants. Such a one is
 * called as we would call it; what others made under names of their own stays. */
static void superseded_drop(struct schema *s, const struct model *m) {
    struct ctx *c = s->c;
    struct db_rows rows;
    struct present superseded = {0};
    if (db_engine(c->db) == DB_SQLITE) {
        DB_QUERY(c, &rows,
                 "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' "
                 "AND sql IS NOT NULL");
    } else {
        DB_QUERY(c, &rows,
                 "SELECT CAST(tablename AS TEXT), CAST(indexname AS TEXT), indexdef "
                 "FROM pg_indexes WHERE schemaname = current_schema()");
    }
    while (db_next(&rows)) {
        const struct entity *e = table_entity(m, db_view(&rows, 0));
        struct str name = db_text(&rows, 1);
        if (e && !present_has(&s->wanted, name)) {
            struct index_definition d = index_read(c->arena, db_text(&rows, 2));
            if (str_equal(index_name(c->arena, e, &d), name)) {
                present_add(c->arena, &superseded, name);
            }
        }
    }
    for (size_t i = 0; i < superseded.n && !ctx_failed(c); i++) {
        index_drop(s, superseded.names[i]);
    }
}

bool schema_apply(struct ctx *c, const struct model *m) {
    struct schema s = {.c = c};
    migration_lock(c);
    read_columns(&s);
    read_indexes(&s);
    for (int i = 0; i < m->n_entities && !ctx_failed(c); i++) {
        entity_apply(&s, &m->entities[i]);
    }
    present_sort(&s.wanted);
    superseded_drop(&s, m);
    return s.changed && !ctx_failed(c);
}
