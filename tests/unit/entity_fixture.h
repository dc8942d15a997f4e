/*
 * A small company for tests of records: users in departments, firms, and deals with a field of
 * every type. Made on an empty database of either engine.
 */
#ifndef GUANTONG_TESTS_ENTITY_FIXTURE_H
#define GUANTONG_TESTS_ENTITY_FIXTURE_H

#include "database_fixture.h"

#include "base/module.h"
#include "db/migration.h"
#include "entity/access.h"
#include "entity/audit.h"
#include "entity/schema.h"
#include "event/event.h"

static const struct field_definition entity_user_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE, "姓名", "Name"},
    {"department_id", FIELD_REFERENCE, 0, "部门", "Department", .target = "department"},
    {0}};

static const struct field_definition entity_department_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE, "名称", "Name"},
    {"parent_id", FIELD_REFERENCE, 0, "上级", "Parent", .target = "department"},
    {0}};

static const struct field_definition entity_firm_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE, "名称", "Name", .max_length = 30},
    {"code", FIELD_TEXT, FIELD_UNIQUE | FIELD_IMMUTABLE, "代码", "Code"},
    {"parent_id", FIELD_REFERENCE, 0, "母公司", "Parent", .target = "firm"},
    {"secret", FIELD_TEXT, FIELD_HIDDEN, "内部", "Internal"},
    {0}};

static const struct option entity_deal_stages[] = {
    {"new", "新建", "New", "ring"}, {"won", "赢单", "Won", "ok"}, {0}};

static const struct field_definition entity_deal_fields[] = {
    {"title", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE, "标题", "Title", .max_length = 10},
    {"notes", FIELD_LONG_TEXT, 0, "备注", "Notes", .max_length = 50},
    {"hot", FIELD_BOOLEAN, 0, "重点", "Hot"},
    {"seats", FIELD_INTEGER, 0, "席位", "Seats", .min = 1, .max = 500},
    {"chance", FIELD_QUANTITY, 0, "概率", "Chance", .max = 1000000},
    {"amount", FIELD_MONEY, FIELD_INDEXED, "金额", "Amount"},
    {"closes_on", FIELD_DATE, 0, "日期", "Closes on"},
    {"met_at", FIELD_INSTANT, 0, "见面", "Met at"},
    {"stage", FIELD_OPTION, FIELD_REQUIRED | FIELD_INDEXED, "阶段", "Stage",
     .options = entity_deal_stages, .standard = "new"},
    {"firm_id", FIELD_REFERENCE, FIELD_INDEXED, "客户", "Firm", .target = "firm"},
    {"phone", FIELD_PHONE, FIELD_PERSONAL, "手机", "Mobile"},
    {"email", FIELD_EMAIL, FIELD_PERSONAL, "邮箱", "E-mail"},
    {"region", FIELD_REGION, 0, "地区", "Region"},
    {"site", FIELD_URL, 0, "网址", "Site"},
    {"extra", FIELD_JSON, 0, "其他", "Extra"},
    {"score", FIELD_INTEGER, FIELD_READ_ONLY, "评分", "Score"},
    {0}};

static const struct field_definition entity_remark_fields[] = {
    {"text", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE, "内容", "Text"},
    {"subject_type", FIELD_TEXT, 0, "对象类型", "Subject type"},
    {"subject_id", FIELD_REFERENCE, 0, "对象", "Subject"},
    {0}};

/* What hooks do is set by the test that needs it. */
static void (*entity_deal_check)(struct ctx *c, struct change *change);
static void (*entity_deal_wrote)(struct ctx *c, const struct change *change);

static inline void entity_deal_checked(struct ctx *c, struct change *change) {
    if (entity_deal_check) {
        entity_deal_check(c, change);
    }
}

static inline void entity_deal_written(struct ctx *c, const struct change *change) {
    if (entity_deal_wrote) {
        entity_deal_wrote(c, change);
    }
}

static const struct entity_definition entity_user = {
    .name = "user", .plural = "users", .zh = "用户", .en = "User", .fields = entity_user_fields};
static const struct entity_definition entity_department = {.name = "department",
                                                           .plural = "departments",
                                                           .zh = "部门",
                                                           .en = "Department",
                                                           .flags = ENTITY_SETTING,
                                                           .fields = entity_department_fields};
static const struct entity_definition entity_firm = {.name = "firm",
                                                     .plural = "firms",
                                                     .zh = "公司",
                                                     .en = "Firm",
                                                     .flags = ENTITY_OWNED,
                                                     .fields = entity_firm_fields};
