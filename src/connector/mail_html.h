/*
 * HTML of mails, which strangers write: made into plain text, and into HTML that is safe to show.
 *
 * The safe HTML is written anew, tag by tag, from a short list of those that only set text; it has
 * no attributes but the address of a link (http, https, mailto) and the spans of table cells, no
 * pictures but those that came with the mail ("cid:…"; all others would tell the sender that it was
 * read), no styles and no scripts; every
 * tag that is opened is closed.
 */
#ifndef GUANTONG_CONNECTOR_MAIL_HTML_H
#define GUANTONG_CONNECTOR_MAIL_HTML_H

#include "base/str.h"

struct mail_html {
    struct str safe, text;
};

/* html is UTF-8; what stands behind its first `most` bytes is left out. */
struct mail_html mail_html_read(struct arena *a, struct str html, size_t most);

/* Plain text as HTML: escaped, lines as lines. */
struct str mail_html_of_text(struct arena *a, struct str text);

#endif
