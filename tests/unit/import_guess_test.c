/*
 * What columns of a spreadsheet mean: by their header, by the nouns at its end, by their cells.
 */
#include "base_fixture.h"

#include "app/modules.h"
#include "data/import.h"
#include "entity/access.h"
#include "entity/model.h"

static struct ctx begin(const struct entity **lead) {
    static bool registered;
    if (!registered) {
        modules_register();
        registered = true;
    }
    struct ctx c = {.arena = &test_arena, .model = model_standard(), .actor = &actor_system};
    *lead = entity_named(&c, "lead");
    return c;
}

static void headers_have_meaning(void **state) {
    (void)state;
    static const struct {
        const char *header, *field; /* NULL: none */
    } cases[] = {
        {"姓名", "name"},
        {"手机号（必填）", "phone"},
        {"*联系电话", "phone"},
        {"E-Mail", "email"},
        {"Company Name", "company_name"},
        {"单位名称", "company_name"},
        {"所在地区", "region"},
        {"客户所在城市", "region"},
        {"渠道来源", "source"},
        {"跟进备注", "description"},
        {"录入时间", "created_at"},
        {"录入人", "created_by"},
        {"销售负责人", "owner_id"},
        {"Phone Number", "phone"},
        {"工号", NULL},
        {"客户电话2", "phone"},
        {"访客姓名", "name"},
        {"留资时间", "created_at"},
        {"跟进人员", "owner_id"},
        {"咨询内容", "description"},
        {"意向程度", NULL},
        {"公司地址", NULL},
        {"First name", "name"},
        {"移动电话", "phone"},
        {"E-mail Address", "email"},
        {"Create Date", "created_at"},
        {"日  期", "created_at"},
        {"合同日期", NULL},
        {"下次跟进时间", "next_follow_up_at"},
        {"线索名称", "name"},
        {"省市区", "region"},
        {"感兴趣的产品", "product_interest"},
        {"创建人员", "created_by"},
        {"上次联系时间", NULL},
        {"", NULL},
        {"（必填）", NULL},
    };
    const struct entity *lead;
    struct ctx c = begin(&lead);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct field *f = import_guess(&c, lead, str_from(cases[i].header));
        struct str found = f ? f->name : STR("none");
        if (!str_is(found, cases[i].field ? cases[i].field : "none")) {
            fail_msg("%s is taken for %.*s", cases[i].header, STR_ARG(found));
        }
    }
}

static void cells_tell_what_headers_do_not(void **state) {
    (void)state;
    static const char *const cells[][4] = {{"王伟", "138-1234-5678", "a@qq.com", "江苏 无锡"},
                                           {"李芳", "+86 13912345678", "B@163.COM", "苏州"},
                                           {"张敏", "无", "c@qq.com", "浙江省/杭州市/西湖区"},
                                           {"刘洋", "１５１２５８２９２４２", "", ""}};
    const struct entity *lead;
    struct ctx c = begin(&lead);
    struct str headers[] = {STR("甲"), STR("A"), STR("B"), STR("C")};
    struct table_row rows[4];
    for (int i = 0; i < 4; i++) {
        struct str *row = ARENA_NEW_ARRAY(&test_arena, 4, struct str);
        for (int k = 0; k < 4; k++) {
            row[k] = str_from(cells[i][k]);
        }
        rows[i] = (struct table_row){i + 2, row, 4};
    }
    struct import_plan *plan = import_plan_guess(&c, lead, headers, 4);
    import_plan_guess_cells(&c, plan, rows, 4);
    assert_null(plan->columns[0].field);
    assert_true(str_is(plan->columns[1].field->name, "phone"));
    assert_true(str_is(plan->columns[2].field->name, "email"));
    assert_true(str_is(plan->columns[3].field->name, "region"));
    plan = import_plan_guess(&c, lead, headers, 4);
    import_plan_guess_cells(&c, plan, rows, 2); /* too few to tell */
    assert_null(plan->columns[1].field);
}

static void total_rows_are_noise_wherever_the_word_stands(void **state) {
    (void)state;
    const struct entity *lead;
    struct ctx c = begin(&lead);
    struct str headers[] = {STR("创建时间"), STR("手机"), STR("姓名")};
    struct import_plan *plan = import_plan_guess(&c, lead, headers, 3);
    struct str total[] = {STR(""), STR(" 合计 "), STR("12")};
    struct str person[] = {STR("2025-01-02"), STR("13812345678"), STR("合计")};
    assert_true(import_row_is_noise(plan, &(struct table_row){2, total, 3}));
    assert_true(import_row_is_noise(plan, &(struct table_row){3, headers, 3}));
    assert_false(import_row_is_noise(plan, &(struct table_row){4, person, 3}));
    struct str counted[] = {STR("总计：12 人")}, firm[] = {STR("Total Energies")};
    assert_true(import_row_is_noise(plan, &(struct table_row){5, counted, 1}));
    assert_false(import_row_is_noise(plan, &(struct table_row){6, firm, 1}));
    struct str last[] = {STR("1,200 条"), STR(""), STR("合计")};
    struct str total_energy[] = {STR("Total"), STR(""), STR("法国")};
    assert_true(import_row_is_noise(plan, &(struct table_row){7, last, 3}));
    assert_false(import_row_is_noise(plan, &(struct table_row){8, total_energy, 3}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(headers_have_meaning),
        TEST(cells_tell_what_headers_do_not),
        TEST(total_rows_are_noise_wherever_the_word_stands),
    };
    return cmocka_run_group_tests_name("import_guess", tests, NULL, NULL);
}
