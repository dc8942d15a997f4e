/*
 * One row of an import: cells become values by the plan's rules, values become a record.
 *
 * Leads have a door of their own (import_lead.c); all other types are written as they are, by the
 * same validation as everywhere.
 */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "customer/account.h"
#include "data/import_parts.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/value.h"
#include "organization/company.h"
#include "organization/user.h"

enum { SAME_NAMES = 20, OWNER_NAME = 60 };

bool import_is_verdict(const struct ctx *c) {
    return c->error.code == ERROR_INVALID || c->error.code == ERROR_CONFLICT ||
           c->error.code == ERROR_ABSENT || c->error.code == ERROR_DENIED;
}

/* "合计", "总计：5", "Total: 12"; a colon may follow and whatever is counted. */
static bool is_total(struct str cell) {
    static const char *const words[] = {"合计", "总计", "小计", "total", "grand total", "sum"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (cell.n >= n && strncasecmp(cell.p, words[i], n) == 0) {
            struct str rest = str_trim(str_slice(cell, n, cell.n));
            return !rest.n || rest.p[0] == ':' || str_starts(rest, STR("："));
        }
    }
    return false;
}

static bool has_digit(struct str cell) {
    size_t i = 0;
    while (i < cell.n && (cell.p[i] < '0' || cell.p[i] > '9')) {
        i++;
    }
    return i < cell.n;
}

bool import_row_is_noise(const struct import_plan *plan, const struct table_row *row) {
    size_t filled = 0, headers = 0, totals = 0, counts = 0;
    bool total_first = false;
    for (size_t i = 0; i < plan->n; i++) {
        struct str cell = text_trim(table_cell(row, i));
        bool total = is_total(cell);
        totals += total;
        total_first = filled ? total_first : total;
        counts += cell.n > 0 && !total && has_digit(cell);
        filled += cell.n > 0;
        headers += cell.n > 0 && str_equal(cell, text_trim(plan->columns[i].header));
    }
    /* Somebody may be called Total: of a total row all else are counts and sums. */
    bool summed = totals > 0 && totals + counts == filled && (total_first || counts <= 1);
    return filled == 0 || (headers == filled && headers > 1) || summed;
}

/* The account of that name which the actor may see: of several the one that is called just so. */
static struct import_found find_account(struct ctx *c, const struct entity *e, struct str title) {
    int64_t ids[SAME_NAMES], exact = 0;
    size_t n = account_same_name(c, title, ids, SAME_NAMES), seen = 0, exactly = 0;
    struct import_found found = {0};
    for (size_t i = 0; i < n; i++) {
        struct record *account = record_load(c, e, ids[i]);
        if (!account || !access_record(c, ACTION_READ, account)) {
            continue;
        }
        bool same = str_equal(record_title(account), title);
        found.id = found.id ? found.id : ids[i];
        exact = same && !exact ? ids[i] : exact;
        exactly += same;
        seen++;
    }
    found.id = exactly ? exact : found.id;
    found.several = exactly ? exactly > 1 : seen > 1;
    return found;
}

/* Of stages of one name that of the standard pipeline is meant, unless a person says another; which
 * of other namesakes is meant nobody can tell. */
static bool first_will_do(const struct entity *e) {
    return str_is(e->name, "stage");
}

struct import_found import_find(struct ctx *c, const struct entity *e, struct str title) {
    if (str_is(e->name, "account")) {
        return find_account(c, e, title);
    }
    if (str_is(e->name, "user")) {
        struct user_called called = user_find_called(c, title);
        return (struct import_found){called.id, called.several};
    }
    struct import_found found = {0};
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT id FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " WHERE deleted_at IS NULL AND ");
    sql_identifier(&q, e->title->name);
    SQL_ADD(&q, " = ");
    SQL_VALUE(&q, title);
    SQL_ADD(&q, " AND ");
    access_where(c, &q, e, ACTION_READ, "");
    SQL_ADD(&q, " ORDER BY ");
    if (first_will_do(e)) {
        SQL_ADD(&q, "(SELECT p.standard FROM pipeline p WHERE p.id = pipeline_id) DESC, ");
    }
    SQL_ADD(&q, "id LIMIT 2");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        found.several = found.id != 0;
        found.id = found.several ? found.id : db_int(&rows, 0);
    }
    return found;
}

