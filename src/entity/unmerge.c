/* Taking a merge back, from what its audit entry says (merge.c). */
#include "db/sql.h"
#include "entity/merge.h"
#include "entity/row.h"
#include "entity/value.h"

enum { IDS_AT_ONCE = 200 };

/* The audit entry of the merge that stands; NULL when the record was not merged, or no more. */
static const struct json *merge_entry(struct ctx *c, const struct entity *e, int64_t loser) {
    struct db_rows rows;
    struct str action = {0}, changes = {0};
    db_flush(c);
    DB_QUERY(c, &rows,
             "SELECT action, changes FROM audit WHERE record_id = $1 AND entity = $2 "
             "AND action IN ('merged', 'unmerged') ORDER BY id DESC LIMIT 1",
             loser, e->name);
    if (db_next(&rows)) {
        action = db_text(&rows, 0);
        changes = db_text(&rows, 1);
    }
    db_done(&rows);
    if (!str_is(action, "merged")) {
        FAIL(c, ERROR_CONFLICT, "merge.none");
        return NULL;
    }
    return json_parse(c, changes);
}

static void update_begin(struct sql *q, const struct entity *x, const struct field *f, int64_t to) {
    SQL_ADD(q, "UPDATE ");
    sql_identifier(q, x->table);
    SQL_ADD(q, " SET ");
    sql_identifier(q, f->name);
    SQL_ADD(q, " = ");
    SQL_VALUE(q, to);
    SQL_ADD(q, ", version = version + 1 WHERE ");
    sql_identifier(q, f->name);
}

/* Those that still point at the winner. */
static void turn_back(struct ctx *c, const struct merge *m, const struct json *moved) {
    const struct entity *x = model_entity(c->model, json_text(moved, "entity"));
    const struct field *f = x ? entity_field(x, json_text(moved, "field")) : NULL;
    const struct json *ids = json_get(moved, "ids");
    for (size_t i = 0; f && json_is(ids, JSON_IS_ARRAY) && i < ids->n; i += IDS_AT_ONCE) {
        struct sql q = sql_new(c->arena);
        update_begin(&q, x, f, m->loser);
        SQL_ADD(&q, " = ");
        SQL_VALUE(&q, m->winner);
        for (size_t k = i; k < ids->n && k < i + IDS_AT_ONCE; k++) {
            sql_literal(&q, k > i ? ", " : " AND id IN (");
            SQL_VALUE(&q, json_as_id(&ids->items[k]));
        }
        SQL_ADD(&q, ")");
        sql_run(c, &q);
    }
}

static void point_again(struct ctx *c, const struct merge *m, struct str field) {
    const struct field *f = entity_field(m->entity, field);
    if (f) {
        struct sql q = sql_new(c->arena);
        update_begin(&q, m->entity, f, m->loser);
        SQL_ADD(&q, " IS NULL AND id = ");
        SQL_VALUE(&q, m->winner);
        sql_run(c, &q);
    }
}

/* Fields of the winner that still hold what the merge put there get their old values. */
static void winner_restore(struct ctx *c, const struct merge *m, const struct json *fields) {
    struct record *winner = merge_load(c, m->entity, m->winner);
    struct change_set set = change_new(c, m->entity);
    bool any = false;
    for (size_t i = 0; winner && json_is(fields, JSON_IS_OBJECT) && i < fields->n; i++) {
        const struct json *pair = &fields->members[i].value;
        const struct field *f = entity_field(m->entity, fields->members[i].key);
        struct ctx scratch = {.arena = c->arena};
        if (!f || !json_is(pair, JSON_IS_ARRAY) || pair->n != 2) {
            continue;
        }
        struct value put = value_from_json(&scratch, f, &pair->items[1]);
        if (value_equal(put, winner->values[f->position])) {
            change_value(&set, f, value_from_json(&scratch, f, &pair->items[0]));
            any = true;
        }
    }
    if (any) {
        record_change(c, m->winner, &set);
    }
}

void record_unmerge(struct ctx *c, const struct entity *e, int64_t loser) {
    struct record *from = row_read(c, e, loser);
    if (!from) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return;
    }
    const struct json *entry = merge_entry(c, e, loser);
    struct merge m = {e, json_id(entry, "_other"), loser, NULL};
    struct record *winner = ctx_failed(c) ? NULL : record_load(c, e, m.winner);
    if (!winner || from->values[SYSTEM_DELETED_AT].kind == VALUE_NULL) {
        FAIL(c, ERROR_CONFLICT, winner ? "merge.restored" : "merge.winner_gone");
        return;
    }
    const struct json *moved = json_get(entry, "_moved"), *cleared = json_get(entry, "_cleared");
    for (size_t i = 0; json_is(moved, JSON_IS_ARRAY) && i < moved->n; i++) {
        turn_back(c, &m, &moved->items[i]);
    }
    for (size_t i = 0; json_is(cleared, JSON_IS_ARRAY) && i < cleared->n; i++) {
        point_again(c, &m, cleared->items[i].text);
    }
    winner_restore(c, &m, json_get(entry, "_winner"));
    struct str other = str_format(c->arena, "{\"_other\":\"%lld\"}", (long long)m.winner);
    merge_trash(c, from, false);
    merge_announce(c, &m, false, other);
    struct record *stays = merge_load(c, e, m.winner), *leaves = merge_load(c, e, loser);
    if (e->definition && e->definition->unmerged && !ctx_failed(c)) {
        e->definition->unmerged(c, stays, leaves);
    }
}
