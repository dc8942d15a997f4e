/*
 * SQLite: one file in WAL mode, synchronous=FULL, so that what was acknowledged is on disk.
 *
 * Parameters are bound by their names, because SQLite numbers $2 … $1 in the order of first
 * appearance. The first step is taken when the statement starts, as writes with RETURNING
 * must happen even when nobody reads the rows.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/scheduling.h"
#include "db/driver.h"
#include "db/sqlite_checkpoint.h"

enum { BUSY_MS = 5000, PROGRESS_OPERATIONS = 1000 };

/* Statements around every unit of work, kept prepared: parsing them anew costs a short read
 * a third of its time. */
enum control {
    CONTROL_BEGIN,
    CONTROL_PIN,
    CONTROL_BEGIN_WRITE,
    CONTROL_COMMIT,
    CONTROL_ROLLBACK,
    CONTROLS
};

static const char *const control_texts[CONTROLS] = {"BEGIN", "PRAGMA data_version",
                                                    "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"};

struct sqlite_db {
    struct db db;
    sqlite3 *connection;
    sqlite3_stmt *controls[CONTROLS];
    int64_t told; /* by the last of them that tells something */
    int64_t data_version;
    struct checkpointer *checkpointer;
};

static sqlite3 *connection_of(const struct db *db) {
    return ((const struct sqlite_db *)db)->connection;
}

static void sqlite_fail(struct ctx *c, sqlite3 *connection) {
    int code = sqlite3_extended_errcode(connection);
    int primary = code & 0xff;
    if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
        code == SQLITE_CONSTRAINT_ROWID) {
        FAIL(c, ERROR_CONFLICT, "database.duplicate");
    } else if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) {
        FAIL(c, ERROR_RETRY, "database.busy");
    } else if (primary == SQLITE_INTERRUPT) {
        FAIL(c, ERROR_LIMIT, "database.deadline");
    } else {
        ctx_fail_internal(c, "sqlite %d: %s", code, sqlite3_errmsg(connection));
    }
}

static void sqlite_execute(struct ctx *c, const char *sql) {
    sqlite3 *connection = connection_of(c->db);
    if (sqlite3_exec(connection, sql, NULL, NULL, NULL) != SQLITE_OK) {
        sqlite_fail(c, connection);
    }
}

/* False when it failed, which the connection tells. */
static bool control_run(struct db *db, enum control control) {
    struct sqlite_db *s = (struct sqlite_db *)db;
    sqlite3_stmt **statement = &s->controls[control];
    if (!*statement && sqlite3_prepare_v3(s->connection, control_texts[control], -1,
                                          SQLITE_PREPARE_PERSISTENT, statement, NULL)) {
        return false;
    }
    if (sqlite3_step(*statement) == SQLITE_ROW) {
        s->told = sqlite3_column_int64(*statement, 0);
    }
    return sqlite3_reset(*statement) == SQLITE_OK;
}

static void control_execute(struct ctx *c, enum control control) {
    if (!ctx_failed(c) && !control_run(c->db, control)) {
        sqlite_fail(c, connection_of(c->db));
    }
}

static int progress(void *data) {
    const struct db *db = data;
    if (db->yielding) {
        scheduling_end_turn();
    }
    return db->deadline_ns && clock_steady_ns() >= db->deadline_ns;
}

#ifdef FAULT_SYNC_OFF
#define SYNCHRONOUS "PRAGMA synchronous=OFF;"
#else
#define SYNCHRONOUS "PRAGMA synchronous=FULL;"
#endif

#define WRITER_CACHE "PRAGMA cache_size=-8192;"
#define LOADER_CACHE "PRAGMA cache_size=-131072;"

static const char writer_settings[] = "PRAGMA page_size=4096;"
                                      "PRAGMA journal_mode=WAL;" SYNCHRONOUS
                                      "PRAGMA foreign_keys=ON;" WRITER_CACHE "PRAGMA mmap_size=0;"
                                      "PRAGMA analysis_limit=1000;"
                                      "PRAGMA wal_autocheckpoint=4000;";
/* What background work and reports read they read once: more cache would not help them. */
#define READER_SETTINGS(cache)                                            \
    "PRAGMA foreign_keys=ON;" SYNCHRONOUS "PRAGMA cache_size=-" cache ";" \
    "PRAGMA mmap_size=0;"                                                 \
    "PRAGMA query_only=ON;"
