/*
 * Definitions that are understood again. While what one asks for was no more, nobody followed it:
 * when the choice, the field, the tag or the segment it names is back, its records are gone through
 * anew. What else would be done then is not done twice: going through a definition that had lost
 * nothing finds everybody where he is.
 */
#include "customer/membership.h"
#include "customer/membership_parts.h"
#include "db/db.h"

enum { MENDED_MOST = 500 };

static bool changed(struct ctx *c, const struct event *e, const char *field) {
    const struct json *names = json_get(json_parse(c, e->payload), "changed");
    bool found = false;
    for (size_t i = 0; json_is(names, JSON_IS_ARRAY) && i < names->n; i++) {
        found |= str_is(names->items[i].text, field);
    }
    return found;
}

/* How conditions name what may be back by this event; empty: nothing is. */
static struct str named_by(struct ctx *c, const struct event *e) {
    bool field = str_is(e->subject_type, "custom_field"), tag = str_is(e->subject_type, "tag");
    bool back = str_is(e->type, "segment.restored") || str_is(e->type, "tag.restored") ||
                str_is(e->type, "custom_field.restored") ||
                str_is(e->type, "custom_field.created") ||
                (str_is(e->type, "custom_field.updated") && changed(c, e, "options")) ||
                (str_is(e->type, "tag.updated") && changed(c, e, "name"));
    if (!back) {
        return STR("");
    }
    if (field || (tag && str_is(e->type, "tag.updated"))) {
        return field ? DB_TEXT(c, "SELECT name FROM custom_field WHERE id = $1", e->subject_id)
                     : DB_TEXT(c, "SELECT name FROM tag WHERE id = $1", e->subject_id);
    }
    return str_format(c->arena, "%lld", (long long)e->subject_id);
}

void membership_mend(struct ctx *c, const struct event *e) {
    struct str name = named_by(c, e);
    int64_t ids[MENDED_MOST];
    struct db_rows rows;
    size_t n = 0;
    if (!name.n) {
        return;
    }
    DB_QUERY(c, &rows,
             "SELECT id FROM segment WHERE kind = 'live' AND deleted_at IS NULL "
             "AND condition LIKE $1 UNION ALL SELECT id FROM tag WHERE rule_on = 1 "
             "AND deleted_at IS NULL AND condition LIKE $1 LIMIT $2",
             str_format(c->arena, "%%%.*s\"%%", STR_ARG(name)), (int64_t)MENDED_MOST);
    while (n < MENDED_MOST && db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (membership_definition(c, ids[i])) {
            membership_fill(c, ids[i], false);
        }
    }
}
