#include "entity/references.h"

#include <stdlib.h>
#include <string.h>

#include "base/thread_memory.h"
#include "entity/made.h"
#include "entity/query.h"
#include "entity/versions.h"

static size_t hash_of(const struct entity *target, int64_t id) {
    uint64_t mixed = ((uint64_t)id + (uint64_t)target->position) * 0x9E3779B97F4A7C15u;
    return (size_t)(mixed >> 32);
}

/* The slot of the item, or the free one where it belongs. */
static uint32_t *slot_of(const struct references *set, const struct entity *target, int64_t id) {
    size_t mask = 2 * set->capacity - 1;
    for (size_t i = hash_of(target, id) & mask;; i = (i + 1) & mask) {
        const struct reference *item = set->slots[i] ? &set->items[set->slots[i] - 1] : NULL;
        if (!item || (item->id == id && item->target == target)) {
            return &set->slots[i];
        }
    }
}

static void grow(struct references *set) {
    size_t capacity = set->capacity ? 2 * set->capacity : 64;
    struct reference *items = arena_bytes(set->arena, capacity * sizeof *items);
    if (set->n) {
        memcpy(items, set->items, set->n * sizeof *items);
    }
    set->items = items;
    set->capacity = capacity;
    set->slots = ARENA_NEW_ARRAY(set->arena, 2 * capacity, uint32_t);
    for (size_t i = 0; i < set->n; i++) {
        *slot_of(set, items[i].target, items[i].id) = (uint32_t)i + 1;
    }
}

int references_add(struct references *set, const struct entity *target, int64_t id) {
    if (!target || !id) {
        return -1;
    }
    if (set->n == set->capacity) {
        grow(set);
    }
    uint32_t *slot = slot_of(set, target, id);
    if (!*slot) {
        set->items[set->n++] = (struct reference){.target = target, .id = id};
        *slot = (uint32_t)set->n;
    }
    return (int)*slot - 1;
}

/*
 * Titles of reference data (users, departments, stages …), which everybody may read and nearly
 * every record refers to: for each thread its own, under the versions of the snapshot they were
 * read in. The longest are not kept. A title has several places, so that two of one page do not
 * drive each other out.
 */
enum { TITLE_ROWS = 256, TITLE_PLACES = 4, TITLE_BYTES = 78 };

struct kept_title {
    struct versions versions;
    int64_t id;
    int position; /* of its type in the model */
    enum language language;
    bool there; /* false: it has none, or is in the trash */
    unsigned char n;
    char text[TITLE_BYTES];
};

static struct kept_title *kept_row(const struct reference *r) {
    static _Thread_local struct kept_title *kept;
    kept = kept ? kept : thread_memory(sizeof *kept * TITLE_ROWS * TITLE_PLACES);
    return &kept[hash_of(r->target, r->id) % TITLE_ROWS * TITLE_PLACES];
}

static bool keeps_titles(const struct ctx *c, const struct entity *e) {
    return versions_firm(c) && e->flags & ENTITY_SETTING && e->title &&
           access_scope(c->actor, e, ACTION_READ) == SCOPE_ALL &&
           access_field(c->actor, e, e->title) >= RIGHT_READ;
}

static bool title_find(struct ctx *c, struct reference *r) {
    const struct kept_title *row = kept_row(r);
    for (int i = 0; i < TITLE_PLACES; i++) {
        const struct kept_title *k = &row[i];
        if (k->id == r->id && k->position == r->target->position && k->language == c->language &&
            versions_hold(c, &k->versions)) {
            r->title = k->there ? str_copy(c->arena, (struct str){k->text, k->n})
                                : (struct str){NULL, 0};
            return true;
        }
    }
    return false;
}

/* Instead of one that is of no use any more, or of each in turn. */
static struct kept_title *place_for(const struct ctx *c, const struct reference *r) {
    static _Thread_local unsigned turn;
    struct kept_title *row = kept_row(r);
    for (int i = 0; i < TITLE_PLACES; i++) {
        if (!versions_hold(c, &row[i].versions)) {
            return &row[i];
        }
    }
    return &row[turn++ % TITLE_PLACES];
}

static void title_keep(struct ctx *c, const struct reference *r) {
    if (ctx_failed(c) || r->title.n > TITLE_BYTES) {
        return;
    }
    struct kept_title *k = place_for(c, r);
    k->versions = c->versions;
    k->id = r->id;
    k->position = r->target->position;
    k->language = c->language;
    k->there = r->title.p != NULL;
    k->n = (unsigned char)r->title.n;
    memcpy(k->text, r->title.n ? r->title.p : "", r->title.n);
}

/* The title of what was made in this transaction. */
static bool title_made(struct ctx *c, struct reference *r) {
    const struct record *record = made_find(c, r->target, r->id);
    const struct field *title = r->target->title;
    if (!record || !title) {
        return false;
    }
    bool seen = access_field(c->actor, r->target, title) >= RIGHT_READ &&
                access_record(c, ACTION_READ, record);
    r->title = seen ? str_copy(c->arena, record_title_in(c, record)) : (struct str){NULL, 0};
    return true;
}

/* Titles of the items from the given one on that are of its type. */
static void resolve_type(struct ctx *c, struct references *set, size_t from) {
    struct reference *items = set->items;
    const struct entity *e = items[from].target;
    bool keeps = keeps_titles(c, e);
    size_t n = 0;
    int64_t *ids = arena_bytes(c->arena, (set->n - from) * sizeof *ids);
    size_t *places = arena_bytes(c->arena, (set->n - from) * sizeof *places);
    for (size_t i = from; i < set->n; i++) {
        if (items[i].target != e) {
            continue;
        }
        items[i].asked = true;
        bool known = keeps ? title_find(c, &items[i]) : title_made(c, &items[i]);
        if (!known) {
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
    for (size_t i = 0; i < set->n && !ctx_failed(c); i++) {
        if (!set->items[i].asked) {
            resolve_type(c, set, i);
        }
    }
}

const struct reference *references_find(const struct references *set, const struct entity *target,
                                        int64_t id) {
    uint32_t slot = set->n && target && id ? *slot_of(set, target, id) : 0;
    return slot && set->items[slot - 1].title.p ? &set->items[slot - 1] : NULL;
}

const struct field *reference_type_field(const struct ctx *c, const struct entity *e,
                                         const struct field *f) {
    if (f->type != FIELD_REFERENCE || f->target || !str_ends(f->name, STR("_id"))) {
        return NULL;
    }
    struct str stem = str_slice(f->name, 0, f->name.n - 3);
    return entity_field(e, str_format(c->arena, "%.*s_type", STR_ARG(stem)));
}

const struct entity *reference_target(const struct ctx *c, const struct record *r,
                                      const struct field *f) {
    if (f->target) {
        return f->target;
    }
    const struct field *type = reference_type_field(c, r->entity, f);
    struct value v = type ? r->values[type->position] : (struct value){.kind = VALUE_NULL};
    return v.kind == VALUE_TEXT ? model_entity(c->model, v.text) : NULL;
}
