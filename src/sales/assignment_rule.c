/* See assignment_rule.h. Events out: those of the lead. */
#include "sales/assignment_rule.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "customer/lead.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/condition.h"
#include "entity/record_memory.h"
#include "organization/calendar.h"
#include "organization/company.h"
#include "organization/leave.h"
#include "sales/assignment_wait.h"
#include "sales/lead_pool.h"
#include "sales/sales.h"

enum { WEIGHT_MOST = 100, WORDS_MOST = 300 };

static const struct option strategies[] = {{"owner", "指定负责人", "A named owner", "idle"},
                                           {"round_robin", "轮流", "Round robin", "idle"},
                                           {"weighted", "按权重", "Weighted", "idle"},
                                           {"least_loaded", "手上最少的", "Least loaded", "idle"},
                                           {"skill", "按技能", "By skill", "idle"},
                                           {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 100},
    {"position", FIELD_INTEGER, FIELD_LISTED, "顺序", "Order", "group.basic", .max = 10000,
     .standard = "0"},
    {"enabled", FIELD_BOOLEAN, FIELD_LISTED, "启用", "Enabled", "group.basic", .standard = "1"},
    {"condition", FIELD_JSON, 0, "条件", "Condition", "group.basic", .max_length = 20000},
    {"strategy", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED, "策略", "Strategy", "group.basic",
     .options = strategies, .standard = "round_robin"},
    {"people", FIELD_JSON, FIELD_REQUIRED, "人员", "People", "group.basic", .max_length = 20000},
    {"skill", FIELD_TEXT, 0, "技能", "Skill", "group.basic", .max_length = 60},
    {"skill_field", FIELD_TEXT, 0, "按字段匹配技能", "Skill named by field", "group.basic",
     .max_length = 60},
    {"holding_cap", FIELD_INTEGER, 0, "每人最多持有", "Held at most", "group.limits", .max = 10000,
     .standard = "0"},
    {"working_hours", FIELD_BOOLEAN, 0, "只在工作时间分配", "In working hours only", "group.limits",
     .standard = "0"},
    {"exploration_percent", FIELD_INTEGER, 0, "探索比例（%）", "Exploration slice (%)",
     "group.limits", .max = 50, .standard = "0"},
    {"pool_id", FIELD_REFERENCE, FIELD_LISTED, "没有合适的人时进", "Pool when nobody is left",
     "group.basic", .target = "lead_pool"},
    {"description", FIELD_LONG_TEXT, 0, "说明", "Description", "group.basic"},
    {0}};

/* [{"user_id" | "team_id" | "department_id", "weight"}] */
static void check_person(struct ctx *c, const struct json *item, size_t i) {
    static const struct {
        const char *key, *entity;
    } kinds[] = {{"user_id", "user"}, {"team_id", "team"}, {"department_id", "department"}};
    int named = 0;
    for (size_t k = 0; k < 3; k++) {
        int64_t id = json_id(item, kinds[k].key);
        named += id ? 1 : 0;
        if (id && !record_load(c, entity_named(c, kinds[k].entity), id)) {
            FAIL_FIELD(c, str_format(c->arena, "/people/%zu/%s", i, kinds[k].key),
                       "reference.absent");
        }
    }
    int64_t weight = json_int(item, "weight", 1);
    if (!ctx_failed(c) && named != 1) {
        FAIL_FIELD(c, str_format(c->arena, "/people/%zu", i), "assignment.person");
    }
    if (weight < 1 || weight > WEIGHT_MOST) {
        FAIL_FIELD(c, str_format(c->arena, "/people/%zu/weight", i), "assignment.weight");
    }
}