static const char *settings_of(enum db_mode mode) {
    return mode == DB_READER     ? READER_SETTINGS("1536")
           : mode == DB_ANSWERER ? READER_SETTINGS("4096")
                                 : writer_settings;
}

static bool connection_open(struct ctx *c, struct sqlite_db *s, const char *path) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (!db_reads_only(&s->db)) {
        flags |= SQLITE_OPEN_CREATE;
    }
    if (sqlite3_open_v2(path, &s->connection, flags, NULL) != SQLITE_OK) {
        ctx_fail_internal(c, "cannot open %s: %s", path, sqlite3_errmsg(s->connection));
        return false;
    }
    sqlite3_extended_result_codes(s->connection, 1);
    sqlite3_busy_timeout(s->connection, BUSY_MS);
    sqlite3_db_config(s->connection, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(s->connection, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_progress_handler(s->connection, PROGRESS_OPERATIONS, progress, &s->db);
    if (sqlite3_exec(s->connection, settings_of(s->db.mode), NULL, NULL, NULL) != SQLITE_OK) {
        sqlite_fail(c, s->connection);
    } else if (s->db.mode == DB_LOADER) {
        s->checkpointer = checkpointer_start(c, s->connection);
    }
    return !ctx_failed(c);
}

static void sqlite_close(struct db *db) {
    struct sqlite_db *s = (struct sqlite_db *)db;
    checkpointer_stop(s->checkpointer);
    for (int i = 0; i < CONTROLS; i++) {
        sqlite3_finalize(s->controls[i]);
    }
    sqlite3_close_v2(s->connection);
    free(s);
}

/* Without statistics off every allocation of every connection takes one lock to count itself. The
 * pages a savepoint may have to restore stay in memory: those of one create do not fit SQLite's
 * usual 64 KiB, and the temporary file costs more than the create. */
static void sqlite_configure(void) {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
}

static struct db *sqlite_open(struct ctx *c, struct str url, enum db_mode mode) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, sqlite_configure);
    struct sqlite_db *s = calloc(1, sizeof *s);
    if (!s) {
        ctx_fail_internal(c, "out of memory");
        return NULL;
    }
    db_init(&s->db, &sqlite_driver, mode);
    if (!connection_open(c, s, str_to_c(c->arena, url))) {
        sqlite_close(&s->db);
        return NULL;
    }
    return &s->db;
}

/* Which value each of SQLite's parameters takes: "$12" the twelfth. */
static bool slots_find(struct db_statement *s, sqlite3_stmt *statement) {
    s->n_slots = sqlite3_bind_parameter_count(statement);
    s->slots = calloc((size_t)s->n_slots + 1, sizeof *s->slots);
    if (!s->slots) {
        return false;
    }
    for (int i = 0; i < s->n_slots; i++) {
        const char *name = sqlite3_bind_parameter_name(statement, i + 1);
        int64_t number = 0;
        if (!name || !str_to_int(str_from(name + 1), &number) || number < 1) {
            return false;
        }
        s->slots[i] = (int)number - 1;
    }
    return true;
}

static void sqlite_prepare(struct ctx *c, struct db_statement *s, const struct db_value *values,
                           size_t n) {
    (void)values;
    (void)n;
    sqlite3 *connection = connection_of(s->db);
    sqlite3_stmt *statement = NULL;
    const char *rest = NULL;
    if (sqlite3_prepare_v3(connection, s->text, -1, SQLITE_PREPARE_PERSISTENT, &statement, &rest) !=
        SQLITE_OK) {
        sqlite_fail(c, connection);
        return;
    }
    s->prepared = statement;
    if (!statement || str_trim(str_from(rest)).n) {
        ctx_fail_internal(c, "not one statement: %.80s", s->text);
    } else if (!slots_find(s, statement)) {
        ctx_fail_internal(c, "parameters are $1, $2 …: %.80s", s->text);
    } else {
        s->n_columns = sqlite3_column_count(statement);
    }
}

static void sqlite_finalize(struct db_statement *s) {
    sqlite3_finalize(s->prepared);
}

