/* A condition in words, for people who ask which rule matched and why. */
#include "base/message.h"
#include "entity/condition_tree.h"
#include "entity/money.h"

struct words {
    struct ctx *c;
    struct text_buffer *out;
};

static void put_words(struct words *w, const char *code) {
    text_add(w->out, message_words(w->c->language, code));
}

static void put_label(struct words *w, const struct field *f) {
    text_add(w->out, f->label[w->c->language]);
}

/* 1234567.5 -> 1,234,567.5 */
static struct str thousands(struct arena *a, struct str number) {
    struct text_buffer b = {.arena = a};
    int64_t point = str_find_char(number, '.');
    size_t whole = point < 0 ? number.n : (size_t)point;
    for (size_t i = 0; i < number.n; i++) {
        bool after_digit = i > 0 && number.p[i - 1] != '-';
        text_add_c(&b, after_digit && i < whole && (whole - i) % 3 == 0 ? "," : "");
        text_add_char(&b, number.p[i]);
    }
    return text_str(&b);
}

/* As people say it: 1,000 万 and 2 亿 where it is so to the cent, in Chinese without the currency of
 * the country; CNY 10,000,000 in English. */
static void put_money(struct words *w, struct value v) {
    struct arena *a = w->c->arena;
    int64_t digits = currency_digits(v.text), unit = 10000;
    const char *name = "";
    if (w->c->language == LANGUAGE_EN) {
        text_add(w->out, v.text);
        text_add_char(w->out, ' ');
    }
    digits = digits < 0 ? 2 : digits;
    for (int64_t i = 0; i < digits; i++) {
        unit *= 10;
    }
    if (w->c->language != LANGUAGE_EN && v.integer != 0 && v.integer % unit == 0) {
        bool many = v.integer % (unit * 10000) == 0;
        v.integer /= many ? unit * 10000 : unit;
        name = many ? " 亿" : " 万";
        digits = 0;
    }
    text_add(w->out, thousands(a, decimal_format_short(a, v.integer, (int)digits)));
    text_add_c(w->out, name);
    if (w->c->language != LANGUAGE_EN && !str_is(v.text, "CNY")) {
        text_add_char(w->out, ' ');
        text_add(w->out, v.text);
    }
}

static void put_value(struct words *w, const struct condition_leaf *leaf, struct value v) {
    if (leaf->field->type == FIELD_MONEY && v.kind == VALUE_MONEY) {
        put_money(w, v);
        return;
    }
    if (leaf->operator== OPERATOR_CONTAINS || leaf->operator== OPERATOR_STARTS_WITH) {
        text_add(w->out, v.text);
        return;
    }
    const struct field_option *option = leaf->field->type == FIELD_OPTION
                                            ? field_option(leaf->field, v.text)
                                            : NULL;
    text_add(w->out, option ? option->label[w->c->language] : value_to_text(w->c, leaf->field, v));
}

/* So many days are years to the day, give or take a leap day; 0: they are not. */
static int64_t whole_years(int64_t days) {
    int64_t years = (days * 4 + 730) / 1461, off = days * 4 - years * 1461;
    return years >= 2 && off >= -8 && off <= 8 ? years : 0;
}

static void put_duration(struct words *w, const struct condition_leaf *leaf) {
    bool in_ms = leaf->field->type == FIELD_INSTANT;
    bool hours = in_ms && leaf->duration % MS_DAY != 0;
    int64_t amount = leaf->duration / (!in_ms ? 1 : hours ? MS_HOUR : MS_DAY);
    int64_t years = hours ? 0 : whole_years(amount);
    const char *unit = hours ? "condition.hours" : years ? "condition.years" : "condition.days";
    struct text_parameter n = {
        "n", str_format(w->c->arena, "%lld", (long long)(years ? years : amount))};
    text_add(w->out, message_format(w->c->arena, w->c->language, unit, &n, 1));
}

static void put_operand(struct words *w, const struct condition_leaf *leaf) {
    switch (leaf->operator) {
    case OPERATOR_WITHIN_LAST:
    case OPERATOR_WITHIN_NEXT:
    case OPERATOR_OLDER_THAN:
        text_add_char(w->out, ' ');
        put_duration(w, leaf);
        return;
    case OPERATOR_PERIOD:
        text_add_char(w->out, ' ');
        put_words(w, str_format(w->c->arena, "condition.period.%s", leaf->period.name).p);
        return;
    default:
        break;
    }
    for (size_t i = 0; i < leaf->n; i++) {
        text_add(w->out, i > 0 ? message_words(w->c->language, "condition.comma") : STR(" "));
        put_value(w, leaf, leaf->values[i]);
    }
}

static void put_leaf(struct words *w, const struct condition_leaf *leaf) {
    int hops = leaf->hops > 0 && leaf->asked == leaf->path[leaf->hops - 1] ? leaf->hops - 1
                                                                           : leaf->hops;
    for (int i = 0; i < hops; i++) {
        put_label(w, leaf->path[i]);
        text_add_c(w->out, " · ");
    }
    put_label(w, leaf->asked);
    text_add_char(w->out, ' ');
    const char *word = condition_operator_word(leaf->operator);
    put_words(w, str_format(w->c->arena, "condition.op.%s", word).p);
    put_operand(w, leaf);
}

static void put_node(struct words *w, const struct condition_node *node, bool outermost);

static void put_group(struct words *w, const struct condition_node *node, bool outermost) {
    bool brackets = !outermost && node->n > 1;
    text_add_c(w->out, brackets ? "(" : "");
    for (size_t i = 0; i < node->n; i++) {
        if (i > 0) {
            put_words(w, node->kind == NODE_ALL ? "condition.and" : "condition.or");
        }
        put_node(w, node->children[i], false);
    }
    if (node->n == 0) {
        put_words(w, node->kind == NODE_ALL ? "condition.always" : "condition.never");
    }
    text_add_c(w->out, brackets ? ")" : "");
}

static void put_node(struct words *w, const struct condition_node *node, bool outermost) {
    if (node->kind == NODE_FIELD) {
        put_leaf(w, node->leaf);
    } else if (node->kind == NODE_OTHER) {
        text_add(w->out, node->other->words(w->c, node->other_leaf));
    } else if (node->kind == NODE_NOT) {
        put_words(w, "condition.not");
        text_add_char(w->out, '(');
        put_node(w, node->children[0], true);
        text_add_char(w->out, ')');
    } else {
        put_group(w, node, outermost);
    }
}

void condition_leaf_words(struct ctx *c, const struct condition_leaf *leaf,
                          struct text_buffer *out) {
    struct words w = {c, out};
    put_leaf(&w, leaf);
}

struct str condition_words(struct ctx *c, const struct condition *cond) {
    if (!cond || !cond->root) {
        return message_words(c->language, "condition.always");
    }
    struct text_buffer out = {.arena = c->arena};
    struct words w = {c, &out};
    put_node(&w, cond->root, true);
    return text_str(&out);
}
