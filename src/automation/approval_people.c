/* Whom a step asks, and who answers in whose place. See approval.h. */
#include "automation/approval_parts.h"
#include "automation/automation.h"
#include "automation/notification.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/access.h"
#include "organization/company.h"
#include "organization/leave.h"
#include "organization/role.h"
#include "organization/user.h"

enum { LEVELS_MOST = 5 };

static const struct field_definition fields[] = {
    {"user_id", FIELD_REFERENCE, FIELD_REQUIRED, "谁", "Who", "group.basic", .target = "user"},
    {"delegate_id", FIELD_REFERENCE, FIELD_REQUIRED, "由谁代审", "Who answers", "group.basic",
     .target = "user"},
    {"first_date", FIELD_DATE, FIELD_REQUIRED, "从", "From", "group.basic"},
    {"last_date", FIELD_DATE, FIELD_REQUIRED, "到", "Until", "group.basic"},
    {0}};

/* The standing order of a user: one at a time. */
static const struct entity_definition delegate_entity = {
    .name = "approval_delegate",
    .plural = "approval_delegates",
    .zh = "审批代理",
    .en = "Approval delegate",
    .flags = ENTITY_INTERNAL | ENTITY_APPEND,
    .fields = fields,
    .indexes = (const struct index_definition[]){
        {"user_id", .unique = true, .where = "deleted_at IS NULL"}, {0}}};

bool approval_may_answer(struct ctx *c, const struct approval_case *k, int64_t user_id) {
    bool own = user_id == record_id(k->approval, "requester_id");
    bool allowed = str_is(json_text(k->plan, "self_rule"), "allow");
    return user_active(c, user_id) && (!own || allowed);
}

static struct str today(struct ctx *c) {
    char text[DATE_TEXT];
    date_format(zone_date(company_zone(c), c->now_ms), text);
    return str_copy(c->arena, str_from(text));
}

int64_t approval_deputy(struct ctx *c, const struct approval_case *k, int64_t user_id) {
    int64_t deputy = DB_INT(c,
                            "SELECT delegate_id FROM approval_delegate WHERE user_id = $1 AND "
                            "first_date <= $2 AND last_date >= $2 AND deleted_at IS NULL",
                            user_id, today(c));
    return deputy && approval_may_answer(c, k, deputy) ? deputy : user_id;
}

int64_t approval_present_manager(struct ctx *c, const struct approval_case *k, int64_t user_id) {
    struct id_set away = users_away(c, today(c));
    int64_t at = id_set_has(away, user_id) ? user_manager(c, user_id) : 0;
    for (int i = 0; at && i < LEVELS_MOST; i++) {
        int64_t holder = approval_deputy(c, k, at);
        if (approval_may_answer(c, k, holder) && !id_set_has(away, holder)) {
            return holder;
        }
        at = user_manager(c, at);
    }
    return 0;
}

/* The first administrator who can answer. */
static int64_t administrator(struct ctx *c, const struct approval_case *k, bool even_requester) {
    struct db_rows rows;
    int64_t found = 0, requester = record_id(k->approval, "requester_id");
    DB_QUERY(c, &rows,
             "SELECT r.user_id FROM user_role r JOIN \"user\" u ON u.id = r.user_id "
             "WHERE r.role_id = $1 AND u.active = 1 AND u.deleted_at IS NULL ORDER BY u.id "
             "LIMIT 50",
             role_by_code(c, "administrator"));
    while (!found && db_next(&rows)) {
        int64_t id = db_int(&rows, 0);
        found = id != requester || even_requester ? id : 0;
    }
    db_done(&rows);
    return found;
}

int64_t approval_fallback(struct ctx *c, const struct approval_case *k) {
    int64_t named = json_id(k->plan, "fallback_user_id");
    if (named && approval_may_answer(c, k, named)) {
        return named;
    }
    int64_t other = administrator(c, k, false);
    return other ? other : administrator(c, k, true);
}

/* Those a step asks, as they are gathered. */
struct gathering {
    struct ctx *c;
    const struct approval_case *k;
    struct approval_asked *out;
    size_t n;
    bool missing; /* somebody named cannot be asked */
};

static void put(struct gathering *g, struct approval_asked asked) {
    for (size_t i = 0; i < g->n; i++) {
        if (g->out[i].approver_id == asked.approver_id) {
            return;
        }
    }
    if (g->n < APPROVAL_ASKED) {
        g->out[g->n++] = asked;
    } else {
        FAIL(g->c, ERROR_CONFLICT, "approval.crowd", {"most", STR("500")});
    }
}

