/*
 * Who may do what: every role with every record type, action and relation to the record, through
 * every channel, against an oracle that knows only the words of the design:
 *
 *   own, team = members of my teams, tree = my department and below, all; sharing only adds;
 *   who reads a lead or a deal that he has not made reads whom it is about, person and account, if
 *   nobody owns them; who reads a deal reads its account;
 *   deny by default; invisible or missing 404, identical; visible but forbidden 403.
 *
 * Roles are the built-in ones with their defaults, and some whose rights are drawn at random.
 */
#include "access_relations.h"
#include "database_fixture.h"

#include "app/modules.h"
#include "app/program.h"
#include "entity/condition.h"
#include "entity/query_plan.h"
#include "entity/search.h"
#include "event/reactor.h"
#include "organization/actor.h"
#include "organization/role.h"

/* The rights of the role under test, as letters: n o t d a; n m r w. */
static char scopes[64][ACTIONS + 1];
static char field_letters[64][64];

static bool below(int department, int top) {
    while (department && department != top) {
        department = parent_of[department];
    }
    return department == top;
}

static bool holds(char letter, enum relation relation) {
    int owner = owner_of[relation];
    switch (letter) {
    case 'a':
        return true;
    case 'd':
        return owner && below(department_of[owner], department_of[ME]);
    case 't':
        return owner == ME || owner == MATE;
    case 'o':
        return owner == ME;
    default:
        return false;
    }
}

static bool shared(enum relation relation, enum action action) {
    bool reading = relation == SHARED_READ || relation == SHARED_UPDATE ||
                   relation == SHARED_TEAM || relation == SHARED_ABOVE;
    return action == ACTION_READ ? reading : action == ACTION_UPDATE && relation == SHARED_UPDATE;
}

static const struct model *model;

static bool may_read(const struct entity *e, enum relation relation);

/* The lead or deal may be read, and on it who it is about. */
static bool opened(const struct entity *e, enum relation relation) {
    bool person = str_is(e->name, "person");
    if (!person && !str_is(e->name, "account")) {
        return false;
    }
    for (int i = 0; i < OPENERS; i++) {
        const struct entity *by = model_entity(model, str_from(openers[i].by));
        int field = field_position(by, person ? "person_id" : "account_id");
        bool parent = !person && str_is(by->name, "opportunity");
        bool may = parent || (!owner_of[relation] && openers[i].made_by != ME);
        if (may && openers[i].opened == relation && openers[i].as != TRASHED &&
            strchr("rw", field_letters[by->position][field]) && may_read(by, openers[i].as)) {
            return true;
        }
    }
    return false;
}

static bool may_read(const struct entity *e, enum relation relation) {
    char letter = scopes[e->position][ACTION_READ];
    if (e->flags & ENTITY_SETTING) {
        return true;
    }
    if (!(e->flags & ENTITY_OWNED)) {
        return letter == 'a';
    }
    return holds(letter, relation) ||
           (letter != 'n' && (shared(relation, ACTION_READ) || opened(e, relation)));
}

static bool may(const struct entity *e, enum relation relation, enum action action) {
    char letter = scopes[e->position][action];
    if (action == ACTION_CREATE) {
        return letter == 'a';
    }
    if (!may_read(e, relation)) {
        return false;
    }
    if (!(e->flags & ENTITY_OWNED)) {
        return letter == 'a';
    }
    return holds(letter, relation) || (letter != 'n' && shared(relation, action));
}

/* Many at once: those in both scopes; what is only shared stays here. */
static bool may_export(const struct entity *e, enum relation relation) {
    bool owned = e->flags & ENTITY_OWNED, setting = e->flags & ENTITY_SETTING;
    return may(e, relation, ACTION_EXPORT) &&
           (!owned || setting || holds(scopes[e->position][ACTION_READ], relation));
}

static enum error_code expected(const struct entity *e, enum relation relation,
                                enum action action) {
    bool changes = action == ACTION_UPDATE || action == ACTION_DELETE || action == ACTION_ASSIGN;
    if (relation == TRASHED || !may_read(e, relation)) {
        return ERROR_ABSENT;
    }
    if (action != ACTION_READ &&
        (!may(e, relation, action) || (changes && e->flags & ENTITY_APPEND))) {
        return ERROR_DENIED;
    }
    return ERROR_NONE;
}

