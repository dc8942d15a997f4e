/*
 * Preloaded into the program: keeps the shadows of shadow.h for the database file
 * $POWERCUT_FILE and its -wal and -journal, in the folder $POWERCUT_SHADOW.
 *
 * The real files are written as ever, for the program and its neighbours to read. Syncs do
 * not reach the real disk. A file removed is removed at once, and a file newly made
 * survives a cut once it or its folder was synced.
 */
/* Off_t has 64 bits anyway; the plain names must stay plain to be replaced. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "shadow.h"

enum { PATH_TEXT = 512, DESCRIPTORS = 4096, FILES = 3 };

struct shadowed {
    char path[PATH_TEXT], shadow[PATH_TEXT], log_path[PATH_TEXT];
    int log; /* -1 until the file is opened */
};

static struct shadowed files[FILES];
static char folder_path[PATH_TEXT];
/* Per descriptor: 0 not ours, 1 … FILES a file, FOLDER the folder. */
enum { FOLDER = FILES + 1 };
static unsigned char kinds[DESCRIPTORS];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_unlink)(const char *);

static void *next_symbol(const char *name) {
    return dlsym(RTLD_NEXT, name);
}

static void broken(const char *what) {
    fprintf(stderr, "powercut: %s: %s\n", what, strerror(errno));
    _exit(99);
}

__attribute__((constructor)) static void shim_start(void) {
    *(void **)&real_open = next_symbol("open64");
    *(void **)&real_close = next_symbol("close");
    *(void **)&real_pwrite = next_symbol("pwrite64");
    *(void **)&real_write = next_symbol("write");
    *(void **)&real_ftruncate = next_symbol("ftruncate64");
    *(void **)&real_fsync = next_symbol("fsync");
    *(void **)&real_unlink = next_symbol("unlink");
    const char *path = getenv("POWERCUT_FILE"), *shadow = getenv("POWERCUT_SHADOW");
    static const char *const suffixes[FILES] = {"", "-wal", "-journal"};
    if (!path || !shadow) {
        return;
    }
    char copy[PATH_TEXT];
    snprintf(copy, sizeof copy, "%s", path);
    const char *base = basename(copy);
    for (int i = 0; i < FILES; i++) {
        struct shadowed *f = &files[i];
        snprintf(f->path, sizeof f->path, "%s%s", path, suffixes[i]);
        snprintf(f->shadow, sizeof f->shadow, "%s/%s%s", shadow, base, suffixes[i]);
        snprintf(f->log_path, sizeof f->log_path, "%s/%s%s.log", shadow, base, suffixes[i]);
        f->log = -1;
    }
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(folder_path, sizeof folder_path, "%s", dirname(copy));
}

