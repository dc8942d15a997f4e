/* See sample_paper.h. Objects and cross references as ISO 32000-1, 7.5 has them. */
#include "sample/setup_paper.h"

#include "base/text.h"

enum { OBJECTS = 6 };

/* UTF-16BE in hexadecimal, as the font's encoding UniGB-UCS2-H wants it. */
static void words_put(struct text_buffer *out, struct str line) {
    uint32_t character;
    text_add_char(out, '<');
    while (text_next(&line, &character)) {
        text_add_format(out, "%04X", character > 0xffff ? 0x3013u : (unsigned)character);
    }
    text_add_char(out, '>');
}

static struct str content_of(struct arena *a, const struct str *lines, size_t n) {
    struct text_buffer out = {.arena = a};
    text_add_c(&out, "BT /F 18 Tf 72 760 Td ");
    for (size_t i = 0; i < n; i++) {
        words_put(&out, lines[i]);
        text_add_format(&out, " Tj %s0 -%d Td ", i ? "" : "/F 12 Tf ", i ? 22 : 40);
    }
    text_add_c(&out, "ET");
    return text_str(&out);
}

struct str sample_paper(struct arena *a, const struct str *lines, size_t n) {
    static const char *const fixed[OBJECTS] = {
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 6 0 R"
        "/Resources<</Font<</F 4 0 R>>>>>>",
        "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H"
        "/DescendantFonts[5 0 R]>>",
        "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>>>",
        NULL};
    struct text_buffer out = {.arena = a};
    struct str content = content_of(a, lines, n);
    size_t at[OBJECTS];
    text_add_c(&out, "%PDF-1.4\n");
    for (int i = 0; i < OBJECTS; i++) {
        at[i] = out.n;
        text_add_format(&out, "%d 0 obj\n", i + 1);
        if (fixed[i]) {
            text_add_c(&out, fixed[i]);
        } else {
            text_add_format(&out, "<</Length %zu>>\nstream\n%.*s\nendstream", content.n,
                            STR_ARG(content));
        }
        text_add_c(&out, "\nendobj\n");
    }
    size_t table = out.n;
    text_add_format(&out, "xref\n0 %d\n0000000000 65535 f \n", OBJECTS + 1);
    for (int i = 0; i < OBJECTS; i++) {
        text_add_format(&out, "%010zu 00000 n \n", at[i]);
    }
    text_add_format(&out, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n",
                    OBJECTS + 1, table);
    return text_str(&out);
}
