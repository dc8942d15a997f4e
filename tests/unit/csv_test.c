/* CSV in and out. */
#include "base_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/csv.h"
#include "data/texts.h"

static struct ctx context(void) {
    return (struct ctx){.arena = &test_arena};
}

/* An open file with these bytes and no name. */
static int file_of(struct str bytes) {
    char path[] = "/tmp/guantong-csv-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    unlink(path);
    assert_int_equal(write(file, bytes.p, bytes.n), bytes.n);
    return file;
}

/* All rows as "line:cell|cell/line:…". */
static struct str rows_of(struct ctx *c, struct str bytes, const struct table_limits *limits) {
    struct text_buffer out = {.arena = &test_arena};
    struct csv_reader *r = csv_open_file(c, file_of(bytes), limits);
    struct table_row row;
    while (r && csv_next(c, r, &row)) {
        text_add_format(&out, "%s%lld:", out.n ? "/" : "", (long long)row.line);
        for (size_t i = 0; i < row.n; i++) {
            text_add_c(&out, i ? "|" : "");
            text_add(&out, row.cells[i]);
        }
    }
    csv_close(r);
    return text_str(&out);
}

static void rows_are_read(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {"a", "1:a"},
        {"a,b\r\n1,2\r\n", "1:a|b/2:1|2"},
        {"a,b\n1,2", "1:a|b/2:1|2"},
        {"a,b\r1,2\r", "1:a|b/2:1|2"},
        {"a,b\n\n,,\n1,2\n", "1:a|b/2:/3:/4:1|2"},
        {"a,\"b\r\nc\",d\n", "1:a|b\r\nc|d"},
        {"\"a\"\"b\",\"\",c\n", "1:a\"b||c"},
        {"\"a\" ,x\"y,\"q\"z\n", "1:a |x\"y|qz"},
        {"a,b,,\n", "1:a|b"},
        {"\"\"\n", "1:"},
        {"a;b;c\n1;2;\"3,4\"\n", "1:a|b|c/2:1|2|3,4"},
        {"a\tb\n1,5\t2,5\n", "1:a|b/2:1,5|2,5"},
        {"sep=;\r\na,1;b\r\n", "2:a,1|b"},
        {"sep=\xF4;\r\na;b\r\n", "1:sep=\xEF\xBF\xBD/2:a|b"},
        {"sep=\"\na,b\n", "1:sep=\"/2:a|b"},
        {"\xEF\xBB\xBF无锡,b\n", "1:无锡|b"},
        {"\xCE\xDE\xCE\xFD,b\n\xCE\xDE\xCE\xFD,c\n", "1:无锡|b/2:无锡|c"},
        {"title\na;b\n1;2\n3;4\n", "1:title/2:a|b/3:1|2/4:3|4"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ctx c = context();
        assert_str(rows_of(&c, str_from(cases[i][0]), NULL), cases[i][1]);
        assert_false(ctx_failed(&c));
    }
    struct ctx c = context();
    assert_str(rows_of(&c, STR("\xFF\xFE\x61\0,\0\xE0\x65\n\0"), NULL), "1:a|无");
    assert_str(rows_of(&c, STR("a\0b,c\n"), NULL), "1:ab|c");
}

static void bounds_are_kept(void **state) {
    (void)state;
    struct table_limits limits = table_limits_default;
    limits.columns = 3;
    limits.rows = 2;
    limits.cell_bytes = 4;
    limits.bytes = 100;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"a,b,c\n1,2,3\n", NULL},
        {"abcd\n", NULL},
        {"abcde\n", "table.cell_too_long"},
        {"\"ab\ncde\"\n", "table.cell_too_long"},
        {"a,b,c,d\n", "table.too_many_columns"},
        {"a\nb\nc\n", "table.too_many_rows"},
        {"a\n\"b\nc\n", "table.quote_open"},
        {"0123456789\n0123456789\n0123456789\n0123456789\n0123456789\n0123456789\n0123456789\n"
         "0123456789\n0123456789\n0123456789\n",
         "table.too_large"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ctx c = context();
        rows_of(&c, str_from(cases[i].text), &limits);
        assert_int_equal(ctx_failed(&c), cases[i].error != NULL);
        if (cases[i].error) {
            assert_string_equal(c.error.text, cases[i].error);
        }
    }
    struct ctx c = context();
    assert_null(csv_open(&c, "/nowhere/at/all.csv", NULL));
    assert_string_equal(c.error.text, "table.unreadable");
}

