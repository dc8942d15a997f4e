/* XLSX in and out: made by our writer, made by hand, and made to do harm. */
#include "base_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "data/table_reader.h"
#include "data/table_writer.h"
#include "data/xlsx.h"
#include "data/xlsx_package.h"

static char path[] = "/tmp/guantong-xlsx-XXXXXX";

static struct ctx context(void) {
    return (struct ctx){.arena = &test_arena};
}

struct part {
    const char *name;
    struct str content;
};

#define RELATIONS(text)                                                                           \
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">" text \
    "</Relationships>"
#define RELATION(id, type, target)                 \
    "<Relationship Id=\"" id "\" Target=\"" target \
    "\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/" type "\"/>"

static const struct part root = {
    "_rels/.rels", STR(RELATIONS(RELATION("rId1", "officeDocument", "xl/workbook.xml")))};
static const struct part links = {
    "xl/_rels/workbook.xml.rels",
    STR(RELATIONS(RELATION("rId1", "worksheet", "worksheets/sheet1.xml")
                      RELATION("rId2", "worksheet", "/xl/worksheets/sheet2.xml")
                          RELATION("rId3", "sharedStrings", "sharedStrings.xml")
                              RELATION("rId4", "styles", "styles.xml")))};
static const struct part workbook = {
    "xl/workbook.xml",
    STR("<workbook xmlns:r=\"x\"><workbookPr/><sheets><sheet name=\"隐藏\" sheetId=\"1\" "
        "state=\"hidden\" r:id=\"rId2\"/><sheet name=\"线索\" sheetId=\"2\" r:id=\"rId1\"/>"
        "</sheets></workbook>")};
static const struct part second = {
    "xl/worksheets/sheet2.xml",
    STR("<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>secret</t></is></c></row>"
        "</sheetData></worksheet>")};
static const struct part strings = {
    "xl/sharedStrings.xml",
    STR("<sst><si><t>plain</t></si><si><r><t>rich </t></r><r><t xml:space=\"preserve\">text</t></r>"
        "<rPh><t>phonetic</t></rPh></si><si><t>a_x000D_&#10;b_x0041_ _xyz_</t></si><si/></sst>")};
static const struct part styles = {
    "xl/styles.xml",
    STR("<styleSheet><numFmts><numFmt numFmtId=\"164\" "
        "formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;\"/>"
        "<numFmt numFmtId=\"165\" formatCode=\"0.00&quot;days&quot;\"/></numFmts>"
        "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/>"
        "<xf numFmtId=\"14\"/><xf numFmtId=\"22\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/>"
        "<xf numFmtId=\"20\"/></cellXfs></styleSheet>")};

static void package_make(const struct part *const *parts, size_t n) {
    int error;
    unlink(path);
    zip_t *archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &error);
    assert_non_null(archive);
    for (size_t i = 0; i < n; i++) {
        zip_source_t *source = zip_source_buffer(archive, parts[i]->content.p, parts[i]->content.n,
                                                 0);
        assert_true(zip_file_add(archive, parts[i]->name, source, ZIP_FL_ENC_UTF_8) >= 0);
    }
    assert_int_equal(zip_close(archive), 0);
}

/* A workbook with this first sheet. */
static void sheet_make(const char *rows) {
    struct part sheet = {"xl/worksheets/sheet1.xml", str_from(rows)};
    const struct part *parts[] = {&root, &links, &workbook, &second, &strings, &styles, &sheet};
    package_make(parts, 7);
}

/* All rows as "line:cell|cell/line:…". */
static const char *rows_of(struct ctx *c, const char *sheet, enum table_trust trust) {
    struct text_buffer out = {.arena = &test_arena};
    struct table_reader *r = table_open(c, path, str_from(sheet), NULL, trust);
    struct table_row row;
    while (r && table_next(c, r, &row)) {
        text_add_format(&out, "%s%lld:", out.n ? "/" : "", (long long)row.line);
        for (size_t i = 0; i < row.n; i++) {
            text_add_c(&out, i ? "|" : "");
            text_add(&out, row.cells[i]);
        }
    }
    table_close(r);
    return str_to_c(&test_arena, text_str(&out));
}

/* A value over several rows is that of each; one across columns, or of a cell that says something
 * of its own, stays. */
