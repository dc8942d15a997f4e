/*
 * What a row of activities or tasks is about. Lists name it as people do: by the customer, the
 * contact, the deal, the lead, a phone number, a mail, in columns of their own or in one for all.
 *
 * The nearest named counts: the deal, else the lead, else the account, else the person; of a person
 * known by phone or mail alone his open lead. A contact beside an account is kept with the entry.
 * What is named must be there once, and be seen by the importer: else the row is refused. Only a
 * contact who is not known beside an account who is leaves a remark. Nothing is made on the way.
 * People, leads and deals without an account are found by the search index, which is as new as its
 * reactor: what was made seconds ago may not be found yet.
 */
#include "base/email.h"
#include "base/phone.h"
#include "base/text.h"
#include "customer/lead.h"
#include "customer/person.h"
#include "data/import_parts.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/search.h"

enum { NAMESAKES = 20 };

static const char *const types[] = {"account", "opportunity", "lead", "person"};
enum { TYPES = sizeof types / sizeof *types };

/* What a row says of its subject, and what was found by it. */
struct subject {
    struct str told[SUBJECT_BYS], type;
    size_t column[SUBJECT_BYS];
    const struct entity *entity;
    int64_t id, person_id;
    const char *why; /* it was not found, else NULL */
    enum subject_by wrong;
    bool no_contact;
};

bool import_has_subject(const struct entity *e) {
    return entity_field(e, STR("subject_id")) && entity_field(e, STR("subject_type"));
}

static void subject_read(const struct import_plan *plan, const struct table_row *row,
                         struct subject *s) {
    for (size_t i = 0; i < plan->n; i++) {
        const struct import_column *k = &plan->columns[i];
        struct str cell = k->field ? import_text(plan, i, table_cell(row, i)) : STR("");
        if (cell.n && str_is(k->field->name, "subject_type")) {
            s->type = cell;
        } else if (cell.n && str_is(k->field->name, "subject_id")) {
            s->told[k->by] = cell;
            s->column[k->by] = i;
        }
    }
}

static bool readable(struct ctx *c, const struct entity *e, int64_t id) {
    const struct record *r = id ? record_load(c, e, id) : NULL;
    return r && access_record(c, ACTION_READ, r);
}

/* One more that is so called, if the importer may see it. */
static void found_add(struct ctx *c, const struct entity *e, int64_t id,
                      struct import_found *found) {
    if (id == found->id || !readable(c, e, id)) {
        return;
    }
    found->several = found->id != 0;
    found->id = found->id ? found->id : id;
}

/* By the index of titles: whole ones come first. */
static struct import_found by_title(struct ctx *c, const struct entity *e, struct str name) {
    struct import_found found = {0};
    struct search_hit *hits;
    size_t n = search_run(c, name, e, NAMESAKES, &hits);
    struct str key = text_search_key(c->arena, name);
    for (size_t i = 0; i < n; i++) {
        if (str_equal(text_search_key(c->arena, hits[i].title), key)) {
            found_add(c, e, hits[i].id, &found);
        }
    }
    return found;
}

/* Among what belongs to an account. */
static struct import_found of_account(struct ctx *c, const char *sql, const struct entity *e,
                                      int64_t account_id, struct str name) {
    struct db_value values[] = {db_from_int(account_id), db_from_str(name)};
    struct import_found found = {0};
    int64_t ids[NAMESAKES];
    struct db_rows rows;
    size_t n = 0;
    db_query_values(c, &rows, sql, values, 2);
    while (db_next(&rows) && n < NAMESAKES) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    for (size_t i = 0; i < n; i++) {
        found_add(c, e, ids[i], &found);
    }
    return found;
}

static int64_t account_of_deal(struct ctx *c, int64_t id) {
    const struct record *deal = record_load(c, entity_named(c, "opportunity"), id);
    return deal ? record_int(deal, "account_id") : 0;
}

static struct import_found deal_called(struct ctx *c, struct str name, int64_t account_id) {
    const struct entity *deal = entity_named(c, "opportunity");
    return account_id ? of_account(c,
                                   "SELECT id FROM opportunity WHERE account_id = $1 AND "
                                   "name = $2 AND deleted_at IS NULL ORDER BY id LIMIT 20",
                                   deal, account_id, name)
                      : by_title(c, deal, name);
}

/* Namesakes are many: at an account only who is a contact there counts. */
static struct import_found person_called(struct ctx *c, struct str name, int64_t account_id) {
    const struct entity *person = entity_named(c, "person");
    return account_id ? of_account(c,
                                   "SELECT person_id FROM contact WHERE account_id = $1 AND "
                                   "name = $2 AND deleted_at IS NULL ORDER BY id LIMIT 20",
                                   person, account_id, name)
                      : by_title(c, person, name);
}

