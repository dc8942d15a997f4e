/* The writer: group commit, failing neighbours, lost batches, retries, priorities. */
#include "database_fixture.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "db/driver.h"
#include "db/news.h"
#include "db/writer.h"

struct bench {
    struct database_fixture *f;
    struct writer *w;
    sem_t held, go;
    atomic_int done, commits, prepared;
    atomic_uint news;
};

/* What a job does, and what came of it. */
enum deed {
    INSERT,
    INVALID,
    REFUSED,
    DEFER,
    DUPLICATE,
    KILL,
    KILL_AND_WRITE,
    DEFER_DUPLICATE,
    RETRY,
    WAIT,
    WATCH,
    LEAVE,
    SLEEP,
    LOSE,
    DEFER_LOSE,
    PUT_DUPLICATE,
    TELL,
    CATCH,
    CATCH_ALL,
    MISS
};

struct work {
    struct write_job job;
    struct arena arena;
    struct bench *bench;
    enum deed deed;
    int64_t id;
    int runs, fails; /* RETRY: how often it fails first */
    int order;       /* when it was answered */
    bool awaited;    /* WATCH: whether somebody waited for its connection */
    enum error_code result;
    atomic_int answers;
};

static void insert_duplicate(struct ctx *c, void *item) {
    (void)item;
    DB_RUN(c, "INSERT INTO thing (id) VALUES (0)");
}

static void insert_id(struct ctx *c, void *item) {
    DB_RUN(c, "INSERT INTO thing (id, runs) VALUES ($1, 1)", *(int64_t *)item);
}

/* The server ends the connection with the commit on its way. */
static void lose_once(struct ctx *c, void *item) {
    const struct work *k = item;
    if (k->runs == 1) {
        DB_PUT(c, "SELECT pg_terminate_backend(pg_backend_pid())");
    }
}

/* A unit of work that bears the failure of what it tries, as rules do. */
static void catch_failure(struct ctx *c, const struct work *k) {
    db_savepoint(c);
    DB_INT(c, "SELECT runs FROM thing WHERE id = 0");
    if (!ctx_failed(c)) {
        db_release(c);
    } else if (c->error.code != ERROR_RETRY) {
        ctx_clear_error(c);
        db_rollback_savepoint(c->db);
        DB_RUN(c, "INSERT INTO thing (id, runs) VALUES ($1, 1)", 1000000 + k->id);
    }
}

/* The row is not there: somebody was faster. */
static void miss(struct ctx *c) {
    const struct db_value nobody = db_from_int(-1);
    if (!db_put_exactly(c, 1, "UPDATE thing SET runs = runs WHERE id = $1", &nobody, 1)) {
        FAIL(c, ERROR_CONFLICT, "record.stale");
    }
}

static void work_run(struct ctx *c, void *data) {
    struct work *k = data;
    k->runs++;
    if (k->deed == DEFER || k->deed == REFUSED) {
        db_defer(c, insert_id, &k->id);
        if (k->deed == REFUSED) {
            FAIL(c, ERROR_INVALID, "input.invalid");
        }
        return;
    }
    if ((k->deed == WAIT || k->deed == WATCH) && k->runs == 1) {
        sem_post(&k->bench->held);
        sem_wait(&k->bench->go);
    }
    k->awaited = k->deed == WATCH && db_awaited(c->db);
    if (k->deed == KILL_AND_WRITE || k->deed == KILL) {
        db_execute(c, "ROLLBACK");
    }
    if (k->deed == LOSE && k->runs == 1) {
        DB_INT(c, "SELECT pg_terminate_backend(pg_backend_pid())");
    }
    if (k->deed == SLEEP) {
        usleep(200);
    }
    if (k->deed == LEAVE) {
        db_savepoint(c);
    }
    if (k->deed == CATCH_ALL) {
        catch_failure(c, k);
    }
    if (k->deed != KILL) {
        DB_RUN(c, "INSERT INTO thing (id, runs) VALUES ($1, $2)", k->id, k->runs);
    }
    if (k->deed == PUT_DUPLICATE) {
        DB_PUT(c, "INSERT INTO thing (id) VALUES (0)");
    } else if (k->deed == DEFER_LOSE) {
        db_defer(c, lose_once, k);
    } else if (k->deed == TELL) {
        db_tell(c, NEWS_OUTBOX);
    } else if (k->deed == CATCH) {
        catch_failure(c, k);
    } else if (k->deed == MISS) {
        miss(c);
    }
    if (k->deed == INVALID) {
        FAIL(c, ERROR_INVALID, "input.invalid");
    } else if (k->deed == DUPLICATE) {
        insert_duplicate(c, NULL);
    } else if (k->deed == DEFER_DUPLICATE) {
        db_defer(c, insert_duplicate, NULL);
    } else if (k->deed == RETRY && k->runs <= k->fails) {
        FAIL(c, ERROR_RETRY, "database.busy");
    }
}

