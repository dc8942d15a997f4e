#include "case.h"

#include <string.h>

#include "base/clock.h"
#include "http/router.h"

struct reader {
    struct arena *arena;
    struct str rest;
    int line;
    const char *why;
};

static bool next_line(struct reader *r, struct str *line) {
    if (!r->rest.n || !str_cut(&r->rest, '\n', line)) {
        return false;
    }
    r->line++;
    if (str_ends(*line, STR("\r"))) {
        line->n--;
    }
    return true;
}

/* "3d" as ms; -1 when it is none. */
static int64_t duration_parse(struct str text) {
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', MS_SECOND}, {'m', MS_MINUTE}, {'h', MS_HOUR}, {'d', MS_DAY}};
    int64_t n;
    for (size_t i = 0; text.n && i < 4; i++) {
        if (text.p[text.n - 1] == units[i].unit && str_to_int(str_slice(text, 0, text.n - 1), &n) &&
            n >= 0) {
            return n * units[i].ms;
        }
    }
    return -1;
}

/* Those whose word is all there is to check here. */
static bool bare_directive(struct step *s, struct str word) {
    static const struct {
        const char *word;
        enum step_kind kind;
    } directives[] = {{"@drain", STEP_DRAIN}, {"@set", STEP_SET},   {"@served", STEP_SERVED},
                      {"@fill", STEP_FILL},   {"@free", STEP_FREE}, {"@stop", STEP_STOP},
                      {"@may", STEP_MAY}};
    for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
        if (str_is(word, directives[i].word)) {
            s->kind = directives[i].kind;
            return true;
        }
    }
    return false;
}

static void directive_parse(struct reader *r, struct step *s, struct str line) {
    struct str word = STR("");
    int64_t n;
    str_cut(&line, ' ', &word);
    s->argument = str_trim(line);
    if (str_is(word, "@as") && s->argument.n) {
        s->kind = STEP_AS;
    } else if (str_is(word, "@times") && str_to_int(s->argument, &n) && n > 0 && n <= 1000) {
        s->kind = STEP_TIMES;
        s->times = (int)n;
    } else if (bare_directive(s, word)) {
        return;
    } else if (str_is(word, "@advance") && (s->advance_ms = duration_parse(s->argument)) >= 0) {
        s->kind = STEP_ADVANCE;
    } else if (str_is(word, "@at") && instant_parse(s->argument, &s->at_ms)) {
        s->kind = STEP_AT;
    } else {
        r->why = "unknown directive";
    }
}

static bool is_status(struct str line, int *status) {
    int64_t n;
    bool three = line.n == 3 && str_to_int(line, &n) && n >= 100;
    *status = three ? (int)n : 0;
    return three;
}

static bool header_parse(struct str line, struct header *h) {
    ptrdiff_t colon = str_find_char(line, ':');
    if (colon <= 0 || str_find_char(str_slice(line, 0, (size_t)colon), ' ') >= 0) {
        return false;
    }
    h->name = str_slice(line, 0, (size_t)colon);
    h->value = str_trim(str_slice(line, (size_t)colon + 1, line.n));
    return true;
}

static void add_line(struct text_buffer *b, struct str line) {
    text_add(b, line);
    text_add_char(b, '\n');
}

/* One half of a step: headers, then a body up to an empty line or, above, the status. */
struct half {
    struct header *headers;
    int *n_headers;
    struct text_buffer json, text, lacks;
    char text_mark; /* before lines that are no JSON */
};

static bool half_line(struct half *h, struct str line) {
    if (line.p[0] == h->text_mark) {
        struct str text = str_slice(line, 1, line.n);
        add_line(&h->text, str_starts(text, STR(" ")) ? str_slice(text, 1, text.n) : text);
        return true;
    }
    if (h->text_mark == '~' && str_starts(line, STR("!~"))) {
        add_line(&h->lacks, str_trim(str_slice(line, 2, line.n)));
        return true;
    }
    bool in_body = h->json.n || strchr("{[\"", line.p[0]);
    if (in_body) {
        add_line(&h->json, line);
        return true;
    }
    return *h->n_headers < STEP_HEADERS && header_parse(line, &h->headers[(*h->n_headers)++]);
}

