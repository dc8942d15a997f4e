/*
 * How WeChat signs and encrypts what it sends to a server (Official Account and WeCom alike), by
 * 「消息加解密说明」 of developers.weixin.qq.com.
 *
 * A signature is SHA-1 of texts sorted by their bytes and joined. A message is AES-256-CBC of
 * 16 random bytes, the length of the text in 4 bytes, the text, and the id of who receives it,
 * padded to a multiple of 32 bytes; the vector is the key's first half.
 */
#ifndef GUANTONG_CONNECTOR_WECHAT_CRYPT_H
#define GUANTONG_CONNECTOR_WECHAT_CRYPT_H

#include "base/str.h"

enum { WECHAT_KEY_BYTES = 32, WECHAT_KEY_CHARACTERS = 43, WECHAT_RANDOM = 16, WECHAT_SIGNED = 4 };

/* Of 2 to WECHAT_SIGNED texts, in lower-case hexadecimal digits. */
struct str wechat_signature(struct arena *a, const struct str *texts, size_t n);

/* An EncodingAESKey; false when it is none. Spare bits of its last character may be anything. */
bool wechat_key_read(struct arena *a, struct str text, unsigned char key[WECHAT_KEY_BYTES]);

/* False when it was not encrypted with this key or for this receiver. */
bool wechat_decrypt(struct arena *a, const unsigned char key[WECHAT_KEY_BYTES], struct str base64,
                    struct str receiver, struct str *plain);

struct wechat_sealing {
    unsigned char key[WECHAT_KEY_BYTES];
    unsigned char random[WECHAT_RANDOM];
    struct str receiver;
};
/* In base64; empty when the machine cannot. */
struct str wechat_encrypt(struct arena *a, const struct wechat_sealing *sealing, struct str plain);

#endif
