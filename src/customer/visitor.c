/*
 * See visitor.h. Written by the one who is at it already: the writer's transaction of the batch
 * of behaviour, of the form, of the rep who takes a link back. On PostgreSQL two of them may meet
 * on one visitor; the row of the visitor is locked before its links are looked at.
 *
 * In: batches of marketing/tracking.c, captures. Out: visitor.identified, visitor.parted.
 */
#include "customer/visitor.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/customer.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/access.h"
#include "entity/event_types.h"
#include "event/behaviour.h"
#include "event/event.h"

/* How stale last_seen may be: a batch more often than this does not write the row. */
enum { SEEN_AGAIN_MS = 60000 };

/* How many of a visitor's visits are looked through for a campaign. */
enum { CAMPAIGN_VISITS = 20 };

/* Of what is too old, how much goes at once, and how soon the next. */
enum { REMOVE_AT_ONCE = 1000, NEXT_PIECE_MS = 200 };

static const struct migration migrations[] = {
    {"customer.visitor.1",
     "CREATE TABLE visitor (\n"
     "  id {id},\n"
     "  key TEXT NOT NULL,\n"
     "  first_seen BIGINT NOT NULL,\n"
     "  last_seen BIGINT NOT NULL,\n"
     "  first_touch TEXT NOT NULL,\n"
     "  language TEXT NOT NULL,\n"
     "  device TEXT NOT NULL,\n"
     "  consent TEXT NOT NULL\n"
     ");\n"
     "CREATE UNIQUE INDEX visitor_key ON visitor (key);\n"
     "CREATE INDEX visitor_first_seen ON visitor (first_seen);\n"
     "CREATE TABLE visit (\n"
     "  id {id},\n"
     "  visitor_id BIGINT NOT NULL,\n"
     "  session TEXT NOT NULL,\n"
     "  open BIGINT NOT NULL,\n"        /* 0: another person goes on in this session */
     "  recorded_at BIGINT NOT NULL,\n" /* when its first part came here */
     "  began_at BIGINT NOT NULL,\n"
     "  ended_at BIGINT NOT NULL,\n"
     "  pages BIGINT NOT NULL,\n"
     "  dwell_ms BIGINT NOT NULL,\n"
     "  touch TEXT NOT NULL\n"
     ");\n"
     "CREATE UNIQUE INDEX visit_session ON visit (visitor_id, session) WHERE open = 1;\n"
     "CREATE INDEX visit_began ON visit (visitor_id, began_at);\n"
     "CREATE INDEX visit_recorded ON visit (recorded_at);\n"
     "CREATE TABLE visitor_link (\n"
     "  id {id},\n"
     "  visitor_id BIGINT NOT NULL,\n"
     "  person_id BIGINT NOT NULL,\n"
     "  from_seq BIGINT NOT NULL,\n"
     "  to_seq BIGINT,\n"
     "  how TEXT NOT NULL,\n"
     "  event_id BIGINT NOT NULL,\n"
     "  at BIGINT NOT NULL,\n"
     "  ended_at BIGINT,\n"
     "  actor_id BIGINT,\n"
     "  removed_at BIGINT,\n"
     "  removed_by BIGINT\n"
     ");\n"
     "CREATE INDEX visitor_link_visitor ON visitor_link (visitor_id);\n"
     "CREATE INDEX visitor_link_person ON visitor_link (person_id);\n"
     "CREATE TABLE visitor_link_move (\n" /* by a merge that stands */
     "  link_id BIGINT NOT NULL,\n"
     "  from_id BIGINT NOT NULL,\n"
     "  to_id BIGINT NOT NULL,\n"
     "  PRIMARY KEY (link_id, from_id)\n"
     "){without_rowid};\n"},
    {"customer.visitor.2", "CREATE INDEX visitor_last_seen ON visitor (last_seen);\n"
                           "CREATE INDEX visitor_link_standing ON visitor_link (visitor_id) "
                           "WHERE removed_at IS NULL;\n"
                           "CREATE INDEX visitor_link_moved ON visitor_link_move (from_id, to_id)"},
    /* The latest parts, each behind a blank. */
    {"customer.visitor.3", "ALTER TABLE visit ADD COLUMN batches TEXT NOT NULL DEFAULT ''"},
    {0}};

bool visitor_key_valid(struct str key) {
    for (size_t i = 0; i < key.n; i++) {
        char ch = key.p[i];
        bool digit = ch >= '0' && ch <= '9', letter = (ch | 0x20) >= 'a' && (ch | 0x20) <= 'z';
        if (!digit && !letter && ch != '-' && ch != '_') {
            return false;
        }
    }
    return key.n == VISITOR_KEY;
}

