/* Any bytes as the target of a request. What is taken apart is text without control characters,
 * within its bounds, and no segment leads upwards. */
#include <stdlib.h>

#include "base/text.h"
#include "http/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static void plain(struct str text) {
    must(text_valid(text));
    for (size_t i = 0; i < text.n; i++) {
        must(text.p[i] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct target t = {0};
    struct header *pairs = NULL;
    struct str text = {(const char *)data, size};
    int n = 0;
    arena_init(&a);
    if (target_parse(&a, text, &t)) {
        must(t.n_segments <= PATH_SEGMENTS && t.n_query <= QUERY_PAIRS);
        must(t.path.n && t.path.p[0] == '/');
        plain(t.path);
        for (int i = 0; i < t.n_segments; i++) {
            plain(t.segments[i]);
        }
        for (int i = 0; i < t.n_query; i++) {
            plain(t.query[i].name);
            plain(t.query[i].value);
        }
    }
    must(!pairs_parse(&a, text, 8, &pairs, &n) || n <= 8);
    arena_free(&a);
    return 0;
}
