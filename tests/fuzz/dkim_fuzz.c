/* Any bytes as a mail that is signed, and as a name server's answer. What is canonical stays it, the
 * mail goes out as it was behind its signature, and the signature is a head of its own. */
#include <arpa/nameser.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

#include "connector/mail_dkim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str answer;

/* Instead of the C library's: the answer is what the fuzzer made up. */
int res_nquery(res_state state, const char *name, int class, int type, unsigned char *bytes,
               int most) {
    (void)state;
    (void)name;
    (void)class;
    (void)type;
    if (answer.n) {
        memcpy(bytes, answer.p, answer.n < (size_t)most ? answer.n : (size_t)most);
    }
    return (int)answer.n; /* as the real one: how long it is, even when it did not fit */
}

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static bool ends(struct str text, struct str end) {
    return text.n >= end.n && !memcmp(text.p + text.n - end.n, end.p, end.n);
}

static void canonical(struct arena *a, struct str wire) {
    struct str body = dkim_body(a, wire), field = dkim_header(a, wire);
    must(str_equal(dkim_body(a, body), body));
    must(!body.n || ends(body, STR("\r\n")));
    must(!ends(body, STR("\r\n\r\n")));
    ptrdiff_t colon = str_find_char(wire, ':'), line = str_find_char(wire, '\n');
    ptrdiff_t back = str_find_char(wire, '\r');
    if ((line < 0 || colon < line) && (back < 0 || colon < back)) {
        must(str_equal(dkim_header(a, field), field));
        must(str_find_char(field, '\r') < 0 && str_find_char(field, '\n') < 0);
    }
}

static void sign(struct arena *a, struct str wire) {
    static struct arena kept;
    static struct dkim_key key;
    if (!key.private.n) {
        struct str public;
        arena_init(&kept);
        key = (struct dkim_key){
            .domain = STR("example.cn"), .selector = STR("k1"), .ed25519 = true};
        must(dkim_make(&kept, true, &key.private, &public));
    }
    struct str sent = dkim_signed(a, &key, 1, wire, 0);
    must(ends(sent, wire));
    struct str head = str_slice(sent, 0, sent.n - wire.n), line;
    must(str_starts(head, STR("DKIM-Signature: ")) && ends(head, STR("\r\n")));
    for (bool first = true; str_cut(&head, '\n', &line); first = false) {
        must(first || !line.n || line.p[0] == ' ');
    }
}

static void names(struct arena *a, struct str bytes) {
    answer = str_slice(bytes, 0, bytes.n < 16384 ? bytes.n : 16384);
    struct dns_texts found = dns_texts(a, STR("k1._domainkey.example.cn"));
    must(found.n <= DNS_TEXTS);
    must((found.outcome == DNS_FOUND) == (found.n > 0));
    for (size_t i = 0; i < found.n; i++) {
        must(found.texts[i].n <= answer.n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct str bytes = {(const char *)data, size};
    arena_init(&a);
    canonical(&a, bytes);
    sign(&a, bytes);
    names(&a, bytes);
    arena_free(&a);
    return 0;
}
