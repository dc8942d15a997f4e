/*
 * The program's own log: one JSON object a line on standard error, for operators. Never
 * personal data, never secrets. Business history is the event log, not this.
 */
#ifndef GUANTONG_BASE_LOG_H
#define GUANTONG_BASE_LOG_H

#include "base/context.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Lines below the level are dropped. Default LOG_INFO. */
void log_set_level(enum log_level level);
/* "debug", "info", "warn", "error"; false on another word. */
bool log_parse_level(struct str word, enum log_level *level);

struct log_field {
    const char *name;
    struct str text; /* used when not empty */
    int64_t number;
};

/* LOG(LOG_INFO, "server.started", {"port", .number = 8080}); safe from any thread. */
void log_write(enum log_level level, const char *message, const struct log_field *fields, size_t n);
#define LOG(level, message, ...)                                                       \
    log_write((level), (message), (struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){0}}, \
              sizeof((struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){0}}) /            \
                      sizeof(struct log_field) -                                       \
                  1)
/* The error of a unit of work, with its request id and internals. */
void log_error(const struct ctx *c, const char *message);

#endif
