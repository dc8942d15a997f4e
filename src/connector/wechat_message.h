/* Messages and events of a WeChat Official Account, as its server posts them, and answers to them
 * (developers.weixin.qq.com, 「接收普通消息」「接收事件推送」「被动回复用户消息」). */
#ifndef GUANTONG_CONNECTOR_WECHAT_MESSAGE_H
#define GUANTONG_CONNECTOR_WECHAT_MESSAGE_H

#include "base/str.h"

struct wechat_message {
    struct str to, from;   /* the account's raw id, the follower's openid */
    int64_t at;            /* seconds */
    struct str type;       /* "text" "image" … "event" */
    struct str event, key; /* of an event: "subscribe" "SCAN" "CLICK" …, EventKey */
    struct str content;    /* of a text; of a voice what was recognised */
    struct str id;         /* MsgId; empty for events */
    struct str encrypt;    /* of an encrypted one */
};

/* False when it is no such XML; a document type declaration is refused. Texts are in the arena. */
bool wechat_message_read(struct arena *a, struct str xml, struct wechat_message *message);

/* What tells a message sent again from another: the MsgId, else who, when and what. */
struct str wechat_message_key(struct arena *a, const struct wechat_message *message);

/* The XML that answers it with a text. */
struct str wechat_reply_text(struct arena *a, const struct wechat_message *message, struct str text,
                             int64_t at);

/* The envelope of an encrypted answer. */
struct wechat_envelope {
    struct str encrypt, signature, timestamp, nonce;
};
struct str wechat_reply_sealed(struct arena *a, const struct wechat_envelope *envelope);

#endif