/* xorshift64*, so that a failure can be repeated from its seed. */
static uint64_t seed;

static uint32_t any_below(uint32_t n) {
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * UINT64_C(2685821657736338717)) >> 32) % n;
}

static int64_t record_of(const struct entity *e, enum relation relation) {
    return 1000000 + e->position * 100 + (int)relation;
}

static int relations(const struct entity *e) {
    return e->flags & ENTITY_OWNED ? RELATIONS : 1;
}

/* A word that stands in no other field and no other record. */
static struct str secret_of(struct ctx *c, const struct entity *e, const struct field *f) {
    switch (f->type) {
    case FIELD_PHONE:
        return str_format(c->arena, "139%04d%02d11", e->position * 100, f->position);
    case FIELD_EMAIL:
        return str_format(c->arena, "geheim%dx%dx@qq.com", e->position, f->position);
    case FIELD_JSON:
        return str_format(c->arena, "[\"geheim%dx%dx\"]", e->position, f->position);
    default:
        return str_format(c->arena, "geheim%dx%dx", e->position, f->position);
    }
}

static bool tells(const struct field *f) {
    switch (f->type) {
    case FIELD_TEXT:
    case FIELD_LONG_TEXT:
    case FIELD_PHONE:
    case FIELD_EMAIL:
    case FIELD_URL:
    case FIELD_JSON:
        return !(f->flags & FIELD_SYSTEM);
    default:
        return false;
    }
}

static void put_record(struct ctx *c, const struct entity *e, enum relation relation) {
    struct sql names = sql_new(c->arena), q = sql_new(c->arena);
    SQL_ADD(&names, "INSERT INTO ");
    sql_identifier(&names, e->table);
    SQL_ADD(&names, " (id, created_at, updated_at, version");
    SQL_ADD(&q, ") VALUES (");
    SQL_VALUE(&q, record_of(e, relation));
    SQL_ADD(&q, ", 1, 1, 1");
    if (e->flags & ENTITY_OWNED) {
        int owner = owner_of[relation];
        SQL_ADD(&names, ", owner_id, owner_department_id, deleted_at");
        SQL_ADD(&q, ", ");
        sql_value(&q, db_from_id(owner));
        SQL_ADD(&q, ", ");
        sql_value(&q, db_from_id(owner ? department_of[owner] : 0));
        sql_literal(&q, relation == TRASHED ? ", 1" : ", NULL");
    }
    for (int i = 0; i < e->n_fields && relation == OWN; i++) {
        if (tells(&e->fields[i])) {
            SQL_ADD(&names, ", ");
            sql_identifier(&names, e->fields[i].name);
            SQL_ADD(&q, ", ");
            SQL_VALUE(&q, secret_of(c, e, &e->fields[i]));
        }
    }
    sql_append(&names, &q);
    SQL_ADD(&names, ")");
    sql_run(c, &names);
    assert_ok(c);
}

static void put_share(struct ctx *c, const struct entity *e, enum relation relation,
                      const char *with, int64_t with_id) {
    bool update = relation == SHARED_UPDATE;
    struct record *r = record_load(c, e, record_of(e, relation));
    access_share(c, r, str_from(with), with_id, update ? SHARE_UPDATE : SHARE_READ);
    assert_ok(c);
}

static void put_history(struct ctx *c, const struct entity *e) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    for (int i = 0; i < e->n_fields; i++) {
        if (tells(&e->fields[i]) && e->fields[i].type != FIELD_JSON) {
            json_key_str(&w, e->fields[i].name);
            json_begin_array(&w);
            json_put_null(&w);
            json_put_str(&w, secret_of(c, e, &e->fields[i]));
            json_end_array(&w);
        }
    }
    json_end_object(&w);
    DB_RUN(c,
           "INSERT INTO audit (id, at, entity, record_id, action, changes, origin) "
           "VALUES ($1, 1, $2, $3, 'updated', $4, 0)",
           record_of(e, OWN), e->name, record_of(e, OWN), json_str(&w));
}

