/*
 * "What if": a changed card applied to what the last months held, before it is saved.
 *
 * Open leads that the card would rule are scored as of now by the card as it stands and by the
 * changed one: how many would change their tier, and which. Leads that were decided are scored as
 * of the moment before they were, with the events they had by then and the fields they have now;
 * the share that converted, by band of the score, and the AUC say which card told winners from
 * losers better. Nothing is
 * written. Only leads count that the asker may see.
 */
#include "base/message.h"
#include "base/module.h"
#include "customer/lead.h"
#include "db/sql.h"
#include "entity/access.h"
#include "http/route.h"
#include "marketing/marketing.h"
#include "marketing/scoring_explain.h"
#include "statistics/logistic.h"

enum { LEADS_MOST = 3000, MONTHS_MOST = 24, LIST_MOST = 100, BANDS = 10, DECIDED_LEAST = 20 };

struct band {
    int64_t leads, decided, won;
};

/* By one of the two cards. */
struct side {
    const struct score_card *card; /* NULL: none stood */
    struct band bands[BANDS];
    int64_t tiers[TIER_HIGH + 1];
    double *scores; /* of decided leads */
};

struct mover {
    int64_t id;
    struct str name;
    int64_t score[2];
    enum score_tier tier[2];
};

struct what_if {
    struct ctx *c;
    const struct score_card *changed;
    const struct score_card *saved; /* of the same id; NULL when it is new */
    struct score_cards enabled;
    struct side sides[2]; /* as it stands, changed */
    struct score_time now;
    int64_t low, high; /* where bands begin and end */
    bool *outcome;
    size_t decided, won, considered;
    int64_t moved, up, down;
    struct mover movers[LIST_MOST];
    size_t n_movers;
};

static bool has_outcome(struct ctx *c, const struct record *lead, bool *won, int64_t *at) {
    *won = str_is(record_text(lead, "status"), "converted");
    *at = lead_decided_at(c, lead);
    return *at != 0;
}

static size_t band_of(const struct what_if *x, int64_t score) {
    int64_t width = x->high - x->low;
    int64_t band = width > 0 ? (score - x->low) * BANDS / width : 0;
    return (size_t)(band < 0 ? 0 : band >= BANDS ? BANDS - 1 : band);
}

/* Which card rules the lead as things stand, and whether the changed one would: cards are asked in
 * their order, a new one first. */
static bool rules_after(struct what_if *x, struct condition_memo *memo, const struct record *lead,
                        const struct score_card **before) {
    bool changed = false, settled = !x->saved;
    *before = NULL;
    if (!x->saved) {
        changed = score_card_fits(memo, x->changed, lead);
    }
    for (size_t i = 0; i < x->enabled.n; i++) {
        const struct score_card *card = &x->enabled.items[i];
        bool same = x->saved && card->id == x->saved->id;
        if (!*before && score_card_fits(memo, card, lead)) {
            *before = card;
        }
        if (!settled && score_card_fits(memo, same ? x->changed : card, lead)) {
            changed = same;
            settled = true;
        }
    }
    if (!settled && !*before) { /* the card is switched off: as if it came last */
        changed = score_card_fits(memo, x->changed, lead);
        *before = score_card_fits(memo, x->saved, lead) ? x->saved : NULL;
    }
    return changed;
}

static int64_t score_at(struct what_if *x, struct condition_memo *memo,
                        const struct score_card *card, const struct record *lead, int64_t at) {
    struct ctx *c = x->c;
    struct score_evidence e = {.holds = score_static(c, memo, card, lead)};
    struct score_holders *h = score_holders_of(c, record_id(lead, "person_id"));
    e.hits = score_hits_found(c, card, h, at, &e.n);
    return score_fold(c->arena, card, &e, (struct score_time){at, x->now.zone}).score;
}

static void count(struct what_if *x, struct side *side, int64_t score, bool decided, bool won) {
    struct band *b = &side->bands[band_of(x, score)];
    b->leads++;
    b->decided += decided;
    b->won += decided && won;
    side->scores[x->decided] = (double)score;
}

/* Tiers of an open lead: the one it has, and the one the changed card would put it in. */
static void count_tiers(struct what_if *x, const struct record *lead, const int64_t score[2]) {
    struct mover m = {.id = lead->id};
    const struct score_card *before = x->sides[0].card;
    m.tier[0] = score_tier_of(record_text(lead, "tier"));
    if (m.tier[0] == TIER_NONE && before) {
        m.tier[0] = score_tier_after(&before->tiers, TIER_NONE, score[0]);
    }
    m.tier[1] = score_tier_after(&x->changed->tiers, m.tier[0], score[1]);
    x->sides[0].tiers[m.tier[0]]++;
    x->sides[1].tiers[m.tier[1]]++;
    if (m.tier[0] == m.tier[1]) {
        return;
    }
    x->moved++;
    x->up += m.tier[1] > m.tier[0];
    x->down += m.tier[1] < m.tier[0];
    if (x->n_movers < LIST_MOST) {
        m.name = str_copy(x->c->arena, record_title(lead));
        m.score[0] = score[0];
        m.score[1] = score[1];
        x->movers[x->n_movers++] = m;
    }
}

