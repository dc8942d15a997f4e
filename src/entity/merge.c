/*
 * Joining two records that are one, and taking it back.
 *
 * Whatever refers to the loser is turned to the winner: every reference of every record type,
 * and pairs like subject_type and subject_id. Rows that would then break a unique index stay
 * with the loser. What the winner lacks it has from the loser, and other values of the loser when
 * told so; with whom the loser is shared, the winner is too, by the stronger right. System fields
 * (who made it, who owns it) are history and stay. The audit entry of the loser holds what was
 * moved and which fields of the winner changed:
 *
 *   {"_other":"winner","_moved":[{"entity":"deal","field":"firm_id","ids":["1"]}],
 *    "_cleared":["parent_id"],
 *    "_shares":[{"with":"user","with_id":"7","was":0,"now":2}],
 *    "_winner":{"phone":[null,"13912342647"]}}
 */
#include "entity/merge.h"
#include "db/sql.h"
#include "entity/audit.h"
#include "entity/gate.h"
#include "entity/pointer.h"
#include "entity/record_verbs.h"
#include "entity/row.h"
#include "entity/share.h"
#include "entity/value.h"
#include "event/event.h"

/* " AND o.other = t.other …": rows of the winner that an index would not let stand beside. */
static void same_other_columns(struct sql *q, struct str columns, struct str field) {
    struct str part;
    while (str_cut(&columns, ',', &part)) {
        part = str_trim(part);
        if (str_equal(part, field)) {
            continue;
        }
        SQL_ADD(q, " AND o.");
        sql_identifier(q, part);
        SQL_ADD(q, " = t.");
        sql_identifier(q, part);
    }
}

static bool has_column(struct str columns, struct str field) {
    struct str part;
    while (str_cut(&columns, ',', &part)) {
        if (str_equal(str_trim(part), field)) {
            return true;
        }
    }
    return false;
}

static void rows_of(struct sql *q, const struct pointer *p, const char *alias, int64_t id) {
    sql_identifier(q, p->entity->table);
    SQL_ADD(q, " ");
    sql_literal(q, alias);
    SQL_ADD(q, " WHERE ");
    sql_literal(q, alias);
    SQL_ADD(q, ".");
    sql_identifier(q, p->field->name);
    SQL_ADD(q, " = ");
    SQL_VALUE(q, id);
}

/* An index of part of the table: only rows of that part are in each other's way. */
static void within(struct sql *q, const struct index_definition *i) {
    if (i->where) {
        SQL_ADD(q, " AND (");
        sql_literal(q, i->where);
        SQL_ADD(q, ")");
    }
}

/* Not those beside which an index would not let a row of the winner stand. */
static void unless_taken(struct sql *q, const struct merge *m, const struct pointer *p,
                         const struct index_definition *i) {
    SQL_ADD(q, " AND NOT (");
    if (i->where) {
        SQL_ADD(q, "t.id IN (SELECT x.id FROM ");
        rows_of(q, p, "x", m->loser);
        within(q, i);
        SQL_ADD(q, ") AND ");
    }
    SQL_ADD(q, "EXISTS (SELECT 1 FROM ");
    rows_of(q, p, "o", m->winner);
    SQL_ADD(q, " AND o.deleted_at IS NULL");
    within(q, i);
    same_other_columns(q, str_from(i->columns), p->field->name);
    SQL_ADD(q, "))");
}

static void respect_unique(struct sql *q, const struct merge *m, const struct pointer *p) {
    if (p->field->flags & FIELD_UNIQUE) {
        unless_taken(q, m, p, &(struct index_definition){.columns = p->field->name.p});
    }
    const struct entity_definition *d = p->entity->definition;
    for (const struct index_definition *i = d ? d->indexes : NULL; i && i->columns; i++) {
        if (i->unique && has_column(str_from(i->columns), p->field->name)) {
            unless_taken(q, m, p, i);
        }
    }
}

