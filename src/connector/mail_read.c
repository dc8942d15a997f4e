/* By GMime, which copes with most of what is wrong in mails; the rest is guarded here. */
#include "connector/mail_read.h"

#include <gmime/gmime.h>
#include <pthread.h>
#include <string.h>

#include "base/charset.h"
#include "base/clock.h"
#include "base/text.h"
#include "connector/mail_leaf.h"

enum { DEPTH_MOST = 10, SUBJECT_MOST = 500, NAME_MOST = 200, ID_MOST = 300 };

static GMimeParserOptions *options;

static void library_start(void) {
    static const char *fallbacks[] = {"utf-8", "gb18030", "iso-8859-1", NULL};
    g_mime_init();
    options = g_mime_parser_options_new();
    g_mime_parser_options_set_fallback_charsets(options, fallbacks);
}

static void start_once(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, library_start);
}

static struct str taken(struct arena *a, const char *text, size_t most) {
    struct str s = text_repair(a, str_trim(str_copy(a, str_from(text))));
    return text_truncate(s, most);
}

/* "gb2312" of a mail means GBK and more: such words are read as GB18030, its superset. */
static struct str words_renamed(struct arena *a, struct str wire) {
    static const struct str old = {"=?gb2312?", 9}, own = {"=?gb18030?", 10};
    ptrdiff_t blank = str_find(wire, STR("\r\n\r\n"));
    blank = blank < 0 ? str_find(wire, STR("\n\n")) : blank;
    struct str head = str_slice(wire, 0, blank < 0 ? wire.n : (size_t)blank);
    struct str low = str_lower(a, head);
    if (str_find(low, old) < 0) {
        return wire;
    }
    struct text_buffer out = {.arena = a};
    size_t from = 0;
    for (ptrdiff_t at; (at = str_find(str_slice(low, from, low.n), old)) >= 0;) {
        text_add(&out, str_slice(head, from, from + (size_t)at));
        text_add(&out, own);
        from += (size_t)at + old.n;
    }
    text_add(&out, str_slice(wire, from, wire.n));
    return text_str(&out);
}

static struct str converted(struct arena *a, struct str bytes, const char *label) {
    enum charset charset;
    struct str name = str_lower(a, str_from(label));
    bool chinese = str_is(name, "gb2312") || str_is(name, "gbk") || str_is(name, "gb_2312-80") ||
                   str_is(name, "gb18030") || str_is(name, "x-gbk") || str_is(name, "cp936");
    if (chinese) {
        return charset_convert(a, CHARSET_GB18030, bytes);
    }
    if (!name.n || str_is(name, "utf-8") || str_is(name, "us-ascii") || str_is(name, "ascii") ||
        str_is(name, "default")) {
        return text_valid(bytes) ? bytes : charset_convert(a, charset_detect(bytes), bytes);
    }
    if (charset_find(name, &charset)) {
        return charset_convert(a, charset, bytes);
    }
    gsize n = 0;
    char *text = g_convert_with_fallback(bytes.p, (gssize)bytes.n, "UTF-8", label, "?", NULL, &n,
                                         NULL);
    struct str out = text ? str_copy(a, (struct str){text, n}) : bytes;
    g_free(text);
    return out;
}

/* The content of a part, decoded. */
static struct str content_of(struct arena *a, GMimePart *part) {
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    if (!content) {
        return STR("");
    }
    GMimeStream *stream = g_mime_stream_mem_new();
    g_mime_data_wrapper_write_to_stream(content, stream);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    struct str copy = str_copy(a, (struct str){(const char *)bytes->data, bytes->len});
    g_object_unref(stream);
    return copy;
}

static void party_add(struct arena *a, InternetAddress *address, struct mail_party *list,
                      size_t *n) {
    if (*n == MAIL_PARTIES) {
        return;
    }
    if (INTERNET_ADDRESS_IS_GROUP(address)) {
        InternetAddressList *members = internet_address_group_get_members(
            INTERNET_ADDRESS_GROUP(address));
        for (int i = 0; members && i < internet_address_list_length(members); i++) {
            InternetAddress *one = internet_address_list_get_address(members, i);
            if (!INTERNET_ADDRESS_IS_GROUP(one)) {
                party_add(a, one, list, n);
            }
        }
        return;
    }
    const char *plain = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address));
    struct str lower = str_lower(a, taken(a, plain, NAME_MOST));
    if (str_find_char(lower, '@') > 0) {
        list[(*n)++] = (struct mail_party){taken(a, internet_address_get_name(address), NAME_MOST),
                                           lower};
    }
}

