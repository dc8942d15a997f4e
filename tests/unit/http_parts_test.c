/* The parts of src/http that need no socket. */
#include "http_fixture.h"

#include <pthread.h>

#include "http/form.h"
#include "http/rate_limit.h"
#include "http/router.h"
#include "http/target.h"

static struct arena arena;

static int arena_begin(void **state) {
    (void)state;
    arena_init(&arena);
    return 0;
}

static int arena_end(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

static const struct route routes[] = {
    {METHOD_GET, "/api/{plural}/{id}", "public", LANE_INLINE, hello_handle},
    {METHOD_PATCH, "/api/{plural}/{id}", "public", LANE_WRITER, hello_handle},
    {METHOD_GET, "/api/leads/export", "public", LANE_SLOW, hello_handle},
    {METHOD_GET, "/api/leads/{id}/history", "public", LANE_SLOW, hello_handle},
    {METHOD_GET, "/", "public", LANE_INLINE, hello_handle},
    {0},
};

static const char *route_of(const struct router *router, enum method method, const char *path) {
    struct target t = {0};
    assert_true(target_parse(&arena, str_from(path), &t));
    struct route_found found = router_find(router, method, t.segments, t.n_segments);
    return found.route ? found.route->path : "";
}

static void literals_win_over_parameters(void **state) {
    (void)state;
    struct ctx c = {.arena = &arena};
    const struct route *const lists[] = {routes, NULL};
    struct router *router = router_build(&c, lists);
    assert_ok(&c);
    assert_string_equal(route_of(router, METHOD_GET, "/api/leads/export?x=1"), "/api/leads/export");
    assert_string_equal(route_of(router, METHOD_GET, "/api/leads/5"), "/api/{plural}/{id}");
    /* The literal knows no PATCH, the parameter does. */
    assert_string_equal(route_of(router, METHOD_PATCH, "/api/leads/export"), "/api/{plural}/{id}");
    assert_string_equal(route_of(router, METHOD_GET, "/api/leads/5/history"),
                        "/api/leads/{id}/history");
    assert_string_equal(route_of(router, METHOD_GET, "/"), "/");
    assert_string_equal(route_of(router, METHOD_GET, "/api/leads"), "");
    assert_string_equal(route_of(router, METHOD_GET, "/api/leads/"), "");
    assert_string_equal(route_of(router, METHOD_GET, "/api/people/5/history"), "");
    struct str segments[] = {STR("api"), STR("leads"), STR("export")};
    struct route_found found = router_find(router, METHOD_DELETE, segments, 3);
    assert_null(found.route);
    assert_int_equal(found.allowed, 1u << METHOD_GET | 1u << METHOD_PATCH);
    router_free(router);
}

static void assert_refused(struct route route, const char *why) {
    struct ctx c = {.arena = &arena};
    const struct route list[] = {route, {0}};
    const struct route *const lists[] = {routes, list, NULL};
    assert_null(router_build(&c, lists));
    assert_int_equal(c.error.code, ERROR_INTERNAL);
    assert_non_null(strstr(c.error.internal, why));
}

static void wrong_routes_are_refused(void **state) {
    (void)state;
    const struct route good = {METHOD_GET, "/x", "public", LANE_INLINE, hello_handle};
    struct route r = good;
    r.permission = NULL;
    assert_refused(r, "has no permission");
    r = good;
    r.lane = (enum route_lane)0;
    assert_refused(r, "has no lane");
    r = good;
    r.method = (enum method)0;
    assert_refused(r, "has no method");
    r = good;
    r.handle = NULL;
    assert_refused(r, "has no handler");
    r = good;
    r.prepare = hello_handle;
    assert_refused(r, "has a prepare");
    r = good;
    r.path = "/api/{other}/{name}";
    assert_refused(r, "is there twice");
    r = good;
    r.path = "x";
    assert_refused(r, "does not begin with /");
}

static void targets_are_decoded(void **state) {
    (void)state;
    struct target t = {0};
    assert_true(target_parse(&arena, STR("/a%2Fb/%E5%AD%99?q=a+b%26c&&empty=&flag&q=2"), &t));
    assert_int_equal(t.n_segments, 2);
    assert_text(t.segments[0], "a/b");
    assert_text(t.segments[1], "孙");
    assert_int_equal(t.n_query, 4);
    assert_text(t.query[0].value, "a b&c");
    assert_text(t.query[1].name, "empty");
    assert_text(t.query[2].name, "flag");
    assert_int_equal(t.query[2].value.n, 0);
    static const char *const wrong[] = {"",     "a",        "*",    "/%",  "/%4",
                                        "/%g0", "/a?b=%00", "/%00", "/%ff"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct target none = {0};
        assert_false(target_parse(&arena, str_from(wrong[i]), &none));
    }
}

/* Links of advertisements come cut off, in another encoding, with a per cent of a discount. */
static void queries_are_read_as_browsers_read_them(void **state) {
    (void)state;
    struct target t = {0};
    struct str text = STR("/f/a?utm_term=%CB%C5%B7%FE%B5%E7%BB%FA&c=100%&d=%zz%2&e=%E4%BC%BA%E6"
                          "&f=%f");
    assert_true(target_parse(&arena, text, &t));
    assert_text(t.query[0].value, "伺服电机");
    assert_text(t.query[1].value, "100%");
    assert_text(t.query[2].value, "%zz%2");
    assert_text(t.query[3].value, "伺");
    assert_text(t.query[4].value, "%f");
}

#define TYPE STR("multipart/form-data; charset=utf-8; boundary=AaB03x")

static void multipart_is_parsed(void **state) {
    (void)state;
    struct form form;
    struct str body = STR("preamble\r\n--AaB03x\r\n"
                          "content-disposition: form-data; name=\"field1\"\r\n"
                          "content-type: text/plain;charset=UTF-8\r\n\r\nJoe owes\r\n--AaB03\r\n"
                          "--AaB03x  \r\nContent-Disposition: form-data; name=empty\r\n\r\n\r\n"
                          "--AaB03x\r\nContent-Disposition: form-data; name=\"file\"; "
                          "filename*=UTF-8''%E5%AE%A2%E6%88%B7.csv\r\n\r\na\0b\xff\r\n"
                          "--AaB03x--\r\nepilogue");
    assert_true(form_parse(&arena, TYPE, body, &form));
    assert_int_equal(form.n, 3);
    assert_text(form_find(&form, "field1")->value, "Joe owes\r\n--AaB03");
    assert_null(form_find(&form, "field1")->file_name.p);
    assert_text(form_find(&form, "empty")->value, "");
    const struct form_field *file = form_find(&form, "file");
    assert_text(file->file_name, "客户.csv");
    assert_int_equal(file->value.n, 4);
    assert_memory_equal(file->value.p, "a\0b\xff", 4);
    assert_null(form_find(&form, "other"));
}

static void broken_multipart_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",
        "--AaB03x",
        "--AaB03x\r\n",
        "--AaB03x\r\n\r\nno name\r\n--AaB03x--",
        "--AaB03x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--AaB03x--",
        "--AaB03x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx",
        "--AaB03x\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--AaB03x--",
        "--AaB03x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--AaB03xy",
    };
    struct form form;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(form_parse(&arena, TYPE, str_from(wrong[i]), &form));
        assert_int_equal(form.n, 0);
    }
    assert_false(form_parse(&arena, STR("text/plain"), STR("a=1"), &form));
    assert_false(form_parse(&arena, STR("multipart/form-data"), STR("--\r\n"), &form));
}

