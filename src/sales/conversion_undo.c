/*
 * A conversion taken back: the lead is as it was before, and what the conversion made goes to the
 * trash, unless others have come to use it. Nothing that was written is lost: what was noted on a
 * deal or an account that goes (follow-ups, tasks, files, comments) hangs on the lead from then
 * on. A deal that was there before stays, without what the conversion told it.
 *
 * A deal that was won or lost holds the conversion: its history would go with it.
 */
#include "base/message.h"
#include "base/module.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/query.h"
#include "event/event.h"
#include "sales/conversion_parts.h"
#include "sales/sales.h"

enum { ENTRIES_AT_ONCE = 200 };

struct done {
    int64_t at, actor_id;
    struct str status_before, filled;
    int64_t account_id, contact_id, opportunity_id;
    bool account_made, contact_made, opportunity_made;
};

/* False with the error given when the lead was not converted. */
static bool done_read(struct ctx *c, const struct record *lead, enum error_code otherwise,
                      struct done *d) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT at, actor_id, status_before, filled, account_id, contact_id, opportunity_id, "
             "account_made, contact_made, opportunity_made FROM conversion WHERE lead_id = $1",
             lead->id);
    if (!db_next(&rows)) {
        FAIL(c, otherwise, "lead.not_converted");
        return false;
    }
    *d = (struct done){.at = db_int(&rows, 0),
                       .actor_id = db_int(&rows, 1),
                       .status_before = db_text(&rows, 2),
                       .filled = db_text(&rows, 3),
                       .account_id = db_int(&rows, 4),
                       .contact_id = db_int(&rows, 5),
                       .opportunity_id = db_int(&rows, 6),
                       .account_made = db_int(&rows, 7) != 0,
                       .contact_made = db_int(&rows, 8) != 0,
                       .opportunity_made = db_int(&rows, 9) != 0};
    db_done(&rows);
    return true;
}

static struct record *made_deal(struct ctx *c, const struct done *d) {
    return d->opportunity_made ? record_load(c, entity_named(c, "opportunity"), d->opportunity_id)
                               : NULL;
}

/* Whether something else than the conversion's deal, contact and lead stands on the account. */
static bool account_used(struct ctx *c, const struct record *lead, const struct done *d) {
    return DB_INT(c,
                  "SELECT 1 FROM opportunity WHERE account_id = $1 AND deleted_at IS NULL "
                  "AND id <> $2 "
                  "UNION ALL SELECT 1 FROM contact WHERE account_id = $1 AND deleted_at IS NULL "
                  "AND id <> $3 "
                  "UNION ALL SELECT 1 FROM lead WHERE account_id = $1 AND deleted_at IS NULL "
                  "AND id <> $4 "
                  "UNION ALL SELECT 1 FROM account WHERE parent_id = $1 AND deleted_at IS NULL "
                  "LIMIT 1",
                  d->account_id, d->opportunity_made ? d->opportunity_id : 0,
                  d->contact_made ? d->contact_id : 0, lead->id) != 0;
}

/* What goes: ids, 0 for what stays. */
struct removal {
    int64_t account, contact, deal;
};

/* What somebody else looks after by now is not his to take away. */
static bool still_his(struct ctx *c, const char *entity, int64_t id) {
    struct record *made = record_load(c, entity_named(c, entity), id);
    return made && access_record(c, ACTION_UPDATE, made);
}

static struct removal removal_of(struct ctx *c, const struct record *lead, const struct done *d) {
    bool account = d->account_made && !account_used(c, lead, d) &&
                   still_his(c, "account", d->account_id);
    bool contact = d->contact_made && still_his(c, "contact", d->contact_id);
    return (struct removal){.account = account ? d->account_id : 0,
                            .contact = contact ? d->contact_id : 0,
                            .deal = d->opportunity_made ? d->opportunity_id : 0};
}

/* Record types whose records hang on another by (subject_type, subject_id). */
static bool hangs(const struct entity *e) {
    return e->definition && entity_field(e, STR("subject_type")) &&
           entity_field(e, STR("subject_id")) && !str_starts(e->name, STR("approval"));
}

static size_t entries_on(struct ctx *c, const struct entity *e, const char *type, int64_t id,
                         int64_t *ids) {
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    size_t n = 0;
    SQL_ADD(&q, "SELECT id FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " WHERE deleted_at IS NULL AND subject_type = ");
    SQL_VALUE(&q, type);
    SQL_ADD(&q, " AND subject_id = ");
    SQL_VALUE(&q, id);
    SQL_ADD(&q, " ORDER BY id LIMIT ");
    sql_number(&q, ENTRIES_AT_ONCE);
    sql_query(c, &rows, &q);
    while (db_next(&rows) && n < ENTRIES_AT_ONCE) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    return n;
}

static void entries_move(struct ctx *c, const char *type, int64_t id, const struct record *lead) {
    int64_t ids[ENTRIES_AT_ONCE];
    for (int i = 0; id && i < c->model->n_entities && !ctx_failed(c); i++) {
        const struct entity *e = &c->model->entities[i];
        size_t n = hangs(e) ? entries_on(c, e, type, id, ids) : 0;
        for (size_t k = 0; k < n && !ctx_failed(c); k++) {
            struct change_set set = change_new(c, e);
            change_text(&set, "subject_type", STR("lead"));
            change_id(&set, "subject_id", lead->id);
            record_change(c, ids[k], &set);
        }
        i -= n == ENTRIES_AT_ONCE; /* there are more */
    }
}

static void remove_made(struct ctx *c, const char *entity, int64_t id) {
    if (id && record_load(c, entity_named(c, entity), id)) {
        record_remove(c, entity_named(c, entity), id);
    }
}

/* A deal that stays forgets what the conversion told it, unless somebody has said otherwise. */
static void deal_empty(struct ctx *c, const struct done *d, const struct record *lead) {
    struct record *deal = d->filled.n && !d->opportunity_made
                              ? record_load(c, entity_named(c, "opportunity"), d->opportunity_id)
                              : NULL;
    const struct {
        const char *field;
        int64_t id;
    } told[] = {{"lead_id", lead->id},
                {"account_id", d->account_id},
                {"person_id", record_id(lead, "person_id")}};
    if (!deal) {
        return;
    }
    struct change_set set = change_new(c, deal->entity);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        if (str_lists(d->filled, ' ', str_from(told[i].field)) &&
            record_id(deal, told[i].field) == told[i].id) {
            change_null(&set, told[i].field);
        }
    }
    record_change(c, deal->id, &set);
}

