#include "http/rate_limit.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"

/* Buckets lie in sets of WAYS; a key belongs to one set, found by its hash, and is told from
 * others by 64 more bits of it. */
enum { SETS = 4096, WAYS = 4 };

/* Tokens are counted in thousandths, so that slow limits refill evenly. */
enum { TOKEN = 1000 };

struct bucket {
    uint64_t key; /* 0: empty */
    int64_t filled_at;
    int64_t tokens;
};

static struct bucket buckets[SETS][WAYS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* FNV-1a, 64 bits. */
static uint64_t hash_add(uint64_t hash, struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        hash = (hash ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static uint64_t key_hash(const struct rate_limit *limit, struct str key) {
    uint64_t hash = hash_add(UINT64_C(0xcbf29ce484222325), str_from(limit->name));
    hash = hash_add(hash_add(hash, STR("\n")), key);
    return hash ? hash : 1;
}

/* The bucket of the key, filled up to now; the longest unused of its set when it is new. */
static struct bucket *bucket_find(const struct rate_limit *limit, uint64_t key, int64_t now_ms) {
    struct bucket *set = buckets[(key >> 32) % SETS], *oldest = set;
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key == key) {
            return &set[i];
        }
        oldest = set[i].filled_at < oldest->filled_at ? &set[i] : oldest;
    }
    *oldest = (struct bucket){key, now_ms, (int64_t)limit->burst * TOKEN};
    return oldest;
}

static void bucket_fill(const struct rate_limit *limit, struct bucket *b, int64_t now_ms) {
    int64_t passed = now_ms > b->filled_at ? now_ms - b->filled_at : 0;
    int64_t most = (int64_t)limit->burst * TOKEN;
    passed = passed > MS_DAY ? MS_DAY : passed;
    b->tokens += passed * limit->per_minute * TOKEN / MS_MINUTE;
    b->tokens = b->tokens > most ? most : b->tokens;
    b->filled_at = now_ms > b->filled_at ? now_ms : b->filled_at;
}

bool rate_limit_take(const struct rate_limit *limit, struct str key, int64_t now_ms, int *wait) {
    pthread_mutex_lock(&lock);
    struct bucket *b = bucket_find(limit, key_hash(limit, key), now_ms);
    bucket_fill(limit, b, now_ms);
    bool taken = b->tokens >= TOKEN;
    b->tokens -= taken ? TOKEN : 0;
    int64_t missing = TOKEN - b->tokens;
    pthread_mutex_unlock(&lock);
    int64_t a_second = (int64_t)limit->per_minute * TOKEN / 60;
    *wait = taken ? 0 : (int)(missing / (a_second > 0 ? a_second : 1)) + 1;
    return taken;
}

void rate_limit_return(const struct rate_limit *limit, struct str key) {
    pthread_mutex_lock(&lock);
    uint64_t hash = key_hash(limit, key);
    struct bucket *set = buckets[(hash >> 32) % SETS];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key == hash && set[i].tokens <= (limit->burst - 1) * (int64_t)TOKEN) {
            set[i].tokens += TOKEN;
        }
    }
    pthread_mutex_unlock(&lock);
}

void rate_limit_clear(void) {
    pthread_mutex_lock(&lock);
    memset(buckets, 0, sizeof buckets);
    pthread_mutex_unlock(&lock);
}

void request_rate_limit(struct request *r, const struct rate_limit *limit, struct str key) {
    int wait;
    if (!ctx_failed(r->c) && !rate_limit_take(limit, key, r->c->now_ms, &wait)) {
        reply_retry_after(r, wait);
        FAIL(r->c, ERROR_LIMIT, "rate.limited");
    }
}
