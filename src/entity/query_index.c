#include "entity/query_index.h"

static const char present[] = "deleted_at IS NULL", trashed[] = "deleted_at IS NOT NULL";

bool query_index_grouped(const struct field *f) {
    switch (f->type) {
    case FIELD_INTEGER:
    case FIELD_QUANTITY:
    case FIELD_MONEY:
    case FIELD_DATE:
    case FIELD_INSTANT:
        return false;
    default:
        return true;
    }
}

/* The page of a record lists whatever refers to it, so all references are found by index; but
 * those to reference data only when the definition asks. */
static bool refers(const struct field *f) {
    return f->type == FIELD_REFERENCE && f->target && !(f->target->flags & ENTITY_SETTING);
}

static bool indexed_alone(const struct field *f) {
    return ((f->flags & FIELD_INDEXED) || refers(f)) &&
           !(f->flags & (FIELD_UNIQUE | FIELD_SYSTEM)) && f->type != FIELD_LONG_TEXT &&
           f->type != FIELD_JSON;
}

bool query_index_has(const struct entity *e, const struct field *f) {
    bool owner = f->position == SYSTEM_OWNER_ID || f->position == SYSTEM_OWNER_DEPARTMENT_ID;
    return indexed_alone(f) || (f->flags & FIELD_UNIQUE) || ((e->flags & ENTITY_OWNED) && owner);
}

/* What is short, of the definition: an index that changes with the company's fields would be
 * built anew. */
static bool carriable(const struct field *f) {
    if (!indexed_alone(f) || f->flags & (FIELD_CUSTOM | FIELD_HIDDEN)) {
        return false;
    }
    switch (f->type) {
    case FIELD_TEXT:
        return f->max_length > 0 && f->max_length <= QUERY_INDEX_TEXT;
    case FIELD_REFERENCE:
        return f->target && f->target->flags & ENTITY_SETTING;
    case FIELD_OPTION:
    case FIELD_BOOLEAN:
    case FIELD_INTEGER:
    case FIELD_QUANTITY:
    case FIELD_MONEY:
    case FIELD_DATE:
    case FIELD_INSTANT:
        return true;
    default:
        return false;
    }
}

/* Whether the indexes by owner and department go on with the field. */
static bool carried(const struct entity *e, const struct field *f) {
    int n = 0;
    for (int i = 0; i < f->position && n < QUERY_INDEX_CARRIED; i++) {
        n += carriable(&e->fields[i]);
    }
    return n < QUERY_INDEX_CARRIED && carriable(f);
}

static bool scope_column(const struct entity *e, const struct field *f) {
    return e->flags & ENTITY_OWNED &&
           (f->position == SYSTEM_OWNER_ID || f->position == SYSTEM_OWNER_DEPARTMENT_ID);
}

/* Whether the field's own index goes on with owner and department: what refers to one record is
 * little, and looked up. */
static bool carries_scope(const struct entity *e, const struct field *f) {
    return e->flags & ENTITY_OWNED && indexed_alone(f) && f->type != FIELD_REFERENCE &&
           !(f->flags & FIELD_HIDDEN);
}

bool query_index_covers(const struct entity *e, const struct field *of, const struct field *f) {
    if (f == of || f->position == SYSTEM_ID) {
        return true;
    }
    if (f->position == SYSTEM_CREATED_AT) {
        return query_index_grouped(of);
    }
    if (scope_column(e, of)) {
        return scope_column(e, f) || carried(e, f);
    }
    return scope_column(e, f) && carries_scope(e, of);
}

static const char *field_columns(struct arena *a, const struct entity *e, const struct field *f) {
    return str_format(a, "%.*s%s, id, deleted_at%s", STR_ARG(f->name),
                      query_index_grouped(f) ? ", created_at" : "",
                      carries_scope(e, f) ? ", owner_id, owner_department_id" : "")
        .p;
}

static const char *scope_columns(struct arena *a, const struct entity *e, const char *column,
                                 const char *other) {
    struct text_buffer b = {.arena = a};
    text_add_c(&b, column);
    text_add_c(&b, ", created_at, id, deleted_at, ");
    text_add_c(&b, other);
    for (int i = SYSTEM_FIELDS; i < e->n_fields; i++) {
        if (carried(e, &e->fields[i])) {
            text_add_c(&b, ", ");
            text_add(&b, e->fields[i].name);
        }
    }
    return str_to_c(a, text_str(&b));
}

/* Of references only those there are: nobody sorts by them, and most records lack most. */
static const char *field_where(struct arena *a, const struct field *f) {
    return f->type != FIELD_REFERENCE
               ? present
               : str_format(a, "%s AND %.*s IS NOT NULL", present, STR_ARG(f->name)).p;
}

/* By who owns: what is there, and what is in the trash. */
static size_t add_scopes(struct arena *a, const struct entity *e, struct index_definition *list) {
    static const char *const columns[] = {"owner_id", "owner_department_id"};
    size_t n = 0;
    for (int i = 0; i < 2; i++) {
        const char *trash = str_format(a, "%s, deleted_at, id", columns[i]).p;
        list[n++] = (struct index_definition){scope_columns(a, e, columns[i], columns[1 - i]),
                                              .where = present};
        list[n++] = (struct index_definition){trash, .where = trashed};
    }
    return n;
}

const struct index_definition *query_indexes(struct arena *a, const struct entity *e) {
    struct index_definition *list = ARENA_NEW_ARRAY(a, (size_t)e->n_fields + 7,
                                                    struct index_definition);
    size_t n = 0;
    if (!(e->flags & ENTITY_SETTING)) {
        list[n++] = (struct index_definition){"created_at, id, deleted_at", .where = present};
        list[n++] = (struct index_definition){"deleted_at, id", .where = trashed};
    }
    if (e->flags & ENTITY_OWNED) {
        n += add_scopes(a, e, list + n);
    }
    for (int i = 0; i < e->n_fields; i++) {
        if (indexed_alone(&e->fields[i])) {
            list[n++] = (struct index_definition){field_columns(a, e, &e->fields[i]),
                                                  .where = field_where(a, &e->fields[i])};
        }
    }
    return list;
}
