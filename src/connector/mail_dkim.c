#include "connector/mail_dkim.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"

enum { RSA_BITS = 2048, FOLD = 72 };

/* What is signed of a head, where it is there. "from" once more than there is, so that nobody
 * adds a second one in front. */
static const char *const signed_fields[] = {"from",
                                            "from",
                                            "to",
                                            "subject",
                                            "date",
                                            "message-id",
                                            "reply-to",
                                            "mime-version",
                                            "content-type",
                                            "list-unsubscribe",
                                            "list-unsubscribe-post",
                                            NULL};

static bool blank(char b) {
    return b == ' ' || b == '\t';
}

struct str dkim_body(struct arena *a, struct str body) {
    struct text_buffer out = {.arena = a};
    size_t empty = 0, i = 0;
    while (i < body.n) {
        ptrdiff_t end = str_find(str_slice(body, i, body.n), STR("\r\n"));
        struct str line = str_slice(body, i, end < 0 ? body.n : i + (size_t)end);
        i += line.n + 2;
        while (line.n && blank(line.p[line.n - 1])) {
            line.n--;
        }
        if (!line.n) {
            empty++;
            continue;
        }
        for (; empty; empty--) {
            text_add_c(&out, "\r\n");
        }
        for (size_t k = 0; k < line.n; k++) {
            if (!blank(line.p[k])) {
                text_add_char(&out, line.p[k]);
            } else if (!k || !blank(line.p[k - 1])) {
                text_add_char(&out, ' ');
            }
        }
        text_add_c(&out, "\r\n");
    }
    return text_str(&out);
}

struct str dkim_header(struct arena *a, struct str field) {
    struct text_buffer out = {.arena = a};
    ptrdiff_t colon = str_find_char(field, ':');
    if (colon < 0) {
        return STR("");
    }
    text_add(&out, str_trim(str_lower(a, str_slice(field, 0, (size_t)colon))));
    text_add_char(&out, ':');
    struct str value = str_trim(str_slice(field, (size_t)colon + 1, field.n));
    bool space = false;
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '\r' || value.p[i] == '\n') {
            continue;
        }
        if (blank(value.p[i])) {
            space = true;
            continue;
        }
        if (space) {
            text_add_char(&out, ' ');
        }
        space = false;
        text_add_char(&out, value.p[i]);
    }
    return text_str(&out);
}

/* The field of that name, with the lines it is folded over; empty when there is none. */
static struct str field_find(struct arena *a, struct str head, const char *name) {
    size_t i = 0;
    while (i < head.n) {
        size_t end = i;
        do {
            ptrdiff_t stop = str_find(str_slice(head, end, head.n), STR("\r\n"));
            end = stop < 0 ? head.n : end + (size_t)stop + 2;
        } while (end < head.n && blank(head.p[end]));
        struct str field = str_slice(head, i, end);
        ptrdiff_t colon = str_find_char(field, ':');
        if (colon > 0 && str_is(str_lower(a, str_slice(field, 0, (size_t)colon)), name)) {
            return field;
        }
        i = end;
    }
    return STR("");
}

static EVP_PKEY *key_read(struct str pem) {
    BIO *in = BIO_new_mem_buf(pem.p, (int)pem.n);
    EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, NULL, NULL) : NULL;
    BIO_free(in);
    return key;
}

/* RSA signs the text by way of its digest, Ed25519 the digest itself (RFC 8463, 3). */
static struct str sign(struct arena *a, const struct dkim_key *key, struct str text) {
    unsigned char digest[SHA256_BYTES], bytes[512];
    size_t n = sizeof bytes;
    EVP_PKEY *private = key_read(key->private);
    EVP_MD_CTX *m = EVP_MD_CTX_new();
    sha256(text, digest);
    struct str data = key->ed25519 ? (struct str){(const char *)digest, sizeof digest} : text;
    bool good = private && m &&
                EVP_DigestSignInit(m, NULL, key->ed25519 ? NULL : EVP_sha256(), NULL, private) ==
                    1 &&
                EVP_DigestSign(m, bytes, &n, (const unsigned char *)data.p, data.n) == 1;
    EVP_MD_CTX_free(m);
    EVP_PKEY_free(private);
    return good ? base64_encode(a, (struct str){(const char *)bytes, n}) : STR("");
}