static size_t parties_read(struct arena *a, GMimeMessage *message, GMimeAddressType type,
                           struct mail_party *list) {
    size_t n = 0;
    InternetAddressList *all = g_mime_message_get_addresses(message, type);
    for (int i = 0; all && i < internet_address_list_length(all); i++) {
        party_add(a, internet_address_list_get_address(all, i), list, &n);
    }
    return n;
}

static struct str header(struct arena *a, GMimeMessage *message, const char *name) {
    return taken(a, g_mime_object_get_header(GMIME_OBJECT(message), name), 10000);
}

/* The next "<id>" of a field. */
static bool id_next(struct str *rest, struct str *id) {
    ptrdiff_t from = str_find_char(*rest, '<');
    struct str tail = from < 0 ? STR("") : str_slice(*rest, (size_t)from + 1, rest->n);
    ptrdiff_t to = str_find_char(tail, '>');
    if (to <= 0) {
        return false;
    }
    *id = str_trim(str_slice(tail, 0, (size_t)to));
    *rest = str_slice(tail, (size_t)to + 1, tail.n);
    return true;
}

static struct str id_of(struct str field) {
    struct str id = STR("");
    return id_next(&field, &id) && id.n <= ID_MOST ? id : STR("");
}

static void references_read(struct mail_read *m, struct str field) {
    struct str id;
    while (id_next(&field, &id)) {
        if (m->n_references == MAIL_REFERENCES) {
            memmove(m->references, m->references + 1, sizeof m->references - sizeof *m->references);
            m->n_references--;
        }
        if (id.n && id.n <= ID_MOST) {
            m->references[m->n_references++] = id;
        }
    }
}

static bool by_machine(struct arena *a, GMimeMessage *message) {
    struct str submitted = str_lower(a, header(a, message, "Auto-Submitted"));
    struct str precedence = str_lower(a, header(a, message, "Precedence"));
    return (submitted.n && !str_is(submitted, "no")) ||
           str_lists(STR("bulk list junk auto_reply"), ' ', precedence) ||
           header(a, message, "X-Autoreply").n || header(a, message, "List-Id").n ||
           header(a, message, "List-Unsubscribe").n ||
           header(a, message, "X-Auto-Response-Suppress").n;
}

static void head_read(struct arena *a, GMimeMessage *message, struct mail_read *m) {
    struct mail_party from[MAIL_PARTIES];
    if (parties_read(a, message, GMIME_ADDRESS_TYPE_FROM, from)) {
        m->from = from[0];
    }
    m->n_to = parties_read(a, message, GMIME_ADDRESS_TYPE_TO, m->to);
    m->n_cc = parties_read(a, message, GMIME_ADDRESS_TYPE_CC, m->cc);
    m->subject = taken(a, g_mime_message_get_subject(message), SUBJECT_MOST);
    m->message_id = id_of(header(a, message, "Message-ID"));
    m->in_reply_to = id_of(header(a, message, "In-Reply-To"));
    references_read(m, header(a, message, "References"));
    m->automatic = by_machine(a, message);
    GDateTime *date = g_mime_message_get_date(message);
    m->at = date ? g_date_time_to_unix(date) * MS_SECOND : 0;
    m->at = m->at > 0 && m->at < INT64_C(4102444800000) ? m->at : 0;
}

static struct str type_of(struct arena *a, GMimeObject *object) {
    GMimeContentType *type = g_mime_object_get_content_type(object);
    char *text = type ? g_mime_content_type_get_mime_type(type) : NULL;
    struct str copy = str_lower(a, taken(a, text, 100));
    g_free(text);
    return copy;
}

static bool said_attached(GMimePart *part) {
    const char *disposition = g_mime_object_get_disposition(GMIME_OBJECT(part));
    return disposition && !g_ascii_strcasecmp(disposition, "attachment");
}

static bool is_attached(GMimePart *part, struct str type) {
    bool text = str_is(type, "text/plain") || str_is(type, "text/html");
    bool report = str_starts(type, STR("message/")) || str_is(type, "text/rfc822-headers");
    bool named = g_mime_part_get_filename(part) || g_mime_object_get_content_id(GMIME_OBJECT(part));
    return !report && (said_attached(part) || (!text && named));
}

/* What the walk gathers. */
struct walk {
    struct arena *arena;
    struct mail_read *mail;
    struct mail_tree tree;
    bool inside; /* of a mail within the mail: its texts are not this one's */
};

