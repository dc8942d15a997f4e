/*
 * Score cards: what gives points, as marketing writes it down, checks it, and keeps its versions.
 *
 *     {"key": "r1", "name": "目标行业", "points": 20, "when": {condition}}
 *     {"key": "r2", "name": "下载白皮书", "points": 15, "event": "page.viewed",
 *      "where": [{"key": "path", "op": "starts_with", "value": "/downloads/"}],
 *      "cap": 30, "per_day": 15, "half_life_days": 30, "lasts_days": 180}
 *
 * Every saving is a version, kept as it was (score_card_version), so that "why 70?" of last month
 * can be answered. Cards are ordered by position; the first that is meant for a record rules.
 */
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "customer/segment.h"
#include "db/db.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/event_types.h"
#include "entity/record_memory.h"
#include "marketing/marketing.h"
#include "marketing/scoring.h"

enum { NAME_MOST = 60, KEY_MOST = 20, DAYS_MOST = 3650, RULES_TEXT = 40000 };

static const struct option kinds[] = {
    {"lead", "线索", "Leads", "info"}, {"person", "人", "People", "idle"}, {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = NAME_MOST},
    {"entity_name", FIELD_OPTION, FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LISTED, "评谁", "Scores",
     "group.basic", .options = kinds, .standard = "lead"},
    {"audience", FIELD_JSON, 0, "适用条件", "Meant for", "group.basic", .max_length = 20000},
    {"rules", FIELD_JSON, FIELD_REQUIRED, "规则", "Rules", "group.basic", .max_length = RULES_TEXT},
    {"minimum", FIELD_INTEGER, FIELD_REQUIRED, "最低分", "Minimum", "group.basic", .min = -1000,
     .max = 1000, .standard = "0"},
    {"maximum", FIELD_INTEGER, FIELD_REQUIRED, "最高分", "Maximum", "group.basic", .min = 1,
     .max = 1000, .standard = "100"},
    {"middle_from", FIELD_INTEGER, FIELD_REQUIRED, "中分层从", "Middle from", "group.basic",
     .min = -1000, .max = 1000, .standard = "30"},
    {"high_from", FIELD_INTEGER, FIELD_REQUIRED, "高分层从", "High from", "group.basic",
     .min = -1000, .max = 1000, .standard = "60"},
    {"margin", FIELD_INTEGER, FIELD_REQUIRED, "回落缓冲", "Margin when falling", "group.basic",
     .min = 0, .max = 100, .standard = "3"},
    {"position", FIELD_INTEGER, FIELD_LISTED, "顺序", "Order", "group.basic", .standard = "0"},
    {"enabled", FIELD_BOOLEAN, FIELD_LISTED, "启用", "Enabled", "group.basic", .standard = "0"},
    {"description", FIELD_LONG_TEXT, 0, "说明", "Description", "group.basic", .max_length = 500},
    {0}};

/* The stream of behaviour has these; every other type is a business event. */
const char *const score_behaviour_types[] = {"page.viewed",  "page.left",       "link.clicked",
                                             "form.started", "custom.happened", NULL};
/* Events that scoring itself causes, or that are no doing of the person's. */
static const char *const unscored[] = {
    "lead.updated",        "lead.tier_entered", "person.updated", "person.merged",
    "person.tier_entered", "person.unmerged",   "visitor.parted", NULL};

/* What it gives. */
static const char *const own[] = {"score", "tier", NULL};

const struct definition_derived score_derived = {
    own, "SELECT id, 'score_card', name, entity_name, '[' || COALESCE(audience, 'null') || ',' || "
         "rules || ']' FROM score_card WHERE entity_name = $1 AND enabled = 1 "
         "AND deleted_at IS NULL"};

bool score_event_is_behaviour(struct str type) {
    return event_type_matches(score_behaviour_types, type);
}

bool score_event_known(struct ctx *c, struct str type) {
    if (score_event_is_behaviour(type)) {
        return true;
    }
    size_t n;
    struct event_choice *all = event_choices(c, &n);
    for (size_t i = 0; i < n; i++) {
        if (str_equal(all[i].type, type)) {
            return !event_type_matches(unscored, type);
        }
    }
    return false;
}

