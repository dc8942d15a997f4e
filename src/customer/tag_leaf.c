/* The leaf {"tag":"id or name"}: the record carries the tag. */
#include "base/message.h"
#include "customer/tag.h"
#include "db/db.h"
#include "entity/condition_kinds.h"

struct carried {
    int64_t tag_id;
    struct str name, subject; /* the record type */
};

static void *tag_parse(struct ctx *c, const struct entity *e, const struct json *leaf,
                       struct str pointer) {
    static const char *const members[] = {"tag", NULL};
    struct carried *t = ARENA_NEW(c->arena, struct carried);
    bool known = condition_members_known(c, leaf, members, pointer);
    t->subject = e->name;
    t->tag_id = tag_carried_by(e) ? tag_find(c, json_text(leaf, "tag")) : 0;
    if (!t->tag_id) {
        FAIL_FIELD(c, str_format(c->arena, "%.*s/tag", STR_ARG(pointer)), "tag.unknown");
        return NULL;
    }
    t->name = DB_TEXT(c, "SELECT name FROM tag WHERE id = $1", t->tag_id);
    return known ? t : NULL;
}

static void tag_sql(struct ctx *c, struct sql *q, void *leaf, const struct condition_rows *rows) {
    const struct carried *t = leaf;
    (void)c;
    sql_identifier(q, str_from(rows->alias));
    SQL_ADD(q, ".id IN (SELECT tagging.subject_id FROM tagging WHERE tagging.tag_id = ");
    SQL_VALUE(q, t->tag_id);
    SQL_ADD(q, " AND tagging.subject_type = ");
    SQL_VALUE(q, t->subject);
    condition_rows_within(q, rows, "tagging", STR("subject_id"));
    SQL_ADD(q, " AND tagging.kept_off = 0)");
}

static bool tag_match(struct ctx *c, void *leaf, const struct record *r) {
    const struct carried *t = leaf;
    return DB_INT(c,
                  "SELECT 1 FROM tagging WHERE tag_id = $1 AND subject_type = $2 "
                  "AND subject_id = $3 AND kept_off = 0",
                  t->tag_id, t->subject, r->id) == 1;
}

static struct str tag_words(struct ctx *c, void *leaf) {
    const struct carried *t = leaf;
    return message_format(c->arena, c->language, "tag.carried",
                          &(struct text_parameter){"tag", t->name}, 1);
}

static bool tag_concerned(const void *leaf, const struct event *e) {
    const struct carried *t = leaf;
    return str_starts(e->type, STR("tag.")) && str_equal(e->subject_type, t->subject);
}

static const char *const tag_events[] = {"tag.added", "tag.removed", NULL};

const struct condition_kind tag_leaf = {.key = "tag",
                                        .events = tag_events,
                                        .parse = tag_parse,
                                        .sql = tag_sql,
                                        .match = tag_match,
                                        .words = tag_words,
                                        .concerned = tag_concerned};
