/* See lead_pool.h: the record type, who may what, and the ways in and out. */
#include "sales/lead_pool.h"

#include "base/clock.h"
#include "base/company.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "base/region.h"
#include "base/text.h"
#include "customer/lead.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/condition.h"
#include "entity/record_memory.h"
#include "event/event.h"
#include "organization/company.h"
#include "sales/assignment_wait.h"
#include "sales/lead_clock.h"
#include "sales/sales.h"

enum { PEOPLE_MOST = 500 };

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 60},
    {"position", FIELD_INTEGER, FIELD_LISTED, "顺序", "Order", "group.basic", .max = 10000,
     .standard = "0"},
    {"enabled", FIELD_BOOLEAN, FIELD_LISTED, "启用", "Enabled", "group.basic", .standard = "1"},
    {"condition", FIELD_JSON, 0, "收哪些线索", "Which leads", "group.basic", .max_length = 20000},
    {"everyone", FIELD_BOOLEAN, FIELD_LISTED, "所有销售可抢", "Open to all sales", "group.pool",
     .standard = "0"},
    {"members", FIELD_JSON, 0, "谁可以抢", "Who may grab", "group.pool", .max_length = 20000},
    {"managers", FIELD_JSON, 0, "管理员", "Managers", "group.pool", .max_length = 20000},
    {"hidden_fields", FIELD_JSON, 0, "抢到前隐藏", "Hidden until grabbed", "group.pool",
     .max_length = 2000},
    {"pick_limit", FIELD_INTEGER, FIELD_LISTED, "每天最多抢", "Picks a day", "group.limits",
     .max = 1000, .standard = "10"},
    {"holding_cap", FIELD_INTEGER, FIELD_LISTED, "最多持有", "Held at most", "group.limits",
     .max = 10000, .standard = "50"},
    {"cooldown_days", FIELD_INTEGER, 0, "原负责人几天内不能再抢", "Cool-down in days",
     "group.limits", .max = 365, .standard = "7"},
    {"capacity", FIELD_INTEGER, 0, "容量", "Capacity", "group.limits", .max = 1000000,
     .standard = "0"},
    {"follow_up_hours", FIELD_INTEGER, FIELD_LISTED, "几小时未跟进收回", "Hours without follow-up",
     "group.clocks", .max = 8760, .standard = "24"},
    {"deal_days", FIELD_INTEGER, 0, "几天未转商机收回", "Days without a deal", "group.clocks",
     .max = 730, .standard = "0"},
    {"warn_hours", FIELD_INTEGER, 0, "提前几小时提醒", "Warning hours before", "group.clocks",
     .max = 720, .standard = "4"},
    {"workdays", FIELD_BOOLEAN, 0, "只算工作日", "Working days only", "group.clocks",
     .standard = "0"},
    {"clocks_from", FIELD_INSTANT, FIELD_READ_ONLY, "时限起算", "Clocks run from", "group.clocks"},
    {"description", FIELD_LONG_TEXT, 0, "说明", "Description", "group.basic"},
    {0}};

static void check_ids(struct ctx *c, const struct json *ids, const char *entity,
                      struct str pointer) {
    const struct entity *e = entity_named(c, entity);
    if (!ids) {
        return;
    }
    if (ids->kind != JSON_IS_ARRAY || ids->n > PEOPLE_MOST) {
        FAIL_FIELD(c, pointer, "pool.people");
        return;
    }
    for (size_t i = 0; i < ids->n && !ctx_failed(c); i++) {
        if (!record_load(c, e, json_as_id(&ids->items[i]))) {
            FAIL_FIELD(c, pointer, "reference.absent");
        }
    }
}

/* {"users":[…],"teams":[…],"departments":[…]} */
static void check_members(struct ctx *c, struct str text) {
    static const struct {
        const char *key, *entity;
    } kinds[] = {{"users", "user"}, {"teams", "team"}, {"departments", "department"}};
    const struct json *members = text.n ? json_parse(c, text) : NULL;
    if (members && members->kind != JSON_IS_OBJECT) {
        FAIL_FIELD(c, STR("/members"), "pool.members");
        return;
    }
    for (size_t i = 0; members && i < 3; i++) {
        check_ids(c, json_get(members, kinds[i].key), kinds[i].entity,
                  str_format(c->arena, "/members/%s", kinds[i].key));
    }
}