static void wrong(struct ctx *c, size_t rule, const char *member, const char *why) {
    FAIL_FIELD(c, str_format(c->arena, "/rules/%zu/%s", rule, member), why);
}

/* A whole number within bounds; the fallback when it is left out. */
static int64_t number(struct ctx *c, const struct json *o, size_t rule, const char *member,
                      const int64_t bounds[3]) {
    const struct json *v = json_get(o, member);
    if (!v || v->kind == JSON_IS_NULL) {
        return bounds[2];
    }
    if (v->kind != JSON_IS_INT || v->integer < bounds[0] || v->integer > bounds[1]) {
        FAIL_FIELD(c, str_format(c->arena, "/rules/%zu/%s", rule, member), "scoring.number",
                   {"min", str_format(c->arena, "%lld", (long long)bounds[0])},
                   {"max", str_format(c->arena, "%lld", (long long)bounds[1])});
        return bounds[2];
    }
    return v->integer;
}

static bool key_valid(struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        if (!(ch >= 'a' && ch <= 'z') && !(ch >= '0' && ch <= '9') && ch != '_') {
            return false;
        }
    }
    return s.n > 0 && s.n <= KEY_MOST;
}

static bool member_valid(struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        if (!(ch >= 'a' && ch <= 'z') && !(ch >= '0' && ch <= '9') && ch != '_' && ch != '.') {
            return false;
        }
    }
    return s.n > 0 && s.n <= 60;
}

void score_members_known(struct ctx *c, const struct json *o, const char *const *names,
                         struct str pointer) {
    for (size_t k = 0; json_is(o, JSON_IS_OBJECT) && k < o->n; k++) {
        bool known = false;
        for (const char *const *name = names; *name; name++) {
            known |= str_is(o->members[k].key, *name);
        }
        if (!known) {
            FAIL_FIELD(
                c, str_format(c->arena, "%.*s/%.*s", STR_ARG(pointer), STR_ARG(o->members[k].key)),
                "field.unknown");
        }
    }
}

static void where_parse(struct ctx *c, const struct json *o, size_t rule, struct score_where *w) {
    static const char *const words[] = {"is", "is_not", "starts_with", "contains", "gte", "lte"};
    const struct json *value = json_get(o, "value");
    struct str op = json_text(o, "op");
    bool found = false;
    for (int i = SCORE_IS; i <= SCORE_LTE; i++) {
        if (str_is(op, words[i])) {
            w->operator=(enum score_operator) i;
            found = true;
        }
    }
    w->key = json_text(o, "key");
    bool compares = w->operator>= SCORE_GTE;
    if (json_is(value, JSON_IS_INT)) {
        w->number = value->integer;
        w->value = str_format(c->arena, "%lld", (long long)w->number);
    } else {
        w->value = json_is(value, JSON_IS_TEXT) ? value->text : STR("");
        if (compares && !str_to_int(w->value, &w->number)) {
            found = false;
        }
    }
    if (!found || !member_valid(w->key) || !w->value.n || w->value.n > 300) {
        wrong(c, rule, "where", "scoring.where");
    }
}

static void event_parse(struct ctx *c, const struct json *o, size_t i, struct score_rule *r) {
    static const int64_t cap[] = {0, 10000, 0}, half[] = {0, DAYS_MOST, 0};
    static const int64_t lasts[] = {1, SCORE_LASTS, SCORE_LASTS};
    static const char *const where_members[] = {"key", "op", "value", NULL};
    const struct json *where = json_get(o, "where");
    r->behaviour = score_event_is_behaviour(r->event);
    r->cap = number(c, o, i, "cap", cap);
    r->per_day = number(c, o, i, "per_day", cap);
    r->half_life_days = number(c, o, i, "half_life_days", half);
    r->lasts_days = number(c, o, i, "lasts_days", lasts);
    if (!where || where->kind == JSON_IS_NULL) {
        return;
    }
    if (where->kind != JSON_IS_ARRAY || where->n > SCORE_WHERES) {
        wrong(c, i, "where", "scoring.where");
        return;
    }
    for (size_t k = 0; k < where->n; k++) {
        score_members_known(c, &where->items[k], where_members,
                            str_format(c->arena, "/rules/%zu/where/%zu", i, k));
        where_parse(c, &where->items[k], i, &r->where[r->n_where++]);
    }
}

