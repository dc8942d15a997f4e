#include "app/live.h"

#include <stdlib.h>

#include "automation/notification.h"
#include "base/clock.h"
#include "base/message.h"
#include "db/sql.h"
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

/* What is told of a record beside its event. */
struct subject {
    const struct entity *entity;
    int64_t id, version, owner_id, department_id; /* version 0: not there, or in the trash */
};

/* What some events are about, each record once. */
struct subjects {
    struct subject list[LIVE_EVENTS];
    size_t n;
};

static struct subject *subject_find(struct subjects *s, const struct entity *e, int64_t id) {
    for (size_t i = 0; i < s->n; i++) {
        if (s->list[i].id == id && s->list[i].entity == e) {
            return &s->list[i];
        }
    }
    return NULL;
}

/* All of one record type by one statement. */
static struct sql subjects_question(struct ctx *c, const struct subjects *s,
                                    const struct entity *e) {
    int64_t ids[LIVE_EVENTS];
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->list[i].entity == e) {
            ids[n++] = s->list[i].id;
        }
    }
    struct sql q = sql_new(c->arena);
    bool owned = (e->flags & ENTITY_OWNED) != 0;
    SQL_ADD(&q, "SELECT id, version");
    sql_literal(&q, owned ? ", owner_id, owner_department_id FROM " : " FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " WHERE deleted_at IS NULL AND id IN ");
    sql_ids(&q, ids, n);
    return q;
}

static void subjects_read(struct ctx *c, struct subjects *s, const struct entity *e) {
    struct sql q = subjects_question(c, s, e);
    struct db_rows rows;
    bool owned = (e->flags & ENTITY_OWNED) != 0;
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        struct subject *found = subject_find(s, e, db_int(&rows, 0));
        found->version = db_int(&rows, 1);
        found->owner_id = owned ? db_int(&rows, 2) : 0;
        found->department_id = owned ? db_int(&rows, 3) : 0;
    }
}

static bool told(const struct event *e) {
    return e->origin == ORIGIN_LIVE;
}

static bool notifies(const struct event *e) {
    return str_is(e->type, "notification.created");
}

/* Whether no earlier one is of the same record type. */
static bool first_of_type(const struct subjects *s, size_t i) {
    for (size_t j = 0; j < i; j++) {
        if (s->list[j].entity == s->list[i].entity) {
            return false;
        }
    }
    return true;
}

/* Find out what the events are about, and ask for it ahead. */
static void subjects_gather(struct ctx *c, struct subjects *s, const struct event *events,
                            size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct event *e = &events[i];
        const struct entity *entity = model_entity(c->model, e->subject_type);
        if (told(e) && !notifies(e) && entity && e->subject_id &&
            !subject_find(s, entity, e->subject_id)) {
            s->list[s->n++] = (struct subject){.entity = entity, .id = e->subject_id};
        }
    }
    for (size_t i = 0; i < s->n; i++) {
        if (first_of_type(s, i)) {
            struct sql q = subjects_question(c, s, s->list[i].entity);
            sql_ahead(c, &q);
        }
    }
}

static void publish_change(struct live *f, struct ctx *c, const struct event *e,
                           const struct subject *s) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "entity", json_put_str, e->subject_type);
    JSON_MEMBER(&w, "id", json_put_id, e->subject_id);
    JSON_MEMBER(&w, "action", json_put_str, verb_of(e->type));
    JSON_MEMBER(&w, "version", json_put_int, s->version);
    JSON_MEMBER(&w, "actor_id", json_put_id, e->actor_id);
    json_end_object(&w);
    stream_publish(f->server, &(struct stream_message){.name = STR("change"),
                                                       .data = json_str(&w),
                                                       .entity = e->subject_type,
                                                       .owner_id = s->owner_id,
                                                       .owner_department_id = s->department_id});
}

static void publish_changes(struct live *f, struct ctx *c, const struct event *events, size_t n,
                            struct subjects *subjects) {
    for (size_t i = 0; i < subjects->n && !ctx_failed(c); i++) {
        if (first_of_type(subjects, i)) {
            subjects_read(c, subjects, subjects->list[i].entity);
        }
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        const struct event *e = &events[i];
        const struct entity *entity = model_entity(c->model, e->subject_type);
        const struct subject *s = subject_find(subjects, entity, e->subject_id);
        if (told(e) && !notifies(e) && s && s->version) {
            publish_change(f, c, e, s);
        }
    }
}

static void publish_notification(void *data, int64_t user_id, struct str json) {
    const struct live *f = data;
    stream_publish(f->server, &(struct stream_message){
                                  .name = STR("notification"), .data = json, .user_id = user_id});
}

static size_t notifications_gather(struct ctx *c, int64_t ids[LIVE_EVENTS],
                                   const struct event *events, size_t n) {
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        if (told(&events[i]) && notifies(&events[i])) {
            ids[found++] = json_id(json_parse(c, events[i].payload), "id");
        }
    }
    if (found) {
        notifications_ahead(c, ids, found);
    }
    return found;
}

/* People wait for notifications, so they are told first. */
static void publish(struct live *f, struct ctx *c, const struct event *events, size_t n) {
    struct subjects subjects;
    int64_t ids[LIVE_EVENTS];
    subjects.n = 0;
    subjects_gather(c, &subjects, events, n);
    size_t found = notifications_gather(c, ids, events, n);
    if (found) {
        notifications_tell(c, ids, found, publish_notification, f);
    }
    publish_changes(f, c, events, n, &subjects);
}

/* Publish what is new; true when there may be more. */
static bool publish_new(struct live *f, struct ctx *c) {
    size_t n = 0;
    db_begin(c);
    event_ahead(c, STREAM_BUSINESS, f->seq, LIVE_EVENTS);
    c->model = model_current(c);
    struct event *events = event_read(c, STREAM_BUSINESS, f->seq, LIVE_EVENTS, &n);
    if (n && stream_count(f->server)) {
        publish(f, c, events, n);
    }
    f->seq = n && !ctx_failed(c) ? events[n - 1].seq : f->seq;
    db_rollback(c->db);
    return n == LIVE_EVENTS && !ctx_failed(c);
}

/* A server that takes the place of one that died may not have its last events, and gives their
 * numbers to others. */
static bool live_connected(struct live *f, struct ctx *c) {
    bool before = c->db && !ctx_failed(c);
    if (pacer_connected(c, f->url) && !before) {
        int64_t head = event_head(c, STREAM_BUSINESS);
        f->seq = !ctx_failed(c) && head < f->seq ? head : f->seq;
    }
    return c->db && !ctx_failed(c);
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
        } while (live_connected(f, &c) && publish_new(f, &c));
        shared = !c.db || db_engine(c.db) == DB_POSTGRES;
    }
    if (c.db) {
        db_close(c.db);
    }
    arena_free(&arena);
    return NULL;
}

static int64_t head_now(struct ctx *c, struct str url) {
    c->db = db_open(c, url, DB_WATCHER);
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
