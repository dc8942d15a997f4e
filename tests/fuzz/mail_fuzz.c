/* Mails as strangers write them: read, their reports told, their HTML made safe. What comes out
 * must be text, and the HTML must hold nothing that runs. */
#include <stdlib.h>

#include "base/text.h"
#include "connector/mail_html.h"
#include "connector/mail_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void want(bool good) {
    if (!good) {
        abort();
    }
}

static void harmless(struct str html) {
    static const char *const never[] = {"<script",       "<style",      "<img", "<iframe",
                                        "javascript:\"", " onclick=\"", "<svg", NULL};
    want(text_valid(html));
    for (const char *const *n = never; *n; n++) {
        want(str_find(html, str_from(*n)) < 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct str wire = {(const char *)data, size};
    arena_init(&a);
    struct mail_read *m = ARENA_NEW(&a, struct mail_read);
    if (mail_read(&a, wire, m)) {
        want(text_valid(m->subject) && text_valid(m->text) && text_valid(m->from.name));
        want(m->n_to <= MAIL_PARTIES && m->n_references <= MAIL_REFERENCES);
        want(m->report.n_tokens <= MAIL_TOKENS);
    }
    mail_read_head(&a, wire, m);
    struct mail_html html = mail_html_read(&a, wire, MAIL_TEXT_MOST);
    want(text_valid(html.text));
    harmless(html.safe);
    harmless(mail_html_of_text(&a, wire));
    arena_free(&a);
    return 0;
}
