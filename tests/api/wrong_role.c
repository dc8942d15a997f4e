#include "wrong_role.h"

#include <string.h>

#include "db/sql.h"
#include "denied.h"
#include "entity/model.h"
#include "http/target.h"
#include "organization/role.h"

enum { IDS = 4096, TITLE_BYTES = 4 };

/* What a role may do with a request. */
enum verdict { MUST_BE_REFUSED, MAY_LOOK, MAY_DO };

/* A record there is, with its type. */
struct known {
    int64_t id;
    const struct entity *entity;
    struct str title;
};

struct asking {
    struct run *run;
    const struct step *step;
    const struct route *route;
    struct target target;
    const struct entity *entity; /* of the path; NULL when it names none */
    struct known known[IDS];
    size_t n_known;
};

/* The letters of role_defaults.c; without a row a role may do nothing. */
static const char *scopes_of(const char *role, struct str entity) {
    const char *others = "nnnnnnn";
    for (const struct role_default *d = role_defaults; d->role; d++) {
        if (strcmp(d->role, role) != 0) {
            continue;
        }
        if (str_is(entity, d->entity)) {
            return d->scopes;
        }
        others = strcmp(d->entity, "*") == 0 ? d->scopes : others;
    }
    return others;
}

static bool permission_given(const struct builtin_role *role, const char *permission) {
    return str_lists(str_from(role->permissions), ' ', str_from(permission));
}

/* What a request does to the record of its path. */
static enum action action_of(const struct asking *a) {
    static const struct {
        const char *verb;
        enum action action;
    } verbs[] = {
        {"restore", ACTION_DELETE}, {"assign", ACTION_ASSIGN},     {"convert", ACTION_UPDATE},
        {"move", ACTION_UPDATE},    {"unconvert", ACTION_UPDATE},  {"export", ACTION_EXPORT},
        {"merge", ACTION_UPDATE},   {"disqualify", ACTION_UPDATE}, {NULL, ACTION_READ}};
    static const enum action plain[] = {[METHOD_GET] = ACTION_READ,
                                        [METHOD_POST] = ACTION_CREATE,
                                        [METHOD_PATCH] = ACTION_UPDATE,
                                        [METHOD_PUT] = ACTION_UPDATE,
                                        [METHOD_DELETE] = ACTION_DELETE};
    int64_t id;
    const struct target *t = &a->target;
    struct str last = t->segments[t->n_segments - 1];
    if (t->n_segments <= 3 || str_to_int(last, &id)) {
        return plain[a->step->method];
    }
    size_t i = 0;
    while (verbs[i].verb && !str_is(last, verbs[i].verb)) {
        i++;
    }
    return verbs[i].action;
}

static enum verdict record_verdict(const struct asking *a, const char *role) {
    int64_t id;
    enum action action = action_of(a);
    const char *scopes = scopes_of(role, a->entity->name);
    bool of_one = a->target.n_segments > 3 && str_to_int(a->target.segments[3], &id);
    bool reference = a->entity->flags & ENTITY_SETTING;
    char reading = reference ? 'a' : scopes[ACTION_READ];
    char acting = action == ACTION_READ ? reading : scopes[action];
    if (reading == 'n' || acting == 'n' || (of_one && (reading != 'a' || acting != 'a'))) {
        return MUST_BE_REFUSED;
    }
    return a->step->method == METHOD_GET ? MAY_LOOK : MAY_DO;
}

static enum verdict verdict_of(const struct asking *a, const struct builtin_role *role) {
    const char *permission = a->route->permission;
    bool signed_in = strcmp(permission, PERMISSION_SIGNED_IN) == 0;
    if (strcmp(permission, PERMISSION_RECORD) == 0 && a->entity) {
        return record_verdict(a, role->code);
    }
    if (!signed_in && strcmp(permission, PERMISSION_RECORD) != 0 &&
        !permission_given(role, permission)) {
        return MUST_BE_REFUSED;
    }
    return a->step->method == METHOD_GET ? MAY_LOOK : MAY_DO;
}

/* All records that belong to somebody. */
static void known_read(struct asking *a, struct ctx *c) {
    for (int i = 0; c->model && i < c->model->n_entities; i++) {
        const struct entity *e = &c->model->entities[i];
        struct sql q = sql_new(c->arena);
        struct db_rows rows;
        if (e->flags & (ENTITY_SETTING | ENTITY_INTERNAL)) {
            continue;
        }
        SQL_ADD(&q, "SELECT id, ");
        /* Only what is meant to be a title, and always there, tells one record from others. */
        const unsigned own = FIELD_TITLE | FIELD_REQUIRED;
        bool titled = e->title && (e->title->flags & own) == own;
        sql_identifier(&q, titled ? e->title->name : STR("id"));
        SQL_ADD(&q, " FROM ");
        sql_identifier(&q, e->table);
        sql_query(c, &rows, &q);
        while (a->n_known < IDS && db_next(&rows)) {
            a->known[a->n_known++] = (struct known){db_int(&rows, 0), e,
                                                    titled ? db_text(&rows, 1) : STR("")};
        }
        db_done(&rows);
    }
}

