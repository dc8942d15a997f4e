/*
 * Scores as people and programs see them: why a record has its score and how it came to it, a card
 * tried on a record before it is saved, the versions of a card, how the cards stand, and what
 * events there are to give points for. Whoever may read the record may read its reasons; what the
 * person did in detail only who may read the person.
 */
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/event_types.h"
#include "entity/query.h"
#include "http/route.h"
#include "marketing/marketing.h"
#include "marketing/scoring_explain.h"

enum { TREND = 100, VERSIONS = 50 };

static void put_text_or_null(struct json_writer *w, const char *key, struct str s) {
    json_key(w, key);
    if (s.n) {
        json_put_str(w, s);
    } else {
        json_put_null(w);
    }
}

/* Oldest first. */
static void put_trend(struct ctx *c, struct json_writer *w, int64_t record_id) {
    struct db_rows rows;
    json_key(w, "trend");
    json_begin_array(w);
    DB_QUERY(c, &rows,
             "SELECT at, score, tier, cause_id FROM (SELECT at, score, tier, cause_id "
             "FROM score_change WHERE record_id = $1 ORDER BY at DESC LIMIT $2) AS newest "
             "ORDER BY at",
             record_id, (int64_t)TREND);
    while (db_next(&rows)) {
        json_begin_object(w);
        JSON_MEMBER(w, "at", json_put_instant, db_int(&rows, 0));
        JSON_MEMBER(w, "score", json_put_int, db_int(&rows, 1));
        put_text_or_null(w, "tier", db_text(&rows, 2));
        JSON_MEMBER(w, "event_id", json_put_id, db_int(&rows, 3));
        json_end_object(w);
    }
    json_end_array(w);
}

/* By the cards that do not rule. */
static void put_others(struct ctx *c, struct json_writer *w, int64_t record_id) {
    struct db_rows rows;
    json_key(w, "others");
    json_begin_array(w);
    DB_QUERY(c, &rows,
             "SELECT s.card_id, k.name, s.score, s.tier FROM score_state s JOIN score_card k "
             "ON k.id = s.card_id WHERE s.record_id = $1 AND s.leads = 0 "
             "ORDER BY k.position, k.id",
             record_id);
    while (db_next(&rows)) {
        json_begin_object(w);
        JSON_MEMBER(w, "card_id", json_put_id, db_int(&rows, 0));
        JSON_MEMBER(w, "card", json_put_str, db_text(&rows, 1));
        JSON_MEMBER(w, "score", json_put_int, db_int(&rows, 2));
        JSON_MEMBER(w, "tier", json_put_str, db_text(&rows, 3));
        json_end_object(w);
    }
    json_end_array(w);
}

/* The card that rules the record now, and when it was last looked at. */
static bool ruling_card(struct ctx *c, const struct record *r, struct score_card *card,
                        int64_t *at) {
    struct score_cards cards = score_cards_enabled(c, true);
    struct db_rows rows;
    int64_t card_id = 0;
    DB_QUERY(c, &rows, "SELECT card_id, at FROM score_state WHERE record_id = $1 AND leads = 1",
             r->id);
    if (db_next(&rows)) {
        card_id = db_int(&rows, 0);
        *at = db_int(&rows, 1);
    }
    db_done(&rows);
    for (size_t i = 0; i < cards.n; i++) {
        if (cards.items[i].id == card_id) {
            *card = cards.items[i];
            return true;
        }
    }
    return false;
}

static bool is_closed(const struct record *r) {
    bool lead = str_is(r->entity->name, "lead");
    struct str status = lead ? record_text(r, "status") : STR("");
    return str_is(status, "converted") || str_is(status, "disqualified");
}

