#include "app/check.h"

#include <stdio.h>

#include "app/command.h"
#include "base/message.h"
#include "db/migration.h"
#include "entity/access.h"
#include "event/event.h"
#include "organization/audit_seal.h"

enum { SHOWN = 5, SEALS_AT_ONCE = 1 };

void finding_add(struct finding *f, struct str id) {
    if (f->n++ < SHOWN) {
        text_add_c(&f->shown, f->n > 1 ? ", " : "");
        text_add(&f->shown, id);
    }
}

void check_tell(struct check *k, struct str what, const struct finding *f) {
    if (f->n && !ctx_failed(k->c)) {
        struct text_buffer shown = f->shown;
        printf("%.*s: %lld (%.*s%s)\n", STR_ARG(what), (long long)f->n, STR_ARG(text_str(&shown)),
               f->n > SHOWN ? ", …" : "");
        k->findings++;
    }
}

void check_none(struct check *k, const struct sql *q, struct str what) {
    struct ctx *c = k->c;
    struct arena_mark mark = arena_mark(c->arena);
    struct finding found = {.shown = {.arena = c->arena}};
    struct db_rows rows;
    sql_query(c, &rows, q);
    while (db_next(&rows)) {
        struct db_value v = db_value(&rows, 0);
        finding_add(&found, v.kind == DB_IS_INTEGER
                                ? str_format(c->arena, "%lld", (long long)v.integer)
                                : db_text(&rows, 0));
    }
    check_tell(k, what, &found);
    arena_reset(c->arena, mark);
}

void check_engine(struct check *k) {
    struct db_rows rows;
    if (db_engine(k->c->db) == DB_SQLITE) {
        DB_QUERY(k->c, &rows, "PRAGMA integrity_check");
        while (db_next(&rows)) {
            struct str line = db_view(&rows, 0);
            if (!str_is(line, "ok")) {
                printf("SQLite: %.*s\n", STR_ARG(line));
                k->findings++;
            }
        }
        return;
    }
    struct sql q = sql_new(k->c->arena);
    SQL_ADD(&q, "SELECT CAST(i.relname AS TEXT) FROM pg_index x JOIN pg_class i "
                "ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace "
                "WHERE n.nspname = current_schema() AND NOT x.indisvalid");
    check_none(k, &q, STR("PostgreSQL: indexes that are not valid"));
}

/* What a reactor keeps of a record it has read of: the first of its events is behind it. */
#define READ_BY(reactor, entity, id)                                                           \
    "EXISTS (SELECT 1 FROM event v WHERE v.subject_type = '" entity "' AND v.subject_id = " id \
    " AND v.seq <= (SELECT r.seq FROM reactor_cursor r WHERE r.name = '" reactor "'))"

/* What a reactor makes of what a record is now: none of its events is ahead. */
#define ALL_READ_BY(reactor, entity, id)                                                    \
    " AND NOT EXISTS (SELECT 1 FROM event v WHERE v.subject_type = '" entity                \
    "' AND v.subject_id = " id " AND v.seq > COALESCE((SELECT r.seq FROM reactor_cursor r " \
    "WHERE r.name = '" reactor "'), 0))"

/* Nothing waits to be counted behind an import, or in pieces. */
#define FUNNEL_RESTS                                                 \
    " AND NOT EXISTS (SELECT 1 FROM funnel_brought) AND NOT EXISTS " \
    "(SELECT 1 FROM timer x WHERE x.kind = 'sales.funnel_recount')"

