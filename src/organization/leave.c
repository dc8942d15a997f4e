/*
 * Leave: the days on which somebody is away and given no work.
 *
 * Whole days, both included, of the company's zone. Everybody may see who is away; who gives work
 * out keeps the list.
 */
#include "organization/leave.h"

#include <pthread.h>
#include <string.h>

#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/record.h"
#include "entity/versions.h"
#include "organization/organization.h"

static const struct field_definition fields[] = {
    {"user_id", FIELD_REFERENCE, FIELD_REQUIRED | FIELD_LISTED | FIELD_INDEXED | FIELD_TITLE,
     "人员", "Person", "group.basic", .target = "user"},
    {"first_date", FIELD_DATE, FIELD_REQUIRED | FIELD_LISTED, "从", "From", "group.basic"},
    {"last_date", FIELD_DATE, FIELD_REQUIRED | FIELD_LISTED, "到", "Until", "group.basic"},
    {"note", FIELD_TEXT, FIELD_LISTED, "说明", "Note", "group.basic"},
    {0}};

static void leave_check(struct ctx *c, struct change *change) {
    struct str first = record_text(change->after, "first_date");
    struct str last = record_text(change->after, "last_date");
    if (first.n && last.n && str_compare(last, first) < 0) {
        FAIL_FIELD(c, STR("/last_date"), "leave.ends_before");
    }
}

static const struct entity_definition leave_entity = {
    .name = "user_leave",
    .plural = "user_leaves",
    .zh = "请假",
    .en = "Leave",
    .flags = ENTITY_SETTING,
    .fields = fields,
    .indexes = (const struct index_definition[]){{"last_date"}, {0}},
    .check = leave_check};

/* Who is away on one day, as last asked: every lead that is given out asks. */
static struct {
    pthread_mutex_t mutex;
    struct versions versions;
    struct arena arena;
    struct str date;
    struct id_set away;
} kept = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static bool away_known(struct ctx *c, struct str date, struct id_set *away) {
    pthread_mutex_lock(&kept.mutex);
    bool known = versions_hold(c, &kept.versions) && str_equal(kept.date, date);
    if (known) {
        int64_t *ids = ARENA_NEW_ARRAY(c->arena, kept.away.n + 1, int64_t);
        memcpy(ids, kept.away.ids, kept.away.n * sizeof *ids);
        *away = (struct id_set){ids, kept.away.n};
    }
    pthread_mutex_unlock(&kept.mutex);
    return known;
}

static void away_keep(struct ctx *c, struct str date, struct id_set away) {
    if (ctx_failed(c) || !versions_firm(c)) {
        return;
    }
    pthread_mutex_lock(&kept.mutex);
    arena_free(&kept.arena);
    int64_t *ids = ARENA_NEW_ARRAY(&kept.arena, away.n + 1, int64_t);
    memcpy(ids, away.ids, away.n * sizeof *ids);
    kept.away = (struct id_set){ids, away.n};
    kept.date = str_copy(&kept.arena, date);
    kept.versions = c->versions;
    pthread_mutex_unlock(&kept.mutex);
}

struct id_set users_away(struct ctx *c, struct str date) {
    enum { AWAY_MOST = 2000 };
    struct id_set away;
    if (away_known(c, date, &away)) {
        return away;
    }
    int64_t *ids = ARENA_NEW_ARRAY(c->arena, AWAY_MOST, int64_t);
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT DISTINCT user_id FROM user_leave WHERE last_date >= $1 AND first_date <= $1 "
             "AND deleted_at IS NULL ORDER BY user_id LIMIT $2",
             date, (int64_t)AWAY_MOST);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    away = (struct id_set){ids, n};
    away_keep(c, date, away);
    return away;
}

static const struct text texts[] = {
    {"leave.ends_before", "结束日期早于开始日期", "It ends before it begins"}, {0}};

const struct module leave_module = {
    .name = "organization.leave",
    .cloud = "platform",
    .entities = (const struct entity_definition *const[]){&leave_entity, NULL},
    .texts = texts};
