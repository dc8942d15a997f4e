/* A company's own fields and record types, made while the program runs. */
#include "entity_fixture.h"

#include "entity/custom.h"
#include "entity/query.h"

static struct record *custom(struct ctx *c, const char *text) {
    return entity_create(c, "custom_field", text);
}

/* What the next unit of work sees. */
static void next_unit(struct ctx *c) {
    entity_commit(c);
    c->model = model_current(c);
    assert_ok(c);
}

static void a_field_becomes_a_column(void **state) {
    struct ctx *c = entity_fixture(state);
    int64_t old = entity_new(c, "deal", "title", "旧");
    assert_non_null(custom(c, "{\"entity_name\":\"deal\",\"name\":\"budget\",\"label_zh\":\"预算\","
                              "\"type\":\"money\",\"indexed\":true}"));
    assert_non_null(custom(c, "{\"entity_name\":\"deal\",\"name\":\"x_size\",\"label_zh\":\"规模\","
                              "\"label_en\":\"Size\",\"type\":\"option\",\"required\":true,"
                              "\"options\":[{\"code\":\"s\",\"zh\":\"小\"},"
                              "{\"code\":\"l\",\"zh\":\"大\",\"en\":\"Large\"}]}"));
    const struct model *before = c->model;
    assert_null(entity_field(entity_named(c, "deal"), STR("x_budget")));
    next_unit(c);
    assert_ptr_not_equal(before, c->model);
    const struct entity *deal = entity_named(c, "deal");
    const struct field *size = entity_field(deal, STR("x_size"));
    assert_non_null(entity_field(deal, STR("x_budget")));
    assert_true(size->flags & FIELD_CUSTOM && size->flags & FIELD_REQUIRED);
    assert_text(size->label[LANGUAGE_EN], "Size");
    assert_text(field_option(size, STR("s"))->label[LANGUAGE_EN], "小");

    assert_null(entity_create(c, "deal", "{\"title\":\"a\",\"x_budget\":\"7\"}"));
    assert_string_equal(entity_errors(c), "/x_budget money.shape\n/x_size field.required\n");
    struct record *r = entity_create(
        c, "deal",
        "{\"title\":\"a\",\"x_size\":\"l\",\"x_budget\":{\"amount\":\"8\",\"currency\":\"CNY\"}}");
    assert_ok(c);
    next_unit(c);
    r = record_load(c, deal, r->id);
    assert_int_equal(record_value(r, "x_budget").integer, 800);
    assert_text(record_text(r, "x_size"), "l");
    /* A record from before lacks the required field and may still be changed. */
    struct change_set set = change_new(c, deal);
    change_text(&set, "title", STR("新"));
    assert_non_null(record_change(c, old, &set));
    assert_ok(c);
}

static void refuses_bad_fields(void **state) {
    struct ctx *c = entity_fixture(state);
    assert_null(custom(c, "{\"entity_name\":\"nothing\",\"name\":\"X-1\",\"label_zh\":\"a\","
                          "\"type\":\"reference\",\"target\":\"none\",\"max_length\":0}"));
    assert_string_equal(entity_errors(c), "/max_length number.too_small\n"
                                          "/entity_name custom.no_entity\n/name custom.name\n"
                                          "/target custom.no_entity\n");
    assert_null(custom(c, "{\"entity_name\":\"deal\",\"name\":\"a_currency\",\"label_zh\":\"a\","
                          "\"type\":\"option\",\"options\":[{\"code\":\"A b\"},"
                          "{\"code\":\"c\",\"zh\":\"丙\"},{\"code\":\"c\",\"zh\":\"丁\"}]}"));
    assert_string_equal(entity_errors(c), "/name custom.name\n/options/0 custom.option_code\n"
                                          "/options/2 custom.option_twice\n");
    assert_null(custom(c, "{\"entity_name\":\"custom_field\",\"name\":\"a\",\"label_zh\":\"a\","
                          "\"type\":\"text\"}"));
    assert_string_equal(entity_errors(c), "/entity_name custom.no_entity\n");
    assert_null(custom(c, "{\"entity_name\":\"deal\",\"name\":\"a\",\"type\":\"json\"}"));
    assert_string_equal(entity_errors(c), "/type option.unknown\n/label_zh field.required\n");
}

