/*
 * The approval processes there are, as memory holds them: every change of a record asks. Kept for
 * all threads under the versions they were read under, as rules are (rule_memory.c).
 */
#include <pthread.h>

#include "automation/approval_process.h"
#include "db/sql.h"
#include "entity/row.h"
#include "entity/versions.h"

enum { PROCESSES_KEPT = 200 }; /* a company with more of them asks the table each time */

static struct {
    pthread_mutex_t mutex;
    struct versions versions;
    struct arena arena;
    struct record *processes[PROCESSES_KEPT];
    size_t n;
} kept = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* Of one record type, or of all (NULL); in their order. */
static size_t processes_read(struct ctx *c, const struct entity *of, struct record **out,
                             size_t limit) {
    const struct entity *process = entity_named(c, "approval_process");
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    size_t n = 0;
    SQL_ADD(&q, "SELECT ");
    record_columns(&q, process, "");
    SQL_ADD(&q, " FROM approval_process WHERE deleted_at IS NULL");
    if (of) {
        SQL_ADD(&q, " AND entity_name = ");
        SQL_VALUE(&q, of->name);
    }
    SQL_ADD(&q, " ORDER BY position, id LIMIT ");
    SQL_VALUE(&q, (int64_t)limit);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        out[n++] = record_row(c, process, &rows, 0);
    }
    return n;
}

static struct record *process_copy(struct arena *a, const struct record *process) {
    struct ctx in = {.arena = a};
    struct record *copy = record_copy(&in, process);
    for (int i = 0; i < process->entity->n_fields; i++) {
        copy->values[i].text = str_copy(a, copy->values[i].text);
    }
    return copy;
}

/* True with the mutex held when what is kept may be used. */
static bool memory_enter(struct ctx *c) {
    if (!versions_firm(c)) {
        return false;
    }
    pthread_mutex_lock(&kept.mutex);
    if (versions_hold(c, &kept.versions)) {
        return true;
    }
    pthread_mutex_unlock(&kept.mutex);
    struct record **found = ARENA_NEW_ARRAY(c->arena, PROCESSES_KEPT + 1, struct record *);
    size_t n = processes_read(c, NULL, found, PROCESSES_KEPT + 1);
    if (ctx_failed(c) || n > PROCESSES_KEPT) {
        return false;
    }
    pthread_mutex_lock(&kept.mutex);
    arena_free(&kept.arena);
    for (size_t i = 0; i < n; i++) {
        kept.processes[i] = process_copy(&kept.arena, found[i]);
    }
    kept.n = n;
    kept.versions = c->versions;
    return true;
}

static bool is_of(const struct record *process, const struct entity *e) {
    return str_equal(record_text(process, "entity_name"), e->name);
}

size_t approval_processes(struct ctx *c, const struct entity *e, struct record **out,
                          size_t limit) {
    size_t n = 0;
    if (memory_enter(c)) {
        for (size_t i = 0; i < kept.n && n < limit; i++) {
            if (is_of(kept.processes[i], e) && record_int(kept.processes[i], "enabled")) {
                out[n++] = process_copy(c->arena, kept.processes[i]);
            }
        }
        pthread_mutex_unlock(&kept.mutex);
        return n;
    }
    struct record **found = ARENA_NEW_ARRAY(c->arena, limit, struct record *);
    size_t all = ctx_failed(c) ? 0 : processes_read(c, e, found, limit);
    for (size_t i = 0; i < all; i++) {
        if (record_int(found[i], "enabled")) {
            out[n++] = found[i];
        }
    }
    return n;
}

bool approval_concerns(struct ctx *c, const struct entity *e) {
    bool any = false;
    if (memory_enter(c)) {
        for (size_t i = 0; i < kept.n && !any; i++) {
            any = is_of(kept.processes[i], e);
        }
        pthread_mutex_unlock(&kept.mutex);
        return any;
    }
    return !ctx_failed(c) && DB_INT(c,
                                    "SELECT 1 FROM approval_process WHERE entity_name = $1 AND "
                                    "deleted_at IS NULL LIMIT 1",
                                    e->name);
}
