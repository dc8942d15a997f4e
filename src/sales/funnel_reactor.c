/*
 * When facts of the funnel are made anew (funnel_fact.c makes them): behind the log, all that a
 * turn brings together. What an import creates is only noted, from which id on, and counted in
 * pieces when for BROUGHT_REST_MS nothing more came: so an import is not held up by it.
 * What concerns many records at once (a stage means another step now, somebody works in another
 * department, a company is in another region) is gone through in pieces behind a timer.
 */
#include <string.h>

#include "base/message.h"
#include "base/module.h"
#include "db/sql.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "event/turn.h"
#include "organization/company.h"
#include "sales/funnel_fact.h"
#include "sales/funnel_total.h"
#include "sales/sales.h"

static const char recount_kind[] = "sales.funnel_recount";
static const struct reactor funnel;

enum { BROUGHT_REST_MS = 5000 };

/* What is to be refreshed at the end of the turn; lives in the batch. */
struct later {
    bool deal, tell;
    int64_t id;
};

static void later_take(struct ctx *c, void *const *items, size_t n, bool deal, bool tell) {
    int64_t ids[FUNNEL_REFRESH];
    size_t held = 0;
    for (size_t i = 0; i <= n; i++) {
        const struct later *l = i < n ? items[i] : NULL;
        if (l && l->deal == deal && l->tell == tell) {
            ids[held++] = l->id;
        }
        if (held == FUNNEL_REFRESH || (i == n && held)) {
            struct arena_mark mark = arena_mark(c->arena);
            if (deal) {
                funnel_refresh_deals(c, ids, held, tell);
            } else {
                funnel_refresh_leads(c, ids, held, tell);
            }
            if (!ctx_failed(c)) {
                arena_reset(c->arena, mark);
            }
            held = 0;
        }
    }
}

/* Deals first: leads have come as far as they have. */
static void later_run(struct ctx *c, void *const *items, size_t n) {
    for (int i = 0; i < 4 && !ctx_failed(c); i++) {
        later_take(c, items, n, i < 2, i % 2);
    }
}

void funnel_refresh_later(struct ctx *c, bool deal, int64_t id) {
    struct later *l = ARENA_NEW(db_batch_arena(c->db), struct later);
    *l = (struct later){deal, c->origin == ORIGIN_LIVE, id};
    if (id) {
        db_defer_many(c, later_run, l);
    }
}

/* Going through many, in pieces. */

static void recount_set(struct ctx *c, struct str key, bool leads, int64_t after) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "leads", json_put_bool, leads);
    JSON_MEMBER(&w, "after", json_put_id, after);
    json_end_object(&w);
    timer_set(c, recount_kind, key, c->now_ms, json_str(&w));
}

static void recount_of(struct ctx *c, const char *what, int64_t id) {
    recount_set(c, str_format(c->arena, "%s:%lld", what, (long long)id), false, 0);
}

static void reset(struct ctx *c) {
    DB_RUN(c, "DELETE FROM funnel_lead");
    DB_RUN(c, "DELETE FROM funnel_deal");
    DB_RUN(c, "DELETE FROM funnel_department");
    DB_RUN(c, "DELETE FROM funnel_owner");
    DB_RUN(c, "DELETE FROM funnel_value");
    DB_RUN(c, "DELETE FROM funnel_brought");
}

void funnel_recount(struct ctx *c) {
    reset(c);
    recount_of(c, "all", 0);
}

/* Days are those of the company's zone: with another one all are counted anew. */
static bool zone_moved(struct ctx *c) {
    struct str now = company_text(c, "time_zone");
    if (str_equal(DB_TEXT(c, "SELECT zone FROM funnel_zone WHERE id = 1"), now)) {
        return false;
    }
    DB_RUN(c,
           "INSERT INTO funnel_zone (id, zone) VALUES (1, $1) "
           "ON CONFLICT (id) DO UPDATE SET zone = excluded.zone",
           now);
    return true;
}

