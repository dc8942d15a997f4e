/*
 * Texts the server writes for people, in Chinese and English.
 *
 * Code names a text by its code; each folder keeps one table of them, and the program
 * registers the tables at start. "{name}" in a text stands for the parameter of that name.
 */
#ifndef GUANTONG_BASE_MESSAGE_H
#define GUANTONG_BASE_MESSAGE_H

#include "base/context.h"

struct text {
    const char *code; /* "lead.already_converted"; NULL ends a table */
    const char *zh, *en;
};

/* Add a table that lives as long as the program. Called at start, before threads. A code
 * that is there already with other words stops the program: one text, one place. */
void message_register(const struct text *table);

/* The words of a code; the code itself when it is unknown. */
struct str message_words(enum language language, const char *code);

/* The words with n parameters put in. */
struct str message_format(struct arena *a, enum language language, const char *code,
                          const struct text_parameter *parameters, size_t n);

/* The words of an error, with its parameters. */
struct str message_error(struct arena *a, enum language language, const struct error *e);
/* The words that say most: of the first wrong field, else of the error. */
struct str message_failure(struct arena *a, enum language language, const struct error *e);
/* The same in all languages, to be kept: {"zh": …, "en": …}. */
struct str message_failure_kept(struct arena *a, const struct error *e);

/* "zh" or "en"; from a tag or an Accept-Language header, zh when neither is asked for. */
const char *language_tag(enum language language);
enum language language_parse(struct str accept);

#endif
