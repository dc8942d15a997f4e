/*
 * See person.h. The identities follow the fields phone and email of the person: when they
 * change, the new value is added; the old one stays (a former number is still theirs)
 * until a merge or a person removes it.
 */
#include "customer/person.h"

#include "base/message.h"
#include "base/module.h"
#include "base/phone.h"
#include "base/text.h"
#include "customer/consent.h"
#include "customer/visitor.h"
#include "db/migration.h"
#include "db/sql.h"

static const struct option sexes[] = {{"female", "女", "Female", "idle"},
                                      {"male", "男", "Male", "idle"},
                                      {"unknown", "未知", "Unknown", "idle"},
                                      {0}};

static const struct option tiers[] = {{"high", "高", "High", "ok"},
                                      {"middle", "中", "Middle", "info"},
                                      {"low", "低", "Low", "idle"},
                                      {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_SEARCHED | FIELD_LISTED, "姓名",
     "Name", "group.basic", .max_length = 60},
    {"phone", FIELD_PHONE, FIELD_PERSONAL | FIELD_SEARCHED | FIELD_LISTED, "手机", "Mobile",
     "group.contact"},
    {"email", FIELD_EMAIL, FIELD_PERSONAL | FIELD_SEARCHED | FIELD_LISTED, "邮箱", "E-mail",
     "group.contact"},
    {"company_name", FIELD_TEXT, FIELD_SUBTITLE | FIELD_LISTED, "公司", "Company", "group.basic"},
    {"job_title", FIELD_TEXT, FIELD_LISTED, "职位", "Job title", "group.basic"},
    {"region", FIELD_REGION, FIELD_LISTED, "地区", "Region", "group.contact"},
    {"sex", FIELD_OPTION, 0, "性别", "Sex", "group.basic", .options = sexes},
    {"birthday", FIELD_DATE, FIELD_PERSONAL, "生日", "Birthday", "group.basic"},
    {"wechat", FIELD_TEXT, FIELD_PERSONAL, "微信", "WeChat", "group.contact"},
    {"source", FIELD_TEXT, 0, "来源", "Source", "group.source"},
    {"score", FIELD_INTEGER, FIELD_READ_ONLY | FIELD_INDEXED, "评分", "Score", "group.work"},
    {"tier", FIELD_OPTION, FIELD_READ_ONLY, "分层", "Tier", "group.work", .options = tiers},
    {"description", FIELD_LONG_TEXT, 0, "备注", "Notes", "group.basic"},
    {0}};

static struct person_identities identities_of(const struct record *person) {
    return (struct person_identities){.name = record_title(person),
                                      .phone = record_text(person, "phone"),
                                      .email = record_text(person, "email")};
}

static void identities_claim(struct ctx *c, int64_t person_id, const struct person_identities *by);

static void person_wrote(struct ctx *c, const struct change *change) {
    struct person_identities now = identities_of(change->after);
    if (change->before) {
        struct person_identities before = identities_of(change->before);
        bool called_so = !phone_is_shared(now.phone) || str_equal(now.name, before.name);
        if (called_so && str_equal(now.phone, before.phone) && str_equal(now.email, before.email)) {
            return;
        }
    }
    identities_claim(c, change->id, &now);
}

/* Which identities came with whom is kept, so that they can go back. */
static void person_merged(struct ctx *c, struct record *winner, const struct record *loser) {
    DB_RUN(c,
           "INSERT INTO identity_merged (loser_id, kind, value) "
           "SELECT $1, kind, value FROM identity WHERE person_id = $1",
           loser->id);
    DB_RUN(c, "UPDATE identity SET person_id = $1 WHERE person_id = $2", winner->id, loser->id);
    DB_RUN(c,
           "INSERT INTO person_merge (loser_id, winner_id) VALUES ($1, $2) "
           "ON CONFLICT (loser_id) DO UPDATE SET winner_id = excluded.winner_id",
           loser->id, winner->id);
    visitors_merged(c, winner->id, loser->id);
    consents_merged(c, winner->id, loser->id);
}

