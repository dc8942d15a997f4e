#include "organization/role.h"

#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "db/migration.h"
#include "event/event.h"
#include "event/reactor.h"
#include "organization/organization.h"
#include "organization/version.h"

static const char *const scope_words[] = {"none", "own", "team", "tree", "all"};
static const char *const right_words[] = {"none", "masked", "read", "write"};
static const char *const action_words[] = {"read",   "create", "update", "delete",
                                           "assign", "export", "import"};
static const char scope_letters[] = "notda";
static const char right_letters[] = "nmrw";

const char *scope_word(enum scope s) {
    return scope_words[s];
}

const char *field_right_word(enum field_right r) {
    return right_words[r];
}

const char *action_word(enum action a) {
    return action_words[a];
}

bool scope_parse(struct str word, enum scope *s) {
    for (int i = SCOPE_NONE; i <= SCOPE_ALL; i++) {
        if (str_is(word, scope_words[i])) {
            *s = (enum scope)i;
            return true;
        }
    }
    return false;
}

bool field_right_parse(struct str word, enum field_right *r) {
    for (int i = RIGHT_NONE; i <= RIGHT_WRITE; i++) {
        if (str_is(word, right_words[i])) {
            *r = (enum field_right)i;
            return true;
        }
    }
    return false;
}

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 60},
    {"code", FIELD_TEXT, FIELD_LISTED | FIELD_READ_ONLY | FIELD_UNIQUE, "代码", "Code",
     "group.basic", .max_length = 60},
    {"description", FIELD_TEXT, FIELD_LISTED, "说明", "Description", "group.basic"},
    {0}};

static void role_trash(struct ctx *c, const struct record *record) {
    if (!record_empty(record, "code")) {
        FAIL(c, ERROR_CONFLICT, "role.builtin");
    }
    DB_RUN(c, "DELETE FROM user_role WHERE role_id = $1", record->id);
    organization_changed(c);
}

static const struct entity_definition role_entity = {.name = "role",
                                                     .plural = "roles",
                                                     .zh = "角色",
                                                     .en = "Role",
                                                     .flags = ENTITY_SETTING,
                                                     .fields = fields,
                                                     .trash = role_trash};

enum { DECLARATIONS = 64, PERMISSIONS_MOST = 200 };
static const struct permission *declared[DECLARATIONS];
static size_t n_declared;

static const struct migration migrations[] = {
    {"organization.role.1",
     "CREATE TABLE role_right (role_id BIGINT NOT NULL, entity TEXT NOT NULL, "
     "scopes TEXT NOT NULL, PRIMARY KEY (role_id, entity)) {without_rowid};\n"
     "CREATE TABLE role_field_right (role_id BIGINT NOT NULL, entity TEXT NOT NULL, "
     "field TEXT NOT NULL, field_right BIGINT NOT NULL, "
     "PRIMARY KEY (role_id, entity, field)) {without_rowid};\n"
     "CREATE TABLE role_permission (role_id BIGINT NOT NULL, permission TEXT NOT NULL, "
     "PRIMARY KEY (role_id, permission)) {without_rowid}"},
    {0}};

int64_t role_by_code(struct ctx *c, const char *code) {
    return DB_INT(c, "SELECT id FROM role WHERE code = $1 AND deleted_at IS NULL", code);
}

