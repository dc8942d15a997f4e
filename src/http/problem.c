#include "base/message.h"
#include "http/request.h"

struct status_of_text {
    const char *text;
    int status;
};

/* Texts whose status differs from that of their class. */
static const struct status_of_text exceptions[] = {
    {"request.malformed", 400},    {"request.no_object", 400},
    {"request.smuggled", 400},     {"session.required", 401},
    {"session.refused", 401},      {"session.expired", 401},
    {"route.method", 405},         {"request.timeout", 408},
    {"record.stale", 412},         {"request.too_large", 413},
    {"request.target", 414},       {"request.media", 415},
    {"request.headers", 431},      {"rate.limited", 429},
    {"database.deadline", 503},    {"list.too_slow", 503},
    {"database.lost", 503},        {"database.busy", 503},
    {"server.busy", 503},          {"server.stopping", 503},
    {"idempotency.mismatch", 422}, {NULL, 0},
};

static int class_status(enum error_code code) {
    static const int statuses[] = {
        [ERROR_NONE] = 200,     [ERROR_INVALID] = 422, [ERROR_DENIED] = 403, [ERROR_ABSENT] = 404,
        [ERROR_CONFLICT] = 409, [ERROR_LIMIT] = 429,   [ERROR_RETRY] = 503,  [ERROR_INTERNAL] = 500,
    };
    return statuses[code];
}

int error_status(const struct error *e) {
    struct str text = str_from(e->text);
    for (const struct status_of_text *s = exceptions; s->text; s++) {
        if (str_is(text, s->text)) {
            return s->status;
        }
    }
    return class_status(e->code);
}

static const char *class_title(enum error_code code) {
    static const char *const titles[] = {
        [ERROR_NONE] = "problem.none",         [ERROR_INVALID] = "problem.invalid",
        [ERROR_DENIED] = "problem.denied",     [ERROR_ABSENT] = "problem.absent",
        [ERROR_CONFLICT] = "problem.conflict", [ERROR_LIMIT] = "problem.limit",
        [ERROR_RETRY] = "problem.retry",       [ERROR_INTERNAL] = "problem.internal",
    };
    return titles[code];
}

static void put_field_errors(struct json_writer *w, struct arena *a, enum language language,
                             const struct field_error *field) {
    json_key(w, "errors");
    json_begin_array(w);
    for (; field; field = field->next) {
        json_begin_object(w);
        JSON_MEMBER(w, "pointer", json_put_str, field->pointer);
        JSON_MEMBER(w, "code", json_put_c, field->text);
        JSON_MEMBER(w, "message", json_put_str,
                    message_format(a, language, field->text, field->parameters, ERROR_PARAMETERS));
        json_end_object(w);
    }
    json_end_array(w);
}

/* What the words name, for programs: {"process_id":"123"}. */
static void put_parameters(struct json_writer *w, const struct text_parameter *p) {
    json_key(w, "parameters");
    json_begin_object(w);
    for (int i = 0; i < ERROR_PARAMETERS && p[i].name; i++) {
        JSON_MEMBER(w, p[i].name, json_put_str, p[i].value);
    }
    json_end_object(w);
}

struct str error_problem(struct arena *a, enum language language, const struct error *e, int status,
                         struct str request_id) {
    /* What went wrong inside is for the log. */
    const char *code = e->code == ERROR_INTERNAL || !e->text ? "error.internal" : e->text;
    struct str detail = message_format(a, language, code, e->parameters, ERROR_PARAMETERS);
    struct json_writer w = json_writer(a);
    json_begin_object(&w);
    JSON_MEMBER(&w, "type", json_put_str, str_format(a, "urn:guantong:%s", code));
    JSON_MEMBER(&w, "title", json_put_str, message_words(language, class_title(e->code)));
    JSON_MEMBER(&w, "status", json_put_int, status);
    JSON_MEMBER(&w, "detail", json_put_str, detail);
    JSON_MEMBER(&w, "code", json_put_c, code);
    JSON_MEMBER(&w, "request_id", json_put_str, request_id);
    if (code == e->text && e->parameters[0].name) {
        put_parameters(&w, e->parameters);
    }
    if (e->fields) {
        put_field_errors(&w, a, language, e->fields);
    }
    json_end_object(&w);
    return json_str(&w);
}
