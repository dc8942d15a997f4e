/*
 * See scoring.h. Two reactors keep scores behind the log: one reads business events, one what
 * visitors do; both add the hits of the event and settle the person. What time changes by itself
 * (decay, points that lapse, conditions on dates) is a timer a person, due when the score next
 * moves. A card that was changed goes through all whom it may concern in pieces, a timer a card.
 *
 * What an import or another part of history brings keeps its hits at once, and those it concerns
 * wait in score_pending until little of it is left to be read; then each is settled once. Nobody
 * who did something just now waits behind them, and nothing in between is told of.
 *
 * Scores are written beside the record: they are no edit, so the version stays and nobody's form
 * grows stale. The event lead.updated tells of them, so that rules, segments and open pages follow.
 *
 * Events out: lead.updated and person.updated (score, tier), lead.tier_entered,
 * person.tier_entered {from, to, score, card, card_id}.
 */
#include "marketing/scoring.h"

#include <stdlib.h>

#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "db/migration.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "event/turn.h"
#include "marketing/marketing.h"

/* Records of one piece of a rescoring, its pause. */
enum { PIECE = 12, PIECE_PAUSE_MS = 20 };
/* The pending wait while there is much to read, for so long; how many are settled at once. */
enum { HISTORY_PAUSE_MS = 1000, WAITS_MOST = 120 };
enum { PENDING_PIECE = 24, FOLLOWED = 512, ASKED_AHEAD = 64 };

static const struct migration migrations[] = {
    {"marketing.scoring.1",
     "CREATE TABLE score_hit (\n"
     "  holder BIGINT NOT NULL,\n" /* a person's id, or that of a visitor's link */
     "  card_id BIGINT NOT NULL,\n"
     "  rule TEXT NOT NULL,\n"
     "  behaviour BIGINT NOT NULL,\n" /* the stream seq is of */
     "  seq BIGINT NOT NULL,\n"
     "  at BIGINT NOT NULL,\n"
     "  PRIMARY KEY (holder, card_id, rule, behaviour, seq)\n"
     "){without_rowid};\n"
     "CREATE TABLE score_state (\n"
     "  record_id BIGINT NOT NULL,\n"
     "  card_id BIGINT NOT NULL,\n"
     "  score BIGINT NOT NULL,\n"
     "  tier TEXT NOT NULL,\n"
     "  leads BIGINT NOT NULL,\n" /* 1: this card's is the record's score */
     "  at BIGINT NOT NULL,\n"
     "  PRIMARY KEY (record_id, card_id)\n"
     "){without_rowid};\n"
     "CREATE INDEX score_state_card ON score_state (card_id, score);\n"
     "CREATE TABLE score_person (\n" /* one settles a person at a time; due_at: the timer's */
     "  person_id {id},\n"
     "  due_at BIGINT NOT NULL\n"
     ");\n"
     "CREATE TABLE score_change (\n" /* how the score came to be what it is */
     "  record_id BIGINT NOT NULL,\n"
     "  at BIGINT NOT NULL,\n"
     "  card_id BIGINT NOT NULL,\n"
     "  score BIGINT NOT NULL,\n"
     "  tier TEXT NOT NULL,\n"
     "  cause_id BIGINT,\n"
     "  PRIMARY KEY (record_id, at)\n"
     "){without_rowid}"},
    {"marketing.scoring.2", "CREATE TABLE score_pending (person_id {id});\n"
                            "CREATE TABLE score_rescoring (card_id {id})"}, /* quietly */
    {0}};

/* Settling. */

static bool is_open(const struct record *r) {
    struct str status = entity_field(r->entity, STR("status")) ? record_text(r, "status") : STR("");
    return !str_is(status, "converted") && !str_is(status, "disqualified");
}

bool *score_static(struct ctx *c, struct condition_memo *memo, const struct score_card *card,
                   const struct record *r) {
    bool *holds = ARENA_NEW_ARRAY(c->arena, card->n, bool);
    for (size_t i = 0; i < card->n; i++) {
        const struct condition *when = card->rules[i].condition;
        holds[i] = !card->rules[i].event.n && when && condition_match_memo(memo, when, r);
    }
    return holds;
}

bool score_card_fits(struct condition_memo *memo, const struct score_card *card,
                     const struct record *r) {
    return card->entity == r->entity && !card->broken.n &&
           (!card->audience || condition_match_memo(memo, card->audience, r));
}

