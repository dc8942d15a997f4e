/*
 * Two pools with what lies in them, the list that gives out new leads (in place of the rule of
 * automation the company had before), skills and leave, and handovers in every state.
 */
#include "sample/setup.h"

#include "base/clock.h"
#include "base/json.h"
#include "customer/handover.h"
#include "db/db.h"
#include "entity/record.h"
#include "organization/company.h"
#include "sales/lead_pool.h"

enum { LEADS_MOST = 80 };

static int64_t user_of(struct ctx *c, const char *login) {
    return DB_INT(c, "SELECT id FROM \"user\" WHERE login = $1", login);
}

static int64_t named(struct ctx *c, const char *department) {
    return DB_INT(c, "SELECT id FROM department WHERE name = $1 AND deleted_at IS NULL",
                  department);
}

static int64_t insert(struct ctx *c, const struct change_set *set) {
    struct record *r = record_insert(c, set);
    return r ? r->id : 0;
}

static int64_t make_pool(struct ctx *c, const char *name, const char *condition, int position) {
    struct change_set set = change_new(c, entity_named(c, "lead_pool"));
    bool fresh = position == 1;
    change_text(&set, "name", str_from(name));
    change_text(&set, "condition", str_from(condition));
    change_int(&set, "position", position);
    change_int(&set, "everyone", 1);
    change_text(&set, "managers",
                str_format(c->arena, "[\"%lld\"]", (long long)user_of(c, "zhoumin")));
    change_int(&set, "pick_limit", fresh ? 8 : 5);
    change_int(&set, "holding_cap", 60);
    change_int(&set, "cooldown_days", fresh ? 3 : 14);
    change_int(&set, "follow_up_hours", fresh ? 24 : 0);
    change_int(&set, "deal_days", fresh ? 0 : 120);
    change_int(&set, "workdays", fresh);
    return insert(c, &set);
}

/* Leads with an owner that nobody spoke to lately, the newest first. */
static size_t quiet_leads(struct ctx *c, bool fresh, int64_t *ids, size_t limit) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id FROM lead WHERE deleted_at IS NULL AND status IN ('new', 'working', "
             "'returned') AND owner_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM handover h WHERE "
             "h.lead_id = lead.id AND h.state = 'waiting' AND h.deleted_at IS NULL) AND "
             "CASE WHEN created_at > $1 THEN 1 ELSE 0 END = $2 ORDER BY created_at DESC LIMIT $3",
             c->now_ms - 21 * (int64_t)MS_DAY, (int64_t)fresh, (int64_t)limit * 3);
    for (int64_t at = 0; db_next(&rows); at++) {
        if (at % 3 == 1 && n < limit) {
            ids[n++] = db_int(&rows, 0);
        }
    }
    return n;
}

static void fill(struct ctx *c, int64_t pool_id, bool fresh, size_t most) {
    static const char *const reasons[] = {"电话打不通", "说明年再看", "已有供应商，不考虑换",
                                          "预算被砍，先放一放"};
    int64_t ids[LEADS_MOST], now = c->now_ms;
    size_t n = quiet_leads(c, fresh, ids, most);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct record *lead = record_load(c, entity_named(c, "lead"), ids[i]);
        bool let_go = i % 3 == 1;
        struct pool_entry entry = {.kind = let_go ? POOL_RELEASED : POOL_RECYCLED,
                                   .reason = str_from(let_go ? reasons[i / 3 % 4] : "follow_up"),
                                   .from_user_id = record_id(lead, "owner_id"),
                                   .pool_id = pool_id};
        c->now_ms = now - (int64_t)(i + 1) * (fresh ? 47 : 400) * MS_MINUTE;
        if (i % 3 == 2 && fresh) {
            entry = (struct pool_entry){.kind = POOL_ENTERED, .pool_id = pool_id};
        }
        pool_put(c, lead, &entry);
    }
    c->now_ms = now;
}

static void make_pools(struct ctx *c) {
    int64_t fresh = make_pool(
        c, "新线索公海", "{\"field\":\"created_at\",\"op\":\"within_last\",\"value\":\"30d\"}", 1);
    int64_t old = make_pool(c, "老线索公海", "", 2);
    fill(c, fresh, true, 26);
    fill(c, old, false, 22);
}

static struct str people_of(struct ctx *c, const char *const *departments) {
    struct json_writer w = json_writer(c->arena);
    json_begin_array(&w);
    for (; *departments; departments++) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "department_id", json_put_id, named(c, *departments));
        json_end_object(&w);
    }
    json_end_array(&w);
    return json_str(&w);
}

