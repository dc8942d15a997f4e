/* Regions as people write them. */
#include "base_fixture.h"

#include "base/data/divisions.h"
#include "base/region.h"

static void spellings(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"江苏省无锡市", "江苏省|无锡市|"},
        {"江苏 无锡", "江苏省|无锡市|"},
        {"江苏-无锡", "江苏省|无锡市|"},
        {"江苏无锡", "江苏省|无锡市|"},
        {"无锡市", "江苏省|无锡市|"},
        {"无锡", "江苏省|无锡市|"},
        {"江苏省/无锡市/新吴区", "江苏省|无锡市|新吴区"},
        {"江苏省无锡市新吴区长江路16号", "江苏省|无锡市|新吴区"},
        {"无锡新吴", "江苏省|无锡市|新吴区"},
        {"中国·江苏·苏州", "江苏省|苏州市|"},
        {"江苏 镇江", "江苏省|镇江市|"},
        {"北京", "北京市||"},
        {"北京市", "北京市||"},
        {"北京市北京市朝阳区", "北京市||朝阳区"},
        {"北京朝阳", "北京市||朝阳区"},
        {"重庆市开州区797号", "重庆市||开州区"},
        {"内蒙古 呼和浩特", "内蒙古自治区|呼和浩特市|"},
        {"广西柳州", "广西壮族自治区|柳州市|"},
        {"新疆 喀什", "新疆维吾尔自治区|喀什地区|"},
        {"阿拉善盟", "内蒙古自治区|阿拉善盟|"},
        {"湘西", "湖南省|湘西土家族苗族自治州|"},
        {"延边州", "吉林省|延边朝鲜族自治州|"},
        {"恩施市", "湖北省|恩施土家族苗族自治州|恩施市"},
        {"海南州", "青海省|海南藏族自治州|"},
        {"仙桃", "湖北省|仙桃市|"},
        {"石河子市", "新疆维吾尔自治区|石河子市|"},
        {"香港", "香港特别行政区||"},
        {"台湾台北", "台湾省|台北市|"},
        {"沪", "上海市||"},
        {"上海浦东", "上海市||浦东新区"},
        {"浦东", "上海市||浦东新区"},
        {"沪浦东", "上海市||浦东新区"},
        {"江苏苏州昆山", "江苏省|苏州市|昆山市"},
        {"江苏昆山", "江苏省|苏州市|昆山市"},
        {"苏·无锡", "江苏省|无锡市|"},
        {"粤 深圳 南山", "广东省|深圳市|南山区"},
        {"渝", "重庆市||"},
        {"内蒙 包头", "内蒙古自治区|包头市|"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct region r;
        assert_true(region_parse(str_from(cases[i][0]), &r));
        assert_str(str_format(&test_arena, "%.*s|%.*s|%.*s", STR_ARG(r.province), STR_ARG(r.city),
                              STR_ARG(r.district)),
                   cases[i][1]);
    }
}

static void a_bare_name_is_city_before_province_before_district(void **state) {
    (void)state;
    struct region r;
    assert_true(region_parse(STR("吉林"), &r));
    assert_str(region_name(&test_arena, &r), "吉林省吉林市");
    assert_true(region_parse(STR("吉林 吉林"), &r));
    assert_str(region_name(&test_arena, &r), "吉林省吉林市");
    assert_true(region_parse(STR("吉林长春"), &r));
    assert_str(region_name(&test_arena, &r), "吉林省长春市");
    assert_true(region_parse(STR("海南"), &r));
    assert_str(region_name(&test_arena, &r), "海南省");
    assert_true(region_parse(STR("朝阳"), &r));
    assert_str(region_name(&test_arena, &r), "辽宁省朝阳市");
    assert_true(region_parse(STR("昆山"), &r));
    assert_str(region_name(&test_arena, &r), "江苏省苏州市");
    assert_true(region_parse(STR("南昌县"), &r));
    assert_str(region_name(&test_arena, &r), "江西省南昌市");
    assert_true(region_parse(STR("河北区"), &r));
    assert_str(region_name(&test_arena, &r), "天津市");
}

static void what_is_no_region_is_none(void **state) {
    (void)state;
    static const char *const none[] = {"",     "Wuxi",     "朝阳区", "鼓楼区", "中山路1号",
                                       "长安", "\xFF\xFE", "未知",   "-",      "海外"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct region r;
        assert_false(region_parse(str_from(none[i]), &r));
        assert_int_equal(region_name(&test_arena, &r).n, 0);
    }
    struct region r;
    assert_true(region_parse(STR("广东省南京市"), &r));
    assert_str(region_name(&test_arena, &r), "广东省");
}

static void every_division_finds_itself(void **state) {
    (void)state;
    const struct str *provinces;
    struct str cities[64];
    size_t n = region_provinces(&provinces), total = 0;
    assert_int_equal(n, 34);
    for (size_t i = 0; i < n; i++) {
        struct region r;
        size_t m = region_cities(provinces[i], cities, 64);
        total += m;
        for (size_t k = 0; k < m; k++) {
            struct str whole = str_format(&test_arena, "%.*s%.*s", STR_ARG(provinces[i]),
                                          STR_ARG(cities[k]));
            assert_true(region_parse(whole, &r));
            assert_true(str_equal(r.province, provinces[i]) && str_equal(r.city, cities[k]));
            assert_true(region_parse(cities[k], &r));
            assert_true(str_equal(r.city, cities[k]));
        }
    }
    assert_int_equal(total, 390);
}

/* 江苏省/无锡市/新吴区 12号 and 无锡市新吴区, for every area of the table. */
static void every_area_finds_its_city(void **state) {
    (void)state;
    for (size_t i = 0; i < division_area_count; i++) {
        const struct division *area = &division_areas[i];
        struct str province = division_provinces[area->province];
        struct str city = area->city < 0 ? province : division_cities[area->city].name;
        struct region r;
        assert_true(region_parse(str_format(&test_arena, "%.*s/%.*s/%.*s 12号", STR_ARG(province),
                                            STR_ARG(city), STR_ARG(area->name)),
                                 &r));
        assert_true(str_equal(r.province, province) && str_equal(r.district, area->name));
        assert_true(area->city < 0 ? r.city.n == 0 : str_equal(r.city, city));
        assert_true(region_parse(
            str_format(&test_arena, "%.*s%.*s", STR_ARG(city), STR_ARG(area->name)), &r));
        assert_true(str_equal(r.province, province) && str_equal(r.district, area->name));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(spellings),
        TEST(a_bare_name_is_city_before_province_before_district),
        TEST(what_is_no_region_is_none),
        TEST(every_division_finds_itself),
        TEST(every_area_finds_its_city),
    };
    return cmocka_run_group_tests_name("region", tests, NULL, NULL);
}
