#include "db/db.h"
#include "entity/opening.h"
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

static void put_select(struct ctx *c, struct sql *q, const struct entity *e) {
    SQL_ADD(q, "SELECT t.id, ");
    if (c->language == LANGUAGE_EN && e->title_en) {
        SQL_ADD(q, "COALESCE(t.");
        sql_identifier(q, e->title_en->name);
        SQL_ADD(q, ", t.");
        sql_identifier(q, e->title->name);
        SQL_ADD(q, ")");
    } else {
        SQL_ADD(q, "t.");
        sql_identifier(q, e->title->name);
    }
}

/* Those to be asked for, and where their titles go. */
struct asked {
    const int64_t *ids;
    struct str *out;
    size_t n;
};

static void read_scoped(struct ctx *c, const struct entity *e, struct id_set some,
                        const struct asked *asked) {
    struct sql q = sql_new(c->arena);
    put_select(c, &q, e);
    put_from(c, &q, e, some.ids, some.n);
    SQL_ADD(&q, "t.deleted_at IS NULL AND ");
    access_where(c, &q, e, ACTION_READ, "t");
    struct db_rows rows;
    size_t from = 0;
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        from = place_title(asked->ids, asked->out, asked->n, from, &rows);
    }
}

/* Whom a record belongs to is compared here: a range of many departments costs more to bind than
 * to look into. Only what may be opened is asked for again. */
static void read_owned(struct ctx *c, const struct entity *e, const struct access_range *range,
                       const struct asked *asked) {
    int64_t *left = ARENA_NEW_ARRAY(c->arena, asked->n, int64_t);
    size_t n_left = 0, from = 0;
    struct sql q = sql_new(c->arena);
    put_select(c, &q, e);
    SQL_ADD(&q, ", t.owner_id, t.");
    sql_identifier(&q, range->column);
    put_from(c, &q, e, asked->ids, asked->n);
    SQL_ADD(&q, "t.deleted_at IS NULL");
    struct db_rows rows;
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        if (id_set_has(range->ids, db_int(&rows, 3))) {
            from = place_title(asked->ids, asked->out, asked->n, from, &rows);
        } else if (opening_may(c->actor, e, db_int(&rows, 2) != 0) && n_left < asked->n) {
            left[n_left++] = db_int(&rows, 0);
        }
    }
    if (n_left) {
        read_scoped(c, e, (struct id_set){left, n_left}, asked);
    }
}

static void read_titles(struct ctx *c, const struct entity *e, const struct asked *asked) {
    struct access_range range = access_range(c, e, ACTION_READ);
    if (range.all || range.none || range.shares) {
        read_scoped(c, e, (struct id_set){asked->ids, asked->n}, asked);
    } else {
        read_owned(c, e, &range, asked);
    }
}

static void read_own_titles(struct ctx *c, const struct entity *e, const int64_t *ids, size_t n,
                            struct str *out) {
    for (size_t i = 0; i < n && !ctx_failed(c); i += SQL_IDS) {
        size_t some = n - i < SQL_IDS ? n - i : SQL_IDS;
        read_titles(c, e, &(struct asked){ids + i, out + i, some});
    }
}

/* A record that has no name of its own is called as what it is about: a handover as its lead. */
static void follow_titles(struct ctx *c, const struct entity *target, struct str *out, size_t n) {
    int64_t *ids = ARENA_NEW_ARRAY(c->arena, n, int64_t);
    for (size_t i = 0; i < n; i++) {
        str_to_int(out[i], &ids[i]);
    }
    list_titles(c, target, ids, n, out);
}

void list_titles(struct ctx *c, const struct entity *e, const int64_t *ids, size_t n,
                 struct str *out) {
    for (size_t i = 0; i < n; i++) {
        out[i] = (struct str){0};
    }
    if (!n || !e->title || access_field(c->actor, e, e->title) < RIGHT_READ) {
        return;
    }
    read_own_titles(c, e, ids, n, out);
    if (e->title->type == FIELD_REFERENCE && e->title->target) {
        follow_titles(c, e->title->target, out, n);
    }
}
