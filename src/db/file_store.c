#include "db/file_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"

enum { HASH_DIGITS = 64, PATH_MOST = 4096, MODE_FILE = 0600, MODE_FOLDER = 0700 };

static char root[PATH_MOST]; /* set at start */

void file_store_open(struct str folder) {
    struct arena a;
    arena_init(&a);
    struct str path = str_format(&a, "%.*s/store", STR_ARG(folder));
    if (path.n < sizeof root) {
        memcpy(root, path.p, path.n);
        root[path.n] = 0;
    }
    arena_free(&a);
}

const char *file_store_folder(void) {
    return root;
}

static struct str part_path(struct arena *a, unsigned part) {
    return str_format(a, "%s/%02x", root, part);
}

struct str file_store_path(struct arena *a, struct str hash) {
    return str_format(a, "%s/%.2s/%.*s", root, hash.p, STR_ARG(hash));
}

static bool path_sync(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return synced;
}

static bool fail(struct ctx *c, const char *what) {
    ctx_fail_internal(c, "%s in %s: %s", what, root, strerror(errno));
    return false;
}

/* The folder of a content and all above it are there, and on disk. */
static bool folder_make(struct ctx *c, const char *folder) {
    struct str above = str_from(root);
    while (above.n && above.p[above.n - 1] != '/') {
        above.n--;
    }
    const char *files = above.n ? str_to_c(c->arena, above) : ".";
    bool made = mkdir(files, MODE_FOLDER) == 0 || errno == EEXIST;
    if (mkdir(root, MODE_FOLDER) == 0) {
        made = made && path_sync(files);
    }
    if (mkdir(folder, MODE_FOLDER) == 0) {
        return made && path_sync(root);
    }
    return made && errno == EEXIST;
}

/* Whoever adds holds it with others, whoever removes alone: nothing is removed between being found
 * old and being put there anew. */
static int lock_take(struct ctx *c, int how) {
    char *path = str_to_c(c->arena, str_format(c->arena, "%s/lock", root));
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, MODE_FILE);
    while (fd >= 0 && flock(fd, how) != 0) {
        if (errno != EINTR) {
            close(fd);
            return -1;
        }
    }
    return fd;
}

/* The digest of a file's bytes; false when it cannot be read. */
static bool file_digest(struct arena *a, int fd, struct file_stored *out) {
    struct stat about;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        return false;
    }
    out->size = about.st_size;
    if (!about.st_size) {
        out->hash = sha256_hex(a, STR(""));
        return true;
    }
    void *bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) {
        return false;
    }
    out->hash = sha256_hex(a, (struct str){bytes, (size_t)about.st_size});
    munmap(bytes, (size_t)about.st_size);
    return true;
}

/* Under its name, on disk. Who brings what is there already takes its place: it is young again. */
static bool content_place(struct ctx *c, const char *from, struct str hash) {
    char *to = str_to_c(c->arena, file_store_path(c->arena, hash));
    char *folder = str_to_c(c->arena, str_slice(str_from(to), 0, strlen(to) - HASH_DIGITS - 1));
    if (!folder_make(c, folder)) {
        return fail(c, "cannot make a folder");
    }
    int lock = lock_take(c, LOCK_SH);
    if (lock < 0) {
        return fail(c, "cannot lock");
    }
    bool placed = rename(from, to) == 0 && path_sync(folder);
    close(lock);
    return placed || fail(c, "cannot place a file");
}

bool file_store_take(struct ctx *c, struct str path, struct file_stored *out) {
    char *from = str_to_c(c->arena, path);
    int fd = open(from, O_RDWR | O_CLOEXEC);
    bool read = fd >= 0 && file_digest(c->arena, fd, out);
    /* Its time is that of the last write; a file that waited long elsewhere is new here. */
    bool synced = read && futimens(fd, NULL) == 0 && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    if (!synced) {
        return fail(c, "cannot sync a file");
    }
    return content_place(c, from, out->hash);
}

static bool write_all(int fd, struct str bytes) {
    while (bytes.n) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        bytes = str_slice(bytes, (size_t)n, bytes.n);
    }
    return true;
}