bool visitor_declines(const struct request *r) {
    return str_is(request_header(r, "DNT"), "1") || str_is(request_header(r, "Sec-GPC"), "1");
}

struct known {
    int64_t id, last_seen;
    struct str consent;
    bool bare; /* known from a form alone, which says nothing of the browser */
};

static struct known visitor_find(struct ctx *c, struct str key) {
    struct known known = {0};
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT id, last_seen, consent, device FROM visitor WHERE key = $1", key);
    if (db_next(&rows)) {
        known = (struct known){db_int(&rows, 0), db_int(&rows, 1), db_text(&rows, 2),
                               db_view(&rows, 3).n == 0};
    }
    db_done(&rows);
    return known;
}

static struct str or_else(struct str s, const char *otherwise) {
    return s.n ? s : str_from(otherwise);
}

static void upkeep_start(struct ctx *c) {
    if (!DB_INT(c, "SELECT 1 FROM timer WHERE kind = 'visitor.upkeep' AND parked = 0")) {
        timer_set(c, "visitor.upkeep", STR(""), c->now_ms + MS_DAY, STR(""));
    }
}

static int64_t visitor_insert(struct ctx *c, const struct sighting *s) {
    struct db_rows rows;
    int64_t id = 0;
    DB_QUERY(c, &rows,
             "INSERT INTO visitor (id, key, first_seen, last_seen, first_touch, language, device, "
             "consent) VALUES ($1, $2, $3, $3, $4, $5, $6, $7) "
             "ON CONFLICT (key) DO UPDATE SET last_seen = excluded.last_seen RETURNING id",
             id_new(), s->key, c->now_ms, or_else(s->touch, "{}"), or_else(s->language, ""),
             or_else(s->device, ""), or_else(s->consent, "unknown"));
    if (db_next(&rows)) {
        id = db_int(&rows, 0);
    }
    db_done(&rows);
    upkeep_start(c);
    return id;
}

int64_t visitor_seen(struct ctx *c, const struct sighting *s) {
    struct known known = visitor_find(c, s->key);
    bool says = s->consent.n && !str_is(s->consent, "unknown");
    if (!known.id) {
        return str_is(s->consent, "denied") ? 0 : visitor_insert(c, s);
    }
    struct str consent = says ? s->consent : known.consent;
    if (known.bare && s->device.n) {
        DB_RUN(c, "UPDATE visitor SET first_touch = $1, language = $2, device = $3 WHERE id = $4",
               or_else(s->touch, "{}"), or_else(s->language, ""), s->device, known.id);
    }
    if (!str_equal(consent, known.consent) || known.last_seen + SEEN_AGAIN_MS < c->now_ms) {
        DB_RUN(c, "UPDATE visitor SET last_seen = $1, consent = $2 WHERE id = $3", c->now_ms,
               consent, known.id);
    }
    return str_is(consent, "denied") ? 0 : known.id;
}

int64_t visit_continue(struct ctx *c, const struct visit_part *part) {
    struct str batch = part->batch.n ? str_format(c->arena, " %.*s", STR_ARG(part->batch))
                                     : STR("");
    struct db_rows rows;
    int64_t id = 0;
    DB_QUERY(c, &rows,
             "INSERT INTO visit (id, visitor_id, session, open, recorded_at, began_at, ended_at, "
             "pages, dwell_ms, touch, batches) VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10) "
             "ON CONFLICT (visitor_id, session) WHERE open = 1 DO UPDATE SET "
             "ended_at = excluded.ended_at, pages = visit.pages + excluded.pages, "
             "dwell_ms = visit.dwell_ms + excluded.dwell_ms, "
             "batches = substr(excluded.batches || visit.batches, 1, 200) "
             "WHERE excluded.batches = '' OR "
             "visit.batches || ' ' NOT LIKE '%' || excluded.batches || ' %' RETURNING id",
             id_new(), part->visitor_id, part->session, c->now_ms, part->began_at, part->ended_at,
             part->pages, part->dwell_ms, or_else(part->touch, "{}"), batch);
    if (db_next(&rows)) {
        id = db_int(&rows, 0);
    }
    db_done(&rows);
    return id;
}

/* The first place in the stream that is not taken yet. */
static int64_t stream_end(struct ctx *c) {
    return event_head(c, STREAM_BEHAVIOUR) + 1;
}