struct rule {
    const char *name, *condition, *strategy, *skill_field;
    const char *departments[7];
    int cap, explore;
};

static const struct rule rules[] = {
    {"商城线索轮流",
     "{\"any\":[{\"field\":\"source\",\"op\":\"eq\",\"value\":\"商城注册\"},"
     "{\"field\":\"source\",\"op\":\"eq\",\"value\":\"1688 店铺\"},"
     "{\"field\":\"source\",\"op\":\"eq\",\"value\":\"抖音小店\"}]}",
     "round_robin",
     NULL,
     {"备件商城部", NULL},
     80,
     0},
    {"有行业专长的先给",
     "{\"field\":\"industry\",\"op\":\"not_empty\"}",
     "skill",
     "industry",
     {"苏南组", "浙沪皖组", "京津冀组", "山东组", "珠三角组", "福建组", NULL},
     40,
     10},
    {"华东给手上最少的",
     "{\"any\":[{\"field\":\"region\",\"op\":\"starts_with\",\"value\":\"江苏\"},"
     "{\"field\":\"region\",\"op\":\"starts_with\",\"value\":\"浙江\"},"
     "{\"field\":\"region\",\"op\":\"starts_with\",\"value\":\"上海\"}]}",
     "least_loaded",
     NULL,
     {"苏南组", "浙沪皖组", NULL},
     40,
     0}};

static void make_rules(struct ctx *c) {
    for (int i = 0; i < (int)(sizeof rules / sizeof *rules) && !ctx_failed(c); i++) {
        struct change_set set = change_new(c, entity_named(c, "assignment_rule"));
        change_text(&set, "name", str_from(rules[i].name));
        change_int(&set, "position", i + 1);
        change_text(&set, "condition", str_from(rules[i].condition));
        change_text(&set, "strategy", str_from(rules[i].strategy));
        change_text(&set, "skill_field",
                    rules[i].skill_field ? str_from(rules[i].skill_field) : STR(""));
        change_text(&set, "people", people_of(c, rules[i].departments));
        change_int(&set, "holding_cap", rules[i].cap);
        change_int(&set, "exploration_percent", rules[i].explore);
        insert(c, &set);
    }
    /* The rule of automation of the time before would give out the rest at once. */
    int64_t before = DB_INT(c, "SELECT id FROM automation WHERE name = '新线索轮流分配' "
                               "AND deleted_at IS NULL");
    if (before) {
        struct change_set off = change_new(c, entity_named(c, "automation"));
        change_int(&off, "enabled", 0);
        record_change(c, before, &off);
    }
}

static void make_skills(struct ctx *c) {
    static const struct {
        const char *login, *skills;
    } people[] = {{"chensiyuan", "[\"汽车零部件\",\"装备制造\"]"},
                  {"shenjiaqi", "[\"电子电气\"]"},
                  {"guxiaofeng", "[\"纺织服装\"]"},
                  {"zhangyutong", "[\"能源\",\"化工材料\"]"},
                  {"tianmeng", "[\"医疗健康\"]"},
                  {"wangqiang", "[\"装备制造\"]"},
                  {"huangjie", "[\"电子电气\",\"装备制造\"]"},
                  {"linxiuwen", "[\"食品饮料\"]"}};
    for (size_t i = 0; i < sizeof people / sizeof *people && !ctx_failed(c); i++) {
        struct change_set set = change_new(c, entity_named(c, "user"));
        change_text(&set, "skills", str_from(people[i].skills));
        record_change(c, user_of(c, people[i].login), &set);
    }
}

static struct str day_after(struct ctx *c, int64_t days) {
    char text[DATE_TEXT];
    date_format(zone_date(company_zone(c), c->now_ms + days * MS_DAY), text);
    return str_copy(c->arena, str_from(text));
}

static void make_leave(struct ctx *c) {
    static const struct {
        const char *login, *note;
        int from, to;
    } away[] = {{"luweiming", "年假", -1, 4}, {"tianmeng", "婚假", 9, 15}};
    for (size_t i = 0; i < sizeof away / sizeof *away && !ctx_failed(c); i++) {
        struct change_set set = change_new(c, entity_named(c, "user_leave"));
        change_id(&set, "user_id", user_of(c, away[i].login));
        change_text(&set, "first_date", day_after(c, away[i].from));
        change_text(&set, "last_date", day_after(c, away[i].to));
        change_text(&set, "note", str_from(away[i].note));
        insert(c, &set);
    }
}

