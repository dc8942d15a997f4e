#include "http/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "entity/access.h"
#include "http/call.h"
#include "http/feed.h"

/* A subscriber that has so many messages unread is cut off. One that lived so long is let go,
 * so that it comes back and is asked again who it is. */
enum { UNREAD = 256, PUBLICATIONS = 20000, HEARTBEAT_SECONDS = 20, LIFE_SECONDS = 300 };

/* A rendered message, shared by all that have it unread. */
struct message {
    int holders; /* under the feed's lock */
    size_t n;
    char text[];
};

struct subscriber {
    struct feed *feed;
    struct MHD_Connection *connection;
    struct peer *peer;
    struct arena arena;  /* the actor's */
    struct actor *actor; /* a copy: the organization's own may go while the feed is open */
    struct message *unread[UNREAD];
    int first, n;
    size_t sent; /* bytes of the first unread message */
    int64_t opened_ns, written_ns;
    bool listed, waiting, ended;
    struct subscriber *next, *previous;
};

struct publication {
    struct stream_message m; /* its texts point into text */
    struct message *rendered;
    struct publication *next;
    char text[];
};

struct feed {
    struct peers *peers;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    pthread_t thread;
    struct subscriber *subscribers;
    struct publication *first, *last;
    int n_subscribers, n_publications;
    int64_t dropped;
    bool (*permits)(const struct actor *actor, const struct stream_message *m);
    bool ending, stopping;
};

static struct message *message_join(const struct str *parts, int n_parts) {
    size_t n = 0;
    for (int i = 0; i < n_parts; i++) {
        n += parts[i].n;
    }
    struct message *m = malloc(sizeof *m + n + 1);
    if (!m) {
        return NULL;
    }
    m->holders = 1;
    m->n = 0;
    for (int i = 0; i < n_parts; i++) {
        memcpy(m->text + m->n, parts[i].p, parts[i].n);
        m->n += parts[i].n;
    }
    return m;
}

/* One field a line; data is JSON without line ends. The id makes a browser that comes back
 * say Last-Event-ID. */
static struct message *message_new(struct str name, struct str data) {
    const struct str parts[] = {STR("id: 1\nevent: "), name, STR("\ndata: "), data, STR("\n\n")};
    return message_join(parts, 5);
}

static void message_drop(struct message *m) {
    if (--m->holders == 0) {
        free(m);
    }
}

/* Under the lock: let the network thread look at the subscriber again. */
static void wake(struct subscriber *s) {
    if (s->waiting) {
        s->waiting = false;
        MHD_resume_connection(s->connection);
    }
}

static void give(struct subscriber *s, struct message *m) {
    if (s->ended) {
        return;
    }
    if (s->n == UNREAD) {
        s->ended = true;
        s->feed->dropped++;
        peer_cut(s->feed->peers, s->peer);
    } else {
        m->holders++;
        s->unread[(s->first + s->n++) % UNREAD] = m;
    }
    wake(s);
}

static bool concerns(const struct feed *f, const struct subscriber *s,
                     const struct stream_message *m) {
    if (m->user_id) {
        return s->actor && s->actor->user_id == m->user_id;
    }
    return f->permits && s->actor && f->permits(s->actor, m);
}

static void distribute(struct feed *f, struct publication *p) {
    for (struct subscriber *s = f->subscribers; s; s = s->next) {
        if (concerns(f, s, &p->m)) {
            give(s, p->rendered);
        }
    }
    message_drop(p->rendered);
    free(p);
}

/* A comment line now and then keeps proxies from closing, and finds out who is gone. */
static void heartbeat(struct feed *f) {
    int64_t now = clock_steady_ns();
    struct message *beat = message_join(&(const struct str){":\n\n", 3}, 1);
    for (struct subscriber *s = f->subscribers; s && beat; s = s->next) {
        if (now - s->opened_ns > LIFE_SECONDS * INT64_C(1000000000) || f->ending) {
            s->ended = true;
            wake(s);
        } else if (now - s->written_ns > HEARTBEAT_SECONDS * INT64_C(1000000000)) {
            s->written_ns = now;
            give(s, beat);
        }
    }
    if (beat) {
        message_drop(beat);
    }
}