static void put_organization(struct ctx *c) {
    for (int d = 1; d <= 5; d++) {
        DB_RUN(c,
               "INSERT INTO department (id, created_at, updated_at, version, name, parent_id) "
               "VALUES ($1, 1, 1, 1, 'd', $2)",
               d, db_from_id(parent_of[d]));
    }
    for (int u = ME; u < USERS_END; u++) {
        DB_RUN(c,
               "INSERT INTO \"user\" (id, created_at, updated_at, version, name, login, active, "
               "department_id) VALUES ($1, 1, 1, 1, 'u', $2, 1, $3)",
               u, str_format(c->arena, "u%d", u), department_of[u]);
    }
    for (int t = MY_TEAM; t <= MY_TEAM + 1; t++) {
        DB_RUN(c,
               "INSERT INTO team (id, created_at, updated_at, version, name) "
               "VALUES ($1, 1, 1, 1, 't')",
               t);
    }
    static const int members[][2] = {
        {MY_TEAM, ME}, {MY_TEAM, MATE}, {MY_TEAM + 1, SIBLING}, {MY_TEAM + 1, ABOVE}};
    for (int i = 0; i < 4; i++) {
        DB_RUN(c,
               "INSERT INTO team_member (id, created_at, updated_at, version, team_id, user_id) "
               "VALUES ($1, 1, 1, 1, $2, $3)",
               200 + i, members[i][0], members[i][1]);
    }
}

static void put_records(struct ctx *c, const struct entity *e) {
    for (int r = 0; r < relations(e); r++) {
        put_record(c, e, (enum relation)r);
    }
    put_history(c, e);
    if (e->flags & ENTITY_OWNED) {
        put_share(c, e, SHARED_READ, "user", ME);
        put_share(c, e, SHARED_UPDATE, "user", ME);
        put_share(c, e, SHARED_TEAM, "team", MY_TEAM);
        put_share(c, e, SHARED_ABOVE, "department", 1);
        put_share(c, e, SHARED_BESIDE, "department", 4);
    }
    if (e->flags & ENTITY_SEARCHED) {
        event_emit(c,
                   &(struct event){.type = str_format(c->arena, "%.*s.created", STR_ARG(e->name)),
                                   .subject_type = e->name,
                                   .subject_id = record_of(e, OWN),
                                   .payload = STR("{\"changed\":[]}")});
    }
}

/* The leads and deals that open a person and an account each, beside the records of the matrix. */
static void put_openers(struct ctx *c) {
    const struct entity *person = entity_named(c, "person"), *account = entity_named(c, "account");
    for (int i = 0; i < OPENERS; i++) {
        const struct opener *o = &openers[i];
        const struct entity *by = entity_named(c, o->by);
        int64_t id = 9000000 + i;
        int owner = owner_of[o->as];
        struct sql q = sql_new(c->arena);
        SQL_ADD(&q, "INSERT INTO ");
        sql_identifier(&q, by->table);
        SQL_ADD(&q, " (id, created_at, updated_at, version, owner_id, owner_department_id, "
                    "person_id, account_id, created_by, deleted_at) VALUES (");
        const int64_t values[] = {id,
                                  1,
                                  1,
                                  1,
                                  owner,
                                  department_of[owner],
                                  record_of(person, o->opened),
                                  record_of(account, o->opened),
                                  o->made_by ? o->made_by : SAME};
        for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
            SQL_VALUE(&q, values[v]);
            SQL_ADD(&q, ", ");
        }
        sql_literal(&q, o->as == TRASHED ? "1)" : "NULL)");
        sql_run(c, &q);
        if (o->as == SHARED_READ) {
            access_share(c, record_load(c, by, id), STR("user"), ME, SHARE_READ);
        }
        assert_ok(c);
    }
}

static struct ctx *company(void **state, const struct contents *contents) {
    struct database_fixture *f = database_of(state);
    struct ctx *c = &f->c;
    c->actor = &actor_system;
    c->model = model = model_standard();
    program_migrate(c, contents);
    db_begin(c);
    put_organization(c);
    for (int i = 0; i < c->model->n_entities; i++) {
        put_records(c, &c->model->entities[i]);
    }
    put_openers(c);
    db_commit(c);
    db_begin(c);
    reactor_drain(c, search_module.reactors);
    db_commit(c);
    assert_ok(c);
    return c;
}

