#include "automation/rule_memory.h"

#include "entity/record_memory.h"

static struct record_memory kept = RECORD_MEMORY("automation", 400);

static bool rule_is_for(const struct record *rule, const struct event *e) {
    return record_int(rule, "enabled") && str_equal(record_text(rule, "trigger"), e->type) &&
           str_equal(record_text(rule, "entity_name"), e->subject_type);
}

/* Without memory. */
static size_t rules_read(struct ctx *c, const struct event *e, struct record **rules,
                         size_t limit) {
    struct sql which = sql_new(c->arena);
    SQL_ADD(&which, "enabled = 1 AND trigger = ");
    SQL_VALUE(&which, e->type);
    SQL_ADD(&which, " AND entity_name = ");
    SQL_VALUE(&which, e->subject_type);
    return records_in_order(c, entity_named(c, "automation"), &which, rules, limit);
}

size_t rules_for(struct ctx *c, const struct event *e, struct record **rules, size_t limit) {
    if (!record_memory_enter(c, &kept)) {
        return rules_read(c, e, rules, limit);
    }
    size_t n = 0;
    for (size_t i = 0; i < kept.n && n < limit; i++) {
        if (rule_is_for(kept.records[i], e)) {
            rules[n++] = record_keep(c->arena, kept.records[i]);
        }
    }
    record_memory_leave(&kept);
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
    if (!record_memory_enter(c, &kept)) {
        choose_from_table(c, events, n, wanted);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        choose_from(kept.records, kept.n, &events[i], &wanted[i]);
    }
    record_memory_leave(&kept);
}
