/* See grading.h: the rules, why a record has its grade, and giving a grade back to the rules. */
#include <pthread.h>

#include "base/arena.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/segment.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/record_memory.h"
#include "entity/versions.h"
#include "http/route.h"
#include "sales/grading.h"
#include "sales/sales.h"

static const struct option graded[] = {
    {"opportunity", "商机", "Opportunities", "idle"}, {"lead", "线索", "Leads", "idle"}, {0}};

static const struct option grades[] = {{"a", "A", "A", "ok"},
                                       {"b", "B", "B", "info"},
                                       {"c", "C", "C", "idle"},
                                       {"d", "D", "D", "idle"},
                                       {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 60},
    {"name_en", FIELD_TEXT, 0, "英文名称", "English name", "group.basic", .max_length = 60},
    {"position", FIELD_INTEGER, 0, "顺序", "Order", "group.basic", .max = 10000, .standard = "0"},
    {"enabled", FIELD_BOOLEAN, FIELD_LISTED, "启用", "Enabled", "group.basic", .standard = "1"},
    {"entity_name", FIELD_OPTION, FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LISTED, "对象", "Of",
     "group.basic", .options = graded, .standard = "opportunity"},
    {"grade", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED, "等级", "Grade", "group.basic",
     .options = grades},
    {"condition", FIELD_JSON, FIELD_REQUIRED, "条件", "Condition", "group.basic",
     .max_length = 20000},
    {0}};

static const char *const own[] = {"grade", NULL};

const struct definition_derived grade_derived = {
    own, "SELECT id, 'grade_rule', name, entity_name, condition FROM grade_rule "
         "WHERE entity_name = $1 AND enabled = 1 AND deleted_at IS NULL"};

/* A rule that asks for the grade, or for what does, would chase its own tail. */
static void circle_check(struct ctx *c, const struct record *rule) {
    const struct entity *e = model_entity(c->model, record_text(rule, "entity_name"));
    struct str by = e ? definition_asks(c, json_parse(c, record_text(rule, "condition")), e, own)
                      : STR("");
    if (by.n) {
        FAIL_FIELD(c, STR("/condition"), "grading.circle", {"by", by});
    }
}

static void rule_check(struct ctx *c, struct change *change) {
    const struct record *rule = change->after;
    const struct entity *e = model_entity(c->model, record_text(rule, "entity_name"));
    struct str text = record_text(rule, "condition");
    const struct condition *where = e && text.n ? condition_parse_text(c, e, text) : NULL;
    if (where && condition_personal(where)) {
        FAIL_FIELD(c, STR("/condition"), "grading.personal");
    }
    if (where) {
        circle_check(c, rule);
    }
}

static void rule_wrote(struct ctx *c, const struct change *change) {
    static const char *const deciding[] = {"position", "enabled", "grade", "condition"};
    bool moved = !change->before;
    for (size_t i = 0; !moved && i < sizeof deciding / sizeof *deciding; i++) {
        moved = !value_equal(record_value(change->before, deciding[i]),
                             record_value(change->after, deciding[i]));
    }
    if (moved) {
        grading_fill(c, record_text(change->after, "entity_name"));
    }
}

static void rule_gone(struct ctx *c, const struct record *rule) {
    grading_fill(c, record_text(rule, "entity_name"));
}

static void rule_restored(struct ctx *c, const struct record *rule) {
    circle_check(c, rule);
    rule_gone(c, rule);
}

static const struct entity_definition rule_entity = {.name = "grade_rule",
                                                     .plural = "grade_rules",
                                                     .zh = "分级规则",
                                                     .en = "Grade rule",
                                                     .flags = ENTITY_SETTING,
                                                     .fields = fields,
                                                     .check = rule_check,
                                                     .wrote = rule_wrote,
                                                     .trash = rule_gone,
                                                     .restored = rule_restored};

