/*
 * Records over REST: one set of routes for all record types. Rights are those of the
 * record verbs; nothing is decided here.
 */
#include "api/api.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/audit.h"
#include "entity/query.h"
#include "entity/references.h"

const struct entity *api_entity(struct request *r) {
    const struct entity *e = model_plural(r->c->model, request_path(r, "plural"));
    if (!e || e->flags & ENTITY_INTERNAL) {
        FAIL(r->c, ERROR_ABSENT, "route.absent");
        return NULL;
    }
    if (!access_cloud_on(r->c->actor, e->cloud)) {
        FAIL(r->c, ERROR_ABSENT, "module.off");
        return NULL;
    }
    return e;
}

bool api_readable(struct request *r, const struct entity *e) {
    bool readable = access_scope(r->c->actor, e, ACTION_READ) != SCOPE_NONE;
    if (!readable) {
        FAIL(r->c, ERROR_DENIED, "access.denied");
    }
    return readable;
}

bool api_list_request(struct request *r, const struct entity *e, struct list_request *q) {
    struct ctx *c = r->c;
    struct str where = request_query(r, "where");
    if (!api_readable(r, e)) {
        return false;
    }
    *q = (struct list_request){.entity = e,
                               .limit = (int)request_query_int(r, "limit", 0),
                               .cursor = request_query(r, "cursor"),
                               .trashed = request_query_bool(r, "deleted"),
                               .action = ACTION_READ};
    if (q->limit < 0 || q->limit > LIST_LIMIT) {
        FAIL_FIELD(c, STR("/limit"), "list.limit",
                   {"most", str_format(c->arena, "%d", LIST_LIMIT)});
    }
    if (where.n) {
        q->where = condition_parse(c, e, json_parse(c, where));
    }
    list_parse_sort(c, q, request_query(r, "sort"));
    return !ctx_failed(c);
}

/* Names, separated by commas, to fields by position; NULL without names. A field the actor may not
 * read counts as unknown. */
static bool *named_fields(struct request *r, const struct entity *e, const char *parameter,
                          enum field_type *only) {
    struct ctx *c = r->c;
    struct str rest = request_query(r, parameter), name;
    bool *chosen = rest.n ? ARENA_NEW_ARRAY(c->arena, (size_t)e->n_fields, bool) : NULL;
    while (rest.n && str_cut(&rest, ',', &name)) {
        const struct field *f = entity_field(e, str_trim(name));
        bool known = f && !(f->flags & FIELD_HIDDEN) && (!only || f->type == *only) &&
                     access_field(c->actor, e, f) != RIGHT_NONE;
        if (known) {
            chosen[f->position] = true;
        } else {
            FAIL_FIELD(c, str_format(c->arena, "/%s", parameter), "list.field_unknown",
                       {"field", str_trim(name)});
        }
    }
    return chosen;
}

struct record_choice api_record_choice(struct request *r, const struct entity *e,
                                       const char *expand) {
    struct str wanted = request_query(r, "expand");
    wanted = wanted.p ? wanted : str_from(expand);
    bool all = str_is(wanted, "*") || str_is(wanted, "true");
    enum field_type reference = FIELD_REFERENCE;
    bool *fields = named_fields(r, e, "fields", NULL);
    if (fields) {
        fields[SYSTEM_ID] = fields[SYSTEM_VERSION] = true;
    }
    return (struct record_choice){.fields = fields,
                                  .refs = wanted.n,
                                  .expanded = all ? NULL
                                                  : named_fields(r, e, "expand", &reference)};
}

static void total_json(struct json_writer *w, struct list_total total) {
    json_key(w, "total");
    json_begin_object(w);
    JSON_MEMBER(w, "value", json_put_int, total.value);
    JSON_MEMBER(w, "exact", json_put_bool, total.exact);
    json_end_object(w);
}

