/* Merging two records and taking it back. */
#include "entity_fixture.h"

enum { FIRMS = 8, DEALS = 30, ROUNDS = 12 };

static int64_t firms[FIRMS];

static uint64_t dice_state;
static int64_t dice(int64_t sides) {
    dice_state = dice_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((dice_state >> 33) % (uint64_t)sides);
}

/* Firms that own one another, deals and remarks about them, some in the trash. */
static void populate(struct ctx *c, uint64_t seed) {
    dice_state = seed;
    for (int i = 0; i < FIRMS; i++) {
        struct change_set set = change_new(c, entity_named(c, "firm"));
        change_text(&set, "name", str_format(c->arena, "公司%d", i));
        change_id(&set, "parent_id", i && dice(2) ? firms[dice(i)] : 0);
        firms[i] = record_insert(c, &set)->id;
    }
    for (int i = 0; i < DEALS; i++) {
        struct change_set deal = change_new(c, entity_named(c, "deal"));
        change_text(&deal, "title", STR("交易"));
        change_id(&deal, "firm_id", firms[dice(FIRMS)]);
        int64_t id = record_insert(c, &deal)->id;
        if (dice(4) == 0) {
            record_remove(c, deal.entity, id);
        }
        struct change_set remark = change_new(c, entity_named(c, "remark"));
        bool about_firm = dice(2);
        change_text(&remark, "text", STR("说"));
        change_text(&remark, "subject_type", about_firm ? STR("firm") : STR("deal"));
        change_id(&remark, "subject_id", about_firm ? firms[dice(FIRMS)] : id);
        record_insert(c, &remark);
    }
    entity_commit(c);
}

/* Who points at whom, of all tables, in one text. */
static struct str pointers(struct ctx *c) {
    struct text_buffer text = {.arena = c->arena};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT id, COALESCE(parent_id, 0), name, COALESCE(code, '-'), "
             "CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END FROM firm "
             "UNION ALL SELECT id, firm_id, title, '', "
             "CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END FROM deal "
             "UNION ALL SELECT id, subject_id, subject_type, '', 0 FROM remark ORDER BY 1");
    while (db_next(&rows)) {
        text_add_format(&text, "%lld>%lld %.*s %.*s %lld\n", (long long)db_int(&rows, 0),
                        (long long)db_int(&rows, 1), STR_ARG(db_view(&rows, 2)),
                        STR_ARG(db_view(&rows, 3)), (long long)db_int(&rows, 4));
    }
    assert_ok(c);
    return text_str(&text);
}

static int64_t pointing_at(struct ctx *c, int64_t firm) {
    return DB_INT(c,
                  "SELECT (SELECT count(*) FROM firm WHERE parent_id = $1) + "
                  "(SELECT count(*) FROM deal WHERE firm_id = $1) + "
                  "(SELECT count(*) FROM remark WHERE subject_type = 'firm' AND subject_id = $1)",
                  firm);
}

static void comes_back_exactly(void **state) {
    struct ctx *c = entity_fixture(state);
    const struct entity *firm = entity_named(c, "firm");
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        populate(c, seed);
        int64_t winner = firms[dice(FIRMS)], loser = firms[dice(FIRMS)];
        if (winner == loser) {
            continue;
        }
        struct str before = pointers(c);
        int64_t at_both = pointing_at(c, winner) + pointing_at(c, loser);
        record_merge(c, firm, winner, loser, NULL);
        entity_commit(c);
        assert_null(record_load(c, firm, loser));
        assert_true(pointing_at(c, loser) == 0);
        int64_t own = record_id(record_load(c, firm, winner), "parent_id");
        assert_int_not_equal(own, winner);
        assert_true(pointing_at(c, winner) <= at_both && pointing_at(c, winner) >= at_both - 2);
        record_unmerge(c, firm, loser);
        entity_commit(c);
        struct str after = pointers(c);
        assert_true(str_equal(before, after));
    }
}

static int64_t hook_winner, hook_loser;

static void keep_code(struct ctx *c, struct record *winner, const struct record *loser) {
    hook_winner = winner->id;
    hook_loser = loser->id;
    if (record_empty(winner, "code")) {
        struct change_set set = change_new(c, winner->entity);
        change_text(&set, "code", record_text(loser, "code"));
        record_change(c, winner->id, &set);
    }
}

static int64_t firm_with_code(struct ctx *c, const char *code) {
    struct change_set set = change_new(c, entity_named(c, "firm"));
    change_text(&set, "name", STR("甲"));
    change_text(&set, "code", str_from(code));
    return record_insert(c, &set)->id;
}