static void work_done(struct write_job *job) {
    struct work *k = job->data;
    k->result = job->context.error.code;
    k->order = atomic_fetch_add(&k->bench->done, 1);
    k->answers++; /* last: who sees it may look at the rest */
}

static void prepare(struct ctx *c, void *data) {
    struct bench *b = data;
    assert_non_null(c->db);
    b->prepared++;
}

static void committed(void *data, unsigned news) {
    struct bench *b = data;
    b->news |= news;
    b->commits++;
}

static void bench_start_batched(struct bench *b, void **state, int threads, int batch) {
    memset(b, 0, sizeof *b);
    b->f = database_of(state);
    struct ctx *c = &b->f->c;
    DB_RUN(c, "CREATE TABLE thing (id BIGINT PRIMARY KEY, runs BIGINT)");
    DB_RUN(c, "INSERT INTO thing (id, runs) VALUES (0, 0)");
    sem_init(&b->held, 0, 0);
    sem_init(&b->go, 0, 0);
    struct writer_options options = {.url = b->f->url,
                                     .threads = threads,
                                     .batch = batch,
                                     .budget_ms = 10000,
                                     .prepare = prepare,
                                     .committed = committed,
                                     .data = b};
    b->w = writer_start(c, &options);
    assert_ok(c);
}

static void bench_start(struct bench *b, void **state, int threads) {
    bench_start_batched(b, state, threads, 0);
}

static void work_init(struct bench *b, struct work *k, int64_t id, enum deed deed) {
    *k = (struct work){.bench = b, .id = id, .deed = deed};
    arena_init(&k->arena);
    k->job = (struct write_job){
        .run = work_run, .done = work_done, .data = k, .context = {.arena = &k->arena}};
}

static struct work *works_new(struct bench *b, int n) {
    struct work *works = calloc((size_t)n, sizeof *works);
    for (int i = 0; i < n; i++) {
        work_init(b, &works[i], i + 1, INSERT);
    }
    return works;
}

static void works_free(struct work *works, int n) {
    for (int i = 0; i < n; i++) {
        arena_free(&works[i].arena);
    }
    free(works);
}

static int64_t things(struct bench *b) {
    int64_t n = DB_INT(&b->f->c, "SELECT COUNT(*) FROM thing WHERE id > 0");
    assert_ok(&b->f->c);
    return n;
}

static bool there(struct bench *b, int64_t id) {
    return DB_INT(&b->f->c, "SELECT COUNT(*) FROM thing WHERE id = $1", id) == 1;
}

/* Hold the writer's only thread in a job, so that what is submitted next is one batch. */
static void writer_hold(struct bench *b, struct work *holder) {
    work_init(b, holder, 1000000, WAIT);
    assert_true(writer_submit(b->w, &holder->job));
    sem_wait(&b->held);
}

static void works_submit(struct bench *b, struct work *works, int n) {
    for (int i = 0; i < n; i++) {
        assert_true(writer_submit(b->w, &works[i].job));
    }
}

enum { THREADS = 8, EACH = 1250 };

static void *submit_many(void *data) {
    struct work *works = data;
    for (int i = 0; i < EACH; i++) {
        while (!writer_submit(works[i].bench->w, &works[i].job)) {
            usleep(1000);
        }
    }
    return NULL;
}

static void ten_thousand_jobs(void **state) {
    struct bench b;
    bench_start(&b, state, 4);
    struct work *works = works_new(&b, THREADS * EACH);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, submit_many, works + i * EACH);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    writer_stop(b.w);
    assert_int_equal(b.done, THREADS * EACH);
    assert_int_equal(things(&b), THREADS * EACH);
    assert_true(b.commits < THREADS * EACH / 4);
    for (int i = 0; i < THREADS * EACH; i++) {
        assert_int_equal(works[i].answers, 1);
        assert_int_equal(works[i].result, ERROR_NONE);
    }
    works_free(works, THREADS * EACH);
}

