/*
 * No statement a scenario ran reads the whole of a table that grows with the company's customers:
 * what SQLite plans for each is looked at, on the statistics the program ships.
 */
#include "plans.h"

#include <string.h>

#include "db/driver.h"

/* They grow with the company's staff and settings, and with what it runs at a time. */
static const char *const small[] = {"user",
                                    "role",
                                    "role_permission",
                                    "department",
                                    "team",
                                    "team_member",
                                    "tag",
                                    "tag_total",
                                    "segment",
                                    "stage",
                                    "pipeline",
                                    "product",
                                    "lost_reason",
                                    "handover_reason",
                                    "lead_pool",
                                    "assignment_rule",
                                    "conversion_rule",
                                    "grade_rule",
                                    "approval_process",
                                    "automation",
                                    "target",
                                    "forecast_adjustment",
                                    "prediction_model",
                                    "score_card",
                                    "score_rescoring",
                                    "score_pending",
                                    "membership_fill",
                                    "custom_field",
                                    "custom_object",
                                    "saved_view",
                                    "webhook",
                                    "capture_source",
                                    "form",
                                    "campaign",
                                    "journey",
                                    "journey_listen",
                                    "mail_template",
                                    "mail_dkim",
                                    "script",
                                    "script_tally",
                                    "script_favourite",
                                    "platform_version",
                                    "sample_company",
                                    "schema_migration",
                                    "audit_seal_end",
                                    "import_job",
                                    "sqlite_master",
                                    NULL};

/* Whoever wants all of it, and says why there. */
static const char *const wanted[] = {
    "SELECT DISTINCT type FROM event",          /* this runner */
    "DELETE FROM score_hit WHERE card_id = $1", /* when a card is switched off */
    "FROM won_deal d WHERE d.currency",         /* what a mailing brought, on asking */
    "WHERE deleted_at IS NULL LIMIT 200000) x", /* how many a search for duplicates compares */
    "SELECT count(DISTINCT visitor_id)",        /* a total, from an index */
    NULL};

static bool is_small(struct str table) {
    for (const char *const *t = small; *t; t++) {
        if (str_is(table, *t)) {
            return true;
        }
    }
    return false;
}

static bool is_wanted(const char *text) {
    for (const char *const *w = wanted; *w; w++) {
        if (strstr(text, *w)) {
            return true;
        }
    }
    return false;
}

static bool part_of_name(char ch) {
    return (ch >= 'a' && ch <= 'z') || ch == '_' || (ch >= '0' && ch <= '9');
}

/* What follows the table where the statement reads it under the name; NULL when it does not. */
static const char *read_as(const char *text, struct str table, struct str name) {
    const char *at = text;
    char known[64];
    snprintf(known, sizeof known, "%.*s", STR_ARG(table));
    while ((at = strstr(at, known))) {
        bool whole = at > text && !part_of_name(at[-1]) && at[-1] != '.';
        at += table.n;
        at += *at == '"';
        if (!whole || *at != ' ') {
            continue;
        }
        if (str_equal(table, name)) {
            return at;
        }
        const char *alias = at + 1 + (strncmp(at + 1, "AS ", 3) == 0 ? 3 : 0);
        if (strncmp(alias, name.p, name.n) == 0 && !part_of_name(alias[name.n])) {
            return alias + name.n;
        }
    }
    return NULL;
}

/* A page in the order of the table, or as many as LIMIT says, whichever they are. The lists of
 * record types are for tests/unit/query_plan_test.c: one may ask for an order that has no index. */
static bool bounded(const char *text, const char *after, bool by_index) {
    return strstr(text, ") page CROSS JOIN ") || strncmp(after, " LIMIT ", 7) == 0 ||
           (by_index && strstr(text, "ORDER BY ") && strstr(text, "LIMIT ")) ||
           ((strstr(text, "ORDER BY id") || strstr(text, "ORDER BY n ")) && strstr(text, "LIMIT "));
}

/* The tables of the database. */
struct tables {
    struct str names[512];
    size_t n;
};

static bool scanned(const struct tables *tables, const char *text, struct str name, bool by_index) {
    for (size_t i = 0; i < tables->n; i++) {
        const char *after = read_as(text, tables->names[i], name);
        if (after && !is_small(tables->names[i]) && !bounded(text, after, by_index)) {
            return true;
        }
    }
    return false; /* or of rows made in the statement */
}

static void statement_check(struct run *run, struct ctx *c, const struct tables *tables,
                            const char *text) {
    struct str said = str_format(c->arena, "EXPLAIN QUERY PLAN %s", text);
    struct db_rows rows;
    db_query_values(c, &rows, str_to_c(c->arena, said), NULL, 0);
    while (db_next(&rows)) {
        struct str line = str_trim(db_text(&rows, 3));
        struct str name = str_starts(line, STR("SCAN ")) ? str_slice(line, 5, line.n) : STR("");
        int64_t blank = str_find(name, STR(" "));
        name.n = blank < 0 ? name.n : (size_t)blank;
        if (name.n && scanned(tables, text, name, blank >= 0)) {
            run_fail(run, "reads a whole table: %.*s in %.3000s", STR_ARG(line), text);
        }
    }
    db_done(&rows);
    ctx_clear_error(c); /* one whose tables are gone again cannot be planned */
}

/* Texts seen before, by hash: each is planned once, whichever scenario it came from. */
static bool seen_before(const char *text) {
    static uint64_t seen[16384];
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (const char *p = text; *p; p++) {
        hash = (hash ^ (unsigned char)*p) * UINT64_C(1099511628211);
    }
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
        uint64_t *place = &seen[(hash + i) % (sizeof seen / sizeof *seen)];
        if (*place == hash || !*place) {
            bool before = *place == hash;
            *place = hash;
            return before;
        }
    }
    return true;
}

static void tables_read(struct ctx *c, struct tables *tables) {
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT name FROM sqlite_master WHERE type = 'table'");
    while (db_next(&rows) && tables->n < sizeof tables->names / sizeof *tables->names) {
        tables->names[tables->n++] = db_text(&rows, 0);
    }
    db_done(&rows);
}

static void plans_check(struct run *run, struct ctx *c) {
    struct tables tables = {.n = 0};
    const char *fresh[DB_STATEMENTS];
    size_t n = 0;
    for (const struct db_statement *s = c->db->newest; s && n < DB_STATEMENTS; s = s->older) {
        if (strncmp(s->text, "EXPLAIN", 7) != 0 && !is_wanted(s->text) && !seen_before(s->text)) {
            fresh[n++] = str_to_c(c->arena, str_from(s->text));
        }
    }
    if (n) {
        tables_read(c, &tables);
    }
    for (size_t i = 0; i < n && !run->why[0]; i++) {
        statement_check(run, c, &tables, fresh[i]);
    }
}

bool run_plans_hold(struct run *run) {
    if (!run->db || db_engine(run->db) != DB_SQLITE || run->inject || run->denied) {
        return true;
    }
    struct ctx c = {.arena = &run->arena, .db = run->db};
    db_begin(&c);
    plans_check(run, &c);
    db_rollback(run->db);
    return !run->why[0];
}
