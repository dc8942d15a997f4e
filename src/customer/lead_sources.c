/*
 * Leads by source: what came in during the last 30 days, what became of it, and what came in the
 * 30 days before. For whoever brings leads in and wants to know what sales made of them.
 *
 * Counts the newest 50,000 leads of a period at most, within the reader's rights; whether that
 * was all is said. A source opens to its leads by its condition.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "customer/customer.h"
#include "db/sql.h"
#include "entity/access.h"
#include "http/route.h"

enum { DAYS = 30, LEADS_MOST = 50000, SOURCES_MOST = 40, SPELLINGS = 8 };

/* Spellings that differ by case, width or blanks are one source. */
struct source {
    struct str key;
    struct str said[SPELLINGS]; /* the most usual first; empty: none given */
    size_t n_said;
    int64_t leads, before, untouched, converted, returned, disqualified;
};

struct sources {
    struct ctx *c;
    struct source rows[SOURCES_MOST];
    size_t n;
    bool all; /* nothing was left out */
};

static void spelling_add(struct ctx *c, struct source *source, struct str said) {
    for (size_t i = 0; i < source->n_said; i++) {
        if (str_equal(source->said[i], said)) {
            return;
        }
    }
    if (source->n_said < SPELLINGS) {
        source->said[source->n_said++] = str_copy(c->arena, said);
    }
}

static struct source *source_named(struct sources *s, struct str said) {
    struct str key = text_search_key(s->c->arena, said);
    size_t i = 0;
    while (i < s->n && !str_equal(s->rows[i].key, key)) {
        i++;
    }
    if (i == SOURCES_MOST) {
        s->all = false;
        return NULL;
    }
    if (i == s->n) {
        s->rows[s->n++] = (struct source){.key = key};
    }
    spelling_add(s->c, &s->rows[i], said);
    return &s->rows[i];
}

/* The statuses of the leads that came in between two times, by source. */
static void period_query(struct sources *s, struct db_rows *rows, int64_t from, int64_t to) {
    struct ctx *c = s->c;
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT COALESCE(x.source, ''), x.status, CAST(count(*) AS BIGINT) FROM "
                "(SELECT l.source, l.status FROM lead l WHERE l.deleted_at IS NULL "
                "AND l.created_at >= ");
    SQL_VALUE(&q, from);
    SQL_ADD(&q, " AND l.created_at < ");
    SQL_VALUE(&q, to);
    SQL_ADD(&q, " AND ");
    access_where(c, &q, entity_named(c, "lead"), ACTION_READ, "l");
    SQL_ADD(&q, " ORDER BY l.created_at DESC LIMIT ");
    sql_number(&q, LEADS_MOST);
    SQL_ADD(&q, ") x GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2");
    sql_query(c, rows, &q);
}

static void now_read(struct sources *s) {
    struct db_rows rows;
    int64_t sum = 0, now = s->c->now_ms;
    period_query(s, &rows, now - DAYS * (int64_t)MS_DAY, now + 1);
    while (db_next(&rows)) {
        struct source *source = source_named(s, db_view(&rows, 0));
        struct str status = db_view(&rows, 1);
        int64_t n = db_int(&rows, 2);
        sum += n;
        if (source) {
            source->leads += n;
            source->untouched += str_is(status, "new") ? n : 0;
            source->converted += str_is(status, "converted") ? n : 0;
            source->returned += str_is(status, "returned") ? n : 0;
            source->disqualified += str_is(status, "disqualified") ? n : 0;
        }
    }
    s->all = s->all && sum < LEADS_MOST;
}

static void before_read(struct sources *s) {
    struct db_rows rows;
    int64_t sum = 0, begin = s->c->now_ms - DAYS * (int64_t)MS_DAY;
    period_query(s, &rows, begin - DAYS * (int64_t)MS_DAY, begin);
    while (db_next(&rows)) {
        struct source *source = source_named(s, db_view(&rows, 0));
        sum += db_int(&rows, 2);
        if (source) {
            source->before += db_int(&rows, 2);
        }
    }
    s->all = s->all && sum < LEADS_MOST;
}

static int by_leads(const void *a, const void *b) {
    const struct source *x = a, *y = b;
    return x->leads != y->leads ? (x->leads < y->leads ? 1 : -1) : str_compare(x->key, y->key);
}

static void where_json(struct json_writer *w, const struct source *source) {
    json_begin_object(w);
    json_key(w, "all");
    json_begin_array(w);
    json_begin_object(w);
    JSON_MEMBER(w, "field", json_put_c, "source");
    JSON_MEMBER(w, "op", json_put_c, source->key.n ? "in" : "is_empty");
    if (source->key.n) {
        json_key(w, "value");
        json_begin_array(w);
        for (size_t i = 0; i < source->n_said; i++) {
            json_put_str(w, source->said[i]);
        }
        json_end_array(w);
    }
    json_end_object(w);
    json_put_raw(w, STR("{\"field\":\"created_at\",\"op\":\"within_last\",\"value\":\"30d\"}"));
    json_end_array(w);
    json_end_object(w);
}

static void source_json(struct json_writer *w, const struct source *source) {
    json_begin_object(w);
    JSON_MEMBER(w, "source", json_put_str, source->said[0]);
    JSON_MEMBER(w, "leads", json_put_int, source->leads);
    JSON_MEMBER(w, "before", json_put_int, source->before);
    JSON_MEMBER(w, "untouched", json_put_int, source->untouched);
    JSON_MEMBER(w, "converted", json_put_int, source->converted);
    JSON_MEMBER(w, "returned", json_put_int, source->returned);
    JSON_MEMBER(w, "disqualified", json_put_int, source->disqualified);
    json_key(w, "where");
    where_json(w, source);
    json_end_object(w);
}

static bool may_read(struct ctx *c) {
    static const char *const needed[] = {"source", "status", "created_at"};
    const struct entity *lead = entity_named(c, "lead");
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        const struct field *f = entity_field(lead, str_from(needed[i]));
        if (access_field(c->actor, lead, f) < RIGHT_READ) {
            return false;
        }
    }
    return access_scope(c->actor, lead, ACTION_READ) != SCOPE_NONE;
}

static void sources_get(struct request *r) {
    struct ctx *c = r->c;
    if (!may_read(c)) {
        FAIL(c, ERROR_DENIED, "access.denied");
        return;
    }
    struct sources *s = ARENA_NEW(c->arena, struct sources);
    *s = (struct sources){.c = c, .all = true};
    now_read(s);
    before_read(s);
    qsort(s->rows, s->n, sizeof *s->rows, by_leads);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "days", json_put_int, DAYS);
    JSON_MEMBER(&w, "all", json_put_bool, s->all);
    json_key(&w, "sources");
    json_begin_array(&w);
    for (size_t i = 0; i < s->n; i++) {
        source_json(&w, &s->rows[i]);
    }
    json_end_array(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {{METHOD_GET, "/api/v1/home/sources", PERMISSION_SIGNED_IN,
                                       LANE_SLOW, sources_get, .summary = "route.home_sources",
                                       .answer = "object"},
                                      {0}};

static const struct text texts[] = {{"route.home_sources", "线索来源", "Leads by source"}, {0}};

const struct module lead_sources_module = {
    .name = "customer.lead_sources", .cloud = "customer", .routes = routes, .texts = texts};
