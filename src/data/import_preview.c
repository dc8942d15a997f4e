/*
 * The preview of an import: every row judged, nothing written.
 *
 * Leads are cleaned as they would be and compared with each other; other types have every
 * cell turned into its value. Beside the verdicts it finds dirt: values of options and references
 * that match nothing, with the nearest known value as a suggestion a person confirms, and
 * negative amounts that look like a mark for "unknown".
 */
#include "data/import_preview.h"

#include "base/message.h"
#include "base/phone.h"
#include "base/text.h"
#include "customer/lead.h"
#include "customer/person.h"
#include "data/import_parts.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/record_check.h"
#include "entity/value.h"

enum { SHOWN_ROWS = 50, DIRT_MOST = 200, CANDIDATES = 2000, WORD = 64, NAMES = 1 << 20 };

struct dirt {
    size_t column;
    struct str value, suggestion;
    bool several;         /* records are called so */
    int64_t suggested_id; /* the one that is taken, unless a person says another; or 0 */
    int64_t rows;
};

struct preview {
    struct ctx *c;
    struct import_plan *plan;
    struct json_writer *w; /* shown rows */
    int64_t rows, counts[4], remarked;
    int shown;
    struct dirt dirt[DIRT_MOST];
    size_t n_dirt;
    struct import_cache *people; /* phones, mails and other keys met so far */
};

static const char *const verdict_words[] = {"create", "merge", "refuse", "skip"};

/* Letters and digits only, in small letters: what two spellings share. */
static struct str skeleton(struct arena *a, struct str s) {
    struct str key = text_search_key(a, s);
    struct text_buffer out = {.arena = a};
    for (size_t i = 0; i < key.n && out.n < WORD; i++) {
        unsigned char ch = (unsigned char)key.p[i];
        if (ch >= 0x80 || (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z')) {
            text_add_char(&out, (char)ch);
        }
    }
    return text_str(&out);
}

/* Levenshtein (1965) distance in bytes of two short words, by one row of the matrix. */
static size_t distance(struct str a, struct str b) {
    size_t row[WORD + 1];
    for (size_t j = 0; j <= b.n; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t above = row[j];
            size_t best = diagonal + (a.p[i - 1] != b.p[j - 1]);
            best = above + 1 < best ? above + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = above;
            row[j] = best;
        }
    }
    return row[b.n];
}

struct nearest {
    struct str key, best;
    size_t distance;
};

static void consider(struct arena *a, struct nearest *n, struct str candidate, struct str meant) {
    struct str key = skeleton(a, candidate);
    size_t d = distance(n->key, key);
    if (d < n->distance) {
        n->distance = d;
        n->best = str_copy(a, meant);
    }
}

/* The known value nearest to one that matches nothing; empty when none is near. */
static struct str suggest(struct ctx *c, const struct field *f, struct str value) {
    struct nearest n = {.key = skeleton(c->arena, value), .distance = SIZE_MAX};
    size_t near = n.key.n / 5 > 1 ? n.key.n / 5 : 1;
    for (size_t i = 0; i < f->n_options; i++) {
        consider(c->arena, &n, f->options[i].code, f->options[i].code);
        consider(c->arena, &n, f->options[i].label[LANGUAGE_EN], f->options[i].code);
        consider(c->arena, &n, f->options[i].label[LANGUAGE_ZH], f->options[i].code);
    }
    if (f->type == FIELD_REFERENCE && f->target && f->target->title) {
        struct db_rows rows;
        struct sql q = sql_new(c->arena);
        SQL_ADD(&q, "SELECT ");
        sql_identifier(&q, f->target->title->name);
        SQL_ADD(&q, " FROM ");
        sql_identifier(&q, f->target->table);
        SQL_ADD(&q, " WHERE deleted_at IS NULL AND ");
        access_where(c, &q, f->target, ACTION_READ, "");
        SQL_ADD(&q, " LIMIT ");
        sql_number(&q, CANDIDATES);
        sql_query(c, &rows, &q);
        while (db_next(&rows)) {
            struct str title = db_text(&rows, 0);
            consider(c->arena, &n, title, title);
        }
    }
    return n.distance <= near ? n.best : STR("");
}