/* How often a failure after writing has the neighbours run again: they stand behind no savepoints
 * the first time. */
enum { AGAIN = 1 };

static void failing_neighbours(void **state) {
    struct bench b;
    bench_start(&b, state, 1);
    struct work *works = works_new(&b, 60), holder;
    for (int i = 0; i < 60; i++) {
        works[i].deed = i % 7 == 0 ? DUPLICATE : i % 5 == 0 ? INVALID : i % 3 ? INSERT : LEAVE;
    }
    writer_hold(&b, &holder);
    works_submit(&b, works, 60);
    sem_post(&b.go);
    writer_stop(b.w);
    for (int i = 0; i < 60; i++) {
        enum error_code wanted = i % 7 == 0   ? ERROR_CONFLICT
                                 : i % 5 == 0 ? ERROR_INVALID
                                              : ERROR_NONE;
        assert_int_equal(works[i].result, wanted);
        assert_in_range(works[i].runs, 1, 1 + AGAIN);
        assert_int_equal(there(&b, i + 1), wanted == ERROR_NONE);
    }
    assert_int_equal(b.commits, 1);
    works_free(works, 60);
    arena_free(&holder.arena);
}

/* Whatever ends the batch's transaction: the others are run again and succeed. */
static void batch_lost(void **state, enum deed deed, enum error_code wanted) {
    struct bench b;
    bench_start(&b, state, 1);
    struct work *works = works_new(&b, 20), holder, first;
    work_init(&b, &first, 500000, INSERT);
    writer_run(b.w, &first.job); /* all that a commit needs is prepared */
    arena_free(&first.arena);
    works[9].deed = deed;
    works[4].deed = INVALID;
    writer_hold(&b, &holder);
    works_submit(&b, works, 20);
    sem_post(&b.go);
    writer_stop(b.w);
    for (int i = 0; i < 20; i++) {
        enum error_code result = i == 9 ? wanted : i == 4 ? ERROR_INVALID : ERROR_NONE;
        assert_int_equal(works[i].result, result);
        assert_int_equal(works[i].answers, 1);
        assert_int_equal(there(&b, i + 1), result == ERROR_NONE);
    }
    assert_int_equal(works[0].runs, 2 + AGAIN);
    assert_int_equal(DB_INT(&b.f->c, "SELECT runs FROM thing WHERE id = 1"), works[0].runs);
    works_free(works, 20);
    arena_free(&holder.arena);
}

/* The server ends the connection in the middle of a batch: nobody notices. */
static void connection_lost(void **state) {
    batch_lost(state, LOSE, ERROR_NONE);
}

/* In the commit: the server is asked what became of it, and knows at once. */
static void connection_lost_in_commit(void **state) {
    int64_t began_ns = clock_steady_ns();
    batch_lost(state, DEFER_LOSE, ERROR_NONE);
    assert_true(clock_steady_ns() - began_ns < INT64_C(10000000000));
}

static void batch_killed_by_rollback(void **state) {
    batch_lost(state, KILL, ERROR_INTERNAL);
}

static void batch_killed_by_rollback_then_write(void **state) {
    batch_lost(state, KILL_AND_WRITE, ERROR_INTERNAL);
}

static void batch_killed_by_deferred_write(void **state) {
    batch_lost(state, DEFER_DUPLICATE, ERROR_CONFLICT);
}

/* What was only put fails with whatever comes after: never with a neighbour's job. */
static void put_fails(void **state) {
    struct bench b;
    bench_start(&b, state, 1);
    struct work *works = works_new(&b, 20), holder;
    works[9].deed = works[19].deed = PUT_DUPLICATE;
    writer_hold(&b, &holder);
    works_submit(&b, works, 20);
    sem_post(&b.go);
    writer_stop(b.w);
    for (int i = 0; i < 20; i++) {
        bool put = works[i].deed == PUT_DUPLICATE;
        assert_int_equal(works[i].result, put ? ERROR_CONFLICT : ERROR_NONE);
        assert_int_equal(works[i].answers, 1);
        assert_int_equal(there(&b, i + 1), !put);
    }
    works_free(works, 20);
    arena_free(&holder.arena);
}