static void rule_parse(struct ctx *c, const struct entity *e, const struct json *o, size_t i,
                       struct score_rule *r) {
    static const int64_t points[] = {-SCORE_POINTS, SCORE_POINTS, 1};
    static const char *const names[] = {"key",   "name", "points",  "when",           "event",
                                        "where", "cap",  "per_day", "half_life_days", "lasts_days",
                                        NULL};
    const struct json *when = json_get(o, "when");
    r->key = json_text(o, "key");
    r->name = str_trim(json_text(o, "name"));
    r->event = json_text(o, "event");
    r->points = number(c, o, i, "points", points);
    score_members_known(c, o, names, str_format(c->arena, "/rules/%zu", i));
    if (!key_valid(r->key)) {
        wrong(c, i, "key", "scoring.key");
    }
    if (!r->name.n) {
        wrong(c, i, "name", "field.required");
    } else if (text_length(r->name) > NAME_MOST) {
        FAIL_FIELD(c, str_format(c->arena, "/rules/%zu/name", i), "text.too_long",
                   {"max", str_format(c->arena, "%d", NAME_MOST)});
    }
    if (!json_get(o, "points") || !r->points) {
        wrong(c, i, "points", "scoring.points");
    }
    if (r->event.n) {
        event_parse(c, o, i, r);
    } else if (!json_is(when, JSON_IS_OBJECT)) {
        wrong(c, i, "when", "scoring.when");
    } else if (e && !ctx_failed(c)) {
        r->condition = condition_parse_below(c, e, when,
                                             str_format(c->arena, "/rules/%zu/when", i));
    }
    if (e && r->event.n && !score_event_known(c, r->event)) {
        wrong(c, i, "event", "scoring.event");
    }
}

/* Of a kept card: what is wrong with the part just read, which then gives nothing. */
static struct str broken(struct ctx *c, const struct score_card *card) {
    if (!card->kept || c->error.code != ERROR_INVALID) {
        return STR("");
    }
    struct str why = message_failure(c->arena, c->language, &c->error);
    ctx_clear_error(c);
    return why;
}

static void circle_check(struct ctx *c, const struct entity *e, const struct json *tree,
                         struct str pointer) {
    struct str by = definition_asks(c, tree, e, own);
    if (by.n) {
        FAIL_FIELD(c, pointer, "scoring.itself", {"by", by});
    }
}

/* Of a card that begins to give points again: what it asks for may ask for points by now. */
static void circle_check_again(struct ctx *c, const struct record *card) {
    const struct entity *e = model_entity(c->model, record_text(card, "entity_name"));
    struct str audience = record_text(card, "audience");
    if (e) {
        circle_check(c, e, json_parse(c, record_text(card, "rules")), STR("/rules"));
        circle_check(c, e, audience.n ? json_parse(c, audience) : NULL, STR("/audience"));
    }
}

/* A card has the same answer whoever asks, and its own score is no ground for it: points that were
 * given for having points would stay for ever. */
static void ground_check(struct ctx *c, const struct entity *e, const struct condition *when,
                         const struct json *tree, struct str pointer) {
    if (condition_personal(when)) {
        FAIL_FIELD(c, pointer, "scoring.personal");
    }
    circle_check(c, e, tree, pointer);
}

/* Field errors point below "/rules". Without conditions when e is NULL. */
static void rules_parse(struct ctx *c, const struct entity *e, const struct json *list,
                        struct score_card *card) {
    if (!json_is(list, JSON_IS_ARRAY) || list->n == 0 || list->n > SCORE_RULES) {
        FAIL_FIELD(c, STR("/rules"), "scoring.rules");
        return;
    }
    card->rules = ARENA_NEW_ARRAY(c->arena, list->n, struct score_rule);
    for (size_t i = 0; i < list->n; i++) {
        struct score_rule *r = &card->rules[card->n++];
        rule_parse(c, e, &list->items[i], i, r);
        for (size_t k = 0; k < i; k++) {
            if (str_equal(card->rules[k].key, r->key)) {
                wrong(c, i, "key", "scoring.key");
            }
        }
        if (!card->kept && r->condition) {
            ground_check(c, e, r->condition, json_get(&list->items[i], "when"),
                         str_format(c->arena, "/rules/%zu/when", i));
        }
        r->broken = broken(c, card);
    }
}