/* When time alone may change what of the card holds for the record; INT64_MAX: never. */
static int64_t card_flips(struct condition_memo *memo, const struct score_card *card,
                          const struct record *r) {
    int64_t first = card->audience ? condition_flips(memo, card->audience, r) : INT64_MAX;
    for (size_t i = 0; i < card->n; i++) {
        const struct condition *when = card->rules[i].condition;
        int64_t at = when ? condition_flips(memo, when, r) : INT64_MAX;
        first = at < first ? at : first;
    }
    return first;
}

/* One person's scores while they are brought up to date. */
struct settling {
    struct ctx *c;
    const struct score_cards *cards;
    const struct score_holders *holders;
    struct condition_memo *memo;
    const struct zone *zone;
    struct score_evidence evidence[SCORE_CARDS]; /* by card; hits read when first asked for */
    bool read[SCORE_CARDS];
    int64_t due_at; /* 0: never */
};

struct standing {
    int64_t card_id, score;
    struct str name;
    enum score_tier tier;
};

static void due_by(struct settling *s, int64_t at) {
    s->due_at = at && (!s->due_at || at < s->due_at) ? at : s->due_at;
}

static enum score_tier tier_before(struct ctx *c, int64_t record_id, int64_t card_id) {
    return score_tier_of(
        DB_TEXT(c, "SELECT tier FROM score_state WHERE record_id = $1 AND card_id = $2", record_id,
                card_id));
}

/* Where the record stands by the card of that place, kept in score_state. */
static struct standing stand(struct settling *s, size_t place, const struct record *r, bool leads) {
    struct ctx *c = s->c;
    const struct score_card *card = &s->cards->items[place];
    struct score_evidence *e = &s->evidence[place];
    struct score_time now = {c->now_ms, s->zone};
    if (!s->read[place]) {
        e->hits = score_hits_kept(c, card, s->holders, &e->n);
        s->read[place] = true;
    }
    e->holds = score_static(c, s->memo, card, r);
    int64_t score = score_fold(c->arena, card, e, now).score;
    enum score_tier tier = score_tier_after(&card->tiers, tier_before(c, r->id, card->id), score);
    due_by(s, score_next_change(c->arena, card, e, now));
    DB_PUT(c,
           "INSERT INTO score_state (record_id, card_id, score, tier, leads, at) "
           "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (record_id, card_id) DO UPDATE SET "
           "score = excluded.score, tier = excluded.tier, leads = excluded.leads, "
           "at = excluded.at",
           r->id, card->id, score, score_tier_code(tier), (int64_t)leads, c->now_ms);
    return (struct standing){card->id, score, card->name, tier};
}

/* "score": [before, after]; a number that is none and a text that is empty are null. */
static void put_pair(struct json_writer *w, const char *field, const struct value pair[2]) {
    json_key(w, field);
    json_begin_array(w);
    for (int i = 0; i < 2; i++) {
        if (pair[i].kind == VALUE_INTEGER) {
            json_put_int(w, pair[i].integer);
        } else if (pair[i].kind == VALUE_TEXT && pair[i].text.n) {
            json_put_str(w, pair[i].text);
        } else {
            json_put_null(w);
        }
    }
    json_end_array(w);
}

static void emit(struct ctx *c, const struct record *r, const char *what, struct str payload) {
    bool person = str_is(r->entity->name, "person");
    event_emit(
        c, &(struct event){.type = str_format(c->arena, "%.*s.%s", STR_ARG(r->entity->name), what),
                           .subject_type = r->entity->name,
                           .subject_id = r->id,
                           .person_id = person ? r->id : record_id(r, "person_id"),
                           .payload = payload});
}

