/*
 * The people named in what is written about a record, see comment.h, and who can be: names,
 * pinyin and initials match, the record's owner and who wrote about it come first.
 */
#include "automation/notification.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "customer/comment.h"
#include "customer/correspondence.h"
#include "customer/customer.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/query.h"
#include "http/route.h"
#include "organization/actor.h"

enum { PEOPLE_MOST = 5000, OFFERED = 8, LOOKED_AT = 24, WORDS_TOLD = 80 };

bool mention_may_read(struct ctx *c, int64_t user_id, const struct comment_place *place) {
    const struct actor *author = c->actor;
    const struct actor *named = actor_build(c, c->arena, user_id);
    c->actor = named;
    bool may = named && access_record(c, ACTION_READ, place->record) &&
               timeline_shows(c, place->kind) && correspondence_open(c, place->entry_id);
    c->actor = author;
    return may;
}

/* Ids of the list in a field's text; -1 when it is no list of at most MENTIONS_MOST ids. */
static int ids_of(struct ctx *c, struct str text, int64_t ids[MENTIONS_MOST]) {
    const struct json *list = text.n ? json_parse(c, text) : NULL;
    if (!list) {
        return text.n ? -1 : 0;
    }
    if (list->kind != JSON_IS_ARRAY || list->n > MENTIONS_MOST) {
        return -1;
    }
    for (size_t i = 0; i < list->n; i++) {
        ids[i] = json_as_id(&list->items[i]);
    }
    return (int)list->n;
}

bool mentions_hold(struct ctx *c, struct str mentions, int64_t user_id) {
    int64_t ids[MENTIONS_MOST];
    int n = ids_of(c, mentions, ids);
    for (int i = 0; i < n; i++) {
        if (ids[i] == user_id) {
            return true;
        }
    }
    return false;
}

static bool named_before(struct ctx *c, const struct change *change, int64_t user_id) {
    return change->before && mentions_hold(c, record_text(change->before, "mentions"), user_id);
}

static struct str kind_of(const struct record *r) {
    return str_is(r->entity->name, "activity") ? r->entity->name : record_text(r, "about_type");
}

static int64_t entry_of(const struct record *r) {
    return str_is(r->entity->name, "activity") ? 0 : record_id(r, "about_id");
}

static struct str name_of(struct ctx *c, int64_t user_id) {
    return DB_TEXT(c, "SELECT name FROM \"user\" WHERE id = $1", user_id);
}

void mentions_check(struct ctx *c, const struct change *change, const struct record *subject) {
    int64_t ids[MENTIONS_MOST];
    int n = ids_of(c, record_text(change->after, "mentions"), ids);
    if (n < 0) {
        FAIL_FIELD(c, STR("/mentions"), "mention.list");
        return;
    }
    struct text_buffer blind = {.arena = c->arena};
    struct comment_place place = {subject, kind_of(change->after), entry_of(change->after)};
    for (int i = 0; i < n && !ctx_failed(c); i++) {
        if (named_before(c, change, ids[i])) {
            continue;
        }
        if (!ids[i] || !user_active(c, ids[i])) {
            FAIL_FIELD(c, STR("/mentions"), "mention.unknown");
        } else if (!mention_may_read(c, ids[i], &place)) {
            text_add_c(&blind, blind.n ? "、" : "");
            text_add(&blind, name_of(c, ids[i]));
        }
    }
    if (blind.n && !ctx_failed(c)) {
        FAIL_FIELD(c, STR("/mentions"), "mention.may_not_read", {"names", text_str(&blind)});
    }
}

void mentions_tell(struct ctx *c, const struct change *change, const struct record *subject) {
    int64_t ids[MENTIONS_MOST];
    int n = ids_of(c, record_text(change->after, "mentions"), ids);
    struct str words = text_truncate(record_text(change->after, "content"), WORDS_TOLD);
    for (int i = 0; i < n && !ctx_failed(c); i++) {
        if (ids[i] != c->actor->user_id && !named_before(c, change, ids[i])) {
            notify(c,
                   &(struct notification){.user_id = ids[i],
                                          .code = "notification.mention",
                                          .parameters = {{"who", c->actor->name}, {"text", words}},
                                          .subject_type = subject->entity->name,
                                          .subject_id = subject->id});
        }
    }
}

void mentions_put(struct ctx *c, struct json_writer *w, struct str mentions) {
    int64_t ids[MENTIONS_MOST];
    struct str names[MENTIONS_MOST];
    int n = ids_of(c, mentions, ids);
    json_key(w, "mentions");
    json_begin_array(w);
    if (n > 0) {
        list_titles(c, entity_named(c, "user"), ids, (size_t)n, names);
    }
    for (int i = 0; i < n; i++) {
        json_begin_object(w);
        JSON_MEMBER(w, "id", json_put_id, ids[i]);
        JSON_MEMBER(w, "title", json_put_str, names[i]);
        json_end_object(w);
    }
    json_end_array(w);
}

