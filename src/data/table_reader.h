/*
 * Reading a spreadsheet somebody gives us, CSV or XLSX, row by row.
 *
 * The format is told from the content, not the name. Cells come as text: numbers without
 * exponent or trailing zeros, dates as YYYY-MM-DD (with hh:mm:ss when they have a time),
 * booleans as TRUE and FALSE. Formulas count as their stored value and are never computed.
 */
#ifndef GUANTONG_DATA_TABLE_READER_H
#define GUANTONG_DATA_TABLE_READER_H

#include "base/context.h"
#include "base/text.h"

struct table_limits {
    int64_t bytes;    /* of the file */
    int64_t unpacked; /* bytes of all parts of an XLSX file that are read */
    int64_t rows;     /* highest row number */
    size_t columns;
    size_t cell_bytes;
    int seconds; /* the child process may take; of its processor time too */
};

/* 100 MB, 1 GB unpacked, a million rows, 500 columns, 64 KB a cell, 120 s. */
extern const struct table_limits table_limits_default;

struct table_row {
    int64_t line; /* row number as the spreadsheet shows it; the first row is 1 */
    const struct str *cells;
    size_t n; /* up to the last cell that is not empty; 0 for a blank row */
};

enum table_trust {
    TABLE_UNTRUSTED, /* XLSX is unpacked by a child process with limits */
    TABLE_TRUSTED    /* our own file, or a test */
};

struct table_reader;

/*
 * Open a file; sheet names the sheet of a workbook, empty takes the first visible one. NULL
 * with a failure "table.…" when it cannot be read: missing, too large, an old XLS file, no
 * such sheet, damaged. limits may be NULL for the default.
 */
struct table_reader *table_open(struct ctx *c, const char *path, struct str sheet,
                                const struct table_limits *limits, enum table_trust trust);

/* The next row; its cells live until the next call. False at the end and on failure. */
bool table_next(struct ctx *c, struct table_reader *t, struct table_row *row);

const char *table_format(const struct table_reader *t);  /* "csv" or "xlsx" */
const char *table_charset(const struct table_reader *t); /* "GB18030"; "UTF-8" of XLSX */
/* Names of the sheets that are not hidden; none of CSV. They live as long as the reader. */
struct str_list table_sheets(const struct table_reader *t);
/* Bytes read of the file so far, and its size, for progress. */
int64_t table_position(const struct table_reader *t);
int64_t table_size(const struct table_reader *t);
void table_close(struct table_reader *t);

/* Cell i of a row, empty when it has fewer. */
static inline struct str table_cell(const struct table_row *row, size_t i) {
    return i < row->n ? row->cells[i] : (struct str){"", 0};
}

#endif
