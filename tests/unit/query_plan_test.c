/*
 * No shipped list scans what an index can find.
 *
 * The statements of every list (record types × sorts by indexed fields × equalities on
 * indexed fields × three roles × first and later page) are made as for large tables and shown
 * to the planner, on the schema and statistics that the program ships. A scan of the table, or
 * a sort of what an index could yield in order, fails.
 */
#include "shipped_fixture.h"

#include "db/sql.h"
#include "entity/query_index.h"
#include "entity/query_plan.h"

struct checked {
    struct ctx *c;
    int statements, faults;
    char first[600]; /* fault found */
};

static struct ctx *begin(void **state) {
    struct ctx *c = shipped_begin(state);
    if (db_engine(c->db) == DB_POSTGRES) {
        DB_RUN(c, "SET LOCAL enable_bitmapscan = off");
    }
    return c;
}

static void fault(struct checked *k, const struct list_plan *p, const char *role, struct str line) {
    if (k->faults++ > 0) {
        return;
    }
    struct text_buffer b = {.arena = k->c->arena};
    for (int i = 0; i < p->n_keys; i++) {
        text_add_c(&b, p->keys[i].descending ? " -" : " ");
        text_add(&b, p->keys[i].field->name);
    }
    snprintf(k->first, sizeof k->first, "%.*s for the %s by%.*s%s%.*s: %.*s",
             STR_ARG(p->request->entity->name), role, STR_ARG(text_str(&b)),
             p->driver ? " driven by " : "", p->driver ? (int)p->driver->field->name.n : 0,
             p->driver ? p->driver->field->name.p : "", STR_ARG(line));
}

static bool says(struct str line, const char *what) {
    return str_find(line, str_from(what)) >= 0;
}

/* The table t is always read through an index that was there before. */
static bool scans(enum db_engine engine, struct str line) {
    if (engine == DB_POSTGRES) {
        return says(line, "Seq Scan");
    }
    return (str_starts(line, STR("SCAN t")) && !says(line, "INDEX")) || says(line, "AUTOMATIC");
}

static bool sorts(enum db_engine engine, struct str line) {
    return says(line, engine == DB_POSTGRES ? "Sort  (" : "USE TEMP B-TREE FOR");
}

static void explain(struct checked *k, const struct list_plan *p, const char *role,
                    const struct list_page_part *part) {
    struct ctx *c = k->c;
    bool sqlite = db_engine(c->db) == DB_SQLITE;
    struct sql page = sql_new(c->arena), q = sql_new(c->arena);
    list_put_page(c, &page, p, part);
    sql_literal(&q, sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ");
    sql_append(&q, &page);
    /* PostgreSQL sorts a merged page's fifty rows again after fetching them. */
    /* What is opened by little is a set, and sorted. */
    bool beyond = p->path == LIST_BY_RANGE && !p->driver->leaf && p->range.opens;
    bool merged = p->path == LIST_BY_RANGE && p->driver->n + beyond > 1;
    int as_set = beyond && !p->many;
    int sorted = 0, may_sort = p->path == LIST_BY_SET ? 10 : (merged && !sqlite) + as_set;
    bool page_before = false, fetched = false;
    struct db_rows rows;
    k->statements++;
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        struct str line = str_trim(db_text(&rows, sqlite ? 3 : 0));
        sorted += sorts(db_engine(c->db), line);
        fetched = page_before && str_starts(line, STR("SEARCH t USING INTEGER PRIMARY KEY"));
        page_before = str_is(line, "SCAN page");
        if (scans(db_engine(c->db), line) || sorted > may_sort) {
            fault(k, p, role, line);
            sorted = 0;
        }
    }
    /* SQLite is not told to order the records it fetches: they must come as the page does. */
    if (sqlite && says(text_str(&page.text), " page ") && !fetched) {
        fault(k, p, role, STR("the page is not what records are fetched by"));
    }
    assert_ok(c);
}

static struct list_page_part later_page(const struct list_plan *p) {
    struct list_page_part part = {.limit = 51, .at = {.given = true}};
    for (int i = 0; i < p->n_keys; i++) {
        bool text = field_is_text(p->keys[i].field) || p->keys[i].field->type == FIELD_DATE;
        part.at.values[i] = text ? (struct value){.kind = VALUE_TEXT, .text = STR("m")}
                                 : (struct value){.kind = VALUE_INTEGER, .integer = 5};
    }
    return part;
}

static void check_list(struct checked *k, const struct list_request *request, const char *role) {
    const struct list_plan *p = list_plan(k->c, request);
    struct list_page_part first = {.limit = 51}, later = later_page(p);
    explain(k, p, role, &first);
    explain(k, p, role, &later);
    if (p->keys[0].nullable) {
        first.phase = LIST_PHASE_EMPTY;
        explain(k, p, role, &first);
    }
}

static const struct condition *equality(struct ctx *c, const struct entity *e,
                                        const struct field *f) {
    const char *value = f->type == FIELD_OPTION      ? str_to_c(c->arena, f->options[0].code)
                        : f->type == FIELD_REFERENCE ? "12"
                                                     : NULL;
    if (!value) {
        return NULL;
    }
    const struct condition *cond = condition_parse_text(
        c, e,
        str_format(c->arena, "{\"field\":\"%.*s\",\"op\":\"eq\",\"value\":\"%s\"}",
                   STR_ARG(f->name), value));
    assert_ok(c);
    return cond;
}