/* The letters of a built-in role: its row for the type, else its row for all types, else none. */
static void letters_of_default(const char *role, const struct model *m) {
    for (int i = 0; i < m->n_entities; i++) {
        const char *named = NULL, *any = "nnnnnnn";
        for (const struct role_default *d = role_defaults; d->role; d++) {
            if (strcmp(d->role, role) == 0) {
                named = str_is(m->entities[i].name, d->entity) ? d->scopes : named;
                any = strcmp(d->entity, "*") == 0 ? d->scopes : any;
            }
        }
        snprintf(scopes[i], sizeof scopes[i], "%s", named ? named : any);
        for (int p = 0; p < m->entities[i].n_fields; p++) {
            const struct field *f = &m->entities[i].fields[p];
            char right = f->flags & FIELD_PERSONAL ? 'm' : 'w';
            int best = -1;
            for (const struct role_field_default *d = role_field_defaults; d->role; d++) {
                bool e = str_is(m->entities[i].name, d->entity), n = str_is(f->name, d->field);
                bool fits = strcmp(d->role, role) == 0 && (e || d->entity[0] == '*') &&
                            (n || d->field[0] == '*');
                if (fits && e * 2 + n > best) {
                    best = e * 2 + n;
                    right = d->right;
                }
            }
            field_letters[i][p] = f->flags & FIELD_HIDDEN ? 'n' : right;
        }
    }
}

/* Give the role rights drawn at random, and remember them. */
static void letters_drawn(struct ctx *c, int64_t role_id) {
    db_begin(c);
    DB_RUN(c, "DELETE FROM role_field_right WHERE role_id = $1", role_id);
    for (int i = 0; i < c->model->n_entities; i++) {
        const struct entity *e = &c->model->entities[i];
        for (int a = 0; a < ACTIONS; a++) {
            scopes[i][a] = "notda"[any_below(5)];
        }
        scopes[i][ACTIONS] = '\0';
        DB_RUN(c, "UPDATE role_right SET scopes = $1 WHERE role_id = $2 AND entity = $3",
               str_from(scopes[i]), role_id, e->name);
        for (int p = 0; p < e->n_fields; p++) {
            uint32_t right = any_below(4);
            field_letters[i][p] = e->fields[p].flags & FIELD_HIDDEN ? 'n' : "nmrw"[right];
            DB_RUN(c,
                   "INSERT INTO role_field_right (role_id, entity, field, field_right) "
                   "VALUES ($1, $2, $3, $4)",
                   role_id, e->name, e->fields[p].name, (int)right);
        }
    }
    db_commit(c);
    assert_ok(c);
}

static const char *role_name;
static int64_t checks;

static void disagree(const struct entity *e, int relation, const char *what) {
    fail_msg("role %s, %.*s, relation %d, rights %s: %s", role_name, STR_ARG(e->name), relation,
             scopes[e->position], what);
}

/* What came of an attempt: other errors mean that the right was there. */
static enum error_code verdict(struct ctx *c) {
    enum error_code code = c->error.code;
    ctx_clear_error(c);
    return code == ERROR_ABSENT || code == ERROR_DENIED ? code : ERROR_NONE;
}

static void attempt(struct ctx *c, const struct entity *e, enum action action, int64_t id) {
    struct change_set set = change_new(c, e);
    switch (action) {
    case ACTION_CREATE:
        record_create(c, &set);
        break;
    case ACTION_UPDATE:
        record_update(c, id, &set, 0);
        break;
    case ACTION_DELETE:
        record_trash(c, e, id, 0);
        break;
    case ACTION_ASSIGN:
        change_id(&set, "owner_id", SAME);
        record_update(c, id, &set, 0);
        break;
    default:
        record_read(c, e, id);
    }
}

