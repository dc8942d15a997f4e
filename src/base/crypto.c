#include "base/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(SECRET_KEY_BYTES == crypto_secretbox_KEYBYTES, "key of the secret box");
_Static_assert(SHA256_BYTES == crypto_hash_sha256_BYTES, "digest of SHA-256");
_Static_assert(HMAC_STATE_BYTES == sizeof(crypto_auth_hmacsha256_state), "key made ready");

bool crypto_start(void) {
    return sodium_init() >= 0;
}

static const unsigned char *bytes_of(struct str s) {
    return (const unsigned char *)(s.p ? s.p : "");
}

void sha256(struct str data, unsigned char digest[SHA256_BYTES]) {
    crypto_hash_sha256(digest, bytes_of(data), data.n);
}

static unsigned char fingerprint_key[crypto_generichash_KEYBYTES];

static void fingerprint_key_draw(void) {
    randombytes_buf(fingerprint_key, sizeof fingerprint_key);
}

void fingerprint(struct str data, unsigned kind, unsigned char digest[FINGERPRINT_BYTES]) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fingerprint_key_draw);
    crypto_generichash(digest, FINGERPRINT_BYTES, bytes_of(data), data.n, fingerprint_key,
                       sizeof fingerprint_key);
    digest[FINGERPRINT_BYTES - 1] ^= (unsigned char)kind;
}

static struct str digest_hex(struct arena *a, const unsigned char digest[SHA256_BYTES]) {
    return hex_encode(a, (struct str){(const char *)digest, SHA256_BYTES});
}

struct str sha256_hex(struct arena *a, struct str data) {
    unsigned char digest[SHA256_BYTES];
    sha256(data, digest);
    return digest_hex(a, digest);
}

void hmac_key_set(struct hmac_key *key, struct str bytes) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytes_of(bytes), bytes.n);
    memcpy(key->state, &state, sizeof state);
    sodium_memzero(&state, sizeof state);
}

void hmac_sha256_by(const struct hmac_key *key, struct str data,
                    unsigned char digest[SHA256_BYTES]) {
    crypto_auth_hmacsha256_state state;
    memcpy(&state, key->state, sizeof state);
    crypto_auth_hmacsha256_update(&state, bytes_of(data), data.n);
    crypto_auth_hmacsha256_final(&state, digest);
    sodium_memzero(&state, sizeof state);
}

void hmac_sha256(struct str key, struct str data, unsigned char digest[SHA256_BYTES]) {
    struct hmac_key ready;
    hmac_key_set(&ready, key);
    hmac_sha256_by(&ready, data, digest);
    sodium_memzero(&ready, sizeof ready);
}

struct str hmac_sha256_hex(struct arena *a, struct str key, struct str data) {
    unsigned char digest[SHA256_BYTES];
    hmac_sha256(key, data, digest);
    return digest_hex(a, digest);
}

void random_bytes(void *to, size_t n) {
    randombytes_buf(to, n);
}

uint32_t random_below(uint32_t below) {
    return below ? randombytes_uniform(below) : 0;
}

struct str random_token(struct arena *a, size_t n) {
    char *bytes = arena_alloc(a, n);
    random_bytes(bytes, n);
    return base64url_encode(a, (struct str){bytes, n});
}

bool secret_equal(struct str a, struct str b) {
    return a.n == b.n && sodium_memcmp(bytes_of(a), bytes_of(b), a.n) == 0;
}

