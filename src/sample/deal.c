#include "sample/deal.h"

#include <math.h>

#include "entity/record.h"
#include "sales/opportunity.h"
#include "sample/work.h"

enum { AGAIN_MOST = 6, YUAN = 100, SHOP_PRODUCT = 6 };

/* A deal on its way. */
struct course {
    struct company *k;
    struct draw *d;
    const struct deal *deal;
    int64_t id;
    int64_t entered; /* its stage */
    int64_t close;   /* when its salesman expects it to close */
    int64_t amount;  /* minor units */
    const struct actor *who;
};

int deal_product(struct draw *d, bool shop) {
    int shares[SAMPLE_PRODUCTS];
    for (int i = 0; i < SAMPLE_PRODUCTS; i++) {
        shares[i] = (i >= SHOP_PRODUCT) == shop ? sample_products[i].share : 0;
    }
    return (int)draw_share(d, shares, SAMPLE_PRODUCTS);
}

/* A round figure, as people quote. */
static int64_t round_amount(double yuan) {
    double step = yuan > 200000 ? 5000 : yuan > 20000 ? 1000 : yuan > 2000 ? 50 : 5;
    double rounded = floor(yuan / step + 0.5) * step;
    return (int64_t)(rounded < step ? step : rounded) * YUAN;
}

static int64_t draw_amount(struct draw *d, const struct deal *deal) {
    const struct sample_product *p = &sample_products[deal->product];
    double worth = deal->channel ? deal->channel->worth_percent / 100.0 : 1;
    double trade = deal->account_id ? sample_trades[deal->trade].worth_percent / 100.0 : 1;
    return round_amount(draw_log_normal(d, p->deal_yuan * worth * trade, sample_amount_sigma));
}

static struct str deal_name(struct company *k, struct draw *d, const struct deal *deal) {
    static const char *const wheres[] = {"一号线",   "二号线", "三号线", "新厂房", "老厂",
                                         "装配车间", "总装线", "二期",   "涂装线", "仓库"};
    const struct sample_product *p = &sample_products[deal->product];
    if (!deal->account_id) {
        return str_format(k->c->arena, "%s × %d", p->name, (int)draw_between(d, 2, 8));
    }
    if (!deal->channel) {
        static const char *const nexts[] = {"二期", "增购", "年度框架", "扩容"};
        return str_format(k->c->arena, "%s%s", p->interest, DRAW_PICK(d, nexts));
    }
    const char *where = DRAW_PICK(d, wheres);
    return str_format(k->c->arena, "%s%s", where, p->interest);
}

/* The record at its first stage. */
static int64_t insert(struct company *k, struct draw *d, struct deal *deal, int64_t close) {
    bool shop = !deal->account_id;
    struct change_set set = company_new(k, "opportunity");
    const struct actor *who = &k->reps[deal->rep];
    int64_t amount = draw_amount(d, deal), first = shop ? k->shop_stages[0] : k->stages[0];
    static const char *const grades[] = {"a", "b", "c", "d"};
    company_at(k, deal->at, who);
    change_text(&set, "name", deal_name(k, d, deal));
    change_id(&set, "account_id", deal->account_id);
    change_id(&set, "person_id", deal->person_id);
    change_id(&set, "pipeline_id", shop ? k->shop_pipeline : k->pipeline);
    change_id(&set, "stage_id", first);
    change_money(&set, "amount", amount, STR("CNY"));
    change_id(&set, "product_id", k->products[deal->product]);
    change_id(&set, "lead_id", deal->lead_id);
    change_text(&set, "source", str_from(deal->channel ? deal->channel->source : "老客户"));
    change_text(&set, "engaged_date", company_date(k, deal->at));
    change_text(&set, "expected_close_date", company_date(k, close));
    change_int(&set, "stage_entered_at", deal->at);
    if (!shop) {
        int64_t yuan = amount / YUAN;
        change_text(&set, "grade",
                    str_from(grades[yuan > 500000   ? 0
                                    : yuan > 180000 ? 1
                                    : yuan > 80000  ? 2
                                                    : 3]));
    }
    int64_t id = company_insert(k, &set);
    opportunity_history_add(k->c, &(struct stage_move){id, 0, first, deal->at, who->user_id});
    return id;
}

int64_t deal_begin(struct company *k, struct draw *d, struct deal *deal) {
    return insert(k, d, deal, deal->at + draw_between(d, 60, 120) * MS_DAY);
}

int64_t deal_shop_begin(struct company *k, struct draw *d, struct deal *deal) {
    return insert(k, d, deal, deal->at + draw_between(d, 1, 4) * MS_DAY);
}

/* Nobody decides during the festival: what would end then ends after it. */
static int64_t after_festival(const struct company *k, int64_t at) {
    int64_t day = company_day(k, at);
    int64_t first = sample_spring_festival(date_from_days(day).year);
    return first && day >= first - 4 && day <= first + 9 ? at + (first + 10 - day) * MS_DAY : at;
}

