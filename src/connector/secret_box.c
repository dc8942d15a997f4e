#include "connector/secret_box.h"

static const struct secret_key *box_key;

void secret_box_key(const struct secret_key *key) {
    box_key = key;
}

bool secret_box_ready(void) {
    return box_key != NULL;
}

struct str secret_box_seal(struct ctx *c, struct str plain) {
    if (!plain.n) {
        return STR("");
    }
    if (!box_key) {
        ctx_fail_internal(c, "no key to seal a secret");
        return STR("");
    }
    return secret_seal(c->arena, box_key, plain);
}

struct str secret_box_open(struct ctx *c, struct str sealed) {
    struct str plain = STR("");
    if (sealed.n && (!box_key || !secret_open(c->arena, box_key, sealed, &plain))) {
        ctx_fail_internal(c, "a secret cannot be opened with this key");
        return STR("");
    }
    return plain;
}

struct str secret_box_sign(struct ctx *c, const char *purpose, struct str text) {
    if (!box_key) {
        ctx_fail_internal(c, "no key to sign with");
        return STR("");
    }
    struct str key = {(const char *)box_key->bytes, SECRET_KEY_BYTES};
    struct str own = hmac_sha256_hex(c->arena, key, str_from(purpose));
    return str_slice(hmac_sha256_hex(c->arena, own, text), 0, 32);
}