struct str password_hash(struct arena *a, struct str password) {
    char hash[crypto_pwhash_STRBYTES];
    if (crypto_pwhash_str(hash, (const char *)bytes_of(password), password.n,
                          crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
        /* No memory for it: an empty hash, which verifies against nothing. */
        return STR("");
    }
    return str_copy(a, str_from(hash));
}

bool password_verify(struct str hash, struct str password) {
    char stored[crypto_pwhash_STRBYTES];
    if (!hash.n || hash.n >= sizeof stored) {
        return false;
    }
    memcpy(stored, hash.p, hash.n);
    memset(stored + hash.n, 0, sizeof stored - hash.n);
    return crypto_pwhash_str_verify(stored, (const char *)bytes_of(password), password.n) == 0;
}

static bool key_read(const char *path, struct secret_key *key) {
    unsigned char bytes[SECRET_KEY_BYTES + 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t n = read(fd, bytes, sizeof bytes);
    close(fd);
    if (n != SECRET_KEY_BYTES) {
        errno = n < 0 ? errno : EINVAL;
        return false;
    }
    memcpy(key->bytes, bytes, SECRET_KEY_BYTES);
    sodium_memzero(bytes, sizeof bytes);
    return true;
}

/* Written beside and linked into place, so that a crash leaves no half key and of two
 * processes that start together one wins. */
static bool key_make(const char *path) {
    struct arena a;
    arena_init(&a);
    char *draft = str_to_c(&a, str_format(&a, "%s.%d", path, (int)getpid()));
    struct secret_key key;
    random_bytes(key.bytes, sizeof key.bytes);
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    bool made = fd >= 0 && write(fd, key.bytes, sizeof key.bytes) == (ssize_t)sizeof key.bytes &&
                fsync(fd) == 0;
    if (fd >= 0) {
        made = close(fd) == 0 && made;
        made = made && (link(draft, path) == 0 || errno == EEXIST);
        int error = errno;
        unlink(draft);
        errno = error;
    }
    sodium_memzero(&key, sizeof key);
    arena_free(&a);
    return made;
}

bool secret_key_load(const char *path, struct secret_key *key) {
    if (key_read(path, key)) {
        return true;
    }
    return errno == ENOENT && key_make(path) && key_read(path, key);
}

struct str secret_seal(struct arena *a, const struct secret_key *key, struct str plain) {
    enum { NONCE = crypto_secretbox_NONCEBYTES, MAC = crypto_secretbox_MACBYTES };
    size_t n = NONCE + MAC + plain.n;
    unsigned char *box = arena_alloc(a, n);
    random_bytes(box, NONCE);
    crypto_secretbox_easy(box + NONCE, bytes_of(plain), plain.n, box, key->bytes);
    return base64_encode(a, (struct str){(char *)box, n});
}

bool secret_open(struct arena *a, const struct secret_key *key, struct str sealed,
                 struct str *plain) {
    enum { NONCE = crypto_secretbox_NONCEBYTES, MAC = crypto_secretbox_MACBYTES };
    struct str box;
    if (!base64_decode(a, sealed, &box) || box.n < NONCE + MAC) {
        return false;
    }
    size_t n = box.n - NONCE - MAC;
    unsigned char *out = arena_alloc(a, n + 1);
    if (crypto_secretbox_open_easy(out, bytes_of(box) + NONCE, box.n - NONCE, bytes_of(box),
                                   key->bytes) != 0) {
        return false;
    }
    *plain = (struct str){(char *)out, n};
    return true;
}

struct str hex_encode(struct arena *a, struct str bytes) {
    size_t n = bytes.n * 2;
    char *text = arena_alloc(a, n + 1);
    sodium_bin2hex(text, n + 1, bytes_of(bytes), bytes.n);
    return (struct str){text, n};
}

bool hex_decode(struct arena *a, struct str text, struct str *bytes) {
    unsigned char *out = arena_alloc(a, text.n / 2 + 1);
    size_t n = 0;
    if (text.n % 2 ||
        sodium_hex2bin(out, text.n / 2 + 1, text.n ? text.p : "", text.n, NULL, &n, NULL) != 0) {
        return false;
    }
    *bytes = (struct str){(char *)out, n};
    return true;
}

static struct str encode(struct arena *a, struct str bytes, int variant) {
    size_t size = sodium_base64_encoded_len(bytes.n, variant);
    char *text = arena_alloc(a, size);
    sodium_bin2base64(text, size, bytes_of(bytes), bytes.n, variant);
    return (struct str){text, strlen(text)};
}

static bool decode(struct arena *a, struct str text, int variant, struct str *bytes) {
    size_t size = text.n / 4 * 3 + 3, n = 0;
    unsigned char *out = arena_alloc(a, size);
    if (sodium_base642bin(out, size, text.n ? text.p : "", text.n, NULL, &n, NULL, variant) != 0) {
        return false;
    }
    *bytes = (struct str){(char *)out, n};
    return true;
}

struct str base64_encode(struct arena *a, struct str bytes) {
    return encode(a, bytes, sodium_base64_VARIANT_ORIGINAL);
}

struct str base64url_encode(struct arena *a, struct str bytes) {
    return encode(a, bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool base64_decode(struct arena *a, struct str text, struct str *bytes) {
    return decode(a, text, sodium_base64_VARIANT_ORIGINAL, bytes);
}

bool base64url_decode(struct arena *a, struct str text, struct str *bytes) {
    return decode(a, text, sodium_base64_VARIANT_URLSAFE_NO_PADDING, bytes);
}
