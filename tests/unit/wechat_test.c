/* Signatures, encryption and messages of WeChat, by the vectors in tests/data/protocols. */
#include "base_fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "connector/wechat_crypt.h"
#include "connector/wechat_message.h"

#define VECTORS "tests/data/protocols/wechat-vectors.json"

static const struct json *vectors(struct ctx *c) {
    enum { MOST = 1 << 20 };
    char *text = arena_bytes(c->arena, MOST);
    FILE *file = fopen(VECTORS, "rb");
    assert_non_null(file);
    size_t n = fread(text, 1, MOST, file);
    fclose(file);
    const struct json *all = json_parse(c, (struct str){text, n});
    assert_non_null(all);
    return all;
}

static void published_signatures(void **state) {
    (void)state;
    struct ctx c = {.arena = &test_arena};
    const struct json *list = json_get(vectors(&c), "plain_server_check");
    assert_true(list->n >= 2);
    for (size_t i = 0; i < list->n; i++) {
        const struct json *v = &list->items[i], *values = json_get(v, "values");
        struct str texts[3] = {json_text(v, "token"), json_text(v, "timestamp"),
                               json_text(v, "nonce")};
        size_t n = values ? values->n : 3;
        for (size_t k = 0; values && k < n; k++) {
            texts[k] = values->items[k].text;
        }
        struct str wanted = json_text(v, values ? "sha1_of_sorted_concat" : "signature");
        assert_str(wechat_signature(&test_arena, texts, n), str_to_c(&test_arena, wanted));
    }
}

static void published_encryption(void **state) {
    (void)state;
    struct ctx c = {.arena = &test_arena};
    const struct json *list = json_get(vectors(&c), "encrypt");
    assert_true(list->n >= 2);
    for (size_t i = 0; i < list->n; i++) {
        const struct json *v = &list->items[i];
        struct wechat_sealing sealing = {.receiver = json_text(v, "receiveid")};
        memcpy(sealing.random, json_text(v, "random16").p, WECHAT_RANDOM);
        assert_true(wechat_key_read(&test_arena, json_text(v, "encodingAESKey"), sealing.key));
        struct str sealed = wechat_encrypt(&test_arena, &sealing, json_text(v, "plaintext"));
        assert_str(sealed, str_to_c(&test_arena, json_text(v, "encrypt_base64")));
        const struct json *s = json_get(v, "msg_signature");
        if (s) {
            struct str texts[] = {json_text(s, "token"), json_text(s, "timestamp"),
                                  json_text(s, "nonce"), sealed};
            assert_str(wechat_signature(&test_arena, texts, 4),
                       str_to_c(&test_arena, json_text(s, "value")));
        }
    }
}

static void published_decryption(void **state) {
    (void)state;
    struct ctx c = {.arena = &test_arena};
    const struct json *list = json_get(vectors(&c), "decrypt");
    assert_true(list->n >= 2);
    for (size_t i = 0; i < list->n; i++) {
        const struct json *v = &list->items[i];
        unsigned char key[WECHAT_KEY_BYTES];
        struct str sealed = json_text(v, "echostr_or_encrypt"), plain;
        struct str texts[] = {json_text(v, "token"), json_text(v, "timestamp"),
                              json_text(v, "nonce"), sealed};
        assert_true(wechat_key_read(&test_arena, json_text(v, "encodingAESKey"), key));
        assert_str(wechat_signature(&test_arena, texts, 4),
                   str_to_c(&test_arena, json_text(v, "msg_signature")));
        assert_true(wechat_decrypt(&test_arena, key, sealed, json_text(v, "receiveid"), &plain));
        assert_str(plain, str_to_c(&test_arena, json_text(v, "plaintext")));
        /* For somebody else; with a byte more, with a bit turned in the padding's block. */
        assert_false(wechat_decrypt(&test_arena, key, sealed, STR("wx0"), &plain));
        assert_false(wechat_decrypt(&test_arena, key, STR("AAAA"), STR(""), &plain));
    }
}

/* Sealed by hand, so that length and padding can lie. */
static void lies(void **state) {
    (void)state;
    unsigned char key[WECHAT_KEY_BYTES];
    struct str plain;
    assert_false(wechat_key_read(&test_arena, STR("abc"), key));
    assert_false(
        wechat_key_read(&test_arena, STR("abcdefghijklmnopqrstuvwxyz0123456789ABCDEF-"), key));
    assert_true(
        wechat_key_read(&test_arena, STR("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"), key));
    /* A block of zeroes deciphers to no lawful padding but by chance one in eight thousand. */
    char zeroes[64] = {0};
    struct str sealed = base64_encode(&test_arena, (struct str){zeroes, sizeof zeroes});
    assert_false(wechat_decrypt(&test_arena, key, sealed, STR(""), &plain));
}

static void messages(void **state) {
    (void)state;
    struct wechat_message m;
    assert_true(wechat_message_read(
        &test_arena,
        STR("<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName>o&amp;1</FromUserName>"
            "<CreateTime>12</CreateTime><MsgType>event</MsgType><Event>SCAN</Event>"
            "<EventKey>x</EventKey><Deep><Content>not this</Content></Deep></xml>"),
        &m));
    assert_str(m.from, "o&1");
    assert_str(m.event, "SCAN");
    assert_int_equal(m.at, 12);
    assert_int_equal(m.content.n, 0);
    assert_str(wechat_message_key(&test_arena, &m), "o&1 12 SCAN x");
    m.id = STR("77");
    assert_str(wechat_message_key(&test_arena, &m), "77");
    struct str reply = wechat_reply_text(&test_arena, &m, STR("a]]>b"), 9);
    assert_true(str_find(reply, STR("<![CDATA[a]]]]><![CDATA[>b]]>")) > 0);
    assert_true(str_find(reply, STR("<ToUserName><![CDATA[o&1]]>")) > 0);
    static const char entity[] = "<!DOCTYPE x [<!ENTITY a \"b\">]><xml><FromUserName>&a;"
                                 "</FromUserName><MsgType>text</MsgType></xml>";
    static const char *const none[] = {
        "",     "<xml>",
        "text", "<xml></xml>",
        entity, "<xml><a><a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a></a></xml>"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_false(wechat_message_read(&test_arena, str_from(none[i]), &m));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(published_signatures), TEST(published_encryption),
                                       TEST(published_decryption), TEST(lies), TEST(messages)};
    if (!crypto_start()) {
        return 1;
    }
    return cmocka_run_group_tests_name("wechat", tests, NULL, NULL);
}