static void dirt_add(struct preview *p, size_t column, struct str value) {
    const struct field *f = p->plan->columns[column].field;
    struct import_found found = {0};
    for (size_t i = 0; i < p->n_dirt; i++) {
        if (p->dirt[i].column == column && str_equal(p->dirt[i].value, value)) {
            p->dirt[i].rows++;
            return;
        }
    }
    if (p->n_dirt < DIRT_MOST) {
        if (f->type == FIELD_REFERENCE && f->target) {
            found = import_find(p->c, f->target, value);
        } else if (f == p->plan->entity->title) {
            found.several = true;
        }
        p->dirt[p->n_dirt++] = (struct dirt){
            .column = column,
            .value = str_copy(p->c->arena, value),
            .suggestion = found.several ? STR("") : suggest(p->c, f, value),
            .several = found.several,
            .suggested_id = found.id && found.several && str_is(f->target->name, "stage") ? found.id
                                                                                          : 0,
            .rows = 1};
    }
}

/* Whether the column's rules say already what the value stands for. */
static bool ruled(const struct import_column *k, struct str value) {
    return k->replace && json_get_str(k->replace, value);
}

static void look_for_dirt(struct preview *p, const struct table_row *row) {
    bool namesakes = p->plan->namesakes;
    for (size_t i = 0; i < p->plan->n && !ctx_failed(p->c); i++) {
        const struct import_column *k = &p->plan->columns[i];
        struct str cell = text_trim(table_cell(row, i));
        if (!k->field || !cell.n || str_is(k->field->name, "created_by")) {
            continue;
        }
        bool negative = k->field->type == FIELD_MONEY && str_starts(cell, STR("-"));
        bool reference = k->field->type == FIELD_REFERENCE && k->field->target;
        bool named = k->field->type == FIELD_OPTION || reference;
        if ((negative && !ruled(k, cell)) || (namesakes && k->field == p->plan->entity->title)) {
            dirt_add(p, i, cell);
        } else if (named) { /* also by a rule: what it says may be gone */
            import_row_begin(p->plan);
            import_value(p->c, p->plan, i, cell);
            bool unknown = !ctx_failed(p->c) && p->plan->unknown_owner.n;
            if (unknown || import_is_verdict(p->c) || import_has_namesakes(p->plan, i, cell)) {
                ctx_clear_error(p->c);
                dirt_add(p, i, cell);
            }
        }
    }
}

/* By which an earlier row tells of the same: behind a shared line, the name too. */
static struct str phone_key(struct preview *p, const struct lead_clean *clean) {
    return phone_is_shared(clean->phone)
               ? str_format(p->c->arena, "%.*s %.*s", STR_ARG(clean->phone), STR_ARG(clean->name))
               : clean->phone;
}

/* Whether the person stands in an earlier row, or has an open lead already, or one of which the row
 * tells once more. */
static bool lead_known(struct preview *p, const struct lead_clean *clean,
                       const struct lead_intake *in) {
    if ((clean->phone.n && import_cache_get(p->people, 0, phone_key(p, clean)) >= 0) ||
        (clean->email.n && import_cache_get(p->people, 1, clean->email) >= 0)) {
        return true;
    }
    struct person_identities by = {clean->name, clean->phone, clean->email};
    int64_t person_id = person_find(p->c, &by);
    if (!person_id || lead_open_of(p->c, person_id) || lead_told_of(p->c, person_id, in)) {
        return person_id != 0;
    }
    if (lead_last_of(p->c, person_id)) {
        import_remark(p->c, p->plan,
                      &(struct field_error){.pointer = STR("/phone"), .text = LEAD_ENDED_BEFORE});
    }
    return false;
}

