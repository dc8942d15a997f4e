/*
 * The dirty list of leads, as CSV and as XLSX, against its truth: every row's fate, and phone,
 * mail, region and date of the rows that are kept.
 */
#include "base_fixture.h"

#include <stdio.h>

#include "base/company.h"
#include "base/date_loose.h"
#include "base/email.h"
#include "base/phone.h"
#include "base/region.h"
#include "data/csv.h"

#define FOLDER "tests/data/leads_zh/"

enum { NAME, PHONE, EMAIL, COMPANY, REGION = 6, CREATED = 10, LINES = 5100 };

struct truth {
    struct str fate, phone, email, region, created;
};

static struct truth truths[LINES];

static struct ctx context(void) {
    return (struct ctx){.arena = &test_arena};
}

static size_t truth_read(void) {
    struct ctx c = context();
    struct csv_reader *r = csv_open(&c, FOLDER "leads_truth.csv", NULL);
    struct table_row row;
    size_t n = 0;
    while (csv_next(&c, r, &row)) {
        int64_t line;
        if (str_to_int(table_cell(&row, 0), &line)) {
            assert_in_range(line, 2, LINES - 1);
            truths[line] = (struct truth){str_copy(&test_arena, table_cell(&row, 1)),
                                          str_copy(&test_arena, table_cell(&row, 3)),
                                          str_copy(&test_arena, table_cell(&row, 4)),
                                          str_copy(&test_arena, table_cell(&row, 5)),
                                          str_copy(&test_arena, table_cell(&row, 6))};
            n++;
        }
    }
    assert_false(ctx_failed(&c));
    csv_close(r);
    return n;
}

struct tally {
    int keep, refuse, skip, wrong_fate, wrong_phone, wrong_email, wrong_region, wrong_created;
};

static bool date_is(struct str text, struct str expected) {
    struct date d;
    char written[DATE_TEXT] = "";
    if (date_parse_loose(text, &d, NULL)) {
        date_format(d, written);
    }
    return str_is(expected, written);
}

static void row_check(const struct table_row *row, struct str first_header, struct tally *t) {
    const struct truth *truth = &truths[row->line];
    struct phone phone;
    struct region region;
    phone_parse(table_cell(row, PHONE), &phone);
    struct email email = email_parse(&test_arena, table_cell(row, EMAIL));
    region_parse(table_cell(row, REGION), &region);
    bool total = row->n < 3 || str_starts(table_cell(row, NAME), STR("合计"));
    bool skip = row->n == 0 || total || str_equal(table_cell(row, NAME), first_header);
    bool reachable = phone.kind == PHONE_MOBILE || email.address.n;
    bool refuse = name_is_placeholder(table_cell(row, NAME)) || !reachable;
    const char *fate = skip ? "skip" : refuse ? "refuse" : "keep";
    t->wrong_fate += !str_is(truth->fate, fate);
    t->skip += skip;
    t->refuse += !skip && refuse;
    if (!skip && !refuse) {
        t->keep++;
        t->wrong_phone += !str_is(truth->phone, phone.digits);
        t->wrong_email += !str_equal(truth->email, email.address);
        t->wrong_region += !str_equal(truth->region, region_name(&test_arena, &region));
        t->wrong_created += !date_is(table_cell(row, CREATED), truth->created);
    }
}

static void file_check(const char *path, enum table_trust trust, const char *charset) {
    struct ctx c = context();
    assert_int_equal(truth_read(), 5001);
    struct tally t = {0};
    struct table_reader *r = table_open(&c, path, STR(""), NULL, trust);
    assert_non_null(r);
    assert_string_equal(table_charset(r), charset);
    struct table_row row;
    assert_true(table_next(&c, r, &row));
    assert_int_equal(row.n, 12);
    struct str header = str_copy(&test_arena, row.cells[0]);
    assert_str(header, "姓名");
    int64_t last = 1;
    while (table_next(&c, r, &row)) {
        t.skip += (int)(row.line - last - 1); /* rows the file leaves out are blank */
        last = row.line;
        row_check(&row, header, &t);
    }
    assert_false(ctx_failed(&c));
    assert_int_equal(table_position(r), table_size(r));
    table_close(r);
    assert_int_equal(last, 5002);
    assert_int_equal(t.keep, 4620);
    assert_int_equal(t.refuse, 286);
    assert_int_equal(t.skip, 95);
    assert_int_equal(t.wrong_fate, 0);
    assert_int_equal(t.wrong_phone, 0);
    assert_int_equal(t.wrong_email, 0);
    assert_int_equal(t.wrong_region, 0);
    assert_int_equal(t.wrong_created, 0);
}

static void the_csv_file(void **state) {
    (void)state;
    file_check(FOLDER "leads_gb18030.csv", TABLE_UNTRUSTED, "GB18030");
}

static void the_workbook(void **state) {
    (void)state;
    file_check(FOLDER "leads.xlsx", TABLE_TRUSTED, "UTF-8");
}

static void the_workbook_in_a_child(void **state) {
    (void)state;
    file_check(FOLDER "leads.xlsx", TABLE_UNTRUSTED, "UTF-8");
}

/* Cell by cell the two files say the same, but for what a spreadsheet makes of numbers and
 * dates. */
static void both_files_hold_the_same(void **state) {
    (void)state;
    struct ctx c = context();
    struct table_reader *csv = table_open(&c, FOLDER "leads_gb18030.csv", STR(""), NULL,
                                          TABLE_UNTRUSTED);
    struct table_reader *xlsx = table_open(&c, FOLDER "leads.xlsx", STR(""), NULL, TABLE_UNTRUSTED);
    assert_non_null(csv);
    assert_non_null(xlsx);
    struct table_row a, b;
    int rows = 0;
    while (table_next(&c, xlsx, &b)) {
        do {
            assert_true(table_next(&c, csv, &a));
        } while (a.line < b.line);
        assert_int_equal(a.line, b.line);
        for (size_t i = 0; i < 12; i++) {
            if (i != CREATED) {
                assert_str(table_cell(&b, i), str_to_c(&test_arena, table_cell(&a, i)));
            }
        }
        rows++;
    }
    assert_false(ctx_failed(&c));
    assert_true(rows > 4900);
    table_close(csv);
    table_close(xlsx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_csv_file),
        TEST(the_workbook),
        TEST(the_workbook_in_a_child),
        TEST(both_files_hold_the_same),
    };
    return cmocka_run_group_tests_name("leads_zh", tests, NULL, NULL);
}
