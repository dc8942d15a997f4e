/* Global search: what is found by what, in which order, and by whom. */
#include "entity_fixture.h"

#include "entity/search.h"
#include "entity/search_index.h"

static const struct field_definition client_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_SEARCHED, "姓名", "Name"},
    {"company", FIELD_TEXT, FIELD_SUBTITLE | FIELD_SEARCHED, "公司", "Company"},
    {"phone", FIELD_PHONE, FIELD_PERSONAL | FIELD_SEARCHED, "手机", "Mobile"},
    {"email", FIELD_EMAIL, FIELD_PERSONAL | FIELD_SEARCHED, "邮箱", "E-mail"},
    {"note", FIELD_TEXT, 0, "备注", "Note"},
    {0}};

static const struct entity_definition client = {.name = "client",
                                                .plural = "clients",
                                                .zh = "客户",
                                                .en = "Client",
                                                .flags = ENTITY_OWNED | ENTITY_SEARCHED,
                                                .fields = client_fields};
static const struct entity_definition *const client_definitions[] = {&client, NULL};
static const struct reactor *const reactors[] = {&search_reactor, NULL};

static int64_t named[8];

/* Take in what happened: the index is written at the commit. */
static void settle(struct ctx *c) {
    entity_commit(c);
    reactor_drain(c, reactors);
    entity_commit(c);
}

static int64_t make(struct ctx *c, const char *text) {
    struct record *r = entity_create(c, "client", text);
    assert_ok(c);
    return r->id;
}

static struct ctx *begin(void **state) {
    model_register(client_definitions, "platform");
    struct ctx *c = entity_fixture(state);
    const struct migration *const lists[] = {event_module.migrations, entity_module.migrations,
                                             search_module.migrations};
    db_rollback(c->db);
    migration_apply(c, lists, 3);
    db_begin(c);
    reactor_register(c, reactors);
    const char *const texts[] = {
        ("{\"name\":\"孙立民\",\"company\":\"无锡天工智能装备股份有限公司\","
         "\"phone\":\"13812342647\",\"email\":\"sunlm@tiangong.cn\"}"),
        "{\"name\":\"陈思远\",\"company\":\"天工开物（上海）科技有限公司\",\"phone\":\"13912340000\"}",
        "{\"name\":\"天工\",\"company\":\"Acme GTX500 Ltd\"}",
        "{\"name\":\"天工开物\",\"note\":\"秘密备注\"}",
        "{\"name\":\"Alice Sun\",\"company\":\"Sunrise\",\"phone\":\"0510-82712345\"}",
        "{\"name\":\"单雄信\"}",
    };
    for (int i = 0; i < 6; i++) {
        named[i] = make(c, texts[i]);
        c->now_ms += 1000;
    }
    settle(c);
    return c;
}

/* The hits as letters of the records in order: "ab". */
static const char *found(struct ctx *c, const char *words) {
    struct search_hit *hits;
    size_t n = search_run(c, str_from(words), NULL, 10, &hits);
    struct text_buffer b = {.arena = c->arena};
    assert_ok(c);
    for (size_t i = 0; i < n; i++) {
        int k = 0;
        while (k < 7 && named[k] != hits[i].id) {
            k++;
        }
        text_add_char(&b, (char)('a' + k));
    }
    return str_to_c(c->arena, text_str(&b));
}

static void finds(void **state) {
    struct ctx *c = begin(state);
    assert_string_equal(found(c, "孙立民"), "a");
    assert_string_equal(found(c, "立民"), "a");
    assert_string_equal(found(c, "孙"), "a");
    assert_string_equal(found(c, "智能装备"), "a");
    assert_string_equal(found(c, "能智"), "");
    assert_string_equal(found(c, "无锡 孙"), "a");
    assert_string_equal(found(c, "无锡 陈"), "");
    assert_string_equal(found(c, "2647"), "a");
    assert_string_equal(found(c, "1234"), "eba");
    assert_string_equal(found(c, "138 1234 2647"), "a");
    assert_string_equal(found(c, "138-1234-2647"), "a");
    assert_string_equal(found(c, "+8613812342647"), "a");
    assert_string_equal(found(c, "+86 138 1234"), "a");
    assert_string_equal(found(c, "8271"), "e");
    assert_string_equal(found(c, "264"), "");
    assert_string_equal(found(c, "sunlimin"), "a");
    assert_string_equal(found(c, "slm"), "a");
    assert_string_equal(found(c, "sun"), "ea");
    assert_string_equal(found(c, "shanxiongxin"), "f");
    assert_string_equal(found(c, "gtx500"), "c");
    assert_string_equal(found(c, "GTX"), "c");
    assert_string_equal(found(c, "tiangong.cn"), "a");
    assert_string_equal(found(c, "秘密备注"), "");
    assert_string_equal(found(c, ""), "");
    assert_string_equal(found(c, " ，。"), "");
    assert_string_equal(found(c, "%"), "");
}

