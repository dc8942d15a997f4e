/*
 * Whose the person behind a lead is: whoever works the lead works the person.
 *
 * A person who came in by a form is nobody's, and is opened by the lead. One who is somebody's, of
 * a lead that has ended or was given on, goes with the lead, or its new owner could not see whom he
 * is to call, and the former one would go on seeing the number. He stays whose he is while they
 * have business: another lead that is open or was converted, or an account whose contact he is.
 */
#include "customer/lead.h"
#include "db/db.h"
#include "entity/access.h"

/* Whether the person is to change hands. */
static bool is_free(struct ctx *c, const struct record *lead, int64_t former) {
    int64_t owner = record_id(lead, "owner_id");
    return DB_INT(c,
                  "SELECT 1 FROM person p WHERE p.id = $1 AND p.deleted_at IS NULL "
                  "AND p.owner_id IS NOT NULL AND p.owner_id <> $2 "
                  "AND ($2 <> 0 OR p.owner_id = $3) "
                  "AND NOT EXISTS (SELECT 1 FROM lead l WHERE l.person_id = p.id AND l.id <> $4 "
                  "AND l.owner_id = p.owner_id AND l.deleted_at IS NULL "
                  "AND l.status IN ('new', 'working', 'nurturing', 'converted')) "
                  "AND NOT EXISTS (SELECT 1 FROM contact k JOIN account a ON a.id = k.account_id "
                  "WHERE k.person_id = p.id AND k.deleted_at IS NULL AND a.deleted_at IS NULL "
                  "AND a.owner_id = p.owner_id)",
                  record_id(lead, "person_id"), owner, former, lead->id) == 1;
}

void lead_person_follows(struct ctx *c, const struct record *lead, int64_t former) {
    const struct entity *person = entity_named(c, "person");
    int64_t id = record_id(lead, "person_id");
    bool ended = str_lists(STR("converted disqualified"), ' ', record_text(lead, "status"));
    if (!id || ended || !is_free(c, lead, former) || ctx_failed(c)) {
        return;
    }
    struct record *p = record_load(c, person, id);
    if (!p || !record_holds(c, p)) {
        return;
    }
    struct change_set set = change_new(c, person);
    change_id(&set, "owner_id", record_id(lead, "owner_id"));
    record_change(c, id, &set);
}
