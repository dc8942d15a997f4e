/* See rule_date.h. */
#include "automation/rule_date.h"

#include "automation/automation.h"
#include "automation/rule.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/condition.h"
#include "entity/record_memory.h"
#include "event/timer.h"
#include "organization/company.h"

enum { RULES_MOST = 200, AT_ONCE = 500, CAUGHT_UP_DAYS = 31, KEPT_DAYS = 90, LATELY_DAYS = 30 };

static const char clock_kind[] = "automation.date";

static const struct migration migrations[] = {
    /* reached: the last day, counted from 1970, whose records all had their turn. value: of the
     * field, as text, so that a date that is moved counts anew. */
    {"automation.rule_date.1",
     "CREATE TABLE automation_date (automation_id BIGINT NOT NULL PRIMARY KEY, "
     "reached BIGINT NOT NULL){without_rowid};\n"
     "CREATE TABLE automation_date_met (automation_id BIGINT NOT NULL, record_id BIGINT NOT NULL, "
     "value TEXT NOT NULL, at BIGINT NOT NULL, "
     "PRIMARY KEY (automation_id, record_id, value)){without_rowid}"},
    {0}};

bool rule_is_dated(const struct record *rule) {
    return str_is(record_text(rule, "trigger"), RULE_DATE);
}

bool rule_is_for_another(struct ctx *c, const struct record *rule, const struct event *e) {
    return str_is(e->type, RULE_DATE) &&
           json_id(json_parse(c, e->payload), "automation_id") != rule->id;
}

static bool dated(const struct field *f) {
    bool trashed = f->flags & FIELD_SYSTEM && f->position == SYSTEM_DELETED_AT;
    return (f->type == FIELD_DATE || f->type == FIELD_INSTANT) && !(f->flags & FIELD_HIDDEN) &&
           !trashed; /* what is in the trash is passed over */
}

struct rule_date rule_date_named(struct ctx *c, const struct entity *e, struct str field,
                                 int64_t days) {
    const struct field *f = entity_field(e, field);
    bool good = f && dated(f);
    if (!good) {
        FAIL_FIELD(c, STR("/date_field"), "rule.date_field");
    }
    if (days < -RULE_DAYS_MOST || days > RULE_DAYS_MOST) {
        FAIL_FIELD(c, STR("/days"), "rule.days",
                   {"most", str_format(c->arena, "%d", RULE_DAYS_MOST)});
    }
    return (struct rule_date){e, good ? f : NULL, days};
}

static int64_t today(struct ctx *c) {
    return date_to_days(zone_date(company_zone(c), c->now_ms));
}

/* Where the day begins, as the field's values are compared. */
static struct db_value day_value(struct ctx *c, const struct field *f, int64_t day) {
    struct date date = date_from_days(day);
    char text[DATE_TEXT];
    if (f->type == FIELD_INSTANT) {
        return db_from_int(zone_midnight(company_zone(c), date));
    }
    date_format(date, text);
    return DB_VALUE_OF(str_copy(c->arena, str_from(text)));
}

/* " FROM lead e WHERE …": the field's day is one of first … last. */
static void days_sql(struct ctx *c, struct sql *q, const struct rule_date *d, int64_t first,
                     int64_t last) {
    SQL_ADD(q, " FROM ");
    sql_identifier(q, d->entity->table);
    SQL_ADD(q, " e WHERE e.deleted_at IS NULL AND e.");
    sql_identifier(q, d->field->name);
    SQL_ADD(q, " >= ");
    sql_value(q, day_value(c, d->field, first));
    SQL_ADD(q, " AND e.");
    sql_identifier(q, d->field->name);
    SQL_ADD(q, " < ");
    sql_value(q, day_value(c, d->field, last + 1));
}

struct met {
    int64_t record_id;
    struct str value;
};

