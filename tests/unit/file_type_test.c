/* Types of files by their first bytes, and names that are safe. */
#include "base_fixture.h"

#include "base/file_type.h"
#include "base/text.h"

static void types(void **state) {
    (void)state;
    static const struct {
        struct str head;
        const char *name, *mime; /* NULL: none */
    } cases[] = {
        {STR("\xFF\xD8\xFF\xE0\0\x10JFIF"), "a.jpg", "image/jpeg"},
        {STR("\x89PNG\r\n\x1A\n"), "whatever", "image/png"},
        {STR("RIFF\x10\0\0\0WEBPVP8 "), "a.webp", "image/webp"},
        {STR("RIFF\x10\0\0\0WAVEfmt "), "a.wav", "audio/wav"},
        {STR("\0\0\0\x18"
             "ftypheic"),
         "IMG_1.HEIC", "image/heic"},
        {STR("\0\0\0\x18"
             "ftypisom"),
         "a.mp4", "video/mp4"},
        {STR("%PDF-1.7"), "a.pdf", "application/pdf"},
        {STR("PK\x03\x04..."), "表.xlsx",
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        {STR("PK\x03\x04..."), "a.zip", "application/zip"},
        {STR("PK\x03\x04..."), "a.apk", NULL},
        {STR("PK\x03\x04..."), "a.docm", NULL},
        {STR("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "旧.DOC", "application/msword"},
        {STR("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "setup.msi", NULL},
        {STR("MZ\x90\0"), "photo.jpg", NULL},
        {STR("MZ is a program"), "a.txt", NULL},
        {STR("\x7F"
             "ELF"),
         "a.txt", NULL},
        {STR("#!/bin/sh\n"), "a.txt", NULL},
        {STR(" <script>"), "a.txt", NULL},
        {STR("<svg xmlns=''>"), "a.svg", NULL},
        {STR("报价"), "a.txt", "text/plain"},
        {STR("a,b\n1,2\n"), "a.CSV", "text/csv"},
        {STR("a,b\n"), "noname", NULL},
        {STR("BM is how this note begins"), "a.txt", "text/plain"},
        {STR(""), "a.txt", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct file_type *type = file_type_of(cases[i].head, str_from(cases[i].name));
        if (!cases[i].mime) {
            assert_null(type);
            continue;
        }
        if (!type) {
            fail_msg("%s has no type", cases[i].name);
        }
        assert_string_equal(type->mime, cases[i].mime);
        assert_ptr_equal(file_type_named(str_from(type->mime)) != NULL, true);
    }
}

static void only_pictures_are_shown(void **state) {
    (void)state;
    assert_true(file_type_named(STR("image/png"))->shown);
    assert_false(file_type_named(STR("application/pdf"))->shown);
    assert_false(file_type_named(STR("text/plain"))->shown);
    assert_null(file_type_named(STR("image/svg+xml")));
    assert_null(file_type_named(STR("text/html")));
}

static void names(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a);
    const struct file_type *pdf = file_type_named(STR("application/pdf"));
    static const struct {
        const char *given, *clean;
    } cases[] = {
        {"合同.pdf", "合同.pdf"},
        {"../../etc/passwd", "passwd.pdf"},
        {"C:\\tmp\\a.PDF", "a.PDF"},
        {"a.exe", "a.exe.pdf"},
        {"", "file.pdf"},
        {"...", "file.pdf"},
        {". .htaccess", "htaccess.pdf"},
        {"a\"b<c>.pdf", "a_b_c_.pdf"},
        {"a\nb.pdf", "ab.pdf"},
        {"\xE2\x80\xAE"
         "fdp.exe",
         "fdp.exe.pdf"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str clean = file_name_clean(&a, str_from(cases[i].given), pdf);
        assert_string_equal(str_to_c(&a, clean), cases[i].clean);
    }
    struct text_buffer longer = {.arena = &a};
    for (int i = 0; i < 500; i++) {
        text_add_c(&longer, "长");
    }
    assert_int_equal(text_length(file_name_clean(&a, text_str(&longer), pdf)), 150);
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(types),
                                       cmocka_unit_test(only_pictures_are_shown),
                                       cmocka_unit_test(names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
