/*
 * See person_day.h. A row of person_day is (key, person, day, holder): the holder is the person an
 * event named or the link a behaviour came by, and stays; the person is whose the holder is now,
 * 0 for a link taken back. Survivors of merges stand in person_survivor.
 *
 * The behaviour of a link is counted from its first event up to the head of the stream when
 * visitor.identified is followed, and that place is kept in link_counted; what comes later is
 * counted as it comes. On PostgreSQL the row of the link is locked before either is done.
 */
#include "customer/person_day.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "base/thread_memory.h"
#include "customer/customer.h"
#include "customer/visitor.h"
#include "db/db.h"
#include "db/migration.h"
#include "db/sql.h"
#include "db/unit.h"
#include "entity/versions.h"

enum { COUNTS_MOST = 1024, EVENT_KEYS = 12, KEY_MOST = 200 };
enum {
    ASKED_AHEAD = 64,
    KEYS_KEPT = 256,
    BEHAVIOUR_AT_ONCE = 200,
    MERGES_DEEP = 32,
    MERGED_MOST = 256
};

const char *const person_day_properties[] = {"path",       "name",    "source",     "campaign",
                                             "form_id",    "channel", "utm_source", "utm_campaign",
                                             "utm_medium", NULL};

static const struct migration migrations[] = {
    {"customer.person_day.1",
     "CREATE TABLE event_key (id {serial}, name TEXT NOT NULL);\n"
     "CREATE UNIQUE INDEX event_key_name ON event_key (name);\n"
     "CREATE TABLE person_day (\n"
     "  key_id BIGINT NOT NULL,\n"
     "  person_id BIGINT NOT NULL,\n"
     "  day BIGINT NOT NULL,\n"
     "  holder_id BIGINT NOT NULL,\n"
     "  events BIGINT NOT NULL,\n"
     "  PRIMARY KEY (key_id, person_id, day, holder_id)\n"
     "){without_rowid};\n"
     "CREATE INDEX person_day_holder ON person_day (holder_id);\n"
     "CREATE TABLE person_survivor (loser_id BIGINT NOT NULL PRIMARY KEY, "
     "winner_id BIGINT NOT NULL);\n"
     "CREATE INDEX person_survivor_winner ON person_survivor (winner_id);\n"
     "CREATE TABLE link_counted (link_id BIGINT NOT NULL PRIMARY KEY, upto BIGINT NOT NULL)"},
    {0}};

int64_t person_day_of(struct ctx *c, int64_t ms) {
    return date_to_days(zone_date(condition_zone(c), ms));
}

struct str person_day_key(struct arena *a, struct str type, struct str property, struct str value) {
    if (!property.n) {
        return type;
    }
    return text_truncate(
        str_format(a, "%.*s\n%.*s=%.*s", STR_ARG(type), STR_ARG(property), STR_ARG(value)),
        KEY_MOST);
}

bool person_day_active(struct str type, enum event_stream stream) {
    static const char *const own[] = {"touch.created",
                                      "lead.touched",
                                      "form.submitted",
                                      "mail.opened",
                                      "mail.clicked",
                                      "visitor.identified",
                                      NULL};
    bool found = stream == STREAM_BEHAVIOUR;
    for (const char *const *t = own; *t; t++) {
        found |= str_is(type, *t);
    }
    return found;
}

bool person_day_moves(struct str type) {
    return str_is(type, "person.merged") || str_is(type, "person.unmerged") ||
           str_is(type, "visitor.identified") || str_is(type, "visitor.parted");
}

static bool counted(struct str type) {
    return !str_starts(type, STR("tag.")) && !str_starts(type, STR("segment.")) &&
           !str_ends(type, STR(".updated"));
}

/* Ids of keys, which never change; of each only what a transaction found that had made none. */
struct kept_key {
    struct versions versions;
    int64_t id;
    char name[KEY_MOST + 1];
};
static _Thread_local int64_t made_in; /* the transaction that last made one on this thread */

static struct kept_key *key_place(struct str name) {
    static _Thread_local struct kept_key *kept;
    uint64_t hash = name.n;
    for (size_t i = 0; i < name.n; i++) {
        hash = hash * 33 + (unsigned char)name.p[i];
    }
    kept = kept ? kept : thread_memory(sizeof *kept * KEYS_KEPT);
    return &kept[(hash ^ hash >> 17) % KEYS_KEPT];
}