static void update_begin(struct sql *q, const struct pointer *p, int64_t to) {
    SQL_ADD(q, "UPDATE ");
    sql_identifier(q, p->entity->table);
    SQL_ADD(q, " AS t SET ");
    sql_identifier(q, p->field->name);
    SQL_ADD(q, " = ");
    sql_value(q, db_from_id(to));
    SQL_ADD(q, ", version = version + 1 WHERE t.");
    sql_identifier(q, p->field->name);
}

/* Turn the rows in or out of the trash (each has its index) to the winner; their ids follow in
 * the open array. */
static void turn(struct ctx *c, const struct merge *m, const struct pointer *p, bool trashed) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    update_begin(&q, p, m->winner);
    SQL_ADD(&q, " = ");
    SQL_VALUE(&q, m->loser);
    sql_literal(&q, trashed ? " AND t.deleted_at IS NOT NULL" : " AND t.deleted_at IS NULL");
    pointer_type(&q, p, m->entity);
    if (p->entity == m->entity) {
        SQL_ADD(&q, " AND t.id NOT IN (");
        SQL_VALUE(&q, m->winner);
        SQL_ADD(&q, ", ");
        SQL_VALUE(&q, m->loser);
        SQL_ADD(&q, ")");
    }
    if (!trashed) {
        respect_unique(&q, m, p);
    }
    SQL_ADD(&q, " RETURNING id");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        json_put_id(m->w, db_int(&rows, 0));
    }
}

static void turn_all(struct ctx *c, const struct merge *m) {
    struct pointer p;
    for (int i = 0; i < c->model->n_entities && !ctx_failed(c); i++) {
        const struct entity *x = &c->model->entities[i];
        for (int f = 0; f < x->n_fields; f++) {
            if (!pointer_at(x, &x->fields[f], m->entity, &p)) {
                continue;
            }
            json_begin_object(m->w);
            JSON_MEMBER(m->w, "entity", json_put_str, x->name);
            JSON_MEMBER(m->w, "field", json_put_str, x->fields[f].name);
            json_key(m->w, "ids");
            json_begin_array(m->w);
            turn(c, m, &p, false);
            turn(c, m, &p, true);
            json_end_array(m->w);
            json_end_object(m->w);
        }
    }
}

/* A winner that pointed at the loser would point at itself: it points nowhere. */
static void clear_own(struct ctx *c, const struct merge *m) {
    struct pointer p;
    for (int i = 0; i < m->entity->n_fields && !ctx_failed(c); i++) {
        if (!pointer_at(m->entity, &m->entity->fields[i], m->entity, &p)) {
            continue;
        }
        struct sql q = sql_new(c->arena);
        update_begin(&q, &p, 0);
        SQL_ADD(&q, " = ");
        SQL_VALUE(&q, m->loser);
        pointer_type(&q, &p, m->entity);
        SQL_ADD(&q, " AND t.id = ");
        SQL_VALUE(&q, m->winner);
        if (sql_run(c, &q)) {
            json_put_str(m->w, p.field->name);
        }
    }
}

static void put_winner_changes(struct json_writer *w, const struct record *before,
                               const struct record *after) {
    json_begin_object(w);
    for (int i = 0; i < after->entity->n_fields; i++) {
        const struct field *f = &after->entity->fields[i];
        if (f->flags & FIELD_SYSTEM || value_equal(before->values[i], after->values[i])) {
            continue;
        }
        json_key_str(w, f->name);
        json_begin_array(w);
        value_to_json(w, f, before->values[i]);
        value_to_json(w, f, after->values[i]);
        json_end_array(w);
    }
    json_end_object(w);
}

static int64_t merge_event(struct ctx *c, const struct merge *m, const char *type) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "changed");
    json_begin_array(&w);
    json_end_array(&w);
    JSON_MEMBER(&w, "winner_id", json_put_id, m->winner);
    JSON_MEMBER(&w, "loser_id", json_put_id, m->loser);
    json_end_object(&w);
    bool person = str_is(m->entity->name, "person"), account = str_is(m->entity->name, "account");
    return event_emit(c,
                      &(struct event){
                          .type = str_format(c->arena, "%.*s.%s", STR_ARG(m->entity->name), type),
                          .subject_type = m->entity->name,
                          .subject_id = m->loser,
                          .person_id = person ? m->winner : 0,
                          .account_id = account ? m->winner : 0,
                          .payload = json_str(&w),
                      });
}

