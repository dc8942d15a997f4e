/*
 * A condition as SQL.
 *
 * Within WHERE a leaf over an empty column is NULL, which counts as false; only below a NOT
 * does it matter, so there each leaf is guarded by IS NOT NULL. Elsewhere the bare
 * comparison stands, which is what the planners know best.
 */
#include "entity/access.h"
#include "entity/condition_tree.h"

/* Values one statement may carry, well below what both engines bind. */
enum { CONDITION_BOUND = 20000 };

struct sql_writer {
    struct ctx *c;
    struct sql *q;
    const struct condition_rows *rows;
    const char *alias; /* theirs: of the entity's table */
    bool negated;      /* below a NOT */
    bool shy;          /* no column of the entity's table may choose an index */
};

static void put_column(struct sql_writer *w, const char *alias, struct str column) {
    sql_literal(w->q, w->shy && alias == w->alias ? "+" : "");
    sql_identifier(w->q, str_from(alias));
    SQL_ADD(w->q, ".");
    sql_identifier(w->q, column);
}

static struct db_value bound_value(struct value v) {
    return v.kind == VALUE_TEXT ? db_from_str(v.text) : db_from_int(v.integer);
}

static void put_comparison(struct sql_writer *w, const char *alias, const struct field *f,
                           const char *operator, struct value v) {
    put_column(w, alias, f->name);
    sql_literal(w->q, operator);
    sql_value(w->q, bound_value(v));
}

/* alias.name IS NOT NULL, and not the empty text. */
static void put_filled(struct sql_writer *w, const char *alias, const struct field *f) {
    SQL_ADD(w->q, "(");
    put_column(w, alias, f->name);
    SQL_ADD(w->q, " IS NOT NULL");
    if (field_is_text(f)) {
        SQL_ADD(w->q, " AND ");
        put_column(w, alias, f->name);
        SQL_ADD(w->q, " <> ''");
    }
    SQL_ADD(w->q, ")");
}

static void put_currency(struct sql_writer *w, const char *alias, const struct field *f,
                         const char *operator, struct str currency) {
    put_column(w, alias, f->currency_column);
    sql_literal(w->q, operator);
    SQL_VALUE(w->q, currency);
}

static void put_equal(struct sql_writer *w, const char *alias, const struct field *f,
                      struct value v) {
    if (f->type != FIELD_MONEY) {
        put_comparison(w, alias, f, " = ", v);
        return;
    }
    SQL_ADD(w->q, "(");
    put_comparison(w, alias, f, " = ", v);
    SQL_ADD(w->q, " AND ");
    put_currency(w, alias, f, " = ", v.text);
    SQL_ADD(w->q, ")");
}

static void put_unequal(struct sql_writer *w, const char *alias, const struct field *f,
                        struct value v) {
    if (f->type != FIELD_MONEY) {
        put_comparison(w, alias, f, " <> ", v);
        return;
    }
    SQL_ADD(w->q, "(");
    put_comparison(w, alias, f, " <> ", v);
    SQL_ADD(w->q, " OR ");
    put_currency(w, alias, f, " <> ", v.text);
    SQL_ADD(w->q, ")");
}

/* Money has no list form of two columns: one comparison after another. */
static void put_money_list(struct sql_writer *w, const char *alias,
                           const struct condition_leaf *leaf, bool wanted) {
    SQL_ADD(w->q, "(");
    for (size_t i = 0; i < leaf->n; i++) {
        if (i > 0) {
            sql_literal(w->q, wanted ? " OR " : " AND ");
        }
        if (wanted) {
            put_equal(w, alias, leaf->field, leaf->values[i]);
        } else {
            put_unequal(w, alias, leaf->field, leaf->values[i]);
        }
    }
    SQL_ADD(w->q, ")");
}

static void put_list(struct sql_writer *w, const char *alias, const struct condition_leaf *leaf) {
    bool wanted = leaf->operator== OPERATOR_IN;
    if (leaf->n == 0) {
        sql_literal(w->q, wanted ? "1 = 0" : "1 = 1");
        return;
    }
    if (leaf->field->type == FIELD_MONEY) {
        put_money_list(w, alias, leaf, wanted);
        return;
    }
    put_column(w, alias, leaf->field->name);
    sql_literal(w->q, wanted ? " IN (" : " NOT IN (");
    for (size_t i = 0; i < leaf->n; i++) {
        sql_literal(w->q, i > 0 ? ", " : "");
        sql_value(w->q, bound_value(leaf->values[i]));
    }
    SQL_ADD(w->q, ")");
}