static void request_parse(struct reader *r, struct step *s, struct str line) {
    struct str method = STR("");
    str_cut(&line, ' ', &method);
    s->kind = STEP_REQUEST;
    s->method = method_parse(str_to_c(r->arena, method));
    s->target = str_trim(line);
    if (!s->method || !s->target.n) {
        r->why = "neither a request nor a directive";
        return;
    }
    struct half said = {s->headers, &s->n_headers, {r->arena}, {r->arena}, {r->arena}, '>'};
    struct half wanted = {s->wanted_headers, &s->n_wanted_headers, {r->arena},
                          {r->arena},        {r->arena},           '~'};
    while (next_line(r, &line) && line.n) {
        if (!s->status && is_status(line, &s->status)) {
            continue;
        }
        if (!half_line(s->status ? &wanted : &said, line)) {
            r->why = "neither a header nor a body";
            return;
        }
    }
    s->body = said.text.n ? str_slice(text_str(&said.text), 0, said.text.n - 1)
                          : text_str(&said.json);
    s->wanted = text_str(&wanted.json);
    s->contains = text_str(&wanted.text);
    s->lacks = text_str(&wanted.lacks);
    if (!s->status) {
        r->why = "a request without a wanted status";
    }
}

struct step *case_parse(struct arena *a, struct str text, const char **why, int *line) {
    struct reader r = {.arena = a, .rest = text};
    struct step *first = NULL, **end = &first;
    struct str next;
    while (!r.why && next_line(&r, &next)) {
        if (!str_trim(next).n || next.p[0] == '#') {
            continue;
        }
        struct step *s = ARENA_NEW(a, struct step);
        s->line = r.line;
        if (next.p[0] == '@') {
            directive_parse(&r, s, next);
        } else {
            request_parse(&r, s, next);
        }
        *end = s;
        end = &s->next;
    }
    *why = r.why;
    *line = r.line;
    return r.why ? NULL : first;
}

static struct str capture_find(const struct captures *captures, struct str name) {
    for (int i = captures->n - 1; i >= 0; i--) {
        if (str_equal(captures->items[i].name, name)) {
            return captures->items[i].value;
        }
    }
    return (struct str){NULL, 0};
}

struct str captures_fill(const struct captures *captures, struct str text) {
    struct text_buffer out = {.arena = captures->arena};
    while (text.n) {
        ptrdiff_t open = str_find(text, STR("{{"));
        ptrdiff_t close = open < 0 ? -1
                                   : str_find(str_slice(text, (size_t)open, text.n), STR("}}"));
        if (close < 0) {
            break;
        }
        size_t from = (size_t)open, to = from + (size_t)close;
        struct str value = capture_find(captures, str_slice(text, from + 2, to));
        text_add(&out, str_slice(text, 0, from));
        text_add(&out, value.p ? value : str_slice(text, from, to + 2));
        text = str_slice(text, to + 2, text.n);
    }
    text_add(&out, text);
    return text_str(&out);
}

bool text_fits(struct str text, struct str pattern) {
    bool open_start = str_starts(pattern, STR("*")), open_end = str_ends(pattern, STR("*"));
    if (pattern.n == 1 && open_start) {
        return true;
    }
    struct str core = str_slice(pattern, open_start, pattern.n - open_end);
    if (open_start && open_end) {
        return str_find(text, core) >= 0;
    }
    if (open_start) {
        return str_ends(text, core);
    }
    return open_end ? str_starts(text, core) : str_equal(text, core);
}

static bool capture_add(struct captures *captures, struct str name, struct str value) {
    if (captures->n == (int)(sizeof captures->items / sizeof captures->items[0])) {
        return false;
    }
    captures->items[captures->n].name = name;
    captures->items[captures->n++].value = str_copy(captures->arena, value);
    return true;
}

bool header_fits(struct captures *captures, struct str text, struct str pattern) {
    ptrdiff_t open = str_find(pattern, STR("{{="));
    ptrdiff_t close = open < 0 ? -1 : str_find(pattern, STR("}}"));
    if (close < 0) {
        return text_fits(text, pattern);
    }
    struct str before = str_slice(pattern, 0, (size_t)open);
    struct str after = str_slice(pattern, (size_t)close + 2, pattern.n);
    struct str rest = str_slice(text, before.n, text.n);
    ptrdiff_t end = after.n ? str_find_char(rest, after.p[0]) : (ptrdiff_t)rest.n;
    return str_starts(text, before) && end > 0 &&
           text_fits(str_slice(rest, (size_t)end, rest.n), after) &&
           capture_add(captures, str_slice(pattern, (size_t)open + 3, (size_t)close),
                       str_slice(rest, 0, (size_t)end));
}

