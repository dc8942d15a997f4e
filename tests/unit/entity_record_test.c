/* The verbs on records, on both engines. */
#include "entity_fixture.h"

#include "db/unit.h"

static const char full_deal[] =
    "{\"title\":\" 贯通 CRM\\n\",\"notes\":\"第一行\\n第二行\",\"hot\":true,\"seats\":12,"
    "\"chance\":\"0.25\",\"amount\":{\"amount\":\"1234.5\",\"currency\":\"CNY\"},"
    "\"closes_on\":\"2026-11-30\",\"met_at\":\"2026-11-23T15:10:00+08:00\",\"stage\":\"won\","
    "\"phone\":\"+86 139 1234 2647\",\"email\":\"Sun@QQ.com\",\"region\":\"江苏无锡\","
    "\"site\":\"https://example.cn/a?b=1\",\"extra\":{\"k\":[1,\"二\"]}}";

static void creates_a_record_with_every_type(void **state) {
    struct ctx *c = entity_fixture(state);
    struct record *made = entity_create(c, "deal", full_deal);
    assert_ok(c);
    entity_commit(c);
    struct record *r = record_read(c, made->entity, made->id);
    assert_ok(c);
    assert_text(record_text(r, "title"), "贯通 CRM");
    assert_text(record_text(r, "notes"), "第一行\n第二行");
    assert_int_equal(record_int(r, "hot"), 1);
    assert_int_equal(record_int(r, "seats"), 12);
    assert_int_equal(record_int(r, "chance"), 250000);
    assert_int_equal(record_value(r, "amount").integer, 123450);
    assert_text(record_value(r, "amount").text, "CNY");
    assert_text(record_text(r, "closes_on"), "2026-11-30");
    assert_int_equal(record_int(r, "met_at"), INT64_C(1795417800000));
    assert_text(record_text(r, "stage"), "won");
    assert_text(record_text(r, "phone"), "13912342647");
    assert_text(record_text(r, "email"), "sun@qq.com");
    assert_text(record_text(r, "region"), "江苏省无锡市");
    assert_text(record_text(r, "extra"), "{\"k\":[1,\"二\"]}");
    assert_int_equal(record_version(r), 1);
    assert_int_equal(record_int(r, "created_at"), c->now_ms);
    assert_text(record_title(r), "贯通 CRM");
    for (int i = 0; i < r->entity->n_fields; i++) {
        assert_true(value_equal(r->values[i], made->values[i]));
    }
}

static void gives_standard_values(void **state) {
    struct ctx *c = entity_fixture(state);
    struct record *r = entity_create(c, "deal", "{\"title\":\"a\"}");
    assert_ok(c);
    assert_text(record_text(r, "stage"), "new");
    assert_false(record_empty(r, "hot"));
    assert_int_equal(record_int(r, "hot"), 0);
    assert_true(record_empty(r, "amount"));
}

static void reports_all_field_errors_at_once(void **state) {
    struct ctx *c = entity_fixture(state);
    assert_null(
        entity_create(c, "deal",
                      "{\"notes\":7,\"hot\":\"maybe\",\"seats\":501,\"chance\":\"1.0000001\","
                      "\"amount\":{\"amount\":\"1.005\",\"currency\":\"CNY\"},"
                      "\"closes_on\":\"2026-02-30\",\"met_at\":\"yesterday\","
                      "\"stage\":\"lost\",\"firm_id\":\"99\",\"phone\":\"12\","
                      "\"email\":\"x@\",\"region\":\"Atlantis\",\"site\":\"ftp://a\","
                      "\"score\":1,\"nothing\":1}"));
    assert_string_equal(entity_errors(c),
                        "/notes field.type\n/hot field.type\n/seats number.too_large\n"
                        "/chance number.scale\n/amount money.scale\n/closes_on date.syntax\n"
                        "/met_at instant.syntax\n/stage option.unknown\n/phone phone.length\n"
                        "/email email.syntax\n/region region.unknown\n/site url.syntax\n"
                        "/score field.read_only\n/nothing field.unknown\n"
                        "/title field.required\n/firm_id reference.absent\n");
}