/* Nor does a neighbour who would bear a failure of his own take it for his, or write outside of the
 * transaction that it ended; and a write that changed too little never counts as done. */
static void put_fails_beside(void **state, enum deed deed, enum deed others) {
    struct bench b;
    bench_start(&b, state, 1);
    struct work *works = works_new(&b, 20), holder;
    for (int i = 0; i < 20; i++) {
        works[i].deed = i % 10 == 4 ? deed : others;
    }
    writer_hold(&b, &holder);
    works_submit(&b, works, 20);
    sem_post(&b.go);
    writer_stop(b.w);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(works[i].result, works[i].deed == deed ? ERROR_CONFLICT : ERROR_NONE);
        assert_int_equal(there(&b, i + 1), works[i].deed != deed);
        assert_int_equal(there(&b, 1000000 + i + 1), 0);
    }
    works_free(works, 20);
    arena_free(&holder.arena);
}

static void put_fails_beside_who_bears_it(void **state) {
    put_fails_beside(state, PUT_DUPLICATE, CATCH);
}

/* Who begins with a savepoint undoes it only when it is there: else what the neighbour before him
 * did, in one of the same name that is still open, would be undone in its place. */
static void put_fails_before_a_savepoint(void **state) {
    put_fails_beside(state, PUT_DUPLICATE, CATCH_ALL);
}

static void too_little_changed(void **state) {
    put_fails_beside(state, MISS, CATCH);
}

/* Who is told of a commit: those whom something in it concerns. */
static void news_are_told_once(void **state) {
    struct bench b;
    bench_start(&b, state, 1);
    struct work told, quiet;
    work_init(&b, &told, 1, TELL);
    work_init(&b, &quiet, 2, INSERT);
    writer_run(b.w, &told.job);
    assert_int_equal(b.news, NEWS_OUTBOX);
    b.news = 0;
    writer_run(b.w, &quiet.job);
    assert_int_equal(b.commits, 2);
    assert_int_equal(b.news, 0);
    writer_stop(b.w);
    arena_free(&told.arena);
    arena_free(&quiet.arena);
}

static void retries(void **state) {
    struct bench b;
    bench_start(&b, state, 1);
    struct work *works = works_new(&b, 3), holder;
    works[0].deed = works[2].deed = RETRY;
    works[0].fails = 3;
    works[2].fails = 1000;
    writer_hold(&b, &holder);
    works_submit(&b, works, 3);
    assert_int_equal(writer_statistics(b.w).waiting, 3);
    sem_post(&b.go);
    while (b.done < 4) {
        usleep(1000);
    }
    /* On SQLite the first failure has the holder and itself run again at once. */
    assert_int_equal(writer_statistics(b.w).reruns, 12 + AGAIN);
    writer_stop(b.w);
    assert_int_equal(works[0].result, ERROR_NONE);
    assert_int_equal(works[0].runs, 4);
    assert_int_equal(works[1].runs, 1);
    assert_int_equal(works[2].result, ERROR_RETRY);
    assert_int_equal(works[2].runs, 10);
    assert_int_equal(b.prepared, 4 + 1 + 10 + 1 + AGAIN);
    assert_int_equal(things(&b), 3);
    works_free(works, 3);
    arena_free(&holder.arena);
}

/* On a slow day the patience of bulk jobs ends in between, so it is their mean that counts. */
static void live_before_bulk(void **state) {
    struct bench b;
    bench_start_batched(&b, state, 1, 5);
    struct work *works = works_new(&b, 300), holder;
    for (int i = 0; i < 300; i++) {
        works[i].job.priority = i < 100 ? WRITE_BULK : i < 200 ? WRITE_REACTION : WRITE_LIVE;
    }
    writer_hold(&b, &holder);
    works_submit(&b, works, 300);
    sem_post(&b.go);
    writer_stop(b.w);
    int64_t sums[WRITE_PRIORITIES] = {0};
    for (int i = 0; i < 300; i++) {
        sums[works[i].job.priority] += works[i].order;
    }
    assert_true(sums[WRITE_LIVE] + 2000 < sums[WRITE_REACTION]);
    assert_true(sums[WRITE_REACTION] + 2000 < sums[WRITE_BULK]);
    works_free(works, 300);
    arena_free(&holder.arena);
}

