/*
 * One verb on many records: update, delete, restore, assign.
 *
 * POST /api/v1/{plural}/bulk names at most 1,000 records by id, or those a condition selects, at
 * most 10,000. Which they are is settled at the start. Each is changed with the actor's rights on
 * it and on its own: those that fail are reported, the others stay changed.
 *
 * One call changes at most BULK_CHUNK records, so that the writer is never held up for long. The
 * reply says how many remain; POST /api/v1/bulk/{id}/continue changes the next ones.
 *
 * POST /api/v1/bulk/{id}/undo takes back what the same user did within a day: a record that was
 * changed by somebody since is left alone and reported. It works in the same chunks.
 *
 * Records whose change wants an approval first are held: they stay as they are, and POST
 * /api/v1/bulk/{id}/approvals asks about them, one question a record, BULK_ASKED in a call.
 *
 * GET /api/v1/bulk/{id} tells for a day how far it came and which records were left alone and
 * why; GET /api/v1/bulk lists one's own.
 */
#include "api/api.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/gate.h"
#include "entity/query.h"

enum { BULK_IDS = 1000, BULK_RECORDS = 10000, BULK_CHUNK = 500, BULK_ASKED = 50 };
enum { REASON_MOST = 1000 };
enum { VERDICTS = 200, BULK_LISTED = 20 };
enum item_state { ITEM_CHANGED = 1, ITEM_UNDONE, ITEM_KEPT, ITEM_FAILED, ITEM_HELD, ITEM_ASKED };
#define UNDO_MS MS_DAY

static const struct migration migrations[] = {
    {"api.bulk.1", "CREATE TABLE bulk (id {id}, user_id BIGINT NOT NULL, at BIGINT NOT NULL, "
                   "entity TEXT NOT NULL, action TEXT NOT NULL, changes TEXT NOT NULL, "
                   "pending TEXT NOT NULL);\n" /* ids with commas */
                   "CREATE INDEX bulk_at ON bulk (at);\n"
                   "CREATE TABLE bulk_item (bulk_id BIGINT NOT NULL, record_id BIGINT NOT NULL, "
                   "state BIGINT NOT NULL, version BIGINT NOT NULL, before TEXT NOT NULL, "
                   "PRIMARY KEY (bulk_id, record_id)){without_rowid}"},
    /* Of an item that was kept or failed, before is {"code", "zh", "en"}: why. */
    {"api.bulk.2", "ALTER TABLE bulk ADD COLUMN total BIGINT NOT NULL DEFAULT 0"},
    {0}};

struct bulk {
    int64_t id;
    const struct entity *entity;
    struct str action;
    struct str changes; /* JSON object */
    int64_t *ids;       /* still to do */
    size_t n_ids;
    struct change_set set; /* of update and assign */
};

/* What one call did. */
struct outcome {
    struct json_writer failed;
    struct str why;   /* of the last step, when it failed */
    int64_t question; /* of the last step, when it was held */
    int64_t matched, changed, remaining, held;
};

static bool changes_values(const struct bulk *b) {
    return str_is(b->action, "update") || str_is(b->action, "assign");
}

static bool action_known(struct str action) {
    return str_is(action, "update") || str_is(action, "assign") || str_is(action, "delete") ||
           str_is(action, "restore");
}

static bool has_id(const struct bulk *b, int64_t id) {
    for (size_t i = 0; i < b->n_ids; i++) {
        if (b->ids[i] == id) {
            return true;
        }
    }
    return false;
}

static void ids_named(struct ctx *c, struct bulk *b, const struct json *ids) {
    if (ids->n == 0 || ids->n > BULK_IDS) {
        FAIL_FIELD(c, STR("/ids"), "bulk.ids");
        return;
    }
    b->ids = ARENA_NEW_ARRAY(c->arena, ids->n, int64_t);
    for (size_t i = 0; i < ids->n; i++) {
        int64_t id = json_as_id(&ids->items[i]);
        if (!id) {
            FAIL_FIELD(c, str_format(c->arena, "/ids/%zu", i), "reference.absent");
        } else if (!has_id(b, id)) {
            b->ids[b->n_ids++] = id;
        }
    }
}