/* From these ids on records were created by an import, 0: none; they are counted when it rests. */
static void brought_note(struct ctx *c, int64_t lead, int64_t deal) {
    if (!lead && !deal) {
        return;
    }
    DB_RUN(c,
           "INSERT INTO funnel_brought (id, first_lead, first_deal) VALUES (1, $1, $2) "
           "ON CONFLICT (id) DO UPDATE SET first_lead = CASE WHEN excluded.first_lead < "
           "funnel_brought.first_lead THEN excluded.first_lead ELSE funnel_brought.first_lead END, "
           "first_deal = CASE WHEN excluded.first_deal < funnel_brought.first_deal THEN "
           "excluded.first_deal ELSE funnel_brought.first_deal END",
           lead ? lead : INT64_MAX, deal ? deal : INT64_MAX);
    timer_set(c, recount_kind, STR("brought:0"), c->now_ms + BROUGHT_REST_MS, STR("{}"));
}

/* What was noted becomes a walk of its own: of deals after an id, then of the leads that its key
 * names. Not while there is more to note: the import goes on. */
static void brought_begin(struct ctx *c) {
    struct db_rows rows;
    int64_t lead = 0, deal = 0;
    if (reactor_reads_on(c, &funnel)) {
        timer_set(c, recount_kind, STR("brought:0"), c->now_ms + BROUGHT_REST_MS, STR("{}"));
        return;
    }
    DB_QUERY(c, &rows, "SELECT first_lead, first_deal FROM funnel_brought WHERE id = 1");
    if (db_next(&rows)) {
        lead = db_int(&rows, 0);
        deal = db_int(&rows, 1);
    }
    db_done(&rows);
    if (lead) {
        DB_RUN(c, "DELETE FROM funnel_brought");
        recount_set(c, str_format(c->arena, "since:%lld", (long long)(lead - 1)), false, deal - 1);
    }
}

/* Deals concerned, in order of ids, after one; leads likewise, of whom only owners and all ask. */
static void piece_query(struct sql *q, struct str what, int64_t id, int64_t after) {
    if (str_is(what, "stage")) {
        SQL_ADD(q, "SELECT id FROM (SELECT opportunity_id AS id FROM stage_history "
                   "WHERE to_stage_id = ");
        SQL_VALUE(q, id);
        SQL_ADD(q, " UNION SELECT id FROM opportunity WHERE stage_id = ");
        SQL_VALUE(q, id);
        SQL_ADD(q, ") x WHERE id > ");
    } else if (str_is(what, "all") || str_is(what, "since")) {
        SQL_ADD(q, "SELECT id FROM opportunity WHERE id > ");
    } else {
        sql_literal(q, str_is(what, "owner") ? "SELECT id FROM opportunity WHERE owner_id = "
                                             : "SELECT id FROM opportunity WHERE account_id = ");
        SQL_VALUE(q, id);
        SQL_ADD(q, " AND id > ");
    }
    SQL_VALUE(q, after);
}

static void leads_query(struct sql *q, struct str what, int64_t id, int64_t after) {
    SQL_ADD(q, "SELECT id FROM lead WHERE ");
    if (str_is(what, "owner")) {
        SQL_ADD(q, "owner_id = ");
        SQL_VALUE(q, id);
        SQL_ADD(q, " AND ");
    }
    SQL_ADD(q, "id > ");
    SQL_VALUE(q, after);
}

/* Whether there is more behind the piece after an id, which moves on to the last of it. */
static bool recount_piece(struct ctx *c, struct str what, int64_t id, bool leads, int64_t *after) {
    int64_t ids[FUNNEL_REFRESH];
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    size_t n = 0;
    if (leads) {
        leads_query(&q, what, id, *after);
    } else {
        piece_query(&q, what, id, *after);
    }
    SQL_ADD(&q, " ORDER BY id LIMIT ");
    sql_number(&q, FUNNEL_REFRESH);
    sql_query(c, &rows, &q);
    while (db_next(&rows) && n < FUNNEL_REFRESH) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    if (leads) {
        funnel_refresh_leads(c, ids, n, true);
    } else {
        funnel_refresh_deals(c, ids, n, true);
    }
    *after = n ? ids[n - 1] : *after;
    return n == FUNNEL_REFRESH && !ctx_failed(c);
}