static void finds_duplicates_among_those_not_trashed(void **state) {
    struct ctx *c = entity_fixture(state);
    struct record *first = entity_create(c, "firm", "{\"name\":\"甲\",\"code\":\"A1\"}");
    assert_ok(c);
    assert_null(entity_create(c, "firm", "{\"code\":\"A1\"}"));
    assert_text(c->error.fields->next->parameters[0].value,
                str_format(c->arena, "%lld", (long long)first->id).p);
    assert_string_equal(entity_errors(c), "/name field.required\n/code field.duplicate\n");
    record_trash(c, first->entity, first->id, 0);
    struct record *second = entity_create(c, "firm", "{\"name\":\"乙\",\"code\":\"A1\"}");
    assert_ok(c);
    assert_null(record_restore(c, first->entity, first->id));
    assert_string_equal(entity_errors(c), "/code field.duplicate\n");
    record_trash(c, first->entity, second->id, 0);
    assert_non_null(record_restore(c, first->entity, first->id));
    assert_ok(c);
}

static void updates_what_changed_and_nothing_else(void **state) {
    struct ctx *c = entity_fixture(state);
    struct record *r = entity_create(c, "deal", full_deal);
    entity_commit(c);
    int64_t head = event_head(c, STREAM_BUSINESS);
    c->now_ms += 5000;
    struct record *same = entity_update(c, r, "{\"title\":\"贯通 CRM\",\"seats\":12}");
    assert_ok(c);
    assert_int_equal(record_version(same), 1);
    entity_commit(c);
    assert_int_equal(event_head(c, STREAM_BUSINESS), head);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM audit WHERE record_id = $1", r->id), 1);

    struct record *changed = entity_update(
        c, r,
        "{\"title\":\"乙\",\"seats\":null,\"amount\":{\"amount\":\"7\",\"currency\":\"JPY\"}}");
    assert_ok(c);
    entity_commit(c);
    struct record *read = record_read(c, r->entity, r->id);
    assert_int_equal(record_version(changed), 2);
    assert_int_equal(record_version(read), 2);
    assert_int_equal(record_int(read, "updated_at"), c->now_ms);
    assert_int_equal(record_int(read, "created_at"), c->now_ms - 5000);
    assert_true(record_empty(read, "seats"));
    assert_int_equal(record_value(read, "amount").integer, 7);
    assert_text(record_value(read, "amount").text, "JPY");
    assert_text(record_text(read, "phone"), "13912342647");
    assert_text(
        DB_TEXT(c, "SELECT changes FROM audit WHERE record_id = $1 AND action = 'updated'", r->id),
        "{\"title\":[\"贯通 CRM\",\"乙\"],\"seats\":[12,null],"
        "\"amount\":[{\"amount\":\"1234.50\",\"currency\":\"CNY\"},"
        "{\"amount\":\"7\",\"currency\":\"JPY\"}]}");
}

static void events_hold_facts_and_no_texts(void **state) {
    struct ctx *c = entity_fixture(state);
    int64_t firm = entity_new(c, "firm", "name", "甲");
    struct record *r = entity_create(c, "deal", full_deal);
    struct change_set set = change_new(c, r->entity);
    change_id(&set, "firm_id", firm);
    change_text(&set, "phone", STR("13900000001"));
    change_int(&set, "score", 5);
    record_change(c, r->id, &set);
    entity_commit(c);
    size_t n;
    struct event *events = event_read(c, STREAM_BUSINESS, 0, 100, &n);
    assert_int_equal(n, 3);
    assert_text(events[0].type, "firm.created");
    assert_text(events[1].type, "deal.created");
    assert_int_equal(str_find(events[1].payload, STR("13912342647")), -1);
    assert_int_equal(str_find(events[1].payload, STR("贯通")), -1);
    assert_int_equal(str_find(events[1].payload, STR("\"changed\"")), -1);
    assert_true(str_find(events[1].payload, STR("\"amount\"")) > 0);
    assert_text(events[2].type, "deal.updated");
    assert_int_equal(events[2].subject_id, r->id);
    assert_text(events[2].payload,
                str_format(c->arena,
                           "{\"changed\":[\"firm_id\",\"phone\",\"score\"],"
                           "\"values\":{\"firm_id\":[null,\"%lld\"],\"score\":[null,5]}}",
                           (long long)firm)
                    .p);
    assert_int_equal(DB_INT(c,
                            "SELECT event_id FROM audit WHERE record_id = $1 "
                            "AND action = 'updated'",
                            r->id),
                     events[2].id);
}

