/* The floor below the stream on PostgreSQL: its rows through the bare library. */
#ifndef GUANTONG_BENCH_FLOOR_H
#define GUANTONG_BENCH_FLOOR_H

#include <stdint.h>

/* A mark before the program writes; 0 when the database is no PostgreSQL. */
int64_t floor_mark(const char *url);

/*
 * All rows that were written since, put into copies of their tables with all indexes by libpq
 * alone: prepared, pipelined, 64 leads a transaction, two connections. No reads, no rights, no
 * updates, nobody told. Prints how many leads a second that is, and what was written of one.
 */
void floor_measure(const char *url, int64_t mark);

#endif
