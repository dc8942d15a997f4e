/* Records to the trash and back. */
#include "entity/gate.h"
#include "entity/merge.h"
#include "entity/record_check.h"
#include "entity/record_verbs.h"
#include "entity/row.h"
#include "entity/value.h"

static void move(struct ctx *c, const struct record *before, struct value deleted_at,
                 const char *action, struct record **after) {
    *after = record_copy(c, before);
    (*after)->values[SYSTEM_DELETED_AT] = deleted_at;
    record_stamp(c, *after);
    if (record_store(c, before, *after)) {
        record_announce(c, before, *after, action);
    }
}

static void trash(struct ctx *c, const struct record *r) {
    const struct entity_definition *d = r->entity->definition;
    struct record *after;
    if (d && d->trash && !ctx_failed(c)) {
        d->trash(c, r);
    }
    if (!ctx_failed(c)) {
        move(c, r, value_int(c->now_ms), "trashed", &after);
        record_gate_gone(c, r);
    }
}

void record_trash(struct ctx *c, const struct entity *e, int64_t id, int64_t expected_version) {
    struct record *r = record_for_change(c, e, id, ACTION_DELETE);
    if (!ctx_failed(c)) {
        record_expect(c, r, expected_version);
        trash(c, r);
    }
}

void record_remove(struct ctx *c, const struct entity *e, int64_t id) {
    struct record *r = record_load(c, e, id);
    if (r) {
        trash(c, r);
    } else {
        FAIL(c, ERROR_ABSENT, "record.absent");
    }
}

/* A record that is not in the trash is left as it is. */
static struct record *restore(struct ctx *c, struct record *r, bool trusted) {
    if (ctx_failed(c) || r->values[SYSTEM_DELETED_AT].kind == VALUE_NULL) {
        return ctx_failed(c) ? NULL : r;
    }
    struct record *after;
    if (merge_survivor(c, r)) {
        merge_refuse(c, r, "merge.restore");
    }
    check_uniqueness(c,
                     &(struct record_write){.entity = r->entity, .after = r, .trusted = trusted});
    if (ctx_failed(c)) {
        return NULL;
    }
    move(c, r, value_null, "restored", &after);
    const struct entity_definition *d = r->entity->definition;
    if (d && d->restored && !ctx_failed(c)) {
        d->restored(c, after);
    }
    return ctx_failed(c) ? NULL : after;
}

struct record *record_restore(struct ctx *c, const struct entity *e, int64_t id) {
    struct record *r = record_read_trashed(c, e, id);
    if (r) {
        access_require(c, ACTION_DELETE, r);
    }
    return restore(c, r, false);
}

struct record *record_unremove(struct ctx *c, const struct entity *e, int64_t id) {
    struct record *r = row_read(c, e, id);
    if (!r) {
        FAIL(c, ERROR_ABSENT, "record.absent");
    }
    return restore(c, r, true);
}
