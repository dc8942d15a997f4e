/*
 * Which events of a person meet which rules.
 *
 * A business event names its person for ever, so its hits stand under that person's id, also after
 * he was merged into another. What a browser did stands under the link that joins it to a person
 * (customer/visitor.h), and counts while the link holds, and only within its part of the stream.
 * So merges, partings and joins move no hit: they change under whom one looks.
 */
#include <stdlib.h>

#include "customer/person.h"
#include "customer/visitor.h"
#include "db/sql.h"
#include "event/event.h"
#include "marketing/scoring.h"

enum { PEOPLE_MOST = 20, HOLDERS_MOST = PEOPLE_MOST + VISITOR_LINKS, TYPES_MOST = SCORE_RULES };

struct score_holders {
    int64_t people[PEOPLE_MOST];
    size_t n_people;
    struct visitor_links links; /* those that hold */
};

#define PERSON_NOW "SELECT winner_id FROM person_merge WHERE loser_id = $1"

void score_person_ahead(struct ctx *c, int64_t person_id) {
    if (person_id) {
        DB_AHEAD(c, PERSON_NOW, person_id);
    }
}

int64_t score_person_now(struct ctx *c, int64_t person_id) {
    for (int i = 0; i < PEOPLE_MOST; i++) {
        int64_t winner = DB_INT(c, PERSON_NOW, person_id);
        if (!winner) {
            return person_id;
        }
        person_id = winner;
    }
    return person_id;
}

struct score_holders *score_holders_of(struct ctx *c, int64_t person_id) {
    struct score_holders *h = ARENA_NEW(c->arena, struct score_holders);
    h->people[h->n_people++] = person_id;
    for (size_t i = 0; i < h->n_people && !ctx_failed(c); i++) {
        struct db_rows rows;
        DB_QUERY(c, &rows,
                 "SELECT loser_id FROM person_merge WHERE winner_id = $1 ORDER BY loser_id",
                 h->people[i]);
        while (h->n_people < PEOPLE_MOST && db_next(&rows)) {
            h->people[h->n_people++] = db_int(&rows, 0);
        }
        db_done(&rows);
    }
    struct visitor_links all = visitor_links(c, person_id);
    h->links.items = all.items;
    for (size_t i = 0; i < all.n; i++) {
        if (!all.items[i].removed_at) {
            h->links.items[h->links.n++] = all.items[i];
        }
    }
    return h;
}

static const struct json *member_at(const struct json *o, struct str path) {
    struct str part;
    while (o && str_cut(&path, '.', &part)) {
        o = json_get_str(o, part);
    }
    return o;
}

static struct str as_text(struct ctx *c, const struct json *v) {
    return json_is(v, JSON_IS_TEXT)   ? v->text
           : json_is(v, JSON_IS_INT)  ? str_format(c->arena, "%lld", (long long)v->integer)
           : json_is(v, JSON_IS_BOOL) ? (v->boolean ? STR("true") : STR("false"))
                                      : STR("");
}

/* What is not there meets nothing but "is not". */
static bool where_met(struct ctx *c, const struct score_where *w, const struct json *payload) {
    struct str text = as_text(c, member_at(payload, w->key));
    int64_t number = 0;
    switch (w->operator) {
    case SCORE_IS:
        return str_equal(text, w->value);
    case SCORE_IS_NOT:
        return !str_equal(text, w->value);
    case SCORE_STARTS_WITH:
        return str_starts(text, w->value);
    case SCORE_CONTAINS:
        return str_find(text, w->value) >= 0;
    case SCORE_GTE:
        return str_to_int(text, &number) && number >= w->number;
    case SCORE_LTE:
        return str_to_int(text, &number) && number <= w->number;
    }
    return false;
}

bool score_rule_meets(struct ctx *c, const struct score_rule *rule, struct str type,
                      struct str payload) {
    if (!rule->event.n || !str_equal(rule->event, type)) {
        return false;
    }
    const struct json *o = rule->n_where ? json_parse(c, payload) : NULL;
    for (size_t i = 0; i < rule->n_where; i++) {
        if (!where_met(c, &rule->where[i], o)) {
            return false;
        }
    }
    return true;
}

static void hit_keep(struct ctx *c, int64_t card_id, const struct score_rule *rule,
                     const struct score_hit *h) {
    DB_PUT(c,
           "INSERT INTO score_hit (holder, card_id, rule, behaviour, seq, at) "
           "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (holder, card_id, rule, behaviour, seq) "
           "DO NOTHING",
           h->holder, card_id, rule->key, (int64_t)h->behaviour, h->seq, h->at);
}

