#include "automation/rule_memory.h"

#include <pthread.h>

#include "db/sql.h"
#include "entity/row.h"
#include "entity/versions.h"

enum { RULES_KEPT = 400 }; /* a company with more of them asks the table each time */

static struct {
    pthread_mutex_t mutex;
    struct versions versions;
    struct arena arena;
    struct record *rules[RULES_KEPT];
    size_t n;
} kept = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* What a search is for: rules of these events and records, or all. */
static size_t rules_read(struct ctx *c, const struct event *e, struct record **rules,
                         size_t limit) {
    const struct entity *automation = entity_named(c, "automation");
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    size_t n = 0;
    SQL_ADD(&q, "SELECT ");
    record_columns(&q, automation, "");
    SQL_ADD(&q, " FROM automation WHERE enabled = 1 AND deleted_at IS NULL");
    if (e) {
        SQL_ADD(&q, " AND trigger = ");
        SQL_VALUE(&q, e->type);
        SQL_ADD(&q, " AND entity_name = ");
        SQL_VALUE(&q, e->subject_type);
    }
    SQL_ADD(&q, " ORDER BY position, id LIMIT ");
    SQL_VALUE(&q, (int64_t)limit);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        rules[n++] = record_row(c, automation, &rows, 0);
    }
    return n;
}

static struct record *rule_copy(struct arena *a, const struct record *rule) {
    struct ctx in = {.arena = a};
    struct record *copy = record_copy(&in, rule);
    for (int i = 0; i < rule->entity->n_fields; i++) {
        copy->values[i].text = str_copy(a, copy->values[i].text);
    }
    return copy;
}

/* With the mutex held. */
static void rules_keep(struct ctx *c, struct record *const *rules, size_t n) {
    arena_free(&kept.arena);
    for (size_t i = 0; i < n; i++) {
        kept.rules[i] = rule_copy(&kept.arena, rules[i]);
    }
    kept.n = n;
    kept.versions = c->versions;
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
    struct record **rules = ARENA_NEW_ARRAY(c->arena, RULES_KEPT + 1, struct record *);
    size_t n = rules_read(c, NULL, rules, RULES_KEPT + 1);
    if (ctx_failed(c) || n > RULES_KEPT) {
        return false;
    }
    pthread_mutex_lock(&kept.mutex);
    rules_keep(c, rules, n);
    return true;
}

static bool rule_is_for(const struct record *rule, const struct event *e) {
    return str_equal(record_text(rule, "trigger"), e->type) &&
           str_equal(record_text(rule, "entity_name"), e->subject_type);
}

size_t rules_for(struct ctx *c, const struct event *e, struct record **rules, size_t limit) {
    if (!memory_enter(c)) {
        return rules_read(c, e, rules, limit);
    }
    size_t n = 0;
    for (size_t i = 0; i < kept.n && n < limit; i++) {
        if (rule_is_for(kept.rules[i], e)) {
            rules[n++] = rule_copy(c->arena, kept.rules[i]);
        }
    }
    pthread_mutex_unlock(&kept.mutex);
    return n;
}

static void choose_from(struct record *const *rules, size_t n_rules, const struct event *e,
                        bool *wanted) {
    for (size_t i = 0; i < n_rules && !*wanted; i++) {
        *wanted = rule_is_for(rules[i], e);
    }
}

/* Without memory: the few (trigger, record type) pairs that enabled rules want. */
static void choose_from_table(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT DISTINCT trigger, entity_name FROM automation "
             "WHERE enabled = 1 AND deleted_at IS NULL");
    while (db_next(&rows)) {
        struct str trigger = db_view(&rows, 0), entity = db_view(&rows, 1);
        for (size_t i = 0; i < n; i++) {
            wanted[i] |= str_equal(events[i].type, trigger) &&
                         str_equal(events[i].subject_type, entity);
        }
    }
}

void rules_choose(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    if (!memory_enter(c)) {
        choose_from_table(c, events, n, wanted);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        choose_from(kept.rules, kept.n, &events[i], &wanted[i]);
    }
    pthread_mutex_unlock(&kept.mutex);
}