static void emit_updated(struct ctx *c, const struct record *r, const struct standing *now) {
    struct json_writer w = json_writer(c->arena);
    const struct value none = {VALUE_NULL, 0, STR("")};
    const struct value score[2] = {record_value(r, "score"),
                                   now->card_id ? (struct value){VALUE_INTEGER, now->score, STR("")}
                                                : none};
    const struct value tier[2] = {
        record_value(r, "tier"),
        now->tier ? (struct value){VALUE_TEXT, 0, str_from(score_tier_code(now->tier))} : none};
    bool scored = !value_equal(score[0], score[1]), tiered = !value_equal(tier[0], tier[1]);
    json_begin_object(&w);
    json_key(&w, "changed");
    json_begin_array(&w);
    if (scored) {
        json_put_c(&w, "score");
    }
    if (tiered) {
        json_put_c(&w, "tier");
    }
    json_end_array(&w);
    json_key(&w, "values");
    json_begin_object(&w);
    if (scored) {
        put_pair(&w, "score", score);
    }
    if (tiered) {
        put_pair(&w, "tier", tier);
    }
    json_end_object(&w);
    json_end_object(&w);
    emit(c, r, "updated", json_str(&w));
}

static void emit_tier(struct ctx *c, const struct record *r, const struct standing *now) {
    struct json_writer w = json_writer(c->arena);
    struct str before = record_text(r, "tier");
    json_begin_object(&w);
    json_key(&w, "from");
    if (before.n) {
        json_put_str(&w, before);
    } else {
        json_put_null(&w);
    }
    JSON_MEMBER(&w, "to", json_put_c, score_tier_code(now->tier));
    JSON_MEMBER(&w, "score", json_put_int, now->score);
    JSON_MEMBER(&w, "card", json_put_str, now->name);
    JSON_MEMBER(&w, "card_id", json_put_id, now->card_id);
    json_end_object(&w);
    emit(c, r, "tier_entered", json_str(&w));
}

static void write_scores(struct ctx *c, const struct record *r, const struct standing *now) {
    const char *tier = score_tier_code(now->tier);
    struct db_value score = now->card_id ? db_from_int(now->score) : db_from_id(0);
    if (str_is(r->entity->name, "lead")) {
        DB_RUN(c, "UPDATE lead SET score = $1, tier = $2 WHERE id = $3", score, tier, r->id);
    } else {
        DB_RUN(c, "UPDATE person SET score = $1, tier = $2 WHERE id = $3", score, tier, r->id);
    }
    DB_RUN(c,
           "INSERT INTO score_change (record_id, at, card_id, score, tier, cause_id) "
           "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (record_id, at) DO UPDATE SET "
           "card_id = excluded.card_id, score = excluded.score, tier = excluded.tier",
           r->id, c->now_ms, now->card_id, now->score, tier ? tier : "", db_from_id(c->cause_id));
}

static void settle_record(struct settling *s, const struct record *r) {
    struct standing ruling = {0};
    for (size_t i = 0; i < s->cards->n && !ctx_failed(s->c); i++) {
        int64_t flips = s->cards->items[i].entity == r->entity
                            ? card_flips(s->memo, &s->cards->items[i], r)
                            : INT64_MAX;
        due_by(s, flips == INT64_MAX ? 0 : flips);
        if (score_card_fits(s->memo, &s->cards->items[i], r)) {
            struct standing one = stand(s, i, r, !ruling.card_id);
            ruling = ruling.card_id ? ruling : one;
        } else {
            DB_PUT(s->c, "DELETE FROM score_state WHERE record_id = $1 AND card_id = $2", r->id,
                   s->cards->items[i].id);
        }
    }
    bool same = record_empty(r, "score") == !ruling.card_id &&
                record_int(r, "score") == ruling.score &&
                score_tier_of(record_text(r, "tier")) == ruling.tier;
    if (ctx_failed(s->c) || same) {
        return;
    }
    write_scores(s->c, r, &ruling);
    emit_updated(s->c, r, &ruling);
    if (ruling.card_id && score_tier_of(record_text(r, "tier")) != ruling.tier) {
        emit_tier(s->c, r, &ruling);
    }
}

static void settle_leads(struct settling *s, int64_t person_id) {
    struct ctx *c = s->c;
    const struct entity *lead = entity_named(c, "lead");
    int64_t ids[SCORE_LEADS];
    size_t n = 0;
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT id FROM lead WHERE person_id = $1 AND deleted_at IS NULL "
             "AND status NOT IN ('converted', 'disqualified') ORDER BY id DESC LIMIT $2",
             person_id, (int64_t)SCORE_LEADS);
    while (n < SCORE_LEADS && db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct record *r = record_load(c, lead, ids[i]);
        if (r && is_open(r)) {
            settle_record(s, r);
        }
    }
}

