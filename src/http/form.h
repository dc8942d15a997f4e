/*
 * Bodies of forms: application/x-www-form-urlencoded and multipart/form-data (RFC 7578).
 *
 * Parsing makes no copies of values in multipart bodies: parts point into the body. Bounded:
 * at most FORM_FIELDS fields, part headers of 4 KB, boundaries of 70 bytes.
 */
#ifndef GUANTONG_HTTP_FORM_H
#define GUANTONG_HTTP_FORM_H

#include "base/str.h"
#include "http/request.h"

enum { FORM_FIELDS = 200 };

struct form_field {
    struct str name;
    struct str value;
    struct str file_name; /* p = NULL when the part is no file */
    struct str mime;      /* of the part, empty when not given */
};

struct form {
    struct form_field *fields;
    int n;
};

/* Parse a body of that content type; texts that are not UTF-8 are converted. False when the type is
 * no form's or the body is broken. */
bool form_parse(struct arena *a, struct str content_type, struct str body, struct form *form);

/* Whether a content type says so, whatever its parameters: mime_is(t, "application/json"). */
bool mime_is(struct str content_type, const char *mime);

/* A parameter of a content type, as "charset"; empty when it has none. */
struct str mime_parameter(struct arena *a, struct str content_type, const char *name);

/* The first field of that name, NULL when there is none. */
const struct form_field *form_find(const struct form *form, const char *name);

#endif