static void names_and_types_stay(void **state) {
    struct ctx *c = entity_fixture(state);
    struct record *r = custom(
        c, "{\"entity_name\":\"deal\",\"name\":\"a\",\"label_zh\":\"甲\",\"type\":\"text\"}");
    assert_ok(c);
    assert_null(custom(
        c, "{\"entity_name\":\"deal\",\"name\":\"x_a\",\"label_zh\":\"乙\",\"type\":\"text\"}"));
    assert_string_equal(entity_errors(c), "/name custom.name_taken\n");
    assert_null(entity_update(c, r, "{\"name\":\"x_b\",\"type\":\"date\"}"));
    assert_string_equal(entity_errors(c), "/name field.immutable\n/type field.immutable\n");
    assert_non_null(entity_update(c, r, "{\"label_zh\":\"丙\",\"indexed\":true}"));
    next_unit(c);
    const struct field *f = entity_field(entity_named(c, "deal"), STR("x_a"));
    assert_text(f->label[LANGUAGE_ZH], "丙");
    assert_true(f->flags & FIELD_INDEXED);
}

static void hides_and_brings_back(void **state) {
    struct ctx *c = entity_fixture(state);
    struct record *f = custom(
        c, "{\"entity_name\":\"deal\",\"name\":\"a\",\"label_zh\":\"甲\",\"type\":\"text\"}");
    next_unit(c);
    struct record *r = entity_create(c, "deal", "{\"title\":\"a\",\"x_a\":\"留下\"}");
    assert_ok(c);
    record_trash(c, f->entity, f->id, 0);
    next_unit(c);
    assert_null(entity_field(entity_named(c, "deal"), STR("x_a")));
    assert_non_null(record_load(c, entity_named(c, "deal"), r->id));
    assert_null(custom(
        c, "{\"entity_name\":\"deal\",\"name\":\"a\",\"label_zh\":\"乙\",\"type\":\"date\"}"));
    assert_string_equal(entity_errors(c), "/name custom.name_taken\n");
    record_restore(c, entity_named(c, "custom_field"), f->id);
    next_unit(c);
    assert_text(record_text(record_load(c, entity_named(c, "deal"), r->id), "x_a"), "留下");
}

static void choices_in_use_stay(void **state) {
    struct ctx *c = entity_fixture(state);
    struct record *f = custom(c, "{\"entity_name\":\"deal\",\"name\":\"a\",\"label_zh\":\"甲\","
                                 "\"type\":\"option\",\"options\":[{\"code\":\"s\",\"zh\":\"小\"},"
                                 "{\"code\":\"l\",\"zh\":\"大\"}]}");
    next_unit(c);
    entity_create(c, "deal", "{\"title\":\"a\",\"x_a\":\"l\"}");
    assert_ok(c);
    assert_null(entity_update(c, f, "{\"options\":[{\"code\":\"s\",\"zh\":\"小\"}]}"));
    assert_string_equal(entity_errors(c), "/options custom.option_used\n");
    assert_non_null(entity_update(
        c, f, "{\"options\":[{\"code\":\"m\",\"zh\":\"中\"},{\"code\":\"l\",\"zh\":\"很大\"}]}"));
    next_unit(c);
    const struct field *a = entity_field(entity_named(c, "deal"), STR("x_a"));
    assert_int_equal(a->n_options, 2);
    assert_text(a->options[1].label[LANGUAGE_ZH], "很大");
}

static void caps_the_number(void **state) {
    struct ctx *c = entity_fixture(state);
    for (int i = 0; i < CUSTOM_FIELDS; i++) {
        DB_RUN(c,
               "INSERT INTO custom_field (id, created_at, updated_at, version, entity_name, name, "
               "label_zh, label_en, type) VALUES ($1, 1, 1, 1, 'deal', $2, 'a', 'a', 'text')",
               i + 1, str_format(c->arena, "x_f%d", i));
    }
    assert_null(custom(
        c, "{\"entity_name\":\"deal\",\"name\":\"a\",\"label_zh\":\"甲\",\"type\":\"text\"}"));
    assert_string_equal(entity_errors(c), "/entity_name custom.too_many\n");
}