/* Rows, quoted cells and characters that lie across the chunks the file is read in. */
static void chunks_do_not_show(void **state) {
    (void)state;
    struct text_buffer b = {.arena = &test_arena};
    enum { ROWS = 9000 };
    for (int i = 0; i < ROWS; i++) {
        text_add_format(&b, "%d,\"无锡\r\n\"\"%d\"\"\",江苏%.*s\r\n", i, i, i % 40,
                        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    }
    struct ctx c = context();
    struct csv_reader *r = csv_open_file(&c, file_of(text_str(&b)), NULL);
    assert_string_equal(csv_charset(r), "UTF-8");
    struct table_row row;
    int i = 0;
    for (; csv_next(&c, r, &row); i++) {
        assert_int_equal(row.n, 3);
        assert_int_equal(row.line, i + 1);
        assert_str(row.cells[0], str_to_c(&test_arena, str_format(&test_arena, "%d", i)));
        assert_str(row.cells[1],
                   str_to_c(&test_arena, str_format(&test_arena, "无锡\r\n\"%d\"", i)));
        assert_int_equal(row.cells[2].n, 6 + i % 40);
    }
    assert_int_equal(i, ROWS);
    assert_int_equal(csv_position(r), csv_size(r));
    csv_close(r);
}

static void what_is_written_is_read_back(void **state) {
    (void)state;
    struct str cells[] = {STR("a,b"), STR("say \"hi\""), STR(" x "), STR("line\r\nbreak"),
                          STR(""),    STR("=1+1"),       STR(";"),   STR("z")};
    struct text_buffer out = {.arena = &test_arena};
    csv_add_row_exact(&out, cells, 8);
    struct ctx c = context();
    struct csv_reader *r = csv_open_file(&c, file_of(text_str(&out)), NULL);
    struct table_row row;
    assert_true(csv_next(&c, r, &row));
    assert_int_equal(row.n, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_true(str_equal(row.cells[i], cells[i]));
    }
    assert_false(csv_next(&c, r, &row));
    csv_close(r);
}

static void formulas_are_disarmed(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"=1+1", "'=1+1"},
        {"@SUM(A1)", "'@SUM(A1)"},
        {"+86优先微信", "'+86优先微信"},
        {"-2+3", "'-2+3"},
        {"＝cmd", "'＝cmd"},
        {"=", "="},
        {"-", "-"},
        {"-12.5", "-12.5"},
        {"+8613800132647", "+8613800132647"},
        {"a=1", "a=1"},
        {"-1.2.3", "'-1.2.3"},
        {"=\"x\"", "\"'=\"\"x\"\"\""},
        {"\tcmd", "\"'\tcmd\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text_buffer out = {.arena = &test_arena};
        struct str cell = str_from(cases[i][0]);
        csv_add_row(&out, &cell, 1);
        struct str line = text_str(&out);
        assert_true(str_ends(line, STR("\r\n")));
        assert_str(str_slice(line, 0, line.n - 2), cases[i][1]);
    }
}

static void every_failure_has_words(void **state) {
    (void)state;
    message_register(data_texts);
    for (const struct text *t = data_texts; t->code; t++) {
        assert_true(str_starts(str_from(t->code), STR("table.")));
        assert_true(*t->zh && *t->en);
        assert_string_equal(message_words(LANGUAGE_EN, t->code).p, t->en);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(rows_are_read),         TEST(bounds_are_kept),
        TEST(chunks_do_not_show),    TEST(what_is_written_is_read_back),
        TEST(formulas_are_disarmed), TEST(every_failure_has_words),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
