/* Any bytes as what claims to be WeChat's server posts: XML, and something encrypted. What is
 * answered can be read again, and only what was sealed with the key opens. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "connector/wechat_crypt.h"
#include "connector/wechat_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static void message(struct arena *a, struct str xml) {
    struct wechat_message m = {0}, again = {0};
    if (!wechat_message_read(a, xml, &m)) {
        return;
    }
    must(text_valid(m.from) && text_valid(m.to) && text_valid(m.content) && text_valid(m.event));
    must(wechat_message_key(a, &m).n > 0);
    if (!m.from.n || !m.to.n) {
        return;
    }
    struct str reply = wechat_reply_text(a, &m, m.content, m.at);
    must(wechat_message_read(a, reply, &again));
    must(str_equal(again.to, m.from) && str_equal(again.from, m.to));
    /* XML makes every line end the same. */
    must(str_find_char(m.content, '\r') >= 0 || str_equal(again.content, m.content));
}

static void sealed(struct arena *a, struct str bytes) {
    struct wechat_sealing with = {.key = {1, 2, 3}, .random = {4, 5}, .receiver = STR("wx123")};
    struct str plain = STR("");
    must(!wechat_decrypt(a, with.key, bytes, STR("wx124"), &plain));
    struct str closed = wechat_encrypt(a, &with, bytes);
    must(wechat_decrypt(a, with.key, closed, with.receiver, &plain));
    must(str_equal(plain, bytes));
    wechat_decrypt(a, with.key, bytes, with.receiver, &plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct str bytes = {(const char *)data, size};
    arena_init(&a);
    message(&a, bytes);
    sealed(&a, bytes);
    arena_free(&a);
    return 0;
}