static void ids_selected(struct ctx *c, struct bulk *b, const struct json *where) {
    struct list_request q = {.entity = b->entity,
                             .where = condition_parse(c, b->entity, where),
                             .trashed = str_is(b->action, "restore"),
                             .action = ACTION_READ};
    if (ctx_failed(c)) {
        return;
    }
    b->ids = ARENA_NEW_ARRAY(c->arena, BULK_RECORDS + 1, int64_t);
    b->n_ids = list_ids(c, &q, b->ids, BULK_RECORDS + 1);
    if (b->n_ids > BULK_RECORDS) {
        FAIL(c, ERROR_LIMIT, "bulk.too_many");
    }
}

static struct str changes_text(struct ctx *c, const struct json *body) {
    const struct json *changes = json_get(body, "changes"), *owner = json_get(body, "owner_id");
    struct json_writer w = json_writer(c->arena);
    if (json_is(changes, JSON_IS_OBJECT)) {
        json_put_json(&w, changes);
    } else {
        json_begin_object(&w);
        if (owner) {
            JSON_MEMBER(&w, "owner_id", json_put_json, owner);
        }
        json_end_object(&w);
    }
    return json_str(&w);
}

/* Assigning changes the owner and nothing else; everything wrong is a field error. */
static void set_read(struct ctx *c, struct bulk *b) {
    const struct json *o = changes_values(b) ? json_parse(c, b->changes) : NULL;
    if (!o) {
        return;
    }
    b->set = change_from_json(c, b->entity, o);
    bool assign = str_is(b->action, "assign");
    if (!o->n || (assign && (o->n != 1 || !json_get(o, "owner_id")))) {
        FAIL_FIELD(c, assign ? STR("/changes/owner_id") : STR("/changes"), "field.required");
    }
}

/* Outside the transaction: what is asked, and of which records. */
static void bulk_prepare(struct request *r) {
    struct ctx *c = r->c;
    const struct entity *e = api_entity(r);
    const struct json *body = request_json(r);
    if (!e || !body || !api_readable(r, e)) {
        return;
    }
    struct bulk *b = ARENA_NEW(c->arena, struct bulk);
    *b = (struct bulk){
        .entity = e, .action = json_text(body, "action"), .changes = changes_text(c, body)};
    const struct json *ids = json_get(body, "ids"), *where = json_get(body, "where");
    if (!action_known(b->action)) {
        FAIL_FIELD(c, STR("/action"), "bulk.action");
    }
    if (json_is(ids, JSON_IS_ARRAY)) {
        ids_named(c, b, ids);
    } else if (json_is(where, JSON_IS_OBJECT)) {
        ids_selected(c, b, where);
    } else {
        FAIL_FIELD(c, STR("/ids"), "field.required");
    }
    r->state = b;
}

static struct str pending_text(struct ctx *c, const struct bulk *b, size_t from) {
    struct text_buffer out = {.arena = c->arena};
    for (size_t i = from; i < b->n_ids; i++) {
        text_add_format(&out, i > from ? ",%lld" : "%lld", (long long)b->ids[i]);
    }
    return out.n ? text_str(&out) : STR("");
}

static void pending_read(struct ctx *c, struct bulk *b, struct str text) {
    struct str word;
    b->ids = ARENA_NEW_ARRAY(c->arena, BULK_RECORDS, int64_t);
    while (b->n_ids < BULK_RECORDS && text.n && str_cut(&text, ',', &word)) {
        b->n_ids += str_to_int(word, &b->ids[b->n_ids]);
    }
}

/* A bulk of this user, no older than a day. */
static struct bulk *bulk_find(struct ctx *c, int64_t id) {
    struct db_rows rows;
    struct bulk *b = ARENA_NEW(c->arena, struct bulk);
    DB_QUERY(c, &rows,
             "SELECT entity, action, changes, pending FROM bulk "
             "WHERE id = $1 AND user_id = $2 AND at > $3",
             id, access_user_id(c->actor), c->now_ms - UNDO_MS);
    if (db_next(&rows)) {
        b->id = id;
        b->entity = model_entity(c->model, db_text(&rows, 0));
        b->action = db_text(&rows, 1);
        b->changes = db_text(&rows, 2);
        pending_read(c, b, db_text(&rows, 3));
    }
    db_done(&rows);
    if (!b->entity || !access_cloud_on(c->actor, b->entity->cloud)) {
        FAIL(c, ERROR_ABSENT, "bulk.absent");
        return NULL;
    }
    return b;
}