static void check_verb(struct ctx *c, const struct entity *e, enum relation relation,
                       enum action action) {
    enum error_code wanted = expected(e, relation, action);
    if (action == ACTION_CREATE) {
        wanted = may(e, relation, action) ? ERROR_NONE : ERROR_DENIED;
    }
    db_savepoint(c);
    attempt(c, e, action, record_of(e, relation));
    enum error_code got = verdict(c);
    db_rollback_savepoint(c->db);
    checks++;
    if (got != wanted) {
        disagree(e, (int)relation,
                 str_format(c->arena, "action %d gave %d, not %d", action, got, wanted).p);
    }
}

static void check_history(struct ctx *c, const struct entity *e, enum relation relation) {
    struct json_writer w = json_writer(c->arena);
    record_history_json(c, &w, e, record_of(e, relation), STR(""));
    bool told = verdict(c) == ERROR_NONE;
    checks++;
    if (told != may_read(e, relation)) {
        disagree(e, (int)relation, "history");
    }
}

static bool title_readable(const struct entity *e) {
    return strchr("rw", field_letters[e->position][e->title->position]) != NULL;
}

static void check_title(struct ctx *c, const struct entity *e, enum relation relation) {
    int64_t id = record_of(e, relation);
    struct str title;
    list_titles(c, e, &id, 1, &title);
    assert_ok(c);
    bool named = relation == OWN && e->title->type != FIELD_REFERENCE;
    bool wanted = named && expected(e, relation, ACTION_READ) == ERROR_NONE && title_readable(e);
    checks++;
    if ((title.n > 0) != wanted && named) {
        disagree(e, (int)relation, "title");
    }
}

static bool among(struct record *const *records, size_t n, int64_t id) {
    for (size_t i = 0; i < n; i++) {
        if (records[i]->id == id) {
            return true;
        }
    }
    return false;
}

/* Exactly the records the actor may see are in the list, the count and the ids. */
static void check_list(struct ctx *c, const struct entity *e, enum action action) {
    struct list_request request = {.entity = e, .limit = LIST_LIMIT, .action = action};
    struct list_page page = list_read(c, &request);
    assert_ok(c);
    int64_t ids[LIST_LIMIT];
    size_t n_ids = list_ids(c, &request, ids, LIST_LIMIT);
    struct list_total total = list_count(c, &request, true);
    assert_ok(c);
    if (n_ids != page.n || total.value != (int64_t)page.n) {
        disagree(e, -1, "list, ids and count differ");
    }
    for (int r = 0; r < relations(e); r++) {
        enum relation relation = (enum relation)r;
        bool wanted = relation != TRASHED && may_read(e, relation) &&
                      (action == ACTION_READ || may_export(e, relation));
        checks++;
        if (among(page.records, page.n, record_of(e, relation)) != wanted) {
            disagree(e, r, action == ACTION_READ ? "list" : "export");
        }
    }
}

static void check_search(struct ctx *c, const struct entity *e) {
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        if (!(e->flags & ENTITY_SEARCHED) || !(f->flags & FIELD_SEARCHED) || !tells(f)) {
            continue;
        }
        struct search_hit *hits;
        size_t n = search_run(c, secret_of(c, e, f), e, 20, &hits);
        assert_ok(c);
        bool found = false;
        for (size_t h = 0; h < n; h++) {
            found = found || hits[h].id == record_of(e, OWN);
        }
        bool wanted = may_read(e, OWN) && strchr("rw", field_letters[e->position][i]);
        checks++;
        if (found != wanted) {
            disagree(e, OWN, str_format(c->arena, "search by %.*s", STR_ARG(f->name)).p);
        }
    }
}

static const struct actor *caller;

static void as_caller(struct request *r) {
    r->c->actor = caller;
}

static bool permit(struct ctx *c, const char *permission) {
    (void)permission;
    return c->actor != NULL;
}

static struct reply answer(struct ctx *c, const struct contents *contents, struct str path) {
    const struct server_options options = {.routes = contents->routes,
                                           .body_limit = 1 << 20,
                                           .handler_seconds = 10,
                                           .authenticate = as_caller,
                                           .permit = permit};
    struct reply reply = server_dispatch(
        c, &options, &(struct spoken_request){.method = METHOD_GET, .target = path});
    ctx_clear_error(c);
    return reply;
}

