#include <strings.h>

#include "http/exchange.h"

/* A header that would break out of its line is dropped. */
static bool header_safe(struct str value) {
    for (size_t i = 0; i < value.n; i++) {
        if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7F) {
            return false;
        }
    }
    return true;
}

void reply_header(struct request *r, const char *name, struct str value) {
    struct reply *reply = &r->reply;
    if (!header_safe(value) || reply->n_headers == REPLY_HEADERS) {
        return;
    }
    reply->headers[reply->n_headers++] = (struct header){str_from(name),
                                                         str_copy(r->c->arena, value)};
}

void reply_json(struct request *r, int status, const struct json_writer *w) {
    r->reply.status = status;
    r->reply.mime = STR("");
    r->reply.body = json_str(w);
}

void reply_list_begin(struct json_writer *w) {
    json_begin_object(w);
    json_key(w, "data");
    json_begin_array(w);
}

void reply_list_end(struct request *r, struct json_writer *w) {
    json_end_array(w);
    json_end_object(w);
    reply_json(r, 200, w);
}

void reply_text(struct request *r, int status, const char *mime, struct str body) {
    r->reply.status = status;
    r->reply.mime = str_from(mime);
    r->reply.body = body;
}

void reply_version(struct request *r, int64_t version) {
    reply_header(r, "ETag", str_format(r->c->arena, "\"%lld\"", (long long)version));
}

void reply_redirect(struct request *r, struct str location) {
    reply_header(r, "Location", location);
    reply_text(r, 303, "text/plain; charset=utf-8", STR(""));
}

void reply_file(struct request *r, const char *mime, struct str path, bool temporary) {
    r->reply.mime = str_from(mime);
    r->reply.file = path;
    r->reply.file_temporary = temporary;
}

void reply_retry_after(struct request *r, int seconds) {
    exchange_of(r)->retry_after = seconds;
}
