/*
 * What the server counts about itself, told in the Prometheus text format at /metrics.
 */
#ifndef GUANTONG_HTTP_METRICS_H
#define GUANTONG_HTTP_METRICS_H

#include "http/server.h"

struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);
/* A request was answered; lane 0 when no handler was reached. */
void metrics_request(struct metrics *m, int lane, int status, int64_t duration_ns);
void metrics_add_gauge(struct metrics *m, const struct gauge *g);
/* All of them, and those of the writer when there is one. */
void metrics_write(struct metrics *m, struct text_buffer *out);
void metrics_write_writer(struct writer *w, struct text_buffer *out);

#endif
