/* See credit.h. Names are found by a table of slots, which doubles before it is half full. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "marketing/credit.h"

enum { NAMES_FIRST = 64 };

static size_t slot_of(const struct place_names *p, struct str spelling) {
    uint64_t hash = UINT64_C(1469598103934665603); /* FNV-1a */
    for (size_t i = 0; i < spelling.n; i++) {
        hash = (hash ^ (unsigned char)spelling.p[i]) * UINT64_C(1099511628211);
    }
    size_t slot = (size_t)hash & (2 * p->capacity - 1);
    while (p->slots[slot] >= 0 && !str_equal(p->spellings[p->slots[slot]], spelling)) {
        slot = (slot + 1) & (2 * p->capacity - 1);
    }
    return slot;
}

static void grow(struct arena *a, struct place_names *p) {
    struct place_names more = *p;
    more.capacity = p->capacity ? 2 * p->capacity : NAMES_FIRST;
    more.of = ARENA_NEW_ARRAY(a, more.capacity, struct str);
    more.since = ARENA_NEW_ARRAY(a, more.capacity, int64_t);
    more.place = ARENA_NEW_ARRAY(a, more.capacity, int32_t);
    more.spellings = ARENA_NEW_ARRAY(a, more.capacity, struct str);
    more.name_of = ARENA_NEW_ARRAY(a, more.capacity, int32_t);
    more.slots = ARENA_NEW_ARRAY(a, 2 * more.capacity, int32_t);
    memset(more.slots, -1, 2 * more.capacity * sizeof *more.slots);
    for (size_t i = 0; i < p->n; i++) {
        more.of[i] = p->of[i];
        more.since[i] = p->since[i];
        more.place[i] = p->place[i];
    }
    for (size_t i = 0; i < p->n_spellings; i++) {
        more.spellings[i] = p->spellings[i];
        more.name_of[i] = p->name_of[i];
        more.slots[slot_of(&more, p->spellings[i])] = (int32_t)i;
    }
    *p = more;
}

/* Where a name stands that no touch of a deal has: its place earns nothing. */
static int32_t place_late(struct place_names *p) {
    if (!p->others && p->places < CREDIT_PLACES) {
        return (int32_t)p->places++;
    }
    return CREDIT_PLACES - 1;
}

static int32_t spelled(const struct place_names *p, struct str spelling) {
    int32_t at = p->capacity ? p->slots[slot_of(p, spelling)] : -1;
    return at < 0 ? -1 : p->name_of[at];
}

static void spelling_add(struct place_names *p, struct str spelling, int32_t name) {
    p->slots[slot_of(p, spelling)] = (int32_t)p->n_spellings;
    p->spellings[p->n_spellings] = spelling;
    p->name_of[p->n_spellings++] = name;
}

static int32_t name_add(struct place_names *p, struct str name, int64_t at) {
    p->of[p->n] = name;
    p->since[p->n] = at;
    p->place[p->n] = p->places ? place_late(p) : 0;
    return (int32_t)p->n++;
}

int32_t place_name(struct arena *a, struct place_names *p, struct str name, int64_t at) {
    int32_t found = spelled(p, name);
    if (found < 0) {
        struct str own = str_copy(a, name), key = text_search_key(a, own);
        if (p->n_spellings + 2 > p->capacity) {
            grow(a, p);
        }
        found = spelled(p, key);
        if (found < 0) {
            found = name_add(p, own, at);
            spelling_add(p, key, found);
        }
        if (!str_equal(own, key)) {
            spelling_add(p, own, found);
        }
    }
    if (at < p->since[found]) {
        p->of[found] = str_copy(a, name);
        p->since[found] = at;
    }
    return found;
}

int32_t place_find(struct arena *a, const struct place_names *p, struct str name) {
    struct arena_mark mark = arena_mark(a);
    int32_t found = spelled(p, name);
    found = found < 0 ? spelled(p, text_search_key(a, name)) : found;
    arena_reset(a, mark);
    return found;
}

struct ranked {
    int64_t touches;
    int32_t name;
};

/* The most touches first; who was met first of those with as many. */
static int by_touches(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    return x->touches != y->touches ? (x->touches < y->touches ? 1 : -1)
                                    : (x->name > y->name) - (x->name < y->name);
}

void places_settle(struct arena *a, struct place_names *p, const int64_t *touches) {
    struct arena_mark mark = arena_mark(a);
    struct ranked *all = ARENA_NEW_ARRAY(a, p->n, struct ranked);
    bool every = p->n < CREDIT_PLACES;
    for (size_t i = 1; i < p->n; i++) {
        all[i - 1] = (struct ranked){touches[i], (int32_t)i};
    }
    if (!every) {
        qsort(all, p->n - 1, sizeof *all, by_touches);
    }
    p->named[0] = 0;
    for (size_t i = 1; i < p->n; i++) {
        bool own = every || i < CREDIT_PLACES - 1;
        p->place[all[i - 1].name] = own ? (int32_t)i : CREDIT_PLACES - 1;
        p->others += !own && all[i - 1].touches;
        if (own) {
            p->named[i] = all[i - 1].name;
        }
    }
    p->places = every ? p->n : CREDIT_PLACES;
    arena_reset(a, mark);
}