/* Try the cells that need more than cleaning: owners, and fields of the company's own. */
static void judge_values(struct preview *p, const struct table_row *row) {
    for (size_t i = 0; i < p->plan->n; i++) {
        const struct import_column *k = &p->plan->columns[i];
        bool found_later = k->field && k->field->type == FIELD_REFERENCE &&
                           (k->create_missing || k->field->target == p->plan->entity);
        bool cleaned = k->field && str_is(p->plan->entity->name, "lead") &&
                       (lead_intake_text(&(struct lead_intake){0}, k->field->name) ||
                        str_is(k->field->name, "created_at"));
        if (k->field && !found_later && !cleaned) {
            import_value(p->c, p->plan, i, table_cell(row, i));
        }
    }
}

static const char *first_wrong(const struct preview *p) {
    return p->c->error.fields ? p->c->error.fields->text : NULL;
}

/* Fields of the company's own that a new lead must have. */
static void judge_required(struct preview *p, const struct table_row *row) {
    const struct entity *e = p->plan->entity;
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        bool needed = (f->flags & FIELD_REQUIRED) && (f->flags & FIELD_CUSTOM) && !f->standard;
        for (size_t k = 0; needed && k < p->plan->n; k++) {
            needed = p->plan->columns[k].field != f ||
                     !import_text(p->plan, k, table_cell(row, k)).n;
        }
        if (needed) {
            FAIL_FIELD(p->c, field_pointer(p->c, f), "field.required");
        }
    }
}

/* Lead rows: refused, or a repeat of somebody known, or new. */
static enum import_verdict judge_lead(struct preview *p, const struct table_row *row,
                                      const char **why) {
    struct lead_intake in = {0};
    for (size_t i = 0; i < p->plan->n; i++) {
        const struct field *f = p->plan->columns[i].field;
        import_lead_text(p->c->arena, p->plan, i, row, &in);
        if (f && str_is(f->name, "created_at")) {
            in.created_at = import_lead_time(p->plan, i, row);
        }
    }
    struct lead_clean clean = lead_clean(p->c->arena, &in);
    *why = clean.refused;
    if (clean.refused) {
        return IMPORT_REFUSE;
    }
    judge_values(p, row);
    *why = first_wrong(p);
    if (*why) {
        return IMPORT_REFUSE;
    }
    bool known = lead_known(p, &clean, &in);
    if (!known) {
        judge_required(p, row);
        import_lead_left_empty(p->c, p->plan, &in, &clean);
    }
    *why = first_wrong(p);
    if (*why) {
        return IMPORT_REFUSE;
    }
    if (clean.phone.n) {
        import_cache_put(p->people, 0, phone_key(p, &clean), row->line);
    }
    if (clean.email.n) {
        import_cache_put(p->people, 1, clean.email, row->line);
    }
    return known ? IMPORT_MERGE : IMPORT_CREATE;
}

static bool met_before(struct preview *p, const struct import_keys *keys) {
    bool met = false;
    for (size_t i = 0; i < keys->n && !met; i++) {
        size_t at = (size_t)keys->of[i].field->position;
        met = import_cache_get(p->people, at, keys->of[i].text) >= 0;
    }
    return met;
}

/* By what name a row without a key would find the record; empty when none does. */
static struct str name_of(struct preview *p, const struct change_set *set) {
    struct change_set named = change_new(p->c, set->entity);
    const struct field *title = set->entity->title;
    if (!title || !set->set[title->position]) {
        return STR("");
    }
    change_value(&named, title, set->values[title->position]);
    struct import_keys keys = import_keys(p->c, &named);
    return keys.n && keys.of[0].field == title ? keys.of[0].text : STR("");
}

/* How many records of the name earlier rows would have made. */
static int64_t named_before(struct preview *p, struct str name) {
    int64_t n = name.n ? import_cache_get(p->people, NAMES, name) : 0;
    return n > 0 ? n : 0;
}

static void meet(struct preview *p, const struct import_keys *keys, struct str name, bool made) {
    for (size_t i = 0; i < keys->n; i++) {
        import_cache_put(p->people, (size_t)keys->of[i].field->position, keys->of[i].text, 1);
    }
    if (made && name.n) {
        import_cache_put(p->people, NAMES, name, named_before(p, name) + 1);
    }
}

