#include "entity/query.h"

/* Sorting by a field tells its order, so the actor must be able to read it in full. */
static bool sortable(struct ctx *c, const struct entity *e, const struct field *f) {
    return f && !(f->flags & FIELD_HIDDEN) && f->type != FIELD_JSON && f->type != FIELD_LONG_TEXT &&
           access_field(c->actor, e, f) >= RIGHT_READ;
}

void list_parse_sort(struct ctx *c, struct list_request *request, struct str sort) {
    struct str part;
    request->n_sorts = 0;
    if (str_trim(sort).n == 0) {
        return;
    }
    while (str_cut(&sort, ',', &part)) {
        part = str_trim(part);
        bool descending = str_starts(part, STR("-"));
        struct str name = str_slice(part, descending, part.n);
        const struct field *f = entity_field(request->entity, name);
        if (!sortable(c, request->entity, f)) {
            FAIL_FIELD(c, STR("/sort"), "list.sort_unknown", {"field", name});
        } else if (request->n_sorts == LIST_SORTS) {
            FAIL_FIELD(c, STR("/sort"), "list.sort_too_many");
            return;
        } else {
            request->sorts[request->n_sorts++] = (struct list_sort){f, descending};
        }
    }
}
