/* The parts of list statements that follow from a plan. The entity's table is t. */
#include "entity/opening.h"
#include "entity/query_plan.h"
#include "entity/row.h"
#include "entity/share.h"

static void put_values(struct sql *q, const struct db_value *values, size_t n) {
    if (n == 1) {
        SQL_ADD(q, " = ");
        sql_value(q, values[0]);
        return;
    }
    SQL_ADD(q, " IN (");
    for (size_t i = 0; i < n; i++) {
        sql_literal(q, i > 0 ? ", " : "");
        sql_value(q, values[i]);
    }
    SQL_ADD(q, ")");
}

static struct db_value bound_value(struct value v) {
    return v.kind == VALUE_TEXT ? db_from_str(v.text) : db_from_int(v.integer);
}

static void put_bounds(struct sql *q, const char *mark, const struct field *f,
                       const struct condition_bounds *bounds) {
    for (int high = 0; high < 2; high++) {
        if (high ? !bounds->has_high : !bounds->has_low) {
            continue;
        }
        sql_literal(q, high && bounds->has_low ? " AND " : "");
        sql_literal(q, mark);
        SQL_ADD(q, "t.");
        sql_identifier(q, f->name);
        sql_literal(q, high               ? bounds->high_open ? " < " : " <= "
                       : bounds->low_open ? " > "
                                          : " >= ");
        sql_value(q, bound_value(high ? bounds->high : bounds->low));
    }
}

void list_put_candidate(struct sql *q, const struct list_candidate *candidate) {
    if (candidate->n == 0) {
        SQL_ADD(q, "1 = 0");
        return;
    }
    if (candidate->bounded) {
        put_bounds(q, "", candidate->field, &candidate->bounds);
        return;
    }
    SQL_ADD(q, "t.");
    sql_identifier(q, candidate->field->name);
    put_values(q, candidate->values, candidate->n);
}

static bool drives_scope(const struct list_plan *p) {
    return p->driver && !p->driver->leaf;
}

/* The column marked so that SQLite does not search by it. */
static void put_shy(struct ctx *c, struct sql *q, struct str column) {
    sql_literal(q, db_engine(c->db) == DB_SQLITE ? "+t." : "t.");
    sql_identifier(q, column);
}

static void put_shares(struct ctx *c, struct sql *q, const struct list_plan *p, const char *in) {
    sql_literal(q, in);
    share_ids(c, q, p->request->action, p->request->entity);
    SQL_ADD(q, ")");
}

static void put_opened(struct ctx *c, struct sql *q, const struct list_plan *p) {
    if (p->many) {
        opening_put(c, q, p->request->entity, "t");
    } else {
        opening_put_set(c, q, p->request->entity);
    }
}

void list_put_scope(struct ctx *c, struct sql *q, const struct list_plan *p) {
    const struct access_range *range = &p->range;
    if (range->all) {
        return;
    }
    SQL_ADD(q, " AND (");
    put_shy(c, q, range->column);
    for (size_t i = 0; i < range->ids.n; i++) {
        sql_literal(q, i > 0 ? ", " : " IN (");
        SQL_VALUE(q, range->ids.ids[i]);
    }
    SQL_ADD(q, ")");
    if (range->shares) {
        put_shares(c, q, p, " OR t.id IN (");
    }
    if (range->opens) {
        SQL_ADD(q, " OR ");
        opening_put(c, q, p->request->entity, "t");
    }
    SQL_ADD(q, ")");
}

static void put_beyond_ranges(struct ctx *c, struct sql *q, const struct list_plan *p) {
    if (p->range.shares) {
        put_shares(c, q, p, " OR t.id IN (");
    }
    if (p->range.opens) {
        SQL_ADD(q, " OR ");
        put_opened(c, q, p);
    }
}

static void put_ids_from(struct sql *q, const struct list_plan *p) {
    SQL_ADD(q, "SELECT t.id FROM ");
    sql_identifier(q, p->request->entity->table);
    SQL_ADD(q, " t WHERE ");
}

