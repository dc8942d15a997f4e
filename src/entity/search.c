/*
 * Searching: for each record type, the rarest term (or the actor's records, when they are
 * fewer) yields candidates, whose texts decide. All of it is bounded: a search over millions
 * of records looks at a few thousand postings.
 */
#include "entity/search.h"

#include <stdlib.h>

#include "entity/query_plan.h"
#include "entity/search_index.h"
#include "entity/search_query.h"

/* POSTINGS: read of one term of one field. CANDIDATES: looked at of one type by one way. */
enum { POSTINGS = 2000, CANDIDATES = 300 };
enum { TYPE_MATCHES = 3 * CANDIDATES, MATCHES = 8192, FIELDS = 32 };

/* The search in one record type. */
struct search {
    struct ctx *c;
    const struct search_query *query;
    const struct entity *entity;
    const struct list_plan *plan; /* of all its records that the actor may read */
    const struct field *texts[FIELDS], *phones[FIELDS];
    size_t n_texts, n_phones;
};

struct matches {
    struct search_match *items;
    size_t n;
};

static void gather_fields(struct search *s) {
    for (int i = 0; i < s->entity->n_fields; i++) {
        const struct field *f = &s->entity->fields[i];
        if (!search_has(s->entity, f) || access_field(s->c->actor, s->entity, f) < RIGHT_READ) {
            continue;
        }
        if (f->type == FIELD_PHONE && s->n_phones < FIELDS) {
            s->phones[s->n_phones++] = f;
        } else if (f->type != FIELD_PHONE && s->n_texts < FIELDS) {
            s->texts[s->n_texts++] = f;
        }
    }
}

/* The postings of one field under a term: newest records first when it is exact. */
struct posting {
    const struct field *field;
    struct str term;
    bool prefix;
};

static void put_posting(struct search *s, struct sql *q, const struct posting *p) {
    SQL_ADD(q, "field_code = ");
    SQL_VALUE(q, search_code(s->entity, p->field));
    if (!p->prefix) {
        SQL_ADD(q, " AND term = ");
        SQL_VALUE(q, p->term);
        return;
    }
    SQL_ADD(q, " AND term >= ");
    SQL_VALUE(q, p->term);
    SQL_ADD(q, " AND term < ");
    /* After every text that begins so: U+10FFFF is no character. */
    SQL_VALUE(q, str_format(s->c->arena, "%.*s\xf4\x8f\xbf\xbf", STR_ARG(p->term)));
}

static void put_postings(struct search *s, struct sql *q, const struct posting *p, int number) {
    sql_literal(q, number > 0 ? " UNION ALL SELECT * FROM (" : "SELECT * FROM (");
    SQL_ADD(q, "SELECT record_id FROM search_term WHERE ");
    put_posting(s, q, p);
    sql_literal(q, p->prefix ? "" : " ORDER BY record_id DESC");
    SQL_ADD(q, " LIMIT ");
    sql_number(q, POSTINGS);
    SQL_ADD(q, ") branch_");
    sql_number(q, number + 1);
}

/* Whoever has the term in one of the fields. */
static void put_term(struct search *s, struct sql *q, const struct search_term *term) {
    int n = 0;
    for (size_t i = 0; i < s->n_texts; i++) {
        put_postings(s, q, &(struct posting){s->texts[i], term->term, term->prefix}, n++);
    }
    for (size_t i = 0; i < s->n_phones && term->digits.p; i++) {
        put_postings(s, q, &(struct posting){s->phones[i], term->digits, true}, n++);
    }
}

static bool answerable(const struct search *s, const struct search_term *term) {
    return s->n_texts > 0 || (term->digits.p && s->n_phones > 0);
}

static int64_t count_term(struct search *s, const struct search_term *term) {
    struct sql q = sql_new(s->c->arena);
    SQL_ADD(&q, "SELECT COUNT(*) FROM (");
    put_term(s, &q, term);
    SQL_ADD(&q, ") postings");
    return sql_int(s->c, &q);
}

