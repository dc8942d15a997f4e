#include "connector/wechat_message.h"

#include <expat.h>
#include <string.h>

#include "base/text.h"

enum { DEPTH_MOST = 8, VALUE_MOST = 8192, XML_MOST = 65536 };

struct reading {
    struct arena *arena;
    struct wechat_message *message;
    XML_Parser parser;
    int depth;
    struct str name;
    struct text_buffer value;
};

static struct str *place_of(struct wechat_message *m, struct str name) {
    const struct {
        const char *name;
        struct str *place;
    } places[] = {
        {"ToUserName", &m->to},       {"FromUserName", &m->from}, {"MsgType", &m->type},
        {"Event", &m->event},         {"EventKey", &m->key},      {"Content", &m->content},
        {"Recognition", &m->content}, {"MsgId", &m->id},          {"Encrypt", &m->encrypt}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (str_is(name, places[i].name)) {
            return places[i].place;
        }
    }
    return NULL;
}

static void begin(void *data, const XML_Char *name, const XML_Char **attributes) {
    struct reading *r = data;
    (void)attributes;
    if (++r->depth > DEPTH_MOST) {
        XML_StopParser(r->parser, XML_FALSE);
    }
    if (r->depth == 2) {
        r->name = str_copy(r->arena, str_from(name));
        r->value = (struct text_buffer){.arena = r->arena};
    }
}

static void end(void *data, const XML_Char *name) {
    struct reading *r = data;
    (void)name;
    if (r->depth-- != 2) {
        return;
    }
    struct str value = text_trim(text_str(&r->value));
    struct str *place = place_of(r->message, r->name);
    if (place && value.n) {
        *place = value;
    } else if (str_is(r->name, "CreateTime")) {
        str_to_int(value, &r->message->at);
    }
}

static void words(void *data, const XML_Char *text, int n) {
    struct reading *r = data;
    size_t room = r->value.n < VALUE_MOST ? VALUE_MOST - r->value.n : 0;
    struct str more = {text, (size_t)n};
    if (r->depth == 2) {
        text_add(&r->value, str_is(r->name, "Encrypt") ? more : text_truncate(more, room));
    }
}

static void declared(void *data, const XML_Char *name, const XML_Char *system,
                     const XML_Char *public, int subset) {
    struct reading *r = data;
    (void)name;
    (void)system;
    (void)public;
    (void)subset;
    XML_StopParser(r->parser, XML_FALSE);
}

bool wechat_message_read(struct arena *a, struct str xml, struct wechat_message *message) {
    struct reading r = {.arena = a, .message = message, .value = {.arena = a}};
    *message = (struct wechat_message){0};
    r.parser = xml.n <= XML_MOST ? XML_ParserCreate("UTF-8") : NULL;
    if (!r.parser) {
        return false;
    }
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, begin, end);
    XML_SetCharacterDataHandler(r.parser, words);
    XML_SetStartDoctypeDeclHandler(r.parser, declared);
    bool good = XML_Parse(r.parser, xml.p, (int)xml.n, XML_TRUE) == XML_STATUS_OK;
    XML_ParserFree(r.parser);
    return good && (message->encrypt.n || (message->from.n && message->type.n));
}

struct str wechat_message_key(struct arena *a, const struct wechat_message *m) {
    if (m->id.n) {
        return text_truncate(m->id, 60);
    }
    return str_format(a, "%.*s %lld %.*s %.*s", STR_ARG(m->from), (long long)m->at,
                      STR_ARG(m->event), STR_ARG(text_truncate(m->key, 80)));
}

/* A text between CDATA marks; its own end mark is cut in two. */
static void cdata(struct text_buffer *out, const char *name, struct str text) {
    text_add_format(out, "<%s><![CDATA[", name);
    for (ptrdiff_t at; (at = str_find(text, STR("]]>"))) >= 0;) {
        text_add(out, str_slice(text, 0, (size_t)at + 2));
        text_add_c(out, "]]><![CDATA[");
        text = str_slice(text, (size_t)at + 2, text.n);
    }
    text_add(out, text);
    text_add_format(out, "]]></%s>", name);
}

struct str wechat_reply_text(struct arena *a, const struct wechat_message *m, struct str text,
                             int64_t at) {
    struct text_buffer out = {.arena = a};
    text_add_c(&out, "<xml>");
    cdata(&out, "ToUserName", m->from);
    cdata(&out, "FromUserName", m->to);
    text_add_format(&out, "<CreateTime>%lld</CreateTime>", (long long)at);
    cdata(&out, "MsgType", STR("text"));
    cdata(&out, "Content", text);
    text_add_c(&out, "</xml>");
    return text_str(&out);
}

struct str wechat_reply_sealed(struct arena *a, const struct wechat_envelope *e) {
    struct text_buffer out = {.arena = a};
    text_add_c(&out, "<xml>");
    cdata(&out, "Encrypt", e->encrypt);
    cdata(&out, "MsgSignature", e->signature);
    text_add_format(&out, "<TimeStamp>%.*s</TimeStamp>", STR_ARG(e->timestamp));
    cdata(&out, "Nonce", e->nonce);
    text_add_c(&out, "</xml>");
    return text_str(&out);
}
