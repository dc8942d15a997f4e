/*
 * See tag.h. A row of `tagging` says who carries what; kept_off marks a tag taken off by hand that
 * the rule would put on again. Rows of records in the trash stay, not counted (live = 0), and count
 * again when the record comes back. When two records become one the survivor also carries what the
 * other did, until they part.
 *
 * Counts stand in `tag_total` and move with the rows. What expires is taken off by one timer that
 * is set to the earliest end.
 */
#include "customer/tag.h"

#include "automation/action.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/customer.h"
#include "customer/membership.h"
#include "customer/segment.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/access.h"
#include "entity/condition.h"
#include "event/reactor.h"
#include "event/timer.h"

enum { EXPIRE_AT_ONCE = 200, DAYS_MOST = 3650 };

static const struct option dimensions[] = {{"basic", "基本", "Basic", "info"},
                                           {"behaviour", "行为", "Behaviour", "ok"},
                                           {"transaction", "交易", "Transaction", "warn"},
                                           {"interest", "兴趣", "Interest", "ring"},
                                           {0}};

static const struct option colours[] = {
    {"grey", "灰", "Grey", "idle"},     {"teal", "青", "Teal", "info"},
    {"green", "绿", "Green", "ok"},     {"amber", "琥珀", "Amber", "warn"},
    {"red", "红", "Red", "bad"},        {"blue", "蓝", "Blue", "ring"},
    {"violet", "紫", "Violet", "idle"}, {0}};

static const struct option carriers[] = {{"person", "人", "People", "idle"},
                                         {"lead", "线索", "Leads", "idle"},
                                         {"account", "客户", "Accounts", "idle"},
                                         {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_UNIQUE | FIELD_TITLE | FIELD_LISTED, "名称", "Name",
     "group.basic", .max_length = 30},
    {"dimension", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED, "维度", "Dimension", "group.basic",
     .options = dimensions, .standard = "basic"},
    {"colour", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED, "颜色", "Colour", "group.basic",
     .options = colours, .standard = "grey"},
    {"expires_after_days", FIELD_INTEGER, FIELD_LISTED, "几天后过期", "Expires after days",
     "group.basic", .min = 1, .max = DAYS_MOST},
    {"description", FIELD_TEXT, FIELD_LISTED, "说明", "Description", "group.basic",
     .max_length = 200},
    {"entity_name", FIELD_OPTION, FIELD_IMMUTABLE, "规则针对", "Rule for", "group.rule",
     .options = carriers, .standard = "person"},
    {"condition", FIELD_JSON, 0, "规则", "Rule", "group.rule", .max_length = 20000},
    {"rule_on", FIELD_BOOLEAN, FIELD_LISTED, "启用规则", "Rule on", "group.rule", .standard = "0"},
    {"preset", FIELD_TEXT, FIELD_READ_ONLY, "来自预设", "From preset", "group.rule",
     .max_length = 40},
    {0}};

static const struct migration migrations[] = {
    {"customer.tag.1",
     "CREATE TABLE tagging (\n"
     "  tag_id BIGINT NOT NULL,\n"
     "  subject_type TEXT NOT NULL,\n"
     "  subject_id BIGINT NOT NULL,\n"
     "  source TEXT NOT NULL,\n"
     "  at BIGINT NOT NULL,\n"
     "  by_id BIGINT,\n"
     "  expires_at BIGINT,\n"
     "  kept_off BIGINT NOT NULL,\n"
     "  live BIGINT NOT NULL,\n"
     "  PRIMARY KEY (tag_id, subject_type, subject_id)\n"
     "){without_rowid};\n"
     "CREATE INDEX tagging_subject ON tagging (subject_id, subject_type);\n"
     "CREATE INDEX tagging_expires ON tagging (expires_at) WHERE expires_at IS NOT NULL;\n"
     "CREATE TABLE tagging_merged (\n" /* what a survivor carries of another */
     "  loser_id BIGINT NOT NULL,\n"
     "  tag_id BIGINT NOT NULL,\n"
     "  PRIMARY KEY (loser_id, tag_id)\n"
     "){without_rowid};\n"
     "CREATE TABLE tag_total (\n"
     "  tag_id BIGINT NOT NULL,\n"
     "  subject_type TEXT NOT NULL,\n"
     "  records BIGINT NOT NULL,\n"
     "  PRIMARY KEY (tag_id, subject_type)\n"
     "){without_rowid}"},
    {0}};