static void consider(struct what_if *x, const struct record *lead) {
    struct condition_memo *memo = condition_memo_new(x->c);
    bool won = false;
    int64_t at = 0, score[2] = {0, 0};
    bool decided = has_outcome(x->c, lead, &won, &at);
    at = decided ? at - 1 : x->now.now_ms;
    if (!rules_after(x, memo, lead, &x->sides[0].card)) {
        return;
    }
    x->sides[1].card = x->changed;
    for (int i = 0; i < 2 && !ctx_failed(x->c); i++) {
        if (x->sides[i].card) {
            score[i] = score_at(x, memo, x->sides[i].card, lead, at);
            count(x, &x->sides[i], score[i], decided, won);
        }
    }
    if (decided) {
        x->outcome[x->decided++] = won;
        x->won += won;
    } else {
        count_tiers(x, lead, score);
    }
    x->considered++;
}

/* The newest leads of the months that the asker may see; how many were read. */
static size_t leads_read(struct what_if *x, int64_t since, struct record **leads) {
    struct ctx *c = x->c;
    const struct entity *lead = entity_named(c, "lead");
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    size_t n = 0;
    SQL_ADD(&q, "SELECT ");
    record_columns(&q, lead, "t");
    SQL_ADD(&q, " FROM lead t WHERE t.deleted_at IS NULL AND t.created_at >= ");
    SQL_VALUE(&q, since);
    SQL_ADD(&q, " AND ");
    access_where(c, &q, lead, ACTION_READ, "t");
    SQL_ADD(&q, " ORDER BY t.created_at DESC, t.id DESC LIMIT ");
    sql_number(&q, LEADS_MOST + 1);
    sql_query(c, &rows, &q);
    while (n <= LEADS_MOST && db_next(&rows)) {
        leads[n++] = record_row(c, lead, &rows, 0);
    }
    db_done(&rows);
    return n;
}