/* Live jobs keep waiting all the time; a bulk job still has its turn. */
static void bulk_does_not_starve(void **state) {
    struct bench b;
    bench_start(&b, state, 1);
    struct work bulk, *works = works_new(&b, 20000);
    work_init(&b, &bulk, 500000, INSERT);
    bulk.job.priority = WRITE_BULK;
    for (int i = 0; i < 20000; i++) {
        works[i].deed = SLEEP;
    }
    works_submit(&b, works, 100);
    assert_true(writer_submit(b.w, &bulk.job));
    int n = 100;
    while (!bulk.answers && n < 20000) {
        if (n - b.done < 100) {
            works_submit(&b, works + n++, 1);
        } else {
            usleep(100);
        }
    }
    int at = bulk.answers ? bulk.order : -1;
    writer_stop(b.w);
    assert_true(at >= 0 && at < 20000);
    assert_int_equal(things(&b), n + 1);
    works_free(works, 20000);
    arena_free(&bulk.arena);
}

/* A job that fails before it writes takes nothing with it but what it deferred; one that fails
 * after it wrote has its neighbours run again, and all that succeed are there once. */
static void neighbours_of_failures(void **state) {
    struct bench b;
    bench_start(&b, state, 1);
    struct work *works = works_new(&b, 60), holder;
    for (int i = 0; i < 60; i++) {
        works[i].deed = i == 40 ? DUPLICATE : i % 3 == 0 ? DEFER : i % 3 == 1 ? REFUSED : INSERT;
    }
    writer_hold(&b, &holder);
    works_submit(&b, works, 60);
    sem_post(&b.go);
    writer_stop(b.w);
    int most = 0;
    for (int i = 0; i < 60; i++) {
        bool fails = works[i].deed == REFUSED || works[i].deed == DUPLICATE;
        assert_int_equal(works[i].answers, 1);
        assert_true((works[i].result == ERROR_NONE) == !fails);
        most = works[i].runs > most ? works[i].runs : most;
    }
    assert_true(most <= 2);
    assert_int_equal(things(&b), 40 + 1);
    works_free(works, 60);
    arena_free(&holder.arena);
}

/* Callers who were answered ask again soon: bulk jobs do not jump into the gap. */
static void bulk_stands_back(void **state) {
    struct bench b;
    bench_start(&b, state, 1);
    struct work bulk, live;
    work_init(&b, &live, 1, INSERT);
    work_init(&b, &bulk, 2, INSERT);
    bulk.job.priority = WRITE_BULK;
    int64_t began = clock_steady_ns();
    writer_run(b.w, &live.job);
    writer_run(b.w, &bulk.job);
    assert_true(clock_steady_ns() - began >= 5 * 1000000);
    writer_stop(b.w);
    assert_int_equal(things(&b), 2);
    arena_free(&live.arena);
    arena_free(&bulk.arena);
}

/* What history brings waits while somebody loads, though nobody else does; the load's end lets it
 * go. */
static void history_waits_for_a_load(void **state) {
    struct bench b;
    bench_start(&b, state, 1);
    struct work history, chunk;
    work_init(&b, &history, 1, INSERT);
    work_init(&b, &chunk, 2, INSERT);
    history.job.priority = WRITE_HISTORY;
    chunk.job.priority = WRITE_BULK;
    writer_loading(b.w, true);
    assert_true(writer_submit(b.w, &history.job));
    writer_run(b.w, &chunk.job);
    assert_int_equal(things(&b), 1);
    int64_t began = clock_steady_ns();
    writer_loading(b.w, false);
    writer_stop(b.w);
    assert_true(clock_steady_ns() - began < 500 * INT64_C(1000000));
    assert_int_equal(things(&b), 2);
    arena_free(&history.arena);
    arena_free(&chunk.arena);
}

