/*
 * Creating, reading and changing records. A write goes through the same steps for all record
 * types: rights (unless trusted), the entity's hook, checks, the row, audit and event, the hook
 * after it.
 */
#include "entity/record_verbs.h"

#include <string.h>

#include "base/id.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/audit.h"
#include "entity/gate.h"
#include "entity/owner.h"
#include "entity/record_check.h"
#include "entity/row.h"
#include "entity/value.h"

struct record *record_load(struct ctx *c, const struct entity *e, int64_t id) {
    struct record *r = row_read(c, e, id);
    return r && r->values[SYSTEM_DELETED_AT].kind == VALUE_NULL ? r : NULL;
}

void record_ahead(struct ctx *c, struct str entity, int64_t id) {
    const struct entity *e = c->model && id ? model_entity(c->model, entity) : NULL;
    if (e) {
        db_ahead_row(c, e->select_sql, id);
    }
}

struct record *record_visible(struct ctx *c, struct record *r) {
    if (!r || !access_record(c, ACTION_READ, r) || ctx_failed(c)) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return NULL;
    }
    return r;
}

struct record *record_read(struct ctx *c, const struct entity *e, int64_t id) {
    return record_visible(c, record_load(c, e, id));
}

struct record *record_read_trashed(struct ctx *c, const struct entity *e, int64_t id) {
    return record_visible(c, row_read(c, e, id));
}

static struct value id_or_null(int64_t id) {
    return id ? value_int(id) : value_null;
}

/* Standard values, then the given ones, then whose and when. */
static void fill_new(struct ctx *c, struct record *r, const struct change_set *in) {
    const struct entity *e = r->entity;
    r->values[SYSTEM_CREATED_AT] = r->values[SYSTEM_UPDATED_AT] = value_int(c->now_ms);
    r->values[SYSTEM_CREATED_BY] = r->values[SYSTEM_UPDATED_BY] = id_or_null(
        access_user_id(c->actor));
    if (e->flags & ENTITY_OWNED) {
        r->values[SYSTEM_OWNER_ID] = id_or_null(access_user_id(c->actor));
    }
    for (int i = 0; i < e->n_fields; i++) {
        if (in->set[i]) {
            r->values[i] = in->values[i];
        } else if (e->fields[i].standard) {
            r->values[i] = *e->fields[i].standard;
        }
    }
    r->values[SYSTEM_ID] = value_int(r->id);
    r->values[SYSTEM_VERSION] = value_int(1);
    r->values[SYSTEM_DELETED_AT] = value_null;
}

/* The department a record belongs to is its owner's. A user is a record like any other. */
static struct value department_of(struct ctx *c, struct value owner) {
    const struct actor *a = c->actor;
    if (owner.kind == VALUE_NULL) {
        return value_null;
    }
    if (a && a->user_id == owner.integer) {
        return id_or_null(a->department_id);
    }
    return owners_known(c) ? id_or_null(owner_find(c, owner.integer).department_id) : value_null;
}

static void stamp_department(struct ctx *c, const struct record_write *w) {
    struct value *now = w->after->values;
    bool owned = w->entity->flags & ENTITY_OWNED;
    if (!owned || (w->trusted && w->in->set[SYSTEM_OWNER_DEPARTMENT_ID])) {
        return;
    }
    if (!w->before || !value_equal(w->before->values[SYSTEM_OWNER_ID], now[SYSTEM_OWNER_ID])) {
        now[SYSTEM_OWNER_DEPARTMENT_ID] = department_of(c, now[SYSTEM_OWNER_ID]);
    }
}

/* Audit and event of a written record, and the entity's hook. */
static struct record *record_wrote(struct ctx *c, const struct record_write *w,
                                   const char *action) {
    int64_t event_id = record_announce(c, w->before, w->after, action);
    const struct entity_definition *d = w->entity->definition;
    struct change change = {w->entity, w->after->id, w->before, w->after, event_id};
    if (d && d->wrote && !ctx_failed(c)) {
        d->wrote(c, &change);
    }
    record_gate_tell(c, &change);
    return ctx_failed(c) ? NULL : w->after;
}