/* Values of statements whose rows are read later are copied, of others borrowed. */
static int value_bind(sqlite3_stmt *statement, int at, const struct db_value *v) {
    sqlite3_destructor_type keep = sqlite3_column_count(statement) ? SQLITE_TRANSIENT
                                                                   : SQLITE_STATIC;
    switch (v->kind) {
    case DB_IS_INTEGER:
        return sqlite3_bind_int64(statement, at, v->integer);
    case DB_IS_REAL:
        return sqlite3_bind_double(statement, at, v->real);
    case DB_IS_TEXT:
        return sqlite3_bind_text64(statement, at, v->text.p, v->text.n, keep, SQLITE_UTF8);
    case DB_IS_BLOB:
        return sqlite3_bind_blob64(statement, at, v->text.p, v->text.n, keep);
    case DB_IS_NULL:
        break;
    }
    return sqlite3_bind_null(statement, at);
}

static void values_bind(struct ctx *c, struct db_statement *s, const struct db_value *values,
                        size_t n) {
    for (int i = 0; i < s->n_slots; i++) {
        if ((size_t)s->slots[i] >= n) {
            ctx_fail_internal(c, "no value for $%d: %.80s", s->slots[i] + 1, s->text);
            return;
        }
        if (value_bind(s->prepared, i + 1, &values[s->slots[i]]) != SQLITE_OK) {
            sqlite_fail(c, connection_of(s->db));
            return;
        }
    }
}

/* At the end of a writing statement: its own changes, without those of foreign keys. SQLite
 * counts them only then. */
static void changed_settle(struct db_statement *s) {
    sqlite3 *connection = connection_of(s->db);
    if (s->step == SQLITE_DONE && sqlite3_total_changes64(connection) > s->mark) {
        s->changed = sqlite3_changes64(connection);
    }
}

static void sqlite_start(struct ctx *c, struct db_statement *s, const struct db_value *values,
                         size_t n) {
    sqlite3 *connection = connection_of(s->db);
    s->mark = sqlite3_total_changes64(connection);
    s->db->touched += !sqlite3_stmt_readonly(s->prepared);
    values_bind(c, s, values, n);
    if (ctx_failed(c)) {
        return;
    }
    s->step = sqlite3_step(s->prepared);
    if (s->step != SQLITE_ROW && s->step != SQLITE_DONE) {
        sqlite_fail(c, connection);
        return;
    }
    changed_settle(s);
}

static bool sqlite_next(struct ctx *c, struct db_statement *s) {
    if (s->step != SQLITE_DONE && s->row > 0) {
        s->step = sqlite3_step(s->prepared);
        changed_settle(s);
    }
    if (s->step != SQLITE_ROW && s->step != SQLITE_DONE) {
        sqlite_fail(c, connection_of(s->db));
    }
    s->row++;
    return s->step == SQLITE_ROW;
}

static void sqlite_finish(struct db_statement *s) {
    sqlite3_reset(s->prepared);
    s->db->written += sqlite3_total_changes64(connection_of(s->db)) - s->mark;
    if (s->n_columns) {
        sqlite3_clear_bindings(s->prepared);
    }
}

static enum db_kind sqlite_kind(const struct db_statement *s, int column) {
    switch (sqlite3_column_type(s->prepared, column)) {
    case SQLITE_INTEGER:
        return DB_IS_INTEGER;
    case SQLITE_FLOAT:
        return DB_IS_REAL;
    case SQLITE_TEXT:
        return DB_IS_TEXT;
    case SQLITE_BLOB:
        return DB_IS_BLOB;
    default:
        return DB_IS_NULL;
    }
}

static int64_t sqlite_integer(const struct db_statement *s, int column) {
    return sqlite3_column_int64(s->prepared, column);
}

static double sqlite_real(const struct db_statement *s, int column) {
    return sqlite3_column_double(s->prepared, column);
}

static struct str sqlite_bytes(const struct db_statement *s, int column) {
    const void *p = sqlite3_column_blob(s->prepared, column); /* text too, and numbers as text */
    return (struct str){p, (size_t)sqlite3_column_bytes(s->prepared, column)};
}

