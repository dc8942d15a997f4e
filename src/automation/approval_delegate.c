/*
 * Standing orders (who answers for me, from when to when), and the trial of a process: whom it
 * would ask about a record.
 */
#include "automation/approval_parts.h"
#include "automation/approval_view.h"
#include "automation/automation.h"
#include "automation/notification.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/row.h"
#include "http/route.h"

static int64_t order_of(struct ctx *c, int64_t user_id) {
    return DB_INT(c, "SELECT id FROM approval_delegate WHERE user_id = $1 AND deleted_at IS NULL",
                  user_id);
}

static void order_reply(struct request *r) {
    struct ctx *c = r->c;
    int64_t id = order_of(c, access_user_id(c->actor));
    struct record *order = id ? record_load(c, entity_named(c, "approval_delegate"), id) : NULL;
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    approval_user_json(c, &w, "delegate", order ? record_id(order, "delegate_id") : 0);
    JSON_MEMBER(&w, "first_date", json_put_str, order ? record_text(order, "first_date") : STR(""));
    JSON_MEMBER(&w, "last_date", json_put_str, order ? record_text(order, "last_date") : STR(""));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void order_get(struct request *r) {
    order_reply(r);
}

static struct str date_given(struct ctx *c, const struct json *body, const char *member) {
    struct date date;
    struct str text = json_text(body, member);
    if (!date_parse(text, &date)) {
        FAIL_FIELD(c, str_format(c->arena, "/%s", member), "date.syntax");
    }
    return text;
}

static bool is_person(struct ctx *c) {
    bool person = access_user_id(c->actor) && !c->actor->read_only;
    if (!person) {
        FAIL(c, ERROR_DENIED, "access.denied");
    }
    return person;
}

static void order_put(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    int64_t me = access_user_id(c->actor), delegate = json_id(body, "user_id");
    if (!body || !is_person(c)) {
        return;
    }
    struct str first = date_given(c, body, "first_date"), last = date_given(c, body, "last_date");
    if (first.n && last.n && str_compare(last, first) < 0) {
        FAIL_FIELD(c, STR("/last_date"), "leave.ends_before");
    }
    struct error found = c->error;
    ctx_clear_error(c);
    bool good = delegate && delegate != me && user_active(c, delegate);
    c->error = ctx_failed(c) ? c->error : found;
    if (!good) {
        FAIL_FIELD(c, STR("/user_id"), "approval.delegate");
    }
    if (ctx_failed(c)) {
        return;
    }
    struct change_set set = change_new(c, entity_named(c, "approval_delegate"));
    int64_t before = order_of(c, me);
    change_id(&set, "user_id", me);
    change_id(&set, "delegate_id", delegate);
    change_text(&set, "first_date", first);
    change_text(&set, "last_date", last);
    if (before) {
        record_change(c, before, &set);
    } else {
        record_insert(c, &set);
    }
    order_reply(r);
}

static void order_delete(struct request *r) {
    struct ctx *c = r->c;
    int64_t id = is_person(c) ? order_of(c, access_user_id(c->actor)) : 0;
    if (id) {
        record_remove(c, entity_named(c, "approval_delegate"), id);
    }
}

static void step_json(struct ctx *c, struct json_writer *w, const struct approval_case *k,
                      const struct json *step) {
    struct approval_asked asked[APPROVAL_ASKED];
    bool applies = approval_condition_holds(c, json_get(step, "condition"), k->subject);
    size_t n = applies ? approval_people(c, k, step, asked) : 0;
    json_begin_object(w);
    JSON_MEMBER(w, "name", json_put_str, json_text(step, "name"));
    JSON_MEMBER(w, "applies", json_put_bool, applies);
    json_key(w, "people");
    json_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        json_begin_object(w);
        approval_user_json(c, w, "approver", asked[i].approver_id);
        approval_user_json(c, w, "holder", asked[i].holder_id);
        JSON_MEMBER(w, "why", json_put_c, asked[i].why);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

/* A case as if the requester had asked now; nothing is written. */
static struct approval_case *supposed(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *process = record_read(c, entity_named(c, "approval_process"),
                                         request_id(r, "id"));
    const struct entity *e = process ? model_entity(c->model, record_text(process, "entity_name"))
                                     : NULL;
    struct approval_case *k = ARENA_NEW(c->arena, struct approval_case);
    int64_t asker = json_id(body, "requester_id");
    if (!e || !body) {
        return NULL;
    }
    k->subject = record_read(c, e, json_id(body, "record_id"));
    k->approval = record_new(c, entity_named(c, "approval"), 0);
    k->plan = approval_plan(c, approval_version_newest(c, process->id));
    record_set_value(
        k->approval, "requester_id",
        (struct value){VALUE_INTEGER, asker ? asker : access_user_id(c->actor), STR("")});
    return ctx_failed(c) ? NULL : k;
}

static void try_post(struct request *r) {
    struct ctx *c = r->c;
    struct approval_case *k = supposed(r);
    const struct json *steps = k ? json_get(k->plan, "steps") : NULL;
    struct json_writer w = json_writer(c->arena);
    if (!k) {
        return;
    }
    json_begin_object(&w);
    JSON_MEMBER(&w, "applies", json_put_bool,
                approval_condition_holds(c, json_get(k->plan, "condition"), k->subject));
    json_key(&w, "steps");
    json_begin_array(&w);
    for (size_t i = 0; json_is(steps, JSON_IS_ARRAY) && i < steps->n && !ctx_failed(c); i++) {
        step_json(c, &w, k, &steps->items[i]);
    }
    json_end_array(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/approvals/delegate", PERMISSION_SIGNED_IN, LANE_INLINE, order_get,
     .summary = "route.approval_order",
     .answer = "delegate:(id:id! name:text!)?! first_date:text! last_date:text!"},
    {METHOD_PUT, "/api/v1/approvals/delegate", PERMISSION_SIGNED_IN, LANE_WRITER, order_put,
     .summary = "route.approval_order_put", .body = "user_id:id! first_date:date! last_date:date!",
     .answer = "delegate:(id:id! name:text!)?! first_date:text! last_date:text!"},
    {METHOD_DELETE, "/api/v1/approvals/delegate", PERMISSION_SIGNED_IN, LANE_WRITER, order_delete,
     .summary = "route.approval_order_delete"},
    {METHOD_POST, "/api/v1/approval_processes/{id}/try", "automation:manage", LANE_SLOW, try_post,
     .summary = "route.approval_try", .body = "record_id:id! requester_id:id",
     .answer = "applies:boolean! steps:[(name:text! applies:boolean! people:[object]!)]!"},
    {0}};

static const struct text texts[] = {
    {"approval.delegate", "请选一位在职的同事", "Choose an active colleague"},
    {"route.approval_order", "谁代我审批", "Who answers approvals for me"},
    {"route.approval_order_put", "请人代我审批", "Have somebody answer approvals for me"},
    {"route.approval_order_delete", "不再请人代审", "Answer approvals myself again"},
    {"route.approval_try", "试一试：会请谁审批", "Try a process: whom would it ask"},
    {0}};

const struct module approval_delegate_module = {
    .name = "automation.approval_delegate", .cloud = "platform", .routes = routes, .texts = texts};
