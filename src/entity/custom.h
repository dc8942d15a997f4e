/*
 * Fields and record types of a company's own.
 *
 * They are records themselves (custom_field, custom_object): created, relabelled and hidden
 * (trashed) through the same verbs, audited alike. Writing one adds the column or table in
 * the same transaction and moves the model's version. A custom field is a real column
 * x_name, a custom type a real table x_name. Names and types never change; what is hidden
 * keeps its data and its name, and comes back by restoring it.
 */
#ifndef GUANTONG_ENTITY_CUSTOM_H
#define GUANTONG_ENTITY_CUSTOM_H

#include "entity/record.h"

enum { CUSTOM_FIELDS = 100, CUSTOM_OBJECTS = 50, CUSTOM_OPTIONS = 200, CUSTOM_NAME = 40 };

struct custom_object {
    struct str name, plural, label[2];
};

struct custom_field {
    struct str entity_name, name, label[2];
    enum field_type type;
    unsigned flags; /* of enum field_flag */
    struct field_option *options;
    size_t n_options;
    struct str target;
    int max_length;
};

/* Those not hidden, in the order they were made. */
struct custom_rows {
    struct custom_object *objects;
    size_t n_objects;
    struct custom_field *fields;
    size_t n_fields;
};

struct custom_rows custom_read(struct ctx *c, struct arena *a);

extern const struct entity_definition custom_field_definition, custom_object_definition;

#endif
