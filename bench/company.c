#include "company.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/program.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "db/migration.h"
#include "entity/row.h"
#include "organization/actor.h"
#include "organization/role.h"
#include "organization/session.h"
#include "organization/user.h"
#include "organization/version.h"

enum { USERS = 1000, DEPARTMENTS = 50, BATCH = 5000, SPACING_MS = 30000 };
enum { FIRST_DEPARTMENT = 100, FIRST_USER = 1000, FIRST_CALLER = 6000 };
#define FIRST_PERSON INT64_C(800000000000000)
#define FIRST_LEAD INT64_C(900000000000000)

const char *const company_role_names[COMPANY_ROLES] = {
    "representative with 40 leads", "manager of ten departments", "administrator"};
static const char *const role_codes[COMPANY_ROLES] = {"sales_rep", "sales_manager",
                                                      "administrator"};

int64_t company_user(enum company_role role) {
    return FIRST_CALLER + (int64_t)role;
}

int64_t company_lead(int64_t i) {
    return FIRST_LEAD + i * 4096;
}

int64_t company_department(int64_t i) {
    return FIRST_DEPARTMENT + i;
}

int64_t company_draw(struct company *b, int64_t n) {
    uint64_t z = (b->random += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (int64_t)((z ^ (z >> 31)) % (uint64_t)n);
}

void company_check(const struct company *b) {
    if (ctx_failed(&b->c)) {
        fprintf(stderr, "bench: %s %s\n", b->c.error.text, b->c.error.internal);
        exit(EXIT_FAILURE);
    }
}

static void put_text(struct record *r, const char *field, struct str text) {
    record_set_value(r, field, (struct value){.kind = VALUE_TEXT, .text = text});
}

static void put_int(struct record *r, const char *field, int64_t v) {
    record_set_value(r, field, (struct value){.kind = VALUE_INTEGER, .integer = v});
}

static struct record *row_new(struct company *b, const struct entity *e, int64_t id, int64_t at) {
    struct record *r = record_new(&b->c, e, id);
    put_int(r, "created_at", at);
    put_int(r, "updated_at", at);
    put_int(r, "version", 1);
    return r;
}

static void departments_insert(struct company *b) {
    const struct entity *department = entity_named(&b->c, "department");
    for (int64_t i = 0; i < DEPARTMENTS; i++) {
        struct record *r = row_new(b, department, company_department(i), b->c.now_ms);
        put_text(r, "name", str_format(b->c.arena, "部门%lld", (long long)i + 1));
        if (i % COMPANY_TREE) {
            put_int(r, "parent_id", company_department(i / COMPANY_TREE * COMPANY_TREE));
        }
        row_insert(&b->c, r);
    }
}

static void user_insert(struct company *b, int64_t id, int64_t department, const char *role) {
    struct record *r = row_new(b, entity_named(&b->c, "user"), id, b->c.now_ms);
    int64_t role_id = role_by_code(&b->c, role);
    put_text(r, "name", str_format(b->c.arena, "员工%lld", (long long)id));
    put_text(r, "login", str_format(b->c.arena, "user%lld", (long long)id));
    put_text(r, "language", STR("zh"));
    put_int(r, "active", 1);
    put_int(r, "department_id", department);
    row_insert(&b->c, r);
    user_set_roles(&b->c, id, &role_id, 1);
}

static void people_of_company_insert(struct company *b) {
    db_begin(&b->c);
    departments_insert(b);
    for (int64_t i = 0; i < USERS; i++) {
        user_insert(b, FIRST_USER + i, company_department(i % DEPARTMENTS), "sales_rep");
    }
    for (int role = 0; role < COMPANY_ROLES; role++) {
        user_insert(b, company_user((enum company_role)role), company_department(0),
                    role_codes[role]);
    }
    organization_changed(&b->c);
    db_commit(&b->c);
    company_check(b);
}

/* Who owns a lead, since when, and the person it speaks of. */
struct facts {
    int64_t i, user, department, at;
    struct str name, company, phone, email;
};

static struct facts facts_draw(struct company *b, int64_t i) {
    static const char *const family[] = {"王", "李", "张", "刘", "陈",
                                         "杨", "孙", "周", "吴", "徐"};
    static const char *const given[] = {"立民", "思远", "伟",   "芳",   "秀英", "强",
                                        "磊",   "洋",   "建国", "晓明", "海燕", "文静"};
    static const char *const places[] = {"无锡", "苏州", "北京", "上海", "深圳", "杭州", "成都"};
    static const char *const words[] = {"天工", "华岳", "智联", "恒通", "远景", "立信",
                                        "金桥", "海川", "东方", "中科", "新元", "百川",
                                        "宏图", "启明", "卓越", "精诚"};
    static const char *const trades[] = {"智能装备", "自动化", "机械",     "电子科技",
                                         "新材料",   "贸易",   "信息技术", "精密仪器"};
    struct arena *a = b->c.arena;
    bool of_caller = i % (b->leads / COMPANY_OWNED) == 0;
    int64_t user = company_draw(b, USERS);
    struct facts f = {.i = i, .user = of_caller ? FIRST_CALLER : FIRST_USER + user};
    f.department = company_department(of_caller ? 0 : user % DEPARTMENTS);
    f.at = b->c.now_ms - (b->leads - i) * SPACING_MS - company_draw(b, 1000000000);
    f.name = str_format(a, "%s%s", family[company_draw(b, 10)], given[company_draw(b, 12)]);
    f.company = str_format(a, "%s%s%s%s有限公司", places[company_draw(b, 7)],
                           words[company_draw(b, 16)], words[company_draw(b, 16)],
                           trades[company_draw(b, 8)]);
    f.phone = str_format(a, "138%08lld", (long long)(i * 7919 % 100000000));
    f.email = str_format(a, "u%lld@example.cn", (long long)i);
    return f;
}

static void put_facts(struct record *r, const struct facts *f) {
    static const char *const sources[] = {"website", "exhibition", "baidu", "referral"};
    put_int(r, "owner_id", f->user);
    put_int(r, "owner_department_id", f->department);
    put_int(r, "created_by", f->user);
    put_int(r, "updated_by", f->user);
    put_text(r, "name", f->name);
    put_text(r, "company_name", f->company);
    put_text(r, "phone", f->phone);
    put_text(r, "email", f->email);
    put_text(r, "region", STR("江苏省无锡市"));
    put_text(r, "source", str_from(sources[f->i * 2654435761 / 16 % 4]));
}

static void person_insert(struct company *b, const struct facts *f) {
    int64_t id = FIRST_PERSON + f->i * 4096;
    struct record *r = row_new(b, b->person, id, f->at);
    put_facts(r, f);
    row_insert(&b->c, r);
    DB_RUN(&b->c,
           "INSERT INTO identity (kind, value, person_id, created_at) "
           "VALUES ('phone', $1, $2, $3), ('email', $4, $2, $3)",
           f->phone, id, f->at, f->email);
}

static void lead_insert(struct company *b, const struct facts *f) {
    static const char *const statuses[] = {"new", "new", "new", "working", "working", "nurturing"};
    struct record *r = row_new(b, b->lead, company_lead(f->i), f->at);
    put_facts(r, f);
    put_text(r, "status", str_from(f->i % 5000 == 7 ? "converted" : statuses[company_draw(b, 6)]));
    put_int(r, "score", company_draw(b, 100));
    put_int(r, "person_id", FIRST_PERSON + f->i * 4096);
    put_int(r, "next_follow_up_at", b->c.now_ms + company_draw(b, 1000000000));
    put_text(r, "description", STR("展会上咨询了设备的价格与交期，需要在两周内提供方案。"));
    row_insert(&b->c, r);
}

static void leads_insert(struct company *b) {
    int64_t began = clock_steady_ns();
    for (int64_t i = 0; i < b->leads; i += BATCH) {
        struct arena_mark mark = arena_mark(b->c.arena);
        db_begin(&b->c);
        for (int64_t k = i; k < i + BATCH && k < b->leads; k++) {
            struct facts f = facts_draw(b, k);
            person_insert(b, &f);
            lead_insert(b, &f);
        }
        db_commit(&b->c);
        company_check(b);
        arena_reset(b->c.arena, mark);
    }
    printf("%lld leads, their people and indexes: %.0f leads/s\n", (long long)b->leads,
           b->leads / ((clock_steady_ns() - began) / 1e9));
}

void company_open(struct company *b, const char *url, int64_t leads) {
    *b = (struct company){.leads = leads};
    arena_init(&b->arena);
    b->contents = modules_register();
    b->c = (struct ctx){.arena = &b->arena,
                        .now_ms = clock_now_ms(),
                        .actor = &actor_system,
                        .model = model_standard()};
    if (!crypto_start() || leads < COMPANY_OWNED) {
        fprintf(stderr, "bench: no randomness, or fewer than %d leads\n", COMPANY_OWNED);
        exit(EXIT_FAILURE);
    }
    b->c.db = db_open(&b->c, str_from(url), DB_LOADER);
    company_check(b);
    program_migrate(&b->c, b->contents);
    b->lead = entity_named(&b->c, "lead");
    b->person = entity_named(&b->c, "person");
    int64_t there = DB_INT(&b->c, "SELECT COUNT(*) FROM lead");
    if (there) {
        if (there < leads) {
            fprintf(stderr, "bench: %s holds %lld leads\n", url, (long long)there);
            exit(EXIT_FAILURE);
        }
        return;
    }
    people_of_company_insert(b);
    leads_insert(b);
    migration_analyze(&b->c);
    company_check(b);
}

void company_close(struct company *b) {
    company_check(b);
    db_close(b->c.db);
    arena_free(&b->arena);
}

const struct actor *company_actor(struct company *b, enum company_role role) {
    const struct actor *actor = actor_build(&b->c, b->c.arena, company_user(role));
    company_check(b);
    return actor;
}

struct str company_token(struct company *b, enum company_role role) {
    db_begin(&b->c);
    struct str secret = token_create(
        &b->c, company_user(role), &(struct token_grant){.name = STR("bench"), .scopes = STR("")});
    db_commit(&b->c);
    company_check(b);
    return secret;
}
