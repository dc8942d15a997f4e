/*
 * A list of leads as a sales team's spreadsheet looks: leads_list FILE ROWS
 *
 * CSV or, when FILE ends in .xlsx, a workbook; always the same rows. Of a hundred about two repeat
 * an earlier person by phone or mail, one has a bad phone and no mail, one is of a placeholder, one
 * repeats the header or is blank; phones, regions and dates stand in the forms people type.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "data/table_writer.h"

enum { COLUMNS = 12, DAY_FIRST = 20089 /* 2025-01-01 */, DAYS = 500 };

#define PICK(list) list[below(l, sizeof(list) / sizeof *(list))]

struct list {
    struct arena *arena;
    uint64_t random;
    const char *cells[COLUMNS];
};

static const char *const headers[COLUMNS] = {"姓名",     "手机号", "邮箱",     "公司名称",
                                             "职位",     "行业",   "地区",     "来源",
                                             "意向产品", "备注",   "创建时间", "创建人"};

/* splitmix64 */
static int64_t below(struct list *l, int64_t n) {
    uint64_t z = (l->random += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (int64_t)((z ^ (z >> 31)) % (uint64_t)n);
}

/* Eight digits, another for each person, in no order: an index meets them as it does in life. */
static int64_t scattered(int64_t person) {
    return person * 61803399 % 100000000;
}

/* The phone of a person, as one of those who typed it did. */
static const char *phone(struct list *l, int64_t person) {
    static const char *const prefixes[] = {"138", "139", "150", "152", "159", "176", "186", "189"};
    int64_t rest = scattered(person);
    const char *prefix = prefixes[person % 8];
    long long high = rest / 10000, low = rest % 10000;
    switch (below(l, 8)) {
    case 0:
        return str_format(l->arena, "86-%s%04lld%04lld", prefix, high, low).p;
    case 1:
        return str_format(l->arena, "%s %04lld %04lld", prefix, high, low).p;
    case 2:
        return str_format(l->arena, "%s-%04lld-%04lld", prefix, high, low).p;
    default:
        return str_format(l->arena, "%s%04lld%04lld", prefix, high, low).p;
    }
}

static const char *mail(struct list *l, int64_t person) {
    static const char *const hosts[] = {"qq.com", "163.com", "outlook.com", "sina.com"};
    return str_format(l->arena, "u%lld@%s", (long long)scattered(person), hosts[person % 4]).p;
}

static const char *name(struct list *l) {
    static const char *const family[] = {"王", "李", "张", "刘", "陈",
                                         "杨", "孙", "周", "吴", "徐"};
    static const char *const given[] = {"立", "思", "伟", "芳", "秀", "强", "磊", "洋",
                                        "建", "晓", "海", "文", "明", "远", "华", "静"};
    const char *last = below(l, 4) ? PICK(given) : "";
    return str_format(l->arena, "%s%s%s", PICK(family), PICK(given), last).p;
}

static const char *company(struct list *l) {
    static const char *const words[] = {"天工", "华岳", "智联", "恒通", "远景", "立信",
                                        "金桥", "海川", "东方", "中科", "新元", "百川",
                                        "宏图", "启明", "卓越", "精诚"};
    static const char *const trades[] = {"智能装备", "自动化设备", "机械制造", "电子科技",
                                         "新材料",   "商贸",       "信息技术", "精密仪器"};
    static const char *const ends[] = {"有限公司", "有限责任公司", "股份有限公司"};
    return str_format(l->arena, "%s%s%s%s", PICK(words), PICK(words), PICK(trades), PICK(ends)).p;
}

static const char *region(struct list *l) {
    static const char *const places[][2] = {
        {"江苏省", "无锡市"}, {"江苏省", "苏州市"}, {"浙江省", "杭州市"}, {"浙江省", "宁波市"},
        {"广东省", "深圳市"}, {"广东省", "佛山市"}, {"四川省", "成都市"}, {"湖北省", "武汉市"},
        {"山东省", "青岛市"}, {"河南省", "郑州市"}, {"湖南省", "长沙市"}, {"辽宁省", "大连市"}};
    const char *const *at = PICK(places);
    switch (below(l, 4)) {
    case 0:
        return at[1];
    case 1:
        return str_format(l->arena, "%s-%s", at[0], at[1]).p;
    case 2:
        return str_format(l->arena, "%s%s人民路%lld号", at[0], at[1], (long long)below(l, 900)).p;
    default:
        return str_format(l->arena, "%s%s", at[0], at[1]).p;
    }
}

static const char *created(struct list *l) {
    struct date d = date_from_days(DAY_FIRST + below(l, DAYS));
    switch (below(l, 4)) {
    case 0:
        return str_format(l->arena, "%d/%d/%d", d.year, d.month, d.day).p;
    case 1:
        return str_format(l->arena, "%d年%d月%d日", d.year, d.month, d.day).p;
    case 2:
        return str_format(l->arena, "%04d%02d%02d", d.year, d.month, d.day).p;
    default:
        return str_format(l->arena, "%04d-%02d-%02d %02d:%02d", d.year, d.month, d.day,
                          (int)below(l, 24), (int)below(l, 60))
            .p;
    }
}

static void row_fill(struct list *l, int64_t i) {
    static const char *const titles[] = {"采购经理", "工程师", "总经理", "厂长", "IT主管", ""};
    static const char *const trades[] = {"制造业", "建筑", "金融", "批发零售", "医疗健康"};
    static const char *const sources[] = {"百度", "官网", "展会", "抖音", "转介绍", "400电话"};
    static const char *const products[] = {"数控机床", "机器人工作站", "MES系统", "备件", ""};
    static const char *const notes[] = {
        "", "", "下周拜访", "朋友介绍，预算50万", "含税价?", "要“报价”，尽快"};
    static const char *const authors[] = {"sales01", "sales02", "sales03", "sales04", "已离职-07"};
    int64_t kind = below(l, 100);
    int64_t person = kind < 2 && i > 0 ? below(l, i) : i;
    const char *cells[COLUMNS] = {name(l),        phone(l, person), mail(l, person), company(l),
                                  PICK(titles),   PICK(trades),     region(l),       PICK(sources),
                                  PICK(products), PICK(notes),      created(l),      PICK(authors)};
    if (kind == 2) {
        cells[1] = "13800138000";
        cells[2] = "";
    } else if (kind == 3) {
        cells[0] = "测试";
    } else if (kind < 30) {
        cells[2] = "";
    } else if (kind < 35) {
        cells[1] = "";
    }
    memcpy(l->cells, cells, sizeof cells);
    if (kind == 4) {
        memcpy(l->cells, headers, sizeof headers);
    } else if (kind == 5 && below(l, 4) == 0) {
        memset(l->cells, 0, sizeof l->cells);
    }
}

static void row_write(struct ctx *c, struct table_writer *w, const char *const *texts) {
    struct table_cell cells[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
        bool filled = texts[i] && texts[i][0];
        cells[i] = (struct table_cell){.kind = filled ? CELL_TEXT : CELL_EMPTY,
                                       .text = str_from(filled ? texts[i] : "")};
    }
    table_write(c, w, cells, COLUMNS);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: leads_list FILE ROWS\n");
        return 2;
    }
    struct arena arena, rows;
    arena_init(&arena);
    arena_init(&rows);
    struct ctx c = {.arena = &arena};
    struct list l = {.arena = &rows};
    bool workbook = str_ends(str_from(argv[1]), STR(".xlsx"));
    struct table_writer *w = table_create(&c, argv[1], workbook ? TABLE_XLSX : TABLE_CSV,
                                          STR("线索"), zone_find(STR("Asia/Shanghai")));
    row_write(&c, w, headers);
    int64_t n = strtoll(argv[2], NULL, 10);
    for (int64_t i = 0; i < n && !ctx_failed(&c); i++) {
        row_fill(&l, i);
        row_write(&c, w, l.cells);
        arena_free(&rows);
    }
    table_finish(&c, w);
    if (ctx_failed(&c)) {
        fprintf(stderr, "leads_list: %s\n", c.error.internal);
    }
    arena_free(&arena);
    return ctx_failed(&c);
}
