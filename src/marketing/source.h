/*
 * Sources: places outside from which people come in by themselves, each with an address of its own
 * (/hook/<key>) and a secret by which what it sends is known to be its.
 *
 * Kinds: "webhook", any program that signs JSON, and "wechat", an Official Account. A paused source
 * refuses, so that the platform keeps what it has and sends it again; what a source once took in
 * stays in the log of captures.
 */
#ifndef GUANTONG_MARKETING_SOURCE_H
#define GUANTONG_MARKETING_SOURCE_H

#include "customer/capture_log.h"
#include "http/request.h"

struct source {
    int64_t id;
    struct str kind, name, key; /* key: the last part of its address */
    struct str config_text;
    const struct json *config; /* the kind's, an object */
    bool enabled;
    struct str secret, previous; /* opened; previous: the one before, while it is good */
    struct str second;           /* of wechat: the EncodingAESKey, or empty */
    int64_t created_at;
    int64_t refused, refused_at; /* deliveries that were none of its */
    struct str refused_why;      /* text code */
};

/* NULL when there is none. Secrets are opened only when asked for. */
struct source *source_find(struct ctx *c, int64_t id, bool secrets);
struct source *source_by_key(struct ctx *c, struct str key);

/* Keep a new source, checked before; its id. Emits source.created. */
struct source_draft {
    struct str kind, name, secret, second, config; /* secrets open; second may be empty */
    bool enabled;
};
int64_t source_add(struct ctx *c, const struct source_draft *draft);

/* The kinds' own parts. */

/* Field errors below /config for what a source of the kind cannot work with. */
void webhook_source_check(struct ctx *c, const struct json *config);
void wechat_source_check(struct ctx *c, const struct json *config);

/* Take in what was sent to the address: verify, keep, make something of it, answer. */
void webhook_source_post(struct request *r, const struct source *source);
void wechat_source_post(struct request *r, const struct source *source);
void wechat_source_get(struct request *r, const struct source *source);

/* For capture_run. */
void webhook_source_make(struct ctx *c, struct capture *capture);
void wechat_source_make(struct ctx *c, struct capture *capture);

/* What a payload would become, without keeping it: {"fields":{…},"refused":""}. */
void webhook_source_try(struct request *r, const struct source *source, struct str payload);

/* Answer 401: not the source's. Noted on the page of sources, where it helps with setting up. */
void source_refuse(struct request *r, const struct source *source, const char *why);

#endif
