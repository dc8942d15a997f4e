#include "sample/lead.h"

#include <stdio.h>

#include "customer/lead.h"
#include "db/db.h"
#include "sales/conversion.h"
#include "sample/deal.h"
#include "sample/names.h"
#include "sample/visits.h"
#include "sample/work.h"

enum { NURTURES_MOST = 5, ACCOUNT_KEYS = 8, LEFT_MOST_DAYS = 30 };

/* Who comes, and how. */
struct comer {
    const struct sample_channel *channel;
    int place, trade, product, rep;
    struct str person, phone, email, title, mark;
    struct company_name company;
    bool effects[SAMPLE_EFFECTS];
    int visits;
    int64_t at, answered;
    int64_t lead_id, person_id, visitor_id;
};

static const struct sample_channel *draw_channel(struct company *k, struct draw *d, bool shop,
                                                 int64_t at) {
    int shares[SAMPLE_CHANNELS];
    int64_t ago = (k->now_ms - at) / MS_DAY;
    for (int i = 0; i < SAMPLE_CHANNELS; i++) {
        const struct sample_channel *ch = &sample_channels[i];
        int64_t share = ch->share_now + (ch->share_then - ch->share_now) * ago / SAMPLE_DAYS;
        shares[i] = ch->shop == shop ? (int)share : 0;
    }
    return &sample_channels[draw_share(d, shares, SAMPLE_CHANNELS)];
}

/* Of the group that works the place, whoever was given least. */
static int draw_rep(struct company *k, int group) {
    int best = -1;
    for (int i = 0; i < SAMPLE_REPS; i++) {
        if (sample_reps[i].group == group && (best < 0 || k->load[i] < k->load[best])) {
            best = i;
        }
    }
    k->load[best]++;
    return best;
}

static int draw_place(struct draw *d) {
    int shares[SAMPLE_PLACES];
    for (int i = 0; i < SAMPLE_PLACES; i++) {
        shares[i] = sample_places[i].share;
    }
    return (int)draw_share(d, shares, SAMPLE_PLACES);
}

static int draw_trade(struct draw *d) {
    int shares[SAMPLE_TRADES];
    for (int i = 0; i < SAMPLE_TRADES; i++) {
        shares[i] = sample_trades[i].share;
    }
    return (int)draw_share(d, shares, SAMPLE_TRADES);
}

/* The industry as people write it, for leads say it in words. */
static struct str industry_words(struct company *k, int trade) {
    const struct field *f = entity_field(entity_named(k->c, "account"), STR("industry"));
    return field_option(f, str_from(sample_trades[trade].industry))->label[LANGUAGE_ZH];
}

/* Now and then it is somebody of a customer, who asks for something else. */
static void be_known(struct company *k, struct draw *d, struct comer *m) {
    if (!k->n_customers || draw_below(d, SAMPLE_KNOWN_ONE_IN)) {
        return;
    }
    const struct customer *known = &k->customers[draw_below(d, k->n_customers)];
    k->load[m->rep]--;
    m->place = known->place;
    m->trade = known->trade;
    m->rep = draw_rep(k, sample_places[m->place].group);
    m->person = str_from(known->person);
    m->phone = str_from(known->phone);
    m->company.full = m->company.brief = str_from(known->name);
    m->email = STR("");
}

static struct comer draw_comer(struct company *k, struct draw *d, bool shop, int64_t at) {
    struct arena *a = k->c->arena;
    struct comer m = {.channel = draw_channel(k, d, shop, at),
                      .place = draw_place(d),
                      .trade = draw_trade(d),
                      .product = deal_product(d, shop),
                      .person = name_person(a, d),
                      .phone = name_phone(a, d),
                      .at = at,
                      .visits = 1 + (int)draw_below(d, 4)};
    m.rep = draw_rep(k, shop ? SAMPLE_SHOP_GROUP : sample_places[m.place].group);
    for (int i = 0; i < SAMPLE_EFFECTS; i++) {
        m.effects[i] = draw_chance(d, sample_effects[i].chance_percent / 100.0);
    }
    if (shop) {
        m.email = draw_chance(d, 0.3) ? name_private_email(a, d, m.person) : STR("");
        return m;
    }
    m.company = name_company(a, d, sample_places[m.place].city, sample_trades[m.trade].word);
    m.title = name_job_title(d, &m.effects[EFFECT_DECIDER]);
    m.email = draw_chance(d, 0.55) ? name_email(a, d, m.person, m.company.mark) : STR("");
    be_known(k, d, &m);
    return m;
}