static void put_next(struct ctx *c, struct json_writer *w, const struct score_explanation *x) {
    int64_t at = score_next_change(c->arena, x->card, &x->evidence, x->time);
    json_key(w, "next");
    if (!at) {
        json_put_null(w);
        return;
    }
    struct score_time then = {at, x->time.zone};
    json_begin_object(w);
    JSON_MEMBER(w, "at", json_put_instant, at);
    JSON_MEMBER(w, "score", json_put_int, score_fold(c->arena, x->card, &x->evidence, then).score);
    json_end_object(w);
}

static void score_get(struct request *r, const char *type) {
    struct ctx *c = r->c;
    struct record *record = record_read(c, entity_named(c, type), request_id(r, "id"));
    if (!record) {
        return;
    }
    const struct field *f = entity_field(record->entity, STR("score"));
    if (access_field(c->actor, record->entity, f) < RIGHT_READ) {
        FAIL(c, ERROR_DENIED, "access.denied");
        return;
    }
    struct score_card card;
    int64_t at = c->now_ms;
    bool ruled = ruling_card(c, record, &card, &at), closed = is_closed(record);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "score");
    value_to_json(&w, f, record_value(record, "score"));
    put_text_or_null(&w, "tier", record_text(record, "tier"));
    JSON_MEMBER(&w, "closed", json_put_bool, closed);
    if (ruled) {
        struct score_time t = {closed ? at : c->now_ms, condition_zone(c)};
        struct score_explanation x = score_explain(c, &card, record, t, true);
        score_explanation_json(c, &w, &x);
        if (!closed) {
            put_next(c, &w, &x);
        }
    }
    put_trend(c, &w, record->id);
    put_others(c, &w, record->id);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void lead_score_get(struct request *r) {
    score_get(r, "lead");
}

static void person_score_get(struct request *r) {
    score_get(r, "person");
}

bool score_may_edit(struct request *r) {
    const struct entity *card = entity_named(r->c, "score_card");
    if (access_scope(r->c->actor, card, ACTION_UPDATE) == SCOPE_NONE) {
        FAIL(r->c, ERROR_DENIED, "access.denied");
    }
    return !ctx_failed(r->c);
}

static void try_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = score_may_edit(r) ? request_json(r) : NULL;
    const struct json *given = json_get(body, "card");
    if (!body) {
        return;
    }
    if (!json_is(given, JSON_IS_OBJECT)) {
        FAIL_FIELD(c, STR("/card"), "field.required");
        return;
    }
    struct score_card card = score_card_from_json(c, given);
    struct record *record = card.entity && !ctx_failed(c)
                                ? record_read(c, card.entity, json_id(body, "record_id"))
                                : NULL;
    if (!record) {
        return;
    }
    struct score_time t = {c->now_ms, condition_zone(c)};
    struct score_explanation x = score_explain(c, &card, record, t, false);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "fits", json_put_bool, score_card_fits(condition_memo_new(c), &card, record));
    JSON_MEMBER(&w, "score", json_put_int, x.sum.score);
    JSON_MEMBER(&w, "tier", json_put_c,
                score_tier_code(score_tier_after(&card.tiers, TIER_NONE, x.sum.score)));
    score_explanation_json(c, &w, &x);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void versions_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *card = record_read(c, entity_named(c, "score_card"), request_id(r, "id"));
    int64_t actors[VERSIONS], at[VERSIONS], version[VERSIONS];
    struct str bodies[VERSIONS], names[VERSIONS];
    size_t n = 0;
    struct db_rows rows;
    if (!card) {
        return;
    }
    DB_QUERY(c, &rows,
             "SELECT version, at, actor_id, body FROM score_card_version WHERE card_id = $1 "
             "ORDER BY version DESC LIMIT $2",
             card->id, (int64_t)VERSIONS);
    while (n < VERSIONS && db_next(&rows)) {
        version[n] = db_int(&rows, 0);
        at[n] = db_int(&rows, 1);
        actors[n] = db_int(&rows, 2);
        bodies[n++] = db_text(&rows, 3);
    }
    db_done(&rows);
    list_titles(c, entity_named(c, "user"), actors, n, names);
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "version", json_put_int, version[i]);
        JSON_MEMBER(&w, "at", json_put_instant, at[i]);
        JSON_MEMBER(&w, "actor", json_put_str, names[i]);
        JSON_MEMBER(&w, "card", json_put_raw, bodies[i]);
        json_end_object(&w);
    }
    reply_list_end(r, &w);
}

