/*
 * The sample company goes without a trace, and what people made themselves stays whole, with what
 * it refers to: on both engines, after every part of the program has answered the log.
 */
#include "command_fixture.h"
#include "sample_fixture.h"

#include "app/check.h"
#include "app/command.h"
#include "base/log.h"
#include "customer/lead.h"
#include "event/timer.h"
#include "sales/opportunity.h"
#include "sample/removal.h"

/* What people did before the sample was taken away. */
struct own {
    int64_t admin, rep; /* users: one of the sample's did real work */
    int64_t lead;       /* his */
    int64_t deal;       /* the administrator's, of a sample customer about a sample product */
    int64_t account, product;
    int64_t note, own_note; /* on a sample lead, on one's own */
    int64_t touched;        /* sample lead with a note */
    int64_t captured;       /* by a form, of nobody */
};

static struct actor actor_of(struct ctx *c, int64_t user_id) {
    return (struct actor){
        .system = true,
        .user_id = user_id,
        .department_id = DB_INT(c, "SELECT department_id FROM \"user\" WHERE id = $1", user_id)};
}

static int64_t note_on(struct ctx *c, int64_t lead) {
    struct change_set set = change_new(c, entity_named(c, "activity"));
    change_text(&set, "type", STR("note"));
    change_text(&set, "content", STR("试着记一笔"));
    change_text(&set, "subject_type", STR("lead"));
    change_id(&set, "subject_id", lead);
    return record_insert(c, &set)->id;
}

static int64_t capture(struct ctx *c, const char *name, const char *phone) {
    struct lead_intake in = {.name = str_from(name),
                             .phone = str_from(phone),
                             .owner_id = access_user_id(c->actor),
                             .payload = STR("{}")};
    return lead_take_in(c, &in).lead_id;
}

static void work(struct ctx *c, struct own *own) {
    own->admin = DB_INT(c, "SELECT id FROM \"user\" WHERE login = 'admin'");
    own->rep = DB_INT(c, "SELECT id FROM \"user\" WHERE login = 'chensiyuan'");
    struct actor admin = actor_of(c, own->admin), rep = actor_of(c, own->rep);
    c->now_ms += MS_HOUR;
    db_begin(c);
    c->actor = &rep;
    own->lead = capture(c, "真客户", "13912345678");
    own->own_note = note_on(c, own->lead);
    own->touched = DB_INT(c, "SELECT id FROM lead WHERE status = 'new' ORDER BY id DESC LIMIT 1");
    own->note = note_on(c, own->touched);
    c->actor = &admin;
    own->account = DB_INT(c, "SELECT account_id FROM opportunity WHERE state = 'won' AND "
                             "account_id IS NOT NULL ORDER BY id DESC LIMIT 1");
    own->product = DB_INT(c, "SELECT id FROM product WHERE code = 'HY-S6'");
    struct change_set set = change_new(c, entity_named(c, "opportunity"));
    change_text(&set, "name", STR("真商机"));
    change_id(&set, "account_id", own->account);
    change_id(&set, "product_id", own->product);
    own->deal = record_insert(c, &set)->id;
    c->actor = &actor_system;
    own->captured = capture(c, "表单来的", "13712345678");
    db_commit(c);
    assert_ok(c);
    sample_drained(c);
}

static int64_t count(struct ctx *c, const char *table) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT count(*) FROM ");
    sql_identifier(&q, str_from(table));
    return sql_int(c, &q);
}

static bool is_there(struct ctx *c, const char *entity, int64_t id) {
    return record_load(c, entity_named(c, entity), id) != NULL;
}

/* No column of ids anywhere names anything of the sample, but what was kept. */
static void assert_no_trace(struct ctx *c) {
    struct sample_state s = sample_state(c);
    struct db_rows rows;
    static struct str tables[800], columns[800];
    size_t n = 0;
    DB_QUERY(
        c, &rows,
        "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p "
        "WHERE m.type = 'table' AND upper(p.type) IN ('BIGINT', 'INTEGER') AND "
        "(p.name = 'id' OR p.name LIKE '%\\_id' ESCAPE '\\' OR p.name LIKE '%\\_by' ESCAPE '\\') "
        "AND m.name NOT IN ('event', 'audit', 'timer', 'sample_kept', 'sample_also')");
    while (db_next(&rows) && n < 800) {
        tables[n] = db_text(&rows, 0);
        columns[n++] = db_text(&rows, 1);
    }
    assert_in_range(n, 100, 799);
    for (size_t i = 0; i < n; i++) {
        struct sql q = sql_new(c->arena);
        SQL_ADD(&q, "SELECT count(*) FROM ");
        sql_identifier(&q, tables[i]);
        SQL_ADD(&q, " x WHERE x.");
        sql_identifier(&q, columns[i]);
        SQL_ADD(&q, " BETWEEN ");
        SQL_VALUE(&q, s.from);
        SQL_ADD(&q, " AND ");
        SQL_VALUE(&q, s.to);
        SQL_ADD(&q, " AND NOT EXISTS (SELECT 1 FROM sample_kept k WHERE k.id = x.");
        sql_identifier(&q, columns[i]);
        SQL_ADD(&q, ")");
        int64_t left = sql_int(c, &q);
        bool newest = str_is(tables[i], "behaviour"); /* the last row stays */
        if (left > newest) {
            fail_msg("%.*s.%.*s still names %lld of the sample", STR_ARG(tables[i]),
                     STR_ARG(columns[i]), (long long)left);
        }
    }
    assert_int_equal(DB_INT(c,
                            "SELECT count(*) FROM timer t WHERE CAST(t.key AS INTEGER) BETWEEN $1 "
                            "AND $2 AND NOT EXISTS (SELECT 1 FROM sample_kept k "
                            "WHERE k.id = CAST(t.key AS INTEGER))",
                            s.from, s.to),
                     0);
    assert_int_equal(DB_INT(c, "SELECT CAST(COALESCE(sum(used), 0) AS BIGINT) FROM script_tally"),
                     DB_INT(c, "SELECT count(*) FROM script_use"));
}