static int64_t person_reached(struct ctx *c, struct str phone, struct str email) {
    struct phone number;
    struct email mail = email_parse(c->arena, email);
    struct person_identities by = {0};
    if (phone_parse(phone, &number)) {
        by.phone = str_from(number.digits);
    }
    by.email = mail.reason == EMAIL_RIGHT ? mail.address : STR("");
    int64_t id = by.phone.n || by.email.n ? person_find(c, &by) : 0;
    return readable(c, entity_named(c, "person"), id) ? id : 0;
}

/* The record of any type with that number of another system. */
static bool by_external_id(struct ctx *c, struct str number, struct subject *s) {
    for (size_t i = 0; i < TYPES && !s->id; i++) {
        const struct entity *e = entity_named(c, types[i]);
        const struct field *f = entity_field(e, STR("external_id"));
        if (!f || !(f->flags & FIELD_UNIQUE)) {
            continue;
        }
        struct sql q = sql_new(c->arena);
        SQL_ADD(&q, "SELECT id FROM ");
        sql_identifier(&q, e->table);
        SQL_ADD(&q, " WHERE deleted_at IS NULL AND external_id = ");
        SQL_VALUE(&q, number);
        int64_t id = sql_int(c, &q);
        if (readable(c, e, id)) {
            s->entity = e;
            s->id = id;
        }
    }
    return s->id != 0;
}

/* What was found is the subject, or the reason why there is none. */
static void settle(struct ctx *c, struct subject *s, enum subject_by by, const char *entity,
                   struct import_found found) {
    s->wrong = by;
    s->why = found.several ? "import.several_subjects" : found.id ? NULL : "import.no_subject";
    if (!s->why) {
        s->entity = entity_named(c, entity);
        s->id = found.id;
    }
}

/* A person stands for his open lead: there is where he is followed up. */
static void settle_person(struct ctx *c, struct subject *s, enum subject_by by,
                          struct import_found found) {
    settle(c, s, by, "person", found);
    int64_t lead = s->why ? 0 : lead_open_of(c, s->id);
    if (lead && readable(c, entity_named(c, "lead"), lead)) {
        settle(c, s, by, "lead", (struct import_found){.id = lead});
    }
}

/* A name of whatever it is, unless another column says of what. */
static void by_any_name(struct ctx *c, struct subject *s) {
    struct str name = s->told[SUBJECT_ANY];
    int64_t person = person_reached(c, name, name);
    if (person) {
        settle_person(c, s, SUBJECT_ANY, (struct import_found){.id = person});
        return;
    }
    if (by_external_id(c, name, s)) {
        return;
    }
    const struct entity *only = s->entity;
    settle(c, s, SUBJECT_ANY, "account", (struct import_found){0});
    for (size_t i = 0; i < TYPES && !ctx_failed(c); i++) {
        const struct entity *e = entity_named(c, types[i]);
        struct import_found found = {0};
        if (!only || e == only) {
            found = i ? by_title(c, e, name) : import_find(c, e, name);
        }
        if (found.id && s->id) {
            s->why = "import.several_subjects";
        } else if (found.id) {
            settle(c, s, SUBJECT_ANY, types[i], found);
        }
        if (found.several || (found.id && s->why)) {
            return;
        }
    }
}

/* The type that a word in either language names. */
static bool type_named(struct ctx *c, struct subject *s) {
    struct str key = text_search_key(c->arena, s->type);
    for (size_t i = 0; i < TYPES; i++) {
        const struct entity *e = entity_named(c, types[i]);
        if (str_equal(key, e->name) ||
            str_equal(key, text_search_key(c->arena, e->label[LANGUAGE_ZH])) ||
            str_equal(key, text_search_key(c->arena, e->label[LANGUAGE_EN]))) {
            s->entity = e;
            return true;
        }
    }
    return !s->type.n;
}

/* Who it was at the account. */
static void contact_find(struct ctx *c, struct subject *s, int64_t account_id) {
    struct import_found found = {
        .id = person_reached(c, s->told[SUBJECT_PHONE], s->told[SUBJECT_EMAIL])};
    if (!found.id && s->told[SUBJECT_PERSON].n) {
        found = person_called(c, s->told[SUBJECT_PERSON], account_id);
    }
    s->person_id = found.several ? 0 : found.id;
    s->no_contact = !s->person_id && s->told[SUBJECT_PERSON].n;
}

