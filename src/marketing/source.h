/*
 * Sources: places outside from which people come in by themselves, each with an address of its own
 * (/hook/<key>) and a secret by which what it sends is known to be its.
 *
 * Kinds: "webhook", any program that signs JSON, "wechat", an Official Account, and "site", a site
 * of the company's that says who is logged in there. A paused source refuses, so that the platform
 * keeps what it has and sends it again; what a source once took in stays in the log of captures.
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

/* Whether the instant a source signed its message at (seconds or ms since 1970) is near to now:
 * within its config's "window_seconds", 300 unless said, so that nobody sends again later what he
 * once saw. */
bool source_in_time(const struct request *r, const struct source *s, struct str text,
                    int64_t *seconds);
void source_window_check(struct ctx *c, const struct json *config);

struct source_kind {
    const char *name;
    /* Field errors below /config for what a source of the kind cannot work with. */
    void (*check)(struct ctx *c, const struct json *config);
    /* Take in what was sent to the address: verify, keep, make something of it, answer. */
    void (*post)(struct request *r, const struct source *source);
    /* For capture_run. */
    void (*make)(struct ctx *c, struct capture *capture);
};
/* NULL when there is none of that name. */
const struct source_kind *source_kind_named(struct str name);

void webhook_source_check(struct ctx *c, const struct json *config);
void webhook_source_post(struct request *r, const struct source *source);
void webhook_source_make(struct ctx *c, struct capture *capture);

void wechat_source_check(struct ctx *c, const struct json *config);
void wechat_source_post(struct request *r, const struct source *source);
void wechat_source_make(struct ctx *c, struct capture *capture);
void wechat_source_get(struct request *r, const struct source *source);

void site_source_check(struct ctx *c, const struct json *config);
void site_source_post(struct request *r, const struct source *source);
void site_source_make(struct ctx *c, struct capture *capture);
/* What the script of a site handed on with its batch: a token of who is logged in at this browser.
 * What is no token of a source is passed over. */
void site_signed_in(struct ctx *c, struct str token, struct str visitor_key);

/* What a payload would become, without keeping it: {"fields":{…},"refused":""}. */
void webhook_source_try(struct request *r, const struct source *source, struct str payload);

/* What was sent, as text in UTF-8; never NULL. */
struct str source_payload(struct request *r);

/* Note on the page of sources, where it helps with setting up, what was none of the source's. */
void source_refused(struct ctx *c, const struct source *source, const char *why);
/* The same, and answer 401. */
void source_refuse(struct request *r, const struct source *source, const char *why);

#endif
