/* Merging two records and taking it back. */
#include "entity/access.h"
#include "entity_fixture.h"

enum { FIRMS = 8, DEALS = 30, ROUNDS = 12 };

static int64_t firms[FIRMS], deals[DEALS];

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
        if (dice(2)) {
            change_text(&set, "code", str_format(c->arena, "%d-%d", (int)seed, i));
        }
        firms[i] = record_insert(c, &set)->id;
    }
    for (int i = 0; i < DEALS; i++) {
        struct change_set deal = change_new(c, entity_named(c, "deal"));
        change_text(&deal, "title", STR("交易"));
        change_id(&deal, "firm_id", firms[dice(FIRMS)]);
        int64_t id = deals[i] = record_insert(c, &deal)->id;
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
    assert_string_equal(c->error.text, "merge.winner_merged");
    assert_error(c, ERROR_CONFLICT);
    record_unremove(c, firm, a);
    assert_string_equal(c->error.text, "merge.restore");
    assert_error(c, ERROR_CONFLICT);
    record_unmerge(c, firm, a);
    record_unmerge(c, firm, b);
    assert_ok(c);
    record_unmerge(c, firm, b);
    assert_error(c, ERROR_CONFLICT);

    /* Of two merged into one, the later goes first. */
    record_merge(c, firm, d, a, NULL);
    record_merge(c, firm, d, b, NULL);
    record_unmerge(c, firm, a);
    assert_string_equal(c->error.text, "merge.later");
    assert_error(c, ERROR_CONFLICT);
    record_unmerge(c, firm, b);
    record_unmerge(c, firm, a);
    assert_ok(c);
    record_merge(c, firm, d, a, NULL);
    record_remove(c, firm, d);
    record_unmerge(c, firm, a);
    assert_string_equal(c->error.text, "merge.winner_gone");
    assert_error(c, ERROR_CONFLICT);
}

/* Chains of merges. */

enum { CHAINS = 40, STEPS = 40 };

/* Shares and links to the same deals: what merges contend for. */
static void contend(struct ctx *c) {
    for (int i = 0; i < FIRMS; i++) {
        const struct record *firm = record_load(c, entity_named(c, "firm"), firms[i]);
        for (int64_t user = 1; user <= 3; user++) {
            if (dice(2)) {
                access_share(c, firm, STR("user"), user, dice(2) ? SHARE_READ : SHARE_UPDATE);
            }
        }
        for (int k = 0; k < 6; k++) {
            if (dice(2) && record_load(c, entity_named(c, "deal"), deals[k])) {
                linked(c, firms[i], deals[k]);
            }
        }
    }
    entity_commit(c);
}

/* All that a merge may touch, in one text. */
static struct str everything(struct ctx *c) {
    struct text_buffer text = {.arena = c->arena};
    struct db_rows rows;
    text_add(&text, pointers(c));
    DB_QUERY(c, &rows,
             "SELECT record_id, with_id, share_right FROM record_share UNION ALL "
             "SELECT id, firm_id, deal_id FROM link ORDER BY 1, 2");
    while (db_next(&rows)) {
        text_add_format(&text, "%lld %lld %lld\n", (long long)db_int(&rows, 0),
                        (long long)db_int(&rows, 1), (long long)db_int(&rows, 2));
    }
    assert_ok(c);
    return text_str(&text);
}

/* Nothing but what an index keeps there points at a record that was merged away. */
static void nothing_left_behind(struct ctx *c) {
    assert_true(DB_INT(c, "SELECT (SELECT count(*) FROM deal d JOIN firm f ON f.id = d.firm_id "
                          "WHERE f.deleted_at IS NOT NULL) + (SELECT count(*) FROM firm x JOIN "
                          "firm f ON f.id = x.parent_id WHERE f.deleted_at IS NOT NULL AND "
                          "x.deleted_at IS NULL) + (SELECT count(*) FROM remark r JOIN firm f ON "
                          "r.subject_type = 'firm' AND f.id = r.subject_id WHERE f.deleted_at IS "
                          "NOT NULL)") == 0);
}

/* What stands, the last merge of a firm above those before it. */
struct standing {
    int64_t winner, loser;
    struct str before; /* as all was before it; empty when unknown */
};