void merge_trash(struct ctx *c, const struct record *loser, bool trashed) {
    struct record *after = record_copy(c, loser);
    after->values[SYSTEM_DELETED_AT] = trashed ? value_int(c->now_ms) : value_null;
    record_stamp(c, after);
    record_store(c, loser, after);
    if (trashed) {
        record_gate_gone(c, loser);
    }
}

void merge_announce(struct ctx *c, const struct merge *m, bool merged, struct str changes) {
    int64_t event_id = merge_event(c, m, merged ? "merged" : "unmerged");
    struct str other = str_format(c->arena, "{\"_other\":\"%lld\"}", (long long)m->loser);
    audit_write(c, &(struct audit_entry){.entity = m->entity,
                                         .record_id = m->loser,
                                         .action = merged ? "merged" : "unmerged",
                                         .changes = changes,
                                         .event_id = event_id});
    audit_write(c, &(struct audit_entry){.entity = m->entity,
                                         .record_id = m->winner,
                                         .action = merged ? "absorbed" : "released",
                                         .changes = other,
                                         .event_id = event_id});
}

struct record *merge_load(struct ctx *c, const struct entity *e, int64_t id) {
    struct record *r = record_load(c, e, id);
    if (!r) {
        FAIL(c, ERROR_ABSENT, "record.absent");
    }
    return r;
}

/* What the winner lacks it has from the loser, unless the values taken over say otherwise. */
static struct change_set survivors(struct ctx *c, const struct record *winner,
                                   const struct record *loser, const struct change_set *take) {
    struct change_set set = change_new(c, winner->entity);
    for (int i = 0; i < winner->entity->n_fields; i++) {
        const struct field *f = &winner->entity->fields[i];
        struct value other = loser->values[i];
        bool itself = f->target == winner->entity && other.integer == winner->id;
        bool lacks = winner->values[i].kind == VALUE_NULL && other.kind != VALUE_NULL && !itself;
        if (take && take->set[i]) {
            change_value(&set, f, take->values[i]);
        } else if (lacks && !(f->flags & (FIELD_SYSTEM | FIELD_HIDDEN))) {
            change_value(&set, f, other);
        }
    }
    return set;
}

/* What the hook and the values taken over make of the winner. */
static struct record *winner_grow(struct ctx *c, const struct merge *m, const struct record *before,
                                  const struct record *from, const struct change_set *take) {
    struct change_set set = survivors(c, before, from, take);
    if (m->entity->definition && m->entity->definition->merged && !ctx_failed(c)) {
        m->entity->definition->merged(c, record_copy(c, before), from);
    }
    record_reorder(c, m->winner, &set);
    return ctx_failed(c) ? NULL : merge_load(c, m->entity, m->winner);
}

void record_merge(struct ctx *c, const struct entity *e, int64_t winner, int64_t loser,
                  const struct change_set *take) {
    struct record *from = merge_load(c, e, loser);
    merge_load(c, e, winner);
    if (winner == loser) {
        FAIL(c, ERROR_INVALID, "merge.same");
    }
    if (ctx_failed(c)) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    struct merge m = {e, winner, loser, &w};
    json_begin_object(&w);
    JSON_MEMBER(&w, "_other", json_put_id, winner);
    json_key(&w, "_moved");
    json_begin_array(&w);
    turn_all(c, &m);
    json_end_array(&w);
    json_key(&w, "_cleared");
    json_begin_array(&w);
    clear_own(c, &m);
    json_end_array(&w);
    merge_trash(c, from, true);
    struct record *before = merge_load(c, e, winner);
    struct record *after = before ? winner_grow(c, &m, before, from, take) : NULL;
    if (!after) {
        return;
    }
    json_key(&w, "_shares");
    shares_carry(c, &w, after, from);
    json_key(&w, "_winner");
    put_winner_changes(&w, before, after);
    json_end_object(&w);
    merge_announce(c, &m, true, json_str(&w));
}
