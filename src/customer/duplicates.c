/*
 * Duplicates: pairs of people and of accounts that may be one, for a person to decide.
 *
 * New records and changes are looked at by themselves (likeness_watch.c); a search of all
 * (likeness.h) is started by somebody. What they find waits in duplicate_pair until somebody with
 * the right to change both records joins them or says that they are two. Nobody is shown a pair of
 * which he may not see both. A pair decided stays decided, whatever later searches find; one that
 * is no longer found likely leaves the queue.
 *
 * Joining keeps the values of the record that stays and fills what it lacks from the other;
 * which of two different values stays can be chosen field by field. It can be taken back. Who
 * stays unless somebody chooses is the company's rule (duplicates_stay).
 *
 * Sure ones (is_sure) can be joined together, by that rule.
 *
 * Events: <record type>.merged, .unmerged of the record verbs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "base/module.h"
#include "customer/customer.h"
#include "customer/duplicate_parts.h"
#include "customer/duplicates.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/access.h"
#include "http/route.h"
#include "organization/company.h"

enum { PAGE = 20, PAIRS_KEPT = 5000 };

/* Pairs likelier than this may be joined without a look at each. */
#define SURE 0.999

static const struct migration migrations[] = {
    {"customer.duplicates.1",
     "CREATE TABLE duplicate_pair (\n"
     "  id {serial},\n"
     "  entity TEXT NOT NULL,\n"
     "  a_id BIGINT NOT NULL,\n"
     "  b_id BIGINT NOT NULL,\n"
     "  likely BIGINT NOT NULL,\n" /* P(one), in millionths; 0: picked by hand */
     "  reasons TEXT NOT NULL,\n"  /* [{"field":"name","level":"equal","bits":4.2}] */
     "  state TEXT NOT NULL,\n"    /* open, merged, distinct */
     "  found_at BIGINT NOT NULL,\n"
     "  decided_at BIGINT,\n"
     "  decided_by BIGINT,\n"
     "  winner_id BIGINT\n"
     ");\n"
     "CREATE UNIQUE INDEX duplicate_pair_both ON duplicate_pair (entity, a_id, b_id);\n"
     "CREATE INDEX duplicate_pair_queue ON duplicate_pair (entity, state, likely, id);\n"
     "CREATE TABLE duplicate_search (\n"
     "  entity TEXT PRIMARY KEY,\n"
     "  at BIGINT NOT NULL,\n"
     "  actor_id BIGINT,\n"
     "  records BIGINT NOT NULL,\n"
     "  compared BIGINT NOT NULL,\n"
     "  found BIGINT NOT NULL,\n"
     "  complete BIGINT NOT NULL\n" /* 0: only the newest records were looked at */
     ")"},
    {"customer.duplicates.2",
     "ALTER TABLE duplicate_pair ADD COLUMN sure BIGINT NOT NULL DEFAULT 0;\n" /* 1: is_sure */
     "CREATE INDEX duplicate_pair_sure ON duplicate_pair (entity, state, sure, id)"},
    {"customer.duplicates.3", "CREATE INDEX duplicate_pair_second ON duplicate_pair (b_id);\n"
                              "CREATE INDEX duplicate_pair_first ON duplicate_pair (a_id)"},
    /* likeness_pair.rarity, in millionths */
    {"customer.duplicates.4",
     "ALTER TABLE duplicate_pair ADD COLUMN rarity BIGINT NOT NULL DEFAULT 0"},
    {NULL, NULL}};

/* The search. */

static const char *level_word(const struct linkage_field *f, int level) {
    static const char *const words[] = {"different", "similar", "near", "equal"};
    static const int most[] = {[LINKAGE_TEXT] = 3, [LINKAGE_NUMBER] = 2, [LINKAGE_EXACT] = 1};
    if (level == LINKAGE_MISSING) {
        return "missing";
    }
    return level == most[f->comparison]                    ? "equal"
           : f->comparison == LINKAGE_NUMBER && level == 1 ? "near"
                                                           : words[level];
}

