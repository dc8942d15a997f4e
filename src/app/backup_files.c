/* See backup.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/backup.h"
#include "db/file_store.h"

enum { MODE_FOLDER = 0700, HASH_DIGITS = 64 };

static const char *within(struct arena *a, const char *folder, const char *name) {
    return str_to_c(a, str_format(a, "%s/%s", folder, name));
}

static bool folder_make(const char *path) {
    return mkdir(path, MODE_FOLDER) == 0 || errno == EEXIST;
}

/* Under its name only when it is whole. */
static bool content_copy(struct arena *a, const char *from, const char *to) {
    const char *part = str_to_c(a, str_format(a, "%s.part", to));
    if (access(to, F_OK) == 0) {
        return true;
    }
    bool whole = backup_copy(from, part) && rename(part, to) == 0;
    if (!whole) {
        int why = errno;
        unlink(part);
        errno = why;
    }
    return whole;
}

static bool part_copy(struct arena *a, const char *from, const char *to) {
    DIR *folder = opendir(from);
    if (!folder) {
        return errno == ENOENT;
    }
    bool good = folder_make(to);
    for (struct dirent *e; good && (e = readdir(folder));) {
        if (strlen(e->d_name) == HASH_DIGITS) {
            struct arena_mark mark = arena_mark(a);
            good = content_copy(a, within(a, from, e->d_name), within(a, to, e->d_name));
            arena_reset(a, mark);
        }
    }
    int why = errno;
    closedir(folder);
    errno = why;
    return good && backup_sync(to);
}

static bool store_copy(struct arena *a, const char *from, const char *to) {
    bool good = folder_make(to);
    for (unsigned part = 0; good && part < FILE_STORE_PARTS; part++) {
        char name[3];
        snprintf(name, sizeof name, "%02x", part);
        good = part_copy(a, within(a, from, name), within(a, to, name));
    }
    return good && backup_sync(to);
}

bool backup_files(struct arena *a, const char *to) {
    const char *store = file_store_folder();
    return access(store, F_OK) != 0 || store_copy(a, store, to);
}

bool restore_files(struct arena *a, const char *from) {
    const char *store = file_store_folder();
    struct str above = str_from(store);
    if (access(from, F_OK) != 0) {
        return true; /* a backup without attachments */
    }
    while (above.n && above.p[above.n - 1] != '/') {
        above.n--;
    }
    return (!above.n || folder_make(str_to_c(a, above))) && store_copy(a, from, store);
}
