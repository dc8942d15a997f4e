/*
 * Which encoding a file is in, and its conversion to UTF-8 chunk by chunk.
 */
#ifndef GUANTONG_BASE_CHARSET_H
#define GUANTONG_BASE_CHARSET_H

#include "base/str.h"

enum charset { CHARSET_UTF8, CHARSET_UTF16LE, CHARSET_UTF16BE, CHARSET_GB18030, CHARSET_BIG5 };

/* By byte order mark, else by validity and ICU's statistics; sample is the beginning of the
 * file (64 KB is plenty) and may end within a character. Text that fits nothing is GB18030,
 * which spreadsheets in China write. */
enum charset charset_detect(struct str sample);
/* Of a message somebody sent, which may be short: as declared when that is known, else UTF-8 unless
 * less of it than not is characters of UTF-8; then GB18030. */
enum charset charset_of_message(struct str declared, struct str bytes);
const char *charset_name(enum charset charset); /* "UTF-8", "GB18030" … */
bool charset_find(struct str name, enum charset *charset);

struct charset_reader;
/* NULL when ICU has no such converter. The byte order mark is left out of the output. */
struct charset_reader *charset_reader_new(enum charset charset);
/* Append the UTF-8 of a chunk to *out. A character cut by the end of the chunk waits for the
 * next one; last says that none follows. Wrong bytes become U+FFFD. */
void charset_reader_add(struct charset_reader *r, struct str chunk, bool last,
                        struct text_buffer *out);
void charset_reader_free(struct charset_reader *r);

/* All of a text at once. */
struct str charset_convert(struct arena *a, enum charset charset, struct str bytes);

#endif