static void rule_check(struct ctx *c, struct change *change) {
    const struct record *rule = change->after;
    const struct entity *lead = entity_named(c, "lead");
    struct str where = record_text(rule, "condition"), text = record_text(rule, "people");
    const struct json *people = text.n ? json_parse(c, text) : NULL;
    if (where.n) {
        condition_parse_text(c, lead, where);
    }
    if (!json_is(people, JSON_IS_ARRAY) || !people->n || people->n > RULE_PEOPLE_MOST) {
        FAIL_FIELD(c, STR("/people"), "assignment.people");
    }
    for (size_t i = 0; json_is(people, JSON_IS_ARRAY) && i < people->n; i++) {
        check_person(c, &people->items[i], i);
    }
    struct str by = record_text(rule, "skill_field");
    if (by.n && !entity_field(lead, by)) {
        FAIL_FIELD(c, STR("/skill_field"), "field.unknown");
    }
    bool skilled = str_is(record_text(rule, "strategy"), "skill");
    if (skilled && !by.n && record_empty(rule, "skill")) {
        FAIL_FIELD(c, STR("/skill"), "field.required");
    }
}

static void rule_wrote(struct ctx *c, const struct change *change) {
    (void)change;
    assignment_wait_end(c);
}

static const struct entity_definition rule_entity = {.name = "assignment_rule",
                                                     .plural = "assignment_rules",
                                                     .zh = "分配规则",
                                                     .en = "Assignment rule",
                                                     .flags = ENTITY_SETTING,
                                                     .fields = fields,
                                                     .check = rule_check,
                                                     .wrote = rule_wrote};

static const struct migration migrations[] = {
    {"sales.assignment_rule.1",
     "ALTER TABLE assignment_turn ADD COLUMN credits TEXT NOT NULL DEFAULT '{}';\n"
     "CREATE TABLE assignment_decision (id {id}, lead_id BIGINT NOT NULL, "
     "rule_id BIGINT NOT NULL, at BIGINT NOT NULL, strategy TEXT NOT NULL, user_id BIGINT, "
     "pool_id BIGINT, explored BIGINT NOT NULL, detail TEXT NOT NULL);\n"
     "CREATE INDEX assignment_decision_lead ON assignment_decision (lead_id, id);\n"
     "CREATE INDEX assignment_decision_at ON assignment_decision (at)"},
    {0}};

/* How the rule stands: whose turn it is, and everybody's credit. */
struct rule_state {
    bool known;
    int64_t turn;
    const struct json *credits;
    int n; /* people as the last decision left them; of a dry run they count on */
    struct assignee *people;
    const struct candidate *candidates;
};

struct assigner {
    struct ctx *c;
    bool dry;
    size_t n;
    struct record *const *rules;
    const struct condition **conditions; /* NULL: is understood no longer, and takes nothing */
    struct rule_state *states;
    struct condition_memo *memo;
    struct id_set away;
    struct working_time working; /* the company's */
};

struct assigner *assigner_of(struct ctx *c, struct record *const *rules, size_t n) {
    struct assigner *a = ARENA_NEW(c->arena, struct assigner);
    const struct working_time working = company_working_time(c, false);
    struct date today = zone_date(working.zone, c->now_ms);
    char day[DATE_TEXT];
    date_format(today, day);
    *a = (struct assigner){.c = c, .dry = true, .n = n, .rules = rules};
    a->conditions = ARENA_NEW_ARRAY(c->arena, n ? n : 1, const struct condition *);
    a->states = ARENA_NEW_ARRAY(c->arena, n ? n : 1, struct rule_state);
    a->memo = condition_memo_new(c);
    a->working = working;
    a->away = users_away(c, str_copy(c->arena, str_from(day)));
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        a->conditions[i] = condition_parse_kept(c, c->arena, entity_named(c, "lead"),
                                                record_text(rules[i], "condition"));
    }
    return a;
}

static struct record_memory kept_rules = RECORD_MEMORY("assignment_rule", 2 * RULES_MOST);

struct assigner *assigner_new(struct ctx *c, bool dry) {
    struct record **rules = ARENA_NEW_ARRAY(c->arena, RULES_MOST, struct record *);
    size_t n = records_enabled(c, &kept_rules, rules, RULES_MOST);
    struct assigner *a = assigner_of(c, rules, n);
    a->dry = dry;
    return a;
}

bool assignment_any(struct ctx *c) {
    return DB_INT(c, "SELECT 1 FROM assignment_rule WHERE enabled = 1 AND deleted_at IS NULL "
                     "LIMIT 1") != 0;
}