static struct str pointer_of(struct ctx *c, const struct import_column *k) {
    return str_format(c->arena, "/%.*s", STR_ARG(k->header));
}

void import_row_made(struct import_plan *plan, const struct entity *e, int64_t id) {
    if (id && plan->n_made < IMPORT_MADE) {
        plan->made[plan->n_made++] = (struct import_made){e, id};
    }
}

static int64_t create_titled(struct ctx *c, struct import_plan *plan, const struct entity *e,
                             struct str title) {
    struct change_set set = change_new(c, e);
    change_text(&set, str_to_c(c->arena, e->title->name), title);
    if (e->flags & ENTITY_OWNED) {
        change_id(&set, "owner_id", plan->author_id);
    }
    struct record *made = record_insert(c, &set);
    import_row_made(plan, e, made ? made->id : 0);
    return made ? made->id : 0;
}

/* What stands for a name that is there several times. */
enum { SEVERAL = -2 };

static int64_t reference_find(struct ctx *c, struct import_plan *plan, size_t column,
                              struct str title) {
    const struct import_column *k = &plan->columns[column];
    struct import_found found = import_find(c, k->field->target, title);
    if (found.several) {
        import_cache_put(plan->cache, IMPORT_COLUMNS + column, title, 1);
    }
    if (found.several && !first_will_do(k->field->target)) {
        return SEVERAL;
    }
    if (!found.id && k->create_missing && !plan->trial && !ctx_failed(c)) {
        return create_titled(c, plan, k->field->target, title);
    }
    return found.id;
}

bool import_has_namesakes(const struct import_plan *plan, size_t column, struct str title) {
    return import_cache_get(plan->cache, IMPORT_COLUMNS + column, title) > 0;
}

static struct value reference_value(struct ctx *c, struct import_plan *plan, size_t column,
                                    struct str title) {
    const struct import_column *k = &plan->columns[column];
    int64_t id = import_cache_get(plan->cache, column, title);
    if (id == -1) {
        id = reference_find(c, plan, column, title);
        bool later = k->field->target == plan->entity; /* the file may still bring it */
        if (!ctx_failed(c) && (id || !later)) {
            import_cache_put(plan->cache, column, title, id);
        }
    }
    bool author = str_is(k->field->name, "created_by"); /* history: may be nobody here */
    if (id == SEVERAL && !author) {
        FAIL_FIELD(c, pointer_of(c, k), "import.several_named", {"value", title});
    } else if (id <= 0 && k->create_missing && plan->trial) {
        return (struct value){VALUE_INTEGER, 0, title}; /* it would be made */
    } else if (id <= 0 && k->field->target == plan->entity && plan->n_links < IMPORT_LINKS) {
        plan->links[plan->n_links++] = (struct import_link){k->field, title};
    } else if (id <= 0 && !author) {
        FAIL_FIELD(c, pointer_of(c, k), "import.no_such", {"value", title});
    }
    return id > 0 ? (struct value){VALUE_INTEGER, id, STR("")} : (struct value){0};
}

void import_remark(struct ctx *c, struct import_plan *plan, const struct field_error *what) {
    struct ctx notes = {.arena = c->arena, .error = plan->remarks};
    ctx_fail_field(&notes, what->pointer, what->text, what->parameters, ERROR_PARAMETERS);
    plan->remarks = notes.error;
}

/* Whose the record becomes when the company does not know the owner the file names, and a remark
 * of it; or a field error. */
static struct value unknown_owner_value(struct ctx *c, struct import_plan *plan, size_t column,
                                        struct str name) {
    const struct import_column *k = &plan->columns[column];
    bool several = user_find_called(c, name).several;
    struct field_error what = {.pointer = pointer_of(c, k), .parameters = {{"value", name}}};
    if (k->unknown_owner == UNKNOWN_OWNER_REFUSE) {
        FAIL_FIELD(c, what.pointer, several ? "import.several" : "import.no_such", {"value", name});
        return (struct value){0};
    }
    bool nobody = k->unknown_owner == UNKNOWN_OWNER_NOBODY;
    what.text = several  ? nobody ? "import.several_to_nobody" : "import.several_to_importer"
                : nobody ? "import.owner_to_nobody"
                         : "import.owner_to_importer";
    plan->unknown_owner = name;
    import_remark(c, plan, &what);
    return nobody ? (struct value){0} : (struct value){VALUE_INTEGER, plan->author_id, STR("")};
}

