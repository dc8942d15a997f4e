/* See company.h: the people and the settings of the company, and its hours. */
#include "sample/company.h"

#include "base/phone.h"
#include "db/db.h"
#include "organization/company.h"
#include "organization/role.h"
#include "organization/user.h"
#include "sales/pipeline.h"

static const struct {
    const char *name;
    int parent;
} departments[] = {{"总部", -1},      {"销售部", 0},   {"华东大区", 1},   {"华北大区", 1},
                   {"华南大区", 1},   {"市场部", 0},   {"客服部", 0},     {"财务部", 0},
                   {"法务部", 0},     {"苏南组", 2},   {"浙沪皖组", 2},   {"京津冀组", 3},
                   {"山东组", 3},     {"珠三角组", 4}, {"福建组", 4},     {"备件商城部", 1},
                   {"数字营销组", 5}, {"内容组", 5},   {"技术服务组", 6}, {"客户关怀组", 6}};
enum { DEPARTMENTS = sizeof departments / sizeof *departments, GROUP_FIRST = 9 };

/* Everybody who is no salesman. */
static const struct {
    const char *login, *name, *role, *title;
    int department;
    bool heads; /* the department */
} people[] = {
    {"guozong", "郭建国", "director", "总经理", 0, true},
    {"hanmei", "韩梅", "director", "副总经理", 0, false},
    {"zhoumin", "周敏", "sales_manager", "销售总监", 1, true},
    {"jiangtao", "江涛", "sales_manager", "华东大区经理", 2, true},
    {"duxuefeng", "杜雪峰", "sales_manager", "华北大区经理", 3, true},
    {"luoying", "罗颖", "sales_manager", "华南大区经理", 4, true},
    {"fangting", "方婷", "sales_manager", "商城运营经理", 15, true},
    {"linxiao", "林晓", "marketer", "市场总监", 5, true},
    {"xuchao", "许超", "marketer", "投放经理", 16, true},
    {"pengyue", "彭悦", "marketer", "投放专员", 16, false},
    {"zhengkai", "郑凯", "marketer", "活动经理", 16, false},
    {"tanxin", "谭欣", "marketer", "新媒体运营", 16, false},
    {"caorui", "曹瑞", "marketer", "私域运营", 16, false},
    {"yuanlin", "袁琳", "marketer", "数据运营", 16, false},
    {"suqing", "苏晴", "content", "内容主管", 17, true},
    {"baixue", "白雪", "content", "文案", 17, false},
    {"qiuming", "邱明", "content", "视频编导", 17, false},
    {"shizhe", "石哲", "content", "产品经理", 17, false},
    {"weilan", "魏兰", "content", "设计师", 17, false},
    {"tangning", "唐宁", "service_agent", "客服经理", 6, true},
    {"fengzhiqiang", "冯志强", "service_agent", "服务工程师", 18, true},
    {"yuhai", "于海", "service_agent", "服务工程师", 18, false},
    {"dongping", "董平", "service_agent", "服务工程师", 18, false},
    {"caifan", "蔡帆", "service_agent", "服务工程师", 18, false},
    {"panlong", "潘龙", "service_agent", "调试工程师", 18, false},
    {"dinghao", "丁浩", "service_agent", "调试工程师", 18, false},
    {"xiangyang", "向阳", "service_agent", "调试工程师", 18, false},
    {"shaomin", "邵敏", "service_agent", "客户关怀", 19, true},
    {"mengqi", "孟琪", "service_agent", "客户关怀", 19, false},
    {"qinlan", "秦岚", "service_agent", "客户关怀", 19, false},
    {"hexiaoyu", "贺小雨", "service_agent", "客户关怀", 19, false},
    {"longfei", "龙飞", "service_agent", "热线", 19, false},
    {"sunli", "孙丽", "finance", "财务经理", 7, true},
    {"zhaojing", "赵静", "finance", "会计", 7, false},
    {"niumeng", "牛萌", "finance", "会计", 7, false},
    {"yanbin", "严斌", "finance", "出纳", 7, false},
    {"xiewen", "谢文", "legal", "法务经理", 8, true},
    {"renjie", "任洁", "legal", "法务专员", 8, false},
};

static const struct {
    const char *name, *region;
    int members[4]; /* of sample_reps, the first leads */
    int n;
} teams[] = {{"华东攻坚组", "华东", {0, 1, 3}, 3},
             {"汽车零部件专组", "全国", {0, 6, 12, 9}, 4},
             {"备件运营组", "全国", {18, 19, 20, 21}, 4}};

bool company_reached(const struct company *k, int64_t at) {
    return at <= k->now_ms;
}

void company_at(struct company *k, int64_t at, const struct actor *who) {
    k->c->now_ms = at;
    k->c->actor = who ? who : &actor_system;
}

int64_t company_day(const struct company *k, int64_t at) {
    return date_to_days(zone_date(k->zone, at));
}

static int64_t day_begins(const struct company *k, int64_t day) {
    return zone_midnight(k->zone, date_from_days(day));
}