static void put_broken_part(struct json_writer *w, struct str key, struct str name,
                            struct str why) {
    if (why.n) {
        json_begin_object(w);
        JSON_MEMBER(w, "rule", json_put_str, key);
        JSON_MEMBER(w, "name", json_put_str, name);
        JSON_MEMBER(w, "why", json_put_str, why);
        json_end_object(w);
    }
}

/* What asks for a field or choice that is no more; of the audience without a rule. */
static void put_broken(struct ctx *c, struct json_writer *w, int64_t card_id) {
    const struct record *r = record_load(c, entity_named(c, "score_card"), card_id);
    json_key(w, "broken");
    json_begin_array(w);
    if (r) {
        struct score_card card = score_card_kept(c, r);
        put_broken_part(w, STR(""), STR(""), card.broken);
        for (size_t i = 0; i < card.n; i++) {
            put_broken_part(w, card.rules[i].key, card.rules[i].name, card.rules[i].broken);
        }
    }
    json_end_array(w);
}

/* How many of the card's stand in which tier, counted through its index. */
static void put_standing(struct ctx *c, struct json_writer *w, int64_t card_id) {
    struct db_rows rows;
    json_begin_object(w);
    JSON_MEMBER(w, "card_id", json_put_id, card_id);
    int64_t counts[TIER_HIGH + 1] = {0};
    DB_QUERY(c, &rows, "SELECT tier, count(*) FROM score_state WHERE card_id = $1 GROUP BY tier",
             card_id);
    while (db_next(&rows)) {
        counts[score_tier_of(db_view(&rows, 0))] = db_int(&rows, 1);
    }
    for (enum score_tier t = TIER_LOW; t <= TIER_HIGH; t++) {
        JSON_MEMBER(w, score_tier_code(t), json_put_int, counts[t]);
    }
    struct str key = str_format(c->arena, "%lld", (long long)card_id);
    JSON_MEMBER(w, "at_work", json_put_bool,
                DB_INT(c, "SELECT 1 FROM timer WHERE kind = 'scoring.rescore' AND key = $1", key) !=
                    0);
    put_broken(c, w, card_id);
    json_end_object(w);
}

static void standing_get(struct request *r) {
    struct ctx *c = r->c;
    struct json_writer w = json_writer(c->arena);
    int64_t ids[SCORE_CARDS * 5];
    size_t n = 0;
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT id FROM score_card WHERE deleted_at IS NULL ORDER BY position, id LIMIT $1",
             (int64_t)(sizeof ids / sizeof *ids));
    while (n < sizeof ids / sizeof *ids && db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    reply_list_begin(&w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        put_standing(c, &w, ids[i]);
    }
    reply_list_end(r, &w);
}

static void put_choice(struct json_writer *w, struct str type, struct str label, bool behaviour) {
    json_begin_object(w);
    JSON_MEMBER(w, "type", json_put_str, type);
    JSON_MEMBER(w, "label", json_put_str, label);
    JSON_MEMBER(w, "behaviour", json_put_bool, behaviour);
    json_end_object(w);
}

static void events_get(struct request *r) {
    struct ctx *c = r->c;
    size_t n;
    struct event_choice *all = event_choices(c, &n);
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (const char *const *type = score_behaviour_types; *type; type++) {
        struct str code = str_format(c->arena, "scoring.%s", *type);
        put_choice(&w, str_from(*type), message_words(c->language, str_to_c(c->arena, code)), true);
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        bool concerns = all[i].subject && (str_is(all[i].subject->name, "person") ||
                                           entity_field(all[i].subject, STR("person_id")));
        if (concerns && score_event_known(c, all[i].type)) {
            const struct str *label = all[i].subject->label;
            put_choice(&w, all[i].type,
                       str_format(c->arena, "%.*s · %.*s", STR_ARG(label[c->language]),
                                  STR_ARG(all[i].label)),
                       false);
        }
    }
    reply_list_end(r, &w);
}

