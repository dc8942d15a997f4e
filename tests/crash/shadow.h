/*
 * What a disk would hold after a power cut.
 *
 * While the program runs under powercut_shim, every database file has two companions in the
 * shadow folder: NAME, its bytes as of its last completed sync, and NAME.log, the writes
 * since. A sync replays the log into the shadow and empties it. After the program was
 * killed, the shadow plus any part of the log that a disk may have kept is a state the
 * machine could wake up with.
 *
 * A log is a run of records, each followed by its bytes. The last may be torn.
 */
#ifndef GUANTONG_TESTS_SHADOW_H
#define GUANTONG_TESTS_SHADOW_H

#include <stdbool.h>
#include <stdint.h>

enum shadow_kind { SHADOW_WRITE = 0x57, SHADOW_TRUNCATE = 0x54 };

struct shadow_record {
    uint64_t kind;
    uint64_t offset; /* SHADOW_TRUNCATE: the new size */
    uint64_t length; /* bytes that follow */
};

/* Which unsynced writes the disk kept. */
enum shadow_luck {
    SHADOW_ALL,    /* every one: this is a sync */
    SHADOW_NONE,   /* none */
    SHADOW_PREFIX, /* those up to some moment */
    SHADOW_BLOCKS  /* each block of 4 KB up to a moment of its own */
};

enum { SHADOW_BLOCK = 4096 };

/* Replay the log into the file. False when it cannot be written. */
bool shadow_replay(int log, int file, enum shadow_luck luck, uint64_t seed);

/* Put PATH, PATH-wal and PATH-journal into the state of a power cut, and remove PATH-shm. */
bool shadow_restore(const char *folder, const char *path, enum shadow_luck luck, uint64_t seed);
/* Forget all shadows: what is in the files now counts as synced. */
void shadow_clear(const char *folder, const char *path);

#endif
