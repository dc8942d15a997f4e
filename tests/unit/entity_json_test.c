/* Records and their history as an actor may read them. */
#include "entity_fixture.h"

static const char deal_text[] =
    "{\"title\":\"贯通\",\"amount\":{\"amount\":\"12.30\",\"currency\":\"CNY\"},\"chance\":\"0.5\","
    "\"phone\":\"13912342647\",\"email\":\"sunlimin@qq.com\",\"region\":\"无锡\",\"seats\":3}";

static struct str shown(struct ctx *c, const struct record *r, bool refs) {
    struct json_writer w = json_writer(c->arena);
    record_json(c, &w, r, &(struct record_choice){.refs = refs});
    assert_ok(c);
    return json_str(&w);
}

static const struct json *parsed(struct ctx *c, struct str text) {
    const struct json *v = json_parse(c, text);
    assert_ok(c);
    return v;
}

static void set_right(const struct actor *a, const struct entity *e, const char *field,
                      enum field_right right) {
    unsigned char *fields = (unsigned char *)entity_rights_of(a, e)->fields;
    fields[field_position(e, field)] = (unsigned char)right;
}

static void shows_values_in_the_forms_of_the_api(void **state) {
    struct ctx *c = entity_fixture(state);
    struct record *r = entity_create(c, "deal", deal_text);
    const struct json *o = parsed(c, shown(c, r, false));
    assert_text(json_text(o, "id"), str_format(c->arena, "%lld", (long long)r->id).p);
    assert_int_equal(json_int(o, "version", 0), 1);
    assert_text(json_text(o, "created_at"), "2026-09-21T14:13:20.000Z");
    assert_text(json_text(json_get(o, "amount"), "amount"), "12.30");
    assert_text(json_text(json_get(o, "amount"), "currency"), "CNY");
    assert_text(json_text(o, "chance"), "0.5");
    assert_text(json_text(o, "phone"), "13912342647");
    assert_text(json_text(o, "stage"), "new");
    assert_int_equal(json_int(o, "seats", 0), 3);
    assert_int_equal(json_get(o, "hot")->kind, JSON_IS_BOOL);
    assert_int_equal(json_get(o, "firm_id")->kind, JSON_IS_NULL);
    assert_null(json_get(o, "deleted_at"));
    assert_null(json_get(o, "_masked"));
    assert_null(json_get(o, "_refs"));
    assert_true(json_bool(json_get(o, "_rights"), "update", false));
}

static void masks_and_leaves_out(void **state) {
    struct ctx *c = entity_fixture(state);
    struct record *r = entity_create(c, "deal", deal_text);
    struct actor *a = entity_actor(c, 7, 0, SCOPE_ALL);
    set_right(a, r->entity, "phone", RIGHT_MASKED);
    set_right(a, r->entity, "email", RIGHT_MASKED);
    set_right(a, r->entity, "title", RIGHT_MASKED);
    set_right(a, r->entity, "seats", RIGHT_MASKED);
    set_right(a, r->entity, "site", RIGHT_MASKED);
    set_right(a, r->entity, "amount", RIGHT_NONE);
    entity_rights_of(a, r->entity)->scope[ACTION_DELETE] = SCOPE_NONE;
    c->actor = a;
    struct str text = shown(c, r, false);
    const struct json *o = parsed(c, text);
    assert_text(json_text(o, "phone"), "139****2647");
    assert_text(json_text(o, "email"), "s****n@qq.com");
    assert_text(json_text(o, "title"), "贯***");
    assert_int_equal(json_get(o, "seats")->kind, JSON_IS_NULL);
    assert_null(json_get(o, "amount"));
    const struct json *masked = json_get(o, "_masked");
    assert_int_equal(masked->n, 4); /* an empty site is not masked */
    assert_text(masked->items[0].text, "title");
    assert_text(masked->items[1].text, "seats");
    assert_false(json_bool(json_get(o, "_rights"), "delete", true));
    assert_int_equal(str_find(text, STR("sunlimin")), -1);
}

static void hidden_fields_never_leave(void **state) {
    struct ctx *c = entity_fixture(state);
    struct change_set set = change_new(c, entity_named(c, "firm"));
    change_text(&set, "name", STR("甲"));
    change_text(&set, "secret", STR("hush"));
    struct record *r = record_insert(c, &set);
    assert_int_equal(str_find(shown(c, r, true), STR("hush")), -1);
}

