/*
 * The grid in which targets are set: for the company, its departments and the people who sell, a
 * year's months, quarters or the year itself, with what holds where nothing is given. Many cells
 * are written at once, all or none. Everybody sees those whom his right to read targets reaches.
 */
#include "base/message.h"
#include "base/module.h"
#include "db/sql.h"
#include "entity/access.h"
#include "http/route.h"
#include "organization/company.h"
#include "sales/sales.h"
#include "sales/target.h"

enum { LINES_MOST = 500, CELLS_MOST = 12, SET_MOST = 600 };

struct line {
    enum target_subject subject;
    int64_t id;
    struct str title;
    bool writable;
};

struct grid {
    struct ctx *c;
    const struct entity *target;
    enum target_measure measure;
    enum period_kind kind;
    int64_t year_from;
    struct line lines[LINES_MOST];
    size_t n;
};

static const char *const subject_names[] = {"person", "team", "department", "company"};

static void line_add(struct grid *g, struct line line) {
    if (g->n < LINES_MOST) {
        g->lines[g->n++] = line;
    }
}

static void ids_in(struct sql *q, struct id_set set) {
    SQL_ADD(q, " IN (0");
    for (size_t i = 0; i < set.n; i++) {
        SQL_ADD(q, ", ");
        SQL_VALUE(q, set.ids[i]);
    }
    SQL_ADD(q, ")");
}

static bool reaches(const struct ctx *c, enum scope scope, const struct line *l) {
    switch (l->subject) {
    case TARGET_DEPARTMENT:
        return scope == SCOPE_ALL ||
               (scope == SCOPE_TREE && id_set_has(c->actor->departments, l->id));
    case TARGET_TEAM:
        return scope == SCOPE_ALL || (scope >= SCOPE_TEAM && id_set_has(c->actor->teams, l->id));
    default:
        return scope == SCOPE_ALL;
    }
}

static void places_read(struct grid *g, enum target_subject subject) {
    struct ctx *c = g->c;
    struct db_rows rows;
    if (subject == TARGET_DEPARTMENT) {
        DB_QUERY(c, &rows,
                 "SELECT id, name FROM department WHERE deleted_at IS NULL ORDER BY id LIMIT $1",
                 (int64_t)LINES_MOST);
    } else {
        DB_QUERY(c, &rows,
                 "SELECT id, name FROM team WHERE deleted_at IS NULL ORDER BY id LIMIT $1",
                 (int64_t)LINES_MOST);
    }
    while (db_next(&rows)) {
        struct line l = {subject, db_int(&rows, 0), db_text(&rows, 1), false};
        l.writable = reaches(c, access_scope(c->actor, g->target, ACTION_UPDATE), &l);
        if (reaches(c, access_scope(c->actor, g->target, ACTION_READ), &l)) {
            line_add(g, l);
        }
    }
}

/* Those who have a deal, a lead or a target, for most of a company sell nothing. */
static void people_read(struct grid *g) {
    struct ctx *c = g->c;
    enum scope read = access_scope(c->actor, g->target, ACTION_READ);
    enum scope write = access_scope(c->actor, g->target, ACTION_UPDATE);
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT u.id, u.name FROM \"user\" u WHERE u.active = 1 AND u.deleted_at IS NULL "
                "AND (EXISTS (SELECT 1 FROM opportunity d WHERE d.owner_id = u.id "
                "AND d.deleted_at IS NULL) OR EXISTS (SELECT 1 FROM lead l WHERE l.owner_id = u.id "
                "AND l.deleted_at IS NULL) OR "
                "EXISTS (SELECT 1 FROM target t WHERE t.user_id = u.id AND t.deleted_at IS NULL))");
    if (read == SCOPE_TREE) {
        SQL_ADD(&q, " AND (u.department_id");
        ids_in(&q, c->actor->departments);
        SQL_ADD(&q, " OR u.id = ");
        SQL_VALUE(&q, c->actor->user_id);
        SQL_ADD(&q, ")");
    } else if (read == SCOPE_TEAM) {
        SQL_ADD(&q, " AND u.id");
        ids_in(&q, c->actor->members);
    } else if (read != SCOPE_ALL) {
        SQL_ADD(&q, " AND u.id = ");
        SQL_VALUE(&q, read == SCOPE_OWN ? c->actor->user_id : 0);
    }
    SQL_ADD(&q, " ORDER BY u.department_id, u.id LIMIT ");
    sql_number(&q, LINES_MOST);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        int64_t id = db_int(&rows, 0);
        bool may = write == read || (write == SCOPE_OWN && id == c->actor->user_id);
        line_add(g, (struct line){TARGET_PERSON, id, db_text(&rows, 1), may && write});
    }
}

