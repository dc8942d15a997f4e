#include "organization/actor.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/db.h"
#include "organization/company.h"

enum { CACHE_BUCKETS = 1024, GRACE_NS_PER_S = 1000000000, GRACE_SECONDS = 300 };

/* A growing list of ids in an arena. */
struct id_list {
    struct arena *arena;
    int64_t *ids;
    size_t n, capacity;
};

static void id_add(struct id_list *list, int64_t id) {
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 16;
        int64_t *grown = ARENA_NEW_ARRAY(list->arena, capacity, int64_t);
        if (list->n) {
            memcpy(grown, list->ids, list->n * sizeof *grown);
        }
        list->ids = grown;
        list->capacity = capacity;
    }
    list->ids[list->n++] = id;
}

static int by_id(const void *a, const void *b) {
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Sorted, each once. */
static struct id_set id_set_of(struct id_list *list) {
    size_t n = 0;
    if (list->n) {
        qsort(list->ids, list->n, sizeof *list->ids, by_id);
    }
    for (size_t i = 0; i < list->n; i++) {
        if (n == 0 || list->ids[i] != list->ids[n - 1]) {
            list->ids[n++] = list->ids[i];
        }
    }
    return (struct id_set){list->ids, n};
}

static struct id_set ids_read(struct arena *a, struct db_rows *rows) {
    struct id_list list = {.arena = a};
    while (db_next(rows)) {
        id_add(&list, db_int(rows, 0));
    }
    return id_set_of(&list);
}

static struct id_set department_tree(struct ctx *c, struct arena *a, int64_t top) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "WITH RECURSIVE below (id) AS (SELECT d.id FROM department d WHERE d.id = $1 "
             "UNION SELECT d.id FROM department d JOIN below b ON d.parent_id = b.id "
             "WHERE d.deleted_at IS NULL) SELECT id FROM below",
             top);
    return ids_read(a, &rows);
}

static struct id_set department_lineage(struct ctx *c, struct arena *a, int64_t department) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "WITH RECURSIVE above (id, parent_id) AS (SELECT d.id, d.parent_id FROM department d "
             "WHERE d.id = $1 UNION SELECT d.id, d.parent_id FROM department d "
             "JOIN above b ON d.id = b.parent_id WHERE d.deleted_at IS NULL) SELECT id FROM above",
             department);
    return ids_read(a, &rows);
}

static struct id_set team_ids(struct ctx *c, struct arena *a, int64_t user_id) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT m.team_id FROM team_member m JOIN team t ON t.id = m.team_id "
             "WHERE m.user_id = $1 AND m.deleted_at IS NULL AND t.deleted_at IS NULL",
             user_id);
    return ids_read(a, &rows);
}

/* Users of the same teams, and the user. */
static struct id_set member_ids(struct ctx *c, struct arena *a, int64_t user_id) {
    struct id_list list = {.arena = a};
    struct db_rows rows;
    id_add(&list, user_id);
    DB_QUERY(c, &rows,
             "SELECT o.user_id FROM team_member m JOIN team t ON t.id = m.team_id "
             "JOIN team_member o ON o.team_id = m.team_id "
             "WHERE m.user_id = $1 AND m.deleted_at IS NULL AND o.deleted_at IS NULL "
             "AND t.deleted_at IS NULL",
             user_id);
    while (db_next(&rows)) {
        id_add(&list, db_int(&rows, 0));
    }
    return id_set_of(&list);
}

static enum scope scope_of_letter(char letter) {
    static const char letters[] = "notda";
    const char *at = strchr(letters, letter);
    return at && letter ? (enum scope)(at - letters) : SCOPE_NONE;
}

static void read_scopes(struct ctx *c, int64_t user_id, struct entity_rights *rights) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT r.entity, r.scopes FROM role_right r JOIN user_role u "
             "ON u.role_id = r.role_id WHERE u.user_id = $1",
             user_id);
    while (db_next(&rows)) {
        const struct entity *e = model_entity(c->model, db_view(&rows, 0));
        struct str scopes = db_view(&rows, 1);
        for (size_t a = 0; e && a < ACTIONS && a < scopes.n; a++) {
            unsigned char scope = (unsigned char)scope_of_letter(scopes.p[a]);
            unsigned char *widest = &rights[e->position].scope[a];
            *widest = scope > *widest ? scope : *widest;
        }
    }
}

/* What a role says of a field: its own row, else the row for the type, else for all, else the
 * standard: personal fields masked, others writable. */