static struct value owner_value(struct ctx *c, struct import_plan *plan, size_t column,
                                struct str name) {
    int64_t id = import_cache_get(plan->cache, column, name);
    if (id < 0) {
        id = user_find_called(c, name).id;
        if (!ctx_failed(c)) {
            import_cache_put(plan->cache, column, name, id);
        }
    }
    if (id <= 0 && !ctx_failed(c)) {
        return unknown_owner_value(c, plan, column, name);
    }
    return (struct value){id > 0 ? VALUE_INTEGER : VALUE_NULL, id, STR("")};
}

static struct value date_value(struct ctx *c, const struct import_plan *plan, size_t column,
                               struct str cell) {
    const struct import_column *k = &plan->columns[column];
    struct date_read read;
    char text[DATE_TEXT];
    if (!date_read(cell, import_date_order(plan, column), &read)) {
        FAIL_FIELD(c, pointer_of(c, k), "date.syntax");
        return (struct value){0};
    }
    if (k->field->type == FIELD_INSTANT) {
        return (struct value){VALUE_INTEGER, date_read_instant(&read, plan->zone), STR("")};
    }
    date_format(date_read_date(&read, plan->zone), text);
    return (struct value){VALUE_TEXT, 0, str_copy(c->arena, str_from(text))};
}

/* How lists call what was done, and whether it is done; separated by bars. */
static const struct {
    const char *field, *code, *words;
} option_words[] = {
    {"type", "call", "电话沟通|电话拜访|电话跟进|打电话|去电|来电|通话|phone|phone call"},
    {"type", "visit", "上门|上门拜访|实地拜访|客户拜访|面访|拜访客户|on-site visit"},
    {"type", "message", "微信|微信沟通|企业微信|企微|短信|qq|钉钉|wechat|wecom|sms"},
    {"type", "mail", "电子邮件|发邮件|email|e-mail"},
    {"type", "meeting", "线上会议|视频会议|面谈|会谈|开会|video call"},
    {"type", "note", "其他|其它|记录|跟进记录|other"},
    {"status", "done", "已完成|已办|已处理|closed|completed"},
    {"status", "open", "未完成|待处理|未处理|进行中|pending"}};

/* What a word of lists stands for among the options of activities and tasks. */
static const struct field_option *option_worded(struct ctx *c, const struct import_plan *plan,
                                                const struct field *f, struct str cell) {
    struct str key = text_search_key(c->arena, cell);
    for (size_t i = 0; i < sizeof option_words / sizeof *option_words; i++) {
        if (str_is(f->name, option_words[i].field) && import_has_subject(plan->entity) &&
            str_lists(str_from(option_words[i].words), '|', key)) {
            return field_option(f, str_from(option_words[i].code));
        }
    }
    return NULL;
}

static struct value option_value(struct ctx *c, const struct import_plan *plan, size_t column,
                                 struct str cell) {
    const struct import_column *k = &plan->columns[column];
    const struct field_option *o = option_called(c, k->field, cell);
    o = o ? o : option_worded(c, plan, k->field, cell);
    if (o) {
        return (struct value){VALUE_TEXT, 0, o->code};
    }
    FAIL_FIELD(c, pointer_of(c, k), "import.no_such", {"value", cell});
    return (struct value){0};
}

/* In the column's currency, unless the cell names its own. */
static struct value money_value(struct ctx *c, const struct import_column *k, struct str cell) {
    struct str currency = k->currency.n ? k->currency : company_currency(c);
    struct ctx scratch = {.arena = c->arena, .model = c->model};
    struct str with = str_format(c->arena, "%.*s %.*s", STR_ARG(cell), STR_ARG(currency));
    struct value v = value_from_text(&scratch, k->field, with);
    return ctx_failed(&scratch) ? value_from_text(c, k->field, cell) : v;
}