/* Those of the days that had no turn yet, the earliest first. */
static size_t met_read(struct ctx *c, const struct record *rule, const struct rule_date *d,
                       const int64_t days[2], struct met *out) {
    const struct condition *where = condition_parse_kept(c, c->arena, d->entity,
                                                         record_text(rule, "condition"));
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    size_t n = 0;
    if (!where) {
        return 0;
    }
    SQL_ADD(&q, "SELECT e.id, CAST(e.");
    sql_identifier(&q, d->field->name);
    SQL_ADD(&q, " AS TEXT)");
    days_sql(c, &q, d, days[0], days[1]);
    SQL_ADD(&q, " AND ");
    condition_sql(c, &q, where, "e");
    SQL_ADD(&q, " AND NOT EXISTS (SELECT 1 FROM automation_date_met m WHERE m.automation_id = ");
    SQL_VALUE(&q, rule->id);
    SQL_ADD(&q, " AND m.record_id = e.id AND m.value = CAST(e.");
    sql_identifier(&q, d->field->name);
    SQL_ADD(&q, " AS TEXT)) ORDER BY e.");
    sql_identifier(&q, d->field->name);
    SQL_ADD(&q, ", e.id LIMIT ");
    sql_number(&q, AT_ONCE);
    sql_query(c, &rows, &q);
    while (n < AT_ONCE && db_next(&rows)) {
        out[n++] = (struct met){db_int(&rows, 0), db_text(&rows, 1)};
    }
    db_done(&rows);
    return n;
}

static void meet(struct ctx *c, const struct record *rule, const struct rule_date *d,
                 const struct met *met) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "automation_id", json_put_id, rule->id);
    JSON_MEMBER(&w, "field", json_put_str, d->field->name);
    json_end_object(&w);
    DB_PUT(c,
           "INSERT INTO automation_date_met (automation_id, record_id, value, at) "
           "VALUES ($1, $2, $3, $4)",
           rule->id, met->record_id, met->value, c->now_ms);
    event_emit(c, &(struct event){.type = STR(RULE_DATE),
                                  .subject_type = d->entity->name,
                                  .subject_id = met->record_id,
                                  .payload = json_str(&w)});
}

/* The days are done, but for the last: records may still come to it. */
static void reached_store(struct ctx *c, const struct record *rule, int64_t reached) {
    DB_RUN(c, "UPDATE automation_date SET reached = $1 WHERE automation_id = $2 AND reached < $1",
           reached, rule->id);
    DB_RUN(c, "DELETE FROM automation_date_met WHERE automation_id = $1 AND at < $2", rule->id,
           c->now_ms - KEPT_DAYS * (int64_t)MS_DAY);
}

/* What the rule looks for; false when its record type or field is there no more, or its cloud is
 * off. */
static bool date_of(struct ctx *c, const struct record *rule, struct rule_date *out) {
    const struct entity *e = model_entity(c->model, record_text(rule, "entity_name"));
    const struct field *f = e ? entity_field(e, record_text(rule, "date_field")) : NULL;
    *out = (struct rule_date){e, f, record_int(rule, "days")};
    return f && dated(f) && company_cloud_on(c, e->cloud);
}

/* True when there is more than is done at once. */
static bool catch_up(struct ctx *c, const struct record *rule) {
    bool early = zone_time_of_day(company_zone(c), c->now_ms) <
                 record_int(rule, "hour") * (int64_t)MS_HOUR;
    struct rule_date d;
    if (!date_of(c, rule, &d)) {
        return false;
    }
    int64_t last = today(c) - early - d.days, earliest = last - CAUGHT_UP_DAYS;
    int64_t reached = DB_INT(c, "SELECT reached FROM automation_date WHERE automation_id = $1",
                             rule->id);
    const int64_t days[2] = {reached >= earliest ? reached + 1 : earliest, last};
    struct met *met = ARENA_NEW_ARRAY(c->arena, AT_ONCE, struct met);
    size_t n = ctx_failed(c) || days[0] > days[1] ? 0 : met_read(c, rule, &d, days, met);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        meet(c, rule, &d, &met[i]);
    }
    if (n < AT_ONCE) {
        reached_store(c, rule, last - 1);
    }
    return n == AT_ONCE;
}

