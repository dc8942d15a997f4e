/*
 * The server's side of the live feed (stream.h): its thread, its subscribers and what
 * libmicrohttpd asks of them.
 */
#ifndef GUANTONG_HTTP_FEED_H
#define GUANTONG_HTTP_FEED_H

#include <microhttpd.h>

#include "http/stream.h"

struct feed;
struct subscriber;
struct peers;

struct feed *feed_start(struct peers *peers);
/* Let all subscribers go; they end as soon as their network thread gets to them. */
void feed_end(struct feed *f);
/* After the last subscriber has left. */
void feed_stop(struct feed *f);

/* The endless reply of a subscriber. */
struct MHD_Response *feed_response(struct subscriber *s);
/* Forget the subscriber, if any; returns NULL. */
struct subscriber *feed_leave(struct subscriber *s);
int64_t feed_dropped(struct feed *f);

#endif
