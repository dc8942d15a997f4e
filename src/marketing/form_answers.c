#include "marketing/form_answers.h"

#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "db/db.h"
#include "entity/access.h"
#include "marketing/form_errors.h"
#include "marketing/marketing.h"

/* Between the chosen of several: in a value, and to be read. */
#define BETWEEN '\n'
#define BETWEEN_READ "、"

static void wrong(struct ctx *c, const struct form_question *q, const char *why) {
    FAIL_FIELD(c, str_format(c->arena, "/values/%.*s", STR_ARG(q->id)), why);
}

static const struct form_option *option_of(const struct form_question *q, struct str value) {
    for (size_t i = 0; i < q->n_options; i++) {
        if (str_equal(q->options[i].value, value)) {
            return &q->options[i];
        }
    }
    return NULL;
}

/* The values chosen, in the order of the options. */
static struct value chosen(struct ctx *c, const struct form_question *q, const struct json *v) {
    struct text_buffer out = {.arena = c->arena};
    bool single = v && v->kind == JSON_IS_TEXT;
    size_t n = single ? 1 : json_is(v, JSON_IS_ARRAY) ? v->n : 0;
    for (size_t i = 0; i < n; i++) {
        const struct json *item = single ? v : &v->items[i];
        if (item->kind != JSON_IS_TEXT || (item->text.n && !option_of(q, item->text))) {
            wrong(c, q, "form.no_option");
            return (struct value){0};
        }
    }
    for (size_t k = 0; k < q->n_options; k++) {
        for (size_t i = 0; i < n; i++) {
            if (str_equal(single ? v->text : v->items[i].text, q->options[k].value)) {
                if (out.n) {
                    text_add_char(&out, BETWEEN);
                }
                text_add(&out, q->options[k].value);
                break;
            }
        }
    }
    return out.n ? (struct value){VALUE_TEXT, 0, text_str(&out)} : (struct value){0};
}

static struct value agreed(const struct json *v) {
    bool yes = v && ((v->kind == JSON_IS_BOOL && v->boolean) ||
                     (v->kind == JSON_IS_TEXT && v->text.n && !str_is(v->text, "false") &&
                      !str_is(v->text, "0")));
    return yes ? (struct value){VALUE_INTEGER, 1, STR("")} : (struct value){0};
}

static void check_number(struct ctx *c, const struct form_question *q, const struct field *f,
                         struct value v) {
    struct value low = value_from_text(c, f, q->low), high = value_from_text(c, f, q->high);
    if (v.kind == VALUE_NULL) {
        return;
    }
    if ((low.kind != VALUE_NULL && v.integer < low.integer) ||
        (high.kind != VALUE_NULL && v.integer > high.integer)) {
        wrong(c, q, "form.number");
    }
}

/* A program gives a number as such, a page as it was typed. */
static struct str number_text(struct ctx *c, const struct json *v) {
    struct json_writer w = json_writer(c->arena);
    json_put_json(&w, v);
    return json_str(&w);
}

static struct value answer(struct ctx *c, const struct form_design *d, size_t i,
                           const struct json *values) {
    const struct form_question *q = &d->questions[i];
    const struct json *v = json_get_str(values, q->id);
    if (q->type == QUESTION_HEADING) {
        return (struct value){0};
    }
    if (q->type == QUESTION_CONSENT) {
        return agreed(v);
    }
    if (q->type == QUESTION_CHOICES) {
        return chosen(c, q, v);
    }
    bool number = v && q->type == QUESTION_NUMBER &&
                  (v->kind == JSON_IS_INT || v->kind == JSON_IS_REAL);
    struct str text = number ? number_text(c, v) : v && v->kind == JSON_IS_TEXT ? v->text : STR("");
    if (v && !number && v->kind != JSON_IS_TEXT && v->kind != JSON_IS_NULL) {
        wrong(c, q, "field.type");
    }
    if (q->type == QUESTION_HIDDEN) {
        text = q->parameter.n && text.n ? text : q->value;
    }
    if (q->type == QUESTION_CHOICE && text.n && !option_of(q, text)) {
        wrong(c, q, "form.no_option");
        return (struct value){0};
    }
    struct field_error *last = c->error.last_field;
    struct value out = value_from_text(c, &d->fields[i], text_trim(text));
    form_errors_move(c, last, STR(""), STR("/values"));
    if (q->type == QUESTION_NUMBER) {
        check_number(c, q, &d->fields[i], out);
    }
    return out;
}

/* Questions refer to those before them, so that one pass settles all. */
static bool question_shown(struct ctx *c, const struct form_design *d, size_t i,
                           const struct form_answers *answers) {
    struct entity before = d->answers;
    before.n_fields = (int)i;
    if (!d->questions[i].show_if) {
        return true;
    }
    struct record record = {.entity = &before, .values = (struct value *)answers->values};
    const struct condition *where = condition_parse(c, &before, d->questions[i].show_if);
    return where && condition_match(c, where, &record);
}

/* The conditions first, for after an error nothing is matched any more: of what is wrong the
 * value is empty, and whoever corrects it is asked again. */
