#include "marketing/mail_token.h"

#include "base/crypto.h"
#include "connector/mail.h"

enum { PLAIN = 10, WHOLE = PLAIN + MAIL_MAC };

struct str mail_token(struct arena *a, enum mail_token_kind kind, int64_t send_id, int position) {
    char bytes[WHOLE];
    bytes[0] = (char)kind;
    bytes[1] = (char)position;
    for (int i = 0; i < 8; i++) {
        bytes[2 + i] = (char)((uint64_t)send_id >> (56 - 8 * i));
    }
    mail_sign((struct str){bytes, PLAIN}, (unsigned char *)bytes + PLAIN);
    struct str all = {bytes, WHOLE};
    return kind == MAIL_BOUNCE ? hex_encode(a, all) : base64url_encode(a, all);
}

int64_t mail_token_read(struct arena *a, enum mail_token_kind kind, struct str token,
                        int *position) {
    struct str bytes = {0};
    unsigned char mac[MAIL_MAC];
    bool read = kind == MAIL_BOUNCE ? hex_decode(a, str_lower(a, token), &bytes)
                                    : base64url_decode(a, token, &bytes);
    if (!read || bytes.n != WHOLE || bytes.p[0] != (char)kind) {
        return 0;
    }
    mail_sign(str_slice(bytes, 0, PLAIN), mac);
    if (!secret_equal((struct str){(const char *)mac, sizeof mac},
                      str_slice(bytes, PLAIN, WHOLE))) {
        return 0;
    }
    uint64_t id = 0;
    for (int i = 0; i < 8; i++) {
        id = id << 8 | (unsigned char)bytes.p[2 + i];
    }
    if (position) {
        *position = (unsigned char)bytes.p[1];
    }
    return (int64_t)id;
}