/* Rules parsed, for each thread its own, under the versions they were read under. */
struct cache {
    struct versions versions;
    struct arena arena;
    struct grade_rule *items;
    size_t n;
};
static _Thread_local struct cache cache;
static pthread_key_t cache_key;
static pthread_once_t cache_once = PTHREAD_ONCE_INIT;

static void cache_end(void *data) {
    arena_free(&((struct cache *)data)->arena);
}

static void cache_key_make(void) {
    pthread_key_create(&cache_key, cache_end);
}

static void rule_keep(struct ctx *c, struct cache *k, const struct record *rule) {
    const struct entity *e = model_entity(c->model, record_text(rule, "entity_name"));
    struct str text = record_text(rule, "condition");
    const struct condition *where = e ? condition_parse_kept(c, &k->arena, e, text) : NULL;
    if (where) {
        k->items[k->n++] = (struct grade_rule){
            .id = rule->id,
            .entity = e,
            .grade = str_copy(&k->arena, record_text(rule, "grade")),
            .name = str_copy(&k->arena, record_title(rule)),
            .name_en = str_copy(&k->arena, record_text(rule, "name_en")),
            .where = where};
    }
}

static struct record_memory kept_rules = RECORD_MEMORY("grade_rule", 2 * GRADE_RULES_MOST);

struct grade_rules grade_rules_read(struct ctx *c) {
    struct cache *k = &cache;
    struct record *rules[GRADE_RULES_MOST];
    if (!k->items || !versions_hold(c, &k->versions)) {
        size_t n = records_enabled(c, &kept_rules, rules, GRADE_RULES_MOST);
        arena_free(&k->arena);
        pthread_once(&cache_once, cache_key_make);
        pthread_setspecific(cache_key, k); /* ends with its thread */
        k->items = ARENA_NEW_ARRAY(&k->arena, GRADE_RULES_MOST, struct grade_rule);
        k->n = 0;
        for (size_t i = 0; i < n && !ctx_failed(c); i++) {
            rule_keep(c, k, rules[i]);
        }
        k->versions = versions_firm(c) && !ctx_failed(c) ? c->versions : (struct versions){0};
    }
    return (struct grade_rules){k->items, ctx_failed(c) ? 0 : k->n};
}

/* Routes. */

static struct str rule_name(const struct ctx *c, const struct grade_rule *rule) {
    return c->language == LANGUAGE_EN && rule->name_en.n ? rule->name_en : rule->name;
}

static void rule_json(struct condition_memo *memo, struct json_writer *w, struct ctx *c,
                      const struct grade_rule *rule, const struct record *record) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, rule->id);
    JSON_MEMBER(w, "name", json_put_str, rule_name(c, rule));
    JSON_MEMBER(w, "grade", json_put_str, rule->grade);
    JSON_MEMBER(w, "holds", json_put_bool, condition_match_memo(memo, rule->where, record));
    json_key(w, "parts");
    condition_explain(memo, w, rule->where, record);
    json_end_object(w);
}

static void rules_json(struct ctx *c, struct json_writer *w, const struct record *record) {
    const struct actor *actor = c->actor;
    struct condition_memo *memo = condition_memo_new(c);
    struct grade_rules rules = grade_rules_read(c);
    c->actor = &actor_system;
    json_key(w, "rules");
    json_begin_array(w);
    for (size_t i = 0; i < rules.n && !ctx_failed(c); i++) {
        if (str_equal(rules.items[i].entity->name, record->entity->name)) {
            rule_json(memo, w, c, &rules.items[i], record);
        }
    }
    json_end_array(w);
    c->actor = actor;
}