/* Pages of old sites write GBK, with or without saying so. */
static void forms_of_other_encodings_are_read(void **state) {
    (void)state;
    static const struct {
        const char *type, *body, *name;
    } cases[] = {
        {"application/x-www-form-urlencoded", "name=%D5%C5%C8%FD&phone=1", "张三"},
        {"application/x-www-form-urlencoded", "name=\xD5\xC5\xC8\xFD&phone=1", "张三"},
        {"application/x-www-form-urlencoded; charset=gbk", "name=%C1%AA%CD%A8", "联通"},
        {"application/x-www-form-urlencoded; charset=UTF-8", "name=%E5%BC%A0", "张"},
        {"application/x-www-form-urlencoded", "name=%E5%BC%A0%E4%B8%89%E4", "张三\xEF\xBF\xBD"},
        {"multipart/form-data; boundary=b",
         "--b\r\nContent-Disposition: form-data; name=name\r\n\r\n\xD5\xC5\xC8\xFD\r\n--b--",
         "张三"},
    };
    struct form form;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(form_parse(&arena, str_from(cases[i].type), str_from(cases[i].body), &form));
        assert_text(form_find(&form, "name")->value, cases[i].name);
    }
    assert_false(form_parse(&arena, str_from(cases[0].type), STR("name=a%00b"), &form));
}

