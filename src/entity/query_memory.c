#include "entity/query_memory.h"

#include <string.h>

#include "base/thread_memory.h"
#include "db/db.h"

/* A request is looked for among the places of its row; the oldest gives way. */
enum { ROWS = 512, PLACES = 8 };

/* The places of this thread, a row after the other. */
static struct list_memory *places(void) {
    static _Thread_local struct list_memory *places;
    places = places ? places : thread_memory(sizeof *places * ROWS * PLACES);
    return places;
}

static void mix(uint64_t *h, int64_t part) {
    *h = (*h ^ (uint64_t)part) * 0x9e3779b97f4a7c15u;
    *h ^= *h >> 29;
}

static void mix_text(uint64_t *h, struct str text) {
    int64_t part = 0;
    mix(h, (int64_t)text.n);
    for (; text.n >= sizeof part; text = str_slice(text, sizeof part, text.n)) {
        memcpy(&part, text.p, sizeof part);
        mix(h, part);
    }
    part = 0;
    memcpy(&part, text.n ? text.p : "", text.n);
    mix(h, part);
}

static void mix_ids(uint64_t *h, struct id_set set) {
    mix(h, (int64_t)set.n);
    for (size_t i = 0; i < set.n; i++) {
        mix(h, set.ids[i]);
    }
}

/* As written: what is relative to the time of asking stays the same list. */
static void mix_leaf(uint64_t *h, const struct ctx *c, const struct condition_leaf *leaf) {
    for (int i = 0; i < leaf->hops; i++) {
        mix(h, leaf->path[i]->position);
    }
    mix(h, leaf->hops);
    mix(h, leaf->field->position);
    mix(h, leaf->operator);
    mix(h, leaf->duration);
    mix(h, leaf->period.unit);
    mix(h, leaf->period.offset);
    mix(h, (int64_t)leaf->n);
    for (size_t i = 0; i < leaf->n; i++) {
        struct value v = leaf->values[i];
        mix(h, v.kind);
        mix(h, v.integer);
        mix_text(h, v.kind == VALUE_TEXT || v.kind == VALUE_MONEY ? v.text : (struct str){0});
    }
    if (leaf->operator>= OPERATOR_IS_ME) {
        mix_ids(h, condition_actor_set(c, leaf));
    }
}

/* False when there is a leaf that only its kind understands. */
static bool mix_node(uint64_t *h, const struct ctx *c, const struct condition_node *node) {
    bool known = node->kind != NODE_OTHER;
    mix(h, node->kind);
    mix(h, (int64_t)node->n);
    if (node->kind == NODE_FIELD) {
        mix_leaf(h, c, node->leaf);
    }
    size_t n = node->kind == NODE_NOT ? 1 : node->n;
    for (size_t i = 0; i < n && known && node->children; i++) {
        known = mix_node(h, c, node->children[i]);
    }
    return known;
}

static void mix_versions(uint64_t *h, const struct versions *v) {
    mix(h, v->model);
    mix(h, v->organization);
    mix(h, v->setting);
    mix(h, v->session);
}

/* 0 when the request has no key. */
static uint64_t key_of(const struct ctx *c, const struct list_plan *p) {
    const struct list_request *r = p->request;
    uint64_t h = (uint64_t)(uintptr_t)c->db;
    mix_versions(&h, &c->versions);
    mix(&h, r->entity->position);
    mix(&h, r->action);
    mix(&h, r->trashed);
    mix(&h, access_user_id(c->actor));
    mix(&h, p->range.all);
    mix(&h, p->range.shares);
    mix(&h, p->range.opens);
    mix_text(&h, p->range.column);
    mix_ids(&h, p->range.ids);
    for (int i = 0; i < p->n_keys; i++) {
        mix(&h, p->keys[i].field->position);
        mix(&h, p->keys[i].descending);
    }
    bool known = !r->where || !r->where->root || mix_node(&h, c, r->where->root);
    return known ? h : 0;
}

struct list_memory *list_memory(struct ctx *c, const struct list_plan *p) {
    uint64_t key = c->versions.known ? key_of(c, p) : 0;
    if (!key || p->range.none) {
        return NULL;
    }
    struct list_memory *row = &places()[(key >> 55) * PLACES], *place = row;
    for (int i = 0; i < PLACES; i++) {
        int64_t age = c->now_ms - row[i].at_ms;
        if (row[i].key == key && age >= 0 && age < LIST_MEMORY_MS) {
            return &row[i];
        }
        bool better = row[i].key == key || (place->key != key && row[i].at_ms < place->at_ms);
        place = better ? &row[i] : place;
    }
    *place = (struct list_memory){.key = key, .at_ms = c->now_ms};
    return place;
}