/* A long job learns that a live one waits, and only then. */
static void live_jobs_are_awaited(void **state) {
    struct bench b;
    bench_start(&b, state, 1);
    struct work watch[2], others[2];
    for (int i = 0; i < 2; i++) {
        work_init(&b, &watch[i], 1 + i, WATCH);
        work_init(&b, &others[i], 3 + i, INSERT);
        watch[i].job.priority = WRITE_BULK;
        others[i].job.priority = i == 0 ? WRITE_REACTION : WRITE_LIVE;
        assert_true(writer_submit(b.w, &watch[i].job));
        sem_wait(&b.held);
        assert_true(writer_submit(b.w, &others[i].job));
        sem_post(&b.go);
    }
    writer_stop(b.w);
    assert_false(watch[0].awaited);
    assert_true(watch[1].awaited);
    assert_int_equal(things(&b), 4);
    for (int i = 0; i < 2; i++) {
        arena_free(&watch[i].arena);
        arena_free(&others[i].arena);
    }
}

/* Who waits for the end of what stands back shares its commit; who fails does not have it run
 * again. */
static void who_waits_joins_bulk(void **state) {
    static const struct {
        enum write_priority priority;
        enum deed deed;
    } others[] = {{WRITE_LIVE, INSERT}, {WRITE_LIVE, DUPLICATE}, {WRITE_REACTION, INSERT}};
    struct bench b;
    bench_start(&b, state, 1);
    struct work bulk, *works = works_new(&b, 3);
    work_init(&b, &bulk, 10, WAIT);
    bulk.job.priority = WRITE_BULK;
    assert_true(writer_submit(b.w, &bulk.job));
    sem_wait(&b.held);
    for (int i = 0; i < 3; i++) {
        works[i].job.priority = others[i].priority;
        works[i].deed = others[i].deed;
    }
    works_submit(&b, works, 3);
    sem_post(&b.go);
    writer_stop(b.w);
    assert_int_equal(b.commits, 1);
    assert_int_equal(bulk.runs, 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(works[i].answers, 1);
        assert_true((works[i].result == ERROR_NONE) == (works[i].deed == INSERT));
    }
    assert_int_equal(things(&b), 3);
    works_free(works, 3);
    arena_free(&bulk.arena);
}

static void queue_is_bounded(void **state) {
    struct bench b;
    bench_start(&b, state, 1);
    struct work *works = works_new(&b, 10001), holder;
    writer_hold(&b, &holder);
    works_submit(&b, works, 10000);
    assert_false(writer_submit(b.w, &works[10000].job));
    sem_post(&b.go);
    writer_run(b.w, &works[10000].job);
    assert_ok(&works[10000].job.context);
    writer_stop(b.w);
    assert_int_equal(things(&b), 10002);
    works_free(works, 10001);
    arena_free(&holder.arena);
}

static void run_waits(void **state) {
    struct bench b;
    bench_start(&b, state, 2);
    struct work good, bad;
    work_init(&b, &good, 1, INSERT);
    work_init(&b, &bad, 2, DUPLICATE);
    writer_run(b.w, &good.job);
    assert_ok(&good.job.context);
    assert_int_equal(b.commits, 1);
    writer_run(b.w, &bad.job);
    assert_error(&bad.job.context, ERROR_CONFLICT);
    assert_int_equal(b.commits, 1);
    assert_int_equal(b.done, 0);
    writer_stop(b.w);
    assert_int_equal(things(&b), 1);
    arena_free(&good.arena);
    arena_free(&bad.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(ten_thousand_jobs),
        ON_BOTH(failing_neighbours),
        ON_BOTH(batch_killed_by_rollback),
        ON_BOTH(batch_killed_by_rollback_then_write),
        ON_BOTH(batch_killed_by_deferred_write),
        ON_POSTGRES(connection_lost),
        ON_POSTGRES(connection_lost_in_commit),
        ON_BOTH(put_fails),
        ON_BOTH(put_fails_beside_who_bears_it),
        ON_BOTH(put_fails_before_a_savepoint),
        ON_BOTH(too_little_changed),
        ON_BOTH(news_are_told_once),
        ON_BOTH(retries),
        ON_BOTH(live_before_bulk),
        ON_BOTH(bulk_does_not_starve),
        ON_BOTH(neighbours_of_failures),
        ON_BOTH(bulk_stands_back),
        ON_BOTH(history_waits_for_a_load),
        ON_BOTH(live_jobs_are_awaited),
        ON_BOTH(who_waits_joins_bulk),
        ON_BOTH(queue_is_bounded),
        ON_BOTH(run_waits),
    };
    return cmocka_run_group_tests_name("db_writer", tests, NULL, NULL);
}
