#include "sample/names.h"

#include "base/text.h"

static const char *const families[] = {
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐",   "孙",   "胡",  "朱", "高",
    "林", "何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐",   "冯",   "于",  "董", "萧",
    "程", "曹", "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕", "苏",   "卢",   "蒋",  "蔡", "贾",
    "丁", "魏", "薛", "叶", "阎", "余", "潘", "杜", "戴", "夏", "钟",   "汪",   "田",  "任", "姜",
    "范", "方", "石", "姚", "谭", "廖", "邹", "熊", "金", "陆", "郝",   "孔",   "白",  "崔", "康",
    "毛", "邱", "秦", "江", "史", "顾", "侯", "邵", "孟", "龙", "万",   "段",   "雷",  "钱", "汤",
    "尹", "黎", "易", "常", "武", "乔", "贺", "赖", "龚", "文", "欧阳", "司徒", "上官"};
static const char *const givens[] = {
    "立民", "振宇", "文博", "晓彤", "雅琴", "浩然", "海峰", "梦洁", "建国", "志强", "丽华", "明辉",
    "思源", "佳怡", "俊杰", "雪梅", "国栋", "春燕", "永康", "子涵", "伟",   "静",   "敏",   "磊",
    "洋",   "倩",   "雪",   "帆",   "诺",   "超",   "婷",   "鹏",   "琳",   "刚",   "颖",   "凯",
    "玉兰", "卫东", "小红", "秀英", "建华", "志明", "海燕", "晓东", "文静", "少华", "天宇", "一鸣",
    "嘉豪", "宇轩", "思琪", "雨欣", "欣怡", "梓萱", "泽宇", "博文", "嘉欣", "慧敏", "志远", "文杰",
    "晨曦", "国强", "国华", "建军", "建平", "红梅", "桂英", "淑珍", "玉珍", "凤英", "德华", "广志",
    "兆丰", "学林", "学军", "长江", "金龙", "玉龙", "云飞", "鸿飞", "晓军", "晓峰", "亚楠", "亚军",
    "勇",   "军",   "杰",   "涛",   "明",   "艳",   "娟",   "霞",   "平",   "桂兰", "辉",   "玲",
    "波",   "斌",   "宁",   "浩",   "健",   "峰",   "旭",   "晶",   "璐",   "蕾",   "薇",   "楠"};

static const struct {
    const char *word, *letters;
} marks[] = {{"天工", "tiangong"},  {"恒钧", "hengjun"},        {"瑞泽", "ruize"},
             {"沃尔顿", "woerdun"}, {"信达", "xinda"},          {"海沃", "haiwo"},
             {"柏盛", "bosheng"},   {"越达", "yueda"},          {"北辰", "beichen"},
             {"海瑞", "hairui"},    {"立联", "lilian"},         {"一诺", "yinuo"},
             {"鼎泰", "dingtai"},   {"江川", "jiangchuan"},     {"华信", "huaxin"},
             {"科远", "keyuan"},    {"金石", "jinshi"},         {"远东方", "yuandongfang"},
             {"新锐", "xinrui"},    {"博众", "bozhong"},        {"利通", "litong"},
             {"宏图", "hongtu"},    {"安川禾", "anchuanhe"},    {"万和", "wanhe"},
             {"凌云", "lingyun"},   {"正泰丰", "zhengtaifeng"}, {"同创", "tongchuang"},
             {"泰和", "taihe"},     {"百川", "baichuan"},       {"九州", "jiuzhou"},
             {"锦程", "jincheng"},  {"盛维", "shengwei"},       {"启明", "qiming"},
             {"东昇", "dongsheng"}, {"力源", "liyuan"},         {"佳禾", "jiahe"},
             {"中拓", "zhongtuo"},  {"永创", "yongchuang"},     {"德润", "derun"},
             {"祥云", "xiangyun"},  {"优耐", "younai"},         {"精诚", "jingcheng"},
             {"华腾", "huateng"},   {"广源", "guangyuan"},      {"联拓", "liantuo"},
             {"思锐", "sirui"},     {"卓越", "zhuoyue"},        {"长青", "changqing"},
             {"三禾", "sanhe"},     {"富临", "fulin"},          {"兴宇", "xingyu"},
             {"金鹏", "jinpeng"},   {"睿控", "ruikong"},        {"嘉铭", "jiaming"},
             {"福耀达", "fuyaoda"}, {"旭升源", "xushengyuan"},  {"和锐", "herui"},
             {"众力", "zhongli"},   {"明达", "mingda"},         {"奥凯", "aokai"}};
static const char *const forms[] = {"有限公司",     "有限公司",     "股份有限公司",
                                    "科技有限公司", "集团有限公司", "制造有限公司"};

struct str name_person(struct arena *a, struct draw *d) {
    const char *family = DRAW_PICK(d, families);
    return str_format(a, "%s%s", family, DRAW_PICK(d, givens));
}

struct str name_phone(struct arena *a, struct draw *d) {
    static const char *const prefixes[] = {"138", "139", "186", "189", "150", "159", "177",
                                           "133", "136", "158", "182", "185", "180", "151"};
    const char *prefix = DRAW_PICK(d, prefixes);
    return str_format(a, "%s00%06u", prefix, (unsigned)draw_below(d, 1000000));
}

struct company_name name_company(struct arena *a, struct draw *d, const char *city,
                                 const char *trade) {
    size_t mark = draw_below(d, sizeof marks / sizeof *marks);
    const char *form = DRAW_PICK(d, forms);
    bool said = str_ends(str_from(trade), STR("科技")) && str_starts(str_from(form), STR("科技"));
    form = said ? forms[0] : form; /* nobody is called 电子科技科技 */
    struct company_name name = {.mark = marks[mark].letters};
    name.full = str_format(a, "%s%s%s%s", city, marks[mark].word, trade, form);
    name.brief = draw_chance(d, 0.5) ? str_format(a, "%s%s%s", city, marks[mark].word, trade)
                                     : str_format(a, "%s%s", marks[mark].word, trade);
    return name;
}

struct str name_email(struct arena *a, struct draw *d, struct str person, const char *mark) {
    struct pinyin pinyin = text_pinyin(a, person);
    return draw_chance(d, 0.5) ? str_format(a, "%.*s@%s.example", STR_ARG(pinyin.full), mark)
                               : str_format(a, "%.*s%u@%s.example", STR_ARG(pinyin.initials),
                                            (unsigned)draw_between(d, 1, 99), mark);
}

struct str name_private_email(struct arena *a, struct draw *d, struct str person) {
    static const char *const hosts[] = {"post", "mail", "inbox"};
    struct pinyin pinyin = text_pinyin(a, person);
    const char *host = DRAW_PICK(d, hosts);
    return str_format(a, "%.*s%u@%s.example", STR_ARG(pinyin.full),
                      (unsigned)draw_between(d, 10, 9999), host);
}

struct str name_job_title(struct draw *d, bool *decides) {
    static const char *const deciders[] = {"总经理", "生产总监", "设备总监", "厂长", "技术总监"};
    static const char *const others[] = {"采购经理", "设备主管",   "技术经理", "工程师",
                                         "采购员",   "电气工程师", "项目经理", "车间主任"};
    *decides = draw_chance(d, 0.3);
    return str_from(*decides ? DRAW_PICK(d, deciders) : DRAW_PICK(d, others));
}
