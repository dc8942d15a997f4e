/* See merge.h. */
#include "db/sql.h"
#include "entity/merge.h"

static void where_holds(struct sql *q, const struct merge_rows *rows, int64_t id) {
    SQL_ADD(q, " WHERE ");
    sql_identifier(q, str_from(rows->field));
    SQL_ADD(q, " = ");
    SQL_VALUE(q, id);
}

static void update(struct sql *q, const struct merge_rows *rows, int64_t from, int64_t to) {
    SQL_ADD(q, "UPDATE ");
    sql_identifier(q, str_from(rows->table));
    SQL_ADD(q, " SET ");
    sql_identifier(q, str_from(rows->field));
    SQL_ADD(q, " = ");
    SQL_VALUE(q, to);
    where_holds(q, rows, from);
}

void merge_carry(struct ctx *c, const struct merge_rows *rows, int64_t winner, int64_t loser) {
    struct sql keep = sql_new(c->arena), turn = sql_new(c->arena);
    SQL_ADD(&keep, "INSERT INTO merge_carried (loser_id, what, row_id) SELECT ");
    SQL_VALUE(&keep, loser);
    SQL_ADD(&keep, ", CAST(");
    SQL_VALUE(&keep, rows->what);
    SQL_ADD(&keep, " AS TEXT), ");
    sql_identifier(&keep, str_from(rows->id));
    SQL_ADD(&keep, " FROM ");
    sql_identifier(&keep, str_from(rows->table));
    where_holds(&keep, rows, loser);
    SQL_ADD(&keep, " ON CONFLICT (loser_id, what, row_id) DO NOTHING");
    sql_put(c, &keep);
    update(&turn, rows, loser, winner);
    sql_put(c, &turn);
}

void merge_return(struct ctx *c, const struct merge_rows *rows, int64_t winner, int64_t loser) {
    struct sql q = sql_new(c->arena);
    update(&q, rows, winner, loser);
    SQL_ADD(&q, " AND ");
    sql_identifier(&q, str_from(rows->id));
    SQL_ADD(&q, " IN (SELECT row_id FROM merge_carried WHERE loser_id = ");
    SQL_VALUE(&q, loser);
    SQL_ADD(&q, " AND what = ");
    SQL_VALUE(&q, rows->what);
    SQL_ADD(&q, ")");
    sql_put(c, &q);
    merge_forget(c, rows->what, loser);
}

void merge_note(struct ctx *c, const char *what, int64_t loser, int64_t row_id) {
    DB_RUN(c,
           "INSERT INTO merge_carried (loser_id, what, row_id) VALUES ($1, $2, $3) "
           "ON CONFLICT (loser_id, what, row_id) DO NOTHING",
           loser, what, row_id);
}

void merge_forget(struct ctx *c, const char *what, int64_t loser) {
    DB_RUN(c, "DELETE FROM merge_carried WHERE loser_id = $1 AND what = $2", loser, what);
}
