#include "http/pages.h"

#include <string.h>
#include <strings.h>

#include "base/message.h"
#include "http/assets.h"

/* antd writes its styles into the page, hence 'unsafe-inline' for styles and nothing else. */
const char page_policy[] =
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

static const struct asset *asset_for(struct str path) {
    const struct asset *asset = asset_find(path);
    if (asset || str_starts(path, STR("/api/")) || str_starts(path, STR("/assets/"))) {
        return asset;
    }
    /* A dot in the last segment asks for a file, which is not there. */
    for (size_t i = path.n; i > 0 && path.p[i - 1] != '/'; i--) {
        if (path.p[i - 1] == '.') {
            return NULL;
        }
    }
    return asset_find(STR("/index.html"));
}

bool page_serves(struct str path) {
    return asset_for(path) != NULL;
}

/* Whether Accept-Encoding names the coding and does not forbid it by q=0. */
static bool accepts(struct str list, const char *coding) {
    struct str item;
    while (list.p && str_cut(&list, ',', &item)) {
        struct str name = STR("");
        str_cut(&item, ';', &name);
        name = str_trim(name);
        if (name.n == strlen(coding) && strncasecmp(name.p, coding, name.n) == 0) {
            struct str weight = item.p ? str_trim(item) : STR("");
            return !str_is(weight, "q=0") && !str_starts(weight, STR("q=0.000"));
        }
    }
    return false;
}

static struct str bytes(const unsigned char *p, size_t n) {
    return (struct str){(const char *)p, n};
}

static void page_handle(struct request *r) {
    const struct asset *asset = asset_for(r->path);
    if (!asset) {
        FAIL(r->c, ERROR_ABSENT, "route.absent");
        return;
    }
    struct str codings = request_header(r, "Accept-Encoding");
    struct str body = bytes(asset->plain, asset->plain_size);
    if (asset->brotli && accepts(codings, "br")) {
        body = bytes(asset->brotli, asset->brotli_size);
        reply_header(r, "Content-Encoding", STR("br"));
    } else if (asset->gzip && accepts(codings, "gzip")) {
        body = bytes(asset->gzip, asset->gzip_size);
        reply_header(r, "Content-Encoding", STR("gzip"));
    }
    reply_text(r, 200, asset->mime, body);
    reply_header(r, "ETag", str_from(asset->etag));
    reply_header(r, "Vary", STR("Accept-Encoding"));
    reply_header(r, "Cache-Control",
                 asset->immutable ? STR("public, max-age=31536000, immutable") : STR("no-cache"));
}

const struct route page_route = {
    .method = METHOD_GET,
    .path = "/",
    .permission = PERMISSION_PUBLIC,
    .lane = LANE_INLINE,
    .handle = page_handle,
    .flags = ROUTE_HIDDEN | ROUTE_NO_DATABASE,
};

void html_add(struct text_buffer *out, struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '<':
            text_add_c(out, "&lt;");
            break;
        case '>':
            text_add_c(out, "&gt;");
            break;
        case '&':
            text_add_c(out, "&amp;");
            break;
        case '"':
            text_add_c(out, "&quot;");
            break;
        default:
            text_add_char(out, s.p[i]);
        }
    }
}

void url_add(struct text_buffer *out, struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        unsigned char b = (unsigned char)s.p[i];
        bool plain = (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') ||
                     b == '-' || b == '_' || b == '.' || b == '~';
        text_add_format(out, plain ? "%c" : "%%%02X", b);
    }
}

struct str page_error(struct ctx *c) {
    struct error shown = c->error;
    if (shown.code == ERROR_INTERNAL) {
        shown.text = "error.internal";
    }
    struct text_buffer out = {.arena = c->arena};
    text_add_format(&out,
                    "<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\">"
                    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                    "<title>%d</title><style>body{font:16px/1.6 system-ui,sans-serif;"
                    "max-width:32rem;margin:15vh auto;padding:0 1rem}</style></head><body><p>",
                    language_tag(c->language), error_status(&shown));
    html_add(&out, message_error(c->arena, c->language, &shown));
    text_add_c(&out, "</p><ul>");
    for (const struct field_error *f = shown.fields; f; f = f->next) {
        text_add_c(&out, "<li>");
        html_add(&out,
                 message_format(c->arena, c->language, f->text, f->parameters, ERROR_PARAMETERS));
        text_add_c(&out, "</li>");
    }
    text_add_c(&out, "</ul><p><small>");
    html_add(&out, c->request_id);
    text_add_c(&out, "</small></p></body></html>");
    return text_str(&out);
}