/* What must select nothing: rows that break a promise between tables. */
static const struct {
    const char *what, *sql;
} promises[] = {
    {"events whose seq stands twice", "SELECT seq FROM event GROUP BY seq HAVING count(*) > 1"},
    {"events whose id stands twice", "SELECT id FROM event GROUP BY id HAVING count(*) > 1"},
    {"events recorded long before the one in front of them",
     /* An hour is more than clocks of nodes may differ. */
     "SELECT seq FROM (SELECT seq, recorded_at, lag(recorded_at) OVER (ORDER BY seq) AS before "
     "FROM event) x WHERE recorded_at < before - 3600000"},
    {"events caused by an event that is not there",
     /* What visitors did is a cause too, and does not stay for ever: the oldest goes first. */
     "SELECT e.seq FROM event e LEFT JOIN event o ON o.id = e.cause_id "
     "LEFT JOIN behaviour b ON b.id = e.cause_id WHERE e.cause_id IS NOT NULL AND o.id IS NULL "
     "AND b.id IS NULL AND e.cause_id > (SELECT COALESCE(min(id), 0) FROM behaviour)"},
    {"audit entries of an event that is not there",
     "SELECT a.id FROM audit a WHERE a.event_id IS NOT NULL AND NOT EXISTS "
     "(SELECT 1 FROM event e WHERE e.id = a.event_id)"},
    {"cursors beyond the head of the log",
     "SELECT r.name FROM reactor_cursor r WHERE r.stream = 0 AND r.seq > "
     "(SELECT COALESCE(max(e.seq), 0) FROM event e)"},
    {"parked events that are ahead of their reactor's cursor",
     "SELECT p.seq FROM reactor_parked p JOIN reactor_cursor r ON r.name = p.reactor "
     "WHERE p.seq > r.seq"},
    {"roles of users that are not there",
     "SELECT x.user_id FROM user_role x WHERE NOT EXISTS "
     "(SELECT 1 FROM \"user\" u WHERE u.id = x.user_id) OR NOT EXISTS "
     "(SELECT 1 FROM role r WHERE r.id = x.role_id)"},
    {"identities of people that are not there",
     "SELECT i.value FROM identity i WHERE NOT EXISTS "
     "(SELECT 1 FROM person p WHERE p.id = i.person_id)"},
    {"identities of people who were merged into others",
     "SELECT i.value FROM identity i JOIN person p ON p.id = i.person_id WHERE p.deleted_at "
     "IS NOT NULL AND (SELECT a.action FROM audit a WHERE a.record_id = p.id AND a.action "
     "IN ('merged', 'unmerged') ORDER BY a.id DESC LIMIT 1) = 'merged'"},
    {"leads converted without a conversion",
     "SELECT l.id FROM lead l WHERE l.converted_at IS NOT NULL AND l.status = 'converted' AND "
     "NOT EXISTS (SELECT 1 FROM conversion v WHERE v.lead_id = l.id)"},
    {"conversions of leads that are not converted",
     "SELECT v.lead_id FROM conversion v WHERE NOT EXISTS "
     "(SELECT 1 FROM lead l WHERE l.id = v.lead_id AND l.status = 'converted')"},
    {"conversions into records that are not there",
     "SELECT v.lead_id FROM conversion v WHERE "
     "(v.account_id IS NOT NULL AND NOT EXISTS "
     "(SELECT 1 FROM account a WHERE a.id = v.account_id)) OR "
     "(v.contact_id IS NOT NULL AND NOT EXISTS "
     "(SELECT 1 FROM contact o WHERE o.id = v.contact_id)) OR "
     "(v.opportunity_id IS NOT NULL AND NOT EXISTS "
     "(SELECT 1 FROM opportunity o WHERE o.id = v.opportunity_id))"},
    {"moves of opportunities that do not begin where the one before ended",
     "SELECT id FROM (SELECT id, from_stage_id, lag(to_stage_id) OVER "
     "(PARTITION BY opportunity_id ORDER BY at, id) AS before FROM stage_history) x "
     "WHERE before IS NOT NULL AND COALESCE(from_stage_id, 0) <> before"},
    {"opportunities that are not where their last move ended",
     "SELECT o.id FROM opportunity o JOIN (SELECT opportunity_id, to_stage_id, row_number() "
     "OVER (PARTITION BY opportunity_id ORDER BY at DESC, id DESC) AS age FROM stage_history) h "
     "ON h.opportunity_id = o.id AND h.age = 1 WHERE h.to_stage_id <> o.stage_id"},
    {"leads that the funnel does not count (funnel_lead)",
     "SELECT l.id FROM lead l WHERE l.deleted_at IS NULL AND NOT EXISTS "
     "(SELECT 1 FROM funnel_lead f WHERE f.lead_id = l.id) AND " READ_BY("sales.funnel", "lead",
                                                                         "l.id") FUNNEL_RESTS},
    {"opportunities that the funnel does not count (funnel_deal)",
     "SELECT o.id FROM opportunity o WHERE o.deleted_at IS NULL AND NOT EXISTS "
     "(SELECT 1 FROM funnel_deal f WHERE f.deal_id = o.id) AND " READ_BY(
         "sales.funnel", "opportunity", "o.id") FUNNEL_RESTS},
    {"won deals that attribution lacks (won_deal)",
     "SELECT o.id FROM opportunity o WHERE o.deleted_at IS NULL AND o.state = 'won' AND "
     "o.closed_date IS NOT NULL AND NOT EXISTS "
     "(SELECT 1 FROM won_deal w WHERE w.id = o.id)" ALL_READ_BY("customer.won_deals", "opportunity",
                                                                "o.id")},
    {"deals that attribution counts and that are not won so (won_deal)",
     "SELECT w.id FROM won_deal w LEFT JOIN opportunity o ON o.id = w.id AND o.deleted_at IS NULL "
     "AND o.state = 'won' WHERE (o.id IS NULL OR w.won_on <> o.closed_date OR "
     "COALESCE(w.amount, -1) <> COALESCE(o.amount, -1) OR COALESCE(w.owner_id, 0) <> "
     "COALESCE(o.owner_id, 0))" ALL_READ_BY("customer.won_deals", "opportunity", "w.id")},
    {"days of whose leads the funnel's totals tell another number (funnel_department)",
     /* Of a sample company that went, the totals go when the funnel reads of it. */
     "SELECT day FROM (SELECT day, 1 AS n FROM funnel_lead UNION ALL SELECT bucket, -reached0 "
     "FROM funnel_department WHERE bucket < 10000000) x WHERE NOT EXISTS (SELECT 1 FROM event v "
     "WHERE v.type = 'sample.removed' AND v.seq > (SELECT r.seq FROM reactor_cursor r WHERE "
     "r.name = 'sales.funnel')) GROUP BY day HAVING sum(n) <> 0"},
    {"leads whose score is not what the card that rules them gave (score_state)",
     "SELECT l.id FROM score_state s JOIN score_card k ON k.id = s.card_id AND k.enabled = 1 AND "
     "k.deleted_at IS NULL JOIN lead l ON l.id = s.record_id AND l.deleted_at IS NULL AND "
     "l.status NOT IN ('converted', 'disqualified') WHERE s.leads = 1 AND "
     "COALESCE(l.score, s.score - 1) <> s.score AND NOT EXISTS (SELECT 1 FROM timer x WHERE "
     "x.kind = 'scoring.rescore')" ALL_READ_BY("marketing.scoring", "lead", "l.id")},
    {"records whose text the search does not find (search_term)",
     "SELECT record_id FROM search_document WHERE texts <> '' "
     "EXCEPT SELECT record_id FROM search_term"},
};