static struct str reasons_of(struct ctx *c, const struct likeness_kind *kind,
                             const struct linkage_model *model, struct linkage_levels levels) {
    struct json_writer w = json_writer(c->arena);
    json_begin_array(&w);
    for (int i = 0; i < kind->schema.n; i++) {
        const struct linkage_field *f = &kind->schema.fields[i];
        json_begin_object(&w);
        JSON_MEMBER(&w, "field", json_put_c, f->name);
        JSON_MEMBER(&w, "level", json_put_c, level_word(f, levels.of[i]));
        JSON_MEMBER(&w, "bits", json_put_real,
                    (double)(int64_t)(10 * linkage_weight(model, i, levels.of[i])) / 10);
        json_end_object(&w);
    }
    json_end_array(&w);
    return json_str(&w);
}

/* Leads are not searched: who comes twice is one person with two leads. */
static const char *const merged_kinds[] = {"person", "account", "lead", NULL};

const struct entity *pair_entity(struct ctx *c, struct str name) {
    for (const char *const *kind = merged_kinds; *kind; kind++) {
        if (str_is(name, *kind)) {
            return entity_named(c, *kind);
        }
    }
    FAIL_FIELD(c, STR("/entity"), "role.entity");
    return NULL;
}

const struct likeness_kind *pair_kind(struct ctx *c, struct str name) {
    const struct likeness_kind *kind = likeness_kind_of(name);
    if (!kind) {
        FAIL_FIELD(c, STR("/entity"), "role.entity");
    }
    return kind;
}

static void search_prepare(struct request *r) {
    const struct json *body = request_json(r);
    const struct likeness_kind *kind = body ? pair_kind(r->c, json_text(body, "entity")) : NULL;
    if (kind) {
        struct likeness_search *found = ARENA_NEW(r->c->arena, struct likeness_search);
        *found = likeness_find(r->c, kind);
        r->state = found;
    }
}

/* Next to certain, and all that is known of both agrees in full. */
static bool is_sure(const struct likeness_kind *kind, const struct likeness_pair *p) {
    for (int i = 0; i < kind->schema.n; i++) {
        int level = p->levels.of[i];
        if (level != LINKAGE_MISSING &&
            strcmp(level_word(&kind->schema.fields[i], level), "equal") != 0) {
            return false;
        }
    }
    return p->probability >= SURE;
}

void duplicate_pair_keep(struct ctx *c, const struct likeness_kind *kind,
                         const struct linkage_model *model, const struct likeness_pair *p) {
    DB_RUN(c,
           "INSERT INTO duplicate_pair (entity, a_id, b_id, likely, reasons, state, found_at, "
           "sure, rarity) VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8) "
           "ON CONFLICT (entity, a_id, b_id) DO UPDATE "
           "SET likely = excluded.likely, reasons = excluded.reasons, sure = excluded.sure, "
           "rarity = excluded.rarity, "
           "found_at = CASE WHEN duplicate_pair.state = 'open' THEN excluded.found_at "
           "ELSE duplicate_pair.found_at END",
           kind->entity, p->a, p->b, (int64_t)(1e6 * p->probability),
           reasons_of(c, kind, model, p->levels), c->now_ms, (int64_t)is_sure(kind, p),
           (int64_t)(1e6 * p->rarity));
}

/* Whether what was found equal, by its reasons, is so now. */
static bool agrees_as_before(struct ctx *c, const struct likeness_kind *kind, struct str found,
                             struct linkage_levels now) {
    const struct json *reasons = json_parse(c, found);
    for (int i = 0; json_is(reasons, JSON_IS_ARRAY) && i < (int)reasons->n; i++) {
        if (str_is(json_text(&reasons->items[i], "level"), "equal") &&
            strcmp(level_word(&kind->schema.fields[i], now.of[i]), "equal") != 0) {
            return false;
        }
    }
    return true;
}

double duplicate_pair_rarity(struct ctx *c, const struct likeness_kind *kind,
                             const struct likeness_pair *p) {
    struct db_rows rows;
    double rarity = 0;
    DB_QUERY(c, &rows,
             "SELECT rarity, reasons FROM duplicate_pair WHERE entity = $1 AND a_id = $2 "
             "AND b_id = $3",
             kind->entity, p->a, p->b);
    if (db_next(&rows) && agrees_as_before(c, kind, db_text(&rows, 1), p->levels)) {
        rarity = 1e-6 * (double)db_int(&rows, 0);
    }
    db_done(&rows);
    return rarity;
}