static int64_t key_find(struct ctx *c, struct str name) {
    return DB_INT(c, "SELECT id FROM event_key WHERE name = $1", name);
}

static int64_t key_make(struct ctx *c, struct str name) {
    made_in = db_transaction(c->db);
    DB_RUN(c, "INSERT INTO event_key (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", name);
    return key_find(c, name);
}

static int64_t key_id(struct ctx *c, struct str name) {
    struct kept_key *kept = key_place(name);
    if (versions_hold(c, &kept->versions) && str_is(name, kept->name)) {
        return kept->id;
    }
    int64_t id = key_find(c, name);
    if (!id) {
        return key_make(c, name);
    }
    if (name.n <= KEY_MOST && versions_firm(c) && made_in != db_transaction(c->db)) {
        kept->versions = c->versions;
        kept->id = id;
        memcpy(kept->name, name.p, name.n);
        kept->name[name.n] = '\0';
    }
    return id;
}

/* What is to be counted, gathered so that each row is written once. */
struct count {
    struct str key;
    int64_t key_id, person_id, holder_id, day, events;
    struct count *next; /* of its bucket */
};

struct counts {
    struct count **buckets; /* twice as many as room */
    struct count **items;   /* in the order they came in */
    size_t n, room;
};

/* For the keys of n events; of more they are written as they come. */
static struct counts counts_new(struct ctx *c, size_t n) {
    size_t room = n * EVENT_KEYS < COUNTS_MOST ? n * EVENT_KEYS : COUNTS_MOST;
    return (struct counts){.buckets = ARENA_NEW_ARRAY(c->arena, 2 * room, struct count *),
                           .items = ARENA_NEW_ARRAY(c->arena, room, struct count *),
                           .room = room};
}

static void counts_clear(struct counts *all) {
    for (size_t i = 0; i < 2 * all->room; i++) {
        all->buckets[i] = NULL;
    }
    all->n = 0;
}

static bool count_same(const struct count *a, const struct count *b) {
    return a->person_id == b->person_id && a->holder_id == b->holder_id && a->day == b->day &&
           str_equal(a->key, b->key);
}

static struct count **count_bucket(const struct counts *all, const struct count *n) {
    uint64_t hash = (uint64_t)n->person_id * 31 + (uint64_t)n->holder_id * 17 + (uint64_t)n->day;
    for (size_t i = 0; i < n->key.n; i++) {
        hash = hash * 33 + (unsigned char)n->key.p[i];
    }
    return &all->buckets[(hash ^ hash >> 17) % (2 * all->room)];
}

static void count_values(const void *item, struct db_value *values) {
    const struct count *n = item;
    values[0] = db_from_int(n->key_id);
    values[1] = db_from_int(n->person_id);
    values[2] = db_from_int(n->day);
    values[3] = db_from_int(n->holder_id);
    values[4] = db_from_int(n->events);
}

static const struct sql_rows count_rows = {
    "INSERT INTO person_day (key_id, person_id, day, holder_id, events)", 5, count_values,
    " ON CONFLICT (key_id, person_id, day, holder_id) "
    "DO UPDATE SET events = person_day.events + excluded.events"};

/* In the order of the table's key, so that two who write at once cannot wait for each other. */
static int count_order(const void *a, const void *b) {
    const struct count *x = *(struct count *const *)a, *y = *(struct count *const *)b;
    const int64_t left[] = {x->key_id, x->person_id, x->day, x->holder_id};
    const int64_t right[] = {y->key_id, y->person_id, y->day, y->holder_id};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        if (left[i] != right[i]) {
            return left[i] < right[i] ? -1 : 1;
        }
    }
    return 0;
}

static void counts_write(struct ctx *c, struct counts *all) {
    for (size_t i = 0; i < all->n && !ctx_failed(c); i++) {
        all->items[i]->key_id = key_id(c, all->items[i]->key);
    }
    if (!ctx_failed(c)) {
        qsort(all->items, all->n, sizeof *all->items, count_order);
        sql_insert(c, &count_rows, (void *const *)all->items, all->n);
    }
    if (all->n) {
        counts_clear(all);
    }
}

