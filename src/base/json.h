/*
 * JSON in and out.
 *
 * In: a text is parsed once (by jansson) into a small read-only tree in the arena. Limits:
 * depth 32, and whatever the door let in. Duplicate keys and bytes after the value are
 * refused. Numbers keep whether they were integers.
 *
 * Out: a writer that appends to a buffer, with no tree in between. It puts commas itself;
 * keys and values must alternate rightly, which asserts check.
 */
#ifndef GUANTONG_BASE_JSON_H
#define GUANTONG_BASE_JSON_H

#include "base/context.h"

/* (jansson owns the plain names JSON_OBJECT, json_object … so ours differ.) */
enum json_kind {
    JSON_IS_NULL,
    JSON_IS_BOOL,
    JSON_IS_INT,
    JSON_IS_REAL,
    JSON_IS_TEXT,
    JSON_IS_ARRAY,
    JSON_IS_OBJECT
};

struct json_member;

struct json {
    enum json_kind kind;
    bool boolean;
    int64_t integer;                   /* JSON_IS_INT */
    double real;                       /* JSON_IS_REAL, and JSON_IS_INT too */
    struct str text;                   /* JSON_IS_TEXT */
    size_t n;                          /* items or members */
    const struct json *items;          /* JSON_IS_ARRAY: n of them */
    const struct json_member *members; /* JSON_IS_OBJECT: n, in the order written */
};

struct json_member {
    struct str key;
    struct json value;
};

/* The tree, or NULL with ERROR_INVALID "request.malformed" {line, column}. */
const struct json *json_parse(struct ctx *c, struct str text);

/* Member of an object, NULL when absent or when o is no object (or NULL). */
const struct json *json_get(const struct json *o, const char *key);
const struct json *json_get_str(const struct json *o, struct str key);

/* Member of that type, or the fallback. An id is a string of digits (or an integer). */
struct str json_text(const struct json *o, const char *key); /* empty when absent */
int64_t json_int(const struct json *o, const char *key, int64_t fallback);
bool json_bool(const struct json *o, const char *key, bool fallback);
int64_t json_id(const struct json *o, const char *key); /* 0 when absent or no id */
/* The value itself as an id, 0 when it is none. */
int64_t json_as_id(const struct json *v);
static inline bool json_is(const struct json *v, enum json_kind kind) {
    return v && v->kind == kind;
}

enum { JSON_DEPTH = 32 };

struct json_writer {
    struct text_buffer out;
    unsigned depth;
    bool comma; /* something stands before at this depth */
};

/* A writer into the arena. */
struct json_writer json_writer(struct arena *a);
void json_begin_object(struct json_writer *w); /* { */
void json_begin_array(struct json_writer *w);  /* [ */
void json_end_object(struct json_writer *w);
void json_end_array(struct json_writer *w);
void json_key(struct json_writer *w, const char *key);
void json_key_str(struct json_writer *w, struct str key);
void json_key_ready(struct json_writer *w, struct str key);  /* quoted, with its colon: "name": */
void json_null_ready(struct json_writer *w, struct str key); /* such a key and null */
void json_put_str(struct json_writer *w, struct str s);      /* invalid UTF-8 becomes U+FFFD */
void json_put_c(struct json_writer *w, const char *s);
void json_put_int(struct json_writer *w, int64_t v);
void json_put_real(struct json_writer *w, double v); /* null when not finite */
void json_put_id(struct json_writer *w, int64_t id); /* "123", or null for 0 */
void json_put_bool(struct json_writer *w, bool v);
void json_put_null(struct json_writer *w);
void json_put_instant(struct json_writer *w, int64_t ms);         /* RFC 3339 UTC with ms */
void json_put_instant_or_null(struct json_writer *w, int64_t ms); /* null for 0 */
void json_put_raw(struct json_writer *w, struct str json);        /* already JSON */
void json_put_json(struct json_writer *w, const struct json *v);
/* What was written. */
struct str json_str(const struct json_writer *w);

/* Key and value at once. */
#define JSON_MEMBER(w, key, put, value) (json_key((w), (key)), put((w), (value)))

#endif