struct form_answers *form_answers_read(struct ctx *c, const struct form_design *d,
                                       const struct json *values) {
    struct form_answers *answers = ARENA_NEW(c->arena, struct form_answers);
    struct error found = {0};
    for (size_t i = 0; i < d->n; i++) {
        const struct form_question *q = &d->questions[i];
        answers->shown[i] = question_shown(c, d, i, answers);
        if (ctx_failed(c)) {
            return answers;
        }
        c->error = found;
        struct value v = answers->shown[i] ? answer(c, d, i, values) : (struct value){0};
        if (answers->shown[i] && q->required && q->type != QUESTION_HEADING &&
            v.kind == VALUE_NULL && c->error.last_field == found.last_field) {
            wrong(c, q, q->type == QUESTION_CONSENT ? "form.must_agree" : "field.required");
        }
        answers->values[i] = v;
        found = c->error;
        c->error = (struct error){0};
    }
    c->error = found;
    return answers;
}

struct str form_answer_text(struct ctx *c, const struct form_design *d,
                            const struct form_answers *answers, size_t question) {
    const struct form_question *q = &d->questions[question];
    struct value v = answers->values[question];
    if (v.kind == VALUE_NULL) {
        return STR("");
    }
    if (q->type != QUESTION_CHOICE && q->type != QUESTION_CHOICES) {
        return value_to_text(c, &d->fields[question], v);
    }
    struct text_buffer out = {.arena = c->arena};
    for (size_t i = 0; i < q->n_options; i++) {
        if (str_lists(v.text, BETWEEN, q->options[i].value)) {
            text_add_c(&out, out.n ? BETWEEN_READ : "");
            text_add(&out, form_say(&q->options[i].label, LANGUAGE_ZH));
        }
    }
    return text_str(&out);
}

static size_t mapped_to(const struct form_design *d, const char *field) {
    size_t i = 0;
    while (i < d->n && !str_is(d->questions[i].maps, field)) {
        i++;
    }
    return i;
}

static void refuse(struct ctx *c, const struct form_design *d, const char *field, const char *why) {
    size_t i = mapped_to(d, field);
    if (i < d->n) {
        wrong(c, &d->questions[i], why);
    } else {
        FAIL_FIELD(c, STR("/values"), why);
    }
}

static void clean_check(struct ctx *c, const struct form_design *d, const struct lead_intake *in) {
    struct lead_clean clean = lead_clean(c->arena, in);
    if (clean.phone_why) {
        refuse(c, d, "phone", clean.phone_why);
    }
    if (clean.email_why) {
        refuse(c, d, "email", clean.email_why);
    }
    if (clean.refused && !clean.phone_why && !clean.email_why) {
        bool name = str_is(str_from(clean.refused), "lead.placeholder");
        refuse(c, d,
               name                           ? "name"
               : mapped_to(d, "phone") < d->n ? "phone"
                                              : "email",
               clean.refused);
    }
}

static void note_add(struct text_buffer *notes, const struct form_question *q, struct str text) {
    text_add_c(notes, notes->n ? "\n" : "");
    struct str label = form_say(&q->label, LANGUAGE_ZH);
    text_add(notes, label);
    bool asks = str_ends(label, STR("？")) || str_ends(label, STR("?"));
    text_add_c(notes, asks ? "" : "：");
    text_add(notes, text);
}

static void put_answer(struct ctx *c, const struct form_question *q, struct str text,
                       struct change_set *more) {
    const struct field *f = entity_field(more->entity, q->maps);
    struct field_error *last = c->error.last_field;
    struct value v = f ? value_from_text(c, f, text) : (struct value){0};
    if (v.kind != VALUE_NULL) {
        change_value(more, f, v);
    }
    form_errors_move(c, last, STR("/"), str_format(c->arena, "/values/%.*s/", STR_ARG(q->id)));
}

struct lead_intake form_intake(struct ctx *c, const struct form_design *d,
                               const struct form_answers *answers) {
    struct lead_intake in = {.source = d->source, .campaign = d->campaign, .owner_id = d->owner_id};
    struct change_set *more = ARENA_NEW(c->arena, struct change_set);
    struct text_buffer notes = {.arena = c->arena};
    *more = change_new(c, entity_named(c, "lead"));
    for (size_t i = 0; i < d->n; i++) {
        const struct form_question *q = &d->questions[i];
        struct str text = form_answer_text(c, d, answers, i);
        struct str *place = lead_intake_text(&in, q->maps);
        if (!text.n || q->type == QUESTION_CONSENT) {
            continue;
        }
        if (place) {
            *place = text;
        } else if (q->maps.n) {
            bool code = q->type == QUESTION_CHOICE;
            put_answer(c, q, code ? answers->values[i].text : text, more);
        } else {
            note_add(&notes, q, text);
        }
    }
    if (notes.n) {
        in.description = in.description.n
                             ? str_format(c->arena, "%.*s\n%.*s", STR_ARG(in.description),
                                          STR_ARG(text_str(&notes)))
                             : text_str(&notes);
    }
    in.more = more;
    clean_check(c, d, &in);
    return in;
}

static const struct text texts[] = {
    {"form.no_option", "请从选项里选择", "Please choose one of the options"},
    {"form.must_agree", "请勾选同意后提交", "Please agree to this to go on"},
    {0}};

const struct module form_answers_module = {
    .name = "marketing.form_answers", .cloud = "marketing", .texts = texts};
