/*
 * The context of a unit of work, and its sticky error.
 *
 * Every function that can fail takes a struct ctx. The first failure is kept in
 * ctx->error and wins; from then on database calls, events and record verbs do nothing,
 * and the transaction rolls back. So code stays linear: no unwinding, no error returns to
 * pass along. Two rules follow. A value read after a failure is zero and must never steer
 * a loop: loops end on ctx_failed(). A unit of work may be run again from its beginning
 * (ERROR_RETRY, or a neighbour in the same commit failed), so it changes nothing outside
 * its arena and the database.
 */
#ifndef GUANTONG_BASE_CONTEXT_H
#define GUANTONG_BASE_CONTEXT_H

#include "base/arena.h"
#include "base/str.h"

struct db;     /* db/db.h: the connection this unit of work runs on */
struct model;  /* entity/model.h: the record types it sees */
struct actor;  /* entity/access.h: for whom it is done */
struct record; /* entity/record.h */

enum language { LANGUAGE_ZH, LANGUAGE_EN };

/* Where a change comes from. Outside effects (mail, webhooks) follow only from live ones. */
enum origin { ORIGIN_LIVE, ORIGIN_IMPORT, ORIGIN_REPLAY };

enum error_code {
    ERROR_NONE,
    ERROR_INVALID,  /* the input is wrong; field errors say where */
    ERROR_DENIED,   /* visible, but not allowed */
    ERROR_ABSENT,   /* missing, or invisible to this actor */
    ERROR_CONFLICT, /* someone else was first, or the state forbids it */
    ERROR_LIMIT,    /* a bound was reached; try later or with less */
    ERROR_RETRY,    /* nothing wrong: run the unit of work again */
    ERROR_INTERNAL  /* ours; details go to the log, never to the caller */
};

/* A named value for a text: {name} in the text is replaced by it. */
struct text_parameter {
    const char *name;
    struct str value;
};

enum { ERROR_PARAMETERS = 4 };

struct field_error {
    struct str pointer; /* JSON pointer into the input, "/phone" */
    const char *text;   /* text code */
    struct text_parameter parameters[ERROR_PARAMETERS];
    struct field_error *next; /* in the order found */
};

struct error {
    enum error_code code;
    const char *text; /* text code; static */
    struct text_parameter parameters[ERROR_PARAMETERS];
    struct field_error *fields, *last_field;
    char internal[256]; /* for the log only: SQL state, errno … */
};

/* Numbers in the database that move with what caches hold: see entity/versions.h. */
struct versions {
    bool known;  /* false: nothing may be taken from a cache, or put there */
    bool firm;   /* what versions_firm asks first */
    int64_t own; /* versions_own */
    int64_t database, model, organization, setting, session;
};

struct ctx {
    struct arena *arena;
    int64_t now_ms;           /* the time of this unit of work, ms UTC; never read the clock */
    int64_t recorded_ms;      /* when it is written down, if now_ms is in the past; 0: at now_ms */
    enum language language;   /* of the caller */
    struct db *db;            /* NULL outside database work */
    struct versions versions; /* of the snapshot a reader works on */
    const struct model *model;
    const struct actor *actor;
    enum origin origin;
    int64_t cause_id;             /* event that led here, 0 when none */
    int depth;                    /* length of the causation chain so far */
    int64_t approval_id;          /* the approval under which all this is done, 0 when none */
    const struct record *refused; /* the record, new or changed, that the gate refused last */
    bool reordered; /* records are put in order: nobody is asked about what comes of it */
    bool silent;    /* a module that is switched off is at work: nothing goes outside */
    struct str request_id;
    struct error error;
};

static inline bool ctx_failed(const struct ctx *c) {
    return c->error.code != ERROR_NONE;
}

/* Whether another try of the same would fail the same way: what was asked for cannot be done. */
static inline bool ctx_failed_for_good(const struct ctx *c) {
    return c->error.code == ERROR_INVALID || c->error.code == ERROR_DENIED ||
           c->error.code == ERROR_ABSENT || c->error.code == ERROR_CONFLICT;
}

/*
 * Record a failure, unless one is there already. text is a code of a text table and must
 * outlive the context; parameter values are copied into c->arena.
 *   FAIL(c, ERROR_CONFLICT, "record.stale");
 *   FAIL(c, ERROR_LIMIT, "pool.full", {"pool", name});
 */
void ctx_fail(struct ctx *c, enum error_code code, const char *text,
              const struct text_parameter *parameters, size_t n);
#define FAIL(c, code, text, ...)                                                            \
    ctx_fail((c), (code), (text), (struct text_parameter[]){__VA_ARGS__ __VA_OPT__(, ){0}}, \
             sizeof((struct text_parameter[]){__VA_ARGS__ __VA_OPT__(, ){0}}) /             \
                     sizeof(struct text_parameter) -                                        \
                 1)

/* An internal failure with details for the log. */
void ctx_fail_internal(struct ctx *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Record that one field of the input is wrong. All are gathered: a second field error is
 * added to the first, and the whole becomes ERROR_INVALID "input.invalid".
 *   FAIL_FIELD(c, STR("/phone"), "phone.length", {"digits", n});
 */
void ctx_fail_field(struct ctx *c, struct str pointer, const char *text,
                    const struct text_parameter *parameters, size_t n);
#define FAIL_FIELD(c, pointer, text, ...)                                             \
    ctx_fail_field((c), (pointer), (text),                                            \
                   (struct text_parameter[]){__VA_ARGS__ __VA_OPT__(, ){0}},          \
                   sizeof((struct text_parameter[]){__VA_ARGS__ __VA_OPT__(, ){0}}) / \
                           sizeof(struct text_parameter) -                            \
                       1)

/* What was found wrong behind `last` (NULL: all of it) is wrong in a part of the input: "/name"
 * becomes "/account/name" with part "/account". */
void ctx_fields_under(struct ctx *c, const struct field_error *last, const char *part);

/* Forget the failure: only for runners that handled it (re-run, per-row verdicts). */
void ctx_clear_error(struct ctx *c);

#endif
