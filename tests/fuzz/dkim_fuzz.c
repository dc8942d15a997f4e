/* Any bytes as a mail that is signed, and as a name server's answer. What is canonical stays it,
 * the mail goes out as it was behind its signature, and the signature is a head of its own. */
#include <stdlib.h>
#include <string.h>

#include "connector/mail_dkim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

static void names(struct arena *a, struct str wire) {
    struct dns_texts found = dns_answer(a, wire);
    must(found.n <= DNS_TEXTS);
    must((found.outcome == DNS_FOUND) == (found.n > 0));
    for (size_t i = 0; i < found.n; i++) {
        must(found.texts[i].n <= wire.n);
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