bool file_store_put(struct ctx *c, struct str bytes, struct file_stored *out) {
    struct str hash = sha256_hex(c->arena, bytes);
    char *part = str_to_c(c->arena, str_format(c->arena, "%s/new-XXXXXX", root));
    if (!folder_make(c, str_to_c(c->arena, str_format(c->arena, "%s/%.2s", root, hash.p)))) {
        return fail(c, "cannot make a folder");
    }
    int fd = mkostemp(part, O_CLOEXEC);
    if (fd < 0) {
        return fail(c, "cannot make a file");
    }
    bool written = write_all(fd, bytes);
    close(fd);
    if (!written || !file_store_take(c, str_from(part), out)) {
        unlink(part);
        return ctx_failed(c) ? false : fail(c, "cannot write a file");
    }
    return true;
}

bool file_store_sound(struct arena *a, struct str hash, int64_t size) {
    struct file_stored found = {0};
    int fd = open(str_to_c(a, file_store_path(a, hash)), O_RDONLY | O_CLOEXEC);
    bool sound = fd >= 0 && file_digest(a, fd, &found) && found.size == size &&
                 str_equal(found.hash, hash);
    if (fd >= 0) {
        close(fd);
    }
    return sound;
}

static bool read_all(int fd, char *to, size_t n) {
    while (n) {
        ssize_t some = read(fd, to, n);
        if (some < 0 && errno == EINTR) {
            continue;
        }
        if (some <= 0) {
            return false;
        }
        to += some;
        n -= (size_t)some;
    }
    return true;
}

bool file_store_get(struct arena *a, struct str hash, size_t most, struct str *bytes) {
    struct stat about;
    int fd = open(str_to_c(a, file_store_path(a, hash)), O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fstat(fd, &about) == 0 && about.st_size >= 0 &&
                (uint64_t)about.st_size <= most;
    char *to = good ? arena_alloc(a, (size_t)about.st_size + 1) : NULL;
    good = good && read_all(fd, to, (size_t)about.st_size);
    if (good) {
        *bytes = (struct str){to, (size_t)about.st_size};
        good = str_equal(sha256_hex(a, *bytes), hash);
    }
    if (fd >= 0) {
        close(fd);
    }
    return good;
}

void file_store_each(struct arena *a, unsigned part, void (*each)(void *data, struct str hash),
                     void *data) {
    DIR *folder = opendir(str_to_c(a, part_path(a, part)));
    for (struct dirent *e; folder && (e = readdir(folder));) {
        struct str name = str_from(e->d_name);
        if (name.n == HASH_DIGITS) {
            each(data, name);
        }
    }
    if (folder) {
        closedir(folder);
    }
}

struct sweep {
    struct ctx *c;
    int64_t before_ms;
    bool (*wanted)(struct ctx *c, struct str hash);
    size_t removed;
};

/* Age and reference are looked at while nobody can bring the content anew. */
static void sweep_one(void *data, struct str hash) {
    struct sweep *s = data;
    struct ctx *c = s->c;
    struct stat about;
    struct arena_mark mark = arena_mark(c->arena);
    char *path = str_to_c(c->arena, file_store_path(c->arena, hash));
    int lock = ctx_failed(c) ? -1 : lock_take(c, LOCK_EX);
    bool old = lock >= 0 && stat(path, &about) == 0 &&
               (int64_t)about.st_mtime * 1000 < s->before_ms;
    if (old && !s->wanted(c, hash) && !ctx_failed(c) && unlink(path) == 0) {
        s->removed++;
    }
    if (lock >= 0) {
        close(lock);
    }
    if (!ctx_failed(c)) {
        arena_reset(c->arena, mark);
    }
}

size_t file_store_sweep(struct ctx *c, unsigned part, int64_t before_ms,
                        bool (*wanted)(struct ctx *c, struct str hash)) {
    struct sweep s = {.c = c, .before_ms = before_ms, .wanted = wanted};
    file_store_each(c->arena, part, sweep_one, &s);
    return s.removed;
}
