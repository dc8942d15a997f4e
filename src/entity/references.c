#include "entity/references.h"

#include <stdlib.h>
#include <string.h>

#include "entity/query.h"

void references_add(struct references *set, const struct entity *target, int64_t id) {
    if (!target || !id) {
        return;
    }
    if (set->n == set->capacity) {
        size_t capacity = set->capacity ? 2 * set->capacity : 64;
        struct reference *items = ARENA_NEW_ARRAY(set->arena, capacity, struct reference);
        if (set->n) {
            memcpy(items, set->items, set->n * sizeof *items);
        }
        set->items = items;
        set->capacity = capacity;
    }
    set->items[set->n++] = (struct reference){.target = target, .id = id};
}

static int by_target_and_id(const void *a, const void *b) {
    const struct reference *x = a, *y = b;
    if (x->target != y->target) {
        return x->target->position < y->target->position ? -1 : 1;
    }
    return (x->id > y->id) - (x->id < y->id);
}

static void sort_once_each(struct references *set) {
    size_t n = 0;
    if (set->n) {
        qsort(set->items, set->n, sizeof *set->items, by_target_and_id);
    }
    for (size_t i = 0; i < set->n; i++) {
        if (!n || by_target_and_id(&set->items[n - 1], &set->items[i]) != 0) {
            set->items[n++] = set->items[i];
        }
    }
    set->n = n;
}

/* Titles of items [from, to), all of one type. */
static void resolve_type(struct ctx *c, struct references *set, size_t from, size_t to) {
    size_t n = to - from;
    int64_t *ids = ARENA_NEW_ARRAY(c->arena, n, int64_t);
    struct str *titles = ARENA_NEW_ARRAY(c->arena, n, struct str);
    for (size_t i = 0; i < n; i++) {
        ids[i] = set->items[from + i].id;
    }
    list_titles(c, set->items[from].target, ids, n, titles);
    for (size_t i = 0; i < n; i++) {
        set->items[from + i].title = titles[i];
    }
}

void references_resolve(struct ctx *c, struct references *set) {
    sort_once_each(set);
    for (size_t from = 0; from < set->n && !ctx_failed(c);) {
        size_t to = from;
        while (to < set->n && set->items[to].target == set->items[from].target) {
            to++;
        }
        resolve_type(c, set, from, to);
        from = to;
    }
}

const struct reference *references_find(const struct references *set, const struct entity *target,
                                        int64_t id) {
    struct reference wanted = {.target = target, .id = id};
    const struct reference *found = set->n && target && id
                                        ? bsearch(&wanted, set->items, set->n, sizeof wanted,
                                                  by_target_and_id)
                                        : NULL;
    return found && found->title.p ? found : NULL;
}

const struct entity *reference_target(const struct ctx *c, const struct record *r,
                                      const struct field *f) {
    if (f->target || !str_ends(f->name, STR("_id"))) {
        return f->target;
    }
    struct str stem = str_slice(f->name, 0, f->name.n - 3);
    struct str sibling = str_format(c->arena, "%.*s_type", STR_ARG(stem));
    const struct field *type = entity_field(r->entity, sibling);
    struct value v = type ? r->values[type->position] : (struct value){.kind = VALUE_NULL};
    return v.kind == VALUE_TEXT ? model_entity(c->model, v.text) : NULL;
}
