/* A leaf {"field":…,"op":…,"value":…} checked against the model and the actor's rights. */
#include <stdlib.h>

#include "entity/access.h"
#include "entity/condition_tree.h"

/* What an operator wants beside the field. */
enum operand {
    OPERAND_NONE,
    OPERAND_VALUE,    /* a value of the field */
    OPERAND_LIST,     /* up to CONDITION_VALUES of them */
    OPERAND_PAIR,     /* two of them */
    OPERAND_FRAGMENT, /* a piece of text */
    OPERAND_DURATION,
    OPERAND_PERIOD
};

/* Fields that may be asked with it. */
enum {
    KIND_ALL = 1,
    KIND_VALUE = 2,
    KIND_TEXT = 4,
    KIND_ORDERED = 8,
    KIND_TIME = 16,
    KIND_MEMBER = 32,
    KIND_TREE = 64
};

struct operator_row {
    const char *word;
    enum operand operand;
    int kinds;
};

static const struct operator_row operator_rows[OPERATORS] = {
    [OPERATOR_EQ] = {"eq", OPERAND_VALUE, KIND_VALUE},
    [OPERATOR_NE] = {"ne", OPERAND_VALUE, KIND_VALUE},
    [OPERATOR_IN] = {"in", OPERAND_LIST, KIND_VALUE},
    [OPERATOR_NOT_IN] = {"not_in", OPERAND_LIST, KIND_VALUE},
    [OPERATOR_IS_EMPTY] = {"is_empty", OPERAND_NONE, KIND_ALL},
    [OPERATOR_NOT_EMPTY] = {"not_empty", OPERAND_NONE, KIND_ALL},
    [OPERATOR_CONTAINS] = {"contains", OPERAND_FRAGMENT, KIND_TEXT},
    [OPERATOR_STARTS_WITH] = {"starts_with", OPERAND_FRAGMENT, KIND_TEXT},
    [OPERATOR_LT] = {"lt", OPERAND_VALUE, KIND_ORDERED},
    [OPERATOR_LTE] = {"lte", OPERAND_VALUE, KIND_ORDERED},
    [OPERATOR_GT] = {"gt", OPERAND_VALUE, KIND_ORDERED},
    [OPERATOR_GTE] = {"gte", OPERAND_VALUE, KIND_ORDERED},
    [OPERATOR_BETWEEN] = {"between", OPERAND_PAIR, KIND_ORDERED},
    [OPERATOR_WITHIN_LAST] = {"within_last", OPERAND_DURATION, KIND_TIME},
    [OPERATOR_WITHIN_NEXT] = {"within_next", OPERAND_DURATION, KIND_TIME},
    [OPERATOR_OLDER_THAN] = {"older_than", OPERAND_DURATION, KIND_TIME},
    [OPERATOR_PERIOD] = {"is", OPERAND_PERIOD, KIND_TIME},
    [OPERATOR_IS_ME] = {"is_me", OPERAND_NONE, KIND_MEMBER},
    [OPERATOR_IN_MY_TEAM] = {"in_my_team", OPERAND_NONE, KIND_MEMBER},
    [OPERATOR_IN_MY_TREE] = {"in_my_tree", OPERAND_NONE, KIND_TREE},
};

enum condition_operator condition_operator_find(struct str word) {
    int i = 0;
    while (i < OPERATORS && !str_is(word, operator_rows[i].word)) {
        i++;
    }
    return (enum condition_operator)i;
}

const char *condition_operator_word(enum condition_operator operator) {
    return operator_rows[operator].word;
}

static bool refers_to(const struct field *f, const char *entity) {
    return f->type == FIELD_REFERENCE && f->target && str_is(f->target->name, entity);
}