/* The number as it was typed: some with blanks or a country code, some wrong beside a mail. */
static struct str typed_phone(struct company *k, struct draw *d, const struct comer *m) {
    struct arena *a = k->c->arena;
    const char *p = m->phone.p;
    if (m->email.n && draw_below(d, SAMPLE_BAD_PHONE_ONE_IN) == 0) {
        return str_slice(m->phone, 0, 9);
    }
    switch (draw_below(d, 12)) {
    case 0:
        return str_format(a, "+86 %.*s", STR_ARG(m->phone));
    case 1:
        return str_format(a, "%.3s %.4s %.4s", p, p + 3, p + 7);
    case 2:
        return str_format(a, "%.3s-%.4s-%.4s", p, p + 3, p + 7);
    default:
        return m->phone;
    }
}

static struct str received(struct company *k, const struct comer *m) {
    return str_format(k->c->arena, "{\"source\":\"%s\",\"came\":%.*s}", m->channel->source,
                      STR_ARG(visits_touch(k->c->arena, m->channel)));
}

static void touch_add(struct company *k, const struct comer *m,
                      const struct sample_channel *channel, int64_t at) {
    struct change_set set = company_new(k, "touch");
    struct comer by = *m;
    by.channel = channel;
    company_at(k, at, NULL);
    change_text(&set, "source", str_from(channel->source));
    if (channel->campaign) {
        change_text(&set, "campaign", str_from(channel->campaign));
    }
    change_id(&set, "lead_id", m->lead_id);
    change_id(&set, "person_id", m->person_id);
    change_id(&set, "owner_id", k->reps[m->rep].user_id);
    change_text(&set, "received", received(k, &by));
    company_insert(k, &set);
}

/* Who gets it and why, as the rule would have said. */
static void set_assigned(struct company *k, const struct comer *m, struct change_set *more) {
    change_int(more, "assigned_at", m->at + 40 * MS_SECOND);
    change_text(more, "assignment_reason",
                m->channel->shop ? STR("规则「商城咨询」：轮流分配")
                                 : str_format(k->c->arena, "规则「按区域」：%s → 本组轮流分配",
                                              sample_places[m->place].city));
}

static bool take_in(struct company *k, struct draw *d, struct comer *m, bool given) {
    struct ctx *c = k->c;
    const struct sample_product *p = &sample_products[m->product];
    struct change_set more = company_new(k, "lead");
    if (given) {
        set_assigned(k, m, &more);
    }
    bool shop = m->channel->shop;
    struct lead_intake in = {
        .name = m->person,
        .phone = typed_phone(k, d, m),
        .email = m->email,
        .company_name = shop                  ? STR("")
                        : draw_chance(d, 0.3) ? m->company.brief
                                              : m->company.full,
        .job_title = m->title,
        .industry = shop || draw_chance(d, 0.12) ? STR("") : industry_words(k, m->trade),
        .region = draw_chance(d, 0.06) ? STR("") : str_from(sample_places[m->place].region),
        .source = str_from(m->channel->source),
        .campaign = str_from(m->channel->campaign ? m->channel->campaign : ""),
        .product_interest = str_from(p->interest),
        .payload = received(k, m),
        .more = &more,
        .owner_id = given ? k->reps[m->rep].user_id : 0};
    company_at(k, m->at, NULL);
    struct intake_result result = lead_take_in(c, &in);
    if (result.verdict == INTAKE_REFUSED) {
        ctx_clear_error(c);
        return false;
    }
    m->lead_id = result.lead_id;
    m->person_id = result.person_id;
    if (result.verdict == INTAKE_CREATED) {
        touch_add(k, m, m->channel, m->at);
    }
    return result.verdict == INTAKE_CREATED;
}

/* Visits before the form, the form, and who the visitor was. */
static bool come(struct company *k, struct draw *d, struct comer *m, bool given) {
    struct visiting v = {.channel = m->channel,
                         .until = m->at,
                         .white_paper = !m->channel->shop && m->effects[EFFECT_WHITE_PAPER],
                         .pricing = !m->channel->shop && m->effects[EFFECT_PRICING],
                         .cases = !m->channel->shop && m->effects[EFFECT_CASES],
                         .visits = m->visits};
    m->visitor_id = visits_make(k, d, &v);
    if (!take_in(k, d, m, given)) {
        return false;
    }
    visits_join(k, m->visitor_id, m->person_id, m->at);
    return true;
}

