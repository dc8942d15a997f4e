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

/* What stands between < and >: a name, and attributes of which the first says what they are. */
static void tag_harmless(struct arena *a, struct str tag) {
    static const char *const firsts[] = {" href=\"http://", " href=\"https://", " href=\"mailto:",
                                         " colspan=\"",     " rowspan=\"",      NULL};
    static const char *const never[] = {"script", "style", "img",  "iframe", "svg",
                                        "object", "embed", "form", "input",  NULL};
    struct str rest = tag, name;
    str_cut(&rest, ' ', &name);
    name = str_starts(name, STR("/")) ? str_slice(name, 1, name.n) : name;
    for (const char *const *n = never; *n; n++) {
        want(!str_is(str_lower(a, name), *n));
    }
    struct str attributes = rest.p ? str_lower(a, str_slice(tag, tag.n - rest.n - 1, tag.n)) : rest;
    bool known = !attributes.n;
    for (const char *const *f = firsts; *f; f++) {
        known = known || str_starts(attributes, str_from(*f));
    }
    want(known);
}

static void harmless(struct arena *a, struct str html) {
    want(text_valid(html));
    for (ptrdiff_t at; (at = str_find_char(html, '<')) >= 0;) {
        html = str_slice(html, (size_t)at + 1, html.n);
        ptrdiff_t end = str_find_char(html, '>');
        want(end > 0 && str_find_char(str_slice(html, 0, (size_t)end), '<') < 0);
        tag_harmless(a, str_slice(html, 0, (size_t)end));
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
    harmless(&a, html.safe);
    harmless(&a, mail_html_of_text(&a, wire));
    arena_free(&a);
    return 0;
}