static int field_kinds(const struct field *f) {
    int user = refers_to(f, "user") ? KIND_MEMBER | KIND_TREE : 0;
    int department = refers_to(f, "department") ? KIND_TREE : 0;
    switch (f->type) {
    case FIELD_TEXT:
    case FIELD_LONG_TEXT:
    case FIELD_PHONE:
    case FIELD_EMAIL:
    case FIELD_REGION:
    case FIELD_URL:
        return KIND_ALL | KIND_VALUE | KIND_TEXT;
    case FIELD_INTEGER:
    case FIELD_QUANTITY:
    case FIELD_MONEY:
        return KIND_ALL | KIND_VALUE | KIND_ORDERED;
    case FIELD_DATE:
    case FIELD_INSTANT:
        return KIND_ALL | KIND_VALUE | KIND_ORDERED | KIND_TIME;
    case FIELD_REFERENCE:
        return KIND_ALL | KIND_VALUE | user | department;
    case FIELD_BOOLEAN:
    case FIELD_OPTION:
        return KIND_ALL | KIND_VALUE;
    case FIELD_JSON:
        break;
    }
    return KIND_ALL;
}

bool field_is_text(const struct field *f) {
    return (field_kinds(f) & KIND_TEXT) != 0 || f->type == FIELD_OPTION || f->type == FIELD_JSON;
}

/* The leaf being read and where errors point. */
struct leaf_reader {
    struct ctx *c;
    struct condition_leaf *leaf;
    struct str pointer;
    bool failed;
};

static void refuse(struct leaf_reader *r, const char *member, const char *text) {
    r->failed = true;
    FAIL_FIELD(r->c, str_format(r->c->arena, "%.*s/%s", STR_ARG(r->pointer), member), text);
}

/* One name of the path in the entity reached so far; NULL after an error. A field that
 * is hidden, or that the actor may not read at all, looks as if it did not exist. */
static const struct field *path_step(struct leaf_reader *r, const struct entity *e,
                                     struct str name) {
    const struct field *f = entity_field(e, name);
    enum field_right right = RIGHT_NONE;
    if (f && !(f->flags & FIELD_HIDDEN)) {
        right = access_field(r->c->actor, e, f);
    }
    if (right == RIGHT_NONE) {
        refuse(r, "field", "condition.unknown_field");
        return NULL;
    }
    if (right == RIGHT_MASKED) {
        refuse(r, "field", "condition.masked_field");
        return NULL;
    }
    return f;
}

static void parse_path(struct leaf_reader *r, const struct entity *e, const struct json *name) {
    if (!json_is(name, JSON_IS_TEXT)) {
        refuse(r, "field", "condition.text_expected");
        return;
    }
    struct condition_leaf *leaf = r->leaf;
    struct str rest = name->text, part;
    while (str_cut(&rest, '.', &part)) {
        const struct field *f = path_step(r, e, part);
        if (!f || !rest.p) {
            leaf->field = leaf->asked = f;
            return;
        }
        if (f->type != FIELD_REFERENCE || !f->target) {
            refuse(r, "field", "condition.no_reference");
            return;
        }
        if (leaf->hops == CONDITION_HOPS) {
            refuse(r, "field", "condition.path_too_long");
            return;
        }
        e = f->target;
        if (access_scope(r->c->actor, e, ACTION_READ) == SCOPE_NONE) {
            refuse(r, "field", "condition.unknown_field");
            return;
        }
        leaf->path[leaf->hops++] = f;
    }
}

/* The field's own check of a value, its complaint moved to where the value stands. */
static struct value parse_value(struct leaf_reader *r, const struct json *v, const char *where) {
    struct value none = {0};
    if (!v || v->kind == JSON_IS_NULL) {
        refuse(r, where, "condition.value_missing");
        return none;
    }
    struct ctx probe = *r->c;
    ctx_clear_error(&probe);
    struct value value = value_from_json(&probe, r->leaf->field, v);
    if (ctx_failed(&probe)) {
        struct str pointer = str_format(r->c->arena, "%.*s/%s", STR_ARG(r->pointer), where);
        const struct field_error *error = probe.error.fields;
        r->failed = true;
        ctx_fail_field(r->c, pointer, error ? error->text : probe.error.text,
                       error ? error->parameters : probe.error.parameters, ERROR_PARAMETERS);
        return none;
    }
    if (value.kind == VALUE_NULL) {
        refuse(r, where, "condition.value_missing");
    }
    return value;
}

