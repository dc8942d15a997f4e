#include "marketing/form_design.h"

#include "automation/notification.h"
#include "base/message.h"
#include "base/text.h"
#include "customer/consent.h"
#include "customer/lead.h"
#include "db/db.h"
#include "entity/access.h"
#include "marketing/form_errors.h"
#include "organization/company.h"

enum {
    LABEL_MOST = 200,
    WORDS_MOST = 4000,
    TEXT_STANDARD = 200,
    LONG_TEXT_STANDARD = 2000,
    RATE_STANDARD = 20,
    RATE_MOST = 600,
    SECONDS_STANDARD = 2,
    SECONDS_MOST = 60
};

const char *const question_types[] = {"text",    "long_text", "phone",  "email",
                                      "choice",  "choices",   "number", "date",
                                      "consent", "hidden",    "heading"};

static const char *const design_members[] = {
    "title",    "intro",    "button", "questions",       "thanks",          "source",
    "campaign", "owner_id", "notify", "rate_per_minute", "minimum_seconds", NULL};
static const char *const question_members[] = {
    "id",  "type", "maps",    "label", "help",      "required", "half",    "options", "most",
    "low", "high", "show_if", "value", "parameter", "channels", "purpose", "text",    NULL};

/* Where in the design something stands. */
struct place {
    struct ctx *c;
    struct str pointer;
};

static void wrong(const struct place *at, const char *member, const char *why) {
    FAIL_FIELD(at->c, str_format(at->c->arena, "%.*s/%s", STR_ARG(at->pointer), member), why);
}

static void members_known(const struct place *at, const struct json *o, const char *const *names) {
    for (size_t i = 0; i < o->n; i++) {
        const char *const *name = names;
        while (*name && !str_is(o->members[i].key, *name)) {
            name++;
        }
        if (!*name) {
            wrong(at, str_to_c(at->c->arena, o->members[i].key), "field.unknown");
        }
    }
}

static struct str read_text(const struct place *at, const struct json *o, const char *member,
                            size_t most) {
    const struct json *v = json_get(o, member);
    if (!v || v->kind == JSON_IS_NULL) {
        return STR("");
    }
    if (v->kind != JSON_IS_TEXT) {
        wrong(at, member, "field.type");
        return STR("");
    }
    if (text_length(v->text) > most) {
        wrong(at, member, "form.too_long");
    }
    return text_trim(v->text);
}

static struct form_words read_words(const struct place *at, const struct json *o,
                                    const char *member, size_t most) {
    const struct json *v = json_get(o, member);
    struct form_words words = {{STR(""), STR("")}};
    if (!v || v->kind == JSON_IS_NULL) {
        return words;
    }
    static const char *const tongues[] = {"zh", "en", NULL};
    struct place below = {at->c, str_format(at->c->arena, "%.*s/%s", STR_ARG(at->pointer), member)};
    if (v->kind != JSON_IS_OBJECT) {
        wrong(at, member, "field.type");
        return words;
    }
    members_known(&below, v, tongues);
    words.in[LANGUAGE_ZH] = read_text(&below, v, "zh", most);
    words.in[LANGUAGE_EN] = read_text(&below, v, "en", most);
    return words;
}

static bool read_flag(const struct place *at, const struct json *o, const char *member) {
    const struct json *v = json_get(o, member);
    if (v && v->kind != JSON_IS_BOOL && v->kind != JSON_IS_NULL) {
        wrong(at, member, "field.type");
    }
    return v && v->kind == JSON_IS_BOOL && v->boolean;
}

static int64_t read_number(const struct place *at, const struct json *o, const char *member,
                           int64_t standard, int64_t most) {
    const struct json *v = json_get(o, member);
    if (!v || v->kind == JSON_IS_NULL) {
        return standard;
    }
    if (v->kind != JSON_IS_INT || v->integer < 0 || v->integer > most) {
        wrong(at, member, "form.number");
        return standard;
    }
    return v->integer;
}