static void a_record_type_of_ones_own(void **state) {
    struct ctx *c = entity_fixture(state);
    assert_non_null(
        entity_create(c, "custom_object",
                      "{\"name\":\"machine\",\"label_zh\":\"设备\",\"label_en\":\"Machine\"}"));
    next_unit(c);
    const struct entity *machine = model_plural(c->model, STR("x_machines"));
    assert_non_null(machine);
    assert_text(machine->label[LANGUAGE_ZH], "设备");
    assert_true(machine->flags & ENTITY_OWNED);
    assert_non_null(custom(c,
                           "{\"entity_name\":\"x_machine\",\"name\":\"deal\",\"label_zh\":\"交易\","
                           "\"type\":\"reference\",\"target\":\"deal\"}"));
    next_unit(c);
    int64_t deal = entity_new(c, "deal", "title", "a");
    struct record *r = entity_create(
        c, "x_machine",
        str_format(c->arena, "{\"name\":\"铣床\",\"x_deal\":\"%lld\"}", (long long)deal).p);
    assert_ok(c);
    next_unit(c);
    machine = entity_named(c, "x_machine");
    r = record_load(c, machine, r->id);
    assert_text(record_title(r), "铣床");
    assert_int_equal(record_id(r, "x_deal"), deal);
    assert_null(entity_create(c, "custom_object", "{\"name\":\"machine\",\"label_zh\":\"b\"}"));
    assert_string_equal(entity_errors(c), "/name custom.name_taken\n");

    struct list_page page = list_read(c, &(struct list_request){.entity = machine});
    assert_ok(c);
    assert_int_equal(page.n, 1);
}

static void a_rolled_back_field_was_never_there(void **state) {
    struct ctx *c = entity_fixture(state);
    const struct model *before = c->model;
    db_savepoint(c);
    assert_non_null(custom(
        c, "{\"entity_name\":\"deal\",\"name\":\"a\",\"label_zh\":\"甲\",\"type\":\"text\"}"));
    db_rollback_savepoint(c->db);
    next_unit(c);
    assert_ptr_equal(before, c->model);
    assert_non_null(custom(
        c, "{\"entity_name\":\"deal\",\"name\":\"a\",\"label_zh\":\"甲\",\"type\":\"date\"}"));
    next_unit(c);
    assert_int_equal(entity_field(entity_named(c, "deal"), STR("x_a"))->type, FIELD_DATE);
}

/* Rights resolved before the model moved say nothing of what is new. */
static void older_rights_do_not_reach_new_fields(void **state) {
    struct ctx *c = entity_fixture(state);
    struct actor *a = entity_actor(c, 5, 0, SCOPE_ALL);
    custom(c, "{\"entity_name\":\"deal\",\"name\":\"a\",\"label_zh\":\"甲\",\"type\":\"text\"}");
    next_unit(c);
    const struct entity *deal = entity_named(c, "deal");
    assert_int_equal(access_field(a, deal, entity_field(deal, STR("x_a"))), RIGHT_NONE);
    assert_int_equal(access_field(a, deal, entity_field(deal, STR("title"))), RIGHT_WRITE);
    a = entity_actor(c, 5, 0, SCOPE_ALL);
    assert_int_equal(access_field(a, deal, entity_field(deal, STR("x_a"))), RIGHT_WRITE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(a_field_becomes_a_column),
        ON_BOTH(refuses_bad_fields),
        ON_BOTH(names_and_types_stay),
        ON_BOTH(hides_and_brings_back),
        ON_BOTH(choices_in_use_stay),
        ON_BOTH(caps_the_number),
        ON_BOTH(a_record_type_of_ones_own),
        ON_BOTH(a_rolled_back_field_was_never_there),
        ON_BOTH(older_rights_do_not_reach_new_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