static void put_from(struct search *s, struct sql *q) {
    sql_identifier(q, s->entity->table);
    SQL_ADD(q, " t ON t.id = found.record_id JOIN search_document d ON d.record_id = t.id"
               " WHERE t.deleted_at IS NULL");
    list_put_scope(s->c, q, s->plan);
}

/* Other exact terms are asked for by the index, beginnings only by search_match. */
static void put_others(struct search *s, struct sql *q, const struct search_term *driver) {
    for (size_t i = 0; i < s->query->n_terms; i++) {
        const struct search_term *term = &s->query->terms[i];
        if (term == driver || term->prefix) {
            continue;
        }
        SQL_ADD(q, " AND (1 = 0");
        for (size_t k = 0; k < s->n_texts; k++) {
            SQL_ADD(q, " OR EXISTS (SELECT 1 FROM search_term o WHERE o.record_id = t.id AND o.");
            put_posting(s, q, &(struct posting){s->texts[k], term->term, false});
            SQL_ADD(q, ")");
        }
        SQL_ADD(q, ")");
    }
}

static void put_end(struct sql *q) {
    SQL_ADD(q, " ORDER BY t.id DESC LIMIT ");
    sql_number(q, CANDIDATES);
}

static bool known(const struct matches *m, int64_t id) {
    for (size_t i = 0; i < m->n; i++) {
        if (m->items[i].id == id) {
            return true;
        }
    }
    return false;
}

static void look(struct search *s, const struct sql *q, struct matches *m) {
    struct db_rows rows;
    sql_query(s->c, &rows, q);
    while (db_next(&rows)) {
        struct search_match match = {.entity = s->entity, .id = db_int(&rows, 0)};
        struct arena_mark mark = arena_mark(s->c->arena);
        if (m->n < TYPE_MATCHES && search_match(s->c, s->query, db_view(&rows, 1), &match) &&
            !known(m, match.id)) {
            m->items[m->n++] = match;
        }
        arena_reset(s->c->arena, mark);
    }
}

/* Titles that are, or begin with, what was typed: they come first, so they must not be lost
 * among many candidates. */
static void look_at_titles(struct search *s, bool whole, struct matches *m) {
    const struct field *title = s->entity->title;
    if (!title || !search_has(s->entity, title) ||
        access_field(s->c->actor, s->entity, title) < RIGHT_READ) {
        return;
    }
    struct str term = search_title_term(s->c->arena, s->query->key);
    struct sql q = sql_new(s->c->arena);
    SQL_ADD(&q, "SELECT t.id, d.texts FROM (SELECT record_id FROM (");
    put_postings(s, &q, &(struct posting){title, term, !whole}, 0);
    SQL_ADD(&q, ") titles) found JOIN ");
    put_from(s, &q);
    put_end(&q);
    look(s, &q, m);
}

static void look_by_term(struct search *s, const struct search_term *driver, struct matches *m) {
    struct sql q = sql_new(s->c->arena);
    SQL_ADD(&q, "SELECT t.id, d.texts FROM (SELECT DISTINCT record_id FROM (");
    put_term(s, &q, driver);
    SQL_ADD(&q, ") postings) found JOIN ");
    put_from(s, &q);
    put_others(s, &q, driver);
    put_end(&q);
    look(s, &q, m);
}

/* The actor's own records, all of them. */
static void look_in_scope(struct search *s, struct matches *m) {
    struct sql q = sql_new(s->c->arena);
    SQL_ADD(&q, "SELECT t.id, d.texts FROM ");
    sql_identifier(&q, s->entity->table);
    SQL_ADD(&q, " t JOIN search_document d ON d.record_id = t.id WHERE ");
    list_put_driver(s->c, &q, s->plan);
    SQL_ADD(&q, " AND t.deleted_at IS NULL");
    look(s, &q, m);
}

