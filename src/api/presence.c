/*
 * Presence: who has a record open now, and who is changing it.
 *
 * A page says so every few seconds while it is in sight (a beat) and once when it closes. The
 * places are kept in this process's memory, bounded, and expire by themselves; nothing is stored,
 * for it is true for seconds only. To beat, one must be allowed to read the record; who else is
 * there is told in the reply, and to those others by the live feed. A beat's reply is the whole
 * truth, so whoever lost the feed knows again after the next beat.
 *
 * With several processes on one database people see only those of their own process.
 */
#include <pthread.h>

#include "api/api.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "entity/access.h"
#include "http/route.h"
#include "http/stream.h"

/* A page that has said nothing for so long is gone. */
enum {
    PLACES = 4096,
    PLACES_EACH = 20, /* of one user; the oldest gives way */
    PEOPLE_MOST = 20,
    TAB_LENGTH = 40,
    NAME_LENGTH = 96,
    STAYS_MS = 45 * MS_SECOND
};

struct place {
    int64_t user_id; /* 0: free */
    int64_t record_id, seen_ms;
    int entity; /* its position in the model */
    bool editing;
    size_t n_tab, n_name;
    char tab[TAB_LENGTH], name[NAME_LENGTH];
};

static struct place places[PLACES];
static pthread_mutex_t places_lock = PTHREAD_MUTEX_INITIALIZER;

struct person {
    int64_t user_id;
    bool editing;
    struct str name;
};

/* What a page says. */
struct beat {
    const struct entity *entity;
    int64_t record_id;
    struct str tab;
    bool editing, gone;
    /* Afterwards: everybody on the record, and whether that is news to the others. */
    struct person people[PEOPLE_MOST];
    size_t n;
    bool news;
};

static bool place_alive(const struct place *p, int64_t now_ms) {
    return p->user_id && now_ms - p->seen_ms <= STAYS_MS;
}

/* The page's place; else a free one, or the user's oldest when there are too many. NULL: full. */
static struct place *place_of(const struct ctx *c, const struct beat *b, bool *found) {
    struct place *room = NULL, *oldest = NULL;
    int mine = 0;
    *found = false;
    for (int i = 0; i < PLACES; i++) {
        struct place *p = &places[i];
        if (!place_alive(p, c->now_ms)) {
            room = room ? room : p;
        } else if (p->user_id == c->actor->user_id) {
            if (str_equal((struct str){p->tab, p->n_tab}, b->tab)) {
                *found = true;
                return p;
            }
            mine++;
            oldest = !oldest || p->seen_ms < oldest->seen_ms ? p : oldest;
        }
    }
    return mine < PLACES_EACH ? room : oldest;
}

static size_t text_keep(char *to, size_t room, struct str s) {
    size_t n = s.n < room ? s.n : room;
    for (size_t i = 0; i < n; i++) {
        to[i] = s.p[i];
    }
    return n;
}

/* Under the lock. */
static void place_take(struct ctx *c, struct beat *b) {
    bool found;
    struct place *p = place_of(c, b, &found);
    bool here = found && p->record_id == b->record_id && p->entity == b->entity->position;
    b->news = b->gone ? here : !here || p->editing != b->editing;
    if (!p || (b->gone && !found)) {
        return;
    }
    *p = (struct place){0};
    if (!b->gone) {
        p->user_id = c->actor->user_id;
        p->record_id = b->record_id;
        p->seen_ms = c->now_ms;
        p->entity = b->entity->position;
        p->editing = b->editing;
        p->n_tab = text_keep(p->tab, TAB_LENGTH, b->tab);
        p->n_name = text_keep(p->name, NAME_LENGTH, c->actor->name);
    }
}

/* Under the lock: each once, who changes it in one page changes it. */
static void people_gather(struct ctx *c, struct beat *b) {
    for (int i = 0; i < PLACES; i++) {
        const struct place *p = &places[i];
        if (!place_alive(p, c->now_ms) || p->record_id != b->record_id ||
            p->entity != b->entity->position) {
            continue;
        }
        size_t k = 0;
        while (k < b->n && b->people[k].user_id != p->user_id) {
            k++;
        }
        if (k == b->n && b->n < PEOPLE_MOST) {
            struct str name = str_copy(c->arena, (struct str){p->name, p->n_name});
            b->people[b->n++] = (struct person){p->user_id, p->editing, name};
        } else if (k < b->n) {
            b->people[k].editing = b->people[k].editing || p->editing;
        }
    }
}

static struct str people_json(struct ctx *c, const struct beat *b) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "entity", json_put_str, b->entity->name);
    JSON_MEMBER(&w, "id", json_put_id, b->record_id);
    json_key(&w, "people");
    json_begin_array(&w);
    for (size_t i = 0; i < b->n; i++) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "id", json_put_id, b->people[i].user_id);
        JSON_MEMBER(&w, "name", json_put_str, b->people[i].name);
        JSON_MEMBER(&w, "editing", json_put_bool, b->people[i].editing);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    return json_str(&w);
}

/* Only to those who are on the record: each was allowed to read it at the last beat. */
static void tell_others(struct request *r, const struct beat *b, struct str people) {
    for (size_t i = 0; i < b->n && r->server; i++) {
        if (b->people[i].user_id != r->c->actor->user_id) {
            stream_publish(r->server, &(struct stream_message){.name = STR("presence"),
                                                               .data = people,
                                                               .user_id = b->people[i].user_id});
        }
    }
}

static bool beat_read(struct request *r, struct beat *b) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    if (!body) {
        return false;
    }
    *b = (struct beat){.entity = model_entity(c->model, json_text(body, "entity")),
                       .record_id = json_id(body, "id"),
                       .tab = json_text(body, "tab"),
                       .editing = json_bool(body, "editing", false),
                       .gone = json_bool(body, "gone", false)};
    if (!b->entity || (b->entity->flags & ENTITY_INTERNAL)) {
        FAIL_FIELD(c, STR("/entity"), "role.entity");
    }
    if (!b->tab.n || b->tab.n > TAB_LENGTH) {
        FAIL_FIELD(c, STR("/tab"), "field.required");
    }
    return !ctx_failed(c);
}

static void presence_post(struct request *r) {
    struct ctx *c = r->c;
    struct beat b;
    if (!beat_read(r, &b) || !record_read(c, b.entity, b.record_id)) {
        return;
    }
    pthread_mutex_lock(&places_lock);
    place_take(c, &b);
    people_gather(c, &b);
    pthread_mutex_unlock(&places_lock);
    struct str people = people_json(c, &b);
    if (b.news) {
        tell_others(r, &b, people);
    }
    reply_text(r, 200, "application/json", people);
}

static const struct route routes[] = {{METHOD_POST, "/api/v1/presence", PERMISSION_SIGNED_IN,
                                       LANE_INLINE, presence_post, .summary = "route.presence",
                                       .body = "object", .answer = "object"},
                                      {0}};

static const struct text texts[] = {
    {"route.presence", "谁在看这条记录", "Who has this record open"}, {0}};

const struct module api_presence_module = {
    .name = "api.presence", .cloud = "platform", .routes = routes, .texts = texts};