/* A day given where an instant is asked: its first or last ms in the company's zone. */
static bool parse_day(struct leaf_reader *r, const struct json *v, bool end, struct value *value) {
    struct date day;
    if (r->leaf->field->type != FIELD_INSTANT || !json_is(v, JSON_IS_TEXT) ||
        !date_parse(v->text, &day)) {
        return false;
    }
    const struct zone *zone = condition_zone(r->c);
    struct date next = date_from_days(date_to_days(day) + 1);
    int64_t ms = end ? zone_midnight(zone, next) - 1 : zone_midnight(zone, day);
    *value = (struct value){.kind = VALUE_INTEGER, .integer = ms};
    return true;
}

static void parse_single(struct leaf_reader *r, const struct json *v) {
    struct condition_leaf *leaf = r->leaf;
    leaf->values = ARENA_NEW_ARRAY(r->c->arena, 2, struct value);
    leaf->n = 1;
    bool end = leaf->operator== OPERATOR_LTE || leaf->operator== OPERATOR_GT;
    if (leaf->operator== OPERATOR_NE || !parse_day(r, v, end, &leaf->values[0])) {
        leaf->values[0] = parse_value(r, v, "value");
    } else if (leaf->operator== OPERATOR_EQ) {
        parse_day(r, v, true, &leaf->values[1]);
        leaf->operator= OPERATOR_BETWEEN;
        leaf->n = 2;
    }
}

static int value_order(const void *a, const void *b) {
    const struct value *x = a, *y = b;
    return (x->integer > y->integer) - (x->integer < y->integer);
}

static void parse_list(struct leaf_reader *r, const struct json *list) {
    struct condition_leaf *leaf = r->leaf;
    if (!json_is(list, JSON_IS_ARRAY)) {
        refuse(r, "value", "condition.list_expected");
        return;
    }
    if (list->n > CONDITION_VALUES) {
        refuse(r, "value", "condition.too_many_values");
        return;
    }
    leaf->values = ARENA_NEW_ARRAY(r->c->arena, list->n, struct value);
    leaf->n = list->n;
    for (size_t i = 0; i < list->n; i++) {
        struct str where = str_format(r->c->arena, "value/%zu", i);
        leaf->values[i] = parse_value(r, &list->items[i], where.p);
    }
    if (leaf->n > 0 && leaf->values[0].kind == VALUE_INTEGER) {
        qsort(leaf->values, leaf->n, sizeof *leaf->values, value_order);
    }
}

static void parse_pair(struct leaf_reader *r, const struct json *list) {
    struct condition_leaf *leaf = r->leaf;
    if (!json_is(list, JSON_IS_ARRAY) || list->n != 2) {
        refuse(r, "value", "condition.pair_expected");
        return;
    }
    leaf->values = ARENA_NEW_ARRAY(r->c->arena, 2, struct value);
    leaf->n = 2;
    for (size_t i = 0; i < 2; i++) {
        if (!parse_day(r, &list->items[i], i == 1, &leaf->values[i])) {
            leaf->values[i] = parse_value(r, &list->items[i], i == 0 ? "value/0" : "value/1");
        }
    }
    if (leaf->field->type == FIELD_MONEY && !r->failed &&
        !str_equal(leaf->values[0].text, leaf->values[1].text)) {
        refuse(r, "value", "condition.mixed_currencies");
    }
}

static void parse_fragment(struct leaf_reader *r, const struct json *v) {
    if (!json_is(v, JSON_IS_TEXT) || v->text.n == 0) {
        refuse(r, "value", "condition.text_expected");
        return;
    }
    r->leaf->values = ARENA_NEW(r->c->arena, struct value);
    r->leaf->n = 1;
    r->leaf->values[0] = (struct value){.kind = VALUE_TEXT, .text = v->text};
    r->leaf->folded = str_lower(r->c->arena, v->text);
}

