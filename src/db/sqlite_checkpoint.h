/*
 * Moving the write-ahead log back into the database file.
 *
 * SQLite's own way (a checkpoint inside the commit that passes a limit) makes single
 * commits slow. Instead a thread with its own connection copies from 4,000 pages on while
 * the writer goes on. Under steady writing that thread never quite reaches the end, and only a
 * log copied to its end can start over; so above 16,000 pages the thread syncs the file and copies
 * again until what is left is short, and the writer copies and syncs this rest between two
 * batches. Only a log of 64,000 pages is the writer's, however much is left.
 */
#ifndef GUANTONG_DB_SQLITE_CHECKPOINT_H
#define GUANTONG_DB_SQLITE_CHECKPOINT_H

#include <sqlite3.h>

#include "base/context.h"

struct checkpointer;

/* For the writer's connection; replaces its automatic checkpoints. NULL on error. */
struct checkpointer *checkpointer_start(struct ctx *c, sqlite3 *writer);
/* Between two batches, on the writer's thread. */
void checkpointer_turn(struct checkpointer *k);
void checkpointer_stop(struct checkpointer *k);

#endif