/* The row itself has what an imported record began with, a later entry what it was before. */
static void entries_of_imports_hold_no_first_values(void **state) {
    struct ctx *c = entity_fixture(state);
    c->origin = ORIGIN_IMPORT;
    c->request_id = audit_import_request(c->arena, 12, 34);
    struct record *r = entity_create(c, "deal", full_deal);
    struct change_set set = change_new(c, r->entity);
    change_text(&set, "phone", STR("13900000001"));
    record_change(c, r->id, &set);
    entity_commit(c);
    assert_int_equal(DB_INT(c,
                            "SELECT COUNT(*) FROM audit WHERE record_id = $1 AND changes IS NULL "
                            "AND action = 'created' AND request_id = 'import:12:34'",
                            r->id),
                     1);
    assert_text(
        DB_TEXT(c, "SELECT changes FROM audit WHERE record_id = $1 AND action = 'updated'", r->id),
        "{\"phone\":[\"13912342647\",\"13900000001\"]}");
    struct json_writer w = json_writer(c->arena);
    record_history_json(c, &w, r->entity, r->id, STR(""));
    assert_ok(c);
    assert_true(str_find(json_str(&w), STR("\"import\":{\"job_id\":\"12\",\"line\":34}")) > 0);
}

static void refuses_a_stale_version(void **state) {
    struct ctx *c = entity_fixture(state);
    struct record *r = entity_create(c, "deal", "{\"title\":\"a\"}");
    struct change_set set = entity_input(c, "deal", "{\"title\":\"b\"}");
    assert_non_null(record_update(c, r->id, &set, 1));
    assert_null(record_update(c, r->id, &set, 1));
    assert_string_equal(c->error.text, "record.stale");
    assert_error(c, ERROR_CONFLICT);
    record_trash(c, r->entity, r->id, 1);
    assert_error(c, ERROR_CONFLICT);
    record_trash(c, r->entity, r->id, 2);
    assert_ok(c);
}

static void trashes_and_restores(void **state) {
    struct ctx *c = entity_fixture(state);
    struct record *r = entity_create(c, "deal", full_deal);
    record_trash(c, r->entity, r->id, 0);
    assert_ok(c);
    assert_null(record_load(c, r->entity, r->id));
    assert_ok(c);
    assert_null(record_read(c, r->entity, r->id));
    assert_error(c, ERROR_ABSENT);
    assert_null(entity_update(c, r, "{\"title\":\"b\"}"));
    assert_error(c, ERROR_ABSENT);
    record_trash(c, r->entity, r->id, 0);
    assert_error(c, ERROR_ABSENT);
    struct record *trashed = record_read_trashed(c, r->entity, r->id);
    assert_int_equal(record_int(trashed, "deleted_at"), c->now_ms);
    struct record *back = record_restore(c, r->entity, r->id);
    assert_ok(c);
    assert_int_equal(record_version(back), 3);
    assert_text(record_text(back, "title"), "贯通 CRM");
    entity_commit(c);
    struct db_rows rows;
    struct text_buffer seen = {.arena = c->arena};
    DB_QUERY(c, &rows, "SELECT action FROM audit WHERE record_id = $1 ORDER BY id", r->id);
    while (db_next(&rows)) {
        text_add(&seen, db_view(&rows, 0));
        text_add_char(&seen, ' ');
    }
    assert_text(text_str(&seen), "created trashed restored ");
}

static void hidden_and_immutable_fields(void **state) {
    struct ctx *c = entity_fixture(state);
    assert_null(entity_create(c, "firm", "{\"name\":\"甲\",\"secret\":\"x\"}"));
    assert_string_equal(entity_errors(c), "/secret field.unknown\n");
    struct change_set set = change_new(c, entity_named(c, "firm"));
    change_text(&set, "name", STR("甲"));
    change_text(&set, "code", STR("A"));
    change_text(&set, "secret", STR("内情"));
    struct record *r = record_insert(c, &set);
    assert_ok(c);
    assert_null(entity_update(c, r, "{\"code\":\"B\"}"));
    assert_string_equal(entity_errors(c), "/code field.immutable\n");
    assert_non_null(entity_update(c, r, "{\"code\":\"A\"}"));
    entity_commit(c);
    assert_int_equal(
        str_find(DB_TEXT(c, "SELECT changes FROM audit WHERE record_id = $1", r->id), STR("内情")),
        -1);
}

static int64_t wrote_id;

static void check_upper(struct ctx *c, struct change *change) {
    if (str_is(record_text(change->after, "title"), "bad")) {
        FAIL_FIELD(c, STR("/title"), "deal.bad");
    }
    record_set_value(change->after, "score", (struct value){.kind = VALUE_INTEGER, .integer = 9});
}

static void wrote_note(struct ctx *c, const struct change *change) {
    (void)c;
    wrote_id = change->id;
    assert_int_not_equal(change->event_id, 0);
}