static void set_status(struct company *k, const struct comer *m, const char *status,
                       int64_t next_at) {
    struct change_set set = company_new(k, "lead");
    change_text(&set, "status", str_from(status));
    if (next_at) {
        change_int(&set, "next_follow_up_at", next_at);
    }
    record_change(k->c, m->lead_id, &set);
}

static double conversion_odds(const struct comer *m) {
    double odds = m->channel->effect +
                  (m->channel->shop ? sample_shop_base : sample_conversion_base);
    for (int i = 0; i < SAMPLE_EFFECTS && !m->channel->shop; i++) {
        odds += m->effects[i] ? sample_effects[i].effect : 0;
    }
    return odds;
}

/* The first answer; whether there was one before the present. */
static bool answer(struct company *k, struct draw *d, struct comer *m, const struct work *w) {
    const struct sample_rep *rep = &sample_reps[m->rep];
    double hours = draw_log_normal(d, rep->answer_hours, 0.8);
    int64_t at = m->at + (int64_t)(hours * MS_HOUR);
    m->answered = m->channel->shop ? company_next_shop(k, d, at) : company_next_work(k, d, at);
    m->effects[EFFECT_FAST_ANSWER] = m->answered - m->at <= 2 * MS_HOUR;
    if (!work_follow_up(k, d, w, m->answered)) {
        return false;
    }
    set_status(k, m, "working", 0);
    return true;
}

static const struct sample_channel *channel_called(const char *source) {
    for (int i = 0; i < SAMPLE_CHANNELS; i++) {
        if (str_is(str_from(source), sample_channels[i].source)) {
            return &sample_channels[i];
        }
    }
    return &sample_channels[0];
}

/* Touches between the capture and its end: a webinar, and what else reaches people. */
static void nurture_touches(struct company *k, struct draw *d, const struct comer *m, int64_t end) {
    static const char *const others[] = {"公众号", "视频号", "官网表单", "百度搜索"};
    static const struct sample_channel webinar = {.source = "线上研讨会",
                                                  .campaign = "数采十问直播"};
    int64_t span = end - m->at;
    int64_t at = m->at + (int64_t)(draw_unit(d) * (double)span);
    if (m->effects[EFFECT_WEBINAR] && company_reached(k, at)) {
        touch_add(k, m, &webinar, at);
    }
    const char *other = DRAW_PICK(d, others);
    at = m->at + (int64_t)(draw_unit(d) * (double)span);
    if (draw_chance(d, 0.35) && company_reached(k, at)) {
        touch_add(k, m, channel_called(other), at);
    }
}

/* The company as a customer: known already, or made. */
static struct customer *customer_of(struct company *k, struct draw *d, const struct comer *m,
                                    struct conversion_known *known) {
    static const char *const sizes[] = {"20-99", "100-499", "100-499", "500-999", "1000+"};
    static const char *const levels[] = {"a", "b", "b", "c", "c", "d"};
    for (size_t i = 0; i < k->n_customers; i++) {
        if (str_is(m->company.full, k->customers[i].name)) {
            return &k->customers[i];
        }
    }
    if (k->n_customers == SAMPLE_CUSTOMERS) {
        return &k->customers[draw_below(d, SAMPLE_CUSTOMERS)];
    }
    struct change_set set = company_new(k, "account");
    change_text(&set, "name", m->company.full);
    change_text(&set, "industry", str_from(sample_trades[m->trade].industry));
    change_text(&set, "size", str_from(DRAW_PICK(d, sizes)));
    change_text(&set, "level", str_from(DRAW_PICK(d, levels)));
    change_text(&set, "region", str_from(sample_places[m->place].region));
    change_text(&set, "source", str_from(m->channel->source));
    known->account_made = true;
    struct customer *made = &k->customers[k->n_customers++];
    *made = (struct customer){.account_id = company_insert(k, &set), .person_id = m->person_id};
    made->trade = m->trade;
    made->place = m->place;
    snprintf(made->name, sizeof made->name, "%.*s", STR_ARG(m->company.full));
    snprintf(made->person, sizeof made->person, "%.*s", STR_ARG(m->person));
    snprintf(made->phone, sizeof made->phone, "%.*s", STR_ARG(m->phone));
    return made;
}