/* Each part is found by its own index: neither engine does that for parts joined by OR, of which
 * one is an index of what is not in the trash. */
static void put_parts(struct ctx *c, struct sql *q, const struct list_plan *p) {
    SQL_ADD(q, "t.id IN (");
    put_ids_from(q, p);
    list_put_candidate(q, p->driver);
    sql_literal(q, p->request->trashed ? " AND t.deleted_at IS NOT NULL"
                                       : " AND t.deleted_at IS NULL");
    if (p->range.shares) {
        SQL_ADD(q, " UNION ALL ");
        put_ids_from(q, p);
        put_shares(c, q, p, "t.id IN (");
    }
    if (p->range.opens) {
        SQL_ADD(q, " UNION ALL ");
        put_ids_from(q, p);
        put_opened(c, q, p);
    }
    SQL_ADD(q, ")");
}

void list_put_driver(struct ctx *c, struct sql *q, const struct list_plan *p) {
    if (!p->driver) {
        SQL_ADD(q, "1 = 1");
    } else if (drives_scope(p) && access_beyond(&p->range) && !p->many) {
        put_parts(c, q, p);
    } else if (drives_scope(p) && access_beyond(&p->range)) {
        SQL_ADD(q, "(");
        list_put_candidate(q, p->driver);
        put_beyond_ranges(c, q, p);
        SQL_ADD(q, ")");
    } else {
        list_put_candidate(q, p->driver);
    }
}

void list_put_unscoped(struct sql *q, const struct list_plan *p) {
    SQL_ADD(q, "(t.");
    sql_identifier(q, p->range.column);
    SQL_ADD(q, " IS NULL OR t.");
    sql_identifier(q, p->range.column);
    SQL_ADD(q, " NOT IN (");
    for (size_t i = 0; i < p->range.ids.n; i++) {
        sql_literal(q, i > 0 ? ", " : "");
        SQL_VALUE(q, p->range.ids.ids[i]);
    }
    SQL_ADD(q, "))");
}

void list_put_filter(struct ctx *c, struct sql *q, const struct list_plan *p) {
    const struct list_request *r = p->request;
    sql_literal(q, r->trashed ? " AND t.deleted_at IS NOT NULL" : " AND t.deleted_at IS NULL");
    if (!drives_scope(p)) {
        list_put_scope(c, q, p);
    }
    if (r->where && r->where->root) {
        SQL_ADD(q, " AND ");
        condition_sql_shy(c, q, r->where, "t");
    }
}

static void put_key(struct sql *q, const struct list_plan *p, const struct list_key *key) {
    sql_literal(q, p->shy ? "+t." : "t.");
    sql_identifier(q, key->field->name);
}

/* The least value of the key's type: what is at least that is not NULL, and an index knows. */
static struct db_value least(const struct list_key *key) {
    return field_is_text(key->field) || key->field->type == FIELD_DATE ? db_from_c("")
                                                                       : db_from_int(INT64_MIN);
}

static void put_beyond(struct sql *q, const struct list_plan *p, const struct list_position *at,
                       int i);

/* Key i lies after the position's, or is equal and the next keys do. NULLs come last. */
static void put_beyond_key(struct sql *q, const struct list_plan *p, const struct list_position *at,
                           int i) {
    const struct list_key *key = &p->keys[i];
    bool null = at->values[i].kind == VALUE_NULL;
    if (!null) {
        SQL_ADD(q, "(");
        put_key(q, p, key);
        sql_literal(q, key->descending ? " < " : " > ");
        sql_value(q, bound_value(at->values[i]));
        if (key->nullable && i > 0) {
            SQL_ADD(q, " OR ");
            put_key(q, p, key);
            SQL_ADD(q, " IS NULL");
        }
        if (i + 1 == p->n_keys) {
            SQL_ADD(q, ")");
            return;
        }
        SQL_ADD(q, " OR (");
    }
    put_key(q, p, key);
    if (null) {
        SQL_ADD(q, " IS NULL");
    } else {
        SQL_ADD(q, " = ");
        sql_value(q, bound_value(at->values[i]));
    }
    SQL_ADD(q, " AND ");
    put_beyond(q, p, at, i + 1);
    sql_literal(q, null ? "" : "))");
}