static void runs_the_hooks(void **state) {
    struct ctx *c = entity_fixture(state);
    entity_deal_check = check_upper;
    entity_deal_wrote = wrote_note;
    wrote_id = 0;
    assert_null(entity_create(c, "deal", "{\"title\":\"bad\",\"seats\":0}"));
    assert_string_equal(entity_errors(c), "/seats number.too_small\n/title deal.bad\n");
    assert_int_equal(wrote_id, 0);
    struct record *r = entity_create(c, "deal", "{\"title\":\"good\"}");
    assert_ok(c);
    assert_int_equal(wrote_id, r->id);
    assert_int_equal(record_int(record_load(c, r->entity, r->id), "score"), 9);
    wrote_id = 0;
    entity_update(c, r, "{\"title\":\"good\"}");
    assert_int_equal(wrote_id, 0);
}

static void keeps_time_and_author_of_trusted_writes(void **state) {
    struct ctx *c = entity_fixture(state);
    int64_t author = entity_new(c, "user", "name", "陈思远");
    struct change_set set = change_new(c, entity_named(c, "deal"));
    change_text(&set, "title", STR("旧"));
    change_int(&set, "created_at", 1600000000000);
    change_id(&set, "created_by", author);
    struct record *r = record_insert(c, &set);
    assert_ok(c);
    r = record_load(c, r->entity, r->id);
    assert_int_equal(record_int(r, "created_at"), 1600000000000);
    assert_int_equal(record_id(r, "created_by"), author);
}

/* Failing at any database call of a write leaves nothing of it. */
static void leaves_nothing_after_a_failure(void **state) {
    struct ctx *c = entity_fixture(state);
    int64_t firm = entity_new(c, "firm", "name", "甲");
    entity_commit(c);
    db_rollback(c->db);
    int64_t n = 0;
    bool failed = true;
    while (failed) {
        assert_true(n < 100);
        db_begin(c);
        db_fail_at(c->db, ++n);
        struct change_set set = entity_input(c, "deal", full_deal);
        change_id(&set, "firm_id", firm);
        struct record *r = record_create(c, &set);
        if (r) {
            struct change_set more = entity_input(c, "deal", "{\"title\":\"b\"}");
            record_update(c, r->id, &more, 0);
            record_trash(c, r->entity, r->id, 0);
        }
        db_commit(c);
        failed = ctx_failed(c);
        ctx_clear_error(c);
        db_fail_at(c->db, 0);
        int64_t deals = DB_INT(c, "SELECT count(*) FROM deal");
        int64_t audits = DB_INT(c, "SELECT count(*) FROM audit");
        int64_t events = DB_INT(c, "SELECT count(*) FROM event");
        assert_ok(c);
        assert_int_equal(deals, failed ? 0 : 1);
        assert_int_equal(audits, failed ? 1 : 4);
        assert_int_equal(events, failed ? 1 : 4);
    }
    assert_true(n > 8);
}

/* A record is one statement; events and audit entries of a whole batch are a few more. */
static void a_batch_needs_few_statements(void **state) {
    struct ctx *c = entity_fixture(state);
    enum { RECORDS = 64 };
    int64_t before = db_calls(c->db);
    for (int i = 0; i < RECORDS; i++) {
        assert_non_null(entity_create(c, "deal", full_deal));
    }
    assert_int_equal(db_calls(c->db) - before, RECORDS);
    entity_commit(c);
    assert_true(db_calls(c->db) - before <= RECORDS + 12);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM audit a JOIN event e ON e.id = a.event_id "
                               "AND e.subject_id = a.record_id"),
                     RECORDS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(creates_a_record_with_every_type),
        ON_BOTH(gives_standard_values),
        ON_BOTH(reports_all_field_errors_at_once),
        ON_BOTH(finds_duplicates_among_those_not_trashed),
        ON_BOTH(updates_what_changed_and_nothing_else),
        ON_BOTH(events_hold_facts_and_no_texts),
        ON_BOTH(entries_of_imports_hold_no_first_values),
        ON_BOTH(refuses_a_stale_version),
        ON_BOTH(trashes_and_restores),
        ON_BOTH(hidden_and_immutable_fields),
        ON_BOTH(runs_the_hooks),
        ON_BOTH(keeps_time_and_author_of_trusted_writes),
        ON_BOTH(leaves_nothing_after_a_failure),
        ON_BOTH(a_batch_needs_few_statements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
