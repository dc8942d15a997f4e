#include "record.h"

#include "http/router.h"

static void write_line(FILE *to, const struct json_writer *w) {
    struct str line = json_str(w);
    fwrite(line.p, 1, line.n, to);
    fputc('\n', to);
}

void record_exchange(FILE *to, struct arena *a, const struct step *s, const struct reply *reply) {
    struct json_writer w = json_writer(a);
    struct str mime = reply->mime.n ? reply->mime : STR("application/json");
    json_begin_object(&w);
    JSON_MEMBER(&w, "method", json_put_c, method_word(s->method));
    JSON_MEMBER(&w, "target", json_put_str, s->target);
    JSON_MEMBER(&w, "sent", json_put_str, s->body);
    JSON_MEMBER(&w, "status", json_put_int, reply->status);
    JSON_MEMBER(&w, "mime", json_put_str, reply->body.n || reply->file.n ? mime : STR(""));
    JSON_MEMBER(&w, "body", json_put_str, reply->body);
    json_end_object(&w);
    write_line(to, &w);
}

void record_routes(FILE *to, struct arena *a, const struct route *const *lists) {
    for (; *lists; lists++) {
        for (const struct route *r = *lists; r->path; r++) {
            struct json_writer w = json_writer(a);
            if (r->flags & (ROUTE_HIDDEN | ROUTE_STREAM)) {
                continue;
            }
            json_begin_object(&w);
            JSON_MEMBER(&w, "method", json_put_c, method_word(r->method));
            JSON_MEMBER(&w, "path", json_put_c, r->path);
            JSON_MEMBER(&w, "permission", json_put_c, r->permission);
            json_end_object(&w);
            write_line(to, &w);
        }
    }
}