/* lower() of ASCII letters only: what SQLite's does, and PostgreSQL's in the C collation. */
static void put_fragment(struct sql_writer *w, const char *alias,
                         const struct condition_leaf *leaf) {
    bool postgres = w->c->db && db_engine(w->c->db) == DB_POSTGRES;
    sql_literal(w->q, postgres ? "strpos(lower(" : "instr(lower(");
    put_column(w, alias, leaf->field->name);
    sql_literal(w->q, postgres ? " COLLATE \"C\"), " : "), ");
    SQL_VALUE(w->q, leaf->folded);
    sql_literal(w->q, leaf->operator== OPERATOR_STARTS_WITH ? ") = 1" : ") > 0");
}

static void put_bounds(struct sql_writer *w, const char *alias, const struct condition_leaf *leaf) {
    struct condition_bounds b = condition_bounds(w->c, leaf);
    SQL_ADD(w->q, "(");
    if (b.has_low) {
        put_comparison(w, alias, leaf->field, b.low_open ? " > " : " >= ", b.low);
    }
    if (b.has_high) {
        sql_literal(w->q, b.has_low ? " AND " : "");
        put_comparison(w, alias, leaf->field, b.high_open ? " < " : " <= ", b.high);
    }
    if (leaf->field->type == FIELD_MONEY) {
        SQL_ADD(w->q, " AND ");
        put_currency(w, alias, leaf->field, " = ", b.has_low ? b.low.text : b.high.text);
    }
    SQL_ADD(w->q, ")");
}

static void put_ids(struct sql_writer *w, const char *alias, const struct field *f,
                    struct id_set set) {
    if (set.n == 0) {
        SQL_ADD(w->q, "1 = 0");
        return;
    }
    put_column(w, alias, f->name);
    SQL_ADD(w->q, " IN (");
    for (size_t i = 0; i < set.n; i++) {
        sql_literal(w->q, i > 0 ? ", " : "");
        SQL_VALUE(w->q, set.ids[i]);
    }
    SQL_ADD(w->q, ")");
}

static void put_actor(struct sql_writer *w, const char *alias, const struct condition_leaf *leaf) {
    struct id_set set = condition_actor_set(w->c, leaf);
    put_ids(w, alias, leaf->field, set);
}

/* The comparison over the table that holds the field, NULL or false when it is empty. */
static void put_test(struct sql_writer *w, const char *alias, const struct condition_leaf *leaf) {
    switch (leaf->operator) {
    case OPERATOR_EQ:
        put_equal(w, alias, leaf->field, leaf->values[0]);
        break;
    case OPERATOR_NE:
        put_unequal(w, alias, leaf->field, leaf->values[0]);
        break;
    case OPERATOR_IN:
    case OPERATOR_NOT_IN:
        put_list(w, alias, leaf);
        break;
    case OPERATOR_IS_EMPTY:
    case OPERATOR_NOT_EMPTY:
        put_filled(w, alias, leaf->field);
        break;
    case OPERATOR_CONTAINS:
    case OPERATOR_STARTS_WITH:
        put_fragment(w, alias, leaf);
        break;
    case OPERATOR_IS_ME:
    case OPERATOR_IN_MY_TEAM:
    case OPERATOR_IN_MY_TREE:
        put_actor(w, alias, leaf);
        break;
    default:
        put_bounds(w, alias, leaf);
    }
}

/* ne and not_in hold for whatever is filled: the empty text must be kept out by hand. */
static bool needs_guard(const struct sql_writer *w, const struct condition_leaf *leaf,
                        bool related) {
    if (leaf->operator== OPERATOR_IS_EMPTY || leaf->operator== OPERATOR_NOT_EMPTY) {
        return false;
    }
    bool negative = leaf->operator== OPERATOR_NE || leaf->operator== OPERATOR_NOT_IN;
    return negative || (w->negated && !related);
}

static void put_guarded(struct sql_writer *w, const char *alias, const struct condition_leaf *leaf,
                        bool related) {
    if (!needs_guard(w, leaf, related)) {
        put_test(w, alias, leaf);
        return;
    }
    SQL_ADD(w->q, "(");
    put_filled(w, alias, leaf->field);
    if (leaf->field->type == FIELD_MONEY) {
        SQL_ADD(w->q, " AND ");
        put_column(w, alias, leaf->field->currency_column);
        SQL_ADD(w->q, " IS NOT NULL");
    }
    SQL_ADD(w->q, " AND ");
    put_test(w, alias, leaf);
    SQL_ADD(w->q, ")");
}