bool tag_carried_by(const struct entity *e) {
    return str_is(e->name, "person") || str_is(e->name, "lead") || str_is(e->name, "account");
}

int64_t tag_find(struct ctx *c, struct str id_or_name) {
    int64_t id = 0;
    if (str_to_int(id_or_name, &id) && id > 0) {
        id = DB_INT(c, "SELECT id FROM tag WHERE id = $1 AND deleted_at IS NULL", id);
    }
    return id ? id
              : DB_INT(c, "SELECT id FROM tag WHERE name = $1 AND deleted_at IS NULL", id_or_name);
}

/* Writing. */

static void total_move(struct ctx *c, const struct tagging *t, int64_t by) {
    DB_RUN(c,
           "INSERT INTO tag_total (tag_id, subject_type, records) VALUES ($1, $2, $3) "
           "ON CONFLICT (tag_id, subject_type) DO UPDATE SET "
           "records = tag_total.records + excluded.records",
           t->tag_id, t->entity->name, by);
}

static void emit(struct ctx *c, const char *type, const struct tagging *t) {
    struct record *r = record_load(c, t->entity, t->subject_id);
    struct json_writer w = json_writer(c->arena);
    bool person = str_is(t->entity->name, "person"), account = str_is(t->entity->name, "account");
    if (!r) {
        return;
    }
    json_begin_object(&w);
    JSON_MEMBER(&w, "tag_id", json_put_id, t->tag_id);
    JSON_MEMBER(&w, "source", json_put_c, t->source);
    json_end_object(&w);
    event_emit(c, &(struct event){.type = str_from(type),
                                  .subject_type = t->entity->name,
                                  .subject_id = t->subject_id,
                                  .person_id = person    ? t->subject_id
                                               : account ? 0
                                                         : record_id(r, "person_id"),
                                  .account_id = account ? t->subject_id : 0,
                                  .payload = json_str(&w)});
}

static int64_t expiry_of(struct ctx *c, const struct tagging *t) {
    if (t->expires_at) {
        return t->expires_at;
    }
    int64_t days = str_is(str_from(t->source), "rule")
                       ? 0
                       : DB_INT(c, "SELECT expires_after_days FROM tag WHERE id = $1", t->tag_id);
    return days ? c->now_ms + days * MS_DAY : 0;
}

/* By hand outweighs the rule: what the rule put on, put on by hand, is by hand from then on. A file
 * outweighs nothing that is there, be it the mark of a hand that took the tag off. */
bool tag_put(struct ctx *c, const struct tagging *t) {
    bool rule = str_is(str_from(t->source), "rule");
    bool file = str_is(str_from(t->source), "import");
    int64_t expires_at = expiry_of(c, t);
    int64_t there = DB_INT(c,
                           "SELECT 1 + kept_off FROM tagging WHERE tag_id = $1 AND "
                           "subject_type = $2 AND subject_id = $3",
                           t->tag_id, t->entity->name, t->subject_id);
    bool carried = there == 1;
    if ((rule && carried) || (file && there)) {
        return false;
    }
    int64_t n = DB_RUN(
        c,
        "INSERT INTO tagging (tag_id, subject_type, subject_id, source, at, by_id, expires_at, "
        "kept_off, live) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 1) "
        "ON CONFLICT (tag_id, subject_type, subject_id) DO UPDATE SET source = excluded.source, "
        "at = excluded.at, by_id = excluded.by_id, expires_at = excluded.expires_at, kept_off = 0 "
        "WHERE excluded.source <> 'rule'",
        t->tag_id, t->entity->name, t->subject_id, t->source, c->now_ms,
        db_from_id(access_user_id(c->actor)), db_from_id(expires_at));
    if (n && expires_at) {
        timer_set_earlier(c, "tag.expire", STR(""), expires_at);
    }
    if (!n || carried || ctx_failed(c)) {
        return false;
    }
    total_move(c, t, 1);
    emit(c, "tag.added", t);
    return true;
}