/* What is there when the program starts counts as synced. */
static void synced_copy(const struct shadowed *f) {
    static char buffer[1 << 16];
    int from = real_open(f->path, O_RDONLY);
    int to = real_open(f->shadow, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t n;
    while ((n = read(from, buffer, sizeof buffer)) > 0) {
        if (real_write(to, buffer, (size_t)n) != n) {
            broken(f->shadow);
        }
    }
    real_close(from);
    real_close(to);
}

static void file_track(struct shadowed *f, bool existed) {
    if (f->log >= 0) {
        return;
    }
    if (existed && access(f->shadow, F_OK) != 0) {
        synced_copy(f);
    }
    f->log = real_open(f->log_path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (f->log < 0) {
        broken(f->log_path);
    }
}

static int path_kind(const char *path) {
    for (int i = 0; i < FILES; i++) {
        if (files[i].path[0] && strcmp(path, files[i].path) == 0) {
            return i + 1;
        }
    }
    return folder_path[0] && strcmp(path, folder_path) == 0 ? FOLDER : 0;
}

static int tracked_open(const char *path, int flags, mode_t mode) {
    int kind = path_kind(path);
    if (kind == 0) {
        return real_open(path, flags, mode);
    }
    pthread_mutex_lock(&mutex);
    bool existed = access(path, F_OK) == 0;
    int fd = real_open(path, flags, mode);
    if (fd >= DESCRIPTORS) {
        broken("descriptor");
    }
    if (fd >= 0) {
        kinds[fd] = (unsigned char)kind;
        if (kind != FOLDER) {
            file_track(&files[kind - 1], existed);
        }
    }
    pthread_mutex_unlock(&mutex);
    return fd;
}

static struct shadowed *file_of(int fd) {
    bool ours = fd >= 0 && fd < DESCRIPTORS && kinds[fd] > 0 && kinds[fd] != FOLDER;
    return ours ? &files[kinds[fd] - 1] : NULL;
}

static void record_add(struct shadowed *f, enum shadow_kind kind, off_t offset, const void *bytes,
                       size_t n) {
    struct shadow_record r = {kind, (uint64_t)offset, n};
    if (real_write(f->log, &r, sizeof r) != (ssize_t)sizeof r ||
        (n && real_write(f->log, bytes, n) != (ssize_t)n)) {
        broken(f->log_path);
    }
}

static void file_sync(struct shadowed *f) {
    int shadow = real_open(f->shadow, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (shadow < 0 || !shadow_replay(f->log, shadow, SHADOW_ALL, 0) ||
        real_ftruncate(f->log, 0) != 0) {
        broken(f->shadow);
    }
    real_close(shadow);
}

/* The names in the folder are on disk now, the bytes of new files not yet. */
static void folder_sync(void) {
    for (int i = 0; i < FILES; i++) {
        if (files[i].log >= 0 && access(files[i].path, F_OK) == 0) {
            real_close(real_open(files[i].shadow, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        }
    }
}

static int tracked_sync(int fd) {
    struct shadowed *f = file_of(fd);
    bool folder = fd >= 0 && fd < DESCRIPTORS && kinds[fd] == FOLDER;
    if (!f && !folder) {
        return real_fsync(fd);
    }
    pthread_mutex_lock(&mutex);
    if (f) {
        file_sync(f);
    } else {
        folder_sync();
    }
    pthread_mutex_unlock(&mutex);
    return 0;
}

static ssize_t tracked_pwrite(int fd, const void *bytes, size_t n, off_t offset) {
    struct shadowed *f = file_of(fd);
    if (!f) {
        return real_pwrite(fd, bytes, n, offset);
    }
    pthread_mutex_lock(&mutex);
    record_add(f, SHADOW_WRITE, offset, bytes, n);
    ssize_t written = real_pwrite(fd, bytes, n, offset);
    pthread_mutex_unlock(&mutex);
    return written;
}

static int tracked_truncate(int fd, off_t size) {
    struct shadowed *f = file_of(fd);
    if (!f) {
        return real_ftruncate(fd, size);
    }
    pthread_mutex_lock(&mutex);
    record_add(f, SHADOW_TRUNCATE, size, NULL, 0);
    int result = real_ftruncate(fd, size);
    pthread_mutex_unlock(&mutex);
    return result;
}

/* The replacements. glibc declares some with attributes that do not matter here. */

int open(const char *path, int flags, ...) {
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return tracked_open(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return tracked_open(path, flags, mode);
}

int close(int fd) {
    if (fd >= 0 && fd < DESCRIPTORS) {
        kinds[fd] = 0;
    }
    return real_close(fd);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t offset) {
    return tracked_pwrite(fd, bytes, n, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t offset) {
    return tracked_pwrite(fd, bytes, n, offset);
}

ssize_t write(int fd, const void *bytes, size_t n) {
    if (file_of(fd)) {
        off_t at = lseek(fd, 0, SEEK_CUR);
        ssize_t written = tracked_pwrite(fd, bytes, n, at);
        lseek(fd, at + (written > 0 ? written : 0), SEEK_SET);
        return written;
    }
    return real_write(fd, bytes, n);
}

int ftruncate(int fd, off_t size) {
    return tracked_truncate(fd, size);
}

int ftruncate64(int fd, off64_t size) {
    return tracked_truncate(fd, size);
}

int fsync(int fd) {
    return tracked_sync(fd);
}

int fdatasync(int fd) {
    return tracked_sync(fd);
}

int unlink(const char *path) {
    int kind = path_kind(path);
    if (kind > 0 && kind != FOLDER) {
        struct shadowed *f = &files[kind - 1];
        pthread_mutex_lock(&mutex);
        real_unlink(f->shadow);
        if (f->log >= 0 && real_ftruncate(f->log, 0) != 0) {
            broken(f->log_path);
        }
        pthread_mutex_unlock(&mutex);
    }
    return real_unlink(path);
}
