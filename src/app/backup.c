/*
 * guantong backup, guantong restore.
 *
 * SQLite is copied by VACUUM INTO: one snapshot, while the server goes on writing. PostgreSQL is
 * left to pg_dump and pg_restore, which get the password through the environment, not the
 * command line. Both ways the new file appears under its name only when it is whole and on disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/backup.h"
#include "app/check.h"
#include "app/command.h"
#include "app/sole_use.h"

enum { COPY_BYTES = 1 << 20, MODE_PRIVATE = 0600 };

static bool is_postgres(struct str url) {
    return str_starts(url, STR("postgres://")) || str_starts(url, STR("postgresql://"));
}

static const char *path_with(struct arena *a, struct str path, const char *suffix) {
    return str_to_c(a, str_format(a, "%.*s%s", STR_ARG(path), suffix));
}

static bool is_there(const char *path) {
    return access(path, F_OK) == 0;
}

bool backup_sync(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return synced;
}

/* The names in the folder of path are on disk. */
static bool folder_sync(struct arena *a, struct str path) {
    size_t n = path.n;
    while (n && path.p[n - 1] != '/') {
        n--;
    }
    return backup_sync(n ? str_to_c(a, str_slice(path, 0, n)) : ".");
}

static int failed(const char *what, const char *path) {
    fprintf(stderr, "guantong: %s %s: %s\n", what, path, strerror(errno));
    return 1;
}

/* The connection's parts as the variables libpq reads, for a program started next. */
static bool environment_set(struct str url, struct arena *a) {
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(str_to_c(a, url), &why);
    if (!options) {
        fprintf(stderr, "guantong: %s", why ? why : "the database's URL cannot be read\n");
        PQfreemem(why);
        return false;
    }
    for (PQconninfoOption *o = options; o->keyword; o++) {
        if (o->val && o->envvar) {
            setenv(o->envvar, o->val, 1);
        }
    }
    PQconninfoFree(options);
    return true;
}

static int program_run(struct program *p, const char *const *arguments) {
    if (!environment_set(p->settings.db, &p->arena)) {
        return 1;
    }
    pid_t child = fork();
    if (child == 0) {
        execvp(arguments[0], (char *const *)arguments);
        fprintf(stderr, "guantong: %s cannot be started: %s\n", arguments[0], strerror(errno));
        _exit(127);
    }
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}

static int sqlite_backup(struct program *p, const char *to) {
    struct ctx c = program_context(p);
    if (!is_there(str_to_c(&p->arena, p->settings.db))) {
        return failed("no database", str_to_c(&p->arena, p->settings.db));
    }
    c.db = db_open(&c, p->settings.db, DB_WRITER);
    if (c.db) {
        DB_RUN(&c, "VACUUM INTO $1", to);
        db_close(c.db);
    }
    if (ctx_failed(&c)) {
        program_complain(&c);
    }
    return ctx_failed(&c) ? 1 : 0;
}

static int postgres_backup(struct program *p, const char *to) {
    const char *dump[] = {"pg_dump", "--format=custom", "--no-owner", "--file", to, NULL};
    return program_run(p, dump);
}

/* A copy that was broken off is gone on with: contents never change. */
static int contents_backup(struct arena *a, struct str file) {
    const char *folder = path_with(a, file, ".files"), *part = path_with(a, file, ".files.part");
    if (is_there(folder)) {
        errno = EEXIST;
        return failed("cannot write", folder);
    }
    if (!backup_files(a, part) || (is_there(part) && rename(part, folder) != 0)) {
        return failed("cannot copy attachments to", part);
    }
    return 0;
}

int command_backup(struct program *p) {
    struct str file = command_word(p, 0);
    struct arena *a = &p->arena;
    if (!file.n) {
        return command_usage("backup");
    }
    const char *path = str_to_c(a, file), *part = path_with(a, file, ".part");
    if (is_there(path)) {
        errno = EEXIST;
        return failed("cannot write", path);
    }
    unlink(part);
    int status = is_postgres(p->settings.db) ? postgres_backup(p, part) : sqlite_backup(p, part);
    if (status == 0) {
        status = contents_backup(a, file);
    }
    /* link, unlike rename, takes nobody's place. */
    if (status == 0 && (chmod(part, MODE_PRIVATE) != 0 || !backup_sync(part) ||
                        link(part, path) != 0 || !folder_sync(a, file))) {
        status = failed("cannot write", path);
    }
    unlink(part);
    return status;
}

