/*
 * Reading XLSX (ECMA-376) as a stream of rows, and reading it in a child process.
 *
 * Shared and inline strings, numbers, booleans, dates by the style of the cell (built-in and
 * custom formats, both date systems), sparse rows and cells by their references. The file may
 * be hostile: sizes, ratios, counts and nesting are bounded, wrong structure is a failure
 * "table.…" and never more.
 */
#ifndef GUANTONG_DATA_XLSX_H
#define GUANTONG_DATA_XLSX_H

#include "data/table_reader.h"

struct xlsx_reader;

/* sheet empty: the first visible one. NULL with a failure. */
struct xlsx_reader *xlsx_open(struct ctx *c, const char *path, struct str sheet,
                              const struct table_limits *limits);
/* The next row that is in the file; rows that are not there were blank. */
bool xlsx_next(struct ctx *c, struct xlsx_reader *r, struct table_row *row);
struct str_list xlsx_sheets(const struct xlsx_reader *r);
void xlsx_close(struct xlsx_reader *r);

/*
 * Read the sheet in a child process with bounds on memory, processor time and waiting, and
 * return an open file for csv_open_file: a row with the names of the sheets, then each row
 * with its line number in front. -1 with a failure; a child that crashed or took too long is
 * one ("table.crashed", "table.timeout").
 */
int xlsx_to_csv_in_child(struct ctx *c, const char *path, struct str sheet,
                         const struct table_limits *limits);

/* A number of a sheet as text: whole numbers and fractions without exponent. */
struct str xlsx_number_text(struct arena *a, struct str number);
/* A date serial as YYYY-MM-DD, YYYY-MM-DD hh:mm:ss or hh:mm:ss; empty when it is none. */
struct str xlsx_serial_text(struct arena *a, double serial, bool from_1904);

#endif
