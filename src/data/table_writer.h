/*
 * Writing a table for people, as CSV or XLSX, in constant memory.
 *
 * Text is never a formula: CSV cells that look like one get an apostrophe, XLSX cells are
 * strings. CSV is UTF-8 with a byte order mark, which spreadsheets need to show Chinese.
 */
#ifndef GUANTONG_DATA_TABLE_WRITER_H
#define GUANTONG_DATA_TABLE_WRITER_H

#include "base/clock.h"

enum table_format { TABLE_CSV, TABLE_XLSX };

enum cell_kind { CELL_EMPTY, CELL_TEXT, CELL_NUMBER, CELL_DATE, CELL_INSTANT, CELL_BOOLEAN };

struct table_cell {
    enum cell_kind kind;
    struct str text; /* CELL_TEXT; of CELL_NUMBER the decimal digits */
    struct date date;
    int64_t instant; /* ms UTC, shown in the zone */
    bool boolean;
};

struct table_writer;

/* Create the file. zone is for instants. NULL with a failure. */
struct table_writer *table_create(struct ctx *c, const char *path, enum table_format format,
                                  struct str sheet, const struct zone *zone);
/* One row; the first is the header, shown bold in XLSX. Memory of the row is not kept. */
void table_write(struct ctx *c, struct table_writer *w, const struct table_cell *cells, size_t n);
/* Finish the file. The writer is gone, whatever comes of it. */
void table_finish(struct ctx *c, struct table_writer *w);

#endif
