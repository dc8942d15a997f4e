/*
 * Exports: the records of a list as a table for people.
 *
 * Rights are those of the list, narrowed to what the actor may export: fields he may not read
 * are no columns, masked ones are masked. Any number of rows takes the memory of one page.
 */
#ifndef GUANTONG_DATA_EXPORT_H
#define GUANTONG_DATA_EXPORT_H

#include "data/table_writer.h"
#include "entity/query.h"

struct export_order {
    struct list_request list;    /* entity, where, sorts, trashed; the rest is set here */
    const struct field **fields; /* the columns; a field of money makes two */
    size_t n_fields;
    enum table_format format;
};

/* The fields named in a list with commas, or all the actor may read when it is empty; field
 * errors at /fields. */
void export_fields(struct ctx *c, struct export_order *order, struct str names);

/* Write the file; how many records. ERROR_DENIED when the actor may not export this type. */
int64_t export_write(struct ctx *c, struct export_order *order, const char *path);

#endif