/* A rule whose condition names what is there no more stops itself, not the others. */
static bool catch_up_alone(struct ctx *c, const struct record *rule) {
    db_savepoint(c);
    bool more = catch_up(c, rule);
    if (!ctx_failed(c)) {
        db_release(c);
        return more;
    }
    if (c->error.code == ERROR_INVALID) {
        ctx_clear_error(c);
        db_rollback_savepoint(c->db);
    }
    return false;
}

static int64_t next_look(const struct ctx *c) {
    const int64_t quarter = MS_HOUR / 4;
    return (c->now_ms / quarter + 1) * quarter;
}

static void indexes_keep(struct ctx *c, struct record *const *rules, size_t n) {
    struct rule_date dates[RULES_MOST];
    size_t looked = 0;
    for (size_t i = 0; i < n; i++) {
        looked += date_of(c, rules[i], &dates[looked]);
    }
    rule_date_indexes(c, dates, looked);
}

static void fire(struct ctx *c, const struct timer *t) {
    struct record *rules[RULES_MOST];
    struct sql q = sql_new(c->arena);
    bool more = false;
    (void)t;
    SQL_ADD(&q, "enabled = 1 AND trigger = '" RULE_DATE "'");
    size_t n = records_in_order(c, entity_named(c, "automation"), &q, rules, RULES_MOST);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        more |= catch_up_alone(c, rules[i]);
    }
    if (!ctx_failed(c)) {
        indexes_keep(c, rules, n); /* last: tables are held until the end */
    }
    timer_set(c, clock_kind, STR(""), more ? c->now_ms : next_look(c), STR("{}"));
}

static const struct timer_kind timers[] = {{clock_kind, fire}, {0}};

void rule_date_watch(struct ctx *c, const struct change *change) {
    const struct record *rule = change->after;
    if (!rule_is_dated(rule) || !record_int(rule, "enabled")) {
        return;
    }
    DB_RUN(c,
           "INSERT INTO automation_date (automation_id, reached) VALUES ($1, $2) "
           "ON CONFLICT (automation_id) DO UPDATE SET reached = excluded.reached",
           change->id, today(c) - record_int(rule, "days") - 1);
    timer_set_earlier(c, clock_kind, STR(""), c->now_ms);
}

struct event *rule_date_lately(struct ctx *c, const struct rule_date *date, size_t limit,
                               int64_t *since, size_t *n) {
    struct event *events = ARENA_NEW_ARRAY(c->arena, limit, struct event);
    const struct zone *zone = company_zone(c);
    int64_t last = today(c) - date->days, first = last - LATELY_DAYS;
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    *n = 0;
    *since = zone_midnight(zone, date_from_days(first + date->days));
    SQL_ADD(&q, "SELECT e.id, e.");
    sql_identifier(&q, date->field->name);
    days_sql(c, &q, date, first, last);
    SQL_ADD(&q, " ORDER BY e.");
    sql_identifier(&q, date->field->name);
    SQL_ADD(&q, " DESC, e.id DESC LIMIT ");
    sql_number(&q, (int64_t)limit);
    sql_query(c, &rows, &q);
    while (*n < limit && db_next(&rows)) {
        struct date d;
        if (date->field->type == FIELD_INSTANT) {
            d = zone_date(zone, db_int(&rows, 1));
        } else if (!date_parse(db_view(&rows, 1), &d)) {
            continue;
        }
        int64_t day = date_to_days(d) + date->days;
        events[(*n)++] = (struct event){.origin = ORIGIN_LIVE,
                                        .subject_type = date->entity->name,
                                        .subject_id = db_int(&rows, 0),
                                        .occurred_at = zone_midnight(zone, date_from_days(day))};
    }
    db_done(&rows);
    return events;
}

static const struct event_type event_types[] = {
    {RULE_DATE, EVENT_OF_ANY, "到了某个日期", "a date came"}, {0}};

static const struct text texts[] = {
    {"rule.date_field", "选一个日期或时间字段", "Choose a field that holds a date or a time"},
    {"rule.days", "最多提前或推后 {most} 天", "At most {most} days before or after"},
    {0}};

const struct module rule_date_module = {.name = "automation.rule_date",
                                        .cloud = "platform",
                                        .timers = timers,
                                        .events = event_types,
                                        .migrations = migrations,
                                        .texts = texts};
