/* The organization over REST, where it is more than records: rights of roles, roles of
 * users, company settings. */
#include "api/api.h"
#include "api/audit_reason.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/audit.h"
#include "event/event.h"
#include "organization/calendar.h"
#include "organization/company.h"
#include "organization/role.h"
#include "organization/user.h"

enum { USER_ROLES = 20, YEAR_FIRST = 2000, YEAR_LAST = 2100 };

static const struct record *role_of(struct request *r) {
    return record_read(r->c, entity_named(r->c, "role"), request_id(r, "id"));
}

static void rights_get(struct request *r) {
    if (!role_of(r)) {
        return;
    }
    struct json_writer w = json_writer(r->c->arena);
    role_rights_json(r->c, &w, request_id(r, "id"));
    reply_json(r, 200, &w);
}

static void rights_put(struct request *r) {
    const struct json *body = request_json(r);
    if (!body || !role_of(r)) {
        return;
    }
    struct ctx *c = r->c;
    struct json_writer before = json_writer(c->arena), after = json_writer(c->arena);
    role_rights_json(c, &before, request_id(r, "id"));
    role_rights_set(c, request_id(r, "id"), body);
    role_rights_json(c, &after, request_id(r, "id"));
    audit_note(c, entity_named(c, "role"), request_id(r, "id"), "rights",
               audit_rights_changed(c, json_str(&before), json_str(&after)));
    rights_get(r);
}

static void user_roles_json(struct ctx *c, struct json_writer *w, int64_t user_id) {
    struct db_rows rows;
    json_begin_object(w);
    json_key(w, "role_ids");
    json_begin_array(w);
    DB_QUERY(c, &rows, "SELECT role_id FROM user_role WHERE user_id = $1 ORDER BY role_id",
             user_id);
    while (db_next(&rows)) {
        json_put_id(w, db_int(&rows, 0));
    }
    json_end_array(w);
    json_end_object(w);
}

static void user_roles_get(struct request *r) {
    struct json_writer w = json_writer(r->c->arena);
    user_roles_json(r->c, &w, request_id(r, "id"));
    reply_json(r, 200, &w);
}

static void user_roles_put(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    const struct json *given = json_get(body, "role_ids");
    const struct record *user = record_read(c, entity_named(c, "user"), request_id(r, "id"));
    int64_t ids[USER_ROLES];
    if (!user) {
        return;
    }
    if (!json_is(given, JSON_IS_ARRAY) || given->n > USER_ROLES) {
        FAIL_FIELD(c, STR("/role_ids"), "field.type");
        return;
    }
    for (size_t i = 0; i < given->n; i++) {
        ids[i] = json_as_id(&given->items[i]);
        if (!record_load(c, entity_named(c, "role"), ids[i])) {
            FAIL_FIELD(c, str_format(c->arena, "/role_ids/%zu", i), "reference.absent");
        }
    }
    if (ctx_failed(c)) {
        return;
    }
    user_set_roles(c, user->id, ids, given->n);
    role_keep_administrator(c);
    audit_note(c, user->entity, user->id, "roles", str_slice(r->body, 0, 1000));
    user_roles_get(r);
}

/* The year asked for, else the present one. */
static void workdays_get(struct request *r) {
    struct ctx *c = r->c;
    int64_t now = zone_date(company_zone(c), c->now_ms).year;
    int64_t year = request_query_int(r, "year", now);
    if (year < YEAR_FIRST || year > YEAR_LAST) {
        FAIL_FIELD(c, STR("/year"), "calendar.year");
        return;
    }
    struct json_writer w = json_writer(c->arena);
    calendar_json(c, &w, (int)year);
    reply_json(r, 200, &w);
}

static void settings_get(struct request *r) {
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    json_key(&w, "data");
    company_settings_json(r->c, &w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void settings_patch(struct request *r) {
    const struct json *body = request_json(r);
    if (!body) {
        return;
    }
    company_settings_set(r->c, body);
    settings_get(r);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/roles/{id}/rights", "users:manage", LANE_INLINE, rights_get,
     .summary = "route.rights_get",
     .answer = "entities:object! fields:object! permissions:[text]!"},
    {METHOD_PUT, "/api/v1/roles/{id}/rights", "users:manage", LANE_WRITER, rights_put,
     .summary = "route.rights_set", .body = "entities:object fields:object permissions:[text]",
     .answer = "entities:object! fields:object! permissions:[text]!"},
    {METHOD_GET, "/api/v1/users/{id}/roles", "users:manage", LANE_INLINE, user_roles_get,
     .summary = "route.user_roles_get", .answer = "role_ids:[id]!"},
    {METHOD_PUT, "/api/v1/users/{id}/roles", "users:manage", LANE_WRITER, user_roles_put,
     .summary = "route.user_roles_set", .body = "role_ids:[id]!", .answer = "role_ids:[id]!"},
    {METHOD_GET, "/api/v1/workdays", PERMISSION_SIGNED_IN, LANE_SLOW, workdays_get,
     .summary = "route.workdays", .query = "year:integer",
     .answer = "year:integer! announced:boolean! working_days:integer! "
               "days:[(date:date! works:boolean! source:text! name:text!)]!"},
    {METHOD_GET, "/api/v1/settings", "settings:manage", LANE_INLINE, settings_get,
     .summary = "route.settings_get",
     .answer = "data:[(name:text! label:text! type:text! value:text! "
               "standard:text!)]!"},
    {METHOD_PATCH, "/api/v1/settings", "settings:manage", LANE_WRITER, settings_patch,
     .summary = "route.settings_set", .body = "object",
     .answer = "data:[(name:text! label:text! type:text! value:text! "
               "standard:text!)]!"},
    {0}};

static const struct text texts[] = {
    {"calendar.year", "2000 到 2100 之间的年份", "A year from 2000 to 2100"},
    {"route.workdays", "一年的工作日历", "The working days of a year"},
    {"route.rights_get", "角色权限", "Rights of a role"},
    {"route.rights_set", "修改角色权限", "Change the rights of a role"},
    {"route.user_roles_get", "用户的角色", "Roles of a user"},
    {"route.user_roles_set", "设置用户的角色", "Set the roles of a user"},
    {"route.settings_get", "公司设置", "Company settings"},
    {"route.settings_set", "修改公司设置", "Change company settings"},
    {0}};

const struct module api_organization_module = {
    .name = "api.organization", .cloud = "platform", .routes = routes, .texts = texts};
