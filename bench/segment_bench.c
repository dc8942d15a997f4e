/*
 * The live count of a segment being edited: segment_bench URL PEOPLE
 *
 * PEOPLE people and ten events for each, as counts by day over half a year, are made unless they
 * are there. A condition of three leaves (region, created within, pages viewed so often within so
 * many days) is counted as population.h does it: once cold, when columns are loaded, then ROUNDS
 * times with another region, number or window each time, as somebody edits it. Some of the counts
 * are compared with plain SQL. Fails when one differs or the warm p99 is above 20 ms.
 *
 * Then a segment that asks for people's own fields is filled, one by one and by sets.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/modules.h"
#include "app/program.h"
#include "base/clock.h"
#include "customer/membership.h"
#include "customer/membership_parts.h"
#include "customer/population.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/condition.h"
#include "event/timer.h"

enum { ROUNDS = 200, COMPARED_EVERY = 25, BAR_US = 20000 };

static const char *const regions[] = {"北京市",       "上海市",       "江苏省无锡市",
                                      "江苏省苏州市", "浙江省宁波市", "广东省深圳市",
                                      "山东省青岛市", "天津市"};

static void stop_if_failed(const struct ctx *c) {
    if (ctx_failed(c)) {
        fprintf(stderr, "%s %s\n", c->error.text, c->error.internal);
        exit(1);
    }
}

/* Ids of people are 1 … n; who is in which region and when he did what comes from his number. */
static void people_fill(struct ctx *c, int64_t n) {
    db_begin(c);
    for (int r = 0; r < 8; r++) {
        DB_RUN(c,
               "INSERT INTO person (id, created_at, updated_at, version, name, region) "
               "WITH RECURSIVE s (i) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT i + 8 FROM s "
               "WHERE i + 8 <= $2) SELECT i, $3 - (i % 1000) * 86400000, $3, 1, '孙立民', $4 "
               "FROM s WHERE i > 0",
               (int64_t)(r == 0 ? 8 : r), n, c->now_ms, regions[r]);
    }
    db_commit(c);
    stop_if_failed(c);
}

static void events_fill(struct ctx *c, int64_t n) {
    static const struct {
        const char *key;
        int64_t times;
    } kinds[] = {{"page.viewed", 6}, {"link.clicked", 3}, {"touch.created", 1}};
    int64_t today = c->now_ms / MS_DAY;
    for (size_t k = 0; k < 3; k++) {
        db_begin(c);
        DB_RUN(c, "INSERT INTO event_key (name) VALUES ($1)", kinds[k].key);
        DB_RUN(c,
               "INSERT INTO person_day (key_id, person_id, day, holder_id, events) "
               "WITH RECURSIVE s (i, j) AS (SELECT CAST(1 AS BIGINT), CAST(0 AS BIGINT) "
               "UNION ALL SELECT CASE WHEN j + 1 = $1 THEN i + 1 ELSE i END, "
               "CASE WHEN j + 1 = $1 THEN 0 ELSE j + 1 END FROM s "
               "WHERE i < $2 OR j + 1 < $1) "
               "SELECT (SELECT id FROM event_key WHERE name = $3), i, "
               "$4 - (180 / $1) * j - (i * 7919 + j * 104729) % (180 / $1), i, 1 FROM s",
               kinds[k].times, n, kinds[k].key, today);
        db_commit(c);
        stop_if_failed(c);
    }
    migration_analyze(c);
}

static const struct condition *draft(struct ctx *c, int i) {
    static const int days[] = {7, 14, 30, 60, 90, 120};
    struct str text = str_format(
        c->arena,
        "{\"all\":[{\"field\":\"region\",\"op\":\"starts_with\",\"value\":\"%s\"},"
        "{\"field\":\"created_at\",\"op\":\"within_last\",\"value\":\"%dd\"},"
        "{\"event\":\"page.viewed\",\"count\":{\"gte\":%d},\"within\":\"%dd\"}]}",
        regions[i % 8], 100 + i * 4, 1 + i % 4, days[i % 6]);
    return condition_parse_text(c, entity_named(c, "person"), text);
}

static int64_t by_sql(struct ctx *c, const struct condition *where) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT count(*) FROM person t WHERE t.deleted_at IS NULL AND ");
    condition_sql(c, &q, where, "t");
    return sql_int(c, &q);
}