/* The items of a list, at most so many. */
static size_t read_list(const struct place *at, const struct json *o, const char *member,
                        size_t most) {
    const struct json *v = json_get(o, member);
    if (!v || v->kind == JSON_IS_NULL) {
        return 0;
    }
    if (v->kind != JSON_IS_ARRAY || v->n > most) {
        wrong(at, member, v->kind == JSON_IS_ARRAY ? "form.too_many" : "field.type");
        return 0;
    }
    return v->n;
}

struct str form_say(const struct form_words *words, enum language language) {
    return words->in[language].n ? words->in[language] : words->in[!language];
}

static bool said(const struct form_words *words) {
    return words->in[0].n || words->in[1].n;
}

/* A letter, then letters, digits and "_"; the page's own names begin with "_". */
static bool is_id(struct str s) {
    bool good = s.n > 0 && s.n <= 40 && s.p[0] >= 'a' && s.p[0] <= 'z';
    for (size_t i = 0; good && i < s.n; i++) {
        good = (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
               s.p[i] == '_';
    }
    return good;
}

static void read_options(const struct place *at, struct form_question *q, const struct json *o) {
    size_t n = read_list(at, o, "options", FORM_OPTIONS);
    struct form_option *options = ARENA_NEW_ARRAY(at->c->arena, n + 1, struct form_option);
    for (size_t i = 0; i < n; i++) {
        const struct json *v = &json_get(o, "options")->items[i];
        struct place below = {
            at->c, str_format(at->c->arena, "%.*s/options/%zu", STR_ARG(at->pointer), i)};
        static const char *const members[] = {"value", "zh", "en", NULL};
        if (v->kind != JSON_IS_OBJECT) {
            wrong(at, "options", "field.type");
            return;
        }
        members_known(&below, v, members);
        options[i].value = read_text(&below, v, "value", 100);
        options[i].label.in[LANGUAGE_ZH] = read_text(&below, v, "zh", LABEL_MOST);
        options[i].label.in[LANGUAGE_EN] = read_text(&below, v, "en", LABEL_MOST);
    }
    q->options = options;
    q->n_options = n;
}

static void read_channels(const struct place *at, struct form_question *q, const struct json *o) {
    q->n_channels = read_list(at, o, "channels", FORM_CHANNELS);
    for (size_t i = 0; i < q->n_channels; i++) {
        const struct json *v = &json_get(o, "channels")->items[i];
        q->channels[i] = v->kind == JSON_IS_TEXT ? v->text : STR("");
    }
}

static void read_question(const struct place *at, struct form_question *q, const struct json *o) {
    struct str type = json_text(o, "type");
    members_known(at, o, question_members);
    int t = 0;
    while (t < QUESTION_TYPES && !str_is(type, question_types[t])) {
        t++;
    }
    if (t == QUESTION_TYPES) {
        wrong(at, "type", "form.type");
        t = QUESTION_TEXT;
    }
    *q = (struct form_question){.id = read_text(at, o, "id", 40),
                                .type = (enum question_type)t,
                                .maps = read_text(at, o, "maps", 60),
                                .label = read_words(at, o, "label", LABEL_MOST),
                                .help = read_words(at, o, "help", LABEL_MOST),
                                .required = read_flag(at, o, "required"),
                                .half = read_flag(at, o, "half"),
                                .low = read_text(at, o, "low", 20),
                                .high = read_text(at, o, "high", 20),
                                .value = read_text(at, o, "value", TEXT_STANDARD),
                                .parameter = read_text(at, o, "parameter", 60),
                                .purpose = read_text(at, o, "purpose", 20),
                                .text = read_words(at, o, "text", WORDS_MOST)};
    q->most = read_number(at, o, "most",
                          t == QUESTION_LONG_TEXT ? LONG_TEXT_STANDARD : TEXT_STANDARD,
                          LONG_TEXT_STANDARD);
    if (!is_id(q->id)) {
        wrong(at, "id", "form.id");
    }
    read_options(at, q, o);
    read_channels(at, q, o);
    const struct json *show = json_get(o, "show_if");
    q->show_if = show && show->kind != JSON_IS_NULL ? show : NULL;
}

/* How an answer is held: what the condition language and the reader of texts make of it. */
static enum field_type answer_type(enum question_type type) {
    static const enum field_type types[] = {
        [QUESTION_TEXT] = FIELD_TEXT,       [QUESTION_LONG_TEXT] = FIELD_LONG_TEXT,
        [QUESTION_PHONE] = FIELD_PHONE,     [QUESTION_EMAIL] = FIELD_EMAIL,
        [QUESTION_CHOICE] = FIELD_OPTION,   [QUESTION_CHOICES] = FIELD_TEXT,
        [QUESTION_NUMBER] = FIELD_QUANTITY, [QUESTION_DATE] = FIELD_DATE,
        [QUESTION_CONSENT] = FIELD_BOOLEAN, [QUESTION_HIDDEN] = FIELD_TEXT,
        [QUESTION_HEADING] = FIELD_TEXT};
    return types[type];
}

static void make_field(struct ctx *c, struct form_design *d, size_t i) {
    const struct form_question *q = &d->questions[i];
    struct field *f = &d->fields[i];
    struct field_option *options = ARENA_NEW_ARRAY(c->arena, q->n_options + 1, struct field_option);
    for (size_t k = 0; k < q->n_options; k++) {
        options[k] = (struct field_option){.code = q->options[k].value,
                                           .label = {form_say(&q->options[k].label, LANGUAGE_ZH),
                                                     form_say(&q->options[k].label, LANGUAGE_EN)}};
    }
    *f = (struct field){
        .name = q->id,
        .type = answer_type(q->type),
        .position = (int)i,
        .column = (int)i,
        .label = {form_say(&q->label, LANGUAGE_ZH), form_say(&q->label, LANGUAGE_EN)},
        .max_length = q->type == QUESTION_CHOICES ? 5000 : (int)q->most};
    if (q->type == QUESTION_CHOICE) {
        f->options = options;
        f->n_options = q->n_options;
    }
}

static void read_notify(const struct place *at, struct form_design *d, const struct json *o) {
    d->n_notify = read_list(at, o, "notify", FORM_NOTIFIED);
    for (size_t i = 0; i < d->n_notify; i++) {
        d->notify[i] = json_as_id(&json_get(o, "notify")->items[i]);
    }
}

static void read_thanks(const struct place *at, struct form_design *d, const struct json *o) {
    static const char *const members[] = {"message", "url", NULL};
    const struct json *thanks = json_get(o, "thanks");
    struct place below = {at->c, str_format(at->c->arena, "%.*s/thanks", STR_ARG(at->pointer))};
    if (thanks && thanks->kind != JSON_IS_OBJECT) {
        wrong(at, "thanks", "field.type");
    } else if (thanks) {
        members_known(&below, thanks, members);
        d->message = read_words(&below, thanks, "message", WORDS_MOST);
        d->url = read_text(&below, thanks, "url", 500);
    }
}

struct form_design *form_design_read(struct ctx *c, const struct json *o) {
    struct form_design *d = ARENA_NEW(c->arena, struct form_design);
    struct place at = {c, STR("/draft")};
    if (!json_is(o, JSON_IS_OBJECT)) {
        FAIL_FIELD(c, at.pointer, "field.type");
        return NULL;
    }
    members_known(&at, o, design_members);
    d->title = read_words(&at, o, "title", LABEL_MOST);
    d->intro = read_words(&at, o, "intro", WORDS_MOST);
    d->button = read_words(&at, o, "button", 40);
    d->source = read_text(&at, o, "source", 60);
    d->campaign = read_text(&at, o, "campaign", 120);
    d->owner_id = json_id(o, "owner_id");
    d->rate_per_minute = read_number(&at, o, "rate_per_minute", RATE_STANDARD, RATE_MOST);
    d->minimum_seconds = read_number(&at, o, "minimum_seconds", SECONDS_STANDARD, SECONDS_MOST);
    read_notify(&at, d, o);
    read_thanks(&at, d, o);
    d->n = read_list(&at, o, "questions", FORM_QUESTIONS);
    for (size_t i = 0; i < d->n; i++) {
        const struct json *v = &json_get(o, "questions")->items[i];
        struct place below = {c, str_format(c->arena, "/draft/questions/%zu", i)};
        if (v->kind != JSON_IS_OBJECT) {
            FAIL_FIELD(c, below.pointer, "field.type");
            return NULL;
        }
        read_question(&below, &d->questions[i], v);
        make_field(c, d, i);
    }
    d->answers = (struct entity){.name = STR("form_answer"),
                                 .plural = STR("form_answers"),
                                 .fields = d->fields,
                                 .n_fields = (int)d->n};
    return ctx_failed(c) ? NULL : d;
}

struct str url_host(struct str url) {
    struct str rest = str_starts(url, STR("https://"))  ? str_slice(url, 8, url.n)
                      : str_starts(url, STR("http://")) ? str_slice(url, 7, url.n)
                                                        : STR("");
    size_t end = 0;
    while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?' && rest.p[end] != '#') {
        if (rest.p[end] == '@' || rest.p[end] == '\\') {
            return STR("");
        }
        end++;
    }
    return str_slice(rest, 0, end);
}