static void record_list(struct request *r) {
    struct ctx *c = r->c;
    const struct entity *e = api_entity(r);
    struct list_request q;
    if (!e || !api_list_request(r, e, &q)) {
        return;
    }
    struct record_choice choice = api_record_choice(r, e, "");
    if (ctx_failed(c)) {
        return;
    }
    bool counted = request_query_bool(r, "count");
    q.fields = record_choice_reads(c, e, &choice);
    struct list_total total;
    struct list_page page = counted ? list_read_counted(c, &q, &total) : list_read(c, &q);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "data");
    records_json(c, &w, page.records, page.n, &choice);
    json_key(&w, "next");
    if (page.next.p) {
        json_put_str(&w, page.next);
    } else {
        json_put_null(&w);
    }
    if (counted) {
        total_json(&w, total);
    }
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void record_count(struct request *r) {
    const struct entity *e = api_entity(r);
    struct list_request q;
    if (!e || !api_list_request(r, e, &q)) {
        return;
    }
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    total_json(&w, list_count(r->c, &q, true));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void reply_record(struct request *r, int status, const struct record *record) {
    if (!record || ctx_failed(r->c)) {
        return;
    }
    struct json_writer w = json_writer(r->c->arena);
    struct record_choice choice = api_record_choice(r, record->entity, "*");
    record_json(r->c, &w, record, &choice);
    if (ctx_failed(r->c)) {
        return;
    }
    reply_version(r, record_version(record));
    reply_json(r, status, &w);
}

static void record_get(struct request *r) {
    const struct entity *e = api_entity(r);
    int64_t id = request_id(r, "id");
    if (!e) {
        return;
    }
    bool trashed = request_query_bool(r, "deleted");
    reply_record(r, 200, trashed ? record_read_trashed(r->c, e, id) : record_read(r->c, e, id));
}

static void record_post(struct request *r) {
    const struct entity *e = api_entity(r);
    const struct json *body = request_json(r);
    if (!e || !body) {
        return;
    }
    struct change_set set = change_from_json(r->c, e, body);
    struct record *record = record_create(r->c, &set);
    if (record) {
        reply_header(r, "Location",
                     str_format(r->c->arena, "/api/v1/%.*s/%lld", STR_ARG(e->plural),
                                (long long)record->id));
    }
    reply_record(r, 201, record);
}

static void record_patch(struct request *r) {
    const struct entity *e = api_entity(r);
    const struct json *body = request_json(r);
    int64_t id = request_id(r, "id");
    if (!e || !body) {
        return;
    }
    /* Who may not see the record learns nothing from what is wrong with the change. */
    if (!record_read(r->c, e, id)) {
        return;
    }
    struct change_set set = change_from_json(r->c, e, body);
    reply_record(r, 200, record_update(r->c, id, &set, request_if_match(r)));
}

static void record_delete(struct request *r) {
    const struct entity *e = api_entity(r);
    int64_t id = request_id(r, "id");
    if (e) {
        record_trash(r->c, e, id, request_if_match(r));
    }
}

static void record_put_back(struct request *r) {
    const struct entity *e = api_entity(r);
    int64_t id = request_id(r, "id");
    if (e) {
        reply_record(r, 200, record_restore(r->c, e, id));
    }
}

static void record_history(struct request *r) {
    const struct entity *e = api_entity(r);
    int64_t id = request_id(r, "id");
    if (!e || !record_read(r->c, e, id)) {
        return;
    }
    struct json_writer w = json_writer(r->c->arena);
    record_history_json(r->c, &w, e, id, request_query(r, "cursor"));
    reply_json(r, 200, &w);
}

/* The value of a masked field, for a stated reason; the audit trail keeps who and why. */
static void record_reveal(struct request *r) {
    struct ctx *c = r->c;
    const struct entity *e = api_entity(r);
    const struct json *body = request_json(r);
    struct record *record = e ? record_read(c, e, request_id(r, "id")) : NULL;
    const struct field *f = record ? entity_field(e, json_text(body, "field")) : NULL;
    struct str reason = str_trim(json_text(body, "reason"));
    if (!record) {
        return;
    }
    if (!f || !(f->flags & FIELD_PERSONAL) || access_field(c->actor, e, f) == RIGHT_NONE) {
        FAIL_FIELD(c, STR("/field"), "field.unknown");
    } else if (reason.n < 2) {
        FAIL_FIELD(c, STR("/reason"), "field.required");
    } else if (access_field(c->actor, e, f) == RIGHT_MASKED &&
               !access_record(c, ACTION_UPDATE, record)) {
        FAIL(c, ERROR_DENIED, "access.denied");
    }
    audit_note(c, e, record->id, "reveal", reason);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "value");
    value_to_json(&w, f, f ? record->values[f->position] : (struct value){0});
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/{plural}", PERMISSION_RECORD, LANE_INLINE, record_list,
     .summary = "route.record_list",
     .query = "where:text sort:text limit:integer cursor:text fields:text expand:text "
              "count:boolean deleted:boolean",
     .answer = "data:[@]! next:text?! total:(value:integer! exact:boolean!)"},
    {METHOD_GET, "/api/v1/{plural}/count", PERMISSION_RECORD, LANE_SLOW, record_count,
     .summary = "route.record_count", .query = "where:text deleted:boolean",
     .answer = "total:(value:integer! exact:boolean!)!"},
    {METHOD_POST, "/api/v1/{plural}", PERMISSION_RECORD, LANE_WRITER, record_post,
     .summary = "route.record_create", .query = "fields:text expand:text", .body = "@",
     .answer = "201 @"},
    {METHOD_GET, "/api/v1/{plural}/{id}", PERMISSION_RECORD, LANE_INLINE, record_get,
     .summary = "route.record_get", .query = "deleted:boolean fields:text expand:text",
     .answer = "@"},
    {METHOD_PATCH, "/api/v1/{plural}/{id}", PERMISSION_RECORD, LANE_WRITER, record_patch,
     .summary = "route.record_update", .query = "fields:text expand:text", .body = "@",
     .answer = "@"},
    {METHOD_DELETE, "/api/v1/{plural}/{id}", PERMISSION_RECORD, LANE_WRITER, record_delete,
     .summary = "route.record_trash"},
    {METHOD_POST, "/api/v1/{plural}/{id}/restore", PERMISSION_RECORD, LANE_WRITER, record_put_back,
     .summary = "route.record_restore", .answer = "@"},
    {METHOD_GET, "/api/v1/{plural}/{id}/history", PERMISSION_RECORD, LANE_INLINE, record_history,
     .summary = "route.record_history", .query = "cursor:text",
     .answer = "data:[(id:id! at:instant! actor:object?! action:text! "
               "changes:[object])]! next:text?!"},
    {METHOD_POST, "/api/v1/{plural}/{id}/reveal", PERMISSION_RECORD, LANE_WRITER, record_reveal,
     .summary = "route.record_reveal", .body = "field:text! reason:text!", .answer = "value:any!"},
    {0}};

static const struct text texts[] = {
    {"list.limit", "一次最多 {most} 条", "At most {most} at a time"},
    {"list.field_unknown", "没有字段“{field}”", "There is no field \"{field}\""},
    {"route.record_list", "列出记录", "List records"},
    {"route.record_count", "精确计数", "Count exactly"},
    {"route.record_create", "新建记录", "Create a record"},
    {"route.record_get", "读取记录", "Read a record"},
    {"route.record_update", "修改记录", "Update a record"},
    {"route.record_trash", "放入回收站", "Move to the trash"},
    {"route.record_restore", "从回收站恢复", "Restore from the trash"},
    {"route.record_history", "变更历史", "History of changes"},
    {"route.record_reveal", "查看脱敏内容", "Reveal a masked value"},
    {0}};

const struct module api_records_module = {
    .name = "api.records", .cloud = "platform", .routes = routes, .texts = texts};
