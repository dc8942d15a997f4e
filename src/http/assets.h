/*
 * The files of the web client, inside the program.
 *
 * The build compresses each file beforehand and puts the bytes into the read-only data of the
 * program; a build without the web client has none. Nothing here allocates or changes.
 */
#ifndef GUANTONG_HTTP_ASSETS_H
#define GUANTONG_HTTP_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * path begins with "/", as in a URL. etag is quoted, ready for the header. gzip and brotli are
 * NULL (size 0) where compressing does not make the file smaller. An immutable file has a hash of
 * its content in its name and may be cached for ever; any other must be revalidated.
 */
struct asset {
    const char *path, *mime, *etag;
    const unsigned char *plain, *gzip, *brotli;
    size_t plain_size, gzip_size, brotli_size;
    bool immutable;
};

/* The file at exactly this path, or NULL. "/" is not "/index.html": routing decides that. */
const struct asset *asset_find(struct str path);

/* All files in the order of their paths; written by scripts/assets. */
extern const struct asset asset_table[];
extern const size_t asset_count;

#endif