static void the_hook_joins_and_its_fields_are_taken_back(void **state) {
    struct ctx *c = entity_fixture(state);
    const struct entity *firm = entity_named(c, "firm");
    entity_firm_merged = keep_code;
    int64_t winner = entity_new(c, "firm", "name", "乙"), loser = firm_with_code(c, "A1");
    record_merge(c, firm, winner, loser, NULL);
    entity_commit(c);
    assert_int_equal(hook_winner, winner);
    assert_int_equal(hook_loser, loser);
    assert_text(record_text(record_load(c, firm, winner), "code"), "A1");
    record_unmerge(c, firm, loser);
    entity_commit(c);
    assert_true(record_empty(record_load(c, firm, winner), "code"));
    assert_text(record_text(record_load(c, firm, loser), "code"), "A1");

    /* What somebody changed since stays. */
    record_merge(c, firm, winner, loser, NULL);
    entity_commit(c);
    struct change_set set = change_new(c, firm);
    change_text(&set, "code", STR("B2"));
    record_change(c, winner, &set);
    record_unmerge(c, firm, loser);
    assert_text(record_text(record_load(c, firm, winner), "code"), "B2");
    assert_ok(c);
}

static int64_t linked(struct ctx *c, int64_t firm, int64_t deal) {
    struct change_set set = change_new(c, entity_named(c, "link"));
    change_id(&set, "firm_id", firm);
    change_id(&set, "deal_id", deal);
    return record_insert(c, &set)->id;
}

static int64_t firm_of(struct ctx *c, int64_t link) {
    return DB_INT(c, "SELECT firm_id FROM link WHERE id = $1", link);
}

static void rows_that_would_stand_twice_stay(void **state) {
    struct ctx *c = entity_fixture(state);
    const struct entity *firm = entity_named(c, "firm");
    int64_t a = entity_new(c, "firm", "name", "甲"), b = entity_new(c, "firm", "name", "乙");
    int64_t shared = entity_new(c, "deal", "title", "共"),
            own = entity_new(c, "deal", "title", "独");
    linked(c, a, shared);
    int64_t twice = linked(c, b, shared), once = linked(c, b, own), gone = linked(c, b, 0);
    record_remove(c, entity_named(c, "link"), gone);
    record_merge(c, firm, a, b, NULL);
    assert_ok(c);
    assert_int_equal(firm_of(c, twice), b);
    assert_int_equal(firm_of(c, once), a);
    assert_int_equal(firm_of(c, gone), a);
    record_unmerge(c, firm, b);
    assert_ok(c);
    assert_int_equal(firm_of(c, once), b);
    assert_int_equal(firm_of(c, gone), b);
}

static void says_so_in_event_and_history(void **state) {
    struct ctx *c = entity_fixture(state);
    const struct entity *firm = entity_named(c, "firm");
    int64_t winner = entity_new(c, "firm", "name", "甲"),
            loser = entity_new(c, "firm", "name", "乙");
    record_merge(c, firm, winner, loser, NULL);
    entity_commit(c);
    size_t n;
    struct event *events = event_read(c, STREAM_BUSINESS, 0, 10, &n);
    assert_int_equal(n, 3);
    assert_text(events[2].type, "firm.merged");
    assert_int_equal(events[2].subject_id, loser);
    const struct json *payload = json_parse(c, events[2].payload);
    assert_int_equal(json_id(payload, "winner_id"), winner);
    struct json_writer w = json_writer(c->arena);
    record_history_json(c, &w, firm, winner, STR(""));
    const struct json *data = json_get(json_parse(c, json_str(&w)), "data");
    assert_text(json_text(&data->items[0], "action"), "absorbed");
    assert_int_equal(json_id(&data->items[0], "other_id"), loser);
}

static void refuses_what_makes_no_sense(void **state) {
    struct ctx *c = entity_fixture(state);
    const struct entity *firm = entity_named(c, "firm");
    int64_t a = entity_new(c, "firm", "name", "甲"), b = entity_new(c, "firm", "name", "乙");
    int64_t d = entity_new(c, "firm", "name", "丙");
    record_merge(c, firm, a, a, NULL);
    assert_error(c, ERROR_INVALID);
    record_merge(c, firm, a, 12345, NULL);
    assert_error(c, ERROR_ABSENT);
    record_unmerge(c, firm, b);
    assert_error(c, ERROR_CONFLICT);
    record_merge(c, firm, a, b, NULL);
    record_merge(c, firm, d, a, NULL);
    assert_ok(c);
    record_unmerge(c, firm, b);
    assert_string_equal(c->error.text, "merge.winner_gone");
    assert_error(c, ERROR_CONFLICT);
    record_unmerge(c, firm, a);
    record_unmerge(c, firm, b);
    assert_ok(c);
    record_unmerge(c, firm, b);
    assert_error(c, ERROR_CONFLICT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(comes_back_exactly),
        ON_BOTH(the_hook_joins_and_its_fields_are_taken_back),
        ON_BOTH(rows_that_would_stand_twice_stay),
        ON_BOTH(says_so_in_event_and_history),
        ON_BOTH(refuses_what_makes_no_sense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
