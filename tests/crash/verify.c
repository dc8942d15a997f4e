/*
 * What load.c was promised, looked up in the database itself.
 *
 *   verify URL FILE SEEN    FILE holds the lines that load printed since the database was new;
 *                           the first SEEN of them were verified before
 *
 * Every line is true, and the tables hold what the lines say and nothing more: as each line is
 * one effect, a lost one and a doubled one both show in the counts. Reactions are waited for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "db/sql.h"

enum { LINE = 256, PATIENCE_S = 40, PAUSE_NS = 50000000 };

enum word { LEAD, CHANGE, NOTE, CAPTURE, AGAIN, CONVERT, MOVE, BULK, IMPORT, ROWS, WORDS };

/* A line, and a query that finds what it says: $1 its id, $2 the rest as text, $3 as number. */
struct promise {
    const char *word, *sql;
};

static const struct promise promises[] = {
    [LEAD] = {"lead", "lead WHERE id = $1 AND name = $2"},
    [CHANGE] = {"change", "lead WHERE id = $1 AND CAST(description AS BIGINT) >= $3"},
    [NOTE] = {"note", "activity WHERE id = $1"},
    [CAPTURE] = {"capture", "touch t JOIN lead l ON l.id = t.lead_id WHERE t.id = $1 "
                            "AND l.name = $2"},
    [AGAIN] = {"again", "touch t JOIN lead l ON l.id = t.lead_id WHERE t.id = $1 "
                        "AND l.name = $2"},
    [CONVERT] = {"convert", "lead l JOIN conversion v ON v.lead_id = l.id "
                            "JOIN opportunity o ON o.id = v.opportunity_id "
                            "WHERE l.id = $1 AND l.status = 'converted' AND o.id = $3"},
    [MOVE] = {"move", "opportunity WHERE id = $1 AND $3 <= (SELECT count(*) FROM stage_history "
                      "WHERE opportunity_id = $1 AND from_stage_id IS NOT NULL)"},
    [BULK] = {"bulk", "bulk WHERE id = $1 AND pending = '' AND $3 = "
                      "(SELECT count(*) FROM bulk_item WHERE bulk_id = $1)"},
    [IMPORT] = {"import", "import_job WHERE id = $1 AND state IN ('running', 'done')"},
};

/* What must be 0, now or soon: a query, less so many of the words. */
struct balance {
    const char *what, *sql;
    unsigned words[4]; /* counted words plus 1; 0 ends them */
};

#define CAPTURED "lead l WHERE l.source = 'website'"
static const struct balance balances[] = {
    {"leads", "SELECT count(*) FROM lead", {1 + LEAD, 1 + CAPTURE, 1 + ROWS}},
    {"names of leads", "SELECT count(DISTINCT name) FROM lead", {1 + LEAD, 1 + CAPTURE, 1 + ROWS}},
    {"people", "SELECT count(*) FROM person", {1 + LEAD, 1 + CAPTURE, 1 + ROWS}},
    {"events of new leads",
     "SELECT count(*) FROM event WHERE type = 'lead.created'",
     {1 + LEAD, 1 + CAPTURE, 1 + ROWS}},
    {"leads whose making is not in the audit trail once",
     "SELECT count(*) FROM lead l WHERE 1 <> (SELECT count(*) FROM audit a "
     "WHERE a.record_id = l.id AND a.entity = 'lead' AND a.action = 'created')",
     {0}},
    {"activities", "SELECT count(*) FROM activity", {1 + NOTE}},
    {"touches", "SELECT count(*) FROM touch", {1 + CAPTURE, 1 + AGAIN}},
    {"conversions", "SELECT count(*) FROM conversion", {1 + CONVERT}},
    {"deals", "SELECT count(*) FROM opportunity", {1 + CONVERT}},
    {"accounts", "SELECT count(*) FROM account", {1 + CONVERT}},
    {"moves", "SELECT count(*) FROM stage_history WHERE from_stage_id IS NOT NULL", {1 + MOVE}},
    {"bulk changes", "SELECT count(*) FROM bulk", {1 + BULK}},
    {"imports that ended", "SELECT count(*) FROM import_job WHERE state = 'done'", {1 + IMPORT}},
    {"rows that imports counted",
     "SELECT COALESCE(CAST(sum(created) AS BIGINT), 0) FROM import_job",
     {1 + ROWS}},
    {"deliveries of new deals to webhooks",
     "SELECT (SELECT count(*) FROM outbox) - (SELECT count(*) FROM webhook) * "
     "(SELECT count(*) FROM conversion)",
     {0}},
    {"deliveries whose end was not noted once",
     "SELECT COALESCE((SELECT CAST(sum(failures) AS BIGINT) FROM webhook), 0) - "
     "(SELECT count(*) FROM outbox WHERE state = 2)",
     {0}},
    {"runs of the rule", "SELECT count(*) FROM automation_run", {1 + CAPTURE}},
    {"the rule's turn",
     "SELECT COALESCE(CAST(sum(turn + 1) AS BIGINT), 0) FROM assignment_turn",
     {1 + CAPTURE}},
    {"captured leads that were not assigned once",
     "SELECT count(*) FROM " CAPTURED " AND 1 <> (SELECT count(*) FROM event e "
     "WHERE e.subject_type = 'lead' AND e.subject_id = l.id AND e.type = 'lead.assigned')",
     {0}},
    {"notifications of leads",
     "SELECT count(*) FROM notification WHERE subject_type = 'lead'",
     {1 + CAPTURE}},
    {"leads somebody was told of",
     "SELECT count(DISTINCT subject_id) FROM notification WHERE subject_type = 'lead'",
     {1 + CAPTURE}},
    {"people told of leads of others",
     "SELECT count(*) FROM notification n JOIN lead l ON l.id = n.subject_id "
     "WHERE n.subject_type = 'lead' AND n.user_id <> l.owner_id",
     {0}},
    {"people whose turn came more than once more often than another's",
     "SELECT COALESCE(max(n) - min(n), 0) / 2 FROM (SELECT count(*) AS n FROM " CAPTURED
     " GROUP BY l.owner_id) AS turns",
     {0}},
    {"leads that search does not know",
     "SELECT count(*) FROM lead l WHERE NOT EXISTS (SELECT 1 FROM search_document d "
     "WHERE d.record_id = l.id)",
     {0}},
    {"parked events", "SELECT count(*) FROM reactor_parked", {0}},
    {"keys without a reply", "SELECT count(*) FROM idempotency_key WHERE status = 0", {0}},
};
enum { BALANCES = sizeof balances / sizeof *balances };

