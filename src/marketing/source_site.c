/*
 * Sites of the company's that say who is logged in there, so that what somebody did at this browser
 * is his from then on, and what went before too.
 *
 * The site's server makes a token with the secret of its source: a JSON Web Token (RFC 7519) signed
 * by HMAC-SHA256 ("HS256"), which a library of any language makes. It stands in the page, whose
 * script hands it on: guantong('identify', token); or the server posts it itself, as the body, to
 * the source's address. Nobody without the secret can say he is another. Claims:
 *
 *     {"iss": the last part of the source's address, "sub": the site's id of its user,
 *      "exp": seconds, within a day, "email", "phone", "name": those the site has verified,
 *      "visitor": the browser's key, as in the cookie gt_visitor}
 *
 * A token with a visitor is good for that browser alone; one that is posted needs it. The person is
 * found by the site's id, else by phone or mail; from then on by the id, whatever they become.
 *
 * Config: {"source":"…", "lead":true}: with "lead" somebody unknown becomes a lead, else nothing is
 * made of him until he is known, and then by the next log-in or by trying it again.
 */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "customer/consent.h"
#include "customer/lead.h"
#include "customer/person.h"
#include "customer/visitor.h"
#include "db/db.h"
#include "event/event.h"
#include "marketing/marketing.h"
#include "marketing/source.h"

enum { TOKEN_MOST = 4096, AHEAD_SECONDS = 86400, LATE_SECONDS = 60, SUBJECT_MOST = 100 };

void site_source_check(struct ctx *c, const struct json *config) {
    if (text_length(json_text(config, "source")) > 60) {
        FAIL_FIELD(c, STR("/config/source"), "form.too_long");
    }
}

/* Tokens. */

struct token {
    struct str signed_part, signature;
    const struct json *header, *claims;
};

/* A part of base64url as JSON; NULL when it is none. */
static const struct json *part_read(struct ctx *c, struct str part) {
    struct str text;
    const struct json *read = base64url_decode(c->arena, part, &text) ? json_parse(c, text) : NULL;
    ctx_clear_error(c);
    return json_is(read, JSON_IS_OBJECT) ? read : NULL;
}

static bool token_read(struct ctx *c, struct str text, struct token *t) {
    struct str rest = text, header, claims;
    bool whole = !ctx_failed(c) && text.n <= TOKEN_MOST && str_cut(&rest, '.', &header) && rest.p &&
                 str_cut(&rest, '.', &claims) && rest.p;
    if (!whole) {
        return false;
    }
    *t = (struct token){.signed_part = str_slice(text, 0, header.n + 1 + claims.n),
                        .signature = rest,
                        .header = part_read(c, header),
                        .claims = part_read(c, claims)};
    return t->header && t->claims;
}

static bool signed_with(struct ctx *c, const struct token *t, struct str secret) {
    unsigned char digest[SHA256_BYTES];
    hmac_sha256(secret, t->signed_part, digest);
    struct str wanted = base64url_encode(c->arena,
                                         (struct str){(const char *)digest, SHA256_BYTES});
    return secret.n && secret_equal(t->signature, wanted);
}

/* The site's id of its user: a text or a number. */
static struct str subject_of(struct ctx *c, const struct json *claims) {
    const struct json *sub = json_get(claims, "sub");
    struct str text = json_is(sub, JSON_IS_INT)
                          ? str_format(c->arena, "%lld", (long long)sub->integer)
                          : text_normalize(c->arena, json_text(claims, "sub"));
    return text_length(text) <= SUBJECT_MOST ? text : STR("");
}

/* NULL when the token is the source's and good now for the browser, else why not. */
static const char *not_good(struct ctx *c, const struct source *s, const struct token *t,
                            struct str visitor) {
    struct str issuer = json_text(t->claims, "iss"), bound = json_text(t->claims, "visitor");
    int64_t until = json_int(t->claims, "exp", 0), now = c->now_ms / MS_SECOND;
    bool signs = str_is(json_text(t->header, "alg"), "HS256") &&
                 (signed_with(c, t, s->secret) || signed_with(c, t, s->previous));
    if (!signs || (issuer.n && !str_equal(issuer, s->key))) {
        return "source.signature";
    }
    if (until < now - LATE_SECONDS || until > now + AHEAD_SECONDS) {
        return "site.expired";
    }
    if (!subject_of(c, t->claims).n) {
        return "site.subject";
    }
    if (!visitor_key_valid(visitor) || (bound.n && !str_equal(bound, visitor))) {
        return "site.visitor";
    }
    return NULL;
}

/* What becomes of it. */

/* Who is logged in, as the log keeps it, and in the words of a lead. */
struct login {
    struct lead_intake in;
    struct person_identities by;
    struct str visitor;
};

static struct login login_read(struct ctx *c, const struct source *s, const struct json *claims) {
    struct login login = {.visitor = json_text(claims, "visitor")};
    struct str source = json_text(s->config, "source"), subject = subject_of(c, claims);
    login.in = (struct lead_intake){.name = json_text(claims, "name"),
                                    .phone = json_text(claims, "phone"),
                                    .email = json_text(claims, "email"),
                                    .source = source.n ? source : s->name};
    struct lead_clean clean = lead_clean(c->arena, &login.in);
    login.by = (struct person_identities){
        .name = clean.name,
        .phone = clean.phone,
        .email = clean.email,
        .site = str_format(c->arena, "%lld:%.*s", (long long)s->id, STR_ARG(subject))};
    return login;
}

