#include "db/sqlite_checkpoint.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"

/* Pages of the log. */
enum {
    THREAD_FROM = 4000,
    WRITER_FROM = 16000,
    WRITER_REST = 400,  /* what the writer copies in one or two ms */
    WRITER_STEP = 2000, /* between two tries when readers keep the log from starting over */
    WRITER_MUST = 64000,
    RESTART_FROM = 80000,
    RESTART_WAIT_MS = 50,
    PASSES = 8, /* of the thread, to get near the end */
    BUSY_MS = 5000
};

struct checkpointer {
    sqlite3 *writer, *own;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool stop;
    int pages;        /* of the log, after the last commit */
    int copied;       /* of those, by the thread */
    bool synced;      /* the file, since the log is long */
    int thread_pages; /* when the thread last copied */
    int writer_pages; /* when the writer last copied */
};

static int after_commit(void *data, sqlite3 *connection, const char *name, int pages) {
    (void)connection;
    (void)name;
    struct checkpointer *k = data;
    pthread_mutex_lock(&k->mutex);
    if (pages < k->pages) {
        k->copied = k->thread_pages = k->writer_pages = 0; /* the log has started over */
        k->synced = false;
    }
    k->pages = pages;
    if (pages >= k->thread_pages + THREAD_FROM) {
        pthread_cond_signal(&k->wake);
    }
    pthread_mutex_unlock(&k->mutex);
    return SQLITE_OK;
}

/* Whether the log is to be copied to its end by the writer, and little enough is left. */
static bool rest_short(const struct checkpointer *k) {
    return k->synced && k->pages - k->copied <= WRITER_REST;
}

/* A checkpoint syncs the file only when it reaches the end of the log. */
static void file_sync(sqlite3 *connection) {
#ifndef FAULT_SYNC_OFF
    sqlite3_file *file = NULL;
    sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (file && file->pMethods) {
        file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
    }
#else
    (void)connection;
#endif
}

/* With the lock held, which is let go meanwhile. Each pass leaves what was written during it. */
static void thread_copy(struct checkpointer *k) {
    for (int i = 0; i < PASSES && !k->stop; i++) {
        int pages, copied = 0, before = k->pages;
        bool sync = before >= WRITER_FROM && !k->synced;
        pthread_mutex_unlock(&k->mutex);
        sqlite3_wal_checkpoint_v2(k->own, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
        if (sync) {
            file_sync(k->own);
        }
        pthread_mutex_lock(&k->mutex);
        if (k->pages >= before) {
            k->copied = copied;
            k->synced |= sync;
        }
        if (k->pages < WRITER_FROM || rest_short(k)) {
            return;
        }
    }
}

static void *checkpointer_run(void *data) {
    struct checkpointer *k = data;
    pthread_mutex_lock(&k->mutex);
    while (!k->stop) {
        if (k->pages < k->thread_pages + THREAD_FROM) {
            pthread_cond_wait(&k->wake, &k->mutex);
            continue;
        }
        k->thread_pages = k->pages;
        thread_copy(k);
    }
    pthread_mutex_unlock(&k->mutex);
    return NULL;
}

static bool own_open(struct ctx *c, struct checkpointer *k) {
#ifdef FAULT_SYNC_OFF
    const char *settings = "PRAGMA synchronous=OFF; PRAGMA cache_size=-256;";
#else
    const char *settings = "PRAGMA synchronous=FULL; PRAGMA cache_size=-256;";
#endif
    const char *path = sqlite3_db_filename(k->writer, "main");
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &k->own, flags, NULL) != SQLITE_OK ||
        sqlite3_busy_timeout(k->own, BUSY_MS) != SQLITE_OK ||
        sqlite3_exec(k->own, settings, NULL, NULL, NULL) != SQLITE_OK) {
        ctx_fail_internal(c, "checkpoints of %s: %s", path, sqlite3_errmsg(k->own));
        return false;
    }
    return true;
}

struct checkpointer *checkpointer_start(struct ctx *c, sqlite3 *writer) {
    struct checkpointer *k = calloc(1, sizeof *k);
    if (!k) {
        ctx_fail_internal(c, "out of memory");
        return NULL;
    }
    k->writer = writer;
    pthread_mutex_init(&k->mutex, NULL);
    pthread_cond_init(&k->wake, NULL);
    if (!own_open(c, k)) {
        sqlite3_close_v2(k->own);
        free(k);
        return NULL;
    }
    int error = pthread_create(&k->thread, NULL, checkpointer_run, k);
    if (error) {
        ctx_fail_internal(c, "no thread for checkpoints: %d", error);
        sqlite3_close_v2(k->own);
        free(k);
        return NULL;
    }
    sqlite3_wal_hook(writer, after_commit, k);
    return k;
}

/* A log that readers have not let start over for long is worth a short wait for them. */
static void checkpoint_restart(struct checkpointer *k) {
    sqlite3_busy_timeout(k->writer, RESTART_WAIT_MS);
    sqlite3_wal_checkpoint_v2(k->writer, NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
    sqlite3_busy_timeout(k->writer, BUSY_MS);
}

void checkpointer_turn(struct checkpointer *k) {
    if (!k) {
        return;
    }
    pthread_mutex_lock(&k->mutex);
    int pages = k->pages;
    bool due = (rest_short(k) || pages >= WRITER_MUST) && pages >= k->writer_pages + WRITER_STEP;
    if (due) {
        k->writer_pages = pages;
        k->synced = false;
    }
    pthread_mutex_unlock(&k->mutex);
    if (!due) {
        return;
    }
    if (pages >= RESTART_FROM) {
        checkpoint_restart(k);
    } else {
        sqlite3_wal_checkpoint_v2(k->writer, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    }
}

void checkpointer_stop(struct checkpointer *k) {
    if (!k) {
        return;
    }
    sqlite3_wal_hook(k->writer, NULL, NULL);
    pthread_mutex_lock(&k->mutex);
    k->stop = true;
    pthread_cond_signal(&k->wake);
    pthread_mutex_unlock(&k->mutex);
    pthread_join(k->thread, NULL);
    sqlite3_close_v2(k->own);
    pthread_mutex_destroy(&k->mutex);
    pthread_cond_destroy(&k->wake);
    free(k);
}
