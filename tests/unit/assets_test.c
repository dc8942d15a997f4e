/* The table that scripts/assets makes from tests/unit/assets_fixture, linked in place of the one
 * with the web client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "http/assets.h"

static void finds_exact_paths_only(void **state) {
    (void)state;
    assert_int_equal(asset_count, 3);
    for (size_t i = 0; i < asset_count; i++) {
        assert_ptr_equal(asset_find(str_from(asset_table[i].path)), &asset_table[i]);
    }
    assert_null(asset_find(STR("")));
    assert_null(asset_find(STR("/")));
    assert_null(asset_find(STR("/index.htm")));
    assert_null(asset_find(STR("/index.html/")));
    assert_null(asset_find(STR("/zzz")));
}

static void keeps_bytes_and_type(void **state) {
    (void)state;
    const struct asset *page = asset_find(STR("/index.html"));
    assert_non_null(page);
    assert_string_equal(page->mime, "text/html; charset=utf-8");
    assert_false(page->immutable);
    static const char start[] = "<!doctype html>\n<title>贯通</title>\n";
    assert_int_equal(page->plain_size, sizeof start - 1);
    assert_memory_equal(page->plain, start, sizeof start - 1);

    const struct asset *image = asset_find(STR("/assets/mark-77aa.png"));
    assert_non_null(image);
    assert_string_equal(image->mime, "image/png");
    assert_true(image->immutable);
}

static void compresses_only_where_it_helps(void **state) {
    (void)state;
    const struct asset *image = asset_find(STR("/assets/mark-77aa.png"));
    assert_null(image->gzip);
    assert_null(image->brotli);
    assert_int_equal(image->gzip_size + image->brotli_size, 0);

    const struct asset *script = asset_find(STR("/assets/main-4f2a.js"));
    assert_true(script->brotli_size > 0 && script->brotli_size < script->plain_size);
    assert_true(script->gzip_size > 0 && script->gzip_size < script->plain_size);
    unsigned char plain[8192];
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)script->gzip,
                       .avail_in = (unsigned)script->gzip_size,
                       .next_out = plain,
                       .avail_out = sizeof plain};
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.total_out, script->plain_size);
    assert_memory_equal(plain, script->plain, script->plain_size);
    inflateEnd(&stream);
}

static void tags_differ_with_content(void **state) {
    (void)state;
    const char *a = asset_find(STR("/index.html"))->etag;
    const char *b = asset_find(STR("/assets/main-4f2a.js"))->etag;
    assert_int_equal(a[0], '"');
    assert_int_equal(a[strlen(a) - 1], '"');
    assert_string_not_equal(a, b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_exact_paths_only),
        cmocka_unit_test(keeps_bytes_and_type),
        cmocka_unit_test(compresses_only_where_it_helps),
        cmocka_unit_test(tags_differ_with_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