static void merged_cells(void **state) {
    (void)state;
    struct ctx c = context();
    sheet_make("<worksheet><sheetData>"
               "<row r=\"1\"><c t=\"str\"><v>title</v></c></row>"
               "<row r=\"2\"><c t=\"str\"><v>A</v></c><c><v>1</v></c></row>"
               "<row r=\"3\"><c r=\"B3\"><v>2</v></c></row>"
               "<row r=\"4\"><c r=\"A4\" t=\"str\"><v>own</v></c><c><v>3</v></c></row>"
               "<row r=\"5\"><c r=\"B5\"><v>4</v></c></row>"
               "<row r=\"6\"><c r=\"B6\"><v>5</v></c><c t=\"str\"><v>Z</v></c></row>"
               "<row r=\"7\"/>"
               "</sheetData><mergeCells count=\"4\"><mergeCell ref=\"A1:C1\"/>"
               "<mergeCell ref=\"A2:A4\"/><mergeCell ref=\"A5:B6\"/><x:mergeCell ref=\"C6:C7\"/>"
               "<mergeCell ref=\"nonsense\"/></mergeCells></worksheet>");
    assert_string_equal(rows_of(&c, "", TABLE_UNTRUSTED),
                        "1:title/2:A|1/3:A|2/4:own|3/5:|4/6:|5|Z/7:||Z");
}

static void cells_of_all_kinds(void **state) {
    (void)state;
    sheet_make(
        "<worksheet><sheetData>"
        "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>0</v></c><c r=\"C2\" t=\"s\"><v>1</v></c>"
        "<c r=\"D2\" t=\"s\"><v>2</v></c><c r=\"E2\" t=\"s\"><v>3</v></c></row>"
        "<row r=\"4\"><c><v>13800132647</v></c><c><v>1.3800132647E10</v></c><c><v>0.1</v></c>"
        "<c><v>1E-7</v></c><c><v>-0</v></c><c><v>1.5000000000000001E+20</v></c></row>"
        "<row r=\"5\"><c s=\"1\"><v>45878</v></c><c s=\"2\"><v>45670.298611111109</v></c>"
        "<c s=\"3\"><v>45878.9</v></c><c s=\"4\"><v>2.5</v></c><c s=\"5\"><v>0.5</v></c>"
        "<c s=\"1\"><v>-3</v></c><c s=\"1\"><v>59</v></c><c s=\"1\"><v>61</v></c></row>"
        "<row><c t=\"b\"><v>1</v></c><c t=\"b\"><v>0</v></c><c t=\"e\"><v>#N/A</v></c>"
        "<c t=\"str\"><f>A1&amp;B1</f><v>shown</v></c><c t=\"d\"><v>2026-03-05</v></c>"
        "<c t=\"inlineStr\"><is><r><t>in</t></r><r><t>line</t></r></is></c></row>"
        "<row r=\"9\"/><row r=\"10\"><c r=\"AB10\" s=\"1\"/></row>"
        "</sheetData></worksheet>");
    static const char expected[] =
        "2:plain||rich text|a\nbA _xyz_/4:13800132647|13800132647|0.1|0.0000001|0|"
        "150000000000000000000/5:2025-08-09|2025-01-13 07:10:00|2025-08-09|2.5|12:00:00|-3|"
        "1900-02-28|1900-03-01/6:TRUE|FALSE|#N/A|shown|2026-03-05|inline/9:/10:";
    struct ctx c = context();
    assert_string_equal(rows_of(&c, "", TABLE_TRUSTED), expected);
    assert_string_equal(rows_of(&c, "线索", TABLE_UNTRUSTED), expected);
    assert_string_equal(rows_of(&c, "隐藏", TABLE_UNTRUSTED), "1:secret");
    assert_false(ctx_failed(&c));
    rows_of(&c, "没有", TABLE_UNTRUSTED);
    assert_string_equal(c.error.text, "table.no_sheet");
    assert_str(c.error.parameters[0].value, "没有");
}

static void sheets_are_listed(void **state) {
    (void)state;
    sheet_make("<worksheet><sheetData/></worksheet>");
    for (int trust = TABLE_UNTRUSTED; trust <= TABLE_TRUSTED; trust++) {
        struct ctx c = context();
        struct table_reader *r = table_open(&c, path, STR(""), NULL, (enum table_trust)trust);
        struct table_row row;
        assert_non_null(r);
        assert_string_equal(table_format(r), "xlsx");
        assert_int_equal(table_sheets(r).n, 1); /* not the hidden one */
        assert_str(table_sheets(r).items[0], "线索");
        assert_false(table_next(&c, r, &row));
        assert_false(ctx_failed(&c));
        table_close(r);
    }
}

