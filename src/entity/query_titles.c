#include "entity/query.h"

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
    SQL_ADD(&q, " t WHERE t.id IN ");
    sql_ids(&q, ids, n);
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
    for (size_t i = 0; i < n && !ctx_failed(c); i += SQL_IDS) {
        size_t some = n - i < SQL_IDS ? n - i : SQL_IDS;
        read_titles(c, e, ids + i, some, out + i);
    }
}
