/*
 * The target of a request: path and query as they stand in the request line.
 */
#ifndef GUANTONG_HTTP_TARGET_H
#define GUANTONG_HTTP_TARGET_H

#include "http/request.h"
#include "http/router.h"

enum { TARGET_LENGTH = 8192, QUERY_PAIRS = 64 };

struct target {
    struct str path; /* decoded */
    struct str segments[PATH_SEGMENTS];
    int n_segments;
    struct header *query; /* decoded names and values, in the order written */
    int n_query;
};

/*
 * Take a target apart. False when it is none: it does not begin with "/", its path has a broken
 * %-escape, bytes that are not UTF-8 or a control character, too many segments or pairs.
 */
bool target_parse(struct arena *a, struct str text, struct target *t);

/* Decode the %-escapes of a part of a path into the arena. False as above. */
bool percent_decode(struct arena *a, struct str text, struct str *decoded);

/* Pairs "a=1&b=2" into a new array; false when they are more than the limit or hold a NUL. A broken
 * %-escape stands for itself. Cut alone, they are bytes of whatever encoding; parsed, they are
 * text: of what is not UTF-8 the encoding is guessed, and what fits none is replaced. */
bool pairs_cut(struct arena *a, struct str text, int limit, struct header **pairs, int *n);
bool pairs_parse(struct arena *a, struct str text, int limit, struct header **pairs, int *n);

#endif
