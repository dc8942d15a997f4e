/*
 * What is derived from the records is damaged by hand: the check names it, a rebuild makes it anew
 * as it was, and the check finds nothing any more.
 */
#include "command_fixture.h"
#include "database_fixture.h"

#include "app/check.h"
#include "app/command.h"
#include "app/rebuild.h"
#include "db/sql.h"
#include "entity/access.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "sales/opportunity.h"
#include "sales/pipeline.h"

enum { LEADS = 6, DEALS = 3 };

static const char points[] =
    "[{\"key\":\"reached\",\"name\":\"r\",\"points\":20,\"when\":{\"field\":\"phone\",\"op\":"
    "\"not_empty\"}},{\"key\":\"came\",\"name\":\"c\",\"points\":11,\"event\":\"lead.created\"}]";

static void settle(struct ctx *c) {
    db_begin(c);
    reactor_drain(c, modules_register()->reactors);
    timer_fire_due(c, modules_register()->timers);
    reactor_drain(c, modules_register()->reactors);
    db_commit(c);
    assert_ok(c);
}

static int64_t made(struct ctx *c, struct change_set *set) {
    struct record *r = record_insert(c, set);
    assert_ok(c);
    return r->id;
}

static void win(struct ctx *c, int64_t deal) {
    struct change_set set = change_new(c, entity_named(c, "opportunity"));
    int64_t won = DB_INT(c, "SELECT id FROM stage WHERE kind = 'won' ORDER BY id LIMIT 1");
    opportunity_move(c, deal, won, &set, 0);
    assert_ok(c);
}

static void put_card(struct ctx *c) {
    struct change_set set = change_new(c, entity_named(c, "score_card"));
    change_text(&set, "name", STR("卡"));
    change_text(&set, "rules", str_from(points));
    change_int(&set, "enabled", 1);
    made(c, &set);
}

/* Leads with a score, and deals, one of which is won, one in the trash after it was. */
static struct ctx *company(void **state) {
    struct ctx *c = &database_of(state)->c;
    const struct contents *contents = modules_register();
    c->actor = &actor_system;
    c->model = model_standard();
    program_migrate(c, contents);
    db_begin(c);
    pipeline_seed(c);
    put_card(c);
    for (int i = 0; i < LEADS; i++) {
        struct change_set set = change_new(c, entity_named(c, "lead"));
        change_text(&set, "name", str_format(c->arena, "线索%d", i));
        change_text(&set, "phone", str_format(c->arena, "138%08d", i));
        made(c, &set);
    }
    for (int i = 0; i < DEALS; i++) {
        struct change_set set = change_new(c, entity_named(c, "opportunity"));
        change_text(&set, "name", str_format(c->arena, "商机%d", i));
        int64_t deal = made(c, &set);
        if (i) {
            win(c, deal);
        }
        if (i == DEALS - 1) {
            record_trash(c, entity_named(c, "opportunity"), deal, 0);
        }
    }
    db_commit(c);
    assert_ok(c);
    settle(c);
    return c;
}

static int64_t findings(struct ctx *c) {
    struct check k = {.c = c};
    check_records(&k);
    check_promises(&k);
    check_scores(&k);
    assert_ok(c);
    return k.findings;
}