static void person_unmerged(struct ctx *c, struct record *winner, const struct record *loser) {
    DB_RUN(c,
           "UPDATE identity SET person_id = $1 WHERE person_id = $2 AND EXISTS (SELECT 1 "
           "FROM identity_merged m WHERE m.loser_id = $1 AND m.kind = identity.kind "
           "AND m.value = identity.value)",
           loser->id, winner->id);
    DB_RUN(c, "DELETE FROM identity_merged WHERE loser_id = $1", loser->id);
    DB_RUN(c, "DELETE FROM person_merge WHERE loser_id = $1", loser->id);
    visitors_unmerged(c, winner->id, loser->id);
    consents_unmerged(c, winner->id, loser->id);
}

static const struct entity_definition person_entity = {.name = "person",
                                                       .plural = "people",
                                                       .zh = "人",
                                                       .en = "Person",
                                                       .flags = ENTITY_OWNED | ENTITY_SEARCHED |
                                                                ENTITY_TIMELINE,
                                                       .fields = fields,
                                                       .wrote = person_wrote,
                                                       .merged = person_merged,
                                                       .unmerged = person_unmerged};

static const struct migration migrations[] = {
    {"customer.person.1",
     "CREATE TABLE identity (kind TEXT NOT NULL, value TEXT NOT NULL, "
     "person_id BIGINT NOT NULL, created_at BIGINT NOT NULL, PRIMARY KEY (kind, value)) "
     "{without_rowid};\n"
     "CREATE INDEX identity_person ON identity (person_id)"},
    {"customer.person.2",
     "CREATE TABLE identity_merged (loser_id BIGINT NOT NULL, kind TEXT NOT NULL, "
     "value TEXT NOT NULL, PRIMARY KEY (loser_id, kind, value)) {without_rowid}"},
    /* Who was merged into whom, as it stands: events keep the person they happened to. */
    {"customer.person.3", "CREATE TABLE person_merge (loser_id {id}, winner_id BIGINT NOT NULL);\n"
                          "CREATE INDEX person_merge_winner ON person_merge (winner_id)"},
    {0}};

#define IDENTITY_OWNER                                                        \
    "SELECT i.person_id FROM identity i JOIN person p ON p.id = i.person_id " \
    "WHERE i.kind = $1 AND i.value = $2 AND p.deleted_at IS NULL"

static int64_t identity_owner(struct ctx *c, const char *kind, struct str value) {
    return value.n ? DB_INT(c, IDENTITY_OWNER, kind, value) : 0;
}

/* Who is called so behind a line that many share, as an identity; empty when it does not apply. */
static struct str line_of(struct ctx *c, const struct person_identities *by) {
    bool applies = by->name.n && phone_is_shared(by->phone);
    struct str name = applies ? text_search_key(c->arena, by->name) : STR("");
    return applies ? str_format(c->arena, "%.*s %.*s", STR_ARG(by->phone), STR_ARG(name)) : name;
}

static bool is_called(struct ctx *c, int64_t person_id, struct str name) {
    const struct record *person = record_load(c, entity_named(c, "person"), person_id);
    return person && str_equal(text_search_key(c->arena, record_title(person)),
                               text_search_key(c->arena, name));
}

/* Whoever has the number; of a line that many share, only who has the name too. */
static int64_t phone_owner(struct ctx *c, const struct person_identities *by) {
    struct str line = line_of(c, by);
    int64_t person = line.n ? identity_owner(c, "line", line) : 0;
    if (!person) {
        person = identity_owner(c, "phone", by->phone);
        person = !line.n || is_called(c, person, by->name) ? person : 0;
    }
    return person;
}

