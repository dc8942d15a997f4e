#include "app/sample.h"

#include "app/sample_visits.h"
#include "base/clock.h"
#include "customer/lead.h"
#include "db/db.h"
#include "entity/record.h"
#include "organization/company.h"
#include "organization/role.h"
#include "organization/user.h"
#include "sales/opportunity.h"
#include "sales/pipeline.h"

enum { ACCOUNTS = 48, LEADS = 220, DEALS = 96, HISTORY_DAYS = 300, REPS = 6, STAGES = 7 };

/* The sample being made: a seeded generator and the ids made so far. */
struct sample {
    struct ctx *c;
    uint64_t random;
    struct str hash;
    int64_t now_ms;
    int64_t departments[9], reps[REPS], manager, marketer;
    int64_t products[6], accounts[ACCOUNTS], people[ACCOUNTS];
    int64_t pipeline, stages[STAGES];
};

/* xorshift64*: the same company on every machine. */
static uint64_t draw(struct sample *s, uint64_t below) {
    s->random ^= s->random >> 12;
    s->random ^= s->random << 25;
    s->random ^= s->random >> 27;
    return (s->random * UINT64_C(0x2545F4914F6CDD1D) >> 33) % below;
}

#define PICK(s, list) (list)[draw((s), sizeof(list) / sizeof *(list))]

static const char *const family_names[] = {"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周",
                                           "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭",
                                           "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯",
                                           "于", "董", "萧", "程", "曹", "袁", "邓", "许", "傅"};
static const char *const given_names[] = {
    "立民", "振宇", "文博", "晓彤", "雅琴", "浩然", "海峰", "梦洁", "建国", "志强", "丽华", "明辉",
    "思远", "佳怡", "俊杰", "雪梅", "国栋", "春燕", "永康", "子涵", "伟",   "静",   "敏",   "磊",
    "洋",   "倩",   "雪",   "帆",   "诺",   "超",   "婷",   "鹏",   "琳",   "刚",   "颖",   "凯"};

struct place {
    const char *region, *city;
    int department; /* index of the regional sales department */
};
static const struct place places[] = {
    {"江苏省无锡市", "无锡", 2}, {"江苏省苏州市", "苏州", 2}, {"江苏省南通市", "南通", 2},
    {"江苏省常州市", "常州", 2}, {"浙江省宁波市", "宁波", 2}, {"浙江省温州市", "温州", 2},
    {"浙江省绍兴市", "绍兴", 2}, {"安徽省芜湖市", "芜湖", 2}, {"上海市", "上海", 2},
    {"北京市", "北京", 3},       {"天津市", "天津", 3},       {"河北省唐山市", "唐山", 3},
    {"山东省青岛市", "青岛", 3}, {"山东省烟台市", "烟台", 3}, {"广东省深圳市", "深圳", 4},
    {"广东省东莞市", "东莞", 4}, {"广东省佛山市", "佛山", 4}, {"福建省厦门市", "厦门", 4},
};
static const char *const marks[] = {"天工", "恒钧", "瑞泽", "沃德", "信达", "海沃", "柏盛", "越达",
                                    "北辰", "海瑞", "立联", "一诺", "鼎泰", "长江", "华信", "中科",
                                    "金石", "远东", "新锐", "博众", "利通", "宏图", "安川", "万和"};
struct trade {
    const char *word, *industry;
};
static const struct trade trades[] = {
    {"智能装备", "machinery"}, {"精密机械", "machinery"},   {"汽车零部件", "automotive"},
    {"电气", "electronics"},   {"电子科技", "electronics"}, {"纺织机械", "textile"},
    {"新材料", "chemical"},    {"食品机械", "food"},        {"环保设备", "energy"},
    {"医疗器械", "medical"},   {"仓储物流", "logistics"},   {"重工", "machinery"}};
static const char *const forms[] = {"有限公司", "股份有限公司", "有限公司", "集团有限公司"};
static const char *const titles[] = {"采购经理", "生产总监", "设备主管", "总经理",
                                     "技术经理", "厂长",     "工程师",   "采购员"};
static const char *const sources[] = {"官网表单", "百度搜索", "抖音私信", "小红书", "展会",
                                      "转介绍",   "公众号",   "视频号",   "知乎",   "企业微信"};
static const char *const sizes[] = {"20-99", "100-499", "100-499", "500-999", "1000+"};
static const char *const levels[] = {"a", "b", "b", "c", "c", "d"};