static void count_key(struct ctx *c, struct counts *all, const struct count *one) {
    struct count **bucket = count_bucket(all, one);
    for (struct count *n = *bucket; n; n = n->next) {
        if (count_same(n, one)) {
            n->events++;
            return;
        }
    }
    struct count *fresh = ARENA_NEW(c->arena, struct count);
    *fresh = *one;
    fresh->events = 1;
    fresh->next = *bucket;
    *bucket = all->items[all->n++] = fresh;
    if (all->n == all->room) {
        counts_write(c, all);
    }
}

/* Whether the text has the key, at any depth; words that are values do not count. */
static bool has_key(struct str payload, struct str key) {
    for (ptrdiff_t at; (at = str_find(payload, key)) >= 0;) {
        bool opens = at > 0 && payload.p[at - 1] == '"';
        payload = str_slice(payload, (size_t)at + key.n, payload.n);
        struct str rest = str_trim(str_slice(payload, 1, payload.n));
        if (opens && str_starts(payload, STR("\"")) && str_starts(rest, STR(":"))) {
            return true;
        }
    }
    return false;
}

/* Most events have none of the properties: a look at the text spares parsing it. */
static bool may_have_properties(struct str payload) {
    bool found = false;
    for (const char *const *p = person_day_properties; *p && !found; p++) {
        found = has_key(payload, str_from(*p));
    }
    return found;
}

static void count_properties(struct ctx *c, struct counts *all, const struct event *e,
                             struct count one) {
    const struct json *payload = json_parse(c, e->payload), *utm = json_get(payload, "utm");
    for (const char *const *p = person_day_properties; *p; p++) {
        struct str value = json_text(payload, *p);
        value = value.n ? value : json_text(utm, *p);
        if (value.n) {
            one.key = person_day_key(c->arena, e->type, str_from(*p), value);
            count_key(c, all, &one);
        }
    }
}

static void count_event(struct ctx *c, struct counts *all, const struct event *e,
                        struct count one) {
    one.day = person_day_of(c, e->occurred_at);
    one.key = e->type;
    count_key(c, all, &one);
    if (may_have_properties(e->payload)) {
        count_properties(c, all, e, one);
    }
    if (person_day_active(e->type, e->stream)) {
        one.key = STR("person.active");
        count_key(c, all, &one);
    }
}

/* Who the person is now. */
static int64_t survivor(struct ctx *c, int64_t person_id) {
    for (int i = 0; i < MERGES_DEEP && !ctx_failed(c); i++) {
        int64_t winner = DB_INT(c, "SELECT winner_id FROM person_survivor WHERE loser_id = $1",
                                person_id);
        if (!winner) {
            break;
        }
        person_id = winner;
    }
    return person_id;
}

static void holder_move(struct ctx *c, int64_t holder_id, int64_t person_id) {
    DB_RUN(c, "UPDATE person_day SET person_id = $1 WHERE holder_id = $2 AND person_id <> $1",
           person_id, holder_id);
}

/* Links. */

/* Count what the link brings up to now. */
static void link_count(struct ctx *c, const struct visitor_link *link) {
    struct visitor_links one = {(struct visitor_link *)link, 1};
    int64_t head = event_head(c, STREAM_BEHAVIOUR), before = head + 1;
    DB_RUN(c,
           "INSERT INTO link_counted (link_id, upto) VALUES ($1, $2) "
           "ON CONFLICT (link_id) DO UPDATE SET upto = excluded.upto",
           link->id, head);
    DB_RUN(c, "DELETE FROM person_day WHERE holder_id = $1", link->id);
    for (size_t n = BEHAVIOUR_AT_ONCE; n == BEHAVIOUR_AT_ONCE && !ctx_failed(c);) {
        struct arena_mark mark = arena_mark(c->arena);
        struct counts counts = counts_new(c, BEHAVIOUR_AT_ONCE);
        struct behaviour *done = person_behaviour(c, &one, before, BEHAVIOUR_AT_ONCE, &n);
        for (size_t i = 0; i < n && !ctx_failed(c); i++) {
            struct event e = {.stream = STREAM_BEHAVIOUR,
                              .type = done[i].type,
                              .occurred_at = done[i].at,
                              .payload = done[i].payload};
            before = done[i].seq;
            count_event(c, &counts, &e,
                        (struct count){.person_id = link->person_id, .holder_id = link->id});
        }
        counts_write(c, &counts);
        if (!ctx_failed(c)) {
            arena_reset(c->arena, mark);
        }
    }
}

