#include "http/rate_limit.h"

#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"

/*
 * A bucket is one word, changed by compare and exchange: a tag that tells its key from others of
 * its set, above the moment when it will be full again. A bucket that is full by now is as good as
 * none, so its place is free for another key.
 */
enum { SETS = 4096, WAYS = 4, TAG_BITS = 14, MOMENT_BITS = 64 - TAG_BITS };

/* Moments are counted in 1/256 ms since 1970: 50 bits last until 2109. */
enum { TICKS_A_MS = 256 };

static _Atomic uint64_t buckets[SETS][WAYS], remembered[SETS][WAYS];

/* FNV-1a, 64 bits. */
static uint64_t hash_add(uint64_t hash, struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        hash = (hash ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static uint64_t key_hash(const struct rate_limit *limit, struct str key) {
    uint64_t hash = hash_add(UINT64_C(0xcbf29ce484222325), str_from(limit->name));
    return hash_add(hash_add(hash, STR("\n")), key);
}

static uint64_t tag_of(uint64_t hash) {
    return hash >> MOMENT_BITS;
}

static int64_t moment_of(uint64_t word) {
    return (int64_t)(word & ((UINT64_C(1) << MOMENT_BITS) - 1));
}

static uint64_t word_of(uint64_t tag, int64_t moment) {
    return tag << MOMENT_BITS | (uint64_t)moment;
}

/* Ticks until one token is refilled. */
static int64_t a_token(const struct rate_limit *limit) {
    int64_t ticks = (int64_t)MS_MINUTE * TICKS_A_MS / limit->per_minute;
    return ticks > 0 ? ticks : 1;
}

/* The bucket of the key, or the fullest of its set, which loses least when it is given away. */
static _Atomic uint64_t *bucket_find(uint64_t hash) {
    _Atomic uint64_t *set = buckets[(hash >> 32) % SETS], *fullest = set;
    int64_t least = INT64_MAX;
    for (int i = 0; i < WAYS; i++) {
        uint64_t word = atomic_load_explicit(&set[i], memory_order_relaxed);
        if (word >> MOMENT_BITS == tag_of(hash) && word) {
            return &set[i];
        }
        if (moment_of(word) < least) {
            least = moment_of(word);
            fullest = &set[i];
        }
    }
    return fullest;
}

bool rate_limit_take(const struct rate_limit *limit, struct str key, int64_t now_ms, int *wait) {
    uint64_t hash = key_hash(limit, key), tag = tag_of(hash);
    int64_t now = now_ms * TICKS_A_MS, token = a_token(limit);
    int64_t most = now + token * limit->burst;
    _Atomic uint64_t *bucket = bucket_find(hash);
    uint64_t word = atomic_load_explicit(bucket, memory_order_relaxed);
    int64_t full;
    do {
        full = word >> MOMENT_BITS == tag ? moment_of(word) : now;
        full = full < most ? full : most; /* the clock may have been put back */
        full = (full > now ? full : now) + token;
        if (full > most) {
            *wait = (int)((full - most - 1) / ((int64_t)MS_SECOND * TICKS_A_MS)) + 1;
            return false;
        }
    } while (!atomic_compare_exchange_weak_explicit(bucket, &word, word_of(tag, full),
                                                    memory_order_relaxed, memory_order_relaxed));
    *wait = 0;
    return true;
}

void rate_limit_return(const struct rate_limit *limit, struct str key) {
    uint64_t hash = key_hash(limit, key);
    _Atomic uint64_t *bucket = bucket_find(hash);
    uint64_t word = atomic_load_explicit(bucket, memory_order_relaxed);
    while (word && word >> MOMENT_BITS == tag_of(hash) && moment_of(word) > a_token(limit) &&
           !atomic_compare_exchange_weak_explicit(bucket, &word, word - (uint64_t)a_token(limit),
                                                  memory_order_relaxed, memory_order_relaxed)) {
    }
}

void rate_limit_clear(void) {
    memset((void *)buckets, 0, sizeof buckets);
}

void rate_limit_remember(void) {
    memcpy((void *)remembered, (const void *)buckets, sizeof buckets);
}

void rate_limit_recall(void) {
    memcpy((void *)buckets, (const void *)remembered, sizeof buckets);
}

void request_rate_limit(struct request *r, const struct rate_limit *limit, struct str key) {
    int wait;
    if (!ctx_failed(r->c) && !rate_limit_take(limit, key, r->c->now_ms, &wait)) {
        reply_retry_after(r, wait);
        FAIL(r->c, ERROR_LIMIT, "rate.limited");
    }
}