static void number_formats(void **state) {
    (void)state;
    static const struct {
        const char *code;
        enum number_kind kind;
    } cases[] = {
        {"General", NUMBER_PLAIN},
        {"0.00", NUMBER_PLAIN},
        {"#,##0;[Red]-#,##0", NUMBER_PLAIN},
        {"\"yd\"0", NUMBER_PLAIN},
        {"0\\d", NUMBER_PLAIN},
        {"yyyy\\-mm\\-dd", NUMBER_DATE},
        {"[$-804]yyyy\"年\"m\"月\"d\"日\";@", NUMBER_DATE},
        {"mmm", NUMBER_DATE},
        {"h:mm AM/PM", NUMBER_TIME},
        {"[h]:mm:ss", NUMBER_TIME},
        {"mm:ss.0", NUMBER_TIME},
        {"yyyy/m/d h:mm", NUMBER_DATE_TIME},
        {"", NUMBER_PLAIN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(number_format_kind(str_from(cases[i].code)), cases[i].kind);
    }
    assert_str(xlsx_serial_text(&test_arena, 0, true), "1904-01-01");
    assert_str(xlsx_serial_text(&test_arena, 45878.999999, false), "2025-08-10");
    assert_str(xlsx_serial_text(&test_arena, 3e9, false), "");
    assert_str(xlsx_serial_text(&test_arena, -1, false), "");
}

static const char *error_of_rows(enum table_trust trust) {
    struct ctx c = context();
    rows_of(&c, "", trust);
    return ctx_failed(&c) ? c.error.text : "";
}

static void damaged_sheets_are_refused(void **state) {
    (void)state;
    static const char *const damaged[] = {
        "",
        "<worksheet><sheetData><row>",
        "<worksheet><sheetData><row r=\"0\"/></sheetData></worksheet>",
        "<worksheet><sheetData><row r=\"2\"/><row r=\"1\"/></sheetData></worksheet>",
        "<worksheet><sheetData><row r=\"x\"/></sheetData></worksheet>",
        "<worksheet><sheetData><row><row/></row></sheetData></worksheet>",
        "<worksheet><sheetData><c/></sheetData></worksheet>",
        "<worksheet><sheetData><row><c r=\"1\"/></row></sheetData></worksheet>",
        "<worksheet><sheetData><row><c t=\"s\"><v>4</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row><c t=\"s\"><v>-1</v></c></row></sheetData></worksheet>",
        "<!DOCTYPE worksheet [<!ENTITY a \"x\">]><worksheet>&a;</worksheet>",
    };
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        sheet_make(damaged[i]);
        assert_string_equal(error_of_rows(TABLE_TRUSTED), "table.damaged");
        assert_string_equal(error_of_rows(TABLE_UNTRUSTED), "table.damaged");
    }
    sheet_make("<worksheet><sheetData><row r=\"2000000\"/></sheetData></worksheet>");
    assert_string_equal(error_of_rows(TABLE_UNTRUSTED), "table.too_many_rows");
    sheet_make(
        "<worksheet><sheetData><row><c r=\"ZZZ1\"><v>1</v></c></row></sheetData></worksheet>");
    assert_string_equal(error_of_rows(TABLE_UNTRUSTED), "table.too_many_columns");
}

static void file_write(struct str bytes) {
    FILE *file = fopen(path, "wb");
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, file), bytes.n);
    fclose(file);
}

static void what_is_no_workbook(void **state) {
    (void)state;
    const struct part *only_root[] = {&root};
    package_make(only_root, 1);
    assert_string_equal(error_of_rows(TABLE_UNTRUSTED), "table.not_workbook");
    const struct part *no_sheet[] = {&root, &workbook};
    package_make(no_sheet, 2);
    assert_string_equal(error_of_rows(TABLE_UNTRUSTED), "table.not_workbook");
    file_write(STR("PK\x03\x04 and nothing more"));
    assert_string_equal(error_of_rows(TABLE_UNTRUSTED), "table.damaged");
    file_write(STR("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 old"));
    assert_string_equal(error_of_rows(TABLE_UNTRUSTED), "table.old_excel");
    file_write(STR("a,b\n1,2\n"));
    assert_string_equal(error_of_rows(TABLE_UNTRUSTED), "");
    unlink(path);
    assert_string_equal(error_of_rows(TABLE_UNTRUSTED), "table.unreadable");
}