/* in_my_tree asks for departments: of an owner the one kept beside it, of another user the
 * one the user is in. */
static void resolve_tree(struct leaf_reader *r, const struct entity *e) {
    struct condition_leaf *leaf = r->leaf;

    if (refers_to(leaf->field, "department")) {
        return;
    }
    const struct entity *holder = leaf->hops > 0 ? leaf->path[leaf->hops - 1]->target : e;
    if (str_is(leaf->field->name, "owner_id") && (holder->flags & ENTITY_OWNED)) {
        leaf->field = &holder->fields[SYSTEM_OWNER_DEPARTMENT_ID];
        return;
    }
    const struct field *department = entity_field(leaf->field->target, STR("department_id"));
    if (!department) {
        refuse(r, "op", "condition.operator_not_for_field");
        return;
    }
    leaf->path[leaf->hops++] = leaf->field;
    leaf->field = department;
}

static void parse_operand(struct leaf_reader *r, const struct json *v, enum operand operand) {
    struct condition_leaf *leaf = r->leaf;
    switch (operand) {
    case OPERAND_NONE:
        if (v && v->kind != JSON_IS_NULL) {
            refuse(r, "value", "condition.value_unexpected");
        }
        break;
    case OPERAND_VALUE:
        parse_single(r, v);
        break;
    case OPERAND_LIST:
        parse_list(r, v);
        break;
    case OPERAND_PAIR:
        parse_pair(r, v);
        break;
    case OPERAND_FRAGMENT:
        parse_fragment(r, v);
        break;
    case OPERAND_DURATION:
        if (!json_is(v, JSON_IS_TEXT) ||
            !condition_duration(v->text, leaf->field->type == FIELD_INSTANT, &leaf->duration)) {
            refuse(r, "value", "condition.duration_expected");
        }
        break;
    case OPERAND_PERIOD:
        if (!json_is(v, JSON_IS_TEXT) || !condition_period(v->text, &leaf->period)) {
            refuse(r, "value", "condition.period_expected");
        }
        break;
    }
}

static void parse_operator(struct leaf_reader *r, const struct json *word) {
    struct condition_leaf *leaf = r->leaf;
    leaf->operator= word && word->kind == JSON_IS_TEXT ? condition_operator_find(word->text)
                                                       : OPERATORS;
    if (leaf->operator== OPERATORS) {
        refuse(r, "op", "condition.unknown_operator");
        return;
    }
    if (leaf->field && !(operator_rows[leaf->operator].kinds & field_kinds(leaf->field))) {
        refuse(r, "op", "condition.operator_not_for_field");
    }
}

static void refuse_other_keys(struct leaf_reader *r, const struct json *o) {
    for (size_t i = 0; i < o->n; i++) {
        struct str key = o->members[i].key;
        if (!str_is(key, "field") && !str_is(key, "op") && !str_is(key, "value")) {
            refuse(r, str_to_c(r->c->arena, key), "condition.unknown_key");
        }
    }
}

struct condition_leaf *condition_leaf_parse(struct ctx *c, const struct entity *e,
                                            const struct json *o, struct str pointer) {
    struct condition_leaf *leaf = ARENA_NEW(c->arena, struct condition_leaf);
    struct leaf_reader r = {.c = c, .leaf = leaf, .pointer = pointer};
    parse_path(&r, e, json_get(o, "field"));
    parse_operator(&r, json_get(o, "op"));
    if (!r.failed) {
        parse_operand(&r, json_get(o, "value"), operator_rows[leaf->operator].operand);
    }
    if (!r.failed && leaf->operator== OPERATOR_IN_MY_TREE) {
        resolve_tree(&r, e);
    }
    refuse_other_keys(&r, o);
    return r.failed ? NULL : leaf;
}