static void recount_fire(struct ctx *c, const struct timer *t) {
    const struct json *payload = json_parse(c, t->payload);
    bool leads = json_bool(payload, "leads", false);
    struct str rest = t->key, what;
    int64_t id = 0, after = json_id(payload, "after");
    str_cut(&rest, ':', &what);
    str_to_int(rest, &id);
    if (str_is(what, "brought")) {
        brought_begin(c);
        return;
    }
    if (recount_piece(c, what, id, leads, &after)) {
        recount_set(c, t->key, leads, after);
    } else if (!leads && !str_is(what, "stage") && !str_is(what, "account")) {
        recount_set(c, t->key, true, str_is(what, "since") ? id : 0);
    }
}

/* Deals first: leads have come as far as they have. */
static void rebuild(struct ctx *c) {
    zone_moved(c);
    DB_RUN(c, "DELETE FROM timer WHERE kind = $1", recount_kind);
    for (int leads = 0; leads < 2; leads++) {
        int64_t after = 0;
        bool more = true;
        while (more && !ctx_failed(c)) {
            struct arena_mark mark = arena_mark(c->arena);
            more = recount_piece(c, STR("all"), 0, leads, &after);
            db_flush(c);
            arena_reset(c->arena, mark);
        }
    }
}

/* The reactor. */

static bool names_any(struct str payload, const char *const *names, const char *last) {
    for (; *names; names++) {
        if (str_find(payload, str_from(*names)) >= 0) {
            return true;
        }
    }
    return str_find(payload, str_from(last)) >= 0;
}

/* Fields by which facts are made, as an update's payload names them. */
static bool concerns(const struct event *e) {
    static const char *const lead[] = {"\"owner_id\"", "\"status\"",     "\"source\"",
                                       "\"region\"",   "\"created_at\"", NULL};
    static const char *const deal[] = {"\"owner_id\"",
                                       "\"stage_id\"",
                                       "\"state\"",
                                       "\"source\"",
                                       "\"engaged_date\"",
                                       "\"closed_date\"",
                                       "\"product_id\"",
                                       "\"account_id\"",
                                       "\"created_at\"",
                                       "\"pipeline_id\"",
                                       NULL};
    static const char *const stage[] = {"\"funnel_step\"", NULL};
    static const char *const user[] = {NULL};
    if (str_is(e->type, "lead.updated")) {
        return names_any(e->payload, lead, "\"opportunity_id\"");
    }
    if (str_is(e->type, "opportunity.updated")) {
        return names_any(e->payload, deal, "\"lead_id\"");
    }
    if (str_is(e->type, "stage.updated")) {
        return names_any(e->payload, stage, "\"kind\"");
    }
    if (str_is(e->type, "user.updated")) {
        return names_any(e->payload, user, "\"department_id\"");
    }
    if (str_is(e->type, "account.updated")) {
        return names_any(e->payload, user, "\"region\"");
    }
    return true;
}

static void choose(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    (void)c;
    for (size_t i = 0; i < n; i++) {
        wanted[i] = concerns(&events[i]);
    }
}

/* Both of a merge, and what was moved between them. */
static void joined(struct ctx *c, const struct event *e) {
    const struct json *payload = json_parse(c, e->payload);
    int64_t ids[] = {json_id(payload, "winner_id"), json_id(payload, "loser_id"), e->subject_id};
    bool deal = str_is(e->subject_type, "opportunity");
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        if (str_is(e->subject_type, "account")) {
            recount_of(c, "account", ids[i]);
        } else {
            funnel_refresh_later(c, deal, ids[i]);
        }
    }
}

