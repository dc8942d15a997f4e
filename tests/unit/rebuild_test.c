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

/* Leads and deals, one of which is won, one in the trash after it was. */
static struct ctx *company(void **state) {
    struct ctx *c = &database_of(state)->c;
    const struct contents *contents = modules_register();
    c->actor = &actor_system;
    c->model = model_standard();
    program_migrate(c, contents);
    db_begin(c);
    pipeline_seed(c);
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
    static const char *const parts[] = {"search", "funnel", "won_deals"};
    for (int i = 0; i < 3; i++) {
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

int main(void) {
    const struct CMUnitTest tests[] = {ON_BOTH(what_is_damaged_is_named_and_made_anew),
                                       ON_BOTH(what_is_to_come_is_not_lacking)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
