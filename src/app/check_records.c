#include "app/check.h"
#include "entity/model.h"
#include "entity/search_index.h"

/* A statement on the rows of a record type, called t, that ends with the condition so far. */
static struct sql rows_of(struct check *k, const struct entity *e) {
    struct sql q = sql_new(k->c->arena);
    SQL_ADD(&q, "SELECT t.id FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " t WHERE ");
    return q;
}

static void add_column(struct sql *q, const struct field *f) {
    SQL_ADD(q, "t.");
    sql_identifier(q, f->name);
}

static struct str words(struct check *k, const struct entity *e, const struct field *f,
                        const char *what) {
    return str_format(k->c->arena, "%.*s.%.*s %s", STR_ARG(e->name), STR_ARG(f->name), what);
}

static void add_missing(struct sql *q, const struct field *f, const struct entity *target) {
    add_column(q, f);
    SQL_ADD(q, " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ");
    sql_identifier(q, target->table);
    SQL_ADD(q, " o WHERE o.id = ");
    add_column(q, f);
    SQL_ADD(q, ")");
}

/* subject_id points to a record of the type that subject_type names. */
static void check_subjects(struct check *k, const struct entity *e, const struct field *f) {
    struct str stem = str_slice(f->name, 0, f->name.n - 3);
    const struct field *type = entity_field(e, str_format(k->c->arena, "%.*s_type", STR_ARG(stem)));
    const struct model *m = k->c->model;
    for (int i = 0; type && i < m->n_entities; i++) {
        struct sql q = rows_of(k, e);
        add_column(&q, type);
        SQL_ADD(&q, " = ");
        SQL_VALUE(&q, m->entities[i].name);
        SQL_ADD(&q, " AND ");
        add_missing(&q, f, &m->entities[i]);
        check_none(k, &q,
                   words(k, e, f,
                         str_to_c(k->c->arena, str_format(k->c->arena, "names no %.*s",
                                                          STR_ARG(m->entities[i].name)))));
    }
}

static void check_reference(struct check *k, const struct entity *e, const struct field *f) {
    if (!f->target) {
        if (str_ends(f->name, STR("_id"))) {
            check_subjects(k, e, f);
        }
        return;
    }
    struct sql q = rows_of(k, e);
    add_missing(&q, f, f->target);
    check_none(k, &q,
               words(k, e, f,
                     str_to_c(k->c->arena,
                              str_format(k->c->arena, "names no %.*s", STR_ARG(f->target->name)))));
}

/* A field that a company made required later may be empty in older records. */
static void check_required(struct check *k, const struct entity *e, const struct field *f) {
    if (!(f->flags & FIELD_REQUIRED) || f->flags & FIELD_CUSTOM) {
        return;
    }
    struct sql q = rows_of(k, e);
    SQL_ADD(&q, "t.deleted_at IS NULL AND ");
    add_column(&q, f);
    SQL_ADD(&q, " IS NULL");
    check_none(k, &q, words(k, e, f, "is empty"));
}

static void check_options(struct check *k, const struct entity *e, const struct field *f) {
    if (f->type != FIELD_OPTION || f->flags & FIELD_CUSTOM || !f->n_options) {
        return;
    }
    struct sql q = rows_of(k, e);
    add_column(&q, f);
    SQL_ADD(&q, " NOT IN (");
    for (size_t i = 0; i < f->n_options; i++) {
        sql_literal(&q, i ? ", " : "");
        SQL_VALUE(&q, f->options[i].code);
    }
    SQL_ADD(&q, ")");
    check_none(k, &q, words(k, e, f, "is none of its options"));
}

static void check_currency(struct check *k, const struct entity *e, const struct field *f) {
    if (f->type != FIELD_MONEY) {
        return;
    }
    struct sql q = rows_of(k, e);
    SQL_ADD(&q, "(");
    add_column(&q, f);
    SQL_ADD(&q, " IS NULL) <> (t.");
    sql_identifier(&q, f->currency_column);
    SQL_ADD(&q, " IS NULL)");
    check_none(k, &q, words(k, e, f, "is an amount without currency, or a currency alone"));
}

static void check_system_fields(struct check *k, const struct entity *e) {
    struct sql versions = rows_of(k, e);
    SQL_ADD(&versions, "t.version < 1");
    check_none(k, &versions, words(k, e, &e->fields[SYSTEM_VERSION], "is below one"));
    if (!(e->flags & ENTITY_OWNED)) {
        return;
    }
    struct sql q = rows_of(k, e);
    SQL_ADD(&q, "t.deleted_at IS NULL AND COALESCE(t.owner_department_id, 0) <> COALESCE((SELECT "
                "u.department_id FROM \"user\" u WHERE u.id = t.owner_id), 0)");
    check_none(
        k, &q,
        words(k, e, &e->fields[SYSTEM_OWNER_DEPARTMENT_ID], "is not the owner's department"));
}

/* A record and the event that tells of it are written together: neither stands alone, but for what
 * went with a sample company, of which the log keeps having told. */
static void check_creation(struct check *k, const struct entity *e) {
    struct str type = str_format(k->c->arena, "%.*s.created", STR_ARG(e->name));
    struct sql q = sql_new(k->c->arena);
    SQL_ADD(&q, "SELECT v.subject_id FROM event v WHERE v.subject_type = ");
    SQL_VALUE(&q, e->name);
    SQL_ADD(&q, " AND v.type = ");
    SQL_VALUE(&q, type);
    SQL_ADD(&q, " AND NOT EXISTS (SELECT 1 FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " t WHERE t.id = v.subject_id) AND NOT EXISTS (SELECT 1 FROM sample_company s "
                "WHERE s.removed_at IS NOT NULL AND v.subject_id BETWEEN s.id_from AND s.id_to) "
                "AND NOT EXISTS (SELECT 1 FROM sample_also x WHERE x.id = v.subject_id)");
    check_none(
        k, &q,
        str_format(k->c->arena, "%.*s: created in the log, not in the table", STR_ARG(e->name)));
    struct sql silent = rows_of(k, e);
    SQL_ADD(&silent, "NOT EXISTS (SELECT 1 FROM event v WHERE v.subject_type = ");
    SQL_VALUE(&silent, e->name);
    SQL_ADD(&silent, " AND v.subject_id = t.id)");
    check_none(k, &silent, str_format(k->c->arena, "%.*s: no event tells of it", STR_ARG(e->name)));
}

/* Each record whose searched texts are not all empty has a document, once its events are behind the
 * search's cursor. */
static void check_searched(struct check *k, const struct entity *e) {
    if (!(e->flags & ENTITY_SEARCHED)) {
        return;
    }
    struct sql q = rows_of(k, e);
    SQL_ADD(&q, "t.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM search_document d WHERE "
                "d.record_id = t.id) AND (1 = 0");
    for (int f = 0; f < e->n_fields; f++) {
        if (search_has(e, &e->fields[f])) {
            SQL_ADD(&q, " OR ");
            add_column(&q, &e->fields[f]);
            SQL_ADD(&q, " <> ''");
        }
    }
    SQL_ADD(&q, ") AND NOT EXISTS (SELECT 1 FROM event v WHERE v.subject_type = ");
    SQL_VALUE(&q, e->name);
    SQL_ADD(&q, " AND v.subject_id = t.id AND v.seq > COALESCE((SELECT r.seq FROM reactor_cursor "
                "r WHERE r.name = ");
    SQL_VALUE(&q, search_reactor.name);
    SQL_ADD(&q, "), 0))");
    check_none(k, &q, str_format(k->c->arena, "%.*s: the search lacks them", STR_ARG(e->name)));
}

void check_records(struct check *k) {
    const struct model *m = k->c->model;
    for (int i = 0; i < m->n_entities && !ctx_failed(k->c); i++) {
        const struct entity *e = &m->entities[i];
        check_system_fields(k, e);
        check_creation(k, e);
        check_searched(k, e);
        for (int f = 0; f < e->n_fields; f++) {
            if (e->fields[f].type == FIELD_REFERENCE) {
                check_reference(k, e, &e->fields[f]);
            }
            check_required(k, e, &e->fields[f]);
            check_options(k, e, &e->fields[f]);
            check_currency(k, e, &e->fields[f]);
        }
    }
}