static bool reads_all(const char *role, const struct entity *e) {
    return scopes_of(role, e->name)[ACTION_READ] == 'a';
}

static bool holds(struct ctx *c, struct str text, const char *before, struct str part,
                  const char *after) {
    struct str whole = str_format(c->arena, "%s%.*s%s", before, STR_ARG(part), after);
    return str_find(text, whole) >= 0;
}

/* Two records of one title cannot be told apart by it. */
static bool title_excused(const struct asking *a, const char *role, struct str title) {
    for (size_t i = 0; i < a->n_known; i++) {
        const struct known *k = &a->known[i];
        if (reads_all(role, k->entity) && str_equal(k->title, title)) {
            return true;
        }
    }
    return false;
}

/* The first record of somebody else that the answer shows to a role that may not read it: as a
 * record, by its id, or by its title. The bare id in another record's reference shows nothing. */
static const struct known *shown(const struct asking *a, struct ctx *c, const char *role,
                                 const struct reply *reply) {
    const char *quote = str_find(reply->mime, STR("json")) >= 0 ? "\"" : "";
    for (size_t i = 0; i < a->n_known; i++) {
        const struct known *k = &a->known[i];
        struct str id = str_format(c->arena, "%lld", (long long)k->id);
        bool titled = k->title.n >= TITLE_BYTES && holds(c, reply->body, quote, k->title, quote) &&
                      !title_excused(a, role, k->title);
        if (!reads_all(role, k->entity) &&
            (titled || holds(c, reply->body, "\"id\":\"", id, "\""))) {
            return k;
        }
    }
    return NULL;
}

static bool asked_by(struct asking *a, struct ctx *c, const struct builtin_role *role,
                     enum verdict verdict) {
    struct run *run = a->run;
    bool may = str_lists(run->may, ' ', str_from(role->code)), changed;
    struct header newcomer = run->composition->newcomer(c, role->code);
    struct reply reply = run_ask_as(run, c, a->step, newcomer, &changed);
    const struct known *leak = reply.status < 300 ? shown(a, c, role->code, &reply) : NULL;
    bool refused = reply.status == 403 || reply.status == 404;
    if (may && (verdict == MUST_BE_REFUSED ? refused : !leak)) {
        return run_fail(run, "@may %s is said in vain: the answer was %d", role->code,
                        reply.status);
    }
    if (!may && verdict == MUST_BE_REFUSED && !refused) {
        return run_fail(run, "a %s who may not was answered %d", role->code, reply.status);
    }
    if (changed && verdict == MUST_BE_REFUSED && !may) {
        return run_fail(run, "a %s was refused and changed something", role->code);
    }
    return may || !leak ||
           run_fail(run, "a %s was shown the %.*s %lld of somebody else", role->code,
                    STR_ARG(leak->entity->name), (long long)leak->id);
}

static bool all_ask(struct asking *a, struct ctx *c) {
    bool good = true;
    for (const struct builtin_role *role = builtin_roles; role->code && good; role++) {
        enum verdict verdict = verdict_of(a, role);
        if (verdict != MAY_DO && strcmp(role->code, "administrator") != 0) {
            struct arena_mark mark = arena_mark(c->arena);
            db_savepoint(c);
            good = asked_by(a, c, role, verdict);
            db_rollback_savepoint(c->db);
            arena_reset(c->arena, mark);
        }
    }
    return good && !ctx_failed(c);
}

bool wrong_roles_refused(struct run *run, struct ctx *c, const struct step *filled,
                         const struct route *route) {
    struct asking *a = ARENA_NEW(c->arena, struct asking);
    a->run = run;
    a->step = filled;
    a->route = route;
    if (!run->composition->newcomer || !target_parse(c->arena, filled->target, &a->target)) {
        return true;
    }
    a->entity = c->model && a->target.n_segments > 2 ? model_plural(c->model, a->target.segments[2])
                                                     : NULL;
    known_read(a, c);
    return all_ask(a, c) ||
           (ctx_failed(c) ? run_fail(run, "%s %s", c->error.text, c->error.internal) : false);
}
