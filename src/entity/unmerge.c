/*
 * Taking a merge back, from what its audit entry says (merge.c).
 *
 * What several merges did to one record is taken back from the last to the first: then each finds
 * what it left. Whoever asks for an earlier one first is told which stands in the way.
 */
#include "db/sql.h"
#include "entity/access.h"
#include "entity/gate.h"
#include "entity/merge.h"
#include "entity/row.h"
#include "entity/share.h"
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
    return str_is(action, "merged") ? json_parse(c, changes) : NULL;
}

int64_t merge_survivor(struct ctx *c, const struct record *r) {
    bool gone = r && r->values[SYSTEM_DELETED_AT].kind != VALUE_NULL;
    return gone ? json_id(merge_entry(c, r->entity, r->id), "_other") : 0;
}

/* A record's title, for who may read it. */
static struct text_parameter named(struct ctx *c, const char *name, const struct record *r) {
    bool shown = r && access_record(c, ACTION_READ, r);
    return (struct text_parameter){name, shown ? record_title(r) : STR("*")};
}

void merge_refuse(struct ctx *c, const struct record *gone, const char *text) {
    const struct record *into = row_read(c, gone->entity, merge_survivor(c, gone));
    struct text_parameter parameters[] = {named(c, "name", gone), named(c, "into", into)};
    ctx_fail(c, ERROR_CONFLICT, text, parameters, 2);
}

/* Whether what the record was last merged with is the loser; else the one that must go first. */
static const struct record *last_absorbed(struct ctx *c, const struct record *winner) {
    struct db_rows rows;
    const struct record *last = NULL;
    DB_QUERY(c, &rows,
             "SELECT changes FROM audit WHERE record_id = $1 AND entity = $2 "
             "AND action = 'absorbed' ORDER BY id DESC",
             winner->id, winner->entity->name);
    while (!last && db_next(&rows)) {
        int64_t other = json_id(json_parse(c, db_text(&rows, 0)), "_other");
        const struct record *r = row_read(c, winner->entity, other);
        last = merge_survivor(c, r) == winner->id ? r : NULL;
    }
    db_done(&rows);
    return last;
}

/* False, and the reason told: something later must be taken back before. */
static bool comes_next(struct ctx *c, const struct record *from, int64_t winner_id) {
    const struct record *winner = row_read(c, from->entity, winner_id), *last;
    if (!winner_id) {
        FAIL(c, ERROR_CONFLICT, "merge.none");
    } else if (from->values[SYSTEM_DELETED_AT].kind == VALUE_NULL) {
        FAIL(c, ERROR_CONFLICT, "merge.restored");
    } else if (winner && merge_survivor(c, winner)) {
        merge_refuse(c, winner, "merge.winner_merged");
    } else if (!winner || winner->values[SYSTEM_DELETED_AT].kind != VALUE_NULL) {
        FAIL(c, ERROR_CONFLICT, "merge.winner_gone");
    } else if ((last = last_absorbed(c, winner)) && last->id != from->id) {
        merge_refuse(c, last, "merge.later");
    }
    return !ctx_failed(c);
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

/* A reference to a record that was merged away since is one to whom that became. */
static struct value as_of_now(struct ctx *c, const struct field *f, struct value v) {
    for (int64_t id = f->target ? v.integer : 0; id;) {
        v.integer = id;
        id = merge_survivor(c, row_read(c, f->target, id));
    }
    return v;
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
        struct value old = value_from_json(&scratch, f, &pair->items[0]);
        struct value put = value_from_json(&scratch, f, &pair->items[1]);
        if (value_equal(as_of_now(c, f, put), winner->values[f->position])) {
            change_value(&set, f, as_of_now(c, f, old));
            any = true;
        }
    }
    if (any) {
        record_reorder(c, m->winner, &set);
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
    if (!comes_next(c, from, m.winner)) {
        return;
    }
    const struct json *moved = json_get(entry, "_moved"), *cleared = json_get(entry, "_cleared");
    for (size_t i = 0; json_is(moved, JSON_IS_ARRAY) && i < moved->n; i++) {
        turn_back(c, &m, &moved->items[i]);
    }
    winner_restore(c, &m, json_get(entry, "_winner"));
    for (size_t i = 0; json_is(cleared, JSON_IS_ARRAY) && i < cleared->n; i++) {
        point_again(c, &m, cleared->items[i].text);
    }
    shares_return(c, merge_load(c, e, m.winner), json_get(entry, "_shares"));
    struct str other = str_format(c->arena, "{\"_other\":\"%lld\"}", (long long)m.winner);
    merge_trash(c, from, false);
    merge_announce(c, &m, false, other);
    struct record *stays = merge_load(c, e, m.winner), *leaves = merge_load(c, e, loser);
    if (e->definition && e->definition->unmerged && !ctx_failed(c)) {
        e->definition->unmerged(c, stays, leaves);
    }
}