static bool listed_by_index(const struct entity *e, const struct field *f) {
    return query_index_has(e, f) && !(f->flags & (FIELD_HIDDEN | FIELD_UNIQUE | FIELD_SYSTEM));
}

static void check_sorts(struct checked *k, struct list_request *request, const char *role) {
    const struct entity *e = request->entity;
    request->n_sorts = 0;
    check_list(k, request, role);
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        bool sorts = listed_by_index(e, f) && f->type != FIELD_REFERENCE;
        if (!sorts && f->position != SYSTEM_CREATED_AT) {
            continue;
        }
        for (int descending = 0; descending < 2; descending++) {
            request->n_sorts = 1;
            request->sorts[0] = (struct list_sort){f, descending};
            check_list(k, request, role);
        }
    }
}

/* A range of a field and the order by it, and by age. */
static void check_range(struct checked *k, struct list_request *request, const struct field *f,
                        const char *role) {
    struct ctx *c = k->c;
    bool instant = f->type == FIELD_INSTANT;
    bool number = f->type == FIELD_INTEGER || f->type == FIELD_QUANTITY;
    if (!instant && !number && f->type != FIELD_DATE) {
        return;
    }
    const char *format = number ? "{\"field\":\"%.*s\",\"op\":\"lt\",\"value\":5}"
                                : "{\"field\":\"%.*s\",\"op\":\"within_last\",\"value\":\"3d\"}";
    request->where = condition_parse_text(c, request->entity,
                                          str_format(c->arena, format, STR_ARG(f->name)));
    assert_ok(c);
    for (int sorted = 0; sorted < 2; sorted++) {
        request->n_sorts = sorted;
        request->sorts[0] = (struct list_sort){f, false};
        check_list(k, request, role);
    }
}

static void check_entity(struct checked *k, const struct entity *e, const char *role) {
    struct list_request request = {.entity = e, .trashed = true};
    check_list(k, &request, role);
    request.trashed = false;
    check_sorts(k, &request, role);
    check_range(k, &request, &e->fields[SYSTEM_CREATED_AT], role);
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        bool filter = f->position == SYSTEM_OWNER_ID || listed_by_index(e, f);
        request.where = filter ? equality(k->c, e, f) : NULL;
        if (request.where) {
            check_sorts(k, &request, role);
        }
        if (listed_by_index(e, f)) {
            check_range(k, &request, f, role);
        }
    }
}

static bool large(const struct entity *e) {
    return !(e->flags & (ENTITY_SETTING | ENTITY_INTERNAL));
}

static struct checked check_all(struct ctx *c) {
    static const struct {
        const char *name;
        enum scope scope;
    } roles[] = {
        {"administrator", SCOPE_ALL}, {"manager", SCOPE_TREE}, {"representative", SCOPE_OWN}};
    static const int64_t departments[] = {3, 4, 5, 6};
    struct checked k = {.c = c};
    for (int r = 0; r < 3; r++) {
        struct actor *a = entity_actor(c, 2, 3, roles[r].scope);
        a->departments = (struct id_set){departments, 4};
        c->actor = a;
        for (int i = 0; i < c->model->n_entities; i++) {
            const struct entity *e = &c->model->entities[i];
            if (large(e) && access_scope(a, e, ACTION_READ) != SCOPE_NONE) {
                check_entity(&k, e, roles[r].name);
            }
        }
    }
    c->actor = &actor_system;
    return k;
}

/* As if every candidate were large, and as if some were small. */
static void lists_use_indexes(void **state) {
    struct ctx *c = begin(state);
    static const struct list_limits sizes[] = {{-1, -1, -1, -1, 64},
                                               {1000, 1000, 10000, 10000, 64}};
    const struct list_limits shipped = list_limits;
    for (int i = 0; i < 2; i++) {
        list_limits = sizes[i];
        struct checked k = check_all(c);
        list_limits = shipped;
        assert_true(k.statements > 500);
        if (k.faults > 0) {
            fail_msg("%d of %d statements, first %s", k.faults, k.statements, k.first);
        }
    }
}

/* Without the indexes the same check finds fault. */
static void the_check_minds(void **state) {
    struct ctx *c = begin(state);
    struct db_rows rows;
    struct str names[8];
    int n = 0;
    if (db_engine(c->db) == DB_SQLITE) {
        DB_QUERY(c, &rows,
                 "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'lead' AND "
                 "(sql LIKE '%(owner_%' OR sql LIKE '%(created_at%')");
    } else {
        DB_QUERY(c, &rows,
                 "SELECT CAST(indexname AS TEXT) FROM pg_indexes WHERE tablename = 'lead' AND "
                 "(indexdef LIKE '%(owner_%' OR indexdef LIKE '%(created_at%')");
    }
    while (db_next(&rows)) {
        names[n++] = db_text(&rows, 0);
    }
    assert_int_equal(n, 5);
    for (int i = 0; i < n; i++) {
        db_run_values(c, str_format(c->arena, "DROP INDEX %.*s", STR_ARG(names[i])).p, NULL, 0);
    }
    assert_ok(c);
    const struct list_limits shipped = list_limits;
    list_limits = (struct list_limits){-1, -1, -1, -1, 64};
    struct checked k = check_all(c);
    list_limits = shipped;
    assert_in_range(k.faults, 10, k.statements / 2);
    assert_memory_equal(k.first, "lead ", 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {ON_BOTH(lists_use_indexes), ON_BOTH(the_check_minds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