static struct record *insert(struct ctx *c, const struct record_write *w) {
    check_write(c, w);
    stamp_department(c, w);
    record_gate_ask(c, &(struct change){w->entity, w->after->id, NULL, w->after, 0});
    row_insert(c, w->after);
    return record_wrote(c, w, "created");
}

struct record *record_insert(struct ctx *c, const struct change_set *in) {
    if (!fields_only_failed(c)) {
        return NULL;
    }
    struct record *r = record_new(c, in->entity, id_new());
    fill_new(c, r, in);
    return insert(c, &(struct record_write){in->entity, in, NULL, r, true});
}

void record_judge(struct ctx *c, const struct change_set *in) {
    if (fields_only_failed(c)) {
        struct record *r = record_new(c, in->entity, id_new());
        fill_new(c, r, in);
        check_values(c, &(struct record_write){in->entity, in, NULL, r, true});
    }
}

/* Whether a change of owner is asked for, by somebody who may not. */
static void check_assign(struct ctx *c, const struct record_write *w) {
    if (!(w->entity->flags & ENTITY_OWNED) || !w->in->set[SYSTEM_OWNER_ID]) {
        return;
    }
    int64_t before = w->before ? w->before->values[SYSTEM_OWNER_ID].integer
                               : access_user_id(c->actor);
    if (w->in->values[SYSTEM_OWNER_ID].integer == before) {
        return;
    }
    if (!w->before) {
        stamp_department(c, w);
    }
    if (!access_record(c, ACTION_ASSIGN, w->before ? w->before : w->after)) {
        FAIL(c, ERROR_DENIED, "access.assign");
    }
}

/* Field errors found so far are of no interest to somebody who may not create at all. */
static bool may_create(struct ctx *c, const struct entity *e) {
    bool may = access_scope(c->actor, e, ACTION_CREATE) == SCOPE_ALL;
    if (!may) {
        ctx_clear_error(c);
        FAIL(c, ERROR_DENIED, "access.denied");
    }
    return may;
}

void record_permit(struct ctx *c, const struct change_set *asked) {
    if (!fields_only_failed(c) || !may_create(c, asked->entity)) {
        return;
    }
    struct record *r = record_new(c, asked->entity, 0);
    struct record_write w = {asked->entity, asked, NULL, r, false};
    fill_new(c, r, asked);
    check_field_rights(c, &w);
    check_references(c, &w);
}

struct record *record_create(struct ctx *c, const struct change_set *in) {
    if (!fields_only_failed(c) || !may_create(c, in->entity)) {
        return NULL;
    }
    struct record *r = record_new(c, in->entity, id_new());
    struct record_write w = {in->entity, in, NULL, r, false};
    fill_new(c, r, in);
    check_assign(c, &w);
    if (fields_only_failed(c)) {
        check_field_rights(c, &w);
    }
    return insert(c, &w);
}

static bool same_values(const struct record *a, const struct record *b) {
    for (int i = 0; i < a->entity->n_fields; i++) {
        if (!value_equal(a->values[i], b->values[i])) {
            return false;
        }
    }
    return true;
}

void record_stamp(struct ctx *c, struct record *r) {
    r->values[SYSTEM_VERSION].integer++;
    r->values[SYSTEM_UPDATED_AT] = value_int(c->now_ms);
    r->values[SYSTEM_UPDATED_BY] = id_or_null(access_user_id(c->actor));
}

bool record_store(struct ctx *c, const struct record *before, const struct record *after) {
    if (!row_update(c, before, after) && !ctx_failed(c)) {
        /* Somebody wrote between our reading and writing; with a new look it may well go. */
        FAIL(c, ERROR_RETRY, "record.stale");
    }
    return !ctx_failed(c);
}