static int64_t contact_of(struct company *k, struct draw *d, const struct comer *m,
                          struct conversion_known *known) {
    static const char *const roles[] = {"purchase", "user", "influence", "purchase"};
    int64_t id = DB_INT(k->c,
                        "SELECT id FROM contact WHERE account_id = $1 AND person_id = $2 "
                        "AND deleted_at IS NULL",
                        known->account_id, m->person_id);
    if (id) {
        return id;
    }
    known->contact_made = true;
    struct change_set set = company_new(k, "contact");
    change_text(&set, "name", m->person);
    change_id(&set, "account_id", known->account_id);
    change_id(&set, "person_id", m->person_id);
    change_text(&set, "job_title", m->title);
    change_text(&set, "role",
                str_from(m->effects[EFFECT_DECIDER] ? "decision" : DRAW_PICK(d, roles)));
    return company_insert(k, &set);
}

static void convert(struct company *k, struct draw *d, struct comer *m, int64_t at) {
    bool shop = m->channel->shop;
    struct conversion_known known = {0};
    company_at(k, at, &k->reps[m->rep]);
    struct deal deal = {.lead_id = m->lead_id,
                        .person_id = m->person_id,
                        .rep = m->rep,
                        .product = m->product,
                        .trade = m->trade,
                        .channel = m->channel,
                        .customer = m->company.full,
                        .at = at};
    if (!shop) {
        const struct customer *customer = customer_of(k, d, m, &known);
        deal.account_id = known.account_id = customer->account_id;
        known.contact_id = contact_of(k, d, m, &known);
    }
    int64_t id = shop ? deal_shop_begin(k, d, &deal) : deal_begin(k, d, &deal);
    known.opportunity_id = id;
    conversion_add(k->c, m->lead_id, &known);
    if (shop) {
        deal_shop_live(k, d, &deal, id);
    } else {
        deal_live(k, d, &deal, id);
    }
}

/* It does not become a deal: given up sooner or later, or kept for later. Only of late some were
 * returned or let lie: of those before, all have been nurtured or given up since. */
static void end_without(struct company *k, struct draw *d, const struct comer *m, int64_t at) {
    static const int shares[] = {50, 4, 44, 2};
    static const char *const reasons[] = {"联系不上", "没有需求", "不在服务范围", "同行打探",
                                          "预算太小"};
    size_t fate = draw_share(d, shares, 4);
    const char *reason = DRAW_PICK(d, reasons);
    bool late = at < k->now_ms - LEFT_MOST_DAYS * (int64_t)MS_DAY;
    if (fate == 3 && late) {
        fate = 0;
    }
    if (fate == 3 || !company_reached(k, at)) {
        return;
    }
    company_at(k, at, &k->reps[m->rep]);
    if (fate == 0) {
        struct change_set set = company_new(k, "lead");
        change_text(&set, "status", STR("disqualified"));
        change_text(&set, "disqualified_reason", str_from(reason));
        record_change(k->c, m->lead_id, &set);
    } else {
        set_status(k, m, fate == 1 && !late ? "returned" : "nurturing", 0);
        if (fate == 1) {
            struct change_set set = company_new(k, "lead");
            change_text(&set, "returned_reason", str_from(reason));
            record_change(k->c, m->lead_id, &set);
        }
    }
}

/* The present finds it in work: when its next step is due. Who is diligent was at it these days. */
static void leave_open(struct company *k, struct draw *d, const struct comer *m,
                       const struct work *w) {
    bool minds = (int)draw_below(d, 100) < sample_reps[m->rep].diligence;
    int64_t days = minds ? draw_between(d, 0, 5) : -draw_between(d, 1, 9);
    int64_t next = company_next_work(k, d, k->now_ms + days * MS_DAY);
    int64_t at = company_next_work(k, d, k->now_ms - draw_between(d, 12, 64) * MS_HOUR);
    at = at > m->answered ? at : m->answered + 2 * (int64_t)MS_HOUR;
    if (minds) {
        work_follow_up(k, d, w, at);
    }
    if (company_reached(k, at)) {
        company_at(k, at, &k->reps[m->rep]);
        set_status(k, m, "working", next);
    }
}