static int id_compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static struct str id_key(struct ctx *c, int64_t id) {
    return str_format(c->arena, "%lld", (long long)id);
}

static void set_due(struct settling *s, int64_t person_id, int64_t before) {
    struct ctx *c = s->c;
    if (s->due_at == before) {
        return;
    }
    DB_RUN(c, "UPDATE score_person SET due_at = $1 WHERE person_id = $2", s->due_at, person_id);
    if (s->due_at) {
        timer_set(c, "scoring.due", id_key(c, person_id), s->due_at, STR(""));
    } else {
        timer_cancel(c, "scoring.due", id_key(c, person_id));
    }
}

/* Waits for whoever settles the person in another transaction. When his timer is due. */
static int64_t person_lock(struct ctx *c, int64_t person_id) {
    return DB_INT(c,
                  "INSERT INTO score_person (person_id, due_at) VALUES ($1, 0) "
                  "ON CONFLICT (person_id) DO UPDATE SET due_at = score_person.due_at "
                  "RETURNING due_at",
                  person_id);
}

void score_settle(struct ctx *c, const struct score_cards *cards, int64_t person_id) {
    struct record *person = person_id ? record_load(c, entity_named(c, "person"), person_id) : NULL;
    if (!person || ctx_failed(c)) {
        return;
    }
    int64_t due_before = person_lock(c, person_id);
    struct settling s = {.c = c,
                         .cards = cards,
                         .holders = score_holders_of(c, person_id),
                         .memo = condition_memo_new(c),
                         .zone = condition_zone(c)};
    settle_record(&s, person);
    settle_leads(&s, person_id);
    set_due(&s, person_id, due_before);
}

/* In the order of their ids, so that two batches do not wait for each other. A row stays locked
 * until the commit: whoever settles the person sees what this transaction keeps. */
void score_settle_later(struct ctx *c, int64_t *people, size_t n) {
    if (n) {
        qsort(people, n, sizeof *people, id_compare);
        timer_set_earlier(c, "scoring.pending", STR(""), c->now_ms);
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (i == 0 || people[i] != people[i - 1]) {
            DB_PUT(c,
                   "INSERT INTO score_pending (person_id) VALUES ($1) "
                   "ON CONFLICT (person_id) DO UPDATE SET person_id = excluded.person_id",
                   people[i]);
        }
    }
}

/* Reactors. */

bool score_own_doing(struct ctx *c, const struct event *e) {
    if (!str_ends(e->type, STR(".updated"))) {
        return str_ends(e->type, STR(".tier_entered"));
    }
    const struct json *changed = json_get(json_parse(c, e->payload), "changed");
    bool own = json_is(changed, JSON_IS_ARRAY) && changed->n > 0;
    for (size_t i = 0; own && i < changed->n; i++) {
        struct str f = changed->items[i].text;
        own = str_is(f, "score") || str_is(f, "tier");
    }
    return own;
}

static bool gives_points(struct ctx *c, const struct score_cards *cards, const struct event *e) {
    for (size_t i = 0; i < cards->n; i++) {
        const struct score_card *card = &cards->items[i];
        for (size_t k = 0; k < card->n; k++) {
            if (card->rules[k].behaviour == (e->stream == STREAM_BEHAVIOUR) &&
                score_rule_meets(c, &card->rules[k], e->type, e->payload)) {
                return true;
            }
        }
    }
    return false;
}

static bool about_scored(const struct event *e) {
    return str_is(e->subject_type, "lead") || str_is(e->subject_type, "person") ||
           str_is(e->type, "custom_field.updated");
}

static void choose(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    struct score_cards cards = score_cards_enabled(c, false);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        const struct event *e = &events[i];
        wanted[i] = cards.n && !score_own_doing(c, e) &&
                    (about_scored(e) || (e->person_id && gives_points(c, &cards, e)));
    }
}

/* Events on their way to scores: whom those of history concern. */
struct following {
    struct ctx *c;
    struct score_cards cards;
    int64_t people[FOLLOWED];
    size_t n;
};

static struct following *following_new(struct ctx *c) {
    struct following *f = ARENA_NEW(c->arena, struct following);
    f->c = c;
    f->cards = score_cards_enabled(c, true);
    return f;
}

static void pending_put(struct following *f) {
    score_settle_later(f->c, f->people, f->n);
    f->n = 0;
}