static struct str draw_name(struct sample *s) {
    return str_format(s->c->arena, "%s%s", PICK(s, family_names), PICK(s, given_names));
}

static struct str draw_phone(struct sample *s) {
    static const char *const prefixes[] = {"138", "139", "186", "189", "150", "159", "177", "133"};
    return str_format(s->c->arena, "%s%08u", PICK(s, prefixes), (unsigned)draw(s, 100000000));
}

/* An instant in working hours, days before now, not before the history begins. */
static int64_t days_ago(struct sample *s, int64_t days) {
    int64_t minute = 9 * 60 + (int64_t)draw(s, 9 * 60);
    int64_t day = s->now_ms - days * MS_DAY;
    const struct zone *z = zone_find(STR("Asia/Shanghai"));
    int64_t at = zone_midnight(z, zone_date(z, day)) + minute * MS_MINUTE;
    return at < s->now_ms ? at : s->now_ms - MS_HOUR;
}

static struct str date_of(struct sample *s, int64_t at) {
    char text[DATE_TEXT];
    date_format(zone_date(zone_find(STR("Asia/Shanghai")), at), text);
    return str_copy(s->c->arena, str_from(text));
}

static int64_t insert(struct sample *s, const struct change_set *set) {
    struct record *r = record_insert(s->c, set);
    return r ? r->id : 0;
}

static struct change_set begin(struct sample *s, const char *entity) {
    return change_new(s->c, entity_named(s->c, entity));
}

static void make_departments(struct sample *s) {
    static const struct {
        const char *name;
        int parent;
    } rows[] = {{"华岳工控", -1}, {"销售部", 0}, {"华东大区", 1}, {"华北大区", 1}, {"华南大区", 1},
                {"市场部", 0},    {"客服部", 0}, {"财务部", 0},   {"法务部", 0}};
    for (int i = 0; i < 9; i++) {
        struct change_set set = begin(s, "department");
        change_text(&set, "name", str_from(rows[i].name));
        if (rows[i].parent >= 0) {
            change_id(&set, "parent_id", s->departments[rows[i].parent]);
        }
        s->departments[i] = insert(s, &set);
    }
}

static int64_t make_user(struct sample *s, const char *login, const char *name, int department,
                         const char *role) {
    struct change_set set = begin(s, "user");
    int64_t role_id = role_by_code(s->c, role);
    change_text(&set, "login", str_from(login));
    change_text(&set, "name", str_from(name));
    change_id(&set, "department_id", s->departments[department]);
    int64_t id = insert(s, &set);
    user_set_password(s->c, id, s->hash, 0);
    user_set_roles(s->c, id, &role_id, 1);
    return id;
}

static void make_people_of_company(struct sample *s) {
    s->reps[0] = make_user(s, "chensiyuan", "陈思远", 2, "sales_rep");
    s->reps[1] = make_user(s, "liuyang", "刘洋", 2, "sales_rep");
    s->reps[2] = make_user(s, "zhangyutong", "张雨桐", 3, "sales_rep");
    s->reps[3] = make_user(s, "wangqiang", "王强", 3, "sales_rep");
    s->reps[4] = make_user(s, "huangjie", "黄杰", 4, "sales_rep");
    s->reps[5] = make_user(s, "heyuqing", "何雨晴", 4, "sales_rep");
    s->manager = make_user(s, "zhoumin", "周敏", 1, "sales_manager");
    s->marketer = make_user(s, "linxiao", "林晓", 5, "marketer");
    make_user(s, "guozong", "郭建国", 0, "director");
    make_user(s, "tangning", "唐宁", 6, "service_agent");
    make_user(s, "sunli", "孙丽", 7, "finance");
    make_user(s, "xiewen", "谢文", 8, "legal");
}

static void make_team(struct sample *s) {
    struct change_set team = begin(s, "team");
    change_text(&team, "name", STR("华东攻坚组"));
    change_id(&team, "leader_id", s->reps[0]);
    int64_t team_id = insert(s, &team);
    for (int i = 0; i < 2; i++) {
        struct change_set set = begin(s, "team_member");
        change_id(&set, "team_id", team_id);
        change_id(&set, "user_id", s->reps[i]);
        insert(s, &set);
    }
}

