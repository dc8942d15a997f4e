#include "sales/script_rank.h"

#include "base/text.h"

enum { TAG_POINTS = 8, TAGS_COUNTED = 2, RESULT_POINTS = 12, OUTRIGHT = 2, SETTLED_WITHIN = 24 };

/* What people say. Whole: a word of its own, not a part of another. */
static const struct {
    const char *objection, *words;
    int strength;
    bool whole;
} lexicon[] = {
    {"price", "太贵", 2, false},
    {"price", "有点贵", 2, false},
    {"price", "偏贵", 2, false},
    {"price", "贵了", 2, false},
    {"price", "价格高", 2, false},
    {"price", "价格偏高", 2, false},
    {"price", "报价高", 2, false},
    {"price", "单价高", 2, false},
    {"price", "嫌贵", 2, false},
    {"price", "压价", 2, false},
    {"price", "压一轮价", 2, false},
    {"price", "超预算", 2, false},
    {"price", "超出预算", 2, false},
    {"price", "没预算", 2, false},
    {"price", "没有预算", 2, false},
    {"price", "预算不够", 2, false},
    {"price", "便宜点", 2, false},
    {"price", "打折", 2, false},
    {"price", "折扣", 2, false},
    {"price", "降价", 2, false},
    {"price", "优惠", 1, true},
    {"price", "价格", 1, true},
    {"price", "预算", 1, true},
    {"price", "报价", 1, true},
    {"price", "expensive", 2, true},
    {"price", "discount", 2, true},
    {"price", "price", 1, true},
    {"competitor", "竞品", 2, false},
    {"competitor", "在比较", 2, false},
    {"competitor", "两家供应商", 2, false},
    {"competitor", "友商", 2, false},
    {"competitor", "竞争对手", 2, false},
    {"competitor", "别家", 2, false},
    {"competitor", "另一家", 2, false},
    {"competitor", "货比三家", 2, false},
    {"competitor", "别的供应商", 2, false},
    {"competitor", "已有供应商", 2, false},
    {"competitor", "对比", 1, true},
    {"competitor", "competitor", 2, true},
    {"timing", "再考虑", 2, false},
    {"timing", "考虑考虑", 2, false},
    {"timing", "考虑一下", 2, false},
    {"timing", "明年再", 2, false},
    {"timing", "过段时间", 2, false},
    {"timing", "下半年", 1, false},
    {"timing", "不着急", 2, false},
    {"timing", "不急", 2, false},
    {"timing", "暂缓", 2, false},
    {"timing", "推迟", 2, false},
    {"timing", "later", 1, true},
    {"authority", "问领导", 2, false},
    {"authority", "请示", 2, false},
    {"authority", "老板定", 2, false},
    {"authority", "领导定", 2, false},
    {"authority", "做不了主", 2, false},
    {"authority", "上会", 2, false},
    {"authority", "法务", 1, true},
    {"authority", "审批", 1, true},
    {"trust", "没听说过", 2, false},
    {"trust", "不放心", 2, false},
    {"trust", "质量", 1, true},
    {"trust", "案例", 1, true},
    {"trust", "靠谱", 1, true},
    {"need", "不需要", 2, false},
    {"need", "没需求", 2, false},
    {"need", "没有需求", 2, false},
    {"need", "用不上", 2, false},
    {"need", "够用", 1, true},
    {"delivery", "交期", 2, false},
    {"delivery", "交货", 1, false},
    {"delivery", "来不及", 2, false},
    {"delivery", "排产", 1, false},
    {"service", "售后", 2, false},
    {"service", "维修", 1, true},
    {"service", "质保", 1, false},
    {"payment", "账期", 2, false},
    {"payment", "月结", 2, false},
    {"payment", "付款方式", 2, false},
    {"payment", "付款", 1, true},
    {"payment", "资金紧", 2, false},
    {"silence", "不回复", 2, false},
    {"silence", "不接电话", 2, false},
    {"silence", "联系不上", 2, false},
    {"silence", "没回消息", 2, false},
};
enum { LEXICON = sizeof lexicon / sizeof *lexicon };

static bool among(struct str_list words, const char *word) {
    for (size_t i = 0; i < words.n; i++) {
        if (str_is(words.items[i], word)) {
            return true;
        }
    }
    return false;
}

/* "不贵", "没有打折": the words before turn it round. */
static bool negated(struct str before, struct str cue) {
    static const char *const turning[] = {"不", "没", "没有", "并不", "不是", "别", "不算"};
    if (str_starts(cue, STR("不")) || str_starts(cue, STR("没"))) {
        return false;
    }
    for (size_t i = 0; i < sizeof turning / sizeof *turning; i++) {
        if (str_ends(before, str_from(turning[i]))) {
            return true;
        }
    }
    return false;
}

