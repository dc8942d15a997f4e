#include "entity/references.h"

#include <stdlib.h>
#include <string.h>

#include "entity/query.h"
#include "entity/versions.h"

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

/*
 * Titles of reference data (users, departments, stages …), which everybody may read and nearly
 * every record refers to: for each thread its own, under the versions of the snapshot they were
 * read in. The longest are not kept.
 */
enum { TITLES_KEPT = 1024, TITLE_BYTES = 78 };

struct kept_title {
    struct versions versions;
    int64_t id;
    int position; /* of its type in the model */
    bool there;   /* false: it has none, or is in the trash */
    unsigned char n;
    char text[TITLE_BYTES];
};

static _Thread_local struct kept_title kept_titles[TITLES_KEPT];

static struct kept_title *kept_place(const struct reference *r) {
    uint64_t mixed = ((uint64_t)r->id + (uint64_t)r->target->position) * 0x9E3779B97F4A7C15u;
    return &kept_titles[mixed >> 54];
}

static bool keeps_titles(const struct ctx *c, const struct entity *e) {
    return c->versions.known && e->flags & ENTITY_SETTING && e->title &&
           access_scope(c->actor, e, ACTION_READ) == SCOPE_ALL &&
           access_field(c->actor, e, e->title) >= RIGHT_READ;
}

static bool title_find(struct ctx *c, struct reference *r) {
    const struct kept_title *k = kept_place(r);
    if (k->id != r->id || k->position != r->target->position ||
        !versions_same(&k->versions, &c->versions)) {
        return false;
    }
    r->title = k->there ? str_copy(c->arena, (struct str){k->text, k->n}) : (struct str){NULL, 0};
    return true;
}

static void title_keep(struct ctx *c, const struct reference *r) {
    if (ctx_failed(c) || r->title.n > TITLE_BYTES) {
        return;
    }
    struct kept_title *k = kept_place(r);
    k->versions = c->versions;
    k->id = r->id;
    k->position = r->target->position;
    k->there = r->title.p != NULL;
    k->n = (unsigned char)r->title.n;
    memcpy(k->text, r->title.n ? r->title.p : "", r->title.n);
}

/* Titles of items [from, to), all of one type. */
static void resolve_type(struct ctx *c, struct references *set, size_t from, size_t to) {
    struct reference *items = set->items;
    const struct entity *e = items[from].target;
    bool keeps = keeps_titles(c, e);
    size_t n = 0;
    int64_t *ids = ARENA_NEW_ARRAY(c->arena, to - from, int64_t);
    size_t *places = ARENA_NEW_ARRAY(c->arena, to - from, size_t);
    for (size_t i = from; i < to; i++) {
        if (!keeps || !title_find(c, &items[i])) {
            ids[n] = items[i].id;
            places[n++] = i;
        }
    }
    struct str *titles = ARENA_NEW_ARRAY(c->arena, n, struct str);
    if (n) {
        list_titles(c, e, ids, n, titles);
    }
    for (size_t i = 0; i < n; i++) {
        items[places[i]].title = titles[i];
        if (keeps) {
            title_keep(c, &items[places[i]]);
        }
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
