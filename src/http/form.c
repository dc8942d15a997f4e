#include "http/form.h"

#include <string.h>
#include <strings.h>

#include "base/charset.h"
#include "base/text.h"
#include "http/target.h"

enum { BOUNDARY_LENGTH = 70, PART_HEADERS = 4096 };

bool mime_is(struct str content_type, const char *mime) {
    size_t n = strlen(mime);
    struct str t = str_trim(content_type);
    return t.n >= n && strncasecmp(t.p, mime, n) == 0 &&
           (t.n == n || t.p[n] == ';' || t.p[n] == ' ' || t.p[n] == '\t');
}

static bool urlencoded_parse(struct arena *a, struct str body, struct form *form) {
    struct header *pairs;
    int n;
    if (!pairs_cut(a, body, FORM_FIELDS, &pairs, &n)) {
        return false;
    }
    form->fields = ARENA_NEW_ARRAY(a, (size_t)n, struct form_field);
    for (int i = 0; i < n; i++) {
        form->fields[i].name = pairs[i].name;
        form->fields[i].value = pairs[i].value;
    }
    form->n = n;
    return true;
}

/* A quoted string's content with its \-escapes of quote and backslash undone. Other
 * backslashes stay: some clients send paths of their own. */
static struct str unquote(struct arena *a, struct str s) {
    if (str_find_char(s, '\\') < 0) {
        return s;
    }
    char *out = arena_alloc(a, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        bool escape = s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == '"' || s.p[i + 1] == '\\');
        out[n++] = s.p[escape ? ++i : i];
    }
    return (struct str){out, n};
}

/* Cut the value of a parameter off the front of rest: a token or a quoted string. */
static bool take_value(struct arena *a, struct str *rest, struct str *value) {
    if (!rest->n || rest->p[0] != '"') {
        size_t n = 0;
        while (n < rest->n && rest->p[n] != ';') {
            n++;
        }
        *value = str_trim(str_slice(*rest, 0, n));
        *rest = str_slice(*rest, n, rest->n);
        return true;
    }
    size_t end = 1;
    while (end < rest->n && rest->p[end] != '"') {
        end += rest->p[end] == '\\' ? 2 : 1;
    }
    if (end >= rest->n) {
        return false;
    }
    *value = unquote(a, str_slice(*rest, 1, end));
    *rest = str_slice(*rest, end + 1, rest->n);
    return true;
}

/*
 * The parameter of a header value such as `form-data; name="file"; filename="a;b.csv"`.
 * False when it is not there.
 */
static bool parameter_find(struct arena *a, struct str header, const char *name,
                           struct str *value) {
    ptrdiff_t at = str_find_char(header, ';');
    struct str rest = at < 0 ? STR("") : str_slice(header, (size_t)at, header.n);
    while (rest.n && rest.p[0] == ';') {
        rest = str_trim(str_slice(rest, 1, rest.n));
        ptrdiff_t equals = str_find_char(rest, '=');
        if (equals < 0) {
            return false;
        }
        struct str key = str_trim(str_slice(rest, 0, (size_t)equals));
        rest = str_slice(rest, (size_t)equals + 1, rest.n);
        struct str found;
        if (!take_value(a, &rest, &found)) {
            return false;
        }
        if (key.n == strlen(name) && strncasecmp(key.p, name, key.n) == 0) {
            *value = found;
            return true;
        }
        rest = str_trim(rest);
    }
    return false;
}

struct str mime_parameter(struct arena *a, struct str content_type, const char *name) {
    struct str value;
    return parameter_find(a, content_type, name, &value) ? value : STR("");
}

static bool header_named(struct str line, const char *name, struct str *value) {
    size_t n = strlen(name);
    if (line.n <= n || line.p[n] != ':' || strncasecmp(line.p, name, n) != 0) {
        return false;
    }
    *value = str_trim(str_slice(line, n + 1, line.n));
    return true;
}

/* filename*=UTF-8''%E5… (RFC 5987), which RFC 7578 forbids and some clients send. */
static bool extended_file_name(struct arena *a, struct str disposition, struct str *name) {
    struct str value;
    if (!parameter_find(a, disposition, "filename*", &value) || value.n < 7 ||
        strncasecmp(value.p, "UTF-8''", 7) != 0) {
        return false;
    }
    return percent_decode(a, str_slice(value, 7, value.n), name);
}

/* The headers of a part; false without a form-data disposition with a name. */
static bool part_headers(struct arena *a, struct str headers, struct form_field *field) {
    struct str line, value, disposition = {NULL, 0};
    while (str_cut(&headers, '\n', &line)) {
        line = str_trim(line);
        if (header_named(line, "Content-Disposition", &value)) {
            disposition = value;
        } else if (header_named(line, "Content-Type", &value)) {
            field->mime = value;
        }
    }
    if (!mime_is(disposition, "form-data") ||
        !parameter_find(a, disposition, "name", &field->name)) {
        return false;
    }
    if (extended_file_name(a, disposition, &field->file_name) ||
        parameter_find(a, disposition, "filename", &field->file_name)) {
        field->file_name = text_repair(a, field->file_name);
        field->file_name.p = field->file_name.n ? field->file_name.p : "";
    }
    return true;
}