static void settle_after(struct following *f, int64_t person_id) {
    if (f->c->origin == ORIGIN_LIVE) {
        score_settle(f->c, &f->cards, person_id);
        return;
    }
    if (person_id) {
        f->people[f->n++] = person_id;
    }
    if (f->n == FOLLOWED) {
        pending_put(f);
    }
}

/* A choice that went, or came back: rules that ask for it give nothing, or points again. */
static void field_changed(struct ctx *c, const struct event *e) {
    const struct json *values = json_get(json_parse(c, e->payload), "changed");
    bool choices = false;
    for (size_t i = 0; json_is(values, JSON_IS_ARRAY) && i < values->n; i++) {
        choices |= str_is(values->items[i].text, "options");
    }
    const struct record *field =
        choices ? record_load(c, entity_named(c, "custom_field"), e->subject_id) : NULL;
    if (!field) {
        return;
    }
    int64_t ids[SCORE_CARDS];
    size_t n = 0;
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT id FROM score_card WHERE enabled = 1 AND deleted_at IS NULL "
             "AND (rules LIKE $1 OR audience LIKE $1) ORDER BY id LIMIT $2",
             str_format(c->arena, "%%%.*s\"%%", STR_ARG(record_text(field, "name"))),
             (int64_t)SCORE_CARDS);
    while (n < SCORE_CARDS && db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    for (size_t i = 0; i < n; i++) {
        score_rescore(c, ids[i]);
    }
}

/* What the visitor did before is the person's too. */
static void visitor_joined(struct ctx *c, const struct score_cards *cards, int64_t person_id) {
    struct score_holders *h = score_holders_of(c, person_id);
    for (size_t i = 0; i < cards->n && !ctx_failed(c); i++) {
        score_hits_rebuild(c, &cards->items[i], h);
    }
}

static void follow(struct following *f, const struct event *e) {
    struct ctx *c = f->c;
    bool joined = str_is(e->type, "visitor.identified");
    if (str_is(e->type, "custom_field.updated")) {
        field_changed(c, e);
        return;
    }
    int64_t person = score_person_now(c, e->person_id);
    if (c->origin == ORIGIN_LIVE || joined) {
        person_lock(c, person);
    }
    if (joined) {
        visitor_joined(c, &f->cards, person);
    } else if (e->person_id) {
        score_hits_add(c, &f->cards, e, e->person_id);
    }
    settle_after(f, person);
    if (str_is(e->type, "person.unmerged")) {
        settle_after(f, e->subject_id);
    }
}

static void handle(struct ctx *c, const struct event *e) {
    struct following *f = following_new(c);
    follow(f, e);
    pending_put(f);
}

static void handle_history(struct ctx *c, const struct event *events, size_t n) {
    struct following *f = following_new(c);
    for (size_t i = 0; i < n; i++) {
        score_person_ahead(c, events[i].person_id);
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        follow(f, &events[i]);
    }
    pending_put(f);
}

static void reset(struct ctx *c) {
    DB_RUN(c, "DELETE FROM score_hit");
}

static const struct reactor business = {.name = "marketing.scoring",
                                        .stream = STREAM_BUSINESS,
                                        .lane = REACTOR_PROMPT,
                                        .types = (const char *const[]){NULL},
                                        .handle = handle,
                                        .handle_history = handle_history,
                                        .choose = choose,
                                        .reset = reset,
                                        .rebuild = score_rebuild};

#define LINK_NOW                                                    \
    "SELECT id, person_id FROM visitor_link WHERE visitor_id = $1 " \
    "AND removed_at IS NULL AND from_seq <= $2 AND (to_seq IS NULL OR to_seq > $2)"

/* Before the event at i is asked about: those about it and some behind it travel together. */
static void links_ahead(struct ctx *c, const struct event *events, size_t n, size_t i) {
    for (size_t k = i; i % ASKED_AHEAD == 0 && k < n && k < i + ASKED_AHEAD; k++) {
        DB_AHEAD(c, LINK_NOW, events[k].person_id, events[k].seq);
    }
}

static int64_t link_now(struct ctx *c, const struct event *e, int64_t *person_id) {
    struct db_rows rows;
    int64_t link = 0;
    DB_QUERY(c, &rows, LINK_NOW, e->person_id, e->seq);
    if (db_next(&rows)) {
        link = db_int(&rows, 0);
        *person_id = db_int(&rows, 1);
    }
    db_done(&rows);
    return link;
}

