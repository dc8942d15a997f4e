/*
 * Won deals, as a fact that all clouds share: who bought, for how much, when, and the lead it came
 * from. Marketing gives the revenue to what led to it without knowing how deals are worked.
 *
 * A projection behind the log: the reactor puts a deal's row when an event of it says something
 * new, and takes it away when the deal is no longer won or goes to the trash. Merged people and
 * accounts are followed. It can be emptied and rebuilt. Rows carry the owner and his department,
 * by which the reports apply the right to read deals.
 */
#include "base/clock.h"
#include "base/module.h"
#include "customer/customer.h"
#include "db/db.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/access.h"
#include "event/reactor.h"
#include "organization/company.h"

static const struct migration migrations[] = {
    {"customer.won_deal.1", "CREATE TABLE won_deal (\n"
                            "  id BIGINT NOT NULL PRIMARY KEY,\n" /* of the opportunity */
                            "  person_id BIGINT,\n"
                            "  account_id BIGINT,\n"
                            "  lead_id BIGINT,\n"
                            "  owner_id BIGINT,\n"
                            "  owner_department_id BIGINT,\n"
                            "  product_id BIGINT,\n"
                            "  amount BIGINT,\n"
                            "  currency TEXT,\n"
                            "  won_on TEXT NOT NULL,\n"
                            "  won_at BIGINT NOT NULL,\n" /* the moment, else the day's end */
                            "  began_at BIGINT NOT NULL\n"
                            ");\n"
                            "CREATE INDEX won_deal_won ON won_deal (won_on);\n"
                            "CREATE INDEX won_deal_account ON won_deal (account_id);\n"
                            "CREATE INDEX won_deal_person ON won_deal (person_id)"},
    {0}};

/* When a deal was won: the moment it came to its stage, when that was on the day it says; else that
 * day's end. What the customer did later on the day did not lead to it. */
static int64_t won_moment(struct ctx *c, const struct record *deal, struct str on) {
    int64_t entered = record_int(deal, "stage_entered_at");
    struct date d;
    if (!date_parse(on, &d)) {
        return c->now_ms;
    }
    return entered && date_to_days(zone_date(company_zone(c), entered)) == date_to_days(d)
               ? entered
               : zone_midnight(company_zone(c), date_from_days(date_to_days(d) + 1)) - 1;
}

/* A deal begins on its engaged date, when it says one, else when it was made. */
static int64_t begin_of(struct ctx *c, const struct record *deal) {
    struct date d;
    return date_parse(record_text(deal, "engaged_date"), &d) ? zone_midnight(company_zone(c), d)
                                                             : record_int(deal, "created_at");
}

static void put(struct ctx *c, int64_t id) {
    const struct entity *e = model_entity(c->model, STR("opportunity"));
    struct record *deal = e ? record_load(c, e, id) : NULL;
    struct str on = deal ? record_text(deal, "closed_date") : STR("");
    DB_RUN(c, "DELETE FROM won_deal WHERE id = $1", id);
    if (!deal || !str_is(record_text(deal, "state"), "won") || !on.n) {
        return;
    }
    struct value amount = record_value(deal, "amount");
    bool known = amount.kind == VALUE_MONEY;
    DB_RUN(c,
           "INSERT INTO won_deal (id, person_id, account_id, lead_id, owner_id, "
           "owner_department_id, product_id, amount, currency, won_on, won_at, began_at) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
           id, db_from_id(record_id(deal, "person_id")), db_from_id(record_id(deal, "account_id")),
           db_from_id(record_id(deal, "lead_id")), db_from_id(record_id(deal, "owner_id")),
           db_from_id(record_id(deal, "owner_department_id")),
           db_from_id(record_id(deal, "product_id")),
           known ? db_from_int(amount.integer) : db_from_null(),
           known ? db_from_str(amount.text) : db_from_null(), on, won_moment(c, deal, on),
           begin_of(c, deal));
}

/* Deals whose people or accounts became one, or are two again. */
static void put_those_of(struct ctx *c, const struct event *e) {
    const struct json *payload = json_parse(c, e->payload);
    int64_t winner = json_id(payload, "winner_id"), loser = json_id(payload, "loser_id");
    int64_t *ids = NULL;
    size_t n = 0, capacity = 0;
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT id FROM won_deal WHERE account_id IN ($1, $2) UNION "
             "SELECT id FROM won_deal WHERE person_id IN ($1, $2)",
             winner, loser);
    while (db_next(&rows)) {
        if (n == capacity) {
            int64_t *more = ARENA_NEW_ARRAY(c->arena, capacity = capacity ? capacity * 2 : 16,
                                            int64_t);
            for (size_t i = 0; i < n; i++) {
                more[i] = ids[i];
            }
            ids = more;
        }
        ids[n++] = db_int(&rows, 0);
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        put(c, ids[i]);
    }
}

static void handle(struct ctx *c, const struct event *e) {
    if (str_is(e->subject_type, "opportunity")) {
        put(c, e->subject_id);
    } else {
        put_those_of(c, e);
    }
}

/* Opportunities that were told of, each once. */
static void put_all(struct ctx *c, int64_t *ids, size_t *n) {
    const struct entity *e = model_entity(c->model, STR("opportunity"));
    struct sql gone = sql_new(c->arena), won = sql_new(c->arena);
    size_t n_won = 0;
    struct db_rows rows;
    if (!e || !*n) {
        return;
    }
    SQL_ADD(&gone, "DELETE FROM won_deal WHERE id IN ");
    sql_ids(&gone, ids, *n);
    sql_put(c, &gone);
    SQL_ADD(&won, "SELECT id FROM ");
    sql_identifier(&won, e->table);
    SQL_ADD(&won, " WHERE state = 'won' AND id IN ");
    sql_ids(&won, ids, *n);
    sql_query(c, &rows, &won);
    while (db_next(&rows)) {
        ids[n_won++] = db_int(&rows, 0);
    }
    for (size_t i = 0; i < n_won && !ctx_failed(c); i++) {
        put(c, ids[i]);
    }
    *n = 0;
}

static void handle_history(struct ctx *c, const struct event *events, size_t n) {
    int64_t *ids = ARENA_NEW_ARRAY(c->arena, n, int64_t);
    size_t found = 0;
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (str_is(events[i].subject_type, "opportunity")) {
            ids[found++] = events[i].subject_id;
        } else {
            put_all(c, ids, &found);
            put_those_of(c, &events[i]);
        }
    }
    put_all(c, ids, &found);
}

static void reset(struct ctx *c) {
    DB_RUN(c, "DELETE FROM won_deal");
}

static const struct reactor won_deals = {
    .name = "customer.won_deals",
    .stream = STREAM_BUSINESS,
    .lane = REACTOR_STEADY,
    .types = (const char *const[]){"opportunity.created", "opportunity.updated", "opportunity.won",
                                   "opportunity.lost", "opportunity.moved", "opportunity.trashed",
                                   "opportunity.restored", "account.merged", "account.unmerged",
                                   "person.merged", "person.unmerged", NULL},
    .handle = handle,
    .handle_history = handle_history,
    .reset = reset};

const struct module won_deal_module = {
    .name = "customer.won_deal",
    .cloud = "customer",
    .reactors = (const struct reactor *const[]){&won_deals, NULL},
    .migrations = migrations};
