#include "sales/home_list.h"

#include "organization/company.h"

struct str home_mine(void) {
    return STR("{\"field\":\"owner_id\",\"op\":\"is_me\"}");
}

struct str home_of(struct ctx *c, int64_t user_id) {
    return str_format(c->arena, "{\"field\":\"owner_id\",\"op\":\"eq\",\"value\":\"%lld\"}",
                      (long long)user_id);
}

struct str home_where(struct ctx *c, const struct home_list *l, struct str owner,
                      struct str given) {
    struct text_buffer b = {.arena = c->arena};
    struct str rest = str_from(l->where);
    ptrdiff_t at;
    text_add_c(&b, "{\"all\":[");
    text_add(&b, owner);
    text_add_c(&b, owner.n && rest.n ? "," : "");
    while ((at = str_find(rest, STR("%s"))) >= 0) {
        text_add(&b, str_slice(rest, 0, (size_t)at));
        text_add(&b, given);
        rest = str_slice(rest, (size_t)at + 2, rest.n);
    }
    text_add(&b, rest);
    text_add_c(&b, "]}");
    return text_str(&b);
}

bool home_manages(const struct ctx *c) {
    const struct entity *lead = entity_named(c, "lead"), *deal = entity_named(c, "opportunity");
    return access_cloud_on(c->actor, deal->cloud) &&
           (access_scope(c->actor, lead, ACTION_ASSIGN) >= SCOPE_TEAM ||
            access_scope(c->actor, deal, ACTION_ASSIGN) >= SCOPE_TEAM);
}

int64_t home_at(const struct home_list *l, const struct record *r) {
    static const char *const moves[] = {"last_follow_up_at", "assigned_at"};
    int64_t at = record_int(r, l->at);
    for (int i = 0; i < 2 && str_is(str_from(l->at), "created_at"); i++) {
        int64_t moved = record_int(r, moves[i]);
        at = moved > at ? moved : at;
    }
    return at;
}

bool home_may(struct ctx *c, const struct home_list *l) {
    const struct entity *e = entity_named(c, l->entity);
    if (access_scope(c->actor, e, ACTION_READ) == SCOPE_NONE) {
        return false;
    }
    for (const char *const *name = l->asks; *name; name++) {
        if (access_field(c->actor, e, entity_field(e, str_from(*name))) < RIGHT_READ) {
            return false;
        }
    }
    return true;
}

struct list_request home_request(struct ctx *c, const struct home_list *l, struct str where,
                                 int limit) {
    const struct entity *e = entity_named(c, l->entity);
    struct list_request q = {.entity = e, .limit = limit, .action = ACTION_READ};
    q.where = condition_parse_text(c, e, where);
    if (l->sort) {
        list_parse_sort(c, &q, str_from(l->sort));
    }
    return q;
}

struct home_sum home_deals(struct ctx *c, struct str where) {
    const struct entity *deal = entity_named(c, "opportunity");
    const struct condition *condition = condition_parse_text(c, deal, where);
    struct home_sum sum = {0};
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    if (ctx_failed(c)) {
        return sum;
    }
    SQL_ADD(&q, "SELECT d.amount_currency, CAST(count(*) AS BIGINT), "
                "CAST(COALESCE(sum(d.amount), 0) AS BIGINT) FROM opportunity d "
                "WHERE d.deleted_at IS NULL AND ");
    condition_sql(c, &q, condition, "d");
    SQL_ADD(&q, " AND ");
    access_where(c, &q, deal, ACTION_READ, "d");
    SQL_ADD(&q, " GROUP BY d.amount_currency");
    struct str currency = company_currency(c);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        bool own = str_equal(db_view(&rows, 0), currency);
        sum.count += db_int(&rows, 1);
        sum.minor += own ? db_int(&rows, 2) : 0;
        sum.other += own ? 0 : db_int(&rows, 1);
    }
    return sum;
}

void home_money_json(struct ctx *c, struct json_writer *w, int64_t minor) {
    value_to_json(w, entity_field(entity_named(c, "opportunity"), STR("amount")),
                  (struct value){VALUE_MONEY, minor, company_currency(c)});
}

void home_opens_json(struct ctx *c, struct json_writer *w, const char *entity, struct str where) {
    JSON_MEMBER(w, "entity", json_put_str, entity_named(c, entity)->plural);
    json_key(w, "where");
    json_put_raw(w, where);
}
