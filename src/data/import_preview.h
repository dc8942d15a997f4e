/* Judging the rows of an import without writing anything. */
#ifndef GUANTONG_DATA_IMPORT_PREVIEW_H
#define GUANTONG_DATA_IMPORT_PREVIEW_H

#include "data/import.h"

/* Read the rest of the table (the header is read already) and write
 * {"rows":[…first and refused ones],"counts":{…},"dirt":[…]}. */
void import_preview(struct ctx *c, struct json_writer *w, struct import_plan *plan,
                    struct table_reader *t);

#endif