static void check_bounds(struct ctx *c, const struct score_card *card) {
    if (card->minimum >= card->maximum) {
        FAIL_FIELD(c, STR("/maximum"), "scoring.bounds");
    }
    if (card->tiers.middle_from >= card->tiers.high_from) {
        FAIL_FIELD(c, STR("/high_from"), "scoring.tiers");
    } else if (card->tiers.margin > card->tiers.high_from - card->tiers.middle_from) {
        FAIL_FIELD(c, STR("/margin"), "scoring.margin");
    }
}

static struct score_card card_of(struct ctx *c, const struct record *r, bool kept) {
    struct score_card card = {.id = r->id,
                              .kept = kept,
                              .version = record_version(r),
                              .name = record_text(r, "name"),
                              .entity = model_entity(c->model, record_text(r, "entity_name")),
                              .minimum = record_int(r, "minimum"),
                              .maximum = record_int(r, "maximum"),
                              .tiers = {record_int(r, "middle_from"), record_int(r, "high_from"),
                                        record_int(r, "margin")}};
    struct str audience = record_text(r, "audience");
    struct str rules = record_text(r, "rules");
    card.audience = card.entity && audience.n ? condition_parse_text(c, card.entity, audience)
                                              : NULL;
    if (!kept && card.audience) {
        ground_check(c, card.entity, card.audience, json_parse(c, audience), STR("/audience"));
    }
    card.broken = broken(c, &card);
    rules_parse(c, card.entity, rules.n ? json_parse(c, rules) : NULL, &card);
    return card;
}

struct score_card score_card_kept(struct ctx *c, const struct record *r) {
    const struct actor *actor = c->actor;
    c->actor = &actor_system;
    struct score_card card = card_of(c, r, true);
    c->actor = actor;
    return card;
}

struct score_card score_card_from_json(struct ctx *c, const struct json *o) {
    const struct entity *type = entity_named(c, "score_card");
    struct change_set set = change_from_json(c, type, o);
    struct record *r = ARENA_NEW(c->arena, struct record);
    *r = (struct record){type, 0, set.values};
    for (int i = 0; i < type->n_fields; i++) {
        if (!set.set[i] && type->fields[i].standard) {
            r->values[i] = *type->fields[i].standard;
        }
    }
    struct score_card card = card_of(c, r, false);
    check_bounds(c, &card);
    return card;
}

/* Whether it asks for something else than it did: then all of that must be there. */
static bool asks_anew(const struct change *change) {
    static const char *const asking[] = {"entity_name", "audience", "rules"};
    bool anew = !change->before;
    for (size_t i = 0; i < sizeof asking / sizeof *asking && !anew; i++) {
        anew = !value_equal(record_value(change->before, asking[i]),
                            record_value(change->after, asking[i]));
    }
    return anew;
}

static bool is_on(const struct record *card) {
    return card && !record_empty(card, "enabled") && record_int(card, "enabled");
}

static void card_check(struct ctx *c, struct change *change) {
    bool anew = asks_anew(change);
    struct score_card card = anew ? card_of(c, change->after, false)
                                  : score_card_kept(c, change->after);
    check_bounds(c, &card);
    if (!anew && is_on(change->after) && !is_on(change->before)) {
        circle_check_again(c, change->after);
    }
    if (is_on(change->after) &&
        DB_INT(c,
               "SELECT count(*) FROM score_card WHERE enabled = 1 AND deleted_at IS NULL "
               "AND id <> $1",
               change->id) >= SCORE_CARDS) {
        FAIL_FIELD(c, STR("/enabled"), "scoring.cards");
    }
}

/* As it was saved. */
static void card_wrote(struct ctx *c, const struct change *change) {
    const struct record *r = change->after;
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    for (int i = 0; i < r->entity->n_fields; i++) {
        const struct field *f = &r->entity->fields[i];
        if (!(f->flags & FIELD_SYSTEM)) {
            json_key_str(&w, f->name);
            value_to_json(&w, f, r->values[i]);
        }
    }
    json_end_object(&w);
    DB_RUN(c,
           "INSERT INTO score_card_version (card_id, version, at, actor_id, body) "
           "VALUES ($1, $2, $3, $4, $5)",
           r->id, record_version(r), c->now_ms, db_from_id(record_int(r, "updated_by")),
           json_str(&w));
    score_rescore(c, r->id);
}