static void titles_of_references_it_may_see(void **state) {
    struct ctx *c = entity_fixture(state);
    int64_t owner = entity_new(c, "user", "name", "陈思远");
    int64_t firm = entity_new(c, "firm", "name", "华岳");
    struct change_set set = entity_input(c, "deal", deal_text);
    change_id(&set, "owner_id", owner);
    change_id(&set, "firm_id", firm);
    struct record *r = record_insert(c, &set);
    const struct json *refs = json_get(parsed(c, shown(c, r, true)), "_refs");
    assert_text(json_text(json_get(refs, "owner_id"), "title"), "陈思远");
    assert_text(json_text(json_get(refs, "owner_id"), "entity"), "user");
    assert_int_equal(json_id(json_get(refs, "firm_id"), "id"), firm);

    struct change_set remark = change_new(c, entity_named(c, "remark"));
    change_text(&remark, "text", STR("好"));
    change_text(&remark, "subject_type", STR("firm"));
    change_id(&remark, "subject_id", firm);
    struct record *said = record_insert(c, &remark);
    refs = json_get(parsed(c, shown(c, said, true)), "_refs");
    assert_text(json_text(json_get(refs, "subject_id"), "title"), "华岳");

    struct actor *a = entity_actor(c, owner, 0, SCOPE_OWN);
    entity_rights_of(a, entity_named(c, "user"))->scope[ACTION_READ] = SCOPE_ALL;
    c->actor = a;
    struct record *both[] = {r, said};
    struct json_writer w = json_writer(c->arena);
    records_json(c, &w, both, 2, &record_with_titles);
    const struct json *list = parsed(c, json_str(&w));
    assert_int_equal(list->n, 2);
    assert_non_null(json_get(json_get(&list->items[0], "_refs"), "owner_id"));
    assert_null(json_get(json_get(&list->items[0], "_refs"), "firm_id"));
    assert_null(json_get(json_get(&list->items[1], "_refs"), "subject_id"));
    assert_null(json_get(&list->items[0], "_rights"));
}

static const struct json *history(struct ctx *c, const struct record *r, struct str cursor) {
    struct json_writer w = json_writer(c->arena);
    record_history_json(c, &w, r->entity, r->id, cursor);
    assert_ok(c);
    return parsed(c, json_str(&w));
}

static void tells_the_history(void **state) {
    struct ctx *c = entity_fixture(state);
    int64_t author = entity_new(c, "user", "name", "李婷");
    int64_t firm = entity_new(c, "firm", "name", "华岳");
    struct actor *a = entity_actor(c, author, 0, SCOPE_ALL);
    c->actor = a;
    struct record *r = entity_create(c, "deal", deal_text);
    struct change_set set = entity_input(c, "deal", "{\"phone\":\"13987654321\",\"seats\":4}");
    change_id(&set, "firm_id", firm);
    record_update(c, r->id, &set, 1);
    audit_note(c, r->entity, r->id, "revealed", STR("客户来电"));
    entity_commit(c);

    set_right(a, r->entity, "phone", RIGHT_MASKED);
    set_right(a, r->entity, "seats", RIGHT_NONE);
    const struct json *h = history(c, r, STR(""));
    const struct json *data = json_get(h, "data");
    assert_int_equal(data->n, 3);
    assert_text(json_text(&data->items[0], "action"), "revealed");
    assert_text(json_text(&data->items[0], "reason"), "客户来电");
    assert_text(json_text(&data->items[1], "action"), "updated");
    assert_text(json_text(json_get(&data->items[1], "actor"), "title"), "李婷");
    assert_true(json_id(&data->items[1], "event_id") > 0);
    const struct json *changes = json_get(&data->items[1], "changes");
    assert_int_equal(changes->n, 2);
    assert_text(json_text(&changes->items[0], "field"), "firm_id");
    assert_text(json_text(&changes->items[0], "new_title"), "华岳");
    assert_int_equal(json_id(&changes->items[0], "new"), firm);
    assert_text(json_text(&changes->items[1], "field"), "phone");
    assert_text(json_text(&changes->items[1], "old"), "139****2647");
    assert_text(json_text(&changes->items[1], "new"), "139****4321");
    assert_int_equal(json_get(h, "next")->kind, JSON_IS_NULL);
}

static void history_pages_and_asks_rights(void **state) {
    struct ctx *c = entity_fixture(state);
    struct record *r = entity_create(c, "deal", "{\"title\":\"a\"}");
    for (int i = 1; i <= 60; i++) {
        struct change_set set = change_new(c, r->entity);
        change_int(&set, "seats", i);
        assert_non_null(record_change(c, r->id, &set));
    }
    entity_commit(c);
    const struct json *first = history(c, r, STR(""));
    assert_int_equal(json_get(first, "data")->n, 50);
    const struct json *second = history(c, r, json_text(first, "next"));
    assert_int_equal(json_get(second, "data")->n, 11);
    assert_text(json_text(&json_get(second, "data")->items[10], "action"), "created");

    c->actor = entity_actor(c, 5, 0, SCOPE_OWN);
    struct json_writer w = json_writer(c->arena);
    record_history_json(c, &w, r->entity, r->id, STR(""));
    assert_error(c, ERROR_ABSENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(shows_values_in_the_forms_of_the_api),
        ON_BOTH(masks_and_leaves_out),
        ON_BOTH(hidden_fields_never_leave),
        ON_BOTH(titles_of_references_it_may_see),
        ON_BOTH(tells_the_history),
        ON_BOTH(history_pages_and_asks_rights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
