#include "entity/query.h"

enum { TITLES_MOST = 512 };

/* How many placeholders for n ids: few different statements, repeating the last id. Those of one
 * page are nearly as many as its ids, for the engine looks for each. */
static size_t padded(size_t n) {
    if (n <= 64) {
        return n <= 2 ? n : n <= 4 ? 4 : (n + 7) / 8 * 8;
    }
    return n <= 128 ? 128 : TITLES_MOST;
}

static void put_ids(struct sql *q, const int64_t *ids, size_t n) {
    SQL_ADD(q, "t.id IN (");
    for (size_t i = 0; i < padded(n); i++) {
        sql_literal(q, i > 0 ? ", " : "");
        SQL_VALUE(q, ids[i < n ? i : n - 1]);
    }
    SQL_ADD(q, ")");
}

static void place_title(const int64_t *ids, size_t n, int64_t id, struct str title,
                        struct str *out) {
    for (size_t i = 0; i < n; i++) {
        if (ids[i] == id) {
            out[i] = title;
        }
    }
}

static void read_titles(struct ctx *c, const struct entity *e, const int64_t *ids, size_t n,
                        struct str *out) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT t.id, t.");
    sql_identifier(&q, e->title->name);
    SQL_ADD(&q, " FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " t WHERE ");
    put_ids(&q, ids, n);
    SQL_ADD(&q, " AND t.deleted_at IS NULL AND ");
    access_where(c, &q, e, ACTION_READ, "t");
    struct db_rows rows;
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        place_title(ids, n, db_int(&rows, 0), db_text(&rows, 1), out);
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
    for (size_t i = 0; i < n && !ctx_failed(c); i += TITLES_MOST) {
        size_t some = n - i < TITLES_MOST ? n - i : TITLES_MOST;
        read_titles(c, e, ids + i, some, out + i);
    }
}