/* What a table holds, as a number. */
static int64_t held(struct ctx *c, const char *sum) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT CAST((SELECT ");
    sql_literal(&q, sum);
    SQL_ADD(&q, ") AS BIGINT)");
    return sql_int(c, &q);
}

static const struct damage {
    const char *part, *table, *sql, *sum;
} damages[] = {
    {"search", "search_term", "DELETE FROM search_term", "count(*) FROM search_term"},
    {"search", "search_document", "DELETE FROM search_document", "count(*) FROM search_document"},
    {"funnel", "funnel_lead", "DELETE FROM funnel_lead", "sum(lead_id % 1000) FROM funnel_lead"},
    {"funnel", "funnel_deal", "DELETE FROM funnel_deal", "sum(reached) FROM funnel_deal"},
    {"funnel", "funnel_department", "UPDATE funnel_department SET reached0 = reached0 + 1",
     "sum(reached0) FROM funnel_department"},
    {"won_deals", "won_deal", "DELETE FROM won_deal", "count(*) FROM won_deal"},
    {"won_deals", "won_deal", "UPDATE won_deal SET amount = 7",
     "COALESCE(sum(amount), -5) FROM won_deal"},
    {"scores", "score", "UPDATE lead SET score = score + 1", "sum(score) FROM lead"},
    {"scores", "score_hit", "DELETE FROM score_hit WHERE seq = (SELECT min(seq) FROM score_hit)",
     "count(*) FROM score_hit"},
};

static void what_is_damaged_is_named_and_made_anew(void **state) {
    struct ctx *c = company(state);
    assert_int_equal(findings(c), 0);
    assert_int_equal(held(c, "count(*) FROM won_deal"), 1);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        const struct damage *d = &damages[i];
        int64_t before = held(c, d->sum);
        db_begin(c);
        db_run_values(c, d->sql, NULL, 0);
        db_commit(c);
        assert_ok(c);
        if (!findings(c)) {
            fail_msg("the check does not name a damaged %s", d->table);
        }
        db_begin(c);
        assert_true(rebuild_part(c, modules_register(), str_from(d->part)));
        db_commit(c);
        assert_ok(c);
        assert_int_equal(findings(c), 0);
        if (held(c, d->sum) != before) {
            fail_msg("%s is another one than before", d->table);
        }
    }
    settle(c);
    assert_int_equal(findings(c), 0);
}

/* What the reactors have not read yet is no damage, and a rebuild takes it in all the same. */
static void what_is_to_come_is_not_lacking(void **state) {
    struct ctx *c = company(state);
    db_begin(c);
    struct change_set set = change_new(c, entity_named(c, "opportunity"));
    change_text(&set, "name", STR("刚赢的"));
    win(c, made(c, &set));
    db_commit(c);
    assert_ok(c);
    assert_int_equal(findings(c), 0);
    static const char *const parts[] = {"search", "funnel", "won_deals", "scores"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        db_begin(c);
        assert_true(rebuild_part(c, modules_register(), str_from(parts[i])));
        db_commit(c);
        assert_ok(c);
    }
    assert_int_equal(held(c, "count(*) FROM won_deal"), 2);
    settle(c);
    assert_int_equal(findings(c), 0);
    assert_false(rebuild_part(c, modules_register(), STR("nothing")));
}

/* What only the log knows of; nothing is told of who stands as he did. */
static void what_gave_points_is_found_again(void **state) {
    static const char told[] = "count(*) FROM event WHERE type LIKE 'lead.%'";
    struct ctx *c = company(state);
    int64_t scores = held(c, "sum(score) FROM lead"), events = held(c, told);
    assert_int_equal(scores, LEADS * (20 + 11));
    assert_int_equal(held(c, "count(*) FROM score_hit"), LEADS);
    db_begin(c);
    DB_RUN(c, "DELETE FROM score_hit");
    assert_true(rebuild_part(c, modules_register(), STR("scores")));
    db_commit(c);
    assert_ok(c);
    assert_int_equal(held(c, "count(*) FROM score_hit"), LEADS);
    assert_int_equal(held(c, "sum(score) FROM lead"), scores);
    assert_int_equal(held(c, told), events);
}

/* A program that runs would go on with what it read before. */
static void a_rebuild_wants_the_database_alone(void **state) {
    struct ctx *c = company(state);
    struct program p = {.settings = {.db = database_of(state)->url, .node = 1},
                        .contents = modules_register()};
    arena_init(&p.arena);
    db_begin(c);
    DB_RUN(c, "DELETE FROM won_deal");
    db_commit(c);
    assert_int_equal(command_rebuild(&p), 1);
    assert_int_equal(held(c, "count(*) FROM won_deal"), 0);
    db_close(c->db);
    assert_int_equal(command_rebuild(&p), 0);
    c->db = db_open(c, p.settings.db, DB_WRITER);
    assert_ok(c);
    assert_int_equal(held(c, "count(*) FROM won_deal"), 1);
    arena_free(&p.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(what_is_damaged_is_named_and_made_anew), ON_BOTH(what_is_to_come_is_not_lacking),
        ON_BOTH(what_gave_points_is_found_again), ON_BOTH(a_rebuild_wants_the_database_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
