/*
 * Text cases of the API: a file is a scenario on a fresh database, read from top to bottom.
 *
 *     # A line of comment
 *     @as rep1                        later requests come from this user; "nobody" for none
 *     @advance 3d                     the clock goes forward: s, m, h, d
 *     @at 2026-09-30T10:00:00+08:00   the clock is put there, for what the calendar decides
 *     @drain                          timers that are due and reactors run until all is still
 *     @set requests_per_minute 3      a setting of the process from here on, also body_max and
 *                                     import_max
 *     @may finance legal              newcomers of these roles may make the next request, or see
 *                                     what it shows, though the defaults of the roles say no
 *     @times 10                       the next request is made so often
 *
 *     @served                         first of a file: the scenario needs a server and is run over
 *                                     a socket alone, for without one there are no lanes
 *     @fill slow                      no place is free in the slow pool, or in the queue of the
 *                                     "writer", until
 *     @free                           what fills it comes to its end
 *     @stop                           the server begins to stop, for the rest of the file, and
 *                                     comes to its end after it
 *
 *     POST /api/v1/leads?x={{id}}     method and target; {{id}} stands for what was captured
 *     Idempotency-Key: k1             headers
 *     {"name": "孙立民"}               body: JSON on any number of lines, or lines after ">"
 *     201                             the status wanted
 *     Location: *                     headers wanted
 *     {"id": "{{=id}}"}               JSON wanted, or lines after "~" the text must contain, and
 *                                     after "!~" what it must not
 *
 * Steps end at an empty line. In wanted JSON an object may hold more than is written. "*" stands
 * for anything, "!" for a member that must be missing, "*text", "text*" and "*text*" for text
 * that ends so, begins so, contains it; "{{=id}}" captures, in a wanted header also a part:
 * "session={{=cookie}};*" up to the character behind it. Arrays have the length written, unless
 * their last item is "...".
 */
#ifndef GUANTONG_TESTS_API_CASE_H
#define GUANTONG_TESTS_API_CASE_H

#include "base/json.h"
#include "http/route.h"

enum { STEP_HEADERS = 16 };

enum step_kind {
    STEP_REQUEST,
    STEP_AS,
    STEP_ADVANCE,
    STEP_AT,
    STEP_DRAIN,
    STEP_SET,
    STEP_TIMES,
    STEP_SERVED,
    STEP_FILL,
    STEP_FREE,
    STEP_STOP,
    STEP_MAY
};

struct step {
    enum step_kind kind;
    int line;            /* from 1 */
    struct str argument; /* of a directive */
    int64_t advance_ms;
    int64_t at_ms;
    int times;
    enum method method;
    struct str target;
    struct header headers[STEP_HEADERS];
    int n_headers;
    struct str body;
    int status;
    struct header wanted_headers[STEP_HEADERS];
    int n_wanted_headers;
    struct str wanted;   /* JSON, empty when nothing is wanted */
    struct str contains; /* lines, each of which the text must contain */
    struct str lacks;    /* and must not */
    struct step *next;
};

/* The steps of a file's text; NULL with *why and *line when it cannot be understood. */
struct step *case_parse(struct arena *a, struct str text, const char **why, int *line);

struct captures {
    struct arena *arena;
    struct {
        struct str name, value;
    } items[64];
    int n;
};

/* The text with every {{name}} replaced; unknown ones stay. */
struct str captures_fill(const struct captures *captures, struct str text);

/* As text_fits, for a pattern that may capture a part. */
bool header_fits(struct captures *captures, struct str text, struct str pattern);

/* Whether text fits a pattern with "*" at its ends. */
bool text_fits(struct str text, struct str pattern);

/* Compare, capture; NULL when it fits, else what does not, with where ("/data/0/name"). */
const char *json_fits(struct captures *captures, const struct json *wanted, const struct json *got);

#endif
