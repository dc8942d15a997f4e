/* JSON in and out. */
#include "base_fixture.h"

#include <math.h>
#include <string.h>

#include "base/json.h"

static struct ctx context(void) {
    return (struct ctx){.arena = &test_arena};
}

static const struct json *parse(struct str text) {
    struct ctx c = context();
    const struct json *v = json_parse(&c, text);
    assert_int_equal(v == NULL, ctx_failed(&c));
    return v;
}

static void values_are_read(void **state) {
    (void)state;
    const struct json *v = parse(
        STR("{\"i\":-3,\"r\":1.5,\"t\":\"无锡\\n\",\"b\":true,\"n\":null,"
            "\"a\":[1,[2],{}],\"id\":\"123456789012345678\",\"z\":\"x1\"}"));
    assert_int_equal(v->n, 8);
    assert_int_equal(json_int(v, "i", 0), -3);
    assert_true(json_get(v, "r")->real > 1.49 && json_get(v, "r")->real < 1.51);
    assert_str(json_text(v, "t"), "无锡\n");
    assert_true(json_bool(v, "b", false));
    assert_true(json_is(json_get(v, "n"), JSON_IS_NULL));
    assert_int_equal(json_get(v, "a")->n, 3);
    assert_int_equal(json_get(v, "a")->items[1].items[0].integer, 2);
    assert_int_equal(json_id(v, "id"), INT64_C(123456789012345678));
    assert_int_equal(json_id(v, "z"), 0);
    assert_int_equal(json_id(v, "i"), 0);
    assert_int_equal(json_int(v, "absent", 9), 9);
    assert_int_equal(json_int(v, "r", 9), 9);
    assert_int_equal(json_text(v, "i").n, 0);
    assert_null(json_get(json_get(v, "a"), "x"));
    assert_null(json_get(NULL, "x"));
    assert_str(v->members[2].key, "t");
}

static void wrong_text_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",    "{",     "{\"a\":1,}", "[1,]", "{\"a\":1,\"a\":2}", "1 2", "nul",        "\"\xff\"",
        "'a'", "{a:1}", "[1] x",      "01",   "\"\\ud800\"",       "NaN", "[\"a\nb\"]",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct ctx c = context();
        assert_null(json_parse(&c, str_from(wrong[i])));
        assert_int_equal(c.error.code, ERROR_INVALID);
        assert_string_equal(c.error.text, "request.malformed");
    }
    assert_null(parse(str_from("{\"a\":1\n,\"b\":x}")));
}

static void depth_is_bounded(void **state) {
    (void)state;
    char text[2 * (JSON_DEPTH + 1)];
    size_t n = JSON_DEPTH;
    memset(text, '[', n);
    memset(text + n, ']', n);
    assert_non_null(parse((struct str){text, 2 * n}));
    n++;
    memset(text, '[', n);
    memset(text + n, ']', n);
    assert_null(parse((struct str){text, 2 * n}));
    assert_non_null(parse(STR("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"")));
}

static void writing(void **state) {
    (void)state;
    struct json_writer w = json_writer(&test_arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "text", json_put_c, "a\"\\\n\t\x01 é \xff 😀");
    JSON_MEMBER(&w, "int", json_put_int, INT64_MIN);
    JSON_MEMBER(&w, "id", json_put_id, INT64_C(1234567890123456789));
    JSON_MEMBER(&w, "none", json_put_id, 0);
    JSON_MEMBER(&w, "at", json_put_instant, 0);
    JSON_MEMBER(&w, "nan", json_put_real, NAN);
    json_key(&w, "list");
    json_begin_array(&w);
    json_put_bool(&w, true);
    json_put_null(&w);
    json_begin_object(&w);
    json_end_object(&w);
    json_put_raw(&w, STR("[1]"));
    json_end_array(&w);
    json_end_object(&w);
    assert_str(json_str(&w),
               "{\"text\":\"a\\\"\\\\\\n\\t\\u0001 é \xEF\xBF\xBD 😀\",\"int\":-9223372036854775808,"
               "\"id\":\"1234567890123456789\",\"none\":null,\"at\":\"1970-01-01T00:00:00.000Z\","
               "\"nan\":null,\"list\":[true,null,{},[1]]}");
    assert_non_null(parse(json_str(&w)));
}

/* Texts are looked through in steps of several bytes: every byte at every place of one. */
static void every_byte_is_written_at_every_place(void **state) {
    enum { LENGTH = 21 };
    (void)state;
    for (int ch = 1; ch < 0x80; ch++) {
        for (int at = 0; at < LENGTH; at++) {
            char text[LENGTH + 1] = "abc无锡efghijklmnop";
            text[at < 3 || at > 8 ? at : 9] = (char)ch;
            struct json_writer w = json_writer(&test_arena);
            json_put_c(&w, text);
            const struct json *v = parse(json_str(&w));
            assert_true(json_is(v, JSON_IS_TEXT));
            assert_str(v->text, text);
        }
    }
}

/* A reference that stood before is written again from the writer's own buffer. */
static void what_was_written_is_written_again(void **state) {
    (void)state;
    struct json_writer w = json_writer(&test_arena);
    json_begin_array(&w);
    json_put_c(&w, "twelve bytes");
    for (int i = 0; i < 1000; i++) {
        json_put_raw(&w, (struct str){w.out.p + 1, 14});
    }
    json_end_array(&w);
    const struct json *v = parse(json_str(&w));
    assert_int_equal(v->n, 1001);
    for (size_t i = 0; i < v->n; i++) {
        assert_str(v->items[i].text, "twelve bytes");
    }
}

static void a_tree_is_written_as_it_was_read(void **state) {
    (void)state;
    static const char text[] = "{\"a\":[1,-2,0.5,\"é\",true,false,null],\"b\":{\"c\":{}},\"d\":[]}";
    struct json_writer w = json_writer(&test_arena);
    json_put_json(&w, parse(str_from(text)));
    assert_str(json_str(&w), text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(values_are_read),
        TEST(wrong_text_is_refused),
        TEST(depth_is_bounded),
        TEST(writing),
        TEST(every_byte_is_written_at_every_place),
        TEST(what_was_written_is_written_again),
        TEST(a_tree_is_written_as_it_was_read),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
