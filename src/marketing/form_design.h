/*
 * The design of a form: its questions and what happens with the answers, as the editor makes it and
 * as it is kept, a JSON object:
 *
 *     {"title":{"zh","en"}, "intro":{}, "button":{}, "questions":[…],
 *      "thanks":{"message":{}, "url":""}, "source":"", "campaign":"", "owner_id":"7",
 *      "notify":["7"], "rate_per_minute":20, "minimum_seconds":2}
 *
 * and a question
 *
 *     {"id":"q1", "type":"text", "maps":"name", "label":{}, "help":{}, "required":true,
 *      "half":false, "options":[{"value","zh","en"}], "most":200, "low":"0", "high":"10",
 *      "show_if":{"field":"q0","op":"eq","value":"x"},
 *      "value":"", "parameter":"utm_content",                       (hidden)
 *      "channels":["email"], "purpose":"marketing", "text":{}}      (consent)
 *
 * maps names a field of the lead, own fields of the company among them; empty: the answer is kept
 * with the submission and added to the lead's notes. show_if is a condition of the one language
 * over the questions before this one, which stand as the fields of a record of their own. A draft
 * may lack much; form_design_complete says what.
 */
#ifndef GUANTONG_MARKETING_FORM_DESIGN_H
#define GUANTONG_MARKETING_FORM_DESIGN_H

#include "entity/condition.h"

enum { FORM_QUESTIONS = 40, FORM_OPTIONS = 40, FORM_CHANNELS = 6, FORM_NOTIFIED = 20 };
enum { FORM_DESIGN_BYTES = 60000 };

enum question_type {
    QUESTION_TEXT,
    QUESTION_LONG_TEXT,
    QUESTION_PHONE,
    QUESTION_EMAIL,
    QUESTION_CHOICE,
    QUESTION_CHOICES,
    QUESTION_NUMBER,
    QUESTION_DATE,
    QUESTION_CONSENT,
    QUESTION_HIDDEN,
    QUESTION_HEADING, /* words between questions */
    QUESTION_TYPES
};

/* Words in the languages of the form; either may be empty. */
struct form_words {
    struct str in[2]; /* by enum language */
};
/* In that language, else in the other. */
struct str form_say(const struct form_words *words, enum language language);

struct form_option {
    struct str value;
    struct form_words label;
};

struct form_question {
    struct str id, maps;
    enum question_type type;
    struct form_words label, help;
    bool required, half;
    const struct form_option *options;
    size_t n_options;
    int64_t most;         /* characters of a text */
    struct str low, high; /* of a number, decimal; empty: no bound */
    struct str value, parameter;
    const struct json *show_if; /* NULL: always */
    struct str channels[FORM_CHANNELS];
    size_t n_channels;
    struct str purpose;
    struct form_words text;
};

struct form_design {
    struct form_words title, intro, button, message;
    struct str url; /* where to go after it, empty: the message */
    struct str source, campaign;
    int64_t owner_id; /* 0: the rules of assignment decide */
    int64_t notify[FORM_NOTIFIED];
    size_t n_notify;
    int64_t rate_per_minute, minimum_seconds;
    struct form_question questions[FORM_QUESTIONS];
    size_t n;
    struct entity answers;               /* the questions as a record type */
    struct field fields[FORM_QUESTIONS]; /* its fields */
};

/* What is said in another shape than this, and what is too much, are field errors below /draft;
 * NULL after them. In the arena. */
struct form_design *form_design_read(struct ctx *c, const struct json *design);

/* Field errors for what it lacks or says wrong before it can be shown to anybody. */
void form_design_complete(struct ctx *c, const struct form_design *d);

/* Whether a stranger may fill in the field of a lead. */
bool form_may_fill(const struct field *f);

/* "text", "choice" …; the position in the enum. */
extern const char *const question_types[];

/* The hosts of the company's own sites: who may show its forms and where they may lead. */
struct str form_hosts(struct ctx *c); /* blanks between */
bool form_host_allowed(struct ctx *c, struct str host);
/* "www.example.cn" of an address with http or https; empty for others. */
struct str url_host(struct str url);

#endif