static bool merges(const struct event *e) {
    return str_ends(e->type, STR(".merged")) || str_ends(e->type, STR(".unmerged"));
}

static void handle(struct ctx *c, const struct event *e) {
    if (!concerns(e)) {
        return;
    }
    if (merges(e)) {
        joined(c, e);
    } else if (str_is(e->subject_type, "lead") || str_is(e->subject_type, "opportunity")) {
        funnel_refresh_later(c, str_is(e->subject_type, "opportunity"), e->subject_id);
    } else if (str_is(e->subject_type, "stage") || str_is(e->subject_type, "account")) {
        recount_of(c, str_is(e->subject_type, "stage") ? "stage" : "account", e->subject_id);
    } else if (str_is(e->subject_type, "user")) {
        recount_of(c, "owner", e->subject_id);
    } else if (str_is(e->type, "sample.removed") || zone_moved(c)) {
        funnel_recount(c);
    }
}

static void least(int64_t *first, int64_t id) {
    *first = !*first || id < *first ? id : *first;
}

/* What an import created is counted later; what else is history at once, inside the turn's time. */
static void handle_history(struct ctx *c, const struct event *events, size_t n) {
    int64_t leads[FUNNEL_REFRESH] = {0}, deals[FUNNEL_REFRESH] = {0};
    size_t n_leads = 0, n_deals = 0;
    int64_t first_lead = 0, first_deal = 0;
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        const struct event *e = &events[i];
        if (c->origin == ORIGIN_IMPORT && str_is(e->type, "lead.created")) {
            least(&first_lead, e->subject_id);
        } else if (c->origin == ORIGIN_IMPORT && str_is(e->type, "opportunity.created")) {
            least(&first_deal, e->subject_id);
        } else if (merges(e) || n_leads == FUNNEL_REFRESH || n_deals == FUNNEL_REFRESH) {
            handle(c, e);
        } else if (str_is(e->subject_type, "lead") && concerns(e)) {
            leads[n_leads++] = e->subject_id;
        } else if (str_is(e->subject_type, "opportunity") && concerns(e)) {
            deals[n_deals++] = e->subject_id;
        } else {
            handle(c, e);
        }
    }
    funnel_refresh_deals(c, deals, n_deals, false);
    funnel_refresh_leads(c, leads, n_leads, false);
    brought_note(c, first_lead, first_deal);
}

static const struct reactor funnel = {.name = "sales.funnel",
                                      .stream = STREAM_BUSINESS,
                                      .lane = REACTOR_BULK,
                                      .types = (const char *const[]){"lead.created",
                                                                     "lead.updated",
                                                                     "lead.trashed",
                                                                     "lead.restored",
                                                                     "lead.merged",
                                                                     "lead.unmerged",
                                                                     "opportunity.created",
                                                                     "opportunity.updated",
                                                                     "opportunity.moved",
                                                                     "opportunity.trashed",
                                                                     "opportunity.restored",
                                                                     "opportunity.merged",
                                                                     "opportunity.unmerged",
                                                                     "account.updated",
                                                                     "account.trashed",
                                                                     "account.restored",
                                                                     "account.merged",
                                                                     "account.unmerged",
                                                                     "stage.updated",
                                                                     "user.updated",
                                                                     "sample.removed",
                                                                     "company.settings_changed",
                                                                     NULL},
                                      .handle = handle,
                                      .handle_history = handle_history,
                                      .choose = choose,
                                      .reset = reset,
                                      .rebuild = rebuild};

static const struct timer_kind timers[] = {{recount_kind, recount_fire}, {0}};

const struct module funnel_fact_module = {
    .name = "sales.funnel_fact",
    .cloud = "sales",
    .reactors = (const struct reactor *const[]){&funnel, NULL},
    .timers = timers,
    .migrations = funnel_fact_migrations};
const struct module funnel_total_module = {
    .name = "sales.funnel_total", .cloud = "sales", .migrations = funnel_total_migrations};