const struct json *visitor_campaign(struct ctx *c, struct str key, int64_t since) {
    const struct json *utm = NULL;
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT touch FROM visit WHERE visitor_id = (SELECT id FROM visitor WHERE key = $1) "
             "AND began_at >= $2 ORDER BY began_at DESC LIMIT $3",
             key, since, (int64_t)CAMPAIGN_VISITS);
    while (!utm && db_next(&rows)) {
        const struct json *ids = json_get(json_parse(c, db_text(&rows, 0)), "utm");
        utm = ids && ids->n ? ids : NULL;
    }
    if (utm) {
        db_done(&rows);
    }
    return utm;
}

static int64_t emit(struct ctx *c, const char *type, const struct visitor_link *link) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "visitor_id", json_put_id, link->visitor_id);
    JSON_MEMBER(&w, "link_id", json_put_id, link->id);
    JSON_MEMBER(&w, "how", json_put_str, link->how);
    json_end_object(&w);
    return event_emit(c, &(struct event){.type = str_from(type),
                                         .subject_type = STR("person"),
                                         .subject_id = link->person_id,
                                         .person_id = link->person_id,
                                         .payload = json_str(&w)});
}

/* Whoever is at this visitor's links waits for this transaction. */
static void visitor_lock(struct ctx *c, int64_t visitor_id) {
    DB_RUN(c, "UPDATE visitor SET last_seen = last_seen WHERE id = $1", visitor_id);
}

/* The link that stands and has no end. */
static struct visitor_link link_open(struct ctx *c, int64_t visitor_id) {
    struct visitor_link link = {0};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT id, person_id FROM visitor_link WHERE visitor_id = $1 AND to_seq IS NULL "
             "AND removed_at IS NULL",
             visitor_id);
    if (db_next(&rows)) {
        link = (struct visitor_link){.id = db_int(&rows, 0), .person_id = db_int(&rows, 1)};
    }
    db_done(&rows);
    return link;
}

bool visitor_is_of(struct ctx *c, int64_t visitor_id, int64_t person_id) {
    return person_id && link_open(c, visitor_id).person_id == person_id;
}

/* What comes later in a session is another visit. */
static void visits_close(struct ctx *c, int64_t visitor_id) {
    DB_RUN(c, "UPDATE visit SET open = 0 WHERE visitor_id = $1 AND open = 1", visitor_id);
}

int64_t visitor_join(struct ctx *c, int64_t visitor_id, int64_t person_id, const char *how) {
    visitor_lock(c, visitor_id);
    struct visitor_link open = link_open(c, visitor_id);
    if (ctx_failed(c) || (open.id && open.person_id == person_id)) {
        return open.id;
    }
    bool first = !DB_INT(c, "SELECT 1 FROM visitor_link WHERE visitor_id = $1 LIMIT 1", visitor_id);
    struct visitor_link link = {.id = id_new(),
                                .visitor_id = visitor_id,
                                .person_id = person_id,
                                .from_seq = first ? 0 : stream_end(c),
                                .how = str_from(how)};
    if (!first) {
        visits_close(c, visitor_id);
    }
    DB_RUN(c, "UPDATE visitor_link SET to_seq = $1, ended_at = $2 WHERE id = $3", link.from_seq,
           c->now_ms, open.id);
    DB_RUN(c,
           "INSERT INTO visitor_link (id, visitor_id, person_id, from_seq, how, event_id, at, "
           "actor_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
           link.id, visitor_id, person_id, link.from_seq, how, emit(c, "visitor.identified", &link),
           c->now_ms, db_from_id(access_user_id(c->actor)));
    return link.id;
}

void visitor_part(struct ctx *c, int64_t link_id) {
    struct visitor_link *link = visitor_link_find(c, link_id);
    if (!link) {
        FAIL(c, ERROR_ABSENT, "visitor.no_link");
        return;
    }
    visitor_lock(c, link->visitor_id);
    int64_t parted = DB_RUN(c,
                            "UPDATE visitor_link SET removed_at = $1, removed_by = $2, "
                            "to_seq = COALESCE(to_seq, $3), ended_at = COALESCE(ended_at, $1) "
                            "WHERE id = $4 AND removed_at IS NULL",
                            c->now_ms, db_from_id(access_user_id(c->actor)), stream_end(c),
                            link_id);
    if (!parted) {
        FAIL(c, ERROR_CONFLICT, "visitor.parted_already");
        return;
    }
    visits_close(c, link->visitor_id);
    emit(c, "visitor.parted", link);
}

/* Whether a link that was taken back goes on when it is set again: it was ended by that, and the
 * visitor has been nobody else's since. */
static bool goes_on(struct ctx *c, const struct visitor_link *link) {
    return link->to_ms == link->removed_at &&
           !DB_INT(c,
                   "SELECT 1 FROM visitor_link WHERE visitor_id = $1 AND "
                   "(at > $2 OR (at = $2 AND id > $3)) LIMIT 1",
                   link->visitor_id, link->at, link->id);
}