static void check_hidden(struct ctx *c, struct str text) {
    const struct entity *lead = entity_named(c, "lead");
    const struct json *names = text.n ? json_parse(c, text) : NULL;
    if (names && (names->kind != JSON_IS_ARRAY || names->n > 40)) {
        FAIL_FIELD(c, STR("/hidden_fields"), "pool.hidden");
        return;
    }
    for (size_t i = 0; names && i < names->n; i++) {
        if (!entity_field(lead, names->items[i].text)) {
            FAIL_FIELD(c, STR("/hidden_fields"), "field.unknown");
            return;
        }
    }
}

/* Nobody is warned of an end that lies nearer than the warning lies before it. */
static void check_warning(struct ctx *c, const struct record *pool) {
    int64_t before = record_int(pool, "warn_hours");
    int64_t hours = record_int(pool, "follow_up_hours"), days = record_int(pool, "deal_days");
    struct str said = str_format(c->arena, "%lld", (long long)before);
    if (hours && before > hours) {
        FAIL_FIELD(c, STR("/warn_hours"), "pool.warn_hours", {"before", said},
                   {"hours", str_format(c->arena, "%lld", (long long)hours)});
    } else if (days && before > days * 24) {
        FAIL_FIELD(c, STR("/warn_hours"), "pool.warn_days", {"before", said},
                   {"days", str_format(c->arena, "%lld", (long long)days)});
    }
}

static bool clocks_moved(const struct change *change) {
    static const char *const names[] = {"enabled", "condition", "follow_up_hours", "deal_days",
                                        "workdays"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!change->before || !value_equal(record_value(change->before, names[i]),
                                            record_value(change->after, names[i]))) {
            return true;
        }
    }
    return false;
}

/* A clock that is new or shorter takes nothing away at once: it runs from its change. */
static void pool_check(struct ctx *c, struct change *change) {
    struct str where = record_text(change->after, "condition");
    if (where.n) {
        condition_parse_text(c, entity_named(c, "lead"), where);
    }
    check_members(c, record_text(change->after, "members"));
    struct str managers = record_text(change->after, "managers");
    check_ids(c, managers.n ? json_parse(c, managers) : NULL, "user", STR("/managers"));
    check_hidden(c, record_text(change->after, "hidden_fields"));
    check_warning(c, change->after);
    if (clocks_moved(change)) {
        record_set_value(change->after, "clocks_from",
                         (struct value){VALUE_INTEGER, c->now_ms, STR("")});
    }
}

static void pool_wrote(struct ctx *c, const struct change *change) {
    if (clocks_moved(change)) {
        lead_clocks_start(c);
    }
    assignment_wait_end(c);
}

static void pool_trash(struct ctx *c, const struct record *pool) {
    if (DB_INT(c, "SELECT 1 FROM lead WHERE pool_id = $1 AND deleted_at IS NULL LIMIT 1",
               pool->id)) {
        FAIL(c, ERROR_CONFLICT, "pool.not_empty");
    }
}

static const struct entity_definition pool_entity = {.name = "lead_pool",
                                                     .plural = "lead_pools",
                                                     .zh = "公海",
                                                     .en = "Lead pool",
                                                     .flags = ENTITY_SETTING,
                                                     .fields = fields,
                                                     .check = pool_check,
                                                     .wrote = pool_wrote,
                                                     .trash = pool_trash};

static const struct migration migrations[] = {
    /* user_id: of a way in whose it was, of a way out whose it is. waited_ms: of a way out how
     * long it lay there. */
    {"sales.lead_pool.1",
     "CREATE TABLE lead_pool_log (id {id}, lead_id BIGINT NOT NULL, pool_id BIGINT NOT NULL, "
     "at BIGINT NOT NULL, kind TEXT NOT NULL, user_id BIGINT, actor_id BIGINT, "
     "reason TEXT NOT NULL, waited_ms BIGINT NOT NULL);\n"
     "CREATE INDEX lead_pool_log_lead ON lead_pool_log (lead_id, id);\n"
     "CREATE INDEX lead_pool_log_pool ON lead_pool_log (pool_id, at);\n"
     "CREATE TABLE lead_pick (pool_id BIGINT NOT NULL, user_id BIGINT NOT NULL, "
     "day BIGINT NOT NULL, picks BIGINT NOT NULL, "
     "PRIMARY KEY (pool_id, user_id, day)) {without_rowid}"},
    {0}};