/* The problem without what differs by request. */
static bool is_plain_absence(struct reply r) {
    return r.status == 404 && str_find(r.body, STR("geheim")) < 0;
}

static void check_api(struct ctx *c, const struct contents *contents, const struct entity *e,
                      enum relation relation) {
    if (e->flags & ENTITY_INTERNAL) {
        return;
    }
    struct reply r = answer(c, contents,
                            str_format(c->arena, "/api/v1/%.*s/%lld", STR_ARG(e->plural),
                                       (long long)record_of(e, relation)));
    bool wanted = expected(e, relation, ACTION_READ) == ERROR_NONE;
    checks++;
    if (wanted ? r.status != 200 && r.status != 0 : !is_plain_absence(r)) {
        disagree(e, (int)relation, str_format(c->arena, "API answers %d", r.status).p);
    }
}

/* No channel lets out a word of a field that is masked or none. */
static void check_words(struct ctx *c, const struct entity *e, struct str text,
                        const char *channel) {
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        bool readable = strchr("rw", field_letters[e->position][i]) != NULL;
        checks++;
        if (tells(f) && !readable && str_find(text, secret_of(c, e, f)) >= 0) {
            disagree(e, OWN, str_format(c->arena, "%s tells %.*s", channel, STR_ARG(f->name)).p);
        }
    }
}

static void check_shown(struct ctx *c, const struct entity *e, const struct json *shown) {
    const struct json *masked = json_get(shown, "_masked");
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        char letter = field_letters[e->position][i];
        if (f->flags & FIELD_SYSTEM || !tells(f)) {
            continue;
        }
        bool listed = false;
        for (size_t m = 0; masked && m < masked->n; m++) {
            listed = listed || str_equal(masked->items[m].text, f->name);
        }
        checks++;
        if ((json_get_str(shown, f->name) != NULL) != (letter != 'n') ||
            listed != (letter == 'm')) {
            disagree(e, OWN, str_format(c->arena, "record shows %.*s", STR_ARG(f->name)).p);
        }
    }
}

static void check_reading(struct ctx *c, const struct contents *contents, const struct entity *e) {
    struct record *r = record_read(c, e, record_of(e, OWN));
    assert_ok(c);
    struct json_writer one = json_writer(c->arena), list = json_writer(c->arena),
                       history = json_writer(c->arena);
    record_json(c, &one, r, &record_with_titles);
    records_json(c, &list, &r, 1, &record_with_titles);
    record_history_json(c, &history, e, r->id, STR(""));
    assert_ok(c);
    check_words(c, e, json_str(&one), "record");
    check_words(c, e, json_str(&list), "list");
    check_words(c, e, json_str(&history), "history");
    check_shown(c, e, json_parse(c, json_str(&one)));
    if (!(e->flags & ENTITY_INTERNAL)) {
        struct reply all = answer(
            c, contents, str_format(c->arena, "/api/v1/%.*s?limit=200", STR_ARG(e->plural)));
        check_words(c, e, all.body, "API list");
    }
}

/* Whether a field error of that field says that it may not be written. */
static bool refused(const struct ctx *c, const struct field *f) {
    for (const struct field_error *x = c->error.fields; x; x = x->next) {
        bool this = str_equal(str_slice(x->pointer, 1, x->pointer.n), f->name);
        if (this &&
            (strcmp(x->text, "field.unknown") == 0 || strcmp(x->text, "field.not_writable") == 0)) {
            return true;
        }
    }
    return false;
}