void duplicate_pairs_outdated(struct ctx *c, const struct likeness_kind *kind, int64_t id,
                              struct id_set like) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "DELETE FROM duplicate_pair WHERE state = 'open' AND entity = ");
    SQL_VALUE(&q, kind->entity);
    SQL_ADD(&q, " AND (a_id = ");
    SQL_VALUE(&q, id);
    SQL_ADD(&q, " OR b_id = ");
    SQL_VALUE(&q, id);
    SQL_ADD(&q, ")");
    if (like.n) {
        SQL_ADD(&q, " AND a_id NOT IN ");
        sql_ids(&q, like.ids, like.n);
        SQL_ADD(&q, " AND b_id NOT IN ");
        sql_ids(&q, like.ids, like.n);
    }
    sql_put(c, &q);
}

static void search_post(struct request *r) {
    struct ctx *c = r->c;
    const struct likeness_search *found = r->state;
    const struct likeness_kind *kind = found ? pair_kind(c, json_text(request_json(r), "entity"))
                                             : NULL;
    if (!kind) {
        return;
    }
    int64_t kept = found->n < PAIRS_KEPT ? (int64_t)found->n : PAIRS_KEPT;
    int64_t before = DB_INT(c, "SELECT max(id) FROM duplicate_pair");
    for (int64_t i = 0; i < kept && !ctx_failed(c); i++) {
        struct arena_mark mark = arena_mark(c->arena);
        duplicate_pair_keep(c, kind, &found->model, &found->pairs[i]);
        arena_reset(c->arena, mark);
    }
    DB_RUN(c, "DELETE FROM duplicate_pair WHERE entity = $1 AND state = 'open' AND found_at < $2",
           kind->entity, c->now_ms);
    DB_RUN(
        c,
        "INSERT INTO duplicate_search (entity, at, actor_id, records, compared, found, complete) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (entity) DO UPDATE SET "
        "at = excluded.at, actor_id = excluded.actor_id, records = excluded.records, "
        "compared = excluded.compared, found = excluded.found, complete = excluded.complete",
        kind->entity, c->now_ms, access_user_id(c->actor), found->records, found->compared,
        (int64_t)found->n, (int64_t)found->all);
    if (found->records >= LINKAGE_FEW) {
        likeness_model_keep(c, kind, &found->model);
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "records", json_put_int, found->records);
    JSON_MEMBER(&w, "complete", json_put_bool, found->all);
    JSON_MEMBER(&w, "compared", json_put_int, found->compared);
    JSON_MEMBER(&w, "found", json_put_int, (int64_t)found->n);
    JSON_MEMBER(&w, "kept", json_put_int, kept);
    JSON_MEMBER(&w, "skipped", json_put_int, found->skipped);
    JSON_MEMBER(&w, "new", json_put_int,
                DB_INT(c, "SELECT count(*) FROM duplicate_pair WHERE entity = $1 AND id > $2",
                       kind->entity, before));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* The queue. */

struct pair pair_row(const struct db_rows *rows) {
    return (struct pair){db_int(rows, 0), db_int(rows, 1),  db_int(rows, 2),   db_int(rows, 3),
                         db_int(rows, 4), db_int(rows, 5),  db_int(rows, 6),   db_int(rows, 7),
                         db_int(rows, 8), db_text(rows, 9), db_text(rows, 10), db_text(rows, 11)};
}

void pairs_from(struct ctx *c, struct sql *q, const struct entity *e, struct str state) {
    SQL_ADD(q, " FROM duplicate_pair p JOIN ");
    sql_identifier(q, e->table);
    SQL_ADD(q, " x ON x.id = p.a_id JOIN ");
    sql_identifier(q, e->table);
    SQL_ADD(q, " y ON y.id = p.b_id WHERE p.entity = ");
    SQL_VALUE(q, e->name);
    SQL_ADD(q, " AND p.state = ");
    SQL_VALUE(q, state);
    if (!str_is(state, "merged")) {
        SQL_ADD(q, " AND x.deleted_at IS NULL AND y.deleted_at IS NULL");
    }
    SQL_ADD(q, " AND ");
    access_where(c, q, e, ACTION_READ, "x");
    SQL_ADD(q, " AND ");
    access_where(c, q, e, ACTION_READ, "y");
}

/* "likely.id" of the last pair seen. */
static bool cursor_parse(struct ctx *c, struct str cursor, int64_t *likely, int64_t *id) {
    struct str part;
    bool right = !cursor.n || (str_cut(&cursor, '.', &part) && str_to_int(part, likely) &&
                               str_to_int(cursor, id));
    if (!right) {
        FAIL_FIELD(c, STR("/cursor"), "list.cursor_invalid");
    }
    return right;
}

/* A value of the pair's reasons is told of fields the actor may see at least masked. */
static void reasons_json(struct ctx *c, struct json_writer *w, const struct entity *e,
                         struct str reasons) {
    const struct json *list = json_parse(c, reasons);
    json_begin_array(w);
    for (size_t i = 0; json_is(list, JSON_IS_ARRAY) && i < list->n; i++) {
        const struct field *f = entity_field(e, json_text(&list->items[i], "field"));
        if (f && access_field(c->actor, e, f) != RIGHT_NONE) {
            json_put_json(w, &list->items[i]);
        }
    }
    json_end_array(w);
}

static int filled(const struct record *r) {
    int n = 0;
    for (int i = 0; i < r->entity->n_fields; i++) {
        n += !(r->entity->fields[i].flags & FIELD_SYSTEM) && r->values[i].kind != VALUE_NULL;
    }
    return n;
}

bool pair_must_stay(const struct record *r) {
    return str_is(r->entity->name, "lead") && str_is(record_text(r, "status"), "converted");
}

int64_t pair_winner(struct ctx *c, const struct record *a, const struct record *b) {
    if (pair_must_stay(a) != pair_must_stay(b)) {
        return pair_must_stay(a) ? a->id : b->id;
    }
    struct str rule = company_text(c, "duplicates_stay");
    int64_t older = a->id < b->id ? a->id : b->id, newer = a->id + b->id - older;
    int more = str_is(rule, "fuller") ? filled(a) - filled(b) : 0;
    return more ? more > 0 ? a->id : b->id : str_is(rule, "newer") ? newer : older;
}

bool pair_by_hand(const struct pair *p) {
    return p->likely == 0;
}

void pair_json(struct ctx *c, struct json_writer *w, const struct pair *p) {
    const struct entity *e = model_entity(c->model, p->entity);
    struct record *both[] = {record_read_trashed(c, e, p->a_id),
                             record_read_trashed(c, e, p->b_id)};
    if (ctx_failed(c)) {
        return;
    }
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, p->id);
    JSON_MEMBER(w, "entity", json_put_str, p->entity);
    JSON_MEMBER(w, "state", json_put_str, p->state);
    JSON_MEMBER(w, "probability", json_put_real, (double)p->likely / 1e6);
    JSON_MEMBER(w, "by_hand", json_put_bool, pair_by_hand(p));
    JSON_MEMBER(w, "sure", json_put_bool, p->sure);
    JSON_MEMBER(w, "found_at", json_put_instant, p->found_at);
    json_key(w, "decided_at");
    json_put_instant_or_null(w, p->decided_at);
    JSON_MEMBER(w, "winner_id", json_put_id,
                p->winner_id ? p->winner_id : pair_winner(c, both[0], both[1]));
    json_key(w, "reasons");
    reasons_json(c, w, e, p->reasons);
    json_key(w, "records");
    records_json(c, w, both, 2, &record_with_titles);
    json_end_object(w);
}