/* Of most visitors nobody knows who they are: their pages cost nothing here. */
static void choose_behaviour(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    struct score_cards cards = score_cards_enabled(c, false);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        int64_t person;
        links_ahead(c, events, cards.n ? n : 0, i);
        wanted[i] = cards.n && gives_points(c, &cards, &events[i]) &&
                    link_now(c, &events[i], &person) != 0;
    }
}

/* Whether the person stands among those to be settled: then his row is locked already. */
static bool locked(const struct following *f, int64_t person_id) {
    for (size_t i = f->n; i > 0; i--) {
        if (f->people[i - 1] == person_id) {
            return true;
        }
    }
    return false;
}

static void follow_behaviour(struct following *f, const struct event *e) {
    struct ctx *c = f->c;
    int64_t person = 0, link = f->cards.n ? link_now(c, e, &person) : 0;
    if (link && !locked(f, person)) {
        person_lock(c, person);
        link = link_now(c, e, &person); /* as it is now that nobody else is at it */
    }
    if (link) {
        score_hits_add(c, &f->cards, e, link);
        settle_after(f, person);
    }
}

static void handle_behaviour(struct ctx *c, const struct event *e) {
    struct following *f = following_new(c);
    follow_behaviour(f, e);
    pending_put(f);
}

static void behaviour_history(struct ctx *c, const struct event *events, size_t n) {
    struct following *f = following_new(c);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        links_ahead(c, events, n, i);
        follow_behaviour(f, &events[i]);
    }
    pending_put(f);
}

static struct str visitor_key(struct ctx *c, const struct event *e) {
    return id_key(c, e->person_id);
}

static const struct reactor behaviour = {.name = "marketing.scoring_behaviour",
                                         .stream = STREAM_BEHAVIOUR,
                                         .lane = REACTOR_PROMPT,
                                         .types = (const char *const[]){NULL},
                                         .handle = handle_behaviour,
                                         .handle_history = behaviour_history,
                                         .choose = choose_behaviour,
                                         .key = visitor_key};

/* Timers. */

/* How far a rescoring has come; quiet: the card came with data that was brought in. */
struct rescoring {
    int64_t after;
    bool quiet;
};

static void rescore_go_on(struct ctx *c, struct str key, struct rescoring r) {
    int64_t pause = r.after && !r.quiet ? PIECE_PAUSE_MS : 0;
    timer_set(c, "scoring.rescore", key, c->now_ms + pause,
              str_format(c->arena, "{\"after\":\"%lld\",\"quiet\":%s}", (long long)r.after,
                         r.quiet ? "true" : "false"));
}

/* A card that came with the log, as a sample company's: nothing of it was read yet, and whoever
 * reads all of it finds all the card is about. */
static bool will_be_read(struct ctx *c) {
    return c->origin != ORIGIN_LIVE && !reactor_cursor_read(c, &business).seq &&
           !reactor_cursor_read(c, &behaviour).seq;
}

void score_rescore(struct ctx *c, int64_t card_id) {
    if (will_be_read(c)) {
        return;
    }
    if (c->origin != ORIGIN_LIVE) {
        DB_RUN(c, "INSERT INTO score_rescoring (card_id) VALUES ($1) ON CONFLICT DO NOTHING",
               card_id);
    }
    rescore_go_on(c, id_key(c, card_id), (struct rescoring){0, c->origin != ORIGIN_LIVE});
}

/* What history brought is no news: rules do not answer it. */
static enum origin origin_of(struct ctx *c, const struct timer *t) {
    return json_bool(json_parse(c, t->payload), "quiet", false) ? ORIGIN_IMPORT : c->origin;
}

static void due(struct ctx *c, const struct timer *t) {
    int64_t person = 0;
    enum origin origin = c->origin;
    str_to_int(t->key, &person);
    DB_RUN(c, "UPDATE score_person SET due_at = 0 WHERE person_id = $1", person);
    struct score_cards cards = score_cards_enabled(c, true);
    c->origin = origin_of(c, t);
    score_settle(c, &cards, person);
    c->origin = origin;
}

