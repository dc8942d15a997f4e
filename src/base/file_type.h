/*
 * What a file is, told by its first bytes; the name decides only between formats that share
 * them (a .docx is a ZIP archive). Types are those people send one another in business:
 * pictures, documents, recordings, archives. Programs, scripts and web pages are none of them.
 */
#ifndef GUANTONG_BASE_FILE_TYPE_H
#define GUANTONG_BASE_FILE_TYPE_H

#include "base/str.h"

enum { FILE_TYPE_HEAD = 512 }; /* bytes it wants to see, when there are so many */

struct file_type {
    const char *mime;
    const char *extensions; /* the first is the usual one: "jpg jpeg" */
    const char *kind;       /* "image" "document" "audio" "video" "archive" "text" */
    bool shown;             /* a browser may show it inside a page */
};

/* The type of a file that begins so and is called so; NULL for what is none of them. */
const struct file_type *file_type_of(struct str head, struct str name);
/* The type of that name ("image/png"), as kept with a file; NULL when unknown. */
const struct file_type *file_type_named(struct str mime);

/*
 * A name that is safe to show and to save under: the last part of a path, without control and
 * direction characters and without what a file system minds, at most 150 characters, with an
 * extension of the type (NULL: as it is). Never empty.
 */
struct str file_name_clean(struct arena *a, struct str name, const struct file_type *type);

#endif
