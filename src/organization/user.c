/*
 * See user.h. Events out: user.created … (from entity), user.password_changed,
 * user.roles_changed. Whatever changes who may do what moves the organization's version,
 * by which resolved actors are cached.
 */
#include "organization/user.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "db/db.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/record.h"
#include "entity/versions.h"
#include "event/event.h"
#include "organization/role.h"
#include "organization/version.h"

static const struct option languages[] = {
    {"zh", "中文", "Chinese", "idle"}, {"en", "英文", "English", "idle"}, {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_SEARCHED | FIELD_LISTED, "姓名",
     "Name", "group.basic", .max_length = 60},
    {"login", FIELD_TEXT, FIELD_REQUIRED | FIELD_UNIQUE | FIELD_LISTED, "登录名", "Login",
     "group.basic", .max_length = 60},
    {"department_id", FIELD_REFERENCE, FIELD_LISTED | FIELD_INDEXED | FIELD_SUBTITLE, "部门",
     "Department", "group.basic", .target = "department"},
    {"job_title", FIELD_TEXT, FIELD_LISTED, "职位", "Job title", "group.basic"},
    {"email", FIELD_EMAIL, 0, "邮箱", "E-mail", "group.basic"},
    {"employee_number", FIELD_TEXT, FIELD_UNIQUE, "工号", "Employee number", "group.basic",
     .max_length = 40},
    {"phone", FIELD_PHONE, FIELD_PERSONAL, "手机", "Mobile", "group.basic"},
    {"language", FIELD_OPTION, 0, "语言", "Language", "group.basic", .options = languages,
     .standard = "zh"},
    {"active", FIELD_BOOLEAN, FIELD_LISTED | FIELD_INDEXED, "启用", "Active", "group.basic",
     .standard = "1"},
    {"skills", FIELD_JSON, 0, "技能", "Skills", "group.basic", .max_length = 2000},
    {"work_hours", FIELD_TEXT, 0, "工作时间", "Working hours", "group.basic", .max_length = 11},
    {0}};

static void check_skills(struct ctx *c, struct str text) {
    enum { SKILLS_MOST = 40 };
    const struct json *skills = text.n ? json_parse(c, text) : NULL;
    bool right = !skills || (skills->kind == JSON_IS_ARRAY && skills->n <= SKILLS_MOST);
    for (size_t i = 0; right && skills && i < skills->n; i++) {
        right = skills->items[i].kind == JSON_IS_TEXT && skills->items[i].text.n > 0;
    }
    if (!right) {
        FAIL_FIELD(c, STR("/skills"), "user.skills");
    }
}

static void user_check(struct ctx *c, struct change *change) {
    check_skills(c, record_text(change->after, "skills"));
    struct str text = record_text(change->after, "work_hours");
    struct day_hours hours;
    if (text.n && !day_hours_parse(text, &hours)) {
        FAIL_FIELD(c, STR("/work_hours"), "company.hours");
    }
    struct str login = record_text(change->after, "login");
    for (size_t i = 0; i < login.n; i++) {
        if ((unsigned char)login.p[i] <= ' ') {
            FAIL_FIELD(c, STR("/login"), "user.login_blank");
            return;
        }
    }
}

static void end_sessions(struct ctx *c, int64_t user_id, int64_t keep_session) {
    if (DB_RUN(c, "DELETE FROM session WHERE user_id = $1 AND id <> $2", user_id, keep_session)) {
        version_move(c, "session");
    }
}

/* Those in the trash stand in an index of their own. */
static void department_put(struct ctx *c, const struct entity *e, const struct change *change,
                           const char *which) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "UPDATE ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " SET owner_department_id = ");
    SQL_VALUE(&q, db_from_id(record_id(change->after, "department_id")));
    SQL_ADD(&q, " WHERE owner_id = ");
    SQL_VALUE(&q, change->id);
    sql_literal(&q, which);
    sql_run(c, &q);
}

/* What a user owns moves with him to his new department, for those who see a department's
 * records. Nothing else of the records changes, so they keep their version. */
static void move_owned(struct ctx *c, const struct change *change) {
    int64_t department = record_id(change->after, "department_id");
    if (!change->before || record_id(change->before, "department_id") == department) {
        return;
    }
    for (int i = 0; i < c->model->n_entities && !ctx_failed(c); i++) {
        const struct entity *e = &c->model->entities[i];
        if (e->flags & ENTITY_OWNED) {
            department_put(c, e, change, " AND deleted_at IS NULL");
            department_put(c, e, change, " AND deleted_at IS NOT NULL");
        }
    }
}

static void user_wrote(struct ctx *c, const struct change *change) {
    move_owned(c, change);
    organization_changed(c);
    if (change->before && !record_int(change->after, "active")) {
        end_sessions(c, change->id, 0);
        role_keep_administrator(c);
    }
}

/* Whoever goes to the trash is switched off first, and counts no more already now. */
static void user_trash(struct ctx *c, const struct record *user) {
    if (record_int(user, "active")) {
        FAIL(c, ERROR_CONFLICT, "user.active");
    }
    organization_changed(c);
}

static const struct entity_definition user_entity = {.name = "user",
                                                     .plural = "users",
                                                     .zh = "用户",
                                                     .en = "User",
                                                     .flags = ENTITY_SETTING | ENTITY_SEARCHED,
                                                     .fields = fields,
                                                     .check = user_check,
                                                     .wrote = user_wrote,
                                                     .trash = user_trash};

static const struct migration migrations[] = {
    {"organization.user.1",
     "CREATE TABLE user_secret (user_id {id}, password_hash TEXT NOT NULL, "
     "changed_at BIGINT NOT NULL);\n"
     "CREATE TABLE user_role (user_id BIGINT NOT NULL, role_id BIGINT NOT NULL, "
     "PRIMARY KEY (user_id, role_id)) {without_rowid}"},
    {0}};