static void put_deputy(struct gathering *g, int64_t user_id, const char *why) {
    int64_t holder = approval_deputy(g->c, g->k, user_id);
    int64_t instead = holder == user_id ? approval_present_manager(g->c, g->k, user_id) : 0;
    put(g, (struct approval_asked){user_id, instead ? instead : holder, instead ? "away" : why,
                                   false});
}

/* The requester does not decide on what he asks for himself. */
static void put_requester(struct gathering *g, int64_t user_id) {
    struct str rule = json_text(g->k->plan, "self_rule");
    if (str_is(rule, "allow") || str_is(rule, "auto")) {
        bool automatic = str_is(rule, "auto");
        put(g, (struct approval_asked){user_id, user_id, "self", automatic});
        return;
    }
    int64_t manager = user_manager(g->c, user_id);
    if (manager && user_active(g->c, manager)) {
        put_deputy(g, manager, "instead");
    } else {
        g->missing = true;
    }
}

static void add(struct gathering *g, int64_t user_id, const char *why) {
    if (!user_id || !user_active(g->c, user_id)) {
        g->missing = true;
    } else if (user_id == record_id(g->k->approval, "requester_id")) {
        put_requester(g, user_id);
    } else {
        put_deputy(g, user_id, why);
    }
}

static void add_role(struct gathering *g, int64_t role_id) {
    struct db_rows rows;
    int64_t ids[APPROVAL_ASKED + 1];
    size_t n = 0;
    DB_QUERY(g->c, &rows,
             "SELECT u.id FROM user_role r JOIN \"user\" u ON u.id = r.user_id WHERE r.role_id = "
             "$1 AND u.active = 1 AND u.deleted_at IS NULL ORDER BY u.id LIMIT $2",
             role_id, (int64_t)APPROVAL_ASKED + 1);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    for (size_t i = 0; i < n && !ctx_failed(g->c); i++) {
        add(g, ids[i], "role");
    }
}

/* So many levels above the record's owner, or above the requester where nobody owns it. */
static int64_t manager_above(struct gathering *g, int64_t levels) {
    const struct record *subject = g->k->subject;
    bool owned = subject && subject->entity->flags & ENTITY_OWNED;
    int64_t at = owned ? record_id(subject, "owner_id") : 0;
    at = at ? at : record_id(g->k->approval, "requester_id");
    for (int64_t i = 0; at && i < levels; i++) {
        at = user_manager(g->c, at);
    }
    return at;
}

static void add_named(struct gathering *g, const struct json *one) {
    const struct record *subject = g->k->subject;
    int64_t user = json_id(one, "user"), role = json_id(one, "role");
    int64_t levels = json_int(one, "manager", 0);
    if (user) {
        add(g, user, "user");
    } else if (role) {
        add_role(g, role);
    } else if (levels) {
        add(g, manager_above(g, levels), "manager");
    } else {
        const struct field *f = subject ? entity_field(subject->entity, json_text(one, "field"))
                                        : NULL;
        add(g, f ? subject->values[f->position].integer : 0, "field");
    }
}

size_t approval_people(struct ctx *c, const struct approval_case *k, const struct json *step,
                       struct approval_asked *out) {
    struct gathering g = {.c = c, .k = k, .out = out};
    const struct json *approvers = json_get(step, "approvers");
    for (size_t i = 0; json_is(approvers, JSON_IS_ARRAY) && i < approvers->n && !ctx_failed(c);
         i++) {
        add_named(&g, &approvers->items[i]);
    }
    int64_t instead = (g.missing || !g.n) && !ctx_failed(c) ? approval_fallback(c, k) : 0;
    if (instead) {
        bool only = instead == record_id(k->approval, "requester_id");
        put(&g, (struct approval_asked){instead, instead, only ? "only" : "fallback", false});
    }
    return g.n;
}

static const struct text texts[] = {
    {"approval.crowd", "这一步要问的人超过 {most} 个：请管理员在审批流程里换一个更小的角色",
     "This step asks more than {most} people: ask the administrator to name a smaller role in the "
     "approval process"},
    {0}};

const struct module approval_people_module = {
    .name = "automation.approval_people",
    .cloud = "platform",
    .entities = (const struct entity_definition *const[]){&delegate_entity, NULL},
    .texts = texts};