/* The default scopes of a built-in role on an entity; NULL when it has none. */
static const char *default_scopes(const char *role, struct str entity) {
    const char *others = NULL;
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

static void right_insert(struct ctx *c, int64_t role_id, struct str entity, struct str scopes) {
    DB_RUN(c,
           "INSERT INTO role_right (role_id, entity, scopes) VALUES ($1, $2, $3) "
           "ON CONFLICT DO NOTHING",
           role_id, entity, scopes);
}

static void seed_entities(struct ctx *c, const struct model *m, const char *code, int64_t role_id) {
    for (int i = 0; i < m->n_entities && !ctx_failed(c); i++) {
        const char *scopes = default_scopes(code, m->entities[i].name);
        right_insert(c, role_id, m->entities[i].name, str_from(scopes ? scopes : "nnnnnnn"));
    }
}

static void seed_fields(struct ctx *c, const char *code, int64_t role_id) {
    for (const struct role_field_default *d = role_field_defaults; d->role; d++) {
        if (strcmp(d->role, code) == 0) {
            DB_RUN(c,
                   "INSERT INTO role_field_right (role_id, entity, field, field_right) "
                   "VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                   role_id, d->entity, d->field,
                   (int)(strchr(right_letters, d->right) - right_letters));
        }
    }
}

static void permission_insert(struct ctx *c, int64_t role_id, struct str permission) {
    DB_RUN(c,
           "INSERT INTO role_permission (role_id, permission) VALUES ($1, $2) "
           "ON CONFLICT DO NOTHING",
           role_id, permission);
}

static int64_t seed_role(struct ctx *c, const struct builtin_role *role) {
    const struct entity *e = entity_named(c, "role");
    struct change_set set = change_new(c, e);
    change_text(&set, "name", str_from(c->language == LANGUAGE_EN ? role->en : role->zh));
    change_text(&set, "code", str_from(role->code));
    struct record *created = record_insert(c, &set);
    if (!created) {
        return 0;
    }
    struct str permissions = str_from(role->permissions), permission;
    while (str_cut(&permissions, ' ', &permission)) {
        if (permission.n) {
            permission_insert(c, created->id, permission);
        }
    }
    seed_fields(c, role->code, created->id);
    return created->id;
}

void role_seed(struct ctx *c, const struct model *m) {
    for (const struct builtin_role *role = builtin_roles; role->code && !ctx_failed(c); role++) {
        int64_t id = role_by_code(c, role->code);
        seed_entities(c, m, role->code, id ? id : seed_role(c, role));
    }
    organization_changed(c);
}

/* The scope that a stored text "oaonnnn" gives an action. */
static enum scope stored_scope(struct str scopes, enum action a) {
    const char *at = (size_t)a < scopes.n ? strchr(scope_letters, scopes.p[a]) : NULL;
    return at && *at ? (enum scope)(at - scope_letters) : SCOPE_NONE;
}

static void entities_json(struct ctx *c, struct json_writer *w, int64_t role_id) {
    struct db_rows rows;
    json_key(w, "entities");
    json_begin_object(w);
    DB_QUERY(c, &rows, "SELECT entity, scopes FROM role_right WHERE role_id = $1 ORDER BY entity",
             role_id);
    while (db_next(&rows)) {
        struct str scopes = db_text(&rows, 1);
        json_key_str(w, db_text(&rows, 0));
        json_begin_object(w);
        for (int a = 0; a < ACTIONS; a++) {
            JSON_MEMBER(w, action_words[a], json_put_c, scope_words[stored_scope(scopes, a)]);
        }
        json_end_object(w);
    }
    json_end_object(w);
}

void role_rights_json(struct ctx *c, struct json_writer *w, int64_t role_id) {
    struct db_rows rows;
    json_begin_object(w);
    entities_json(c, w, role_id);
    json_key(w, "fields");
    json_begin_object(w);
    DB_QUERY(c, &rows,
             "SELECT entity, field, field_right FROM role_field_right WHERE role_id = $1 "
             "ORDER BY entity, field",
             role_id);
    while (db_next(&rows)) {
        json_key_str(w, str_format(c->arena, "%.*s.%.*s", STR_ARG(db_text(&rows, 0)),
                                   STR_ARG(db_text(&rows, 1))));
        json_put_c(w, right_words[db_int(&rows, 2) & 3]);
    }
    json_end_object(w);
    json_key(w, "permissions");
    json_begin_array(w);
    DB_QUERY(c, &rows,
             "SELECT permission FROM role_permission WHERE role_id = $1 ORDER BY permission",
             role_id);
    while (db_next(&rows)) {
        json_put_str(w, db_text(&rows, 0));
    }
    json_end_array(w);
    json_end_object(w);
}

static void set_entity(struct ctx *c, int64_t role_id, struct str entity,
                       const struct json *actions) {
    char letters[ACTIONS + 1] = {0};
    struct str old = DB_TEXT(c, "SELECT scopes FROM role_right WHERE role_id = $1 AND entity = $2",
                             role_id, entity);
    for (int a = 0; a < ACTIONS; a++) {
        enum scope scope = stored_scope(old, (enum action)a);
        const struct json *given = json_get(actions, action_words[a]);
        if (given && (given->kind != JSON_IS_TEXT || !scope_parse(given->text, &scope))) {
            FAIL_FIELD(c,
                       str_format(c->arena, "/entities/%.*s/%s", STR_ARG(entity), action_words[a]),
                       "role.scope");
        }
        letters[a] = scope_letters[scope];
    }
    DB_RUN(c,
           "INSERT INTO role_right (role_id, entity, scopes) VALUES ($1, $2, $3) "
           "ON CONFLICT (role_id, entity) DO UPDATE SET scopes = excluded.scopes",
           role_id, entity, letters);
}

static void set_entities(struct ctx *c, int64_t role_id, const struct json *entities) {
    for (size_t i = 0; i < (entities ? entities->n : 0); i++) {
        const struct json_member *m = &entities->members[i];
        if (!model_entity(c->model, m->key) || m->value.kind != JSON_IS_OBJECT) {
            FAIL_FIELD(c, str_format(c->arena, "/entities/%.*s", STR_ARG(m->key)), "role.entity");
        } else {
            set_entity(c, role_id, m->key, &m->value);
        }
    }
}

static void set_field(struct ctx *c, int64_t role_id, const struct json_member *m) {
    struct str rest = m->key, entity, field;
    enum field_right right;
    str_cut(&rest, '.', &entity);
    const struct entity *e = model_entity(c->model, entity);
    if (!str_cut(&rest, '.', &field) || !e || !entity_field(e, field) ||
        m->value.kind != JSON_IS_TEXT || !field_right_parse(m->value.text, &right)) {
        FAIL_FIELD(c, str_format(c->arena, "/fields/%.*s", STR_ARG(m->key)), "role.field");
        return;
    }
    DB_RUN(c,
           "INSERT INTO role_field_right (role_id, entity, field, field_right) "
           "VALUES ($1, $2, $3, $4) ON CONFLICT (role_id, entity, field) "
           "DO UPDATE SET field_right = excluded.field_right",
           role_id, entity, field, (int)right);
}

void role_permissions_register(const struct permission *permissions) {
    if (n_declared == DECLARATIONS) {
        abort();
    }
    declared[n_declared++] = permissions;
}

static const struct permission *permission_declared(struct str code) {
    for (size_t i = 0; i < n_declared; i++) {
        for (const struct permission *p = declared[i]; p->code; p++) {
            if (str_is(code, p->code)) {
                return p;
            }
        }
    }
    return NULL;
}

struct str role_permission_words(const struct ctx *c, struct str code) {
    const struct permission *p = permission_declared(code);
    return p ? str_from(c->language == LANGUAGE_EN ? p->en : p->zh) : code;
}

void role_permissions_json(const struct ctx *c, struct json_writer *w) {
    json_begin_object(w);
    for (size_t i = 0; i < n_declared; i++) {
        for (const struct permission *p = declared[i]; p->code; p++) {
            json_key(w, p->code);
            json_put_str(w, str_from(c->language == LANGUAGE_EN ? p->en : p->zh));
        }
    }
    json_end_object(w);
}

/* One of an earlier version of the program may stay. */
static bool permission_known(struct ctx *c, struct str code) {
    return permission_declared(code) ||
           DB_INT(c, "SELECT 1 FROM role_permission WHERE permission = $1 LIMIT 1", code) != 0;
}

static void set_permissions(struct ctx *c, int64_t role_id, const struct json *permissions) {
    for (size_t i = 0; i < permissions->n; i++) {
        if (permissions->n > PERMISSIONS_MOST || !permission_known(c, permissions->items[i].text)) {
            FAIL_FIELD(c, str_format(c->arena, "/permissions/%zu", i), "role.permission");
            return;
        }
    }
    DB_RUN(c, "DELETE FROM role_permission WHERE role_id = $1", role_id);
    for (size_t i = 0; i < permissions->n; i++) {
        permission_insert(c, role_id, permissions->items[i].text);
    }
}

void role_keep_administrator(struct ctx *c) {
    if (!DB_INT(c, "SELECT 1 FROM user_role ur JOIN role_permission p ON p.role_id = ur.role_id "
                   "JOIN \"user\" u ON u.id = ur.user_id WHERE p.permission = 'users:manage' "
                   "AND u.active = 1 AND u.deleted_at IS NULL LIMIT 1")) {
        FAIL(c, ERROR_CONFLICT, "role.last_administrator");
    }
}

void role_rights_set(struct ctx *c, int64_t role_id, const struct json *rights) {
    const struct json *fields_given = json_get(rights, "fields");
    const struct json *permissions = json_get(rights, "permissions");
    if (json_is(json_get(rights, "entities"), JSON_IS_OBJECT)) {
        set_entities(c, role_id, json_get(rights, "entities"));
    }
    for (size_t i = 0; json_is(fields_given, JSON_IS_OBJECT) && i < fields_given->n; i++) {
        set_field(c, role_id, &fields_given->members[i]);
    }
    if (json_is(permissions, JSON_IS_ARRAY)) {
        set_permissions(c, role_id, permissions);
    }
    organization_changed(c);
    role_keep_administrator(c);
    event_emit(c, &(struct event){.type = STR("role.rights_changed"),
                                  .subject_type = STR("role"),
                                  .subject_id = role_id});
}

/* A record type the company makes while the program runs: the built-in roles get the rights on it
 * that they would have had from the start. */
static void object_made(struct ctx *c, const struct event *e) {
    (void)e;
    role_seed(c, c->model);
}

static const struct reactor object_rights = {
    .name = "organization.object_rights",
    .stream = STREAM_BUSINESS,
    .lane = REACTOR_PROMPT,
    .types = (const char *const[]){"custom_object.created", NULL},
    .handle = object_made};

static const struct text texts[] = {
    {"role.unknown", "没有代码为{role}的角色", "There is no role with the code {role}"},
    {"role.builtin", "内置角色不能删除", "Built-in roles cannot be deleted"},
    {"role.scope", "范围应为 none、own、team、tree 或 all",
     "The scope must be none, own, team, tree or all"},
    {"role.entity", "没有这种记录", "There is no such record type"},
    {"role.permission", "没有这个权限", "There is no such permission"},
    {"role.last_administrator", "至少要留一位能管理用户的人",
     "At least one person who can manage users must remain"},
    {"role.field", "字段或权限不对", "No such field or right"},
    {0}};

static const struct event_type event_types[] = {
    {"role.rights_changed", "role", "改权限", "rights changed"}, {0}};

const struct module role_module = {
    .name = "organization.role",
    .cloud = "platform",
    .events = event_types,
    .entities = (const struct entity_definition *const[]){&role_entity, NULL},
    .reactors = (const struct reactor *const[]){&object_rights, NULL},
    .migrations = migrations,
    .texts = texts};