static int64_t stage_end(const struct course *v, const struct sample_stage *s) {
    double days = draw_log_normal(v->d, s->median_days, s->sigma);
    return company_next_work(v->k, v->d,
                             after_festival(v->k, v->entered + (int64_t)(days * MS_DAY)));
}

static double pass_chance(const struct deal *deal, int stage) {
    const struct sample_rep *r = &sample_reps[deal->rep];
    double odds = log_odds_of(sample_stages[stage].pass);
    if (stage == SAMPLE_SKILL_STAGE) {
        const char *industry = sample_trades[deal->trade].industry;
        odds += r->hand;
        odds += r->industry && str_is(str_from(r->industry), industry) ? r->industry_hand : 0;
    }
    return chance_of(odds);
}

/* What is done while a deal stands in a stage. */
static void work_in_stage(struct course *v, int stage, int64_t until) {
    struct work w = {"opportunity", v->id, v->who, WORK_STAGE + (enum work_phase)stage,
                     sample_products[v->deal->product].interest};
    int64_t span = until - v->entered;
    int n = 1 + (int)(span / (6 * (int64_t)MS_DAY));
    n = n > 3 ? 3 : n;
    for (int i = 0; i < n; i++) {
        int64_t at = v->entered + span * (2 * i + 1) / (2 * n) + draw_between(v->d, 0, 6) * MS_HOUR;
        at = company_next_work(v->k, v->d, at);
        work_follow_up(v->k, v->d, &w, at < until ? at : v->entered + span / 2);
    }
    if (draw_chance(v->d, 0.6)) {
        int64_t at = company_next_work(v->k, v->d, v->entered + span / 4);
        work_task(v->k, v->d, &w, at,
                  company_next_work(v->k, v->d, at + draw_between(v->d, 1, 5) * MS_DAY));
    }
}

/* The salesman looks ahead again: the date he expects, and after a quote the amount. */
static void set_outlook(struct course *v, struct change_set *set, int stage, int64_t at) {
    static const int days_left[SAMPLE_STAGES] = {85, 72, 55, 33, 11};
    int64_t close = at + (days_left[stage] + draw_between(v->d, -6, 10)) * (int64_t)MS_DAY;
    v->close = company_next_work(v->k, v->d, close);
    change_text(set, "expected_close_date", company_date(v->k, v->close));
    if (stage == 2 || stage == 3) {
        double factor = stage == 2 ? 0.9 + 0.25 * draw_unit(v->d) : 0.9 + 0.08 * draw_unit(v->d);
        v->amount = round_amount((double)v->amount / YUAN * factor);
        change_money(set, "amount", v->amount, STR("CNY"));
    }
}

static void lose(struct course *v, int64_t at) {
    static const char *const rivals[] = {"安川系代理", "汇控科技", "东菱自动化", "本地集成商"};
    size_t reason = draw_share(v->d, sample_reasons, SAMPLE_REASONS);
    bool shop = !v->deal->account_id;
    struct change_set set = company_new(v->k, "opportunity");
    company_at(v->k, at, v->who);
    change_id(&set, "lost_reason_id", v->k->reasons[reason]);
    if (reason == 1) {
        change_text(&set, "competitor", str_from(DRAW_PICK(v->d, rivals)));
    }
    opportunity_moved(
        v->k->c, v->id,
        shop ? v->k->shop_stages[SAMPLE_SHOP_STAGES + 1] : v->k->stages[SAMPLE_STAGES + 1], &set);
}

/* Where the present finds it: the next step, on time or overdue, as its salesman is. */
static void leave_open(struct course *v, int stage) {
    static const char *const steps[SAMPLE_STAGES] = {"约现场测绘", "出初步方案", "催报价反馈",
                                                     "敲定付款条款", "跟进用印"};
    struct company *k = v->k;
    int diligence = sample_reps[v->deal->rep].diligence;
    bool minds = (int)draw_below(v->d, 100) < diligence;
    int64_t next = company_next_work(
        k, v->d, k->now_ms + draw_between(v->d, minds ? 0 : -5, minds ? 6 : -1) * MS_DAY);
    struct change_set set = company_new(k, "opportunity");
    int64_t at = k->now_ms - draw_between(v->d, 1, 20) * MS_HOUR;
    company_at(k, at > v->entered ? at : v->entered, v->who);
    change_text(&set, "next_step", str_from(steps[stage]));
    change_int(&set, "next_follow_up_at", next);
    if (v->close < k->now_ms && minds) {
        v->close = company_next_work(k, v->d, k->now_ms + draw_between(v->d, 4, 35) * MS_DAY);
        change_text(&set, "expected_close_date", company_date(k, v->close));
    }
    record_change(k->c, v->id, &set);
}