/* The oldest that can no longer be undone goes when a new one comes. */
static void bulk_forget(struct ctx *c) {
    int64_t old = DB_INT(c, "SELECT id FROM bulk WHERE at <= $1 ORDER BY at LIMIT 1",
                         c->now_ms - UNDO_MS);
    if (old) {
        DB_RUN(c, "DELETE FROM bulk_item WHERE bulk_id = $1", old);
        DB_RUN(c, "DELETE FROM bulk WHERE id = $1", old);
    }
}

static void bulk_store(struct ctx *c, struct bulk *b) {
    b->id = id_new();
    DB_RUN(c,
           "INSERT INTO bulk (id, user_id, at, entity, action, changes, pending, total) "
           "VALUES ($1, $2, $3, $4, $5, $6, '', $7)",
           b->id, access_user_id(c->actor), c->now_ms, b->entity->name, b->action, b->changes,
           (int64_t)b->n_ids);
}

/* The values the change will replace, as a later update takes them. */
static struct str before_text(struct ctx *c, const struct bulk *b, const struct record *before) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    for (int i = 0; changes_values(b) && before && i < b->entity->n_fields; i++) {
        const struct field *f = &b->entity->fields[i];
        if (b->set.set[i]) {
            json_key_str(&w, f->name);
            if (before->values[i].kind == VALUE_NULL) {
                json_put_null(&w);
            } else {
                value_to_json(&w, f, before->values[i]);
            }
        }
    }
    json_end_object(&w);
    return json_str(&w);
}

#define INSERT_ITEM                                                       \
    "INSERT INTO bulk_item (bulk_id, record_id, state, version, before) " \
    "VALUES ($1, $2, $3, $4, $5)"

static void item_store(struct ctx *c, const struct bulk *b, const struct record *after,
                       struct str before) {
    DB_RUN(c, INSERT_ITEM, b->id, after->id, (int64_t)ITEM_CHANGED, record_version(after), before);
}

static void record_do(struct ctx *c, const struct bulk *b, int64_t id) {
    const struct entity *e = b->entity;
    bool restore = str_is(b->action, "restore");
    struct record *before = restore ? record_read_trashed(c, e, id) : record_read(c, e, id);
    struct str kept = before_text(c, b, before);
    struct record *after = NULL;
    if (!before) {
        return;
    }
    if (changes_values(b)) {
        after = record_update(c, id, &b->set, 0);
    } else if (restore) {
        after = record_restore(c, e, id);
    } else {
        record_trash(c, e, id, 0);
        after = record_read_trashed(c, e, id);
    }
    if (after && record_version(after) != record_version(before)) {
        item_store(c, b, after, kept);
    }
}

static const char *failure_code(const struct ctx *c) {
    return c->error.fields ? c->error.fields->text : c->error.text;
}

static void failure_put(struct ctx *c, struct json_writer *w, int64_t id) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, id);
    JSON_MEMBER(w, "code", json_put_c, failure_code(c));
    JSON_MEMBER(w, "message", json_put_str, message_failure(c->arena, c->language, &c->error));
    json_end_object(w);
}

static struct str failure_text(struct ctx *c) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "code", json_put_c, failure_code(c));
    JSON_MEMBER(&w, "zh", json_put_str, message_failure(c->arena, LANGUAGE_ZH, &c->error));
    JSON_MEMBER(&w, "en", json_put_str, message_failure(c->arena, LANGUAGE_EN, &c->error));
    json_end_object(&w);
    return json_str(&w);
}

/* Whether the failure concerns this record alone. */
static bool failed_alone(const struct ctx *c) {
    return ctx_failed(c) && c->error.code != ERROR_INTERNAL && c->error.code != ERROR_RETRY &&
           c->error.code != ERROR_LIMIT;
}

