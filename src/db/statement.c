#include "db/driver.h"

#include <stdlib.h>
#include <string.h>

/* Eight bytes at a time, for texts of statements are long. */
static size_t text_bucket(const char *text) {
    size_t n = strlen(text);
    uint64_t h = n, part;
    for (; n >= sizeof part; n -= sizeof part, text += sizeof part) {
        memcpy(&part, text, sizeof part);
        h = (h ^ part) * 0x9e3779b97f4a7c15u;
        h ^= h >> 29;
    }
    part = 0;
    memcpy(&part, text, n);
    h = (h ^ part) * 0x9e3779b97f4a7c15u;
    return (size_t)(h >> 40) % DB_BUCKETS;
}

static size_t address_bucket(const char *text) {
    return (size_t)(((uint64_t)(uintptr_t)text * 0x9e3779b97f4a7c15u) >> 40) % DB_BUCKETS;
}

/* The kind a value is declared with: that of a NULL is what it stands for. */
static unsigned char value_kind(const struct db_value *v) {
    return (unsigned char)(v->kind == DB_IS_NULL ? v->null_of : v->kind);
}

static bool statement_fits(const struct db_statement *s, const char *sql,
                           const struct db_value *values, size_t n) {
    if (s->busy || s->stale || strcmp(s->text, sql) != 0) {
        return false;
    }
    if (!s->db->driver->typed) {
        return true;
    }
    bool fits = s->n_kinds == n;
    for (size_t i = 0; fits && i < n; i++) {
        fits = s->kinds[i] == value_kind(&values[i]);
    }
    return fits;
}

static void order_unlink(struct db *db, struct db_statement *s) {
    *(s->newer ? &s->newer->older : &db->newest) = s->older;
    *(s->older ? &s->older->newer : &db->oldest) = s->newer;
    s->newer = s->older = NULL;
}

static void order_push(struct db *db, struct db_statement *s) {
    s->older = db->newest;
    *(db->newest ? &db->newest->newer : &db->oldest) = s;
    db->newest = s;
}

static void statement_free(struct db_statement *s) {
    struct db *db = s->db;
    struct db_statement **link = &db->buckets[text_bucket(s->text)];
    while (*link && *link != s) {
        link = &(*link)->same_bucket;
    }
    if (*link) {
        *link = s->same_bucket;
        order_unlink(db, s);
        db->n_statements--;
    }
    for (size_t i = 0; i < DB_BUCKETS; i++) {
        if (db->recent[i] == s) {
            db->recent[i] = NULL;
        }
    }
    db->driver->finalize(s);
    free(s->slots);
    free(s->kinds);
    free(s->text);
    free(s);
}

/* Make room by forgetting the least recently used. */
static void cache_trim(struct db *db) {
    struct db_statement *s = db->oldest;
    while (s && db->n_statements >= DB_STATEMENTS) {
        struct db_statement *newer = s->newer;
        if (!s->busy) {
            statement_free(s);
        }
        s = newer;
    }
}

static struct db_statement *statement_find(struct db *db, const char *sql,
                                           const struct db_value *values, size_t n) {
    struct db_statement *s = db->recent[address_bucket(sql)];
    if (s && statement_fits(s, sql, values, n)) {
        return s;
    }
    for (s = db->buckets[text_bucket(sql)]; s; s = s->same_bucket) {
        if (statement_fits(s, sql, values, n)) {
            return s;
        }
    }
    return NULL;
}

static void *memory(size_t n) {
    void *p = calloc(1, n ? n : 1);
    if (!p) {
        abort();
    }
    return p;
}

static struct db_statement *statement_new(struct ctx *c, const char *sql,
                                          const struct db_value *values, size_t n) {
    struct db *db = c->db;
    cache_trim(db);
    struct db_statement *s = memory(sizeof *s);
    s->db = db;
    s->text = memory(strlen(sql) + 1);
    memcpy(s->text, sql, strlen(sql));
    s->kinds = memory(n);
    s->n_kinds = n;
    for (size_t i = 0; i < n; i++) {
        s->kinds[i] = value_kind(&values[i]);
    }
    db->driver->prepare(c, s, values, n);
    if (ctx_failed(c)) {
        statement_free(s);
        return NULL;
    }
    size_t bucket = text_bucket(sql);
    s->same_bucket = db->buckets[bucket];
    db->buckets[bucket] = s;
    order_push(db, s);
    db->n_statements++;
    return s;
}

struct db_statement *statement_take(struct ctx *c, const char *sql, const struct db_value *values,
                                    size_t n) {
    struct db *db = c->db;
    struct db_statement *s = statement_find(db, sql, values, n);
    if (s) {
        order_unlink(db, s);
        order_push(db, s);
    } else {
        s = statement_new(c, sql, values, n);
        if (!s) {
            return NULL;
        }
    }
    db->recent[address_bucket(sql)] = s;
    s->busy = true;
    s->use++;
    s->row = 0;
    s->changed = 0;
    s->next_open = db->open;
    db->open = s;
    return s;
}

void statement_give(struct db_statement *s) {
    struct db *db = s->db;
    struct db_statement **link = &db->open;
    while (*link != s) {
        link = &(*link)->next_open;
    }
    *link = s->next_open;
    db->driver->finish(s);
    s->busy = false;
    s->use++;
    if (s->stale) {
        statement_free(s);
    }
}

void statements_close(struct db *db) {
    while (db->open) {
        statement_give(db->open);
    }
}

void statements_free(struct db *db) {
    statements_close(db);
    while (db->newest) {
        statement_free(db->newest);
    }
}
