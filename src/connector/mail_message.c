/*
 * A message as MIME (RFC 5322, 2045–2047), made by GMime: multipart/alternative of plain text and
 * HTML, UTF-8, encoded words cut between characters; with files multipart/mixed of that and them
 * (base64). One-click unsubscription is RFC 8058's pair of
 * headers.
 */
#include <gmime/gmime.h>
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "connector/mail.h"
#include "connector/mail_words.h"

static void library_start(void) {
    g_mime_init();
}

static void start_once(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, library_start);
}

static GMimePart *part_make(struct arena *a, const char *subtype, struct str text) {
    GMimeTextPart *part = g_mime_text_part_new_with_subtype(subtype);
    g_mime_text_part_set_charset(part, "utf-8");
    g_mime_text_part_set_text(part, str_to_c(a, text));
    g_mime_part_set_content_encoding(GMIME_PART(part), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    return GMIME_PART(part);
}

/* A mailbox as it stands in a head, and more addresses after it. */
struct mail_named {
    struct str name, address, others;
};

static void header_set(GMimeMessage *message, const char *name, const char *value) {
    g_mime_object_set_header(GMIME_OBJECT(message), name, value, "utf-8");
}

/* A header whose folding is ours. */
static void header_fold(struct arena *a, GMimeMessage *message, const char *name,
                        struct str value) {
    GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
    GMimeHeader *header = g_mime_header_list_get_header(list, name);
    if (header) {
        g_mime_header_set_raw_value(header, str_format(a, " %.*s\n", STR_ARG(value)).p);
    }
}

static void subject_set(struct arena *a, GMimeMessage *message, struct str subject) {
    g_mime_message_set_subject(message, str_to_c(a, subject), "utf-8");
    if (!mail_words_plain(subject)) {
        header_fold(a, message, "Subject", mail_words(a, subject, sizeof "Subject: " - 1));
    }
}

/* One mailbox with a name that is not ASCII, and the others of a list after it. */
static void name_fold(struct arena *a, GMimeMessage *message, const char *header,
                      const struct mail_named *who) {
    struct text_buffer out = {.arena = a};
    struct str others = who->others, one;
    if (mail_words_plain(who->name)) {
        return;
    }
    text_add(&out, mail_words(a, who->name, str_from(header).n + 2));
    text_add_format(&out, "\n <%.*s>", STR_ARG(who->address));
    while (others.n && str_cut(&others, ',', &one)) {
        text_add_format(&out, ",\n <%.*s>", STR_ARG(str_trim(one)));
    }
    header_fold(a, message, header, text_str(&out));
}

/* What follows the @ of an address. */
static struct str domain_of(struct str address) {
    ptrdiff_t at = str_find_char(address, '@');
    return at < 0 ? STR("localhost") : str_slice(address, (size_t)at + 1, address.n);
}

static void addresses_add(struct arena *a, GMimeMessage *message, GMimeAddressType type,
                          struct str list) {
    struct str one;
    while (list.n && str_cut(&list, ',', &one)) {
        g_mime_message_add_mailbox(message, type, NULL, str_to_c(a, str_trim(one)));
    }
}

/* What a mail from one person to others has besides. */
static void correspondents_set(struct arena *a, GMimeMessage *message,
                               const struct mail_message *m) {
    addresses_add(a, message, GMIME_ADDRESS_TYPE_TO, m->others);
    addresses_add(a, message, GMIME_ADDRESS_TYPE_CC, m->copies);
    if (m->in_reply_to.n) {
        header_set(message, "In-Reply-To", str_to_c(a, m->in_reply_to));
    }
    if (m->references.n) {
        header_set(message, "References", str_to_c(a, m->references));
    }
}

static void head_make(struct arena *a, GMimeMessage *message, const struct mail_account *account,
                      const struct mail_message *m) {
    const char *to_name = m->to_name.n ? str_to_c(a, m->to_name) : NULL;
    const char *from_name = account->from_name.n ? str_to_c(a, account->from_name) : NULL;
    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, from_name,
                               str_to_c(a, account->from_address));
    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, to_name, str_to_c(a, m->to_address));
    if (account->reply_to.n) {
        g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_REPLY_TO, NULL,
                                   str_to_c(a, account->reply_to));
    }
    subject_set(a, message, m->subject);
    GDateTime *date = g_date_time_new_from_unix_utc(m->at / MS_SECOND);
    g_mime_message_set_date(message, date);
    g_date_time_unref(date);
    struct str domain = domain_of(account->from_address);
    g_mime_message_set_message_id(message,
                                  str_format(a, "%.*s@%.*s", STR_ARG(m->id), STR_ARG(domain)).p);
    if (m->unsubscribe.n) {
        header_set(message, "List-Unsubscribe", str_format(a, "<%.*s>", STR_ARG(m->unsubscribe)).p);
        header_set(message, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        header_set(message, "Precedence", "bulk");
    }
    if (!m->personal) {
        /* So that out-of-office programs do not answer. */
        header_set(message, "Auto-Submitted", "auto-generated");
    }
    if (m->bounce_token.n) { /* by which a bounce is known that lost its address */
        header_set(message, "X-Guantong-Mail", str_to_c(a, m->bounce_token));
    }
    correspondents_set(a, message, m);
    name_fold(a, message, "From",
              &(struct mail_named){account->from_name, account->from_address, STR("")});
    name_fold(a, message, "To", &(struct mail_named){m->to_name, m->to_address, m->others});
}

