#include "database.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static bool report(const struct ctx *c, const char *what) {
    if (ctx_failed(c)) {
        fprintf(stderr, "# %s: %s %s\n", what, c->error.text, c->error.internal);
    }
    return !ctx_failed(c);
}

/* Run one statement on the server's own database. */
static bool administer(struct scratch *s, struct str sql) {
    struct ctx c = {.arena = &s->arena};
    const char *server = getenv("GUANTONG_TEST_POSTGRES");
    if (!server) {
        fprintf(stderr, "# GUANTONG_TEST_POSTGRES is not set\n");
        return false;
    }
    c.db = db_open(&c, str_from(server), DB_WRITER);
    if (c.db) {
        db_run_values(&c, str_to_c(&s->arena, sql), NULL, 0);
        db_close(c.db);
    }
    return report(&c, "PostgreSQL");
}

static struct str name_of(const struct scratch *s, struct str url) {
    struct str rest = url, part = STR("");
    (void)s;
    while (str_cut(&rest, '/', &part)) {
    }
    return part;
}

static struct str url_of(struct scratch *s, const char *name) {
    if (s->engine == DB_SQLITE) {
        return str_format(&s->arena, "%s/%s.db", s->folder, name);
    }
    const char *server = getenv("GUANTONG_TEST_POSTGRES");
    const char *slash = server ? strrchr(server, '/') : NULL;
    return slash ? str_format(&s->arena, "%.*s/api_%d_%s", (int)(slash - server), server,
                              (int)getpid(), name)
                 : STR("");
}

static bool database_make(struct scratch *s, struct str url, struct str origin) {
    if (s->engine == DB_SQLITE) {
        return true;
    }
    struct str name = name_of(s, url), from = name_of(s, origin);
    return administer(s, str_format(&s->arena, "CREATE DATABASE %.*s%s%.*s", STR_ARG(name),
                                    from.n ? " TEMPLATE " : "", STR_ARG(from)));
}

static void database_drop(struct scratch *s, struct str url) {
    if (!url.n) {
        return;
    }
    if (s->engine == DB_POSTGRES) {
        administer(s,
                   str_format(&s->arena, "DROP DATABASE IF EXISTS %.*s", STR_ARG(name_of(s, url))));
        return;
    }
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        unlink(str_to_c(&s->arena, str_format(&s->arena, "%.*s%s", STR_ARG(url), suffixes[i])));
    }
}

bool scratch_open(struct scratch *s, enum db_engine engine, void (*create)(struct ctx *c)) {
    memset(s, 0, sizeof *s);
    s->engine = engine;
    arena_init(&s->arena);
    const char *temporary = getenv("TMPDIR");
    snprintf(s->folder, sizeof s->folder, "%s/guantong-api-XXXXXX", temporary ? temporary : "/tmp");
    if (!mkdtemp(s->folder)) {
        return false;
    }
    struct str origin = url_of(s, "origin");
    if (!database_make(s, origin, STR(""))) {
        return false;
    }
    s->origin = origin;
    struct ctx c = {.arena = &s->arena, .now_ms = clock_now_ms()};
    c.db = db_open(&c, origin, DB_WRITER);
    if (c.db) {
        create(&c);
        db_close(c.db); /* and SQLite's log is in the file */
    }
    return report(&c, "the database cannot be created");
}

static bool file_copy(const char *from, const char *to) {
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    char bytes[65536];
    size_t n = 0;
    while (in && out && (n = fread(bytes, 1, sizeof bytes, in)) > 0 &&
           fwrite(bytes, 1, n, out) == n) {
    }
    bool whole = in && out && n == 0;
    if (in) {
        fclose(in);
    }
    if (out && fclose(out) != 0) {
        whole = false;
    }
    return whole;
}

bool scratch_renew(struct scratch *s) {
    database_drop(s, s->copy);
    char name[32];
    snprintf(name, sizeof name, "%d", s->n++);
    s->copy = url_of(s, name);
    if (s->engine == DB_POSTGRES) {
        return database_make(s, s->copy, s->origin);
    }
    return file_copy(str_to_c(&s->arena, s->origin), str_to_c(&s->arena, s->copy));
}

static int entry_remove(const char *path, const struct stat *about, int kind, struct FTW *at) {
    (void)about;
    (void)kind;
    (void)at;
    return remove(path);
}

/* Files of imports stay where they were uploaded, contents of attachments in the store. */
static void uploads_remove(struct scratch *s) {
    DIR *folder = opendir(s->folder);
    for (struct dirent *e; folder && (e = readdir(folder));) {
        if (strncmp(e->d_name, "upload-", 7) == 0) {
            unlink(str_to_c(&s->arena, str_format(&s->arena, "%s/%s", s->folder, e->d_name)));
        }
    }
    if (folder) {
        closedir(folder);
    }
    nftw(str_to_c(&s->arena, str_format(&s->arena, "%s/store", s->folder)), entry_remove, 8,
         FTW_DEPTH | FTW_PHYS);
}

void scratch_close(struct scratch *s) {
    database_drop(s, s->copy);
    database_drop(s, s->origin);
    uploads_remove(s);
    if (rmdir(s->folder) != 0) {
        fprintf(stderr, "# %s was left behind: something in it was not removed\n", s->folder);
    }
    arena_free(&s->arena);
}
