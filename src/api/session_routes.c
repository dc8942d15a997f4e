/*
 * Signing in and out, one's own password, tokens.
 *
 * The password is checked before the transaction (Argon2id is slow on purpose). Tries are
 * limited per login and per address. What failed is never said: login and password are
 * refused together.
 */
#include "api/api.h"
#include "base/crypto.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/access.h"
#include "http/rate_limit.h"
#include "organization/company.h"
#include "organization/session.h"
#include "organization/user.h"

enum { TOKEN_NAME_LONGEST = 100, TOKEN_SCOPES_LONGEST = 2000 };

static int64_t session_hours = 12;
static bool cookie_secure;

void api_session_hours(int64_t hours) {
    session_hours = hours;
}

void api_cookie_secure(bool secure) {
    cookie_secure = secure;
}

static void set_cookie(struct request *r, struct str secret, int64_t seconds) {
    reply_header(r, "Set-Cookie",
                 str_format(r->c->arena,
                            "guantong_session=%.*s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld%s",
                            STR_ARG(secret), (long long)seconds, cookie_secure ? "; Secure" : ""));
}

/* Who signs in, found before the transaction. */
struct sign_in {
    int64_t user_id;
};

static const struct rate_limit by_address = {"session.address", 60, 60};
static const struct rate_limit by_login = {"session.login", 10, 10};

static void session_check(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct str login = json_text(body, "login"), password = json_text(body, "password");
    if (!body) {
        return;
    }
    request_rate_limit(r, &by_address, r->client);
    request_rate_limit(r, &by_login, login);
    if (ctx_failed(c)) {
        return;
    }
    struct user_login found = user_find_login(c, login);
    /* An unknown login costs the same time as a wrong password. */
    struct str hash = found.user_id ? found.hash : password_hash(c->arena, STR("nobody's"));
    bool right = password.n <= PASSWORD_LONGEST && password_verify(hash, password);
    if (right && found.user_id) {
        rate_limit_return(&by_login, login);
    }
    struct sign_in *sign_in = ARENA_NEW(c->arena, struct sign_in);
    sign_in->user_id = right ? found.user_id : 0;
    r->state = sign_in;
}

static void user_json(struct ctx *c, struct json_writer *w, int64_t user_id) {
    struct db_rows rows;
    json_begin_object(w);
    DB_QUERY(c, &rows,
             "SELECT u.id, u.login, u.name, u.language, u.department_id, d.name FROM \"user\" u "
             "LEFT JOIN department d ON d.id = u.department_id WHERE u.id = $1",
             user_id);
    if (db_next(&rows)) {
        JSON_MEMBER(w, "id", json_put_id, db_int(&rows, 0));
        JSON_MEMBER(w, "login", json_put_str, db_text(&rows, 1));
        JSON_MEMBER(w, "name", json_put_str, db_text(&rows, 2));
        JSON_MEMBER(w, "language", json_put_str, db_text(&rows, 3));
        JSON_MEMBER(w, "department_id", json_put_id, db_int(&rows, 4));
        JSON_MEMBER(w, "department", json_put_str, db_text(&rows, 5));
        db_done(&rows);
    }
    json_key(w, "roles");
    json_begin_array(w);
    DB_QUERY(c, &rows,
             "SELECT COALESCE(r.code, r.name) FROM user_role u JOIN role r ON r.id = u.role_id "
             "WHERE u.user_id = $1 ORDER BY r.id",
             user_id);
    while (db_next(&rows)) {
        json_put_str(w, db_text(&rows, 0));
    }
    json_end_array(w);
    JSON_MEMBER(w, "time_zone", json_put_str, company_text(c, "time_zone"));
    json_end_object(w);
}

static void modules_json(struct ctx *c, struct json_writer *w) {
    struct str modules = company_text(c, "modules"), module;
    json_key(w, "modules");
    json_begin_array(w);
    while (str_cut(&modules, ' ', &module)) {
        if (module.n) {
            json_put_str(w, module);
        }
    }
    json_end_array(w);
}

static void permissions_json(struct ctx *c, struct json_writer *w) {
    json_key(w, "permissions");
    json_begin_array(w);
    for (int i = 0; i < c->actor->n_entities; i++) {
        if (access_scope(c->actor, &c->model->entities[i], ACTION_READ) != SCOPE_NONE) {
            json_put_str(w, str_format(c->arena, "%.*s:read", STR_ARG(c->model->entities[i].name)));
        }
    }
    for (const char *const *p = c->actor->permissions; *p; p++) {
        json_put_c(w, *p);
    }
    json_end_array(w);
}