void visitor_rejoin(struct ctx *c, int64_t link_id) {
    struct visitor_link *link = visitor_link_find(c, link_id);
    if (!link) {
        FAIL(c, ERROR_ABSENT, "visitor.no_link");
        return;
    }
    visitor_lock(c, link->visitor_id);
    int64_t joined = DB_RUN(
        c,
        "UPDATE visitor_link SET removed_at = NULL, removed_by = NULL, "
        "to_seq = CASE WHEN CAST($1 AS BIGINT) = 1 THEN NULL ELSE to_seq END, "
        "ended_at = CASE WHEN CAST($1 AS BIGINT) = 1 THEN NULL ELSE ended_at END "
        "WHERE id = $2 AND removed_at IS NOT NULL",
        (int64_t)goes_on(c, link), link_id);
    if (!joined) {
        FAIL(c, ERROR_CONFLICT, "visitor.joined_already");
        return;
    }
    emit(c, "visitor.identified", link);
}

void visitors_merged(struct ctx *c, int64_t winner, int64_t loser) {
    DB_RUN(c,
           "INSERT INTO visitor_link_move (link_id, from_id, to_id) "
           "SELECT id, person_id, $1 FROM visitor_link WHERE person_id = $2",
           winner, loser);
    DB_RUN(c, "UPDATE visitor_link SET person_id = $1 WHERE person_id = $2", winner, loser);
}

void visitors_unmerged(struct ctx *c, int64_t winner, int64_t loser) {
    DB_RUN(c,
           "UPDATE visitor_link SET person_id = $1 WHERE person_id = $2 AND id IN "
           "(SELECT link_id FROM visitor_link_move WHERE from_id = $1 AND to_id = $2)",
           loser, winner);
    DB_RUN(c, "DELETE FROM visitor_link_move WHERE from_id = $1 AND to_id = $2", loser, winner);
}

#define LINK_COLUMNS                                                                       \
    "l.id, l.visitor_id, l.person_id, l.from_seq, COALESCE(l.to_seq, $2), l.at, "          \
    "COALESCE(l.ended_at, $2), COALESCE(l.removed_at, 0), l.actor_id, l.event_id, l.how, " \
    "v.first_touch, v.device, v.language, v.first_seen, v.last_seen FROM visitor_link l "  \
    "JOIN visitor v ON v.id = l.visitor_id "

static struct visitor_link link_row(const struct db_rows *rows) {
    struct visitor_link link = {.id = db_int(rows, 0),
                                .visitor_id = db_int(rows, 1),
                                .person_id = db_int(rows, 2),
                                .from_seq = db_int(rows, 3),
                                .to_seq = db_int(rows, 4),
                                .at = db_int(rows, 5),
                                .to_ms = db_int(rows, 6),
                                .removed_at = db_int(rows, 7),
                                .actor_id = db_int(rows, 8),
                                .event_id = db_int(rows, 9),
                                .how = db_text(rows, 10),
                                .touch = db_text(rows, 11),
                                .device = db_text(rows, 12),
                                .language = db_text(rows, 13),
                                .first_seen = db_int(rows, 14),
                                .last_seen = db_int(rows, 15)};
    link.from_ms = link.from_seq ? link.at : 0;
    return link;
}

struct visitor_links visitor_links(struct ctx *c, int64_t person_id) {
    struct visitor_links links = {ARENA_NEW_ARRAY(c->arena, VISITOR_LINKS, struct visitor_link), 0};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT " LINK_COLUMNS "WHERE l.person_id = $1 ORDER BY l.at DESC, l.id DESC LIMIT $3",
             person_id, INT64_MAX, (int64_t)VISITOR_LINKS);
    while (db_next(&rows)) {
        links.items[links.n++] = link_row(&rows);
    }
    return links;
}

struct visitor_link *visitor_link_find(struct ctx *c, int64_t link_id) {
    struct visitor_link *link = NULL;
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT " LINK_COLUMNS "WHERE l.id = $1", link_id, INT64_MAX);
    if (db_next(&rows)) {
        link = ARENA_NEW(c->arena, struct visitor_link);
        *link = link_row(&rows);
    }
    db_done(&rows);
    return link;
}