/* Whether those that are pending will hear of more before long. */
static bool history_goes_on(struct ctx *c) {
    return reactor_reads_on(c, &business) || reactor_reads_on(c, &behaviour) ||
           DB_INT(c, "SELECT 1 FROM score_rescoring LIMIT 1") == 1;
}

static void pending(struct ctx *c, const struct timer *t) {
    int64_t people[PENDING_PIECE];
    size_t n = 0;
    struct db_rows rows;
    int64_t waited = json_int(json_parse(c, t->payload), "waited", 0);
    if (waited < WAITS_MOST && history_goes_on(c)) {
        timer_set(c, "scoring.pending", t->key, c->now_ms + HISTORY_PAUSE_MS,
                  str_format(c->arena, "{\"waited\":%lld}", (long long)waited + 1));
        return;
    }
    struct score_cards cards = score_cards_enabled(c, true);
    enum origin origin = c->origin;
    DB_QUERY(c, &rows, "SELECT person_id FROM score_pending ORDER BY person_id LIMIT $1",
             (int64_t)PENDING_PIECE);
    while (n < PENDING_PIECE && db_next(&rows)) {
        people[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    c->origin = ORIGIN_IMPORT;
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct arena_mark mark = arena_mark(c->arena);
        DB_RUN(c, "DELETE FROM score_pending WHERE person_id = $1", people[i]);
        score_settle(c, &cards, people[i]);
        if (!ctx_failed(c)) {
            arena_reset(c->arena, mark);
        }
    }
    c->origin = origin;
    if (n == PENDING_PIECE) {
        timer_set(c, "scoring.pending", t->key, c->now_ms, t->payload);
    }
}

/* The next piece of the people the card may concern: hits of it anew, all their scores. */
static size_t rescore_piece(struct ctx *c, int64_t card_id, int64_t *after) {
    struct following *f = following_new(c);
    const struct score_cards *cards = &f->cards;
    int64_t people[PIECE];
    size_t n = 0;
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT id FROM person WHERE id > $1 AND deleted_at IS NULL ORDER BY id LIMIT $2",
             *after, (int64_t)PIECE);
    while (n < PIECE && db_next(&rows)) {
        people[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct arena_mark mark = arena_mark(c->arena);
        person_lock(c, people[i]);
        for (size_t k = 0; k < cards->n; k++) {
            if (cards->items[k].id == card_id) {
                score_hits_rebuild(c, &cards->items[k], score_holders_of(c, people[i]));
            }
        }
        settle_after(f, people[i]);
        *after = people[i];
        if (!ctx_failed(c)) {
            arena_reset(c->arena, mark);
        }
    }
    pending_put(f);
    return n;
}

static void rescore(struct ctx *c, const struct timer *t) {
    struct rescoring r = {json_id(json_parse(c, t->payload), "after"),
                          origin_of(c, t) != c->origin};
    int64_t card_id = 0;
    str_to_int(t->key, &card_id);
    enum origin origin = c->origin;
    c->origin = r.quiet ? ORIGIN_IMPORT : origin;
    size_t n = rescore_piece(c, card_id, &r.after);
    c->origin = origin;
    if (n == PIECE) {
        rescore_go_on(c, t->key, r);
        return;
    }
    DB_RUN(c, "DELETE FROM score_rescoring WHERE card_id = $1", card_id);
    if (!DB_INT(c, "SELECT 1 FROM score_card WHERE id = $1 AND enabled = 1 AND deleted_at IS NULL",
                card_id)) { /* it was switched off, or deleted: it rules nobody any more */
        DB_RUN(c, "DELETE FROM score_state WHERE card_id = $1", card_id);
        DB_RUN(c, "DELETE FROM score_hit WHERE card_id = $1", card_id);
    }
}

static const struct timer_kind timers[] = {
    {"scoring.due", due}, {"scoring.pending", pending}, {"scoring.rescore", rescore}, {0}};

static const struct event_type event_types[] = {
    {"lead.tier_entered", "lead", "进入分层", "entered a tier"},
    {"person.tier_entered", "person", "进入分层", "entered a tier"},
    {0}};

const struct module scoring_module = {
    .name = "marketing.scoring",
    .cloud = "marketing",
    .events = event_types,
    .reactors = (const struct reactor *const[]){&business, &behaviour, NULL},
    .timers = timers,
    .migrations = migrations};