int64_t person_find(struct ctx *c, const struct person_identities *by) {
    if (by->phone.n && by->email.n) {
        DB_AHEAD(c, IDENTITY_OWNER, "phone", by->phone);
        DB_AHEAD(c, IDENTITY_OWNER, "email", by->email);
    }
    int64_t person = identity_owner(c, "site", by->site);
    person = person ? person : phone_owner(c, by);
    person = person ? person : identity_owner(c, "email", by->email);
    return person ? person : identity_owner(c, "wechat", by->wechat);
}

bool person_reachable_otherwise(struct ctx *c, int64_t person_id) {
    return DB_INT(c, "SELECT 1 FROM identity WHERE person_id = $1 AND kind = 'wechat' LIMIT 1",
                  person_id) == 1;
}

int64_t person_find_by_email(struct ctx *c, struct str email) {
    return identity_owner(c, "email", email);
}

struct claim {
    const char *kind;
    struct str value;
};
enum { CLAIMS_MOST = 5 };

static size_t claims_of(struct ctx *c, const struct person_identities *by, struct claim *claims) {
    const struct claim all[CLAIMS_MOST] = {{"phone", by->phone},
                                           {"line", line_of(c, by)},
                                           {"email", by->email},
                                           {"wechat", by->wechat},
                                           {"site", by->site}};
    size_t n = 0;
    for (size_t i = 0; i < CLAIMS_MOST; i++) {
        if (all[i].value.n) {
            claims[n++] = all[i];
        }
    }
    return n;
}

/* On SQLite a statement of several rows keeps copies of all pages it changes: there each claim has
 * its own. */
static size_t claims_together(const struct db *db, size_t n) {
    return db_engine(db) == DB_SQLITE ? 1 : n;
}

/* Claim the values for the person; whoever holds one keeps it, but in the trash nobody holds
 * anything. */
static struct sql claim(struct ctx *c, int64_t person_id, const struct claim *claims, size_t n) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "INSERT INTO identity (kind, value, person_id, created_at) VALUES ");
    for (size_t i = 0; i < n; i++) {
        sql_literal(&q, i ? ", (" : "(");
        sql_value(&q, db_from_c(claims[i].kind));
        SQL_ADD(&q, ", ");
        SQL_VALUE(&q, claims[i].value);
        SQL_ADD(&q, ", ");
        SQL_VALUE(&q, person_id);
        SQL_ADD(&q, ", ");
        SQL_VALUE(&q, c->now_ms);
        SQL_ADD(&q, ")");
    }
    SQL_ADD(&q, " ON CONFLICT (kind, value) DO UPDATE SET person_id = excluded.person_id "
                "WHERE EXISTS (SELECT 1 FROM person p "
                "WHERE p.id = identity.person_id AND p.deleted_at IS NOT NULL)");
    return q;
}

static void identities_claim(struct ctx *c, int64_t person_id, const struct person_identities *by) {
    struct claim claims[CLAIMS_MOST];
    size_t n = claims_of(c, by, claims), together = claims_together(c->db, n);
    for (size_t i = 0; i < n; i += together) {
        struct sql q = claim(c, person_id, claims + i, together);
        sql_put(c, &q);
    }
}

bool person_identify(struct ctx *c, int64_t person_id, const struct person_identities *by) {
    struct claim claims[CLAIMS_MOST];
    size_t wanted = claims_of(c, by, claims), together = claims_together(c->db, wanted);
    int64_t claimed = 0;
    for (size_t i = 0; i < wanted; i += together) {
        struct sql q = claim(c, person_id, claims + i, together);
        claimed += sql_run(c, &q);
    }
    if (claimed == (int64_t)wanted) {
        return true;
    }
    return (!by->phone.n || phone_owner(c, by) == person_id) &&
           (!by->email.n || identity_owner(c, "email", by->email) == person_id) &&
           (!by->wechat.n || identity_owner(c, "wechat", by->wechat) == person_id) &&
           (!by->site.n || identity_owner(c, "site", by->site) == person_id);
}

const struct module person_module = {
    .name = "customer.person",
    .cloud = "customer",
    .entities = (const struct entity_definition *const[]){&person_entity, NULL},
    .migrations = migrations};