static void reply_session(struct request *r) {
    struct ctx *c = r->c;
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "user");
    user_json(c, &w, c->actor->user_id);
    modules_json(c, &w);
    permissions_json(c, &w);
    json_key(&w, "company");
    json_begin_object(&w);
    JSON_MEMBER(&w, "name", json_put_str, company_text(c, "name"));
    JSON_MEMBER(&w, "currency", json_put_str, company_text(c, "currency"));
    JSON_MEMBER(&w, "time_zone", json_put_str, company_text(c, "time_zone"));
    json_end_object(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void session_post(struct request *r) {
    struct ctx *c = r->c;
    const struct sign_in *sign_in = r->state;
    if (!sign_in || !sign_in->user_id) {
        FAIL(c, ERROR_DENIED, "session.refused");
        return;
    }
    struct str secret = session_start(c, sign_in->user_id, session_hours, r->client);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "user");
    user_json(c, &w, sign_in->user_id);
    json_end_object(&w);
    if (!ctx_failed(c)) {
        set_cookie(r, secret, session_hours * 3600);
        reply_json(r, 200, &w);
    }
}

static void session_get(struct request *r) {
    reply_session(r);
}

static void session_delete(struct request *r) {
    session_end(r->c, r->session_id);
    set_cookie(r, STR(""), 0);
}

/* What everybody may set for themselves: the language. */
static void session_patch(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct str language = json_text(body, "language");
    if (!body) {
        return;
    }
    if (!str_is(language, "zh") && !str_is(language, "en")) {
        FAIL_FIELD(c, STR("/language"), "option.unknown");
        return;
    }
    struct change_set set = change_new(c, entity_named(c, "user"));
    change_text(&set, "language", language);
    record_change(c, c->actor->user_id, &set);
}

static void session_keep(struct request *r) {
    session_touch(r->c, r->session_id, session_hours);
}

/* A new password: one's own (with the old one) or, for who manages users, another's. */
struct new_password {
    struct str hash;
    bool old_right;
};

static struct str login_of(struct ctx *c, int64_t user_id) {
    return DB_TEXT(c, "SELECT login FROM \"user\" WHERE id = $1 AND deleted_at IS NULL", user_id);
}

static void password_check(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct str login = login_of(c, request_id(r, "id"));
    struct str password = json_text(body, "password");
    if (!body) {
        return;
    }
    if (!login.p) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return;
    }
    user_check_password(c, login, password);
    if (ctx_failed(c)) {
        return;
    }
    struct new_password *n = ARENA_NEW(c->arena, struct new_password);
    struct user_login found = user_find_login(c, login);
    n->old_right = found.user_id && password_verify(found.hash, json_text(body, "old_password"));
    n->hash = password_hash(c->arena, password);
    r->state = n;
}

static void password_post(struct request *r) {
    struct ctx *c = r->c;
    const struct new_password *n = r->state;
    int64_t user_id = request_id(r, "id");
    bool own = user_id == c->actor->user_id;
    if (!n) {
        return;
    }
    if (own && !n->old_right) {
        FAIL_FIELD(c, STR("/old_password"), "session.old_password");
    } else if (!own && !access_permitted(c->actor, "users:manage")) {
        FAIL(c, ERROR_DENIED, "access.denied");
    }
    user_set_password(c, user_id, n->hash, own ? r->session_id : 0);
}

static void token_list(struct request *r) {
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    json_key(&w, "data");
    token_list_json(r->c, &w, r->c->actor->user_id);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* Blanks apart, each a permission of the user or a record type to read or to write. */
static void check_scopes(struct ctx *c, struct str scopes) {
    struct str rest = scopes, scope;
    if (scopes.n > TOKEN_SCOPES_LONGEST) {
        FAIL_FIELD(c, STR("/scopes"), "json.too_long");
        return;
    }
    while (str_cut(&rest, ' ', &scope)) {
        if (scope.n && !api_scope_known(c, scope)) {
            FAIL_FIELD(c, STR("/scopes"), "token.scope_unknown", {"scope", scope});
            return;
        }
    }
}

static void token_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct str name = str_trim(json_text(body, "name"));
    int64_t expires_at = 0;
    struct str expires = json_text(body, "expires_at");
    if (!body) {
        return;
    }
    if (r->token_id) {
        FAIL(c, ERROR_DENIED, "token.by_session");
        return;
    }
    if (!name.n || name.n > TOKEN_NAME_LONGEST) {
        FAIL_FIELD(c, STR("/name"), "field.required");
    }
    if (expires.n && !instant_parse(expires, &expires_at)) {
        FAIL_FIELD(c, STR("/expires_at"), "instant.syntax");
    }
    check_scopes(c, str_trim(json_text(body, "scopes")));
    if (ctx_failed(c)) {
        return;
    }
    struct token_grant grant = {name, str_trim(json_text(body, "scopes")),
                                json_bool(body, "read_only", false), expires_at};
    struct str secret = token_create(c, c->actor->user_id, &grant);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "secret", json_put_str, secret);
    json_end_object(&w);
    reply_json(r, 201, &w);
}