static void pairs_get(struct request *r) {
    struct ctx *c = r->c;
    int64_t likely = INT64_MAX, id = INT64_MAX;
    struct str state = request_query(r, "state");
    const struct entity *e = pair_entity(c, request_query(r, "entity"));
    if (!e || !cursor_parse(c, request_query(r, "cursor"), &likely, &id)) {
        return;
    }
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    struct pair pairs[PAGE + 1];
    size_t n = 0;
    SQL_ADD(&q, "SELECT " PAIR_COLUMNS);
    pairs_from(c, &q, e, state.n ? state : STR("open"));
    SQL_ADD(&q, " AND (p.likely, p.id) < (");
    SQL_VALUE(&q, likely);
    SQL_ADD(&q, ", ");
    SQL_VALUE(&q, id);
    SQL_ADD(&q, ") ORDER BY p.likely DESC, p.id DESC LIMIT ");
    sql_number(&q, PAGE + 1);
    sql_query(c, &rows, &q);
    while (n <= PAGE && db_next(&rows)) {
        pairs[n++] = pair_row(&rows);
    }
    db_done(&rows);
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (size_t i = 0; i < n && i < PAGE && !ctx_failed(c); i++) {
        pair_json(c, &w, &pairs[i]);
    }
    json_end_array(&w);
    json_key(&w, "next");
    if (n > PAGE) {
        json_put_str(&w, str_format(c->arena, "%lld.%lld", (long long)pairs[PAGE - 1].likely,
                                    (long long)pairs[PAGE - 1].id));
    } else {
        json_put_null(&w);
    }
    json_end_object(&w);
    reply_json(r, 200, &w);
}

