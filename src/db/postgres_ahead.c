/*
 * Questions asked before they are due (DB_AHEAD): they travel with whatever is sent next, and
 * their answers are kept until the same question is put. Each is a hint: whoever finds no answer
 * asks then.
 */
#include <string.h>

#include "db/postgres.h"

static struct db_value value_copy(struct arena *a, struct db_value v) {
    v.text = v.text.p ? str_copy(a, v.text) : v.text;
    return v;
}

static bool value_equal(const struct db_value *a, const struct db_value *b) {
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case DB_IS_NULL:
        return a->null_of == b->null_of;
    case DB_IS_INTEGER:
        return a->integer == b->integer;
    case DB_IS_REAL:
        return memcmp(&a->real, &b->real, sizeof a->real) == 0;
    case DB_IS_TEXT:
    case DB_IS_BLOB:
        return str_equal(a->text, b->text);
    }
    return false;
}

static bool same_question(const struct postgres_ahead *a, const struct db_statement *s,
                          const struct db_value *values, size_t n) {
    if (!a->text || a->n != n || strcmp(a->text, s->text) != 0) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!value_equal(&a->values[i], &values[i])) {
            return false;
        }
    }
    return true;
}

static struct postgres_ahead *ahead_find(struct postgres_db *p, const struct db_statement *s,
                                         const struct db_value *values, size_t n) {
    for (int i = 0; i < p->n_ahead; i++) {
        if (same_question(&p->ahead[i], s, values, n)) {
            return &p->ahead[i];
        }
    }
    return NULL;
}

static void ahead_free(struct postgres_db *p, struct postgres_ahead *a) {
    pipeline_unwant(&p->pipeline, &a->result);
    PQclear(a->result);
    *a = (struct postgres_ahead){0};
    while (p->n_ahead > 0 && !p->ahead[p->n_ahead - 1].text) {
        p->n_ahead--;
    }
    if (p->n_ahead == 0) {
        arena_free(&p->ahead_arena);
    }
}

void postgres_ahead(struct ctx *c, struct db_statement *s, const struct db_value *values,
                    size_t n) {
    struct postgres_db *p = postgres_of(s->db);
    struct postgres_ahead *asked = ahead_find(p, s, values, n);
    if (asked) {
        ahead_free(p, asked);
    }
    if (p->n_ahead == AHEAD_MOST || p->pipeline.n >= PIPELINE_MOST ||
        !postgres_send(c, s, values, n, false)) {
        return;
    }
    struct postgres_ahead *a = &p->ahead[p->n_ahead++];
    struct arena *arena = &p->ahead_arena;
    struct db_value *copies = ARENA_NEW_ARRAY(arena, n, struct db_value);
    for (size_t i = 0; i < n; i++) {
        copies[i] = value_copy(arena, values[i]);
    }
    *a = (struct postgres_ahead){str_to_c(arena, str_from(s->text)), copies, n, NULL};
    pipeline_want(&p->pipeline, &a->result);
}

PGresult *postgres_ahead_take(struct ctx *c, const struct db_statement *s,
                              const struct db_value *values, size_t n) {
    struct postgres_db *p = postgres_of(s->db);
    struct postgres_ahead *a = p->n_ahead ? ahead_find(p, s, values, n) : NULL;
    if (!a || (!a->result && !postgres_waiting_finish(s->db, c))) {
        return NULL;
    }
    PGresult *result = a->result;
    a->result = NULL;
    ahead_free(p, a);
    return result;
}

void postgres_ahead_forget(struct db *db) {
    struct postgres_db *p = postgres_of(db);
    for (int i = p->n_ahead - 1; i >= 0; i--) {
        if (i < p->n_ahead && p->ahead[i].text) {
            ahead_free(p, &p->ahead[i]);
        }
    }
    postgres_rows_forget(db);
}