static void token_delete(struct request *r) {
    token_revoke(r->c, request_id(r, "id"), r->c->actor->user_id);
}

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/session", PERMISSION_PUBLIC, LANE_WRITER, session_post,
     .prepare = session_check, .flags = ROUTE_NO_CSRF | ROUTE_SECRET,
     .summary = "route.session_start", .body = "login:text! password:text!",
     .answer = "user:object!"},
    {METHOD_GET, "/api/v1/session", PERMISSION_SIGNED_IN, LANE_INLINE, session_get,
     .summary = "route.session_get",
     .answer = "user:(id:id! login:text! name:text! roles:[text]!)! "
               "modules:[text]! permissions:[text]! company:object!"},
    {METHOD_PATCH, "/api/v1/session", PERMISSION_SIGNED_IN, LANE_WRITER, session_patch,
     .summary = "route.session_patch", .body = "language:text!"},
    {METHOD_DELETE, "/api/v1/session", PERMISSION_SIGNED_IN, LANE_WRITER, session_delete,
     .summary = "route.session_end"},
    {METHOD_POST, "/api/v1/session/keep", PERMISSION_SIGNED_IN, LANE_WRITER, session_keep,
     .summary = "route.session_keep"},
    {METHOD_POST, "/api/v1/users/{id}/password", PERMISSION_SIGNED_IN, LANE_WRITER, password_post,
     .prepare = password_check, .flags = ROUTE_SECRET, .summary = "route.password",
     .body = "password:text! old_password:text"},
    {METHOD_GET, "/api/v1/tokens", PERMISSION_SIGNED_IN, LANE_INLINE, token_list,
     .summary = "route.token_list",
     .answer = "data:[(id:id! name:text! scopes:text! read_only:boolean! "
               "created_at:instant! expires_at:instant revoked_at:instant)]!"},
    {METHOD_POST, "/api/v1/tokens", PERMISSION_SIGNED_IN, LANE_WRITER, token_post,
     .flags = ROUTE_SECRET, .summary = "route.token_create",
     .body = "name:text! scopes:text read_only:boolean expires_at:instant",
     .answer = "201 secret:text!"},
    {METHOD_DELETE, "/api/v1/tokens/{id}", PERMISSION_SIGNED_IN, LANE_WRITER, token_delete,
     .summary = "route.token_revoke"},
    {0}};

static const struct text texts[] = {
    {"session.refused", "登录名或密码不对", "Login or password is wrong"},
    {"session.old_password", "原密码不对", "The old password is wrong"},
    {"token.scope_unknown",
     "没有“{scope}”这个范围：写自己有的权限，或“leads:read”“leads:write”这样的对象",
     "There is no scope \"{scope}\": name a permission you have, or a record type as in "
     "\"leads:read\" or \"leads:write\""},
    {"token.by_session", "令牌只能由登录的人创建", "Tokens are made by people who are signed in"},
    {"route.session_start", "登录", "Sign in"},
    {"route.session_get", "当前会话", "The session"},
    {"route.session_end", "退出", "Sign out"},
    {"route.session_patch", "改自己的语言", "Set one's own language"},
    {"route.session_keep", "延长会话", "Keep the session"},
    {"route.password", "设置密码", "Set a password"},
    {"route.token_list", "列出令牌", "List tokens"},
    {"route.token_create", "新建令牌", "Create a token"},
    {"route.token_revoke", "撤销令牌", "Revoke a token"},
    {0}};

const struct module api_session_module = {
    .name = "api.session", .cloud = "platform", .routes = routes, .texts = texts};