static bool has_above(const struct standing *merges, int n, int at) {
    for (int i = at + 1; i < n; i++) {
        if (merges[i].winner == merges[at].winner || merges[i].loser == merges[at].winner) {
            return true;
        }
    }
    return false;
}

static void take_back(struct ctx *c, struct standing *merges, int *n, int at) {
    bool last = at == *n - 1;
    record_unmerge(c, entity_named(c, "firm"), merges[at].loser);
    if (has_above(merges, *n, at)) {
        assert_true(str_starts(str_from(c->error.text), STR("merge.")));
        assert_error(c, ERROR_CONFLICT);
        return;
    }
    entity_commit(c);
    if (last && merges[at].before.n) {
        assert_true(str_equal(everything(c), merges[at].before));
    }
    for (*n -= 1; at < *n; at++) {
        merges[at] = merges[at + 1];
        merges[at].before = STR("");
    }
}

static bool stands(struct ctx *c, int64_t firm) {
    return record_load(c, entity_named(c, "firm"), firm) != NULL;
}

/* Merges and their taking back, in any order in which they are not refused, in the end bring back
 * every row. */
static void chains_come_back_exactly(void **state) {
    struct ctx *c = entity_fixture(state);
    for (uint64_t seed = 1; seed <= CHAINS; seed++) {
        struct standing merges[FIRMS];
        int n = 0;
        populate(c, seed);
        contend(c);
        struct str before = everything(c);
        for (int step = 0; step < STEPS; step++) {
            int64_t winner = firms[dice(FIRMS)], loser = firms[dice(FIRMS)];
            if (n && dice(3) == 0) {
                take_back(c, merges, &n, (int)dice(n));
            } else if (winner != loser && stands(c, winner) && stands(c, loser)) {
                merges[n++] = (struct standing){winner, loser, everything(c)};
                record_merge(c, entity_named(c, "firm"), winner, loser, NULL);
                entity_commit(c);
                nothing_left_behind(c);
            }
        }
        while (n) {
            take_back(c, merges, &n, (int)dice(n));
        }
        assert_true(str_equal(before, everything(c)));
    }
}

static void who_has_a_share_keeps_it(void **state) {
    struct ctx *c = entity_fixture(state);
    const struct entity *firm = entity_named(c, "firm");
    int64_t a = entity_new(c, "firm", "name", "甲"), b = entity_new(c, "firm", "name", "乙");
    const struct record *stays = record_load(c, firm, a), *goes = record_load(c, firm, b);
    access_share(c, stays, STR("user"), 1, SHARE_READ);
    access_share(c, stays, STR("user"), 2, SHARE_UPDATE);
    access_share(c, goes, STR("user"), 1, SHARE_UPDATE);
    access_share(c, goes, STR("user"), 2, SHARE_READ);
    access_share(c, goes, STR("team"), 3, SHARE_READ);
    struct str before = everything(c);
    record_merge(c, firm, a, b, NULL);
    entity_commit(c);
    assert_int_equal(
        DB_INT(c, "SELECT CAST(sum(share_right) AS BIGINT) FROM record_share WHERE record_id = $1",
               a),
        5);
    record_unmerge(c, firm, b);
    entity_commit(c);
    assert_true(str_equal(before, everything(c)));

    /* What somebody gave or took since stays. */
    record_merge(c, firm, a, b, NULL);
    access_unshare(c, stays, STR("user"), 1);
    access_share(c, stays, STR("team"), 3, SHARE_UPDATE);
    record_unmerge(c, firm, b);
    assert_ok(c);
    assert_int_equal(
        DB_INT(c, "SELECT CAST(sum(share_right) AS BIGINT) FROM record_share WHERE record_id = $1",
               a),
        4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(comes_back_exactly),
        ON_BOTH(the_hook_joins_and_its_fields_are_taken_back),
        ON_BOTH(rows_that_would_stand_twice_stay),
        ON_BOTH(says_so_in_event_and_history),
        ON_BOTH(refuses_what_makes_no_sense),
        ON_BOTH(chains_come_back_exactly),
        ON_BOTH(who_has_a_share_keeps_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