static int64_t counts[WORDS];

static enum word word_of(const char *text) {
    int w = 0;
    while (w < ROWS && strcmp(promises[w].word, text) != 0) {
        w++;
    }
    return (enum word)w;
}

static bool line_true(struct ctx *c, enum word w, int64_t id, const char *rest) {
    const struct db_value values[] = {db_from_int(id), db_from_c(rest),
                                      db_from_int(strtoll(rest, NULL, 10))};
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT count(*) FROM ");
    for (const char *p = promises[w].sql; *p; p++) {
        if (*p == '$') {
            sql_value(&q, values[*++p - '1']);
        } else {
            text_add_char(&q.text, *p);
        }
    }
    return sql_int(c, &q) == 1;
}

/* Count the lines and look up those that are new; how many are not true. */
static int64_t lines_verify(struct ctx *c, FILE *file, long seen) {
    char line[LINE], word[16], rest[LINE];
    int64_t lost = 0;
    struct arena_mark mark = arena_mark(c->arena);
    for (long n = 0; fgets(line, sizeof line, file) && !ctx_failed(c); n++) {
        long long id;
        rest[0] = '\0';
        enum word w = sscanf(line, "%15s %lld %255s", word, &id, rest) >= 2 ? word_of(word) : ROWS;
        if (w == ROWS) {
            printf("verify: not understood: %s", line);
            lost++;
            continue;
        }
        counts[w]++;
        counts[ROWS] += w == IMPORT ? strtol(rest, NULL, 10) : 0;
        if (n >= seen && !line_true(c, w, id, rest)) {
            printf("verify: acknowledged and not there: %s", line);
            lost++;
        }
        arena_reset(c->arena, mark);
    }
    return lost;
}

static int64_t balance_off(struct ctx *c, const struct balance *b) {
    struct sql q = sql_new(c->arena);
    sql_literal(&q, b->sql);
    int64_t expected = 0;
    for (int i = 0; i < 4 && b->words[i]; i++) {
        expected += counts[b->words[i] - 1];
    }
    return sql_int(c, &q) - expected;
}

/* Reactions follow within moments: ask again until nothing is off. How many stay off. */
static int balances_verify(struct ctx *c) {
    int64_t until = clock_now_ms() + PATIENCE_S * 1000;
    bool told = false;
    int wrong;
    struct arena_mark mark = arena_mark(c->arena);
    do {
        wrong = 0;
        told = clock_now_ms() > until;
        db_begin(c);
        for (int i = 0; i < BALANCES && !ctx_failed(c); i++) {
            int64_t off = balance_off(c, &balances[i]);
            wrong += off != 0;
            if (off && told) {
                printf("verify: %s: off by %lld\n", balances[i].what, (long long)off);
            }
        }
        db_rollback(c->db);
        arena_reset(c->arena, mark);
        if (wrong && !told) {
            nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
        }
    } while (wrong && !told && !ctx_failed(c));
    return wrong;
}

static int verify(struct ctx *c, const char *url, const char *path, long seen) {
    FILE *file = fopen(path, "r");
    c->db = db_open(c, str_from(url), DB_READER);
    if (!file || !c->db) {
        printf("verify: cannot read %s: %s\n", file ? url : path, c->error.internal);
        return 1;
    }
    int64_t wrong = lines_verify(c, file, seen) + balances_verify(c);
    if (ctx_failed(c)) {
        printf("verify: %s %s\n", c->error.text, c->error.internal);
        wrong++;
    }
    printf("verify:");
    for (int w = 0; w < ROWS; w++) {
        printf(" %s %lld", promises[w].word, (long long)counts[w]);
    }
    puts("");
    db_close(c->db);
    fclose(file);
    return wrong != 0;
}

int main(int argc, char **argv) {
    struct arena arena;
    arena_init(&arena);
    struct ctx c = {.arena = &arena, .now_ms = clock_now_ms()};
    if (argc == 4) {
        int wrong = verify(&c, argv[1], argv[2], strtol(argv[3], NULL, 10));
        arena_free(&arena);
        return wrong;
    }
    fprintf(stderr, "usage: verify URL FILE SEEN\n");
    return 2;
}
