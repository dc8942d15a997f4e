#include "denied.h"

#include <string.h>

#include "base/crypto.h"
#include "db/sql.h"
#include "entity/model.h"
#include "http/router.h"
#include "http/target.h"
#include "wrong_role.h"

enum { TABLES_MOST = 400 };

/* Who may ask a route, read from the route that answers the step. */
enum asked_by { ASKED_BY_ANYBODY, ASKED_BY_SIGNED_IN, ASKED_BY_RIGHT };

static const struct route *route_of(struct ctx *c, const struct server_options *options,
                                    const struct step *s, struct target *target) {
    static const struct route *const *lists;
    static struct router *router;
    if (lists != options->routes) {
        router_free(router);
        router = router_build(c, options->routes);
        lists = options->routes;
    }
    return target_parse(c->arena, s->target, target)
               ? router_find(router, s->method, target->segments, target->n_segments).route
               : NULL;
}

static enum asked_by asked_by(const struct ctx *c, const struct route *route,
                              const struct target *target, enum method method) {
    if (!route || strcmp(route->permission, PERMISSION_PUBLIC) == 0) {
        return ASKED_BY_ANYBODY;
    }
    if (strcmp(route->permission, PERMISSION_SIGNED_IN) == 0) {
        return ASKED_BY_SIGNED_IN;
    }
    /* Reference data is read by everybody who is signed in. */
    bool generic = strcmp(route->permission, PERMISSION_RECORD) == 0 && target->n_segments > 2;
    const struct entity *e = generic && c->model ? model_plural(c->model, target->segments[2])
                                                 : NULL;
    bool reference = e && e->flags & ENTITY_SETTING && method == METHOD_GET;
    return reference ? ASKED_BY_SIGNED_IN : ASKED_BY_RIGHT;
}

static void value_add(struct text_buffer *row, struct db_value v) {
    if (v.kind == DB_IS_INTEGER) {
        text_add_format(row, "%lld", (long long)v.integer);
    } else if (v.kind == DB_IS_TEXT) {
        text_add(row, v.text);
    } else {
        text_add_format(row, "(%d)", (int)v.kind);
    }
    text_add_char(row, '\0');
}

static void table_digest(struct ctx *c, struct str table, unsigned char sum[SHA256_BYTES]) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    /* PostgreSQL keeps the plan of a statement, which may not find more columns than it had. */
    sql_literal(&q, db_engine(c->db) == DB_SQLITE ? "SELECT * FROM "
                                                  : "SELECT CAST(row_of AS TEXT) FROM ");
    sql_identifier(&q, table);
    SQL_ADD(&q, " row_of");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        unsigned char digest[SHA256_BYTES];
        struct text_buffer row = {.arena = c->arena};
        text_add(&row, table);
        for (int i = 0; i < rows.n_columns; i++) {
            value_add(&row, db_value(&rows, i));
        }
        sha256(text_str(&row), digest);
        for (size_t i = 0; i < SHA256_BYTES; i++) {
            sum[i] ^= digest[i];
        }
    }
}

struct str denied_digest(struct ctx *c) {
    struct str tables[TABLES_MOST];
    unsigned char sum[SHA256_BYTES] = {0};
    struct db_rows rows;
    size_t n = 0;
    db_flush(c);
    if (db_engine(c->db) == DB_SQLITE) {
        DB_QUERY(c, &rows,
                 "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
    } else {
        DB_QUERY(c, &rows,
                 "SELECT CAST(tablename AS TEXT) FROM pg_tables "
                 "WHERE schemaname = current_schema()");
    }
    while (n < TABLES_MOST && db_next(&rows)) {
        tables[n++] = db_text(&rows, 0);
    }
    db_done(&rows);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        table_digest(c, tables[i], sum);
    }
    return hex_encode(c->arena, (struct str){(const char *)sum, sizeof sum});
}

int64_t denied_written(struct ctx *c) {
    db_flush(c);
    return db_engine(c->db) == DB_SQLITE
               ? DB_INT(c, "SELECT total_changes() + schema_version FROM pragma_schema_version")
               : DB_INT(c, "SELECT CAST(sum(pg_stat_get_xact_tuples_inserted(oid) + "
                           "pg_stat_get_xact_tuples_updated(oid) + "
                           "pg_stat_get_xact_tuples_deleted(oid)) AS BIGINT) "
                           "FROM pg_class WHERE relkind = 'r'");
}

/* One who may not asks. */
static bool refused(struct run *run, struct ctx *c, const struct step *s,
                    struct header credential) {
    bool changed, somebody = credential.name.n > 0;
    int status = run_ask_as(run, c, s, credential, &changed).status;
    const char *who = somebody ? "a user without a role" : "nobody";
    if (somebody ? status != 403 && status != 404 : status != 401) {
        return run_fail(run, "%s was answered %d", who, status);
    }
    return !changed || run_fail(run, "%s was refused and changed something", who);
}

bool denied(struct run *run, struct ctx *c, const struct step *s) {
    struct target target;
    if (ctx_failed(c)) {
        return true;
    }
    if (run->options.prepare) {
        run->options.prepare(c);
    }
    struct arena_mark mark = arena_mark(&run->arena);
    const struct route *route = route_of(c, &run->options, s, &target);
    enum asked_by by = asked_by(c, route, &target, s->method);
    bool good = by == ASKED_BY_ANYBODY || refused(run, c, s, (struct header){0});
    good = good && (by != ASKED_BY_RIGHT || refused(run, c, s, run->stranger));
    good = good && (by == ASKED_BY_ANYBODY || wrong_roles_refused(run, c, s, route));
    arena_reset(&run->arena, mark);
    return good;
}