/* The people of a rule, as its list is read. */
struct crowd {
    struct assigner *a;
    const struct record *rule, *lead;
    struct candidate *candidates;
    struct assignee *people;
    int n;
    struct str wanted; /* the skill, or what names it */
};

static bool skilled(const struct crowd *crowd, struct str skills) {
    struct ctx *c = crowd->a->c;
    const struct json *list = skills.n ? json_parse(c, skills) : NULL;
    for (size_t i = 0; json_is(list, JSON_IS_ARRAY) && i < list->n; i++) {
        struct str skill = str_lower(c->arena, list->items[i].text);
        if (skill.n && str_find(crowd->wanted, skill) >= 0) {
            return true;
        }
    }
    return false;
}

static const char *out_because(const struct crowd *crowd, const struct db_rows *row) {
    const struct assigner *a = crowd->a;
    struct working_time his = a->working;
    day_hours_parse(db_text(row, 3), &his.hours);
    if (!db_int(row, 2)) {
        return "assignment.out_inactive";
    }
    if (id_set_has(a->away, db_int(row, 0))) {
        return "assignment.out_leave";
    }
    if (record_int(crowd->rule, "working_hours") && !working_time_is(&his, a->c->now_ms)) {
        return "assignment.out_hours";
    }
    if (str_is(record_text(crowd->rule, "strategy"), "skill") && !skilled(crowd, db_text(row, 4))) {
        return "assignment.out_skill";
    }
    return NULL;
}

static bool met(const struct crowd *crowd, int64_t user_id) {
    for (int i = 0; i < crowd->n; i++) {
        if (crowd->people[i].user_id == user_id) {
            return true;
        }
    }
    return false;
}

static void crowd_add(struct crowd *crowd, struct db_rows *rows, int64_t weight) {
    while (db_next(rows)) {
        int64_t id = db_int(rows, 0);
        if (crowd->n < RULE_PEOPLE_MOST && !met(crowd, id)) {
            crowd->candidates[crowd->n] = (struct candidate){id, db_text(rows, 1)};
            crowd->people[crowd->n++] = (struct assignee){
                .user_id = id, .weight = weight, .out = out_because(crowd, rows)};
        }
    }
}

#define PERSON "u.id, u.name, u.active, u.work_hours, u.skills FROM \"user\" u "

static void crowd_read(struct crowd *crowd) {
    struct ctx *c = crowd->a->c;
    const struct json *list = json_parse(c, record_text(crowd->rule, "people"));
    struct db_rows rows;
    for (size_t i = 0; list && i < list->n && !ctx_failed(c); i++) {
        const struct json *item = &list->items[i];
        int64_t weight = json_int(item, "weight", 1);
        int64_t user = json_id(item, "user_id"), team = json_id(item, "team_id");
        if (user) {
            DB_QUERY(c, &rows, "SELECT " PERSON "WHERE u.id = $1 AND u.deleted_at IS NULL", user);
        } else if (team) {
            DB_QUERY(c, &rows,
                     "SELECT " PERSON "JOIN team_member m ON m.user_id = u.id "
                     "WHERE m.team_id = $1 AND m.deleted_at IS NULL AND u.deleted_at IS NULL "
                     "AND u.active = 1 ORDER BY u.id LIMIT 200",
                     team);
        } else {
            DB_QUERY(c, &rows,
                     "WITH RECURSIVE below (id) AS (SELECT d.id FROM department d WHERE d.id = $1 "
                     "UNION SELECT d.id FROM department d JOIN below b ON d.parent_id = b.id "
                     "WHERE d.deleted_at IS NULL) SELECT " PERSON
                     "JOIN below b ON b.id = u.department_id WHERE u.deleted_at IS NULL "
                     "AND u.active = 1 ORDER BY u.id LIMIT 200",
                     json_id(item, "department_id"));
        }
        crowd_add(crowd, &rows, weight);
    }
}