/* A connection belongs to one thread, so the values of its row may be looked at as they are. */
static void sqlite_cells(const struct db_statement *s, int first, int n, struct db_value *out) {
    for (int i = 0; i < n; i++) {
        sqlite3_value *v = sqlite3_column_value(s->prepared, first + i);
        switch (sqlite3_value_type(v)) {
        case SQLITE_INTEGER:
            out[i].kind = DB_IS_INTEGER;
            out[i].integer = sqlite3_value_int64(v);
            break;
        case SQLITE_FLOAT:
            out[i].kind = DB_IS_REAL;
            out[i].real = sqlite3_value_double(v);
            break;
        case SQLITE_NULL:
            out[i].kind = DB_IS_NULL;
            break;
        default:
            out[i].kind = sqlite3_value_type(v) == SQLITE_TEXT ? DB_IS_TEXT : DB_IS_BLOB;
            out[i].text.n = (size_t)sqlite3_value_bytes(v);
            out[i].text.p = out[i].text.n ? sqlite3_value_blob(v) : "";
        }
    }
}

static _Atomic int64_t snapshots; /* so far, of all connections */

/* A reader's snapshot begins with its first read, so one is made at once: of a number that moves
 * when another connection has committed. */
static void sqlite_begin(struct ctx *c) {
    struct sqlite_db *s = (struct sqlite_db *)c->db;
    if (!db_reads_only(c->db)) {
        control_execute(c, CONTROL_BEGIN_WRITE);
        return;
    }
    control_execute(c, CONTROL_BEGIN);
    control_execute(c, CONTROL_PIN);
    if (!ctx_failed(c) && (!c->db->snapshot || s->told != s->data_version)) {
        s->data_version = s->told;
        c->db->snapshot = ++snapshots;
    }
}

static void sqlite_settle(struct ctx *c) {
    (void)c;
}

static void sqlite_defer_begin(struct ctx *c) {
    (void)c;
}

static void sqlite_commit(struct ctx *c) {
    control_execute(c, CONTROL_COMMIT);
}

static void sqlite_rollback(struct db *db) {
    if (!sqlite3_get_autocommit(connection_of(db))) {
        control_run(db, CONTROL_ROLLBACK);
    }
}

static bool sqlite_rollback_savepoint(struct db *db, int depth) {
    char sql[64];
    sqlite3_snprintf(sizeof sql, sql, "ROLLBACK TO s%d; RELEASE s%d", depth, depth);
    return sqlite3_exec(connection_of(db), sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool sqlite_in_transaction(const struct db *db) {
    return !sqlite3_get_autocommit(connection_of(db));
}

static bool sqlite_lost(const struct db *db) {
    (void)db;
    return false;
}

static void sqlite_renew(struct ctx *c) {
    (void)c;
}

static void sqlite_keep_start(struct ctx *c) {
    struct sqlite_db *s = (struct sqlite_db *)c->db;
    s->checkpointer = checkpointer_start(c, s->connection);
}

static void sqlite_keep_turn(struct db *db) {
    checkpointer_turn(((struct sqlite_db *)db)->checkpointer);
}

/* Rows touch pages here and there in the indexes: without room for them each is read and written
 * again and again. */
static void sqlite_loading(struct db *db, bool begins) {
    sqlite3 *connection = connection_of(db);
    sqlite3_exec(connection, begins ? LOADER_CACHE : WRITER_CACHE, NULL, NULL, NULL);
    if (!begins) {
        sqlite3_db_release_memory(connection);
    }
}

/* BEGIN IMMEDIATE holds the file's only write lock already. */
static void sqlite_lock_schema(struct ctx *c) {
    (void)c;
}

const struct db_driver sqlite_driver = {
    .engine = DB_SQLITE,
    .open = sqlite_open,
    .close = sqlite_close,
    .prepare = sqlite_prepare,
    .finalize = sqlite_finalize,
    .start = sqlite_start,
    .put = sqlite_start,
    .next = sqlite_next,
    .finish = sqlite_finish,
    .kind = sqlite_kind,
    .integer = sqlite_integer,
    .real = sqlite_real,
    .bytes = sqlite_bytes,
    .cells = sqlite_cells,
    .execute = sqlite_execute,
    .control = sqlite_execute,
    .settle = sqlite_settle,
    .begin = sqlite_begin,
    .defer_begin = sqlite_defer_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .rollback_savepoint = sqlite_rollback_savepoint,
    .in_transaction = sqlite_in_transaction,
    .lost = sqlite_lost,
    .renew = sqlite_renew,
    .keep_start = sqlite_keep_start,
    .keep_turn = sqlite_keep_turn,
    .loading = sqlite_loading,
    .lock_schema = sqlite_lock_schema,
};