static void value_json(struct grid *g, struct json_writer *w, int64_t value) {
    if (g->measure == TARGET_WON_AMOUNT) {
        value_to_json(w, entity_field(g->target, STR("amount")),
                      (struct value){VALUE_MONEY, value, company_currency(g->c)});
    } else {
        json_put_int(w, value);
    }
}

static void cells_json(struct grid *g, struct json_writer *w, struct target_book *const *books,
                       const struct line *l, int n) {
    json_key(w, "cells");
    json_begin_array(w);
    for (int k = 0; k < n; k++) {
        struct target t = target_of(books[k], l->subject, l->id);
        json_begin_object(w);
        JSON_MEMBER(w, "basis", json_put_c, target_basis_name(t.basis));
        json_key(w, "value");
        if (t.basis == TARGET_NONE) {
            json_put_null(w);
        } else {
            value_json(g, w, t.value);
        }
        json_end_object(w);
    }
    json_end_array(w);
}

static void grid_json(struct grid *g, struct json_writer *w) {
    struct target_book *books[CELLS_MOST];
    struct period p = period_at(g->kind, g->year_from);
    int n = 0, year = date_from_days(g->year_from).year;
    json_begin_object(w);
    JSON_MEMBER(w, "measure", json_put_c, target_measure_name(g->measure));
    JSON_MEMBER(w, "currency", json_put_str, company_currency(g->c));
    json_key(w, "periods");
    json_begin_array(w);
    for (; n < CELLS_MOST && date_from_days(p.from).year == year; p = period_step(p, 1)) {
        json_begin_object(w);
        JSON_MEMBER(w, "code", json_put_str, period_code(g->c->arena, p));
        JSON_MEMBER(w, "starts_on", json_put_str, period_date(g->c->arena, p.from));
        json_end_object(w);
        books[n++] = target_book_read(g->c, p, g->measure);
    }
    json_end_array(w);
    json_key(w, "lines");
    json_begin_array(w);
    for (size_t i = 0; i < g->n && !ctx_failed(g->c); i++) {
        const struct line *l = &g->lines[i];
        json_begin_object(w);
        JSON_MEMBER(w, "subject", json_put_c, subject_names[l->subject]);
        JSON_MEMBER(w, "id", json_put_id, l->id);
        JSON_MEMBER(w, "title", json_put_str, l->title);
        JSON_MEMBER(w, "writable", json_put_bool, l->writable);
        cells_json(g, w, books, l, n);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

static bool grid_read(struct request *r, struct grid *g) {
    struct ctx *c = r->c;
    struct str measure = request_query(r, "measure"), kind = request_query(r, "period");
    int64_t year = request_query_int(r, "year", date_from_days(period_today(c)).year);
    *g = (struct grid){.c = c,
                       .target = entity_named(c, "target"),
                       .measure = TARGET_WON_AMOUNT,
                       .kind = PERIOD_MONTH};
    if (measure.n && !target_measure_find(measure, &g->measure)) {
        FAIL_FIELD(c, STR("/measure"), "option.unknown");
    }
    if (kind.n && (!period_kind_find(kind, &g->kind) || g->kind < PERIOD_MONTH)) {
        FAIL_FIELD(c, STR("/period"), "option.unknown");
    }
    if (year < 2000 || year > 2200) {
        FAIL_FIELD(c, STR("/year"), "date.syntax");
        return false;
    }
    g->year_from = date_to_days((struct date){(int)year, 1, 1});
    if (access_scope(c->actor, g->target, ACTION_READ) == SCOPE_NONE) {
        FAIL(c, ERROR_DENIED, "access.denied");
    }
    return !ctx_failed(c);
}

static void grid_get(struct request *r) {
    struct ctx *c = r->c;
    struct grid *g = ARENA_NEW(c->arena, struct grid);
    if (!grid_read(r, g)) {
        return;
    }
    struct line company = {TARGET_COMPANY, 0, company_text(c, "name"), false};
    company.writable = access_scope(c->actor, g->target, ACTION_UPDATE) == SCOPE_ALL;
    if (access_scope(c->actor, g->target, ACTION_READ) == SCOPE_ALL) {
        line_add(g, company);
    }
    places_read(g, TARGET_DEPARTMENT);
    places_read(g, TARGET_TEAM);
    people_read(g);
    struct json_writer w = json_writer(c->arena);
    grid_json(g, &w);
    reply_json(r, 200, &w);
}

/* A cell as a record, through the same door as any other. */
static struct change_set cell_change(struct ctx *c, const struct json *body,
                                     const struct json *cell, bool amount) {
    static const char *const ids[] = {"user_id", "team_id", "department_id"};
    const struct entity *e = entity_named(c, "target");
    struct change_set set = change_new(c, e);
    struct str subject = json_text(cell, "subject");
    const struct json *value = json_get(cell, "value");
    change_text(&set, "subject", subject);
    for (int i = 0; i < 3; i++) {
        if (str_is(subject, subject_names[i])) {
            change_id(&set, ids[i], json_id(cell, "id"));
        }
    }
    change_text(&set, "measure", json_text(body, "measure"));
    change_text(&set, "period", json_text(body, "period"));
    change_text(&set, "starts_on", json_text(cell, "starts_on"));
    if (amount) {
        struct json money[2] = {{.kind = JSON_IS_TEXT, .text = value->text},
                                {.kind = JSON_IS_TEXT, .text = company_currency(c)}};
        struct json_member members[2] = {{STR("amount"), money[0]}, {STR("currency"), money[1]}};
        struct json object = {.kind = JSON_IS_OBJECT, .n = 2, .members = members};
        const struct field *f = entity_field(e, STR("amount"));
        change_value(&set, f, value_from_json(c, f, &object));
    } else {
        const struct field *f = entity_field(e, STR("count"));
        change_value(&set, f, value_from_json(c, f, value));
    }
    return set;
}

static int64_t cell_find(struct ctx *c, const struct json *body, const struct json *cell) {
    struct str key = str_format(
        c->arena, "%.*s:%lld:%.*s:%.*s:%.*s", STR_ARG(json_text(cell, "subject")),
        (long long)json_id(cell, "id"), STR_ARG(json_text(body, "period")),
        STR_ARG(json_text(cell, "starts_on")), STR_ARG(json_text(body, "measure")));
    return DB_INT(c, "SELECT id FROM target WHERE key = $1 AND deleted_at IS NULL", key);
}

static void cell_set(struct ctx *c, const struct json *body, const struct json *cell) {
    const struct entity *e = entity_named(c, "target");
    const struct json *value = json_get(cell, "value");
    bool amount = str_is(json_text(body, "measure"), "won_amount");
    int64_t id = cell_find(c, body, cell);
    if (!value || value->kind == JSON_IS_NULL) {
        if (id) {
            record_trash(c, e, id, 0);
        }
        return;
    }
    if (amount && value->kind != JSON_IS_TEXT) {
        FAIL_FIELD(c, STR("/value"), "money.shape");
        return;
    }
    struct change_set set = cell_change(c, body, cell, amount);
    if (ctx_failed(c)) {
        return;
    }
    if (!id) {
        record_create(c, &set);
        return;
    }
    struct change_set only = change_new(c, e);
    const char *field = amount ? "amount" : "count";
    change_value(&only, entity_field(e, str_from(field)), set.values[field_position(e, field)]);
    record_update(c, id, &only, 0);
}

static void targets_set(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    const struct json *cells = json_get(body, "cells");
    if (!body) {
        return;
    }
    if (!json_is(cells, JSON_IS_ARRAY) || cells->n == 0 || cells->n > SET_MOST) {
        FAIL_FIELD(c, STR("/cells"), "target.cells");
        return;
    }
    for (size_t i = 0; i < cells->n && !ctx_failed(c); i++) {
        cell_set(c, body, &cells->items[i]);
        for (struct field_error *e = c->error.fields; e; e = e->next) {
            e->pointer = str_format(c->arena, "/cells/%zu%.*s", i, STR_ARG(e->pointer));
        }
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "set", json_put_int, (int64_t)cells->n);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/targets/grid", PERMISSION_RECORD, LANE_SLOW, grid_get,
     .summary = "route.target_grid", .query = "measure:text period:text year:integer",
     .answer = "measure:text! currency:text! periods:[(code:text! starts_on:date!)]! "
               "lines:[(subject:text! id:id?! title:text! writable:boolean! cells:[object]!)]!"},
    {METHOD_POST, "/api/v1/targets/set", PERMISSION_RECORD, LANE_WRITER, targets_set,
     .summary = "route.targets_set",
     .body = "measure:text! period:text! "
             "cells:[(subject:text! id:id? starts_on:date! value:any)]!",
     .answer = "set:integer!"},
    {0}};

static const struct text texts[] = {
    {"target.cells", "一次写 1 到 600 个目标", "Set 1 to 600 targets at once"},
    {"route.target_grid", "一年的目标", "Targets of a year"},
    {"route.targets_set", "一次写多个目标", "Set many targets at once"},
    {0}};

const struct module target_grid_module = {
    .name = "sales.target_grid", .cloud = "sales", .routes = routes, .texts = texts};