void user_check_password(struct ctx *c, struct str login, struct str password) {
    if (password.n < PASSWORD_SHORTEST || password.n > PASSWORD_LONGEST) {
        FAIL_FIELD(c, STR("/password"), "user.password_length",
                   {"shortest", str_format(c->arena, "%d", PASSWORD_SHORTEST)});
    } else if (str_equal(login, password)) {
        FAIL_FIELD(c, STR("/password"), "user.password_login");
    }
}

void user_set_password(struct ctx *c, int64_t user_id, struct str hash, int64_t keep_session) {
    DB_RUN(c,
           "INSERT INTO user_secret (user_id, password_hash, changed_at) VALUES ($1, $2, $3) "
           "ON CONFLICT (user_id) DO UPDATE SET password_hash = excluded.password_hash, "
           "changed_at = excluded.changed_at",
           user_id, hash, c->now_ms);
    end_sessions(c, user_id, keep_session);
    event_emit(c, &(struct event){.type = STR("user.password_changed"),
                                  .subject_type = STR("user"),
                                  .subject_id = user_id});
}

struct user_login user_find_login(struct ctx *c, struct str login) {
    struct user_login found = {.hash = STR("")};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT u.id, s.password_hash FROM \"user\" u JOIN user_secret s ON s.user_id = u.id "
             "WHERE u.login = $1 AND u.active = 1 AND u.deleted_at IS NULL",
             login);
    if (db_next(&rows)) {
        found.user_id = db_int(&rows, 0);
        found.hash = db_text(&rows, 1);
        db_done(&rows);
    }
    return found;
}

static struct user_called called_exactly(struct ctx *c, struct str word) {
    struct user_called found = {0};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT id FROM \"user\" WHERE deleted_at IS NULL AND (name = $1 OR "
             "employee_number = $1 OR lower(login) = $2 OR email = $2) ORDER BY id LIMIT 2",
             word, str_lower(c->arena, word));
    while (db_next(&rows)) {
        found.several = found.id != 0;
        found.id = found.several ? 0 : db_int(&rows, 0);
    }
    return found;
}

struct user_called user_find_called(struct ctx *c, struct str words) {
    struct str whole = text_normalize(c->arena, words);
    struct user_called found = called_exactly(c, whole);
    ptrdiff_t bracket = str_find_char(whole, '(');
    if (found.id || bracket <= 0 || !str_ends(whole, STR(")"))) {
        return found;
    }
    struct str inside = str_trim(str_slice(whole, (size_t)bracket + 1, whole.n - 1));
    struct user_called by_inside = called_exactly(c, inside);
    return by_inside.id ? by_inside
                        : called_exactly(c, str_trim(str_slice(whole, 0, (size_t)bracket)));
}

void user_set_roles(struct ctx *c, int64_t user_id, const int64_t *role_ids, size_t n) {
    DB_RUN(c, "DELETE FROM user_role WHERE user_id = $1", user_id);
    for (size_t i = 0; i < n; i++) {
        DB_RUN(c, "INSERT INTO user_role (user_id, role_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
               user_id, role_ids[i]);
    }
    organization_changed(c);
    event_emit(c, &(struct event){.type = STR("user.roles_changed"),
                                  .subject_type = STR("user"),
                                  .subject_id = user_id});
}

int64_t user_manager(struct ctx *c, int64_t user_id) {
    enum { LEVELS = 20 };
    int64_t department = DB_INT(c, "SELECT department_id FROM \"user\" WHERE id = $1", user_id);
    for (int level = 0; department && level < LEVELS && !ctx_failed(c); level++) {
        int64_t manager = DB_INT(c,
                                 "SELECT d.manager_id FROM department d JOIN \"user\" u "
                                 "ON u.id = d.manager_id WHERE d.id = $1 AND u.active = 1 "
                                 "AND u.deleted_at IS NULL AND d.deleted_at IS NULL",
                                 department);
        if (manager && manager != user_id) {
            return manager;
        }
        department = DB_INT(c, "SELECT parent_id FROM department WHERE id = $1", department);
    }
    return DB_INT(c,
                  "SELECT t.leader_id FROM team_member m JOIN team t ON t.id = m.team_id "
                  "JOIN \"user\" u ON u.id = t.leader_id WHERE m.user_id = $1 "
                  "AND m.deleted_at IS NULL AND t.deleted_at IS NULL AND u.active = 1 "
                  "AND u.deleted_at IS NULL AND t.leader_id <> $1 ORDER BY t.id LIMIT 1",
                  user_id);
}

static const struct text texts[] = {
    {"user.unknown", "没有登录名为{login}的用户", "There is no user with the login {login}"},
    {"user.active", "请先停用这个用户", "Switch the user off first"},
    {"user.skills", "最多 40 项技能", "A list of at most 40 skills"},
    {"user.login_blank", "登录名不能含空白", "The login must not contain blanks"},
    {"user.password_length", "密码至少 {shortest} 个字符", "At least {shortest} characters"},
    {"user.password_login", "密码不能与登录名相同", "The password must differ from the login"},
    {"group.basic", "基本信息", "Basics"},
    {0}};

static const struct permission permissions[] = {
    {"users:manage", "管理用户与角色", "Manage users and roles"}, {0}};

static const struct event_type event_types[] = {
    {"user.password_changed", "user", "改密码", "password changed"},
    {"user.roles_changed", "user", "改角色", "roles changed"},
    {0}};

const struct module user_module = {
    .name = "organization.user",
    .cloud = "platform",
    .events = event_types,
    .entities = (const struct entity_definition *const[]){&user_entity, NULL},
    .migrations = migrations,
    .texts = texts,
    .permissions = permissions};