/* What everybody holds, by one statement. */
static void loads_read(struct crowd *crowd) {
    struct ctx *c = crowd->a->c;
    int64_t ids[RULE_PEOPLE_MOST];
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    for (int i = 0; i < crowd->n; i++) {
        ids[i] = crowd->people[i].user_id;
    }
    if (!crowd->n) {
        return;
    }
    SQL_ADD(&q, "SELECT owner_id, CAST(count(*) AS BIGINT) FROM lead WHERE deleted_at IS NULL "
                "AND status IN ('new', 'working', 'returned') AND owner_id IN ");
    sql_ids(&q, ids, (size_t)crowd->n);
    SQL_ADD(&q, " GROUP BY owner_id");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        for (int i = 0; i < crowd->n; i++) {
            if (crowd->people[i].user_id == db_int(&rows, 0)) {
                crowd->people[i].load = db_int(&rows, 1);
            }
        }
    }
}

static void cap_ask(struct crowd *crowd) {
    int64_t cap = record_int(crowd->rule, "holding_cap");
    for (int i = 0; cap && i < crowd->n; i++) {
        if (!crowd->people[i].out && crowd->people[i].load >= cap) {
            crowd->people[i].out = "assignment.out_full";
        }
    }
}

static int64_t credit_of(const struct rule_state *s, int64_t user_id) {
    char key[24];
    snprintf(key, sizeof key, "%lld", (long long)user_id);
    return json_int(s->credits, key, 0);
}

/* The turn, the row held until the end of the transaction, so that two leads at once go to two. */
static void state_read(struct assigner *a, const struct record *rule, struct rule_state *s) {
    struct ctx *c = a->c;
    struct db_rows rows;
    if (a->dry) {
        DB_QUERY(c, &rows, "SELECT turn, credits FROM assignment_turn WHERE rule_id = $1",
                 rule->id);
    } else {
        DB_QUERY(c, &rows,
                 "INSERT INTO assignment_turn (rule_id, turn, credits) VALUES ($1, 0, '{}') "
                 "ON CONFLICT (rule_id) DO UPDATE SET turn = assignment_turn.turn "
                 "RETURNING turn, credits",
                 rule->id);
    }
    struct str credits = STR("{}");
    if (db_next(&rows)) {
        s->turn = db_int(&rows, 0);
        credits = db_text(&rows, 1);
        db_done(&rows);
    }
    s->credits = json_parse(c, credits);
    s->known = true;
}

static void crowd_gather(struct crowd *crowd, struct rule_state *s) {
    struct ctx *c = crowd->a->c;
    struct str by = record_text(crowd->rule, "skill_field");
    const struct field *named = by.n ? entity_field(crowd->lead->entity, by) : NULL;
    crowd->candidates = ARENA_NEW_ARRAY(c->arena, RULE_PEOPLE_MOST, struct candidate);
    crowd->people = ARENA_NEW_ARRAY(c->arena, RULE_PEOPLE_MOST, struct assignee);
    crowd->wanted = str_lower(c->arena, named  ? record_text(crowd->lead, str_to_c(c->arena, by))
                                        : by.n ? STR("")
                                               : record_text(crowd->rule, "skill"));
    crowd_read(crowd);
    loads_read(crowd);
    for (int i = 0; i < crowd->n; i++) {
        crowd->people[i].credit = credit_of(s, crowd->people[i].user_id);
        for (int k = 0; k < s->n; k++) { /* what a dry run has given so far */
            if (s->people[k].user_id == crowd->people[i].user_id) {
                crowd->people[i].credit = s->people[k].credit;
                crowd->people[i].load = s->people[k].load;
            }
        }
    }
    cap_ask(crowd);
}

static enum strategy strategy_of(const struct record *rule) {
    struct str word = record_text(rule, "strategy");
    for (int i = 0; i < STRATEGIES; i++) {
        if (str_is(word, strategies[i].code)) {
            return (enum strategy)i;
        }
    }
    return STRATEGY_ROUND_ROBIN;
}

static struct str credits_json(struct ctx *c, const struct crowd *crowd) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    for (int i = 0; i < crowd->n; i++) {
        json_key_str(&w, str_format(c->arena, "%lld", (long long)crowd->people[i].user_id));
        json_put_int(&w, crowd->people[i].credit);
    }
    json_end_object(&w);
    return json_str(&w);
}