static void check_field(struct ctx *c, const struct entity *e, const struct field *f) {
    char letter = field_letters[e->position][f->position];
    bool readable = letter == 'r' || letter == 'w';
    condition_parse_text(
        c, e, str_format(c->arena, "{\"field\":\"%.*s\",\"op\":\"is_empty\"}", STR_ARG(f->name)));
    bool asked = !ctx_failed(c);
    ctx_clear_error(c);
    struct list_request request = {.entity = e};
    list_parse_sort(c, &request, f->name);
    bool sorted = !ctx_failed(c);
    ctx_clear_error(c);
    checks += 2;
    if (asked != readable) {
        disagree(e, OWN, str_format(c->arena, "filter by %.*s", STR_ARG(f->name)).p);
    }
    if (sorted && !readable) {
        disagree(e, OWN, str_format(c->arena, "sort by %.*s", STR_ARG(f->name)).p);
    }
    if (f->flags & (FIELD_SYSTEM | FIELD_READ_ONLY) || expected(e, OWN, ACTION_UPDATE)) {
        return;
    }
    struct change_set set = change_new(c, e);
    change_value(&set, f, (struct value){.kind = VALUE_NULL});
    db_savepoint(c);
    record_update(c, record_of(e, OWN), &set, 0);
    bool written = !refused(c, f);
    ctx_clear_error(c);
    db_rollback_savepoint(c->db);
    checks++;
    if (written != (letter == 'w')) {
        disagree(e, OWN, str_format(c->arena, "write %.*s", STR_ARG(f->name)).p);
    }
}

static void check_entity(struct ctx *c, const struct contents *contents, const struct entity *e) {
    static const enum action actions[] = {ACTION_READ, ACTION_UPDATE, ACTION_DELETE, ACTION_ASSIGN};
    bool owned = e->flags & ENTITY_OWNED;
    for (int r = 0; r < relations(e); r++) {
        for (int a = 0; a < (owned ? 4 : 3); a++) {
            check_verb(c, e, (enum relation)r, actions[a]);
        }
        check_history(c, e, (enum relation)r);
        check_title(c, e, (enum relation)r);
        check_api(c, contents, e, (enum relation)r);
    }
    check_verb(c, e, OWN, ACTION_CREATE);
    check_list(c, e, ACTION_READ);
    check_list(c, e, ACTION_EXPORT);
    check_search(c, e);
    if (may_read(e, OWN)) {
        check_reading(c, contents, e);
    }
    for (int i = 0; i < e->n_fields; i++) {
        check_field(c, e, &e->fields[i]);
    }
}

static void check_role(struct ctx *c, const struct contents *contents, const char *name,
                       int64_t role_id) {
    struct arena arena;
    arena_init(&arena);
    c->actor = &actor_system;
    db_begin(c);
    DB_RUN(c, "DELETE FROM user_role WHERE user_id = $1", (int)ME);
    DB_RUN(c, "INSERT INTO user_role (user_id, role_id) VALUES ($1, $2)", (int)ME, role_id);
    c->actor = caller = actor_build(c, &arena, ME);
    db_commit(c);
    assert_ok(c);
    role_name = name;
    /* A transaction each: where one has changed a table, SQLite reads the whole schema anew at each
     * savepoint undone in it from then on. */
    for (int i = 0; i < c->model->n_entities; i++) {
        struct arena_mark mark = arena_mark(c->arena);
        db_begin(c);
        check_entity(c, contents, &c->model->entities[i]);
        db_rollback(c->db);
        arena_reset(c->arena, mark);
    }
    c->actor = &actor_system;
    arena_free(&arena);
}

static void run_matrix(void **state, int drawn) {
    const struct contents *contents = modules_register();
    struct ctx *c = company(state, contents);
    for (const struct builtin_role *role = builtin_roles; role->code; role++) {
        letters_of_default(role->code, c->model);
        check_role(c, contents, role->code, role_by_code(c, role->code));
    }
    /* For every other of the drawn ones as if much were opened, for that is found another way. */
    const struct list_limits shipped = list_limits;
    int64_t role_id = role_by_code(c, "content");
    for (int i = 0; i < drawn; i++) {
        seed = 77 + (uint64_t)i;
        list_limits.some = i % 2 ? shipped.some : -1;
        letters_drawn(c, role_id);
        check_role(c, contents, str_format(c->arena, "drawn %d", i).p, role_id);
    }
    list_limits = shipped;
    assert_true(checks > 10000);
}

static void on_sqlite(void **state) {
    checks = 0;
    run_matrix(state, 5);
}

static void on_postgres(void **state) {
    checks = 0;
    run_matrix(state, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_SQLITE(on_sqlite),
        ON_POSTGRES(on_postgres),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
