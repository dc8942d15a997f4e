/*
 * See custom.h. custom_read.c gives the rows to the model; here they are checked, and what they
 * ask for is made.
 */
#include "entity/custom.h"

#include "base/id.h"
#include "base/message.h"
#include "db/news.h"
#include "db/sql.h"
#include "entity/schema.h"
#include "entity/value.h"

/* What a refusal names at most. */
enum { USES_MOST = 10 };

static const struct option types[] = {{"text", "单行文本", "Text", "idle"},
                                      {"long_text", "多行文本", "Long text", "idle"},
                                      {"boolean", "是/否", "Yes or no", "idle"},
                                      {"integer", "整数", "Whole number", "idle"},
                                      {"quantity", "数值", "Number", "idle"},
                                      {"money", "金额", "Money", "idle"},
                                      {"date", "日期", "Date", "idle"},
                                      {"instant", "日期时间", "Date and time", "idle"},
                                      {"option", "单选", "Choice", "idle"},
                                      {"reference", "关联记录", "Reference", "idle"},
                                      {"phone", "电话", "Telephone", "idle"},
                                      {"email", "邮箱", "E-mail", "idle"},
                                      {"region", "地区", "Region", "idle"},
                                      {"url", "网址", "Web address", "idle"},
                                      {0}};

static const struct field_definition field_fields[] = {
    {"entity_name", FIELD_TEXT, FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LISTED | FIELD_INDEXED,
     "记录类型", "Record type", .max_length = 60},
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LISTED, "字段名", "Name",
     .max_length = CUSTOM_NAME},
    {"label_zh", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "中文名称",
     "Chinese label", .max_length = 40},
    {"label_en", FIELD_TEXT, FIELD_LISTED, "英文名称", "English label", .max_length = 40},
    {"type", FIELD_OPTION, FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LISTED, "类型", "Type",
     .options = types},
    {"options", FIELD_JSON, 0, "选项", "Choices"},
    {"required", FIELD_BOOLEAN, FIELD_LISTED, "必填", "Required"},
    {"indexed", FIELD_BOOLEAN, 0, "建立索引", "Indexed"},
    {"personal", FIELD_BOOLEAN, 0, "个人信息", "Personal"},
    {"listed", FIELD_BOOLEAN, 0, "在列表中显示", "Shown in lists"},
    {"target", FIELD_TEXT, FIELD_IMMUTABLE, "关联到", "Refers to", .max_length = 60},
    {"max_length", FIELD_INTEGER, 0, "最大长度", "Longest", .min = 1, .max = 20000},
    {0}};

static const struct field_definition object_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LISTED, "标识", "Name",
     .max_length = CUSTOM_NAME},
    {"plural", FIELD_TEXT, FIELD_IMMUTABLE | FIELD_LISTED, "复数标识", "Plural",
     .max_length = CUSTOM_NAME},
    {"label_zh", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "中文名称",
     "Chinese label", .max_length = 40},
    {"label_en", FIELD_TEXT, FIELD_LISTED, "英文名称", "English label", .max_length = 40},
    {0}};

