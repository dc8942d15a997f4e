#include "sample/truth.h"

#include <stddef.h>

const double sample_captures[2][2] = {{2.9, 6.4}, {1.4, 4.2}};

/* clang-format off */
/* source, campaign, referrer, utm source and medium,
 *     shop, shares then and now, effect, worth, cost */
const struct sample_channel sample_channels[SAMPLE_CHANNELS] = {
    {"官网表单", NULL, "", NULL, NULL,
        false, 170, 160,  0.25, 100,  3500},
    {"百度搜索", "伺服改造", "www.baidu.com", "baidu", "cpc",
        false, 230, 150, -0.10,  95, 46000},
    {"360 搜索", "变频节能", "www.so.com", "so360", "cpc",
        false,  60,  40, -0.35,  85, 11000},
    {"抖音私信", "车间改造直播", "www.douyin.com", "douyin", "video",
        false,  60, 150, -0.95,  70, 26000},
    {"小红书", "工厂焕新", "www.xiaohongshu.com", "xiaohongshu", "post",
        false,  20,  60, -1.10,  65,  8000},
    {"公众号", "案例周刊", "mp.weixin.qq.com", "wechat", "article",
        false, 110, 120,  0.35, 105,  6000},
    {"视频号", "产线公开课", "channels.weixin.qq.com", "channels", "video",
        false,  30,  70, -0.40,  90,  9000},
    {"知乎", "数采十问", "www.zhihu.com", "zhihu", "article",
        false,  40,  40,  0.20, 110,  4000},
    {"展会", "工博会", NULL, NULL, NULL,
        false, 130,  90,  0.10, 130, 52000},
    {"转介绍", "老客户推荐", NULL, NULL, NULL,
        false,  90,  70,  1.20, 125,  2000},
    {"400 电话", NULL, NULL, NULL, NULL,
        false,  60,  50,  0.60, 100,  1500},
    {"商城注册", NULL, "", NULL, NULL,
        true,  450, 420,  0.20, 100,  5000},
    {"1688 店铺", "备件直供", "www.1688.com", "1688", "shop",
        true,  400, 330,  0.00,  90, 12000},
    {"抖音小店", "备件秒发", "www.douyin.com", "douyin", "shop",
        true,  150, 250, -0.40,  75,  9000},
};

const double sample_conversion_base = -1.95;
const struct sample_effect_truth sample_effects[SAMPLE_EFFECTS] = {
    [EFFECT_WHITE_PAPER] = {"white paper", 26, 0.90},
    [EFFECT_PRICING]     = {"prices",      34, 0.75},
    [EFFECT_CASES]       = {"a case",      40, 0.35},
    [EFFECT_WEBINAR]     = {"a webinar",   12, 0.80},
    [EFFECT_FAST_ANSWER] = {"an answer within two hours", 0, 0.50},
    [EFFECT_DECIDER]     = {"a decider",   0,  0.40},
};
const double sample_shop_base = 0.45;

const struct sample_stage sample_stages[SAMPLE_STAGES] = {
    {"初步接触", 0.80,  9, 0.55},
    {"需求确认", 0.76, 16, 0.50},
    {"方案报价", 0.70, 21, 0.55},
    {"商务谈判", 0.78, 22, 0.60},
    {"合同签订", 0.94, 12, 0.45},
};
const struct sample_stage sample_shop_stages[SAMPLE_SHOP_STAGES] = {
    {"询价",   0.82, 0.30, 0.70},
    {"已报价", 0.76, 0.90, 0.80},
    {"待付款", 0.90, 0.60, 0.70},
};

const int sample_reasons[SAMPLE_REASONS] = {310, 240, 140, 150, 90, 70};