/* Where the next delimiter "\r\n--boundary" begins in rest, or -1. */
static ptrdiff_t delimiter_find(struct str rest, struct str delimiter) {
    const char *p = rest.n ? memmem(rest.p, rest.n, delimiter.p, delimiter.n) : NULL;
    return p ? p - rest.p : -1;
}

/* One part: *rest begins behind its delimiter line and is moved to the next delimiter. */
static bool part_parse(struct arena *a, struct str *rest, struct str delimiter,
                       struct form_field *field) {
    size_t limit = rest->n < PART_HEADERS ? rest->n : PART_HEADERS;
    ptrdiff_t blank = delimiter_find(str_slice(*rest, 0, limit), STR("\r\n\r\n"));
    if (blank < 0 || !part_headers(a, str_slice(*rest, 0, (size_t)blank), field)) {
        return false;
    }
    *rest = str_slice(*rest, (size_t)blank + 4, rest->n);
    ptrdiff_t end = delimiter_find(*rest, delimiter);
    if (end < 0) {
        return false;
    }
    field->value = str_slice(*rest, 0, (size_t)end);
    *rest = str_slice(*rest, (size_t)end + delimiter.n, rest->n);
    return true;
}

/* Behind a delimiter stand blanks and a line's end, or "--" when it was the last. */
static bool delimiter_end(struct str *rest, bool *last) {
    *last = str_starts(*rest, STR("--"));
    if (*last) {
        return true;
    }
    size_t n = 0;
    while (n < rest->n && (rest->p[n] == ' ' || rest->p[n] == '\t')) {
        n++;
    }
    bool line = str_starts(str_slice(*rest, n, rest->n), STR("\r\n"));
    *rest = str_slice(*rest, n + (line ? 2 : 0), rest->n);
    return line;
}

static bool multipart_parse(struct arena *a, struct str boundary, struct str body,
                            struct form *form) {
    struct str delimiter = str_format(a, "\r\n--%.*s", STR_ARG(boundary));
    /* The first delimiter may open the body, without a line's end before it. */
    struct str opening = str_slice(delimiter, 2, delimiter.n);
    ptrdiff_t start = str_starts(body, opening) ? 0 : delimiter_find(body, delimiter);
    if (start < 0) {
        return false;
    }
    struct str rest = str_slice(body, (size_t)start + (start ? delimiter.n : opening.n), body.n);
    form->fields = ARENA_NEW_ARRAY(a, FORM_FIELDS, struct form_field);
    bool last = false;
    while (delimiter_end(&rest, &last)) {
        if (last) {
            return true;
        }
        if (form->n == FORM_FIELDS || !part_parse(a, &rest, delimiter, &form->fields[form->n++])) {
            return false;
        }
    }
    return false;
}

static bool has_nul(struct str s) {
    return str_find_char(s, '\0') >= 0;
}

static void convert(struct arena *a, enum charset charset, struct str *text) {
    if (text->n) {
        *text = charset_convert(a, charset, *text);
    }
}

/* Texts to UTF-8: pages of old sites send what they are written in, and few say what that is.
 * False when one holds a NUL, which no text does. */
static bool fields_settle(struct arena *a, struct str content_type, struct form *form) {
    struct str declared = mime_parameter(a, content_type, "charset");
    struct text_buffer all = {.arena = a};
    enum charset charset = CHARSET_UTF8;
    charset_find(declared, &charset);
    bool settled = charset == CHARSET_UTF8;
    for (int i = 0; i < form->n; i++) {
        const struct form_field *field = &form->fields[i];
        struct str text = field->file_name.p ? STR("") : field->value;
        if (has_nul(field->name) || has_nul(text)) {
            return false;
        }
        settled = settled && text_valid(field->name) && text_valid(text);
        text_add(&all, field->name);
        text_add(&all, text);
    }
    charset = settled ? charset : charset_of_message(declared, text_str(&all));
    for (int i = 0; !settled && i < form->n; i++) {
        convert(a, charset, &form->fields[i].name);
        if (!form->fields[i].file_name.p) {
            convert(a, charset, &form->fields[i].value);
        }
    }
    return true;
}

bool form_parse(struct arena *a, struct str content_type, struct str body, struct form *form) {
    form->fields = NULL;
    form->n = 0;
    bool parsed = false;
    if (mime_is(content_type, "application/x-www-form-urlencoded")) {
        parsed = urlencoded_parse(a, body, form);
    } else if (mime_is(content_type, "multipart/form-data")) {
        struct str boundary;
        parsed = parameter_find(a, content_type, "boundary", &boundary) && boundary.n > 0 &&
                 boundary.n <= BOUNDARY_LENGTH && multipart_parse(a, boundary, body, form);
    }
    parsed = parsed && fields_settle(a, content_type, form);
    form->n = parsed ? form->n : 0;
    return parsed;
}

const struct form_field *form_find(const struct form *form, const char *name) {
    for (int i = 0; i < form->n; i++) {
        if (str_is(form->fields[i].name, name)) {
            return &form->fields[i];
        }
    }
    return NULL;
}