static void search_entity(struct search *s, struct matches *m) {
    const struct search_term *driver = NULL;
    int64_t rarest = 0;
    for (size_t i = 0; i < s->query->n_terms && !ctx_failed(s->c); i++) {
        const struct search_term *term = &s->query->terms[i];
        if (!answerable(s, term)) {
            return;
        }
        int64_t count = count_term(s, term);
        if (!driver || count < rarest) {
            driver = term;
            rarest = count;
        }
    }
    if (!driver || rarest == 0) {
        return;
    }
    const struct list_candidate *scope = s->plan->driver;
    if (scope && !list_candidate_partial(s->plan, scope) &&
        list_probe(s->c, s->plan, scope, CANDIDATES) <= CANDIDATES && rarest > CANDIDATES) {
        look_in_scope(s, m);
        return;
    }
    look_at_titles(s, true, m);
    look_at_titles(s, false, m);
    look_by_term(s, driver, m);
}

static int match_order(const void *x, const void *y) {
    const struct search_match *a = x, *b = y;
    if (a->closeness != b->closeness) {
        return b->closeness - a->closeness;
    }
    if (a->fields != b->fields) {
        return b->fields - a->fields;
    }
    return (a->id < b->id) - (a->id > b->id);
}

static struct str shown(struct ctx *c, const struct record *r, const struct field *f) {
    if (!f || access_field(c->actor, r->entity, f) < RIGHT_READ) {
        return STR("");
    }
    return value_to_text(c, f, r->values[f->position]);
}

/* The subtitle is another record's title when it refers to one. */
static struct str subtitle(struct ctx *c, const struct record *r) {
    const struct field *f = r->entity->subtitle;
    if (f && f->type == FIELD_REFERENCE && f->target &&
        access_field(c->actor, r->entity, f) >= RIGHT_READ) {
        struct str title;
        int64_t id = r->values[f->position].integer;
        list_titles(c, f->target, &id, 1, &title);
        return title;
    }
    return shown(c, r, f);
}

static size_t make_hits(struct ctx *c, const struct matches *m, size_t limit,
                        struct search_hit **hits) {
    size_t n = 0;
    *hits = ARENA_NEW_ARRAY(c->arena, limit, struct search_hit);
    for (size_t i = 0; i < m->n && n < limit && !ctx_failed(c); i++) {
        const struct search_match *match = &m->items[i];
        const struct record *r = record_load(c, match->entity, match->id);
        if (r) {
            (*hits)[n++] = (struct search_hit){r->entity, r->id, shown(c, r, r->entity->title),
                                               subtitle(c, r), match->matched};
        }
    }
    return ctx_failed(c) ? 0 : n;
}

size_t search_run(struct ctx *c, struct str words, const struct entity *only, size_t limit,
                  struct search_hit **hits) {
    struct search_query query = search_query(c->arena, words);
    struct matches m = {ARENA_NEW_ARRAY(c->arena, MATCHES, struct search_match), 0};
    for (int i = 0; i < c->model->n_entities && !ctx_failed(c); i++) {
        const struct entity *e = &c->model->entities[i];
        bool asked = (e->flags & ENTITY_SEARCHED) && (!only || only == e) && query.n_terms > 0;
        if (!asked || access_scope(c->actor, e, ACTION_READ) == SCOPE_NONE) {
            continue;
        }
        struct list_request request = {.entity = e};
        struct search s = {.c = c, .query = &query, .entity = e};
        s.plan = list_plan(c, &request);
        gather_fields(&s);
        struct matches part = {m.items + m.n, 0};
        search_entity(&s, &part);
        m.n += part.n;
        if (m.n + TYPE_MATCHES > MATCHES) {
            break;
        }
    }
    qsort(m.items, m.n, sizeof *m.items, match_order);
    return make_hits(c, &m, limit, hits);
}
