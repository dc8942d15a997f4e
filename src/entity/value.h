/* Values of fields: the parts that the files of this folder share. */
#ifndef GUANTONG_ENTITY_VALUE_H
#define GUANTONG_ENTITY_VALUE_H

#include "entity/record.h"

extern const struct value value_null;
struct value value_int(int64_t v);
struct value value_text(struct str text); /* null when empty */

/* "/name" */
struct str field_pointer(struct ctx *c, const struct field *f);
/* Record the field error and give the empty value. */
struct value value_fail(struct ctx *c, const struct field *f, const char *text);
/* "; there are: a, b": the {among} of an error, in the caller's language; nothing without names. */
struct str names_aside(struct ctx *c, struct str names);

/* Text in the exact form of the API; anything else is a field error. Blank is empty. */
struct value value_strict(struct ctx *c, const struct field *f, struct str text);
/* A number as it is stored, if it is within the field's bounds. */
struct value value_bounded(struct ctx *c, const struct field *f, int64_t v);
/* A decimal within the field's bounds, digits after the point. */
struct value value_decimal(struct ctx *c, const struct field *f, struct str text, int digits);
struct value value_amount(struct ctx *c, const struct field *f, struct str amount,
                          struct str currency);
struct value value_json(struct ctx *c, const struct field *f, const struct json *v);

#endif