static const struct entity_definition entity_deal = {.name = "deal",
                                                     .plural = "deals",
                                                     .zh = "交易",
                                                     .en = "Deal",
                                                     .flags = ENTITY_OWNED,
                                                     .fields = entity_deal_fields,
                                                     .check = entity_deal_checked,
                                                     .wrote = entity_deal_written};
static const struct entity_definition entity_remark = {.name = "remark",
                                                       .plural = "remarks",
                                                       .zh = "备注",
                                                       .en = "Remark",
                                                       .flags = ENTITY_OWNED | ENTITY_APPEND,
                                                       .fields = entity_remark_fields};

static const struct entity_definition *const entity_fixture_definitions[] = {
    &entity_user, &entity_department, &entity_firm, &entity_deal, &entity_remark, NULL};

/* An actor with the same scope for every action (all for creating) and write on each field. */
static inline struct actor *entity_actor(struct ctx *c, int64_t user_id, int64_t department_id,
                                         enum scope scope) {
    struct actor *a = ARENA_NEW(c->arena, struct actor);
    struct entity_rights *rights = ARENA_NEW_ARRAY(c->arena, (size_t)c->model->n_entities,
                                                   struct entity_rights);
    for (int i = 0; i < c->model->n_entities; i++) {
        size_t n = (size_t)c->model->entities[i].n_fields;
        unsigned char *fields = ARENA_NEW_ARRAY(c->arena, n, unsigned char);
        memset(fields, RIGHT_WRITE, n);
        rights[i].fields = fields;
        memset(rights[i].scope, scope, sizeof rights[i].scope);
        rights[i].scope[ACTION_CREATE] = SCOPE_ALL;
    }
    int64_t *ids = ARENA_NEW_ARRAY(c->arena, 2, int64_t);
    ids[0] = user_id;
    ids[1] = department_id;
    *a = (struct actor){.user_id = user_id,
                        .department_id = department_id,
                        .members = {ids, 1},
                        .departments = {ids + 1, department_id ? 1 : 0},
                        .entities = rights,
                        .n_entities = c->model->n_entities};
    return a;
}

static inline struct entity_rights *entity_rights_of(const struct actor *a,
                                                     const struct entity *e) {
    return (struct entity_rights *)&a->entities[e->position];
}

/* Tables made, the model set, the system acting, inside a transaction. */
static inline struct ctx *entity_fixture(void **state) {
    struct database_fixture *f = database_of(state);
    struct ctx *c = &f->c;
    const struct migration *const lists[] = {event_module.migrations, entity_module.migrations};
    model_register(entity_module.entities, "platform");
    model_register(entity_fixture_definitions, "platform");
    migration_apply(c, lists, 2);
    entity_deal_check = NULL;
    entity_deal_wrote = NULL;
    db_begin(c);
    c->model = model_current(c);
    c->actor = &actor_system;
    schema_apply(c, c->model);
    db_commit(c);
    assert_ok(c);
    db_begin(c);
    return c;
}

static inline void entity_commit(struct ctx *c) {
    db_commit(c);
    assert_ok(c);
    db_begin(c);
}

static inline int64_t entity_new(struct ctx *c, const char *entity, const char *field,
                                 const char *text) {
    struct change_set set = change_new(c, entity_named(c, entity));
    change_text(&set, field, str_from(text));
    struct record *r = record_insert(c, &set);
    assert_ok(c);
    return r->id;
}

static inline struct change_set entity_input(struct ctx *c, const char *entity, const char *text) {
    struct ctx scratch = {.arena = c->arena};
    const struct json *o = json_parse(&scratch, str_from(text));
    assert_non_null(o);
    return change_from_json(c, entity_named(c, entity), o);
}

static inline struct record *entity_create(struct ctx *c, const char *entity, const char *text) {
    struct change_set set = entity_input(c, entity, text);
    return record_create(c, &set);
}

static inline struct record *entity_update(struct ctx *c, const struct record *r,
                                           const char *text) {
    struct change_set set = entity_input(c, str_to_c(c->arena, r->entity->name), text);
    return record_update(c, r->id, &set, 0);
}

/* "/phone phone.length\n…" of the field errors, in order; clears them. */
static inline const char *entity_errors(struct ctx *c) {
    struct text_buffer text = {.arena = c->arena};
    assert_int_equal(c->error.code, ERROR_INVALID);
    for (const struct field_error *e = c->error.fields; e; e = e->next) {
        text_add(&text, e->pointer);
        text_add_char(&text, ' ');
        text_add_c(&text, e->text);
        text_add_char(&text, '\n');
    }
    ctx_clear_error(c);
    return str_to_c(c->arena, text_str(&text));
}

#endif
