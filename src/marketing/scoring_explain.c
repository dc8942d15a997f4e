/*
 * "Why 70?": every rule of the card with what it gives now, and the events behind it. Computed when
 * asked from what the score itself is computed from, so the two cannot disagree.
 */
#include "marketing/scoring_explain.h"

#include "db/sql.h"
#include "entity/access.h"

enum { EVENTS_SHOWN = 20 };

static int64_t person_of(const struct record *r) {
    return str_is(r->entity->name, "person") ? r->id : record_id(r, "person_id");
}

static bool person_shown(struct ctx *c, int64_t person_id) {
    struct record *person = record_load(c, entity_named(c, "person"), person_id);
    return person && access_record(c, ACTION_READ, person);
}

struct score_explanation score_explain(struct ctx *c, const struct score_card *card,
                                       const struct record *r, struct score_time t, bool kept) {
    int64_t person = score_person_now(c, person_of(r));
    struct score_holders *h = score_holders_of(c, person);
    struct score_explanation x = {
        .record = r, .card = card, .time = t, .details = person_shown(c, person)};
    x.evidence.holds = score_static(c, condition_memo_new(c), card, r);
    x.evidence.hits = kept ? score_hits_kept(c, card, h, &x.evidence.n)
                           : score_hits_found(c, card, h, t.now_ms, &x.evidence.n);
    x.sum = score_fold(c->arena, card, &x.evidence, t);
    return x;
}

/* An event as it is shown. */
struct shown {
    int64_t seq, id;
    struct str type, payload;
};

static void read_events(struct ctx *c, const int64_t *seqs, size_t n, bool behaviour,
                        struct shown *out) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    if (!n) {
        return;
    }
    sql_literal(&q, behaviour ? "SELECT seq, id, type, payload FROM behaviour WHERE seq IN "
                              : "SELECT seq, id, type, payload FROM event WHERE seq IN ");
    sql_ids(&q, seqs, n);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        for (size_t i = 0; i < n; i++) {
            if (seqs[i] == db_int(&rows, 0)) {
                out[i] = (struct shown){db_int(&rows, 0), db_int(&rows, 1), db_text(&rows, 2),
                                        db_text(&rows, 3)};
            }
        }
    }
}

static double points(int64_t milli) {
    return (double)(milli / 10) / 100;
}

static void put_event(struct ctx *c, struct json_writer *w, const struct score_hit *h,
                      const struct shown *e, bool details) {
    const struct json *o = details && e->payload.n ? json_parse(c, e->payload) : NULL;
    json_begin_object(w);
    JSON_MEMBER(w, "event_id", json_put_id, e->id);
    JSON_MEMBER(w, "at", json_put_instant, h->at);
    JSON_MEMBER(w, "type", json_put_str, e->type);
    JSON_MEMBER(w, "points", json_put_real, points(h->milli));
    JSON_MEMBER(w, "what", json_put_str, json_text(o, json_text(o, "title").n ? "title" : "path"));
    JSON_MEMBER(w, "path", json_put_str, json_text(o, "path"));
    json_end_object(w);
}

/* The newest events of the rule that still count, or would but for a cap. */
static void put_events(struct ctx *c, struct json_writer *w, const struct score_explanation *x,
                       size_t rule) {
    struct score_hit hits[EVENTS_SHOWN];
    int64_t seqs[EVENTS_SHOWN];
    struct shown events[EVENTS_SHOWN] = {{0}};
    size_t n = 0;
    for (size_t i = x->evidence.n; i > 0 && n < EVENTS_SHOWN; i--) {
        const struct score_hit *h = &x->evidence.hits[i - 1];
        if (h->rule == rule && h->at <= x->time.now_ms) {
            hits[n] = *h;
            seqs[n++] = h->seq;
        }
    }
    read_events(c, seqs, n, x->card->rules[rule].behaviour, events);
    json_key(w, "events");
    json_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        put_event(c, w, &hits[i], &events[i], x->details);
    }
    json_end_array(w);
}

static void put_rule(struct ctx *c, struct json_writer *w, const struct score_explanation *x,
                     size_t i) {
    const struct score_rule *r = &x->card->rules[i];
    const struct score_part *p = &x->sum.parts[i];
    json_begin_object(w);
    JSON_MEMBER(w, "key", json_put_str, r->key);
    JSON_MEMBER(w, "name", json_put_str, r->name);
    JSON_MEMBER(w, "event", json_put_str, r->event);
    JSON_MEMBER(w, "broken", json_put_str, r->broken);
    JSON_MEMBER(w, "points_each", json_put_int, r->points);
    JSON_MEMBER(w, "points", json_put_real, points(p->milli));
    JSON_MEMBER(w, "holds", json_put_bool, r->event.n ? p->hits > 0 : p->holds);
    JSON_MEMBER(w, "hits", json_put_int, p->hits);
    JSON_MEMBER(w, "capped", json_put_bool, p->capped);
    JSON_MEMBER(w, "cap", json_put_int, r->cap);
    JSON_MEMBER(w, "per_day", json_put_int, r->per_day);
    JSON_MEMBER(w, "half_life_days", json_put_int, r->half_life_days);
    JSON_MEMBER(w, "lasts_days", json_put_int, r->event.n ? r->lasts_days : 0);
    put_events(c, w, x, i);
    json_end_object(w);
}

static void put_card(struct json_writer *w, const struct score_card *card) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, card->id);
    JSON_MEMBER(w, "name", json_put_str, card->name);
    JSON_MEMBER(w, "version", json_put_int, card->version);
    JSON_MEMBER(w, "minimum", json_put_int, card->minimum);
    JSON_MEMBER(w, "maximum", json_put_int, card->maximum);
    JSON_MEMBER(w, "middle_from", json_put_int, card->tiers.middle_from);
    JSON_MEMBER(w, "high_from", json_put_int, card->tiers.high_from);
    JSON_MEMBER(w, "margin", json_put_int, card->tiers.margin);
    json_end_object(w);
}

void score_explanation_json(struct ctx *c, struct json_writer *w,
                            const struct score_explanation *x) {
    json_key(w, "card");
    put_card(w, x->card);
    JSON_MEMBER(w, "raw", json_put_int, x->sum.raw);
    json_key(w, "rules");
    json_begin_array(w);
    for (size_t i = 0; i < x->card->n && !ctx_failed(c); i++) {
        put_rule(c, w, x, i);
    }
    json_end_array(w);
}