/* What belongs to the link, the newest first. */
static size_t link_behaviour(struct ctx *c, const struct visitor_link *link, int64_t before,
                             size_t limit, struct behaviour *out) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT seq, occurred_at, type, payload FROM behaviour WHERE person_id = $1 "
             "AND seq >= $2 AND seq < $3 ORDER BY seq DESC LIMIT $4",
             link->visitor_id, link->from_seq, link->to_seq < before ? link->to_seq : before,
             (int64_t)limit);
    while (db_next(&rows)) {
        out[n++] = (struct behaviour){db_int(&rows, 0), db_int(&rows, 1), db_text(&rows, 2),
                                      db_text(&rows, 3), link};
    }
    return n;
}

static int newest_first(const void *a, const void *b) {
    const struct behaviour *x = a, *y = b;
    return (x->seq < y->seq) - (x->seq > y->seq);
}

struct behaviour *person_behaviour(struct ctx *c, const struct visitor_links *links, int64_t before,
                                   size_t limit, size_t *n) {
    struct behaviour *all = ARENA_NEW_ARRAY(c->arena, links->n * limit + 1, struct behaviour);
    size_t found = 0;
    for (size_t i = 0; i < links->n && !ctx_failed(c); i++) {
        found += links->items[i].removed_at
                     ? 0
                     : link_behaviour(c, &links->items[i], before, limit, all + found);
    }
    qsort(all, found, sizeof *all, newest_first);
    *n = found < limit ? found : limit;
    return all;
}

struct visit *person_visits(struct ctx *c, const struct visitor_links *links, int64_t before,
                            size_t limit, size_t *n) {
    struct visit *visits = ARENA_NEW_ARRAY(c->arena, links->n * limit + 1, struct visit);
    *n = 0;
    for (size_t i = 0; i < links->n && !ctx_failed(c); i++) {
        struct db_rows rows;
        if (links->items[i].removed_at) {
            continue;
        }
        DB_QUERY(c, &rows,
                 "SELECT id, began_at, ended_at, pages, dwell_ms, touch FROM visit "
                 "WHERE visitor_id = $1 AND began_at < $2 AND recorded_at >= $3 "
                 "AND recorded_at < $4 ORDER BY began_at DESC LIMIT $5",
                 links->items[i].visitor_id, before, links->items[i].from_ms, links->items[i].to_ms,
                 (int64_t)limit);
        while (db_next(&rows)) {
            visits[(*n)++] = (struct visit){.id = db_int(&rows, 0),
                                            .began_at = db_int(&rows, 1),
                                            .ended_at = db_int(&rows, 2),
                                            .pages = db_int(&rows, 3),
                                            .dwell_ms = db_int(&rows, 4),
                                            .touch = db_text(&rows, 5),
                                            .link = &links->items[i]};
        }
    }
    return visits;
}

/* Visits go when their behaviour has gone, and with them visitors whom nobody came to know. */
static void upkeep(struct ctx *c, const struct timer *t) {
    int64_t before = c->now_ms - BEHAVIOUR_RETENTION_DAYS * (int64_t)MS_DAY;
    int64_t removed = DB_RUN(c,
                             "DELETE FROM visit WHERE id IN (SELECT id FROM visit "
                             "WHERE recorded_at < $1 ORDER BY recorded_at LIMIT $2)",
                             before, (int64_t)REMOVE_AT_ONCE);
    removed += DB_RUN(c,
                      "DELETE FROM visitor WHERE id IN (SELECT v.id FROM visitor v "
                      "WHERE v.first_seen < $1 AND v.last_seen < $1 AND NOT EXISTS "
                      "(SELECT 1 FROM visitor_link l WHERE l.visitor_id = v.id) "
                      "ORDER BY v.first_seen LIMIT $2)",
                      before, (int64_t)REMOVE_AT_ONCE);
    int64_t pause = removed >= REMOVE_AT_ONCE ? NEXT_PIECE_MS : MS_DAY;
    timer_set(c, "visitor.upkeep", t->key, c->now_ms + pause, STR(""));
}

static const struct timer_kind timers[] = {{"visitor.upkeep", upkeep}, {0}};

static const struct event_type event_types[] = {
    {"visitor.identified", "person", "访客身份已识别", "visitor identified"},
    {"visitor.parted", "person", "访客与人分开", "visitor parted"},
    {0}};

static const struct text texts[] = {
    {"visitor.no_link", "没有这条识别记录", "There is no such identification"},
    {"visitor.parted_already", "这条识别已经撤销过了",
     "This identification was taken back already"},
    {"visitor.joined_already", "这条识别没有撤销", "This identification was not taken back"},
    {"visitor.key", "不是访客标识", "This is no key of a visitor"},
    {0}};

const struct module visitor_module = {.name = "customer.visitor",
                                      .cloud = "customer",
                                      .events = event_types,
                                      .timers = timers,
                                      .migrations = migrations,
                                      .texts = texts};
