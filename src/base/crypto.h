/*
 * Digests, passwords, random tokens and stored secrets, by libsodium. Text forms of bytes.
 *
 * crypto_start must have been called once (it is safe to call again).
 */
#ifndef GUANTONG_BASE_CRYPTO_H
#define GUANTONG_BASE_CRYPTO_H

#include "base/str.h"

enum { SHA256_BYTES = 32, SECRET_KEY_BYTES = 32 };

/* False when libsodium cannot start (no source of randomness). */
bool crypto_start(void);

void sha256(struct str data, unsigned char digest[SHA256_BYTES]);
struct str sha256_hex(struct arena *a, struct str data);
/* Tells data apart within this process: a digest under a key that is drawn at start and never
 * leaves it, of the given kind. */
enum { FINGERPRINT_BYTES = 16 };
void fingerprint(struct str data, unsigned kind, unsigned char digest[FINGERPRINT_BYTES]);
void hmac_sha256(struct str key, struct str data, unsigned char digest[SHA256_BYTES]);
struct str hmac_sha256_hex(struct arena *a, struct str key, struct str data);
/* A key made ready once, for many short texts: half of the work of a digest of one is the key's. */
enum { HMAC_STATE_BYTES = 208 };
struct hmac_key {
    _Alignas(uint64_t) unsigned char state[HMAC_STATE_BYTES];
};
void hmac_key_set(struct hmac_key *key, struct str bytes);
void hmac_sha256_by(const struct hmac_key *key, struct str data,
                    unsigned char digest[SHA256_BYTES]);

void random_bytes(void *to, size_t n);
/* n random bytes as base64url: 32 bytes give 43 characters. */
struct str random_token(struct arena *a, size_t n);
/* A number in [0, below) without bias; 0 when below is 0. */
uint32_t random_below(uint32_t below);

/* Equal, in a time that depends on the lengths only. */
bool secret_equal(struct str a, struct str b);

/*
 * Argon2id with libsodium's INTERACTIVE cost: 2 passes over 64 MB, about 0.1 s. Never inside
 * the writer's transaction. The hash is text with its salt and parameters.
 */
struct str password_hash(struct arena *a, struct str password);
bool password_verify(struct str hash, struct str password);

/* The key that encrypts stored secrets. */
struct secret_key {
    unsigned char bytes[SECRET_KEY_BYTES];
};
/* Read the key file; make it, readable by its owner only, when it does not exist. False with
 * errno set when neither works or the file has another size. */
bool secret_key_load(const char *path, struct secret_key *key);
/* Encrypt and authenticate (XSalsa20-Poly1305, random nonce): base64 text for a column. */
struct str secret_seal(struct arena *a, const struct secret_key *key, struct str plain);
/* False when the text was not sealed with this key. */
bool secret_open(struct arena *a, const struct secret_key *key, struct str sealed,
                 struct str *plain);

struct str hex_encode(struct arena *a, struct str bytes); /* lower case */
bool hex_decode(struct arena *a, struct str text, struct str *bytes);
struct str base64_encode(struct arena *a, struct str bytes);    /* with padding */
struct str base64url_encode(struct arena *a, struct str bytes); /* without padding */
/* Strict: no blanks, padding as the variant says. */
bool base64_decode(struct arena *a, struct str text, struct str *bytes);
bool base64url_decode(struct arena *a, struct str text, struct str *bytes);

#endif