static void make_products(struct sample *s) {
    static const struct {
        const char *name, *code, *series;
        int64_t price;
    } rows[] = {{"伺服驱动器 S6", "HY-S6", "运动控制", 680000},
                {"可编程控制器 P2", "HY-P2", "控制器", 420000},
                {"数采网关 G1", "HY-G1", "物联网", 260000},
                {"变频器 V8", "HY-V8", "驱动", 950000},
                {"视觉检测系统 E3", "HY-E3", "视觉", 12800000},
                {"产线改造服务", "HY-SVC", "服务", 30000000}};
    for (int i = 0; i < 6; i++) {
        struct change_set set = begin(s, "product");
        change_text(&set, "name", str_from(rows[i].name));
        change_text(&set, "code", str_from(rows[i].code));
        change_text(&set, "series", str_from(rows[i].series));
        change_money(&set, "price", rows[i].price, STR("CNY"));
        s->products[i] = insert(s, &set);
    }
}

static int64_t rep_for(struct sample *s, int department) {
    return s->reps[(department - 2) * 2 + (int)draw(s, 2)];
}

static struct str draw_company(struct sample *s, const struct place *place,
                               const struct trade *trade) {
    return str_format(s->c->arena, "%s%s%s%s", place->city, PICK(s, marks), trade->word,
                      PICK(s, forms));
}

static void make_account(struct sample *s, int i) {
    const struct place *place = &PICK(s, places);
    const struct trade *trade = &PICK(s, trades);
    int64_t owner = rep_for(s, place->department);
    struct str company = draw_company(s, place, trade);
    struct change_set set = begin(s, "account");
    change_text(&set, "name", company);
    change_text(&set, "industry", str_from(trade->industry));
    change_text(&set, "size", str_from(PICK(s, sizes)));
    change_text(&set, "level", str_from(PICK(s, levels)));
    change_text(&set, "region", str_from(place->region));
    change_text(&set, "source", str_from(PICK(s, sources)));
    change_id(&set, "owner_id", owner);
    change_int(&set, "created_at", days_ago(s, 30 + (int64_t)draw(s, HISTORY_DAYS)));
    s->accounts[i] = insert(s, &set);

    struct change_set person = begin(s, "person");
    struct str name = draw_name(s);
    struct str title = str_from(PICK(s, titles));
    change_text(&person, "name", name);
    change_text(&person, "phone", draw_phone(s));
    change_text(&person, "company_name", company);
    change_text(&person, "job_title", title);
    change_text(&person, "region", str_from(place->region));
    change_id(&person, "owner_id", owner);
    s->people[i] = insert(s, &person);

    struct change_set contact = begin(s, "contact");
    change_text(&contact, "name", name);
    change_id(&contact, "account_id", s->accounts[i]);
    change_id(&contact, "person_id", s->people[i]);
    change_text(&contact, "job_title", title);
    change_text(&contact, "role", draw(s, 2) ? STR("decision") : STR("purchase"));
    change_id(&contact, "owner_id", owner);
    insert(s, &contact);
}

static const char *const notes[] = {"介绍了产品方案，对方对交期比较关心，要一份同行案例。",
                                    "对伺服部分认可，嫌控制柜单价高 6%，要周五前的修改报价。",
                                    "联系人说预算下月批，月底再约一次现场。",
                                    "现场看了三号线，工位 14 个，节拍 32 秒，需要加视觉检测。",
                                    "电话没接通，已发微信留言。",
                                    "约好下周二到厂里做演示，技术和采购都参加。",
                                    "对方在比较两家供应商，主要看售后响应。",
                                    "需求已确认：首批 20 台，年内再加 60 台。"};
enum { NOTE_UNANSWERED = 4 };
static const char *const activity_types[] = {"call", "call", "visit", "message", "meeting", "note"};

static void make_activity(struct sample *s, const char *type, int64_t subject, int64_t owner,
                          int64_t at) {
    struct change_set set = begin(s, "activity");
    const char *kind = PICK(s, activity_types);
    size_t note = draw(s, sizeof notes / sizeof *notes);
    change_text(&set, "type", str_from(kind));
    change_text(&set, "subject_type", str_from(type));
    change_id(&set, "subject_id", subject);
    change_int(&set, "occurred_at", at);
    change_int(&set, "created_at", at);
    change_id(&set, "created_by", owner);
    change_id(&set, "owner_id", owner);
    if (str_is(str_from(kind), "call")) {
        int64_t seconds = 40 + (int64_t)draw(s, 900);
        bool reached = draw(s, 4) && note != NOTE_UNANSWERED;
        note = reached ? note : NOTE_UNANSWERED;
        change_text(&set, "outcome", reached ? STR("reached") : STR("no_answer"));
        if (reached) {
            change_int(&set, "duration_seconds", seconds);
        }
    } else if (note == NOTE_UNANSWERED) {
        note = 0;
    }
    change_text(&set, "content", str_from(notes[note]));
    insert(s, &set);
}