/* Whether an earlier row was about the record; a field error when it may have been one of several
 * that are so called. */
static bool row_met(struct preview *p, const struct import_keys *keys, bool known) {
    const struct field *title = p->plan->entity->title;
    bool by_name = keys->n && title && keys->of[0].field == title;
    int64_t named = by_name ? named_before(p, keys->of[0].text) : 0;
    if (named + known > 1) {
        p->plan->namesakes = true;
        FAIL_FIELD(p->c, field_pointer(p->c, title), "import.several_named",
                   {"value", keys->of[0].text});
    }
    return named || met_before(p, keys);
}

/* As plain_row of import_row.c, but that nothing is written. */
static enum import_verdict record_verdict(struct preview *p, const struct table_row *row) {
    struct ctx *c = p->c;
    struct change_set set = change_new(c, p->plan->entity);
    import_row_values(c, p->plan, row, &set);
    struct import_keys keys = import_keys(c, &set);
    struct str name = name_of(p, &set);
    struct record *known = ctx_failed(c) ? NULL : import_met(c, p->plan, row, &set);
    bool chosen = import_own_chosen(p->plan, row) != 0;
    bool met = !ctx_failed(c) && !chosen && row_met(p, &keys, known != NULL);
    if (!ctx_failed(c) && known && !p->plan->alike) {
        import_complete(c, p->plan, &set, known);
    } else if (!ctx_failed(c) && !known && !met) {
        import_row_given(c, p->plan, row, &set);
        record_judge(c, &set);
    }
    if (ctx_failed(c)) {
        return IMPORT_REFUSE;
    }
    meet(p, &keys, name, !met && !known);
    return met || known ? IMPORT_MERGE : IMPORT_CREATE;
}

static enum import_verdict judge_record(struct preview *p, const struct table_row *row,
                                        const char **why) {
    enum import_verdict verdict = record_verdict(p, row);
    *why = ctx_failed(p->c) && !p->c->error.fields ? p->c->error.text : first_wrong(p);
    return verdict;
}

static void message_json(struct preview *p, const char *code,
                         const struct text_parameter *parameters) {
    json_begin_object(p->w);
    JSON_MEMBER(p->w, "code", json_put_c, code);
    JSON_MEMBER(p->w, "message", json_put_str,
                message_format(p->c->arena, p->c->language, code, parameters, ERROR_PARAMETERS));
    json_end_object(p->w);
}

static size_t first_column(const struct import_plan *plan, const struct field *f) {
    size_t i = 0;
    while (plan->columns[i].field != f) {
        i++;
    }
    return i;
}

/* What the row says of a field, in all columns that fill it. */
static struct str cells_of(struct preview *p, const struct table_row *row, const struct field *f) {
    struct text_buffer out = {.arena = p->c->arena};
    for (size_t i = 0; i < p->plan->n; i++) {
        struct str cell = table_cell(row, i);
        if (p->plan->columns[i].field == f && cell.n) {
            text_add_c(&out, out.n ? " / " : "");
            text_add(&out, cell);
        }
    }
    return text_str(&out);
}

static void row_json(struct preview *p, const struct table_row *row, enum import_verdict verdict,
                     const char *why) {
    struct json_writer *w = p->w;
    json_begin_object(w);
    JSON_MEMBER(w, "line", json_put_int, row->line);
    JSON_MEMBER(w, "verdict", json_put_c, verdict_words[verdict]);
    json_key(w, "errors");
    json_begin_array(w);
    if (why) {
        static const struct text_parameter none[ERROR_PARAMETERS];
        message_json(p, why, p->c->error.fields ? p->c->error.fields->parameters : none);
    }
    json_end_array(w);
    json_key(w, "remarks");
    json_begin_array(w);
    for (const struct field_error *e = p->plan->remarks.fields; e; e = e->next) {
        message_json(p, e->text, e->parameters);
    }
    json_end_array(w);
    json_key(w, "values");
    json_begin_object(w);
    for (size_t i = 0; i < p->plan->n; i++) {
        const struct field *f = p->plan->columns[i].field;
        if (f && first_column(p->plan, f) == i) {
            json_key_str(w, f->name);
            json_put_str(w, cells_of(p, row, f));
        }
    }
    json_end_object(w);
    json_end_object(w);
}