/* As the links stand now, whatever they were when the event was written. */
static int64_t link_follow(struct ctx *c, const struct event *e) {
    const struct json *payload = json_parse(c, e->payload);
    struct visitor_link *link = visitor_link_find(c, json_id(payload, "link_id"));
    if (!link || ctx_failed(c)) {
        return survivor(c, e->person_id);
    }
    if (link->removed_at) {
        holder_move(c, link->id, 0);
    } else {
        link_count(c, link);
    }
    return link->person_id;
}

/* People. */

/* Whoever became this person, one after the other; ids holds the person himself first. */
static size_t merged_into(struct ctx *c, int64_t person_id, int64_t *ids) {
    size_t n = 0;
    ids[n++] = person_id;
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct db_rows rows;
        DB_QUERY(c, &rows, "SELECT loser_id FROM person_survivor WHERE winner_id = $1", ids[i]);
        while (n < MERGED_MOST && db_next(&rows)) {
            ids[n++] = db_int(&rows, 0);
        }
        db_done(&rows);
    }
    return n;
}

static void links_move(struct ctx *c, int64_t person_id) {
    struct visitor_links links = visitor_links(c, person_id);
    for (size_t i = 0; i < links.n && !ctx_failed(c); i++) {
        holder_move(c, links.items[i].id, links.items[i].removed_at ? 0 : person_id);
    }
}

static int64_t people_follow(struct ctx *c, const struct event *e) {
    const struct json *payload = json_parse(c, e->payload);
    int64_t winner = json_id(payload, "winner_id"), loser = json_id(payload, "loser_id");
    int64_t ids[MERGED_MOST];
    DB_RUN(c, "DELETE FROM person_survivor WHERE loser_id = $1", loser);
    if (str_is(e->type, "person.merged")) {
        DB_RUN(c, "INSERT INTO person_survivor (loser_id, winner_id) VALUES ($1, $2)", loser,
               winner);
    }
    size_t n = merged_into(c, loser, ids);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        holder_move(c, ids[i], survivor(c, ids[i]));
    }
    links_move(c, winner);
    links_move(c, loser);
    return survivor(c, winner);
}

/* The stream of behaviour. */

struct owner {
    int64_t person_id, link_id;
};

#define OWNER_SQL                                                                      \
    "SELECT person_id, id FROM visitor_link WHERE visitor_id = $1 AND from_seq <= $2 " \
    "AND (to_seq IS NULL OR to_seq > $2) AND removed_at IS NULL"

static struct owner owner_of(struct ctx *c, const struct event *e) {
    struct owner owner = {0};
    struct db_rows rows;
    DB_QUERY(c, &rows, OWNER_SQL, e->person_id, e->seq);
    if (db_next(&rows)) {
        owner = (struct owner){db_int(&rows, 0), db_int(&rows, 1)};
    }
    db_done(&rows);
    if (!owner.link_id && DB_INT(c, "SELECT 1 FROM person WHERE id = $1", e->person_id)) {
        owner.person_id = survivor(c, e->person_id);
    }
    return owner;
}

#define KNOWN_SQL                                                               \
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM visitor_link WHERE visitor_id = $1) " \
    "OR EXISTS (SELECT 1 FROM person WHERE id = $1)"

void person_day_choose(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    for (size_t i = 0; i < n; i++) {
        for (size_t k = i; i % ASKED_AHEAD == 0 && k < n && k < i + ASKED_AHEAD; k++) {
            DB_AHEAD(c, KNOWN_SQL, events[k].person_id);
        }
        wanted[i] = DB_INT(c, KNOWN_SQL, events[i].person_id) && events[i].person_id;
    }
}

/* What a link brought before it was counted is counted with it. */
static bool counted_with_link(struct ctx *c, const struct event *e, int64_t link_id) {
    int64_t upto = INT64_MAX;
    struct db_rows rows;
    DB_QUERY(c, &rows, "UPDATE link_counted SET upto = upto WHERE link_id = $1 RETURNING upto",
             link_id);
    if (db_next(&rows)) {
        upto = db_int(&rows, 0);
    }
    db_done(&rows);
    return e->seq <= upto;
}

static int64_t behaviour_follow(struct ctx *c, struct counts *counts, const struct event *e) {
    struct owner owner = owner_of(c, e);
    if (!owner.person_id || (owner.link_id && counted_with_link(c, e, owner.link_id))) {
        return 0;
    }
    count_event(c, counts, e,
                (struct count){.person_id = owner.person_id,
                               .holder_id = owner.link_id ? owner.link_id : e->person_id});
    return owner.person_id;
}

