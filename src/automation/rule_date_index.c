/* The indexes by which rules that a date sets off find their records. See rule_date.h. */
#include "automation/rule_date.h"
#include "base/crypto.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/query_index.h"

enum { INDEXES_MOST = 200, DIGEST_WORDS = 8 };

#define PREFIX "dated_rule_index_"

/* Of one's own, so that schema.c, which knows nothing of it, leaves it alone. */
static struct str name_of(struct ctx *c, const struct rule_date *d) {
    unsigned char digest[SHA256_BYTES];
    struct text_buffer name = {.arena = c->arena};
    sha256(str_format(c->arena, "%.*s.%.*s", STR_ARG(d->entity->table), STR_ARG(d->field->name)),
           digest);
    text_add_c(&name, PREFIX);
    for (size_t i = 0; i < DIGEST_WORDS; i++) {
        text_add(&name, str_format(c->arena, "%02x", digest[i]));
    }
    return text_str(&name);
}

/* Lists by the field, or by when records were made, have an index that will do. */
static bool served(const struct rule_date *d) {
    bool made = d->field->flags & FIELD_SYSTEM && d->field->position == SYSTEM_CREATED_AT;
    return query_index_has(d->entity, d->field) || (made && !(d->entity->flags & ENTITY_SETTING));
}

struct names {
    struct str names[INDEXES_MOST];
    size_t n;
};

static bool among(const struct names *list, struct str name) {
    for (size_t i = 0; i < list->n; i++) {
        if (str_equal(list->names[i], name)) {
            return true;
        }
    }
    return false;
}

static void there_read(struct ctx *c, struct names *there) {
    struct db_rows rows;
    if (db_engine(c->db) == DB_SQLITE) {
        DB_QUERY(c, &rows,
                 "SELECT name FROM sqlite_master WHERE type = 'index' AND "
                 "substr(name, 1, 17) = '" PREFIX "'");
    } else {
        DB_QUERY(c, &rows,
                 "SELECT CAST(indexname AS TEXT) FROM pg_indexes WHERE "
                 "schemaname = current_schema() AND substr(CAST(indexname AS TEXT), 1, 17) = "
                 "'" PREFIX "'");
    }
    there->n = 0;
    while (there->n < INDEXES_MOST && db_next(&rows)) {
        there->names[there->n++] = db_text(&rows, 0);
    }
    db_done(&rows);
}

/* Without statistics of it the planner would not trust it. */
static void analyze(struct ctx *c, const struct entity *e, struct str name) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "ANALYZE ");
    sql_identifier(&q, db_engine(c->db) == DB_SQLITE ? name : e->table);
    migration_define(c, text_str(&q.text));
}

static void make(struct ctx *c, const struct rule_date *d, struct str name) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "CREATE INDEX ");
    sql_identifier(&q, name);
    SQL_ADD(&q, " ON ");
    sql_identifier(&q, d->entity->table);
    SQL_ADD(&q, " (");
    sql_identifier(&q, d->field->name);
    SQL_ADD(&q, ", id) WHERE deleted_at IS NULL");
    migration_define(c, text_str(&q.text));
    analyze(c, d->entity, name);
}

static void drop(struct ctx *c, struct str name) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "DROP INDEX ");
    sql_identifier(&q, name);
    migration_define(c, text_str(&q.text));
}

static void bring_about(struct ctx *c, const struct rule_date *dates, size_t n,
                        const struct names *wanted) {
    struct names *there = ARENA_NEW(c->arena, struct names);
    there_read(c, there);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct str name = name_of(c, &dates[i]);
        if (!served(&dates[i]) && !among(there, name) && there->n < INDEXES_MOST) {
            make(c, &dates[i], name);
            there->names[there->n++] = name;
        }
    }
    for (size_t i = 0; i < there->n && !ctx_failed(c); i++) {
        if (!among(wanted, there->names[i])) {
            drop(c, there->names[i]);
        }
    }
}

void rule_date_indexes(struct ctx *c, const struct rule_date *dates, size_t n) {
    struct names *there = ARENA_NEW(c->arena, struct names);
    struct names *wanted = ARENA_NEW(c->arena, struct names);
    there_read(c, there);
    bool settled = true;
    for (size_t i = 0; i < n; i++) {
        if (!served(&dates[i]) && wanted->n < INDEXES_MOST) {
            wanted->names[wanted->n++] = name_of(c, &dates[i]);
            settled &= among(there, wanted->names[wanted->n - 1]);
        }
    }
    for (size_t i = 0; i < there->n; i++) {
        settled &= among(wanted, there->names[i]);
    }
    if (settled || ctx_failed(c)) {
        return;
    }
    migration_lock(c);
    if (db_engine(c->db) == DB_POSTGRES) {
        /* While we waited for who reads the table for long, all others would wait behind us. */
        migration_define(c, STR("SET LOCAL lock_timeout = '200ms'"));
    }
    db_savepoint(c);
    bring_about(c, dates, n, wanted);
    if (!ctx_failed(c)) {
        db_release(c);
    } else if (c->error.code == ERROR_RETRY && db_in_transaction(c->db)) { /* at the next look */
        ctx_clear_error(c);
        db_rollback_savepoint(c->db);
    }
}
