/*
 * Why a lead has its score, in short, for whoever keeps it at a moment: handovers
 * (customer/handover.h). The rules of the card that gave most, the greatest first.
 */
#include "marketing/marketing.h"
#include "marketing/scoring_explain.h"
#include "organization/company.h"

enum { REASONS_MOST = 12 };

static int64_t size_of(int64_t milli) {
    return milli < 0 ? -milli : milli;
}

/* The part that gives most of those not told yet; n when none gives anything. */
static size_t next_part(const struct score_explanation *x, const bool *told) {
    size_t best = x->card->n;
    for (size_t i = 0; i < x->card->n; i++) {
        int64_t gives = size_of(x->sum.parts[i].milli);
        if (!told[i] && gives &&
            (best == x->card->n || gives > size_of(x->sum.parts[best].milli))) {
            best = i;
        }
    }
    return best;
}

void score_reasons(struct ctx *c, struct json_writer *w, const struct record *lead) {
    struct score_cards cards = score_cards_enabled(c, true);
    struct condition_memo *memo = condition_memo_new(c);
    size_t at = 0;
    while (at < cards.n && !score_card_fits(memo, &cards.items[at], lead)) {
        at++;
    }
    if (at == cards.n || ctx_failed(c)) {
        return;
    }
    struct score_explanation x = score_explain(
        c, &cards.items[at], lead, (struct score_time){c->now_ms, company_zone(c)}, true);
    bool told[SCORE_RULES] = {false};
    for (int n = 0; n < REASONS_MOST; n++) {
        size_t i = next_part(&x, told);
        if (i == x.card->n) {
            return;
        }
        told[i] = true;
        json_begin_object(w);
        JSON_MEMBER(w, "points", json_put_int, x.sum.parts[i].milli / 1000);
        JSON_MEMBER(w, "text", json_put_str, x.card->rules[i].name);
        JSON_MEMBER(w, "hits", json_put_int, x.sum.parts[i].hits);
        json_end_object(w);
    }
}