static void leaf_add(struct walk *w, struct str type, struct str text) {
    if (w->tree.n < MAIL_LEAVES) {
        w->tree.leaves[w->tree.n++] = (struct mail_leaf){type, text};
    } else {
        w->mail->broken = true;
    }
}

static void attachment_add(struct walk *w, GMimePart *part, struct str type) {
    struct mail_read *m = w->mail;
    if (m->n_attachments == MAIL_ATTACHMENTS) {
        m->broken = true;
        return;
    }
    const char *id = g_mime_object_get_content_id(GMIME_OBJECT(part));
    struct str bytes = content_of(w->arena, part);
    m->attachments[m->n_attachments++] = (struct mail_attachment){
        .name = taken(w->arena, g_mime_part_get_filename(part), NAME_MOST),
        .type = type,
        .size = (int64_t)bytes.n,
        .bytes = bytes,
        .inside = id && !said_attached(part) && str_starts(type, STR("image/")),
        .content_id = taken(w->arena, id, ID_MOST)};
}

static void part_read(struct walk *w, GMimePart *part) {
    struct str type = type_of(w->arena, GMIME_OBJECT(part));
    struct mail_read *m = w->mail;
    if (is_attached(part, type)) {
        if (!w->inside) {
            attachment_add(w, part, type);
        }
        return;
    }
    if (!str_starts(type, STR("text/")) && !str_starts(type, STR("message/"))) {
        return;
    }
    const char *charset = g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset");
    struct str text = converted(w->arena, content_of(w->arena, part), charset);
    text = text_repair(w->arena, str_slice(text, 0, MAIL_TEXT_MOST));
    leaf_add(w, type, text);
    if (!w->inside && str_is(type, "text/plain") && !m->text.n) {
        m->text = text;
    } else if (!w->inside && str_is(type, "text/html") && !m->html.n) {
        m->html = text;
    }
}

static void object_read(struct walk *w, GMimeObject *object, int depth) {
    if (!object || depth > DEPTH_MOST) {
        w->mail->broken = w->mail->broken || object;
        return;
    }
    if (GMIME_IS_MULTIPART(object)) {
        GMimeMultipart *all = GMIME_MULTIPART(object);
        int n = g_mime_multipart_get_count(all);
        for (int i = 0; i < n && i < MAIL_LEAVES; i++) {
            object_read(w, g_mime_multipart_get_part(all, i), depth + 1);
        }
    } else if (GMIME_IS_MESSAGE_PART(object)) {
        GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
        bool inside = w->inside;
        char *head = message ? g_mime_object_get_headers(GMIME_OBJECT(message), NULL) : NULL;
        leaf_add(w, STR("message/rfc822"),
                 text_repair(w->arena, str_copy(w->arena, str_from(head))));
        g_free(head);
        w->inside = true;
        object_read(w, message ? g_mime_message_get_mime_part(message) : NULL, depth + 1);
        w->inside = inside;
    } else if (GMIME_IS_PART(object)) {
        part_read(w, GMIME_PART(object));
    }
}

static GMimeMessage *parsed(struct str wire) {
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(wire.p, wire.n);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    g_mime_parser_set_persist_stream(parser, FALSE);
    GMimeMessage *message = g_mime_parser_construct_message(parser, options);
    g_object_unref(parser);
    g_object_unref(stream);
    return message;
}

bool mail_read_head(struct arena *a, struct str head, struct mail_read *m) {
    start_once();
    memset(m, 0, sizeof *m);
    GMimeMessage *message = head.n ? parsed(words_renamed(a, head)) : NULL;
    if (!message) {
        return false;
    }
    head_read(a, message, m);
    g_object_unref(message);
    return m->from.address.n || m->message_id.n;
}

bool mail_read(struct arena *a, struct str wire, struct mail_read *m) {
    start_once();
    memset(m, 0, sizeof *m);
    GMimeMessage *message = wire.n ? parsed(words_renamed(a, wire)) : NULL;
    if (!message) {
        return false;
    }
    struct walk *w = ARENA_NEW(a, struct walk);
    w->arena = a;
    w->mail = m;
    head_read(a, message, m);
    w->tree.return_path = header(a, message, "Return-Path");
    w->tree.failed_recipients = header(a, message, "X-Failed-Recipients");
    object_read(w, g_mime_message_get_mime_part(message), 0);
    g_object_unref(message);
    mail_return_read(a, &w->tree, m);
    return m->from.address.n || m->message_id.n || m->report.kind != RETURN_NONE;
}