static void assert_own_stays(struct ctx *c, const struct own *own) {
    assert_int_equal(count(c, "lead"), 2);
    assert_int_equal(count(c, "opportunity"), 1);
    assert_int_equal(count(c, "account"), 1);
    assert_int_equal(count(c, "activity"), 1);
    assert_int_equal(count(c, "user"), 2);
    assert_true(is_there(c, "lead", own->lead) && is_there(c, "lead", own->captured));
    assert_true(is_there(c, "activity", own->own_note) && !is_there(c, "activity", own->note));
    assert_true(!is_there(c, "lead", own->touched));
    assert_true(is_there(c, "account", own->account) && is_there(c, "product", own->product));
    struct record *rep = record_load(c, entity_named(c, "user"), own->rep);
    struct record *account = record_load(c, entity_named(c, "account"), own->account);
    assert_non_null(rep);
    assert_int_equal(count(c, "department"), 4); /* his group and those above it */
    assert_true(is_there(c, "department", record_id(rep, "department_id")));
    int64_t owner = record_id(account, "owner_id");
    assert_true(owner == 0 || owner == own->rep);
    assert_int_equal(count(c, "pipeline"), 1);
    assert_int_equal(count(c, "stage"), 7);
}

static void timers_fired(struct ctx *c) {
    c->now_ms += MS_MINUTE;
    db_begin(c);
    timer_fire_due(c, modules_register()->timers);
    db_commit(c);
    assert_ok(c);
}

static void removed(void **state) {
    struct database_fixture *f = database_of(state);
    struct ctx *c = &f->c;
    struct own own = {0};
    sample_made(c);
    sample_drained(c);
    work(c, &own);
    db_begin(c);
    c->actor = &actor_system;
    int64_t records = sample_remove(c);
    db_commit(c);
    assert_ok(c);
    assert_in_range(records, 30000, 200000);
    assert_true(sample_state(c).removed_at > 0);
    assert_own_stays(c, &own);
    if (f->engine == DB_SQLITE) {
        assert_no_trace(c);
    }
    struct check k = {.c = c};
    check_records(&k);
    check_promises(&k);
    check_engine(&k);
    assert_int_equal(k.findings, 0);
    db_begin(c);
    assert_int_equal(sample_remove(c), 0); /* once is enough */
    own.lead = capture(c, "后来的", "13612345678");
    db_commit(c);
    assert_ok(c);
    sample_drained(c);
    timers_fired(c);
    assert_int_equal(count(c, "lead"), 3);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM lead WHERE score IS NOT NULL OR "
                               "tier IS NOT NULL OR grade IS NOT NULL"),
                     0);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM reactor_parked"), 0);
}

/* Without anybody's work nothing is left but what a new database has. */
static void removed_wholly(void **state) {
    struct ctx *c = &database_of(state)->c;
    sample_made(c);
    sample_drained(c);
    db_begin(c);
    sample_remove(c);
    db_commit(c);
    assert_ok(c);
    const struct entity *kept[] = {entity_named(c, "user"),  entity_named(c, "pipeline"),
                                   entity_named(c, "stage"), entity_named(c, "lost_reason"),
                                   entity_named(c, "role"),  entity_named(c, "script")};
    for (int i = 0; i < c->model->n_entities; i++) {
        const struct entity *e = &c->model->entities[i];
        bool may = e->flags & ENTITY_SETTING;
        for (size_t k = 0; k < sizeof kept / sizeof *kept; k++) {
            may = may || e == kept[k];
        }
        int64_t n = may ? 0 : count(c, str_to_c(c->arena, e->table));
        if (n) {
            fail_msg("%lld of %.*s are left", (long long)n, STR_ARG(e->name));
        }
    }
    assert_int_equal(count(c, "user"), 1);
    assert_int_equal(count(c, "visitor"), 0);
    assert_int_equal(count(c, "search_document"),
                     DB_INT(c, "SELECT count(*) FROM search_document d JOIN lost_reason r "
                               "ON r.id = d.record_id") +
                         DB_INT(c, "SELECT count(*) FROM search_document d JOIN script s "
                                   "ON s.id = d.record_id") +
                         DB_INT(c, "SELECT count(*) FROM search_document d JOIN \"user\" u "
                                   "ON u.id = d.record_id"));
    assert_int_equal(DB_INT(c, "SELECT COALESCE(sum(events), 0) FROM behaviour_daily "
                               "WHERE type LIKE 'page.%'"),
                     0);
}

int main(void) {
    const struct CMUnitTest tests[] = {ON_BOTH(removed), ON_SQLITE(removed_wholly)};
    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