#define CARD_SHAPE                                                                 \
    "card:(id:id?! name:text! version:integer! minimum:integer! maximum:integer! " \
    "middle_from:integer! high_from:integer! margin:integer!)"
#define RULES_SHAPE                                                                           \
    "raw:integer rules:[(key:text! name:text! event:text! broken:text! points_each:integer! " \
    "points:number! holds:boolean! hits:integer! capped:boolean! cap:integer! "               \
    "per_day:integer! half_life_days:integer! lasts_days:integer! events:[object]!)]"
#define SCORE_SHAPE                                                                  \
    "score:integer?! tier:text?! closed:boolean! " CARD_SHAPE " " RULES_SHAPE        \
    " next:object? trend:[(at:instant! score:integer! tier:text?! event_id:id?!)]! " \
    "others:[(card_id:id! card:text! score:integer! tier:text!)]!"

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/leads/{id}/score", PERMISSION_RECORD, LANE_INLINE, lead_score_get,
     .summary = "route.lead_score", .answer = SCORE_SHAPE},
    {METHOD_GET, "/api/v1/people/{id}/score", PERMISSION_RECORD, LANE_INLINE, person_score_get,
     .summary = "route.person_score", .answer = SCORE_SHAPE},
    {METHOD_POST, "/api/v1/score_cards/try", PERMISSION_RECORD, LANE_SLOW, try_post,
     .summary = "route.score_try", .body = "card:object! record_id:id!",
     .answer = "fits:boolean! score:integer! tier:text! " CARD_SHAPE " " RULES_SHAPE},
    {METHOD_GET, "/api/v1/score_cards/{id}/versions", PERMISSION_RECORD, LANE_INLINE, versions_get,
     .summary = "route.score_versions",
     .answer = "data:[(version:integer! at:instant! actor:text! card:object!)]!"},
    {METHOD_GET, "/api/v1/score_cards/standing", PERMISSION_SIGNED_IN, LANE_SLOW, standing_get,
     .summary = "route.score_standing",
     .answer = "data:[(card_id:id! low:integer! middle:integer! high:integer! at_work:boolean! "
               "broken:[(rule:text! name:text! why:text!)]!)]!"},
    {METHOD_GET, "/api/v1/score_cards/events", PERMISSION_SIGNED_IN, LANE_INLINE, events_get,
     .summary = "route.score_events",
     .answer = "data:[(type:text! label:text! behaviour:boolean!)]!"},
    {0}};

static const struct text texts[] = {
    {"scoring.page.viewed", "看了网页", "Viewed a page"},
    {"scoring.page.left", "读完离开网页", "Left a page"},
    {"scoring.link.clicked", "点了链接", "Clicked a link"},
    {"scoring.form.started", "开始填表", "Began a form"},
    {"scoring.custom.happened", "网站自定义事件", "An event of the site's own"},
    {"route.lead_score", "线索的评分和理由", "A lead's score and its reasons"},
    {"route.person_score", "人的评分和理由", "A person's score and its reasons"},
    {"route.score_try", "在一条记录上试算评分卡", "Try a score card on a record"},
    {"route.score_versions", "评分卡的各个版本", "Versions of a score card"},
    {"route.score_standing", "各评分卡的分层人数", "How many stand in which tier"},
    {"route.score_events", "可以计分的事件", "Events that can give points"},
    {0}};

const struct module scoring_routes_module = {
    .name = "marketing.scoring_routes", .cloud = "marketing", .routes = routes, .texts = texts};
