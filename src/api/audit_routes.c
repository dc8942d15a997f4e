/* The audit trail over REST: the entries, how far they are sealed, and whether the seals hold. */
#include "api/api.h"
#include "api/audit_reason.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "db/db.h"
#include "entity/audit.h"
#include "entity/query.h"
#include "organization/audit_seal.h"

enum { AUDIT_PAGE = 50, TITLE_MOST = 150, SEALS_AT_ONCE = 100 };

struct entry {
    int64_t id, at, actor_id, record_id;
    struct str actor, entity, action, reason, request_id, changes;
};

/* The titles of the records of one type among the entries, as this reader may see them. */
static void titles_read(struct ctx *c, const struct entry *entries, size_t n, size_t first,
                        struct str *titles) {
    const struct entity *e = model_entity(c->model, entries[first].entity);
    int64_t ids[AUDIT_PAGE];
    size_t at[AUDIT_PAGE], found = 0;
    struct str named[AUDIT_PAGE] = {0};
    for (size_t i = first; i < n; i++) {
        if (str_equal(entries[i].entity, entries[first].entity) && entries[i].record_id) {
            at[found] = i;
            ids[found++] = entries[i].record_id;
        }
    }
    bool called = e && e->title && e->title->flags & FIELD_TITLE;
    if (!called || !entries[first].record_id || titles[first].p) {
        return;
    }
    list_titles(c, e, ids, found, named);
    for (size_t i = 0; i < found; i++) {
        titles[at[i]] = named[i].p ? text_truncate(named[i], TITLE_MOST) : STR("");
    }
}

static void audit_entry_json(struct ctx *c, struct json_writer *w, const struct entry *entry,
                             struct str title) {
    const struct entity *e = model_entity(c->model, entry->entity);
    struct str reason = audit_reason_coded(entry->action) ? STR("") : entry->reason;
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, entry->id);
    JSON_MEMBER(w, "at", json_put_instant, entry->at);
    json_key(w, "actor");
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, entry->actor_id);
    JSON_MEMBER(w, "title", json_put_str, entry->actor);
    json_end_object(w);
    JSON_MEMBER(w, "entity", json_put_str, entry->entity);
    JSON_MEMBER(w, "label", json_put_str, e ? e->label[c->language] : entry->entity);
    JSON_MEMBER(w, "record_id", json_put_id, entry->record_id);
    JSON_MEMBER(w, "title", json_put_str, title);
    JSON_MEMBER(w, "action", json_put_str, entry->action);
    JSON_MEMBER(w, "did", json_put_str, audit_action_words(c, e, entry->action));
    json_key(w, "changed");
    /* Of a new record everything is. */
    audit_put_changed(c, w, e, str_is(entry->action, "created") ? STR("") : entry->changes);
    json_key(w, "about");
    audit_put_about(c, w, entry->action, entry->reason);
    JSON_MEMBER(w, "reason", json_put_str, reason);
    audit_put_import(w, entry->request_id);
    json_end_object(w);
}

static size_t entries_read(struct request *r, struct entry *entries) {
    struct ctx *c = r->c;
    struct str entity = request_query(r, "entity"), action = request_query(r, "action");
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT a.id, a.at, a.actor_id, a.record_id, u.name, a.entity, a.action, a.reason, "
             "a.request_id, a.changes FROM audit a LEFT JOIN \"user\" u ON u.id = a.actor_id "
             "WHERE a.id < $1 "
             "AND ($2 = 0 OR a.actor_id = $2) AND ($3 = '' OR a.entity = $3) "
             "AND ($4 = '' OR a.action = $4) ORDER BY a.id DESC LIMIT $5",
             request_query_int(r, "cursor", INT64_MAX), request_query_int(r, "actor_id", 0),
             entity.p ? entity : STR(""), action.p ? action : STR(""), (int64_t)AUDIT_PAGE);
    while (db_next(&rows)) {
        entries[n++] = (struct entry){db_int(&rows, 0),  db_int(&rows, 1),  db_int(&rows, 2),
                                      db_int(&rows, 3),  db_text(&rows, 4), db_text(&rows, 5),
                                      db_text(&rows, 6), db_text(&rows, 7), db_text(&rows, 8),
                                      db_text(&rows, 9)};
    }
    return n;
}