static const char *const related_alias[CONDITION_PATH] = {"related_1", "related_2", "related_3",
                                                          "related_4"};

/* EXISTS over the chain of related records, each by its id; never NULL. */
static void put_related(struct sql_writer *w, const struct condition_leaf *leaf) {
    struct sql *q = w->q;
    SQL_ADD(q, "EXISTS (SELECT 1 FROM ");
    for (int i = 0; i < leaf->hops; i++) {
        sql_literal(q, i > 0 ? ", " : "");
        sql_identifier(q, leaf->path[i]->target->table);
        SQL_ADD(q, " ");
        sql_identifier(q, str_from(related_alias[i]));
    }
    SQL_ADD(q, " WHERE ");
    for (int i = 0; i < leaf->hops; i++) {
        put_column(w, related_alias[i], STR("id"));
        SQL_ADD(q, " = ");
        put_column(w, i > 0 ? related_alias[i - 1] : w->alias, leaf->path[i]->name);
        SQL_ADD(q, " AND ");
        put_column(w, related_alias[i], STR("deleted_at"));
        SQL_ADD(q, " IS NULL AND ");
    }
    put_guarded(w, related_alias[leaf->hops - 1], leaf, true);
    SQL_ADD(q, ")");
}

static void put_leaf(struct sql_writer *w, const struct condition_leaf *leaf) {
    if (leaf->operator== OPERATOR_IS_EMPTY) {
        SQL_ADD(w->q, "NOT ");
    }
    if (leaf->hops > 0) {
        put_related(w, leaf);
    } else {
        put_guarded(w, w->alias, leaf, false);
    }
}

static void put_node(struct sql_writer *w, const struct condition_node *node);

static void put_group(struct sql_writer *w, const struct condition_node *node) {
    if (node->n == 0) {
        sql_literal(w->q, node->kind == NODE_ALL ? "1 = 1" : "1 = 0");
        return;
    }
    SQL_ADD(w->q, "(");
    for (size_t i = 0; i < node->n; i++) {
        if (i > 0) {
            sql_literal(w->q, node->kind == NODE_ALL ? " AND " : " OR ");
        }
        put_node(w, node->children[i]);
    }
    SQL_ADD(w->q, ")");
}

static void put_node(struct sql_writer *w, const struct condition_node *node) {
    if (node->kind == NODE_FIELD) {
        put_leaf(w, node->leaf);
    } else if (node->kind == NODE_OTHER) {
        node->other->sql(w->c, w->q, node->other_leaf, w->rows);
    } else if (node->kind == NODE_NOT) {
        bool outside = w->negated;
        w->negated = true;
        SQL_ADD(w->q, "NOT (");
        put_node(w, node->children[0]);
        SQL_ADD(w->q, ")");
        w->negated = outside;
    } else {
        put_group(w, node);
    }
}

static void put_condition(struct sql_writer *w, const struct condition *cond) {
    if (!cond || !cond->root) {
        SQL_ADD(w->q, "1 = 1");
        return;
    }
    put_node(w, cond->root);
    if (w->q->n_values > CONDITION_BOUND) {
        FAIL(w->c, ERROR_LIMIT, "condition.too_large");
    }
}

void condition_sql_of(struct ctx *c, struct sql *q, const struct condition *cond,
                      const struct condition_rows *rows) {
    struct sql_writer w = {.c = c, .q = q, .rows = rows, .alias = rows->alias};
    put_condition(&w, cond);
}

void condition_sql(struct ctx *c, struct sql *q, const struct condition *cond, const char *alias) {
    condition_sql_of(c, q, cond, &(struct condition_rows){.alias = alias});
}

void condition_sql_shy(struct ctx *c, struct sql *q, const struct condition *cond,
                       const char *alias) {
    bool sqlite = c->db && db_engine(c->db) == DB_SQLITE;
    struct condition_rows rows = {.alias = alias};
    struct sql_writer w = {.c = c, .q = q, .rows = &rows, .alias = alias, .shy = sqlite};
    put_condition(&w, cond);
}

void condition_rows_within(struct sql *q, const struct condition_rows *rows, const char *alias,
                           struct str column) {
    const int64_t ends[] = {rows->after, rows->up_to};
    for (int i = 0; rows->up_to && i < 2; i++) {
        SQL_ADD(q, " AND ");
        sql_identifier(q, str_from(alias));
        SQL_ADD(q, ".");
        sql_identifier(q, column);
        sql_literal(q, i ? " <= " : " > ");
        SQL_VALUE(q, ends[i]);
    }
}
