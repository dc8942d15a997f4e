/*
 * Rate limits: token buckets in memory, one for each (limit, key), where the key is a user, a
 * token, a login or a client's address.
 *
 * A bucket holds `burst` tokens and is refilled evenly, `per_minute` of them. A table of
 * bounded size is shared by all; when it is full, the bucket that holds most goes. Taking a
 * token costs no lock. Per process: with several nodes each counts for itself. Taken on the
 * inline lane or in prepare, never in a writer's handler, which may run twice.
 */
#ifndef GUANTONG_HTTP_RATE_LIMIT_H
#define GUANTONG_HTTP_RATE_LIMIT_H

#include "http/request.h"

struct rate_limit {
    const char *name;      /* "session.login": part of the key */
    int burst, per_minute; /* above 0 */
};

/* Take a token; false when there is none, with the seconds until the next in *wait. */
bool rate_limit_take(const struct rate_limit *limit, struct str key, int64_t now_ms, int *wait);

/* Put a token back: a log-in that was right does not count. */
void rate_limit_return(const struct rate_limit *limit, struct str key);

/* Take a token for the request, or fail it with 429 "rate.limited" and Retry-After. */
void request_rate_limit(struct request *r, const struct rate_limit *limit, struct str key);

/* For tests, which ask the same thing many times over while nobody else asks: forget all buckets,
 * keep a copy of them, put that back. */
void rate_limit_clear(void);
void rate_limit_remember(void);
void rate_limit_recall(void);

#endif