bool tag_in_use(struct ctx *c, int64_t tag_id) {
    return DB_INT(c, "SELECT 1 FROM tagging WHERE tag_id = $1 AND kept_off = 0 LIMIT 1", tag_id) ==
           1;
}

/* What a rule put on leaves a mark when a hand takes it off. */
bool tag_take(struct ctx *c, const struct tagging *t) {
    struct db_rows rows;
    struct str source = STR("");
    bool counted = false;
    DB_QUERY(c, &rows,
             "SELECT source, live FROM tagging WHERE tag_id = $1 AND subject_type = $2 AND "
             "subject_id = $3 AND kept_off = 0",
             t->tag_id, t->entity->name, t->subject_id);
    if (db_next(&rows)) {
        source = db_text(&rows, 0);
        counted = db_int(&rows, 1) != 0;
    }
    db_done(&rows);
    if (!source.n || ctx_failed(c)) {
        return false;
    }
    bool rule = str_is(source, "rule"), by_rule = str_is(str_from(t->source), "rule");
    if (by_rule && !rule) {
        return false;
    }
    if (rule && !by_rule) {
        DB_RUN(c,
               "UPDATE tagging SET kept_off = 1, source = $4, at = $5, by_id = $6, "
               "expires_at = NULL WHERE tag_id = $1 AND subject_type = $2 AND subject_id = $3",
               t->tag_id, t->entity->name, t->subject_id, t->source, c->now_ms,
               db_from_id(access_user_id(c->actor)));
    } else {
        DB_RUN(c, "DELETE FROM tagging WHERE tag_id = $1 AND subject_type = $2 AND subject_id = $3",
               t->tag_id, t->entity->name, t->subject_id);
    }
    if (counted) { /* a record that is gone is counted no more */
        total_move(c, t, -1);
    }
    emit(c, "tag.removed", t);
    return true;
}

/* Who carries none of it yet, not even the mark of a hand that took it off; how many. */
static size_t rule_put(struct ctx *c, const struct tagging *t, const int64_t *ids, size_t n,
                       int64_t *put) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    size_t n_put = 0;
    SQL_ADD(&q, "INSERT INTO tagging (tag_id, subject_type, subject_id, source, at, by_id, "
                "kept_off, live) SELECT CAST(");
    SQL_VALUE(&q, t->tag_id);
    SQL_ADD(&q, " AS BIGINT), CAST(");
    SQL_VALUE(&q, t->entity->name);
    SQL_ADD(&q, " AS TEXT), s.id, 'rule', CAST(");
    SQL_VALUE(&q, c->now_ms);
    SQL_ADD(&q, " AS BIGINT), CAST(");
    sql_value(&q, db_from_id(access_user_id(c->actor)));
    SQL_ADD(&q, " AS BIGINT), 0, 1 FROM ");
    sql_identifier(&q, t->entity->table);
    SQL_ADD(&q, " s WHERE s.id IN ");
    sql_ids(&q, ids, n);
    SQL_ADD(&q, " ON CONFLICT (tag_id, subject_type, subject_id) DO NOTHING RETURNING subject_id");
    sql_query(c, &rows, &q);
    while (n_put < n && db_next(&rows)) {
        put[n_put++] = db_int(&rows, 0);
    }
    db_done(&rows);
    return n_put;
}

void tag_rule_holds(struct ctx *c, int64_t tag_id, const struct entity *e, const int64_t *ids,
                    size_t n) {
    struct tagging t = {.tag_id = tag_id, .entity = e, .source = "rule"};
    int64_t put[SQL_IDS];
    for (size_t from = 0; from < n && !ctx_failed(c); from += SQL_IDS) {
        size_t n_put = rule_put(c, &t, ids + from, n - from < SQL_IDS ? n - from : SQL_IDS, put);
        if (n_put) {
            total_move(c, &t, (int64_t)n_put);
        }
        for (size_t i = 0; i < n_put; i++) {
            record_ahead(c, e->name, put[i]);
        }
        for (size_t i = 0; i < n_put && !ctx_failed(c); i++) {
            t.subject_id = put[i];
            emit(c, "tag.added", &t);
        }
    }
}

