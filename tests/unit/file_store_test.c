/* The store of contents: kept once, whole, removed when old and unwanted and never else. */
#include "base_fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "db/file_store.h"

static char folder[] = "/tmp/guantong-store-XXXXXX";
static struct arena arena;
static const char *loved; /* the content somebody refers to */

static bool wanted(struct ctx *c, struct str hash) {
    (void)c;
    return loved && str_is(hash, loved);
}

static bool there(struct str hash) {
    return access(str_to_c(&arena, file_store_path(&arena, hash)), F_OK) == 0;
}

static void age(struct str hash, int64_t ms) {
    struct timespec times[2] = {{.tv_sec = ms / 1000}, {.tv_sec = ms / 1000}};
    assert_int_equal(utimensat(AT_FDCWD, str_to_c(&arena, file_store_path(&arena, hash)), times, 0),
                     0);
}

static size_t sweep_all(struct ctx *c, int64_t before) {
    size_t removed = 0;
    for (unsigned part = 0; part < FILE_STORE_PARTS; part++) {
        removed += file_store_sweep(c, part, before, wanted);
    }
    return removed;
}

static void kept_once(void **state) {
    (void)state;
    struct ctx c = {.arena = &arena, .now_ms = clock_now_ms()};
    struct file_stored one, two;
    assert_true(file_store_put(&c, STR("车间照片"), &one));
    assert_true(file_store_put(&c, STR("车间照片"), &two));
    assert_true(str_equal(one.hash, two.hash));
    assert_true(str_equal(one.hash, sha256_hex(&arena, STR("车间照片"))));
    assert_int_equal(one.size, 12);
    assert_true(file_store_sound(&arena, one.hash, 12));
    assert_false(file_store_sound(&arena, one.hash, 13));
    struct stat about;
    assert_int_equal(stat(str_to_c(&arena, file_store_path(&arena, one.hash)), &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
}

static void damage_is_seen(void **state) {
    (void)state;
    struct ctx c = {.arena = &arena, .now_ms = clock_now_ms()};
    struct file_stored one;
    assert_true(file_store_put(&c, STR("whole"), &one));
    int fd = open(str_to_c(&arena, file_store_path(&arena, one.hash)), O_WRONLY);
    assert_int_equal(write(fd, "W", 1), 1);
    close(fd);
    assert_false(file_store_sound(&arena, one.hash, 5));
    /* The same content brought again mends it. */
    assert_true(file_store_put(&c, STR("whole"), &one));
    assert_true(file_store_sound(&arena, one.hash, 5));
}

static void a_file_is_moved_in(void **state) {
    (void)state;
    struct ctx c = {.arena = &arena, .now_ms = clock_now_ms()};
    struct file_stored one;
    struct str path = str_format(&arena, "%s/upload-1", folder);
    int fd = open(str_to_c(&arena, path), O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, "drawing", 7), 7);
    close(fd);
    assert_true(file_store_take(&c, path, &one));
    assert_int_equal(access(str_to_c(&arena, path), F_OK), -1);
    assert_true(file_store_sound(&arena, one.hash, 7));
    assert_false(file_store_take(&c, path, &one)); /* it is not there any more */
    assert_int_equal(c.error.code, ERROR_INTERNAL);
}

static void sweeping(void **state) {
    (void)state;
    struct ctx c = {.arena = &arena, .now_ms = clock_now_ms()};
    struct file_stored old, young, dear;
    file_store_put(&c, STR("old"), &old);
    file_store_put(&c, STR("young"), &young);
    file_store_put(&c, STR("dear"), &dear);
    int64_t yesterday = c.now_ms - MS_DAY;
    loved = str_to_c(&arena, dear.hash);
    age(old.hash, yesterday - MS_HOUR);
    age(dear.hash, yesterday - MS_HOUR);
    assert_int_equal(sweep_all(&c, yesterday), 1);
    assert_false(there(old.hash));
    assert_true(there(young.hash));
    assert_true(there(dear.hash));
    /* What is brought again is young again. */
    loved = NULL;
    file_store_put(&c, STR("dear"), &dear);
    assert_int_equal(sweep_all(&c, yesterday), 0);
    assert_true(there(dear.hash));
}

static void content_remove(void *data, struct str hash) {
    (void)data;
    unlink(str_to_c(&arena, file_store_path(&arena, hash)));
}

static int begin(void **state) {
    (void)state;
    arena_init(&arena);
    if (!crypto_start() || !mkdtemp(folder)) {
        return 1;
    }
    file_store_open(str_from(folder));
    return 0;
}

static int end(void **state) {
    (void)state;
    struct str store = str_format(&arena, "%s/store", folder);
    for (unsigned part = 0; part < FILE_STORE_PARTS; part++) {
        file_store_each(&arena, part, content_remove, NULL);
        rmdir(str_to_c(&arena, str_format(&arena, "%.*s/%02x", STR_ARG(store), part)));
    }
    unlink(str_to_c(&arena, str_format(&arena, "%.*s/lock", STR_ARG(store))));
    rmdir(str_to_c(&arena, store));
    int left = rmdir(folder);
    arena_free(&arena);
    return left;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_once), cmocka_unit_test(damage_is_seen),
        cmocka_unit_test(a_file_is_moved_in), cmocka_unit_test(sweeping)};
    return cmocka_run_group_tests(tests, begin, end);
}
