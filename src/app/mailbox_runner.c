#include "app/mailbox_runner.h"

#include <pthread.h>
#include <stdlib.h>

#include "automation/notification.h"
#include "base/clock.h"
#include "base/log.h"
#include "customer/mailbox_sync.h"
#include "db/writer.h"
#include "entity/access.h"
#include "event/pacer.h"

enum { THREADS = 2, POLL_MS = 1000 };

struct reader {
    struct mailbox_runner *all;
    pthread_t thread;
    bool started;
    struct pacer pacer;
};

struct mailbox_runner {
    struct writer *writer;
    struct str url;
    struct reader readers[THREADS];
};

static bool commit(void *how, struct ctx *c, void (*run)(struct ctx *c, void *data), void *data) {
    struct reader *r = how;
    struct arena arena;
    if (pacer_stopping(&r->pacer)) {
        return false; /* the next start, or another process, goes on */
    }
    arena_init(&arena);
    struct write_job job = {
        .run = run,
        .data = data,
        .priority = WRITE_BULK,
        .context = {.arena = &arena, .now_ms = clock_now_ms(), .actor = &actor_system}};
    writer_run(r->all->writer, &job);
    bool done = !ctx_failed(&job.context);
    if (!done) {
        log_error(&job.context, "mailbox.batch_failed");
    }
    arena_free(&arena);
    c->now_ms = clock_now_ms();
    return done;
}

struct claim {
    int64_t id;
    bool ours;
};

static void claim_run(struct ctx *c, void *data) {
    struct claim *claim = data;
    claim->ours = mailbox_claim(c, claim->id);
}

struct ending {
    const struct mailbox *box;
    const struct mailbox_end *end;
};

static void end_run(struct ctx *c, void *data) {
    const struct ending *e = data;
    if (mailbox_ended(c, e->box, e->end) && e->box->user_id) {
        struct notification n = {.user_id = e->box->user_id,
                                 .code = e->end->outcome == IMAP_LOGIN
                                             ? "notification.mailbox_login"
                                             : "notification.mailbox_certificate"};
        n.parameters[0] = (struct text_parameter){"address", e->box->address};
        notify(c, &n);
    }
}

/* One mailbox that is due; false when there is none. */
static bool round_run(struct reader *r, struct ctx *c) {
    struct mailbox box;
    if (!pacer_connected(c, r->all->url)) {
        return false;
    }
    c->now_ms = clock_now_ms();
    struct claim claim = {.id = mailbox_due(c)};
    if (!claim.id || !commit(r, c, claim_run, &claim) || !claim.ours) {
        return false;
    }
    c->model = model_current(c);
    if (!mailbox_read(c, claim.id, &box)) {
        return false;
    }
    mailbox_open(c, &box);
    struct mailbox_end end = {
        .outcome = IMAP_LOGIN, .why = STR("the password cannot be opened"), .sent = STR("")};
    if (!ctx_failed(c)) {
        end = mailbox_look(c, &box, (struct mailbox_commit){commit, r});
    }
    struct ending ending = {&box, &end};
    return commit(r, c, end_run, &ending);
}

static void *reader_main(void *data) {
    struct reader *r = data;
    struct arena arena;
    arena_init(&arena);
    struct ctx c = {.arena = &arena, .actor = &actor_system};
    while (pacer_wait(&r->pacer, POLL_MS)) {
        while (!pacer_stopping(&r->pacer) && round_run(r, &c)) {
            arena_free(&arena);
        }
        if (ctx_failed(&c)) {
            log_error(&c, "mailbox.failed");
            ctx_clear_error(&c);
        }
        arena_free(&arena);
    }
    if (c.db) {
        db_close(c.db);
    }
    return NULL;
}

struct mailbox_runner *mailbox_runner_start(struct ctx *c, struct writer *w, struct str url) {
    struct mailbox_runner *all = calloc(1, sizeof *all);
    if (!all) {
        ctx_fail_internal(c, "out of memory");
        return NULL;
    }
    all->writer = w;
    all->url = url;
    for (size_t i = 0; i < THREADS; i++) {
        struct reader *r = &all->readers[i];
        r->all = all;
        pacer_init(&r->pacer);
        r->started = pthread_create(&r->thread, NULL, reader_main, r) == 0;
        if (!r->started) {
            ctx_fail_internal(c, "no thread for mailboxes");
        }
    }
    return all;
}

void mailbox_runner_stop(struct mailbox_runner *all) {
    for (size_t i = 0; i < THREADS; i++) {
        pacer_stop(&all->readers[i].pacer);
    }
    for (size_t i = 0; i < THREADS; i++) {
        if (all->readers[i].started) {
            pthread_join(all->readers[i].thread, NULL);
        }
        pacer_free(&all->readers[i].pacer);
    }
    free(all);
}
