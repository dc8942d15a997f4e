#include "shadow.h"

#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_TEXT = 512, COPY_BUFFER = 1 << 16 };

/* splitmix64 */
static uint64_t mix(uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* How many of n records a block has kept. */
static uint64_t kept(enum shadow_luck luck, uint64_t seed, uint64_t block, uint64_t n) {
    uint64_t chance = mix(seed ^ mix(luck == SHADOW_BLOCKS ? block + 1 : 0));
    switch (luck) {
    case SHADOW_ALL:
        return n;
    case SHADOW_NONE:
        return 0;
    case SHADOW_PREFIX:
        return chance % (n + 1);
    case SHADOW_BLOCKS:
        break;
    }
    return chance % 3 == 0 ? 0 : chance % 3 == 1 ? n : (chance >> 8) % (n + 1);
}

static bool record_read(int log, struct shadow_record *r, uint64_t at, uint64_t size) {
    return pread(log, r, sizeof *r, (off_t)at) == (ssize_t)sizeof *r &&
           (r->kind == SHADOW_WRITE || r->kind == SHADOW_TRUNCATE) &&
           at + sizeof *r + r->length <= size;
}

static uint64_t records_count(int log, uint64_t size) {
    struct shadow_record r;
    uint64_t n = 0;
    for (uint64_t at = 0; record_read(log, &r, at, size); at += sizeof r + r.length) {
        n++;
    }
    return n;
}

/* Copy the part of a write that falls into one block. */
static bool piece_copy(int log, int file, uint64_t from, uint64_t to, uint64_t n) {
    char bytes[SHADOW_BLOCK];
    return pread(log, bytes, n, (off_t)from) == (ssize_t)n &&
           pwrite(file, bytes, n, (off_t)to) == (ssize_t)n;
}

bool shadow_replay(int log, int file, enum shadow_luck luck, uint64_t seed) {
    struct stat st;
    if (fstat(log, &st) != 0) {
        return false;
    }
    uint64_t size = (uint64_t)st.st_size, n = records_count(log, size), at = 0;
    for (uint64_t i = 0; i < n; i++) {
        struct shadow_record r;
        if (!record_read(log, &r, at, size)) {
            return false;
        }
        at += sizeof r;
        if (r.kind == SHADOW_TRUNCATE && i < kept(luck, seed, UINT64_MAX - 1, n) &&
            ftruncate(file, (off_t)r.offset) != 0) {
            return false;
        }
        for (uint64_t done = 0; done < r.length;) {
            uint64_t to = r.offset + done;
            uint64_t piece = SHADOW_BLOCK - to % SHADOW_BLOCK;
            piece = piece < r.length - done ? piece : r.length - done;
            if (i < kept(luck, seed, to / SHADOW_BLOCK, n) &&
                !piece_copy(log, file, at + done, to, piece)) {
                return false;
            }
            done += piece;
        }
        at += r.length;
    }
    return true;
}

static bool bytes_copy(int from, int to) {
    static char buffer[COPY_BUFFER];
    ssize_t n;
    while ((n = read(from, buffer, sizeof buffer)) > 0) {
        if (write(to, buffer, (size_t)n) != n) {
            return false;
        }
    }
    return n == 0;
}

static bool file_restore(const char *folder, const char *path, enum shadow_luck luck,
                         uint64_t seed) {
    char name[PATH_TEXT], copy[PATH_TEXT];
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(name, sizeof name, "%s/%s", folder, basename(copy));
    int synced = open(name, O_RDONLY);
    snprintf(name, sizeof name, "%s/%s.log", folder, basename(copy));
    int log = open(name, O_RDONLY);
    bool good = true;
    if (synced < 0 && (log < 0 || luck == SHADOW_NONE)) {
        unlink(path); /* its name was never synced */
    } else {
        int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
        good = file >= 0 && (synced < 0 || bytes_copy(synced, file)) &&
               (log < 0 || shadow_replay(log, file, luck, seed));
        close(file);
    }
    close(synced);
    close(log);
    return good;
}

static const char *const suffixes[] = {"", "-wal", "-journal"};

bool shadow_restore(const char *folder, const char *path, enum shadow_luck luck, uint64_t seed) {
    char name[PATH_TEXT];
    for (unsigned i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        if (!file_restore(folder, name, luck, mix(seed + i))) {
            return false;
        }
    }
    snprintf(name, sizeof name, "%s-shm", path);
    unlink(name);
    return true;
}

void shadow_clear(const char *folder, const char *path) {
    char name[PATH_TEXT], copy[PATH_TEXT];
    snprintf(copy, sizeof copy, "%s", path);
    const char *base = basename(copy);
    for (unsigned i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(name, sizeof name, "%s/%s%s", folder, base, suffixes[i]);
        unlink(name);
        snprintf(name, sizeof name, "%s/%s%s.log", folder, base, suffixes[i]);
        unlink(name);
    }
}