void tag_rule_ceases(struct ctx *c, int64_t tag_id, const struct entity *e, int64_t subject_id) {
    struct tagging t = {.tag_id = tag_id, .entity = e, .subject_id = subject_id, .source = "rule"};
    tag_take(c, &t);
    DB_RUN(c,
           "DELETE FROM tagging WHERE tag_id = $1 AND subject_type = $2 AND subject_id = $3 "
           "AND kept_off = 1",
           tag_id, e->name, subject_id);
}

/* Records that come and go. */

static void subject_present(struct ctx *c, const struct event *e, bool live) {
    DB_RUN(c,
           "UPDATE tag_total SET records = records + CAST($3 AS BIGINT) WHERE subject_type = $1 "
           "AND tag_id IN (SELECT tag_id FROM tagging WHERE subject_type = $1 AND "
           "subject_id = $2 AND kept_off = 0 AND live <> $4)",
           e->subject_type, e->subject_id, (int64_t)(live ? 1 : -1), (int64_t)live);
    DB_RUN(c,
           "UPDATE tagging SET live = $3 WHERE subject_type = $1 AND subject_id = $2 "
           "AND live <> $3",
           e->subject_type, e->subject_id, (int64_t)live);
}

struct carried {
    int64_t tag_id, expires_at;
};

/* Which tags the statement names, the end of each beside it. */
static size_t carried_read(struct db_rows *rows, struct carried *out, size_t limit) {
    size_t n = 0;
    while (n < limit && db_next(rows)) {
        out[n++] = (struct carried){db_int(rows, 0), db_int(rows, 1)};
    }
    db_done(rows);
    return n;
}

enum { TAGS_OF_ONE = 200 };

static void subjects_merged(struct ctx *c, const struct event *e, int64_t winner) {
    struct carried tags[TAGS_OF_ONE];
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT l.tag_id, COALESCE(l.expires_at, 0) FROM tagging l WHERE l.subject_id = $1 "
             "AND l.subject_type = $2 AND l.kept_off = 0 AND l.source <> 'rule' AND NOT EXISTS "
             "(SELECT 1 FROM tagging w WHERE w.tag_id = l.tag_id AND w.subject_type = $2 AND "
             "w.subject_id = $3) ORDER BY l.tag_id",
             e->subject_id, e->subject_type, winner);
    size_t n = carried_read(&rows, tags, TAGS_OF_ONE);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        tag_put(c, &(struct tagging){.tag_id = tags[i].tag_id,
                                     .entity = model_entity(c->model, e->subject_type),
                                     .subject_id = winner,
                                     .source = "merge",
                                     .expires_at = tags[i].expires_at});
        DB_RUN(c,
               "INSERT INTO tagging_merged (loser_id, tag_id) VALUES ($1, $2) "
               "ON CONFLICT (loser_id, tag_id) DO NOTHING",
               e->subject_id, tags[i].tag_id);
    }
}

static void subjects_unmerged(struct ctx *c, const struct event *e, int64_t winner) {
    struct carried tags[TAGS_OF_ONE];
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT m.tag_id, 0 FROM tagging_merged m JOIN tagging w ON w.tag_id = m.tag_id AND "
             "w.subject_type = $2 AND w.subject_id = $3 AND w.source = 'merge' "
             "WHERE m.loser_id = $1 ORDER BY m.tag_id",
             e->subject_id, e->subject_type, winner);
    size_t n = carried_read(&rows, tags, TAGS_OF_ONE);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        tag_take(c, &(struct tagging){.tag_id = tags[i].tag_id,
                                      .entity = model_entity(c->model, e->subject_type),
                                      .subject_id = winner,
                                      .source = "merge"});
    }
    DB_RUN(c, "DELETE FROM tagging_merged WHERE loser_id = $1", e->subject_id);
}

static bool ends_in(struct str type, const char *verb) {
    return str_ends(type, str_from(verb));
}