/* One signature as a header field with its line end; empty when the key is none. */
static struct str signature(struct arena *a, const struct dkim_key *key, struct str wire,
                            int64_t at) {
    unsigned char digest[SHA256_BYTES];
    struct text_buffer names = {.arena = a}, text = {.arena = a}, out = {.arena = a};
    ptrdiff_t split = str_find(wire, STR("\r\n\r\n"));
    struct str head = str_slice(wire, 0, split < 0 ? wire.n : (size_t)split + 2);
    struct str body = str_slice(wire, split < 0 ? wire.n : (size_t)split + 4, wire.n);
    bool from_again = false;
    for (const char *const *name = signed_fields; *name; name++) {
        struct str field = field_find(a, head, *name);
        bool again = str_is(str_from(*name), "from") && from_again;
        if (!field.n) {
            continue;
        }
        text_add_format(&names, "%s%s", names.n ? ":" : "", *name);
        from_again |= str_is(str_from(*name), "from");
        if (!again) {
            text_add(&text, dkim_header(a, field));
            text_add_c(&text, "\r\n");
        }
    }
    sha256(dkim_body(a, body), digest);
    text_add_format(&out,
                    "DKIM-Signature: v=1; a=%s; c=relaxed/relaxed; d=%.*s; s=%.*s;\r\n t=%lld; "
                    "h=%.*s;\r\n bh=%.*s;\r\n b=",
                    key->ed25519 ? "ed25519-sha256" : "rsa-sha256", STR_ARG(key->domain),
                    STR_ARG(key->selector), (long long)(at / MS_SECOND), STR_ARG(text_str(&names)),
                    STR_ARG(base64_encode(a, (struct str){(const char *)digest, sizeof digest})));
    text_add(&text, dkim_header(a, text_str(&out)));
    struct str signed_text = sign(a, key, text_str(&text));
    for (size_t i = 0; i < signed_text.n; i += FOLD) {
        text_add_c(&out, i ? "\r\n " : "");
        text_add(&out,
                 str_slice(signed_text, i, i + FOLD < signed_text.n ? i + FOLD : signed_text.n));
    }
    text_add_c(&out, "\r\n");
    return signed_text.n ? text_str(&out) : STR("");
}

struct str dkim_signed(struct arena *a, const struct dkim_key *keys, size_t n, struct str wire,
                       int64_t at) {
    struct text_buffer out = {.arena = a};
    for (size_t i = 0; i < n; i++) {
        text_add(&out, signature(a, &keys[i], wire, at));
    }
    text_add(&out, wire);
    return text_str(&out);
}

static struct str pem_write(struct arena *a, EVP_PKEY *key) {
    char *bytes = NULL;
    BIO *out = BIO_new(BIO_s_mem());
    bool good = out && PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1;
    long n = good ? BIO_get_mem_data(out, &bytes) : 0;
    struct str pem = n > 0 ? str_copy(a, (struct str){bytes, (size_t)n}) : STR("");
    BIO_free(out);
    return pem;
}

static struct str public_write(struct arena *a, bool ed25519, EVP_PKEY *key) {
    unsigned char raw[64], *der = NULL;
    size_t n = sizeof raw;
    if (ed25519) {
        return EVP_PKEY_get_raw_public_key(key, raw, &n) == 1
                   ? base64_encode(a, (struct str){(const char *)raw, n})
                   : STR("");
    }
    int size = i2d_PUBKEY(key, &der);
    struct str text = size > 0 ? base64_encode(a, (struct str){(const char *)der, (size_t)size})
                               : STR("");
    OPENSSL_free(der);
    return text;
}

bool dkim_make(struct arena *a, bool ed25519, struct str *private, struct str *public) {
    EVP_PKEY *key = ed25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") : EVP_RSA_gen(RSA_BITS);
    if (!key) {
        return false;
    }
    *private = pem_write(a, key);
    *public = public_write(a, ed25519, key);
    EVP_PKEY_free(key);
    return private->n && public->n;
}