/* Run one step in a savepoint of its own; false when its failure ends the whole call. */
static bool step_end(struct ctx *c, struct outcome *o, int64_t id) {
    o->why = STR("");
    o->question = record_gate_refused(c);
    if (!ctx_failed(c)) {
        db_release(c);
        o->changed++;
        return !ctx_failed(c);
    }
    db_rollback_savepoint(c->db);
    if (!failed_alone(c)) {
        return false;
    }
    failure_put(c, &o->failed, id);
    o->why = failure_text(c);
    ctx_clear_error(c);
    return true;
}

static struct outcome outcome_begin(struct ctx *c) {
    struct outcome o = {.failed = json_writer(c->arena)};
    json_begin_array(&o.failed);
    return o;
}

static struct outcome chunk_run(struct ctx *c, struct bulk *b) {
    struct outcome o = outcome_begin(c);
    size_t n = b->n_ids < BULK_CHUNK ? b->n_ids : BULK_CHUNK;
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        db_savepoint(c);
        record_do(c, b, b->ids[i]);
        if (!step_end(c, &o, b->ids[i])) {
            break;
        }
        if (o.why.n) {
            o.held += o.question != 0;
            DB_RUN(c, INSERT_ITEM, b->id, b->ids[i],
                   (int64_t)(o.question ? ITEM_HELD : ITEM_FAILED), (int64_t)0, o.why);
        }
    }
    o.matched = (int64_t)b->n_ids;
    o.remaining = (int64_t)(b->n_ids - n);
    DB_RUN(c, "UPDATE bulk SET pending = $1 WHERE id = $2", pending_text(c, b, n), b->id);
    return o;
}

static void outcome_reply(struct request *r, const struct bulk *b, struct outcome *o) {
    struct json_writer w = json_writer(r->c->arena);
    if (ctx_failed(r->c)) {
        return;
    }
    json_end_array(&o->failed);
    json_begin_object(&w);
    JSON_MEMBER(&w, "matched", json_put_int, o->matched);
    JSON_MEMBER(&w, "changed", json_put_int, o->changed);
    JSON_MEMBER(&w, "held", json_put_int, o->held);
    JSON_MEMBER(&w, "remaining", json_put_int, o->remaining);
    JSON_MEMBER(&w, "failed", json_put_raw, json_str(&o->failed));
    JSON_MEMBER(&w, "undo", json_put_id, b->id);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void bulk_post(struct request *r) {
    struct ctx *c = r->c;
    struct bulk *b = r->state;
    if (!b) {
        return;
    }
    set_read(c, b);
    if (ctx_failed(c)) {
        return;
    }
    bulk_forget(c);
    bulk_store(c, b);
    struct outcome o = chunk_run(c, b);
    outcome_reply(r, b, &o);
}

static void bulk_continue(struct request *r) {
    struct ctx *c = r->c;
    struct bulk *b = bulk_find(c, request_id(r, "bulk"));
    if (!b) {
        return;
    }
    set_read(c, b);
    struct outcome o = chunk_run(c, b);
    outcome_reply(r, b, &o);
}

struct item {
    int64_t id, version;
    struct str before;
    enum item_state state;
};

/* Take one back with the actor's rights of today; what was only asked for is asked no more. */
static void item_undo(struct ctx *c, const struct bulk *b, const struct item *item) {
    const struct entity *e = b->entity;
    if (item->state == ITEM_ASKED) {
        record_gate_withdraw(c, json_id(json_parse(c, item->before), "approval_id"));
    } else if (changes_values(b)) {
        const struct json *o = json_parse(c, item->before);
        struct change_set set = change_from_json(c, e, o);
        record_update(c, item->id, &set, item->version);
    } else if (str_is(b->action, "restore")) {
        record_trash(c, e, item->id, item->version);
    } else {
        struct record *r = record_read_trashed(c, e, item->id);
        if (r && record_version(r) != item->version) {
            FAIL(c, ERROR_CONFLICT, "record.stale");
        }
        record_restore(c, e, item->id);
    }
}

static size_t items_read(struct ctx *c, const struct bulk *b, struct item *items) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT record_id, version, before, state FROM bulk_item "
             "WHERE bulk_id = $1 AND state IN ($2, $3) ORDER BY record_id LIMIT $4",
             b->id, (int64_t)ITEM_CHANGED, (int64_t)ITEM_ASKED, (int64_t)BULK_CHUNK);
    while (db_next(&rows)) {
        items[n++] = (struct item){db_int(&rows, 0), db_int(&rows, 1), db_text(&rows, 2),
                                   (enum item_state)db_int(&rows, 3)};
    }
    return n;
}