int64_t company_work_time(const struct company *k, struct draw *d, int64_t day) {
    return day_begins(k, day) + draw_between(d, 8 * 60 + 30, 18 * 60) * MS_MINUTE +
           draw_between(d, 0, 59) * MS_SECOND;
}

/* Few in the night, most in the morning and the evening. */
int64_t company_net_time(const struct company *k, struct draw *d, int64_t day) {
    static const int hours[24] = {6,  3,  2,  1,  1,  2,  8,  20, 45, 70, 78, 66,
                                  40, 50, 70, 72, 66, 52, 36, 42, 55, 52, 36, 16};
    int64_t hour = (int64_t)draw_share(d, hours, 24);
    return day_begins(k, day) + hour * MS_HOUR + draw_between(d, 0, 3599) * MS_SECOND;
}

int64_t company_next_work(const struct company *k, struct draw *d, int64_t at) {
    int64_t day = company_day(k, at), time = at - day_begins(k, day);
    bool works = workday_is(NULL, date_from_days(day));
    if (works && time >= 8 * MS_HOUR + MS_HOUR / 2 && time < 18 * MS_HOUR) {
        return at;
    }
    if (works && time < 9 * MS_HOUR) {
        return day_begins(k, day) + draw_between(d, 8 * 60 + 30, 10 * 60) * MS_MINUTE;
    }
    day = date_to_days(workday_add(NULL, date_from_days(day + 1), 0));
    return day_begins(k, day) + draw_between(d, 8 * 60 + 30, 11 * 60) * MS_MINUTE;
}

int64_t company_next_shop(const struct company *k, struct draw *d, int64_t at) {
    int64_t day = company_day(k, at), time = at - day_begins(k, day);
    if (time >= 8 * MS_HOUR && time < 23 * MS_HOUR) {
        return at;
    }
    return day_begins(k, time < 8 * MS_HOUR ? day : day + 1) + 8 * MS_HOUR +
           draw_between(d, 2, 45) * MS_MINUTE;
}

struct str company_date(const struct company *k, int64_t at) {
    char text[DATE_TEXT];
    date_format(zone_date(k->zone, at), text);
    return str_copy(k->c->arena, str_from(text));
}

struct change_set company_new(const struct company *k, const char *entity) {
    return change_new(k->c, entity_named(k->c, entity));
}

int64_t company_insert(const struct company *k, const struct change_set *set) {
    struct record *r = record_insert(k->c, set);
    return r ? r->id : 0;
}

static void found_departments(struct company *k) {
    for (int i = 0; i < DEPARTMENTS; i++) {
        struct change_set set = company_new(k, "department");
        change_text(&set, "name", str_from(departments[i].name));
        if (departments[i].parent >= 0) {
            change_id(&set, "parent_id", k->departments[departments[i].parent]);
        }
        k->departments[i] = company_insert(k, &set);
    }
}

/* An employee. */
struct hire {
    const char *login, *name, *role, *title;
    int department;
};

static struct actor hire(struct company *k, const struct hire *h, int number) {
    struct ctx *c = k->c;
    struct change_set set = company_new(k, "user");
    int64_t role = role_by_code(c, h->role);
    change_text(&set, "login", str_from(h->login));
    change_text(&set, "name", str_from(h->name));
    change_text(&set, "job_title", str_from(h->title));
    change_text(&set, "employee_number", str_format(c->arena, "HY%04d", 1001 + number));
    change_text(&set, "email", str_format(c->arena, "%s@huayue.example", h->login));
    change_id(&set, "department_id", k->departments[h->department]);
    int64_t id = company_insert(k, &set);
    user_set_password(c, id, k->password_hash, 0);
    user_set_roles(c, id, &role, 1);
    return (struct actor){.system = true,
                          .user_id = id,
                          .department_id = k->departments[h->department],
                          .name = str_from(h->name)};
}

static void head(struct company *k, int department, int64_t user_id) {
    struct change_set set = company_new(k, "department");
    change_id(&set, "manager_id", user_id);
    record_change(k->c, k->departments[department], &set);
}

static void found_staff(struct company *k) {
    int number = 0;
    for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
        struct actor a = hire(k,
                              &(struct hire){people[i].login, people[i].name, people[i].role,
                                             people[i].title, people[i].department},
                              number++);
        if (people[i].heads) {
            head(k, people[i].department, a.user_id);
        }
        if (str_is(str_from(people[i].login), "zhoumin")) {
            k->manager = a;
        } else if (str_is(str_from(people[i].login), "linxiao")) {
            k->marketer = a;
        }
    }
    for (int i = 0; i < SAMPLE_REPS; i++) {
        const struct sample_rep *r = &sample_reps[i];
        bool shop = r->group == SAMPLE_SHOP_GROUP;
        k->reps[i] = hire(k,
                          &(struct hire){r->login, r->name, "sales_rep",
                                         shop          ? "商城客服销售"
                                         : r->industry ? "高级销售经理"
                                                       : "销售经理",
                                         GROUP_FIRST + r->group},
                          number++);
    }
}