static void *feed_thread(void *data) {
    struct feed *f = data;
    int64_t beaten_ns = clock_steady_ns();
    pthread_mutex_lock(&f->lock);
    while (!f->stopping) {
        struct publication *p = f->first;
        if (p) {
            f->first = p->next;
            f->last = f->first ? f->last : NULL;
            f->n_publications--;
            distribute(f, p);
        } else {
            struct timespec until;
            clock_gettime(CLOCK_MONOTONIC, &until);
            until.tv_sec += 1;
            pthread_cond_timedwait(&f->arrived, &f->lock, &until);
        }
        if (f->ending || clock_steady_ns() - beaten_ns > INT64_C(1000000000)) {
            beaten_ns = clock_steady_ns();
            heartbeat(f);
        }
    }
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

struct feed *feed_start(struct peers *peers) {
    struct feed *f = calloc(1, sizeof *f);
    if (!f) {
        return NULL;
    }
    f->peers = peers;
    pthread_mutex_init(&f->lock, NULL);
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&f->arrived, &steady);
    pthread_condattr_destroy(&steady);
    if (pthread_create(&f->thread, NULL, feed_thread, f) != 0) {
        free(f);
        return NULL;
    }
    return f;
}

void feed_end(struct feed *f) {
    pthread_mutex_lock(&f->lock);
    f->ending = true;
    pthread_cond_signal(&f->arrived);
    pthread_mutex_unlock(&f->lock);
}

void feed_stop(struct feed *f) {
    if (!f) {
        return;
    }
    pthread_mutex_lock(&f->lock);
    f->stopping = true;
    pthread_cond_signal(&f->arrived);
    pthread_mutex_unlock(&f->lock);
    pthread_join(f->thread, NULL);
    while (f->first) {
        struct publication *p = f->first;
        f->first = p->next;
        message_drop(p->rendered);
        free(p);
    }
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->arrived);
    free(f);
}

/* libmicrohttpd asks for bytes: hand some over, or suspend until there are any. */
static ssize_t read_unread(void *data, uint64_t position, char *to, size_t room) {
    struct subscriber *s = data;
    struct feed *f = s->feed;
    (void)position;
    pthread_mutex_lock(&f->lock);
    size_t n = 0;
    while (s->n && n < room) {
        struct message *m = s->unread[s->first];
        size_t part = m->n - s->sent < room - n ? m->n - s->sent : room - n;
        memcpy(to + n, m->text + s->sent, part);
        n += part;
        s->sent += part;
        if (s->sent == m->n) {
            s->first = (s->first + 1) % UNREAD;
            s->n--;
            s->sent = 0;
            message_drop(m);
        }
    }
    bool end = n == 0 && (s->ended || f->ending);
    if (n) {
        s->written_ns = clock_steady_ns();
    } else if (!end) {
        s->waiting = true;
        MHD_suspend_connection(s->connection);
    }
    pthread_mutex_unlock(&f->lock);
    return end ? MHD_CONTENT_READER_END_OF_STREAM : (ssize_t)n;
}

struct MHD_Response *feed_response(struct subscriber *s) {
    struct feed *f = s->feed;
    pthread_mutex_lock(&f->lock);
    s->next = f->subscribers;
    if (s->next) {
        s->next->previous = s;
    }
    f->subscribers = s;
    f->n_subscribers++;
    s->listed = true;
    pthread_mutex_unlock(&f->lock);
    struct MHD_Response *response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096,
                                                                      read_unread, s, NULL);
    if (response) {
        MHD_add_response_header(response, "X-Accel-Buffering", "no");
    }
    return response;
}

struct subscriber *feed_leave(struct subscriber *s) {
    if (!s) {
        return NULL;
    }
    struct feed *f = s->feed;
    pthread_mutex_lock(&f->lock);
    if (s->listed) {
        if (s->previous) {
            s->previous->next = s->next;
        } else {
            f->subscribers = s->next;
        }
        if (s->next) {
            s->next->previous = s->previous;
        }
        f->n_subscribers--;
    }
    for (int i = 0; i < s->n; i++) {
        message_drop(s->unread[(s->first + i) % UNREAD]);
    }
    pthread_mutex_unlock(&f->lock);
    arena_free(&s->arena);
    free(s);
    return NULL;
}

