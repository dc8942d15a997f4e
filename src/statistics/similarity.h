/*
 * How alike two short texts are, by their characters (code points).
 *
 * Texts longer than SIMILARITY_MOST characters are compared by their beginning: names, numbers
 * and lines of addresses are shorter.
 */
#ifndef GUANTONG_STATISTICS_SIMILARITY_H
#define GUANTONG_STATISTICS_SIMILARITY_H

#include "base/str.h"

enum { SIMILARITY_MOST = 64 };

/* Jaro (1989) with Winkler's (1990) bonus of 0.1 for each of up to four equal first characters:
 * 0 for nothing in common, 1 for equal texts. MARTHA, MARHTA gives 0.9611. */
double similarity_jaro_winkler(struct str a, struct str b);

/* The fewest insertions, deletions, substitutions and swaps of neighbours that make b of a, no
 * place edited twice (optimal string alignment; Damerau 1964). */
int similarity_edits(struct str a, struct str b);

#endif