/* From the first answer to the end, or to the present. */
static void work_lead(struct company *k, struct draw *d, struct comer *m, struct work *w) {
    bool becomes = draw_chance(d, chance_of(conversion_odds(m)));
    double median = becomes ? 7 : 24;
    int64_t span = (int64_t)(draw_log_normal(d, median, 0.6) * MS_DAY) + MS_HOUR;
    int64_t end = company_next_work(k, d, m->answered + span);
    int n = (int)(span / (5 * (int64_t)MS_DAY)) + (becomes ? 1 : 0);
    n = n > NURTURES_MOST ? NURTURES_MOST : n;
    w->phase = WORK_NURTURE;
    for (int i = 0; i < n; i++) {
        int64_t at = company_next_work(k, d, m->answered + span * (i + 1) / (n + 1));
        work_follow_up(k, d, w, at < end ? at : end);
    }
    if (draw_chance(d, 0.3)) {
        int64_t at = company_next_work(k, d, m->answered + span / 3);
        work_task(k, d, w, at, company_next_work(k, d, at + draw_between(d, 1, 4) * MS_DAY));
    }
    nurture_touches(k, d, m, end);
    if (!company_reached(k, end)) {
        leave_open(k, d, m, w);
    } else if (becomes) {
        convert(k, d, m, end);
    } else {
        end_without(k, d, m, end);
    }
}

/* Somebody of whom another capture is told a little differently: the cleansing should see it. */
static void plant_duplicate(struct company *k, struct draw *d, const struct comer *m) {
    struct comer twin = *m;
    char *digits = str_to_c(k->c->arena, m->phone);
    digits[9 + draw_below(d, 2)] = (char)('0' + draw_below(d, 10));
    twin.phone = str_from(digits);
    twin.email = STR("");
    twin.at = m->at + draw_between(d, 2, 40) * MS_DAY;
    twin.lead_id = twin.person_id = 0;
    if (str_equal(twin.phone, m->phone) || !company_reached(k, twin.at) ||
        !take_in(k, d, &twin, true)) {
        return;
    }
    DB_RUN(k->c, "INSERT INTO sample_planted (first_id, second_id) VALUES ($1, $2)", m->person_id,
           twin.person_id);
    int64_t noticed = company_next_work(k, d, twin.at + draw_between(d, 1, 4) * MS_DAY);
    if (company_reached(k, noticed)) {
        struct change_set set = company_new(k, "lead");
        company_at(k, noticed, &k->reps[m->rep]);
        change_text(&set, "status", STR("disqualified"));
        change_text(&set, "disqualified_reason", STR("已在跟进，重复登记"));
        record_change(k->c, twin.lead_id, &set);
    }
}

void lead_of_company(struct company *k, struct draw *d, int64_t at) {
    struct comer m = draw_comer(k, d, false, at);
    if (!come(k, d, &m, true)) {
        return;
    }
    struct work w = {"lead", m.lead_id, &k->reps[m.rep], WORK_FIRST,
                     sample_products[m.product].interest};
    bool duplicate = draw_below(d, SAMPLE_DUPLICATE_ONE_IN) == 0;
    if (answer(k, d, &m, &w)) {
        work_lead(k, d, &m, &w);
    }
    if (duplicate) {
        plant_duplicate(k, d, &m);
    }
}

void lead_of_shop(struct company *k, struct draw *d, int64_t at) {
    struct comer m = draw_comer(k, d, true, at);
    if (!come(k, d, &m, true)) {
        return;
    }
    struct work w = {"lead", m.lead_id, &k->reps[m.rep], WORK_SHOP,
                     sample_products[m.product].interest};
    if (!answer(k, d, &m, &w)) {
        return;
    }
    bool becomes = draw_chance(d, chance_of(conversion_odds(&m)));
    int64_t end = m.answered + (int64_t)(draw_log_normal(d, becomes ? 0.2 : 6, 0.7) * MS_DAY);
    end = company_next_shop(k, d, end);
    if (!company_reached(k, end)) {
        leave_open(k, d, &m, &w);
    } else if (becomes) {
        convert(k, d, &m, end);
    } else {
        end_without(k, d, &m, end);
    }
}

void lead_just_now(struct company *k, struct draw *d, int64_t at, bool given) {
    struct comer m = draw_comer(k, d, false, at);
    come(k, d, &m, given);
}