static struct str json_words(struct arena *a, const struct json *v) {
    if (json_is(v, JSON_IS_TEXT)) {
        return v->text;
    }
    struct json_writer w = json_writer(a);
    json_put_json(&w, v);
    return json_str(&w);
}

static const char *differs(struct captures *captures, struct str at, const struct json *wanted,
                           const struct json *got) {
    struct arena *a = captures->arena;
    return str_to_c(a, str_format(a, "%.*s: wanted %.*s, got %.*s", STR_ARG(at.n ? at : STR("/")),
                                  STR_ARG(json_words(a, wanted)),
                                  STR_ARG(got ? json_words(a, got) : STR("nothing"))));
}

static const char *fits_at(struct captures *captures, struct str at, const struct json *wanted,
                           const struct json *got);

static const char *object_fits(struct captures *captures, struct str at, const struct json *wanted,
                               const struct json *got) {
    const char *why = json_is(got, JSON_IS_OBJECT) ? NULL : differs(captures, at, wanted, got);
    for (size_t i = 0; i < wanted->n && !why; i++) {
        const struct json_member *m = &wanted->members[i];
        struct str inner = str_format(captures->arena, "%.*s/%.*s", STR_ARG(at), STR_ARG(m->key));
        why = fits_at(captures, inner, &m->value, json_get_str(got, m->key));
    }
    return why;
}

static const char *array_fits(struct captures *captures, struct str at, const struct json *wanted,
                              const struct json *got) {
    size_t n = wanted->n;
    bool open = n && json_is(&wanted->items[n - 1], JSON_IS_TEXT) &&
                str_is(wanted->items[n - 1].text, "...");
    n -= open;
    if (!json_is(got, JSON_IS_ARRAY) || (open ? got->n < n : got->n != n)) {
        return differs(captures, at, wanted, got);
    }
    const char *why = NULL;
    for (size_t i = 0; i < n && !why; i++) {
        struct str inner = str_format(captures->arena, "%.*s/%zu", STR_ARG(at), i);
        why = fits_at(captures, inner, &wanted->items[i], &got->items[i]);
    }
    return why;
}

static bool capture(struct captures *captures, struct str pattern, const struct json *got) {
    return str_starts(pattern, STR("{{=")) && str_ends(pattern, STR("}}")) && got &&
           capture_add(captures, str_slice(pattern, 3, pattern.n - 2),
                       json_words(captures->arena, got));
}

static const char *text_value_fits(struct captures *captures, struct str at,
                                   const struct json *wanted, const struct json *got) {
    struct str pattern = wanted->text;
    bool fits = str_is(pattern, "!") ? !got
                : str_is(pattern, "*")
                    ? got != NULL
                    : capture(captures, pattern, got) ||
                          (json_is(got, JSON_IS_TEXT) && text_fits(got->text, pattern));
    return fits ? NULL : differs(captures, at, wanted, got);
}

static const char *fits_at(struct captures *captures, struct str at, const struct json *wanted,
                           const struct json *got) {
    switch (wanted->kind) {
    case JSON_IS_TEXT:
        return text_value_fits(captures, at, wanted, got);
    case JSON_IS_OBJECT:
        return object_fits(captures, at, wanted, got);
    case JSON_IS_ARRAY:
        return array_fits(captures, at, wanted, got);
    default:
        break;
    }
    bool fits = got && (wanted->kind == JSON_IS_REAL || wanted->kind == JSON_IS_INT
                            ? (got->kind == JSON_IS_REAL || got->kind == JSON_IS_INT) &&
                                  got->real == wanted->real
                            : got->kind == wanted->kind && got->boolean == wanted->boolean);
    return fits ? NULL : differs(captures, at, wanted, got);
}

const char *json_fits(struct captures *captures, const struct json *wanted,
                      const struct json *got) {
    return fits_at(captures, STR(""), wanted, got);
}