/* The rule has given its lead to chosen: turn, credits and load move on. */
static void settle(struct assigner *a, const struct crowd *crowd, struct rule_state *s,
                   int chosen) {
    struct ctx *c = a->c;
    bool weighted = strategy_of(crowd->rule) == STRATEGY_WEIGHTED;
    if (weighted) {
        assignment_settle(crowd->people, crowd->n, chosen);
    }
    s->turn = chosen + 1;
    if (!a->dry) {
        DB_PUT(c, "UPDATE assignment_turn SET turn = $1, credits = $2 WHERE rule_id = $3", s->turn,
               weighted ? credits_json(c, crowd) : STR("{}"), crowd->rule->id);
    }
}

/* What the decision saw stays as it was; the next one of a dry run begins where this one ended. */
static void remember(struct assigner *a, const struct crowd *crowd, struct rule_state *s,
                     int chosen) {
    struct ctx *c = a->c;
    struct assignee *after = ARENA_NEW_ARRAY(c->arena, (size_t)crowd->n, struct assignee);
    for (int i = 0; i < crowd->n; i++) {
        after[i] = crowd->people[i];
    }
    after[chosen].load++;
    s->people = after;
    s->n = crowd->n;
}

static struct assignment rule_decide(struct assigner *a, size_t i, const struct record *lead) {
    struct crowd crowd = {.a = a, .rule = a->rules[i], .lead = lead};
    struct rule_state *s = &a->states[i];
    if (!s->known || !a->dry) {
        state_read(a, a->rules[i], s);
    }
    crowd_gather(&crowd, s);
    struct assignment d = {
        .rule = a->rules[i], .n = crowd.n, .candidates = crowd.candidates, .people = crowd.people};
    d.explored = assignment_explores(lead->id, record_int(a->rules[i], "exploration_percent"));
    int chosen = d.explored
                     ? assignment_explore(crowd.people, crowd.n, assignment_seed(lead->id))
                     : assignment_choose(strategy_of(a->rules[i]), crowd.people, crowd.n, s->turn);
    if (chosen < 0) {
        int64_t pool_id = record_id(a->rules[i], "pool_id");
        d.pool_id = pool_id && pool_open(a->c, pool_id) ? pool_id : 0;
        d.explored = false;
        return d;
    }
    d.user_id = crowd.people[chosen].user_id;
    settle(a, &crowd, s, chosen);
    if (a->dry) {
        remember(a, &crowd, s, chosen);
    }
    return d;
}

struct assignment assigner_decide(struct assigner *a, const struct record *lead) {
    struct assignment nobody = {0};
    for (size_t i = 0; i < a->n && !ctx_failed(a->c); i++) {
        if (!a->conditions[i] || !condition_match_memo(a->memo, a->conditions[i], lead)) {
            continue;
        }
        struct assignment d = rule_decide(a, i, lead);
        if (d.user_id || d.pool_id) {
            return d;
        }
        nobody = nobody.rule ? nobody : d;
    }
    const struct record *pool = pool_fitting(a->c, lead, false);
    nobody.pool_id = pool ? pool->id : 0;
    return nobody;
}

static struct str condition_in(struct ctx *c, enum language language, const struct record *rule) {
    enum language before = c->language;
    const struct actor *actor = c->actor;
    struct str text = record_text(rule, "condition");
    const struct condition *where = condition_parse_kept(c, c->arena, entity_named(c, "lead"),
                                                         text);
    c->language = language;
    c->actor = &actor_system;
    struct str words = text.n && where ? condition_words(c, where)
                                       : message_words(language, "assignment.always");
    c->language = before;
    c->actor = actor;
    return text_truncate(words, WORDS_MOST);
}

struct str assignment_words(struct ctx *c, enum language language, const struct assignment *d) {
    const char *strategy = strategies[strategy_of(d->rule)].code;
    const char *code = str_to_c(c->arena, str_format(c->arena, "assignment.by_%s", strategy));
    const char *how = d->user_id   ? (d->explored ? "assignment.by_exploration" : code)
                      : d->pool_id ? "assignment.by_pool"
                                   : "assignment.by_nobody";
    const struct text_parameter p[] = {{"rule", record_title(d->rule)},
                                       {"condition", condition_in(c, language, d->rule)},
                                       {"how", message_words(language, how)}};
    return message_format(c->arena, language, "assignment.because", p, 3);
}