static void lead_reopen(struct ctx *c, const struct record *lead, struct str status) {
    struct change_set set = change_new(c, lead->entity);
    static const char *const emptied[] = {"converted_at",   "account_id",    "contact_id",
                                          "opportunity_id", "furthest_step", "deal_state"};
    change_text(&set, "status", status);
    for (size_t i = 0; i < sizeof emptied / sizeof *emptied; i++) {
        change_null(&set, emptied[i]);
    }
    record_change(c, lead->id, &set);
}

/* Why it cannot be taken back, or NULL. */
static const char *held_by(struct ctx *c, const struct record *deal) {
    if (!deal) {
        return NULL;
    }
    return !str_is(record_text(deal, "state"), "open") ? "lead.deal_closed"
           : !access_record(c, ACTION_UPDATE, deal)    ? "lead.deal_of_another"
                                                       : NULL;
}

static void unconvert_post(struct request *r) {
    struct ctx *c = r->c;
    struct record *lead = conversion_lead(c, request_id(r, "id"));
    struct done d;
    if (!lead || !record_holds(c, lead) || !done_read(c, lead, ERROR_CONFLICT, &d)) {
        return;
    }
    const char *why = held_by(c, made_deal(c, &d));
    if (why) {
        FAIL(c, ERROR_CONFLICT, why);
        return;
    }
    struct removal goes = removal_of(c, lead, &d);
    lead_reopen(c, lead, d.status_before);
    entries_move(c, "opportunity", goes.deal, lead);
    entries_move(c, "account", goes.account, lead);
    deal_empty(c, &d, lead);
    remove_made(c, "opportunity", goes.deal);
    remove_made(c, "contact", goes.contact);
    remove_made(c, "account", goes.account);
    DB_RUN(c, "DELETE FROM conversion WHERE lead_id = $1", lead->id);
    event_emit(c, &(struct event){.type = STR("lead.unconverted"),
                                  .subject_type = STR("lead"),
                                  .subject_id = lead->id});
}

/* What became of the lead, and what taking that back would do. */

struct part {
    const char *key, *entity;
    int64_t id;
    bool made, goes;
};

static void part_json(struct ctx *c, struct json_writer *w, const struct part *p) {
    struct str title = {0};
    json_key(w, p->key);
    if (p->id) {
        list_titles(c, entity_named(c, p->entity), &p->id, 1, &title);
    }
    if (!title.n) {
        json_put_null(w);
        return;
    }
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, p->id);
    JSON_MEMBER(w, "title", json_put_str, title);
    JSON_MEMBER(w, "made", json_put_bool, p->made);
    JSON_MEMBER(w, "goes", json_put_bool, p->goes);
    json_end_object(w);
}

static void conversion_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *lead = record_read(c, entity_named(c, "lead"), request_id(r, "id"));
    struct done d;
    if (!lead || !done_read(c, lead, ERROR_ABSENT, &d)) {
        return;
    }
    struct removal goes = removal_of(c, lead, &d);
    const struct part parts[] = {
        {"account", "account", d.account_id, d.account_made, goes.account != 0},
        {"contact", "contact", d.contact_id, d.contact_made, goes.contact != 0},
        {"opportunity", "opportunity", d.opportunity_id, d.opportunity_made, goes.deal != 0},
        {"by", "user", d.actor_id, false, false}};
    const char *why = held_by(c, made_deal(c, &d));
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "at", json_put_instant, d.at);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        part_json(c, &w, &parts[i]);
    }
    JSON_MEMBER(&w, "undo", json_put_bool, !why && access_record(c, ACTION_UPDATE, lead));
    json_key(&w, "why_not");
    if (why) {
        json_put_str(&w, message_words(c->language, why));
    } else {
        json_put_null(&w);
    }
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/leads/{id}/conversion", PERMISSION_RECORD, LANE_INLINE, conversion_get,
     .summary = "route.conversion",
     .answer = "at:instant! account:object?! contact:object?! opportunity:object?! by:object?! "
               "undo:boolean! why_not:text?!"},
    {METHOD_POST, "/api/v1/leads/{id}/unconvert", PERMISSION_RECORD, LANE_WRITER, unconvert_post,
     .summary = "route.unconvert"},
    {0}};

static const struct text texts[] = {
    {"lead.not_converted", "这条线索没有转化过", "This lead was not converted"},
    {"lead.deal_closed", "商机已经结束，不能撤销转化",
     "The deal is closed; the conversion cannot be undone"},
    {"lead.deal_of_another", "商机已归别人负责，不能撤销转化",
     "The deal is another's by now; the conversion cannot be undone"},
    {"route.conversion", "线索转化成了什么", "What a lead was converted to"},
    {"route.unconvert", "撤销转化", "Undo a conversion"},
    {0}};

const struct module conversion_undo_module = {
    .name = "sales.conversion_undo", .cloud = "sales", .routes = routes, .texts = texts};
