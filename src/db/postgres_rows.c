/*
 * Rows asked for ahead (db_ahead_row): questions for single rows by their id. Those of one text
 * travel as one statement, with the next that is sent, and each answer is a row of the one result.
 */
#include <endian.h>
#include <string.h>

#include "db/postgres.h"

static const char by_one[] = " WHERE id = $1";

static void rows_free(struct postgres_db *p, struct postgres_rows *g) {
    pipeline_unwant(&p->pipeline, &g->result);
    PQclear(g->result);
    *g = (struct postgres_rows){0};
}

void postgres_rows_forget(struct db *db) {
    struct postgres_db *p = postgres_of(db);
    for (size_t i = 0; i < ROW_GROUPS; i++) {
        if (p->rows[i].text) {
            rows_free(p, &p->rows[i]);
        }
    }
    p->rows_waiting = 0;
    arena_free(&p->rows_arena);
}

bool postgres_rows_asked(const struct postgres_db *p) {
    for (size_t i = 0; i < ROW_GROUPS; i++) {
        if (p->rows[i].text) {
            return true;
        }
    }
    return false;
}

/* The same question for all ids of the group, which are one text: "{1,2,3}". */
static const char *text_for_all(struct arena *a, const char *text) {
    struct str one = str_from(text);
    return str_to_c(a, str_format(a, "%.*s WHERE id = ANY(CAST($1 AS BIGINT[]))",
                                  (int)(one.n - strlen(by_one)), one.p));
}

static struct db_value ids_text(struct arena *a, const struct postgres_rows *g) {
    struct text_buffer t = {.arena = a};
    for (size_t i = 0; i < g->n; i++) {
        text_add_char(&t, i ? ',' : '{');
        text_add_int(&t, g->ids[i]);
    }
    text_add_char(&t, '}');
    return db_from_str(text_str(&t));
}

static void group_send(struct ctx *c, struct postgres_rows *g) {
    struct postgres_db *p = postgres_of(c->db);
    struct arena_mark mark = arena_mark(c->arena);
    struct db_value ids = ids_text(c->arena, g);
    struct db_statement *s = statement_take(c, g->all, &ids, 1);
    g->sent = true;
    if (s && postgres_send_now(c, s, &ids, 1, false)) {
        pipeline_want(&p->pipeline, &g->result);
    }
    if (s) {
        statement_give(s);
    }
    if (!ctx_failed(c)) {
        arena_reset(c->arena, mark);
    }
}

void postgres_rows_send(struct ctx *c) {
    struct postgres_db *p = postgres_of(c->db);
    for (size_t i = 0; p->rows_waiting && i < ROW_GROUPS; i++) {
        struct postgres_rows *g = &p->rows[i];
        if (g->text && !g->sent) {
            p->rows_waiting--;
            group_send(c, g);
        }
    }
}

static struct postgres_rows *group_for(struct postgres_db *p, const char *text) {
    struct postgres_rows *found = NULL;
    for (size_t i = 0; i < ROW_GROUPS; i++) {
        struct postgres_rows *g = &p->rows[i];
        bool fits = g->text && !g->sent && g->n < ROWS_MOST && strcmp(g->text, text) == 0;
        if (fits) {
            return g;
        }
        found = found || g->text ? found : g;
    }
    if (found) {
        found->text = str_to_c(&p->rows_arena, str_from(text));
        found->all = text_for_all(&p->rows_arena, text);
        p->rows_waiting++;
    }
    return found;
}

/* What was answered before may be older than this question. */
static void older_forget(struct postgres_db *p, const char *text, int64_t id) {
    for (size_t i = 0; i < ROW_GROUPS; i++) {
        struct postgres_rows *g = &p->rows[i];
        for (size_t j = 0; g->text && g->sent && j < g->n; j++) {
            g->taken[j] |= g->ids[j] == id && strcmp(g->text, text) == 0;
        }
    }
}

void postgres_ahead_row(struct ctx *c, const char *sql, int64_t id) {
    struct postgres_db *p = postgres_of(c->db);
    if (!str_ends(str_from(sql), str_from(by_one)) || p->pipeline.n >= PIPELINE_MOST) {
        return;
    }
    older_forget(p, sql, id);
    struct postgres_rows *g = group_for(p, sql);
    if (g) {
        g->ids[g->n++] = id;
    }
}

/* The row of an id, which is the first column; the number of rows: it is not there. */
static int row_of(const PGresult *result, int64_t id) {
    int row = 0, n = PQntuples(result);
    uint64_t wanted = htobe64((uint64_t)id);
    while (row < n && memcmp(PQgetvalue(result, row, 0), &wanted, sizeof wanted) != 0) {
        row++;
    }
    return row;
}

static bool all_taken(const struct postgres_rows *g) {
    size_t i = 0;
    while (i < g->n && g->taken[i]) {
        i++;
    }
    return i == g->n;
}

void postgres_rows_give(struct db *db, const PGresult *result) {
    struct postgres_db *p = postgres_of(db);
    for (size_t i = 0; i < ROW_GROUPS; i++) {
        struct postgres_rows *g = &p->rows[i];
        if (g->text && g->result == result && all_taken(g)) {
            rows_free(p, g);
        }
    }
}

/* The group that has an answer to the question, which is taken from it. */
static struct postgres_rows *answer_find(struct postgres_db *p, const char *text, int64_t id) {
    for (size_t i = 0; i < ROW_GROUPS; i++) {
        struct postgres_rows *g = &p->rows[i];
        for (size_t j = 0; g->text && j < g->n; j++) {
            if (g->ids[j] == id && !g->taken[j] && strcmp(g->text, text) == 0) {
                g->taken[j] = true;
                return g;
            }
        }
    }
    return NULL;
}

bool postgres_rows_take(struct ctx *c, struct db_statement *s, const struct db_value *values,
                        size_t n) {
    struct postgres_db *p = postgres_of(s->db);
    bool maybe = p->rows_arena.head && n == 1 && values[0].kind == DB_IS_INTEGER;
    struct postgres_rows *g = maybe ? answer_find(p, s->text, values[0].integer) : NULL;
    if (!g) {
        return false;
    }
    if (!g->sent) {
        postgres_rows_send(c);
    }
    if (ctx_failed(c) || (!g->result && !postgres_waiting_finish(s->db, c)) || !g->result) {
        return false;
    }
    struct postgres_statement *prepared = s->prepared;
    prepared->borrowed = true;
    s->result = g->result;
    s->row = row_of(g->result, values[0].integer);
    s->n_rows = s->row < PQntuples(g->result) ? s->row + 1 : s->row;
    s->n_columns = PQnfields(g->result);
    postgres_columns_check(c, s);
    return true;
}
