/* Scopes as SQL: conditions for any statement, ranges for scans of an index. */
#include "entity/opening.h"
#include "entity/share.h"

static const struct access_range everything = {.all = true}, nothing = {.none = true};

/* Who owns what the scope admits: by department, or by owner when the actor is in none. */
static struct access_range range_of(const struct actor *a, enum scope scope) {
    if (scope == SCOPE_TREE && a->departments.n) {
        return (struct access_range){.column = STR("owner_department_id"), .ids = a->departments};
    }
    if (scope == SCOPE_TEAM && a->members.n) {
        return (struct access_range){.column = STR("owner_id"), .ids = a->members};
    }
    return (struct access_range){.column = STR("owner_id"), .ids = {&a->user_id, 1}};
}

struct access_range access_range(struct ctx *c, const struct entity *e, enum action action) {
    enum scope scope = access_scope(c->actor, e, action);
    if (scope == SCOPE_ALL) {
        return everything;
    }
    if (scope == SCOPE_NONE) {
        return nothing;
    }
    struct access_range range = range_of(c->actor, scope);
    range.shares = share_any(c, action, e);
    range.opens = opening_any(c->actor, action, e);
    return range;
}

bool access_beyond(const struct access_range *range) {
    return range->shares || range->opens;
}

static void column_add(struct sql *q, const char *alias, struct str column) {
    if (alias[0]) {
        sql_literal(q, alias);
        SQL_ADD(q, ".");
    }
    sql_identifier(q, column);
}

void access_where(struct ctx *c, struct sql *q, const struct entity *e, enum action action,
                  const char *alias) {
    struct access_range range = access_range(c, e, action);
    if (range.all || range.none) {
        sql_literal(q, range.all ? "1 = 1" : "1 = 0");
        return;
    }
    SQL_ADD(q, "(");
    column_add(q, alias, range.column);
    for (size_t i = 0; i < range.ids.n; i++) {
        sql_literal(q, i ? ", " : " IN (");
        SQL_VALUE(q, range.ids.ids[i]);
    }
    SQL_ADD(q, ")");
    if (range.shares) {
        SQL_ADD(q, " OR ");
        column_add(q, alias, STR("id"));
        SQL_ADD(q, " IN (");
        share_ids(c, q, action, e);
        SQL_ADD(q, ")");
    }
    if (range.opens) {
        SQL_ADD(q, " OR ");
        opening_put(c, q, e, alias);
    }
    SQL_ADD(q, ")");
}
