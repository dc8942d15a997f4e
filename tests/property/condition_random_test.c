/*
 * The two interpreters of conditions agree.
 *
 * Random trees over every field type, relation paths, sets of the actor's and relative dates
 * are asked of records full of NULLs, empty texts and extreme numbers: as SQL of all at once,
 * and in memory of each. CONDITION_TREES (20,000) trees an engine; CONDITION_SEED varies them.
 */
#include "entity_fixture.h"

#include "db/sql.h"
#include "entity/condition.h"
#include "entity/row.h"

enum { DEALS = 40, FIRMS = 10, USERS = 8, DEPARTMENTS = 4, BATCH = 20, MOST_LEAVES = 8 };

static const int64_t day = MS_DAY;
static const int64_t now = 1790000000000; /* 2026-09-21T14:13:20Z, a Monday */

struct world {
    struct ctx *c;
    uint64_t random;
    const struct entity *deal;
    struct record *deals[DEALS];
    int64_t users[USERS], departments[DEPARTMENTS], firms[FIRMS];
    int leaves; /* left for the tree being written */
};

/* splitmix64 */
static uint64_t random_next(struct world *w) {
    uint64_t z = (w->random += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static int below(struct world *w, int n) {
    return (int)(random_next(w) % (uint64_t)n);
}

#define PICK(w, list) (list)[below((w), (int)(sizeof(list) / sizeof *(list)))]

static const char *const texts[] = {"a",   "A",  "abc", "ABC", "aBcd", "b",      "天工", "无锡天工",
                                    "天",  "%",  "_",   "a_c", "'",    "\\\\",   "é",    "É",
                                    "x y", " x", "0",   "ß",   "Zz",   "Ünïcode"};
static const char *const phones[] = {"13800132647", "13912345678", "0510-82712345"};
static const char *const regions[] = {"江苏省无锡市", "北京市", "江苏省苏州市"};
static const char *const dates[] = {"2026-09-21", "2026-09-20", "2026-09-22", "2026-08-31",
                                    "2026-09-01", "2026-01-01", "2025-12-31", "2026-06-30",
                                    "2026-09-14", "2026-08-22", "1999-02-28", "9999-12-31"};
static const int64_t numbers[] = {0, 1, 2, 3, 499, 500, -1, INT64_MAX, INT64_MIN};
static const int small_numbers[] = {1, 2, 3, 499, 500};
static const char *const currencies[] = {"CNY", "USD", "JPY"};

static int64_t random_instant(struct world *w) {
    static const int64_t steps[] = {0,           1,      -1,      MS_HOUR,    -12 * MS_HOUR,
                                    -7 * MS_DAY, MS_DAY, -MS_DAY, 8 * MS_HOUR};
    int64_t midnight = 1789920000000 + 16 * MS_HOUR; /* in the company's zone */
    int64_t base = below(w, 3) ? now : midnight;
    return base + (below(w, 60) - 30) * (below(w, 4) ? day : 10 * day) + PICK(w, steps);
}

/* Making records */

static struct value integer(int64_t v) {
    return (struct value){.kind = VALUE_INTEGER, .integer = v};
}

static struct value text(const char *s) {
    return (struct value){.kind = VALUE_TEXT, .text = str_from(s)};
}

static struct value random_id(struct world *w, const struct entity *target) {
    if (str_is(target->name, "user")) {
        return integer(PICK(w, w->users));
    }
    if (str_is(target->name, "department")) {
        return integer(PICK(w, w->departments));
    }
    /* Now and then a record that is not there. */
    return integer(below(w, 12) ? PICK(w, w->firms) : 999);
}

static struct value random_money(struct world *w) {
    struct value v = {.kind = VALUE_MONEY, .integer = PICK(w, numbers)};
    if (below(w, 10)) {
        v.text = str_from(PICK(w, currencies));
    }
    return v;
}

static struct value random_value(struct world *w, const struct field *f) {
    switch (f->type) {
    case FIELD_BOOLEAN:
        return integer(below(w, 2));
    case FIELD_INTEGER:
    case FIELD_QUANTITY:
        return integer(PICK(w, numbers));
    case FIELD_MONEY:
        return random_money(w);
    case FIELD_DATE:
        return text(PICK(w, dates));
    case FIELD_INSTANT:
        return integer(random_instant(w));
    case FIELD_OPTION:
        return text(f->options[below(w, (int)f->n_options)].code.p);
    case FIELD_REFERENCE:
        return random_id(w, f->target);
    case FIELD_PHONE:
        return text(PICK(w, phones));
    case FIELD_REGION:
        return text(PICK(w, regions));
    default:
        return below(w, 8) ? text(PICK(w, texts)) : text("");
    }
}

static struct record *random_record(struct world *w, const char *entity, int64_t id) {
    const struct entity *e = entity_named(w->c, entity);
    struct record *r = record_new(w->c, e, id);
    for (int i = 0; i < e->n_fields; i++) {
        if (i != SYSTEM_ID && below(w, 4)) {
            r->values[i] = random_value(w, &e->fields[i]);
        }
    }
    if (entity_field(e, STR("code"))) {
        r->values[field_position(e, "code")] = text(str_format(w->c->arena, "c%d", (int)id).p);
    }
    r->values[SYSTEM_CREATED_AT] = integer(random_instant(w));
    r->values[SYSTEM_UPDATED_AT] = integer(random_instant(w));
    r->values[SYSTEM_VERSION] = integer(1);
    bool trashed = str_is(e->name, "deal") ? false : below(w, 5) == 0;
    r->values[SYSTEM_DELETED_AT] = trashed ? integer(now) : (struct value){0};
    row_insert(w->c, r);
    return r;
}

static void make_ids(int64_t *ids, size_t n, int64_t first) {
    for (size_t i = 0; i < n; i++) {
        ids[i] = first + (int64_t)i;
    }
}

static struct actor *make_actor(struct world *w) {
    struct actor *a = entity_actor(w->c, w->users[1], w->departments[1], SCOPE_ALL);
    a->members = (struct id_set){w->users, 3};
    a->departments = (struct id_set){w->departments + 1, 2};
    return a;
}

static void make_world(struct world *w, void **state) {
    const char *seed = getenv("CONDITION_SEED");
    int64_t number = 1;
    str_to_int(str_from(seed), &number);
    *w = (struct world){.c = entity_fixture(state), .random = (uint64_t)number};
    w->c->now_ms = now;
    w->deal = entity_named(w->c, "deal");
    make_ids(w->users, USERS, 100);
    make_ids(w->departments, DEPARTMENTS, 200);
    make_ids(w->firms, FIRMS, 300);
    for (int i = 0; i < DEPARTMENTS; i++) {
        random_record(w, "department", w->departments[i]);
    }
    for (int i = 0; i < USERS; i++) {
        random_record(w, "user", w->users[i]);
    }
    for (int i = 0; i < FIRMS; i++) {
        random_record(w, "firm", w->firms[i]);
    }
    for (int i = 0; i < DEALS; i++) {
        random_record(w, "deal", 400 + i);
    }
    DB_RUN(w->c, "UPDATE deal SET amount_currency = NULL WHERE amount_currency = ''");
    assert_ok(w->c);
    w->c->actor = make_actor(w);
}

/* As the database gives them back. */
static void read_deals(struct world *w) {
    struct sql q = sql_new(w->c->arena);
    SQL_ADD(&q, "SELECT ");
    record_columns(&q, w->deal, "t");
    SQL_ADD(&q, " FROM deal t ORDER BY t.id");
    struct db_rows rows;
    int n = 0;
    sql_query(w->c, &rows, &q);
    while (db_next(&rows)) {
        w->deals[n++] = record_row(w->c, w->deal, &rows, 0);
    }
    assert_int_equal(n, DEALS);
}

/* Writing trees */

static void put_text(struct text_buffer *b, const char *s) {
    text_add_char(b, '"');
    text_add_c(b, s); /* the texts above are written as JSON wants them */
    text_add_char(b, '"');
}

static void put_value(struct world *w, struct text_buffer *b, const struct field *f) {
    char instant[INSTANT_TEXT];
    switch (f->type) {
    case FIELD_BOOLEAN:
        text_add_c(b, below(w, 2) ? "true" : "false");
        break;
    case FIELD_INTEGER:
        text_add_int(b, PICK(w, small_numbers));
        break;
    case FIELD_QUANTITY:
        put_text(b, below(w, 2) ? "0.000001" : below(w, 2) ? "0" : "0.000499");
        break;
    case FIELD_MONEY: {
        const char *currency = PICK(w, currencies);
        bool yen = strcmp(currency, "JPY") == 0;
        text_add_format(b, "{\"amount\":\"%s\",\"currency\":\"%s\"}",
                        yen ? (below(w, 2) ? "1" : "499") : (below(w, 2) ? "0.01" : "4.99"),
                        currency);
        break;
    }
    case FIELD_DATE:
        put_text(b, PICK(w, dates));
        break;
    case FIELD_INSTANT:
        instant_format(random_instant(w), instant);
        put_text(b, instant);
        break;
    case FIELD_OPTION:
        put_text(b, f->options[below(w, (int)f->n_options)].code.p);
        break;
    case FIELD_REFERENCE:
        text_add_format(b, "\"%lld\"", (long long)random_id(w, f->target).integer);
        break;
    case FIELD_PHONE:
        put_text(b, PICK(w, phones));
        break;
    case FIELD_REGION:
        put_text(b, PICK(w, regions));
        break;
    case FIELD_EMAIL:
        put_text(b, "a@b.cn");
        break;
    case FIELD_URL:
        put_text(b, "https://a.cn");
        break;
    default:
        put_text(b, PICK(w, texts));
    }
}

static void put_values(struct world *w, struct text_buffer *b, const struct field *f, int n) {
    text_add_char(b, '[');
    for (int i = 0; i < n; i++) {
        text_add_c(b, i > 0 ? "," : "");
        put_value(w, b, f);
    }
    text_add_char(b, ']');
}

static bool textual(const struct field *f) {
    return f->type == FIELD_TEXT || f->type == FIELD_LONG_TEXT || f->type == FIELD_PHONE ||
           f->type == FIELD_EMAIL || f->type == FIELD_REGION || f->type == FIELD_URL;
}

static bool ordered(const struct field *f) {
    return f->type == FIELD_INTEGER || f->type == FIELD_QUANTITY || f->type == FIELD_MONEY ||
           f->type == FIELD_DATE || f->type == FIELD_INSTANT;
}

/* Money lists of one currency; instants also as days. */
static void put_bounds(struct world *w, struct text_buffer *b, const struct field *f) {
    static const char *const operators[] = {"lt", "lte", "gt", "gte"};
    if (f->type == FIELD_INSTANT && below(w, 3) == 0) {
        text_add_format(b, "\"op\":\"%s\",\"value\":\"%s\"", PICK(w, operators), PICK(w, dates));
    } else if (f->type == FIELD_MONEY && below(w, 3) == 0) {
        text_add_c(b, "\"op\":\"between\",\"value\":[{\"amount\":\"0.01\",\"currency\":\"CNY\"},"
                      "{\"amount\":\"4.99\",\"currency\":\"CNY\"}]");
    } else if (f->type != FIELD_MONEY && below(w, 4) == 0) {
        text_add_c(b, "\"op\":\"between\",\"value\":");
        put_values(w, b, f, 2);
    } else {
        text_add_format(b, "\"op\":\"%s\",\"value\":", PICK(w, operators));
        put_value(w, b, f);
    }
}

static void put_time(struct world *w, struct text_buffer *b) {
    static const char *const words[] = {"within_last", "older_than", "within_next"};
    static const char *const durations[] = {"0d", "1d", "7d", "30d", "2w", "300d"};
    static const char *const periods[] = {
        "today",      "yesterday",  "tomorrow",   "this_week",    "last_week",
        "next_week",  "this_month", "last_month", "this_quarter", "last_quarter",
        "next_month", "this_year",  "last_year",  "next_quarter", "next_year"};
    if (below(w, 2)) {
        text_add_format(b, "\"op\":\"%s\",\"value\":\"%s\"", PICK(w, words), PICK(w, durations));
    } else {
        text_add_format(b, "\"op\":\"is\",\"value\":\"%s\"", PICK(w, periods));
    }
}

static void put_set(struct world *w, struct text_buffer *b, const struct field *f) {
    static const char *const user[] = {"is_me", "in_my_team", "in_my_tree"};
    bool is_user = str_is(f->target->name, "user");
    text_add_format(b, "\"op\":\"%s\"", is_user ? PICK(w, user) : "in_my_tree");
}

static void put_equality(struct world *w, struct text_buffer *b, const struct field *f) {
    static const char *const single[] = {"eq", "ne"};
    if (below(w, 2)) {
        text_add_format(b, "\"op\":\"%s\",\"value\":", PICK(w, single));
        put_value(w, b, f);
    } else {
        text_add_format(b, "\"op\":\"%s\",\"value\":", below(w, 2) ? "in" : "not_in");
        put_values(w, b, f, below(w, 4));
    }
}

static void put_test(struct world *w, struct text_buffer *b, const struct field *f) {
    bool set = f->type == FIELD_REFERENCE && !str_is(f->target->name, "firm");
    int kind = below(w, 8);
    if (kind == 0 || f->type == FIELD_JSON) {
        text_add_c(b, below(w, 2) ? "\"op\":\"is_empty\"" : "\"op\":\"not_empty\"");
    } else if (kind < 5 && textual(f)) {
        text_add_format(b, "\"op\":\"%s\",\"value\":\"%s\"",
                        below(w, 2) ? "contains" : "starts_with", PICK(w, texts));
    } else if (kind < 4 && (f->type == FIELD_DATE || f->type == FIELD_INSTANT)) {
        put_time(w, b);
    } else if (kind < 6 && ordered(f)) {
        put_bounds(w, b, f);
    } else if (kind < 5 && set) {
        put_set(w, b, f);
    } else {
        put_equality(w, b, f);
    }
}

static const struct field *random_field(struct world *w, const struct entity *e) {
    for (;;) {
        const struct field *f = &e->fields[below(w, e->n_fields)];
        if (!(f->flags & FIELD_HIDDEN) && f->position != SYSTEM_ID &&
            f->position != SYSTEM_VERSION) {
            return f;
        }
    }
}

static void put_leaf(struct world *w, struct text_buffer *b) {
    const struct entity *e = w->deal;
    text_add_c(b, "{\"field\":\"");
    const struct field *f = random_field(w, e);
    for (int hops = 0; f->type == FIELD_REFERENCE && hops < 3 && below(w, 3); hops++) {
        text_add_format(b, "%.*s.", STR_ARG(f->name));
        e = f->target;
        f = random_field(w, e);
    }
    text_add_format(b, "%.*s\",", STR_ARG(f->name));
    put_test(w, b, f);
    text_add_char(b, '}');
    w->leaves--;
}

static void put_tree(struct world *w, struct text_buffer *b, int depth) {
    int kind = below(w, 10);
    if (depth == 6 || w->leaves <= 1 || kind < 3) {
        put_leaf(w, b);
    } else if (kind < 5) {
        text_add_c(b, "{\"not\":");
        put_tree(w, b, depth + 1);
        text_add_char(b, '}');
    } else {
        text_add_c(b, kind < 8 ? "{\"all\":[" : "{\"any\":[");
        int n = below(w, 4);
        for (int i = 0; i < n; i++) {
            text_add_c(b, i > 0 ? "," : "");
            put_tree(w, b, depth + 1);
        }
        text_add_c(b, "]}");
    }
}

static const struct condition *random_condition(struct world *w, struct str *tree) {
    struct text_buffer b = {.arena = w->c->arena};
    w->leaves = MOST_LEAVES;
    put_tree(w, &b, 0);
    *tree = str_copy(w->c->arena, text_str(&b));
    const struct condition *cond = condition_parse_text(w->c, w->deal, *tree);
    if (!cond) {
        fail_msg("not accepted: %s\n%s", tree->p, entity_errors(w->c));
    }
    return cond;
}

/* Comparing */

typedef bool outcome[BATCH][DEALS];

static void ask_sql(struct world *w, const struct condition *const *conditions, outcome matched) {
    struct sql q = sql_new(w->c->arena);
    for (int i = 0; i < BATCH; i++) {
        sql_literal(&q, i > 0 ? " UNION ALL SELECT " : "SELECT ");
        sql_number(&q, i);
        SQL_ADD(&q, ", t.id FROM deal t WHERE ");
        condition_sql(w->c, &q, conditions[i], "t");
    }
    struct db_rows rows;
    memset(matched, 0, sizeof(outcome));
    sql_query(w->c, &rows, &q);
    while (db_next(&rows)) {
        matched[db_int(&rows, 0)][db_int(&rows, 1) - 400] = true;
    }
    assert_ok(w->c);
}

/* The number of (tree, record) pairs on which they differ; the first is told in *where. */
static int differences(struct world *w, struct condition_memo *memo,
                       const struct condition *const *conditions, outcome matched, int *where) {
    int n = 0;
    for (int i = 0; i < BATCH * DEALS; i++) {
        int tree = i / DEALS, deal = i % DEALS;
        if (condition_match_memo(memo, conditions[tree], w->deals[deal]) != matched[tree][deal]) {
            *where = n++ == 0 ? i : *where;
        }
    }
    assert_ok(w->c);
    return n;
}

static int trees_wanted(void) {
    int64_t n = 20000;
    str_to_int(str_from(getenv("CONDITION_TREES")), &n);
    return (int)n;
}

/* One batch of trees in an arena of its own; the number of records they held for. */
static int64_t compare_batch(struct world *w) {
    const struct condition *conditions[BATCH];
    struct str trees[BATCH];
    static outcome matched;
    int64_t held = 0;
    int where = 0;
    for (int i = 0; i < BATCH; i++) {
        conditions[i] = random_condition(w, &trees[i]);
    }
    ask_sql(w, conditions, matched);
    if (differences(w, condition_memo_new(w->c), conditions, matched, &where) > 0) {
        fail_msg("deal %d, SQL says %d: %s", 400 + where % DEALS,
                 matched[where / DEALS][where % DEALS], trees[where / DEALS].p);
    }
    for (int i = 0; i < BATCH * DEALS; i++) {
        held += matched[i / DEALS][i % DEALS];
    }
    return held;
}

static void interpreters_agree(void **state) {
    struct world w;
    make_world(&w, state);
    read_deals(&w);
    int64_t held = 0, asked = 0;
    struct arena_mark mark = arena_mark(w.c->arena);
    for (int done = 0; done < trees_wanted(); done += BATCH) {
        held += compare_batch(&w);
        asked += BATCH * DEALS;
        arena_reset(w.c->arena, mark);
    }
    /* Neither nearly always nor hardly ever. */
    assert_in_range(100 * held / asked, 10, 90);
}

/* The comparison sees a difference when there is one. */
static void a_difference_is_seen(void **state) {
    struct world w;
    make_world(&w, state);
    read_deals(&w);
    const struct condition *asked[BATCH], *other[BATCH];
    for (int i = 0; i < BATCH; i++) {
        asked[i] = condition_parse_text(
            w.c, w.deal, STR("{\"not\":{\"field\":\"seats\",\"op\":\"gt\",\"value\":2}}"));
        other[i] = condition_parse_text(w.c, w.deal,
                                        STR("{\"field\":\"seats\",\"op\":\"lte\",\"value\":2}"));
    }
    static outcome matched;
    int where = 0;
    ask_sql(&w, asked, matched);
    struct condition_memo *memo = condition_memo_new(w.c);
    assert_int_equal(differences(&w, memo, asked, matched, &where), 0);
    assert_in_range(differences(&w, memo, other, matched, &where), 1, BATCH * DEALS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(interpreters_agree),
        ON_BOTH(a_difference_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
