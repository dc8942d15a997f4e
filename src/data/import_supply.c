#include "data/import_supply.h"

#include <pthread.h>

struct portion {
    struct arena arena;
    struct import_rows rows;
    struct error error;
};

struct import_supply {
    struct table_reader *table;
    int64_t done_line;
    size_t limit;
    struct portion portions[2]; /* one is being filled while the other is used */
    int filling;
    bool full, stopping; /* the one that is being filled is; the thread is to end */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    pthread_t thread;
};

static void portion_fill(struct import_supply *s, struct portion *p, size_t limit) {
    struct ctx c = {.arena = &p->arena};
    struct table_row row;
    arena_free(&p->arena);
    p->rows = (struct import_rows){.rows = ARENA_NEW_ARRAY(&p->arena, limit, struct table_row)};
    while (p->rows.n < limit) {
        if (!table_next(&c, s->table, &row)) {
            p->rows.last = !ctx_failed(&c);
            break;
        }
        if (row.line > s->done_line) {
            p->rows.rows[p->rows.n++] = import_row_copy(&p->arena, &row);
        }
    }
    p->error = c.error;
}

static void *supply_main(void *data) {
    struct import_supply *s = data;
    pthread_mutex_lock(&s->mutex);
    while (!s->stopping) {
        if (s->full) {
            pthread_cond_wait(&s->changed, &s->mutex);
            continue;
        }
        struct portion *p = &s->portions[s->filling];
        size_t limit = s->limit;
        pthread_mutex_unlock(&s->mutex);
        portion_fill(s, p, limit);
        pthread_mutex_lock(&s->mutex);
        s->full = true;
        pthread_cond_broadcast(&s->changed);
    }
    pthread_mutex_unlock(&s->mutex);
    return NULL;
}

static void supply_end(struct import_supply *s) {
    arena_free(&s->portions[0].arena);
    arena_free(&s->portions[1].arena);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->mutex);
}

struct import_supply *import_supply_start(struct ctx *c, struct table_reader *t, int64_t done_line,
                                          size_t limit) {
    struct import_supply *s = ARENA_NEW(c->arena, struct import_supply);
    s->table = t;
    s->done_line = done_line;
    s->limit = limit;
    pthread_mutex_init(&s->mutex, NULL);
    pthread_cond_init(&s->changed, NULL);
    if (pthread_create(&s->thread, NULL, supply_main, s) != 0) {
        ctx_fail_internal(c, "no thread for the rows of an import");
        supply_end(s);
        return NULL;
    }
    return s;
}

struct import_rows import_supply_next(struct ctx *c, struct import_supply *s, size_t limit) {
    pthread_mutex_lock(&s->mutex);
    while (!s->full) {
        pthread_cond_wait(&s->changed, &s->mutex);
    }
    const struct portion *p = &s->portions[s->filling];
    if (p->error.code) {
        ctx_fail(c, p->error.code, p->error.text, NULL, 0);
    } else if (!p->rows.last) {
        s->filling = !s->filling;
        s->limit = limit;
        s->full = false;
        pthread_cond_broadcast(&s->changed);
    }
    pthread_mutex_unlock(&s->mutex);
    return p->rows;
}

void import_supply_stop(struct import_supply *s) {
    pthread_mutex_lock(&s->mutex);
    s->stopping = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
    pthread_join(s->thread, NULL);
    supply_end(s);
}