/* The rule that gave the grade; none of it when a hand did. */
static void grade_json(struct ctx *c, struct json_writer *w, const struct record *record) {
    struct db_rows rows;
    int64_t rule = 0, at = 0;
    bool by_hand = !record_empty(record, "grade");
    DB_QUERY(c, &rows, "SELECT rule_id, by_hand, at FROM grade_state WHERE record_id = $1",
             record->id);
    if (db_next(&rows)) {
        rule = db_int(&rows, 0);
        by_hand = db_int(&rows, 1) != 0;
        at = db_int(&rows, 2);
    }
    db_done(&rows);
    json_key(w, "grade");
    value_to_json(w, entity_field(record->entity, STR("grade")), record_value(record, "grade"));
    JSON_MEMBER(w, "by_hand", json_put_bool, by_hand);
    JSON_MEMBER(w, "rule_id", json_put_id, rule);
    json_key(w, "at");
    if (at) {
        json_put_instant(w, at);
    } else {
        json_put_null(w);
    }
}

static void grade_reply(struct request *r, const struct record *record) {
    struct ctx *c = r->c;
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    grade_json(c, &w, record);
    rules_json(c, &w, record);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void grade_show(struct request *r, const char *entity) {
    struct ctx *c = r->c;
    const struct entity *e = entity_named(c, entity);
    struct record *record = record_read(c, e, request_id(r, "id"));
    if (record && access_field(c->actor, e, entity_field(e, STR("grade"))) < RIGHT_READ) {
        FAIL(c, ERROR_DENIED, "access.denied");
        return;
    }
    if (record) {
        grade_reply(r, record);
    }
}

static void grade_follow(struct request *r, const char *entity) {
    struct ctx *c = r->c;
    const struct entity *e = entity_named(c, entity);
    struct record *record = record_read(c, e, request_id(r, "id"));
    if (record) {
        access_require(c, ACTION_UPDATE, record);
        if (access_field(c->actor, e, entity_field(e, STR("grade"))) < RIGHT_WRITE) {
            FAIL(c, ERROR_DENIED, "access.denied");
        }
    }
    if (record && record_holds(c, record)) {
        grading_ask(c, e, record->id, true);
        record = record_load(c, e, record->id);
    }
    if (record) {
        grade_reply(r, record);
    }
}

static void deal_grade_get(struct request *r) {
    grade_show(r, "opportunity");
}

static void lead_grade_get(struct request *r) {
    grade_show(r, "lead");
}

static void deal_follow_post(struct request *r) {
    grade_follow(r, "opportunity");
}

static void lead_follow_post(struct request *r) {
    grade_follow(r, "lead");
}

#define GRADE_ANSWER                                                          \
    "grade:text?! by_hand:boolean! rule_id:id?! at:instant?! rules:[(id:id! " \
    "name:text! grade:text! holds:boolean! parts:object!)]!"

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/opportunities/{id}/grade", PERMISSION_RECORD, LANE_INLINE, deal_grade_get,
     .summary = "route.grade", .answer = GRADE_ANSWER},
    {METHOD_GET, "/api/v1/leads/{id}/grade", PERMISSION_RECORD, LANE_INLINE, lead_grade_get,
     .summary = "route.grade", .answer = GRADE_ANSWER},
    {METHOD_POST, "/api/v1/opportunities/{id}/grade/follow", PERMISSION_RECORD, LANE_WRITER,
     deal_follow_post, .summary = "route.grade_follow", .answer = GRADE_ANSWER},
    {METHOD_POST, "/api/v1/leads/{id}/grade/follow", PERMISSION_RECORD, LANE_WRITER,
     lead_follow_post, .summary = "route.grade_follow", .answer = GRADE_ANSWER},
    {0}};

static const struct text texts[] = {
    {"grading.personal", "分级条件不能问“我”", "Nobody is \"me\" in a grade rule"},
    {"grading.circle", "分级条件不能问等级本身，也不能绕回来问：{by}",
     "A grade rule cannot ask for the grade, nor for what does: {by}"},
    {"route.grade", "等级从何而来", "Where a grade comes from"},
    {"route.grade_follow", "等级改由规则决定", "Give a grade back to the rules"},
    {0}};

const struct module grade_rule_module = {
    .name = "sales.grade_rule",
    .cloud = "sales",
    .entities = (const struct entity_definition *const[]){&rule_entity, NULL},
    .routes = routes,
    .texts = texts};