/* Exact title, title that begins so, more fields, newer. */
static void ranks(void **state) {
    struct ctx *c = begin(state);
    assert_string_equal(found(c, "天工"), "cdba");
    assert_string_equal(found(c, "天工开物"), "db");
    struct search_hit *hits;
    assert_int_equal(search_run(c, STR("天工"), entity_named(c, "client"), 2, &hits), 2);
    assert_text(hits[0].title, "天工");
    assert_text(hits[0].subtitle, "Acme GTX500 Ltd");
    assert_text(hits[0].matched->name, "name");
    assert_int_equal(search_run(c, STR("2647"), NULL, 5, &hits), 1);
    assert_text(hits[0].matched->name, "phone");
    assert_int_equal(search_run(c, STR("天工"), entity_named(c, "firm"), 2, &hits), 0);
}

static void change(struct ctx *c, int64_t id, const char *text) {
    entity_update(c, record_load(c, entity_named(c, "client"), id), text);
    assert_ok(c);
}

static void follows_changes(void **state) {
    struct ctx *c = begin(state);
    const struct entity *e = entity_named(c, "client");
    int64_t terms = DB_INT(c, "SELECT COUNT(*) FROM search_term");
    change(c, named[0], "{\"name\":\"王小明\",\"phone\":null}");
    settle(c);
    assert_string_equal(found(c, "孙立民"), "");
    assert_string_equal(found(c, "2647"), "");
    assert_string_equal(found(c, "wxm"), "a");
    assert_string_equal(found(c, "智能装备"), "a");
    change(c, named[0], "{\"name\":\"孙立民\",\"phone\":\"13812342647\",\"note\":\"x\"}");
    change(c, named[0], "{\"note\":\"y\"}");
    settle(c);
    assert_int_equal(DB_INT(c, "SELECT COUNT(*) FROM search_term"), terms);
    record_trash(c, e, named[0], 0);
    settle(c);
    assert_string_equal(found(c, "孙立民"), "");
    record_restore(c, e, named[0]);
    settle(c);
    assert_string_equal(found(c, "孙立民"), "a");
    assert_int_equal(DB_INT(c, "SELECT COUNT(*) FROM search_term"), terms);
}

static void rebuilds_the_same(void **state) {
    struct ctx *c = begin(state);
    static const char sum[] = "SELECT CAST(SUM(field_code % 1000 * (record_id % 1000)) AS BIGINT) "
                              "+ COUNT(*) FROM search_term";
    int64_t before = db_int_values(c, sum, NULL, 0);
    assert_int_equal(search_rebuild(c), 6);
    assert_int_equal(search_rebuild(c), 0);
    assert_true(db_int_values(c, sum, NULL, 0) == before);
    DB_RUN(c, "UPDATE search_state SET version = 0");
    DB_RUN(c, "DELETE FROM search_term");
    assert_int_equal(search_rebuild(c), 6);
    assert_true(db_int_values(c, sum, NULL, 0) == before);
    reactor_replay(c, &search_reactor);
    entity_commit(c);
    assert_true(db_int_values(c, sum, NULL, 0) == before);
}

static void asks_rights(void **state) {
    struct ctx *c = begin(state);
    const struct entity *e = entity_named(c, "client");
    int64_t rep = entity_new(c, "user", "name", "rep");
    for (int i = 0; i < 3; i++) {
        struct change_set set = change_new(c, e);
        change_id(&set, "owner_id", rep);
        record_change(c, named[i], &set);
    }
    assert_ok(c);
    struct actor *a = entity_actor(c, rep, 0, SCOPE_OWN);
    c->actor = a;
    assert_string_equal(found(c, "天工"), "cba");
    assert_string_equal(found(c, "2647"), "a");
    unsigned char *fields = (unsigned char *)entity_rights_of(a, e)->fields;
    fields[field_position(e, "phone")] = RIGHT_MASKED;
    fields[field_position(e, "email")] = RIGHT_NONE;
    assert_string_equal(found(c, "2647"), "");
    assert_string_equal(found(c, "13812342647"), "");
    assert_string_equal(found(c, "孙立民 2647"), "");
    assert_string_equal(found(c, "sunlm"), "");
    assert_string_equal(found(c, "孙立民"), "a");
    entity_rights_of(a, e)->scope[ACTION_READ] = SCOPE_NONE;
    assert_string_equal(found(c, "孙立民"), "");
}

/* A term that many have: those of the actor are found, however rare among them, and the exact
 * title, however old. */
static void common_terms(void **state) {
    struct ctx *c = begin(state);
    const struct entity *e = entity_named(c, "client");
    int64_t rep = entity_new(c, "user", "name", "rep");
    for (int i = 0; i < 700; i++) {
        struct change_set set = change_new(c, e);
        change_text(&set, "name", str_format(c->arena, "天工%d号", i));
        record_insert(c, &set);
    }
    struct change_set set = change_new(c, e);
    change_id(&set, "owner_id", rep);
    record_change(c, named[1], &set);
    settle(c);
    struct search_hit *hits;
    assert_int_equal(search_run(c, STR("天工"), NULL, 20, &hits), 20);
    assert_true(hits[0].id == named[2]);
    c->actor = entity_actor(c, rep, 0, SCOPE_OWN);
    assert_string_equal(found(c, "天工"), "b");
    assert_string_equal(found(c, "天"), "b");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(finds),           ON_BOTH(ranks),
        ON_BOTH(follows_changes), ON_BOTH(rebuilds_the_same),
        ON_BOTH(asks_rights),     ON_BOTH(common_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