/* Keys of one direction that cannot be NULL compare as one row, which an index answers. */
static bool plain_from(const struct list_plan *p, int i) {
    for (int k = i; k < p->n_keys; k++) {
        if ((p->keys[k].nullable && k > 0) || p->keys[k].descending != p->keys[i].descending) {
            return false;
        }
    }
    return true;
}

static void put_beyond(struct sql *q, const struct list_plan *p, const struct list_position *at,
                       int i) {
    if (!plain_from(p, i)) {
        put_beyond_key(q, p, at, i);
        return;
    }
    for (int k = i; k < p->n_keys; k++) {
        sql_literal(q, k > i ? ", " : "(");
        put_key(q, p, &p->keys[k]);
    }
    sql_literal(q, p->keys[i].descending ? ") < (" : ") > (");
    for (int k = i; k < p->n_keys; k++) {
        sql_literal(q, k > i ? ", " : "");
        sql_value(q, bound_value(at->values[k]));
    }
    SQL_ADD(q, ")");
}

void list_put_phase(struct sql *q, const struct list_plan *p, enum list_phase phase,
                    const struct list_position *at) {
    const struct list_key *first = &p->keys[0];
    if (phase == LIST_PHASE_EMPTY) {
        SQL_ADD(q, " AND ");
        put_key(q, p, first);
        SQL_ADD(q, " IS NULL");
        if (at->given && at->values[0].kind == VALUE_NULL) {
            SQL_ADD(q, " AND ");
            put_beyond(q, p, at, 1);
        }
        return;
    }
    if (p->bounded) {
        SQL_ADD(q, " AND ");
        put_bounds(q, p->shy ? "+" : "", first->field, &p->bounds);
    } else if (first->nullable) {
        SQL_ADD(q, " AND ");
        put_key(q, p, first);
        SQL_ADD(q, " >= ");
        sql_value(q, least(first));
    }
    if (!at->given) {
        return;
    }
    if (!plain_from(p, 0)) {
        SQL_ADD(q, " AND ");
        put_key(q, p, first);
        sql_literal(q, first->descending ? " <= " : " >= ");
        sql_value(q, bound_value(at->values[0]));
    }
    SQL_ADD(q, " AND ");
    put_beyond(q, p, at, 0);
}

static void put_sort_column(struct sql *q, const struct list_plan *p, int i, const char *alias) {
    sql_literal(q, p->shy ? "+" : "");
    sql_literal(q, alias);
    SQL_ADD(q, ".");
    sql_identifier(q, p->keys[i].field->name);
}

void list_put_order(struct sql *q, const struct list_plan *p, const char *alias) {
    for (int i = 0; i < p->n_keys; i++) {
        sql_literal(q, i > 0 ? ", " : " ORDER BY ");
        if (p->keys[i].nullable && i > 0) {
            SQL_ADD(q, "CASE WHEN ");
            put_sort_column(q, p, i, alias);
            SQL_ADD(q, " IS NULL THEN 1 ELSE 0 END, ");
        }
        put_sort_column(q, p, i, alias);
        sql_literal(q, p->keys[i].descending ? " DESC" : "");
    }
}

static void put_from(struct sql *q, const struct list_plan *p) {
    SQL_ADD(q, " FROM ");
    sql_identifier(q, p->request->entity->table);
    SQL_ADD(q, " t WHERE ");
}

static void put_rows(struct ctx *c, struct sql *q, const struct list_plan *p,
                     const struct list_page_part *part) {
    list_put_filter(c, q, p);
    list_put_phase(q, p, part->phase, &part->at);
}

static void put_limit(struct sql *q, const struct list_page_part *part) {
    SQL_ADD(q, " LIMIT ");
    sql_number(q, part->limit);
}

