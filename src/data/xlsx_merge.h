/*
 * Merged cells of a sheet. A value that was written once over several rows is that of each of
 * them: "客户" beside its three deals. What is merged across columns is a title and stays one cell.
 */
#ifndef GUANTONG_DATA_XLSX_MERGE_H
#define GUANTONG_DATA_XLSX_MERGE_H

#include "data/xlsx_package.h"

struct xlsx_merges;

/* Those of a sheet's part, which stand behind its rows: the part is unpacked once for them. NULL
 * when there are none, or with a failure. */
struct xlsx_merges *xlsx_merges_read(struct ctx *c, struct xlsx_package *p, const char *part);

/* Give a row, the lines ascending, what cells above it say for it too. Of cells the first *n hold
 * something, there is room for most; *n grows. */
struct xlsx_cells {
    struct str *cells;
    size_t *n, most;
};
void xlsx_merges_fill(struct xlsx_merges *merges, int64_t line, const struct xlsx_cells *row);

#endif
