#include "app/live.h"

#include <stdlib.h>

#include "automation/notification.h"
#include "base/clock.h"
#include "base/message.h"
#include "db/db.h"
#include "entity/access.h"
#include "event/event.h"
#include "event/pacer.h"

/* How long a commit of another process may stay unseen: on SQLite only the command line's are. */
enum { LIVE_EVENTS = 256, POLL_SQLITE_MS = 1000, POLL_POSTGRES_MS = 100 };

struct live {
    struct server *server;
    struct str url;
    pthread_t thread;
    struct pacer pacer;
    int64_t seq; /* of the last event published */
};

/* Whether the actor's right to read covers the record's owner. Shares are not looked at: the
 * feed is a hint. */
static bool live_permits(const struct actor *a, const struct stream_message *m) {
    const struct model *model = model_standard();
    const struct entity *e = model_entity(model, m->entity);
    if (a->system || !e || e->position >= a->n_entities) {
        return a->system;
    }
    switch (access_scope(a, e, ACTION_READ)) {
    case SCOPE_NONE:
        return false;
    case SCOPE_OWN:
        return m->owner_id == a->user_id;
    case SCOPE_TEAM:
        return id_set_has(a->members, m->owner_id);
    case SCOPE_TREE:
        return m->owner_id == a->user_id || id_set_has(a->departments, m->owner_department_id);
    case SCOPE_ALL:
        return true;
    }
    return false;
}

/* "updated" of "lead.updated". */
static struct str verb_of(struct str type) {
    ptrdiff_t dot = str_find_char(type, '.');
    return dot < 0 ? type : str_slice(type, (size_t)dot + 1, type.n);
}

static void publish_change(struct live *f, struct ctx *c, const struct event *e) {
    const struct entity *entity = model_entity(c->model, e->subject_type);
    struct record *r = entity && e->subject_id ? record_load(c, entity, e->subject_id) : NULL;
    if (!r) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "entity", json_put_str, e->subject_type);
    JSON_MEMBER(&w, "id", json_put_id, e->subject_id);
    JSON_MEMBER(&w, "action", json_put_str, verb_of(e->type));
    JSON_MEMBER(&w, "version", json_put_int, record_version(r));
    JSON_MEMBER(&w, "actor_id", json_put_id, e->actor_id);
    json_end_object(&w);
    bool owned = (entity->flags & ENTITY_OWNED) != 0;
    stream_publish(f->server,
                   &(struct stream_message){
                       .name = STR("change"),
                       .data = json_str(&w),
                       .entity = e->subject_type,
                       .owner_id = owned ? record_id(r, "owner_id") : 0,
                       .owner_department_id = owned ? record_id(r, "owner_department_id") : 0});
}

static void publish_notification(struct live *f, struct ctx *c, const struct event *e) {
    int64_t id = json_id(json_parse(c, e->payload), "id");
    c->language = language_parse(
        DB_TEXT(c, "SELECT language FROM \"user\" WHERE id = $1", e->subject_id));
    struct json_writer w = json_writer(c->arena);
    if (notification_json(c, &w, id, e->subject_id)) {
        stream_publish(f->server, &(struct stream_message){.name = STR("notification"),
                                                           .data = json_str(&w),
                                                           .user_id = e->subject_id});
    }
}

static void publish(struct live *f, struct ctx *c, const struct event *e) {
    if (e->origin != ORIGIN_LIVE) {
        return;
    }
    if (str_is(e->type, "notification.created")) {
        publish_notification(f, c, e);
    } else {
        publish_change(f, c, e);
    }
}

/* Publish what is new; true when there may be more. */
static bool publish_new(struct live *f, struct ctx *c) {
    size_t n = 0;
    db_begin(c);
    c->model = model_current(c);
    struct event *events = event_read(c, STREAM_BUSINESS, f->seq, LIVE_EVENTS, &n);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (stream_count(f->server)) {
            publish(f, c, &events[i]);
        }
        f->seq = events[i].seq;
    }
    db_rollback(c->db);
    return n == LIVE_EVENTS && !ctx_failed(c);
}

static void *live_run(void *data) {
    struct live *f = data;
    struct arena arena;
    arena_init(&arena);
    struct ctx c = {.arena = &arena, .actor = &actor_system, .model = model_standard()};
    bool shared = true;
    while (pacer_wait(&f->pacer, shared ? POLL_POSTGRES_MS : POLL_SQLITE_MS)) {
        do {
            arena_free(&arena);
            c.now_ms = clock_now_ms();
        } while (pacer_connected(&c, f->url) && publish_new(f, &c));
        shared = !c.db || db_engine(c.db) == DB_POSTGRES;
    }
    if (c.db) {
        db_close(c.db);
    }
    arena_free(&arena);
    return NULL;
}

static int64_t head_now(struct ctx *c, struct str url) {
    c->db = db_open(c, url, DB_READER);
    int64_t head = c->db ? event_head(c, STREAM_BUSINESS) : 0;
    if (c->db) {
        db_close(c->db);
        c->db = NULL;
    }
    return head;
}

struct live *live_start(struct ctx *c, struct server *server, struct str url) {
    struct live *f = calloc(1, sizeof *f);
    if (!f) {
        ctx_fail_internal(c, "out of memory");
        return NULL;
    }
    f->server = server;
    f->url = url;
    f->seq = head_now(c, url);
    pacer_init(&f->pacer);
    stream_filter(server, live_permits);
    if (ctx_failed(c) || pthread_create(&f->thread, NULL, live_run, f) != 0) {
        ctx_fail_internal(c, "the feed's thread cannot be started");
        free(f);
        return NULL;
    }
    return f;
}

void live_wake(struct live *f) {
    pacer_wake(&f->pacer);
}

void live_stop(struct live *f) {
    pacer_stop(&f->pacer);
    pthread_join(f->thread, NULL);
    pacer_free(&f->pacer);
    free(f);
}
