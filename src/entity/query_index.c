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

static const char *field_columns(struct arena *a, const struct field *f) {
    const char *format = query_index_grouped(f) ? "%.*s, created_at, id, deleted_at"
                                                : "%.*s, id, deleted_at";
    return str_format(a, format, STR_ARG(f->name)).p;
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
        list[n++] = (struct index_definition){"owner_id, created_at, id, deleted_at",
                                              .where = present};
        list[n++] = (struct index_definition){"owner_department_id, created_at, id, deleted_at",
                                              .where = present};
    }
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        bool own = (f->flags & FIELD_INDEXED) && !(f->flags & (FIELD_UNIQUE | FIELD_SYSTEM)) &&
                   f->type != FIELD_LONG_TEXT && f->type != FIELD_JSON;
        if (own) {
            list[n++] = (struct index_definition){field_columns(a, &e->fields[i]),
                                                  .where = present};
        }
    }
    return list;
}