static struct record_memory kept_pools = RECORD_MEMORY("lead_pool", 2 * POOLS_MOST);

size_t pools_read(struct ctx *c, struct record **pools) {
    return records_enabled(c, &kept_pools, pools, POOLS_MOST);
}

struct record *pool_load(struct ctx *c, int64_t id) {
    struct record *pool = record_load(c, entity_named(c, "lead_pool"), id);
    if (!pool && !ctx_failed(c)) {
        FAIL(c, ERROR_ABSENT, "record.absent");
    }
    return pool;
}

static bool pool_full(struct ctx *c, const struct record *pool) {
    int64_t capacity = record_int(pool, "capacity");
    return capacity &&
           DB_INT(c,
                  "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM lead WHERE pool_id = $1 "
                  "AND deleted_at IS NULL LIMIT $2) x",
                  pool->id, capacity) >= capacity;
}

bool pool_open(struct ctx *c, int64_t id) {
    const struct record *pool = record_load(c, entity_named(c, "lead_pool"), id);
    return pool && record_int(pool, "enabled") && !pool_full(c, pool);
}

/* Conditions of the company's own are read with the system's rights, as those of rules. */
static bool pool_takes(struct ctx *c, const struct record *pool, const struct record *lead) {
    const struct actor *actor = c->actor;
    const struct condition *where = condition_parse_kept(c, c->arena, lead->entity,
                                                         record_text(pool, "condition"));
    c->actor = &actor_system;
    bool takes = where && condition_match(c, where, lead);
    c->actor = actor;
    return takes;
}

struct record *pool_fitting(struct ctx *c, const struct record *lead, bool any) {
    struct record *pools[POOLS_MOST];
    size_t n = pools_read(c, pools);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (pool_takes(c, pools[i], lead) && (any || !pool_full(c, pools[i]))) {
            return pools[i];
        }
    }
    return NULL;
}

static bool ids_hold(const struct json *ids, int64_t id) {
    for (size_t i = 0; json_is(ids, JSON_IS_ARRAY) && i < ids->n; i++) {
        if (json_as_id(&ids->items[i]) == id) {
            return true;
        }
    }
    return false;
}

static bool ids_meet(const struct json *ids, struct id_set set) {
    for (size_t i = 0; json_is(ids, JSON_IS_ARRAY) && i < ids->n; i++) {
        if (id_set_has(set, json_as_id(&ids->items[i]))) {
            return true;
        }
    }
    return false;
}

static const struct json *stored(const struct ctx *c, const struct record *r, const char *field) {
    struct str text = record_text(r, field);
    struct ctx reading = {.arena = c->arena};
    return text.n ? json_parse(&reading, text) : NULL;
}

bool pool_manages(const struct ctx *c, const struct record *pool) {
    const struct actor *a = c->actor;
    if (access_permitted(a, "pools:manage") &&
        access_scope(a, entity_named(c, "lead"), ACTION_ASSIGN) == SCOPE_ALL) {
        return true;
    }
    return a->user_id && !a->read_only && ids_hold(stored(c, pool, "managers"), a->user_id);
}

bool pool_admits(struct ctx *c, const struct record *pool) {
    const struct actor *a = c->actor;
    if (!record_int(pool, "enabled") || !a->user_id || !access_permitted(a, "leads:grab")) {
        return false;
    }
    const struct json *members = stored(c, pool, "members");
    return record_int(pool, "everyone") || ids_hold(json_get(members, "users"), a->user_id) ||
           ids_meet(json_get(members, "teams"), a->teams) ||
           ids_meet(json_get(members, "departments"), a->lineage) ||
           ids_hold(stored(c, pool, "managers"), a->user_id);
}

static void log_add(struct ctx *c, const struct record *lead, int64_t pool_id,
                    const struct pool_entry *entry) {
    int64_t since = record_int(lead, "pooled_at");
    DB_PUT(c,
           "INSERT INTO lead_pool_log (id, lead_id, pool_id, at, kind, user_id, actor_id, reason, "
           "waited_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
           id_new(), lead->id, pool_id, c->now_ms, entry->kind, db_from_id(entry->from_user_id),
           db_from_id(access_user_id(c->actor)), entry->reason.n ? entry->reason : STR(""),
           since ? c->now_ms - since : 0);
}