/* How well a name fits what was typed: 0 best, -1 not at all. */
static int fit(struct ctx *c, struct str name, struct str login, struct str typed) {
    if (!typed.n || str_starts(name, typed)) {
        return 0;
    }
    struct pinyin p = text_pinyin(c->arena, name);
    if (str_starts(p.full, typed) || str_starts(p.initials, typed)) {
        return 1;
    }
    bool inside = str_find(name, typed) >= 0 || str_starts(login, typed) ||
                  str_find(p.full, typed) >= 0;
    return inside ? 2 : -1;
}

struct candidate {
    int64_t id;
    struct str name, department;
    bool may_read;
};

struct candidates {
    struct candidate best[3][LOOKED_AT]; /* by fit */
    size_t n[3];
};

static void candidates_read(struct ctx *c, const struct record *head, struct str typed,
                            struct candidates *out) {
    struct db_rows rows;
    int64_t owner = entity_field(head->entity, STR("owner_id")) ? record_id(head, "owner_id") : 0;
    DB_QUERY(c, &rows,
             "SELECT u.id, u.name, u.login, d.name FROM \"user\" u "
             "LEFT JOIN department d ON d.id = u.department_id "
             "WHERE u.active = 1 AND u.deleted_at IS NULL AND u.id <> $1 "
             "ORDER BY CASE WHEN u.id = $2 THEN 0 WHEN EXISTS (SELECT 1 FROM activity a WHERE "
             "a.subject_type = $3 AND a.subject_id = $4 AND a.owner_id = u.id) THEN 1 ELSE 2 END, "
             "u.name, u.id LIMIT $5",
             c->actor->user_id, owner, head->entity->name, head->id, (int64_t)PEOPLE_MOST);
    while (db_next(&rows)) {
        struct str name = db_text(&rows, 1);
        int how = fit(c, name, db_view(&rows, 2), typed);
        if (how >= 0 && out->n[how] < LOOKED_AT) {
            out->best[how][out->n[how]++] = (struct candidate){db_int(&rows, 0), name,
                                                               db_text(&rows, 3), false};
        }
    }
}

/* Who of them may read, until enough are found; those who may not are named only when nobody who
 * may fits. */
static size_t readers_find(struct ctx *c, struct candidates *found,
                           const struct comment_place *place) {
    size_t readers = 0;
    for (size_t i = 0; i < 3 * LOOKED_AT && readers < OFFERED && !ctx_failed(c); i++) {
        struct candidate *one = &found->best[i / LOOKED_AT][i % LOOKED_AT];
        if (i % LOOKED_AT < found->n[i / LOOKED_AT]) {
            one->may_read = mention_may_read(c, one->id, place);
            readers += one->may_read;
        }
    }
    return readers;
}

static void mentionable_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *head = timeline_head(r);
    if (!head) {
        return;
    }
    struct str typed = request_query(r, "q");
    struct candidates *found = ARENA_NEW(c->arena, struct candidates);
    candidates_read(c, head, text_search_key(c->arena, typed.p ? typed : STR("")), found);
    bool readers = readers_find(c, found, &(struct comment_place){head, STR("activity"), 0}) > 0;
    struct json_writer w = json_writer(c->arena);
    size_t offered = 0;
    reply_list_begin(&w);
    for (size_t i = 0; i < 3 * LOOKED_AT && offered < OFFERED && !ctx_failed(c); i++) {
        const struct candidate *one = &found->best[i / LOOKED_AT][i % LOOKED_AT];
        if (i % LOOKED_AT < found->n[i / LOOKED_AT] && one->may_read == readers) {
            offered++;
            json_begin_object(&w);
            JSON_MEMBER(&w, "id", json_put_id, one->id);
            JSON_MEMBER(&w, "name", json_put_str, one->name);
            JSON_MEMBER(&w, "department", json_put_str, one->department);
            JSON_MEMBER(&w, "may_read", json_put_bool, one->may_read);
            json_end_object(&w);
        }
    }
    reply_list_end(r, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/{plural}/{id}/mentionable", PERMISSION_RECORD, LANE_SLOW, mentionable_get,
     .summary = "route.mentionable", .query = "q:text",
     .answer = "data:[(id:id! name:text! department:text! may_read:boolean!)]!"},
    {0}};

static const struct text texts[] = {
    {"mention.list", "须为最多 20 个同事的列表", "Must be a list of at most 20 colleagues"},
    {"mention.unknown", "有人已停用或不存在", "Somebody there has left or is unknown"},
    {"mention.may_not_read", "{names} 看不到这条记录，没有写下：请先共享，或去掉 @",
     "{names} may not see this record, so nothing was written: share it first, or take the @ out"},
    {"notification.mention", "{who}提到了你：{text}", "{who} mentioned you: {text}"},
    {"route.mentionable", "可以 @ 的同事", "Who can be mentioned"},
    {0}};

const struct module mention_module = {
    .name = "customer.mention", .cloud = "customer", .routes = routes, .texts = texts};