/* "价格没问题": it was an objection no more. */
static bool settled(struct str after) {
    static const char *const ends[] = {"没问题", "没有问题", "可以接受", "能接受",
                                       "合适",   "已确认",   "已谈妥",   "满意"};
    struct str near = str_slice(after, 0, SETTLED_WITHIN);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (str_find(near, str_from(ends[i])) >= 0) {
            return true;
        }
    }
    return false;
}

/* Whether the cue stands in the text at least once and means what it says. */
static bool said(struct str text, struct str cue) {
    size_t from = 0;
    ptrdiff_t at;
    while ((at = str_find(str_slice(text, from, text.n), cue)) >= 0) {
        size_t begin = from + (size_t)at, end = begin + cue.n;
        if (!negated(str_slice(text, 0, begin), cue) && !settled(str_slice(text, end, text.n))) {
            return true;
        }
        from = end;
    }
    return false;
}

static size_t cue_put(struct script_cue *out, size_t n, size_t most, struct script_cue cue) {
    for (size_t i = 0; i < n; i++) {
        if (str_equal(out[i].objection, cue.objection)) {
            out[i] = cue.strength > out[i].strength ? cue : out[i];
            return n;
        }
    }
    if (n < most) {
        out[n++] = cue;
    }
    return n;
}

size_t script_cues(struct arena *a, struct str text, struct script_cue *out, size_t most) {
    struct str key = text_search_key(a, text);
    struct str_list words = text_words(a, text);
    size_t n = 0;
    for (size_t i = 0; i < LEXICON; i++) {
        struct str cue = str_from(lexicon[i].words);
        if ((!lexicon[i].whole || among(words, lexicon[i].words)) && said(key, cue)) {
            n = cue_put(out, n, most,
                        (struct script_cue){.objection = str_from(lexicon[i].objection),
                                            .quote = cue,
                                            .strength = lexicon[i].strength});
        }
    }
    return n;
}

double script_share(int64_t moved, int64_t judged, double base) {
    return ((double)moved + SCRIPT_ENOUGH * base) / ((double)judged + SCRIPT_ENOUGH);
}

static int objection_points(const struct script_case *about, const struct script_offer *offer,
                            struct script_fit *fit) {
    for (size_t i = 0; offer->objection.n && i < about->n_cues; i++) {
        if (str_equal(about->cues[i].objection, offer->objection)) {
            fit->reasons |= SCRIPT_BY_OBJECTION;
            fit->cue = i;
            return about->cues[i].strength >= OUTRIGHT ? 40 : 22;
        }
    }
    return 0;
}

static int tag_points(const struct script_case *about, const struct script_offer *offer,
                      struct script_fit *fit) {
    int shared = 0;
    for (size_t i = 0; offer->tags.n && i < about->n_tags; i++) {
        if (str_lists(offer->tags, ',', about->tags[i]) && shared < TAGS_COUNTED) {
            fit->tag = shared++ ? fit->tag : i;
            fit->reasons |= SCRIPT_BY_TAG;
        }
    }
    return shared * TAG_POINTS;
}

/* Twice the base rate is the most that counts, as is none at all. */
static int result_points(const struct script_offer *offer, struct script_fit *fit) {
    if (offer->judged < SCRIPT_ENOUGH || offer->base <= 0) {
        return 0;
    }
    double gain = script_share(offer->moved, offer->judged, offer->base) / offer->base - 1;
    gain = gain > 1 ? 1 : gain < -1 ? -1 : gain;
    fit->reasons |= SCRIPT_BY_RESULT;
    return (int)(gain * RESULT_POINTS + (gain < 0 ? -0.5 : 0.5));
}

struct script_fit script_fit(const struct script_case *about, const struct script_offer *offer) {
    struct script_fit fit = {0}, none = {0};
    bool same_industry = str_equal(offer->industry, about->industry);
    if (offer->industry.n && !same_industry) {
        return none;
    }
    fit.points = objection_points(about, offer, &fit);
    if (about->scene.n && str_equal(offer->scene, about->scene)) {
        bool unasked = offer->objection.n && !(fit.reasons & SCRIPT_BY_OBJECTION);
        fit.points += unasked ? 15 : 30;
        fit.reasons |= SCRIPT_BY_SCENE;
    }
    if (!fit.reasons) {
        return none;
    }
    if (offer->industry.n) {
        fit.points += 20;
        fit.reasons |= SCRIPT_BY_INDUSTRY;
    }
    fit.points += tag_points(about, offer, &fit) + result_points(offer, &fit);
    if (offer->favourite) {
        fit.points += 4;
        fit.reasons |= SCRIPT_BY_FAVOURITE;
    }
    if (offer->used_lately) {
        fit.points -= 25;
        fit.reasons |= SCRIPT_USED_LATELY;
    }
    fit.points = fit.points < 1 ? 1 : fit.points;
    return fit;
}
