/* Digests, passwords, sealed secrets, text forms of bytes. */
#include "base_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"

/* FIPS 180-4 examples; RFC 4231 cases 1 and 2. */
static void published_digests(void **state) {
    (void)state;
    assert_str(sha256_hex(&test_arena, STR("abc")),
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_str(sha256_hex(&test_arena, STR("")),
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    char key[20];
    memset(key, 0x0B, sizeof key);
    assert_str(hmac_sha256_hex(&test_arena, (struct str){key, sizeof key}, STR("Hi There")),
               "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    assert_str(hmac_sha256_hex(&test_arena, STR("Jefe"), STR("what do ya want for nothing?")),
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* RFC 4648, section 10. */
static void published_base64(void **state) {
    (void)state;
    static const char *const plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};
    static const char *const encoded[] = {"",         "Zg==",     "Zm8=",    "Zm9v",
                                          "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    struct str bytes;
    for (size_t i = 0; i < 7; i++) {
        assert_str(base64_encode(&test_arena, str_from(plain[i])), encoded[i]);
        assert_true(base64_decode(&test_arena, str_from(encoded[i]), &bytes));
        assert_str(bytes, plain[i]);
    }
    assert_str(base64url_encode(&test_arena, STR("\xfb\xff\xfe")), "-__-");
    assert_true(base64url_decode(&test_arena, STR("-__-"), &bytes));
    assert_memory_equal(bytes.p, "\xfb\xff\xfe", 3);
    assert_false(base64_decode(&test_arena, STR("Zg"), &bytes));
    assert_false(base64_decode(&test_arena, STR("Zg==\n"), &bytes));
    assert_false(base64_decode(&test_arena, STR("-__-"), &bytes));
    assert_false(base64url_decode(&test_arena, STR("Zg=="), &bytes));
}

static void hexadecimal(void **state) {
    (void)state;
    struct str bytes;
    assert_str(hex_encode(&test_arena, STR("\x01\xAB\xff")), "01abff");
    assert_true(hex_decode(&test_arena, STR("01ABff"), &bytes));
    assert_memory_equal(bytes.p, "\x01\xAB\xff", 3);
    assert_true(hex_decode(&test_arena, STR(""), &bytes) && bytes.n == 0);
    assert_false(hex_decode(&test_arena, STR("0"), &bytes));
    assert_false(hex_decode(&test_arena, STR("0g"), &bytes));
    assert_false(hex_decode(&test_arena, STR("0a 0b"), &bytes));
}

static void passwords(void **state) {
    (void)state;
    struct str hash = password_hash(&test_arena, STR("天工2026"));
    assert_true(str_starts(hash, STR("$argon2id$")));
    assert_true(password_verify(hash, STR("天工2026")));
    assert_false(password_verify(hash, STR("天工2027")));
    assert_false(password_verify(hash, STR("")));
    assert_false(password_verify(STR(""), STR("")));
    assert_false(password_verify(STR("plain"), STR("plain")));
}

static void sealed_secrets(void **state) {
    (void)state;
    struct secret_key key, other;
    random_bytes(&key, sizeof key);
    random_bytes(&other, sizeof other);
    struct str plain = STR("app secret \0 with nul"), opened;
    struct str sealed = secret_seal(&test_arena, &key, plain);
    assert_int_equal(str_find(sealed, STR("secret")), -1);
    assert_true(secret_open(&test_arena, &key, sealed, &opened));
    assert_true(str_equal(opened, plain));
    assert_false(str_equal(sealed, secret_seal(&test_arena, &key, plain)));
    assert_false(secret_open(&test_arena, &other, sealed, &opened));
    char *broken = arena_copy(&test_arena, sealed.p, sealed.n);
    broken[40] = broken[40] == 'A' ? 'B' : 'A';
    assert_false(secret_open(&test_arena, &key, (struct str){broken, sealed.n}, &opened));
    assert_false(secret_open(&test_arena, &key, STR("AAAA"), &opened));
}

static void the_key_file(void **state) {
    (void)state;
    char folder[] = "/tmp/guantong-key-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char *path = str_to_c(&test_arena, str_format(&test_arena, "%s/key", folder));
    struct secret_key first, second;
    struct stat status;
    assert_true(secret_key_load(path, &first));
    assert_true(secret_key_load(path, &second));
    assert_memory_equal(&first, &second, sizeof first);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(truncate(path, 31), 0);
    assert_false(secret_key_load(path, &second));
    assert_int_equal(errno, EINVAL);
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
}

static void randomness(void **state) {
    (void)state;
    struct str a = random_token(&test_arena, 32), b = random_token(&test_arena, 32);
    assert_int_equal(a.n, 43);
    assert_false(str_equal(a, b));
    assert_true(secret_equal(a, a));
    assert_false(secret_equal(a, b));
    assert_false(secret_equal(a, str_slice(a, 0, 42)));
    bool seen[6] = {false};
    for (int i = 0; i < 1000; i++) {
        seen[random_below(6)] = true;
    }
    for (int i = 0; i < 6; i++) {
        assert_true(seen[i]);
    }
    assert_int_equal(random_below(0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(published_digests), TEST(published_base64), TEST(hexadecimal), TEST(passwords),
        TEST(sealed_secrets),    TEST(the_key_file),     TEST(randomness),
    };
    if (!crypto_start()) {
        return 1;
    }
    return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