struct field_rows {
    int64_t *roles;
    struct str *entities, *fields;
    enum field_right *rights;
    size_t n;
};

static struct field_rows read_field_rows(struct ctx *c, struct arena *a, int64_t user_id) {
    struct field_rows f = {0};
    struct db_rows rows;
    size_t count = (size_t)DB_INT(c,
                                  "SELECT CAST(count(*) AS BIGINT) FROM role_field_right f "
                                  "JOIN user_role u ON u.role_id = f.role_id WHERE u.user_id = $1",
                                  user_id);
    f.roles = ARENA_NEW_ARRAY(a, count, int64_t);
    f.entities = ARENA_NEW_ARRAY(a, count, struct str);
    f.fields = ARENA_NEW_ARRAY(a, count, struct str);
    f.rights = ARENA_NEW_ARRAY(a, count, enum field_right);
    DB_QUERY(c, &rows,
             "SELECT f.role_id, f.entity, f.field, f.field_right FROM role_field_right f "
             "JOIN user_role u ON u.role_id = f.role_id WHERE u.user_id = $1",
             user_id);
    while (f.n < count && db_next(&rows)) {
        f.roles[f.n] = db_int(&rows, 0);
        f.entities[f.n] = str_copy(a, db_view(&rows, 1));
        f.fields[f.n] = str_copy(a, db_view(&rows, 2));
        f.rights[f.n++] = (enum field_right)(db_int(&rows, 3) & 3);
    }
    db_done(&rows);
    return f;
}

static enum field_right role_field_right(const struct field_rows *rows, int64_t role,
                                         const struct entity *e, const struct field *f) {
    enum field_right right = f->flags & FIELD_PERSONAL ? RIGHT_MASKED : RIGHT_WRITE;
    int best = 0;
    for (size_t i = 0; i < rows->n; i++) {
        bool own_entity = str_equal(rows->entities[i], e->name);
        bool own_field = str_equal(rows->fields[i], f->name);
        if (rows->roles[i] != role || !(own_entity || str_is(rows->entities[i], "*")) ||
            !(own_field || str_is(rows->fields[i], "*"))) {
            continue;
        }
        int weight = 1 + 2 * own_entity + own_field;
        if (weight > best) {
            best = weight;
            right = rows->rights[i];
        }
    }
    return right;
}

static void read_field_rights(struct ctx *c, struct arena *a, struct actor *actor,
                              struct entity_rights *rights) {
    struct field_rows rows = read_field_rows(c, c->arena, actor->user_id);
    for (int i = 0; i < c->model->n_entities; i++) {
        const struct entity *e = &c->model->entities[i];
        unsigned char *fields = ARENA_NEW_ARRAY(a, (size_t)e->n_fields, unsigned char);
        for (int p = 0; p < e->n_fields; p++) {
            for (size_t r = 0; r < actor->roles.n; r++) {
                enum field_right right = role_field_right(&rows, actor->roles.ids[r], e,
                                                          &e->fields[p]);
                fields[p] = right > fields[p] ? (unsigned char)right : fields[p];
            }
        }
        rights[i].fields = fields;
        if (e->flags & ENTITY_SETTING) {
            rights[i].scope[ACTION_READ] = SCOPE_ALL;
        }
    }
}

static const char *const *permissions_read(struct ctx *c, struct arena *a, int64_t user_id) {
    struct db_rows rows;
    size_t count = (size_t)DB_INT(c,
                                  "SELECT CAST(count(*) AS BIGINT) FROM role_permission p "
                                  "JOIN user_role u ON u.role_id = p.role_id WHERE u.user_id = $1",
                                  user_id);
    const char **codes = ARENA_NEW_ARRAY(a, count + 1, const char *);
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT DISTINCT p.permission FROM role_permission p "
             "JOIN user_role u ON u.role_id = p.role_id WHERE u.user_id = $1 ORDER BY 1",
             user_id);
    while (n < count && db_next(&rows)) {
        codes[n++] = str_to_c(a, db_view(&rows, 0));
    }
    db_done(&rows);
    return codes;
}

static bool read_user(struct ctx *c, struct arena *a, struct actor *actor) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT department_id, name FROM \"user\" "
             "WHERE id = $1 AND active = 1 AND deleted_at IS NULL",
             actor->user_id);
    if (!db_next(&rows)) {
        return false;
    }
    actor->department_id = db_int(&rows, 0);
    actor->name = str_copy(a, db_view(&rows, 1));
    db_done(&rows);
    return true;
}