static struct str detail_json(struct ctx *c, const struct assignment *d) {
    enum { TOLD = 60 };
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "zh", json_put_str, assignment_words(c, LANGUAGE_ZH, d));
    JSON_MEMBER(&w, "en", json_put_str, assignment_words(c, LANGUAGE_EN, d));
    json_key(&w, "considered");
    json_begin_array(&w);
    for (int i = 0; i < d->n && i < TOLD; i++) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "id", json_put_id, d->candidates[i].user_id);
        JSON_MEMBER(&w, "name", json_put_str, d->candidates[i].name);
        JSON_MEMBER(&w, "open_leads", json_put_int, d->people[i].load);
        if (d->people[i].out) {
            JSON_MEMBER(&w, "out", json_put_c, d->people[i].out);
        }
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    return json_str(&w);
}

static void decision_keep(struct ctx *c, const struct record *lead, const struct assignment *d) {
    DB_PUT(c,
           "INSERT INTO assignment_decision (id, lead_id, rule_id, at, strategy, user_id, pool_id, "
           "explored, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
           id_new(), lead->id, d->rule->id, c->now_ms, record_text(d->rule, "strategy"),
           db_from_id(d->user_id), db_from_id(d->user_id ? 0 : d->pool_id), d->explored ? 1 : 0,
           detail_json(c, d));
}

bool assignment_run(struct ctx *c, const struct record *lead) {
    struct assignment d = assigner_decide(assigner_new(c, false), lead);
    if (ctx_failed(c)) {
        return false;
    }
    bool waits = d.rule && !d.user_id && !d.pool_id;
    if (d.rule && !(waits && !assignment_wait(c, lead, &d))) {
        decision_keep(c, lead, &d);
    }
    if (d.user_id) {
        lead_assign(c, lead, d.user_id, text_truncate(assignment_words(c, LANGUAGE_ZH, &d), 500));
        return true;
    }
    const struct pool_entry entry = {.kind = POOL_ENTERED, .pool_id = d.pool_id};
    return d.pool_id && pool_put(c, lead, &entry) != 0;
}

static const struct text texts[] = {
    {"assignment.because", "规则「{rule}」，{condition}：{how}",
     "Rule \"{rule}\", {condition}: {how}"},
    {"assignment.always", "所有线索", "all leads"},
    {"assignment.by_owner", "指定负责人", "named owner"},
    {"assignment.by_round_robin", "轮流分配", "round robin"},
    {"assignment.by_weighted", "按权重分配", "weighted"},
    {"assignment.by_least_loaded", "手上线索最少", "fewest open leads"},
    {"assignment.by_skill", "有对应技能、手上最少", "has the skill, fewest open leads"},
    {"assignment.by_exploration", "探索样本，随机选人", "exploration slice, chosen by chance"},
    {"assignment.by_pool", "没有合适的人，进公海", "nobody available, into the pool"},
    {"assignment.by_nobody", "暂时没有合适的人，有人能接时再分配",
     "nobody available; given out as soon as somebody is"},
    {"assignment.out_inactive", "已停用", "switched off"},
    {"assignment.out_leave", "请假", "on leave"},
    {"assignment.out_hours", "不在工作时间", "outside working hours"},
    {"assignment.out_full", "手上已满", "holds as many as allowed"},
    {"assignment.out_skill", "没有这项技能", "lacks the skill"},
    {"assignment.people", "选 1 到 200 项人员、团队或部门",
     "1 to 200 people, teams or departments"},
    {"assignment.person", "每项写一个用户、团队或部门", "One user, team or department each"},
    {"assignment.weight", "权重 1 到 100", "A weight from 1 to 100"},
    {0}};

const struct module assignment_rule_module = {
    .name = "sales.assignment_rule",
    .cloud = "sales",
    .entities = (const struct entity_definition *const[]){&rule_entity, NULL},
    .migrations = migrations,
    .texts = texts};