static void handle(struct ctx *c, const struct event *e) {
    const struct json *payload = json_parse(c, e->payload);
    int64_t winner = json_id(payload, "winner_id");
    if (ends_in(e->type, ".merged")) {
        subject_present(c, e, false);
        subjects_merged(c, e, winner);
    } else if (ends_in(e->type, ".unmerged")) {
        subjects_unmerged(c, e, winner);
        subject_present(c, e, true);
    } else {
        subject_present(c, e, ends_in(e->type, ".restored"));
    }
}

static const char *const reactor_types[] = {"person.trashed",
                                            "person.restored",
                                            "person.merged",
                                            "person.unmerged",
                                            "lead.trashed",
                                            "lead.restored",
                                            "lead.merged",
                                            "lead.unmerged",
                                            "account.trashed",
                                            "account.restored",
                                            "account.merged",
                                            "account.unmerged",
                                            NULL};
static const struct reactor reactor = {.name = "customer.tags",
                                       .stream = STREAM_BUSINESS,
                                       .lane = REACTOR_STEADY,
                                       .types = reactor_types,
                                       .handle = handle};

/* The end of tags. */

struct ended {
    int64_t tag_id, subject_id;
    struct str entity;
};

static size_t ended_read(struct ctx *c, struct ended *ended) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT tag_id, subject_id, subject_type FROM tagging WHERE expires_at <= $1 "
             "ORDER BY expires_at LIMIT $2",
             c->now_ms, (int64_t)EXPIRE_AT_ONCE);
    while (db_next(&rows)) {
        ended[n++] = (struct ended){db_int(&rows, 0), db_int(&rows, 1), db_text(&rows, 2)};
    }
    return n;
}

/* What was put on by hand and has ended is put on by the rule, if that holds. */
static void rule_again(struct ctx *c, const struct ended *ended) {
    if (DB_INT(c,
               "SELECT m.member FROM membership m JOIN tag t ON t.id = m.definition_id "
               "WHERE t.id = $1 AND t.entity_name = $2 AND m.subject_id = $3",
               ended->tag_id, ended->entity, ended->subject_id)) {
        tag_rule_holds(c, ended->tag_id, model_entity(c->model, ended->entity), &ended->subject_id,
                       1);
    }
}

static void expire(struct ctx *c, const struct timer *timer) {
    struct ended ended[EXPIRE_AT_ONCE];
    size_t n = ended_read(c, ended);
    (void)timer;
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        tag_take(c, &(struct tagging){.tag_id = ended[i].tag_id,
                                      .entity = model_entity(c->model, ended[i].entity),
                                      .subject_id = ended[i].subject_id,
                                      .source = "expiry"});
        rule_again(c, &ended[i]);
    }
    int64_t next = DB_INT(c, "SELECT min(expires_at) FROM tagging WHERE expires_at IS NOT NULL");
    if (next && !ctx_failed(c)) {
        timer_set_earlier(c, "tag.expire", STR(""), next);
    }
}

static const struct timer_kind timers[] = {{"tag.expire", expire}, {0}};

/* Actions. */

/* The record itself, or the person it concerns. */
static bool subject_of(struct ctx *c, const struct action_call *call, struct tagging *t) {
    const struct entity *e = call->record->entity;
    t->entity = e;
    t->subject_id = call->record->id;
    if (!tag_carried_by(e)) {
        t->entity = entity_named(c, "person");
        t->subject_id = entity_field(e, STR("person_id")) ? record_id(call->record, "person_id")
                                                          : 0;
    }
    t->source = call->event ? "automation" : "journey";
    t->tag_id = tag_find(c, json_text(call->parameters, "tag"));
    if (!t->tag_id) {
        FAIL_FIELD(c, STR("/tag"), "tag.unknown");
    }
    return t->tag_id && t->subject_id;
}

static void add_run(struct ctx *c, const struct action_call *call) {
    struct tagging t = {0};
    int64_t days = json_int(call->parameters, "expires_in_days", 0);
    if (days < 0 || days > DAYS_MOST) {
        FAIL_FIELD(c, STR("/expires_in_days"), "tag.days");
    }
    t.expires_at = days > 0 ? c->now_ms + days * MS_DAY : 0;
    if (subject_of(c, call, &t)) {
        tag_put(c, &t);
    }
}

