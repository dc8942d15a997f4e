/* Any bytes as JSON: what is understood is written, understood again, and then stays the same text
 * (the first writing may turn -0.0 or 3.0 into an integer). */
#include <stdlib.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static struct str written(struct arena *a, const struct json *value) {
    struct json_writer w = json_writer(a);
    json_put_json(&w, value);
    return json_str(&w);
}

static struct str rewritten(struct ctx *c, struct str text) {
    const struct json *value = json_parse(c, text);
    return value ? written(c->arena, value) : (struct str){0};
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    struct arena a;
    arena_init(&a);
    struct ctx c = {.arena = &a};
    const struct json *value = json_parse(&c, (struct str){(const char *)bytes, n});
    if (!value != ctx_failed(&c)) {
        abort();
    }
    if (value) {
        struct str first = rewritten(&c, written(&a, value));
        if (ctx_failed(&c) || !str_equal(first, rewritten(&c, first))) {
            abort();
        }
    }
    arena_free(&a);
    return 0;
}
