#include "organization/audit_sealer.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/scheduling.h"
#include "db/writer.h"
#include "event/lease.h"
#include "event/pacer.h"
#include "organization/audit_seal.h"

/* How often it looks, how many times as long as it read a batch it rests behind it, and how many
 * batches a stop waits for. */
enum { LOOK_MS = MS_SECOND, RESTS = 4, LAST_BATCHES = 8 };

struct audit_sealer {
    struct writer *writer;
    struct str url;
    struct pacer pacer;
    pthread_t thread;
    bool held;      /* we seal, no other process */
    int64_t passed; /* see audit_seal_prepare */
};

static void store_run(struct ctx *c, void *data) {
    audit_seal_store(c, data);
}

/* With the reactions, so that it shares the commit of a batch. */
static bool store(struct audit_sealer *s, struct audit_seal_draft *draft) {
    struct arena arena;
    arena_init(&arena);
    struct write_job job = {.run = store_run,
                            .data = draft,
                            .priority = WRITE_REACTION,
                            .context = {.arena = &arena, .now_ms = clock_now_ms()}};
    writer_run(s->writer, &job);
    bool done = !ctx_failed(&job.context);
    if (!done && job.context.error.code != ERROR_CONFLICT) {
        log_error(&job.context, "audit_seal.not_stored");
    }
    arena_free(&arena);
    return done;
}

/* Whether the connection is there and the work ours. */
static bool ready(struct audit_sealer *s, struct ctx *c) {
    if (!c->db || ctx_failed(c)) {
        s->held = false;
    }
    s->held = pacer_connected(c, s->url) && (s->held || lease_take(c, "audit.seal"));
    return s->held && !ctx_failed(c);
}

/* Make and store one seal; true when there is more to be sealed, after the pause. */
static bool batch_seal(struct audit_sealer *s, struct ctx *c, int64_t *pause_ms) {
    struct audit_seal_draft draft;
    *pause_ms = LOOK_MS;
    if (!ready(s, c)) {
        return false;
    }
    int64_t began = clock_steady_ns();
    c->now_ms = clock_now_ms();
    db_begin(c);
    bool made = audit_seal_prepare(c, &s->passed, &draft);
    db_rollback(c->db);
    int64_t took_ns = clock_steady_ns() - began;
    if (!made || !store(s, &draft) || !draft.more) {
        return false;
    }
    *pause_ms = 1 + RESTS * took_ns / 1000000;
    return true;
}

static void *sealer_main(void *data) {
    struct audit_sealer *s = data;
    struct arena arena;
    struct ctx c = {.arena = &arena};
    int64_t pause_ms = 0;
    arena_init(&arena);
    scheduling_yielding();
    while (pacer_wait(&s->pacer, pause_ms)) {
        batch_seal(s, &c, &pause_ms);
        arena_free(&arena);
    }
    for (int i = 0; i < LAST_BATCHES && batch_seal(s, &c, &pause_ms); i++) {
        arena_free(&arena);
    }
    if (c.db) {
        db_close(c.db);
    }
    arena_free(&arena);
    return NULL;
}

struct audit_sealer *audit_sealer_start(struct ctx *c, struct writer *w, struct str url) {
    struct audit_sealer *s = calloc(1, sizeof *s);
    if (!s) {
        ctx_fail_internal(c, "out of memory");
        return NULL;
    }
    s->writer = w;
    s->url = url;
    pacer_init(&s->pacer);
    if (pthread_create(&s->thread, NULL, sealer_main, s) != 0) {
        ctx_fail_internal(c, "no thread to seal the audit trail");
        pacer_free(&s->pacer);
        free(s);
        return NULL;
    }
    return s;
}

void audit_sealer_stop(struct audit_sealer *s) {
    pacer_stop(&s->pacer);
    pthread_join(s->thread, NULL);
    pacer_free(&s->pacer);
    free(s);
}
