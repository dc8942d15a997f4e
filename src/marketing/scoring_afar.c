/*
 * What cards ask of other things than the record itself: how often its person did something,
 * records it refers to, records that refer to it. Scores follow there behind memberships, in the
 * same transaction (membership_then): what happened was counted by then, and segments and tags are
 * right. What a record says itself, and what gives points each time, scoring.c follows at once.
 */
#include "customer/membership.h"
#include "db/sql.h"
#include "entity/versions.h"
#include "event/event.h"
#include "marketing/marketing.h"
#include "marketing/scoring.h"

enum { FOUND_MOST = 1024 };

/* Whom events concern, each once, with the last of them. */
struct found {
    struct ctx *c;
    struct score_cards cards;
    const struct event *e;
    int64_t people[FOUND_MOST];
    const struct event *causes[FOUND_MOST];
    size_t n;
};

static void found_settle(struct found *f) {
    if (f->c->origin != ORIGIN_LIVE) {
        score_settle_later(f->c, f->people, f->n);
    }
    for (size_t i = 0; f->c->origin == ORIGIN_LIVE && i < f->n && !ctx_failed(f->c); i++) {
        event_cause(f->c, f->causes[i]);
        score_settle(f->c, &f->cards, f->people[i]);
    }
    f->n = 0;
}

static void found_add(struct found *f, int64_t person_id) {
    size_t i = 0;
    while (i < f->n && f->people[i] != person_id) {
        i++;
    }
    if (i == FOUND_MOST) {
        found_settle(f);
        i = 0;
    }
    if (person_id) {
        f->people[i] = person_id;
        f->causes[i] = f->e;
        f->n = i == f->n ? i + 1 : f->n;
    }
}

/* What the card asks of a record: whom it is meant for, and its static rules. NULL: nothing. */
static const struct condition *asked(const struct score_card *card, size_t i) {
    return i == card->n ? card->audience : card->rules[i].condition;
}

static bool card_looks_afar(const struct score_card *card) {
    bool afar = false;
    for (size_t i = 0; i <= card->n && !afar; i++) {
        afar = asked(card, i) && condition_looks_afar(asked(card, i));
    }
    return afar;
}

/* Most cards ask of the record alone; then events need not be looked at. */
static bool cards_look_afar(struct ctx *c) {
    static _Thread_local struct {
        struct versions versions;
        bool afar;
    } kept;
    if (versions_hold(c, &kept.versions)) {
        return kept.afar;
    }
    struct score_cards cards = score_cards_enabled(c, true);
    bool afar = false;
    for (size_t i = 0; i < cards.n && !afar; i++) {
        afar = card_looks_afar(&cards.items[i]);
    }
    kept.versions = versions_firm(c) && !ctx_failed(c) ? c->versions : (struct versions){0};
    kept.afar = afar;
    return afar;
}

static void leads_found(struct found *f, const int64_t *ids, size_t n) {
    for (size_t i = 0; i < n; i += SQL_IDS) {
        struct sql q = sql_new(f->c->arena);
        struct db_rows rows;
        SQL_ADD(&q, "SELECT person_id FROM lead WHERE deleted_at IS NULL AND id IN ");
        sql_ids(&q, ids + i, n - i < SQL_IDS ? n - i : SQL_IDS);
        sql_query(f->c, &rows, &q);
        while (db_next(&rows)) {
            found_add(f, db_int(&rows, 0));
        }
    }
}

static void card_follow(struct found *f, const struct score_card *card, struct reach *reach) {
    bool concerned = false;
    reach->n = 0;
    reach->lost = false;
    for (size_t i = 0; i <= card->n; i++) {
        const struct condition *when = asked(card, i);
        if (when && condition_concerned_afar(when, reach->e)) {
            condition_reach(reach, when);
            concerned = true;
        }
    }
    if (concerned) {
        found_add(f, reach->person_id);
    }
    if (reach->lost) {
        score_rescore(f->c, card->id);
    } else if (str_is(card->entity->name, "lead")) {
        leads_found(f, reach->ids, reach->n);
    } else {
        for (size_t i = 0; i < reach->n; i++) {
            found_add(f, reach->ids[i]);
        }
    }
}

void score_follow_afar(struct ctx *c, const struct event *events, const int64_t *people, size_t n) {
    if (!cards_look_afar(c)) {
        return;
    }
    struct found *f = ARENA_NEW(c->arena, struct found);
    f->c = c;
    f->cards = score_cards_enabled(c, true);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct reach *reach = reach_new(c, &events[i], people[i]);
        f->e = &events[i];
        for (size_t k = 0; k < f->cards.n && !ctx_failed(c); k++) {
            if (f->cards.items[k].entity) {
                card_follow(f, &f->cards.items[k], reach);
            }
        }
    }
    found_settle(f);
}
