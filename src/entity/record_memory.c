#include "entity/record_memory.h"

#include "entity/row.h"
#include "entity/versions.h"

size_t records_in_order(struct ctx *c, const struct entity *e, const struct sql *which,
                        struct record **out, size_t limit) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    size_t n = 0;
    SQL_ADD(&q, "SELECT ");
    record_columns(&q, e, "");
    SQL_ADD(&q, " FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " WHERE deleted_at IS NULL");
    if (which) {
        SQL_ADD(&q, " AND ");
        sql_append(&q, which);
    }
    SQL_ADD(&q, " ORDER BY position, id LIMIT ");
    SQL_VALUE(&q, (int64_t)limit);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        out[n++] = record_row(c, e, &rows, 0);
    }
    return n;
}

struct record *record_keep(struct arena *a, const struct record *r) {
    struct ctx in = {.arena = a};
    struct record *copy = record_copy(&in, r);
    for (int i = 0; i < r->entity->n_fields; i++) {
        copy->values[i].text = str_copy(a, copy->values[i].text);
    }
    return copy;
}

/* With the mutex held. */
static void hold(struct record_memory *m, const struct ctx *c, struct record *const *records,
                 size_t n) {
    arena_free(&m->arena);
    m->records = ARENA_NEW_ARRAY(&m->arena, n, struct record *);
    for (size_t i = 0; i < n; i++) {
        m->records[i] = record_keep(&m->arena, records[i]);
    }
    m->n = n;
    m->versions = c->versions;
}

bool record_memory_enter(struct ctx *c, struct record_memory *m) {
    if (!versions_firm(c)) {
        return false;
    }
    pthread_mutex_lock(&m->mutex);
    if (versions_hold(c, &m->versions)) {
        return true;
    }
    pthread_mutex_unlock(&m->mutex);
    struct record **found = ARENA_NEW_ARRAY(c->arena, m->most + 1, struct record *);
    size_t n = records_in_order(c, entity_named(c, m->entity), NULL, found, m->most + 1);
    if (ctx_failed(c) || n > m->most) {
        return false;
    }
    pthread_mutex_lock(&m->mutex);
    hold(m, c, found, n);
    return true;
}

void record_memory_leave(struct record_memory *m) {
    pthread_mutex_unlock(&m->mutex);
}

size_t records_enabled(struct ctx *c, struct record_memory *m, struct record **out, size_t limit) {
    if (!record_memory_enter(c, m)) {
        struct sql enabled = sql_new(c->arena);
        SQL_ADD(&enabled, "enabled = 1");
        return records_in_order(c, entity_named(c, m->entity), &enabled, out, limit);
    }
    size_t n = 0;
    for (size_t i = 0; i < m->n && n < limit; i++) {
        if (record_int(m->records[i], "enabled")) {
            out[n++] = record_keep(c->arena, m->records[i]);
        }
    }
    record_memory_leave(m);
    return n;
}