static void put_side(struct what_if *x, struct json_writer *w, const struct side *side) {
    bool enough = x->decided >= DECIDED_LEAST && x->won && x->won < x->decided;
    json_begin_object(w);
    for (enum score_tier t = TIER_LOW; t <= TIER_HIGH; t++) {
        JSON_MEMBER(w, score_tier_code(t), json_put_int, side->tiers[t]);
    }
    json_key(w, "auc");
    if (enough && side->card) {
        json_put_real(w, logistic_auc(x->c->arena, side->scores, x->outcome, x->decided));
    } else {
        json_put_null(w);
    }
    json_key(w, "bands");
    json_begin_array(w);
    for (int i = 0; i < BANDS; i++) {
        json_begin_object(w);
        JSON_MEMBER(w, "from", json_put_int, x->low + i * (x->high - x->low) / BANDS);
        JSON_MEMBER(w, "to", json_put_int, x->low + (i + 1) * (x->high - x->low) / BANDS);
        JSON_MEMBER(w, "leads", json_put_int, side->bands[i].leads);
        JSON_MEMBER(w, "decided", json_put_int, side->bands[i].decided);
        JSON_MEMBER(w, "won", json_put_int, side->bands[i].won);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

static void put_tier(struct json_writer *w, const char *key, enum score_tier tier) {
    json_key(w, key);
    if (tier) {
        json_put_c(w, score_tier_code(tier));
    } else {
        json_put_null(w);
    }
}

static void put_movers(struct what_if *x, struct json_writer *w) {
    json_key(w, "list");
    json_begin_array(w);
    for (size_t i = 0; i < x->n_movers; i++) {
        const struct mover *m = &x->movers[i];
        json_begin_object(w);
        JSON_MEMBER(w, "id", json_put_id, m->id);
        JSON_MEMBER(w, "name", json_put_str, m->name);
        JSON_MEMBER(w, "score_before", json_put_int, m->score[0]);
        JSON_MEMBER(w, "score_after", json_put_int, m->score[1]);
        put_tier(w, "tier_before", m->tier[0]);
        put_tier(w, "tier_after", m->tier[1]);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_answer(struct what_if *x, struct json_writer *w, bool complete) {
    json_begin_object(w);
    JSON_MEMBER(w, "leads", json_put_int, (int64_t)x->considered);
    JSON_MEMBER(w, "complete", json_put_bool, complete);
    JSON_MEMBER(w, "decided", json_put_int, (int64_t)x->decided);
    JSON_MEMBER(w, "won", json_put_int, (int64_t)x->won);
    JSON_MEMBER(w, "moved", json_put_int, x->moved);
    JSON_MEMBER(w, "up", json_put_int, x->up);
    JSON_MEMBER(w, "down", json_put_int, x->down);
    put_movers(x, w);
    json_key(w, "before");
    put_side(x, w, &x->sides[0]);
    json_key(w, "after");
    put_side(x, w, &x->sides[1]);
    json_end_object(w);
}

/* The card under its id as it was saved; NULL when none is named. */
static const struct score_card *saved_card(struct ctx *c, int64_t id) {
    struct record *r = id ? record_read(c, entity_named(c, "score_card"), id) : NULL;
    if (!r) {
        return NULL;
    }
    struct score_card *card = ARENA_NEW(c->arena, struct score_card);
    *card = score_card_kept(c, r);
    return card;
}

/* Bands span what either card can give. */
static void set_span(struct what_if *x) {
    x->low = x->changed->minimum;
    x->high = x->changed->maximum;
    if (x->saved) {
        x->low = x->saved->minimum < x->low ? x->saved->minimum : x->low;
        x->high = x->saved->maximum > x->high ? x->saved->maximum : x->high;
    }
}

static void apply(struct what_if *x, struct request *r, int64_t months) {
    struct ctx *c = x->c;
    struct record **leads = ARENA_NEW_ARRAY(c->arena, LEADS_MOST + 1, struct record *);
    size_t n = leads_read(x, c->now_ms - months * 30 * (int64_t)MS_DAY, leads);
    bool complete = n <= LEADS_MOST;
    for (int i = 0; i < 2; i++) {
        x->sides[i].scores = ARENA_NEW_ARRAY(c->arena, LEADS_MOST + 1, double);
    }
    x->outcome = ARENA_NEW_ARRAY(c->arena, LEADS_MOST + 1, bool);
    for (size_t i = 0; i < n && i < LEADS_MOST && !ctx_failed(c); i++) {
        size_t movers = x->n_movers;
        struct arena_mark mark = arena_mark(c->arena);
        consider(x, leads[i]);
        if (movers == x->n_movers && !ctx_failed(c)) {
            arena_reset(c->arena, mark);
        }
    }
    x->sides[0].card = x->saved ? x->saved : x->enabled.n ? &x->enabled.items[0] : NULL;
    struct json_writer w = json_writer(c->arena);
    put_answer(x, &w, complete);
    reply_json(r, 200, &w);
}

static void what_if_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = score_may_edit(r) ? request_json(r) : NULL;
    const struct json *given = json_get(body, "card");
    int64_t months = json_int(body, "months", 6);
    if (!body) {
        return;
    }
    if (months < 1 || months > MONTHS_MOST) {
        FAIL_FIELD(c, STR("/months"), "scoring.number", {"min", STR("1")}, {"max", STR("24")});
    }
    if (!json_is(given, JSON_IS_OBJECT)) {
        FAIL_FIELD(c, STR("/card"), "field.required");
        return;
    }
    struct score_card *card = ARENA_NEW(c->arena, struct score_card);
    *card = score_card_from_json(c, given);
    if (!ctx_failed(c) && (!card->entity || !str_is(card->entity->name, "lead"))) {
        FAIL_FIELD(c, STR("/card/entity_name"), "scoring.leads_only");
    }
    if (ctx_failed(c)) {
        return;
    }
    struct what_if *x = ARENA_NEW(c->arena, struct what_if);
    *x = (struct what_if){.c = c,
                          .changed = card,
                          .saved = saved_card(c, json_id(body, "id")),
                          .enabled = score_cards_enabled(c, true),
                          .now = {c->now_ms, condition_zone(c)}};
    if (!ctx_failed(c)) {
        set_span(x);
        apply(x, r, months);
    }
}

#define SIDE_SHAPE                                              \
    "(low:integer! middle:integer! high:integer! auc:number?! " \
    "bands:[(from:integer! to:integer! leads:integer! decided:integer! won:integer!)]!)!"

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/score_cards/what_if", PERMISSION_RECORD, LANE_SLOW, what_if_post,
     .summary = "route.score_what_if", .body = "card:object! id:id? months:integer",
     .answer = "leads:integer! complete:boolean! decided:integer! won:integer! moved:integer! "
               "up:integer! down:integer! list:[object]! before:" SIDE_SHAPE " after:" SIDE_SHAPE},
    {0}};

static const struct text texts[] = {{"scoring.leads_only", "只有线索的评分卡可以试算历史",
                                     "Only cards for leads can be tried on history"},
                                    {"route.score_what_if", "把改过的评分卡用在过去几个月上",
                                     "Apply a changed score card to the last months"},
                                    {0}};

const struct module scoring_what_if_module = {
    .name = "marketing.scoring_what_if", .cloud = "marketing", .routes = routes, .texts = texts};
