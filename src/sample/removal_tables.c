/*
 * Rows of the sample in tables that are no record types: histories, links, indexes, projections of
 * whatever part of the program. Ids are never used twice in a database, so any column of ids tells
 * whether it names something that goes; the catalogue of the database tells which columns there
 * are, so that this needs no list of all parts.
 *
 * Where a column may be empty it is emptied, else the row goes. The log, the audit trail and
 * the platform's own tables are left alone.
 */
#include "db/sql.h"
#include "sample/removal.h"

struct id_column {
    struct str table, name;
    bool required;
};

enum { COLUMNS_MOST = 600, AT_ONCE = 200 };

struct catalogue {
    struct id_column columns[COLUMNS_MOST];
    size_t n;
};

static bool is_left_alone(struct str table) {
    static const char *const beginnings[] = {"event",     "behaviour", "audit",  "sample_",
                                             "reactor_",  "platform",  "node_",  "timer",
                                             "migration", "sqlite_",   "schema", "transaction_"};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        if (str_starts(table, str_from(beginnings[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_of_records(const struct model *m, struct str table) {
    for (int i = 0; i < m->n_entities; i++) {
        if (str_equal(m->entities[i].table, table)) {
            return true;
        }
    }
    return false;
}

static struct catalogue *catalogue_read(struct ctx *c) {
    struct catalogue *found = ARENA_NEW(c->arena, struct catalogue);
    struct db_rows rows;
    found->n = 0;
    if (db_engine(c->db) == DB_SQLITE) {
        DB_QUERY(c, &rows,
                 "SELECT m.name, p.name, p.\"notnull\" + p.pk FROM sqlite_master m "
                 "JOIN pragma_table_info(m.name) p WHERE m.type = 'table' "
                 "AND upper(p.type) IN ('BIGINT', 'INTEGER') ORDER BY m.name, p.cid");
    } else {
        DB_QUERY(c, &rows,
                 "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), "
                 "CAST(CASE WHEN is_nullable = 'NO' THEN 1 ELSE 0 END AS BIGINT) "
                 "FROM information_schema.columns WHERE table_schema = current_schema() "
                 "AND data_type = 'bigint' ORDER BY table_name, ordinal_position");
    }
    while (db_next(&rows)) {
        struct id_column column = {db_text(&rows, 0), db_text(&rows, 1), db_int(&rows, 2) > 0};
        bool ids = str_is(column.name, "id") || str_ends(column.name, STR("_id"));
        bool ours = !is_left_alone(column.table) && !is_of_records(c->model, column.table);
        if (ids && ours && found->n < COLUMNS_MOST) {
            found->columns[found->n++] = column;
        }
    }
    return found;
}

/* Whether the rows of the table are told by what they name, and not by an id of their own. */
static bool names_others(const struct catalogue *all, struct str table) {
    for (size_t i = 0; i < all->n; i++) {
        const struct id_column *column = &all->columns[i];
        if (str_equal(column->table, table) && column->required && !str_is(column->name, "id")) {
            return true;
        }
    }
    return false;
}

static void column_clear(struct removal *r, const struct id_column *column) {
    struct sql q = sql_new(r->c->arena);
    if (column->required) {
        SQL_ADD(&q, "DELETE FROM ");
        sql_identifier(&q, column->table);
    } else {
        SQL_ADD(&q, "UPDATE ");
        sql_identifier(&q, column->table);
        SQL_ADD(&q, " SET ");
        sql_identifier(&q, column->name);
        SQL_ADD(&q, " = NULL");
    }
    SQL_ADD(&q, " WHERE ");
    removal_going(r, &q, column->table, column->name);
    sql_run(r->c, &q);
}

void removal_of_tables(struct removal *r) {
    const struct catalogue *all = catalogue_read(r->c);
    for (int emptying = 0; emptying < 2; emptying++) {
        for (size_t i = 0; i < all->n && !ctx_failed(r->c); i++) {
            const struct id_column *column = &all->columns[i];
            bool own = str_is(column->name, "id") && names_others(all, column->table);
            if (!own && column->required == !emptying) {
                column_clear(r, column);
            }
        }
    }
}

/* A timer's key is the id of what it is about, for those that are about one thing. */
void removal_of_timers(struct removal *r) {
    struct ctx *c = r->c;
    int64_t *timers = ARENA_NEW_ARRAY(c->arena, DB_INT(c, "SELECT count(*) FROM timer") + 1,
                                      int64_t);
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows, "SELECT id, key FROM timer");
    while (db_next(&rows)) {
        int64_t about = 0;
        if (str_to_int(db_view(&rows, 1), &about) && about >= r->from && about <= r->to) {
            timers[n++] = db_int(&rows, 0);
        }
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i += AT_ONCE) {
        struct sql q = sql_new(c->arena);
        SQL_ADD(&q, "DELETE FROM timer WHERE id IN ");
        sql_ids(&q, timers + i, n - i < AT_ONCE ? n - i : AT_ONCE);
        SQL_ADD(&q, " AND NOT EXISTS (SELECT 1 FROM sample_kept k WHERE CAST(k.id AS TEXT) = "
                    "timer.key)");
        sql_run(c, &q);
    }
}
