/* The first line is what somebody calls a file, the rest how it begins. The name kept for it can be
 * shown and saved under, and is left alone when it is cleaned again. */
#include <stdlib.h>
#include <string.h>

#include "base/file_type.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NAME_MOST = 150 };

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static void name_safe(struct str name) {
    must(name.n && text_valid(name) && text_length(name) <= NAME_MOST);
    for (size_t i = 0; i < name.n; i++) {
        unsigned char b = (unsigned char)name.p[i];
        must(b >= ' ' && b != 0x7f && !strchr("/\\:*?\"<>|", b));
    }
    must(name.p[0] != '.');
    must(str_find(name, STR("\u202e")) < 0 && str_find(name, STR("\u2066")) < 0);
}

/* A browser shows pictures alone, and a page or a script passes for no text. */
static void type_safe(const struct file_type *type, struct str head) {
    must(file_type_named(str_from(type->mime)) != NULL);
    must(!type->shown || !strcmp(type->kind, "image"));
    must(strcmp(type->kind, "text") != 0 ||
         (!str_starts(head, STR("<")) && !str_starts(head, STR("MZ")) &&
          !str_starts(head, STR("#!"))));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct str head = {(const char *)data, size}, name = {NULL, 0};
    arena_init(&a);
    str_cut(&head, '\n', &name);
    head = str_slice(head, 0, head.n < FILE_TYPE_HEAD ? head.n : FILE_TYPE_HEAD);
    const struct file_type *type = file_type_of(head, name);
    struct str clean = file_name_clean(&a, name, type);
    name_safe(clean);
    must(str_equal(file_name_clean(&a, clean, type), clean));
    name_safe(file_name_clean(&a, name, NULL));
    if (type) {
        type_safe(type, head);
    }
    arena_free(&a);
    return 0;
}
