/* Which sheet of a workbook is imported: the one whose columns are understood. */
#include "base_fixture.h"

#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "app/modules.h"
#include "data/import_job.h"
#include "entity/access.h"
#include "entity/model.h"

static char path[] = "/tmp/guantong-sheet-XXXXXX";

static struct ctx begin(void) {
    static bool registered;
    if (!registered) {
        modules_register();
        registered = true;
    }
    return (struct ctx){.arena = &test_arena, .model = model_standard(), .actor = &actor_system};
}

static void sheet_add(lxw_workbook *book, const char *name, const char *const *cells, size_t n) {
    lxw_worksheet *sheet = workbook_add_worksheet(book, name);
    for (size_t i = 0; i < n; i++) {
        worksheet_write_string(sheet, (lxw_row_t)(i / 2), (lxw_col_t)(i % 2), cells[i], NULL);
    }
}

static void workbook_make(void) {
    static const char *const guide[] = {"填写说明", "手机必填"};
    static const char *const first[] = {"姓名", "手机", "孙立民", "13812342647"};
    static const char *const second[] = {"姓名", "邮箱", "徐琳", "xu@example.cn"};
    lxw_workbook *book = workbook_new(path);
    sheet_add(book, "说明", guide, 2);
    sheet_add(book, "空", guide, 0);
    sheet_add(book, "华东", first, 4);
    sheet_add(book, "华南", second, 4);
    assert_int_equal(workbook_close(book), LXW_NO_ERROR);
}

static const struct import_file *look(struct ctx *c, const char *sheet) {
    return import_file_look(c, entity_named(c, "lead"), str_from(path), STR("两区.xlsx"),
                            str_from(sheet));
}

static void instructions_are_passed_over(void **state) {
    (void)state;
    struct ctx c = begin();
    const struct import_file *file = look(&c, "");
    assert_non_null(file);
    assert_str(file->sheet, "华东");
    assert_int_equal(file->sheets.n, 4);
    assert_str(file->headers.cells[1], "手机");
    assert_str(file->samples[0].cells[0], "孙立民");
    assert_int_equal(file->n_samples, 1);
}

static void another_can_be_named(void **state) {
    (void)state;
    struct ctx c = begin();
    const struct import_file *file = look(&c, "华南");
    assert_non_null(file);
    assert_str(file->headers.cells[1], "邮箱");
    file = look(&c, "说明");
    assert_non_null(file);
    assert_str(file->sheet, "说明");
    assert_null(look(&c, "空"));
    assert_string_equal(c.error.text, "import.empty");
    ctx_clear_error(&c);
    assert_null(look(&c, "没有"));
    assert_string_equal(c.error.text, "table.no_sheet");
}

static int made(void **state) {
    (void)state;
    close(mkstemp(path));
    workbook_make();
    return 0;
}

static int gone(void **state) {
    (void)state;
    return unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(instructions_are_passed_over),
                                       TEST(another_can_be_named)};
    return cmocka_run_group_tests_name("import_sheet", tests, made, gone);
}
