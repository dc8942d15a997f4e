/*
 * A sheet of paper as the sample's people send it: a PDF of one page with a few lines of Chinese,
 * in a font every reader of PDFs has (Adobe-GB1, STSong-Light), so that none is embedded.
 */
#ifndef GUANTONG_SAMPLE_SETUP_PAPER_H
#define GUANTONG_SAMPLE_SETUP_PAPER_H

#include "base/str.h"

/* The first of the n lines is the title. */
struct str sample_paper(struct arena *a, const struct str *lines, size_t n);

#endif