static void emit(struct ctx *c, const char *type, const struct record *lead, int64_t pool_id,
                 const struct pool_entry *entry) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "lead_id", json_put_id, lead->id);
    JSON_MEMBER(&w, "pool_id", json_put_id, pool_id);
    JSON_MEMBER(&w, "kind", json_put_c, entry->kind);
    JSON_MEMBER(&w, "user_id", json_put_id, entry->from_user_id);
    json_end_object(&w);
    bool of_lead = str_starts(str_from(type), STR("lead."));
    event_emit(c, &(struct event){.type = str_from(type),
                                  .subject_type = of_lead ? STR("lead") : STR("lead_pool"),
                                  .subject_id = of_lead ? lead->id : pool_id,
                                  .person_id = of_lead ? record_id(lead, "person_id") : 0,
                                  .payload = json_str(&w)});
}

/* Why it is nobody's again: what its owner wrote, or which clock ran out. */
static struct str returned_reason(const struct ctx *c, const struct pool_entry *entry) {
    bool told = str_is(str_from(entry->kind), POOL_RELEASED);
    bool silent = str_is(entry->reason, "follow_up");
    return told ? entry->reason
                : message_words(c->language, silent ? "pool.silent" : "pool.no_deal");
}

int64_t pool_put(struct ctx *c, const struct record *lead, const struct pool_entry *entry) {
    int64_t id = entry->pool_id;
    if (!id) {
        const struct record *pool = pool_fitting(c, lead, false);
        id = pool ? pool->id : 0;
    }
    if (!id || ctx_failed(c)) {
        return 0;
    }
    if (!record_holds(c, lead)) {
        return 0;
    }
    struct change_set set = change_new(c, lead->entity);
    change_id(&set, "owner_id", 0);
    change_id(&set, "pool_id", id);
    change_int(&set, "pooled_at", c->now_ms);
    change_null(&set, "next_follow_up_at");
    if (entry->from_user_id) {
        change_text(&set, "status", STR("returned"));
        change_text(&set, "returned_reason", returned_reason(c, entry));
    }
    record_change(c, lead->id, &set);
    log_add(c, lead, id, entry);
    emit(c, "lead.pooled", lead, id, entry);
    emit(c, "lead_pool.filled", lead, id, entry);
    return id;
}

bool pool_give(struct ctx *c, const struct record *lead, int64_t user_id, struct str reason) {
    if (!record_hold(c, lead)) {
        return false;
    }
    bool grabbed = user_id == access_user_id(c->actor);
    int64_t pool_id = record_id(lead, "pool_id");
    const struct pool_entry entry = {.kind = grabbed ? POOL_GRABBED : POOL_ASSIGNED,
                                     .from_user_id = user_id};
    struct change_set set = change_new(c, lead->entity);
    change_id(&set, "owner_id", user_id);
    change_text(&set, "assignment_reason", reason);
    change_int(&set, "assigned_at", c->now_ms);
    record_change(c, lead->id, &set);
    log_add(c, lead, pool_id, &entry);
    if (grabbed) {
        emit(c, "lead.grabbed", lead, pool_id, &entry);
    }
    emit(c, "lead_pool.taken", lead, pool_id, &entry);
    return true;
}

void pool_left(struct ctx *c, const struct record *lead, int64_t pool_id) {
    struct str last = DB_TEXT(c,
                              "SELECT kind FROM lead_pool_log WHERE lead_id = $1 "
                              "ORDER BY id DESC LIMIT 1",
                              lead->id);
    bool known = str_is(last, POOL_GRABBED) || str_is(last, POOL_ASSIGNED);
    if (known || !record_empty(lead, "pool_id")) {
        return;
    }
    const struct pool_entry entry = {.kind = POOL_ASSIGNED,
                                     .from_user_id = record_id(lead, "owner_id")};
    log_add(c, lead, pool_id, &entry);
    emit(c, "lead_pool.taken", lead, pool_id, &entry);
}

