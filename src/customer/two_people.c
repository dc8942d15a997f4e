#include "customer/two_people.h"

#include "base/message.h"
#include "base/text.h"
#include "customer/person.h"
#include "db/db.h"

static struct str name_of(struct ctx *c, int64_t person_id) {
    const struct record *person = record_load(c, entity_named(c, "person"), person_id);
    return person ? record_text(person, "name") : STR("");
}

static void put_names(struct ctx *c, int64_t by_phone, int64_t by_email,
                      struct text_parameter names[2]) {
    names[0] = (struct text_parameter){"phone", name_of(c, by_phone)};
    names[1] = (struct text_parameter){"email", name_of(c, by_email)};
}

struct str two_people_note(struct ctx *c, int64_t by_phone, int64_t by_email) {
    struct text_parameter names[2];
    put_names(c, by_phone, by_email, names);
    return text_truncate(message_format(c->arena, LANGUAGE_ZH, "lead.two_people", names, 2), 500);
}

/* The name as compared; empty for somebody called by his phone or mail for want of one. */
static struct str name_key(struct ctx *c, const struct record *person) {
    struct str name = record_text(person, "name");
    bool none = str_equal(name, record_text(person, "phone")) ||
                str_equal(name, record_text(person, "email"));
    return none ? STR("") : text_search_key(c->arena, name);
}

static bool agree(struct str a, struct str b) {
    return !a.n || !b.n || str_equal(a, b);
}

static bool have_one_name(struct ctx *c, struct str given, int64_t a, int64_t b) {
    const struct entity *e = entity_named(c, "person");
    const struct record *one = record_load(c, e, a), *other = record_load(c, e, b);
    if (!one || !other) {
        return false;
    }
    struct str x = name_key(c, one), y = name_key(c, other);
    struct str row = text_search_key(c->arena, given);
    return agree(x, y) && agree(x, row) && agree(y, row);
}

/* The open leads of a person; nobody has worked them when *untouched. */
static size_t open_leads(struct ctx *c, int64_t person_id, int64_t *ids, size_t most,
                         bool *untouched) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id, CASE WHEN status = 'new' AND last_follow_up_at IS NULL THEN 1 ELSE 0 END "
             "FROM lead WHERE person_id = $1 AND deleted_at IS NULL "
             "AND status NOT IN ('converted', 'disqualified') ORDER BY id LIMIT $2",
             person_id, (int64_t)most);
    *untouched = true;
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
        *untouched = *untouched && db_int(&rows, 1);
    }
    return n;
}

/* Who stands twice through the join stands once, unless somebody works one of them already. */
static void leads_join(struct ctx *c, struct intake_result *result) {
    int64_t ids[3];
    bool untouched;
    size_t n = open_leads(c, result->person_id, ids, 3, &untouched);
    if (n == 2 && untouched) {
        record_merge(c, entity_named(c, "lead"), ids[0], ids[1], NULL);
        result->merged_lead_id = ids[1];
    } else if (n > 1) {
        result->review = "lead.two_leads";
    }
}

struct str two_people_met(struct ctx *c, const struct lead_clean *clean,
                          struct intake_result *result) {
    int64_t by_phone = result->person_id, by_email = person_find_by_email(c, clean->email);
    if (ctx_failed(c)) {
        return STR("");
    }
    if (c->origin != ORIGIN_IMPORT || !have_one_name(c, clean->name, by_phone, by_email)) {
        result->review = "lead.two_people";
        put_names(c, by_phone, by_email, result->review_names);
        return two_people_note(c, by_phone, by_email);
    }
    result->person_id = by_phone < by_email ? by_phone : by_email;
    result->merged_person_id = by_phone < by_email ? by_email : by_phone;
    result->review = "lead.two_joined";
    record_merge(c, entity_named(c, "person"), result->person_id, result->merged_person_id, NULL);
    leads_join(c, result);
    bool ask = str_is(str_from(result->review), "lead.two_leads");
    return ask ? message_words(LANGUAGE_ZH, result->review) : STR("");
}
