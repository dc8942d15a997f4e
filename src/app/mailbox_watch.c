#include "app/mailbox_watch.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "connector/mailbox.h"
#include "db/writer.h"
#include "entity/access.h"
#include "event/lease.h"
#include "event/pacer.h"

/* Which there are is asked so often; a connection lasts so long; what failed rests so long. */
enum { LOOK_MS = 5000, TURN_MS = 500, LASTS_MS = 20 * MS_MINUTE, REST_MS = 10 * MS_MINUTE };

/* One mailbox, watched while imap is there, else at rest until `until`. It stays where it is: the
 * connection keeps to its arena. */
struct watch {
    struct mailbox_known box; /* id 0: nobody's */
    struct imap *imap;
    struct arena arena; /* of the connection */
    int64_t until;
    bool news; /* told, and not yet passed on */
};

struct mailbox_watch {
    struct writer *writer;
    struct str url;
    pthread_t thread;
    bool started, ours;
    struct pacer pacer;
    struct watch watches[MAILBOXES_WATCHED];
};

static void rest(struct watch *k, int64_t until) {
    if (k->imap) {
        imap_close(k->imap);
        arena_free(&k->arena);
    }
    k->imap = NULL;
    k->until = until;
}

static void begin(struct ctx *c, struct watch *k) {
    struct mailbox box;
    k->until = c->now_ms + REST_MS;
    if (!mailbox_read(c, k->box.id, &box) || box.version != k->box.version) {
        return;
    }
    mailbox_open(c, &box);
    if (ctx_failed(c)) {
        ctx_clear_error(c);
        return;
    }
    arena_init(&k->arena);
    k->imap = imap_open(&k->arena, &box.imap);
    if (k->imap) {
        imap_examine(k->imap, box.inbox.n ? box.inbox : STR("INBOX"));
    }
    if (!k->imap || imap_outcome(k->imap) != IMAP_WORKS || !imap_watch(k->imap)) {
        rest(k, k->until);
        return;
    }
    k->until = c->now_ms + LASTS_MS;
    k->news = true; /* what came before the watch began */
}

static struct watch *watch_of(struct mailbox_watch *w, int64_t id) {
    for (size_t i = 0; i < MAILBOXES_WATCHED; i++) {
        if (w->watches[i].box.id == id) {
            return &w->watches[i];
        }
    }
    return NULL;
}

static void let_go(struct watch *k) {
    rest(k, 0);
    k->box = (struct mailbox_known){0};
    k->news = false;
}

/* Those that are gone, or have other settings, are let go; new ones are added. */
static void meet(struct ctx *c, struct mailbox_watch *w) {
    struct mailbox_known known[MAILBOXES_WATCHED];
    size_t n = mailboxes_working(c, known, MAILBOXES_WATCHED);
    if (ctx_failed(c)) {
        return;
    }
    for (size_t i = 0; i < MAILBOXES_WATCHED; i++) {
        struct watch *k = &w->watches[i];
        bool stays = false;
        for (size_t j = 0; j < n; j++) {
            stays |= known[j].id == k->box.id && known[j].version == k->box.version;
        }
        if (k->box.id && !stays) {
            let_go(k);
        }
    }
    for (size_t j = 0; j < n; j++) {
        struct watch *empty = watch_of(w, known[j].id) ? NULL : watch_of(w, 0);
        if (empty) {
            empty->box = known[j];
        }
    }
}

/* One connection a turn: it may take its time, and others are listened to in between. */
static void connect_one(struct ctx *c, struct mailbox_watch *w) {
    for (size_t i = 0; i < MAILBOXES_WATCHED; i++) {
        struct watch *k = &w->watches[i];
        if (k->box.id && k->until <= c->now_ms) {
            rest(k, 0);
            begin(c, k);
            return;
        }
    }
}

struct hurry {
    int64_t id;
    bool done;
};

static void hurry_run(struct ctx *c, void *data) {
    struct hurry *h = data;
    h->done = mailbox_hurry(c, h->id);
}

static bool hurry(struct mailbox_watch *w, int64_t id) {
    struct arena arena;
    struct hurry h = {.id = id};
    arena_init(&arena);
    struct write_job job = {
        .run = hurry_run,
        .data = &h,
        .priority = WRITE_BULK,
        .context = {.arena = &arena, .now_ms = clock_now_ms(), .actor = &actor_system}};
    writer_run(w->writer, &job);
    bool done = h.done && !ctx_failed(&job.context);
    arena_free(&arena);
    return done;
}

static void listen_all(struct ctx *c, struct mailbox_watch *w) {
    struct pollfd sockets[MAILBOXES_WATCHED];
    for (size_t i = 0; i < MAILBOXES_WATCHED; i++) {
        int socket = w->watches[i].imap ? imap_watch_socket(w->watches[i].imap) : -1;
        sockets[i] = (struct pollfd){.fd = socket, .events = POLLIN};
    }
    int heard = poll(sockets, MAILBOXES_WATCHED, TURN_MS);
    for (size_t i = 0; i < MAILBOXES_WATCHED; i++) {
        struct watch *k = &w->watches[i];
        if (heard > 0 && k->imap && sockets[i].revents) {
            k->news |= imap_watch_heard(k->imap);
            if (imap_outcome(k->imap) != IMAP_WORKS) {
                rest(k, c->now_ms + REST_MS);
            }
        }
        if (k->news) {
            k->news = !hurry(w, k->box.id);
        }
    }
}

static void let_all_go(struct mailbox_watch *w) {
    for (size_t i = 0; i < MAILBOXES_WATCHED; i++) {
        let_go(&w->watches[i]);
    }
}

static void *watch_main(void *data) {
    struct mailbox_watch *w = data;
    struct arena arena;
    int64_t looked = 0;
    arena_init(&arena);
    struct ctx c = {.arena = &arena, .actor = &actor_system};
    while (pacer_wait(&w->pacer, 1)) {
        c.now_ms = clock_now_ms();
        if (c.now_ms - looked >= LOOK_MS) {
            looked = c.now_ms;
            w->ours = pacer_connected(&c, w->url) && (w->ours || lease_take(&c, "mailbox.watch"));
            if (w->ours) {
                meet(&c, w);
            } else {
                let_all_go(w);
            }
        }
        connect_one(&c, w);
        listen_all(&c, w);
        if (ctx_failed(&c)) {
            log_error(&c, "mailbox.watch_failed");
            w->ours = false; /* the lease was the connection's */
        }
        arena_free(&arena);
    }
    let_all_go(w);
    if (c.db) {
        db_close(c.db);
    }
    return NULL;
}

struct mailbox_watch *mailbox_watch_start(struct ctx *c, struct writer *writer, struct str url) {
    struct mailbox_watch *w = calloc(1, sizeof *w);
    if (!w) {
        ctx_fail_internal(c, "out of memory");
        return NULL;
    }
    w->writer = writer;
    w->url = url;
    pacer_init(&w->pacer);
    w->started = pthread_create(&w->thread, NULL, watch_main, w) == 0;
    if (!w->started) {
        ctx_fail_internal(c, "no thread for mailboxes");
    }
    return w;
}

void mailbox_watch_stop(struct mailbox_watch *w) {
    pacer_stop(&w->pacer);
    if (w->started) {
        pthread_join(w->thread, NULL);
    }
    pacer_free(&w->pacer);
    free(w);
}