static void apply_change(struct record *after, const struct change_set *in) {
    for (int i = 0; i < after->entity->n_fields; i++) {
        bool fixed = i == SYSTEM_ID || i == SYSTEM_VERSION || i == SYSTEM_DELETED_AT;
        if (in->set[i] && !fixed) {
            after->values[i] = in->values[i];
        }
    }
}

/* An update that changes nothing writes nothing. */
static struct record *update(struct ctx *c, struct record_write *w) {
    check_write(c, w);
    if (ctx_failed(c) || same_values(w->before, w->after)) {
        return ctx_failed(c) ? NULL : w->after;
    }
    stamp_department(c, w);
    record_gate_ask(c, &(struct change){w->entity, w->after->id, w->before, w->after, 0});
    record_stamp(c, w->after);
    if (!record_store(c, w->before, w->after)) {
        return NULL;
    }
    return record_wrote(c, w, "updated");
}

static struct record_write update_of(struct ctx *c, const struct record *before,
                                     const struct change_set *in) {
    struct record_write w = {in->entity, in, before, record_copy(c, before), true};
    apply_change(w.after, in);
    return w;
}

struct record *record_change(struct ctx *c, int64_t id, const struct change_set *in) {
    struct record *before = record_load(c, in->entity, id);
    if (!before) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return NULL;
    }
    return record_change_read(c, before, in);
}

struct record *record_change_read(struct ctx *c, const struct record *before,
                                  const struct change_set *in) {
    struct record_write w = update_of(c, before, in);
    return update(c, &w);
}

bool record_hold(struct ctx *c, const struct record *r) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "UPDATE ");
    sql_identifier(&q, r->entity->table);
    SQL_ADD(&q, " SET version = version WHERE id = ");
    SQL_VALUE(&q, r->id);
    SQL_ADD(&q, " AND version = ");
    SQL_VALUE(&q, record_version(r));
    return sql_run(c, &q) == 1;
}

bool record_holds(struct ctx *c, const struct record *r) {
    if (!ctx_failed(c) && !record_hold(c, r) && !ctx_failed(c)) {
        FAIL(c, ERROR_RETRY, "record.stale");
    }
    return !ctx_failed(c);
}

/* Giving a record to somebody else needs the right to assign, not the right to update. */
static bool only_owner_given(const struct change_set *in) {
    for (int i = 0; i < in->entity->n_fields; i++) {
        if (in->set[i] && i != SYSTEM_OWNER_ID) {
            return false;
        }
    }
    return in->entity->flags & ENTITY_OWNED && in->set[SYSTEM_OWNER_ID];
}

void record_expect(struct ctx *c, const struct record *r, int64_t version) {
    if (version && record_version(r) != version) {
        FAIL(c, ERROR_CONFLICT, "record.stale");
    }
}

struct record *record_for_change(struct ctx *c, const struct entity *e, int64_t id,
                                 enum action action) {
    struct record *r = record_read(c, e, id);
    if (r && e->flags & ENTITY_APPEND && !c->actor->system) {
        FAIL(c, ERROR_DENIED, "record.append_only");
    } else if (r) {
        access_require(c, action, r);
    }
    return r;
}

struct record *record_update(struct ctx *c, int64_t id, const struct change_set *in,
                             int64_t expected_version) {
    if (!fields_only_failed(c)) {
        return NULL;
    }
    struct error found = c->error;
    ctx_clear_error(c);
    struct record *before = record_for_change(c, in->entity, id,
                                              only_owner_given(in) ? ACTION_ASSIGN : ACTION_UPDATE);
    if (ctx_failed(c)) {
        return NULL;
    }
    record_expect(c, before, expected_version);
    struct record_write w = update_of(c, before, in);
    w.trusted = false;
    check_assign(c, &w);
    if (ctx_failed(c)) {
        return NULL;
    }
    c->error = found;
    check_field_rights(c, &w);
    return update(c, &w);
}