static size_t leads_of(struct ctx *c, struct str status, int64_t owner, int64_t *ids,
                       size_t limit) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id FROM lead WHERE deleted_at IS NULL AND status = $1 AND owner_id IS NOT "
             "NULL AND (owner_id = $2 OR $2 = 0) AND company_name IS NOT NULL AND NOT EXISTS "
             "(SELECT 1 FROM handover h WHERE h.lead_id = lead.id) "
             "ORDER BY created_at DESC LIMIT $3",
             status, owner, (int64_t)limit);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    return n;
}

/* How a handover went on, by the time it was made. */
struct course {
    const char *state, *outcome;
    int64_t ago_ms, took_ms;
    int64_t reason_id;
};

/* The reactors have not scored the leads yet: the points of the reasons, as they will. */
static int64_t points_of(struct ctx *c, int64_t handover_id) {
    const struct record *handover = record_load(c, entity_named(c, "handover"), handover_id);
    const struct json *reasons = handover ? json_parse(c, record_text(handover, "reasons")) : NULL;
    int64_t points = 0;
    for (size_t i = 0; json_is(reasons, JSON_IS_ARRAY) && i < reasons->n; i++) {
        points += json_int(&reasons->items[i], "points", 0);
    }
    return points;
}

static void hand_over(struct ctx *c, int64_t lead_id, int64_t by, const struct course *course,
                      int number) {
    static const char *const notes[] = {"想在年底前装完，请当天联系", "问过交期，希望本周回电",
                                        "请带上同行案例", ""};
    int64_t now = c->now_ms;
    struct record *lead = record_load(c, entity_named(c, "lead"), lead_id);
    /* Not before it came. */
    int64_t since = lead ? record_int(lead, "created_at") + 2 * MS_MINUTE : now;
    int64_t at = since > now - course->ago_ms ? since : now - course->ago_ms;
    c->now_ms = at < now ? at : now;
    int64_t id = lead ? handover_make(c, lead,
                                      &(struct handover_cause){.by_user_id = by,
                                                               .note = str_from(notes[number % 4])})
                      : 0;
    int64_t took = course->took_ms < now - c->now_ms ? course->took_ms : now - c->now_ms;
    struct change_set set = change_new(c, entity_named(c, "handover"));
    change_int(&set, "score", id ? points_of(c, id) : 0);
    change_text(&set, "outcome", str_from(course->outcome));
    if (course->took_ms) {
        change_text(&set, "state", str_from(course->state));
        change_int(&set, "decided_at", c->now_ms + took);
        change_id(&set, "return_reason_id", course->reason_id);
        c->now_ms += took;
    }
    record_change(c, id, &set);
    if (course->reason_id) {
        struct change_set back = change_new(c, entity_named(c, "lead"));
        change_text(&back, "status", STR("nurturing"));
        change_text(
            &back, "returned_reason",
            DB_TEXT(c, "SELECT name FROM handover_reason WHERE id = $1", course->reason_id));
        record_change(c, lead_id, &back);
    }
    c->now_ms = now;
}

static void hand_over_some(struct ctx *c, int64_t by, struct str status, struct course course) {
    int64_t ids[16];
    size_t n = leads_of(c, status, 0, ids, sizeof ids / sizeof *ids);
    for (size_t i = 0; i < n && i < 9 && !ctx_failed(c); i++) {
        struct course one = course;
        one.ago_ms += (int64_t)i * 53 * MS_HOUR;
        one.took_ms += (int64_t)(i * 37 % 240) * MS_MINUTE;
        one.reason_id = course.reason_id ? DB_INT(c,
                                                  "SELECT id FROM handover_reason ORDER BY "
                                                  "position LIMIT 1 OFFSET $1",
                                                  (int64_t)(i * i % 5))
                                         : 0;
        hand_over(c, ids[i], by, &one, (int)i);
    }
}

static void make_handovers(struct ctx *c) {
    int64_t by = user_of(c, "linxiao"), ids[4];
    hand_over_some(c, by, STR("working"),
                   (struct course){"accepted", "open", 26 * MS_HOUR, 25 * MS_MINUTE, 0});
    hand_over_some(c, by, STR("returned"),
                   (struct course){"returned", "nurturing", 31 * MS_HOUR, 95 * MS_MINUTE, 1});
    size_t n = leads_of(c, STR("working"), user_of(c, "chensiyuan"), ids, 4);
    n = n > 1 ? 2 : n;
    n += leads_of(c, STR("new"), 0, ids + n, 4 - n);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        hand_over(c, ids[i], by,
                  &(struct course){"waiting", "open", (int64_t)(i + 1) * MS_HOUR, 0, 0}, (int)i);
    }
}

void sample_pool(struct ctx *c) {
    make_skills(c);
    make_leave(c);
    make_rules(c);
    make_handovers(c);
    make_pools(c);
}