const struct actor *actor_build(struct ctx *c, struct arena *a, int64_t user_id) {
    struct actor *actor = ARENA_NEW(a, struct actor);
    struct db_rows rows;
    actor->user_id = user_id;
    actor->model_version = c->model->version;
    if (!read_user(c, a, actor)) {
        return NULL;
    }
    DB_QUERY(c, &rows, "SELECT role_id FROM user_role WHERE user_id = $1", user_id);
    actor->roles = ids_read(a, &rows);
    actor->teams = team_ids(c, a, user_id);
    actor->members = member_ids(c, a, user_id);
    actor->departments = department_tree(c, a, actor->department_id);
    actor->lineage = department_lineage(c, a, actor->department_id);
    actor->permissions = permissions_read(c, a, user_id);
    actor->clouds_off = company_clouds_off(c, a);
    struct entity_rights *rights = ARENA_NEW_ARRAY(a, (size_t)c->model->n_entities,
                                                   struct entity_rights);
    read_scopes(c, user_id, rights);
    read_field_rights(c, a, actor, rights);
    actor->entities = rights;
    actor->n_entities = c->model->n_entities;
    return ctx_failed(c) ? NULL : actor;
}

/* The cache: chains of entries by user; replaced entries wait in the graveyard. */
struct entry {
    struct entry *next;
    struct arena arena; /* holds the actor */
    const struct actor *actor;
    int64_t replaced_ns;
};

static struct {
    pthread_rwlock_t lock;
    struct entry *buckets[CACHE_BUCKETS];
    struct entry *graveyard;
} cache = {.lock = PTHREAD_RWLOCK_INITIALIZER};

static struct entry **bucket_of(int64_t user_id) {
    return &cache.buckets[(uint64_t)user_id * UINT64_C(0x9E3779B97F4A7C15) >> 54];
}

static bool current(const struct actor *a, int64_t user_id, int64_t version, int64_t model) {
    return a->user_id == user_id && a->organization_version == version && a->model_version == model;
}

static const struct actor *cache_find(int64_t user_id, int64_t version, int64_t model) {
    const struct actor *found = NULL;
    pthread_rwlock_rdlock(&cache.lock);
    for (struct entry *e = *bucket_of(user_id); e && !found; e = e->next) {
        found = current(e->actor, user_id, version, model) ? e->actor : NULL;
    }
    pthread_rwlock_unlock(&cache.lock);
    return found;
}

static void bury(struct entry *dead, int64_t now_ns) {
    dead->replaced_ns = now_ns;
    dead->next = cache.graveyard;
    cache.graveyard = dead;
}

static void graveyard_sweep(int64_t now_ns) {
    struct entry **at = &cache.graveyard;
    while (*at) {
        struct entry *dead = *at;
        if (now_ns - dead->replaced_ns > (int64_t)GRACE_SECONDS * GRACE_NS_PER_S) {
            *at = dead->next;
            arena_free(&dead->arena);
            free(dead);
        } else {
            at = &dead->next;
        }
    }
}

static void cache_keep(struct entry *fresh) {
    int64_t now_ns = clock_steady_ns();
    pthread_rwlock_wrlock(&cache.lock);
    struct entry **at = bucket_of(fresh->actor->user_id);
    fresh->next = *at;
    *at = fresh;
    for (at = &fresh->next; *at;) {
        struct entry *old = *at;
        if (old->actor->user_id == fresh->actor->user_id) {
            *at = old->next;
            bury(old, now_ns);
        } else {
            at = &old->next;
        }
    }
    graveyard_sweep(now_ns);
    pthread_rwlock_unlock(&cache.lock);
}

const struct actor *actor_resolve(struct ctx *c, int64_t user_id, int64_t organization_version) {
    const struct actor *known = cache_find(user_id, organization_version, c->model->version);
    if (known) {
        return known;
    }
    struct entry *fresh = calloc(1, sizeof *fresh);
    if (!fresh) {
        ctx_fail_internal(c, "out of memory");
        return NULL;
    }
    const struct actor *built = actor_build(c, &fresh->arena, user_id);
    if (!built) {
        arena_free(&fresh->arena);
        free(fresh);
        return NULL;
    }
    struct actor *stamped = ARENA_NEW(&fresh->arena, struct actor);
    *stamped = *built;
    stamped->organization_version = organization_version;
    fresh->actor = stamped;
    cache_keep(fresh);
    return stamped;
}