static void make_task(struct sample *s, const char *type, int64_t subject, int64_t owner) {
    static const char *const wanted[] = {"发修改后的报价", "电话回访",     "准备上门演示",
                                         "寄样品",         "确认合同条款", "约技术交流"};
    struct change_set set = begin(s, "task");
    change_text(&set, "title", str_from(PICK(s, wanted)));
    change_text(&set, "subject_type", str_from(type));
    change_id(&set, "subject_id", subject);
    change_id(&set, "owner_id", owner);
    change_int(&set, "due_at", days_ago(s, 2) + (int64_t)draw(s, 6) * MS_DAY);
    change_text(&set, "priority", draw(s, 4) ? STR("normal") : STR("high"));
    insert(s, &set);
}

/* What happened to a lead after it came in: worked by its owner, or waiting. */
static void live_lead(struct sample *s, int64_t lead, int64_t owner, int64_t age) {
    struct change_set set = begin(s, "lead");
    uint64_t fate = draw(s, 10);
    if (age < 2 && fate < 7) {
        return;
    }
    const char *status = fate < 6   ? "working"
                         : fate < 7 ? "nurturing"
                         : fate < 8 ? "returned"
                         : fate < 9 ? "disqualified"
                                    : "working";
    for (int64_t day = age; day > 0 && owner; day -= 4 + (int64_t)draw(s, 12)) {
        make_activity(s, "lead", lead, owner, days_ago(s, day));
    }
    change_text(&set, "status", str_from(status));
    change_int(&set, "score", 10 + (int64_t)draw(s, 85));
    if (str_is(str_from(status), "working")) {
        change_int(&set, "next_follow_up_at", days_ago(s, 3) + (int64_t)draw(s, 8) * MS_DAY);
    }
    record_change(s->c, lead, &set);
}

/* The industry as people write it, for leads say it in words. */
static struct str industry_words(struct sample *s, const struct trade *trade) {
    const struct field *f = entity_field(entity_named(s->c, "account"), STR("industry"));
    return field_option(f, str_from(trade->industry))->label[LANGUAGE_ZH];
}

static void make_lead(struct sample *s, int number) {
    const struct place *place = &PICK(s, places);
    const struct trade *trade = &PICK(s, trades);
    /* More come in lately than long ago. */
    int64_t age = (int64_t)(draw(s, 12) * draw(s, 12)) * HISTORY_DAYS / 360;
    int64_t owner = draw(s, 12) ? rep_for(s, place->department) : 0;
    struct lead_intake in = {.name = draw_name(s),
                             .phone = draw_phone(s),
                             .company_name = draw_company(s, place, trade),
                             .job_title = str_from(PICK(s, titles)),
                             .industry = industry_words(s, trade),
                             .region = str_from(place->region),
                             .source = str_from(PICK(s, sources)),
                             .product_interest = draw(s, 2) ? STR("伺服改造") : STR("数采网关"),
                             .payload = STR("{}"),
                             .owner_id = owner,
                             .created_at = days_ago(s, age)};
    struct intake_result result = lead_take_in(s->c, &in);
    if (result.verdict == INTAKE_CREATED && number % 3) {
        sample_visits(s->c, result.person_id, in.created_at, (uint64_t)number);
    }
    if (result.verdict == INTAKE_CREATED) {
        live_lead(s, result.lead_id, owner, age);
    }
}

/* How a deal went: through the open stages up to last_open, then to its stage. */
struct course {
    int last_open, stage;
    int64_t step; /* ms in each stage */
};

static void make_moves(struct sample *s, const struct stage_move *first, struct course course) {
    struct stage_move move = *first;
    for (int i = 0; i <= course.last_open; i++) {
        move.to = s->stages[i];
        opportunity_history_add(s->c, &move);
        move.from = move.to;
        move.at += course.step;
    }
    if (course.stage > course.last_open) {
        move.to = s->stages[course.stage];
        opportunity_history_add(s->c, &move);
    }
}