/* What lies beyond the ranges: first what is shared, then what is opened and not shared too. */
static void put_branch_beyond(struct ctx *c, struct sql *q, const struct list_plan *p, bool first) {
    if (first && p->range.shares) {
        put_shares(c, q, p, "t.id IN (");
    } else {
        put_opened(c, q, p);
        if (p->range.shares) {
            put_shares(c, q, p, " AND t.id NOT IN (");
        }
    }
    SQL_ADD(q, " AND ");
    list_put_unscoped(q, p);
}

/* One index range, or what a plan without ranges reads: id and sort fields only, so that the
 * index alone may answer. */
static void put_branch(struct ctx *c, struct sql *q, const struct list_plan *p,
                       const struct list_page_part *part, size_t which) {
    sql_literal(q, which > 0 ? " UNION ALL SELECT " : "SELECT ");
    for (int i = 0; i < p->n_keys; i++) {
        sql_literal(q, i > 0 ? ", " : "");
        put_key(q, p, &p->keys[i]);
        sql_literal(q, p->shy ? " AS " : "");
        if (p->shy) {
            sql_identifier(q, p->keys[i].field->name);
        }
    }
    put_from(q, p);
    if (p->path != LIST_BY_RANGE) {
        list_put_driver(c, q, p);
    } else if (which < p->driver->n) {
        struct list_candidate one = *p->driver;
        one.values = &p->driver->values[which];
        one.n = 1;
        list_put_candidate(q, &one);
    } else {
        put_branch_beyond(c, q, p, which == p->driver->n);
    }
    put_rows(c, q, p, part);
}

static void put_columns(struct sql *q, const struct list_plan *p, bool ids_only) {
    SQL_ADD(q, "SELECT ");
    if (ids_only) {
        SQL_ADD(q, "t.id");
    } else {
        record_columns_of(q, p->request->entity, "t", p->fields);
    }
}

/* The merged branches are ordered by their columns, which are the keys. */
static void put_inner_order(struct sql *q, const struct list_plan *p, size_t branches) {
    if (branches == 1) {
        list_put_order(q, p, "t");
        return;
    }
    for (int i = 0; i < p->n_keys; i++) {
        sql_literal(q, i > 0 ? ", " : " ORDER BY ");
        sql_number(q, i + 1);
        sql_literal(q, p->keys[i].descending ? " DESC" : "");
    }
}

/*
 * The branches are merged, cut, and only then the records fetched: a sort that carries whole
 * rows costs three times as much. No branch has an order or limit of its own: both engines
 * then pull rows from each range only as the merge wants them (with limits, ten departments
 * cost ten pages: 5.4 against 0.3 ms). SQLite fetches the records in the order of the page, the
 * outer loop of a CROSS JOIN; told to order them it would sort whole rows.
 */
static void put_late(struct ctx *c, struct sql *q, const struct list_plan *p,
                     const struct list_page_part *part, size_t branches) {
    bool ordered = db_engine(c->db) == DB_SQLITE;
    put_columns(q, p, part->ids_only);
    SQL_ADD(q, " FROM (");
    for (size_t i = 0; i < branches; i++) {
        put_branch(c, q, p, part, i);
    }
    put_inner_order(q, p, branches);
    put_limit(q, part);
    sql_literal(q, ordered ? ") page CROSS JOIN " : ") page JOIN ");
    sql_identifier(q, p->request->entity->table);
    SQL_ADD(q, " t ON t.id = page.id");
    if (!ordered) {
        list_put_order(q, p, "page");
    }
}

void list_put_page(struct ctx *c, struct sql *q, const struct list_plan *p,
                   const struct list_page_part *part) {
    size_t beyond = drives_scope(p) ? (size_t)p->range.shares + p->range.opens : 0;
    size_t branches = p->path == LIST_BY_RANGE ? p->driver->n + beyond : 1;
    if (branches > 1 || (p->late && !part->ids_only)) {
        put_late(c, q, p, part, branches);
        return;
    }
    put_columns(q, p, part->ids_only);
    put_from(q, p);
    list_put_driver(c, q, p);
    put_rows(c, q, p, part);
    list_put_order(q, p, "t");
    put_limit(q, part);
}
