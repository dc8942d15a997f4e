#include "entity/model.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "db/db.h"
#include "entity/access.h"
#include "entity/model_build.h"
#include "entity/versions.h"
#include "event/event.h"

enum { MODEL_DEFINITIONS = 256, READ_TRIES = 5 };

static struct registered_definition registry[MODEL_DEFINITIONS];
static size_t n_registered;

/* All models built so far, newest first; each version once. Written under the lock. */
static _Atomic(const struct model *) models;
static pthread_mutex_t building = PTHREAD_MUTEX_INITIALIZER;

static const char *const type_names[] = {
    [FIELD_TEXT] = "text",         [FIELD_LONG_TEXT] = "long_text",
    [FIELD_BOOLEAN] = "boolean",   [FIELD_INTEGER] = "integer",
    [FIELD_QUANTITY] = "quantity", [FIELD_MONEY] = "money",
    [FIELD_DATE] = "date",         [FIELD_INSTANT] = "instant",
    [FIELD_OPTION] = "option",     [FIELD_REFERENCE] = "reference",
    [FIELD_PHONE] = "phone",       [FIELD_EMAIL] = "email",
    [FIELD_REGION] = "region",     [FIELD_URL] = "url",
    [FIELD_JSON] = "json",
};

const char *field_type_name(enum field_type type) {
    return type_names[type];
}

bool field_type_find(struct str name, enum field_type *type) {
    for (int t = FIELD_TEXT; t <= FIELD_JSON; t++) {
        if (str_is(name, type_names[t])) {
            *type = (enum field_type)t;
            return true;
        }
    }
    return false;
}

const struct entity *model_entity(const struct model *m, struct str name) {
    for (int i = 0; i < m->n_entities; i++) {
        if (str_equal(m->entities[i].name, name)) {
            return &m->entities[i];
        }
    }
    return NULL;
}

const struct entity *model_plural(const struct model *m, struct str plural) {
    for (int i = 0; i < m->n_entities; i++) {
        if (str_equal(m->entities[i].plural, plural)) {
            return &m->entities[i];
        }
    }
    return NULL;
}

const struct field *entity_field(const struct entity *e, struct str name) {
    for (int i = 0; i < e->n_fields; i++) {
        if (str_equal(e->fields[i].name, name)) {
            return &e->fields[i];
        }
    }
    return NULL;
}

static _Noreturn void unknown_name(const char *what, struct str in, const char *name) {
    fprintf(stderr, "guantong: no %s named %s in %.*s\n", what, name, STR_ARG(in));
    abort();
}

bool entity_is_work(const struct entity *e) {
    bool set_up = e->flags & ENTITY_SETTING && !(e->flags & ENTITY_WORKED_ON);
    return !set_up && !(e->flags & ENTITY_INTERNAL);
}

const struct entity *entity_named(const struct ctx *c, const char *name) {
    const struct entity *e = model_entity(c->model, str_from(name));
    if (!e) {
        unknown_name("record type", STR("the model"), name);
    }
    return e;
}

int field_position(const struct entity *e, const char *name) {
    const struct field *f = entity_field(e, str_from(name));
    if (!f) {
        unknown_name("field", e->name, name);
    }
    return f->position;
}

const struct field_option *field_option(const struct field *f, struct str code) {
    for (size_t i = 0; i < f->n_options; i++) {
        if (str_equal(f->options[i].code, code)) {
            return &f->options[i];
        }
    }
    return NULL;
}

static bool registry_has(const struct entity_definition *d) {
    for (size_t i = 0; i < n_registered; i++) {
        if (registry[i].definition == d) {
            return true;
        }
    }
    return false;
}

void model_register(const struct entity_definition *const *definitions, const char *cloud) {
    event_actor_from(access_user_id);
    for (; definitions && *definitions; definitions++) {
        if (registry_has(*definitions)) {
            continue;
        }
        if (n_registered == MODEL_DEFINITIONS) {
            fprintf(stderr, "guantong: more than %d record types\n", MODEL_DEFINITIONS);
            abort();
        }
        registry[n_registered++] = (struct registered_definition){*definitions, cloud};
        /* Models made before (by tests) lack the new type. */
        atomic_store(&models, NULL);
    }
}

static const struct model *model_find(int64_t version) {
    const struct model *m = atomic_load_explicit(&models, memory_order_acquire);
    while (m && m->version != version) {
        m = m->older;
    }
    return m;
}

/* Build and keep a model of that version, unless another thread did meanwhile. */
static const struct model *model_add(const struct custom_rows *custom, int64_t version) {
    pthread_mutex_lock(&building);
    const struct model *m = model_find(version);
    if (!m) {
        struct model *built = model_build(&(struct model_source){
            registry, n_registered, custom ? *custom : (struct custom_rows){0}, version});
        built->older = atomic_load(&models);
        atomic_store_explicit(&models, built, memory_order_release);
        m = built;
    }
    pthread_mutex_unlock(&building);
    return m;
}

const struct model *model_standard(void) {
    const struct model *m = model_find(0);
    return m ? m : model_add(NULL, 0);
}

static int64_t version_read(struct ctx *c) {
    return DB_INT(c, "SELECT value FROM platform_version WHERE name = 'model'");
}

/* The rows are those of the version when it is the same before and after reading them. */
static const struct model *model_read(struct ctx *c, int64_t version) {
    for (int i = 0; i < READ_TRIES && !ctx_failed(c); i++) {
        struct custom_rows rows = custom_read(c, c->arena);
        int64_t after = version_read(c);
        if (after == version && !ctx_failed(c)) {
            return model_add(&rows, version);
        }
        version = after;
    }
    FAIL(c, ERROR_RETRY, "database.busy");
    return model_standard();
}

const struct model *model_current(struct ctx *c) {
    versions_read(c);
    if (ctx_failed(c)) {
        return model_standard();
    }
    int64_t version = c->versions.model;
    const struct model *m = model_find(version);
    return m ? m : version ? model_read(c, version) : model_standard();
}