static void judge(struct preview *p, const struct table_row *row) {
    const char *why = NULL;
    enum import_verdict verdict = IMPORT_SKIP;
    struct arena_mark mark = arena_mark(p->c->arena);
    bool lead = str_is(p->plan->entity->name, "lead");
    p->rows++;
    import_row_begin(p->plan);
    if (!import_row_is_noise(p->plan, row)) {
        verdict = lead ? judge_lead(p, row, &why) : judge_record(p, row, &why);
    }
    if (verdict != IMPORT_CREATE && !p->plan->alike) {
        p->plan->remarks = (struct error){0}; /* the record that is there has its owner */
    }
    p->counts[verdict]++;
    p->remarked += p->plan->remarks.fields != NULL;
    bool telling = p->shown < SHOWN_ROWS && (verdict == IMPORT_REFUSE || p->plan->remarks.fields);
    if (p->rows <= SHOWN_ROWS / 2 || telling) {
        row_json(p, row, verdict, why);
        p->shown++;
    } else {
        arena_reset(p->c->arena, mark);
    }
    if (import_is_verdict(p->c)) {
        ctx_clear_error(p->c);
    }
    if (verdict != IMPORT_SKIP) {
        look_for_dirt(p, row);
    }
}

static void dirt_json(struct preview *p, struct json_writer *w) {
    json_key(w, "dirt");
    json_begin_array(w);
    for (size_t i = 0; i < p->n_dirt; i++) {
        const struct dirt *d = &p->dirt[i];
        const struct field *f = p->plan->columns[d->column].field;
        json_begin_object(w);
        JSON_MEMBER(w, "column", json_put_int, (int64_t)d->column);
        JSON_MEMBER(w, "field", json_put_str, f->name);
        JSON_MEMBER(w, "value", json_put_str, d->value);
        json_key(w, "suggestion");
        if (f->type == FIELD_MONEY || !d->suggestion.n) {
            json_put_null(w);
        } else {
            json_put_str(w, d->suggestion);
        }
        JSON_MEMBER(w, "suggestion_id", json_put_id, d->suggested_id);
        JSON_MEMBER(w, "kind", json_put_c,
                    f->type == FIELD_MONEY ? "unknown"
                    : d->several           ? "several"
                    : d->suggestion.n      ? "near"
                                           : "missing");
        JSON_MEMBER(w, "rows", json_put_int, d->rows);
        json_end_object(w);
    }
    json_end_array(w);
}

void import_preview(struct ctx *c, struct json_writer *w, struct import_plan *plan,
                    struct table_reader *t) {
    struct arena *kept = ARENA_NEW(c->arena, struct arena);
    struct preview *p = ARENA_NEW(c->arena, struct preview);
    struct table_row row;
    p->c = c;
    p->plan = plan;
    p->w = w;
    p->people = import_cache_new(kept);
    plan->cache = import_cache_new(kept);
    plan->met = import_cache_new(kept);
    plan->trial = true;
    json_begin_object(w);
    json_key(w, "rows");
    json_begin_array(w);
    while (!ctx_failed(c) && table_next(c, t, &row)) {
        judge(p, &row);
    }
    json_end_array(w);
    json_key(w, "counts");
    json_begin_object(w);
    JSON_MEMBER(w, "rows", json_put_int, p->rows);
    for (int i = 0; i < 4; i++) {
        JSON_MEMBER(w, verdict_words[i], json_put_int, p->counts[i]);
    }
    JSON_MEMBER(w, "remarked", json_put_int, p->remarked);
    json_end_object(w);
    dirt_json(p, w);
    json_end_object(w);
    arena_free(kept);
}