static void item_settle(struct ctx *c, const struct bulk *b, const struct item *item,
                        struct str why) {
    DB_RUN(c, "UPDATE bulk_item SET state = $1, before = $2 WHERE bulk_id = $3 AND record_id = $4",
           (int64_t)(why.n ? ITEM_KEPT : ITEM_UNDONE), why.n ? why : item->before, b->id, item->id);
}

static int64_t items_in(struct ctx *c, const struct bulk *b, enum item_state state) {
    return DB_INT(c, "SELECT count(*) FROM bulk_item WHERE bulk_id = $1 AND state = $2", b->id,
                  (int64_t)state);
}

static void bulk_undo(struct request *r) {
    struct ctx *c = r->c;
    struct bulk *b = bulk_find(c, request_id(r, "bulk"));
    struct item *items = ARENA_NEW_ARRAY(c->arena, BULK_CHUNK, struct item);
    size_t n = b ? items_read(c, b, items) : 0;
    if (!b || ctx_failed(c)) {
        return;
    }
    /* What was not done yet is not done any more. */
    DB_RUN(c, "UPDATE bulk SET pending = '' WHERE id = $1", b->id);
    struct outcome o = outcome_begin(c);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        db_savepoint(c);
        item_undo(c, b, &items[i]);
        if (!step_end(c, &o, items[i].id)) {
            break;
        }
        item_settle(c, b, &items[i], o.why);
    }
    o.matched = (int64_t)n;
    o.remaining = items_in(c, b, ITEM_CHANGED) + items_in(c, b, ITEM_ASKED);
    outcome_reply(r, b, &o);
}

/* The first of those that wait to be asked about. */
static size_t items_held(struct ctx *c, const struct bulk *b, int64_t *ids, int64_t limit) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT record_id FROM bulk_item WHERE bulk_id = $1 AND state = $2 "
             "ORDER BY record_id LIMIT $3",
             b->id, (int64_t)ITEM_HELD, limit);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    return n;
}

/* What was held is tried once more, for it may need no approval by now, and else asked about. */
static void item_ask(struct ctx *c, const struct bulk *b, int64_t id, struct str reason) {
    DB_RUN(c, "DELETE FROM bulk_item WHERE bulk_id = $1 AND record_id = $2", b->id, id);
    db_savepoint(c);
    record_do(c, b, id);
    int64_t question = record_gate_refused(c);
    if (!ctx_failed(c)) {
        db_release(c);
        return;
    }
    const struct error error = c->error;
    ctx_clear_error(c);
    db_rollback_savepoint(c->db);
    if (!question) {
        c->error = error;
        return;
    }
    int64_t asked = record_gate_request(
        c, &(struct gate_request){.question = question,
                                  .subject = record_read(c, b->entity, id),
                                  .set = &b->set,
                                  .reason = reason,
                                  .batch_id = b->id});
    DB_RUN(c, INSERT_ITEM, b->id, id, (int64_t)ITEM_ASKED, (int64_t)0,
           str_format(c->arena, "{\"approval_id\":\"%lld\"}", (long long)asked));
}

static struct str reason_of(struct request *r) {
    struct str reason = str_trim(json_text(request_json(r), "reason"));
    if (reason.n > REASON_MOST && text_length(reason) > REASON_MOST) {
        FAIL_FIELD(r->c, STR("/reason"), "text.too_long",
                   {"max", str_format(r->c->arena, "%d", REASON_MOST)});
    }
    return reason;
}

static void bulk_ask(struct request *r) {
    struct ctx *c = r->c;
    struct bulk *b = bulk_find(c, request_id(r, "bulk"));
    int64_t ids[BULK_ASKED];
    struct str reason = b ? reason_of(r) : STR("");
    if (!b || ctx_failed(c)) {
        return;
    }
    set_read(c, b);
    struct outcome o = outcome_begin(c);
    size_t n = items_held(c, b, ids, BULK_ASKED);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        db_savepoint(c);
        item_ask(c, b, ids[i], reason);
        if (!step_end(c, &o, ids[i])) {
            break;
        }
        if (o.why.n) {
            DB_RUN(c,
                   "UPDATE bulk_item SET state = $1, before = $2 WHERE bulk_id = $3 AND "
                   "record_id = $4",
                   (int64_t)ITEM_FAILED, o.why, b->id, ids[i]);
        }
    }
    o.matched = (int64_t)n;
    o.remaining = items_in(c, b, ITEM_HELD);
    outcome_reply(r, b, &o);
}