/* Hands of a region sum to about nothing, so that a region as such is neither good nor bad. */
const struct sample_rep sample_reps[SAMPLE_REPS] = {
    {"chensiyuan",    "陈思远", 0,  1.19, "automotive",  0.60,  1.2, 92},
    {"liuyang",       "刘洋",   0, -0.49, NULL,          0.00,  5.0, 70},
    {"guxiaofeng",    "顾晓峰", 0,  0.14, "textile",     0.70,  2.5, 84},
    {"shenjiaqi",     "沈佳琪", 1,  0.63, "electronics", 0.60,  1.8, 90},
    {"luweiming",     "陆伟明", 1, -0.98, NULL,          0.00, 11.0, 58},
    {"qianyifan",     "钱一帆", 1, -0.21, "logistics",   0.60,  3.5, 80},
    {"zhangyutong",   "张雨桐", 2,  0.84, "energy",      0.70,  1.5, 91},
    {"jiazhiyuan",    "贾志远", 2, -0.63, NULL,          0.00,  6.0, 66},
    {"tianmeng",      "田萌",   2,  0.00, "medical",     0.60,  2.8, 85},
    {"wangqiang",     "王强",   3,  0.28, "machinery",   0.50,  3.0, 82},
    {"kongdeming",    "孔德明", 3, -0.84, NULL,          0.00,  9.0, 60},
    {"songyaru",      "宋雅茹", 3,  0.35, "chemical",    0.60,  2.2, 88},
    {"huangjie",      "黄杰",   4,  0.70, "electronics", 0.60,  1.6, 90},
    {"heyuqing",      "何雨晴", 4, -0.14, NULL,          0.00,  2.4, 86},
    {"liangzhihao",   "梁志豪", 4, -0.77, NULL,          0.00,  8.0, 62},
    {"linxiuwen",     "林秀文", 5,  0.49, "food",        0.60,  2.0, 89},
    {"chenjiancheng", "陈建成", 5, -0.42, NULL,          0.00,  5.5, 72},
    {"wuqiaoyun",     "吴巧云", 5,  0.14, "textile",     0.50,  3.2, 80},
    {"sunwenjing",    "孙文静", 6,  0.20, NULL,          0.00,  0.4, 95},
    {"zhoulei",       "周磊",   6,  0.00, NULL,          0.00,  0.6, 92},
    {"maxiaoyan",     "马晓燕", 6, -0.05, NULL,          0.00,  0.5, 93},
    {"dengjun",       "邓军",   6, -0.15, NULL,          0.00,  0.8, 88},
};

const struct sample_place sample_places[SAMPLE_PLACES] = {
    {"江苏省无锡市", "无锡", 0, 80}, {"江苏省苏州市", "苏州", 0, 95},
    {"江苏省南通市", "南通", 0, 40}, {"江苏省常州市", "常州", 0, 50},
    {"浙江省宁波市", "宁波", 1, 60}, {"浙江省温州市", "温州", 1, 35},
    {"浙江省绍兴市", "绍兴", 1, 25}, {"浙江省杭州市", "杭州", 1, 45},
    {"上海市", "上海", 1, 70}, {"安徽省芜湖市", "芜湖", 1, 20},
    {"北京市", "北京", 2, 35}, {"天津市", "天津", 2, 45},
    {"河北省唐山市", "唐山", 2, 25}, {"河北省石家庄市", "石家庄", 2, 20},
    {"山东省青岛市", "青岛", 3, 45}, {"山东省烟台市", "烟台", 3, 25},
    {"山东省济南市", "济南", 3, 30}, {"山东省潍坊市", "潍坊", 3, 20},
    {"广东省深圳市", "深圳", 4, 60}, {"广东省东莞市", "东莞", 4, 55},
    {"广东省佛山市", "佛山", 4, 45}, {"广东省广州市", "广州", 4, 30},
    {"福建省厦门市", "厦门", 5, 25}, {"福建省泉州市", "泉州", 5, 20},
    {"福建省福州市", "福州", 5, 20},
};