/* Eighty megabytes of blanks pack into eighty kilobytes. */
static void a_bomb_is_stopped(void **state) {
    (void)state;
    size_t n = 80 << 20;
    char *blanks = malloc(n);
    assert_non_null(blanks);
    memset(blanks, ' ', n);
    memcpy(blanks, "<worksheet>", 11);
    struct part sheet = {"xl/worksheets/sheet1.xml", {blanks, n}};
    const struct part *parts[] = {&root, &links, &workbook, &sheet};
    package_make(parts, 4);
    free(blanks);
    assert_string_equal(error_of_rows(TABLE_UNTRUSTED), "table.bomb");
}

/* Truncated and altered at every few bytes: a failure or rows, never a crash. */
static void any_damage_is_survived(void **state) {
    (void)state;
    sheet_make("<worksheet><sheetData><row><c t=\"s\"><v>1</v></c></row></sheetData></worksheet>");
    FILE *file = fopen(path, "rb");
    char *bytes = arena_alloc(&test_arena, 65536);
    size_t n = fread(bytes, 1, 65536, file);
    fclose(file);
    int failures = 0;
    for (size_t i = 4; i < n; i += 7) {
        struct ctx c = context();
        char saved = bytes[i];
        bytes[i] = (char)~saved;
        file_write((struct str){bytes, n});
        bytes[i] = saved;
        rows_of(&c, "", TABLE_TRUSTED);
        failures += ctx_failed(&c);
        file_write((struct str){bytes, i});
        ctx_clear_error(&c);
        rows_of(&c, "", TABLE_TRUSTED);
        assert_true(ctx_failed(&c));
    }
    assert_true(failures > 10);
}

static void what_is_written_is_read_back(void **state) {
    (void)state;
    const struct zone *shanghai = zone_find(STR("Asia/Shanghai"));
    const struct table_cell header[] = {{.kind = CELL_TEXT, .text = STR("姓名")},
                                        {.kind = CELL_TEXT, .text = STR("备注")}};
    const struct table_cell cells[] = {
        {.kind = CELL_TEXT, .text = STR("=HYPERLINK(\"x\")")},
        {.kind = CELL_NUMBER, .text = STR("1234.5")},
        {.kind = CELL_NUMBER, .text = STR("12345678901234567")},
        {.kind = CELL_DATE, .date = {2026, 11, 23}},
        {.kind = CELL_INSTANT, .instant = INT64_C(1795417800123)},
        {.kind = CELL_BOOLEAN, .boolean = true},
        {.kind = CELL_EMPTY},
        {.kind = CELL_TEXT, .text = STR("末\xef\xbf\xbf\xf0\xa0\xae\xb7")},
    };
    static const char *const expected[] = {
        "1:姓名|备注/2:'=HYPERLINK(\"x\")|1234.5|12345678901234567|2026-11-23|"
        "2026-11-23 15:10:00|TRUE||末\xef\xbf\xbf𠮷",
        "1:姓名|备注/2:=HYPERLINK(\"x\")|1234.5|12345678901234567|2026-11-23|"
        "2026-11-23 15:10:00|TRUE||末�𠮷",
    };
    for (int format = TABLE_CSV; format <= TABLE_XLSX; format++) {
        struct ctx c = context();
        struct table_writer *w = table_create(&c, path, (enum table_format)format, STR("线索/列表"),
                                              shanghai);
        assert_non_null(w);
        table_write(&c, w, header, 2);
        table_write(&c, w, cells, 8);
        table_finish(&c, w);
        assert_false(ctx_failed(&c));
        assert_string_equal(rows_of(&c, "", TABLE_UNTRUSTED), expected[format]);
    }
    struct ctx c = context();
    assert_null(table_create(&c, "/nowhere/at/all", TABLE_CSV, STR(""), shanghai));
    assert_true(ctx_failed(&c));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(merged_cells),
        TEST(cells_of_all_kinds),
        TEST(sheets_are_listed),
        TEST(number_formats),
        TEST(damaged_sheets_are_refused),
        TEST(what_is_no_workbook),
        TEST(a_bomb_is_stopped),
        TEST(any_damage_is_survived),
        TEST(what_is_written_is_read_back),
    };
    close(mkstemp(path));
    int failed = cmocka_run_group_tests_name("xlsx", tests, NULL, NULL);
    unlink(path);
    return failed;
}