/* Counts are gathered, and written before rows move. parted: nobody named has been merged away. */
static int64_t follow(struct ctx *c, struct counts *counts, const struct event *e, bool parted) {
    if (e->stream == STREAM_BEHAVIOUR) {
        return e->person_id ? behaviour_follow(c, counts, e) : 0;
    }
    if (str_is(e->type, "person.merged") || str_is(e->type, "person.unmerged")) {
        counts_write(c, counts);
        return people_follow(c, e);
    }
    if (!e->person_id) {
        return 0;
    }
    int64_t person_id = parted ? e->person_id : survivor(c, e->person_id);
    if (counted(e->type)) {
        count_event(c, counts, e,
                    (struct count){.person_id = person_id, .holder_id = e->person_id});
    }
    if (person_day_moves(e->type)) {
        counts_write(c, counts);
        return link_follow(c, e);
    }
    return person_id;
}

int64_t person_day_follow(struct ctx *c, const struct event *e) {
    int64_t person_id;
    person_day_follow_many(c, e, 1, &person_id);
    return person_id;
}

/* Whether none of those whom the events name, up to the next that joins people, has become another:
 * asked once for all of them. */
static bool all_parted(struct ctx *c, const struct event *events, size_t n) {
    int64_t ids[SQL_IDS];
    size_t named = 0;
    for (size_t i = 0;
         i < n && named < SQL_IDS && (i == 0 || !person_day_moves(events[i - 1].type)); i++) {
        if (events[i].person_id && events[i].stream == STREAM_BUSINESS) {
            ids[named++] = events[i].person_id;
        }
    }
    if (named < 2 || named == SQL_IDS) {
        return false;
    }
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT 1 FROM person_survivor WHERE loser_id IN ");
    sql_ids(&q, ids, named);
    SQL_ADD(&q, " LIMIT 1");
    return sql_int(c, &q) == 0;
}

void person_day_follow_many(struct ctx *c, const struct event *events, size_t n, int64_t *people) {
    struct counts counts = counts_new(c, n);
    bool parted = false;
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (n > 1 && (i == 0 || person_day_moves(events[i - 1].type))) {
            parted = all_parted(c, events + i, n - i);
        }
        for (size_t k = i; i % ASKED_AHEAD == 0 && k < n && k < i + ASKED_AHEAD; k++) {
            if (events[k].stream == STREAM_BEHAVIOUR) {
                DB_AHEAD(c, OWNER_SQL, events[k].person_id, events[k].seq);
            }
        }
        people[i] = follow(c, &counts, &events[i], parted);
    }
    counts_write(c, &counts);
}

static const struct text texts[] = {
    {"event.least", "≥ {n} 次", "≥ {n} times"},
    {"event.most", "≤ {n} 次", "≤ {n} times"},
    {"event.counted", "{n} 到 {m} 次", "{n} to {m} times"},
    {"event.none", "没有", "never"},
    {"event.at", "{event}（{value}）", "{event} ({value})"},
    {"event.ever", "{event} 任何时候 {count}", "{event} ever {count}"},
    {"event.within", "{event} {days} 天内 {count}", "{event} within {days} days {count}"},
    {"event.between", "{event} {from}–{to} {count}", "{event} {from}–{to} {count}"},
    {"event.older", "{event} 最近一次早于 {days} 天", "{event} last more than {days} days"},
    {"event.type", "事件类型不正确", "No type of event"},
    {"event.count", "次数为 0 到 1000000 的整数，例如 {\"gte\": 3}",
     "A count is a whole number from 0 to 1000000, as {\"gte\": 3}"},
    {"event.window", "within、between、older_than 只能用一个，天数 1 到 3650",
     "One of within, between and older_than; 1 to 3650 days"},
    {"event.turned", "结束日期不能早于开始日期", "The last day cannot be before the first"},
    {"event.property", "没有这个属性，或运算符不是 eq、starts_with",
     "No such property, or the operator is neither eq nor starts_with"},
    {"event.nobody", "这种记录不是某个人的", "These records are not of a person"},
    {0}};

const struct module person_day_module = {
    .name = "customer.person_day",
    .cloud = "customer",
    .conditions = (const struct condition_kind *const[]){&event_leaf, NULL},
    .texts = texts,
    .migrations = migrations};