const struct sample_trade sample_trades[SAMPLE_TRADES] = {
    {"智能装备",   "machinery",   120, 110}, {"精密机械", "machinery",   110,  95},
    {"重工",       "machinery",    50, 150}, {"汽车零部件", "automotive", 150, 130},
    {"电气",       "electronics",  90,  90}, {"电子科技", "electronics", 110, 100},
    {"纺织机械",   "textile",      70,  75}, {"新材料",   "chemical",     70, 110},
    {"食品机械",   "food",         60,  80}, {"环保设备", "energy",       50, 100},
    {"医疗器械",   "medical",      50, 105}, {"仓储物流", "logistics",    40,  95},
    {"新能源科技", "energy",       30, 160},
};

const struct sample_product sample_products[SAMPLE_PRODUCTS] = {
    {"伺服驱动器 S6",    "HY-S6",  "运动控制", "台", "伺服改造",   6800,  160000, 260,   0},
    {"可编程控制器 P2",  "HY-P2",  "控制器",   "台", "控制柜",     4200,  110000, 200,   0},
    {"数采网关 G1",      "HY-G1",  "物联网",   "台", "数采网关",   2600,   90000, 180,   0},
    {"变频器 V8",        "HY-V8",  "驱动",     "台", "变频节能",   9500,  140000, 160,   0},
    {"视觉检测系统 E3",  "HY-E3",  "视觉",     "套", "视觉检测", 128000,  320000, 110,   0},
    {"产线改造服务",     "HY-SVC", "服务",     "项", "产线改造", 300000,  680000,  90,   0},
    {"伺服电机刹车片",   "HY-B01", "备件",     "件", "刹车片",      180,     720, 220,  75},
    {"编码器线缆 5 米",  "HY-B02", "备件",     "根", "编码器线缆",  260,    1040, 200, 110},
    {"驱动器风扇",       "HY-B03", "备件",     "件", "风扇",         95,     480, 190,  90},
    {"滤波器",           "HY-B04", "备件",     "件", "滤波器",      420,    1260, 130, 140},
    {"触摸屏 7 寸",      "HY-B05", "备件",     "块", "触摸屏",     1380,    2760,  90, 300},
    {"继电器模块",       "HY-B06", "备件",     "件", "继电器",       65,     650, 110,  60},
    {"网关天线",         "HY-B07", "备件",     "根", "天线",        120,     360,  60, 180},
};
/* clang-format on */

const double sample_again = 0.42, sample_again_median_days = 130;
const double sample_shop_again = 0.55, sample_shop_again_sigma = 0.35;
const double sample_amount_sigma = 0.55;

/* Of the months; the dip of the festival comes on top. */
static const double months[12] = {1.00, 0.95, 1.12, 1.08, 1.00, 0.97,
                                  0.88, 0.90, 1.05, 1.02, 1.15, 1.10};

int64_t sample_spring_festival(int year) {
    static const struct date first[] = {{2023, 1, 22}, {2024, 2, 10}, {2025, 1, 29}, {2026, 2, 17},
                                        {2027, 2, 6},  {2028, 1, 26}, {2029, 2, 13}, {2030, 2, 3},
                                        {2031, 1, 23}, {2032, 2, 11}, {2033, 1, 31}, {2034, 2, 19},
                                        {2035, 2, 8},  {2036, 1, 28}, {2037, 2, 15}, {2038, 2, 4}};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        if (first[i].year == year) {
            return date_to_days(first[i]);
        }
    }
    return 0;
}

double sample_season(struct date d) {
    int64_t festival = sample_spring_festival(d.year);
    int64_t from = date_to_days(d) - festival;
    double dip = !festival || from < -10 || from > 18 ? 1
                 : from < -2                          ? 0.65
                 : from <= 8                          ? 0.15
                                                      : 0.70;
    return months[d.month - 1] * dip;
}

double sample_weekday(struct date d, bool by_net) {
    int weekday = date_weekday(d);
    if (!workday_is(NULL, d)) {
        return by_net ? 0.45 : 0;
    }
    return weekday == 1 ? 1.15 : weekday == 5 ? 0.92 : 1.05;
}