bool backup_copy(const char *from, const char *to) {
    static char bytes[COPY_BYTES];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, MODE_PRIVATE);
    ssize_t n = -1;
    while (out >= 0 && (n = read(in, bytes, sizeof bytes)) > 0) {
        if (write(out, bytes, (size_t)n) != n) {
            n = -1;
            break;
        }
    }
    bool whole = out >= 0 && n == 0 && fsync(out) == 0;
    if (in >= 0) {
        close(in);
    }
    return out >= 0 && close(out) == 0 && whole;
}

/* A file that is no whole database of this program must not take the place of one. */
static bool copy_sound(struct program *p, struct str path) {
    struct ctx c = program_context(p);
    struct check k = {.c = &c};
    c.db = db_open(&c, path, DB_READER);
    if (c.db) {
        check_engine(&k);
        DB_INT(&c, "SELECT count(*) FROM event");
        db_close(c.db);
    }
    if (ctx_failed(&c)) {
        program_complain(&c);
    }
    return !ctx_failed(&c) && !k.findings;
}

static int sqlite_restore(struct program *p, const char *from, bool force) {
    struct arena *a = &p->arena;
    const char *path = str_to_c(a, p->settings.db);
    const char *part = path_with(a, p->settings.db, ".restoring");
    if (is_there(path) && !force) {
        fprintf(stderr, "guantong: %s exists; add the word force to overwrite it\n", path);
        return 1;
    }
    if (is_there(path) && !sole_use(p)) {
        return 1;
    }
    if (!backup_copy(from, part)) {
        int status = failed("cannot copy", from);
        unlink(part);
        return status;
    }
    if (!copy_sound(p, str_from(part))) {
        unlink(part);
        return 1;
    }
    if (rename(part, path) != 0 || !folder_sync(a, p->settings.db)) {
        return failed("cannot write", path);
    }
    return 0;
}

/* Whether it is empty, or the same to whoever restores; else it is said. */
static bool postgres_empty(struct program *p, bool force) {
    struct ctx c = program_context(p);
    c.db = db_open(&c, p->settings.db, DB_READER);
    int64_t tables = 0;
    if (c.db) {
        tables = DB_INT(&c, "SELECT count(*) FROM pg_class t JOIN pg_namespace n ON "
                            "n.oid = t.relnamespace WHERE t.relkind = 'r' AND "
                            "n.nspname = current_schema()");
        db_close(c.db);
    }
    if (ctx_failed(&c)) {
        program_complain(&c);
    } else if (tables && !force) {
        fputs("guantong: the database is not empty; add the word force to overwrite it\n", stderr);
    }
    return !ctx_failed(&c) && (!tables || force);
}

static int postgres_restore(struct program *p, const char *from, bool force) {
    if (!postgres_empty(p, force) || !sole_use(p)) {
        return 1;
    }
    const char *fresh[] = {"pg_restore",
                           "--no-owner",
                           "--single-transaction",
                           "--exit-on-error",
                           "--dbname",
                           NULL,
                           from,
                           NULL,
                           NULL,
                           NULL};
    struct str name = STR("");
    environment_set(p->settings.db, &p->arena);
    name = str_from(getenv("PGDATABASE"));
    fresh[5] = str_to_c(&p->arena, name);
    if (force) {
        fresh[7] = "--clean";
        fresh[8] = "--if-exists";
    }
    return program_run(p, fresh);
}

/* A backup is of one engine and goes back into that engine; told by how the file begins. */
static bool engine_fits(const char *path, bool postgres) {
    char head[6] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, head, sizeof head - 1) : -1;
    if (fd >= 0) {
        close(fd);
    }
    bool dump = n == 5 && strcmp(head, "PGDMP") == 0, file = n == 5 && strcmp(head, "SQLit") == 0;
    if (postgres ? file : dump) {
        fprintf(stderr, "guantong: %s is a backup of %s; it cannot go into %s\n", path,
                dump ? "PostgreSQL" : "SQLite", dump ? "an SQLite file" : "PostgreSQL");
        return false;
    }
    return true;
}

int command_restore(struct program *p) {
    struct str file = command_word(p, 0), word = command_word(p, 1);
    bool force = str_is(word, "force");
    if (!file.n || (word.n && !force)) {
        return command_usage("restore");
    }
    const char *path = str_to_c(&p->arena, file);
    if (access(path, R_OK) != 0) {
        return failed("cannot read", path);
    }
    bool postgres = is_postgres(p->settings.db);
    if (!engine_fits(path, postgres)) {
        return 1;
    }
    int status = postgres ? postgres_restore(p, path, force) : sqlite_restore(p, path, force);
    const char *folder = path_with(&p->arena, file, ".files");
    if (status == 0 && !restore_files(&p->arena, folder)) {
        status = failed("cannot copy attachments from", folder);
    }
    return status;
}
