#include "connector/wechat_crypt.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/crypto.h"

enum { SHA1_BYTES = 20, BLOCK = 32, LENGTH_BYTES = 4, CIPHER_MOST = 1 << 20 };

struct str wechat_signature(struct arena *a, const struct str *texts, size_t n) {
    struct str sorted[WECHAT_SIGNED];
    struct text_buffer joined = {.arena = a};
    unsigned char digest[SHA1_BYTES];
    for (size_t i = 0; i < n && i < WECHAT_SIGNED; i++) {
        size_t at = i;
        for (; at > 0 && str_compare(texts[i], sorted[at - 1]) < 0; at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = texts[i];
    }
    for (size_t i = 0; i < n && i < WECHAT_SIGNED; i++) {
        text_add(&joined, sorted[i]);
    }
    struct str all = text_str(&joined);
    if (!EVP_Digest(all.p, all.n, digest, NULL, EVP_sha1(), NULL)) {
        return STR("");
    }
    return hex_encode(a, (struct str){(const char *)digest, sizeof digest});
}

static bool is_base64(char b) {
    return (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '+' ||
           b == '/';
}

bool wechat_key_read(struct arena *a, struct str text, unsigned char key[WECHAT_KEY_BYTES]) {
    unsigned char bytes[WECHAT_KEY_BYTES + 1];
    bool good = text.n == WECHAT_KEY_CHARACTERS;
    for (size_t i = 0; good && i < text.n; i++) {
        good = is_base64(text.p[i]);
    }
    if (!good) {
        return false;
    }
    struct str padded = str_format(a, "%.*s=", STR_ARG(text));
    if (EVP_DecodeBlock(bytes, (const unsigned char *)padded.p, (int)padded.n) != sizeof bytes) {
        return false;
    }
    memcpy(key, bytes, WECHAT_KEY_BYTES);
    return true;
}

/* AES-256-CBC of whole blocks into out, either way. */
static bool aes(const unsigned char *key, struct str in, unsigned char *out, bool encrypt) {
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int n = 0, end = 0;
    bool good = cipher &&
                EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key, key, encrypt ? 1 : 0) &&
                EVP_CIPHER_CTX_set_padding(cipher, 0) &&
                EVP_CipherUpdate(cipher, out, &n, (const unsigned char *)in.p, (int)in.n) &&
                EVP_CipherFinal_ex(cipher, out + n, &end) && (size_t)(n + end) == in.n;
    EVP_CIPHER_CTX_free(cipher);
    return good;
}

bool wechat_decrypt(struct arena *a, const unsigned char key[WECHAT_KEY_BYTES], struct str base64,
                    struct str receiver, struct str *plain) {
    struct str sealed;
    if (!base64_decode(a, base64, &sealed) || sealed.n < BLOCK || sealed.n % 16 ||
        sealed.n > CIPHER_MOST) {
        return false;
    }
    unsigned char *bytes = arena_alloc(a, sealed.n + 16);
    if (!aes(key, sealed, bytes, false)) {
        return false;
    }
    size_t pad = bytes[sealed.n - 1];
    if (pad < 1 || pad > BLOCK || sealed.n < pad + WECHAT_RANDOM + LENGTH_BYTES) {
        return false;
    }
    const unsigned char *length = bytes + WECHAT_RANDOM;
    size_t n = (size_t)length[0] << 24 | (size_t)length[1] << 16 | (size_t)length[2] << 8 |
               length[3];
    size_t room = sealed.n - pad - WECHAT_RANDOM - LENGTH_BYTES;
    if (n > room) {
        return false;
    }
    const char *text = (const char *)length + LENGTH_BYTES;
    *plain = (struct str){text, n};
    return str_equal((struct str){text + n, room - n}, receiver);
}

struct str wechat_encrypt(struct arena *a, const struct wechat_sealing *sealing, struct str plain) {
    size_t n = WECHAT_RANDOM + LENGTH_BYTES + plain.n + sealing->receiver.n;
    size_t pad = BLOCK - n % BLOCK;
    unsigned char *bytes = arena_alloc(a, n + pad), *out = arena_alloc(a, n + pad + 16);
    unsigned char *length = bytes + WECHAT_RANDOM;
    memcpy(bytes, sealing->random, WECHAT_RANDOM);
    length[0] = (unsigned char)(plain.n >> 24);
    length[1] = (unsigned char)(plain.n >> 16);
    length[2] = (unsigned char)(plain.n >> 8);
    length[3] = (unsigned char)plain.n;
    memcpy(length + LENGTH_BYTES, plain.p, plain.n);
    memcpy(length + LENGTH_BYTES + plain.n, sealing->receiver.p, sealing->receiver.n);
    memset(bytes + n, (int)pad, pad);
    struct str all = {(const char *)bytes, n + pad};
    return aes(sealing->key, all, out, true)
               ? base64_encode(a, (struct str){(const char *)out, all.n})
               : STR("");
}