/* The name twice, for old mail programs know but one of the two ways (RFC 2047, RFC 2231). */
static GMimePart *file_make(struct arena *a, const struct mail_file *f) {
    ptrdiff_t slash = str_find_char(f->mime, '/');
    bool typed = slash > 0 && !str_starts(f->mime, STR("message/"));
    GMimePart *part = typed ? g_mime_part_new_with_type(
                                  str_to_c(a, str_slice(f->mime, 0, (size_t)slash)),
                                  str_to_c(a, str_slice(f->mime, (size_t)slash + 1, f->mime.n)))
                            : g_mime_part_new_with_type("application", "octet-stream");
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(f->bytes.p, f->bytes.n);
    GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(stream,
                                                                    GMIME_CONTENT_ENCODING_DEFAULT);
    g_mime_part_set_content(part, content);
    g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
    g_mime_object_set_disposition(GMIME_OBJECT(part), "attachment");
    g_mime_part_set_filename(part, str_to_c(a, f->name));
    GMimeParam *name = g_mime_param_list_get_parameter(
        g_mime_content_type_get_parameters(g_mime_object_get_content_type(GMIME_OBJECT(part))),
        "name");
    if (name) {
        g_mime_param_set_encoding_method(name, GMIME_PARAM_ENCODING_METHOD_RFC2047);
    }
    g_object_unref(content);
    g_object_unref(stream);
    return part;
}

/* What the message consists of: its two texts, or these with what hangs on them. */
static GMimeObject *body_make(struct arena *a, const struct mail_message *m) {
    GMimeMultipart *both = g_mime_multipart_new_with_subtype("alternative");
    GMimePart *text = part_make(a, "plain", m->text), *html = part_make(a, "html", m->html);
    g_mime_multipart_add(both, GMIME_OBJECT(text));
    g_mime_multipart_add(both, GMIME_OBJECT(html));
    g_object_unref(text);
    g_object_unref(html);
    if (!m->n_files) {
        return GMIME_OBJECT(both);
    }
    GMimeMultipart *whole = g_mime_multipart_new_with_subtype("mixed");
    g_mime_multipart_add(whole, GMIME_OBJECT(both));
    g_object_unref(both);
    for (size_t i = 0; i < m->n_files; i++) {
        GMimePart *part = file_make(a, &m->files[i]);
        g_mime_multipart_add(whole, GMIME_OBJECT(part));
        g_object_unref(part);
    }
    return GMIME_OBJECT(whole);
}

struct str mail_compose(struct arena *a, const struct mail_account *account,
                        const struct mail_message *m) {
    start_once();
    GMimeMessage *message = g_mime_message_new(TRUE);
    head_make(a, message, account, m);
    GMimeObject *body = body_make(a, m);
    g_mime_message_set_mime_part(message, body);

    GMimeFormatOptions *options = g_mime_format_options_new();
    g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
    char *wire = g_mime_object_to_string(GMIME_OBJECT(message), options);
    struct str copy = str_copy(a, str_from(wire));
    g_free(wire);
    g_mime_format_options_free(options);
    g_object_unref(body);
    g_object_unref(message);
    return copy;
}
