/* Shapes of routes (http/route.h) as JSON Schema; part of openapi.c. */
#ifndef GUANTONG_API_OPENAPI_SHAPE_H
#define GUANTONG_API_OPENAPI_SHAPE_H

#include "entity/model.h"

struct json_writer;

/* A reader of shapes. e is the record type that "@" stands for, NULL when there is none. */
struct shape_reader {
    struct ctx *c;
    struct str rest;
    const struct entity *e;
};

/* One named member. */
struct shape_member {
    struct str name;
    bool required;
    struct str schema; /* JSON */
};

/* The next member; false at the end of the shape, or where it cannot be read. */
bool shape_next(struct shape_reader *r, struct shape_member *m);

/* A whole shape as a schema: an object of members, or a type alone. */
struct str shape_schema(struct ctx *c, const char *shape, const struct entity *e);

/* Whether records of the type are described to this caller. */
bool openapi_describes(struct ctx *c, const struct entity *e);

#endif
