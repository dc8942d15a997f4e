/* A small memory of titles to ids, and to what else is found by them, for one run of an import. */
#ifndef GUANTONG_DATA_IMPORT_CACHE_H
#define GUANTONG_DATA_IMPORT_CACHE_H

#include "base/arena.h"
#include "base/str.h"

struct import_cache;

struct import_cache *import_cache_new(struct arena *a);
/* -1 when not known yet. */
int64_t import_cache_get(const struct import_cache *cache, size_t column, struct str title);
void import_cache_put(struct import_cache *cache, size_t column, struct str title, int64_t id);
/* The same for more than an id; NULL when not known yet. What is kept must live in the cache's
 * arena. */
const void *import_cache_what(const struct import_cache *cache, size_t column, struct str title);
void import_cache_keep(struct import_cache *cache, size_t column, struct str title,
                       const void *what);
struct arena *import_cache_arena(const struct import_cache *cache);
void import_cache_clear(struct import_cache *cache);

#endif