static void card_moved(struct ctx *c, const struct record *card) {
    score_rescore(c, card->id);
}

static void card_restored(struct ctx *c, const struct record *card) {
    if (is_on(card)) {
        circle_check_again(c, card);
    }
    card_moved(c, card);
}

static struct record_memory kept_cards = RECORD_MEMORY("score_card", 4 * SCORE_CARDS);

struct score_cards score_cards_enabled(struct ctx *c, bool parsed) {
    struct score_cards cards = {ARENA_NEW_ARRAY(c->arena, SCORE_CARDS, struct score_card), 0};
    struct record *records[SCORE_CARDS];
    size_t n = records_enabled(c, &kept_cards, records, SCORE_CARDS);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct score_card *card = &cards.items[cards.n++];
        if (parsed) {
            *card = score_card_kept(c, records[i]);
            continue;
        }
        *card = (struct score_card){.id = records[i]->id};
        rules_parse(c, NULL, json_parse(c, record_text(records[i], "rules")), card);
    }
    return cards;
}

static const struct entity_definition card_entity = {
    .name = "score_card",
    .plural = "score_cards",
    .zh = "评分卡",
    .en = "Score card",
    .flags = ENTITY_SETTING,
    .fields = fields,
    .indexes = (const struct index_definition[]){{"enabled, position"}, {0}},
    .check = card_check,
    .wrote = card_wrote,
    .trash = card_moved,
    .restored = card_restored};

static const struct migration migrations[] = {{"marketing.scoring_card.1",
                                               "CREATE TABLE score_card_version (\n"
                                               "  card_id BIGINT NOT NULL,\n"
                                               "  version BIGINT NOT NULL,\n"
                                               "  at BIGINT NOT NULL,\n"
                                               "  actor_id BIGINT,\n"
                                               "  body TEXT NOT NULL,\n"
                                               "  PRIMARY KEY (card_id, version)\n"
                                               "){without_rowid}"},
                                              {0}};

static const struct text texts[] = {
    {"scoring.rules", "至少一条、最多 60 条规则", "One to sixty rules"},
    {"scoring.cards", "最多同时启用 20 张评分卡", "At most 20 score cards are enabled at a time"},
    {"scoring.key", "规则标识应为 1 到 20 个小写字母、数字或 _，且不重复",
     "A rule's key has 1 to 20 small letters, digits or _, and no other rule has it"},
    {"scoring.points", "分值不能是 0", "The points must not be 0"},
    {"scoring.number", "应为 {min} 到 {max} 的整数", "A whole number from {min} to {max}"},
    {"scoring.when", "静态规则需要一个条件", "A static rule needs a condition"},
    {"scoring.personal", "评分对所有人都一样，条件里不能有“我”",
     "A score is the same whoever asks: conditions must not speak of \"me\""},
    {"scoring.itself", "评分卡不能用它自己算出的评分或分层，也不能绕回来用：{by}",
     "A card cannot ask for the score or tier it gives, nor for what does: {by}"},
    {"scoring.event", "没有这种可以计分的事件", "There is no such event to give points for"},
    {"scoring.where", "事件条件不对：需要字段、比较方式和值，最多 5 条",
     "A condition on the event needs a member, a comparison and a value; at most 5"},
    {"scoring.bounds", "最高分要大于最低分", "The maximum must exceed the minimum"},
    {"scoring.tiers", "高分层的起点要大于中分层的起点",
     "The high tier must begin above the middle one"},
    {"scoring.margin", "回落缓冲不能超过两个分层起点之差",
     "The margin must not exceed the distance between the tiers"},
    {0}};

const struct module scoring_card_module = {
    .name = "marketing.scoring_card",
    .cloud = "marketing",
    .entities = (const struct entity_definition *const[]){&card_entity, NULL},
    .migrations = migrations,
    .texts = texts};
