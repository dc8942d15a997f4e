#include "sample/sample.h"

#include "base/id.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/versions.h"
#include "event/event.h"
#include "organization/company.h"
#include "sample/lead.h"
#include "sample/present.h"
#include "sample/visits.h"

/* Deferred writes wait in memory: this often they are written. After so many days of the story the
 * tables are no longer empty, which is what the plans of their questions were made for. */
enum { FLUSH_DAYS = 30, PLAN_DAYS = 60 };

static const struct migration migrations[] = {
    {"sample.1",
     "CREATE TABLE sample_planted (first_id BIGINT NOT NULL, second_id BIGINT NOT NULL, "
     "PRIMARY KEY (first_id, second_id)) {without_rowid}"},
    {"sample.2",
     "CREATE TABLE sample_company (id_from BIGINT NOT NULL PRIMARY KEY, id_to BIGINT NOT NULL, "
     "made_at BIGINT NOT NULL, removed_at BIGINT);\n"
     "CREATE TABLE sample_kept (id BIGINT NOT NULL PRIMARY KEY);\n" /* of it, when it went */
     "CREATE TABLE sample_also (id BIGINT NOT NULL PRIMARY KEY)"},  /* what went besides */
    {0}};

/* Those of a day, of a line: which 0 is that of companies, 1 the shop. */
static void captures_of(struct company *k, int64_t day, int line) {
    struct date date = date_from_days(day);
    double grown = (double)(day - (k->today - SAMPLE_DAYS)) / SAMPLE_DAYS;
    const double *a_day = sample_captures[line];
    struct draw d = draw_stream(k->seed, day - k->today, line);
    int n = draw_count(&d, (a_day[0] + (a_day[1] - a_day[0]) * grown) * sample_season(date) *
                               sample_weekday(date, true));
    for (int i = 0; i < n && !ctx_failed(k->c); i++) {
        struct arena_mark mark = arena_mark(k->c->arena);
        struct draw one = draw_stream(k->seed, day - k->today, 1000 * (line + 1) + i);
        int64_t at = company_net_time(k, &one, day);
        if (company_reached(k, at) && line) {
            lead_of_shop(k, &one, at);
        } else if (company_reached(k, at)) {
            lead_of_company(k, &one, at);
        }
        if (!ctx_failed(k->c)) {
            arena_reset(k->c->arena, mark);
        }
    }
}

static void live(struct company *k) {
    for (int64_t day = k->today - SAMPLE_DAYS; day <= k->today && !ctx_failed(k->c); day++) {
        struct arena_mark mark = arena_mark(k->c->arena);
        captures_of(k, day, 0);
        captures_of(k, day, 1);
        visits_of_strangers(k, day);
        if (day % FLUSH_DAYS == 0) {
            db_flush(k->c);
        }
        if (day == k->today - SAMPLE_DAYS + PLAN_DAYS) {
            migration_analyze(k->c);
        }
        if (!ctx_failed(k->c)) {
            arena_reset(k->c->arena, mark);
        }
    }
}

void sample_make(struct ctx *c, uint64_t seed, struct str password_hash) {
    const struct ctx caller = *c;
    struct company *k = ARENA_NEW(c->arena, struct company);
    *k = (struct company){
        .c = c,
        .seed = seed,
        .now_ms = c->now_ms,
        .zone = company_zone(c),
        .password_hash = password_hash,
        .customers = ARENA_NEW_ARRAY(c->arena, SAMPLE_CUSTOMERS, struct customer)};
    k->today = company_day(k, c->now_ms);
    c->origin = ORIGIN_IMPORT;
    c->recorded_ms = c->now_ms;
    company_found(k);
    versions_own(c);
    live(k);
    present_make(k);
    c->origin = caller.origin;
    c->recorded_ms = caller.recorded_ms;
    c->now_ms = caller.now_ms;
    c->actor = caller.actor;
}

void sample_open(struct ctx *c) {
    DB_RUN(c, "INSERT INTO sample_company (id_from, id_to, made_at) VALUES ($1, $1, $2)", id_new(),
           c->now_ms);
}

void sample_close(struct ctx *c) {
    db_flush(c);
    migration_analyze(c);
    DB_RUN(c, "UPDATE sample_company SET id_to = $1 WHERE id_to = id_from", id_new());
}

static const struct event_type event_types[] = {
    {"sample.removed", NULL, "示例公司已移除", "sample company removed"}, {0}};

const struct module sample_module = {
    .name = "sample", .cloud = "platform", .events = event_types, .migrations = migrations};