/* x_ and then letters, digits and underscores; the second column of money is kept free. */
static bool name_good(struct str name) {
    bool good = name.n > 2 && name.n <= CUSTOM_NAME && str_starts(name, STR("x_")) &&
                !str_ends(name, STR("_currency"));
    for (size_t i = 2; i < name.n && good; i++) {
        char ch = name.p[i];
        good = (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '_';
    }
    return good;
}

static struct str name_prefixed(struct ctx *c, struct str name) {
    return str_starts(name, STR("x_")) ? name : str_format(c->arena, "x_%.*s", STR_ARG(name));
}

static void fill_text(struct record *r, const char *field, struct str text) {
    record_set_value(r, field, value_text(text));
}

/* The English label is the Chinese one unless given. */
static void fill_label(struct record *r) {
    if (record_empty(r, "label_en")) {
        fill_text(r, "label_en", record_text(r, "label_zh"));
    }
}

static bool code_good(struct str code) {
    bool good = code.n > 0 && code.n <= CUSTOM_NAME;
    for (size_t i = 0; i < code.n && good; i++) {
        char ch = code.p[i];
        good = (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '_';
    }
    return good;
}

static bool code_in(const struct json *list, size_t n, struct str code) {
    for (size_t i = 0; i < n; i++) {
        if (str_equal(json_text(&list->items[i], "code"), code)) {
            return true;
        }
    }
    return false;
}

static void option_check(struct ctx *c, const struct json *list, size_t i) {
    struct str code = json_text(&list->items[i], "code");
    struct str pointer = str_format(c->arena, "/options/%zu", i);
    if (!code_good(code)) {
        FAIL_FIELD(c, pointer, "custom.option_code");
    } else if (code_in(list, i, code)) {
        FAIL_FIELD(c, pointer, "custom.option_twice", {"code", code});
    } else if (!json_text(&list->items[i], "zh").n) {
        FAIL_FIELD(c, pointer, "custom.option_label", {"code", code});
    }
}

static void option_put(struct json_writer *w, const struct json *o) {
    struct str en = json_text(o, "en"), tone = json_text(o, "tone");
    json_begin_object(w);
    JSON_MEMBER(w, "code", json_put_str, json_text(o, "code"));
    JSON_MEMBER(w, "zh", json_put_str, json_text(o, "zh"));
    JSON_MEMBER(w, "en", json_put_str, en.n ? en : json_text(o, "zh"));
    JSON_MEMBER(w, "tone", json_put_str, tone.n ? tone : STR("idle"));
    json_end_object(w);
}

static const struct json *options_of(struct ctx *c, const struct record *r) {
    struct ctx scratch = {.arena = c->arena};
    struct str text = record_text(r, "options");
    const struct json *list = text.n ? json_parse(&scratch, text) : NULL;
    return json_is(list, JSON_IS_ARRAY) ? list : NULL;
}

static void options_check(struct ctx *c, struct record *r) {
    if (!str_is(record_text(r, "type"), "option")) {
        record_set_value(r, "options", value_null);
        return;
    }
    const struct json *list = options_of(c, r);
    if (!list || !list->n || list->n > CUSTOM_OPTIONS) {
        FAIL_FIELD(c, STR("/options"), "custom.options");
        return;
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_array(&w);
    for (size_t i = 0; i < list->n; i++) {
        option_check(c, list, i);
        option_put(&w, &list->items[i]);
    }
    json_end_array(&w);
    fill_text(r, "options", json_str(&w));
}

static bool option_used(struct ctx *c, const struct record *r, struct str code) {
    const struct entity *e = model_entity(c->model, record_text(r, "entity_name"));
    const struct field *f = e ? entity_field(e, record_text(r, "name")) : NULL;
    if (!f) {
        return false;
    }
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT 1 FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " WHERE ");
    sql_identifier(&q, f->name);
    SQL_ADD(&q, " = ");
    SQL_VALUE(&q, code);
    SQL_ADD(&q, " LIMIT 1");
    return sql_int(c, &q) != 0;
}

/* A choice that records hold stays. */
static void removed_options_check(struct ctx *c, const struct change *change) {
    const struct json *old = options_of(c, change->before), *now = options_of(c, change->after);
    for (size_t i = 0; old && now && i < old->n && !ctx_failed(c); i++) {
        struct str code = json_text(&old->items[i], "code");
        if (!code_in(now, now->n, code) && option_used(c, change->before, code)) {
            FAIL_FIELD(c, STR("/options"), "custom.option_used", {"code", code});
        }
    }
}

static const struct entity *holder(const struct ctx *c, const struct record *r) {
    const struct entity *e = model_entity(c->model, record_text(r, "entity_name"));
    bool own = e && (e->definition == &custom_field_definition ||
                     e->definition == &custom_object_definition);
    return e && !own && !(e->flags & ENTITY_INTERNAL) ? e : NULL;
}

static void new_field_check(struct ctx *c, struct record *r) {
    const struct entity *e = holder(c, r);
    struct str name = name_prefixed(c, record_text(r, "name"));
    struct str target = record_text(r, "target");
    bool reference = str_is(record_text(r, "type"), "reference");
    fill_text(r, "name", name);
    int64_t taken = DB_INT(c,
                           "SELECT count(*) FROM custom_field WHERE entity_name = $1 AND name = $2",
                           record_text(r, "entity_name"), name);
    int64_t n = DB_INT(c, "SELECT count(*) FROM custom_field WHERE entity_name = $1",
                       record_text(r, "entity_name"));
    if (!e) {
        FAIL_FIELD(c, STR("/entity_name"), "custom.no_entity");
    }
    if (!name_good(name)) {
        FAIL_FIELD(c, STR("/name"), "custom.name");
    } else if (taken || (e && entity_field(e, name))) {
        FAIL_FIELD(c, STR("/name"), "custom.name_taken");
    }
    if (n >= CUSTOM_FIELDS) {
        FAIL_FIELD(c, STR("/entity_name"), "custom.too_many",
                   {"most", str_format(c->arena, "%d", CUSTOM_FIELDS)});
    }
    if (reference && !model_entity(c->model, target)) {
        FAIL_FIELD(c, STR("/target"), "custom.no_entity");
    } else if (!reference) {
        record_set_value(r, "target", value_null);
    }
}

static void field_check(struct ctx *c, struct change *change) {
    fill_label(change->after);
    if (!change->before) {
        new_field_check(c, change->after);
    }
    options_check(c, change->after);
    if (change->before) {
        removed_options_check(c, change);
    }
}

static void object_check(struct ctx *c, struct change *change) {
    struct record *r = change->after;
    fill_label(r);
    if (change->before) {
        return;
    }
    struct str name = name_prefixed(c, record_text(r, "name"));
    struct str plural = record_empty(r, "plural") ? str_format(c->arena, "%.*ss", STR_ARG(name))
                                                  : name_prefixed(c, record_text(r, "plural"));
    fill_text(r, "name", name);
    fill_text(r, "plural", plural);
    int64_t taken = DB_INT(c, "SELECT count(*) FROM custom_object WHERE name = $1 OR plural = $2",
                           name, plural);
    int64_t n = DB_INT(c, "SELECT count(*) FROM custom_object");
    if (!name_good(name)) {
        FAIL_FIELD(c, STR("/name"), "custom.name");
    } else if (taken) {
        FAIL_FIELD(c, STR("/name"), "custom.name_taken");
    }
    if (!name_good(plural) || str_equal(plural, name)) {
        FAIL_FIELD(c, STR("/plural"), "custom.name");
    }
    if (n >= CUSTOM_OBJECTS) {
        FAIL_FIELD(c, STR("/name"), "custom.too_many",
                   {"most", str_format(c->arena, "%d", CUSTOM_OBJECTS)});
    }
}

/* A version that no other database and no transaction that was rolled back ever had. */
static void model_move(struct ctx *c) {
    DB_RUN(c,
           "INSERT INTO platform_version (name, value) VALUES ('model', $1) "
           "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
           id_new());
    db_tell(c, NEWS_VERSIONS);
}

/* The rest of this unit of work keeps its model; the column is there when the next begins.
 * Adding it waits for those who use the table, and they would wait behind it: not for long. */
static void model_extend(struct ctx *c, const struct change *change) {
    (void)change;
    model_move(c);
    if (db_engine(c->db) == DB_POSTGRES) {
        DB_RUN(c, "SET LOCAL lock_timeout = '3s'");
    }
    const struct model *next = model_current(c);
    if (!ctx_failed(c)) {
        schema_apply(c, next);
    }
}

static void model_reveal(struct ctx *c, const struct record *record) {
    (void)record;
    model_move(c);
}

/* Fields of what a company sets up that name other fields: conditions, plans, "skill_field". */
static bool names_fields(const struct field *f) {
    return f->type == FIELD_JSON || (f->type == FIELD_TEXT && str_ends(f->name, STR("_field")));
}

/* What a field is used by, as it is told: "Saved view “Late”, Journey “Welcome”". */
struct uses {
    struct ctx *c;
    struct str pattern, name;
    struct text_buffer told;
    int n;
};

static void uses_add(struct uses *u, const struct entity *e, struct db_rows *rows) {
    while (db_next(rows) && u->n < USES_MOST) {
        const struct text_parameter of[] = {{"entity", e->label[u->c->language]},
                                            {"title", db_text(rows, 0)}};
        text_add(&u->told, u->n++ ? message_words(u->c->language, "custom.and") : STR(""));
        text_add(&u->told, message_format(u->c->arena, u->c->language, "custom.use", of, 2));
    }
    db_done(rows);
}

/* The records of e whose field f names the field. */
static void used_by(struct uses *u, const struct entity *e, const struct field *f) {
    struct sql q = sql_new(u->c->arena);
    struct db_rows rows;
    SQL_ADD(&q, "SELECT ");
    sql_identifier(&q, e->title->name);
    SQL_ADD(&q, " FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " WHERE deleted_at IS NULL AND ");
    sql_identifier(&q, f->name);
    SQL_ADD(&q, " LIKE ");
    SQL_VALUE(&q, f->type == FIELD_JSON ? u->pattern : u->name);
    SQL_ADD(&q, " ORDER BY id LIMIT ");
    sql_number(&q, USES_MOST);
    sql_query(u->c, &rows, &q);
    uses_add(u, e, &rows);
}

static void uses_gather(struct uses *u, const struct entity *e) {
    struct db_rows rows;
    for (int i = 0; i < e->n_fields && e->flags & ENTITY_SETTING && e->title; i++) {
        if (names_fields(&e->fields[i])) {
            used_by(u, e, &e->fields[i]);
        }
    }
    if (e->definition && e->definition->naming) {
        const struct db_value asked[] = {db_from_str(u->pattern), db_from_int(USES_MOST)};
        db_query_values(u->c, &rows, e->definition->naming, asked, 2);
        uses_add(u, e, &rows);
    }
}

/* What the company and its people set up by the field would be understood no longer: that goes
 * first, or is changed. Of several fields of one name nobody can tell here which is meant. Names
 * hold no sign of LIKE but "_", which stands for itself too. */
static void field_trash(struct ctx *c, const struct record *field) {
    struct str name = record_text(field, "name");
    struct uses u = {.c = c,
                     .name = name,
                     .pattern = str_format(c->arena, "%%%.*s\"%%", STR_ARG(name)),
                     .told = {.arena = c->arena}};
    int64_t of_name = DB_INT(
        c, "SELECT count(*) FROM custom_field WHERE name = $1 AND deleted_at IS NULL", name);
    for (int i = 0; i < c->model->n_entities && of_name == 1 && u.n < USES_MOST; i++) {
        if (&c->model->entities[i] != field->entity) {
            uses_gather(&u, &c->model->entities[i]);
        }
    }
    if (u.n) {
        FAIL(c, ERROR_CONFLICT, "custom.used", {"uses", text_str(&u.told)});
    }
    model_move(c);
}

const struct entity_definition custom_field_definition = {
    .name = "custom_field",
    .plural = "custom_fields",
    .zh = "自定义字段",
    .en = "Own field",
    .flags = ENTITY_SETTING,
    .fields = field_fields,
    .indexes = (const struct index_definition[]){{"entity_name, name", .unique = true}, {0}},
    .check = field_check,
    .wrote = model_extend,
    .trash = field_trash,
    .restored = model_reveal,
};

const struct entity_definition custom_object_definition = {
    .name = "custom_object",
    .plural = "custom_objects",
    .zh = "自定义对象",
    .en = "Own record type",
    .flags = ENTITY_SETTING,
    .fields = object_fields,
    .indexes = (const struct index_definition[]){{"name", .unique = true}, {0}},
    .check = object_check,
    .wrote = model_extend,
    .trash = model_reveal,
    .restored = model_reveal,
};