void score_hits_add(struct ctx *c, const struct score_cards *cards, const struct event *e,
                    int64_t holder) {
    bool behaviour = e->stream == STREAM_BEHAVIOUR;
    for (size_t i = 0; i < cards->n && !ctx_failed(c); i++) {
        const struct score_card *card = &cards->items[i];
        for (size_t k = 0; k < card->n; k++) {
            if (card->rules[k].behaviour == behaviour &&
                score_rule_meets(c, &card->rules[k], e->type, e->payload)) {
                hit_keep(c, card->id, &card->rules[k],
                         &(struct score_hit){.holder = holder,
                                             .behaviour = behaviour,
                                             .seq = e->seq,
                                             .at = e->occurred_at});
            }
        }
    }
}

/* Hits as they are found. */
struct finding {
    struct score_hit *items;
    size_t n, capacity;
};

static void found(struct ctx *c, struct finding *f, const struct score_hit *h) {
    if (f->n == f->capacity) {
        size_t capacity = f->capacity ? 2 * f->capacity : 32;
        struct score_hit *grown = ARENA_NEW_ARRAY(c->arena, capacity, struct score_hit);
        for (size_t i = 0; i < f->n; i++) {
            grown[i] = f->items[i];
        }
        f->items = grown;
        f->capacity = capacity;
    }
    f->items[f->n++] = *h;
}

static int in_order(const void *x, const void *y) {
    const struct score_hit *a = x, *b = y;
    int64_t first = a->at != b->at                 ? a->at - b->at
                    : a->seq != b->seq             ? a->seq - b->seq
                    : a->behaviour != b->behaviour ? a->behaviour - b->behaviour
                                                   : (int64_t)a->rule - (int64_t)b->rule;
    return (first > 0) - (first < 0);
}

/* Ascending by time, the newest SCORE_HITS. */
static struct score_hit *ordered(struct finding *f, size_t *n) {
    if (f->n) {
        qsort(f->items, f->n, sizeof *f->items, in_order);
    }
    size_t over = f->n > SCORE_HITS ? f->n - SCORE_HITS : 0;
    *n = f->n - over;
    return f->items + over;
}

static const struct visitor_link *link_of(const struct score_holders *h, int64_t id) {
    for (size_t i = 0; i < h->links.n; i++) {
        if (h->links.items[i].id == id) {
            return &h->links.items[i];
        }
    }
    return NULL;
}

static bool rule_at(const struct score_card *card, struct str key, size_t *at) {
    for (*at = 0; *at < card->n; (*at)++) {
        if (str_equal(card->rules[*at].key, key)) {
            return card->rules[*at].event.n > 0;
        }
    }
    return false;
}

struct score_hit *score_hits_kept(struct ctx *c, const struct score_card *card,
                                  const struct score_holders *h, size_t *n) {
    int64_t holders[HOLDERS_MOST];
    size_t n_holders = 0;
    for (size_t i = 0; i < h->n_people; i++) {
        holders[n_holders++] = h->people[i];
    }
    for (size_t i = 0; i < h->links.n; i++) {
        holders[n_holders++] = h->links.items[i].id;
    }
    struct finding f = {0};
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT holder, rule, behaviour, seq, at FROM score_hit WHERE card_id = ");
    SQL_VALUE(&q, card->id);
    SQL_ADD(&q, " AND at > ");
    SQL_VALUE(&q, c->now_ms - SCORE_LASTS * (int64_t)MS_DAY);
    SQL_ADD(&q, " AND holder IN ");
    sql_ids(&q, holders, n_holders);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        struct score_hit hit = {.holder = db_int(&rows, 0),
                                .behaviour = db_int(&rows, 2) != 0,
                                .seq = db_int(&rows, 3),
                                .at = db_int(&rows, 4)};
        const struct visitor_link *link = hit.behaviour ? link_of(h, hit.holder) : NULL;
        bool within = !link || (hit.seq >= link->from_seq && hit.seq < link->to_seq);
        if (within && rule_at(card, db_view(&rows, 1), &hit.rule)) {
            found(c, &f, &hit);
        }
    }
    return ordered(&f, n);
}