static void buckets_empty_and_refill(void **state) {
    (void)state;
    const struct rate_limit limit = {"test.limit", 3, 60};
    int wait;
    for (int i = 0; i < 3; i++) {
        assert_true(rate_limit_take(&limit, STR("a"), 1000000, &wait));
    }
    assert_false(rate_limit_take(&limit, STR("a"), 1000000, &wait));
    assert_in_range(wait, 1, 2);
    assert_true(rate_limit_take(&limit, STR("b"), 1000000, &wait));
    assert_false(rate_limit_take(&limit, STR("a"), 1000900, &wait));
    assert_true(rate_limit_take(&limit, STR("a"), 1001000, &wait)); /* one a second */
    assert_false(rate_limit_take(&limit, STR("a"), 1001000, &wait));
    rate_limit_return(&limit, STR("a"));
    assert_true(rate_limit_take(&limit, STR("a"), 1001000, &wait));
    for (int i = 0; i < 3; i++) {
        assert_true(rate_limit_take(&limit, STR("a"), 9000000, &wait));
    }
    assert_false(rate_limit_take(&limit, STR("a"), 9000000, &wait)); /* no more than the burst */
}

enum { TAKERS = 4, TRIES = 20000, BURST = 5000 };

static void *take_many(void *taken) {
    const struct rate_limit limit = {"test.many", BURST, 60};
    int wait;
    for (int i = 0; i < TRIES; i++) {
        *(int *)taken += rate_limit_take(&limit, STR("all"), 1000000, &wait);
    }
    return NULL;
}

/* However many take at once, there are as many tokens as the bucket holds. */
static void buckets_are_shared_by_threads(void **state) {
    pthread_t threads[TAKERS];
    int taken[TAKERS] = {0}, all = 0;
    (void)state;
    for (int i = 0; i < TAKERS; i++) {
        pthread_create(&threads[i], NULL, take_many, &taken[i]);
    }
    for (int i = 0; i < TAKERS; i++) {
        pthread_join(threads[i], NULL);
        all += taken[i];
    }
    assert_int_equal(all, BURST);
}

/* A clock that is put back makes nobody wait longer than for one token. */
static void buckets_bear_a_clock_put_back(void **state) {
    const struct rate_limit limit = {"test.clock", 3, 60};
    int wait;
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_true(rate_limit_take(&limit, STR("a"), 90000000, &wait));
    }
    assert_false(rate_limit_take(&limit, STR("a"), 1000000, &wait));
    assert_int_equal(wait, 1);
    assert_true(rate_limit_take(&limit, STR("a"), 90000000 + 1000, &wait));
}

