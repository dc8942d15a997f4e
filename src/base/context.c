#include "base/context.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void parameters_copy(struct arena *a, struct text_parameter *to,
                            const struct text_parameter *from, size_t n) {
    for (size_t i = 0; i < n && i < ERROR_PARAMETERS; i++) {
        to[i] = (struct text_parameter){from[i].name, str_copy(a, from[i].value)};
    }
}

void ctx_fail(struct ctx *c, enum error_code code, const char *text,
              const struct text_parameter *parameters, size_t n) {
    if (ctx_failed(c)) {
        return;
    }
    c->error.code = code;
    c->error.text = text;
    parameters_copy(c->arena, c->error.parameters, parameters, n);
}

void ctx_fail_internal(struct ctx *c, const char *format, ...) {
    if (ctx_failed(c)) {
        return;
    }
    va_list args;
    va_start(args, format);
    vsnprintf(c->error.internal, sizeof c->error.internal, format, args);
    va_end(args);
    c->error.code = ERROR_INTERNAL;
    c->error.text = "error.internal";
}

void ctx_fail_field(struct ctx *c, struct str pointer, const char *text,
                    const struct text_parameter *parameters, size_t n) {
    if (ctx_failed(c) && !c->error.fields) {
        return;
    }
    ctx_fail(c, ERROR_INVALID, "input.invalid", NULL, 0);
    struct field_error *e = ARENA_NEW(c->arena, struct field_error);
    e->pointer = str_copy(c->arena, pointer);
    e->text = text;
    parameters_copy(c->arena, e->parameters, parameters, n);
    if (c->error.last_field) {
        c->error.last_field->next = e;
    } else {
        c->error.fields = e;
    }
    c->error.last_field = e;
}

void ctx_fields_under(struct ctx *c, const struct field_error *last, const char *part) {
    struct field_error *e = last ? last->next : c->error.fields;
    for (; e; e = e->next) {
        size_t n = strlen(part);
        char *pointer = arena_alloc(c->arena, n + e->pointer.n);
        memcpy(pointer, part, n);
        memcpy(pointer + n, e->pointer.p, e->pointer.n);
        e->pointer = (struct str){pointer, n + e->pointer.n};
    }
}

void ctx_clear_error(struct ctx *c) {
    memset(&c->error, 0, sizeof c->error);
}