struct verdict {
    struct str code, message;
    bool undoing;
};

static void verdict_put(struct json_writer *w, const struct verdict *v, int64_t id,
                        struct str title) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, id);
    JSON_MEMBER(w, "title", json_put_str, title);
    JSON_MEMBER(w, "code", json_put_str, v->code);
    JSON_MEMBER(w, "message", json_put_str, v->message);
    JSON_MEMBER(w, "undoing", json_put_bool, v->undoing);
    json_end_object(w);
}

/* The records left alone, with the reason, the first VERDICTS of them. */
static void verdicts_put(struct ctx *c, struct json_writer *w, const struct bulk *b) {
    struct verdict *verdicts = ARENA_NEW_ARRAY(c->arena, VERDICTS, struct verdict);
    int64_t ids[VERDICTS];
    struct str titles[VERDICTS];
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT record_id, state, before FROM bulk_item WHERE bulk_id = $1 AND state >= $2 "
             "AND state <> $4 ORDER BY record_id LIMIT $3",
             b->id, (int64_t)ITEM_KEPT, (int64_t)VERDICTS, (int64_t)ITEM_ASKED);
    while (n < VERDICTS && db_next(&rows)) {
        const struct json *why = json_parse(c, db_text(&rows, 2));
        const char *language = c->language == LANGUAGE_EN ? "en" : "zh";
        ids[n] = db_int(&rows, 0);
        verdicts[n++] = (struct verdict){json_text(why, "code"), json_text(why, language),
                                         db_int(&rows, 1) == ITEM_KEPT};
    }
    db_done(&rows);
    list_titles(c, b->entity, ids, n, titles);
    json_key(w, "verdicts");
    json_begin_array(w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        verdict_put(w, &verdicts[i], ids[i], titles[i]);
    }
    json_end_array(w);
}

