/* Parts of guantong backup and restore. */
#ifndef GUANTONG_APP_BACKUP_H
#define GUANTONG_APP_BACKUP_H

#include <stdbool.h>

#include "base/str.h"

/* A whole copy on disk, private to its owner. False with errno. */
bool backup_copy(const char *from, const char *to);
/* What was written under the path, or the names in a folder, is on disk. */
bool backup_sync(const char *path);

/*
 * The contents of attachments (db/file_store.h) into a folder, which is made: all that is there
 * now. Contents never change and are never given up while a row names them, so a copy made after
 * the database's holds all that the database names. False with errno. A store that was never used
 * makes no folder.
 */
bool backup_files(struct arena *a, const char *to);
/* The contents of such a folder into the store; those that are there already are left. */
bool restore_files(struct arena *a, const char *from);

#endif