static void subject_find(struct ctx *c, struct subject *s) {
    int64_t account = 0;
    const struct str *told = s->told;
    if (told[SUBJECT_EXTERNAL_ID].n && by_external_id(c, told[SUBJECT_EXTERNAL_ID], s)) {
        return;
    }
    if (told[SUBJECT_ACCOUNT].n) {
        settle(c, s, SUBJECT_ACCOUNT, "account",
               import_find(c, entity_named(c, "account"), told[SUBJECT_ACCOUNT]));
        account = s->id;
    }
    if (s->why) {
        return;
    }
    if (told[SUBJECT_OPPORTUNITY].n) {
        settle(c, s, SUBJECT_OPPORTUNITY, "opportunity",
               deal_called(c, told[SUBJECT_OPPORTUNITY], account));
        if (account && s->why && str_is(str_from(s->why), "import.no_subject")) {
            s->why = "import.no_deal_of_account";
        }
        account = account || s->why ? account : account_of_deal(c, s->id);
    } else if (told[SUBJECT_LEAD].n) {
        settle(c, s, SUBJECT_LEAD, "lead",
               by_title(c, entity_named(c, "lead"), told[SUBJECT_LEAD]));
    }
    contact_find(c, s, account);
    if (s->id || s->why) {
        return;
    }
    bool reached = told[SUBJECT_PHONE].n || told[SUBJECT_EMAIL].n;
    enum subject_by by = told[SUBJECT_PHONE].n ? SUBJECT_PHONE : SUBJECT_EMAIL;
    if (s->person_id || told[SUBJECT_PERSON].n) {
        struct import_found found = {.id = s->person_id};
        found = found.id ? found : person_called(c, told[SUBJECT_PERSON], 0);
        settle_person(c, s, told[SUBJECT_PERSON].n ? SUBJECT_PERSON : by, found);
        s->no_contact = false;
    } else if (told[SUBJECT_ANY].n) {
        by_any_name(c, s);
    } else if (reached) {
        settle(c, s, by, "person", (struct import_found){0});
    } else if (told[SUBJECT_EXTERNAL_ID].n) {
        settle(c, s, SUBJECT_EXTERNAL_ID, "opportunity", (struct import_found){0});
    }
}

/* Rows about one subject find it once. */
static const struct subject *subject_of(struct ctx *c, struct import_plan *plan,
                                        const struct table_row *row) {
    struct subject told = {0};
    struct text_buffer key = {.arena = c->arena};
    subject_read(plan, row, &told);
    text_add(&key, told.type);
    for (int i = 0; i < SUBJECT_BYS; i++) {
        text_add_char(&key, '\x1F');
        text_add(&key, told.told[i]);
    }
    const struct subject *known = import_cache_what(plan->cache, IMPORT_SUBJECT, text_str(&key));
    if (known) {
        return known;
    }
    if (!type_named(c, &told)) {
        told.why = "import.no_subject_type";
        told.type = str_copy(import_cache_arena(plan->cache), told.type);
    } else {
        subject_find(c, &told);
    }
    struct subject *kept = ARENA_NEW(import_cache_arena(plan->cache), struct subject);
    *kept = told;
    if (!ctx_failed(c)) {
        import_cache_keep(plan->cache, IMPORT_SUBJECT, text_str(&key), kept);
    }
    return kept;
}

/* "（客户名称）": what the row says in the column that names it, and the column. */
static void refuse(struct ctx *c, const struct import_plan *plan, const struct table_row *row,
                   const struct subject *s) {
    size_t column = s->column[s->wrong];
    struct str header = plan->columns[column].header;
    struct str value = str_is(str_from(s->why), "import.no_subject_type")
                           ? s->type
                           : import_text(plan, column, table_cell(row, column));
    FAIL_FIELD(c, str_format(c->arena, "/%.*s", STR_ARG(header)), s->why, {"value", value},
               {"column", header});
}

void import_row_subject(struct ctx *c, struct import_plan *plan, const struct table_row *row,
                        struct change_set *set) {
    const struct subject *s = subject_of(c, plan, row);
    bool needed = (entity_field(plan->entity, STR("subject_id"))->flags & FIELD_REQUIRED) != 0;
    if (s->why) {
        refuse(c, plan, row, s);
        return;
    }
    if (!s->id) {
        if (needed) {
            FAIL_FIELD(c, STR("/subject_id"), "import.no_subject_named");
        }
        return;
    }
    change_text(set, "subject_type", s->entity->name);
    change_id(set, "subject_id", s->id);
    if (s->person_id && entity_field(plan->entity, STR("person_id"))) {
        change_id(set, "person_id", s->person_id);
    }
    if (s->no_contact) {
        size_t column = s->column[SUBJECT_PERSON];
        import_remark(
            c, plan,
            &(struct field_error){
                .pointer = STR("/person_id"),
                .text = "import.no_contact",
                .parameters = {{"value", import_text(plan, column, table_cell(row, column))}}});
    }
}
