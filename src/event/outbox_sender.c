/*
 * The threads that deliver the outbox. A wake reaches the first; each that finds more than it
 * takes at once wakes the next. Each takes a few due items in one transaction, delivers
 * them outside of any, and records each end in a transaction of its own. A slow receiver
 * holds up one thread; what it has claimed meanwhile is not lost, only late.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/db.h"
#include "db/writer.h"
#include "event/delivery.h"
#include "event/pacer.h"

enum { SENDERS = 4, POLL_MS = 500 };

struct sender {
    struct outbox_sender *all;
    struct arena arena; /* of what is claimed and delivered, reset each round */
    struct ctx c;       /* for reading and delivering */
    struct pacer pacer;
    pthread_t thread;
    bool started;
};

struct outbox_sender {
    struct writer *writer;
    struct str url;
    const struct outbox_kind *const *kinds;
    struct sender senders[SENDERS];
};

/* What a job of the writer works on. */
struct take {
    struct outbox_sender *all;
    struct outbox_claim *claims;
    size_t n;
};

static void take_run(struct ctx *c, void *data) {
    struct take *t = data;
    t->n = outbox_take(c, t->all->kinds, t->claims, OUTBOX_CLAIM);
}

static void settle_run(struct ctx *c, void *data) {
    outbox_settle(c, data);
}

/* Run a change and wait for it. Its results live in arena. False when it failed. */
static bool sender_write(struct sender *s, struct arena *arena,
                         void (*run)(struct ctx *c, void *data), void *data) {
    struct write_job job = {
        .run = run,
        .data = data,
        .context = {.arena = arena, .now_ms = clock_now_ms(), .language = LANGUAGE_ZH},
        .priority = WRITE_REACTION,
    };
    writer_run(s->all->writer, &job);
    if (ctx_failed(&job.context)) {
        log_error(&job.context, "outbox.write_failed");
    }
    return !ctx_failed(&job.context);
}

static void hand_run(struct ctx *c, void *data) {
    const struct outbox_item *item = data;
    if (!DB_RUN(c, "UPDATE outbox SET handed = 1 WHERE id = $1 AND state = 0 AND attempts = $2",
                item->id, (int64_t)item->attempts + 1)) {
        FAIL(c, ERROR_CONFLICT, "outbox.claim_lost");
    }
}

bool outbox_hand_over(const struct outbox_item *item) {
    struct arena arena;
    struct outbox_item copy = *item;
    if (!item->sender) {
        return true;
    }
    arena_init(&arena);
    bool kept = sender_write(item->sender, &arena, hand_run, &copy);
    arena_free(&arena);
    return kept;
}

static void item_deliver(struct sender *s, struct outbox_claim *claim) {
    struct ctx *c = &s->c;
    c->now_ms = clock_now_ms();
    claim->why = STR("");
    claim->item.sender = s;
    int64_t began_ns = clock_steady_ns();
    claim->result = claim->kind->deliver(c, &claim->item, &claim->why);
    claim->took_ms = (clock_steady_ns() - began_ns) / INT64_C(1000000);
    if (ctx_failed(c)) {
        claim->result = DELIVERY_RETRY;
        claim->why = str_format(c->arena, "%s %s", c->error.text, c->error.internal);
        ctx_clear_error(c);
    }
    if (claim->result != DELIVERED) {
        LOG(LOG_WARN, "outbox.not_delivered", {"kind", claim->item.kind},
            {"id", .number = claim->item.id}, {"why", claim->why});
    }
    struct arena settling;
    arena_init(&settling);
    sender_write(s, &settling, settle_run, claim);
    arena_free(&settling);
}

/* One round. True when there may be more. */
static bool sender_round(struct sender *s) {
    arena_free(&s->arena);
    if (!pacer_connected(&s->c, s->all->url) || !outbox_due(&s->c, s->all->kinds, clock_now_ms())) {
        return false;
    }
    struct outbox_claim claims[OUTBOX_CLAIM];
    struct take take = {.all = s->all, .claims = claims};
    if (!sender_write(s, &s->arena, take_run, &take)) {
        return false;
    }
    if (take.n == OUTBOX_CLAIM && s + 1 < s->all->senders + SENDERS) {
        pacer_wake(&s[1].pacer);
    }
    int64_t until_ns = clock_steady_ns() + OUTBOX_LEASE_MS / 2 * INT64_C(1000000);
    for (size_t i = 0; i < take.n && clock_steady_ns() < until_ns; i++) {
        item_deliver(s, &claims[i]);
    }
    return take.n > 0;
}

static void *sender_main(void *data) {
    struct sender *s = data;
    while (pacer_wait(&s->pacer, POLL_MS)) {
        while (sender_round(s) && !pacer_stopping(&s->pacer)) {
        }
    }
    return NULL;
}

static void sender_start(struct ctx *c, struct outbox_sender *all, struct sender *s) {
    s->all = all;
    s->c = (struct ctx){.arena = &s->arena, .language = LANGUAGE_ZH};
    s->c.db = db_open(c, all->url, DB_WATCHER);
    if (ctx_failed(c)) {
        return;
    }
    s->started = pthread_create(&s->thread, NULL, sender_main, s) == 0;
    if (!s->started) {
        ctx_fail_internal(c, "no thread for the outbox");
    }
}

struct outbox_sender *outbox_sender_start(struct ctx *c, struct writer *w, struct str url,
                                          const struct outbox_kind *const *kinds) {
    struct outbox_sender *all = calloc(1, sizeof *all);
    if (!all) {
        abort();
    }
    all->writer = w;
    all->url = url;
    all->kinds = kinds;
    /* One that runs may wake the next before that one has started. */
    for (size_t i = 0; i < SENDERS; i++) {
        pacer_init(&all->senders[i].pacer);
    }
    for (size_t i = 0; i < SENDERS; i++) {
        sender_start(c, all, &all->senders[i]);
    }
    if (ctx_failed(c)) {
        outbox_sender_stop(all);
        return NULL;
    }
    return all;
}

void outbox_sender_wake(struct outbox_sender *all) {
    pacer_wake(&all->senders[0].pacer);
}

void outbox_sender_stop(struct outbox_sender *all) {
    for (size_t i = 0; i < SENDERS; i++) {
        pacer_stop(&all->senders[i].pacer);
    }
    for (size_t i = 0; i < SENDERS; i++) {
        struct sender *s = &all->senders[i];
        if (s->started) {
            pthread_join(s->thread, NULL);
        }
        if (s->c.db) {
            db_close(s->c.db);
        }
        arena_free(&s->arena);
        pacer_free(&s->pacer);
    }
    free(all);
}
