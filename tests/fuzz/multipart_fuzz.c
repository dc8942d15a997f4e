/* The first line is a content type, the rest a body. Files of a multipart body lie inside it, all
 * else is text, and what is no form leaves no fields. */
#include <stdlib.h>

#include "base/text.h"
#include "http/form.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static bool inside(struct str part, struct str whole) {
    return !part.n || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    struct arena a;
    arena_init(&a);
    struct str body = {(const char *)bytes, n}, type = {NULL, 0};
    str_cut(&body, '\n', &type);
    struct form form;
    bool parsed = form_parse(&a, type, body, &form);
    if ((!parsed && form.n) || form.n > FORM_FIELDS) {
        abort();
    }
    bool multipart = mime_is(type, "multipart/form-data");
    for (int i = 0; i < form.n; i++) {
        bool file = form.fields[i].file_name.p != NULL;
        if (file ? multipart && !inside(form.fields[i].value, body)
                 : !text_valid(form.fields[i].value)) {
            abort();
        }
    }
    arena_free(&a);
    return 0;
}