struct pool_standing pool_standing(struct ctx *c, const struct record *pool, int64_t user_id) {
    struct pool_standing s = {
        .limit = record_int(pool, "pick_limit"),
        .cap = record_int(pool, "holding_cap"),
        .day = date_to_days(zone_date(company_zone(c), c->now_ms)),
    };
    s.picked = DB_INT(c,
                      "SELECT picks FROM lead_pick WHERE pool_id = $1 AND user_id = $2 "
                      "AND day = $3",
                      pool->id, user_id, s.day);
    s.held = DB_INT(c,
                    "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM lead WHERE owner_id = $1 "
                    "AND status IN ('new', 'working', 'returned') AND deleted_at IS NULL "
                    "LIMIT 10001) x",
                    user_id);
    return s;
}

int64_t pool_cooling(struct ctx *c, const struct record *pool, int64_t lead_id, int64_t user_id) {
    int64_t days = record_int(pool, "cooldown_days");
    int64_t left = !days ? 0
                         : DB_INT(c,
                                  "SELECT at FROM lead_pool_log WHERE lead_id = $1 "
                                  "AND user_id = $2 AND kind IN ('released', 'recycled') "
                                  "ORDER BY id DESC LIMIT 1",
                                  lead_id, user_id);
    int64_t until = left ? left + days * MS_DAY : 0;
    return until > c->now_ms ? until : 0;
}

/* Without 有限公司 and the like at its end. */
static struct str without_form(struct str name) {
    static const char *const forms[] = {"有限责任公司", "股份有限公司", "集团有限公司",
                                        "有限公司",     "集团",         "公司"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct str form = str_from(forms[i]);
        if (name.n > form.n && str_ends(name, form)) {
            return str_slice(name, 0, name.n - form.n);
        }
    }
    return name;
}

/* The shortest beginning that names a place: 温州, 石家庄; empty when none does. */
static struct str place_of(struct str name) {
    struct region region;
    for (size_t n = 2; n <= 4; n++) {
        struct str place = text_truncate(name, n);
        if (region_parse(place, &region)) {
            return place;
        }
    }
    return STR("");
}

struct str pool_company_mask(struct arena *a, struct str name) {
    struct str rest = without_form(str_trim(name)), place = place_of(rest);
    struct str own = str_slice(rest, place.n, rest.n), mark = text_truncate(own, 2);
    if (text_length(own) < 4) {
        return str_format(a, "%.*s***", STR_ARG(place.n ? place : text_truncate(rest, 1)));
    }
    return str_format(a, "%.*s某%.*s", STR_ARG(place), STR_ARG(str_slice(own, mark.n, own.n)));
}

static const struct text texts[] = {
    {"group.pool", "公海", "Pool"},
    {"group.limits", "限制", "Limits"},
    {"group.clocks", "收回时限", "Clocks"},
    {"pool.silent", "超时未跟进，收回公海", "Not followed up in time, back in the pool"},
    {"pool.no_deal", "到期没有商机，收回公海", "No deal in time, back in the pool"},
    {"pool.people", "最多 500 人", "At most 500 people"},
    {"pool.members", "写成用户、团队、部门三个列表", "Lists of users, teams and departments"},
    {"pool.hidden", "写成字段名的列表", "A list of fields"},
    {"pool.warn_hours", "提前 {before} 小时提醒，比几小时未跟进收回（{hours} 小时）还长",
     "A warning {before} hours before needs more than the {hours} hours without follow-up"},
    {"pool.warn_days", "提前 {before} 小时提醒，比几天未转商机收回（{days} 天）还长",
     "A warning {before} hours before needs more than the {days} days without a deal"},
    {"pool.not_empty", "公海里还有线索，请先移走", "There are still leads in the pool"},
    {0}};

static const struct permission permissions[] = {
    {"leads:grab", "抢公海线索", "Grab leads from pools"},
    {"pools:manage", "管理所有公海和分配规则", "Manage all pools and assignment"},
    {0}};

static const struct event_type event_types[] = {
    {"lead.pooled", "lead", "进入公海", "put into a pool"},
    {"lead.grabbed", "lead", "被抢", "grabbed"},
    {"lead_pool.filled", "lead_pool", "来了线索", "received a lead"},
    {"lead_pool.taken", "lead_pool", "线索被领走", "lost a lead to somebody"},
    {0}};

const struct module lead_pool_module = {
    .name = "sales.lead_pool",
    .cloud = "sales",
    .events = event_types,
    .permissions = permissions,
    .entities = (const struct entity_definition *const[]){&pool_entity, NULL},
    .migrations = migrations,
    .texts = texts};
