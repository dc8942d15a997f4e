#include "entity/query_index.h"

static const char present[] = "deleted_at IS NULL";

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

static bool indexed_alone(const struct field *f) {
    return (f->flags & FIELD_INDEXED) && !(f->flags & (FIELD_UNIQUE | FIELD_SYSTEM)) &&
           f->type != FIELD_LONG_TEXT && f->type != FIELD_JSON;
}

bool query_index_has(const struct entity *e, const struct field *f) {
    bool owner = f->position == SYSTEM_OWNER_ID || f->position == SYSTEM_OWNER_DEPARTMENT_ID;
    return indexed_alone(f) || (f->flags & FIELD_UNIQUE) || ((e->flags & ENTITY_OWNED) && owner);
}

bool query_index_carries(const struct entity *e, const struct field *f) {
    int n = 0;
    for (int i = 0; i < e->n_fields && n < QUERY_INDEX_OPTIONS; i++) {
        const struct field *g = &e->fields[i];
        if (g->type == FIELD_OPTION && indexed_alone(g) && !(g->flags & FIELD_CUSTOM)) {
            if (g == f) {
                return true;
            }
            n++;
        }
    }
    return false;
}

static const char *field_columns(struct arena *a, const struct field *f) {
    const char *format = query_index_grouped(f) ? "%.*s, created_at, id, deleted_at"
                                                : "%.*s, id, deleted_at";
    return str_format(a, format, STR_ARG(f->name)).p;
}

static const char *scope_columns(struct arena *a, const struct entity *e, const char *column) {
    struct text_buffer b = {.arena = a};
    text_add_c(&b, column);
    text_add_c(&b, ", created_at, id, deleted_at");
    for (int i = 0; i < e->n_fields; i++) {
        if (query_index_carries(e, &e->fields[i])) {
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

const struct index_definition *query_indexes(struct arena *a, const struct entity *e) {
    struct index_definition *list = ARENA_NEW_ARRAY(a, (size_t)e->n_fields + 5,
                                                    struct index_definition);
    size_t n = 0;
    if (!(e->flags & ENTITY_SETTING)) {
        list[n++] = (struct index_definition){"created_at, id, deleted_at", .where = present};
        list[n++] = (struct index_definition){"deleted_at, id", .where = "deleted_at IS NOT NULL"};
    }
    if (e->flags & ENTITY_OWNED) {
        list[n++] = (struct index_definition){scope_columns(a, e, "owner_id"), .where = present};
        list[n++] = (struct index_definition){scope_columns(a, e, "owner_department_id"),
                                              .where = present};
    }
    for (int i = 0; i < e->n_fields; i++) {
        if (indexed_alone(&e->fields[i])) {
            list[n++] = (struct index_definition){field_columns(a, &e->fields[i]),
                                                  .where = field_where(a, &e->fields[i])};
        }
    }
    return list;
}
