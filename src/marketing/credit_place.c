/* See credit.h. Names are found by a table of slots, which doubles before it is half full. */
#include <stdlib.h>
#include <string.h>

#include "marketing/credit.h"

enum { NAMES_FIRST = 64 };

static size_t slot_of(const struct place_names *p, struct str name) {
    uint64_t hash = UINT64_C(1469598103934665603); /* FNV-1a */
    for (size_t i = 0; i < name.n; i++) {
        hash = (hash ^ (unsigned char)name.p[i]) * UINT64_C(1099511628211);
    }
    size_t slot = (size_t)hash & (2 * p->capacity - 1);
    while (p->slots[slot] >= 0 && !str_equal(p->of[p->slots[slot]], name)) {
        slot = (slot + 1) & (2 * p->capacity - 1);
    }
    return slot;
}

static void grow(struct arena *a, struct place_names *p) {
    struct place_names more = *p;
    more.capacity = p->capacity ? 2 * p->capacity : NAMES_FIRST;
    more.of = ARENA_NEW_ARRAY(a, more.capacity, struct str);
    more.place = ARENA_NEW_ARRAY(a, more.capacity, int32_t);
    more.slots = ARENA_NEW_ARRAY(a, 2 * more.capacity, int32_t);
    memset(more.slots, -1, 2 * more.capacity * sizeof *more.slots);
    for (size_t i = 0; i < p->n; i++) {
        more.of[i] = p->of[i];
        more.place[i] = p->place[i];
        more.slots[slot_of(&more, p->of[i])] = (int32_t)i;
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

int32_t place_name(struct arena *a, struct place_names *p, struct str name) {
    if (p->n == p->capacity) {
        grow(a, p);
    }
    size_t slot = slot_of(p, name);
    if (p->slots[slot] < 0) {
        p->slots[slot] = (int32_t)p->n;
        p->of[p->n] = str_copy(a, name);
        p->place[p->n++] = p->places ? place_late(p) : 0;
    }
    return p->slots[slot];
}

int32_t place_find(const struct place_names *p, struct str name) {
    return p->capacity ? p->slots[slot_of(p, name)] : -1;
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
