/*
 * What is there already and may be the lead's (conversion_parts.h): accounts where the person works
 * or of the same name, contacts he is or who bear his name there, deals of his or of those accounts
 * that are under way. Each with why, each only when the actor may see it.
 */
#include "base/message.h"
#include "customer/account.h"
#include "db/sql.h"
#include "entity/query.h"
#include "sales/conversion_parts.h"

enum { OFFERS = 5 };

struct offer {
    int64_t id, account_id; /* whose it is; of an account 0 */
    struct str reason;
};

struct offers {
    struct ctx *c;
    struct offer items[OFFERS];
    size_t n;
};

static void offer_add(struct offers *o, int64_t id, int64_t account_id, struct str reason) {
    for (size_t i = 0; i < o->n; i++) {
        if (o->items[i].id == id) {
            return;
        }
    }
    if (o->n < OFFERS) {
        o->items[o->n++] = (struct offer){id, account_id, reason};
    }
}

static struct str works_there(struct ctx *c, struct str title) {
    struct text_parameter as = {"title", title};
    return message_format(c->arena, c->language,
                          title.n ? "conversion.works_there_as" : "conversion.works_there", &as, 1);
}

/* Where the person works already: his contacts, and their accounts. */
static void worked_at(struct ctx *c, const struct record *lead, struct offers *accounts,
                      struct offers *contacts) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT k.id, k.account_id, k.job_title FROM contact k JOIN account a ON a.id = "
             "k.account_id AND a.deleted_at IS NULL WHERE k.person_id = $1 AND k.deleted_at IS "
             "NULL ORDER BY k.id LIMIT $2",
             record_id(lead, "person_id"), (int64_t)OFFERS);
    while (db_next(&rows)) {
        struct str title = db_text(&rows, 2);
        offer_add(accounts, db_int(&rows, 1), 0, works_there(c, title));
        offer_add(contacts, db_int(&rows, 0), db_int(&rows, 1),
                  message_words(c->language, "conversion.same_person"));
    }
}

static void same_name(struct ctx *c, const struct record *lead, struct offers *accounts) {
    int64_t ids[OFFERS];
    struct str company = record_text(lead, "company_name");
    size_t n = company.n ? account_same_name(c, company, ids, OFFERS) : 0;
    for (size_t i = 0; i < n; i++) {
        offer_add(accounts, ids[i], 0, message_words(c->language, "conversion.same_name"));
    }
}

/* Ids of the accounts offered, for what hangs on them. */
static size_t account_ids(const struct offers *accounts, int64_t *ids) {
    for (size_t i = 0; i < accounts->n; i++) {
        ids[i] = accounts->items[i].id;
    }
    return accounts->n;
}

static void namesakes_there(struct ctx *c, const struct record *lead, const struct offers *accounts,
                            struct offers *contacts) {
    int64_t ids[OFFERS];
    size_t n = account_ids(accounts, ids);
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    if (!n) {
        return;
    }
    SQL_ADD(&q, "SELECT id, account_id FROM contact WHERE deleted_at IS NULL AND name = ");
    SQL_VALUE(&q, record_text(lead, "name"));
    SQL_ADD(&q, " AND account_id IN ");
    sql_ids(&q, ids, n);
    SQL_ADD(&q, " ORDER BY id LIMIT ");
    sql_number(&q, OFFERS);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        offer_add(contacts, db_int(&rows, 0), db_int(&rows, 1),
                  message_words(c->language, "conversion.same_name_there"));
    }
}

/* Deals under way: of the person, perhaps this is one of them; then those of the accounts. */
static void deals_under_way(struct ctx *c, const struct record *lead, const struct offers *accounts,
                            struct offers *deals) {
    int64_t ids[OFFERS];
    size_t n = account_ids(accounts, ids);
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    DB_QUERY(c, &rows,
             "SELECT id, account_id FROM opportunity WHERE person_id = $1 AND state = 'open' "
             "AND deleted_at IS NULL ORDER BY id DESC LIMIT $2",
             record_id(lead, "person_id"), (int64_t)OFFERS);
    while (db_next(&rows)) {
        offer_add(deals, db_int(&rows, 0), db_int(&rows, 1),
                  message_words(c->language, "conversion.deal_under_way"));
    }
    if (!n) {
        return;
    }
    SQL_ADD(&q, "SELECT id, account_id FROM opportunity WHERE state = 'open' AND deleted_at IS "
                "NULL AND account_id IN ");
    sql_ids(&q, ids, n);
    SQL_ADD(&q, " ORDER BY id DESC LIMIT ");
    sql_number(&q, OFFERS);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        offer_add(deals, db_int(&rows, 0), db_int(&rows, 1),
                  message_words(c->language, "conversion.deal_of_account"));
    }
}

static void offers_json(struct json_writer *w, const char *key, const char *entity,
                        const struct offers *o) {
    int64_t ids[OFFERS];
    struct str titles[OFFERS];
    for (size_t i = 0; i < o->n; i++) {
        ids[i] = o->items[i].id;
    }
    list_titles(o->c, entity_named(o->c, entity), ids, o->n, titles);
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < o->n; i++) {
        if (titles[i].n) {
            json_begin_object(w);
            JSON_MEMBER(w, "id", json_put_id, ids[i]);
            JSON_MEMBER(w, "title", json_put_str, titles[i]);
            JSON_MEMBER(w, "account_id", json_put_id, o->items[i].account_id);
            JSON_MEMBER(w, "reason", json_put_str, o->items[i].reason);
            json_end_object(w);
        }
    }
    json_end_array(w);
}

void conversion_offers_json(struct ctx *c, struct json_writer *w, const struct record *lead) {
    struct offers accounts = {.c = c}, contacts = {.c = c}, deals = {.c = c};
    worked_at(c, lead, &accounts, &contacts);
    same_name(c, lead, &accounts);
    namesakes_there(c, lead, &accounts, &contacts);
    deals_under_way(c, lead, &accounts, &deals);
    json_key(w, "duplicates");
    json_begin_object(w);
    offers_json(w, "accounts", "account", &accounts);
    offers_json(w, "contacts", "contact", &contacts);
    offers_json(w, "opportunities", "opportunity", &deals);
    json_end_object(w);
}