static void remove_run(struct ctx *c, const struct action_call *call) {
    struct tagging t = {0};
    if (subject_of(c, call, &t)) {
        tag_take(c, &t);
    }
}

static const struct action_kind tag_add_action = {
    .name = "tag_add",
    .zh = "打标签",
    .en = "Add a tag",
    .parameters = (const struct action_parameter[]){{"tag", "tag", true, "标签", "Tag"},
                                                    {"expires_in_days", "integer", false,
                                                     "几天后过期", "Expires in days"},
                                                    {0}},
    .run = add_run};

static const struct action_kind tag_remove_action = {
    .name = "tag_remove",
    .zh = "去掉标签",
    .en = "Remove a tag",
    .parameters = (const struct action_parameter[]){{"tag", "tag", true, "标签", "Tag"}, {0}},
    .run = remove_run};

static bool rule_runs(const struct record *tag) {
    return tag && record_int(tag, "rule_on");
}

static void tag_check(struct ctx *c, struct change *change) {
    if (rule_runs(change->after) && record_empty(change->after, "condition")) {
        FAIL_FIELD(c, STR("/condition"), "field.required");
    }
    definition_check(c, change);
    if (rule_runs(change->after) && change->before && !rule_runs(change->before)) {
        definition_ends(c, change->after);
    }
}

/* A rule switched on or off, or changed while it is on. */
static void tag_wrote(struct ctx *c, const struct change *change) {
    bool was = rule_runs(change->before), is = rule_runs(change->after);
    bool changed = was && is &&
                   !value_equal(record_value(change->before, "condition"),
                                record_value(change->after, "condition"));
    if (was != is || changed) {
        membership_fill(c, change->id, false);
    }
}

/* What goes to the trash is carried by nobody any more. */
static void tag_trash(struct ctx *c, const struct record *tag) {
    definition_unused(c, tag->entity, tag->id);
    DB_RUN(c, "DELETE FROM tagging WHERE tag_id = $1", tag->id);
    DB_RUN(c, "DELETE FROM tag_total WHERE tag_id = $1", tag->id);
    membership_fill(c, tag->id, true);
}

static void tag_restored(struct ctx *c, const struct record *tag) {
    if (rule_runs(tag)) {
        definition_ends(c, tag);
        membership_fill(c, tag->id, false);
    }
}

static const struct entity_definition tag_entity = {.name = "tag",
                                                    .plural = "tags",
                                                    .zh = "标签",
                                                    .en = "Tag",
                                                    .flags = ENTITY_SETTING,
                                                    .fields = fields,
                                                    .check = tag_check,
                                                    .wrote = tag_wrote,
                                                    .trash = tag_trash,
                                                    .restored = tag_restored};

static const struct event_type event_types[] = {
    {"tag.added", "person", "打上标签", "tagged"},
    {"tag.removed", "person", "去掉标签", "tag removed"},
    {"tag.added", "lead", "打上标签", "tagged"},
    {"tag.removed", "lead", "去掉标签", "tag removed"},
    {"tag.added", "account", "打上标签", "tagged"},
    {"tag.removed", "account", "去掉标签", "tag removed"},
    {0}};

static const struct text texts[] = {{"tag.carried", "有标签“{tag}”", "carries the tag \"{tag}\""},
                                    {"tag.unknown", "没有这个标签", "There is no such tag"},
                                    {"tag.days", "1 到 3650 天", "1 to 3650 days"},
                                    {0}};

const struct module tag_module = {
    .name = "customer.tag",
    .cloud = "customer",
    .entities = (const struct entity_definition *const[]){&tag_entity, NULL},
    .reactors = (const struct reactor *const[]){&reactor, NULL},
    .timers = timers,
    .events = event_types,
    .actions = (const struct action_kind *const[]){&tag_add_action, &tag_remove_action, NULL},
    .conditions = (const struct condition_kind *const[]){&tag_leaf, NULL},
    .texts = texts,
    .migrations = migrations};