/* " AND type IN ($…)" of the card's rules on that stream; false when there are none. */
static bool types_of(struct sql *q, const struct score_card *card, bool behaviour) {
    bool any = false;
    for (size_t i = 0; i < card->n; i++) {
        const struct score_rule *r = &card->rules[i];
        if (r->event.n && r->behaviour == behaviour) {
            sql_literal(q, any ? ", " : " AND type IN (");
            SQL_VALUE(q, r->event);
            any = true;
        }
    }
    if (any) {
        SQL_ADD(q, ")");
    }
    return any;
}

/* The rows of the query are seq, occurred_at, type, payload. */
static void events_match(struct ctx *c, const struct score_card *card, const struct sql *q,
                         struct score_hit like, struct finding *f) {
    struct db_rows rows;
    sql_query(c, &rows, q);
    while (db_next(&rows)) {
        struct arena_mark mark = arena_mark(c->arena);
        struct str type = db_text(&rows, 2), payload = db_text(&rows, 3);
        uint64_t met = 0;
        for (size_t k = 0; k < card->n; k++) {
            bool meets = card->rules[k].behaviour == like.behaviour &&
                         score_rule_meets(c, &card->rules[k], type, payload);
            met |= (uint64_t)meets << k;
        }
        arena_reset(c->arena, mark);
        like.seq = db_int(&rows, 0);
        like.at = db_int(&rows, 1);
        for (size_t k = 0; k < card->n; k++) {
            like.rule = k;
            if (met >> k & 1) {
                found(c, f, &like);
            }
        }
    }
}

static void person_match(struct ctx *c, const struct score_card *card, int64_t person,
                         int64_t before_ms, struct finding *f) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT seq, occurred_at, type, payload FROM event WHERE person_id = ");
    SQL_VALUE(&q, person);
    if (!types_of(&q, card, false)) {
        return;
    }
    SQL_ADD(&q, " AND occurred_at <= ");
    SQL_VALUE(&q, before_ms);
    SQL_ADD(&q, " ORDER BY seq DESC LIMIT ");
    sql_number(&q, SCORE_HITS);
    events_match(c, card, &q, (struct score_hit){.holder = person}, f);
}

static void link_match(struct ctx *c, const struct score_card *card,
                       const struct visitor_link *link, int64_t before_ms, struct finding *f) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT seq, occurred_at, type, payload FROM behaviour WHERE person_id = ");
    SQL_VALUE(&q, link->visitor_id);
    SQL_ADD(&q, " AND seq >= ");
    SQL_VALUE(&q, link->from_seq);
    SQL_ADD(&q, " AND seq < ");
    SQL_VALUE(&q, link->to_seq);
    if (!types_of(&q, card, true)) {
        return;
    }
    SQL_ADD(&q, " AND occurred_at <= ");
    SQL_VALUE(&q, before_ms);
    SQL_ADD(&q, " ORDER BY seq DESC LIMIT ");
    sql_number(&q, SCORE_HITS);
    events_match(c, card, &q, (struct score_hit){.holder = link->id, .behaviour = true}, f);
}

static void all_match(struct ctx *c, const struct score_card *card, const struct score_holders *h,
                      int64_t before_ms, struct finding *f) {
    for (size_t i = 0; i < h->n_people && !ctx_failed(c); i++) {
        person_match(c, card, h->people[i], before_ms, f);
    }
    for (size_t i = 0; i < h->links.n && !ctx_failed(c); i++) {
        link_match(c, card, &h->links.items[i], before_ms, f);
    }
}

struct score_hit *score_hits_found(struct ctx *c, const struct score_card *card,
                                   const struct score_holders *h, int64_t before_ms, size_t *n) {
    struct finding f = {0};
    all_match(c, card, h, before_ms, &f);
    return ordered(&f, n);
}

void score_hits_rebuild(struct ctx *c, const struct score_card *card,
                        const struct score_holders *h) {
    for (size_t i = 0; i < h->n_people; i++) {
        DB_PUT(c, "DELETE FROM score_hit WHERE holder = $1 AND card_id = $2", h->people[i],
               card->id);
    }
    for (size_t i = 0; i < h->links.n; i++) {
        DB_PUT(c, "DELETE FROM score_hit WHERE holder = $1 AND card_id = $2", h->links.items[i].id,
               card->id);
    }
    size_t n;
    struct score_hit *hits = score_hits_found(c, card, h, c->now_ms, &n);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        hit_keep(c, card->id, &card->rules[hits[i].rule], &hits[i]);
    }
}