static void make_deal_record(struct sample *s, int64_t deal_age, int account, int stage,
                             int64_t owner) {
    static const char *const projects[] = {"三号线伺服改造", "数采网关扩容", "视觉检测上线",
                                           "新厂房控制柜",   "变频节能改造", "备件年度框架"};
    static const char *const states[] = {"open", "open", "open", "open", "open", "won", "lost"};
    int64_t created = days_ago(s, deal_age), at = created;
    struct change_set set = begin(s, "opportunity");
    change_text(&set, "name", str_from(PICK(s, projects)));
    change_id(&set, "account_id", s->accounts[account]);
    change_id(&set, "person_id", s->people[account]);
    change_id(&set, "pipeline_id", s->pipeline);
    change_id(&set, "stage_id", s->stages[stage]);
    change_text(&set, "state", str_from(states[stage]));
    change_money(&set, "amount", (int64_t)(2 + draw(s, 90)) * 1000000, STR("CNY"));
    change_id(&set, "product_id", PICK(s, s->products));
    change_id(&set, "owner_id", owner);
    change_int(&set, "created_at", created);
    change_text(&set, "engaged_date", date_of(s, created));
    change_text(&set, "expected_close_date",
                date_of(s, s->now_ms + ((int64_t)draw(s, 60) - 5) * MS_DAY));
    int last_open = stage < 5 ? stage : 2 + (int)draw(s, 3);
    int64_t step = deal_age * MS_DAY / (last_open + 2);
    change_int(&set, "stage_entered_at", at + step * last_open);
    if (stage >= 5) {
        change_text(&set, "closed_date", date_of(s, at + step * (last_open + 1)));
    }
    if (stage == 6) {
        change_id(&set, "lost_reason_id",
                  DB_INT(s->c, "SELECT id FROM lost_reason ORDER BY position LIMIT 1 OFFSET $1",
                         (int64_t)draw(s, 6)));
    }
    int64_t deal = insert(s, &set);
    make_moves(s, &(struct stage_move){.opportunity_id = deal, .at = at, .actor_id = owner},
               (struct course){last_open, stage, step});
    if (stage < 5) {
        make_activity(s, "opportunity", deal, owner, days_ago(s, 1 + (int64_t)draw(s, 9)));
        make_task(s, "opportunity", deal, owner);
    }
}

static void make_deal(struct sample *s) {
    int account = (int)draw(s, ACCOUNTS);
    int64_t owner = DB_INT(s->c, "SELECT owner_id FROM account WHERE id = $1",
                           s->accounts[account]);
    bool closed = draw(s, 100) < 55;
    int64_t age = closed ? 30 + (int64_t)draw(s, HISTORY_DAYS - 30) : 2 + (int64_t)draw(s, 60);
    int stage = closed ? (draw(s, 100) < 38 ? 5 : 6) : (int)draw(s, 5);
    make_deal_record(s, age, account, stage, owner);
}

/* New leads without an owner go to the reps in turn. */
static void make_rule(struct sample *s) {
    struct change_set set = begin(s, "automation");
    struct json_writer w = json_writer(s->c->arena);
    json_begin_array(&w);
    json_begin_object(&w);
    JSON_MEMBER(&w, "action", json_put_c, "assign_round_robin");
    json_key(&w, "parameters");
    json_begin_object(&w);
    json_key(&w, "user_ids");
    json_begin_array(&w);
    for (int i = 0; i < REPS; i++) {
        json_put_id(&w, s->reps[i]);
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
    insert(s, &set);
}

static void read_stages(struct sample *s) {
    struct db_rows rows;
    size_t n = 0;
    s->pipeline = pipeline_standard(s->c);
    DB_QUERY(s->c, &rows, "SELECT id FROM stage WHERE pipeline_id = $1 ORDER BY position",
             s->pipeline);
    while (db_next(&rows)) {
        s->stages[n++ % STAGES] = db_int(&rows, 0);
    }
}

void sample_company(struct ctx *c, struct str password_hash) {
    struct sample s = {
        .c = c, .random = UINT64_C(20250101), .hash = password_hash, .now_ms = c->now_ms};
    enum origin origin = c->origin;
    c->origin = ORIGIN_IMPORT;
    company_set(c, "name", STR("华岳工控"));
    read_stages(&s);
    make_departments(&s);
    make_people_of_company(&s);
    make_team(&s);
    make_products(&s);
    make_rule(&s);
    for (int i = 0; i < ACCOUNTS && !ctx_failed(c); i++) {
        make_account(&s, i);
    }
    for (int i = 0; i < LEADS && !ctx_failed(c); i++) {
        make_lead(&s, i);
    }
    for (int i = 0; i < DEALS && !ctx_failed(c); i++) {
        make_deal(&s);
    }
    c->origin = origin;
}
