/*
 * New records that wait for an approval: held as they would have been, with what was asked for as
 * the change (create_new in the approval), and created, as the requester, when the last has agreed.
 * Until then there is no record: nobody finds it, nothing counts it.
 */
#include "api/api.h"
#include "automation/approval_hold.h"
#include "automation/approval_parts.h"
#include "automation/approval_view.h"
#include "automation/automation.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/row.h"
#include "entity/value.h"

enum { REASON_MOST = 1000 };

/* A draft keeps the company's own fields and whose it is; whose time it is comes with creation. */
static bool kept(const struct field *f) {
    bool whose = f->position == SYSTEM_OWNER_ID || f->position == SYSTEM_OWNER_DEPARTMENT_ID;
    return whose || !(f->flags & FIELD_SYSTEM);
}

struct str approval_draft_text(struct ctx *c, const struct record *r) {
    struct change_set set = change_new(c, r->entity);
    for (int i = 0; i < r->entity->n_fields; i++) {
        if (kept(&r->entity->fields[i]) && r->values[i].kind != VALUE_NULL) {
            change_value(&set, &r->entity->fields[i], r->values[i]);
        }
    }
    return approval_change_text(c, &set);
}

static void values_put(struct ctx *c, struct record *r, const struct json *values) {
    for (size_t i = 0; i < values->n && !ctx_failed(c); i++) {
        const struct field *f = entity_field(r->entity, values->members[i].key);
        if (f && kept(f)) {
            struct value v = value_from_json(c, f, &values->members[i].value);
            r->values[f->position] = ctx_failed(c) ? value_null : v;
            ctx_clear_error(c); /* an option or a record that is there no more is no value */
        }
    }
}

struct record *approval_draft(struct ctx *c, const struct entity *e, struct str text) {
    const struct json *values = e && text.n ? json_parse(c, text) : NULL;
    struct record *r = values ? record_new(c, e, 0) : NULL;
    if (r) {
        values_put(c, r, values);
    }
    return r;
}

const struct record *approval_as_asked(struct ctx *c, const struct approval_case *k) {
    struct str text = record_text(k->approval, "change");
    const struct json *values = k->subject && !k->draft && text.n ? json_parse(c, text) : NULL;
    struct record *r = values ? record_copy(c, k->subject) : k->subject;
    if (values) {
        values_put(c, r, values);
    }
    return r;
}

struct record *approval_create_held(struct ctx *c, const struct change_set *set,
                                    const struct record **draft) {
    db_savepoint(c);
    record_create(c, set);
    *draft = c->refused;
    return approval_tried(c);
}

static struct str reason_of(struct request *r) {
    struct str text = str_trim(json_text(request_json(r), "reason"));
    if (text.n > REASON_MOST && text_length(text) > REASON_MOST) {
        FAIL_FIELD(r->c, STR("/reason"), "text.too_long",
                   {"max", str_format(r->c->arena, "%d", REASON_MOST)});
    }
    return text;
}

static void new_post(struct request *r) {
    struct ctx *c = r->c;
    const struct entity *e = api_entity(r);
    const struct json *body = request_json(r), *values = json_get(body, "record");
    const struct record *draft = NULL;
    if (!e || !body) {
        return;
    }
    struct str reason = reason_of(r);
    if (!json_is(values, JSON_IS_OBJECT)) {
        FAIL_FIELD(c, STR("/record"), "field.required");
        return;
    }
    struct change_set set = change_from_json(c, e, values);
    struct record *process = ctx_failed(c) ? NULL : approval_create_held(c, &set, &draft);
    if (!process) {
        return;
    }
    int64_t id = approval_start(c,
                                &(struct approval_request){.process = process,
                                                           .subject = draft,
                                                           .draft = true,
                                                           .requester_id = access_user_id(c->actor),
                                                           .change = approval_change_text(c, &set),
                                                           .reason = reason});
    struct approval_case *k = approval_find(c, id);
    struct json_writer w = json_writer(c->arena);
    if (k) {
        approval_json(c, &w, k);
    }
    if (k && !ctx_failed(c)) {
        reply_json(r, 201, &w);
    }
}

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/{plural}/approvals", PERMISSION_RECORD, LANE_WRITER, new_post,
     .summary = "route.approval_new", .body = "record:object! reason:text", .answer = "201 object"},
    {0}};

static const struct text texts[] = {
    {"route.approval_new", "新建的记录提交审批，通过后建立",
     "Request approval for a new record, which is created when it is approved"},
    {0}};

const struct module approval_draft_module = {
    .name = "automation.approval_draft", .cloud = "platform", .routes = routes, .texts = texts};