/* The customer's next deal, after a while. */
static void again(const struct course *v, int64_t won_at, int number) {
    struct company *k = v->k;
    double chance = sample_again;
    int64_t days = (int64_t)draw_log_normal(v->d, sample_again_median_days, 0.45) + 20;
    int64_t at = company_next_work(k, v->d, won_at + days * MS_DAY);
    struct work care = {"account", v->deal->account_id, v->who, WORK_CARE,
                        sample_products[v->deal->product].interest};
    for (int64_t visit = won_at + 45 * (int64_t)MS_DAY; visit < at && number < 3;
         visit += 90 * (int64_t)MS_DAY) {
        work_follow_up(k, v->d, &care, company_next_work(k, v->d, visit));
    }
    if (number >= AGAIN_MOST || !draw_chance(v->d, chance) || !company_reached(k, at)) {
        return;
    }
    struct deal next = *v->deal;
    next.lead_id = 0;
    next.channel = NULL;
    next.at = at;
    next.product = deal_product(v->d, false);
    deal_live(k, v->d, &next, deal_begin(k, v->d, &next));
}

static void win(struct course *v, int64_t at) {
    struct work w = {"opportunity", v->id, v->who, WORK_WON,
                     sample_products[v->deal->product].interest};
    company_at(v->k, at, v->who);
    opportunity_moved(v->k->c, v->id, v->k->stages[SAMPLE_STAGES], NULL);
    work_follow_up(v->k, v->d, &w, company_next_work(v->k, v->d, at + 4 * MS_HOUR));
}

static struct course begin(struct company *k, struct draw *d, const struct deal *deal, int64_t id) {
    struct record *r = record_load(k->c, entity_named(k->c, "opportunity"), id);
    return (struct course){.k = k,
                           .d = d,
                           .deal = deal,
                           .id = id,
                           .entered = deal->at,
                           .close = deal->at + 90 * (int64_t)MS_DAY,
                           .amount = r ? record_value(r, "amount").integer : 0,
                           .who = &k->reps[deal->rep]};
}

void deal_live(struct company *k, struct draw *d, const struct deal *deal, int64_t id) {
    struct course v = begin(k, d, deal, id);
    for (int stage = 0; stage < SAMPLE_STAGES && !ctx_failed(k->c); stage++) {
        int64_t end = stage_end(&v, &sample_stages[stage]);
        bool passes = draw_chance(d, pass_chance(deal, stage));
        work_in_stage(&v, stage, end);
        if (!company_reached(k, end)) {
            leave_open(&v, stage);
            return;
        }
        if (!passes) {
            lose(&v, end);
            return;
        }
        if (stage == SAMPLE_STAGES - 1) {
            win(&v, end);
            again(&v, end, deal->lead_id ? 0 : 1);
            return;
        }
        struct change_set set = company_new(k, "opportunity");
        company_at(k, end, v.who);
        set_outlook(&v, &set, stage + 1, end);
        opportunity_moved(k->c, id, k->stages[stage + 1], &set);
        v.entered = end;
    }
}

static void shop_again(struct course *v, int64_t won_at) {
    struct company *k = v->k;
    int64_t days = (int64_t)draw_log_normal(v->d, sample_products[v->deal->product].cycle_days,
                                            sample_shop_again_sigma);
    int64_t at = company_net_time(k, v->d, company_day(k, won_at) + (days > 3 ? days : 3));
    if (!draw_chance(v->d, sample_shop_again) || !company_reached(k, at)) {
        return;
    }
    struct deal next = *v->deal;
    next.lead_id = 0;
    next.channel = NULL;
    next.at = at;
    next.product = draw_chance(v->d, 0.7) ? next.product : deal_product(v->d, true);
    deal_shop_live(k, v->d, &next, deal_shop_begin(k, v->d, &next));
}

void deal_shop_live(struct company *k, struct draw *d, const struct deal *deal, int64_t id) {
    struct course v = begin(k, d, deal, id);
    struct work w = {"opportunity", id, v.who, WORK_SHOP, sample_products[deal->product].interest};
    for (int stage = 0; stage < SAMPLE_SHOP_STAGES && !ctx_failed(k->c); stage++) {
        const struct sample_stage *s = &sample_shop_stages[stage];
        double days = draw_log_normal(d, s->median_days, s->sigma);
        int64_t end = company_next_shop(k, d, v.entered + (int64_t)(days * MS_DAY) + 4 * MS_MINUTE);
        bool passes = draw_chance(d, s->pass);
        if (stage == 0 && draw_chance(d, 0.35)) {
            int64_t at = company_next_shop(k, d, v.entered + (end - v.entered) / 2);
            work_follow_up(k, d, &w, at < end ? at : end);
        }
        if (!company_reached(k, end)) {
            return;
        }
        if (!passes) {
            lose(&v, end);
            return;
        }
        company_at(k, end, v.who);
        opportunity_moved(k->c, id, k->shop_stages[stage + 1], NULL);
        v.entered = end;
    }
    shop_again(&v, v.entered);
}
