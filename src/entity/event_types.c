#include "entity/event_types.h"

#include <stdlib.h>

enum { DECLARED_MOST = 512 };

static const struct event_type *declared[DECLARED_MOST];
static size_t n_declared;

/* What record_announce emits. */
static const struct event_type verbs[] = {
    {"created", NULL, "新建", "created"}, {"updated", NULL, "修改", "changed"},
    {"trashed", NULL, "删除", "deleted"}, {"restored", NULL, "恢复", "restored"},
    {"merged", NULL, "合并", "merged"},   {"unmerged", NULL, "撤销合并", "unmerged"}};
enum { VERBS = sizeof verbs / sizeof verbs[0], VERBS_OF_ONE = 4 };

void event_types_register(const struct event_type *list) {
    for (; list->type; list++) {
        if (n_declared == DECLARED_MOST) {
            abort();
        }
        declared[n_declared++] = list;
    }
}

static struct event_choice choice_make(const struct ctx *c, const struct event_type *t,
                                       const struct entity *subject, struct str type) {
    return (struct event_choice){
        .type = type,
        .subject = subject,
        .label = str_from(c->language == LANGUAGE_EN ? t->en : t->zh),
    };
}

static bool is_of_any(const struct event_type *t) {
    return t->subject && str_is(STR(EVENT_OF_ANY), t->subject);
}

/* The person of a record is told with what happens to that type alone. */
static bool of_person(const struct entity *e, bool of_type) {
    const struct field *f = entity_field(e, STR("person_id"));
    return str_is(e->name, "person") ||
           (of_type && f && f->target && str_is(f->target->name, "person"));
}

static size_t choices_of(struct ctx *c, const struct entity *e, struct event_choice *out) {
    size_t n = 0;
    for (size_t i = 0; i < VERBS; i++) {
        struct str type = str_format(c->arena, "%.*s.%s", STR_ARG(e->name), verbs[i].type);
        out[n] = choice_make(c, &verbs[i], e, type);
        out[n++].personal = of_person(e, i < VERBS_OF_ONE);
    }
    for (size_t i = 0; i < n_declared; i++) {
        const char *subject = declared[i]->subject;
        if (subject &&
            (str_is(e->name, subject) || (is_of_any(declared[i]) && entity_is_work(e)))) {
            out[n] = choice_make(c, declared[i], e, str_from(declared[i]->type));
            out[n++].personal = of_person(e, !is_of_any(declared[i]));
        }
    }
    return n;
}

struct event_choice *event_choices(struct ctx *c, size_t *n) {
    size_t each = VERBS, room;
    for (size_t i = 0; i < n_declared; i++) {
        each += is_of_any(declared[i]);
    }
    room = (size_t)c->model->n_entities * each + n_declared;
    struct event_choice *out = ARENA_NEW_ARRAY(c->arena, room, struct event_choice);
    *n = 0;
    for (int i = 0; i < c->model->n_entities; i++) {
        *n += choices_of(c, &c->model->entities[i], out + *n);
    }
    for (size_t i = 0; i < n_declared; i++) {
        if (!declared[i]->subject) {
            out[(*n)++] = choice_make(c, declared[i], NULL, str_from(declared[i]->type));
        }
    }
    return out;
}

struct str event_type_words(struct ctx *c, const struct entity *subject, struct str type) {
    struct event_choice choices[VERBS + DECLARED_MOST];
    size_t n = choices_of(c, subject, choices);
    for (size_t i = 0; i < n; i++) {
        if (str_equal(choices[i].type, type)) {
            return choices[i].label;
        }
    }
    return STR("");
}

bool event_type_about(struct ctx *c, struct str type, const struct entity *subject) {
    return event_type_words(c, subject, type).n > 0;
}

bool event_type_followed(struct ctx *c, struct str type, const struct entity *follower) {
    size_t n;
    const struct event_choice *all = event_choices(c, &n);
    for (size_t i = 0; i < n; i++) {
        if (str_equal(all[i].type, type) && (all[i].personal || all[i].subject == follower)) {
            return true;
        }
    }
    return false;
}
