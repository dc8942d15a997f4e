/*
 * Files: contents too large for the database, beside it in a folder.
 *
 * A content is called by its SHA-256, so the same one is kept once, never changes, and can be
 * checked. It is on disk (written, synced, renamed, its folder synced) before the row that
 * refers to it may be committed: first a content, then a transaction. What no row refers to a
 * day later (the transaction failed, the program died between the two) is removed by
 * file_store_sweep. Several processes may share the folder.
 */
#ifndef GUANTONG_DB_FILE_STORE_H
#define GUANTONG_DB_FILE_STORE_H

#include "base/context.h"

enum { FILE_STORE_PARTS = 256 }; /* folders that contents are spread over */

struct file_stored {
    struct str hash; /* 64 hexadecimal digits */
    int64_t size;
};

/* Where the folder is: <folder>/store. Set once at start; made when first needed. */
void file_store_open(struct str folder);
const char *file_store_folder(void);

/* Keep the content of a file; the file itself is moved away. Outside transactions, for it waits for
 * the disk. False after an error in c. */
bool file_store_take(struct ctx *c, struct str path, struct file_stored *out);
/* The same of bytes in memory. */
bool file_store_put(struct ctx *c, struct str bytes, struct file_stored *out);

/* Where a content lies. */
struct str file_store_path(struct arena *a, struct str hash);
/* Its bytes, at most `most`; false when it is not there, damaged or larger. */
bool file_store_get(struct arena *a, struct str hash, size_t most, struct str *bytes);
/* Whether it is there, whole, and what it is called by; reads all of it. */
bool file_store_sound(struct arena *a, struct str hash, int64_t size);

/*
 * Remove contents of one part (0 … FILE_STORE_PARTS - 1) that were put there before an instant
 * and that nobody refers to, as wanted says. How many were removed; ends at an error in c.
 */
size_t file_store_sweep(struct ctx *c, unsigned part, int64_t before_ms,
                        bool (*wanted)(struct ctx *c, struct str hash));

/* Call each with the name of every content of a part. */
void file_store_each(struct arena *a, unsigned part, void (*each)(void *data, struct str hash),
                     void *data);

#endif