/* "privacy" is that his data are used at all. */
static bool may_know(struct ctx *c, int64_t person_id) {
    return consent_state_for(c, person_id, "any", "privacy") != CONSENT_WITHDRAWN;
}

/* Somebody nobody knows, as a lead. */
static int64_t lead_make(struct ctx *c, struct capture *capture, struct login *login) {
    login->in.payload = capture->payload;
    lead_origin_of_visitor(c, login->visitor, &login->in);
    struct intake_result result = lead_take_in(c, &login->in);
    capture->lead_id = result.lead_id;
    capture->touch_id = result.touch_id;
    return result.person_id;
}

void site_source_make(struct ctx *c, struct capture *capture) {
    const struct source *s = source_find(c, capture->place.id, false);
    const struct json *claims = s ? json_parse(c, capture->payload) : NULL;
    if (!claims) {
        FAIL(c, ERROR_ABSENT, "source.absent");
        return;
    }
    struct login login = login_read(c, s, claims);
    int64_t person = person_find(c, &login.by);
    if (!person && json_bool(s->config, "lead", false)) {
        person = lead_make(c, capture, &login);
    }
    if (ctx_failed(c) || !person || !may_know(c, person)) {
        capture->state = STR("ignored");
        return;
    }
    capture->person_id = person;
    person_identify(c, person, &(struct person_identities){.site = login.by.site});
    int64_t visitor = visitor_seen(c, &(struct sighting){.key = login.visitor});
    if (visitor) {
        visitor_join(c, visitor, person, "login");
    }
}

/* The claims that are kept: those we read, and the browser. */
static struct str payload_of(struct ctx *c, const struct json *claims, struct str visitor) {
    static const char *const kept[] = {"name", "phone", "email", NULL};
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "sub", json_put_str, subject_of(c, claims));
    for (const char *const *name = kept; *name; name++) {
        struct str value = text_truncate(json_text(claims, *name), 200);
        if (value.n) {
            JSON_MEMBER(&w, *name, json_put_str, value);
        }
    }
    JSON_MEMBER(&w, "visitor", json_put_str, visitor);
    json_end_object(&w);
    return json_str(&w);
}

/* One line for a user at a browser, however often he logs in there; made something of each time,
 * for others may have been at it meanwhile. 0: known already. */
static int64_t login_keep(struct ctx *c, const struct source *s, const struct json *claims,
                          struct str visitor) {
    struct login login = login_read(c, s, claims);
    int64_t id = visitor_seen(c, &(struct sighting){.key = visitor});
    if (!id || visitor_is_of(c, id, person_find(c, &login.by))) {
        return 0;
    }
    struct capture capture = {.place = {"site", s->id}, .payload = payload_of(c, claims, visitor)};
    capture.external = str_slice(sha256_hex(c->arena, capture.payload), 0, 40);
    capture_keep(c, &capture);
    capture_run(c, &capture, site_source_make);
    return capture.id;
}

/* The address, and the script's batch. */

void site_source_post(struct request *r, const struct source *s) {
    struct ctx *c = r->c;
    struct token t;
    struct json_writer w = json_writer(c->arena);
    if (!token_read(c, text_trim(source_payload(r)), &t)) {
        source_refuse(r, s, "site.token");
        return;
    }
    struct str visitor = json_text(t.claims, "visitor");
    const char *why = not_good(c, s, &t, visitor);
    if (why) {
        source_refuse(r, s, why);
        return;
    }
    json_begin_object(&w);
    JSON_MEMBER(&w, "received", json_put_id, login_keep(c, s, t.claims, visitor));
    json_end_object(&w);
    if (!ctx_failed(c)) {
        reply_json(r, 200, &w);
    }
}

void site_signed_in(struct ctx *c, struct str text, struct str visitor) {
    struct token t;
    const struct source *s = token_read(c, text, &t) ? source_by_key(c, json_text(t.claims, "iss"))
                                                     : NULL;
    if (!s || !s->enabled || !str_is(s->kind, "site")) {
        return;
    }
    const char *why = not_good(c, s, &t, visitor);
    if (why) {
        source_refused(c, s, why);
    } else {
        login_keep(c, s, t.claims, visitor);
    }
}

static const struct text texts[] = {
    {"site.token", "内容应是一个 JWT", "The body is a JWT"},
    {"site.expired", "exp 已过，或晚于一天之后", "exp has passed, or is more than a day ahead"},
    {"site.subject", "缺少 sub（用户编号），或超过 100 个字",
     "sub, the user's id, is missing or longer than 100 characters"},
    {"site.visitor", "缺少 visitor（Cookie gt_visitor 的值），或与浏览器不符",
     "visitor, the value of the cookie gt_visitor, is missing or another browser's"},
    {0}};

const struct module source_site_module = {
    .name = "marketing.source_site", .cloud = "marketing", .texts = texts};