struct counted {
    const char *state;
    bool sure;     /* those alone */
    int64_t since; /* of decided ones */
};

static int64_t pairs_count(struct ctx *c, const struct entity *e, struct counted which) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT count(*)");
    pairs_from(c, &q, e, str_from(which.state));
    if (which.sure) {
        SQL_ADD(&q, " AND p.sure = 1");
    }
    if (which.since) {
        SQL_ADD(&q, " AND p.decided_at >= ");
        SQL_VALUE(&q, which.since);
    }
    return sql_int(c, &q);
}

struct duplicate_counts duplicate_counts(struct ctx *c, const struct likeness_kind *kind,
                                         int64_t since) {
    const struct entity *e = entity_named(c, kind->entity);
    return (struct duplicate_counts){
        .open = pairs_count(c, e, (struct counted){"open"}),
        .merged = pairs_count(c, e, (struct counted){"merged", .since = since}),
        .distinct = pairs_count(c, e, (struct counted){"distinct", .since = since})};
}

/* How many of each state the actor may see, and the last search. */
static void kind_json(struct ctx *c, struct json_writer *w, const struct entity *e) {
    static const char *const states[] = {"open", "merged", "distinct"};
    struct db_rows rows;
    json_begin_object(w);
    JSON_MEMBER(w, "entity", json_put_str, e->name);
    JSON_MEMBER(w, "searched", json_put_bool, likeness_kind_of(e->name) != NULL);
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        JSON_MEMBER(w, states[i], json_put_int, pairs_count(c, e, (struct counted){states[i]}));
    }
    JSON_MEMBER(w, "sure", json_put_int, pairs_count(c, e, (struct counted){"open", .sure = true}));
    json_key(w, "search");
    DB_QUERY(c, &rows,
             "SELECT at, records, compared, found, complete FROM duplicate_search "
             "WHERE entity = $1",
             e->name);
    if (db_next(&rows)) {
        json_begin_object(w);
        JSON_MEMBER(w, "at", json_put_instant, db_int(&rows, 0));
        JSON_MEMBER(w, "records", json_put_int, db_int(&rows, 1));
        JSON_MEMBER(w, "compared", json_put_int, db_int(&rows, 2));
        JSON_MEMBER(w, "found", json_put_int, db_int(&rows, 3));
        JSON_MEMBER(w, "complete", json_put_bool, db_int(&rows, 4));
        json_end_object(w);
    } else {
        json_put_null(w);
    }
    db_done(&rows);
    json_end_object(w);
}

static void summary_get(struct request *r) {
    struct json_writer w = json_writer(r->c->arena);
    reply_list_begin(&w);
    for (const char *const *kind = merged_kinds; *kind; kind++) {
        kind_json(r->c, &w, entity_named(r->c, *kind));
    }
    reply_list_end(r, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/duplicates", REVIEW, LANE_INLINE, pairs_get,
     .summary = "route.duplicates", .query = "entity:text state:text cursor:text",
     .answer = "data:[(" PAIR_SHAPE ")]! next:text?!"},
    {METHOD_GET, "/api/v1/duplicates/summary", REVIEW, LANE_INLINE, summary_get,
     .summary = "route.duplicates_summary",
     .answer =
         "data:[(entity:text! searched:boolean! open:integer! merged:integer! distinct:integer! "
         "sure:integer! search:object?!)]!"},
    {METHOD_POST, "/api/v1/duplicates/search", REVIEW, LANE_WRITER, search_post, search_prepare,
     .summary = "route.duplicates_search", .body = "entity:text!",
     .answer = "records:integer! complete:boolean! compared:integer! found:integer! kept:integer! "
               "skipped:integer! new:integer!"},
    {0}};

static const struct text texts[] = {
    {"route.duplicates", "疑似重复", "Possible duplicates"},
    {"route.duplicates_summary", "疑似重复的数量", "How many possible duplicates"},
    {"route.duplicates_search", "查找重复", "Look for duplicates"},
    {0}};

const struct module duplicates_module = {.name = "customer.duplicates",
                                         .cloud = "customer",
                                         .routes = routes,
                                         .texts = texts,
                                         .migrations = migrations};