static int ascending(const void *a, const void *b) {
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int64_t counted_in(struct ctx *c, int i, int64_t *count) {
    const struct condition *where = draft(c, i);
    int64_t began = clock_steady_ns();
    *count = population_count(c, where);
    return (clock_steady_ns() - began) / 1000;
}

static int measure(struct ctx *c) {
    int64_t took[ROUNDS], count, cold = counted_in(c, 2, &count), sql_us = 0, wrong = 0;
    struct arena_mark mark = arena_mark(c->arena);
    for (int i = 0; i < ROUNDS; i++) {
        took[i] = counted_in(c, i, &count);
        if (i % COMPARED_EVERY == 0) {
            int64_t began = clock_steady_ns(), wanted = by_sql(c, draft(c, i));
            sql_us += (clock_steady_ns() - began) / 1000;
            wrong += wanted != count;
            printf("draft %d: %lld, by SQL %lld\n", i, (long long)count, (long long)wanted);
        }
        stop_if_failed(c);
        arena_reset(c->arena, mark);
    }
    qsort(took, ROUNDS, sizeof *took, ascending);
    printf("counted p50 %.1f ms, p99 %.1f ms, worst %.1f ms; cold %.0f ms; plain SQL %.0f ms; "
           "%lld differ\n",
           (double)took[ROUNDS / 2] / 1000, (double)took[ROUNDS * 99 / 100] / 1000,
           (double)took[ROUNDS - 1] / 1000, (double)cold / 1000,
           (double)sql_us / (ROUNDS / COMPARED_EVERY) / 1000, (long long)wrong);
    return wrong || took[ROUNDS * 99 / 100] > BAR_US;
}

static int64_t segment_made(struct ctx *c, const char *condition) {
    struct change_set set = change_new(c, entity_named(c, "segment"));
    change_text(&set, "name", STR("filled"));
    change_text(&set, "entity_name", STR("person"));
    change_text(&set, "condition", str_from(condition));
    struct record *r = record_insert(c, &set);
    stop_if_failed(c);
    return r->id;
}

/* In one transaction, which is undone; without the events of those who come in. */
static void fill_measure(struct ctx *c, const char *what, const char *condition) {
    db_begin(c);
    int64_t id = segment_made(c, condition);
    membership_fill(c, id, true);
    int64_t began = clock_steady_ns();
    while (membership_filling(c, id) && !ctx_failed(c)) {
        timer_fire_due(c, modules_register()->timers);
    }
    stop_if_failed(c);
    printf("filled with %s in %.1f s: %lld members\n", what,
           (double)(clock_steady_ns() - began) / 1e9,
           (long long)DB_INT(c,
                             "SELECT count(*) FROM membership WHERE definition_id = $1 AND "
                             "member = 1",
                             id));
    db_rollback(c->db);
}

int main(int n, char **arguments) {
    struct arena arena;
    arena_init(&arena);
    struct ctx c = {.arena = &arena, .now_ms = clock_now_ms(), .actor = &actor_system};
    int64_t people = n > 2 ? atoll(arguments[2]) : 0;
    c.db = n > 2 ? db_open(&c, str_from(arguments[1]), DB_LOADER) : NULL;
    if (!c.db || people < 1) {
        fprintf(stderr, "segment_bench URL PEOPLE\n");
        return 2;
    }
    c.model = model_standard();
    program_migrate(&c, modules_register());
    stop_if_failed(&c);
    if (!DB_INT(&c, "SELECT 1 FROM person LIMIT 1")) {
        people_fill(&c, people);
        events_fill(&c, people);
    }
    printf("people %lld, events %lld\n", (long long)DB_INT(&c, "SELECT count(*) FROM person"),
           (long long)DB_INT(&c, "SELECT CAST(sum(events) AS BIGINT) FROM person_day"));
    db_begin(&c);
    int failed = measure(&c);
    db_rollback(c.db);
    fill_measure(&c, "fields",
                 "{\"all\":[{\"field\":\"region\",\"op\":\"starts_with\",\"value\":\"江苏省\"},"
                 "{\"field\":\"created_at\",\"op\":\"within_last\",\"value\":\"300d\"}]}");
    fill_measure(&c, "events",
                 "{\"all\":[{\"field\":\"region\",\"op\":\"starts_with\",\"value\":\"江苏省\"},"
                 "{\"event\":\"page.viewed\",\"count\":{\"gte\":3}}]}");
    db_close(c.db);
    return failed;
}
