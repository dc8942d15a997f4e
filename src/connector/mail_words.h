/* Texts of a mail's head that are not ASCII, as encoded words (RFC 2047). */
#ifndef GUANTONG_CONNECTOR_MAIL_WORDS_H
#define GUANTONG_CONNECTOR_MAIL_WORDS_H

#include "base/str.h"

struct arena;

/* Whether the text can stand in a head as it is. */
bool mail_words_plain(struct str text);
/* The text as encoded words of at most 75 characters, one a line, cut between characters; column:
 * how many of the first line are used. Lines end with "\n " and have 76 characters at most. */
struct str mail_words(struct arena *a, struct str text, size_t column);

#endif