static struct value scaled(struct ctx *c, const struct import_column *k, struct value v) {
    if (v.kind == VALUE_NULL) {
        return v;
    }
    if (__builtin_mul_overflow(v.integer, k->scale, &v.integer)) {
        return value_fail(c, k->field, "number.too_large");
    }
    return value_bounded(c, k->field, v.integer).kind == VALUE_NULL ? (struct value){0} : v;
}

static struct value number_value(struct ctx *c, const struct import_column *k, struct str cell) {
    struct value v = k->field->type == FIELD_MONEY ? money_value(c, k, cell)
                                                   : value_from_text(c, k->field, cell);
    return scaled(c, k, v);
}

/* The record that a person has said a value stands for: a rule names it by its id. */
static struct value chosen_value(struct ctx *c, struct import_plan *plan, size_t column,
                                 int64_t id) {
    const struct import_column *k = &plan->columns[column];
    struct str key = str_format(c->arena, "\x1F%lld", (long long)id); /* called so is nobody */
    int64_t there = import_cache_get(plan->cache, column, key);
    if (there < 0) {
        struct record *r = k->field->target ? record_load(c, k->field->target, id) : NULL;
        there = r && access_record(c, ACTION_READ, r);
        import_cache_put(plan->cache, column, key, there);
    }
    if (!there) {
        FAIL_FIELD(c, pointer_of(c, k), "reference.absent");
        return (struct value){0};
    }
    return (struct value){VALUE_INTEGER, id, STR("")};
}

/* What the cell stands for by the column's replacements; *unknown when that is nothing. */
static struct str replaced(const struct import_column *k, struct str cell, bool *unknown) {
    const struct json *to = k->replace ? json_get_str(k->replace, cell) : NULL;
    *unknown = cell.n == 0 || json_is(to, JSON_IS_NULL);
    return json_is(to, JSON_IS_TEXT) ? to->text : cell;
}

int64_t import_chosen(const struct import_column *column, struct str cell) {
    const struct json *to = column->replace ? json_get_str(column->replace, text_trim(cell)) : NULL;
    return json_is(to, JSON_IS_OBJECT) ? json_id(to, "id") : 0;
}

struct str import_text(const struct import_plan *plan, size_t column, struct str cell) {
    bool unknown;
    cell = replaced(&plan->columns[column], text_trim(cell), &unknown);
    return unknown ? STR("") : cell;
}

struct value import_value(struct ctx *c, struct import_plan *plan, size_t column, struct str cell) {
    const struct import_column *k = &plan->columns[column];
    int64_t chosen = import_chosen(k, cell);
    bool unknown;
    if (chosen && k->field && k->field->target) {
        return chosen_value(c, plan, column, chosen);
    }
    cell = replaced(k, text_trim(cell), &unknown);
    if (unknown || !k->field) {
        return (struct value){0};
    }
    switch (k->field->type) {
    case FIELD_REFERENCE:
        if (str_is(k->field->name, "owner_id") && !k->create_missing) {
            return owner_value(c, plan, column, cell);
        }
        return k->field->target ? reference_value(c, plan, column, cell) : (struct value){0};
    case FIELD_DATE:
    case FIELD_INSTANT:
        return date_value(c, plan, column, cell);
    case FIELD_OPTION:
        return option_value(c, plan, column, cell);
    case FIELD_MONEY:
    case FIELD_INTEGER:
    case FIELD_QUANTITY:
        return number_value(c, k, cell);
    default:
        return value_from_text(c, k->field, cell);
    }
}

/* What a record is called when the file has no column for it: its references, else its id. */
static void give_title(struct ctx *c, struct import_plan *plan, const struct table_row *row,
                       struct change_set *set) {
    const struct field *title = plan->entity->title;
    struct text_buffer name = {.arena = c->arena};
    if (!title || set->set[title->position] || import_has_subject(plan->entity)) {
        return; /* what was done is not made up */
    }
    for (size_t i = 0; i < plan->n; i++) {
        const struct field *f = plan->columns[i].field;
        bool telling = f && f->type == FIELD_REFERENCE &&
                       (str_is(f->name, "account_id") || str_is(f->name, "product_id"));
        struct str cell = telling ? text_trim(table_cell(row, i)) : STR("");
        if (cell.n) {
            text_add_c(&name, name.n ? " " : "");
            text_add(&name, cell);
        }
    }
    if (!name.n && plan->n) {
        text_add(&name, text_trim(table_cell(row, 0)));
    }
    change_text(set, str_to_c(c->arena, title->name), text_truncate(text_str(&name), 100));
}

