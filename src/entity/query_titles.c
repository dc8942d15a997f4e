#include "db/db.h"
#include "entity/query.h"

/* From where the last one was, for they come in nearly the order of the ids. */
static size_t place_title(const int64_t *ids, struct str *out, size_t n, size_t from,
                          const struct db_rows *row) {
    int64_t id = db_int(row, 0);
    size_t i = from;
    for (size_t k = 0; k < n; k++, i = i + 1 < n ? i + 1 : 0) {
        if (ids[i] == id) {
            out[i] = db_text(row, 1);
            from = i;
        }
    }
    return from;
}

/* SQLite would put a list of ids into a table of its own and sort it before it looks for the
 * first; of VALUES it takes one after the other. */
static void put_from(struct ctx *c, struct sql *q, const struct entity *e, const int64_t *ids,
                     size_t n) {
    bool listed = n > 2 && db_engine(c->db) == DB_SQLITE;
    SQL_ADD(q, " FROM ");
    if (listed) {
        SQL_ADD(q, "(VALUES ");
        sql_id_rows(q, ids, n);
        SQL_ADD(q, ") v CROSS JOIN ");
    }
    sql_identifier(q, e->table);
    sql_literal(q, listed ? " t ON t.id = v.column1 WHERE " : " t WHERE t.id IN ");
    if (!listed) {
        sql_ids(q, ids, n);
        SQL_ADD(q, " AND ");
    }
}

/* Whom a record belongs to is compared here when that decides alone: a range of many departments
 * costs more to bind than to look into. */
static void read_titles(struct ctx *c, const struct entity *e, const int64_t *ids, size_t n,
                        struct str *out) {
    struct access_range range = access_range(c, e, ACTION_READ);
    bool ours = !range.all && !range.none && !range.shares;
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT t.id, ");
    if (c->language == LANGUAGE_EN && e->title_en) {
        SQL_ADD(&q, "COALESCE(t.");
        sql_identifier(&q, e->title_en->name);
        SQL_ADD(&q, ", t.");
        sql_identifier(&q, e->title->name);
        SQL_ADD(&q, ")");
    } else {
        SQL_ADD(&q, "t.");
        sql_identifier(&q, e->title->name);
    }
    if (ours) {
        SQL_ADD(&q, ", t.");
        sql_identifier(&q, range.column);
    }
    put_from(c, &q, e, ids, n);
    SQL_ADD(&q, "t.deleted_at IS NULL");
    if (!ours) {
        SQL_ADD(&q, " AND ");
        access_where(c, &q, e, ACTION_READ, "t");
    }
    struct db_rows rows;
    size_t from = 0;
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        if (!ours || id_set_has(range.ids, db_int(&rows, 2))) {
            from = place_title(ids, out, n, from, &rows);
        }
    }
}

void list_titles(struct ctx *c, const struct entity *e, const int64_t *ids, size_t n,
                 struct str *out) {
    for (size_t i = 0; i < n; i++) {
        out[i] = (struct str){0};
    }
    if (!e->title || access_field(c->actor, e, e->title) < RIGHT_READ) {
        return;
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i += SQL_IDS) {
        size_t some = n - i < SQL_IDS ? n - i : SQL_IDS;
        read_titles(c, e, ids + i, some, out + i);
    }
}
