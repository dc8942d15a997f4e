/*
 * What a file of leads tells of somebody more than once.
 *
 * A list of inquiries may have several rows of one person, of the same minute and source. A row
 * that is another in any cell is another inquiry; one that is the same in all of them is the same
 * again. Which of the different rows about that moment a row is, counted from 1, says how many
 * inquiries the company must know of to know this one too (lead_take_in): in this file, and when
 * it comes again. It is kept while the file runs; after a break the count begins anew.
 */
#ifndef GUANTONG_DATA_IMPORT_TOLD_H
#define GUANTONG_DATA_IMPORT_TOLD_H

#include "data/import.h"

struct import_told {
    struct arena arena;
    struct told_row *rows; /* by hash, a power of two */
    size_t room, n;
};

void import_told_init(struct import_told *told);
void import_told_free(struct import_told *told);
/* The same for the same row, however often it is asked. 1 without a list of those before. */
int64_t import_told_number(struct import_told *told, struct str moment,
                           const struct table_row *row);

#endif
