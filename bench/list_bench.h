/*
 * The parts of list_bench: what lists need of a company beside its leads, and the measuring.
 */
#ifndef GUANTONG_BENCH_LIST_BENCH_H
#define GUANTONG_BENCH_LIST_BENCH_H

#include "company.h"

/* Records of all other types (one for ten leads), a field of the company's own on leads, every
 * 97th lead in the trash. Does what is not done yet. */
void list_world_fill(struct company *b);

/* The worst p50 of the lists that an index serves, of the three roles the company is known by: on
 * the clock, and of processor time, which other work on the machine changes less. */
struct list_worst {
    double passed_ms, worked_ms;
};

/* Reads every list of every role round by round and prints a line for each. */
struct list_worst list_measure_all(struct company *b);
bool list_measure_search(struct company *b); /* false: somebody found nothing */

#endif