int64_t feed_dropped(struct feed *f) {
    pthread_mutex_lock(&f->lock);
    int64_t n = f->dropped;
    pthread_mutex_unlock(&f->lock);
    return n;
}

static void ids_keep(struct arena *a, struct id_set *set) {
    set->ids = (const int64_t *)arena_copy(a, set->ids, set->n * sizeof *set->ids);
}

/* What a filter may look at: who it is and the scopes; rights on fields and permissions are
 * left out, which means none. */
static struct actor *actor_keep(struct arena *a, const struct actor *from) {
    static const char *const none[] = {NULL};
    struct actor *actor = ARENA_NEW(a, struct actor);
    *actor = *from;
    ids_keep(a, &actor->members);
    ids_keep(a, &actor->departments);
    ids_keep(a, &actor->lineage);
    ids_keep(a, &actor->teams);
    ids_keep(a, &actor->roles);
    size_t n = from->entities ? (size_t)from->n_entities : 0;
    struct entity_rights *entities = ARENA_NEW_ARRAY(a, n, struct entity_rights);
    for (size_t i = 0; i < n; i++) {
        entities[i] = from->entities[i];
        entities[i].fields = NULL;
    }
    actor->entities = entities;
    actor->n_entities = (int)n;
    actor->permissions = none;
    actor->name = str_copy(a, from->name);
    return actor;
}

static void greet(struct subscriber *s, bool again) {
    /* What happened since the last event is not kept: whoever comes back asks anew. */
    struct str first = STR("retry: 3000\n:\n\n");
    struct str resync = STR("retry: 3000\nevent: resync\ndata: {}\n\n");
    struct message *m = message_join(again ? &resync : &first, 1);
    if (m) {
        s->unread[s->n++] = m;
    }
}

void stream_subscribe(struct request *r) {
    r->reply.status = 200;
    r->reply.mime = STR("text/event-stream");
    if (!r->connection) {
        return; /* without a socket there is nothing to follow */
    }
    struct call *call = r->connection;
    struct subscriber *s = calloc(1, sizeof *s);
    if (!s || call->subscriber) {
        free(s);
        FAIL(r->c, ERROR_LIMIT, "stream.unavailable");
        return;
    }
    s->feed = call->server->feed;
    s->connection = call->connection;
    s->peer = call->peer;
    s->actor = r->c->actor ? actor_keep(&s->arena, r->c->actor) : NULL;
    s->opened_ns = s->written_ns = clock_steady_ns();
    greet(s, request_header(r, "Last-Event-ID").p != NULL);
    call->subscriber = s;
}

static struct str text_into(char **to, struct str s) {
    struct str copy = {*to, s.n};
    if (s.n) {
        memcpy(*to, s.p, s.n);
    }
    *to += s.n;
    return copy;
}

void stream_publish(struct server *server, const struct stream_message *m) {
    struct feed *f = server->feed;
    struct publication *p = malloc(sizeof *p + m->name.n + m->entity.n + m->data.n);
    struct message *rendered = message_new(m->name, m->data);
    if (!p || !rendered) {
        free(p);
        free(rendered);
        return;
    }
    char *to = p->text;
    p->m = *m;
    p->m.name = text_into(&to, m->name);
    p->m.entity = text_into(&to, m->entity);
    p->m.data = text_into(&to, m->data);
    p->rendered = rendered;
    p->next = NULL;
    pthread_mutex_lock(&f->lock);
    bool room = f->n_publications < PUBLICATIONS && f->n_subscribers && !f->stopping;
    if (room) {
        if (f->last) {
            f->last->next = p;
        } else {
            f->first = p;
        }
        f->last = p;
        f->n_publications++;
        pthread_cond_signal(&f->arrived);
    }
    pthread_mutex_unlock(&f->lock);
    if (!room) {
        free(rendered);
        free(p);
    }
}

void stream_filter(struct server *server,
                   bool (*permits)(const struct actor *actor, const struct stream_message *m)) {
    server->feed->permits = permits;
}

int stream_count(const struct server *server) {
    struct feed *f = server->feed;
    pthread_mutex_lock(&f->lock);
    int n = f->n_subscribers;
    pthread_mutex_unlock(&f->lock);
    return n;
}