/* A login for imported people who have none: their name in small letters. */
static void give_login(struct ctx *c, struct change_set *set) {
    const struct field *login = entity_field(set->entity, STR("login"));
    if (!str_is(set->entity->name, "user") || !login || set->set[login->position]) {
        return;
    }
    struct str name = set->values[set->entity->title->position].text;
    struct pinyin p = text_pinyin(c->arena, name);
    struct text_buffer out = {.arena = c->arena};
    for (size_t i = 0; i < p.full.n; i++) {
        if ((unsigned char)p.full.p[i] > ' ') {
            text_add_char(&out, p.full.p[i]);
        }
    }
    change_text(set, "login", text_str(&out));
}

/* The importer's when the file names nobody; a name that is unknown here is kept. */
static void give_owner(const struct import_plan *plan, struct change_set *set) {
    const struct field *owner = entity_field(plan->entity, STR("owner_id"));
    bool unknown = plan->unknown_owner.n > 0;
    if (owner && !set->set[owner->position]) {
        change_id(set, "owner_id", unknown ? 0 : plan->author_id);
    }
    if (unknown && entity_field(plan->entity, STR("original_owner"))) {
        change_text(set, "original_owner", text_truncate(plan->unknown_owner, OWNER_NAME));
    }
}

/* Of what was done with a customer, who did it has written it down, when it was done. */
static void give_author(struct change_set *set) {
    if (!str_is(set->entity->name, "activity")) {
        return;
    }
    int owner = field_position(set->entity, "owner_id"),
        at = field_position(set->entity, "occurred_at");
    if (!set->set[SYSTEM_CREATED_BY] && set->set[owner]) {
        change_id(set, "created_by", set->values[owner].integer);
    }
    if (!set->set[SYSTEM_CREATED_AT] && set->set[at]) {
        change_int(set, "created_at", set->values[at].integer);
    }
}

/* What an activity moves of the record it is about is taken back with it. */
static void subject_moved(struct ctx *c, struct import_plan *plan, const struct record *made) {
    if (made && str_is(plan->entity->name, "activity")) {
        plan->completed = (struct import_made){
            model_entity(c->model, record_text(made, "subject_type")),
            record_id(made, "subject_id")};
    }
}

struct str import_joined(struct arena *a, const struct import_column *column, struct str before,
                         struct str cell) {
    if (!before.n || !cell.n) {
        return before.n ? before : cell;
    }
    bool western = (unsigned char)cell.p[0] < 0x80;
    bool in_front = column->part == (western ? GIVEN_NAME : FAMILY_NAME);
    const char *mark = column->part != WHOLE_NAME               ? western ? " " : ""
                       : column->field->type == FIELD_LONG_TEXT ? "\n"
                                                                : " / ";
    return str_format(a, "%.*s%s%.*s", STR_ARG(in_front ? cell : before), mark,
                      STR_ARG(in_front ? before : cell));
}

/* Whether columns of this type say something together. */
static bool together(const struct field *f) {
    return f->type == FIELD_TEXT || f->type == FIELD_LONG_TEXT || f->type == FIELD_PHONE ||
           f->type == FIELD_REGION;
}

/* What the row says of the column's field: in all columns that fill it, told by the first; empty
 * in the others. */
static struct str cell_whole(struct ctx *c, const struct import_plan *plan, size_t column,
                             const struct table_row *row) {
    const struct field *f = plan->columns[column].field;
    struct str whole = table_cell(row, column);
    for (size_t i = 0; together(f) && i < plan->n; i++) {
        if (plan->columns[i].field == f && i < column) {
            return STR("");
        }
        if (plan->columns[i].field == f && i > column) {
            struct str cell = import_text(plan, i, table_cell(row, i));
            whole = import_joined(c->arena, &plan->columns[i], text_trim(whole), cell);
        }
    }
    return whole;
}

