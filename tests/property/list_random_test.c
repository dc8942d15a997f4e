/*
 * Lists return what they should, in order, page by page.
 *
 * Random requests (condition, sort, scope, page size, trash) over records full of equal and
 * empty values are read to the end by their cursors and compared with all records filtered and
 * sorted in memory. The planner's limits are lowered in turn, so that each of its ways is gone, and
 * every other request may be planned by what is remembered of an earlier one.
 * LIST_REQUESTS (400) requests an engine; LIST_SEED varies them.
 */
#include "entity_fixture.h"

#include "db/sql.h"
#include "db/unit.h"
#include "entity/query_memory.h"
#include "entity/row.h"

enum { DEALS = 300, FIRMS = 5, ACTORS = 5, CONDITIONS = 19 };

struct world {
    struct ctx *c;
    uint64_t random;
    const struct entity *deal;
    struct record *deals[DEALS];
    struct actor *actors[ACTORS];
    const struct condition *conditions[CONDITIONS];
    int64_t paths[LIST_BY_SET + 1]; /* requests that took each way */
    int64_t recalled;               /* requests that took the way of an earlier one */
};

/* splitmix64 */
static int below(struct world *w, int n) {
    uint64_t z = (w->random += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (int)((z ^ (z >> 31)) % (uint64_t)n);
}

static struct value integer(int64_t v) {
    return (struct value){.kind = VALUE_INTEGER, .integer = v};
}

static struct value text(const char *s) {
    return (struct value){.kind = VALUE_TEXT, .text = str_from(s)};
}

/* Few different values, many of them empty. */
static struct value random_value(struct world *w, const struct field *f) {
    static const char *const titles[] = {"a", "B", "b", "无锡", "天工", "aa", "~", "0"};
    static const char *const dates[] = {"2026-01-01", "2026-09-21", "2025-12-31"};
    switch (f->type) {
    case FIELD_MONEY:
        return (struct value){VALUE_MONEY, below(w, 4) - 1, STR("CNY")};
    case FIELD_DATE:
        return text(dates[below(w, 3)]);
    case FIELD_OPTION:
        return text(f->options[below(w, (int)f->n_options)].code.p);
    case FIELD_BOOLEAN:
    case FIELD_INTEGER:
    case FIELD_QUANTITY:
    case FIELD_INSTANT:
        return integer(below(w, 4) - 1);
    case FIELD_REFERENCE:
        return integer(1 + below(w, 5));
    default:
        return text(titles[below(w, 8)]);
    }
}

static void make_deal(struct world *w, int64_t id) {
    struct record *r = record_new(w->c, w->deal, id);
    for (int i = SYSTEM_DELETED_AT + 1; i < w->deal->n_fields; i++) {
        if (below(w, 3)) {
            r->values[i] = random_value(w, &w->deal->fields[i]);
        }
    }
    /* The department of the same number as its only user. */
    r->values[SYSTEM_OWNER_DEPARTMENT_ID] = r->values[SYSTEM_OWNER_ID];
    r->values[SYSTEM_CREATED_AT] = integer(1000 + below(w, 40));
    r->values[SYSTEM_UPDATED_AT] = integer(2000 + below(w, 40));
    r->values[SYSTEM_VERSION] = integer(1);
    if (below(w, 10) == 0) {
        r->values[SYSTEM_DELETED_AT] = integer(3000 + below(w, 5));
    }
    row_insert(w->c, r);
}

static void make_deals(struct world *w) {
    for (int i = 0; i < FIRMS; i++) {
        struct record *firm = record_new(w->c, entity_named(w->c, "firm"), 1 + i);
        firm->values[SYSTEM_CREATED_AT] = firm->values[SYSTEM_UPDATED_AT] = integer(1);
        firm->values[SYSTEM_VERSION] = integer(1);
        record_set_value(firm, "name", text(i % 2 ? "天工" : "other"));
        row_insert(w->c, firm);
    }
    for (int i = 0; i < DEALS; i++) {
        make_deal(w, 5000 + below(w, 3) + 3 * i);
    }
    struct sql q = sql_new(w->c->arena);
    SQL_ADD(&q, "SELECT ");
    record_columns(&q, w->deal, "t");
    SQL_ADD(&q, " FROM deal t");
    struct db_rows rows;
    int n = 0;
    sql_query(w->c, &rows, &q);
    while (db_next(&rows)) {
        w->deals[n++] = record_row(w->c, w->deal, &rows, 0);
    }
    assert_int_equal(n, DEALS);
}

static int64_t three[] = {1, 2, 4};

static void make_actors(struct world *w) {
    static const enum scope scopes[ACTORS] = {SCOPE_ALL, SCOPE_OWN, SCOPE_TEAM, SCOPE_TREE,
                                              SCOPE_OWN};
    for (int i = 0; i < ACTORS; i++) {
        struct actor *a = entity_actor(w->c, i == 4 ? 5 : 2, 2, scopes[i]);
        a->members = a->departments = (struct id_set){three, 3};
        w->actors[i] = a;
    }
    /* The last one was also given what is not its own. */
    for (int i = 0; i < DEALS; i += 9) {
        access_share(w->c, w->deals[i], STR("user"), 5, SHARE_READ);
    }
    assert_ok(w->c);
}

static void parse_conditions(struct world *w) {
    static const char *const texts[CONDITIONS] = {
        "null",
        "{\"field\":\"stage\",\"op\":\"eq\",\"value\":\"new\"}",
        "{\"field\":\"stage\",\"op\":\"in\",\"value\":[\"new\",\"won\"]}",
        "{\"field\":\"stage\",\"op\":\"in\",\"value\":[]}",
        "{\"all\":[{\"field\":\"stage\",\"op\":\"eq\",\"value\":\"won\"},"
        "{\"field\":\"firm_id\",\"op\":\"in\",\"value\":[\"1\",\"3\"]}]}",
        "{\"field\":\"owner_id\",\"op\":\"is_me\"}",
        "{\"field\":\"owner_id\",\"op\":\"in_my_team\"}",
        "{\"all\":[{\"field\":\"owner_id\",\"op\":\"in_my_tree\"},"
        "{\"field\":\"seats\",\"op\":\"gte\",\"value\":1}]}",
        "{\"not\":{\"field\":\"title\",\"op\":\"eq\",\"value\":\"b\"}}",
        "{\"field\":\"title\",\"op\":\"contains\",\"value\":\"B\"}",
        "{\"any\":[{\"field\":\"stage\",\"op\":\"eq\",\"value\":\"new\"},"
        "{\"field\":\"firm_id.name\",\"op\":\"eq\",\"value\":\"天工\"}]}",
        "{\"field\":\"amount\",\"op\":\"gt\",\"value\":{\"amount\":\"0.00\",\"currency\":\"CNY\"}}",
        "{\"field\":\"met_at\",\"op\":\"is_empty\"}",
        "{\"field\":\"firm_id\",\"op\":\"eq\",\"value\":\"2\"}",
        "{\"field\":\"closes_on\",\"op\":\"lt\",\"value\":\"2026-05-01\"}",
        "{\"field\":\"seats\",\"op\":\"between\",\"value\":[1,2]}",
        "{\"all\":[{\"field\":\"seats\",\"op\":\"gte\",\"value\":1},"
        "{\"field\":\"seats\",\"op\":\"lte\",\"value\":1},"
        "{\"field\":\"stage\",\"op\":\"eq\",\"value\":\"new\"}]}",
        "{\"all\":[{\"field\":\"region\",\"op\":\"eq\",\"value\":\"无锡\"},"
        "{\"field\":\"hot\",\"op\":\"eq\",\"value\":true}]}",
        "{\"field\":\"created_at\",\"op\":\"lt\",\"value\":\"1970-01-01T00:00:01.020Z\"}",
    };
    for (int i = 0; i < CONDITIONS; i++) {
        w->conditions[i] = condition_parse_text(w->c, w->deal, str_from(texts[i]));
        if (!w->conditions[i]) {
            fail_msg("%s: %s", texts[i], entity_errors(w->c));
        }
    }
}

static void make_world(struct world *w, void **state) {
    int64_t seed = 1;
    str_to_int(str_from(getenv("LIST_SEED")), &seed);
    *w = (struct world){.c = entity_fixture(state), .random = (uint64_t)seed};
    w->deal = entity_named(w->c, "deal");
    make_deals(w);
    make_actors(w);
    parse_conditions(w);
}

/* The oracle */

static const struct list_request *sorting;

static int compare_values(struct value a, struct value b) {
    if (a.kind == VALUE_TEXT) {
        return str_compare(a.text, b.text);
    }
    return (a.integer > b.integer) - (a.integer < b.integer);
}

static int compare_records(const void *x, const void *y) {
    const struct record *a = *(struct record *const *)x, *b = *(struct record *const *)y;
    struct list_plan p = {.request = sorting};
    list_plan_keys(&p);
    for (int i = 0; i < p.n_keys; i++) {
        struct value v = a->values[p.keys[i].field->position];
        struct value u = b->values[p.keys[i].field->position];
        if (v.kind == VALUE_NULL || u.kind == VALUE_NULL) {
            if (v.kind != u.kind) {
                return v.kind == VALUE_NULL ? 1 : -1;
            }
            continue;
        }
        int order = compare_values(v, u);
        if (order != 0) {
            return p.keys[i].descending ? -order : order;
        }
    }
    return 0;
}

static size_t expected(struct world *w, const struct list_request *request, struct record **out) {
    size_t n = 0;
    for (int i = 0; i < DEALS; i++) {
        struct record *r = w->deals[i];
        bool trashed = r->values[SYSTEM_DELETED_AT].kind != VALUE_NULL;
        if (trashed == request->trashed && access_record(w->c, ACTION_READ, r) &&
            (!request->where || condition_match(w->c, request->where, r))) {
            out[n++] = r;
        }
    }
    sorting = request;
    qsort(out, n, sizeof *out, compare_records);
    return n;
}

/* Requests */

static struct list_request random_request(struct world *w) {
    static const char *const fields[] = {"title", "seats",   "amount",     "closes_on",  "met_at",
                                         "stage", "firm_id", "created_at", "updated_at", "owner_id",
                                         "hot",   "id",      "created_at"};
    struct list_request r = {.entity = w->deal, .trashed = below(w, 10) == 0};
    r.where = below(w, 4) ? w->conditions[below(w, CONDITIONS)] : NULL;
    r.n_sorts = below(w, 5) < 2 ? 0 : 1 + below(w, 6) / 2 % LIST_SORTS;
    for (int i = 0; i < r.n_sorts; i++) {
        const char *name = fields[below(w, 13)];
        r.sorts[i] = (struct list_sort){entity_field(w->deal, str_from(name)), below(w, 2)};
    }
    r.limit = 1 + below(w, below(w, 3) ? 40 : LIST_LIMIT);
    return r;
}

static void describe(struct world *w, const struct list_request *r, size_t at) {
    struct text_buffer b = {.arena = w->c->arena};
    for (int i = 0; i < r->n_sorts; i++) {
        text_add_c(&b, r->sorts[i].descending ? " -" : " ");
        text_add(&b, r->sorts[i].field->name);
    }
    w->c->language = LANGUAGE_EN;
    struct str words = condition_words(w->c, r->where);
    fail_msg("at %d: sort%.*s, limit %d, trashed %d, probe %d: %.*s", (int)at,
             STR_ARG(text_str(&b)), r->limit, r->trashed, (int)list_limits.small, STR_ARG(words));
}

/* Every page to the end is as expected, and the ids and the total are. */
static void check_request(struct world *w, struct list_request *r) {
    struct record *wanted[DEALS];
    size_t n = expected(w, r, wanted), at = 0;
    const struct list_plan *plan = list_plan(w->c, r);
    w->paths[plan->path]++;
    w->recalled += plan->recalled;
    do {
        struct list_page page = list_read(w->c, r);
        assert_ok(w->c);
        for (size_t i = 0; i < page.n; i++, at++) {
            if (at >= n || page.records[i]->id != wanted[at]->id) {
                describe(w, r, at);
            }
        }
        if (page.next.p ? page.n != (size_t)r->limit : at != n) {
            describe(w, r, at);
        }
        r->cursor = page.next;
    } while (r->cursor.p);
    int64_t ids[DEALS];
    assert_int_equal(list_ids(w->c, r, ids, DEALS), n);
    for (size_t i = 0; i < n; i++) {
        assert_true(ids[i] == wanted[i]->id);
    }
    struct list_total total = list_count(w->c, r, false);
    assert_true(total.exact);
    assert_int_equal(total.value, n);
    assert_int_equal(list_count(w->c, r, true).value, n);
    struct list_page page = list_read_counted(w->c, r, &total);
    assert_int_equal(page.n, n < (size_t)r->limit ? n : (size_t)r->limit);
    assert_true(total.exact);
    assert_int_equal(total.value, n);
}

static void lower_limits(struct world *w) {
    static const struct list_limits choices[] = {{1000, 1000, 10000, 10000, 64},
                                                 {0, 0, 0, 0, 64},
                                                 {20, 40, 60, 100, 64},
                                                 {0, 0, 0, 0, 1},
                                                 {0, 10, 40, 80, 2},
                                                 {-1, -1, -1, -1, 64}};
    list_limits = choices[below(w, 6)];
}

static void pages_are_right(void **state) {
    struct world w;
    int64_t requests = 400;
    const struct list_limits shipped = list_limits;
    make_world(&w, state);
    str_to_int(str_from(getenv("LIST_REQUESTS")), &requests);
    struct arena_mark mark = arena_mark(w.c->arena);
    for (int64_t i = 0; i < requests; i++) {
        lower_limits(&w);
        w.c->versions.known = below(&w, 2);
        w.c->actor = w.actors[below(&w, ACTORS)];
        struct list_request r = random_request(&w);
        check_request(&w, &r);
        arena_reset(w.c->arena, mark);
    }
    list_limits = shipped;
    assert_true(w.recalled > requests / 20);
    for (int i = 0; i <= LIST_BY_SET; i++) {
        assert_true(w.paths[i] > requests / 20);
    }
}

static bool recalls(struct world *w, const struct list_request *r) {
    return list_plan(w->c, r)->recalled;
}

/* What is remembered serves only who asked, under the versions and for the time it was found. */
static void ways_are_remembered(void **state) {
    struct world w;
    make_world(&w, state);
    struct list_request r = {.entity = w.deal, .where = w.conditions[1]};
    struct list_request other = {.entity = w.deal, .where = w.conditions[2]};
    struct versions versions = w.c->versions;
    static int64_t later; /* than whatever another test left in the memory of the thread */
    later += 4 * LIST_MEMORY_MS;
    w.c->now_ms += later;
    w.c->actor = w.actors[3];
    assert_false(recalls(&w, &r));
    assert_false(recalls(&w, &r)); /* not even kept under unknown versions */
    w.c->versions.known = true;
    assert_false(recalls(&w, &r));
    assert_true(recalls(&w, &r));
    assert_false(recalls(&w, &other));
    w.c->actor = w.actors[2];
    assert_false(recalls(&w, &r));
    w.c->actor = w.actors[3];
    w.c->versions.organization++;
    assert_false(recalls(&w, &r));
    w.c->versions = versions;
    w.c->versions.known = true;
    assert_true(recalls(&w, &r));
    w.c->now_ms += LIST_MEMORY_MS;
    assert_false(recalls(&w, &r));
    assert_true(recalls(&w, &r));
}

/* Totals that are exact follow each change, whatever is remembered of the plan. */
static void remembered_totals_follow(void **state) {
    struct world w;
    make_world(&w, state);
    w.c->actor = w.actors[0];
    w.c->versions.known = true;
    struct list_request r = {.entity = w.deal, .limit = 1};
    struct list_total before, after;
    for (int i = 0; i < CONDITIONS; i++) {
        r.where = w.conditions[i];
        struct list_page page = list_read_counted(w.c, &r, &before);
        if (page.n == 0) {
            continue;
        }
        DB_RUN(w.c, "UPDATE deal SET deleted_at = 5000 WHERE id = $1", page.records[0]->id);
        list_read_counted(w.c, &r, &after);
        assert_ok(w.c);
        assert_true(before.exact && after.exact);
        assert_int_equal(after.value, before.value - 1);
        assert_int_equal(list_count(w.c, &r, true).value, after.value);
    }
}

static void refuse_cursor(struct world *w, struct list_request r, struct str cursor) {
    r.cursor = cursor;
    struct list_page page = list_read(w->c, &r);
    assert_int_equal(page.n, 0);
    assert_string_equal(entity_errors(w->c), "/cursor list.cursor_invalid\n");
}

static void foreign_cursors_are_refused(void **state) {
    struct world w;
    make_world(&w, state);
    w.c->actor = w.actors[0];
    struct list_request r = {.entity = w.deal, .limit = 3};
    struct str cursor = list_read(w.c, &r).next;
    struct list_request other = r;
    list_parse_sort(w.c, &other, STR("-title"));
    refuse_cursor(&w, other, cursor);
    refuse_cursor(&w, r, STR("x"));
    refuse_cursor(&w, r, STR("***"));
    refuse_cursor(&w, r, str_slice(cursor, 0, 12));
    struct text_buffer longer = {.arena = w.c->arena};
    text_add(&longer, cursor);
    text_add_c(&longer, "Cmk1");
    refuse_cursor(&w, r, text_str(&longer));
}

static void sorts_are_checked(void **state) {
    struct world w;
    make_world(&w, state);
    struct list_request r = {.entity = w.deal};
    list_parse_sort(w.c, &r, STR(" -created_at, title "));
    assert_ok(w.c);
    assert_int_equal(r.n_sorts, 2);
    assert_true(r.sorts[0].descending && !r.sorts[1].descending);
    list_parse_sort(w.c, &r, STR("nothing,-extra,notes"));
    assert_string_equal(entity_errors(w.c), "/sort list.sort_unknown\n/sort list.sort_unknown\n"
                                            "/sort list.sort_unknown\n");
    list_parse_sort(w.c, &r, STR("title,seats,amount,met_at"));
    assert_string_equal(entity_errors(w.c), "/sort list.sort_too_many\n");
    unsigned char *fields = (unsigned char *)entity_rights_of(w.actors[0], w.deal)->fields;
    fields[field_position(w.deal, "phone")] = RIGHT_MASKED;
    w.c->actor = w.actors[0];
    list_parse_sort(w.c, &r, STR("phone"));
    assert_string_equal(entity_errors(w.c), "/sort list.sort_unknown\n");
}

static void titles_are_those_the_actor_sees(void **state) {
    struct world w;
    make_world(&w, state);
    w.c->actor = w.actors[1];
    int64_t ids[DEALS + 1];
    struct str titles[DEALS + 1];
    for (int i = 0; i < DEALS; i++) {
        ids[i] = w.deals[i]->id;
    }
    ids[DEALS] = 1;
    list_titles(w.c, w.deal, ids, DEALS + 1, titles);
    assert_ok(w.c);
    int shown = 0;
    for (int i = 0; i < DEALS; i++) {
        const struct record *r = w.deals[i];
        bool visible = r->values[SYSTEM_DELETED_AT].kind == VALUE_NULL &&
                       access_record(w.c, ACTION_READ, r);
        struct str title = visible ? record_title(r) : (struct str){0};
        assert_true(str_equal(titles[i], title));
        shown += title.n > 0;
    }
    assert_int_equal(titles[DEALS].n, 0);
    assert_in_range(shown, 10, DEALS - 10);
}

/* A filter that takes longer than the connection's time budget is answered, not waited for. */
static void slow_filters_are_named(void **state) {
    struct world w;
    make_world(&w, state);
    w.c->actor = w.actors[2];
    db_deadline(w.c->db, 1);
    struct list_request r = {.entity = w.deal, .where = w.conditions[9]};
    assert_int_equal(list_read(w.c, &r).n, 0);
    assert_string_equal(w.c->error.text, "list.too_slow");
    assert_error(w.c, ERROR_LIMIT);
    list_count(w.c, &r, true);
    assert_string_equal(w.c->error.text, "list.too_slow");
    assert_error(w.c, ERROR_LIMIT);
    db_deadline(w.c->db, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(pages_are_right),
        ON_BOTH(ways_are_remembered),
        ON_BOTH(remembered_totals_follow),
        ON_BOTH(foreign_cursors_are_refused),
        ON_BOTH(sorts_are_checked),
        ON_BOTH(slow_filters_are_named),
        ON_BOTH(titles_are_those_the_actor_sees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