/* Who did what when, newest first; what changed in a record is in the record's history. */
static void audit_list(struct request *r) {
    struct ctx *c = r->c;
    struct json_writer w = json_writer(c->arena);
    struct entry entries[AUDIT_PAGE];
    struct str titles[AUDIT_PAGE] = {0};
    size_t n = entries_read(r, entries);
    reply_list_begin(&w);
    for (size_t i = 0; i < n; i++) {
        titles_read(c, entries, n, i, titles);
        audit_entry_json(c, &w, &entries[i], titles[i].p ? titles[i] : STR(""));
    }
    json_end_array(&w);
    json_key(&w, "next");
    json_put_id(&w, n == AUDIT_PAGE ? entries[n - 1].id : 0);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void seal_get(struct request *r) {
    struct audit_seal_state state = audit_seal_state(r->c);
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "batches", json_put_int, state.batches);
    JSON_MEMBER(&w, "upto", json_put_instant_or_null, state.upto);
    JSON_MEMBER(&w, "sealed_at", json_put_instant_or_null, state.sealed_at);
    JSON_MEMBER(&w, "digest", json_put_str, state.digest);
    JSON_MEMBER(&w, "keyed", json_put_bool, state.keyed);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* A part of the seals at a time; the caller goes on behind "checked" while there are more. */
static void seal_check(struct request *r) {
    struct ctx *c = r->c;
    int64_t after = request_query_int(r, "after", 0);
    struct audit_verdict v = audit_seal_verify(c, after > 0 ? after : 0, SEALS_AT_ONCE);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "checked", json_put_int, v.checked);
    JSON_MEMBER(&w, "more", json_put_bool, v.more);
    JSON_MEMBER(&w, "whole", json_put_bool, !v.why);
    json_key(&w, "broken");
    if (v.why) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "batch", json_put_int, v.broken);
        JSON_MEMBER(&w, "entry_id", json_put_id, v.entry_id);
        JSON_MEMBER(&w, "code", json_put_c, v.why);
        JSON_MEMBER(&w, "why", json_put_str, message_words(c->language, v.why));
        json_end_object(&w);
    } else {
        json_put_null(&w);
    }
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/audit", "audit:read", LANE_SLOW, audit_list, .summary = "route.audit",
     .query = "cursor:text actor_id:id entity:text action:text",
     .answer = "data:[(id:id! at:instant! actor:object! entity:text! label:text! record_id:id? "
               "title:text! action:text! did:text! changed:[text]! about:[text]! reason:text)]! "
               "next:id?!"},
    {METHOD_GET, "/api/v1/audit/seal", "audit:read", LANE_INLINE, seal_get,
     .summary = "route.audit_seal",
     .answer = "batches:integer! upto:instant?! sealed_at:instant?! digest:text! keyed:boolean!"},
    {METHOD_GET, "/api/v1/audit/seal/check", "audit:read", LANE_SLOW, seal_check,
     .summary = "route.audit_seal_check", .query = "after:integer",
     .answer = "checked:integer! more:boolean! whole:boolean! broken:(batch:integer! entry_id:id?! "
               "code:text! why:text!)?!"},
    {0}};

static const struct text texts[] = {
    {"route.audit", "审计日志", "Audit log"},
    {"route.audit_seal", "审计日志封印到哪里", "How far the audit log is sealed"},
    {"route.audit_seal_check", "校验审计日志的封印", "Verify the seals of the audit log"},
    {0}};

static const struct permission permissions[] = {
    {"audit:read", "查看审计日志", "Read the audit log"}, {0}};

const struct module api_audit_module = {.name = "api.audit",
                                        .cloud = "platform",
                                        .routes = routes,
                                        .permissions = permissions,
                                        .texts = texts};