void check_promises(struct check *k) {
    for (size_t i = 0; i < sizeof promises / sizeof *promises; i++) {
        struct sql q = sql_new(k->c->arena);
        sql_literal(&q, promises[i].sql);
        check_none(k, &q, str_from(promises[i].what));
    }
}

/* The seals of the audit trail, to the first that does not fit. */
static void check_seals(struct check *k) {
    struct ctx *c = k->c;
    struct audit_verdict v = {.more = true};
    while (v.more && !ctx_failed(c)) {
        struct arena_mark mark = arena_mark(c->arena);
        v = audit_seal_verify(c, v.checked, SEALS_AT_ONCE);
        if (!ctx_failed(c)) {
            arena_reset(c->arena, mark);
        }
    }
    if (v.why && !ctx_failed(c)) {
        struct str why = message_words(LANGUAGE_EN, v.why);
        struct str entry = v.entry_id ? str_format(c->arena, " (%lld)", (long long)v.entry_id)
                                      : STR("");
        printf("audit seal %lld: %.*s%.*s\n", (long long)v.broken, STR_ARG(why), STR_ARG(entry));
        k->findings++;
    }
}

static int run_check(struct ctx *c) {
    struct check k = {.c = c};
    check_engine(&k);
    db_begin(c);
    c->model = model_current(c);
    check_promises(&k);
    check_records(&k);
    check_scores(&k);
    check_files(&k);
    check_seals(&k);
    db_commit(c);
    if (ctx_failed(c)) {
        program_complain(c);
        return 1;
    }
    if (k.findings) {
        printf("%lld findings\n", (long long)k.findings);
        return 1;
    }
    puts("Nothing wrong was found.");
    return 0;
}

int command_check(struct program *p) {
    struct ctx c = program_context(p);
    c.db = db_open(&c, p->settings.db, DB_READER);
    if (!c.db) {
        program_complain(&c);
        return 1;
    }
    migration_expect(&c, p->contents->migrations, p->contents->n_migrations);
    int status = 1;
    if (ctx_failed(&c)) {
        program_complain(&c);
    } else {
        status = run_check(&c);
    }
    db_close(c.db);
    return status;
}