void import_row_values(struct ctx *c, struct import_plan *plan, const struct table_row *row,
                       struct change_set *set) {
    for (size_t i = 0; i < plan->n; i++) {
        const struct import_column *k = &plan->columns[i];
        const struct field *f = k->field;
        bool subject = f && f->type == FIELD_REFERENCE && !f->target;
        if (!f || subject) {
            continue;
        }
        struct value v = import_value(c, plan, i, cell_whole(c, plan, i, row));
        if (v.kind != VALUE_NULL) {
            change_value(set, f, v);
        }
    }
    if (import_has_subject(plan->entity)) {
        import_row_subject(c, plan, row, set);
    }
}

int64_t import_own_chosen(const struct import_plan *plan, const struct table_row *row) {
    int64_t id = 0;
    for (size_t i = 0; i < plan->n && !id; i++) {
        const struct import_column *k = &plan->columns[i];
        id = k->field && k->field == plan->entity->title ? import_chosen(k, table_cell(row, i)) : 0;
    }
    return id;
}

struct record *import_met(struct ctx *c, struct import_plan *plan, const struct table_row *row,
                          struct change_set *set) {
    struct import_keys keys = import_keys(c, set);
    int64_t chosen = import_own_chosen(plan, row);
    if (chosen) {
        struct record *r = record_load(c, plan->entity, chosen);
        if (r && access_record(c, ACTION_READ, r)) {
            return r;
        }
        FAIL_FIELD(c, field_pointer(c, plan->entity->title), "reference.absent");
    } else if (!str_is(plan->entity->name, "opportunity") || keys.n) {
        struct record *known = import_known(c, set, &keys);
        plan->namesakes = ctx_failed(c);
        return known;
    }
    plan->namesakes = chosen != 0;
    if (chosen) {
        return NULL;
    }
    bool named = set->set[plan->entity->title->position];
    give_title(c, plan, row, set);
    return import_known_deal(c, plan, set, named);
}

void import_row_given(struct ctx *c, struct import_plan *plan, const struct table_row *row,
                      struct change_set *set) {
    give_title(c, plan, row, set);
    give_login(c, set);
    give_owner(plan, set);
    give_author(set);
}

static enum import_verdict plain_row(struct ctx *c, struct import_plan *plan,
                                     const struct table_row *row, int64_t *id) {
    struct change_set set = change_new(c, plan->entity);
    import_row_values(c, plan, row, &set);
    if (ctx_failed(c)) {
        return IMPORT_REFUSE; /* what else it lacks, it lacks for that */
    }
    struct record *known = import_met(c, plan, row, &set);
    if (ctx_failed(c)) {
        return IMPORT_REFUSE;
    }
    if (known) {
        *id = known->id;
        return plan->alike ? IMPORT_MERGE : import_complete(c, plan, &set, known);
    }
    import_row_given(c, plan, row, &set);
    struct record *made = record_insert(c, &set);
    *id = made ? made->id : 0;
    import_row_made(plan, plan->entity, *id);
    subject_moved(c, plan, made);
    return made ? IMPORT_CREATE : IMPORT_REFUSE;
}

void import_row_begin(struct import_plan *plan) {
    plan->n_links = plan->n_made = plan->n_merged = plan->n_tagged = 0;
    plan->completed = (struct import_made){0};
    plan->alike = plan->namesakes = false;
    plan->unknown_owner = STR("");
    plan->remarks = (struct error){0};
}

enum import_verdict import_row(struct ctx *c, struct import_plan *plan, const struct table_row *row,
                               int64_t *id) {
    *id = 0;
    import_row_begin(plan);
    if (import_row_is_noise(plan, row)) {
        return IMPORT_SKIP;
    }
    enum import_verdict verdict = str_is(plan->entity->name, "lead")
                                      ? import_lead_row(c, plan, row, id)
                                      : plain_row(c, plan, row, id);
    if (*id && !ctx_failed(c) && verdict != IMPORT_REFUSE) {
        import_row_tags(c, plan, row, *id);
    }
    return verdict;
}
