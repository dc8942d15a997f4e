/*
 * CSV (RFC 4180) in and out.
 *
 * In: quoted cells with line breaks and doubled quotes; CRLF, LF or CR; the separator is
 * found among comma, semicolon and tab; any charset of base/charset.h. Each record is one
 * row, blank lines too, so that rows count as a spreadsheet counts them.
 */
#ifndef GUANTONG_DATA_CSV_H
#define GUANTONG_DATA_CSV_H

#include "data/table_reader.h"

struct csv_reader;

/* NULL with a failure "table.…". */
struct csv_reader *csv_open(struct ctx *c, const char *path, const struct table_limits *limits);
/* Take over an open file, from its beginning; it is closed with the reader. */
struct csv_reader *csv_open_file(struct ctx *c, int file, const struct table_limits *limits);
bool csv_next(struct ctx *c, struct csv_reader *r, struct table_row *row);
const char *csv_charset(const struct csv_reader *r);
char csv_separator(const struct csv_reader *r);
int64_t csv_position(const struct csv_reader *r);
int64_t csv_size(const struct csv_reader *r);
void csv_close(struct csv_reader *r);

/*
 * One row, ended by CRLF. A cell a spreadsheet would take for a formula (it begins with = + -
 * @, tab or line break, full-width forms included, and is no number) gets an apostrophe in
 * front. For a file that people open in Excel, write csv_mark before the first row.
 */
void csv_add_row(struct text_buffer *out, const struct str *cells, size_t n);
/* The same without the apostrophe, for programs: what is read back is what was written. */
void csv_add_row_exact(struct text_buffer *out, const struct str *cells, size_t n);
#define csv_mark STR("\xEF\xBB\xBF")

/* Would a spreadsheet run this cell? */
bool cell_is_formula(struct str cell);

#endif
