#include "sales/slipping.h"

#include <stdlib.h>

#include "base/clock.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/query.h"
#include "organization/company.h"

/* Stays looked at: the latest of a stage. With fewer finished ones than CASES_LEAST the median says
 * little, and the stage's own setting is used. */
enum { STAYS = 300, CASES_LEAST = 8, STAGES_MOST = 40, CLOSE_NEAR_DAYS = 7 };

struct slipping {
    struct str where;
    struct record *stages[STAGES_MOST];
    struct usual_stay usual[STAGES_MOST];
    size_t n;
};

static int longer(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* A deal left the stage when it entered the next one. */
static size_t stays_read(struct ctx *c, int64_t stage_id, int64_t *stays) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT h.at, (SELECT min(n.at) FROM stage_history n "
             "WHERE n.opportunity_id = h.opportunity_id AND n.at > h.at) "
             "FROM stage_history h WHERE h.to_stage_id = $1 ORDER BY h.at DESC LIMIT $2",
             stage_id, (int64_t)STAYS);
    while (db_next(&rows)) {
        if (!db_null(&rows, 1)) {
            stays[n++] = db_int(&rows, 1) - db_int(&rows, 0);
        }
    }
    return n;
}

struct usual_stay usual_stay(struct ctx *c, const struct record *stage) {
    int64_t stays[STAYS], set = record_int(stage, "usual_days");
    size_t n = stays_read(c, stage->id, stays);
    if (n < CASES_LEAST) {
        return (struct usual_stay){set, set, 0};
    }
    qsort(stays, n, sizeof *stays, longer);
    int64_t days = (stays[n / 2] + MS_DAY / 2) / MS_DAY;
    days = days < 1 ? 1 : days;
    /* Half of all deals stand longer than the median: half as long again is out of the ordinary. */
    return (struct usual_stay){days, days + (days > 2 ? days / 2 : 1), (int)n};
}

static bool may_ask(struct ctx *c, const struct entity *deal) {
    static const char *const needed[] = {"owner_id", "state",  "expected_close_date",
                                         "stage_id", "amount", "stage_entered_at"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (access_field(c->actor, deal, entity_field(deal, str_from(needed[i]))) < RIGHT_READ) {
            return false;
        }
    }
    return access_scope(c->actor, deal, ACTION_READ) != SCOPE_NONE;
}

static void stages_read(struct ctx *c, struct slipping *s) {
    const struct entity *stage = entity_named(c, "stage");
    int64_t ids[STAGES_MOST];
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id FROM stage WHERE kind = 'open' AND deleted_at IS NULL ORDER BY id LIMIT $1",
             (int64_t)STAGES_MOST);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    for (size_t i = 0; i < n; i++) {
        struct record *r = record_load(c, stage, ids[i]);
        struct usual_stay usual = r ? usual_stay(c, r) : (struct usual_stay){0};
        if (usual.limit_days) {
            s->stages[s->n] = r;
            s->usual[s->n++] = usual;
        }
    }
}

static struct str day_after(struct ctx *c, int64_t days) {
    char text[DATE_TEXT];
    struct date today = zone_date(company_zone(c), c->now_ms);
    date_format(date_from_days(date_to_days(today) + days), text);
    return str_copy(c->arena, str_from(text));
}

static void leaf(struct json_writer *w, const char *field, const char *op, struct str value) {
    json_begin_object(w);
    JSON_MEMBER(w, "field", json_put_c, field);
    JSON_MEMBER(w, "op", json_put_c, op);
    JSON_MEMBER(w, "value", json_put_str, value);
    json_end_object(w);
}

static void reasons_where(struct ctx *c, struct json_writer *w, const struct slipping *s) {
    json_begin_object(w);
    json_key(w, "any");
    json_begin_array(w);
    leaf(w, "expected_close_date", "lte", day_after(c, CLOSE_NEAR_DAYS));
    for (size_t i = 0; i < s->n; i++) {
        json_begin_object(w);
        json_key(w, "all");
        json_begin_array(w);
        leaf(w, "stage_id", "eq", str_format(c->arena, "%lld", (long long)s->stages[i]->id));
        leaf(w, "stage_entered_at", "older_than",
             str_format(c->arena, "%lldd", (long long)s->usual[i].limit_days + 1));
        json_end_array(w);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

struct slipping *slipping_find(struct ctx *c, struct str narrowed) {
    const struct entity *deal = entity_named(c, "opportunity");
    if (!may_ask(c, deal)) {
        return NULL;
    }
    struct slipping *s = ARENA_NEW(c->arena, struct slipping);
    struct json_writer w = json_writer(c->arena);
    stages_read(c, s);
    json_begin_object(&w);
    json_key(&w, "all");
    json_begin_array(&w);
    if (narrowed.n) {
        json_put_raw(&w, narrowed);
    }
    leaf(&w, "state", "eq", STR("open"));
    reasons_where(c, &w, s);
    json_end_array(&w);
    json_end_object(&w);
    s->where = json_str(&w);
    return s;
}

struct str slipping_where(const struct slipping *s) {
    return s->where;
}

static void stay_json(struct ctx *c, struct json_writer *w, const struct slipping *s,
                      const struct record *deal) {
    int64_t entered = record_int(deal, "stage_entered_at");
    int64_t days = entered ? (c->now_ms - entered) / MS_DAY : 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->stages[i]->id == record_id(deal, "stage_id") && days > s->usual[i].limit_days) {
            json_begin_object(w);
            JSON_MEMBER(w, "stage", json_put_str, record_title_in(c, s->stages[i]));
            JSON_MEMBER(w, "days", json_put_int, days);
            JSON_MEMBER(w, "usual_days", json_put_int, s->usual[i].days);
            JSON_MEMBER(w, "cases", json_put_int, s->usual[i].cases);
            json_end_object(w);
            return;
        }
    }
    json_put_null(w);
}

void slipping_reason_json(struct ctx *c, struct json_writer *w, const struct slipping *s,
                          const struct record *deal) {
    struct date close, today = zone_date(company_zone(c), c->now_ms);
    int64_t left = date_parse(record_text(deal, "expected_close_date"), &close)
                       ? date_to_days(close) - date_to_days(today)
                       : CLOSE_NEAR_DAYS + 1;
    json_begin_object(w);
    json_key(w, "stay");
    stay_json(c, w, s, deal);
    json_key(w, "close_in_days");
    if (left > CLOSE_NEAR_DAYS) {
        json_put_null(w);
    } else {
        json_put_int(w, left);
    }
    json_end_object(w);
}