/* More keys than places: the newest is always known. */
static void buckets_make_room(void **state) {
    const struct rate_limit limit = {"test.room", 1, 60};
    int wait;
    (void)state;
    rate_limit_clear();
    for (int64_t i = 0; i < 100000; i++) {
        struct str key = {(const char *)&i, sizeof i};
        assert_true(rate_limit_take(&limit, key, 1000000, &wait));
        assert_false(rate_limit_take(&limit, key, 1000000, &wait));
    }
}

static void errors_have_their_status(void **state) {
    (void)state;
    static const struct {
        enum error_code code;
        const char *text;
        int status;
    } cases[] = {
        {ERROR_INVALID, "input.invalid", 422},       {ERROR_INVALID, "request.malformed", 400},
        {ERROR_DENIED, "permission.missing", 403},   {ERROR_DENIED, "session.required", 401},
        {ERROR_ABSENT, "route.absent", 404},         {ERROR_ABSENT, "route.method", 405},
        {ERROR_CONFLICT, "database.duplicate", 409}, {ERROR_CONFLICT, "record.stale", 412},
        {ERROR_LIMIT, "rate.limited", 429},          {ERROR_LIMIT, "request.too_large", 413},
        {ERROR_LIMIT, "database.deadline", 503},     {ERROR_RETRY, "database.busy", 503},
        {ERROR_INTERNAL, "error.internal", 500},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error e = {.code = cases[i].code, .text = cases[i].text};
        assert_int_equal(error_status(&e), cases[i].status);
    }
}

static struct reply dispatch(struct ctx *c, enum method method, const char *path,
                             const char *body) {
    static const struct header headers[] = {{STR("Content-Type"), STR("application/json")},
                                            {STR("Accept-Language"), STR("en")}};
    struct server_options options = http_fixture_options();
    struct spoken_request spoken = {method, str_from(path), headers, 2, str_from(body)};
    return server_dispatch(c, &options, &spoken);
}

/* A request without a socket: refused ones undo only themselves. */
static void dispatch_needs_no_socket(void **state) {
    struct database_fixture *f = database_of(state);
    http_migrate(f);
    struct ctx *c = &f->c;
    db_begin(c);
    assert_int_equal(dispatch(c, METHOD_POST, "/notes", "{\"text\":\"one\"}").status, 201);
    struct reply r = dispatch(c, METHOD_POST, "/notes", "{\"text\":\"refuse\"}");
    assert_int_equal(r.status, 412);
    assert_ok(c);
    r = dispatch(c, METHOD_POST, "/notes", "{\"text\":\"two\"}");
    assert_text(r.body, "{\"n\":2}");
    assert_int_equal(dispatch(c, METHOD_GET, "/api/mine", "").status, 401);
    assert_int_equal(dispatch(c, METHOD_GET, "/notes/77", "").status, 404);
    r = dispatch(c, METHOD_GET, "/api/nowhere", "");
    assert_true(str_find(r.body, STR("There is no such")) > 0);
    db_commit(c);
    assert_ok(c);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM note"), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(literals_win_over_parameters, arena_begin, arena_end),
        cmocka_unit_test_setup_teardown(wrong_routes_are_refused, arena_begin, arena_end),
        cmocka_unit_test_setup_teardown(targets_are_decoded, arena_begin, arena_end),
        cmocka_unit_test_setup_teardown(queries_are_read_as_browsers_read_them, arena_begin,
                                        arena_end),
        cmocka_unit_test_setup_teardown(multipart_is_parsed, arena_begin, arena_end),
        cmocka_unit_test_setup_teardown(broken_multipart_is_refused, arena_begin, arena_end),
        cmocka_unit_test_setup_teardown(forms_of_other_encodings_are_read, arena_begin, arena_end),
        cmocka_unit_test(buckets_empty_and_refill),
        cmocka_unit_test(buckets_are_shared_by_threads),
        cmocka_unit_test(buckets_bear_a_clock_put_back),
        cmocka_unit_test(buckets_make_room),
        cmocka_unit_test(errors_have_their_status),
        ON_BOTH(dispatch_needs_no_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
