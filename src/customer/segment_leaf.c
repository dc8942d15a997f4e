/* The leaf {"segment":"id"}: the record is in the segment; of a record that has a person, the
 * person may be. */
#include <stdio.h>

#include "base/message.h"
#include "customer/person_day.h"
#include "customer/segment.h"
#include "db/db.h"
#include "entity/condition_kinds.h"

struct within {
    const struct entity *entity;
    bool of_person; /* the record's person is asked for */
    int64_t segment_id;
    struct str name;
};

static void *segment_parse(struct ctx *c, const struct entity *e, const struct json *leaf,
                           struct str pointer) {
    static const char *const members[] = {"segment", NULL};
    struct within *s = ARENA_NEW(c->arena, struct within);
    bool known = condition_members_known(c, leaf, members, pointer);
    struct record *segment = record_load(c, entity_named(c, "segment"), json_id(leaf, "segment"));
    struct str of = segment ? record_text(segment, "entity_name") : STR("");
    const struct field *person = entity_field(e, STR("person_id"));
    s->entity = e;
    s->of_person = !str_equal(of, e->name) && str_is(of, "person") && person && person->target &&
                   str_is(person->target->name, "person");
    if (!segment || (!str_equal(of, e->name) && !s->of_person)) {
        FAIL_FIELD(c, str_format(c->arena, "%.*s/segment", STR_ARG(pointer)), "segment.unknown");
        return NULL;
    }
    s->segment_id = segment->id;
    s->name = record_text(segment, "name");
    return known ? s : NULL;
}

/* The person of a record is looked up, when few are asked. */
static void segment_of_one(struct sql *q, const struct within *s, const char *alias) {
    SQL_ADD(q, "COALESCE((SELECT membership.member FROM membership WHERE "
               "membership.definition_id = ");
    SQL_VALUE(q, s->segment_id);
    SQL_ADD(q, " AND membership.subject_id = ");
    sql_identifier(q, str_from(alias));
    SQL_ADD(q, ".person_id), 0) = 1");
}

static void segment_sql(struct ctx *c, struct sql *q, void *leaf,
                        const struct condition_rows *rows) {
    const struct within *s = leaf;
    (void)c;
    if (s->of_person && rows->piece) {
        segment_of_one(q, s, rows->alias);
        return;
    }
    SQL_ADD(q, "(");
    if (s->of_person) {
        sql_identifier(q, str_from(rows->alias));
        SQL_ADD(q, ".person_id IS NOT NULL AND ");
    }
    sql_identifier(q, str_from(rows->alias));
    sql_literal(q, s->of_person ? ".person_id" : ".id");
    SQL_ADD(q, " IN (SELECT membership.subject_id FROM membership WHERE "
               "membership.definition_id = ");
    SQL_VALUE(q, s->segment_id);
    condition_rows_within(q, rows, "membership", STR("subject_id"));
    SQL_ADD(q, " AND membership.member = 1))");
}

static bool segment_match(struct ctx *c, void *leaf, const struct record *r) {
    const struct within *s = leaf;
    return segment_has(c, s->segment_id, s->of_person ? record_id(r, "person_id") : r->id);
}

static struct str segment_words(struct ctx *c, void *leaf) {
    const struct within *s = leaf;
    return message_format(c->arena, c->language, "segment.within",
                          &(struct text_parameter){"segment", s->name}, 1);
}

/* By the payload, {"segment_id":"…"}, as it is written. */
static bool segment_concerned(const void *leaf, const struct event *e) {
    const struct within *s = leaf;
    char text[48];
    int n = snprintf(text, sizeof text, "{\"segment_id\":\"%lld\"}", (long long)s->segment_id);
    bool moved = s->of_person && str_is(e->subject_type, "person") && person_day_moves(e->type);
    return moved || (str_starts(e->type, STR("segment.")) &&
                     str_equal(e->payload, (struct str){text, (size_t)n}));
}

static void segment_reach(struct reach *reach, const void *leaf) {
    const struct within *s = leaf;
    if (s->of_person) {
        person_day_reach(reach, s->entity);
    }
}

static const char *const segment_events[] = {"segment.entered", "segment.left", NULL};

const struct condition_kind segment_leaf = {.key = "segment",
                                            .events = segment_events,
                                            .parse = segment_parse,
                                            .sql = segment_sql,
                                            .match = segment_match,
                                            .words = segment_words,
                                            .concerned = segment_concerned,
                                            .reach = segment_reach};
