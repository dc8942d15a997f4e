/*
 * The rows of an import's file, read by a thread of their own: the next ones while those before
 * are written.
 */
#ifndef GUANTONG_DATA_IMPORT_SUPPLY_H
#define GUANTONG_DATA_IMPORT_SUPPLY_H

#include "data/import_job.h"

struct import_supply;

/* Begin to read the first rows after done_line, at most limit; NULL with an error in c. The reader
 * is the supply's until its end; the supply lives in
 * c->arena. */
struct import_supply *import_supply_start(struct ctx *c, struct table_reader *t, int64_t done_line,
                                          size_t limit);
/* The rows that were begun; they stand until the next call, which has at most limit. */
struct import_rows import_supply_next(struct ctx *c, struct import_supply *s, size_t limit);
void import_supply_stop(struct import_supply *s);

#endif
