#include "data/import_cache.h"

#include <string.h>

enum { CACHE_BUCKETS = 4096 };

struct cached {
    struct cached *next;
    size_t column;
    struct str title;
    int64_t id;
    const void *what;
};

struct import_cache {
    struct arena *arena;
    struct cached *buckets[CACHE_BUCKETS];
};

struct import_cache *import_cache_new(struct arena *a) {
    struct import_cache *cache = ARENA_NEW(a, struct import_cache);
    cache->arena = a;
    return cache;
}

struct arena *import_cache_arena(const struct import_cache *cache) {
    return cache->arena;
}

static size_t bucket_of(size_t column, struct str title) {
    uint64_t hash = UINT64_C(14695981039346656037) ^ column; /* FNV-1a */
    for (size_t i = 0; i < title.n; i++) {
        hash = (hash ^ (unsigned char)title.p[i]) * UINT64_C(1099511628211);
    }
    return hash % CACHE_BUCKETS;
}

static const struct cached *cached_find(const struct import_cache *cache, size_t column,
                                        struct str title) {
    const struct cached *at = cache->buckets[bucket_of(column, title)];
    while (at && !(at->column == column && str_equal(at->title, title))) {
        at = at->next;
    }
    return at;
}

static struct cached *cached_add(struct import_cache *cache, size_t column, struct str title) {
    struct cached *fresh = ARENA_NEW(cache->arena, struct cached);
    struct cached **bucket = &cache->buckets[bucket_of(column, title)];
    *fresh = (struct cached){*bucket, column, str_copy(cache->arena, title), 0, NULL};
    *bucket = fresh;
    return fresh;
}

int64_t import_cache_get(const struct import_cache *cache, size_t column, struct str title) {
    const struct cached *found = cached_find(cache, column, title);
    return found ? found->id : -1;
}

void import_cache_put(struct import_cache *cache, size_t column, struct str title, int64_t id) {
    cached_add(cache, column, title)->id = id;
}

const void *import_cache_what(const struct import_cache *cache, size_t column, struct str title) {
    const struct cached *found = cached_find(cache, column, title);
    return found ? found->what : NULL;
}

void import_cache_keep(struct import_cache *cache, size_t column, struct str title,
                       const void *what) {
    cached_add(cache, column, title)->what = what;
}

void import_cache_clear(struct import_cache *cache) {
    memset(cache->buckets, 0, sizeof cache->buckets);
}