/* Letters, digits, dots, dashes, and a port. */
static bool is_host(struct str host) {
    bool good = host.n > 0;
    for (size_t i = 0; good && i < host.n; i++) {
        char b = host.p[i];
        good = (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '.' || b == '-' || b == ':';
    }
    return good;
}

struct str form_hosts(struct ctx *c) {
    struct str all = str_lower(c->arena, company_text(c, "site_hosts")), host;
    struct text_buffer out = {.arena = c->arena};
    while (all.p && str_cut(&all, ' ', &host)) {
        if (is_host(host)) {
            text_add_c(&out, out.n ? " " : "");
            text_add(&out, host);
        }
    }
    return text_str(&out);
}

bool form_host_allowed(struct ctx *c, struct str host) {
    return host.n && str_lists(form_hosts(c), ' ', str_lower(c->arena, host));
}

/* Fields of a lead that a stranger may fill in. */
bool form_may_fill(const struct field *f) {
    unsigned not_theirs = FIELD_SYSTEM | FIELD_READ_ONLY | FIELD_HIDDEN;
    bool kept = str_is(f->name, "status") || str_is(f->name, "score") ||
                str_is(f->name, "review_note") || str_is(f->name, "next_follow_up_at");
    return !(f->flags & not_theirs) && f->type != FIELD_REFERENCE && f->type != FIELD_JSON &&
           f->type != FIELD_MONEY && f->type != FIELD_INSTANT && !kept;
}

static void check_map(const struct place *at, const struct form_design *d, size_t i) {
    const struct form_question *q = &d->questions[i];
    const struct field *f = entity_field(entity_named(at->c, "lead"), q->maps);
    bool may = q->type != QUESTION_CONSENT && q->type != QUESTION_HEADING;
    if (!q->maps.n) {
        return;
    }
    if (!may || !f || !form_may_fill(f)) {
        wrong(at, "maps", "form.maps");
    }
    for (size_t k = 0; k < i; k++) {
        if (str_equal(d->questions[k].maps, q->maps)) {
            wrong(at, "maps", "form.maps_twice");
        }
    }
}

static void check_show_if(const struct place *at, const struct form_design *d, size_t i) {
    struct ctx *c = at->c;
    struct entity before = d->answers;
    const struct actor *actor = c->actor;
    struct field_error *last = c->error.last_field;
    before.n_fields = (int)i;
    c->actor = &actor_system;
    condition_parse(c, &before, d->questions[i].show_if);
    c->actor = actor;
    form_errors_move(c, last, STR("/where"),
                     str_format(c->arena, "%.*s/show_if", STR_ARG(at->pointer)));
}

static void check_consent(const struct place *at, const struct form_question *q) {
    if (!said(&q->text)) {
        wrong(at, "text", "form.consent_text");
    }
    if (!q->n_channels) {
        wrong(at, "channels", "consent.channel");
    }
    for (size_t i = 0; i < q->n_channels; i++) {
        if (!consent_channel_valid(q->channels[i])) {
            wrong(at, "channels", "consent.channel");
        }
    }
    if (q->purpose.n && !consent_purpose_valid(q->purpose)) {
        wrong(at, "purpose", "consent.purpose");
    }
}

static void check_options(const struct place *at, const struct form_question *q) {
    bool good = q->n_options > 0;
    for (size_t i = 0; i < q->n_options; i++) {
        good = good && q->options[i].value.n && said(&q->options[i].label);
        for (size_t k = 0; k < i; k++) {
            good = good && !str_equal(q->options[i].value, q->options[k].value);
        }
    }
    if (!good) {
        wrong(at, "options", "form.options");
    }
}

static void check_bounds(struct ctx *c, const struct place *at, const struct form_question *q) {
    struct field number = {.name = STR("low"), .type = FIELD_QUANTITY};
    struct field_error *last = c->error.last_field;
    value_from_text(c, &number, q->low);
    number.name = STR("high");
    value_from_text(c, &number, q->high);
    form_errors_move(c, last, STR(""), at->pointer);
}

/* Names that the page's own fields have. */
static bool is_own(struct str id) {
    return str_is(id, "website_url") || str_is(id, "visitor") || lead_origin_is_id(id);
}

static void check_question(struct ctx *c, const struct form_design *d, size_t i) {
    const struct form_question *q = &d->questions[i];
    struct place at = {c, str_format(c->arena, "/draft/questions/%zu", i)};
    if (is_own(q->id)) {
        wrong(&at, "id", "form.id_own");
    }
    for (size_t k = 0; k < i; k++) {
        if (str_equal(d->questions[k].id, q->id)) {
            wrong(&at, "id", "form.id_twice");
        }
    }
    if (!said(&q->label) && q->type != QUESTION_HIDDEN && q->type != QUESTION_CONSENT) {
        wrong(&at, "label", "form.label");
    }
    if (q->type == QUESTION_CHOICE || q->type == QUESTION_CHOICES) {
        check_options(&at, q);
    } else if (q->type == QUESTION_CONSENT) {
        check_consent(&at, q);
    } else if (q->type == QUESTION_NUMBER) {
        check_bounds(c, &at, q);
    }
    check_map(&at, d, i);
    if (q->show_if) {
        check_show_if(&at, d, i);
    }
}

static bool reaches(const struct form_design *d) {
    for (size_t i = 0; i < d->n; i++) {
        if (str_is(d->questions[i].maps, "phone") || str_is(d->questions[i].maps, "email")) {
            return true;
        }
    }
    return false;
}

/* What is asked of the database is asked before the first error, after which it is silent. */
static void check_ends(struct ctx *c, const struct form_design *d) {
    bool away = !d->url.n || form_host_allowed(c, url_host(d->url));
    bool owned = !d->owner_id || user_active(c, d->owner_id);
    bool told[FORM_NOTIFIED];
    for (size_t i = 0; i < d->n_notify; i++) {
        told[i] = user_active(c, d->notify[i]);
    }
    if (!away) {
        FAIL_FIELD(c, STR("/draft/thanks/url"), "form.url");
    }
    if (!owned) {
        FAIL_FIELD(c, STR("/draft/owner_id"), "form.user");
    }
    for (size_t i = 0; i < d->n_notify; i++) {
        if (!told[i]) {
            FAIL_FIELD(c, str_format(c->arena, "/draft/notify/%zu", i), "form.user");
        }
    }
}

void form_design_complete(struct ctx *c, const struct form_design *d) {
    check_ends(c, d);
    if (!said(&d->title)) {
        FAIL_FIELD(c, STR("/draft/title"), "form.title");
    }
    if (!reaches(d)) {
        FAIL_FIELD(c, STR("/draft/questions"), "form.reach");
    }
    if (d->rate_per_minute < 1) {
        FAIL_FIELD(c, STR("/draft/rate_per_minute"), "form.number");
    }
    for (size_t i = 0; i < d->n; i++) {
        check_question(c, d, i);
    }
}

void form_errors_move(struct ctx *c, const struct field_error *last, struct str from,
                      struct str to) {
    struct field_error *e = last ? last->next : c->error.fields;
    for (; e; e = e->next) {
        if (str_starts(e->pointer, from)) {
            struct str rest = str_slice(e->pointer, from.n, e->pointer.n);
            e->pointer = str_format(c->arena, "%.*s%.*s", STR_ARG(to), STR_ARG(rest));
        }
    }
}