static void bulk_get(struct request *r) {
    struct ctx *c = r->c;
    struct bulk *b = bulk_find(c, request_id(r, "bulk"));
    struct json_writer w = json_writer(c->arena);
    if (!b) {
        return;
    }
    json_begin_object(&w);
    JSON_MEMBER(&w, "id", json_put_id, b->id);
    JSON_MEMBER(&w, "at", json_put_instant, DB_INT(c, "SELECT at FROM bulk WHERE id = $1", b->id));
    JSON_MEMBER(&w, "entity", json_put_str, b->entity->name);
    JSON_MEMBER(&w, "action", json_put_str, b->action);
    JSON_MEMBER(&w, "total", json_put_int,
                DB_INT(c, "SELECT total FROM bulk WHERE id = $1", b->id));
    JSON_MEMBER(&w, "remaining", json_put_int, (int64_t)b->n_ids);
    JSON_MEMBER(&w, "changed", json_put_int, items_in(c, b, ITEM_CHANGED));
    JSON_MEMBER(&w, "undone", json_put_int, items_in(c, b, ITEM_UNDONE));
    JSON_MEMBER(&w, "kept", json_put_int, items_in(c, b, ITEM_KEPT));
    JSON_MEMBER(&w, "failed", json_put_int, items_in(c, b, ITEM_FAILED));
    JSON_MEMBER(&w, "held", json_put_int, items_in(c, b, ITEM_HELD));
    JSON_MEMBER(&w, "asked", json_put_int, items_in(c, b, ITEM_ASKED));
    verdicts_put(c, &w, b);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void bulk_list(struct request *r) {
    struct ctx *c = r->c;
    struct json_writer w = json_writer(c->arena);
    struct db_rows rows;
    reply_list_begin(&w);
    DB_QUERY(c, &rows,
             "SELECT id, at, entity, action, total, CASE WHEN pending = '' THEN 0 ELSE 1 END "
             "FROM bulk "
             "WHERE at > $1 AND user_id = $2 ORDER BY at DESC LIMIT $3",
             c->now_ms - UNDO_MS, access_user_id(c->actor), (int64_t)BULK_LISTED);
    while (db_next(&rows)) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "id", json_put_id, db_int(&rows, 0));
        JSON_MEMBER(&w, "at", json_put_instant, db_int(&rows, 1));
        JSON_MEMBER(&w, "entity", json_put_str, db_text(&rows, 2));
        JSON_MEMBER(&w, "action", json_put_str, db_text(&rows, 3));
        JSON_MEMBER(&w, "total", json_put_int, db_int(&rows, 4));
        JSON_MEMBER(&w, "unfinished", json_put_bool, db_int(&rows, 5) != 0);
        json_end_object(&w);
    }
    reply_list_end(r, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/bulk", PERMISSION_SIGNED_IN, LANE_INLINE, bulk_list,
     .summary = "route.bulk_list",
     .answer = "data:[(id:id! at:instant! entity:text! action:text! total:integer! "
               "unfinished:boolean!)]!"},
    {METHOD_GET, "/api/v1/bulk/{bulk}", PERMISSION_SIGNED_IN, LANE_SLOW, bulk_get,
     .summary = "route.bulk_get",
     .answer = "id:id! at:instant! entity:text! action:text! total:integer! remaining:integer! "
               "changed:integer! undone:integer! kept:integer! failed:integer! held:integer! "
               "asked:integer! verdicts:[object]!"},
    {METHOD_POST, "/api/v1/{plural}/bulk", PERMISSION_RECORD, LANE_WRITER, bulk_post,
     .prepare = bulk_prepare, .summary = "route.bulk",
     .body = "action:text! ids:[id] where:object changes:object owner_id:id",
     .answer = "matched:integer! changed:integer! held:integer! remaining:integer! "
               "failed:[(id:id! code:text! message:text!)]! undo:id!"},
    {METHOD_POST, "/api/v1/bulk/{bulk}/continue", PERMISSION_RECORD, LANE_WRITER, bulk_continue,
     .summary = "route.bulk_continue",
     .answer = "matched:integer! changed:integer! held:integer! remaining:integer! "
               "failed:[(id:id! code:text! message:text!)]! undo:id!"},
    {METHOD_POST, "/api/v1/bulk/{bulk}/approvals", PERMISSION_RECORD, LANE_WRITER, bulk_ask,
     .summary = "route.bulk_ask", .body = "reason:text",
     .answer = "matched:integer! changed:integer! held:integer! remaining:integer! "
               "failed:[(id:id! code:text! message:text!)]! undo:id!"},
    {METHOD_POST, "/api/v1/bulk/{bulk}/undo", PERMISSION_RECORD, LANE_WRITER, bulk_undo,
     .summary = "route.bulk_undo",
     .answer = "matched:integer! changed:integer! held:integer! remaining:integer! "
               "failed:[(id:id! code:text! message:text!)]! undo:id!"},
    {0}};

static const struct text texts[] = {
    {"bulk.ids", "须为 1 至 1,000 个编号", "One to 1,000 ids"},
    {"bulk.action", "操作须为 update、delete、restore 或 assign",
     "The action is update, delete, restore or assign"},
    {"bulk.too_many", "一次最多处理 10,000 条，请缩小范围",
     "At most 10,000 records at once; narrow the condition"},
    {"bulk.absent", "没有这次批量操作，或已超过一天",
     "No such bulk change, or it is older than a day"},
    {"route.bulk_list", "自己一天内的批量操作", "One's own bulk changes of the last day"},
    {"route.bulk_get", "批量操作的结果", "What a bulk change came to"},
    {"route.bulk", "批量修改、删除、恢复、分配", "Update, trash, restore or assign many records"},
    {"route.bulk_continue", "继续批量操作", "Go on with a bulk change"},
    {"route.bulk_ask", "为没有做、要先审批的记录提交审批",
     "Request approval for the records whose change is held"},
    {"route.bulk_undo", "撤销批量操作", "Undo a bulk change"},
    {0}};

const struct module api_bulk_module = {.name = "api.bulk",
                                       .cloud = "platform",
                                       .routes = routes,
                                       .texts = texts,
                                       .migrations = migrations};