static void found_teams(struct company *k) {
    for (size_t t = 0; t < sizeof teams / sizeof *teams; t++) {
        struct change_set team = company_new(k, "team");
        change_text(&team, "name", str_from(teams[t].name));
        change_text(&team, "region", str_from(teams[t].region));
        change_id(&team, "leader_id", k->reps[teams[t].members[0]].user_id);
        int64_t id = company_insert(k, &team);
        for (int i = 0; i < teams[t].n; i++) {
            struct change_set set = company_new(k, "team_member");
            change_id(&set, "team_id", id);
            change_id(&set, "user_id", k->reps[teams[t].members[i]].user_id);
            company_insert(k, &set);
        }
    }
}

static void found_products(struct company *k) {
    for (int i = 0; i < SAMPLE_PRODUCTS; i++) {
        const struct sample_product *p = &sample_products[i];
        struct change_set set = company_new(k, "product");
        change_text(&set, "name", str_from(p->name));
        change_text(&set, "code", str_from(p->code));
        change_text(&set, "series", str_from(p->series));
        change_text(&set, "unit", str_from(p->unit));
        change_money(&set, "price", (int64_t)p->yuan * 100, STR("CNY"));
        k->products[i] = company_insert(k, &set);
    }
}

static void ids_read(struct db_rows *rows, int64_t *ids, size_t most) {
    size_t n = 0;
    while (db_next(rows)) {
        if (n < most) {
            ids[n++] = db_int(rows, 0);
        }
    }
}

static int64_t found_stage(struct company *k, int position, const char *name, const char *kind) {
    static const char *const steps[SAMPLE_SHOP_ALL_STAGES] = {"opportunity", "quote", "contract",
                                                              "order", "opportunity"};
    static const char *const english[SAMPLE_SHOP_ALL_STAGES] = {
        "Inquiry", "Quoted", "Waiting for payment", "Sold", "Not sold"};
    static const int percent[SAMPLE_SHOP_ALL_STAGES] = {55, 70, 90, 100, 0};
    struct change_set set = company_new(k, "stage");
    change_text(&set, "name", str_from(name));
    change_text(&set, "name_en", str_from(english[position]));
    change_id(&set, "pipeline_id", k->shop_pipeline);
    change_int(&set, "position", position);
    change_text(&set, "kind", str_from(kind));
    change_int(&set, "probability", (int64_t)percent[position] * 10000);
    change_text(&set, "funnel_step", str_from(steps[position]));
    change_int(&set, "usual_days", position < SAMPLE_SHOP_STAGES ? 1 : 0);
    return company_insert(k, &set);
}

/* The standard pipeline is there; the shop has its own. */
static void found_pipelines(struct company *k) {
    struct db_rows rows;
    k->pipeline = pipeline_standard(k->c);
    DB_QUERY(k->c, &rows, "SELECT id FROM stage WHERE pipeline_id = $1 ORDER BY position",
             k->pipeline);
    ids_read(&rows, k->stages, SAMPLE_STANDARD_STAGES);
    DB_QUERY(k->c, &rows, "SELECT id FROM lost_reason ORDER BY position");
    ids_read(&rows, k->reasons, SAMPLE_REASONS);
    struct change_set set = company_new(k, "pipeline");
    change_text(&set, "name", STR("备件商城"));
    change_text(&set, "name_en", STR("Parts shop"));
    k->shop_pipeline = company_insert(k, &set);
    for (int i = 0; i < SAMPLE_SHOP_STAGES; i++) {
        k->shop_stages[i] = found_stage(k, i, sample_shop_stages[i].name, "open");
    }
    k->shop_stages[SAMPLE_SHOP_STAGES] = found_stage(k, SAMPLE_SHOP_STAGES, "已成交", "won");
    k->shop_stages[SAMPLE_SHOP_STAGES + 1] = found_stage(k, SAMPLE_SHOP_STAGES + 1, "未成交",
                                                         "lost");
}

/* New leads without an owner go to six salesmen in turn. */
static void found_rule(struct company *k) {
    static const int turns[] = {0, 1, 6, 9, 12, 13};
    struct change_set set = company_new(k, "automation");
    struct json_writer w = json_writer(k->c->arena);
    json_begin_array(&w);
    json_begin_object(&w);
    JSON_MEMBER(&w, "action", json_put_c, "assign_round_robin");
    json_key(&w, "parameters");
    json_begin_object(&w);
    json_key(&w, "user_ids");
    json_begin_array(&w);
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        json_put_id(&w, k->reps[turns[i]].user_id);
    }
    json_end_array(&w);
    json_end_object(&w);
    json_end_object(&w);
    json_end_array(&w);
    change_text(&set, "name", STR("新线索轮流分配"));
    change_text(&set, "trigger", STR("lead.created"));
    change_text(&set, "entity_name", STR("lead"));
    change_text(&set, "condition", STR("{\"field\":\"owner_id\",\"op\":\"is_empty\"}"));
    change_text(&set, "actions", json_str(&w));
    change_int(&set, "enabled", 1);
    company_insert(k, &set);
}

void company_found(struct company *k) {
    company_set(k->c, "name", STR("华岳工控"));
    found_departments(k);
    found_staff(k);
    found_teams(k);
    found_products(k);
    found_pipelines(k);
    found_rule(k);
}
