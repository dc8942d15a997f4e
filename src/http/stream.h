/*
 * The live feed: server-sent events, one stream a browser.
 *
 * A subscriber holds an open connection. Publishers hand over an event name, a JSON text
 * and who may see it; the filter runs per subscriber with its actor. Slow readers are cut off
 * and come back with Last-Event-ID; they then refetch, since the feed is a hint, not the truth.
 */
#ifndef GUANTONG_HTTP_STREAM_H
#define GUANTONG_HTTP_STREAM_H

#include "http/request.h"

/* Turn this request's connection into a subscriber (route flag ROUTE_STREAM). */
void stream_subscribe(struct request *r);

struct stream_message {
    struct str name; /* "change", "notification" */
    struct str data; /* JSON */
    int64_t user_id; /* only this user's connections; 0: all that the filter lets through */
    int64_t owner_id, owner_department_id; /* of the record concerned, for the filter */
    struct str entity;
};

/* From any thread; returns at once. */
void stream_publish(struct server *s, const struct stream_message *m);
/* Whether an actor may receive a message not addressed to a user; set once at start. It gets the
 * actor as it was when the feed was opened, at most five minutes ago, without its rights on
 * fields and its permissions. */
void stream_filter(struct server *s,
                   bool (*permits)(const struct actor *actor, const struct stream_message *m));
/* Open subscribers, for /metrics. */
int stream_count(const struct server *s);

#endif
